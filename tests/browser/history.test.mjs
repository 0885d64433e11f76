// The history of a schema: the list of revisions, going to one, and the way back.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { drop, hook, onPage, paste, phase, SMALL, useBrowser, withFiles } from "./page.mjs";

useBrowser();

/** Four revisions for Flyway: two tables, a change, a third table and a column that goes. */
const FLYWAY = {
  "db/V1__people.sql": "CREATE TABLE person (id bigint PRIMARY KEY, name text NOT NULL, nick text);",
  "db/V2__orders.sql": "CREATE TABLE purchase (id bigint PRIMARY KEY, person_id bigint NOT NULL REFERENCES person (id));",
  "db/V3__index.sql": "CREATE INDEX purchase_person_id ON purchase (person_id);\nALTER TABLE person ALTER COLUMN name TYPE varchar(200);",
  "db/V4__items.sql": "CREATE TABLE item (id bigint PRIMARY KEY);\nALTER TABLE person DROP COLUMN nick;",
};

/** Alembic with a branch: `b` and `c` both follow `a`, `d` merges them. */
const alembic = (id, down, up) => `"""${id} step

Revision ID: ${id}
Revises: ${down}
"""
from alembic import op
import sqlalchemy as sa

revision = "${id}"
down_revision = ${down}


def upgrade():
    ${up}


def downgrade():
    pass
`;
const table = (name) => `op.create_table("${name}", sa.Column("id", sa.Integer(), primary_key=True))`;
const BRANCHED = {
  "versions/a_one.py": alembic("a", "None", table("one")),
  "versions/b_two.py": alembic("b", '"a"', table("two")),
  "versions/c_three.py": alembic("c", '"a"', table("three")),
  "versions/d_merge.py": alembic("d", '("b", "c")', "pass"),
};

