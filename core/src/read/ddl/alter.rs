//! ALTER of everything, and the changes that all objects share: RENAME TO, SET SCHEMA, OWNER TO.

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::operation::*;

impl Parser<'_> {
    /// Behind ALTER.
    pub(super) fn alter(&mut self) -> Read<()> {
        if self.eat("POLICY") {
            return self.alter_policy();
        }
        if self.eat_all(&["DEFAULT", "PRIVILEGES"]) {
            return self.default_privileges();
        }
        if self.eat("SYSTEM") {
            self.emit(OperationKind::Utility { verb: "ALTER SYSTEM".into() });
            return Ok(());
        }
        let from = self.pos;
        let Some(kind) = self.object_kind() else {
            return Err(self.expected("the kind of an object, such as `TABLE` or `INDEX`"));
        };
        match kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Index
            | ObjectKind::Sequence => self.alter_relation(kind),
            ObjectKind::Column | ObjectKind::Constraint => {
                self.pos = from;
                Err(self.expected("the kind of an object that can be altered, such as `TABLE`"))
            }
            ObjectKind::Type => self.alter_type(),
            ObjectKind::Domain => self.alter_domain(),
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => {
                let target = self.object(kind)?;
                match self.common_change(&target, false) {
                    Some(done) => done,
                    None if self.eat_all(&["DEPENDS", "ON"]) || self.eat_all(&["NO", "DEPENDS", "ON"]) => {
                        self.altered_other(target)
                    }
                    None => self.alter_function(target),
                }
            }
            _ => {
                let if_exists = self.if_exists();
                let target = self.object(kind)?;
                match self.common_change(&target, if_exists) {
                    Some(done) => done,
                    None => self.altered_other(target),
                }
            }
        }
    }

    fn altered_other(&mut self, object: ObjectRef) -> Read<()> {
        self.pos = self.end;
        self.emit(OperationKind::AlterOther { object });
        Ok(())
    }

    /// RENAME TO, SET SCHEMA or OWNER TO, if one comes next.
    pub(super) fn common_change(&mut self, target: &ObjectRef, if_exists: bool) -> Option<Read<()>> {
        if self.are(&["RENAME", "TO"]) {
            return Some(self.rename_to(target.clone(), if_exists));
        }
        if self.are(&["SET", "SCHEMA"]) && self.kind_at(2) != TokenKind::End {
            self.pos += 2;
            return Some(self.identifier("a schema").map(|schema| {
                self.emit(OperationKind::SetSchema { target: target.clone(), schema, if_exists });
                self.finish("the end of the statement");
            }));
        }
        // ALTER TABLE takes OWNER TO among other actions.
        if self.are(&["OWNER", "TO"]) && self.next_comma() == self.end {
            self.pos += 2;
            return Some(self.role().map(|role| {
                self.emit(OperationKind::SetOwner { target: target.clone(), role });
                self.finish("the end of the statement");
            }));
        }
        None
    }
}
