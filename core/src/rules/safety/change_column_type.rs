use crate::finding::{Certainty, Severity};
use crate::operation::AlterTableAction;
use crate::rules::support::{column_of, keeps_storage};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "change-column-type",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column of an existing table changes to a type that is stored differently: every row is written anew.",
    why: "ALTER COLUMN TYPE writes the table and the column's indexes while nobody else may use it. It does not where the stored value \
          stays the same: a longer varchar, varchar to text, a numeric of more digits at the same scale. Otherwise add a second column, \
          keep both in step by a trigger, fill it in batches, and change over. PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «total» TYPE numeric(12,4);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «note» TYPE text USING trim(note);",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN note TYPE varchar(200);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN note TYPE text USING note::text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN total TYPE numeric(14,2);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN total TYPE numeric(10,2);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ALTER COLUMN total TYPE bigint;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::SetType { column, using, .. } = a.action else { continue };
        out.look();
        let Some((number, from, to)) = cx.type_change(&a) else { continue };
        let plain = using.as_ref().is_none_or(|u| column_of(u.tree(), a.table) == Some(number));
        if plain && keeps_storage(cx.schema, from, to) {
            continue;
        }
        let (from, to) = (from.display(cx.schema), to.display(cx.schema));
        let how =
            if from == to { format!("is computed anew as `{to}`") } else { format!("goes from `{from}` to `{to}`") };
        let message = format!(
            "`{}` {how}: all of `{}` is written anew while nobody may use it.",
            cx.column_name(a.id, number),
            cx.table_name(a.id)
        );
        let mut draft = cx.report_step(out, a.at, ObjectId::Column(a.id, number), column.span, message);
        if plain && from.starts_with("timestamp") && to.starts_with("timestamp") {
            draft = draft.evidence(
                "Where the session's time zone is UTC, PostgreSQL 12 and later spare the writing.".to_owned(),
            );
        }
        let _ = draft;
    }
}
