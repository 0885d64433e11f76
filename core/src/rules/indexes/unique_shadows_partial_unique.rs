use crate::finding::{Certainty, Severity};
use crate::rules::support::key_columns;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unique-shadows-partial-unique",
    category: Category::Indexes,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A unique rule for some rows can never matter, as a unique rule for all rows covers the same columns or fewer.",
    why: "A partial unique index says that among the rows of its WHERE clause a value may occur once, and by that that it may occur again among \
          the others: one active row and any number of retired ones. A unique rule over the same columns without a WHERE clause forbids those \
          others as well. One of the two is a mistake; most often the full rule was there first and was never dropped. PostgreSQL manual, \
          11.8 \"Partial Indexes\", example 11.3.",
    fires: examples![
        "CREATE TABLE connections (id bigint PRIMARY KEY, org bigint, kind text, active boolean, UNIQUE (org, kind));\n«CREATE UNIQUE INDEX one_active ON connections (org, kind) WHERE active»;",
        "CREATE TABLE connections (id bigint PRIMARY KEY, org bigint UNIQUE, kind text, active boolean);\n«CREATE UNIQUE INDEX one_active ON connections (org, kind) WHERE active»;",
    ],
    silent: examples![
        "CREATE TABLE connections (id bigint PRIMARY KEY, org bigint, kind text, active boolean, UNIQUE (org, kind));\nCREATE UNIQUE INDEX one_active ON connections (org) WHERE active;",
        "CREATE TABLE connections (id bigint PRIMARY KEY, org bigint, active boolean);\nCREATE UNIQUE INDEX one_active ON connections (org) WHERE active;\nCREATE INDEX by_org ON connections (org);",
        // Leaves out nothing but nulls, which a unique rule lets repeat anyway.
        "CREATE TABLE connections (id bigint PRIMARY KEY, org bigint UNIQUE);\nCREATE UNIQUE INDEX once ON connections (org) WHERE org IS NOT NULL;",
    ],
    supersedes: &["redundant-unique-index", "unique-with-nullable-column"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        for (id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.unique && i.predicate.is_some()) {
            out.look();
            let Some(columns) = key_columns(index) else { continue };
            if crate::rules::support::only_excludes_nulls(table, index, &columns) {
                continue;
            }
            let full = cx.schema.indexes_of(table).find(|(_, full)| {
                full.unique
                    && full.predicate.is_none()
                    && key_columns(full)
                        .is_some_and(|keys| !keys.is_empty() && keys.iter().all(|k| columns.contains(k)))
            });
            let Some((full_id, full)) = full else { continue };
            let predicate = index.predicate.as_ref().map_or("", |p| &p.source.text);
            let message = format!(
                "`{}` allows one row of `{}` for each {} among those with `{predicate}`, but `{}` allows only one among all rows.",
                index.name,
                cx.table_name(table_id),
                cx.columns_text(table_id, &columns),
                full.name
            );
            let subject = full.constraint.map_or(ObjectId::Index(full_id), ObjectId::Constraint);
            out.report(ObjectId::Index(id), index.span, message)
                .object(subject)
                .object(ObjectId::Table(table_id))
                .also_at(full.span);
        }
    }
}
