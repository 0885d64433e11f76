use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{is_text, text_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "string-null-default",
    category: Category::Types,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A default is the word NULL as a string.",
    why: "`DEFAULT 'NULL'` stores four letters. IS NULL does not find them, joins compare them, and people see them. Most often a tool put quotes \
          around a default that was meant to be null. PostgreSQL manual, 5.2 \"Default Values\".",
    fires: examples!["CREATE TABLE people (id bigint PRIMARY KEY, «nick text DEFAULT 'NULL'»);"],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, nick text DEFAULT NULL, state text DEFAULT 'none');"
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, _, number, column) in cx.columns_of(|t| is_text(cx.schema, t)) {
        let Some(default) = &column.default else { continue };
        out.look();
        if !text_of(default.source.tree()).is_some_and(|t| t.trim().eq_ignore_ascii_case("null")) {
            continue;
        }
        let (path, name) = (cx.table_sql(id), quote(&column.name));
        let message =
            format!("`{}` has the word `NULL` as its default, not the null value.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.span, message).fix(Fix {
            sql: format!("ALTER TABLE {path} ALTER COLUMN {name} DROP DEFAULT;"),
            caution: Some(format!(
                "Rows that have the word already stay as they are: `SELECT count(*) FROM {path} WHERE upper({name}) = 'NULL';`."
            )),
        });
    }
}
