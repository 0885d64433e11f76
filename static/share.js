// What the page and the page as one file share: which addresses may become scripts, and links.
//
// A link that holds what it shows: files, compressed, in the part of an address behind `#`, which browsers send to no server.
//
//   #relata=1.CHECK.DATA    DATA: base64url (RFC 4648, 5) of raw deflate (RFC 1951) of JSON, { files: [[name, text] or [name, null, base64]], view };
//                           CHECK: CRC-32 of that JSON in eight hexadecimal digits, for links that were cut off or changed on their way
//
// Opening one runs nothing and fetches nothing: it gives files to the page as if they had been dropped on it.

/** The longest link that browsers open (Firefox stops at a million characters). */
export const LONGEST = 500_000;
/** From here on some programs that pass links on cut them. */
export const CAREFUL = 8_000;
/** From this size on what a link holds is told before it is analysed, in bytes. */
export const ASK_FROM = 1 << 20;
/** How what the engine unpacks begins: zip and gzip (core/src/source/encoding.rs). */
const PACKED = [[0x50, 0x4b, 3, 4], [0x1f, 0x8b]];
/** The largest content that is unpacked, in bytes. */
const MOST = 32 << 20;
const SIGN = "#relata=";
const VERSION = "1";

/** What went wrong, in a sentence for a person. */
export class ShareError extends Error {}

/** Whether the part of an address behind `#` is a shared analysis. */
export function isShared(hash) {
  return hash.startsWith(SIGN);
}

/**
 * What lets addresses become scripts: those of `own` and no other; nothing may become markup. The page's policy demands it where the browser has
 * Trusted Types.
 */
export function scripts(own) {
  const rules = {
    createScriptURL(address) {
      if (own.has(address)) return address;
      throw new TypeError(`${address} is no script of this page.`);
    },
  };
  return globalThis.trustedTypes?.createPolicy("relata", rules) ?? rules;
}

/** The fragment for files (`[name, Blob]` each). Throws a `ShareError` where it would be too long. */
export async function encode(files, view) {
  const total = files.reduce((sum, [, blob]) => sum + blob.size, 0);
  if (total > MOST) throw tooLong(total);
  const listed = await Promise.all(files.map(async ([name, blob]) => entry(name, new Uint8Array(await blob.arrayBuffer()))));
  const json = new TextEncoder().encode(JSON.stringify(view ? { files: listed, view } : { files: listed }));
  const packed = new Uint8Array(await new Response(through(json, new CompressionStream("deflate-raw"))).arrayBuffer());
  const data = base64(packed).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const fragment = `${SIGN}${VERSION}.${crc32(json).toString(16).padStart(8, "0")}.${data}`;
  if (fragment.length > LONGEST) throw tooLong(fragment.length);
  return fragment;
}

function tooLong(size) {
  return new ShareError(
    `This is too much for a link (${Math.ceil(size / 1000)} KB; a link holds about ${LONGEST / 1000}). Use Export, One file instead: it holds everything and opens anywhere.`,
  );
}

/** The files of a fragment: `{ files: [File], bytes, view }`. Throws a `ShareError` that says what is wrong with it. */
export async function decode(hash) {
  const [version, check, data, ...more] = hash.slice(SIGN.length).split(".");
  if (!isShared(hash) || !/^\d+$/.test(version)) throw damaged();
  if (version !== VERSION) throw new ShareError("This link was made by a newer Relata than this one, which cannot read it.");
  if (more.length > 0 || !/^[0-9a-f]{8}$/.test(check ?? "") || !/^[\w-]+$/.test(data ?? "")) throw damaged();
  let json;
  let content;
  try {
    json = await inflated(bytesOf(data.replaceAll("-", "+").replaceAll("_", "/")));
    if (crc32(json) !== Number.parseInt(check, 16)) throw damaged();
    content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (error) {
    throw error instanceof ShareError ? error : damaged();
  }
  if (!Array.isArray(content?.files) || content.files.length === 0) throw damaged();
  const files = content.files.map((file) => {
    const [name, text, packed] = Array.isArray(file) ? file : [];
    if (typeof name !== "string" || !(typeof text === "string" || (text === null && typeof packed === "string"))) throw damaged();
    try {
      return new File([text ?? bytesOf(packed)], name);
    } catch {
      throw damaged();
    }
  });
  const view = typeof content.view === "string" ? content.view : undefined;
  return { files, bytes: files.reduce((sum, file) => sum + file.size, 0), view };
}

function damaged() {
  return new ShareError("This link is damaged: it was cut off or changed on its way. Ask for it again, or for the files themselves.");
}

function entry(name, bytes) {
  try {
    return [name, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)];
  } catch {
    return [name, null, base64(bytes)];
  }
}

