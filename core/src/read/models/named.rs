//! Names of constraints and indexes: those of the metadata's convention, and those that functions of the program give.
//! Source: `sqlalchemy/sql/naming.py`; `sqlalchemy/event/api.py`, `DDLEvents.after_parent_attach`.

use smol_str::SmolStr;

use super::Reader;
use crate::read::python::{Arguments, Class, Kind, TermKind, Value};
use crate::read::sqlalchemy::naming::{self, KINDS, Named};
use crate::read::sqlalchemy::sql::name_of;
use crate::source::Span;

/// What is to be named, of a table.
#[derive(Clone, Copy, Default)]
pub(super) struct Part<'a> {
    /// `pk`, `uq`, `fk`, `ck`, `ix`.
    pub(super) kind: &'static str,
    pub(super) columns: &'a [Value],
    pub(super) referred_table: &'a str,
    pub(super) referred_columns: &'a [String],
    /// Of a check.
    pub(super) sqltext: Option<&'a Value>,
    /// Of an index.
    pub(super) unique: bool,
    pub(super) given: Option<&'a Value>,
}

/// A function that is called with each object of a class when it becomes part of a table.
#[derive(Debug)]
pub(super) struct Listener {
    /// The class, by its last name.
    of: SmolStr,
    function: Value,
}

/// Whether what listens is called when something becomes part of a table.
pub(super) fn attaches(arguments: &Arguments) -> bool {
    let event = arguments.get(1, "identifier").and_then(Value::as_str);
    matches!(event, Some("after_parent_attach" | "before_parent_attach"))
}

impl Reader {
    /// Finds the functions that listen: `@event.listens_for(UniqueConstraint, "after_parent_attach")`, `event.listen(…, function)`.
    pub(super) fn find_listeners(&mut self) {
        let heap = &self.python.heap;
        let decorated = heap.functions().flat_map(|(id, function)| {
            let value = move |span| Value::new(Kind::Function(id), span);
            function.decorators.iter().filter_map(move |decorator| {
                let (callee, arguments) = decorator.as_call()?;
                (callee.last_name() == Some("listens_for")).then(|| (arguments, value(decorator.span)))
            })
        });
        let called = self.python.effects.iter().filter_map(|effect| {
            let (callee, arguments) = effect.value.as_call()?;
            let function = arguments.get(2, "fn").filter(|f| matches!(f.kind, Kind::Function(_)))?;
            (callee.last_name() == Some("listen")).then(|| (arguments, function.clone()))
        });
        let attached = decorated.chain(called).filter_map(|(arguments, function)| {
            let of = SmolStr::new(arguments.get(0, "target")?.last_name()?);
            attaches(arguments).then_some(Listener { of, function })
        });
        self.listeners = attached.collect();
    }

    /// The name that a part of a table gets; nothing where the name given stands, or none is.
    pub(super) fn named(&mut self, at: usize, part: &Part<'_>, span: Span) -> Option<Value> {
        let own = self.tables.get(at)?;
        let schema = self.schema_of(own);
        let (table, metadata) = (own.name.as_str()?.to_owned(), own.metadata);
        let columns = part.columns.iter().filter_map(|c| Some(name_of(c).ok()?.as_str().to_owned()));
        let columns: Vec<String> = columns.collect();
        let convention = self.metadata.get(metadata).and_then(|m| m.convention.clone());
        let mut custom = Vec::new();
        let functions = convention.as_ref().map(|c| c.functions(part.kind)).unwrap_or_default();
        if !functions.is_empty() {
            let (constraint, owner) = self.objects(part, &columns, (&table, schema.as_ref()), part.given, span);
            for (token, function) in functions {
                let said = self.ask(&function, vec![constraint.clone(), owner.clone()]);
                if let Some(text) = said.as_ref().and_then(Value::as_str) {
                    custom.push((token, text.to_owned()));
                }
            }
        }
        let named = Named {
            kind: part.kind,
            schema: schema.as_ref().and_then(Value::as_str),
            table: &table,
            columns: &columns,
            referred_table: part.referred_table,
            referred_columns: part.referred_columns,
            given: part.given,
            custom: &custom,
        };
        let made = naming::name(convention.as_ref(), &named, span);
        let class = KINDS.iter().find(|(kind, _)| *kind == part.kind).map_or("", |(_, class)| *class);
        let hears = |listener: &&Listener| listener.of == class || (listener.of == "Constraint" && part.kind != "ix");
        let functions: Vec<Value> = self.listeners.iter().filter(hears).map(|l| l.function.clone()).collect();
        if functions.is_empty() {
            return made;
        }
        let before = made.as_ref().or(part.given).cloned();
        let (constraint, owner) = self.objects(part, &columns, (&table, schema.as_ref()), before.as_ref(), span);
        for function in functions {
            self.ask(&function, vec![constraint.clone(), owner.clone()]);
        }
        let Kind::Class(object) = constraint.kind else { return made };
        let after = self.python.class_attribute(object, "name", 0).filter(|name| name.as_text().is_some());
        match after {
            Some(after) if after.as_str() != before.as_ref().and_then(Value::as_str) => Some(after),
            _ => made,
        }
    }

