//! ALTER TABLE and the same actions on views, indexes, sequences, foreign tables and composite types.
//! Source: PostgreSQL manual, "ALTER TABLE", "ALTER VIEW", "ALTER INDEX", "ALTER SEQUENCE", "ALTER TYPE".

use smol_str::SmolStr;

use super::cursor::{Parser, Read, push};
use super::lexer::TokenKind;
use super::object::unqualified;
use crate::name::{Ident, QualifiedName};
use crate::operation::*;

impl Parser<'_> {
    /// Behind ALTER and the kind of relation.
    pub(super) fn alter_relation(&mut self, kind: ObjectKind) -> Read<()> {
        if self.eat_all(&["ALL", "IN", "TABLESPACE"]) {
            // Moves every table of a tablespace; no object is named.
            let name = unqualified(self.identifier("a tablespace")?);
            if self.eat_all(&["OWNED", "BY"]) {
                self.list(|p| p.role())?;
            }
            self.expect_word("SET")?;
            self.expect_word("TABLESPACE")?;
            let object = Self::reference(ObjectKind::Tablespace, name, None);
            self.emit(OperationKind::AlterOther { object, members: None });
            self.pos = self.end;
            return Ok(());
        }
        let if_exists = self.if_exists();
        let (only, name) = self.relation()?;
        if self.is("RENAME") {
            return self.rename_in_relation(kind, name, if_exists, only);
        }
        if self.eat_all(&["SET", "SCHEMA"]) {
            return self.set_schema(Self::reference(kind, name, None), if_exists);
        }
        if !if_exists && self.are(&["OWNER", "TO"]) && self.next_comma() == self.end {
            return self.owner_to(Self::reference(kind, name, None));
        }
        if kind == ObjectKind::Sequence && !self.at_relation_action() {
            let mut options = SequenceOptions::default();
            let result = self.sequence_options(&mut options);
            self.emit(OperationKind::AlterSequence { name, if_exists, options });
            return result;
        }
        self.alter_relation_actions(kind, name, if_exists, only);
        Ok(())
    }

    /// Whether ALTER SEQUENCE goes on with an action of all relations rather than with options.
    fn at_relation_action(&self) -> bool {
        self.are(&["OWNER", "TO"]) || self.are(&["SET", "LOGGED"]) || self.are(&["SET", "UNLOGGED"])
    }

    /// The actions that commas separate.
    pub(super) fn alter_relation_actions(
        &mut self,
        kind: ObjectKind,
        name: QualifiedName,
        if_exists: bool,
        only: bool,
    ) {
        let mut actions = Vec::new();
        self.each("an action such as `ADD`, `DROP` or `ALTER`", |p| {
            let from = p.pos;
            let (action, result) = p.action(kind)?;
            push(&mut actions, (action, p.span_from(from)));
            result
        });
        self.emit(OperationKind::AlterTable(Box::new(AlterTable { kind, name, if_exists, only, actions })));
    }

    /// RENAME TO, RENAME CONSTRAINT, RENAME [COLUMN | ATTRIBUTE].
    fn rename_in_relation(&mut self, kind: ObjectKind, name: QualifiedName, if_exists: bool, only: bool) -> Read<()> {
        if self.is_at(1, "TO") {
            return self.rename_to(Self::reference(kind, name, None), if_exists);
        }
        self.pos += 1;
        let (part_kind, part) = if self.is("CONSTRAINT") {
            self.pos += 1;
            (ObjectKind::Constraint, self.identifier("a constraint name")?)
        } else {
            self.eat("COLUMN");
            (ObjectKind::Column, self.column_name()?)
        };
        let target = Self::reference(part_kind, name, Some(part));
        self.expect_word("TO")?;
        let to = self.identifier("the new name")?;
        let cascade = self.cascade();
        self.emit(OperationKind::Rename { target, to, if_exists, cascade, only });
        self.finish("the end of the statement");
        Ok(())
    }

    /// RENAME TO name.
    pub(super) fn rename_to(&mut self, target: ObjectRef, if_exists: bool) -> Read<()> {
        self.expect_word("RENAME")?;
        self.expect_word("TO")?;
        let to = if target.kind == ObjectKind::Role { self.role()? } else { self.identifier("the new name")? };
        self.emit(OperationKind::Rename { target, to, if_exists, cascade: false, only: false });
        self.finish("the end of the statement");
        Ok(())
    }

    /// Behind SET SCHEMA.
    pub(super) fn set_schema(&mut self, target: ObjectRef, if_exists: bool) -> Read<()> {
        let schema = self.identifier("a schema")?;
        self.emit(OperationKind::SetSchema { target, schema, if_exists });
        self.finish("the end of the statement");
        Ok(())
    }

    /// OWNER TO role.
    pub(super) fn owner_to(&mut self, target: ObjectRef) -> Read<()> {
        self.expect_word("OWNER")?;
        self.expect_word("TO")?;
        let role = self.role()?;
        self.emit(OperationKind::SetOwner { target, role });
        self.finish("the end of the statement");
        Ok(())
    }

    /// One action. A broken tail of an action that can stand without it is given beside it.
    fn action(&mut self, kind: ObjectKind) -> Read<(AlterTableAction, Read<()>)> {
        if self.eat("ADD") {
            return self.action_add(kind);
        }
        let action = if self.eat("DROP") {
            self.action_drop(kind)?
        } else if self.eat("ALTER") {
            self.action_alter(kind)?
        } else if self.eat_all(&["VALIDATE", "CONSTRAINT"]) {
            AlterTableAction::ValidateConstraint { name: self.identifier("a constraint name")? }
        } else if self.eat("ENABLE") {
            self.action_enable()?
        } else if self.eat("DISABLE") {
            if self.eat_all(&["ROW", "LEVEL", "SECURITY"]) {
                AlterTableAction::RowSecurity(RowSecurity::Disable)
            } else if self.eat("TRIGGER") {
                AlterTableAction::TriggerState { name: self.trigger_or_all()?, state: TriggerState::Disabled }
            } else {
                self.expect_word("RULE")?;
                AlterTableAction::RuleState { name: self.identifier("a rule name")?, state: TriggerState::Disabled }
            }
        } else if self.eat_all(&["FORCE", "ROW", "LEVEL", "SECURITY"]) {
            AlterTableAction::RowSecurity(RowSecurity::Force)
        } else if self.eat_all(&["NO", "FORCE", "ROW", "LEVEL", "SECURITY"]) {
            AlterTableAction::RowSecurity(RowSecurity::NoForce)
        } else if self.eat_all(&["CLUSTER", "ON"]) {
            AlterTableAction::ClusterOn(Some(self.identifier("an index name")?))
        } else if self.eat("SET") {
            self.action_set()?
        } else if self.eat("RESET") {
            let mut names = Vec::new();
            self.group("`(` and parameters", |p| {
                p.each("a parameter", |p| {
                    names.push(p.parameter_name()?);
                    Ok(())
                });
            })?;
            AlterTableAction::ResetOptions(names)
        } else if self.eat("INHERIT") {
            AlterTableAction::Inherit(self.table_name()?)
        } else if self.eat_all(&["NO", "INHERIT"]) {
            AlterTableAction::NoInherit(self.table_name()?)
        } else if self.eat("OF") {
            AlterTableAction::OfType(Some(self.qualified("a type name")?))
        } else if self.eat_all(&["NOT", "OF"]) {
            AlterTableAction::OfType(None)
        } else if self.eat_all(&["OWNER", "TO"]) {
            AlterTableAction::OwnerTo(self.role()?)
        } else if self.eat_all(&["REPLICA", "IDENTITY"]) {
            self.replica_identity()?
        } else if self.eat_all(&["ATTACH", "PARTITION"]) {
            let name = self.table_name()?;
            if kind == ObjectKind::Index {
                AlterTableAction::AttachIndex { name }
            } else {
                AlterTableAction::AttachPartition { name, bound: self.partition_bound()? }
            }
        } else if self.eat_all(&["DETACH", "PARTITION"]) {
            let name = self.table_name()?;
            let concurrently = self.eat("CONCURRENTLY");
            let finalize = !concurrently && self.eat("FINALIZE");
            AlterTableAction::DetachPartition { name, concurrently, finalize }
        } else if self.is("OPTIONS") {
            self.pos += 1;
            self.skip_group()?;
            AlterTableAction::ForeignOptions
        } else if self.are(&["DEPENDS", "ON", "EXTENSION"]) || self.are(&["NO", "DEPENDS", "ON", "EXTENSION"]) {
            let setting = SmolStr::new_static("depends on extension");
            let value = self.text_of(self.end - 1, self.end).to_owned();
            self.pos = self.end;
            AlterTableAction::ColumnSetting { column: None, setting, value }
        } else {
            return Err(self.expected("an action such as `ADD`, `DROP`, `ALTER` or `RENAME`"));
        };
        Ok((action, Ok(())))
    }

    /// The word that may stand in front of a column: COLUMN of relations (optional), ATTRIBUTE of composite types.
    fn column_word(&mut self, kind: ObjectKind) -> Read<()> {
        if kind == ObjectKind::Type {
            return self.expect_word("ATTRIBUTE");
        }
        self.eat("COLUMN");
        Ok(())
    }

    fn action_add(&mut self, kind: ObjectKind) -> Read<(AlterTableAction, Read<()>)> {
        if kind != ObjectKind::Type && self.at_table_constraint() {
            return Ok((AlterTableAction::AddConstraint(self.table_constraint()?), Ok(())));
        }
        self.column_word(kind)?;
        let if_not_exists = self.if_not_exists();
        let outer = self.end;
        if kind == ObjectKind::Type && (self.ends_with(&["CASCADE"]) || self.ends_with(&["RESTRICT"])) {
            self.end -= 1;
        }
        let column = self.column();
        self.end = outer;
        let (column, result) = column?;
        let cascade = kind == ObjectKind::Type && self.cascade();
        Ok((AlterTableAction::AddColumn { if_not_exists, column, cascade }, result))
    }

    fn action_drop(&mut self, kind: ObjectKind) -> Read<AlterTableAction> {
        if self.is("CONSTRAINT") {
            self.pos += 1;
            let if_exists = self.if_exists();
            let name = self.identifier("a constraint name")?;
            return Ok(AlterTableAction::DropConstraint { name, if_exists, cascade: self.cascade() });
        }
        self.column_word(kind)?;
        let if_exists = self.if_exists();
        let name = self.column_name()?;
        Ok(AlterTableAction::DropColumn { name, if_exists, cascade: self.cascade() })
    }

    /// Behind ALTER CONSTRAINT and the name.
    fn altered_constraint(&mut self, name: Ident) -> AlterTableAction {
        let (mut deferrable, mut initially_deferred, mut enforced, mut inherit) = (None, None, None, None);
        // SET NO INHERIT and SET INHERIT: the spelling of version 18 betas; without SET since.
        self.eat("SET");
        loop {
            if self.eat_all(&["NOT", "DEFERRABLE"]) {
                deferrable = Some(false);
            } else if self.eat("DEFERRABLE") {
                deferrable = Some(true);
            } else if self.eat_all(&["INITIALLY", "DEFERRED"]) {
                initially_deferred = Some(true);
            } else if self.eat_all(&["INITIALLY", "IMMEDIATE"]) {
                initially_deferred = Some(false);
            } else if self.eat_all(&["NOT", "ENFORCED"]) {
                enforced = Some(false);
            } else if self.eat("ENFORCED") {
                enforced = Some(true);
            } else if self.eat_all(&["NO", "INHERIT"]) {
                inherit = Some(false);
            } else if self.eat("INHERIT") {
                inherit = Some(true);
            } else {
                return AlterTableAction::AlterConstraint { name, deferrable, initially_deferred, enforced, inherit };
            }
        }
    }

    /// Behind ALTER: a column or a constraint.
    fn action_alter(&mut self, kind: ObjectKind) -> Read<AlterTableAction> {
        if self.is("CONSTRAINT") {
            self.pos += 1;
            let name = self.identifier("a constraint name")?;
            return Ok(self.altered_constraint(name));
        }
        self.column_word(kind)?;
        // Columns of an index have numbers.
        if self.kind() == TokenKind::Number {
            let token = self.bump();
            let column = Ident { text: SmolStr::new(self.text(token)), quoted: false, span: self.span(token) };
            return self.column_setting(column);
        }
        let column = self.column_name()?;
        if self.eat("DROP") {
            if self.eat_all(&["NOT", "NULL"]) {
                return Ok(AlterTableAction::DropNotNull { column });
            }
            if self.eat("DEFAULT") {
                return Ok(AlterTableAction::DropDefault { column });
            }
            if self.eat("EXPRESSION") {
                return Ok(AlterTableAction::DropExpression { column, if_exists: self.if_exists() });
            }
            if self.eat("IDENTITY") {
                return Ok(AlterTableAction::DropIdentity { column, if_exists: self.if_exists() });
            }
            return Err(self.expected("`NOT NULL`, `DEFAULT`, `EXPRESSION` or `IDENTITY`"));
        }
        if self.is("TYPE") || self.are(&["SET", "DATA", "TYPE"]) {
            self.pos += if self.is("TYPE") { 1 } else { 3 };
            return self.set_type(column);
        }
        if self.eat("ADD") {
            self.expect_word("GENERATED")?;
            let always = self.eat("ALWAYS");
            if !always && !self.eat_all(&["BY", "DEFAULT"]) {
                return Err(self.expected("`ALWAYS` or `BY DEFAULT`"));
            }
            self.expect_word("AS")?;
            self.expect_word("IDENTITY")?;
            return Ok(AlterTableAction::AddIdentity { column, always, options: self.identity_options()? });
        }
        if self.eat_all(&["SET", "DEFAULT"]) {
            return Ok(AlterTableAction::SetDefault { column, value: self.rest("an expression")? });
        }
        if self.eat_all(&["SET", "NOT", "NULL"]) {
            return Ok(AlterTableAction::SetNotNull { column });
        }
        if self.eat_all(&["SET", "EXPRESSION", "AS"]) {
            return Ok(AlterTableAction::SetExpression { column, value: self.paren_expr()? });
        }
        if self.is("RESTART") || self.are(&["SET", "GENERATED"]) || self.at_set_sequence_option() {
            return self.set_identity(column);
        }
        if self.eat("OPTIONS") {
            self.skip_group()?;
            return Ok(AlterTableAction::ForeignOptions);
        }
        self.column_setting(column)
    }

    fn at_set_sequence_option(&self) -> bool {
        self.is("SET")
            && ["INCREMENT", "MINVALUE", "MAXVALUE", "NO", "START", "RESTART", "CACHE", "CYCLE", "SEQUENCE", "OWNED"]
                .iter()
                .any(|word| self.is_at(1, word))
    }

    /// SET GENERATED, SET sequence option, RESTART: as many as follow.
    fn set_identity(&mut self, column: Ident) -> Read<AlterTableAction> {
        let mut always = None;
        let mut options = SequenceOptions::default();
        while !self.at_end() {
            if self.eat("SET") && self.eat("GENERATED") {
                always = Some(self.eat("ALWAYS"));
                if always == Some(false) && !self.eat_all(&["BY", "DEFAULT"]) {
                    return Err(self.expected("`ALWAYS` or `BY DEFAULT`"));
                }
            } else if !self.sequence_option(&mut options)? {
                return Err(self.expected("a sequence option"));
            }
        }
        Ok(AlterTableAction::SetIdentity { column, always, options })
    }

    fn set_type(&mut self, column: Ident) -> Read<AlterTableAction> {
        let data_type = self.data_type()?;
        let collation = if self.eat("COLLATE") { Some(self.qualified("a collation")?) } else { None };
        let using = if self.eat("USING") { Some(self.rest("an expression")?) } else { None };
        let cascade = self.cascade();
        Ok(AlterTableAction::SetType { column, data_type, collation, using, cascade })
    }

    /// SET STATISTICS 5, SET STORAGE x, SET COMPRESSION x, SET (…), RESET (…).
    fn column_setting(&mut self, column: Ident) -> Read<AlterTableAction> {
        let column = Some(column);
        let reset = self.eat("RESET");
        if !reset {
            self.expect_word("SET")?;
        }
        if reset || self.kind() == TokenKind::LeftParen {
            let from = self.pos;
            self.skip_group()?;
            let setting = SmolStr::new_static(if reset { "reset" } else { "options" });
            return Ok(AlterTableAction::ColumnSetting {
                column,
                setting,
                value: self.text_of(from, self.pos).to_owned(),
            });
        }
        if !self.is_any(&["STATISTICS", "STORAGE", "COMPRESSION"]) {
            return Err(
                self.expected("`DATA TYPE`, `DEFAULT`, `NOT NULL`, `STATISTICS`, `STORAGE`, `COMPRESSION` or `(`")
            );
        }
        let setting = self.label("a setting")?.fold();
        let from = self.pos;
        if setting == "statistics" && !self.is("DEFAULT") {
            self.integer()?;
        } else {
            self.label("a mode or method")?;
        }
        Ok(AlterTableAction::ColumnSetting { column, setting, value: self.text_of(from, self.pos).to_owned() })
    }

    fn action_enable(&mut self) -> Read<AlterTableAction> {
        if self.eat_all(&["ROW", "LEVEL", "SECURITY"]) {
            return Ok(AlterTableAction::RowSecurity(RowSecurity::Enable));
        }
        let state = if self.eat("REPLICA") {
            TriggerState::Replica
        } else if self.eat("ALWAYS") {
            TriggerState::Always
        } else {
            TriggerState::Enabled
        };
        if self.eat("TRIGGER") {
            return Ok(AlterTableAction::TriggerState { name: self.trigger_or_all()?, state });
        }
        if self.eat("RULE") {
            return Ok(AlterTableAction::RuleState { name: self.identifier("a rule name")?, state });
        }
        Err(self.expected("`TRIGGER`, `RULE` or `ROW LEVEL SECURITY`"))
    }

    /// A trigger's name; `None` for ALL and USER.
    fn trigger_or_all(&mut self) -> Read<Option<Ident>> {
        if self.eat("ALL") || self.eat("USER") {
            return Ok(None);
        }
        Ok(Some(self.identifier("a trigger name")?))
    }

    /// Behind SET of a relation.
    fn action_set(&mut self) -> Read<AlterTableAction> {
        if self.kind() == TokenKind::LeftParen {
            return Ok(AlterTableAction::SetOptions(self.parameters()?));
        }
        if self.eat("LOGGED") {
            return Ok(AlterTableAction::SetLogged(true));
        }
        if self.eat("UNLOGGED") {
            return Ok(AlterTableAction::SetLogged(false));
        }
        if self.eat("TABLESPACE") {
            let tablespace = self.identifier("a tablespace")?;
            self.eat("NOWAIT");
            return Ok(AlterTableAction::SetTablespace(tablespace));
        }
        if self.eat_all(&["ACCESS", "METHOD"]) {
            let method = if self.eat("DEFAULT") { None } else { Some(self.identifier("an access method")?) };
            return Ok(AlterTableAction::SetAccessMethod(method));
        }
        if self.eat_all(&["WITHOUT", "CLUSTER"]) {
            return Ok(AlterTableAction::ClusterOn(None));
        }
        if self.is("WITHOUT") && self.is_at(1, "OIDS") || self.are(&["WITH", "OIDS"]) {
            let with = self.is("WITH");
            self.pos += 2;
            return Ok(AlterTableAction::SetOptions(vec![(SmolStr::new_static("oids"), with.to_string())]));
        }
        Err(self.expected("`(`, `SCHEMA`, `TABLESPACE`, `LOGGED`, `UNLOGGED`, `ACCESS METHOD` or `WITHOUT CLUSTER`"))
    }

    fn replica_identity(&mut self) -> Read<AlterTableAction> {
        if self.eat_all(&["USING", "INDEX"]) {
            let index = Some(self.identifier("an index name")?);
            return Ok(AlterTableAction::ReplicaIdentity { setting: SmolStr::new_static("index"), index });
        }
        if !self.is_any(&["DEFAULT", "FULL", "NOTHING"]) {
            return Err(self.expected("`DEFAULT`, `FULL`, `NOTHING` or `USING INDEX`"));
        }
        let setting = self.label("a setting")?.fold();
        Ok(AlterTableAction::ReplicaIdentity { setting, index: None })
    }
}
