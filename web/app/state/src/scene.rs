//! The diagram as the canvas draws it: boxes, rows, lines and regions in world units, with indexes for hit tests and neighbours.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use relata_protocol::{Diagram, OnDelete, RelationKey, RelationType, row_mark};

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
    /// Tables and views, in the engine's order; clusters that are folded behind them.
    pub boxes: Vec<TableBox>,
    /// The rows of all boxes, one box after the other.
    pub rows: Rc<Vec<Row>>,
    /// Foreign keys.
    pub lines: Vec<Line>,
    /// Clusters.
    pub regions: Vec<Region>,
    /// Around everything.
    pub bounds: Rect,
    /// The box of each table and view; that of its cluster where it is folded.
    pub(crate) places: BTreeMap<RelationKey, usize>,
    pub(crate) at_box: Vec<Vec<usize>>,
}

/// A table or view, or a cluster that is folded into one box.
#[derive(Clone, PartialEq, Debug)]
pub struct TableBox {
    /// Which one; of a folded cluster its first table.
    pub relation: RelationKey,
    /// Its schema.
    pub schema: Rc<str>,
    /// Its name.
    pub name: Rc<str>,
    /// Its path: what the user's arrangement knows it by.
    pub path: Rc<str>,
    /// What it is.
    pub kind: RelationType,
    /// Partitions that are drawn as this one box.
    pub partitions: u32,
    /// Its place.
    pub rect: Rect,
    /// Its cluster, by number.
    pub cluster: usize,
    /// Its cluster's hue, 0 to 11.
    pub hue: u8,
    /// Its first row in [`Scene::rows`].
    pub first_row: usize,
    /// How many rows it shows.
    pub row_count: usize,
    /// How many tables are folded into it; 0 for a table.
    pub folded: usize,
    /// The user put it where it is.
    pub pinned: bool,
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
    /// Its place among the lines that the engine gave.
    pub edge: u32,
    /// Its name.
    pub name: Rc<str>,
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
    /// What becomes of the referring rows when a referenced one is deleted.
    pub on_delete: OnDelete,
    /// Around its points.
    pub bounds: Rect,
}

/// A cluster, or a group that the user made.
#[derive(Clone, PartialEq, Debug)]
pub struct Region {
    /// Its name.
    pub name: Rc<str>,
    /// The cluster's number; `None` for a group of the user's.
    pub cluster: Option<usize>,
    /// Its place.
    pub rect: Rect,
    /// Its hue, 0 to 11.
    pub hue: u8,
    /// How many boxes it holds.
    pub boxes: usize,
}

