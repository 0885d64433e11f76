//! Column types as SQLAlchemy's PostgreSQL dialect writes them. Source: `sqlalchemy/dialects/postgresql/base.py`, `PGTypeCompiler`.

use std::rc::Rc;

use super::sql::{Known, Sql, Unknown, name_of};
use crate::read::python::{Arguments, ClassId, Interpreter, Kind, TermKind, Value};
use crate::source::{Mapped, Span};

/// How deep types may nest: decorators of decorators, arrays of arrays.
const MAX_DEPTH: u32 = 12;

/// A column's type.
#[derive(Clone, Debug)]
pub(crate) struct ColumnType {
    /// How it is written.
    pub(crate) sql: Mapped,
    /// The size of a whole number, where it is one: it may number itself.
    pub(crate) integer: Option<Integer>,
    /// An enumeration that is a type of its own.
    pub(crate) named: Option<NamedEnum>,
    /// The labels that a check on the column allows: an enumeration that is no type (`native_enum=False, create_constraint=True`), with its name.
    pub(crate) check: Option<(Option<Value>, Vec<Mapped>)>,
}

/// Whole numbers, by what makes them number themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Integer {
    Small,
    Normal,
    Big,
}

impl Integer {
    /// The type that numbers itself.
    pub(crate) fn serial(self) -> &'static str {
        match self {
            Self::Small => "SMALLSERIAL",
            Self::Normal => "SERIAL",
            Self::Big => "BIGSERIAL",
        }
    }
}

/// An enumeration type.
#[derive(Clone, Debug)]
pub(crate) struct NamedEnum {
    pub(crate) schema: Option<Value>,
    pub(crate) name: Rc<Mapped>,
    pub(crate) labels: Vec<Mapped>,
    /// Whether making a table makes the type.
    pub(crate) create: bool,
    pub(crate) span: Span,
}

