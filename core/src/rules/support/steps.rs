//! Steps as rules about migrations see them: the statement, its transaction, what was there before it.
//!
//! A lock hurts where rows and users are. A table that the same migration makes has neither, so that every question here starts with whether
//! something was there before the revision.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Context, Draft, Findings};
use super::{column_of, conjuncts};
use crate::analysis::Role;
use crate::expr::Tree;
use crate::history::layout::Layout;
use crate::history::{History, Revision};
use crate::name::Name;
use crate::operation::{
    AlterTable, AlterTableAction, ColumnConstraintKind, ColumnDef, ConstraintDef, DmlVerb, ObjectKind, ObjectRef,
    Operation, OperationKind, Transaction,
};
use crate::replay::{Effect, Note, Replay, Step, StepNote};
use crate::schema::{
    Column, ColumnNumber, Constraint, ConstraintId, ConstraintKind, DataType, ObjectId, RelationId, Table, TableId,
};
use crate::source::{FileId, Span};

/// What was when, for a history of several migrations and for a part of one; empty for anything else, in which everything is new.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// Whether there is a time before some of the statements.
    pub(crate) is_history: bool,
    /// The step that made each object.
    born: BTreeMap<ObjectId, u32>,
    /// The step since which a constraint that was added NOT VALID holds for all rows.
    validated: BTreeMap<ConstraintId, u32>,
    /// Tables that a revision says it makes although they are there: CREATE TABLE IF NOT EXISTS, or one that is refused. The names of its author's
    /// new tables, with the revision.
    claimed: BTreeSet<(u32, Name)>,
    /// For each revision what is released with it: the place of the first of its file where changesets share files, its own else.
    releases: Vec<u32>,
    /// For each step its transaction block, from 1; 0 for a statement by itself.
    blocks: Vec<u32>,
}

impl Steps {
    /// Looks over the steps once.
    pub(crate) fn new(role: Role, layout: &str, history: &History, replay: &Replay) -> Self {
        // Files without an order of their own are the parts of one schema, made at once.
        let whole = role != Role::History || history.revisions.len() < 2 || layout == "files";
        if whole && !history.partial {
            return Self::default();
        }
        let (blocks, releases) = (blocks(history, replay), releases(layout, history));
        let mut steps = Self { is_history: true, blocks, releases, ..Self::default() };
        for (number, revision) in (0_u32..).zip(&history.revisions) {
            steps.claimed.extend(revision.up.iter().filter_map(|o| match &o.kind {
                OperationKind::CreateTable(create) => Some((number, create.name.name.fold())),
                _ => None,
            }));
        }
        for (number, step) in (0_u32..).zip(&replay.steps) {
            let operation =
                history.revisions.get(step.revision as usize).and_then(|r| r.up.get(step.operation as usize));
            let validates = match operation.map(|o| &o.kind) {
                Some(OperationKind::AlterTable(alter)) => {
                    alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::ValidateConstraint { .. }))
                }
                _ => false,
            };
            for effect in &step.effects {
                match effect {
                    Effect::Created(id) => {
                        steps.born.entry(*id).or_insert(number);
                    }
                    Effect::Altered(ObjectId::Constraint(id)) if validates => {
                        steps.validated.entry(*id).or_insert(number);
                    }
                    _ => {}
                }
            }
        }
        steps
    }

    /// Whether what one revision does was there when another, later one comes.
    fn is_before(&self, earlier: u32, later: u32) -> bool {
        let release = |revision: u32| self.releases.get(revision as usize).copied().unwrap_or(revision);
        earlier < later && release(earlier) != release(later)
    }
}

/// What is released at once: in Liquibase's changelogs a file, where there are several with changesets in them. Where all changesets of a project
/// stand in one file, each is a release of its own.
fn releases(layout: &str, history: &History) -> Vec<u32> {
    let own = 0_u32..u32::try_from(history.revisions.len()).unwrap_or(u32::MAX);
    let files: BTreeSet<FileId> = history.revisions.iter().map(|r| r.file).collect();
    if layout != Layout::Liquibase.name() || files.len() < 2 {
        return own.collect();
    }
    let mut first: BTreeMap<FileId, u32> = BTreeMap::new();
    own.zip(&history.revisions).map(|(number, revision)| *first.entry(revision.file).or_insert(number)).collect()
}

