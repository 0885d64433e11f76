//! Holds the diagram between frames: where it looks, what is brought forward, whether it is flying somewhere.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};
use relata_app_state::scene::Scene;
use relata_app_state::viewport::{Direction, Point, Rect, Viewport, neighbour};
use relata_protocol::RelationKey;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};
use yew::Callback;

use super::paint::{Colours, Emphasis, Frame};
use crate::services::browser;

/// How long a flight takes, in milliseconds.
const FLIGHT: f64 = 260.0;
/// Above how many tables the diagram opens as an overview, whatever could be read of it.
const OVERVIEW_ABOVE: usize = 100;
/// The smallest scale at which most names can be read.
const LEAST_READABLE: f64 = 0.21;

/// The diagram on its canvas.
#[derive(Default)]
pub(crate) struct Painter {
    canvas: Option<HtmlCanvasElement>,
    context: Option<CanvasRenderingContext2d>,
    scene: Rc<Scene>,
    view: Viewport,
    width: f64,
    height: f64,
    ratio: f64,
    colours: Colours,
    advance: f64,
    emphasis: Emphasis,
    flight: Option<(Viewport, Viewport, f64)>,
    pending: Option<RelationKey>,
    fitted: bool,
    frame: Option<AnimationFrame>,
    on_scale: Option<Callback<u32>>,
    boxes: Vec<Rect>,
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
                mono: value("--rl-mono"),
                sans: value("--rl-sans"),
            };
            p.advance = 0.0;
        }
        Self::redraw(handle);
    }

    /// Takes a scene; a new one is shown whole, where it is not a map of its own.
    pub(crate) fn show(handle: &Handle, scene: Rc<Scene>) {
        {
            let mut p = handle.borrow_mut();
            if !Rc::ptr_eq(&p.scene, &scene) {
                p.boxes = scene.boxes.iter().map(|b| b.rect).collect();
                p.scene = scene;
                p.fitted = false;
                p.flight = None;
                p.emphasis = Emphasis::default();
            }
            p.settle();
        }
        Self::redraw(handle);
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
        if let Some(key) = self.pending.take() {
            self.fly(key);
        }
    }

    fn whole(&self) -> Viewport {
        Viewport::fitting(self.scene.bounds, self.width, self.height, 24.0, 1.0)
    }

    /// Brings a table forward.
    pub(crate) fn select(handle: &Handle, key: Option<RelationKey>, column: Option<&str>) {
        {
            let mut p = handle.borrow_mut();
            let at = key.and_then(|k| p.scene.place(k));
            p.emphasis.selected = at;
            p.emphasis.row = column.and_then(|c| {
                let rows = p.scene.rows_of(at?);
                rows.iter().position(|r| r.name == c)
            });
            p.emphasis.near = at.map(|a| p.scene.neighbours(a)).unwrap_or_default();
        }
        Self::redraw(handle);
    }

    /// Whether the page's focus is on the diagram.
    pub(crate) fn focus(handle: &Handle, focused: bool) {
        handle.borrow_mut().emphasis.focused = focused;
        Self::redraw(handle);
    }

    /// Flies to a table; at once where there is no canvas to see it on yet.
    pub(crate) fn fly_to(handle: &Handle, key: RelationKey) {
        {
            let mut p = handle.borrow_mut();
            if p.width < 1.0 || p.scene.boxes.is_empty() {
                p.pending = Some(key);
            } else {
                p.fly(key);
            }
        }
        Self::redraw(handle);
    }

    fn fly(&mut self, key: RelationKey) {
        let Some(rect) = self.scene.place(key).and_then(|a| self.scene.boxes.get(a)).map(|b| b.rect) else { return };
        // Close enough to read, no closer than it is already; a table taller than the window shows its head.
        let scale = self.view.scale.clamp(0.8, 1.2);
        let mut centre = rect.centre();
        let room = self.height / scale;
        if rect.h > room - 40.0 {
            centre.y = rect.y + room / 2.0 - 20.0;
        }
        self.go(Viewport::centred(centre, scale, self.width, self.height));
    }

    fn go(&mut self, to: Viewport) {
        if browser::reduced_motion() {
            self.view = to;
            self.flight = None;
        } else {
            self.flight = Some((self.view, to, browser::now()));
        }
    }

    /// Shows everything.
    pub(crate) fn fit(handle: &Handle) {
        {
            let mut p = handle.borrow_mut();
            let whole = p.whole();
            p.go(whole);
        }
        Self::redraw(handle);
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

    /// What lies at a point of the canvas: a table, and one of its columns.
    pub(crate) fn hit(&self, at: Point) -> Option<(RelationKey, Option<String>)> {
        let world = self.view.to_world(at);
        let place = self.scene.hit(world)?;
        let row = self.scene.hit_row(place, world).filter(|_| self.view.scale >= 0.48);
        let column = row.and_then(|r| self.scene.rows_of(place).get(r)).map(|r| r.name.clone());
        Some((self.scene.boxes.get(place)?.relation, column))
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
        let (more, scale) = {
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
                context.set_font(&format!("400 12px {}", p.colours.mono));
                p.advance = context.measure_text("mmmmmmmmmm").map_or(7.2, |m| m.width() / 10.0);
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
                advance: p.advance,
            };
            frame.draw();
            let scale = (p.view.scale * 100.0).round() as u32;
            (p.flight.is_some(), p.on_scale.clone().map(|c| (c, scale)))
        };
        if let Some((callback, scale)) = scale {
            callback.emit(scale);
        }
        if more {
            Self::redraw(handle);
        }
    }
}
