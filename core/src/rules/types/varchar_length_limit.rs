use crate::finding::{Certainty, Severity};
use crate::rules::support::each_word;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{DataType, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "varchar-length-limit",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "Columns have the type varchar(n), where text with a CHECK would be easier to change.",
    why: "In PostgreSQL `varchar(n)` is no faster and no smaller than `text`. The limit is part of the type, so that lowering it rewrites the table \
          and every view over the column must be dropped to change it; a CHECK on `char_length` can be replaced online. One finding a table. \
          Codes of a fixed length (currency, country, locale) are left alone. PostgreSQL manual, 8.3 \"Character Types\".",
    fires: examples!["CREATE TABLE people (id bigint PRIMARY KEY, surname «varchar(255)», street varchar(100));"],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, surname text, nick varchar, currency varchar(3), country_code varchar(2));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.tables().count());
    let is_limited = |t: &DataType| t.builtin_name() == Some("character varying") && !t.modifiers.is_empty();
    let limited = cx.columns_where(|name| !is_code(name), is_limited);
    for of_table in limited.chunk_by(|a, b| a.0 == b.0) {
        let Some((id, _, first, column)) = of_table.first().copied() else { continue };
        let columns: Vec<_> = of_table.iter().map(|(_, _, n, _)| *n).collect();
        let message = format!(
            "{} of `{}` {} limited by {} type.",
            cx.columns_text(id, &columns),
            cx.table_name(id),
            if columns.len() == 1 { "is" } else { "are" },
            if columns.len() == 1 { "its" } else { "their" }
        );
        let mut draft = out.report(ObjectId::Column(id, first), column.type_span, message);
        for (_, _, number, column) in of_table.iter().skip(1) {
            draft = draft.object(ObjectId::Column(id, *number)).also_at(column.type_span);
        }
        let _ = draft;
    }
}

/// Whether a standard fixes the length of what a column of this name holds.
fn is_code(name: &str) -> bool {
    const CODES: &[&str] =
        &["code", "currency", "country", "lang", "language", "locale", "iso", "timezone", "phone", "zip"];
    each_word(name).any(|w| CODES.contains(&w.as_ref()))
}
