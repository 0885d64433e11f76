// What is handed out, from load to unload: own files until it says that it is ready, and nothing after that. And all of it without a network.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { hook, launch, onPage, PATIENCE, phase, ready, serve, SMALL, withFiles } from "./support.mjs";

const DIST = process.env.RELATA_DIST;
const SINGLE = process.env.RELATA_SINGLE_FILE;
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function analyse(page) {
  await hook(page, "editor").fill(SMALL);
  await hook(page, "analyse").click();
  await phase(page, "workspace");
  assert.equal(await hook(page, "tree-table").count(), 3);
}

/** Saves something by the export menu and gives its text. */
async function exported(page, item) {
  await hook(page, "export").click();
  const [download] = await Promise.all([page.waitForEvent("download"), hook(page, item).click()]);
  return readFileSync(await download.path(), "utf8");
}

for (const [name, file] of [["the page", join(DIST, "index.html")], ["the page as one file", SINGLE]]) {
  test(`${name} has a policy that names no other host`, () => {
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(readFileSync(file, "utf8")) ?? [];
    assert.ok(policy, "it has one");
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /https?:|\*|'unsafe-inline'|'unsafe-eval'/);
    const connect = /connect-src ([^;]+)/.exec(policy)?.[1] ?? "'none'";
    assert.ok(["'self'", "'none'"].includes(connect.trim()), connect);
  });
}

test("the page: own files before it is ready, none from then to its end", async () => {
  const server = await serve({ "/sub/": DIST });
  try {
    await onPage(browser, `${server.url}sub/`, async (page) => {
      await ready(page);
      const before = server.requests.length;
      assert.ok(server.requests.every((path) => path.startsWith("/sub/") || path === "/favicon.ico"), server.requests.join());
      await analyse(page);
      assert.match(await exported(page, "export-html"), /^<!doctype html>/);
      await page.goto("about:blank");
      assert.deepEqual(server.requests.slice(before), []);
    });
  } finally {
    await server.close();
  }
});

test("the page as one file asks for nothing but itself, and hands over an analysis that asks for nothing either", async () => {
  const url = pathToFileURL(SINGLE).href;
  let handed;
  await onPage(browser, url, async (page, watch) => {
    await ready(page);
    await analyse(page);
    handed = await exported(page, "export-one-file");
    assert.deepEqual(watch.requests, [url]);
  }, { offline: true });
  await withFiles({ "analysis.html": handed }, async (folder) => {
    const file = join(folder, "analysis.html");
    await onPage(browser, pathToFileURL(file).href, async (page, watch) => {
      assert.ok(await page.locator("figure.diagram svg").isVisible(), "the diagram");
      assert.ok(await page.getByRole("heading", { name: /Findings/ }).first().isVisible());
      await page.locator("details.source summary").click();
      assert.match(await page.locator("details.source pre").textContent(), /CREATE TABLE loan \(id bigint PRIMARY KEY/);
      assert.equal(watch.requests.length, 1);
    }, { offline: true, javaScriptEnabled: false });
  });
});

test("the element: its own files and its source, none once it is ready", async () => {
  const server = await serve({
    "/element/": join(DIST, "element"),
    "/schema.sql": SMALL,
    "/page.html": `<!doctype html><script type="module" src="element/relata-schema.js"></script><relata-schema src="schema.sql" view="diagram report"></relata-schema>`,
  });
  try {
    await onPage(browser, `${server.url}page.html`, async (page) => {
      await page.locator("relata-schema .canvas svg").waitFor();
      const before = server.requests.length;
      await page.locator("relata-schema").getByRole("tab", { name: "Report" }).click();
      await page.locator("relata-schema .report h1").waitFor();
      await page.goto("about:blank");
      assert.deepEqual(server.requests.slice(before), []);
    });
  } finally {
    await server.close();
  }
});

/** A context of its own for visits that follow each other, with a server that can be switched off. */
async function visits(places, body) {
  const server = await serve(places);
  const context = await browser.newContext();
  const visit = async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(`${server.url}sub/`);
    await ready(page);
    return page;
  };
  try {
    await body(visit, server, context);
  } finally {
    await context.close();
    await server.close().catch(() => {});
  }
}

test("after the first visit the page works without a network, whatever stands behind its address", () =>
  visits({ "/sub/": DIST }, async (visit, server, context) => {
    await (await visit()).close();
    await server.close();
    const page = await visit();
    await analyse(page);
    await page.goto(`${server.url}sub/index.html?x=1#y`);
    await ready(page);
    assert.equal(context.pages().length, 1);
  }));

