// The diagram: arranging it, finding the way in it, keeping up with it, from 5 tables to 1,000.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { drop, hook, onPage, paste, phase, rested, useBrowser, withFiles } from "./page.mjs";
import { CHAIN, graph, HOSTILE, HOSTILE_SQL, schema } from "./schemas.mjs";

useBrowser();

/** Opens a schema of any size, as a dropped file. */
const open = (sql, body, options) =>
  withFiles({ "schema.sql": sql }, (folder) =>
    onPage(async (page) => {
      await drop(page, [join(folder, "schema.sql")], { x: 180, y: 300 });
      await phase(page, "workspace");
      await page.locator('[data-testid="diagram"]:not([data-tables="0"])').waitFor();
      await body(page);
    }, options));

const shown = async (page) => Number(await hook(page, "diagram").getAttribute("data-tables"));
const waitShown = (page, n) => page.locator(`[data-testid="diagram"][data-tables="${n}"]`).waitFor();
const select = (page, table) => page.locator(`[data-testid="tree-table"][data-path="public.${table}"]`).click();
const focusDiagram = (page) => page.locator(".rl-diagram-frame").focus();

for (const [n, map] of [[5, false], [60, true], [200, true], [1000, true]]) {
  test(`${n} tables are drawn, never a blank canvas`, () =>
    open(schema(n), async (page) => {
      await waitShown(page, n);
      assert.equal(await hook(page, "map").count(), map ? 1 : 0);
      await rested(page);
      const colours = await hook(page, "canvas").evaluate((canvas) => {
        const { width, height } = canvas;
        const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4 * 97) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        return seen.size;
      });
      assert.ok(colours > 5, `${colours} colours`);
      const scale = parseInt(await hook(page, "scale").innerText(), 10);
      if (n > 100) assert.ok(scale < 35, `an overview, not ${scale} %`);
      await page.mouse.move(0, 0);
    }));
}

/** How many references lie between one table and each that they lead to, whichever way they point. */
function distances(tables, from) {
  const beside = tables.map(() => new Set());
  tables.forEach(({ parent, other }, i) => {
    for (const to of [parent, other].filter((to) => to !== null)) {
      beside[i].add(to);
      beside[to].add(i);
    }
  });
  const far = new Map([[from, 0]]);
  for (const at of far.keys()) for (const to of beside[at]) if (!far.has(to)) far.set(to, far.get(at) + 1);
  return far;
}

/** How many tables lose rows with a row of one. */
function cascade(tables, from) {
  const lost = new Set([from]);
  for (const at of lost) tables.forEach(({ parent }, i) => parent === at && lost.add(i));
  return lost.size - 1;
}

