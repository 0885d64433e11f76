//! From findings to grades. The sums are exact: every point that is missing names the rule that took it.
//!
//! A finding has a price by its severity, halved where it is only likely; information and advice cost nothing. The prices in a category are
//! added up and divided by the size of the schema (`(TABLES + HALF) / HALF`, so that ten findings in ten tables weigh more than ten in a
//! thousand). A category's loss is `100 × price / (price + SCALE)`: each finding takes a little less than the one before, and no category
//! falls below zero. It is rounded up to whole points, so that one finding that counts always shows. The points lost are then shared out
//! among the rules in proportion to their prices, in tenths, by the largest remainder: the deductions of a category sum to its loss exactly.
//!
//! One more finding never raises a score: price, loss and deductions only grow with it, and weights depend on what was checked alone.

use std::collections::BTreeMap;

use crate::analysis::Checked;
use crate::finding::{Certainty, Finding, Severity};
use crate::order::Order;
use crate::rules::Category;

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

/// The price at which a category is down to 50, in the unit of [`price`].
const SCALE: u64 = 200;
/// The number of tables at which a finding weighs half of what it weighs alone.
const HALF: u64 = 20;

/// The price of a finding, in half points.
fn price(finding: &Finding) -> u64 {
    let points = match finding.severity {
        Severity::Critical => 120,
        Severity::High => 40,
        Severity::Medium => 12,
        Severity::Low => 4,
        Severity::Info => 0,
    };
    match finding.certainty {
        Certainty::Proven => points,
        Certainty::Likely => points / 2,
        Certainty::Advisory => 0,
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

/// The score of a target: its findings, the rules that ran, and the number of its tables.
pub fn score(findings: &[Finding], checked: &[Checked], tables: u32) -> Score {
    let mut prices: BTreeMap<Category, BTreeMap<&'static str, (u64, u32)>> = BTreeMap::new();
    for entry in checked.iter().filter(|c| c.objects > 0) {
        prices.entry(entry.rule.category).or_default();
    }
    for finding in findings.iter().filter(|f| f.counts()) {
        let of_rule = prices.entry(finding.rule.category).or_default().entry(finding.rule.name).or_default();
        of_rule.0 = of_rule.0.saturating_add(price(finding));
        of_rule.1 = of_rule.1.saturating_add(1);
    }
    let shares: Vec<u64> = prices.keys().map(|c| share(*c)).collect();
    let weights = apportion(100, &shares);
    let categories: Vec<CategoryScore> = prices
        .into_iter()
        .zip(weights)
        .map(|((category, rules), weight)| category_score(category, &rules, u64::from(tables), weight))
        .collect();
    let hundredths = if categories.is_empty() {
        10_000
    } else {
        categories.iter().map(|c| u32::from(c.weight) * u32::from(c.score)).sum()
    };
    let total = u8::try_from(hundredths / 100).unwrap_or(100);
    let critical = findings.iter().find(|f| f.counts() && f.severity == Severity::Critical).map(|f| f.rule.name);
    let by_points = grade(total);
    let capped_by = critical.filter(|_| by_points < 'C');
    Score {
        total,
        hundredths: u16::try_from(hundredths).unwrap_or(10_000),
        grade: if capped_by.is_some() { 'C' } else { by_points },
        capped_by,
        categories,
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

fn category_score(
    category: Category,
    rules: &BTreeMap<&'static str, (u64, u32)>,
    tables: u64,
    weight: u64,
) -> CategoryScore {
    let sum: u64 = rules.values().fold(0, |sum, (p, _)| sum.saturating_add(*p));
    // 100 × p / (p + SCALE) with p = sum × HALF / (tables + HALF), rounded up.
    let scaled = u128::from(sum) * u128::from(HALF);
    let whole = scaled + u128::from(SCALE) * u128::from(tables + HALF);
    let loss = u64::try_from((100 * scaled).div_ceil(whole)).unwrap_or(100).min(100);
    let tenths = apportion(loss * 10, &rules.values().map(|(p, _)| *p).collect::<Vec<_>>());
    let mut deductions: Vec<Deduction> = rules
        .iter()
        .zip(tenths)
        .map(|((rule, (_, findings)), tenths)| Deduction {
            rule,
            findings: *findings,
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
        }
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
        let score = score(&[], &all_checked(), 12);
        assert_adds_up(&score);
        assert_eq!((score.total, score.grade, score.capped_by), (100, 'A', None));
    }

    #[test]
    fn an_empty_target_has_no_categories_and_loses_nothing() {
        let score = score(&[], &[], 0);
        assert_eq!((score.total, score.hundredths, score.grade), (100, 10_000, 'A'));
        assert!(score.categories.is_empty());
    }

    #[test]
    fn information_and_advice_take_no_points() {
        let rule = REGISTRY[0];
        let findings =
            [finding(rule, Severity::Info, Certainty::Proven), finding(rule, Severity::Critical, Certainty::Advisory)];
        let score = score(&findings, &all_checked(), 5);
        assert_eq!((score.total, score.grade), (100, 'A'));
        assert!(score.categories.iter().all(|c| c.deductions.is_empty()));
    }

    #[test]
    fn every_finding_added_keeps_the_sums_exact_and_never_raises_a_score() {
        let checked = all_checked();
        let mut findings = Vec::new();
        let mut before = score(&findings, &checked, 30);
        // A fixed walk over rules, severities and certainties.
        for step in 0..400_usize {
            let rule = REGISTRY[(step * 7) % REGISTRY.len()];
            let severity = Severity::ALL[(step * 3) % 5];
            let certainty = [Certainty::Proven, Certainty::Likely, Certainty::Advisory][step % 3];
            findings.push(finding(rule, severity, certainty));
            let after = score(&findings, &checked, 30);
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
        let score = score(&[finding(rule, Severity::Low, Certainty::Likely)], &all_checked(), 100_000);
        let category = score.categories.iter().find(|c| c.category == rule.category).unwrap();
        assert_eq!(category.score, 99);
        assert_eq!(category.deductions[0].tenths, 10);
    }

    #[test]
    fn the_same_findings_weigh_less_in_a_larger_schema() {
        let rule = REGISTRY[0];
        let findings: Vec<Finding> = (0..5).map(|_| finding(rule, Severity::High, Certainty::Proven)).collect();
        let small = score(&findings, &all_checked(), 5);
        let large = score(&findings, &all_checked(), 500);
        assert!(small.hundredths < large.hundredths);
    }

    #[test]
    fn a_critical_finding_keeps_the_grade_at_c_or_worse() {
        let rule = REGISTRY[0];
        let score = score(&[finding(rule, Severity::Critical, Certainty::Proven)], &all_checked(), 300);
        assert!(score.total >= 80);
        assert_eq!((score.grade, score.capped_by), ('C', Some(rule.name)));
    }

    #[test]
    fn a_worked_example() {
        // Three medium findings, proven, in a schema of 20 tables: price 36 × 20/40 = 18; 100 × 18 / 218 = 8.26, rounded up: 9 points.
        let rule = REGISTRY[0];
        let findings: Vec<Finding> = (0..3).map(|_| finding(rule, Severity::Medium, Certainty::Proven)).collect();
        let checked = [Checked { rule, objects: 3, findings: 3, waived: 0 }];
        let score = score(&findings, &checked, 20);
        assert_eq!(score.categories.len(), 1);
        assert_eq!((score.categories[0].score, score.categories[0].weight), (91, 100));
        assert_eq!(score.categories[0].deductions[0].tenths, 90);
        assert_eq!((score.total, score.grade), (91, 'A'));
    }
}
