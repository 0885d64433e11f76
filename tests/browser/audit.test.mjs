// Every state of the page under axe-core, and a walk through all of it by keyboard alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { drop, frames, hook, onPage, paste, phase, rested, SMALL, useBrowser, withFiles } from "./page.mjs";
import { CHAIN, schema } from "./schemas.mjs";

useBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds against WCAG 2.2 A and AA, as `rule: element`. */
async function audit(page) {
  // Nothing is judged half way through a fade.
  await page.evaluate(() => document.getAnimations().forEach((a) => a.finish()));
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 140)}`));
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core has nothing to say, ${colorScheme}`, { timeout: 240_000 }, () =>
    onPage(
      async (page) => {
        const look = async (state) => assert.deepEqual(await audit(page), [], state);
        await look("landing");
        await hook(page, "sample-helpdesk").click();
        await phase(page, "workspace");
        await look("workspace");
        await hook(page, "tree-table").first().click();
        await hook(page, "table-bar").waitFor();
        await hook(page, "lens").selectOption("tenant");
        await hook(page, "legend").locator("li").first().waitFor();
        await look("a selected table under a lens");
        for (const [view, part] of [["list", "list"], ["findings", "findings"], ["report", "report"], ["problems", "problems-view"]]) {
          await hook(page, `view-${view}`).click();
          await hook(page, part).waitFor();
          await frames(page);
          await look(view);
        }
        await hook(page, "view-diagram").click();
        for (const [open, dialog] of [["arrangement", "dialog-arrangement"], ["project", "dialog-files"], ["target", "dialog-target"], ["keys", "dialog-keys"]]) {
          await hook(page, open).click();
          await hook(page, dialog).waitFor();
          await look(dialog);
          await page.keyboard.press("Escape");
          await hook(page, dialog).waitFor({ state: "detached" });
        }
        await page.keyboard.press("Control+k");
        await hook(page, "hit").first().waitFor();
        await look("search");
        await page.keyboard.press("Escape");
        await hook(page, "export").click();
        await look("the menu of exports");
        await page.keyboard.press("Escape");
        await hook(page, "tree-edit").first().click();
        await hook(page, "edit-text").waitFor();
        await look("editor");
      },
      { colorScheme },
    ));

  test(`axe-core has nothing to say about a history, ${colorScheme}`, { timeout: 120_000 }, () =>
    withFiles({ "db/V1__a.sql": "CREATE TABLE a (id int PRIMARY KEY);", "db/V2__b.sql": "CREATE TABLE b (id int PRIMARY KEY);" }, (folder) =>
      onPage(
        async (page) => {
          await drop(page, [join(folder, "db")]);
          await phase(page, "workspace");
          await hook(page, "view-history").click();
          await hook(page, "revision").first().click();
          await hook(page, "back-to-latest").waitFor();
          await frames(page);
          assert.deepEqual(await audit(page), []);
        },
        { colorScheme },
      ),
    ));
}

/** Presses Tab until the element of a selector has the focus. */
async function tabOn(page, selector, most = 80) {
  for (let n = 0; n < most; n += 1) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never reaches ${selector}`);
}

/** Presses Tab until the element of a hook has the focus. */
const tabTo = (page, name) => tabOn(page, `[data-testid="${name}"], [data-testid="${name}"] *`);

test("the whole page without a pointer", () =>
  onPage(async (page) => {
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const run = async (command) => {
      await press("Control+k");
      await hook(page, "palette-input").waitFor();
      await page.keyboard.type(command);
      await hook(page, "hit").first().waitFor();
      await press("Enter");
      await hook(page, "palette-input").waitFor({ state: "detached" });
    };
    await tabTo(page, "editor");
    await page.keyboard.insertText(CHAIN);
    await press("Control+Enter");
    await phase(page, "workspace");
    // Into the diagram, from table to table, and things done to them.
    await tabOn(page, ".rl-diagram-frame");
    await press("ArrowRight");
    await hook(page, "table-bar").waitFor();
    assert.match(await hook(page, "diagram-said").innerText(), /public\.\w: \d column/);
    await press("h");
    await page.locator('[data-testid="diagram"][data-tables="4"]').waitFor();
    await press("Control+z");
    await page.locator('[data-testid="diagram"][data-tables="5"]').waitFor();
    await press("Enter");
    assert.ok(await page.evaluate(() => document.activeElement.closest('[data-testid="inspector"]') !== null));
    await press("?");
    await hook(page, "dialog-keys").waitFor();
    await press("Escape");
    await run("go to list");
    await hook(page, "list-table").first().waitFor();
    await run("go to findings");
    await hook(page, "findings").waitFor();
    await run("add or remove");
    await tabTo(page, "edit-file");
    await press("Enter");
    await hook(page, "edit-text").waitFor();
    await page.waitForFunction(() => document.activeElement?.dataset.testid === "edit-text");
    await press("Control+End");
    await page.keyboard.insertText(SMALL);
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="tree-table"]').length === 7);
    await press("Escape");
    await hook(page, "edit-pane").waitFor({ state: "detached" });
    await run("close this project");
    await phase(page, "landing");
  }));

/** In how many places the diagram is seen, frame by frame, while a table is selected: where it was, where it comes to, and those it passes. */
async function placesSeen(page) {
  await paste(page, schema(60));
  await phase(page, "workspace");
  await page.locator('[data-testid="diagram"][data-tables="60"]').waitFor();
  await rested(page);
  await page.evaluate(() => {
    const frame = document.querySelector('[data-testid="map-frame"]');
    window.places = new Set();
    const look = () => {
      window.places.add(`${frame.style.translate} ${frame.style.width}`);
      requestAnimationFrame(look);
    };
    look();
  });
  await hook(page, "tree-table").last().click();
  await hook(page, "table-bar").waitFor();
  await rested(page);
  return page.evaluate(() => window.places.size);
}

test("the diagram flies to a table", () => onPage(async (page) => assert.ok((await placesSeen(page)) > 2)));

test("nothing flies for those who asked for less motion", () =>
  onPage(async (page) => assert.equal(await placesSeen(page), 2), { reducedMotion: "reduce" }));
