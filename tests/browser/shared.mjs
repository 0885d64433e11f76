// What tests of every folder share that open a page: how Chromium is started, the page's hooks, files to give it. Nothing here needs a package, for
// each folder of tests has its own.

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";

/** Generous: the machine may be busy, and a test that waits in vain fails anyway. */
export const PATIENCE = 60_000;

/** Starts playwright's `chromium` with nothing of its own to say to the network. */
export function launched(chromium) {
  return chromium.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** The locator of a hook. */
export const hook = (page, name) => page.locator(`[data-testid="${name}"]`);

/** Waits until the page says that it is ready. */
export const ready = (page) => page.locator('[data-testid="app"][data-ready="true"]').waitFor();

/** Waits until the page is in a phase: landing, working, workspace, nothing, died. */
export const phase = (page, name) => page.locator(`[data-testid="app"][data-phase="${name}"]`).waitFor();

/** A temporary folder with these files (`{path: text or bytes}`), gone after `body(folder)`. */
export async function withFiles(files, body) {
  const folder = mkdtempSync(join(tmpdir(), "relata-page-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes of a zip archive with these files, stored without compression (APPNOTE.TXT, 4.3). */
export function zipOf(files) {
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [title, body] = [Buffer.from(name), Buffer.from(text)];
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt32LE(crc32(body), 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(body.length, 18);
    fields.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, title, body]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, tail, title]));
    locals.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, index, Buffer.from("PK\x05\x06"), end]);
}
