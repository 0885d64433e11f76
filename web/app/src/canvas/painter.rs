//! Holds the diagram between frames: where it looks, what is brought forward, whether it is flying somewhere or something is dragged.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};
use relata_app_state::lens::{Shading, Tint};
use relata_app_state::scene::{Scene, Way};
use relata_app_state::state::diagram::Flight;
use relata_app_state::viewport::{Detail, Direction, Point, Rect, Viewport, neighbour};
use relata_protocol::RelationKey;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};
use yew::Callback;

use super::paint::{self, Colours, Emphasis, Fonts, Frame, Overview};
use crate::services::browser;

/// How long a flight takes, in milliseconds.
const FLIGHT: f64 = 260.0;
/// Above how many tables the diagram opens as an overview, whatever could be read of it.
const OVERVIEW_ABOVE: usize = 100;
/// The smallest scale at which most names can be read, and tables be gripped.
const LEAST_READABLE: f64 = 0.21;
/// Room for the bar over the diagram.
const BAR: f64 = 44.0;
/// Room around the diagram when it is shown whole.
const MARGIN: f64 = 24.0;

/// The diagram on its canvas.
#[derive(Default)]
pub(crate) struct Painter {
    canvas: Option<HtmlCanvasElement>,
    context: Option<CanvasRenderingContext2d>,
    scene: Rc<Scene>,
    epoch: u32,
    layout: u32,
    view: Viewport,
    width: f64,
    height: f64,
    ratio: f64,
    colours: Colours,
    advance: f64,
    emphasis: Emphasis,
    chosen: (Option<RelationKey>, Option<String>),
    marked: Rc<BTreeSet<String>>,
    way: Option<Rc<Way>>,
    shading: Option<Rc<Shading>>,
    flight: Option<(Viewport, Viewport, f64)>,
    pending: Flight,
    fitted: bool,
    frame: Option<AnimationFrame>,
    /// Hears of the scale, in thousandths.
    on_scale: Option<Callback<u32>>,
    boxes: Vec<Rect>,
    map: Map,
    /// The scene from afar; made when it is first seen so.
    overview: Option<Overview>,
    grip: Option<Grip>,
    /// What the canvas's element says about flying.
    said_flying: Option<bool>,
}

/// What is being dragged, and how far it has come.
struct Grip {
    boxes: BTreeSet<usize>,
    x: f64,
    y: f64,
    /// The scene from before: a drag may come to nothing.
    before: Rc<Scene>,
}

/// The small map of the whole diagram.
#[derive(Default)]
struct Map {
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d, HtmlElement)>,
    view: Viewport,
    size: (f64, f64),
    drawn: bool,
    hidden: Option<bool>,
}

/// What lies at a point of the canvas.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Target {
    /// A table, and one of its columns.
    Table(RelationKey, Option<String>),
    /// A folded cluster, by name.
    Folded(String),
}

/// A painter shared by the handlers of a component.
pub(crate) type Handle = Rc<RefCell<Painter>>;

impl Painter {
    /// Takes a canvas.
    pub(crate) fn attach(handle: &Handle, canvas: HtmlCanvasElement, on_scale: Callback<u32>) {
        let mut p = handle.borrow_mut();
        p.context = browser::context_2d(&canvas);
        p.canvas = Some(canvas);
        p.on_scale = Some(on_scale);
        p.said_flying = None;
    }

    /// Takes the canvas of the map, and the frame that stands on it for what is seen.
    pub(crate) fn attach_map(handle: &Handle, canvas: HtmlCanvasElement, frame: HtmlElement) {
        {
            let mut p = handle.borrow_mut();
            p.map.canvas = browser::context_2d(&canvas).map(|context| (canvas, context, frame));
            p.map.drawn = false;
        }
        Self::redraw(handle);
    }

    /// Lets go of the map's canvas.
    pub(crate) fn detach_map(handle: &Handle) {
        handle.borrow_mut().map = Map::default();
    }

