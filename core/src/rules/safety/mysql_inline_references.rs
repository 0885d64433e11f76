use crate::finding::{Certainty, Severity};
use crate::name::QualifiedName;
use crate::operation::{AlterTableAction, ColumnConstraintKind, ColumnDef, OperationKind, References, TableElement};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId};
use crate::source::Span;

/// Of a server that is not known the version is 0.
const HONOURED_SINCE: u16 = crate::replay::INLINE_REFERENCES_SINCE;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mysql-inline-references",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A foreign key is written behind its column, where MySQL reads REFERENCES and makes nothing of it.",
    why: "Up to version 8.4 MySQL accepts REFERENCES in the definition of a column and ignores it: there is no foreign key, no error and no warning, \
          and rows may refer to nothing. Only a FOREIGN KEY clause of its own makes one. MySQL 9.0 and MariaDB 10.5 take the short form. MySQL 8.4 \
          Reference Manual, 1.7.2.3 \"FOREIGN KEY Constraint Differences\"; 9.0 Release Notes, \"InnoDB\".",
    fires: examples![
        "CREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY, `customer_id` bigint NOT NULL «REFERENCES `customers` (`id`)») ENGINE=InnoDB;",
        "CREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nALTER TABLE `orders` ADD COLUMN `customer_id` bigint «REFERENCES `customers` (`id`) ON DELETE CASCADE»;",
    ],
    silent: examples![
        "CREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY, `customer_id` bigint NOT NULL, FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)) ENGINE=InnoDB;",
        // The clause of its own makes the key, wherever it stands.
        "CREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY, `customer_id` bigint REFERENCES `customers` (`id`)) ENGINE=InnoDB;\nALTER TABLE `orders` ADD CONSTRAINT `orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`);",
        // MySQL 9 makes it.
        "-- MySQL dump 10.13  Distrib 9.0.1\n-- Server version\t9.0.1\nCREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY, `customer_id` bigint NOT NULL REFERENCES `customers` (`id`)) ENGINE=InnoDB;",
        // PostgreSQL's form of a foreign key.
        "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers (id));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.server_version >= HONOURED_SINCE {
        return;
    }
    for revision in &cx.history.revisions {
        for operation in &revision.up {
            match &operation.kind {
                OperationKind::CreateTable(create) => {
                    for element in &create.elements {
                        if let TableElement::Column(def) = element {
                            column(cx, out, &create.name, def);
                        }
                    }
                }
                OperationKind::AlterTable(alter) => {
                    for (action, _) in &alter.actions {
                        if let AlterTableAction::AddColumn { column: def, .. } = action {
                            column(cx, out, &alter.name, def);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

fn column(cx: &Context<'_>, out: &mut Findings<'_>, table: &QualifiedName, def: &ColumnDef) {
    out.look();
    for constraint in &def.constraints {
        if let ColumnConstraintKind::References(references) = &constraint.kind {
            report(cx, out, table, def, references, constraint.span);
        }
    }
}

fn report(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    table: &QualifiedName,
    def: &ColumnDef,
    references: &References,
    span: Span,
) {
    let called = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    let found = cx.schema.live_tables().find(|(_, t)| called(&t.name, &table.name.text));
    let Some((id, t)) = found else { return };
    let Some((number, _)) = t.live_columns().find(|(_, c)| called(&c.name, &def.name.text)) else { return };
    let has_key = cx
        .schema
        .constraints_of(t)
        .any(|(_, c)| matches!(c.kind, ConstraintKind::ForeignKey(_)) && c.columns.first() == Some(&number));
    if has_key {
        return;
    }
    let name = cx.column_name(id, number);
    let target = &references.table.name.text;
    let message = format!("`{name}` names `{target}` in a REFERENCES that MySQL ignores: there is no foreign key.");
    let columns: Vec<&str> = references.columns.iter().map(|c| c.text.as_str()).collect();
    let columns = if columns.is_empty() { "id".to_owned() } else { columns.join(", ") };
    let draft = out.report(ObjectId::Column(id, number), span, message);
    let _ = draft.object(ObjectId::Table(id)).evidence(format!(
        "Write it as a clause of its own: FOREIGN KEY ({}) REFERENCES {target} ({columns}).",
        def.name.text
    ));
}
