//! The diagram's window on the plane: where it looks and how close. Pure arithmetic, so that panning and zooming are tested without a browser.
//!
//! World units are the layout's; at scale 1 one unit is one CSS pixel.

/// The smallest scale: a map of thousands of tables still fits.
pub const MIN_SCALE: f64 = 0.000_5;
/// The largest scale: text at three times its size.
pub const MAX_SCALE: f64 = 3.0;

/// A point of the world or of the screen.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// A rectangle of the world or of the screen.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Its middle.
    pub fn centre(self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// Whether the two share area or an edge.
    pub fn meets(self, other: Rect) -> bool {
        self.x <= other.x + other.w
            && other.x <= self.x + self.w
            && self.y <= other.y + other.h
            && other.y <= self.y + self.h
    }

    /// Whether a point lies in it.
    pub fn holds(self, p: Point) -> bool {
        p.x >= self.x && p.x <= self.x + self.w && p.y >= self.y && p.y <= self.y + self.h
    }

    /// The smallest rectangle around both.
    pub fn around(self, other: Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Rect { x, y, w: (self.x + self.w).max(other.x + other.w) - x, h: (self.y + self.h).max(other.y + other.h) - y }
    }

    /// Grown by `by` on every side.
    pub fn grown(self, by: f64) -> Rect {
        Rect { x: self.x - by, y: self.y - by, w: self.w + 2.0 * by, h: self.h + 2.0 * by }
    }
}

/// Where the window looks: the world point in its upper left corner, and the scale.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Viewport {
    /// World x at the left edge.
    pub x: f64,
    /// World y at the upper edge.
    pub y: f64,
    /// Screen pixels for one world unit.
    pub scale: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { x: 0.0, y: 0.0, scale: 1.0 }
    }
}

impl Viewport {
    /// A world point on the screen.
    pub fn to_screen(self, p: Point) -> Point {
        Point { x: (p.x - self.x) * self.scale, y: (p.y - self.y) * self.scale }
    }

    /// A screen point in the world.
    pub fn to_world(self, p: Point) -> Point {
        Point { x: p.x / self.scale + self.x, y: p.y / self.scale + self.y }
    }

    /// The part of the world that a screen of `w` by `h` pixels shows.
    pub fn visible(self, w: f64, h: f64) -> Rect {
        Rect { x: self.x, y: self.y, w: w / self.scale, h: h / self.scale }
    }

    /// Moved by so many screen pixels: positive values bring in what lies to the left and above.
    pub fn panned(self, dx: f64, dy: f64) -> Self {
        Self { x: self.x - dx / self.scale, y: self.y - dy / self.scale, ..self }
    }

    /// Scaled by `factor` such that the world point under the screen point `at` stays there.
    pub fn zoomed(self, factor: f64, at: Point) -> Self {
        let fixed = self.to_world(at);
        let scale = (self.scale * factor).clamp(MIN_SCALE, MAX_SCALE);
        Self { x: fixed.x - at.x / scale, y: fixed.y - at.y / scale, scale }
    }

    /// The viewport that shows all of `bounds` in the middle of a screen of `w` by `h` pixels, with `margin` pixels around it, no closer
    /// than `max_scale`.
    pub fn fitting(bounds: Rect, w: f64, h: f64, margin: f64, max_scale: f64) -> Self {
        let room = |size: f64| (size - 2.0 * margin).max(1.0);
        let scale = (room(w) / bounds.w.max(1.0)).min(room(h) / bounds.h.max(1.0)).clamp(MIN_SCALE, max_scale);
        Self::centred(bounds.centre(), scale, w, h)
    }

    /// The viewport of this scale with `centre` in the middle of the screen.
    pub fn centred(centre: Point, scale: f64, w: f64, h: f64) -> Self {
        Self { x: centre.x - w / scale / 2.0, y: centre.y - h / scale / 2.0, scale }
    }