    /// Looks at the place of the diagram that the map shows at a point.
    pub(crate) fn look_at(handle: &Handle, at: Point) {
        {
            let mut p = handle.borrow_mut();
            let centre = p.map.view.to_world(at);
            p.flight = None;
            p.view = Viewport::centred(centre, p.view.scale, p.width, p.height);
        }
        Self::redraw(handle);
    }

    /// Reads colours and fonts from the tokens in force.
    pub(crate) fn theme(handle: &Handle, host: &HtmlElement) {
        {
            let mut p = handle.borrow_mut();
            let value = |name: &str| browser::css_value(host, name);
            let twelve = |name: &str| (0..12).map(|i| value(&format!("--rl-{name}-{i}"))).collect();
            p.colours = Colours {
                ground: value("--rl-canvas"),
                surface: value("--rl-surface"),
                header: value("--rl-table-head"),
                border: value("--rl-table-border"),
                text: value("--rl-text"),
                quiet: value("--rl-text-quiet"),
                line: value("--rl-wire"),
                accent: value("--rl-accent"),
                accent_soft: value("--rl-accent-soft"),
                regions: twelve("region"),
                stripes: twelve("stripe"),
                labels: twelve("label"),
                tints: Tint::ALL.map(|t| value(t.token())).into(),
                fonts: Fonts::new(&value("--rl-mono"), &value("--rl-sans")),
            };
            p.advance = 0.0;
            p.overview = None;
            p.map.drawn = false;
        }
        Self::redraw(handle);
    }

    /// Takes a scene. Another diagram is shown whole, where it is not a map of its own; in another layout of the same one what was looked
    /// at stays where it is; another arrangement of the same layout moves nothing else.
    pub(crate) fn show(handle: &Handle, scene: Rc<Scene>, epoch: u32, layout: u32) {
        {
            let mut p = handle.borrow_mut();
            if !Rc::ptr_eq(&p.scene, &scene) {
                let anchor = (p.epoch == epoch && p.layout != layout && p.fitted).then(|| p.anchor(&scene)).flatten();
                p.boxes = scene.boxes.iter().map(|b| b.rect).collect();
                p.scene = scene;
                p.map.drawn = false;
                p.overview = None;
                p.grip = None;
                if p.epoch != epoch {
                    p.fitted = false;
                    p.flight = None;
                }
                if let Some((before, now)) = anchor {
                    p.flight = None;
                    p.view.x += now.x - before.x;
                    p.view.y += now.y - before.y;
                }
                (p.epoch, p.layout) = (epoch, layout);
                p.emphasise();
            }
            p.settle();
        }
        Self::redraw(handle);
    }

    /// The middle of the table that is looked at, here and in another scene: the selected one, or the one nearest to the window's middle.
    fn anchor(&self, scene: &Scene) -> Option<(Point, Point)> {
        let middle = self.view.visible(self.width, self.height).centre();
        let distance = |r: &Rect| (r.centre().x - middle.x).hypot(r.centre().y - middle.y);
        let nearest = || {
            let kept = self.scene.boxes.iter().filter(|b| scene.place(b.relation).is_some());
            kept.min_by(|a, b| distance(&a.rect).total_cmp(&distance(&b.rect)))
        };
        let selected = self.chosen.0.and_then(|k| self.scene.boxes.get(self.scene.place(k)?));
        let b = selected.filter(|b| scene.place(b.relation).is_some()).or_else(nearest)?;
        let now = scene.boxes.get(scene.place(b.relation)?)?;
        Some((b.rect.centre(), now.rect.centre()))
    }

    /// The canvas has a new size, in CSS pixels.
    pub(crate) fn resize(handle: &Handle, width: f64, height: f64) {
        {
            let mut p = handle.borrow_mut();
            if width < 1.0 || height < 1.0 {
                return;
            }
            let centre = p.view.visible(p.width, p.height).centre();
            let known = p.width > 0.0;
            (p.width, p.height, p.ratio) = (width, height, browser::pixel_ratio());
            if let Some(canvas) = &p.canvas {
                canvas.set_width((width * p.ratio).round() as u32);
                canvas.set_height((height * p.ratio).round() as u32);
            }
            if known && p.fitted {
                p.view = Viewport::centred(centre, p.view.scale, width, height);
            }
            p.settle();
        }
        // A resized canvas is blank at once: it is drawn within the same frame.
        Self::paint(handle);
    }

