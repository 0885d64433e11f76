//! What is certainly wrong with rows that are written, whatever the table holds: columns that are not there or take no value, values that their type does
//! not have, a NULL where none may be, a conflict that no key decides. Sources: PostgreSQL manual, INSERT, UPDATE, DELETE and TRUNCATE; 5.3 "Generated
//! Columns"; for what is asked in which order the server itself.

use std::collections::BTreeSet;

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::lookup::{as_written, has_placeholder};
use super::{Note, Replayer};
use crate::expr::{Expr, Place};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{DmlVerb, TriggerEvent, TriggerState, TriggerTiming};
use crate::order::Order;
use crate::read::ddl::rows::{OnConflict, Rows, Target, Value, Written, written};
use crate::schema::{
    BaseType, Column, ColumnNumber, ConstraintKind, DataType, Identity, Index, KeyTarget, ObjectId, RelationId, Table,
    TableId, TableKind, TypeKind,
};

/// Longer statements are data.
const MAX_TEXT: usize = 32 * 1024;

/// A NULL in a column that has none.
pub(super) const NOT_NULL_VIOLATION: &str = "23502";

/// A value that a key has already.
const UNIQUE_VIOLATION: &str = "23505";

/// A string that is longer than its column.
const TOO_LONG: &str = "22001";

/// A value for a column that makes its own.
const GENERATED_ALWAYS: &str = "428C9";

impl Replayer {
    /// Refuses an INSERT, UPDATE or DELETE that fails whatever rows there are.
    pub(super) fn check_rows(&mut self, verb: DmlVerb, tables: &[QualifiedName], text: &Expr) -> Outcome {
        if verb == DmlVerb::Select {
            return self.check_names(text);
        }
        // Behind WITH the first table may be one that is read.
        let with = text.text.get(..4).is_none_or(|head| head.eq_ignore_ascii_case("with"));
        let Some(name) = tables.first().filter(|_| !with && !self.described) else { return Ok(()) };
        if !matches!(verb, DmlVerb::Insert | DmlVerb::Update | DmlVerb::Delete) {
            return Ok(());
        }
        let id = match self.relation(name) {
            Ok(RelationId::Table(id)) => id,
            Ok(RelationId::View(view)) if self.schema.views.get(view).is_some_and(|v| v.materialized) => {
                let message = format!("cannot change materialized view \"{}\"", as_written(name));
                return refuse_for(state::WRONG_OBJECT_TYPE, name.span(), message, vec![ObjectId::View(view)]);
            }
            _ => return Ok(()),
        };
        let Some(written) = Some(&text.text).filter(|t| t.len() <= MAX_TEXT).and_then(|t| written(t)) else {
            self.written_columns_exist(id, verb, text)?;
            return self.check_names(text);
        };
        let mut targets = self.targets(id, &written, text)?;
        if !written.listed && verb == DmlVerb::Insert {
            targets = self.schema.tables.get(id).into_iter().flat_map(Table::live_columns).map(|(n, _)| n).collect();
        }
        let Some(table) = self.schema.tables.get(id).filter(|t| !t.partial).cloned() else { return Ok(()) };
        if verb == DmlVerb::Insert {
            check_widths(&written, targets.len(), text)?;
        }
        self.check_values(&table, &targets, &written, text)?;
        self.check_lengths(&table, &targets, &written, text)?;
        if written.on_conflict.is_none() {
            self.check_names(text)?;
        }
        if let Some(filter) = written.filter {
            self.check_labels(id, &text.part(filter))?;
        }
        if let Some(conflict) = &written.on_conflict {
            self.check_target_exists(id, conflict, text)?;
        }
        // A rule may write other rows instead.
        if !table.rules.is_empty() {
            return Ok(());
        }
        check_generated(&table, &targets, &written, verb, text)?;
        if let Some(conflict) = &written.on_conflict {
            self.check_arbiter(&table, conflict, &written.rows, text)?;
        }
        if verb == DmlVerb::Insert {
            self.check_nulls(&table, &targets, &written, text)?;
            self.check_duplicates(&table, &targets, &written, text)?;
            self.note_inserted(id, &targets, &written, text);
        }
        Ok(())
    }

