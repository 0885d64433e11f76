//! Keys, references, checks and indexes of described tables.

use super::super::lines::{Constraint, Index};
use super::super::naming::dotted;
use super::super::section::Described;
use super::super::table::{Column, fold};
use super::super::traits::{Place, Reference};
use super::{Definer, index_text, own_name};
use crate::operation::*;
use crate::read::ddl::patched::Patched;
use crate::source::{FileId, Span};

impl Definer {
    /// ALTER TABLE … ADD `constraint`.
    pub(super) fn add(&mut self, table: &Patched, constraint: &Patched, file: FileId, place: Place) {
        let mut sql = Patched::default();
        sql.say("ALTER TABLE ", place.0, place.0);
        let at = place.0;
        sql.say(table.text(), table.range().0, table.range().1);
        sql.say(" ADD ", at, at);
        sql.append(constraint);
        if let Some(first) = self.emit(&sql, file, place)
            && let Some(OperationKind::AlterTable(alter)) = self.out.operations.get_mut(first).map(|o| &mut o.kind)
        {
            // What the document says stands in one cell or line.
            let span = Span::new(file, place.0, place.1);
            for (action, at) in &mut alter.actions {
                *at = span;
                if let AlterTableAction::AddConstraint(constraint) = action {
                    constraint.span = span;
                }
            }
        }
    }

    /// Primary keys: those that lines and rows say first, then the columns that are marked.
    pub(super) fn keys(&mut self, table: &Described, file: FileId) {
        let mut said: Vec<String> = Vec::new();
        for row in &table.rows.constraints {
            if row.sql.text().starts_with("PRIMARY KEY") {
                said.push(columns_of(&row.sql));
            }
            self.add(&table.name, &row.sql, file, row.place);
        }
        for constraint in &table.constraints {
            if let Constraint::Plain { sql, .. } = constraint
                && sql.text().starts_with("PRIMARY KEY")
            {
                said.push(columns_of(sql));
            }
        }
        for constraint in &table.constraints {
            if let Constraint::Plain { name, sql, place } = constraint
                && sql.text().starts_with("PRIMARY KEY")
            {
                let own = columns_of(sql);
                if said.iter().position(|s| *s == own) == said.iter().rposition(|s| *s == own)
                    || table.rows.constraints.is_empty()
                {
                    self.add(&table.name, &with_name(name.as_ref(), sql), file, *place);
                }
            }
        }
        let marked: Vec<&Column> = table.rows.columns.iter().filter(|c| c.traits.primary.is_some()).collect();
        let (Some(first), Some(last)) = (marked.first(), marked.last()) else { return };
        let (Some(start), Some(end)) = (first.traits.primary, last.traits.primary) else { return };
        let mut sql = Patched::default();
        sql.say("PRIMARY KEY ", start.0, start.1);
        sql.say("(", start.0, start.0);
        for (n, column) in marked.iter().enumerate() {
            sql.glue(if n > 0 { ", " } else { "" });
            sql.append(&column.name);
        }
        sql.glue(")");
        if said.contains(&columns_of(&sql)) {
            return;
        }
        self.add(&table.name, &sql, file, if marked.len() == 1 { start } else { (start.0, end.1) });
    }

    pub(super) fn column_constraints(&mut self, table: &Described, column: &Column, file: FileId) {
        let one = |at: u32| {
            let mut list = Patched::default();
            list.say("(", at, at);
            list.append(&column.name);
            list.glue(")");
            list
        };
        if let Some(place) = column.traits.unique {
            let mut sql = Patched::default();
            sql.say("UNIQUE ", place.0, place.1);
            sql.append(&one(place.0));
            self.add(&table.name, &sql, file, place);
        }
        for (check, place) in &column.traits.checks {
            let mut sql = Patched::default();
            sql.say("CHECK ", place.0, place.0);
            sql.append(check);
            self.add(&table.name, &sql, file, *place);
        }
        if let Some((from, to)) = column.traits.foreign
            && column.traits.references.is_empty()
            && !table
                .constraints
                .iter()
                .any(|c| matches!(c, Constraint::Foreign { columns, .. } if names(columns, &column.folded)))
        {
            self.skip(
                format!(
                    "`{}` is marked as a foreign key, but nothing says of which table; none is made.",
                    column.folded
                ),
                Span::new(file, from, to),
            );
        }
        // What a line under the table says once more, with its name or its action, is one key.
        let again = |reference: &Reference| {
            table.constraints.iter().any(|c| {
                matches!(c, Constraint::Foreign { columns, reference: other, .. }
                    if is_alone(columns, &column.folded) && self.is_same_table(reference, other))
            })
        };
        let references: Vec<&Reference> = column.traits.references.iter().filter(|r| !again(r)).collect();
        for reference in references {
            self.reference(&table.name, None, &one(reference.place.0), reference, file, reference.place);
        }
    }

    pub(super) fn reference(
        &mut self,
        table: &Patched,
        name: Option<&Patched>,
        columns: &Patched,
        reference: &Reference,
        file: FileId,
        place: Place,
    ) {
        let mut sql = Patched::default();
        sql.say("FOREIGN KEY ", place.0, place.0);
        sql.append(columns);
        sql.glue(" REFERENCES ");
        let (target, column) = self.target(reference);
        sql.append(&dotted(target));
        if let Some(column) = column {
            sql.glue(" (");
            sql.append(column);
            sql.glue(")");
        } else if let Some(columns) = &reference.columns {
            sql.glue(" ");
            sql.append(columns);
        }
        sql.append(&reference.actions);
        self.add(table, &with_name(name, &sql), file, place);
    }

