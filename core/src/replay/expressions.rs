//! What an expression may not be made of where it stands: aggregates, window functions and sets are for queries. Sources: PostgreSQL manual, 4.2.7
//! "Aggregate Expressions", 4.2.8 "Window Function Calls", 9.25 "Set Returning Functions"; for what is asked where, the server's `parse_agg.c` and
//! `parse_func.c`.

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use super::references::{has_subquery, is_system_column};
use crate::expr::{Call, Expr, Tree};
use crate::operation::FunctionKind;
use crate::schema::RelationId;
use crate::source::Span;

/// An aggregate, or a column beside one, where it may not be.
pub(super) const GROUPING_ERROR: &str = "42803";

/// A window function where it may not be.
const WINDOWING_ERROR: &str = "42P20";

/// Where an expression stands, in the server's words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Bound,
    Check,
    Default,
    Generated,
    Index,
    IndexPredicate,
    PartitionKey,
    Policy,
    When,
}

impl Place {
    fn singular(self) -> &'static str {
        match self {
            Self::Bound => "partition bound",
            Self::Check => "check constraint",
            Self::Default => "DEFAULT expression",
            Self::Generated => "column generation expression",
            Self::Index => "index expression",
            Self::IndexPredicate => "index predicate",
            Self::PartitionKey => "partition key expression",
            Self::Policy => "policy expression",
            Self::When => "trigger WHEN condition",
        }
    }
}

/// PostgreSQL's own aggregates, as far as one writes them. In ASCII order.
pub(super) const AGGREGATES: [&str; 22] = [
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bool_and",
    "bool_or",
    "count",
    "every",
    "json_agg",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "max",
    "min",
    "mode",
    "percentile_cont",
    "percentile_disc",
    "stddev",
    "string_agg",
    "sum",
    "variance",
    "xmlagg",
];

/// PostgreSQL's own functions that give sets, as far as one writes them. In ASCII order.
const SETS: [&str; 18] = [
    "generate_series",
    "generate_subscripts",
    "json_array_elements",
    "json_array_elements_text",
    "json_each",
    "json_each_text",
    "json_object_keys",
    "json_to_recordset",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "jsonb_each",
    "jsonb_each_text",
    "jsonb_object_keys",
    "jsonb_path_query",
    "regexp_matches",
    "regexp_split_to_table",
    "string_to_table",
    "unnest",
];

impl Replayer {
    /// Refuses a query in an expression that may have none.
    pub(super) fn check_no_query(&self, expr: &Expr, place: Place, span: Span) -> Outcome {
        if self.described || !has_subquery(expr) {
            return Ok(());
        }
        let message = format!("cannot use subquery in {}", place.singular());
        refuse(state::FEATURE_NOT_SUPPORTED, span, message)
    }

    /// Refuses aggregates, window functions and functions that give sets.
    pub(super) fn check_calls(&self, expr: &Expr, place: Place) -> Outcome {
        if self.described || !expr.text.contains('(') {
            return Ok(());
        }
        let mut refusal = None;
        expr.tree().walk_own(&mut |part| {
            if let Tree::Call(call) = part {
                refusal = refusal.take().or_else(|| self.only_in_queries(call));
            }
        });
        let Some((sqlstate, what)) = refusal else { return Ok(()) };
        let plural = if matches!(place, Place::Bound) { "" } else { "s" };
        refuse(sqlstate, expr.span, format!("{what} functions are not allowed in {}{plural}", place.singular()))
    }

    fn only_in_queries(&self, call: &Call) -> Option<(&'static str, &'static str)> {
        let set = (state::FEATURE_NOT_SUPPORTED, "set-returning");
        if call.over {
            return Some((WINDOWING_ERROR, "window"));
        }
        let name = call.base_name();
        let mut own = self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && f.name == name).peekable();
        if own.peek().is_some() {
            // One of several of its name: which one it is, the types tell.
            let mut all = own.map(|(_, f)| f);
            let first = all.next()?;
            let is_aggregate = first.kind == FunctionKind::Aggregate;
            let alike =
                all.all(|f| (f.kind == FunctionKind::Aggregate) == is_aggregate && f.returns_set == first.returns_set);
            return match (alike && !AGGREGATES.contains(&name) && !SETS.contains(&name), is_aggregate) {
                (false, _) => None,
                (true, true) => Some((GROUPING_ERROR, "aggregate")),
                (true, false) => first.returns_set.then_some(set),
            };
        }
        if call.name.len() > 1 && call.name.first().is_none_or(|schema| schema != "pg_catalog") {
            None
        } else if AGGREGATES.contains(&name) {
            Some((GROUPING_ERROR, "aggregate"))
        } else if SETS.contains(&name) {
            Some(set)
        } else {
            None
        }
    }

    /// Refuses a system column in an expression that is kept with the table; the table's own id is one that may be read.
    pub(super) fn check_no_system_column(&self, owner: RelationId, expr: &Expr, place: Place) -> Outcome {
        if self.described {
            return Ok(());
        }
        let relation = self.relation_name(owner);
        let mut found = None;
        expr.tree().walk_own(&mut |part| {
            if let Tree::Column(parts) = part {
                let name = match parts.as_slice() {
                    [name] => name,
                    [of, name] if *of == relation => name,
                    _ => return,
                };
                if is_system_column(name) && name != "tableoid" {
                    found.get_or_insert_with(|| name.clone());
                }
            }
        });
        let Some(name) = found else { return Ok(()) };
        if matches!(place, Place::Index | Place::IndexPredicate) {
            let message = "index creation on system columns is not supported";
            return refuse(state::FEATURE_NOT_SUPPORTED, expr.span, message);
        }
        let message = match place {
            Place::Check => format!("system column \"{name}\" reference in check constraint is invalid"),
            _ => format!("cannot use system column \"{name}\" in {}", place.singular()),
        };
        refuse(state::INVALID_COLUMN_REFERENCE, expr.span, message)
    }

    /// Refuses a domain's check that reads anything but VALUE.
    pub(super) fn check_domain_expr(&self, expr: &Expr) -> Outcome {
        self.check_no_query(expr, Place::Check, expr.span)?;
        if self.described {
            return Ok(());
        }
        let mut found = None;
        expr.tree().walk_own(&mut |part| {
            if let Tree::Column(parts) = part {
                let first = parts.first().filter(|name| {
                    *name != "value"
                        && !super::lookup::has_placeholder(name)
                        && !crate::keywords::VALUE_FUNCTIONS.contains(&name.as_str())
                });
                found = found.take().or_else(|| first.map(|name| (name.clone(), parts.len())));
            }
        });
        match found {
            Some((name, 1)) => refuse(state::UNDEFINED_COLUMN, expr.span, format!("column \"{name}\" does not exist")),
            Some((name, 2)) => {
                let message = format!("missing FROM-clause entry for table \"{name}\"");
                refuse(state::UNDEFINED_TABLE, expr.span, message)
            }
            _ => self.check_calls(expr, Place::Check),
        }
    }
}
