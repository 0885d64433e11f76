use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::replay::Effect;
use crate::rules::support::At;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "create-table-force",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A migration drops an existing table and creates it anew under the same name.",
    why: "DROP TABLE and CREATE TABLE in one migration look like a change of the table; they throw away its rows, its grants and what \
          depended on it. ALTER TABLE changes a table and keeps them. PostgreSQL manual, DROP TABLE and ALTER TABLE.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE IF EXISTS orders;\nCREATE TABLE «orders» (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE orders;\n-- file: 3_again.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);",
        "-- file: 1_base.sql\nDROP TABLE IF EXISTS orders;\nCREATE TABLE orders (id bigint PRIMARY KEY);\n-- file: 2_more.sql\nCREATE TABLE lines (id bigint PRIMARY KEY);",
    ],
    supersedes: &["drop-table"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for steps in cx.steps_by_revision() {
        let mut gone: Vec<(TableId, Span, bool)> = Vec::new();
        let mut earlier: Vec<At<'_>> = Vec::new();
        for at in steps {
            for (table, target) in cx.dropped_tables(at) {
                gone.push((table, target.name.span(), earlier.iter().any(|e| cx.saves_rows(*e, table))));
            }
            earlier.push(at);
            let OperationKind::CreateTable(create) = &at.operation.kind else { continue };
            out.look();
            let made = at.effects.iter().find_map(|e| match e {
                Effect::Created(ObjectId::Table(t)) => Some((*t, cx.schema.tables.get(*t)?)),
                _ => None,
            });
            let Some((id, table)) = made else { continue };
            let same = gone.iter().find(|(old, ..)| {
                cx.schema.tables.get(*old).is_some_and(|o| (o.namespace, &o.name) == (table.namespace, &table.name))
            });
            let Some((_, place, saved)) = same else { continue };
            // What a query fills was made of other tables before, too.
            let (from, lost, severity) = match (&create.as_query, *saved) {
                (Some(_), _) => (" from a query", "its grants and dependents", Severity::Low),
                (None, true) => ("", "its grants and dependents", Severity::Medium),
                (None, false) => ("", "its rows, grants and dependents", Severity::High),
            };
            let message = format!("`{}` is dropped and made anew{from}: {lost} are lost.", cx.table_name(id));
            let _ = cx
                .report_step(out, at, ObjectId::Table(id), create.name.span(), message)
                .severity(severity)
                .also_at(*place);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::session::{Options, analyze};

    #[test]
    fn what_a_query_fills_again_loses_no_rows() {
        let base =
            "CREATE TABLE posts (id bigint PRIMARY KEY, score int);\nCREATE TABLE posts_fast AS SELECT * FROM posts;";
        for (made, rule, severity) in [
            ("AS SELECT id FROM posts", "create-table-force", Severity::Low),
            ("(id bigint PRIMARY KEY)", "drop-table-without-copy", Severity::High),
        ] {
            let change = format!("DROP TABLE posts_fast;\nCREATE TABLE posts_fast {made};");
            let files = [("1_base.sql", base.as_bytes()), ("2_change.sql", change.as_bytes())];
            let analysis = analyze(files, Options::default());
            let all = analysis.targets.iter().flat_map(|t| &t.findings);
            let about = all.filter(|f| ["create-table-force", "drop-table-without-copy"].contains(&f.rule.name));
            let found: Vec<_> = about.map(|f| (f.rule.name, f.severity)).collect();
            assert_eq!(found, [(rule, severity)], "{made}");
        }
    }
}
