use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::name::{Ident, QualifiedName, quote};
use crate::operation::{AlterTableAction, GuardTest, ObjectKind, Operation, OperationKind, TableElement};
use crate::rules::support::{missing_object, refused, statement_subject, written_path};
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "statement-refused",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "PostgreSQL refuses a statement for what it says.",
    why: "Replayed in order, the statement fails, and with it the migration: what it was to make is not there, in this schema nor in any database that is \
          built from these files. The message is what the server would say. Rules that know more of one kind of refusal (a missing object, a name that is \
          taken, a key that is not unique) tell of it instead. PostgreSQL manual, appendix A \"PostgreSQL Error Codes\".",
    fires: examples![
        // The value of now() at the time when the index is built would stay in it. CREATE INDEX, "WHERE".
        "CREATE TABLE sessions (id bigint PRIMARY KEY, expires_at timestamptz);\nCREATE INDEX sessions_live ON sessions (id) WHERE «expires_at > now()»;",
        "CREATE TABLE posts (id bigint PRIMARY KEY, flags text);\nALTER TABLE posts ALTER COLUMN «flags» TYPE integer;",
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE days (id bigint PRIMARY KEY, mood mood DEFAULT «'Good'»);",
        // There is a cast for the values, but the default has none.
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE days (id bigint PRIMARY KEY, mood text DEFAULT 'good');\nALTER TABLE days ALTER COLUMN «mood» TYPE mood USING mood::mood;",
    ],
    silent: examples![
        // What changes may be compared with when a query runs, not in the index.
        "CREATE TABLE sessions (id bigint PRIMARY KEY, expires_at timestamptz DEFAULT now() + interval '1 day');\nCREATE INDEX sessions_expiry ON sessions (expires_at) WHERE expires_at > '2024-01-01';",
        "CREATE TABLE posts (id bigint PRIMARY KEY, flags text);\nALTER TABLE posts ALTER COLUMN flags TYPE integer USING flags::integer;",
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE days (id bigint PRIMARY KEY, mood text DEFAULT 'good');\nALTER TABLE days ALTER COLUMN mood DROP DEFAULT, ALTER COLUMN mood TYPE mood USING mood::mood, ALTER COLUMN mood SET DEFAULT 'good';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A document has no order of execution; what cannot be in it is another rule's business.
    if cx.target.role == Role::Document {
        return;
    }
    for revision in &cx.history.revisions {
        for _ in &revision.up {
            out.look();
        }
    }
    for conflict in &cx.replay.conflicts {
        // Of what is missing `reference-before-definition` and its like tell once each.
        if missing_object(conflict).is_some() {
            continue;
        }
        let Some(operation) = refused(cx, conflict) else { continue };
        // `duplicate-column-assignment` and `enum-add-value-in-transaction` tell what is to be done about these.
        let twice = conflict.sqlstate == "42701" || conflict.message.starts_with("multiple assignments");
        if conflict.sqlstate == "55P04" || (twice && matches!(operation.kind, OperationKind::Dml { .. })) {
            continue;
        }
        // Whether it runs at all only the live database knows.
        if operation.guards.iter().any(|guard| guard.test == GuardTest::Unknown) {
            continue;
        }
        let subject = part_of(operation, conflict.span).unwrap_or_else(|| {
            let (kind, path) = statement_subject(operation);
            Subject::new(kind, path)
        });
        let name = subject.path.strip_prefix("public.").unwrap_or(&subject.path).replace('`', "'");
        let said = conflict.message.replace('`', "'").replace('"', "`");
        // One that is about nothing in particular, as a call of a function.
        let about = if name == "statement" { String::new() } else { format!(" about `{name}`") };
        let _ = out
            .report_about(subject, conflict.span, format!("PostgreSQL refuses a statement{about}: {said}."))
            .objects(conflict.objects.iter().copied())
            .maybe_subject(cx.revision(conflict.revision))
            .evidence(format!("The SQLSTATE is {}.", conflict.sqlstate));
    }
}

/// The index or column that the statement is refused for, so that two refusals about one table are two findings.
fn part_of(operation: &Operation, at: Span) -> Option<Subject> {
    let column = |table: &QualifiedName, name: &Ident| {
        Subject::new(ObjectKind::Column, format!("{}.{}", written_path(table), quote(&name.fold())))
    };
    match &operation.kind {
        OperationKind::CreateIndex(index) => {
            let name = index.name.as_ref()?;
            let path = written_path(&index.table);
            let schema = path.rsplit_once('.').map_or("public", |(schema, _)| schema);
            Some(Subject::new(ObjectKind::Index, format!("{schema}.{}", quote(&name.fold()))))
        }
        OperationKind::CreateTable(create) => create.elements.iter().find_map(|e| match e {
            TableElement::Column(c) if c.constraints.iter().any(|c| c.span.contains(at)) => {
                Some(column(&create.name, &c.name))
            }
            _ => None,
        }),
        OperationKind::AlterTable(alter) => {
            alter.actions.iter().find(|(_, span)| span.contains(at)).and_then(|(a, _)| match a {
                AlterTableAction::AddColumn { column: added, .. } => Some(column(&alter.name, &added.name)),
                AlterTableAction::SetType { column: name, .. } | AlterTableAction::SetDefault { column: name, .. } => {
                    Some(column(&alter.name, name))
                }
                _ => None,
            })
        }
        _ => None,
    }
}
