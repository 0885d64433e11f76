//! Bounds of partitions: whether one is of the form that its table's key asks for, holds rows at all, and shares none with another partition.
//! Source: PostgreSQL manual, CREATE TABLE, "Parameters", PARTITION OF.

use std::cmp::Ordering;

use crate::expr::{Expr, Tree};
use crate::keywords::VALUE_FUNCTIONS;
use crate::operation::{PartitionBound, PartitionBoundKind, PartitionStrategy};
use crate::order::Order;
use crate::replay::Replayer;
use crate::replay::conflict::{Outcome, refuse, refuse_for, state};
use crate::replay::expressions::Place;
use crate::replay::lookup::has_placeholder;
use crate::schema::{BaseType, DataType, KeyTarget, ObjectId, TableId, TypeKind};
use crate::source::Span;

use super::is_partitioned;

/// A value of a bound as far as it can be compared.
#[derive(Clone, PartialEq, Debug)]
enum Value {
    Min,
    Null,
    Number(f64),
    Text(String),
    /// A date, or a date and a time.
    Time(String),
    Max,
    /// An expression, or a constant of a type whose order is not known here.
    Unknown,
}

/// How the values of a key compare.
#[derive(Clone, Debug)]
enum Domain {
    /// As whole numbers; others are rounded.
    Whole,
    Numbers,
    /// As texts, in an order that may be a language's.
    Texts,
    Times,
    Booleans,
    /// By the place of a label in its enum.
    Labels(Vec<String>),
    /// An expression's values: what is written tells of what type they are.
    Written,
    Unknown,
}

/// Types to which a number is not cast where a value is assigned. Source: `pg_cast`.
const NO_NUMBERS: &[&str] = &[
    "boolean",
    "date",
    "interval",
    "time with time zone",
    "time without time zone",
    "timestamp with time zone",
    "timestamp without time zone",
    "uuid",
];

/// Whole numbers beyond this are not exact as floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a value is a number that is written as one.
fn is_number(expr: &Expr) -> bool {
    let text = expr.text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// A constant: its text, and whether it is a string.
fn constant(expr: &Expr) -> (String, bool) {
    let mut text = expr.text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        text = inner.trim();
    }
    if let Some((head, _)) = text.split_once("::") {
        text = head.trim();
    }
    let quoted = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    // `'a' < 'b'` begins and ends so, too.
    match quoted.filter(|t| !t.replace("''", "").contains('\'')) {
        Some(quoted) => (quoted.replace("''", "'"), true),
        None => (text.to_owned(), false),
    }
}

/// Reads a bound's value as written.
fn value(expr: &Expr, domain: &Domain) -> Value {
    let (text, quoted) = constant(expr);
    if !quoted {
        match text.to_ascii_lowercase().as_str() {
            "minvalue" => return Value::Min,
            "maxvalue" => return Value::Max,
            "null" => return Value::Null,
            _ => {}
        }
    }
    let number = || text.trim().parse().ok().filter(|n: &f64| n.is_finite());
    let literal = quoted || number().is_some();
    match domain {
        Domain::Whole => number().filter(|n| n.fract() == 0.0 && n.abs() < EXACT).map_or(Value::Unknown, Value::Number),
        Domain::Numbers => number().filter(|n| n.abs() < EXACT).map_or(Value::Unknown, Value::Number),
        Domain::Texts if literal => Value::Text(text),
        Domain::Times if quoted && is_time(&text) => Value::Time(text),
        Domain::Booleans => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" => Value::Number(1.0),
            "false" | "f" => Value::Number(0.0),
            _ => Value::Unknown,
        },
        Domain::Labels(labels) if quoted => {
            labels.iter().position(|l| *l == text).map_or(Value::Unknown, |at| Value::Number(at as f64))
        }
        Domain::Written if quoted && is_time(&text) => Value::Time(text),
        Domain::Written if quoted => Value::Text(text),
        Domain::Written => number().map_or(Value::Unknown, Value::Number),
        Domain::Texts | Domain::Times | Domain::Labels(_) | Domain::Unknown => Value::Unknown,
    }
}

