//! From findings to grades. The sums are exact: every point that is missing names the rule that took it.
//!
//! A finding has a price by its severity: 60 points, 20, 6 or 2; half of it where it is only likely; an eighth where it is the hazard of running
//! a migration that others follow, which has most likely been run and cannot be repaired any more. Information, advice on the workload, rules that
//! run only where they are asked for, and what is waived cost nothing.
//!
//! The prices of one rule are added up and divided by the size of what was judged (`(N + HALF) / HALF`, so that ten findings in ten tables weigh
//! more than ten in a thousand; N counts tables, for histories and their safety revisions), and capped at [`CAP`] times its dearest finding: a rule
//! that fires everywhere tells of one decision. What the rules of a category come to is its price. Its loss is `100 × price / (price + S)`, where S
//! is the category's own (`scale`): each finding takes a little less than the one before, and no category falls below zero. It is rounded up to
//! whole points, so that one finding that counts always shows. The points lost are then shared out among the rules in proportion to their prices,
//! in tenths, by the largest remainder: the deductions of a category sum to its loss exactly.
//!
//! One more finding never raises a score: price, loss and deductions only grow with it, and weights depend on what was checked alone.
//! `docs/scoring.md` has the same for people, and what it gives over the corpus.

use std::collections::BTreeMap;

use crate::analysis::{Checked, Coverage};
use crate::finding::{Certainty, Finding, Severity};
use crate::order::Order;
use crate::rules::Category;

/// What a score is made of.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The findings.
    pub findings: &'a [Finding],
    /// The rules that ran.
    pub checked: &'a [Checked],
    /// How many tables there are.
    pub tables: u32,
    /// How many revisions there are.
    pub revisions: u32,
}

/// A target's score.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// 0 to 100: `hundredths` rounded down to whole points.
    pub total: u8,
    /// The total before rounding, times 100: exactly the sum over all categories of weight × score.
    pub hundredths: u16,
    /// A to F.
    pub grade: char,
    /// The rule whose critical finding keeps the grade from being better than C, where the points alone would give more.
    pub capped_by: Option<&'static str>,
    /// By category, only those in which something could be checked.
    pub categories: Vec<CategoryScore>,
    /// What would raise it, most first.
    pub gains: Vec<Gain>,
    /// Why there is no score, in words behind "not scored": nothing else here means anything then.
    pub not_scored: Option<String>,
}

/// What the total would gain if the findings of one rule were repaired, and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gain {
    /// The rule.
    pub rule: &'static str,
    /// How many of its findings count and can still be repaired.
    pub findings: u32,
    /// Hundredths of a point of the total.
    pub hundredths: u16,
}

/// The score of one category.
#[derive(Clone, Debug)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// 0 to 100.
    pub score: u8,
    /// Its share of the total, in percent; the shares of all categories sum to 100.
    pub weight: u8,
    /// What took points, most first. They sum to ten times what the score lacks to 100.
    pub deductions: Vec<Deduction>,
}

/// Points taken by the findings of one rule.
#[derive(Clone, Debug)]
pub struct Deduction {
    /// The rule.
    pub rule: &'static str,
    /// How many of its findings count.
    pub findings: u32,
    /// Tenths of a point of the category's 100.
    pub tenths: u32,
}

/// Units of a price's point: the cheapest finding is a whole number of them.
const POINT: u64 = 16;
/// A rule takes at most so many times what its dearest finding takes by itself.
const CAP: u64 = 2;
/// The number of tables, or revisions, at which a finding weighs half of what it weighs alone.
const HALF: u64 = 20;

/// The price of a finding, in units.
fn price(finding: &Finding) -> u64 {
    let points = match finding.severity {
        Severity::Critical => 60,
        Severity::High => 20,
        Severity::Medium => 6,
        Severity::Low => 2,
        Severity::Info => 0,
    };
    let units = match finding.certainty {
        Certainty::Proven => points * POINT,
        Certainty::Likely => points * POINT / 2,
        Certainty::Advisory => 0,
    };
    if finding.past { units / 8 } else { units }
}

