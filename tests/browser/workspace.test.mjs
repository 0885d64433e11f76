// The workspace: files that change while it is open, and what a reload finds again.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { drop, frames, hook, kept, onPage, paste, phase, rested, SMALL, URL_OF_PAGE, useBrowser, withFiles } from "./page.mjs";
import { CHAIN, schema } from "./schemas.mjs";

useBrowser();

const tables = (page) => hook(page, "tree-table").evaluateAll((rows) => rows.map((row) => row.dataset.path));
const waitTables = (page, n) => page.waitForFunction((n) => document.querySelectorAll('[data-testid="tree-table"]').length === n, n);
const ready = (page) => page.locator('[data-testid="app"][data-ready="true"]').waitFor();

test("what is typed is analysed behind the workspace, which keeps its selection and its place", () =>
  onPage(async (page) => {
    await paste(page, SMALL);
    await phase(page, "workspace");
    await page.locator('[data-path="public.book"]').click();
    await hook(page, "tree-edit").first().click();
    const field = hook(page, "edit-text");
    await field.press("Control+End");
    await field.pressSequentially("\nCREATE TABLE shelf (id int PRIMARY KEY);");
    await waitTables(page, 3);
    assert.deepEqual(await tables(page), ["public.author", "public.book", "public.shelf"]);
    assert.equal(await hook(page, "inspector-title").locator("code").getAttribute("title"), "book");
    // A comment is no schema, but nothing is taken away for it.
    await field.fill("-- once more\n");
    await hook(page, "edit-said").filter({ hasText: "no schema" }).waitFor();
    assert.equal(await hook(page, "app").getAttribute("data-phase"), "workspace");
    await field.fill(SMALL);
    await waitTables(page, 2);
    await field.press("Escape");
    await hook(page, "edit-pane").waitFor({ state: "detached" });
  }));

for (const [way, leave] of [["Escape", (page) => page.keyboard.press("Escape")], ["the button", (page) => hook(page, "close-editor").click()]]) {
  test(`what was typed last is not lost when the editor is closed by ${way}`, () =>
    onPage(async (page) => {
      // Hands that never rest: the editor's own time stands still.
      await page.clock.install();
      await paste(page, SMALL);
      await phase(page, "workspace");
      await hook(page, "tree-edit").first().click();
      await hook(page, "edit-text").press("Control+End");
      await page.clock.pauseAt(Date.now() + 3_600_000);
      await page.keyboard.insertText("\nCREATE TABLE shelf (id int PRIMARY KEY);");
      await leave(page);
      await page.clock.resume();
      await waitTables(page, 3);
      await hook(page, "edit-pane").waitFor({ state: "detached" });
    }));
}

test("typing costs no analysis for each key", () =>
  withFiles({ "schema.sql": schema(200) }, (folder) =>
    onPage(async (page) => {
      await page.evaluate(() => {
        window.started = 0;
        const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, ...rest) {
          if (message?.message?.start) window.started += 1;
          return post.call(this, message, ...rest);
        };
      });
      await drop(page, [join(folder, "schema.sql")]);
      await phase(page, "workspace");
      await hook(page, "tree-edit").first().click();
      const field = hook(page, "edit-text");
      await field.press("Control+End");
      const typed = "\nCREATE TABLE late (id int PRIMARY KEY);";
      await field.pressSequentially(typed, { delay: 10 });
      await waitTables(page, 201);
      const started = await page.evaluate(() => window.started);
      assert.ok(started <= typed.length / 2, `${started} analyses for ${typed.length} keys`);
      assert.ok((await field.inputValue()).endsWith(typed));
    })));

