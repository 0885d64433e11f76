//! What could not be read: where, why, and what follows from it.

use crate::source::Span;

/// Something that could not be read or understood. A problem never stops the rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What class of problem it is.
    pub kind: ProblemKind,
    /// One or two sentences for a person: what happened, and what to do about it.
    pub message: String,
    /// Where. `None` when it concerns the whole input.
    pub span: Option<Span>,
}

/// The classes of problems. The name printed in JSON is the variant in kebab-case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProblemKind {
    /// The file has no bytes, or nothing but white space and comments.
    EmptyFile,
    /// The bytes are not text.
    BinaryFile,
    /// Text, but nothing in it is a statement that concerns a schema.
    NotASchema,
    /// Bytes that are no valid text in the file's encoding.
    InvalidEncoding,
    /// A quote, comment, dollar quote or COPY block that never ends.
    Unterminated,
    /// A statement that does not follow the grammar.
    SyntaxError,
    /// A statement that changes the schema in a way that reading it cannot tell (dynamic SQL).
    OpaqueStatement,
    /// A statement kind that we do not model yet.
    UnsupportedStatement,
    /// A limit was hit: size, depth, count.
    LimitExceeded,
    /// An archive that could not be opened or unpacked.
    BadArchive,
    /// Two files of the same name were given.
    DuplicateFileName,
    /// A file, or a part of one, that its migration tool would not run.
    NotApplied,
    /// A file for a database whose dialect is not read.
    OtherDialect,
    /// Files whose order was inferred from what they define and use.
    AssumedOrder,
    /// A file or folder that could not be opened.
    Unreadable,
    /// A template placeholder for which no value was given.
    UnfilledPlaceholder,
    /// A value was given for a placeholder that nowhere stands.
    UnusedDefine,
    /// A setting of `relata.toml` that means nothing or contradicts another.
    BadSetting,
    /// A comment that is meant to waive a finding and does not say which or why.
    BadWaiver,
    /// A waiver that fits no finding.
    StaleWaiver,
    /// A waiver whose last day is over.
    ExpiredWaiver,
}

impl ProblemKind {
    /// The name in JSON, in kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::EmptyFile => "empty-file",
            Self::BinaryFile => "binary-file",
            Self::NotASchema => "not-a-schema",
            Self::InvalidEncoding => "invalid-encoding",
            Self::Unterminated => "unterminated",
            Self::SyntaxError => "syntax-error",
            Self::OpaqueStatement => "opaque-statement",
            Self::UnsupportedStatement => "unsupported-statement",
            Self::LimitExceeded => "limit-exceeded",
            Self::BadArchive => "bad-archive",
            Self::DuplicateFileName => "duplicate-file-name",
            Self::NotApplied => "not-applied",
            Self::OtherDialect => "other-dialect",
            Self::AssumedOrder => "assumed-order",
            Self::Unreadable => "unreadable",
            Self::UnfilledPlaceholder => "unfilled-placeholder",
            Self::UnusedDefine => "unused-define",
            Self::BadSetting => "bad-setting",
            Self::BadWaiver => "bad-waiver",
            Self::StaleWaiver => "stale-waiver",
            Self::ExpiredWaiver => "expired-waiver",
        }
    }
}
