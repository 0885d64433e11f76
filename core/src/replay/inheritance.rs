//! Inheritance: what children take from their parents. Source: PostgreSQL manual, 5.10 "Inheritance".

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::{Effect, Replayer};
use crate::expr::{Expr, Tree};
use crate::name::QualifiedName;
use crate::order::Order;
use crate::schema::{
    Column, ColumnNumber, Constraint, ConstraintId, ConstraintKind, Generated, ObjectId, Reference, StoredExpr, TableId,
};
use crate::source::Span;

/// Generations that ALTER TABLE follows down a tree of tables.
const MAX_GENERATIONS: usize = 200;

impl Replayer {
    /// Adds the tables below a table, parents before children, each once.
    pub(super) fn descendants(&self, table: TableId, out: &mut Vec<TableId>) {
        let mut level = self.schema.children_of(table);
        for _ in 0..MAX_GENERATIONS {
            if level.is_empty() {
                return;
            }
            let mut next = Vec::new();
            for child in level {
                if !out.contains(&child) {
                    out.push(child);
                    next.extend(self.schema.children_of(child));
                }
            }
            level = next;
        }
    }

    /// Refuses a tree of tables so deep that walking it would exhaust the stack, as PostgreSQL does.
    pub(super) fn check_depth(&self, parent: TableId, child: Option<TableId>, span: Span) -> Outcome {
        let mut generations = 0;
        let mut level = vec![parent];
        while !level.is_empty() && generations <= MAX_GENERATIONS {
            generations += 1;
            let mut up: Vec<TableId> = Vec::new();
            for table in level.iter().filter_map(|t| self.schema.tables.get(*t)) {
                up.extend(table.inherits.iter().chain(table.partition_of.as_ref().map(|(p, _)| p)));
            }
            up.order();
            up.dedup();
            level = up;
        }
        level = child.into_iter().collect();
        while !level.is_empty() && generations <= MAX_GENERATIONS {
            generations += 1;
            let mut down: Vec<TableId> = level.iter().flat_map(|t| self.schema.children_of(*t)).collect();
            down.order();
            down.dedup();
            level = down;
        }
        if generations > MAX_GENERATIONS {
            return refuse("54001", span, "stack depth limit exceeded");
        }
        Ok(())
    }

    /// Merges a parent's columns into those of a new child.
    pub(super) fn inherit_columns(&self, parent: TableId, columns: &mut Vec<Column>) -> Outcome {
        let Some(parent) = self.schema.tables.get(parent) else { return Ok(()) };
        for (_, column) in parent.live_columns() {
            match columns.iter_mut().find(|c| c.name == column.name) {
                Some(existing) => {
                    if existing.data_type != column.data_type {
                        return refuse(
                            state::DATATYPE_MISMATCH,
                            self.span,
                            format!("inherited column \"{}\" has a type conflict", column.name),
                        );
                    }
                    if existing.collation != column.collation {
                        let message = format!("inherited column \"{}\" has a collation conflict", column.name);
                        return refuse(state::COLLATION_MISMATCH, self.span, message);
                    }
                    if existing.inherit_count > 0 && existing.generated.is_some() != column.generated.is_some() {
                        return refuse(
                            state::DATATYPE_MISMATCH,
                            self.span,
                            format!("inherited column \"{}\" has a generation conflict", column.name),
                        );
                    }
                    existing.inherit_count = existing.inherit_count.saturating_add(1);
                    existing.not_null |= column.not_null;
                    if existing.default.is_none() {
                        existing.default = column.default.clone();
                    }
                }
                None => columns.push(inherited(column)),
            }
        }
        Ok(())
    }

