use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::name::{Ident, QualifiedName, quote};
use crate::operation::{AlterTableAction, ConstraintDefKind, ObjectKind, OperationKind};
use crate::replay::Conflict;
use crate::rules::support::{maker_beside, refused_key};
use crate::rules::{Category, Context, Findings, Rule, find, run};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-invalid-ddl",
    category: Category::Documentation,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A schema document describes something that PostgreSQL refuses.",
    why: "The document cannot be what the database is: whoever builds the schema from it meets the error, and whoever built it already decided \
          something else without writing it down. Each key, reference, index and policy is tried by itself, after everything that it needs, so \
          that the order of the sections does not matter. PostgreSQL manual, appendix A \"PostgreSQL Error Codes\".",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: sales\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n```sql\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM sales;\nREFRESH MATERIALIZED VIEW CONCURRENTLY «totals»;\n```\n",
    ],
    silent: examples![
        // A table may refer to one that is described further down.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| user_id | BIGINT | FK users(id) NOT NULL |\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
        // What the document leaves out is made by the SQL beside it, in the schema that it names.
        "<!-- file: schema.sql -->\nCREATE SCHEMA shop;\nCREATE TABLE shop.users (id bigint PRIMARY KEY);\nCREATE TABLE shop.orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES shop.users (id));\nCREATE TABLE shop.tags (id bigint PRIMARY KEY);\n<!-- file: schema.md -->\n# Shop\n\n### shop.orders\n\n| Column | Type | Nullable | Description |\n|---|---|---|---|\n| id | bigint | no | Primary key |\n| user_id | bigint | no | References shop.users, of the buyer |\n",
        // The same index once more, as a guideline.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| name | TEXT | NOT NULL |\n\n**Indexes:**\n\n- `users_name` ON (name)\n\n```sql\nCREATE INDEX users_name ON users(name);\n```\n",
    ],
    supersedes: &[],
    check,
};

/// Rules that say the same of one kind of refusal, and more: what they report is not said again.
const EXACT: &[&str] = &[
    "concurrent-index-on-partitioned-table",
    "conflicting-object-definition",
    "duplicate-primary-key",
    "extension-not-created",
    "foreign-key-target-missing",
    "foreign-key-target-not-unique",
    "foreign-key-to-unlogged",
    "foreign-key-type-mismatch",
    "index-column-missing",
    "partition-key-not-in-unique",
    "relation-name-collision",
    "rls-policy-column-missing",
    "trigger-function-missing",
    "view-reference-missing",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.role != Role::Document {
        return;
    }
    for revision in &cx.history.revisions {
        for _ in &revision.up {
            out.look();
        }
    }
    if cx.replay.conflicts.is_empty() {
        return;
    }
    let told: Vec<Span> =
        EXACT.iter().filter_map(|name| find(name)).flat_map(|rule| run(rule, cx).0).filter_map(|f| f.place()).collect();
    for conflict in &cx.replay.conflicts {
        if told.iter().any(|place| place.contains(conflict.span) || conflict.span.contains(*place)) {
            continue;
        }
        // A reference to what the document leaves out and the SQL beside it makes.
        if conflict.sqlstate == "42P01"
            && refused_key(cx, conflict).is_some_and(|key| maker_beside(cx, &key.references.table).is_some())
        {
            continue;
        }
        let sentence = conflict.message.replace('`', "'").replace('"', "`");
        let (subject, about) = subject(cx, conflict);
        let named = if sentence.contains('`') { String::new() } else { format!(" (`{}`)", subject.path) };
        let message = format!("PostgreSQL refuses this{named}: {sentence}.");
        let _ = out
            .report_about(subject, conflict.span, message)
            .evidence(format!("Replayed after everything that it needs, it fails with SQLSTATE {}.", conflict.sqlstate))
            .maybe_subject(Some(about))
            .objects(conflict.objects.iter().copied());
    }
}

/// What was to be made, and what about it: two refusals never share both.
fn subject(cx: &Context<'_>, conflict: &Conflict) -> (Subject, Subject) {
    let path = |name: &QualifiedName| {
        let schema = name.schema.as_ref().map_or_else(|| "public".into(), Ident::fold);
        format!("{}.{}", quote(&schema), quote(&name.name.fold()))
    };
    let part = |name: &QualifiedName, part: &Ident| format!("{}.{}", path(name), quote(&part.fold()));
    let operation =
        cx.history.revisions.get(conflict.revision as usize).and_then(|r| r.up.get(conflict.operation as usize));
    let missing = conflict.message.split('"').nth(1).unwrap_or(conflict.sqlstate).to_owned();
    let about = Subject::new(ObjectKind::Column, missing);
    let Some(operation) = operation else { return (Subject::new(ObjectKind::Table, conflict.sqlstate), about) };
    match &operation.kind {
        OperationKind::CreateTable(t) => (Subject::new(ObjectKind::Table, path(&t.name)), about),
        OperationKind::CreateIndex(i) => {
            let name = i.name.as_ref().map_or_else(|| path(&i.table), |n| part(&i.table, n));
            (Subject::new(ObjectKind::Index, name), about)
        }
        OperationKind::CreateView(v) => (Subject::new(ObjectKind::View, path(&v.name)), about),
        OperationKind::RefreshMaterializedView { name, .. } => {
            (Subject::new(ObjectKind::MaterializedView, path(name)), about)
        }
        OperationKind::CreatePolicy(p) => (Subject::new(ObjectKind::Policy, part(&p.table, &p.name)), about),
        OperationKind::CreateTrigger(t) => (Subject::new(ObjectKind::Trigger, part(&t.table, &t.name)), about),
        OperationKind::CreateFunction(f) => (Subject::new(ObjectKind::Function, path(&f.name)), about),
        OperationKind::CreateType { name, .. } => (Subject::new(ObjectKind::Type, path(name)), about),
        OperationKind::AlterTable(a) => {
            let written = a.actions.first().map(|(action, _)| match action {
                AlterTableAction::AddConstraint(c) => {
                    let columns =
                        |columns: &[Ident]| columns.iter().map(|i| i.fold().to_string()).collect::<Vec<_>>().join(", ");
                    match &c.kind {
                        ConstraintDefKind::PrimaryKey { columns: c, .. } => format!("PRIMARY KEY ({})", columns(c)),
                        ConstraintDefKind::Unique { columns: c, .. } => format!("UNIQUE ({})", columns(c)),
                        ConstraintDefKind::ForeignKey { columns: c, .. } => format!("FOREIGN KEY ({})", columns(c)),
                        ConstraintDefKind::Check(e) => format!("CHECK {}", e.text),
                        _ => "constraint".to_owned(),
                    }
                }
                AlterTableAction::SetType { column, .. } => column.fold().to_string(),
                AlterTableAction::AddColumn { column, .. } => column.name.fold().to_string(),
                _ => conflict.sqlstate.to_owned(),
            });
            let what = written.unwrap_or_default();
            (
                Subject::new(ObjectKind::Table, path(&a.name)),
                Subject::new(ObjectKind::Constraint, format!("{}: {what}", path(&a.name))),
            )
        }
        _ => (Subject::new(ObjectKind::Table, format!("{} at {}", conflict.sqlstate, about.path)), about),
    }
}
