use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, OperationKind, PartitionStrategy};
use crate::rules::support::{is_time, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{KeyTarget, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "partition-retention-undefined",
    category: Category::Partitioning,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A table is partitioned by time, and nothing ever detaches or drops a partition.",
    why: "That old data leaves by dropping a partition is half of what partitioning by time is for. Without a rule for it partitions pile up: every plan looks \
          at more of them, and data is kept longer than anybody decided. Write down how long rows are kept and what takes them away: pg_partman, a scheduled \
          function, or a job outside of the database, which this rule cannot see. PostgreSQL manual, 5.11.2.2 \"Partition Maintenance\".",
    fires: examples![
        "CREATE TABLE «logs» (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;",
        // The job looks after another table.
        "CREATE TABLE logs (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nCREATE TABLE «views» (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE views_rest PARTITION OF views DEFAULT;\nCREATE FUNCTION purge(child text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ALTER TABLE logs DETACH PARTITION %I', child); END $$;",
    ],
    silent: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nCREATE FUNCTION purge(name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('DROP TABLE %I', name); END $$;",
        // Not by time.
        "CREATE TABLE docs (id bigint, region text NOT NULL, PRIMARY KEY (id, region)) PARTITION BY LIST (region);\nCREATE TABLE docs_rest PARTITION OF docs DEFAULT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let partitioned: Vec<(TableId, &Table)> = cx.tables().filter(|(_, t)| is_by_time(cx, t)).collect();
    let everywhere = cx.schema.find_extension("pg_partman").is_some() || a_statement_detaches(cx);
    let by_function = match everywhere {
        true => Vec::new(),
        false => cx.tables_named_where(&partitioned, |says| says("drop") || says("detach")),
    };
    for (id, table) in partitioned {
        out.look();
        if everywhere || by_function.iter().any(|named| named.is_empty() || named.contains(&id)) {
            continue;
        }
        let children = cx.schema.children_of(id).len();
        let message = format!("`{}` is partitioned by time, and nothing takes old partitions away.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message)
            .evidence(format!("It has {}.", number(children, "partition", "partitions")));
    }
}

fn is_by_time(cx: &Context<'_>, table: &Table) -> bool {
    let Some(key) = table.partition_key.as_ref().filter(|k| k.strategy == PartitionStrategy::Range) else {
        return false;
    };
    key.keys.iter().any(|k| match k {
        KeyTarget::Column(n) => table.column(*n).is_some_and(|c| is_time(cx.schema, &c.data_type)),
        KeyTarget::Expression(_) => false,
    })
}

/// Whether some migration detached a partition.
fn a_statement_detaches(cx: &Context<'_>) -> bool {
    cx.ran().any(|(_, o)| {
        matches!(&o.kind, OperationKind::AlterTable(alter)
            if alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::DetachPartition { .. })))
    })
}
