//! Statements: what runs, in order, under which conditions.

use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::*;
use super::eval::present;
use super::interpreter::{Condition, EffectKind, Frame, Interpreter, module_value};
use super::value::*;
use crate::source::Span;

/// How a block ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flow {
    /// At its last statement.
    Next,
    Break,
    Continue,
    /// The value is the last of the frame's returns.
    Return,
    Raise,
}

impl Interpreter<'_> {
    /// Runs statements in order. Nested blocks count as depth.
    pub(super) fn block(&mut self, frame: &mut Frame, block: &[StmtId]) -> Flow {
        let ast = Rc::clone(&frame.ast);
        for id in block {
            let Some(stmt) = ast.stmt(*id) else { continue };
            let span = Span::new(ast.file, stmt.start, stmt.end);
            if !self.step(1, span) || !self.enter(span) {
                return Flow::Raise;
            }
            let flow = self.statement(frame, &stmt.kind, span);
            self.leave();
            if self.stopped() {
                return Flow::Raise;
            }
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    fn statement(&mut self, frame: &mut Frame, kind: &StmtKind, span: Span) -> Flow {
        match kind {
            StmtKind::Expr(value) => {
                let value = self.eval(frame, *value);
                if self.host.acts_elsewhere(&value) {
                    self.record(EffectKind::Elsewhere, value, span);
                }
            }
            StmtKind::Assign(targets, value) => {
                let value = self.eval(frame, *value);
                for target in targets {
                    self.assign(frame, *target, value.clone());
                }
            }
            StmtKind::Annotated { target, annotation, value } => self.annotated(frame, *target, *annotation, *value),
            StmtKind::Augmented(target, op, value) => {
                let old = self.eval(frame, *target);
                let value = self.eval(frame, *value);
                // `list += …` changes the list itself.
                if let (Kind::List(list), "+") = (&old.kind, op.as_str())
                    && let Some(more) = self.iterate(&value)
                {
                    self.extend(*list, more, span);
                    return Flow::Next;
                }
                let value = self.binary(&old, op, &value, span);
                self.assign(frame, *target, value);
            }
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(frame, *value),
                    None => Value::new(Kind::None, span),
                };
                let conditions = self.conditions.get(frame.conditions..).unwrap_or_default().to_vec();
                frame.returns.push((conditions, value));
                return Flow::Return;
            }
            StmtKind::Raise => return Flow::Raise,
            StmtKind::Pass | StmtKind::Assert(_) => {}
            StmtKind::Break => return Flow::Break,
            StmtKind::Continue => return Flow::Continue,
            StmtKind::Delete(_) => {}
            StmtKind::Global(names) => {
                if let Some(scope) = self.heap.scope_mut(frame.scope) {
                    scope.outer.extend(names.iter().cloned());
                }
            }
            StmtKind::Import(names) => {
                for (name, alias) in names {
                    self.import(frame, name, alias.as_ref(), span);
                }
            }
            StmtKind::ImportFrom { dots, module, names } => self.import_from(frame, *dots, module, names, span),
            StmtKind::If { test, then, otherwise } => {
                let test = self.eval(frame, *test);
                return self.branch(frame, test, then, otherwise);
            }
            StmtKind::While { test, body, otherwise } => return self.while_loop(frame, *test, body, otherwise, span),
            StmtKind::For { target, iterable, body, otherwise } => {
                return self.for_loop(frame, *target, *iterable, body, otherwise);
            }
            StmtKind::With { items, body } => return self.with(frame, items, body),
            StmtKind::Try { body, handlers, otherwise, finally } => {
                return self.try_statement(frame, body, handlers, otherwise, finally);
            }
            StmtKind::Function(def) => {
                let decorators: Vec<Value> = def.decorators.iter().map(|id| self.eval(frame, *id)).collect();
                // `@name.setter`: reading the attribute still asks the function before.
                let sets = |d: &Value| match d.as_term() {
                    Some(TermKind::Attribute(object, part)) => {
                        matches!(object.kind, Kind::Function(_)) && matches!(part.as_str(), "setter" | "deleter")
                    }
                    _ => false,
                };
                if decorators.iter().any(sets) {
                    return Flow::Next;
                }
                let function = self.function(frame, &def.parameters, Body::Def(Rc::clone(def)), decorators);
                let at = Span::new(frame.ast.file, def.name_at.0, def.name_at.1);
                self.bind(frame, &def.name, Value::new(Kind::Function(function), at));
            }
            StmtKind::Class(def) => self.class(frame, def, span),
            StmtKind::Match { subject, cases } => return self.match_statement(frame, *subject, cases),
        }
        Flow::Next
    }

    fn annotated(&mut self, frame: &mut Frame, target: ExprId, annotation: ExprId, value: Option<ExprId>) {
        let ast = Rc::clone(&frame.ast);
        let value = value.map(|value| self.eval(frame, value));
        let in_class = self.heap.scope(frame.scope).is_some_and(|scope| scope.of_class);
        if let (true, Some(ExprKind::Name(name))) = (in_class, ast.expr(target).map(|e| &e.kind)) {
            let annotation = self.eval(frame, annotation);
            let span = ast.expr_span(target);
            self.annotations.push(Annotation { name: name.clone(), value: annotation, span });
        }
        if let Some(value) = value {
            self.assign(frame, target, value);
        }
    }

    /// Binds a name where it belongs.
    pub(super) fn bind(&mut self, frame: &Frame, name: &SmolStr, value: Value) {
        let outer = self.heap.scope(frame.scope).is_some_and(|scope| scope.outer.contains(name));
        let mut target = frame.scope;
        if outer {
            target = frame.globals;
            let mut at = self.heap.scope(frame.scope).and_then(|scope| scope.parent);
            while let Some(scope) = at.and_then(|id| self.heap.scope(id)) {
                if scope.get(name).is_some() {
                    target = at.unwrap_or(target);
                    break;
                }
                at = scope.parent;
            }
        }
        if let Some(scope) = self.heap.scope_mut(target) {
            scope.set(name.clone(), value);
        }
    }

    /// Assigns to a target.
    pub(super) fn assign(&mut self, frame: &mut Frame, target: ExprId, value: Value) {
        let ast = Rc::clone(&frame.ast);
        let Some(expr) = ast.expr(target) else { return };
        match &expr.kind {
            ExprKind::Name(name) => self.bind(frame, name, value),
            ExprKind::Tuple(items) | ExprKind::List(items) => self.unpack(frame, items, &value),
            ExprKind::Star(inner) => self.assign(frame, *inner, value),
            ExprKind::Attribute(object, name) => {
                let object = self.eval(frame, *object);
                if matches!(object.kind, Kind::Term(_)) && self.host.keeps(&object, name) {
                    if self.step(1, object.span) {
                        self.assigned.push((object, name.clone(), value));
                    }
                    return;
                }
                if let Kind::Class(class) = object.kind
                    && let Some(scope) = self.heap.class(class).map(|c| c.scope)
                    && let Some(scope) = self.heap.scope_mut(scope)
                {
                    scope.set(name.clone(), value);
                }
            }
            ExprKind::Index(object, index) => {
                let object = self.eval(frame, *object);
                let index = self.eval(frame, *index);
                let certain = self.conditions.is_empty();
                match object.kind {
                    Kind::Dict(dict) => {
                        let len = self.heap.dict(dict).len();
                        if self.step(1 + len / 16, object.span) {
                            let key = self
                                .heap
                                .dict(dict)
                                .iter()
                                .position(|(k, _)| self.heap.equal(k, &index, 0) == Some(true));
                            let value = if certain { value } else { Value::unknown(value.span) };
                            if let Some(items) = self.heap.dict_mut(dict) {
                                match key.and_then(|at| items.get_mut(at)) {
                                    Some(slot) => slot.1 = value,
                                    None => items.push((index, value)),
                                }
                            }
                        }
                    }
                    Kind::List(list) => {
                        let at = index.as_int().and_then(|at| usize::try_from(at).ok());
                        let certain = self.conditions.len() <= self.heap.conditions_of(list);
                        if let Some(slot) = at.and_then(|at| self.heap.list_mut(list)?.get_mut(at)) {
                            *slot = if certain { value } else { Value::unknown(value.span) };
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn unpack(&mut self, frame: &mut Frame, targets: &[ExprId], value: &Value) {
        let ast = Rc::clone(&frame.ast);
        let is_star = |id: &ExprId| matches!(ast.expr(*id).map(|e| &e.kind), Some(ExprKind::Star(_)));
        let star = targets.iter().position(is_star);
        let items = self.iterate(value);
        let fits = items.as_ref().is_some_and(|items| match star {
            Some(_) => items.len() + 1 >= targets.len(),
            None => items.len() == targets.len(),
        });
        let items = items.unwrap_or_default();
        for (at, target) in targets.iter().enumerate() {
            let part = match star {
                _ if !fits => {
                    let index = Value::new(Kind::Int(i64::try_from(at).unwrap_or(0)), value.span);
                    Value::term(TermKind::Index(value.clone(), index), value.span)
                }
                Some(star) if at == star => {
                    let behind = targets.len() - star - 1;
                    let rest = items.get(star..items.len() - behind).unwrap_or_default().to_vec();
                    self.list(rest, value.span)
                }
                Some(star) if at > star => {
                    let from_end = targets.len() - at;
                    items.get(items.len() - from_end).cloned().unwrap_or(Value::unknown(value.span))
                }
                _ => items.get(at).cloned().unwrap_or(Value::unknown(value.span)),
            };
            self.assign(frame, *target, part);
        }
    }

    /// Adds to a list. Under a condition it is not known whether the element is there.
    pub(super) fn extend(&mut self, list: ListId, items: Vec<Value>, span: Span) {
        let len = self.heap.list(list).len().saturating_add(items.len());
        if !self.room(len, span) {
            return;
        }
        let since = self.heap.conditions_of(list);
        let under = self.conditions.get(since..).unwrap_or_default().to_vec();
        // A loop over something unknown is a condition, too: it adds any number of elements.
        let loops = under.iter().any(|condition| matches!(condition.test.as_term(), Some(TermKind::Each(_))));
        let mut tests = Vec::with_capacity(under.len());
        for Condition { test, negated } in under {
            tests.push(if negated { self.not(test, span) } else { test });
        }
        if let Some(list) = self.heap.list_mut(list) {
            let open = |value: Value| {
                let span = value.span;
                if loops {
                    return Value::term(TermKind::Each(Value::term(TermKind::Collected(value), span)), span);
                }
                let (mut tests, (own, value)) = (tests.clone(), present(value));
                tests.extend(own);
                Value::term(TermKind::Perhaps(tests, value), span)
            };
            list.extend(items.into_iter().map(|item| if tests.is_empty() { item } else { open(item) }));
        }
    }

    fn import(&mut self, frame: &mut Frame, name: &SmolStr, alias: Option<&SmolStr>, span: Span) {
        let first = SmolStr::new(name.split('.').next().unwrap_or(name));
        let (bound, path) = match alias {
            Some(alias) => (alias, name),
            None => (&first, &first),
        };
        let value = match self.find_module(frame.module, 0, path) {
            Some(module) => module_value(module, span),
            None => Value::term(TermKind::Name(path.clone()), span),
        };
        self.bind(frame, bound, value);
    }

    fn import_from(
        &mut self,
        frame: &mut Frame,
        dots: u32,
        module: &SmolStr,
        names: &[(SmolStr, Option<SmolStr>)],
        span: Span,
    ) {
        let found = self.find_module(frame.module, dots, module);
        for (name, alias) in names {
            if name == "*" {
                let scope = found.and_then(|module| self.load(module));
                let all: Vec<_> = scope
                    .and_then(|scope| self.heap.scope(scope))
                    .map(|scope| scope.iter().map(|(n, v)| (n.clone(), v.clone())).collect())
                    .unwrap_or_default();
                for (name, value) in all.into_iter().filter(|(n, _)| !n.starts_with('_')) {
                    self.bind(frame, &name, value);
                }
                let stars = match scope.and_then(|scope| self.heap.scope(scope)) {
                    Some(scope) => scope.stars.clone(),
                    None => vec![module.clone()],
                };
                if let Some(scope) = self.heap.scope_mut(frame.globals) {
                    scope.stars.extend(stars);
                }
                continue;
            }
            let path = if module.is_empty() { name.to_string() } else { format!("{module}.{name}") };
            let own = found.and_then(|module| {
                let scope = self.load(module)?;
                self.heap.scope(scope)?.get(name).cloned()
            });
            let value = match (own, self.find_module(frame.module, dots, &path)) {
                (Some(value), _) => value,
                (None, Some(module)) => module_value(module, span),
                (None, None) => Value::term(TermKind::Name(SmolStr::new(path)), span),
            };
            self.bind(frame, alias.as_ref().unwrap_or(name), value);
        }
    }

    /// Runs a block under one more condition.
    fn under(&mut self, frame: &mut Frame, test: &Value, negated: bool, block: &[StmtId]) -> Flow {
        let before = self.conditions.len();
        self.conditions.push(Condition { test: test.clone(), negated });
        let flow = self.block(frame, block);
        self.conditions.truncate(before);
        flow
    }

    /// One branch where the test is known. Where it is not, both, each under its condition; names that they bind otherwise depend on the test.
    fn branch(&mut self, frame: &mut Frame, test: Value, then: &[StmtId], otherwise: &[StmtId]) -> Flow {
        match self.truth(&test) {
            Some(true) => return self.block(frame, then),
            Some(false) => return self.block(frame, otherwise),
            None => {}
        }
        let before = self.heap.scope(frame.scope).cloned().unwrap_or_default();
        if !self.step(before.len() / 4, test.span) {
            return Flow::Raise;
        }
        let first = self.under(frame, &test, false, then);
        let after_then = self.replace_scope(frame.scope, before);
        let second = self.under(frame, &test, true, otherwise);
        let ends = |flow: Flow| flow != Flow::Next;
        match (ends(first), ends(second)) {
            (true, true) if first == Flow::Raise => second,
            (true, true) if second == Flow::Raise || first == second => first,
            (true, true) => Flow::Next,
            (true, false) => {
                // What follows runs where the test fails. A branch that raises ends the program, and then nothing follows.
                if first != Flow::Raise {
                    self.conditions.push(Condition { test, negated: true });
                }
                Flow::Next
            }
            (false, true) => {
                self.replace_scope(frame.scope, after_then);
                if second != Flow::Raise {
                    self.conditions.push(Condition { test, negated: false });
                }
                Flow::Next
            }
            (false, false) => {
                self.merge(frame.scope, &test, &after_then);
                Flow::Next
            }
        }
    }

    fn replace_scope(&mut self, id: ScopeId, with: Scope) -> Scope {
        self.heap.scope_mut(id).map(|scope| std::mem::replace(scope, with)).unwrap_or_default()
    }

    /// Makes names depend on a test: their values in `then` where it holds, those that they have now where it fails.
    fn merge(&mut self, id: ScopeId, test: &Value, then: &Scope) {
        let mut changed = Vec::new();
        for (name, value) in then.iter() {
            let now = self.heap.scope(id).and_then(|scope| scope.get(name));
            match now {
                Some(now) if self.heap.equal(now, value, 0) == Some(true) => {}
                Some(now) => changed.push((name.clone(), value.clone(), Some(now.clone()))),
                None => changed.push((name.clone(), value.clone(), None)),
            }
        }
        for (name, value, now) in changed {
            // A name that one branch alone binds is used where that branch ran.
            let merged = match now {
                Some(now) => self.choice(test.clone(), value, now, test.span),
                None => value,
            };
            if let Some(scope) = self.heap.scope_mut(id) {
                scope.set(name, merged);
            }
        }
    }

    fn for_loop(
        &mut self,
        frame: &mut Frame,
        target: ExprId,
        iterable: ExprId,
        body: &[StmtId],
        otherwise: &[StmtId],
    ) -> Flow {
        let values = self.eval(frame, iterable);
        let before = self.conditions.len();
        let Some(items) = self.iterate(&values).or_else(|| self.each_perhaps(&values)) else {
            // Once, for any element.
            let each = Value::term(TermKind::Each(values.clone()), values.span);
            let scope = self.heap.scope(frame.scope).cloned().unwrap_or_default();
            self.assign(frame, target, each.clone());
            let flow = self.under(frame, &each, false, body);
            let after = self.replace_scope(frame.scope, scope);
            self.merge(frame.scope, &each, &after);
            self.conditions.truncate(before);
            let _ = flow;
            return self.block(frame, otherwise);
        };
        for item in items {
            if !self.step(1, values.span) {
                return Flow::Raise;
            }
            let at = self.conditions.len();
            let (tests, item) = present(item);
            if !tests.is_empty() {
                // Names that the body binds keep what they were where the element is not there.
                let scope = self.heap.scope(frame.scope).cloned().unwrap_or_default();
                if !self.step(scope.len() / 4, values.span) {
                    return Flow::Raise;
                }
                self.assign(frame, target, item);
                let span = values.span;
                let all = match tests.as_slice() {
                    [only] => only.clone(),
                    _ => Value::term(TermKind::And(tests.clone()), span),
                };
                self.conditions.extend(tests.into_iter().map(|test| Condition { test, negated: false }));
                let flow = self.block(frame, body);
                let after = self.replace_scope(frame.scope, scope);
                self.merge(frame.scope, &all, &after);
                self.conditions.truncate(at);
                if flow == Flow::Raise && self.stopped() {
                    return flow;
                }
                continue;
            }
            self.assign(frame, target, item);
            let flow = self.block(frame, body);
            match flow {
                Flow::Next | Flow::Continue => self.conditions.truncate(at),
                Flow::Break => {
                    self.conditions.truncate(before);
                    return Flow::Next;
                }
                Flow::Return | Flow::Raise => return flow,
            }
        }
        self.conditions.truncate(before);
        self.block(frame, otherwise)
    }

    fn while_loop(
        &mut self,
        frame: &mut Frame,
        test: ExprId,
        body: &[StmtId],
        otherwise: &[StmtId],
        span: Span,
    ) -> Flow {
        let before = self.conditions.len();
        for round in 0_u64.. {
            if !self.iterations(round, span) {
                break;
            }
            let value = self.eval(frame, test);
            match self.truth(&value) {
                Some(true) => {}
                Some(false) => return self.block(frame, otherwise),
                None => {
                    self.under(frame, &value, false, body);
                    break;
                }
            }
            match self.block(frame, body) {
                Flow::Next | Flow::Continue if self.conditions.len() > before => break,
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                flow => return flow,
            }
            if self.stopped() {
                return Flow::Raise;
            }
        }
        self.conditions.truncate(before);
        Flow::Next
    }

    fn with(&mut self, frame: &mut Frame, items: &[(ExprId, Option<ExprId>)], body: &[StmtId]) -> Flow {
        let mut entered = Vec::new();
        let mut tolerant = 0;
        for (context, target) in items {
            let value = self.eval(frame, *context);
            if self.host.is_context(&value) {
                self.record(EffectKind::Enter, value.clone(), value.span);
                entered.push(value.clone());
            }
            if value.as_call().is_some_and(|(callee, _)| callee.last_name() == Some("suppress")) {
                tolerant += 1;
            }
            if let Some(target) = target {
                self.assign(frame, *target, value);
            }
        }
        self.handlers += tolerant;
        let flow = self.block(frame, body);
        self.handlers = self.handlers.saturating_sub(tolerant);
        while let Some(value) = entered.pop() {
            let span = value.span;
            self.record(EffectKind::Exit, value, span);
        }
        flow
    }

    fn try_statement(
        &mut self,
        frame: &mut Frame,
        body: &[StmtId],
        handlers: &[Handler],
        otherwise: &[StmtId],
        finally: &[StmtId],
    ) -> Flow {
        // A handler that raises again swallows nothing.
        let ast = Rc::clone(&frame.ast);
        let swallows = handlers.iter().any(|handler| {
            let raises = |id: &StmtId| matches!(ast.stmt(*id).map(|s| &s.kind), Some(StmtKind::Raise));
            !handler.body.iter().any(raises)
        });
        self.handlers += u32::from(swallows);
        let mut flow = self.block(frame, body);
        self.handlers = self.handlers.saturating_sub(u32::from(swallows));
        if flow == Flow::Raise && !self.stopped() {
            // The program itself raises: the first handler runs.
            flow = match handlers.first() {
                Some(handler) => {
                    if let Some(name) = &handler.name {
                        self.bind(frame, name, Value::unknown(Span::default()));
                    }
                    self.block(frame, &handler.body)
                }
                None => flow,
            };
        } else if flow == Flow::Next {
            flow = self.block(frame, otherwise);
        }
        match self.block(frame, finally) {
            Flow::Next => flow,
            ended => ended,
        }
    }

    fn match_statement(&mut self, frame: &mut Frame, subject: ExprId, cases: &[Case]) -> Flow {
        let subject = self.eval(frame, subject);
        for case in cases {
            let test = self.pattern(frame, case.pattern, &subject);
            let test = match case.guard {
                Some(guard) if self.truth(&test) != Some(false) => {
                    let guard = self.eval(frame, guard);
                    match (self.truth(&test), self.truth(&guard)) {
                        (Some(true), _) => guard,
                        (_, Some(true)) => test,
                        (_, Some(false)) => guard,
                        _ => Value::term(TermKind::And(vec![test, guard.clone()]), guard.span),
                    }
                }
                _ => test,
            };
            match self.truth(&test) {
                Some(true) => return self.block(frame, &case.body),
                Some(false) => {}
                None => {
                    // Any case that may match runs under its condition; those behind it may match, too.
                    self.under(frame, &test, false, &case.body);
                }
            }
        }
        Flow::Next
    }

    /// Whether a pattern matches, as a value.
    fn pattern(&mut self, frame: &mut Frame, pattern: ExprId, subject: &Value) -> Value {
        let ast = Rc::clone(&frame.ast);
        let Some(expr) = ast.expr(pattern) else { return Value::unknown(subject.span) };
        let span = Span::new(ast.file, expr.start, expr.end);
        match &expr.kind {
            ExprKind::Name(name) => {
                if name != "_" {
                    self.bind(frame, name, subject.clone());
                }
                Value::new(Kind::Bool(true), span)
            }
            ExprKind::Capture(inner, name) => {
                self.bind(frame, name, subject.clone());
                self.pattern(frame, *inner, subject)
            }
            ExprKind::Binary(a, op, b) if op == "|" => {
                if !self.enter(span) {
                    return Value::unknown(span);
                }
                let a = self.pattern(frame, *a, subject);
                let b = self.pattern(frame, *b, subject);
                self.leave();
                match (self.truth(&a), self.truth(&b)) {
                    (Some(true), _) | (_, Some(false)) => a,
                    (_, Some(true)) | (Some(false), _) => b,
                    _ => Value::term(TermKind::Or(vec![a, b]), span),
                }
            }
            ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Call(..) | ExprKind::Star(_) => {
                Value::unknown(span)
            }
            _ => {
                let value = self.eval(frame, pattern);
                match self.heap.equal(&value, subject, 0) {
                    Some(equal) => Value::new(Kind::Bool(equal), span),
                    None => self.fold(TermKind::Compare(subject.clone(), SmolStr::new_static("=="), value), span),
                }
            }
        }
    }

    fn class(&mut self, frame: &mut Frame, def: &Rc<ClassDef>, span: Span) {
        let ast = Rc::clone(&frame.ast);
        let decorators = def.decorators.iter().map(|id| self.eval(frame, *id)).collect();
        let arguments = self.arguments(frame, &def.arguments);
        let scope = self.heap.add_scope(Some(frame.scope));
        if let Some(scope) = self.heap.scope_mut(scope) {
            scope.of_class = true;
        }
        let outer = std::mem::replace(&mut frame.scope, scope);
        let annotations = std::mem::take(&mut self.annotations);
        self.block(frame, &def.body);
        let annotations = std::mem::replace(&mut self.annotations, annotations);
        frame.scope = outer;
        let name_span = Span::new(ast.file, def.name_at.0, def.name_at.1);
        let class = self.heap.add_class(Class {
            name: def.name.clone(),
            name_span,
            span,
            bases: arguments.positional,
            keywords: arguments.keywords,
            decorators,
            scope,
            bound: self.heap.scope(scope).map_or(0, Scope::len),
            annotations,
            docstring: ast.docstring(&def.body).cloned(),
        });
        self.classes.push(class);
        let value = Value::new(Kind::Class(class), name_span);
        self.bind(frame, &def.name, value.clone());
        self.extended(class, value);
    }

    /// Calls what a class that is extended does with those that extend it, `__init_subclass__`: it may name their tables.
    fn extended(&mut self, class: ClassId, value: Value) {
        let Some(found) = self.heap.class(class) else { return };
        let keywords = found.keywords.iter().filter(|(name, _)| name != "metaclass").cloned().collect();
        let bases = found.bases.iter().filter_map(|base| match base.kind {
            Kind::Class(base) => Some(base),
            _ => None,
        });
        let function = bases.into_iter().find_map(|base| self.class_attribute(base, "__init_subclass__", 0));
        if let Some(function) = function.filter(|function| matches!(function.kind, Kind::Function(_))) {
            let span = value.span;
            self.call(function, Arguments { positional: vec![value], keywords, open: false }, span);
        }
    }

    /// Makes a function with the values of its defaults.
    pub(super) fn function(
        &mut self,
        frame: &mut Frame,
        parameters: &Rc<Parameters>,
        body: Body,
        decorators: Vec<Value>,
    ) -> FunctionId {
        let defaults = parameters.list.iter().map(|p| p.default.map(|id| self.eval(frame, id))).collect();
        self.heap.add_function(Function {
            ast: Rc::clone(&frame.ast),
            parameters: Rc::clone(parameters),
            body,
            scope: frame.scope,
            globals: frame.globals,
            defaults,
            decorators,
        })
    }

    /// Calls a function of the input.
    pub(super) fn call_function(&mut self, id: FunctionId, arguments: Arguments, span: Span) -> Value {
        let Some(function) = self.heap.function(id).cloned() else { return Value::unknown(span) };
        // A function that walks data of which nothing is known would never come to its end.
        let walks = |value: &Value| matches!(value.kind, Kind::Term(_)) && value.as_name().is_none();
        let blind =
            self.running.iter().filter(|running| **running == id).count() > 1 && arguments.positional.iter().any(walks);
        if blind || !self.enter(span) {
            return Value::unknown(span);
        }
        self.running.push(id);
        let scope = self.heap.add_scope(Some(function.scope));
        self.bind_arguments(scope, &function, arguments, span);
        let module = self.module_of.iter().find(|(s, _)| *s == function.globals).map_or(0, |(_, module)| *module);
        let mut frame = Frame {
            ast: Rc::clone(&function.ast),
            scope,
            globals: function.globals,
            returns: Vec::new(),
            conditions: self.conditions.len(),
            yields: Some(Vec::new()),
            module,
        };
        let value = match &function.body {
            Body::Lambda(body) => self.eval(&mut frame, *body),
            Body::Def(def) => {
                let flow = self.block(&mut frame, &def.body);
                self.conditions.truncate(frame.conditions);
                let mut value = Value::new(Kind::None, span);
                // A body that ends with a return has no way around it.
                if flow == Flow::Return
                    && let Some((conditions, _)) = frame.returns.last_mut()
                {
                    conditions.clear();
                }
                let given = frame.yields.take().unwrap_or_default();
                if !given.is_empty() {
                    value = self.list(given, span);
                }
                // Each return stands for what it gives where its conditions hold; the last decides where none did.
                while let Some((conditions, returned)) = frame.returns.pop() {
                    let mut tests = Vec::with_capacity(conditions.len());
                    for condition in conditions {
                        let test = condition.test;
                        tests.push(if condition.negated { self.not(test, span) } else { test });
                    }
                    value = match tests.len() {
                        0 => returned,
                        1 => {
                            let test = tests.pop().unwrap_or_else(|| Value::unknown(span));
                            self.choice(test, returned, value, span)
                        }
                        _ => self.choice(Value::term(TermKind::And(tests), span), returned, value, span),
                    };
                }
                value
            }
        };
        self.running.pop();
        self.leave();
        value
    }

    fn bind_arguments(&mut self, scope: ScopeId, function: &Function, arguments: Arguments, span: Span) {
        let Arguments { positional, mut keywords, open } = arguments;
        let mut positional = positional.into_iter();
        let mut bound = Vec::new();
        for (at, parameter) in function.parameters.list.iter().enumerate() {
            let given = if parameter.keyword_only { None } else { positional.next() };
            let named = keywords.iter().position(|(name, _)| *name == parameter.name).map(|at| keywords.remove(at).1);
            let default = function.defaults.get(at).cloned().flatten().filter(|_| !open);
            let value = given.or(named).or(default).unwrap_or_else(|| Value::unknown(span));
            bound.push((parameter.name.clone(), value));
        }
        if let Some(name) = &function.parameters.star {
            let rest: Vec<Value> = positional.collect();
            let value =
                if open { Value::unknown(span) } else { Value::new(Kind::Tuple(self.heap.add_list(rest)), span) };
            bound.push((name.clone(), value));
        }
        if let Some(name) = &function.parameters.double_star {
            let pairs = keywords.into_iter().map(|(name, value)| (Value::text(&name, value.span), value)).collect();
            let value =
                if open { Value::unknown(span) } else { Value::new(Kind::Dict(self.heap.add_dict(pairs)), span) };
            bound.push((name.clone(), value));
        }
        if let Some(scope) = self.heap.scope_mut(scope) {
            for (name, value) in bound {
                scope.set(name, value);
            }
        }
    }
}
