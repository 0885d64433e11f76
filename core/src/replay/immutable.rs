//! Whether an expression always gives the same value for the same row: what PostgreSQL asks of those in indexes, generated columns and partition
//! keys. Source: PostgreSQL manual, 38.7 "Function Volatility Categories".

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use crate::expr::{Call, Expr, Tree};
use crate::functions::{Depends, depends};
use crate::operation::Volatility;
use crate::schema::{RelationId, TypeKind};

/// What is known of a value's type, as far as it decides whether a function of it is immutable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Date,
    Timestamp,
    Timestamptz,
    Interval,
    Text,
    Enum,
    Array,
    Range,
    Money,
    /// Read from text as settings say, and written always alike.
    ReadBySettings,
}

impl Kind {
    /// Whether its values become text as settings say, or as other objects do.
    fn is_written_variably(self) -> bool {
        !matches!(self, Self::Text | Self::ReadBySettings)
    }
}

impl Replayer {
    /// Refuses an expression over the rows of `owner` that certainly is not immutable.
    pub(super) fn check_immutable(&self, owner: RelationId, expr: &Expr, refusal: &str) -> Outcome {
        if self.described || !may_change(&expr.text) {
            return Ok(());
        }
        let mut found = None;
        expr.tree().walk(&mut |part| {
            if found.is_none() {
                found = self.changing(owner, part);
            }
        });
        match found {
            Some(what) => refuse(state::INVALID_OBJECT_DEFINITION, expr.span, format!("{refusal}: {what} is not")),
            None => Ok(()),
        }
    }

    /// What in this node, its operands aside, is not immutable.
    fn changing(&self, owner: RelationId, tree: &Tree) -> Option<String> {
        match tree {
            Tree::Column(parts) => match parts.as_slice() {
                // Key words such as current_date, unless the relation has a column of that name.
                [one] if crate::keywords::VALUE_FUNCTIONS.contains(&one.as_str()) => {
                    (!self.has_column(owner, one)).then(|| one.to_string())
                }
                _ => None,
            },
            Tree::Call(call) => self.changing_call(owner, call).then(|| format!("{}()", call.base_name())),
            Tree::Cast(inner, to) => {
                // The cast of a constant is done once, when the statement runs.
                if matches!(inner.without_casts(), Tree::Text(_) | Tree::Number(_) | Tree::Null | Tree::Bool(_)) {
                    return None;
                }
                let (from, into) = (self.kind(owner, inner)?, kind_of_type(to)?);
                let changes = match (from, into) {
                    (Kind::Timestamptz, Kind::Date | Kind::Timestamp)
                    | (Kind::Date | Kind::Timestamp, Kind::Timestamptz) => true,
                    (from, Kind::Text) => from.is_written_variably(),
                    (Kind::Text, _) => true,
                    _ => false,
                };
                changes.then(|| format!("the cast to {to}"))
            }
            Tree::Operator(operator, operands) if matches!(operator.as_str(), "+" | "-") => {
                let has = |kind| operands.iter().any(|o| self.kind(owner, o) == Some(kind));
                (has(Kind::Timestamptz) && has(Kind::Interval))
                    .then(|| format!("timestamp with time zone {operator} interval"))
            }
            // Beside text, `||` writes the other side as text.
            Tree::Operator(operator, operands) if operator == "||" => {
                let is_text = |o: &Tree| matches!(o, Tree::Text(_)) || self.kind(owner, o) == Some(Kind::Text);
                let is_variable = |o: &Tree| {
                    self.kind(owner, o).is_some_and(|kind| kind.is_written_variably() && kind != Kind::Array)
                };
                let variable = operands.iter().any(is_text) && operands.iter().any(is_variable);
                variable.then(|| "the cast to text for ||".to_owned())
            }
            _ => None,
        }
    }

