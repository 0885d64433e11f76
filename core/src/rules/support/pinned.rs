//! Deviations from what `relata.toml` pins. The rule about a convention asks here first: where it is pinned, no habit is looked for.

use super::{OwnColumn, builtin, each_word, is_enum, is_money, is_time, list, singular, surrogate, values_of, words};
use crate::finding::Certainty;
use crate::order::Order;
use crate::rules::{Context, Findings};
use crate::schema::{Column, ColumnNumber, ConstraintKind, ObjectId, Schema};
use crate::source::Span;

/// One thing that a pin is about, and what it is instead.
struct Deviation {
    subject: ObjectId,
    place: Span,
    message: String,
}

/// Reports what departs from the pin of this key of `[conventions]` or `[conventions.naming]`; `false` where nothing is pinned.
pub(crate) fn pinned(cx: &Context<'_>, key: &str, out: &mut Findings<'_>) -> bool {
    let pins = &cx.policy.conventions;
    let (pin, deviations) = match key {
        "primary-key-type" => (pins.primary_key_type.clone(), primary_keys(cx, pins.primary_key_type.as_deref(), out)),
        "timestamp-type" => (pins.timestamp_type.map(str::to_owned), timestamps(cx, pins.timestamp_type, out)),
        "enum-strategy" => (pins.enum_strategy.map(str::to_owned), enums(cx, pins.enum_strategy, out)),
        "money-type" => (pins.money_type.clone(), numbers(cx, pins.money_type.as_deref(), &is_money, out)),
        "score-type" => (pins.score_type.clone(), numbers(cx, pins.score_type.as_deref(), &is_score, out)),
        "table-number" => (pins.table_number.map(str::to_owned), table_numbers(cx, pins.table_number, out)),
        _ => {
            let pattern = pins.naming.get(key);
            (pattern.map(|p| p.as_str().to_owned()), names(cx, key, out))
        }
    };
    let Some(pin) = pin else { return false };
    for Deviation { subject, place, message } in deviations {
        out.report(subject, place, message)
            .certainty(Certainty::Proven)
            .evidence(format!("`relata.toml` says `{key} = \"{pin}\"`."));
    }
    true
}

/// Whether a column's name says that it holds a score or a share.
pub(crate) fn is_score(name: &str) -> bool {
    const WORDS: &[&str] = &["confidence", "probability", "rate", "ratio", "score", "similarity"];
    each_word(name).any(|w| WORDS.contains(&w.as_ref()))
}

/// A type as people write it: `timestamptz`, `int` and `decimal` are names of others, blanks mean nothing.
pub(crate) fn plain_type(written: &str) -> String {
    let text: String = written.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, rest) = match text.find('(') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    let name = match name.trim() {
        "int" | "int4" | "serial" => "integer",
        "int8" | "bigserial" => "bigint",
        "int2" | "smallserial" => "smallint",
        "decimal" => "numeric",
        "varchar" => "character varying",
        "float8" | "float" => "double precision",
        "float4" => "real",
        "bool" => "boolean",
        name => name,
    };
    format!("{name}{}", rest.replace(' ', ""))
}

fn shown(schema: &Schema, column: &Column) -> String {
    plain_type(&super::base_type(schema, &column.data_type).display(schema))
}

fn primary_keys(cx: &Context<'_>, pin: Option<&str>, out: &mut Findings<'_>) -> Vec<Deviation> {
    let Some(pin) = pin.map(plain_type) else { return Vec::new() };
    let keys = cx.tables().filter_map(|(id, table)| surrogate(cx, table).map(|(number, column)| (id, number, column)));
    keys.inspect(|_| out.look())
        .filter(|(.., column)| shown(cx.schema, column) != pin)
        .map(|(id, number, column)| Deviation {
            subject: ObjectId::Column(id, number),
            place: column.type_span,
            message: format!("`{}` is a key of type `{}`.", cx.column_name(id, number), shown(cx.schema, column)),
        })
        .collect()
}

