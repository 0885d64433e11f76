//! What Relata says of the corpus, as text that is committed: findings by rule, and scores.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::session::FileOrder;

use crate::corpus::{self, Item};

/// The projects of the corpus, each as a person would give it: folders as they are, what has only a load order in that order, Python packages, and
/// the audited cases.
pub fn projects(folder: &Path) -> Vec<(Item, FileOrder)> {
    let folders = corpus::folders(folder);
    let mut projects: Vec<(Item, FileOrder)> = corpus::items(folder)
        .into_iter()
        .filter(|i| !i.name.ends_with("(pg_dump)") && !folders.iter().any(|f| f.name == i.name))
        .map(|i| (i, FileOrder::AsGiven))
        .collect();
    let below = |path: &str, prefix: &str| corpus::subfolders(&folder.join(path), prefix);
    let whole = folders.into_iter().chain(below("corpus/python", "python-")).chain(below("cases", "case-"));
    projects.extend(whole.map(|i| (i, FileOrder::ByName)));
    projects.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    projects
}

/// What is kept of one target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// The project, with the target's id where it has several.
    pub name: String,
    /// How many tables.
    pub tables: u32,
    /// How many revisions.
    pub revisions: usize,
    /// The total and the grade, where it is scored.
    pub score: Option<(u8, char)>,
    /// Findings by rule.
    pub findings: BTreeMap<&'static str, u32>,
}

/// The judgements of all projects, in the order of their names.
pub fn judgements(folder: &Path) -> Vec<Judgement> {
    projects(folder).iter().flat_map(|(item, order)| of(&item.name, &item.analyze_as(*order))).collect()
}

fn of(name: &str, analysis: &Analysis) -> Vec<Judgement> {
    let several = analysis.targets.len() > 1;
    let judge = |t: &TargetAnalysis| {
        let mut findings = BTreeMap::new();
        for finding in &t.findings {
            *findings.entry(finding.rule.name).or_default() += 1;
        }
        Judgement {
            name: if several { format!("{name} {}", t.target.id) } else { name.to_owned() },
            tables: t.facts.tables,
            revisions: t.history.revisions.len(),
            score: t.score.not_scored.is_none().then_some((t.score.total, t.score.grade)),
            findings,
        }
    };
    analysis.targets.iter().map(judge).collect()
}

/// `tests/findings.txt`.
pub fn findings_text(judgements: &[Judgement]) -> String {
    let mut out = String::from(
        "# What Relata finds in each project of the corpus: rule and number. `cargo xtask snapshot` writes this file; a change that moves\n\
         # findings shows here what it moved.\n",
    );
    for judgement in judgements {
        let score = match judgement.score {
            Some((total, grade)) => format!("score {total} {grade}"),
            None => "not scored".to_owned(),
        };
        let _ = writeln!(out, "\n{}: {score}", judgement.name);
        for (rule, count) in &judgement.findings {
            let _ = writeln!(out, "  {rule} {count}");
        }
    }
    out
}

/// What differs between two such texts, project by project: `- ` is what was, `+ ` what is.
pub fn difference(committed: &str, now: &str) -> String {
    let blocks = |text: &str| -> BTreeMap<String, Vec<String>> {
        let of = |block: &str| {
            let mut lines = block.lines().map(str::to_owned);
            let head = lines.next()?;
            let name = head.split(": ").next()?.to_owned();
            Some((name, std::iter::once(head).chain(lines).collect()))
        };
        text.split("\n\n").skip(1).filter_map(of).collect()
    };
    let (before, after) = (blocks(committed), blocks(now));
    let mut out = String::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = Vec::new();
    for name in names {
        let (a, b) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        if a != b {
            let _ = writeln!(out, "{name}");
            for (mark, lines, others) in [('-', a, b), ('+', b, a)] {
                for line in lines.iter().filter(|l| !others.contains(l)) {
                    let _ = writeln!(out, "{mark} {}", line.trim());
                }
            }
        }
    }
    out
}

/// `docs/scoring.md`: the text of `docs/scoring.in.md` with the distribution behind it.
pub fn scoring_text(judgements: &[Judgement]) -> String {
    let mut out = include_str!("../scoring.in.md").to_owned();
    let mut sorted: Vec<(u8, char, &Judgement)> =
        judgements.iter().filter_map(|j| j.score.map(|(total, grade)| (total, grade, j))).collect();
    sorted.sort_by(|(a, _, j), (b, _, k)| a.cmp(b).then_with(|| j.name.cmp(&k.name)));
    let at = |share: usize| sorted.get(sorted.len() * share / 100).map_or(0, |(total, ..)| *total);
    let _ = writeln!(
        out,
        "{} targets with a score: lowest {}, a quarter below {}, half below {}, a quarter above {}, highest {}.\n",
        sorted.len(),
        at(0),
        at(25),
        at(50),
        at(75),
        sorted.last().map_or(0, |(total, ..)| *total)
    );
    out.push_str("| score | targets |\n|---|---|\n");
    for from in (0..=100).step_by(5) {
        let n = sorted.iter().filter(|(total, ..)| (from..from + 5).contains(&usize::from(*total))).count();
        if n > 0 {
            let range = if from == 100 { "100".to_owned() } else { format!("{from} to {}", from + 4) };
            let _ = writeln!(out, "| {range} | {} {n} |", "▇".repeat(n));
        }
    }
    out.push_str("\n| schema | tables | revisions | score | grade |\n|---|--:|--:|--:|---|\n");
    for (total, grade, j) in &sorted {
        let _ = writeln!(out, "| {} | {} | {} | {total} | {grade} |", j.name, j.tables, j.revisions);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_the_project_and_the_lines() {
        let judgement = |name: &str, count| Judgement {
            name: name.to_owned(),
            tables: 1,
            revisions: 1,
            score: Some((90, 'A')),
            findings: [("no-primary-key", count), ("wide-table", 1)].into_iter().collect(),
        };
        let before = findings_text(&[judgement("a", 1), judgement("b", 1)]);
        let after = findings_text(&[judgement("a", 1), judgement("b", 2), judgement("c", 1)]);
        assert_eq!(difference(&before, &before), "");
        assert_eq!(
            difference(&before, &after),
            "b\n- no-primary-key 1\n+ no-primary-key 2\nc\n+ c: score 90 A\n+ no-primary-key 1\n+ wide-table 1\n"
        );
    }
}
