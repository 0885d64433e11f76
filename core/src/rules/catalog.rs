//! The rules as data: for `relata rules`, for the static JSON that the page fetches, and for `docs/rules`.

use std::fmt::Write as _;

use super::{Category, REGISTRY, Rule};
use crate::finding::{Certainty, Severity};

/// A rule as documentation shows it.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleEntry {
    /// Name in kebab-case.
    pub name: &'static str,
    /// Its category.
    pub category: Category,
    /// Default severity.
    pub severity: Severity,
    /// Default certainty.
    pub certainty: Certainty,
    /// What it flags.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// SQL that it fires on, without marks.
    pub bad: Vec<String>,
    /// SQL that looks alike and is right.
    pub good: Vec<String>,
    /// Weaker rules that it replaces on the same subject.
    pub supersedes: &'static [&'static str],
}

impl From<&'static Rule> for RuleEntry {
    fn from(rule: &'static Rule) -> Self {
        Self {
            name: rule.name,
            category: rule.category,
            severity: rule.severity,
            certainty: rule.certainty,
            summary: rule.summary,
            why: rule.why,
            bad: rule.fires.iter().map(|e| without_marks(e)).collect(),
            good: rule.silent.iter().map(|e| (*e).trim().to_owned()).collect(),
            supersedes: rule.supersedes,
        }
    }
}

/// Every rule, by category and name.
pub fn rule_catalog() -> Vec<RuleEntry> {
    let mut entries: Vec<RuleEntry> = REGISTRY.iter().map(|rule| RuleEntry::from(*rule)).collect();
    entries.sort_by_key(|e| (e.category, e.name));
    entries
}

/// An example without the marks around what a finding points at.
fn without_marks(example: &str) -> String {
    example.trim().replace(['«', '»'], "")
}

const NOTICE: &str = "<!-- Generated from core/src/rules by `cargo xtask docs`; edit the rule, not this file. -->\n";

/// The files of `docs/rules`: name and content, the index first.
pub fn docs() -> Vec<(String, String)> {
    let entries = rule_catalog();
    let mut files = vec![("README.md".to_owned(), index(&entries))];
    files.extend(entries.iter().map(|e| (format!("{}.md", e.name), page(e))));
    files
}

fn index(entries: &[RuleEntry]) -> String {
    let mut out = format!("{NOTICE}\n# Rules\n\nRelata checks a schema against {} rules.\n\n", entries.len());
    out.push_str(
        "Certainty says what a finding rests on: *proven* follows from the catalogue, *likely* rests on a name or a shape, *advisory* \
         depends on the workload. Findings of severity *info* and advisory ones never take points from the score.\n",
    );
    for category in Category::ALL {
        let mut of_category = entries.iter().filter(|e| e.category == category).peekable();
        if of_category.peek().is_none() {
            continue;
        }
        let _ = write!(
            out,
            "\n## {}\n\n| rule | severity | certainty | what it flags |\n|---|---|---|---|\n",
            category.title()
        );
        for e in of_category {
            let summary = e.summary.replace('|', "\\|");
            let _ =
                writeln!(out, "| [`{0}`]({0}.md) | {1} | {2} | {summary} |", e.name, e.severity, e.certainty.name());
        }
    }
    out
}

fn page(e: &RuleEntry) -> String {
    let mut out = format!("{NOTICE}\n# {}\n\n{}\n\n", e.name, e.summary);
    let _ = writeln!(
        out,
        "**Category:** {} · **Severity:** {} · **Certainty:** {}\n\n## Why\n\n{}",
        e.category.title(),
        e.severity,
        e.certainty.name(),
        e.why
    );
    let examples = |out: &mut String, title: &str, examples: &[String]| {
        if examples.is_empty() {
            return;
        }
        let _ = write!(out, "\n## {title}\n");
        for example in examples {
            let _ = write!(out, "\n```sql\n{example}\n```\n");
        }
    };
    examples(&mut out, "It fires on", &e.bad);
    examples(&mut out, "It stays silent on", &e.good);
    if !e.supersedes.is_empty() {
        let names: Vec<String> = e.supersedes.iter().map(|n| format!("[`{n}`]({n}.md)")).collect();
        let _ = write!(
            out,
            "\n## Related\n\nWhere it fires, it replaces the findings of {} on the same object.\n",
            names.join(", ")
        );
    }
    out
}
