//! Collects what one rule finds.

use super::{Context, Rule};
use crate::collections::Lookup;
use crate::finding::{Certainty, Finding, Fix, Severity, Subject, fingerprint};
use crate::schema::{ObjectId, Schema};
use crate::source::Span;

/// Collects the findings of one rule, and counts what it looked at.
pub struct Findings<'a> {
    rule: &'static Rule,
    schema: &'a Schema,
    role: &'static str,
    looked_at: u32,
    found: Vec<Finding>,
    /// Of the findings that name what they compare with: how many of their objects say which finding it is.
    identities: Lookup<usize, usize>,
}

impl<'a> Findings<'a> {
    /// Starts with nothing found.
    pub(super) fn new(rule: &'static Rule, context: &Context<'a>) -> Self {
        Self {
            rule,
            schema: context.schema,
            role: context.target.role.name(),
            looked_at: 0,
            found: Vec::new(),
            identities: Lookup::default(),
        }
    }

    /// Counts one more object that the rule looked at.
    pub fn look(&mut self) {
        self.look_at(1);
    }

    /// Counts so many more.
    pub(crate) fn look_at(&mut self, objects: usize) {
        self.looked_at = self.looked_at.saturating_add(u32::try_from(objects).unwrap_or(u32::MAX));
    }

    /// Reports a finding about an object of the schema, at its place.
    pub fn report(&mut self, subject: ObjectId, place: Span, message: String) -> Draft<'_> {
        let subject = Subject { kind: self.schema.kind(subject), path: self.schema.path(subject) };
        self.report_about(subject, place, message)
    }

    /// Reports a finding about something that is no object of the schema: a revision, a name that nothing has.
    pub fn report_about(&mut self, subject: Subject, place: Span, message: String) -> Draft<'_> {
        self.found.push(Finding {
            rule: self.rule,
            severity: self.rule.severity,
            certainty: self.rule.certainty,
            objects: vec![subject],
            message,
            evidence: None,
            spans: vec![place],
            fix: None,
            introduced_by: None,
            last_changed_by: None,
            fingerprint: String::new(),
            waived: None,
            past: false,
            lasting: false,
        });
        let at = self.found.len() - 1;
        Draft { schema: self.schema, at, identities: &mut self.identities, finding: self.found.get_mut(at) }
    }

    /// Gives what was found, fingerprints set. Two findings of one identity cannot be told apart in a waiver: the first stays.
    pub(super) fn finish(mut self) -> (Vec<Finding>, u32) {
        let mut seen = Lookup::default();
        let mut at = 0_usize;
        self.found.retain_mut(|f| {
            let own = self.identities.get(&at).and_then(|n| f.objects.get(..*n)).unwrap_or(&f.objects);
            f.fingerprint = fingerprint(self.rule.name, self.role, own);
            at += 1;
            // One of tens of thousands: kept at its size.
            f.message.shrink_to_fit();
            f.objects.shrink_to_fit();
            seen.insert(f.fingerprint.clone(), ()).is_none()
        });
        self.found.shrink_to_fit();
        (self.found, self.looked_at)
    }
}

/// A finding that is being written.
pub struct Draft<'a> {
    schema: &'a Schema,
    at: usize,
    identities: &'a mut Lookup<usize, usize>,
    finding: Option<&'a mut Finding>,
}

impl Draft<'_> {
    fn change(mut self, change: impl FnOnce(&mut Finding)) -> Self {
        if let Some(finding) = self.finding.as_deref_mut() {
            change(finding);
        }
        self
    }

    /// Names another object that the finding concerns, once.
    pub fn object(self, id: ObjectId) -> Self {
        let subject = Subject { kind: self.schema.kind(id), path: self.schema.path(id) };
        self.maybe_subject(Some(subject))
    }

    /// Names other objects that the finding concerns.
    pub fn objects(mut self, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        for id in ids {
            self = self.object(id);
        }
        self
    }

    /// Names the objects that the others are compared with. They are no part of the finding's identity: whoever accepted it did so whatever stands beside it.
    pub fn compared_with(mut self, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        if let Some(finding) = self.finding.as_deref() {
            let own = finding.objects.len();
            self.identities.get_or_insert_with(self.at, || own);
        }
        for id in ids {
            self = self.object(id);
        }
        self
    }

    /// Names something that is no object of the schema, such as a revision.
    pub fn maybe_subject(self, subject: Option<Subject>) -> Self {
        self.change(|f| f.objects.extend(subject.filter(|subject| !f.objects.contains(subject))))
    }

    /// A fix, unless something is in its way; then what that is, which is told as evidence.
    pub fn fix_unless(self, held: Option<String>, fix: Option<Fix>) -> Self {
        match held.filter(|_| fix.is_some()) {
            Some(held) => self.evidence(held),
            None => self.maybe_fix(fix),
        }
    }

    /// Sets a severity other than the rule's.
    pub fn severity(self, severity: Severity) -> Self {
        self.change(|f| f.severity = severity)
    }

    /// Sets a certainty other than the rule's.
    pub fn certainty(self, certainty: Certainty) -> Self {
        self.change(|f| f.certainty = certainty)
    }

    /// Says what in the input shows it.
    pub fn evidence(self, evidence: String) -> Self {
        self.change(|f| f.evidence = Some(evidence))
    }

    /// Adds a place that belongs to it.
    pub fn also_at(self, place: Span) -> Self {
        self.change(|f| f.spans.push(place))
    }

    /// Says that it tells of the state that is left: a later migration can repair it.
    pub fn lasting(self) -> Self {
        self.change(|f| f.lasting = true)
    }

    /// Gives the repair.
    pub fn fix(self, fix: Fix) -> Self {
        self.change(|f| f.fix = Some(fix))
    }

    /// Gives the repair, where there is one.
    pub fn maybe_fix(self, fix: Option<Fix>) -> Self {
        self.change(|f| f.fix = fix)
    }
}
