//! What models say besides the schema: how objects relate in the program. Plain data with spans, for the rules about models.

use crate::name::Name;
use crate::source::Span;

/// A class that stands for a table.
#[derive(Clone, Debug, Default)]
pub struct ModelFacts {
    /// The class's name.
    pub class: String,
    /// The table's name.
    pub table: Name,
    /// The class's name in the file.
    pub span: Span,
    /// Its relationships in order.
    pub relationships: Vec<Relationship>,
}

/// What a foreign key of models refers to, in words, where that stands in the schema that its metadata gives to all: both `table.column` and
/// `schema.table.column` name it.
#[derive(Clone, Debug)]
pub struct WrittenTarget {
    /// The text.
    pub span: Span,
    /// Whether the schema is written.
    pub with_schema: bool,
}

/// `relationship(…)`: an attribute that holds objects of another class.
#[derive(Clone, Debug, Default)]
pub struct Relationship {
    /// The attribute.
    pub name: String,
    /// The class that it leads to, as written.
    pub target: Option<String>,
    /// Whether it holds several objects, where that is known: by annotation, `uselist`, or the direction of the foreign key.
    pub collection: Option<bool>,
    /// How it is loaded, where it says: `lazy="selectin"`.
    pub lazy: Option<String>,
    /// Where it says that.
    pub lazy_span: Option<Span>,
    /// What happens to the objects along with their owner: `cascade="all, delete-orphan"`.
    pub cascade: Option<String>,
    /// Whether the database deletes the rows: `passive_deletes`.
    pub passive_deletes: bool,
    /// The attribute that leads back.
    pub back_populates: Option<String>,
    /// The attribute that it makes for the way back.
    pub backref: Option<String>,
    /// The table between the two, as written or by its name.
    pub secondary: Option<String>,
    /// Where it stands.
    pub span: Span,
}
