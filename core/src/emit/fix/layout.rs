//! How each tool wants the files of a migration. Sources: the tools' manuals, as `core/src/history/layout/` reads their files.

use std::collections::BTreeSet;

use super::assemble::first_apart;
use super::retry;
use super::reverse::Reverse;
use super::version::next;
use super::{EmittedFile, Repair, Selection, Statement, file, one_line};
use crate::analysis::{Analysis, Role, TargetAnalysis};
use crate::emit::alembic::{self, Line};
use crate::finding::Severity;
use crate::history::layout::{self, Layout, Markers, Naming};
use crate::name::Name;
use crate::operation::{AlterTableAction, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};

/// What a tool does with statements that run outside of a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// A file can ask for no transaction; its statements run one by one.
    InOneFile,
    /// A file can ask for none, or has none; but its statements go as one message, so that each needs a file of its own.
    FileEach,
    /// Everything runs in a transaction.
    Never,
    /// One file for all; the script itself begins and ends its transaction.
    SameFile,
}

/// A migration before it is written as the tool has it.
struct Migration {
    version: String,
    slug: String,
    /// Whether it runs outside of a transaction.
    alone: bool,
    /// Comments and statements.
    up: Vec<Line>,
    down: Vec<Line>,
}

/// What the project's last migration shows of names.
struct Place<'a> {
    folder: String,
    /// How Flyway's files are named.
    naming: &'a Naming,
    version: String,
    /// What stands between version and words: `_`, `__`, `-`.
    gap: String,
    /// Whether the last one has a file of its own for the way back.
    pairs: bool,
}

