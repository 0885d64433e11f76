// The page as one file, from the disk, without a network: proof that it can be embedded anywhere.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { hook, onPage, phase, useBrowser } from "./page.mjs";

useBrowser();

test("one HTML file opens from the disk with the network off and analyses a sample", () => {
  const url = pathToFileURL(process.env.RELATA_SINGLE_FILE).href;
  return onPage(
    async (page, watch) => {
      assert.deepEqual(watch.requests.map((r) => r.address), [url], "it asks for nothing but itself");
      await hook(page, "sample-helpdesk").click();
      await phase(page, "workspace");
      assert.ok((await hook(page, "tree-table").count()) >= 8);
    },
    { url, offline: true },
  );
});
