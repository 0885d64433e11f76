use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{ObjectKind, OperationKind};
use crate::replay::Effect;
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-schema-or-database",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A schema or database that was there before the migration is dropped.",
    why: "DROP SCHEMA … CASCADE and DROP DATABASE take every table with them, whatever the history knows of them. A migration runs \
          without anyone looking; such a statement belongs into a hand that has checked what is inside. PostgreSQL manual, DROP SCHEMA \
          and DROP DATABASE.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE SCHEMA shop;\nCREATE TABLE shop.orders (id bigint PRIMARY KEY);\n-- file: 2_drop.sql\nDROP SCHEMA «shop» CASCADE;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE t (id int);\n-- file: 2_drop.sql\nCREATE SCHEMA shop;\nDROP SCHEMA shop;",
        "-- file: 1_base.sql\nCREATE TABLE t (id int);\n-- file: 2_drop.sql\nDROP SCHEMA IF EXISTS shop;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::Drop(drop) = &at.operation.kind else { continue };
        for target in &drop.targets {
            out.look();
            let name = target.name.name.fold();
            if target.kind == ObjectKind::Database {
                let message = format!("The database `{name}` is dropped.");
                let _ = out
                    .report_about(Subject::new(ObjectKind::Database, name.as_str()), target.span, message)
                    .maybe_subject(cx.revision(at.revision));
                continue;
            }
            let dropped = at.effects.iter().find_map(|e| match e {
                Effect::Dropped(id @ ObjectId::Namespace(n)) if target.kind == ObjectKind::Schema => {
                    cx.schema.namespaces.get(*n).filter(|n| n.name == name).map(|_| *id)
                }
                _ => None,
            });
            let Some(id) = dropped.filter(|id| cx.was_before(*id, at.revision)) else { continue };
            let inside = at.effects.iter().filter(|e| matches!(e, Effect::Dropped(ObjectId::Table(_)))).count();
            let message = format!("The schema `{name}` is dropped, with {}.", number_of_tables(inside));
            let _ = cx.report_step(out, at, id, target.span, message);
        }
    }
}
