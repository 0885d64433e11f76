//! The findings one by one, and what they come to: strengths, weaknesses, risks, what was checked, what cannot be known.

use std::collections::BTreeMap;

use super::overview::names;
use super::{Composer, Form, rows};
use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::report::doc::{Block, Entry, Rich, Row, State, Table, folding};
use crate::report::model::{CheckedEntry, Effort, FindingEntry, RuleGroup, TargetReport};
use crate::report::shared::Shared;
use crate::report::words;

/// Findings of one rule that are shown before the rest is folded.
const OPEN: usize = 8;
/// Findings of one rule that are told in full; of more, one row each is enough to find them by.
const WHOLE: usize = 25;
/// The same where a report has thousands of them.
const WHOLE_OF_MANY: usize = 10;
/// From this many findings on.
const THOUSANDS: usize = 2_000;
/// Objects that a finding's head names; its places show the rest.
const OBJECTS: usize = 4;
/// Strengths that are shown before the rest is folded.
const STRENGTHS: usize = 20;
/// How many weaknesses are named.
const NAMED: usize = 12;

impl Composer<'_> {
    pub(super) fn findings(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        if target.groups.is_empty() {
            blocks.push(Block::paragraph(format!("{}, nothing found.", words::checks(target))));
        } else {
            blocks.push(Block::Small(
                "Proven follows from the catalogue; likely rests on a name or a shape; advisory depends on the workload.".into(),
            ));
        }
        for severity in Severity::ALL {
            let of: Vec<(u32, &FindingEntry)> =
                (0_u32..).zip(&target.findings).filter(|(_, f)| f.severity == severity && f.waived.is_none()).collect();
            if of.is_empty() {
                continue;
            }
            let n = words::count(of.len() as u64, "finding", "findings");
            if severity > self.options.least {
                let verb = if of.len() == 1 { "is" } else { "are" };
                let text = format!("{n} of severity {severity} {verb} counted and not listed.");
                blocks.push(Block::Small(text.into()));
                continue;
            }
            let head = Rich::default().severity(severity).text(" ").soft(n);
            blocks.push(Block::Heading(1, Some(self.id(severity.name())), head));
            let mut by_rule: Vec<(&str, Vec<(u32, &FindingEntry)>)> = Vec::new();
            let mut places: BTreeMap<&str, usize> = BTreeMap::new();
            for (at, finding) in of {
                let place = *places.entry(finding.rule).or_insert_with(|| {
                    by_rule.push((finding.rule, Vec::new()));
                    by_rule.len() - 1
                });
                if let Some((_, list)) = by_rule.get_mut(place) {
                    list.push((at, finding));
                }
            }
            for (rule, list) in by_rule {
                if let Some(group) = target.groups.iter().find(|g| g.rule == rule) {
                    self.rule(group, severity, &list, &mut blocks);
                }
            }
        }
        self.waived(target, &mut blocks);
        (words::thousands(target.counts.total().into()), blocks)
    }

    /// What is accepted: in no count, folded, with the reason.
    fn waived(&self, target: &TargetReport, blocks: &mut Vec<Block>) {
        if target.waived.is_empty() {
            return;
        }
        let rows = target.waived.iter().filter_map(|at| Some((*at, target.findings.get(*at as usize)?)));
        let rows = rows.map(|(at, finding)| {
            let mut row = self.brief(at, finding);
            let reason = finding.waived.as_ref().map(words::waived).unwrap_or_default();
            row.cells.insert(1, Rich::just_code(finding.rule));
            row.cells.push(format!("Waived: {reason}").into());
            row
        });
        let columns = vec!["Finding", "Rule", "What is wrong", "Where", "Why it is accepted"];
        let head = words::count(target.waived.len() as u64, "waived finding", "waived findings");
        blocks.push(Block::Heading(1, Some(self.id("waived")), "Waived".into()));
        blocks.push(Block::Fold(head.into(), vec![Block::Table(Table { columns, rows: rows.collect() })]));
    }

    fn rule(&self, group: &RuleGroup, severity: Severity, list: &[(u32, &FindingEntry)], blocks: &mut Vec<Block>) {
        let n = words::count(list.len() as u64, "finding", "findings");
        let head = Rich::just_code(group.rule).text(" ").soft(n);
        blocks.push(Block::Heading(2, Some(self.group_id(severity, group.rule)), head));
        if group.severity == severity {
            blocks.push(Block::Paragraph(Rich::default().strong("Problem.").text(" ").prose(group.summary, &[])));
            blocks.push(Block::Paragraph(Rich::default().strong("Impact.").text(" ").prose(group.why, &[])));
        } else {
            blocks.push(Block::Paragraph(
                Rich::of("As ").then(self.rule_link(group)).text(" above, of less weight here."),
            ));
        }
        let most = if self.target.is_some_and(|t| t.findings.len() > THOUSANDS) { WHOLE_OF_MANY } else { WHOLE };
        let whole = if list.len() > most + 5 { most } else { list.len() };
        let (told, brief) = list.split_at_checked(whole).unwrap_or((list, &[]));
        let shared = Shared::of(&told.iter().map(|(_, finding)| *finding));
        if let Some(evidence) = shared.evidence {
            blocks.push(Block::Paragraph(Rich::default().strong("Evidence.").text(" ").prose(evidence, &[])));
        }
        if let Some(caution) = shared.caution {
            let text = Rich::default().strong("Before running any of the fixes.").text(" ").prose(caution, &[]);
            blocks.push(Block::Paragraph(text));
        }
        let mut entries: Vec<Block> = told.iter().map(|(at, finding)| self.finding(*at, finding, shared)).collect();
        let mut rest = if entries.len() > OPEN + 2 { entries.split_off(OPEN) } else { Vec::new() };
        let open = entries.len();
        blocks.append(&mut entries);
        if !brief.is_empty() {
            let whole = self.target.is_none_or(Self::shows_all_sql);
            let brief_text = if whole { "and the plan has its SQL" } else { "and `relata fix` writes its SQL" };
            let text = format!("The others in brief: each is like those above, {brief_text}.");
            rest.push(Block::Small(Rich::default().prose(&text, &[])));
            rest.push(Block::Table(Table {
                columns: vec!["Finding", "What is wrong", "Where"],
                rows: brief.iter().map(|(at, finding)| self.brief(*at, finding)).collect(),
            }));
        }
        if !rest.is_empty() {
            let n = words::count(list.len().saturating_sub(open) as u64, "more finding", "more findings");
            blocks.push(Block::Fold(Rich::of(format!("{n} of ")).code(group.rule), rest));
        }
    }

    fn brief(&self, at: u32, finding: &FindingEntry) -> Row {
        let place = finding.locations.first().map_or_else(Rich::default, |l| match self.options.url(l) {
            Some(_) => self.place(l),
            None => words::place(l).into(),
        });
        Row {
            id: Some(self.id(&format!("f{}", at.saturating_add(1)))),
            cells: vec![self.finding_name(at).into(), Rich::default().prose(&finding.message, &names(finding)), place],
        }
    }

    /// A finding without what it shares with all others of its rule.
    fn finding(&self, at: u32, finding: &FindingEntry, shared: Shared<'_>) -> Block {
        let names = names(finding);
        let objects =
            finding.objects.iter().take(OBJECTS).map(|o| Rich::of(format!("{} ", o.kind)).then(self.object(o)));
        let mut head = if self.form == Form::Html {
            Rich::default().soft(self.finding_name(at))
        } else {
            Rich::default().strong(self.finding_name(at))
        };
        head = head.text(" ").severity(finding.severity).text(" ").soft(finding.certainty.name());
        if self.compared.is_some_and(|c| c.new.contains(&at)) {
            head = head.text(" ").state(State::Partly, "new");
        }
        head = head.text(" ").then(Rich::joined(objects, ", "));
        if finding.objects.len() > OBJECTS {
            head = head.text(format!(" and {} more", words::thousands((finding.objects.len() - OBJECTS) as u64)));
        }
        let mut blocks = vec![Block::Paragraph(Rich::default().prose(&finding.message, &names))];
        if let Some(evidence) = finding.evidence.as_deref().filter(|e| shared.evidence != Some(e)) {
            blocks.push(Block::Paragraph(Rich::default().soft("Evidence:").text(" ").prose(evidence, &names)));
        }
        if !finding.locations.is_empty() {
            let mut places = Rich::default().soft("Where:").text(" ");
            places = places.then(Rich::joined(finding.locations.iter().map(|l| self.place(l)), ", "));
            blocks.push(Block::Small(places));
        }
        if let Some(introduced) = &finding.origin.introduced_by {
            let mut text = Rich::default().soft("Came with revision").text(" ").then(self.revision_link(introduced));
            if let Some(changed) = finding.origin.last_changed_by.as_ref().filter(|c| *c != introduced) {
                text = text.soft(", last changed by").text(" ").then(self.revision_link(changed));
            }
            blocks.push(Block::Small(text));
        }
        if let Some(fix) = &finding.fix {
            blocks.push(Block::Small(Rich::default().soft("Fix:")));
            blocks.push(Block::Code("sql", fix.sql.trim_end().to_owned()));
            if let Some(caution) = fix.caution.as_deref().filter(|c| shared.caution != Some(c)) {
                blocks.push(Block::Paragraph(
                    Rich::default().soft("Before running it:").text(" ").prose(caution, &names),
                ));
            }
        }
        Block::Entry(Entry {
            id: self.id(&format!("f{}", at.saturating_add(1))),
            severity: Some(finding.severity),
            head,
            blocks,
        })
    }

    pub(super) fn strengths(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut held: Vec<Rich> = Vec::new();
        let c = &target.coverage;
        if c.statements > 1 && c.statements == c.understood {
            held.push(format!("{}.", words::coverage(c)).into());
        }
        if target.role == "history" && target.conflicts.is_empty() {
            held.push("Every migration runs on a new database.".into());
        }
        let keys = || target.tables.iter().flat_map(|t| &t.foreign_keys);
        if keys().count() > 0 {
            if keys().all(|k| k.cover == "full") {
                held.push(
                    format!(
                        "An index serves each of the {}.",
                        words::count(keys().count() as u64, "foreign key", "foreign keys")
                    )
                    .into(),
                );
            }
            if keys().all(|k| k.validated) {
                held.push("Every foreign key holds for old rows too.".into());
            }
        }
        let mut blocks = vec![Block::Heading(1, None, "Strengths".into())];
        held.extend(target.strengths.iter().map(|s| {
            let text = Rich::default().prose(&s.message, &[]);
            match target.checked.iter().find(|c| Some(c.rule) == s.rule) {
                Some(checked) => text.text(" It looks for this: ").prose(checked.summary, &[]),
                None => text,
            }
        }));
        if held.is_empty() {
            blocks.push(Block::paragraph("Nothing that could be told from so little."));
        }
        let rest = if held.len() > STRENGTHS + 5 { held.split_off(STRENGTHS) } else { Vec::new() };
        blocks.push(Block::List(held));
        if !rest.is_empty() {
            let n = words::count(rest.len() as u64, "more strength", "more strengths");
            blocks.push(Block::Fold(n.into(), vec![Block::List(rest)]));
        }
        blocks.push(Block::Heading(1, None, "Weaknesses".into()));
        let mut weak: Vec<(u64, &RuleGroup, u32)> = Vec::new();
        for category in &target.score.categories {
            for d in &category.deductions {
                let weight = u64::from(d.tenths) * u64::from(category.weight);
                weak.extend(target.groups.iter().find(|g| g.rule == d.rule).map(|g| (weight, g, d.findings)));
            }
        }
        weak.order_by_key(|(weight, group, _)| (std::cmp::Reverse(*weight), group.rule));
        if weak.is_empty() {
            blocks.push(Block::paragraph("Nothing took points."));
        } else {
            blocks.push(Block::Small("By the points that they take of the total.".into()));
            let list = weak.iter().take(NAMED).map(|(weight, group, findings)| {
                let (whole, rest) = (weight / 1000, weight % 1000 / 10);
                self.rule_link(group)
                    .text(format!(": {whole}.{rest:02} points, "))
                    .link(
                        self.group_id(group.severity, group.rule),
                        words::count(*findings, "finding", "findings").into(),
                    )
                    .text(". ")
                    .prose(group.summary, &[])
            });
            blocks.push(Block::List(list.collect()));
        }
        (String::new(), blocks)
    }

    pub(super) fn risks(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let groups: Vec<&RuleGroup> = target.groups.iter().filter(|g| g.severity <= Severity::Medium).collect();
        if groups.is_empty() {
            return (String::new(), vec![Block::paragraph("No finding is of medium severity or worse.")]);
        }
        let list = groups.iter().map(|group| {
            let findings = || group.findings.iter().filter_map(|at| target.findings.get(*at as usize));
            let certainty = findings().map(|f| f.certainty).min().unwrap_or(Certainty::Advisory);
            let effort = findings().map(Effort::of).max().unwrap_or(Effort::Decide);
            let phase = findings().filter_map(crate::report::plan::phase_of).min();
            vec![
                Rich::default().prose(group.summary, &[]).line_break().then(self.rule_link(group)),
                Rich::default().severity(group.severity),
                certainty.name().into(),
                Rich::default().link(
                    self.group_id(group.severity, group.rule),
                    words::thousands(group.findings.len() as u64).into(),
                ),
                effort.words().into(),
                phase.map_or("", |p| p.title()).into(),
            ]
        });
        let columns = ["Risk", "Severity", "Certainty", "#Findings", "Effort", "When"];
        (words::thousands(groups.len() as u64), vec![rows(&columns, list.collect(), "risk", "risks")])
    }

    pub(super) fn checked(&self, target: &TargetReport) -> (String, Vec<Block>) {
        if target.checked.is_empty() {
            return (String::new(), vec![Block::paragraph("No rule ran.")]);
        }
        let mut blocks = vec![Block::paragraph(words::clean(target))];
        let clean: Vec<&CheckedEntry> = target.checked.iter().filter(|c| c.is_clean()).collect();
        if !clean.is_empty() {
            let table = Table {
                columns: vec!["Rule", "Category", "#Checks", "What it looks for"],
                rows: clean
                    .iter()
                    .map(|c| {
                        Row::of(vec![
                            Rich::just_code(c.rule),
                            c.category.title().into(),
                            words::thousands(c.objects.into()).into(),
                            Rich::default().prose(c.summary, &[]),
                        ])
                    })
                    .collect(),
            };
            blocks.push(folding(table, "rule that found nothing", "rules that found nothing"));
        }
        (words::count(target.checked.len() as u64, "rule", "rules"), blocks)
    }

    pub(super) fn limits(&self) -> (String, Vec<Block>) {
        let mut blocks = vec![Block::paragraph(words::LIMITS)];
        blocks.push(Block::List(words::UNKNOWN.iter().map(|line| Rich::of(*line)).collect()));
        if self.report.targets.iter().any(|t| t.audit.as_ref().is_some_and(|a| !a.monitoring.is_empty())) {
            blocks.push(Block::paragraph("The queries under testing and monitoring ask a running database for these."));
        }
        (String::new(), blocks)
    }
}
