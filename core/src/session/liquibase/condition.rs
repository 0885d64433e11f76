//! Preconditions as guards of statements: queries of the catalogue, and those that stand in comments of formatted SQL.

use crate::name::{Ident, QualifiedName};
use crate::operation::{Guard, GuardTest, ObjectKind, ObjectRef, Operation};
use crate::read::ddl;
use crate::source::{FileId, Mapped, Span};

/// Makes a changeset's statements depend on guards.
pub(in crate::session) fn guard(guards: &[Guard], up: &mut [Operation], down: &mut [Operation]) {
    let Some(first) = guards.first() else { return };
    for operation in up {
        operation.guards = guards.iter().cloned().chain(operation.guards.iter().cloned()).collect();
    }
    // Whether there is something to take back is known to the database alone.
    let unknown = Guard { span: first.span, test: GuardTest::Unknown, negated: false };
    for operation in down {
        operation.guards = Box::from([unknown.clone()]);
    }
}

/// What `sqlCheck` asks, where that is whether an object exists. Any other query finds what it expects: on a new database those that people write do.
pub(super) fn of_query(sql: &Mapped, expected: &str, span: Span, negated: bool) -> Option<Guard> {
    let (before, after) = match expected.trim_matches(['\'', '"']).to_ascii_lowercase().as_str() {
        "t" | "true" => ("(", ")".to_owned()),
        "f" | "false" => ("NOT (", ")".to_owned()),
        number => ("(", format!(") = {}", number.parse::<u32>().ok()?)),
    };
    let mut condition = Mapped::made(before, span);
    // A semicolon may end it.
    condition.append_range(sql, 0, sql.as_str().trim_end_matches([';', ' ', '\n']).len());
    condition.push(&after, span);
    let mut guards = ddl::guards_of(&condition, span);
    let mut guard = guards.pop().filter(|g| guards.is_empty() && matches!(g.test, GuardTest::Exists(_)))?;
    (guard.span, guard.negated) = (span, guard.negated != negated);
    Some(guard)
}

/// What a comment asks behind `--precondition-`. Source: `FormattedSqlChangeLogParser` in Liquibase.
pub(in crate::session) fn of_comment(text: &str, file: FileId, start: u32) -> Option<Guard> {
    let part = |part: &str| {
        let from = start.saturating_add(u32::try_from(part.as_ptr() as usize - text.as_ptr() as usize).ok()?);
        Some(Span::new(file, from, from.saturating_add(u32::try_from(part.len()).ok()?)))
    };
    let whole = part(text)?;
    let (kind, body) = text.split_once(char::is_whitespace)?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "table-exists" => ObjectKind::Table,
        "view-exists" => ObjectKind::View,
        "sql-check" => {
            let body = body.trim_start();
            let label = "expectedResult:";
            let body = match body.get(..label.len()) {
                Some(head) if head.eq_ignore_ascii_case(label) => body.get(label.len()..)?,
                _ => body,
            };
            let quote = body.chars().next().filter(|c| matches!(c, '\'' | '"'));
            let end = match quote {
                Some(quote) => body.get(1..)?.find(quote)? + 2,
                None => body.find(char::is_whitespace)?,
            };
            let (expected, sql) = (body.get(..end)?, body.get(end..)?.trim());
            let mut query = Mapped::default();
            query.push_verbatim(sql, file, part(sql)?.start);
            return of_query(&query, expected, whole, false);
        }
        _ => return None,
    };
    let named = |label: &str| {
        let value = body.split_whitespace().find_map(|word| word.strip_prefix(label))?;
        let cases = value.chars().any(char::is_uppercase) && value.chars().any(char::is_lowercase);
        Some(Ident { text: value.into(), quoted: cases, span: part(value)? })
    };
    let name = named("table:").or_else(|| named("view:"))?;
    let object = ObjectRef {
        kind,
        name: QualifiedName { schema: named("schema:"), name },
        part: None,
        arguments: None,
        span: whole,
    };
    Some(Guard { span: whole, test: GuardTest::Exists(object), negated: false })
}
