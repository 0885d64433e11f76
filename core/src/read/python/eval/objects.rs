//! Objects of classes of the input: what `__init__` leaves, or the fields of a data class, and their methods.

use std::rc::Rc;

use smol_str::SmolStr;

use crate::read::python::interpreter::Interpreter;
use crate::read::python::value::*;
use crate::source::Span;

/// How many objects are made.
const MAX_OBJECTS: usize = 10_000;

impl Interpreter<'_> {
    /// An attribute of the object that a call of a class of the input made: `view.sql`, of `view = View("busy", "SELECT …")`.
    pub(super) fn object_attribute(&mut self, object: &Value, name: &str, span: Span) -> Option<Value> {
        let (callee, arguments) = object.as_call()?;
        let (Kind::Class(class), false) = (&callee.kind, arguments.open) else { return None };
        let class = *class;
        // Only what the input defines is looked for: what a library's class has is not known.
        if !self.may_have(class, name, 0) {
            return self.asked_attribute(object, class, name, span);
        }
        let made = self.made_object(object, class)?;
        let Kind::Class(own) = made.kind else { return None };
        let found = self.class_attribute(own, name, 0)?;
        let Kind::Function(function) = found.kind else { return Some(found) };
        if self.is_decorated(function, "builtins.staticmethod") {
            return Some(found);
        }
        let first = match self.is_decorated(function, "builtins.classmethod") {
            true => callee.clone(),
            false => made,
        };
        if self.is_computed(function) {
            return Some(self.call(found, Arguments { positional: vec![first], ..Arguments::default() }, span));
        }
        let partial = Value::term(TermKind::Name(SmolStr::new_static("functools.partial")), span);
        let bound = Arguments { positional: vec![found, first], ..Arguments::default() };
        Some(Value::term(TermKind::Call(partial, bound), span))
    }

    /// What `__getattr__` of a class of the input gives for a name that neither it nor its objects have, where that is known.
    fn asked_attribute(&mut self, object: &Value, class: ClassId, name: &str, span: Span) -> Option<Value> {
        let ask = self.class_attribute(class, "__getattr__", 0)?;
        if !matches!(ask.kind, Kind::Function(_)) || name.starts_with("__") {
            return None;
        }
        let positional = vec![object.clone(), Value::text(name, span)];
        let found = self.call(ask, Arguments { positional, ..Arguments::default() }, span);
        (!matches!(found.kind, Kind::Term(_) | Kind::None)).then_some(found)
    }

    /// Whether a class has an attribute, or its `__init__` may set one.
    fn may_have(&self, class: ClassId, name: &str, depth: u32) -> bool {
        /// How many classes may extend each other.
        const MAX: u32 = 20;
        let Some(found) = self.heap.class(class) else { return false };
        let scope = self.heap.scope(found.scope);
        let has = |name: &str| scope.is_some_and(|scope| scope.get(name).is_some());
        has(name)
            || has("__init__")
            || found.annotations.iter().any(|annotation| annotation.name == name)
            || depth < MAX
                && found.bases.iter().any(|base| match base.kind {
                    Kind::Class(base) => self.may_have(base, name, depth + 1),
                    _ => false,
                })
    }

    /// The object that a call stands for, made once: a class of its own that extends the one that is called.
    fn made_object(&mut self, object: &Value, class: ClassId) -> Option<Value> {
        let same = |known: &Value| match (&known.kind, &object.kind) {
            (Kind::Term(x), Kind::Term(y)) => Rc::ptr_eq(x, y),
            _ => false,
        };
        if let Some((_, made)) = self.objects.iter().find(|(known, _)| same(known)) {
            return Some(made.clone());
        }
        if self.objects.len() >= MAX_OBJECTS || !self.step(self.objects.len() / 16, object.span) {
            return None;
        }
        let (_, arguments) = object.as_call()?;
        let (mut arguments, span) = (arguments.clone(), object.span);
        let made = self.object_of(class, span);
        // One whose making asks for itself is not known meanwhile.
        self.objects.push((object.clone(), made.clone()));
        match self.class_attribute(class, "__init__", 0) {
            Some(init) if matches!(init.kind, Kind::Function(_)) => {
                arguments.positional.insert(0, made.clone());
                self.call(init, arguments, span);
            }
            _ => self.bind_fields(class, &made, &arguments),
        }
        Some(made)
    }

    /// Binds the fields of a data class, or of a named tuple.
    fn bind_fields(&mut self, class: ClassId, made: &Value, arguments: &Arguments) {
        let (Kind::Class(own), Some(found)) = (&made.kind, self.heap.class(class)) else { return };
        let fields: Vec<SmolStr> = found.annotations.iter().map(|annotation| annotation.name.clone()).collect();
        let Some(scope) = self.heap.class(*own).map(|own| own.scope) else { return };
        for (at, field) in fields.iter().enumerate() {
            if let (Some(value), Some(scope)) = (arguments.get(at, field).cloned(), self.heap.scope_mut(scope)) {
                scope.set(field.clone(), value);
            }
        }
    }
}
