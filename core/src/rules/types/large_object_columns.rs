use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, is_text, last_word, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "large-object-columns",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A table keeps several files in its rows, or the path of a file outside.",
    why: "Each `bytea` value is written to the log, copied to every replica and backup, and sent whole to whoever selects `*`. One such column \
          is often right; with several it is worth putting them into a table of their own, or into object storage. A path, on the other hand, \
          is true only as long as the file is there: it is outside of transactions, backups and foreign keys. Keys, hashes and what is \
          encrypted are small and left alone. PostgreSQL manual, 8.4 \"Binary Data Types\" and 73.2 \"TOAST\".",
    fires: examples![
        "CREATE TABLE scans (id bigint PRIMARY KEY, «front_image bytea», back_image bytea);",
        "CREATE TABLE exports (id bigint PRIMARY KEY, «file_path text NOT NULL»);",
    ],
    silent: examples![
        "CREATE TABLE scans (id bigint PRIMARY KEY, image bytea);",
        // Small by nature.
        "CREATE TABLE keys (id bigint PRIMARY KEY, public_key bytea, private_key_encrypted bytea, nonce bytea, sha256_hash bytea);",
        "CREATE TABLE leases (id bigint PRIMARY KEY, duid bytea, hwaddr bytea);",
        // A path of another kind.
        "CREATE TABLE pages (id bigint PRIMARY KEY, path text, url_path text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.tables().count());
    let large = cx.columns_where(|name| !is_small(name), |t| t.builtin_name() == Some("bytea"));
    for of_table in large.chunk_by(|a, b| a.0 == b.0) {
        if let [(id, _, first, column), _, ..] = *of_table {
            let columns: Vec<ColumnNumber> = of_table.iter().map(|(_, _, n, _)| *n).collect();
            let message = format!("`{}` keeps {} in each row.", cx.table_name(id), cx.columns_text(id, &columns));
            out.report(ObjectId::Column(id, first), column.span, message)
                .objects(columns.iter().skip(1).map(|c| ObjectId::Column(id, *c)));
        }
    }
    for (id, _, number, column) in cx.columns_where(is_path, |t| is_text(cx.schema, t)) {
        let message = format!("`{}` is true only as long as the file is there.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
    }
}

/// Whether a column of this name holds the place of a file.
fn is_path(name: &str) -> bool {
    let ends = || last_word(name).is_some_and(|w| w.ends_with("path"));
    ends()
        && ["file_path", "filepath", "local_path", "disk_path"].iter().any(|end| words(name).join("_").ends_with(end))
}

/// Whether what a column of this name holds is a few bytes by nature.
fn is_small(name: &str) -> bool {
    const SMALL: &[&str] = &[
        "address",
        "bytea",
        "checksum",
        "commit",
        "email",
        "name",
        "path",
        "prefix",
        "cipher",
        "ciphertext",
        "code",
        "digest",
        "encrypted",
        "etag",
        "fingerprint",
        "hash",
        "id",
        "identity",
        "ip",
        "iv",
        "key",
        "mac",
        "md5",
        "nonce",
        "oid",
        "pass",
        "password",
        "salt",
        "secret",
        "seed",
        "sha",
        "sha1",
        "sha256",
        "sig",
        "signature",
        "tag",
        "token",
        "uid",
        "uuid",
        "version",
        "vector",
        "verifier",
    ];
    // `guid` and `hwaddr` are ids and addresses, too.
    each_word(name).any(|w| SMALL.contains(&w.as_ref()) || w.ends_with("uid") || w.ends_with("addr"))
}
