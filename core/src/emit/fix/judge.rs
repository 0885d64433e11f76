//! What fixes bring along when they run together: findings about the schema behind them that it does not have without them. One that widens a key, and
//! another that references it by the narrow type, are each right alone.

use std::collections::{BTreeMap, BTreeSet};

use super::Repair;
use crate::analysis::{Analysis, TargetAnalysis};
use crate::collections::Lookup;
use crate::finding::{Finding, Severity, Subject};
use crate::history::History;
use crate::name::quote;
use crate::operation::{ObjectKind, Operation, OperationKind};
use crate::order::Order;
use crate::replay::Replay;
use crate::rules::{self, Category, Context, REGISTRY, Rule};

/// How many statements are replayed to find out what brings something along, each as often as it is replayed; what still comes along then stays.
const MAX_REPLAYED: usize = 500_000;
/// How often fixes are left out for a try, however few statements there are.
const MAX_TRIES: u32 = 64;

/// Compares the schema with and without fixes.
pub(super) struct Judge<'a> {
    analysis: &'a Analysis,
    target: &'a TargetAnalysis,
    /// The schema without fixes.
    without: Context<'a>,
    /// What each rule says of that, as far as it was asked.
    before: Lookup<&'static str, BTreeSet<Vec<Subject>>>,
    /// Rules whose findings no fix was to blame for.
    stays: BTreeSet<&'static str>,
    tries: u32,
    replayed: usize,
}

/// The fixes that are not to run, by their places, and what they bring.
pub(super) struct Blame {
    pub(super) repairs: BTreeSet<usize>,
    pub(super) reason: String,
}

impl<'a> Judge<'a> {
    pub(super) fn new(analysis: &'a Analysis, target: &'a TargetAnalysis) -> Self {
        let without =
            Context::under(&analysis.policy, &target.target, &target.history, &target.replay, &analysis.sources);
        Self { analysis, target, without, before: Lookup::default(), stays: BTreeSet::new(), tries: 0, replayed: 0 }
    }

