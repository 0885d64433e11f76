use std::collections::BTreeMap;

use crate::expr::{Call, Expr, Routine, Tree};
use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::operation::{ArgumentMode, FunctionBody};
use crate::rules::support::{base_type, builtin};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, Function, ObjectId, Schema};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "dynamic-sql-injection",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A function joins a caller's text into a command that it executes.",
    why: "Whoever chooses the text chooses the command: `x'; DROP TABLE users; --` ends the string and starts another statement, with the rights of the function's owner where it \
          is SECURITY DEFINER. Values belong into USING, names and literals through `format` with `%I` and `%L`, or `quote_ident` and `quote_literal`; `%s` puts text in as it is. \
          Text is followed from text arguments and columns of NEW and OLD through variables; a value that the body compares with a list or a pattern first is taken as \
          checked. In a function that runs with its caller's rights and that no web API shows, the severity is medium. PostgreSQL manual, 43.5.4 \"Executing Dynamic \
          Commands\".",
    fires: examples![
        "CREATE FUNCTION wipe(t text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN EXECUTE «'TRUNCATE ' || t»; END $$;",
        "CREATE FUNCTION found(word text) RETURNS bigint LANGUAGE plpgsql AS $$\nDECLARE sql text; n bigint;\nBEGIN\n  sql := format('SELECT count(*) FROM pg_class WHERE relname = ''%s''', word);\n  EXECUTE «sql» INTO n;\n  RETURN n;\nEND $$;",
        "CREATE TABLE jobs (id bigint PRIMARY KEY, command text NOT NULL);\nCREATE FUNCTION run_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE «NEW.command»; RETURN NEW; END $$;",
    ],
    silent: examples![
        "CREATE FUNCTION wipe(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'TRUNCATE ' || quote_ident(t); EXECUTE format('TRUNCATE %I', t); EXECUTE format('SELECT %2$L, %1$I', t, t); END $$;",
        "CREATE FUNCTION found(word text) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM pg_class WHERE relname = $1' INTO n USING word; RETURN n; END $$;",
        // Types that cannot hold a command, and names that the server has looked up.
        "CREATE FUNCTION keep(days int, t regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('DELETE FROM %s WHERE age > %s', t, days); EXECUTE 'ANALYZE ' || t::text; END $$;",
        "CREATE FUNCTION look(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('ANALYZE %s', t::regclass); END $$;",
        // Checked against a list.
        "CREATE FUNCTION part(unit text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF unit NOT IN ('day', 'week') THEN RAISE EXCEPTION 'no'; END IF; EXECUTE 'SELECT date_trunc(''' || unit || ''', now())'; END $$;",
        // Names from the catalogue, though they are called as an argument, and a trigger's own.
        "CREATE FUNCTION tidy(name text) RETURNS void LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT relname AS name FROM pg_class LOOP EXECUTE 'ANALYZE ' || r.name; END LOOP; END $$;",
        "CREATE FUNCTION all_tables() RETURNS void LANGUAGE plpgsql AS $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables LOOP EXECUTE 'ANALYZE ' || t; END LOOP; END $$;",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ANALYZE ' || TG_TABLE_NAME; RETURN NEW; END $$;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        let Some(FunctionBody::String(body)) = &function.body else { continue };
        if function.language != "plpgsql" || !cx.owns_namespace(function.namespace) {
            continue;
        }
        let routine = body.routine();
        if routine.executed.is_empty() {
            continue;
        }
        out.look();
        let origins = Origins::of(cx, function, body, &routine);
        let Some((place, origin)) =
            routine.executed.iter().find_map(|place| Some((*place, origins.of_tree(&body.part(*place).tree(), 0)?)))
        else {
            continue;
        };
        let exposed = cx.is_exposed(function.namespace);
        let severity =
            if function.security_definer || exposed || origin.of_row() { Severity::High } else { Severity::Medium };
        let certainty = if origin.of_row() { Certainty::Likely } else { Certainty::Proven };
        let whose = if function.security_definer { ", with the rights of its owner" } else { "" };
        let message = format!(
            "`{}` executes a command into which `{}` goes as it is{whose}.",
            cx.name(ObjectId::Function(id)),
            origin.0
        );
        out.report(ObjectId::Function(id), body.span_of(place).unwrap_or(function.name_span), message)
            .severity(severity)
            .certainty(certainty);
    }
}

/// Where a text comes from: an argument's name, or `NEW.column`.
#[derive(Clone, PartialEq, Eq)]
struct Origin(String);

impl Origin {
    fn of_row(&self) -> bool {
        self.0.starts_with("NEW.") || self.0.starts_with("OLD.")
    }
}

/// The variables that hold a caller's text.
struct Origins {
    function: Name,
    of: BTreeMap<Name, Origin>,
    /// Columns of NEW and OLD that no text fits in.
    safe_fields: Vec<Name>,
}

/// Calls that keep a text as it is, or join it with others.
const KEEPS_TEXT: &[&str] = &[
    "array_to_string",
    "btrim",
    "coalesce",
    "concat",
    "concat_ws",
    "left",
    "lower",
    "ltrim",
    "overlay",
    "regexp_replace",
    "repeat",
    "replace",
    "right",
    "rtrim",
    "string_agg",
    "substr",
    "substring",
    "trim",
    "upper",
];

/// How deep expressions are followed.
const MAX_DEPTH: u32 = 64;

