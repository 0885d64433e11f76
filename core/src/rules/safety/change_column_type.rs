use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::AlterTableAction;
use crate::rules::support::{Alteration, column_of, keeps_storage};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, ColumnNumber, Index, KeyTarget, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "change-column-type",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column of an existing table changes to a type that is stored differently: every row is written anew.",
    why: "ALTER COLUMN TYPE writes the table and the column's indexes while nobody else may use it. It does not where the stored value \
          stays the same: a longer varchar, varchar to text, a numeric of more digits at the same scale, a timestamp that gets or loses its zone in a session at UTC (then \
          only its indexes are built anew). Otherwise add a second column, \
          keep both in step by a trigger, fill it in batches, and change over. PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «total» TYPE numeric(12,4);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «note» TYPE text USING trim(note);",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp(3), sent_at timestamp NOT NULL);\nCREATE INDEX ON orders (sent_at);\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «placed_at» TYPE timestamptz;",
        // The rows stay, the index does not; behind RESET and with a precision everything is written.
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp(3), sent_at timestamp NOT NULL);\nCREATE INDEX ON orders (sent_at);\n-- file: 2_change.sql\nSET timezone = 'UTC';\nALTER TABLE orders ALTER COLUMN «sent_at» TYPE timestamptz, ALTER COLUMN «placed_at» TYPE timestamptz(3);\nRESET timezone;",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp(3), sent_at timestamp NOT NULL);\nCREATE INDEX ON orders (sent_at);\n-- file: 2_change.sql\nSET TIME ZONE 'UTC';\nRESET TIME ZONE;\nALTER TABLE orders ALTER COLUMN «placed_at» TYPE timestamptz;",
    ],
    silent: examples![
        // At UTC both are stored alike, whatever the column is called by now.
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, placed timestamp);\n-- file: 2_change.sql\nSET timezone = 'UTC';\nALTER TABLE orders ALTER COLUMN placed TYPE timestamptz USING placed;\n-- file: 3_name.sql\nALTER TABLE orders RENAME COLUMN placed TO placed_at;",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, placed_at timestamp(3), sent_at timestamp NOT NULL);\nCREATE INDEX ON orders (sent_at);\n-- file: 2_change.sql\nSET timezone = 'UTC';\nALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz;\nRESET timezone;",
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
        // By the name that it had then: it may have another by now.
        let is_itself = |tree: &Tree| matches!(tree, Tree::Column(name) if name.last() == Some(&column.fold()));
        let plain = using
            .as_ref()
            .is_none_or(|u| column_of(u.tree(), a.table) == Some(number) || is_itself(u.tree().without_casts()));
        if plain && keeps_storage(cx.schema, from, to) {
            continue;
        }
        // Of a database of which the input is a part the type before is not known.
        if matches!(from.base, BaseType::Unknown { .. }) {
            let message = format!(
                "`{}` becomes `{}`: unless the type that it has now is stored alike, all of `{}` is written anew while nobody may use it.",
                cx.column_name(a.id, number),
                to.display(cx.schema),
                cx.table_name(a.id)
            );
            let draft = cx.report_step(out, a.at, ObjectId::Column(a.id, number), column.span, message);
            let _ = draft.certainty(Certainty::Advisory);
            continue;
        }
        let (at_utc, indexed) = (plain && cx.keeps_instants(a.at, from, to), index_on(cx, &a, number));
        if at_utc && indexed.is_none() {
            continue;
        }
        let (from, to) = (from.display(cx.schema), to.display(cx.schema));
        let how =
            if from == to { format!("is computed anew as `{to}`") } else { format!("goes from `{from}` to `{to}`") };
        let (column_name, table) = (cx.column_name(a.id, number), cx.table_name(a.id));
        let object = ObjectId::Column(a.id, number);
        if let Some(index) = indexed.filter(|_| at_utc) {
            let message = format!(
                "`{column_name}` {how}: its rows stay as they are, but its indexes, `{index}` among them, are built anew while nobody may use `{table}`."
            );
            let _ = cx.report_step(out, a.at, object, column.span, message).severity(Severity::Low);
            continue;
        }
        let message = format!("`{column_name}` {how}: all of `{table}` is written anew while nobody may use it.");
        let mut draft = cx.report_step(out, a.at, object, column.span, message);
        if plain && from.starts_with("timestamp") && to.starts_with("timestamp") {
            draft = draft.evidence(
                "Where the session's time zone is UTC and the new type has no precision, PostgreSQL 12 and later spare the writing."
                    .to_owned(),
            );
        }
        let _ = draft;
    }
}

/// An index that holds a column, whose operator class goes with the type, or asks for it in its predicate.
fn index_on<'a>(cx: &Context<'a>, a: &Alteration<'a>, number: ColumnNumber) -> Option<&'a str> {
    let column = ObjectId::Column(a.id, number);
    let holds = |index: &Index| {
        index.keys.iter().any(|k| matches!(k.target, KeyTarget::Column(c) if c == number))
            || index.predicate.iter().any(|p| p.references.iter().any(|r| r.target == column))
    };
    let mut indexes = cx.schema.indexes_of(a.table);
    let found = indexes.find(|(id, index)| holds(index) && cx.was_before(ObjectId::Index(*id), a.at.revision));
    found.map(|(_, index)| index.name.as_str())
}
