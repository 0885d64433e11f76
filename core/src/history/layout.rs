//! Layouts: how each migration tool names, orders and splits its files, told by evidence in names and content.
//!
//! Each rule is the tool's own, as its source or manual states it. A drop without any tool's signs is ordered by numbers in its names, and one
//! without numbers by what its files define and use (see [`dependency`](super::dependency)).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::RunnerTransaction;
use super::order::natural_order;

/// The layouts that are told apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "each is the tool of its name; the last four are no tool's")]
pub enum Layout {
    Sqitch,
    Prisma,
    DrizzleJournal,
    DrizzleFolders,
    Atlas,
    Liquibase,
    Goose,
    SqlMigrate,
    Dbmate,
    Flyway,
    Refinery,
    Hasura,
    Diesel,
    GolangMigrate,
    Sqlx,
    Supabase,
    NodePgMigrate,
    /// Numbers in the names give the order.
    Numbered,
    /// Nothing gives an order: files follow what they define and use.
    Unordered,
    PgDump,
    /// One file.
    Sql,
}

impl Layout {
    /// The name in JSON and for the override.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqitch => "sqitch",
            Self::Prisma => "prisma",
            Self::DrizzleJournal | Self::DrizzleFolders => "drizzle",
            Self::Atlas => "atlas",
            Self::Liquibase => "liquibase",
            Self::Goose => "goose",
            Self::SqlMigrate => "sql-migrate",
            Self::Dbmate => "dbmate",
            Self::Flyway => "flyway",
            Self::Refinery => "refinery",
            Self::Hasura => "hasura",
            Self::Diesel => "diesel",
            Self::GolangMigrate => "golang-migrate",
            Self::Sqlx => "sqlx",
            Self::Supabase => "supabase",
            Self::NodePgMigrate => "node-pg-migrate",
            Self::Numbered => "numbered",
            Self::Unordered => "files",
            Self::PgDump => "pg_dump",
            Self::Sql => "sql",
        }
    }

    /// How the tool's runner wraps a file by default. Statements that opt out are the history rules' business.
    pub fn transaction(self) -> RunnerTransaction {
        match self {
            Self::Flyway
            | Self::Refinery
            | Self::Goose
            | Self::SqlMigrate
            | Self::Dbmate
            | Self::Diesel
            | Self::Sqlx
            | Self::Supabase
            | Self::NodePgMigrate
            | Self::Atlas
            | Self::DrizzleJournal
            | Self::DrizzleFolders
            | Self::Liquibase
            | Self::Hasura => RunnerTransaction::PerFile,
            Self::Sqitch
            | Self::Prisma
            | Self::GolangMigrate
            | Self::Numbered
            | Self::Unordered
            | Self::PgDump
            | Self::Sql => RunnerTransaction::PerStatement,
        }
    }
}

/// Marks of migration tools inside a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the tool whose mark was seen")]
pub struct Markers {
    pub goose: bool,
    pub sql_migrate: bool,
    pub dbmate: bool,
    pub node_pg_migrate: bool,
    pub liquibase: bool,
    pub pg_dump: bool,
}

/// What planning knows of an SQL file.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Its path, with `/`.
    pub name: &'a str,
    /// Marks seen inside it.
    pub markers: Markers,
}

/// A file that is no SQL but says how SQL files follow each other: a journal, a plan, a lock.
#[derive(Clone, Debug)]
pub struct ControlFile {
    /// Its path.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Whether a file of this name is kept as a [`ControlFile`].
pub fn is_control_file(name: &str) -> bool {
    let (_, base) = split_path(name);
    matches!(base, "_journal.json" | "sqitch.plan" | "migration_lock.toml" | "atlas.sum" | "LOADORDER")
}

/// One revision of the plan: which file takes it up, which takes it down. Numbers are places in the list of candidates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    /// What the tool calls it.
    pub id: String,
    /// The file that applies it (and, for tools with markers inside, takes it back).
    pub up: usize,
    /// The file that takes it back.
    pub down: Option<usize>,
}