fn timestamps(cx: &Context<'_>, pin: Option<&str>, out: &mut Findings<'_>) -> Vec<Deviation> {
    let wanted = match pin {
        Some("timestamptz") => "timestamp with time zone",
        Some(_) => "timestamp without time zone",
        None => return Vec::new(),
    };
    cx.columns_of(|t| is_time(cx.schema, t))
        .into_iter()
        .filter_map(|(id, _, number, c)| Some((id, number, c, builtin(cx.schema, &c.data_type)?)))
        .filter(|(.., kind)| *kind != "date")
        .inspect(|_| out.look())
        .filter(|(.., kind)| *kind != wanted)
        .map(|(id, number, column, kind)| Deviation {
            subject: ObjectId::Column(id, number),
            place: column.type_span,
            message: format!("`{}` is a `{kind}`.", cx.column_name(id, number)),
        })
        .collect()
}

/// The columns whose values are kept to a closed set, in the order of their tables, and how: by an enum type, or by a CHECK list.
pub(crate) fn enum_strategies<'a>(cx: &Context<'a>) -> Vec<(OwnColumn<'a>, &'static str)> {
    let mut found: Vec<(OwnColumn<'a>, &'static str)> =
        cx.columns_of(|t| is_enum(cx.schema, t)).into_iter().map(|column| (column, "enum")).collect();
    for (id, table) in cx.tables() {
        for (_, constraint) in cx.schema.constraints_of(table) {
            if let (ConstraintKind::Check(check), [number]) = (&constraint.kind, constraint.columns.as_slice())
                && let Some(column) = table.column(*number)
                && column.inherit_count == 0
                && values_of(check.source.tree(), &column.name).is_some_and(|v| v.len() > 1)
            {
                found.push(((id, table, *number, column), "check"));
            }
        }
    }
    // A column with both is kept by its type.
    let place =
        |((table, _, number, _), strategy): &(OwnColumn<'_>, &'static str)| (*table, *number, *strategy == "check");
    found.order_by_key(place);
    found.dedup_by_key(|((table, _, number, _), _)| (*table, *number));
    found
}

fn enums(cx: &Context<'_>, pin: Option<&'static str>, out: &mut Findings<'_>) -> Vec<Deviation> {
    let Some(pin) = pin else { return Vec::new() };
    let mut deviations = Vec::new();
    for ((id, _, number, column), strategy) in enum_strategies(cx) {
        out.look();
        if strategy != pin {
            let how = if strategy == "enum" { "an enum type" } else { "a CHECK list" };
            let message = format!("`{}` is kept to its values by {how}.", cx.column_name(id, number));
            deviations.push(Deviation { subject: ObjectId::Column(id, number), place: column.type_span, message });
        }
    }
    deviations
}

fn numbers(
    cx: &Context<'_>,
    pin: Option<&str>,
    named: &dyn Fn(&str) -> bool,
    out: &mut Findings<'_>,
) -> Vec<Deviation> {
    let Some(pin) = pin.map(plain_type) else { return Vec::new() };
    cx.columns_where(named, |t| super::is_number(cx.schema, t) || builtin(cx.schema, t) == Some("money"))
        .into_iter()
        .inspect(|_| out.look())
        .filter(|(.., c)| shown(cx.schema, c) != pin)
        .map(|(id, _, number, column)| Deviation {
            subject: ObjectId::Column(id, number),
            place: column.type_span,
            message: format!("`{}` is of type `{}`.", cx.column_name(id, number), shown(cx.schema, column)),
        })
        .collect()
}

fn table_numbers(cx: &Context<'_>, pin: Option<&'static str>, out: &mut Findings<'_>) -> Vec<Deviation> {
    let Some(pin) = pin else { return Vec::new() };
    let mut deviations = Vec::new();
    for (id, table) in cx.tables() {
        out.look();
        let words = words(&table.name);
        let Some(last) = words.last().filter(|w| w.chars().all(char::is_alphabetic)) else { continue };
        // A word whose plural nobody can tell from its singular follows either.
        let is_plural = singular(last) != last.as_str();
        let is_singular = !is_plural && !last.ends_with('s');
        if (pin == "singular" && is_plural) || (pin == "plural" && is_singular) {
            let other = if is_plural { "plural" } else { "singular" };
            let message = format!("`{}` is named in the {other}.", cx.table_name(id));
            deviations.push(Deviation { subject: ObjectId::Table(id), place: table.name_span, message });
        }
    }
    deviations
}

