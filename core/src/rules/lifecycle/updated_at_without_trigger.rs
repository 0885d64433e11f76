use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Role;
use crate::finding::{Certainty, Fix, Severity};
use crate::infer::names_of;
use crate::name::quote;
use crate::operation::{FunctionBody, TriggerEvent, TriggerTiming};
use crate::order::Order;
use crate::policy::plays;
use crate::rules::support::{OwnColumn, builtin, is_one_of, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{FunctionId, ObjectId, Table, TableId, TableKind, Trigger, TriggerFunction};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "updated-at-without-trigger",
    category: Category::DataLifecycle,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "No trigger keeps a time of change up to date, although triggers do so for other tables.",
    why: "A default sets `updated_at` once, on insert. From then on it is right only if every piece of code that updates the row remembers to set it, SQL \
          by hand and other services included; caches and synchronisation that trust it miss changes. Many frameworks set the column themselves, so that \
          the rule speaks of medium severity only where the schema's own triggers show that the database is meant to do it; where hardly a table has one \
          it is information, as it is of a column that a model sets with `onupdate`: that serves what goes through the model. PostgreSQL manual, 39 \"Triggers\".",
    fires: examples![
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;\nCREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE TABLE b (id bigint PRIMARY KEY, «updated_at timestamptz DEFAULT now()»);",
    ],
    silent: examples![
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;\nCREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();",
        "CREATE EXTENSION moddatetime;\nCREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION moddatetime(updated_at);",
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);",
        // When its source last changed stands beside it.
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;\nCREATE TABLE a (id bigint PRIMARY KEY, last_updated timestamptz, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE TABLE b (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER t BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION touch();",
        // SQLAlchemy sends it with each update.
        "# file: models.py\nfrom sqlalchemy import Column, DateTime, Integer, func\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass A(Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True)\n    updated_at = Column(DateTime(timezone=True), onupdate=func.now())\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let by = cx.policy.conventions.updated_at_by;
    if by == Some("application") {
        return;
    }
    let models = Models::of(cx);
    let columns = change_columns(cx).into_iter().map(|(id, table, number, column)| {
        (id, table, number, is_kept(cx, table, &column.name), models.set(&table.name, &column.name))
    });
    let columns: Vec<_> = columns.collect();
    let by_triggers = columns.iter().filter(|c| c.3).count();
    let kept = columns.iter().filter(|c| c.3 || c.4 == Some(true)).count();
    let all = columns.len();
    let keepers = if kept > by_triggers { "Triggers or models keep" } else { "Triggers keep" };
    let mut others = Others::of(cx);
    for (id, table, column_number, by_trigger, by_models) in columns {
        let by_model = by_models == Some(true);
        // Where triggers are the rule, a model is not enough.
        let is_kept = by_trigger || (by_model && by_triggers * 4 < all);
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
                None if by_model => {
                    "Its model sets it with `onupdate`: updates that do not go through the model leave it as it was."
                        .to_owned()
                }
                None => format!("{keepers} it on {kept} of {}.", number_of_tables(all)),
            });
        let draft = draft.maybe_fix(others.like(cx, id, column.name.as_str()));
        // Hardly any table: elsewhere some framework does it, for tables without a model in any case.
        let kept_alike = if by_models.is_some() { kept } else { by_triggers };
        if by.is_none() && (by_model || kept_alike * 4 < all) {
            let _ = draft.severity(Severity::Info);
        }
    }
}

/// For each table the column that tells when a row was last changed: the one that `relata.toml` names, else the timestamp of the usual name that most
/// tables have, so that the `last_updated` of what was fetched elsewhere stands behind the `updated_at` beside it.
pub(crate) fn change_columns<'a>(cx: &Context<'a>) -> Vec<OwnColumn<'a>> {
    let pin = &cx.policy.conventions.updated_at;
    let named = |name: &str| plays(pin, name, || is_one_of(name, names_of("updated-at")));
    let typed = |t| pin.is_some() || builtin(cx.schema, t).is_some_and(|t| t.starts_with("timestamp"));
    let mut columns = cx.all_columns_where(named, typed);
    columns.retain(|(.., column)| column.generated.is_none());
    let mut tables_with: BTreeMap<&str, usize> = BTreeMap::new();
    for (.., column) in &columns {
        *tables_with.entry(column.name.as_str()).or_default() += 1;
    }
    columns.order_by_key(|(table, _, number, column)| {
        (*table, Reverse(tables_with.get(column.name.as_str()).copied()), *number)
    });
    columns.dedup_by_key(|(table, ..)| *table);
    columns
}

/// A trigger that does nothing but keep a column, with its table and function.
type Keeper<'a> = (&'a Table, &'a Trigger, FunctionId);

