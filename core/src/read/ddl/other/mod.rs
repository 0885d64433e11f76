//! Reads the statements of MySQL and SQLite that make and change tables, into the same operations as PostgreSQL's.
//!
//! Over tokens, as the reader of PostgreSQL, and for the same reasons: exact places for every name, and an element that is broken or unknown costs
//! that element. Types, defaults and expressions are kept as written. Routines, triggers and what concerns accounts are passed over by name.
//!
//! Sources: MySQL's manual, 15.1 "Data Definition Statements"; MariaDB's "CREATE TABLE" and "ALTER TABLE"; SQLite's "SQL As Understood By SQLite".

mod alter;
mod lexer;
mod table;

use smol_str::SmolStr;

use super::cursor::{Broken, Parser, Place, Read};
use super::lexer::TokenKind;
use crate::analysis::Dialect;
use crate::expr::Expr;
use crate::name::{Ident, QualifiedName};
use crate::operation::*;
use crate::problem::ProblemKind;
use crate::read::Reading;
use crate::source::FileId;

/// A statement's tokens beyond these are rows.
const MAX_TOKENS: usize = 200_000;
/// Of a statement that brings rows only its beginning is looked at.
const ROWS_TOKENS: usize = 12;

/// Reads one statement of another database. `text` is the statement without what ends it, `start` its offset in the file.
pub(crate) fn read_statement(text: &str, file: FileId, start: u32, dialect: Dialect) -> Reading {
    let mut tokens = Vec::new();
    let word = super::lexer::first_word(text);
    let of_rows = ["INSERT", "REPLACE", "UPDATE", "DELETE"].iter().any(|w| word.eq_ignore_ascii_case(w));
    let open = lexer::lex(text, &mut tokens, dialect, if of_rows { ROWS_TOKENS } else { MAX_TOKENS });
    let place = Place::File(file, start);
    let mut reader = Other { p: Parser::new(text, &tokens, &place), dialect };
    if tokens.is_empty() {
        // Nothing but a comment.
        return Reading::default();
    }
    if let Some(at) = open.filter(|_| !of_rows) {
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let message = "A quote or comment opens here and never closes.".to_owned();
        reader.p.problem(ProblemKind::Unterminated, message, place.span(at, end));
    }
    let changes_schema = reader.statement();
    let Parser { operations, problems, .. } = reader.p;
    Reading { operations, problems, changes_schema }
}

/// A statement being read.
struct Other<'a> {
    p: Parser<'a>,
    dialect: Dialect,
}

/// What is known by its name alone.
const NAMED: &[&str] = &["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE", "SEQUENCE"];

/// First words of statements that leave the schema alone.
const OTHER_WORDS: &[&str] = &[
    "SET",
    "USE",
    "PRAGMA",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "START",
    "SAVEPOINT",
    "RELEASE",
    "END",
    "LOCK",
    "UNLOCK",
    "SELECT",
    "WITH",
    "UPDATE",
    "DELETE",
    "REPLACE",
    "LOAD",
    "CALL",
    "DO",
    "GRANT",
    "REVOKE",
    "ANALYZE",
    "ANALYSE",
    "OPTIMIZE",
    "VACUUM",
    "REINDEX",
    "EXPLAIN",
    "SHOW",
    "FLUSH",
    "TRUNCATE",
    "ATTACH",
    "DETACH",
    "PREPARE",
    "EXECUTE",
    "DEALLOCATE",
    "SOURCE",
    "CHECK",
    "REPAIR",
    "VALUES",
    "HANDLER",
    "RESET",
    "SIGNAL",
    "INSTALL",
    "UNINSTALL",
    "KILL",
    "DESCRIBE",
    "DESC",
    "DELIMITER",
    "XA",
];

impl<'a> Other<'a> {
    fn mysql(&self) -> bool {
        self.dialect == Dialect::MySql
    }