/// The way from one table to another along foreign keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Way {
    /// The boxes on it, in order.
    pub boxes: Vec<usize>,
    /// The lines between them.
    pub lines: BTreeSet<usize>,
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
        let mut rows = Vec::new();
        for _ in 0..node_count {
            let node = nodes.next()?;
            let rect = rect(&mut next)?;
            let (cluster, hue, row_count) = (next()?, next()?, next()?);
            let first_row = rows.len();
            for _ in 0..row_count {
                next()?;
                let (name, data_type) = (names.next()?.to_owned(), types.next()?.to_owned());
                let mark = marks.next()?;
                let marked = |bit| mark & bit != 0;
                rows.push(Row {
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
                schema: node.schema.as_str().into(),
                name: node.name.as_str().into(),
                path: node.path.as_str().into(),
                kind: node.kind,
                partitions: node.partitions,
                rect,
                cluster: usize::try_from(cluster).ok()?,
                hue: hue_of(hue),
                first_row,
                row_count: rows.len() - first_row,
                folded: 0,
                pinned: false,
            });
        }
        scene.rows = Rc::new(rows);
        let mut edges = diagram.edges.iter();
        for number in 0..edge_count {
            let edge = edges.next()?;
            let place = u32::try_from(number).ok()?;
            let (from, to) = (usize::try_from(next()?).ok()?, usize::try_from(next()?).ok()?);
            if from >= scene.boxes.len() || to >= scene.boxes.len() {
                return None;
            }
            let (from_end, to_end, flags) = (ends(next()?), ends(next()?), next()?);
            let mut points = Vec::new();
            for _ in 0..next()? {
                points.push(Point { x: next()?.into(), y: next()?.into() });
            }
            let bounds = around(&points);
            let (identifying, reads) = (flags & 1 != 0, flags & 2 != 0);
            let (name, on_delete) = (edge.name.as_str().into(), edge.on_delete);
            scene.lines.push(Line {
                edge: place,
                name,
                from,
                to,
                points,
                from_end,
                to_end,
                identifying,
                reads,
                on_delete,
                bounds,
            });
        }
        let cluster_names: Vec<&str> = diagram.clusters.iter().collect();
        for _ in 0..region_count {
            let (cluster, hue) = (usize::try_from(next()?).ok()?, hue_of(next()?));
            let rect = rect(&mut next)?;
            let boxes = scene.boxes.iter().filter(|b| b.cluster == cluster).count();
            let name = cluster_names.get(cluster).copied().unwrap_or_default().into();
            scene.regions.push(Region { name, cluster: Some(cluster), rect, hue, boxes });
        }
        if next().is_some() {
            return None;
        }
        scene.join();
        Some(scene)
    }

    /// Indexes the lines by the boxes that they join.
    pub(crate) fn join(&mut self) {
        let mut at_box = vec![Vec::new(); self.boxes.len()];
        for (place, line) in self.lines.iter().enumerate() {
            for at in if line.from == line.to { vec![line.from] } else { vec![line.from, line.to] } {
                if let Some(lines) = at_box.get_mut(at) {
                    lines.push(place);
                }
            }
        }
        self.at_box = at_box;
    }

    /// The place of a table or view in [`Scene::boxes`].
    pub fn place(&self, relation: RelationKey) -> Option<usize> {
        self.places.get(&relation).copied()
    }

    /// The place of a box by its path.
    pub fn place_of(&self, path: &str) -> Option<usize> {
        self.boxes.iter().position(|b| &*b.path == path && b.folded == 0)
    }

    /// The box at a point of the world; the last one drawn wins.
    pub fn hit(&self, p: Point) -> Option<usize> {
        self.boxes.iter().rposition(|b| b.rect.holds(p))
    }

    /// The region at a point of the world: the smallest one.
    pub fn hit_region(&self, p: Point) -> Option<&Region> {
        let size = |r: &&Region| r.rect.w * r.rect.h;
        self.regions.iter().filter(|r| r.rect.holds(p)).min_by(|a, b| size(a).total_cmp(&size(b)))
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

    /// The shortest way along foreign keys between two boxes, whichever way the keys point. Of ways of one length the one through tables with few
    /// lines: by the same cost as the core's `diagram::walk::path`, so that the page and the command line show the same way.
    pub fn way(&self, from: usize, to: usize) -> Option<Way> {
        let keys = |at: usize| {
            let lines = self.lines_at(at).iter().filter_map(|place| Some((*place, self.lines.get(*place)?)));
            lines.filter(|(_, line)| !line.reads)
        };
        // A key of a table to itself leaves it and comes back.
        let busy = |at: usize| keys(at).map(|(_, line)| if line.from == line.to { 2 } else { 1 }).sum::<usize>();
        // Dijkstra's algorithm on (lines, lines of the tables between).
        let mut best = BTreeMap::from([(from, (0, 0))]);
        let mut came: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let mut open = BTreeSet::from([((0, 0), from)]);
        while let Some((cost, at)) = open.pop_first() {
            if at == to {
                break;
            }
            for (place, line) in keys(at) {
                let next = if line.from == at { line.to } else { line.from };
                let reached = (cost.0 + 1, cost.1 + busy(next));
                let known = best.get(&next).copied();
                if known.is_none_or(|known| reached < known) {
                    if let Some(known) = known {
                        open.remove(&(known, next));
                    }
                    best.insert(next, reached);
                    came.insert(next, (at, place));
                    open.insert((reached, next));
                }
            }
        }
        let mut way = Way { boxes: vec![to], lines: BTreeSet::new() };
        let mut at = to;
        while at != from {
            let (before, line) = *came.get(&at)?;
            way.boxes.push(before);
            way.lines.insert(line);
            at = before;
        }
        way.boxes.reverse();
        Some(way)
    }

    /// Moves boxes by so much, with the ends of their lines.
    pub fn shift(&mut self, boxes: &BTreeSet<usize>, dx: f64, dy: f64) {
        for at in boxes {
            if let Some(b) = self.boxes.get_mut(*at) {
                b.rect.x += dx;
                b.rect.y += dy;
            }
        }
        let lines: BTreeSet<usize> = boxes.iter().flat_map(|at| self.lines_at(*at)).copied().collect();
        for place in lines {
            let Some(line) = self.lines.get(place) else { continue };
            let (a, b) = (boxes.contains(&line.from), boxes.contains(&line.to));
            if a && b {
                if let Some(line) = self.lines.get_mut(place) {
                    for p in &mut line.points {
                        p.x += dx;
                        p.y += dy;
                    }
                    line.bounds = around(&line.points);
                }
                continue;
            }
            let (Some(first), Some(last)) = (line.points.first(), line.points.last()) else { continue };
            let at = (first.y + if a { dy } else { 0.0 }, last.y + if b { dy } else { 0.0 });
            self.route(place, at.0, at.1);
        }
    }

    /// Gives a line a simple orthogonal route between the heights at which it leaves its boxes.
    pub(crate) fn route(&mut self, place: usize, from_y: f64, to_y: f64) {
        let Some(line) = self.lines.get(place) else { return };
        let (Some(a), Some(b)) = (self.boxes.get(line.from), self.boxes.get(line.to)) else { return };
        let points = elbow(a.rect, from_y, b.rect, to_y);
        if let Some(line) = self.lines.get_mut(place) {
            line.bounds = around(&points);
            line.points = points;
        }
    }

    /// The bounds of everything as it stands.
    pub(crate) fn extent(&self) -> Rect {
        let all = self.boxes.iter().map(|b| b.rect).chain(self.regions.iter().map(|r| r.rect));
        all.reduce(Rect::around).map_or_else(Rect::default, |r| r.grown(20.0))
    }
}

