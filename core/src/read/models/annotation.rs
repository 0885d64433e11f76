//! What annotations say of columns: `Mapped[Optional[str]]`, SQLModel's `name: str | None`.
//! Source: `sqlalchemy/orm/properties.py`, `MappedColumn._init_column_for_annotation`; `sqlmodel/main.py`, `get_sqlalchemy_type`.

use std::rc::Rc;

use super::Reader;
use crate::read::python::{Arguments, ClassId, Kind, TermKind, Value};
use crate::read::sqlalchemy::naming::called;
use crate::source::Span;

/// How deep annotations may nest.
const MAX_DEPTH: u32 = 12;

/// An annotation taken apart.
#[derive(Debug)]
pub(super) struct Hint {
    /// The types to look up, the outermost first: `Annotated[str, 50]` before `str`.
    pub(super) types: Vec<Value>,
    pub(super) optional: bool,
    /// `mapped_column(…)`, `Field(…)` and plain values inside `Annotated[…]`.
    pub(super) extras: Vec<Value>,
}

/// What SQLAlchemy makes of Python's own types. Source: `sqltypes._type_map`.
const TYPES: &[(&str, &str)] = &[
    ("builtins.int", "Integer"),
    ("builtins.str", "String"),
    ("builtins.float", "Float"),
    ("builtins.bool", "Boolean"),
    ("builtins.bytes", "LargeBinary"),
    ("datetime.datetime", "DateTime"),
    ("datetime.date", "Date"),
    ("datetime.time", "Time"),
    ("datetime.timedelta", "Interval"),
    ("decimal.Decimal", "Numeric"),
    ("uuid.UUID", "Uuid"),
    // SQLModel's, and pydantic's types that are texts.
    ("pathlib.Path", "String"),
    ("pydantic.EmailStr", "String"),
    ("pydantic.UUID4", "Uuid"),
    ("pydantic.AwareDatetime", "DateTime"),
    ("pydantic.NaiveDatetime", "DateTime"),
];

impl Reader {
    /// What `Mapped[…]` holds; nothing for an annotation of something else.
    pub(super) fn mapped_hint(&mut self, class: ClassId, annotation: &Value) -> Option<Hint> {
        let annotation = self.written(class, annotation.clone());
        let Some(TermKind::Index(object, inner)) = annotation.as_term() else { return None };
        (object.last_name() == Some("Mapped")).then(|| self.hint(class, inner))
    }

    /// An annotation as a value: one in quotes is read.
    fn written(&mut self, class: ClassId, annotation: Value) -> Value {
        let Some(text) = annotation.as_text().cloned() else { return annotation };
        let Some(scope) = self.python.heap.class(class).map(|c| c.scope) else { return annotation };
        self.python.evaluate(&text, scope).unwrap_or(annotation)
    }

    pub(super) fn hint(&mut self, class: ClassId, annotation: &Value) -> Hint {
        let mut hint = Hint { types: Vec::new(), optional: false, extras: Vec::new() };
        self.take_apart(class, annotation.clone(), &mut hint, 0);
        hint
    }

    fn take_apart(&mut self, class: ClassId, annotation: Value, hint: &mut Hint, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        let value = self.written(class, annotation);
        if value.is_none() {
            hint.optional = true;
            return;
        }
        match value.as_term() {
            Some(TermKind::Index(object, inner)) => match object.last_name() {
                Some("Optional") => {
                    hint.optional = true;
                    let inner = inner.clone();
                    return self.take_apart(class, inner, hint, depth + 1);
                }
                Some("Union") => {
                    for part in self.python.heap.elements(inner).unwrap_or_default() {
                        self.take_apart(class, part, hint, depth + 1);
                    }
                    return;
                }
                Some("Annotated") => {
                    hint.types.push(value.clone());
                    let parts = self.python.heap.elements(inner).unwrap_or_default();
                    if let Some((first, rest)) = parts.split_first() {
                        hint.extras.extend(rest.iter().cloned());
                        self.take_apart(class, first.clone(), hint, depth + 1);
                    }
                    return;
                }
                _ => {}
            },
            Some(TermKind::Binary(a, op, b)) if op == "|" => {
                let (a, b) = (a.clone(), b.clone());
                self.take_apart(class, a, hint, depth + 1);
                return self.take_apart(class, b, hint, depth + 1);
            }
            Some(TermKind::Call(callee, arguments)) if callee.last_name() == Some("NewType") => {
                hint.types.push(value.clone());
                if let Some(inner) = arguments.positional.get(1).cloned() {
                    self.take_apart(class, inner, hint, depth + 1);
                }
                return;
            }
            _ => {}
        }
        hint.types.push(value);
    }

