//! Expressions to values.

use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::*;
use super::interpreter::{Call, Frame, Interpreter, module_value};
use super::text;
use super::value::*;
use crate::source::{Mapped, Span};

impl Interpreter<'_> {
    /// The value of an expression.
    pub fn eval(&mut self, frame: &mut Frame, id: ExprId) -> Value {
        let ast = Rc::clone(&frame.ast);
        let Some(expr) = ast.expr(id) else { return Value::unknown(Span::default()) };
        let span = Span::new(ast.file, expr.start, expr.end);
        if !self.step(1, span) || !self.enter(span) {
            return Value::unknown(span);
        }
        let value = self.eval_kind(frame, &expr.kind, span);
        self.leave();
        value
    }

    fn eval_kind(&mut self, frame: &mut Frame, kind: &ExprKind, span: Span) -> Value {
        match kind {
            ExprKind::None => Value::new(Kind::None, span),
            ExprKind::Bool(value) => Value::new(Kind::Bool(*value), span),
            ExprKind::Ellipsis => Value::term(TermKind::Name(SmolStr::new_static("builtins.Ellipsis")), span),
            ExprKind::Int(value) => Value::new(Kind::Int(*value), span),
            ExprKind::Number(text) => Value::new(Kind::Number(text.clone()), span),
            ExprKind::Str(text) => Value::new(Kind::Str(Rc::clone(text)), span),
            ExprKind::Bytes(_) => Value::unknown(span),
            ExprKind::Template(parts) => self.template(frame, parts, span),
            ExprKind::Name(name) => self.name(frame, name, span),
            ExprKind::Attribute(object, name) => {
                let object = self.eval(frame, *object);
                self.attribute(&object, name, span)
            }
            ExprKind::Call(callee, arguments) => {
                let (callee, bound) = self.callee(frame, *callee);
                let mut arguments = self.arguments(frame, arguments);
                arguments.positional.splice(0..0, bound);
                match self.about_frame(frame, &callee, &arguments, span) {
                    Some(value) => value,
                    None => self.call(callee, arguments, span),
                }
            }
            ExprKind::Index(object, index) => {
                let ast = Rc::clone(&frame.ast);
                if let Some(ExprKind::Slice(from, to, step)) = ast.expr(*index).map(|e| &e.kind) {
                    let object = self.eval(frame, *object);
                    let mut bound = |id: &Option<ExprId>| id.map(|id| self.eval(frame, id));
                    let bounds = [bound(from), bound(to), bound(step)];
                    return self.slice(&object, &bounds, span);
                }
                let object = self.eval(frame, *object);
                let index = self.eval(frame, *index);
                self.index(&object, &index, span)
            }
            ExprKind::Slice(..) => Value::unknown(span),
            ExprKind::Not(operand) => {
                let operand = self.eval(frame, *operand);
                self.not(operand, span)
            }
            ExprKind::Unary(op, operand) => {
                let operand = self.eval(frame, *operand);
                match (op.as_str(), operand.as_int()) {
                    ("-", Some(value)) => {
                        value.checked_neg().map_or(Value::unknown(span), |v| Value::new(Kind::Int(v), span))
                    }
                    ("+", Some(value)) => Value::new(Kind::Int(value), span),
                    ("~", Some(value)) => Value::new(Kind::Int(!value), span),
                    ("-", None) if matches!(operand.kind, Kind::Number(_)) => match &operand.kind {
                        Kind::Number(text) => Value::new(Kind::Number(SmolStr::new(format!("-{text}"))), span),
                        _ => Value::unknown(span),
                    },
                    _ => Value::term(
                        TermKind::Binary(operand.clone(), SmolStr::new(format!("unary {op}")), operand),
                        span,
                    ),
                }
            }
            ExprKind::Binary(..) => self.chain(frame, kind, span),
            ExprKind::Compare(first, rest) => self.comparison(frame, *first, rest, span),
            ExprKind::And(operands) => self.logic(frame, operands, true, span),
            ExprKind::Or(operands) => self.logic(frame, operands, false, span),
            ExprKind::Conditional { test, then, otherwise } => {
                let test = self.eval(frame, *test);
                match self.truth(&test) {
                    Some(true) => self.eval(frame, *then),
                    Some(false) => self.eval(frame, *otherwise),
                    None => {
                        let then = self.eval(frame, *then);
                        let otherwise = self.eval(frame, *otherwise);
                        self.choice(test, then, otherwise, span)
                    }
                }
            }
            ExprKind::Lambda(parameters, body) => {
                let function = self.function(frame, parameters, Body::Lambda(*body), Vec::new());
                Value::new(Kind::Function(function), span)
            }
            ExprKind::Walrus(name, value) => {
                let value = self.eval(frame, *value);
                self.bind(frame, name, value.clone());
                value
            }
            ExprKind::List(items) => {
                let items = self.items(frame, items);
                self.list(items, span)
            }
            ExprKind::Tuple(items) => {
                let items = self.items(frame, items);
                Value::new(Kind::Tuple(self.heap.add_list(items)), span)
            }
            ExprKind::Set(items) => {
                let items = self.items(frame, items);
                self.set(items, span)
            }
            ExprKind::Dict(pairs) => {
                let mut items = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    let key = key.map(|key| self.eval(frame, key));
                    let value = self.eval(frame, *value);
                    match (key, &value.kind) {
                        (Some(key), _) => items.push((key, value)),
                        (None, Kind::Dict(dict)) => items.extend_from_slice(self.heap.dict(*dict)),
                        (None, _) => items.push((Value::unknown(value.span), value)),
                    }
                }
                Value::new(Kind::Dict(self.heap.add_dict(items)), span)
            }
            ExprKind::Star(value) => {
                let value = self.eval(frame, *value);
                Value::term(TermKind::Each(value), span)
            }
            ExprKind::Comprehension { kind, element, value, clauses } => {
                self.comprehension(frame, *kind, *element, *value, clauses, span)
            }
            ExprKind::Await(value) => self.eval(frame, *value),
            ExprKind::Yield(value) => {
                let value = value.map(|value| self.eval(frame, value));
                if let Some(yields) = &mut frame.yields {
                    yields.extend(value);
                }
                Value::unknown(span)
            }
            ExprKind::Capture(value, _) => self.eval(frame, *value),
        }
    }

    fn name(&mut self, frame: &Frame, name: &SmolStr, span: Span) -> Value {
        let mut scope = Some(frame.scope);
        let mut own = true;
        while let Some(found) = scope.and_then(|id| self.heap.scope(id)) {
            // What a class binds is seen in its body only, not in its methods.
            if (own || !found.of_class)
                && let Some(value) = found.get(name)
            {
                return value.clone();
            }
            own = false;
            scope = found.parent;
        }
        match name.as_str() {
            "__name__" => Value::text("module", span),
            _ if self.heap.scope(frame.globals).is_some_and(|s| !s.stars.is_empty()) && !is_builtin(name) => {
                let star = self.heap.scope(frame.globals).and_then(|s| s.stars.first()).cloned().unwrap_or_default();
                Value::term(TermKind::Name(SmolStr::new(format!("{star}.{name}"))), span)
            }
            _ => Value::term(TermKind::Name(SmolStr::new(format!("builtins.{name}"))), span),
        }
    }

    fn items(&mut self, frame: &mut Frame, ids: &[ExprId]) -> Vec<Value> {
        let ast = Rc::clone(&frame.ast);
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(ExprKind::Star(inner)) = ast.expr(*id).map(|e| &e.kind) {
                let value = self.eval(frame, *inner);
                match self.iterate(&value) {
                    Some(more) => items.extend(more),
                    None => items.push(Value::term(TermKind::Each(value.clone()), value.span)),
                }
            } else {
                items.push(self.eval(frame, *id));
            }
            if self.stopped() {
                break;
            }
        }
        items
    }

    /// The arguments of a call.
    pub(super) fn arguments(&mut self, frame: &mut Frame, list: &[Argument]) -> Arguments {
        let mut arguments = Arguments::default();
        for argument in list {
            match argument {
                Argument::Positional(id) => arguments.positional.push(self.eval(frame, *id)),
                Argument::Keyword(name, _, id) => arguments.keywords.push((name.clone(), self.eval(frame, *id))),
                Argument::Star(id) => {
                    let value = self.eval(frame, *id);
                    match self.iterate(&value) {
                        Some(more) => arguments.positional.extend(more),
                        None => arguments.open = true,
                    }
                }
                Argument::DoubleStar(id) => {
                    let value = self.eval(frame, *id);
                    let Kind::Dict(dict) = value.kind else {
                        arguments.open = true;
                        continue;
                    };
                    for (key, value) in self.heap.dict(dict) {
                        match key.as_str() {
                            Some(key) => arguments.keywords.push((SmolStr::new(key), value.clone())),
                            None => arguments.open = true,
                        }
                    }
                }
            }
        }
        arguments
    }

    /// Whether a value counts as true; `None` where only a run would know.
    pub fn truth(&self, value: &Value) -> Option<bool> {
        match &value.kind {
            Kind::None => Some(false),
            Kind::Bool(value) => Some(*value),
            Kind::Int(value) => Some(*value != 0),
            Kind::Number(text) => Some(text.bytes().any(|b| (b'1'..=b'9').contains(&b))),
            Kind::Str(text) => Some(!text.as_str().is_empty()),
            Kind::List(list) | Kind::Set(list) | Kind::Tuple(list) => {
                let items = self.heap.list(*list);
                let sure = items
                    .iter()
                    .any(|item| !item.is_open_element() && !matches!(item.as_term(), Some(TermKind::Unknown)));
                if items.is_empty() { Some(false) } else { sure.then_some(true) }
            }
            Kind::Dict(dict) => Some(!self.heap.dict(*dict).is_empty()),
            Kind::Range(from, to, step) => Some(if *step > 0 { from < to } else { from > to }),
            Kind::Function(_) | Kind::Class(_) => Some(true),
            Kind::Term(term) => match &term.kind {
                TermKind::Member(.., value) => self.truth(value).or(Some(true)),
                // True for type checkers only.
                TermKind::Name(path) if path == "typing.TYPE_CHECKING" => Some(false),
                TermKind::Template(text) => text.as_str().bytes().any(|b| b != b'$' && b != b'1').then_some(true),
                _ => None,
            },
        }
    }

    /// `value.name`.
    pub fn attribute(&mut self, object: &Value, name: &SmolStr, span: Span) -> Value {
        match &object.kind {
            Kind::Class(class) => {
                if let Some(value) = self.class_attribute(*class, name, 0) {
                    let scope = self.heap.class(*class).and_then(|c| self.heap.scope(c.scope));
                    let mut own = scope.is_some_and(|scope| scope.get(name).is_some());
                    let mut value = value;
                    // What is declared for each class is asked of the class.
                    if let Kind::Function(function) = value.kind
                        && self.is_computed(function)
                    {
                        let this = if self.is_decorated(function, "builtins.staticmethod") {
                            Vec::new()
                        } else {
                            vec![object.clone()]
                        };
                        let this = Arguments { positional: this, ..Arguments::default() };
                        // A hybrid attribute gives what is there already.
                        own = self
                            .heap
                            .function(function)
                            .is_some_and(|f| f.decorators.iter().any(|d| d.last_name() == Some("hybrid_property")));
                        value = self.call_function(function, this, span);
                    }
                    // What each class has for itself is not what the mixin says.
                    if !own && self.host.is_copied(&value) {
                        return Value::term(TermKind::Attribute(object.clone(), name.clone()), span);
                    }
                    return value;
                }
                match name.as_str() {
                    "__name__" | "__qualname__" => {
                        let name = self.heap.class(*class).map_or(SmolStr::default(), |c| c.name.clone());
                        Value::text(&name, span)
                    }
                    _ => self.fold(TermKind::Attribute(object.clone(), name.clone()), span),
                }
            }
            Kind::Function(function) if matches!(name.as_str(), "__name__" | "__qualname__") => {
                let name = self.heap.function(*function).map_or(String::new(), |f| f.name().to_owned());
                Value::text(&name, span)
            }
            Kind::Term(term) => match &term.kind {
                TermKind::Name(path) => {
                    if let Some(value) = self.module_attribute(path, name) {
                        return value;
                    }
                    // `import app`, then `app.types`: a module of the input below a package whose own file was empty, or not given.
                    let number = path.strip_prefix("module:").and_then(|number| number.parse().ok());
                    let package = number.map(|number| self.module_path(number));
                    let path = SmolStr::new(format!("{}.{name}", package.as_deref().unwrap_or(path)));
                    if let Some(module) = self.module_named(&path) {
                        return module_value(module, span);
                    }
                    self.fold(TermKind::Name(path), span)
                }
                TermKind::Member(_, member, value) => match name.as_str() {
                    "value" | "_value_" => value.clone(),
                    "name" | "_name_" => Value::text(member, span),
                    _ => self.fold(TermKind::Attribute(value.clone(), name.clone()), span),
                },
                _ => match self.host.attribute(self, object, name, span) {
                    Some(value) => value,
                    None => self.fold(TermKind::Attribute(object.clone(), name.clone()), span),
                },
            },
            _ => self.fold(TermKind::Attribute(object.clone(), name.clone()), span),
        }
    }

    /// What is called, and the class that a class method takes first: `Role.values()`.
    fn callee(&mut self, frame: &mut Frame, callee: ExprId) -> (Value, Option<Value>) {
        let ast = Rc::clone(&frame.ast);
        let Some(ExprKind::Attribute(object, name)) = ast.expr(callee).map(|e| &e.kind) else {
            return (self.eval(frame, callee), None);
        };
        let object = self.eval(frame, *object);
        let found = self.attribute(&object, name, ast.expr_span(callee));
        let takes_class = match (&object.kind, &found.kind) {
            (Kind::Class(_), Kind::Function(function)) => self.is_decorated(*function, "builtins.classmethod"),
            _ => false,
        };
        (found, takes_class.then_some(object))
    }

    fn is_decorated(&self, function: FunctionId, name: &str) -> bool {
        let decorators = self.heap.function(function).map(|f| f.decorators.as_slice()).unwrap_or_default();
        decorators.iter().any(|decorator| decorator.as_name() == Some(name))
    }

    /// Built-in functions whose value depends on where they are called: `globals()`, `locals()`, `vars()` and `eval` of a name or its call.
    fn about_frame(&mut self, frame: &Frame, callee: &Value, arguments: &Arguments, span: Span) -> Option<Value> {
        let name = callee.as_name()?.strip_prefix("builtins.")?;
        match (name, arguments.positional.as_slice()) {
            ("globals" | "locals" | "vars", []) => {
                let id = if name == "globals" { frame.globals } else { frame.scope };
                if !self.step(self.heap.scope(id)?.len(), span) {
                    return None;
                }
                let scope = self.heap.scope(id)?;
                let pairs = scope.iter().map(|(name, value)| (Value::text(name, span), value.clone())).collect();
                Some(Value::new(Kind::Dict(self.heap.add_dict(pairs)), span))
            }
            ("eval", [text]) => {
                let text = text.as_str()?.trim();
                let name = text.strip_suffix("()").unwrap_or(text);
                let value = self.heap.scope(frame.globals)?.get(name)?.clone();
                Some(if name == text { value } else { self.call(value, Arguments::default(), span) })
            }
            _ => None,
        }
    }

    /// Whether a function stands for an attribute: reading it calls it.
    fn is_computed(&self, function: FunctionId) -> bool {
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
    pub(super) fn names_of(&self, class: ClassId, depth: u32, out: &mut Vec<SmolStr>) {
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

    /// Whether a class is an enumeration.
    pub fn is_enum(&self, class: ClassId, depth: u32) -> bool {
        depth < 20
            && self.heap.class(class).is_some_and(|class| {
                class.bases.iter().any(|base| match &base.kind {
                    Kind::Class(base) => self.is_enum(*base, depth + 1),
                    _ => base.last_name().is_some_and(|name| {
                        matches!(name, "Enum" | "StrEnum" | "IntEnum" | "Flag" | "IntFlag" | "TextChoices")
                    }),
                })
            })
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

    fn index(&mut self, object: &Value, index: &Value, span: Span) -> Value {
        match &object.kind {
            Kind::List(list) | Kind::Tuple(list) => {
                let items = self.heap.list(*list);
                let sure = items.iter().all(|item| !item.is_open_element());
                if let Some(value) = index.as_int().filter(|_| sure).and_then(|at| place(at, items.len())) {
                    return items.get(value).cloned().unwrap_or(Value::unknown(span));
                }
            }
            Kind::Dict(dict) => {
                let found =
                    self.heap.dict(*dict).iter().rev().find(|(key, _)| self.heap.equal(key, index, 0) == Some(true));
                if let Some((_, value)) = found {
                    return value.clone();
                }
            }
            Kind::Str(text) => {
                if let Some(at) = index.as_int().and_then(|at| place(at, text.as_str().len()))
                    && text.as_str().is_ascii()
                {
                    return Value::new(Kind::Str(Rc::new(text.slice(at, at + 1))), span);
                }
            }
            Kind::Class(class) if self.is_enum(*class, 0) => {
                if let Some(value) = index.as_str().and_then(|name| self.class_attribute(*class, name, 0)) {
                    return value;
                }
            }
            _ => {}
        }
        self.fold(TermKind::Index(object.clone(), index.clone()), span)
    }

    fn slice(&mut self, object: &Value, bounds: &[Option<Value>; 3], span: Span) -> Value {
        let [from, to, step] = bounds;
        let len = match &object.kind {
            Kind::List(list) | Kind::Tuple(list) => self.heap.list(*list).len(),
            Kind::Str(text) if text.as_str().is_ascii() => text.as_str().len(),
            _ => return Value::unknown(span),
        };
        let clamp = |value: &Option<Value>, default: usize| match value {
            None => Some(default),
            Some(value) if value.is_none() => Some(default),
            Some(value) => value.as_int().map(|at| {
                let at = if at < 0 { at.saturating_add(i64::try_from(len).unwrap_or(i64::MAX)) } else { at };
                usize::try_from(at.max(0)).unwrap_or(len).min(len)
            }),
        };
        let reversed = step.as_ref().and_then(Value::as_int) == Some(-1) && from.is_none() && to.is_none();
        let plain = step.as_ref().is_none_or(|s| s.is_none() || s.as_int() == Some(1));
        let (Some(from), Some(to)) = (clamp(from, 0), clamp(to, len)) else { return Value::unknown(span) };
        match &object.kind {
            Kind::List(list) | Kind::Tuple(list) if plain || reversed => {
                let mut items = self.heap.list(*list).get(from..to).unwrap_or_default().to_vec();
                if reversed {
                    items.reverse();
                }
                let id = self.heap.add_list(items);
                Value::new(if matches!(object.kind, Kind::List(_)) { Kind::List(id) } else { Kind::Tuple(id) }, span)
            }
            Kind::Str(text) if plain => Value::new(Kind::Str(Rc::new(text.slice(from, to.max(from)))), span),
            _ => Value::unknown(span),
        }
    }

    fn comprehension(
        &mut self,
        frame: &mut Frame,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: &[Clause],
        span: Span,
    ) -> Value {
        let scope = self.heap.add_scope(Some(frame.scope));
        let outer = std::mem::replace(&mut frame.scope, scope);
        let mut out = Vec::new();
        self.clauses(frame, clauses, (element, value), &mut out);
        frame.scope = outer;
        match kind {
            ComprehensionKind::Set => self.set(out.into_iter().map(|(key, _)| key).collect(), span),
            ComprehensionKind::Dict => {
                let pairs = out.into_iter().map(|(key, value)| (key, value.unwrap_or(Value::unknown(span)))).collect();
                Value::new(Kind::Dict(self.heap.add_dict(pairs)), span)
            }
            _ => self.list(out.into_iter().map(|(key, _)| key).collect(), span),
        }
    }

    fn clauses(
        &mut self,
        frame: &mut Frame,
        clauses: &[Clause],
        element: (ExprId, Option<ExprId>),
        out: &mut Vec<(Value, Option<Value>)>,
    ) {
        let Some((clause, rest)) = clauses.split_first() else {
            let key = self.eval(frame, element.0);
            let value = element.1.map(|id| self.eval(frame, id));
            out.push((key, value));
            return;
        };
        let iterable = self.eval(frame, clause.iterable);
        let known = self.iterate(&iterable).or_else(|| self.each_perhaps(&iterable));
        let sure = known.is_some();
        // One element stands for all of an iterable that is not known.
        let items = known.unwrap_or_else(|| vec![Value::term(TermKind::Each(iterable.clone()), iterable.span)]);
        for item in items {
            if !self.step(1, iterable.span) {
                return;
            }
            let (mut open, item) = present(item);
            self.assign(frame, clause.target, item);
            let mut fails = false;
            for test in &clause.tests {
                let test = self.eval(frame, *test);
                match self.truth(&test) {
                    Some(true) => {}
                    Some(false) => fails = true,
                    None => open.push(test),
                }
            }
            if fails {
                continue;
            }
            let from = out.len();
            self.clauses(frame, rest, element, out);
            if !sure || !open.is_empty() {
                for (key, _) in out.iter_mut().skip(from) {
                    *key = match key.as_term() {
                        Some(TermKind::Each(_)) => continue,
                        Some(TermKind::Perhaps(tests, value)) if sure => {
                            let tests = open.iter().chain(tests).cloned().collect();
                            Value::term(TermKind::Perhaps(tests, value.clone()), key.span)
                        }
                        _ if sure => Value::term(TermKind::Perhaps(open.clone(), key.clone()), key.span),
                        _ => {
                            let collected = Value::term(TermKind::Collected(key.clone()), key.span);
                            Value::term(TermKind::Each(collected), key.span)
                        }
                    };
                }
            }
        }
    }

    /// The elements that a loop would see; `None` where they are not known.
    pub(super) fn iterate(&mut self, value: &Value) -> Option<Vec<Value>> {
        let items = match &value.kind {
            Kind::Range(from, to, step) => {
                let len = range_len(*from, *to, *step);
                if !self.iterations(len, value.span) {
                    return None;
                }
                let values = (0..i64::try_from(len).unwrap_or(0)).map(|n| from.wrapping_add(step.wrapping_mul(n)));
                values.map(|v| Value::new(Kind::Int(v), value.span)).collect()
            }
            Kind::Str(text) => {
                let starts = text.as_str().char_indices().map(|(at, c)| (at, at + c.len_utf8()));
                starts.map(|(a, b)| Value::new(Kind::Str(Rc::new(text.slice(a, b))), value.span)).collect()
            }
            Kind::Class(class) if self.is_enum(*class, 0) => self.enum_members(*class),
            _ => self.heap.elements(value)?,
        };
        if items.iter().any(Value::is_open_element) {
            return None;
        }
        self.iterations(u64::try_from(items.len()).unwrap_or(u64::MAX), value.span).then_some(items)
    }

    /// The elements of a list where some may not be there, but nothing else is open. [`present`] takes them apart.
    pub(super) fn each_perhaps(&mut self, value: &Value) -> Option<Vec<Value>> {
        let items = self.heap.elements(value)?;
        let each = items.iter().any(|item| matches!(item.as_term(), Some(TermKind::Each(_))));
        let len = u64::try_from(items.len()).unwrap_or(u64::MAX);
        (!each && self.iterations(len, value.span)).then_some(items)
    }

    pub(super) fn list(&mut self, items: Vec<Value>, span: Span) -> Value {
        if !self.room(items.len(), span) {
            return Value::unknown(span);
        }
        let list = self.heap.add_list(items);
        self.heap.made_under(list, self.conditions.len());
        Value::new(Kind::List(list), span)
    }

    pub(super) fn set(&mut self, items: Vec<Value>, span: Span) -> Value {
        if !self.step(items.len().saturating_mul(items.len()) / 32, span) {
            return Value::unknown(span);
        }
        let mut unique: Vec<Value> = Vec::new();
        for item in items {
            if !unique.iter().any(|other| self.heap.equal(other, &item, 0) == Some(true)) {
                unique.push(item);
            }
        }
        Value::new(Kind::Set(self.heap.add_list(unique)), span)
    }

    fn template(&mut self, frame: &mut Frame, parts: &[Part], span: Span) -> Value {
        let mut out = Mapped::default();
        let mut known = true;
        for part in parts {
            match part {
                Part::Text(text) => out.append(text),
                Part::Field { value, conversion, spec, label } => {
                    if let Some(label) = label {
                        out.append(label);
                    }
                    let value = self.eval(frame, *value);
                    let spec = if spec.is_empty() {
                        String::new()
                    } else {
                        let spec = self.template(frame, spec, span);
                        spec.as_str().unwrap_or("?").to_owned()
                    };
                    let repr = *conversion == Some('r') || (label.is_some() && conversion.is_none());
                    known &= self.append_formatted(&mut out, &value, repr, &spec);
                }
            }
            if !self.room(out.as_str().len(), span) {
                return Value::unknown(span);
            }
        }
        self.made_text(out, known, span)
    }

    /// A text, or a template of one where parts are not known.
    pub(super) fn made_text(&mut self, text: Mapped, known: bool, span: Span) -> Value {
        if !self.room(text.as_str().len(), span) {
            return Value::unknown(span);
        }
        let text = Rc::new(text);
        if known { Value::new(Kind::Str(text), span) } else { Value::term(TermKind::Template(text), span) }
    }

    /// Adds a value as a replacement field prints it. What is not known is a `$1`, and the answer false.
    pub(super) fn append_formatted(&mut self, out: &mut Mapped, value: &Value, repr: bool, spec: &str) -> bool {
        if repr || !spec.is_empty() {
            let text = if repr { text::repr(&self.heap, value, 0) } else { text::plain(&self.heap, value) };
            let text = text.and_then(|text| text::pad(&text, spec, value.as_int().is_some()));
            return match text {
                Some(text) => {
                    out.push(&text, value.span);
                    true
                }
                None => {
                    out.push("$1", value.span);
                    false
                }
            };
        }
        self.append_text(out, value)
    }

    /// Adds a value as `str()` gives it.
    pub(super) fn append_text(&mut self, out: &mut Mapped, value: &Value) -> bool {
        if let Some(text) = value.as_text() {
            out.append(text);
            return true;
        }
        if let Some(TermKind::Template(text)) = value.as_term() {
            out.append(text);
            return false;
        }
        if let Some(text) = text::plain(&self.heap, value) {
            out.push(&text, value.span);
            return true;
        }
        // `sa.text("…")` and what else a host knows to print as a text.
        if let Some(text) = self.host.text(self, value) {
            out.append(&text);
            return true;
        }
        out.push("$1", value.span);
        false
    }

    /// Calls a value.
    pub fn call(&mut self, callee: Value, arguments: Arguments, span: Span) -> Value {
        if !self.step(1, span) {
            return Value::unknown(span);
        }
        match &callee.kind {
            Kind::Function(function) => return self.call_function(*function, arguments, span),
            // `Status("active")` is the member of that value.
            Kind::Class(class) if self.is_enum(*class, 0) && arguments.positional.len() == 1 => {
                let wanted = arguments.positional.first().cloned();
                let found = self.enum_members(*class).into_iter().find(|member| match member.as_term() {
                    Some(TermKind::Member(.., value)) => {
                        wanted.as_ref().is_some_and(|w| self.heap.equal(value, w, 0) == Some(true))
                    }
                    _ => false,
                });
                if let Some(member) = found {
                    return member;
                }
            }
            Kind::Term(term) => match &term.kind {
                TermKind::Attribute(object, name)
                    if !matches!(object.kind, Kind::Term(_)) || object.as_text().is_some() =>
                {
                    if let Some(value) = self.method(object, name, &arguments, span) {
                        return value;
                    }
                }
                // `re.compile("…").sub("_", name)`.
                TermKind::Attribute(object, name) if name == "sub" => {
                    if let Some((compile, pattern)) = object.as_call()
                        && compile.as_name() == Some("re.compile")
                        && let ([pattern], true) = (pattern.positional.as_slice(), pattern.keywords.is_empty())
                    {
                        let mut all = arguments.clone();
                        all.positional.insert(0, pattern.clone());
                        if let Some(value) = self.library("re.sub", &all, span) {
                            return value;
                        }
                    }
                }
                TermKind::Name(path) => {
                    if let Some(name) = path.strip_prefix("builtins.")
                        && let Some(value) = self.builtin(name, &arguments, span)
                    {
                        return value;
                    }
                    if let Some(value) = self.library(path, &arguments, span) {
                        return value;
                    }
                }
                _ => {}
            },
            _ => {}
        }
        let host = self.host;
        let call = Call { callee: &callee, arguments: &arguments, span };
        if let Some(value) = host.call(self, &call) {
            return value;
        }
        self.fold(TermKind::Call(callee, arguments), span)
    }

    /// A term, unless the host knows its value.
    pub(super) fn fold(&mut self, kind: TermKind, span: Span) -> Value {
        let host = self.host;
        host.fold(self, &kind, span).unwrap_or_else(|| Value::term(kind, span))
    }

    pub(super) fn percent(&mut self, format: &Rc<Mapped>, operand: &Value, span: Span) -> Value {
        let mut out = Mapped::default();
        let positional = match &operand.kind {
            Kind::Tuple(items) => self.heap.list(*items).to_vec(),
            _ => vec![operand.clone()],
        };
        let mut next = positional.into_iter();
        let source = format.as_str();
        let mut known = true;
        let mut plain = 0;
        let mut at = 0;
        while let Some(found) = source.get(at..).and_then(|rest| rest.find('%')) {
            let percent = at + found;
            let rest = source.get(percent + 1..).unwrap_or_default();
            let (key, behind) = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                Some((key, behind)) => (Some(key), behind),
                None => (None, rest),
            };
            let flags = behind.len() - behind.trim_start_matches(['#', '0', '-', ' ', '+']).len();
            let digits: usize = behind
                .get(flags..)
                .unwrap_or_default()
                .bytes()
                .take_while(|b| b.is_ascii_digit() || *b == b'.')
                .count();
            let Some(letter) = behind.get(flags + digits..).and_then(|rest| rest.chars().next()) else { break };
            let end = source.len() - behind.len() + flags + digits + letter.len_utf8();
            out.append_range(format, plain, percent);
            if letter == '%' {
                out.append_range(format, percent, percent + 1);
            } else {
                let value = match (key, &operand.kind) {
                    (Some(key), Kind::Dict(dict)) => self.heap.dict_get(*dict, key).cloned(),
                    (Some(_), _) => None,
                    (None, _) => next.next(),
                };
                let value = value.unwrap_or(Value::unknown(operand.span));
                known &= match (letter, flags + digits) {
                    ('s' | 'd' | 'i', 0) => self.append_text(&mut out, &value),
                    ('r', 0) => self.append_formatted(&mut out, &value, true, ""),
                    _ => {
                        let spec = behind.get(..flags + digits).unwrap_or_default().to_owned();
                        self.append_formatted(&mut out, &value, false, &spec)
                    }
                };
            }
            if !self.step(1, span) || !self.room(out.as_str().len(), span) {
                return Value::unknown(span);
            }
            (plain, at) = (end, end);
        }
        out.append_range(format, plain, source.len());
        self.made_text(out, known, span)
    }
}

/// An element, and the tests under which it is there.
pub(super) fn present(item: Value) -> (Vec<Value>, Value) {
    match item.as_term() {
        Some(TermKind::Perhaps(tests, value)) => (tests.clone(), value.clone()),
        _ => (Vec::new(), item),
    }
}

/// The place of an index, from the end where it is negative.
fn place(at: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let at = if at < 0 { at.checked_add(len)? } else { at };
    usize::try_from(at).ok().filter(|_| at < len)
}

/// How many numbers a range has.
fn range_len(from: i64, to: i64, step: i64) -> u64 {
    let distance = if step > 0 { i128::from(to) - i128::from(from) } else { i128::from(from) - i128::from(to) };
    let step = i128::from(step).unsigned_abs().max(1);
    u64::try_from(distance.max(0).unsigned_abs().div_ceil(step)).unwrap_or(u64::MAX)
}

/// Names that Python has without an import. Source: Python's `builtins`; of the exceptions the usual ones.
const BUILTINS: &[&str] = &[
    "AttributeError",
    "Ellipsis",
    "Exception",
    "KeyError",
    "NotImplemented",
    "NotImplementedError",
    "RuntimeError",
    "TypeError",
    "ValueError",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// A name that Python keeps to its class: `__name`, not `__name__`.
fn is_private(name: &str) -> bool {
    name.starts_with("__") && !name.ends_with("__")
}

fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}
