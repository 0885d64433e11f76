use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, DmlVerb, OperationKind};
use crate::replay::Note;
use crate::rules::support::Alteration;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "set-not-null-scan",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "SET NOT NULL reads the whole table under ACCESS EXCLUSIVE, as no validated CHECK says it before.",
    why: "SET NOT NULL makes sure that no row has a null: it reads the table while nobody else may use it, and fails if there is one. \
          Since version 12 it takes the word of a validated CHECK (column IS NOT NULL): add that NOT VALID, validate it in a later \
          migration, set NOT NULL, and drop the check. PostgreSQL manual, ALTER TABLE, \"SET/DROP NOT NULL\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «total» SET NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT there CHECK (total IS NOT NULL) NOT VALID;\n-- file: 3_set.sql\nALTER TABLE orders ALTER COLUMN «total» SET NOT NULL;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT there CHECK (total IS NOT NULL) NOT VALID;\n-- file: 3_validate.sql\nALTER TABLE orders VALIDATE CONSTRAINT there;\n-- file: 4_set.sql\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT there;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);\n-- file: 2_again.sql\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::SetNotNull { column } = a.action else { continue };
        out.look();
        let Some(number) = a.altered_column(cx, &column.fold()) else { continue };
        let was_nullable = cx.notes(a.at).any(|n| matches!(n, Note::WasNullable(t, c) if (*t, *c) == (a.id, number)));
        if !was_nullable || cx.was_checked_not_null(a.id, number, a.at) {
            continue;
        }
        let message = format!(
            "All of `{}` is read, with everyone locked out, to see that `{}` holds no null; one null makes it fail.",
            cx.table_name(a.id),
            column.fold()
        );
        let filled = fills(cx, a, &column.fold());
        let evidence = match filled {
            Some(_) => "A statement before it fills the column.",
            None => "No statement before it fills the nulls that may be there.",
        };
        let mut draft =
            cx.report_step(out, a.at, ObjectId::Column(a.id, number), column.span, message).evidence(format!(
                "{evidence} A validated CHECK ({} IS NOT NULL) spares the scan.",
                crate::name::quote(&column.fold())
            ));
        if let Some(span) = filled {
            draft = draft.also_at(span);
        }
        let _ = draft;
    }
}

/// The last statement before that writes the column.
fn fills(cx: &Context<'_>, a: Alteration<'_>, column: &str) -> Option<Span> {
    cx.steps()
        .take_while(|s| s.number < a.at.number)
        .filter_map(|s| match &s.operation.kind {
            OperationKind::Dml { verb: DmlVerb::Update, text, .. } if cx.used_tables(s).contains(&a.id) => {
                text.change().filter(|c| c.columns.iter().any(|n| n == column)).map(|_| s.operation.span)
            }
            _ => None,
        })
        .last()
}