    /// The way from here to `to` after the share `t` (0 to 1) of its time, eased out. Scale moves by ratio, so that zooming looks even; the
    /// middle of the screen moves in a straight line.
    pub fn towards(self, to: Self, t: f64, w: f64, h: f64) -> Self {
        if t >= 1.0 {
            return to;
        }
        let eased = 1.0 - (1.0 - t.max(0.0)).powi(3);
        let (from_c, to_c) = (self.visible(w, h).centre(), to.visible(w, h).centre());
        let scale = self.scale * (to.scale / self.scale).powf(eased);
        let centre = Point { x: from_c.x + (to_c.x - from_c.x) * eased, y: from_c.y + (to_c.y - from_c.y) * eased };
        Self::centred(centre, scale, w, h)
    }

    /// Moved as little as needed to show no more than `margin` world units beyond `bounds` on a screen of `w` by `h` pixels, where they are larger
    /// than the screen; in the middle where they are smaller.
    pub fn within(self, bounds: Rect, w: f64, h: f64, margin: f64) -> Self {
        let (seen, bounds) = (self.visible(w, h), bounds.grown(margin));
        let place = |from: f64, size: f64, now: f64, room: f64| {
            if room < size { now.clamp(from, from + size - room) } else { from + (size - room) / 2.0 }
        };
        Self { x: place(bounds.x, bounds.w, self.x, seen.w), y: place(bounds.y, bounds.h, self.y, seen.h), ..self }
    }

    /// Kept such that at least a corner of `bounds` stays on a screen of `w` by `h` pixels: one can't lose the diagram.
    pub fn kept(self, bounds: Rect, w: f64, h: f64) -> Self {
        let seen = self.visible(w, h);
        let slack_x = (seen.w / 4.0).min(bounds.w.max(1.0));
        let slack_y = (seen.h / 4.0).min(bounds.h.max(1.0));
        Self {
            x: self.x.clamp(bounds.x - seen.w + slack_x, bounds.x + bounds.w - slack_x),
            y: self.y.clamp(bounds.y - seen.h + slack_y, bounds.y + bounds.h - slack_y),
            ..self
        }
    }
}

/// How much of the schema is drawn at a scale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// Clusters as labelled regions, tables as plain boxes.
    Clusters,
    /// Tables with their names.
    Names,
    /// Key columns spelt out, the others as quiet strokes.
    Keys,
    /// Every column with its type.
    Columns,
}

impl Detail {
    /// The level for a scale: each begins where its smallest text can be read (about 6.5 px for names, 8 px for columns).
    pub fn at(scale: f64) -> Self {
        match scale {
            s if s < 0.22 => Self::Clusters,
            s if s < 0.48 => Self::Names,
            s if s < 0.66 => Self::Keys,
            _ => Self::Columns,
        }
    }
}

/// A direction on the diagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the four arrow keys")]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

