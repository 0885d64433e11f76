//! Alembic and SQLAlchemy as a migration sees them: which calls do something, and what is known of the database that it runs on.

use super::super::sqlalchemy::expression::text_of;
use super::super::sqlalchemy::table::constructor;
use super::{compiled, inspector, reflected, registered};
use crate::name::quote;
use crate::read::python::{Call, EffectKind, Host, Interpreter, Kind, TermKind, Value};
use crate::source::{Mapped, Span};

/// A migration on a PostgreSQL server, run online.
#[derive(Debug)]
pub(super) struct Migration;

/// Methods that run SQL: of connections, sessions and Alembic's own `op`.
const EXECUTE: &[&str] = &["execute", "exec_driver_sql", "scalar", "scalars"];

/// Packages whose functions leave a database's schema as it is when a migration calls them, or that are read here.
const HARMLESS: &[&str] = &[
    "alembic",
    "asyncio",
    "builtins",
    "click",
    "collections",
    "contextlib",
    "copy",
    "csv",
    "datetime",
    "flask",
    "functools",
    "gc",
    "itertools",
    "json",
    "logging",
    "math",
    "os",
    "pathlib",
    "random",
    "re",
    "rich",
    "sa",
    "shutil",
    "sqlalchemy",
    "sqlmodel",
    "string",
    "structlog",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "tqdm",
    "traceback",
    "typing",
    "uuid",
    "warnings",
    "yaml",
];

impl Host for Migration {
    fn call(&self, python: &mut Interpreter<'_>, call: &Call<'_>) -> Option<Value> {
        let whole = || Value::term(TermKind::Call(call.callee.clone(), call.arguments.clone()), call.span);
        if let Some(first) = call.arguments.positional.first()
            && call.callee.last_name().is_some_and(|name| EXECUTE.contains(&name))
            && let Some(text) = compiled::text(python, first)
        {
            let mut arguments = call.arguments.clone();
            arguments.positional.splice(0..1, [text]);
            let made = Value::term(TermKind::Call(call.callee.clone(), arguments), call.span);
            python.record(EffectKind::Call, made.clone(), call.span);
            return Some(made);
        }
        if let Some(path) = call.callee.as_name() {
            let name = operation(path);
            return match name {
                // `op.f` says that a name is as it is, whatever the naming convention.
                Some("f" | "get_bind" | "get_context" | "inline_literal" | "batch_alter_table") | None => {
                    // A table is made later, by `create_all` of its metadata.
                    if matches!(constructor(&whole()), Some(("Table", _))) {
                        let made = inspector::reflect(python, call).unwrap_or_else(whole);
                        python.record(EffectKind::Call, made.clone(), call.span);
                        return Some(made);
                    }
                    None
                }
                Some(name) => {
                    if let Some(value) = registered::call(python, name, call) {
                        return Some(value);
                    }
                    let made = whole();
                    python.record(EffectKind::Call, made.clone(), call.span);
                    Some(made)
                }
            };
        }
        let Some(TermKind::Attribute(object, method)) = call.callee.as_term() else {
            if is_one_of_several(python, call.callee) {
                let made = whole();
                python.record(EffectKind::Call, made.clone(), call.span);
                return Some(made);
            }
            return None;
        };
        // `bind.dialect.identifier_preparer.quote("order")`, `compiler.preparer.quote("order")`
        if matches!(method.as_str(), "quote" | "quote_identifier")
            && matches!(object.last_name(), Some("identifier_preparer" | "preparer"))
            && let [name] = call.arguments.positional.as_slice()
            && let Some(text) = name.as_text()
        {
            let quoted = match method.as_str() {
                "quote" => quote(text.as_str()),
                _ => format!("\"{}\"", text.as_str().replace('"', "\"\"")),
            };
            return Some(Value::text(&quoted, text.whole().unwrap_or(call.span)));
        }
        // `kind.dialect_impl(bind.dialect)` is the type as this database has it.
        if method == "dialect_impl" && matches!(constructor(object), Some(("Enum" | "ENUM", _))) {
            return Some(object.clone());
        }
        if let Some(found) = inspector::answer(python, call, object, method) {
            return Some(found);
        }
        let acts = batch_of(object).is_some()
            || EXECUTE.contains(&method.as_str())
            || (matches!(method.as_str(), "create" | "drop") && !matches!(object.kind, Kind::Class(_)))
            || matches!(method.as_str(), "create_all" | "drop_all");
        if !acts {
            return None;
        }
        let made = whole();
        python.record(EffectKind::Call, made.clone(), call.span);
        Some(made)
    }