for (const [n, modules] of [[5, 1], [60, 12], [200, 12], [1000, 12]]) {
  test(`with ${n} tables, each is found, put in its place, and goes out with the rest`, () =>
    open(schema(n, modules), async (page) => {
      const tables = graph(n, modules);
      const far = distances(tables, 0);
      const [last] = [...far.keys()].slice(-1);
      const titled = (name) => page.locator(`[data-testid="inspector-title"] code[title="${name}"]`).waitFor();
      const goTo = async (name) => {
        await hook(page, "palette-input").fill(name);
        await page.locator(`[data-testid="hit"]`, { hasText: new RegExp(`public\\.${name}(?!\\d)`) }).first().click();
      };
      await waitShown(page, n);

      await page.keyboard.press("Control+k");
      await goTo(tables[0].name);
      await titled(tables[0].name);
      for (const hops of [1, 2, 3]) {
        await hook(page, `focus-${hops}`).click();
        await waitShown(page, [...far.values()].filter((d) => d <= hops).length);
      }
      await hook(page, "show-all").click();
      await waitShown(page, n);

      await hook(page, "path").click();
      await goTo(tables[last].name);
      const steps = far.get(last);
      assert.match(await hook(page, "way").innerText(), new RegExp(`\\(${steps} references?\\)`));
      await hook(page, "leave-way").click();

      await page.keyboard.press("Control+k");
      await goTo(tables[0].name);
      await hook(page, "lens").selectOption("cascade");
      const lost = cascade(tables, 0);
      await hook(page, "legend").getByText(`reaches ${lost} other table${lost === 1 ? "" : "s"} by ON DELETE CASCADE`).waitFor();
      await hook(page, "lens").selectOption("off");

      await hook(page, "hide").click();
      await waitShown(page, n - 1);
      await focusDiagram(page);
      await page.keyboard.press("Control+z");
      await waitShown(page, n);
      await page.keyboard.press("Control+k");
      await goTo(tables[last].name);
      await titled(tables[last].name);
      await focusDiagram(page);
      for (const [key, part] of [["c", "collapse"], ["Alt+ArrowRight", "pin"]]) {
        await page.keyboard.press(key);
        await hook(page, part).and(page.locator('[aria-pressed="true"]')).waitFor();
        await page.keyboard.press("Control+z");
        await hook(page, part).and(page.locator('[aria-pressed="false"]')).waitFor();
      }
      for (const detail of ["names", "keys", "columns"]) {
        await hook(page, "detail").selectOption(detail);
        await rested(page);
        assert.equal(await shown(page), n, detail);
      }

      await hook(page, "view-list").click();
      await page.locator(`[data-testid="list"][data-tables="${n}"]`).waitFor();
      await page.locator(`[data-testid="list-table"][data-path="public.${tables[last].name}"]`).waitFor({ state: "attached" });
      await hook(page, "view-diagram").click();
      for (const item of ["svg", "png-1", "mermaid", "dbml", "plantuml", "text"]) {
        await hook(page, "export").click();
        const [download] = await Promise.all([page.waitForEvent("download"), hook(page, `export-${item}`).click()]);
        const bytes = readFileSync(await download.path());
        if (item === "png-1") assert.equal(bytes.toString("latin1", 1, 4), "PNG");
        else for (const { name } of tables) assert.ok(bytes.includes(name), `${name} in ${item}`);
      }
    }));
}

test("a frame of 1,000 tables draws what is on screen, and no more than is to be seen", () =>
  open(schema(1000), async (page) => {
    // Calls of the canvas stand for the cost of a frame: they do not depend on how busy the machine is. `tests/bench/frames.mjs` has the time.
    await page.evaluate(() => {
      window.calls = 0;
      const context = CanvasRenderingContext2D.prototype;
      for (const name of ["fillText", "fillRect", "rect", "stroke", "fill", "lineTo", "arcTo", "arc"]) {
        const own = context[name];
        context[name] = function (...args) {
          window.calls += 1;
          return own.apply(this, args);
        };
      }
    });
    const frame = async () => {
      await page.evaluate(() => (window.calls = 0));
      await page.keyboard.press("Shift+ArrowRight");
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      return page.evaluate(() => window.calls);
    };
    await focusDiagram(page);
    const map = await frame();
    assert.ok(map < 1_000, `${map} calls for the map: a box and a few points of a line for each table`);
    // Close enough that every column is read, few tables are left.
    for (let n = 0; n < 30 && parseInt(await hook(page, "scale").innerText(), 10) < 90; n += 1) await page.keyboard.press("+");
    const near = await frame();
    assert.ok(near < 6_000, `${near} calls close by`);
    await page.keyboard.press("0");
  }));

test("what is hidden comes back by undo, and by going to it", () =>
  open(CHAIN, async (page) => {
    await select(page, "b");
    await hook(page, "hide").click();
    await waitShown(page, 4);
    await page.keyboard.press("Control+z");
    await waitShown(page, 5);
    await page.keyboard.press("Control+Shift+z");
    await waitShown(page, 4);
    await select(page, "b");
    await waitShown(page, 5);
  }));

test("a table is shown with its neighbours at 1, 2 and 3 references", () =>
  open(CHAIN, async (page) => {
    await select(page, "a");
    for (const [hops, tables] of [[1, 2], [2, 3], [3, 4]]) {
      await hook(page, `focus-${hops}`).click();
      await waitShown(page, tables);
    }
    await hook(page, "left-out").waitFor();
    await hook(page, "show-all").click();
    await waitShown(page, 5);
  }));

