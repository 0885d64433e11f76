//! Statements that change rows or files, not the schema.

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::operation::{DmlVerb, OperationKind};

impl Parser<'_> {
    /// Behind INSERT, UPDATE, COPY and the like.
    pub(super) fn rows(&mut self, word: &str) -> Read<()> {
        let verb = match word {
            "INSERT" => DmlVerb::Insert,
            "UPDATE" => DmlVerb::Update,
            "DELETE" => DmlVerb::Delete,
            "MERGE" => DmlVerb::Merge,
            "COPY" => DmlVerb::Copy,
            "REFRESH" => {
                self.eat_all(&["MATERIALIZED", "VIEW"]);
                let concurrently = self.eat("CONCURRENTLY");
                let name = self.qualified("a view")?;
                let with_data = !self.eat_all(&["WITH", "NO", "DATA"]);
                self.emit(OperationKind::RefreshMaterializedView { name, concurrently, with_data });
                return Ok(());
            }
            "TRUNCATE" => {
                self.eat("TABLE");
                let tables = self.list(|p| p.relation())?.into_iter().map(|(_, name)| name).collect();
                let cascade = self.tokens.last().is_some_and(|t| self.text(*t).eq_ignore_ascii_case("cascade"));
                self.emit(OperationKind::Truncate { tables, cascade });
                return Ok(());
            }
            _ => {
                self.emit(OperationKind::Utility { verb: word.into() });
                return Ok(());
            }
        };
        let text = self.expr_of(0, self.end);
        self.eat("INTO");
        self.eat("FROM");
        let tables = if self.kind() == TokenKind::LeftParen { Vec::new() } else { vec![self.relation()?.1] };
        self.emit(OperationKind::Dml { verb, tables, text });
        Ok(())
    }
}
