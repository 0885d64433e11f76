//! The report as one HTML page: inline CSS, no script, nothing to load. It reads on a phone, prints on paper and has a dark side.

use std::fmt::Write as _;

use super::escape::{self, Piece};
use super::model::{
    ColumnEntry, FindingEntry, ForeignKeyEntry, IndexEntry, Report, RuleGroup, TableEntry, TargetReport,
};
use super::words;
use crate::finding::Severity;
use crate::source::Location;

const STYLE: &str = include_str!("report.css");

/// The report as HTML. `diagrams` has, by the target's id, SVG made by `relata_core::diagram`; it is put in as it is.
pub fn html(report: &Report, diagrams: &[(&str, &str)]) -> String {
    let mut w = Writer { out: String::new(), prefix: String::new() };
    let project = escape::html(&report.project);
    // The policy is a second wall behind the escaping: even a page with markup in it could load and run nothing.
    w.put(&format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"Relata {}\">\n<title>Schema audit: {project}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        report.generator.version
    ));
    w.cover(report);
    w.contents(report);
    match report.targets.as_slice() {
        [] => w.reading(report),
        [target] => {
            w.summary(target);
            w.reading(report);
            w.target(target, diagrams);
        }
        targets => {
            w.reading(report);
            for (at, target) in targets.iter().enumerate() {
                w.prefix = format!("t{}-", at + 1);
                w.summary(target);
                w.target(target, diagrams);
            }
        }
    }
    w.prefix.clear();
    w.heading("limits", "Limits", None);
    w.put(&format!(
        "<p>{}</p>\n<footer>Made by Relata {} from files alone. Lines and columns count from 1.</footer>\n</main>\n</body>\n</html>\n",
        escape::html(words::LIMITS),
        report.generator.version
    ));
    escape::inert(w.out)
}

struct Writer {
    out: String,
    /// What stands before ids, so that those of several targets differ.
    prefix: String,
}