    /// The objects of the part and of its table, with what is asked of them for names.
    fn objects(
        &mut self,
        part: &Part<'_>,
        columns: &[String],
        (table, schema): (&str, Option<&Value>),
        name: Option<&Value>,
        span: Span,
    ) -> (Value, Value) {
        let text = |text: &str| Value::text(text, span);
        let none = Value::new(Kind::None, span);
        let schema = schema.cloned().unwrap_or(none.clone());
        let of_table = vec![("name", text(table)), ("fullname", text(table)), ("schema", schema)];
        let owner = self.object("Table", of_table, span);
        let mut own = Vec::new();
        for column in columns {
            let attributes = vec![("name", text(column)), ("key", text(column)), ("table", owner.clone())];
            own.push(self.object("Column", attributes, span));
        }
        let referred = self.object("Table", vec![("name", text(part.referred_table))], span);
        let mut elements = Vec::new();
        for (parent, column) in own.iter().zip(part.referred_columns) {
            let attributes = vec![("name", text(column)), ("key", text(column)), ("table", referred.clone())];
            let target = self.object("Column", attributes, span);
            let full = text(&format!("{}.{column}", part.referred_table));
            let attributes = vec![("parent", parent.clone()), ("column", target), ("target_fullname", full)];
            elements.push(self.object("ForeignKey", attributes, span));
        }
        let mut list = |items: Vec<Value>| Value::new(Kind::List(self.python.heap.add_list(items)), span);
        let keys = list(columns.iter().map(|c| text(c)).collect());
        let (columns, elements) = (list(own), list(elements));
        let attributes = vec![
            ("name", name.cloned().unwrap_or(none.clone())),
            ("table", owner.clone()),
            ("parent", owner.clone()),
            ("columns", columns),
            ("column_keys", keys),
            ("elements", elements),
            ("referred_table", referred),
            ("sqltext", part.sqltext.cloned().unwrap_or(none)),
            ("unique", Value::new(Kind::Bool(part.unique), span)),
        ];
        let class = KINDS.iter().find(|(kind, _)| *kind == part.kind).map_or("", |(_, class)| *class);
        (self.object(class, attributes, span), owner)
    }

    /// An object of a class of SQLAlchemy's.
    fn object(&mut self, class: &str, attributes: Vec<(&str, Value)>, span: Span) -> Value {
        let scope = self.python.heap.add_scope(None);
        if let Some(scope) = self.python.heap.scope_mut(scope) {
            for (name, value) in attributes {
                scope.set(SmolStr::new(name), value);
            }
        }
        let base = Value::term(TermKind::Name(SmolStr::new(format!("sqlalchemy.{class}"))), span);
        let class = self.python.heap.add_class(Class::made(SmolStr::new(class), span, vec![base], scope));
        Value::new(Kind::Class(class), span)
    }
}
