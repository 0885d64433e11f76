//! Marks of migration tools inside files: which side of a migration follows, which changeset begins, what the runner is told.
//!
//! Only comments are looked at, as the splitter gives them: a mark inside a string, a quoted name or a routine's body is none.

use crate::source::Span;

/// What a file's comments say to its tool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Markers {
    /// `-- +goose …`.
    pub goose: bool,
    /// `-- +migrate …` (sql-migrate).
    pub sql_migrate: bool,
    /// `-- migrate:up` (dbmate).
    pub dbmate: bool,
    /// `-- Up Migration` (node-pg-migrate).
    pub node_pg_migrate: bool,
    /// `-- 1 up` (Mojo): the version that the last such mark names.
    pub mojo: Option<u64>,
    /// `--liquibase formatted sql`.
    pub liquibase: bool,
    /// `-- atlas:…`.
    pub atlas: bool,
    /// `-- atlas:txtar`: the file is an archive of sections.
    pub sections: bool,
    /// `--> statement-breakpoint` (Drizzle).
    pub drizzle: bool,
    /// The head of a pg_dump.
    pub pg_dump: bool,
    /// A mark for the way up was seen.
    pub up: bool,
    /// A mark for the way down was seen.
    pub down: bool,
    /// The file asks not to be wrapped in a transaction.
    pub no_transaction: bool,
    /// The file restates the whole schema (`-- atlas:checkpoint`).
    pub checkpoint: bool,
    /// The file is not part of the history (`-- atlas:sum ignore`).
    pub ignored: bool,
}

/// What one line of a comment means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark<'a> {
    /// The way up follows.
    Up,
    /// The way down follows.
    Down,
    /// What follows is neither (Atlas's `checks.sql`).
    Aside,
    /// A changeset of Liquibase begins.
    Changeset(Changeset),
    /// SQL that takes the changeset back (Liquibase).
    Rollback(&'a str),
    /// What is asked before the changeset runs follows; whether a changeset that fails it is passed over, or else the run stops (Liquibase).
    Conditions(bool),
    /// One question that is asked before the changeset runs: `sql-check expectedResult:0 SELECT …` (Liquibase).
    Condition(&'a str),
    /// From here on variables of the environment stand in the SQL, or no longer (goose).
    Substitute(bool),
    /// Lines follow that the tool passes over (Liquibase).
    Ignore(Ignored),
    /// Nothing.
    None,
}

/// What `--ignoreLines:` says. Source: Liquibase documentation, "ignoreLines".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ignored {
    /// So many lines.
    Lines(u32),
    /// All lines up to [`Ignored::End`].
    Start,
    /// None any more.
    End,
}

/// A changeset of a formatted SQL changelog. Source: Liquibase documentation, "SQL changelog example".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changeset {
    /// `author:id`.
    pub id: String,
    /// Where its line stands.
    pub span: Span,
    /// It names databases, and PostgreSQL is not among them, or it says `ignore:true`.
    pub never_runs: bool,
    /// `runInTransaction:false`.
    pub no_transaction: bool,
}