/// Types of well-known packages that are built on SQLAlchemy's, by the end of their dotted path: what they are on PostgreSQL.
/// Source: each package's own class (`impl`, `load_dialect_impl`, `get_col_spec`).
const KNOWN: &[(&str, &str)] = &[
    ("sqlmodel.AutoString", "VARCHAR?"),
    ("sqlmodel.sql.sqltypes.AutoString", "VARCHAR?"),
    ("sqlmodel.GUID", "UUID"),
    ("pgvector.sqlalchemy.Vector", "VECTOR?"),
    ("pgvector.sqlalchemy.VECTOR", "VECTOR?"),
    ("pgvector.sqlalchemy.HALFVEC", "HALFVEC?"),
    ("pgvector.sqlalchemy.SPARSEVEC", "SPARSEVEC?"),
    ("pgvector.sqlalchemy.BIT", "BIT?"),
    ("fastapi_users_db_sqlalchemy.generics.GUID", "UUID"),
    ("fastapi_users_db_sqlalchemy.GUID", "UUID"),
    ("advanced_alchemy.types.GUID", "UUID"),
    ("advanced_alchemy.types.DateTimeUTC", "TIMESTAMP WITH TIME ZONE"),
    ("advanced_alchemy.types.JsonB", "JSONB"),
    ("advanced_alchemy.types.BigIntIdentity", "BIGINT"),
    ("sqlalchemy_utc.UtcDateTime", "TIMESTAMP WITH TIME ZONE"),
    ("sqlalchemy_utils.UUIDType", "UUID"),
    ("sqlalchemy_utils.JSONType", "JSON"),
    ("sqlalchemy_utils.EmailType", "VARCHAR(255)"),
    ("sqlalchemy_utils.URLType", "TEXT"),
    ("sqlalchemy_utils.LtreeType", "LTREE"),
    ("sqlalchemy_utils.TSVectorType", "TSVECTOR"),
    ("sqlalchemy_utils.ArrowType", "TIMESTAMP WITHOUT TIME ZONE"),
    ("sqlalchemy_utils.IPAddressType", "VARCHAR(50)"),
    ("sqlalchemy_utils.TimezoneType", "VARCHAR(50)"),
    ("sqlalchemy_utils.PhoneNumberType", "VARCHAR(20)"),
    ("sqlalchemy_utils.ColorType", "VARCHAR(20)"),
    ("sqlalchemy_utils.CountryType", "VARCHAR(2)"),
    ("sqlalchemy_utils.CurrencyType", "VARCHAR(3)"),
    ("sqlalchemy_utils.LocaleType", "VARCHAR(10)"),
    ("sqlalchemy_utils.ScalarListType", "TEXT"),
    ("sqlalchemy_utils.WeekDaysType", "BIT(7)"),
    ("sqlalchemy_utils.StringEncryptedType", "VARCHAR"),
    ("sqlalchemy_utils.EncryptedType", "BYTEA"),
    ("sqlalchemy_utils.PasswordType", "BYTEA"),
    ("sqlalchemy_utils.EnrichedDateTimeType", "TIMESTAMP WITH TIME ZONE"),
    ("sqlalchemy_utils.EnrichedDateType", "DATE"),
    ("citext.CIText", "CITEXT"),
    ("depot.fields.sqlalchemy.UploadedFileField", "VARCHAR(4000)"),
    ("flask_appbuilder.models.mixins.FileColumn", "TEXT"),
    ("flask_appbuilder.models.mixins.ImageColumn", "TEXT"),
    ("flask_security.AsaList", "TEXT"),
    ("geoalchemy2.Raster", "RASTER"),
    ("sqlalchemy_file.FileField", "JSON"),
    ("sqlalchemy_file.ImageField", "JSON"),
    ("sqlalchemy_json.MutableJson", "JSON"),
    ("sqlalchemy_json.NestedMutableJson", "JSON"),
    ("advanced_alchemy.types.EncryptedString", "VARCHAR"),
    ("advanced_alchemy.types.EncryptedText", "TEXT"),
    ("airflow.utils.sqlalchemy.UtcDateTime", "TIMESTAMP WITH TIME ZONE"),
    ("airflow.utils.sqlalchemy.ExtendedJSON", "JSONB"),
    ("airflow.utils.sqlalchemy.ExecutorConfigType", "BYTEA"),
    ("airflow.migrations.db_types.TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    ("airflow.migrations.db_types.StringID", "VARCHAR(250)"),
    ("airflow.models.base.StringID", "VARCHAR(250)"),
    ("oslo_db.sqlalchemy.types.SoftDeleteInteger", "INTEGER"),
    ("oslo_db.sqlalchemy.types.String", "VARCHAR?"),
    ("oslo_db.sqlalchemy.types.JsonEncodedDict", "TEXT"),
    ("oslo_db.sqlalchemy.types.JsonEncodedList", "TEXT"),
    ("prefect.server.utilities.database.UUID", "UUID"),
    ("prefect.server.utilities.database.Timestamp", "TIMESTAMP WITH TIME ZONE"),
    ("prefect.server.utilities.database.JSON", "JSONB"),
    ("prefect.server.utilities.database.Pydantic", "JSONB"),
];

/// Types that many projects define for themselves under one name, after the recipe in SQLAlchemy's manual ("Marshal JSON Strings"): what they are where
/// their definition was not given.
const BY_NAME: &[(&str, &str)] = &[
    ("JSONEncodedDict", "TEXT"),
    ("JSONEncodedList", "TEXT"),
    ("JSONEncodedType", "TEXT"),
    ("JSONEncodedObj", "TEXT"),
];

/// Types that are written as their name says, whatever they are called with.
const PLAIN: &[&str] = &[
    "JSON",
    "JSONB",
    "BYTEA",
    "HSTORE",
    "INET",
    "CIDR",
    "CITEXT",
    "MACADDR",
    "MACADDR8",
    "MONEY",
    "OID",
    "REGCLASS",
    "REGCONFIG",
    "TSVECTOR",
    "TSQUERY",
    "JSONPATH",
    "INT4RANGE",
    "INT8RANGE",
    "NUMRANGE",
    "DATERANGE",
    "TSRANGE",
    "TSTZRANGE",
    "INT4MULTIRANGE",
    "INT8MULTIRANGE",
    "NUMMULTIRANGE",
    "DATEMULTIRANGE",
    "TSMULTIRANGE",
    "TSTZMULTIRANGE",
    "DATE",
    "BOOLEAN",
    "REAL",
    "BLOB",
    "DATETIME",
    "DOUBLE",
    "XML",
];

impl ColumnType {
    /// A type of which only the name is known: `name%TYPE`, which replay takes as it is.
    pub(crate) fn elsewhere(value: &Value) -> Self {
        let callee = value.as_call().map_or(value, |(callee, _)| callee);
        let name = named_elsewhere(value).or_else(|| callee.last_name().map(str::to_owned));
        let name = name.unwrap_or_else(|| "unknown".to_owned()).replace('"', "");
        match BY_NAME.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, sql)) => plain(sql, value.span),
            None => plain(&format!("\"{name}\"%TYPE"), value.span),
        }
    }
}

