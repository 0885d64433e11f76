use crate::finding::{Certainty, Severity};
use crate::name::quote;
use crate::rules::support::{check_fix, each_word, extension_type, is_checked, is_text};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "format-unchecked",
    category: Category::Constraints,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A text with a known form takes any text.",
    why: "An e-mail address without `@`, a currency of four letters or a slug with blanks goes in, and is found where it hurts: in the mail \
          that bounces, the sum that leaves it out, the link that breaks. A CHECK with a pattern that is generous rather than exact keeps out \
          what is certainly wrong; a domain keeps the pattern in one place. PostgreSQL manual, 5.4.1 \"Check Constraints\" and 9.7.3 \"POSIX \
          Regular Expressions\".",
    fires: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, «email text NOT NULL»);\nCREATE TABLE prices (id bigint PRIMARY KEY, «currency text NOT NULL», «sku text»);",
    ],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL CHECK (email LIKE '%@%'), email_verified boolean, email_template text);",
        // A domain, an enum, a foreign key, and a type that fixes the length.
        "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');\nCREATE TYPE currency AS ENUM ('EUR', 'USD');\nCREATE TABLE currencies (code char(3) PRIMARY KEY);\nCREATE TABLE people (id bigint PRIMARY KEY, email email, currency currency);\nCREATE TABLE prices (id bigint PRIMARY KEY, currency char(3) REFERENCES currencies, currency_code char(3));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A domain carries its own rule.
    let plain = |t: &DataType| match &t.base {
        BaseType::Builtin(_) => is_text(cx.schema, t),
        BaseType::Extension { .. } => extension_type(cx.schema, t) == Some("citext"),
        _ => false,
    };
    for (id, table, number, column) in cx.columns_where(|name| form(name).is_some(), plain) {
        let Some((form, condition)) = form(&column.name) else { continue };
        out.look();
        // `char(3)` says as much of a currency as most patterns do.
        let fixed = column.data_type.builtin_name() == Some("character");
        let refers = cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
        if fixed || refers || column.generated.is_some() || is_checked(cx.schema, table, number) {
            continue;
        }
        let message = format!("`{}` takes any text, not only {form}.", cx.column_name(id, number));
        let name = quote(&column.name);
        let fix = condition.map(|c| check_fix(cx, id, table, &column.name, &c.replace("{}", &name)));
        out.report(ObjectId::Column(id, number), column.span, message).maybe_fix(fix);
    }
}

/// What a column of this name holds, and the condition that keeps out what is certainly something else; none where forms differ from project to
/// project.
fn form(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    // The last word, what stands before it, and whether there is more.
    let mut words = each_word(name).rev();
    let (last, before, more) = (words.next()?, words.next(), words.next().is_some());
    match (last.as_ref(), before.as_deref(), more) {
        ("email", ..) | ("address", Some("email"), _) | ("mail", None, _) => {
            Some(("e-mail addresses", Some("{} LIKE '%_@_%'")))
        }
        ("currency", None, _) | ("code" | "iso", Some("currency"), _) => {
            Some(("currency codes", Some("{} ~ '^[A-Z]{3}$'")))
        }
        // Two letters for the country, two digits, then letters and digits, with or without blanks between them.
        ("iban", ..) => Some(("account numbers", Some("{} ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,34}$'"))),
        ("slug", _, false) => Some(("slugs", None)),
        ("sku", None, _) => Some(("article numbers", None)),
        ("website" | "homepage", None, _) | ("url", Some("website"), false) => {
            Some(("web addresses", Some("{} ~* '^https?://'")))
        }
        _ => None,
    }
}