/// The files of a migration with these repairs.
pub(super) fn files(
    analysis: &Analysis,
    target: &TargetAnalysis,
    selection: &Selection,
    repairs: &[Repair<'_>],
    notes: &mut Vec<Problem>,
) -> Vec<EmittedFile> {
    let slug = slug(selection.name.as_deref().unwrap_or("relata_fixes"));
    if selection.plain {
        return vec![plain(target, &slug, repairs)];
    }
    if target.target.layout == "alembic" && target.target.role == Role::History {
        return alembic(analysis, target, selection, repairs, &slug);
    }
    let layout = match target.target.role {
        Role::History => layout_of(&target.target.layout, analysis, target),
        _ => None,
    };
    let Some(layout) = layout else {
        return vec![plain(target, &slug, repairs)];
    };
    // Atlas keeps folders of other tools, whose files they stay.
    let owner = layout;
    let layout = if layout == Layout::Atlas { format_of(analysis, target) } else { layout };
    let alone = match layout {
        _ if layout.wraps_all() => Alone::Never,
        Layout::Flyway | Layout::Goose | Layout::SqlMigrate | Layout::Atlas | Layout::Liquibase | Layout::Sqitch => {
            Alone::InOneFile
        }
        Layout::Numbered => Alone::InOneFile,
        Layout::Prisma | Layout::GolangMigrate | Layout::Dbmate | Layout::Sqlx | Layout::Diesel => Alone::FileEach,
        _ => Alone::SameFile,
    };
    if alone == Alone::SameFile {
        return vec![plain(target, &slug, repairs)];
    }
    let place = place(analysis, target, layout);
    let first = selection.version.clone().unwrap_or_else(|| next(&place.version));
    let mut migrations = migrations(target, repairs, alone, false, &slug, first);
    if alone == Alone::Never && repairs.iter().flat_map(|r| &r.statements).any(Statement::refuses_transaction) {
        let message = format!(
            "{} runs every migration in a transaction, in which no index is built or dropped CONCURRENTLY: without it, writes to the table wait \
             until the index is there. On large tables run these statements by hand before, with CONCURRENTLY: the migration then finds them done.",
            layout.name()
        );
        if let Some(migration) = migrations.first_mut() {
            migration.up.insert(0, Line::Comment(one_line(&message)));
        }
        notes.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
    }
    let mut files: Vec<EmittedFile> = Vec::new();
    for migration in &migrations {
        let mut own = write(layout, &place, migration);
        // Atlas goes by its own directive, whoever's names a file has.
        if owner == Layout::Atlas && layout != owner && migration.alone {
            own.retain(|f| !f.name.ends_with(".conf"));
            for file in own.iter_mut().filter(|_| layout != Layout::Liquibase) {
                file.text.insert_str(0, "-- atlas:txmode none\n\n");
            }
        }
        files.append(&mut own);
    }
    by_hand(owner, &migrations, notes);
    files
}

/// The format of a folder that Atlas keeps, told by its last file: `atlas.hcl` may say `format = goose`.
fn format_of(analysis: &Analysis, target: &TargetAnalysis) -> Layout {
    let Some(last) = target.history.revisions.last() else { return Layout::Atlas };
    let base = analysis.sources.name(last.file).rsplit('/').next().unwrap_or_default();
    if base.ends_with(".up.sql") {
        return Layout::GolangMigrate;
    }
    if base.contains("__") && target.target.note.naming.version_in(base).is_some() {
        return Layout::Flyway;
    }
    let mut markers = Markers::default();
    let kept = analysis.sources.file(last.file).into_iter().flat_map(|f| f.kept());
    for line in kept.flat_map(|(_, text)| text.lines()) {
        layout::mark(line, true, &mut markers);
    }
    match markers {
        Markers { liquibase: true, .. } => Layout::Liquibase,
        Markers { goose: true, .. } => Layout::Goose,
        Markers { dbmate: true, .. } => Layout::Dbmate,
        _ => Layout::Atlas,
    }
}

/// What a tool wants besides the files.
fn by_hand(layout: Layout, migrations: &[Migration], notes: &mut Vec<Problem>) {
    let name = |m: &Migration| format!("{}_{}", m.version, m.slug);
    let names: Vec<String> = migrations.iter().map(name).collect();
    let message = match layout {
        Layout::DrizzleJournal => format!(
            "Drizzle runs what `meta/_journal.json` lists: add an entry for {} (`idx` and `when` above the last one's, `breakpoints` true).",
            names.join(", ")
        ),
        Layout::Sqitch => {
            let slugs: Vec<&str> = migrations.iter().map(|m| m.slug.as_str()).collect();
            format!(
                "Sqitch runs what `sqitch.plan` lists: `sqitch add {}`, then put these scripts in place.",
                slugs.join("`, `sqitch add ")
            )
        }
        Layout::Atlas => "Atlas checks `atlas.sum`: run `atlas migrate hash` once the file is in place.".to_owned(),
        Layout::Liquibase => {
            "Liquibase runs what its changelog includes: include the file, unless its folder is.".to_owned()
        }
        _ => return,
    };
    notes.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
}

/// The layout by its name; of Drizzle's two the one whose files are here.
fn layout_of(name: &str, analysis: &Analysis, target: &TargetAnalysis) -> Option<Layout> {
    if name == "drizzle" {
        let folders = target.target.files.iter().any(|f| analysis.sources.name(*f).ends_with("/migration.sql"));
        return Some(if folders { Layout::DrizzleFolders } else { Layout::DrizzleJournal });
    }
    Layout::from_name(name)
}

/// Comments and statements of repairs, split into what runs in a transaction and what does not. With `one` they all become one file in the end.
fn migrations(
    target: &TargetAnalysis,
    repairs: &[Repair<'_>],
    alone: Alone,
    one: bool,
    slug: &str,
    mut version: String,
) -> Vec<Migration> {
    let empty = |slug: String, alone: bool| Draft {
        migration: Migration { version: String::new(), slug, alone, up: vec![], down: vec![] },
        statements: Vec::new(),
    };
    let never = alone == Alone::Never;
    // Outside of a transaction, as a runner may run it that is not known, a setting for its time is none.
    let limited = Layout::from_name(&target.target.layout) != Some(Layout::Numbered) || one;
    // A file outside of a transaction that cannot be run again as a whole is found to be of low severity. Where that is no better than what is repaired, it
    // holds no more than one statement that runs only once.
    let careful = !one && repairs.iter().flat_map(Repair::findings).all(|f| f.severity >= Severity::Low);
    let mut together = empty(slug.to_owned(), false);
    let mut apart: Vec<Draft<'_>> = Vec::new();
    // Where everything runs in a transaction: what writes rows, in one that locks nobody out, the checks behind that, then what only reads, before what
    // locks.
    let mut rows = empty(format!("{slug}_rows"), false);
    let mut checks = empty(format!("{slug}_checks"), false);
    let mut locking = empty(String::new(), false);
    // What gives things other names, behind all that has the old ones.
    let mut renaming = empty(format!("{slug}_renamed"), false);
    let first = rows_first(repairs);
    for (repair, head) in repairs.iter().zip(&first).filter(|(_, head)| **head > 0) {
        together.migration.up.extend(repair.head().into_iter().map(Line::Comment));
        for statement in repair.statements.iter().take(*head) {
            together.push(statement, Line::Run(statement.sql.clone()));
        }
    }
    let mut said: (Vec<String>, bool) = (Vec::new(), false);
    for (repair, written) in repairs.iter().zip(first) {
        let statements = repair.statements.get(written..).unwrap_or_default();
        // Where everything runs in a transaction, what reads or writes whole tables gets one of its own.
        let cut = match alone {
            Alone::Never => first_apart(statements, true),
            _ => repair.before_alone(written),
        };
        let (head, tail) = statements.split_at(cut.min(statements.len()));
        let mut comments = repair.head();
        // What was said of the fix before, in the same place, need not be said again.
        let cautions = comments.split_off(repair.findings().count().min(comments.len()));
        let beside = (cautions, head.is_empty());
        if written > 0 {
            comments.truncate(1);
        } else if beside != said {
            comments.extend(beside.0.iter().cloned());
        }
        said = beside;
        let mut comments: Vec<Line> = comments.into_iter().map(Line::Comment).collect();
        let first = if !(apart.is_empty() && rows.statements.is_empty()) && head.iter().any(Statement::renames) {
            &mut renaming
        } else {
            &mut together
        };
        if !head.is_empty() {
            first.migration.up.append(&mut comments);
        }
        for statement in head {
            let sql = if never { unless_done(&statement.sql) } else { statement.sql.clone() };
            first.push(statement, Line::Run(sql));
        }
        if comments.is_empty() && !tail.is_empty() {
            comments.extend(tail_head(repair, true));
        }
        for (number, statement) in tail.iter().enumerate() {
            let after = tail.get(number + 1..).unwrap_or_default();
            let own = match never {
                true if statement.writes_rows() => Some(&mut rows),
                true if statement.adds_unchecked() && after.iter().any(Statement::validates) => Some(&mut checks),
                _ => None,
            };
            if let Some(own) = own {
                own.migration.up.append(&mut comments);
                own.push(statement, Line::Run(statement.sql.clone()));
                comments.extend(tail_head(repair, !after.is_empty()));
                continue;
            }
            let before = number.checked_sub(1).and_then(|n| tail.get(n));
            let begins = match alone {
                Alone::FileEach => statement.alone() || before.is_none_or(Statement::alone),
                Alone::InOneFile if careful => {
                    let last = apart.last().and_then(|draft| draft.statements.last());
                    last.is_none_or(|last| retry::runs_once(statement) || retry::runs_once(last))
                }
                _ => apart.is_empty(),
            };
            if begins {
                apart.push(empty(format!("{slug}_apart"), !never));
            }
            let last = if never && !statement.validates() { Some(&mut locking) } else { apart.last_mut() };
            if let Some(last) = last {
                last.migration.up.append(&mut comments);
                last.push(
                    statement,
                    match alone {
                        Alone::Never => Line::Run(unless_done(&statement.sql)),
                        // One message is one transaction.
                        Alone::FileEach => Line::RunAlone(statement.sql.clone()),
                        _ => Line::RunAlone(retry::guarded(statement)),
                    },
                );
            }
        }
    }
    if let Some(last) = apart.last_mut() {
        last.migration.up.append(&mut locking.migration.up);
        last.statements.append(&mut locking.statements);
    }
    let mut all: Vec<Draft<'_>> = Vec::new();
    if !together.migration.up.is_empty() {
        all.push(together);
    }
    all.extend([rows, checks].into_iter().filter(|draft| !draft.migration.up.is_empty()));
    let several = apart.len() > 1;
    for (number, mut draft) in apart.into_iter().enumerate() {
        if several {
            draft.migration.slug = format!("{}_{}", draft.migration.slug, number + 1);
        }
        all.push(draft);
    }
    if !renaming.migration.up.is_empty() {
        all.push(renaming);
    }
    let every: Vec<&Statement> = all.iter().flat_map(|d| d.statements.iter().copied()).collect();
    for draft in &mut all {
        let own = if one { &every } else { &draft.statements };
        let reverse = Reverse::of(target, own, &every);
        draft.migration.down = draft.statements.iter().flat_map(|s| reverse.lines(s)).collect();
        draft.migration.down.reverse();
        if limited && !draft.migration.alone {
            draft.migration.up.splice(0..0, retry::limit(&draft.statements));
        }
        draft.migration.version.clone_from(&version);
        version = next(&version);
    }
    all.into_iter().map(|d| d.migration).collect()
}

/// What stands before the statements of a repair that come in another file than its first, where there are any.
fn tail_head(repair: &Repair<'_>, any: bool) -> Option<Line> {
    repair.head().into_iter().next().filter(|_| any).map(Line::Comment)
}

/// A migration that is being written, with its statements.
struct Draft<'a> {
    migration: Migration,
    statements: Vec<&'a Statement>,
}

impl<'a> Draft<'a> {
    /// A setting that is set again behind its end has not ended between two fixes.
    fn push(&mut self, statement: &'a Statement, line: Line) {
        let mut before = self.statements.iter().rev();
        if let Some((name, Some(value))) = statement.sets()
            && before.next().is_some_and(|last| last.sets() == Some((name, None)))
            && before.find_map(|s| s.sets().filter(|(n, _)| *n == name)) == Some((name, Some(value)))
            && let Some(at) = self.migration.up.iter().rposition(|l| !matches!(l, Line::Comment(_)))
        {
            self.statements.pop();
            self.migration.up.remove(at);
            return;
        }
        self.migration.up.push(line);
        self.statements.push(statement);
    }
}

/// How many statements of each repair write rows and may do so before all else, when nobody is kept out yet: those at its head, unless what comes before
/// them changes a column of their table.
fn rows_first(repairs: &[Repair<'_>]) -> Vec<usize> {
    let mut changed: BTreeSet<Name> = BTreeSet::new();
    let mut out = Vec::with_capacity(repairs.len());
    for repair in repairs {
        let on_free_table = |o: &Operation| match &o.kind {
            OperationKind::Dml { tables, .. } => !tables.iter().any(|t| changed.contains(&t.name.fold())),
            _ => false,
        };
        let writes = |s: &Statement| !s.operations.is_empty() && s.operations.iter().all(on_free_table);
        out.push(repair.statements.iter().take_while(|s| writes(s)).count() * usize::from(!repair.waits()));
        for operation in repair.statements.iter().flat_map(|s| &s.operations) {
            if let OperationKind::AlterTable(alter) = &operation.kind
                && alter.actions.iter().any(|(a, _)| {
                    matches!(
                        a,
                        AlterTableAction::SetType { .. }
                            | AlterTableAction::AddColumn { .. }
                            | AlterTableAction::SetDefault { .. }
                            | AlterTableAction::DropDefault { .. }
                    )
                })
            {
                changed.insert(alter.name.name.fold());
            }
        }
    }
    out
}

/// A statement without CONCURRENTLY.
pub(super) fn in_transaction(sql: &str) -> String {
    let mut tokens = Vec::new();
    crate::read::ddl::lexer::lex(sql, &mut tokens, 16);
    let word = tokens
        .iter()
        .find(|t| sql.get(t.start as usize..t.end as usize).is_some_and(|w| w.eq_ignore_ascii_case("CONCURRENTLY")));
    match word {
        Some(t) => {
            let (before, after) = (sql.get(..t.start as usize), sql.get(t.end as usize..));
            format!("{}{}", before.unwrap_or_default(), after.unwrap_or_default().trim_start())
        }
        None => sql.to_owned(),
    }
}

/// A statement about an index without CONCURRENTLY, which does nothing where it was run by hand before.
fn unless_done(sql: &str) -> String {
    let plain = in_transaction(sql);
    if plain.len() == sql.len() {
        return plain;
    }
    let (index, guard) =
        if plain.contains("DROP INDEX ") { ("DROP INDEX ", "IF EXISTS ") } else { ("INDEX ", "IF NOT EXISTS ") };
    match plain.split_once(index) {
        Some((before, after)) if !after.starts_with("IF ") => format!("{before}{index}{guard}{after}"),
        _ => plain,
    }
}

/// The words of a name as they stand in a file's name.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_');
    if out.is_empty() { "relata_fixes".to_owned() } else { out.to_owned() }
}

/// Where the project's migrations stand, and how the last of them is called.
fn place<'a>(analysis: &Analysis, target: &'a TargetAnalysis, layout: Layout) -> Place<'a> {
    let naming = &target.target.note.naming;
    let in_folders = matches!(layout, Layout::Prisma | Layout::DrizzleFolders | Layout::Diesel | Layout::Hasura);
    let split = |name: &str| -> (String, String) {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        if in_folders && matches!(base, "migration.sql" | "up.sql") {
            let (parent, own) = folder.rsplit_once('/').unwrap_or(("", folder));
            return (parent.to_owned(), own.to_owned());
        }
        (folder.to_owned(), base.to_owned())
    };
    let names: Vec<(String, String)> =
        target.history.revisions.iter().map(|r| split(analysis.sources.name(r.file))).collect();
    // The last that has a version: repeatable ones run after all others and have none.
    let last = names.iter().rev().find(|(_, base)| version_in(layout, naming, base).is_some());
    let lettered = || names.iter().rev().find(|(_, base)| lettered_version_in(base).is_some());
    let (folder, base) = last.or_else(lettered).or(names.last()).cloned().unwrap_or_default();
    let version = version_in(layout, naming, &base).or_else(|| lettered_version_in(&base));
    let (version, gap) = version.unwrap_or_else(|| ("0".to_owned(), "_".to_owned()));
    let pairs = target.history.revisions.iter().any(|r| {
        let name = analysis.sources.name(r.file);
        name.ends_with(".up.sql") || (name.ends_with("/up.sql") && !r.down.is_empty())
    });
    Place { folder, naming, version, gap, pairs }
}

