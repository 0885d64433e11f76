//! The migrations in order: what `relata history` prints.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::build::problem;
use super::changes::{ChangeKind, ObjectChange, changes};
use super::escape;
use super::model::{ConflictEntry, FORMAT_VERSION, ProblemEntry, StopEntry};
use super::words;
use super::wrap::wrap;
use crate::analysis::{Analysis, TargetAnalysis};
use crate::history::{Revision, Timeline, stops_at};
use crate::operation::{DmlVerb, Operation, OperationKind};
use crate::source::FileId;

/// The histories of a project. The JSON form is described by `docs/schemas/history.schema.json`.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryReport {
    /// [`FORMAT_VERSION`].
    pub version: u32,
    /// One for each target.
    pub targets: Vec<TargetHistory>,
    /// What could not be read.
    pub problems: Vec<ProblemEntry>,
}

/// The revisions of one target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetHistory {
    /// The target's id.
    pub id: String,
    /// `dump`, `history`, `models`, `document`.
    pub role: &'static str,
    /// `postgresql` …
    pub dialect: &'static str,
    /// The server's major version.
    pub server_version: u16,
    /// The layout of its files.
    pub layout: String,
    /// Whether the layout is a guess.
    pub layout_guessed: bool,
    /// What it was told by.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub layout_evidence: Cow<'static, str>,
    /// The folder that holds all of its files.
    pub root: String,
    /// Revisions that are no other's parent, where there is a graph; else the last one.
    pub heads: Vec<String>,
    /// Where the runner would stop.
    pub stops_at: Option<StopEntry>,
    /// The revisions in the order in which they run.
    pub revisions: Vec<RevisionEntry>,
}

/// One revision.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionEntry {
    /// What the tool calls it.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// What it says it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Its parents by id, for tools with a graph.
    pub parents: Vec<String>,
    /// How its runner wraps it: `statement`, `file`, `run`, `message`.
    pub transaction: &'static str,
    /// Whether there is a way back.
    pub has_down: bool,
    /// Whether it would be applied.
    pub status: Status,
    /// What it changes, in a few words.
    pub summary: String,
    /// What it changes, object by object.
    pub changes: Vec<ObjectChange>,
    /// Tables whose rows it writes.
    pub writes: Vec<String>,
    /// Statements that the database would refuse.
    pub conflicts: Vec<ConflictEntry>,
    /// What could not be read of its file.
    pub problems: Vec<ProblemEntry>,
    /// How many findings of the end state it introduced.
    pub findings: u32,
}

/// What becomes of a revision on a new database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It runs.
    Applied,
    /// The runner stops in it.
    Stops,
    /// The runner has stopped before.
    NotReached,
    /// It ran, and was taken back when a later one failed.
    TakenBack,
}

impl Status {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Stops => "stops here",
            Self::NotReached => "not reached",
            Self::TakenBack => "taken back",
        }
    }
}

impl HistoryReport {
    /// Walks through the history of each target.
    pub fn new(analysis: &Analysis) -> Self {
        Self {
            version: FORMAT_VERSION,
            targets: analysis
                .targets
                .iter()
                .map(|t| TargetHistory::new(analysis, t, &mut Timeline::of(&t.replay)))
                .collect(),
            problems: analysis.problems.iter().map(|p| problem(analysis, p)).collect(),
        }
    }
}

impl TargetHistory {
    /// Walks through the history of one target, with a timeline of it, which then stands at the end.
    pub fn new(analysis: &Analysis, target: &TargetAnalysis, timeline: &mut Timeline) -> Self {
        target_history(analysis, target, timeline)
    }
}