    fn settle(&mut self) {
        if self.width < 1.0 || self.scene.boxes.is_empty() {
            return;
        }
        if !self.fitted {
            self.fitted = true;
            self.view = self.whole();
            // A middling schema on a small screen opens at its busiest table, large enough to be read.
            if self.scene.boxes.len() <= OVERVIEW_ABOVE && self.view.scale < LEAST_READABLE {
                let lines = |at: &usize| self.scene.lines_at(*at).len();
                let busiest = (0..self.scene.boxes.len()).rev().max_by_key(lines);
                if let Some(rect) = busiest.and_then(|at| self.boxes.get(at)) {
                    let view = Viewport::centred(rect.centre(), 2.4 * LEAST_READABLE, self.width, self.height);
                    self.view = view.within(self.scene.bounds, self.width, self.height, 40.0);
                }
            }
        }
        let pending = std::mem::take(&mut self.pending);
        if !self.fly(pending) {
            self.pending = pending;
        }
    }

    fn whole(&self) -> Viewport {
        let height = (self.height - BAR).max(1.0);
        let view = Viewport::fitting(self.scene.bounds, self.width, height, MARGIN, 1.0);
        Viewport { y: view.y - BAR / view.scale, ..view }
    }

    /// Brings a table forward.
    pub(crate) fn select(handle: &Handle, key: Option<RelationKey>, column: Option<&str>) {
        {
            let mut p = handle.borrow_mut();
            p.chosen = (key, column.map(str::to_owned));
            p.emphasise();
        }
        Self::redraw(handle);
    }

    /// Brings forward tables that are marked, and a way between two.
    pub(crate) fn mark(handle: &Handle, marked: Rc<BTreeSet<String>>, way: Option<Rc<Way>>) {
        {
            let mut p = handle.borrow_mut();
            (p.marked, p.way) = (marked, way);
            p.emphasise();
        }
        Self::redraw(handle);
    }

    /// Colours tables.
    pub(crate) fn shade(handle: &Handle, shading: Option<Rc<Shading>>) {
        handle.borrow_mut().shading = shading;
        Self::redraw(handle);
    }

    fn emphasise(&mut self) {
        let scene = &self.scene;
        let (key, column) = &self.chosen;
        let at = key.and_then(|k| scene.place(k));
        let e = &mut self.emphasis;
        e.selected = at;
        e.row = column.as_ref().and_then(|c| scene.rows_of(at?).iter().position(|r| r.name == *c));
        e.near = at.map(|a| scene.neighbours(a)).unwrap_or_default();
        e.way = self.way.as_ref().map(|w| w.lines.clone());
        if let Some(way) = &self.way {
            e.near = way.boxes.iter().copied().collect();
        }
        let marked = |b: &relata_app_state::scene::TableBox| self.marked.contains(&*b.path);
        e.marked = match self.marked.is_empty() {
            true => BTreeSet::new(),
            false => scene.boxes.iter().enumerate().filter(|(_, b)| marked(b)).map(|(at, _)| at).collect(),
        };
        e.hover = None;
    }

    /// Whether the page's focus is on the diagram.
    pub(crate) fn focus(handle: &Handle, focused: bool) {
        handle.borrow_mut().emphasis.focused = focused;
        Self::redraw(handle);
    }

    /// Flies somewhere; at once where there is no canvas to see it on yet, and when it is there where there is nothing of that yet.
    pub(crate) fn fly_to(handle: &Handle, to: Flight) {
        {
            let mut p = handle.borrow_mut();
            p.pending = to;
            p.settle();
        }
        Self::redraw(handle);
    }

