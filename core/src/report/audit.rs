//! What an audit report has beyond findings: the inventory of migrations, compliance table by table, references that nothing enforces, the plan and
//! queries to watch with.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::build::{number, table_path};
use super::doc::State;
use super::history::{Status, TargetHistory};
use super::model::{TargetReport, is_zero};
use super::monitor::{QueryEntry, queries};
use super::plan::{PhaseEntry, plan};
use crate::analysis::{Analysis, TargetAnalysis};
use crate::history::{History, Timeline};
use crate::order::Order;
use crate::rules::{Context, change_columns, is_kept};
use crate::schema::{ColumnNumber, ObjectId, Table, TableId};

/// What an audit report has beyond findings.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// The migrations; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<InventoryEntry>,
    /// The project's own tables against the schema's own habits, in the order of [`TargetReport::tables`].
    pub compliance: Vec<ComplianceEntry>,
    /// References that the database does not enforce.
    pub unenforced: Vec<UnenforcedEntry>,
    /// What to do, in phases.
    pub plan: Vec<PhaseEntry>,
    /// Queries for a live database.
    pub monitoring: Vec<QueryEntry>,
    /// How many queries about single references are left out, as there are too many.
    #[serde(rename = "monitoringLeftOut", skip_serializing_if = "is_zero")]
    pub monitoring_left_out: u32,
}

/// The migrations and their graph.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryEntry {
    /// Whether the files name what they follow.
    pub graph: bool,
    /// Revisions without a parent; without a graph the first.
    pub bases: Vec<String>,
    /// Revisions that none follows; without a graph the last.
    pub heads: Vec<String>,
    /// Revisions with several parents.
    pub merges: Vec<String>,
    /// Ids that several files declare, with how many do.
    pub duplicates: Vec<super::model::Tally>,
    /// The revisions in the order in which they run.
    pub revisions: Vec<InventoryRow>,
}

/// A revision.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryRow {
    /// What the tool calls it.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// What it says it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Its parents as its file names them.
    pub parents: Vec<String>,
    /// How its runner wraps it: `statement`, `file`, `run`, `message`.
    pub transaction: &'static str,
    /// Whether there is a way back.
    pub has_down: bool,
    /// What becomes of it on a new database.
    pub status: Status,
    /// What it changes, in a few words.
    pub changes: String,
    /// How many of its statements the database would refuse.
    pub conflicts: u32,
    /// How many findings of the end state it brought.
    pub findings: u32,
}

/// A table against the schema's own habits.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComplianceEntry {
    /// Its place in [`TargetReport::tables`].
    pub table: u32,
    /// It has a primary key.
    pub primary_key: Mark,
    /// It says whose its rows are.
    pub tenant: Mark,
    /// It says when a row was made.
    pub created_at: Mark,
    /// It says when a row was last changed.
    pub updated_at: Mark,
    /// A trigger keeps that.
    pub kept: Mark,
    /// Rows can be marked as deleted.
    pub soft_delete: Mark,
    /// Row-level security guards it.
    pub row_security: Mark,
    /// It has a comment.
    pub comment: Mark,
    /// An index serves each of its foreign keys.
    pub foreign_keys: Mark,
}

/// Whether something is as it should be, and what there is instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Mark {
    /// Whether it is.
    pub state: State,
    /// More exactly.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub note: String,
}

impl Mark {
    fn new(state: State, note: impl Into<String>) -> Self {
        Self { state, note: note.into() }
    }

    fn when(holds: bool) -> Self {
        Self::new(if holds { State::Yes } else { State::No }, "")
    }

    fn not_applicable() -> Self {
        Self::new(State::NotApplicable, "")
    }
}

/// A reference that the database does not enforce.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnenforcedEntry {
    /// The referencing table.
    pub table: String,
    /// Its columns, bare.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub references: String,
    /// Its columns, bare.
    pub referenced_columns: Vec<String>,
    /// Whether their types differ, so that they compare as text only.
    pub cast: bool,
    /// The finding that says so, by its place; absent for a foreign key that was never validated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<u32>,
    /// The foreign key that was never validated, bare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
}

impl AuditEntry {
    pub(super) fn new(analysis: &Analysis, target: &TargetAnalysis, report: &TargetReport) -> Self {
        let context = Context::new(&target.target, &target.history, &target.replay, &analysis.sources);
        let compliance = compliance(&context, report);
        let unenforced = unenforced(&context, report);
        let (monitoring, monitoring_left_out) = queries(&context, report, &unenforced);
        Self {
            inventory: inventory(analysis, target),
            monitoring,
            monitoring_left_out,
            plan: plan(analysis, target, report),
            compliance,
            unenforced,
        }
    }
}