test("the path between two tables is named, and its absence is said", () =>
  open(CHAIN, async (page) => {
    await select(page, "a");
    await hook(page, "path").click();
    await hook(page, "palette-input").fill("d");
    await page.locator('[data-testid="hit"]', { hasText: "public.d" }).first().click();
    assert.equal((await hook(page, "way").innerText()).replace(/\s+/g, " ").trim(), "a – b – c – d (3 references)");
    await hook(page, "leave-way").click();
    await focusDiagram(page);
    await page.keyboard.press("p");
    await hook(page, "palette-input").fill("e");
    await page.locator('[data-testid="hit"]', { hasText: "public.e" }).first().click();
    await page.getByText("No chain of references joins public.a and public.e.").waitFor();
  }));

test("lenses say what their colours mean", () =>
  open(CHAIN, async (page) => {
    await select(page, "a");
    await hook(page, "lens").selectOption("cascade");
    const legend = hook(page, "legend");
    await legend.getByText("Deleting a row of a reaches 1 other table by ON DELETE CASCADE.").waitFor();
    assert.deepEqual(await legend.locator("li").evaluateAll((all) => all.map((li) => li.innerText.replace(/\s+/g, " "))), ["deleted row 1", "deleted 1", "set null 1"]);
    await hook(page, "lens").selectOption("severity");
    await legend.getByText("The worst finding about each table.").waitFor();
    await hook(page, "lens").selectOption("off");
    await legend.waitFor({ state: "detached" });
  }));

test("a lens shows which tables keep tenants apart, and what changed last", () =>
  withFiles(
    {
      "m/V1__a.sql": "CREATE TABLE tenant (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, tenant_id int REFERENCES tenant); CREATE TABLE b (id int PRIMARY KEY, tenant_id int REFERENCES tenant);",
      "m/V2__b.sql": "CREATE TABLE c (id int PRIMARY KEY, tenant_id int REFERENCES tenant); CREATE TABLE d (id int PRIMARY KEY, c_id int REFERENCES c);",
      "m/V3__c.sql": "ALTER TABLE a ADD COLUMN note text; CREATE TABLE alone (id int PRIMARY KEY);",
    },
    (folder) =>
      onPage(async (page) => {
        await drop(page, [join(folder, "m")]);
        await phase(page, "workspace");
        await hook(page, "lens").selectOption("tenant");
        const legend = hook(page, "legend");
        await legend.locator('[data-tint="lacks it"]').waitFor();
        const counts = () => legend.locator("li").evaluateAll((all) => Object.fromEntries(all.map((li) => [li.dataset.tint, Number(li.innerText.match(/\d+/)[0])])));
        assert.deepEqual(await counts(), { tenant: 1, "has it": 3, "by reference": 1, "lacks it": 1 });
        await hook(page, "lens").selectOption("changed");
        await legend.locator('[data-tint="newest"]').waitFor();
        assert.deepEqual(await counts(), { newest: 2, recent: 4 });
        await select(page, "a");
        await hook(page, "origin").first().waitFor();
        assert.deepEqual((await hook(page, "origin").allInnerTexts()).length, 2, "made by one revision, last changed by another");
      }),
  ));

test("a dragged table stays where it was put when the schema changes, and in a file", () =>
  withFiles({ "v1/schema.sql": CHAIN, "v2/schema.sql": `${CHAIN}CREATE TABLE f (id int PRIMARY KEY, e_id int REFERENCES e (id));\n` }, (folder) =>
    onPage(async (page) => {
      await drop(page, [join(folder, "v1/schema.sql")]);
      await phase(page, "workspace");
      await waitShown(page, 5);
      await select(page, "e");
      // The tree flies to the table: it stands in the middle of the canvas.
      await page.locator('[data-testid="inspector-title"] code[title="e"]').waitFor();
      await rested(page);
      const box = await hook(page, "canvas").boundingBox();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 60, y + 90, { steps: 5 });
      await page.mouse.up();
      await hook(page, "pin").and(page.locator('[aria-pressed="true"]')).waitFor();
      const saved = async () => {
        await hook(page, "arrangement").click();
        const [download] = await Promise.all([page.waitForEvent("download"), hook(page, "save-board").click()]);
        await hook(page, "close-dialog").click();
        return readFileSync(await download.path(), "utf8");
      };
      const file = await saved();
      const board = JSON.parse(file);
      assert.deepEqual([board.format, board.version, Object.keys(board.pins)], ["relata-diagram", 1, ["public.e"]]);
      assert.ok(file.length < 1000, "small enough for a repository");
      await drop(page, [join(folder, "v2/schema.sql")]);
      await waitShown(page, 6);
      assert.deepEqual(JSON.parse(await saved()).pins, board.pins);
      await hook(page, "arrangement").click();
      await hook(page, "reset-board").click();
      await hook(page, "pick-board").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from(file) });
      await hook(page, "dialog-arrangement").waitFor({ state: "detached" });
      assert.deepEqual(JSON.parse(await saved()).pins, board.pins);
    })));