/// Numbers the transaction blocks: explicit ones, and those that the runner puts around a file.
fn blocks(history: &History, replay: &Replay) -> Vec<u32> {
    let mut out = Vec::with_capacity(replay.steps.len());
    let mut steps = replay.steps.iter().peekable();
    let (mut last, mut block) = (0_u32, 0_u32);
    // How deep in blocks of PL/pgSQL, and whether the outermost of them is the transaction.
    let (mut depth, mut is_own) = (0_u32, false);
    for (number, revision) in (0_u32..).zip(&history.revisions) {
        if revision.own_session {
            block = 0;
        }
        let wrapped = is_wrapped(revision);
        if wrapped && block == 0 {
            last += 1;
            block = last;
        }
        for (at, operation) in (0_u32..).zip(&revision.up) {
            let transaction = match &operation.kind {
                OperationKind::Transaction(transaction) => Some(transaction),
                _ => None,
            };
            if matches!(transaction, Some(Transaction::Begin | Transaction::Enter(_))) && block == 0 {
                last += 1;
                block = last;
                is_own = matches!(transaction, Some(Transaction::Enter(_)));
            }
            if steps.peek().is_some_and(|s| s.revision == number && s.operation == at) {
                steps.next();
                out.push(block);
            }
            match transaction {
                Some(Transaction::Enter(_)) => depth += 1,
                Some(Transaction::Leave) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && std::mem::take(&mut is_own) {
                        block = 0;
                    }
                }
                Some(Transaction::Commit | Transaction::Rollback) => (block, is_own) = (0, false),
                _ => {}
            }
        }
        if wrapped {
            block = 0;
        }
    }
    out
}

/// Whether a revision's statements are one transaction without a BEGIN of their own.
pub(crate) fn is_wrapped(revision: &Revision) -> bool {
    revision.transaction.wraps(&revision.up)
}

/// One statement that ran.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    /// Its number among the steps.
    pub(crate) number: u32,
    /// Its revision, by place.
    pub(crate) revision: u32,
    /// What it did.
    pub(crate) effects: &'a [Effect],
    /// What it says.
    pub(crate) operation: &'a Operation,
    /// Its transaction block; 0 for none.
    pub(crate) block: u32,
}

/// One action of an ALTER TABLE on a table that was there before the migration.
#[derive(Clone, Copy)]
pub(crate) struct Alteration<'a> {
    pub(crate) at: At<'a>,
    pub(crate) alter: &'a AlterTable,
    pub(crate) id: TableId,
    pub(crate) table: &'a Table,
    pub(crate) action: &'a AlterTableAction,
    pub(crate) span: Span,
}

