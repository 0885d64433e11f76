//! Calls of functions that change the schema: `SELECT diesel_manage_updated_at('users')`, `CALL add_partition(2026)`, `PERFORM` in a block or in such
//! a function. What the function does is read as a DO block with the call's values would be.

use std::collections::BTreeMap;

use super::Revision;
use crate::expr::{From, Item, Query, Source, Tree};
use crate::name::{Name, quote};
use crate::operation::{ArgumentMode, CreateFunction, DmlVerb, FunctionBody, Operation, OperationKind};
use crate::problem::ProblemKind;
use crate::read::{ddl, sql};
use crate::source::Mapped;

/// How deep such functions call each other.
const MAX_DEPTH: u32 = 8;

/// A function in PL/pgSQL that may change the schema: its arguments, and its body.
struct Builder {
    arguments: Vec<Argument>,
    body: String,
}

/// An argument: its name, its type as written, and its default.
struct Argument {
    name: Name,
    data_type: String,
    default: Option<Tree>,
}

/// Puts in place of each call what the function called would do, where that follows from the values written in the call.
pub(crate) fn expand(revisions: &mut [Revision]) {
    let mut builders: BTreeMap<Name, Builder> = BTreeMap::new();
    for revision in revisions {
        for operations in [&mut revision.up, &mut revision.down] {
            let mut at = 0;
            while let Some(operation) = operations.get(at) {
                if let OperationKind::CreateFunction(function) = &operation.kind {
                    let name = function.name.name.fold();
                    match Builder::of(function) {
                        Some(builder) => _ = builders.insert(name, builder),
                        None => _ = builders.remove(&name),
                    }
                }
                let done = if builders.is_empty() { None } else { called(operation, &builders, 0) };
                match done {
                    Some(done) => {
                        let behind = at + done.len();
                        operations.splice(at..=at, done);
                        at = behind;
                    }
                    None => at += 1,
                }
            }
        }
    }
}

impl Builder {
    fn of(function: &CreateFunction) -> Option<Self> {
        let Some(FunctionBody::String(body)) = &function.body else { return None };
        let language = function.attributes.language.as_ref()?.fold();
        let lower = body.text.to_ascii_lowercase();
        let changes =
            ["execute", "create ", "alter ", "drop ", "comment ", "perform "].iter().any(|word| lower.contains(word));
        let is_trigger = lower.contains("return new");
        if language != "plpgsql" || !changes || is_trigger {
            return None;
        }
        let inputs = function.arguments.iter().filter(|a| a.mode != ArgumentMode::Out);
        let arguments = inputs
            .map(|a| {
                let name = a.name.as_ref().map(crate::name::Ident::fold)?;
                let data_type = format!("{}{}", a.data_type.name.text, "[]".repeat(a.data_type.dimensions.into()));
                let default = a.default.as_ref().map(|d| d.tree().clone());
                Some(Argument { name, data_type, default })
            })
            .collect::<Option<_>>()?;
        let body = body.text.trim_end().trim_end_matches(';').to_owned();
        Some(Self { arguments, body })
    }
}

/// Whether an operation calls one of these functions.
fn of_builder(operation: &Operation, builders: &BTreeMap<Name, Builder>) -> bool {
    let OperationKind::Utility { text: Some(text), .. } = &operation.kind else { return false };
    let name = text.split('(').next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
    builders.contains_key(name.trim().trim_matches('"').to_ascii_lowercase().as_str())
}

