//! What classes give in roundabout ways: a column under another name, one in the metadata of a data class's field, options as a configuration has them.

use smol_str::SmolStr;

use super::classes::Ancestor;
use super::{Reader, identity};
use crate::read::python::{ClassId, Kind, TermKind, Value};
use crate::read::sqlalchemy::table::constructor;

impl Reader {
    /// `sort = synonym("kind")` is the column `kind` to indexes.
    pub(super) fn add_synonyms(&mut self, line: &[Ancestor], at: usize) {
        let classes = line.iter().filter_map(|ancestor| match ancestor {
            Ancestor::Class(class) => Some(*class),
            Ancestor::Outside(..) => None,
        });
        let values: Vec<Value> = classes.flat_map(|class| self.attributes(class)).filter_map(|a| a.value).collect();
        for value in values {
            let Some(("synonym", arguments)) = constructor(&value) else { continue };
            let Some(key) = arguments.get(0, "name").and_then(Value::as_str) else { continue };
            let place = self.tables.get(at).and_then(|table| {
                let column = table.column_by_key(key)?;
                table.columns.iter().position(|c| std::ptr::eq(c, column))
            });
            if let (Some(place), Some(object)) = (place, identity(&value)) {
                self.columns.insert(object, (at, place));
                self.kept.push(value);
            }
        }
    }

    /// The column that a field of a data class has in its metadata, under the key that `__sa_dataclass_metadata_key__` says. Source: SQLAlchemy's manual,
    /// "Mapping pre-existing dataclasses using Declarative-style fields".
    pub(super) fn of_field(&self, class: ClassId, value: &Value) -> Option<Value> {
        let (callee, arguments) = value.as_call().filter(|(callee, _)| callee.last_name() == Some("field"))?;
        callee.as_name().filter(|name| name.starts_with("dataclasses."))?;
        let Kind::Dict(metadata) = arguments.keyword("metadata")?.kind else { return None };
        let key = self.python.class_attribute(class, "__sa_dataclass_metadata_key__", 0)?;
        self.python.heap.dict_get(metadata, key.as_str()?).cloned()
    }

    /// The options of a table: a dictionary, nothing, or one or the other as the program's configuration has it. Of those only what PostgreSQL does
    /// not look at may differ.
    pub(super) fn options(&self, item: &Value, depth: u32) -> Option<Vec<(SmolStr, Value)>> {
        match &item.kind {
            Kind::Dict(dict) => {
                let entries = self.python.heap.dict(*dict).iter();
                Some(entries.filter_map(|(key, value)| Some((SmolStr::new(key.as_str()?), value.clone()))).collect())
            }
            Kind::None => Some(Vec::new()),
            Kind::Term(_) => {
                let Some(TermKind::Choice(_, one, other)) = item.as_term().filter(|_| depth < 8) else { return None };
                let (mut one, mut other) = (self.options(one, depth + 1)?, self.options(other, depth + 1)?);
                for options in [&mut one, &mut other] {
                    options.retain(|(name, _)| !["mysql_", "mariadb_", "sqlite_"].iter().any(|d| name.starts_with(d)));
                }
                (one.is_empty() && other.is_empty()).then_some(one)
            }
            _ => None,
        }
    }
}
