//! Data types as the database keeps them.

use smol_str::SmolStr;

use super::{NamespaceId, Schema, TableId, TypeId, ViewId};
use crate::name::{Name, quote};

/// A column's type: what it is made of, its modifiers, and whether it is an array.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DataType {
    /// The element type.
    pub base: BaseType,
    /// Type modifiers as `format_type` prints them: `["10", "2"]` for `numeric(10,2)`; for intervals the fields first.
    pub modifiers: Vec<SmolStr>,
    /// Whether it is an array. PostgreSQL does not keep the number of dimensions.
    pub array: bool,
}

/// What a type is made of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BaseType {
    /// A type of `pg_catalog`, by the name that `format_type` prints: `integer`, `character varying`.
    Builtin(Name),
    /// A type that the input defines.
    User(TypeId),
    /// The row type of a table.
    Row(TableId),
    /// The row type of a view.
    ViewRow(ViewId),
    /// A type that belongs to an extension.
    Extension {
        /// The schema that the extension lives in.
        namespace: NamespaceId,
        /// The type's name.
        name: Name,
    },
    /// A type that nothing in the input defines.
    Unknown {
        /// The schema, where one was written.
        schema: Option<Name>,
        /// Its name.
        name: Name,
    },
}

impl DataType {
    /// A type of `pg_catalog` without modifiers.
    pub fn builtin(name: &'static str) -> Self {
        Self { base: BaseType::Builtin(SmolStr::new_static(name)), modifiers: Vec::new(), array: false }
    }

    /// The `pg_catalog` name of a scalar type (`integer`, `timestamp with time zone`), or `None` for arrays and other types.
    pub fn builtin_name(&self) -> Option<&str> {
        match &self.base {
            BaseType::Builtin(name) if !self.array => Some(name),
            _ => None,
        }
    }

    /// The type as `format_type` prints it under an empty search path: built-in types bare, all others with their schema.
    pub fn display(&self, schema: &Schema) -> String {
        let mut out = match &self.base {
            BaseType::Builtin(name) => return self.display_builtin(name),
            BaseType::User(id) => {
                schema.types.get(*id).map_or_else(String::new, |t| schema.qualified(t.namespace, &t.name))
            }
            BaseType::Row(id) => {
                schema.tables.get(*id).map_or_else(String::new, |t| schema.qualified(t.namespace, &t.name))
            }
            BaseType::ViewRow(id) => {
                schema.views.get(*id).map_or_else(String::new, |v| schema.qualified(v.namespace, &v.name))
            }
            BaseType::Extension { namespace, name } => schema.qualified(*namespace, name),
            BaseType::Unknown { schema: Some(s), name } => format!("{}.{}", quote(s), quote(name)),
            BaseType::Unknown { schema: None, name } => quote(name),
        };
        if !self.modifiers.is_empty() {
            out.push('(');
            out.push_str(&self.modifiers.join(","));
            out.push(')');
        }
        if self.array {
            out.push_str("[]");
        }
        out
    }

    /// `timestamp(3) without time zone`: the modifier stands inside the name; `interval day to second(3)`: fields, then precision.
    fn display_builtin(&self, name: &str) -> String {
        let mut out = String::with_capacity(name.len() + 8);
        let inside = ["timestamp", "time"]
            .into_iter()
            .find(|head| name.strip_prefix(head).is_some_and(|rest| rest.starts_with(" with")));
        match (inside, self.modifiers.as_slice()) {
            (_, []) => out.push_str(name),
            (Some(head), modifiers) => {
                out.push_str(head);
                out.push_str(&format!("({})", modifiers.join(",")));
                out.push_str(name.get(head.len()..).unwrap_or_default());
            }
            (None, modifiers) if name == "interval" => {
                out.push_str(name);
                for modifier in modifiers {
                    if modifier.bytes().all(|b| b.is_ascii_digit()) {
                        out.push_str(&format!("({modifier})"));
                    } else {
                        out.push_str(&format!(" {modifier}"));
                    }
                }
            }
            (None, modifiers) => {
                out.push_str(name);
                out.push_str(&format!("({})", modifiers.join(",")));
            }
        }
        if self.array {
            out.push_str("[]");
        }
        out
    }
}
