// What the package does, wherever it runs. All of its state is the one instance of the engine, made when it is first needed.
import load, { Session as EngineSession, lastPanic } from "./relata_engine.js";

/** Bytes handed to the engine at once; progress and memory go by it. */
const CHUNK = 1 << 20;

/** The package's functions. `program` gives the engine's wasm: its address, its bytes or its module. */
export function make(program) {
  let loading;

  /** Loads the engine, from `source` where one is given. Whoever does not call it has it called by the first question. */
  function init(source) {
    loading ??= start(source);
    // What failed (no network, say) may be tried again.
    loading.catch(() => (loading = undefined));
    return loading;
  }

  async function start(source) {
    await load({ module_or_path: await (source ?? program()) });
  }

  /** One analysis: takes files in chunks of any size, then answers. */
  class Session {
    #engine;
    #finished = false;

    /** Use `Session.open`: it waits until the engine is there. */
    constructor(options) {
      split(options, []);
      this.#engine = guarded(() => EngineSession.forFiles(options));
    }

    static async open(options) {
      await init();
      return new Session(options);
    }

    /** Takes the next bytes of a file. Another name, or `endFile`, starts the next one. */
    push(name, chunk) {
      const bytes = bytesOf(chunk);
      if (!bytes) throw new TypeError("A chunk is a string, an ArrayBuffer or a view of one.");
      const engine = this.#open();
      guarded(() => {
        // An empty file is a file too.
        if (bytes.length === 0) engine.push(String(name), bytes);
        for (let at = 0; at < bytes.length; at += CHUNK) engine.push(String(name), bytes.subarray(at, at + CHUNK));
      });
    }

    /** Ends the current file, so that the next bytes start another one, even of the same name. */
    endFile() {
      const engine = this.#open();
      guarded(() => engine.endFile());
    }

    /** A file could not be had: noted among the problems. */
    unreadable(name, reason) {
      const engine = this.#open();
      guarded(() => engine.unreadable(String(name), String(reason)));
    }

    /** Takes all of a file, whatever it comes from. */
    async add(name, content) {
      this.endFile();
      if (content instanceof Blob) content = content.stream();
      if (typeof content?.[Symbol.asyncIterator] === "function") {
        this.push(name, "");
        for await (const chunk of content) this.push(name, chunk);
      } else {
        this.push(name, content);
      }
      this.endFile();
    }

    /** Analyses everything that was given. `progress` hears the stages: "replay", then "check". */
    finish(progress) {
      const engine = this.#open();
      guarded(() => engine.endFile());
      guarded(() => engine.finish((told) => progress?.(told.stage)));
      this.#finished = true;
      return this;
    }

    check() {
      return JSON.parse(this.#ask((engine) => engine.checkJson()));
    }

    report(options) {
      split(options, OF_REPORT);
      return this.#ask((engine) => engine.reportText(options));
    }

    /** A report of what changed since `base`, an older state. The comparison uses both sessions up. */
    reportSince(base, options) {
      split(options, OF_REPORT);
      if (!(base instanceof Session) || base === this) throw new TypeError("`base` is another session, that of the older state.");
      // Both are known to be there and finished before the engine takes them over.
      base.#ask(() => {});
      return this.#ask((engine) => {
        const older = base.#engine;
        this.#engine = base.#engine = undefined;
        return engine.reportTextSince(older, options);
      });
    }

    diagram(options) {
      split(options, OF_DIAGRAM);
      return this.#ask((engine) => engine.diagramText(options));
    }

    catalog(options) {
      split(options, OF_CATALOG);
      return JSON.parse(this.#ask((engine) => engine.catalogJson(options?.target)));
    }

    history() {
      return JSON.parse(this.#ask((engine) => engine.historyJson()));
    }

    /** Gives the engine's memory back. The session is of no use afterwards. */
    free() {
      this.#engine?.free();
      this.#engine = undefined;
    }

    [Symbol.dispose ?? Symbol.for("dispose")]() {
      this.free();
    }

    #open() {
      if (!this.#engine) throw new Error("The session was freed.");
      return this.#engine;
    }

    #ask(question) {
      if (!this.#finished) throw new Error("Nothing can be asked before `finish`.");
      const engine = this.#open();
      return guarded(() => question(engine));
    }
  }

  /** Analyses files and gives `ask(session)`; the memory is given back. */
  async function once(files, options, known, ask) {
    const { analyzeOptions, outputOptions } = split(options, known);
    return analysed(files, analyzeOptions, (session) => ask(session, outputOptions));
  }

  async function analysed(files, options, ask) {
    const session = await Session.open(options);
    try {
      for (const [name, content] of named(files)) await session.add(name, content);
      return await ask(session.finish());
    } finally {
      session.free();
    }
  }

  async function report(files, options) {
    const { analyzeOptions, outputOptions } = split(options, [...OF_REPORT, "base"]);
    const { base, ...look } = outputOptions;
    return analysed(files, analyzeOptions, (session) =>
      base === undefined ? session.report(look) : analysed(base, analyzeOptions, (older) => session.reportSince(older, look)),
    );
  }

  return {
    init,
    Session,
    analyze: (files, options) => once(files, options, [], (session) => session.check()),
    report,
    diagram: (files, options) => once(files, options, OF_DIAGRAM, (session, output) => session.diagram(output)),
    catalog: (files, options) => once(files, options, OF_CATALOG, (session, output) => session.catalog(output)),
    history: (files, options) => once(files, options, [], (session) => session.history()),
  };
}

/** The options that there are: a misspelt one shall not be passed over in silence. */
const OF_ANALYSIS = ["serverVersion", "layout", "dialect", "partial", "defines", "order", "rules"];
const OF_REPORT = ["format", "sources", "title", "note", "logo", "sections", "severity", "sourceUrl"];
const OF_DIAGRAM = ["format", "target", "show", "focus", "hops", "views", "theme"];
const OF_CATALOG = ["target"];

/** What concerns the analysis and what concerns the output, of options that hold both. */
function split(options, known) {
  const analyzeOptions = {};
  const outputOptions = {};
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue;
    if (OF_ANALYSIS.includes(name)) analyzeOptions[name] = value;
    else if (known.includes(name)) outputOptions[name] = value;
    else throw new TypeError(`There is no option \`${name}\`; there are ${[...OF_ANALYSIS, ...known].join(", ")}.`);
  }
  return { analyzeOptions, outputOptions };
}

/** Names and contents of whatever files were given as. */
function named(files) {
  if (typeof files === "string" || bytesOf(files)) return [["schema.sql", files]];
  if (files instanceof Blob) return [[nameOf(files), files]];
  if (files && typeof files[Symbol.iterator] === "function") {
    return Array.from(files, (file) => {
      if (Array.isArray(file)) return file;
      if (file instanceof Blob) return [nameOf(file), file];
      if (typeof file?.name === "string" && file.content !== undefined) return [file.name, file.content];
      throw new TypeError("A file is a File, [name, content] or { name, content }.");
    });
  }
  if (files && typeof files === "object") return Object.entries(files);
  throw new TypeError("Files are a string of SQL, bytes, a File, a list of files, or an object of names and contents.");
}

function nameOf(blob) {
  return blob.webkitRelativePath || blob.name || "schema.sql";
}

function bytesOf(value) {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

/** Runs a call into the engine. Its breakdown is told in its own words; nothing more can be asked of it then. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      throw new Error(`The engine broke down: ${lastPanic() ?? error.message} Start a new worker or process.`, { cause: error });
    }
    throw error;
  }
}
