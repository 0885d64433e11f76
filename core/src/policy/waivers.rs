//! Waivers: findings that a team accepts. They stay visible, with the reason, and count nowhere.

use super::Policy;
use super::date::Date;
use super::pattern::Glob;
use crate::finding::Finding;
use crate::problem::{Problem, ProblemKind};
use crate::source::{Sources, Span};

/// What is accepted, and why. Every part that is there must fit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waiver {
    /// The rule.
    pub rule: Option<&'static str>,
    /// The subject of the finding, or what it belongs to.
    pub object: Option<Glob>,
    /// The file of the finding's first place.
    pub path: Option<Glob>,
    /// The finding's fingerprint.
    pub fingerprint: Option<String>,
    /// Why it is accepted; never empty.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Where the finding's first place must lie: what a comment speaks of.
    pub within: Option<Span>,
    /// Where it is written; absent where the caller gave it.
    pub source: Option<Span>,
    /// What became of it.
    pub state: WaiverState,
}

/// What became of a waiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WaiverState {
    /// It fits so many findings.
    Matched(u32),
    /// It fits nothing.
    #[default]
    Stale,
    /// Its day is over: it holds no more.
    Expired,
}

/// What is said of a finding that is accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waived {
    /// Why.
    pub reason: String,
    /// The last day on which it is.
    pub until: Option<Date>,
    /// Where the waiver is written; absent where the caller gave it.
    pub source: Option<Span>,
}

impl Waiver {
    /// A waiver of one finding, by its fingerprint.
    pub fn of_fingerprint(fingerprint: &str, reason: &str) -> Self {
        Self { fingerprint: Some(fingerprint.to_owned()), reason: reason.to_owned(), ..Self::default() }
    }

    /// Whether nothing says what it is for.
    pub(super) fn is_for_everything(&self) -> bool {
        let Self { rule, object, path, fingerprint, within, .. } = self;
        rule.is_none() && object.is_none() && path.is_none() && fingerprint.is_none() && within.is_none()
    }

    /// Whether it is about this finding.
    pub(crate) fn fits(&self, finding: &Finding, sources: &Sources) -> bool {
        let within = |span: Span| {
            finding.place().is_some_and(|p| p.file == span.file && span.start <= p.start && p.start < span.end)
        };
        !self.is_for_everything()
            && self.rule.is_none_or(|rule| finding.rule.name == rule)
            && self.fingerprint.as_ref().is_none_or(|f| *f == finding.fingerprint)
            && self.within.is_none_or(within)
            && self
                .object
                .as_ref()
                .is_none_or(|glob| finding.objects.first().is_some_and(|o| object_matches(glob, &o.path)))
            && self
                .path
                .as_ref()
                .is_none_or(|glob| finding.place().is_some_and(|p| path_matches(glob, sources.name(p.file))))
    }

    /// What it is for, in words.
    fn subject(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.rule.map(|r| format!("rule `{r}`")));
        parts.extend(self.object.as_ref().map(|o| format!("object `{o}`")));
        parts.extend(self.path.as_ref().map(|p| format!("path `{p}`")));
        parts.extend(self.fingerprint.as_ref().map(|f| format!("fingerprint `{f}`")));
        parts.join(", ")
    }
}

/// Whether the glob is for this object, or for one that it belongs to; `public.` may be left out, and quotes around names.
pub(super) fn object_matches(glob: &Glob, path: &str) -> bool {
    if path.contains('"') && object_matches(glob, &path.replace('"', "")) {
        return true;
    }
    let mut quoted = false;
    let ends = path.char_indices().filter(|(_, c)| {
        quoted ^= *c == '"';
        *c == '.' && !quoted
    });
    let ends: Vec<usize> = ends.map(|(at, _)| at).chain([path.len()]).collect();
    ends.into_iter()
        .filter_map(|end| path.get(..end))
        .any(|part| glob.matches(part) || part.strip_prefix("public.").is_some_and(|short| glob.matches(short)))
}

/// Whether the glob is for this path, or for its end: a folder in front depends on where the analysis was started.
fn path_matches(glob: &Glob, path: &str) -> bool {
    glob.matches(path) || path.match_indices('/').filter_map(|(at, _)| path.get(at + 1..)).any(|end| glob.matches(end))
}

/// Marks findings that are accepted, and gives for each waiver how many it fits. The first waiver that fits a finding gives the reason.
pub(crate) fn apply(findings: &mut [Finding], waivers: &[Waiver], sources: &Sources) -> Vec<u32> {
    let mut fitting = vec![0_u32; waivers.len()];
    for finding in findings.iter_mut() {
        for (waiver, count) in waivers.iter().zip(&mut fitting) {
            if waiver.state != WaiverState::Expired && waiver.fits(finding, sources) {
                *count = count.saturating_add(1);
                let waived = || Waived { reason: waiver.reason.clone(), until: waiver.until, source: waiver.source };
                if finding.waived.is_none() {
                    finding.waived = Some(Box::new(waived()));
                }
            }
        }
    }
    fitting
}

/// Notes what became of each waiver, and tells of those that hold no more or fit nothing.
pub(crate) fn settle(waivers: &mut [Waiver], fitting: &[u32], policy: &Policy, problems: &mut Vec<Problem>) {
    for (waiver, count) in waivers.iter_mut().zip(fitting) {
        if waiver.state == WaiverState::Expired {
            let until = waiver.until.map(|d| d.to_string()).unwrap_or_default();
            let message = format!(
                "This waiver ({}) held until {until}; its findings count again. Repair them, or decide anew.",
                waiver.subject()
            );
            problems.push(Problem { kind: ProblemKind::ExpiredWaiver, message, span: waiver.source });
        } else if *count == 0 {
            waiver.state = WaiverState::Stale;
            let off = waiver.rule.filter(|r| policy.level(r) == Some(super::Level::Off));
            let message = match off {
                Some(rule) => format!("This waiver has no effect: `{rule}` is off."),
                None => format!("This waiver ({}) fits no finding; take it out.", waiver.subject()),
            };
            problems.push(Problem { kind: ProblemKind::StaleWaiver, message, span: waiver.source });
        } else {
            waiver.state = WaiverState::Matched(*count);
        }
    }
}
