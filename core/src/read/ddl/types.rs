//! CREATE TYPE, ALTER TYPE, CREATE DOMAIN, ALTER DOMAIN. Source: PostgreSQL manual, the pages of these names.

use smol_str::SmolStr;

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::name::QualifiedName;
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE TYPE.
    pub(super) fn create_type(&mut self) -> Read<()> {
        let name = self.qualified("a type name")?;
        let mut result = Ok(());
        let definition = if self.at_end() {
            TypeDefinition::Shell
        } else if self.kind() == TokenKind::LeftParen {
            TypeDefinition::Base(self.type_parameters()?)
        } else {
            self.expect_word("AS")?;
            if self.eat("ENUM") {
                let mut labels = Vec::new();
                result = self.group("`(` and labels", |p| {
                    if p.at_end() {
                        return;
                    }
                    p.each("a label in single quotes", |p| {
                        let (decoded, token) = p.string("a label in single quotes")?;
                        labels.push((decoded.text.into_owned(), p.span(token)));
                        Ok(())
                    });
                });
                TypeDefinition::Enum(labels)
            } else if self.eat("RANGE") {
                TypeDefinition::Range(self.type_parameters()?)
            } else if self.kind() == TokenKind::LeftParen {
                let mut attributes = Vec::new();
                self.group("`(`", |p| {
                    if p.at_end() {
                        return;
                    }
                    p.each("an attribute", |p| {
                        let (attribute, result) = p.column()?;
                        attributes.push(attribute);
                        result
                    });
                })?;
                TypeDefinition::Composite(attributes)
            } else {
                return Err(self.expected("`ENUM`, `RANGE` or `(`"));
            }
        };
        self.emit(OperationKind::CreateType { name, definition });
        self.finish("the end of the statement");
        result
    }

    /// `(subtype = float8, …)`; names folded.
    fn type_parameters(&mut self) -> Read<Vec<(SmolStr, String)>> {
        let mut parameters = self.parameters()?;
        for (name, _) in &mut parameters {
            if name.bytes().any(|b| b.is_ascii_uppercase()) {
                *name = name.to_ascii_lowercase().into();
            }
        }
        Ok(parameters)
    }

    /// Behind ALTER TYPE.
    pub(super) fn alter_type(&mut self) -> Read<()> {
        let name = self.qualified("a type name")?;
        if self.eat_all(&["ADD", "VALUE"]) {
            return self.add_value(name);
        }
        if self.eat_all(&["RENAME", "VALUE"]) {
            let (from, token) = self.string("a label in single quotes")?;
            self.expect_word("TO")?;
            let to = self.string_text("a label in single quotes")?;
            let action = AlterTypeAction::RenameValue { from: from.text.into_owned(), to, span: self.span(token) };
            self.emit(OperationKind::AlterType { name, action });
        } else if self.are(&["RENAME", "TO"]) {
            return self.rename_to(Self::reference(ObjectKind::Type, name, None), false);
        } else if self.eat_all(&["RENAME", "ATTRIBUTE"]) {
            let attribute = self.column_name()?;
            self.expect_word("TO")?;
            let to = self.identifier("the new name")?;
            let cascade = self.cascade();
            let target = Self::reference(ObjectKind::Column, name, Some(attribute));
            self.emit(OperationKind::Rename { target, to, if_exists: false, cascade, only: false });
        } else if self.are(&["OWNER", "TO"]) {
            return self.owner_to(Self::reference(ObjectKind::Type, name, None));
        } else if self.eat_all(&["SET", "SCHEMA"]) {
            return self.set_schema(Self::reference(ObjectKind::Type, name, None), false);
        } else if self.is("SET") && self.kind_at(1) == TokenKind::LeftParen {
            self.pos += 1;
            self.skip_group()?;
            self.emit(OperationKind::AlterType { name, action: AlterTypeAction::Set });
        } else if self.is_any(&["ADD", "DROP", "ALTER"]) {
            self.alter_relation_actions(ObjectKind::Type, name, false, false);
        } else {
            return Err(self.expected(
                "`ADD VALUE`, `RENAME`, `OWNER TO`, `SET SCHEMA`, `ADD ATTRIBUTE`, `DROP ATTRIBUTE` or `ALTER ATTRIBUTE`",
            ));
        }
        self.finish("the end of the statement");
        Ok(())
    }

    fn add_value(&mut self, name: QualifiedName) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let (value, token) = self.string("a label in single quotes")?;
        let position = if self.eat("BEFORE") {
            Some(EnumPosition::Before(self.string_text("a label in single quotes")?))
        } else if self.eat("AFTER") {
            Some(EnumPosition::After(self.string_text("a label in single quotes")?))
        } else {
            None
        };
        let span = self.span(token);
        let action = AlterTypeAction::AddValue { value: value.text.into_owned(), if_not_exists, position, span };
        self.emit(OperationKind::AlterType { name, action });
        self.finish("`BEFORE`, `AFTER` or the end of the statement");
        Ok(())
    }

    /// Behind CREATE DOMAIN.
    pub(super) fn create_domain(&mut self) -> Read<()> {
        let name = self.qualified("a domain name")?;
        self.eat("AS");
        let data_type = self.data_type()?;
        let mut domain = CreateDomain { name, data_type, collation: None, constraints: Vec::new() };
        let mut result = Ok(());
        while !self.at_end() && result.is_ok() {
            if self.eat("COLLATE") {
                match self.qualified("a collation") {
                    Ok(collation) => domain.collation = Some(collation),
                    Err(broken) => result = Err(broken),
                }
            } else {
                result = self.column_constraint(&mut domain.constraints);
            }
        }
        self.emit(OperationKind::CreateDomain(Box::new(domain)));
        result
    }

    /// Behind ALTER DOMAIN.
    pub(super) fn alter_domain(&mut self) -> Read<()> {
        let name = self.qualified("a domain name")?;
        let action = if self.eat_all(&["SET", "DEFAULT"]) {
            AlterDomainAction::SetDefault(self.rest("an expression")?)
        } else if self.eat_all(&["DROP", "DEFAULT"]) {
            AlterDomainAction::DropDefault
        } else if self.eat_all(&["SET", "NOT", "NULL"]) {
            AlterDomainAction::SetNotNull
        } else if self.eat_all(&["DROP", "NOT", "NULL"]) {
            AlterDomainAction::DropNotNull
        } else if self.eat("ADD") {
            let mut constraints = Vec::new();
            self.column_constraint(&mut constraints)?;
            let Some(mut constraint) = constraints.pop() else { return Err(self.expected("a constraint")) };
            let from = self.pos;
            let mut attributes = constraint.attributes;
            while self.constraint_attribute(&mut attributes) {}
            constraint.attributes = attributes;
            if self.pos > from {
                constraint.span = constraint.span.to(self.span_from(from));
            }
            AlterDomainAction::AddConstraint(constraint)
        } else if self.eat_all(&["DROP", "CONSTRAINT"]) {
            let if_exists = self.if_exists();
            let name = self.identifier("a constraint name")?;
            AlterDomainAction::DropConstraint { name, if_exists, cascade: self.cascade() }
        } else if self.eat_all(&["RENAME", "CONSTRAINT"]) {
            let from = self.identifier("a constraint name")?;
            self.expect_word("TO")?;
            AlterDomainAction::RenameConstraint { from, to: self.identifier("the new name")? }
        } else if self.eat_all(&["VALIDATE", "CONSTRAINT"]) {
            AlterDomainAction::ValidateConstraint(self.identifier("a constraint name")?)
        } else if self.are(&["RENAME", "TO"]) {
            return self.rename_to(Self::reference(ObjectKind::Domain, name, None), false);
        } else if self.are(&["OWNER", "TO"]) {
            return self.owner_to(Self::reference(ObjectKind::Domain, name, None));
        } else if self.eat_all(&["SET", "SCHEMA"]) {
            return self.set_schema(Self::reference(ObjectKind::Domain, name, None), false);
        } else {
            return Err(self.expected("`SET`, `DROP`, `ADD`, `RENAME`, `VALIDATE` or `OWNER TO`"));
        };
        self.emit(OperationKind::AlterDomain { name, action });
        self.finish("the end of the statement");
        Ok(())
    }
}
