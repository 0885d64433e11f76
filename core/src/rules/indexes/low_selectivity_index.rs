use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, is_btree, known_values};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{KeyTarget, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "low-selectivity-index",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "An index over the whole table has one key with only two values.",
    why: "Half of the table is found through it, which is slower than reading the table; PostgreSQL then does not use the index, and still has \
          to maintain it. What queries look for is mostly the rare value: a partial index over the column that comes next in the query, WHERE \
          the flag has that value, is small and fits. PostgreSQL manual, 11.8 \"Partial Indexes\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, is_active boolean NOT NULL);\n«CREATE INDEX users_active ON users (is_active)»;",
        "CREATE TYPE side AS ENUM ('buy', 'sell');\nCREATE TABLE orders (id bigint PRIMARY KEY, side side NOT NULL);\n«CREATE INDEX orders_side ON orders (side)»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, is_active boolean NOT NULL, email text);\nCREATE INDEX ON users (email) WHERE is_active;\nCREATE INDEX ON users (is_active) WHERE NOT is_active;\nCREATE INDEX ON users (is_active, email);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| is_btree(i) && !i.unique) {
            out.look();
            let [key] = index.keys.as_slice() else { continue };
            let KeyTarget::Column(number) = key.target else { continue };
            let Some(column) = table.column(number).filter(|_| index.predicate.is_none() && index.include.is_empty())
            else {
                continue;
            };
            let is_flag = builtin(cx.schema, &column.data_type) == Some("boolean");
            let few = known_values(cx, table, number).len() == 2;
            // The index of a foreign key is there for deletes, however few rows there are to refer to.
            let refers = cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
            if !(is_flag || few) || refers {
                continue;
            }
            let message = format!(
                "`{}` covers all of `{}` by `{}`, which has {} values.",
                index.name,
                cx.table_name(id),
                column.name,
                if is_flag && !column.not_null { "three" } else { "two" }
            );
            out.report(ObjectId::Index(index_id), index.span, message).object(ObjectId::Column(id, number));
        }
    }
}
