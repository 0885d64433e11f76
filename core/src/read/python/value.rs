//! What evaluation knows: plain values, and terms that stand for what only a run would know.

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::{Ast, ExprId, FunctionDef, Parameters};
use crate::source::{Mapped, Span};

/// Terms nest up to this deep; deeper ones are unknown.
const MAX_TERM_DEPTH: u16 = 40;

/// A value and the expression that gave it.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// The expression that it comes from: for a string literal the literal itself, wherever the value is used.
    pub span: Span,
}

/// The kinds of values.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "Python's names")]
pub enum Kind {
    None,
    Bool(bool),
    Int(i64),
    /// A number that is no 64-bit integer, as written.
    Number(SmolStr),
    Str(Rc<Mapped>),
    List(ListId),
    Tuple(ListId),
    /// A set: its elements in the order in which they came.
    Set(ListId),
    Dict(DictId),
    /// `range(start, stop, step)`.
    Range(i64, i64, i64),
    Function(FunctionId),
    Class(ClassId),
    Term(Rc<Term>),
}

/// A list, tuple or set in the [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListId(u32);
/// A dictionary in the [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DictId(u32);
/// A class in the [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ClassId(u32);
/// A function in the [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunctionId(u32);
/// A scope in the [`Heap`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScopeId(u32);

/// Something that reading does not compute: what an import brings, what it returns when called, and everything made from those.
#[derive(Debug)]
pub struct Term {
    /// How it is made.
    pub kind: TermKind,
    depth: u16,
}

/// How a term is made.
#[derive(Clone, Debug)]
pub enum TermKind {
    /// A dotted name: an import, or something of an imported module (`sqlalchemy.Column`), a built-in (`builtins.len`).
    Name(SmolStr),
    /// `value.name`, where the value is no plain dotted name.
    Attribute(Value, SmolStr),
    /// A call, with what was called.
    Call(Value, Arguments),
    /// `value[index]`.
    Index(Value, Value),
    /// `not value`.
    Not(Value),
    /// All of them hold.
    And(Vec<Value>),
    /// One of them holds.
    Or(Vec<Value>),
    /// A comparison: `==`, `in`, `is not` …
    Compare(Value, SmolStr, Value),
    /// An arithmetic operation.
    Binary(Value, SmolStr, Value),
    /// The first value where the test holds, else the second.
    Choice(Value, Value, Value),
    /// One element of an iterable of which the elements are not known.
    Each(Value),
    /// Elements like this one, as many as an unknown iterable gives.
    Collected(Value),
    /// This element of a known list, there where all tests hold.
    Perhaps(Vec<Value>, Value),
    /// A text of which parts are not known: `$1` stands for each of them.
    Template(Rc<Mapped>),
    /// A member of an enumeration: class, name, value.
    Member(ClassId, SmolStr, Value),
    /// Nothing is known of it.
    Unknown,
}

/// The arguments of a call, stars spread out.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// By position.
    pub positional: Vec<Value>,
    /// By name, with the span of name and value.
    pub keywords: Vec<(SmolStr, Value)>,
    /// Whether there are more, of which reading does not know what they are (`*unknown`).
    pub open: bool,
}

impl Arguments {
    /// The argument of this name.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The argument of this place or name.
    pub fn get(&self, place: usize, name: &str) -> Option<&Value> {
        self.positional.get(place).or_else(|| self.keyword(name))
    }
}

/// A function of the module.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Function {
    pub ast: Rc<Ast>,
    pub parameters: Rc<Parameters>,
    pub body: Body,
    /// The scope that it was made in.
    pub scope: ScopeId,
    /// The module's scope.
    pub globals: ScopeId,
    /// The values of defaults, by parameter.
    pub defaults: Vec<Option<Value>>,
    pub decorators: Vec<Value>,
}

/// What a function does.
#[derive(Clone, Debug)]
pub enum Body {
    /// A `def`.
    Def(Rc<FunctionDef>),
    /// A lambda's expression.
    Lambda(ExprId),
}

impl Function {
    /// Its name; empty for a lambda.
    pub fn name(&self) -> &str {
        match &self.body {
            Body::Def(def) => &def.name,
            Body::Lambda(_) => "",
        }
    }
}

