//! Enumerations: their members, written out in a class or given to a call. Source: Python's documentation, `enum`.

use smol_str::SmolStr;

use crate::read::python::interpreter::Interpreter;
use crate::read::python::value::*;
use crate::source::Span;

/// How many classes may extend each other.
const MAX_DEPTH: u32 = 20;

impl Interpreter<'_> {
    /// Whether a class is an enumeration.
    pub fn is_enum(&self, class: ClassId, depth: u32) -> bool {
        /// The classes that make their subclasses enumerations.
        const ENUMS: &[&str] =
            &["Enum", "StrEnum", "IntEnum", "ReprEnum", "Flag", "IntFlag", "TextChoices", "IntegerChoices"];
        extends(&self.heap, class, ENUMS, depth)
    }

    /// The members of an enumeration in order.
    pub fn enum_members(&self, class: ClassId) -> Vec<Value> {
        let scope = self.heap.class(class).and_then(|class| self.heap.scope(class.scope));
        let names = scope.into_iter().flat_map(Scope::iter).map(|(name, _)| name.clone());
        names
            .filter_map(|name| self.class_attribute(class, &name, 0))
            .filter(|value| matches!(value.as_term(), Some(TermKind::Member(..))))
            .collect()
    }

    /// The value of a member: of `auto()` the one that its place and its class give.
    pub(super) fn member_value(&self, class: ClassId, name: &str, value: &Value) -> Value {
        if value.as_call().and_then(|(callee, _)| callee.as_name()) != Some("enum.auto") {
            return value.clone();
        }
        if extends(&self.heap, class, &["StrEnum"], 0) {
            return Value::text(&name.to_lowercase(), value.span);
        }
        let scope = self.heap.class(class).and_then(|class| self.heap.scope(class.scope));
        let flag = extends(&self.heap, class, &["Flag", "IntFlag"], 0);
        let mut last = 0_i64;
        for (other, value) in scope.into_iter().flat_map(Scope::iter) {
            let automatic = value.as_call().and_then(|(callee, _)| callee.as_name()) == Some("enum.auto");
            if automatic {
                last = if flag { last.saturating_mul(2).max(1) } else { last.saturating_add(1) };
            } else if let Some(number) = value.as_int() {
                last = number;
            }
            if other == name {
                break;
            }
        }
        Value::new(Kind::Int(last), value.span)
    }

    /// The enumeration that a call makes: `Enum("Colour", "red green")`, `StrEnum("Colour", {"red": "r"})`.
    pub(super) fn called_enum(&mut self, path: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        let kind = path.strip_prefix("enum.")?;
        if !matches!(kind, "Enum" | "StrEnum" | "IntEnum" | "Flag" | "IntFlag") || arguments.open {
            return None;
        }
        let name = arguments.get(0, "value")?;
        let names = arguments.get(1, "names")?;
        let mut members: Vec<(SmolStr, Value)> = Vec::new();
        let mut take = |name: &str, value: Value| members.push((SmolStr::new(name), value));
        let automatic = |at: usize, name: &str| match kind {
            "StrEnum" => Value::text(&name.to_lowercase(), span),
            "Flag" | "IntFlag" => Value::new(Kind::Int(1 << at.min(62)), span),
            _ => Value::new(Kind::Int(i64::try_from(at).unwrap_or(0) + 1), span),
        };
        if let Some(text) = names.as_str() {
            let words = text.split([',', ' ']).filter(|word| !word.is_empty());
            for (at, word) in words.enumerate() {
                take(word, automatic(at, word));
            }
        } else if let Kind::Dict(dict) = names.kind {
            for (name, value) in self.heap.dict(dict) {
                take(name.as_str()?, value.clone());
            }
        } else {
            for (at, item) in self.iterate(names)?.iter().enumerate() {
                match (item.as_str(), self.heap.elements(item).as_deref()) {
                    (Some(name), _) => take(name, automatic(at, name)),
                    (None, Some([name, value])) => take(name.as_str()?, value.clone()),
                    _ => return None,
                }
            }
        }
        let scope = self.heap.add_scope(None);
        for (name, value) in members {
            self.heap.scope_mut(scope)?.set(name, value);
        }
        let mut bases = vec![Value::term(TermKind::Name(SmolStr::new(path)), span)];
        bases.extend(arguments.keyword("type").cloned());
        let (name, name_span) = (SmolStr::new(name.as_str()?), name.span);
        let class = self.heap.add_class(Class { name_span, ..Class::made(name, span, bases, scope) });
        self.classes.push(class);
        Some(Value::new(Kind::Class(class), span))
    }
}

/// The number that a member of an enumeration of numbers prints as.
pub(crate) fn number_of(heap: &Heap, value: &Value) -> Option<i64> {
    match value.as_term() {
        Some(TermKind::Member(class, _, value))
            if extends(heap, *class, &["IntEnum", "IntFlag", "IntegerChoices", "int"], 0) =>
        {
            value.as_int()
        }
        _ => None,
    }
}

/// Whether a class extends one of a library with one of these names.
fn extends(heap: &Heap, class: ClassId, names: &[&str], depth: u32) -> bool {
    depth < MAX_DEPTH
        && heap.class(class).is_some_and(|class| {
            class.bases.iter().any(|base| match base.kind {
                // One that a program writes for older versions of Python, too: `class StrEnum(str, Enum)`.
                Kind::Class(base) => {
                    heap.class(base).is_some_and(|class| class.name == "StrEnum" && names.contains(&"StrEnum"))
                        || extends(heap, base, names, depth + 1)
                }
                _ => base.last_name().is_some_and(|name| names.contains(&name)),
            })
        })
}