    /// Points the expressions that a child took from its parent at the child's own columns.
    pub(super) fn adopt_expressions(&mut self, parent: TableId, child: TableId) {
        let Some(table) = self.schema.tables.get(child) else { return };
        let mut adopted = Vec::new();
        for (number, column) in table.live_columns() {
            if let Some(generated) = &column.generated {
                adopted.push((number, self.rebase(&generated.expr, parent, child), generated.stored));
            }
        }
        for (number, expr, stored) in adopted {
            if let Some(c) = self.schema.tables.get_mut(child).and_then(|t| t.columns.get_mut(number.index())) {
                c.generated = Some(Box::new(Generated { expr, stored }));
            }
        }
    }

    /// An expression over one table as an expression over another with columns of the same names.
    pub(super) fn rebase(&self, expr: &StoredExpr, from: TableId, to: TableId) -> StoredExpr {
        let references = expr
            .references
            .iter()
            .map(|r| match r.target {
                ObjectId::Column(table, number) if table == from => {
                    let moved = self.same_column(from, number, to);
                    Reference { target: moved.map_or(r.target, |n| ObjectId::Column(to, n)), ..*r }
                }
                ObjectId::Table(table) if table == from => Reference { target: ObjectId::Table(to), ..*r },
                _ => *r,
            })
            .collect();
        StoredExpr { source: expr.source.clone(), references }
    }

    /// The column of `to` that has the name of a column of `from`.
    pub(super) fn same_column(&self, from: TableId, number: ColumnNumber, to: TableId) -> Option<ColumnNumber> {
        let name = &self.schema.column(from, number)?.name;
        self.find_column(to, name)
    }

    /// The same for several columns; `None` where one is missing.
    pub(super) fn same_columns(
        &self,
        from: TableId,
        numbers: &[ColumnNumber],
        to: TableId,
    ) -> Option<Vec<ColumnNumber>> {
        numbers.iter().map(|n| self.same_column(from, *n, to)).collect()
    }

    /// Copies the inheritable checks of a parent to a child.
    pub(super) fn inherit_checks(&mut self, parent: TableId, child: TableId) {
        for check in self.checks_of(parent) {
            if self.schema.constraints.get(check).is_some_and(|c| !c.no_inherit) {
                // A name clash in a table that is just being made can only be with the same check of another parent.
                let _ = self.inherit_check(check, child);
                // There is nothing in it yet that could be invalid.
                let name = self.schema.constraints.get(check).map(|c| c.name.clone());
                let copy = name.and_then(|name| self.find_constraint(child, &name));
                if let Some(copy) = copy.and_then(|id| self.schema.constraints.get_mut(id)) {
                    copy.validated = true;
                }
            }
        }
    }

    fn checks_of(&self, table: TableId) -> Vec<ConstraintId> {
        let Some(table) = self.schema.tables.get(table) else { return Vec::new() };
        self.schema
            .constraints_of(table)
            .filter(|(_, c)| matches!(c.kind, ConstraintKind::Check(_)))
            .map(|(id, _)| id)
            .collect()
    }

    /// Gives a child, and the tables below it, a check of its parent; one of the same name merges.
    pub(super) fn inherit_check(&mut self, check: ConstraintId, child: TableId) -> Outcome {
        let Some(original) = self.schema.constraints.get(check).cloned() else { return Ok(()) };
        if let Some(existing) = self.find_constraint(child, &original.name) {
            let same = match &original.kind {
                ConstraintKind::Check(expr) => self.same_check(existing, expr),
                _ => true,
            };
            if !same {
                let message = format!(
                    "constraint \"{}\" for relation \"{}\" already exists",
                    original.name,
                    self.table_name(child)
                );
                return refuse_for(state::DUPLICATE_OBJECT, self.span, message, vec![ObjectId::Constraint(existing)]);
            }
            self.merges(existing, original.validated)?;
            let Some(c) = self.schema.constraints.get_mut(existing) else { return Ok(()) };
            c.inherit_count = c.inherit_count.saturating_add(1);
            return Ok(());
        }
        let copy = self.copy_check(&original, child);
        let id = self.insert_constraint(Constraint { is_local: false, inherit_count: 1, ..copy });
        for below in self.schema.children_of(child) {
            self.inherit_check(id, below)?;
        }
        Ok(())
    }

