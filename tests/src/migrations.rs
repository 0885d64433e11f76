//! A long history of migrations that nobody wrote, for the bench: tables that come and grow, keys and indexes, renames and drops, each file small, as
//! a project of many years has them. Equal counts give equal files.

use std::fmt::Write as _;

/// A table as far as the later files must know it.
struct Table {
    name: String,
    /// The columns that may be altered, renamed and dropped: none of them is part of a key.
    columns: Vec<String>,
    /// How many columns were ever added.
    added: usize,
}

/// Numbers that look like chance and are the same every time (Knuth's linear congruential generator, MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit.max(1) as u64).unwrap_or(0)
    }
}

const TYPES: [&str; 8] = [
    "text",
    "integer",
    "bigint",
    "boolean NOT NULL DEFAULT false",
    "timestamptz",
    "numeric(12,2)",
    "jsonb",
    "varchar(255)",
];

/// How much a revision changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Revisions {
    /// One thing: the smallest files that there are.
    Least,
    /// Mostly one thing, sometimes many, so that the sizes of files are those of real projects: half of them small, a few that the bytes are in.
    AsUsual,
}

impl Revisions {
    /// How many things the next one changes.
    fn steps(self, dice: &mut Dice) -> usize {
        match self {
            Self::Least => 1,
            Self::AsUsual => match dice.below(50) {
                0..=29 => 1,
                30..=39 => 2,
                40..=44 => 4,
                45..=48 => 8,
                _ => 30,
            },
        }
    }
}

/// The files of a history of `count` revisions in the layout of goose, each with its way back.
pub fn migrations(count: usize, revisions: Revisions) -> Vec<(String, String)> {
    let mut dice = Dice(5);
    let mut tables: Vec<Table> = Vec::new();
    let mut number = 0;
    (1..=count)
        .map(|revision| {
            let (mut name, mut up, mut down) = (String::new(), String::new(), String::new());
            for _ in 0..revisions.steps(&mut dice) {
                number += 1;
                let (title, there, back) = step(number, &mut dice, &mut tables);
                name = title;
                up.push_str(&there);
                // What came last goes first.
                down.insert_str(0, &back);
            }
            let text = format!("-- +goose Up\n{up}\n-- +goose Down\n{down}");
            (format!("db/migrations/{revision:05}_{name}.sql"), text)
        })
        .collect()
}

/// The title, the way up and the way back of the next thing that changes.
fn step(number: usize, dice: &mut Dice, tables: &mut Vec<Table>) -> (String, String, String) {
    let kind = if tables.len() < 3 { 0 } else { dice.below(20) };
    let at = dice.below(tables.len());
    let chosen = tables.get_mut(at);
    match (kind, chosen) {
        (0..=3, _) | (_, None) => create(number, dice, tables),
        (4..=9, Some(table)) => {
            table.added += 1;
            let column = format!("extra_{}", table.added);
            let kind = TYPES[dice.below(TYPES.len())];
            let name = &table.name;
            let up = format!(
                "ALTER TABLE {name} ADD COLUMN {column} {kind};\nCOMMENT ON COLUMN {name}.{column} IS 'Added by revision {number}.';\n"
            );
            let down = format!("ALTER TABLE {name} DROP COLUMN {column};\n");
            table.columns.push(column);
            (format!("add_to_{name}"), up, down)
        }
        (10..=13, Some(Table { name, columns, .. })) => {
            let column = &columns[dice.below(columns.len())];
            let up = format!("CREATE INDEX {name}_{number}_idx ON {name} ({column});\n");
            (format!("index_{name}"), up, format!("DROP INDEX {name}_{number}_idx;\n"))
        }
        (14 | 15, Some(Table { name, columns, .. })) => {
            let column = &columns[dice.below(columns.len())];
            let up = format!(
                "UPDATE {name} SET {column} = DEFAULT WHERE {column} IS NULL;\nALTER TABLE {name} ALTER COLUMN {column} SET NOT NULL;\n"
            );
            (format!("require_{column}"), up, format!("ALTER TABLE {name} ALTER COLUMN {column} DROP NOT NULL;\n"))
        }
        (16, Some(Table { name, columns, .. })) if columns.len() > 2 => {
            let column = columns.swap_remove(dice.below(columns.len()));
            let up = format!("ALTER TABLE {name} DROP COLUMN {column};\n");
            (format!("drop_{column}"), up, format!("ALTER TABLE {name} ADD COLUMN {column} text;\n"))
        }
        (17, Some(Table { name, columns, added })) => {
            *added += 1;
            let (old, new) = (dice.below(columns.len()), format!("renamed_{added}"));
            let before = std::mem::replace(&mut columns[old], new.clone());
            let up = format!("ALTER TABLE {name} RENAME COLUMN {before} TO {new};\n");
            (format!("rename_in_{name}"), up, format!("ALTER TABLE {name} RENAME COLUMN {new} TO {before};\n"))
        }
        (18, Some(Table { name, .. })) => {
            let up = format!(
                "CREATE VIEW {name}_view_{number} AS SELECT id, created_at FROM {name} WHERE created_at > now() - interval '1 day';\n"
            );
            (format!("view_of_{name}"), up, format!("DROP VIEW {name}_view_{number};\n"))
        }
        (_, Some(Table { name, .. })) => {
            let up =
                format!("ALTER TABLE {name} ADD CONSTRAINT {name}_{number}_check CHECK (created_at > '2000-01-01');\n");
            (format!("check_{name}"), up, format!("ALTER TABLE {name} DROP CONSTRAINT {name}_{number}_check;\n"))
        }
    }
}

fn create(number: usize, dice: &mut Dice, tables: &mut Vec<Table>) -> (String, String, String) {
    let name = format!("entity_{number}");
    let mut up = format!("CREATE TABLE {name} (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n");
    if !tables.is_empty() {
        let other = &tables[dice.below(tables.len())].name;
        let _ = writeln!(up, "    owner_id bigint NOT NULL REFERENCES {other} (id) ON DELETE CASCADE,");
    }
    let columns: Vec<String> = (0..4 + dice.below(9)).map(|n| format!("field_{n}")).collect();
    for column in &columns {
        let _ = writeln!(up, "    {column} {},", TYPES[dice.below(TYPES.len())]);
    }
    up.push_str("    created_at timestamptz NOT NULL DEFAULT now()\n);\n");
    if !tables.is_empty() {
        let _ = writeln!(up, "CREATE INDEX {name}_owner_idx ON {name} (owner_id);");
    }
    let down = format!("DROP TABLE {name};\n");
    let title = format!("create_{name}");
    tables.push(Table { name, columns, added: 0 });
    (title, up, down)
}
