// Runs one subject on one input inside a worker, as the page does, and says what each stage took. A classic script: libpg-query's glue is one.
//
// In: `{ subject, engine, peer, input, warmUp, brief }`: three addresses, that of the dumps which are taken first or none, and whether to end with the
// findings. Out: `{ stages: [{ name, ms, memory }], facts }`, where `memory` is the size of the wasm memory in bytes, which never shrinks.
"use strict";

/** Bytes handed over at once: what the page's own chunks are. */
const CHUNK = 1 << 20;

// Whatever instantiates a wasm module, its memory is caught here.
let memory;
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name].bind(WebAssembly);
  WebAssembly[name] = async (source, imports) => {
    const result = await original(source, imports);
    const exports = (result.instance ?? result).exports;
    memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory) ?? memory;
    return result;
  };
}

self.addEventListener("message", async ({ data }) => {
  try {
    const fetched = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());
    const bytes = await fetched(data.input);
    const before = data.warmUp ? await (await fetch(data.warmUp)).json() : [];
    await (data.subject === "relata" ? relata(data.engine, bytes, data.brief, before) : libpg(data.peer, bytes, before));
  } catch (error) {
    self.postMessage({ error: String(error?.stack ?? error) });
  }
});

/** The dumps of the warm-up, and then a pause: while a user reaches for a file, the browser compiles what it has begun to. */
async function warmUp(dumps, take) {
  dumps.forEach(take);
  if (dumps.length) await new Promise((resolve) => setTimeout(resolve, 500));
}

const stages = [];
let since = 0;

/** Ends a stage. */
function lap(name) {
  const now = performance.now();
  stages.push({ name, ms: now - since, memory: memory.buffer.byteLength });
  since = performance.now();
}

async function relata(address, bytes, brief, before) {
  const engine = await import(address);
  await engine.default();
  await warmUp(before, (dump) => {
    const session = new engine.Session();
    session.push("schema.sql", new TextEncoder().encode(dump));
    session.endFile();
    session.finish(() => {});
    session.query({ diagram: { target: 0, options: {} } });
    session.free();
  });
  const session = new engine.Session();
  since = performance.now();
  session.push("schema.sql", new Uint8Array());
  for (let at = 0; at < bytes.length; at += CHUNK) session.push("schema.sql", bytes.subarray(at, at + CHUNK));
  session.endFile();
  lap("split + read");
  const overview = session.finish(({ stage }) => {
    if (stage === "check") lap("replay");
  });
  lap("rules");
  if (brief) return self.postMessage({ stages, facts: {}, sent: 0 });
  const diagram = session.query({ diagram: { target: 0, options: {} } });
  lap("layout");
  const tables = session.query({ tables: { target: 0, filter: {} } });
  const findings = session.query({ findings: { filter: {}, page: { offset: 0, limit: 100 } } });
  lap("answers");
  const facts = { findings: findings.answer.findings?.total ?? null };
  // What the page gets for its first screen: from here until it has it is the stage "transfer", which ends over there.
  const sent = performance.timeOrigin + performance.now();
  self.postMessage({ stages, facts, sent, payload: { overview, diagram, tables, findings } }, [diagram.buffer]);
}

async function libpg(folder, bytes, before) {
  importScripts(`${folder}libpg-query.js`);
  const peer = await PgQueryModule({ locateFile: (file) => folder + file });
  const decode = (bytes) => new TextDecoder().decode(bytes);
  await warmUp(before, (dump) => parsed(peer, dump));
  const text = decode(bytes);
  stages.length = 0;
  since = performance.now();
  // Kept until the page has measured the process.
  self.tree = parsed(peer, text);
  self.postMessage({ stages, facts: { statements: self.tree.stmts.length }, sent: performance.timeOrigin + performance.now() });
}

/** What its `parseSync` does, in two stages. */
function parsed(peer, text) {
  const length = peer.lengthBytesUTF8(text) + 1;
  const query = peer._malloc(length);
  peer.stringToUTF8(text, query, length);
  const result = peer._wasm_parse_query_raw(query);
  lap("parse");
  const error = peer.getValue(result + 8, "i32");
  if (error) throw new Error(`libpg-query: ${peer.UTF8ToString(peer.getValue(error, "i32"))}`);
  const tree = JSON.parse(peer.UTF8ToString(peer.getValue(result, "i32")));
  lap("tree to JavaScript");
  peer._free(query);
  peer._wasm_free_parse_result(result);
  return tree;
}
