//! Operators that no two types as these have between them, and what must be true or false and certainly is neither: `flag = 1`, `WHERE amount`,
//! `auth.uid() = owner_name`. It is told only where the types of all operands are: within an operand that is not read as a whole everything is left alone.
//! Sources: PostgreSQL manual, 10.2 "Operators", 4.1.6 "Operator Precedence"; `pg_operator` and `pg_cast` of PostgreSQL 15.

mod arguments;
mod operands;
mod sorting;

use super::super::Replayer;
use super::super::conflict::state;
use super::super::lookup::has_placeholder;
use super::{InScope, Missing, Scanner};
use crate::expr::Expr;
use crate::operation::ObjectKind;
use crate::read::ddl::lexer::TokenKind;
use crate::schema::{BaseType, DataType, RelationId, TypeId, TypeKind};

/// A type that does not become another.
const CANNOT_COERCE: &str = "42846";

/// Operators that compare.
const COMPARISONS: [&str; 7] = ["=", "<>", "!=", "<", ">", "<=", ">="];

/// Operators and words that look for a pattern, with the name of the operator behind each.
const PATTERNS: [(&str, &str); 10] = [
    ("~", "~"),
    ("~*", "~*"),
    ("!~", "!~"),
    ("!~*", "!~*"),
    ("~~", "~~"),
    ("~~*", "~~*"),
    ("!~~", "!~~"),
    ("!~~*", "!~~*"),
    ("like", "~~"),
    ("ilike", "~~*"),
];

/// Types that are compared with each other and with none of another family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    Number,
    Text,
    Date,
    Timestamp,
    /// Times of a day and intervals, of which one becomes the other.
    Span,
    Bool,
    Uuid,
    Bytes,
    Jsonb,
    /// What is compared with nothing, not even with itself.
    Incomparable,
    Address,
    Money,
    Enum(TypeId),
}

impl Family {
    fn compares_with(self, other: Self) -> bool {
        let moment = |f: Self| matches!(f, Self::Date | Self::Timestamp);
        self != Self::Incomparable && (self == other || (moment(self) && moment(other)))
    }

    /// Whether a value of a type becomes one of another where that is asked for; only `false` where it certainly does not (`pg_cast`).
    fn casts_to(self, from: &DataType, other: Self, to: &DataType) -> bool {
        use Family::{Bool, Bytes, Date, Incomparable, Jsonb, Money, Number, Span, Text, Timestamp};
        let integer = |t: &DataType| t.builtin_name() == Some("integer");
        match (self, other) {
            (a, b) if a == b => true,
            (Text | Bytes | Span | Incomparable | Money, _) | (_, Text | Bytes | Span | Incomparable | Money) => true,
            (Date | Timestamp, Date | Timestamp) | (Jsonb, Number | Bool) => true,
            (Number, Bool) => integer(from),
            (Bool, Number) => integer(to),
            _ => false,
        }
    }

    /// The category that a type has in `pg_type`, as far as it is one for the whole family.
    fn category(self) -> Option<char> {
        Some(match self {
            Self::Number | Self::Money => 'N',
            Self::Text => 'S',
            Self::Date | Self::Timestamp => 'D',
            Self::Bool => 'B',
            Self::Uuid | Self::Bytes | Self::Jsonb | Self::Incomparable => 'U',
            Self::Address => 'I',
            Self::Enum(_) => 'E',
            Self::Span => return None,
        })
    }

    /// Whether `a op b` is there for numbers and what is like them; only `false` where it certainly is not.
    fn calculates_with(self, raw: &str, other: Self) -> bool {
        const NEVER: [Family; 3] = [Family::Text, Family::Bool, Family::Uuid];
        let (never, number) = (|f: Self| NEVER.contains(&f), |f: Self| f == Self::Number);
        let nothing = (never(self) && (never(other) || number(other))) || (number(self) && never(other));
        let moment = matches!(raw, "+" | "-") && self == Self::Timestamp && number(other);
        !nothing && !moment
    }
}

impl Replayer {
    /// Whether an operator that is not PostgreSQL's own may be there, or a cast that makes one fit.
    fn may_have_operators(&self) -> bool {
        let own = |kind| matches!(kind, ObjectKind::Cast | ObjectKind::Operator);
        self.described || self.opaque || self.schema.others.iter().any(|(_, o)| own(o.kind) && o.dropped.is_none())
    }

