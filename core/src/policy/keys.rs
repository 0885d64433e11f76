//! Every key of `relata.toml`: what the reader takes, what the JSON Schema describes, and what a mistyped key is compared with.

/// A key and what may stand behind it.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it decides, in one sentence.
    pub(super) what: &'static str,
}

/// What may stand behind a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any text that is not empty.
    Text,
    /// The name of a rule.
    Rule,
    /// The name of a migration tool.
    Layout,
    /// A list of texts.
    Texts,
    /// A list of globs for objects.
    Globs,
    /// A glob for an object.
    Glob,
    /// A glob for a file.
    PathGlob,
    /// A pattern for names.
    Pattern,
    /// A list of patterns for names.
    Patterns,
    /// A whole number from the first to the second.
    Number(u32, u32),
    /// A day.
    Day,
    /// A table with keys of its own.
    Table(&'static [Key]),
    /// A list of tables.
    Tables(&'static [Key]),
    /// Rules and what is said of each.
    Rules,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind
    }
}

impl Eq for Key {}

const fn key(name: &'static str, kind: Kind, what: &'static str) -> Key {
    Key { name, kind, what }
}

/// The keys of the file.
pub(super) static TOP: &[Key] = &[
    key(
        "fail-on",
        Kind::Word(&super::FailOn::WORDS),
        "From which severity on `relata check` ends with 1; `--fail-on` goes before it.",
    ),
    key("server-version", Kind::Number(9, 99), "The server's major version, against what a dump says of it."),
    key(
        "exposed-schemas",
        Kind::Texts,
        "Schemas that are reached from outside, by a data API for instance; else told from the roles of Supabase and PostgREST.",
    ),
    key(
        "runner",
        Kind::Layout,
        "The tool that runs the migrations, against what names and contents say; `--layout` goes before it.",
    ),
    key("ignore-tables", Kind::Globs, "Tables of which no rule speaks: `public.tmp_*`."),
    key(
        "rules",
        Kind::Rules,
        "For each rule `off`, `on` or a severity, or a table with `severity` and its parameters.",
    ),
    key("conventions", Kind::Table(CONVENTIONS), "Conventions that hold whatever the schema shows."),
    key("waivers", Kind::Tables(WAIVER), "Findings that the team accepts, each with its reason."),
];

static CONVENTIONS: &[Key] = &[
    key("tenant-key", Kind::Text, "The column that says whose a row is; `none` where there is no such column."),
    key("tenant-root", Kind::Text, "The table that the tenant key refers to: `public.organizations`."),
    key("created-at", Kind::Text, "The column that tells when a row was made, or `none`."),
    key("updated-at", Kind::Text, "The column that tells when a row was last changed, or `none`."),
    key("updated-at-by", Kind::Word(&["trigger", "application"]), "What keeps that column up to date."),
    key("soft-delete", Kind::Text, "The column that marks a row as deleted, or `none`."),
    key(
        "audit-columns",
        Kind::Texts,
        "Columns that every table must have; `audit-columns-missing` tells which lack one.",
    ),
    key("primary-key-type", Kind::Text, "The type of primary keys: `uuid`, `bigint` …"),
    key("timestamp-type", Kind::Word(&["timestamptz", "timestamp"]), "The type of points in time."),
    key("enum-strategy", Kind::Word(&["enum", "check", "lookup", "text"]), "How a fixed set of values is written."),
    key("money-type", Kind::Text, "The type of amounts of money: `numeric(12,2)`, `bigint` …"),
    key("score-type", Kind::Text, "The type of scores and shares: `numeric(5,4)` …"),
    key(
        "naming",
        Kind::Table(NAMING),
        "Patterns for names: regular expressions for the whole name, with `{table}`, `{columns}`, `{references}` and `{schema}`.",
    ),
];

