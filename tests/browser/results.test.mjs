// From a finding to its line and its table, and out into a report.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hook, onPage, paste, phase, SMALL, useBrowser } from "./page.mjs";

useBrowser();

const open = async (page, sql = SMALL) => {
  await paste(page, sql);
  await phase(page, "workspace");
};

test("a finding leads to its line in the source", () =>
  onPage(async (page) => {
    await open(page);
    await hook(page, "view-findings").click();
    const finding = page.locator('[data-testid="finding"][data-rule="foreign-key-not-indexed"]');
    await finding.waitFor();
    await finding.locator('[data-testid="place"]').first().click();
    await hook(page, "mark").first().waitFor();
    const marked = (await hook(page, "mark").allInnerTexts()).join("\n");
    assert.ok(SMALL.includes(marked) && marked.length > 0, `the marked text is the source's own: ${marked}`);
    assert.match(marked, /author/);
  }));

test("a finding leads to its table in the diagram", () =>
  onPage(async (page) => {
    await open(page);
    await hook(page, "view-findings").click();
    await hook(page, "finding-to-table").first().click();
    await page.locator("canvas").first().waitFor();
    assert.match(await page.locator('[data-testid="app"]').innerText(), /book/);
  }));

test("counts under a filter are those of the list", () =>
  onPage(async (page) => {
    await hook(page, "sample-helpdesk").click();
    await phase(page, "workspace");
    await hook(page, "view-findings").click();
    await hook(page, "ungroup").click();
    await hook(page, "finding").first().waitFor();
    let seen = 0;
    for (const severity of ["critical", "high", "medium", "low"]) {
      const tally = hook(page, `tally-${severity}`);
      const count = Number((await tally.innerText()).match(/\d+/)?.[0] ?? 0);
      if (count === 0) continue;
      await tally.click();
      await page.waitForFunction(
        ([severity, count]) => {
          document.querySelector('[data-testid="more-findings"]')?.click();
          const rows = [...document.querySelectorAll('[data-testid="finding"]')];
          return rows.length === count && rows.every((row) => row.dataset.severity === severity);
        },
        [severity, count],
      );
      seen += 1;
      await hook(page, "clear-filters").click();
    }
    assert.ok(seen >= 2, "the sample has findings of several severities");
  }));

for (const [item, ending, holds] of [
  ["export-markdown", /\.md$/, (text) => /^# /m.test(text) && text.includes("foreign-key-not-indexed")],
  ["export-html", /\.html$/, (text) => /^<!doctype html>/i.test(text) && !/<script[^>]*\bsrc|<link|src="?https?:|url\(https?:/i.test(text)],
  ["export-json", /\.json$/, (text) => JSON.parse(text).version === 1],
]) {
  test(`${item} gives a file with the findings in it`, () =>
    onPage(async (page) => {
      await open(page);
      await hook(page, "export").click();
      const [download] = await Promise.all([page.waitForEvent("download"), hook(page, item).click()]);
      assert.match(download.suggestedFilename(), ending);
      const text = readFileSync(await download.path(), "utf8");
      assert.ok(holds(text), text.slice(0, 400));
      assert.ok(text.includes("author_id"), "it speaks of the column");
    }));
}

test("search finds a table by its name", () =>
  onPage(async (page) => {
    await open(page);
    await page.keyboard.press("Control+k");
    await hook(page, "palette-input").fill("auth");
    await hook(page, "hit").first().waitFor();
    assert.match(await hook(page, "hit").first().innerText(), /author/);
    await page.keyboard.press("Enter");
    await hook(page, "palette-input").waitFor({ state: "detached" });
  }));

test("a finding is accepted with a reason, undone, and the waiver is a file", () =>
  onPage(async (page) => {
    await open(page);
    await hook(page, "view-findings").click();
    const finding = page.locator('[data-testid="finding"][data-rule="foreign-key-not-indexed"]');
    await finding.locator('[data-testid="waive"]').click();
    await hook(page, "waive-reason").fill("Two rows, and there will never be more");
    await page.keyboard.press("Enter");
    await finding.waitFor({ state: "detached" });
    await hook(page, "chip-waived").click();
    await hook(page, "waived").filter({ hasText: "Accepted: Two rows" }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), hook(page, "save-waivers").click()]);
    assert.equal(download.suggestedFilename(), "relata.toml");
    const toml = readFileSync(await download.path(), "utf8");
    assert.match(toml, /^\[\[waivers\]\]\nrule = "foreign-key-not-indexed"\nfingerprint = "[0-9a-f]+"\nreason = "Two rows, and there will never be more"\n$/);
    await hook(page, "chip-waived").click();
    await page.locator("main").focus();
    await page.keyboard.press("Control+z");
    await finding.waitFor();
  }));

