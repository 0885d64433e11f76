//! The JSON forms: the whole report, and what `relata check` gives to programs.

use serde::Serialize;

use super::model::{
    BaseEntry, CategoryEntry, ConventionsEntry, FORMAT_VERSION, FindingEntry, FixEntry, ObjectEntry, OriginEntry,
    ProblemEntry, Report, StopEntry, TargetReport, WaivedEntry,
};
use crate::analysis::Facts;
use crate::finding::{Certainty, Severity};
use crate::rules::Category;
use crate::source::Location;

/// The whole report as JSON: `docs/schemas/report.schema.json`.
pub fn json(report: &Report) -> String {
    print(report)
}

/// What was found as JSON: `docs/schemas/check.schema.json`.
pub fn check_json(report: &Report) -> String {
    print(&Check {
        version: FORMAT_VERSION,
        targets: report.targets.iter().map(CheckTarget::of).collect(),
        findings: report.targets.iter().flat_map(|t| t.findings.iter().map(|f| CheckFinding::of(&t.id, f))).collect(),
        problems: report.problems.iter().map(CheckProblem::of).collect(),
        base: report.base,
    })
}

/// Two blanks an indent, a line break at the end. Plain data with string keys cannot fail to print.
pub(super) fn print(value: &impl Serialize) -> String {
    let mut out = serde_json::to_string_pretty(value).unwrap_or_default();
    out.push('\n');
    out
}

#[derive(Serialize)]
struct Check<'a> {
    version: u32,
    targets: Vec<CheckTarget<'a>>,
    findings: Vec<CheckFinding<'a>>,
    problems: Vec<CheckProblem<'a>>,
    /// What became of the findings of the state compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckTarget<'a> {
    id: &'a str,
    role: &'a str,
    dialect: &'a str,
    server_version: u16,
    layout: &'a str,
    layout_guessed: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    layout_evidence: &'a str,
    root: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stops_at: Option<&'a StopEntry>,
    coverage: CheckCoverage<'a>,
    score: CheckScore<'a>,
    conventions: &'a ConventionsEntry,
    facts: Facts,
}

impl<'a> CheckTarget<'a> {
    fn of(target: &'a TargetReport) -> Self {
        Self {
            id: &target.id,
            role: target.role,
            dialect: target.dialect,
            server_version: target.server_version,
            layout: &target.layout,
            layout_guessed: target.layout_guessed,
            layout_evidence: &target.layout_evidence,
            root: &target.root,
            partial: target.partial,
            stops_at: target.stops_at.as_ref(),
            coverage: CheckCoverage {
                statements: target.coverage.statements,
                understood: target.coverage.understood,
                skipped: target.coverage.skipped.iter().map(Skipped::of).collect(),
            },
            score: CheckScore {
                total: target.score.total,
                grade: target.score.grade,
                categories: target.score.categories.iter().map(CheckCategory::of).collect(),
                gains: target
                    .score
                    .gains
                    .iter()
                    .map(|g| CheckGain { rule: g.rule, findings: g.findings, points: f64::from(g.hundredths) / 100.0 })
                    .collect(),
                not_scored: target.score.not_scored.as_deref(),
            },
            conventions: &target.conventions,
            facts: target.facts,
        }
    }
}

#[derive(Serialize)]
struct CheckCoverage<'a> {
    statements: u32,
    understood: u32,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct Skipped<'a> {
    file: &'a str,
    line: u32,
    reason: &'a str,
}

impl<'a> Skipped<'a> {
    fn of(problem: &'a ProblemEntry) -> Self {
        let (file, line) = problem.location.as_ref().map_or(("", 1), |l| (&l.file, l.line));
        Self { file, line, reason: &problem.message }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckScore<'a> {
    total: Option<u8>,
    grade: Option<char>,
    categories: Vec<CheckCategory>,
    gains: Vec<CheckGain>,
    /// Why there is no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_scored: Option<&'a str>,
}

/// What the total would gain if the findings of one rule were repaired.
#[derive(Serialize)]
struct CheckGain {
    rule: &'static str,
    findings: u32,
    points: f64,
}

#[derive(Serialize)]
struct CheckCategory {
    category: Category,
    score: u8,
    weight: u8,
    deductions: Vec<CheckDeduction>,
}

impl CheckCategory {
    fn of(category: &CategoryEntry) -> Self {
        let deductions = category
            .deductions
            .iter()
            .map(|d| CheckDeduction { rule: d.rule, findings: d.findings, points: f64::from(d.tenths) / 10.0 })
            .collect();
        Self { category: category.category, score: category.score, weight: category.weight, deductions }
    }
}

#[derive(Serialize)]
struct CheckDeduction {
    rule: &'static str,
    findings: u32,
    points: f64,
}

#[derive(Serialize)]
struct CheckFinding<'a> {
    target: &'a str,
    rule: &'static str,
    category: Category,
    severity: Severity,
    certainty: Certainty,
    objects: &'a [ObjectEntry],
    message: &'a str,
    evidence: Option<&'a str>,
    locations: &'a [Location],
    fix: Option<&'a FixEntry>,
    #[serde(flatten)]
    origin: &'a OriginEntry,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<&'a WaivedEntry>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    past: bool,
}

impl<'a> CheckFinding<'a> {
    fn of(target: &'a str, finding: &'a FindingEntry) -> Self {
        Self {
            target,
            rule: finding.rule,
            category: finding.category,
            severity: finding.severity,
            certainty: finding.certainty,
            objects: &finding.objects,
            message: &finding.message,
            evidence: finding.evidence.as_deref(),
            locations: &finding.locations,
            fix: finding.fix.as_ref(),
            origin: &finding.origin,
            fingerprint: &finding.fingerprint,
            waived: finding.waived.as_ref(),
            past: finding.past,
        }
    }
}

#[derive(Serialize)]
struct CheckProblem<'a> {
    kind: &'static str,
    message: &'a str,
    location: Option<&'a Location>,
}

impl<'a> CheckProblem<'a> {
    fn of(problem: &'a ProblemEntry) -> Self {
        Self { kind: problem.kind, message: &problem.message, location: problem.location.as_ref() }
    }
}
