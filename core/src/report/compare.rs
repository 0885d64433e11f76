//! A report against an older state: which findings are new, which are gone, how the score moved and what changed in the schema.

use std::collections::BTreeMap;

use serde::Serialize;

use super::build::number;
use super::changes::{ObjectChange, between};
use super::model::{FindingEntry, Report};
use crate::analysis::Analysis;
use crate::finding::Severity;
use crate::order::Order;

/// What changed since an older state.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonEntry {
    /// One for each target that both states have.
    pub targets: Vec<TargetComparison>,
}

/// What changed in one target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetComparison {
    /// The target's id.
    pub id: String,
    /// New findings, by their places in the report's.
    pub new: Vec<u32>,
    /// Findings of the older state that are gone.
    pub fixed: Vec<FixedEntry>,
    /// How many are in both.
    pub unchanged: u32,
    /// The score before, of 100, with its grade.
    pub score_before: u8,
    /// The grade before.
    pub grade_before: char,
    /// The score now.
    pub score_after: u8,
    /// The grade now.
    pub grade_after: char,
    /// What changed in the schema, by path.
    pub changes: Vec<ObjectChange>,
}

/// A finding of the older state that is gone.
#[derive(Clone, Debug, Serialize)]
pub struct FixedEntry {
    /// The rule.
    pub rule: &'static str,
    /// How bad it was.
    pub severity: Severity,
    /// The subject's path.
    pub object: String,
    /// What was wrong.
    pub message: String,
}

impl Report {
    /// What changed in the target of this id.
    pub(super) fn compared(&self, id: &str) -> Option<&TargetComparison> {
        self.comparison.as_ref()?.targets.iter().find(|t| t.id == id)
    }

    /// Adds what changed since `base`. Targets are told apart by their ids, or paired where each state has one. A finding is the same where rule and
    /// objects are; where a state has several alike, they are paired off.
    pub fn compare(&mut self, now: &Analysis, base: &Analysis) {
        let before = Self::new(base);
        let alone = self.targets.len() == 1 && before.targets.len() == 1;
        let mut targets = Vec::new();
        for (at, target) in self.targets.iter().enumerate() {
            let old_at = if alone { Some(0) } else { before.targets.iter().position(|t| t.id == target.id) };
            let Some((old, old_schema)) =
                old_at.and_then(|at| Some((before.targets.get(at)?, base.targets.get(at)?.schema())))
            else {
                continue;
            };
            let Some(schema) = now.targets.get(at).map(|t| t.schema()) else { continue };
            let mut left: BTreeMap<Key<'_>, Vec<&FindingEntry>> = BTreeMap::new();
            for finding in old.findings.iter().rev() {
                left.entry(key(finding)).or_default().push(finding);
            }
            let mut comparison = TargetComparison {
                id: target.id.clone(),
                new: Vec::new(),
                fixed: Vec::new(),
                unchanged: 0,
                score_before: old.score.total,
                grade_before: old.score.grade,
                score_after: target.score.total,
                grade_after: target.score.grade,
                changes: between(old_schema, schema),
            };
            for (at, finding) in target.findings.iter().enumerate() {
                match left.get_mut(&key(finding)).and_then(Vec::pop) {
                    Some(_) => comparison.unchanged += 1,
                    None if finding.waived.is_some() => {}
                    None => comparison.new.push(number(at)),
                }
            }
            let mut gone: Vec<&FindingEntry> = left.into_values().flatten().collect();
            gone.order_by(|a, b| (a.severity, a.rule, a.subject()).cmp(&(b.severity, b.rule, b.subject())));
            comparison.fixed = gone
                .into_iter()
                .map(|f| FixedEntry {
                    rule: f.rule,
                    severity: f.severity,
                    object: f.subject().to_owned(),
                    message: f.message.clone(),
                })
                .collect();
            targets.push(comparison);
        }
        self.comparison = Some(ComparisonEntry { targets });
    }
}

/// What makes two findings the same.
type Key<'a> = (&'static str, Vec<(&'static str, &'a str)>);

fn key(finding: &FindingEntry) -> Key<'_> {
    (finding.rule, finding.objects.iter().map(|o| (o.kind, o.path.as_str())).collect())
}
