use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::operation::{PartitionBoundKind, PartitionStrategy};
use crate::order::Order;
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "partition-no-default-or-gap",
    category: Category::Partitioning,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A partitioned table has values for which there is no partition, and no DEFAULT partition to take them.",
    why: "A row that fits no partition is refused, and the insert fails. Ranges by month end some day; unless a job creates the next ones, that is the day \
          on which writes stop. A DEFAULT partition takes such rows (and is then scanned when a partition is added beside it); pg_partman and a \
          scheduled job are the other ways: where a function of the schema attaches or creates partitions, only a gap between two of them is told. PostgreSQL manual, 5.11.2 \"Declarative Partitioning\".",
    fires: examples![
        "CREATE TABLE «logs» (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');",
        "CREATE TABLE «logs» (id bigint, at date NOT NULL) PARTITION BY RANGE (at);",
        // A job makes the next ones, but not what was left out.
        "CREATE TABLE «logs» (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');\nCREATE TABLE logs_3 PARTITION OF logs FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');\nCREATE FUNCTION more(child text, lower date, upper date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %I PARTITION OF logs FOR VALUES FROM (%L) TO (%L)', child, lower, upper); END $$;",
        "CREATE TABLE «shares» (id bigint, n int) PARTITION BY HASH (n);\nCREATE TABLE shares_0 PARTITION OF shares FOR VALUES WITH (MODULUS 2, REMAINDER 0);",
    ],
    silent: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE FUNCTION more(parent text, child text, lower date, upper date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, lower, upper); END $$;",
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;",
        "CREATE TABLE shares (id bigint, n int) PARTITION BY HASH (n);\nCREATE TABLE shares_0 PARTITION OF shares FOR VALUES WITH (MODULUS 2, REMAINDER 0);\nCREATE TABLE shares_1 PARTITION OF shares FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE old PARTITION OF logs FOR VALUES FROM (MINVALUE) TO ('2024-01-01');\nCREATE TABLE new PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO (MAXVALUE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let managed = cx
        .schema
        .extensions
        .iter()
        .any(|(_, e)| e.dropped.is_none() && matches!(e.name.as_str(), "pg_partman" | "timescaledb"));
    let partitioned: Vec<(TableId, &Table)> =
        cx.tables_and_partitions().filter(|(_, t)| t.partition_key.is_some()).collect();
    // A job that makes partitions: `CREATE TABLE … PARTITION OF`, `ATTACH PARTITION`.
    let jobs = cx.tables_named_where(&partitioned, |says| {
        says("partition") && (says("attach") || (says("create") && says("of")))
    });
    for (id, table) in partitioned {
        let Some(key) = &table.partition_key else { continue };
        out.look();
        let partitions: Vec<(TableId, &PartitionBoundKind)> = cx
            .schema
            .children_of(id)
            .into_iter()
            .filter_map(|p| {
                let (_, bound) = cx.schema.tables.get(p)?.partition_of.as_ref().filter(|(parent, _)| *parent == id)?;
                Some((p, &bound.kind))
            })
            .collect();
        // A document says how a table is partitioned; partitions come and go.
        let left_out = cx.target.role == Role::Document && partitions.is_empty();
        if managed || left_out || partitions.iter().any(|(_, b)| matches!(b, PartitionBoundKind::Default)) {
            continue;
        }
        // What is yet to come is the job's affair; what it has left out in between it will not make any more.
        let by_job = jobs.iter().any(|named| named.is_empty() || named.contains(&id));
        let gap = gap(&partitions);
        if by_job && gap.is_none() && (partitions.is_empty() || key.strategy != PartitionStrategy::Hash) {
            continue;
        }
        let name = cx.table_name(id);
        let count = number(partitions.len(), "partition", "partitions");
        let message = match key.strategy {
            _ if partitions.is_empty() => format!("`{name}` is partitioned, but has no partition: every insert fails."),
            PartitionStrategy::Hash if hash_is_whole(&partitions) => continue,
            PartitionStrategy::Hash => {
                format!("`{name}` is partitioned by hash, but its {count} leave remainders out: some inserts fail.")
            }
            PartitionStrategy::Range if range_is_whole(&partitions) => continue,
            PartitionStrategy::Range => match &gap {
                Some((from, to)) => format!(
                    "The {count} of `{name}` leave out what lies between {from} and {to}, and there is no DEFAULT: such a row is refused."
                ),
                None => format!("`{name}` has {count} and no DEFAULT: a row outside of their ranges is refused."),
            },
            PartitionStrategy::List => {
                format!("`{name}` has {count} and no DEFAULT: a row with a new value is refused.")
            }
        };
        let mut draft = out.report(ObjectId::Table(id), table.name_span, message);
        if let Some((last, PartitionBoundKind::Range { to, .. })) = partitions
            .iter()
            .filter(|(_, b)| matches!(b, PartitionBoundKind::Range { .. }))
            .max_by_key(|(_, b)| upper(b))
        {
            let to: Vec<&str> = to.iter().map(|e| &*e.text).collect();
            draft = draft.object(ObjectId::Table(*last)).evidence(format!("The last range ends at {}.", to.join(", ")));
        }
        let _ = draft;
    }
}