    /// Whether there was something to fly to.
    fn fly(&mut self, to: Flight) -> bool {
        match to {
            Flight::Stay => {}
            Flight::All => self.go(self.whole()),
            Flight::Table(key) => {
                let Some(rect) = self.scene.place(key).and_then(|a| self.boxes.get(a)).copied() else { return false };
                // Close enough to read, no closer than it is already; a table taller than the window shows its head.
                let scale = self.view.scale.clamp(0.8, 1.2);
                let mut centre = rect.centre();
                let room = self.height / scale;
                if rect.h > room - 40.0 {
                    centre.y = rect.y + room / 2.0 - 20.0;
                }
                self.go(Viewport::centred(centre, scale, self.width, self.height));
            }
            Flight::Way => {
                let Some(way) = &self.way else { return false };
                let rects = way.boxes.iter().filter_map(|at| self.boxes.get(*at)).copied();
                let Some(around) = rects.reduce(Rect::around) else { return false };
                self.go(Viewport::fitting(around, self.width, self.height, 70.0, 1.0));
            }
        }
        true
    }

    fn go(&mut self, to: Viewport) {
        if browser::reduced_motion() {
            self.view = to;
            self.flight = None;
        } else {
            self.flight = Some((self.view, to, browser::now()));
            self.say_flying(true);
        }
    }

    /// Whether it flies, as the canvas's element says it: what looks at the page from outside cannot tell from the canvas.
    fn say_flying(&mut self, flying: bool) {
        if self.said_flying != Some(flying)
            && let Some(canvas) = &self.canvas
        {
            self.said_flying = Some(flying);
            // Setting an attribute of this name cannot fail.
            let _ = canvas.set_attribute("data-flying", if flying { "true" } else { "false" });
        }
    }

    /// Zooms around a point of the canvas, or around its middle.
    pub(crate) fn zoom(handle: &Handle, factor: f64, at: Option<Point>) {
        {
            let mut p = handle.borrow_mut();
            let at = at.unwrap_or(Point { x: p.width / 2.0, y: p.height / 2.0 });
            p.flight = None;
            p.view = p.view.zoomed(factor, at).kept(p.scene.bounds, p.width, p.height);
        }
        Self::redraw(handle);
    }

    /// Moves by so many CSS pixels.
    pub(crate) fn pan(handle: &Handle, dx: f64, dy: f64) {
        {
            let mut p = handle.borrow_mut();
            p.flight = None;
            p.view = p.view.panned(dx, dy).kept(p.scene.bounds, p.width, p.height);
        }
        Self::redraw(handle);
    }

    /// What lies at a point of the canvas.
    pub(crate) fn hit(&self, at: Point) -> Option<Target> {
        let world = self.view.to_world(at);
        let place = self.scene.hit(world)?;
        let b = self.scene.boxes.get(place)?;
        if b.folded > 0 {
            return Some(Target::Folded(b.name.to_string()));
        }
        let row = self.scene.hit_row(place, world).filter(|_| self.view.scale >= 0.48);
        let column = row.and_then(|r| self.scene.rows_of(place).get(r)).map(|r| r.name.clone());
        Some(Target::Table(b.relation, column))
    }

    /// The cluster whose ground, not one of its tables, lies at a point of the canvas.
    pub(crate) fn hit_region(&self, at: Point) -> Option<String> {
        let world = self.view.to_world(at);
        if self.scene.hit(world).is_some() {
            return None;
        }
        self.scene.hit_region(world).filter(|r| r.cluster.is_some()).map(|r| r.name.to_string())
    }

