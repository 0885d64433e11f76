// What the browser tests share: one browser for a file of tests, a fresh page for each test, and what must hold on every page whatever the test:
// nothing on the console, no request once the page has said that it is ready, none to another host ever.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { hook, launched, PATIENCE, ready } from "./shared.mjs";

export { hook, PATIENCE, phase, withFiles, zipOf } from "./shared.mjs";

export const URL_OF_PAGE = process.env.RELATA_URL ?? "http://localhost:8137/";

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

export const launch = () => launched(chromium);

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
    await ready(page);
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

/** A small schema with one certain defect: a foreign key without an index, on line 3. */
export const SMALL = `CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (id bigint PRIMARY KEY, title text NOT NULL,
  author_id bigint NOT NULL REFERENCES author (id));
`;
