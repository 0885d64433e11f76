use crate::finding::{Certainty, Severity};
use crate::operation::FunctionBody;
use crate::rules::support::{each_word, last_word, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableKind, TriggerFunction};

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
        // In a trail of changes.
        "CREATE TABLE trail (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data jsonb);\nCREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO trail (data) VALUES (to_jsonb(NEW)); RETURN NEW; END';\nCREATE TABLE shops (id bigint PRIMARY KEY, «token_ciphertext bytea», «access_token text», token_count integer);\nCREATE TRIGGER note AFTER UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION note();",
    ],
    silent: examples![
        // What is secret is taken out first.
        "CREATE TABLE trail (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data jsonb);\nCREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO trail (data) VALUES (to_jsonb(NEW) - ''token_ciphertext''); RETURN NEW; END';\nCREATE TABLE shops (id bigint PRIMARY KEY, token_ciphertext bytea);\nCREATE TRIGGER note AFTER UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION note();",
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
    copied_whole(cx, out);
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

/// Secrets of tables whose rows a trigger writes down whole: a trail is read by more people than the table, and kept for longer.
fn copied_whole(cx: &Context<'_>, out: &mut Findings<'_>) {
    const SECRETS: &[&str] = &["cipher", "ciphertext", "password", "secret"];
    for (id, table) in cx.tables() {
        let copier = cx.schema.triggers_of(&table.triggers).find(|(_, trigger)| {
            let function = match trigger.function {
                TriggerFunction::User(id) => cx.schema.functions.get(id),
                _ => None,
            };
            function.is_some_and(|f| matches!(&f.body, Some(FunctionBody::String(body)) if copies_rows(&body.text)))
        });
        let Some((trigger_id, trigger)) = copier else { continue };
        for (number, column) in table.live_columns() {
            out.look();
            let has = |list: &[&str]| each_word(&column.name).any(|w| list.contains(&w.as_ref()));
            let token = last_word(&column.name).is_some_and(|w| w == "token") && has(&["access", "refresh"]);
            if !has(SECRETS) && !token {
                continue;
            }
            let message = format!(
                "`{}` is written down with the whole row by the trigger `{}`.",
                cx.column_name(id, number),
                trigger.name
            );
            out.report(ObjectId::Column(id, number), column.span, message)
                .object(ObjectId::Table(id))
                .object(ObjectId::Trigger(trigger_id))
                .severity(Severity::Medium);
        }
    }
}

/// Whether a function inserts whole rows as documents, and takes nothing out of them.
fn copies_rows(body: &str) -> bool {
    let text: String = body.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let whole =
        ["to_jsonb(new)", "to_jsonb(old)", "row_to_json(new)", "row_to_json(old)", "to_json(new)", "to_json(old)"];
    text.contains("insert into")
        && whole.iter().any(|call| text.contains(call))
        && !whole.iter().any(|call| text.contains(&format!("{call} - ")) || text.contains(&format!("{call}::jsonb - ")))
        && !text.contains("#-")
}
