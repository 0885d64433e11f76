//! Statements about rows, none of which writes one: what a table holds decides later statements, and no reader of schemas knows it.

use super::Writer;
use super::believed::Object;

impl Writer<'_> {
    pub(super) fn rows(&mut self) -> String {
        let table = self.table();
        let name = self.written(&table.path);
        match self.below(6) {
            0..=2 => self.insert(&table, &name),
            3 => {
                let column = self.column_of(&table);
                let value = self.pick(&["DEFAULT", "NULL", "NULL"]);
                let more = if self.chance(15) { format!(", {} = NULL", self.column_of(&table)) } else { String::new() };
                format!("UPDATE {name} SET {column} = {value}{more} WHERE false")
            }
            4 => format!("DELETE FROM {name} WHERE {} IS NULL", self.column_of(&table)),
            _ => {
                let more = if self.chance(40) { format!(", {}", self.table_name()) } else { String::new() };
                format!("TRUNCATE {name}{more}{}", self.maybe(30, " CASCADE"))
            }
        }
    }

    /// An INSERT of the rows of a query that has none.
    fn insert(&mut self, table: &Object, name: &str) -> String {
        let columns = [self.column_of(table), self.column_of(table)];
        let count = if self.chance(60) { 1 } else { 2 };
        let named = columns[..count].join(", ");
        let values = ["NULL"; 2][..count].join(", ");
        let overriding = self.maybe(15, " OVERRIDING SYSTEM VALUE");
        let conflict = match self.below(6) {
            0 => " ON CONFLICT DO NOTHING".to_owned(),
            1 | 2 => {
                let key = match self.pick_if_any(&table.keys) {
                    Some(key) if !self.chance(20) => key,
                    _ => self.column_of(table),
                };
                format!(" ON CONFLICT ({key}) DO NOTHING")
            }
            3 => {
                let constraint = self.pick_if_any(&table.constraints).unwrap_or_else(|| "k1".into());
                format!(" ON CONFLICT ON CONSTRAINT {constraint} DO NOTHING")
            }
            _ => String::new(),
        };
        format!("INSERT INTO {name} ({named}){overriding} SELECT {values} WHERE false{conflict}")
    }
}
