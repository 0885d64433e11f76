// Starts the page: loads the app, the engine and the worker's script, once. Workers start from what was loaded, so that a fresh one
// (after cancelling, after a breakdown) needs no request.
import init, { mount } from "../app/relata_app.js";
import { keep } from "./offline.js";
import { isShared, scripts, sharing } from "./share.js";

const root = document.querySelector("[data-relata]");
const at = (path) => new URL(path, import.meta.url).href;
const SERVICE_WORKER = at("../sw.js");

/** The only addresses that may become a script: the service worker, and the worker once it is there. */
const own = new Set([SERVICE_WORKER]);
const trusted = scripts(own);

async function fetched(path) {
  const response = await fetch(at(path));
  if (!response.ok) throw new Error(`${path} is missing from this copy of the page (status ${response.status}).`);
  return response;
}

async function engine() {
  const [glue, script, module] = await Promise.all([
    fetched("../engine/relata_engine.js").then((r) => r.text()),
    fetched("worker.js").then((r) => r.text()),
    // Not compiled while it streams: hosts differ in the media type that they send for wasm.
    fetched("../engine/relata_engine_bg.wasm").then((r) => r.arrayBuffer()).then((bytes) => WebAssembly.compile(bytes)),
  ]);
  // The engine's glue is a module; in front of the worker's script it stands for the `no-modules` glue that a single file has.
  const bridge =
    "\nglobalThis.wasm_bindgen = Object.assign((options) => __wbg_init(options), { Session, lastPanic, protocolVersion, engineVersion, warmUp });\n";
  const address = URL.createObjectURL(new Blob([glue, bridge, script], { type: "text/javascript" }));
  own.add(address);
  const url = trusted.createScriptURL(address);
  return () => {
    const worker = new Worker(url, { type: "module" });
    worker.postMessage({ module });
    return worker;
  };
}

// The page says that it is ready once the engine is, and its files are kept: from then on it asks for nothing. A host that hangs must not
// keep it waiting.
const kept = Promise.race([keep(root, trusted.createScriptURL(SERVICE_WORKER)), new Promise((resolve) => setTimeout(resolve, 10_000))]);
const started = engine().then(async (start) => {
  await kept;
  return start;
});
started.catch(() => {}); // The app hears of it through the promise that it is given.

try {
  await init();
  root.replaceChildren();
  // What a link holds is looked at, and does not take the place of the project that is kept.
  const project = isShared(location.hash) ? undefined : "relata";
  mount(root, { base: at("./"), worker: () => started.then((start) => start()), keep: project, ...sharing(root) });
} catch (error) {
  root.querySelector("[data-relata-boot]")?.replaceChildren(
    `The page could not be started: ${error instanceof Error ? error.message : error} Relata needs a browser with WebAssembly and module workers.`,
  );
}
