//! The report as GitHub-flavoured Markdown.

use std::fmt::Write as _;

use super::escape::{self, Piece};
use super::model::{ColumnEntry, FindingEntry, IndexEntry, Report, RuleGroup, TableEntry, TargetReport};
use super::words;
use crate::finding::Severity;
use crate::source::Location;

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut w = Writer { out: String::new(), level: 2, prefix: String::new() };
    w.cover(report);
    match report.targets.as_slice() {
        [] => w.reading(report, None),
        [target] => w.target(report, target),
        targets => {
            w.reading(report, None);
            for target in targets {
                w.level = 2;
                w.heading(0, &format!("Target {}", escape::markdown_code(&target.id)));
                w.level = 3;
                w.prefix = format!("{}-", target.id);
                w.target(report, target);
            }
            w.level = 2;
        }
    }
    w.heading(0, "Limits");
    w.line(words::LIMITS);
    escape::inert(w.out)
}

struct Writer {
    out: String,
    /// The level of a section's heading.
    level: usize,
    /// What stands before the number of a finding, so that those of several targets differ.
    prefix: String,
}

impl Writer {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push_str("\n\n");
    }

    /// A heading `below` the level of sections. `text` is Markdown.
    fn heading(&mut self, below: usize, text: &str) {
        let marks = "#".repeat((self.level + below).min(6));
        self.line(&format!("{marks} {text}"));
    }

    /// The head and first rows of a table; cells are Markdown.
    fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let _ = writeln!(self.out, "| {} |", head.join(" | "));
        let rule: Vec<&str> = head.iter().map(|_| "---").collect();
        let _ = writeln!(self.out, "| {} |", rule.join(" | "));
        for row in rows {
            let _ = writeln!(self.out, "| {} |", row.join(" | "));
        }
        self.out.push('\n');
    }

    fn number(&self, at: u32) -> String {
        format!("{}F{}", self.prefix, at.saturating_add(1))
    }

    fn cover(&mut self, report: &Report) {
        self.line(&format!("# Schema audit: {}", escape::markdown(&report.project)));
        self.line("Date: ____________________   Prepared by: ____________________");
        for target in &report.targets {
            let line = format!(
                "{} · {} · layout {} · {}",
                words::database(target),
                words::role(target),
                escape::markdown_code(&target.layout),
                words::count(target.files.len() as u64, "file", "files")
            );
            self.line(&line);
        }
        let verdict = words::verdict(report);
        self.line(&format!("**{}**", escape::markdown(&verdict)));
    }

    fn target(&mut self, report: &Report, target: &TargetReport) {
        self.summary(target);
        self.reading(report, Some(target));
        self.heading(0, "Schema at a glance");
        self.table(
            &["What", "How many"],
            words::facts(target).into_iter().map(|(l, n)| vec![l.to_owned(), words::thousands(n.into())]),
        );
        self.conventions(target);
        self.findings(target);
        self.overview(target);
        self.catalogue(target);
        self.others(target);
        self.clean(target);
    }

    fn summary(&mut self, target: &TargetReport) {
        self.heading(0, "Summary");
        let parts = [Some(words::findings(target)), words::score(target), Some(words::coverage(&target.coverage))];
        self.line(&escape::markdown(&words::sentence(&parts)));
        if target.counts.total() > 0 {
            self.table(
                &["Severity", "Findings"],
                Severity::ALL.iter().map(|s| vec![s.name().to_owned(), words::thousands(target.counts.get(*s).into())]),
            );
        }
        if !target.score.categories.is_empty() {
            self.line("What took points, of 100 in each category:");
            self.table(
                &["Category", "Score", "Share of the total", "Points taken"],
                target.score.categories.iter().map(|c| {
                    let taken: Vec<String> = c
                        .deductions
                        .iter()
                        .map(|d| {
                            let findings = words::count(d.findings, "finding", "findings");
                            format!("{} by `{}` ({findings})", words::points(d.tenths), d.rule)
                        })
                        .collect();
                    vec![
                        c.category.title().to_owned(),
                        c.score.to_string(),
                        format!("{} %", c.weight),
                        if taken.is_empty() { "none".to_owned() } else { taken.join("<br>") },
                    ]
                }),
            );
            self.line(&prose(&words::total(target), &[]));
            self.line(words::FORMULA);
            if !target.score.gains.is_empty() {
                self.line("What would raise it most, each by itself:");
                self.table(
                    &["Rule", "To repair", "Points of the total"],
                    words::gains(target).map(|(rule, n, points)| vec![escape::markdown_code(rule), n, points]),
                );
            }
        }
    }

    /// What was read. Files and problems belong to the whole project; where there is one target, they stand in its part.
    fn reading(&mut self, report: &Report, target: Option<&TargetReport>) {
        let whole = report.targets.len() != 1;
        self.heading(0, "What was read");
        if let Some(target) = target {
            self.line(&format!("{}.", words::coverage(&target.coverage)));
        }
        if target.is_none() || !whole {
            self.table(
                &["File", "Size", "Lines"],
                report.files.iter().map(|f| {
                    vec![escape::markdown_cell_code(&f.name), words::bytes(f.bytes), words::thousands(f.lines.into())]
                }),
            );
            if report.problems.is_empty() {
                self.line("No problem was met while reading.");
            } else {
                self.line(&format!("{}:", words::count(report.problems.len() as u64, "problem", "problems")));
                for problem in &report.problems {
                    let at = problem.location.as_ref().map(|l| format!("{}: ", where_code(l))).unwrap_or_default();
                    let _ = writeln!(self.out, "- {at}{} ({})", prose(&problem.message, &[]), problem.kind);
                }
                self.out.push('\n');
            }
        }
        if let Some(target) = target.filter(|t| !t.conflicts.is_empty()) {
            let n = target.conflicts.len() as u64;
            self.line(&format!(
                "{} would refuse {}:",
                words::database(target),
                words::count(n, "statement", "statements")
            ));
            for conflict in &target.conflicts {
                let _ = writeln!(
                    self.out,
                    "- {}: {} (SQLSTATE {})",
                    where_code(&conflict.location),
                    prose(&conflict.message, &[]),
                    conflict.sqlstate
                );
            }
            self.out.push('\n');
        }
    }

    fn conventions(&mut self, target: &TargetReport) {
        let habits = words::conventions(target);
        if !habits.is_empty() {
            self.heading(1, "Habits of this schema");
            let items: Vec<String> = habits.iter().map(|h| prose(h, &[])).collect();
            self.items(&items);
        }
    }

    fn findings(&mut self, target: &TargetReport) {
        self.heading(0, "Findings");
        if target.groups.is_empty() {
            self.line(&format!("{}, nothing found.", words::checks(target)));
        }
        for group in &target.groups {
            self.group(target, group);
        }
        self.waived(target);
    }

    /// Folded: GitHub shows `details` closed.
    fn waived(&mut self, target: &TargetReport) {
        if target.waived.is_empty() {
            return;
        }
        let head = words::count(target.waived.len() as u64, "waived finding", "waived findings");
        self.line(&format!("<details>\n<summary>{head}</summary>"));
        for at in &target.waived {
            let Some(finding) = target.findings.get(*at as usize) else { continue };
            let Some(waived) = &finding.waived else { continue };
            let names: Vec<&str> = finding.objects.iter().map(|o| o.path.as_str()).collect();
            let _ = writeln!(
                self.out,
                "- **{}** {}: {} Waived: {}",
                self.number(*at),
                escape::markdown_code(finding.rule),
                prose(&finding.message, &names),
                escape::markdown(&escape::one_line(&words::waived(waived)))
            );
        }
        self.line("\n</details>");
    }

    fn group(&mut self, target: &TargetReport, group: &RuleGroup) {
        let n = words::count(group.findings.len() as u64, "finding", "findings");
        self.heading(1, &format!("{} · {} · {n}", escape::markdown_code(group.rule), group.severity));
        self.line(&format!("{} {}", prose(group.summary, &[]), prose(group.why, &[])));
        for at in &group.findings {
            if let Some(finding) = target.findings.get(*at as usize) {
                self.finding(*at, finding);
            }
        }
    }

    fn finding(&mut self, at: u32, finding: &FindingEntry) {
        let names: Vec<&str> = finding.objects.iter().map(|o| o.path.as_str()).collect();
        let objects: Vec<String> =
            finding.objects.iter().map(|o| format!("{} {}", o.kind, escape::markdown_code(&o.path))).collect();
        self.line(&format!(
            "**{}** · {} · {} · {}",
            self.number(at),
            finding.severity,
            finding.certainty.name(),
            objects.join(", ")
        ));
        self.line(&prose(&finding.message, &names));
        if let Some(evidence) = &finding.evidence {
            self.line(&format!("Evidence: {}", prose(evidence, &names)));
        }
        if !finding.locations.is_empty() {
            let places: Vec<String> = finding.locations.iter().map(where_code).collect();
            self.line(&format!("Where: {}", places.join(", ")));
        }
        if let Some(fix) = &finding.fix {
            self.line("Fix:");
            self.line(escape::markdown_block("sql", &fix.sql).trim_end());
            if let Some(caution) = &fix.caution {
                self.line(&format!("Before running it: {}", prose(caution, &names)));
            }
        }
    }

    fn overview(&mut self, target: &TargetReport) {
        let rows = words::overview(target);
        if rows.is_empty() {
            return;
        }
        self.heading(0, "Indexes and references");
        self.table(
            &["What", "How many"],
            rows.into_iter().map(|(l, n)| vec![escape::markdown(&l), words::thousands(n.into())]),
        );
    }

    fn catalogue(&mut self, target: &TargetReport) {
        if target.tables.is_empty() {
            return;
        }
        self.heading(0, "Tables");
        if target.overview.partitions > 0 {
            self.line("Partitions are listed with the table that they are a part of.");
        }
        for table in target.tables.iter().filter(|t| t.partition_of.is_none()) {
            self.table_entry(table);
        }
    }

    fn table_entry(&mut self, table: &TableEntry) {
        self.heading(1, &escape::markdown_code(&table.path));
        let mut traits = vec![table.kind.to_owned()];
        if table.unlogged {
            traits.push("unlogged".to_owned());
        }
        if let Some(key) = &table.partition_key {
            traits.push(format!("partitioned by {}", sql_code(key)));
        }
        if table.row_security {
            traits.push(
                if table.row_security_forced { "row-level security, forced" } else { "row-level security" }.to_owned(),
            );
        }
        traits.push(where_code(&table.location));
        if !table.findings.is_empty() {
            let numbers: Vec<String> = table.findings.iter().map(|f| self.number(*f)).collect();
            traits.push(format!("findings {}", numbers.join(", ")));
        }
        self.line(&traits.join(" · "));
        if let Some(comment) = &table.comment {
            self.line(&escape::markdown(&escape::one_line(comment)));
        }
        if !table.columns.is_empty() {
            let comments = table.columns.iter().any(|c| c.comment.is_some());
            let mut head = vec!["Column", "Type", "Null", "Default", "Key"];
            if comments {
                head.push("Comment");
            }
            self.table(&head, table.columns.iter().map(|c| column_row(c, comments)));
        }
        let list = |names: &[String]| names.iter().map(|n| escape::markdown_code(n)).collect::<Vec<_>>().join(", ");
        let mut items: Vec<String> = Vec::new();
        if let Some(key) = &table.primary_key {
            items.push(format!("Primary key {} ({})", escape::markdown_code(&key.name), list(&key.columns)));
        }
        for key in &table.uniques {
            items.push(format!("Unique {} ({})", escape::markdown_code(&key.name), list(&key.columns)));
        }
        for key in &table.excludes {
            items.push(format!("Exclusion {} ({})", escape::markdown_code(&key.name), list(&key.columns)));
        }
        for check in &table.checks {
            let state = if check.validated { "" } else { ", not validated" };
            items.push(format!("Check {}: {}{state}", escape::markdown_code(&check.name), sql_code(&check.expression)));
        }
        for fk in &table.foreign_keys {
            let mut item = format!(
                "References {} ({}) by ({}), {}, on delete {}, on update {}",
                escape::markdown_code(&fk.references),
                list(&fk.referenced_columns),
                list(&fk.columns),
                escape::markdown_code(&fk.name),
                fk.on_delete.to_ascii_lowercase(),
                fk.on_update.to_ascii_lowercase()
            );
            if fk.deferrable {
                item.push_str(", deferrable");
            }
            if !fk.validated {
                item.push_str(", not validated");
            }
            items.push(item);
        }
        for reference in &table.referenced_by {
            items.push(format!(
                "Referenced by {} ({}), on delete {}",
                escape::markdown_code(&reference.table),
                list(&reference.columns),
                reference.on_delete.to_ascii_lowercase()
            ));
        }
        items.extend(table.indexes.iter().map(index_item));
        for trigger in &table.triggers {
            items.push(format!(
                "Trigger {}: {}, calls {}{}",
                escape::markdown_code(&trigger.name),
                trigger.event.to_ascii_lowercase(),
                escape::markdown_code(&trigger.function),
                if trigger.enabled { "" } else { ", disabled" }
            ));
        }
        for policy in &table.policies {
            let mut item = format!(
                "Policy {}: {} for {} to {}",
                escape::markdown_code(&policy.name),
                if policy.permissive { "permissive" } else { "restrictive" },
                policy.command.to_ascii_lowercase(),
                list(&policy.roles)
            );
            if let Some(using) = &policy.using {
                let _ = write!(item, ", using {}", sql_code(using));
            }
            if let Some(check) = &policy.with_check {
                let _ = write!(item, ", with check {}", sql_code(check));
            }
            items.push(item);
        }
        if !table.inherits.is_empty() {
            items.push(format!("Inherits {}", list(&table.inherits)));
        }
        if !table.partitions.is_empty() {
            let n = words::count(table.partitions.len() as u64, "partition", "partitions");
            items.push(format!("{n}: {}", list(&table.partitions)));
        }
        self.items(&items);
    }

    fn items(&mut self, items: &[String]) {
        for item in items {
            let _ = writeln!(self.out, "- {item}");
        }
        if !items.is_empty() {
            self.out.push('\n');
        }
    }

    fn others(&mut self, target: &TargetReport) {
        if !target.views.is_empty() {
            self.heading(0, "Views");
            for view in &target.views {
                let kind = if view.materialized { "materialized view" } else { "view" };
                let mut item =
                    format!("{} · {kind} · {}", escape::markdown_code(&view.path), where_code(&view.location));
                if let Some(comment) = &view.comment {
                    let _ = write!(item, " · {}", escape::markdown(&escape::one_line(comment)));
                }
                for index in &view.indexes {
                    let _ = write!(item, "\n  - {}", index_item(index));
                }
                let _ = writeln!(self.out, "- {item}");
            }
            self.out.push('\n');
        }
        if !target.types.is_empty() {
            self.heading(0, "Types");
            self.table(
                &["Type", "Kind", "Definition", "Where"],
                target.types.iter().map(|t| {
                    let parts: Vec<String> =
                        t.definition.iter().map(|d| escape::markdown_cell_code(&escape::one_line(d))).collect();
                    vec![
                        escape::markdown_cell_code(&t.path),
                        t.kind.to_owned(),
                        parts.join(", "),
                        where_cell(&t.location),
                    ]
                }),
            );
        }
        if !target.functions.is_empty() {
            self.heading(0, "Functions");
            self.table(
                &["Function", "Kind", "Returns", "Language", "Security", "Where"],
                target.functions.iter().map(|f| {
                    vec![
                        escape::markdown_cell_code(&f.path),
                        f.kind.to_owned(),
                        f.returns.as_ref().map(|r| escape::markdown_cell_code(r)).unwrap_or_default(),
                        escape::markdown_cell_code(&f.language),
                        if f.security_definer { "definer" } else { "invoker" }.to_owned(),
                        where_cell(&f.location),
                    ]
                }),
            );
        }
    }

    fn clean(&mut self, target: &TargetReport) {
        if target.checked.is_empty() {
            return;
        }
        self.heading(0, "Checked and found clean");
        self.line(&words::clean(target));
        if target.checked.iter().all(|c| c.findings > 0) {
            return;
        }
        self.table(
            &["Rule", "Category", "Checks", "What it looks for"],
            target.checked.iter().filter(|c| c.is_clean()).map(|c| {
                vec![
                    escape::markdown_cell_code(c.rule),
                    c.category.title().to_owned(),
                    words::thousands(c.objects.into()),
                    prose_cell(c.summary),
                ]
            }),
        );
    }
}

