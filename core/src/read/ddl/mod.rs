//! The reader of PostgreSQL DDL: tokens in, operations out, an exact span for every name.
//!
//! One statement at a time, by its first words, into the file of its family. A broken element of a statement becomes a problem; what
//! stands around it is read.

mod alter_table;
pub(crate) mod body;
pub(crate) mod change;
mod comment;
mod create_table;
mod cursor;
mod data_type;
mod dml;
mod do_block;
mod drop;
mod expr;
mod function;
mod grant;
mod index;
pub mod lexer;
mod misc;
mod object;
pub(crate) mod other;
mod other_object;
pub(crate) mod patched;
mod policy;
pub(crate) mod rows;
mod sequence;
mod trigger;
mod types;
pub(crate) mod unread;
mod view;

use smol_str::SmolStr;

use self::cursor::{Broken, Parser, Place, Read, excerpt};
pub(crate) use self::do_block::{Asked, Catalogue, Cell, guards_of, known_rows};
use self::lexer::{Remarks, Token, TokenKind, lex};
use self::view::ViewPrefix;
use super::Reading;
use crate::operation::*;
use crate::problem::{Problem, ProblemKind};
use crate::source::{FileId, Mapped, Span};

/// Enough tokens of an INSERT or COPY to find the table; the rows behind it are not looked into.
const ROWS_TOKENS: usize = 64;

/// What may stand behind CREATE OR REPLACE.
const REPLACEABLE: &[&str] = &[
    "VIEW",
    "RECURSIVE",
    "TEMP",
    "TEMPORARY",
    "GLOBAL",
    "LOCAL",
    "FUNCTION",
    "PROCEDURE",
    "TRIGGER",
    "CONSTRAINT",
    "RULE",
    "AGGREGATE",
    "LANGUAGE",
    "TRUSTED",
    "PROCEDURAL",
    "TRANSFORM",
];

/// Reads one statement. `text` is the statement without its closing semicolon, `start` its offset in the file.
pub fn read_statement(text: &str, file: FileId, start: u32) -> Reading {
    read_and_lex(text, file, start, &mut Vec::new()).0
}

/// The same, and what else its tokens are good for: they are left in `tokens`, which may have room of the statement before. No remarks: the tokens are
/// not all of the statement's.
pub(crate) fn read_and_lex(
    text: &str,
    file: FileId,
    start: u32,
    tokens: &mut Vec<Token>,
) -> (Reading, Option<Remarks>) {
    tokens.clear();
    if text.trim_start().starts_with('\\') {
        return (meta_command(text, file, start), None);
    }
    read_into(text, &Place::File(file, start), None, tokens)
}

/// Reads a DO that stands there once more, where it is known what the catalogue says at its place.
pub(crate) fn read_block(text: &str, file: FileId, start: u32, catalogue: Asked<'_>) -> Reading {
    read_at(text, &Place::File(file, start), Some(catalogue))
}

/// Reads one statement that a program put together. `whole` is the span of what has none in it.
pub fn read_mapped(text: &Mapped, whole: Span) -> Reading {
    read_at(text.as_str(), &Place::Mapped(text, whole), None)
}

fn read_at(text: &str, place: &Place<'_>, catalogue: Option<Asked<'_>>) -> Reading {
    read_into(text, place, catalogue, &mut Vec::new()).0
}