test("the page can be installed: its manifest is sound, and its icons are there", async () => {
  const server = await serve({ "/sub/": DIST });
  try {
    await onPage(browser, `${server.url}sub/`, async (page) => {
      const session = await page.context().newCDPSession(page);
      const { url, errors, data } = await session.send("Page.getAppManifest");
      assert.deepEqual(errors, []);
      const manifest = JSON.parse(data);
      assert.equal(new URL(manifest.start_url, url).href, `${server.url}sub/`);
      assert.equal(new URL(manifest.scope, url).href, `${server.url}sub/`);
      for (const { src } of manifest.icons) assert.equal((await fetch(new URL(src, url))).status, 200, src);
      await ready(page);
    });
  } finally {
    await server.close();
  }
});

test("a newer version is announced and never forced", () => {
  const changed = readFileSync(join(DIST, "sw.js"), "utf8").replace(/const DIGEST = "[^"]+"/, 'const DIGEST = "newer"');
  const places = { "/sub/": DIST };
  return visits(places, async (visit) => {
    await (await visit()).close();
    const old = await visit();
    assert.equal(await hook(old, "update").count(), 0, "the same version is nothing new");
    places["/sub/sw.js"] = changed;
    const page = await visit();
    await hook(page, "update").waitFor();
    assert.match(await hook(page, "update").textContent(), /newer version/);
    const kept = () => page.evaluate(() => caches.keys());
    assert.equal((await kept()).length, 2, "both are kept while one is in use");
    await analyse(page);
    await hook(page, "update").getByRole("button", { name: "Later" }).click();
    await page.reload();
    await ready(page);
    await hook(page, "update").getByRole("button", { name: "Go over" }).click();
    await page.waitForFunction(async () => /^relata \S+\/sub\/ newer$/.test((await caches.keys()).join()));
    await ready(page);
    assert.equal(await hook(page, "update").count(), 0);
  });
});

test("two copies of one build under two paths of one host keep to themselves", async () => {
  const places = { "/sub/": DIST, "/other/": DIST };
  const server = await serve(places);
  const context = await browser.newContext();
  const visit = async (path) => {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(server.url + path);
    await ready(page);
    await page.waitForFunction(() => navigator.serviceWorker.ready.then((r) => r.active.state === "activated"));
    return page;
  };
  try {
    await (await visit("sub/")).close();
    await (await visit("other/")).close();
    places["/sub/sw.js"] = readFileSync(join(DIST, "sw.js"), "utf8").replace(/const DIGEST = "[^"]+"/, 'const DIGEST = "newer"');
    const page = await visit("sub/");
    await hook(page, "update").getByRole("button", { name: "Go over" }).click();
    const names = () => page.evaluate(() => caches.keys());
    await page.waitForFunction(async () => (await caches.keys()).every((name) => !name.includes("/sub/ ") || name.endsWith(" newer")));
    await ready(page);
    assert.deepEqual((await names()).map((name) => new URL(name.split(" ")[1]).pathname).sort(), ["/other/", "/sub/"]);
    // What the other copy keeps is whole: it opens from there.
    await server.close();
    await analyse(await visit("other/"));
  } finally {
    await context.close();
    await server.close().catch(() => {});
  }
});

for (const [what, script] of [
  ["storage is denied", () => {
    Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("denied", "SecurityError"); } });
    Object.defineProperty(window, "caches", { get: () => { throw new DOMException("denied", "SecurityError"); } });
    navigator.serviceWorker.register = () => Promise.reject(new DOMException("denied", "SecurityError"));
  }],
  ["storage is full", () => {
    Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
  }],
  ["an old or broken state is stored", () => {
    for (const key of ["relata", "relata.prefs", "relata-prefs"]) localStorage.setItem(key, '{"version":0,"theme":7');
  }],
]) {
  test(`the page works when ${what}`, async () => {
    const server = await serve({ "/sub/": DIST });
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const said = [];
      page.on("pageerror", (error) => said.push(error.message));
      await page.addInitScript(script);
      await page.goto(`${server.url}sub/`);
      await ready(page);
      await analyse(page);
      await hook(page, "theme").click();
      assert.deepEqual(said, []);
    } finally {
      await context.close();
      await server.close();
    }
  });
}
