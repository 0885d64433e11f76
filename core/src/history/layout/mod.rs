//! Layouts: how each migration tool names, orders and splits its files, told by evidence in names and content.
//!
//! Each rule is the tool's own, as its source or manual states it. A drop without any tool's signs is ordered by numbers in its names, and one
//! without numbers by what its files define and use (see [`dependency`](super::dependency)).

mod deployments;
mod detect;
mod dialect;
mod entry;
mod extensions;
mod flyway;
mod framework;
mod groups;
mod marks;
mod plans;
#[cfg(test)]
mod tests;
mod ways;

pub(crate) use flyway::{Naming, is_callback};
pub(crate) use framework::parameters;
pub use marks::{Changeset, Ignored, MAX_CUT_LINE, Mark, Markers, cuts, delimiter, mark, usable};

use std::collections::{BTreeMap, BTreeSet};

use self::entry::{Direction, Entry, is_number_and_name, leading_digits, split_path};
use self::flyway::{Namings, UNPAIRED, is_refinery_name};
use super::RunnerTransaction;
use crate::order::Order;
use crate::source::dialect::Evidence;
use crate::toml::{self, Value};

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
    DeploymentHandler,
    Mojo,
    /// Scripts of an extension of PostgreSQL.
    Extension,
    /// Numbers in the names give the order.
    Numbered,
    /// Nothing gives an order: files follow what they define and use.
    Unordered,
    PgDump,
    /// One file.
    Sql,
}

impl Layout {
    /// Those that a person may choose. Mojo's, DeploymentHandler's and extensions' are not among them: what makes a file one of theirs (marks, folders,
    /// a control file) is what they are read by, so that without it there is nothing to choose, and with it nothing to doubt.
    pub const CHOICES: [Self; 18] = [
        Self::Atlas,
        Self::Dbmate,
        Self::Diesel,
        Self::DrizzleFolders,
        Self::Flyway,
        Self::GolangMigrate,
        Self::Goose,
        Self::Hasura,
        Self::Liquibase,
        Self::NodePgMigrate,
        Self::Numbered,
        Self::Prisma,
        Self::Refinery,
        Self::SqlMigrate,
        Self::Sqlx,
        Self::Sqitch,
        Self::Supabase,
        Self::Unordered,
    ];

    /// The layout of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::CHOICES.into_iter().find(|l| l.name() == name)
    }

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
            Self::DeploymentHandler => "dbix-deploymenthandler",
            Self::Extension => "extension",
            Self::Mojo => "mojo",
            Self::Numbered => "numbered",
            Self::Unordered => "files",
            Self::PgDump => "pg_dump",
            Self::Sql => "sql",
        }
    }

    /// How the tool's runner wraps a file by default.
    pub fn transaction(self) -> RunnerTransaction {
        match self {
            // Each migration, or changeset, in a transaction of its own. Supabase sends a pipeline, which is one as well.
            Self::Flyway
            | Self::Refinery
            | Self::Goose
            | Self::SqlMigrate
            | Self::Dbmate
            | Self::Diesel
            | Self::Sqlx
            | Self::Supabase
            | Self::Atlas
            | Self::Liquibase
            | Self::DeploymentHandler
            | Self::Hasura => RunnerTransaction::PerFile,
            // All that is pending in one transaction.
            Self::DrizzleJournal | Self::DrizzleFolders | Self::NodePgMigrate | Self::Extension | Self::Mojo => {
                RunnerTransaction::PerRun
            }
            // The file as one message of the simple protocol.
            Self::Prisma | Self::GolangMigrate => RunnerTransaction::PerMessage,
            // psql, or a runner that is not known.
            Self::Sqitch | Self::Numbered | Self::Unordered | Self::PgDump | Self::Sql => {
                RunnerTransaction::PerStatement
            }
        }
    }

    /// Whether the tool runs every file in a transaction, whatever the file says.
    pub(crate) fn wraps_all(self) -> bool {
        matches!(
            self,
            Self::Supabase
                | Self::DrizzleJournal
                | Self::DrizzleFolders
                | Self::NodePgMigrate
                | Self::Refinery
                | Self::Hasura
        )
    }

    /// Whether the tool sorts names as text, so that `10_` comes before `9_`.
    fn sorts_as_text(self) -> bool {
        matches!(self, Self::Dbmate | Self::Supabase | Self::Atlas | Self::Prisma | Self::DrizzleFolders | Self::Diesel)
    }

    /// Whether a history of migrations has this layout, not one state of a schema.
    pub fn is_history(self) -> bool {
        !matches!(self, Self::Unordered | Self::PgDump | Self::Sql)
    }
}

