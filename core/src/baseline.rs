//! Two states of a project: what the newer one brought, and what it repaired.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Analysis, Role, TargetAnalysis};
use crate::finding::{Finding, Subject};
use crate::history;
use crate::order::Order;
use crate::policy::{self, Level};
use crate::rules::{self, Context};

/// What became of the findings of the older state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// How many are in both.
    pub known: u32,
    /// How many are gone.
    pub fixed: u32,
}

/// One target beside its older state. What is waived is in neither: a finding that was waived and is open now is new, and one that is waived now is not
/// repaired.
pub(crate) struct Since<'a> {
    /// The place of the older state among the base's targets.
    pub(crate) base: usize,
    /// The places of the findings that are new, ascending.
    pub(crate) new: Vec<usize>,
    /// The findings of the older state that are gone, worst first.
    pub(crate) fixed: Vec<&'a Finding>,
    /// How many are in both.
    pub(crate) known: u32,
}

/// What makes two findings the same: what makes their fingerprints, but for the role of the target. A dump may be compared with the migrations that lead
/// to it.
type Key<'a> = (&'static str, &'a [Subject]);

fn key(finding: &Finding) -> Key<'_> {
    (finding.rule.name, &finding.objects)
}

/// The older state of each target: the only one where both have one, else the one of the same role that has most of its tables and migrations, wherever
/// it stands and whatever stands beside it. Where nothing is alike the one of its id; else none, and all of it is new.
fn pairs(analysis: &Analysis, base: &Analysis) -> Vec<Option<usize>> {
    if analysis.targets.len() == 1 && base.targets.len() == 1 {
        return vec![Some(0)];
    }
    let (now, before) = (contents(analysis), contents(base));
    let mut alike = Vec::new();
    for (at, (target, own)) in analysis.targets.iter().zip(&now).enumerate() {
        for (place, (older, other)) in base.targets.iter().zip(&before).enumerate() {
            let shared = own.intersection(other).count();
            if target.target.role == older.target.role && shared > 0 && shared * 2 >= other.len() {
                let share = shared * 1000 / (own.len() + other.len() - shared).max(1);
                let same = (tail(target, older), target.target.id == older.target.id);
                alike.push((Reverse((share, same)), at, place));
            }
        }
    }
    alike.order();
    let mut pairs = vec![None; analysis.targets.len()];
    let mut taken = BTreeSet::new();
    for (_, at, place) in alike {
        if let Some(pair @ None) = pairs.get_mut(at)
            && taken.insert(place)
        {
            *pair = Some(place);
        }
    }
    for (target, pair) in analysis.targets.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
        *pair = base.targets.iter().position(|t| t.target.id == target.target.id).filter(|at| taken.insert(*at));
    }
    pairs
}

/// The tables and the migrations of each target, by names that stay when folders move.
fn contents(analysis: &Analysis) -> Vec<BTreeSet<String>> {
    let of = |target: &TargetAnalysis| {
        let schema = target.schema();
        let tables = schema.live_tables().map(|(_, table)| {
            let namespace = schema.namespaces.get(table.namespace).map_or("", |n| n.name.as_str());
            format!("{namespace}.{}", table.name)
        });
        let revisions = target.history.revisions.iter().map(|revision| {
            let mut parts = analysis.sources.name(revision.file).rsplit('/');
            let base = parts.next().unwrap_or_default();
            // Where folders are the migrations, all files are called alike.
            let folder = parts.next().filter(|_| matches!(base, "up.sql" | "migration.sql"));
            format!("/{}", folder.unwrap_or(base))
        });
        tables.chain(revisions).collect()
    };
    analysis.targets.iter().map(of).collect()
}

/// How many folders their paths end in alike.
fn tail(target: &TargetAnalysis, older: &TargetAnalysis) -> usize {
    let (own, other) = (target.target.note.root.rsplit('/'), older.target.note.root.rsplit('/'));
    own.zip(other).take_while(|(a, b)| a == b).count()
}