    /// Reads it; whether it changes the schema.
    fn statement(&mut self) -> bool {
        let first = self.p.peek();
        if self.p.eat("CREATE") {
            return self.create();
        }
        if self.p.eat("ALTER") {
            return self.alter();
        }
        if self.p.eat("DROP") {
            return self.drop();
        }
        if self.mysql() && self.p.is("RENAME") && self.p.is_at(1, "TABLE") {
            self.p.pos += 2;
            self.renames();
            return true;
        }
        if self.p.is("SET") {
            self.setting_of_keys();
        }
        if self.p.is("INSERT") {
            self.insert();
            return false;
        }
        // `(SELECT …)`, and a lone client command.
        let known = self.p.is_any(OTHER_WORDS) || matches!(first.kind, TokenKind::LeftParen | TokenKind::Param);
        if known {
            if self.p.is_any(&["CALL", "EXECUTE"]) {
                let message = "What this statement does to the schema is said elsewhere, and was not read.".to_owned();
                let span = self.p.statement;
                self.p.problem(ProblemKind::OpaqueStatement, message, span);
                self.utility("CALL");
                return true;
            }
            let verb = self.p.text(first).to_ascii_uppercase();
            self.utility(&verb);
        } else {
            let word = super::cursor::excerpt(self.p.text(first)).replace('`', "");
            let message = format!("`{word}` starts no statement of {} that is known here.", self.dialect.title());
            let span = self.p.span(first);
            self.p.problem(ProblemKind::SyntaxError, message, span);
        }
        false
    }

    /// `SET FOREIGN_KEY_CHECKS = 0`, also among others: how keys are made depends on it.
    fn setting_of_keys(&mut self) {
        for at in 0..self.p.tokens.len().min(64) {
            if self.p.is_at(at, "FOREIGN_KEY_CHECKS") && self.p.text(self.p.peek_at(at + 1)) == "=" {
                let value = self.p.text(self.p.peek_at(at + 2)).to_ascii_lowercase();
                let name = SmolStr::new_static("foreign_key_checks");
                self.p.emit(OperationKind::SetParameter { name, value: Some(value), local: false });
            }
        }
    }

    /// A statement that is read no further.
    fn utility(&mut self, verb: &str) {
        // Replay knows some verbs of PostgreSQL's that may do anything; none of these is one.
        let verb = SmolStr::new(format!("{} {verb}", self.dialect.title()));
        self.p.emit(OperationKind::Utility { verb, text: None });
        self.p.pos = self.p.end;
    }

    fn create(&mut self) -> bool {
        let or_replace = self.p.eat_all(&["OR", "REPLACE"]);
        let mut temporary = false;
        let mut unique = false;
        let mut kind = None;
        loop {
            if self.p.is_any(&["TEMPORARY", "TEMP"]) {
                temporary = true;
                self.p.pos += 1;
            } else if self.p.eat("UNIQUE") {
                unique = true;
            } else if self.p.is_any(&["FULLTEXT", "SPATIAL"]) {
                kind = Some(self.p.peek());
                self.p.pos += 1;
            } else if self.p.is_any(&["ALGORITHM", "DEFINER", "AGGREGATE", "ONLINE", "OFFLINE"]) {
                self.p.pos += 1;
                self.setting();
            } else if self.p.eat_all(&["SQL", "SECURITY"]) {
                self.p.bump();
            } else {
                break;
            }
        }
        if self.p.eat("TABLE") {
            let persistence = if temporary { Persistence::Temporary } else { Persistence::Permanent };
            let _ = self.create_table(persistence);
        } else if self.p.eat("INDEX") {
            let method = kind.map(|token| self.ident_of(token));
            let _ = self.create_index(unique, method);
        } else if self.p.eat("VIEW") {
            let _ = self.create_view(or_replace, temporary);
        } else if self.p.is("VIRTUAL") {
            let message =
                "What columns a virtual table has says the module that makes it; the table is left out.".to_owned();
            let span = self.p.statement;
            self.p.problem(ProblemKind::UnsupportedStatement, message, span);
            self.utility("CREATE VIRTUAL");
        } else if self.p.is_any(NAMED) {
            let verb = format!("CREATE {}", self.p.text(self.p.peek()).to_ascii_uppercase());
            self.utility(&verb);
        } else {
            // Databases, users, servers: nothing that a schema is made of.
            self.utility("CREATE");
            return false;
        }
        true
    }

