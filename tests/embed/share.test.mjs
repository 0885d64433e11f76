// The link that holds an analysis: what comes out is what went in, and nothing that was tampered with is opened. Then in the page.

import assert from "node:assert/strict";
import { crc32, deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hook, launch, onPage, PATIENCE, phase, ready, serve, SMALL, zipOf } from "./support.mjs";

const DIST = process.env.RELATA_DIST;
// A module without a package beside it: Node takes its text.
const text = readFileSync(join(import.meta.dirname, "../../static/share.js"), "utf8");
const { decode, encode, isShared, LONGEST } = await import(`data:text/javascript,${encodeURIComponent(text)}`);

const blob = (content) => new Blob([content]);
const opened = async (fragment) => {
  const { files, bytes, view } = await decode(fragment);
  return { files: await Promise.all(files.map(async (f) => [f.name, Buffer.from(await f.arrayBuffer())])), bytes, view };
};

test("files come back as they were: text, marks, bytes that are no text, names of every kind", async () => {
  const files = [
    ["a/ü b#?.sql", SMALL],
    ["bom.sql", "\ufeffCREATE TABLE x ();"],
    ["utf16.sql", Buffer.from("CREATE TABLE y ();", "utf16le").subarray(0, 35)],
    ["bytes.zip", Buffer.from([0, 255, 254, 1, 128])],
    ["empty.sql", ""],
  ];
  const fragment = await encode(files.map(([name, content]) => [name, blob(content)]), "Findings");
  assert.ok(isShared(fragment));
  assert.match(fragment, /^#relata=1\.[0-9a-f]{8}\.[\w-]+$/, "nothing in it needs escaping");
  const back = await opened(fragment);
  assert.deepEqual(back.files, files.map(([name, content]) => [name, Buffer.from(content)]));
  assert.equal(back.view, "Findings");
});

test("the data are raw deflate of JSON, as the head of the script says", async () => {
  const [, , data] = (await encode([["a.sql", blob("SELECT 1")]])).split(".");
  assert.deepEqual(JSON.parse(inflateRawSync(Buffer.from(data, "base64url")).toString()), { files: [["a.sql", "SELECT 1"]] });
});

test("whatever is cut off or changed is refused in words", async () => {
  const fragment = await encode([["a.sql", blob(SMALL)]]);
  const bad = [];
  for (let end = "#relata=".length; end < fragment.length; end += 7) bad.push(fragment.slice(0, end));
  for (let at = "#relata=1.".length; at < fragment.length; at += 5) {
    const other = fragment[at] === "b" ? "c" : "b";
    bad.push(fragment.slice(0, at) + other + fragment.slice(at + 1));
  }
  bad.push(`${fragment}.x`, `${fragment}%20`, "#relata=", "#relata=1", "#relata=1..", "#relata=x.y.z", "#relata=1.00000000.AAAA");
  for (const one of bad) {
    await assert.rejects(decode(one), (error) => /damaged|newer/.test(error.message), one);
  }
  await assert.rejects(decode(fragment.replace("=1.", "=2.")), /newer Relata/);
});

/** A fragment of any JSON, rightly summed: what somebody could make by hand. */
function made(value) {
  const json = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  const sum = crc32(json).toString(16).padStart(8, "0");
  return `#relata=1.${sum}.${deflateRawSync(json).toString("base64url")}`;
}

test("what is rightly packed but holds something else is refused", async () => {
  assert.equal((await opened(made({ files: [["a.sql", "x"]] }))).bytes, 1);
  for (const value of [null, 7, "no json", {}, { files: [] }, { files: [7] }, { files: [["a.sql"]] }, { files: [[1, "x"]] }, { files: [["a", null, 3]] }, { files: [["a", null, "%%"]] }]) {
    await assert.rejects(decode(made(value)), /damaged/, JSON.stringify(value));
  }
  assert.equal((await decode(made({ files: [["a.sql", "x"]], view: { toString: 1 } }))).view, undefined);
});

test("a link that would unpack to more than it may is not unpacked", async () => {
  await assert.rejects(decode(`#relata=1.00000000.${deflateRawSync("x".repeat(40 << 20)).toString("base64url")}`), /more than 32 MB/);
});

test("too much for a link is said, with what to do instead", async () => {
  let seed = 7;
  const noise = Buffer.from(Array.from({ length: LONGEST }, () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16));
  await assert.rejects(encode([["a.sql", blob(noise)]]), /too much for a link .*One file/);
  await assert.rejects(encode([["a.sql", { size: 1e10 }]]), /too much for a link/);
});

// ------------------------------------------------------------------------------------------------------------------------------------------- in the page

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Runs `body(page, watch, url, server)` on the page at this fragment. */
async function onSite(fragment, body, options) {
  const server = await serve({ "/sub/": DIST });
  try {
    await onPage(browser, `${server.url}sub/${fragment}`, (page, watch) => body(page, watch, `${server.url}sub/`, server), options);
  } finally {
    await server.close();
  }
}

test("a link copied from the page opens the same analysis, and no server sees what it holds", () =>
  onSite("", async (page, watch, url, server) => {
    await ready(page);
    await hook(page, "editor").fill(SMALL);
    await hook(page, "analyse").click();
    await phase(page, "workspace");
    await hook(page, "export").click();
    await hook(page, "share").click();
    await page.getByText("The link is copied").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(link.startsWith(`${url}#relata=1.`), link);
    const other = await page.context().newPage();
    other.setDefaultTimeout(PATIENCE);
    await other.goto(link);
    await phase(other, "workspace");
    assert.equal(await hook(other, "tree-table").count(), 3);
    assert.ok(server.requests.every((path) => !path.includes("relata=")));
    await other.close();
  }, { permissions: ["clipboard-read", "clipboard-write"] }));

test("a damaged link is said above the page, which works all the same", () =>
  onSite("#relata=1.00000000.AAAA", async (page) => {
    await hook(page, "shared").waitFor();
    assert.match(await hook(page, "shared").textContent(), /damaged/);
    await ready(page);
    await phase(page, "landing");
    await hook(page, "shared").getByRole("button", { name: "Close" }).click();
    await hook(page, "editor").fill(SMALL);
    await hook(page, "analyse").click();
    await phase(page, "workspace");
  }));

const LARGE = made({ files: [["large.sql", `${SMALL}-- ${"x".repeat(1_200_000)}\n`]] });

test("a link with more than a megabyte says what it holds before anything is analysed", () =>
  onSite(LARGE, async (page) => {
    await ready(page);
    assert.match(await hook(page, "shared").textContent(), /one file, 1\.2 MB: large\.sql\. Nothing of it has been read yet/);
    await phase(page, "landing");
    await hook(page, "shared").getByRole("button", { name: "Analyse it" }).click();
    await phase(page, "workspace");
    assert.equal(await hook(page, "tree-table").count(), 3);
  }));

test("and it can be left", () =>
  onSite(LARGE, async (page) => {
    await ready(page);
    await hook(page, "shared").getByRole("button", { name: "Leave it" }).click();
    await phase(page, "landing");
    assert.equal(await hook(page, "shared").count(), 0);
  }));

for (const [name, bytes] of [["schema.zip", zipOf({ "a.sql": SMALL })], ["schema.sql", gzipSync(SMALL)]]) {
  test(`an archive is asked about, however small and whatever it is called: ${name} as ${bytes.subarray(0, 2).toString("hex")}`, () =>
    onSite(made({ files: [["b.sql", "CREATE TABLE b ();"], [name, null, bytes.toString("base64")]] }), async (page) => {
      await ready(page);
      const told = await hook(page, "shared").textContent();
      assert.ok(told.includes(`2 files, 1 KB: b.sql, ${name}. ${name}: packed, and perhaps much larger. Nothing of it has been read yet`), told);
      await phase(page, "landing");
      await hook(page, "shared").getByRole("button", { name: "Analyse it" }).click();
      await phase(page, "workspace");
      assert.equal(await hook(page, "tree-table").count(), 4);
    }));
}