fn read_into(
    text: &str,
    place: &Place<'_>,
    catalogue: Option<Asked<'_>>,
    tokens: &mut Vec<Token>,
) -> (Reading, Option<Remarks>) {
    tokens.reserve(if text.len() < 4096 { text.len() / 6 + 4 } else { text.len() / 16 });
    let first_word = lexer::first_word(text);
    let of_rows = ["INSERT", "COPY"].iter().any(|word| first_word.eq_ignore_ascii_case(word));
    let remarks = lex(text, tokens, if of_rows { ROWS_TOKENS } else { usize::MAX });
    let mut parser = Parser::new(text, tokens, place);
    parser.catalogue = catalogue;
    if let Some(at) = remarks.unterminated {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let message = "A quote or comment opens here and never closes.".to_owned();
        parser.problem(ProblemKind::Unterminated, message, place.span(at, end));
    }
    if tokens.is_empty() {
        if let Some(at) = remarks.mysql_comment {
            let end = u32::try_from(text.trim_end().len()).unwrap_or(u32::MAX);
            let message = "This is a statement for MySQL inside a comment; PostgreSQL does not run it.".to_owned();
            parser.problem(ProblemKind::UnsupportedStatement, message, place.span(at, end));
        }
        let reading = Reading { operations: Vec::new(), problems: parser.problems, changes_schema: false };
        return (reading, Some(remarks));
    }
    if of_rows {
        // The tokens may be fewer than the statement has.
        let end = u32::try_from(text.trim_end().len()).unwrap_or(u32::MAX);
        parser.statement = place.span(tokens.first().map_or(0, |t| t.start), end);
    }
    let _ = parser.statement();
    if of_rows {
        let from = tokens.first().map_or(0, |t| t.start as usize);
        for operation in &mut parser.operations {
            if let OperationKind::Dml { text: whole, .. } = &mut operation.kind {
                whole.text = text.get(from..).unwrap_or_default().trim_end().into();
                whole.span = operation.span;
            }
        }
    }
    foreign_syntax(&mut parser, text, tokens);
    let Parser { operations, problems, .. } = parser;
    let changes_schema = operations.iter().any(|operation| changes_schema(&operation.kind))
        || problems.iter().any(|problem| problem.kind == ProblemKind::OpaqueStatement)
        || (operations.is_empty()
            && ["CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE"]
                .iter()
                .any(|word| first_word.eq_ignore_ascii_case(word)));
    (Reading { operations, problems, changes_schema }, (!of_rows).then_some(remarks))
}

/// What ALTER TABLE and CREATE TABLE of databases near PostgreSQL, and of MySQL, have and PostgreSQL's have not, where a syntax error stands at it: the
/// word before, where it decides, the word, and whose it is. Sources: MySQL's manual, "ALTER TABLE Statement" and "CREATE TABLE Statement"; Amazon
/// Redshift's and Greenplum's documentation, "CREATE TABLE"; CockroachDB's, "CREATE TABLE", "CREATE INDEX" and "Scalar Expressions"; SQL Server's, "CREATE TABLE".
const OF_OTHERS: &[(&str, &str, &str)] = &[
    ("", "MODIFY", "MySQL"),
    ("", "CHANGE", "MySQL"),
    ("", "CONVERT", "MySQL"),
    ("", "CHARACTER", "MySQL"),
    ("", "CHARSET", "MySQL"),
    ("", "AUTO_INCREMENT", "MySQL"),
    ("", "UNSIGNED", "MySQL"),
    ("", "ENGINE", "MySQL"),
    ("DROP", "PRIMARY", "MySQL"),
    ("DROP", "FOREIGN", "MySQL"),
    ("", "DISTKEY", "Redshift"),
    ("", "SORTKEY", "Redshift"),
    ("", "DISTSTYLE", "Redshift"),
    ("", "ENCODE", "Redshift"),
    ("", "COMPOUND", "Redshift"),
    ("", "INTERLEAVED", "Redshift"),
    ("", "IDENTITY", "SQL Server or Redshift"),
    ("", "NONCLUSTERED", "SQL Server"),
    ("", "CLUSTERED", "SQL Server"),
    ("", "DISTRIBUTED", "Greenplum"),
    ("", ":::", "CockroachDB"),
    ("", "STORING", "CockroachDB"),
    ("", "LOCALITY", "CockroachDB"),
    ("", "INVERTED", "CockroachDB"),
    ("", "FAMILY", "CockroachDB"),
    ("", "AUTOINCREMENT", "SQLite"),
    ("WITHOUT", "ROWID", "SQLite"),
];

