// The package in Node: the engine's program is read from beside this file, once, when it is first needed.
import { readFile } from "node:fs/promises";
import { make } from "./relata.mjs";

export const { init, analyze, report, diagram, catalog, history, Session } = make(() => readFile(new URL("./relata_engine_bg.wasm", import.meta.url)));
