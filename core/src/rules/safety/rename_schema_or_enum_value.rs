use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTypeAction, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rename-schema-or-enum-value",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A schema or an enum label is renamed while programs that were deployed before use its old name.",
    why: "Statements with the old schema's name fail, as do inserts and comparisons with the old label, until the last old program is \
          gone. A new label beside the old one, with rows moved over, lets both live; a schema is better left its name. PostgreSQL \
          manual, ALTER SCHEMA, and ALTER TYPE, \"RENAME VALUE\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE SCHEMA shop;\nCREATE TABLE shop.orders (id bigint PRIMARY KEY);\n-- file: 2_rename.sql\nALTER SCHEMA «shop» RENAME TO store;",
        "-- file: 1_base.sql\nCREATE TYPE state AS ENUM ('new', 'paid');\n-- file: 2_rename.sql\nALTER TYPE state RENAME VALUE «'paid'» TO 'settled';",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE t (id int);\n-- file: 2_rename.sql\nCREATE SCHEMA shop;\nALTER SCHEMA shop RENAME TO store;\nCREATE TYPE state AS ENUM ('new', 'paid');\nALTER TYPE state RENAME VALUE 'paid' TO 'settled';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let altered = at.effects.iter().find_map(|e| match e {
            Effect::Altered(id @ (ObjectId::Namespace(_) | ObjectId::Type(_))) => Some(*id),
            _ => None,
        });
        let Some(subject) = altered.filter(|id| cx.was_before(*id, at.revision)) else { continue };
        let (place, message) = match &at.operation.kind {
            OperationKind::Rename { target, to, .. } if matches!(subject, ObjectId::Namespace(_)) => (
                target.span,
                format!(
                    "The schema `{}` becomes `{}`: programs that still use the old name fail.",
                    target.name.name.fold(),
                    to.fold()
                ),
            ),
            OperationKind::AlterType { action: AlterTypeAction::RenameValue { from, to, span }, .. } => (
                *span,
                format!(
                    "The label `{from}` of `{}` becomes `{to}`: programs that still use the old one fail.",
                    cx.name(subject)
                ),
            ),
            _ => continue,
        };
        out.look();
        let _ = cx.report_step(out, at, subject, place, message);
    }
}
