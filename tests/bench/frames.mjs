// What a frame of panning and zooming costs the page's main thread, traced in Chromium: script and painting, in processor time, so that a busy
// machine does not change it much. React Flow draws the same tables with the same columns and keys, on a grid, with its own culling on.
//
//   cargo xtask bench frames
//
// starts it: RELATA_URL is the page, the arguments say how many tables each made-up schema has. Out come lines of JSON.

import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drop, hook, launch, phase, URL_OF_PAGE } from "../browser/page.mjs";
import { schema } from "../browser/schemas.mjs";

const browser = await launch();
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** The processor time of each frame's script and painting while `act` runs, in milliseconds, the least first. */
async function frames(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["devtools.timeline"] } });
  await act();
  await page.waitForTimeout(300);
  const done = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await done;
  await session.detach();
  // The page's own main thread is the one that does most. Whatever it does from one composed frame to the next is that frame's.
  const tops = events.filter((e) => e.ph === "X" && e.name === "RunTask" || PARTS.has(e.name));
  const busy = new Map();
  for (const e of tops) busy.set(`${e.pid} ${e.tid}`, (busy.get(`${e.pid} ${e.tid}`) ?? 0) + (e.tdur ?? 0));
  const main = [...busy].sort((a, b) => b[1] - a[1])[0]?.[0];
  const own = tops.filter((e) => `${e.pid} ${e.tid}` === main && PARTS.has(e.name)).sort((a, b) => a.ts - b.ts);
  const costs = [];
  let end = 0;
  let cost = 0;
  let used = false;
  for (const e of own) {
    if (e.ts >= end) {
      // Events inside another are part of it.
      cost += (e.tdur ?? e.dur ?? 0) / 1000;
      end = e.ts + (e.dur ?? 0);
    }
    used ||= !AT_LEAST.has(e.name);
    // The last of what a frame has the main thread do. One that has it do nothing else costs nothing that the page could save.
    if (e.name === "Layerize" && used) {
      costs.push(cost);
      cost = 0;
      used = false;
    }
  }
  if (costs.length === 0) throw new Error(`the trace has no frame among its ${events.length} events`);
  return costs.sort((a, b) => a - b);
}

/** What every frame has the main thread do, however little happens. */
const AT_LEAST = new Set(["PrePaint", "Layerize", "Commit"]);
const PARTS = new Set([
  "FireAnimationFrame", "EventDispatch", "FunctionCall", "TimerFire", "RunMicrotasks", "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit",
]);

/** Moves about, and gives what each movement costs: how many frames, their median and 95th percentile in milliseconds. */
async function measure(page, box, drag) {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const wheel = (times, delta) => async () => {
    for (let n = 0; n < times; n += 1) {
      await page.mouse.wheel(0, delta);
      await page.waitForTimeout(16);
    }
  };
  const pan = async () => {
    await page.mouse.move(x, y);
    await drag.down();
    for (let n = 0; n < 60; n += 1) {
      await page.mouse.move(x + 3 * n, y + 2 * n);
      await page.waitForTimeout(16);
    }
    await drag.up();
    await page.mouse.move(x, y);
  };
  const costs = {};
  for (const [movement, act] of [["pan, whole", pan], ["zoom in", wheel(50, -80)], ["pan, close", pan], ["zoom out", wheel(50, 80)]]) {
    const each = await frames(page, act);
    costs[movement] = { frames: each.length, median: at(each, 0.5), most: at(each, 0.95) };
  }
  return costs;
}

async function relata(count) {
  const folder = mkdtempSync(join(tmpdir(), "relata-frames-"));
  const file = join(folder, "schema.sql");
  writeFileSync(file, schema(count));
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(URL_OF_PAGE);
  await page.locator('[data-testid="app"][data-ready="true"]').waitFor();
  await drop(page, [file]);
  await phase(page, "workspace");
  await page.locator(`[data-testid="diagram"][data-tables="${count}"]`).waitFor({ timeout: 120_000 });
  await page.waitForTimeout(2000);
  // With Shift a drag pans wherever it begins.
  const drag = {
    down: async () => {
      await page.keyboard.down("Shift");
      await page.mouse.down();
    },
    up: async () => {
      await page.mouse.up();
      await page.keyboard.up("Shift");
    },
  };
  const costs = await measure(page, await hook(page, "canvas").boundingBox(), drag);
  await page.context().close();
  rmSync(folder, { recursive: true });
  return costs;
}

