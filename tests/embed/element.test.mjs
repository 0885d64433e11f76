// <relata-schema> in pages of other sites.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, onPage, serve, SMALL } from "./support.mjs";

const ELEMENT = join(process.env.RELATA_DIST, "element");
const TAG = '<script type="module" src="/element/relata-schema.js"></script>';
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Runs `body(page, watch, server)` on a page with this in its body. */
async function withPage(html, body, { places = {}, headers = {}, head = TAG, ...options } = {}) {
  const server = await serve(
    {
      "/element/": ELEMENT,
      "/schema.sql": SMALL,
      "/more.sql": "CREATE TABLE shelf (id bigint PRIMARY KEY);",
      "/page.html": `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>${head}</head><body>${html}</body></html>`,
      ...places,
    },
    headers,
  );
  try {
    await onPage(browser, `${server.url}page.html`, (page, watch) => body(page, watch, server), options);
  } finally {
    await server.close();
  }
}

/** Collects the element's events from before it is defined. */
const EVENTS = `<script>window.heard = []; for (const type of ["ready", "select", "problem"]) addEventListener(type, (e) => heard.push([type, e.detail]), true);</script>`;
const heard = (page, type) => page.evaluate((t) => window.heard.filter(([name]) => name === t).map(([, detail]) => detail), type);
const ready = (page, n = 1) => page.waitForFunction((count) => window.heard.filter(([t]) => t === "ready").length >= count, n);

test("a diagram from one tag: boxes, events, a list in words", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql"><p id="static">Three tables.</p></relata-schema>`, async (page, watch) => {
    await ready(page);
    assert.deepEqual((await heard(page, "ready"))[0].tables, 3);
    const host = page.locator("relata-schema");
    assert.equal(await host.locator("svg g[transform] > title").filter({ hasText: /^public\./ }).count(), 3);
    assert.equal(await page.locator("#static").isVisible(), false, "what stood in for it is out of sight");
    assert.equal(await host.locator(".list li").count(), 3);
    assert.match(await host.locator(".canvas").getAttribute("aria-label"), /3 tables with 2 foreign keys/);
    assert.equal(await host.getByRole("tabpanel").count(), 0, "one view alone has no tabs");
    await host.locator("summary").click();
    await host.getByRole("button", { name: "public.book" }).click();
    assert.deepEqual(await heard(page, "select"), [{ table: "public.book" }]);
    assert.equal(await host.locator("svg .selected").count(), 1);
    const asked = watch.requests.map((address) => new URL(address).pathname);
    assert.deepEqual(asked.filter((path) => path !== "/favicon.ico").sort(), [
      "/element/relata-schema.js", "/element/relata-worker.js", "/element/relata_engine_bg.wasm", "/page.html", "/schema.sql",
    ]);
  }));

test("focus, hops and show narrow the diagram, and follow their attributes", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql" focus="author" hops="1" show="names"></relata-schema>`, async (page) => {
    await ready(page);
    const host = page.locator("relata-schema");
    const boxes = () => host.locator("svg g[transform] > title").filter({ hasText: /^public\./ }).count();
    assert.equal(await boxes(), 2);
    await host.evaluate((e) => e.setAttribute("hops", "2"));
    await page.waitForFunction(() => [...document.querySelector("relata-schema").shadowRoot.querySelectorAll("svg g[transform] > title")].filter((t) => t.textContent.startsWith("public.")).length === 3);
    assert.equal(await host.locator("svg text").filter({ hasText: "author_id" }).count(), 0, "names alone");
  }));

