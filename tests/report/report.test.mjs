// Reports as their readers get them: valid HTML, valid SARIF, readable without script, usable with it, printable.
// RELATA_BIN is the program. `cargo xtask test report` builds it and says where it is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import Ajv from "ajv-draft-04";
import { HtmlValidate } from "html-validate";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { chromium } from "playwright-core";

const relata = process.env.RELATA_BIN;
assert.ok(relata, "RELATA_BIN must name the program");
const corpus = process.env.RELATA_CORPUS;
const folder = mkdtempSync(join(tmpdir(), "relata-report-"));

// A name with something for each place of a document that it could break out of.
const evil = `<script>alert(1)</script>"'&\`|]]>--><img src=x onerror=y>`;
const name = `"${evil.replaceAll('"', '""')}"`;
const text = `'${evil.replaceAll("'", "''")}'`;
const hostile = `
CREATE TABLE ${name} (id int, ${name} text DEFAULT ${text}, m money, CHECK (${name} <> ${text}));
CREATE TABLE plain (id int PRIMARY KEY, org_id int, created_at timestamp, status text);
CREATE INDEX ON plain (org_id); CREATE INDEX twice ON plain (org_id);
COMMENT ON TABLE plain IS ${text};
CREATE VIEW v AS SELECT * FROM plain;
CREATE TABLE broken (;
`;

const inputs = () => {
  const file = join(folder, "hostile.sql");
  writeFileSync(file, hostile);
  const samples = new URL("../../static/samples/", import.meta.url);
  const own = readdirSync(samples).filter((f) => f.endsWith(".sql")).slice(0, 2).map((f) => new URL(f, samples).pathname);
  const cases = ["cases/orderflow", "cases/omniops"].map((c) => corpus && join(corpus, c)).filter((c) => c && existsSync(c));
  return [file, ...own, ...cases];
};

const run = (...args) => execFileSync(relata, args, { encoding: "utf8", maxBuffer: 1 << 28 });

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROME_PATH, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a report and fails on any request, message or error. */
const open = async (html, options = {}) => {
  const file = join(folder, `${Math.random()}.html`);
  writeFileSync(file, html);
  const page = await browser.newPage(options);
  const complaints = [];
  page.on("console", (m) => complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(e.message));
  page.on("request", (r) => {
    if (r.url() !== pathToFileURL(file).href) complaints.push(r.url());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
};

test("HTML passes a validator", async () => {
  const validator = new HtmlValidate({
    extends: ["html-validate:recommended"],
    rules: {
      // Matters of taste, not of the standard.
      "no-inline-style": "off",
      "long-title": "off",
      "no-trailing-whitespace": "off",
      "doctype-style": "off",
      "tel-non-breaking": "off",
      "svg-focusable": "off",
      // What a schema holds may stand in a paragraph raw once it is escaped.
      "no-raw-characters": ["error", { relaxed: true }],
      // The lines for date and author are blank until someone fills them in.
      "prefer-native-element": "off",
    },
  });
  for (const input of inputs()) {
    const report = await validator.validateString(run("report", "--format", "html", "--title", evil, "--note", evil, input));
    const messages = report.results.flatMap((r) => r.messages).map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
    assert.deepEqual(messages.slice(0, 20), [], input);
  }
});

test("SARIF validates against its schema", () => {
  const schema = JSON.parse(readFileSync(new URL("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json", import.meta.url)));
  const validate = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false, allErrors: true }).compile(schema);
  for (const input of inputs()) {
    const log = JSON.parse(run("check", "--format", "sarif", "--fail-on", "never", input));
    assert.ok(validate(log), `${input}: ${JSON.stringify(validate.errors?.slice(0, 5))}`);
  }
});

test("a report reads without script", async () => {
  const { page, complaints } = await open(run("report", "--format", "html", inputs()[0]), { javaScriptEnabled: false });
  assert.ok((await page.locator("h2").count()) > 20);
  assert.ok(await page.locator("#findings").isVisible());
  assert.equal(await page.locator(".tools").count(), 0, "no control that does nothing");
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(complaints, []);
});

test("with script tables sort and findings filter", async () => {
  const { page, complaints } = await open(run("report", "--format", "html", inputs()[0]));
  const all = await page.locator(".finding").count();
  await page.locator(".chip").first().click();
  const shown = await page.locator(".finding:not([hidden])").count();
  assert.ok(shown < all);
  await page.locator(".chip").first().click();
  await page.locator('input[aria-label="Filter findings"]').fill("money");
  const money = await page.locator(".finding:not([hidden])").count();
  assert.ok(money > 0 && money < all);
  const table = page.locator("#summary ~ .wide table").first();
  const column = async () => (await table.locator("tbody tr td:nth-child(2)").allTextContents()).map(Number);
  await table.locator("th:nth-child(2) button").click();
  const up = await column();
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  await table.locator("th:nth-child(2) button").click();
  assert.deepEqual(await column(), [...up].sort((a, b) => b - a));
  assert.deepEqual(complaints, []);
});

for (const width of [375, 1280]) {
  test(`at ${width} pixels nothing stands out of the page`, async () => {
    for (const input of inputs()) {
      const { page } = await open(run("report", "--format", "html", input), { viewport: { width, height: 800 } });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${input}: ${over} pixels`);
      await page.close();
    }
  });
}

/** The words of each page of a PDF, without spaces: kerning cuts them anywhere. */
const pagesOf = async (pdf) => {
  const loaded = await getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise;
  const numbers = Array.from({ length: loaded.numPages }, (_, at) => at + 1);
  const words = async (number) => (await (await loaded.getPage(number)).getTextContent()).items.map((item) => item.str).join("");
  return { pages: (await Promise.all(numbers.map(words))).map((page) => page.replaceAll(/\s/g, "")), outline: await loaded.getOutline() };
};

test("on paper it is light, unfolded and has pages with running heads", async () => {
  const long = join(folder, "long.sql");
  writeFileSync(long, Array.from({ length: 90 }, (_, at) => `CREATE TABLE t_${at} (id bigint PRIMARY KEY);`).join("\n"));
  const { page } = await open(run("report", "--format", "html", long), { colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.notEqual(await ground(), "rgb(255, 255, 255)");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await ground(), "rgb(255, 255, 255)");
  const { pages, outline } = await pagesOf(await page.pdf({ preferCSSPageSize: true, outline: true, tagged: true }));
  assert.ok(pages.length > 3, `${pages.length} pages`);
  for (const [at, words] of pages.entries()) {
    assert.ok(words.includes(`${at + 1}/${pages.length}`), `page ${at + 1} has no number`);
    assert.equal(words.includes("Schemaaudit"), at > 0, `the running head of page ${at + 1}`);
  }
  assert.ok(outline.length > 0, "no bookmarks");
  // The compliance table goes over several pages; each says again what its columns are.
  const head = "PrimarykeyRowsecurity";
  const rows = pages.filter((words) => (words.match(/public\.t_\d+✓yes/g) ?? []).length > 3);
  assert.ok(rows.length > 1, `${rows.length} pages of compliance`);
  for (const words of rows) assert.ok(words.includes(head), words.slice(0, 300));
});
