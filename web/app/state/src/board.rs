//! What the user made of the diagram: what is shown, folded, grouped, put somewhere. Tables go by their paths, so that an arrangement outlives
//! a change of the schema; [`arrange`] puts it on a layout.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use relata_protocol::{Arrangement, Detail, Placed, PlacedArea, PlacedBox, PlacedLine, TableRow};
use serde::{Deserialize, Serialize};

use crate::scene::{HEADER, Region, Scene, TableBox, around};
use crate::viewport::Rect;

/// The word that a file of an arrangement begins with.
pub const FORMAT: &str = "relata-diagram";
/// The version of that file's format.
pub const VERSION: u32 = 1;

/// The user's arrangement of a diagram.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Board {
    /// How much of each table.
    pub detail: Detail,
    /// Views too.
    pub views: bool,
    /// Only a table and its neighbours.
    pub focus: Option<Focus>,
    /// Tables that are not shown.
    pub hidden: BTreeSet<String>,
    /// Tables of which only the header is shown.
    pub collapsed: BTreeSet<String>,
    /// Clusters that are one box, by name.
    pub folded: BTreeSet<String>,
    /// Groups that the user made: their names and their tables.
    pub groups: BTreeMap<String, BTreeSet<String>>,
    /// Where the user put tables.
    pub pins: BTreeMap<String, [i32; 2]>,
    /// The address that names of tables lead to in exported pictures: `schema.table` goes behind it. Empty: they are no links.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub links: String,
}

/// A table and how far from it is shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Focus {
    /// The table's path.
    pub table: String,
    /// How many references away.
    pub hops: u32,
}

/// An arrangement as a file for the repository.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BoardFile {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The arrangement.
    #[serde(flatten)]
    pub board: Board,
}

impl BoardFile {
    /// The file of an arrangement.
    pub fn of(board: &Board) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, board: board.clone() }
    }

    /// The arrangement in the file.
    ///
    /// # Errors
    /// When it is another kind of file, or of a version that is not known.
    pub fn open(self) -> Result<Board, String> {
        if self.format != FORMAT {
            return Err("This is not a diagram arrangement of Relata.".to_owned());
        }
        if self.version != VERSION {
            return Err(format!(
                "The arrangement has version {}; this page reads version {VERSION}. Reload the page to get its newest version.",
                self.version
            ));
        }
        Ok(self.board)
    }
}

/// How far a box is moved in search of a free place, and in what steps.
const REACH: i32 = 3_000;
const STEP: i32 = 20;
/// How many boxes are moved out of the way at most: beyond that an overlap is the lesser evil.
const MOST_MOVED: usize = 200;
/// Room around a region's tables, and above them for its name.
const PAD: f64 = 16.0;
const TITLE: f64 = 22.0;
/// The box of a folded cluster.
const FOLDED: (f64, f64) = (220.0, 64.0);
/// Between the tables of a group.
const GAP: f64 = 36.0;

impl Board {
    /// Whether it changes anything about a layout but which one is asked for.
    pub fn is_plain(&self) -> bool {
        self.hidden.is_empty()
            && self.collapsed.is_empty()
            && self.folded.is_empty()
            && self.groups.is_empty()
            && self.pins.is_empty()
    }

    /// Whether it is about these tables: half of those that it names are among them. One that names none is about any.
    pub fn is_about(&self, tables: &BTreeSet<&str>) -> bool {
        let named: BTreeSet<&str> = self
            .hidden
            .iter()
            .chain(&self.collapsed)
            .chain(self.groups.values().flatten())
            .chain(self.pins.keys())
            .map(String::as_str)
            .collect();
        named.intersection(tables).count() * 2 >= named.len()
    }

    /// The group that a table is in.
    pub fn group_of(&self, path: &str) -> Option<&str> {
        self.groups.iter().find(|(_, tables)| tables.contains(path)).map(|(name, _)| name.as_str())
    }

    /// A name for a new group: what the tables' names begin with alike, or a number.
    pub fn group_name<'a>(&self, names: impl Iterator<Item = &'a str>) -> String {
        let shared = names
            .map(str::to_owned)
            .reduce(|a, b| a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x).collect())
            .unwrap_or_default();
        let stem = shared.trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let free = |name: &String| !self.groups.contains_key(name);
        Some(stem)
            .filter(|s| s.chars().count() >= 3)
            .filter(free)
            .unwrap_or_else(|| (1..).map(|n| format!("Group {n}")).find(free).unwrap_or_default())
    }
}