    fn fold(&self, python: &Interpreter<'_>, term: &TermKind, span: Span) -> Option<Value> {
        match term {
            // `db.DateTime`, where `db` is Flask-SQLAlchemy's object: it has the names of SQLAlchemy.
            TermKind::Attribute(object, name)
                if object.as_call().is_some_and(|(callee, _)| is_flask(python, callee))
                    && name.starts_with(char::is_uppercase) =>
            {
                Some(Value::term(TermKind::Name(format!("sqlalchemy.{name}").into()), span))
            }
            TermKind::Attribute(object, name) => match name.as_str() {
                "name" if matches!(object.last_name(), Some("dialect" | "engine")) => {
                    Some(Value::text("postgresql", span))
                }
                "dialect_name" => Some(Value::text("postgresql", span)),
                "as_sql" => Some(Value::new(Kind::Bool(false), span)),
                // Of the migration context: what `env.py` configures, and nothing where it does not.
                "version_table_schema" => {
                    let set = python.settings.iter().find(|(setting, _)| setting == name);
                    Some(set.map_or(Value::new(Kind::None, span), |(_, value)| value.clone()))
                }
                _ => None,
            },
            TermKind::Call(callee, _) if callee.last_name() == Some("is_offline_mode") => {
                Some(Value::new(Kind::Bool(false), span))
            }
            // `engine.url.get_backend_name()`
            TermKind::Call(callee, _) if callee.last_name() == Some("get_backend_name") => {
                Some(Value::text("postgresql", span))
            }
            // `hasattr(bind, "dialect")`: of a connection, an engine or a context.
            TermKind::Call(callee, arguments) if callee.as_name() == Some("builtins.hasattr") => {
                let [object, name] = arguments.positional.as_slice() else { return None };
                let connection = object.as_call().and_then(|(callee, _)| callee.last_name()).is_some_and(|name| {
                    matches!(name, "get_bind" | "get_context" | "connect" | "get_engine" | "create_engine")
                });
                (connection && matches!(name.as_str(), Some("dialect" | "engine" | "execute")))
                    .then(|| Value::new(Kind::Bool(true), span))
            }
            // `isinstance(bind.dialect, MySQLDialect)`
            TermKind::Call(callee, arguments) if callee.as_name() == Some("builtins.isinstance") => {
                let [object, class] = arguments.positional.as_slice() else { return None };
                if reflected::printed(object).is_some() {
                    let classes = python.heap.elements(class).unwrap_or_else(|| vec![class.clone()]);
                    let is: Vec<bool> =
                        classes.iter().map(|class| reflected::is_instance(object, class)).collect::<Option<_>>()?;
                    return Some(Value::new(Kind::Bool(is.contains(&true)), span));
                }
                if object.last_name() != Some("dialect") {
                    return None;
                }
                let classes = python.heap.elements(class).unwrap_or_else(|| vec![class.clone()]);
                let of_postgres = |class: &Value| Some(dialect_of(class)? == "postgresql");
                let answers: Vec<bool> = classes.iter().map(of_postgres).collect::<Option<_>>()?;
                Some(Value::new(Kind::Bool(answers.contains(&true)), span))
            }
            TermKind::Compare(a, op, b) => {
                if !(is_live(a) && b.is_none()) {
                    return None;
                }
                match op.as_str() {
                    "is" | "==" => Some(Value::new(Kind::Bool(false), span)),
                    "is not" | "!=" => Some(Value::new(Kind::Bool(true), span)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn attribute(&self, python: &mut Interpreter<'_>, object: &Value, name: &str, span: Span) -> Option<Value> {
        reflected::attribute(python, object, name, span)
            .or_else(|| registered::module_of(python, object, name))
            .or_else(|| type_of_path(object).filter(|_| name == "type"))
    }

    fn truth(&self, value: &Value) -> Option<bool> {
        is_live(value).then_some(true)
    }

    fn text(&self, _: &Interpreter<'_>, value: &Value) -> Option<Mapped> {
        reflected::printed(value).or_else(|| text_of(value))?.as_text().map(|text| (**text).clone())
    }

    fn is_context(&self, value: &Value) -> bool {
        is_autocommit(value) || batch_of(value).is_some()
    }

    fn acts_elsewhere(&self, value: &Value) -> bool {
        value.as_call().and_then(|(callee, _)| callee.as_name()).is_some_and(|path| {
            let package = path.split('.').next().unwrap_or_default();
            let name = path.rsplit('.').next().unwrap_or_default().trim_start_matches('_');
            let only_looks =
                ["assert", "check", "detect", "print", "validate", "verify"].iter().any(|w| name.starts_with(w));
            !HARMLESS.contains(&package) && !path.split('.').any(|part| part.contains("log")) && !only_looks
        })
    }
}

/// The type of `table.c.column`, where the table says it.
fn type_of_path(column: &Value) -> Option<Value> {
    let (columns, name) = match column.as_term()? {
        TermKind::Attribute(columns, name) => (columns, name.as_str()),
        TermKind::Index(columns, name) => (columns, name.as_str()?),
        _ => return None,
    };
    match columns.as_term()? {
        TermKind::Attribute(table, c) if c == "c" || c == "columns" => {
            let ("Table", table) = constructor(table)? else { return None };
            inspector::type_of_column(inspector::column_of(table, name)?).cloned()
        }
        _ => None,
    }
}

/// Whether a class is Flask-SQLAlchemy's, or one of the input that extends it.
fn is_flask(python: &Interpreter<'_>, class: &Value) -> bool {
    let named = |value: &Value| value.last_name() == Some("SQLAlchemy");
    match class.kind {
        Kind::Class(class) => python.heap.class(class).is_some_and(|class| class.bases.iter().any(named)),
        _ => named(class),
    }
}

/// Whether a value is a connection, or what looks into the database over one: something that is there.
fn is_live(value: &Value) -> bool {
    value.as_call().and_then(|(callee, _)| callee.last_name()).is_some_and(|name| {
        matches!(
            name,
            "get_bind" | "get_context" | "inspect" | "from_engine" | "Inspector" | "connect" | "connection" | "Session"
        )
    })
}

/// Whether a value is one of several functions, and only a run would tell which: `globals()["upgrade_%s" % name]`.
pub(super) fn is_one_of_several(python: &Interpreter<'_>, value: &Value) -> bool {
    match value.as_term() {
        Some(TermKind::Index(object, _)) => match object.kind {
            Kind::Dict(dict) => python.heap.dict(dict).iter().any(|(_, v)| matches!(v.kind, Kind::Function(_))),
            _ => false,
        },
        Some(TermKind::Call(callee, _)) => callee.as_name() == Some("builtins.eval"),
        _ => false,
    }
}

/// The database that a class of SQLAlchemy's dialects is for: `mysql` of `sqlalchemy.dialects.mysql.base.MySQLDialect`.
fn dialect_of(class: &Value) -> Option<&str> {
    class.as_name()?.strip_prefix("sqlalchemy.dialects.")?.split('.').next()
}

/// The operation of a dotted name: `create_table` of `alembic.op.create_table`.
pub(super) fn operation(path: &str) -> Option<&str> {
    path.strip_prefix("alembic.op.").filter(|name| !name.contains('.'))
}

/// `op.batch_alter_table(…)`: the arguments.
pub(super) fn batch_of(value: &Value) -> Option<&crate::read::python::Arguments> {
    let (callee, arguments) = value.as_call()?;
    (callee.as_name().and_then(operation) == Some("batch_alter_table")).then_some(arguments)
}

/// `op.get_context().autocommit_block()`.
pub(super) fn is_autocommit(value: &Value) -> bool {
    value.as_call().is_some_and(|(callee, _)| callee.last_name() == Some("autocommit_block"))
}
