//! References to objects as COMMENT, DROP, ALTER and GRANT write them.

use smol_str::SmolStr;

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::name::{Ident, QualifiedName};
use crate::operation::*;

/// Key words of an object's kind, longest first where one starts another.
const KINDS: &[(&[&str], ObjectKind)] = &[
    (&["TABLE"], ObjectKind::Table),
    (&["COLUMN"], ObjectKind::Column),
    (&["CONSTRAINT"], ObjectKind::Constraint),
    (&["INDEX"], ObjectKind::Index),
    (&["SEQUENCE"], ObjectKind::Sequence),
    (&["FUNCTION"], ObjectKind::Function),
    (&["TYPE"], ObjectKind::Type),
    (&["VIEW"], ObjectKind::View),
    (&["SCHEMA"], ObjectKind::Schema),
    (&["EXTENSION"], ObjectKind::Extension),
    (&["TRIGGER"], ObjectKind::Trigger),
    (&["POLICY"], ObjectKind::Policy),
    (&["DOMAIN"], ObjectKind::Domain),
    (&["MATERIALIZED", "VIEW"], ObjectKind::MaterializedView),
    (&["FOREIGN", "TABLE"], ObjectKind::ForeignTable),
    (&["FOREIGN", "DATA", "WRAPPER"], ObjectKind::ForeignDataWrapper),
    (&["PROCEDURE"], ObjectKind::Procedure),
    (&["ROUTINE"], ObjectKind::Routine),
    (&["AGGREGATE"], ObjectKind::Aggregate),
    (&["EVENT", "TRIGGER"], ObjectKind::EventTrigger),
    (&["RULE"], ObjectKind::Rule),
    (&["COLLATION"], ObjectKind::Collation),
    (&["CONVERSION"], ObjectKind::Conversion),
    (&["CAST"], ObjectKind::Cast),
    (&["OPERATOR", "CLASS"], ObjectKind::OperatorClass),
    (&["OPERATOR", "FAMILY"], ObjectKind::OperatorFamily),
    (&["OPERATOR"], ObjectKind::Operator),
    (&["LANGUAGE"], ObjectKind::Language),
    (&["PROCEDURAL", "LANGUAGE"], ObjectKind::Language),
    (&["ACCESS", "METHOD"], ObjectKind::AccessMethod),
    (&["TEXT", "SEARCH", "CONFIGURATION"], ObjectKind::TextSearch),
    (&["TEXT", "SEARCH", "DICTIONARY"], ObjectKind::TextSearch),
    (&["TEXT", "SEARCH", "PARSER"], ObjectKind::TextSearch),
    (&["TEXT", "SEARCH", "TEMPLATE"], ObjectKind::TextSearch),
    (&["STATISTICS"], ObjectKind::Statistics),
    (&["SERVER"], ObjectKind::Server),
    (&["USER", "MAPPING"], ObjectKind::UserMapping),
    (&["PUBLICATION"], ObjectKind::Publication),
    (&["SUBSCRIPTION"], ObjectKind::Subscription),
    (&["ROLE"], ObjectKind::Role),
    (&["USER"], ObjectKind::Role),
    (&["GROUP"], ObjectKind::Role),
    (&["DATABASE"], ObjectKind::Database),
    (&["TABLESPACE"], ObjectKind::Tablespace),
    (&["TRANSFORM"], ObjectKind::Transform),
    (&["LARGE", "OBJECT"], ObjectKind::LargeObject),
];

