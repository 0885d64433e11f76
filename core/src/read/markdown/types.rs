//! Types as documents write them: PostgreSQL's own, those of other databases, and the words of people who have no database in mind.

use super::clean::Clean;
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::{Patched, type_length};

/// How much the name of a type says that a table describes a database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Evidence {
    /// No type that anybody knows.
    None,
    /// A type of any language: `string`, `boolean`.
    Generic,
    /// A type that databases have, and others too: `date`, `uuid`.
    Shared,
    /// A type that only databases have: `varchar`, `timestamptz`.
    Database,
}

/// Words that name types of databases only.
const DATABASE: &[&str] = &[
    "bigserial",
    "bit",
    "bpchar",
    "bytea",
    "character",
    "cidr",
    "citext",
    "clob",
    "datetime2",
    "float4",
    "float8",
    "geography",
    "geometry",
    "halfvec",
    "hstore",
    "inet",
    "int2",
    "int4",
    "int8",
    "interval",
    "jsonb",
    "longblob",
    "longtext",
    "ltree",
    "macaddr",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "nchar",
    "ntext",
    "numeric",
    "nvarchar",
    "nvarchar2",
    "oid",
    "serial",
    "serial4",
    "serial8",
    "smallint",
    "smallserial",
    "timestamptz",
    "timetz",
    "tinyint",
    "tinytext",
    "tsquery",
    "tsrange",
    "tstzrange",
    "tsvector",
    "uniqueidentifier",
    "varbinary",
    "varbit",
    "varchar",
    "varchar2",
    "vector",
    "xml",
    "bigint",
    "daterange",
    "int4range",
    "int8range",
    "numrange",
    "datetimeoffset",
    "money",
    "point",
    "polygon",
    "timestampz",
    "macaddr8",
    "sparsevec",
];
/// Words that name types of databases and of others.
const SHARED: &[&str] = &[
    "blob",
    "char",
    "date",
    "datetime",
    "decimal",
    "enum",
    "integer",
    "real",
    "text",
    "time",
    "timestamp",
    "uuid",
    "int",
    "json",
    "double",
];
/// Words that name types of any language.
const GENERIC: &[&str] = &[
    "any", "array", "binary", "bool", "boolean", "buffer", "bytes", "dict", "email", "float", "guid", "hash", "id",
    "int16", "int32", "int64", "list", "long", "map", "number", "object", "objectid", "set", "short", "str", "string",
    "uint", "uint32", "uint64", "uri", "url", "year", "longlong", "char8", "dec", "object[]",
];
/// What PostgreSQL calls the types of others. Those with modifiers keep them.
const SPELLINGS: &[(&str, &str)] = &[
    ("any", "jsonb"),
    ("binary", "bytea"),
    ("blob", "bytea"),
    ("buffer", "bytea"),
    ("bytes", "bytea"),
    ("clob", "text"),
    ("datetime", "timestamp"),
    ("datetime2", "timestamp"),
    ("datetimeoffset", "timestamptz"),
    ("dict", "jsonb"),
    ("double", "double precision"),
    ("email", "text"),
    ("enum", "text"),
    ("guid", "uuid"),
    ("hash", "jsonb"),
    ("id", "text"),
    ("int16", "smallint"),
    ("int32", "integer"),
    ("int64", "bigint"),
    ("list", "jsonb"),
    ("long", "bigint"),
    ("longblob", "bytea"),
    ("longlong", "bigint"),
    ("longtext", "text"),
    ("map", "jsonb"),
    ("mediumblob", "bytea"),
    ("mediumint", "integer"),
    ("mediumtext", "text"),
    ("ntext", "text"),
    ("number", "numeric"),
    ("nvarchar", "varchar"),
    ("nvarchar2", "varchar"),
    ("object", "jsonb"),
    ("objectid", "text"),
    ("set", "text"),
    ("short", "smallint"),
    ("str", "text"),
    ("string", "text"),
    ("timestampz", "timestamptz"),
    ("tinyint", "smallint"),
    ("tinytext", "text"),
    ("uint", "bigint"),
    ("uint32", "bigint"),
    ("uint64", "numeric"),
    ("uniqueidentifier", "uuid"),
    ("uri", "text"),
    ("url", "text"),
    ("varbinary", "bytea"),
    ("varchar2", "varchar"),
    ("year", "smallint"),
];
/// Types whose modifiers are numbers.
const MEASURED: &[&str] = &[
    "bit",
    "char",
    "character",
    "dec",
    "decimal",
    "numeric",
    "nchar",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "varbit",
    "varchar",
];