static NAMING: &[Key] = &[
    key("tables", Kind::Pattern, "Tables: `[a-z][a-z0-9_]*`."),
    key("table-number", Kind::Word(&["singular", "plural"]), "Whether a table is named after one row or after all."),
    key("columns", Kind::Pattern, "Columns."),
    key("primary-keys", Kind::Pattern, "Constraints of primary keys: `pk_{table}`."),
    key("foreign-keys", Kind::Pattern, "Constraints of foreign keys: `fk_{table}_{references}`."),
    key("uniques", Kind::Pattern, "Unique constraints: `uq_{table}_{columns}`."),
    key("checks", Kind::Pattern, "Check constraints: `ck_{table}_.+`."),
    key("indexes", Kind::Pattern, "Indexes: `ix_{table}_{columns}`."),
    key("migrations", Kind::Pattern, "Files of migrations, without their folder: `\\d{14}_[a-z0-9_]+\\.sql`."),
];

static WAIVER: &[Key] = &[
    key("rule", Kind::Rule, "Only findings of this rule."),
    key(
        "object",
        Kind::Glob,
        "Only findings about this object, or about what belongs to it: `public.users`, `public.*_log`.",
    ),
    key("path", Kind::PathGlob, "Only findings in these files: `migrations/00*.sql`."),
    key("fingerprint", Kind::Text, "Only the finding of this fingerprint."),
    key("reason", Kind::Text, "Why it is accepted."),
    key("until", Kind::Day, "The last day on which it holds."),
];

/// What may stand in the table of any rule.
pub(super) static LEVEL: Key =
    key("severity", Kind::Word(LEVELS), "`off`, `on`, or the severity of all findings of the rule.");
pub(super) const LEVELS: &[&str] = &["off", "on", "critical", "high", "medium", "low", "info"];

/// A parameter of a rule.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) rule: &'static str,
    pub(super) key: Key,
    /// What holds where nothing is set; 0 for patterns.
    pub(super) default: u32,
}

/// What single rules take besides.
pub(super) static PARAMETERS: &[Parameter] = &[
    Parameter {
        rule: "cascade-delete-chain",
        key: key("hops", Kind::Number(2, 100), "Steps from which on a chain of cascades is told."),
        default: 3,
    },
    Parameter {
        rule: "cascade-delete-chain",
        key: key("tables", Kind::Number(2, 10_000), "Tables from which on the reach of one delete is told."),
        default: 8,
    },
    Parameter {
        rule: "excessive-migration-count",
        key: key("limit", Kind::Number(1, 100_000), "Migrations up to which nothing is said."),
        default: 100,
    },
    Parameter {
        rule: "forbidden-name",
        key: key("names", Kind::Patterns, "Names of tables and columns that shall not be, besides placeholders."),
        default: 0,
    },
    Parameter {
        rule: "index-too-wide",
        key: key("limit", Kind::Number(1, 32), "Key columns up to which nothing is said."),
        default: 3,
    },
    Parameter {
        rule: "too-many-indexes",
        key: key("limit", Kind::Number(1, 10_000), "Indexes of one table up to which nothing is said."),
        default: 12,
    },
    Parameter {
        rule: "wide-table",
        key: key("limit", Kind::Number(1, 1_600), "Columns up to which nothing is said."),
        default: 40,
    },
];

/// The parameters of a rule.
pub(super) fn parameters(rule: &str) -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter().filter(move |p| p.rule == rule)
}

/// The default of a number.
pub(super) fn number(rule: &str, key: &str) -> Option<u32> {
    parameters(rule).find(|p| p.key.name == key).map(|p| p.default)
}

/// The parameters of a rule for its documentation: name, default where it is a number, and what it decides.
pub(crate) fn described(rule: &str) -> impl Iterator<Item = (&'static str, Option<u32>, &'static str)> {
    parameters(rule).map(|p| (p.key.name, matches!(p.key.kind, Kind::Number(..)).then_some(p.default), p.key.what))
}
