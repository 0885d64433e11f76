use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, held_by};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "json-over-jsonb",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A column has the type json instead of jsonb.",
    why: "`json` keeps the text as it came and parses it anew for each question. It has no equality, so that DISTINCT, GROUP BY and UNION over \
          such a row fail, and no index by key. `jsonb` is parsed once. `json` is right where the exact text matters, such as a signed payload. \
          PostgreSQL manual, 8.14 \"JSON Types\".",
    fires: examples!["CREATE TABLE events (id bigint PRIMARY KEY, payload «json» NOT NULL);"],
    silent: examples!["CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb NOT NULL);"],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.count_columns_of(|t| builtin(cx.schema, t).is_some_and(|n| n.starts_with("json"))));
    for (id, _, number, column) in cx.columns_of(|t| builtin(cx.schema, t) == Some("json")) {
        let message = format!(
            "`{}` has the type `json`, which has neither equality nor an index by key.",
            cx.column_name(id, number)
        );
        let fix = column.data_type.builtin_name().is_some().then(|| Fix {
            sql: format!("ALTER TABLE {} ALTER COLUMN {} TYPE jsonb;", cx.table_sql(id), quote(&column.name)),
            caution: Some(
                "Rewrites the table under an exclusive lock. jsonb keeps one value for each key, not the order of keys, and refuses \\u0000."
                    .to_owned(),
            ),
        });
        out.report(ObjectId::Column(id, number), column.type_span, message).fix_unless(held_by(cx, id, number), fix);
    }
}