impl<'a> Context<'a> {
    /// The statements that ran, in order; none where the input is no history of several migrations.
    pub(crate) fn steps(&self) -> impl Iterator<Item = At<'a>> {
        self.steps_from(0)
    }

    /// The same from one of them on.
    pub(crate) fn steps_from(&self, first: u32) -> impl Iterator<Item = At<'a>> {
        let (history, replay) = (self.history, self.replay);
        let steps: &'a [Step] = if self.steps.is_history { &replay.steps } else { &[] };
        let blocks = &self.steps.blocks;
        (first..).zip(steps.get(first as usize..).unwrap_or_default()).filter_map(move |(number, step)| {
            let operation = history.revisions.get(step.revision as usize)?.up.get(step.operation as usize)?;
            let block = blocks.get(number as usize).copied().unwrap_or_default();
            Some(At { number, revision: step.revision, effects: &step.effects, operation, block })
        })
    }

    /// The same, one list for each revision that has any.
    pub(crate) fn steps_by_revision(&self) -> Vec<Vec<At<'a>>> {
        let mut out: Vec<Vec<At<'a>>> = Vec::new();
        for at in self.steps() {
            match out.last_mut().filter(|l| l.first().is_some_and(|first| first.revision == at.revision)) {
                Some(list) => list.push(at),
                None => out.push(vec![at]),
            }
        }
        out
    }

    /// Every action of ALTER TABLE on a table of the project that was there before the migration and is there now.
    pub(crate) fn alterations(&self) -> impl Iterator<Item = Alteration<'a>> {
        self.alterations_from(0)
    }

    /// The same from a step on.
    pub(crate) fn alterations_from(&self, first: u32) -> impl Iterator<Item = Alteration<'a>> {
        self.steps_from(first).flat_map(|at| {
            let found = match &at.operation.kind {
                OperationKind::AlterTable(alter) => {
                    altered_table(at).filter(|id| self.is_old(*id, at.revision)).map(|id| (alter, id))
                }
                _ => None,
            };
            let found = found.and_then(|(alter, id)| Some((alter, id, self.schema.tables.get(id)?)));
            found.into_iter().flat_map(move |(alter, id, table)| {
                alter.actions.iter().map(move |(action, span)| Alteration { at, alter, id, table, action, span: *span })
            })
        })
    }

    /// What is noted of a step.
    pub(crate) fn notes(&self, at: At<'_>) -> impl Iterator<Item = &'a Note> {
        let notes: &'a [StepNote] = &self.replay.notes;
        let from = notes.partition_point(|n| n.step < at.number);
        notes.get(from..).unwrap_or_default().iter().take_while(move |n| n.step == at.number).map(|n| &n.note)
    }

    /// The tables that a statement which leaves the schema alone works on.
    pub(crate) fn used_tables(&self, at: At<'_>) -> Vec<TableId> {
        let table = |note: &Note| match note {
            Note::Uses(RelationId::Table(id)) => Some(*id),
            _ => None,
        };
        self.notes(at).filter_map(table).collect()
    }

    /// Whether a statement takes a table's rows elsewhere, or moves the table out of the way.
    pub(crate) fn saves_rows(&self, at: At<'_>, table: TableId) -> bool {
        let name = self.schema.tables.get(table).map(|t| t.name.clone()).unwrap_or_default();
        match &at.operation.kind {
            OperationKind::CreateTable(create) => {
                create.as_query.as_ref().is_some_and(|(_, query)| query.words().contains(&name))
            }
            OperationKind::Dml { verb, text, .. } => {
                *verb != DmlVerb::Delete && !self.used_tables(at).contains(&table) && text.words().contains(&name)
            }
            OperationKind::Rename { target, .. } | OperationKind::SetSchema { target, .. } => {
                target.part.is_none() && at.effects.contains(&Effect::Altered(ObjectId::Table(table)))
            }
            _ => false,
        }
    }

    /// Whether an object was there before a revision.
    pub(crate) fn was_before(&self, id: ObjectId, revision: u32) -> bool {
        let born = self.steps.born.get(&id).or_else(|| match id {
            // A column without a step of its own came with its table.
            ObjectId::Column(table, _) => self.steps.born.get(&ObjectId::Table(table)),
            _ => None,
        });
        let Some(number) = born else { return self.was_there(id) };
        let step = self.replay.steps.get(*number as usize);
        step.is_some_and(|s| self.steps.is_before(s.revision, revision))
    }

    /// Whether the input is a part of more, and changes a table that was there before all of it, or names a column of such a table.
    fn was_there(&self, id: ObjectId) -> bool {
        let (ObjectId::Table(table) | ObjectId::Column(table, _)) = id else { return false };
        self.history.partial && self.schema.tables.get(table).is_some_and(|t| t.assumed)
    }

    /// The step that made an object.
    pub(crate) fn born(&self, id: ObjectId) -> Option<At<'a>> {
        let number = *self.steps.born.get(&id)?;
        let step = self.replay.steps.get(number as usize)?;
        let operation = self.history.revisions.get(step.revision as usize)?.up.get(step.operation as usize)?;
        let block = self.steps.blocks.get(number as usize).copied().unwrap_or_default();
        Some(At { number, revision: step.revision, effects: &step.effects, operation, block })
    }

    /// Whether a table of the project was there before a revision, and is there now.
    pub(crate) fn is_old(&self, table: TableId, revision: u32) -> bool {
        let live = self.schema.tables.get(table).is_some_and(|t| t.dropped.is_none());
        let own = self.owns(table) || (live && self.was_there(ObjectId::Table(table)));
        own && self.was_before(ObjectId::Table(table), revision) && !self.is_claimed(table, revision)
    }

    /// Whether a revision says that it makes the table, which is there already.
    fn is_claimed(&self, table: TableId, revision: u32) -> bool {
        let name = self.schema.tables.get(table).map(|t| t.name.clone()).unwrap_or_default();
        self.steps.claimed.contains(&(revision, name))
    }

    /// Whether a table of the project was there before a revision; it may be gone by now.
    pub(crate) fn was_old(&self, table: TableId, revision: u32) -> bool {
        let own = self.owned(table) || self.was_there(ObjectId::Table(table));
        own && self.was_before(ObjectId::Table(table), revision)
    }

    /// Whether checks that hold for all rows of a table already say, when a step runs, that a column is never null: SET NOT NULL then takes
    /// their word for it. Source: PostgreSQL manual, ALTER TABLE, "SET/DROP NOT NULL"; since version 12.
    pub(crate) fn was_checked_not_null(&self, id: TableId, column: ColumnNumber, at: At<'_>) -> bool {
        let Some(table) = self.schema.tables.get(id).filter(|_| self.target.server_version >= 12) else { return false };
        table.constraints.iter().filter_map(|c| Some((*c, self.schema.constraints.get(*c)?))).any(|(c, constraint)| {
            let ConstraintKind::Check(check) = &constraint.kind else { return false };
            constraint.columns.contains(&column)
                && self.was_valid(c, at)
                && conjuncts(check.source.tree()).into_iter().any(|part| {
                    matches!(part, Tree::Operator(op, of)
                        if op == "is not null" && of.first().and_then(|o| column_of(o, table)) == Some(column))
                })
        })
    }

    /// What ALTER COLUMN TYPE made of what: the column, its type before and after.
    pub(crate) fn type_change(&self, a: &Alteration<'a>) -> Option<(ColumnNumber, &'a DataType, &'a DataType)> {
        let AlterTableAction::SetType { column, .. } = a.action else { return None };
        let number = a.altered_column(self, &column.fold())?;
        let had = |n: &'a StepNote| match &n.note {
            Note::HadType(table, c, had) if *table == a.id && *c == number => Some(&**had),
            _ => None,
        };
        let notes = &self.replay.notes;
        let before = notes.iter().filter(|n| n.step == a.at.number).find_map(had)?;
        let after = notes.iter().filter(|n| n.step > a.at.number).find_map(had);
        Some((number, before, after.or_else(|| Some(&self.schema.column(a.id, number)?.data_type))?))
    }

    /// Whether a step makes a timestamp with a zone of one without, or the other way round, and the stored values stay what they are: the session's zone
    /// is UTC then, and the new type has no precision to round to. Source: PostgreSQL manual, release notes of version 12, E.25.3.1.2.
    pub(crate) fn keeps_instants(&self, at: At<'_>, from: &DataType, to: &DataType) -> bool {
        let is_timestamp = |t: &DataType| t.builtin_name().is_some_and(|n| n.starts_with("timestamp")) && !t.array;
        is_timestamp(from)
            && is_timestamp(to)
            && to.modifiers.is_empty()
            && self.target.server_version >= 12
            && self.zone_at(at).is_some_and(|zone| zone.eq_ignore_ascii_case("utc"))
    }

    /// The time zone that the migration of a step has set before it.
    fn zone_at(&self, at: At<'_>) -> Option<&'a str> {
        let revision = self.history.revisions.get(at.revision as usize)?;
        let (mut session, mut local) = (None, None);
        for operation in revision.up.iter().take_while(|o| o.span != at.operation.span) {
            match &operation.kind {
                OperationKind::SetParameter { name, value, local: is_local }
                    if name.eq_ignore_ascii_case("timezone") =>
                {
                    if *is_local {
                        local = value.as_deref();
                    } else {
                        (session, local) = (value.as_deref(), None);
                    }
                }
                OperationKind::Transaction(Transaction::Commit | Transaction::Rollback) => local = None,
                _ => {}
            }
        }
        local.or(session)
    }

    /// Whether a constraint existed and held for all rows when a step ran.
    pub(crate) fn was_valid(&self, id: ConstraintId, at: At<'_>) -> bool {
        let Some(constraint) = self.schema.constraints.get(id) else { return false };
        let since = self.steps.validated.get(&id).or_else(|| self.steps.born.get(&ObjectId::Constraint(id)));
        constraint.validated && since.is_some_and(|step| *step < at.number) && !self.was_dropped(constraint, at)
    }

    /// Whether a constraint was dropped before a step.
    fn was_dropped(&self, constraint: &Constraint, at: At<'_>) -> bool {
        constraint.dropped.is_some_and(|span| {
            let place = |span: Span| {
                let revision = self.history.revisions.iter().position(|r| r.file == span.file);
                (revision, span.start)
            };
            place(span) < place(at.operation.span)
        })
    }

    /// The tables, there before the migration, that a DROP TABLE names and takes away, each with the place where it is named.
    pub(crate) fn dropped_tables(&self, at: At<'a>) -> Vec<(TableId, &'a ObjectRef)> {
        let OperationKind::Drop(drop) = &at.operation.kind else { return Vec::new() };
        let dropped = at.effects.iter().filter_map(|e| match e {
            Effect::Dropped(ObjectId::Table(id)) => Some((*id, self.schema.tables.get(*id)?)),
            _ => None,
        });
        dropped
            .filter(|(id, _)| self.was_old(*id, at.revision))
            .filter_map(|(id, table)| {
                let names = |t: &&ObjectRef| {
                    matches!(t.kind, ObjectKind::Table | ObjectKind::ForeignTable) && t.name.name.fold() == table.name
                };
                drop.targets.iter().find(names).map(|target| (id, target))
            })
            .collect()
    }

    /// Reports what a statement does to an object. The revision belongs to it: another one may do the same again.
    pub(crate) fn report_step<'f>(
        &self,
        out: &'f mut Findings<'_>,
        at: At<'_>,
        subject: ObjectId,
        place: Span,
        message: String,
    ) -> Draft<'f> {
        out.report(subject, place, message).maybe_subject(self.revision(at.revision))
    }
}

