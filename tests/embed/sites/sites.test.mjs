// Documentation sites as people build them, with a schema in them: the diagram is there, the theme follows the site's, the console is silent.
//
// RELATA_SITES names the sites to build (all without it), RELATA_PICTURES a folder that gets a picture of each.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, onPage, serve } from "../support.mjs";

const HERE = import.meta.dirname;
const ELEMENT = join(process.env.RELATA_DIST, "element");
const SAMPLE = join(HERE, "../../../static/samples/bookshop.sql");

/** Where each site takes files as they are, what builds it, where it goes, and how its reader goes over to the dark theme. */
const SITES = {
  vitepress: {
    files: "public",
    build: ["node", "node_modules/vitepress/bin/vitepress.js", "build"],
    out: ".vitepress/dist",
    dark: (page) => page.locator(".VPSwitchAppearance:visible").first().click(),
  },
  mkdocs: {
    files: "docs",
    build: [process.env.RELATA_MKDOCS ?? "mkdocs", "build", "--quiet", "--strict"],
    out: "site",
    dark: (page) => page.locator('label[title="Dark"]').click(),
    schemas: 2,
  },
  docusaurus: {
    files: "static",
    build: ["node", "node_modules/@docusaurus/core/bin/docusaurus.mjs", "build"],
    out: "build",
    dark: async (page) => {
      const html = page.locator("html");
      // Its switch goes round: system, light, dark.
      for (let n = 0; n < 3 && (await html.getAttribute("data-theme")) !== "dark"; n += 1) await page.getByRole("button", { name: /dark and light mode/i }).first().click();
    },
  },
  mdbook: {
    files: "src",
    build: [process.env.RELATA_MDBOOK ?? "mdbook", "build"],
    out: "book",
    dark: async (page) => {
      await page.locator("#theme-toggle").click();
      await page.locator("#navy").click();
    },
  },
};

const wanted = (process.env.RELATA_SITES ?? Object.keys(SITES).join(" ")).split(" ").filter(Boolean);
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

for (const name of wanted) {
  const { files, build, out, dark, schemas = 1 } = SITES[name];
  test(`${name} shows a schema in its own theme`, async () => {
    const folder = join(HERE, name);
    const place = join(folder, files);
    mkdirSync(join(place, "relata"), { recursive: true });
    for (const file of ["relata-schema.js", "relata-worker.js", "relata_engine_bg.wasm"]) cpSync(join(ELEMENT, file), join(place, "relata", file));
    cpSync(SAMPLE, join(place, "schema.sql"));
    const [program, ...args] = build;
    const env = { ...process.env, NO_UPDATE_NOTIFIER: "1", DOCUSAURUS_NO_TELEMETRY: "1", NODE_ENV: "production" };
    execFileSync(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const server = await serve({ "/": join(folder, out) });
    try {
      await onPage(browser, server.url, async (page) => {
        const schema = page.locator("relata-schema");
        await schema.locator(".canvas svg").first().waitFor();
        await page.waitForFunction((n) => [...document.querySelectorAll("relata-schema")].filter((e) => e.shadowRoot.querySelector(".shell.ready")).length === n, schemas);
        assert.ok((await schema.first().locator("svg g[transform] > title").count()) >= 10, "every table has its box");
        const theme = (value) => page.waitForFunction((t) => document.querySelector("relata-schema").shadowRoot.querySelector(".shell").dataset.theme === t, value);
        await theme("light");
        if (process.env.RELATA_PICTURES) await page.screenshot({ path: join(process.env.RELATA_PICTURES, `embed-${name}.png`) });
        await dark(page);
        await theme("dark");
        await schema.first().getByRole("tab", { name: "Tables" }).click();
        await schema.first().locator("details.table").first().waitFor();
      }, { viewport: { width: 1300, height: 700 }, colorScheme: "light" });
    } finally {
      await server.close();
    }
  });
}
