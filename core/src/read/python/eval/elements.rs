//! Elements: indexes, slices, comprehensions, and what a loop goes over.

use std::rc::Rc;

use crate::read::python::ast::*;
use crate::read::python::interpreter::{Frame, Interpreter};
use crate::read::python::value::*;
use crate::source::Span;

impl Interpreter<'_> {
    pub(super) fn index(&mut self, object: &Value, index: &Value, span: Span) -> Value {
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

    pub(super) fn slice(&mut self, object: &Value, bounds: &[Option<Value>; 3], span: Span) -> Value {
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

    pub(super) fn comprehension(
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
    pub(in crate::read::python) fn iterate(&mut self, value: &Value) -> Option<Vec<Value>> {
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
    pub(in crate::read::python) fn each_perhaps(&mut self, value: &Value) -> Option<Vec<Value>> {
        let items = self.heap.elements(value)?;
        let each = items.iter().any(|item| matches!(item.as_term(), Some(TermKind::Each(_))));
        let len = u64::try_from(items.len()).unwrap_or(u64::MAX);
        (!each && self.iterations(len, value.span)).then_some(items)
    }

    pub(in crate::read::python) fn list(&mut self, items: Vec<Value>, span: Span) -> Value {
        if !self.room(items.len(), span) {
            return Value::unknown(span);
        }
        let list = self.heap.add_list(items);
        self.heap.made_under(list, self.conditions.len());
        Value::new(Kind::List(list), span)
    }

    pub(in crate::read::python) fn set(&mut self, items: Vec<Value>, span: Span) -> Value {
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
}

/// An element, and the tests under which it is there.
pub(in crate::read::python) fn present(item: Value) -> (Vec<Value>, Value) {
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