/// A class of the module.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Class {
    pub name: SmolStr,
    pub name_span: Span,
    /// The whole first line.
    pub span: Span,
    pub bases: Vec<Value>,
    /// `class A(B, key=value)`.
    pub keywords: Vec<(SmolStr, Value)>,
    pub decorators: Vec<Value>,
    /// What its body binds, in order.
    pub scope: ScopeId,
    /// How many names its body binds; those behind them were set on the class when it was there.
    pub bound: usize,
    /// Annotated names in order: name, annotation, whether a value was bound, the span of the name.
    pub annotations: Vec<Annotation>,
    pub docstring: Option<Rc<Mapped>>,
}

impl Class {
    /// A class that a call makes at `span`, not a statement: all that is on it is in `scope`.
    pub fn made(name: SmolStr, span: Span, bases: Vec<Value>, scope: ScopeId) -> Self {
        Self {
            name,
            name_span: span,
            span,
            bases,
            keywords: Vec::new(),
            decorators: Vec::new(),
            scope,
            bound: usize::MAX,
            annotations: Vec::new(),
            docstring: None,
        }
    }
}

/// `name: annotation` in a class body or module.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Annotation {
    pub name: SmolStr,
    pub value: Value,
    pub span: Span,
}

/// Names with their values, in the order in which they were first bound.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Vec<(SmolStr, Value)>,
    places: BTreeMap<SmolStr, usize>,
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// A class's names are not seen from its functions.
    pub of_class: bool,
    /// Names declared `global` or `nonlocal` here.
    pub outer: Vec<SmolStr>,
    /// Modules of which everything was imported and that are not among the input: where names may come from that nothing binds.
    pub stars: Vec<SmolStr>,
}

