//! CREATE INDEX, and index keys as constraints and partitions use them too. Source: PostgreSQL manual, "CREATE INDEX".

use smol_str::SmolStr;

use super::cursor::{Parser, Read, push};
use super::lexer::TokenKind;
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE [UNIQUE] INDEX.
    pub(super) fn create_index(&mut self, unique: bool) -> Read<()> {
        let concurrently = self.eat("CONCURRENTLY");
        let if_not_exists = self.if_not_exists();
        let mut name = None;
        if if_not_exists || !self.is("ON") {
            let mut ident = self.identifier("an index name")?;
            if self.kind() == TokenKind::Dot {
                // An index lives in its table's schema; the grammar takes no schema here.
                self.expected("`ON`: an index is made in the schema of its table, its name takes none");
                self.pos += 1;
                ident = self.label("an index name")?;
            }
            name = Some(ident);
        }
        self.expect_word("ON")?;
        let (only, table) = self.relation()?;
        let mut index = CreateIndex {
            name,
            if_not_exists,
            unique,
            concurrently,
            only,
            table,
            method: None,
            keys: Vec::new(),
            include: Vec::new(),
            nulls_not_distinct: false,
            options: Vec::new(),
            predicate: None,
            tablespace: None,
        };
        let result = self.index_body(&mut index);
        self.emit(OperationKind::CreateIndex(Box::new(index)));
        result
    }

    fn index_body(&mut self, index: &mut CreateIndex) -> Read<()> {
        if self.eat("USING") {
            index.method = Some(self.identifier("an access method")?);
        }
        let keys = &mut index.keys;
        self.group("`(` and index keys", |p| {
            p.each("an index key", |p| {
                push(keys, p.index_key()?);
                Ok(())
            });
        })?;
        if self.eat("INCLUDE") {
            index.include = self.column_list()?;
        }
        index.nulls_not_distinct = self.nulls_not_distinct();
        if self.eat("WITH") {
            index.options = self.parameters()?;
        }
        if self.eat("TABLESPACE") {
            index.tablespace = Some(self.identifier("a tablespace")?);
        }
        if self.eat("WHERE") {
            index.predicate = Some(self.rest("a condition")?);
        }
        self.finish("`INCLUDE`, `WITH`, `TABLESPACE`, `WHERE` or the end of the statement");
        Ok(())
    }

    /// A column, a call or an expression in parentheses, with collation, operator class and order.
    pub(super) fn index_key(&mut self) -> Read<IndexKey> {
        let from = self.pos;
        let target = if self.kind() == TokenKind::LeftParen {
            IndexTarget::Expression(self.paren_expr()?)
        } else if self.at_call() {
            self.skip_primary()?;
            IndexTarget::Expression(self.expr_of(from, self.pos))
        } else {
            IndexTarget::Column(self.column_name()?)
        };
        let collation = if self.eat("COLLATE") { Some(self.qualified("a collation")?) } else { None };
        let mut opclass_options: Vec<(SmolStr, String)> = Vec::new();
        let mut opclass = None;
        if !self.at_end() && !self.is_any(&["ASC", "DESC", "WITH"]) && !self.at_nulls_order() {
            opclass = Some(self.qualified("an operator class, `ASC`, `DESC` or `,`")?);
            if self.kind() == TokenKind::LeftParen {
                opclass_options = self.parameters()?;
            }
        }
        let descending = if self.eat("DESC") {
            Some(true)
        } else if self.eat("ASC") {
            Some(false)
        } else {
            None
        };
        let nulls_first = if self.at_nulls_order() {
            self.pos += 2;
            Some(self.tokens.get(self.pos - 1).is_some_and(|t| self.text(*t).eq_ignore_ascii_case("FIRST")))
        } else {
            None
        };
        Ok(IndexKey {
            target,
            collation,
            opclass,
            opclass_options,
            descending,
            nulls_first,
            span: self.span_from(from),
        })
    }

    fn at_nulls_order(&self) -> bool {
        self.is("NULLS") && (self.is_at(1, "FIRST") || self.is_at(1, "LAST"))
    }

    /// Whether a function call comes next, or one of the calls that the grammar writes without parentheses.
    fn at_call(&self) -> bool {
        let mut n = 0;
        while self.kind_at(n + 1) == TokenKind::Dot {
            n += 2;
        }
        let called = self.kind_at(n + 1) == TokenKind::LeftParen
            && matches!(self.kind_at(n), TokenKind::Word | TokenKind::Quoted | TokenKind::Placeholder);
        called || self.is_any(&["CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "USER"])
    }

    /// An operator: `=`, `&&`, `OPERATOR(schema.=)`. Without schema.
    pub(super) fn operator(&mut self) -> Read<SmolStr> {
        if self.at_operator_call() {
            self.pos += 1;
            return self.group("`(`", |p| {
                while p.kind() != TokenKind::Operator && !p.at_end() {
                    p.pos += 1;
                }
                p.operator()
            })?;
        }
        let token = self.peek();
        if token.kind != TokenKind::Operator {
            return Err(self.expected("an operator"));
        }
        self.pos += 1;
        Ok(SmolStr::new(self.text(token)))
    }
}
