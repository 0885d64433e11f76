use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{
    Reference, TenantKeys, each_word, free_constraint_name, index_for, make_referable, number, refused_keys, says_who,
    singular, tenant_pair,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintKind, NamespaceId, ObjectId, Table, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-foreign-key",
    category: Category::KeysAndReferences,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A column is named after another table's key and has its type, but no foreign key.",
    why: "Only a foreign key makes the database refuse a reference to a row that does not exist and keep references true when the row goes. \
          Without it, orphans gather unnoticed and surface as missing rows in joins. The rule needs a table of the matching name with a \
          single key column of the same kind of type; it stays away from names that point outside (`stripe_customer_id`), from pairs such \
          as `owner_type`, `owner_id`, and from keys that identify their own table. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, «user_id bigint NOT NULL»);",
        "CREATE TABLE people (id uuid PRIMARY KEY);\nCREATE TABLE documents (id uuid PRIMARY KEY, «approved_by_person_id uuid»);",
        "CREATE TABLE customer (customer_id integer PRIMARY KEY);\nCREATE TABLE payment (payment_id integer PRIMARY KEY, «customer_id integer»);",
        // All tables carry a word that columns leave out; a comment names another.
        "CREATE TABLE prod_price_lists (id uuid PRIMARY KEY);\nCREATE TABLE shop_products (id uuid PRIMARY KEY);\nCREATE TABLE prod_items (id uuid PRIMARY KEY, «price_list_id uuid», «target_product_id uuid»);\nCOMMENT ON COLUMN prod_items.target_product_id IS 'FK shop_products after the merge';",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE files (id bigint PRIMARY KEY, uploaded_by bigint REFERENCES users, «approved_by bigint», written_by text);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, user_id bigint REFERENCES users);\nCREATE TABLE files (id bigint PRIMARY KEY, «uploaded_by_id bigint»);",
        // Keys compare the tenant here, so that this one is to do so, too.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE tag (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, UNIQUE (org_id, id));\nCREATE TABLE doc (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, tag_id bigint, FOREIGN KEY (org_id, tag_id) REFERENCES tag (org_id, id));\nCREATE TABLE note (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, «doc_id bigint»);",
        // What others of that name refer to, whatever their table is called.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE billing_invoice (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, invoice_id bigint REFERENCES billing_invoice);\nCREATE TABLE b (id bigint PRIMARY KEY, invoice_id bigint REFERENCES billing_invoice);\nCREATE TABLE c (id bigint PRIMARY KEY, «invoice_id bigint NOT NULL», user_id bigint REFERENCES users);",
        // A sender is somebody, too.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE files (id bigint PRIMARY KEY, uploaded_by bigint REFERENCES users);\nCREATE TABLE messages (id bigint PRIMARY KEY, «sender_id bigint», author text);",
    ],
    silent: examples![
        // One name for several tables.
        "CREATE TABLE x_invoice (id bigint PRIMARY KEY);\nCREATE TABLE y_invoice (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, invoice_id bigint REFERENCES x_invoice);\nCREATE TABLE b (id bigint PRIMARY KEY, invoice_id bigint REFERENCES y_invoice);\nCREATE TABLE c (id bigint PRIMARY KEY, invoice_id bigint NOT NULL);",
        // A table that inherits has the key of its parent.
        "CREATE TABLE payment (payment_id bigint PRIMARY KEY, paid_on date);\nCREATE TABLE payment_2024 (CHECK (paid_on >= DATE '2024-01-01'), PRIMARY KEY (payment_id)) INHERITS (payment);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users);",
        // A service outside of the database.
        "CREATE TABLE customers (id bigint PRIMARY KEY, stripe_customer_id text, external_customer_id bigint);",
        // Who did something, where nothing says that the schema ties such columns.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE files (id bigint PRIMARY KEY, uploaded_by bigint);\nCREATE TABLE notes (id bigint PRIMARY KEY, written_by bigint, superseded_by_id bigint);",
        // One of several tables, told by the column beside it.
        "CREATE TABLE owners (id bigint PRIMARY KEY);\nCREATE TABLE files (id bigint PRIMARY KEY, owner_type text, owner_id bigint);",
        // Another kind of type.
        "CREATE TABLE sessions (id uuid PRIMARY KEY);\nCREATE TABLE hits (id bigint PRIMARY KEY, session_id text);",
        // Its own key.
        "CREATE TABLE customer (customer_id integer PRIMARY KEY);",
        // Part of a foreign key over several columns.
        "CREATE TABLE orders (id bigint PRIMARY KEY, tenant bigint, UNIQUE (tenant, id));\nCREATE TABLE lines (id bigint PRIMARY KEY, tenant bigint, order_id bigint, FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id));",
        // No table of that name.
        "CREATE TABLE posts (id bigint PRIMARY KEY, author_id bigint);",
        // How far something got.
        "CREATE TABLE subscribers (id bigint PRIMARY KEY);\nCREATE TABLE campaigns (id bigint PRIMARY KEY, max_subscriber_id bigint);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // By schema: one that goes without foreign keys throughout has decided so.
    let mut declaring: BTreeMap<NamespaceId, usize> = BTreeMap::new();
    for key in cx.foreign_keys() {
        *declaring.entry(key.of.namespace).or_default() += 1;
    }
    let refused = refused_keys(cx);
    let compares_tenants = TenantKeys::count(cx).is_habit();
    let mut undeclared: BTreeMap<NamespaceId, usize> = BTreeMap::new();
    for table in cx.references.all().filter_map(|(table, ..)| cx.schema.tables.get(table)) {
        *undeclared.entry(table.namespace).or_default() += 1;
    }
    out.look_at(cx.all_columns_where(|name| name.ends_with("id"), |_| true).len());
    for (id, table) in cx.tables() {
        let declared = declaring.get(&table.namespace).copied().unwrap_or(0);
        let records = each_word(&table.name).any(|w| {
            let word = singular(&w);
            // Some write two words as one: `pagelogentry`.
            matches!(word.as_ref(), "audit" | "log" | "history")
                || word.ends_with("logentry")
                || word.ends_with("history")
        });
        // A copy that someone put aside has none of its original's keys.
        let put_aside = each_word(&table.name).any(|w| matches!(w.as_ref(), "backup" | "bak"));
        for (at, reference) in cx.references.from(id) {
            let Some(column) = table.column(at) else { continue };
            if refused.iter().any(|key| key.table == id && key.columns.contains(&at)) {
                continue;
            }
            let Reference { target, key, whole_name, by_habit, by_design } = *reference;
            let Some(target_table) = cx.schema.tables.get(target) else { continue };
            let Some(target_column) = target_table.column(key) else { continue };
            let by_whom = says_who(&column.name);
            let (own, theirs) = (cx.column_name(id, at), cx.column_name(target, key));
            let peers = cx.references.peers(target, &column.name);
            let message = if by_whom {
                format!(
                    "`{own}` says who did something and has the type of `{theirs}`, but no foreign key ties them together."
                )
            } else if by_habit {
                format!("`{own}` has no foreign key, although other columns of its name refer to `{theirs}`.")
            } else {
                format!(
                    "`{own}` is named after `{theirs}` and has the type of its key, but no foreign key ties them together."
                )
            };
            // Where the whole schema goes without foreign keys, that is a decision; each column is then a reminder, not a slip.
            // So is one name that goes without nearly everywhere; and a schema of which most columns go without shows no slip in one of them. A record of what happened may be meant to outlive what it speaks of.
            // A migration that took the key away decided so, too.
            let was_dropped = cx.schema.constraints.iter().any(|(_, c)| {
                c.dropped.is_some()
                    && c.table == id
                    && c.columns.contains(&at)
                    && matches!(&c.kind, ConstraintKind::ForeignKey(fk) if fk.references == target)
            });
            let alike = cx.references.undeclared(target, &column.name);
            let without = undeclared.get(&table.namespace).copied().unwrap_or(0);
            let mostly_without = declared < without && peers < alike;
            let severity = match (by_design, mostly_without || !whole_name || records) {
                (true, _) => Severity::Info,
                _ if put_aside => Severity::Info,
                _ if was_dropped => Severity::Low,
                (false, true) => Severity::Medium,
                (false, false) => Severity::High,
            };
            let mut draft = out
                .report(ObjectId::Column(id, at), column.span, message)
                .object(ObjectId::Table(target))
                .severity(severity);
            if was_dropped {
                draft = draft.evidence("A migration dropped the foreign key that it had.".to_owned());
            } else if declared == 0 {
                draft = draft.evidence("No table of its schema declares a foreign key.".to_owned());
            } else if by_design {
                draft = draft.evidence(format!(
                    "{peers} of {} columns named `{}` have a foreign key to `{}`: it seems to be decided.",
                    peers + alike,
                    column.name,
                    cx.table_name(target)
                ));
            } else if mostly_without {
                draft = draft.evidence(format!(
                    "Its schema has {} and {} without one.",
                    number(declared, "foreign key", "foreign keys"),
                    number(without, "column such as this", "columns such as this")
                ));
            } else if peers > 0 {
                let (noun, verb) = if peers == 1 { ("column", "has") } else { ("columns", "have") };
                draft = draft.evidence(format!(
                    "{peers} other {noun} named `{}` {verb} a foreign key to `{}`.",
                    column.name,
                    cx.table_name(target)
                ));
            }
            if table.kind == TableKind::Foreign || target_table.kind == TableKind::Foreign {
                continue;
            }
            let name = quote(&free_constraint_name(cx.schema, table, &column.name, "fkey"));
            let (path, target_path) = (cx.table_sql(id), cx.table_sql(target));
            let (column, key) = (quote(&column.name), quote(&target_column.name));
            // Where others refer to the tenant's row, so does this one.
            let tenant = tenant_pair(cx, table, target).and_then(|(own, theirs)| {
                let referable = make_referable(cx, target, target_table, &[theirs, reference.key])?;
                (referable.is_empty() || compares_tenants).then_some((own, theirs, referable))
            });
            let by_tenant = |name: &str, own: ColumnNumber, of: &Table| {
                of.column(own).map_or_else(|| name.to_owned(), |t| format!("{}, {name}", quote(&t.name)))
            };
            let (columns, keys) = match &tenant {
                Some((own, theirs, _)) => (by_tenant(&column, *own, table), by_tenant(&key, *theirs, target_table)),
                None => (column.clone(), key.clone()),
            };
            // PostgreSQL has no NOT VALID foreign keys on partitioned tables.
            let partitioned = table.kind == TableKind::Partitioned;
            let add = format!(
                "ALTER TABLE {path} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target_path} ({keys})"
            );
            let sql = if partitioned {
                format!("{add};")
            } else {
                format!("{add} NOT VALID;\nALTER TABLE {path} VALIDATE CONSTRAINT {name};")
            };
            let indexed: Vec<ColumnNumber> = tenant.iter().map(|(own, ..)| *own).chain([at]).collect();
            let index = index_for(cx, id, table, &indexed).map_or_else(String::new, |index| format!("{index}\n"));
            let referable = tenant.map(|(.., referable)| referable).unwrap_or_default();
            draft.fix(Fix {
                sql: format!("{referable}{index}{sql}"),
                caution: Some(format!(
                    "Validation fails while there are orphans: `SELECT c.* FROM {path} c LEFT JOIN {target_path} p ON p.{key} = c.{column} \
                     WHERE c.{column} IS NOT NULL AND p.{key} IS NULL;`. Decide on ON DELETE first."
                )),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::session::{Options, analyze};

    /// One of few is a slip; where most go without, it is how the schema was made.
    #[test]
    fn a_schema_that_mostly_goes_without_keys_says_so() {
        for (with, without, severity) in [(3, 1, Severity::High), (1, 3, Severity::Medium)] {
            let mut sql = "CREATE TABLE users (id bigint PRIMARY KEY);\n".to_owned();
            for (count, key) in [(with, " REFERENCES users"), (without, "")] {
                for n in 0..count {
                    sql += &format!("CREATE TABLE t{n}{} (id bigint PRIMARY KEY, user_id bigint{key});\n", key.len());
                }
            }
            let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
            let found = analysis.targets[0].findings.iter().filter(|f| f.rule.name == "missing-foreign-key");
            let severities: Vec<_> = found.map(|f| f.severity).collect();
            assert_eq!(severities, vec![severity; without], "{with} with, {without} without");
        }
    }
}
