//! Statements that change rows, and queries: what they write to, and what a query makes (SELECT INTO).

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::name::QualifiedName;
use crate::operation::*;

/// Words that end the select list of a query.
const AFTER_SELECT_LIST: &[&str] = &[
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "FOR",
];

impl Parser<'_> {
    /// INSERT, UPDATE, DELETE, MERGE, COPY, SELECT, VALUES, TABLE, WITH … and queries in parentheses, at their first word.
    pub(super) fn rows(&mut self) -> Read<()> {
        let first = self.pos;
        if self.is("SELECT") {
            self.pos += 1;
            if self.set_config() {
                return Ok(());
            }
            self.pos = first;
        }
        let mut tables = Vec::new();
        if self.eat("WITH") {
            self.common_table_expressions(&mut tables)?;
        }
        if self.is("SELECT")
            && let Some(table) = self.select_into()?
        {
            self.pos = first;
            let text = self.rest("a query")?;
            self.emit(OperationKind::CreateTable(Box::new(CreateTable {
                as_query: Some((Vec::new(), text)),
                ..table
            })));
            return Ok(());
        }
        let verb = self.written(&mut tables)?;
        self.pos = self.end;
        let text = self.expr_of(first, self.end);
        self.emit(OperationKind::Dml { verb, tables, text });
        Ok(())
    }

    /// The verb of what comes next, and the table that it writes to.
    fn written(&mut self, tables: &mut Vec<QualifiedName>) -> Read<DmlVerb> {
        let verb = if self.eat("INSERT") {
            self.expect_word("INTO")?;
            tables.push(self.table_name()?);
            DmlVerb::Insert
        } else if self.eat("UPDATE") {
            tables.push(self.relation()?.1);
            DmlVerb::Update
        } else if self.eat("DELETE") {
            self.expect_word("FROM")?;
            tables.push(self.relation()?.1);
            DmlVerb::Delete
        } else if self.eat("MERGE") {
            self.expect_word("INTO")?;
            tables.push(self.relation()?.1);
            DmlVerb::Merge
        } else if self.eat("COPY") {
            self.eat("BINARY");
            if self.kind() == TokenKind::LeftParen {
                self.skip_group()?;
            } else {
                let table = self.table_name()?;
                self.optional_column_list()?;
                // COPY … TO only reads.
                if self.is("FROM") {
                    tables.push(table);
                } else if !self.is("TO") {
                    return Err(self.expected("`FROM` or `TO`"));
                }
            }
            DmlVerb::Copy
        } else if self.is_any(&["SELECT", "VALUES", "TABLE"]) || self.kind() == TokenKind::LeftParen {
            DmlVerb::Select
        } else {
            return Err(self.expected("`SELECT`, `INSERT`, `UPDATE`, `DELETE` or `MERGE`"));
        };
        Ok(verb)
    }

    /// Behind WITH: queries that have names; some of them write.
    fn common_table_expressions(&mut self, tables: &mut Vec<QualifiedName>) -> Read<()> {
        self.eat("RECURSIVE");
        loop {
            self.identifier("a name")?;
            if self.kind() == TokenKind::LeftParen {
                self.skip_group()?;
            }
            self.expect_word("AS")?;
            if !self.eat("MATERIALIZED") {
                self.eat_all(&["NOT", "MATERIALIZED"]);
            }
            if self.kind() != TokenKind::LeftParen {
                return Err(self.expected("`(` and a query"));
            }
            let open = self.pos;
            self.skip_group()?;
            let close = self.pos;
            self.pos = open + 1;
            if self.is_any(&["INSERT", "UPDATE", "DELETE", "MERGE"]) {
                let _ = self.written(tables);
            }
            self.pos = close;
            // SEARCH and CYCLE clauses.
            while !self.at_end()
                && self.kind() != TokenKind::Comma
                && !self.is_any(&["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE"])
                && self.kind() != TokenKind::LeftParen
            {
                self.pos += 1;
            }
            if !self.eat_kind(TokenKind::Comma) {
                return Ok(());
            }
        }
    }

    /// The table that `SELECT … INTO [TEMP | UNLOGGED] [TABLE] name` makes.
    fn select_into(&mut self) -> Read<Option<CreateTable>> {
        let from = self.pos;
        let mut depth = 0u32;
        while !self.at_end() {
            match self.kind() {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 => {
                    if self.is("INTO") {
                        break;
                    }
                    if self.is_any(AFTER_SELECT_LIST) {
                        self.pos = self.end;
                        break;
                    }
                }
                _ => {}
            }
            self.pos += 1;
        }
        if !self.eat("INTO") {
            self.pos = from;
            return Ok(None);
        }
        let persistence = self.persistence();
        self.eat("TABLE");
        let name = self.table_name()?;
        Ok(Some(CreateTable {
            name,
            if_not_exists: false,
            persistence,
            foreign_server: None,
            elements: Vec::new(),
            inherits: Vec::new(),
            partition_by: None,
            partition_of: None,
            of_type: None,
            as_query: None,
            options: Vec::new(),
            access_method: None,
            on_commit: None,
            tablespace: None,
        }))
    }

    /// TEMPORARY or UNLOGGED, if one comes next.
    pub(super) fn persistence(&mut self) -> Persistence {
        if (self.is("GLOBAL") || self.is("LOCAL")) && (self.is_at(1, "TEMP") || self.is_at(1, "TEMPORARY")) {
            self.pos += 1;
        }
        if self.eat("TEMP") || self.eat("TEMPORARY") {
            Persistence::Temporary
        } else if self.eat("UNLOGGED") {
            Persistence::Unlogged
        } else {
            Persistence::Permanent
        }
    }
}