test("keys move, zoom and fit; the page's own scrolling stays the page's", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql"></relata-schema><div style="height:3000px"></div>`, async (page) => {
    await ready(page);
    const box = () => page.locator("relata-schema svg").getAttribute("viewBox").then((text) => text.split(" ").map(Number));
    await page.locator("relata-schema .canvas").focus();
    const start = await box();
    await page.keyboard.press("ArrowRight");
    assert.ok((await box())[0] > start[0]);
    await page.keyboard.press("+");
    assert.ok((await box())[2] < start[2]);
    await page.keyboard.press("0");
    assert.deepEqual(await box(), start);
    await page.locator("relata-schema .canvas").hover();
    await page.mouse.wheel(0, 300);
    await page.waitForFunction(() => scrollY > 0);
    assert.deepEqual(await box(), start);
    await page.evaluate(() => scrollTo(0, 0));
    const area = await page.locator("relata-schema .canvas").boundingBox();
    await page.mouse.move(area.x + 200, area.y + 200);
    await page.mouse.down();
    await page.mouse.move(area.x + 100, area.y + 200, { steps: 4 });
    await page.mouse.up();
    assert.ok((await box())[0] > start[0], "a drag moves it");
    assert.deepEqual(await heard(page, "select"), [], "and selects nothing");
  }));

test("several views are tabs that keys reach", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql" view="diagram tables findings report"></relata-schema>`, async (page) => {
    await ready(page);
    const host = page.locator("relata-schema");
    assert.deepEqual(await host.getByRole("tab").allTextContents(), ["Diagram", "Tables", "Findings", "Report"]);
    await host.getByRole("tab", { name: "Diagram" }).focus();
    await page.keyboard.press("ArrowRight");
    await host.locator("details.table").first().waitFor();
    assert.equal(await host.locator("details.table").count(), 3);
    assert.equal(await host.getByRole("tab", { name: "Tables" }).getAttribute("aria-selected"), "true");
    const panel = host.getByRole("tabpanel", { name: "Tables" });
    assert.equal(await panel.getAttribute("id"), await host.getByRole("tab", { name: "Tables" }).getAttribute("aria-controls"), "the tab names what it shows, and is its name");
    await host.getByRole("tab", { name: "Findings" }).click();
    await host.locator("ol li").first().waitFor();
    assert.ok((await host.locator("ol li").allTextContents()).some((text) => text.includes("author_id")));
    await host.getByRole("tab", { name: "Report" }).click();
    await host.locator(".report h1").waitFor();
    await host.locator('.report a[href="#findings"]').first().click();
    assert.equal(new URL(page.url()).hash, "", "a link inside the report does not move the page's own address");
  }));

test("named views choose a part", () =>
  withPage(
    `${EVENTS}<relata-schema src="schema.sql" named="who"><relata-view name="who" label="Authors" focus="author" hops="0"></relata-view>
     <relata-view name="lend" label="Lending" focus="loan" hops="1"></relata-view></relata-schema>`,
    async (page) => {
      await ready(page);
      const host = page.locator("relata-schema");
      const boxes = (n) => page.waitForFunction((count) => [...document.querySelector("relata-schema").shadowRoot.querySelectorAll("svg g[transform] > title")].filter((t) => t.textContent.startsWith("public.")).length === count, n);
      await boxes(1);
      await host.getByLabel("Part of the schema").selectOption("lend");
      await boxes(2);
      await host.getByLabel("Part of the schema").selectOption("");
      await boxes(3);
    },
  ));

test("inline SQL, several files and SQL by property", () =>
  withPage(
    `${EVENTS}<relata-schema id="a"><script type="text/sql">CREATE TABLE inside (id int PRIMARY KEY);</script></relata-schema>
     <relata-schema id="b" src="schema.sql more.sql"></relata-schema>`,
    async (page) => {
      await ready(page, 2);
      assert.deepEqual((await heard(page, "ready")).map((d) => d.tables).sort(), [1, 4]);
      await page.evaluate(() => (document.querySelector("#a").sql = "CREATE TABLE x (id int); CREATE TABLE y (id int);"));
      await ready(page, 3);
      assert.equal((await heard(page, "ready"))[2].tables, 2);
    },
  ));

