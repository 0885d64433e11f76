use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "table-inheritance",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A table inherits from another, and is no partition.",
    why: "Columns and checks are inherited; primary keys, unique rules, foreign keys and indexes are not. A unique e-mail address in the \
          parent can occur again in each child, a foreign key to the parent does not see the children's rows, and a query of the parent reads \
          them all unless it says ONLY. Columns of a kind, a foreign key to a common table, or declarative partitions say what is meant \
          without that. PostgreSQL manual, 5.10.1 \"Caveats\" of inheritance.",
    fires: examples![
        "CREATE TABLE cities (id bigint PRIMARY KEY, name text);\nCREATE TABLE «capitals» (state text) INHERITS (cities);",
    ],
    silent: examples![
        "CREATE TABLE cities (id bigint, name text, PRIMARY KEY (id)) PARTITION BY HASH (id);\nCREATE TABLE cities_0 PARTITION OF cities FOR VALUES WITH (MODULUS 1, REMAINDER 0);",
        // Partitions as they were made before version 10: nothing added, and a check on what belongs there.
        "CREATE TABLE logs (id bigint PRIMARY KEY, at date);\nCREATE TABLE logs_2020 (CHECK (at < '2021-01-01')) INHERITS (logs);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        out.look();
        let Some(parent) = table.inherits.first().copied().filter(|p| cx.owns(*p)) else { continue };
        let adds_nothing = table.live_columns().all(|(_, c)| c.inherit_count > 0);
        let bounded = cx
            .schema
            .constraints_of(table)
            .any(|(_, c)| matches!(c.kind, ConstraintKind::Check(_)) && c.inherit_count == 0);
        if adds_nothing && bounded {
            continue;
        }
        let message = format!(
            "`{}` inherits from `{}`, whose keys and indexes do not hold in it.",
            cx.table_name(id),
            cx.table_name(parent)
        );
        out.report(ObjectId::Table(id), table.name_span, message)
            .objects(table.inherits.iter().map(|p| ObjectId::Table(*p)));
    }
}
