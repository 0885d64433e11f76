use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTypeAction, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "enum-add-value-unordered",
    category: Category::MigrationSafety,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A label is added to an enum without BEFORE or AFTER, and so sorts last.",
    why: "Labels of an enum compare in their order. Without BEFORE or AFTER the new one comes last, which ORDER BY and comparisons with \
          < show, and which cannot be changed later without making the type anew. Where the order means nothing, so does this. \
          PostgreSQL manual, ALTER TYPE, \"ADD VALUE\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TYPE size AS ENUM ('small', 'large');\n-- file: 2_change.sql\nALTER TYPE size ADD VALUE «'medium'»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TYPE size AS ENUM ('small', 'large');\n-- file: 2_change.sql\nALTER TYPE size ADD VALUE 'medium' BEFORE 'large';",
        "-- file: 1_base.sql\nCREATE TYPE size AS ENUM ('small', 'large');\n-- file: 2_change.sql\nALTER TYPE size ADD VALUE IF NOT EXISTS 'large';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::AlterType { action: AlterTypeAction::AddValue { value, position, span, .. }, .. } =
            &at.operation.kind
        else {
            continue;
        };
        let altered = at.effects.iter().find_map(|e| match e {
            Effect::Altered(id @ ObjectId::Type(_)) => Some(*id),
            _ => None,
        });
        let Some(id) = altered.filter(|id| cx.was_before(*id, at.revision)) else { continue };
        out.look();
        if position.is_some() {
            continue;
        }
        let message = format!("`{value}` becomes the last label of `{}`.", cx.name(id));
        let _ = cx.report_step(out, at, id, *span, message);
    }
}
