//! DROP. Source: PostgreSQL manual, the pages "DROP …".

use super::cursor::{Parser, Read};
use crate::operation::*;
use crate::problem::ProblemKind;

impl Parser<'_> {
    /// Behind DROP.
    pub(super) fn drop(&mut self) -> Read<()> {
        if self.eat_all(&["OWNED", "BY"]) {
            return self.drop_owned();
        }
        let from = self.pos;
        let Some(kind) = self.object_kind().filter(|k| !matches!(k, ObjectKind::Column | ObjectKind::Constraint))
        else {
            self.pos = from;
            return Err(self.expected("the kind of an object, such as `TABLE` or `VIEW`"));
        };
        let concurrently = kind == ObjectKind::Index && self.eat("CONCURRENTLY");
        let mut if_exists = self.if_exists();
        if self.is("IF") {
            self.no_if_not_exists("DROP");
            if_exists = true;
        }
        let mut targets = Vec::new();
        let mut result = Ok(());
        loop {
            match self.object(kind) {
                Ok(target) => targets.push(target),
                Err(broken) => {
                    // The other targets still go.
                    result = Err(broken);
                    self.pos = self.next_comma();
                }
            }
            if !self.eat_kind(super::lexer::TokenKind::Comma) {
                break;
            }
        }
        let cascade = self.cascade();
        if kind == ObjectKind::Database {
            self.eat("WITH");
            if !self.at_end() {
                let _ = self.skip_group();
            }
        }
        if !targets.is_empty() {
            self.emit(OperationKind::Drop(Box::new(Drop { targets, if_exists, cascade, concurrently })));
        }
        if result.is_ok() {
            self.finish("`,`, `CASCADE`, `RESTRICT` or the end of the statement");
        }
        result
    }

    /// DROP OWNED takes whatever the role owns, which no text says.
    fn drop_owned(&mut self) -> Read<()> {
        let roles = self.list(|p| p.role())?;
        self.cascade();
        self.finish("the end of the statement");
        let message = "DROP OWNED removes whatever these roles own in the database; what that is cannot be read here.";
        self.problem(ProblemKind::OpaqueStatement, message.to_owned(), self.statement);
        self.emit(OperationKind::Utility { verb: "DROP OWNED".into(), text: None });
        for role in roles {
            let object = Self::reference(ObjectKind::Role, super::object::unqualified(role), None);
            self.emit(OperationKind::AlterOther { object, members: None });
        }
        Ok(())
    }
}
