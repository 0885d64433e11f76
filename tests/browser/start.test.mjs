// The page starts, anywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hook, onPage, phase, URL_OF_PAGE, useBrowser } from "./page.mjs";

useBrowser();

test("it starts from a sub-path, asks only its own folder, and says what it is", () =>
  onPage(async (page, watch) => {
    await phase(page, "landing");
    assert.match(await page.title(), /Relata/);
    const outside = watch.requests.filter((r) => !r.address.startsWith(URL_OF_PAGE)).map((r) => r.address);
    assert.deepEqual(outside, [], "every address is relative to the page");
    assert.ok(await hook(page, "editor").isVisible());
  }));

test("why nothing leaves the tab is one click away", () =>
  onPage(async (page) => {
    await hook(page, "privacy").click();
    await hook(page, "dialog-privacy").waitFor();
    await page.keyboard.press("Escape");
    await hook(page, "dialog-privacy").waitFor({ state: "detached" });
  }));

test("the page's policy forbids what it does not need", () =>
  onPage(async (page) => {
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    for (const rule of ["default-src 'none'", "form-action 'none'", "base-uri 'none'"]) assert.ok(policy.includes(rule), rule);
    assert.ok(!policy.includes("unsafe-inline") && !/https?:/.test(policy), policy);
  }));

for (const [width, height] of [[375, 667], [768, 1024], [1440, 900], [2560, 1440]]) {
  test(`nothing is wider than a window of ${width} pixels`, () =>
    onPage(
      async (page) => {
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok((await overflow()) <= 0, "landing");
        await hook(page, "sample-helpdesk").click();
        await phase(page, "workspace");
        assert.ok((await overflow()) <= 0, "workspace");
      },
      { viewport: { width, height } },
    ));
}
