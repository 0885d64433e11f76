//! Values that follow from literals: what the variables of a block hold, what its loops walk over, which way its conditions go.
//!
//! Only functions whose result depends on nothing but their arguments are known, and only in the cases that are certain here: whatever a collation, a
//! time zone or the data decides has no value.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::calendar::{Interval, Moment};
use super::catalogue::{OF_SERVER, Shared};
use super::functions::{arithmetic, compare, function, is_one_of, like, says};
use crate::expr::{Call, From, Join, Query, Source, Tree};
use crate::name::{Name, quote};
use crate::order::Order;

/// The longest text that is put together, and the most elements of a list.
pub(super) const MAX_TEXT: usize = 1 << 20;
pub(super) const MAX_ITEMS: usize = 1_000;
/// How deep expressions are followed.
const MAX_DEPTH: u32 = 32;
/// How many pairs of rows a join of the catalogue looks at.
const MAX_PAIRS: usize = 100_000;

/// A known value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(i64),
    /// A text, or a literal whose type nobody said.
    Text(String),
    Day(Moment),
    Time(Moment),
    Span(Interval),
    List(Vec<Value>),
    /// What a `regclass` or the identifier of a relation stands for: schema and name.
    Relation(Name, Name),
    /// The definition of a constraint: its words, not how the server prints them.
    Definition(String),
}

/// The types that change what a literal or an assignment means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    Day,
    Time,
    Span,
    Texts,
    Numbers,
}

/// A variable: what is known of its value, and its type.
#[derive(Clone, Debug, Default)]
pub(super) struct Variable {
    value: Option<Value>,
    kind: Option<Kind>,
}

/// The variables of a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    known: BTreeMap<Name, Variable>,
    /// What the catalogue says where the block stands, where somebody knows.
    pub(super) catalogue: Option<Shared>,
    /// Whether the block has changed the schema since.
    pub(super) stale: bool,
}

/// The rows that a loop walks over: names and values.
pub(super) type Row = Vec<(Name, Value)>;

impl Kind {
    /// The kind of a type as written. `None` for others: their values stay as they are.
    pub(super) fn of(written: &str) -> Option<Self> {
        let lower = written.to_ascii_lowercase();
        let words = lower.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.strip_prefix("pg_catalog.").unwrap_or(&words);
        let (element, list) = words.strip_suffix("[]").map_or((words, false), |element| (element.trim(), true));
        let kind = match element {
            "text" | "varchar" | "character varying" | "name" | "regclass" => Self::Text,
            "int" | "integer" | "int4" | "bigint" | "int8" | "smallint" | "int2" => Self::Number,
            "bool" | "boolean" => Self::Bool,
            "date" => Self::Day,
            "timestamp" | "timestamp without time zone" | "timestamptz" | "timestamp with time zone" => Self::Time,
            "interval" => Self::Span,
            _ => return None,
        };
        match (kind, list) {
            (kind, false) => Some(kind),
            (Self::Text, true) => Some(Self::Texts),
            (Self::Number, true) => Some(Self::Numbers),
            _ => None,
        }
    }
}

