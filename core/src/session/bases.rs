//! Base schemas beside patches become one target: the base, and the patches that it does not hold yet.

use std::cell::OnceCell;

use super::sql::FileReading;
use super::targets::files_of_planned;
use crate::history::base::Trace;
use crate::history::layout::{Layout, Plan, Planned, Plans};
use crate::history::{base, dependency};
use crate::operation::{DmlVerb, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::source::Sources;

/// A plan that others may rest on. What it does is looked at once, and only where something could rest on it.
struct Base<'a> {
    plan: &'a Plan,
    /// Its files in the order in which they run, and what they do.
    seen: OnceCell<(Vec<usize>, Trace)>,
}

impl<'a> Base<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self { plan, seen: OnceCell::new() }
    }

    fn look(&self, sources: &Sources, read: &[FileReading]) -> &(Vec<usize>, Trace) {
        self.seen.get_or_init(|| {
            let files = in_order(sources, read, self.plan);
            let trace = Trace::of(&operations(read, &files));
            (files, trace)
        })
    }
}

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
    let bases: Vec<Base> = plans.plans.iter().map(Base::new).collect();
    let rests: Vec<Option<Rest>> = bases.iter().map(|patches| rest_of(sources, read, patches.plan, &bases)).collect();
    let parts: Vec<bool> = bases
        .iter()
        .zip(&rests)
        .map(|(patches, rest)| rest.is_none() && is_part(sources, read, patches.plan, &bases))
        .collect();
    let mut slots: Vec<Option<Plan>> = std::mem::take(&mut plans.plans).into_iter().map(Some).collect();
    for (at, rest) in rests.iter().enumerate() {
        // A base that rests on another itself is gone.
        let there = |base: usize| slots.get(base).is_some_and(Option::is_some);
        let Some(rest) = rest.as_ref().filter(|rest| rest.base.is_none_or(there)) else { continue };
        let Some(mut patches) = slots.get_mut(at).and_then(Option::take) else { continue };
        told(sources, read, rest, &patches, problems);
        let own: Vec<Planned> = patches.revisions.extract_if(.., |planned| rest.files.contains(&planned.up)).collect();
        let held: Vec<Planned> = patches.revisions.drain(..rest.held.min(patches.revisions.len())).collect();
        let base = rest.base.and_then(|base| slots.get_mut(base)).and_then(Option::as_mut);
        let Some(base) = base else {
            leave_out(sources, read, &mut patches, rest, &held);
            patches.revisions.splice(0..0, own);
            if let Some(slot) = slots.get_mut(at) {
                *slot = Some(patches);
            }
            continue;
        };
        leave_out(sources, read, base, rest, &held);
        base.left_out.append(&mut patches.left_out);
        base.notes.append(&mut patches.notes);
        if !patches.revisions.is_empty() {
            follow(base, rest, patches);
        }
    }
    for (slot, part) in slots.iter_mut().zip(parts) {
        slot.iter_mut().for_each(|plan| plan.partial |= part);
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
    if plans.plans.iter_mut().all(seeds) {
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
fn rest_of(sources: &Sources, read: &[FileReading], patches: &Plan, bases: &[Base<'_>]) -> Option<Rest> {
    // Without an order they can only be in the base altogether.
    let ordered = patches.layout.is_history();
    let fits = |held: &base::Held| match patches.layout {
        Layout::Numbered => true,
        Layout::Unordered | Layout::Sql => held.most,
        Layout::PgDump => false,
        _ => held.first == 0,
    };
    let among = among(sources, read, patches);
    let in_parts = |base: &Base<'_>| is_in_parts(base.plan, patches);
    let may_be_base = |base: &Base<'_>| {
        !std::ptr::eq(base.plan, patches)
            && (!base.plan.layout.is_history() || in_parts(base))
            && base.plan.database == patches.database
            && base.plan.revisions.iter().all(|r| r.down.is_none())
    };
    // Dumps rest on nothing, and most inputs are one plan: nothing has to be traced.
    if patches.layout == Layout::PgDump || among.is_empty() && !bases.iter().any(may_be_base) {
        return None;
    }
    let rest_on = |base: &Trace, patches: &Trace, files: usize, in_parts: bool| {
        let held = base::held(base, patches, in_parts).filter(|held| fits(held) && (held.most || !in_parts))?;
        Some(if ordered { held.first } else { files })
    };
    let ups: Vec<usize> = patches.revisions.iter().map(|planned| planned.up).collect();
    let trace = Trace::of(&operations(read, &ups));
    let mut found: Vec<(usize, Rest)> = Vec::new();
    for (place, base) in bases.iter().enumerate().filter(|(_, base)| !trace.needs.is_empty() && may_be_base(base)) {
        let (files, made) = base.look(sources, read);
        if let Some(held) = rest_on(made, &trace, ups.len(), in_parts(base)) {
            let near = shared(&base.plan.root, &patches.root);
            found.push((near, Rest { base: Some(place), files: files.clone(), held }));
        }
    }
    // Of those as near the first.
    found.reverse();
    found.into_iter().max_by_key(|(near, _)| *near).map(|(_, rest)| rest).or_else(|| {
        if among.is_empty() {
            return None;
        }
        let base = Trace::of(&operations(read, &among));
        let others: Vec<usize> = ups.into_iter().filter(|up| !among.contains(up)).collect();
        let held = rest_on(&base, &Trace::of(&operations(read, &others)), others.len(), false)?;
        Some(Rest { base: None, files: among, held })
    })
}

/// A schema in parts that are numbered looks like a history; with patches in a folder inside it is a base that holds most of them.
fn is_in_parts(base: &Plan, patches: &Plan) -> bool {
    base.layout == Layout::Numbered
        && patches.layout == Layout::Numbered
        && patches.root.strip_prefix(base.root.as_str()).is_some_and(|rest| !rest.is_empty())
}

/// Whether patches change what a schema around them makes, and it does not have what they lead to: another database was there before them.
fn is_part(sources: &Sources, read: &[FileReading], patches: &Plan, bases: &[Base<'_>]) -> bool {
    bases.iter().filter(|base| is_in_parts(base.plan, patches)).any(|base| {
        let ups: Vec<usize> = patches.revisions.iter().map(|planned| planned.up).collect();
        base::touches(&base.look(sources, read).1, &Trace::of(&operations(read, &ups)))
    })
}

/// What files say, in this order.
fn operations<'a>(read: &'a [FileReading], files: &[usize]) -> Vec<&'a [Operation]> {
    files.iter().filter_map(|i| read.get(*i)).map(|r| r.operations.as_slice()).collect()
}

/// The files of a base that stand among the patches: those without a number that make tables and change none of others. By their names they stand at
/// the end.
fn among(sources: &Sources, read: &[FileReading], patches: &Plan) -> Vec<usize> {
    let is_base = |planned: &&Planned| {
        read.get(planned.up).is_some_and(|r| {
            let name = sources.name(r.file);
            // Where folders are numbered, the files in them need no number.
            let bare = name == planned.id && name.rsplit_once('/').map_or("", |(folder, _)| folder) == patches.root;
            bare && !r.tables.is_empty() && Trace::of(&[&r.operations]).needs.is_empty()
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
fn leave_out(sources: &Sources, read: &[FileReading], plan: &mut Plan, rest: &Rest, held: &[Planned]) {
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

#[cfg(test)]
mod tests {
    use crate::analysis::Analysis;
    use crate::{Options, analyze};

    fn read(files: &[(&str, &str)]) -> Analysis {
        analyze(files.iter().map(|(n, t)| (*n, t.as_bytes())), Options::default())
    }

    /// The files of the only target in order.
    fn order(analysis: &Analysis) -> Vec<&str> {
        assert_eq!(analysis.targets.len(), 1, "{:?}", analysis.problems);
        let conflicts = &analysis.targets[0].replay.conflicts;
        assert!(conflicts.is_empty(), "{conflicts:?}");
        analysis.targets[0].target.files.iter().map(|f| analysis.sources.name(*f)).collect()
    }

    fn told(analysis: &Analysis, words: &str) -> bool {
        analysis.problems.iter().any(|p| p.message.contains(words))
    }

    const ONE: (&str, &str) = ("db/updates/1.1.sql", "ALTER TABLE users ADD COLUMN mail text;");
    const TWO: (&str, &str) = ("db/updates/1.2.sql", "CREATE TABLE notes (id int PRIMARY KEY);");
    const TEN: (&str, &str) = ("db/updates/1.10.sql", "ALTER TABLE users DROP COLUMN nick;");

    /// The files of a schema are numbered as migrations are, and only what they make tells that the folder inside leads older databases to it.
    #[test]
    fn a_base_may_be_in_numbered_parts() {
        const PARTS: [(&str, &str); 2] = [
            ("sql/10-types.sql", "CREATE TYPE mood AS ENUM ('sad', 'glad');"),
            (
                "sql/30-tables.sql",
                "CREATE TABLE users (id int PRIMARY KEY, mail text, mood mood); CREATE TABLE notes (id int PRIMARY KEY);",
            ),
        ];
        let held = [
            ("sql/upgrades/002.sql", "ALTER TABLE users ADD COLUMN mail text; DROP TABLE old;"),
            ("sql/upgrades/003.sql", "CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO notes VALUES (1);"),
        ];
        let analysis = read(&[PARTS[0], PARTS[1], held[0], held[1]]);
        assert_eq!(order(&analysis), ["sql/10-types.sql", "sql/30-tables.sql"]);
        // Without most of what they lead to the parts are no base of the patches: what these miss was in another database.
        let open = [
            held[0],
            (
                "sql/upgrades/003.sql",
                "CREATE TABLE a (id int); CREATE TABLE b (id int); ALTER TABLE gone ADD COLUMN c int;",
            ),
        ];
        let analysis = read(&[PARTS[0], PARTS[1], open[0], open[1]]);
        assert_eq!(analysis.targets.len(), 2);
        for target in &analysis.targets {
            assert!(target.replay.conflicts.is_empty(), "{:?}", target.replay.conflicts);
        }
        assert!(analysis.targets[1].history.partial);
    }

    #[test]
    fn a_base_in_which_all_patches_are_runs_alone() {
        let base = "CREATE TABLE users (id int PRIMARY KEY, mail text); CREATE TABLE notes (id int PRIMARY KEY);";
        let analysis = read(&[("db/schema.sql", base), ONE, TWO, TEN]);
        assert_eq!(order(&analysis), ["db/schema.sql"]);
        assert!(told(&analysis, "`db/updates/1.1.sql` and 2 more are not part"), "{:?}", analysis.problems);
    }

    #[test]
    fn a_base_without_what_the_patches_do_runs_before_them() {
        let base = "CREATE TABLE users (id int PRIMARY KEY, nick text);";
        let analysis = read(&[("db/schema.sql", base), ONE, TWO, TEN]);
        assert_eq!(order(&analysis), ["db/schema.sql", ONE.0, TWO.0, TEN.0]);
        assert!(told(&analysis, "read as running after it"), "{:?}", analysis.problems);
    }

    #[test]
    fn a_base_in_between_is_followed_by_what_it_lacks() {
        let base = "CREATE TABLE users (id int PRIMARY KEY, nick text, mail text);";
        let analysis = read(&[("db/schema.sql", base), ONE, TWO, TEN]);
        assert_eq!(order(&analysis), ["db/schema.sql", TWO.0, TEN.0]);
    }

    /// The base stands among the patches, where its name puts it behind them.
    #[test]
    fn a_base_of_the_same_folder() {
        let base = ("db/create.sql", "CREATE TABLE users (id int PRIMARY KEY, nick text);");
        let patch = ("db/1.1.sql", "ALTER TABLE users ADD COLUMN mail text;");
        let next = ("db/1.2.sql", "ALTER TABLE users ADD COLUMN note text;");
        assert_eq!(order(&read(&[base, patch, next])), [base.0, patch.0, next.0]);
    }

    /// What was renamed on the way is in the newest state under its last name.
    #[test]
    fn renames_are_followed() {
        let base = "CREATE TABLE people (id int PRIMARY KEY, mail text);";
        let rename = ("db/updates/1.2.sql", "ALTER TABLE users RENAME TO people;");
        let analysis =
            read(&[("db/schema.sql", base), ONE, rename, ("db/updates/1.3.sql", "INSERT INTO people VALUES (1);")]);
        assert_eq!(order(&analysis), ["db/schema.sql"]);
    }

    /// A history that makes its own tables is compared with the dump beside it, and not replaced by it.
    #[test]
    fn a_whole_history_beside_a_dump_is_a_target_of_its_own() {
        let files = [
            ("db/1.sql", "CREATE TABLE users (id int PRIMARY KEY);"),
            ("db/2.sql", "ALTER TABLE users ADD COLUMN mail text;"),
            ("db/schema.sql", "CREATE TABLE users (id int PRIMARY KEY, mail text);"),
        ];
        assert_eq!(read(&files).targets.len(), 2);
    }

    /// Who adopts a tool begins with what is there; that the newest state stands beside its migrations says nothing of what a new database runs.
    #[test]
    fn a_base_of_a_tools_migrations_is_what_was_before_them() {
        let first = ("db/migrations/V1__mail.sql", "ALTER TABLE users ADD COLUMN mail text;");
        let next = ("db/migrations/V2__note.sql", "ALTER TABLE users ADD COLUMN note text;");
        let before = ("db/base.sql", "CREATE TABLE users (id int PRIMARY KEY);");
        assert_eq!(order(&read(&[before, first, next])), [before.0, first.0, next.0]);
        let newest = ("db/base.sql", "CREATE TABLE users (id int PRIMARY KEY, mail text, note text);");
        assert_eq!(read(&[newest, first, next]).targets.len(), 2);
    }

    /// Names without an order: nothing says what comes first, but all of it is in the base.
    #[test]
    fn patches_without_numbers_are_in_the_base_or_a_schema_of_their_own() {
        let base = ("db/tables.sql", "CREATE TABLE users (id int PRIMARY KEY, mail text, note text);");
        let same = ("db/old/users.sql", "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE gone (id int);");
        let mail = ("db/archive/patch-mail.sql", "ALTER TABLE users ADD COLUMN mail text;");
        let note =
            ("db/archive/patch-note.sql", "ALTER TABLE users ADD COLUMN note text; CREATE TABLE users (id int);");
        let analysis = read(&[base, same, mail, note]);
        assert!(told(&analysis, "`db/archive/patch-mail.sql` and 1 more are not part"), "{:?}", analysis.problems);
    }

    #[test]
    fn seeds_are_no_history() {
        let files = [
            ("db/migrations/1_a.sql", "CREATE TABLE a (id int PRIMARY KEY);"),
            ("db/migrations/2_b.sql", "CREATE TABLE b (id int PRIMARY KEY);"),
            ("db/seeds/1_a.sql", "INSERT INTO a VALUES (1);"),
            ("db/seeds/2_b.sql", "INSERT INTO b VALUES (1);"),
        ];
        let analysis = read(&files);
        assert_eq!(order(&analysis), [files[0].0, files[1].0]);
        assert!(told(&analysis, "they fill tables and make none"), "{:?}", analysis.problems);
    }
}
