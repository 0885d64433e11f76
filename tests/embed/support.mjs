// What the tests of this folder share: a browser, a server of a few files, a page that is watched.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { launched, PATIENCE } from "../browser/shared.mjs";

export { hook, PATIENCE, phase, ready, withFiles, zipOf } from "../browser/shared.mjs";

export const launch = () => launched(chromium);

export const SMALL = `CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (id bigint PRIMARY KEY, title text NOT NULL,
  author_id bigint NOT NULL REFERENCES author (id));
CREATE TABLE loan (id bigint PRIMARY KEY, book_id bigint NOT NULL REFERENCES book (id));
`;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".sql": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

/**
 * Serves folders and texts on this machine: `{ "/element/": folder, "/page.html": "text" }`; a text may be `{ body, status, headers }`.
 * Gives `{ url, requests, close }`.
 */
export async function serve(places, headers = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    requests.push(path);
    const answer = (status, type, body, more = {}) => {
      response.writeHead(status, { "content-type": type, ...headers, ...more });
      response.end(body);
    };
    // Browsers ask for it unbidden.
    if (path === "/favicon.ico") return answer(204, "image/x-icon", "");
    const own = places[path];
    if (typeof own === "string" && !path.endsWith("/")) return answer(200, TYPES[extname(path)] ?? "text/plain", own);
    if (own && typeof own === "object") {
      return answer(own.status ?? 200, own.type ?? TYPES[extname(path)] ?? "text/plain", own.body ?? "", own.headers);
    }
    for (const [prefix, folder] of Object.entries(places)) {
      if (!prefix.endsWith("/") || typeof folder !== "string" || !path.startsWith(prefix)) continue;
      let file = join(folder, path.slice(prefix.length));
      if (await stat(file).then((s) => s.isDirectory(), () => false)) file = join(file, "index.html");
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes) return answer(200, TYPES[extname(file)] ?? "application/octet-stream", bytes);
    }
    return answer(404, "text/plain", "There is nothing here.\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs `body(page, watch)` on a fresh page at `url`; afterwards the console must be empty, and nothing may have gone to another host. */
export async function onPage(browser, url, body, { allow = [], hosts = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const watch = { said: [], requests: [] };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) watch.said.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => watch.said.push(`uncaught: ${error.message}`));
  context.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url())) watch.requests.push(request.url());
  });
  try {
    await page.goto(url);
    await body(page, watch);
    assert.deepEqual(watch.said.filter((line) => !allow.some((pattern) => pattern.test(line))), [], "the console stays empty");
    const allowed = [url, ...hosts].map((address) => new URL(address).origin);
    assert.deepEqual(watch.requests.filter((address) => !allowed.includes(new URL(address).origin)), [], "nothing goes to another host");
  } finally {
    await context.close();
  }
}
