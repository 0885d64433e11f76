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

/// First letters and lengths of the words that a list begins with. Most words of a statement are none of them, which a glance at this tells.
pub(super) struct Glance([u64; 128]);

impl Glance {
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
    const fn and(mut self, word: &str) -> Self {
        self.0[word.as_bytes()[0] as usize] |= 1 << word.len();
        self
    }

    /// Whether a word of this first letter and length may be among those that the list begins with.
    pub(super) fn may_have(&self, first: u8, length: usize) -> bool {
        length < 64 && self.0.get(usize::from(first)).is_some_and(|lengths| lengths >> length & 1 == 1)
    }
}

/// Which members of a list of at most 64 runs begin with a letter, a bit each: a statement's word is held against few of them.
pub(super) struct Starts([u64; 128]);

impl Starts {
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
    const fn and(mut self, member: usize, word: &str) -> Self {
        assert!(member < 64, "a bit for each");
        self.0[word.as_bytes()[0] as usize] |= 1 << member;
        self
    }

    /// The members that may begin with a word, in the order of the list.
    pub(super) fn of(&self, word: &str) -> impl Iterator<Item = usize> + use<> {
        let mut left = word.bytes().next().and_then(|first| self.0.get(usize::from(first))).copied().unwrap_or(0);
        std::iter::from_fn(move || {
            let member = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (member < u64::BITS).then_some(member as usize)
        })
    }
}

/// How all that is looked for begins: [`RUNS`], [`POSTGRES`], [`TYPES`] and what is told by the words around it.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
pub(super) static SIGNS: Glance = {
    let (mut glance, mut at) = (Glance([0; 128]), 0);
    while at < RUNS.len() {
        glance = glance.and(RUNS[at].0[0]);
        at += 1;
    }
    at = 0;
    while at < POSTGRES.len() {
        glance = glance.and(POSTGRES[at][0]);
        at += 1;
    }
    at = 0;
    while at < TYPES.len() {
        glance = glance.and(TYPES[at].0);
        at += 1;
    }
    at = 0;
    while at < IN_CONTEXT.len() {
        glance = glance.and(IN_CONTEXT[at]);
        at += 1;
    }
    glance
};

/// How [`RUNS`] begin.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
pub(super) static STARTS_OF_RUNS: Starts = {
    let (mut starts, mut at) = (Starts([0; 128]), 0);
    while at < RUNS.len() {
        starts = starts.and(at, RUNS[at].0[0]);
        at += 1;
    }
    starts
};

/// How [`POSTGRES`] begins.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would stop at it")]
pub(super) static STARTS_OF_POSTGRES: Starts = {
    let (mut starts, mut at) = (Starts([0; 128]), 0);
    while at < POSTGRES.len() {
        starts = starts.and(at, POSTGRES[at][0]);
        at += 1;
    }
    starts
};