/// The files of a drop in the order in which their tool would run them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The layout.
    pub layout: Layout,
    /// The revisions in order.
    pub revisions: Vec<Planned>,
    /// Files that the tool would not run, each with the reason.
    pub left_out: Vec<(usize, String)>,
}

/// Tells the layout of a drop and orders its files.
pub fn plan(files: &[Candidate<'_>], control: &[ControlFile]) -> Plan {
    let layout = detect(files, control);
    let mut left_out = Vec::new();
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        entries.push(Entry::new(index, file.name, layout));
    }
    match layout {
        Layout::Sqitch => return sqitch(&entries, control),
        Layout::DrizzleJournal => return drizzle(&entries, control),
        Layout::Supabase => entries.retain(|e| {
            let inside = e.dir.ends_with("supabase/migrations") && e.version.is_some();
            if !inside {
                left_out.push((
                    e.index,
                    "migrations are found by place and name (`supabase/migrations/<number>_<name>.sql`)".to_owned(),
                ));
            }
            inside
        }),
        Layout::GolangMigrate => entries.retain(|e| {
            let known = e.base.contains(".up.") || e.base.contains(".down.");
            if !known {
                left_out.push((e.index, "where some files end in `.up.sql`, those that end in neither `.up.sql` nor `.down.sql` are not run".to_owned()));
            }
            known
        }),
        Layout::Flyway => entries.retain(|e| {
            let known = flyway_name(e.base).is_some();
            if !known {
                left_out.push((
                    e.index,
                    "Flyway ignores files whose names do not follow `V<version>__<description>.sql`".to_owned(),
                ));
            }
            known
        }),
        _ => {}
    }
    choose_dialect(&mut entries, &mut left_out);
    if layout == Layout::Flyway {
        return flyway(&entries, left_out);
    }
    let (downs, mut ups): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.direction == Direction::Down);
    ups.sort_by(|a, b| a.compare(b, layout));
    let mut down_of: BTreeMap<(&str, &str), usize> = downs.iter().map(|d| ((d.dir, d.key), d.index)).collect();
    let revisions =
        ups.into_iter().map(|u| Planned { id: u.id(), up: u.index, down: down_of.remove(&(u.dir, u.key)) }).collect();
    left_out.extend(
        down_of.into_values().map(|index| (index, "they take back migrations that are not among the files".to_owned())),
    );
    left_out.sort();
    Plan { layout, revisions, left_out }
}

