//! Whether a constant fits the type that it is to have: a column's default, and labels that an enum is compared with.

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use crate::expr::{Expr, Tree};
use crate::operation::ObjectKind;
use crate::schema::{BaseType, ColumnNumber, DataType, RelationId, TableId, TypeKind};
use crate::source::Span;
use crate::source::placeholder::UNKNOWN_VALUE;

/// A constant that a type's input function does not take. Source: PostgreSQL manual, appendix A.
const INVALID_TEXT: &str = "22P02";

/// Casts between different built-in types that an assignment makes by itself, the strings aside, which take everything. Source: `pg_cast` of
/// PostgreSQL 15 where `castcontext` is not `e`.
const ASSIGNED: &[(&str, &[&str])] = &[
    ("smallint", &["integer", "bigint", "numeric", "real", "double precision", "oid"]),
    ("integer", &["smallint", "bigint", "numeric", "real", "double precision", "oid", "money"]),
    ("bigint", &["smallint", "integer", "numeric", "real", "double precision", "oid", "money"]),
    ("numeric", &["smallint", "integer", "bigint", "real", "double precision", "money"]),
    ("real", &["smallint", "integer", "bigint", "numeric", "double precision"]),
    ("double precision", &["smallint", "integer", "bigint", "numeric", "real"]),
    ("money", &["numeric"]),
    ("oid", &["integer", "bigint"]),
    ("boolean", &[]),
    ("uuid", &[]),
    ("bytea", &[]),
    ("text", &[]),
    ("character varying", &[]),
    ("character", &[]),
    ("date", &["timestamp without time zone", "timestamp with time zone"]),
    ("timestamp without time zone", &["date", "time without time zone", "timestamp with time zone"]),
    (
        "timestamp with time zone",
        &["date", "time without time zone", "time with time zone", "timestamp without time zone"],
    ),
    ("time without time zone", &["interval", "time with time zone"]),
    ("time with time zone", &["time without time zone"]),
    ("interval", &["time without time zone"]),
    ("json", &["jsonb"]),
    ("jsonb", &["json"]),
    ("inet", &["cidr"]),
    ("cidr", &["inet"]),
    ("tsvector", &[]),
];