impl Parser<'_> {
    /// The key words of an object's kind, if they come next.
    pub(super) fn object_kind(&mut self) -> Option<ObjectKind> {
        KINDS.iter().find(|(words, _)| self.eat_all(words)).map(|(_, kind)| *kind)
    }

    /// The reference behind its kind's key words.
    pub(super) fn object(&mut self, kind: ObjectKind) -> Read<ObjectRef> {
        use ObjectKind::*;
        let from = self.pos;
        let mut part = None;
        let mut arguments = None;
        let name = match kind {
            Function | Procedure | Routine | Aggregate => {
                let name = self.function_name()?;
                if self.kind() == TokenKind::LeftParen {
                    arguments = Some(self.arguments()?);
                }
                name
            }
            Column => {
                let (table, column) = self.column_of_table()?;
                part = Some(column);
                table
            }
            Trigger | Policy | Rule => {
                part = Some(self.identifier("a name")?);
                self.expect_word("ON")?;
                self.table_name()?
            }
            Constraint => {
                let constraint = self.identifier("a constraint name")?;
                self.expect_word("ON")?;
                let on_domain = self.is("DOMAIN") && self.kind_at(1) != TokenKind::Dot && !self.at_end_after(1);
                if on_domain {
                    self.pos += 1;
                    let name = self.qualified("a domain name")?;
                    let span = self.span_from(from);
                    return Ok(ObjectRef { kind: DomainConstraint, name, part: Some(constraint), arguments, span });
                }
                part = Some(constraint);
                self.table_name()?
            }
            Operator => {
                let name = self.operator_name()?;
                if self.kind() == TokenKind::LeftParen {
                    arguments = Some(self.operand_types()?);
                }
                name
            }
            OperatorClass | OperatorFamily => {
                let name = self.qualified("a name")?;
                if self.eat("USING") {
                    part = Some(self.identifier("an access method")?);
                }
                name
            }
            Cast => {
                let text = self.group("`(`", |p| {
                    let from = p.pos;
                    let source = p.data_type()?;
                    p.expect_word("AS")?;
                    let types = [source, p.data_type()?];
                    arguments = Some(types.into_iter().map(operand).collect());
                    let text = SmolStr::new(p.text_of(from, p.pos));
                    Ok(Ident { text, quoted: false, span: p.span_from(from) })
                })?;
                unqualified(text?)
            }
            UserMapping => {
                self.if_exists();
                self.expect_word("FOR")?;
                part = Some(if self.is("USER") { self.label("a role")? } else { self.role()? });
                self.expect_word("SERVER")?;
                unqualified(self.identifier("a server name")?)
            }
            Transform => {
                self.expect_word("FOR")?;
                let data_type = self.data_type()?;
                self.expect_word("LANGUAGE")?;
                part = Some(self.nonreserved("a language")?);
                QualifiedName { schema: data_type.schema, name: data_type.name }
            }
            LargeObject => {
                let token = self.peek();
                if token.kind != TokenKind::Number {
                    return Err(self.expected("the number of a large object"));
                }
                self.pos += 1;
                unqualified(Ident { text: SmolStr::new(self.text(token)), quoted: false, span: self.span(token) })
            }
            Type | Domain => {
                let data_type = self.data_type()?;
                QualifiedName { schema: data_type.schema, name: data_type.name }
            }
            Role => unqualified(self.role()?),
            Language => {
                let name = if self.at_string() { self.string_name()? } else { self.nonreserved("a language")? };
                unqualified(name)
            }
            Schema | Extension | EventTrigger | Server | ForeignDataWrapper | Publication | Subscription | Database
            | Tablespace | AccessMethod => {
                let name = unqualified(self.identifier("a name")?);
                // A schema behind a database, as some tools write it.
                if kind == Schema && self.kind() == TokenKind::Dot { self.qualified_from(name.name)? } else { name }
            }
            _ => self.qualified("a name")?,
        };
        Ok(ObjectRef { kind, name, part, arguments, span: self.span_from(from) })
    }

    fn at_end_after(&self, n: usize) -> bool {
        self.kind_at(n) == TokenKind::End || self.is_at(n, "IS")
    }

    /// `table.column` or `schema.table.column`.
    pub(super) fn column_of_table(&mut self) -> Read<(QualifiedName, Ident)> {
        let mut parts = vec![self.identifier("a column name with its table")?];
        while self.eat_kind(TokenKind::Dot) {
            parts.push(self.label("a name")?);
        }
        let column = parts.pop();
        let table = parts.pop();
        match (table, column) {
            (Some(name), Some(column)) => Ok((QualifiedName { schema: parts.pop(), name }, column)),
            _ => Err(self.expected("`.` and a column name")),
        }
    }

    /// An operator with an optional schema.
    pub(super) fn operator_name(&mut self) -> Read<QualifiedName> {
        let mut schema = None;
        while self.kind() != TokenKind::Operator {
            schema = Some(self.identifier("an operator")?);
            self.expect_kind(TokenKind::Dot, "`.` and an operator")?;
        }
        let token = self.bump();
        let name = Ident { text: SmolStr::new(self.text(token)), quoted: false, span: self.span(token) };
        Ok(QualifiedName { schema, name })
    }

    /// `(left, right)`, either of them NONE.
    fn operand_types(&mut self) -> Read<Vec<FunctionArgument>> {
        let mut arguments = Vec::new();
        self.group("`(`", |p| {
            p.each("a type", |p| {
                if p.eat("NONE") {
                    return Ok(());
                }
                arguments.push(operand(p.data_type()?));
                Ok(())
            });
        })?;
        Ok(arguments)
    }

    /// A name written as a string: LANGUAGE 'sql'.
    pub(super) fn string_name(&mut self) -> Read<Ident> {
        let (decoded, token) = self.string("a name")?;
        Ok(Ident { text: SmolStr::new(decoded.text), quoted: true, span: self.span(token) })
    }

    /// A reference to an object that is named plainly.
    pub(super) fn reference(kind: ObjectKind, name: QualifiedName, part: Option<Ident>) -> ObjectRef {
        let span = part.as_ref().map_or_else(|| name.span(), |part| name.span().to(part.span));
        ObjectRef { kind, name, part, arguments: None, span }
    }
}

/// An argument of which the type alone is written.
pub(super) fn operand(data_type: TypeName) -> FunctionArgument {
    let span = data_type.span;
    FunctionArgument { mode: ArgumentMode::In, name: None, data_type, default: None, span }
}

/// A name without schema.
pub(super) fn unqualified(name: Ident) -> QualifiedName {
    QualifiedName { schema: None, name }
}