fn target_history(analysis: &Analysis, target: &TargetAnalysis, timeline: &mut Timeline) -> TargetHistory {
    let history = &target.history;
    let stop = stops_at(history, &target.replay);
    let stopped = stop.as_ref().map(|s| s.conflict.revision as usize);
    let whole_run = stop.as_ref().is_some_and(|s| s.undone == crate::history::Undone::Run);
    let mut problems: BTreeMap<FileId, Vec<ProblemEntry>> = BTreeMap::new();
    for found in &analysis.problems {
        if let Some(span) = found.span {
            problems.entry(span.file).or_default().push(problem(analysis, found));
        }
    }
    let mut revisions = Vec::with_capacity(history.revisions.len());
    for (at, revision) in history.revisions.iter().enumerate() {
        let status = match stopped {
            Some(stop) if at == stop => Status::Stops,
            Some(stop) if at > stop => Status::NotReached,
            Some(_) if whole_run => Status::TakenBack,
            _ => Status::Applied,
        };
        let own = |place: u32| place as usize == at;
        let changes = changes(timeline, at);
        let writes = writes(revision);
        let parent = |p: &u32| history.revisions.get(*p as usize).map(|r| r.id.clone());
        let of_file = |p: &&ProblemEntry| {
            // Of several revisions in one file, each has the problems of its own lines.
            let starts = |r: &Revision| r.id_span.map(|s| analysis.location(s).line);
            let line = p.location.as_ref().map_or(0, |l| l.line);
            let next = history.revisions.get(at + 1).filter(|n| n.file == revision.file).and_then(starts);
            starts(revision).is_none_or(|own| own <= line) && next.is_none_or(|n| line < n)
        };
        revisions.push(RevisionEntry {
            id: revision.id.clone(),
            file: analysis.sources.name(revision.file).to_owned(),
            message: revision.message.clone(),
            parents: revision.parents.iter().filter_map(parent).collect(),
            transaction: revision.transaction.name(),
            has_down: revision.has_way_back(),
            status,
            summary: summary(&changes, &writes, &revision.up),
            changes,
            writes,
            conflicts: target
                .replay
                .conflicts
                .iter()
                .filter(|c| own(c.revision))
                .map(|c| ConflictEntry::of(analysis, c))
                .collect(),
            problems: problems.get(&revision.file).into_iter().flatten().filter(of_file).cloned().collect(),
            findings: u32::try_from(target.findings.iter().filter(|f| f.introduced_by.is_some_and(own)).count())
                .unwrap_or(u32::MAX),
        });
    }
    let graph = history.is_graph();
    let parents: BTreeSet<usize> = history.revisions.iter().flat_map(|r| &r.parents).map(|p| *p as usize).collect();
    let is_head = |at: usize| if graph { !parents.contains(&at) } else { at + 1 == history.revisions.len() };
    // By id: files that declare one id are one node of the graph, and one that is followed is no head, whichever file is meant.
    let followed: BTreeSet<&str> = parents.iter().filter_map(|at| history.revisions.get(*at)).map(|r| &*r.id).collect();
    let mut heads: Vec<String> = Vec::new();
    for (at, revision) in history.revisions.iter().enumerate() {
        let open = is_head(at) && !(graph && followed.contains(&*revision.id));
        if open && !heads.contains(&revision.id) {
            heads.push(revision.id.clone());
        }
    }
    let described = &target.target;
    TargetHistory {
        id: described.id.clone(),
        role: described.role.name(),
        dialect: described.dialect.name(),
        server_version: described.server_version,
        layout: described.layout.clone(),
        layout_guessed: described.note.guessed,
        layout_evidence: described.note.evidence.clone(),
        root: described.note.root.clone(),
        heads,
        stops_at: stop.map(|s| StopEntry::of(analysis, history, &s)),
        revisions,
    }
}

/// The tables whose rows a revision writes, by name as written.
pub fn writes(revision: &Revision) -> Vec<String> {
    let mut names = BTreeSet::new();
    for operation in &revision.up {
        if let OperationKind::Dml { verb, tables, .. } = &operation.kind
            && *verb != DmlVerb::Select
        {
            names.extend(tables.first().map(|t| match &t.schema {
                Some(schema) => format!("{}.{}", schema.fold(), t.name.fold()),
                None => t.name.fold().to_string(),
            }));
        }
    }
    names.into_iter().collect()
}

/// How many names are listed before the rest is counted.
const NAMED: usize = 3;