/// What planning knows of an SQL file.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Its path, with `/`.
    pub name: &'a str,
    /// Marks seen inside it.
    pub markers: &'a Markers,
    /// The tables that it creates, with the schema that is first in the search path there.
    pub tables: &'a BTreeSet<String>,
    /// What its statements say of whose SQL they are.
    pub evidence: &'a Evidence,
}

/// A file that is no SQL but says how SQL files follow each other: a journal, a plan, a lock.
#[derive(Clone, Debug)]
pub struct ControlFile {
    /// Its path.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Whether a file has the marks of a migration tool.
pub(crate) fn is_of_tool(markers: &Markers) -> bool {
    detect::by_markers(markers).is_some()
}

/// Whether a file of this name is kept as a [`ControlFile`].
pub fn is_control_file(name: &str) -> bool {
    let (_, base) = split_path(name);
    matches!(base, "_journal.json" | "migration_lock.toml" | "atlas.sum" | "LOADORDER" | "metadata.toml")
        || base.ends_with(".plan")
        || base.ends_with(".properties")
        || base.ends_with(".sql.conf")
        || base.ends_with(".control")
        || flyway::is_settings(name)
        || framework::is_application(name)
        || is_supabase_config(name)
        || is_sign(name)
}

/// Whether such a file says all it has to say by being there.
pub fn is_sign(name: &str) -> bool {
    split_path(name).1 == "snapshot.json"
}

/// The settings of a project of Supabase.
fn is_supabase_config(name: &str) -> bool {
    name == "supabase/config.toml" || name.ends_with("/supabase/config.toml")
}

/// The version of the server that the project itself states for migrations in this folder: `db.major_version` of Supabase. Source: Supabase
/// documentation, "Config reference".
pub(crate) fn stated_version(layout: Layout, root: &str, control: &[ControlFile]) -> Option<u16> {
    let project = Some(root).filter(|_| layout == Layout::Supabase).map(|root| split_path(root).0)?;
    let config = control.iter().find(|c| is_supabase_config(&c.name) && split_path(&c.name).0 == project)?;
    let Some(Value::Table(db)) = toml::read(&config.text).0.get("db").cloned() else { return None };
    match db.get("major_version") {
        Some(Value::Integer(version)) => u16::try_from(*version).ok().filter(|v| (9..100).contains(v)),
        _ => None,
    }
}

/// One revision of the plan: which file takes it up, which takes it down. Numbers are places in the list of candidates.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Planned {
    /// What the tool calls it.
    pub id: String,
    /// The file that applies it (and, for tools with markers inside, takes it back).
    pub up: usize,
    /// The file that takes it back.
    pub down: Option<usize>,
    /// Its name or a file beside it asks not to be wrapped in a transaction.
    pub no_transaction: bool,
    /// Files whose statements run before its own, in its transaction (Flyway's `beforeEachMigrate`).
    pub before: Vec<usize>,
    /// Files whose statements run after its own.
    pub after: Vec<usize>,
}

