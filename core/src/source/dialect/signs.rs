//! What is one database's alone, and how it is found: lists of words, and tables of how these begin.

use super::Clue;
use crate::analysis::Dialect;

/// What stands for a string among the words.
pub(super) const STRING: &str = "''";

/// Words that are one database's alone, each a run of tokens: what it is called in a message, and whose it is.
pub(super) const RUNS: &[(&[&str], &str, Dialect)] = &[
    (&["auto_increment"], "`AUTO_INCREMENT`", Dialect::MySql),
    (&["engine", "="], "`ENGINE =`", Dialect::MySql),
    (&["engine", "innodb"], "`ENGINE InnoDB`", Dialect::MySql),
    (&["engine", "myisam"], "`ENGINE MyISAM`", Dialect::MySql),
    (&["default", "charset"], "`DEFAULT CHARSET`", Dialect::MySql),
    (&["charset", "="], "`CHARSET =`", Dialect::MySql),
    (&["character", "set", "="], "`CHARACTER SET`", Dialect::MySql),
    (&["character", "set", "utf8"], "`CHARACTER SET`", Dialect::MySql),
    (&["character", "set", "utf8mb4"], "`CHARACTER SET`", Dialect::MySql),
    (&["set", "names", "utf8"], "`SET NAMES utf8`", Dialect::MySql),
    (&["set", "names", "utf8mb4"], "`SET NAMES utf8mb4`", Dialect::MySql),
    (&["foreign_key_checks"], "`FOREIGN_KEY_CHECKS`", Dialect::MySql),
    (&["sql_mode"], "`SQL_MODE`", Dialect::MySql),
    (&["on", "update", "current_timestamp"], "`ON UPDATE CURRENT_TIMESTAMP`", Dialect::MySql),
    (&["on", "update", "now"], "`ON UPDATE NOW()`", Dialect::MySql),
    (&["zerofill"], "`ZEROFILL`", Dialect::MySql),
    (&["comment", "=", STRING], "`COMMENT = '…'`", Dialect::MySql),
    (&["row_format", "="], "`ROW_FORMAT =`", Dialect::MySql),
    (&["fulltext", "key"], "`FULLTEXT KEY`", Dialect::MySql),
    (&["fulltext", "index"], "`FULLTEXT INDEX`", Dialect::MySql),
    (&["mediumtext"], "the type `MEDIUMTEXT`", Dialect::MySql),
    (&["longtext"], "the type `LONGTEXT`", Dialect::MySql),
    (&["mediumblob"], "the type `MEDIUMBLOB`", Dialect::MySql),
    (&["longblob"], "the type `LONGBLOB`", Dialect::MySql),
    (&["drop", "foreign", "key"], "`DROP FOREIGN KEY`", Dialect::MySql),
    (&["autoincrement"], "`AUTOINCREMENT`", Dialect::Sqlite),
    (&["without", "rowid"], "`WITHOUT ROWID`", Dialect::Sqlite),
    (&["create", "virtual", "table"], "`CREATE VIRTUAL TABLE`", Dialect::Sqlite),
    (&["insert", "or", "replace"], "`INSERT OR REPLACE`", Dialect::Sqlite),
    (&["insert", "or", "ignore"], "`INSERT OR IGNORE`", Dialect::Sqlite),
    (&["sqlite_sequence"], "`sqlite_sequence`", Dialect::Sqlite),
    (&["sqlite_master"], "`sqlite_master`", Dialect::Sqlite),
    (&["collate", "nocase"], "`COLLATE NOCASE`", Dialect::Sqlite),
    (&["strftime", "("], "`strftime()`", Dialect::Sqlite),
    (&["unixepoch", "("], "`unixepoch()`", Dialect::Sqlite),
    (&["julianday", "("], "`julianday()`", Dialect::Sqlite),
    (&["[", "dbo", "]"], "`[dbo]`", Dialect::SqlServer),
    (&["dbo", "."], "`dbo.`", Dialect::SqlServer),
    (&["set", "ansi_nulls"], "`SET ANSI_NULLS`", Dialect::SqlServer),
    (&["set", "quoted_identifier"], "`SET QUOTED_IDENTIFIER`", Dialect::SqlServer),
    (&["nonclustered"], "`NONCLUSTERED`", Dialect::SqlServer),
    (&["key", "clustered"], "`CLUSTERED`", Dialect::SqlServer),
    (&["uniqueidentifier"], "the type `UNIQUEIDENTIFIER`", Dialect::SqlServer),
    (&["getdate", "("], "`GETDATE()`", Dialect::SqlServer),
    (&["newid", "("], "`NEWID()`", Dialect::SqlServer),
    (&["with", "check", "add"], "`WITH CHECK ADD`", Dialect::SqlServer),
    (&["with", "nocheck", "add"], "`WITH NOCHECK ADD`", Dialect::SqlServer),
    (&[")", "go"], "`GO`", Dialect::SqlServer),
    (&["go", "create"], "`GO`", Dialect::SqlServer),
    (&["go", "set"], "`GO`", Dialect::SqlServer),
    (&["varchar2"], "the type `VARCHAR2`", Dialect::Oracle),
    (&["nvarchar2"], "the type `NVARCHAR2`", Dialect::Oracle),
    (&["sysdate"], "`SYSDATE`", Dialect::Oracle),
    (&["segment", "creation"], "`SEGMENT CREATION`", Dialect::Oracle),
];

