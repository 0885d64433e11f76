//! Waivers in comments: `-- relata: ignore rule-name reason`, in Python `# relata: ignore …`.
//!
//! A comment on a line of its own speaks of the statement that follows, or, inside a statement, of the next line; behind something it speaks of its
//! line, and behind the end of a statement of the whole statement.

use std::collections::BTreeMap;

use super::date::Date;
use super::pattern::nearest;
use super::read::{MAX_WAIVERS, no_rule};
use super::waivers::Waiver;
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::rules::{self, support};
use crate::source::{FileId, Sources, Span};

/// What such a comment starts with.
const MARK: &str = "relata:";

/// The waivers in the comments of all files. `statements` are the places of all statements.
pub(crate) fn of_comments(
    sources: &Sources,
    statements: impl IntoIterator<Item = Span>,
    problems: &mut Vec<Problem>,
) -> Vec<Waiver> {
    let marked: Vec<FileId> = sources
        .files()
        .filter(|(_, file)| !file.name.ends_with(".md") && file.kept().any(|(_, text)| text.contains(MARK)))
        .map(|(id, _)| id)
        .collect();
    if marked.is_empty() {
        return Vec::new();
    }
    let mut by_file: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    for span in statements {
        if marked.contains(&span.file) {
            by_file.entry(span.file).or_default().push(span);
        }
    }
    let mut waivers = Vec::new();
    for file in marked {
        let spans = apart(by_file.remove(&file).unwrap_or_default());
        for comment in support::comments(sources, file) {
            let Some(said) = comment.text.trim_start_matches('-').trim_start().strip_prefix(MARK) else { continue };
            match directive(said) {
                Ok((rules, ..)) if waivers.len() + rules.len() > MAX_WAIVERS => {
                    let message =
                        format!("There are more than {MAX_WAIVERS} waivers in comments; the rest was not read.");
                    problems.push(Problem { kind: ProblemKind::BadWaiver, message, span: Some(comment.span) });
                    return waivers;
                }
                Ok((rules, until, reason)) => {
                    let within = reach(sources, &spans, comment.span);
                    waivers.extend(rules.into_iter().map(|rule| Waiver {
                        rule: Some(rule),
                        reason: reason.clone(),
                        until,
                        within: Some(within),
                        source: Some(comment.span),
                        ..Waiver::default()
                    }));
                }
                Err(message) => {
                    problems.push(Problem { kind: ProblemKind::BadWaiver, message, span: Some(comment.span) });
                }
            }
        }
    }
    waivers
}

/// What a comment asks for: rules, the last day, the reason.
type Directive = (Vec<&'static str>, Option<Date>, String);

/// Reads what stands behind the mark: `ignore rule, rule [until DAY] reason`.
fn directive(said: &str) -> Result<Directive, String> {
    let said = said.trim();
    let (verb, mut rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    if verb != "ignore" {
        let meant = match nearest(verb, ["ignore"]) {
            Some(_) => "did you mean",
            None => "there is only",
        };
        return Err(format!("`{MARK} {verb}` says nothing; {meant} `{MARK} ignore rule-name reason`."));
    }
    let mut rules = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || c == ',' || c == ':').unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        if name.is_empty() {
            return Err(format!("A waiver names its rules: `{MARK} ignore rule-name reason`."));
        }
        rules.push(rules::find(name).map(|r| r.name).ok_or_else(|| no_rule(name))?);
        rest = rest.get(end..).unwrap_or_default().trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    let dashes = |c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—');
    rest = rest.trim_start_matches(dashes);
    let mut until = None;
    if let Some(behind) = rest.strip_prefix("until ") {
        let behind = behind.trim_start();
        let (day, reason) = behind.split_once(char::is_whitespace).unwrap_or((behind, ""));
        let day = day.trim_end_matches([':', ',']);
        if day.starts_with(|c: char| c.is_ascii_digit()) {
            until = Some(Date::parse(day).ok_or_else(|| format!("`{day}` is no day; write it as 2026-12-31."))?);
            rest = reason.trim_start_matches(dashes);
        }
    }
    if rest.is_empty() {
        let names = rules.join(", ");
        return Err(format!("A waiver needs its reason: `{MARK} ignore {names}` and then why."));
    }
    Ok((rules, until, rest.to_owned()))
}

/// The statements in order, without those inside of others: one statement of a file may be several operations.
fn apart(mut statements: Vec<Span>) -> Vec<Span> {
    statements.order_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let mut end = 0;
    statements.retain(|s| {
        let outside = s.end > end;
        end = end.max(s.end);
        outside
    });
    statements
}

/// What a comment speaks of, among statements that are [`apart`].
fn reach(sources: &Sources, statements: &[Span], comment: Span) -> Span {
    let (start, text) = piece(sources, comment);
    let at = (comment.start - start) as usize;
    let offset = |n: usize| start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
    let line_start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let line_end = |from: usize| text.get(from..).and_then(|t| t.find('\n')).map_or(text.len(), |n| from + n);
    let started = statements.partition_point(|s| s.start < comment.start);
    let inside = started.checked_sub(1).and_then(|n| statements.get(n)).filter(|s| comment.end <= s.end);
    // A piece starts where the statement before it ends, which may be on this line.
    let ended = statements.partition_point(|s| s.end <= comment.start);
    let before = ended.checked_sub(1).and_then(|n| statements.get(n));
    let line = sources.location(comment).line;
    let last_line = |s: &Span| sources.location(*s).end_line;
    let behind_statement = before.filter(|s| last_line(s) == line);
    let behind_code = text.get(line_start..at).is_some_and(|t| !t.trim().is_empty());
    match (inside, behind_statement) {
        (Some(_), _) if behind_code => Span::new(comment.file, offset(line_start), offset(line_end(at))),
        (Some(statement), _) => {
            // The next line that holds something.
            let mut from = (line_end(at) + 1).min(text.len());
            while from < text.len() && text.get(from..line_end(from)).is_some_and(is_bare) {
                from = line_end(from) + 1;
            }
            let to = offset(line_end(from.min(text.len()))).min(statement.end);
            Span::new(comment.file, offset(from.min(text.len())), to.max(offset(from.min(text.len()))))
        }
        (None, Some(statement)) => *statement,
        (None, None) => statements
            .get(statements.partition_point(|s| s.start < comment.end))
            // What is said before the first statement is said of the file, too.
            .map(|s| if statements.first() == Some(s) { Span { start: 0, ..*s } } else { *s })
            .unwrap_or(Span::new(comment.file, comment.end, comment.end)),
    }
}

/// Whether a line holds nothing but a comment.
fn is_bare(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("--") || line.starts_with('#')
}

/// The piece of text that a span is in, and where it starts.
fn piece(sources: &Sources, span: Span) -> (u32, &str) {
    let kept = sources.file(span.file).map(|f| f.kept());
    kept.into_iter().flatten().filter(|(start, _)| *start <= span.start).last().unwrap_or((span.start, ""))
}
