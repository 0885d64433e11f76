use crate::finding::Subject;
use crate::finding::{Certainty, Severity};
use crate::name::{Ident, MAX_NAME_BYTES, QualifiedName, quote};
use crate::operation::{AlterTableAction, ColumnDef, ObjectKind, OperationKind, TableElement};
use crate::rules::support::written_path;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "identifier-too-long",
    category: Category::Naming,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A name is longer than the 63 bytes that PostgreSQL keeps.",
    why: "PostgreSQL cuts the name off with a mere notice. A later statement in the same spelling is cut as well and works; one that looks the \
          name up as a string, as migration tools do in the catalogue, does not find it, and two long names that begin alike collide. \
          Characters beyond ASCII count for several bytes. PostgreSQL manual, 4.1.1 \"Identifiers and Key Words\".",
    fires: examples![
        "CREATE TABLE «aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb» (id bigint PRIMARY KEY);",
        "CREATE TABLE t (id bigint PRIMARY KEY, v text);\nCREATE INDEX «aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb» ON t (v);\nALTER TABLE t ADD CONSTRAINT «aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc» CHECK (v <> '');",
    ],
    silent: examples![
        "CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (id bigint PRIMARY KEY);",
        // What PostgreSQL names itself it keeps short.
        "CREATE TABLE t (id bigint PRIMARY KEY, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb text UNIQUE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for revision in &cx.history.revisions {
        for operation in &revision.up {
            out.look();
            made(&operation.kind, &mut |kind, table, name| {
                if name.text.len() <= MAX_NAME_BYTES {
                    return;
                }
                let kept = name.fold();
                let path = match table {
                    Some(table) => format!("{}.{}", written_path(table), quote(&kept)),
                    None => quote(&kept),
                };
                let message = format!(
                    "`{}` has {} bytes; PostgreSQL keeps the first {MAX_NAME_BYTES}.",
                    name.text,
                    name.text.len()
                );
                out.report_about(Subject::new(kind, path), name.span, message)
                    .evidence(format!("It becomes `{kept}`."));
            });
        }
    }
}

/// Calls `visit` for every name that a statement gives: what it is, the table that it belongs to, and the name.
fn made(operation: &OperationKind, visit: &mut dyn FnMut(ObjectKind, Option<&QualifiedName>, &Ident)) {
    match operation {
        OperationKind::CreateTable(create) => {
            visit(ObjectKind::Table, None, &create.name.name);
            for element in &create.elements {
                match element {
                    TableElement::Column(column) => of_column(&create.name, column, visit),
                    TableElement::Constraint(constraint) => {
                        if let Some(name) = &constraint.name {
                            visit(ObjectKind::Constraint, Some(&create.name), name);
                        }
                    }
                    TableElement::Like(..) => {}
                }
            }
        }
        OperationKind::AlterTable(alter) => {
            for (action, _) in &alter.actions {
                match action {
                    AlterTableAction::AddColumn { column, .. } => of_column(&alter.name, column, visit),
                    AlterTableAction::AddConstraint(constraint) => {
                        if let Some(name) = &constraint.name {
                            visit(ObjectKind::Constraint, Some(&alter.name), name);
                        }
                    }
                    _ => {}
                }
            }
        }
        OperationKind::CreateIndex(index) => {
            if let Some(name) = &index.name {
                visit(ObjectKind::Index, Some(&index.table), name);
            }
        }
        OperationKind::CreateView(view) => visit(ObjectKind::View, None, &view.name.name),
        OperationKind::CreateType { name, .. } => visit(ObjectKind::Type, None, &name.name),
        OperationKind::CreateFunction(function) => visit(ObjectKind::Function, None, &function.name.name),
        OperationKind::CreateTrigger(trigger) => visit(ObjectKind::Trigger, Some(&trigger.table), &trigger.name),
        OperationKind::CreatePolicy(policy) => visit(ObjectKind::Policy, Some(&policy.table), &policy.name),
        OperationKind::CreateSequence(sequence) => visit(ObjectKind::Sequence, None, &sequence.name.name),
        OperationKind::CreateSchema { name, .. } => visit(ObjectKind::Schema, None, name),
        OperationKind::Rename { target, to, .. } => visit(target.kind, None, to),
        _ => {}
    }
}

fn of_column(
    table: &QualifiedName,
    column: &ColumnDef,
    visit: &mut dyn FnMut(ObjectKind, Option<&QualifiedName>, &Ident),
) {
    visit(ObjectKind::Column, Some(table), &column.name);
    for name in column.constraints.iter().filter_map(|c| c.name.as_ref()) {
        visit(ObjectKind::Constraint, Some(table), name);
    }
}
