use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::PartitionStrategy;
use crate::rules::support::set_not_null;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{KeyTarget, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "partition-key-nullable",
    category: Category::Partitioning,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "The column that a table is partitioned by allows NULL.",
    why: "No range takes a null: such a row is refused or falls into the DEFAULT partition, where queries by date never look and from where dropping old \
          partitions never removes it. PostgreSQL manual, CREATE TABLE, \"PARTITION OF\".",
    fires: examples![
        "CREATE TABLE logs (id bigint, «at date») PARTITION BY RANGE (at);\nCREATE TABLE rest PARTITION OF logs DEFAULT;",
    ],
    silent: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE rest PARTITION OF logs DEFAULT;",
        "CREATE TABLE logs (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE rest PARTITION OF logs DEFAULT;",
        // Lists and hashes take nulls.
        "CREATE TABLE logs (id bigint, kind text) PARTITION BY LIST (kind);\nCREATE TABLE rest PARTITION OF logs DEFAULT;",
    ],
    supersedes: &["nullable-with-default"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let Some(key) = table.partition_key.as_ref().filter(|k| k.strategy == PartitionStrategy::Range) else {
            continue;
        };
        for target in &key.keys {
            let KeyTarget::Column(number) = target else { continue };
            out.look();
            let Some(column) = table.column(*number).filter(|c| !c.not_null) else { continue };
            let path = cx.table_sql(id);
            let name = quote(&column.name);
            let message = format!("`{}` is partitioned by `{}`, which may be null.", cx.table_name(id), column.name);
            out.report(ObjectId::Column(id, *number), column.span, message).object(ObjectId::Table(id)).fix(Fix {
                sql: set_not_null(cx, id, table, &column.name, ""),
                caution: Some(format!(
                    "Refused while there are nulls: `SELECT count(*) FROM {path} WHERE {name} IS NULL;`."
                )),
            });
        }
    }
}
