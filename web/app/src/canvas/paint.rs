//! Drawing one frame. Work is bounded by what is on screen: boxes, lines and regions outside of it are passed over; what has one style goes
//! into one path, for each change of style is a string that crosses into JavaScript.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::f64::consts::{FRAC_PI_2, TAU};
use std::rc::Rc;

use relata_app_state::lens::{Shading, Tint};
use relata_app_state::scene::{Ends, HEADER, Line, ROW, Row, Scene, TableBox};
use relata_app_state::text;
use relata_app_state::viewport::{Detail, Point, Rect, Viewport};
use web_sys::{CanvasRenderingContext2d as Context, Path2d};

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
    /// In the order of [`Tint::ALL`].
    pub(super) tints: Vec<String>,
    pub(super) fonts: Fonts,
}

/// The fonts of the diagram's own size, ready for the context.
#[derive(Clone, Default)]
pub(super) struct Fonts {
    pub(super) mono: String,
    pub(super) sans: String,
    /// A column.
    pub(super) plain: String,
    /// A column that is NOT NULL.
    pub(super) strong: String,
    /// A table's name.
    pub(super) name: String,
    /// The word of a lens.
    pub(super) word: String,
}

impl Fonts {
    pub(super) fn new(mono: &str, sans: &str) -> Self {
        Self {
            mono: mono.to_owned(),
            sans: sans.to_owned(),
            plain: format!("400 {FONT}px {mono}"),
            strong: format!("600 {FONT}px {mono}"),
            name: format!("600 {}px {mono}", FONT + 1.0),
            word: format!("600 10px {sans}"),
        }
    }
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
    /// The selected box and those that lines join to it, or the boxes of a way.
    pub(super) near: BTreeSet<usize>,
    /// The lines of a way: these come forward instead of the selected box's.
    pub(super) way: Option<BTreeSet<usize>>,
    /// Boxes that are marked together.
    pub(super) marked: BTreeSet<usize>,
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
/// From one line of a name to the next, in sizes of its font.
const LINE: f64 = 1.2;

/// The diagram seen from afar as paths that the browser keeps: a frame of the map is then a few calls, however many tables there are.
pub(super) struct Overview {
    /// The lines, and the boxes of each hue; `None` where the browser has no room for them: they are then drawn call by call.
    paths: Option<(Path2d, Vec<(u8, Path2d)>)>,
    /// Names of clusters, those of the largest first.
    labels: Vec<Label>,
}

/// The name of a cluster, measured.
struct Label {
    name: Rc<str>,
    centre: Point,
    hue: u8,
    font: String,
    /// Of the name with the room around it, in CSS pixels.
    width: f64,
    height: f64,
}

impl Overview {
    pub(super) fn new(context: &Context, scene: &Scene, fonts: &Fonts) -> Self {
        Self { paths: Self::paths(scene), labels: Self::labels(context, scene, fonts) }
    }

    fn labels(context: &Context, scene: &Scene, fonts: &Fonts) -> Vec<Label> {
        let mut order: Vec<_> = scene.regions.iter().map(|r| (&r.name, r.rect, r.hue, r.boxes)).collect();
        let folded = scene.boxes.iter().filter(|b| b.folded > 0);
        order.extend(folded.map(|b| (&b.name, b.rect, b.hue, b.folded)));
        order.sort_by_key(|(_, _, _, boxes)| std::cmp::Reverse(*boxes));
        let measured = order.into_iter().filter_map(|(name, rect, hue, boxes)| {
            let size = (11.0 + (boxes as f64).sqrt()).min(20.0);
            let font = format!("600 {size}px {}", fonts.sans);
            context.set_font(&font);
            let width = context.measure_text(name).ok()?.width() + 16.0;
            Some(Label { name: Rc::clone(name), centre: rect.centre(), hue, font, width, height: size + 10.0 })
        });
        measured.collect()
    }

