//! Drawing one frame. Work is bounded by what is on screen: boxes, lines and regions outside of it are passed over.

use std::collections::BTreeSet;
use std::f64::consts::{FRAC_PI_2, TAU};

use relata_app_state::scene::{Ends, HEADER, Line, ROW, Row, Scene};
use relata_app_state::text;
use relata_app_state::viewport::{Detail, Point, Rect, Viewport};
use web_sys::CanvasRenderingContext2d as Context;

/// Colours and fonts, read from the page's tokens.
#[derive(Clone, Default)]
pub(super) struct Colours {
    pub(super) ground: String,
    pub(super) surface: String,
    pub(super) header: String,
    pub(super) border: String,
    pub(super) text: String,
    pub(super) quiet: String,
    pub(super) line: String,
    pub(super) accent: String,
    pub(super) accent_soft: String,
    pub(super) regions: Vec<String>,
    pub(super) stripes: Vec<String>,
    pub(super) labels: Vec<String>,
    pub(super) mono: String,
    pub(super) sans: String,
}

/// What is brought forward.
#[derive(Clone, Default)]
pub(super) struct Emphasis {
    /// The selected box.
    pub(super) selected: Option<usize>,
    /// The selected row of it.
    pub(super) row: Option<usize>,
    /// The box under the pointer.
    pub(super) hover: Option<usize>,
    /// The selected box and those that lines join to it.
    pub(super) near: BTreeSet<usize>,
    /// The page's focus is on the diagram.
    pub(super) focused: bool,
}

/// How much of what is not selected is left to see.
const FADED: f64 = 0.2;
const RADIUS: f64 = 5.0;
const BEND: f64 = 6.0;
/// Width of the room for a row's key mark.
const MARK_ROOM: f64 = 20.0;
const PAD: f64 = 10.0;
const FONT: f64 = 12.0;

/// A frame.
pub(super) struct Frame<'a> {
    pub(super) context: &'a Context,
    pub(super) scene: &'a Scene,
    pub(super) view: Viewport,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) ratio: f64,
    pub(super) colours: &'a Colours,
    pub(super) emphasis: &'a Emphasis,
    /// Width of a character of the diagram's font at its size.
    pub(super) advance: f64,
}