impl<'a> Alteration<'a> {
    /// The column that this ADD COLUMN made, unless it is gone by now.
    pub(crate) fn new_column(&self) -> Option<(ColumnNumber, &'a Column, &'a ColumnDef)> {
        let AlterTableAction::AddColumn { column: def, .. } = self.action else { return None };
        let created = self.at.effects.iter().filter_map(|e| match e {
            Effect::Created(ObjectId::Column(table, number)) if *table == self.id => Some(*number),
            _ => None,
        });
        let mut live = created.filter_map(|number| Some((number, self.table.column(number)?)));
        live.find(|(_, c)| c.name_span == def.name.span).map(|(number, column)| (number, column, def))
    }

    /// The constraint that stands at this place of the statement, unless it is gone by now.
    pub(crate) fn new_constraint(&self, cx: &Context<'a>, span: Span) -> Option<(ConstraintId, &'a Constraint)> {
        self.at.effects.iter().find_map(|e| match e {
            Effect::Created(ObjectId::Constraint(id)) => {
                let c = cx.schema.constraints.get(*id)?;
                (c.table == self.id && c.span == span && c.dropped.is_none()).then_some((*id, c))
            }
            _ => None,
        })
    }

    /// The constraints that the action adds, alone or with a column, and that are there still: each with its place.
    pub(crate) fn added_constraints(
        &self,
        cx: &Context<'a>,
        alone: fn(&ConstraintDef) -> bool,
        with_column: fn(&ColumnConstraintKind) -> bool,
    ) -> Vec<(ConstraintId, &'a Constraint, Span)> {
        let spans: Vec<Span> = match self.action {
            AlterTableAction::AddConstraint(def) if alone(def) => vec![def.span],
            AlterTableAction::AddColumn { column, .. } => {
                column.constraints.iter().filter(|c| with_column(&c.kind)).map(|c| c.span).collect()
            }
            _ => Vec::new(),
        };
        spans.into_iter().filter_map(|span| self.new_constraint(cx, span).map(|(id, c)| (id, c, span))).collect()
    }

    /// The existing column of a name as the statement has it, by what it changed: names may have changed since.
    pub(crate) fn altered_column(&self, cx: &Context<'a>, name: &str) -> Option<ColumnNumber> {
        let mut touched = self.at.effects.iter().filter_map(|e| match e {
            Effect::Altered(ObjectId::Column(table, number)) if *table == self.id => Some(*number),
            _ => None,
        });
        let first = touched.clone().next()?;
        let single = self.alter.actions.len() == 1;
        let by_name = touched.find(|n| cx.schema.column(self.id, *n).is_some_and(|c| c.name == name));
        by_name.or(single.then_some(first)).filter(|n| cx.schema.column(self.id, *n).is_some())
    }
}

/// The table that an ALTER TABLE changed.
pub(crate) fn altered_table(at: At<'_>) -> Option<TableId> {
    at.effects.iter().find_map(|e| match e {
        Effect::Altered(ObjectId::Table(id)) => Some(*id),
        _ => None,
    })
}