/// The name of an enumeration whose class is not of the input: `Enum(Status)` is called `status`.
fn named_elsewhere(value: &Value) -> Option<String> {
    let (callee, arguments) = value.as_call()?;
    let class = arguments.positional.first().filter(|_| matches!(callee.last_name(), Some("Enum" | "ENUM")))?;
    match arguments.keyword("name").filter(|name| !name.is_none()) {
        Some(name) => name.as_str().map(str::to_owned),
        None => Some(class.last_name()?.to_lowercase()),
    }
}

fn plain(sql: &str, span: Span) -> ColumnType {
    ColumnType { sql: Mapped::made(sql, span), integer: None, named: None, check: None }
}

/// The type that a value stands for.
pub(crate) fn column_type(python: &mut Interpreter<'_>, value: &Value, depth: u32) -> Known<ColumnType> {
    let span = value.span;
    if depth > MAX_DEPTH {
        return Err(Unknown(span));
    }
    let none = Arguments::default();
    let (callee, arguments) = value.as_call().unwrap_or((value, &none));
    // `type.with_variant(other, "postgresql")`.
    if let Some(TermKind::Attribute(object, name)) = callee.as_term() {
        let dialects = arguments.positional.get(1..).unwrap_or_default();
        return match name.as_str() {
            "with_variant" if dialects.iter().any(|d| d.as_str() == Some("postgresql")) => {
                let variant = arguments.get(0, "type_").ok_or(Unknown(span))?;
                column_type(python, variant, depth + 1)
            }
            // `Changes.as_mutable(type)` of a class of the input.
            "as_mutable" => column_type(python, arguments.get(0, "sqltype").ok_or(Unknown(span))?, depth + 1),
            // `Decorator().impl` is what a decorator of a well-known package is built on.
            "with_variant" | "evaluates_none" | "copy" | "impl" => column_type(python, object, depth + 1),
            // `MutableDict.as_mutable(type)`, `dialect.type_descriptor(type)`.
            "type_descriptor" => column_type(python, arguments.get(0, "typeobj").ok_or(Unknown(span))?, depth + 1),
            _ => Err(Unknown(span)),
        };
    }
    if let Kind::Class(class) = callee.kind {
        return of_class(python, class, arguments, span, depth);
    }
    let Some(path) = callee.as_name() else { return Err(Unknown(span)) };
    if path.ends_with(".as_mutable") {
        return column_type(python, arguments.get(0, "sqltype").ok_or(Unknown(span))?, depth + 1);
    }
    if let Some(known) = known(path, arguments, span) {
        return Ok(known);
    }
    let name = path.rsplit('.').next().unwrap_or(path);
    let int = |place: usize, name: &str| arguments.get(place, name).and_then(Value::as_int);
    let flag = |place: usize, name: &str| arguments.get(place, name).and_then(Value::as_bool);
    let length = |sql: &str| match int(0, "length").filter(|len| *len != 0) {
        Some(len) => format!("{sql}({len})"),
        None => sql.to_owned(),
    };
    let whole = |sql: &str, integer| ColumnType { integer: Some(integer), ..plain(sql, span) };
    let zoned = |sql: &str, place: usize| {
        let precision = int(1, "precision").map_or(String::new(), |p| format!("({p})"));
        let zone = if flag(place, "timezone") == Some(true) { "WITH" } else { "WITHOUT" };
        format!("{sql}{precision} {zone} TIME ZONE")
    };
    let number = |sql: &str| match (int(0, "precision"), int(1, "scale")) {
        (Some(p), Some(s)) => format!("{sql}({p}, {s})"),
        (Some(p), None) => format!("{sql}({p})"),
        _ => sql.to_owned(),
    };
    let mut found = match name {
        "Integer" | "INTEGER" | "INT" => whole("INTEGER", Integer::Normal),
        "BigInteger" | "BIGINT" => whole("BIGINT", Integer::Big),
        "SmallInteger" | "SMALLINT" => whole("SMALLINT", Integer::Small),
        "String" | "VARCHAR" | "Unicode" => plain(&length("VARCHAR"), span),
        "Text" | "TEXT" | "UnicodeText" => plain(&length("TEXT"), span),
        "CHAR" | "NCHAR" | "NVARCHAR" | "BINARY" | "VARBINARY" | "CLOB" => plain(&length(name), span),
        "Boolean" | "BOOLEAN" | "BOOL" => plain("BOOLEAN", span),
        "DateTime" => plain(&zoned("TIMESTAMP", 0), span),
        "TIMESTAMP" => plain(&zoned("TIMESTAMP", 0), span),
        // Source: `fastapi_users_db_sqlalchemy/generics.py`.
        "TIMESTAMPAware" if path.starts_with("fastapi_users_db_sqlalchemy.") => plain(&zoned("TIMESTAMP", 0), span),
        "Time" | "TIME" => plain(&zoned("TIME", 0), span),
        // Source: `sqlalchemy_utils/types/choice.py`.
        "ChoiceType" if path.starts_with("sqlalchemy_utils.") => {
            match arguments.get(1, "impl").filter(|i| !i.is_none()) {
                Some(inner) => column_type(python, inner, depth + 1)?,
                None => plain("VARCHAR(255)", span),
            }
        }
        "Date" => plain("DATE", span),
        "Interval" => match int(1, "second_precision") {
            Some(p) => plain(&format!("INTERVAL ({p})"), span),
            None => plain("INTERVAL", span),
        },
        "INTERVAL" => {
            let fields = arguments.get(1, "fields").and_then(Value::as_str).map_or(String::new(), |f| format!(" {f}"));
            let precision = int(0, "precision").map_or(String::new(), |p| format!(" ({p})"));
            plain(&format!("INTERVAL{fields}{precision}"), span)
        }
        "Numeric" | "NUMERIC" => plain(&number("NUMERIC"), span),
        "DECIMAL" | "Decimal" => plain(&number("DECIMAL"), span),
        "Float" | "FLOAT" => match int(0, "precision").filter(|p| *p != 0) {
            Some(p) => plain(&format!("FLOAT({p})"), span),
            None => plain("FLOAT", span),
        },
        "Double" | "DOUBLE_PRECISION" => plain("DOUBLE PRECISION", span),
        "LargeBinary" | "PickleType" => plain("BYTEA", span),
        "Uuid" if flag(1, "native_uuid") == Some(false) => plain("CHAR(32)", span),
        "Uuid" | "UUID" => plain("UUID", span),
        "BIT" => {
            let varying = if flag(1, "varying") == Some(true) { " VARYING" } else { "" };
            plain(&format!("BIT{varying}{}", int(0, "length").map_or(String::new(), |n| format!("({n})"))), span)
        }
        "ARRAY" => {
            let item = arguments.get(0, "item_type").ok_or(Unknown(span))?;
            let mut item = column_type(python, item, depth + 1)?;
            let dimensions = arguments.keyword("dimensions").and_then(Value::as_int).unwrap_or(1).clamp(1, 6);
            // A collation is one of the column: it stands behind the brackets. Source: `PGTypeCompiler.visit_ARRAY`.
            let text = item.sql.as_str();
            let end = text.rfind(" COLLATE ").unwrap_or(text.len());
            let mut sql = item.sql.slice(0, end);
            for _ in 0..dimensions {
                sql.push("[]", span);
            }
            sql.append_range(&item.sql, end, text.len());
            item.sql = sql;
            ColumnType { integer: None, ..item }
        }
        "Enum" | "ENUM" => return enumeration(python, arguments, name == "ENUM", span),
        "DOMAIN" => {
            let mut sql = Sql::default();
            sql.qualified(arguments.keyword("schema"), arguments.get(0, "name").ok_or(Unknown(span))?)?;
            ColumnType { sql: sql.text, ..plain("", span) }
        }
        "Geometry" | "Geography" => {
            let kind = arguments.get(0, "geometry_type").and_then(Value::as_str).unwrap_or("GEOMETRY").to_owned();
            let srid = int(1, "srid").unwrap_or(-1);
            plain(&format!("{}({kind},{srid})", name.to_ascii_lowercase()), span)
        }
        name if PLAIN.contains(&name) => plain(name, span),
        _ => return Err(Unknown(span)),
    };
    if let Some(collation) = arguments.keyword("collation").filter(|c| !c.is_none()) {
        let mut sql = Sql { text: std::mem::take(&mut found.sql) };
        sql.word(" COLLATE ", collation.span).name(&*name_of(collation)?);
        found.sql = sql.text;
    }
    Ok(found)
}