/// A layout as the user arranged it: what is hidden left out, what was put somewhere there, everything else where the layout has it unless it
/// has to make room.
pub fn arrange(base: &Rc<Scene>, board: &Board) -> Rc<Scene> {
    if board.is_plain() {
        return Rc::clone(base);
    }
    let mut scene = Scene { rows: Rc::clone(&base.rows), ..Scene::default() };
    let cluster_name = |b: &TableBox| base.regions.iter().find(|r| r.cluster == Some(b.cluster)).map(|r| &r.name);
    // Where each box of the layout went, and which are as they were.
    let mut to: Vec<Option<usize>> = vec![None; base.boxes.len()];
    let mut folded: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, b) in base.boxes.iter().enumerate().filter(|(_, b)| !board.hidden.contains(&*b.path)) {
        let grouped = board.group_of(&b.path).is_some();
        if !grouped && cluster_name(b).is_some_and(|name| board.folded.contains(&**name)) {
            folded.entry(b.cluster).or_default().push(at);
            continue;
        }
        let mut b = b.clone();
        if board.collapsed.contains(&*b.path) {
            b.row_count = 0;
            b.rect.h = HEADER;
        }
        if let Some([x, y]) = board.pins.get(&*b.path) {
            (b.rect.x, b.rect.y, b.pinned) = ((*x).into(), (*y).into(), true);
        }
        if let Some(slot) = to.get_mut(at) {
            *slot = Some(scene.boxes.len());
        }
        scene.boxes.push(b);
    }
    place_groups(&mut scene, base, board);
    make_room(&mut scene);
    for (cluster, members) in &folded {
        let Some(region) = base.regions.iter().find(|r| r.cluster == Some(*cluster)) else { continue };
        let Some(first) = members.first().and_then(|m| base.boxes.get(*m)) else { continue };
        let centre = region.rect.centre();
        let rect = Rect { x: centre.x - FOLDED.0 / 2.0, y: centre.y - FOLDED.1 / 2.0, w: FOLDED.0, h: FOLDED.1 };
        for member in members {
            if let Some(slot) = to.get_mut(*member) {
                *slot = Some(scene.boxes.len());
            }
        }
        let (name, path) = (Rc::clone(&region.name), Rc::clone(&region.name));
        let (row_count, folded, pinned) = (0, members.len(), false);
        scene.boxes.push(TableBox { name, path, rect, row_count, folded, pinned, ..first.clone() });
    }
    for (key, at) in &base.places {
        if let Some(Some(place)) = to.get(*at) {
            scene.places.insert(*key, *place);
        }
    }
    lines(&mut scene, base, &to);
    regions(&mut scene, base, board, &to);
    scene.bounds = scene.extent();
    Rc::new(scene)
}

/// The arrangement as it is sent for an export. `scene` is the arranged one where places matter.
pub fn exported(board: &Board, scene: Option<&Scene>, rows: &[TableRow]) -> Arrangement {
    let links = Some(board.links.trim()).filter(|l| !l.is_empty()).map(str::to_owned);
    if board.is_plain() {
        return Arrangement { links, ..Arrangement::default() };
    }
    let hidden = rows.iter().filter(|r| board.hidden.contains(&r.path)).map(|r| r.relation).collect();
    let number = |n: f64| n.round() as i32;
    let placed = scene.map(|scene| {
        let whole = |b: &&TableBox| b.folded == 0;
        let boxes = scene.boxes.iter().filter(whole).map(|b| PlacedBox {
            relation: b.relation,
            corner: [number(b.rect.x), number(b.rect.y)],
            collapsed: board.collapsed.contains(&*b.path),
        });
        let lines = scene.lines.iter().map(|line| PlacedLine {
            edge: line.edge,
            points: line.points.iter().map(|p| [number(p.x), number(p.y)]).collect(),
        });
        let area = |name: &str, hue: u8, rect: Rect| PlacedArea {
            name: name.to_owned(),
            hue,
            rect: [number(rect.x), number(rect.y), number(rect.w), number(rect.h)],
        };
        let regions = scene.regions.iter().map(|r| area(&r.name, r.hue, r.rect));
        // A folded cluster has no tables to be drawn: its box is its area.
        let folded = scene.boxes.iter().filter(|b| b.folded > 0).map(|b| area(&b.name, b.hue, b.rect));
        Placed { boxes: boxes.collect(), lines: lines.collect(), areas: regions.chain(folded).collect() }
    });
    Arrangement { hidden, placed, links }
}

