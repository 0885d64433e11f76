use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, each_word, is_time};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "expiry-without-default",
    category: Category::Constraints,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A required time of expiry has no default.",
    why: "Each piece of code that makes such a row must know how long it lives, and they come to differ. A default such as `now() + interval '7 days'` keeps the \
          rule in one place. PostgreSQL manual, 5.2 \"Default Values\".",
    fires: examples!["CREATE TABLE invitations (id bigint PRIMARY KEY, «expires_at timestamptz NOT NULL»);"],
    silent: examples![
        "CREATE TABLE invitations (id bigint PRIMARY KEY, expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days');",
        "CREATE TABLE invitations (id bigint PRIMARY KEY, expires_at timestamptz, expired boolean NOT NULL);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let says_expiry =
        |name| each_word(name).any(|w| matches!(w.as_ref(), "expires" | "expiry" | "expiration" | "expire"));
    for (id, _, number, column) in cx.columns_where(says_expiry, |t| is_time(cx.schema, t)) {
        out.look();
        // On the day that a licence or a passport says.
        let is_read_off = builtin(cx.schema, &column.data_type) == Some("date") && each_word(&column.name).count() > 2;
        if is_read_off || !column.not_null || column.default.is_some() || column.generated.is_some() {
            continue;
        }
        let message = format!("`{}` must be given with each row and has no default.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.span, message);
    }
}
