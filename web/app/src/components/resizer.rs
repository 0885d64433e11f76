//! The edge of a panel: drag it, or focus it and use the arrow keys.

use relata_app_state::Action;
use relata_app_state::prefs::Panel;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::bits::acting;
use crate::app::Page;

/// Properties of [`Resizer`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) panel: Panel,
    pub(crate) size: u32,
}

/// The edge of a panel.
#[component]
pub(crate) fn Resizer(props: &Props) -> Html {
    let start = use_mut_ref(|| None::<(f64, u32)>);
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let (panel, size) = (props.panel, props.size);
    let place = move |e: &PointerEvent| f64::from(if panel == Panel::Bottom { e.client_y() } else { e.client_x() });
    // The left panel grows to the right, the right one to the left, the bottom one upwards.
    let sign = if panel == Panel::Left { 1.0 } else { -1.0 };
    let onpointerdown = {
        let start = start.clone();
        Callback::from(move |e: PointerEvent| {
            if let Some(edge) = e.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
                // Without capture the drag ends at the edge's border: worse, not broken.
                let _ = edge.set_pointer_capture(e.pointer_id());
            }
            *start.borrow_mut() = Some((place(&e), size));
        })
    };
    let onpointermove = {
        let (start, act) = (start.clone(), page.act.clone());
        Callback::from(move |e: PointerEvent| {
            if let Some((from, size)) = *start.borrow() {
                let new = f64::from(size) + sign * (place(&e) - from);
                act.emit(Action::Resize(panel, new.max(0.0) as u32));
            }
        })
    };
    let end = Callback::from(move |_: PointerEvent| *start.borrow_mut() = None);
    let onkeydown = acting(&page.act, move |e: KeyboardEvent| {
        let step: f64 = match (panel, e.key().as_str()) {
            (Panel::Left | Panel::Right, "ArrowRight") => 16.0 * sign,
            (Panel::Left | Panel::Right, "ArrowLeft") => -16.0 * sign,
            (Panel::Bottom, "ArrowUp") => 16.0,
            (Panel::Bottom, "ArrowDown") => -16.0,
            _ => return None,
        };
        e.prevent_default();
        Some(Action::Resize(panel, (f64::from(size) + step).max(0.0) as u32))
    });
    let (least, _, most) = panel.sizes();
    let (class, orientation, label) = match panel {
        Panel::Left => ("rl-edge rl-edge-left", "vertical", "Width of the list of tables"),
        Panel::Right => ("rl-edge rl-edge-right", "vertical", "Width of the inspector"),
        Panel::Bottom => ("rl-edge rl-edge-bottom", "horizontal", "Height of the source panel"),
    };
    html! {
        <div {class} role="separator" aria-orientation={orientation} aria-label={label} tabindex="0"
            aria-valuenow={size.to_string()} aria-valuemin={least.to_string()} aria-valuemax={most.to_string()}
            {onpointerdown} {onpointermove} onpointerup={end.clone()} onpointercancel={end} {onkeydown} />
    }
}