test("many on a page share one worker, and those far below wait until they are near", () =>
  withPage(
    `${EVENTS}${'<relata-schema src="schema.sql" height="200"></relata-schema>'.repeat(2)}<div style="height:5000px"></div><relata-schema id="far" src="more.sql"></relata-schema>`,
    async (page, watch, server) => {
      await ready(page, 2);
      assert.equal(page.workers().length, 1);
      assert.equal(server.requests.includes("/more.sql"), false, "not asked for yet");
      await page.locator("#far").scrollIntoViewIfNeeded();
      await ready(page, 3);
      assert.equal(page.workers().length, 1);
      assert.equal(server.requests.filter((path) => path.endsWith(".wasm")).length, 1);
    },
  ));

test("a page without one near fetches nothing but the script", () =>
  withPage(`<div style="height:5000px"></div><relata-schema src="schema.sql"></relata-schema>`, async (page, watch, server) => {
    await page.waitForFunction(() => customElements.get("relata-schema"));
    await page.waitForLoadState("networkidle");
    assert.deepEqual(server.requests.filter((path) => path !== "/favicon.ico"), ["/page.html", "/element/relata-schema.js"]);
  }));

test("the theme follows the site's, however the site switches", () =>
  withPage(
    `<style>html.dark body { background: #111; color: #eee } body { background: #fff }</style>${EVENTS}<relata-schema src="schema.sql"></relata-schema>`,
    async (page) => {
      await ready(page);
      const theme = (value) => page.waitForFunction((t) => document.querySelector("relata-schema").shadowRoot.querySelector(".shell").dataset.theme === t, value);
      await theme("light");
      await page.evaluate(() => document.documentElement.classList.add("dark"));
      await theme("dark");
      await page.evaluate(() => document.querySelector("relata-schema").setAttribute("theme", "light"));
      await theme("light");
    },
  ));

test("custom properties of the page reach the picture", () =>
  withPage(
    `<style>relata-schema { --relata-surface: rgb(1, 2, 3) }</style>${EVENTS}<relata-schema src="schema.sql"></relata-schema>`,
    async (page) => {
      await ready(page);
      const fill = await page.locator("relata-schema svg .box").first().evaluate((box) => getComputedStyle(box).fill);
      assert.equal(fill, "rgb(1, 2, 3)");
    },
  ));

for (const [what, html, places, message] of [
  ["neither src nor SQL", `<relata-schema></relata-schema>`, {}, /nothing to show/],
  ["404", `<relata-schema src="gone.sql"></relata-schema>`, {}, /gone\.sql is not there \(status 404\)/],
  ["HTML instead of SQL", `<relata-schema src="app.sql"></relata-schema>`, { "/app.sql": { type: "text/html", body: "<!DOCTYPE html><title>App</title>" } }, /is an HTML page, not SQL/],
  ["no SQL", `<relata-schema src="notes.sql"></relata-schema>`, { "/notes.sql": "hello" }, /Nothing was read that describes a schema/],
  ["an unknown focus", `<relata-schema src="schema.sql" focus="nowhere"></relata-schema>`, {}, /no table `nowhere`/],
  ["an address that is none", `<relata-schema src="javascript:alert(1)"></relata-schema>`, {}, /no address that a page can read/],
]) {
  test(`${what}: said in the element and as an event, and what stands inside stays`, () =>
    withPage(`${EVENTS}${html.replace("></relata-schema>", '><p id="static">Static words.</p></relata-schema>')}`, async (page) => {
      await page.waitForFunction(() => window.heard.some(([type]) => type === "problem"));
      assert.match((await heard(page, "problem"))[0].message, message);
      assert.match(await page.locator("relata-schema").getByRole("alert").textContent(), message);
      assert.ok(await page.locator("#static").isVisible());
      assert.deepEqual(await heard(page, "ready"), []);
    }, { places, allow: [/status of 404/] }));
}

test("one file of several is missing: told, and the rest is shown", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql gone.sql"></relata-schema>`, async (page) => {
    await ready(page);
    assert.match((await heard(page, "problem"))[0].message, /gone\.sql/);
    assert.equal((await heard(page, "ready"))[0].tables, 3);
  }, { allow: [/status of 404/] }));