/// The price, in points, at which a category is down to 50. Calibrated on the corpus: two to four times what nine in ten of its projects stay
/// below, so that a category in which little is ever found counts little things.
fn scale(category: Category) -> u64 {
    match category {
        Category::KeysAndReferences => 80,
        Category::Security => 70,
        Category::Indexes => 60,
        Category::MigrationHistory | Category::MigrationSafety => 50,
        Category::Types => 40,
        Category::Constraints => 25,
        Category::DataLifecycle
        | Category::ViewsAndFunctions
        | Category::Partitioning
        | Category::Naming
        | Category::Documentation => 20,
    }
}

/// A category's share of the total before the shares of the categories at hand are scaled to 100.
fn share(category: Category) -> u64 {
    match category {
        Category::KeysAndReferences => 24,
        Category::Security => 20,
        Category::Indexes => 14,
        Category::Constraints => 12,
        Category::MigrationHistory => 10,
        Category::Types | Category::MigrationSafety => 8,
        Category::DataLifecycle | Category::ViewsAndFunctions | Category::Partitioning => 5,
        Category::Naming => 4,
        Category::Documentation => 3,
    }
}

/// The prices of one rule's findings.
#[derive(Clone, Copy, Default)]
struct Prices {
    findings: u32,
    sum: u64,
    dearest: u64,
    /// The same for those that cannot be repaired any more.
    past: u32,
    past_sum: u64,
    past_dearest: u64,
}

impl Prices {
    fn add(&mut self, price: u64, past: bool) {
        self.findings = self.findings.saturating_add(1);
        self.sum = self.sum.saturating_add(price);
        self.dearest = self.dearest.max(price);
        if past {
            self.past = self.past.saturating_add(1);
            self.past_sum = self.past_sum.saturating_add(price);
            self.past_dearest = self.past_dearest.max(price);
        }
    }

    /// What remains when everything is repaired that can be.
    fn repaired(self) -> Self {
        let Self { past, past_sum, past_dearest, .. } = self;
        Self { findings: past, sum: past_sum, dearest: past_dearest, past, past_sum, past_dearest }
    }

    /// What the rule takes, in units times `size + HALF`.
    fn taken(self, size: u64) -> u64 {
        (self.sum.saturating_mul(HALF)).min(self.dearest.saturating_mul(CAP).saturating_mul(size + HALF))
    }
}

/// Why a target is not scored: nothing is there to judge, or too little of it was understood.
pub fn reason_against(coverage: &Coverage, tables: u32) -> Option<String> {
    let Coverage { statements, understood, .. } = coverage;
    // With less than half of the statements the score would be that of another schema.
    if understood.saturating_mul(2) < *statements {
        return Some(format!("{understood} of {statements} statements understood"));
    }
    (tables == 0).then(|| match statements {
        0 => "there is no statement that makes a table".to_owned(),
        n => format!("no table in {n} statement{}", if *n == 1 { "" } else { "s" }),
    })
}

/// No score, and why.
pub fn withheld(reason: String) -> Score {
    Score { not_scored: Some(reason), grade: ' ', ..Score::default() }
}

/// The score of a target.
pub fn score(judged: &Judged<'_>) -> Score {
    let mut prices: BTreeMap<Category, BTreeMap<&'static str, Prices>> = BTreeMap::new();
    for entry in judged.checked.iter().filter(|c| c.objects > 0) {
        prices.entry(entry.rule.category).or_default();
    }
    for finding in judged.findings.iter().filter(|f| f.counts()) {
        let of_rule = prices.entry(finding.rule.category).or_default().entry(finding.rule.name).or_default();
        of_rule.add(price(finding), finding.past);
    }
    let size =
        |category: Category| u64::from(if category.is_of_migrations() { judged.revisions } else { judged.tables });
    let shares: Vec<u64> = prices.keys().map(|c| share(*c)).collect();
    let weights = apportion(100, &shares);
    let mut gains = Vec::new();
    let mut categories = Vec::with_capacity(prices.len());
    for ((category, rules), weight) in prices.into_iter().zip(weights) {
        let scored = category_score(category, &rules, size(category), weight);
        for (rule, of_rule) in &rules {
            let mut without = rules.clone();
            without.insert(rule, of_rule.repaired());
            let gained = loss(category, &rules, size(category)) - loss(category, &without, size(category));
            let hundredths = u16::try_from(gained * weight).unwrap_or(0);
            if hundredths > 0 {
                gains.push(Gain { rule, findings: of_rule.findings - of_rule.past, hundredths });
            }
        }
        categories.push(scored);
    }
    gains.order_by_key(|g| (std::cmp::Reverse(g.hundredths), g.rule));
    let hundredths = if categories.is_empty() {
        10_000
    } else {
        categories.iter().map(|c| u32::from(c.weight) * u32::from(c.score)).sum()
    };
    let total = u8::try_from(hundredths / 100).unwrap_or(100);
    let critical = judged.findings.iter().find(|f| f.counts() && f.severity == Severity::Critical && !f.past);
    let by_points = grade(total);
    let capped_by = critical.map(|f| f.rule.name).filter(|_| by_points < 'C');
    Score {
        total,
        hundredths: u16::try_from(hundredths).unwrap_or(10_000),
        grade: if capped_by.is_some() { 'C' } else { by_points },
        capped_by,
        categories,
        gains,
        not_scored: None,
    }
}

