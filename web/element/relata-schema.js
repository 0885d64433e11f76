// <relata-schema>: a schema in any page, from one script tag.
//
//   <script type="module" src="relata/relata-schema.js"></script>
//   <relata-schema src="schema.sql" view="diagram tables findings" height="480"></relata-schema>
//
// docs/embedding.md has every attribute, event and custom property. The files beside this one (the worker and the engine's program) are fetched
// when the first element comes near the viewport, and never again. With `?fences` behind its address the script also turns fenced blocks of the
// language `relata` into elements.

const VERSION = "0.1.0";
const WORKER = new URL("./relata-worker.js", import.meta.url).href;
const PROGRAM = new URL("./relata_engine_bg.wasm", import.meta.url).href;
/** What the two files must be, as `integrity` has it. The build fills it in, so that the hash in a page's tag stands for all three files. */
const WORKER_HASH = "";
const PROGRAM_HASH = "";
const VIEWS = { diagram: "Diagram", tables: "Tables", findings: "Findings", report: "Report" };
const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const DEFAULT_HEIGHT = 420;

// ---------------------------------------------------------------------------------------------------------------------------------- markup and policy

/** What this script itself makes or the engine wrote; under a Trusted Types policy nothing else may become markup or a script's address. */
let trust;
function trusted() {
  const pass = { createHTML: (text) => text, createScriptURL: (text) => text };
  trust ??= globalThis.trustedTypes?.createPolicy("relata", pass) ?? pass;
  return trust;
}

/** An element with attributes and children; text stays text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const FORBIDDEN = "script, iframe, object, embed, link, meta, base, form, foreignObject, animate, set";

/** Markup that the engine wrote, and the style sheet in it. The engine escapes what it writes; this is the second wall behind that. */
function parsed(markup, type) {
  const css = [];
  // Taken out before it is parsed: a page's policy for inline styles counts for parsing, too. No name of a schema can look like a tag here.
  const bare = markup.replace(/<style>([^]*?)<\/style>/g, (_, text) => {
    css.push(text);
    return "";
  });
  const page = new DOMParser().parseFromString(trusted().createHTML(bare), type);
  for (const element of page.querySelectorAll(`style, ${FORBIDDEN}`)) element.remove();
  for (const element of page.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      const link = ["href", "xlink:href", "src", "action", "formaction"].includes(name);
      if (name.startsWith("on") || name === "style" || (link && !value.startsWith("#"))) element.removeAttribute(name);
    }
  }
  return { page, css: css.join("\n") };
}

/** A style sheet that no policy for inline styles stops. */
function sheetOf(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

// ------------------------------------------------------------------------------------------------------------------------------------------- the engine

/** The worker of the page, and who waits for it. */
class Engine {
  static #shared;
  #worker;
  #waiting = new Map();
  #count = 0;
  /** Why it is at its end. */
  #over;

  static get shared() {
    return (Engine.#shared ??= new Engine());
  }

  constructor() {
    this.#worker = Engine.#start().then((worker) => {
      worker.addEventListener("message", ({ data }) => this.#heard(data));
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        this.#end("The engine's worker could not be started.");
      });
      return worker;
    });
    this.#worker.catch((error) => this.#end(error.message));
  }

  /** A worker starts only from its page's own origin; from elsewhere its text is fetched first, and must be the one that this script knows. */
  static async #start() {
    if (new URL(WORKER, document.baseURI).origin === location.origin) return new Worker(trusted().createScriptURL(WORKER));
    const response = await fetch(WORKER, { integrity: WORKER_HASH }).catch(() => {
      throw new Error("relata-worker.js could not be fetched, or is not the one that belongs to this relata-schema.js.");
    });
    if (!response.ok) throw new Error(`relata-worker.js is missing beside relata-schema.js (status ${response.status}).`);
    const url = URL.createObjectURL(new Blob([await response.text()], { type: "text/javascript" }));
    return new Worker(trusted().createScriptURL(url));
  }

  async ask(ask, question, transfer = []) {
    const worker = await this.#worker;
    if (this.#over) throw new Error(this.#over);
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ask, program: PROGRAM, integrity: PROGRAM_HASH, ...question }, transfer);
    });
  }

  #heard({ id, value, error, broken }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) return waiting?.resolve(value);
    waiting?.reject(new Error(error));
    if (broken) this.#end(error);
  }

  /** Nothing more will come of this worker: the next question starts another. */
  #end(message) {
    this.#over ??= message;
    if (Engine.#shared === this) Engine.#shared = undefined;
    this.#worker.then((worker) => worker.terminate(), () => {});
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }
}

