//! CREATE SEQUENCE, ALTER SEQUENCE and the options of identity columns. Source: PostgreSQL manual, "CREATE SEQUENCE", "ALTER SEQUENCE".

use super::cursor::{Parser, Read};
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE [TEMP | UNLOGGED] SEQUENCE.
    pub(super) fn create_sequence(&mut self, persistence: Persistence) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let name = self.qualified("a sequence name")?;
        let mut options = SequenceOptions::default();
        let result = self.sequence_options(&mut options);
        self.emit(OperationKind::CreateSequence(Box::new(CreateSequence {
            name,
            if_not_exists,
            persistence,
            options,
        })));
        result
    }

    /// Options up to the end.
    pub(super) fn sequence_options(&mut self, options: &mut SequenceOptions) -> Read<()> {
        while !self.at_end() {
            if !self.sequence_option(options)? {
                return Err(self.expected("a sequence option"));
            }
        }
        Ok(())
    }

    /// One option, if one comes next.
    pub(super) fn sequence_option(&mut self, options: &mut SequenceOptions) -> Read<bool> {
        if self.eat("AS") {
            options.data_type = Some(Box::new(self.data_type()?));
        } else if self.eat("INCREMENT") {
            self.eat("BY");
            options.increment = Some(self.integer()?);
        } else if self.eat("MINVALUE") {
            options.min = Some(Some(self.integer()?));
        } else if self.eat("MAXVALUE") {
            options.max = Some(Some(self.integer()?));
        } else if self.eat_all(&["NO", "MINVALUE"]) {
            options.min = Some(None);
        } else if self.eat_all(&["NO", "MAXVALUE"]) {
            options.max = Some(None);
        } else if self.eat("START") {
            self.eat("WITH");
            options.start = Some(self.integer()?);
        } else if self.eat("RESTART") {
            let with = self.eat("WITH");
            let value =
                with || matches!(self.kind(), super::lexer::TokenKind::Number | super::lexer::TokenKind::Operator);
            options.restart = Some(if value { Some(self.integer()?) } else { None });
        } else if self.eat("CACHE") {
            options.cache = Some(self.integer()?);
        } else if self.eat("CYCLE") {
            options.cycle = Some(true);
        } else if self.eat_all(&["NO", "CYCLE"]) {
            options.cycle = Some(false);
        } else if self.eat_all(&["OWNED", "BY"]) {
            options.owned_by = Some(Box::new(self.owned_by()?));
        } else if self.eat_all(&["SEQUENCE", "NAME"]) {
            options.name = Some(Box::new(self.qualified("a sequence name")?));
        } else if self.eat("LOGGED") {
            options.logged = Some(true);
        } else if self.eat("UNLOGGED") {
            options.logged = Some(false);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn owned_by(&mut self) -> Read<OwnedBy> {
        if self.eat("NONE") {
            return Ok(OwnedBy::Nobody);
        }
        let (table, column) = self.column_of_table()?;
        Ok(OwnedBy::Column(table, column))
    }
}