    /// The column type for an annotation. `map` is the class's `type_annotation_map`; `fields` says that it is one of SQLModel's.
    pub(super) fn type_of(&mut self, hint: &Hint, map: &[(Value, Value)], fields: bool, span: Span) -> Option<Value> {
        for wanted in &hint.types {
            if let Some((_, found)) = map.iter().rev().find(|(key, _)| self.same(key, wanted, 0)) {
                return Some(found.clone());
            }
        }
        let last = hint.types.last()?;
        let sqlalchemy = |name: &str, arguments: Arguments| called(&format!("sqlalchemy.{name}"), arguments, span);
        if let Kind::Class(class) = last.kind {
            if self.python.is_enum(class, 0) {
                // A map's own `enum.Enum` says how: its arguments, with this class.
                let general = map.iter().rev().find(|(key, _)| matches!(key.last_name(), Some("Enum" | "StrEnum")));
                let keywords = general.and_then(|(_, value)| value.as_call()).map(|(_, a)| a.keywords.clone());
                let arguments =
                    Arguments { positional: vec![last.clone()], keywords: keywords.unwrap_or_default(), open: false };
                return Some(sqlalchemy("Enum", arguments));
            }
            // A class that extends a type is looked up as that type.
            let bases = self.python.heap.class(class).map(|c| c.bases.clone()).unwrap_or_default();
            let own = bases.iter().find_map(|base| builtin(base.as_name()?))?;
            return Some(sqlalchemy(own, Arguments::default()));
        }
        if let Some(TermKind::Index(object, labels)) = last.as_term()
            && object.last_name() == Some("Literal")
        {
            if fields {
                return Some(sqlalchemy("String", Arguments::default()));
            }
            let labels = self.python.heap.elements(labels).unwrap_or_else(|| vec![labels.clone()]);
            let native = ("native_enum".into(), Value::new(Kind::Bool(false), span));
            return Some(sqlalchemy("Enum", Arguments { positional: labels, keywords: vec![native], open: false }));
        }
        let path = last.as_name()?;
        if fields && matches!(path, "datetime.datetime" | "pydantic.AwareDatetime") {
            let zoned = ("timezone".into(), Value::new(Kind::Bool(true), span));
            return Some(sqlalchemy("DateTime", Arguments { keywords: vec![zoned], ..Arguments::default() }));
        }
        if fields && path.starts_with("ipaddress.") {
            return Some(sqlalchemy("String", Arguments::default()));
        }
        Some(sqlalchemy(builtin(path)?, Arguments::default()))
    }

    /// Whether two annotations are one type.
    fn same(&self, a: &Value, b: &Value, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if self.python.heap.equal(a, b, 0) == Some(true) {
            return true;
        }
        match (a.as_term(), b.as_term()) {
            (Some(TermKind::Index(x, i)), Some(TermKind::Index(y, j))) => {
                // `Annotated[…]` is the same only where it is one object: what it holds may be anything.
                x.last_name() != Some("Annotated") && self.same(x, y, depth + 1) && self.same(i, j, depth + 1)
            }
            (None, None) => match (self.python.heap.elements(a), self.python.heap.elements(b)) {
                (Some(x), Some(y)) => x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| self.same(x, y, depth + 1)),
                _ => false,
            },
            _ => false,
        }
    }
}

fn builtin(path: &str) -> Option<&'static str> {
    TYPES.iter().find(|(python, _)| *python == path).map(|(_, name)| *name)
}

/// Whether an annotation is one of several objects: `List["Order"]`, `list[Order]`.
pub(super) fn is_collection(value: &Value) -> bool {
    matches!(value.as_term(), Some(TermKind::Index(object, _))
        if matches!(object.last_name(), Some("List" | "list" | "Set" | "set" | "Sequence" | "Collection" | "Dict" | "dict")))
}

/// The class that an annotation names, in words.
pub(super) fn class_name(python: &crate::read::python::Interpreter<'_>, value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Class(class) => python.heap.class(*class).map(|c| c.name.to_string()),
        Kind::Str(text) => Some(Rc::clone(text).as_str().to_owned()),
        Kind::Term(_) => match value.as_term() {
            Some(TermKind::Index(_, inner)) => match &inner.kind {
                Kind::Term(_) if matches!(inner.as_term(), Some(TermKind::Index(..))) => None,
                _ => class_name(python, inner),
            },
            _ => value.last_name().map(str::to_owned),
        },
        _ => None,
    }
}