/// `creates table users, 2 indexes; alters orders; drops view v`.
fn summary(changes: &[ObjectChange], writes: &[String], operations: &[Operation]) -> String {
    let mut clauses: Vec<String> = Vec::new();
    for (kind, verb) in
        [(ChangeKind::Created, "creates"), (ChangeKind::Altered, "alters"), (ChangeKind::Dropped, "drops")]
    {
        let mut by_kind: BTreeMap<(u8, &str), Vec<&str>> = BTreeMap::new();
        // A table that changed because its columns did is told by them.
        let parts: BTreeSet<&str> = changes
            .iter()
            .filter(|c| c.kind == "column" || c.kind == "constraint")
            .filter_map(|c| Some(c.path.rsplit_once('.')?.0))
            .collect();
        for change in changes.iter().filter(|c| c.change == kind) {
            let told = change.kind == "table" && change.renamed_from.is_none() && parts.contains(change.path.as_str());
            if told && kind == ChangeKind::Altered {
                continue;
            }
            let rank = match change.kind {
                "table" => 0,
                "column" => 1,
                "view" | "materialized view" => 2,
                _ => 3,
            };
            let path = change.path.strip_prefix("public.").unwrap_or(&change.path);
            by_kind.entry((rank, change.kind)).or_default().push(path);
        }
        let lists: Vec<String> = by_kind
            .into_iter()
            .map(|((_, kind), names)| match names.as_slice() {
                names if names.len() <= NAMED => format!("{kind} {}", names.join(", ")),
                names => format!("{} {}", names.len(), plural(kind)),
            })
            .collect();
        if !lists.is_empty() {
            clauses.push(format!("{verb} {}", lists.join(", ")));
        }
    }
    match writes.len() {
        0 => {}
        n if n <= NAMED => clauses.push(format!("writes rows of {}", writes.join(", "))),
        n => clauses.push(format!("writes rows of {n} tables")),
    }
    for (revoke, clause) in [(false, "grants privileges"), (true, "revokes privileges")] {
        let does = |o: &Operation| match &o.kind {
            OperationKind::Grant(grant) | OperationKind::DefaultPrivileges { grant, .. } => grant.revoke == revoke,
            _ => false,
        };
        if operations.iter().any(does) {
            clauses.push(clause.to_owned());
        }
    }
    if clauses.is_empty() { "changes nothing".to_owned() } else { clauses.join("; ") }
}

fn plural(kind: &str) -> String {
    match kind {
        "index" => "indexes".to_owned(),
        "policy" => "policies".to_owned(),
        kind => format!("{kind}s"),
    }
}

/// The histories as JSON.
pub fn history_json(report: &HistoryReport) -> String {
    super::json::print(report)
}

/// The histories for a terminal, 80 columns wide.
pub fn history_text(report: &HistoryReport) -> String {
    let mut out = String::new();
    for target in &report.targets {
        target_text(&mut out, target);
    }
    if !report.problems.is_empty() {
        let _ = writeln!(out, "{} while reading:", words::count(report.problems.len() as u64, "problem", "problems"));
        for problem in &report.problems {
            wrap(&mut out, &super::text::problem_line(problem), 2, 4);
        }
        out.push('\n');
    }
    escape::inert(out)
}