/// Tables of a group stand together, in rows beside everything else; those that the user put somewhere stay there.
fn place_groups(scene: &mut Scene, base: &Scene, board: &Board) {
    let mut top = base.bounds.y;
    let left = base.bounds.x + base.bounds.w + 3.0 * GAP;
    for tables in board.groups.values() {
        let members: Vec<usize> = (0..scene.boxes.len())
            .filter(|at| scene.boxes.get(*at).is_some_and(|b| !b.pinned && tables.contains(&*b.path)))
            .collect();
        let area: f64 =
            members.iter().filter_map(|m| scene.boxes.get(*m)).map(|b| (b.rect.w + GAP) * (b.rect.h + GAP)).sum();
        let wide = (area * 1.6).sqrt();
        let (mut x, mut y, mut low) = (left, top + TITLE, top + TITLE);
        for at in members {
            let Some(b) = scene.boxes.get_mut(at) else { continue };
            if x > left && x + b.rect.w > left + wide {
                (x, y) = (left, low + GAP);
            }
            (b.rect.x, b.rect.y) = (x, y);
            // So that nothing else makes it move.
            b.pinned = true;
            x += b.rect.w + GAP;
            low = low.max(y + b.rect.h);
        }
        top = low + 2.0 * GAP + PAD;
    }
    // What is only placed by its group is not the user's own place.
    for b in &mut scene.boxes {
        b.pinned = board.pins.contains_key(&*b.path);
    }
}

/// Moves what lies under something that the user put there to the nearest free place.
fn make_room(scene: &mut Scene) {
    let pinned: Vec<Rect> = scene.boxes.iter().filter(|b| b.pinned).map(|b| b.rect.grown(8.0)).collect();
    let in_the_way = |b: &TableBox| !b.pinned && pinned.iter().any(|p| p.meets(b.rect));
    let places: Vec<usize> =
        (0..scene.boxes.len()).filter(|at| scene.boxes.get(*at).is_some_and(in_the_way)).take(MOST_MOVED).collect();
    for at in places {
        let Some(rect) = scene.boxes.get(at).map(|b| b.rect) else { continue };
        let free = |r: &Rect| {
            let near = r.grown(8.0);
            scene.boxes.iter().enumerate().all(|(other, b)| other == at || !b.rect.meets(near))
        };
        let found = (1..=REACH / STEP).find_map(|n| {
            let d = f64::from(n * STEP);
            let ways = [(0.0, d), (d, 0.0), (0.0, -d), (-d, 0.0)];
            ways.into_iter().map(|(dx, dy)| Rect { x: rect.x + dx, y: rect.y + dy, ..rect }).find(&free)
        });
        if let (Some(found), Some(b)) = (found, scene.boxes.get_mut(at)) {
            b.rect = found;
        }
    }
}

/// The lines between what is shown. One whose ends are where they were keeps its route.
fn lines(scene: &mut Scene, base: &Scene, to: &[Option<usize>]) {
    let mut seen = BTreeSet::new();
    for line in &base.lines {
        let place = |at: usize| to.get(at).copied().flatten();
        let (Some(from), Some(into)) = (place(line.from), place(line.to)) else { continue };
        let (Some(a), Some(b)) = (scene.boxes.get(from), scene.boxes.get(into)) else { continue };
        let (Some(old_a), Some(old_b)) = (base.boxes.get(line.from), base.boxes.get(line.to)) else { continue };
        let folded = a.folded > 0 || b.folded > 0;
        // Within a folded cluster there is nothing to see, and one line stands for all to it.
        if folded && (from == into || !seen.insert((from, into))) {
            continue;
        }
        let (a, b) = ((a.rect, a.folded > 0), (b.rect, b.folded > 0));
        let mut line = crate::scene::Line { from, to: into, ..line.clone() };
        let moved = (a.0.x - old_a.rect.x, a.0.y - old_a.rect.y);
        let same = a.0.h == old_a.rect.h && b.0.h == old_b.rect.h && !folded;
        if same && moved == (b.0.x - old_b.rect.x, b.0.y - old_b.rect.y) {
            if moved != (0.0, 0.0) {
                for p in &mut line.points {
                    p.x += moved.0;
                    p.y += moved.1;
                }
                line.bounds = around(&line.points);
            }
            scene.lines.push(line);
            continue;
        }
        let height = |new: (Rect, bool), old: Rect, at: Option<f64>| {
            let below = at.map_or(HEADER / 2.0, |y| y - old.y);
            if new.1 || below > new.0.h { new.0.y + new.0.h / 2.0 } else { new.0.y + below }
        };
        let from_y = height(a, old_a.rect, line.points.first().map(|p| p.y));
        let to_y = height(b, old_b.rect, line.points.last().map(|p| p.y));
        scene.lines.push(line);
        scene.route(scene.lines.len() - 1, from_y, to_y);
    }
    scene.join();
}