    /// `= value` behind an option's name; an account may be `name@host`.
    fn setting(&mut self) {
        self.p.eat_operator("=");
        self.p.bump();
        if self.p.kind() == TokenKind::Param {
            self.p.bump();
            if matches!(self.p.kind(), TokenKind::Quoted | TokenKind::String) {
                self.p.bump();
            }
        }
        if self.p.kind() == TokenKind::LeftParen {
            let _ = self.p.skip_group();
        }
    }

    fn create_view(&mut self, or_replace: bool, temporary: bool) -> Read<()> {
        let if_not_exists = self.p.if_not_exists();
        let name = self.name("a view")?;
        let columns = if self.p.kind() == TokenKind::LeftParen { self.columns()? } else { Vec::new() };
        let query = if self.p.eat("AS") {
            self.p.expr_of(self.p.pos, self.p.end)
        } else {
            return Err(self.p.expected("`AS`"));
        };
        self.p.pos = self.p.end;
        self.p.emit(OperationKind::CreateView(Box::new(CreateView {
            name,
            materialized: false,
            or_replace,
            if_not_exists,
            temporary,
            recursive: false,
            columns,
            query,
            options: Vec::new(),
            check_option: None,
            with_data: true,
        })));
        Ok(())
    }

    /// Behind CREATE [UNIQUE] INDEX.
    fn create_index(&mut self, unique: bool, method: Option<Ident>) -> Read<()> {
        let if_not_exists = self.p.if_not_exists();
        let name = self.ident("an index")?;
        let using = self.using();
        self.p.expect_word("ON")?;
        let table = self.name("a table")?;
        let keys = self.keys()?;
        let method = method.or(using).or_else(|| self.using());
        let predicate = match !self.mysql() && self.p.eat("WHERE") {
            true => Some(self.p.rest("a condition")?),
            false => None,
        };
        let mut index =
            CreateIndex { if_not_exists, method, predicate, ..plain_index(Some(name), unique, table, keys) };
        while !self.p.at_end() {
            let word = self.p.bump();
            if ["ALGORITHM", "LOCK"].iter().any(|w| self.p.text(word).eq_ignore_ascii_case(w)) {
                self.p.eat_operator("=");
                let value = self.p.bump();
                let (name, value) = (self.p.text(word).to_ascii_lowercase(), self.p.text(value).to_ascii_lowercase());
                index.options.push((SmolStr::new(name), value));
            }
        }
        self.p.emit(OperationKind::CreateIndex(Box::new(index)));
        Ok(())
    }

    /// USING BTREE.
    fn using(&mut self) -> Option<Ident> {
        self.p.eat("USING").then(|| {
            let token = self.p.bump();
            self.ident_of(token)
        })
    }

    fn drop(&mut self) -> bool {
        self.p.eat("TEMPORARY");
        let kind = if self.p.eat("TABLE") || self.p.eat("TABLES") {
            ObjectKind::Table
        } else if self.p.eat("VIEW") {
            ObjectKind::View
        } else if self.p.eat("INDEX") {
            ObjectKind::Index
        } else if self.p.is_any(NAMED) {
            let verb = format!("DROP {}", self.p.text(self.p.peek()).to_ascii_uppercase());
            self.utility(&verb);
            return true;
        } else {
            self.utility("DROP");
            return false;
        };
        let if_exists = self.p.if_exists();
        let mut targets = Vec::new();
        loop {
            let from = self.p.pos;
            let Ok(name) = self.name("a name") else { return true };
            let target = |name, part, span| ObjectRef { kind, name, part, arguments: None, span };
            // An index is its table's: the table is its name, the index the part.
            if kind == ObjectKind::Index && self.p.eat("ON") {
                let Ok(table) = self.name("a table") else { return true };
                targets.push(target(table, Some(name.name), self.p.span_from(from)));
                self.p.pos = self.p.end;
                break;
            }
            targets.push(target(name, None, self.p.span_from(from)));
            if !self.p.eat_kind(TokenKind::Comma) {
                break;
            }
        }
        self.p.cascade();
        self.p.emit(OperationKind::Drop(Box::new(Drop { targets, if_exists, concurrently: false, cascade: false })));
        true
    }

