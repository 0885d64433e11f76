// The worker: loads the engine, feeds it, answers the page. Messages are those of web/protocol; web/engine/README.md shows the wiring.
//
// One text, two lives. As a script of its own (module or classic) it imports the engine from the neighbouring folder. Behind the engine's
// `no-modules` glue in a Blob, where nothing can be fetched, the page hands it the compiled module as its first message: `{ module }`.
(() => {
  "use strict";

  /** When the warm-up begins, in milliseconds after the engine is there. */
  const WARM_UP = 200;

  const bundled = typeof wasm_bindgen === "function";
  let handOver;
  const loading = bundled ? new Promise((resolve) => (handOver = resolve)).then(start) : load();

  /** The page's number for the analysis. */
  let session = null;
  /** The analysis under way or finished: the engine's session, and how far reading is. */
  let current = null;
  /** The file being read, by name: the one to blame when the engine breaks. */
  let file = null;
  let broken = false;
  /** Whether the page has sent anything yet. */
  let asked = false;

  // Messages wait for the engine and keep their order: each handler runs when the promise, settled or not, lets it.
  self.addEventListener("message", ({ data }) => {
    if (bundled && data.module) handOver(data.module);
    else if (data.message !== undefined) loading.then((engine) => handle(engine, data.message, data.buffer), () => {});
  });

  loading.then(
    (engine) => {
      post({ hello: { protocol: engine.protocolVersion(), engine: engine.engineVersion() } });
      return warmUp(engine);
    },
    (error) => fail(`The engine could not be loaded: ${text(error)}`),
  );

  async function load() {
    const engine = await import("../engine/relata_engine.js");
    await engine.default();
    return engine;
  }

  async function start(module) {
    await wasm_bindgen({ module_or_path: module });
    return wasm_bindgen;
  }

  /** While the page waits for its user, made-up dumps make the browser compile the engine well. Whatever the page sends comes first, and ends it. */
  async function warmUp(engine) {
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await pause(WARM_UP);
    for (let round = 0, dump; !asked && (dump = engine.warmUp(round)); round += 1) {
      const analysis = new engine.Session();
      analysis.push("schema.sql", new TextEncoder().encode(dump));
      analysis.endFile();
      analysis.finish(() => {});
      const page = { offset: 0, limit: 100 };
      for (const query of [{ diagram: { target: 0, options: {} } }, { tables: { target: 0, filter: {} } }, { findings: { filter: {}, page } }]) analysis.query(query);
      analysis.free();
      await pause(0);
    }
  }

  function handle(engine, message, buffer) {
    asked = true;
    if (broken) return;
    try {
      if (message.start) begin(engine, message.start);
      else if (message.query) answer(message.query);
      else if (!current) return;
      else if (message.addFile) addFile(message.addFile);
      else if (message === "chunk") chunk(new Uint8Array(buffer));
      else if (message === "finish") finish();
    } catch (error) {
      fail(`The engine broke down: ${engine.lastPanic() ?? text(error)}`);
    }
  }

  function begin(engine, { session: number, bytes, options }) {
    session = number;
    file = null;
    current?.analysis.free();
    current = null;
    current = { analysis: new engine.Session(options), done: 0, total: bytes };
  }

  function addFile({ name }) {
    current.analysis.endFile();
    file = name;
    // Said before the first byte: a file without bytes is a file too.
    current.analysis.push(name, new Uint8Array());
  }

  function chunk(bytes) {
    current.analysis.push(file, bytes);
    current.done += bytes.length;
    progress({ stage: "read", done: current.done, total: current.total, file });
  }

  function finish() {
    // The last file is still the one to blame while it ends: an archive is unpacked here.
    current.analysis.endFile();
    file = null;
    const overview = current.analysis.finish(progress);
    post({ ready: { session, overview } });
  }

  function progress(progress) {
    post({ progress: { session, progress } });
  }

  function answer({ id, query }) {
    let reply;
    try {
      if (!current) throw new Error("Nothing has been given to analyse.");
      reply = current.analysis.query(query);
    } catch (error) {
      // A breakdown of the wasm itself goes up; all else is a question that makes no sense.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) throw error;
      reply = { answer: { refused: { message: text(error) } } };
    }
    post({ answer: { session: session ?? 0, id, answer: reply.answer } }, reply.buffer);
  }

  function fail(message) {
    broken = true;
    post({ failed: { session, file, message } });
  }

  function post(message, buffer) {
    self.postMessage({ message, buffer }, buffer ? [buffer] : []);
  }

  function text(error) {
    return error instanceof Error ? error.message : String(error);
  }
})();
