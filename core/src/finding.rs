//! Findings: what a rule says of an object, with evidence, certainty and, where one exists, a fix.

use std::fmt;

use crate::operation::ObjectKind;
use crate::policy::Waived;
use crate::rules::Rule;
use crate::source::Span;

/// How bad it is, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Data is lost or exposed, or the schema cannot be made.
    Critical,
    /// A defect that will hurt in production.
    High,
    /// A defect that hurts under load, at scale or over time.
    Medium,
    /// Worth doing when one is there anyway.
    Low,
    /// Worth knowing; never touches the score.
    Info,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Severity; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word in JSON and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It follows from the catalogue.
    Proven,
    /// It rests on a name or a shape.
    Likely,
    /// It depends on the workload; opt in.
    Advisory,
}

impl Certainty {
    /// The word in JSON and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::Advisory => "advisory",
        }
    }
}

/// What a finding is about: kind and path, as printed in JSON.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Subject {
    /// The kind of object.
    pub kind: ObjectKind,
    /// `schema.table.name`, quoted where needed; a file name or revision for those kinds.
    pub path: String,
}

impl Subject {
    /// A subject of a kind and a path that is written already.
    pub fn new(kind: ObjectKind, path: impl Into<String>) -> Self {
        Self { kind, path: path.into() }
    }
}

/// SQL that the target database accepts, after which the finding is gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// One or more statements, each ended by a semicolon.
    pub sql: String,
    /// What could stand in its way, with the query that shows it; empty where nothing can.
    pub caution: Option<String>,
}

/// One rule at one subject.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that says it.
    pub rule: &'static Rule,
    /// Its severity here; a rule may lower or raise its default.
    pub severity: Severity,
    /// Its certainty here.
    pub certainty: Certainty,
    /// What it is about; the first is the subject, what a fix would change.
    pub objects: Vec<Subject>,
    /// What is wrong with which object, in one or two sentences. Names in backticks.
    pub message: String,
    /// What in the input says so ("18 of 20 tables have …").
    pub evidence: Option<String>,
    /// Where, the subject's place first.
    pub spans: Vec<Span>,
    /// The repair.
    pub fix: Option<Fix>,
    /// The revision that made its subject, by its place in the history; `None` where the target is no history.
    pub introduced_by: Option<u32>,
    /// The revision that last changed it.
    pub last_changed_by: Option<u32>,
    /// Identity across runs: a hash of rule, target role and object paths, in hexadecimal.
    pub fingerprint: String,
    /// Why it is accepted, where it is: it stays visible and counts nowhere.
    pub waived: Option<Box<Waived>>,
    /// It is the hazard of running a migration that others follow: most likely it has been run, and editing it repairs nothing.
    pub past: bool,
    /// Whether it tells of the state that is left, which a later migration can repair, although its rule is about running migrations.
    pub lasting: bool,
}

impl Finding {
    /// The first place, the subject's.
    pub fn place(&self) -> Option<Span> {
        self.spans.first().copied()
    }

    /// Whether it takes points: information, advice on the workload, what is run only where it is asked for and what was accepted never do.
    pub fn counts(&self) -> bool {
        self.severity != Severity::Info
            && self.certainty != Certainty::Advisory
            && !self.rule.is_opt_in()
            && self.waived.is_none()
    }
}

/// The identity of a finding across runs: a hash of the rule's name, the target's role and the paths of the objects, as 16 hexadecimal
/// digits. It holds no file, line or wording, so that moving a statement or rewording a message keeps every waiver.
pub fn fingerprint(rule: &str, role: &str, objects: &[Subject]) -> String {
    let mut hash = Fnv1a::new();
    hash.field(rule);
    hash.field(role);
    for object in objects {
        hash.field(object.kind.name());
        hash.field(&object.path);
    }
    format!("{:016x}", hash.0)
}

/// FNV-1a, 64 bits: a hash that is the same on every platform and in every version. Source: IETF draft-eastlake-fnv, section 2.
struct Fnv1a(u64);

impl Fnv1a {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// A text and an end mark that no UTF-8 text holds, so that two fields never run into each other.
    fn field(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_gives_the_published_values() {
        // Source: the FNV test suite of draft-eastlake-fnv, appendix C.
        for (text, expected) in
            [("", 0xcbf2_9ce4_8422_2325_u64), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            let mut hash = Fnv1a::new();
            hash.bytes(text.as_bytes());
            assert_eq!(hash.0, expected, "{text:?}");
        }
    }

    #[test]
    fn fingerprints_depend_on_rule_role_and_objects_and_on_nothing_else() {
        let a = [Subject::new(ObjectKind::Table, "public.a")];
        let ab = [Subject::new(ObjectKind::Table, "public.a"), Subject::new(ObjectKind::Column, "public.b")];
        let base = fingerprint("rule", "dump", &a);
        assert_eq!(base.len(), 16);
        assert_eq!(base, fingerprint("rule", "dump", &a));
        for other in
            [fingerprint("rule2", "dump", &a), fingerprint("rule", "history", &a), fingerprint("rule", "dump", &ab)]
        {
            assert_ne!(base, other);
        }
    }
}
