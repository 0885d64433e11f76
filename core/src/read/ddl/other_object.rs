//! What the definitions of objects name that are not modelled: functions of casts, servers, members of publications.
//! Source: PostgreSQL manual, CREATE CAST, CREATE SERVER, CREATE USER MAPPING, CREATE PUBLICATION, ALTER PUBLICATION.

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::expr::Expr;
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE and the name of a cast, server or user mapping: what it stands on.
    pub(super) fn definition_uses(&mut self, object: &ObjectRef, uses: &mut Vec<ObjectRef>) -> Read<()> {
        match object.kind {
            ObjectKind::Cast if self.eat_all(&["WITH", "FUNCTION"]) => {
                uses.push(self.object(ObjectKind::Function)?);
            }
            ObjectKind::Server => {
                while !self.at_end() && !self.eat_all(&["FOREIGN", "DATA", "WRAPPER"]) {
                    self.pos += 1;
                }
                if !self.at_end() {
                    uses.push(self.object(ObjectKind::ForeignDataWrapper)?);
                }
            }
            ObjectKind::UserMapping => {
                uses.push(ObjectRef { kind: ObjectKind::Server, part: None, ..object.clone() });
            }
            _ => {}
        }
        Ok(())
    }

    /// Behind ALTER PUBLICATION and its name: ADD, SET or DROP of members.
    pub(super) fn members_change(&mut self) -> Option<MembersChange> {
        let change = if self.eat("ADD") {
            MembersChange::Add
        } else if self.eat("DROP") {
            MembersChange::Drop
        } else if self.is("SET") && self.kind_at(1) != TokenKind::LeftParen {
            self.pos += 1;
            MembersChange::Set
        } else {
            return None;
        };
        Some(change(self.publication_members()))
    }

    /// `TABLE a, b (columns) WHERE (…), TABLES IN SCHEMA s, t`, or `ALL TABLES`. What is not understood ends the list.
    pub(super) fn publication_members(&mut self) -> Vec<PublicationMember> {
        if self.eat_all(&["ALL", "TABLES"]) {
            return vec![PublicationMember::AllTables];
        }
        let mut members = Vec::new();
        let mut schemas = false;
        loop {
            if self.eat_all(&["TABLES", "IN", "SCHEMA"]) || self.eat_all(&["ALL", "TABLES", "IN", "SCHEMA"]) {
                schemas = true;
            } else if self.eat("TABLE") {
                schemas = false;
            }
            let member = if schemas { self.published_schema() } else { self.published_table() };
            match member {
                Ok(member) => members.push(member),
                Err(_) => return members,
            }
            if !self.eat_kind(TokenKind::Comma) {
                return members;
            }
        }
    }

    fn published_schema(&mut self) -> Read<PublicationMember> {
        let current = self.eat("CURRENT_SCHEMA");
        Ok(PublicationMember::Schema(if current { None } else { Some(self.identifier("a schema")?) }))
    }

    fn published_table(&mut self) -> Read<PublicationMember> {
        let (_, table) = self.relation()?;
        let mut columns = Vec::new();
        if self.kind() == TokenKind::LeftParen {
            columns = self.group("`(`", |p| p.list(|p| p.column_name()))??;
        }
        let mut condition: Option<Expr> = None;
        if self.eat("WHERE") {
            condition = Some(self.group("`(`", |p| p.rest("a condition"))??);
        }
        Ok(PublicationMember::Table(table, columns, condition))
    }
}
