//! SQLModel's models: fields that become columns. Source: `sqlmodel/main.py`.

use smol_str::SmolStr;

use super::Reader;
use super::classes::{Ancestor, is_column, merged};
use super::tables::Column;
use crate::order::Order;
use crate::read::python::{Arguments, ClassId, Kind, TermKind, Value};
use crate::read::sqlalchemy::naming::called;
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

impl Reader {
    /// The columns of a model of SQLModel's: its fields, those of what it extends first.
    pub(super) fn fields(&mut self, line: &[Ancestor]) -> Vec<Column> {
        let mut order: Vec<(SmolStr, ClassId, Value, Span, Option<Value>)> = Vec::new();
        for ancestor in line.iter().rev() {
            let Ancestor::Class(owner) = ancestor else { continue };
            let Some(found) = self.python.heap.class(*owner) else { continue };
            let scope = found.scope;
            for annotation in found.annotations.clone() {
                let value = self.python.heap.scope(scope).and_then(|s| s.get(&annotation.name)).cloned();
                let field = (annotation.name.clone(), *owner, annotation.value, annotation.span, value);
                match order.iter_mut().find(|(name, ..)| *name == annotation.name) {
                    Some(slot) => *slot = field,
                    None => order.push(field),
                }
            }
        }
        let mut fields = Vec::new();
        for (name, owner, annotation, span, value) in order {
            let hint = self.hint(owner, &annotation);
            let of_class = hint.types.last().is_some_and(|t| {
                matches!(t.as_term(), Some(TermKind::Index(o, _)) if o.last_name() == Some("ClassVar"))
                    || t.last_name() == Some("ClassVar")
            });
            if !of_class && !name.starts_with('_') && name != "model_config" {
                fields.push((name, hint, span, value));
            }
        }
        let places = self.places(line, fields.iter().map(|(name, ..)| name));
        fields.order_by_key(|(name, ..)| places.iter().position(|place| place == name));
        let map = Vec::new();
        let mut out = Vec::new();
        for (name, hint, span, value) in fields {
            let field = value.as_ref().and_then(|v| constructor(v));
            let arguments = match field {
                Some(("Relationship" | "relationship", _)) => continue,
                Some(("Field", arguments)) => arguments.clone(),
                _ => {
                    let extra = hint.extras.iter().find_map(|e| constructor(e).filter(|(name, _)| *name == "Field"));
                    extra.map(|(_, arguments)| arguments.clone()).unwrap_or_default()
                }
            };
            if let Some(column) = arguments.keyword("sa_column").filter(|c| is_column(c)).cloned() {
                out.extend(self.column(&column, &name, span));
                continue;
            }
            let mut column = Column::empty(&name, span);
            let yes = |name: &str| arguments.keyword(name).and_then(Value::as_bool) == Some(true);
            column.data_type = match arguments.keyword("sa_type") {
                Some(own) => Some(own.clone()),
                None => self.type_of(&hint, &map, true, span).or_else(|| hint.types.last().cloned()),
            };
            // Source: `get_sqlalchemy_type` of SQLModel 0.0.38 and 0.0.50.
            column.zone_by_version = arguments.keyword("sa_type").is_none()
                && hint.types.last().and_then(Value::as_name) == Some("datetime.datetime");
            // A length belongs to a text.
            if let (Some(length), Some("sqlalchemy.String")) = (
                arguments.keyword("max_length").filter(|l| l.as_int().is_some()),
                column.data_type.as_ref().and_then(|t| t.as_call()).and_then(|(callee, _)| callee.as_name()),
            ) {
                let length = Arguments { positional: vec![length.clone()], ..Arguments::default() };
                column.data_type = Some(called("sqlalchemy.String", length, span));
            }
            if let (Some(digits), Some("sqlalchemy.Numeric")) = (
                arguments.keyword("max_digits"),
                column.data_type.as_ref().and_then(|t| t.as_call()).and_then(|(callee, _)| callee.as_name()),
            ) {
                let positional =
                    [Some(digits), arguments.keyword("decimal_places")].into_iter().flatten().cloned().collect();
                let numbers = Arguments { positional, ..Arguments::default() };
                column.data_type = Some(called("sqlalchemy.Numeric", numbers, span));
            }
            let truth = |value: bool| Value::new(Kind::Bool(value), span);
            let nullable = match arguments.keyword("nullable").and_then(Value::as_bool) {
                Some(said) => said,
                None => !yes("primary_key") && hint.optional,
            };
            column.keywords.push(("nullable".into(), truth(nullable)));
            for flag in ["primary_key", "index", "unique"] {
                if let Some(value) = arguments.keyword(flag).filter(|v| v.as_bool() == Some(true)) {
                    column.keywords.push((flag.into(), value.clone()));
                }
            }
            if let Some(target) = arguments.keyword("foreign_key").filter(|f| !f.is_none()) {
                let action = arguments.keyword("ondelete").filter(|a| !a.is_none());
                let keywords = action.into_iter().map(|a| ("ondelete".into(), a.clone())).collect();
                let key = Arguments { positional: vec![target.clone()], keywords, open: false };
                column.rest.push(called("sqlalchemy.ForeignKey", key, target.span));
            }
            // What a program fills in is no default of the database's, but such a number does not count by itself.
            let default = arguments.keyword("default_factory").or_else(|| arguments.get(0, "default"));
            let default = default.or(value.as_ref().filter(|_| field.is_none()));
            if let Some(default) = default.filter(|d| !d.is_none() && d.last_name() != Some("Ellipsis")) {
                column.keywords.push(("default".into(), default.clone()));
            }
            if let Some(more) = arguments.keyword("sa_column_args") {
                column.rest.extend(self.python.heap.elements(more).unwrap_or_default());
            }
            if let Some(Kind::Dict(more)) = arguments.keyword("sa_column_kwargs").map(|m| &m.kind) {
                for (key, value) in self.python.heap.dict(*more) {
                    if let Some(key) = key.as_str() {
                        if key == "name" && value.as_text().is_some() {
                            column.name = value.clone();
                            continue;
                        }
                        column.keywords.retain(|(name, _)| name != key);
                        column.keywords.push((SmolStr::new(key), value.clone()));
                    }
                }
            }
            out.push(column);
        }
        out
    }