fn inventory(analysis: &Analysis, target: &TargetAnalysis) -> Option<InventoryEntry> {
    let history = &target.history;
    if target.target.role != crate::analysis::Role::History {
        return None;
    }
    let walked = TargetHistory::new(analysis, target, &mut Timeline::of(&target.replay));
    let heads = walked.heads;
    let revisions = walked
        .revisions
        .into_iter()
        .zip(&history.revisions)
        .map(|(entry, revision)| InventoryRow {
            id: entry.id,
            file: entry.file,
            message: entry.message,
            parents: revision.down_revisions.iter().map(|n| n.text.to_string()).collect(),
            transaction: entry.transaction,
            has_down: entry.has_down,
            status: entry.status,
            changes: entry.summary,
            conflicts: number(entry.conflicts.len()),
            findings: entry.findings,
        })
        .collect();
    Some(graph(history, heads, revisions))
}

/// The graph by ids: files that declare one id are one node of it, and a child has its parent under its id alone.
fn graph(history: &History, heads: Vec<String>, revisions: Vec<InventoryRow>) -> InventoryEntry {
    let graph = history.is_graph();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut ids: Vec<&str> = Vec::new();
    for revision in &history.revisions {
        let count = counts.entry(&revision.id).or_default();
        *count += 1;
        if *count == 1 {
            ids.push(&revision.id);
        }
    }
    let with = |wanted: &dyn Fn(&crate::history::Revision) -> bool| -> BTreeSet<&str> {
        history.revisions.iter().filter(|r| wanted(r)).map(|r| r.id.as_str()).collect()
    };
    let rootless = with(&|r| r.down_revisions.is_empty());
    let merging = with(&|r| r.down_revisions.len() > 1);
    let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let bases = if graph {
        ids.iter().copied().filter(|id| rootless.contains(id)).collect()
    } else {
        ids.first().copied().into_iter().collect()
    };
    InventoryEntry {
        graph,
        bases: owned(bases),
        heads,
        merges: owned(ids.iter().copied().filter(|id| merging.contains(id)).collect()),
        duplicates: ids
            .iter()
            .filter_map(|id| counts.get(id).filter(|n| **n > 1).map(|n| (id, n)))
            .map(|(id, n)| super::model::Tally { name: (*id).to_owned(), count: *n })
            .collect(),
        revisions,
    }
}

fn compliance(cx: &Context<'_>, report: &TargetReport) -> Vec<ComplianceEntry> {
    let mut ids: BTreeMap<String, TableId> = BTreeMap::new();
    for (id, _) in cx.tables() {
        ids.insert(table_path(cx.schema, id), id);
    }
    let rows = report.tables.iter().enumerate().filter_map(|(at, entry)| {
        let id = *ids.get(&entry.path)?;
        let table = cx.schema.tables.get(id)?;
        Some((at, id, table))
    });
    let all: Vec<(usize, TableId, &Table)> = rows.collect();
    let marked: BTreeSet<TableId> = cx.deletion_marks().map(|(id, ..)| id).collect();
    let by_application = cx.policy.conventions.updated_at_by == Some("application");
    let changes: BTreeMap<TableId, &str> = match by_application {
        true => BTreeMap::new(),
        false => change_columns(cx).into_iter().map(|(id, _, _, column)| (id, column.name.as_str())).collect(),
    };
    let soft_deletes = all.iter().any(|(_, id, _)| marked.contains(id));
    let habit = |habit: &Option<crate::infer::Habit>, table: &Table| match habit {
        Some(habit) => Mark::when(table.find_column(&habit.column).is_some()),
        None => Mark::not_applicable(),
    };
    all.iter()
        .map(|(at, id, table)| {
            let changed = changes.get(id);
            ComplianceEntry {
                table: number(*at),
                primary_key: Mark::when(cx.schema.primary_key_of(table).is_some()),
                tenant: tenant(cx, *id, table),
                created_at: habit(&cx.conventions.created_at, table),
                updated_at: habit(&cx.conventions.updated_at, table),
                kept: changed.map_or_else(Mark::not_applicable, |name| Mark::when(is_kept(cx, table, name))),
                soft_delete: if soft_deletes { Mark::when(marked.contains(id)) } else { Mark::not_applicable() },
                row_security: row_security(cx, table),
                comment: Mark::when(table.comment.is_some()),
                foreign_keys: foreign_keys(report, *at),
            }
        })
        .collect()
}

