use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, is_lookup, is_numbered, only_column};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "smallint-over-bigint",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table numbers its rows with a smallint.",
    why: "A `smallint` ends at 32 767, numbers lost to failed inserts included. The two bytes that it saves against an `integer` are mostly \
          lost again to alignment, as the next column starts at a multiple of its own size. Lookup tables whose rows can be counted on fingers \
          are left alone, and so are small numbers that are no keys. PostgreSQL manual, 8.1.1 \"Integer Types\".",
    fires: examples![
        "CREATE TABLE devices (id «smallserial» PRIMARY KEY, owner text, model text, maker text, note text);"
    ],
    silent: examples![
        "CREATE TABLE colours (id smallserial PRIMARY KEY, name text);\nCREATE TABLE ratings (id bigint PRIMARY KEY, stars smallint);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let Some((_, key)) = cx.schema.primary_key_of(table) else { continue };
        let Some((number, column)) = only_column(key).and_then(|n| Some((n, table.column(n)?))) else { continue };
        out.look();
        if builtin(cx.schema, &column.data_type) != Some("smallint") || !is_numbered(column) || is_lookup(cx, id, table)
        {
            continue;
        }
        let message = format!("`{}` numbers its rows with `smallint`, up to 32 767.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.type_span, message).object(ObjectId::Table(id));
    }
}
