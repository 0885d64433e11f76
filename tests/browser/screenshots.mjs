// The pictures of the README, from the built page and its own samples. `cargo xtask screenshots` runs it.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hook, launch, phase, URL_OF_PAGE } from "./page.mjs";

const folder = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
mkdirSync(folder, { recursive: true });

const browser = await launch();
const shots = [
  [
    "diagram-light",
    "light",
    async (page) => {
      await open(page, "freight");
      await hook(page, "toggle-right").click();
      // Near enough to read columns.
      for (let n = 0; n < 4; n += 1) await hook(page, "zoom-in").click();
    },
  ],
  [
    "findings-dark",
    "dark",
    async (page) => {
      await open(page, "helpdesk");
      await hook(page, "view-findings").click();
      await hook(page, "group-toggle").first().click();
      await hook(page, "finding").first().waitFor();
      await hook(page, "finding").first().locator('[data-testid="place"]').first().click();
      await hook(page, "mark").first().waitFor();
    },
  ],
];

async function open(page, sample) {
  await hook(page, `sample-${sample}`).click();
  await phase(page, "workspace");
  await page.waitForTimeout(1500);
}

for (const [name, colorScheme, prepare] of shots) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(URL_OF_PAGE);
  await page.locator('[data-testid="app"][data-ready="true"]').waitFor();
  await prepare(page);
  // Away from everything that answers to the pointer.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${folder}${name}.png` });
  await context.close();
}
await browser.close();