/// What a default says, as far as its type can be told from its text.
enum Constant<'a> {
    /// A string without a type of its own, quotes undone.
    Unknown(String),
    /// A string that is cast to the type of this name.
    Typed(String, &'a str),
    /// A value of a built-in type.
    Of(&'static str),
}

impl Replayer {
    /// Refuses a default that the column's type certainly does not take.
    pub(super) fn check_default(&self, table: TableId, column: ColumnNumber, expr: &Expr) -> Outcome {
        if self.described {
            return Ok(());
        }
        let Some(column) = self.schema.column(table, column) else { return Ok(()) };
        self.check_value_for(&column.data_type, Some(&column.name), expr)
    }

    /// Refuses a default that a type certainly does not take; of a column, if it has a name.
    pub(super) fn check_value_for(&self, wanted: &DataType, column: Option<&str>, expr: &Expr) -> Outcome {
        if self.described {
            return Ok(());
        }
        let data_type = self.underlying(wanted);
        match constant(&expr.text) {
            Some(Constant::Unknown(text)) => self.check_input(data_type, &text, expr.span),
            Some(Constant::Typed(text, cast)) => {
                let own = cast.rsplit('.').next().unwrap_or(cast).trim_matches('"');
                let same = match &data_type.base {
                    BaseType::User(id) => self.schema.types.get(*id).is_some_and(|t| t.name == own),
                    _ => false,
                };
                if same { self.check_input(data_type, &text, expr.span) } else { Ok(()) }
            }
            Some(Constant::Of(from)) if !self.assignable(data_type, &DataType::builtin(from)) => refuse(
                state::DATATYPE_MISMATCH,
                expr.span,
                format!(
                    "column \"{}\" is of type {} but default expression is of type {from}",
                    column.unwrap_or("value"),
                    wanted.display(&self.schema)
                ),
            ),
            Some(Constant::Of(_)) => Ok(()),
            None => self.check_type_for(wanted, column, expr, None),
        }
    }

    /// Refuses a default or a generated value of a type that another certainly does not take.
    pub(super) fn check_type_for(
        &self,
        wanted: &DataType,
        column: Option<&str>,
        expr: &Expr,
        owner: Option<RelationId>,
    ) -> Outcome {
        match self.type_of_value(expr, owner).filter(|from| !self.assignable(wanted, from) && !self.described) {
            None => Ok(()),
            Some(from) => refuse(
                state::DATATYPE_MISMATCH,
                expr.span,
                format!(
                    "column \"{}\" is of type {} but default expression is of type {}",
                    column.unwrap_or("value"),
                    wanted.display(&self.schema),
                    from.display(&self.schema)
                ),
            ),
        }
    }

    /// Refuses a change of type for which there is no automatic cast, of the values where no USING says how to make them, and of the default in any
    /// case.
    pub(super) fn check_cast(
        &self,
        table: TableId,
        number: ColumnNumber,
        to: &DataType,
        using: bool,
        span: Span,
    ) -> Outcome {
        let Some(column) = self.schema.column(table, number) else { return Ok(()) };
        let fits = self.assignable(to, &column.data_type);
        if !using && column.generated.is_none() && !fits {
            let message =
                format!("column \"{}\" cannot be cast automatically to type {}", column.name, to.display(&self.schema));
            return refuse(state::DATATYPE_MISMATCH, span, message);
        }
        let Some(default) = &column.default else { return Ok(()) };
        let fits = match constant(&default.source.text) {
            Some(Constant::Unknown(_)) => fits,
            Some(Constant::Of(from)) => self.assignable(to, &DataType::builtin(from)),
            _ => true,
        };
        if fits {
            return Ok(());
        }
        let message = format!(
            "default for column \"{}\" cannot be cast automatically to type {}",
            column.name,
            to.display(&self.schema)
        );
        refuse(state::DATATYPE_MISMATCH, span, message)
    }

    /// Refuses a comparison of one of the table's enum columns with what is no label of its type.
    pub(super) fn check_labels(&self, table: TableId, expr: &Expr) -> Outcome {
        if self.described || !expr.text.contains('\'') {
            return Ok(());
        }
        let Some(owner) = self.schema.tables.get(table) else { return Ok(()) };
        let is_enum = |data_type: &DataType| match (&data_type.base, data_type.array) {
            (BaseType::User(id), false) => {
                self.schema.types.get(*id).is_some_and(|t| matches!(t.kind, TypeKind::Enum(_)))
            }
            _ => false,
        };
        if !owner.live_columns().any(|(_, c)| is_enum(self.underlying(&c.data_type))) {
            return Ok(());
        }
        let mut wrong = None;
        expr.tree().walk_own(&mut |part| {
            let Tree::Operator(operator, operands) = part else { return };
            if wrong.is_some() || !matches!(operator.as_str(), "=" | "<>" | "!=" | "in" | "not in") {
                return;
            }
            let column = operands.iter().find_map(|o| match o {
                Tree::Column(parts) => match parts.as_slice() {
                    [name] => owner.column(owner.find_column(name)?),
                    [of, name] if *of == owner.name => owner.column(owner.find_column(name)?),
                    _ => None,
                },
                _ => None,
            });
            let Some(column) = column else { return };
            let data_type = self.underlying(&column.data_type);
            if !is_enum(data_type) {
                return;
            }
            let texts = operands.iter().flat_map(|o| match o {
                Tree::Row(inner) => inner.as_slice(),
                one => std::slice::from_ref(one),
            });
            for text in texts {
                if let Tree::Text(text) = text {
                    wrong = wrong.take().or_else(|| self.check_input(data_type, text, expr.span).err());
                }
            }
        });
        wrong.map_or(Ok(()), Err)
    }

    /// Refuses a string that is certainly no value of the type.
    pub(super) fn check_input(&self, data_type: &DataType, text: &str, span: Span) -> Outcome {
        if data_type.array || text.contains(UNKNOWN_VALUE) {
            return Ok(());
        }
        let syntax =
            |name: &str| refuse(INVALID_TEXT, span, format!("invalid input syntax for type {name}: \"{text}\""));
        match &data_type.base {
            BaseType::User(id) => {
                let Some(found) = self.schema.types.get(*id) else { return Ok(()) };
                let TypeKind::Enum(labels) = &found.kind else { return Ok(()) };
                if labels.iter().any(|(label, _)| label == text) {
                    return self.check_label_is_safe(*id, text, span);
                }
                let message = format!("invalid input value for enum {}: \"{text}\"", found.name);
                refuse(INVALID_TEXT, span, message)
            }
            BaseType::Builtin(name) => match name.as_str() {
                "boolean" => {
                    let word = text.trim().to_ascii_lowercase();
                    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(word.as_str());
                    let known = begins("true", 1)
                        || begins("false", 1)
                        || begins("yes", 1)
                        || begins("no", 1)
                        || begins("on", 2)
                        || begins("off", 2)
                        || matches!(word.as_str(), "1" | "0");
                    if known { Ok(()) } else { syntax("boolean") }
                }
                // Later versions take other bases and underscores.
                "smallint" | "integer" | "bigint" => {
                    let digits = text.trim().trim_start_matches(['-', '+']);
                    let number = digits.starts_with(|c: char| c.is_ascii_digit())
                        && digits
                            .bytes()
                            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'x' | b'X' | b'o' | b'O' | b'_'));
                    if number { Ok(()) } else { syntax(name) }
                }
                "uuid" => {
                    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
                    let other = text.bytes().any(|b| !b.is_ascii_hexdigit() && !matches!(b, b'-' | b'{' | b'}'));
                    if digits == 32 && !other { Ok(()) } else { syntax("uuid") }
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Whether an assignment casts a value by itself; only `false` where it certainly does not. Source: PostgreSQL manual, 10.4 "Value Storage".
    pub(super) fn assignable(&self, to: &DataType, from: &DataType) -> bool {
        // Casts that the input makes.
        if self.schema.others.iter().any(|(_, o)| o.kind == ObjectKind::Cast && o.dropped.is_none()) {
            return true;
        }
        let (to, from) = (self.underlying(to), self.underlying(from));
        let known = |t: &DataType| match &t.base {
            BaseType::Builtin(name) => ASSIGNED.iter().any(|(of, _)| of == name),
            BaseType::User(id) => self.schema.types.get(*id).is_some_and(|t| matches!(t.kind, TypeKind::Enum(_))),
            _ => false,
        };
        if !known(to) || !known(from) || (is_string(to) && !to.array) {
            return true;
        }
        if to.array != from.array {
            return false;
        }
        if is_string(to) {
            return true;
        }
        match (&to.base, &from.base) {
            (BaseType::Builtin(to), BaseType::Builtin(from)) => {
                let targets = ASSIGNED.iter().find(|(of, _)| of == from).map_or(&[][..], |(_, to)| to);
                to == from || targets.contains(&to.as_str())
            }
            (to, from) => to == from,
        }
    }
}

/// Whether an expression is a string without a type of its own, which takes that of its place.
pub(super) fn is_untyped_string(expr: &Expr) -> bool {
    let text = expr.text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    // With a letter before it or a dollar sign a string is written differently, and is the same.
    let quoted = text.trim_start_matches(['e', 'E', 'u', 'U', '&', 'n', 'N']);
    quoted.starts_with('\'') && matches!(constant(quoted), None | Some(Constant::Unknown(_))) || text.starts_with('$')
}

fn is_string(data_type: &DataType) -> bool {
    matches!(&data_type.base, BaseType::Builtin(name) if matches!(name.as_str(), "text" | "character varying" | "character"))
}

/// What a default's text says where it is no more than a constant or a call of a function whose type is known.
fn constant(text: &str) -> Option<Constant<'_>> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('\'') {
        // Quotes within a string are doubled; back slashes are left alone, as `standard_conforming_strings` says.
        let mut value = String::new();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                value.push(c);
                continue;
            }
            if chars.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
                continue;
            }
            let behind = rest.get(at + 1..)?.trim();
            return match behind.strip_prefix("::") {
                None if behind.is_empty() => Some(Constant::Unknown(value)),
                Some(cast) => Some(Constant::Typed(value, cast.trim())),
                None => None,
            };
        }
        return None;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Constant::Of(match digits.parse::<u64>() {
            Ok(n) if i32::try_from(n).is_ok() => "integer",
            Ok(n) if i64::try_from(n).is_ok() => "bigint",
            _ => "numeric",
        }));
    }
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("false") {
        Some(Constant::Of("boolean"))
    } else if is("now()") || is("current_timestamp") {
        Some(Constant::Of("timestamp with time zone"))
    } else if is("gen_random_uuid()") {
        Some(Constant::Of("uuid"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, analyze};

    #[test]
    fn what_a_default_says() {
        let of = |text: &str| match constant(text) {
            Some(Constant::Unknown(value)) => format!("'{value}'"),
            Some(Constant::Typed(value, cast)) => format!("'{value}' as {cast}"),
            Some(Constant::Of(name)) => name.to_owned(),
            None => "?".to_owned(),
        };
        assert_eq!(of("'it''s'"), "'it's'");
        assert_eq!(of("'x'::public.mood"), "'x' as public.mood");
        assert_eq!(of("-12"), "integer");
        assert_eq!(of("3000000000"), "bigint");
        assert_eq!(of("True"), "boolean");
        assert_eq!(of("'a' || 'b'"), "?");
        assert_eq!(of("now() + interval '1 day'"), "?");
    }

    /// A document tells of defaults in its own words: `0` for a flag that is off. Its table is a table all the same.
    #[test]
    fn a_document_is_not_held_to_its_defaults() {
        let text = "# Database schema\n\n### Table: `flags`\n\n| Column | Type | Nullable | Default | Description |\n|---|---|---|---|---|\n\
                    | `id` | UUID | NO | gen_random_uuid() | key |\n| `enabled` | BOOLEAN | NO | 0 | on or off |\n";
        let analysis = analyze([("schema.md", text.as_bytes())], Options::default());
        assert!(analysis.targets.iter().any(|t| t.replay.schema.live_tables().any(|(_, t)| t.name == "flags")));
    }
}
