use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::rules::echoes::counterpart;
use crate::rules::support::{each_word, is_text, last_word};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, DataType, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "plaintext-secret-column",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A column for a password, key or token holds text, and nothing in its name says that it is hashed or encrypted.",
    why: "Whoever reads the table, a backup, a replica or a log of slow queries reads the secret. Passwords belong through a slow salted hash; tokens that \
          are only compared can be stored as a digest; keys that must be used again belong into a key store or encrypted with a key that is not in \
          the database. If the value is protected already, say so in the name (`password_hash`, `token_encrypted`) or in a comment on the column. \
          PostgreSQL manual, F.28 \"pgcrypto\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, «password text NOT NULL»);",
        // The salt is the hash's.
        "CREATE TABLE users (id bigint PRIMARY KEY, password_hash text, password_salt text, «smtp_password text»);",
        "CREATE TABLE shops (id bigint PRIMARY KEY, «api_key varchar(64)», «access_token text»);",
        // Beside what is encrypted, and says so.
        "CREATE TABLE shops (id bigint PRIMARY KEY, access_token_ciphertext bytea, access_token_iv bytea, «webhook_secret bytea»);",
    ],
    silent: examples![
        // The document beside the SQL says how it is kept.
        "<!-- file: schema.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY, password text NOT NULL);\n<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| password | TEXT | NOT NULL | hashed with bcrypt |\n",
        "CREATE TABLE users (id bigint PRIMARY KEY, password_hash text, password_digest text, encrypted_password varchar(128), access_token_ciphertext text, crypted_password text, token_sha256 text);",
        "CREATE TABLE users (id bigint PRIMARY KEY, password text);\nCOMMENT ON COLUMN users.password IS 'bcrypt';",
        // Django keeps a salted hash in it.
        "CREATE TABLE django_content_type (id serial PRIMARY KEY);\nCREATE TABLE auth_user (id serial PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamptz);",
        // As long as bcrypt's hashes are, or a digest in hexadecimal digits.
        "CREATE TABLE users (id bigint PRIMARY KEY, passwd varchar(60) NOT NULL);\nCREATE TABLE accounts (id bigint PRIMARY KEY, password char(64));",
        // What has a salt is hashed with it.
        "CREATE TABLE users (id bigint PRIMARY KEY, password text, salt text, iterations integer);",
        // About a secret, not the secret.
        "CREATE TABLE users (id bigint PRIMARY KEY, password_changed_at timestamptz, token_count integer, token_type text, api_key_id text, secret_name text, page_token text, password_hint text, password_salt text);",
        "CREATE TABLE users (id bigint PRIMARY KEY, password bytea);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let django = cx.schema.live_tables().any(|(_, t)| t.name == "django_content_type" || t.name == "django_migrations");
    // Bytes may be ciphertext; where what is encrypted says so, a secret that does not is none.
    let says_so = |name| each_word(name).any(|w| matches!(w.as_ref(), "ciphertext" | "encrypted"));
    let says = !cx.columns_where(says_so, is_bytes).is_empty();
    let may_hold = |t: &DataType| is_text(cx.schema, t) || (says && is_bytes(t));
    out.look_at(cx.count_columns_of(may_hold));
    for (id, table, number, column) in cx.columns_where(is_secret, may_hold) {
        // Django's own users: AbstractBaseUser, whose `password` takes a salted hash of at most 128 characters.
        let hashed = django
            && column.name == "password"
            && column.data_type.modifiers.first().is_some_and(|m| m == "128")
            && table.find_column("last_login").is_some();
        let hashed = hashed || is_password(&column.name) && (has_length_of_hash(column) || has_salt(table, column));
        // In a document every column has a description; one that tells of no protection is none.
        let described = column
            .comment
            .as_deref()
            .is_some_and(|comment| cx.target.role != Role::Document || tells_of_protection(comment));
        if hashed || described || column.generated.is_some() || is_described_beside(cx, table, &column.name) {
            continue;
        }
        let message = format!(
            "`{}` holds a secret by its name, and nothing says that it is hashed or encrypted.",
            cx.column_name(id, number)
        );
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
    }
}

