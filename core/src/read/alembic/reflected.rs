//! Types of columns as SQLAlchemy reads them from PostgreSQL, and what migrations ask of them. Source: `ischema_names` in
//! `sqlalchemy/dialects/postgresql/base.py`, the classes in `sqlalchemy/sql/sqltypes.py`, and what SQLAlchemy 2.0 gave on PostgreSQL 15.

use smol_str::SmolStr;

use crate::read::python::{Arguments, Interpreter, Kind, TermKind, Value};
use crate::schema::{BaseType, DataType, Schema, TypeKind};
use crate::source::Span;

/// The name under which a type keeps how it prints.
const PRINTED: &str = "_printed";

/// Types of PostgreSQL: name, class, what `str` prints, and the classes above it.
const TYPES: &[(&str, &str, &str, &[&str])] = &[
    ("character varying", "VARCHAR", "VARCHAR", &["String"]),
    ("character", "CHAR", "CHAR", &["String"]),
    ("text", "TEXT", "TEXT", &["Text", "String"]),
    ("integer", "INTEGER", "INTEGER", &["Integer"]),
    ("bigint", "BIGINT", "BIGINT", &["BigInteger", "Integer"]),
    ("smallint", "SMALLINT", "SMALLINT", &["SmallInteger", "Integer"]),
    ("boolean", "BOOLEAN", "BOOLEAN", &["Boolean"]),
    ("numeric", "NUMERIC", "NUMERIC", &["Numeric"]),
    ("double precision", "DOUBLE_PRECISION", "DOUBLE PRECISION", &["Double", "Float", "Numeric"]),
    ("real", "REAL", "REAL", &["Float", "Numeric"]),
    ("date", "DATE", "DATE", &["Date"]),
    ("timestamp without time zone", "TIMESTAMP", "TIMESTAMP", &["DateTime"]),
    ("timestamp with time zone", "TIMESTAMP", "TIMESTAMP", &["DateTime"]),
    ("time without time zone", "TIME", "TIME", &["Time"]),
    ("time with time zone", "TIME", "TIME", &["Time"]),
    ("interval", "INTERVAL", "INTERVAL", &[]),
    ("uuid", "UUID", "UUID", &["Uuid"]),
    ("json", "JSON", "JSON", &[]),
    ("jsonb", "JSONB", "JSONB", &["JSON"]),
    ("bytea", "BYTEA", "BYTEA", &["LargeBinary"]),
    ("inet", "INET", "INET", &[]),
    ("cidr", "CIDR", "CIDR", &[]),
    ("tsvector", "TSVECTOR", "TSVECTOR", &[]),
];

/// The type of a column as an inspector gives it.
pub(super) fn type_of(schema: &Schema, data_type: &DataType) -> Value {
    let span = Span::default();
    let mut arguments = Arguments::default();
    let mut keyword = |name: &'static str, kind: Kind| {
        arguments.keywords.push((SmolStr::new_static(name), Value::new(kind, span)));
    };
    let (class, printed) = match &data_type.base {
        _ if data_type.array => {
            let item = DataType { array: false, ..data_type.clone() };
            let item = type_of(schema, &item);
            arguments.positional.push(item);
            ("ARRAY", "ARRAY".to_owned())
        }
        BaseType::Builtin(name) => {
            let Some((name, class, printed, _)) = TYPES.iter().find(|(known, ..)| known == name) else {
                return Value::unknown(span);
            };
            let numbers: Vec<i64> = data_type.modifiers.iter().filter_map(|m| m.parse().ok()).collect();
            let names: &[&'static str] = match *class {
                "VARCHAR" | "CHAR" => &["length"],
                "NUMERIC" => &["precision", "scale"],
                "TIMESTAMP" | "TIME" => &["precision"],
                _ => &[],
            };
            for (name, number) in names.iter().zip(&numbers) {
                keyword(name, Kind::Int(*number));
            }
            if name.ends_with("with time zone") {
                keyword("timezone", Kind::Bool(true));
            }
            let shown: Vec<String> = numbers.iter().map(i64::to_string).collect();
            let shown = match (*class, shown.is_empty()) {
                ("VARCHAR" | "CHAR" | "NUMERIC", false) => format!("{printed}({})", shown.join(", ")),
                _ => (*printed).to_owned(),
            };
            (*class, shown)
        }
        BaseType::User(id) => {
            let Some(found) = schema.types.get(*id) else { return Value::unknown(span) };
            let TypeKind::Enum(labels) = &found.kind else { return Value::unknown(span) };
            arguments.positional.extend(labels.iter().map(|(label, _)| Value::text(label, span)));
            arguments.keywords.push((SmolStr::new_static("name"), Value::text(&found.name, span)));
            let home = schema.namespaces.get(found.namespace).filter(|home| home.name != "public");
            arguments.keywords.extend(home.map(|home| (SmolStr::new_static("schema"), Value::text(&home.name, span))));
            let longest = labels.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
            ("ENUM", format!("VARCHAR({longest})"))
        }
        _ => return Value::unknown(span),
    };
    arguments.keywords.push((SmolStr::new_static(PRINTED), Value::text(&printed, span)));
    let name = match class {
        "ENUM" | "JSONB" | "JSON" | "ARRAY" | "INET" | "CIDR" | "TSVECTOR" | "BYTEA" | "TIMESTAMP" | "TIME"
        | "INTERVAL" => {
            format!("sqlalchemy.dialects.postgresql.{class}")
        }
        _ => format!("sqlalchemy.{class}"),
    };
    let class = Value::term(TermKind::Name(SmolStr::new(name)), span);
    Value::term(TermKind::Call(class, arguments), span)
}

/// What `str` makes of a type that was read.
pub(super) fn printed(value: &Value) -> Option<&Value> {
    value.as_call()?.1.keyword(PRINTED)
}

/// `kind.length`, `kind.enums` of a type that was read.
pub(super) fn attribute(python: &mut Interpreter<'_>, value: &Value, name: &str, span: Span) -> Option<Value> {
    printed(value)?;
    let (callee, arguments) = value.as_call()?;
    let class = callee.last_name()?;
    match (class, name) {
        ("ENUM", "enums") => {
            let labels = arguments.positional.clone();
            Some(Value::new(Kind::List(python.heap.add_list(labels)), span))
        }
        ("ARRAY", "item_type") => arguments.positional.first().cloned(),
        (_, "length" | "precision" | "scale" | "timezone" | "name" | "schema") => {
            let none = match name {
                "timezone" => Kind::Bool(false),
                _ => Kind::None,
            };
            let has = matches!(
                (class, name),
                ("VARCHAR" | "CHAR" | "TEXT", "length")
                    | ("NUMERIC", "precision" | "scale")
                    | ("TIMESTAMP" | "TIME", "timezone" | "precision")
                    | ("ENUM", "name" | "schema")
            );
            has.then(|| arguments.keyword(name).cloned().unwrap_or(Value::new(none, span)))
        }
        _ => None,
    }
}

/// `isinstance(kind, sa.String)` of a type that was read; nothing where the class is not one of SQLAlchemy's.
pub(super) fn is_instance(value: &Value, class: &Value) -> Option<bool> {
    printed(value)?;
    let own = value.as_call()?.0.last_name()?;
    let (path, wanted) = (class.as_name()?, class.last_name()?);
    if !path.starts_with("sqlalchemy.") {
        return None;
    }
    if own == wanted || wanted == "TypeEngine" {
        return Some(true);
    }
    Some(match own {
        "ENUM" => matches!(wanted, "Enum" | "String"),
        _ => TYPES.iter().any(|(_, class, _, above)| *class == own && above.contains(&wanted)),
    })
}
