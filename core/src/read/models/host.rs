//! SQLAlchemy as models see it: which calls matter wherever they stand, and what names of an application's own `db` object are.

use smol_str::SmolStr;

use super::super::sqlalchemy::expression::text_of;
use super::super::sqlalchemy::table::constructor;
use crate::read::python::{Arguments, Call, ClassId, EffectKind, Host, Interpreter, Kind, TermKind, Value};
use crate::source::{Mapped, Span};

/// Modules that define models.
#[derive(Debug)]
pub(super) struct Sqlalchemy;

/// What `connection.execute(…)`, or `context.execute(…)`, is given, where the call is one.
pub(super) fn executed(call: &Value) -> Option<&Value> {
    let (callee, arguments) = call.as_call()?;
    matches!(callee.last_name(), Some("execute" | "exec_driver_sql")).then(|| arguments.positional.first())?
}

/// What Flask-SQLAlchemy's object is called in dotted names: `db.Column` is `flask_sqlalchemy.SQLAlchemy.Column`.
pub(super) const FLASK: &str = "flask_sqlalchemy.SQLAlchemy";

/// Whether a class of the input extends the class of Flask-SQLAlchemy's object.
fn extends_flask(python: &Interpreter<'_>, class: ClassId, depth: u32) -> bool {
    depth < 20
        && python.heap.class(class).is_some_and(|class| {
            class.bases.iter().any(|base| match base.kind {
                Kind::Class(base) => extends_flask(python, base, depth + 1),
                _ => base
                    .as_name()
                    .is_some_and(|path| path.starts_with("flask_sqlalchemy") && path.ends_with(".SQLAlchemy")),
            })
        })
}

/// The key of a column, where a value is one.
fn key_of(python: &Interpreter<'_>, column: &Value) -> Option<Value> {
    let Kind::Class(column) = column.kind else { return None };
    python.class_attribute(column, "key", 0)
}

/// Methods of a table that add to it.
pub(super) const APPENDS: &[&str] = &["append_column", "append_constraint"];

/// The argument that says which class of the input an object of Flask-SQLAlchemy's is of.
const OWN_CLASS: &str = "<class>";

impl Host for Sqlalchemy {
    fn call(&self, python: &mut Interpreter<'_>, call: &Call<'_>) -> Option<Value> {
        let whole = || Value::term(TermKind::Call(call.callee.clone(), call.arguments.clone()), call.span);
        // By an `env.py`, or by what listens when a table is made.
        if executed(&whole()).is_some() {
            python.record(EffectKind::Call, whole(), call.span);
            return None;
        }
        // `db = Database(model_class=Base)`, where `class Database(SQLAlchemy)`: what it is called with decides.
        if let Kind::Class(class) = call.callee.kind {
            if !extends_flask(python, class, 0) {
                return None;
            }
            let callee = Value::term(TermKind::Name(SmolStr::new_static(FLASK)), call.callee.span);
            let mut arguments = call.arguments.clone();
            arguments.keywords.push((SmolStr::new_static(OWN_CLASS), call.callee.clone()));
            let made = Value::term(TermKind::Call(callee, arguments), call.span);
            python.record(EffectKind::Call, made.clone(), call.span);
            return Some(made);
        }
        // `constraint.columns.values()`.
        if let Some(TermKind::Attribute(object, method)) = call.callee.as_term()
            && let (Kind::List(_), true) = (&object.kind, call.arguments.positional.is_empty())
        {
            let items = python.heap.elements(object)?;
            let items = match method.as_str() {
                "values" => items,
                "keys" => items.iter().map(|item| key_of(python, item)).collect::<Option<_>>()?,
                _ => return None,
            };
            return Some(Value::new(Kind::List(python.heap.add_list(items)), call.span));
        }
        // SQLAlchemy-Continuum.
        if call.callee.last_name() == Some("make_versioned") {
            python.record(EffectKind::Call, whole(), call.span);
            return None;
        }
        // `table.append_constraint(…)`.
        if matches!(call.callee.as_term(), Some(TermKind::Attribute(_, method)) if APPENDS.contains(&method.as_str())) {
            python.record(EffectKind::Call, whole(), call.span);
            return None;
        }
        let path = call.callee.as_name()?;
        let listens = path.ends_with("event.listen");
        let configures = path == "alembic.context.configure";
        if !configures
            && !listens
            && !matches!(
                path.rsplit('.').next(),
                Some("Table" | "Index" | "UniqueConstraint" | "CheckConstraint" | "SQLAlchemy")
            )
        {
            return None;
        }
        let made = whole();
        constructor(&made)?;
        python.record(EffectKind::Call, made.clone(), call.span);
        Some(made)
    }