/// What is new and what is gone in each target that has an older state. Where both have several findings alike, they are paired off.
pub(crate) fn since<'a>(analysis: &Analysis, base: &'a Analysis) -> Vec<Option<Since<'a>>> {
    let one = |(target, place): (&TargetAnalysis, Option<usize>)| {
        let (place, older) = place.and_then(|at| Some((at, base.targets.get(at)?)))?;
        let mut left: BTreeMap<Key<'_>, Vec<&Finding>> = BTreeMap::new();
        for finding in older.findings.iter().rev() {
            left.entry(key(finding)).or_default().push(finding);
        }
        let mut since = Since { base: place, new: Vec::new(), fixed: Vec::new(), known: 0 };
        // Those that stand open in both come first, so that they find each other.
        let mut closed: Vec<Key<'_>> = Vec::new();
        for (at, finding) in target.findings.iter().enumerate() {
            let key = key(finding);
            if finding.waived.is_some() {
                closed.push(key);
                continue;
            }
            let alike = left.get_mut(&key);
            let open = alike.and_then(|l| l.iter().rposition(|f| f.waived.is_none()).map(|at| l.remove(at)));
            match open {
                Some(_) => since.known = since.known.saturating_add(1),
                None => since.new.push(at),
            }
        }
        // What is accepted now is still there: the one that was accepted before, else one that was open.
        for key in closed {
            if let Some(alike) = left.get_mut(&key) {
                match alike.iter().rposition(|f| f.waived.is_some()) {
                    Some(at) => drop(alike.remove(at)),
                    None => drop(alike.pop()),
                }
            }
        }
        since.fixed = left.into_values().flatten().filter(|f| f.waived.is_none()).collect();
        since.fixed.order_by(|a, b| (a.severity, a.rule.name, &a.objects).cmp(&(b.severity, b.rule.name, &b.objects)));
        Some(since)
    };
    analysis.targets.iter().zip(pairs(analysis, base)).map(one).collect()
}

/// Leaves in `analysis` only the findings that `base` does not have, and of targets that `base` does not have, all. Scores stay those of the whole.
pub fn keep_new(analysis: &mut Analysis, base: &Analysis) -> Compared {
    tell_out_of_line(analysis, base);
    let mut compared = Compared::default();
    let since = since(analysis, base);
    for (target, since) in analysis.targets.iter_mut().zip(since) {
        let Some(since) = since else { continue };
        compared.known = compared.known.saturating_add(since.known);
        compared.fixed = compared.fixed.saturating_add(u32::try_from(since.fixed.len()).unwrap_or(u32::MAX));
        let mut at = 0;
        target.findings.retain(|_| {
            let is_new = since.new.binary_search(&at).is_ok();
            at += 1;
            is_new
        });
    }
    compared
}

const NON_LINEAR: &str = "non-linear-history";

/// Adds to `analysis` what only two states show: the migrations that are not in the same history of `base` and stand before some that are.
pub fn tell_out_of_line(analysis: &mut Analysis, base: &Analysis) {
    let found: Vec<Vec<Finding>> = pairs(analysis, base)
        .into_iter()
        .enumerate()
        .map(|(at, older)| out_of_line(analysis, at, base, older))
        .collect();
    for (target, mut found) in analysis.targets.iter_mut().zip(found) {
        if found.is_empty() {
            continue;
        }
        // What the state alone showed of the same migrations is said again, of others it still stands.
        target
            .findings
            .retain(|f| f.rule.name != NON_LINEAR || !found.iter().any(|new| new.objects.first() == f.objects.first()));
        target.findings.append(&mut found);
        for entry in target.checked.iter_mut().filter(|c| c.rule.name == NON_LINEAR) {
            let count = |waived: bool| {
                let of_rule = target.findings.iter().filter(|f| f.rule.name == NON_LINEAR);
                u32::try_from(of_rule.filter(|f| f.waived.is_some() == waived).count()).unwrap_or(u32::MAX)
            };
            (entry.findings, entry.waived) = (count(false), count(true));
        }
        rules::rank(&mut target.findings, &target.target.files);
        target.findings.order_by_key(|f| f.waived.is_some());
    }
}

