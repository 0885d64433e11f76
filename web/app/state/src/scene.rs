//! The diagram as the canvas draws it: boxes, rows, lines and regions in world units, with indexes for hit tests and neighbours.

use std::collections::{BTreeMap, BTreeSet};

use relata_protocol::{Diagram, RelationKey, row_mark};

use crate::viewport::{Point, Rect};

/// The version of the geometry's format that is read here. The format is documented in the core's `diagram/geometry.rs`.
const GEOMETRY_VERSION: i32 = 1;
/// Height of a box's header: where its rows begin.
pub const HEADER: f64 = 32.0;
/// Height of a row.
pub const ROW: f64 = 20.0;

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
    /// Its cluster, by number.
    pub cluster: usize,
    /// Its cluster's hue, 0 to 11.
    pub hue: u8,
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
    /// A view that reads a table, not a key.
    pub reads: bool,
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
        let mut data = buffer.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b));
        let mut next = || data.next();
        if next()? != GEOMETRY_VERSION {
            return None;
        }
        let (_detail, width, height) = (next()?, next()?, next()?);
        let (node_count, edge_count, region_count) = (next()?, next()?, next()?);
        let mut scene = Self { bounds: Rect { x: 0.0, y: 0.0, w: width.into(), h: height.into() }, ..Self::default() };
        let mut names = diagram.row_names.iter();
        let mut types = diagram.row_types.iter();
        let mut marks = diagram.row_marks.iter();
        let mut nodes = diagram.nodes.iter();
        for _ in 0..node_count {
            let node = nodes.next()?;
            let rect = rect(&mut next)?;
            let (cluster, hue, row_count) = (next()?, next()?, next()?);
            let first_row = scene.rows.len();
            for _ in 0..row_count {
                next()?;
                let (name, data_type) = (names.next()?.to_owned(), types.next()?.to_owned());
                let mark = marks.next()?;
                let marked = |bit| mark & bit != 0;
                scene.rows.push(Row {
                    name,
                    data_type,
                    primary: marked(row_mark::PRIMARY),
                    foreign: marked(row_mark::FOREIGN),
                    unique: marked(row_mark::UNIQUE),
                    not_null: marked(row_mark::NOT_NULL),
                });
            }
            scene.places.insert(node.relation, scene.boxes.len());
            scene.boxes.push(TableBox {
                relation: node.relation,
                schema: node.schema.clone(),
                name: node.name.clone(),
                rect,
                cluster: usize::try_from(cluster).ok()?,
                hue: hue_of(hue),
                first_row,
                row_count: scene.rows.len() - first_row,
            });
        }
        scene.at_box = vec![Vec::new(); scene.boxes.len()];
        let mut edges = diagram.edges.iter();
        for _ in 0..edge_count {
            let edge = edges.next()?;
            let (from, to) = (usize::try_from(next()?).ok()?, usize::try_from(next()?).ok()?);
            let (from_end, to_end, flags) = (ends(next()?), ends(next()?), next()?);
            let mut points = Vec::new();
            for _ in 0..next()? {
                points.push(Point { x: next()?.into(), y: next()?.into() });
            }
            let bounds = around(&points);
            for at in if from == to { vec![from] } else { vec![from, to] } {
                scene.at_box.get_mut(at)?.push(scene.lines.len());
            }
            let (identifying, reads) = (flags & 1 != 0, flags & 2 != 0);
            let name = edge.name.clone();
            scene.lines.push(Line { name, from, to, points, from_end, to_end, identifying, reads, bounds });
        }
        let mut cluster_names = vec![String::new(); diagram.clusters.iter().count()];
        for (slot, name) in cluster_names.iter_mut().zip(diagram.clusters.iter()) {
            name.clone_into(slot);
        }
        for _ in 0..region_count {
            let (cluster, hue) = (usize::try_from(next()?).ok()?, hue_of(next()?));
            let rect = rect(&mut next)?;
            let boxes = scene.boxes.iter().filter(|b| b.cluster == cluster).count();
            let name = cluster_names.get(cluster).cloned().unwrap_or_default();
            scene.regions.push(Region { name, rect, hue, boxes });
        }
        if next().is_some() {
            return None;
        }
        Some(scene)
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
        let below = p.y - b.rect.y - HEADER;
        let row = (below / ROW).floor();
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

fn rect(next: &mut impl FnMut() -> Option<i32>) -> Option<Rect> {
    Some(Rect { x: next()?.into(), y: next()?.into(), w: next()?.into(), h: next()?.into() })
}