    fn fold(&self, _: &Interpreter<'_>, term: &TermKind, span: Span) -> Option<Value> {
        let TermKind::Attribute(object, name) = term else { return None };
        if name == "name" && matches!(object.last_name(), Some("dialect" | "engine")) {
            return Some(Value::text("postgresql", span));
        }
        let (callee, _) = object.as_call()?;
        (callee.last_name() == Some("SQLAlchemy"))
            .then(|| Value::term(TermKind::Name(SmolStr::new(format!("{FLASK}.{name}"))), span))
    }

    fn is_copied(&self, value: &Value) -> bool {
        super::classes::is_column(value)
    }

    /// What a class that extends Flask-SQLAlchemy's gives by itself, `db.Timestamp`; the name of a model's table, and its schema in front: `f"{Model.__table__.fullname}.id"`.
    fn attribute(&self, python: &mut Interpreter<'_>, object: &Value, name: &str, span: Span) -> Option<Value> {
        if let Some(Kind::Class(own)) = object.as_call().and_then(|(_, a)| a.keyword(OWN_CLASS)).map(|own| &own.kind) {
            let known = |value: &Value| match &value.kind {
                Kind::Class(_) | Kind::Str(_) => true,
                Kind::Term(_) => {
                    value.as_name().is_some() || value.as_call().is_some_and(|(c, _)| c.as_name().is_some())
                }
                _ => false,
            };
            if let Some(found) = python.class_attribute(*own, name, 0).filter(known) {
                return Some(found);
            }
            let ask = python.class_attribute(*own, "__getattr__", 0).filter(|f| matches!(f.kind, Kind::Function(_)))?;
            let positional = vec![object.clone(), Value::text(name, span)];
            let found = python.call(ask, Arguments { positional, ..Arguments::default() }, span);
            return Some(found).filter(known);
        }
        // A column's own name, where it has one by itself.
        if let ("name" | "key", true) = (name, super::classes::is_column(object)) {
            return object.as_call()?.1.get(0, "name").filter(|name| name.as_text().is_some()).cloned();
        }
        let Some(TermKind::Attribute(model, table)) = object.as_term() else { return None };
        let (Kind::Class(_), "__table__", "fullname" | "name" | "schema") = (&model.kind, table.as_str(), name) else {
            return None;
        };
        let said = |python: &mut Interpreter<'_>, name: &str| python.attribute(model, &SmolStr::new(name), span);
        let arguments = said(python, "__table_args__");
        let options = match arguments.kind {
            Kind::Tuple(_) => python.heap.elements(&arguments).and_then(|items| items.last().cloned()),
            _ => Some(arguments),
        };
        let schema = match options.map(|o| o.kind) {
            Some(Kind::Dict(options)) => python.heap.dict_get(options, "schema").cloned().filter(|s| !s.is_none()),
            _ => None,
        };
        let own = said(python, "__tablename__");
        match (name, schema) {
            ("schema", schema) => Some(schema.unwrap_or(Value::new(Kind::None, span))),
            ("fullname", Some(schema)) => Some(Value::text(&format!("{}.{}", schema.as_str()?, own.as_str()?), span)),
            _ => own.as_text().is_some().then_some(own),
        }
    }

    fn text(&self, _: &Interpreter<'_>, value: &Value) -> Option<Mapped> {
        text_of(value)?.as_text().map(|text| (**text).clone())
    }

    fn is_context(&self, _: &Value) -> bool {
        false
    }

    /// What is set on a metadata, `SQLModel.metadata.naming_convention = {…}`, and the metadata of a registry.
    fn keeps(&self, object: &Value, attribute: &str) -> bool {
        if attribute == "metadata" {
            return object.as_call().is_some_and(|(callee, _)| callee.last_name() == Some("registry"));
        }
        let is_metadata = match object.as_call() {
            Some((callee, _)) => callee.last_name() == Some("MetaData"),
            None => object.last_name().is_some_and(|name| name.ends_with("metadata")),
        };
        is_metadata && matches!(attribute, "naming_convention" | "schema")
    }
}