fn detect(files: &[Candidate<'_>], control: &[ControlFile]) -> Layout {
    let controls = |base: &str| control.iter().any(|c| split_path(&c.name).1 == base);
    let any = |test: &dyn Fn(&Candidate<'_>) -> bool| files.iter().any(test);
    let most = |test: &dyn Fn(&Candidate<'_>) -> bool| files.iter().filter(|f| test(f)).count() * 2 > files.len();
    let base = |f: &Candidate<'_>| split_path(f.name).1.to_owned();
    if let [only] = files {
        return if only.markers.pg_dump { Layout::PgDump } else { markers_layout(only.markers).unwrap_or(Layout::Sql) };
    }
    if controls("sqitch.plan") {
        return Layout::Sqitch;
    }
    if controls("migration_lock.toml") {
        return Layout::Prisma;
    }
    if controls("_journal.json") {
        return Layout::DrizzleJournal;
    }
    if most(&|f| base(f) == "migration.sql") {
        return Layout::Prisma;
    }
    if controls("atlas.sum") {
        return Layout::Atlas;
    }
    if let Some(layout) = files.iter().find_map(|f| markers_layout(f.markers))
        && most(&|f| markers_layout(f.markers).is_some())
    {
        return layout;
    }
    if most(&|f| flyway_name(&base(f)).is_some()) {
        let undo_pairs = any(&|f| {
            matches!(flyway_name(&base(f)), Some(FlywayName { kind: b'U', version, .. }) if any(&|v| {
                matches!(flyway_name(&base(v)), Some(FlywayName { kind: b'V', version: other, .. }) if other == version)
            }))
        });
        let undo = any(&|f| base(f).starts_with('U'));
        return if undo && !undo_pairs { Layout::Refinery } else { Layout::Flyway };
    }
    if any(&|f| base(f) == "up.sql") {
        let plain_numbers = files.iter().all(|f| {
            let (dir, _) = split_path(f.name);
            split_path(dir).1.bytes().all(|b| b.is_ascii_digit())
        });
        if plain_numbers {
            return Layout::Numbered;
        }
        let stamped = most(&|f| {
            let (dir, _) = split_path(f.name);
            leading_digits(split_path(dir).1).len() == 13
        });
        return if stamped { Layout::Hasura } else { Layout::Diesel };
    }
    if any(&|f| f.name.contains("supabase/migrations/")) {
        return Layout::Supabase;
    }
    let numbered = most(&|f| version_of(&base(f)).is_some());
    if any(&|f| f.name.ends_with(".up.sql")) && numbered {
        return Layout::GolangMigrate;
    }
    if numbered { Layout::Numbered } else { Layout::Unordered }
}

fn markers_layout(markers: Markers) -> Option<Layout> {
    [
        (markers.liquibase, Layout::Liquibase),
        (markers.goose, Layout::Goose),
        (markers.sql_migrate, Layout::SqlMigrate),
        (markers.dbmate, Layout::Dbmate),
        (markers.node_pg_migrate, Layout::NodePgMigrate),
    ]
    .into_iter()
    .find_map(|(seen, layout)| seen.then_some(layout))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    Up,
    Down,
}

/// A file's name taken apart.
struct Entry<'a> {
    index: usize,
    name: &'a str,
    dir: &'a str,
    base: &'a str,
    /// What an up file and its down file share: the stem, or the folder for `up.sql` and `down.sql`.
    key: &'a str,
    /// The word between dots that names a database: `postgres`, `mysql` …
    dialect: Option<&'a str>,
    version: Option<&'a str>,
    direction: Direction,
}

impl<'a> Entry<'a> {
    fn new(index: usize, name: &'a str, layout: Layout) -> Self {
        let (dir, base) = split_path(name);
        if matches!(base, "up.sql" | "down.sql" | "migration.sql") {
            let (parent, folder) = split_path(dir);
            let direction = if base == "down.sql" { Direction::Down } else { Direction::Up };
            return Self {
                index,
                name,
                dir: parent,
                base: folder,
                key: folder,
                dialect: None,
                version: version_of(folder),
                direction,
            };
        }
        let mut stem = base.strip_suffix(".sql").unwrap_or(base);
        let mut direction = Direction::Up;
        if let Some(rest) = stem.strip_suffix(".down") {
            (stem, direction) = (rest, Direction::Down);
        } else if let Some(rest) = stem.strip_suffix(".up") {
            stem = rest;
        } else if layout == Layout::Prisma {
            // Prisma runs nothing but `migration.sql`.
            direction = Direction::Down;
        }
        // Popx marks files that run outside a transaction.
        stem = stem.strip_suffix(".autocommit").unwrap_or(stem);
        let dialect = stem.rsplit_once('.').map(|(_, word)| word).filter(|word| is_dialect(word));
        if let Some(word) = dialect {
            stem = stem.get(..stem.len() - word.len() - 1).unwrap_or(stem);
        }
        Self { index, name, dir, base, key: stem, dialect, version: version_of(base), direction }
    }

    fn id(&self) -> String {
        match self.version {
            Some(version) => version.to_owned(),
            None => self.name.to_owned(),
        }
    }

    /// The order of the layout.
    fn compare(&self, other: &Self, layout: Layout) -> Ordering {
        let text = |e: &Self| -> String {
            let version = e.base.split('_').next().unwrap_or_default().replace('-', "");
            if layout == Layout::Diesel { version } else { e.base.to_owned() }
        };
        match layout {
            // These sort names as text.
            Layout::Dbmate
            | Layout::Supabase
            | Layout::Atlas
            | Layout::Prisma
            | Layout::DrizzleFolders
            | Layout::Diesel => text(self).cmp(&text(other)).then_with(|| self.name.cmp(other.name)),
            Layout::Liquibase => self.name.cmp(other.name),
            _ => match (self.version, other.version) {
                (Some(a), Some(b)) => compare_numbers(a, b)
                    .then_with(|| self.base.cmp(other.base))
                    .then_with(|| self.name.cmp(other.name)),
                // Files without a number come after those with one.
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => natural_order(self.name, other.name),
            },
        }
    }
}

/// Keeps, of the files that differ only in the database they are for, the one for PostgreSQL, else the one for all.
fn choose_dialect(entries: &mut Vec<Entry<'_>>, left_out: &mut Vec<(usize, String)>) {
    if entries.iter().all(|e| e.dialect.is_none()) {
        return;
    }
    let mut own: Vec<(String, Direction)> = Vec::new();
    for e in entries.iter().filter(|e| e.dialect.is_some_and(is_postgres)) {
        own.push((format!("{}/{}", e.dir, e.key), e.direction));
    }
    own.sort_by(|a, b| a.0.cmp(&b.0).then((a.1 as u8).cmp(&(b.1 as u8))));
    entries.retain(|e| {
        let keep = match e.dialect {
            Some(word) => is_postgres(word),
            None => own
                .binary_search_by(|(key, direction)| {
                    key.as_str().cmp(&format!("{}/{}", e.dir, e.key)).then((*direction as u8).cmp(&(e.direction as u8)))
                })
                .is_err(),
        };
        if !keep {
            let reason = match e.dialect {
                Some(word) => format!("their names say that they are for {word}"),
                None => "files of the same name for PostgreSQL stand beside them".to_owned(),
            };
            left_out.push((e.index, reason));
        }
        keep
    });
}

fn is_postgres(word: &str) -> bool {
    matches!(word, "postgres" | "postgresql" | "pg" | "pgsql" | "psql")
}

fn is_dialect(word: &str) -> bool {
    is_postgres(word)
        || matches!(
            word,
            "mysql"
                | "mariadb"
                | "sqlite"
                | "sqlite3"
                | "cockroach"
                | "cockroachdb"
                | "crdb"
                | "mssql"
                | "sqlserver"
                | "oracle"
                | "h2"
                | "clickhouse"
        )
}

/// `V1.2__add_users.sql` taken apart.
struct FlywayName<'a> {
    /// V, U, B or R.
    kind: u8,
    version: Vec<&'a str>,
    description: &'a str,
}

fn flyway_name(base: &str) -> Option<FlywayName<'_>> {
    let stem = base.get(..base.len().checked_sub(4)?).filter(|_| base.to_ascii_lowercase().ends_with(".sql"))?;
    let (head, description) = stem.split_once("__")?;
    let kind = *head.as_bytes().first()?;
    let version = head.get(1..)?;
    match kind {
        b'R' if version.is_empty() => Some(FlywayName { kind, version: Vec::new(), description }),
        b'V' | b'U' | b'B'
            if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_')) =>
        {
            Some(FlywayName { kind, version: version_parts(version), description })
        }
        _ => None,
    }
}

