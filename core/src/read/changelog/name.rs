//! Which names Liquibase puts in quotes. Source: `ObjectQuotingStrategy`, `AbstractJdbcDatabase.mustQuoteObjectName`,
//! `PostgresDatabase.escapeObjectName`.

use crate::source::{Mapped, Span};

/// What a changelog says of quotes (`objectQuotingStrategy`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Quoting {
    /// Names that need it, and those of lower and upper case.
    #[default]
    Legacy,
    /// All names.
    All,
    /// Names that need it.
    Reserved,
}

impl Quoting {
    /// The strategy of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "LEGACY" => Some(Self::Legacy),
            "QUOTE_ALL_OBJECTS" => Some(Self::All),
            "QUOTE_ONLY_RESERVED_WORDS" => Some(Self::Reserved),
            _ => None,
        }
    }

    fn quotes(self, name: &str) -> bool {
        let has = |test: fn(&char) -> bool| name.chars().any(|c| test(&c));
        let mixed = has(|c| c.is_uppercase()) && has(|c| c.is_lowercase());
        let plain = !name.starts_with(|c: char| c.is_ascii_digit()) && !has(|c| !(c.is_alphanumeric() || *c == '_'));
        match self {
            Self::All => true,
            _ if !plain || crate::keywords::is_reserved(&name.to_lowercase()) => true,
            Self::Legacy => mixed,
            Self::Reserved => false,
        }
    }

    /// Writes a name, in quotes where Liquibase does. What stands in quotes already stays as it is.
    pub(super) fn write(self, out: &mut Mapped, name: &Mapped, whole: Span) {
        let text = name.as_str();
        if text.starts_with('"') || !self.quotes(text) {
            out.append(name);
        } else {
            out.push("\"", whole);
            out.append(name);
            out.push("\"", whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_quotes() {
        for (name, legacy, reserved) in [
            ("users", false, false),
            ("USERS", false, false),
            ("userAccount", true, false),
            ("USER", true, true),
            ("order-lines", true, true),
            ("2fa", true, true),
        ] {
            assert_eq!(Quoting::Legacy.quotes(name), legacy, "{name}");
            assert_eq!(Quoting::Reserved.quotes(name), reserved, "{name}");
            assert!(Quoting::All.quotes(name));
        }
    }
}
