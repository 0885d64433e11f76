//! SQLAlchemy as models see it: which calls matter wherever they stand, and what names of an application's own `db` object are.

use smol_str::SmolStr;

use super::super::sqlalchemy::expression::text_of;
use super::super::sqlalchemy::table::constructor;
use crate::read::python::{Call, EffectKind, Host, Interpreter, TermKind, Value};
use crate::source::{Mapped, Span};

/// Modules that define models.
#[derive(Debug)]
pub(super) struct Sqlalchemy {
    /// Whether what they execute matters, as it does in an `env.py`.
    executes: bool,
}

impl Sqlalchemy {
    pub(super) const MODELS: Self = Self { executes: false };
    pub(super) const ENVIRONMENT: Self = Self { executes: true };
}

/// What `connection.execute(…)`, or `context.execute(…)`, is given, where the call is one.
pub(super) fn executed(call: &Value) -> Option<&Value> {
    let (callee, arguments) = call.as_call()?;
    matches!(callee.last_name(), Some("execute" | "exec_driver_sql")).then(|| arguments.positional.first())?
}

/// What Flask-SQLAlchemy's object is called in dotted names: `db.Column` is `flask_sqlalchemy.SQLAlchemy.Column`.
pub(super) const FLASK: &str = "flask_sqlalchemy.SQLAlchemy";

impl Host for Sqlalchemy {
    fn call(&self, python: &mut Interpreter<'_>, call: &Call<'_>) -> Option<Value> {
        let whole = || Value::term(TermKind::Call(call.callee.clone(), call.arguments.clone()), call.span);
        if self.executes && executed(&whole()).is_some() {
            python.record(EffectKind::Call, whole(), call.span);
            return None;
        }
        let path = call.callee.as_name()?;
        let configures = path == "alembic.context.configure";
        if !configures && !matches!(path.rsplit('.').next(), Some("Table" | "Index" | "SQLAlchemy")) {
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

    fn text(&self, _: &Interpreter<'_>, value: &Value) -> Option<Mapped> {
        text_of(value)?.as_text().map(|text| (**text).clone())
    }

    fn is_context(&self, _: &Value) -> bool {
        false
    }

    /// What is set on a metadata: `SQLModel.metadata.naming_convention = {…}`.
    fn keeps(&self, object: &Value, attribute: &str) -> bool {
        let is_metadata = match object.as_call() {
            Some((callee, _)) => callee.last_name() == Some("MetaData"),
            None => object.last_name().is_some_and(|name| name.ends_with("metadata")),
        };
        is_metadata && matches!(attribute, "naming_convention" | "schema")
    }
}
