//! The diagram: a canvas that can be panned, zoomed and walked through by keyboard, and the same schema as a list for those who cannot see it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use relata_app_state::scene::Scene;
use relata_app_state::state::diagram::{Change, Flight, NUDGE};
use relata_app_state::state::{Pane, Selection};
use relata_app_state::viewport::{Direction, Point};
use relata_app_state::{Action, text};
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlElement, WheelEvent};
use yew::prelude::*;

use super::bits::Button;
use super::diagram_bar::{DiagramBar, Legend};
use super::icons::Icon;
use crate::app::{Page, Shared};
use crate::canvas::{Handle, Painter, Target};
use crate::services::browser::{self, SizeWatch};

/// Properties of [`Diagram`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// Pointers that are down: one drags, two pinch.
#[derive(Default)]
struct Grip {
    down: BTreeMap<i32, Point>,
    moved: f64,
    /// The pointer came down on a table that it can move.
    on_table: bool,
}

/// How far a pointer may stray and still click, in CSS pixels.
const SLOP: f64 = 4.0;

/// The diagram.
#[component]
pub(crate) fn Diagram(props: &Props) -> Html {
    let frame = use_node_ref();
    let canvas = use_node_ref();
    let scale = use_state_eq(|| 1_000_u32);
    let painter: Handle = use_memo((), |()| RefCell::<Painter>::default());
    let grip = use_mut_ref(Grip::default);
    let page = use_context::<Page>();
    let state = props.state.clone();

    {
        let (frame, canvas, painter, scale) = (frame.clone(), canvas.clone(), Rc::clone(&painter), scale.clone());
        let host = page.as_ref().map(|p| p.host.clone());
        use_effect_with((), move |()| {
            let mut held: (Option<SizeWatch>, Vec<EventListener>) = (None, Vec::new());
            if let (Some(canvas), Some(frame)) = (canvas.cast::<HtmlCanvasElement>(), frame.cast::<HtmlElement>()) {
                Painter::attach(&painter, canvas.clone(), Callback::from(move |s| scale.set(s)));
                let p = Rc::clone(&painter);
                held.0 = SizeWatch::new(&frame, move |w, h| Painter::resize(&p, w, h));
                let p = Rc::clone(&painter);
                // Yew's own wheel listeners are passive; this one must keep the page from scrolling.
                held.1.push(EventListener::new_with_options(
                    &canvas,
                    "wheel",
                    EventListenerOptions::enable_prevent_default(),
                    move |event| {
                        if let Some(wheel) = event.dyn_ref::<WheelEvent>() {
                            wheel.prevent_default();
                            turn(&p, wheel);
                        }
                    },
                ));
            }
            if let Some(host) = host {
                Painter::theme(&painter, &host);
            }
            move || drop(held)
        });
    }
    {
        let painter = Rc::clone(&painter);
        let host = page.as_ref().map(|p| p.host.clone());
        use_effect_with(state.prefs.theme, move |_| {
            if let Some(host) = host {
                Painter::theme(&painter, &host);
            }
        });
    }
    {
        let painter = Rc::clone(&painter);
        let scene = state.scene.clone();
        let (epoch, layout) = (state.drawing.epoch, state.drawing.layout);
        use_effect_with(scene.as_ref().map(Rc::as_ptr), move |_| {
            Painter::show(&painter, scene.unwrap_or_default(), epoch, layout);
        });
    }
    {
        let painter = Rc::clone(&painter);
        let (marked, way) = (Rc::clone(&state.drawing.marked), state.drawing.way.clone());
        let key = (Rc::as_ptr(&marked), way.as_ref().map(Rc::as_ptr), state.scene.as_ref().map(Rc::as_ptr));
        use_effect_with(key, move |_| Painter::mark(&painter, marked, way));
    }
    {
        let painter = Rc::clone(&painter);
        let shading = state.drawing.shading.clone();
        use_effect_with(shading.as_ref().map(Rc::as_ptr), move |_| Painter::shade(&painter, shading));
    }
    {
        let painter = Rc::clone(&painter);
        let key =
            (state.highlighted(), state.highlighted_column().map(str::to_owned), state.scene.as_ref().map(Rc::as_ptr));
        use_effect_with(key, move |(key, column, _)| Painter::select(&painter, *key, column.as_deref()));
    }
    {
        let painter = Rc::clone(&painter);
        use_effect_with(state.flight, move |(_, to)| {
            if *to != Flight::Stay {
                Painter::fly_to(&painter, *to);
            }
        });
    }

    let Some(page) = page else { return Html::default() };
    let place = |e: &PointerEvent| Point { x: f64::from(e.offset_x()), y: f64::from(e.offset_y()) };
    let onpointerdown = {
        let (grip, painter) = (grip.clone(), Rc::clone(&painter));
        Callback::from(move |e: PointerEvent| {
            if let Some(canvas) = e.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
                // Without capture a drag ends at the canvas's edge: worse, not broken.
                let _ = canvas.set_pointer_capture(e.pointer_id());
            }
            let mut g = grip.borrow_mut();
            if g.down.is_empty() {
                g.moved = 0.0;
                let moves = e.button() == 0 && !e.shift_key() && !e.ctrl_key() && !e.meta_key();
                g.on_table = moves && Painter::grip(&painter, place(&e), e.pointer_type() == "touch");
            } else if g.on_table {
                // A second finger: it is a pinch after all.
                g.on_table = false;
                Painter::cancel(&painter);
            }
            g.down.insert(e.pointer_id(), place(&e));
            Painter::hover(&painter, None);
        })
    };
    let onpointermove = {
        let (grip, painter, frame) = (grip.clone(), Rc::clone(&painter), frame.clone());
        Callback::from(move |e: PointerEvent| {
            let now = place(&e);
            let mut g = grip.borrow_mut();
            let Some(before) = g.down.get(&e.pointer_id()).copied() else {
                let over = Painter::hover(&painter, Some(now));
                if let Some(frame) = frame.cast::<HtmlElement>() {
                    browser::set_style(&frame, "cursor", if over { "pointer" } else { "grab" });
                }
                return;
            };
            let (dx, dy) = (now.x - before.x, now.y - before.y);
            let stood = g.moved <= SLOP;
            g.moved = if stood { g.moved.max(dx.hypot(dy)) } else { g.moved + dx.hypot(dy) };
            let other = g.down.iter().find(|(id, _)| **id != e.pointer_id()).map(|(_, p)| *p);
            if stood && g.moved <= SLOP && other.is_none() {
                // Not yet a drag: the way so far is kept for when it becomes one.
                return;
            }
            g.down.insert(e.pointer_id(), now);
            match other {
                // Two pointers: the distance between them scales, their middle stays.
                Some(o) => {
                    let apart = |p: Point| (p.x - o.x).hypot(p.y - o.y).max(1.0);
                    let middle = Point { x: f64::midpoint(now.x, o.x), y: f64::midpoint(now.y, o.y) };
                    Painter::pan(&painter, dx / 2.0, dy / 2.0);
                    Painter::zoom(&painter, apart(now) / apart(before), Some(middle));
                }
                None if g.on_table && painter.borrow().has_grip() => Painter::drag(&painter, dx, dy),
                None => Painter::pan(&painter, dx, dy),
            }
        })
    };
    let onpointerup = {
        let (grip, painter, act, selected) = (grip.clone(), Rc::clone(&painter), page.act.clone(), state.highlighted());
        Callback::from(move |e: PointerEvent| {
            let clicked = {
                let mut g = grip.borrow_mut();
                let was_down = g.down.remove(&e.pointer_id()).is_some();
                was_down && g.down.is_empty() && g.moved <= SLOP
            };
            let moved = Painter::release(&painter);
            if !moved.is_empty() {
                act.emit(Action::Change(Box::new(Change::Move(moved))));
                return;
            }
            if clicked && e.button() == 0 {
                let hit = painter.borrow().hit(place(&e));
                act.emit(match hit {
                    Some(Target::Table(key, _)) if e.ctrl_key() || e.meta_key() => Action::Mark(key),
                    Some(Target::Table(key, _)) if e.shift_key() && selected.is_some() => Action::Connect(key),
                    Some(Target::Table(key, column)) => Action::Select(Selection::Relation(key, column)),
                    Some(Target::Folded(name)) => Action::Change(Box::new(Change::Fold(name))),
                    None => Action::Deselect,
                });
            }
        })
    };
    let onpointercancel = {
        let painter = Rc::clone(&painter);
        Callback::from(move |e: PointerEvent| {
            grip.borrow_mut().down.remove(&e.pointer_id());
            Painter::cancel(&painter);
        })
    };
    let onpointerleave = {
        let painter = Rc::clone(&painter);
        Callback::from(move |_: PointerEvent| {
            Painter::hover(&painter, None);
        })
    };
    let ondblclick = {
        let (painter, act) = (Rc::clone(&painter), page.act.clone());
        Callback::from(move |e: MouseEvent| {
            let at = Point { x: f64::from(e.offset_x()), y: f64::from(e.offset_y()) };
            let (hit, region) = (painter.borrow().hit(at), painter.borrow().hit_region(at));
            match (hit, region) {
                (Some(Target::Table(key, _)), _) => act.emit(Action::Reveal(key)),
                (Some(Target::Folded(_)), _) => {}
                (None, Some(name)) => act.emit(Action::Change(Box::new(Change::Fold(name)))),
                (None, None) => Painter::zoom(&painter, 1.6, Some(at)),
            }
        })
    };
    let onkeydown = {
        let (painter, act, selected) = (Rc::clone(&painter), page.act.clone(), state.highlighted());
        let focused = state.drawing.board.focus.is_some();
        let busy = state.drawing.ends.is_some();
        let host = page.host;
        let change = move |c: Change| Action::Change(Box::new(c));
        Callback::from(move |e: KeyboardEvent| {
            if e.ctrl_key() || e.meta_key() {
                return;
            }
            let direction = match e.key().as_str() {
                "ArrowLeft" => Some((Direction::Left, 80.0, 0.0)),
                "ArrowRight" => Some((Direction::Right, -80.0, 0.0)),
                "ArrowUp" => Some((Direction::Up, 0.0, 80.0)),
                "ArrowDown" => Some((Direction::Down, 0.0, -80.0)),
                _ => None,
            };
            if let Some((direction, dx, dy)) = direction {
                e.prevent_default();
                if e.alt_key() {
                    let by = |d: f64| -(d as i32).signum() * NUDGE;
                    act.emit(change(Change::Nudge(by(dx), by(dy))));
                    return;
                }
                if e.shift_key() {
                    Painter::pan(&painter, dx, dy);
                    return;
                }
                let next = painter.borrow().step(direction);
                if let Some(key) = next {
                    act.emit(Action::Select(Selection::Relation(key, None)));
                    let readable = painter.borrow().is_readable(key);
                    if !readable {
                        Painter::fly_to(&painter, Flight::Table(key));
                    }
                }
                return;
            }
            if e.alt_key() {
                return;
            }
            match e.key().as_str() {
                "+" | "=" => Painter::zoom(&painter, 1.25, None),
                "-" | "_" => Painter::zoom(&painter, 0.8, None),
                "0" => Painter::fly_to(&painter, Flight::All),
                "." => {
                    if let Some(key) = selected {
                        Painter::fly_to(&painter, Flight::Table(key));
                    }
                }
                "1" => act.emit(change(Change::Focus(Some(1)))),
                "2" => act.emit(change(Change::Focus(Some(2)))),
                "3" => act.emit(change(Change::Focus(Some(3)))),
                "f" => act.emit(change(Change::Focus(if focused { None } else { Some(1) }))),
                "h" => act.emit(change(Change::Hide)),
                "c" => act.emit(change(Change::Collapse)),
                "t" => act.emit(change(Change::Pin)),
                "g" => act.emit(change(Change::Group)),
                "p" => act.emit(Action::OpenRoutes),
                "m" => {
                    if let Some(key) = selected {
                        act.emit(Action::Mark(key));
                    }
                }
                "Enter" => {
                    act.emit(Action::ShowPane(Pane::Inspector));
                    if let Some(inspector) = browser::find(&host, ".rl-inspector") {
                        browser::focus(&inspector);
                    }
                }
                "Escape" if busy => act.emit(Action::Disconnect),
                "Escape" if selected.is_none() && focused => act.emit(change(Change::Focus(None))),
                "Escape" => act.emit(Action::Deselect),
                _ => return,
            }
            e.prevent_default();
        })
    };
    let onfocus = {
        let painter = Rc::clone(&painter);
        Callback::from(move |_: FocusEvent| Painter::focus(&painter, true))
    };
    let onblur = {
        let painter = Rc::clone(&painter);
        Callback::from(move |_: FocusEvent| Painter::focus(&painter, false))
    };
    let zoom = |factor: f64| {
        let painter = Rc::clone(&painter);
        Callback::from(move |()| Painter::zoom(&painter, factor, None))
    };
    let fit = {
        let painter = Rc::clone(&painter);
        Callback::from(move |()| Painter::fly_to(&painter, Flight::All))
    };
    let tables = state.scene.as_ref().map_or(0, |s| s.boxes.len());
    let said = selected_in_words(&state);
    html! {
        <div class="rl-diagram" data-testid="diagram" data-tables={tables.to_string()}>
            <div class="rl-diagram-frame" ref={frame} role="application" tabindex="0" {onkeydown} {onfocus} {onblur}
                aria-label={format!("Diagram of {}. Arrow keys go from table to table, Enter opens the details, question mark lists all keys.", text::counted(tables as u64, "table"))}>
                <canvas ref={canvas} class="rl-canvas" aria-hidden="true" data-testid="canvas"
                    {onpointerdown} {onpointermove} {onpointerup} {onpointercancel} {onpointerleave} {ondblclick} />
            </div>
            <p class="rl-hidden" aria-live="polite" data-testid="diagram-said">{ said }</p>
            if let Some(message) = &state.scene_error {
                <p class="rl-diagram-note" role="alert">{ message }</p>
            } else if state.scene.is_none() {
                <p class="rl-diagram-note" aria-busy="true">{ "Laying out the diagram…" }</p>
            } else if tables == 0 && state.left_out().is_some() {
                <p class="rl-diagram-note">{ "Every table is hidden." }</p>
            } else if tables == 0 {
                <p class="rl-diagram-note">
                    { "There are no tables to draw." }
                    if state.overview.problems > 0 { { " What could not be read is listed under Problems." } }
                </p>
            }
            <DiagramBar state={state.clone()} />
            <Legend state={state.clone()} />
            if tables > MAP_ABOVE { <Map painter={Held(Rc::clone(&painter))} /> }
            <div class="rl-diagram-tools" role="toolbar" aria-label="Zoom">
                <Button icon={Icon::Minus} label="Farther" bare=true onclick={zoom(0.8)} testid="zoom-out" />
                <output class="rl-scale" data-testid="scale">{ text::per_cent(*scale) }</output>
                <Button icon={Icon::Plus} label="Closer" bare=true onclick={zoom(1.25)} testid="zoom-in" />
                <Button icon={Icon::Fit} label="Show everything" bare=true onclick={fit} testid="fit" />
            </div>
            if let Some(scene) = &state.scene { <Mirror scene={Drawn(Rc::clone(scene))} /> }
        </div>
    }
}

