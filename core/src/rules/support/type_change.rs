//! What ALTER COLUMN TYPE does to the rows that are there. Source: PostgreSQL manual, ALTER TABLE, "Notes"; the casts WITHOUT FUNCTION of pg_cast; the
//! support functions of varchar, numeric, varbit, timestamp, time and interval.

use super::super::Context;
use super::base_type;
use crate::schema::{
    BaseType, Column, ColumnNumber, DataType, ObjectId, Schema, StoredExpr, TableId, Trigger, TypeKind,
};

/// Whether the values stay as they are stored, so that no row is written.
pub(crate) fn keeps_storage(schema: &Schema, from: &DataType, to: &DataType) -> bool {
    if from == to {
        return true;
    }
    // Values that come into a domain are checked one by one, by a rewrite.
    if constrained_domain(schema, to) {
        return false;
    }
    let (from, to) = (base_type(schema, from), base_type(schema, to));
    if from == to {
        return true;
    }
    if from.array || to.array {
        return false;
    }
    let (BaseType::Builtin(a), BaseType::Builtin(b)) = (&from.base, &to.base) else {
        // citext is text with other operators.
        let is = |t: &DataType, name: &str| match &t.base {
            BaseType::Extension { name: n, .. } | BaseType::Builtin(n) => n == name,
            _ => false,
        };
        let text = |t: &DataType| is(t, "text") || (is(t, "character varying") && t.modifiers.is_empty());
        return (is(from, "citext") && text(to)) || ((text(from) || is(from, "character varying")) && is(to, "citext"));
    };
    let grows = || match (length(from), length(to)) {
        (_, None) => true,
        (Some(a), Some(b)) => a <= b,
        (None, Some(_)) => false,
    };
    match (a.as_str(), b.as_str()) {
        ("character varying", "text")
        | ("cidr", "inet")
        | ("xml", "text")
        | ("integer", "oid")
        | ("oid", "integer") => true,
        ("text" | "xml", "character varying") | ("bit", "bit varying") => to.modifiers.is_empty(),
        ("character varying", "character varying") | ("bit varying", "bit varying") => grows(),
        ("numeric", "numeric") => match (numeric(from), numeric(to)) {
            (_, None) => true,
            (Some((p, s)), Some((q, t))) => s == t && p <= q,
            (None, Some(_)) => false,
        },
        (a, b) if a == b && (a.starts_with("time") || a == "interval") => match (precision(from), precision(to)) {
            (_, None) => to.modifiers.is_empty(),
            (Some(a), Some(b)) => a <= b && from.modifiers.len() == to.modifiers.len(),
            // Without one a value has at most six digits.
            (None, Some(b)) => b >= 6 && from.modifiers.is_empty(),
        },
        _ => false,
    }
}

/// What keeps a column's type as it is, in words: PostgreSQL refuses to change one that a view, a rule, a policy, a trigger or a generated column reads.
pub(crate) fn held_by(cx: &Context<'_>, table: TableId, number: ColumnNumber) -> Option<String> {
    let (schema, on) = (cx.schema, ObjectId::Column(table, number));
    let own = schema.tables.get(table)?;
    let reads = |e: &StoredExpr| e.references.iter().any(|r| r.target == on);
    let dependent = |id: &ObjectId| match id {
        ObjectId::View(v) => schema.views.get(*v).is_some_and(|v| v.dropped.is_none() && reads(&v.query)),
        ObjectId::Rule(r) => schema.rules.get(*r).is_some_and(|r| r.dropped.is_none() && reads(&r.text)),
        ObjectId::Policy(p) => schema
            .policies
            .get(*p)
            .is_some_and(|p| p.dropped.is_none() && p.using.iter().chain(&p.with_check).any(reads)),
        _ => false,
    };
    let by = schema.possible_dependents(ObjectId::Table(table)).into_iter().find(dependent);
    let trigger = || {
        let of = |t: &Trigger| t.update_of.contains(&number) || t.when.as_ref().is_some_and(reads);
        schema.triggers_of(&own.triggers).find(|(_, t)| of(t)).map(|(id, _)| ObjectId::Trigger(id))
    };
    let generated = || {
        let of = |c: &Column| c.generated.as_ref().is_some_and(|g| reads(&g.expr));
        own.live_columns().find(|(n, c)| *n != number && of(c)).map(|(n, _)| ObjectId::Column(table, n))
    };
    let by = by.or_else(trigger).or_else(generated)?;
    Some(format!(
        "`{}` reads it, so that PostgreSQL changes its type only once that is dropped; make it again behind.",
        cx.name(by)
    ))
}