fn target_text(out: &mut String, target: &TargetHistory) {
    let guess = match (target.layout_guessed, &*target.layout_evidence) {
        (true, evidence) if !evidence.is_empty() => format!(" (a guess: {evidence}; --layout chooses another)"),
        (false, evidence) if !evidence.is_empty() => format!(" ({evidence})"),
        _ => String::new(),
    };
    let place = if target.root.is_empty() { String::new() } else { format!(" in {}", target.root) };
    let head = format!(
        "{}{place}: {}, layout {}{guess}",
        target.id,
        words::count(target.revisions.len() as u64, "revision", "revisions"),
        target.layout
    );
    wrap(out, &escape::visible(&head), 0, 2);
    out.push('\n');
    let graph = target.revisions.iter().any(|r| !r.parents.is_empty());
    let lanes = if graph { lanes(target) } else { Vec::new() };
    let lane_width = lanes.iter().map(String::len).max().unwrap_or(0).min(20);
    let digits = target.revisions.len().to_string().len();
    let gap = if lane_width > 0 { lane_width + 1 } else { 0 };
    let _ = writeln!(out, "{:>digits$} {:gap$}{:24} {:12} {:10} issues", "#", "", "revision", "status", "wrapped");
    for (at, revision) in target.revisions.iter().enumerate() {
        let lane = lanes.get(at).map_or(String::new(), |l| format!("{:lane_width$} ", cut(l, lane_width)));
        let issues = revision.conflicts.len() + revision.problems.len() + revision.findings as usize;
        let issues = if issues == 0 { "-".to_owned() } else { issues.to_string() };
        let _ = writeln!(
            out,
            "{:>digits$} {lane}{:24} {:12} {:10} {issues}",
            at + 1,
            cut(&escape::visible(&revision.id), 24),
            revision.status.words(),
            revision.transaction
        );
        let indent = digits + 1 + gap;
        if revision.file != revision.id {
            wrap(out, &escape::visible(&revision.file), indent, indent + 2);
        }
        if let Some(message) = &revision.message {
            wrap(out, &escape::visible(message), indent, indent + 2);
        }
        if graph && !revision.parents.is_empty() {
            wrap(out, &escape::visible(&format!("after {}", revision.parents.join(", "))), indent, indent + 2);
        }
        let back = if revision.has_down { "" } else { "; no way back" };
        wrap(out, &escape::visible(&format!("{}{back}", revision.summary)), indent, indent + 2);
        for conflict in &revision.conflicts {
            let line = format!("! {} {}: {}", conflict.sqlstate, words::place(&conflict.location), conflict.message);
            wrap(out, &escape::visible(&line), indent, indent + 2);
        }
        for problem in &revision.problems {
            wrap(out, &format!("? {}", super::text::problem_line(problem)), indent, indent + 2);
        }
    }
    out.push('\n');
    // Without one there is one head, the last.
    if graph || target.heads.len() > 1 {
        let head = if target.heads.len() == 1 { "head" } else { "heads" };
        wrap(out, &escape::visible(&format!("{head}: {}", target.heads.join(", "))), 0, 2);
    }
    match &target.stops_at {
        None => {}
        Some(stop) => {
            let undone = match stop.undone {
                "run" => "every revision of the run is taken back".to_owned(),
                "revision" => "the revision is taken back".to_owned(),
                "block" => match &stop.block {
                    Some(block) => format!("the transaction that begins in line {} is taken back", block.line),
                    None => "its transaction is taken back".to_owned(),
                },
                _ => "what the revision did before stays".to_owned(),
            };
            let line = format!(
                "stops at revision {}, {}: {} (SQLSTATE {}); {undone}",
                stop.revision,
                words::place(&stop.location),
                stop.message,
                stop.sqlstate
            );
            wrap(out, &escape::visible(&line), 0, 2);
        }
    }
    out.push('\n');
}

/// At most `width` characters; what is cut off is told by `…`.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