/// The version in a file's name, and what stands behind it.
fn version_in(layout: Layout, naming: &Naming, base: &str) -> Option<(String, String)> {
    let text = match layout {
        Layout::Flyway => return naming.version_in(base).map(|version| (version.to_owned(), String::new())),
        Layout::Refinery => base.strip_prefix(['V', 'U'])?,
        _ => base,
    };
    let belongs = |c: char| match layout {
        Layout::Diesel => c.is_ascii_digit() || c == '-',
        _ => c.is_ascii_digit(),
    };
    let end = match layout {
        Layout::Refinery => text.find("__")?,
        _ => text.find(|c| !belongs(c)).unwrap_or(text.len()),
    };
    let version = text.get(..end)?;
    if version.is_empty() || !version.chars().all(belongs) {
        return None;
    }
    let rest = text.get(end..)?;
    let gap: String = rest.chars().take_while(|c| matches!(c, '_' | '-')).collect();
    Some((version.to_owned(), if gap.is_empty() { "_".to_owned() } else { gap }))
}

/// A version behind letters, with them (`V0001.first.up.sql`, `v1-core.sql`), as files are named that no tool of ours names so, and what stands behind it.
fn lettered_version_in(base: &str) -> Option<(String, String)> {
    let digits = base.find(|c: char| !c.is_ascii_alphabetic()).filter(|at| *at > 0)?;
    let rest = base.get(digits..)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let behind = rest.get(end..)?;
    let version = base.get(..digits + end).filter(|_| end > 0)?;
    let gap: String = behind.chars().take_while(|c| matches!(c, '_' | '-' | '.')).collect();
    // What stands behind the dot of `v0.sql` is no name.
    let named = behind.get(gap.len()..).is_some_and(|name| !name.is_empty() && name != "sql");
    Some((version.to_owned(), if gap.is_empty() || !named { "_".to_owned() } else { gap }))
}

