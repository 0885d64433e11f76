//! Two states of a project: what the newer one brought, and what it repaired.

use std::collections::BTreeMap;

use crate::analysis::{Analysis, Role, TargetAnalysis};
use crate::finding::{Finding, Subject};
use crate::history;
use crate::rules::{self, Context};

/// What became of the findings of the older state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// How many are in both.
    pub known: u32,
    /// How many are gone.
    pub fixed: u32,
}

/// Leaves in `analysis` only the findings that `base` does not have. A finding is known by what makes its fingerprint, but for the role of its
/// target: a dump may be compared with the migrations that lead to it. Where both have several alike, as many are known as `base` has. Scores stay
/// those of the whole.
pub fn keep_new(analysis: &mut Analysis, base: &Analysis) -> Compared {
    let mut left: BTreeMap<(&'static str, Vec<Subject>), u32> = BTreeMap::new();
    let key = |finding: &Finding| (finding.rule.name, finding.objects.clone());
    for finding in base.targets.iter().flat_map(|t| &t.findings) {
        *left.entry(key(finding)).or_default() += 1;
    }
    let mut compared = Compared::default();
    let out_of_line: Vec<Vec<Finding>> =
        analysis.targets.iter().map(|target| out_of_line(analysis, target, base)).collect();
    for (target, mut found) in analysis.targets.iter_mut().zip(out_of_line) {
        target.findings.retain(|f| f.rule.name != NON_LINEAR || found.is_empty());
        target.findings.append(&mut found);
        rules::rank(&mut target.findings, &target.target.files);
        target.findings.retain(|finding| {
            let known = left.get_mut(&key(finding)).filter(|n| **n > 0);
            let is_new = known.is_none();
            if let Some(n) = known {
                *n -= 1;
                compared.known += 1;
            }
            is_new
        });
    }
    compared.fixed = left.into_values().sum();
    compared
}

const NON_LINEAR: &str = "non-linear-history";

/// The migrations of a target that are not in the same history of `base` and stand before some that are: only two states show that.
fn out_of_line(analysis: &Analysis, target: &TargetAnalysis, base: &Analysis) -> Vec<Finding> {
    let same = |t: &&TargetAnalysis| t.target.role == Role::History && t.target.layout == target.target.layout;
    let (Some(rule), Some(older)) = (rules::find(NON_LINEAR), base.targets.iter().find(same)) else {
        return Vec::new();
    };
    if target.target.role != Role::History {
        return Vec::new();
    }
    let context = Context::new(&target.target, &target.history, &target.replay, &analysis.sources)
        .since(older.history.revisions.iter().map(|r| r.id.clone()));
    let (mut findings, _) = rules::run(rule, &context);
    history::attribute(&mut findings, &target.history, &target.replay);
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

    #[test]
    fn a_state_compared_with_itself_has_nothing_new() {
        let sql = "CREATE TABLE a (id int, b_id int, m money);";
        let mut now = read(&[("a.sql", sql)]);
        let count = now.targets[0].findings.len();
        assert_eq!(keep_new(&mut now, &read(&[("a.sql", sql)])), Compared { known: count as u32, fixed: 0 });
        assert!(now.targets[0].findings.is_empty());
    }
}