/// What ranges leave out between two of them: where one ends and where the next begins. Only bounds of one form are compared, as texts of one length.
fn gap(partitions: &[(TableId, &PartitionBoundKind)]) -> Option<(String, String)> {
    let mut ranges: Vec<(&str, &str)> = Vec::new();
    for (_, bound) in partitions {
        let PartitionBoundKind::Range { from, to } = bound else { return None };
        let ([from], [to]) = (from.as_slice(), to.as_slice()) else { return None };
        if !from.text.starts_with('\'') || !to.text.starts_with('\'') || from.text.len() != to.text.len() {
            return None;
        }
        ranges.push((&from.text, &to.text));
    }
    ranges.order();
    ranges.windows(2).find_map(|pair| match pair {
        [(_, end), (start, _)] if end < start && end.len() == start.len() => {
            Some(((*end).to_owned(), (*start).to_owned()))
        }
        _ => None,
    })
}

/// The upper bound as text: dates of one form sort as text.
fn upper(bound: &PartitionBoundKind) -> String {
    match bound {
        PartitionBoundKind::Range { to, .. } => to.iter().map(|e| &*e.text).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    }
}

/// Whether partitions by hash take every remainder: the shares 1 / modulus sum to one.
fn hash_is_whole(partitions: &[(TableId, &PartitionBoundKind)]) -> bool {
    let moduli: Vec<u64> = partitions
        .iter()
        .filter_map(|(_, b)| match b {
            PartitionBoundKind::Hash { modulus, .. } => Some(u64::from(*modulus)),
            _ => None,
        })
        .collect();
    // Each modulus divides the next larger one, so that the largest is a multiple of all.
    let Some(largest) = moduli.iter().copied().max().filter(|m| *m > 0) else { return false };
    moduli.iter().all(|m| *m > 0 && largest % m == 0) && moduli.iter().map(|m| largest / m).sum::<u64>() == largest
}

/// Whether ranges reach from MINVALUE to MAXVALUE without a gap: each bound that is no end is the start of another partition.
fn range_is_whole(partitions: &[(TableId, &PartitionBoundKind)]) -> bool {
    let texts =
        |bounds: &[crate::expr::Expr]| -> Vec<String> { bounds.iter().map(|e| e.text.to_ascii_lowercase()).collect() };
    let ranges: Vec<(Vec<String>, Vec<String>)> = partitions
        .iter()
        .filter_map(|(_, b)| match b {
            PartitionBoundKind::Range { from, to } => Some((texts(from), texts(to))),
            _ => None,
        })
        .collect();
    let is = |bound: &[String], word: &str| bound.first().is_some_and(|b| b == word);
    ranges.iter().any(|(from, _)| is(from, "minvalue"))
        && ranges.iter().any(|(_, to)| is(to, "maxvalue"))
        && ranges.iter().all(|(_, to)| is(to, "maxvalue") || ranges.iter().any(|(from, _)| from == to))
}