test("files are added and removed without starting over", () =>
  withFiles({ "more.sql": "CREATE TABLE extra (id int PRIMARY KEY);" }, (folder) =>
    onPage(async (page) => {
      await paste(page, SMALL);
      await phase(page, "workspace");
      await page.locator('[data-path="public.author"]').click();
      await hook(page, "add-files").click();
      await hook(page, "dialog-files").locator('[data-testid="pick-files"]').setInputFiles(join(folder, "more.sql"));
      await waitTables(page, 3);
      assert.equal(await hook(page, "inspector-title").locator("code").getAttribute("title"), "author");
      await hook(page, "project").click();
      await hook(page, "remove-file").last().click();
      await waitTables(page, 2);
    })));

test("a folder of documents is looked into", () =>
  withFiles({ "docs/schema.md": "# Schema\n\n## book\n\n| Column | Type | Null |\n|---|---|---|\n| id | bigint | no |\n| title | text | no |\n", "docs/schema.sql": SMALL }, (folder) =>
    onPage(async (page) => {
      await drop(page, [join(folder, "docs")]);
      await phase(page, "workspace");
      const files = await hook(page, "tree-file").evaluateAll((all) => all.map((e) => e.innerText.trim()));
      assert.ok(files.some((f) => f.includes("schema.md")), String(files));
    })));

test("a reload opens what was open, and forgetting everything forgets it", () =>
  onPage(
    async (page, watch) => {
      await paste(page, CHAIN);
      await phase(page, "workspace");
      await page.locator('[data-path="public.b"]').click();
      await hook(page, "pin").click();
      await hook(page, "lens").selectOption("severity");
      await kept(page);
      // Requests of a reload are not late ones.
      watch.ready = false;
      await page.reload();
      await ready(page);
      await phase(page, "workspace");
      await waitTables(page, 5);
      watch.ready = true;
      assert.equal(await hook(page, "lens").inputValue(), "severity");
      await page.locator('[data-testid="inspector-title"] code[title="b"]').waitFor();
      await hook(page, "pin").and(page.locator('[aria-pressed="true"]')).waitFor();
      await page.keyboard.press("Control+k");
      await hook(page, "palette-input").fill("forget everything");
      await page.keyboard.press("Enter");
      await phase(page, "landing");
      await kept(page);
      watch.ready = false;
      await page.reload();
      await ready(page);
      await phase(page, "landing");
      watch.ready = true;
      assert.equal(await hook(page, "offer").count(), 0);
    },
  ));

test("another tab is offered what an earlier one had", () =>
  onPage(async (page, watch) => {
    await paste(page, SMALL);
    await phase(page, "workspace");
    await kept(page);
    watch.ready = false;
    const other = await page.context().newPage();
    await other.goto(URL_OF_PAGE);
    await ready(other);
    watch.ready = true;
    await hook(other, "resume").click();
    await phase(other, "workspace");
    await waitTables(other, 2);
  }));

test("where the browser keeps nothing the page works, and says so where files are", () =>
  onPage(async (page, watch) => {
    await page.addInitScript(() => Object.defineProperty(window, "indexedDB", { get: () => null }));
    watch.ready = false;
    await page.reload();
    await ready(page);
    watch.ready = true;
    await paste(page, SMALL);
    await phase(page, "workspace");
    await hook(page, "project").click();
    await hook(page, "not-kept").filter({ hasText: "keeps nothing for this page" }).waitFor();
  }));

test("a full storage is said, and nothing else happens", () =>
  onPage(async (page, watch) => {
    await page.addInitScript(() => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...args) {
        if (this.name === "files") throw new DOMException("full", "QuotaExceededError");
        return put.apply(this, args);
      };
    });
    watch.ready = false;
    await page.reload();
    await ready(page);
    watch.ready = true;
    await paste(page, SMALL);
    await phase(page, "workspace");
    await kept(page);
    await hook(page, "project").click();
    await hook(page, "not-kept").filter({ hasText: "no room left" }).waitFor();
  }));

/** Reloads, and waits until the page stands there as it says. */
async function reload(page, watch, then) {
  watch.ready = false;
  await page.reload();
  await ready(page);
  await phase(page, then);
  watch.ready = true;
}