    fn family(&self, data_type: &DataType) -> Option<Family> {
        let data_type = self.underlying(data_type);
        if let BaseType::User(id) = data_type.base {
            let is_enum = matches!(self.schema.types.get(id)?.kind, TypeKind::Enum(_));
            return (is_enum && !data_type.array).then_some(Family::Enum(id));
        }
        Some(match data_type.builtin_name()? {
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => Family::Number,
            "text" | "character varying" | "character" | "bpchar" | "name" => Family::Text,
            "date" => Family::Date,
            "timestamp without time zone" | "timestamp with time zone" => Family::Timestamp,
            "time without time zone" | "time with time zone" | "interval" => Family::Span,
            "boolean" => Family::Bool,
            "uuid" => Family::Uuid,
            "bytea" => Family::Bytes,
            "jsonb" => Family::Jsonb,
            "json" | "xml" => Family::Incomparable,
            "inet" | "cidr" => Family::Address,
            "money" => Family::Money,
            _ => return None,
        })
    }

    /// The type of an expression where it can be told; none of a string without one.
    pub(in crate::replay) fn type_of_value(&self, expr: &Expr, owner: Option<RelationId>) -> Option<DataType> {
        let scanner = Scanner::new(self, expr);
        let relations = owner.map_or_else(Vec::new, |id| super::base_relations(self, super::Scope::Relation(id)));
        scanner.typed(0, scanner.tokens.len(), &relations)
    }

    /// What is wrong with an expression that stands where `what` wants true or false.
    pub(in crate::replay) fn not_boolean(&self, expr: &Expr, owner: RelationId, what: &str) -> Option<Missing> {
        let scanner = Scanner::new(self, expr);
        let relations = super::base_relations(self, super::Scope::Relation(owner));
        let found = scanner.typed(0, scanner.tokens.len(), &relations)?;
        (!self.may_have_operators()).then(|| scanner.must_be_boolean(&found, what, expr.span))?
    }
}