/// The parts of a Flyway version without leading zeros; parts of zero at the end say nothing (`1` = `1.0`).
fn version_parts(version: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = version.split(['.', '_']).map(|p| p.trim_start_matches('0')).collect();
    while parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    parts
}

fn compare_versions(a: &[&str], b: &[&str]) -> Ordering {
    let len = a.len().max(b.len());
    let part = |v: &[&str], i: usize| v.get(i).map_or(String::new(), |p| (*p).to_owned());
    (0..len).map(|i| compare_numbers(&part(a, i), &part(b, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// Versioned migrations by version, then repeatable ones by description; the newest baseline stands for every version up to its own.
fn flyway(entries: &[Entry<'_>], mut left_out: Vec<(usize, String)>) -> Plan {
    let mut named: Vec<(FlywayName<'_>, &Entry<'_>)> =
        entries.iter().filter_map(|e| Some((flyway_name(e.base)?, e))).collect();
    named.sort_by(|(a, x), (b, y)| {
        (a.kind == b'R')
            .cmp(&(b.kind == b'R'))
            .then_with(|| compare_versions(&a.version, &b.version))
            .then_with(|| if a.kind == b'R' { a.description.cmp(b.description) } else { Ordering::Equal })
            .then_with(|| x.name.cmp(y.name))
    });
    let baseline = named.iter().rev().find(|(n, _)| n.kind == b'B').map(|(n, _)| n.version.clone());
    let mut revisions: Vec<Planned> = Vec::new();
    for (name, entry) in named.iter().filter(|(n, _)| n.kind != b'U') {
        if let Some(base) = &baseline
            && name.kind != b'R'
        {
            let order = compare_versions(&name.version, base);
            if order == Ordering::Less || (order == Ordering::Equal && name.kind == b'V') {
                left_out.push((entry.index, "a later baseline stands for them".to_owned()));
                continue;
            }
        }
        let down = named
            .iter()
            .find(|(u, _)| u.kind == b'U' && name.kind == b'V' && u.version == name.version)
            .map(|(_, e)| e.index);
        let id = if name.kind == b'R' {
            format!("R__{}", name.description)
        } else {
            entry.base.split("__").next().unwrap_or_default().to_owned()
        };
        revisions.push(Planned { id, up: entry.index, down });
    }
    left_out.sort();
    Plan { layout: Layout::Flyway, revisions, left_out }
}

/// `sqitch.plan` gives the order; each change has its file in `deploy/` and `revert/`.
fn sqitch(entries: &[Entry<'_>], control: &[ControlFile]) -> Plan {
    let text = control.iter().find(|c| c.name.ends_with("sqitch.plan")).map_or("", |c| &c.text);
    let mut revisions = Vec::new();
    let mut used = Vec::new();
    let find = |folder: &str, change: &str| {
        let path = format!("{folder}/{change}.sql");
        entries.iter().find(|e| e.name == path || e.name.ends_with(&format!("/{path}"))).map(|e| e.index)
    };
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['%', '#', '@']) {
            continue;
        }
        let change = line.split_whitespace().next().unwrap_or_default();
        if let Some(up) = find("deploy", change) {
            let down = find("revert", change);
            used.push(up);
            used.extend(down);
            revisions.push(Planned { id: change.to_owned(), up, down });
        }
    }
    let left_out = entries
        .iter()
        .filter(|e| !used.contains(&e.index))
        .map(|e| {
            let reason = if e.name.contains("verify/") {
                "they check changes and make none"
            } else {
                "`sqitch.plan` does not name them"
            };
            (e.index, reason.to_owned())
        })
        .collect();
    Plan { layout: Layout::Sqitch, revisions, left_out }
}

/// `meta/_journal.json` gives the order by `idx`, each entry's `tag` the file.
fn drizzle(entries: &[Entry<'_>], control: &[ControlFile]) -> Plan {
    let text = control.iter().find(|c| c.name.ends_with("_journal.json")).map_or("", |c| &c.text);
    let journal: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let mut tags: Vec<(u64, String)> = Vec::new();
    for entry in journal.get("entries").and_then(|e| e.as_array()).into_iter().flatten() {
        let idx = entry.get("idx").and_then(serde_json::Value::as_u64).unwrap_or(u64::MAX);
        if let Some(tag) = entry.get("tag").and_then(|t| t.as_str()) {
            tags.push((idx, tag.to_owned()));
        }
    }
    tags.sort();
    let mut revisions = Vec::new();
    for (_, tag) in &tags {
        let file = format!("{tag}.sql");
        if let Some(e) = entries.iter().find(|e| e.base == file) {
            revisions.push(Planned { id: tag.clone(), up: e.index, down: None });
        }
    }
    let left_out = entries
        .iter()
        .filter(|e| !revisions.iter().any(|r| r.up == e.index))
        .map(|e| (e.index, "the journal does not name them".to_owned()))
        .collect();
    Plan { layout: Layout::DrizzleJournal, revisions, left_out }
}

/// The number that a file or folder name starts with: `0001_init.sql`, `V0001.Name.up.sql`, `20230404095503_init`.
fn version_of(base: &str) -> Option<&str> {
    let rest = base.strip_prefix(['V', 'v']).unwrap_or(base);
    let digits = leading_digits(rest);
    let next = rest.as_bytes().get(digits.len());
    (!digits.is_empty() && !next.is_some_and(|b| b.is_ascii_alphabetic())).then_some(digits)
}

fn leading_digits(text: &str) -> &str {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..len).unwrap_or_default()
}

/// Runs of digits as numbers of any size.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// `a/b/c` as (`a/b`, `c`).
fn split_path(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Which side of a migration a comment line switches to, and whose mark it is.
pub fn marker(line: &str, markers: &mut Markers) -> Option<bool> {
    let lower = line.trim_end().to_ascii_lowercase();
    let words = lower.strip_prefix("--")?.trim_start();
    let mut hit = |mark: &mut dyn FnMut(&mut Markers), up: bool| {
        mark(markers);
        Some(up)
    };
    match words {
        "+goose up" => hit(&mut |m| m.goose = true, true),
        "+goose down" => hit(&mut |m| m.goose = true, false),
        _ if words.starts_with("+migrate up") => hit(&mut |m| m.sql_migrate = true, true),
        _ if words.starts_with("+migrate down") => hit(&mut |m| m.sql_migrate = true, false),
        _ if words.starts_with("migrate:up") => hit(&mut |m| m.dbmate = true, true),
        _ if words.starts_with("migrate:down") => hit(&mut |m| m.dbmate = true, false),
        _ if words.trim_start_matches(['-', ' ']).starts_with("up migration") => {
            hit(&mut |m| m.node_pg_migrate = true, true)
        }
        _ if words.trim_start_matches(['-', ' ']).starts_with("down migration") => {
            hit(&mut |m| m.node_pg_migrate = true, false)
        }
        _ if words.starts_with("liquibase formatted") => {
            markers.liquibase = true;
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout and the order of some files, down files behind a slash.
    fn order(names: &[&str]) -> (Layout, Vec<String>) {
        order_with(names, Markers::default(), &[])
    }

    fn order_with(names: &[&str], markers: Markers, control: &[(&str, &str)]) -> (Layout, Vec<String>) {
        let files: Vec<_> = names.iter().map(|name| Candidate { name, markers }).collect();
        let control: Vec<_> =
            control.iter().map(|(n, t)| ControlFile { name: (*n).to_owned(), text: (*t).to_owned() }).collect();
        let plan = plan(&files, &control);
        let text = |r: &Planned| match r.down {
            Some(down) => format!("{} / {}", names[r.up], names[down]),
            None => names[r.up].to_owned(),
        };
        (plan.layout, plan.revisions.iter().map(text).collect())
    }

    #[test]
    fn numbers_or_text_as_each_tool_has_it() {
        assert_eq!(
            order(&["10_b.up.sql", "9_a.up.sql", "9_a.down.sql"]),
            (Layout::GolangMigrate, vec!["9_a.up.sql / 9_a.down.sql".into(), "10_b.up.sql".into()])
        );
        let dbmate = Markers { dbmate: true, ..Markers::default() };
        assert_eq!(order_with(&["9_a.sql", "10_b.sql"], dbmate, &[]).1, ["10_b.sql", "9_a.sql"]);
        let goose = Markers { goose: true, ..Markers::default() };
        assert_eq!(
            order_with(&["00010_b.sql", "9_a.sql"], goose, &[]),
            (Layout::Goose, vec!["9_a.sql".into(), "00010_b.sql".into()])
        );
        assert_eq!(
            order(&[
                "supabase/migrations/20250909_b.sql",
                "supabase/migrations/20250909205408_a.sql",
                "supabase/seed.sql"
            ])
            .1,
            ["supabase/migrations/20250909205408_a.sql", "supabase/migrations/20250909_b.sql"]
        );
    }

    #[test]
    fn folders_are_revisions() {
        assert_eq!(
            order(&[
                "m/20240102_b/migration.sql",
                "m/20240101_a/migration.sql",
                "m/20240101_a/down.sql",
                "m/20240103_c/migration.sql"
            ]),
            (
                Layout::Prisma,
                vec![
                    "m/20240101_a/migration.sql / m/20240101_a/down.sql".into(),
                    "m/20240102_b/migration.sql".into(),
                    "m/20240103_c/migration.sql".into()
                ]
            )
        );
        assert_eq!(
            order(&["10/up.sql", "2/up.sql", "2/down.sql"]),
            (Layout::Numbered, vec!["2/up.sql / 2/down.sql".into(), "10/up.sql".into()])
        );
        assert_eq!(
            order(&["2024-01-02-000000_b/up.sql", "00000000000000_diesel_initial_setup/up.sql"]).0,
            Layout::Diesel
        );
    }

    #[test]
    fn flyway_versions_repeatables_and_baselines() {
        assert_eq!(
            order(&["R__views.sql", "V10__c.sql", "V1_2__b.sql", "V1.1__a.sql", "U10__c.sql", "notes.sql"]),
            (
                Layout::Flyway,
                vec![
                    "V1.1__a.sql".into(),
                    "V1_2__b.sql".into(),
                    "V10__c.sql / U10__c.sql".into(),
                    "R__views.sql".into()
                ]
            )
        );
        assert_eq!(order(&["V1__a.sql", "V2__b.sql", "B2__base.sql", "V3__c.sql"]).1, ["B2__base.sql", "V3__c.sql"]);
    }

    #[test]
    fn the_file_for_postgres_wins() {
        assert_eq!(
            order(&[
                "1_a.up.sql",
                "1_a.mysql.up.sql",
                "1_a.postgres.up.sql",
                "2_b.up.sql",
                "2_b.sqlite.up.sql",
                "2_b.down.sql"
            ])
            .1,
            ["1_a.postgres.up.sql", "2_b.up.sql / 2_b.down.sql"]
        );
    }

    #[test]
    fn names_that_the_tool_does_not_know_are_left_out() {
        assert_eq!(
            order(&["1_a.up.sql", "2_b_up.sql", "2_b_down.sql", "3_c.up.sql", "4_d.up.sql"]).1,
            ["1_a.up.sql", "3_c.up.sql", "4_d.up.sql"]
        );
        assert_eq!(
            order(&["1_a.up.sql", "1_a.postgres.autocommit.up.sql", "1_a.postgres.autocommit.down.sql"]).1,
            ["1_a.postgres.autocommit.up.sql / 1_a.postgres.autocommit.down.sql"]
        );
    }

    #[test]
    fn plans_and_journals_give_the_order() {
        let plan = "%syntax-version=1.0.0\n%project=x\n\nb 2024-01-01T00:00:00Z Me <me@x> # first\na [b] 2024-01-02T00:00:00Z Me <me@x>\n@v1 2024\n";
        assert_eq!(
            order_with(
                &["deploy/a.sql", "deploy/b.sql", "revert/a.sql", "verify/a.sql"],
                Markers::default(),
                &[("sqitch.plan", plan)]
            ),
            (Layout::Sqitch, vec!["deploy/b.sql".into(), "deploy/a.sql / revert/a.sql".into()])
        );
        let journal = r#"{"entries":[{"idx":1,"tag":"0001_a"},{"idx":0,"tag":"0000_z"}]}"#;
        assert_eq!(
            order_with(
                &["drizzle/0001_a.sql", "drizzle/0000_z.sql"],
                Markers::default(),
                &[("drizzle/meta/_journal.json", journal)]
            )
            .1,
            ["drizzle/0000_z.sql", "drizzle/0001_a.sql"]
        );
    }

    #[test]
    fn marks_switch_sides() {
        let mut seen = Markers::default();
        let sides: Vec<_> = [
            "-- +goose Up",
            "--+goose down",
            "-- migrate:up transaction:false",
            "-- Down Migration",
            "-- note: up",
            "-- liquibase formatted sql",
        ]
        .into_iter()
        .map(|l| marker(l, &mut seen))
        .collect();
        assert_eq!(sides, [Some(true), Some(false), Some(true), Some(false), None, None]);
        assert!(seen.goose && seen.dbmate && seen.node_pg_migrate && seen.liquibase);
    }
}