/// How far a line goes straight on from a box before it turns.
const STUB: f64 = 26.0;

/// A route from one box's side to another's with as few turns as can be: through the gap between them, or around the side where they overlap.
fn elbow(a: Rect, from_y: f64, b: Rect, to_y: f64) -> Vec<Point> {
    let (ar, br) = (a.x + a.w, b.x + b.w);
    let at = |x: f64, y: f64| Point { x, y };
    let (start, end, middle) = if b.x - ar >= 2.0 * STUB {
        (ar, b.x, f64::midpoint(ar, b.x))
    } else if a.x - br >= 2.0 * STUB {
        (a.x, br, f64::midpoint(a.x, br))
    } else if (ar - br).abs() <= (a.x - b.x).abs() {
        (ar, br, ar.max(br) + STUB)
    } else {
        (a.x, b.x, a.x.min(b.x) - STUB)
    };
    if (from_y - to_y).abs() < 0.5 && (middle - start).signum() != (middle - end).signum() {
        return vec![at(start, from_y), at(end, to_y)];
    }
    vec![at(start, from_y), at(middle, from_y), at(middle, to_y), at(end, to_y)]
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

pub(crate) fn around(points: &[Point]) -> Rect {
    let at = |p: &Point| Rect { x: p.x, y: p.y, w: 0.0, h: 0.0 };
    points.iter().map(at).reduce(Rect::around).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use relata_protocol::{DiagramEdge, DiagramNode, RelationKind};

    use super::*;

    pub(crate) fn key(id: u32) -> RelationKey {
        RelationKey { kind: RelationKind::Table, id }
    }

    /// Two tables: `book` (0) with a key to `author` (1), as an answer and its buffer.
    pub(crate) fn sample() -> (Diagram, Vec<u8>) {
        let node = |id, name: &str, rows| DiagramNode {
            relation: key(id),
            schema: "public".into(),
            name: name.into(),
            path: format!("public.{name}"),
            kind: RelationType::Table,
            partitions: 0,
            rows,
        };
        let on_delete = OnDelete::Cascade;
        let diagram = Diagram {
            nodes: vec![node(7, "book", 2), node(3, "author", 1)],
            row_names: ["id", "author_id", "id"].iter().collect(),
            row_types: ["bigint", "bigint", "bigint"].iter().collect(),
            row_marks: vec![
                row_mark::PRIMARY | row_mark::NOT_NULL,
                row_mark::FOREIGN,
                row_mark::PRIMARY | row_mark::NOT_NULL,
            ],
            edges: vec![DiagramEdge { name: "book_author_id_fkey".into(), from: 0, to: 1, on_delete }],
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

    /// A scene of boxes of 100 by 60 at these places, all in one cluster, and keys between them.
    pub(crate) fn scene_of(boxes: &[(&str, f64, f64)], keys: &[(usize, usize)]) -> Scene {
        let mut scene = Scene { rows: Rc::new(vec![Row::default(); boxes.len()]), ..Scene::default() };
        for (at, (name, x, y)) in boxes.iter().enumerate() {
            let relation = key(u32::try_from(at).unwrap());
            scene.places.insert(relation, at);
            scene.boxes.push(TableBox {
                relation,
                schema: "public".into(),
                name: (*name).into(),
                path: format!("public.{name}").into(),
                kind: RelationType::Table,
                partitions: 0,
                rect: Rect { x: *x, y: *y, w: 100.0, h: 60.0 },
                cluster: 0,
                hue: 0,
                first_row: at,
                row_count: 1,
                folded: 0,
                pinned: false,
            });
        }
        for (edge, (from, to)) in (0u32..).zip(keys) {
            let (a, b) = (scene.boxes[*from].rect, scene.boxes[*to].rect);
            let points = elbow(a, a.y + 42.0, b, b.y + 42.0);
            scene.lines.push(Line {
                edge,
                name: "key".into(),
                from: *from,
                to: *to,
                bounds: around(&points),
                points,
                from_end: Ends::Many,
                to_end: Ends::One,
                identifying: false,
                reads: false,
                on_delete: OnDelete::NoAction,
            });
        }
        scene.regions.push(Region {
            name: "all".into(),
            cluster: Some(0),
            rect: scene.extent(),
            hue: 0,
            boxes: boxes.len(),
        });
        scene.bounds = scene.extent();
        scene.join();
        scene
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
        assert_eq!(scene.lines[0].on_delete, OnDelete::Cascade);
        assert_eq!((&*scene.regions[0].name, scene.regions[0].boxes), ("public", 2));
        assert_eq!(scene.place(key(3)), Some(1));
        assert_eq!(scene.place_of("public.author"), Some(1));
        assert_eq!(scene.neighbours(1).into_iter().collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn hits() {
        let (diagram, buffer) = sample();
        let scene = Scene::build(&diagram, &buffer).unwrap();
        let at = |x, y| Point { x, y };
        assert_eq!(scene.hit(at(20.0, 20.0)), Some(0));
        assert_eq!(scene.hit(at(200.0, 20.0)), None);
        assert_eq!(scene.hit_region(at(200.0, 20.0)).map(|r| &*r.name), Some("public"));
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

    #[test]
    fn the_shortest_way_goes_along_keys_in_either_direction() {
        // a → b ← c → d, and a long way round: a → e → f → d.
        let names = ["a", "b", "c", "d", "e", "f"];
        let boxes: Vec<_> = names.iter().enumerate().map(|(i, n)| (*n, i as f64 * 200.0, 0.0)).collect();
        let scene = scene_of(&boxes, &[(0, 1), (2, 1), (2, 3), (0, 4), (4, 5), (5, 3)]);
        let way = scene.way(0, 3).unwrap();
        assert_eq!(way.boxes, [0, 1, 2, 3]);
        assert_eq!(way.lines.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(scene.way(4, 4).unwrap().boxes, [4]);
        let apart = scene_of(&[("a", 0.0, 0.0), ("b", 200.0, 0.0)], &[]);
        assert_eq!(apart.way(0, 1), None);
    }

    #[test]
    fn a_way_keeps_off_the_tables_that_everything_refers_to_and_off_views() {
        // a to d through the busy b, or through the quiet c; a view reads both.
        let boxes: Vec<_> =
            ["a", "b", "c", "d", "e", "v"].iter().enumerate().map(|(i, n)| (*n, i as f64 * 200.0, 0.0)).collect();
        let mut scene = scene_of(&boxes, &[(0, 1), (3, 1), (4, 1), (0, 2), (2, 3), (5, 0), (5, 3)]);
        assert_eq!(scene.way(0, 3).unwrap().lines.len(), 2);
        for place in [5, 6] {
            scene.lines[place].reads = true;
        }
        assert_eq!(scene.way(0, 3).unwrap().boxes, [0, 2, 3]);
        assert_eq!(scene.way(0, 5), None, "what a view reads is no key");
    }

    #[test]
    fn a_moved_box_takes_the_ends_of_its_lines_along() {
        let mut scene = scene_of(&[("a", 0.0, 0.0), ("b", 300.0, 0.0), ("c", 300.0, 200.0)], &[(0, 1), (1, 2)]);
        let before = scene.lines[1].points.clone();
        scene.shift(&BTreeSet::from([0]), 10.0, 50.0);
        let line = &scene.lines[0];
        assert_eq!(line.points.first(), Some(&Point { x: 110.0, y: 92.0 }), "at the box's right edge, in the same row");
        assert_eq!(line.points.last(), Some(&Point { x: 300.0, y: 42.0 }));
        assert!(line.points.windows(2).all(|w| w[0].x == w[1].x || w[0].y == w[1].y), "orthogonal");
        assert_eq!(scene.lines[1].points, before, "the others stay");
        scene.shift(&BTreeSet::from([0, 1, 2]), 5.0, 5.0);
        assert_eq!(scene.lines[1].points[0], Point { x: before[0].x + 5.0, y: before[0].y + 5.0 }, "moved as a whole");
    }

    #[test]
    fn lines_leave_on_the_side_that_is_shortest() {
        let r = |x: f64| Rect { x, y: 0.0, w: 100.0, h: 60.0 };
        let ends = |a: f64, b: f64| {
            let p = elbow(r(a), 10.0, r(b), 40.0);
            (p[0].x, p[p.len() - 1].x)
        };
        assert_eq!(ends(0.0, 300.0), (100.0, 300.0));
        assert_eq!(ends(300.0, 0.0), (300.0, 100.0));
        assert_eq!(ends(0.0, 10.0), (100.0, 110.0), "around the right where they overlap");
        assert_eq!(elbow(r(0.0), 10.0, r(300.0), 10.0).len(), 2, "straight where it can be");
    }
}