fn grade(total: u8) -> char {
    match total {
        90.. => 'A',
        80.. => 'B',
        70.. => 'C',
        60.. => 'D',
        _ => 'F',
    }
}

/// The points of 100 that a category loses: `100 × p / (p + S)`, rounded up.
fn loss(category: Category, rules: &BTreeMap<&'static str, Prices>, size: u64) -> u64 {
    let sum: u128 = rules.values().map(|p| u128::from(p.taken(size))).sum();
    let whole = sum + u128::from(scale(category) * POINT) * u128::from(size + HALF);
    u64::try_from((100 * sum).div_ceil(whole)).unwrap_or(100).min(100)
}

fn category_score(category: Category, rules: &BTreeMap<&'static str, Prices>, size: u64, weight: u64) -> CategoryScore {
    let loss = loss(category, rules, size);
    let tenths = apportion(loss * 10, &rules.values().map(|p| p.taken(size)).collect::<Vec<_>>());
    let mut deductions: Vec<Deduction> = rules
        .iter()
        .zip(tenths)
        .map(|((rule, prices), tenths)| Deduction {
            rule,
            findings: prices.findings,
            tenths: u32::try_from(tenths).unwrap_or(u32::MAX),
        })
        .collect();
    deductions.order_by_key(|d| (std::cmp::Reverse(d.tenths), d.rule));
    CategoryScore {
        category,
        score: u8::try_from(100 - loss).unwrap_or(0),
        weight: u8::try_from(weight).unwrap_or(100),
        deductions,
    }
}