/// Whether a text begins with a date as ISO 8601 writes it.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(at, b)| if matches!(at, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() })
}

/// The order of two values; `None` where it can't be told.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Min, Value::Min) | (Value::Max, Value::Max) | (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Min, _) | (_, Value::Max) => Some(Ordering::Less),
        (_, Value::Min) | (Value::Max, _) => Some(Ordering::Greater),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => {
            if a == b {
                Some(Ordering::Equal)
            } else {
                alike(a, b).then(|| a.cmp(b))
            }
        }
        (Value::Time(a), Value::Time(b)) => {
            // `2024-01-01` and `2024-01-01 00:00:00+00` are not equal as texts, and may be as times.
            let (a10, b10) = (a.get(..10)?, b.get(..10)?);
            match a10.cmp(b10) {
                Ordering::Equal if a.len() != b.len() => None,
                Ordering::Equal => Some(a.cmp(b)),
                other => Some(other),
            }
        }
        _ => None,
    }
}

/// The order in which partitions are visited: texts by their bytes where their language may order them otherwise.
fn by_order(a: &Value, b: &Value) -> Ordering {
    compare(a, b).unwrap_or_else(|| match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => Ordering::Equal,
    })
}

fn in_order(a: &[Value], b: &[Value]) -> Ordering {
    let each = a.iter().zip(b).map(|(a, b)| by_order(a, b));
    each.into_iter().find(|o| *o != Ordering::Equal).unwrap_or(Ordering::Equal)
}

/// Whether two texts have the same order in every language: lower-case letters and digits, or upper-case ones, with the same other characters at the
/// same places.
fn alike(a: &str, b: &str) -> bool {
    let one_case = |lower: bool| {
        [a, b].iter().all(|t| {
            t.bytes().all(|c| c.is_ascii() && if lower { !c.is_ascii_uppercase() } else { !c.is_ascii_lowercase() })
        })
    };
    let others =
        |t: &str| -> Vec<(usize, u8)> { t.bytes().enumerate().filter(|(_, c)| !c.is_ascii_alphanumeric()).collect() };
    (one_case(true) || one_case(false)) && others(a) == others(b)
}

fn compare_rows(a: &[Value], b: &[Value]) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        match compare(a, b)? {
            Ordering::Equal if matches!(a, Value::Min | Value::Max) => return Some(Ordering::Equal),
            Ordering::Equal => {}
            other => return Some(other),
        }
    }
    Some(Ordering::Equal)
}

/// The values of one side of a range, or of a list, which has one key for all of them.
fn values(exprs: &[Expr], domains: &[Domain]) -> Vec<Value> {
    exprs.iter().zip(domains).map(|(expr, domain)| value(expr, domain)).collect()
}