fn column_row(column: &ColumnEntry, comments: bool) -> Vec<String> {
    let default = match (&column.default, &column.generated, column.identity) {
        (_, Some(expression), _) => format!("generated {}", escape::markdown_cell_code(&escape::one_line(expression))),
        (_, _, Some(identity)) => format!("identity, {}", identity.to_ascii_lowercase()),
        (Some(default), ..) => escape::markdown_cell_code(&escape::one_line(default)),
        (None, None, None) => String::new(),
    };
    let mut row = vec![
        escape::markdown_cell_code(&column.name),
        escape::markdown_cell_code(&column.data_type),
        if column.nullable { "null" } else { "not null" }.to_owned(),
        default,
        key_marks(column),
    ];
    if comments {
        row.push(column.comment.as_deref().map(|c| escape::markdown(&escape::one_line(c))).unwrap_or_default());
    }
    row
}

/// `primary, foreign`.
fn key_marks(column: &ColumnEntry) -> String {
    [(column.primary_key, "primary"), (column.foreign_key, "foreign"), (column.unique, "unique")]
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| *word)
        .collect::<Vec<_>>()
        .join(", ")
}

fn index_item(index: &IndexEntry) -> String {
    let keys: Vec<String> = index.keys.iter().map(|k| sql_code(k)).collect();
    let mut item = format!(
        "{} {} {} ({})",
        if index.unique { "Unique index" } else { "Index" },
        escape::markdown_code(&index.name),
        escape::markdown(&index.method),
        keys.join(", ")
    );
    if !index.include.is_empty() {
        let include: Vec<String> = index.include.iter().map(|k| escape::markdown_code(k)).collect();
        let _ = write!(item, " include ({})", include.join(", "));
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(item, " where {}", sql_code(predicate));
    }
    if index.constraint.is_some() {
        item.push_str(", behind its constraint");
    }
    item
}

/// An expression as a code span.
fn sql_code(expression: &str) -> String {
    escape::markdown_code(&escape::one_line(expression))
}

fn where_code(location: &Location) -> String {
    escape::markdown_code(&words::place(location))
}

fn where_cell(location: &Location) -> String {
    escape::markdown_cell_code(&words::place(location))
}

/// A message as Markdown: what stands in backticks becomes code, the rest is words.
fn prose(message: &str, names: &[&str]) -> String {
    render(message, names, escape::markdown_code)
}

fn prose_cell(message: &str) -> String {
    render(message, &[], escape::markdown_cell_code)
}

fn render(message: &str, names: &[&str], code: fn(&str) -> String) -> String {
    escape::pieces(message, names)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => escape::markdown(text),
            Piece::Code(name) => code(name),
        })
        .collect()
}