    /// Whether a child's own check may become the parent's, too (`MergeWithExistingConstraint`).
    fn merges(&self, own: ConstraintId, validated: bool) -> Outcome {
        let Some(c) = self.schema.constraints.get(own) else { return Ok(()) };
        let why = if c.no_inherit {
            "non-inherited"
        } else if validated && !c.validated {
            "NOT VALID"
        } else {
            return Ok(());
        };
        let message = format!(
            "constraint \"{}\" conflicts with {why} constraint on relation \"{}\"",
            c.name,
            self.table_name(c.table)
        );
        refuse_for(state::INVALID_OBJECT_DEFINITION, self.span, message, vec![ObjectId::Constraint(own)])
    }

    /// Refuses a check of a child that is called as its parent's and says something else; only where that is certain, as what they say is compared as
    /// the server prints it.
    fn check_equals(&self, parent: ConstraintId, child: ConstraintId, span: Span) -> Outcome {
        let tree = |id: ConstraintId| match &self.schema.constraints.get(id)?.kind {
            ConstraintKind::Check(expr) => plain(Expr::new(self.schema.display_expr(expr), span).tree(), PLAIN_DEPTH),
            _ => None,
        };
        match (tree(parent), tree(child)) {
            (Some(parent), Some(own)) if parent != own => {}
            _ => return Ok(()),
        }
        let Some(c) = self.schema.constraints.get(child) else { return Ok(()) };
        let table = self.table_name(c.table);
        let message = format!("child table \"{table}\" has different definition for check constraint \"{}\"", c.name);
        refuse_for(state::DATATYPE_MISMATCH, span, message, vec![ObjectId::Constraint(child)])
    }

    fn copy_check(&self, original: &Constraint, to: TableId) -> Constraint {
        let mut copy = original.clone();
        if let ConstraintKind::Check(expr) = &original.kind {
            let expr = self.rebase(expr, original.table, to);
            copy.columns = Self::columns_read(&expr, to);
            copy.kind = ConstraintKind::Check(expr);
        }
        Constraint { table: to, comment: None, inherit_count: 0, is_local: true, ..copy }
    }

    /// LIKE … INCLUDING CONSTRAINTS.
    pub(super) fn clone_checks(&mut self, source: TableId, table: TableId) -> Outcome {
        for check in self.checks_of(source) {
            let Some(original) = self.schema.constraints.get(check).cloned() else { continue };
            if let Some(existing) = self.find_constraint(table, &original.name)
                && let ConstraintKind::Check(expr) = &original.kind
                && self.same_check(existing, expr)
                && let Some(inherited) = self.schema.constraints.get_mut(existing).filter(|c| !c.is_local)
            {
                // What the table inherits it now has for itself, too.
                inherited.is_local = true;
                continue;
            }
            self.free_for_constraint(table, &original.name, self.span)?;
            let copy = self.copy_check(&original, table);
            // A new table has no rows that could be invalid.
            self.insert_constraint(Constraint { validated: copy.enforced, ..copy });
        }
        Ok(())
    }

    /// Gives child tables a column that was added to their parent.
    pub(super) fn add_inherited_column(
        &mut self,
        parent: TableId,
        number: ColumnNumber,
        children: &[TableId],
        span: Span,
    ) -> Outcome {
        let Some(column) = self.schema.column(parent, number).cloned() else { return Ok(()) };
        for child in children {
            let existing = self.find_column(*child, &column.name);
            let at = match existing {
                Some(at) => {
                    let name = self.table_name(*child);
                    let Some(c) = self.schema.tables.get_mut(*child).and_then(|t| t.columns.get_mut(at.index())) else {
                        continue;
                    };
                    check_like_parent(c, &column, &name, span)?;
                    c.inherit_count = c.inherit_count.saturating_add(1);
                    continue;
                }
                None => {
                    let Some(t) = self.schema.tables.get_mut(*child) else { continue };
                    t.columns.push(inherited(&column));
                    ColumnNumber::from_index(t.columns.len() - 1)
                }
            };
            self.effect(Effect::Created(ObjectId::Column(*child, at)));
            if let Some(on) = Self::type_objects(&column.data_type) {
                self.schema.note_dependent(on, ObjectId::Column(*child, at));
            }
            if let Some(default) = &column.default {
                self.note_references(ObjectId::Column(*child, at), default);
            }
            self.adopt_expressions(parent, *child);
            let below = self.schema.children_of(*child);
            if !below.is_empty() {
                self.add_inherited_column(*child, at, &below, span)?;
            }
        }
        Ok(())
    }