const tables = (page) => hook(page, "tree-table").evaluateAll((rows) => rows.map((row) => row.dataset.path));
const at = (page, n) => page.locator(`[data-testid="timebar"][data-revision="${n}"][data-moving="false"]`).waitFor();
const drawn = (page, n) => page.locator(`[data-testid="diagram"][data-tables="${n}"]`).waitFor({ state: "attached" });
const shot = async (page, name) => {
  if (!process.env.SHOTS) return;
  mkdirSync(process.env.SHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
};

/** Drops a folder of `files` and runs `body` in the workspace. */
const withHistory = (files, folder, body, options) =>
  withFiles(files, (home) =>
    onPage(async (page) => {
      await drop(page, [join(home, folder)], { x: 150, y: 300 });
      await phase(page, "workspace");
      await body(page);
    }, options),
  );

test("a dump has no history to show", () =>
  onPage(async (page) => {
    await paste(page, SMALL);
    await phase(page, "workspace");
    assert.equal(await hook(page, "view-history").count(), 0);
    assert.equal(await hook(page, "timebar").count(), 0);
  }));

test("every revision is listed, and the diagram, the tables and the findings follow the one that is chosen", () =>
  withHistory(FLYWAY, "db", async (page) => {
    await drawn(page, 3);
    await hook(page, "view-history").click();
    await hook(page, "revision").nth(3).waitFor();
    const ids = await hook(page, "revision").evaluateAll((rows) => rows.map((row) => row.dataset.id));
    assert.deepEqual(ids, ["V1", "V2", "V3", "V4"]);
    await shot(page, "history-light");
    await hook(page, "revision").nth(1).click();
    await at(page, 2);
    assert.match(await hook(page, "as-of").innerText(), /As of\s*V2/);
    await page.locator('[data-testid="change"][data-path="public.purchase"][data-change="created"]').waitFor();
    await hook(page, "view-diagram").click();
    await drawn(page, 2);
    assert.deepEqual(await tables(page), ["public.person", "public.purchase"]);
    await shot(page, "as-of-light");
    await hook(page, "view-findings").click();
    // The foreign key has no index before revision 3.
    await page.locator('[data-testid="finding"][data-rule="foreign-key-not-indexed"], [data-rule="foreign-key-not-indexed"]').first().waitFor();
    await hook(page, "back-to-latest").click();
    await hook(page, "back-to-latest").waitFor({ state: "detached" });
    await hook(page, "view-diagram").click();
    await drawn(page, 3);
    assert.deepEqual(await tables(page), ["public.item", "public.person", "public.purchase"]);
  }));

test("what a revision changed is shown with before and after, its object and its line", () =>
  withHistory(FLYWAY, "db", async (page) => {
    await hook(page, "view-history").click();
    await hook(page, "revision").nth(2).click();
    const change = page.locator('[data-testid="change"][data-path="public.person.name"]');
    await change.waitFor();
    assert.equal(await change.getAttribute("data-change"), "altered");
    assert.match(await change.locator(".rl-was").innerText(), /text/);
    assert.match(await change.locator(".rl-is").innerText(), /varying|varchar/);
    await change.locator('[data-testid="place"]').click();
    assert.match(await hook(page, "mark").first().innerText(), /ALTER TABLE person/);
    await change.locator('[data-testid="change-object"]').click();
    await page.locator('[data-testid="inspector-title"]').waitFor();
    await drawn(page, 2);
  }));

test("the list is walked with the keyboard, and Enter opens the diagram as of then", () =>
  withHistory(FLYWAY, "db", async (page) => {
    await hook(page, "view-history").click();
    await page.locator('[data-testid="revision"][aria-selected="true"]').focus();
    await page.keyboard.press("ArrowUp");
    await at(page, 3);
    await page.keyboard.press("Home");
    await at(page, 1);
    const focused = await page.evaluate(() => document.activeElement.dataset.id);
    assert.equal(focused, "V1", "the focus goes along");
    await page.keyboard.press("Enter");
    await drawn(page, 1);
    await hook(page, "revision-slider").focus();
    await page.keyboard.press("End");
    await at(page, 4);
    await drawn(page, 3);
  }));

test("a history with a branch is drawn in lanes", () =>
  withHistory(BRANCHED, "versions", async (page) => {
    await hook(page, "view-history").click();
    await hook(page, "revision").nth(3).waitFor();
    const lanes = await page.locator(".rl-lane-point").evaluateAll((points) => new Set(points.map((p) => p.getAttribute("cx"))).size);
    assert.equal(lanes, 2);
    assert.equal(await page.getByText("head", { exact: true }).count(), 1);
    await shot(page, "branches-light");
    await hook(page, "revision").nth(1).click();
    await at(page, 2);
    // Alembic's own table comes with the first revision.
    assert.deepEqual(await tables(page), ["public.alembic_version", "public.one", "public.two"]);
  }));

test("the layout can be corrected", () =>
  withHistory({ "m/1_a.up.sql": "CREATE TABLE a (id int PRIMARY KEY);", "m/2_b.up.sql": "CREATE TABLE b (id int PRIMARY KEY);" }, "m", async (page) => {
    await hook(page, "target").click();
    await shot(page, "dialog-light");
    await hook(page, "layout").selectOption("numbered");
    await phase(page, "workspace");
    await page.getByText("numbered files", { exact: false }).first().waitFor();
    await hook(page, "target").click();
    assert.equal(await hook(page, "layout").inputValue(), "numbered");
  }));

test("what a folder is about comes first, and the rest of it is one click away", () =>
  withHistory({ "a_server.sql": "CREATE ROLE reader;\nCREATE SCHEMA auth;\nCREATE TABLE auth.users (id int PRIMARY KEY);", "m/migrations/1_a.up.sql": "CREATE TABLE a (id int PRIMARY KEY);", "m/migrations/2_b.up.sql": "CREATE TABLE b (id int PRIMARY KEY);\nCREATE TABLE c (id int PRIMARY KEY);" }, ".", async (page) => {
    assert.deepEqual(await tables(page), ["public.a", "public.b", "public.c"]);
    assert.match(await hook(page, "target").textContent(), /^1 of 2 /);
    await hook(page, "target").click();
    await shot(page, "dialog-of-two-light");
    await page.getByRole("button", { name: "dump (PostgreSQL, 1 table, 1 file)" }).click();
    await page.keyboard.press("Escape");
    await page.getByText("auth", { exact: false }).first().waitFor();
    assert.deepEqual(await tables(page), ["auth.users"]);
    assert.match(await hook(page, "target").textContent(), /^2 of 2 /);
  }));

test("a migration by itself is judged once a person says that the database is there", () =>
  withFiles({ "0042_totals.sql": "ALTER TABLE orders ADD COLUMN total numeric NOT NULL;\n" }, (folder) =>
    onPage(async (page) => {
      await drop(page, [join(folder, "0042_totals.sql")]);
      await phase(page, "workspace");
      await hook(page, "view-findings").click();
      await page.getByText("or read these as a part of more", { exact: false }).waitFor();
      await hook(page, "target").click();
      await hook(page, "scope").selectOption("part");
      await phase(page, "workspace");
      await page.getByText("programs that do not know the column cannot insert any more", { exact: false }).waitFor();
      assert.equal(await page.getByText("does not exist", { exact: false }).count(), 0);
    })));

for (const [name, width, height] of [["narrow", 375, 720], ["widest", 2560, 1300]]) {
  test(`it is usable at ${width} px`, () =>
    withHistory(FLYWAY, "db", async (page) => {
      await hook(page, "view-history").click();
      await hook(page, "revision").nth(1).click();
      await hook(page, "back-to-latest").waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `nothing sticks out (${overflow} px)`);
      for (const part of ["revision-slider", "back-to-latest", "revision-detail"]) {
        const box = await hook(page, part).boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= width, `${part} is in sight`);
      }
      await shot(page, `history-${name}`);
      await hook(page, "view-diagram").click();
      await drawn(page, 2);
      await shot(page, `as-of-${name}`);
    }, { viewport: { width, height } }));
}

test("the dark theme", () =>
  withHistory(FLYWAY, "db", async (page) => {
    await hook(page, "view-history").click();
    await hook(page, "revision").nth(2).click();
    await hook(page, "back-to-latest").waitFor();
    // What is read, and the first ground behind it that is not transparent, as they are in the end.
    const [text, ground] = await hook(page, "revision").first().evaluate((row) => {
      const bright = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
      let behind = row;
      while (/^(transparent|rgba\(.*, 0\))$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
      return [bright(getComputedStyle(row).color), bright(getComputedStyle(behind).backgroundColor)];
    });
    assert.ok(ground < 80 && text > 150, `${text} on ${ground}`);
    await shot(page, "history-dark");
  }, { colorScheme: "dark" }));
