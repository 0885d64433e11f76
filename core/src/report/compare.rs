//! A report against an older state: which findings are new, which are gone, how the score moved and what changed in the schema.

use serde::Serialize;

use super::build::number;
use super::changes::{ObjectChange, between};
use super::model::Report;
use crate::analysis::Analysis;
use crate::baseline;
use crate::finding::Severity;

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
    /// New findings, by their places in the report's; one that was waived and is open now is among them.
    pub new: Vec<u32>,
    /// Findings of the older state that are gone.
    pub fixed: Vec<FixedEntry>,
    /// How many are open in both.
    pub unchanged: u32,
    /// The score before, of 100, with its grade; `None` where there was none.
    pub score_before: Option<u8>,
    /// The grade before.
    pub grade_before: Option<char>,
    /// The score now.
    pub score_after: Option<u8>,
    /// The grade now.
    pub grade_after: Option<char>,
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

    /// The complete report of `analysis` with what changed since `base`, by the same comparison that `relata check --base` makes.
    pub fn complete_since(analysis: &mut Analysis, base: &Analysis) -> Self {
        baseline::tell_out_of_line(analysis, base);
        let mut report = Self::complete(analysis);
        report.compare(analysis, base);
        report
    }

    fn compare(&mut self, now: &Analysis, base: &Analysis) {
        let before = Self::new(base);
        let mut targets = Vec::new();
        for ((target, of), since) in self.targets.iter().zip(&now.targets).zip(baseline::since(now, base)) {
            let Some(since) = since else { continue };
            let (Some(old), Some(old_of)) = (before.targets.get(since.base), base.targets.get(since.base)) else {
                continue;
            };
            targets.push(TargetComparison {
                id: target.id.clone(),
                new: since.new.iter().map(|at| number(*at)).collect(),
                fixed: since
                    .fixed
                    .into_iter()
                    .map(|f| FixedEntry {
                        rule: f.rule.name,
                        severity: f.severity,
                        object: f.objects.first().map_or_else(String::new, |o| o.path.clone()),
                        message: f.message.clone(),
                    })
                    .collect(),
                unchanged: since.known,
                score_before: old.score.total,
                grade_before: old.score.grade,
                score_after: target.score.total,
                grade_after: target.score.grade,
                changes: between(old_of.schema(), of.schema()),
            });
        }
        self.comparison = Some(ComparisonEntry { targets });
    }
}
