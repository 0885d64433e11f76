//! Diagrams: what to show, and the names that go with the geometry.

use serde::{Deserialize, Serialize};

use crate::{RelationKey, RelationType};

/// What a diagram shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiagramOptions {
    /// How much of each table.
    pub detail: Detail,
    /// Only this table and its neighbours. A view's neighbours are not counted: focusing on one shows everything.
    pub focus: Option<RelationKey>,
    /// How far neighbours are counted from `focus`, in references.
    pub hops: u32,
    /// Show views too.
    pub include_views: bool,
}

/// What the user made of a diagram, for its export.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Arrangement {
    /// Tables and views that are left out.
    pub hidden: Vec<RelationKey>,
    /// Where everything stands, for a picture; as the layout has it where absent.
    pub placed: Option<Placed>,
    /// Where table names in a picture lead: an address that `schema.table` goes behind.
    pub links: Option<String>,
}

/// Where everything in a diagram stands. What is not in it is not shown.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Placed {
    /// Tables and views.
    pub boxes: Vec<PlacedBox>,
    /// Lines.
    pub lines: Vec<PlacedLine>,
    /// Clusters and groups.
    pub areas: Vec<PlacedArea>,
}

/// Where a table or view stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedBox {
    /// Which one.
    pub relation: RelationKey,
    /// Left and top border.
    pub corner: [i32; 2],
    /// Only its header is shown.
    pub collapsed: bool,
}

/// Where a line runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedLine {
    /// Its place in [`Diagram::edges`].
    pub edge: u32,
    /// Its corners.
    pub points: Vec<[i32; 2]>,
}

/// Where a cluster or a group stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedArea {
    /// Its name.
    pub name: String,
    /// Its hue, 0 to 11.
    pub hue: u8,
    /// Left and top border, width and height.
    pub rect: [i32; 4],
}

/// How much of each table a diagram shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Detail {
    /// Names alone.
    Names,
    /// Names and the columns of keys.
    Keys,
    /// All columns.
    #[default]
    Columns,
}

/// The names that go with the geometry in the envelope's buffer. `nodes`, `edges` and `clusters` are in the geometry's order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagram {
    /// The boxes.
    pub nodes: Vec<DiagramNode>,
    /// Names of the rows of all boxes, one after the other: the first box has the first [`DiagramNode::rows`] of them.
    pub row_names: Names,
    /// Types of the same rows; empty where a type is not known.
    pub row_types: Names,
    /// What is to be marked at the same rows: sums of the constants of [`row_mark`].
    pub row_marks: Vec<u8>,
    /// The lines.
    pub edges: Vec<DiagramEdge>,
    /// Names of the clusters.
    pub clusters: Names,
}

/// What is to be marked at a row, each a bit of [`Diagram::row_marks`].
pub mod row_mark {
    /// Part of the primary key.
    pub const PRIMARY: u8 = 1;
    /// Part of a foreign key.
    pub const FOREIGN: u8 = 2;
    /// Unique by itself, not through the primary key.
    pub const UNIQUE: u8 = 4;
    /// NOT NULL.
    pub const NOT_NULL: u8 = 8;
}

/// A box.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagramNode {
    /// The table or view.
    pub relation: RelationKey,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its path, quoted where SQL needs it: the same as [`TableRow::path`](crate::TableRow::path).
    pub path: String,
    /// What it is; partitions are folded into the table at their root.
    pub kind: RelationType,
    /// Partitions, at any depth, that are drawn as this one box.
    pub partitions: u32,
    /// How many rows the box has.
    pub rows: u32,
}

/// A line: a foreign key, or what a view reads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiagramEdge {
    /// The foreign key's name; empty for a view's line.
    pub name: String,
    /// The box that has the foreign key, by its place in [`Diagram::nodes`].
    pub from: u32,
    /// The box that it refers to.
    pub to: u32,
    /// What becomes of its rows when one that they refer to is deleted.
    pub on_delete: OnDelete,
}

/// What a foreign key does when a row that is referred to is deleted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the actions of SQL")]
pub enum OnDelete {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// Many names as one string: crossing between worker and page costs by the value, not by the byte. Names of a database hold no NUL, so that
/// one ends each of them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names {
    text: String,
}

impl Names {
    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.text.split_terminator('\0')
    }

    /// Adds a name.
    pub fn push(&mut self, name: &str) {
        self.text.extend(name.chars().filter(|c| *c != '\0'));
        self.text.push('\0');
    }
}

impl<S: AsRef<str>> FromIterator<S> for Names {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut all = Self::default();
        for name in names {
            all.push(name.as_ref());
        }
        all
    }
}