impl Origins {
    fn of(cx: &Context<'_>, function: &Function, body: &Expr, routine: &Routine) -> Self {
        let checked = &routine.checked;
        let mut of = BTreeMap::new();
        for argument in function.arguments.iter().filter(|a| a.mode != ArgumentMode::Out) {
            let Some(name) = argument.name.clone().filter(|_| holds_text(cx.schema, &argument.data_type)) else {
                continue;
            };
            if !checked.contains(&name) {
                of.insert(name.clone(), Origin(name.to_string()));
            }
        }
        let mut out = Self { function: function.name.clone(), of, safe_fields: safe_fields(cx, function) };
        let values: Vec<(&Name, Expr)> =
            routine.assigned.iter().map(|(name, value)| (name, body.part(*value))).collect();
        // A variable that is given another variable's text may stand before it in the body, in a loop.
        for _ in 0..3 {
            for (name, value) in &values {
                if !out.of.contains_key(*name)
                    && !checked.contains(*name)
                    && let Some(origin) = out.of_tree(value.tree(), 0)
                {
                    out.of.insert((*name).clone(), origin);
                }
            }
        }
        out
    }

    /// The caller's text in an expression that gives a text, if there is any.
    fn of_tree(&self, tree: &Tree, depth: u32) -> Option<Origin> {
        if depth > MAX_DEPTH {
            return None;
        }
        let first = |trees: &[Tree]| trees.iter().find_map(|t| self.of_tree(t, depth + 1));
        match tree {
            Tree::Column(path) => match path.as_slice() {
                [name] => self.of.get(name).cloned(),
                [row, field] if row == "new" || row == "old" => {
                    (!self.safe_fields.contains(field)).then(|| Origin(format!("{}.{field}", row.to_ascii_uppercase())))
                }
                // `function.argument`; with anything else in front it is a column of a row that a query gave.
                [function, name] if *function == self.function => self.of.get(name).cloned(),
                _ => None,
            },
            Tree::Operator(op, operands) if op == "||" => first(operands),
            Tree::Cast(inner, to) => keeps_text(to).then(|| self.of_tree(inner, depth + 1)).flatten(),
            Tree::Case(_, branches, otherwise) => branches
                .iter()
                .find_map(|(_, then)| self.of_tree(then, depth + 1))
                .or_else(|| self.of_tree(otherwise.as_deref()?, depth + 1)),
            Tree::Array(items) => first(items),
            Tree::Call(call) if call.base_name() == "format" => self.of_format(call, depth),
            Tree::Call(call) if KEEPS_TEXT.contains(&call.base_name()) => first(&call.arguments),
            _ => None,
        }
    }

    /// What `format` puts in by `%s`. Source: PostgreSQL manual, 9.4.1 "format".
    fn of_format(&self, call: &Call, depth: u32) -> Option<Origin> {
        let (pattern, arguments) = call.arguments.split_first()?;
        let Tree::Text(pattern) = pattern.without_casts() else { return self.of_tree(pattern, depth + 1) };
        let mut next = 0_usize;
        let mut rest = pattern.as_str();
        while let Some((_, spec)) = rest.split_once('%') {
            if let Some(after) = spec.strip_prefix('%') {
                rest = after;
                continue;
            }
            let digits = spec.bytes().take_while(u8::is_ascii_digit).count();
            let number = spec.get(..digits).and_then(|d| d.parse::<usize>().ok());
            let (at, spec) = match (number, spec.get(digits..).and_then(|s| s.strip_prefix('$'))) {
                (Some(number), Some(after)) => (number.saturating_sub(1), after),
                _ => (next, spec),
            };
            next = at + 1;
            let spec = spec.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
            if spec.starts_with('s')
                && let Some(origin) = arguments.get(at).and_then(|a| self.of_tree(a, depth + 1))
            {
                return Some(origin);
            }
            rest = spec.get(1..).unwrap_or_default();
        }
        None
    }
}

/// Whether text of any kind fits into a type.
fn holds_text(schema: &Schema, data_type: &DataType) -> bool {
    let base = base_type(schema, data_type);
    match &base.base {
        BaseType::Builtin(name) => keeps_text(name),
        BaseType::Extension { name, .. } => name == "citext",
        _ => false,
    }
}

/// The same of a type as written in a cast.
fn keeps_text(written: &str) -> bool {
    let name = written.split(['(', '[']).next().unwrap_or_default().trim();
    matches!(
        name,
        "text"
            | "varchar"
            | "character varying"
            | "char"
            | "character"
            | "bpchar"
            | "name"
            | "citext"
            | "json"
            | "jsonb"
    )
}

/// The columns of NEW and OLD whose type holds no command, in every table that the function serves.
fn safe_fields(cx: &Context<'_>, function: &Function) -> Vec<Name> {
    if !function.returns_trigger() {
        return Vec::new();
    }
    let mut safe = Vec::new();
    let mut unsafe_names = Vec::new();
    for (_, table) in cx.tables() {
        let served = cx.schema.triggers_of(&table.triggers).any(|(_, t)| {
            matches!(t.function, crate::schema::TriggerFunction::User(f)
                if cx.schema.functions.get(f).is_some_and(|f| std::ptr::eq(f, function)))
        });
        if served {
            for (_, column) in table.live_columns() {
                let text = holds_text(cx.schema, &column.data_type) || builtin(cx.schema, &column.data_type).is_none();
                let list = if text { &mut unsafe_names } else { &mut safe };
                list.push(column.name.clone());
            }
        }
    }
    safe.retain(|name| !unsafe_names.contains(name));
    safe
}