// ------------------------------------------------------------------------------------------------------------------------------------------- the source

/** The files of an element: those of `src`, else what stands in it. */
async function filesOf(element) {
  if (element.sql !== undefined) return { files: [{ name: "schema.sql", bytes: new TextEncoder().encode(element.sql).buffer }], missing: [] };
  const addresses = (element.getAttribute("src") ?? "").split(/\s+/).filter(Boolean);
  const inline = [...element.querySelectorAll('script[type="text/sql"], script[type="application/sql"]')];
  if (addresses.length === 0) {
    if (inline.length === 0) throw new Error('There is nothing to show: give an address in `src`, or SQL in a <script type="text/sql"> inside.');
    const encoder = new TextEncoder();
    const files = inline.map((script, at) => ({
      name: script.dataset.name ?? (inline.length > 1 ? `inline-${at + 1}.sql` : "inline.sql"),
      bytes: encoder.encode(script.textContent).buffer,
    }));
    return { files, missing: [] };
  }
  const files = [];
  const missing = [];
  // In the order in which they are named, whichever comes first.
  const answers = await Promise.allSettled(addresses.map(load));
  answers.forEach((answer, at) => {
    if (answer.status === "fulfilled") files.push(answer.value);
    else missing.push({ name: addresses[at], reason: answer.reason.message });
  });
  if (files.length === 0) throw new Error(missing.map((m) => m.reason).join(" "));
  return { files, missing };
}

async function load(address) {
  const url = new URL(address, document.baseURI);
  if (!/^(https?|blob|data):$/.test(url.protocol)) throw new Error(`${address} is no address that a page can read.`);
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    const elsewhere = url.origin !== location.origin;
    const cors = elsewhere ? ` It is on another host, which must be up and allow this site to read it (CORS).` : "";
    throw new Error(`${address} could not be fetched.${cors}`);
  }
  if (!response.ok) throw new Error(`${address} is not there (status ${response.status}).`);
  const bytes = await response.arrayBuffer();
  const head = new TextDecoder().decode(bytes.slice(0, 512)).trimStart().toLowerCase();
  if (head.startsWith("<!doctype html") || head.startsWith("<html")) {
    throw new Error(`${address} is an HTML page, not SQL: the host answers so for what it does not have, or the address is that of a viewer.`);
  }
  return { name: url.pathname.split("/").filter(Boolean).slice(-2).join("/") || "schema.sql", bytes };
}

// --------------------------------------------------------------------------------------------------------------------------------------------- the theme

/** Whether what stands behind an element is dark: any site's own switch shows there, whatever it is called. */
function darkBehind(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    const [r, g, b, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (b !== undefined && alpha > 0.5) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
  }
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme === "dark" || scheme === "light") return scheme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches && scheme.includes("dark");
}

/** Elements that follow the site's theme, told when it may have changed. */
const followers = new Set();
function tellFollowers() {
  // After the site's own styles have been applied.
  requestAnimationFrame(() => followers.forEach((element) => element.themeMayHaveChanged()));
}

// ------------------------------------------------------------------------------------------------------------------------------------------- the element

let numbers = 0;
const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) target.wake();
  },
  { rootMargin: "300px" },
);

export class RelataSchema extends HTMLElement {
  static version = VERSION;
  static observedAttributes = ["src", "view", "focus", "hops", "show", "theme", "height", "named", "target", "server-version"];

  #number = ++numbers;
  #awake = false;
  /** Counts openings: what an earlier one still waits for is of no interest. */
  #asked = 0;
  /** The same for what is drawn, however quickly views follow each other. */
  #shown = 0;
  /** The engine that holds the analysis, from the moment that it is asked to. */
  #engine;
  #report;
  /** What is told once the analysis is shown. */
  #news;
  #view;
  #named;
  #selected;
  #sql;
  #dark = false;
  #camera;
  #parts = {};

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    near.observe(this);
    followers.add(this);
    watchThemes();
    if (this.#awake) this.#open();
  }

