// Measures the engine and libpg-query in Chromium's worker, in turn, on the same bytes. `cargo xtask bench` calls it:
//
//   node bench.mjs DIST ROUNDS NAME=FILE...
//
// Each input gives one line of JSON: for each subject the least time of each stage, the ratios of each round, and memory. All that twice: in a fresh worker
// (`cold`), and in one where both have had the made-up dumps that the page's worker takes while it waits for its user (`warm`).

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
// Playwright is pinned once, by the browser tests.
const { chromium } = createRequire(join(here, "../browser/package.json"))("playwright-core");
const [dist, rounds, ...inputs] = process.argv.slice(2);

/** The dumps of the warm-up, as the engine makes them. */
const engine = await import(pathToFileURL(join(dist, "engine/relata_engine.js")));
await engine.default({ module_or_path: readFileSync(join(dist, "engine/relata_engine_bg.wasm")) });
const warmUp = [];
for (let dump; (dump = engine.warmUp(warmUp.length)); ) warmUp.push(dump);

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
const peer = join(here, "node_modules/libpg-query/wasm");
const files = new Map(inputs.map((input, at) => [`/input/${at}`, input.slice(input.indexOf("=") + 1)]));

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  const roots = { "/engine/": join(dist, "engine"), "/peer/": peer };
  const root = Object.keys(roots).find((prefix) => path.startsWith(prefix));
  const file = path === "/worker.js" ? join(here, "worker.js") : root ? join(roots[root], path.slice(root.length)) : files.get(path);
  response.setHeader("content-type", path === "/" ? "text/html" : (TYPES[extname(path)] ?? "application/octet-stream"));
  // As the page may be served: clocks in workers are then precise to 5 µs.
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  try {
    response.end(path === "/" ? "<!doctype html><title>bench</title>" : path === "/warm-up" ? JSON.stringify(warmUp) : readFileSync(file));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

/** The most memory that the processes which draw pages ever had, in bytes; `null` where the system does not tell. */
async function peakOfRenderer(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const peaks = processInfo
    .filter((p) => p.type === "renderer")
    .map((p) => {
      try {
        return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${p.id}/status`, "utf8"))?.[1] ?? 0) * 1024;
      } catch {
        return 0;
      }
    });
  return Math.max(0, ...peaks) || null;
}

/** One fresh worker. */
const run = (page, subject, at, { brief = false, warm = false } = {}) =>
  page.evaluate(
    ({ subject, at, origin, brief, warm }) =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/worker.js");
        worker.addEventListener("error", (event) => reject(new Error(event.message)));
        worker.addEventListener("message", ({ data }) => {
          const arrived = performance.timeOrigin + performance.now();
          if (data.error) return reject(new Error(data.error));
          const { stages, facts, sent } = data;
          if (data.payload) stages.push({ name: "transfer", ms: arrived - sent, memory: stages.at(-1).memory });
          resolve({ stages, facts });
          // The tree of the peer lives until here.
          setTimeout(() => worker.terminate(), 50);
        });
        worker.postMessage({ subject, engine: `${origin}/engine/relata_engine.js`, peer: `${origin}/peer/`, input: `${origin}/input/${at}`, brief, warmUp: warm ? `${origin}/warm-up` : null });
      }),
    { subject, at, origin, brief, warm },
  );

const total = (result, names) => result.stages.filter((s) => !names || names.includes(s.name)).reduce((sum, s) => sum + s.ms, 0);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

for (const [at, input] of inputs.entries()) {
  const results = { cold: { relata: [], libpg: [] }, warm: { relata: [], libpg: [] } };
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(origin);
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const [state, warm] of [["cold", false], ["warm", true]]) {
      for (const subject of Object.keys(results[state])) results[state][subject].push(await run(page, subject, at, { warm }));
    }
  }
  await browser.close();
  const line = { name: input.slice(0, input.indexOf("=")), subjects: {}, ratios: {} };
  for (const subject of Object.keys(results.cold)) {
    // A process of its own, up to the findings: its peak is the subject's.
    const alone = await launch();
    const page = await alone.newPage();
    await page.goto(origin);
    const before = await peakOfRenderer(alone);
    await run(page, subject, at, { brief: true });
    const peak = await peakOfRenderer(alone);
    await alone.close();
    const [cold, warm] = [results.cold[subject], results.warm[subject]];
    const least = (all, n) => Math.min(...all.map((r) => r.stages[n].ms));
    const stages = cold[0].stages.map((stage, n) => ({ ...stage, ms: least(warm, n), cold: least(cold, n) }));
    line.subjects[subject] = { stages, facts: cold[0].facts, peak: peak && before ? peak - before : null };
  }
  for (const [state, { relata, libpg }] of Object.entries(results)) {
    const ratio = (names) => median(relata.map((r, n) => total(r, names) / total(libpg[n])));
    line.ratios[state] = { replayed: ratio(["split + read", "replay"]), found: ratio(["split + read", "replay", "rules"]) };
  }
  console.log(JSON.stringify(line));
}
server.close();
