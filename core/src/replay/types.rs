//! Types: from names as written to what the database keeps.

use smol_str::SmolStr;

use super::conflict::{Outcome, refuse, state};
use super::{Replayer, known};
use crate::name::{Ident, Name};
use crate::operation::TypeName;
use crate::schema::{BaseType, DataType, Domain, ObjectId, RelationId, TypeKind};
use crate::source::Span;

/// Names of built-in types that the SQL grammar or `format_type` spell otherwise than `pg_type` does: written, printed.
/// Source: PostgreSQL manual, table 8.1 "Data Types".
const SPELLINGS: &[(&str, &str)] = &[
    ("bit varying", "bit varying"),
    ("bool", "boolean"),
    ("boolean", "boolean"),
    ("char", "character"),
    ("char varying", "character varying"),
    ("character", "character"),
    ("character varying", "character varying"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("double precision", "double precision"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("integer", "integer"),
    ("national char", "character"),
    ("national char varying", "character varying"),
    ("national character", "character"),
    ("national character varying", "character varying"),
    ("nchar", "character"),
    ("nchar varying", "character varying"),
    ("real", "real"),
    ("smallint", "smallint"),
    ("bigint", "bigint"),
    ("time", "time without time zone"),
    ("time with time zone", "time with time zone"),
    ("time without time zone", "time without time zone"),
    ("timestamp", "timestamp without time zone"),
    ("timestamp with time zone", "timestamp with time zone"),
    ("timestamp without time zone", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("timetz", "time with time zone"),
    ("varbit", "bit varying"),
    ("varchar", "character varying"),
];

/// Built-in types whose name is the same everywhere, but pseudo-types, in ASCII order. Source: `pg_type` of PostgreSQL 15.
const PLAIN: &[&str] = &[
    "aclitem",
    "bit",
    "box",
    "bpchar",
    "bytea",
    "cid",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "gtsvector",
    "inet",
    "int2vector",
    "int4multirange",
    "int4range",
    "int8multirange",
    "int8range",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "pg_ddl_command",
    "pg_dependencies",
    "pg_lsn",
    "pg_mcv_list",
    "pg_ndistinct",
    "pg_node_tree",
    "pg_snapshot",
    "point",
    "polygon",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "text",
    "tid",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "uuid",
    "xid",
    "xid8",
    "xml",
];

/// Built-in types that no column can have, in ASCII order. Source: PostgreSQL manual, 8.21 "Pseudo-Types".
const PSEUDO_TYPES: &[&str] = &[
    "any",
    "anyarray",
    "anycompatible",
    "anycompatiblearray",
    "anycompatiblemultirange",
    "anycompatiblenonarray",
    "anycompatiblerange",
    "anyelement",
    "anyenum",
    "anymultirange",
    "anynonarray",
    "anyrange",
    "cstring",
    "event_trigger",
    "fdw_handler",
    "index_am_handler",
    "internal",
    "language_handler",
    "record",
    "table_am_handler",
    "trigger",
    "tsm_handler",
    "unknown",
    "void",
];

/// The printed name of a built-in type, from any of its names.
fn builtin(name: &str) -> Option<&'static str> {
    if let Some((_, printed)) = SPELLINGS.iter().find(|(written, _)| written.len() == name.len() && *written == name) {
        return Some(printed);
    }
    [PLAIN, PSEUDO_TYPES].into_iter().find_map(|names| names.get(names.binary_search(&name).ok()?).copied())
}

/// The name in `pg_type` of a built-in type, from any spelling: what the default name of an output column or index is made from.
pub(super) fn internal_name(written: &str) -> &str {
    match written {
        "boolean" => "bool",
        "char" | "character" | "nchar" | "national char" | "national character" => "bpchar",
        "character varying"
        | "char varying"
        | "nchar varying"
        | "national character varying"
        | "national char varying" => "varchar",
        "bit varying" => "varbit",
        "dec" | "decimal" => "numeric",
        "double precision" | "float" => "float8",
        "int" | "integer" => "int4",
        "smallint" => "int2",
        "bigint" => "int8",
        "real" => "float4",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        other => other,
    }
}

/// The integer type behind `serial` and its relatives. Source: PostgreSQL manual, 8.1.4 "Serial Types".
pub(crate) fn serial(name: &TypeName) -> Option<&'static str> {
    if name.schema.is_some() || name.name.quoted || name.dimensions > 0 {
        return None;
    }
    const NAMES: &[(&str, &str)] = &[
        ("serial", "integer"),
        ("serial4", "integer"),
        ("bigserial", "bigint"),
        ("serial8", "bigint"),
        ("smallserial", "smallint"),
        ("serial2", "smallint"),
    ];
    let text = name.name.text.as_str();
    NAMES.iter().find(|(known, _)| known.len() == text.len() && known.eq_ignore_ascii_case(text)).map(|(_, of)| *of)
}

/// What PostgreSQL says of a length or precision that its type cannot have. Sources: `anychar_typmodin`, `anybit_typmodin`, `numerictypmodin`.
fn out_of_range(data_type: &DataType) -> Option<String> {
    /// The most bytes of a value: `MaxAttrSize`.
    const MAX_BYTES: i64 = 10 * 1024 * 1024;
    let BaseType::Builtin(name) = &data_type.base else { return None };
    let (written, most) = match name.as_str() {
        "character varying" => ("varchar", MAX_BYTES),
        "character" => ("char", MAX_BYTES),
        "bit" => ("bit", MAX_BYTES * 8),
        "bit varying" => ("varbit", MAX_BYTES * 8),
        "numeric" => ("numeric", 1000),
        name if name.starts_with("time") && data_type.modifiers.len() > 1 => ("time", i64::MAX),
        _ => return None,
    };
    match (written, data_type.modifiers.len()) {
        ("numeric", 3..) => return Some("invalid NUMERIC type modifier".to_owned()),
        ("numeric", _) | (_, ..=1) => {}
        _ => return Some("invalid type modifier".to_owned()),
    }
    let number: i64 = data_type.modifiers.first()?.parse().ok()?;
    match (written, number) {
        (_, n) if (1..=most).contains(&n) => None,
        ("numeric", n) => Some(format!("NUMERIC precision {n} must be between 1 and {most}")),
        (_, ..=0) => Some(format!("length for type {written} must be at least 1")),
        _ => Some(format!("length for type {written} cannot exceed {most}")),
    }
}

/// Whether more stands behind a type than the grammar has place for: `float(24, 8)`, `varchar(10, 2)`, `interval year (3)`. Source: `ConstInterval`,
/// `Character`, `ConstDatetime` and `opt_float` of `gram.y`.
fn too_many_modifiers(written: &TypeName, found: &DataType) -> bool {
    if written.schema.is_some() || written.name.quoted {
        return false;
    }
    let BaseType::Builtin(_) = &found.base else { return false };
    let fields = |m: &SmolStr| m.starts_with(|c: char| c.is_ascii_alphabetic());
    match (written.name.fold().as_str(), written.modifiers.as_slice()) {
        ("interval", [first, _]) if fields(first) => !first.ends_with("second"),
        ("float" | "varchar" | "char" | "character" | "nchar" | "time" | "timestamp" | "interval", [_, _, ..]) => true,
        // Names of several words are the grammar's.
        (name, [_, _, ..]) => name.contains(' ') && name != "bit varying",
        _ => false,
    }
}

/// What PostgreSQL says of a number of bits that no float has.
fn bits_out_of_range(written: &TypeName) -> Option<String> {
    let is_float = written.schema.is_none() && !written.name.quoted && written.name.text.eq_ignore_ascii_case("float");
    let bits: i64 = written.modifiers.first().filter(|_| is_float)?.parse().ok()?;
    match bits {
        1..=53 => None,
        ..=0 => Some("precision for type float must be at least 1 bit".to_owned()),
        _ => Some("precision for type float must be less than 54 bits".to_owned()),
    }
}

impl Replayer {
    /// The type of a column, attribute or domain, with its modifiers.
    pub(super) fn resolve_type(&self, written: &TypeName) -> Outcome<DataType> {
        let found = self.type_written(written)?;
        if !found.modifiers.is_empty() && !self.may_have(&found.base, WITH_MODIFIERS) {
            let message = format!("type modifier is not allowed for type \"{}\"", written.name.fold());
            return refuse(state::SYNTAX_ERROR, written.span, message);
        }
        if too_many_modifiers(written, &found) {
            return refuse(state::SYNTAX_ERROR, written.span, "syntax error: one number at most may stand here");
        }
        match out_of_range(&found).or_else(|| bits_out_of_range(written)) {
            Some(message) => refuse("22023", written.span, message),
            None => Ok(found),
        }
    }

    /// Refuses COLLATE where there is nothing to collate. Arrays and domains have the collation of what they are made of.
    pub(super) fn check_collatable(&self, data_type: &DataType, span: Span) -> Outcome {
        let innermost = self.domains(&data_type.base).last().map_or(&data_type.base, |domain| &domain.base.base);
        if self.may_have(innermost, COLLATABLE) {
            return Ok(());
        }
        let message = format!("collations are not supported by type {}", data_type.display(&self.schema));
        refuse(state::DATATYPE_MISMATCH, span, message)
    }

    /// The collation that the values of a type have by themselves, where it is not that of the database: a domain's own, and that of `name`.
    pub(super) fn own_collation(&self, data_type: &DataType) -> Option<Name> {
        let mut innermost = &data_type.base;
        for domain in self.domains(&data_type.base) {
            if let Some(collation) = &domain.collation {
                return Some(collation.clone()).filter(|c| c != "default");
            }
            innermost = &domain.base.base;
        }
        matches!(innermost, BaseType::Builtin(name) if name == "name").then(|| Name::new_static("C"))
    }

    /// The domain that a type is, or its elements are, and those over which that is made, the outermost first.
    fn domains<'a>(&'a self, base: &'a BaseType) -> impl Iterator<Item = &'a Domain> {
        let domain = |base: &BaseType| match base {
            BaseType::User(id) => match self.schema.types.get(*id).map(|t| &t.kind) {
                Some(TypeKind::Domain(domain)) => Some(domain),
                _ => None,
            },
            _ => None,
        };
        std::iter::successors(domain(base), move |outer| domain(&outer.base.base)).take(MAX_DOMAINS)
    }

    /// Whether a type may have what of PostgreSQL's own types only these have. Types written in C, and those of extensions, are taken on trust.
    fn may_have(&self, base: &BaseType, own: &[&str]) -> bool {
        match base {
            BaseType::Builtin(name) => own.contains(&name.as_str()),
            BaseType::User(id) => match self.schema.types.get(*id).map(|t| &t.kind) {
                Some(TypeKind::Base | TypeKind::Shell) | None => true,
                Some(_) => false,
            },
            BaseType::Row(_) | BaseType::ViewRow(_) => false,
            BaseType::Extension { .. } | BaseType::Unknown { .. } => true,
        }
    }

    fn type_written(&self, written: &TypeName) -> Outcome<DataType> {
        let name = written.name.fold();
        let array = written.dimensions > 0;
        if written.percent_type {
            return Ok(self.type_of_column(written));
        }
        let explicit = written.schema.as_ref().map(Ident::fold);
        if let Some(schema) = &explicit
            && schema != "pg_catalog"
        {
            return self.type_in_schema(written, schema, &name, array);
        }
        if let Some(found) = builtin_type(written, &name) {
            return Ok(found);
        }
        let found = self.search_path().iter().find_map(|ns| self.type_in_namespace(*ns, &name));
        if let Some(base) = found {
            return Ok(with_modifiers(base, written, &name, array));
        }
        // `_int4` and `_mood` are the names of array types.
        if let Some(element) = name.strip_prefix('_').filter(|_| !array) {
            let element = TypeName {
                name: Ident { text: element.into(), ..written.name.clone() },
                dimensions: 1,
                ..written.clone()
            };
            if let Ok(found) = self.type_written(&element)
                && !matches!(found.base, BaseType::Unknown { .. })
            {
                return Ok(found);
            }
        }
        if self.live_extensions().any(|(e, _)| known::extension(e).is_none())
            || name.starts_with("pg_")
            || super::lookup::is_placeholder(&written.name)
        {
            return Ok(unknown(None, name, written));
        }
        if let Some(namespace) = self.schema.find_namespace("public")
            && self.may_be_of_absent_extension(&name)
        {
            return Ok(with_modifiers(BaseType::Extension { namespace, name: name.clone() }, written, &name, array));
        }
        refuse(state::UNDEFINED_OBJECT, written.span, format!("type \"{name}\" does not exist"))
    }

    /// Whether a well-known extension owns a type of this name, and nothing here creates it: extensions are often installed by an administrator, outside
    /// the files, and a dump of one schema leaves them out.
    fn may_be_of_absent_extension(&self, name: &Name) -> bool {
        let owns = |e: &str| known::extension(e).is_some_and(|e| e.types.contains(&name.as_str()));
        known::is_extension_type(name) && !self.live_extensions().any(|(e, _)| owns(e))
    }

    /// The type of an argument or result: PostgreSQL drops modifiers there.
    pub(super) fn resolve_argument_type(&self, written: &TypeName) -> Outcome<DataType> {
        let mut data_type = self.resolve_type(written)?;
        data_type.modifiers.clear();
        if matches!(&data_type.base, BaseType::Builtin(name) if name == "bpchar") {
            data_type.base = BaseType::Builtin("character".into());
        }
        Ok(data_type)
    }

    fn type_in_schema(&self, written: &TypeName, schema: &Name, name: &Name, array: bool) -> Outcome<DataType> {
        let Some(namespace) = self.schema.find_namespace(schema) else {
            if known::is_platform_schema(schema) {
                return Ok(unknown(Some(schema.clone()), name.clone(), written));
            }
            let span = written.schema.as_ref().map_or(written.span, |s| s.span);
            return refuse(state::INVALID_SCHEMA, span, format!("schema \"{schema}\" does not exist"));
        };
        if let Some(base) = self.type_in_namespace(namespace, name) {
            return Ok(with_modifiers(base, written, name, array));
        }
        let assumed = self.schema.namespaces.get(namespace).is_some_and(|n| n.assumed);
        let extension = self.live_extensions().any(|(e, home)| home == namespace && known::extension(e).is_none());
        if assumed || extension || schema == "information_schema" {
            return Ok(unknown(Some(schema.clone()), name.clone(), written));
        }
        if self.may_be_of_absent_extension(name) {
            return Ok(with_modifiers(BaseType::Extension { namespace, name: name.clone() }, written, name, array));
        }
        refuse(state::UNDEFINED_OBJECT, written.span, format!("type \"{schema}.{name}\" does not exist"))
    }

    /// A type of the input, a row type, or a type of an extension that lives in a schema.
    fn type_in_namespace(&self, namespace: crate::schema::NamespaceId, name: &Name) -> Option<BaseType> {
        if let Some(id) = self.schema.find_type(namespace, name) {
            return Some(match self.schema.types.get(id).map(|t| (&t.kind, &t.name)) {
                // The multirange that came with a range type.
                Some((TypeKind::Range { multirange, .. }, own)) if multirange == name && own != name => {
                    let schema = self.schema.namespaces.get(namespace).map(|n| n.name.clone());
                    BaseType::Unknown { schema, name: name.clone() }
                }
                _ => BaseType::User(id),
            });
        }
        match self.schema.find_relation(namespace, name) {
            Some(RelationId::Table(id)) => return Some(BaseType::Row(id)),
            Some(RelationId::View(id)) => return Some(BaseType::ViewRow(id)),
            _ => {}
        }
        self.live_extensions()
            .any(|(e, home)| home == namespace && known::extension(e).is_some_and(|e| e.types.contains(&name.as_str())))
            .then(|| BaseType::Extension { namespace, name: name.clone() })
    }

    /// `table.column%TYPE`. What can't be found stays unknown: PostgreSQL resolves it once, and functions are not checked further.
    fn type_of_column(&self, written: &TypeName) -> DataType {
        // The reader leaves the parts as written: `table.column`, `schema.table.column`.
        let ident = |part: &str| {
            let quoted = part.starts_with('"');
            Ident { text: part.trim_matches('"').into(), quoted, span: written.span }.fold()
        };
        let mut parts = written.name.text.rsplit('.');
        let name = ident(parts.next().unwrap_or_default());
        let table = parts.next().map(ident).or(written.schema.as_ref().map(Ident::fold));
        let schema = parts.next().map(ident);
        let found = table.as_ref().and_then(|table| match self.find_relation_by(schema.as_ref(), table)? {
            RelationId::Table(id) => {
                let table = self.schema.tables.get(id)?;
                table.column(table.find_column(&name)?).map(|c| c.data_type.clone())
            }
            _ => None,
        });
        found.unwrap_or_else(|| unknown(table, name, written))
    }

    /// The type behind a domain, through domains over domains.
    pub(super) fn underlying<'a>(&'a self, data_type: &'a DataType) -> &'a DataType {
        let mut at = data_type;
        for _ in 0..MAX_DOMAINS {
            match &at.base {
                BaseType::User(id) if !at.array => match self.schema.types.get(*id).map(|t| &t.kind) {
                    Some(TypeKind::Domain(domain)) => at = &domain.base,
                    _ => return at,
                },
                _ => return at,
            }
        }
        at
    }

    /// Whether PostgreSQL has an equality operator that a foreign key of type `referencing` can use on a unique index over `referenced`.
    /// Only `false` where that is certain. Source: PostgreSQL manual, 10.2 and `pg_cast`, `pg_amop` of PostgreSQL 15.
    pub(super) fn comparable(&self, referenced: &DataType, referencing: &DataType) -> bool {
        let (referenced, referencing) = (self.underlying(referenced), self.underlying(referencing));
        if referenced.array || referencing.array {
            // Arrays have one equality operator for arrays of the same element type.
            return match (referenced.known_base(), referencing.known_base()) {
                (Some(to), Some(from)) => referenced.array == referencing.array && to == from,
                // An array and what is none, one of them of rows.
                _ => {
                    let told = |t: &DataType| !matches!(t.base, BaseType::Unknown { .. } | BaseType::Extension { .. });
                    referenced.array == referencing.array || !told(referenced) || !told(referencing)
                }
            };
        }
        match (&referenced.base, &referencing.base) {
            (BaseType::Builtin(to), BaseType::Builtin(from)) => to == from || castable(to, from),
            (BaseType::User(to), BaseType::User(from)) => to == from,
            (BaseType::User(_) | BaseType::Row(_), BaseType::Builtin(_))
            | (BaseType::Builtin(_), BaseType::User(_) | BaseType::Row(_)) => false,
            (BaseType::Extension { name: to, .. }, BaseType::Builtin(from)) if to == "citext" => family(from) == 0,
            (BaseType::Builtin(to), BaseType::Extension { name: from, .. }) if from == "citext" => {
                matches!(to.as_str(), "text" | "character varying" | "character" | "bpchar") || family(to) == 0
            }
            _ => true,
        }
    }

    /// The objects that a type refers to.
    pub(super) fn type_objects(data_type: &DataType) -> Option<ObjectId> {
        match &data_type.base {
            BaseType::User(id) => Some(ObjectId::Type(*id)),
            BaseType::Row(id) => Some(ObjectId::Table(*id)),
            BaseType::ViewRow(id) => Some(ObjectId::View(*id)),
            BaseType::Builtin(_) | BaseType::Extension { .. } | BaseType::Unknown { .. } => None,
        }
    }
}

impl DataType {
    /// The base where it is fully known.
    fn known_base(&self) -> Option<&BaseType> {
        match &self.base {
            base @ (BaseType::Builtin(_) | BaseType::User(_)) => Some(base),
            _ => None,
        }
    }
}

/// Families of built-in types within which equality works across types; 0 for types of no family known here.
fn family(name: &str) -> u8 {
    match name {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "oid" => 1,
        "text" | "character varying" | "character" | "bpchar" | "name" => 2,
        "date" | "timestamp without time zone" | "timestamp with time zone" => 3,
        "time without time zone" | "time with time zone" | "interval" => 4,
        "inet" | "cidr" => 5,
        "bit" | "bit varying" => 6,
        "uuid" => 7,
        "boolean" => 8,
        "bytea" => 9,
        "json" | "jsonb" => 10,
        "macaddr" | "macaddr8" => 11,
        "tsvector" => 12,
        "tsquery" => 13,
        "money" => 14,
        "xml" => 15,
        "point" => 16,
        "box" => 17,
        "circle" => 18,
        "polygon" => 19,
        "line" => 20,
        "lseg" => 21,
        "path" => 22,
        "int4range" => 23,
        "int8range" => 24,
        "numrange" => 25,
        "tsrange" => 26,
        "tstzrange" => 27,
        "daterange" => 28,
        "pg_lsn" => 29,
        _ => 0,
    }
}

/// Whether a key of type `from` can reference a unique index over type `to`, both built in and different.
fn castable(to: &str, from: &str) -> bool {
    match (family(to), family(from)) {
        (0, _) | (_, 0) => true,
        (1, 1) => {
            let rank = |name: &str| match name {
                "smallint" | "integer" | "bigint" => Some(0),
                "numeric" => Some(1),
                "real" | "double precision" => Some(2),
                _ => None,
            };
            match (rank(to), rank(from)) {
                // Implicit casts go upward only.
                (Some(to), Some(from)) => to >= from,
                (None, Some(0)) => true,
                _ => false,
            }
        }
        (2, 2) => from != "name" || !matches!(to, "character" | "bpchar"),
        (3, 3) | (5, 5) | (6, 6) | (11, 11) => true,
        (4, 4) => from == "time without time zone",
        (a, b) => a == b && to == from,
    }
}

fn unknown(schema: Option<Name>, name: Name, written: &TypeName) -> DataType {
    DataType {
        base: BaseType::Unknown { schema, name },
        modifiers: written.modifiers.clone(),
        array: written.dimensions > 0,
    }
}

/// A built-in type by any of its names, with the modifiers that `format_type` prints.
fn builtin_type(written: &TypeName, name: &Name) -> Option<DataType> {
    let array = written.dimensions > 0;
    let of = |printed: &'static str, modifiers: Vec<SmolStr>| {
        Some(DataType { base: BaseType::Builtin(SmolStr::new_static(printed)), modifiers, array })
    };
    // Only the internal name means a type when it stands in quotes, or behind a schema.
    let quoted = written.name.quoted || written.schema.is_some();
    if quoted {
        return match name.as_str() {
            "char" => of("\"char\"", written.modifiers.clone()),
            "any" => of("\"any\"", Vec::new()),
            "bpchar" if !written.modifiers.is_empty() => of("character", written.modifiers.clone()),
            other if internal_name(other) == other && other != "dec" => {
                builtin(other).and_then(|printed| of(printed, canonical_modifiers(printed, &written.modifiers)))
            }
            _ => None,
        };
    }
    match name.as_str() {
        "float" => {
            let single = written.modifiers.first().and_then(|m| m.parse::<u32>().ok()).is_some_and(|bits| bits <= 24);
            of(if single { "real" } else { "double precision" }, Vec::new())
        }
        "char" | "character" | "nchar" | "national char" | "national character" | "bit" => {
            let printed = if name == "bit" { "bit" } else { "character" };
            let modifiers =
                if written.modifiers.is_empty() { vec![SmolStr::new_static("1")] } else { written.modifiers.clone() };
            of(printed, modifiers)
        }
        "bpchar" if !written.modifiers.is_empty() => of("character", written.modifiers.clone()),
        other => builtin(other).and_then(|printed| of(printed, canonical_modifiers(printed, &written.modifiers))),
    }
}