/// A type of a well-known package. A `?` takes the first argument in parentheses.
fn known(path: &str, arguments: &Arguments, span: Span) -> Option<ColumnType> {
    let last = path.rsplit('.').next()?;
    let root = path.split('.').next()?;
    let (_, sql) = KNOWN.iter().find(|(known, _)| {
        // A package gives its types also from submodules.
        *known == path
            || (!root.starts_with("airflow")
                && known.rsplit('.').next() == Some(last)
                && known.split('.').next() == Some(root))
    })?;
    let length = arguments.positional.first().or(arguments.keyword("length")).or(arguments.keyword("dim"));
    let length = length.and_then(Value::as_int);
    if path.ends_with(".StringID") {
        return Some(plain(&format!("VARCHAR({})", length.unwrap_or(250)), span));
    }
    Some(match (sql.strip_suffix('?'), length) {
        (Some(sql), Some(length)) => plain(&format!("{sql}({length})"), span),
        (Some(sql), None) => plain(sql, span),
        (None, _) => plain(sql, span),
    })
}

/// A type that the input defines: `TypeDecorator`, `UserDefinedType`, or one that extends another type.
fn of_class(
    python: &mut Interpreter<'_>,
    class: ClassId,
    arguments: &Arguments,
    span: Span,
    depth: u32,
) -> Known<ColumnType> {
    let (this, passed) = python.instance(class, arguments.clone(), span);
    let Kind::Class(own) = this.kind else { return Err(Unknown(span)) };
    let method = |python: &mut Interpreter<'_>, name: &str, positional: Vec<Value>| {
        let function = python.class_attribute(class, name, 0).filter(|f| matches!(f.kind, Kind::Function(_)))?;
        Some(python.run_function(&function, &Arguments { positional, ..Arguments::default() }))
    };
    if let Some(spec) = method(python, "get_col_spec", vec![this.clone()])
        && let Some(text) = spec.as_text()
    {
        return Ok(ColumnType { sql: (**text).clone(), ..plain("", span) });
    }
    // What it is on this dialect, where the method says so.
    let dialect = Value::term(TermKind::Attribute(Value::unknown(span), "dialect".into()), span);
    if let Some(found) = method(python, "load_dialect_impl", vec![this, dialect])
        && let Ok(found) = column_type(python, &found, depth + 1)
    {
        return Ok(found);
    }
    let implementation = python.class_attribute(own, "impl", 0).or_else(|| extended(python, class, 0));
    let implementation = implementation.ok_or(Unknown(span))?;
    // A class is called as the decorator calls the class that it extends.
    let called = match implementation.as_call() {
        Some(_) => implementation,
        None => Value::term(TermKind::Call(implementation, passed), span),
    };
    column_type(python, &called, depth + 1)
}