impl Writer {
    fn put(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// A heading of a section; `target` is named where there are several.
    fn heading(&mut self, id: &str, title: &str, target: Option<&TargetReport>) {
        let of = match target {
            Some(t) if !self.prefix.is_empty() => format!(" <span class=\"soft\">{}</span>", escape::html(&t.id)),
            _ => String::new(),
        };
        let _ = writeln!(self.out, "<h2 id=\"{}{id}\">{title}{of}</h2>", self.prefix);
    }

    /// A table; cells are HTML. A heading that starts with `#` names a column of numbers.
    fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let class = |at: usize| {
            if head.get(at).is_some_and(|h| h.starts_with('#')) { " class=\"n\"" } else { "" }
        };
        self.put("<div class=\"wide\"><table>\n<thead><tr>");
        for (at, title) in head.iter().enumerate() {
            let _ = write!(self.out, "<th{}>{}</th>", class(at), title.trim_start_matches('#'));
        }
        self.put("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.put("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let _ = write!(self.out, "<td{}>{cell}</td>", class(at));
            }
            self.put("</tr>\n");
        }
        self.put("</tbody></table></div>\n");
    }

    fn facts(&mut self, rows: impl IntoIterator<Item = (String, u32)>) {
        self.put("<ul class=\"facts\">\n");
        for (label, n) in rows {
            let _ = writeln!(
                self.out,
                "<li><span>{}</span> <b>{}</b></li>",
                escape::html(&label),
                words::thousands(n.into())
            );
        }
        self.put("</ul>\n");
    }

    fn list(&mut self, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.put("<ul class=\"plain\">\n");
        for item in items {
            let _ = writeln!(self.out, "<li>{item}</li>");
        }
        self.put("</ul>\n");
    }

    fn cover(&mut self, report: &Report) {
        let _ = writeln!(
            self.out,
            "<header class=\"cover\">\n<p class=\"kind\">Schema audit</p>\n<h1>{}</h1>\n<dl>",
            escape::html(&report.project)
        );
        for target in &report.targets {
            let _ = writeln!(
                self.out,
                "<dt>{}</dt><dd>{}, {}, layout {}, {}</dd>",
                escape::html(&target.id),
                escape::html(&words::database(target)),
                words::role(target),
                code(&target.layout),
                words::count(target.files.len() as u64, "file", "files")
            );
        }
        // To be filled in: on screen by typing, on paper by hand. The core knows no clock.
        for label in ["Date", "Prepared by"] {
            let _ = writeln!(
                self.out,
                "<dt>{label}</dt><dd><span class=\"blank\" contenteditable=\"true\" role=\"textbox\" aria-label=\"{label}\"></span></dd>"
            );
        }
        let _ =
            writeln!(self.out, "</dl>\n<p class=\"verdict\">{}</p>\n</header>", escape::html(&words::verdict(report)));
    }

    fn contents(&mut self, report: &Report) {
        let mut rows: Vec<(String, String, String)> = Vec::new();
        let several = report.targets.len() > 1;
        let files = words::count(report.files.len() as u64, "file", "files");
        if several {
            rows.push(("read".to_owned(), "What was read".to_owned(), files.clone()));
        }
        for (at, target) in report.targets.iter().enumerate() {
            let prefix = if several { format!("t{}-", at + 1) } else { String::new() };
            let of = if several { format!(" ({})", escape::html(&target.id)) } else { String::new() };
            let mut row = |id: &str, title: &str, note: String| {
                rows.push((format!("{prefix}{id}"), format!("{title}{of}"), note))
            };
            row("summary", "Summary", String::new());
            if !several {
                row("read", "What was read", files.clone());
            }
            row("glance", "Schema at a glance", String::new());
            let n = target.counts.total();
            row("findings", "Findings", words::thousands(n.into()));
            if !words::overview(target).is_empty() {
                row("overview", "Indexes and references", String::new());
            }
            for (id, title, n) in [
                ("tables", "Tables", target.tables.len()),
                ("views", "Views", target.views.len()),
                ("types", "Types", target.types.len()),
                ("functions", "Functions", target.functions.len()),
            ] {
                if n > 0 {
                    row(id, title, words::thousands(n as u64));
                }
            }
            if !target.checked.is_empty() {
                let clean = target.checked.iter().filter(|c| c.is_clean()).count();
                row("clean", "Checked and found clean", words::count(clean as u64, "rule", "rules"));
            }
        }
        if report.targets.is_empty() {
            rows.push(("read".to_owned(), "What was read".to_owned(), files));
        }
        rows.push(("limits".to_owned(), "Limits".to_owned(), String::new()));
        self.put("<nav class=\"toc\" aria-label=\"Contents\">\n<ol>\n");
        for (id, title, note) in rows {
            let _ = writeln!(self.out, "<li><a href=\"#{id}\">{title}</a> <span class=\"soft\">{note}</span></li>");
        }
        self.put("</ol>\n</nav>\n");
    }

    fn target(&mut self, target: &TargetReport, diagrams: &[(&str, &str)]) {
        self.conflicts(target);
        self.heading("glance", "Schema at a glance", Some(target));
        self.facts(words::facts(target).into_iter().map(|(l, n)| (l.to_owned(), n)));
        if let Some((_, svg)) = diagrams.iter().find(|(id, _)| *id == target.id) {
            // An XML declaration has no place inside HTML.
            let body = svg.find("<svg").and_then(|at| svg.get(at..)).unwrap_or_default();
            let _ = writeln!(self.out, "<figure class=\"diagram\">\n{body}\n</figure>");
        }
        let habits: Vec<String> = words::conventions(target).iter().map(|h| prose(h, &[])).collect();
        if !habits.is_empty() {
            self.put("<h3>Habits of this schema</h3>\n");
            self.list(&habits);
        }
        self.findings(target);
        let overview = words::overview(target);
        if !overview.is_empty() {
            self.heading("overview", "Indexes and references", Some(target));
            self.facts(overview);
        }
        self.catalogue(target);
        self.others(target);
        self.clean(target);
    }

    fn summary(&mut self, target: &TargetReport) {
        self.heading("summary", "Summary", Some(target));
        self.put("<div class=\"scores\">\n");
        if !target.checked.is_empty() {
            let _ = writeln!(
                self.out,
                "<div class=\"grade\"><b>{}</b> <span>{} of 100</span></div>",
                escape::html(&target.score.grade.to_string()),
                target.score.total
            );
        }
        self.put("<ul class=\"counts\">\n");
        for severity in Severity::ALL {
            let n = words::thousands(target.counts.get(severity).into());
            let _ = writeln!(self.out, "<li><b>{n}</b> {}</li>", badge(severity));
        }
        self.put("</ul>\n</div>\n");
        let parts = [Some(words::findings(target)), Some(words::coverage(&target.coverage))];
        let _ = writeln!(self.out, "<p>{}</p>", escape::html(&words::sentence(&parts)));
        if !target.score.categories.is_empty() {
            self.put("<p>What took points, of 100 in each category:</p>\n");
            let rows = target.score.categories.iter().map(|c| {
                let taken: Vec<String> = c
                    .deductions
                    .iter()
                    .map(|d| {
                        let findings = words::count(d.findings, "finding", "findings");
                        format!(
                            "{} by {} <span class=\"soft\">({findings})</span>",
                            words::points(d.tenths),
                            code(d.rule)
                        )
                    })
                    .collect();
                vec![
                    c.category.title().to_owned(),
                    c.score.to_string(),
                    format!("{} %", c.weight),
                    if taken.is_empty() {
                        "<span class=\"soft\">nothing</span>".to_owned()
                    } else {
                        taken.join("<br>")
                    },
                ]
            });
            self.table(&["Category", "#Score", "#Share", "Points taken"], rows);
            let _ = writeln!(self.out, "<p class=\"small\">{}</p>", prose(&words::total(target), &[]));
            let _ = writeln!(self.out, "<p class=\"small\">{}</p>", escape::html(words::FORMULA));
            if !target.score.gains.is_empty() {
                self.put("<p>What would raise it most, each by itself:</p>\n");
                let rows = words::gains(target).map(|(rule, n, points)| vec![code(rule), n, points]);
                self.table(&["Rule", "To repair", "#Points of the total"], rows);
            }
        }
    }

    fn reading(&mut self, report: &Report) {
        self.heading("read", "What was read", None);
        for target in &report.targets {
            let of = if report.targets.len() > 1 { format!("{}: ", escape::html(&target.id)) } else { String::new() };
            let _ = writeln!(self.out, "<p>{of}{}.</p>", escape::html(&words::coverage(&target.coverage)));
        }
        if !report.files.is_empty() {
            self.table(
                &["File", "#Size", "#Lines"],
                report
                    .files
                    .iter()
                    .map(|f| vec![code(&f.name), words::bytes(f.bytes), words::thousands(f.lines.into())]),
            );
        }
        if report.problems.is_empty() {
            self.put("<p>No problem was met while reading.</p>\n");
            return;
        }
        let _ = writeln!(self.out, "<h3>{}</h3>", words::count(report.problems.len() as u64, "problem", "problems"));
        let items: Vec<String> = report
            .problems
            .iter()
            .map(|p| {
                let at = p.location.as_ref().map(|l| format!("{} ", place(l))).unwrap_or_default();
                format!("{at}{} <span class=\"soft\">{}</span>", prose(&p.message, &[]), p.kind)
            })
            .collect();
        self.list(&items);
    }

    fn conflicts(&mut self, target: &TargetReport) {
        if target.conflicts.is_empty() {
            return;
        }
        let _ = writeln!(
            self.out,
            "<h3>{} would refuse {}</h3>",
            escape::html(&words::database(target)),
            words::count(target.conflicts.len() as u64, "statement", "statements")
        );
        let items: Vec<String> = target
            .conflicts
            .iter()
            .map(|c| {
                format!(
                    "{} {} <span class=\"soft\">SQLSTATE {}</span>",
                    place(&c.location),
                    prose(&c.message, &[]),
                    c.sqlstate
                )
            })
            .collect();
        self.list(&items);
    }

    fn findings(&mut self, target: &TargetReport) {
        self.heading("findings", "Findings", Some(target));
        if target.groups.is_empty() {
            let _ = writeln!(self.out, "<p>{}, nothing found.</p>", words::checks(target));
        }
        for group in &target.groups {
            self.group(target, group);
        }
        self.waived(target);
    }

    /// Folded; whoever prints it opens it first.
    fn waived(&mut self, target: &TargetReport) {
        if target.waived.is_empty() {
            return;
        }
        let head = words::count(target.waived.len() as u64, "waived finding", "waived findings");
        let _ = writeln!(self.out, "<details>\n<summary>{head}</summary>");
        let mut items: Vec<String> = Vec::new();
        for at in &target.waived {
            let Some(finding) = target.findings.get(*at as usize) else { continue };
            let Some(waived) = &finding.waived else { continue };
            let names: Vec<&str> = finding.objects.iter().map(|o| o.path.as_str()).collect();
            items.push(format!(
                "<span id=\"{}f{}\">{}</span> {} {} <span class=\"soft\">Waived: {}</span>",
                self.prefix,
                at.saturating_add(1),
                code(finding.rule),
                badge(finding.severity),
                prose(&finding.message, &names),
                escape::html(&words::waived(waived))
            ));
        }
        self.list(&items);
        self.put("</details>\n");
    }

    fn group(&mut self, target: &TargetReport, group: &RuleGroup) {
        let _ = writeln!(
            self.out,
            "<section>\n<h3>{} {} <span class=\"soft\">{}</span></h3>\n<p>{} {}</p>",
            code(group.rule),
            badge(group.severity),
            words::count(group.findings.len() as u64, "finding", "findings"),
            prose(group.summary, &[]),
            prose(group.why, &[])
        );
        for at in &group.findings {
            if let Some(finding) = target.findings.get(*at as usize) {
                self.finding(*at, finding);
            }
        }
        self.put("</section>\n");
    }

    fn finding(&mut self, at: u32, finding: &FindingEntry) {
        let names: Vec<&str> = finding.objects.iter().map(|o| o.path.as_str()).collect();
        let number = at.saturating_add(1);
        let objects: Vec<String> = finding.objects.iter().map(|o| format!("{} {}", o.kind, code(&o.path))).collect();
        let _ = writeln!(
            self.out,
            "<article class=\"finding\" id=\"{}f{number}\">\n<div class=\"head\"><span class=\"soft\">F{number}</span> {} \
             <span class=\"soft\">{}</span> <span>{}</span></div>\n<p>{}</p>",
            self.prefix,
            badge(finding.severity),
            finding.certainty.name(),
            objects.join(", "),
            prose(&finding.message, &names)
        );
        if let Some(evidence) = &finding.evidence {
            let _ = writeln!(self.out, "<p><span class=\"soft\">Evidence:</span> {}</p>", prose(evidence, &names));
        }
        if !finding.locations.is_empty() {
            let places: Vec<String> = finding.locations.iter().map(place).collect();
            let _ =
                writeln!(self.out, "<p class=\"small\"><span class=\"soft\">Where:</span> {}</p>", places.join(", "));
        }
        if let Some(fix) = &finding.fix {
            let _ = writeln!(
                self.out,
                "<p class=\"small soft\">Fix:</p>\n<pre>{}</pre>",
                escape::html_block(fix.sql.trim_end())
            );
            if let Some(caution) = &fix.caution {
                let _ = writeln!(
                    self.out,
                    "<p><span class=\"soft\">Before running it:</span> {}</p>",
                    prose(caution, &names)
                );
            }
        }
        self.put("</article>\n");
    }

    fn catalogue(&mut self, target: &TargetReport) {
        if target.tables.is_empty() {
            return;
        }
        self.heading("tables", "Tables", Some(target));
        if target.overview.partitions > 0 {
            self.put("<p>Partitions are listed with the table that they are a part of.</p>\n");
        }
        // Ids by place: a name may be anything.
        let ids: Vec<(&str, String)> = target
            .tables
            .iter()
            .enumerate()
            .map(|(at, t)| (t.path.as_str(), format!("{}r{}", self.prefix, at + 1)))
            .collect();
        for (table, (_, id)) in target.tables.iter().zip(&ids) {
            if table.partition_of.is_none() {
                self.table_entry(table, id, &ids);
            }
        }
    }

    fn table_entry(&mut self, table: &TableEntry, id: &str, ids: &[(&str, String)]) {
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
        traits.push(place(&table.location));
        if !table.findings.is_empty() {
            let numbers: Vec<String> = table
                .findings
                .iter()
                .map(|f| {
                    let number = f.saturating_add(1);
                    format!("<a href=\"#{}f{number}\">F{number}</a>", self.prefix)
                })
                .collect();
            traits.push(format!("findings {}", numbers.join(", ")));
        }
        let _ = writeln!(
            self.out,
            "<section class=\"entry\" id=\"{id}\">\n<h3>{}</h3>\n<p class=\"small soft\">{}</p>",
            code(&table.path),
            traits.join(" · ")
        );
        if let Some(comment) = &table.comment {
            let _ = writeln!(self.out, "<p>{}</p>", words_html(comment));
        }
        if !table.columns.is_empty() {
            let comments = table.columns.iter().any(|c| c.comment.is_some());
            let mut head = vec!["Column", "Type", "Null", "Default", "Key"];
            if comments {
                head.push("Comment");
            }
            self.table(&head, table.columns.iter().map(|c| column_row(c, comments)));
        }
        let link = |path: &str| match ids.binary_search_by(|(p, _)| (*p).cmp(path)) {
            Ok(at) => {
                let id = ids.get(at).map_or("", |(_, id)| id);
                format!("<a href=\"#{id}\">{}</a>", code(path))
            }
            Err(_) => code(path),
        };
        let mut items: Vec<String> = Vec::new();
        if let Some(key) = &table.primary_key {
            items.push(format!("Primary key {} ({})", code(&key.name), codes(&key.columns)));
        }
        for key in &table.uniques {
            items.push(format!("Unique {} ({})", code(&key.name), codes(&key.columns)));
        }
        for key in &table.excludes {
            items.push(format!("Exclusion {} ({})", code(&key.name), codes(&key.columns)));
        }
        for check in &table.checks {
            let state = if check.validated { "" } else { ", not validated" };
            items.push(format!("Check {}: {}{state}", code(&check.name), sql_code(&check.expression)));
        }
        items.extend(table.foreign_keys.iter().map(|fk| foreign_key_item(fk, &link)));
        for reference in &table.referenced_by {
            items.push(format!(
                "Referenced by {} ({}), on delete {}",
                link(&reference.table),
                codes(&reference.columns),
                reference.on_delete.to_ascii_lowercase()
            ));
        }
        items.extend(table.indexes.iter().map(index_item));
        for trigger in &table.triggers {
            items.push(format!(
                "Trigger {}: {}, calls {}{}",
                code(&trigger.name),
                trigger.event.to_ascii_lowercase(),
                code(&trigger.function),
                if trigger.enabled { "" } else { ", disabled" }
            ));
        }
        for policy in &table.policies {
            let mut item = format!(
                "Policy {}: {} for {} to {}",
                code(&policy.name),
                if policy.permissive { "permissive" } else { "restrictive" },
                policy.command.to_ascii_lowercase(),
                codes(&policy.roles)
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
            let parents: Vec<String> = table.inherits.iter().map(|p| link(p)).collect();
            items.push(format!("Inherits {}", parents.join(", ")));
        }
        if !table.partitions.is_empty() {
            let n = words::count(table.partitions.len() as u64, "partition", "partitions");
            items.push(format!("{n}: {}", codes(&table.partitions)));
        }
        self.list(&items);
        self.put("</section>\n");
    }

    fn others(&mut self, target: &TargetReport) {
        if !target.views.is_empty() {
            self.heading("views", "Views", Some(target));
            self.table(
                &["View", "Kind", "Indexes", "Where", "Comment"],
                target.views.iter().map(|v| {
                    let indexes: Vec<String> = v.indexes.iter().map(index_item).collect();
                    vec![
                        code(&v.path),
                        if v.materialized { "materialized" } else { "view" }.to_owned(),
                        indexes.join("<br>"),
                        place(&v.location),
                        v.comment.as_deref().map(words_html).unwrap_or_default(),
                    ]
                }),
            );
        }
        if !target.types.is_empty() {
            self.heading("types", "Types", Some(target));
            self.table(
                &["Type", "Kind", "Definition", "Where"],
                target.types.iter().map(|t| {
                    vec![
                        code(&t.path),
                        t.kind.to_owned(),
                        t.definition.iter().map(|d| sql_code(d)).collect::<Vec<_>>().join(", "),
                        place(&t.location),
                    ]
                }),
            );
        }
        if !target.functions.is_empty() {
            self.heading("functions", "Functions", Some(target));
            self.table(
                &["Function", "Kind", "Returns", "Language", "Security", "Where"],
                target.functions.iter().map(|f| {
                    vec![
                        code(&f.path),
                        f.kind.to_owned(),
                        f.returns.as_deref().map(code).unwrap_or_default(),
                        code(&f.language),
                        if f.security_definer { "<b>definer</b>" } else { "invoker" }.to_owned(),
                        place(&f.location),
                    ]
                }),
            );
        }
    }

    fn clean(&mut self, target: &TargetReport) {
        if target.checked.is_empty() {
            return;
        }
        self.heading("clean", "Checked and found clean", Some(target));
        let _ = writeln!(self.out, "<p>{}</p>", words::clean(target));
        if target.checked.iter().all(|c| c.findings > 0) {
            return;
        }
        self.table(
            &["Rule", "Category", "#Checks", "What it looks for"],
            target.checked.iter().filter(|c| c.is_clean()).map(|c| {
                vec![
                    code(c.rule),
                    c.category.title().to_owned(),
                    words::thousands(c.objects.into()),
                    prose(c.summary, &[]),
                ]
            }),
        );
    }
}