/// What `UNSIGNED` stands behind.
pub(super) const NUMBERS: &[&str] = &[
    ")",
    "int",
    "integer",
    "tinyint",
    "smallint",
    "mediumint",
    "bigint",
    "decimal",
    "numeric",
    "float",
    "double",
    "real",
];

/// Types that PostgreSQL does not have.
pub(super) const TYPES: &[(&str, &str, Clue)] = &[
    ("blob", "the type `BLOB`", Clue::NotPostgres),
    ("datetime", "the type `DATETIME`", Clue::NotPostgres),
    ("tinyint", "the type `TINYINT`", Clue::NotPostgres),
    ("nvarchar", "the type `NVARCHAR`", Clue::SqlServerOrSqlite),
    ("varbinary", "the type `VARBINARY`", Clue::NotPostgres),
    ("mediumint", "the type `MEDIUMINT`", Clue::MySqlOrSqlite),
];

/// First words of statements that one database knows.
pub(super) const FIRST: &[(&str, &str, Dialect)] = &[
    ("delimiter", "`DELIMITER`", Dialect::MySql),
    ("pragma", "`PRAGMA`", Dialect::Sqlite),
    ("go", "`GO`", Dialect::SqlServer),
];

/// The words of [`TYPES`] and of [`FIRST`].
pub(super) const TYPE_WORDS: [&str; TYPES.len()] = words_of(TYPES);
pub(super) const FIRST_WORDS: [&str; FIRST.len()] = words_of(FIRST);

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
const fn words_of<T, const N: usize>(list: &[(&'static str, &str, T)]) -> [&'static str; N] {
    let (mut out, mut at) = ([""; N], 0);
    while at < N {
        out[at] = list[at].0;
        at += 1;
    }
    out
}

/// Words that PostgreSQL knows and the others do not.
pub(super) const POSTGRES: &[&[&str]] = &[
    &["bigserial"],
    &["smallserial"],
    &["timestamptz"],
    &["timetz"],
    &["bytea"],
    &["tsvector"],
    &["plpgsql"],
    &["pg_catalog"],
    &["search_path"],
    &["regclass"],
    &["create", "extension"],
    &["create", "policy"],
    &["create", "domain"],
    &["create", "type"],
    &["alter", "type"],
    &["comment", "on", "table"],
    &["comment", "on", "column"],
    &["character", "varying"],
    &["time", "zone"],
    &["owner", "to"],
    &["nextval", "("],
    &["using", "gin"],
    &["using", "gist"],
    &["as", "identity"],
    &["level", "security"],
    &["concurrently"],
];

/// Words that are signs where others stand around them.
const IN_CONTEXT: &[&str] =
    &["unsigned", "identity", "datetime", "jsonb", "key", "index", "enum", "comment", "modify", "change", "number"];

/// Words that tell what a statement does.
const IN_HEADS: &[&str] = &[
    "create",
    "alter",
    "drop",
    "set",
    "table",
    "view",
    "function",
    "procedure",
    "trigger",
    "rule",
    "add",
    "type",
    "strict",
];

/// The words that all that is looked for begins with: [`RUNS`], [`POSTGRES`], [`TYPES`], [`FIRST`], what is told by the words around it, and what tells
/// what a statement does. Each has a slot of its own by three of its letters and its length, so that one look tells of nearly every word of a
/// statement that it is none of them.
pub(super) struct Lexicon {
    words: [&'static str; Self::MOST],
    len: usize,
    /// The place of a word among the words and one more, or nothing.
    slots: [u8; Self::SLOTS],
    /// Which of [`RUNS`] begin with a word, a bit each.
    runs: [u64; Self::MOST],
    /// The same of [`POSTGRES`].
    of_postgres: [u64; Self::MOST],
}

/// A set of words of the lexicon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Entries(u128);

impl Entries {
    /// The set of these words.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
    pub(super) const fn of(words: &[&str]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < words.len() {
            set |= LEXICON.entry(words[at]).bit();
            at += 1;
        }
        Self(set)
    }

    pub(super) fn has(self, entry: Entry) -> bool {
        self.0 & entry.bit() != 0
    }

    pub(super) fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        self.0 |= entry.bit();
    }
}

/// A word of the lexicon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry(u8);

impl Entry {
    /// Its bit in a set of entries.
    const fn bit(self) -> u128 {
        1 << self.0
    }
}

impl Lexicon {
    /// A bit for each.
    const MOST: usize = 128;
    const SLOTS: usize = 1024;

    /// The slot for words of these first, middle and last letters, in either case, that are so long. The factors are some that give each word of the
    /// lexicon a slot of its own.
    const fn slot(first: u8, middle: u8, last: u8, length: usize) -> usize {
        let (first, middle, last) = ((first | 0x20) as usize, (middle | 0x20) as usize, (last | 0x20) as usize);
        ((first * 404) ^ (last * 1205) ^ (middle * 1535) ^ (length * 37)) % Self::SLOTS
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "evaluated by the compiler, which would stop at it"
    )]
    const fn and(mut self, word: &'static str) -> (Self, usize) {
        let mut at = 0;
        while at < self.len {
            if same(self.words[at], word) {
                return (self, at);
            }
            at += 1;
        }
        let bytes = word.as_bytes();
        let slot = Self::slot(bytes[0], bytes[bytes.len() / 2], bytes[bytes.len() - 1], bytes.len());
        assert!(self.slots[slot] == 0, "a slot for each");
        self.words[self.len] = word;
        self.len += 1;
        self.slots[slot] = self.len as u8;
        (self, at)
    }

    /// The same with each of these words.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
    const fn and_all(mut self, words: &[&'static str]) -> Self {
        let mut at = 0;
        while at < words.len() {
            (self, _) = self.and(words[at]);
            at += 1;
        }
        self
    }

    /// The entry of the word that stands between two places of a text, in whatever case.
    pub(super) fn find(&self, text: &str, start: usize, end: usize) -> Option<Entry> {
        let word = text.as_bytes().get(start..end)?;
        let (first, middle, last) = (*word.first()?, *word.get(word.len() / 2)?, *word.last()?);
        let entry = self.slots.get(Self::slot(first, middle, last, word.len()))?.checked_sub(1)?;
        self.words.get(usize::from(entry))?.as_bytes().eq_ignore_ascii_case(word).then_some(Entry(entry))
    }

    /// The entry of a word that is in it.
    #[allow(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "evaluated by the compiler, which would stop at it"
    )]
    pub(super) const fn entry(&self, word: &str) -> Entry {
        let mut at = 0;
        while !same(self.words[at], word) {
            at += 1;
        }
        Entry(at as u8)
    }

    /// The word of an entry.
    pub(super) fn word(&self, entry: Entry) -> &'static str {
        self.words.get(usize::from(entry.0)).copied().unwrap_or_default()
    }

    /// Which of [`RUNS`] begin with a word, in the order of the list.
    pub(super) fn runs(&self, entry: Entry) -> impl Iterator<Item = usize> + use<> {
        bits(self.runs.get(usize::from(entry.0)).copied().unwrap_or_default())
    }

    /// Which of [`POSTGRES`] do.
    pub(super) fn of_postgres(&self, entry: Entry) -> impl Iterator<Item = usize> + use<> {
        bits(self.of_postgres.get(usize::from(entry.0)).copied().unwrap_or_default())
    }
}