test("another host: readable where it allows it, else a word about CORS", async () => {
  const other = await serve({ "/open.sql": { body: SMALL, headers: { "access-control-allow-origin": "*" } }, "/closed.sql": SMALL });
  try {
    await withPage(
      `${EVENTS}<relata-schema src="${other.url}open.sql"></relata-schema><relata-schema src="${other.url}closed.sql"></relata-schema>`,
      async (page) => {
        await ready(page);
        await page.waitForFunction(() => window.heard.some(([type]) => type === "problem"));
        assert.match((await heard(page, "problem"))[0].message, /CORS/);
      },
      { hosts: [other.url], allow: [/CORS/, /ERR_FAILED/] },
    );
  } finally {
    await other.close();
  }
});

test("the script comes from another host, checked by its hash", async () => {
  const cdn = await serve({ "/element/": ELEMENT }, { "access-control-allow-origin": "*" });
  const hash = createHash("sha384").update(readFileSync(join(ELEMENT, "relata-schema.js"))).digest("base64");
  const tag = (sum) => `<script type="module" crossorigin src="${cdn.url}element/relata-schema.js" integrity="sha384-${sum}"></script>`;
  try {
    await withPage(`${EVENTS}<relata-schema src="schema.sql"></relata-schema>`, (page) => ready(page), { head: tag(hash), hosts: [cdn.url] });
    const wrong = createHash("sha384").update("another").digest("base64");
    await withPage(
      `<relata-schema src="schema.sql"><p>Static.</p></relata-schema>`,
      async (page) => {
        assert.equal(await page.evaluate(() => customElements.get("relata-schema") === undefined), true);
        assert.ok(await page.getByText("Static.").isVisible());
      },
      { head: tag(wrong), hosts: [cdn.url], allow: [/integrity/] },
    );
  } finally {
    await cdn.close();
  }
});

/** A copy of a file of the element with a word more, as somebody who has the host could make it. */
const changed = (name) => ({ body: Buffer.concat([readFileSync(join(ELEMENT, name)), Buffer.from(name.endsWith(".wasm") ? "\0\x02\x01x" : "\n// more")]) });

test("the script's hash stands for the worker and the program: another one of either does not run", async () => {
  const places = { "/element/": ELEMENT };
  const cdn = await serve(places, { "access-control-allow-origin": "*" });
  const tag = `<script type="module" crossorigin src="${cdn.url}element/relata-schema.js"></script>`;
  try {
    for (const [name, words] of [["relata-worker.js", /relata-worker\.js could not be fetched, or is not the one/], ["relata_engine_bg.wasm", /relata_engine_bg\.wasm could not be fetched, or is not the one/]]) {
      places[`/element/${name}`] = { ...changed(name), type: name.endsWith(".wasm") ? "application/wasm" : undefined };
      await withPage(`${EVENTS}<relata-schema src="schema.sql"><p>Static.</p></relata-schema>`, async (page) => {
        await page.waitForFunction(() => window.heard.some(([type]) => type === "problem"));
        assert.match((await heard(page, "problem"))[0].message, words);
        assert.ok(await page.getByText("Static.").isVisible());
      }, { head: tag, hosts: [cdn.url], allow: [/integrity/] });
      delete places[`/element/${name}`];
    }
  } finally {
    await cdn.close();
  }
});

test("from another host the policy that is documented is enough", async () => {
  const cdn = await serve({ "/element/": ELEMENT }, { "access-control-allow-origin": "*" });
  const host = cdn.url.slice(0, -1);
  const policy = `default-src 'none'; script-src 'self' ${host} 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self' ${host}; style-src 'none'; base-uri 'none'`;
  try {
    await withPage(`<script src="/events.js"></script><relata-schema src="schema.sql"></relata-schema>`, (page) => ready(page), {
      head: `<script type="module" crossorigin src="${cdn.url}element/relata-schema.js"></script>`,
      places: { "/events.js": EVENTS.replace(/<\/?script>/g, "") },
      headers: { "content-security-policy": policy },
      hosts: [cdn.url],
    });
  } finally {
    await cdn.close();
  }
});

