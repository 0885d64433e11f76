//! Printing expressions with the names that objects have now, and finding where objects were made.

use super::{ObjectId, Schema, StoredExpr};
use crate::name::quote;
use crate::source::Span;

impl Schema {
    /// The text of an expression with the names that its objects have now: a renamed column shows under its new name, as in
    /// PostgreSQL, which stores parsed expressions.
    pub fn display_expr(&self, expr: &StoredExpr) -> String {
        let text: &str = &expr.source.text;
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for reference in &expr.references {
            let (start, end) = (reference.start as usize, reference.end as usize);
            // `*` stands for columns without naming them: an empty range.
            if start < at || end <= start {
                continue;
            }
            let (Some(before), Some(written), Some(name)) =
                (text.get(at..start), text.get(start..end), self.current_name(reference.target))
            else {
                continue;
            };
            out.push_str(before);
            let same = if let Some(inner) = written.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
                inner.replace("\"\"", "\"") == name
            } else {
                written.eq_ignore_ascii_case(name)
            };
            if same {
                out.push_str(written);
            } else {
                out.push_str(&quote(name));
            }
            at = end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// The bare name that an object has now.
    pub fn current_name(&self, id: ObjectId) -> Option<&str> {
        let name = match id {
            ObjectId::Namespace(n) => &self.namespaces.get(n)?.name,
            ObjectId::Table(t) => &self.tables.get(t)?.name,
            ObjectId::Column(t, c) => &self.tables.get(t)?.columns.get(c.index())?.name,
            ObjectId::View(v) => &self.views.get(v)?.name,
            ObjectId::Index(i) => &self.indexes.get(i)?.name,
            ObjectId::Sequence(s) => &self.sequences.get(s)?.name,
            ObjectId::Constraint(c) => &self.constraints.get(c)?.name,
            ObjectId::Type(t) => &self.types.get(t)?.name,
            ObjectId::Function(f) => &self.functions.get(f)?.name,
            ObjectId::Trigger(t) => &self.triggers.get(t)?.name,
            ObjectId::Policy(p) => &self.policies.get(p)?.name,
            ObjectId::Rule(r) => &self.rules.get(r)?.name,
            ObjectId::Extension(e) => &self.extensions.get(e)?.name,
            ObjectId::EventTrigger(e) => &self.event_triggers.get(e)?.name,
            ObjectId::Other(o) => &self.others.get(o)?.name,
            ObjectId::File(_) | ObjectId::Revision(_) => return None,
        };
        Some(name)
    }

    /// Where an object was made: its name where that is kept, else the statement or clause. `None` for what the input does not make.
    pub fn object_span(&self, id: ObjectId) -> Option<Span> {
        match id {
            ObjectId::Namespace(n) => self.namespaces.get(n)?.span,
            ObjectId::Table(t) => self.tables.get(t).filter(|t| !t.assumed).map(|t| t.name_span),
            ObjectId::Column(t, c) => {
                self.tables.get(t).filter(|t| !t.assumed)?.columns.get(c.index()).map(|c| c.name_span)
            }
            ObjectId::View(v) => self.views.get(v).map(|v| v.name_span),
            ObjectId::Index(i) => self.indexes.get(i).map(|i| i.span),
            ObjectId::Sequence(s) => self.sequences.get(s).map(|s| s.span),
            ObjectId::Constraint(c) => self.constraints.get(c).map(|c| c.span),
            ObjectId::Type(t) => self.types.get(t).map(|t| t.name_span),
            ObjectId::Function(f) => self.functions.get(f).map(|f| f.name_span),
            ObjectId::Trigger(t) => self.triggers.get(t).map(|t| t.span),
            ObjectId::Policy(p) => self.policies.get(p).map(|p| p.span),
            ObjectId::Rule(r) => self.rules.get(r).map(|r| r.span),
            ObjectId::Extension(e) => self.extensions.get(e).map(|e| e.span),
            ObjectId::EventTrigger(e) => self.event_triggers.get(e).map(|e| e.span),
            ObjectId::Other(o) => self.others.get(o).map(|o| o.span),
            ObjectId::File(_) | ObjectId::Revision(_) => None,
        }
    }
}