/// Reads one line of a comment. `at_margin` says that the line starts in the first column, which goose and dbmate demand.
pub fn mark<'a>(line: &'a str, at_margin: bool, markers: &mut Markers) -> Mark<'a> {
    let Some(comment) = line.trim_start().strip_prefix("--") else { return Mark::None };
    markers.drizzle |= comment.starts_with("> statement-breakpoint");
    let words = comment.trim_start();
    let has = |prefix: &str| words.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if has("+goose") && at_margin {
        markers.goose = true;
        return match rest(words, "+goose").to_ascii_lowercase().as_str() {
            "up" => side(markers, true),
            "down" => side(markers, false),
            "no transaction" => {
                markers.no_transaction = true;
                Mark::None
            }
            "envsub on" => Mark::Substitute(true),
            "envsub off" => Mark::Substitute(false),
            _ => Mark::None,
        };
    }
    if has("+migrate") {
        markers.sql_migrate = true;
        let order = rest(words, "+migrate").to_ascii_lowercase();
        markers.no_transaction |= order.contains("notransaction");
        return match order.split_whitespace().next() {
            Some("up") => side(markers, true),
            Some("down") => side(markers, false),
            _ => Mark::None,
        };
    }
    // Dbmate is strict about case.
    if at_margin && (words.starts_with("migrate:up") || words.starts_with("migrate:down")) {
        markers.dbmate = true;
        let up = words.starts_with("migrate:up");
        markers.no_transaction |= up && words.contains("transaction:false");
        return side(markers, up);
    }
    let bare = words.trim_start_matches(['-', ' ', '\t']).trim_end().to_ascii_lowercase();
    for (word, up) in [("up", true), ("down", false)] {
        // Whatever stands behind the two words: the tool's own pattern ends with them. "Migrations" is prose, though the tool takes it, too.
        let rest = bare.strip_prefix(word).filter(|rest| rest.starts_with(char::is_whitespace));
        let behind = rest.and_then(|rest| rest.trim_start().strip_prefix("migration"));
        if behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric)) {
            markers.node_pg_migrate = true;
            return side(markers, up);
        }
    }
    if let Some((version, up)) = of_version(words)
        && (up || markers.mojo.is_some())
    {
        if up {
            markers.mojo = Some(version);
            return Mark::Changeset(Changeset { id: version.to_string(), ..Changeset::default() });
        }
        // The ways back may stand together at the end: they are those of versions that are closed.
        markers.down = true;
        return if markers.mojo == Some(version) { Mark::Down } else { Mark::Aside };
    }
    if let Some(up) = by_other_tools(words) {
        return side(markers, up);
    }
    if has("liquibase") && rest(words, "liquibase").to_ascii_lowercase().starts_with("formatted") {
        markers.liquibase = true;
        return Mark::None;
    }
    if markers.liquibase {
        if has("changeset ") {
            return Mark::Changeset(changeset(rest(words, "changeset")));
        }
        if has("rollback ") {
            let sql = rest(words, "rollback");
            // The way back of another changeset, which is told where that one stands.
            let refers = sql.get(..12).is_some_and(|head| head.eq_ignore_ascii_case("changesetid:"));
            return if refers { Mark::None } else { Mark::Rollback(sql) };
        }
        if has("preconditions") {
            let words = rest(words, "preconditions").split_whitespace();
            let passes = ["onFail:MARK_RAN", "onFail:CONTINUE"];
            return Mark::Conditions(words.into_iter().any(|w| passes.iter().any(|p| w.eq_ignore_ascii_case(p))));
        }
        if has("precondition-") {
            return Mark::Condition(rest(words, "precondition-"));
        }
        if has("ignoreLines:") {
            return match rest(words, "ignoreLines:") {
                start if start.eq_ignore_ascii_case("start") => Mark::Ignore(Ignored::Start),
                end if end.eq_ignore_ascii_case("end") => Mark::Ignore(Ignored::End),
                lines => lines.parse().map_or(Mark::None, |lines| Mark::Ignore(Ignored::Lines(lines))),
            };
        }
    }
    if markers.sections
        && at_margin
        && let Some(section) = section(words)
    {
        return match section {
            "migration.sql" => side(markers, true),
            "down.sql" => side(markers, false),
            _ => Mark::Aside,
        };
    }
    if let Some(directive) = words.strip_prefix("atlas:") {
        markers.atlas = true;
        if directive.trim_end() == "txtar" {
            markers.sections = true;
            return Mark::Aside;
        }
        markers.checkpoint |= directive.starts_with("checkpoint");
        markers.ignored |= directive.trim_end() == "sum ignore";
        markers.no_transaction |= directive.split_whitespace().eq(["txmode", "none"]);
    }
    // sqlx looks at the first line of the file only; nobody writes it elsewhere.
    markers.no_transaction |= at_margin && words.trim_end() == "no-transaction";
    Mark::None
}

/// `1 up` and `1 down`: all versions of a schema stand in one file. Source: documentation of Mojo::Pg::Migrations.
fn of_version(words: &str) -> Option<(u64, bool)> {
    let mut words = words.split_whitespace();
    let (version, way) = (words.next()?.parse().ok()?, words.next()?);
    let up = way.eq_ignore_ascii_case("up");
    ((up || way.eq_ignore_ascii_case("down")) && words.next().is_none()).then_some((version, up))
}

/// Marks of tools whose files are numbered and have no other sign: whether the way up follows. Sources: README of tern; Play, "Evolutions"; MyBatis
/// Migrations, "The 'new' command", whose users write `--//@undo`, too.
fn by_other_tools(words: &str) -> Option<bool> {
    const DOWN: [&str; 5] = ["create above / drop below", "//@UNDO", "// @UNDO", "@UNDO", "!Downs"];
    let bare = words.trim_matches(['-', ' ', '\t', '\r']);
    if DOWN.iter().any(|mark| bare.eq_ignore_ascii_case(mark)) {
        return Some(false);
    }
    bare.eq_ignore_ascii_case("!Ups").then_some(true)
}