    /// ALTER TABLE … INHERIT.
    pub(super) fn inherit(&mut self, table: TableId, written: &QualifiedName) -> Outcome {
        self.keep_not_null_names(table);
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        let fixed = if t.of_type.is_some() {
            Some("typed table")
        } else if t.partition_of.is_some() {
            Some("a partition")
        } else if t.partition_key.is_some() {
            Some("partitioned table")
        } else {
            None
        };
        if let Some(what) = fixed {
            return refuse(state::WRONG_OBJECT_TYPE, self.subject, format!("cannot change inheritance of {what}"));
        }
        let parent = self.table(written)?;
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        self.check_parent_persistence(parent, written, t.persistence)?;
        self.check_parent(parent, written)?;
        if t.inherits.contains(&parent) {
            return refuse(
                state::DUPLICATE_TABLE,
                written.span(),
                format!("relation \"{}\" would be inherited from more than once", written.name.fold()),
            );
        }
        let mut below = vec![table];
        self.descendants(table, &mut below);
        if below.contains(&parent) {
            return refuse(state::DUPLICATE_TABLE, written.span(), "circular inheritance not allowed");
        }
        self.check_depth(parent, Some(table), written.span())?;
        self.merge_into_child(parent, table, written.span(), false)?;
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.inherits.push(parent);
        }
        self.schema.note_dependent(ObjectId::Table(parent), ObjectId::Table(table));
        Ok(())
    }

    /// Checks that a table has what its new parent has, and counts it as inherited.
    pub(super) fn merge_into_child(&mut self, parent: TableId, child: TableId, span: Span, partition: bool) -> Outcome {
        let Some(p) = self.schema.tables.get(parent).cloned() else { return Ok(()) };
        let child_name = self.table_name(child);
        for (_, column) in p.live_columns() {
            let number = self.find_column(child, &column.name);
            let Some(number) = number.or_else(|| self.assume_column(child, &column.name, span)) else {
                return refuse(
                    state::DATATYPE_MISMATCH,
                    span,
                    format!("child table is missing column \"{}\"", column.name),
                );
            };
            let Some(c) = self.schema.tables.get_mut(child).and_then(|t| t.columns.get_mut(number.index())) else {
                continue;
            };
            check_like_parent(c, column, &child_name, span)?;
            if column.not_null && !c.not_null {
                return refuse(
                    state::DATATYPE_MISMATCH,
                    span,
                    format!("column \"{}\" in child table must be marked NOT NULL", column.name),
                );
            }
            if column.generated.is_some() && c.generated.is_none() {
                return refuse(
                    state::DATATYPE_MISMATCH,
                    span,
                    format!("column \"{}\" in child table must be a generated column", column.name),
                );
            }
            c.inherit_count = c.inherit_count.saturating_add(1);
            if partition {
                c.is_local = false;
            }
        }
        for check in self.checks_of(parent) {
            let Some(original) = self.schema.constraints.get(check).filter(|c| !c.no_inherit) else { continue };
            let name = original.name.clone();
            let validated = original.validated;
            let existing = self.find_constraint(child, &name);
            if let Some(existing) = existing {
                self.check_equals(check, existing, span)?;
                self.merges(existing, validated)?;
            }
            let Some(c) = existing.and_then(|id| self.schema.constraints.get_mut(id)) else {
                return refuse(state::DATATYPE_MISMATCH, span, format!("child table is missing constraint \"{name}\""));
            };
            c.inherit_count = c.inherit_count.saturating_add(1);
            if partition {
                c.is_local = false;
            }
        }
        Ok(())
    }

    /// ALTER TABLE … NO INHERIT.
    pub(super) fn no_inherit(&mut self, table: TableId, written: &QualifiedName) -> Outcome {
        if self.schema.tables.get(table).is_some_and(|t| t.partition_of.is_some()) {
            return refuse(state::WRONG_OBJECT_TYPE, self.subject, "cannot change inheritance of a partition");
        }
        let parent = self.table(written)?;
        let Some(t) = self.schema.tables.get_mut(table) else { return Ok(()) };
        let Some(at) = t.inherits.iter().position(|p| *p == parent) else {
            let message = format!(
                "relation \"{}\" is not a parent of relation \"{}\"",
                written.name.fold(),
                self.table_name(table)
            );
            return refuse(state::UNDEFINED_TABLE, written.span(), message);
        };
        t.inherits.remove(at);
        self.separate(parent, table);
        Ok(())
    }

    /// What a child had from a parent becomes its own.
    pub(super) fn separate(&mut self, parent: TableId, child: TableId) {
        let Some(p) = self.schema.tables.get(parent).cloned() else { return };
        for (_, column) in p.live_columns() {
            let Some(number) = self.find_column(child, &column.name) else { continue };
            if let Some(c) = self.schema.tables.get_mut(child).and_then(|t| t.columns.get_mut(number.index())) {
                c.inherit_count = c.inherit_count.saturating_sub(1);
                c.is_local |= c.inherit_count == 0;
            }
        }
        for check in self.checks_of(parent) {
            let Some(name) = self.schema.constraints.get(check).map(|c| c.name.clone()) else { continue };
            if let Some(id) = self.find_constraint(child, &name)
                && let Some(c) = self.schema.constraints.get_mut(id)
                && c.inherit_count > 0
            {
                c.inherit_count -= 1;
                c.is_local |= c.inherit_count == 0;
            }
        }
    }
}