test("the strictest policy is enough: own files, no inline style, Trusted Types", () =>
  withPage(`<script src="/events.js"></script><relata-schema src="schema.sql" view="diagram findings report"></relata-schema>`, async (page) => {
    await ready(page);
    await page.locator("relata-schema").getByRole("tab", { name: "Report" }).click();
    await page.locator("relata-schema .report h1").waitFor();
  }, {
    places: { "/events.js": EVENTS.replace(/<\/?script>/g, "") },
    headers: {
      "content-security-policy":
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types relata",
    },
  }));

test("names and comments in a schema are data, in every view", () => {
  const hostile = `CREATE TABLE "<img src=x onerror=alert(1)>" ("</script><b>" int PRIMARY KEY);\nCOMMENT ON TABLE "<img src=x onerror=alert(1)>" IS '<svg onload=alert(2)>';`;
  return withPage(`${EVENTS}<relata-schema src="hostile.sql" view="diagram tables findings report"></relata-schema>`, async (page) => {
    page.on("dialog", () => assert.fail("a name ran"));
    await ready(page);
    for (const name of ["Tables", "Findings", "Report", "Diagram"]) {
      await page.locator("relata-schema").getByRole("tab", { name }).click();
      await page.waitForFunction((view) => document.querySelector("relata-schema").shadowRoot.querySelector(".body").dataset.view === view, name.toLowerCase());
      assert.equal(await page.locator("relata-schema").locator("img, script, [onerror], [onload]").count(), 0);
    }
  }, { places: { "/hostile.sql": hostile } });
});

test("two versions on one page: the first one works, the second says so", () => {
  const other = readFileSync(join(ELEMENT, "relata-schema.js"), "utf8").replace(/const VERSION = "[^"]+"/, 'const VERSION = "9.9.9"');
  return withPage(`${EVENTS}<relata-schema src="schema.sql"></relata-schema>`, async (page, watch) => {
    await ready(page);
    assert.ok(watch.said.some((line) => line.includes("Two versions of <relata-schema>") && line.includes("9.9.9")));
  }, {
    head: `${TAG}<script type="module" src="/other/relata-schema.js"></script>`,
    places: { "/other/relata-schema.js": other },
    allow: [/Two versions/],
  });
});

test("fenced blocks become elements where the script is asked to", () =>
  withPage(
    `${EVENTS}<pre><code class="language-relata">view: diagram tables
show: keys
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);</code></pre>
<pre id="second"><code class="language-relata">src: schema.sql
focus: author</code></pre><pre id="other"><code class="language-sql">SELECT 1</code></pre>`,
    async (page) => {
      await ready(page, 2);
      assert.deepEqual((await heard(page, "ready")).map((d) => d.tables).sort(), [2, 3]);
      assert.equal(await page.locator("#second").isVisible(), false);
      assert.ok(await page.locator("#other").isVisible());
      // A site that changes its page without leaving it.
      await page.evaluate(() => {
        const pre = document.createElement("pre");
        pre.innerHTML = '<code class="language-relata">CREATE TABLE late (id int);</code>';
        document.body.prepend(pre);
      });
      await ready(page, 3);
    },
    { head: TAG.replace("relata-schema.js", "relata-schema.js?fences") },
  ));

test("of views that follow each other at once the last one is shown", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql" view="diagram tables report"></relata-schema>`, async (page) => {
    await ready(page);
    const host = page.locator("relata-schema");
    // The report is asked for from the worker, the tables are there: they are shown first, and the report's answer comes after them.
    await host.evaluate((element) => {
      for (const view of ["report", "tables"]) element.shadowRoot.querySelector(`[data-view="${view}"]`).click();
    });
    await host.locator("details.table").first().waitFor();
    // The worker answers in order: after another question's answer, that of the report has come.
    await page.evaluate(() => {
      const other = document.createElement("relata-schema");
      other.sql = "CREATE TABLE other (id int PRIMARY KEY)";
      document.body.prepend(other);
    });
    await ready(page, 2);
    assert.equal(await host.last().locator(".body").getAttribute("data-view"), "tables");
    assert.equal(await host.last().locator("details.table").count(), 3);
    // The other way round, and by attribute.
    await host.last().evaluate((element) => {
      for (const view of ["report", "diagram"]) element.setAttribute("view", view);
    });
    await host.last().locator(".canvas svg").waitFor();
    assert.equal(await host.last().locator(".report").count(), 0);
  }));

