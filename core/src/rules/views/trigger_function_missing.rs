use std::collections::{BTreeMap, BTreeSet};

use crate::expr::Place;
use crate::finding::{Certainty, Severity, Subject};
use crate::name::{Name, quote};
use crate::operation::{FunctionBody, ObjectKind, OperationKind};
use crate::rules::support::{missing_object, refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{FunctionId, ObjectId, Table, TableId, Trigger, TriggerFunction, TriggerId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "trigger-function-missing",
    category: Category::ViewsAndFunctions,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A trigger calls a function that nothing in the input makes, or one that uses columns which its table lacks.",
    why: "PostgreSQL refuses a trigger without its function, and what it was to keep up, a time of change or an audit trail, is not kept up. The function was left out of the files, \
          renamed, or stands in another schema than the search path reaches; where it is made further down, the order is wrong, which another rule tells. A function in PL/pgSQL that \
          speaks of `NEW.x` or `OLD.x` is made without a look at any table: where the table has no such column, every insert or update that comes to that line fails. A function that \
          asks which table it is for is left alone. PostgreSQL manual, CREATE TRIGGER, 43.10 \"Trigger Functions\", and appendix A, 42883 and 42703.",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION «touch»();",
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;\n«CREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch()»;",
        // It notes for which table it is called, and does not ask.
        "CREATE TABLE lines (order_id bigint, no integer, PRIMARY KEY (order_id, no));\nCREATE TABLE trail (of text, row_id bigint);\nCREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trail VALUES (TG_TABLE_NAME, OLD.id); RETURN NULL; END $$;\n«CREATE TRIGGER note AFTER DELETE ON lines FOR EACH ROW EXECUTE FUNCTION note()»;",
    ],
    silent: examples![
        // One function for two tables, which asks where it is.
        "CREATE TABLE a (id bigint PRIMARY KEY, x text);\nCREATE TABLE b (id bigint PRIMARY KEY, y text);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_TABLE_NAME = 'a' THEN NEW.x := 'a'; ELSE NEW.y := 'b'; END IF; RETURN NEW; END $$;\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();\nCREATE TRIGGER t BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION f();",
        // A function that builds SQL has been at work.
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE FUNCTION add(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN x text', t); END $$;\nSELECT add('a');\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.x := 'a'; RETURN NEW; END $$;\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();",
        // In a comment, in a string, and of a transition table.
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN -- NEW.x\n RAISE NOTICE 'NEW.y'; RETURN NEW; END $$;\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM new.n FROM (SELECT count(*) AS n FROM added) new; RETURN NULL; END $$;\nCREATE TRIGGER t AFTER INSERT ON a REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION f();",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch();",
        // Of an extension, and built in.
        "CREATE EXTENSION moddatetime;\nCREATE TABLE notes (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION moddatetime(updated_at);\nCREATE TRIGGER same BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();",
        // Too early, but it comes.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut fields = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (trigger_id, trigger) in cx.schema.triggers_of(&table.triggers) {
            out.look();
            row_without_column(cx, out, (id, table), (trigger_id, trigger), &mut fields);
        }
    }
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate == "42883") {
        let Some(OperationKind::CreateTrigger(create)) = refused(cx, conflict).map(|o| &o.kind) else { continue };
        let function = create.function.name.fold();
        if cx.schema.functions.iter().any(|(_, f)| f.name == function) {
            continue;
        }
        out.look();
        let (kind, name) = missing_object(conflict).unwrap_or((ObjectKind::Function, function.as_str()));
        let table = written_path(&create.table);
        let message = format!(
            "The trigger `{}` on `{}` calls `{function}`, which does not exist.",
            create.name.fold(),
            create.table.name.fold()
        );
        out.report_about(Subject::new(kind, name), conflict.span, message)
            .maybe_subject(Some(Subject::new(ObjectKind::Trigger, format!("{table}.{}", quote(&create.name.fold())))))
            .maybe_subject(Some(Subject::new(ObjectKind::Table, table)))
            .maybe_subject(cx.revision(conflict.revision));
    }
}

/// Names that show that a function is ready for a column that is not there.
const IS_READY: &[&str] = &["undefined_column", "others"];

/// A column of the row that a function speaks of: NEW or OLD, its name, and where both stand.
type RowField = (Name, Name, Place);

/// The columns of the row that a function in PL/pgSQL speaks of, each once; none where it asks which table it is for.
fn fields_of(cx: &Context<'_>, id: FunctionId) -> Vec<RowField> {
    let body = cx.schema.functions.get(id).filter(|f| f.language == "plpgsql").and_then(|f| f.body.as_ref());
    let Some(FunctionBody::String(body)) = body else { return Vec::new() };
    if cx.body_words().get(&id).is_none_or(|words| IS_READY.iter().any(|w| words.contains(*w))) {
        return Vec::new();
    }
    let routine = body.routine();
    let mut fields = if routine.asks_for_table { Vec::new() } else { routine.row_fields };
    let mut known = BTreeSet::new();
    fields.retain(|(_, field, _)| known.insert(field.clone()));
    fields
}

/// Tells a trigger whose function speaks of a column of NEW or OLD that the table does not have. `known` are the columns of functions that were
/// read before: many triggers share one.
fn row_without_column(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    (table_id, table): (TableId, &Table),
    (id, trigger): (TriggerId, &Trigger),
    known: &mut BTreeMap<FunctionId, Vec<RowField>>,
) {
    let TriggerFunction::User(function_id) = trigger.function else { return };
    if !trigger.for_each_row {
        return;
    }
    let fields = known.entry(function_id).or_insert_with(|| fields_of(cx, function_id));
    let Some((row, field, place)) = fields.iter().find(|(_, field, _)| table.find_column(field).is_none()) else {
        return;
    };
    let Some(function) = cx.schema.functions.get(function_id) else { return };
    // What was built while running may have added the column.
    if cx.runs_hidden_sql() {
        return;
    }
    let written = match &function.body {
        Some(FunctionBody::String(body)) => body.span_of(*place),
        _ => None,
    };
    let message = format!(
        "The trigger `{}` on `{}` runs `{}`, which uses `{}.{field}`: the table has no such column.",
        trigger.name,
        cx.table_name(table_id),
        cx.name(ObjectId::Function(function_id)),
        row.to_ascii_uppercase()
    );
    out.report(ObjectId::Trigger(id), trigger.span, message)
        .object(ObjectId::Function(function_id))
        .object(ObjectId::Table(table_id))
        .also_at(written.unwrap_or(function.name_span));
}
