//! What a schema document says besides the schema: counts, plans, lists, versions. Plain data with spans, for the rules about documents.

use crate::expr::Expr;
use crate::name::Name;
use crate::operation::CreateTable;
use crate::source::{FileId, Span};

/// What one document states.
#[derive(Clone, Debug, Default)]
pub struct DocumentFacts {
    /// The document.
    pub file: FileId,
    /// Its file's name.
    pub name: String,
    /// "63 tables".
    pub counts: Vec<StatedCount>,
    /// Lists of values in the descriptions of columns.
    pub values: Vec<StatedValues>,
    /// Conditions that stand alone in fenced SQL: `CHECK (status IN ('a', 'b'))`.
    pub conditions: Vec<Expr>,
    /// Rows of tables that map types of something else to types of the database.
    pub mappings: Vec<TypeMapping>,
    /// Schedules of refreshes.
    pub refresh_plans: Vec<RefreshPlan>,
    /// Orders in which to create things.
    pub orders: Vec<StatedOrder>,
    /// Policies that the sections of tables describe in words.
    pub policies: Vec<StatedPolicy>,
    /// Versions of the document.
    pub versions: Vec<StatedVersion>,
    /// Files that the document says are no longer to be used.
    pub superseded: Vec<SupersededFile>,
    /// Where it calls itself the source of truth.
    pub source_of_truth: Option<Span>,
    /// Definitions of tables that the document describes elsewhere already.
    pub restated: Vec<RestatedTable>,
    /// Indexes in SQL that the section of their table, which lists indexes, does not have.
    pub unlisted_indexes: Vec<UnlistedIndex>,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the kinds of objects")]
pub enum Counted {
    Tables,
    Columns,
    Indexes,
    ForeignKeys,
    Views,
    MaterializedViews,
}

impl Counted {
    /// In words, for one and for many.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Tables => ("table", "tables"),
            Self::Columns => ("column", "columns"),
            Self::Indexes => ("index", "indexes"),
            Self::ForeignKeys => ("foreign key", "foreign keys"),
            Self::Views => ("view", "views"),
            Self::MaterializedViews => ("materialized view", "materialized views"),
        }
    }
}

/// A number of objects that the document states.
#[derive(Clone, Debug)]
pub struct StatedCount {
    /// What is counted.
    pub counted: Counted,
    /// How many there are to be.
    pub number: u32,
    /// The section that is spoken of, and how many it defines; nothing for the whole document.
    pub section: Option<(String, u32)>,
    /// The number and the noun.
    pub span: Span,
}

/// A column's values as its description lists them.
#[derive(Clone, Debug)]
pub struct StatedValues {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: Name,
    /// The values in order.
    pub values: Vec<String>,
    /// Whether more may follow: "etc.".
    pub open: bool,
    /// The description.
    pub span: Span,
}

/// A row of a type mapping.
#[derive(Clone, Debug)]
pub struct TypeMapping {
    /// The type that is mapped, as written without marks.
    pub from: String,
    /// The types of the database that it may become, in lower case without modifiers.
    pub to: Vec<String>,
    /// The rest of the row.
    pub notes: String,
    /// The row's first two cells.
    pub span: Span,
}

/// A schedule that names materialized views.
#[derive(Clone, Debug)]
pub struct RefreshPlan {
    /// The views, as the database keeps their names.
    pub views: Vec<Name>,
    /// From the first entry to the last.
    pub span: Span,
}

/// An order of creation.
#[derive(Clone, Debug)]
pub struct StatedOrder {
    /// Its lines, first things first.
    pub entries: Vec<OrderEntry>,
    /// From the first line to the last.
    pub span: Span,
}

/// A line of an order.
#[derive(Clone, Debug, Default)]
pub struct OrderEntry {
    /// What stands in front of its colon, in lower case.
    pub label: Option<String>,
    /// The names in it, in order; one that ends in `*` stands for all that begin so.
    pub names: Vec<(Name, Span)>,
    /// Whether three dots leave some out.
    pub open: bool,
    /// Whether it sets up partitions.
    pub partitions: bool,
    /// The tables that the document defines in the section which the line names.
    pub section: Vec<Name>,
    /// The line.
    pub span: Span,
}

/// A policy as the section of its table describes it.
#[derive(Clone, Debug)]
pub struct StatedPolicy {
    /// The table.
    pub table: Name,
    /// Its name, where one is given.
    pub name: Option<Name>,
    /// Its condition, where it can be read.
    pub condition: Option<Expr>,
    /// The line.
    pub span: Span,
}

/// Where a version is stated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum VersionPlace {
    /// In the title or the head of the document: its own version.
    Title,
    /// In the list of versions.
    History,
    /// In a heading of the text.
    Body,
}

/// A version that the document states.
#[derive(Clone, Debug)]
pub struct StatedVersion {
    /// As written: `v2.5`.
    pub text: String,
    /// Its numbers.
    pub parts: Vec<u32>,
    /// Where.
    pub place: VersionPlace,
    /// The version.
    pub span: Span,
}

/// A file that is no longer to be used.
#[derive(Clone, Debug)]
pub struct SupersededFile {
    /// Its name as written.
    pub name: String,
    /// Whether it is one of the files that were given.
    pub present: bool,
    /// The name.
    pub span: Span,
}

/// A second definition of a table.
#[derive(Clone, Debug)]
pub struct RestatedTable {
    /// The statement.
    pub table: Box<CreateTable>,
    /// Whether it leaves columns out on purpose: an excerpt.
    pub excerpt: bool,
    /// Whether it is an entity of a diagram, whose types are words and not SQL.
    pub diagram: bool,
}

/// An index that its table's section does not list.
#[derive(Clone, Debug)]
pub struct UnlistedIndex {
    /// The index.
    pub name: Name,
    /// The table.
    pub table: Name,
    /// The index's name.
    pub span: Span,
}
