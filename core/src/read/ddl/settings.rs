//! SET, RESET and transactions. Source: PostgreSQL manual, "SET", "BEGIN", "SAVEPOINT".

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::name::Ident;
use crate::operation::{OperationKind, Transaction};

impl Parser<'_> {
    /// Behind SET or RESET.
    pub(super) fn set(&mut self, reset: bool) -> Read<()> {
        if self.eat_all(&["CONSTRAINTS"]) || self.eat_all(&["TRANSACTION"]) || self.are(&["SESSION", "CHARACTERISTICS"])
        {
            self.emit(OperationKind::Utility { verb: "SET".into() });
            return Ok(());
        }
        let local = self.eat("LOCAL");
        if !local {
            self.eat("SESSION");
        }
        if reset && self.is("ALL") {
            self.emit(OperationKind::SetSearchPath { schemas: None, local: false });
            return Ok(());
        }
        if self.eat("ROLE") || self.eat("AUTHORIZATION") || self.are(&["TIME", "ZONE"]) {
            self.emit(OperationKind::SetParameter { name: "role".into(), value: None, local });
            return Ok(());
        }
        let name = self.setting_name()?;
        if !reset && !self.eat("TO") {
            self.eat_operator("=");
        }
        if name != "search_path" {
            let value = self.rest("a value").ok().map(|e| e.text.into());
            self.emit(OperationKind::SetParameter { name, value, local });
            return Ok(());
        }
        if reset || self.is("DEFAULT") {
            self.emit(OperationKind::SetSearchPath { schemas: None, local });
            return Ok(());
        }
        let schemas = self.list(|p| {
            if p.at_string() {
                let (decoded, token) = p.string("a schema")?;
                return Ok(Ident { text: decoded.text.into(), quoted: true, span: p.span(token) });
            }
            p.label("a schema")
        })?;
        // An empty string is an empty path.
        let schemas = schemas.into_iter().filter(|s| !s.text.is_empty()).collect();
        self.emit(OperationKind::SetSearchPath { schemas: Some(schemas), local });
        Ok(())
    }

    /// A statement that starts as a query does. `SELECT pg_catalog.set_config('search_path', …)` sets the path.
    pub(super) fn query_statement(&mut self) -> bool {
        let call = self.is("SELECT") && {
            let n = if self.is_at(1, "pg_catalog") { 3 } else { 1 };
            self.is_at(n, "set_config") && self.kind_at(n + 1) == TokenKind::LeftParen
        };
        if call {
            let strings: Vec<_> = self.tokens.iter().filter(|t| t.kind == TokenKind::String).copied().collect();
            if let [name, value, ..] = strings.as_slice()
                && self.text(*name).trim_matches('\'').eq_ignore_ascii_case("search_path")
            {
                let local = self.tokens.iter().rev().any(|t| self.text(*t).eq_ignore_ascii_case("true"));
                let span = self.span(*value);
                let text = self.text(*value).trim_matches('\'');
                let schemas = text
                    .split(',')
                    .map(str::trim)
                    .filter(|s| !s.is_empty() && *s != "\"\"")
                    .map(|s| match s.strip_prefix('"').and_then(|s| s.strip_suffix('"')) {
                        Some(inner) => Ident { text: inner.into(), quoted: true, span },
                        None => Ident { text: s.into(), quoted: false, span },
                    })
                    .collect();
                self.emit(OperationKind::SetSearchPath { schemas: Some(schemas), local });
                return false;
            }
        }
        self.emit(OperationKind::Utility { verb: "SELECT".into() });
        false
    }

    /// Behind the first word of a transaction statement.
    pub(super) fn transaction(&mut self, word: &str) -> Read<()> {
        self.eat("WORK");
        self.eat("TRANSACTION");
        let transaction = match word {
            "BEGIN" | "START" => Transaction::Begin,
            "COMMIT" | "END" => Transaction::Commit,
            "SAVEPOINT" => Transaction::Savepoint(self.identifier("a savepoint")?),
            "RELEASE" => {
                self.eat("SAVEPOINT");
                Transaction::Release(self.identifier("a savepoint")?)
            }
            _ if self.eat("TO") => {
                self.eat("SAVEPOINT");
                Transaction::RollbackTo(self.identifier("a savepoint")?)
            }
            _ => Transaction::Rollback,
        };
        self.emit(OperationKind::Transaction(transaction));
        Ok(())
    }
}