fn hue_of(hue: i32) -> u8 {
    u8::try_from(hue.rem_euclid(12)).unwrap_or(0)
}

fn ends(end: i32) -> Ends {
    match end {
        0 => Ends::One,
        1 => Ends::ZeroOrOne,
        _ => Ends::Many,
    }
}

fn around(points: &[Point]) -> Rect {
    let at = |p: &Point| Rect { x: p.x, y: p.y, w: 0.0, h: 0.0 };
    points.iter().map(at).reduce(Rect::around).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use relata_protocol::{DiagramEdge, DiagramNode, RelationKind, RelationType};

    use super::*;

    pub(crate) fn key(id: u32) -> RelationKey {
        RelationKey { kind: RelationKind::Table, id }
    }

    /// Two tables, `book` referring to `author`, in one region: written down by hand from the format's table.
    pub(crate) fn sample() -> (Diagram, Vec<u8>) {
        let node = |id, name: &str, rows| DiagramNode {
            relation: key(id),
            schema: "public".into(),
            name: name.into(),
            kind: RelationType::Table,
            partitions: 0,
            rows,
        };
        let diagram = Diagram {
            nodes: vec![node(7, "book", 2), node(3, "author", 1)],
            row_names: ["id", "author_id", "id"].iter().collect(),
            row_types: ["bigint", "bigint", "bigint"].iter().collect(),
            row_marks: vec![
                row_mark::PRIMARY | row_mark::NOT_NULL,
                row_mark::FOREIGN,
                row_mark::PRIMARY | row_mark::NOT_NULL,
            ],
            edges: vec![DiagramEdge { name: "book_author_id_fkey".into(), from: 0, to: 1 }],
            clusters: ["public"].iter().collect(),
        };
        let ints = [
            vec![1, 2, 500, 100, 2, 1, 1],
            vec![10, 10, 150, 78, 0, 4, 2, 0, 1],
            vec![300, 10, 120, 58, 0, 4, 1, 0],
            vec![0, 1, 2, 0, 1, 2, 160, 72, 300, 52],
            vec![0, 4, 0, 0, 500, 100],
        ];
        (diagram, ints.concat().iter().flat_map(|i: &i32| i.to_le_bytes()).collect())
    }

    #[test]
    fn names_and_geometry_come_together() {
        let (diagram, buffer) = sample();
        let scene = Scene::build(&diagram, &buffer).unwrap();
        assert_eq!(scene.boxes[0].rect, Rect { x: 10.0, y: 10.0, w: 150.0, h: 78.0 });
        assert_eq!(scene.rows_of(0).iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["id", "author_id"]);
        assert_eq!(scene.rows_of(0).iter().map(|r| r.foreign).collect::<Vec<_>>(), [false, true]);
        assert_eq!(scene.rows_of(0).iter().map(|r| r.primary && r.not_null).collect::<Vec<_>>(), [true, false]);
        assert_eq!((scene.lines[0].from_end, scene.lines[0].to_end), (Ends::Many, Ends::One));
        assert!(scene.lines[0].identifying && !scene.lines[0].reads);
        assert_eq!((scene.regions[0].name.as_str(), scene.regions[0].boxes), ("public", 2));
        assert_eq!(scene.place(key(3)), Some(1));
        assert_eq!(scene.neighbours(1).into_iter().collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn hits() {
        let (diagram, buffer) = sample();
        let scene = Scene::build(&diagram, &buffer).unwrap();
        let at = |x, y| Point { x, y };
        assert_eq!(scene.hit(at(20.0, 20.0)), Some(0));
        assert_eq!(scene.hit(at(200.0, 20.0)), None);
        assert_eq!(scene.hit_row(0, at(20.0, 20.0)), None, "the header");
        assert_eq!(scene.hit_row(0, at(20.0, 65.0)), Some(1));
        assert_eq!(scene.hit_row(0, at(20.0, 85.0)), None, "the foot");
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let (diagram, buffer) = sample();
        assert_eq!(Scene::build(&diagram, &buffer[..buffer.len() - 4]), None, "too short");
        assert_eq!(Scene::build(&diagram, &[&buffer[..], &[0; 4]].concat()), None, "too long");
        assert_eq!(Scene::build(&Diagram::default(), &buffer), None, "no names");
        let mut other = buffer;
        other[0] = 9;
        assert_eq!(Scene::build(&diagram, &other), None, "another version");
        assert!(Scene::build(&Diagram::default(), &[]).is_none());
    }
}
