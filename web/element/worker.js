// The element's worker, shared by every <relata-schema> of a page. Behind the engine's `no-modules` glue it is one classic script, which starts from
// any address; where the engine's program is, the first question says.
(() => {
  "use strict";

  /** The analyses of the page's elements, by number. */
  const sessions = new Map();
  let loading;
  let queue = Promise.resolve();

  self.addEventListener("message", ({ data }) => {
    // One after the other: an answer may wait for the engine, and the next question must not overtake it.
    queue = queue.then(() => answer(data));
  });

  async function answer({ id, ask, ...question }) {
    try {
      loading ??= load(question);
      await loading.catch((error) => {
        loading = undefined;
        throw new Error(`The engine could not be loaded: ${error instanceof Error ? error.message : error}`);
      });
      self.postMessage({ id, value: answers[ask](question) });
    } catch (error) {
      const broken = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
      const message = broken ? `The engine broke down: ${wasm_bindgen.lastPanic() ?? error.message}` : error.message;
      self.postMessage({ id, error: message, broken });
    }
  }

  async function load({ program, integrity }) {
    const response = await fetch(program, { integrity }).catch(() => {
      throw new Error("relata_engine_bg.wasm could not be fetched, or is not the one that belongs to this relata-schema.js.");
    });
    if (!response.ok) throw new Error(`relata_engine_bg.wasm is missing beside relata-schema.js (status ${response.status}).`);
    return wasm_bindgen({ module_or_path: response });
  }

  const answers = {
    /** Analyses files and tells what the element lists. */
    open({ session: number, files, missing, options }) {
      answers.close({ session: number });
      const session = wasm_bindgen.Session.forFiles(options);
      sessions.set(number, session);
      for (const { name, bytes } of files) {
        session.push(name, new Uint8Array(bytes));
        session.endFile();
      }
      for (const { name, reason } of missing) session.unreadable(name, reason);
      session.finish(() => {});
      return JSON.parse(session.reportText({ format: "json" }));
    },
    diagram: ({ session, options }) => sessions.get(session).diagramText(options),
    report: ({ session, options }) => sessions.get(session).reportText(options),
    close({ session }) {
      sessions.get(session)?.free();
      sessions.delete(session);
    },
  };
})();