test("the fixes come as one migration, the schema as another", () =>
  onPage(async (page) => {
    await open(page);
    await hook(page, "view-findings").click();
    const [fix] = await Promise.all([page.waitForEvent("download"), hook(page, "save-fix").click()]);
    assert.match(readFileSync(await fix.path(), "utf8"), /CREATE INDEX/);
    await hook(page, "export").click();
    const [schema] = await Promise.all([page.waitForEvent("download"), hook(page, "export-schema").click()]);
    assert.match(readFileSync(await schema.path(), "utf8"), /CREATE TABLE public\.book/);
  }));

test("the report is copied for a pull request", () =>
  onPage(
    async (page) => {
      await open(page);
      await hook(page, "view-report").click();
      await hook(page, "copy-report").click();
      await hook(page, "notice").filter({ hasText: "copied" }).waitFor();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /foreign-key-not-indexed|foreign key/i);
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  ));

test("the report is as it was chosen, in every format", () =>
  onPage(async (page) => {
    await open(page);
    await hook(page, "view-report").click();
    const preview = hook(page, "report-preview");
    const risks = preview.getByRole("heading", { name: "Risks", exact: true });
    await risks.waitFor();
    await page.getByText("What it shows").click();
    await hook(page, "report-title").fill("Books, audited <i>");
    await hook(page, "report-title").press("Enter");
    await preview.locator("h1").filter({ hasText: "Books, audited <i>" }).waitFor();
    await hook(page, "report-note").fill("For the board.");
    await hook(page, "report-note").blur();
    await preview.getByText("For the board.").waitFor();
    await page.getByRole("checkbox", { name: "Risks", exact: true }).uncheck();
    await risks.waitFor({ state: "detached" });

    const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    await hook(page, "pick-logo").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no image") });
    await hook(page, "notice").filter({ hasText: "notes.txt is no PNG" }).waitFor();
    await hook(page, "pick-logo").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: pixel });
    const logo = hook(page, "report-logo");
    await logo.waitFor();
    assert.equal(await logo.evaluate((image) => image.decode().then(() => image.naturalWidth)), 1);

    const saved = async (format) => {
      const [download] = await Promise.all([page.waitForEvent("download"), hook(page, `save-${format}`).click()]);
      return [download.suggestedFilename().split(".").at(-1), readFileSync(await download.path(), "utf8")];
    };
    const address = `data:image/png;base64,${pixel.toString("base64")}`;
    for (const [format, end] of [["markdown", "md"], ["html", "html"], ["text", "txt"]]) {
      const [extension, text] = await saved(format);
      assert.equal(extension, end);
      assert.ok(text.includes("For the board."), format);
      assert.ok(!/^(## .*|<h2.*>)Risks/m.test(text), format);
      if (format !== "text") assert.ok(text.includes(address), `${format} has the logo`);
    }
    for (const format of ["json", "sarif"]) {
      const [extension, text] = await saved(format);
      assert.equal(extension, format);
      assert.ok(JSON.parse(text).version, format);
    }
    await hook(page, "remove-logo").click();
    await logo.waitFor({ state: "detached" });
  }));
