use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, AlterTypeAction, ColumnConstraintKind, ConstraintDefKind, OperationKind};
use crate::replay::Effect;
use crate::rules::support::At;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, ObjectId, RelationId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "enum-add-value-in-transaction",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "ALTER TYPE … ADD VALUE runs in a transaction that cannot hold it, or that uses the new label before it ends.",
    why: "A new label of an enum that was there before can be used only after the transaction that added it has ended: until then \
          PostgreSQL answers 55P04. Before version 12 ADD VALUE cannot run in a transaction block at all. Add the label in a migration \
          of its own. PostgreSQL manual, ALTER TYPE, \"Notes\".",
    fires: examples![
        "-- file: V1__base.sql\nCREATE TYPE state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint PRIMARY KEY, state state);\n-- file: V2__change.sql\nALTER TYPE state ADD VALUE «'shipped'»;\nUPDATE orders SET state = 'shipped' WHERE id < 10;",
    ],
    silent: examples![
        "-- file: V1__base.sql\nCREATE TYPE state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint PRIMARY KEY, state state);\n-- file: V2__change.sql\nALTER TYPE state ADD VALUE 'shipped';\n-- file: V3__use.sql\nUPDATE orders SET state = 'shipped' WHERE id < 10;",
        "-- file: 1_base.sql\nCREATE TYPE state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint PRIMARY KEY, state state);\n-- file: 2_change.sql\nALTER TYPE state ADD VALUE 'shipped';\nUPDATE orders SET state = 'shipped' WHERE id < 10;",
        "-- file: V1__base.sql\nCREATE TABLE t (id int);\n-- file: V2__change.sql\nCREATE TYPE state AS ENUM ('new', 'paid');\nALTER TYPE state ADD VALUE 'shipped';\nCREATE TABLE orders (id bigint PRIMARY KEY, state state DEFAULT 'shipped');",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // Labels that the transaction at hand added.
    let mut added: Vec<(At<'_>, ObjectId, &str, Span)> = Vec::new();
    for at in cx.steps() {
        added.retain(|(before, ..)| before.block == at.block);
        if at.block == 0 {
            continue;
        }
        if let OperationKind::AlterType { action: AlterTypeAction::AddValue { value, span, .. }, .. } =
            &at.operation.kind
        {
            let altered = at.effects.iter().find_map(|e| match e {
                Effect::Altered(id @ ObjectId::Type(_)) => Some(*id),
                _ => None,
            });
            // The labels of a type that the same transaction made can be used at once.
            let Some(id) = altered.filter(|id| cx.born(*id).is_none_or(|b| b.block != at.block)) else { continue };
            out.look();
            if cx.target.server_version < 12 {
                let message = format!(
                    "The label `{value}` of `{}` is added in a transaction, which the server refuses before version 12.",
                    cx.name(id)
                );
                let _ = cx.report_step(out, at, id, *span, message);
            } else {
                added.push((at, id, value.as_str(), *span));
            }
            continue;
        }
        if added.is_empty() {
            continue;
        }
        let strings = strings_of(&at.operation.kind);
        if let Some(which) =
            added.iter().position(|(_, id, value, _)| strings.iter().any(|s| s == value) && concerns(cx, at, *id))
        {
            let (before, id, value, span) = added.remove(which);
            let message = format!(
                "The label `{value}` of `{}` is used before the transaction that adds it has ended.",
                cx.name(id)
            );
            let _ =
                cx.report_step(out, before, id, span, message).certainty(Certainty::Likely).also_at(at.operation.span);
        }
    }
}

/// The strings in what a statement computes at once: rows, defaults, checks, predicates.
fn strings_of(kind: &OperationKind) -> Vec<String> {
    match kind {
        OperationKind::Dml { text, .. } => text.strings(),
        OperationKind::CreateIndex(index) => index.predicate.as_ref().map(|p| p.strings()).unwrap_or_default(),
        OperationKind::AlterTable(alter) => {
            let mut out = Vec::new();
            for (action, _) in &alter.actions {
                match action {
                    AlterTableAction::SetDefault { value, .. } => out.extend(value.strings()),
                    AlterTableAction::AddConstraint(def) => {
                        if let ConstraintDefKind::Check(check) = &def.kind {
                            out.extend(check.strings());
                        }
                    }
                    AlterTableAction::AddColumn { column, .. } => {
                        for constraint in &column.constraints {
                            if let ColumnConstraintKind::Default(value) | ColumnConstraintKind::Check(value) =
                                &constraint.kind
                            {
                                out.extend(value.strings());
                            }
                        }
                    }
                    _ => {}
                }
            }
            out
        }
        _ => Vec::new(),
    }
}

/// Whether a statement works on a table that has a column of the type.
fn concerns(cx: &Context<'_>, at: At<'_>, id: ObjectId) -> bool {
    let ObjectId::Type(id) = id else { return false };
    let mut tables = cx.used_tables(at);
    tables.extend(at.effects.iter().filter_map(|e| match e {
        Effect::Altered(ObjectId::Table(t)) => Some(*t),
        Effect::Created(ObjectId::Index(i)) => match cx.schema.indexes.get(*i)?.owner {
            RelationId::Table(t) => Some(t),
            _ => None,
        },
        _ => None,
    }));
    let of_type = |t: TableId| {
        cx.schema.tables.get(t).is_some_and(|t| t.live_columns().any(|(_, c)| c.data_type.base == BaseType::User(id)))
    };
    tables.into_iter().any(of_type)
}
