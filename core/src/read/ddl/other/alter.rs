//! ALTER TABLE. What PostgreSQL has statements of their own for, MySQL says in the same: each part becomes the operation that it is, in order.

use smol_str::SmolStr;

use super::Other;
use super::table::{Beside, Column, Element};
use crate::name::{Ident, QualifiedName};
use crate::operation::*;
use crate::read::ddl::cursor::Read;
use crate::read::ddl::lexer::TokenKind;
use crate::source::Span;

/// What one ALTER TABLE comes to so far.
struct Parts {
    table: QualifiedName,
    if_exists: bool,
    actions: Vec<(AlterTableAction, Span)>,
}

impl Other<'_> {
    /// Behind ALTER; whether it changes the schema.
    pub(super) fn alter(&mut self) -> bool {
        while self.p.is_any(&["IGNORE", "ONLINE", "OFFLINE"]) {
            self.p.pos += 1;
        }
        if !self.p.eat("TABLE") {
            // Views are named alone; databases, accounts and events are no part of a schema.
            let named = self.p.is_any(&["VIEW", "ALGORITHM", "DEFINER", "SQL", "PROCEDURE", "FUNCTION", "EVENT"]);
            self.utility("ALTER");
            return named;
        }
        let if_exists = self.p.if_exists();
        let Ok(table) = self.name("a table name") else { return true };
        let mut parts = Parts { table, if_exists, actions: Vec::new() };
        let end = self.p.end;
        while self.p.pos < end {
            let comma = self.p.next_comma();
            self.p.end = comma;
            let from = self.p.pos;
            // SQLite's own are few, and the same.
            if self.action_of_alter(&mut parts, from).is_err() {
                self.p.pos = self.p.end;
            }
            if self.p.pos < self.p.end {
                self.options_of(&mut parts);
            }
            self.p.end = end;
            self.p.pos = (comma + 1).min(end);
        }
        self.flush(&mut parts);
        true
    }

    /// Makes a statement of the actions so far: what follows stands by itself.
    fn flush(&mut self, parts: &mut Parts) {
        let actions = std::mem::take(&mut parts.actions);
        if !actions.is_empty() {
            self.p.emit(OperationKind::AlterTable(Box::new(AlterTable {
                kind: ObjectKind::Table,
                name: parts.table.clone(),
                if_exists: parts.if_exists,
                only: false,
                actions,
            })));
        }
    }

    fn action_of_alter(&mut self, parts: &mut Parts, from: usize) -> Read<()> {
        if self.p.eat("ADD") {
            return self.add(parts, from);
        }
        if self.p.eat("DROP") {
            return self.drop_part(parts, from);
        }
        if self.mysql() && self.p.eat("MODIFY") {
            self.p.eat("COLUMN");
            self.p.if_exists();
            let column = self.column()?;
            self.redefine(parts, column, from);
            return Ok(());
        }
        if self.mysql() && self.p.eat("CHANGE") {
            self.p.eat("COLUMN");
            self.p.if_exists();
            let old = self.ident("a column name")?;
            let column = self.column()?;
            if old.text != column.def.name.text {
                self.flush(parts);
                self.rename_column(parts, old, column.def.name.clone());
            }
            self.redefine(parts, column, from);
            return Ok(());
        }
        if self.p.eat("RENAME") {
            return self.rename_part(parts);
        }
        if self.p.eat("ALTER") {
            return self.alter_column(parts, from);
        }
        self.options_of(parts);
        Ok(())
    }

    fn add(&mut self, parts: &mut Parts, from: usize) -> Read<()> {
        if let Some(element) = self.constraint_or_index(&parts.table.clone())? {
            match element {
                Element::Constraint(constraint) => {
                    let span = self.p.span_from(from);
                    parts.actions.push((AlterTableAction::AddConstraint(constraint), span));
                }
                Element::Index(index) => {
                    self.flush(parts);
                    self.p.emit(OperationKind::CreateIndex(Box::new(index)));
                }
            }
            self.p.pos = self.p.end;
            return Ok(());
        }
        self.p.eat("COLUMN");
        let if_not_exists = self.p.if_not_exists();
        let mut beside = Beside::default();
        if self.p.kind() == TokenKind::LeftParen {
            self.group(|o| {
                o.each(|o| {
                    let column = o.column()?;
                    add_column(parts, &mut beside, column, if_not_exists);
                    Ok(())
                });
            })?;
        } else {
            let column = self.column()?;
            add_column(parts, &mut beside, column, if_not_exists);
        }
        if !beside.comments.is_empty() {
            self.flush(parts);
            self.emit_beside(&parts.table.clone(), beside);
        }
        Ok(())
    }

    fn drop_part(&mut self, parts: &mut Parts, from: usize) -> Read<()> {
        if self.p.eat_all(&["PRIMARY", "KEY"]) {
            parts.actions.push((AlterTableAction::DropPrimaryKey, self.p.span_from(from)));
            return Ok(());
        }
        if self.p.is("PARTITION") {
            self.p.pos = self.p.end;
            return Ok(());
        }
        // A unique key is a constraint and an index; replay looks for both.
        let key = self.p.eat_all(&["FOREIGN", "KEY"])
            || (self.mysql() && self.p.is_any(&["KEY", "INDEX"]) && self.p.kind_at(1) != TokenKind::End && {
                self.p.pos += 1;
                true
            })
            || self.p.eat("CONSTRAINT")
            || (self.mysql() && self.p.eat("CHECK"));
        if !key {
            self.p.eat("COLUMN");
        }
        let if_exists = self.p.if_exists();
        let name = self.ident("a name")?;
        self.p.cascade();
        let span = self.p.span_from(from);
        let action = match key {
            true => AlterTableAction::DropConstraint { name, if_exists, cascade: false },
            false => AlterTableAction::DropColumn { name, if_exists, cascade: false },
        };
        parts.actions.push((action, span));
        Ok(())
    }

    fn rename_part(&mut self, parts: &mut Parts) -> Read<()> {
        self.flush(parts);
        if self.mysql() && self.p.is_any(&["KEY", "INDEX"]) && self.p.kind_at(1) != TokenKind::End {
            self.p.pos += 1;
            let from = self.p.pos;
            let index = self.ident("an index name")?;
            self.p.expect_word("TO")?;
            let to = self.ident("an index name")?;
            let span = self.p.span_from(from);
            let target = ObjectRef {
                kind: ObjectKind::Index,
                name: parts.table.clone(),
                part: Some(index),
                arguments: None,
                span,
            };
            self.p.emit(OperationKind::Rename { target, to, if_exists: false, cascade: false, only: false });
            return Ok(());
        }
        if self.p.is_any(&["TO", "AS"]) && self.p.kind_at(1) != TokenKind::End {
            self.p.pos += 1;
            let to = self.name("a table name")?;
            self.rename_table(parts.table.clone(), to.name.clone());
            parts.table = to;
            return Ok(());
        }
        let has_column = self.p.eat("COLUMN");
        let name = self.ident("a name")?;
        if !has_column && self.p.at_end() {
            // RENAME new_name.
            self.rename_table(parts.table.clone(), name.clone());
            parts.table = QualifiedName { schema: None, name };
            return Ok(());
        }
        self.p.expect_word("TO")?;
        let to = self.ident("a column name")?;
        self.rename_column(parts, name, to);
        Ok(())
    }

    fn rename_column(&mut self, parts: &Parts, from: Ident, to: Ident) {
        let span = from.span;
        let target =
            ObjectRef { kind: ObjectKind::Column, name: parts.table.clone(), part: Some(from), arguments: None, span };
        self.p.emit(OperationKind::Rename { target, to, if_exists: false, cascade: false, only: false });
    }

    fn alter_column(&mut self, parts: &mut Parts, from: usize) -> Read<()> {
        if self.p.is_any(&["INDEX", "CHECK", "CONSTRAINT"]) {
            self.p.pos = self.p.end;
            return Ok(());
        }
        self.p.eat("COLUMN");
        let column = self.ident("a column name")?;
        let action = if self.p.eat_all(&["SET", "DEFAULT"]) {
            AlterTableAction::SetDefault { column, value: self.value()? }
        } else if self.p.eat_all(&["DROP", "DEFAULT"]) {
            AlterTableAction::DropDefault { column }
        } else {
            self.p.pos = self.p.end;
            return Ok(());
        };
        parts.actions.push((action, self.p.span_from(from)));
        Ok(())
    }

    /// MODIFY and CHANGE say all of a column anew: what they leave out it loses, save its keys.
    fn redefine(&mut self, parts: &mut Parts, column: Column, from: usize) {
        let span = self.p.span_from(from);
        let Column { def, comment } = column;
        let name = def.name.clone();
        let mut default = None;
        let mut not_null = false;
        let mut identity = false;
        let mut keys = Vec::new();
        for constraint in def.constraints {
            let kind = match constraint.kind {
                ColumnConstraintKind::NotNull => {
                    not_null = true;
                    continue;
                }
                ColumnConstraintKind::Default(value) => {
                    default = Some(value);
                    continue;
                }
                ColumnConstraintKind::Identity { .. } => {
                    identity = true;
                    continue;
                }
                ColumnConstraintKind::PrimaryKey(options) => {
                    ConstraintDefKind::PrimaryKey { columns: vec![name.clone()], options }
                }
                ColumnConstraintKind::Unique(options) => {
                    ConstraintDefKind::Unique { columns: vec![name.clone()], options }
                }
                ColumnConstraintKind::Check(expr) => ConstraintDefKind::Check(expr),
                ColumnConstraintKind::Null
                | ColumnConstraintKind::Generated { .. }
                | ColumnConstraintKind::References(_) => continue,
            };
            let ColumnConstraint { name, attributes, span, .. } = constraint;
            keys.push(ConstraintDef { name, kind, attributes, span });
        }
        let mut push = |action| parts.actions.push((action, span));
        if let Some(data_type) = def.data_type {
            let collation = def.collation;
            push(AlterTableAction::SetType { column: name.clone(), data_type, collation, using: None, cascade: false });
        }
        push(match not_null {
            true => AlterTableAction::SetNotNull { column: name.clone() },
            false => AlterTableAction::DropNotNull { column: name.clone() },
        });
        push(match default {
            Some(value) => AlterTableAction::SetDefault { column: name.clone(), value },
            None => AlterTableAction::DropDefault { column: name.clone() },
        });
        push(match identity {
            true => AlterTableAction::AddIdentity {
                column: name.clone(),
                always: false,
                options: SequenceOptions::default(),
            },
            false => AlterTableAction::DropIdentity { column: name.clone(), if_exists: true },
        });
        keys.into_iter().for_each(|key| push(AlterTableAction::AddConstraint(key)));
        if let Some(text) = comment {
            self.flush(parts);
            self.comment(&parts.table.clone(), Some(name), text);
        }
    }

    /// ALGORITHM, LOCK, ENGINE and the like, of which rules want to know.
    fn options_of(&mut self, parts: &mut Parts) {
        while !self.p.at_end() {
            let from = self.p.pos;
            if self.p.eat("COMMENT") {
                self.p.eat_operator("=");
                if let Ok(text) = self.string() {
                    self.flush(parts);
                    self.comment(&parts.table.clone(), None, text);
                }
                continue;
            }
            // `CONVERT TO CHARACTER SET x`, `DEFAULT CHARSET = x`, `ENGINE = x`, `ORDER BY a`.
            let word = SmolStr::new(self.p.text(self.p.peek()).to_ascii_lowercase());
            self.p.bump();
            let value = match self.p.eat_operator("=") || matches!(word.as_str(), "algorithm" | "lock" | "engine") {
                true => {
                    let token = self.p.bump();
                    self.p.text(token).to_ascii_lowercase()
                }
                false
                    if matches!(word.as_str(), "convert" | "order" | "force" | "partition" | "remove" | "coalesce") =>
                {
                    self.p.pos = self.p.end;
                    String::new()
                }
                false => String::new(),
            };
            let span = self.p.span_from(from);
            parts.actions.push((AlterTableAction::SetOptions(vec![(word, value)]), span));
        }
    }
}

fn add_column(parts: &mut Parts, beside: &mut Beside, column: Column, if_not_exists: bool) {
    let Column { def, comment } = column;
    if let Some(text) = comment {
        beside.comments.push((def.name.clone(), text));
    }
    let span = def.span;
    parts.actions.push((AlterTableAction::AddColumn { if_not_exists, column: def, cascade: false }, span));
}