impl Value {
    /// What `||`, format() and EXECUTE make of it.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Day(day) => Some(day.text(false)),
            Self::Time(moment) => Some(moment.text(true)),
            // As where the search path is what it is at first.
            Self::Relation(schema, name) if schema == "public" => Some(quote(name)),
            Self::Relation(schema, name) => Some(format!("{}.{}", quote(schema), quote(name))),
            Self::Null | Self::Bool(_) | Self::Span(_) | Self::List(_) | Self::Definition(_) => None,
        }
    }

    /// The value as a literal, where one says what it is.
    pub(super) fn literal(&self) -> Option<String> {
        match self {
            Self::Null => Some("NULL".to_owned()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(format!("'{}'", text.replace('\'', "''"))),
            _ => None,
        }
    }

    /// The value in this type, where it has one there.
    pub(super) fn cast(self, kind: Kind) -> Option<Self> {
        Some(match (kind, self) {
            (_, Self::Null) => Self::Null,
            (Kind::Text, value) => Self::Text(value.text()?),
            (Kind::Number, Self::Text(text)) => Self::Number(text.trim().parse().ok()?),
            (Kind::Number, value @ Self::Number(_))
            | (Kind::Bool, value @ Self::Bool(_))
            | (Kind::Day, value @ Self::Day(_))
            | (Kind::Span, value @ Self::Span(_))
            | (Kind::Time, value @ Self::Time(_)) => value,
            (Kind::Bool, Self::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "t" | "true" | "on" | "yes" | "1" => Self::Bool(true),
                "f" | "false" | "off" | "no" | "0" => Self::Bool(false),
                _ => return None,
            },
            (Kind::Day, Self::Text(text)) => Self::Day(Moment::parse(&text)?.midnight()),
            (Kind::Day, Self::Time(moment)) => Self::Day(moment.midnight()),
            (Kind::Time, Self::Text(text)) => Self::Time(Moment::parse(&text)?),
            (Kind::Time, Self::Day(day)) => Self::Time(day),
            (Kind::Span, Self::Text(text)) => Self::Span(Interval::parse(&text)?),
            (Kind::Texts | Kind::Numbers, Self::Text(text)) => {
                let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
                if inside.contains(['"', '\\', '{']) {
                    return None;
                }
                let items = inside.split(',').map(str::trim).filter(|item| !item.is_empty());
                Self::List(items.map(|item| Self::Text(item.to_owned()).cast(kind.element())).collect::<Option<_>>()?)
            }
            (Kind::Texts | Kind::Numbers, Self::List(items)) => {
                Self::List(items.into_iter().map(|item| item.cast(kind.element())).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }
}

impl Kind {
    fn element(self) -> Self {
        if self == Self::Numbers { Self::Number } else { Self::Text }
    }
}

impl Variables {
    /// No variables, and what the catalogue says.
    pub(super) fn where_known(catalogue: Option<Shared>) -> Self {
        Self { catalogue, ..Self::default() }
    }

    /// Declares a variable; gives the one of that name that it hides.
    pub(super) fn declare(&mut self, name: Name, kind: Option<Kind>, value: Option<Value>) -> Option<Variable> {
        let hidden = self.known.insert(name.clone(), Variable { value: None, kind });
        self.set(name, value);
        hidden
    }

    /// Brings a hidden variable back into view.
    pub(super) fn restore(&mut self, name: Name, variable: Option<Variable>) {
        match variable {
            Some(variable) => _ = self.known.insert(name, variable),
            None => _ = self.known.remove(&name),
        }
    }

    /// Sets a value, or forgets it.
    pub(super) fn set(&mut self, name: Name, value: Option<Value>) {
        let variable = self.known.entry(name).or_default();
        variable.value = match variable.kind {
            Some(kind) => value.and_then(|value| value.cast(kind)),
            None => value,
        };
    }

    /// Forgets the value of every variable of that name, and of the fields of a record of that name.
    pub(super) fn forget(&mut self, name: &str) {
        for (known, variable) in &mut self.known {
            let is_field = || known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            if known == name || is_field() {
                variable.value = None;
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.known.get(name).and_then(|variable| variable.value.as_ref())
    }

    /// The value of an expression.
    pub(super) fn value(&self, tree: &Tree) -> Option<Value> {
        self.evaluate(tree, 0)
    }

    fn evaluate(&self, tree: &Tree, depth: u32) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let of = |tree: &Tree| self.evaluate(tree, depth + 1);
        Some(match tree {
            Tree::Column(parts) => match (self.get(&parts.join(".")), parts.as_slice(), &self.catalogue) {
                (Some(value), ..) => value.clone(),
                (None, [name], Some(catalogue)) if name == "current_schema" => {
                    Value::Text(catalogue.current_schema()?.to_string())
                }
                _ => return None,
            },
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => Value::Number(number.parse().ok()?),
            Tree::Text(text) => Value::Text(text.clone()),
            Tree::Cast(inner, to) => self.cast(of(inner)?, to)?,
            Tree::Exists(query) => Value::Bool(!self.rows_at(query, depth + 1)?.is_empty()),
            Tree::Subquery(query) => match self.rows_at(query, depth + 1)?.as_slice() {
                [] => Value::Null,
                [row] => row.first().filter(|_| row.len() == 1)?.1.clone(),
                _ => return None,
            },
            Tree::Array(items) => {
                Value::List(items.iter().map(of).collect::<Option<Vec<_>>>().filter(|items| items.len() <= MAX_ITEMS)?)
            }
            Tree::Case(operand, branches, otherwise) => {
                for (when, then) in branches {
                    let holds = match operand {
                        Some(operand) => compare("=", &of(operand)?, &of(when)?)?,
                        None => of(when)?,
                    };
                    match holds {
                        Value::Bool(true) => return of(then),
                        Value::Bool(false) | Value::Null => {}
                        _ => return None,
                    }
                }
                otherwise.as_deref().map_or(Some(Value::Null), of)?
            }
            Tree::Operator(operator, operands) => self.operator(operator, operands, depth)?,
            Tree::Call(call) if call.filter.is_none() && !call.over && !call.distinct => {
                if let ("to_regclass", [argument]) = (call.base_name(), call.arguments.as_slice()) {
                    let catalogue = self.catalogue.as_ref().filter(|_| !self.stale)?;
                    return Some(catalogue.relation(&of(argument)?.text()?).unwrap_or(Value::Null));
                }
                if let ("current_schema", [], Some(catalogue)) =
                    (call.base_name(), call.arguments.as_slice(), &self.catalogue)
                {
                    return Some(Value::Text(catalogue.current_schema()?.to_string()));
                }
                let arguments: Vec<Value> = call.arguments.iter().map(of).collect::<Option<_>>()?;
                function(call.base_name(), &arguments)?
            }
            _ => return None,
        })
    }

    /// A value as a type as written.
    fn cast(&self, value: Value, to: &str) -> Option<Value> {
        match (value, to, &self.catalogue) {
            (value @ Value::Relation(..), "regclass" | "oid", _) => Some(value),
            // A relation's name has its schema in front where it is not on the path.
            (Value::Relation(schema, name), _, Some(catalogue)) if Kind::of(to) == Some(Kind::Text) => {
                let name = quote(&name);
                let text = if catalogue.is_on_path(&schema) { name } else { format!("{}.{name}", quote(&schema)) };
                Some(Value::Text(text))
            }
            (Value::Text(text), "regclass", Some(catalogue)) => catalogue.relation(&text),
            (Value::Text(text), "regnamespace", Some(_)) => Some(Value::Text(text)),
            // What such a name is printed as depends on the search path.
            (Value::Text(text), "regclass", None) => (!text.contains('.')).then_some(Value::Text(text)),
            (value, ..) => value.cast(Kind::of(to)?),
        }
    }

    fn operator(&self, operator: &str, operands: &[Tree], depth: u32) -> Option<Value> {
        let of = |tree: &Tree| self.evaluate(tree, depth + 1);
        match operator {
            "and" | "or" => {
                let decides = operator == "or";
                let values: Vec<Option<Value>> = operands.iter().map(of).collect();
                if values.contains(&Some(Value::Bool(decides))) {
                    return Some(Value::Bool(decides));
                }
                let values = values.into_iter().collect::<Option<Vec<_>>>()?;
                return Some(if values.contains(&Value::Null) { Value::Null } else { Value::Bool(!decides) });
            }
            _ => {}
        }
        let values: Vec<Value> = operands.iter().map(of).collect::<Option<_>>()?;
        match (operator, values.as_slice()) {
            ("not", [Value::Bool(value)]) => Some(Value::Bool(!value)),
            ("not", [Value::Null]) => Some(Value::Null),
            ("is null", [value]) => Some(Value::Bool(*value == Value::Null)),
            ("is not null", [value]) => Some(Value::Bool(*value != Value::Null)),
            ("-", [Value::Number(number)]) => Some(Value::Number(number.checked_neg()?)),
            ("in" | "not in", [value, items @ ..]) => is_one_of(value, items, operator == "in"),
            ("= any", [value, Value::List(items)]) => is_one_of(value, items, true),
            ("<> all" | "!= all", [value, Value::List(items)]) => is_one_of(value, items, false),
            ("between", [value, low, high]) => {
                let (above, below) = (compare(">=", value, low)?, compare("<=", value, high)?);
                match (above, below) {
                    (Value::Bool(above), Value::Bool(below)) => Some(Value::Bool(above && below)),
                    _ => None,
                }
            }
            ("like" | "not like" | "~~" | "!~~", [Value::Text(text), Value::Text(pattern)]) => {
                Some(Value::Bool(like(text, pattern)? == matches!(operator, "like" | "~~")))
            }
            ("ilike" | "not ilike" | "~~*", [Value::Text(text), Value::Text(pattern)]) => {
                let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
                Some(Value::Bool(like(&text, &pattern)? != (operator == "not ilike")))
            }
            ("like" | "ilike" | "not like" | "not ilike", [Value::Definition(text), Value::Text(pattern)]) => {
                Some(Value::Bool(says(text, pattern)? != operator.starts_with("not")))
            }
            ("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=", [left, right]) => compare(operator, left, right),
            ("+" | "-" | "*" | "/" | "%" | "||", [first, rest @ ..]) if !rest.is_empty() => {
                rest.iter().try_fold(first.clone(), |left, right| arithmetic(operator, &left, right))
            }
            _ => None,
        }
    }

    /// The rows of a query whose rows are all written in it: a list of values, `unnest(…)`, `generate_series(…)`. Each row has the names of its
    /// columns.
    pub(super) fn rows(&self, query: &Query) -> Option<Vec<Row>> {
        self.rows_at(query, 0)
    }

    fn rows_at(&self, query: &Query, depth: u32) -> Option<Vec<Row>> {
        let plain = query.with.is_empty()
            && query.group_by.is_empty()
            && query.having.is_none()
            && !query.limited
            && query.set_operands.is_empty();
        if !plain || depth > 4 {
            return None;
        }
        let rows = match query.from.as_slice() {
            [] if query.items.iter().all(|item| matches!(item.value, Tree::Row(_))) && !query.items.is_empty() => {
                // VALUES.
                let row = |values: &Tree| {
                    let Tree::Row(values) = values else { return None };
                    let column = |(n, value)| Some((SmolStr::new(format!("column{}", n + 1)), self.value(value)?));
                    values.iter().enumerate().map(column).collect::<Option<Row>>()
                };
                return query.items.iter().map(|item| row(&item.value)).collect::<Option<Vec<_>>>().filter(is_small);
            }
            [] => match query.items.as_slice() {
                // A function in the list of what is selected that gives several rows.
                [item] if matches!(&item.value, Tree::Call(call) if is_series(call)) => {
                    let Tree::Call(call) = &item.value else { return None };
                    let name = item.alias.clone().unwrap_or_else(|| SmolStr::new(call.base_name()));
                    return Some(self.series(call)?.into_iter().map(|value| vec![(name.clone(), value)]).collect());
                }
                _ => vec![Row::new()],
            },
            sources => {
                let mut rows = vec![Row::new()];
                for from in sources {
                    rows = self.joined(&rows, from, depth)?;
                }
                rows
            }
        };
        // The order of texts is that of their collation, but for the names of the catalogue, where it is that of their bytes.
        let of_catalogue = query.from.iter().all(|from| matches!(from.source, Source::Relation(_)));
        let sorted = of_catalogue && query.order_by.iter().all(|key| matches!(key, Tree::Column(_)));
        if !sorted && !query.order_by.is_empty() {
            return None;
        }
        let mut out: Vec<(Vec<String>, Row)> = Vec::new();
        for row in rows {
            let variables = self.with(&row);
            match query.filter.as_ref().map(|filter| variables.value(filter)) {
                // What the server has of its own is not told in full.
                None | Some(Some(Value::Bool(true))) if row.iter().any(|(name, _)| name == OF_SERVER) => return None,
                None | Some(Some(Value::Bool(true))) => {}
                Some(Some(Value::Bool(false) | Value::Null)) => continue,
                Some(_) => return None,
            }
            let mut selected = Row::new();
            for item in &query.items {
                match &item.value {
                    // Columns are there by their own names, and with their table's alias in front.
                    Tree::Star(_) => selected.extend(row.iter().filter(|(name, _)| !name.contains('.')).cloned()),
                    value => {
                        let name = match (&item.alias, value) {
                            (Some(alias), _) => alias.clone(),
                            (None, Tree::Column(parts)) => parts.last()?.clone(),
                            (None, Tree::Call(call)) => SmolStr::new(call.base_name()),
                            _ => SmolStr::new_static("?column?"),
                        };
                        selected.push((name, variables.value(value)?));
                    }
                }
            }
            let key = query.order_by.iter().map(|key| variables.value(key)?.text()).collect::<Option<_>>()?;
            if !query.distinct || !out.iter().any(|(_, row)| *row == selected) {
                out.push((key, selected));
            }
        }
        out.order_by(|a, b| a.0.cmp(&b.0));
        Some(out.into_iter().map(|(_, row)| row).collect())
    }

    /// These variables with a row's columns in front of them.
    fn with(&self, row: &Row) -> Self {
        let mut variables = self.clone();
        for (name, value) in row {
            variables.declare(name.clone(), None, Some(value.clone()));
        }
        variables
    }

    /// Rows joined to those of another source.
    fn joined(&self, rows: &[Row], from: &From, depth: u32) -> Option<Vec<Row>> {
        if matches!(from.join, Join::Left | Join::Right | Join::Full) {
            return None;
        }
        let added = self.source(from, depth)?;
        let alias = from.alias.clone().or_else(|| match &from.source {
            Source::Relation(name) => name.last().cloned(),
            _ => None,
        });
        if rows.len().checked_mul(added.len())? > MAX_PAIRS {
            return None;
        }
        let mut out = Vec::new();
        for row in rows {
            for more in &added {
                let mut both = row.clone();
                for (name, value) in more {
                    if let Some(alias) = &alias {
                        both.push((SmolStr::new(format!("{alias}.{name}")), value.clone()));
                    }
                    both.push((name.clone(), value.clone()));
                }
                let value =
                    |of: &Row, column: &Name| of.iter().rev().find(|(n, _)| n == column).map(|(_, v)| v.clone());
                if from.using.iter().any(|column| value(row, column) != value(more, column)) {
                    continue;
                }
                let holds = from.on.as_ref().map_or(Some(Value::Bool(true)), |on| self.with(&both).value(on))?;
                if holds == Value::Bool(true) {
                    out.push(both);
                }
            }
        }
        Some(out)
    }

    fn source(&self, from: &From, depth: u32) -> Option<Vec<Row>> {
        let mut rows = match &from.source {
            Source::Query(query) => self.rows_at(query, depth + 1)?,
            Source::Relation(name) => self.catalogue.as_ref().filter(|_| !self.stale)?.rows(name)?,
            Source::Function(call) if is_series(call) => {
                let name = from.alias.clone().unwrap_or_else(|| SmolStr::new(call.base_name()));
                self.series(call)?.into_iter().map(|value| vec![(name.clone(), value)]).collect()
            }
            _ => return None,
        };
        for row in &mut rows {
            if from.columns.len() > row.len() {
                return None;
            }
            for ((name, _), column) in row.iter_mut().zip(&from.columns) {
                *name = column.clone();
            }
        }
        Some(rows)
    }

    /// The values of `unnest(list)` and `generate_series(from, to[, step])`.
    fn series(&self, call: &Call) -> Option<Vec<Value>> {
        let arguments: Vec<Value> = call.arguments.iter().map(|a| self.value(a)).collect::<Option<_>>()?;
        let (first, last, step) = match (call.base_name(), arguments.as_slice()) {
            ("unnest", [Value::List(items)]) => return Some(items.clone()),
            ("generate_series", [first, last]) => (first.clone(), last, Value::Number(1)),
            ("generate_series", [first, last, step]) => (first.clone(), last, step.clone()),
            _ => return None,
        };
        let step = match step {
            Value::Text(text) => Value::Span(Interval::parse(&text)?),
            step => step,
        };
        // Days become moments, as generate_series has no form of its own for them.
        let moment = |value: &Value| match value {
            Value::Day(day) => Value::Time(*day),
            value => value.clone(),
        };
        let (first, last) = (moment(&first), moment(last));
        let falls = match (&first, &last, &step) {
            (Value::Number(_), Value::Number(_), Value::Number(step)) if *step != 0 => *step < 0,
            (Value::Time(moment), Value::Time(_), Value::Span(span)) => moment.plus(*span)? < *moment,
            _ => return None,
        };
        let mut out = Vec::new();
        let mut next = first.clone();
        while compare(if falls { ">=" } else { "<=" }, &next, &last)? == Value::Bool(true) {
            if out.len() == MAX_ITEMS {
                return None;
            }
            out.push(next.clone());
            let n = i64::try_from(out.len()).ok()?;
            // From the start each time: a month added twice is not two months added.
            next = match (&first, &step) {
                (Value::Number(first), Value::Number(step)) => Value::Number(first.checked_add(step.checked_mul(n)?)?),
                (Value::Time(_), Value::Span(_)) => arithmetic("+", &next, &step)?,
                _ => return None,
            };
        }
        Some(out)
    }
}

#[expect(clippy::ptr_arg, reason = "a filter of an Option hands out a reference to what it holds")]
fn is_small(rows: &Vec<Row>) -> bool {
    rows.len() <= MAX_ITEMS
}

fn is_series(call: &Call) -> bool {
    matches!(call.base_name(), "unnest" | "generate_series")
}
