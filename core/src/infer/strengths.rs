//! What is right: conventions that all or nearly all follow, and rules that looked at many objects and found nothing.

use super::{Convention, Conventions};
use crate::analysis::Checked;
use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::{Category, Rule};

/// Something that is as it should be, with what says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strength {
    /// Where it belongs.
    pub category: Category,
    /// The rule that found nothing; absent for a convention.
    pub rule: Option<&'static str>,
    /// How many objects were looked at.
    pub objects: u32,
    /// What is said of it.
    pub message: String,
}

/// A rule that looked at fewer objects praises nobody.
const LEAST_OBJECTS: u32 = 5;

/// Rules that say that everything runs. What a database refuses may have been told by another rule in their place, which clears them of nothing.
const OF_REFUSALS: &[&str] = &["reference-before-definition", "statement-refused"];

/// The strengths, by category: conventions first, then rules whose findings would be grave, most objects first. `refused` is whether the database would
/// refuse anything.
pub(crate) fn strengths(conventions: &Conventions, checked: &[Checked], refused: bool) -> Vec<Strength> {
    let mut out: Vec<Strength> = conventions.all.iter().filter_map(of_convention).collect();
    let grave = |rule: &Rule| {
        matches!(rule.severity, Severity::Critical | Severity::High | Severity::Medium)
            && rule.certainty != Certainty::Advisory
    };
    let mut clean: Vec<&Checked> = checked
        .iter()
        .filter(|c| c.findings == 0 && c.waived == 0 && c.objects >= LEAST_OBJECTS && grave(c.rule))
        .filter(|c| !(refused && OF_REFUSALS.contains(&c.rule.name)))
        .collect();
    clean.order_by_key(|c| (c.rule.severity, std::cmp::Reverse(c.objects), c.rule.name));
    out.extend(clean.into_iter().map(|c| Strength {
        category: c.rule.category,
        rule: Some(c.rule.name),
        objects: c.objects,
        message: format!("`{}`: {} checked, nothing found.", c.rule.name, c.objects),
    }));
    out.order_by_key(|s| s.category);
    out
}

/// Nine of ten, of five or more, deserve a word.
fn of_convention(convention: &Convention) -> Option<Strength> {
    let Convention { key, title, value, follow, of, what, .. } = convention;
    // That no trigger keeps a time says nothing of whether a program does.
    let unseen = *key == "updated-at-by" && value == "application";
    if unseen || *of < LEAST_OBJECTS || follow.saturating_mul(10) < of.saturating_mul(9) || value == "otherwise" {
        return None;
    }
    let category = match *key {
        "tenant-key" => Category::Security,
        "created-at" | "updated-at" | "updated-at-by" | "soft-delete" => Category::DataLifecycle,
        "primary-key-type" => Category::KeysAndReferences,
        "timestamp-type" | "enum-strategy" | "money-type" | "score-type" => Category::Types,
        "migrations" => Category::MigrationHistory,
        _ => Category::Naming,
    };
    let share = if follow == of { format!("all {of} {what}") } else { format!("{follow} of {of} {what}") };
    Some(Strength { category, rule: None, objects: *of, message: format!("{title}: `{value}` ({share}).") })
}