fn out_of_line(analysis: &Analysis, at: usize, base: &Analysis, older: Option<usize>) -> Vec<Finding> {
    let older = older.and_then(|at| base.targets.get(at));
    let (Some(rule), Some(target), Some(older)) = (rules::find(NON_LINEAR), analysis.targets.get(at), older) else {
        return Vec::new();
    };
    let histories = target.target.role == Role::History && older.target.role == Role::History;
    if !histories
        || target.target.layout != older.target.layout
        || analysis.policy.level(NON_LINEAR) == Some(Level::Off)
    {
        return Vec::new();
    }
    let context = Context::under(&analysis.policy, &target.target, &target.history, &target.replay, &analysis.sources)
        .since(older.history.revisions.iter().map(|r| r.id.clone()));
    let (mut findings, _) = rules::run(rule, &context);
    history::attribute(&mut findings, &target.history, &target.replay);
    policy::apply(&mut findings, &analysis.waivers, &analysis.sources);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Options, analyze};

    fn read(files: &[(&str, &str)]) -> Analysis {
        analyze(files.iter().map(|(n, sql)| (*n, sql.as_bytes())), Options::default())
    }

    #[test]
    fn only_what_is_new_stays() {
        let base = read(&[("schema.sql", "CREATE TABLE a (id int); CREATE TABLE b (id int PRIMARY KEY, m money);")]);
        let mut now = read(&[
            ("1.sql", "CREATE TABLE a (id int); CREATE TABLE b (id int PRIMARY KEY, m numeric(9, 2));"),
            ("2.sql", "CREATE TABLE c (id int PRIMARY KEY, m money);"),
        ]);
        let money = |analysis: &Analysis| -> Vec<String> {
            let findings = analysis.targets.iter().flat_map(|t| &t.findings);
            findings.filter(|f| f.rule.name == "money-type").map(|f| f.objects[0].path.clone()).collect()
        };
        assert_eq!(money(&base), ["public.b.m"]);
        let compared = keep_new(&mut now, &base);
        assert_eq!(money(&now), ["public.c.m"]);
        let old = |f: &Finding| f.rule.name == "no-primary-key" && f.objects[0].path == "public.a";
        assert!(!now.targets[0].findings.iter().any(old) && base.targets[0].findings.iter().any(old));
        assert!(compared.known >= 1 && compared.fixed >= 1, "{compared:?}");
    }

    #[test]
    fn a_new_migration_before_old_ones_is_told() {
        let (a, b, c) = ("CREATE TABLE a (id int);", "CREATE TABLE b (id int);", "CREATE TABLE c (id int);");
        let base = read(&[("m/1_a.sql", a), ("m/3_c.sql", c)]);
        let found = |files: &[(&str, &str)]| -> Vec<String> {
            let mut now = read(files);
            keep_new(&mut now, &base);
            let findings = now.targets.iter().flat_map(|t| &t.findings);
            findings.filter(|f| f.rule.name == NON_LINEAR).map(|f| f.objects[0].path.clone()).collect()
        };
        assert_eq!(found(&[("m/1_a.sql", a), ("m/2_b.sql", b), ("m/3_c.sql", c)]), ["2"]);
        assert_eq!(found(&[("m/1_a.sql", a), ("m/3_c.sql", c), ("m/4_b.sql", b)]), [""; 0]);
    }

    /// What is accepted is on neither side: taking a waiver away makes the finding new, and giving one repairs nothing.
    #[test]
    fn what_is_waived_is_neither_known_nor_fixed() {
        let open = "CREATE TABLE a (id int PRIMARY KEY, m money);";
        let waived = format!("-- relata: ignore money-type cents are enough\n{open}");
        let money = |of: &Analysis| of.targets[0].findings.iter().filter(|f| f.rule.name == "money-type").count();
        let (mut now, base) = (read(&[("a.sql", open)]), read(&[("a.sql", &waived)]));
        assert!(base.targets[0].findings.iter().any(|f| f.rule.name == "money-type" && f.waived.is_some()));
        let compared = keep_new(&mut now, &base);
        assert_eq!((money(&now), compared.fixed), (1, 0));
        let mut now = read(&[("a.sql", &waived)]);
        let compared = keep_new(&mut now, &read(&[("a.sql", open)]));
        assert_eq!((money(&now), compared.fixed), (0, 0));
    }

    /// A dump that shows a fault does not hide the same fault of the migrations.
    #[test]
    fn targets_are_compared_by_pairs() {
        let (a, b) = ("CREATE TABLE a (id int PRIMARY KEY);", "CREATE TABLE b (id int PRIMARY KEY, m money);");
        let dump = format!("-- PostgreSQL database dump\n{a}\n{b}");
        let project = |second: &str| read(&[("schema.sql", &dump), ("db/V1__a.sql", a), ("db/V2__b.sql", second)]);
        let (mut now, base) = (project(b), project("CREATE TABLE b (id int PRIMARY KEY);"));
        assert_eq!((now.targets.len(), base.targets.len()), (2, 2));
        keep_new(&mut now, &base);
        let found = |role| -> Vec<&str> {
            let targets = now.targets.iter().filter(|t| t.target.role == role);
            targets
                .flat_map(|t| &t.findings)
                .filter(|f| f.rule.name == "money-type")
                .map(|f| f.objects[0].path.as_str())
                .collect()
        };
        assert_eq!((found(Role::Dump), found(Role::History)), (vec![], vec!["public.b.m"]));
    }

    /// Folders move, and others come and go before them: each history finds its older state by what it holds.
    #[test]
    fn targets_find_their_older_state_wherever_they_stand() {
        let money = |table: &str| format!("CREATE TABLE {table} (id int PRIMARY KEY, m money);");
        let [a, b, c, d] = ["a", "b", "c", "d"].map(money);
        let base = read(&[
            ("one/1_a.sql", &a),
            ("one/2_b.sql", &b),
            ("two/1_c.sql", &c),
            ("two/2_x.sql", "CREATE TABLE x (id int PRIMARY KEY);"),
        ]);
        let mut now = read(&[
            ("apps/two/1_c.sql", &c),
            ("apps/two/2_x.sql", "CREATE TABLE x (id int PRIMARY KEY);"),
            ("apps/two/3_d.sql", &d),
            ("late/one/1_a.sql", &a),
            ("late/one/2_b_of_a.sql", &b),
        ]);
        assert_eq!((base.targets.len(), now.targets.len()), (2, 2));
        let compared = keep_new(&mut now, &base);
        let found = now.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == "money-type");
        assert_eq!(found.map(|f| f.objects[0].path.as_str()).collect::<Vec<_>>(), ["public.d.m"]);
        assert_eq!(compared.fixed, 0);
        // What is new in every way is compared with nothing, though it is the second history as before.
        let (e, f) = (money("e"), money("f"));
        let mut now = read(&[("one/1_a.sql", &a), ("one/2_b.sql", &b), ("two/1_e.sql", &e), ("two/2_f.sql", &f)]);
        keep_new(&mut now, &base);
        let found = now.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == "money-type");
        assert_eq!(found.map(|f| f.objects[0].path.as_str()).collect::<Vec<_>>(), ["public.e.m", "public.f.m"]);
    }

    #[test]
    fn a_state_compared_with_itself_has_nothing_new() {
        let sql = "CREATE TABLE a (id int, b_id int, m money);";
        let mut now = read(&[("a.sql", sql)]);
        let count = now.targets[0].findings.len();
        assert_eq!(keep_new(&mut now, &read(&[("a.sql", sql)])), Compared { known: count as u32, fixed: 0 });
        assert!(now.targets[0].findings.is_empty());
    }
}
