//! CREATE TRIGGER, CREATE EVENT TRIGGER and CREATE RULE. Source: PostgreSQL manual, the pages of these names.

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::name::QualifiedName;
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE [OR REPLACE] [CONSTRAINT] TRIGGER.
    pub(super) fn create_trigger(&mut self, or_replace: bool, constraint: bool) -> Read<()> {
        let name = self.identifier("a trigger name")?;
        // Constraint triggers are AFTER by the grammar.
        let timing = if !constraint && self.eat("BEFORE") {
            TriggerTiming::Before
        } else if self.eat("AFTER") {
            TriggerTiming::After
        } else if !constraint && self.eat_all(&["INSTEAD", "OF"]) {
            TriggerTiming::InsteadOf
        } else {
            return Err(self.expected("`BEFORE`, `AFTER` or `INSTEAD OF`"));
        };
        let mut events = Vec::new();
        let mut update_of = Vec::new();
        loop {
            if self.eat("INSERT") {
                events.push(TriggerEvent::Insert);
            } else if self.eat("DELETE") {
                events.push(TriggerEvent::Delete);
            } else if self.eat("TRUNCATE") {
                events.push(TriggerEvent::Truncate);
            } else if self.eat("UPDATE") {
                events.push(TriggerEvent::Update);
                if self.eat("OF") {
                    update_of = self.list(|p| p.column_name())?;
                }
            } else {
                return Err(self.expected("`INSERT`, `UPDATE`, `DELETE` or `TRUNCATE`"));
            }
            if !self.eat("OR") {
                break;
            }
        }
        self.expect_word("ON")?;
        let table = self.table_name()?;
        let mut trigger = CreateTrigger {
            function: table.clone(),
            name,
            or_replace,
            constraint,
            timing,
            events,
            update_of,
            table,
            from_table: None,
            attributes: ConstraintAttributes::default(),
            for_each_row: false,
            transition_tables: Vec::new(),
            when: None,
            arguments: Vec::new(),
        };
        self.trigger_clauses(&mut trigger)?;
        // Without its function there is no trigger to speak of.
        self.expect_word("EXECUTE")?;
        if !self.eat("FUNCTION") {
            self.expect_word("PROCEDURE")?;
        }
        trigger.function = self.function_name()?;
        let arguments = &mut trigger.arguments;
        let result = self.group("`(`", |p| {
            if p.at_end() {
                return;
            }
            p.each("an argument", |p| {
                let value = p.rest("an argument")?;
                arguments.push(value.text.into());
                Ok(())
            });
        });
        self.emit(OperationKind::CreateTrigger(Box::new(trigger)));
        result
    }

    fn trigger_clauses(&mut self, trigger: &mut CreateTrigger) -> Read<()> {
        if self.eat("FROM") {
            trigger.from_table = Some(self.table_name()?);
        }
        while self.constraint_attribute(&mut trigger.attributes) {}
        if self.eat("REFERENCING") {
            while self.is_any(&["OLD", "NEW"]) {
                let new = self.is("NEW");
                self.pos += 1;
                if !self.eat("TABLE") {
                    self.expect_word("ROW")?;
                }
                self.eat("AS");
                trigger.transition_tables.push(TransitionTable { new, name: self.identifier("a name")? });
            }
        }
        if self.eat("FOR") {
            self.eat("EACH");
            trigger.for_each_row = self.eat("ROW");
            if !trigger.for_each_row {
                self.expect_word("STATEMENT")?;
            }
        }
        if self.eat("WHEN") {
            trigger.when = Some(self.paren_expr()?);
        }
        Ok(())
    }

    /// Behind CREATE EVENT TRIGGER.
    pub(super) fn create_event_trigger(&mut self) -> Read<()> {
        let name = self.identifier("a trigger name")?;
        self.expect_word("ON")?;
        let event = self.label("an event")?;
        if self.eat("WHEN") {
            while !self.at_end() && !self.is("EXECUTE") {
                self.pos += 1;
            }
        }
        self.expect_word("EXECUTE")?;
        if !self.eat("FUNCTION") {
            self.expect_word("PROCEDURE")?;
        }
        let function = self.function_name()?;
        let result = self.skip_group();
        self.emit(OperationKind::CreateEventTrigger { name, event, function });
        result
    }

    /// Behind CREATE [OR REPLACE] RULE.
    pub(super) fn create_rule(&mut self, or_replace: bool) -> Read<()> {
        let name = self.identifier("a rule name")?;
        self.expect_word("AS")?;
        self.expect_word("ON")?;
        let event = if self.eat("SELECT") {
            PolicyCommand::Select
        } else if self.eat("INSERT") {
            PolicyCommand::Insert
        } else if self.eat("UPDATE") {
            PolicyCommand::Update
        } else if self.eat("DELETE") {
            PolicyCommand::Delete
        } else {
            return Err(self.expected("`SELECT`, `INSERT`, `UPDATE` or `DELETE`"));
        };
        self.expect_word("TO")?;
        let table: QualifiedName = self.table_name()?;
        if !self.is("WHERE") && !self.is("DO") {
            return Err(self.expected("`WHERE` or `DO`"));
        }
        let instead = self.instead();
        let text = self.rest("`DO`")?;
        self.emit(OperationKind::CreateRule(Box::new(CreateRule { name, or_replace, table, event, instead, text })));
        Ok(())
    }

    /// Whether INSTEAD stands behind the DO that ends the condition.
    fn instead(&self) -> bool {
        let mut depth = 0u32;
        let tokens = self.tokens.get(self.pos..self.end).unwrap_or_default();
        for (n, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::LeftParen => depth += 1,
                TokenKind::RightParen => depth = depth.saturating_sub(1),
                _ if depth == 0 && self.is_at(n, "DO") => return self.is_at(n + 1, "INSTEAD"),
                _ => {}
            }
        }
        false
    }
}
