use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{base_type, builtin, held_by};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "char-type",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A column has the type char(n), which pads with spaces.",
    why: "`char(n)` fills every value up with spaces, which are stored, count in LIKE and regular expressions, and vanish in comparisons and casts. \
          It saves nothing: values have a length header all the same. `text` with a CHECK on the length says what is meant. Single characters \
          and codes that always fill their length are left alone. PostgreSQL manual, 8.3 \"Character Types\".",
    fires: examples!["CREATE TABLE people (id bigint PRIMARY KEY, surname «char(40)»);"],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, surname text, nick varchar(40));",
        // Always filled.
        "CREATE TABLE prices (id bigint PRIMARY KEY, currency char(3), country_code char(2), sha1 char(40), sex char);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, _, number, column) in cx.columns_of(|t| builtin(cx.schema, t) == Some("character")) {
        out.look();
        let base = base_type(cx.schema, &column.data_type);
        let length = base.modifiers.first().and_then(|m| m.parse::<u32>().ok()).unwrap_or(1);
        if length == 1 || fills_its_length(&column.name, length) {
            continue;
        }
        let message = format!(
            "`{}` is a `char({length})`: shorter values are filled up with spaces.",
            cx.column_name(id, number)
        );
        let fix = column.data_type.builtin_name().is_some().then(|| Fix {
            sql: format!(
                "ALTER TABLE {} ALTER COLUMN {} TYPE character varying({length});",
                cx.table_sql(id),
                quote(&column.name)
            ),
            caution: Some("Rewrites the table under an exclusive lock; trailing spaces are cut off.".to_owned()),
        });
        out.report(ObjectId::Column(id, number), column.type_span, message).fix_unless(held_by(cx, id, number), fix);
    }
}

/// Codes of a fixed length by their names, and digests by their length in hexadecimal or base 64.
fn fills_its_length(name: &str, length: u32) -> bool {
    let words = crate::rules::support::words(name);
    let code = [
        "code", "currency", "country", "lang", "language", "locale", "iso", "iso2", "iso3", "iban", "bic", "state",
        "region",
    ];
    let digest = [
        "hash", "digest", "checksum", "md5", "sha1", "sha256", "sha512", "sha", "uuid", "guid", "ulid", "id", "token",
        "key",
    ];
    (length <= 5 && words.iter().any(|w| code.contains(&w.as_str())))
        || (matches!(length, 22 | 24 | 26 | 27 | 28 | 32 | 36 | 40 | 44 | 56 | 60 | 64 | 96 | 128)
            && words.iter().any(|w| digest.contains(&w.as_str())))
}