test("tables are collapsed, marked, grouped and folded by keyboard", () =>
  open(schema(60), async (page) => {
    await select(page, "billing_item_1");
    await focusDiagram(page);
    await page.keyboard.press("c");
    await hook(page, "collapse").and(page.locator('[aria-pressed="true"]')).waitFor();
    await page.keyboard.press("Alt+ArrowRight");
    await hook(page, "pin").and(page.locator('[aria-pressed="true"]')).waitFor();
    await page.keyboard.press("m");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("m");
    await page.keyboard.press("g");
    await hook(page, "arrangement").click();
    await hook(page, "group-name").waitFor();
    await hook(page, "group-name").fill("Mine");
    await hook(page, "group-name").press("Tab");
    await hook(page, "group-name").and(page.locator('[aria-label="Name of the group Mine"]')).waitFor();
    const folded = hook(page, "fold-cluster").first();
    await folded.click();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="diagram"]').dataset.tables) < 60);
    // Undone step by step, everything is as it was.
    await focusDiagram(page);
    for (let n = 0; n < 5; n += 1) await page.keyboard.press("Control+z");
    await waitShown(page, 60);
  }));

test("keys only and names only are smaller pictures of the same tables", () =>
  open(schema(60), async (page) => {
    const areas = [];
    for (const detail of ["names", "keys", "columns"]) {
      await hook(page, "detail").selectOption(detail);
      await hook(page, "export").click();
      const [download] = await Promise.all([page.waitForEvent("download"), hook(page, "export-svg").click()]);
      const [, width, height] = readFileSync(await download.path(), "utf8").match(/viewBox="0 0 (\d+) (\d+)"/);
      areas.push(width * height);
      assert.equal(await shown(page), 60);
    }
    assert.ok(areas[0] < areas[1] && areas[1] < areas[2], String(areas));
  }));

test("everything that can be done is found by its name", () =>
  open(CHAIN, async (page) => {
    await select(page, "b");
    await page.keyboard.press("Control+k");
    assert.ok((await page.locator('[data-testid="hit"][data-kind="command"]').count()) > 30);
    await hook(page, "palette-input").fill("hide all but");
    await page.keyboard.press("Enter");
    await waitShown(page, 1);
    await page.keyboard.press("Control+k");
    await hook(page, "palette-input").fill("d");
    await page.locator('[data-testid="hit"]', { hasText: "public.d" }).first().click();
    await waitShown(page, 2);
    assert.equal(await hook(page, "inspector-title").locator("code").getAttribute("title"), "d");
  }));

test("the whole schema is a list that can be searched and printed", () =>
  open(schema(200), async (page) => {
    await hook(page, "view-list").click();
    await page.locator('[data-testid="list"][data-tables="200"]').waitFor();
    const last = page.locator('[data-testid="list-table"][data-path="public.warehouse_item_199"]');
    // Text that is not laid out yet is there for all who do not look.
    assert.match(await last.textContent(), /parent_id/);
    await last.getByRole("button", { name: "public.warehouse_item_199" }).click();
    await page.locator('[data-testid="tree-table"][data-path="public.warehouse_item_199"][aria-current="true"]').waitFor();
    assert.equal(await hook(page, "inspector-title").locator("code").getAttribute("title"), "warehouse_item_199");
  }));