impl Replayer {
    /// The partitions of a table in the order of their bounds, the default one last: the order in which PostgreSQL visits them.
    pub(in crate::replay) fn partitions_in_order(&self, table: TableId) -> Vec<TableId> {
        if !self.schema.tables.get(table).is_some_and(is_partitioned) {
            return Vec::new();
        }
        let mut all: Vec<(TableId, PartitionBound)> = self
            .schema
            .children_of(table)
            .into_iter()
            .filter_map(|id| Some((id, self.schema.tables.get(id)?.partition_of.clone()?.1)))
            .collect();
        let domains = self.key_domains(table);
        let of_list = domains.first().unwrap_or(&Domain::Unknown);
        let rank = |bound: &PartitionBound| match &bound.kind {
            PartitionBoundKind::Default => 1,
            _ => 0,
        };
        all.order_by(|(_, a), (_, b)| {
            rank(a).cmp(&rank(b)).then_with(|| match (&a.kind, &b.kind) {
                (PartitionBoundKind::Range { from: a, .. }, PartitionBoundKind::Range { from: b, .. }) => {
                    in_order(&values(a, &domains), &values(b, &domains))
                }
                (PartitionBoundKind::In(a), PartitionBoundKind::In(b)) => {
                    let least = |list: &[Expr]| {
                        list.iter()
                            .map(|v| value(v, of_list))
                            .reduce(|x, y| if by_order(&y, &x) == Ordering::Less { y } else { x })
                    };
                    match (least(a), least(b)) {
                        (Some(a), Some(b)) => by_order(&a, &b),
                        _ => Ordering::Equal,
                    }
                }
                (
                    PartitionBoundKind::Hash { modulus: m, remainder: r },
                    PartitionBoundKind::Hash { modulus: n, remainder: s },
                ) => (m, r).cmp(&(n, s)),
                _ => Ordering::Equal,
            })
        });
        all.into_iter().map(|(id, _)| id).collect()
    }