impl Scope {
    /// The value bound to a name here.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.places.get(name).and_then(|at| self.names.get(*at)).map(|(_, value)| value)
    }

    /// Binds a name.
    pub fn set(&mut self, name: SmolStr, value: Value) {
        match self.places.get(&name).and_then(|at| self.names.get_mut(*at)) {
            Some(slot) => slot.1 = value,
            None => {
                self.places.insert(name.clone(), self.names.len());
                self.names.push((name, value));
            }
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Value)> {
        self.names.iter().map(|(name, value)| (name, value))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What holds other values: lists, dictionaries, functions, classes, scopes. Values refer to them by id, so that no value owns another, however deep
/// a program nests them. Nothing is freed; the limits on steps bound it.
#[derive(Debug, Default)]
pub struct Heap {
    lists: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    /// Lists that were made under conditions, with how many.
    made_under: BTreeMap<u32, usize>,
    functions: Vec<Rc<Function>>,
    classes: Vec<Class>,
    scopes: Vec<Scope>,
}

fn id(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl Heap {
    /// A new list or set.
    pub fn add_list(&mut self, items: Vec<Value>) -> ListId {
        self.lists.push(items);
        ListId(id(self.lists.len() - 1))
    }

    /// The elements of a list or set.
    pub fn list(&self, list: ListId) -> &[Value] {
        self.lists.get(list.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The elements, to change them.
    pub fn list_mut(&mut self, list: ListId) -> Option<&mut Vec<Value>> {
        self.lists.get_mut(list.0 as usize)
    }

    /// Notes under how many conditions a list was made: what is added under no more of them is there for certain.
    pub fn made_under(&mut self, list: ListId, conditions: usize) {
        if conditions > 0 {
            self.made_under.insert(list.0, conditions);
        }
    }

    /// Under how many conditions a list was made.
    pub fn conditions_of(&self, list: ListId) -> usize {
        self.made_under.get(&list.0).copied().unwrap_or(0)
    }

    /// A new dictionary.
    pub fn add_dict(&mut self, items: Vec<(Value, Value)>) -> DictId {
        self.dicts.push(items);
        DictId(id(self.dicts.len() - 1))
    }

    /// Keys and values. Where a key comes twice the later one counts.
    pub fn dict(&self, dict: DictId) -> &[(Value, Value)] {
        self.dicts.get(dict.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Keys and values, to change them.
    pub fn dict_mut(&mut self, dict: DictId) -> Option<&mut Vec<(Value, Value)>> {
        self.dicts.get_mut(dict.0 as usize)
    }

    /// A new function.
    pub fn add_function(&mut self, function: Function) -> FunctionId {
        self.functions.push(Rc::new(function));
        FunctionId(id(self.functions.len() - 1))
    }

    /// A function.
    pub fn function(&self, function: FunctionId) -> Option<&Rc<Function>> {
        self.functions.get(function.0 as usize)
    }

    /// All functions.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Rc<Function>)> {
        self.functions.iter().enumerate().map(|(at, function)| (FunctionId(id(at)), function))
    }

    /// A new class.
    pub fn add_class(&mut self, class: Class) -> ClassId {
        self.classes.push(class);
        ClassId(id(self.classes.len() - 1))
    }

    /// A class.
    pub fn class(&self, class: ClassId) -> Option<&Class> {
        self.classes.get(class.0 as usize)
    }

    /// A new scope.
    pub fn add_scope(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.scopes.push(Scope { parent, ..Scope::default() });
        ScopeId(id(self.scopes.len() - 1))
    }

    /// A scope.
    pub fn scope(&self, scope: ScopeId) -> Option<&Scope> {
        self.scopes.get(scope.0 as usize)
    }

    /// A scope, to change it.
    pub fn scope_mut(&mut self, scope: ScopeId) -> Option<&mut Scope> {
        self.scopes.get_mut(scope.0 as usize)
    }

    /// The elements of a list, tuple or set, or the keys of a dictionary.
    pub fn elements(&self, value: &Value) -> Option<Vec<Value>> {
        match &value.kind {
            Kind::List(list) | Kind::Set(list) | Kind::Tuple(list) => Some(self.list(*list).to_vec()),
            Kind::Dict(dict) => Some(self.dict(*dict).iter().map(|(key, _)| key.clone()).collect()),
            _ => None,
        }
    }

    /// Whether two values are equal for certain; `None` where a term decides.
    pub fn equal(&self, a: &Value, b: &Value, depth: u32) -> Option<bool> {
        let all = |x: &[Value], y: &[Value]| {
            if x.len() != y.len() {
                return Some(false);
            }
            let mut result = Some(true);
            for (x, y) in x.iter().zip(y) {
                match self.equal(x, y, depth + 1) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => result = None,
                }
            }
            result
        };
        if depth > 8 {
            return None;
        }
        match (&a.kind, &b.kind) {
            (Kind::Term(x), Kind::Term(y)) => match (&x.kind, &y.kind) {
                _ if Rc::ptr_eq(x, y) => Some(true),
                (TermKind::Name(x), TermKind::Name(y)) if x == y => Some(true),
                (TermKind::Member(x, m, _), TermKind::Member(y, n, _)) => Some(x == y && m == n),
                _ => None,
            },
            (Kind::Term(_), _) | (_, Kind::Term(_)) => match (a.as_str(), b.as_str()) {
                (Some(x), Some(y)) => Some(x == y),
                _ => None,
            },
            (Kind::None, Kind::None) => Some(true),
            (Kind::Bool(_) | Kind::Int(_), Kind::Bool(_) | Kind::Int(_)) => Some(a.as_int() == b.as_int()),
            (Kind::Number(x), Kind::Number(y)) => (x == y).then_some(true),
            (Kind::Number(_), Kind::Int(_)) | (Kind::Int(_), Kind::Number(_)) => None,
            (Kind::Str(x), Kind::Str(y)) => Some(x.as_str() == y.as_str()),
            (Kind::List(x), Kind::List(y)) | (Kind::Tuple(x), Kind::Tuple(y)) => {
                if x == y {
                    Some(true)
                } else {
                    all(self.list(*x), self.list(*y))
                }
            }
            (Kind::Set(x), Kind::Set(y)) => {
                let (x, y) = (self.list(*x), self.list(*y));
                if x.iter().chain(y).any(|item| item.as_text().is_none()) || x.len().max(y.len()) > 64 {
                    return (std::ptr::eq(x, y)).then_some(true);
                }
                let within = |x: &[Value], y: &[Value]| x.iter().all(|a| y.iter().any(|b| a.as_str() == b.as_str()));
                Some(within(x, y) && within(y, x))
            }
            (Kind::Dict(x), Kind::Dict(y)) => (x == y).then_some(true),
            (Kind::Range(a, b, c), Kind::Range(x, y, z)) => Some((a, b, c) == (x, y, z)),
            (Kind::Function(x), Kind::Function(y)) => Some(x == y),
            (Kind::Class(x), Kind::Class(y)) => Some(x == y),
            _ => Some(false),
        }
    }

    /// A copy with lists and dictionaries of its own, at a span.
    pub fn copy(&mut self, value: &Value, span: Span, depth: u32) -> Value {
        if depth > 8 {
            return Value::unknown(span);
        }
        let kind = match &value.kind {
            Kind::List(list) => {
                let items = self.list(*list).to_vec();
                let items = items.iter().map(|item| self.copy(item, span, depth + 1)).collect();
                Kind::List(self.add_list(items))
            }
            Kind::Dict(dict) => {
                let items = self.dict(*dict).to_vec();
                let items = items.iter().map(|(key, item)| (key.clone(), self.copy(item, span, depth + 1))).collect();
                Kind::Dict(self.add_dict(items))
            }
            Kind::Str(text) => return Value::text(text.as_str(), span),
            kind => kind.clone(),
        };
        Value::new(kind, span)
    }

    /// The value of a string key.
    pub fn dict_get(&self, dict: DictId, key: &str) -> Option<&Value> {
        self.dict(dict).iter().rev().find(|(k, _)| k.as_str() == Some(key)).map(|(_, value)| value)
    }
}

impl Value {
    /// A value at a span.
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A text that stands for what is at the span.
    pub fn text(text: &str, span: Span) -> Self {
        Self::new(Kind::Str(Rc::new(Mapped::made(text, span))), span)
    }

    /// Something of which nothing is known.
    pub fn unknown(span: Span) -> Self {
        Self::term(TermKind::Unknown, span)
    }

    /// A term; one that nests too deep is unknown.
    pub fn term(kind: TermKind, span: Span) -> Self {
        let depth = |value: &Value| match &value.kind {
            Kind::Term(term) => term.depth,
            _ => 0,
        };
        let most = match &kind {
            TermKind::Name(_) | TermKind::Template(_) | TermKind::Unknown => 0,
            TermKind::Attribute(v, _) | TermKind::Not(v) | TermKind::Each(v) | TermKind::Collected(v) => depth(v),
            TermKind::Member(.., v) => depth(v),
            TermKind::Index(a, b) | TermKind::Compare(a, _, b) | TermKind::Binary(a, _, b) => depth(a).max(depth(b)),
            TermKind::Choice(a, b, c) => depth(a).max(depth(b)).max(depth(c)),
            TermKind::And(list) | TermKind::Or(list) => list.iter().map(depth).max().unwrap_or(0),
            TermKind::Perhaps(tests, v) => tests.iter().map(depth).max().unwrap_or(0).max(depth(v)),
            TermKind::Call(callee, arguments) => {
                let keywords = arguments.keywords.iter().map(|(_, value)| value);
                arguments.positional.iter().chain(keywords).map(depth).max().unwrap_or(0).max(depth(callee))
            }
        };
        let (kind, depth) = if most >= MAX_TERM_DEPTH { (TermKind::Unknown, 0) } else { (kind, most + 1) };
        Self::new(Kind::Term(Rc::new(Term { kind, depth })), span)
    }

    /// Whether both are one term: an object that was made once.
    pub fn same_term(&self, other: &Self) -> bool {
        matches!((&self.kind, &other.kind), (Kind::Term(a), Kind::Term(b)) if Rc::ptr_eq(a, b))
    }

    /// The term, if it is one.
    pub fn as_term(&self) -> Option<&TermKind> {
        match &self.kind {
            Kind::Term(term) => Some(&term.kind),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| text.as_str())
    }

    /// The text with its places, if it is one.
    pub fn as_text(&self) -> Option<&Rc<Mapped>> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            // A member of an enumeration of texts is a text.
            Kind::Term(term) => match &term.kind {
                TermKind::Member(.., value) => match &value.kind {
                    Kind::Str(text) => Some(text),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The truth value, if it is True or False.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(value) => Some(value),
            Kind::Bool(value) => Some(i64::from(value)),
            _ => None,
        }
    }

    /// Whether it is None.
    pub fn is_none(&self) -> bool {
        matches!(self.kind, Kind::None)
    }

    /// The dotted name, where it is one.
    pub fn as_name(&self) -> Option<&str> {
        match self.as_term() {
            Some(TermKind::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// What was called with what, where it is a call's result.
    pub fn as_call(&self) -> Option<(&Value, &Arguments)> {
        match self.as_term() {
            Some(TermKind::Call(callee, arguments)) => Some((callee, arguments)),
            _ => None,
        }
    }

    /// The last part of a dotted name or attribute: `create_table` of `alembic.op.create_table`.
    pub fn last_name(&self) -> Option<&str> {
        match self.as_term() {
            Some(TermKind::Name(name)) => Some(name.rsplit('.').next().unwrap_or(name)),
            Some(TermKind::Attribute(_, name)) => Some(name),
            _ => None,
        }
    }

    /// Whether it stands for any number of elements, or for one that may not be there.
    pub fn is_open_element(&self) -> bool {
        matches!(self.as_term(), Some(TermKind::Each(_) | TermKind::Perhaps(..)))
    }
}
