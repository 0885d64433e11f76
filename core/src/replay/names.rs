//! The names that PostgreSQL chooses where none is written.
//!
//! `makeObjectName`, `ChooseRelationName` and `ChooseConstraintName` of the server decide them; pg_dump prints them, so they must come out
//! byte for byte.

use super::Replayer;
use crate::name::{MAX_NAME_BYTES, Name, truncate};
use crate::schema::NamespaceId;

/// `name1_name2_label`, the longer of the two names shortened until it fits into 63 bytes.
pub(crate) fn make_object_name(name1: &str, name2: Option<&str>, label: &str) -> Name {
    let overhead = label.len() + 1 + usize::from(name2.is_some());
    let available = MAX_NAME_BYTES.saturating_sub(overhead);
    let (mut length1, mut length2) = (name1.len(), name2.map_or(0, str::len));
    while length1 + length2 > available {
        if length1 > length2 {
            length1 -= 1;
        } else {
            length2 -= 1;
        }
    }
    let mut out = String::with_capacity(MAX_NAME_BYTES);
    out.push_str(truncate(name1, length1));
    if let Some(name2) = name2 {
        out.push('_');
        out.push_str(truncate(name2, length2));
    }
    out.push('_');
    out.push_str(label);
    out.into()
}

/// The columns' names joined as they stand in the default name of a foreign key or index.
pub(super) fn join_columns<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for column in columns {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(column);
        if out.len() > MAX_NAME_BYTES {
            break;
        }
    }
    out
}

/// Names of an index's keys as `ChooseIndexColumnNames` makes them unique: the second `expr` is `expr1`.
pub(super) fn index_column_names(keys: impl IntoIterator<Item = Option<Name>>) -> Vec<Name> {
    let keys = keys.into_iter();
    let mut out: Vec<Name> = Vec::with_capacity(keys.size_hint().0);
    for key in keys {
        let original = key.unwrap_or(Name::new_static("expr"));
        let mut name = original.clone();
        let mut number = 1;
        while out.contains(&name) {
            let suffix = number.to_string();
            name = format!("{}{suffix}", truncate(&original, MAX_NAME_BYTES.saturating_sub(suffix.len()))).into();
            number += 1;
        }
        out.push(name);
    }
    out
}

impl Replayer {
    /// A free name for an index or sequence. An index behind a constraint must also differ from every constraint of the schema.
    pub(super) fn choose_relation_name(
        &self,
        namespace: NamespaceId,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        constraint: bool,
    ) -> Name {
        choose(name1, name2, label, |name| {
            self.schema.find_relation(namespace, name).is_some()
                || (constraint && self.schema.constraint_name_taken(namespace, name))
        })
    }

    /// A free name for a check or foreign-key constraint.
    pub(super) fn choose_constraint_name(
        &self,
        namespace: NamespaceId,
        name1: &str,
        name2: Option<&str>,
        label: &str,
    ) -> Name {
        choose(name1, name2, label, |name| self.schema.constraint_name_taken(namespace, name))
    }
}

fn choose(name1: &str, name2: Option<&str>, label: &str, taken: impl Fn(&Name) -> bool) -> Name {
    let mut name = make_object_name(name1, name2, label);
    let mut pass = 0_u32;
    while taken(&name) {
        pass += 1;
        name = make_object_name(name1, name2, &format!("{label}{pass}"));
    }
    name
}
