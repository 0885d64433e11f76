// What a frame of panning and zooming costs the page's main thread, traced in Chromium: script and painting, in processor time, so that a busy
// machine does not change it much.
//
//   RELATA_URL=http://localhost:8137/ node tests/bench/frames.mjs [tables]
//
// `cargo xtask serve` serves the page. The packages are those of tests/browser.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drop, hook, launch, phase, URL_OF_PAGE } from "../browser/page.mjs";
import { schema } from "../browser/schemas.mjs";

const tables = Number(process.argv[2] ?? 1000);
const folder = mkdtempSync(join(tmpdir(), "relata-frames-"));
const file = join(folder, "schema.sql");
writeFileSync(file, schema(tables));

const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
await page.goto(URL_OF_PAGE);
await page.locator('[data-testid="app"][data-ready="true"]').waitFor();
await drop(page, [file]);
await phase(page, "workspace");
await page.locator(`[data-testid="diagram"][data-tables="${tables}"]`).waitFor({ timeout: 120_000 });
await page.waitForTimeout(2000);

/** The processor time of each frame's script and painting while `act` runs, in milliseconds, the least first. */
async function frames(act) {
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
  // The page's own main thread: the one that runs its frames.
  const thread = events.find((e) => e.name === "FireAnimationFrame");
  const own = events.filter((e) => e.pid === thread?.pid && e.tid === thread?.tid && e.ph === "X").sort((a, b) => a.ts - b.ts);
  const parts = new Set(["FireAnimationFrame", "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"]);
  const costs = [];
  for (const event of own.filter((e) => parts.has(e.name))) {
    if (event.name === "FireAnimationFrame") costs.push(0);
    if (costs.length > 0) costs[costs.length - 1] += (event.tdur ?? event.dur ?? 0) / 1000;
  }
  return costs.sort((a, b) => a - b);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
const box = await hook(page, "canvas").boundingBox();
const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];

async function wheel(times, delta) {
  for (let n = 0; n < times; n += 1) {
    await page.mouse.wheel(0, delta);
    await page.waitForTimeout(16);
  }
}

async function pan() {
  await page.mouse.move(x, y);
  await page.keyboard.down("Shift");
  await page.mouse.down();
  for (let n = 0; n < 60; n += 1) {
    await page.mouse.move(x + 3 * n, y + 2 * n);
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
  await page.keyboard.up("Shift");
}

await page.mouse.move(x, y);
const acts = [["pan, whole", pan], ["zoom in", () => wheel(60, -80)], ["pan, close", pan], ["zoom out", () => wheel(30, 80)], ["pan, between", pan]];
for (const [name, act] of acts) {
  const costs = await frames(act);
  const scale = await hook(page, "scale").innerText();
  console.log(`${name.padEnd(14)} ${String(costs.length).padStart(3)} frames, median ${at(costs, 0.5).toFixed(1)} ms, 95 % within ${at(costs, 0.95).toFixed(1)} ms, ends at ${scale}`);
}
await browser.close();
rmSync(folder, { recursive: true });
