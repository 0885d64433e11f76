use crate::finding::{Certainty, Severity};
use crate::rules::support::words;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "sensitive-column-exposed",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A table that the web API shows, without row-level security, has a column for personal or secret data.",
    why: "The API offers every table of `public` to whoever has the public key, which stands in the application's own code. Without row-level security nothing stands between that key \
          and addresses, numbers of documents, tokens or health data of everybody. Turn row-level security on and write policies, or move the column to a table in a schema \
          that the API does not show. PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE ROLE anon;\nCREATE TABLE people (id bigint PRIMARY KEY, «passport_number text», «date_of_birth date»);",
    ],
    silent: examples![
        "CREATE ROLE anon;\nCREATE TABLE people (id bigint PRIMARY KEY, passport_number text);\nALTER TABLE people ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON people TO anon USING (id = 1);",
        // No web API.
        "CREATE TABLE people (id bigint PRIMARY KEY, passport_number text);",
        "CREATE ROLE anon;\nCREATE TABLE people (id bigint PRIMARY KEY, nickname text, token_count integer);",
    ],
    supersedes: &[],
    check,
};

/// Words that together name such data. Each entry needs all its words.
const SENSITIVE: &[&[&str]] = &[
    &["access", "token"],
    &["api", "key"],
    &["bank", "account"],
    &["birth"],
    &["birthdate"],
    &["card", "number"],
    &["cvv"],
    &["diagnosis"],
    &["driver", "license"],
    &["iban"],
    &["medical"],
    &["national", "id"],
    &["passport"],
    &["password"],
    &["private", "key"],
    &["refresh", "token"],
    &["routing", "number"],
    &["salary"],
    &["secret"],
    &["social", "security"],
    &["ssn"],
    &["tax", "id"],
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        if !cx.is_exposed(table.namespace) {
            continue;
        }
        for (number, column) in table.live_columns() {
            let words = words(&column.name);
            let named = SENSITIVE.iter().any(|all| all.iter().all(|w| words.iter().any(|own| own == w)));
            if !named {
                continue;
            }
            out.look();
            if table.rls_enabled {
                continue;
            }
            let message = format!(
                "`{}` is open to every visitor of the web API: its table has no row-level security.",
                cx.column_name(id, number)
            );
            out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
        }
    }
}
