//! What types of the project do when a column of theirs becomes part of a table: functions that listen, and `_set_table`.
//! Source: `sqlalchemy/sql/sqltypes.py`, `SchemaType`; `sqlalchemy/sql/events.py`, `DDLEvents.before_parent_attach`.

use super::Reader;
use super::host::APPENDS;
use super::named::attaches;
use super::tables::Column;
use crate::read::python::{Arguments, ClassId, Kind, TermKind, Value};
use crate::read::sqlalchemy::naming::called;
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

impl Reader {
    /// Calls them for all columns, and takes the constraints that they make.
    pub(super) fn attach_types(&mut self) {
        let listeners = self.functions_that_listen(0);
        let listeners: Vec<(ClassId, Value)> = listeners
            .into_iter()
            .filter_map(|(target, function)| match target.kind {
                Kind::Class(class) => Some((class, function)),
                _ => None,
            })
            .collect();
        for at in 0..self.tables.len() {
            for place in 0..self.tables.get(at).map_or(0, |table| table.columns.len()) {
                self.attach_type(at, place, &listeners);
            }
        }
    }

    fn attach_type(&mut self, at: usize, place: usize, listeners: &[(ClassId, Value)]) {
        let Some(table) = self.tables.get(at) else { return };
        let Some(column) = table.columns.get(place) else { return };
        let Some((class, arguments)) = type_of(column) else { return };
        let listening = listeners.iter().filter(|(of, _)| self.extends(class, *of, 0));
        let listening: Vec<Value> = listening.map(|(_, function)| function.clone()).collect();
        let hook = self.python.class_attribute(class, "_set_table", 0).filter(|f| matches!(f.kind, Kind::Function(_)));
        if listening.is_empty() && hook.is_none() {
            return;
        }
        let span = column.span;
        let owner = match table.class {
            Some(class) => {
                Value::term(TermKind::Attribute(Value::new(Kind::Class(class), span), "__table__".into()), span)
            }
            None => Value::unknown(span),
        };
        let positional = [Some(column.name.clone()), column.data_type.clone()].into_iter().flatten().collect();
        let object = called("sqlalchemy.Column", Arguments { positional, ..Arguments::default() }, span);
        if let Some(identity) = super::identity(&object) {
            self.columns.insert(identity, (at, place));
        }
        self.kept.push(object.clone());
        let (this, _) = self.python.instance(class, arguments, span);
        let (before, known) = (self.python.effects.len(), self.python.heap.functions().count());
        for function in listening {
            self.ask(&function, vec![this.clone(), object.clone()]);
        }
        // What they have listen to the column itself hears of the table.
        for (target, function) in self.functions_that_listen(known) {
            if super::identity(&target) == super::identity(&object) {
                self.ask(&function, vec![object.clone(), owner.clone()]);
            }
        }
        if let Some(hook) = hook {
            self.ask(&hook, vec![this, object, owner]);
        }
        self.take_made(at, before, span);
    }

    /// Takes the constraints that were made since, of one table.
    fn take_made(&mut self, at: usize, before: usize, span: Span) {
        let made: Vec<Value> = self.python.effects.drain(before..).map(|effect| effect.value).collect();
        for value in made {
            let constraint = match value.as_call() {
                Some((callee, arguments)) => match callee.as_term() {
                    Some(TermKind::Attribute(_, method)) if APPENDS.contains(&method.as_str()) => {
                        arguments.positional.first().cloned()
                    }
                    _ => Some(value),
                },
                None => None,
            };
            let Some(mut constraint) = constraint else { continue };
            if !matches!(constructor(&constraint), Some(("CheckConstraint" | "UniqueConstraint", _))) {
                continue;
            }
            // It stands where the column does, which is what it is about.
            constraint.span = span;
            if self.is_made(&constraint)
                && let Some(table) = self.tables.get_mut(at)
                && !table.constraints.iter().any(|known| super::identity(known) == super::identity(&constraint))
            {
                table.take(constraint);
            }
        }
    }

    /// Functions that are called when something becomes part of a table, each with what it listens to; without those made first.
    fn functions_that_listen(&self, first: usize) -> Vec<(Value, Value)> {
        let functions = self.python.heap.functions().skip(first).flat_map(|(id, function)| {
            function.decorators.iter().filter_map(move |decorator| {
                let (callee, arguments) = decorator.as_call()?;
                let listens = callee.last_name() == Some("listens_for") && attaches(arguments);
                let target = arguments.get(0, "target").filter(|_| listens)?;
                Some((target.clone(), Value::new(Kind::Function(id), decorator.span)))
            })
        });
        functions.collect()
    }

    fn extends(&self, class: ClassId, of: ClassId, depth: u32) -> bool {
        /// How many classes may extend each other.
        const MAX: u32 = 20;
        class == of
            || depth < MAX
                && self.python.heap.class(class).is_some_and(|found| {
                    found.bases.iter().any(|base| match base.kind {
                        Kind::Class(base) => self.extends(base, of, depth + 1),
                        _ => false,
                    })
                })
    }
}

/// The class of the project that a column's type is an object of, and what that is made with.
fn type_of(column: &Column) -> Option<(ClassId, Arguments)> {
    let data_type = column.data_type.as_ref()?;
    match (&data_type.kind, data_type.as_call()) {
        (Kind::Class(class), _) => Some((*class, Arguments::default())),
        (_, Some((callee, arguments))) => match callee.kind {
            Kind::Class(class) => Some((class, arguments.clone())),
            _ => None,
        },
        _ => None,
    }
}