impl Scanner<'_> {
    /// Looks at the operands of what may be an operator, or at the expression behind a word that wants true or false.
    pub(super) fn judge(&mut self, at: usize) {
        if self.missing.is_some() || self.frames.is_empty() {
            return;
        }
        let mut folded = [0; super::KEY_WORD];
        let raw = super::lower_key_word(self.raw(at), &mut folded);
        let word = self.kind(at) == TokenKind::Word;
        let wrong = match raw {
            "and" | "or" | "not" | "where" | "having" | "when" if word => self.judge_truth(at, raw),
            "in" if word => self.judge_in(at),
            "between" if word => self.judge_between(at),
            "distinct" if word => self.judge_distinct(at).or_else(|| self.judge_sorting(at, raw)),
            "group" | "order" | "partition" | "union" | "intersect" | "except" if word => self.judge_sorting(at, raw),
            "case" | "coalesce" | "greatest" | "least" if word => self.judge_common(at, raw),
            "like" | "ilike" if word => self.judge_pattern(at, raw),
            _ if word => return,
            raw if COMPARISONS.contains(&raw) => self.judge_comparison(at, raw),
            raw if PATTERNS.iter().any(|(written, _)| *written == raw) => self.judge_pattern(at, raw),
            "+" | "-" | "*" | "/" | "%" | "||" => self.judge_calculation(at, raw),
            _ => return,
        };
        // Most expressions are right, and what makes one right is asked last.
        if wrong.is_some() && !self.replayer.may_have_operators() {
            self.missing = wrong;
        }
    }

    /// The relations in sight, nearest first, as far as all columns are known: behind one that is not, a name may mean its column.
    fn in_sight(&self) -> Vec<InScope> {
        let mut all: Vec<InScope> = Vec::new();
        for frame in self.frames.iter().rev() {
            let near = all.len();
            for relation in &frame.relations {
                if !all.iter().take(near).any(|r| r.alias == relation.alias) {
                    all.push(relation.clone());
                }
            }
            if frame.relations.iter().any(|r| !self.is_known_table(r.relation)) {
                break;
            }
        }
        all
    }

    /// The type of an operand; none where it is a string without one, or cannot be told.
    fn typed(&self, mut from: usize, mut to: usize, relations: &[InScope]) -> Option<DataType> {
        while self.kind(from) == TokenKind::LeftParen && self.closing(from) + 1 == to {
            (from, to) = (from + 1, to - 1);
        }
        let untyped = to == from + 1
            && (matches!(
                self.kind(from),
                TokenKind::String | TokenKind::DollarString | TokenKind::Param | TokenKind::Placeholder
            ) || self.is_any(from, &["null", "default"]));
        if untyped { None } else { self.type_of(from, to, relations, 0) }
    }

    /// The same, of a query that gives one column, too.
    fn typed_or_query(&mut self, from: usize, to: usize, relations: &[InScope]) -> Option<DataType> {
        if self.kind(from) == TokenKind::LeftParen && self.closing(from) + 1 == to && self.is_subquery(from) {
            return self.type_of_query(from);
        }
        self.typed(from, to, relations)
    }

    fn type_of_query(&mut self, open: usize) -> Option<DataType> {
        let (skip, references) = (self.skip.clone(), self.references.len());
        let found = self.missing.take();
        let outputs = self.outputs_ahead(open);
        // The walk comes here again.
        self.missing = found;
        self.skip = skip;
        self.references.truncate(references);
        match outputs?.as_slice() {
            [one] => one.data_type.clone(),
            _ => None,
        }
    }

    fn no_operator(&self, left: Option<&DataType>, raw: &str, right: Option<&DataType>, at: usize) -> Missing {
        let shown = |t: Option<&DataType>| t.map_or_else(|| "unknown".to_owned(), |t| self.shown(t));
        let message = format!("operator does not exist: {} {raw} {}", shown(left), shown(right));
        Missing { sqlstate: state::UNDEFINED_FUNCTION, message, span: self.span_of(at, at) }
    }

    fn shown(&self, data_type: &DataType) -> String {
        let bare = DataType { modifiers: Vec::new(), ..self.replayer.underlying(data_type).clone() };
        bare.display(&self.replayer.schema)
    }

    /// Whether two operands are certainly not compared by any operator.
    fn compare(&self, left: Option<&DataType>, raw: &str, right: Option<&DataType>, at: usize) -> Option<Missing> {
        let raw = if raw == "!=" { "<>" } else { raw };
        let family = |t: Option<&DataType>| Some(self.replayer.family(t?));
        let fits = match (family(left), family(right)) {
            (Some(a), Some(b)) => a?.compares_with(b?),
            (Some(one), None) | (None, Some(one)) => one? != Family::Incomparable,
            (None, None) => true,
        };
        (!fits).then(|| self.no_operator(left, raw, right, at))
    }

    fn judge_comparison(&mut self, at: usize, raw: &str) -> Option<Missing> {
        if raw == "=" && self.is_assignment(at) {
            return None;
        }
        let (from, to) = self.operands(at)?;
        let relations = self.in_sight();
        let left = self.typed_or_query(from.0, from.1, &relations);
        let (right, of_array) = if self.is_any(to.0, &["any", "some", "all"]) {
            if self.kind(to.0 + 1) != TokenKind::LeftParen || self.closing(to.0 + 1) + 1 != to.1 {
                return None;
            }
            if self.is_subquery(to.0 + 1) {
                (self.type_of_query(to.0 + 1), true)
            } else {
                let array = self.typed(to.0 + 1, to.1, &relations).filter(|t| t.array)?;
                (Some(DataType { array: false, ..array }), true)
            }
        } else {
            (self.typed_or_query(to.0, to.1, &relations), false)
        };
        // Of an operand of which nothing is known only a literal is known to be none.
        if (left.is_none() && !self.is_untyped(from)) || (right.is_none() && (of_array || !self.is_untyped(to))) {
            return None;
        }
        let input = match (&left, &right) {
            (Some(known), None) => self.judge_input(known, to),
            (None, Some(known)) => self.judge_input(known, from),
            _ => None,
        };
        self.compare(left.as_ref(), raw, right.as_ref(), at).or(input)
    }

    /// A string beside an operand of a type that has no such value. Those of enums are looked at elsewhere.
    fn judge_input(&self, known: &DataType, (mut from, mut to): (usize, usize)) -> Option<Missing> {
        while self.kind(from) == TokenKind::LeftParen && self.closing(from) + 1 == to {
            (from, to) = (from + 1, to - 1);
        }
        let data_type = self.replayer.underlying(known);
        let text = self.raw(from).strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
        if to != from + 1 || has_placeholder(&text) || matches!(data_type.base, BaseType::User(_)) {
            return None;
        }
        let refusal = self.replayer.check_input(data_type, &text, self.span_of(from, from)).err()?;
        Some(Missing { sqlstate: refusal.sqlstate, message: refusal.message, span: refusal.span })
    }

    fn is_untyped(&self, (mut from, mut to): (usize, usize)) -> bool {
        while self.kind(from) == TokenKind::LeftParen && self.closing(from) + 1 == to {
            (from, to) = (from + 1, to - 1);
        }
        to == from + 1 && matches!(self.kind(from), TokenKind::String | TokenKind::DollarString)
    }

    /// `a IN (b, c)` and `a IN (SELECT …)`.
    fn judge_in(&mut self, at: usize) -> Option<Missing> {
        if self.kind(at + 1) != TokenKind::LeftParen {
            return None;
        }
        let behind = if at > 0 && self.is(at - 1, "not") { at - 1 } else { at };
        let from = self.before(behind)?;
        let relations = self.in_sight();
        let left = self.typed_or_query(from, behind, &relations)?;
        if self.is_subquery(at + 1) {
            let right = self.type_of_query(at + 1)?;
            return self.compare(Some(&left), "=", Some(&right), at);
        }
        let items = self.split(at + 2, self.closing(at + 1));
        let types: Vec<_> = items.iter().filter_map(|(from, to)| self.typed(*from, *to, &relations)).collect();
        let raw = if behind < at { "<>" } else { "=" };
        let wrong = types.iter().find_map(|right| self.compare(Some(&left), raw, Some(right), at));
        // A string takes the type that it is compared with, of which there is none where that is compared with nothing.
        let bare = items.iter().any(|item| self.is_untyped(*item));
        let wrong = wrong.or_else(|| bare.then(|| self.compare(Some(&left), raw, None, at))?);
        wrong.or_else(|| items.into_iter().find_map(|item| self.judge_input(&left, item)))
    }

    /// `a BETWEEN b AND c`.
    fn judge_between(&mut self, at: usize) -> Option<Missing> {
        let behind = if at > 0 && self.is(at - 1, "not") { at - 1 } else { at };
        let from = self.before(behind)?;
        let first = if self.is_any(at + 1, &["symmetric", "asymmetric"]) { at + 2 } else { at + 1 };
        let and = self.and_of(first)?;
        let end = self.behind(and)?;
        let relations = self.in_sight();
        let left = self.typed(from, behind, &relations)?;
        let bounds = [((first, and), ">="), ((and + 1, end), "<=")];
        bounds.into_iter().find_map(|((from, to), raw)| {
            let bound = self.typed(from, to, &relations)?;
            self.compare(Some(&left), raw, Some(&bound), at)
        })
    }

    /// `a IS [NOT] DISTINCT FROM b`.
    fn judge_distinct(&mut self, at: usize) -> Option<Missing> {
        let mut is = at.checked_sub(1)?;
        if self.is(is, "not") {
            is = is.checked_sub(1)?;
        }
        if !self.is(is, "is") || !self.is(at + 1, "from") {
            return None;
        }
        let (from, to) = (self.before(is)?, self.behind(at + 1)?);
        let relations = self.in_sight();
        let (left, right) = (self.typed(from, is, &relations)?, self.typed(at + 2, to, &relations)?);
        self.compare(Some(&left), "=", Some(&right), at)
    }

    /// A column before `::` whose type does not become the one behind it.
    pub(super) fn judge_cast(&mut self, at: usize) {
        let column = |from: usize| (from..at).step_by(2).all(|at| self.is_name(at));
        let dotted = at >= 3 && self.kind(at - 2) == TokenKind::Dot;
        let from = at.saturating_sub(if dotted { 3 } else { 1 });
        let before = from.checked_sub(1).map_or(TokenKind::End, |before| self.kind(before));
        if self.missing.is_some()
            || !column(from)
            || matches!(before, TokenKind::Dot | TokenKind::Cast | TokenKind::String)
        {
            return;
        }
        let (Some(written), _, _) = self.type_name(at + 1) else { return };
        let Some(source) = self.typed(from, at, &self.in_sight()) else { return };
        let Ok(target) = self.replayer.resolve_type(&written) else { return };
        let (one, other) = (self.replayer.underlying(&source), self.replayer.underlying(&target));
        let families = self.replayer.family(one).zip(self.replayer.family(other));
        if families.is_some_and(|(a, b)| !a.casts_to(one, b, other)) && !self.replayer.may_have_operators() {
            let message = format!("cannot cast type {} to {}", self.shown(&source), self.shown(&target));
            self.missing = Some(Missing { sqlstate: CANNOT_COERCE, message, span: self.span_of(from, at) });
        }
    }

    /// What gives one of several expressions, which must be of one type then. Source: PostgreSQL manual, 10.5 "UNION, CASE, and Related Constructs".
    fn judge_common(&mut self, at: usize, word: &str) -> Option<Missing> {
        let items = match word {
            "case" => {
                let mut parts = self.results_of_case(at, self.end_of_case(at)? + 1).0;
                // The server looks at that of ELSE first.
                parts.rotate_right(1);
                parts
            }
            _ if self.kind(at + 1) == TokenKind::LeftParen => self.split(at + 2, self.closing(at + 1)),
            _ => return None,
        };
        let relations = self.in_sight();
        let mut types = items.into_iter().filter_map(|(from, to)| self.typed(from, to, &relations));
        let first = types.next()?;
        types.find_map(|other| self.unmatched(&first, &other, &word.to_ascii_uppercase(), at))
    }

    /// Types of which nothing can be both.
    pub(super) fn unmatched(&self, a: &DataType, b: &DataType, what: &str, at: usize) -> Option<Missing> {
        let category = |t| self.replayer.family(t)?.category();
        (category(a)? != category(b)?).then(|| Missing {
            sqlstate: state::DATATYPE_MISMATCH,
            message: format!("{what} types {} and {} cannot be matched", self.shown(a), self.shown(b)),
            span: self.span_of(at, at),
        })
    }

    fn judge_pattern(&mut self, at: usize, raw: &str) -> Option<Missing> {
        let negated = at > 0 && self.is(at - 1, "not");
        let behind = if negated { at - 1 } else { at };
        let from = self.before(behind)?;
        let to = self.behind(at)?;
        let relations = self.in_sight();
        let left = self.typed(from, behind, &relations)?;
        let family = self.replayer.family(&left)?;
        // Nets and bytes have operators of these names, of their own.
        if matches!(family, Family::Text | Family::Bytes | Family::Address | Family::Jsonb) {
            return None;
        }
        let right = self.typed(at + 1, to, &relations);
        if right.as_ref().is_some_and(|t| self.replayer.family(t) != Some(Family::Text)) {
            return None;
        }
        let name = PATTERNS.iter().find(|(written, _)| *written == raw)?.1;
        let name = if negated { format!("!{name}") } else { name.to_owned() };
        Some(self.no_operator(Some(&left), &name, right.as_ref(), at))
    }

    fn judge_calculation(&mut self, at: usize, raw: &str) -> Option<Missing> {
        let (from, to) = self.close_operands(at)?;
        let relations = self.in_sight();
        let left = self.typed(from.0, from.1, &relations)?;
        let right = self.typed(to.0, to.1, &relations)?;
        let (a, b) = (self.replayer.family(&left)?, self.replayer.family(&right)?);
        let fits = match raw {
            "||" => (a, b) != (Family::Number, Family::Number),
            _ => a.calculates_with(raw, b),
        };
        (!fits).then(|| self.no_operator(Some(&left), raw, Some(&right), at))
    }

    /// AND, OR and NOT, and what stands behind WHERE, HAVING and WHEN.
    fn judge_truth(&mut self, at: usize, word: &str) -> Option<Missing> {
        let what = match word {
            "where" | "having" if !self.is(at + 1, "current") => word.to_ascii_uppercase(),
            "when" if self.is_searched_when(at) => "CASE/WHEN".to_owned(),
            "and" if !self.is_of_between(at) => "AND".to_owned(),
            "or" => "OR".to_owned(),
            "not" if self.negates(at) => "NOT".to_owned(),
            _ => return None,
        };
        let sides = self.truths(at, word);
        let relations = self.in_sight();
        sides.into_iter().find_map(|(from, to)| {
            let found = self.typed(from, to, &relations)?;
            self.must_be_boolean(&found, &what, self.span_of(from, to.saturating_sub(1)))
        })
    }

    fn must_be_boolean(&self, found: &DataType, what: &str, span: crate::source::Span) -> Option<Missing> {
        let family = self.replayer.family(found)?;
        (family != Family::Bool).then(|| Missing {
            sqlstate: state::DATATYPE_MISMATCH,
            message: format!("argument of {what} must be type boolean, not type {}", self.shown(found)),
            span,
        })
    }
}
