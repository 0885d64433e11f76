// The package in a browser or a worker: the engine's program is fetched from beside this file, once, when it is first needed.
import { make } from "./relata.mjs";

export const { init, analyze, report, diagram, catalog, history, Session } = make(() => new URL("./relata_engine_bg.wasm", import.meta.url));