fn tenant(cx: &Context<'_>, id: TableId, table: &Table) -> Mark {
    let Some(tenant) = &cx.conventions.tenant else { return Mark::not_applicable() };
    if tenant.root == Some(id) {
        return Mark::new(State::Yes, "the tenant");
    }
    let Some(column) = tenant.column_of(table) else { return Mark::new(State::No, "none") };
    let refers = |root: TableId| {
        cx.schema.foreign_keys_of(table).any(|(_, c, fk)| c.columns.contains(&column) && fk.references == root)
    };
    if table.column(column).is_some_and(|c| !c.not_null) {
        return Mark::new(State::Partly, "nullable");
    }
    match tenant.root {
        Some(root) if !refers(root) => Mark::new(State::Partly, "no foreign key"),
        _ => Mark::new(State::Yes, ""),
    }
}

fn row_security(cx: &Context<'_>, table: &Table) -> Mark {
    let policies = cx.schema.policies_of(table).count();
    match (table.rls_enabled, policies) {
        (true, 0) => Mark::new(State::Partly, "on, no policy"),
        (true, _) if table.rls_forced => Mark::new(State::Yes, "forced"),
        (true, _) => Mark::new(State::Yes, "on"),
        (false, 0) => Mark::new(State::No, "off"),
        (false, _) => Mark::new(State::No, "off, with policies"),
    }
}

fn foreign_keys(report: &TargetReport, at: usize) -> Mark {
    let keys = report.tables.get(at).map_or(&[][..], |t| &t.foreign_keys);
    let indexed = keys.iter().filter(|k| k.cover == "full").count();
    let note = format!("{indexed} of {}", keys.len());
    match keys.len() {
        0 => Mark::not_applicable(),
        all if all == indexed => Mark::new(State::Yes, note),
        _ if indexed == 0 => Mark::new(State::No, note),
        _ => Mark::new(State::Partly, note),
    }
}

fn unenforced(cx: &Context<'_>, report: &TargetReport) -> Vec<UnenforcedEntry> {
    let mut by_subject: BTreeMap<&str, u32> = BTreeMap::new();
    for (at, finding) in report.findings.iter().enumerate().filter(|(_, f)| f.rule == "missing-foreign-key") {
        by_subject.insert(finding.subject(), number(at));
    }
    let schema = cx.schema;
    let names = |table: TableId, columns: &[ColumnNumber]| -> Vec<String> {
        columns.iter().filter_map(|c| Some(schema.column(table, *c)?.name.to_string())).collect()
    };
    let differ = |a: (TableId, ColumnNumber), b: (TableId, ColumnNumber)| match (
        schema.column(a.0, a.1),
        schema.column(b.0, b.1),
    ) {
        (Some(a), Some(b)) => {
            crate::rules::support::key_family(schema, &a.data_type)
                .is_none_or(|family| crate::rules::support::key_family(schema, &b.data_type) != Some(family))
                && a.data_type != b.data_type
        }
        _ => true,
    };
    let mut found = Vec::new();
    for (id, table) in cx.tables() {
        for (column, _) in table.live_columns() {
            let Some(reference) = cx.references.of(id, column) else { continue };
            let Some(finding) = by_subject.get(schema.path(ObjectId::Column(id, column)).as_str()) else { continue };
            found.push(UnenforcedEntry {
                table: table_path(schema, id),
                columns: names(id, &[column]),
                references: table_path(schema, reference.target),
                referenced_columns: names(reference.target, &[reference.key]),
                cast: differ((id, column), (reference.target, reference.key)),
                finding: Some(*finding),
                constraint: None,
            });
        }
        for (_, constraint, fk) in schema.foreign_keys_of(table).filter(|(_, c, _)| !c.validated) {
            found.push(UnenforcedEntry {
                table: table_path(schema, id),
                columns: names(id, &constraint.columns),
                references: table_path(schema, fk.references),
                referenced_columns: names(fk.references, &fk.columns),
                cast: constraint.columns.iter().zip(&fk.columns).any(|(a, b)| differ((id, *a), (fk.references, *b))),
                finding: None,
                constraint: Some(constraint.name.to_string()),
            });
        }
    }
    found.order_by(|a, b| (&a.table, &a.columns, &a.constraint).cmp(&(&b.table, &b.columns, &b.constraint)));
    found
}