/** Something that is to be kept changes: files are not among it. */
async function change(page) {
  await hook(page, "lens").selectOption("severity");
  await kept(page);
}

test("what a full storage refused is kept once there is room", () =>
  onPage(async (page, watch) => {
    await page.evaluate(() => {
      window.full = true;
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...args) {
        if (this.name === "files" && window.full) throw new DOMException("full", "QuotaExceededError");
        return put.apply(this, args);
      };
    });
    await paste(page, SMALL);
    await phase(page, "workspace");
    await kept(page);
    await page.evaluate(() => { window.full = false; });
    await change(page);
    await reload(page, watch, "workspace");
    await waitTables(page, 2);
  }));

test("what another tab forgot is kept again", () =>
  onPage(async (page, watch) => {
    await paste(page, SMALL);
    await phase(page, "workspace");
    await kept(page);
    await page.evaluate(() => new Promise((over, failed) => {
      const request = indexedDB.deleteDatabase("relata");
      request.onsuccess = over;
      request.onerror = failed;
    }));
    await change(page);
    await reload(page, watch, "workspace");
    await waitTables(page, 2);
  }));

test("a kept project whose files are gone is neither opened nor offered", () =>
  onPage(async (page, watch) => {
    await paste(page, SMALL);
    await phase(page, "workspace");
    await kept(page);
    await page.evaluate(() => new Promise((over, failed) => {
      const opening = indexedDB.open("relata");
      opening.onerror = failed;
      opening.onsuccess = () => {
        const db = opening.result;
        const transaction = db.transaction("files", "readwrite");
        transaction.objectStore("files").clear();
        transaction.onabort = failed;
        transaction.oncomplete = () => { db.close(); over(); };
      };
    }));
    await reload(page, watch, "landing");
    assert.equal(await hook(page, "offer").count(), 0);
  }));

test("a followed folder is analysed again when a file of it changes", () =>
  onPage(async (page, watch) => {
    // The browser's private file system stands for a folder of the machine: it has the same interface, and no picker.
    await page.addInitScript((sql) => {
      window.showDirectoryPicker = async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("migrations", { create: true });
        window.write = async (name, text) => {
          const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
          await file.write(text);
          await file.close();
        };
        window.erase = (name) => folder.removeEntry(name);
        await window.write("1_first.sql", sql);
        return folder;
      };
    }, SMALL);
    watch.ready = false;
    await page.reload();
    await ready(page);
    watch.ready = true;
    await hook(page, "follow-folder").click();
    await phase(page, "workspace");
    await waitTables(page, 2);
    await page.evaluate(() => window.write("2_second.sql", "CREATE TABLE shelf (id int PRIMARY KEY);"));
    await waitTables(page, 3);
    await page.evaluate(() => window.write("2_second.sql", "CREATE TABLE shelf (id int PRIMARY KEY); CREATE TABLE room (id int PRIMARY KEY);"));
    await waitTables(page, 4);
    await page.evaluate(() => window.erase("2_second.sql"));
    await waitTables(page, 2);
    await hook(page, "project").click();
    await hook(page, "unfollow").click();
    await hook(page, "following").waitFor({ state: "detached" });
  }));

test("nothing moves when the results come", () =>
  onPage(async (page) => {
    await page.evaluate(() => {
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await hook(page, "sample-helpdesk").click();
    await phase(page, "workspace");
    await page.locator('[data-testid="diagram"]:not([data-tables="0"])').waitFor();
    await rested(page);
    for (const view of ["findings", "list", "report", "diagram"]) {
      await hook(page, `view-${view}`).click();
      await hook(page, view).waitFor();
      await frames(page);
    }
    const shift = await page.evaluate(() => window.shift);
    // Web Vitals call up to 0.1 good.
    assert.ok(shift < 0.1, `a layout shift of ${shift}`);
  }));