/// Says of a statement in another database's syntax that it is one, once, instead of what was expected where.
fn foreign_syntax(parser: &mut Parser<'_>, text: &str, tokens: &[Token]) {
    let is_error = |problem: &Problem| problem.kind == ProblemKind::SyntaxError;
    let Some(first) = parser.problems.iter().position(is_error) else { return };
    let shown = |token: &Token| text.get(token.start as usize..token.end as usize).unwrap_or_default();
    let quoted = tokens.iter().any(|token| token.kind == TokenKind::Other && shown(token).starts_with('`'));
    let word_at = |problem: &Problem| {
        let place = tokens.iter().position(|token| Some(parser.span(*token)) == problem.span)?;
        let before = place.checked_sub(1).and_then(|before| tokens.get(before)).map_or("", |before| shown(before));
        let word = tokens.get(place).map_or("", |token| shown(token));
        let is = |(lead, own, _): &&(&str, &str, &str)| {
            word.eq_ignore_ascii_case(own) && (lead.is_empty() || before.eq_ignore_ascii_case(lead))
        };
        OF_OTHERS.iter().find(is)
    };
    // A statement has few errors, and of many only the first are of interest.
    let mut errors = parser.problems.iter().enumerate().filter(|(_, problem)| is_error(problem)).take(8);
    let (kept, message) = if quoted {
        let message = "This is MySQL's syntax: names stand in back-quotes, which PostgreSQL does not know. Use double quotes, or run it on MySQL only.";
        (first, message.to_owned())
    } else {
        let Some((at, (lead, word, database))) = errors.find_map(|(at, problem)| Some((at, word_at(problem)?))) else {
            return;
        };
        let word = format!("{lead} {word}");
        let word = word.trim_start();
        let message = format!(
            "This is {database}'s syntax: PostgreSQL has no `{word}` here. Write it for PostgreSQL, or run it on {database} only."
        );
        (at, message)
    };
    let span = parser.problems.get(kept).and_then(|problem| problem.span);
    let mut at = 0;
    parser.problems.retain(|problem| {
        at += 1;
        // What PostgreSQL refuses by name stays; what was expected where is said by the one message.
        at == kept + 1 || !is_error(problem) || (at <= kept && !problem.message.starts_with("Expected"))
    });
    if let Some(problem) = parser.problems.iter_mut().find(|problem| problem.span == span) {
        problem.message = message;
    }
}

/// A line that psql runs itself: `\connect`, `\restrict`.
fn meta_command(text: &str, file: FileId, start: u32) -> Reading {
    let lead = text.len() - text.trim_start().len();
    let command = text.trim();
    let offset = |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let verb = SmolStr::new(excerpt(command.split_whitespace().next().unwrap_or_default()));
    let operation = Operation {
        kind: OperationKind::Utility { verb, text: None },
        span: Span::new(file, offset(lead), offset(lead + command.len())),
        guards: Box::default(),
        tolerates: Box::default(),
    };
    Reading { operations: vec![operation], problems: Vec::new(), changes_schema: false }
}

/// Whether an operation changes the schema: what coverage counts.
pub(crate) fn changes_schema(kind: &OperationKind) -> bool {
    !matches!(
        kind,
        OperationKind::SetSearchPath { .. }
            | OperationKind::SetParameter { .. }
            | OperationKind::Transaction(_)
            | OperationKind::RefreshMaterializedView { .. }
            | OperationKind::Truncate { .. }
            | OperationKind::Dml { .. }
            | OperationKind::Reindex { .. }
            | OperationKind::Rewrite { .. }
            | OperationKind::LockTable { .. }
            | OperationKind::Utility { .. }
    )
}

