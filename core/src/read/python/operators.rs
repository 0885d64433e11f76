//! Operators: arithmetic, joining, comparing, and logic over what is not known.

use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::*;
use super::interpreter::{Frame, Interpreter, MAX_LENGTH};
use super::value::*;
use crate::source::{Mapped, Span};

impl Interpreter<'_> {
    /// A chain of operators of the same strength leans to the left, as long as the text: walked, not recursed.
    pub(super) fn chain(&mut self, frame: &mut Frame, kind: &ExprKind, span: Span) -> Value {
        let ast = Rc::clone(&frame.ast);
        let mut rest = Vec::new();
        let mut at = kind;
        let mut first = None;
        while let ExprKind::Binary(left, op, right) = at {
            rest.push((op, *right));
            first = Some(*left);
            match ast.expr(*left) {
                Some(expr) if matches!(expr.kind, ExprKind::Binary(..)) => at = &expr.kind,
                _ => break,
            }
        }
        let Some(first) = first else { return Value::unknown(span) };
        let mut value = self.eval(frame, first);
        // A text in the making: copying it for each operator would cost its length squared.
        let mut text: Option<(Mapped, bool)> = None;
        while let Some((op, right)) = rest.pop() {
            if self.stopped() {
                return Value::unknown(span);
            }
            let right = self.eval(frame, right);
            if op == "+" && (text.is_some() || is_text(&value)) {
                let (mut made, mut known) = text.take().unwrap_or_default();
                if made.as_str().is_empty() {
                    known = self.append_text(&mut made, &value);
                }
                known &= self.append_text(&mut made, &right);
                if made.as_str().len() > MAX_LENGTH {
                    return self.made_text(made, known, span);
                }
                text = Some((made, known));
                continue;
            }
            if let Some((made, known)) = text.take() {
                value = self.made_text(made, known, value.span);
            }
            value = self.binary(&value, op, &right, value.span.to(right.span));
        }
        if let Some((made, known)) = text {
            value = self.made_text(made, known, span);
        }
        value.span = span;
        value
    }

    /// An operator with its operands.
    pub(super) fn binary(&mut self, a: &Value, op: &str, b: &Value, span: Span) -> Value {
        let int = |value: Option<i64>| value.map_or(Value::unknown(span), |v| Value::new(Kind::Int(v), span));
        if let (Some(x), Some(y)) = (a.as_int(), b.as_int()) {
            match op {
                "+" => return int(x.checked_add(y)),
                "-" => return int(x.checked_sub(y)),
                "*" => return int(x.checked_mul(y)),
                "//" if y > 0 => return int(x.checked_div_euclid(y)),
                "%" if y > 0 => return int(x.checked_rem_euclid(y)),
                "**" => return int(u32::try_from(y).ok().and_then(|y| x.checked_pow(y))),
                "<<" => return int(u32::try_from(y).ok().filter(|y| *y < 62).and_then(|y| x.checked_mul(1 << y))),
                ">>" => return int(u32::try_from(y).ok().and_then(|y| x.checked_shr(y))),
                "&" => return int(Some(x & y)),
                "|" => return int(Some(x | y)),
                _ => {}
            }
        }
        match (&a.kind, op, &b.kind) {
            (_, "+", _) if is_text(a) || is_text(b) => {
                let mut text = Mapped::default();
                let known = self.append_text(&mut text, a) & self.append_text(&mut text, b);
                self.made_text(text, known, span)
            }
            (Kind::Str(format), "%", _) => self.percent(format, b, span),
            (_, "*", _) if a.as_str().is_some() || b.as_str().is_some() => {
                let (text, times) = if a.as_str().is_some() { (a, b) } else { (b, a) };
                match (text.as_text(), times.as_int()) {
                    (Some(text), Some(times)) => {
                        let times = usize::try_from(times).unwrap_or(0);
                        if !self.room(text.as_str().len().saturating_mul(times), span) {
                            return Value::unknown(span);
                        }
                        let mut out = Mapped::default();
                        for _ in 0..times {
                            out.append(text);
                        }
                        Value::new(Kind::Str(Rc::new(out)), span)
                    }
                    _ => Value::unknown(span),
                }
            }
            (Kind::List(x), "+", Kind::List(y)) => {
                let items = [self.heap.list(*x), self.heap.list(*y)].concat();
                self.list(items, span)
            }
            (Kind::Tuple(x), "+", Kind::Tuple(y)) => {
                let items = [self.heap.list(*x), self.heap.list(*y)].concat();
                if !self.room(items.len(), span) {
                    return Value::unknown(span);
                }
                Value::new(Kind::Tuple(self.heap.add_list(items)), span)
            }
            (Kind::List(x) | Kind::Tuple(x), "*", Kind::Int(times)) => {
                let items = self.heap.list(*x);
                let times = usize::try_from(*times).unwrap_or(0);
                if !self.room(items.len().saturating_mul(times), span) {
                    return Value::unknown(span);
                }
                let items = self.heap.list(*x);
                let items = items.iter().cycle().take(items.len() * times).cloned().collect();
                self.list(items, span)
            }
            (Kind::Set(x), "|" | "-" | "&", Kind::Set(y)) => {
                let (x, y) = (self.heap.list(*x).to_vec(), self.heap.list(*y).to_vec());
                if !self.step(x.len().saturating_mul(y.len()) / 8, span) {
                    return Value::unknown(span);
                }
                let within = |heap: &Heap, value: &Value, list: &[Value]| {
                    list.iter().any(|other| heap.equal(value, other, 0) == Some(true))
                };
                let items = match op {
                    "|" => x.into_iter().chain(y).collect(),
                    "-" => x.into_iter().filter(|v| !within(&self.heap, v, &y)).collect(),
                    _ => x.into_iter().filter(|v| within(&self.heap, v, &y)).collect(),
                };
                self.set(items, span)
            }
            (Kind::Dict(x), "|", Kind::Dict(y)) => {
                let items = [self.heap.dict(*x), self.heap.dict(*y)].concat();
                Value::new(Kind::Dict(self.heap.add_dict(items)), span)
            }
            _ => self.fold(TermKind::Binary(a.clone(), SmolStr::new(op), b.clone()), span),
        }
    }

    pub(super) fn comparison(
        &mut self,
        frame: &mut Frame,
        first: ExprId,
        rest: &[(SmolStr, ExprId)],
        span: Span,
    ) -> Value {
        let mut left = self.eval(frame, first);
        let mut open = Vec::new();
        for (op, right) in rest {
            let right = self.eval(frame, *right);
            let result = self.compare(&left, op, &right, span);
            match self.truth(&result) {
                Some(true) => {}
                Some(false) => return Value::new(Kind::Bool(false), span),
                None => open.push(result),
            }
            left = right;
        }
        match open.len() {
            0 => Value::new(Kind::Bool(true), span),
            1 => open.pop().unwrap_or(left),
            _ => Value::term(TermKind::And(open), span),
        }
    }

    pub(super) fn compare(&mut self, a: &Value, op: &SmolStr, b: &Value, span: Span) -> Value {
        let result = match op.as_str() {
            "==" | "is" => self.heap.equal(a, b, 0),
            "!=" | "is not" => self.heap.equal(a, b, 0).map(|equal| !equal),
            "in" | "not in" => self.contains(b, a, span).map(|found| found == (op == "in")),
            _ => {
                let order = match (a.as_int(), b.as_int(), a.as_str(), b.as_str()) {
                    (Some(x), Some(y), ..) => Some(x.cmp(&y)),
                    (.., Some(x), Some(y)) => Some(x.cmp(y)),
                    _ => None,
                };
                order.map(|order| match op.as_str() {
                    "<" => order.is_lt(),
                    ">" => order.is_gt(),
                    "<=" => order.is_le(),
                    _ => order.is_ge(),
                })
            }
        };
        match result {
            Some(result) => Value::new(Kind::Bool(result), span),
            None => self.fold(TermKind::Compare(a.clone(), op.clone(), b.clone()), span),
        }
    }

    /// Whether a container holds a value; `None` where a term decides.
    pub(super) fn contains(&mut self, container: &Value, value: &Value, span: Span) -> Option<bool> {
        if let (Some(text), Some(part)) = (container.as_str(), value.as_str()) {
            return Some(text.contains(part));
        }
        if let (Kind::Range(from, to, step), Some(value)) = (&container.kind, value.as_int()) {
            let inside = if *step > 0 { *from <= value && value < *to } else { *to < value && value <= *from };
            return Some(inside && step.checked_abs().is_some_and(|s| value.wrapping_sub(*from) % s == 0));
        }
        let items = self.heap.elements(container)?;
        if !self.step(items.len() / 8, span) {
            return None;
        }
        let mut result = Some(false);
        for item in &items {
            match self.heap.equal(item, value, 0) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => result = None,
            }
        }
        result
    }

    pub(super) fn logic(&mut self, frame: &mut Frame, operands: &[ExprId], all: bool, span: Span) -> Value {
        let mut open = Vec::new();
        let mut last = Value::new(Kind::Bool(all), span);
        for operand in operands {
            let value = self.eval(frame, *operand);
            match self.truth(&value) {
                Some(truth) if truth != all => {
                    // What stands before may decide; if it does not, this does.
                    if open.is_empty() {
                        return value;
                    }
                    last = value;
                    if self.truth(&last).is_some() {
                        // `configured or "main"`: what counts where nothing is configured.
                        let plain = last.as_text().is_some() || matches!(last.kind, Kind::Int(_));
                        return if plain { last } else { Value::new(Kind::Bool(!all), span) };
                    }
                }
                Some(_) => last = value,
                None => open.push(value),
            }
        }
        match open.len() {
            0 => last,
            1 => open.pop().unwrap_or(last),
            _ => Value::term(if all { TermKind::And(open) } else { TermKind::Or(open) }, span),
        }
    }

    pub(super) fn not(&mut self, operand: Value, span: Span) -> Value {
        match self.truth(&operand) {
            Some(truth) => Value::new(Kind::Bool(!truth), span),
            None => match operand.as_term() {
                Some(TermKind::Not(inner)) => inner.clone(),
                _ => Value::term(TermKind::Not(operand), span),
            },
        }
    }

    /// One of two values, by a test that is not known. Truth values become logic, so that helpers that answer yes or no can be looked through.
    pub(super) fn choice(&mut self, test: Value, then: Value, otherwise: Value, span: Span) -> Value {
        if self.heap.equal(&then, &otherwise, 0) == Some(true) {
            return then;
        }
        match (then.as_bool(), otherwise.as_bool()) {
            (Some(true), Some(false)) => test,
            (Some(false), Some(true)) => self.not(test, span),
            (Some(true), None) => Value::term(TermKind::Or(vec![test, otherwise]), span),
            (Some(false), None) => {
                let test = self.not(test, span);
                Value::term(TermKind::And(vec![test, otherwise]), span)
            }
            (None, Some(false)) => Value::term(TermKind::And(vec![test, then]), span),
            (None, Some(true)) => {
                let test = self.not(test, span);
                Value::term(TermKind::Or(vec![test, then]), span)
            }
            _ => Value::term(TermKind::Choice(test, then, otherwise), span),
        }
    }
}

fn is_text(value: &Value) -> bool {
    value.as_text().is_some() || matches!(value.as_term(), Some(TermKind::Template(_)))
}