/// Whether a schema document beside says that of the column.
fn is_described_beside(cx: &Context<'_>, table: &Table, column: &str) -> bool {
    cx.others.iter().filter(|o| o.target.role == Role::Document).any(|other| {
        let schema = &other.replay.schema;
        let described = counterpart(cx.schema, table, schema).and_then(|(_, t)| t.column(t.find_column(column)?));
        described.and_then(|c| c.comment.as_deref()).is_some_and(tells_of_protection)
    })
}

/// Whether a description says that what a column holds is hashed or encrypted.
fn tells_of_protection(comment: &str) -> bool {
    const STEMS: &[&str] =
        &["aes", "argon", "bcrypt", "cipher", "crypt", "digest", "hash", "scrypt", "sealed", "sha", "vault"];
    each_word(comment).any(|word| STEMS.iter().any(|stem| word.contains(stem)))
}

fn is_bytes(data_type: &DataType) -> bool {
    data_type.builtin_name() == Some("bytea")
}

/// Whether a column of this name holds a secret as it is. The secret must be what the name ends in.
fn is_secret(name: &str) -> bool {
    const PROTECTED: &[&str] = &[
        "bcrypt",
        "cipher",
        "ciphertext",
        "crypt",
        "crypted",
        "digest",
        "enc",
        "encrypted",
        "fingerprint",
        "hash",
        "hashed",
        "hmac",
        "masked",
        "md5",
        "public",
        "ref",
        "reference",
        "scrypt",
        "sealed",
        "sha1",
        "sha256",
        "sha512",
        "vault",
        "verifier",
    ];
    // Tokens of other kinds: places in a list, parts of a text, tests.
    const HARMLESS: &[&str] = &[
        "page",
        "next",
        "continuation",
        "sync",
        "cursor",
        "csrf",
        "display",
        "concurrency",
        "idempotency",
        "lock",
        "change",
        "input",
        "output",
        "stop",
    ];
    const PAIRS: &[(&str, &str)] = &[
        ("api", "key"),
        ("access", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("encryption", "key"),
        ("signing", "key"),
        ("client", "secret"),
        ("access", "token"),
        ("refresh", "token"),
        ("auth", "token"),
        ("api", "token"),
        ("bearer", "token"),
        ("session", "token"),
        ("id", "token"),
        ("webhook", "secret"),
        ("reset", "token"),
        ("oauth", "token"),
        ("remember", "token"),
    ];
    let mut words = each_word(name).rev();
    let Some(last) = words.next() else { return false };
    let secret = is_password(name)
        || matches!(last.as_ref(), "apikey" | "secret")
        || words.next().is_some_and(|before| PAIRS.contains(&(before.as_ref(), last.as_ref())));
    secret && !each_word(name).any(|w| PROTECTED.contains(&w.as_ref()) || HARMLESS.contains(&w.as_ref()))
}

/// Whether a column of this name holds a password.
fn is_password(name: &str) -> bool {
    const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "pwd", "userpassword"];
    last_word(name).is_some_and(|last| PASSWORDS.contains(&last.as_ref()))
}

/// Whether the type is made for a hash: bcrypt's takes 60 characters, digests of 128 to 512 bits a fixed number of hexadecimal digits.
fn has_length_of_hash(column: &Column) -> bool {
    let length = column.data_type.modifiers.first().map(|m| m.as_str());
    match column.data_type.builtin_name() {
        Some("character") => matches!(length, Some("32" | "40" | "56" | "60" | "64" | "96" | "128")),
        Some("character varying") => length == Some("60"),
        _ => false,
    }
}

/// Whether the table has a salt for the column: one named after it, or `salt` beside a lone password that no column for its hash stands beside.
fn has_salt(table: &Table, column: &Column) -> bool {
    let hash = |c: &Column| last_word(&c.name).is_some_and(|w| w == "hash" || w == "digest");
    table.find_column(&format!("{}_salt", column.name)).is_some()
        || each_word(&column.name).count() == 1
            && table.find_column("salt").is_some()
            && !table.live_columns().any(|(_, c)| hash(c))
}