/// The name of a section of an archive: `migration.sql` of `-- migration.sql --`. Source: Atlas documentation, "Pre-migration checks"; the format is
/// that of Go's `txtar`.
fn section(words: &str) -> Option<&str> {
    let name = words.trim_end().strip_suffix(" --")?;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

fn rest<'a>(words: &'a str, prefix: &str) -> &'a str {
    words.get(prefix.len()..).unwrap_or_default().trim()
}

fn side<'a>(markers: &mut Markers, up: bool) -> Mark<'a> {
    if up {
        markers.up = true;
        Mark::Up
    } else {
        markers.down = true;
        Mark::Down
    }
}

/// `author:id attribute:value …`; either part may stand in double quotes.
fn changeset(text: &str) -> Changeset {
    let mut changeset = Changeset::default();
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    let mut words = words.into_iter().filter(|w| !w.is_empty());
    changeset.id = words.next().unwrap_or_default();
    for attribute in words {
        let Some((name, value)) = attribute.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("dbms") {
            let names: Vec<&str> = value.split(',').map(str::trim).collect();
            let listed = names.iter().any(|n| matches!(*n, "postgresql" | "all"));
            let refused = names.contains(&"!postgresql") || names.contains(&"none");
            changeset.never_runs |= refused || (!listed && names.iter().any(|n| !n.starts_with('!')));
        } else if name.eq_ignore_ascii_case("ignore") {
            changeset.never_runs |= value.eq_ignore_ascii_case("true");
        } else if name.eq_ignore_ascii_case("runInTransaction") {
            changeset.no_transaction = value.eq_ignore_ascii_case("false");
        }
    }
    changeset
}

/// The text that ends a statement besides the semicolon, where a comment sets one: Liquibase's `endDelimiter` for the changeset that begins, Atlas's
/// `atlas:delimiter` for the file. `Some("")` takes it back, as the next changeset does. `line` is the comment from its two dashes on. White space around the text says only that
/// it stands on a line of its own.
pub fn delimiter(line: &str) -> Option<String> {
    let words = line.strip_prefix("--")?.trim_start();
    let is_changeset = words.get(..10).is_some_and(|head| head.eq_ignore_ascii_case("changeset "));
    let written = if is_changeset {
        let at = words.to_ascii_lowercase().find("enddelimiter:");
        let value = at.and_then(|at| words.get(at + 13..)).unwrap_or_default();
        match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => value.split_whitespace().next().unwrap_or_default(),
        }
    } else {
        words.strip_prefix("atlas:delimiter")?.trim()
    };
    Some(usable(written))
}

/// A text that is given to end statements, as the splitter takes it; empty where it cannot.
pub fn usable(written: &str) -> String {
    let text = written.replace("\\r", " ").replace("\\n", " ").replace("\\t", " ").replace("\\s*", " ");
    let text = text.trim();
    // A semicolon ends statements anyway; what opens a quote or a comment cannot end one.
    let usable = !text.contains([';', '$', '\'', '"', '\\']) && !text.starts_with("--") && !text.starts_with("/*");
    if usable { text.to_owned() } else { String::new() }
}

/// How long a line may be that is looked at for [`cuts`].
pub const MAX_CUT_LINE: usize = 80;

