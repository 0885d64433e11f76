// What the browser tests share: one browser for a file of tests, a fresh page for each test, and what must hold on every page whatever the test:
// nothing on the console, no request once the page has said that it is ready, none to another host ever.

import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

export const URL_OF_PAGE = process.env.RELATA_URL ?? "http://localhost:8137/";
/** Generous: the machine may be busy, and a test that waits in vain fails anyway. */
export const PATIENCE = 60_000;

let browser;

/** Starts the browser before a file's tests and ends it after them. */
export function useBrowser() {
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
  });
}

/** Chromium with nothing of its own to say to the network. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Runs `body(page, watch)` on a fresh page that has said it is ready, and then checks what must always hold. */
export async function onPage(body, { url = URL_OF_PAGE, allow = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const watch = { said: [], requests: [], ready: false };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") watch.said.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => watch.said.push(`uncaught: ${error.message}`));
  context.on("request", (request) => {
    const address = request.url();
    if (!/^(blob|data):/.test(address)) watch.requests.push({ address, late: watch.ready });
  });
  try {
    await page.goto(url);
    await page.locator('[data-testid="app"][data-ready="true"]').waitFor();
    watch.ready = true;
    await body(page, watch);
    const origin = new URL(url).origin;
    assert.deepEqual(watch.said.filter((line) => !allow.some((pattern) => pattern.test(line))), [], "the console stays empty");
    assert.deepEqual(watch.requests.filter((r) => r.late).map((r) => r.address), [], "no request once the page is ready");
    const foreign = watch.requests.map((r) => r.address).filter((a) => new URL(a).origin !== origin);
    assert.deepEqual(foreign, [], "no request to another host");
  } finally {
    await context.close();
  }
}

/** The locator of a hook. */
export const hook = (page, name) => page.locator(`[data-testid="${name}"]`);

/** Waits until the page is in a phase: landing, working, workspace, nothing, died. */
export const phase = (page, name) => page.locator(`[data-testid="app"][data-phase="${name}"]`).waitFor();

/** Waits until the next frames are drawn. */
export const frames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Waits until the diagram is drawn and flies nowhere. */
export async function rested(page) {
  await frames(page);
  await page.locator('[data-testid="canvas"][data-flying="false"]').waitFor();
}

/** Waits until all that a reload needs is kept. */
export async function kept(page) {
  await frames(page);
  await page.locator('[data-testid="app"][data-kept="true"]').waitFor();
}

/** Puts text into the editor and analyses it. */
export async function paste(page, sql) {
  await hook(page, "editor").fill(sql);
  await hook(page, "analyse").click();
}

/** Drops files and folders of this machine onto the page, as a hand would: through the browser's own drag events. */
export async function drop(page, paths, { x = 700, y = 400 } = {}) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x, y, data });
  }
  await session.detach();
}

/** A temporary folder with these files (`{path: text or bytes}`), gone after `body(folder)`. */
export async function withFiles(files, body) {
  const folder = mkdtempSync(join(tmpdir(), "relata-page-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes of a zip archive with these files, stored without compression (APPNOTE.TXT, 4.3). */
export function zipOf(files) {
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [title, body] = [Buffer.from(name), Buffer.from(text)];
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt32LE(crc32(body), 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(body.length, 18);
    fields.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, title, body]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, tail, title]));
    locals.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, index, Buffer.from("PK\x05\x06"), end]);
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A small schema with one certain defect: a foreign key without an index, on line 3. */
export const SMALL = `CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (id bigint PRIMARY KEY, title text NOT NULL,
  author_id bigint NOT NULL REFERENCES author (id));
`;
