//! A statement's words, and the signs in them.

use super::signs::{Entries, Entry, FIRST, FIRST_WORDS, LEXICON, NUMBERS, POSTGRES, RUNS, STRING, TYPE_WORDS, TYPES};
use super::{Clue, MAX_TOKENS};
use crate::analysis::Dialect;
use crate::read::ddl::lexer::{Remarks, Token, TokenKind};

// What heads and shapes are told by.
const CREATE: Entries = Entries::of(&["create"]);
const ALTER: Entries = Entries::of(&["alter"]);
const TABLE: Entries = Entries::of(&["table"]);
const TRIGGER: Entries = Entries::of(&["trigger"]);
const STRICT: Entries = Entries::of(&["strict"]);
const DEFINING: Entries = Entries::of(&["create", "alter", "drop", "set"]);
const BODIES: Entries = Entries::of(&["view", "function", "procedure", "trigger", "rule"]);
const OF_COLUMNS: Entries = Entries::of(&["add", "modify", "change", "type"]);
const FIRSTS: Entries = Entries::of(&FIRST_WORDS);
const SHAPES: Entries = Entries::of(&["key", "index", "enum", "comment", "modify", "change", "number"]);
const OTHER_TYPES: Entries = Entries::of(&TYPE_WORDS);

/// Room for the signs of a statement, handed on from one to the next.
#[derive(Debug, Default)]
pub struct Room(Vec<(usize, Entry)>);

/// The words of a statement, in whatever case, without its strings.
pub(super) struct Words<'t> {
    text: &'t str,
    tokens: &'t [Token],
    pub(super) remarks: Remarks,
    /// The words of the lexicon, with their places: most words are none.
    signs: Vec<(usize, Entry)>,
    /// Which words are among them.
    present: Entries,
    /// Whether it defines columns: what only drops or renames says nothing of whose it is.
    pub(super) about_tables: bool,
    /// The first name in back-quotes, and in brackets.
    back_quotes: Option<usize>,
    brackets: Option<usize>,
    cast: bool,
    dollar_string: bool,
}