/// A value as a literal, where it is one.
fn written(value: &Tree) -> Option<String> {
    match value.without_casts() {
        Tree::Text(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        Tree::Number(number) => Some(number.to_string()),
        Tree::Bool(value) => Some(value.to_string()),
        Tree::Null => Some("NULL".to_owned()),
        Tree::Operator(operator, operands) if operator == "-" => match operands.as_slice() {
            [Tree::Number(number)] => Some(format!("-{number}")),
            _ => None,
        },
        Tree::Array(items) => {
            Some(format!("ARRAY[{}]", items.iter().map(written).collect::<Option<Vec<_>>>()?.join(", ")))
        }
        _ => None,
    }
}

/// What the calls in a SELECT do; `None` where it is more than calls, and where what they do does not follow from it.
fn called(operation: &Operation, builders: &BTreeMap<Name, Builder>, depth: u32) -> Option<Vec<Operation>> {
    if depth > MAX_DEPTH {
        return None;
    }
    let text = match &operation.kind {
        OperationKind::Dml { verb: DmlVerb::Select, text, .. } => text.text.to_string(),
        OperationKind::Utility { verb, text: Some(text) } if matches!(verb.as_str(), "CALL" | "PERFORM") => {
            format!("SELECT {text}")
        }
        _ => return None,
    };
    // Few calls of a dump are of such functions, and reading a query costs more than looking for a name.
    let lower = text.to_ascii_lowercase();
    if !builders.keys().any(|name| lower.contains(&name.to_ascii_lowercase())) {
        return None;
    }
    let mut query: Query = sql::query(&text)?;
    // `SELECT * FROM f(…)` calls as `SELECT f(…)` does.
    if let ([Item { value: Tree::Star(_), .. }], [From { source: Source::Function(call), .. }]) =
        (query.items.as_slice(), query.from.as_slice())
    {
        query.items = vec![Item { value: Tree::Call(call.clone()), alias: None }];
        query.from.clear();
    }
    if !query.from.is_empty() || query.filter.is_some() || !query.set_operands.is_empty() || !query.with.is_empty() {
        return None;
    }
    let mut out = Vec::new();
    for item in &query.items {
        let Tree::Call(call) = &item.value else { return None };
        let builder = builders.get(call.base_name())?;
        if call.arguments.len() > builder.arguments.len() {
            return None;
        }
        let mut block = String::from("DO $relata$ DECLARE ");
        for (n, argument) in builder.arguments.iter().enumerate() {
            let value = written(call.arguments.get(n).or(argument.default.as_ref())?)?;
            block.push_str(&format!("{} {} := {value}; ", quote(&argument.name), argument.data_type));
        }
        block.push_str(&format!("BEGIN {}; END $relata$", builder.body));
        let reading = ddl::read_mapped(&Mapped::made(&block, operation.span), operation.span);
        let opaque = reading.problems.iter().any(|p| p.kind == ProblemKind::OpaqueStatement);
        if opaque {
            return None;
        }
        let mut all = Vec::with_capacity(reading.operations.len());
        for inner in reading.operations {
            match called(&inner, builders, depth + 1) {
                Some(mut done) => all.append(&mut done),
                None if of_builder(&inner, builders) => return None,
                // A lock, a notice: nothing of the schema.
                None if matches!(&inner.kind, OperationKind::Utility { verb, .. } if verb == "PERFORM") => {}
                None if matches!(inner.kind, OperationKind::Utility { .. }) => return None,
                None => all.push(inner),
            }
        }
        if !all.iter().any(|o| ddl::changes_schema(&o.kind)) {
            return None;
        }
        for mut done in all {
            done.guards = operation.guards.iter().chain(&done.guards).cloned().collect();
            done.tolerates = operation.tolerates.iter().chain(&done.tolerates).cloned().collect();
            out.push(done);
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use crate::{Options, analyze};

    #[test]
    fn a_call_does_what_its_function_executes() {
        // Diesel's own set-up, shortened, and a call of it in a later migration.
        let files = [
            (
                "m/00000000000000_setup/up.sql",
                "CREATE FUNCTION manage(_tbl regclass) RETURNS VOID AS $$ BEGIN EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %s \
                 FOR EACH ROW EXECUTE PROCEDURE touch()', _tbl); END; $$ LANGUAGE plpgsql;\n\
                 CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END; $$ LANGUAGE plpgsql;",
            ),
            (
                "m/20240101000000_users/up.sql",
                "CREATE TABLE users (id int PRIMARY KEY, updated_at timestamptz); SELECT manage('users');",
            ),
        ];
        let analysis = analyze(files.iter().map(|(n, s)| (*n, s.as_bytes())), Options::default());
        let schema = &analysis.targets[0].replay.schema;
        let triggers: Vec<&str> =
            schema.triggers.iter().filter(|(_, t)| t.dropped.is_none()).map(|(_, t)| t.name.as_str()).collect();
        assert_eq!(triggers, ["set_updated_at"]);
    }

    /// What PostgreSQL 15 makes of it: five tables, t7 not.
    #[test]
    fn blocks_and_functions_call_them_too() {
        let sql = "CREATE FUNCTION mk(s text, n int DEFAULT 3) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); EXECUTE format('CREATE TABLE %I.t%s (id int)', s, n); END $$;\n\
            DO $$ DECLARE v text := 'public'; BEGIN PERFORM mk('public'); PERFORM mk(v, 4); END $$;\n\
            DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'u') THEN PERFORM mk('public', 5); END IF; END $$;\n\
            DO $$ BEGIN IF EXISTS (SELECT FROM pg_class WHERE relname = 'u') THEN PERFORM mk('public', 7); END IF; END $$;\n\
            CREATE FUNCTION two(s text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(s, 6); PERFORM mk(s, 8); END $$;\n\
            SELECT two('public');";
        let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
        let schema = &analysis.targets[0].replay.schema;
        let live: Vec<&str> = schema.live_tables().map(|(_, t)| t.name.as_str()).collect();
        assert_eq!(live, ["t3", "t4", "t5", "t6", "t8"]);
    }
}