    /// Takes hold of the table at a point, and of all marked ones if it is one of them; whether there is one large enough to be gripped.
    /// A finger moves only what is selected: everything else is there to be pushed around with.
    pub(crate) fn grip(handle: &Handle, at: Point, finger: bool) -> bool {
        let mut p = handle.borrow_mut();
        let world = p.view.to_world(at);
        let Some(place) = p.scene.hit(world).filter(|_| p.view.scale >= LEAST_READABLE) else { return false };
        if p.scene.boxes.get(place).is_none_or(|b| b.folded > 0) || finger && p.emphasis.selected != Some(place) {
            return false;
        }
        let all = if p.emphasis.marked.contains(&place) { p.emphasis.marked.clone() } else { BTreeSet::from([place]) };
        p.grip = Some(Grip { boxes: all, x: 0.0, y: 0.0, before: Rc::clone(&p.scene) });
        true
    }

    /// Whether something is gripped.
    pub(crate) fn has_grip(&self) -> bool {
        self.grip.is_some()
    }

    /// Moves what is gripped by so many CSS pixels.
    pub(crate) fn drag(handle: &Handle, dx: f64, dy: f64) {
        {
            let mut p = handle.borrow_mut();
            let (dx, dy) = (dx / p.view.scale, dy / p.view.scale);
            let Some(mut grip) = p.grip.take() else { return };
            p.overview = None;
            Rc::make_mut(&mut p.scene).shift(&grip.boxes, dx, dy);
            grip.x += dx;
            grip.y += dy;
            p.grip = Some(grip);
        }
        Self::redraw(handle);
    }

    /// Lets go of what is gripped: where each table is now, if it was moved at all.
    pub(crate) fn release(handle: &Handle) -> Vec<(String, [i32; 2])> {
        let mut p = handle.borrow_mut();
        let Some(Grip { boxes, x, y, before }) = p.grip.take() else { return Vec::new() };
        if x == 0.0 && y == 0.0 {
            p.scene = before;
            return Vec::new();
        }
        p.boxes = p.scene.boxes.iter().map(|b| b.rect).collect();
        p.map.drawn = false;
        let moved = boxes.iter().filter_map(|at| p.scene.boxes.get(*at));
        moved.map(|b| (b.path.to_string(), [b.rect.x.round() as i32, b.rect.y.round() as i32])).collect()
    }

    /// Lets go of what is gripped and puts it back where it was.
    pub(crate) fn cancel(handle: &Handle) {
        {
            let mut p = handle.borrow_mut();
            let Some(grip) = p.grip.take() else { return };
            p.scene = grip.before;
            p.overview = None;
        }
        Self::redraw(handle);
    }

    /// Marks the table under the pointer; whether there is one.
    pub(crate) fn hover(handle: &Handle, at: Option<Point>) -> bool {
        let (now, changed) = {
            let mut p = handle.borrow_mut();
            let now = at.and_then(|a| p.scene.hit(p.view.to_world(a)));
            (now, std::mem::replace(&mut p.emphasis.hover, now) != now)
        };
        if changed {
            Self::redraw(handle);
        }
        now.is_some()
    }