/// The places of the bits that are set, from the lowest.
fn bits(mut left: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = left.trailing_zeros();
        left &= left.wrapping_sub(1);
        (at < u64::BITS).then_some(at as usize)
    })
}

/// Whether two words are the same.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// All of them.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
pub(super) static LEXICON: Lexicon = {
    let mut lexicon = Lexicon {
        words: [""; Lexicon::MOST],
        len: 0,
        slots: [0; Lexicon::SLOTS],
        runs: [0; Lexicon::MOST],
        of_postgres: [0; Lexicon::MOST],
    };
    let (mut at, mut entry);
    at = 0;
    assert!(RUNS.len() <= 64 && POSTGRES.len() <= 64, "a bit for each");
    while at < RUNS.len() {
        (lexicon, entry) = lexicon.and(RUNS[at].0[0]);
        lexicon.runs[entry] |= 1 << at;
        at += 1;
    }
    at = 0;
    while at < POSTGRES.len() {
        (lexicon, entry) = lexicon.and(POSTGRES[at][0]);
        lexicon.of_postgres[entry] |= 1 << at;
        at += 1;
    }
    lexicon.and_all(&TYPE_WORDS).and_all(&FIRST_WORDS).and_all(IN_CONTEXT).and_all(IN_HEADS)
};
