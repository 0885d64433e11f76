//! Names that SQLAlchemy gives by convention. Source: `sqlalchemy/sql/naming.py`.

use super::md5;
use crate::read::python::{Heap, Kind, Value};
use crate::source::Span;

/// The longest name of PostgreSQL's.
const MAX_NAME: usize = 63;

/// What is to be named.
pub(super) struct Named<'a> {
    /// `pk`, `uq`, `fk`, `ck`, `ix`.
    pub(super) kind: &'static str,
    pub(super) schema: Option<&'a str>,
    pub(super) table: &'a str,
    pub(super) columns: &'a [String],
    pub(super) referred_table: &'a str,
    pub(super) referred_columns: &'a [String],
    /// The name given, which a template may take up.
    pub(super) given: Option<&'a Value>,
}

/// The name by the metadata's convention; nothing where the name given stands, or none is.
pub(super) fn name(heap: &Heap, convention: Option<&Value>, named: &Named<'_>, span: Span) -> Option<Value> {
    let template = convention.and_then(|c| template(heap, c, named.kind));
    let template = match &template {
        Some(template) => template.as_str()?,
        None if named.kind == "ix" => "ix_%(column_0_label)s",
        None => return None,
    };
    let takes_up = template.contains("%(constraint_name)s");
    let given = named.given.filter(|g| !g.is_none());
    if let Some(given) = given {
        let finished = given.as_call().is_some_and(|(callee, _)| matches!(callee.last_name(), Some("conv" | "f")));
        if finished || !takes_up {
            return None;
        }
    } else if takes_up {
        return None;
    }
    let made = fill(template, named, given.and_then(Value::as_str))?;
    Some(Value::text(&shorten(&made), span))
}

/// The template for a kind of constraint: under its key, or under its class.
fn template(heap: &Heap, convention: &Value, kind: &str) -> Option<Value> {
    let Kind::Dict(dict) = convention.kind else { return None };
    let class = match kind {
        "pk" => "PrimaryKeyConstraint",
        "uq" => "UniqueConstraint",
        "fk" => "ForeignKeyConstraint",
        "ck" => "CheckConstraint",
        _ => "Index",
    };
    let found =
        heap.dict(dict).iter().rev().find(|(key, _)| key.as_str() == Some(kind) || key.last_name() == Some(class));
    found.map(|(_, value)| value.clone())
}

fn fill(template: &str, named: &Named<'_>, given: Option<&str>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("%(") {
        out.push_str(before);
        let (token, behind) = behind.split_once(")s")?;
        out.push_str(&value(token, named, given)?);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

/// What a token stands for; nothing for one of the program's own.
fn value(token: &str, named: &Named<'_>, given: Option<&str>) -> Option<String> {
    match token {
        "table_name" => return Some(named.table.to_owned()),
        "referred_table_name" => return Some(named.referred_table.to_owned()),
        "constraint_name" => return given.map(str::to_owned),
        _ => {}
    }
    let (columns, rest) = match token.strip_prefix("referred_") {
        Some(rest) => (named.referred_columns, rest),
        None => (named.columns, token),
    };
    let rest = rest.strip_prefix("column_")?;
    let (number, what) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
    let label = |column: &String| match named.schema {
        Some(schema) => format!("{}_{}_{column}", schema.replace('.', "_"), named.table),
        None => format!("{}_{column}", named.table),
    };
    let number: usize = number.parse().ok()?;
    let all = |separator: &str, show: &dyn Fn(&String) -> String| {
        columns.iter().skip(number).map(show).collect::<Vec<_>>().join(separator)
    };
    Some(match what {
        "_name" | "_key" => columns.get(number)?.clone(),
        "_label" => label(columns.get(number)?),
        "N_name" | "N_key" => all("", &String::clone),
        "_N_name" | "_N_key" => all("_", &String::clone),
        "N_label" => all("", &label),
        "_N_label" => all("_", &label),
        _ => return None,
    })
}

/// A name that is made is cut to the length that the server takes. Source: `IdentifierPreparer._truncate_and_render_maxlen_name`.
fn shorten(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    let digest = md5::hex(name);
    let start: String = name.chars().take(MAX_NAME - 8).collect();
    format!("{start}_{}", digest.get(28..).unwrap_or_default())
}