/// What the new type cannot hold of the old one's values; `None` where it holds all, or where the two are of other families.
pub(crate) fn loses(schema: &Schema, from: &DataType, to: &DataType) -> Option<String> {
    let (from, to) = (base_type(schema, from), base_type(schema, to));
    if from.array != to.array {
        return None;
    }
    let (BaseType::Builtin(a), BaseType::Builtin(b)) = (&from.base, &to.base) else { return None };
    let (a, b) = (a.as_str(), b.as_str());
    let text = |name: &str| matches!(name, "text" | "character varying" | "character");
    let rank = |name: &str| ["smallint", "integer", "bigint"].iter().position(|n| *n == name);
    let digits = |name: &str| match name {
        "smallint" => Some(5),
        "integer" => Some(10),
        "bigint" => Some(19),
        _ => None,
    };
    if text(a) && text(b) {
        let limit = if b == "character" && to.modifiers.is_empty() { Some(1) } else { length(to) };
        return match (length(from), limit) {
            (_, None) => None,
            (Some(old), Some(new)) if old <= new => None,
            (_, Some(new)) => Some(format!("texts of more than {new} characters")),
        };
    }
    if let (Some(old), Some(new)) = (rank(a), rank(b)) {
        return (new < old).then(|| format!("numbers beyond the range of {b}"));
    }
    match (a, b) {
        ("numeric", "numeric") => match (numeric(from), numeric(to)) {
            (_, None) => None,
            (None, Some((p, s))) => {
                Some(format!("numbers with more than {} digits before or {s} behind the point", p - s))
            }
            (Some((p, s)), Some((q, t))) if q - t < p - s => {
                Some(format!("numbers with more than {} digits before the point", (q - t).max(0)))
            }
            (Some((_, s)), Some((_, t))) if t < s => Some(format!("more than {t} digits behind the point")),
            _ => None,
        },
        ("numeric", "smallint" | "integer" | "bigint") => match numeric(from) {
            Some((p, 0)) if digits(b).is_some_and(|d| p < d) => None,
            Some((_, s)) if s > 0 => Some("digits behind the point".to_owned()),
            _ => Some(format!("numbers beyond the range of {b}")),
        },
        (_, "numeric") => match (digits(a), numeric(to)) {
            (Some(d), Some((p, s))) if p - s < d => {
                Some(format!("numbers with more than {} digits before the point", (p - s).max(0)))
            }
            _ => None,
        },
        ("double precision" | "real", "smallint" | "integer" | "bigint") => Some("digits behind the point".to_owned()),
        ("double precision", "real") => Some("more than 6 significant digits".to_owned()),
        ("timestamp with time zone", "timestamp without time zone") => Some("the time zone".to_owned()),
        ("timestamp with time zone" | "timestamp without time zone", "date") => Some("the time of day".to_owned()),
        (
            "timestamp with time zone" | "timestamp without time zone",
            "time without time zone" | "time with time zone",
        ) => Some("the date".to_owned()),
        (a, b) if a == b && a.starts_with("time") => match (precision(from).unwrap_or(6), precision(to)) {
            (old, Some(new)) if new < old => Some(format!("fractions of seconds beyond {new} digits")),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is a domain that demands something.
pub(crate) fn constrained_domain(schema: &Schema, data_type: &DataType) -> bool {
    let mut at = data_type;
    for _ in 0..16 {
        let BaseType::User(id) = &at.base else { return false };
        let Some(TypeKind::Domain(domain)) = schema.types.get(*id).map(|t| &t.kind) else { return false };
        if domain.not_null || !domain.checks.is_empty() {
            return true;
        }
        at = &domain.base;
    }
    false
}

fn length(data_type: &DataType) -> Option<i64> {
    data_type.modifiers.first()?.parse().ok()
}

/// Precision and scale.
fn numeric(data_type: &DataType) -> Option<(i64, i64)> {
    let scale = data_type.modifiers.get(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Some((length(data_type)?, scale))
}

/// The digits of fractions of seconds.
fn precision(data_type: &DataType) -> Option<i64> {
    data_type.modifiers.last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_type(text: &str) -> DataType {
        let (name, modifiers) = text.split_once('(').unwrap_or((text, ""));
        let modifiers = modifiers.trim_end_matches(')').split(',').filter(|m| !m.is_empty()).map(Into::into).collect();
        DataType { base: BaseType::Builtin(name.into()), modifiers, array: false }
    }

    /// Checked on PostgreSQL 15: whether pg_relation_filenode changes under ALTER COLUMN TYPE.
    #[test]
    fn which_changes_of_type_write_rows() {
        let schema = Schema::default();
        for (from, to, keeps) in [
            ("character varying(10)", "character varying(20)", true),
            ("character varying(10)", "character varying", true),
            ("character varying(10)", "text", true),
            ("text", "character varying", true),
            ("text", "character varying(10)", false),
            ("character varying(20)", "character varying(10)", false),
            ("character(10)", "text", false),
            ("numeric(10,2)", "numeric(12,2)", true),
            ("numeric(10,2)", "numeric", true),
            ("numeric(10,2)", "numeric(12,3)", false),
            ("numeric", "numeric(12,3)", false),
            ("integer", "bigint", false),
            ("cidr", "inet", true),
            ("inet", "cidr", false),
            ("timestamp with time zone(3)", "timestamp with time zone", true),
            ("timestamp with time zone", "timestamp with time zone(3)", false),
            ("timestamp without time zone", "timestamp with time zone", false),
            ("json", "jsonb", false),
            ("bit varying(3)", "bit varying(5)", true),
            ("bit(3)", "bit varying(5)", false),
            ("bit(1)", "bit varying", true),
            ("xml", "character varying", true),
            ("text", "name", false),
            ("interval(3)", "interval", true),
            ("timestamp without time zone", "timestamp without time zone(6)", true),
        ] {
            assert_eq!(keeps_storage(&schema, &data_type(from), &data_type(to)), keeps, "{from} -> {to}");
        }
    }

    #[test]
    fn what_a_type_cannot_hold() {
        let schema = Schema::default();
        for (from, to, narrow) in [
            ("character varying(10)", "character varying(20)", false),
            ("text", "character varying(20)", true),
            ("character varying(20)", "character varying(10)", true),
            ("bigint", "integer", true),
            ("integer", "bigint", false),
            ("numeric(4,3)", "numeric(5,4)", false),
            ("numeric(4,3)", "numeric(4,2)", true),
            ("numeric(10,2)", "numeric(10,4)", true),
            ("numeric(5,0)", "integer", false),
            ("integer", "numeric(12,2)", false),
            ("integer", "numeric(10,2)", true),
            ("timestamp with time zone", "timestamp without time zone", true),
            ("timestamp without time zone", "timestamp with time zone", false),
            ("text", "uuid", false),
        ] {
            assert_eq!(loses(&schema, &data_type(from), &data_type(to)).is_some(), narrow, "{from} -> {to}");
        }
    }
}