  disconnectedCallback() {
    near.unobserve(this);
    followers.delete(this);
    this.#asked += 1;
    this.#shown += 1;
    this.#report = undefined;
    // Behind the question that opens it, if that is still under way.
    this.#engine?.ask("close", { session: this.#number }).catch(() => {});
    this.#engine = undefined;
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#awake || before === after || !this.isConnected) return;
    if (name === "src" || name === "server-version") this.#open();
    else if (name === "theme") this.themeMayHaveChanged();
    else if (name === "height") this.#setHeight();
    else {
      if (name === "view") this.#view = undefined;
      if (name === "named") this.#named = undefined;
      this.#show();
    }
  }

  /** The table that is selected, by path; setting it shows it. */
  get selected() {
    return this.#selected;
  }

  set selected(path) {
    this.#select(path, { centre: true });
  }

  /** SQL to show, in place of `src` and of what stands inside. */
  get sql() {
    return this.#sql;
  }

  set sql(text) {
    this.#sql = text == null ? undefined : String(text);
    if (this.#awake && this.isConnected) this.#open();
  }

  /** Analyses again, with what `src` has now. */
  reload() {
    return this.#awake ? this.#open() : this.wake();
  }

  /** It is near the viewport: what is heavy begins here. */
  wake() {
    near.unobserve(this);
    if (this.#awake) return undefined;
    this.#awake = true;
    return this.#open();
  }

  themeMayHaveChanged() {
    const wanted = this.getAttribute("theme") ?? "auto";
    const dark = wanted === "dark" || (wanted !== "light" && darkBehind(this));
    const { frame } = this.#parts;
    frame.dataset.theme = dark ? "dark" : "light";
    if (dark === this.#dark) return;
    this.#dark = dark;
    if (this.#report) this.#show();
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheetOf(STYLE)];
    const bar = make("div", { class: "bar", part: "bar", hidden: true });
    const body = make("div", { class: "body", part: "body", id: "body" });
    const note = make("p", { class: "note", part: "note", role: "status", hidden: true });
    const frame = make("div", { class: "shell", part: "frame", "data-theme": "light" }, bar, body, note, make("slot"));
    root.append(frame);
    this.#parts = { bar, body, note, frame };
    this.#setHeight();
    this.themeMayHaveChanged();
  }

  #setHeight() {
    const height = this.getAttribute("height") ?? "";
    const value = /^\d+$/.test(height) ? `${height}px` : /^\d+(\.\d+)?(px|r?em|vh|svh|%)$/.test(height) ? height : `${DEFAULT_HEIGHT}px`;
    this.#parts.frame.style.setProperty("--height", value);
  }

  /** Says something in place of a view. What stands inside the element stays to be seen. */
  #say(message, role = "status") {
    const { note, body, bar, frame } = this.#parts;
    note.setAttribute("role", role);
    note.textContent = message ?? "";
    note.hidden = !message;
    if (message) {
      body.replaceChildren();
      bar.hidden = true;
      frame.classList.remove("ready");
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #fail(error) {
    this.#say(error.message, "alert");
    this.#tell("problem", { message: error.message });
  }

  async #open() {
    const asked = ++this.#asked;
    this.#shown += 1;
    this.#report = undefined;
    this.#say("Reading the schema…");
    try {
      const { files, missing } = await filesOf(this);
      if (asked !== this.#asked) return;
      const version = Number.parseInt(this.getAttribute("server-version"), 10);
      const options = Number.isNaN(version) ? {} : { serverVersion: version };
      const buffers = files.map((file) => file.bytes);
      this.#engine = Engine.shared;
      const report = await this.#engine.ask("open", { session: this.#number, files, missing, options }, buffers);
      if (asked !== this.#asked) return;
      if (report.targets.length === 0) {
        const said = report.problems.map((problem) => problem.message).join(" ");
        throw new Error(`Nothing was read that describes a schema. ${said}`.trim());
      }
      this.#report = report;
      this.#news = { missing };
      await this.#show();
    } catch (error) {
      if (asked === this.#asked) this.#fail(error);
    }
  }

  #target() {
    const id = this.getAttribute("target");
    const { targets } = this.#report;
    const found = id ? targets.find((target) => target.id === id) : targets[0];
    if (!found) throw new Error(`There is no target \`${id}\`; there are ${targets.map((target) => target.id).join(", ")}.`);
    return found;
  }

  #views() {
    const views = (this.getAttribute("view") ?? "diagram").split(/[\s,]+/).filter((view) => Object.hasOwn(VIEWS, view));
    return views.length > 0 ? views : ["diagram"];
  }

  /** What is set for the diagram: by the named view that is chosen, else by the element. */
  #settings() {
    const named = this.#namedViews().find((view) => view.name === (this.#named ?? this.getAttribute("named")));
    const get = (name) => named?.element.getAttribute(name) ?? this.getAttribute(name);
    const hops = Number.parseInt(get("hops"), 10);
    const settings = { show: get("show") ?? "columns", theme: this.#dark ? "dark" : "light", target: this.#target().id };
    if (get("focus")) Object.assign(settings, { focus: get("focus"), hops: Number.isNaN(hops) ? 1 : Math.max(0, hops) });
    return settings;
  }

  #namedViews() {
    return [...this.querySelectorAll(":scope > relata-view[name]")].map((element) => ({
      element,
      name: element.getAttribute("name"),
      label: element.getAttribute("label") ?? element.getAttribute("name"),
    }));
  }

  /** Draws the view that is chosen. */
  async #show() {
    // It is being read; then it is shown.
    if (!this.#report) return undefined;
    // The worker that held the analysis broke down, perhaps over another element.
    if (this.#engine !== Engine.shared) return this.#open();
    const shown = ++this.#shown;
    const views = this.#views();
    const view = views.includes(this.#view) ? this.#view : views[0];
    try {
      const { content, css, camera } = await this[`_${view}`]();
      if (shown !== this.#shown) return undefined;
      this.#say(undefined);
      if (css !== undefined) this.shadowRoot.adoptedStyleSheets = [sheetOf(css), sheetOf(STYLE)];
      this.#camera = camera ?? this.#camera;
      this.#drawBar(views, view);
      this.#parts.body.replaceChildren(content);
      this.#parts.body.dataset.view = view;
      this.#parts.frame.classList.add("ready");
      if (view === "diagram") this.#fit();
      this.#announce();
    } catch (error) {
      if (shown === this.#shown) this.#fail(error);
    }
    return undefined;
  }

  /** Tells, once for each analysis, that it is shown. */
  #announce() {
    if (!this.#news) return;
    const { missing } = this.#news;
    this.#news = undefined;
    const { tables, findings } = this.#target();
    for (const { reason } of missing) this.#tell("problem", { message: reason });
    this.#tell("ready", { tables: tables.length, findings: findings.length });
  }

  #drawBar(views, current) {
    const { bar, body } = this.#parts;
    const items = [];
    const tabbed = views.length > 1;
    for (const [name, value] of [["role", "tabpanel"], ["aria-labelledby", `tab-${current}`]]) {
      if (tabbed) body.setAttribute(name, value);
      else body.removeAttribute(name);
    }
    if (tabbed) {
      const tabs = views.map((view) =>
        make(
          "button",
          {
            type: "button",
            role: "tab",
            id: `tab-${view}`,
            "aria-controls": "body",
            "data-view": view,
            "aria-selected": String(view === current),
            tabindex: view === current ? 0 : -1,
            onclick: () => this.#choose(view),
            onkeydown: (event) => {
              const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (step) this.#choose(views[(views.indexOf(view) + step + views.length) % views.length], true);
            },
          },
          VIEWS[view],
        ),
      );
      items.push(make("div", { role: "tablist", "aria-label": "Views of the schema" }, ...tabs));
    }
    const named = this.#namedViews();
    if (named.length > 0 && current === "diagram") {
      const chosen = this.#named ?? this.getAttribute("named");
      const options = [{ name: "", label: "All of it" }, ...named].map(({ name, label }) =>
        make("option", { value: name, selected: name === (chosen ?? "") }, label),
      );
      const choose = (event) => {
        this.#named = event.target.value;
        this.#show();
      };
      items.push(make("select", { "aria-label": "Part of the schema", onchange: choose }, ...options));
    }
    if (current === "diagram") {
      const button = (label, sign, action) => make("button", { type: "button", "aria-label": label, title: label, onclick: action }, sign);
      items.push(
        make(
          "div",
          { class: "zoom", role: "group", "aria-label": "Zoom" },
          button("Zoom out", "−", () => this.#zoom(1 / 1.25)),
          button("Zoom in", "+", () => this.#zoom(1.25)),
          button("Fit", "⤢", () => this.#fit()),
        ),
      );
    }
    bar.replaceChildren(...items);
    bar.hidden = items.length === 0;
  }

  async #choose(view, focus = false) {
    this.#view = view;
    await this.#show();
    if (focus) this.#parts.bar.querySelector(`[data-view="${view}"]`)?.focus();
  }

  #select(path, { centre = false } = {}) {
    this.#selected = path;
    const { body } = this.#parts;
    for (const box of body.querySelectorAll("svg .selected")) box.classList.remove("selected");
    const box = [...body.querySelectorAll("svg g")].find((group) => tableOf(group) === path);
    box?.classList.add("selected");
    if (box && centre) this.#centre(box);
    if (path) this.#tell("select", { table: path });
  }

  // ------------------------------------------------------------------------------------------------------------------------------------- the diagram

  async _diagram() {
    const settings = this.#settings();
    const markup = await this.#engine.ask("diagram", { session: this.#number, options: { format: "svg", ...settings } });
    const { page, css } = parsed(markup, "image/svg+xml");
    const svg = document.importNode(page.documentElement, true);
    for (const [own, theirs] of Object.entries(DIAGRAM_PROPERTIES)) {
      if (getComputedStyle(this).getPropertyValue(theirs).trim()) svg.style.setProperty(own, `var(${theirs})`);
    }
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const camera = { x: 0, y: 0, width, height, full: { width, height }, svg };
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    const { tables } = this.#target();
    const label = `${svg.querySelector("desc")?.textContent ?? "Diagram."} Arrow keys move it, plus and minus zoom, 0 fits it. A list of the tables follows.`;
    const canvas = make("div", { class: "canvas", part: "diagram", tabindex: 0, role: "group", "aria-roledescription": "diagram", "aria-label": label });
    canvas.append(svg);
    this.#listen(canvas);
    const items = tables.map((table) =>
      make(
        "li",
        {},
        make("button", { type: "button", onclick: () => this.#select(table.path, { centre: true }) }, table.path),
        ` ${count(table.columns.length, "column", "columns")}${references(table)}`,
      ),
    );
    const list = make("details", { class: "list" }, make("summary", {}, count(tables.length, "table", "tables")), make("ul", {}, ...items));
    return { content: make("div", {}, canvas, list), css, camera };
  }

  #apply() {
    const { svg, x, y, width, height } = this.#camera;
    svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  }

  /** The whole picture, but never larger than life. */
  #fit() {
    const camera = this.#camera;
    const canvas = this.#parts.body.querySelector(".canvas");
    if (!camera || !canvas) return;
    const { width, height } = camera.full;
    const scale = Math.max(width / (canvas.clientWidth || width), height / (canvas.clientHeight || height), 1);
    const [w, h] = [(canvas.clientWidth || width) * scale, (canvas.clientHeight || height) * scale];
    Object.assign(camera, { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h });
    this.#apply();
  }

  /** Zooms by a factor around a point of the canvas, given as shares of its size. */
  #zoom(factor, at = { x: 0.5, y: 0.5 }) {
    const camera = this.#camera;
    if (!camera) return;
    const width = Math.min(Math.max(camera.width / factor, 80), Math.max(camera.full.width, 800) * 4);
    const applied = width / camera.width;
    camera.x += camera.width * at.x * (1 - applied);
    camera.y += camera.height * at.y * (1 - applied);
    camera.width *= applied;
    camera.height *= applied;
    this.#apply();
  }

  #pan(dx, dy) {
    this.#camera.x += dx;
    this.#camera.y += dy;
    this.#apply();
  }

  #centre(box) {
    const { svg } = this.#camera;
    const canvas = svg.parentElement;
    const frame = box.getBoundingClientRect();
    const view = canvas.getBoundingClientRect();
    const scale = this.#camera.width / (view.width || 1);
    this.#pan((frame.x + frame.width / 2 - view.x - view.width / 2) * scale, (frame.y + frame.height / 2 - view.y - view.height / 2) * scale);
  }

  #listen(canvas) {
    const pointers = new Map();
    const scale = () => this.#camera.width / (canvas.clientWidth || 1);
    let moved = 0;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      moved = 0;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    canvas.addEventListener("pointermove", (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return;
      const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
      moved += Math.abs(dx) + Math.abs(dy);
      // A click must still reach the table under it, so that the pointer is held only once it moves.
      if (moved > 4 && !canvas.hasPointerCapture(event.pointerId)) canvas.setPointerCapture(event.pointerId);
      if (pointers.size === 1) this.#pan(-dx * scale(), -dy * scale());
      else {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
        const before = Math.hypot(last.x - other.x, last.y - other.y);
        const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
        if (before > 0 && after > 0) this.#zoom(after / before);
      }
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    canvas.addEventListener("click", (event) => {
      if (moved > 4) return;
      const box = event.target.closest?.("g");
      const path = box && tableOf(box);
      if (path && this.#target().tables.some((table) => table.path === path)) this.#select(path);
    });
    canvas.addEventListener(
      "wheel",
      (event) => {
        // The page scrolls as everywhere; zooming takes the key that it takes in maps.
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const view = canvas.getBoundingClientRect();
        const at = { x: (event.clientX - view.x) / view.width, y: (event.clientY - view.y) / view.height };
        this.#zoom(Math.exp(-event.deltaY / 300), at);
      },
      { passive: false },
    );
    canvas.addEventListener("keydown", (event) => {
      const step = this.#camera.width / 10;
      const actions = {
        ArrowLeft: () => this.#pan(-step, 0),
        ArrowRight: () => this.#pan(step, 0),
        ArrowUp: () => this.#pan(0, -step),
        ArrowDown: () => this.#pan(0, step),
        "+": () => this.#zoom(1.25),
        "=": () => this.#zoom(1.25),
        "-": () => this.#zoom(1 / 1.25),
        0: () => this.#fit(),
        Home: () => this.#fit(),
        Escape: () => this.#select(undefined),
      };
      if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return;
      event.preventDefault();
      actions[event.key]();
    });
  }

  // ------------------------------------------------------------------------------------------------------------------------------------------- lists

  async _tables() {
    const rows = this.#target().tables.map((table) => {
      const columns = table.columns.map((column) => {
        const keys = [column.primaryKey && "primary", column.foreignKey && "foreign", column.unique && "unique"].filter(Boolean);
        const cells = [make("code", {}, column.name), make("code", {}, column.type), column.nullable ? "null" : "not null", keys.join(", ")];
        return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
      });
      const head = make("tr", {}, ...["Column", "Type", "Nullable", "Key"].map((title) => make("th", { scope: "col" }, title)));
      return make(
        "details",
        { class: "table" },
        make("summary", {}, make("code", {}, table.path), make("span", { class: "soft" }, ` ${count(columns.length, "column", "columns")}${references(table)}`)),
        table.comment ? make("p", {}, table.comment) : null,
        make("table", {}, make("thead", {}, head), make("tbody", {}, ...columns)),
      );
    });
    return { content: make("div", { class: "scroll", part: "tables", tabindex: 0, role: "group", "aria-label": "Tables" }, ...rows) };
  }

  async _findings() {
    const { findings, checked = [] } = this.#target();
    const items = findings.map((finding) => {
      const [place] = finding.locations ?? [];
      const where = place ? `${place.file}:${place.line}` : "";
      return make(
        "li",
        {},
        make("span", { class: `severity ${SEVERITIES.includes(finding.severity) ? finding.severity : ""}` }, finding.severity),
        " ",
        ...spoken(finding.message),
        make("span", { class: "soft" }, ` ${[finding.rule, where].filter(Boolean).join(", ")}`),
      );
    });
    const empty = make("p", {}, `${count(checked.length, "rule", "rules")} checked, nothing found.`);
    const list = items.length > 0 ? make("ol", {}, ...items) : empty;
    return { content: make("div", { class: "scroll", part: "findings", tabindex: 0, role: "group", "aria-label": "Findings" }, list) };
  }

  async _report() {
    const markup = await this.#engine.ask("report", { session: this.#number, options: { format: "html" } });
    const { page, css } = parsed(markup, "text/html");
    const holder = make("div", { class: "scroll", part: "report", tabindex: 0, role: "group", "aria-label": "Report" });
    // The report's styles speak of a document of its own: here that is a root inside, whose host stands for it.
    const inner = make("div", { class: "report" });
    const root = inner.attachShadow({ mode: "open" });
    const scoped = css.replace(/(^|[\s,{}>])(:root|html|body)(?=[\s,{:.[>])/g, "$1:host");
    root.adoptedStyleSheets = [sheetOf(scoped), sheetOf(`:host{display:block;color-scheme:${this.#dark ? "dark" : "light"}}`)];
    root.append(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
    root.addEventListener("click", (event) => {
      const link = event.target.closest?.('a[href^="#"]');
      if (!link) return;
      event.preventDefault();
      root.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)))?.scrollIntoView();
    });
    holder.append(inner);
    return { content: holder };
  }
}

/** The table that a box of the diagram stands for: its title begins with the path. */
function tableOf(group) {
  const title = [...group.children].find((child) => child.localName === "title");
  return group.hasAttribute("transform") ? title?.textContent.split("\n")[0] : undefined;
}

function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

function references(table) {
  const to = [...new Set((table.foreignKeys ?? []).map((key) => key.references))];
  return to.length > 0 ? `, refers to ${to.join(", ")}` : "";
}

/** A message whose names stand in back quotes. */
function spoken(message) {
  return message.split("`").map((piece, at) => (at % 2 === 1 ? make("code", {}, piece) : piece));
}

let watching = false;
/** Once for the page, whatever comes and goes on it. */
function watchThemes() {
  if (watching) return;
  watching = true;
  const observer = new MutationObserver(tellFollowers);
  const options = { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-md-color-scheme", "data-color-mode", "data-bs-theme"] };
  observer.observe(document.documentElement, options);
  if (document.body) observer.observe(document.body, options);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tellFollowers);
  addEventListener("load", tellFollowers);
}

/** Custom properties of the picture, and those of the page that they follow where it sets them. */
const DIAGRAM_PROPERTIES = {
  "--rd-bg": "--relata-background",
  "--rd-box": "--relata-surface",
  "--rd-head": "--relata-header",
  "--rd-edge": "--relata-border",
  "--rd-text": "--relata-text",
  "--rd-soft": "--relata-quiet",
  "--rd-line": "--relata-line",
};

const STYLE = `
:host { display: block; contain: content; margin: 1em 0; }
:host([hidden]) { display: none; }
.shell {
  --bg: var(--relata-background, #f7f8fa); --surface: var(--relata-surface, #fff); --text: var(--relata-text, #1b2430);
  --quiet: var(--relata-quiet, #566070); --border: var(--relata-border, #c9d0da); --accent: var(--relata-accent, #0b636c);
  font: var(--relata-font-size, 14px)/1.45 var(--relata-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif); color: var(--text);
}
.shell[data-theme="dark"] {
  --bg: var(--relata-background, #0f1318); --surface: var(--relata-surface, #171c23); --text: var(--relata-text, #e3e8ef);
  --quiet: var(--relata-quiet, #93a0b1); --border: var(--relata-border, #343d4a); --accent: var(--relata-accent, #6cc5cf);
}
.shell.ready { border: 1px solid var(--border); border-radius: var(--relata-radius, 6px); background: var(--bg); overflow: hidden; }
.shell.ready slot { display: none; }
.note { margin: 0; padding: 8px 12px; border: 1px solid var(--border); border-radius: var(--relata-radius, 6px); background: var(--bg); color: var(--text); }
.note[role="alert"] { border-inline-start: 4px solid #b3423e; }
[hidden] { display: none !important; }
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 4px 8px; border-block-end: 1px solid var(--border); background: var(--surface); }
.zoom { margin-inline-start: auto; display: flex; gap: 2px; }
button, select { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 4px; padding: 2px 8px; min-height: 28px; cursor: pointer; }
select { border-color: var(--border); background: var(--surface); }
button:hover { border-color: var(--border); }
button[aria-selected="true"] { border-color: var(--border); background: var(--bg); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.canvas { height: var(--height); touch-action: pan-y pinch-zoom; cursor: grab; overflow: hidden; }
.canvas:focus { touch-action: none; }
.canvas:active { cursor: grabbing; }
.canvas svg { display: block; width: 100%; height: 100%; user-select: none; }
svg .bg { fill: none; }
svg g.selected > .frame { stroke: var(--accent); stroke-width: 3; }
.list { border-block-start: 1px solid var(--border); background: var(--surface); padding: 4px 12px; max-height: 240px; overflow: auto; }
.list ul { margin: 4px 0; padding: 0; list-style: none; }
.list button { font-family: var(--relata-font-mono, ui-monospace, monospace); }
summary { cursor: pointer; }
.scroll { max-height: var(--height); overflow: auto; padding: 8px 12px; background: var(--surface); }
.soft { color: var(--quiet); }
code { font-family: var(--relata-font-mono, ui-monospace, monospace); font-size: .93em; }
.table { border-block-end: 1px solid var(--border); padding: 4px 0; }
.table table { border-collapse: collapse; margin: 4px 0 8px 16px; }
.table th, .table td { text-align: start; padding: 2px 16px 2px 0; font-weight: normal; }
.table th { color: var(--quiet); }
ol { margin: 0; padding: 0; list-style: none; }
ol li { padding: 6px 0; border-block-end: 1px solid var(--border); }
.severity { display: inline-block; min-width: 5em; font-weight: 600; }
.severity.critical { color: #8a0f2b; } .severity.high { color: #b83a0c; } .severity.medium { color: #8a6100; } .severity.low { color: #2a6fa3; } .severity.info { color: var(--quiet); }
[data-theme="dark"] .severity.critical { color: #ff8aa3; } [data-theme="dark"] .severity.high { color: #ff9d73; } [data-theme="dark"] .severity.medium { color: #e5bd62; } [data-theme="dark"] .severity.low { color: #7fbce8; }
.report { display: block; }
@media print { .bar, .list { display: none; } .canvas, .scroll { height: auto; max-height: none; } .shell.ready { border: 0; } }
`;

// ------------------------------------------------------------------------------------------------------------------------------------------- fences

/** Turns fenced blocks of the language `relata` into elements: settings first, a line each (`src: schema.sql`), then SQL, or either alone. */
export function upgradeFences(root = document) {
  const blocks = root.querySelectorAll("code.language-relata, code.relata, .language-relata code, pre.relata code, .highlight-relata pre");
  for (const code of blocks) {
    const block = code.closest("[class*='language-relata'], .highlight-relata") ?? code.closest("pre") ?? code;
    const outer = block.localName === "code" ? (block.closest("pre") ?? block) : block;
    if (outer.dataset.relata) continue;
    outer.dataset.relata = "done";
    // Some highlighters break lines with an element.
    const copy = code.cloneNode(true);
    for (const line of copy.querySelectorAll("br")) line.replaceWith("\n");
    const lines = copy.textContent.split("\n");
    const element = document.createElement("relata-schema");
    let setting;
    while ((setting = /^\s*(src|view|focus|hops|show|theme|height|named|target|server-version)\s*:\s*(.*?)\s*$/.exec(lines[0] ?? ""))) {
      element.setAttribute(setting[1], setting[2]);
      lines.shift();
    }
    const sql = lines.join("\n").trim();
    if (sql) element.sql = sql;
    // The block itself stays, out of sight once the schema is there: a framework may own it.
    element.addEventListener("ready", () => (outer.hidden = true), { once: true });
    outer.before(element);
  }
}

// --------------------------------------------------------------------------------------------------------------------------------------------- start

const there = customElements.get("relata-schema");
if (!there) {
  customElements.define("relata-schema", RelataSchema);
} else if (there.version !== VERSION) {
  console.warn(`Two versions of <relata-schema> are on this page: ${there.version} is in use, ${VERSION} came later and is not.`);
}

if (new URL(import.meta.url).searchParams.has("fences")) {
  const start = () => {
    upgradeFences();
    // Sites that load their pages without leaving the document.
    let waiting;
    new MutationObserver(() => {
      waiting ??= requestAnimationFrame(() => {
        waiting = undefined;
        upgradeFences();
      });
    }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
}