    fn paths(scene: &Scene) -> Option<(Path2d, Vec<(u8, Path2d)>)> {
        let lines = Path2d::new().ok()?;
        for line in &scene.lines {
            for (at, p) in line.points.iter().enumerate() {
                if at == 0 { lines.move_to(p.x, p.y) } else { lines.line_to(p.x, p.y) }
            }
        }
        let mut boxes = Vec::new();
        for hue in 0..12 {
            let path = Path2d::new().ok()?;
            let mut any = false;
            for b in scene.boxes.iter().filter(|b| b.hue == hue) {
                path.rect(b.rect.x, b.rect.y, b.rect.w, b.rect.h);
                any = true;
            }
            if any {
                boxes.push((hue, path));
            }
        }
        Some((lines, boxes))
    }
}

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
    pub(super) shading: Option<&'a Shading>,
    pub(super) overview: Option<&'a Overview>,
    /// Width of a character of the diagram's font at its size.
    pub(super) advance: f64,
    /// The styles in force, by the address of their strings: setting one again costs more than comparing.
    pub(super) set: Cell<[*const u8; 3]>,
}

impl Frame<'_> {
    pub(super) fn draw(&self) {
        let c = self.context;
        let scale = self.view.scale * self.ratio;
        // Resetting the transform of a 2D context does not fail.
        let _ = c.set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0);
        c.set_global_alpha(1.0);
        self.fill(&self.colours.ground);
        c.fill_rect(0.0, 0.0, self.width, self.height);
        let _ = c.set_transform(scale, 0.0, 0.0, scale, -self.view.x * scale, -self.view.y * scale);

        let seen = self.view.visible(self.width, self.height).grown(20.0);
        let detail = Detail::at(self.view.scale);
        self.regions(seen, detail);
        let chosen = self.emphasis.selected;
        let way = self.emphasis.way.as_ref();
        let joined = |at: usize, l: &Line| match (way, chosen) {
            (Some(way), _) => way.contains(&at),
            (None, Some(s)) => l.from == s || l.to == s,
            (None, None) => true,
        };
        let lines = || self.scene.lines.iter().enumerate().filter(|(_, l)| l.bounds.grown(12.0).meets(seen));
        let some = way.is_some() || chosen.is_some();
        if detail == Detail::Clusters
            && !some
            && self.shading.is_none()
            && self.emphasis.marked.is_empty()
            && let Some((lines, boxes)) = self.overview.and_then(|o| o.paths.as_ref())
        {
            self.stroke(&self.colours.line);
            c.set_line_width(1.1 / self.view.scale.max(0.35));
            c.set_global_alpha(crowd(self.scene.lines.len()));
            c.stroke_with_path(lines);
            c.set_global_alpha(1.0);
            for (hue, path) in boxes {
                self.fill(self.stripe(*hue));
                c.fill_with_path_2d(path);
            }
            self.labels();
            return;
        }
        if some {
            c.set_global_alpha(FADED);
            self.lines(lines().filter(|(at, l)| !joined(*at, l)).map(|(_, l)| l), detail, false);
            c.set_global_alpha(1.0);
        }
        self.lines(lines().filter(|(at, l)| joined(*at, l)).map(|(_, l)| l), detail, some);
        let forward = |at: usize| !some || self.emphasis.near.contains(&at);
        if detail == Detail::Clusters {
            self.map(seen, some, &forward);
        } else {
            for (at, b) in self.scene.boxes.iter().enumerate() {
                if b.rect.meets(seen) {
                    c.set_global_alpha(if forward(at) { 1.0 } else { 0.35 });
                    self.table(at, detail, seen);
                }
            }
        }
        c.set_global_alpha(1.0);
        if detail == Detail::Clusters {
            self.labels();
        }
    }

    fn fill(&self, style: &str) {
        if self.changes(0, style) {
            self.context.set_fill_style_str(style);
        }
    }

    fn stroke(&self, style: &str) {
        if self.changes(1, style) {
            self.context.set_stroke_style_str(style);
        }
    }

    fn font(&self, font: &str) {
        if self.changes(2, font) {
            self.context.set_font(font);
        }
    }

    /// A font made for this frame: its address may come again with other words in it.
    fn passing_font(&self, font: &str) {
        self.context.set_font(font);
        self.forget(2);
    }

    fn changes(&self, slot: usize, style: &str) -> bool {
        let mut set = self.set.get();
        let Some(now) = set.get_mut(slot) else { return true };
        let changed = *now != style.as_ptr();
        *now = style.as_ptr();
        self.set.set(set);
        changed
    }

    fn forget(&self, slot: usize) {
        let mut set = self.set.get();
        if let Some(now) = set.get_mut(slot) {
            *now = std::ptr::null();
        }
        self.set.set(set);
    }

    fn stripe(&self, hue: u8) -> &str {
        self.colours.stripes.get(usize::from(hue)).map_or(&self.colours.border, |s| s)
    }

    fn tint(&self, at: usize) -> Option<(Tint, &str)> {
        let tint = (*self.shading?.tints.get(at)?)?;
        let place = Tint::ALL.iter().position(|t| *t == tint)?;
        self.colours.tints.get(place).map(|colour| (tint, colour.as_str()))
    }

    fn regions(&self, seen: Rect, detail: Detail) {
        let c = self.context;
        c.set_line_width(1.0 / self.view.scale);
        for region in self.scene.regions.iter().filter(|r| r.rect.meets(seen)) {
            let r = region.rect;
            self.fill(self.colours.regions.get(usize::from(region.hue)).map_or("", |s| s));
            self.stroke(self.stripe(region.hue));
            self.rounded(r, 10.0);
            c.fill();
            c.set_global_alpha(0.5);
            c.stroke();
            c.set_global_alpha(1.0);
            if detail > Detail::Clusters {
                self.fill(self.colours.labels.get(usize::from(region.hue)).map_or("", |s| s));
                let size = (13.0 / self.view.scale).clamp(13.0, 22.0);
                self.passing_font(&format!("600 {size}px {}", self.colours.fonts.sans));
                c.set_text_baseline("alphabetic");
                c.set_text_align("left");
                let _ = c.fill_text_with_max_width(&region.name, r.x + 12.0, r.y + 22.0, (r.w - 24.0).max(1.0));
            }
        }
    }

    /// Tables as plain boxes: one path for each colour.
    fn map(&self, seen: Rect, some: bool, forward: &dyn Fn(usize) -> bool) {
        let c = self.context;
        let colour = |at: usize, hue: u8| match (self.shading, self.tint(at)) {
            _ if self.emphasis.selected == Some(at) => self.colours.accent.as_str(),
            (Some(_), Some((_, colour))) => colour,
            (Some(_), None) => self.colours.border.as_str(),
            (None, _) => self.stripe(hue),
        };
        let mut seen: Vec<(bool, &str, Rect)> = self
            .scene
            .boxes
            .iter()
            .enumerate()
            .filter(|(_, b)| b.rect.meets(seen))
            .map(|(at, b)| (!some || forward(at), colour(at, b.hue), b.rect))
            .collect();
        seen.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        for same in seen.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some((forward, colour, _)) = same.first() else { continue };
            c.set_global_alpha(if *forward { 1.0 } else { 0.35 });
            self.fill(colour);
            c.begin_path();
            for (_, _, r) in same {
                c.rect(r.x, r.y, r.w, r.h);
            }
            c.fill();
        }
        c.set_global_alpha(1.0);
        self.stroke(&self.colours.text);
        c.set_line_width(2.0 / self.view.scale);
        for b in self.emphasis.marked.iter().filter_map(|at| self.scene.boxes.get(*at)) {
            c.stroke_rect(b.rect.x, b.rect.y, b.rect.w, b.rect.h);
        }
    }

    /// Names of clusters at a size that does not shrink with the map, largest clusters first; one that would cover another is left out.
    fn labels(&self) {
        let Some(overview) = self.overview else { return };
        let c = self.context;
        let _ = c.set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0);
        c.set_text_align("center");
        c.set_text_baseline("middle");
        let mut taken: Vec<Rect> = Vec::new();
        for label in &overview.labels {
            let (w, h) = (label.width, label.height);
            let at = self.view.to_screen(label.centre);
            if at.x < -w || at.x > self.width + w || at.y < -h || at.y > self.height + h {
                continue;
            }
            let place = Rect { x: at.x - w / 2.0, y: at.y - h / 2.0, w, h };
            if taken.iter().any(|t| t.meets(place)) {
                continue;
            }
            taken.push(place);
            self.fill(&self.colours.surface);
            c.set_global_alpha(0.85);
            self.rounded(place, h / 2.0);
            c.fill();
            c.set_global_alpha(1.0);
            self.fill(self.colours.labels.get(usize::from(label.hue)).map_or("", |s| s));
            self.font(&label.font);
            let _ = c.fill_text(&label.name, at.x, at.y + 0.5);
        }
    }

    fn table(&self, at: usize, detail: Detail, seen: Rect) {
        let c = self.context;
        let Some(b) = self.scene.boxes.get(at) else { return };
        let colours = self.colours;
        let selected = self.emphasis.selected == Some(at);
        let hovered = self.emphasis.hover == Some(at);
        let marked = self.emphasis.marked.contains(&at);
        let hair = 1.0 / self.view.scale.max(0.35);
        let tint = self.tint(at);
        if b.folded > 0 {
            // A stack of sheets: more than one table is in it.
            self.fill(&colours.header);
            self.stroke(self.stripe(b.hue));
            c.set_line_width(hair);
            for by in [8.0, 4.0] {
                self.rounded(Rect { x: b.rect.x + by, y: b.rect.y + by, ..b.rect }, RADIUS);
                c.fill();
                c.stroke();
            }
        }
        self.rounded(b.rect, RADIUS);
        self.fill(&colours.surface);
        c.fill();
        let head = Rect { h: HEADER.min(b.rect.h), ..b.rect };
        self.roof(head);
        self.fill(if selected { &colours.accent_soft } else { &colours.header });
        c.fill();
        if let Some((_, colour)) = tint {
            let alpha = c.global_alpha();
            c.set_global_alpha(alpha * 0.3);
            self.roof(head);
            self.fill(colour);
            c.fill();
            c.set_global_alpha(alpha);
        }
        self.fill(tint.map_or(self.stripe(b.hue), |(_, colour)| colour));
        let thick = 3.0_f64.max(2.0 * hair);
        self.roof(Rect { h: thick.max(RADIUS), ..head });
        c.fill();
        if thick < RADIUS {
            self.fill(if selected { &colours.accent_soft } else { &colours.header });
            c.fill_rect(head.x, head.y + thick, head.w, RADIUS - thick);
        }
        if selected && let Some(row) = self.emphasis.row {
            self.fill(&colours.accent_soft);
            c.fill_rect(b.rect.x, b.rect.y + HEADER + row as f64 * ROW, b.rect.w, ROW);
        }

        self.rounded(b.rect, RADIUS);
        self.stroke(if selected || hovered || marked { &colours.accent } else { &colours.border });
        c.set_line_width(if selected || marked { 2.0 * hair } else { hair });
        c.stroke();
        if selected && self.emphasis.focused || marked {
            self.stroke(&colours.accent);
            c.set_line_width(2.0 * hair);
            self.rounded(b.rect.grown(4.0 * hair), RADIUS + 3.0);
            c.stroke();
        }

        c.set_text_baseline("middle");
        c.set_text_align("left");
        let room = head.w - 2.0 * PAD;
        let usual = FONT + 1.0;
        if detail == Detail::Names {
            return self.name_from_afar(b, at);
        }
        let letters = (b.name.chars().count() as f64).max(1.0);
        self.font(&colours.fonts.name);
        self.fill(&colours.text);
        let letter = self.advance * usual / FONT;
        let limit = (room / letter).floor().max(3.0) as usize;
        if b.folded > 0 {
            let _ = c.fill_text(&text::middle(&b.name, limit), head.x + PAD, head.y + HEADER / 2.0 + 1.5);
            self.font(&colours.fonts.plain);
            self.fill(&colours.quiet);
            let _ = c.fill_text(&text::counted(b.folded as u64, "table"), head.x + PAD, head.y + HEADER + 14.0);
            return;
        }
        // A pin and the lens's word stand at the header's end, as far as the name leaves room.
        let written = letters.min(limit as f64) * letter;
        let mut end = head.x + head.w - PAD;
        let y = head.y + HEADER / 2.0 + 1.5;
        let _ = c.fill_text(&text::middle(&b.name, limit), head.x + PAD, y);
        let free = |end: f64, wanted: f64| end - wanted > head.x + PAD + written + 6.0;
        if b.pinned && free(end, 8.0) {
            self.fill(&colours.accent);
            c.begin_path();
            let _ = c.arc(end - 3.0, y - 0.5, 3.0, 0.0, TAU);
            c.fill();
            end -= 12.0;
        }
        if let Some((tint, _)) = tint
            && free(end, tint.word().len() as f64 * 5.6)
        {
            self.font(&colours.fonts.word);
            self.fill(&colours.text);
            c.set_text_align("right");
            let _ = c.fill_text(tint.word(), end, y);
            c.set_text_align("left");
        }
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

    /// From afar a name is what can still be read: it has the size that is readable, on several lines where it is long, and a smaller one only where
    /// that cuts a word. What is free below it shows the columns as strokes.
    fn name_from_afar(&self, b: &TableBox, at: usize) {
        let c = self.context;
        let room = b.rect.w - 2.0 * PAD;
        let usual = FONT + 1.0;
        let readable = (10.5 / self.view.scale).clamp(usual, 30.0);
        let letters = |size: f64| (room * FONT / (self.advance.max(1.0) * size)).floor().max(3.0) as usize;
        let stacked = [1.0, 0.85, 0.7, 0.55].iter().find_map(|share| {
            let size = (readable * share).max(usual);
            let lines = (b.rect.h / (size * LINE)).floor().clamp(1.0, 3.0) as usize;
            text::stacked(&b.name, letters(size), lines).map(|lines| (size, lines))
        });
        let cut = text::middle(&b.name, letters(usual));
        let (size, lines) = stacked.unwrap_or_else(|| (usual, vec![&*cut]));
        self.passing_font(&format!("600 {size}px {}", self.colours.fonts.mono));
        self.fill(&self.colours.text);
        let mut y = match b.row_count == 0 && b.folded == 0 {
            true => b.rect.centre().y + 1.0 - (lines.len() as f64 - 1.0) / 2.0 * size * LINE,
            false => b.rect.y + (size * 0.62).max(HEADER / 2.0 + 1.5),
        };
        for line in lines {
            let _ = c.fill_text(line, b.rect.x + PAD, y);
            y += size * LINE;
        }
        let below = y - size * LINE / 2.0;
        if b.folded > 0 {
            self.passing_font(&format!("{}px {}", size * 0.9, self.colours.fonts.sans));
            self.fill(&self.colours.quiet);
            let _ = c.fill_text(&text::counted(b.folded as u64, "table"), b.rect.x + PAD, y);
        } else {
            for (i, row) in self.scene.rows_of(at).iter().enumerate() {
                let y = b.rect.y + HEADER + (i as f64 + 0.5) * ROW;
                if y - ROW / 2.0 > below {
                    self.stroke_of(b.rect, row, y);
                }
            }
        }
    }

    /// A column that is too small to read: a stroke as long as its name, darker for those of a key.
    fn stroke_of(&self, place: Rect, row: &Row, y: f64) {
        let c = self.context;
        self.fill(if row.primary || row.foreign { &self.colours.border } else { &self.colours.header });
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
        self.font(if row.not_null { &colours.fonts.strong } else { &colours.fonts.plain });
        self.fill(&colours.text);
        let _ = c.fill_text(&name, left, y);
        if show_type {
            let left_over = total.saturating_sub(name_letters.min(total) + 1);
            if left_over >= 3 {
                self.font(&colours.fonts.plain);
                self.fill(&colours.quiet);
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
            self.stroke(&self.colours.text);
            c.begin_path();
            let _ = c.arc(x + 3.0, y, 2.6, 0.0, TAU);
            c.move_to(x + 5.6, y);
            c.line_to(x + 12.0, y);
            c.line_to(x + 12.0, y + 2.6);
            c.move_to(x + 9.4, y);
            c.line_to(x + 9.4, y + 2.0);
            c.stroke();
        } else if row.foreign {
            self.stroke(&self.colours.quiet);
            c.begin_path();
            c.move_to(x + 1.0, y);
            c.line_to(x + 10.5, y);
            c.move_to(x + 7.5, y - 3.0);
            c.line_to(x + 10.5, y);
            c.line_to(x + 7.5, y + 3.0);
            c.stroke();
        } else if row.unique {
            self.stroke(&self.colours.quiet);
            c.begin_path();
            let _ = c.arc(x + 5.5, y, 2.6, 0.0, TAU);
            c.stroke();
        }
    }

    /// Lines of one colour: a path for each kind of them, one for their ends, one for the rings at their ends.
    fn lines<'l>(&self, lines: impl Iterator<Item = &'l Line> + Clone, detail: Detail, forward: bool) {
        let c = self.context;
        let hair = 1.0 / self.view.scale.max(0.35);
        self.stroke(if forward { &self.colours.accent } else { &self.colours.line });
        c.set_line_join("round");
        let width = if forward { 1.8 * hair } else { 1.1 * hair };
        // As in the SVG: a key that is part of the primary key is a strong line, what a view reads a weak one.
        for (reads, identifying, wide) in [(true, false, 0.7), (false, false, 1.0), (false, true, 1.5)] {
            let is = |l: &Line| l.reads == reads && (reads || l.identifying == identifying);
            let mut any = false;
            c.begin_path();
            for line in lines.clone().filter(|l| is(l)) {
                self.trace(line, detail);
                any = true;
            }
            if any {
                c.set_line_width(width * wide);
                c.stroke();
            }
        }
        if detail < Detail::Keys {
            return;
        }
        c.set_line_width(if forward { 1.6 } else { 1.2 });
        let mut rings = Vec::new();
        c.begin_path();
        for line in lines.filter(|l| !l.reads) {
            let ends = line.points.first().zip(line.points.get(1)).map(|(at, from)| (at, from, line.from_end));
            let back = line.points.iter().rev();
            let other = back.clone().next().zip(back.clone().nth(1)).map(|(at, from)| (at, from, line.to_end));
            for (at, from, end) in ends.into_iter().chain(other) {
                rings.extend(self.end(*at, *from, end));
            }
        }
        c.stroke();
        c.begin_path();
        for (x, y) in rings {
            c.move_to(x + 3.2, y);
            let _ = c.arc(x, y, 3.2, 0.0, TAU);
        }
        self.fill(&self.colours.ground);
        c.fill();
        c.stroke();
    }

    fn trace(&self, line: &Line, detail: Detail) {
        let c = self.context;
        let Some(first) = line.points.first() else { return };
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
    }

    /// Adds an end in crow's foot notation to the path: at `at` on the box's edge, the line coming from `from`. Gives the centre of its ring.
    fn end(&self, at: Point, from: Point, ends: Ends) -> Option<(f64, f64)> {
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
        match ends {
            Ends::One => {
                stroke(place(6.0, -4.5), place(6.0, 4.5));
                stroke(place(9.5, -4.5), place(9.5, 4.5));
                None
            }
            Ends::ZeroOrOne => {
                stroke(place(5.0, -4.5), place(5.0, 4.5));
                Some(place(11.0, 0.0))
            }
            Ends::Many => {
                stroke(place(10.0, 0.0), place(0.0, -5.0));
                stroke(place(10.0, 0.0), place(0.0, 5.0));
                Some(place(13.5, 0.0))
            }
        }
    }

    /// A header: its upper corners are round.
    fn roof(&self, r: Rect) {
        let c = self.context;
        let radius = RADIUS.min(r.w / 2.0).min(r.h);
        let (right, bottom) = (r.x + r.w, r.y + r.h);
        c.begin_path();
        c.move_to(r.x, bottom);
        let _ = c.arc(r.x + radius, r.y + radius, radius, 2.0 * FRAC_PI_2, 3.0 * FRAC_PI_2);
        let _ = c.arc(right - radius, r.y + radius, radius, 3.0 * FRAC_PI_2, 4.0 * FRAC_PI_2);
        c.line_to(right, bottom);
        c.close_path();
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

/// How strong each of so many lines is on the map: thousands of them lie over each other, and must not hide what they join.
fn crowd(lines: usize) -> f64 {
    (1_200.0 / lines as f64).clamp(0.12, 1.0)
}

/// The whole diagram in a few colours, `w` by `h` CSS pixels: what the map of the diagram shows.
pub(super) fn map(context: &Context, scene: &Scene, colours: &Colours, view: Viewport, ratio: f64, w: f64, h: f64) {
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    context.set_fill_style_str(&colours.surface);
    context.fill_rect(0.0, 0.0, w, h);
    let scale = view.scale * ratio;
    let _ = context.set_transform(scale, 0.0, 0.0, scale, -view.x * scale, -view.y * scale);
    for hue in 0..12_u8 {
        let place = usize::from(hue);
        let paint = |rects: &mut dyn Iterator<Item = Rect>, colour: Option<&String>| {
            context.set_fill_style_str(colour.map_or("", |s| s));
            context.begin_path();
            for r in rects {
                context.rect(r.x, r.y, r.w, r.h);
            }
            context.fill();
        };
        paint(&mut scene.regions.iter().filter(|r| r.hue == hue).map(|r| r.rect), colours.regions.get(place));
        paint(&mut scene.boxes.iter().filter(|b| b.hue == hue).map(|b| b.rect), colours.stripes.get(place));
    }
}
