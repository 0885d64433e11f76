// Every way in, from files to what is found in them.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { drop, hook, onPage, paste, phase, SMALL, useBrowser, withFiles, zipOf } from "./page.mjs";

useBrowser();

const tables = (page) => hook(page, "tree-table").evaluateAll((rows) => rows.map((row) => row.dataset.path));

for (const sample of ["bookshop", "helpdesk", "freight"]) {
  test(`the sample ${sample} opens in one click`, () =>
    onPage(async (page) => {
      await hook(page, `sample-${sample}`).click();
      await phase(page, "workspace");
      assert.ok((await tables(page)).length >= 8, "its tables are listed");
      assert.equal(await hook(page, "problem").count(), 0, "all of it is understood");
    }));
}

test("pasted text is analysed", () =>
  onPage(async (page) => {
    await paste(page, SMALL);
    await phase(page, "workspace");
    assert.deepEqual(await tables(page), ["public.author", "public.book"]);
  }));

test("a file can be dropped", () =>
  withFiles({ "schema.sql": SMALL }, (folder) =>
    onPage(async (page) => {
      await drop(page, [join(folder, "schema.sql")]);
      await phase(page, "workspace");
      assert.deepEqual(await tables(page), ["public.author", "public.book"]);
    })));

test("a folder can be dropped, and its files are read in their order", () =>
  withFiles(
    {
      "migrations/2_more.sql": "ALTER TABLE t ADD COLUMN b int;",
      "migrations/10_last.sql": "ALTER TABLE t RENAME COLUMN b TO c; CREATE TABLE late (id int);",
      "migrations/1_first.sql": "CREATE TABLE t (a int);",
      "migrations/.hidden.sql": "CREATE TABLE hidden (a int);",
    },
    (folder) =>
      onPage(async (page) => {
        await drop(page, [join(folder, "migrations")]);
        await phase(page, "workspace");
        assert.deepEqual(await tables(page), ["public.late", "public.t"]);
        assert.equal(await hook(page, "problem").count(), 0);
      }),
  ));

test("an archive can be dropped, beside a file", () =>
  withFiles({ "a.zip": zipOf({ "db/tables.sql": "CREATE TABLE in_zip (id int PRIMARY KEY);" }), "b.sql": "CREATE TABLE beside (id int);" }, (folder) =>
    onPage(async (page) => {
      await drop(page, [join(folder, "a.zip"), join(folder, "b.sql")]);
      await phase(page, "workspace");
      assert.deepEqual(await tables(page), ["public.beside", "public.in_zip"]);
    })));

test("an analysis can be cancelled", () =>
  onPage(async (page) => {
    const sql = Array.from({ length: 60_000 }, (_, n) => `CREATE TABLE t${n} (id int PRIMARY KEY, a text, b text);`).join("\n");
    await hook(page, "editor").evaluate((area, text) => {
      area.value = text;
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }, sql);
    await hook(page, "analyse").click();
    await hook(page, "cancel").click();
    await phase(page, "landing");
    // The next one works as if nothing had been.
    await paste(page, SMALL);
    await phase(page, "workspace");
    assert.equal((await tables(page)).length, 2);
  }, { allow: [] }));

test("hostile names are text and nothing else", () =>
  onPage(async (page) => {
    const name = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await paste(page, `CREATE TABLE "${name.replaceAll('"', '""')}" (id int, "line\nbreak" int, "🦀" int);`);
    await phase(page, "workspace");
    assert.match(await page.title(), /Relata/);
    assert.equal(await page.locator("img[src=x]").count(), 0);
    assert.ok((await hook(page, "tree-table").first().innerText()).includes("<img src=x"));
  }));

const corpus = join(process.env.RELATA_CORPUS ?? "../../../shared", "corpus/dev");
for (const [item, file, count] of [
  ["pg-pagila", "pagila-schema.sql", 22],
  ["pg-openstreetmap", null, 57],
  ["pg-sourcegraph-frontend", null, null],
]) {
  test(`${item} of the corpus opens`, { skip: !existsSync(corpus) && "no corpus" }, () => {
    const name = file ?? readFileSync(join(corpus, item, "LOAD_ORDER.txt"), "utf8").trim().split("\n")[0];
    const path = join(corpus, item, name);
    const truth = JSON.parse(readFileSync(join(corpus, item, "catalog.json"), "utf8"));
    const expected = Object.entries(truth.schemas).flatMap(([schema, s]) => Object.keys(s.tables ?? {}).map((t) => `${schema}.${t}`));
    assert.ok(count === null || expected.length === count);
    return onPage(async (page) => {
      await drop(page, [path]);
      await phase(page, "workspace");
      const score = await hook(page, "score").innerText();
      assert.match(score, /\d/);
      // A row filter proves that each table is there without scrolling through hundreds of rows.
      for (const table of expected.slice(0, 3)) {
        await hook(page, "tree-filter").fill(table.split(".")[1]);
        await page.locator(`[data-testid="tree-table"][data-path$="${table.split(".")[1]}"]`).first().waitFor();
      }
    });
  });
}
