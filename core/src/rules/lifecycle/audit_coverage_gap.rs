use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::operation::TriggerEvent;
use crate::rules::support::{each_word, is_money, number, stem};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, FunctionId, ObjectId, Table, TableId, TriggerFunction};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "audit-coverage-gap",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "The schema keeps an audit trail, and changes of a sensitive table do not reach it by trigger.",
    why: "An audit trail is asked about who gained which right and who read or changed whose data. Where the tables of users, members, roles, keys and settings are not covered, the \
          answer is missing exactly there. A trigger catches changes by hand and by other services too; where the application writes the trail itself, which the schema \
          cannot show, the finding may be waived. PostgreSQL manual, 43.10.1 \"Triggers on Data Changes\".",
    fires: examples![
        "CREATE TABLE audit_log (id bigint PRIMARY KEY, entity text, at timestamptz);\nCREATE TABLE «members» (id bigint PRIMARY KEY, role text);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE «payments» (id bigint PRIMARY KEY, amount numeric);\nCREATE TABLE change_log (id bigint PRIMARY KEY, row_id bigint, old_row jsonb, new_row jsonb);\nCREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO change_log (row_id, new_row) VALUES (NEW.id, to_jsonb(NEW)); RETURN NEW; END $$;\nCREATE TRIGGER note AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();",
    ],
    silent: examples![
        "CREATE TABLE audit_log (id bigint PRIMARY KEY, entity text, at timestamptz);\nCREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit_log (id, entity) VALUES (1, TG_TABLE_NAME); RETURN NULL; END $$;\nCREATE TABLE members (id bigint PRIMARY KEY, role text);\nCREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON members FOR EACH ROW EXECUTE FUNCTION audit();",
        // No trail at all.
        "CREATE TABLE members (id bigint PRIMARY KEY, role text);",
        "CREATE TABLE audit_log (id bigint PRIMARY KEY, entity text, at timestamptz);\nCREATE TABLE colours (id bigint PRIMARY KEY, name text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let trails: Vec<&Table> = cx.tables().map(|(_, t)| t).filter(|t| is_trail(t)).collect();
    if trails.is_empty() {
        return;
    }
    let sensitive: Vec<(TableId, &Table)> = cx.tables().filter(|(_, t)| !is_trail(t) && is_sensitive(t)).collect();
    let writers: BTreeSet<FunctionId> = cx
        .body_words()
        .iter()
        .filter(|(_, body)| trails.iter().any(|t| body.contains(&t.name)))
        .map(|(id, _)| *id)
        .collect();
    let uncovered: Vec<&(TableId, &Table)> =
        sensitive.iter().inspect(|_| out.look()).filter(|(_, t)| !is_covered(cx, t, &writers)).collect();
    let count = sensitive.len() - uncovered.len();
    for (id, table) in uncovered {
        let message = format!("Changes of `{}` reach no audit trail by trigger.", cx.table_name(*id));
        out.report(ObjectId::Table(*id), table.name_span, message).evidence(format!(
            "{count} of {} are covered.",
            number(sensitive.len(), "sensitive table", "sensitive tables")
        ));
    }
}

/// Whether a table is kept to tell who changed what: by its name, or because it has a row as it was before and as it is after.
pub(super) fn is_trail(table: &Table) -> bool {
    let before_and_after = || {
        let documents = |c: &Column| matches!(c.data_type.builtin_name(), Some("json" | "jsonb"));
        let has = |name: &str| table.find_column(name).and_then(|n| table.column(n)).is_some_and(documents);
        table.live_columns().filter(|(_, c)| documents(c)).any(|(_, c)| match c.name.as_str() {
            "before" => has("after"),
            name => name.strip_prefix("old_").is_some_and(|of| has(&format!("new_{of}"))),
        })
    };
    each_word(&table.name).any(|w| matches!(w.as_ref(), "audit" | "audits" | "auditlog" | "auditlogs"))
        || before_and_after()
}

/// Whether a table by its name says who may do what, or how the system behaves.
fn is_sensitive(table: &Table) -> bool {
    const SENSITIVE: &[&str] = &[
        "account",
        "config",
        "configuration",
        "connection",
        "credential",
        "customer",
        "key",
        "member",
        "membership",
        "organisation",
        "organization",
        "payment",
        "permission",
        "role",
        "secret",
        "setting",
        "tenant",
        "token",
        "user",
    ];
    let of = stem(&table.name);
    let bills = || table.live_columns().any(|(_, c)| is_money(&c.name) || each_word(&c.name).any(|w| w == "total"));
    match of.as_slice() {
        // An order of steps is not one of goods.
        [.., last] if last == "order" || last == "invoice" => bills(),
        [.., feature, flag] if feature == "feature" => flag == "flag",
        [.., last] => SENSITIVE.contains(&last.as_str()),
        [] => false,
    }
}

/// Whether a trigger on changes calls a function that writes to a trail, or one of which only a name is known that says so.
fn is_covered(cx: &Context<'_>, table: &Table, writers: &BTreeSet<FunctionId>) -> bool {
    cx.schema.triggers_of(&table.triggers).any(|(_, t)| {
        let on_change = t.events.iter().any(|e| matches!(e, TriggerEvent::Update | TriggerEvent::Delete));
        on_change
            && match &t.function {
                TriggerFunction::Named(_, name) => each_word(name).any(|w| w.starts_with("audit")),
                TriggerFunction::User(id) => {
                    writers.contains(id) || cx.schema.functions.get(*id).is_none_or(|f| f.body.is_none())
                }
            }
    })
}
