// The pictures of the README, from the built page and its own samples. `cargo xtask screenshots` runs it.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hook, launch, phase, URL_OF_PAGE } from "./page.mjs";

const folder = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
mkdirSync(folder, { recursive: true });

const browser = await launch();
const shots = [
  ["landing-light", "light", async () => {}],
  ["diagram-light", "light", (page) => open(page, "freight")],
  [
    "findings-dark",
    "dark",
    async (page) => {
      await open(page, "helpdesk");
      await hook(page, "view-findings").click();
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
  await page.screenshot({ path: `${folder}${name}.png` });
  await context.close();
}
await browser.close();