    fn changing_call(&self, owner: RelationId, call: &Call) -> bool {
        let name = call.base_name();
        // A function of the input, unless it is in SQL: that may be put in place of its call, and then its body counts.
        let mut own = self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && f.name == name).peekable();
        if own.peek().is_some() {
            return own.all(|(_, f)| f.volatility != Volatility::Immutable && f.language != "sql");
        }
        let argument = |at: usize| call.arguments.get(at).and_then(|a| self.kind(owner, a));
        match name {
            "date" | "date_part" | "extract" | "date_trunc" => {
                call.arguments.last().and_then(|a| self.kind(owner, a)) == Some(Kind::Timestamptz)
                    && call.arguments.len() <= 2
            }
            "age" => call.arguments.len() == 1 && argument(0).is_some(),
            "to_tsvector" => call.arguments.len() == 1,
            "to_timestamp" => call.arguments.len() == 2,
            name => call.name.len() == 1 && depends(name).is_some_and(|on| on >= Depends::Settings),
        }
    }

    /// The kind of an operand's value, where it can be told.
    fn kind(&self, owner: RelationId, tree: &Tree) -> Option<Kind> {
        match tree {
            Tree::Column(parts) => {
                let name = parts.last()?;
                match self.owner_column(owner, name) {
                    Some(kind) => kind,
                    None if parts.len() == 1 && matches!(name.as_str(), "current_timestamp" | "now") => {
                        Some(Kind::Timestamptz)
                    }
                    None => None,
                }
            }
            Tree::Cast(_, to) => kind_of_type(to),
            Tree::Operator(operator, operands) => match (operator.as_str(), operands.as_slice()) {
                ("->>" | "#>>" | "||", _) => Some(Kind::Text),
                ("at time zone", [value, _]) => match self.kind(owner, value)? {
                    Kind::Timestamptz => Some(Kind::Timestamp),
                    Kind::Timestamp => Some(Kind::Timestamptz),
                    _ => None,
                },
                _ => None,
            },
            Tree::Call(call) => match (call.base_name(), call.arguments.as_slice()) {
                ("date_trunc", [_, value]) => self.kind(owner, value).filter(|k| *k != Kind::Date),
                ("lower" | "upper" | "trim" | "btrim" | "left" | "right", _) => Some(Kind::Text),
                _ => None,
            },
            _ => None,
        }
    }

    fn has_column(&self, owner: RelationId, name: &str) -> bool {
        match owner {
            RelationId::Table(table) => self.find_column(table, name).is_some(),
            RelationId::View(view) => {
                self.schema.views.get(view).is_none_or(|v| v.partial || v.columns.iter().any(|c| c == name))
            }
            _ => false,
        }
    }

    /// The kind of a column: `None` where there is no such column, `Some(None)` where its type is none of those that matter.
    fn owner_column(&self, owner: RelationId, name: &str) -> Option<Option<Kind>> {
        let RelationId::Table(table) = owner else { return None };
        let table = self.schema.tables.get(table)?;
        let data_type = self.underlying(&table.column(table.find_column(name)?)?.data_type);
        if data_type.array {
            return Some(Some(Kind::Array));
        }
        if let Some(name) = data_type.builtin_name() {
            return Some(kind_of_type(name));
        }
        let is_enum = match &data_type.base {
            crate::schema::BaseType::User(id) if !data_type.array => {
                self.schema.types.get(*id).is_some_and(|t| matches!(t.kind, TypeKind::Enum(_)))
            }
            _ => false,
        };
        Some(is_enum.then_some(Kind::Enum))
    }
}

fn kind_of_type(name: &str) -> Option<Kind> {
    // Modifiers decide nothing here.
    let plain = name.split('(').next().unwrap_or_default().trim();
    if name.ends_with("[]") {
        return Some(Kind::Array);
    }
    match plain {
        "date" => Some(Kind::Date),
        "timestamptz" | "timestamp with time zone" => Some(Kind::Timestamptz),
        "timestamp" if name.ends_with("with time zone") => Some(Kind::Timestamptz),
        "timestamp" | "timestamp without time zone" => Some(Kind::Timestamp),
        "interval" => Some(Kind::Interval),
        "int4range" | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" => Some(Kind::Range),
        "money" => Some(Kind::Money),
        "time" | "timetz" | "time without time zone" | "time with time zone" | "regclass" | "regtype" | "regproc" => {
            Some(Kind::ReadBySettings)
        }
        "text" | "varchar" | "character varying" | "character" | "char" => Some(Kind::Text),
        _ => None,
    }
}

/// Whether an expression has anything of which it must be asked: a call, a cast, arithmetic or a key word for a value. Most predicates have
/// none and are not parsed for this.
fn may_change(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut before = b' ';
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' if before.is_ascii_alphanumeric() || before == b'_' || before == b'"' => return true,
            b':' if before == b':' => return true,
            b'+' | b'-' => return true,
            b'|' if before == b'|' => return true,
            _ => {}
        }
        let word_start = !(before.is_ascii_alphanumeric() || before == b'_');
        if word_start && matches!(byte.to_ascii_lowercase(), b'c' | b'l' | b's' | b'u') {
            let rest = bytes.get(at..).unwrap_or_default();
            let is = |word: &[u8]| rest.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word));
            if is(b"current_") || is(b"local") || is(b"session_user") || is(b"user") {
                return true;
            }
        }
        if !byte.is_ascii_whitespace() {
            before = *byte;
        }
    }
    false
}