    /// Refuses what a statement reads and is certainly not there. Of an INSERT's ON CONFLICT and RETURNING it is not told what they read: behind a query
    /// its relations are in sight.
    fn check_names(&self, text: &Expr) -> Outcome {
        let whole = &text.text;
        if self.described || whole.len() > MAX_TEXT {
            return Ok(());
        }
        let lower = whole.to_ascii_lowercase();
        if ["conflict", "returning", "merge", "lateral"].iter().any(|word| lower.contains(word)) {
            return Ok(());
        }
        match self.scan_fully(text, super::references::Scope::Nothing, false).missing {
            Some(missing) => refuse(missing.sqlstate, missing.span, missing.message),
            None => Ok(()),
        }
    }

    /// The columns that a statement names, each of which must be there once.
    fn targets(&mut self, table: TableId, written: &Written, text: &Expr) -> Outcome<Vec<ColumnNumber>> {
        let mut targets = Vec::with_capacity(written.columns.len());
        for (name, place) in &written.columns {
            let span = text.span_of(*place).unwrap_or(text.span);
            let number = self.column(table, &Ident { text: name.as_str().into(), quoted: true, span })?;
            if targets.contains(&number) {
                return if text.text.get(..6).is_some_and(|verb| verb.eq_ignore_ascii_case("insert")) {
                    refuse(state::DUPLICATE_COLUMN, span, format!("column \"{name}\" specified more than once"))
                } else {
                    refuse(state::SYNTAX_ERROR, span, format!("multiple assignments to same column \"{name}\""))
                };
            }
            targets.push(number);
        }
        Ok(targets)
    }

    /// Refuses what is written into a column that the table does not have, of a statement that is not read as a whole.
    fn written_columns_exist(&mut self, table: TableId, verb: DmlVerb, text: &Expr) -> Outcome {
        // The columns of an INSERT stand within its first parentheses; what is behind them may be long.
        let written: &str = match verb {
            DmlVerb::Insert => text.text.find(')').and_then(|end| text.text.get(..=end)).unwrap_or_default(),
            DmlVerb::Update => &text.text,
            _ => return Ok(()),
        };
        let Some(change) = crate::read::ddl::change::change(written) else { return Ok(()) };
        for (column, (start, end)) in change.columns.iter().zip(change.columns_at) {
            if has_placeholder(column) {
                continue;
            }
            let span = text.span_of(Place { start, end }).unwrap_or(text.span);
            self.column(table, &Ident { text: column.as_str().into(), quoted: true, span })?;
        }
        Ok(())
    }

    /// Refuses a string that its column's type does not have.
    fn check_values(&self, table: &Table, targets: &[ColumnNumber], written: &Written, text: &Expr) -> Outcome {
        let Rows::Values(rows) = &written.rows else { return Ok(()) };
        for row in rows {
            for (number, (value, place)) in targets.iter().zip(row) {
                let (Some(column), Value::Text(value)) = (table.column(*number), value) else { continue };
                let span = text.span_of(*place).unwrap_or(text.span);
                self.check_input(self.underlying(&column.data_type), value, span)?;
            }
        }
        Ok(())
    }

    /// Refuses a string that is longer than its column. What is beyond and nothing but spaces is cut off. Source: PostgreSQL manual, 8.3 "Character Types".
    fn check_lengths(&self, table: &Table, targets: &[ColumnNumber], written: &Written, text: &Expr) -> Outcome {
        let Rows::Values(rows) = &written.rows else { return Ok(()) };
        for row in rows {
            for (number, (value, place)) in targets.iter().zip(row) {
                let (Some(column), Value::Text(value)) = (table.column(*number), value) else { continue };
                let data_type = self.underlying(&column.data_type);
                if !matches!(data_type.builtin_name(), Some("character varying" | "character"))
                    || has_placeholder(value)
                {
                    continue;
                }
                let Some(longest) = data_type.modifiers.first().and_then(|m| m.parse::<usize>().ok()) else { continue };
                if value.trim_end_matches(' ').chars().count() > longest {
                    let span = text.span_of(*place).unwrap_or(text.span);
                    let bare = DataType { array: false, ..data_type.clone() };
                    let message = format!("value too long for type {}", bare.display(&self.schema));
                    return refuse(TOO_LONG, span, message);
                }
            }
        }
        Ok(())
    }

