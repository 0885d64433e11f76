use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, held_by};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "money-type",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A column has the type money.",
    why: "`money` takes its currency sign and the number of its decimals from the setting `lc_monetary` of whoever reads: the same value is shown as \
          dollars to one session and as euros to another, and a dump restores wrongly under another setting. It knows one currency. Use \
          `numeric` and, where there are several, a column for the currency. PostgreSQL manual, 8.2 \"Monetary Types\".",
    fires: examples!["CREATE TABLE invoices (id bigint PRIMARY KEY, total «money»);"],
    silent: examples!["CREATE TABLE invoices (id bigint PRIMARY KEY, total numeric(12,2), money numeric);"],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.count_columns_of(|t| matches!(builtin(cx.schema, t), Some("numeric" | "money"))));
    for (id, _, number, column) in cx.columns_of(|t| builtin(cx.schema, t) == Some("money")) {
        let message = format!(
            "`{}` has the type `money`, whose currency and decimals depend on the session that reads it.",
            cx.column_name(id, number)
        );
        let fix = column.data_type.builtin_name().is_some().then(|| Fix {
            sql: format!("ALTER TABLE {} ALTER COLUMN {} TYPE numeric;", cx.table_sql(id), quote(&column.name)),
            caution: Some("Rewrites the table under an exclusive lock. Run it with the `lc_monetary` under which the values were written.".to_owned()),
        });
        out.report(ObjectId::Column(id, number), column.type_span, message).fix_unless(held_by(cx, id, number), fix);
    }
}
