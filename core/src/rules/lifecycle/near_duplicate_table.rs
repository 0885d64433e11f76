use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::{self, each_word, stem, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "near-duplicate-table",
    category: Category::DataLifecycle,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "Two tables stand for the same thing: one name in two schemas, or an old and a new version of it.",
    why: "Writers pick one of them, readers the other, and both are right in part. A name in two schemas is resolved by the search path, so that which table is meant depends on who asks. \
          Move the rows, let a view of the old name stand for a while, and drop what is left. Tables of tenants that have a schema each, and archives with a name that says \
          so, are not meant. PostgreSQL manual, 5.9.3 \"The Schema Search Path\".",
    fires: examples![
        "CREATE SCHEMA shop;\nCREATE TABLE public.orders (id bigint PRIMARY KEY, note text, total numeric);\nCREATE TABLE shop.«orders» (id bigint PRIMARY KEY, note text, total numeric);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);\nCREATE TABLE «orders_old» (id bigint PRIMARY KEY, note text, total numeric);",
        // Other columns, but one name, of the same thing.
        "CREATE SCHEMA pricing;\nCREATE SCHEMA feeds;\nCREATE TABLE products (id bigint PRIMARY KEY);\nCREATE TABLE pricing.market_prices (id bigint PRIMARY KEY, product bigint REFERENCES products, lowest_ask numeric NOT NULL, seen_at timestamptz);\nCREATE TABLE feeds.«market_prices» (id bigint PRIMARY KEY, item bigint REFERENCES products, buy_price numeric NOT NULL, supplier text, fetched_at timestamptz);",
        // Called old, and made otherwise.
        "CREATE TABLE grades (id bigint PRIMARY KEY, pupil bigint, score numeric);\nCREATE TABLE «legacy_grades» (id bigint PRIMARY KEY, pupil_no text, course text, letter text);",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric);\nCREATE TABLE order_lines (id bigint PRIMARY KEY, note text, total numeric);",
        // Things of their own that share a word.
        "CREATE SCHEMA shop;\nCREATE SCHEMA hr;\nCREATE TABLE shop.settings (id bigint PRIMARY KEY, currency text, tax numeric);\nCREATE TABLE hr.settings (id bigint PRIMARY KEY, holidays integer, country text);",
        "CREATE TABLE orders_old (id bigint PRIMARY KEY, note text, total numeric);",
        // Two programs in one database.
        "CREATE SCHEMA shop;\nCREATE SCHEMA hr;\nCREATE TABLE shop.access_tokens (id bigint PRIMARY KEY, device text, seen_at timestamptz);\nCREATE TABLE hr.access_tokens (id bigint PRIMARY KEY, person text, ends_on date);",
        // One goes on from the other.
        "CREATE SCHEMA auth;\nCREATE TABLE auth.user_accounts (id bigint PRIMARY KEY, email text, password_hash text);\nCREATE TABLE public.user_accounts (id bigint PRIMARY KEY REFERENCES auth.user_accounts, locale text, theme text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut by_name: BTreeMap<Vec<Name>, Vec<(TableId, &Table)>> = BTreeMap::new();
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        out.look();
        by_name.entry(base(&table.name)).or_default().push((id, table));
    }
    let designs = OnceCell::new();
    let one_design = |a: &Table, b: &Table| {
        let designs = designs.get_or_init(|| support::designs(cx));
        designs.get(&a.namespace) == designs.get(&b.namespace)
    };
    for group in by_name.values() {
        // Many copies are a schema for each tenant.
        let [(first_id, first), rest @ ..] = group.as_slice() else { continue };
        if rest.len() > 2 {
            continue;
        }
        for (id, table) in rest {
            let alike = is_alike(first, table);
            let one_thing =
                || first.name == table.name && is_one_thing(cx, (*first_id, first), (*id, table), &one_design);
            // Who calls one of them old says that the other took its place, whatever became of the columns.
            let replaced = first.namespace == table.namespace && is_replaced(&first.name) != is_replaced(&table.name);
            if !alike && !replaced && !one_thing() {
                continue;
            }
            // The one that says it is old is the one to look at.
            let said = is_version(&first.name) && !is_version(&table.name);
            let ((id, table), other) = if said { ((first_id, first), id) } else { ((id, table), first_id) };
            let (kept, other_name) = (cx.table_name(*id), cx.table_name(*other));
            let message = match (alike, replaced) {
                (true, _) => format!("`{kept}` and `{other_name}` have nearly the same name and columns."),
                (false, true) => format!("`{kept}` is called old beside `{other_name}`, and is still there."),
                (false, false) => format!("`{kept}` and `{other_name}` have one name in two schemas."),
            };
            let draft = out
                .report(ObjectId::Table(*id), table.name_span, message)
                .object(ObjectId::Table(*other))
                .evidence(format!("They share {} columns.", shared(first, table).max(shared(table, first))));
            if !alike {
                let _ = draft.certainty(Certainty::Advisory);
            }
        }
    }
}

/// Whether two tables of one name in two schemas hold the same kind of thing whatever their columns: both refer to one table, or foreign keys tie
/// their schemas together and the name says much. One that refers to the other goes on from it.
fn is_one_thing(
    cx: &Context<'_>,
    (a, first): (TableId, &Table),
    (b, second): (TableId, &Table),
    one_design: &dyn Fn(&Table, &Table) -> bool,
) -> bool {
    let targets = |table: &Table| -> BTreeSet<TableId> {
        cx.schema.foreign_keys_of(table).map(|(_, _, fk)| fk.references).collect()
    };
    let (of_first, of_second) = (targets(first), targets(second));
    let tied = of_first.contains(&b) || of_second.contains(&a);
    let words = each_word(&first.name).count();
    let same_design = || words > 1 && one_design(first, second);
    first.namespace != second.namespace && !tied && (!of_first.is_disjoint(&of_second) || same_design())
}

/// Words that mark one version of a table.
const VERSIONS: &[&str] = &["bak", "backup", "copy", "deprecated", "legacy", "new", "old", "tmp", "v1", "v2", "v3"];

fn is_version(name: &str) -> bool {
    each_word(name).any(|w| VERSIONS.contains(&w.as_ref()))
}

/// Whether a table's name says that it is no longer the one in use.
fn is_replaced(name: &str) -> bool {
    each_word(name).any(|w| matches!(w.as_ref(), "bak" | "backup" | "deprecated" | "legacy" | "old"))
}

/// A table's name without what marks a version, in the singular.
fn base(name: &str) -> Vec<Name> {
    let words: Vec<Name> = words(name);
    let kept: Vec<Name> = words.iter().filter(|w| !VERSIONS.contains(&w.as_str())).cloned().collect();
    if kept.is_empty() { stem(name) } else { stem(&kept.join("_")) }
}

/// Whether most columns of the smaller one have the name of one of the other.
fn is_alike(a: &Table, b: &Table) -> bool {
    let smaller = a.live_columns().count().min(b.live_columns().count());
    smaller >= 3 && shared(a, b) >= 3 && shared(a, b) * 3 >= smaller * 2
}

fn shared(a: &Table, b: &Table) -> usize {
    a.live_columns().filter(|(_, c)| b.find_column(&c.name).is_some()).count()
}