/// Words with which a cell without a type begins to say something else.
const TERMS: &[&str] = &[
    "fk",
    "pk",
    "uk",
    "primary",
    "foreign",
    "references",
    "ref",
    "unique",
    "nullable",
    "not",
    "null",
    "optional",
    "required",
    "default",
    "indexed",
];

/// What the first word of a cell says.
pub(super) fn evidence(clean: &Clean) -> Evidence {
    let word = clean.token(0).to_ascii_lowercase();
    let has = |list: &[&str]| list.contains(&word.as_str());
    if has(DATABASE)
        || clean.are(0, &["double", "precision"])
        || (has(&["char", "decimal", "string", "int"]) && measured(clean))
    {
        Evidence::Database
    } else if has(SHARED) {
        Evidence::Shared
    } else if has(GENERIC) {
        Evidence::Generic
    } else {
        Evidence::None
    }
}

fn measured(clean: &Clean) -> bool {
    clean.kind(1) == TokenKind::LeftParen && clean.kind(2) == TokenKind::Number
}

/// A type as SQL, and what the cell says with it.
#[derive(Clone, Debug, Default)]
pub(super) struct DocumentType {
    /// As PostgreSQL writes it.
    pub(super) sql: Patched,
    /// The word that names it, in lower case.
    pub(super) word: String,
    /// The token behind it.
    pub(super) next: usize,
    /// A value list in parentheses: `enum('a', 'b')`.
    pub(super) values: Option<(usize, usize)>,
    /// `string?`, `varchar | null`.
    pub(super) nullable: bool,
}