fn names(cx: &Context<'_>, key: &str, out: &mut Findings<'_>) -> Vec<Deviation> {
    let all = named(cx, key).into_iter().inspect(|_| out.look());
    all.filter(|n| !n.fits)
        .map(|Named { subject, place, .. }| Deviation {
            subject,
            place,
            message: format!("`{}` is not named as it should be.", cx.name(subject)),
        })
        .collect()
}

/// A name that a pattern is for.
pub(crate) struct Named {
    pub(crate) subject: ObjectId,
    pub(crate) place: Span,
    /// Whether it follows the pattern.
    pub(crate) fits: bool,
}

/// The names that a pattern of `[conventions.naming]` is for; none where there is no such pattern.
pub(crate) fn named(cx: &Context<'_>, key: &str) -> Vec<Named> {
    let Some(pattern) = cx.policy.conventions.naming.get(key) else { return Vec::new() };
    let schema = cx.schema;
    let mut found = Vec::new();
    for (id, table) in cx.tables() {
        let namespace = schema.namespaces.get(table.namespace).map(|n| n.name.to_string()).unwrap_or_default();
        let mut check = |name: &str, columns: &[ColumnNumber], references: &str, subject: ObjectId, place: Span| {
            let fill = |of: &str| match of {
                "table" => table.name.to_string(),
                "columns" => {
                    let names: Vec<&str> =
                        columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
                    names.join("_")
                }
                "references" => references.to_owned(),
                _ => namespace.clone(),
            };
            found.push(Named { subject, place, fits: pattern.matches(name, &fill) });
        };
        match key {
            "tables" => check(&table.name, &[], "", ObjectId::Table(id), table.name_span),
            "columns" => {
                for (number, column) in table.live_columns().filter(|(_, c)| c.inherit_count == 0) {
                    check(&column.name, &[number], "", ObjectId::Column(id, number), column.name_span);
                }
            }
            "indexes" => {
                for (index_id, index) in schema.indexes_of(table) {
                    if index.constraint.is_none() && index.parent.is_none() {
                        let columns = super::key_columns(index).unwrap_or_default();
                        check(&index.name, &columns, "", ObjectId::Index(index_id), index.span);
                    }
                }
            }
            _ => {
                for (constraint_id, constraint) in schema.constraints_of(table) {
                    let (of, references) = match &constraint.kind {
                        ConstraintKind::PrimaryKey => ("primary-keys", None),
                        ConstraintKind::Unique { .. } => ("uniques", None),
                        ConstraintKind::Check(_) => ("checks", None),
                        ConstraintKind::ForeignKey(fk) => {
                            ("foreign-keys", schema.tables.get(fk.references).map(|t| t.name.to_string()))
                        }
                        ConstraintKind::Exclude { .. } => continue,
                    };
                    if of == key && constraint.parent.is_none() && constraint.inherit_count == 0 {
                        let references = references.unwrap_or_default();
                        let subject = ObjectId::Constraint(constraint_id);
                        check(&constraint.name, &constraint.columns, &references, subject, constraint.span);
                    }
                }
            }
        }
    }
    found
}

/// What a pin of migrations' names finds: the files that depart, as `a`, `b` and more.
pub(crate) fn unmatched_files(cx: &Context<'_>) -> Option<(String, Vec<u32>)> {
    let pattern = cx.policy.conventions.naming.get("migrations")?;
    let odd: Vec<u32> = cx
        .revisions()
        .filter(|(_, r)| !pattern.matches(cx.folder_and_name(r.file).1, &|_| String::new()))
        .map(|(at, _)| at)
        .collect();
    let names: Vec<String> = odd
        .iter()
        .filter_map(|at| cx.history.revisions.get(*at as usize))
        .map(|r| format!("`{}`", cx.file_name(r)))
        .collect();
    Some((list(&names), odd))
}