    /// `a TO b, c TO d`.
    fn renames(&mut self) {
        loop {
            let Ok(name) = self.name("a table") else { return };
            if self.p.expect_word("TO").is_err() {
                return;
            }
            let Ok(to) = self.name("a table") else { return };
            self.rename_table(name, to.name);
            if !self.p.eat_kind(TokenKind::Comma) {
                return;
            }
        }
    }

    fn rename_table(&mut self, name: QualifiedName, to: Ident) {
        let span = name.span();
        let target = ObjectRef { kind: ObjectKind::Table, name, part: None, arguments: None, span };
        self.p.emit(OperationKind::Rename { target, to, if_exists: false, cascade: false, only: false });
    }

    fn insert(&mut self) {
        self.p.pos += 1;
        // INSERT OR IGNORE INTO, INSERT LOW_PRIORITY IGNORE INTO.
        for _ in 0..4 {
            if self.p.eat("INTO") || self.p.kind() != TokenKind::Word || self.p.kind_at(1) == TokenKind::LeftParen {
                break;
            }
            self.p.pos += 1;
        }
        let tables = self.name("a table").map(|name| vec![name]).unwrap_or_default();
        self.p.problems.clear();
        let text = Expr::new("", self.p.statement);
        self.p.emit(OperationKind::Dml { verb: DmlVerb::Insert, tables, text });
        self.p.pos = self.p.end;
    }

    // Names.

    /// A name with what it belongs to in front, which is dropped: a database is one schema here.
    fn name(&mut self, what: &str) -> Read<QualifiedName> {
        let mut name = self.ident(what)?;
        while self.p.eat_kind(TokenKind::Dot) {
            name = self.ident(what)?;
        }
        Ok(QualifiedName { schema: None, name })
    }

    /// A name, in quotes or not. SQLite takes one in the quotes of a string, too.
    fn ident(&mut self, what: &str) -> Read<Ident> {
        let token = self.p.peek();
        let may = match token.kind {
            TokenKind::Word | TokenKind::Quoted => true,
            TokenKind::String => !self.mysql(),
            // MySQL's names may begin with digits.
            TokenKind::Number => self.mysql() && self.p.text(token).bytes().any(|b| b.is_ascii_alphabetic()),
            _ => false,
        };
        if !may {
            return Err(self.p.expected(what));
        }
        self.p.pos += 1;
        Ok(self.ident_of(token))
    }

    fn ident_of(&self, token: super::lexer::Token) -> Ident {
        let text = self.p.text(token);
        let text = match token.kind {
            TokenKind::Quoted | TokenKind::String => SmolStr::new(lexer::unquoted(text, false)),
            _ => SmolStr::new(text),
        };
        // Kept as written: how names compare is replay's business.
        Ident { text, quoted: true, span: self.p.span(token) }
    }

    /// A string, its quotes undone.
    fn string(&mut self) -> Read<String> {
        let token = self.p.peek();
        if token.kind != TokenKind::String {
            return Err(self.p.expected("a string"));
        }
        self.p.pos += 1;
        Ok(lexer::unquoted(self.p.text(token), self.mysql()))
    }

    /// `(a, b(10), c DESC)` as column names alone.
    fn columns(&mut self) -> Read<Vec<Ident>> {
        let keys = self.keys()?;
        Ok(keys.iter().filter_map(|key| self.column_of(key)).collect())
    }

