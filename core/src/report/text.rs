//! Findings for a terminal.

use std::fmt::Write as _;

use super::escape;
use super::model::{FindingEntry, ProblemEntry, Report, TargetReport};
use super::words;
use crate::finding::Severity;

/// The findings, the problems and the verdict as plain text, with ANSI colours where `colour` says so. The verdict comes last, where a terminal
/// shows it.
pub fn text(report: &Report, colour: bool) -> String {
    let mut w = Writer { out: String::new(), colour };
    let several = report.targets.len() > 1;
    for target in &report.targets {
        if several && !target.findings.is_empty() {
            let name = w.paint(BOLD, &escape::visible(&target.id));
            let _ = writeln!(w.out, "{name}\n");
        }
        w.findings(target);
    }
    w.problems(report);
    for target in &report.targets {
        w.conflicts(target, several);
    }
    for target in &report.targets {
        w.verdict(target, several);
    }
    if let Some(base) = report.base {
        let _ = writeln!(
            w.out,
            "Compared with the base: {} not shown, {} fixed.",
            words::count(base.known, "known finding", "known findings"),
            words::count(base.fixed, "finding", "findings")
        );
    }
    if report.targets.is_empty() {
        let _ = writeln!(w.out, "{}", words::verdict(report));
    }
    escape::inert(w.out)
}

const BOLD: &str = "1";
const DIM: &str = "2";
/// Findings of one rule up to which each is told in full.
const MOST_IN_FULL: usize = 8;
/// How many of more are told in full.
const SHOWN_IN_FULL: usize = 5;

struct Writer {
    out: String,
    colour: bool,
}

impl Writer {
    /// `text` in a style of SGR (ECMA-48, 8.3.117), or as it is.
    fn paint(&self, style: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn severity(&self, severity: Severity) -> String {
        let style = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => DIM,
        };
        self.paint(style, severity.name())
    }

    fn findings(&mut self, target: &TargetReport) {
        for group in &target.groups {
            let head = format!(
                "{}: {} ({})",
                self.severity(group.severity),
                self.paint(BOLD, group.rule),
                words::count(group.findings.len() as u64, "finding", "findings")
            );
            let _ = writeln!(self.out, "{head}\n  {}\n", self.paint(DIM, &one_line(group.summary)));
            let full = if group.findings.len() > MOST_IN_FULL { SHOWN_IN_FULL } else { group.findings.len() };
            let findings: Vec<&FindingEntry> =
                group.findings.iter().filter_map(|at| target.findings.get(*at as usize)).collect();
            let (shown, rest) = findings.split_at(full.min(findings.len()));
            for finding in shown {
                self.finding(finding, finding.severity != group.severity);
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
            let place = finding.locations.first().map(|l| format!("{}  ", words::place(l))).unwrap_or_default();
            let _ = writeln!(self.out, "    {}", one_line(&format!("{place}{}", finding.subject())));
        }
        self.out.push('\n');
    }

    /// Folded: rule and reason, a line each.
    fn waived(&mut self, target: &TargetReport) {
        if target.waived.is_empty() {
            return;
        }
        let head = words::count(target.waived.len() as u64, "waived finding", "waived findings");
        let _ = writeln!(self.out, "{}:", self.paint(BOLD, &head));
        for finding in target.waived.iter().filter_map(|at| target.findings.get(*at as usize)) {
            let Some(waived) = &finding.waived else { continue };
            let line = format!("{} {}: {}", finding.rule, finding.subject(), words::waived(waived));
            let _ = writeln!(self.out, "  {}", self.paint(DIM, &one_line(&line)));
        }
        self.out.push('\n');
    }

    fn finding(&mut self, finding: &FindingEntry, own_severity: bool) {
        let mut head = match finding.locations.first() {
            Some(location) => escape::visible(&words::place(location)).into_owned(),
            None => escape::visible(finding.subject()).into_owned(),
        };
        if own_severity {
            let _ = write!(head, "  {}", self.severity(finding.severity));
        }
        let certainty = self.paint(DIM, finding.certainty.name());
        let origin = words::origin(&finding.origin).map(|o| one_line(&o));
        let _ = writeln!(self.out, "  {head}  {certainty}\n    {}", one_line(&finding.message));
        if let Some(evidence) = &finding.evidence {
            let _ = writeln!(self.out, "    {}", self.paint(DIM, &one_line(evidence)));
        }
        if let Some(origin) = origin {
            let _ = writeln!(self.out, "    {}", self.paint(DIM, &origin));
        }
        let more: Vec<String> =
            finding.locations.iter().skip(1).map(|l| escape::visible(&words::place(l)).into_owned()).collect();
        if !more.is_empty() {
            let _ = writeln!(self.out, "    see also {}", more.join(", "));
        }
        if let Some(fix) = &finding.fix {
            let _ = writeln!(self.out, "    fix:");
            for line in escape::visible_block(fix.sql.trim_end()).lines() {
                let _ = writeln!(self.out, "      {line}");
            }
            if let Some(caution) = &fix.caution {
                let _ = writeln!(self.out, "    before running it: {}", one_line(caution));
            }
        }
        self.out.push('\n');
    }

    fn problems(&mut self, report: &Report) {
        if report.problems.is_empty() {
            return;
        }
        let head = words::count(report.problems.len() as u64, "problem", "problems");
        let _ = writeln!(self.out, "{} while reading:", self.paint(BOLD, &head));
        for problem in &report.problems {
            let _ = writeln!(self.out, "  {}", problem_line(problem));
        }
        self.out.push('\n');
    }

    fn conflicts(&mut self, target: &TargetReport, several: bool) {
        if target.conflicts.is_empty() {
            return;
        }
        let of = if several { format!("{}: ", escape::visible(&target.id)) } else { String::new() };
        let head = format!(
            "{of}{} would refuse {}",
            words::database(target),
            words::count(target.conflicts.len() as u64, "statement", "statements")
        );
        let _ = writeln!(self.out, "{}:", self.paint(BOLD, &head));
        for conflict in &target.conflicts {
            let _ = writeln!(
                self.out,
                "  {}: {} (SQLSTATE {})",
                escape::visible(&words::place(&conflict.location)),
                one_line(&conflict.message),
                conflict.sqlstate
            );
        }
        self.out.push('\n');
    }

    fn verdict(&mut self, target: &TargetReport, several: bool) {
        let of = if several { format!("{}: ", escape::visible(&target.id)) } else { String::new() };
        let first = words::sentence(&[Some(words::findings(target)), words::score(target)]);
        let second = words::sentence(&[
            Some(words::coverage(&target.coverage)),
            (!target.checked.is_empty()).then(|| words::checks(target)),
        ]);
        let gains: Vec<String> =
            words::gains(target).take(3).map(|(rule, n, points)| format!("{rule} ({n}) {points}")).collect();
        let gains = match gains.is_empty() {
            true => String::new(),
            false => format!("Most points to gain: {}.\n", gains.join(", ")),
        };
        let layout = words::layout(target).map_or(String::new(), |l| format!("{}\n", one_line(&l)));
        let _ = writeln!(self.out, "{of}{}\n{gains}{layout}{second}", self.paint(BOLD, &first));
    }
}

/// `schema.sql:3:1: What happened.`
pub fn problem_line(problem: &ProblemEntry) -> String {
    let message = one_line(&problem.message);
    match &problem.location {
        Some(location) => format!("{}: {message}", escape::visible(&words::place(location))),
        None => message,
    }
}

fn one_line(text: &str) -> String {
    escape::visible(text).into_owned()
}
