//! Texts that are put together: f-strings, `%`, and how values print.

use std::rc::Rc;

use crate::read::python::ast::*;
use crate::read::python::interpreter::{Frame, Interpreter};
use crate::read::python::text;
use crate::read::python::value::*;
use crate::source::placeholder::UNKNOWN_VALUE;
use crate::source::{Mapped, Span};

impl Interpreter<'_> {
    pub(super) fn template(&mut self, frame: &mut Frame, parts: &[Part], span: Span) -> Value {
        let mut out = Mapped::default();
        let mut known = true;
        // A part that is one text or another, by a test: then the whole is.
        let mut other: Option<(Value, Mapped)> = None;
        for part in parts {
            let before = out.as_str().len();
            match part {
                Part::Text(text) => out.append(text),
                Part::Field { value, conversion, spec, label } => {
                    if let Some(label) = label {
                        out.append(label);
                    }
                    let mut value = self.eval(frame, *value);
                    if let (Some(TermKind::Choice(test, a, b)), None) = (value.as_term(), &other)
                        && let (Some(_), Some(b)) = (a.as_text(), b.as_text())
                        && spec.is_empty()
                        && conversion.is_none()
                    {
                        let mut second = out.clone();
                        second.append(b);
                        other = Some((test.clone(), second));
                        value = a.clone();
                        out.append(value.as_text().map_or(&Mapped::default(), |text| text));
                        continue;
                    }
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
            if let Some((_, second)) = &mut other {
                second.append_range(&out, before, out.as_str().len());
            }
            if !self.room(out.as_str().len(), span) {
                return Value::unknown(span);
            }
        }
        let first = self.made_text(out, known, span);
        match other {
            Some((test, second)) => {
                let second = self.made_text(second, known, span);
                self.choice(test, first, second, span)
            }
            None => first,
        }
    }

    /// A text, or a template of one where parts are not known.
    pub(in crate::read::python) fn made_text(&mut self, text: Mapped, known: bool, span: Span) -> Value {
        if !self.room(text.as_str().len(), span) {
            return Value::unknown(span);
        }
        let text = Rc::new(text);
        if known { Value::new(Kind::Str(text), span) } else { Value::term(TermKind::Template(text), span) }
    }

    /// Adds a value as a replacement field prints it. What is not known is a `$1`, and the answer false.
    pub(in crate::read::python) fn append_formatted(
        &mut self,
        out: &mut Mapped,
        value: &Value,
        repr: bool,
        spec: &str,
    ) -> bool {
        if repr || !spec.is_empty() {
            let text = if repr { text::repr(&self.heap, value, 0) } else { text::plain(&self.heap, value) };
            let text = text.and_then(|text| text::pad(&text, spec, value.as_int().is_some()));
            return match text {
                Some(text) => {
                    out.push(&text, value.span);
                    true
                }
                None => {
                    out.push(UNKNOWN_VALUE, value.span);
                    false
                }
            };
        }
        self.append_text(out, value)
    }

    /// Adds a value as `str()` gives it.
    pub(in crate::read::python) fn append_text(&mut self, out: &mut Mapped, value: &Value) -> bool {
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
        out.push(UNKNOWN_VALUE, value.span);
        false
    }

    pub(in crate::read::python) fn percent(&mut self, format: &Rc<Mapped>, operand: &Value, span: Span) -> Value {
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