/// The files of one target in the order in which their tool would run them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The layout.
    pub layout: Layout,
    /// Other tools leave the same signs.
    pub guessed: bool,
    /// What it was told by, in words.
    pub evidence: &'static str,
    /// How Flyway's files are named here.
    pub(crate) naming: Naming,
    /// The folder that holds all of its files; empty for the top.
    pub root: String,
    /// The revisions in order.
    pub revisions: Vec<Planned>,
    /// Files that the tool would not run, each with the reason.
    pub left_out: Vec<(usize, String)>,
    /// What is wrong with the plan or journal itself, in sentences.
    pub notes: Vec<String>,
    /// It rests on what other projects make, and says so.
    pub partial: bool,
    /// The schema in which its tool makes what is written without one, and which it makes first.
    pub home: Option<String>,
    /// The database that all of its files are for, where that is not PostgreSQL.
    pub database: Option<&'static str>,
}

/// All plans of a drop, and what is in none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plans {
    /// One for each target, in the order of names.
    pub plans: Vec<Plan>,
    /// Files of no target, each with the reason.
    pub unused: Vec<(usize, String)>,
    /// Files for other databases, each with the database.
    pub foreign: Vec<(usize, &'static str)>,
    /// There was nothing else, so the files for other databases have plans, too.
    pub nothing_else: bool,
}

/// What a person decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// The layout of every history.
    pub layout: Option<Layout>,
    /// Contents do not decide for which database a file is: all that is read is PostgreSQL's.
    pub keep_dialect: bool,
}