    /// The table that a reference names, and the column behind a dot.
    fn target<'r>(&self, reference: &'r Reference) -> (&'r [Patched], Option<&'r Patched>) {
        let known = |n: usize| reference.parts.get(n).is_some_and(|p| self.known.contains(&fold(p)));
        // `a.b` is a column of a table, or a table of a schema.
        let parts = reference.parts.as_slice();
        // Where the documents name tables with that schema, a table of it that they do not describe is none the less no column.
        let in_schema = || parts.first().is_some_and(|p| self.schemas.contains(&fold(p)));
        match (parts, &reference.columns) {
            ([_], _) | (_, Some(_)) => (parts, None),
            ([_, _], None) if !known(0) && (known(1) || in_schema()) => (parts, None),
            ([table @ .., column], None) => (table, Some(column)),
            ([], None) => (parts, None),
        }
    }

    /// Whether two references are to one table: `teams`, `teams.id` and `teams(id)` are.
    fn is_same_table(&self, one: &Reference, other: &Reference) -> bool {
        let named = |reference| self.target(reference).0.last().map(fold);
        named(one) == named(other)
    }

    pub(super) fn constraint(&mut self, table: &Patched, constraint: &Constraint, file: FileId) {
        match constraint {
            Constraint::Plain { sql, .. } if sql.text().starts_with("PRIMARY KEY") => {}
            Constraint::Plain { name, sql, place } => self.add(table, &with_name(name.as_ref(), sql), file, *place),
            Constraint::Foreign { name, columns, reference, place } => {
                self.reference(table, name.as_ref(), columns, reference, file, *place);
            }
        }
    }

    pub(super) fn index(&mut self, table: &Patched, index: &Index, file: FileId) {
        let mut sql = Patched::default();
        sql.say(if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " }, index.place.0, index.place.0);
        // `users(email)` names the table, and no index could be called so.
        if let Some(name) = index.name.as_ref().filter(|name| fold(name) != own_name(table)) {
            sql.append(name);
        }
        sql.glue(" ON ");
        match &index.table {
            Some(table) => sql.append(table),
            // The bullet stands for its table: what is wrong with the index is told there.
            None => sql.say(table.text(), index.place.0, index.place.1),
        }
        if let Some(method) = &index.method {
            sql.glue(" USING ");
            sql.append(method);
        }
        sql.glue(" ");
        sql.append(&index.keys);
        sql.append(&index.tail);
        if let Some(at) = self.emit(&sql, file, index.place)
            && let Some(OperationKind::CreateIndex(create)) = self.out.operations.get(at).map(|o| &o.kind)
            && let Some(name) = &create.name
        {
            self.indexes.entry(name.fold()).or_insert_with(|| index_text(create));
        }
    }

    /// Columns that are marked as indexed and that no listed index begins with.
    pub(super) fn indexed_columns(&mut self, table: &Described, file: FileId) {
        for column in &table.rows.columns {
            let Some(place) = column.traits.indexed else { continue };
            let covered = column.traits.unique.is_some()
                || column.traits.primary.is_some()
                || table.indexes.iter().any(|i| {
                    i.keys
                        .text()
                        .trim_start_matches('(')
                        .split([',', ' ', ')'])
                        .next()
                        .is_some_and(|f| f.eq_ignore_ascii_case(&column.folded))
                });
            if covered {
                continue;
            }
            let mut keys = Patched::default();
            keys.say("(", place.0, place.0);
            keys.append(&column.name);
            keys.glue(")");
            self.index(&table.name, &Index { keys, place, ..Index::default() }, file);
        }
    }
}

pub(super) fn with_name(name: Option<&Patched>, constraint: &Patched) -> Patched {
    let mut out = Patched::default();
    if let Some(name) = name {
        let (start, _) = name.range();
        out.say("CONSTRAINT ", start, start);
        out.append(name);
        out.glue(" ");
    }
    out.append(constraint);
    out
}

/// Whether a list of columns in parentheses has this one.
pub(super) fn names(columns: &Patched, column: &str) -> bool {
    columns_of(columns).trim_matches(['(', ')']).split(',').any(|c| c.trim_matches('"') == column)
}

/// Whether a list of columns in parentheses is of this one alone.
pub(super) fn is_alone(columns: &Patched, column: &str) -> bool {
    columns_of(columns).trim_matches(['(', ')', '"']) == column
}

/// Whether a constraint is a CHECK whose condition begins with this column.
pub(super) fn is_check_of(constraint: &Constraint, column: &str) -> bool {
    let Constraint::Plain { sql, .. } = constraint else { return false };
    let condition = sql.text().strip_prefix("CHECK").map(|text| text.trim_start_matches([' ', '(', '"']));
    let begins = condition.and_then(|text| text.split_at_checked(column.len()));
    begins.is_some_and(|(first, rest)| {
        first.eq_ignore_ascii_case(column) && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

/// The columns of a key, in lower case without blanks.
pub(super) fn columns_of(sql: &Patched) -> String {
    let open = sql.text().find('(').unwrap_or_default();
    sql.text().get(open..).unwrap_or_default().to_ascii_lowercase().split_whitespace().collect()
}
