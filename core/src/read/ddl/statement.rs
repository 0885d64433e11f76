//! What a statement is, by its first words. Source: PostgreSQL manual, part VI, "SQL Commands".

use smol_str::SmolStr;

use super::cursor::{Broken, Parser, Read, excerpt};
use super::lexer::TokenKind;
use super::view::ViewPrefix;
use crate::operation::*;
use crate::problem::ProblemKind;

/// Statements that leave the schema as it is.
const NO_EFFECT: &[&str] = &[
    "ANALYZE",
    "ANALYSE",
    "CALL",
    "CHECKPOINT",
    "CLOSE",
    "DEALLOCATE",
    "DECLARE",
    "DISCARD",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "LISTEN",
    "LOAD",
    "MOVE",
    "NOTIFY",
    "PREPARE",
    "SHOW",
    "UNLISTEN",
];

impl Parser<'_> {
    /// Reads the statement; whether it changes, or may change, the schema.
    pub(super) fn statement(&mut self) -> bool {
        let first = self.peek();
        if first.kind == TokenKind::End {
            return false;
        }
        let word = if first.kind == TokenKind::Word { self.text(first).to_ascii_uppercase() } else { String::new() };
        let problems = self.problems.len();
        let changes = self.by_first_word(&word);
        match changes {
            Some(changes) => changes,
            None => {
                self.problems.truncate(problems);
                if first.kind == TokenKind::Placeholder {
                    let message = format!(
                        "`{}` is a placeholder for a whole statement; what it stands for is not known here.",
                        excerpt(self.text(first))
                    );
                    let span = self.span(first);
                    self.problem(ProblemKind::UnfilledPlaceholder, message, span);
                    return true;
                }
                let unknown = super::unknown_statement(self.text(first), self.span(first));
                self.problems.push(unknown);
                false
            }
        }
    }

    /// `None` for a word that starts no statement.
    fn by_first_word(&mut self, word: &str) -> Option<bool> {
        let from = self.pos;
        if first_is_query(self) {
            return Some(self.query_statement());
        }
        self.pos = from + 1;
        let result = match word {
            "CREATE" => self.create(),
            "ALTER" => self.alter(),
            "DROP" => self.drop(),
            "COMMENT" => self.comment(),
            "GRANT" => self.grant(false),
            "REVOKE" => self.grant(true),
            "DO" => {
                let message = "What a DO block does is not read yet.";
                self.problem(ProblemKind::OpaqueStatement, message.to_owned(), self.statement);
                return Some(true);
            }
            "SECURITY" => self.security_label(),
            "IMPORT" => self.import_foreign_schema(),
            "REASSIGN" => self.reassign(),
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY" | "TRUNCATE" | "LOCK" | "REFRESH" | "REINDEX"
            | "CLUSTER" | "VACUUM" => {
                let _ = self.rows(word);
                return Some(false);
            }
            "SET" | "RESET" => {
                let _ = self.set(word == "RESET");
                return Some(false);
            }
            "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" => {
                let _ = self.transaction(word);
                return Some(false);
            }
            _ if NO_EFFECT.contains(&word) => {
                self.emit(OperationKind::Utility { verb: SmolStr::new(word) });
                return Some(false);
            }
            _ => return None,
        };
        // A role, a database and the like are no part of a schema, but their statements are read all the same.
        let _ = result;
        Some(true)
    }

    /// Behind CREATE.
    fn create(&mut self) -> Read<()> {
        let or_replace = self.eat_all(&["OR", "REPLACE"]);
        let mut prefix = ViewPrefix { or_replace, ..ViewPrefix::default() };
        let mut persistence = Persistence::Permanent;
        if self.is_any(&["GLOBAL", "LOCAL"]) && (self.is_at(1, "TEMP") || self.is_at(1, "TEMPORARY")) {
            self.pos += 1;
        }
        if self.eat("TEMP") || self.eat("TEMPORARY") {
            persistence = Persistence::Temporary;
            prefix.temporary = true;
        } else if self.eat("UNLOGGED") {
            persistence = Persistence::Unlogged;
        }
        prefix.recursive = self.is("RECURSIVE") && self.is_at(1, "VIEW") && self.eat("RECURSIVE");
        if self.eat("TABLE") {
            return self.create_table(persistence, false);
        }
        if self.eat_all(&["FOREIGN", "TABLE"]) {
            return self.create_table(persistence, true);
        }
        if self.eat("SEQUENCE") {
            return self.create_sequence(persistence);
        }
        if self.eat("VIEW") {
            return self.create_view(prefix);
        }
        if self.eat_all(&["MATERIALIZED", "VIEW"]) {
            prefix.materialized = true;
            return self.create_view(prefix);
        }
        if self.eat("INDEX") {
            return self.create_index(false);
        }
        if self.eat_all(&["UNIQUE", "INDEX"]) {
            return self.create_index(true);
        }
        if self.eat("TYPE") {
            return self.create_type();
        }
        if self.eat("DOMAIN") {
            return self.create_domain();
        }
        if self.eat("FUNCTION") {
            return self.create_function(FunctionKind::Function, or_replace);
        }
        if self.eat("PROCEDURE") {
            return self.create_function(FunctionKind::Procedure, or_replace);
        }
        if self.eat("AGGREGATE") {
            return self.create_aggregate(or_replace);
        }
        if self.eat("TRIGGER") {
            return self.create_trigger(or_replace, false);
        }
        if self.eat_all(&["CONSTRAINT", "TRIGGER"]) {
            return self.create_trigger(or_replace, true);
        }
        if self.eat_all(&["EVENT", "TRIGGER"]) {
            return self.create_event_trigger();
        }
        if self.eat("POLICY") {
            return self.create_policy();
        }
        if self.eat("RULE") {
            return self.create_rule(or_replace);
        }
        if self.eat("EXTENSION") {
            return self.create_extension();
        }
        if self.eat("SCHEMA") {
            return self.create_schema();
        }
        self.create_other(or_replace)
    }

    fn create_extension(&mut self) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let name = if self.at_string() { self.string_name()? } else { self.identifier("an extension's name")? };
        let (mut schema, mut version, mut cascade) = (None, None, false);
        let mut result = Ok(());
        self.eat("WITH");
        while !self.at_end() && result.is_ok() {
            if self.eat("SCHEMA") {
                schema = self.identifier("a schema").ok();
            } else if self.eat("VERSION") {
                version = if self.at_string() {
                    self.string_text("a version").ok()
                } else {
                    self.label("a version").ok().map(|v| v.text.to_string())
                };
            } else if self.eat("FROM") {
                // Until version 12: the version of the loose objects.
                self.bump();
            } else if self.eat("CASCADE") {
                cascade = true;
            } else {
                result = Err(self.expected("`SCHEMA`, `VERSION`, `CASCADE` or the end of the statement"));
            }
        }
        self.emit(OperationKind::CreateExtension {
            name,
            if_not_exists,
            schema,
            version: version.map(SmolStr::from),
            cascade,
        });
        result
    }

    /// CREATE SCHEMA, with elements: each becomes an operation in that schema.
    fn create_schema(&mut self) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let name = if self.eat("AUTHORIZATION") {
            self.role()?
        } else {
            let name = self.identifier("a schema's name")?;
            if self.eat("AUTHORIZATION") {
                self.role()?;
            }
            name
        };
        self.emit(OperationKind::CreateSchema { name: name.clone(), if_not_exists });
        let whole = self.end;
        while !self.at_end() {
            let from = self.pos;
            self.end = self.next_element(from + 1, whole);
            let first = self.operations.len();
            let result = if self.eat("CREATE") {
                self.create()
            } else if self.eat("GRANT") {
                self.grant(false)
            } else {
                Err(self.expected("`CREATE`, `GRANT` or the end of the statement"))
            };
            for operation in self.operations.iter_mut().skip(first) {
                put_into_schema(&mut operation.kind, &name);
            }
            self.pos = self.end;
            self.end = whole;
            result?;
        }
        Ok(())
    }

    /// Where the next element of CREATE SCHEMA begins: CREATE or GRANT outside parentheses.
    fn next_element(&self, from: usize, end: usize) -> usize {
        let mut depth = 0u32;
        for index in from..end {
            let Some(token) = self.tokens.get(index) else { break };
            match token.kind {
                TokenKind::LeftParen => depth += 1,
                TokenKind::RightParen => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 => {
                    let text = self.text(*token);
                    if text.eq_ignore_ascii_case("create") || text.eq_ignore_ascii_case("grant") {
                        return index;
                    }
                }
                _ => {}
            }
        }
        end
    }

    /// What is named but not modelled: operators, casts, servers, roles …
    fn create_other(&mut self, or_replace: bool) -> Read<()> {
        // TRUSTED PROCEDURAL LANGUAGE, DEFAULT CONVERSION.
        self.eat("TRUSTED");
        if self.is("DEFAULT") && self.is_at(1, "CONVERSION") {
            self.pos += 1;
        }
        let from = self.pos;
        let Some(kind) = self.object_kind() else {
            return Err(self.expected("the kind of an object, such as `TABLE`, `INDEX` or `FUNCTION`"));
        };
        let nothing_more = matches!(
            kind,
            ObjectKind::Table
                | ObjectKind::Column
                | ObjectKind::Constraint
                | ObjectKind::Routine
                | ObjectKind::LargeObject
                | ObjectKind::Index
        );
        if nothing_more {
            self.pos = from;
            return Err(self.expected("the kind of an object that can be made"));
        }
        let if_not_exists = self.if_not_exists();
        let object = match kind {
            // The name may be left out; the table follows behind ON and FROM.
            ObjectKind::Statistics if self.is("ON") || self.kind() == TokenKind::LeftParen => {
                let name = super::object::unqualified(crate::name::Ident {
                    text: SmolStr::new_static("statistics"),
                    quoted: false,
                    span: self.span(self.peek()),
                });
                Self::reference(kind, name, None)
            }
            _ => self.object(kind)?,
        };
        self.pos = self.end;
        self.emit(OperationKind::CreateOther { object, or_replace, if_not_exists });
        Ok(())
    }

    fn security_label(&mut self) -> Read<()> {
        self.emit(OperationKind::Utility { verb: SmolStr::new_static("SECURITY LABEL") });
        Ok(())
    }

    fn import_foreign_schema(&mut self) -> Read<()> {
        let message =
            "IMPORT FOREIGN SCHEMA makes the tables that another server has; what they are cannot be read here.";
        self.problem(ProblemKind::OpaqueStatement, message.to_owned(), self.statement);
        Err(Broken)
    }

    /// REASSIGN OWNED changes owners only.
    fn reassign(&mut self) -> Read<()> {
        self.emit(OperationKind::Utility { verb: SmolStr::new_static("REASSIGN OWNED") });
        Ok(())
    }
}

/// Whether a query comes next: SELECT, VALUES, TABLE name, WITH, or one of them in parentheses.
fn first_is_query(parser: &Parser<'_>) -> bool {
    parser.is_any(&["SELECT", "VALUES", "WITH", "TABLE"])
        || (parser.kind() == TokenKind::LeftParen && parser.is_at(1, "SELECT"))
}

/// Gives the names that an element of CREATE SCHEMA defines without schema that schema.
fn put_into_schema(kind: &mut OperationKind, schema: &crate::name::Ident) {
    let name = match kind {
        OperationKind::CreateTable(t) => &mut t.name,
        OperationKind::CreateView(v) => &mut v.name,
        OperationKind::CreateSequence(s) => &mut s.name,
        OperationKind::CreateIndex(i) => &mut i.table,
        OperationKind::CreateTrigger(t) => &mut t.table,
        OperationKind::Grant(grant) => {
            for object in &mut grant.objects {
                Parser::qualify(&mut object.name, schema);
            }
            return;
        }
        _ => return,
    };
    Parser::qualify(name, schema);
}