    /// The fixes that are better left out, because of the first rule that finds something as bad as what they repair; `None` where there are none. `whole` is
    /// how `repairs` turn out, `without` tells how they do without those of the given places.
    pub(super) fn blame(
        &mut self,
        repairs: &[Repair<'_>],
        whole: &(History, Replay),
        without: &impl Fn(&BTreeSet<usize>) -> (History, Replay),
    ) -> Option<Blame> {
        let context = self.context(&whole.0, &whole.1);
        let mut brought: Vec<Vec<Finding>> = Vec::new();
        for rule in REGISTRY.iter().filter(|rule| !rule.category.is_of_migrations() && self.analysis.policy.runs(rule))
        {
            if !self.stays.contains(rule.name) {
                let new = self.brought(rule, &context, repairs, &BTreeSet::new());
                brought.extend((!new.is_empty()).then_some(new));
            }
        }
        for new in brought {
            let Some(first) = new.first() else { continue };
            if let Some(needless) = self.needless(repairs, whole, &new, without) {
                return Some(needless);
            }
            for suspects in suspects(repairs, &new) {
                if self.tries >= MAX_TRIES || self.replayed >= MAX_REPLAYED {
                    return None;
                }
                self.tries += 1;
                self.replayed += whole.0.revisions.iter().map(|r| r.up.len()).sum::<usize>();
                let (history, replayed) = without(&suspects);
                let context = self.context(&history, &replayed);
                let left = self.brought(first.rule, &context, repairs, &suspects);
                if left.len() < new.len() {
                    let spared = new.iter().find(|f| !left.iter().any(|l| l.objects == f.objects)).unwrap_or(first);
                    let reason = format!(
                        "with the other fixes it would bring {} ({})",
                        super::named(spared),
                        spared.severity.name()
                    );
                    return Some(Blame { repairs: suspects, reason });
                }
            }
            self.stays.insert(first.rule.name);
        }
        None
    }

    /// Fixes whose own running is found to be as bad as what they repair: a migration of them would have that finding instead. `once` is how `repairs` run.
    /// What is said of a file as a whole is seen to where the files are written.
    pub(super) fn harmful(
        &self,
        repairs: &[Repair<'_>],
        once: &[(usize, Repair<'_>)],
        whole: &(History, Replay),
    ) -> BTreeMap<usize, String> {
        let context = self.context(&whole.0, &whole.1);
        let places: BTreeMap<String, usize> = (0..once.len()).map(|at| (id_of(at), at)).collect();
        let of_repair = |finding: &Finding| {
            let revision = finding.objects.iter().rev().find(|o| o.kind == ObjectKind::Revision)?;
            once.get(*places.get(&revision.path)?).map(|(at, _)| *at)
        };
        let mut out = BTreeMap::new();
        const OF_FILES: &[&str] = &["non-rerunnable-statement", "statements-after-strong-lock"];
        let of_statements = |r: &&Rule| {
            r.category == Category::MigrationSafety && !OF_FILES.contains(&r.name) && self.analysis.policy.runs(r)
        };
        for rule in REGISTRY.iter().copied().filter(of_statements) {
            for finding in rules::run(rule, &context).0.into_iter().filter(|f| f.severity < Severity::Info) {
                let Some(at) = of_repair(&finding) else { continue };
                if repairs.get(at).is_some_and(|r| finding.severity <= worst(r)) {
                    let (found, severity) = (super::named(&finding), finding.severity.name());
                    out.entry(at).or_insert_with(|| {
                        format!("in a migration it would itself bring {found} ({severity}); run it as a script, when nobody waits for the table")
                    });
                }
            }
        }
        out
    }

    /// Fixes that make an index for which that of another fix serves: without them those repair their findings as well.
    fn needless(
        &mut self,
        repairs: &[Repair<'_>],
        whole: &(History, Replay),
        new: &[Finding],
        without: &impl Fn(&BTreeSet<usize>) -> (History, Replay),
    ) -> Option<Blame> {
        const REPEATS: &[&str] = &["duplicate-index", "index-repeats-constraint", "redundant-prefix-index"];
        if !new.first().is_some_and(|f| REPEATS.contains(&f.rule.name)) {
            return None;
        }
        let repeated: BTreeSet<&str> = new.iter().filter_map(|f| f.objects.first()?.path.rsplit('.').next()).collect();
        let is_repeated = |o: &Operation| match &o.kind {
            OperationKind::CreateIndex(i) => {
                i.name.as_ref().is_some_and(|n| repeated.contains(quote(&n.fold()).as_str()))
            }
            _ => false,
        };
        let makes = |r: &Repair<'_>| r.statements.iter().flat_map(|s| &s.operations).any(is_repeated);
        let mut at: BTreeSet<usize> = repairs.iter().enumerate().filter(|(_, r)| makes(r)).map(|(at, _)| at).collect();
        if at.is_empty() || self.tries >= MAX_TRIES || self.replayed >= MAX_REPLAYED {
            return None;
        }
        self.tries += 1;
        self.replayed += whole.0.revisions.iter().map(|r| r.up.len()).sum::<usize>();
        let (history, replayed) = without(&at);
        let context = self.context(&history, &replayed);
        let mut left: BTreeMap<&str, BTreeSet<Option<Subject>>> = BTreeMap::new();
        for own in at.iter().filter_map(|at| repairs.get(*at)).flat_map(Repair::findings) {
            left.entry(own.rule.name).or_insert_with(|| {
                rules::run(own.rule, &context).0.into_iter().map(|f| f.objects.into_iter().next()).collect()
            });
        }
        let is_left =
            |f: &Finding| left.get(f.rule.name).is_some_and(|left| left.contains(&f.objects.first().cloned()));
        at.retain(|at| repairs.get(*at).is_some_and(|r| !r.findings().any(is_left)));
        (!at.is_empty()).then(|| Blame { repairs: at, reason: "what another fix makes does for it as well".to_owned() })
    }

    fn context<'c>(&self, history: &'c History, replay: &'c Replay) -> Context<'c>
    where
        'a: 'c,
    {
        Context::under(&self.analysis.policy, &self.target.target, history, replay, &self.analysis.sources)
    }

    /// What a rule finds that it does not find without the fixes. What is called otherwise behind them is nothing new: then its findings are no more than
    /// those that are left.
    fn brought(
        &mut self,
        rule: &'static Rule,
        context: &Context<'_>,
        repairs: &[Repair<'_>],
        left_out: &BTreeSet<usize>,
    ) -> Vec<Finding> {
        // What is said of the migration that a fix is tried in says nothing of the fix.
        let of_schema = |f: &Finding| f.objects.first().is_none_or(|o| o.kind != ObjectKind::Revision);
        let mut after = rules::run(rule, context).0;
        after.retain(of_schema);
        if after.is_empty() {
            return after;
        }
        let without = &self.without;
        let before = self.before.get_or_insert_with(rule.name, || {
            rules::run(rule, without).0.into_iter().filter(of_schema).map(|f| f.objects).collect()
        });
        let run = repairs.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
        let repaired = run.flat_map(|(_, r)| r.findings()).filter(|f| f.rule.name == rule.name).count();
        if after.len() <= before.len().saturating_sub(repaired) {
            return Vec::new();
        }
        after.into_iter().filter(|f| !before.contains(&f.objects)).collect()
    }
}

/// The table that something belongs to, as far as its path says so.
fn table_of(object: &Subject) -> &str {
    match object.kind {
        ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView => &object.path,
        _ => object.path.rsplit_once('.').map_or(&object.path, |(table, _)| table),
    }
}

/// The worst that a fix repairs.
fn worst(repair: &Repair<'_>) -> Severity {
    repair.findings().map(|f| f.severity).min().unwrap_or(Severity::Info)
}

/// What the fix at a place is called as a revision.
pub(super) fn id_of(at: usize) -> String {
    format!("fix {at}")
}

/// Sets of fixes one of which may have brought these findings: those of one rule that touch the same objects, or something of the same tables, or else all
/// of one rule; what is worth least first. Fixes of what is worse than the findings are worth them.
fn suspects(repairs: &[Repair<'_>], new: &[Finding]) -> Vec<BTreeSet<usize>> {
    let Some(severity) = new.iter().map(|f| f.severity).min() else { return Vec::new() };
    let objects: BTreeSet<&str> = new.iter().flat_map(|f| &f.objects).map(|o| o.path.as_str()).collect();
    let touches =
        |repair: &Repair<'_>| repair.findings().flat_map(|f| &f.objects).any(|o| objects.contains(o.path.as_str()));
    let mut rules: Vec<(Severity, &'static str)> =
        repairs.iter().filter(|r| worst(r) >= severity).map(|r| (worst(r), r.finding.rule.name)).collect();
    rules.order();
    rules.dedup();
    // Or something of the same table.
    let tables: BTreeSet<&str> = new.iter().flat_map(|f| &f.objects).map(table_of).collect();
    let is_near =
        |repair: &Repair<'_>| repair.findings().flat_map(|f| &f.objects).any(|o| tables.contains(table_of(o)));
    let of_rule = |(severity, rule): &(Severity, &'static str), nearness: u8| -> BTreeSet<usize> {
        let near = |r: &Repair<'_>| match nearness {
            2 => touches(r),
            1 => is_near(r),
            _ => true,
        };
        let fits = |r: &Repair<'_>| worst(r) == *severity && r.finding.rule.name == *rule && near(r);
        repairs.iter().enumerate().filter(|(_, r)| fits(r)).map(|(at, _)| at).collect()
    };
    let set = |nearness: u8| rules.iter().rev().map(move |of| (of, nearness));
    let sets = set(2).chain(set(1)).chain(set(0));
    sets.map(|(of, nearness)| of_rule(of, nearness)).filter(|set| !set.is_empty()).collect()
}