/// Above how many tables there is a map of the whole diagram.
const MAP_ABOVE: usize = 12;

/// A painter compared by identity.
#[derive(Clone)]
struct Held(Handle);

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
struct MapProps {
    painter: Held,
}

/// The whole diagram, small, with what is seen of it: a click or a drag looks elsewhere. What it does the keys do too.
#[component]
fn Map(props: &MapProps) -> Html {
    let (canvas, frame) = (use_node_ref(), use_node_ref());
    {
        let (canvas, frame, painter) = (canvas.clone(), frame.clone(), Rc::clone(&props.painter.0));
        use_effect_with((), move |()| {
            if let (Some(canvas), Some(frame)) = (canvas.cast::<HtmlCanvasElement>(), frame.cast::<HtmlElement>()) {
                Painter::attach_map(&painter, canvas, frame);
            }
            move || Painter::detach_map(&painter)
        });
    }
    let look = {
        let painter = Rc::clone(&props.painter.0);
        move |e: &PointerEvent| {
            Painter::look_at(&painter, Point { x: f64::from(e.offset_x()), y: f64::from(e.offset_y()) });
        }
    };
    let onpointerdown = {
        let look = look.clone();
        Callback::from(move |e: PointerEvent| {
            if let Some(map) = e.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
                // Without capture a drag ends at the map's edge: worse, not broken.
                let _ = map.set_pointer_capture(e.pointer_id());
            }
            look(&e);
        })
    };
    let onpointermove = Callback::from(move |e: PointerEvent| {
        if e.buttons() != 0 {
            look(&e);
        }
    });
    html! {
        <div class="rl-map" aria-hidden="true" data-testid="map">
            <canvas ref={canvas} class="rl-map-canvas" {onpointerdown} {onpointermove} />
            <div ref={frame} class="rl-map-frame" data-testid="map-frame" />
        </div>
    }
}

