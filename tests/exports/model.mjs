// What a schema's exports must say, from its catalogue: tables with their columns, and what refers to what. Partitions are part of the table at
// their root.

import { execFileSync } from "node:child_process";

export const relata = (...args) =>
  execFileSync(process.env.RELATA_BIN, args, { encoding: "utf8", maxBuffer: 1 << 29, stdio: ["ignore", "pipe", "pipe"] });

/** Whether the files under a path describe several schemas, of which one would have to be chosen. */
export function severalTargets(path) {
  try {
    relata("catalog", path);
  } catch (error) {
    return String(error.stderr).includes("more than one target");
  }
  return false;
}

/** `{ tables: Map(path → [column]), references: Set("path(columns) → path(columns)"), home }` of the files under a path. */
export function expected(path) {
  const { schemas } = JSON.parse(relata("catalog", path));
  const all = new Map();
  for (const [schema, objects] of Object.entries(schemas)) {
    for (const kind of ["tables", "foreign_tables"]) {
      for (const [name, table] of Object.entries(objects[kind] ?? {})) all.set(key(schema, name), { ...table, schema, name });
    }
  }
  const root = (at) => {
    const parent = all.get(at)?.partition_of;
    return parent && all.has(key(...parent)) ? root(key(...parent)) : at;
  };
  const tables = new Map();
  const references = new Set();
  const add = (at, column) => {
    if (!tables.has(at)) tables.set(at, []);
    if (column !== undefined && !tables.get(at).includes(column)) tables.get(at).push(column);
  };
  for (const [at, table] of all) if (root(at) === at) table.columns.forEach((c) => add(at, c.name)) ?? add(at);
  for (const [at, table] of all) {
    for (const fk of table.fks ?? []) {
      const to = root(key(fk.ref_schema, fk.ref_table));
      // A table that the files refer to without making it is drawn with the columns that they name.
      if (!all.has(to)) fk.ref_columns.forEach((c) => add(to, c));
      references.add(reference(root(at), fk.columns, to, fk.ref_columns));
    }
  }
  return { tables, references };
}

/** Schema and name in one, told apart by what no name can hold. */
export const key = (schema, name) => `${schema}\u0000${name}`;
export const reference = (from, columns, to, toColumns) => JSON.stringify([from, columns, to, toColumns]);