    /// Refuses rows of one statement that have the same literal values in the columns of a key.
    fn check_duplicates(&self, table: &Table, targets: &[ColumnNumber], written: &Written, text: &Expr) -> Outcome {
        let Rows::Values(rows) = &written.rows else { return Ok(()) };
        if rows.len() < 2 || written.on_conflict.is_some() || table.kind != TableKind::Ordinary {
            return Ok(());
        }
        if self.changed_before_insert(table) {
            return Ok(());
        }
        for (_, constraint) in self.schema.constraints_of(table) {
            if !matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. }) {
                continue;
            }
            let places: Option<Vec<usize>> =
                constraint.columns.iter().map(|column| targets.iter().position(|t| t == column)).collect();
            let Some(places) = places.filter(|places| !places.is_empty()) else { continue };
            let mut seen: BTreeSet<Vec<(bool, &str)>> = BTreeSet::new();
            for row in rows {
                let key: Option<Vec<(bool, &str)>> = places.iter().map(|at| literal(row.get(*at)?, text)).collect();
                let Some(key) = key else { continue };
                if !seen.insert(key) {
                    let message = format!("duplicate key value violates unique constraint \"{}\"", constraint.name);
                    return refuse(UNIQUE_VIOLATION, text.span, message);
                }
            }
        }
        Ok(())
    }

    /// Refuses an ON CONFLICT whose columns or constraint are not there.
    fn check_target_exists(&mut self, table: TableId, conflict: &OnConflict, text: &Expr) -> Outcome {
        let span = |place: Place| text.span_of(place).unwrap_or(text.span);
        match &conflict.target {
            Target::Any if conflict.update.is_some() => refuse(
                state::SYNTAX_ERROR,
                span(conflict.place),
                "ON CONFLICT DO UPDATE requires inference specification or constraint name",
            ),
            Target::Any => Ok(()),
            Target::Columns(columns, _) => {
                for (name, place) in columns {
                    let Some(name) = name else { continue };
                    if !super::references::is_system_column(name) && self.find_column(table, name).is_none() {
                        let message = format!("column \"{name}\" does not exist");
                        return refuse(state::UNDEFINED_COLUMN, span(*place), message);
                    }
                }
                Ok(())
            }
            Target::Constraint(name, place) => {
                let Some(owner) = self.schema.tables.get(table) else { return Ok(()) };
                if self.schema.constraints_of(owner).any(|(_, c)| c.name == *name) {
                    return Ok(());
                }
                let message = format!("constraint \"{name}\" for table \"{}\" does not exist", owner.name);
                refuse(state::UNDEFINED_OBJECT, span(*place), message)
            }
        }?;
        for (name, place, _) in conflict.update.iter().flatten() {
            self.column(table, &Ident { text: name.as_str().into(), quoted: true, span: span(*place) })?;
        }
        Ok(())
    }

    /// Refuses an ON CONFLICT for which there is no unique index, or one whose key is deferrable.
    fn check_arbiter(&self, table: &Table, conflict: &OnConflict, rows: &Rows, text: &Expr) -> Outcome {
        let span = text.span_of(conflict.place).unwrap_or(text.span);
        let constraint_of = |index: &Index| index.constraint.and_then(|id| self.schema.constraints.get(id));
        let deferrable = |index: &Index| constraint_of(index).is_some_and(|c| c.deferrable);
        let keys = || self.schema.indexes_of(table).map(|(_, i)| i);
        let decided_later = match &conflict.target {
            Target::Any => keys().any(deferrable),
            Target::Columns(columns, filtered) => {
                let mut fitting = keys().filter(|i| i.unique && fits(table, i, columns, *filtered)).peekable();
                if fitting.peek().is_none() {
                    let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
                    return refuse(state::INVALID_COLUMN_REFERENCE, span, message);
                }
                fitting.any(deferrable)
            }
            Target::Constraint(name, _) => {
                let named = self.schema.constraints_of(table).map(|(_, c)| c).find(|c| c.name == *name);
                if named.is_some_and(|c| matches!(c.kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_))) {
                    let message = "constraint in ON CONFLICT clause has no associated index";
                    return refuse(state::WRONG_OBJECT_TYPE, span, message);
                }
                named.is_some_and(|c| c.deferrable)
            }
        };
        // Whether a query gives a row for which it matters is not known, nor what a trigger makes of it.
        if decided_later && !matches!(rows, Rows::Query) && !self.changed_before_insert(table) {
            let message =
                "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters";
            return refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, span, message);
        }
        Ok(())
    }

    /// Refuses a row without a value for a column that must have one.
    fn check_nulls(&self, table: &Table, targets: &[ColumnNumber], written: &Written, text: &Expr) -> Outcome {
        // Partitions have triggers of their own.
        if table.kind != TableKind::Ordinary || self.changed_before_insert(table) {
            return Ok(());
        }
        let none = [Vec::new()];
        let rows = match &written.rows {
            Rows::Default => &none[..],
            Rows::Values(rows) => rows,
            Rows::Query => return Ok(()),
        };
        let targets = if matches!(written.rows, Rows::Default) { &[] } else { targets };
        for row in rows {
            for (number, column) in table.live_columns().filter(|(_, c)| c.not_null && c.generated.is_none()) {
                let value = targets.iter().position(|t| *t == number).and_then(|at| row.get(at));
                let (value, place) = value.map_or((&Value::Default, None), |(value, place)| (value, Some(*place)));
                let null = match value {
                    Value::Null => column.identity.is_none() || written.overriding != Some(false),
                    Value::Default => !self.has_default(column),
                    Value::Text(_) | Value::Other | Value::Unknown => false,
                };
                if null {
                    let span = place.and_then(|p| text.span_of(p)).unwrap_or(text.span);
                    let message = format!(
                        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                        column.name, table.name
                    );
                    return refuse(NOT_NULL_VIOLATION, span, message);
                }
            }
        }
        Ok(())
    }

    /// Whether a column gets a value by itself: its own default, or its domain's.
    pub(super) fn has_default(&self, column: &Column) -> bool {
        let is_null = |text: &str| text.trim().eq_ignore_ascii_case("null");
        if let Some(default) = &column.default {
            return !is_null(&default.source.text);
        }
        if column.identity.is_some() || column.serial {
            return true;
        }
        match &column.data_type.base {
            BaseType::User(id) if !column.data_type.array => {
                // An extension's type or a domain over a domain may have one that is not known.
                self.schema.types.get(*id).is_none_or(|t| match &t.kind {
                    TypeKind::Domain(domain) => {
                        domain.default.is_some() || !matches!(domain.base.base, BaseType::Builtin(_))
                    }
                    TypeKind::Enum(_) | TypeKind::Composite(_) | TypeKind::Range { .. } => false,
                    TypeKind::Base | TypeKind::Shell => true,
                })
            }
            BaseType::Builtin(_) => false,
            BaseType::User(_) => false,
            _ => true,
        }
    }

    /// Whether a trigger may change a row before it is inserted.
    fn changed_before_insert(&self, table: &Table) -> bool {
        self.schema.triggers_of(&table.triggers).any(|(_, t)| {
            t.timing == TriggerTiming::Before
                && t.for_each_row
                && t.state != TriggerState::Disabled
                && t.events.contains(&TriggerEvent::Insert)
        })
    }

    /// Refuses a TRUNCATE of what rows cannot be taken from, or of a table whose rows others refer to.
    pub(super) fn check_truncate(&mut self, names: &[QualifiedName], cascade: bool) -> Outcome {
        let mut all: Vec<TableId> = Vec::new();
        for name in names {
            // It is looked up as ALTER TABLE does: a missing schema is told as one.
            let relation = self.relation(name)?;
            self.note(Note::Uses(relation));
            match relation {
                RelationId::Table(id) => {
                    all.push(id);
                    self.descendants(id, &mut all);
                }
                other => {
                    let message = format!("\"{}\" is not a table", as_written(name));
                    let object = super::lookup::object_of(other);
                    return refuse_for(state::WRONG_OBJECT_TYPE, name.span(), message, vec![object]);
                }
            }
        }
        if cascade {
            return Ok(());
        }
        for table in &all {
            for who in self.schema.possible_dependents(ObjectId::Table(*table)) {
                let ObjectId::Constraint(id) = who else { continue };
                let Some(constraint) = self.schema.constraints.get(id).filter(|c| c.dropped.is_none()) else {
                    continue;
                };
                let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
                if key.references == *table && !all.contains(&constraint.table) {
                    return refuse_for(
                        state::FEATURE_NOT_SUPPORTED,
                        self.span,
                        format!(
                            "cannot truncate a table referenced in a foreign key constraint: table \"{}\" references \"{}\"",
                            self.table_name(constraint.table),
                            self.table_name(*table)
                        ),
                        vec![ObjectId::Constraint(id)],
                    );
                }
            }
        }
        Ok(())
    }
}