    /// Refuses a partition of a table that has none.
    pub(in crate::replay) fn check_partitioned(&self, parent: TableId, written: Span) -> Outcome {
        match self.schema.tables.get(parent) {
            Some(table) if table.partition_key.is_none() => {
                refuse(state::INVALID_OBJECT_DEFINITION, written, format!("\"{}\" is not partitioned", table.name))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a bound of another form than the partitioned table's (`transformPartitionBound`).
    pub(in crate::replay) fn check_bound(
        &self,
        parent: TableId,
        written: Span,
        bound: &PartitionBound,
        attached: Option<TableId>,
    ) -> Outcome {
        let Some(table) = self.schema.tables.get(parent) else { return Ok(()) };
        let Some(key) = &table.partition_key else {
            let what = if attached.is_some() { "table " } else { "" };
            return refuse(
                state::INVALID_OBJECT_DEFINITION,
                written,
                format!("{what}\"{}\" is not partitioned", table.name),
            );
        };
        let span = bound.text.span;
        let strategy = match key.strategy {
            PartitionStrategy::Range => "range",
            PartitionStrategy::List => "list",
            PartitionStrategy::Hash => "hash",
        };
        match (&bound.kind, key.strategy) {
            (PartitionBoundKind::Default, PartitionStrategy::Hash) => {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    span,
                    "a hash-partitioned table may not have a default partition",
                );
            }
            (PartitionBoundKind::Default, _)
            | (PartitionBoundKind::In(_), PartitionStrategy::List)
            | (PartitionBoundKind::Range { .. }, PartitionStrategy::Range)
            | (PartitionBoundKind::Hash { .. }, PartitionStrategy::Hash) => {}
            _ => {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    span,
                    format!("invalid bound specification for a {strategy} partition"),
                );
            }
        }
        if let PartitionBoundKind::Range { from, to } = &bound.kind
            && (from.len() != key.keys.len() || to.len() != key.keys.len())
        {
            let side = if from.len() == key.keys.len() { "TO" } else { "FROM" };
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                span,
                format!("{side} must specify exactly one value per partitioning column"),
            );
        }
        if let PartitionBoundKind::Hash { modulus, remainder } = &bound.kind
            && remainder >= modulus
        {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                span,
                "remainder for hash partition must be less than modulus",
            );
        }
        match &bound.kind {
            PartitionBoundKind::Range { from, to } => {
                for side in [from, to] {
                    for (value, key) in side.iter().zip(&key.keys) {
                        self.check_bound_value(parent, key, value, true)?;
                    }
                    check_infinite(side)?;
                }
                Ok(())
            }
            PartitionBoundKind::In(values) => {
                let Some(key) = key.keys.first() else { return Ok(()) };
                values.iter().try_for_each(|value| self.check_bound_value(parent, key, value, false))
            }
            PartitionBoundKind::Default | PartitionBoundKind::Hash { .. } => Ok(()),
        }
    }

    /// Refuses what the value of a bound can't be calculated from: columns, queries, and functions that need rows or give several.
    fn check_bound_expression(&self, value: &Expr) -> Outcome {
        if self.described || has_placeholder(&value.text) {
            return Ok(());
        }
        self.check_no_query(value, Place::Bound, value.span)?;
        let mut column = false;
        value.tree().walk_own(&mut |part| {
            if let Tree::Column(parts) = part {
                column |=
                    parts.len() > 1 || parts.first().is_some_and(|name| !VALUE_FUNCTIONS.contains(&name.as_str()));
            }
        });
        if column {
            let message = "cannot use column reference in partition bound expression";
            return refuse(state::FEATURE_NOT_SUPPORTED, value.span, message);
        }
        self.check_calls(value, Place::Bound)
    }

    /// Refuses a value of a bound that its key's type certainly does not have (`transformPartitionBoundValue`).
    fn check_bound_value(&self, parent: TableId, key: &KeyTarget, value: &Expr, range: bool) -> Outcome {
        let (text, quoted) = constant(value);
        let word = text.to_ascii_lowercase();
        let plain = !word.is_empty()
            && !word.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let constants = ["null", "true", "false"];
        let infinite = range && ["minvalue", "maxvalue"].contains(&word.as_str());
        let known = infinite || constants.contains(&word.as_str()) || VALUE_FUNCTIONS.contains(&word.as_str());
        if !quoted && plain && !known && !has_placeholder(&value.text) {
            let message = "cannot use column reference in partition bound expression";
            return refuse(state::FEATURE_NOT_SUPPORTED, value.span, message);
        }
        if !quoted && !plain && !is_number(value) {
            self.check_bound_expression(value)?;
        }
        let KeyTarget::Column(number) = key else { return Ok(()) };
        let Some(column) = self.schema.column(parent, *number) else { return Ok(()) };
        if is_number(value) && column.data_type.builtin_name().is_some_and(|name| NO_NUMBERS.contains(&name)) {
            let name = column.data_type.display(&self.schema);
            let message = format!("specified value cannot be cast to type {name} for column \"{}\"", column.name);
            return refuse(state::DATATYPE_MISMATCH, value.span, message);
        }
        if quoted && value.text.trim().ends_with('\'') {
            self.check_input(self.underlying(&column.data_type), &text, value.span)?;
        }
        if range && !quoted && word == "null" {
            let message = "cannot specify NULL in range bound";
            return refuse(state::INVALID_OBJECT_DEFINITION, value.span, message);
        }
        Ok(())
    }

    /// How the values of each key of a partitioned table compare.
    fn key_domains(&self, table: TableId) -> Vec<Domain> {
        let Some(key) = self.schema.tables.get(table).and_then(|t| t.partition_key.as_ref()) else {
            return Vec::new();
        };
        let keys = key.keys.iter().map(|key| match key {
            KeyTarget::Column(number) => {
                self.schema.column(table, *number).map_or(Domain::Unknown, |c| self.domain_of(&c.data_type))
            }
            KeyTarget::Expression(_) => Domain::Written,
        });
        keys.collect()
    }

    fn domain_of(&self, data_type: &DataType) -> Domain {
        let data_type = self.underlying(data_type);
        if data_type.array {
            return Domain::Unknown;
        }
        match &data_type.base {
            BaseType::Builtin(name) => match name.as_str() {
                "smallint" | "integer" | "bigint" | "oid" => Domain::Whole,
                "numeric" | "real" | "double precision" => Domain::Numbers,
                "text" | "character varying" | "name" | "uuid" => Domain::Texts,
                "date" | "timestamp without time zone" | "timestamp with time zone" => Domain::Times,
                "boolean" => Domain::Booleans,
                _ => Domain::Unknown,
            },
            BaseType::User(id) => match self.schema.types.get(*id).map(|t| &t.kind) {
                Some(TypeKind::Enum(labels)) => Domain::Labels(labels.iter().map(|(l, _)| l.clone()).collect()),
                _ => Domain::Unknown,
            },
            _ => Domain::Unknown,
        }
    }

    /// Refuses a bound that holds no row, or rows of another partition (`check_new_partition_bound`).
    pub(in crate::replay) fn check_overlap(&self, parent: TableId, bound: &PartitionBound, name: &str) -> Outcome {
        let span = bound.text.span;
        let domains = self.key_domains(parent);
        if let PartitionBoundKind::Range { from, to } = &bound.kind
            && matches!(
                compare_rows(&values(from, &domains), &values(to, &domains)),
                Some(Ordering::Equal | Ordering::Greater)
            )
        {
            let message = format!("empty range bound specified for partition \"{name}\"");
            return refuse(state::INVALID_OBJECT_DEFINITION, span, message);
        }
        for sibling in self.schema.children_of(parent) {
            let Some(other) = self.schema.tables.get(sibling) else { continue };
            let Some((_, other_bound)) = &other.partition_of else { continue };
            let refusal = match (&bound.kind, &other_bound.kind) {
                (PartitionBoundKind::Default, PartitionBoundKind::Default) => {
                    Some(format!("partition \"{name}\" conflicts with existing default partition \"{}\"", other.name))
                }
                (
                    PartitionBoundKind::Hash { modulus: m, remainder: r },
                    PartitionBoundKind::Hash { modulus: n, remainder: s },
                ) => {
                    let (small, large) = (*m.min(n), *m.max(n));
                    if small == 0 || large % small != 0 {
                        Some(String::from("every hash partition modulus must be a factor of the next larger modulus"))
                    } else if r % small == s % small {
                        Some(format!("partition \"{name}\" would overlap partition \"{}\"", other.name))
                    } else {
                        None
                    }
                }
                (a, b) if overlaps(a, b, &domains) => {
                    Some(format!("partition \"{name}\" would overlap partition \"{}\"", other.name))
                }
                _ => None,
            };
            if let Some(message) = refusal {
                return refuse_for(state::INVALID_OBJECT_DEFINITION, span, message, vec![ObjectId::Table(sibling)]);
            }
        }
        Ok(())
    }
}

