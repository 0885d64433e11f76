//! What the findings of a group have in common, so that a report says it once.

use super::model::FindingEntry;

/// What every finding of a group says.
#[derive(Clone, Copy, Default)]
pub(super) struct Shared<'a> {
    pub(super) evidence: Option<&'a str>,
    /// What stands beside the fix of each.
    pub(super) caution: Option<&'a str>,
}

impl<'a> Shared<'a> {
    /// Of two findings or more; one has nothing in common with others.
    pub(super) fn of(findings: &(impl Iterator<Item = &'a FindingEntry> + Clone)) -> Self {
        let all = |of: fn(&FindingEntry) -> Option<&str>| {
            let mut said = findings.clone().map(of);
            let first = said.next()??;
            let second = said.next()?;
            (second == Some(first) && said.all(|other| other == Some(first))).then_some(first)
        };
        Self { evidence: all(|f| f.evidence.as_deref()), caution: all(caution) }
    }
}

/// What stands beside the fix of a finding.
pub(super) fn caution(finding: &FindingEntry) -> Option<&str> {
    finding.fix.as_ref()?.caution.as_deref()
}