/** The tables and keys of the made schema, read off its own text. */
function model(count) {
  const tables = schema(count).trim().split("\n").map((line) => {
    const [, name, body] = line.match(/^CREATE TABLE (\w+) \((.*)\);$/);
    return { name, columns: body.split(/, (?=\w+ \w)/).map((c) => c.split(" ").slice(0, 2).join(" ")), references: [...body.matchAll(/REFERENCES (\w+)/g)].map((m) => m[1]) };
  });
  const wide = Math.ceil(Math.sqrt(tables.length));
  const nodes = tables.map((t, i) => ({ id: t.name, type: "table", position: { x: 280 * (i % wide), y: 300 * Math.floor(i / wide) }, data: t }));
  const edges = tables.flatMap((t) => t.references.map((to, i) => ({ id: `${t.name}-${i}`, source: t.name, target: to, type: "smoothstep" })));
  return { nodes, edges };
}

async function reactFlow(count) {
  const require = createRequire(import.meta.url);
  const inside = (name) => readFileSync(join(require.resolve(`${name}/package.json`), "..", { react: "umd/react.production.min.js", "react-dom": "umd/react-dom.production.min.js", "@xyflow/react": "dist/umd/index.js" }[name]), "utf8");
  const style = readFileSync(join(require.resolve("@xyflow/react/package.json"), "../dist/style.css"), "utf8");
  const script = `
    const { nodes, edges } = ${JSON.stringify(model(count))};
    const h = React.createElement;
    const { ReactFlow, Handle } = window.ReactFlow;
    const Table = React.memo(({ data }) => h("div", { className: "t" }, h(Handle, { type: "target", position: "left" }), h("b", null, data.name),
      data.columns.map((c) => h("div", { key: c }, c)), h(Handle, { type: "source", position: "right" })));
    const nodeTypes = { table: Table };
    ReactDOM.createRoot(document.getElementById("root")).render(h(ReactFlow, { nodes, edges, nodeTypes, onlyRenderVisibleElements: true, fitView: true, minZoom: 0.02 }));`;
  const jsx = "const jsxRuntime = { Fragment: React.Fragment, jsx: (t, { children, ...p }, key) => React.createElement(t, key === undefined ? p : { ...p, key }, ...[].concat(children ?? [])) }; jsxRuntime.jsxs = jsxRuntime.jsx; window.jsxRuntime = jsxRuntime;";
  const html = `<!doctype html><style>${style} html, body, #root { height: 100%; margin: 0 } .t { background: #fff; border: 1px solid #999; font: 12px monospace; padding: 4px; width: 220px }</style><div id="root"></div>`;
  const parts = [inside("react"), jsx, inside("react-dom"), inside("@xyflow/react"), script];
  const server = createServer((request, response) => {
    const n = Number(request.url.slice(1));
    const body = request.url === "/" ? html + parts.map((_, i) => `<script src="/${i}"></script>`).join("") : (parts[n] ?? "");
    response.setHeader("Content-Type", request.url === "/" ? "text/html" : "text/javascript");
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.locator(".react-flow__node").first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(3000);
  const costs = await measure(page, { x: 0, y: 0, width: 1440, height: 900 }, { down: () => page.mouse.down({ button: "middle" }), up: () => page.mouse.up({ button: "middle" }) });
  await page.context().close();
  server.close();
  return costs;
}

for (const tables of process.argv.slice(2).map(Number)) {
  const [own, theirs] = [await relata(tables), await reactFlow(tables)];
  for (const movement of Object.keys(own)) {
    console.log(JSON.stringify({ tables, movement, relata: own[movement], reactFlow: theirs[movement] }));
  }
}
await browser.close();
