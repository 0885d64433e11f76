// Schemas of any size, made here: tables in modules, keys inside a module and some between them.

const MODULES = ["billing", "catalog", "crm", "identity", "logistics", "messaging", "orders", "payments", "reporting", "search", "support", "warehouse"];

/** The names of `n` tables in `modules` modules, and of each the tables that its keys refer to: the parent goes with its rows, the other does not. */
export function graph(n, modules = 12) {
  const each = Math.max(1, Math.ceil(n / modules));
  return Array.from({ length: n }, (_, i) => {
    const first = i - (i % each);
    return {
      name: `${MODULES[Math.floor(i / each) % MODULES.length]}_item_${i}`,
      parent: i > first ? first + ((i * 7) % (i - first)) : null,
      other: i % 5 === 0 && i > 0 ? (i * 13) % i : null,
    };
  });
}

/** The SQL of `graph`. */
export function schema(n, modules = 12) {
  const tables = graph(n, modules);
  const out = tables.map(({ name, parent, other }, i) => {
    const columns = ["id bigint PRIMARY KEY", "tenant_id bigint NOT NULL", "name text NOT NULL", "created_at timestamptz NOT NULL DEFAULT now()"];
    if (parent !== null) columns.push(`parent_id bigint NOT NULL REFERENCES ${tables[parent].name} (id) ON DELETE CASCADE`);
    if (other !== null) columns.push(`other_id bigint REFERENCES ${tables[other].name} (id)`);
    for (let k = 0; k < i % 6; k += 1) columns.push(`value_${k} numeric(12, 2)`);
    return `CREATE TABLE ${name} (${columns.join(", ")});`;
  });
  return `${out.join("\n")}\n`;
}

/** Five tables in a line, and one apart: a ← b ← c ← d, e. */
export const CHAIN = `CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a (id) ON DELETE CASCADE);
CREATE TABLE c (id int PRIMARY KEY, b_id int REFERENCES b (id) ON DELETE SET NULL);
CREATE TABLE d (id int PRIMARY KEY, c_id int NOT NULL REFERENCES c (id));
CREATE TABLE e (id int PRIMARY KEY);
`;

/** Names that break what does not treat them as data: quotes, markup, right to left, 63 bytes, emoji; the comment has 2,000 characters. */
export const HOSTILE = [
  `<img src=x onerror="document.title=1">`,
  `a"b'c\`d`,
  "‮שלום‬ مرحبا",
  "x".repeat(63),
  "🦀🎉 table",
  "[](javascript:alert(1))",
];

export const HOSTILE_SQL = `${HOSTILE.map((name) => `CREATE TABLE "${name.replaceAll('"', '""')}" (id int PRIMARY KEY, "${name.replaceAll('"', '""')}" text);`).join("\n")}
COMMENT ON TABLE "${"x".repeat(63)}" IS '${"<b>long</b> ".repeat(166)}';
`;
