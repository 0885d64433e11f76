//! Findings for a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::escape;
use super::excerpt::excerpt;
use super::model::{FindingEntry, ProblemEntry, Report, TargetReport};
use super::shared::{Shared, caution};
use super::words;
use super::wrap::{self, WIDTH};
use crate::finding::Severity;
use crate::source::{Location, SourceFile, Sources};

/// How findings look in a terminal.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions<'a> {
    /// With ANSI colours.
    pub colour: bool,
    /// How many cells a line has at most; 80 where nobody knows.
    pub width: usize,
    /// Where the excerpts come from; none without it.
    pub sources: Option<&'a Sources>,
}

impl Default for TextOptions<'_> {
    fn default() -> Self {
        Self { colour: false, width: WIDTH, sources: None }
    }
}

/// The findings, the problems and the verdict as plain text. The verdict comes last, where a terminal shows it.
pub fn text(report: &Report, options: &TextOptions<'_>) -> String {
    let files = options.sources.map(|sources| {
        let mut files: BTreeMap<&str, &SourceFile> = BTreeMap::new();
        for (_, file) in sources.files() {
            files.entry(&file.name).or_insert(file);
        }
        files
    });
    let width = options.width.clamp(LEAST_WIDTH, MOST_WIDTH);
    let mut w = Writer { out: String::new(), colour: options.colour, width, files: files.unwrap_or_default() };
    let several = report.targets.len() > 1;
    for target in &report.targets {
        if several && !target.findings.is_empty() {
            w.line(BOLD, &escape::visible(&target.id), 0, 2);
            w.out.push('\n');
        }
        w.findings(target);
    }
    w.problems(report);
    for target in &report.targets {
        w.conflicts(target, several);
    }
    if let Some(base) = report.base {
        let known = words::count(base.known, "known finding", "known findings");
        let fixed = words::count(base.fixed, "finding", "findings");
        w.line(PLAIN, &format!("Compared with the base: {known} not shown, {fixed} fixed."), 0, 2);
    }
    for target in &report.targets {
        w.verdict(target, several);
    }
    if report.targets.is_empty() {
        w.line(BOLD, &words::verdict(report), 0, 2);
    }
    escape::inert(w.out)
}

/// Styles of SGR (ECMA-48, 8.3.117).
const PLAIN: &str = "";
const BOLD: &str = "1";
const DIM: &str = "2";
/// Narrower and wider lines than these are hard to read.
const LEAST_WIDTH: usize = 40;
const MOST_WIDTH: usize = 120;
/// Findings of one rule up to which each is told in full.
const MOST_IN_FULL: usize = 8;
/// How many of more are told in full.
const SHOWN_IN_FULL: usize = 5;
/// Other places of a finding that are shown with their source.
const OTHERS_SHOWN: usize = 2;
/// Of the others so many are named, the rest is counted.
const OTHERS_LISTED: usize = 6;
/// Where the text of a finding begins.
const INDENT: usize = 4;

struct Writer<'a> {
    out: String,
    colour: bool,
    width: usize,
    /// The sources by name.
    files: BTreeMap<&'a str, &'a SourceFile>,
}

