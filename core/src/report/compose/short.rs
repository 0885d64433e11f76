//! The short form: what a reviewer needs beside a change, in as many characters as a comment may have.

use super::overview::names;
use super::{Composer, Form, cover};
use crate::finding::Severity;
use crate::report::doc::{Block, Chapter, Document, Rich};
use crate::report::model::{FindingEntry, Report, RuleGroup, TargetReport};
use crate::report::options::ReportOptions;
use crate::report::words;

/// The report's short form: verdict, counts, what is new or worst, with at most `rules` rules and `each` findings of each.
pub(in crate::report) fn short(report: &Report, options: &ReportOptions<'_>, rules: usize, each: usize) -> Document {
    let mut document = cover(report, options);
    document.cover.clear();
    document.note = None;
    document.logo = None;
    let several = report.targets.len() > 1;
    for (at, target) in report.targets.iter().enumerate() {
        let prefix = if several { format!("t{}-", at + 1) } else { String::new() };
        let composer = Composer::new(report, options, Form::Markdown, target, prefix);
        let of = several.then(|| target.id.clone());
        document.chapters.push(Chapter {
            id: composer.id("short"),
            title: if composer.compared.is_some() { "What this change brings" } else { "Findings" },
            of,
            size: String::new(),
            blocks: composer.short(target, rules, each),
        });
    }
    if report.targets.is_empty() {
        let problems = report.problems.iter().take(each.max(3)).map(|p| Rich::default().prose(&p.message, &[]));
        document.chapters.push(Chapter {
            id: "problems".to_owned(),
            title: "Problems",
            of: None,
            size: String::new(),
            blocks: vec![Block::List(problems.collect())],
        });
    } else if !report.problems.is_empty() {
        let n = words::count(report.problems.len() as u64, "problem was", "problems were");
        document.footer = format!("{n} met while reading; the full report names them. {}", document.footer);
    }
    document
}

impl Composer<'_> {
    fn short(&self, target: &TargetReport, rules: usize, each: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let is_new = |at: u32| self.compared.is_none_or(|c| c.new.contains(&at));
        if let Some(compared) = self.compared {
            blocks.push(Block::Paragraph(self.movement(compared)));
        }
        if target.counts.total() > 0 {
            let head = if self.compared.is_some() {
                ["Severity", "#New", "#All"]
            } else {
                ["Severity", "#Findings", "#With a fix"]
            };
            let list = Severity::ALL.iter().filter(|s| target.counts.get(**s) > 0).map(|severity| {
                let of =
                    || (0_u32..).zip(&target.findings).filter(|(_, f)| f.severity == *severity && f.waived.is_none());
                let all = of().count() as u64;
                let (first, second) = if self.compared.is_some() {
                    (of().filter(|(at, _)| is_new(*at)).count() as u64, all)
                } else {
                    (all, of().filter(|(_, f)| f.fix.is_some()).count() as u64)
                };
                vec![
                    Rich::default().severity(*severity),
                    words::thousands(first).into(),
                    words::thousands(second).into(),
                ]
            });
            blocks.push(Block::table(&head, list));
        }
        if !target.conflicts.is_empty() {
            let n = words::count(target.conflicts.len() as u64, "statement", "statements");
            blocks.push(Block::paragraph(format!("{} would refuse {n}:", words::database(target))));
            let items = target.conflicts.iter().take(each.max(1) * 3).map(|c| {
                self.place(&c.location).text(": ").prose(&c.message, &[]).text(format!(" (SQLSTATE {})", c.sqlstate))
            });
            blocks.push(Block::List(items.collect()));
        }
        let groups: Vec<(&RuleGroup, Vec<(u32, &FindingEntry)>)> = target
            .groups
            .iter()
            .map(|group| {
                let list = group
                    .findings
                    .iter()
                    .filter(|at| is_new(**at))
                    .filter_map(|at| Some((*at, target.findings.get(*at as usize)?)));
                (group, list.filter(|(_, f)| self.lists(f)).collect::<Vec<_>>())
            })
            .filter(|(_, list)| !list.is_empty())
            .collect();
        if groups.is_empty() {
            blocks.push(Block::paragraph(if self.compared.is_some() { "No new finding." } else { "No finding." }));
        }
        for (group, list) in groups.iter().take(rules) {
            let n = words::count(list.len() as u64, "finding", "findings");
            let mut inner = vec![Block::Paragraph(Rich::default().prose(group.summary, &[]))];
            let items = list.iter().take(each).map(|(_, f)| {
                let text = match f.locations.first() {
                    Some(location) => self.place(location).text(": "),
                    None => Rich::default(),
                };
                text.prose(&f.message, &names(f))
            });
            inner.push(Block::List(items.collect()));
            if list.len() > each && each > 0 {
                inner.push(Block::paragraph(format!("And {} more.", words::thousands((list.len() - each) as u64))));
            }
            if let Some(fix) = list.iter().take(each).find_map(|(_, f)| f.fix.as_ref()) {
                inner.push(Block::Code("sql", fix.sql.trim_end().to_owned()));
            }
            let head = Rich::default().severity(group.severity).text(" ").code(group.rule).text(format!(", {n}"));
            // What would stop a merge is open, the rest is one line until someone wants it.
            if group.severity <= Severity::High && each > 0 {
                blocks.push(Block::Heading(1, None, head));
                blocks.extend(inner);
            } else if each > 0 {
                blocks.push(Block::Fold(head, inner));
            } else {
                blocks.push(Block::List(vec![head]));
            }
        }
        if groups.len() > rules {
            let n = words::count((groups.len() - rules) as u64, "more rule", "more rules");
            blocks.push(Block::paragraph(format!("{n} found something; the full report has all of it.")));
        }
        blocks
    }
}
