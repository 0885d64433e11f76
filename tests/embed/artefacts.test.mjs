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
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types relata$/);
  });
}

/** Tries what Trusted Types forbid, and gives what the browser says of each: a policy that is there and does nothing would pass all of it. */
const forbidden = (page) =>
  page.evaluate(() => {
    const tries = {
      markup: () => (document.createElement("p").innerHTML = "<b>x</b>"),
      document: () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
      worker: () => new Worker(URL.createObjectURL(new Blob([""]))),
      script: () => (document.createElement("script").src = "data:,"),
      policy: () => trustedTypes.createPolicy("another", {}),
    };
    return Object.fromEntries(
      Object.entries(tries).map(([name, attempt]) => {
        try {
          attempt();
          return [name, "it passed"];
        } catch (error) {
          return [name, error.name];
        }
      }),
    );
  });
const REFUSED = { markup: "TypeError", document: "TypeError", worker: "TypeError", script: "TypeError", policy: "TypeError" };
/** The browser tells each of them on the console, too. */
const TOLD = [/Trusted(HTML|Script|Type)/];

test("no text becomes markup or a script in the page: the browser's Trusted Types see to it", async () => {
  const server = await serve({ "/sub/": DIST });
  try {
    for (const url of [`${server.url}sub/`, pathToFileURL(SINGLE).href]) {
      await onPage(browser, url, async (page) => {
        await ready(page);
        assert.deepEqual(await forbidden(page), REFUSED, url);
        // And all of its own still works.
        await analyse(page);
      }, { allow: TOLD });
    }
  } finally {
    await server.close();
  }
});

test("a browser that cannot unpack the page as one file is told so", async () => {
  const url = pathToFileURL(SINGLE).href;
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(() => delete globalThis.DecompressionStream);
    await page.goto(url);
    await page.getByText(/could not be started: .*DecompressionStream/).waitFor();
  } finally {
    await context.close();
  }
});

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
    // The samples are in the file, too.
    await hook(page, "sample-helpdesk").click();
    await phase(page, "workspace");
    assert.ok((await hook(page, "tree-table").count()) >= 8);
    await page.reload();
    await ready(page);
    await analyse(page);
    handed = await exported(page, "export-one-file");
    assert.deepEqual(watch.requests, [url, url]);
  }, { offline: true });
  // Its own script, let through by hash, sorts and filters; all that there is to read is there without it.
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(handed) ?? [];
  assert.match(policy, /^default-src 'none';.*script-src 'sha256-[\w+/]+='/);
  assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'$/);
  assert.doesNotMatch(policy, /https?:|\*|'self'|connect-src|script-src[^;]*'unsafe/);
  await withFiles({ "analysis.html": handed }, async (folder) => {
    const address = pathToFileURL(join(folder, "analysis.html")).href;
    for (const javaScriptEnabled of [false, true]) {
      await onPage(browser, address, async (page, watch) => {
        assert.ok(await page.locator("figure.diagram svg").first().isVisible(), "the diagram");
        assert.ok(await page.getByRole("heading", { name: /Findings/ }).first().isVisible());
        assert.equal((await page.locator("button.sort").count()) > 0, javaScriptEnabled, "the script runs where scripts do");
        if (javaScriptEnabled) {
          await page.locator("button.sort").first().click();
          await page.locator('th[aria-sort="ascending"]').first().waitFor();
          assert.deepEqual(await forbidden(page), REFUSED);
        }
        await page.locator("details.source summary").first().click();
        assert.match(await page.locator("details.source pre").first().textContent(), /CREATE TABLE loan \(id bigint PRIMARY KEY/);
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        assert.deepEqual(watch.requests, [address]);
      }, { javaScriptEnabled, allow: TOLD });
    }
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

/** Goes over to the newer version: the page loads itself anew as soon as that one has taken over, not at once. */
async function goOver(page) {
  const anew = page.waitForEvent("load");
  await hook(page, "update").getByRole("button", { name: "Go over" }).click();
  await anew;
}

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
    await goOver(page);
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
    await goOver(page);
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

/** What stands at the host's root for these tests: a page that only leaves something in the storage. */
const SEED = "<!doctype html><title>seed</title>";

for (const [what, { init, seed, worker = "", words }] of [
  ["storage is denied", {
    init: () => {
      const denied = () => {
        throw new DOMException("denied", "SecurityError");
      };
      for (const name of ["localStorage", "sessionStorage", "caches"]) Object.defineProperty(window, name, { get: denied });
      Object.defineProperty(window, "indexedDB", { get: () => null });
      navigator.serviceWorker.register = () => Promise.reject(new DOMException("denied", "SecurityError"));
    },
  }],
  ["its databases alone are denied", { init: () => Object.defineProperty(window, "indexedDB", { get: () => null }), words: "keeps nothing for this page" }],
  ["storage is full", {
    init: () => {
      const full = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
      const { setItem } = Storage.prototype;
      // The session's storage has a room of its own.
      Storage.prototype.setItem = function (...args) {
        return this === localStorage ? full() : setItem.apply(this, args);
      };
      IDBObjectStore.prototype.put = full;
    },
    // Where the files for use without a network are kept.
    worker: 'Cache.prototype.addAll = () => Promise.reject(new DOMException("full", "QuotaExceededError"));\n',
    words: "no room left",
  }],
  ["what is stored is of a newer version, or broken", {
    seed: () => {
      localStorage.setItem("relata", '{"version":0,"theme":7');
      return new Promise((resolve, reject) => {
        const request = indexedDB.open("relata", 99);
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
      });
    },
    words: "of a newer version of this page",
  }],
]) {
  test(`the page works when ${what}${words ? ", and says so where files are" : ""}`, async () => {
    const script = worker + readFileSync(join(DIST, "sw.js"), "utf8");
    const server = await serve({ "/sub/": DIST, "/sub/sw.js": script, "/seed.html": SEED });
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const said = [];
      page.on("pageerror", (error) => said.push(error.message));
      await page.goto(`${server.url}seed.html`);
      if (seed) await page.evaluate(seed);
      if (init) await page.addInitScript(init);
      await page.goto(`${server.url}sub/`);
      await ready(page);
      await analyse(page);
      await hook(page, "theme").click();
      if (words) {
        await hook(page, "project").click();
        await hook(page, "not-kept").filter({ hasText: words }).waitFor();
      }
      // The second visit has what the first one could not keep.
      await page.goto(`${server.url}sub/`);
      await ready(page);
      if (worker) assert.equal(await page.evaluate(() => navigator.serviceWorker.controller), null, "nothing is kept, nothing stands in front of the host");
      assert.deepEqual(said, []);
    } finally {
      await context.close();
      await server.close();
    }
  });
}
