// Mermaid's and DBML's own parsers read the exports, and find in them the tables, columns and references that the catalogue has.
//
// `cargo xtask test exports` runs it over the schemas below; `cargo xtask oracle` sets RELATA_EXPORTS=all, which is every PostgreSQL schema of the corpus.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import mermaid from "mermaid";
import { expected, key, reference, relata, severalTargets } from "./model.mjs";

const { Parser } = createRequire(import.meta.url)("@dbml/core");

const SAMPLE = ["pg-pagila", "pg-chinook", "pg-openstreetmap", "pg-danbooru", "pg-adventureworks", "pg-kitchen-sink", "pg-subscription-payments", "pg-gisia"];
const folder = mkdtempSync(join(tmpdir(), "relata-exports-"));
after(() => rmSync(folder, { recursive: true }));

const EMOJI = "🧾 facture 👩‍👩‍👧";
const HOSTILE = `
CREATE SCHEMA "we""ird";
CREATE TABLE "we""ird"."a""b" (
  "id""1" int PRIMARY KEY,
  "<img src=x onerror=alert(1)>" text,
  "percent %% \\ back" text,
  "x; } ""y"" : 'z'" text,
  "-- /* ]] }}" int,
  "مرحبا" text, "${"\u202e"}evil" text,
  "${"n".repeat(63)}" int
);
CREATE TABLE "${EMOJI}" ("pk" int PRIMARY KEY, "FK" int UNIQUE, "1st" int NOT NULL, "select" varchar(40)[], "a.b" numeric(10,2));
CREATE TABLE child (
  id int PRIMARY KEY REFERENCES "${EMOJI}",
  self_id int REFERENCES child,
  "a""b_id" int REFERENCES "we""ird"."a""b",
  second int REFERENCES "we""ird"."a""b",
  x int, y int
);
CREATE TABLE pair (x int, y int, z int, PRIMARY KEY (x, y));
ALTER TABLE child ADD FOREIGN KEY (x, y) REFERENCES pair (x, y) ON DELETE CASCADE;
CREATE TABLE "Table" ("Ref" int PRIMARY KEY, "Note" int REFERENCES child);
CREATE TABLE "${"t".repeat(63)}" ("${"c".repeat(2000)}" int, d int);
COMMENT ON TABLE child IS 'It''s \\ "quoted" ''''''  and
on two lines \${x} %%';
COMMENT ON COLUMN child.x IS '''''''';
`;

/** What turns the writing direction is replaced everywhere. Mermaid has no quote, backslash or percent sign in a name, and few characters in a column's. */
const turned = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
const label = (text) => [...turned(text)].map((c) => (c === '"' ? "'" : c === "%" || c === "\\" || /\p{Cc}/u.test(c) ? "_" : c)).join("");
const comment = (text) => label(text).replace(/\p{Cc}/gu, " ");

/** Tables, columns and references as Mermaid's parser finds them in all parts of an export. */
async function readMermaid(text) {
  const blocks = [...text.matchAll(/^```mermaid\n(.*?)^```$/gms)].map((m) => m[1]);
  const tables = new Map();
  const references = [];
  for (const part of blocks.length ? blocks : [text]) {
    assert.ok(part.length <= 50_000, "longer than Mermaid takes");
    await mermaid.parse(part);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(part);
    assert.ok(db.getRelationships().length <= 500, "more relationships than Mermaid takes");
    const names = new Map();
    for (const [name, entity] of db.getEntities()) {
      names.set(entity.id, name);
      const columns = entity.attributes.map((a) => [a.name, a.comment ?? ""]);
      if (columns.length || !tables.has(name)) tables.set(name, columns);
    }
    for (const r of db.getRelationships()) references.push([names.get(r.entityA), names.get(r.entityB), r.roleA]);
  }
  return { tables, references };
}