/// Whether a comment ends the statement before it, semicolon or not: tools cut files at these lines before they look for statements. `line` is the
/// comment from its two dashes on.
pub fn cuts(line: &[u8], at_margin: bool) -> bool {
    let Some(comment) = line.strip_prefix(b"--") else { return false };
    if comment.starts_with(b"> statement-breakpoint") {
        return true;
    }
    let words = comment.trim_ascii_start();
    let starts = |prefix: &[u8]| words.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if at_margin {
        let own = comment.len() == words.len();
        // A section of Atlas's archives.
        let is_section = |name: &[u8]| name.ends_with(b".sql --") && name.iter().filter(|b| **b == b' ').count() == 1;
        if is_section(words.trim_ascii_end()) {
            return true;
        }
        if starts(b"+goose ") || words.starts_with(b"migrate:up") || words.starts_with(b"migrate:down") {
            return true;
        }
        if own && (starts(b"changeset ") || starts(b"rollback ") || starts(b"ignoreLines:")) {
            return true;
        }
        // Prose may begin with the word; a changeset goes on with `author:id`.
        if starts(b"changeset ") && words.get(10..).is_some_and(|id| id.contains(&b':')) {
            return true;
        }
    }
    if starts(b"+migrate ") {
        return true;
    }
    if std::str::from_utf8(words).is_ok_and(|words| by_other_tools(words).is_some()) {
        return true;
    }
    let start = words.iter().take_while(|b| matches!(b, b'-' | b' ' | b'\t')).count();
    let bare = words.get(start..).unwrap_or_default();
    [&b"up"[..], b"down"].iter().any(|word| {
        bare.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
            && bare
                .get(word.len()..)
                .unwrap_or_default()
                .trim_ascii()
                .get(..9)
                .is_some_and(|m| m.eq_ignore_ascii_case(b"migration"))
            && bare.get(word.len()).is_some_and(u8::is_ascii_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_switch_sides() {
        let mut seen = Markers::default();
        let sides: Vec<_> = [
            "-- +goose Up",
            "--+goose down",
            "-- migrate:up transaction:false",
            "-- MIGRATE:UP",
            "--- Down Migration",
            "-- note: up",
            "-- Up migrations are fine",
            "-- liquibase formatted sql",
        ]
        .into_iter()
        .map(|l| mark(l, true, &mut seen))
        .collect();
        use Mark::{Down, None, Up};
        assert_eq!(sides, [Up, Down, Up, None, Down, None, None, None]);
        assert!(seen.goose && seen.dbmate && seen.node_pg_migrate && seen.liquibase && seen.no_transaction);
    }

    /// goose: "annotations must start in the first column"; dbmate: `^--\s*migrate:up`.
    #[test]
    fn some_tools_want_their_mark_at_the_margin() {
        let mut seen = Markers::default();
        for line in ["  -- +goose Down", "  -- migrate:down"] {
            assert_eq!(mark(line, false, &mut seen), Mark::None);
        }
        assert_eq!(mark("  -- Down Migration", false, &mut seen), Mark::Down);
    }

    #[test]
    fn changesets_have_ids_and_attributes() {
        let mut seen = Markers { liquibase: true, ..Markers::default() };
        let mut read = |line| match mark(line, true, &mut seen) {
            Mark::Changeset(c) => (c.id, c.never_runs, c.no_transaction),
            other => panic!("{other:?}"),
        };
        assert_eq!(read("--changeset ann:1"), ("ann:1".into(), false, false));
        assert_eq!(read("-- changeset \"ann b\":\"x y\" dbms:mysql,oracle"), ("ann b:x y".into(), true, false));
        assert_eq!(
            read("--changeset ann:3 dbms:\"h2, postgresql\" runInTransaction:false"),
            ("ann:3".into(), false, true)
        );
        assert_eq!(read("--changeset ann:4 dbms:!mysql"), ("ann:4".into(), false, false));
        assert_eq!(read("--changeset ann:5 ignore:true dbms:postgresql"), ("ann:5".into(), true, false));
    }

    /// Examples of the manuals: Liquibase "endDelimiter", Atlas "Custom delimiters".
    #[test]
    fn comments_set_what_ends_a_statement() {
        for (line, expected) in [
            ("--changeset ann:1 endDelimiter:/ runOnChange:true", Some("/")),
            ("-- changeset ann:1 splitStatements:true endDelimiter:\\nGO", Some("GO")),
            ("--changeset ann:1 endDelimiter:\"//\"", Some("//")),
            ("--changeset ann:1 endDelimiter:;", Some("")),
            ("-- atlas:delimiter \\nGO", Some("GO")),
            ("--changeset ann:1", Some("")),
            ("-- the endDelimiter:/ of old", None),
        ] {
            assert_eq!(delimiter(line).as_deref(), expected, "{line}");
        }
    }

    /// Atlas: sections of an archive; what stands in front of them is none.
    #[test]
    fn archives_have_sections() {
        let mut seen = Markers::default();
        let mut read = |line| mark(line, true, &mut seen);
        assert_eq!(read("-- migration.sql --"), Mark::None, "no archive yet");
        assert_eq!(read("-- atlas:txtar"), Mark::Aside);
        assert_eq!(read("-- checks/first.sql --"), Mark::Aside);
        assert_eq!(read("-- migration.sql --"), Mark::Up);
        assert_eq!(read("-- a comment in prose --"), Mark::None);
        assert_eq!(read("-- down.sql --"), Mark::Down);
    }

    #[test]
    fn marks_cut_statements_without_semicolons() {
        for line in [
            "--> statement-breakpoint",
            "-- +goose Down",
            "-- migrate:down",
            "-- Down Migration",
            "--rollback x",
            "-- down.sql --",
        ] {
            assert!(cuts(line.as_bytes(), true), "{line}");
        }
        for line in ["-- downwards", "-- rollback is not possible", "--", "-- down, migration", "-- > statement"] {
            assert!(!cuts(line.as_bytes(), true), "{line}");
        }
    }
}
