//! Names that SQLAlchemy gives by convention. Source: `sqlalchemy/sql/naming.py`.

use smol_str::SmolStr;

use super::sql::{name_of, shorten};
use super::table::{constructor, given_name};
use crate::read::python::{Arguments, Heap, Kind, TermKind, Value};
use crate::source::Span;

/// The kinds of constraints by their keys in a convention, and the class that may stand there instead.
pub(crate) const KINDS: &[(&str, &str)] = &[
    ("pk", "PrimaryKeyConstraint"),
    ("uq", "UniqueConstraint"),
    ("fk", "ForeignKeyConstraint"),
    ("ck", "CheckConstraint"),
    ("ix", "Index"),
];

/// `MetaData(naming_convention={…})`: a template for each kind of constraint, and functions for tokens of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Convention {
    templates: Vec<(&'static str, SmolStr)>,
    functions: Vec<(SmolStr, Value)>,
}

impl Convention {
    /// Reads the dictionary; nothing where the value is none.
    pub(crate) fn read(heap: &Heap, value: &Value) -> Option<Self> {
        // `immutabledict({…})`
        let wrapped = value.as_call().filter(|(callee, _)| callee.last_name() == Some("immutabledict"));
        let value = wrapped.and_then(|(_, arguments)| arguments.positional.first()).unwrap_or(value);
        let Kind::Dict(dict) = value.kind else { return None };
        let template = |(kind, class): &(&'static str, &str)| {
            let is = |key: &Value| key.as_str() == Some(*kind) || key.last_name() == Some(*class);
            let (_, template) = heap.dict(dict).iter().rev().find(|(key, _)| is(key))?;
            Some((*kind, SmolStr::new(template.as_str()?)))
        };
        let functions = heap.dict(dict).iter().filter(|(_, value)| matches!(value.kind, Kind::Function(_)));
        let functions =
            functions.filter_map(|(token, function)| Some((SmolStr::new(token.as_str()?), function.clone())));
        Some(Self { templates: KINDS.iter().filter_map(template).collect(), functions: functions.collect() })
    }

    /// The functions that the template of this kind asks, by their tokens.
    pub(crate) fn functions(&self, kind: &str) -> Vec<(SmolStr, Value)> {
        let template = self.template(kind).unwrap_or_default();
        let asked = |(token, _): &&(SmolStr, Value)| template.contains(&format!("%({token})s"));
        self.functions.iter().filter(asked).cloned().collect()
    }

    /// Whether things of this kind get names by it.
    pub(crate) fn names(&self, kind: &str) -> bool {
        self.template(kind).is_some()
    }

    fn template(&self, kind: &str) -> Option<&str> {
        self.templates.iter().find(|(own, _)| *own == kind).map(|(_, template)| template.as_str())
    }
}

/// What is to be named.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    /// `pk`, `uq`, `fk`, `ck`, `ix`.
    pub(crate) kind: &'static str,
    pub(crate) schema: Option<&'a str>,
    pub(crate) table: &'a str,
    pub(crate) columns: &'a [String],
    pub(crate) referred_table: &'a str,
    pub(crate) referred_columns: &'a [String],
    /// The name given, which a template may take up.
    pub(crate) given: Option<&'a Value>,
    /// What the program's own functions say for tokens.
    pub(crate) custom: &'a [(SmolStr, String)],
}