/// A string or a number as it is written: values that are written alike are equal.
fn literal<'a>((value, place): &'a (Value, Place), text: &'a Expr) -> Option<(bool, &'a str)> {
    match value {
        Value::Text(value) => Some((true, value)),
        Value::Other => {
            let written = text.text.get(place.start as usize..place.end as usize)?.trim();
            (!written.is_empty() && written.bytes().all(|b| b.is_ascii_digit())).then_some((false, written))
        }
        Value::Default | Value::Null | Value::Unknown => None,
    }
}

/// Refuses rows that have more values than there are columns, or fewer than are named.
fn check_widths(written: &Written, columns: usize, text: &Expr) -> Outcome {
    let Rows::Values(rows) = &written.rows else { return Ok(()) };
    let width = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != width) {
        return refuse(state::SYNTAX_ERROR, text.span, "VALUES lists must all be the same length");
    }
    if width > columns {
        return refuse(state::SYNTAX_ERROR, text.span, "INSERT has more expressions than target columns");
    }
    if written.listed && width < columns {
        return refuse(state::SYNTAX_ERROR, text.span, "INSERT has more target columns than expressions");
    }
    Ok(())
}

/// Refuses a value for a column that is generated or an identity that is always its own.
fn check_generated(table: &Table, targets: &[ColumnNumber], written: &Written, verb: DmlVerb, text: &Expr) -> Outcome {
    let always = |number: ColumnNumber| {
        let column = table.column(number)?;
        let identity = column.identity == Some(Identity::Always);
        (column.generated.is_some() || (identity && (verb == DmlVerb::Update || written.overriding.is_none())))
            .then_some(&column.name)
    };
    let insert = |name: &Name, place: Option<Place>| {
        let span = place.and_then(|p| text.span_of(p)).unwrap_or(text.span);
        refuse(GENERATED_ALWAYS, span, format!("cannot insert a non-DEFAULT value into column \"{name}\""))
    };
    let update = |name: &Name, place: Place| {
        let span = text.span_of(place).unwrap_or(text.span);
        refuse(GENERATED_ALWAYS, span, format!("column \"{name}\" can only be updated to DEFAULT"))
    };
    match &written.rows {
        Rows::Default => {}
        Rows::Query if verb == DmlVerb::Insert => {
            // How many columns a query has is not counted here: one it has in any case.
            let sure = if written.listed { targets } else { targets.get(..1).unwrap_or_default() };
            if let Some(name) = sure.iter().find_map(|number| always(*number)) {
                return insert(name, None);
            }
        }
        Rows::Query => {}
        Rows::Values(rows) => {
            for (at, number) in targets.iter().enumerate() {
                let Some(name) = always(*number) else { continue };
                let set = |(value, _): &&(Value, Place)| !matches!(value, Value::Default | Value::Unknown);
                let Some((_, place)) = rows.iter().filter_map(|row| row.get(at)).find(set) else { continue };
                return if verb == DmlVerb::Update { update(name, *place) } else { insert(name, Some(*place)) };
            }
        }
    }
    for (name, place, value) in written.on_conflict.iter().flat_map(|c| c.update.iter().flatten()) {
        let column = table.find_column(name).and_then(|number| table.column(number));
        let own = column.is_some_and(|c| c.generated.is_some() || c.identity == Some(Identity::Always));
        if own && !matches!(value, Value::Default | Value::Unknown) {
            return update(name, *place);
        }
    }
    Ok(())
}

/// Whether a unique index may decide a conflict over these columns; only `false` where it certainly does not.
fn fits(table: &Table, index: &Index, columns: &[(Option<Name>, Place)], filtered: bool) -> bool {
    if index.predicate.is_some() && !filtered {
        return false;
    }
    let mut wanted: Vec<ColumnNumber> =
        columns.iter().filter_map(|(name, _)| table.find_column(name.as_deref()?)).collect();
    wanted.order();
    wanted.dedup();
    let mut keys: Vec<ColumnNumber> = Vec::new();
    let mut expressions = false;
    for key in &index.keys {
        match &key.target {
            KeyTarget::Column(number) => keys.push(*number),
            KeyTarget::Expression(_) => expressions = true,
        }
    }
    keys.order();
    keys.dedup();
    // A parenthesised column is one, too.
    let computed = columns.iter().any(|(name, _)| name.is_none());
    if computed { expressions || keys.len() > wanted.len() } else { !expressions && keys == wanted }
}
