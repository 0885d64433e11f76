use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, OperationKind};
use crate::replay::Note;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "table-storage-rewrite",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A migration writes a whole existing table anew: SET LOGGED, SET ACCESS METHOD, CLUSTER or VACUUM FULL.",
    why: "These statements copy the table and all its indexes while nobody else may read or write it; UNLOGGED also means that a crash \
          empties the table. Extensions such as pg_repack or pg_squeeze do it online; a migration that is to be quick is no place for \
          it. PostgreSQL manual, ALTER TABLE, CLUSTER and VACUUM.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders «SET UNLOGGED»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCLUSTER «orders» USING orders_pkey;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nVACUUM FULL «orders»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders SET UNLOGGED;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders SET LOGGED;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nVACUUM orders;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::Rewrite { verb, table: Some(name), .. } = &at.operation.kind else { continue };
        for table in cx.used_tables(at).into_iter().filter(|t| cx.is_old(*t, at.revision)) {
            out.look();
            let message = format!("{verb} writes all of `{}` anew while nobody may use it.", cx.table_name(table));
            let _ = cx.report_step(out, at, ObjectId::Table(table), name.span(), message);
        }
    }
    for a in cx.alterations() {
        out.look();
        let what = match a.action {
            AlterTableAction::SetLogged(logged)
                if cx.notes(a.at).any(|n| matches!(n, Note::HadPersistence(t, _) if *t == a.id)) =>
            {
                if *logged {
                    "SET LOGGED"
                } else {
                    "SET UNLOGGED"
                }
            }
            AlterTableAction::SetAccessMethod(_) => "SET ACCESS METHOD",
            _ => continue,
        };
        let message = format!("{what} writes all of `{}` anew while nobody may use it.", cx.table_name(a.id));
        let _ = cx.report_step(out, a.at, ObjectId::Table(a.id), a.span, message);
    }
}