/// The graph beside the list, oldest first: `*` is the revision, `|` a line that goes on beside it, `/` one that ends in it.
fn lanes(target: &TargetHistory) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for parent in target.revisions.iter().flat_map(|r| &r.parents) {
        *left.entry(parent).or_default() += 1;
    }
    // What each column waits for: the children of this revision.
    let mut columns: Vec<Option<&str>> = Vec::new();
    let mut rows = Vec::with_capacity(target.revisions.len());
    for revision in &target.revisions {
        let mut ending: Vec<usize> = Vec::new();
        let mut own: Option<usize> = None;
        for parent in &revision.parents {
            let open = left.get_mut(parent.as_str()).map_or(0, |n| {
                *n = n.saturating_sub(1);
                *n
            });
            let place = columns.iter().position(|c| *c == Some(parent.as_str()));
            match place {
                Some(place) if open == 0 && own.is_none() => own = Some(place),
                Some(place) if open == 0 => ending.push(place),
                _ => {}
            }
        }
        let place = own.or_else(|| columns.iter().position(Option::is_none)).unwrap_or(columns.len());
        if place >= columns.len() {
            columns.push(None);
        }
        let row: String = (0..columns.len())
            .map(|at| match columns.get(at).copied().flatten() {
                _ if at == place => '*',
                Some(_) if ending.contains(&at) => '/',
                Some(_) => '|',
                None => ' ',
            })
            .collect();
        for at in ending {
            if let Some(column) = columns.get_mut(at) {
                *column = None;
            }
        }
        if let Some(column) = columns.get_mut(place) {
            *column = left.get(revision.id.as_str()).is_some_and(|n| *n > 0).then_some(revision.id.as_str());
        }
        while columns.last().is_some_and(Option::is_none) {
            columns.pop();
        }
        rows.push(row.trim_end().to_owned());
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::wrap::WIDTH;
    use super::*;
    use crate::session::{Options, analyze};

    fn report(files: &[(&str, &str)]) -> HistoryReport {
        HistoryReport::new(&analyze(files.iter().map(|(n, sql)| (*n, sql.as_bytes())), Options::default()))
    }

    #[test]
    fn the_inventory_says_what_each_revision_does_and_where_it_stops() {
        let report = report(&[
            ("m/V1__a.sql", "CREATE TABLE a (id int PRIMARY KEY); CREATE INDEX ON a (id);"),
            ("m/V2__b.sql", "CREATE TABLE b (id int); ALTER TABLE missing ADD COLUMN x int;"),
            ("m/V3__c.sql", "INSERT INTO a VALUES (1);"),
            ("m/U1__a.sql", "DROP TABLE a;"),
        ]);
        let target = &report.targets[0];
        let rows: Vec<_> =
            target.revisions.iter().map(|r| (r.id.as_str(), r.status, r.has_down, r.summary.as_str())).collect();
        assert_eq!(
            rows,
            [
                ("V1", Status::Applied, true, "creates table a, index a.a_id_idx"),
                ("V2", Status::Stops, false, "creates table b"),
                ("V3", Status::NotReached, false, "writes rows of a")
            ]
        );
        let stop = target.stops_at.as_ref().unwrap();
        assert_eq!((stop.revision.as_str(), stop.sqlstate, stop.undone), ("V2", "42P01", "revision"));
        let text = history_text(&report);
        assert!(text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("stops at revision V2"), "{text}");
    }

    #[test]
    fn json_follows_its_schema() {
        let report = report(&[
            ("1_a.up.sql", "CREATE TABLE a (id int); CREATE TABLE a (id int);"),
            ("1_a.down.sql", "DROP TABLE a;"),
            ("2_b.up.sql", "ALTER TABLE a RENAME TO b; CREATE TABLE oops (;"),
            ("readme.sql", "nothing here"),
        ]);
        let value: serde_json::Value = serde_json::from_str(&history_json(&report)).unwrap();
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../docs/schemas/history.schema.json")).unwrap();
        assert_eq!(super::super::tests::json_schema::departures(&schema, &value), Vec::<String>::new());
    }

    /// Part of a project: what both follow is not among the files, and neither follows the other. The audit says the same.
    #[test]
    fn revisions_of_a_parent_that_is_missing_are_heads() {
        let module = |id: &str| {
            format!(
                "revision = '{id}'\ndown_revision = 'x'\n\ndef upgrade():\n    op.execute('CREATE TABLE {id} (id int)')\n"
            )
        };
        let files = [("m/a1_.py", module("a1")), ("m/b2_.py", module("b2"))];
        let analysis = analyze(files.iter().map(|(n, text)| (*n, text.as_bytes())), Options::default());
        let told = HistoryReport::new(&analysis);
        assert_eq!(told.targets[0].heads, ["a1", "b2"]);
        assert!(history_text(&told).contains("\nheads: a1, b2\n"));
        let report = super::super::Report::complete(&analysis);
        let inventory = report.targets[0].audit.as_ref().unwrap().inventory.as_ref().unwrap();
        assert!(inventory.graph && inventory.bases.is_empty());
        assert_eq!(inventory.heads, ["a1", "b2"]);
    }

    #[test]
    fn a_graph_is_drawn_beside_the_list() {
        let entry = |id: &str, parents: &[&str]| RevisionEntry {
            id: id.to_owned(),
            file: id.to_owned(),
            message: None,
            parents: parents.iter().map(|p| (*p).to_owned()).collect(),
            transaction: "run",
            has_down: true,
            status: Status::Applied,
            summary: String::new(),
            changes: Vec::new(),
            writes: Vec::new(),
            conflicts: Vec::new(),
            problems: Vec::new(),
            findings: 0,
        };
        let mut target = report(&[("1.sql", "CREATE TABLE a ();")]).targets.remove(0);
        target.revisions =
            vec![entry("a", &[]), entry("b", &["a"]), entry("c", &["a"]), entry("m", &["b", "c"]), entry("n", &["m"])];
        assert_eq!(lanes(&target), ["*", "|*", "*|", "/*", " *"].map(str::to_owned));
    }
}
