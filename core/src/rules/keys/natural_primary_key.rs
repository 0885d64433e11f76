use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, is_text, only_column};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "natural-primary-key",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A primary key is a text with a meaning of its own.",
    why: "What means something to people changes: a name is corrected, a domain moves, two firms merge. As primary key it is copied into every \
          table that refers to it, and each change runs through all of them. A number or uuid as key, and a unique constraint on the text, \
          keeps both. Codes that a standard fixes, hashes and tokens do not change and are left alone. PostgreSQL manual, 5.4.4 \"Primary Keys\" \
          and 5.4.5 \"Foreign Keys\", ON UPDATE.",
    fires: examples![
        "CREATE TABLE sites (domain «text» PRIMARY KEY, title text, owner text, since date);\nCREATE TABLE pages (id bigint PRIMARY KEY, domain text REFERENCES sites);",
    ],
    silent: examples![
        "CREATE TABLE currencies (code text PRIMARY KEY, title text);\nCREATE TABLE prices (id bigint PRIMARY KEY, c text REFERENCES currencies);",
        // An identifier all the same.
        "CREATE TABLE sessions (id text PRIMARY KEY, session_id text);\nCREATE TABLE blobs (sha256_hash text PRIMARY KEY, size bigint);\nCREATE TABLE parts (id bigint PRIMARY KEY, b text REFERENCES blobs, s text REFERENCES sessions);",
        // Nothing refers to it.
        "CREATE TABLE settings (name text PRIMARY KEY, value text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // How many foreign keys refer to a table by its primary key.
    let mut referenced: BTreeMap<TableId, usize> = BTreeMap::new();
    for key in cx.foreign_keys() {
        let primary = cx.schema.tables.get(key.fk.references).and_then(|t| cx.schema.primary_key_of(t));
        if primary.is_some_and(|(_, c)| c.columns == key.fk.columns) {
            *referenced.entry(key.fk.references).or_default() += 1;
        }
    }
    for (id, table) in cx.tables() {
        let Some((_, key)) = cx.schema.primary_key_of(table) else { continue };
        let Some((number, column)) = only_column(key).and_then(|n| Some((n, table.column(n)?))) else { continue };
        out.look();
        let count = referenced.get(&id).copied().unwrap_or(0);
        let refers = cx.schema.foreign_keys_of(table).any(|(_, fk, _)| fk.columns.contains(&number));
        if !is_text(cx.schema, &column.data_type) || refers || count == 0 || is_stable(&column.name) {
            continue;
        }
        let message = format!("`{}` identifies rows by a text that may change.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.type_span, message).object(ObjectId::Table(id)).evidence(
            format!(
                "{} to it.",
                if count == 1 { "1 foreign key refers".to_owned() } else { format!("{count} foreign keys refer") }
            ),
        );
    }
}

/// Whether what a column of this name holds was made to stay as it is.
fn is_stable(name: &str) -> bool {
    const STABLE: &[&str] = &[
        "abbreviation",
        "checksum",
        "code",
        "country",
        "currency",
        "digest",
        "fingerprint",
        "gid",
        "guid",
        "hash",
        "id",
        "identifier",
        "iso",
        "key",
        "lang",
        "language",
        "locale",
        "nanoid",
        "oid",
        "sha",
        "sha1",
        "sha256",
        "symbol",
        "timezone",
        "token",
        "uid",
        "ulid",
        "uri",
        "uuid",
        "value",
        "type",
        "kind",
        "status",
    ];
    each_word(name).any(|w| STABLE.contains(&w.as_ref()))
        || ["id", "code", "key", "hash"].iter().any(|end| name.to_ascii_lowercase().ends_with(end))
}