/// Whether a child's column is of the type and collation of its parent's.
fn check_like_parent(column: &Column, parent: &Column, child: &str, span: Span) -> Outcome {
    let (sqlstate, differs) = if column.data_type != parent.data_type {
        (state::DATATYPE_MISMATCH, "type")
    } else if column.collation != parent.collation {
        (state::COLLATION_MISMATCH, "collation")
    } else {
        return Ok(());
    };
    refuse(sqlstate, span, format!("child table \"{child}\" has different {differs} for column \"{}\"", parent.name))
}

/// A column as a child has it from its parent. Identity, sequences and comments stay with the parent.
fn inherited(column: &Column) -> Column {
    Column {
        is_local: false,
        inherit_count: 1,
        identity: None,
        sequence: None,
        serial: false,
        comment: None,
        ..column.clone()
    }
}

/// How deep a condition may be that is compared.
const PLAIN_DEPTH: usize = 16;

/// A condition that is made of columns, numbers and comparisons alone, written in one way; `None` where the server may print it in another.
fn plain(tree: &Tree, depth: usize) -> Option<String> {
    const SIMPLE: [&str; 9] = ["=", "<>", "<", ">", "<=", ">=", "and", "or", "not"];
    let below = depth.checked_sub(1)?;
    match tree {
        Tree::Column(parts) => parts.last().map(|name| format!("{name:?}")),
        Tree::Number(number) => Some(number.to_string()),
        Tree::Operator(operator, operands) => {
            let operator = if operator == "!=" { "<>" } else { operator.as_str() };
            let operands: Option<Vec<String>> = operands.iter().map(|o| plain(o, below)).collect();
            SIMPLE.contains(&operator).then_some(format!("{operator}({})", operands?.join(" ")))
        }
        _ => None,
    }
}
