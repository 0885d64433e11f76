use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::support::{column_of, conjuncts};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "useless-not-null-predicate",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A partial index leaves out the nulls of a column that is never null.",
    why: "The WHERE clause keeps every row and so saves nothing. It does harm all the same: before version 17 the planner takes the index only \
          where a query implies the clause. PostgreSQL manual, 11.8 \"Partial Indexes\".",
    fires: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint NOT NULL);\n«CREATE INDEX posts_author ON posts (author) WHERE author IS NOT NULL»;",
    ],
    silent: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint);\nCREATE INDEX posts_author ON posts (author) WHERE author IS NOT NULL;",
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint NOT NULL, gone date);\nCREATE INDEX posts_author ON posts (author) WHERE gone IS NULL;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        for (id, index) in cx.schema.indexes_of(table) {
            let Some(predicate) = &index.predicate else { continue };
            out.look();
            let tree = predicate.source.tree();
            let useless = conjuncts(tree).into_iter().find_map(|part| match part {
                Tree::Operator(op, operands) if op == "is not null" => operands
                    .first()
                    .and_then(|o| column_of(o, table))
                    .and_then(|c| table.column(c))
                    .filter(|c| c.not_null),
                _ => None,
            });
            let Some(column) = useless else { continue };
            let message = format!(
                "`{}` leaves out the rows in which `{}` is null, but that column is never null.",
                index.name, column.name
            );
            out.report(ObjectId::Index(id), index.span, message).object(ObjectId::Table(table_id));
        }
    }
}
