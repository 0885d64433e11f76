//! Types as changelogs write them, and as Liquibase sends them to PostgreSQL. Source: the classes of `liquibase.datatype.core`.

use std::borrow::Cow;

/// What kind of literal a column of a type takes as its default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Literal {
    Boolean,
    Number,
    /// A point in time: what does not begin with a digit is a function.
    Time,
    Text,
}

/// A type's parts: `varchar(10) character set x` is `varchar`, `(10)`, ` character set x`.
struct Written<'a> {
    name: String,
    parameters: &'a str,
    rest: &'a str,
}

fn parts(written: &str) -> Written<'_> {
    let open = written.find('(').unwrap_or(written.len());
    let close = written.get(open..).and_then(|r| r.find(')')).map_or(open, |at| open + at + 1);
    // Everything up to the bracket is the name; without one, all is: `double precision`.
    let name = written.get(..open).unwrap_or_default().trim().to_ascii_lowercase();
    let name = name.strip_prefix("java.sql.types.").or_else(|| name.strip_prefix("java.lang.")).unwrap_or(&name);
    Written {
        name: name.to_owned(),
        parameters: written.get(open..close).unwrap_or_default(),
        rest: written.get(close..).unwrap_or_default().trim(),
    }
}

/// The type as Liquibase writes it for PostgreSQL.
pub(super) fn data_type(written: &str) -> Cow<'_, str> {
    let Written { name, parameters, rest } = parts(written);
    if written.trim_end().ends_with(']') {
        return written.into();
    }
    let numbers = || parameters.trim_matches(['(', ')']).split(',').next().unwrap_or_default().trim().to_owned();
    let zoned = name.contains("tz") || name.contains("with time zone") || name.contains("timezone");
    let zoned = zoned || rest.to_ascii_lowercase().starts_with("with time");
    let zone = if zoned { "WITH TIME ZONE" } else { "WITHOUT TIME ZONE" };
    let precision = if numbers().is_empty() { String::new() } else { format!("({})", numbers()) };
    match name.as_str() {
        // Source: BlobType; Hibernate stores such values as large objects.
        name if name.starts_with("blob") => "OID".into(),
        "longblob" | "tinyblob" | "mediumblob" | "longvarbinary" | "varbinary" | "binary" | "image" | "long binary"
        | "long varbinary" => "BYTEA".into(),
        "clob" | "longvarchar" | "longtext" | "mediumtext" | "tinytext" | "nclob" | "longnvarchar" | "ntext" => {
            "TEXT".into()
        }
        "varchar" | "varchar2" | "nvarchar" | "nvarchar2" | "string" => {
            // `varchar2(10 CHAR)`, `nvarchar(max)`.
            let length = numbers().split(' ').next().unwrap_or_default().to_owned();
            if length.bytes().all(|b| b.is_ascii_digit()) && !length.is_empty() {
                format!("VARCHAR({length})").into()
            } else {
                "VARCHAR".into()
            }
        }
        "nchar" => format!("CHAR{precision}").into(),
        // Those that number themselves are plain here: what numbers them is written apart.
        "int" | "integer" | "int4" | "serial" | "serial4" => "INTEGER".into(),
        "bigint" | "int8" | "long" | "bigserial" | "serial8" => "BIGINT".into(),
        "smallint" | "int2" | "tinyint" | "short" | "smallserial" | "serial2" => "SMALLINT".into(),
        "number" | "numeric" => format!("numeric{parameters}").into(),
        "currency" | "money" => "DECIMAL".into(),
        "double" | "float8" => "DOUBLE PRECISION".into(),
        "bool" | "boolean" => "BOOLEAN".into(),
        "datetime"
        | "datetime2"
        | "smalldatetime"
        | "timestamp"
        | "timestamptz"
        | "java.util.date"
        | "timestamp with time zone"
        | "timestamp without time zone"
        | "timestamp_with_timezone"
        | "timestamp with timezone" => format!("TIMESTAMP{precision} {zone}").into(),
        "time" | "timetz" | "time with time zone" | "time without time zone" | "time_with_timezone" => {
            format!("TIME{precision} {zone}").into()
        }
        "uniqueidentifier" | "java.util.uuid" => "UUID".into(),
        "object" | "bit" => written.trim_start_matches("java.sql.Types.").into(),
        _ if written.starts_with("java.sql.Types.") => {
            written.strip_prefix("java.sql.Types.").unwrap_or(written).into()
        }
        _ => written.into(),
    }
}

/// Whether columns of this type number themselves.
pub(super) fn is_serial(written: &str) -> bool {
    let name = parts(written).name;
    name.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("serial")
}

/// What a default value of a column of this type is written as.
pub(super) fn literal(written: &str) -> Literal {
    let sent = data_type(written);
    let lower = sent.to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|w| lower.starts_with(w));
    if lower.ends_with(']') {
        Literal::Text
    } else if starts(&["bool"]) {
        Literal::Boolean
    } else if starts(&[
        "int",
        "bigint",
        "smallint",
        "numeric",
        "decimal",
        "double",
        "float",
        "real",
        "serial",
        "bigserial",
    ]) && !starts(&["interval"])
    {
        Literal::Number
    } else if starts(&["timestamp", "time", "date"]) {
        Literal::Time
    } else {
        Literal::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_as_liquibase_sends_them() {
        for (written, expected) in [
            ("varchar(255)", "VARCHAR(255)"),
            ("VARCHAR2(20 CHAR)", "VARCHAR(20)"),
            ("nvarchar(10)", "VARCHAR(10)"),
            ("java.sql.Types.VARCHAR(30)", "VARCHAR(30)"),
            ("clob", "TEXT"),
            ("blob", "OID"),
            ("longblob", "BYTEA"),
            ("varbinary(16)", "BYTEA"),
            ("int(11)", "INTEGER"),
            ("tinyint(1)", "SMALLINT"),
            ("number(10, 2)", "numeric(10, 2)"),
            ("double", "DOUBLE PRECISION"),
            ("datetime", "TIMESTAMP WITHOUT TIME ZONE"),
            ("timestamp(3)", "TIMESTAMP(3) WITHOUT TIME ZONE"),
            ("timestamp with time zone", "TIMESTAMP WITH TIME ZONE"),
            ("timestamptz(6)", "TIMESTAMP(6) WITH TIME ZONE"),
            ("TIMESTAMP(6) WITHOUT TIME ZONE", "TIMESTAMP(6) WITHOUT TIME ZONE"),
            ("java.sql.Types.TIMESTAMP_WITH_TIMEZONE", "TIMESTAMP WITH TIME ZONE"),
            ("time", "TIME WITHOUT TIME ZONE"),
            ("bit(3)", "bit(3)"),
            ("uuid", "uuid"),
            ("jsonb", "jsonb"),
            ("text[]", "text[]"),
            ("decimal(19,2)", "decimal(19,2)"),
            ("bigserial", "BIGINT"),
            ("money", "DECIMAL"),
        ] {
            assert_eq!(data_type(written), expected, "{written}");
        }
    }
}