test("an attribute that changes while it is read is no error", () =>
  withPage(`${EVENTS}<relata-schema src="schema.sql"></relata-schema>`, async (page) => {
    await ready(page);
    await page.evaluate(() => {
      const element = document.querySelector("relata-schema");
      element.reload();
      element.setAttribute("view", "tables");
    });
    await ready(page, 2);
    await page.locator("relata-schema details.table").first().waitFor();
    assert.deepEqual(await heard(page, "problem"), []);
  }));

test("after the engine broke down every element works again, from its own files", () =>
  withPage(`${EVENTS}<relata-schema id="a" src="schema.sql" view="diagram report"></relata-schema><relata-schema id="b" src="more.sql" view="diagram report"></relata-schema>`, async (page) => {
    await ready(page, 2);
    // No script that breaks the engine is known: a trap as WebAssembly throws it stands for one.
    await page.workers()[0].evaluate(() => {
      wasm_bindgen.Session.prototype.reportText = () => {
        throw new WebAssembly.RuntimeError("unreachable");
      };
    });
    await page.locator("#a").getByRole("tab", { name: "Report" }).click();
    await page.waitForFunction(() => window.heard.some(([type]) => type === "problem"));
    assert.match((await heard(page, "problem"))[0].message, /broke down/);
    await page.locator("#b").getByRole("tab", { name: "Report" }).click();
    await page.locator("#b .report h1").waitFor();
    await page.evaluate(() => document.querySelector("#a").reload());
    await page.locator("#a .report h1").waitFor();
    assert.equal((await heard(page, "problem")).length, 1);
    assert.equal(page.workers().length, 1);
  }));

test("it is taken out and put in again; what is out has no analysis in the worker, also when it is taken out while it is read", () =>
  withPage(`${EVENTS}<div id="place"><relata-schema src="schema.sql"></relata-schema></div>`, async (page) => {
    await ready(page);
    const worker = page.workers()[0];
    await worker.evaluate(() => {
      // The first element's analysis is there already.
      globalThis.live = 1;
      const { forFiles, prototype } = wasm_bindgen.Session;
      const { free } = prototype;
      wasm_bindgen.Session.forFiles = (options) => ((globalThis.live += 1), forFiles.call(wasm_bindgen.Session, options));
      prototype.free = function () {
        globalThis.live -= 1;
        return free.call(this);
      };
    });
    await page.evaluate(() => {
      const element = document.querySelector("relata-schema");
      element.remove();
      document.querySelector("#place").append(element);
    });
    await ready(page, 2);
    assert.equal(await worker.evaluate(() => globalThis.live), 1);
    await page.evaluate(async () => {
      const place = document.querySelector("#place");
      for (let steps = 0; steps < 40; steps += 1) {
        const element = document.createElement("relata-schema");
        element.sql = "CREATE TABLE t (id int PRIMARY KEY)";
        place.append(element);
        element.reload();
        // One step further each time: before, while and after the worker is asked.
        for (let step = 0; step < steps; step += 1) await undefined;
        element.remove();
      }
      const last = document.createElement("relata-schema");
      last.sql = "CREATE TABLE last (id int PRIMARY KEY)";
      place.prepend(last);
    });
    await ready(page, 3);
    assert.equal(await worker.evaluate(() => globalThis.live), 2, "those that are on the page");
    await page.evaluate(() => document.querySelector("#place").replaceChildren());
    await worker.evaluate(async () => {
      while (globalThis.live > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
  }));

test("without script what stands inside is read", () =>
  withPage(`<relata-schema src="schema.sql"><p id="static">Three tables.</p></relata-schema>`, async (page) => {
    assert.ok(await page.locator("#static").isVisible());
  }, { javaScriptEnabled: false }));
