use crate::finding::{Certainty, Severity};
use crate::infer::names_of;
use crate::operation::{FunctionBody, TriggerEvent, TriggerTiming};
use crate::policy::plays;
use crate::rules::support::{builtin, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, Table, TableKind, TriggerFunction};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "updated-at-without-trigger",
    category: Category::DataLifecycle,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "No trigger keeps a time of change up to date, although triggers do so for other tables.",
    why: "A default sets `updated_at` once, on insert. From then on it is right only if every piece of code that updates the row remembers to set it, SQL \
          by hand and other services included; caches and synchronisation that trust it miss changes. Many frameworks set the column themselves, so that \
          the rule speaks of medium severity only where the schema's own triggers show that the database is meant to do it; where hardly a table has one \
          it is information. PostgreSQL manual, 39 \"Triggers\".",
    fires: examples![
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;\nCREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE TABLE b (id bigint PRIMARY KEY, «updated_at timestamptz DEFAULT now()»);",
    ],
    silent: examples![
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;\nCREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();",
        "CREATE EXTENSION moddatetime;\nCREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION moddatetime(updated_at);",
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let by = cx.policy.conventions.updated_at_by;
    if by == Some("application") {
        return;
    }
    let columns = cx.tables().filter_map(|(id, table)| {
        let (number, name) = change_column(cx, table)?;
        Some((id, table, number, is_kept(cx, table, name)))
    });
    let columns: Vec<_> = columns.collect();
    let kept = columns.iter().filter(|(.., is_kept)| *is_kept).count();
    let all = columns.len();
    for (id, table, column_number, is_kept) in columns {
        if table.kind == TableKind::Foreign {
            continue;
        }
        out.look();
        if is_kept {
            continue;
        }
        let Some(column) = table.column(column_number) else { continue };
        let message = format!("`{}` has no trigger that sets it on update.", cx.column_name(id, column_number));
        let draft = out
            .report(ObjectId::Column(id, column_number), column.span, message)
            .object(ObjectId::Table(id))
            .evidence(match by {
                Some(by) => format!("`relata.toml` says `updated-at-by = \"{by}\"`."),
                None => format!("Triggers keep it on {kept} of {}.", number_of_tables(all)),
            });
        // Hardly any table: elsewhere some framework does it.
        if by.is_none() && kept * 4 < all {
            let _ = draft.severity(Severity::Info);
        }
    }
}

/// The column that tells when a row was last changed: the one that `relata.toml` names, else a timestamp of a usual name.
pub(crate) fn change_column<'a>(cx: &Context<'_>, table: &'a Table) -> Option<(ColumnNumber, &'a str)> {
    let names = names_of("updated-at");
    let tells = |column: &Column| {
        plays(&cx.policy.conventions.updated_at, &column.name, || {
            names.iter().any(|name| column.name.eq_ignore_ascii_case(name))
                && builtin(cx.schema, &column.data_type).is_some_and(|t| t.starts_with("timestamp"))
        })
    };
    table.live_columns().find(|(_, c)| c.generated.is_none() && tells(c)).map(|(n, c)| (n, c.name.as_str()))
}

/// Whether a BEFORE trigger on updates calls a function that could set the column: one whose body names it, that takes it as an argument, or
/// whose body is not at hand.
pub(crate) fn is_kept(cx: &Context<'_>, table: &Table, column: &str) -> bool {
    cx.schema.triggers_of(&table.triggers).any(|(_, t)| {
        let on_update = t.timing == TriggerTiming::Before && t.events.contains(&TriggerEvent::Update) && t.for_each_row;
        on_update
            && match &t.function {
                TriggerFunction::Named(..) => true,
                TriggerFunction::User(id) => {
                    let body = cx.schema.functions.get(*id).and_then(|f| f.body.as_ref());
                    t.arguments.iter().any(|a| a.contains(column))
                        || match body {
                            Some(FunctionBody::String(text) | FunctionBody::Sql(text)) => {
                                text.text.to_ascii_lowercase().contains(&column.to_ascii_lowercase())
                            }
                            None => true,
                        }
                }
            }
    })
}