/// Regions around what is left of each cluster, and around each group.
fn regions(scene: &mut Scene, base: &Scene, board: &Board, to: &[Option<usize>]) {
    let hold = |boxes: &[Rect]| {
        boxes.iter().copied().reduce(Rect::around).map(|r| {
            let r = r.grown(PAD);
            Rect { y: r.y - TITLE, h: r.h + TITLE, ..r }
        })
    };
    for region in &base.regions {
        if board.folded.contains(&*region.name) {
            continue;
        }
        let (mut rects, mut kept) = (Vec::new(), true);
        for (at, old) in base.boxes.iter().enumerate().filter(|(_, b)| Some(b.cluster) == region.cluster) {
            match to.get(at).copied().flatten().and_then(|p| scene.boxes.get(p)) {
                Some(b) if board.group_of(&b.path).is_none() => {
                    kept &= b.rect.x == old.rect.x && b.rect.y == old.rect.y;
                    rects.push(b.rect);
                }
                _ => kept = false,
            }
        }
        let rect = if kept { Some(region.rect) } else { hold(&rects) };
        if let Some(rect) = rect {
            scene.regions.push(Region { rect, boxes: rects.len(), ..region.clone() });
        }
    }
    for (hue, (name, tables)) in board.groups.iter().enumerate() {
        let rects: Vec<Rect> = scene.boxes.iter().filter(|b| tables.contains(&*b.path)).map(|b| b.rect).collect();
        if let Some(rect) = hold(&rects) {
            // Hues far from each other: seven and twelve have no common part.
            let hue = u8::try_from(hue * 7 % 12).unwrap_or(0);
            scene.regions.push(Region { name: name.as_str().into(), cluster: None, rect, hue, boxes: rects.len() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::tests::{key, scene_of};

    fn three() -> Rc<Scene> {
        Rc::new(scene_of(&[("a", 0.0, 0.0), ("b", 300.0, 0.0), ("c", 300.0, 200.0)], &[(0, 1), (1, 2)]))
    }

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|p| (*p).to_owned()).collect()
    }

    fn names(scene: &Scene) -> Vec<&str> {
        scene.boxes.iter().map(|b| &*b.name).collect()
    }

    #[test]
    fn an_untouched_board_is_the_layout() {
        assert_eq!(arrange(&three(), &Board::default()), three());
    }

    #[test]
    fn what_is_hidden_takes_its_lines_along() {
        let board = Board { hidden: set(&["public.b"]), ..Board::default() };
        let scene = arrange(&three(), &board);
        assert_eq!((names(&scene), scene.lines.len()), (vec!["a", "c"], 0));
        assert_eq!((scene.place(key(1)), scene.place(key(2))), (None, Some(1)));
        assert_eq!(scene.regions[0].boxes, 2);
    }

    #[test]
    fn a_collapsed_table_keeps_its_header_and_its_lines() {
        let board = Board { collapsed: set(&["public.a"]), ..Board::default() };
        let scene = arrange(&three(), &board);
        assert_eq!((scene.boxes[0].rect.h, scene.boxes[0].row_count), (HEADER, 0));
        assert_eq!(scene.lines[0].points[0].y, HEADER / 2.0, "its row is gone: the line leaves at the header");
    }

    #[test]
    fn a_pinned_table_stays_and_others_make_room() {
        let board = Board { pins: [("public.a".to_owned(), [310, 20])].into(), ..Board::default() };
        let scene = arrange(&three(), &board);
        let rect = |at: usize| scene.boxes[at].rect;
        assert_eq!((rect(0).x, rect(0).y, scene.boxes[0].pinned), (310.0, 20.0, true));
        assert!(!rect(0).meets(rect(1)) && !rect(1).meets(rect(2)), "{:?}", rect(1));
        assert_eq!(rect(2), three().boxes[2].rect);
        assert!(scene.regions.iter().all(|r| r.rect.meets(rect(0))));
    }

    #[test]
    fn a_folded_cluster_is_one_box_that_stands_for_its_tables() {
        let mut base = three();
        let scene = Rc::make_mut(&mut base);
        scene.boxes[0].cluster = 1;
        let rect = scene.boxes[0].rect;
        scene.regions.push(Region { name: "other".into(), cluster: Some(1), rect, hue: 1, boxes: 1 });
        let scene = arrange(&base, &Board { folded: set(&["all"]), ..Board::default() });
        assert_eq!(names(&scene), ["a", "all"]);
        assert_eq!((scene.boxes[1].folded, scene.place(key(2))), (2, Some(1)));
        assert_eq!(scene.lines.len(), 1, "a's key; the one inside is not seen");
        assert_eq!(scene.place_of("all"), None, "it is no table");
    }

    #[test]
    fn a_group_stands_together_beside_the_rest() {
        let board = Board { groups: [("mine".to_owned(), set(&["public.a", "public.c"]))].into(), ..Board::default() };
        let base = three();
        let scene = arrange(&base, &board);
        let group = scene.regions.iter().find(|r| &*r.name == "mine").unwrap();
        assert_eq!((group.boxes, group.cluster), (2, None));
        assert!(group.rect.x > base.bounds.x + base.bounds.w - 40.0);
        assert!(scene.boxes.iter().all(|b| !b.pinned), "the group's place, not the user's");
        assert_eq!(Board::default().group_name(["order_line", "order_item"].into_iter()), "order");
        assert_eq!(board.group_name(["a", "b"].into_iter()), "Group 1");
    }

    #[test]
    fn an_export_has_what_the_board_shows_where_it_shows_it() {
        assert_eq!(exported(&Board::default(), Some(&three()), &[]), Arrangement::default());
        let board = Board {
            pins: [("public.a".to_owned(), [-40, 500])].into(),
            hidden: set(&["public.c"]),
            collapsed: set(&["public.b"]),
            links: " tables/ ".into(),
            ..Board::default()
        };
        let scene = arrange(&three(), &board);
        let sent = exported(&board, Some(&scene), &[]);
        let placed = sent.placed.unwrap();
        assert_eq!(
            placed.boxes.iter().map(|b| (b.relation, b.collapsed)).collect::<Vec<_>>(),
            [(key(0), false), (key(1), true)]
        );
        assert_eq!(placed.boxes[0].corner, [-40, 500]);
        assert_eq!(placed.lines.iter().map(|l| l.edge).collect::<Vec<_>>(), [0], "the key to the hidden table is gone");
        assert_eq!(placed.lines[0].points.len(), scene.lines[0].points.len());
        assert_eq!(sent.links.as_deref(), Some("tables/"));
        // What a language writes has no places.
        assert_eq!(exported(&board, None, &[]).placed, None);
    }

    #[test]
    fn an_arrangement_belongs_to_the_schema_that_it_names() {
        let board =
            Board { pins: [("public.a".to_owned(), [0, 0])].into(), hidden: set(&["public.x"]), ..Board::default() };
        assert!(board.is_about(&BTreeSet::from(["public.a"])), "one of two");
        assert!(!board.is_about(&BTreeSet::new()));
        assert!(Board::default().is_about(&BTreeSet::new()));
    }

    #[test]
    fn the_file_is_small_and_comes_back() {
        let board = Board {
            pins: [("public.a".to_owned(), [10, -20])].into(),
            focus: Some(Focus { table: "public.a".into(), hops: 2 }),
            ..Board::default()
        };
        let json = serde_json::to_string(&BoardFile::of(&board)).unwrap();
        assert!(json.starts_with(r#"{"format":"relata-diagram","version":1,"#), "{json}");
        assert_eq!(serde_json::from_str::<BoardFile>(&json).unwrap().open(), Ok(board));
        let foreign: BoardFile = serde_json::from_str(r#"{"format":"other","version":1}"#).unwrap();
        assert!(foreign.open().is_err());
        let newer: BoardFile = serde_json::from_str(r#"{"format":"relata-diagram","version":9}"#).unwrap();
        assert!(newer.open().unwrap_err().contains("version 9"));
    }
}
