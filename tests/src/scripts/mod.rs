//! Random scripts of PostgreSQL DDL: one statement a line, in any order, mostly valid.
//!
//! A [`Writer`] keeps a rough belief of what its script has made so far and draws names from it, so that most statements find what they name; now
//! and then it draws from the whole pool, so that some do not. The pools are small: names meet. It never learns what a server accepted, for
//! nothing here may depend on one.
//!
//! Expressions have no type errors, for those Relata does not promise to find (it is a reader of schemas, not an evaluator), and a statement has
//! seldom two things wrong with it, since which of them PostgreSQL reports first is no part of what it documents.

mod believed;
mod blocks;
pub mod compare;
mod objects;
mod rows;
mod tables;

use self::believed::{Believed, Kind, Object, Path};

/// Draws a number below the one given, which is never 0.
pub type Choose<'a> = &'a mut dyn FnMut(u32) -> u32;

/// Whether a script is run statement by statement, or within a transaction of the one who runs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// It has no statement that begins or ends a transaction, and none that cannot run in one.
    Plain,
    /// It may have both.
    Transactions,
    /// Like `Plain`, and most statements stand in blocks of PL/pgSQL.
    Blocks,
}

/// Writes a script of `length` statements.
pub fn script(choose: Choose<'_>, length: u32, style: Style) -> Vec<String> {
    let mut writer = Writer { choose, believed: Believed::default(), in_transaction: false };
    let mut lines = Vec::new();
    for at in 0..length {
        // Something to alter has to stand first.
        let line = match style {
            _ if at < 3 => writer.create_table(),
            Style::Transactions if writer.chance(25) => writer.transaction(),
            Style::Blocks if writer.chance(60) => writer.do_block(),
            _ => writer.statement(),
        };
        lines.push(format!("{line};"));
    }
    lines
}

/// What is written so far, and where the next choice comes from.
struct Writer<'a> {
    choose: Choose<'a>,
    believed: Believed,
    in_transaction: bool,
}

const SCHEMAS: [&str; 4] = ["public", "app", "\"Lib\"", "other"];

