// What a person is told when something is wrong.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { drop, hook, onPage, paste, phase, SMALL, useBrowser, withFiles } from "./page.mjs";

useBrowser();

/** Drops one file and expects a page that says why there is nothing to show, and a way back. */
function nothing(title, name, content, expected) {
  test(title, () =>
    withFiles({ [name]: content }, (folder) =>
      onPage(async (page) => {
        await drop(page, [join(folder, name)]);
        await phase(page, "nothing");
        await hook(page, "nothing").getByText(expected).first().waitFor();
        await hook(page, "start-over").first().click();
        await phase(page, "landing");
      }),
    ));
}

nothing("an empty file", "empty.sql", "", "empty.sql is empty.");
nothing("nothing but comments", "notes.sql", "-- nothing yet\n", "holds no statement, only comments and white space.");
nothing("a binary file", "image.sql", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]), "is a binary file, not text.");
nothing("a pg_dump archive", "backup.dump", Buffer.from("PGDMP\x01\x0e\0\x04", "latin1"), "pg_restore --schema-only");
nothing("a file that is no schema", "story.sql", "Once upon a time; there was a table.\n", "story.sql");
nothing("a broken archive", "broken.zip", "PK\x03\x04 this is not a zip archive", "broken.zip");

test("a broken statement costs one statement and is shown in its place", () =>
  onPage(async (page) => {
    await paste(page, `${SMALL}CREATE TABLE (;\nCREATE TABLE after (id int PRIMARY KEY);\n`);
    await phase(page, "workspace");
    const tables = await hook(page, "tree-table").evaluateAll((rows) => rows.map((row) => row.dataset.path));
    assert.deepEqual(tables, ["public.after", "public.author", "public.book"]);
  }));

test("when the worker dies, the page says so and goes on without the file", () =>
  onPage(
    async (page) => {
      await hook(page, "sample-bookshop").click();
      await phase(page, "workspace");
      const worker = page.workers()[0];
      assert.ok(worker, "the analysis runs in a worker");
      await worker.evaluate(() => {
        setTimeout(() => {
          throw new Error("broken on purpose");
        });
      });
      await phase(page, "died");
      assert.match(await hook(page, "died").innerText(), /broken on purpose/);
      await hook(page, "start-over").click();
      await phase(page, "landing");
      await paste(page, SMALL);
      await phase(page, "workspace");
    },
    { allow: [/broken on purpose/] },
  ));