impl Frame<'_> {
    pub(super) fn draw(&self) {
        let c = self.context;
        let scale = self.view.scale * self.ratio;
        // Resetting the transform of a 2D context does not fail.
        let _ = c.set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0);
        c.set_global_alpha(1.0);
        c.set_fill_style_str(&self.colours.ground);
        c.fill_rect(0.0, 0.0, self.width, self.height);
        let _ = c.set_transform(scale, 0.0, 0.0, scale, -self.view.x * scale, -self.view.y * scale);

        let seen = self.view.visible(self.width, self.height).grown(20.0);
        let detail = Detail::at(self.view.scale);
        self.regions(seen, detail);
        let chosen = self.emphasis.selected;
        let joined = |l: &Line| chosen.is_none_or(|s| l.from == s || l.to == s);
        let passed = |l: &&Line| l.bounds.grown(12.0).meets(seen);
        for line in self.scene.lines.iter().filter(|l| !joined(l)).filter(passed) {
            c.set_global_alpha(FADED);
            self.line(line, detail, false);
        }
        for line in self.scene.lines.iter().filter(|l| joined(l)).filter(passed) {
            c.set_global_alpha(1.0);
            self.line(line, detail, chosen.is_some());
        }
        for (at, b) in self.scene.boxes.iter().enumerate() {
            if b.rect.meets(seen) {
                let forward = chosen.is_none() || self.emphasis.near.contains(&at);
                c.set_global_alpha(if forward { 1.0 } else { 0.35 });
                self.table(at, detail, seen);
            }
        }
        c.set_global_alpha(1.0);
        if detail == Detail::Clusters {
            self.labels();
        }
    }

    fn stripe(&self, hue: u8) -> &str {
        self.colours.stripes.get(usize::from(hue)).map_or(&self.colours.border, |s| s)
    }

    fn regions(&self, seen: Rect, detail: Detail) {
        let c = self.context;
        for region in self.scene.regions.iter().filter(|r| r.rect.meets(seen)) {
            let r = region.rect;
            c.set_fill_style_str(self.colours.regions.get(usize::from(region.hue)).map_or("", |s| s));
            c.set_stroke_style_str(self.stripe(region.hue));
            c.set_line_width(1.0 / self.view.scale);
            self.rounded(r, 10.0);
            c.fill();
            c.set_global_alpha(0.5);
            c.stroke();
            c.set_global_alpha(1.0);
            if detail > Detail::Clusters {
                c.set_fill_style_str(self.colours.labels.get(usize::from(region.hue)).map_or("", |s| s));
                let size = (13.0 / self.view.scale).clamp(13.0, 22.0);
                c.set_font(&format!("600 {size}px {}", self.colours.sans));
                c.set_text_baseline("alphabetic");
                c.set_text_align("left");
                let _ = c.fill_text_with_max_width(&region.name, r.x + 12.0, r.y + 22.0, (r.w - 24.0).max(1.0));
            }
        }
    }

    /// Names of clusters at a size that does not shrink with the map, largest clusters first; one that would cover another is left out.
    fn labels(&self) {
        let c = self.context;
        let _ = c.set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0);
        c.set_text_align("center");
        c.set_text_baseline("middle");
        let mut order: Vec<_> = self.scene.regions.iter().collect();
        order.sort_by_key(|r| std::cmp::Reverse(r.boxes));
        let mut taken: Vec<Rect> = Vec::new();
        for region in order {
            let at = self.view.to_screen(region.rect.centre());
            let size = (11.0 + (region.boxes as f64).sqrt()).min(20.0);
            c.set_font(&format!("600 {size}px {}", self.colours.sans));
            let Ok(measured) = c.measure_text(&region.name) else { continue };
            let (w, h) = (measured.width() + 16.0, size + 10.0);
            let place = Rect { x: at.x - w / 2.0, y: at.y - h / 2.0, w, h };
            if taken.iter().any(|t| t.meets(place))
                || at.x < -w
                || at.x > self.width + w
                || at.y < -h
                || at.y > self.height + h
            {
                continue;
            }
            taken.push(place);
            c.set_fill_style_str(&self.colours.surface);
            c.set_global_alpha(0.85);
            self.rounded(place, h / 2.0);
            c.fill();
            c.set_global_alpha(1.0);
            c.set_fill_style_str(self.colours.labels.get(usize::from(region.hue)).map_or("", |s| s));
            let _ = c.fill_text(&region.name, at.x, at.y + 0.5);
        }
    }

    fn table(&self, at: usize, detail: Detail, seen: Rect) {
        let c = self.context;
        let Some(b) = self.scene.boxes.get(at) else { return };
        let colours = self.colours;
        let selected = self.emphasis.selected == Some(at);
        let hovered = self.emphasis.hover == Some(at);
        let hair = 1.0 / self.view.scale.max(0.35);
        if detail == Detail::Clusters {
            c.set_fill_style_str(if selected { &colours.accent } else { self.stripe(b.hue) });
            c.fill_rect(b.rect.x, b.rect.y, b.rect.w, b.rect.h);
            return;
        }
        self.rounded(b.rect, RADIUS);
        c.set_fill_style_str(&colours.surface);
        c.fill();
        let head = Rect { h: HEADER.min(b.rect.h), ..b.rect };
        c.save();
        self.rounded(b.rect, RADIUS);
        c.clip();
        c.set_fill_style_str(if selected { &colours.accent_soft } else { &colours.header });
        c.fill_rect(head.x, head.y, head.w, head.h);
        c.set_fill_style_str(self.stripe(b.hue));
        c.fill_rect(head.x, head.y, head.w, 3.0_f64.max(2.0 * hair));
        if selected && let Some(row) = self.emphasis.row {
            c.set_fill_style_str(&colours.accent_soft);
            c.fill_rect(b.rect.x, b.rect.y + HEADER + row as f64 * ROW, b.rect.w, ROW);
        }
        c.restore();

        self.rounded(b.rect, RADIUS);
        c.set_stroke_style_str(if selected || hovered { &colours.accent } else { &colours.border });
        c.set_line_width(if selected { 2.0 * hair } else { hair });
        c.stroke();
        if selected && self.emphasis.focused {
            c.set_stroke_style_str(&colours.accent);
            c.set_line_width(2.0 * hair);
            self.rounded(b.rect.grown(4.0 * hair), RADIUS + 3.0);
            c.stroke();
        }

        c.set_text_baseline("middle");
        c.set_text_align("left");
        let room = head.w - 2.0 * PAD;
        let letters = (b.name.chars().count() as f64).max(1.0);
        let usual = FONT + 1.0;
        // From afar a name grows, as long as it stays whole: it is what can still be read.
        let fitting = room / letters * (FONT / self.advance.max(1.0));
        let name_size =
            if detail == Detail::Names { (10.5 / self.view.scale).min(fitting).clamp(usual, 30.0) } else { usual };
        c.set_font(&format!("600 {name_size}px {}", colours.mono));
        c.set_fill_style_str(&colours.text);
        let letter = self.advance * name_size / FONT;
        if detail == Detail::Names {
            let limit = (room / letter).floor().max(3.0) as usize;
            let y = if b.row_count > 0 {
                head.y + (name_size * 0.62).max(HEADER / 2.0 + 1.5)
            } else {
                head.centre().y + 1.0
            };
            let _ = c.fill_text(&text::middle(&b.name, limit), head.x + PAD, y);
            if self.view.scale >= 0.3 {
                for (i, row) in self.scene.rows_of(at).iter().enumerate() {
                    let y = b.rect.y + HEADER + (i as f64 + 0.5) * ROW;
                    if y - ROW / 2.0 > head.y + name_size * 1.2 {
                        self.stroke_of(b.rect, row, y);
                    }
                }
            }
            return;
        }
        let limit = (room / letter).floor().max(3.0) as usize;
        let _ = c.fill_text(&text::middle(&b.name, limit), head.x + PAD, head.y + HEADER / 2.0 + 1.5);
        for (i, row) in self.scene.rows_of(at).iter().enumerate() {
            let y = b.rect.y + HEADER + (i as f64 + 0.5) * ROW;
            if y + ROW < seen.y || y - ROW > seen.y + seen.h {
                continue;
            }
            let key = row.primary || row.foreign || row.unique;
            if detail == Detail::Keys && !key {
                self.stroke_of(b.rect, row, y);
                continue;
            }
            self.row(b.rect, row, y, detail);
        }
    }

    /// A column that is too small to read: a stroke as long as its name, darker for those of a key.
    fn stroke_of(&self, place: Rect, row: &Row, y: f64) {
        let c = self.context;
        c.set_fill_style_str(if row.primary || row.foreign { &self.colours.border } else { &self.colours.header });
        let wide = (row.name.chars().count() as f64 * self.advance * 0.9).min(place.w - MARK_ROOM - 2.0 * PAD);
        c.fill_rect(place.x + PAD + MARK_ROOM, y - 3.0, wide.max(8.0), 6.0);
    }

    fn row(&self, place: Rect, row: &Row, y: f64, detail: Detail) {
        let c = self.context;
        let colours = self.colours;
        self.mark(row, place.x + PAD, y);
        let left = place.x + PAD + MARK_ROOM;
        let room = place.x + place.w - PAD - left;
        let limit = |w: f64| (w / self.advance).floor().max(3.0) as usize;
        let name_letters = row.name.chars().count();
        let show_type = detail == Detail::Columns && !row.data_type.is_empty();
        let total = limit(room);
        // The name has the first right to the room, the type what is left.
        let name = text::middle(&row.name, if show_type { total.saturating_sub(5).max(3) } else { total });
        c.set_font(&format!("{} {FONT}px {}", if row.not_null { 600 } else { 400 }, colours.mono));
        c.set_fill_style_str(&colours.text);
        let _ = c.fill_text(&name, left, y);
        if show_type {
            let left_over = total.saturating_sub(name_letters.min(total) + 1);
            if left_over >= 3 {
                c.set_font(&format!("400 {FONT}px {}", colours.mono));
                c.set_fill_style_str(&colours.quiet);
                c.set_text_align("right");
                let _ = c.fill_text(&text::middle(&row.data_type, left_over), place.x + place.w - PAD, y);
                c.set_text_align("left");
            }
        }
    }

    /// A key for a primary key, an arrow for a foreign one, a ring for a unique column.
    fn mark(&self, row: &Row, x: f64, y: f64) {
        let c = self.context;
        c.set_line_width(1.2);
        c.set_line_cap("round");
        if row.primary {
            c.set_stroke_style_str(&self.colours.text);
            c.begin_path();
            let _ = c.arc(x + 3.0, y, 2.6, 0.0, TAU);
            c.move_to(x + 5.6, y);
            c.line_to(x + 12.0, y);
            c.line_to(x + 12.0, y + 2.6);
            c.move_to(x + 9.4, y);
            c.line_to(x + 9.4, y + 2.0);
            c.stroke();
        } else if row.foreign {
            c.set_stroke_style_str(&self.colours.quiet);
            c.begin_path();
            c.move_to(x + 1.0, y);
            c.line_to(x + 10.5, y);
            c.move_to(x + 7.5, y - 3.0);
            c.line_to(x + 10.5, y);
            c.line_to(x + 7.5, y + 3.0);
            c.stroke();
        } else if row.unique {
            c.set_stroke_style_str(&self.colours.quiet);
            c.begin_path();
            let _ = c.arc(x + 5.5, y, 2.6, 0.0, TAU);
            c.stroke();
        }
    }

    fn line(&self, line: &Line, detail: Detail, forward: bool) {
        let c = self.context;
        let hair = 1.0 / self.view.scale.max(0.35);
        c.set_stroke_style_str(if forward { &self.colours.accent } else { &self.colours.line });
        c.set_line_width(if forward { 1.8 * hair } else { 1.1 * hair });
        c.set_line_join("round");
        let (Some(first), Some(last)) = (line.points.first(), line.points.last()) else { return };
        c.begin_path();
        c.move_to(first.x, first.y);
        for (i, p) in line.points.iter().enumerate().skip(1) {
            match line.points.get(i + 1) {
                Some(next) if detail > Detail::Clusters => {
                    let before = line.points.get(i - 1).copied().unwrap_or(*p);
                    let reach = |q: &Point| ((q.x - p.x).abs() + (q.y - p.y).abs()) / 2.0;
                    // A bend no wider than half of either side: the arcs of a short step do not overlap.
                    let _ = c.arc_to(p.x, p.y, next.x, next.y, BEND.min(reach(&before)).min(reach(next)));
                }
                _ => c.line_to(p.x, p.y),
            }
        }
        c.stroke();
        if detail < Detail::Keys {
            return;
        }
        c.set_line_width(if forward { 1.6 } else { 1.2 });
        if let Some(next) = line.points.get(1) {
            self.end(*first, *next, line.from_end);
        }
        if let Some(before) = line.points.iter().rev().nth(1) {
            self.end(*last, *before, line.to_end);
        }
    }

    /// An end in crow's foot notation: at `at` on the box's edge, the line coming from `from`.
    fn end(&self, at: Point, from: Point, ends: Ends) {
        let c = self.context;
        let (dx, dy) = (from.x - at.x, from.y - at.y);
        let length = dx.hypot(dy).max(1e-6);
        // Along the line, away from the box, and across it.
        let (ux, uy) = (dx / length, dy / length);
        let place = |along: f64, across: f64| (at.x + ux * along - uy * across, at.y + uy * along + ux * across);
        let stroke = |a: (f64, f64), b: (f64, f64)| {
            c.move_to(a.0, a.1);
            c.line_to(b.0, b.1);
        };
        c.begin_path();
        match ends {
            Ends::One => {
                stroke(place(6.0, -4.5), place(6.0, 4.5));
                stroke(place(9.5, -4.5), place(9.5, 4.5));
                c.stroke();
            }
            Ends::ZeroOrOne => {
                stroke(place(5.0, -4.5), place(5.0, 4.5));
                c.stroke();
                self.ring(place(11.0, 0.0));
            }
            Ends::Many => {
                stroke(place(10.0, 0.0), place(0.0, -5.0));
                stroke(place(10.0, 0.0), place(0.0, 5.0));
                c.stroke();
                self.ring(place(13.5, 0.0));
            }
        }
    }

    fn ring(&self, at: (f64, f64)) {
        let c = self.context;
        c.begin_path();
        let _ = c.arc(at.0, at.1, 3.2, 0.0, TAU);
        c.set_fill_style_str(&self.colours.ground);
        c.fill();
        c.stroke();
    }

    fn rounded(&self, r: Rect, radius: f64) {
        let c = self.context;
        let radius = radius.min(r.w / 2.0).min(r.h / 2.0).max(0.0);
        let (right, bottom) = (r.x + r.w, r.y + r.h);
        c.begin_path();
        // Radii are not negative, the only case in which an arc fails.
        let _ = c.arc(r.x + radius, r.y + radius, radius, 2.0 * FRAC_PI_2, 3.0 * FRAC_PI_2);
        let _ = c.arc(right - radius, r.y + radius, radius, 3.0 * FRAC_PI_2, 4.0 * FRAC_PI_2);
        let _ = c.arc(right - radius, bottom - radius, radius, 0.0, FRAC_PI_2);
        let _ = c.arc(r.x + radius, bottom - radius, radius, FRAC_PI_2, 2.0 * FRAC_PI_2);
        c.close_path();
    }
}
