//! Buttons that open the browser's file and folder pickers.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::bits::{acting, opening};
use super::icons::{Icon, icon};
use crate::app::Page;
use crate::services::browser;

/// Properties of [`Pickers`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Adds to the files that are there.
    #[prop_or_default]
    pub(crate) add: bool,
}

/// "Choose files" and "Choose a folder".
#[component]
pub(crate) fn Pickers(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let add = props.add;
    let onchange = acting(&page.found, move |e: Event| {
        let input = e.target()?.dyn_into::<HtmlInputElement>().ok()?;
        Some((browser::picked(&input), add))
    });
    let picker = |folder: bool| {
        let node = NodeRef::default();
        let testid = if folder { "pick-folder" } else { "pick-files" };
        html! { <Picker {folder} {testid} onchange={onchange.clone()} input={node} /> }
    };
    html! { <span class="rl-pickers">{ picker(false) }{ picker(true) }</span> }
}

#[derive(Properties, PartialEq)]
struct PickerProps {
    folder: bool,
    testid: AttrValue,
    onchange: Callback<Event>,
    input: NodeRef,
}

#[component]
fn Picker(props: &PickerProps) -> Html {
    let input = use_node_ref();
    let open: Callback<MouseEvent> = opening(&input);
    let (label, kind) = if props.folder { ("Choose a folder", Icon::Folder) } else { ("Choose files", Icon::File) };
    html! {
        <>
            <button type="button" class="rl-button" onclick={open}>{ icon(kind) }<span>{ label }</span></button>
            // The folder attribute is not in every standard, but in every browser.
            <input ref={input} type="file" class="rl-hidden" multiple=true tabindex="-1" aria-hidden="true" aria-label={label}
                webkitdirectory={props.folder} onchange={props.onchange.clone()} data-testid={props.testid.clone()} />
        </>
    }
}
