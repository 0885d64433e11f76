//! Classes and their attributes: bases, enums, names that a class keeps to itself.

use smol_str::SmolStr;

use crate::read::python::interpreter::Interpreter;
use crate::read::python::value::*;

impl Interpreter<'_> {
    pub(super) fn is_decorated(&self, function: FunctionId, name: &str) -> bool {
        let decorators = self.heap.function(function).map(|f| f.decorators.as_slice()).unwrap_or_default();
        decorators.iter().any(|decorator| decorator.as_name() == Some(name))
    }

    /// Whether a function stands for an attribute: reading it calls it.
    pub(super) fn is_computed(&self, function: FunctionId) -> bool {
        self.heap.function(function).is_some_and(|f| {
            f.decorators.iter().any(|decorator| match decorator.as_term() {
                Some(TermKind::Name(path)) => {
                    path.split('.').any(|part| matches!(part, "declared_attr" | "classproperty" | "hybrid_property"))
                        || path == "builtins.property"
                }
                // One that the input defines itself.
                _ => match decorator.kind {
                    Kind::Class(class) => self.heap.class(class).is_some_and(|c| c.name.ends_with("classproperty")),
                    Kind::Function(f) => self.heap.function(f).is_some_and(|f| f.name().ends_with("classproperty")),
                    _ => false,
                },
            })
        })
    }

    /// The names that a class and those that it extends bind, as `dir` gives them: a private name begins with its class.
    pub(in crate::read::python) fn names_of(&self, class: ClassId, depth: u32, out: &mut Vec<SmolStr>) {
        /// How many names are listed.
        const MAX: usize = 10_000;
        let Some(found) = self.heap.class(class) else { return };
        for (name, _) in self.heap.scope(found.scope).into_iter().flat_map(|scope| scope.iter()) {
            out.push(match is_private(name) {
                true => SmolStr::new(format!("_{}{name}", found.name.trim_start_matches('_'))),
                false => name.clone(),
            });
        }
        for base in &found.bases {
            if let Kind::Class(base) = base.kind
                && depth < 20
                && out.len() < MAX
            {
                self.names_of(base, depth + 1, out);
            }
        }
    }

    /// What a class, or one of those that it extends, binds to a name. Members of enumerations know their class.
    pub fn class_attribute(&self, class: ClassId, name: &str, depth: u32) -> Option<Value> {
        let found = self.heap.class(class)?;
        if let Some(value) = self.heap.scope(found.scope).and_then(|scope| scope.get(name)) {
            let plain = !matches!(value.kind, Kind::Function(_) | Kind::Class(_)) && !name.starts_with('_');
            if plain && self.is_enum(class, 0) {
                let value = self.member_value(class, name, value);
                let kind = TermKind::Member(class, SmolStr::new(name), value.clone());
                return Some(Value::term(kind, value.span));
            }
            return Some(value.clone());
        }
        // `_Model__arguments` of `class Model`: `__arguments`.
        if let Some(own) = name.strip_prefix('_').and_then(|n| n.strip_prefix(found.name.trim_start_matches('_')))
            && is_private(own)
            && let Some(value) = self.heap.scope(found.scope).and_then(|scope| scope.get(own))
        {
            return Some(value.clone());
        }
        if depth > 20 {
            return None;
        }
        found.bases.iter().find_map(|base| match &base.kind {
            Kind::Class(base) => self.class_attribute(*base, name, depth + 1),
            // `declarative_base(cls=Common)`: what Common has all have.
            _ => match base.as_call()?.1.keyword("cls")?.kind {
                Kind::Class(common) => self.class_attribute(common, name, depth + 1),
                _ => None,
            },
        })
    }
}

/// A name that Python keeps to its class: `__name`, not `__name__`.
fn is_private(name: &str) -> bool {
    name.starts_with("__") && !name.ends_with("__")
}
