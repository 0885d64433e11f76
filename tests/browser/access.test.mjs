// Usable by keyboard alone and by those who do not see the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hook, onPage, phase, SMALL, useBrowser } from "./page.mjs";

useBrowser();

/** Presses Tab until the element of a hook has the focus. */
async function tabTo(page, name, most = 60) {
  for (let n = 0; n < most; n += 1) {
    if (await page.evaluate((name) => document.activeElement?.closest(`[data-testid="${name}"]`) !== null, name)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never reaches ${name}`);
}

test("from landing to findings without a pointer", () =>
  onPage(async (page) => {
    await tabTo(page, "editor");
    await page.keyboard.insertText(SMALL);
    await page.keyboard.press("Control+Enter");
    await phase(page, "workspace");
    await tabTo(page, "view-findings");
    await page.keyboard.press("Enter");
    await hook(page, "finding").first().waitFor();
    await tabTo(page, "place", 120);
    await page.keyboard.press("Enter");
    await hook(page, "mark").first().waitFor();
  }));

test("the focus can be seen wherever it is", () =>
  onPage(async (page) => {
    await hook(page, "sample-bookshop").click();
    await phase(page, "workspace");
    for (let n = 0; n < 25; n += 1) {
      await page.keyboard.press("Tab");
      const unseen = await page.evaluate(() => {
        const at = document.activeElement;
        // The page itself puts the focus on what it opens, whenever that is there: no stop of the Tab key, and nothing to operate.
        if (!at || at === document.body || at.tabIndex < 0) return null;
        const look = () => {
          const parts = [null, "::before", "::after"].map((part) => getComputedStyle(at, part));
          return JSON.stringify(parts.map((s) => [s.outlineStyle, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderColor]));
        };
        for (const animation of document.getAnimations()) animation.finish();
        const focused = look();
        at.blur();
        for (const animation of document.getAnimations()) animation.finish();
        const plain = look();
        at.focus();
        return focused === plain ? at.outerHTML.slice(0, 200) : null;
      });
      assert.equal(unseen, null, "looks the same with the focus as without");
    }
  }));

/** What a screen reader could not name, or would be misled by. */
function defects() {
  const found = [];
  const shown = (e) => e.checkVisibility() && !e.closest("[aria-hidden=true], [inert]");
  const all = [...document.querySelectorAll("*")].filter(shown);
  const name = (e) => {
    const by = (e.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.innerText ?? "").join("");
    return (e.getAttribute("aria-label") || by || e.innerText || e.labels?.[0]?.innerText || e.title || e.placeholder || "").trim();
  };
  const show = (e) => e.outerHTML.slice(0, 120);
  if (!document.documentElement.lang) found.push("the page has no language");
  for (const e of all) {
    const role = e.getAttribute("role");
    if (e.matches("button, a[href], input, select, textarea, [role=button], [role=tab], [role=menuitem]") && !name(e)) found.push(`no name: ${show(e)}`);
    if (e.matches("img") && !e.hasAttribute("alt")) found.push(`no alternative text: ${show(e)}`);
    if (e.matches("svg") && !e.closest("[aria-hidden=true]") && !name(e) && role !== "presentation") found.push(`a drawing without a name: ${show(e)}`);
    if (e.matches("canvas") && !name(e)) found.push(`no name: ${show(e)}`);
    if (e.tabIndex > 0) found.push(`takes the focus out of order: ${show(e)}`);
    if (e.matches("[role=dialog]") && !name(e)) found.push(`a dialog without a name: ${show(e)}`);
    if (e.matches("button button, a a, button a, a button")) found.push(`a control within a control: ${show(e)}`);
    for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant"]) {
      for (const id of (e.getAttribute(attribute) ?? "").split(" ").filter(Boolean)) {
        if (!document.getElementById(id)) found.push(`${attribute} names no element: ${show(e)}`);
      }
    }
  }
  const ids = all.map((e) => e.id).filter(Boolean);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`two elements are #${id}`);
  if (document.querySelectorAll("main").length !== 1) found.push("not exactly one main landmark");
  const levels = all.filter((e) => /^H[1-6]$/.test(e.tagName)).map((e) => Number(e.tagName[1]));
  levels.reduce((before, level) => {
    if (level > before + 1) found.push(`heading ${level} follows ${before}`);
    return level;
  }, 6);
  return found;
}

/** Text whose contrast with what is behind it is under 4.5 to 1, or 3 to 1 where it is large (WCAG 2.2, 1.4.3). */
function faint() {
  const parse = (text) => {
    const n = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return { r: n[0], g: n[1], b: n[2], a: n[3] ?? 1 };
  };
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255, a: 1 };
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const found = new Set();
  for (const e of document.querySelectorAll("*")) {
    const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    const style = getComputedStyle(e);
    if (!own || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.matches(":disabled, :disabled *")) continue;
    const colour = parse(style.color);
    if (colour.a < 1 || !style.color.startsWith("rgb")) continue;
    const [a, b] = [light(colour), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.add(`${ratio.toFixed(2)} ${e.className || e.tagName}: ${e.textContent.trim().slice(0, 30)}`);
  }
  return [...found];
}

for (const colorScheme of ["light", "dark"]) {
  test(`every state can be read by a machine and by eye, ${colorScheme}`, () =>
    onPage(
      async (page) => {
        const look = async (state) => {
          assert.deepEqual(await page.evaluate(defects), [], `${state}: structure`);
          assert.deepEqual(await page.evaluate(faint), [], `${state}: contrast`);
        };
        await look("landing");
        await hook(page, "sample-helpdesk").click();
        await phase(page, "workspace");
        await look("workspace");
        await hook(page, "view-findings").click();
        await hook(page, "group-toggle").first().click();
        await hook(page, "finding").first().waitFor();
        await look("findings");
        await page.keyboard.press("Control+k");
        await hook(page, "palette-input").waitFor();
        await look("search");
      },
      { colorScheme },
    ));
}