function through(bytes, transform) {
  return new Blob([bytes]).stream().pipeThrough(transform);
}

/** Inflates, but never more than there may be: a few letters can stand for gigabytes. */
async function inflated(packed) {
  const reader = through(packed, new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > MOST) {
      await reader.cancel();
      throw new ShareError(`This link holds more than ${MOST >> 20} MB, which no link that Relata made does. It was not opened.`);
    }
    parts.push(value);
  }
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** CRC-32 as in gzip (RFC 1952, 8). */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

// ------------------------------------------------------------------------------------------------------------------------------------------- in the page

/** What the page is mounted with: `share(files, view)` gives a sentence for the user, `shared` promises the files of the address. */
export function sharing(place) {
  addEventListener("hashchange", () => {
    // The address of another link was put over this one's: a page shows one analysis.
    if (isShared(location.hash)) location.reload();
  });
  return { share, shared: opened(location.hash, place) };
}

async function share(files, view) {
  if (location.protocol === "file:") return "This page stands on your own disk, where a link leads nobody else. Use Export, One file instead.";
  let fragment;
  try {
    fragment = await encode(files, view);
  } catch (error) {
    if (error instanceof ShareError) return error.message;
    throw error;
  }
  const link = location.href.split("#")[0] + fragment;
  const long = link.length > CAREFUL ? ` It is ${link.length} characters long: some programs cut links like that.` : "";
  try {
    await navigator.clipboard.writeText(link);
    return `The link is copied. It holds the files themselves; no server sees them.${long}`;
  } catch {
    history.replaceState(null, "", fragment);
    return `The link stands in the address bar, to be copied from there. It holds the files themselves.${long}`;
  }
}

/** The files of the address, once they may be shown; `undefined` where it has none. */
async function opened(hash, place) {
  if (!isShared(hash)) return undefined;
  let content;
  try {
    content = await decode(hash);
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    await told(place, error.message, [["Close", false]]);
    return undefined;
  }
  const { files, bytes, view } = content;
  // What an archive holds is known only once it is unpacked: a few bytes may be gigabytes.
  const archives = await packedAmong(files);
  if (bytes > ASK_FROM || archives.length > 0) {
    const names = files.slice(0, 5).map((file) => file.name).join(", ") + (files.length > 5 ? " …" : "");
    const size = bytes < 1e5 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
    const more = archives.length > 0 ? ` ${archives.slice(0, 5).join(", ")}: packed, and perhaps much larger.` : "";
    const holds = `This link holds ${files.length === 1 ? "one file" : `${files.length} files`}, ${size}: ${names}.${more} Nothing of it has been read yet.`;
    if (!(await told(place, holds, [["Analyse it", true], ["Leave it", false]]))) return undefined;
  }
  return { files, view };
}

/** The names of files that are packed, by their first bytes: names can say anything. */
async function packedAmong(files) {
  const heads = await Promise.all(files.map(async (file) => new Uint8Array(await file.slice(0, 4).arrayBuffer())));
  return files.filter((_, at) => PACKED.some((sign) => sign.every((byte, offset) => heads[at][offset] === byte))).map((file) => file.name);
}

/** Says something above the page, and waits for one of the answers. */
function told(place, message, answers) {
  return new Promise((resolve) => {
    const box = document.createElement("div");
    box.className = "relata-told";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-label", "Shared link");
    box.dataset.testid = "shared";
    const text = document.createElement("p");
    text.textContent = message;
    box.append(text);
    for (const [label, value] of answers) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => {
        box.remove();
        resolve(value);
      });
      box.append(button);
    }
    place.before(box);
    box.querySelector("button").focus();
  });
}
