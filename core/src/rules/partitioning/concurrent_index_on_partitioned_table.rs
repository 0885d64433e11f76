use crate::finding::{Certainty, Severity, Subject};
use crate::name::quote;
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "concurrent-index-on-partitioned-table",
    category: Category::Partitioning,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "CREATE INDEX CONCURRENTLY names a partitioned table.",
    why: "PostgreSQL refuses it, so that the index is never made. Create the index ON ONLY the partitioned table, which takes no time and leaves it invalid; \
          build the same index on each partition with CONCURRENTLY; attach each with ALTER INDEX … ATTACH PARTITION. With the last one the index of the parent \
          becomes valid, and new partitions get theirs by themselves. PostgreSQL manual, CREATE INDEX, \"Building Indexes Concurrently\".",
    fires: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\n«CREATE INDEX CONCURRENTLY logs_at ON logs (at)»;",
    ],
    silent: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nCREATE INDEX logs_at ON ONLY logs (at);\nCREATE INDEX CONCURRENTLY logs_rest_at ON logs_rest (at);\nALTER INDEX logs_at ATTACH PARTITION logs_rest_at;",
        "CREATE TABLE logs (id bigint PRIMARY KEY, at date NOT NULL);\nCREATE INDEX CONCURRENTLY logs_at ON logs (at);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (_, operation) in cx.ran() {
        if matches!(&operation.kind, OperationKind::CreateIndex(i) if i.concurrently) {
            out.look();
        }
    }
    for conflict in &cx.replay.conflicts {
        if conflict.sqlstate != "0A000" || !conflict.message.starts_with("cannot create index on partitioned table") {
            continue;
        }
        let Some(operation) = refused(cx, conflict) else { continue };
        let OperationKind::CreateIndex(create) = &operation.kind else { continue };
        out.look();
        let table = written_path(&create.table);
        let name = create.name.as_ref().map(crate::name::Ident::fold);
        let what = name.as_ref().map_or_else(|| "An index".to_owned(), |n| format!("`{n}`"));
        let message = format!(
            "{what} is to be built CONCURRENTLY on `{}`, which is partitioned: PostgreSQL refuses it.",
            create.table.name.fold()
        );
        let of_table = Subject::new(ObjectKind::Table, table.clone());
        let subject = match &name {
            Some(name) => Subject::new(ObjectKind::Index, format!("{table}.{}", quote(name))),
            None => of_table.clone(),
        };
        out.report_about(subject, operation.span, message)
            .maybe_subject(name.map(|_| of_table))
            .maybe_subject(cx.revision(conflict.revision));
    }
}
