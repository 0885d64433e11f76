//! What to do about it, and how to watch: the plan in phases, tests and queries.

use super::{Composer, rows};
use crate::report::doc::{Block, Rich};
use crate::report::model::{Effort, PhaseEntry, StepEntry, TargetReport, Topic};
use crate::report::words;

/// Findings that a row of the plan names.
const LINKED: usize = 8;
/// Lines of SQL that are shown before they are folded.
const LINES: usize = 40;
/// Bytes of SQL that the plan shows; beyond, it says where the rest is. A page of 500 tables stays below 5 MB with it.
const SQL_BYTES: usize = 600_000;
/// Queries of one topic that are shown before the rest is folded.
const QUERIES: usize = 4;

impl Composer<'_> {
    pub(super) fn plan(&self, target: &TargetReport) -> Option<(String, Vec<Block>)> {
        let plan = &target.audit.as_ref()?.plan;
        if plan.is_empty() {
            return Some((
                String::new(),
                vec![Block::paragraph("Nothing is to be done: no finding of low severity or worse is open.")],
            ));
        }
        let mut blocks = vec![Block::paragraph(
            "Severity decides when: critical and high before production, medium in the short term, low in the long term. What depends on the workload comes \
             one phase later; SQL that is certain and runs as it is comes no later than the short term. Information, what is waived, and the hazards of migrations that have been run already are not planned.",
        )];
        let mut room = SQL_BYTES;
        for phase in plan {
            self.phase(target, phase, &mut room, &mut blocks);
        }
        let steps: usize = plan.iter().map(|p| p.steps.len()).sum();
        Some((words::count(steps as u64, "step", "steps"), blocks))
    }

    /// Whether the plan shows all of its SQL.
    pub(super) fn shows_all_sql(target: &TargetReport) -> bool {
        target.audit.as_ref().is_none_or(|audit| audit.plan.iter().map(|p| p.sql.len()).sum::<usize>() <= SQL_BYTES)
    }

    /// `room` is how many bytes of SQL may still be shown.
    fn phase(&self, target: &TargetReport, phase: &PhaseEntry, room: &mut usize, blocks: &mut Vec<Block>) {
        let n = words::count(phase.steps.len() as u64, "finding", "findings");
        let name = phase.phase.title();
        let id = self.id(&name.to_ascii_lowercase().replace(' ', "-"));
        blocks.push(Block::Heading(1, Some(id), Rich::of(name).text(" ").soft(n)));
        // One row for each rule and effort, in the order of the steps.
        let mut groups: Vec<(&'static str, Effort, Vec<u32>)> = Vec::new();
        for step in &phase.steps {
            let Some(finding) = target.findings.get(step.finding as usize) else { continue };
            match groups.iter_mut().find(|(rule, effort, _)| *rule == finding.rule && *effort == step.effort) {
                Some((_, _, list)) => list.push(step.finding),
                None => groups.push((finding.rule, step.effort, vec![step.finding])),
            }
        }
        let list = groups.iter().enumerate().map(|(at, (rule, effort, findings))| {
            let group = target.groups.iter().find(|g| g.rule == *rule);
            vec![
                (at + 1).to_string().into(),
                group.map_or_else(|| Rich::just_code(*rule), |g| self.rule_link(g)),
                match group {
                    Some(g) => Rich::default()
                        .link(self.group_id(g.severity, g.rule), words::thousands(findings.len() as u64).into()),
                    None => words::thousands(findings.len() as u64).into(),
                },
                effort.words().into(),
                self.finding_links(findings, LINKED),
            ]
        });
        blocks.push(rows(&["#Step", "Rule", "#Findings", "Effort", "Which"], list.collect(), "step", "steps"));
        if phase.sql.is_empty() {
            blocks.push(Block::paragraph("None of it is plain SQL behind the present state: each takes a decision, or a change of the files themselves."));
        } else {
            let text = "The migration of this phase. Its statements run in this order, one behind the other, on the schema as it is; those with CONCURRENTLY run \
                        outside of a transaction. Columns and types come before keys, keys before references, and what is dropped or renamed comes last.";
            blocks.push(Block::paragraph(text));
            let (shown, left) = whole_fixes(&phase.sql, *room);
            *room = room.saturating_sub(shown.len());
            let lines = shown.lines().count();
            let code = Block::Code("sql", shown.to_owned());
            if lines > LINES {
                let n = words::count(lines as u64, "line of SQL", "lines of SQL");
                blocks.push(Block::Fold(n.into(), vec![code]));
            } else if lines > 0 {
                blocks.push(code);
            }
            let left = left.lines().filter(|line| !line.is_empty()).count();
            if left > 0 {
                let n = words::count(left as u64, "more line", "more lines");
                let text = Rich::of(format!("{n} are left out here: "))
                    .code("relata fix")
                    .text(" writes the whole migration, and the report as JSON has it.");
                blocks.push(Block::Paragraph(text));
            }
        }
        let held: Vec<&StepEntry> = phase.steps.iter().filter(|s| s.held.is_some()).collect();
        if !held.is_empty() {
            blocks.push(Block::paragraph(
                "Not part of it, as the statements before change what they rest on; see whether they are still needed:",
            ));
            let items = held.iter().map(|s| {
                let why = s.held.as_deref().unwrap_or_default();
                self.finding_link(s.finding).text(": ").text(why).text(".")
            });
            blocks.push(Block::List(items.collect()));
        }
    }

    pub(super) fn monitoring(&self, target: &TargetReport) -> Option<(String, Vec<Block>)> {
        let queries = &target.audit.as_ref()?.monitoring;
        let mut blocks = Vec::new();
        self.tests(target, &mut blocks);
        if queries.is_empty() {
            blocks.push(Block::paragraph("There is no table to ask about."));
        } else {
            blocks.push(Block::paragraph("Queries for a running database, made for this schema. They change nothing; those about rows read whole tables."));
        }
        let left_out = target.audit.as_ref().map_or(0, |a| a.monitoring_left_out);
        if left_out > 0 {
            let n = words::count(left_out, "query", "queries");
            blocks.push(Block::paragraph(format!("{n} about single references are left out, as there are too many.")));
        }
        let mut topics: Vec<Topic> = queries.iter().map(|q| q.topic).collect();
        topics.dedup();
        for topic in topics {
            let of = || queries.iter().filter(move |q| q.topic == topic);
            let n = words::count(of().count() as u64, "query", "queries");
            blocks.push(Block::Heading(1, None, Rich::of(topic.title()).text(" ").soft(n)));
            let mut told = None;
            let mut parts: Vec<Vec<Block>> = Vec::new();
            for query in of() {
                let mut part = vec![Block::Paragraph(Rich::default().prose(&query.title, &[]).text("."))];
                if told != Some(query.reading) {
                    part.push(Block::Small(query.reading.into()));
                    told = Some(query.reading);
                }
                part.push(Block::Code("sql", query.sql.clone()));
                parts.push(part);
            }
            let rest = if parts.len() > QUERIES { parts.split_off(QUERIES) } else { Vec::new() };
            blocks.extend(parts.into_iter().flatten());
            if !rest.is_empty() {
                let n = words::count(rest.len() as u64, "more query", "more queries");
                blocks.push(Block::Fold(n.into(), rest.into_iter().flatten().collect()));
            }
        }
        Some((words::count(queries.len() as u64, "query", "queries"), blocks))
    }

    /// What to try before and after the plan's migrations.
    fn tests(&self, target: &TargetReport, blocks: &mut Vec<Block>) {
        blocks.push(Block::Heading(1, None, "Tests".into()));
        let mut items: Vec<Rich> = Vec::new();
        let inventory = target.audit.as_ref().and_then(|a| a.inventory.as_ref());
        if let Some(inventory) = inventory {
            items.push(
                "Run all migrations on an empty database, in CI, with the server version that production has.".into(),
            );
            if inventory.revisions.iter().any(|r| r.has_down) {
                items.push(if target.layout == "alembic" {
                    Rich::of("Go there and back: ").code("alembic upgrade head && alembic downgrade base && alembic upgrade head").text(". What is left behind by the way down fails on the way up.")
                } else {
                    "Go there and back: all the way up, all the way down, and up again. What is left behind by the way down fails on the way up.".into()
                });
            }
        }
        items.push("Run each phase of the plan on a copy of production: existing rows, not the statements, are what validation fails on.".into());
        if target.conventions.tenant.is_some() {
            items.push(
                "As one tenant, read, insert, change and delete rows of another: each must fail or touch nothing."
                    .into(),
            );
        }
        if target.overview.row_security_tables > 0 {
            items.push("Do so with the role of the application, not with the owner or a superuser: row-level security does not hold for those.".into());
        }
        items.push(
            "In CI, relata check with --base and the state of the main branch shows what a change brings.".into(),
        );
        blocks.push(Block::List(items));
    }
}

/// A migration's fixes as far as they have room, and the rest. Between two fixes is an empty line.
fn whole_fixes(sql: &str, room: usize) -> (&str, &str) {
    if sql.len() <= room {
        return (sql, "");
    }
    let end = sql.match_indices("\n\n").map(|(at, _)| at + 1).take_while(|at| *at <= room).last().unwrap_or(0);
    sql.split_at_checked(end).unwrap_or(("", sql))
}

#[cfg(test)]
mod tests {
    use super::whole_fixes;

    #[test]
    fn a_migration_is_cut_between_its_fixes() {
        assert_eq!(whole_fixes("a;\n\nb;\n", 9), ("a;\n\nb;\n", ""));
        assert_eq!(whole_fixes("a;\n\nb;\n\nc;\n", 9), ("a;\n\nb;\n", "\nc;\n"));
        assert_eq!(whole_fixes("a;\n\nb;\n", 2), ("", "a;\n\nb;\n"));
    }
}