/// `numeric(10)` is `numeric(10,0)`.
fn canonical_modifiers(printed: &str, written: &[SmolStr]) -> Vec<SmolStr> {
    match (printed, written) {
        ("numeric", [precision]) => vec![precision.clone(), SmolStr::new_static("0")],
        _ => written.to_vec(),
    }
}

/// Attaches modifiers; those of PostGIS print in PostGIS's own spelling.
fn with_modifiers(base: BaseType, written: &TypeName, name: &Name, array: bool) -> DataType {
    let modifiers = match &base {
        BaseType::Extension { .. } if name == "geometry" || name == "geography" => {
            written.modifiers.iter().map(|m| postgis_modifier(m)).collect()
        }
        _ => written.modifiers.clone(),
    };
    DataType { base, modifiers, array }
}

/// A geometry subtype as PostGIS prints it: `multipolygonz` is `MultiPolygonZ`.
fn postgis_modifier(written: &str) -> SmolStr {
    const NAMES: [&str; 17] = [
        "Geometry",
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        "CircularString",
        "CompoundCurve",
        "CurvePolygon",
        "MultiCurve",
        "MultiSurface",
        "PolyhedralSurface",
        "Triangle",
        "Tin",
        "Surface",
    ];
    let lower = written.trim_matches(['\'', '"', ' ']).to_ascii_lowercase();
    for name in NAMES {
        if let Some(rest) = lower.strip_prefix(&name.to_ascii_lowercase())
            && matches!(rest, "" | "z" | "m" | "zm")
        {
            return format!("{name}{}", rest.to_ascii_uppercase()).into();
        }
    }
    written.into()
}

