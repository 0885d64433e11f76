//! The diagram as the canvas draws it: boxes, rows, lines and regions in world units, with indexes for hit tests and neighbours.

use std::collections::{BTreeMap, BTreeSet};

use relata_protocol::{Diagram, RelationKey};

use crate::viewport::{Point, Rect};

/// A diagram ready to be drawn.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Scene {
    /// Tables and views, in the engine's order.
    pub boxes: Vec<TableBox>,
    /// The rows of all boxes, one box after the other.
    pub rows: Vec<Row>,
    /// Foreign keys.
    pub lines: Vec<Line>,
    /// Clusters.
    pub regions: Vec<Region>,
    /// Around everything.
    pub bounds: Rect,
    /// Height of a box's header.
    pub header: f64,
    /// Height of a row.
    pub row: f64,
    places: BTreeMap<RelationKey, usize>,
    at_box: Vec<Vec<usize>>,
}

/// A table or view.
#[derive(Clone, PartialEq, Debug)]
pub struct TableBox {
    /// Which one.
    pub relation: RelationKey,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its place.
    pub rect: Rect,
    /// Its cluster, by place in [`Scene::regions`].
    pub cluster: usize,
    /// Its first row in [`Scene::rows`].
    pub first_row: usize,
    /// How many rows it has.
    pub row_count: usize,
}

/// A column in a box.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// The column's name.
    pub name: String,
    /// Its type.
    pub data_type: String,
    /// Part of the primary key.
    pub primary: bool,
    /// Part of a foreign key.
    pub foreign: bool,
    /// Unique by itself.
    pub unique: bool,
    /// NOT NULL.
    pub not_null: bool,
}

/// How many rows can stand at an end of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the ends of crow's foot notation")]
pub enum Ends {
    One,
    ZeroOrOne,
    Many,
    OneOrMany,
}

/// A foreign key.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// The box that has it.
    pub from: usize,
    /// The box that it refers to.
    pub to: usize,
    /// Its bends, from the referring row to the referenced one.
    pub points: Vec<Point>,
    /// The referring end.
    pub from_end: Ends,
    /// The referenced end.
    pub to_end: Ends,
    /// Part of the referring table's primary key.
    pub identifying: bool,
    /// Around its points.
    pub bounds: Rect,
}

/// A cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Its place.
    pub rect: Rect,
    /// Its hue, 0 to 11.
    pub hue: u8,
    /// How many boxes it holds.
    pub boxes: usize,
}

impl Scene {
    /// The scene of an answer: names from the message, geometry from its buffer. `None` when the two do not fit together.
    pub fn build(diagram: &Diagram, buffer: &[u8]) -> Option<Self> {
        let _ = (diagram, buffer);
        None
    }

    /// The place of a table or view in [`Scene::boxes`].
    pub fn place(&self, relation: RelationKey) -> Option<usize> {
        self.places.get(&relation).copied()
    }

    /// The box at a point of the world; the last one drawn wins.
    pub fn hit(&self, p: Point) -> Option<usize> {
        self.boxes.iter().rposition(|b| b.rect.holds(p))
    }

    /// The row of a box at a point of the world, by its place among the box's rows.
    pub fn hit_row(&self, at: usize, p: Point) -> Option<usize> {
        let b = self.boxes.get(at)?;
        let below = p.y - b.rect.y - self.header;
        let row = (below / self.row.max(1.0)).floor();
        (below >= 0.0 && row < b.row_count as f64).then_some(row as usize)
    }

    /// The rows of a box.
    pub fn rows_of(&self, at: usize) -> &[Row] {
        self.boxes.get(at).and_then(|b| self.rows.get(b.first_row..b.first_row + b.row_count)).unwrap_or_default()
    }

    /// The lines at a box, by place.
    pub fn lines_at(&self, at: usize) -> &[usize] {
        self.at_box.get(at).map_or(&[], Vec::as_slice)
    }

    /// A box and all boxes that a line joins to it.
    pub fn neighbours(&self, at: usize) -> BTreeSet<usize> {
        let joined = self.lines_at(at).iter().filter_map(|l| self.lines.get(*l)).flat_map(|l| [l.from, l.to]);
        joined.chain([at]).collect()
    }
}