    /// The table to go to with an arrow key: from the selected one, or the first in the middle of the window.
    pub(crate) fn step(&self, direction: Direction) -> Option<RelationKey> {
        let at = match self.emphasis.selected {
            Some(from) => neighbour(&self.boxes, from, direction)?,
            None => {
                let middle = self.view.visible(self.width, self.height).centre();
                let distance = |r: &Rect| (r.centre().x - middle.x).hypot(r.centre().y - middle.y);
                let places = self.boxes.iter().enumerate();
                places.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1))).map(|(i, _)| i)?
            }
        };
        self.scene.boxes.get(at).map(|b| b.relation)
    }

    /// Whether a table is on the canvas whole, and large enough to be read.
    pub(crate) fn is_readable(&self, key: RelationKey) -> bool {
        let Some(rect) = self.scene.place(key).and_then(|a| self.boxes.get(a)) else { return false };
        let seen = self.view.visible(self.width, self.height);
        self.view.scale >= 0.3
            && rect.x >= seen.x
            && rect.y >= seen.y
            && rect.x + rect.w <= seen.x + seen.w
            && rect.y + rect.h.min(seen.h) <= seen.y + seen.h
    }

    /// Draws before the next frame is shown.
    pub(crate) fn redraw(handle: &Handle) {
        let mut p = handle.borrow_mut();
        if p.frame.is_none() {
            let again = Rc::clone(handle);
            p.frame = Some(request_animation_frame(move |_| {
                again.borrow_mut().frame = None;
                Self::paint(&again);
            }));
        }
    }

    fn paint(handle: &Handle) {
        let (flying, scale) = {
            let mut p = handle.borrow_mut();
            if p.width < 1.0 {
                return;
            }
            if let Some((from, to, start)) = p.flight {
                let t = (browser::now() - start) / FLIGHT;
                p.view = from.towards(to, t, p.width, p.height);
                if t >= 1.0 {
                    p.flight = None;
                }
            }
            let Some(context) = p.context.clone() else { return };
            if p.advance == 0.0 {
                context.set_font(&p.colours.fonts.plain);
                p.advance = context.measure_text("mmmmmmmmmm").map_or(7.2, |m| m.width() / 10.0);
            }
            if p.overview.is_none() && p.grip.is_none() && Detail::at(p.view.scale) == Detail::Clusters {
                p.overview = Some(Overview::new(&context, &p.scene, &p.colours.fonts));
            }
            let frame = Frame {
                context: &context,
                scene: &p.scene,
                view: p.view,
                width: p.width,
                height: p.height,
                ratio: p.ratio,
                colours: &p.colours,
                emphasis: &p.emphasis,
                shading: p.shading.as_deref().filter(|s| s.tints.len() == p.scene.boxes.len()),
                overview: p.overview.as_ref(),
                advance: p.advance,
                set: Cell::new([std::ptr::null(); 3]),
            };
            frame.draw();
            p.paint_map();
            let flying = p.flight.is_some();
            p.say_flying(flying);
            let scale = (p.view.scale * 1_000.0).round() as u32;
            (flying, p.on_scale.clone().map(|c| (c, scale)))
        };
        if let Some((callback, scale)) = scale {
            callback.emit(scale);
        }
        if flying {
            Self::redraw(handle);
        }
    }

    /// The map is drawn once for a scene; what moves over it is an element of its own.
    fn paint_map(&mut self) {
        let Some((canvas, context, frame)) = &self.map.canvas else { return };
        if !self.map.drawn {
            // Asked once for a drawing: asking in every frame would make the browser lay out the page in every frame.
            self.map.size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        }
        let (w, h) = self.map.size;
        if w < 1.0 || h < 1.0 {
            return;
        }
        if !self.map.drawn {
            canvas.set_width((w * self.ratio).round() as u32);
            canvas.set_height((h * self.ratio).round() as u32);
            self.map.view = Viewport::fitting(self.scene.bounds, w, h, 6.0, 1.0);
            paint::map(context, &self.scene, &self.colours, self.map.view, self.ratio, w, h);
            self.map.drawn = true;
        }
        let seen = self.view.visible(self.width, self.height);
        // Where everything is in sight the map has nothing to tell, and would cover some of it.
        let whole = seen.around(self.scene.bounds) == seen;
        if self.map.hidden != Some(whole) {
            self.map.hidden = Some(whole);
            if let Some(part) = canvas.parent_element().and_then(|p| p.dyn_into::<HtmlElement>().ok()) {
                browser::set_style(&part, "visibility", if whole { "hidden" } else { "visible" });
            }
        }
        let at = self.map.view.to_screen(Point { x: seen.x, y: seen.y });
        let end = self.map.view.to_screen(Point { x: seen.x + seen.w, y: seen.y + seen.h });
        let (x, y) = (at.x.clamp(0.0, w), at.y.clamp(0.0, h));
        browser::set_style(frame, "translate", &format!("{x:.1}px {y:.1}px"));
        browser::set_style(frame, "width", &format!("{:.1}px", (end.x.clamp(0.0, w) - x).max(4.0)));
        browser::set_style(frame, "height", &format!("{:.1}px", (end.y.clamp(0.0, h) - y).max(4.0)));
    }
}