impl Writer<'_> {
    /// `text` in a style, or as it is.
    fn paint(&self, style: &str, text: &str) -> String {
        if self.colour && !style.is_empty() { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A paragraph, the first line and the others indented. `text` is shown as it is.
    fn line(&mut self, style: &str, text: &str, first: usize, others: usize) {
        for line in wrap::lines(text, self.width, first, others) {
            let body = line.trim_start();
            let margin = line.len() - body.len();
            let _ = writeln!(self.out, "{:margin$}{}", "", self.paint(style, body));
        }
    }

    /// The same for text of the input.
    fn told(&mut self, style: &str, text: &str, indent: usize) {
        self.line(style, &escape::visible(text), indent, indent);
    }

    fn findings(&mut self, target: &TargetReport) {
        for group in &target.groups {
            let findings: Vec<&FindingEntry> =
                group.findings.iter().filter_map(|at| target.findings.get(*at as usize)).collect();
            let certainty = findings.first().map(|f| f.certainty);
            let certainty = certainty.filter(|c| findings.iter().all(|f| f.certainty == *c));
            let count = words::count(findings.len() as u64, "finding", "findings");
            let sure = certainty.map_or(String::new(), |c| format!(", {}", c.name()));
            let _ = writeln!(
                self.out,
                "{}: {} ({count}{sure})",
                self.paint(style_of(group.severity), group.severity.name()),
                self.paint(BOLD, group.rule),
            );
            let full = if findings.len() > MOST_IN_FULL { SHOWN_IN_FULL } else { findings.len() };
            let (shown, rest) = findings.split_at(full.min(findings.len()));
            let shared = Shared::of(&shown.iter().copied());
            self.told(PLAIN, group.summary, 2);
            if let Some(evidence) = shared.evidence {
                self.told(DIM, evidence, 2);
            }
            self.out.push('\n');
            for finding in shown {
                self.finding(finding, &shared, finding.severity != group.severity, certainty.is_none());
            }
            if let Some(caution) = shared.caution {
                self.told(PLAIN, &format!("before running any of these: {caution}"), 2);
                self.out.push('\n');
            }
            self.rest(rest);
        }
        self.waived(target);
    }

    /// Findings of a rule that has many: place and subject, a line each.
    fn rest(&mut self, rest: &[&FindingEntry]) {
        if rest.is_empty() {
            return;
        }
        let _ = writeln!(self.out, "  and {} more like these:", words::thousands(rest.len() as u64));
        for finding in rest {
            let place = finding.locations.first().map(|l| format!("{} ", words::place(l))).unwrap_or_default();
            let text = format!("{place}{}", finding.subject());
            self.line(PLAIN, &escape::visible(&text), INDENT, INDENT + 2);
        }
        self.out.push('\n');
    }

    /// Folded: rule and reason, a line each.
    fn waived(&mut self, target: &TargetReport) {
        if target.waived.is_empty() {
            return;
        }
        let head = words::count(target.waived.len() as u64, "waived finding", "waived findings");
        self.line(BOLD, &format!("{head}:"), 0, 2);
        for finding in target.waived.iter().filter_map(|at| target.findings.get(*at as usize)) {
            let Some(waived) = &finding.waived else { continue };
            let text = format!("{} {}: {}", finding.rule, finding.subject(), words::waived(waived));
            self.line(DIM, &escape::visible(&text), 2, INDENT);
        }
        self.out.push('\n');
    }

    fn finding(&mut self, finding: &FindingEntry, shared: &Shared<'_>, own_severity: bool, own_certainty: bool) {
        let head = match finding.locations.first() {
            Some(location) => words::place(location),
            None => finding.subject().to_owned(),
        };
        let mut head = self.paint(BOLD, &escape::visible(&head));
        if own_severity {
            let _ = write!(head, "  {}", self.paint(style_of(finding.severity), finding.severity.name()));
        }
        if own_certainty {
            let _ = write!(head, "  {}", self.paint(DIM, finding.certainty.name()));
        }
        let _ = writeln!(self.out, "  {head}");
        if let Some(location) = finding.locations.first() {
            self.excerpt(location, '^', style_of(finding.severity));
        }
        self.told(PLAIN, &finding.message, INDENT);
        if let Some(evidence) = finding.evidence.as_deref().filter(|e| shared.evidence != Some(e)) {
            self.told(DIM, evidence, INDENT);
        }
        if let Some(origin) = words::origin(&finding.origin).filter(|_| !origin_shows(finding)) {
            self.told(DIM, &origin, INDENT);
        }
        let others = finding.locations.get(1..).unwrap_or_default();
        let (shown, listed) = others.split_at(others.len().min(OTHERS_SHOWN));
        for location in shown {
            self.told(PLAIN, &format!("see also {}", words::place(location)), INDENT);
            self.excerpt(location, '-', DIM);
        }
        if !listed.is_empty() {
            let mut places: Vec<String> = listed.iter().take(OTHERS_LISTED).map(words::place).collect();
            match listed.len().saturating_sub(OTHERS_LISTED) {
                0 => {}
                more => places.push(words::count(more as u64, "other place", "other places")),
            }
            self.told(PLAIN, &format!("and {}", places.join(", ")), INDENT);
        }
        if let Some(fix) = &finding.fix {
            let _ = writeln!(self.out, "    {}", self.paint(BOLD, "fix:"));
            for line in wrap::sql_lines(&escape::visible_block(fix.sql.trim_end()), self.width, INDENT + 2) {
                let _ = writeln!(self.out, "{line}");
            }
        }
        if let Some(caution) = caution(finding).filter(|c| shared.caution != Some(c)) {
            self.told(PLAIN, &format!("before running it: {caution}"), INDENT);
        }
        self.out.push('\n');
    }

    /// The source at a place, with `mark` under what is meant. Nothing where it was not kept.
    fn excerpt(&mut self, location: &Location, mark: char, style: &str) {
        let Some(file) = self.files.get(location.file.as_str()) else { return };
        let digits = location.end_line.max(location.line).to_string().len();
        let margin = INDENT + digits + " | ".len();
        for line in excerpt(file, location, self.width.saturating_sub(margin)) {
            let number = self.paint(DIM, &format!("{:>digits$} |", line.number));
            let bar = self.paint(DIM, &format!("{:digits$} |", ""));
            let marks = self.paint(style, &mark.to_string().repeat(line.under));
            let more = line.to_line.map_or(String::new(), |to| format!(" to line {to}"));
            let _ = writeln!(
                self.out,
                "    {number} {}\n    {bar} {:before$}{marks}{more}",
                line.text,
                "",
                before = line.before
            );
        }
    }

    fn problems(&mut self, report: &Report) {
        if report.problems.is_empty() {
            return;
        }
        let head = words::count(report.problems.len() as u64, "problem", "problems");
        self.line(BOLD, &format!("{head} while reading:"), 0, 2);
        let shown = if report.problems.len() > MOST_IN_FULL { SHOWN_IN_FULL } else { report.problems.len() };
        for (at, problem) in report.problems.iter().enumerate() {
            self.line(PLAIN, &problem_line(problem), 2, INDENT);
            if let Some(location) = problem.location.as_ref().filter(|_| at < shown) {
                self.excerpt(location, '^', style_of(Severity::Medium));
            }
        }
        self.out.push('\n');
    }

    fn conflicts(&mut self, target: &TargetReport, several: bool) {
        if target.conflicts.is_empty() {
            return;
        }
        let of = if several { format!("{}: ", escape::visible(&target.id)) } else { String::new() };
        let count = words::count(target.conflicts.len() as u64, "statement", "statements");
        self.line(BOLD, &format!("{of}{} would refuse {count}:", words::database(target)), 0, 2);
        // Most conflicts have a finding, which has the excerpt already.
        let told: BTreeSet<(&str, u32)> = target
            .findings
            .iter()
            .filter_map(|f| f.locations.first())
            .map(|location| (location.file.as_str(), location.line))
            .collect();
        let mut left = SHOWN_IN_FULL;
        for conflict in &target.conflicts {
            let text =
                format!("{}: {} (SQLSTATE {})", words::place(&conflict.location), conflict.message, conflict.sqlstate);
            self.line(PLAIN, &escape::visible(&text), 2, INDENT);
            let at = &conflict.location;
            if left > 0 && !told.contains(&(at.file.as_str(), at.line)) {
                self.excerpt(at, '^', style_of(Severity::High));
                left -= 1;
            }
        }
        self.out.push('\n');
    }

    fn verdict(&mut self, target: &TargetReport, several: bool) {
        if let Some(layout) = words::layout(target) {
            self.told(PLAIN, &layout, 0);
        }
        let read = words::sentence(&[
            Some(words::coverage(&target.coverage)),
            (!target.checked.is_empty()).then(|| words::checks(target)),
        ]);
        self.told(PLAIN, &read, 0);
        let gains: Vec<String> =
            words::gains(target).take(3).map(|(rule, n, points)| format!("{rule} ({n}) {points}")).collect();
        if !gains.is_empty() {
            self.told(PLAIN, &format!("Most points to gain: {}.", gains.join(", ")), 0);
        }
        let of = if several { format!("{}: ", escape::visible(&target.id)) } else { String::new() };
        let found = words::sentence(&[Some(words::findings(target)), words::score(target)]);
        self.line(BOLD, &format!("{of}{found}"), 0, 0);
    }
}

fn style_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1;31",
        Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => "36",
        Severity::Info => DIM,
    }
}