impl Writer<'_> {
    fn below(&mut self, limit: usize) -> usize {
        (self.choose)(limit.max(1) as u32) as usize
    }

    fn chance(&mut self, percent: u32) -> bool {
        (self.choose)(100) < percent
    }

    /// The text in a share of the cases, else nothing.
    fn maybe(&mut self, percent: u32, text: &str) -> String {
        if self.chance(percent) { text.to_owned() } else { String::new() }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len());
        from[at].clone()
    }

    fn pick_if_any<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(self.pick(from)) }
    }

    /// One of the alternatives, by weight.
    fn weighted<T: Copy>(&mut self, alternatives: &[(u32, T)]) -> T {
        let total: u32 = alternatives.iter().map(|(weight, _)| weight).sum();
        let mut at = (self.choose)(total);
        for (weight, alternative) in alternatives {
            if at < *weight {
                return *alternative;
            }
            at -= weight;
        }
        alternatives[0].1
    }

    fn statement(&mut self) -> String {
        let write = self.weighted::<fn(&mut Self) -> String>(&[
            (16, Self::create_table),
            (40, Self::alter_table),
            (9, Self::create_index),
            (3, Self::alter_index),
            (4, Self::create_type),
            (4, Self::alter_type),
            (2, Self::create_domain),
            (3, Self::alter_domain),
            (3, Self::create_sequence),
            (3, Self::alter_sequence),
            (6, Self::create_view),
            (2, Self::alter_view),
            (4, Self::create_function),
            (2, Self::alter_function),
            (4, Self::create_trigger),
            (2, Self::alter_trigger),
            (3, Self::create_policy),
            (2, Self::alter_policy),
            (1, Self::create_rule),
            (4, Self::schema),
            (3, Self::search_path),
            (5, Self::comment),
            (2, Self::grant),
            (4, Self::rows),
            (9, Self::drop),
        ]);
        write(self)
    }

    fn transaction(&mut self) -> String {
        let savepoint = self.pick(&["s", "u"]);
        if !self.in_transaction {
            return match self.below(10) {
                0 => "COMMIT".into(),
                1 => format!("SAVEPOINT {savepoint}"),
                2 => self.concurrently(),
                3 => {
                    let table = self.table_name();
                    format!("LOCK TABLE {table}")
                }
                _ => {
                    self.in_transaction = true;
                    self.pick(&["BEGIN", "START TRANSACTION", "BEGIN ISOLATION LEVEL SERIALIZABLE"]).into()
                }
            };
        }
        match self.below(12) {
            0..=2 => {
                self.in_transaction = false;
                self.pick(&["COMMIT", "END"]).into()
            }
            3 => {
                self.in_transaction = false;
                "ROLLBACK".into()
            }
            4..=6 => format!("SAVEPOINT {savepoint}"),
            7 | 8 => format!("ROLLBACK TO SAVEPOINT {savepoint}"),
            9 => format!("RELEASE SAVEPOINT {savepoint}"),
            10 => format!("SET LOCAL search_path = {}", self.pick(&SCHEMAS)),
            _ => self.concurrently(),
        }
    }

    fn concurrently(&mut self) -> String {
        if self.chance(60) {
            let table = self.table();
            let column = self.column_of(&table);
            return format!("CREATE INDEX CONCURRENTLY ON {} ({column})", self.written(&table.path));
        }
        format!("DROP INDEX CONCURRENTLY {}", self.name_of(Kind::Index))
    }

    fn schema(&mut self) -> String {
        let schema = self.pick(&SCHEMAS);
        match self.below(10) {
            0 => {
                let to = self.pick(&SCHEMAS);
                self.believed.rename_schema(schema, to);
                format!("ALTER SCHEMA {schema} RENAME TO {to}")
            }
            1 => {
                let cascade = self.maybe(50, " CASCADE");
                if !cascade.is_empty() {
                    self.believed.forget_schema(schema);
                }
                format!("DROP SCHEMA {schema}{cascade}")
            }
            2 => {
                self.believed.schemas.push(schema.into());
                let name = self.pick(&believed::TABLES);
                self.believed.add(Object::new(Kind::Table, Path::new(schema, name)).with_column("a", "integer"));
                format!("CREATE SCHEMA {schema} CREATE TABLE {name} (a integer PRIMARY KEY) CREATE INDEX ON {name} (a)")
            }
            _ => {
                self.believed.schemas.push(schema.into());
                format!("CREATE SCHEMA {}{schema}", self.maybe(30, "IF NOT EXISTS "))
            }
        }
    }

    fn search_path(&mut self) -> String {
        if self.chance(30) {
            self.believed.path = vec!["public".into()];
            return "RESET search_path".into();
        }
        let first = self.some_schema();
        let mut path = vec![first];
        if self.chance(50) {
            path.push("public".into());
        }
        let text = path.join(", ");
        self.believed.path = path;
        format!("SET search_path = {text}")
    }

    /// A schema that is believed to exist, most of the time.
    fn some_schema(&mut self) -> String {
        if self.chance(5) {
            return self.pick(&SCHEMAS).to_owned();
        }
        let schemas = self.believed.schemas.clone();
        self.pick(&schemas)
    }

    /// Where something new goes: mostly where a bare name puts it.
    fn new_path(&mut self, names: &[&str]) -> Path {
        let schema = if self.chance(20) { self.some_schema() } else { self.believed.path[0].clone() };
        let name = self.pick(names);
        Path::new(&schema, name)
    }

    /// A path as a script would write it: bare where the search path finds it, at times qualified anyway.
    fn written(&mut self, path: &Path) -> String {
        if self.believed.path.contains(&path.schema) && self.chance(75) {
            return path.name.clone();
        }
        format!("{}.{}", path.schema, path.name)
    }

    /// An object of a kind, as believed.
    fn object(&mut self, kind: Kind) -> Option<Object> {
        let all: Vec<Object> = self.believed.of(kind).cloned().collect();
        self.pick_if_any(&all)
    }

    /// The written name of an object of a kind, which may not be there.
    fn name_of(&mut self, kind: Kind) -> String {
        if !self.chance(4)
            && let Some(object) = self.object(kind)
        {
            return self.written(&object.path);
        }
        let pool = kind.names();
        self.pick(pool).to_owned()
    }

    /// A table, a made-up one if none is believed to exist.
    fn table(&mut self) -> Object {
        if !self.chance(3)
            && let Some(table) = self.object(Kind::Table)
        {
            return table;
        }
        let name = self.pick(&believed::TABLES);
        Object::new(Kind::Table, Path::new(&self.believed.path[0].clone(), name)).with_column("a", "integer")
    }

    fn table_name(&mut self) -> String {
        let table = self.table();
        self.written(&table.path)
    }

    fn column_of(&mut self, object: &Object) -> String {
        let names: Vec<String> = object.columns.iter().map(|c| c.name.clone()).collect();
        match self.pick_if_any(&names) {
            Some(name) if !self.chance(2) => name,
            _ => self.pick(&believed::COLUMNS).to_owned(),
        }
    }
}
