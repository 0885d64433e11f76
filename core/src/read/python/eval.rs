//! Expressions to values.

mod builtin_names;
mod classes;
mod elements;
mod enums;
mod objects;
mod texts;

use std::rc::Rc;

use smol_str::SmolStr;

use self::builtin_names::is_builtin;
pub(super) use self::elements::present;
pub(crate) use self::enums::number_of;
use super::ast::*;
use super::interpreter::{Call, Frame, Interpreter, module_value};
use super::value::*;
use crate::source::Span;

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
                // What an import or a class is called says nothing by itself; what is said with it is said here.
                let is_called = value.as_term().is_some_and(|t| matches!(t, TermKind::Name(_)));
                return if is_called { Value { span, ..value.clone() } } else { value.clone() };
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
                TermKind::Call(callee, _) if self.makes_true_objects(callee, 0) => Some(true),
                _ => self.host.truth(value),
            },
        }
    }

    /// Whether a class of the input says nothing of the truth of its objects, nor does one that it extends: then each is true.
    fn makes_true_objects(&self, class: &Value, depth: u32) -> bool {
        let Kind::Class(id) = class.kind else { return class.as_name() == Some("builtins.object") };
        let Some(found) = self.heap.class(id).filter(|_| depth < 20) else { return false };
        let scope = self.heap.scope(found.scope);
        let says = |name: &str| scope.is_some_and(|scope| scope.get(name).is_some());
        !says("__bool__")
            && !says("__len__")
            && !self.is_enum(id, 0)
            && found.bases.iter().all(|base| self.makes_true_objects(base, depth + 1))
    }

    /// `value.name`.
    pub fn attribute(&mut self, object: &Value, name: &SmolStr, span: Span) -> Value {
        match &object.kind {
            Kind::Class(class) => {
                // The name of a class is its own, whatever its objects call theirs.
                let own_name = matches!(name.as_str(), "__name__" | "__qualname__");
                if let Some(value) = self.class_attribute(*class, name, 0).filter(|_| !own_name) {
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
                    "__dict__" => {
                        let scope = self.heap.class(*class).and_then(|c| self.heap.scope(c.scope));
                        let names = scope.into_iter().flat_map(Scope::iter);
                        let pairs = names.map(|(name, value)| (Value::text(name, span), value.clone())).collect();
                        Value::new(Kind::Dict(self.heap.add_dict(pairs)), span)
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
                    None if let Some(value) = self.object_attribute(object, name, span) => value,
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
                    if let Some(value) = self.called_enum(path, &arguments, span) {
                        return value;
                    }
                }
                // `Required = partial(Column, nullable=False)`, then `Required(Text)`.
                TermKind::Call(partial, bound) if partial.as_name() == Some("functools.partial") => {
                    if let Some((function, first)) = bound.positional.split_first() {
                        let positional = first.iter().chain(&arguments.positional).cloned().collect();
                        let overridden = |name: &SmolStr| arguments.keyword(name).is_some();
                        let mut keywords: Vec<(SmolStr, Value)> = bound.keywords.clone();
                        keywords.retain(|(name, _)| !overridden(name));
                        keywords.extend(arguments.keywords);
                        let open = bound.open || arguments.open;
                        return self.call(function.clone(), Arguments { positional, keywords, open }, span);
                    }
                }
                _ => {}
            },
            _ => {}
        }
        self.note_passed_up(&callee, &arguments);
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
}
