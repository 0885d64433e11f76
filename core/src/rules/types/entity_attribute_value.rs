use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, is_one_of, is_text, is_time, singular};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "entity-attribute-value",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A table keeps one row for each attribute of a thing, with its name and value.",
    why: "The values of all attributes share one type, so that none can be checked, required, or refer to anything; reading a thing means \
          joining the table once for each attribute. Where attributes are few, columns are better, where they are many and differ, one jsonb \
          column is: it can be indexed and checked. Settings, labels, secrets and caches are pairs by nature. PostgreSQL manual, 8.14.2 \"Designing \
          JSON Documents\".",
    fires: examples![
        "CREATE TABLE products (id bigint PRIMARY KEY);\nCREATE TABLE «product_attributes» (id bigint PRIMARY KEY, product_id bigint REFERENCES products, attribute text NOT NULL, value text);",
    ],
    silent: examples![
        "CREATE TABLE products (id bigint PRIMARY KEY, attributes jsonb);",
        // Of nothing in particular.
        "CREATE TABLE settings (key text PRIMARY KEY, value text);",
        // More than a name and a value.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE tokens (id bigint PRIMARY KEY, user_id bigint REFERENCES users, key text, value text, scope text, issuer text, expires_at timestamptz, kind text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    const NAMES: &[&str] = &[
        "attr",
        "attribute",
        "attribute_key",
        "attribute_name",
        "field",
        "field_name",
        "key",
        "meta_key",
        "param",
        "property",
        "property_name",
    ];
    for (id, table) in cx.tables() {
        out.look();
        if is_plain_pairs(&table.name) {
            continue;
        }
        let named = table.live_columns().find(|(_, c)| is_one_of(&c.name, NAMES) && is_text(cx.schema, &c.data_type));
        let Some((key, _)) = named else { continue };
        let is_value = |c: &Column| {
            let mut words = each_word(&c.name).rev();
            let (last, before) = (words.next(), words.next());
            last.is_some_and(|w| w == "value") || (before.is_some_and(|w| w == "value") && words.next().is_none())
        };
        let value = table.live_columns().find(|(_, c)| is_value(c));
        let Some((value_number, value)) = value else { continue };
        let refers = |n: ColumnNumber| {
            cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&n))
                || cx.references.of(id, n).is_some()
        };
        let of = table.live_columns().map(|(n, _)| n).find(|n| refers(*n));
        let Some(of) = of.filter(|of| *of != key && *of != value_number) else { continue };
        // What else it says: nothing but bookkeeping.
        let primary = cx.schema.primary_key_of(table).map(|(_, c)| c.columns.clone()).unwrap_or_default();
        let more = table.live_columns().filter(|(n, c)| {
            *n != key && !is_value(c) && !refers(*n) && !primary.contains(n) && !is_time(cx.schema, &c.data_type)
        });
        if more.count() > 2 {
            continue;
        }
        let message = format!(
            "`{}` has a row for each {} of a thing, its value in `{}`.",
            cx.table_name(id),
            cx.columns_text(id, &[key]),
            value.name
        );
        out.report(ObjectId::Table(id), table.name_span, message)
            .objects([of, key, value_number].map(|n| ObjectId::Column(id, n)));
    }
}

/// Whether a table of this name is made of names and values by nature.
fn is_plain_pairs(name: &str) -> bool {
    const PAIRS: &[&str] =
        &["cache", "config", "configuration", "label", "option", "preference", "secret", "setting", "tag", "variable"];
    each_word(name).any(|w| PAIRS.contains(&singular(&w).as_ref()))
}