/// Turning the wheel zooms where the pointer is; with Shift it moves sideways. A pinch on a touch pad arrives as a wheel with Ctrl.
fn turn(painter: &Handle, wheel: &WheelEvent) {
    let unit = match wheel.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => 16.0,
        WheelEvent::DOM_DELTA_PAGE => 400.0,
        _ => 1.0,
    };
    let (dx, dy) = (wheel.delta_x() * unit, wheel.delta_y() * unit);
    if wheel.shift_key() && !wheel.ctrl_key() {
        Painter::pan(painter, -(dx + dy), 0.0);
        return;
    }
    let strength = if wheel.ctrl_key() { 0.01 } else { 0.0018 };
    let at = Point { x: f64::from(wheel.offset_x()), y: f64::from(wheel.offset_y()) };
    Painter::zoom(painter, (-dy.clamp(-400.0, 400.0) * strength).exp(), Some(at));
    if dx.abs() > dy.abs() {
        Painter::pan(painter, -dx, 0.0);
    }
}

fn selected_in_words(state: &Shared) -> String {
    let (Some(key), Some(scene)) = (state.highlighted(), &state.scene) else { return String::new() };
    let mut said = scene.place(key).map(|at| in_words(scene, at)).unwrap_or_default();
    let tint = state.drawing.shading.as_ref().and_then(|s| s.tints.get(scene.place(key)?).copied().flatten());
    if let Some(tint) = tint {
        said.push_str(&format!("; {}", tint.word()));
    }
    said
}