/// Whether the name of the file says already which revision made the subject, and nothing changed it later.
fn origin_shows(finding: &FindingEntry) -> bool {
    let origin = &finding.origin;
    let changed = origin.last_changed_by.is_some() && origin.last_changed_by != origin.introduced_by;
    let file = finding.locations.first().map_or("", |l| &l.file);
    !changed && origin.introduced_by.as_ref().is_some_and(|revision| is_called(file, revision))
}

/// Whether a file, or the folder of one that a tool calls the same in every folder, bears the id of a revision: `m/V1__users.sql` that of `1`, and
/// `m/10_users.sql` or `m/1.1_users.sql` not.
fn is_called(file: &str, revision: &str) -> bool {
    let (folder, base) = file.rsplit_once('/').unwrap_or(("", file));
    let base = match base {
        "up.sql" | "down.sql" | "migration.sql" => folder.rsplit('/').next().unwrap_or_default(),
        _ => base,
    };
    let goes_on = |rest: &str| {
        let behind = rest.strip_prefix(['.', '-']).unwrap_or(rest);
        rest.starts_with(char::is_alphanumeric) || behind.starts_with(|c: char| c.is_ascii_digit())
    };
    let bears = |name: &str| name.strip_prefix(revision).is_some_and(|rest| !goes_on(rest));
    file == revision || bears(base) || base.strip_prefix(['V', 'v', 'U']).is_some_and(bears)
}

/// `schema.sql:3:1: What happened.`
pub fn problem_line(problem: &ProblemEntry) -> String {
    let message = escape::visible(&problem.message);
    match &problem.location {
        Some(location) => format!("{}: {message}", escape::visible(&words::place(location))),
        None => message.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn a_file_shows_the_id_that_it_bears() {
        for (file, revision) in [
            ("m/1_users.sql", "1"),
            ("m/V1__users.sql", "1"),
            ("m/V1.2__users.sql", "V1.2"),
            ("m/1.2_users.sql", "1.2"),
            ("m/20240101_users/migration.sql", "20240101_users"),
            ("m/1a2b3c_users.py", "1a2b3c"),
            ("deploy/users.sql", "users"),
            ("db/users.sql", "db/users.sql"),
        ] {
            assert!(is_called(file, revision), "{file} {revision}");
        }
        for (file, revision) in [
            ("m/10_users.sql", "1"),
            ("m/2_of_1.sql", "1"),
            ("v1/2_users.sql", "1"),
            ("m/1.1_users.sql", "1"),
            ("m/V10__users.sql", "V1"),
            ("1_first/up.sql", "2"),
        ] {
            assert!(!is_called(file, revision), "{file} {revision}");
        }
    }
}