/// Domains over domains that are followed. A domain can only be made over types that exist, so that a chain ends; the limit guards against a broken one.
const MAX_DOMAINS: usize = 64;

/// Types of PostgreSQL's own behind which a length or precision may stand in parentheses. Source: `pg_type` of PostgreSQL 15 with `typmodin`.
const WITH_MODIFIERS: &[&str] = &[
    "bit",
    "bit varying",
    "bpchar",
    "character",
    "character varying",
    "interval",
    "numeric",
    "time with time zone",
    "time without time zone",
    "timestamp with time zone",
    "timestamp without time zone",
];

/// Types of PostgreSQL's own whose values have a collation. Source: `pg_type` of PostgreSQL 15 with `typcollation`.
const COLLATABLE: &[&str] = &[
    "bpchar",
    "character",
    "character varying",
    "name",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "pg_dependencies",
    "pg_mcv_list",
    "pg_ndistinct",
    "pg_node_tree",
    "text",
];

/// Refuses pseudo-types, which only functions may have.
pub(super) fn check_column_type(column: &Ident, data_type: &DataType) -> Outcome {
    let BaseType::Builtin(name) = &data_type.base else { return Ok(()) };
    if !data_type.array && PSEUDO_TYPES.binary_search(&name.as_str()).is_ok() {
        let message = format!("column \"{}\" has pseudo-type {name}", column.fold());
        return refuse(state::INVALID_TABLE_DEFINITION, column.span, message);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_types_are_sorted_for_binary_search() {
        assert!([PLAIN, PSEUDO_TYPES].iter().all(|names| names.is_sorted_by(|a, b| a < b)));
    }

    #[test]
    fn foreign_key_types() {
        // Checked against PostgreSQL 15: which foreign keys it accepts.
        for (to, from, works) in [
            ("integer", "bigint", true),
            ("numeric", "integer", true),
            ("integer", "numeric", false),
            ("text", "character varying", true),
            ("uuid", "text", false),
            ("text", "uuid", false),
            ("integer", "text", false),
            ("date", "timestamp with time zone", true),
            ("bigint", "oid", false),
        ] {
            assert_eq!(castable(to, from), works, "{to} <- {from}");
        }
    }
}