fn in_words(scene: &Scene, at: usize) -> String {
    let Some(b) = scene.boxes.get(at) else { return String::new() };
    let targets = |out: bool| {
        let lines = scene.lines_at(at).iter().filter_map(|l| scene.lines.get(*l));
        let mut names: Vec<&str> = lines
            .filter(|l| if out { l.from == at } else { l.to == at })
            .filter_map(|l| scene.boxes.get(if out { l.to } else { l.from }))
            .map(|b| &*b.name)
            .collect();
        names.dedup();
        names.join(", ")
    };
    if b.folded > 0 {
        return format!("{}: {}, folded", b.name, text::counted(b.folded as u64, "table"));
    }
    let mut said = format!("{}.{}: {}", b.schema, b.name, text::counted(b.row_count as u64, "column"));
    for (words, names) in [("refers to", targets(true)), ("referred to by", targets(false))] {
        if !names.is_empty() {
            said.push_str(&format!("; {words} {names}"));
        }
    }
    said
}

/// A scene compared by identity.
#[derive(Clone)]
struct Drawn(Rc<Scene>);

impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
struct MirrorProps {
    scene: Drawn,
}

/// The diagram as a list: for screen readers, and for find-in-page.
#[component]
fn Mirror(props: &MirrorProps) -> Html {
    let scene = &props.scene.0;
    html! {
        <ul class="rl-hidden" aria-label="The diagram as a list" data-testid="diagram-list">
            { for (0..scene.boxes.len()).map(|at| html! { <li>{ in_words(scene, at) }</li> }) }
        </ul>
    }
}