async function checkMermaid(path) {
  const model = expected(path);
  const found = await readMermaid(relata("diagram", path, "--format", "mermaid"));
  const counts = new Map();
  for (const at of model.tables.keys()) counts.set(at.split("\0")[0], (counts.get(at.split("\0")[0]) ?? 0) + 1);
  const home = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
  const name = (at) => {
    const [schema, table] = at.split("\0");
    return label(schema === home ? table : `${schema}.${table}`);
  };
  assert.deepEqual([...found.tables.keys()].sort(), [...model.tables.keys()].map(name).sort());
  for (const [at, columns] of model.tables) {
    const read = found.tables.get(name(at));
    assert.equal(read.length, columns.length, `columns of ${name(at)}`);
    const real = new Set(columns.map(comment));
    for (const [shown, said] of read) {
      // A name that Mermaid cannot hold stands in the comment.
      assert.ok(real.has(shown) || [...real].some((c) => said.startsWith(c)), `${shown} of ${name(at)}: ${said}`);
    }
  }
  const lines = (list) => [...new Set(list.map((r) => JSON.stringify(r)))].sort();
  const wanted = [...model.references].map((r) => JSON.parse(r)).map(([from, columns, to]) => [name(from), name(to), comment(columns.join(", "))]);
  assert.deepEqual(lines(found.references), lines(wanted));
}

/** DBML has no double quote, backslash or control character in a name. */
const plain = (text) => [...turned(text)].map((c) => (c === '"' ? "'" : c === "\\" ? "/" : /\p{Cc}/u.test(c) ? " " : c)).join("");

function checkDbml(path) {
  const model = expected(path);
  const text = relata("diagram", path, "--format", "dbml");
  const { schemas } = new Parser().parse(text, "dbmlv2");
  const tables = new Map();
  const references = new Set();
  for (const schema of schemas) {
    for (const table of schema.tables) tables.set(key(schema.name, table.name), table.fields.map((f) => f.name));
    for (const ref of schema.refs) {
      // The child stands first in our text, and keeps its place.
      const [from, to] = ref.endpoints.map((e) => [key(e.schemaName ?? "public", e.tableName), e.fieldNames]);
      references.add(reference(...from, ...to));
    }
  }
  const at = (path) => path.split("\0").map(plain).join("\0");
  // What DBML cannot hold is left out and named in a comment: tables without columns, a second reference between the same columns.
  const wanted = [...model.tables].filter(([, columns]) => columns.length);
  assert.deepEqual(
    [...tables].sort(byName),
    wanted.map(([path, columns]) => [at(path), columns.map(plain)]).sort(byName),
  );
  const lost = [...model.references]
    .map((r) => JSON.parse(r))
    .map(([from, columns, to, toColumns]) => reference(at(from), columns.map(plain), at(to), toColumns.map(plain)))
    .filter((r) => !references.has(r));
  const said = text.split("\n").filter((l) => l.startsWith("// Ref ")).length;
  assert.ok(lost.length <= said, `lost without a word: ${lost.slice(0, 3)}`);
  assert.ok(references.size + lost.length >= model.references.size && references.size <= model.references.size);
}

const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);

/** A file or folder to read for each item of the corpus. */
function items() {
  const corpus = process.env.RELATA_CORPUS && join(process.env.RELATA_CORPUS, "corpus");
  if (!corpus || !existsSync(corpus)) return [];
  const all = readFileSync(join(corpus, "TRUTH.txt"), "utf8").split("\n").map((l) => l.trim()).filter((n) => /^(pg|alembic|django)-/.test(n));
  return (process.env.RELATA_EXPORTS === "all" ? all : all.filter((n) => SAMPLE.includes(n))).map((name) => {
    const dump = join(corpus, "dev/_pgdumps", `${name}.sql`);
    return [name, existsSync(dump) ? dump : join(corpus, "dev", name)];
  });
}

const hostile = join(folder, "hostile.sql");
writeFileSync(hostile, HOSTILE);
// More than Mermaid takes at once, by text and by relationships.
const named = (i) => `${["orders", "billing", "stock"][i % 3]}_${i}`;
const large = join(folder, "large.sql");
writeFileSync(large, Array.from({ length: 700 }, (_, i) => {
  const key = (n) => `, k${n} int REFERENCES ${named(Math.floor(i / (n + 1)))}`;
  return `CREATE TABLE ${named(i)} (id int PRIMARY KEY, "a long name ${i}" text, note text${i > 8 ? key(1) + key(2) : ""});`;
}).join("\n"));

for (const [name, path] of [["hostile names", hostile], ["a large schema", large], ...items()]) {
  if (severalTargets(path)) {
    test(`${name}`, { skip: "several schemas in one folder" });
    continue;
  }
  test(`Mermaid reads ${name}`, () => checkMermaid(path));
  // DBML knows no limit, and its parser takes seconds over such a schema.
  if (path !== large) test(`DBML reads ${name}`, () => checkDbml(path));
}