impl<'t> Words<'t> {
    /// The words of a statement.
    pub(super) fn of(text: &'t str, tokens: &'t [Token], remarks: Remarks, room: Room) -> Self {
        let tokens = tokens.get(..MAX_TOKENS).unwrap_or(tokens);
        let mut found = Self {
            text,
            tokens,
            remarks,
            signs: room.0,
            present: Entries::default(),
            about_tables: false,
            back_quotes: None,
            brackets: None,
            cast: false,
            dollar_string: false,
        };
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::String | TokenKind::Quoted | TokenKind::UnicodeQuoted => continue,
                TokenKind::DollarString => {
                    found.dollar_string = true;
                    continue;
                }
                TokenKind::Cast => found.cast = true,
                TokenKind::Other if found.word(at).starts_with('`') => {
                    found.back_quotes.get_or_insert(at);
                }
                TokenKind::LeftBracket if is_bracketed_name(text, tokens, at) => {
                    found.brackets.get_or_insert(at);
                }
                _ => {}
            }
            if let Some(entry) = LEXICON.find(text, token.start as usize, token.end as usize) {
                found.signs.push((at, entry));
                found.present.insert(entry);
            }
        }
        found.about_tables = found.defines_columns();
        found
    }

    /// Where a token stands in the statement.
    pub(super) fn start(&self, token: usize) -> u32 {
        self.tokens.get(token).map_or(0, |t| t.start)
    }

    fn kind(&self, token: usize) -> Option<TokenKind> {
        self.tokens.get(token).map(|t| t.kind)
    }

    fn has(&self, sought: &[&str]) -> bool {
        (0..self.tokens.len()).any(|at| self.is_at(at, sought))
    }

    /// Whether these words stand at a place.
    fn is_at(&self, at: usize, sought: &[&str]) -> bool {
        (at..).zip(sought).all(|(at, sought)| at < self.tokens.len() && self.is(at, sought))
    }

    /// Whether this word stands at a place.
    fn is(&self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    /// Whether one of these does.
    fn is_one_of(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(at, word))
    }

    /// Whether it begins with one of these words.
    fn begins(&self, words: Entries) -> bool {
        self.is_among_first(1, words)
    }

    /// Whether one of these is among the first words.
    fn is_among_first(&self, count: usize, words: Entries) -> bool {
        self.signs.iter().take_while(|(at, _)| *at < count).any(|(_, sign)| words.has(*sign))
    }

    fn defines_columns(&self) -> bool {
        if !self.is_among_first(4, TABLE) {
            false
        } else if self.begins(CREATE) {
            self.tokens.iter().any(|token| token.kind == TokenKind::LeftParen)
        } else {
            self.begins(ALTER) && self.present.meets(OF_COLUMNS)
        }
    }

    /// What the next statement can use.
    pub(super) fn into_room(mut self) -> Room {
        self.signs.clear();
        Room(self.signs)
    }

    /// The word at a place as written; nothing for a name in quotes.
    fn word(&self, at: usize) -> &'t str {
        let Some(token) = self.tokens.get(at) else { return "" };
        match token.kind {
            TokenKind::String | TokenKind::DollarString => STRING,
            TokenKind::Quoted | TokenKind::UnicodeQuoted => "",
            _ => self.text.get(token.start as usize..token.end as usize).unwrap_or_default(),
        }
    }

    /// Whether one of these words stands before a place.
    fn is_behind(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(1).is_some_and(|before| self.is_one_of(before, words))
    }

    /// The places of a word among those that may be signs.
    fn places(&self, word: Entry) -> impl Iterator<Item = usize> {
        let signs = if self.present.has(word) { self.signs.as_slice() } else { &[] };
        signs.iter().filter(move |(_, sign)| *sign == word).map(|(at, _)| *at)
    }

    /// Those of the words that may be signs that are in a set.
    fn those_of(&self, words: Entries) -> impl Iterator<Item = &(usize, Entry)> {
        let signs = if self.present.meets(words) { self.signs.as_slice() } else { &[] };
        signs.iter().filter(move |(_, sign)| words.has(*sign))
    }

    /// A sign that several databases share, with its token.
    pub(super) fn shared(&self) -> Option<(Clue, &'static str, usize)> {
        if let Some(token) = self.back_quotes {
            return Some((Clue::MySqlOrSqlite, "names in back-quotes", token));
        }
        if let Some(token) = self.brackets {
            return Some((Clue::SqlServerOrSqlite, "names in brackets", token));
        }
        if !self.about_tables {
            return None;
        }
        if let Some(token) = self.places(const { LEXICON.entry("unsigned") }).find(|at| self.is_behind(*at, NUMBERS)) {
            return Some((Clue::MySqlOrSqlite, "`UNSIGNED`", token));
        }
        self.those_of(OTHER_TYPES).find_map(|(at, sign)| {
            let word = LEXICON.word(*sign);
            let found = TYPES.iter().find(|(name, ..)| *name == word)?;
            let of_column = self.is_one_of(at.checked_sub(2)?, &[",", "(", "column", "add"]);
            of_column.then_some((found.2, found.1, *at))
        })
    }

    /// A sign of one database alone, with its token.
    pub(super) fn of_other(&self) -> Option<(Dialect, &'static str, usize)> {
        // Rows and queries say nothing, save how they begin.
        let defines = self.begins(DEFINING) && !self.is_among_first(6, BODIES);
        let head = if defines { usize::MAX } else { 4 };
        let first = if self.begins(FIRSTS) { FIRST } else { &[] }.iter().find(|(word, ..)| self.is(0, word));
        let first = first.map(|(_, what, dialect)| (*dialect, *what, 0));
        let run = || {
            // Of several the first of the list. The first word of each is there.
            let is_run = |at: usize, run: &usize| {
                let Some(([_, behind @ ..], ..)) = RUNS.get(*run) else { return false };
                at.saturating_add(behind.len()) < head && self.is_at(at + 1, behind)
            };
            let run = |(at, sign): &(usize, Entry)| Some((LEXICON.runs(*sign).find(|run| is_run(*at, run))?, *at));
            let (run, at) = self.signs.iter().filter_map(run).min()?;
            RUNS.get(run).map(|(_, what, dialect)| (*dialect, *what, at))
        };
        first.or_else(|| self.identity()).or_else(|| self.strict()).or_else(run).or_else(|| self.shape())
    }

    /// `IDENTITY (1, 1)`: Redshift has it, too, and no brackets.
    fn identity(&self) -> Option<(Dialect, &'static str, usize)> {
        use TokenKind::{Comma, LeftParen, Number, RightParen};
        let at = self.places(const { LEXICON.entry("identity") }).next()?;
        let is =
            [LeftParen, Number, Comma, Number, RightParen].iter().zip(at + 1..).all(|(k, n)| self.kind(n) == Some(*k));
        is.then_some((Dialect::SqlServer, "`IDENTITY (1, 1)`", at))
    }

    /// `) STRICT` behind the columns.
    fn strict(&self) -> Option<(Dialect, &'static str, usize)> {
        let last = self.tokens.len().checked_sub(1)?;
        let ends = self.present.meets(STRICT) && self.is(last, "strict") && self.is_behind(last, &[")"]);
        (ends && self.begins(CREATE) && self.present.meets(TABLE)).then_some((Dialect::Sqlite, "`STRICT`", last))
    }

    /// What only shows in how words stand together.
    fn shape(&self) -> Option<(Dialect, &'static str, usize)> {
        // PostgreSQL's triggers call a function; MySQL's say FOR EACH ROW.
        let trigger = self.begins(CREATE) && self.is_among_first(4, TRIGGER);
        if trigger && self.has(&["begin"]) && !self.has(&["execute"]) && !self.has(&["each", "row"]) {
            return Some((Dialect::Sqlite, "`CREATE TRIGGER … BEGIN`", 0));
        }
        // MySQL's type of that name has a number in its parentheses.
        let datetime = |at: &usize| self.is(at + 1, "(") && self.kind(at + 2) != Some(TokenKind::Number);
        if let Some(token) = self.places(const { LEXICON.entry("datetime") }).find(datetime) {
            return Some((Dialect::Sqlite, "`datetime(…)`", token));
        }
        if !self.about_tables {
            return None;
        }
        self.those_of(SHAPES).find_map(|(at, sign)| self.shape_at(*at, LEXICON.word(*sign)))
    }

    /// The same of a word in what defines columns.
    fn shape_at(&self, at: usize, sign: &str) -> Option<(Dialect, &'static str, usize)> {
        let is_name = |at: usize| {
            matches!(self.kind(at), Some(TokenKind::Word | TokenKind::Quoted)) || self.word(at).starts_with('`')
        };
        match sign {
            // `KEY name (column`: of a column of that name PostgreSQL takes a type with numbers in its parentheses.
            "key" | "index" => {
                let is = self.is_behind(at, &[",", "("])
                    && is_name(at + 1)
                    && self.is(at + 2, "(")
                    && is_name(at + 3)
                    && !self.is_one_of(at + 1, &["geometry", "geography"])
                    && (sign == "key" || !self.is_of_cockroach());
                is.then_some((Dialect::MySql, "`KEY name (columns)`", at))
            }
            "enum" => {
                let is = self.is(at + 1, "(") && self.is(at + 2, STRING) && !self.is_behind(at, &["as"]);
                is.then_some((Dialect::MySql, "`ENUM (…)` as a type", at))
            }
            "comment" if self.is(at + 1, STRING) && at > 2 => {
                Some((Dialect::MySql, "`COMMENT '…'` in a table", at + 1))
            }
            "modify" | "change" => {
                let is = self.is(0, "alter") && self.is(1, "table") && at < 6 && is_name(at + 1);
                is.then_some((Dialect::MySql, "`ALTER TABLE … MODIFY`", at))
            }
            "number" if self.is(at + 1, "(") && at > 0 && is_name(at - 1) => {
                Some((Dialect::Oracle, "the type `NUMBER (…)`", at))
            }
            _ => None,
        }
    }

    /// CockroachDB has indexes inside of tables, too.
    fn is_of_cockroach(&self) -> bool {
        let own = ["uuid", "string", "bytes", "int8", "storing", "family"];
        (0..self.tokens.len()).any(|at| self.is_one_of(at, &own))
    }

    pub(super) fn are_of_postgres(&self) -> bool {
        // SQLite has a function of that name, not a type.
        let jsonb = || self.places(const { LEXICON.entry("jsonb") }).any(|at| !self.is(at + 1, "("));
        let is_run =
            |at: usize, run: usize| matches!(POSTGRES.get(run), Some([_, behind @ ..]) if self.is_at(at + 1, behind));
        let begins_run = |(at, sign): &(usize, Entry)| LEXICON.of_postgres(*sign).any(|run| is_run(*at, run));
        self.cast || self.dollar_string || jsonb() || self.signs.iter().any(begins_run)
    }
}

/// Whether a bracket opens a name: `[name]` behind something that a name stands behind, not the bounds of an array.
fn is_bracketed_name(text: &str, tokens: &[Token], at: usize) -> bool {
    let kind = |n: usize| tokens.get(n).map(|token| token.kind);
    let shown = |n: usize| tokens.get(n).map_or("", |t| text.get(t.start as usize..t.end as usize).unwrap_or_default());
    if kind(at + 1) != Some(TokenKind::Word) {
        return false;
    }
    let Some(before) = at.checked_sub(1) else { return false };
    match kind(before) {
        Some(TokenKind::LeftParen | TokenKind::Comma | TokenKind::Dot) => true,
        Some(TokenKind::Word) => [
            "TABLE",
            "EXISTS",
            "INTO",
            "ON",
            "REFERENCES",
            "INDEX",
            "CONSTRAINT",
            "VIEW",
            "COLUMN",
            "ADD",
            "USE",
            "FROM",
        ]
        .iter()
        .any(|word| shown(before).eq_ignore_ascii_case(word)),
        _ => false,
    }
}