impl Parser<'_> {
    /// Any statement. What is left behind it is a problem.
    fn statement(&mut self) -> Read<()> {
        self.plain_statement()?;
        self.finish("the end of the statement");
        Ok(())
    }

    /// A statement by its first words.
    pub(super) fn plain_statement(&mut self) -> Read<()> {
        let token = self.peek();
        match token.kind {
            TokenKind::LeftParen => return self.rows(),
            TokenKind::Word => {}
            _ => return Err(self.unknown(token)),
        }
        let word = self.text(token);
        let mut upper = [0u8; 16];
        let Some(upper) = upper.get_mut(..word.len()) else { return Err(self.unknown(token)) };
        upper.copy_from_slice(word.as_bytes());
        upper.make_ascii_uppercase();
        let rows = matches!(
            &*upper,
            b"INSERT" | b"UPDATE" | b"DELETE" | b"MERGE" | b"COPY" | b"SELECT" | b"VALUES" | b"TABLE" | b"WITH"
        );
        if rows {
            return self.rows();
        }
        self.pos += 1;
        match &*upper {
            b"CREATE" => self.create(),
            b"ALTER" => self.alter(),
            b"DROP" => self.drop(),
            b"COMMENT" => self.comment(),
            b"GRANT" => self.grant(false),
            b"REVOKE" => self.grant(true),
            b"DO" => self.do_statement(),
            b"SET" => self.set(),
            b"RESET" => self.reset(),
            b"BEGIN" | b"START" | b"COMMIT" | b"END" | b"ROLLBACK" | b"ABORT" | b"SAVEPOINT" | b"RELEASE" => {
                self.transaction(word)
            }
            b"TRUNCATE" => self.truncate(),
            b"REFRESH" => self.refresh(),
            b"REINDEX" => self.reindex(),
            b"CLUSTER" => self.cluster(),
            b"VACUUM" => self.vacuum(),
            b"LOCK" => self.lock(),
            b"REASSIGN" => self.reassign_owned(),
            b"IMPORT" => self.import_foreign_schema(),
            b"PREPARE" => self.utility(if self.is("TRANSACTION") { "PREPARE TRANSACTION" } else { "PREPARE" }),
            b"ANALYZE" | b"ANALYSE" => self.utility("ANALYZE"),
            b"CALL" => self.call(),
            b"CHECKPOINT" => self.utility("CHECKPOINT"),
            b"CLOSE" => self.utility("CLOSE"),
            b"DEALLOCATE" => self.utility("DEALLOCATE"),
            b"DECLARE" => self.utility("DECLARE"),
            b"DISCARD" => self.utility("DISCARD"),
            b"EXECUTE" => self.utility("EXECUTE"),
            b"EXPLAIN" => self.explain(),
            b"FETCH" => self.utility("FETCH"),
            b"LISTEN" => self.utility("LISTEN"),
            b"LOAD" => self.utility("LOAD"),
            b"MOVE" => self.utility("MOVE"),
            b"NOTIFY" => self.utility("NOTIFY"),
            b"SHOW" => self.utility("SHOW"),
            b"UNLISTEN" => self.utility("UNLISTEN"),
            b"SECURITY" if self.is("LABEL") => self.utility("SECURITY LABEL"),
            _ => Err(self.unknown(token)),
        }
    }

    /// The first words are those of no statement.
    fn unknown(&mut self, token: Token) -> Broken {
        let text = excerpt(self.text(token));
        let message = format!("`{text}` starts no statement of PostgreSQL.");
        let span = self.span(token);
        self.problems.push(Problem { kind: ProblemKind::SyntaxError, message, span: Some(span) });
        self.pos = self.end;
        Broken
    }

    /// Behind CREATE.
    fn create(&mut self) -> Read<()> {
        let or_replace = self.eat_all(&["OR", "REPLACE"]);
        if or_replace && !self.is_any(REPLACEABLE) {
            // Read on: what it makes is clear.
            self.expected("`VIEW`, `FUNCTION`, `PROCEDURE`, `TRIGGER`, `RULE` or `AGGREGATE` behind `OR REPLACE`");
        }
        let persistence = self.persistence();
        let temporary = persistence == Persistence::Temporary;
        if self.eat("TABLE") {
            return self.create_table(persistence, false);
        }
        if self.eat("SEQUENCE") {
            return self.create_sequence(persistence);
        }
        let recursive = self.eat("RECURSIVE");
        if self.eat("VIEW") {
            return self.create_view(ViewPrefix { or_replace, temporary, recursive, materialized: false });
        }
        if self.eat_all(&["MATERIALIZED", "VIEW"]) {
            return self.create_view(ViewPrefix { or_replace, temporary, recursive, materialized: true });
        }
        if recursive || persistence != Persistence::Permanent {
            return Err(self.expected("`TABLE`, `SEQUENCE` or `VIEW`"));
        }
        if self.eat("INDEX") {
            return self.create_index(false);
        }
        if self.eat_all(&["UNIQUE", "INDEX"]) {
            return self.create_index(true);
        }
        if self.eat("FUNCTION") {
            self.no_if_not_exists("`CREATE FUNCTION`");
            return self.create_function(FunctionKind::Function, or_replace);
        }
        if self.eat("PROCEDURE") {
            return self.create_function(FunctionKind::Procedure, or_replace);
        }
        if self.eat("TRIGGER") {
            self.no_if_not_exists("`CREATE TRIGGER`");
            return self.create_trigger(or_replace, false);
        }
        if self.eat_all(&["CONSTRAINT", "TRIGGER"]) {
            return self.create_trigger(or_replace, true);
        }
        if self.eat_all(&["TRUSTED", "PROCEDURAL"]) || self.eat("TRUSTED") {
            self.expect_word("LANGUAGE")?;
            return self.create_other(ObjectKind::Language, or_replace);
        }
        if self.eat_all(&["DEFAULT", "CONVERSION"]) {
            return self.create_other(ObjectKind::Conversion, or_replace);
        }
        let from = self.pos;
        let Some(kind) = self.object_kind() else {
            return Err(self.expected("the kind of an object, such as `TABLE` or `INDEX`"));
        };
        let takes_none = [
            ObjectKind::Type,
            ObjectKind::Domain,
            ObjectKind::Aggregate,
            ObjectKind::EventTrigger,
            ObjectKind::Policy,
            ObjectKind::Rule,
        ];
        if takes_none.contains(&kind) {
            self.no_if_not_exists(&format!("`CREATE {}`", kind.name().to_uppercase()));
        }
        match kind {
            ObjectKind::ForeignTable => self.create_table(Persistence::Permanent, true),
            ObjectKind::Schema => self.create_schema(),
            ObjectKind::Extension => self.create_extension(),
            ObjectKind::Type => self.create_type(),
            ObjectKind::Domain => self.create_domain(),
            ObjectKind::Aggregate => self.create_aggregate(or_replace),
            ObjectKind::EventTrigger => self.create_event_trigger(),
            ObjectKind::Policy => self.create_policy(),
            ObjectKind::Rule => self.create_rule(or_replace),
            ObjectKind::Column | ObjectKind::Constraint | ObjectKind::LargeObject | ObjectKind::Routine => {
                self.pos = from;
                Err(self.expected("the kind of an object, such as `TABLE` or `INDEX`"))
            }
            kind => self.create_other(kind, or_replace),
        }
    }

    /// Behind ALTER.
    fn alter(&mut self) -> Read<()> {
        if self.eat("SYSTEM") {
            return self.utility("ALTER SYSTEM");
        }
        if self.eat_all(&["DEFAULT", "PRIVILEGES"]) {
            return self.default_privileges();
        }
        let from = self.pos;
        let Some(kind) = self.object_kind() else {
            return Err(self.expected("the kind of an object, such as `TABLE` or `TYPE`"));
        };
        match kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Index
            | ObjectKind::Sequence => self.alter_relation(kind),
            ObjectKind::Type => self.alter_type(),
            ObjectKind::Domain => self.alter_domain(),
            ObjectKind::Policy => {
                self.if_exists();
                self.alter_policy()
            }
            ObjectKind::Extension => self.alter_extension(),
            ObjectKind::Column | ObjectKind::Constraint | ObjectKind::Cast | ObjectKind::Transform => {
                self.pos = from;
                Err(self.expected("the kind of an object, such as `TABLE` or `TYPE`"))
            }
            kind => self.alter_other(kind),
        }
    }
}
