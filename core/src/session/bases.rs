//! Base schemas beside patches become one target: the base, and the patches that it does not hold yet.

use super::sql::FileReading;
use super::targets::files_of_planned;
use crate::history::layout::{Layout, Plan, Planned, Plans};
use crate::history::{base, dependency};
use crate::operation::{DmlVerb, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::source::Sources;

/// What a plan of patches rests on.
struct Rest {
    /// The place of the base among the plans; `None` where it stands among the patches themselves.
    base: Option<usize>,
    /// The base's files, in the order in which they run.
    files: Vec<usize>,
    /// How many of the patches it holds.
    held: usize,
}

/// Joins the plans of patches with those of their bases.
pub(super) fn join(sources: &Sources, read: &[FileReading], plans: &mut Plans, problems: &mut Vec<Problem>) {
    without_seeds(read, plans);
    // All are looked at before the first is changed: a base may be that of several.
    let of = |plan: &Plan| Some(plan).filter(|p| p.layout.is_history()).and_then(|p| rest_of(sources, read, p, plans));
    let rests: Vec<Option<Rest>> = plans.plans.iter().map(of).collect();
    let mut slots: Vec<Option<Plan>> = std::mem::take(&mut plans.plans).into_iter().map(Some).collect();
    for (at, rest) in rests.iter().enumerate() {
        let Some(rest) = rest else { continue };
        let Some(mut patches) = slots.get_mut(at).and_then(Option::take) else { continue };
        told(sources, read, rest, &patches, problems);
        let own: Vec<Planned> = patches.revisions.extract_if(.., |planned| rest.files.contains(&planned.up)).collect();
        let held: Vec<Planned> = patches.revisions.drain(..rest.held.min(patches.revisions.len())).collect();
        let base = rest.base.and_then(|base| slots.get_mut(base)).and_then(Option::as_mut);
        let Some(base) = base else {
            leave_out(sources, read, &mut patches, rest, held);
            patches.revisions.splice(0..0, own);
            if let Some(slot) = slots.get_mut(at) {
                *slot = Some(patches);
            }
            continue;
        };
        leave_out(sources, read, base, rest, held);
        base.left_out.append(&mut patches.left_out);
        base.notes.append(&mut patches.notes);
        if !patches.revisions.is_empty() {
            follow(base, rest, patches);
        }
    }
    plans.plans = slots.into_iter().flatten().collect();
}

/// Numbered files that only fill tables are no history: they are run by hand, in some databases, when the schema is there.
fn without_seeds(read: &[FileReading], plans: &mut Plans) {
    if plans.plans.len() < 2 {
        return;
    }
    let fills = |planned: &Planned| {
        let operations = read.get(planned.up).map_or(&[][..], |r| r.operations.as_slice());
        operations.iter().all(|operation| !ddl::changes_schema(&operation.kind))
            && operations.iter().any(|o| matches!(&o.kind, OperationKind::Dml { verb, .. } if *verb != DmlVerb::Select))
    };
    let seeds = |plan: &mut Plan| {
        matches!(plan.layout, Layout::Numbered | Layout::Unordered | Layout::Sql) && plan.revisions.iter().all(fills)
    };
    if plans.plans.iter_mut().all(|plan| seeds(plan)) {
        return;
    }
    const REASON: &str = "they fill tables and make none";
    for plan in plans.plans.extract_if(.., seeds) {
        let files = plan.revisions.iter().flat_map(files_of_planned);
        plans.unused.extend(files.map(|file| (file, REASON.to_owned())));
        plans.unused.extend(plan.left_out);
    }
}

/// The base that patches rest on. Tools know what a new database begins with: for their histories a base can only be what was there before the
/// first migration. Where several would do, it is the one in the nearest folder.
fn rest_of(sources: &Sources, read: &[FileReading], patches: &Plan, plans: &Plans) -> Option<Rest> {
    let operations = |planned: &Planned| read.get(planned.up).map_or(&[][..], |r| r.operations.as_slice());
    let fits = |held: usize| patches.layout == Layout::Numbered || held == 0;
    let rest_on = |files: &[usize], patches: &[&[Operation]]| {
        let base: Vec<&[Operation]> =
            files.iter().filter_map(|i| read.get(*i)).map(|r| r.operations.as_slice()).collect();
        base::held(&base, patches).filter(|held| fits(*held))
    };
    let ups: Vec<&[Operation]> = patches.revisions.iter().map(operations).collect();
    let mut found: Vec<(usize, Rest)> = Vec::new();
    for (place, plan) in plans.plans.iter().enumerate() {
        if plan.layout.is_history()
            || plan.database != patches.database
            || plan.revisions.iter().any(|r| r.down.is_some())
        {
            continue;
        }
        let files = in_order(sources, read, plan);
        if let Some(held) = rest_on(&files, &ups) {
            found.push((shared(&plan.root, &patches.root), Rest { base: Some(place), files, held }));
        }
    }
    // Of those as near the first.
    found.reverse();
    found.into_iter().max_by_key(|(near, _)| *near).map(|(_, rest)| rest).or_else(|| {
        let files = among(sources, read, patches);
        let ups = patches.revisions.iter().filter(|planned| !files.contains(&planned.up)).map(operations);
        let held = rest_on(&files, &ups.collect::<Vec<_>>())?;
        Some(Rest { base: None, files, held })
    })
}

/// The files of a base that stand among the patches: those without a number that make tables and change none of others. By their names they stand at
/// the end.
fn among(sources: &Sources, read: &[FileReading], patches: &Plan) -> Vec<usize> {
    let is_base = |planned: &&Planned| {
        read.get(planned.up).is_some_and(|r| {
            let name = sources.name(r.file);
            // Where folders are numbered, the files in them need no number.
            let bare = name == planned.id && name.rsplit_once('/').map_or("", |(folder, _)| folder) == patches.root;
            bare && !r.tables.is_empty() && base::needs(&[&r.operations]).is_empty()
        })
    };
    let numbered = patches.layout == Layout::Numbered;
    patches.revisions.iter().filter(|_| numbered).filter(is_base).map(|planned| planned.up).collect()
}

/// How many folders two paths have in common at their beginning.
fn shared(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

/// The files of a base in the order in which they run.
fn in_order(sources: &Sources, read: &[FileReading], plan: &Plan) -> Vec<usize> {
    let files: Vec<usize> = plan.revisions.iter().map(|planned| planned.up).collect();
    if plan.layout != Layout::Unordered {
        return files;
    }
    let readings = files.iter().filter_map(|i| read.get(*i));
    let named: Vec<(&str, &[Operation])> = readings.map(|r| (sources.name(r.file), r.operations.as_slice())).collect();
    let undoing = dependency::undoing(&named);
    let order = dependency::order(&named).into_iter().filter(|at| !undoing.contains(at));
    order.filter_map(|at| files.get(at).copied()).collect()
}

/// Makes a history of a base and of the patches that follow it.
fn follow(base: &mut Plan, rest: &Rest, patches: Plan) {
    if base.layout != patches.layout {
        let kept = |planned: &Planned| rest.files.contains(&planned.up);
        let (mut ordered, others): (Vec<Planned>, Vec<Planned>) = base.revisions.drain(..).partition(kept);
        base.left_out
            .extend(others.iter().map(|planned| (planned.up, "it takes back what another file makes".to_owned())));
        let place = |planned: &Planned| rest.files.iter().position(|file| *file == planned.up);
        crate::order::Order::order_by_key(ordered.as_mut_slice(), place);
        base.revisions = ordered;
    }
    base.root = base
        .root
        .split('/')
        .zip(patches.root.split('/'))
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a)
        .collect::<Vec<_>>()
        .join("/");
    base.layout = patches.layout;
    base.naming = patches.naming;
    base.guessed = true;
    base.evidence = patches.evidence;
    base.revisions.extend(patches.revisions);
}

/// Patches that the base holds are not run.
fn leave_out(sources: &Sources, read: &[FileReading], plan: &mut Plan, rest: &Rest, held: Vec<Planned>) {
    let reason =
        format!("{} holds already what they lead to, and a new database begins with that", named(sources, read, rest));
    let files = held.iter().flat_map(files_of_planned);
    plan.left_out.extend(files.map(|file| (file, reason.clone())));
}

fn named(sources: &Sources, read: &[FileReading], rest: &Rest) -> String {
    // The file with most tables stands for all.
    let readings = rest.files.iter().rev().filter_map(|i| read.get(*i));
    let main = readings.max_by_key(|r| r.tables.len());
    format!("`{}`", main.map_or("", |r| sources.name(r.file)))
}

/// Says that patches were taken for those that follow a base.
fn told(sources: &Sources, read: &[FileReading], rest: &Rest, patches: &Plan, problems: &mut Vec<Problem>) {
    let own = |planned: &&Planned| !rest.files.contains(&planned.up);
    let mut open = patches.revisions.iter().filter(own).skip(rest.held);
    let (Some(first), more) = (open.next(), open.count()) else { return };
    let first = read.get(first.up).map_or("", |r| sources.name(r.file));
    let files = match more {
        0 => format!("`{first}`"),
        n => format!("`{first}` and {n} more"),
    };
    let base = named(sources, read, rest);
    let message = format!("{files} change what {base} makes, which lacks what they lead to: read as running after it.");
    problems.push(Problem { kind: ProblemKind::AssumedOrder, message, span: None });
}