/// The name by the metadata's convention; nothing where the name given stands, or none is.
pub(crate) fn name(convention: Option<&Convention>, named: &Named<'_>, span: Span) -> Option<Value> {
    let template = convention.and_then(|c| c.template(named.kind));
    let template = match template {
        Some(template) => template,
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
    Some(Value::text(&shorten(&made).unwrap_or(made), span))
}

/// The parts of a table, each with the name that the convention gives it: what `Table(…)` does with those that have none.
pub(crate) fn complete(
    heap: &Heap,
    convention: &Convention,
    schema: Option<&Value>,
    table: &Value,
    items: &[Value],
    span: Span,
) -> Vec<Value> {
    let Some(table) = name_of(table).ok().map(|name| name.as_str().to_owned()) else { return items.to_vec() };
    let schema = schema.and_then(Value::as_str);
    let whole = Named {
        kind: "pk",
        schema,
        table: &table,
        columns: &[],
        referred_table: "",
        referred_columns: &[],
        given: None,
        custom: &[],
    };
    let mut out = Vec::with_capacity(items.len());
    let mut behind = Vec::new();
    let mut of_key: Vec<Value> = Vec::new();
    let mut keyed = false;
    for item in items {
        let Some((kind, arguments)) = constructor(item) else {
            out.push(item.clone());
            continue;
        };
        match kind {
            "Column" | "mapped_column" => {
                let mut arguments = arguments.clone();
                let Some(column) = arguments.get(0, "name").cloned() else {
                    out.push(item.clone());
                    continue;
                };
                let columns = texts(std::slice::from_ref(&column));
                for part in &mut arguments.positional {
                    *part = constraint(heap, convention, part, &Named { columns: &columns, ..whole });
                }
                let yes = |name: &str| arguments.keyword(name).filter(|v| v.as_bool() == Some(true)).cloned();
                if yes("primary_key").is_some() {
                    of_key.push(column.clone());
                }
                let (unique, index) = (yes("unique"), yes("index"));
                let (kind, class, flag) = match (&unique, &index) {
                    (_, Some(flag)) => ("ix", "Index", Some(flag)),
                    (Some(flag), None) => ("uq", "UniqueConstraint", Some(flag)),
                    _ => ("", "", None),
                };
                if let Some(flag) = flag
                    && let Some(name) = name(Some(convention), &Named { kind, columns: &columns, ..whole }, flag.span)
                    && convention.names(kind)
                {
                    arguments.keywords.retain(|(keyword, _)| keyword != "unique" && keyword != "index");
                    let mut made = Arguments::default();
                    if kind == "ix" {
                        made.positional.push(name);
                        made.keywords.extend(unique.clone().map(|unique| ("unique".into(), unique)));
                    } else {
                        made.keywords.push(("name".into(), name));
                    }
                    made.positional.push(column);
                    behind.push(called(&format!("sqlalchemy.{class}"), made, flag.span));
                }
                out.push(called("sqlalchemy.Column", arguments, item.span));
            }
            _ => {
                keyed |= kind == "PrimaryKeyConstraint";
                // A key that names no columns is that of the columns that say so.
                let columns = if kind == "PrimaryKeyConstraint" && arguments.positional.is_empty() {
                    texts(&of_key)
                } else {
                    Vec::new()
                };
                out.push(constraint(heap, convention, item, &Named { columns: &columns, ..whole }));
            }
        }
    }
    let columns = texts(&of_key);
    if !keyed
        && !of_key.is_empty()
        && let Some(name) = name(Some(convention), &Named { columns: &columns, ..whole }, span)
    {
        let arguments = Arguments { positional: of_key, keywords: vec![("name".into(), name)], open: false };
        out.push(called("sqlalchemy.PrimaryKeyConstraint", arguments, span));
    }
    out.append(&mut behind);
    out
}

/// A constraint or an index with its name; everything else as it is.
fn constraint(heap: &Heap, convention: &Convention, item: &Value, of: &Named<'_>) -> Value {
    let Some((class, arguments)) = constructor(item) else { return item.clone() };
    let class = if class == "ForeignKey" { "ForeignKeyConstraint" } else { class };
    let Some((kind, _)) = KINDS.iter().find(|(_, own)| *own == class) else { return item.clone() };
    let list = |place: usize, name: &str| -> Vec<Value> {
        arguments.get(place, name).and_then(|list| heap.elements(list)).unwrap_or_default()
    };
    let mut own = Vec::new();
    let mut targets = Vec::new();
    match *kind {
        "fk" if arguments.get(0, "columns").is_some_and(|c| heap.elements(c).is_some()) => {
            own = texts(&list(0, "columns"));
            targets = list(1, "refcolumns");
        }
        "fk" => targets.extend(arguments.get(0, "column").cloned()),
        "ix" => own = texts(arguments.positional.get(1..).unwrap_or_default()),
        "pk" | "uq" => own = texts(&arguments.positional),
        _ => {}
    }
    let columns = if own.is_empty() { of.columns } else { own.as_slice() };
    let targets: Vec<(String, String)> = targets.iter().filter_map(target).collect();
    let referred_columns: Vec<String> = targets.iter().map(|(_, column)| column.clone()).collect();
    let referred_table = targets.first().map_or("", |(table, _)| table.as_str());
    let given = match *kind {
        "ix" => arguments.get(0, "name"),
        "fk" if own.is_empty() => arguments.keyword("name"),
        _ => given_name(class, arguments),
    };
    let named = Named { kind, columns, referred_table, referred_columns: &referred_columns, given, ..*of };
    let Some(name) = name(Some(convention), &named, item.span) else { return item.clone() };
    let mut arguments = arguments.clone();
    match arguments.positional.first_mut().filter(|_| *kind == "ix") {
        Some(first) => *first = name,
        None => {
            // By place it would come before the one by word.
            if *kind == "ck" {
                arguments.positional.truncate(1);
            }
            arguments.keywords.retain(|(keyword, _)| keyword != "name");
            arguments.keywords.push(("name".into(), name));
        }
    }
    match item.as_call() {
        Some((callee, _)) => Value::term(TermKind::Call(callee.clone(), arguments), item.span),
        None => item.clone(),
    }
}

/// `schema.table.column`: table and column.
fn target(value: &Value) -> Option<(String, String)> {
    let text = value.as_str()?;
    let (rest, column) = text.rsplit_once('.')?;
    Some((rest.rsplit('.').next()?.to_owned(), column.to_owned()))
}

/// The names that values stand for, as far as they do.
pub(crate) fn texts(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(|value| Some(name_of(value).ok()?.as_str().to_owned())).collect()
}

/// A call of something of a library.
pub(crate) fn called(path: &str, arguments: Arguments, span: Span) -> Value {
    let callee = Value::term(TermKind::Name(path.into()), span);
    Value::term(TermKind::Call(callee, arguments), span)
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
    if let Some((_, said)) = named.custom.iter().find(|(own, _)| own == token) {
        return Some(said.clone());
    }
    match token {
        "table_name" => return Some(named.table.to_owned()),
        "referred_table_name" if named.referred_table.is_empty() => return None,
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
    // Of a foreign key without columns, as `drop_constraint` makes one, a column's name is empty. Source: `ConventionDict._column_X`.
    if named.kind == "fk" && token.starts_with("column_") && columns.get(number).is_none() {
        return Some(String::new());
    }
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