    /// The names of a model's fields in the order of its columns: pydantic has them in the order in which they came first, SQLModel sets them all on
    /// the class, and SQLAlchemy goes through these and what the class itself annotates, relationships first.
    /// Source: `SQLModelMetaclass.__new__`.
    fn places<'n>(&'n self, line: &[Ancestor], fields: impl Iterator<Item = &'n SmolStr>) -> Vec<SmolStr> {
        let own = match line.first() {
            Some(Ancestor::Class(class)) => self.python.heap.class(*class),
            _ => None,
        };
        let fields: Vec<&SmolStr> = fields.collect();
        let Some(own) = own else { return fields.into_iter().cloned().collect() };
        let scope = self.python.heap.scope(own.scope);
        let value = |name: &SmolStr| scope.and_then(|scope| scope.get(name));
        let relates = |name: &SmolStr| matches!(value(name).and_then(constructor), Some(("Relationship", _)));
        let annotated = own.annotations.iter().map(|annotation| &annotation.name);
        let (mut annotated, others): (Vec<&SmolStr>, Vec<&SmolStr>) = annotated.partition(|name| relates(name));
        // What is bound and no field is there before them: `__tablename__: str = "…"`.
        let before = others.iter().copied().filter(|name| value(name).is_some() && !fields.contains(name));
        let before = before.filter(|name| name.starts_with("__") || !name.starts_with('_'));
        let bound = before.chain(fields.iter().copied()).chain(annotated.iter().copied()).collect();
        annotated.extend(others);
        merged(bound, annotated).into_iter().cloned().collect()
    }
}