/// The files that are for another database than PostgreSQL, each with its name; `None` for the rest.
pub fn databases(files: &[Candidate<'_>], choice: Choice) -> Vec<Option<&'static str>> {
    dialect::foreign(files, !choice.keep_dialect)
}

const COPY: &str = "their names are those of copies that an editor or a merge leaves";

/// Splits a drop into targets, tells the layout of each and orders its files.
pub fn plan(files: &[Candidate<'_>], control: &[ControlFile], choice: Choice) -> Plans {
    plan_knowing(files, control, choice, &databases(files, choice))
}

/// The same where somebody has asked already for which [`databases`] the files are.
pub(crate) fn plan_knowing(
    files: &[Candidate<'_>],
    control: &[ControlFile],
    choice: Choice,
    databases: &[Option<&'static str>],
) -> Plans {
    let mut plans = Plans::default();
    let mut usable = Vec::with_capacity(files.len());
    for (index, database) in databases.iter().copied().enumerate() {
        match database {
            Some(database) => plans.foreign.push((index, database)),
            None => usable.push(index),
        }
    }
    let (copies, rest): (Vec<usize>, Vec<usize>) =
        usable.iter().partition(|i| files.get(**i).is_some_and(|f| entry::is_copy(f.name)));
    if !rest.is_empty() {
        usable = rest;
        plans.unused.extend(copies.into_iter().map(|index| (index, COPY.to_owned())));
    }
    let namings = Namings::of(files, control);
    if usable.is_empty() && !files.is_empty() {
        // There is nothing else: it is read as far as it can be, each database's by itself.
        plans.nothing_else = true;
        let databases: BTreeSet<&'static str> = plans.foreign.iter().map(|(_, database)| *database).collect();
        for database in databases {
            let own: Vec<usize> =
                plans.foreign.iter().filter(|(_, d)| *d == database).map(|(index, _)| *index).collect();
            plan_usable(files, control, choice, &namings, &own, Some(database), &mut plans);
        }
    } else {
        plan_usable(files, control, choice, &namings, &usable, None, &mut plans);
    }
    plans
}

fn plan_usable(
    files: &[Candidate<'_>],
    control: &[ControlFile],
    choice: Choice,
    namings: &Namings<'_>,
    usable: &[usize],
    database: Option<&'static str>,
    plans: &mut Plans,
) {
    let (groups, unused) = groups::split(files, control, namings, choice.layout, usable);
    plans.unused.extend(unused);
    for mut group in groups {
        if let Some(layout) = choice.layout
            && (group.verdict.layout.is_history() || group.files.len() > 1)
        {
            group.verdict = detect::Verdict::sure(layout, "as asked for");
            if layout == Layout::DrizzleFolders && group.control.is_some() {
                group.verdict.layout = Layout::DrizzleJournal;
            }
        }
        let plan = plan_group(files, control, group.naming(files, namings), &group);
        plans.plans.push(Plan { database, ..plan });
    }
    // Of what no tool would run no target is made, if there is anything else.
    if plans.plans.iter().any(|plan| !plan.revisions.is_empty()) {
        for plan in plans.plans.extract_if(.., |plan| plan.revisions.is_empty() && plan.notes.is_empty()) {
            plans.unused.extend(plan.left_out);
        }
    }
}

fn plan_group(files: &[Candidate<'_>], control: &[ControlFile], naming: &Naming, group: &groups::Group) -> Plan {
    let layout = group.verdict.layout;
    let mut left_out: Vec<(usize, String)> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let candidates = group.files.iter().filter_map(|i| Some((*i, files.get(*i)?)));
    let mut entries: Vec<Entry<'_>> = candidates.map(|(i, f)| Entry::new(i, f.name, layout)).collect();
    if layout == Layout::Numbered {
        ways::pair(&mut entries);
        number_behind_word(&mut entries);
    }
    let root = common_folder(&entries);
    let file = group.control.and_then(|at| control.get(at));
    let revisions = match (layout, file) {
        (Layout::Sqitch, Some(plan)) => plans::sqitch(&entries, plan, &mut left_out, &mut notes),
        (Layout::DrizzleJournal, Some(journal)) => plans::drizzle(&entries, journal, &mut left_out, &mut notes),
        _ => {
            let fitting = entries.iter().filter(|e| is_number_and_name(e.base)).count();
            let strict = fitting * 2 > entries.len();
            // A single file is read whatever it is called: there is nothing whose order a name could tell.
            let alone = files.len() == 1;
            let init = if layout == Layout::Supabase { old_supabase_init(&entries) } else { None };
            let reason = |e: &Entry<'_>| {
                let stepped_over = init == Some(e.name);
                let old = stepped_over.then_some("Supabase steps over a first `_init.sql` older than 2021-12-09");
                old.or_else(|| refused(e, layout, naming, strict)).filter(|_| !alone)
            };
            entries.retain(|e| match reason(e) {
                None => true,
                Some(reason) => {
                    left_out.push((e.index, reason.to_owned()));
                    false
                }
            });
            dialect::choose(&mut entries, &mut left_out);
            match layout {
                Layout::Flyway => flyway::plan(&entries, naming, &mut left_out),
                // Atlas reads folders of other tools, too. It passes Flyway's undo files over.
                Layout::Atlas if entries.iter().filter(|e| naming.is_sign(e.base)).count() * 2 > entries.len() => {
                    flyway::plan(&entries, naming, &mut left_out)
                }
                Layout::Extension => extensions::plan(&entries, control, &mut left_out),
                Layout::DeploymentHandler => deployments::plan(entries, &mut left_out),
                Layout::Atlas => in_order(from_checkpoint(entries, files, &mut left_out), layout, &mut left_out),
                _ => in_order(entries, layout, &mut left_out),
            }
        }
    };
    let mut revisions = revisions;
    opt_out(&mut revisions, files, control);
    left_out.order();
    let detect::Verdict { guessed, evidence, .. } = group.verdict;
    // CREATE EXTENSION makes the schema that the control file names, and wants the extensions that it names to be there.
    let says = |key| group.files.first().and_then(|i| extensions::setting(files.get(*i)?.name, control, key));
    let says = |key| says(key).filter(|_| layout == Layout::Extension);
    let home = says("schema").filter(|name| !name.starts_with("pg_")).map(str::to_owned);
    let partial = layout == Layout::Sqitch && file.is_some_and(plans::rests_on_projects)
        || says("requires").is_some_and(|names| names.split(',').any(|name| name.trim() != "plpgsql"));
    Plan {
        layout,
        guessed,
        evidence,
        naming: naming.clone(),
        root,
        revisions,
        left_out,
        notes,
        partial,
        home,
        database: None,
    }
}

/// Where no number stands in front of the names, the one behind the word that they share is the version.
fn number_behind_word(entries: &mut [Entry<'_>]) {
    if entries.iter().filter(|e| e.version.is_some()).count() * 2 > entries.len() {
        return;
    }
    if let Some(word) = entry::shared_word(&entries.iter().map(|e| e.base).collect::<Vec<_>>()) {
        for entry in entries {
            entry.version = entry.version.or_else(|| entry::version_behind(entry.base, word));
        }
    }
}

/// Why the tool would not look at a file of this name. `strict` says that most names are as the tool wants them: otherwise the layout was guessed from
/// names that only look alike.
fn refused(entry: &Entry<'_>, layout: Layout, naming: &Naming, strict: bool) -> Option<&'static str> {
    let own = split_path(entry.name).1;
    match layout {
        Layout::Supabase if !is_number_and_name(own) || !entry.dir.ends_with("supabase/migrations") => {
            Some("migrations are found by place and name (`supabase/migrations/<number>_<name>.sql`)")
        }
        Layout::GolangMigrate if !own.contains(".up.") && !own.contains(".down.") => {
            Some("where some files end in `.up.sql`, those that end in neither `.up.sql` nor `.down.sql` are not run")
        }
        Layout::GolangMigrate if strict && !is_number_and_name(own) => {
            Some("golang-migrate takes names that follow `<number>_<name>.up.sql`")
        }
        Layout::Flyway if naming.read(own).is_none() && !naming.is_callback(own) => Some(match naming.configured {
            false => "Flyway ignores files whose names do not follow `V<version>__<description>.sql`",
            true => "Flyway ignores files whose names do not follow its settings (`flyway.conf`, `flyway.toml`)",
        }),
        Layout::Refinery if !is_refinery_name(own) => {
            Some("Refinery takes names that follow `V<number>__<name>.sql` or `U<number>__<name>.sql`")
        }
        Layout::Prisma | Layout::DrizzleFolders if !matches!(own, "migration.sql" | "down.sql") => {
            Some("only `migration.sql` of each folder is run")
        }
        Layout::Diesel | Layout::Hasura if entry.dir.is_empty() && entry.base.is_empty() => None,
        Layout::Diesel if !matches!(own, "up.sql" | "down.sql") => Some("only `up.sql` of each folder is run"),
        Layout::Diesel if entry.base.starts_with('.') => Some("Diesel steps over folders whose names begin with a dot"),
        Layout::Goose if !is_number_and_name(own) || leading_digits(own).bytes().all(|b| b == b'0') => {
            Some("goose takes names that start with a number from 1 on and `_`")
        }
        Layout::Sqlx if !is_number_and_name(own) => Some("sqlx takes names that follow `<number>_<name>.sql`"),
        Layout::Dbmate if leading_digits(own).is_empty() => Some("dbmate takes names that start with a digit"),
        Layout::NodePgMigrate if own.starts_with('.') => {
            Some("node-pg-migrate steps over files whose names begin with a dot")
        }
        _ => None,
    }
}

/// The first file of the folder where `supabase init` of old wrote it; the tool steps over it, and over no other. Source: supabase/cli,
/// `ListLocalMigrations`.
fn old_supabase_init<'a>(entries: &[Entry<'a>]) -> Option<&'a str> {
    let first = entries.iter().filter(|e| e.dir.ends_with("supabase/migrations")).min_by_key(|e| e.base)?;
    let stamp = first.base.strip_suffix("_init.sql")?;
    let is_old = stamp.len() == 14 && stamp.bytes().all(|b| b.is_ascii_digit()) && stamp < "20211209000000";
    is_old.then_some(first.name)
}

/// Orders the way up by the layout's rule and gives each revision its way back.
fn in_order(entries: Vec<Entry<'_>>, layout: Layout, left_out: &mut Vec<(usize, String)>) -> Vec<Planned> {
    let (downs, mut ups): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.direction == Direction::Down);
    ups.order_by(|a, b| a.compare(b, layout));
    // In folders that are numbered themselves each has its own first.
    let several = layout == Layout::Numbered && ups.iter().zip(ups.iter().skip(1)).any(|(a, b)| a.dir != b.dir);
    let id = |entry: &Entry<'_>| match entry.version {
        Some(version) if several => format!("{}/{version}", split_path(entry.dir).1),
        _ => entry.id(layout),
    };
    let by_bun = ups.iter().any(|u| u.in_transaction);
    let mut down_of: BTreeMap<(&str, &str), usize> = downs.iter().map(|d| ((d.dir, d.key), d.index)).collect();
    let revisions = ups
        .iter()
        .map(|u| Planned {
            id: id(u),
            up: u.index,
            down: down_of.remove(&(u.dir, u.key)),
            no_transaction: u.autocommit || (by_bun && !u.in_transaction),
            ..Planned::default()
        })
        .collect();
    left_out.extend(down_of.into_values().map(|index| (index, UNPAIRED.to_owned())));
    revisions
}

/// On a new database Atlas starts at the newest checkpoint, which restates what was before it. Source: Atlas documentation, "Checkpoints".
fn from_checkpoint<'a>(
    mut entries: Vec<Entry<'a>>,
    files: &[Candidate<'_>],
    left_out: &mut Vec<(usize, String)>,
) -> Vec<Entry<'a>> {
    let marked = |e: &Entry<'_>, test: fn(&Markers) -> bool| files.get(e.index).is_some_and(|f| test(f.markers));
    let checkpoint = entries.iter().filter(|e| marked(e, |m| m.checkpoint)).map(|e| e.base).max();
    entries.retain(|e| {
        let reason = if marked(e, |m| m.ignored) {
            "they say `atlas:sum ignore`"
        } else if checkpoint.is_some_and(|c| e.base < c) {
            "a later checkpoint stands for them"
        } else {
            return true;
        };
        left_out.push((e.index, reason.to_owned()));
        false
    });
    entries
}

/// Files beside migrations that take them out of their transaction: Diesel's `metadata.toml`, Flyway's `V1__x.sql.conf`.
fn opt_out(revisions: &mut [Planned], files: &[Candidate<'_>], control: &[ControlFile]) {
    let opts_out = |line: &str| {
        line.split_once('=').is_some_and(|(key, value)| (key.trim(), value.trim()) == ("executeInTransaction", "false"))
    };
    let mut folders: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for file in control {
        let (dir, base) = split_path(&file.name);
        if base == "metadata.toml" && toml::read(&file.text).0.get("run_in_transaction") == Some(&Value::Boolean(false))
        {
            folders.push(dir);
        } else if base.ends_with(".sql.conf") && file.text.lines().any(opts_out) {
            names.extend(file.name.strip_suffix(".conf"));
        }
    }
    if folders.is_empty() && names.is_empty() {
        return;
    }
    for revision in revisions {
        let name = files.get(revision.up).map_or("", |f| f.name);
        let asks = names.contains(&name) || (name.ends_with("/up.sql") && folders.contains(&split_path(name).0));
        revision.no_transaction |= asks;
    }
}

/// The deepest folder that holds all files.
fn common_folder(entries: &[Entry<'_>]) -> String {
    let Some(first) = entries.first() else { return String::new() };
    let mut shared: Vec<&str> = first.dir.split('/').collect();
    for (entry, before) in entries.iter().skip(1).zip(entries) {
        if entry.dir != before.dir {
            let same = shared.iter().zip(entry.dir.split('/')).take_while(|(a, b)| **a == *b).count();
            shared.truncate(same);
        }
    }
    shared.join("/")
}