/// Shares `whole` out in proportion to `parts`, in integers that sum to it exactly: everyone gets the rounded-down share, and what is left goes
/// to the largest remainders, the earlier of equals first.
fn apportion(whole: u64, parts: &[u64]) -> Vec<u64> {
    let sum: u128 = parts.iter().map(|p| u128::from(*p)).sum();
    if sum == 0 {
        return vec![0; parts.len()];
    }
    let exact = |part: u64| u128::from(whole) * u128::from(part);
    let mut shares: Vec<u64> = parts.iter().map(|p| u64::try_from(exact(*p) / sum).unwrap_or(whole)).collect();
    let given: u64 = shares.iter().sum();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.order_by_key(|i| std::cmp::Reverse(parts.get(*i).map_or(0, |p| exact(*p) % sum)));
    for i in order.into_iter().take(usize::try_from(whole - given).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(i) {
            *share += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{REGISTRY, Rule};

    fn finding(rule: &'static Rule, severity: Severity, certainty: Certainty) -> Finding {
        Finding {
            rule,
            severity,
            certainty,
            objects: Vec::new(),
            message: String::new(),
            evidence: None,
            spans: Vec::new(),
            fix: None,
            introduced_by: None,
            last_changed_by: None,
            fingerprint: String::new(),
            waived: None,
            past: false,
            lasting: false,
        }
    }

    fn scored(findings: &[Finding], checked: &[Checked], tables: u32) -> Score {
        score(&Judged { findings, checked, tables, revisions: tables })
    }

    fn all_checked() -> Vec<Checked> {
        REGISTRY.iter().map(|rule| Checked { rule, objects: 1, findings: 0, waived: 0 }).collect()
    }

    fn assert_adds_up(score: &Score) {
        assert_eq!(score.categories.iter().map(|c| u32::from(c.weight)).sum::<u32>(), 100);
        for c in &score.categories {
            let taken: u32 = c.deductions.iter().map(|d| d.tenths).sum();
            assert_eq!(taken, (100 - u32::from(c.score)) * 10, "{:?}", c.category);
        }
        let sum: u32 = score.categories.iter().map(|c| u32::from(c.weight) * u32::from(c.score)).sum();
        assert_eq!(u32::from(score.hundredths), sum);
        assert_eq!(u32::from(score.total), sum / 100);
    }

    #[test]
    fn nothing_found_is_a_hundred_and_an_a() {
        let score = scored(&[], &all_checked(), 12);
        assert_adds_up(&score);
        assert_eq!((score.total, score.grade, score.capped_by), (100, 'A', None));
    }

    #[test]
    fn an_empty_target_has_no_categories_and_loses_nothing() {
        let score = scored(&[], &[], 0);
        assert_eq!((score.total, score.hundredths, score.grade), (100, 10_000, 'A'));
        assert!(score.categories.is_empty());
    }

    #[test]
    fn what_is_not_understood_is_not_scored() {
        let coverage = |understood, statements| Coverage { statements, understood, skipped: Vec::new() };
        let reason = |understood, statements, tables| reason_against(&coverage(understood, statements), tables);
        assert_eq!(reason(50, 100, 3), None);
        assert_eq!(reason(49, 100, 3).as_deref(), Some("49 of 100 statements understood"));
        assert_eq!(reason(0, 776, 0).as_deref(), Some("0 of 776 statements understood"));
        assert_eq!(reason(1, 1, 0).as_deref(), Some("no table in 1 statement"));
        assert_eq!(reason(0, 0, 0).as_deref(), Some("there is no statement that makes a table"));
        // Models and documents make tables without statements.
        assert_eq!(reason(0, 0, 5), None);
    }

    #[test]
    fn information_and_advice_take_no_points() {
        let rule = REGISTRY[0];
        let findings =
            [finding(rule, Severity::Info, Certainty::Proven), finding(rule, Severity::Critical, Certainty::Advisory)];
        let score = scored(&findings, &all_checked(), 5);
        assert_eq!((score.total, score.grade), (100, 'A'));
        assert!(score.categories.iter().all(|c| c.deductions.is_empty()));
    }

    #[test]
    fn every_finding_added_keeps_the_sums_exact_and_never_raises_a_score() {
        let checked = all_checked();
        let mut findings = Vec::new();
        let mut before = scored(&findings, &checked, 30);
        // A fixed walk over rules, severities and certainties.
        for step in 0..400_usize {
            let rule = REGISTRY[(step * 7) % REGISTRY.len()];
            let severity = Severity::ALL[(step * 3) % 5];
            let certainty = [Certainty::Proven, Certainty::Likely, Certainty::Advisory][step % 3];
            findings.push(finding(rule, severity, certainty));
            let after = scored(&findings, &checked, 30);
            assert_adds_up(&after);
            assert!(after.hundredths <= before.hundredths, "step {step}");
            assert!(after.grade >= before.grade, "step {step}");
            for (a, b) in after.categories.iter().zip(&before.categories) {
                assert_eq!(a.category, b.category);
                assert_eq!(a.weight, b.weight);
                assert!(a.score <= b.score, "step {step}");
            }
            before = after;
        }
    }

    #[test]
    fn one_finding_that_counts_always_shows() {
        let rule = REGISTRY[0];
        let score = scored(&[finding(rule, Severity::Low, Certainty::Likely)], &all_checked(), 100_000);
        let category = score.categories.iter().find(|c| c.category == rule.category).unwrap();
        assert_eq!(category.score, 99);
        assert_eq!(category.deductions[0].tenths, 10);
    }

    #[test]
    fn the_same_findings_weigh_less_in_a_larger_schema() {
        let rule = REGISTRY[0];
        let findings: Vec<Finding> = (0..5).map(|_| finding(rule, Severity::High, Certainty::Proven)).collect();
        let small = scored(&findings, &all_checked(), 5);
        let large = scored(&findings, &all_checked(), 500);
        assert!(small.hundredths < large.hundredths);
    }

    #[test]
    fn a_critical_finding_keeps_the_grade_at_c_or_worse() {
        let rule = REGISTRY[0];
        let score = scored(&[finding(rule, Severity::Critical, Certainty::Proven)], &all_checked(), 300);
        assert!(score.total >= 80);
        assert_eq!((score.grade, score.capped_by), ('C', Some(rule.name)));
    }

    #[test]
    fn a_worked_example() {
        // Three medium findings, proven, of a rule on histories, with 20 revisions: 18 points × 20/40 = 9, less than the cap of 2 × 6 = 12;
        // 100 × 9 / (9 + 50) = 15.3, rounded up: 16 points.
        let rule = REGISTRY[0];
        let findings: Vec<Finding> = (0..3).map(|_| finding(rule, Severity::Medium, Certainty::Proven)).collect();
        let checked = [Checked { rule, objects: 3, findings: 3, waived: 0 }];
        let score = scored(&findings, &checked, 20);
        assert_eq!(score.categories.len(), 1);
        assert_eq!((score.categories[0].score, score.categories[0].weight), (84, 100));
        assert_eq!(score.categories[0].deductions[0].tenths, 160);
        assert_eq!((score.total, score.grade), (84, 'B'));
    }

    #[test]
    fn a_rule_that_fires_everywhere_takes_no_more_than_its_cap() {
        let rule = REGISTRY[0];
        let of =
            |n: usize| -> Vec<Finding> { (0..n).map(|_| finding(rule, Severity::Medium, Certainty::Proven)).collect() };
        let checked = all_checked();
        // 6 points each; the cap of 12 is reached at 2 × (20 + 20) / 20 = 4 findings.
        let hundredths = |n| scored(&of(n), &checked, 20).hundredths;
        assert!(hundredths(3) > hundredths(4));
        assert_eq!(hundredths(4), hundredths(400));
    }

    #[test]
    fn what_cannot_be_repaired_any_more_takes_an_eighth_and_is_no_gain() {
        let rule = crate::rules::find("create-index-not-concurrent").unwrap();
        let now = finding(rule, Severity::Medium, Certainty::Proven);
        let past = Finding { past: true, ..now.clone() };
        let checked = all_checked();
        let of = |f: &[Finding]| scored(f, &checked, 20);
        let category = |s: &Score| s.categories.iter().find(|c| c.category == rule.category).unwrap().score;
        // Alone and now: 6 × 20/40 = 3 points, 100 × 3 / 53 = 5.7. Past: 0.375 points, 0.7. Eight of them: 0.75 is their cap, 1.5.
        assert_eq!(category(&of(std::slice::from_ref(&now))), 94);
        assert_eq!(category(&of(std::slice::from_ref(&past))), 99);
        assert_eq!(category(&of(&vec![past.clone(); 8])), 97);
        assert!(of(&vec![past.clone(); 8]).gains.is_empty());
        let both = of(&[now, past]);
        let weight = both.categories.iter().find(|c| c.category == rule.category).unwrap().weight;
        // 3.375 points: 6.3, so 7; what is past leaves 1.
        assert_eq!(both.gains, [Gain { rule: rule.name, findings: 1, hundredths: u16::from(weight) * 6 }]);
    }

    #[test]
    fn a_gain_is_what_the_total_is_without_the_rule() {
        let checked = all_checked();
        let findings: Vec<Finding> = (0..60)
            .map(|n| {
                let rule = REGISTRY[(n * 13) % REGISTRY.len()];
                finding(rule, Severity::ALL[n % 5], [Certainty::Proven, Certainty::Likely][n % 2])
            })
            .collect();
        let whole = scored(&findings, &checked, 12);
        assert!(whole.gains.len() > 10);
        for gain in &whole.gains {
            let left: Vec<Finding> = findings.iter().filter(|f| f.rule.name != gain.rule).cloned().collect();
            assert_eq!(scored(&left, &checked, 12).hundredths, whole.hundredths + gain.hundredths, "{}", gain.rule);
        }
        assert!(whole.gains.is_sorted_by_key(|g| std::cmp::Reverse(g.hundredths)));
    }
}