    /// The column that a key is over, or over the beginning of: where that is unique, the column is.
    fn column_of(&self, key: &IndexKey) -> Option<Ident> {
        match &key.target {
            IndexTarget::Column(column) => Some(column.clone()),
            IndexTarget::Expression(expr) if self.mysql() => {
                let (name, length) = expr.text.strip_suffix(')')?.rsplit_once('(')?;
                let is_name = name.starts_with('`') || name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let is_length = !length.is_empty() && length.trim().bytes().all(|b| b.is_ascii_digit());
                let text = if name.starts_with('`') {
                    lexer::unquoted(name.trim_end(), false)
                } else {
                    name.trim().to_owned()
                };
                (is_name && is_length).then(|| Ident { text: SmolStr::new(text), quoted: true, span: expr.span })
            }
            IndexTarget::Expression(_) => None,
        }
    }

    /// `(a, b(10) DESC, (lower(c)))`. The beginning of a column is an expression: an index over it is not one over the column.
    fn keys(&mut self) -> Read<Vec<IndexKey>> {
        self.group(|o| {
            let mut keys = Vec::new();
            o.each(|o| {
                let from = o.p.pos;
                let alone = matches!(o.p.kind(), TokenKind::Word | TokenKind::Quoted | TokenKind::String | TokenKind::Number);
                let plain = alone
                    && (o.p.kind_at(1) == TokenKind::End
                        || ["ASC", "DESC", "COLLATE", "AUTOINCREMENT"].iter().any(|w| o.p.is_at(1, w)));
                let target = if plain {
                    IndexTarget::Column(o.ident("a column")?)
                } else {
                    let mut end = o.p.end;
                    if matches!(o.p.tokens.get(end.saturating_sub(1)), Some(t) if ["ASC", "DESC"].iter().any(|w| o.p.text(*t).eq_ignore_ascii_case(w))) {
                        end -= 1;
                    }
                    o.p.pos = end;
                    IndexTarget::Expression(o.p.expr_of(from, end))
                };
                if o.p.eat("COLLATE") {
                    o.p.bump();
                }
                let descending = if o.p.eat("DESC") {
                    Some(true)
                } else {
                    o.p.eat("ASC").then_some(false)
                };
                o.p.pos = o.p.end;
                keys.push(IndexKey {
                    target,
                    collation: None,
                    opclass: None,
                    opclass_options: Vec::new(),
                    descending,
                    nulls_first: None,
                    span: o.p.span_from(from),
                });
                Ok(())
            });
            keys
        })
    }

    // Groups and lists.

    /// Reads within the parentheses that come next; what is left in them is passed over.
    fn group<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Read<T> {
        if self.p.kind() != TokenKind::LeftParen {
            return Err(self.p.expected("`(`"));
        }
        let Some(close) = self.p.closing(self.p.pos) else {
            self.p.skip_group()?;
            return Err(Broken);
        };
        let outer = std::mem::replace(&mut self.p.end, close);
        self.p.pos += 1;
        let value = read(self);
        self.p.end = outer;
        self.p.pos = close + 1;
        Ok(value)
    }

    /// Reads each of the elements that commas separate, up to the end. A broken one does not harm the others.
    fn each(&mut self, mut read: impl FnMut(&mut Self) -> Read<()>) {
        while !self.p.at_end() {
            let comma = self.p.next_comma();
            let outer = std::mem::replace(&mut self.p.end, comma);
            let _ = read(self);
            self.p.end = outer;
            self.p.pos = (comma + 1).min(outer);
        }
    }
}

/// An index without options.
fn plain_index(name: Option<Ident>, unique: bool, table: QualifiedName, keys: Vec<IndexKey>) -> CreateIndex {
    CreateIndex {
        name,
        if_not_exists: false,
        unique,
        concurrently: false,
        only: false,
        table,
        method: None,
        keys,
        include: Vec::new(),
        nulls_not_distinct: false,
        options: Vec::new(),
        predicate: None,
        tablespace: None,
    }
}
