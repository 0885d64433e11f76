//! Findings as annotations of a GitHub Actions run: workflow commands, one a line.

use std::fmt::Write as _;

use super::escape;
use super::model::Report;
use super::words;
use crate::finding::Severity;

/// The findings and problems as workflow commands, and the verdict as a notice. Source: GitHub Actions, "Workflow commands".
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.targets.iter().flat_map(|t| &t.findings).filter(|f| f.waived.is_none()) {
        let command = match finding.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "notice",
        };
        let mut message = finding.message.clone();
        if let Some(evidence) = &finding.evidence {
            let _ = write!(message, "\n{evidence}");
        }
        if let Some(fix) = &finding.fix {
            let _ = write!(message, "\nFix: {}", fix.sql.trim_end());
        }
        let title = format!("{} ({})", finding.rule, finding.severity);
        annotation(&mut out, command, finding.locations.first(), &title, &message);
    }
    for problem in &report.problems {
        annotation(&mut out, "warning", problem.location.as_ref(), problem.kind, &problem.message);
    }
    let _ = writeln!(out, "::notice title=Relata::{}", escape::github_message(&words::verdict(report)));
    out
}

fn annotation(out: &mut String, command: &str, location: Option<&crate::source::Location>, title: &str, message: &str) {
    let _ = write!(out, "::{command} ");
    if let Some(l) = location {
        let _ = write!(out, "file={},line={},endLine={},", escape::github_property(&l.file), l.line, l.end_line);
        // GitHub takes columns only within one line.
        if l.line == l.end_line {
            let _ = write!(out, "col={},", l.column);
        }
    }
    let _ = writeln!(out, "title={}::{}", escape::github_property(title), escape::github_message(message));
}