fn column_row(column: &ColumnEntry, comments: bool) -> Vec<String> {
    let default = match (&column.default, &column.generated, column.identity) {
        (_, Some(expression), _) => format!("generated {}", sql_code(expression)),
        (_, _, Some(identity)) => format!("identity, {}", identity.to_ascii_lowercase()),
        (Some(default), ..) => sql_code(default),
        (None, None, None) => String::new(),
    };
    let name = code(&column.name);
    let keys: Vec<&str> = [(column.primary_key, "primary"), (column.foreign_key, "foreign"), (column.unique, "unique")]
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word))
        .collect();
    let mut row = vec![
        if column.nullable { name } else { format!("<span class=\"notnull\">{name}</span>") },
        code(&column.data_type),
        if column.nullable { "<span class=\"soft\">null</span>" } else { "not null" }.to_owned(),
        default,
        keys.join(", "),
    ];
    if comments {
        row.push(column.comment.as_deref().map(words_html).unwrap_or_default());
    }
    row
}

fn foreign_key_item(fk: &ForeignKeyEntry, link: &dyn Fn(&str) -> String) -> String {
    format!(
        "References {} ({}) by ({}), {}, on delete {}, on update {}{}{}",
        link(&fk.references),
        codes(&fk.referenced_columns),
        codes(&fk.columns),
        code(&fk.name),
        fk.on_delete.to_ascii_lowercase(),
        fk.on_update.to_ascii_lowercase(),
        if fk.deferrable { ", deferrable" } else { "" },
        if fk.validated { "" } else { ", not validated" }
    )
}