/// Reads the type that a cell begins with.
pub(super) fn read(clean: &Clean) -> Option<DocumentType> {
    if !matches!(clean.kind(0), TokenKind::Word | TokenKind::Quoted) || clean.is_any(0, TERMS) {
        return None;
    }
    let mut out = DocumentType { word: clean.token(0).to_ascii_lowercase(), next: 1, ..DocumentType::default() };
    let word = out.word.clone();
    let grammar_double = word == "double" && clean.is(1, "precision");
    let spelling = SPELLINGS.iter().find(|(name, _)| *name == word && !grammar_double).map(|(_, sql)| *sql);
    let (start, end) = clean.place(0, 1);
    let group = (clean.kind(1) == TokenKind::LeftParen).then(|| clean.behind_group(1)).flatten();
    match (word.as_str(), spelling) {
        // array<string>, list of integers: an array where the element is known.
        ("array" | "list", _) if clean.token(1) == "<" || clean.is(1, "of") => {
            let element = SPELLINGS.iter().find(|(name, _)| clean.is(2, name)).map(|(_, sql)| *sql);
            let known = element.or_else(|| GENERIC_SQL.iter().find(|name| clean.is(2, name)).copied());
            let (_, end) = clean.place(0, 3);
            out.sql.say(&known.map_or("jsonb".to_owned(), |sql| format!("{sql}[]")), start, end);
            out.next = if clean.token(3) == ">" { 4 } else { 3 };
        }
        ("array", _) => out.sql.say("jsonb", start, end),
        ("enum" | "set", _) => {
            out.sql.say("text", start, end);
            if let Some(behind) = group {
                out.values = Some((1, behind));
                out.next = behind;
            }
        }
        ("string" | "number" | "nvarchar" | "nvarchar2" | "varchar2", Some(sql))
            if measured(clean) && group.is_some() =>
        {
            out.sql.say(if word == "string" { "varchar" } else { sql }, start, end);
            let behind = group.unwrap_or(1);
            out.sql.append(&clean.part(1, behind));
            out.next = behind;
        }
        ("tinyint", _) if measured(clean) && clean.token(2) == "1" => {
            out.sql.say("boolean", start, end);
            out.next = group.unwrap_or(1);
        }
        (_, Some(sql)) => {
            out.sql.say(sql, start, end);
            if measured(clean) {
                out.next = group.unwrap_or(1);
            }
        }
        // int(11): a display width.
        ("int" | "integer" | "bigint" | "smallint", None) if measured(clean) => {
            out.sql.append(&clean.part(0, 1));
            out.next = group.unwrap_or(1);
        }
        // Words in the parentheses are a remark.
        (name, None) if MEASURED.contains(&name) && clean.kind(1) == TokenKind::LeftParen && !measured(clean) => {
            out.sql.append(&clean.part(0, 1));
        }
        _ => {
            let length = type_length(clean.text())?;
            out.next = clean.tokens.iter().take_while(|t| (t.start as usize) < length).count().max(1);
            // `uuid (PK)`: modifiers are numbers, but for those of PostGIS and the fields of an interval.
            let group = (1..out.next).find(|n| clean.kind(*n) == TokenKind::LeftParen);
            if let Some(open) = group
                && clean.kind(open + 1) == TokenKind::Word
                && !matches!(word.as_str(), "geometry" | "geography")
            {
                out.next = open;
            }
            out.sql.append(&clean.part(0, out.next));
        }
    }
    // string[] and its like.
    if spelling.is_some() && clean.token(out.next) == "[" && clean.token(out.next + 1) == "]" {
        out.sql.append(&clean.part(out.next, out.next + 2));
        out.next += 2;
    }
    if clean.is(out.next, "unsigned") {
        out.next += 1;
    }
    if clean.token(out.next) == "?" {
        out.nullable = true;
        out.next += 1;
    }
    if clean.token(out.next) == "|" && clean.is(out.next + 1, "null") {
        out.nullable = true;
        out.next += 2;
    }
    Some(out)
}

/// Elements of arrays that PostgreSQL calls the same.
const GENERIC_SQL: &[&str] = &[
    "boolean", "bool", "float", "int", "integer", "jsonb", "json", "text", "uuid", "bigint", "varchar", "date",
    "numeric",
];

/// Whether PostgreSQL or a well-known extension has a type of this name.
pub(super) fn is_known(word: &str) -> bool {
    const OTHERS: &[&str] = &[
        "bool",
        "boolean",
        "box",
        "circle",
        "cube",
        "dec",
        "double",
        "earth",
        "ean13",
        "float",
        "ghstore",
        "isbn",
        "json",
        "jsonpath",
        "line",
        "lquery",
        "lseg",
        "name",
        "national",
        "path",
        "pg_lsn",
        "raster",
        "regclass",
        "regproc",
        "regtype",
        "seg",
        "serial2",
        "tid",
        "txid_snapshot",
        "ulid",
        "xid",
        "xid8",
        "int4multirange",
        "int8multirange",
        "nummultirange",
        "tsmultirange",
        "tstzmultirange",
        "datemultirange",
        "timestamp",
        "time",
    ];
    DATABASE.contains(&word)
        || SHARED.contains(&word)
        || OTHERS.contains(&word)
        || SPELLINGS.iter().any(|(name, _)| *name == word)
}

/// The extension that a type comes with. Source: the extensions' install scripts.
pub(super) fn extension_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "citext" => "citext",
        "cube" => "cube",
        "geometry" | "geography" | "raster" => "postgis",
        "hstore" => "hstore",
        "ltree" | "lquery" => "ltree",
        "ean13" | "isbn" => "isn",
        "seg" => "seg",
        "earth" => "earthdistance",
        "ulid" => "ulid",
        "vector" | "halfvec" | "sparsevec" => "vector",
        _ => return None,
    })
}