/// Refuses a value behind MINVALUE or MAXVALUE that is another (`validateInfiniteBounds`).
fn check_infinite(side: &[Expr]) -> Outcome {
    let infinite =
        |expr: &Expr| ["MINVALUE", "MAXVALUE"].into_iter().find(|w| expr.text.trim().eq_ignore_ascii_case(w));
    for pair in side.windows(2) {
        if let [before, after] = pair
            && let Some(word) = infinite(before)
            && infinite(after) != Some(word)
        {
            let message = format!("every bound following {word} must also be {word}");
            return refuse(state::DATATYPE_MISMATCH, after.span, message);
        }
    }
    Ok(())
}

fn overlaps(a: &PartitionBoundKind, b: &PartitionBoundKind, domains: &[Domain]) -> bool {
    match (a, b) {
        (PartitionBoundKind::In(a), PartitionBoundKind::In(b)) => {
            let domain = domains.first().unwrap_or(&Domain::Unknown);
            let values = |list: &[Expr]| list.iter().map(|v| value(v, domain)).collect::<Vec<_>>();
            let (a, b) = (values(a), values(b));
            a.iter().any(|x| b.iter().any(|y| compare(x, y) == Some(Ordering::Equal)))
        }
        (PartitionBoundKind::Range { from: a, to: b }, PartitionBoundKind::Range { from: c, to: d }) => {
            let before = |x, y| compare_rows(&values(x, domains), &values(y, domains)) == Some(Ordering::Less);
            before(a, d) && before(c, b)
        }
        _ => false,
    }
}