/// The box to go to from `from` with an arrow key: the nearest one whose middle lies in that direction, where a step aside counts double.
pub fn neighbour(boxes: &[Rect], from: usize, direction: Direction) -> Option<usize> {
    let start = boxes.get(from)?.centre();
    let cost = |r: &Rect| {
        let c = r.centre();
        let (dx, dy) = (c.x - start.x, c.y - start.y);
        let (ahead, aside) = match direction {
            Direction::Left => (-dx, dy),
            Direction::Right => (dx, dy),
            Direction::Up => (-dy, dx),
            Direction::Down => (dy, dx),
        };
        (ahead > 1.0).then(|| ahead + 2.0 * aside.abs())
    };
    boxes
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != from)
        .filter_map(|(i, r)| cost(r).map(|c| (i, c)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: f64 = 800.0;
    const H: f64 = 600.0;

    fn near(a: Point, b: Point) -> bool {
        (a.x - b.x).abs() < 1e-6 && (a.y - b.y).abs() < 1e-6
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let v = Viewport { x: 30.0, y: -12.0, scale: 0.7 };
        let at = Point { x: 250.0, y: 410.0 };
        let under = v.to_world(at);
        for factor in [0.5, 1.0, 1.7, 100.0, 0.000_1] {
            let z = v.zoomed(factor, at);
            assert!(near(z.to_screen(under), at), "{factor}");
            assert!((MIN_SCALE..=MAX_SCALE).contains(&z.scale));
        }
    }

    /// The map in the corner is small, and the diagram of 10,000 tables is large.
    #[test]
    fn the_largest_diagram_fits_the_smallest_map() {
        let bounds = Rect { x: 0.0, y: 0.0, w: 250_000.0, h: 160_000.0 };
        let seen = Viewport::fitting(bounds, 160.0, 110.0, 6.0, 1.0).visible(160.0, 110.0);
        assert_eq!(seen.around(bounds), seen);
    }

    #[test]
    fn fitting_shows_everything_in_the_middle() {
        let bounds = Rect { x: -100.0, y: 50.0, w: 3_000.0, h: 900.0 };
        let v = Viewport::fitting(bounds, W, H, 40.0, 1.0);
        let (a, b) = (
            v.to_screen(Point { x: bounds.x, y: bounds.y }),
            v.to_screen(Point { x: bounds.x + bounds.w, y: bounds.y + bounds.h }),
        );
        assert!(a.x >= 39.9 && a.y >= 39.9 && b.x <= W - 39.9 && b.y <= H - 39.9);
        assert!(near(v.to_screen(bounds.centre()), Point { x: W / 2.0, y: H / 2.0 }));
        let small = Viewport::fitting(Rect { x: 0.0, y: 0.0, w: 10.0, h: 10.0 }, W, H, 40.0, 1.0);
        assert_eq!(small.scale, 1.0, "a small diagram is not blown up");
        let empty = Viewport::fitting(Rect::default(), 0.0, 0.0, 40.0, 1.0);
        assert!(empty.x.is_finite() && empty.scale > 0.0);
    }

    #[test]
    fn a_flight_starts_here_and_ends_there() {
        let a = Viewport { x: 0.0, y: 0.0, scale: 1.0 };
        let b = Viewport { x: 500.0, y: 900.0, scale: 0.25 };
        let start = a.towards(b, 0.0, W, H);
        assert!((start.x - a.x).abs() < 1e-9 && (start.scale - a.scale).abs() < 1e-9);
        assert_eq!(a.towards(b, 1.0, W, H), b);
        let half = a.towards(b, 0.5, W, H);
        assert!(half.scale < 1.0 && half.scale > 0.25);
    }

    #[test]
    fn the_diagram_can_not_be_lost() {
        let bounds = Rect { x: 0.0, y: 0.0, w: 1_000.0, h: 1_000.0 };
        let v = Viewport { x: 1e9, y: -1e9, scale: 1.0 }.kept(bounds, W, H);
        assert!(v.visible(W, H).meets(bounds));
        let tiny = Viewport { x: -5e5, y: 5e5, scale: 2.0 }.kept(Rect { w: 3.0, h: 3.0, ..bounds }, W, H);
        assert!(tiny.visible(W, H).meets(Rect { w: 3.0, h: 3.0, ..bounds }));
    }

    #[test]
    fn no_emptiness_is_shown_where_there_is_more_to_see() {
        let bounds = Rect { x: 0.0, y: 0.0, w: 2_000.0, h: 300.0 };
        let v = Viewport { x: 1_900.0, y: 250.0, scale: 1.0 }.within(bounds, W, H, 20.0);
        assert_eq!((v.x, v.y), (2_020.0 - W, 150.0 - H / 2.0), "the right edge, and the middle of what is low");
    }

    #[test]
    fn arrows_go_to_the_table_that_lies_there() {
        let at = |x: f64, y: f64| Rect { x, y, w: 10.0, h: 10.0 };
        let boxes = [at(0.0, 0.0), at(100.0, 5.0), at(60.0, 90.0), at(0.0, 200.0)];
        assert_eq!(neighbour(&boxes, 0, Direction::Right), Some(1));
        assert_eq!(neighbour(&boxes, 0, Direction::Down), Some(3));
        assert_eq!(neighbour(&boxes, 1, Direction::Left), Some(0));
        assert_eq!(neighbour(&boxes, 0, Direction::Up), None);
        assert_eq!(neighbour(&boxes, 9, Direction::Up), None);
    }

    #[test]
    fn closer_shows_more() {
        let levels: Vec<_> = [0.05, 0.3, 0.6, 1.0].map(Detail::at).into();
        assert_eq!(levels, [Detail::Clusters, Detail::Names, Detail::Keys, Detail::Columns]);
    }
}