/// Lines as SQL, each statement with its semicolon.
fn sql(lines: &[Line], wrap: Option<(&str, &str)>, between: &str) -> String {
    let mut out = String::new();
    let mut ran = false;
    for line in lines {
        match line {
            Line::Comment(text) => {
                if ran {
                    out.push('\n');
                    ran = false;
                }
                out.push_str(&format!("-- {text}\n"));
            }
            Line::Run(text) | Line::RunAlone(text) => {
                // A tool that ends statements at line ends must be told where one with semicolons inside ends.
                match wrap.filter(|_| text.contains(';')) {
                    Some((begin, end)) => out.push_str(&format!("{begin}\n{text};\n{end}\n")),
                    None => out.push_str(&format!("{text};{between}\n")),
                }
                ran = true;
            }
        }
    }
    out
}

/// The files of one migration.
fn write(layout: Layout, place: &Place<'_>, m: &Migration) -> Vec<EmittedFile> {
    let Migration { version, slug, alone, up, down } = m;
    let Place { folder, naming, gap, pairs, .. } = place;
    let plain = |lines: &[Line]| sql(lines, None, "");
    let one = |name: String, text: String| vec![file(folder, &name, text)];
    let pair = |up_name: String, down_name: String, mark: &str| {
        vec![
            file(folder, &up_name, format!("{mark}{}", plain(up))),
            file(folder, &down_name, format!("{mark}{}", plain(down))),
        ]
    };
    match layout {
        Layout::Flyway => {
            let name = naming.file_name(version, slug);
            let mut files = one(name.clone(), plain(up));
            if *alone {
                files.push(file(folder, &format!("{name}.conf"), "executeInTransaction=false\n".to_owned()));
            }
            files
        }
        Layout::Refinery => one(format!("V{version}__{slug}.sql"), plain(up)),
        Layout::GolangMigrate => {
            let stem = format!("{version}{gap}{slug}");
            pair(format!("{stem}.up.sql"), format!("{stem}.down.sql"), "")
        }
        Layout::Goose => {
            let wrap = Some(("-- +goose StatementBegin", "-- +goose StatementEnd"));
            let head = if *alone { "-- +goose NO TRANSACTION\n" } else { "" };
            let text = format!("{head}-- +goose Up\n{}\n-- +goose Down\n{}", sql(up, wrap, ""), sql(down, wrap, ""));
            one(format!("{version}_{slug}.sql"), text)
        }
        Layout::SqlMigrate => {
            let wrap = Some(("-- +migrate StatementBegin", "-- +migrate StatementEnd"));
            let option = if *alone { " notransaction" } else { "" };
            let text = format!(
                "-- +migrate Up{option}\n{}\n-- +migrate Down{option}\n{}",
                sql(up, wrap, ""),
                sql(down, wrap, "")
            );
            one(format!("{version}{gap}{slug}.sql"), text)
        }
        Layout::Dbmate => {
            let option = if *alone { " transaction:false" } else { "" };
            let text = format!("-- migrate:up{option}\n{}\n-- migrate:down{option}\n{}", plain(up), plain(down));
            one(format!("{version}_{slug}.sql"), text)
        }
        Layout::Sqlx => {
            let mark = if *alone { "-- no-transaction\n" } else { "" };
            let stem = format!("{version}_{slug}");
            if *pairs {
                pair(format!("{stem}.up.sql"), format!("{stem}.down.sql"), mark)
            } else {
                one(format!("{stem}.sql"), format!("{mark}{}", plain(up)))
            }
        }
        Layout::Diesel => {
            let stem = format!("{version}_{slug}");
            let mut files = pair(format!("{stem}/up.sql"), format!("{stem}/down.sql"), "");
            if *alone {
                let text = "run_in_transaction = false\n".to_owned();
                files.push(file(folder, &format!("{stem}/metadata.toml"), text));
            }
            files
        }
        Layout::Hasura => {
            let stem = format!("{version}_{slug}");
            pair(format!("{stem}/up.sql"), format!("{stem}/down.sql"), "")
        }
        Layout::Prisma | Layout::DrizzleFolders => one(format!("{version}_{slug}/migration.sql"), plain(up)),
        Layout::DrizzleJournal => one(format!("{version}_{slug}.sql"), sql(up, None, "--> statement-breakpoint")),
        Layout::Atlas => {
            let mark = if *alone { "-- atlas:txmode none\n\n" } else { "" };
            one(format!("{version}_{slug}.sql"), format!("{mark}{}", plain(up)))
        }
        Layout::Liquibase => {
            let option = if *alone { " runInTransaction:false" } else { "" };
            let split = if up.iter().any(|l| matches!(l, Line::Run(s) | Line::RunAlone(s) if s.contains(';'))) {
                " splitStatements:false"
            } else {
                ""
            };
            let back: String = down
                .iter()
                .map(|line| match line {
                    Line::Comment(text) => format!("-- {text}\n"),
                    Line::Run(text) | Line::RunAlone(text) => {
                        let lines: Vec<&str> = text.lines().collect();
                        format!("--rollback {};\n", lines.join("\n--rollback "))
                    }
                })
                .collect();
            let id = if place.version == "0" { slug.clone() } else { format!("{version}-{slug}") };
            let text =
                format!("--liquibase formatted sql\n\n--changeset relata:{id}{option}{split}\n{}{back}", plain(up));
            let name = if place.version == "0" { slug.clone() } else { format!("{version}{gap}{slug}") };
            one(format!("{name}.sql"), text)
        }
        Layout::Sqitch => {
            let top = folder.strip_suffix("deploy").unwrap_or(folder).trim_end_matches('/');
            let (begin, end) = if *alone { ("", "") } else { ("BEGIN;\n\n", "\nCOMMIT;\n") };
            vec![
                file(top, &format!("deploy/{slug}.sql"), format!("{begin}{}{end}", plain(up))),
                file(top, &format!("revert/{slug}.sql"), format!("{begin}{}{end}", plain(down))),
            ]
        }
        Layout::NodePgMigrate => {
            let text = format!("-- Up Migration\n{}\n-- Down Migration\n{}", plain(up), plain(down));
            one(format!("{version}{gap}{slug}.sql"), text)
        }
        Layout::Supabase => one(format!("{version}_{slug}.sql"), plain(up)),
        Layout::DeploymentHandler
        | Layout::Extension
        | Layout::Mojo
        | Layout::Numbered
        | Layout::Unordered
        | Layout::PgDump
        | Layout::Sql => {
            let end = if *pairs { ".up.sql" } else { ".sql" };
            let mut files = one(format!("{version}{gap}{slug}{end}"), plain(up));
            if *pairs {
                files.push(file(folder, &format!("{version}{gap}{slug}.down.sql"), plain(down)));
            }
            files
        }
    }
}

