//! DO blocks: the same statements, behind tests of the catalogue, in strings, in blocks of their own, with handlers for what may go wrong.
//!
//! Handlers catch only by name what Relata promises to find: of an error in the types of an expression it does not know whether it is caught.

use super::Writer;
use super::believed::Kind;

/// Conditions that handlers name.
const CONDITIONS: [&str; 12] = [
    "duplicate_table",
    "duplicate_object",
    "duplicate_column",
    "duplicate_schema",
    "undefined_table",
    "undefined_column",
    "undefined_object",
    "invalid_schema_name",
    "dependent_objects_still_exist",
    "wrong_object_type",
    "invalid_table_definition",
    "SQLSTATE '42P07'",
];

/// What a block raises itself.
const RAISED: [&str; 4] = [
    "RAISE EXCEPTION 'no'",
    "RAISE undefined_table",
    "RAISE EXCEPTION 'no' USING ERRCODE = 'duplicate_object'",
    "RAISE SQLSTATE '42703'",
];

impl Writer<'_> {
    /// `DO …`, on one line.
    pub(super) fn do_block(&mut self) -> String {
        format!("DO $do$ {} $do$", self.block(0))
    }

    fn block(&mut self, depth: u32) -> String {
        let mut text = "BEGIN ".to_owned();
        for _ in 0..=self.below(3) {
            text += &self.part(depth);
            text += "; ";
        }
        if self.chance(60) {
            text += "EXCEPTION ";
            for _ in 0..=self.below(2) {
                let first = self.pick(&CONDITIONS);
                let second = if self.chance(50) { format!(" OR {}", self.pick(&CONDITIONS)) } else { String::new() };
                let then = match self.below(4) {
                    0 => self.statement(),
                    1 => "RAISE".to_owned(),
                    _ => "NULL".to_owned(),
                };
                text += &format!("WHEN {first}{second} THEN {then}; ");
            }
        }
        text + "END"
    }

    fn part(&mut self, depth: u32) -> String {
        match self.below(10) {
            0 | 1 if depth < 2 => self.block(depth + 1),
            2 | 3 => {
                let (test, then) = (self.test(), self.statement());
                let otherwise = if self.chance(30) { format!("ELSE {}; ", self.statement()) } else { String::new() };
                format!("IF {test} THEN {then}; {otherwise}END IF")
            }
            4 => format!("EXECUTE '{}'", self.statement().replace('\'', "''")),
            5 if self.chance(40) => {
                // Behind a test nothing is said of one that is not caught: that is the author's own check of a database.
                if self.chance(50) {
                    let (test, then) = (self.test(), self.statement());
                    return format!(
                        "BEGIN {then}; IF {test} THEN RAISE undefined_file; END IF; EXCEPTION WHEN undefined_file THEN NULL; END"
                    );
                }
                self.pick(&RAISED).to_owned()
            }
            _ => self.statement(),
        }
    }

    /// A question that the catalogue answers.
    fn test(&mut self) -> String {
        let not = self.maybe(50, "NOT ");
        let name = |written: &str| written.rsplit('.').next().unwrap_or(written).trim_matches('"').to_owned();
        let table = self.table();
        let relation = name(&table.path.name);
        let asked = match self.below(7) {
            // A guard is taken for one about relations of any kind: a name that views have as well is asked for by `to_regclass` alone.
            choice if choice == 0 || relation == "t5" => {
                let is = if not.is_empty() { "IS NOT NULL" } else { "IS NULL" };
                return format!("to_regclass('{}') {is}", self.written(&table.path));
            }
            1 => format!("information_schema.tables WHERE table_name = '{relation}'"),
            2 => {
                let column = name(&self.column_of(&table));
                format!("information_schema.columns WHERE table_name = '{relation}' AND column_name = '{column}'")
            }
            3 => format!("pg_type WHERE typname = '{}'", name(&self.name_of(Kind::Enum))),
            4 => {
                let constraint = self.pick_if_any(&table.constraints).unwrap_or_else(|| "k1".into());
                format!("pg_constraint WHERE conname = '{}'", name(&constraint))
            }
            5 => format!("pg_class WHERE relname = '{}'", name(&self.name_of(Kind::Index))),
            _ => {
                let schema = name(&table.path.schema);
                format!("pg_tables WHERE schemaname = '{schema}' AND tablename = '{relation}'")
            }
        };
        format!("{not}EXISTS (SELECT 1 FROM {asked})")
    }
}
