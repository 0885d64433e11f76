use crate::finding::{Certainty, Severity};
use crate::operation::AlterTableAction;
use crate::replay::Note;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-not-null",
    category: Category::MigrationSafety,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "NOT NULL is taken from a column that programs may rely on.",
    why: "From then on the column can hold nulls. Programs that read it were written for a column that never does: they fail, or count \
          and compare wrongly, at the first one. Deploy readers that bear a null before, or give the missing value a value of its own. \
          PostgreSQL manual, ALTER TABLE, \"SET/DROP NOT NULL\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE customers ALTER COLUMN «email» DROP NOT NULL;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN total DROP NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;\nALTER TABLE orders ALTER COLUMN total DROP NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE customers ALTER COLUMN email DROP NOT NULL;\n-- file: 3_back.sql\nALTER TABLE customers ALTER COLUMN email SET NOT NULL;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::DropNotNull { column } = a.action else { continue };
        out.look();
        let Some(number) = a.altered_column(cx, &column.fold()) else { continue };
        let was_not_null = cx.notes(a.at).any(|n| matches!(n, Note::WasNotNull(t, c) if (*t, *c) == (a.id, number)));
        // Where it came back, nobody meets a null any more.
        let is_nullable = cx.schema.column(a.id, number).is_some_and(|c| !c.not_null);
        if !was_not_null || !is_nullable || !cx.was_before(ObjectId::Column(a.id, number), a.at.revision) {
            continue;
        }
        let message =
            format!("`{}` can be null from here on; who reads it may not expect that.", cx.column_name(a.id, number));
        let _ = cx.report_step(out, a.at, ObjectId::Column(a.id, number), column.span, message);
    }
}
