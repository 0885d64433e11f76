use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ObjectKind, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "trigger-ddl-lock",
    category: Category::MigrationSafety,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A trigger is made, dropped or switched on a table that was there before the migration.",
    why: "CREATE TRIGGER and ENABLE or DISABLE TRIGGER take SHARE ROW EXCLUSIVE, which keeps writes out; DROP TRIGGER takes ACCESS \
          EXCLUSIVE. The work is short, but it waits for every open transaction that wrote to the table. From then on each write also \
          runs the trigger. PostgreSQL manual, CREATE TRIGGER, DROP TRIGGER and ALTER TABLE.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n-- file: 2_change.sql\nCREATE TRIGGER «noted» AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_it();",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nALTER TABLE orders «DISABLE TRIGGER ALL»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_it();",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let place = match &at.operation.kind {
            OperationKind::CreateTrigger(create) => create.name.span,
            OperationKind::Drop(drop) => {
                let Some(target) = drop.targets.iter().find(|t| t.kind == ObjectKind::Trigger) else { continue };
                target.part.as_ref().map_or(target.span, |p| p.span)
            }
            _ => continue,
        };
        let trigger = at.effects.iter().find_map(|e| match e {
            Effect::Created(ObjectId::Trigger(id))
            | Effect::Altered(ObjectId::Trigger(id))
            | Effect::Dropped(ObjectId::Trigger(id)) => Some((*id, cx.schema.triggers.get(*id)?)),
            _ => None,
        });
        let Some((id, trigger)) = trigger else { continue };
        let RelationId::Table(table) = trigger.owner else { continue };
        if !cx.is_old(table, at.revision) {
            continue;
        }
        out.look();
        let verb = if trigger.dropped == Some(at.operation.span) { "Dropping" } else { "Making" };
        let message = format!(
            "{verb} the trigger `{}` waits for all who write to `{}`, and makes others wait.",
            trigger.name,
            cx.table_name(table)
        );
        let _ = cx.report_step(out, at, ObjectId::Trigger(id), place, message).object(ObjectId::Table(table));
    }
    for a in cx.alterations() {
        let AlterTableAction::TriggerState { name, .. } = a.action else { continue };
        out.look();
        let what = name.as_ref().map_or_else(|| "the triggers".to_owned(), |n| format!("the trigger `{}`", n.fold()));
        let message = format!(
            "Switching {what} of `{}` waits for all who write to it, and makes others wait.",
            cx.table_name(a.id)
        );
        let _ = cx.report_step(out, a.at, ObjectId::Table(a.id), a.span, message);
    }
}
