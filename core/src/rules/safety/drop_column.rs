use crate::finding::{Certainty, Severity};
use crate::operation::AlterTableAction;
use crate::replay::Effect;
use crate::rules::support::{Alteration, list};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-column",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column of an existing table is dropped, with its data.",
    why: "The values are gone, and programs that were deployed before and name the column fail. Stop using it first, keep a copy, and \
          drop it in a later migration. Indexes and foreign keys that use the column go with it without a word, which changes what \
          queries cost and what is checked. PostgreSQL manual, ALTER TABLE, \"DROP COLUMN\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders DROP COLUMN «note»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n-- file: 3_drop.sql\nALTER TABLE orders DROP COLUMN «note»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders DROP COLUMN note;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN memo text;\nALTER TABLE orders DROP COLUMN memo;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders DROP COLUMN IF EXISTS missing;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::DropColumn { name, .. } = a.action else { continue };
        let dropped = a.at.effects.iter().find_map(|e| match e {
            Effect::Dropped(ObjectId::Column(t, c)) if *t == a.id => {
                a.table.columns.get(c.index()).filter(|column| column.name == name.fold()).map(|_| *c)
            }
            _ => None,
        });
        let Some(column) = dropped.filter(|c| cx.was_before(ObjectId::Column(a.id, *c), a.at.revision)) else {
            continue;
        };
        out.look();
        let lost: Vec<ObjectId> = if a.alter.actions.len() == 1 { others(cx, a, column) } else { Vec::new() };
        let message =
            format!("`{}` is dropped with its values; programs that still name it fail.", cx.column_name(a.id, column));
        let mut draft = cx.report_step(out, a.at, ObjectId::Column(a.id, column), name.span, message);
        if !lost.is_empty() {
            let names: Vec<String> =
                lost.iter().map(|id| format!("{} `{}`", cx.schema.kind(*id).name(), cx.name(*id))).collect();
            draft = draft.severity(Severity::High).evidence(format!("With it goes what names it: {}.", list(&names)));
        }
        let _ = draft.objects(lost);
    }
}

/// What goes with the column, besides itself: keys, checks, indexes, views, policies.
fn others(cx: &Context<'_>, a: Alteration<'_>, column: ColumnNumber) -> Vec<ObjectId> {
    let mut out = Vec::new();
    for effect in a.at.effects {
        let Effect::Dropped(id) = effect else { continue };
        let counts = match id {
            // The index of a constraint that is told already.
            ObjectId::Index(i) => cx.schema.indexes.get(*i).is_some_and(|i| i.constraint.is_none()),
            ObjectId::Column(t, c) => (*t, *c) != (a.id, column),
            ObjectId::Sequence(_) => false,
            _ => true,
        };
        if counts {
            out.push(*id);
        }
    }
    out
}