/// The type of a library that a class of the input extends, itself or through others.
fn extended(python: &Interpreter<'_>, class: ClassId, depth: u32) -> Option<Value> {
    python.heap.class(class)?.bases.iter().find_map(|base| match base.kind {
        Kind::Class(base) if depth < MAX_DEPTH => extended(python, base, depth + 1),
        Kind::Class(_) => None,
        _ => Some(base.clone()).filter(|base| base.last_name() != Some("TypeDecorator")),
    })
}

/// `Enum("a", "b", name="kind")`, `Enum(Class)`.
fn enumeration(python: &mut Interpreter<'_>, arguments: &Arguments, postgres: bool, span: Span) -> Known<ColumnType> {
    let mut labels = Vec::new();
    let mut class_name = None;
    let class = arguments.positional.first().and_then(|first| match first.kind {
        Kind::Class(class) if python.is_enum(class, 0) => Some((class, first.clone())),
        _ => None,
    });
    let values: Vec<Value> = match &class {
        Some((class, value)) => {
            let name = python.heap.class(*class).map(|c| (c.name.to_lowercase(), c.name_span));
            class_name = name.map(|(name, span)| Rc::new(Mapped::made(&name, span)));
            match arguments.keyword("values_callable").filter(|f| !f.is_none()).cloned() {
                Some(function) => {
                    let call = Arguments { positional: vec![value.clone()], ..Arguments::default() };
                    let values = python.run_function(&function, &call);
                    python.heap.elements(&values).ok_or(Unknown(span))?
                }
                // The names of the members, not their values, are stored.
                None => python
                    .enum_members(*class)
                    .iter()
                    .filter_map(|member| match member.as_term() {
                        Some(TermKind::Member(_, name, value)) => Some(Value::text(name, value.span)),
                        _ => None,
                    })
                    .collect(),
            }
        }
        None => arguments.positional.clone(),
    };
    let length = arguments.keyword("length").and_then(Value::as_int).and_then(|l| usize::try_from(l).ok());
    let native = arguments.keyword("native_enum").and_then(Value::as_bool) != Some(false);
    // How long a text may be is known without its labels.
    let checked = arguments.keyword("create_constraint").and_then(Value::as_bool) == Some(true);
    if let (false, false, false, Some(length)) = (native, checked, postgres, length) {
        return Ok(plain(&format!("VARCHAR({})", length.max(1)), span));
    }
    if arguments.open {
        return Err(Unknown(span));
    }
    for value in &values {
        labels.push((**value.as_text().ok_or(Unknown(value.span))?).clone());
    }
    let name = match arguments.keyword("name").filter(|n| !n.is_none()) {
        Some(name) => Some(name_of(name)?),
        None => class_name,
    };
    if !native && !postgres {
        let longest = labels.iter().map(|l| l.as_str().chars().count()).max().unwrap_or(0);
        let sql = format!("VARCHAR({})", length.unwrap_or(longest).max(1));
        let check = checked.then(|| (arguments.keyword("name").cloned(), labels));
        return Ok(ColumnType { check, ..plain(&sql, span) });
    }
    let name = name.ok_or(Unknown(span))?;
    let schema = arguments.keyword("schema").cloned();
    let mut sql = Sql::default();
    sql.qualified(schema.as_ref(), &Value::new(Kind::Str(Rc::clone(&name)), span))?;
    // `sa.Enum` knows no `create_type`; it hands the rest of its arguments to nobody.
    let create = !postgres || arguments.keyword("create_type").and_then(Value::as_bool) != Some(false);
    let named = NamedEnum { schema, name, labels, create, span };
    Ok(ColumnType { sql: sql.text, named: Some(named), ..plain("", span) })
}