/// The triggers that other tables have for their own columns.
struct Others<'a> {
    keepers: Vec<Keeper<'a>>,
    /// For each name of a column the first trigger of the function that most tables call for it.
    usual: BTreeMap<String, Option<Keeper<'a>>>,
}

impl<'a> Others<'a> {
    fn of(cx: &Context<'a>) -> Self {
        let of_table = |table: &'a Table| {
            let triggers = cx.schema.triggers_of(&table.triggers).filter(|(_, t)| keeps_only(t));
            triggers.filter_map(move |(_, trigger)| match trigger.function {
                TriggerFunction::User(function) => Some((table, trigger, function)),
                _ => None,
            })
        };
        Self { keepers: cx.tables().flat_map(|(_, table)| of_table(table)).collect(), usual: BTreeMap::new() }
    }

    /// The trigger that keeps a column of this name on other tables, for this one: where its function does nothing else.
    fn like(&mut self, cx: &Context<'_>, table: TableId, column: &str) -> Option<Fix> {
        let usual = match self.usual.get(column) {
            Some(usual) => *usual,
            None => {
                let usual = self.usual_for(cx, column);
                self.usual.insert(column.to_owned(), usual);
                usual
            }
        };
        let (other, trigger, function) = usual?;
        let own = cx.schema.tables.get(table)?;
        let name = trigger.name.replace(other.name.as_str(), &own.name);
        if name.len() > MAX_NAME || cx.schema.triggers_of(&own.triggers).any(|(_, t)| t.name == name) {
            return None;
        }
        let found = cx.schema.functions.get(function)?;
        let schema = &cx.schema.namespaces.get(found.namespace)?.name;
        Some(Fix {
            sql: format!(
                "CREATE TRIGGER {} BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}.{}();",
                quote(&name),
                cx.table_sql(table),
                quote(schema),
                quote(&found.name)
            ),
            caution: None,
        })
    }

    fn usual_for(&self, cx: &Context<'_>, column: &str) -> Option<Keeper<'a>> {
        let mut users: BTreeMap<FunctionId, Vec<Keeper<'a>>> = BTreeMap::new();
        for keeper in self.keepers.iter().filter(|(table, ..)| table.find_column(column).is_some()) {
            users.entry(keeper.2).or_default().push(*keeper);
        }
        users.retain(|function, _| sets_only(cx, *function, column));
        users.into_iter().max_by_key(|(id, of)| (of.len(), Reverse(*id)))?.1.first().copied()
    }
}

/// How many bytes of a name PostgreSQL keeps.
const MAX_NAME: usize = 63;

/// Whether a trigger runs before each update, without condition or arguments, and at no other time.
fn keeps_only(trigger: &Trigger) -> bool {
    trigger.timing == TriggerTiming::Before
        && trigger.events == [TriggerEvent::Update]
        && trigger.for_each_row
        && trigger.update_of.is_empty()
        && trigger.when.is_none()
        && trigger.arguments.is_empty()
}

/// Whether a function touches no other column of the row that is written, and no table.
fn sets_only(cx: &Context<'_>, function: FunctionId, column: &str) -> bool {
    let Some(FunctionBody::String(body)) = cx.schema.functions.get(function).and_then(|f| f.body.as_ref()) else {
        return false;
    };
    const ELSEWHERE: &[&str] = &["insert", "update", "delete", "select", "perform", "execute", "old", "tg_table_name"];
    let text = body.text.to_ascii_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = text.split(|c| !is_word(c)).filter(|w| !w.is_empty());
    let mut sets = text.split("new.").skip(1).map(|rest| rest.split(|c| !is_word(c)).next() == Some(column)).peekable();
    sets.peek().is_some() && sets.all(|own| own) && !words.any(|w| ELSEWHERE.contains(&w))
}

/// What SQLAlchemy's models say of the tables: which there are, and which columns are set with each update that goes through them.
/// Source: SQLAlchemy, "Column INSERT/UPDATE Defaults", `onupdate`.
#[derive(Default)]
struct Models<'a> {
    tables: BTreeSet<&'a str>,
    set_on_update: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Models<'a> {
    fn of(cx: &Context<'a>) -> Self {
        let own = (cx.target, cx.history, cx.schema);
        let others = cx.others.iter().map(|other| (other.target, other.history, &other.replay.schema));
        let mut models = Self::default();
        for (_, history, schema) in std::iter::once(own).chain(others).filter(|(t, ..)| t.role == Role::Models) {
            models.tables.extend(schema.live_tables().map(|(_, table)| table.name.as_str()));
            let columns = history.set_on_update.iter().map(|(_, table, column)| (table.as_str(), column.as_str()));
            models.set_on_update.extend(columns);
        }
        models
    }

    /// Whether a model sets the column; nothing where no model has the table.
    fn set(&self, table: &str, column: &str) -> Option<bool> {
        self.tables.contains(table).then(|| self.set_on_update.contains(&(table, column)))
    }
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