/// A script for psql, which begins and ends its transaction itself.
fn plain(target: &TargetAnalysis, slug: &str, repairs: &[Repair<'_>]) -> EmittedFile {
    let all = migrations(target, repairs, Alone::InOneFile, true, slug, String::new());
    let mut text = String::from("-- Repairs, written by `relata fix`. Run it with psql, statement by statement.\n");
    for migration in &all {
        let body = sql(&migration.up, None, "");
        if migration.alone {
            text.push_str(&format!("\n-- Each of these runs outside of a transaction.\n\n{body}"));
        } else {
            text.push_str(&format!("\nBEGIN;\n\n{body}\nCOMMIT;\n"));
        }
    }
    file("", &format!("{slug}.sql"), text)
}

/// A revision of Alembic on the head; where there are several, one that merges them first.
fn alembic(
    analysis: &Analysis,
    target: &TargetAnalysis,
    selection: &Selection,
    repairs: &[Repair<'_>],
    slug: &str,
) -> Vec<EmittedFile> {
    let revisions = &target.history.revisions;
    let folder = revisions
        .last()
        .and_then(|r| analysis.sources.name(r.file).rsplit_once('/'))
        .map_or(String::new(), |(folder, _)| folder.to_owned());
    let mut heads: Vec<String> = Vec::new();
    for (at, revision) in (0_u32..).zip(revisions) {
        let followed = revisions.iter().any(|r| r.parents.contains(&at));
        if !followed && !revision.id.is_empty() && !heads.contains(&revision.id) {
            heads.push(revision.id.clone());
        }
    }
    let all = migrations(target, repairs, Alone::InOneFile, true, slug, String::new());
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for migration in all {
        up.extend(migration.up);
        down.splice(0..0, migration.down);
    }
    let mut files = Vec::new();
    if heads.len() > 1 {
        let id = revision_id(&heads.iter().map(String::as_str).collect::<Vec<_>>());
        let head = alembic::Revision { message: "Merge heads", id: &id, after: &heads };
        files.push(file(&folder, &format!("{id}_merge_heads.py"), alembic::revision(&head, &[], &[], &[])));
        heads = vec![id];
    }
    let text: Vec<&str> = up
        .iter()
        .filter_map(|l| match l {
            Line::Run(sql) | Line::RunAlone(sql) => Some(sql.as_str()),
            Line::Comment(_) => None,
        })
        .chain(heads.iter().map(String::as_str))
        .collect();
    let id = selection.version.clone().unwrap_or_else(|| revision_id(&text));
    let message = selection.name.clone().unwrap_or_else(|| "Repairs of findings, written by relata fix".to_owned());
    let head = alembic::Revision { message: &one_line(&message), id: &id, after: &heads };
    files.push(file(&folder, &format!("{id}_{slug}.py"), alembic::revision(&head, &[], &up, &down)));
    files
}

/// A revision's id: twelve hexadecimal digits, as Alembic's own, that follow from what it holds.
pub(in crate::emit) fn revision_id(parts: &[&str]) -> String {
    let subjects: Vec<crate::finding::Subject> =
        parts.iter().map(|p| crate::finding::Subject::new(crate::operation::ObjectKind::Revision, *p)).collect();
    let mut id = crate::finding::fingerprint("revision", "", &subjects);
    id.truncate(12);
    id
}