test("hostile names are text in the diagram's parts, the list, the search and every export", () =>
  open(HOSTILE_SQL, async (page) => {
    await waitShown(page, HOSTILE.length);
    await hook(page, "view-list").click();
    await page.locator(`[data-testid="list"][data-tables="${HOSTILE.length}"]`).waitFor();
    // Not `innerText`: that is empty until the first frame, for sections that are laid out only when they come near (`content-visibility`).
    const text = await hook(page, "list").textContent();
    // A path is written as SQL has it: a quote in a quoted name is doubled.
    for (const name of HOSTILE) assert.ok(text.includes(name.replaceAll('"', '""')), name);
    await hook(page, "view-diagram").click();
    await page.keyboard.press("Control+k");
    await hook(page, "palette-input").fill("img");
    await hook(page, "hit").first().waitFor();
    await page.keyboard.press("Escape");
    for (const item of ["svg", "mermaid", "dbml", "plantuml", "text"]) {
      await hook(page, "export").click();
      const [download] = await Promise.all([page.waitForEvent("download"), hook(page, `export-${item}`).click()]);
      const saved = readFileSync(await download.path(), "utf8");
      assert.ok(saved.includes("x".repeat(63)) || item === "svg", item);
      if (item === "svg") assert.ok(!/<img|onerror="/.test(saved), "no markup of a name's");
    }
    assert.match(await page.title(), /Relata/);
    assert.equal(await page.locator("img[src=x]").count(), 0);
  }));

test("exports are what the diagram shows: without what is hidden, and linked where a person says to", () =>
  open(CHAIN, async (page) => {
    await select(page, "b");
    await hook(page, "hide").click();
    await waitShown(page, 4);
    await hook(page, "arrangement").click();
    const base = hook(page, "link-base");
    await base.fill("https://docs.example.org/schema/");
    await base.press("Tab");
    await page.keyboard.press("Escape");
    const saved = async (item) => {
      await hook(page, "export").click();
      const [download] = await Promise.all([page.waitForEvent("download"), hook(page, `export-${item}`).click()]);
      return readFileSync(await download.path(), "utf8");
    };
    const picture = await saved("svg");
    assert.match(picture, /href="https:\/\/docs\.example\.org\/schema\/public\.c"/);
    assert.doesNotMatch(picture, /public\.b"/);
    for (const item of ["mermaid", "dbml"]) {
      const text = await saved(item);
      assert.match(text, /\bd\b/, item);
      assert.doesNotMatch(text, /^\s*(Table )?"?(public\.)?b"? \{/m, item);
    }
  }));

test("the diagram is saved as PNG at its size and twice it", () =>
  open(CHAIN, async (page) => {
    const size = async (scale) => {
      await hook(page, "export").click();
      const [download] = await Promise.all([page.waitForEvent("download"), hook(page, `export-png-${scale}`).click()]);
      assert.match(download.suggestedFilename(), /\.png$/);
      const bytes = readFileSync(await download.path());
      assert.equal(bytes.toString("latin1", 1, 4), "PNG");
      // The header's width and height (PNG specification, 11.2.2).
      return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    };
    const one = await size(1);
    const two = await size(2);
    assert.deepEqual(two, one.map((n) => 2 * n));
    assert.ok(one[0] > 100);
  }));

for (const [width, height] of [[375, 667], [2560, 1440]]) {
  test(`the diagram's tools fit a window of ${width} pixels`, () =>
    open(CHAIN, async (page) => {
      if (width < 900) await hook(page, "pane-tables").click();
      await select(page, "b");
      if (width < 900) await hook(page, "pane-diagram").click();
      await hook(page, "table-bar").waitFor();
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll(".rl-diagram button, .rl-diagram select")].filter((e) => {
          const r = e.getBoundingClientRect();
          return r.width > 0 && (r.left < 0 || r.right > innerWidth + 0.5);
        }).length);
      assert.equal(outside, 0);
      const rows = await page.evaluate(() =>
        new Set([...document.querySelectorAll(".rl-board-row:first-child > *")].map((e) => {
          const r = e.getBoundingClientRect();
          return Math.round((r.top + r.bottom) / 2);
        })).size);
      assert.equal(rows, 1);
    }, { viewport: { width, height }, colorScheme: "dark" }));
}

test("pasted text becomes a diagram too", () =>
  onPage(async (page) => {
    await paste(page, CHAIN);
    await waitShown(page, 5);
  }));