fn index_item(index: &IndexEntry) -> String {
    let mut item = format!(
        "{} {} {} ({})",
        if index.unique { "Unique index" } else { "Index" },
        code(&index.name),
        escape::html(&index.method),
        index.keys.iter().map(|k| sql_code(k)).collect::<Vec<_>>().join(", ")
    );
    if !index.include.is_empty() {
        let _ = write!(item, " include ({})", codes(&index.include));
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(item, " where {}", sql_code(predicate));
    }
    if index.constraint.is_some() {
        item.push_str(", behind its constraint");
    }
    item
}

fn badge(severity: Severity) -> String {
    format!("<span class=\"severity {severity}\">{severity}</span>")
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape::html(text))
}

fn codes(texts: &[String]) -> String {
    texts.iter().map(|t| code(t)).collect::<Vec<_>>().join(", ")
}

/// An expression as code on one line.
fn sql_code(expression: &str) -> String {
    code(&escape::one_line(expression))
}

/// A comment of the schema: words, not markup.
fn words_html(comment: &str) -> String {
    escape::html(&escape::one_line(comment))
}

fn place(location: &Location) -> String {
    code(&words::place(location))
}

/// A message as HTML: what stands in backticks becomes code, the rest is words.
fn prose(message: &str, names: &[&str]) -> String {
    escape::pieces(message, names)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => escape::html(text),
            Piece::Code(name) => code(name),
        })
        .collect()
}
