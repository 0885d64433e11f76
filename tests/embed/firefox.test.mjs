// The same in Firefox, where there is one: the page as one file from the disk, and the element.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";
import { PATIENCE, serve, SMALL } from "./support.mjs";

const PROGRAM = process.env.FIREFOX_PATH ?? ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);
const skip = PROGRAM ? false : "there is no Firefox here";

async function inFirefox(url, body) {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: PROGRAM, headless: true, protocolTimeout: 3 * PATIENCE });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(2 * PATIENCE);
    const said = [];
    page.on("pageerror", (error) => said.push(error.message));
    await page.goto(url);
    await body(page);
    assert.deepEqual(said, []);
  } finally {
    await browser.close();
  }
}

test("the page as one file opens from the disk in Firefox and analyses what is pasted", { skip }, () =>
  inFirefox(pathToFileURL(process.env.RELATA_SINGLE_FILE).href, async (page) => {
    await page.waitForSelector('[data-testid="app"][data-ready="true"]');
    await page.evaluate((sql) => {
      const area = document.querySelector('[data-testid="editor"]');
      area.value = sql;
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }, SMALL);
    await page.waitForSelector('[data-testid="analyse"]:not([disabled])');
    await page.click('[data-testid="analyse"]');
    await page.waitForSelector('[data-testid="app"][data-phase="workspace"]');
    assert.equal((await page.$$('[data-testid="tree-table"]')).length, 3);
  }));

test("the element draws in Firefox", { skip }, async () => {
  const server = await serve({
    "/element/": join(process.env.RELATA_DIST, "element"),
    "/schema.sql": SMALL,
    "/page.html": `<!doctype html><script type="module" src="element/relata-schema.js"></script><relata-schema src="schema.sql" view="diagram report"></relata-schema>`,
  });
  try {
    await inFirefox(`${server.url}page.html`, async (page) => {
      await page.waitForFunction(() => document.querySelector("relata-schema")?.shadowRoot?.querySelectorAll("svg g[transform] > title").length >= 3);
      await page.evaluate(() => document.querySelector("relata-schema").shadowRoot.querySelector('[data-view="report"]').click());
      await page.waitForFunction(() => document.querySelector("relata-schema").shadowRoot.querySelector(".report")?.shadowRoot?.querySelector("h1"));
    });
  } finally {
    await server.close();
  }
});
