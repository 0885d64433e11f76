//! A dialog's frame: keeps the focus inside, closes on Escape, gives the focus back.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::bits::Button;
use super::icons::Icon;
use crate::app::Page;
use crate::services::browser;

/// Properties of [`Modal`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Its name.
    pub(crate) title: AttrValue,
    /// No visible head: the content says what it is.
    #[prop_or_default]
    pub(crate) headless: bool,
    #[prop_or_default]
    pub(crate) class: Classes,
    pub(crate) testid: AttrValue,
    pub(crate) on_close: Callback<()>,
    pub(crate) children: Html,
}

/// A dialog over the page.
#[component]
pub(crate) fn Modal(props: &Props) -> Html {
    let node = use_node_ref();
    let host = use_context::<Page>().map(|p| p.host);
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let before = host.as_ref().and_then(|h| browser::focused(h));
            if let Some(dialog) = node.cast::<Element>() {
                let first =
                    browser::focusable(&dialog).into_iter().find(|e| !e.class_name().contains("rl-modal-close"));
                if let Some(first) = first.or_else(|| dialog.dyn_into().ok()) {
                    browser::focus(&first);
                }
            }
            move || {
                // Where the element is gone, the app puts the focus on its main part.
                if let Some(before) = before.filter(|b| b.is_connected()) {
                    browser::focus(&before);
                }
            }
        });
    }
    let onkeydown = {
        let (node, close) = (node.clone(), props.on_close.clone());
        Callback::from(move |e: KeyboardEvent| match e.key().as_str() {
            "Escape" => {
                e.stop_propagation();
                close.emit(());
            }
            "Tab" => {
                let Some(dialog) = node.cast::<Element>() else { return };
                let inside = browser::focusable(&dialog);
                let now = browser::focused(&dialog);
                let (first, last) = (inside.first(), inside.last());
                let at = |edge: Option<&HtmlElement>| edge.is_some() && now.as_ref() == edge;
                let target = if e.shift_key() && at(first) {
                    last
                } else if !e.shift_key() && at(last) {
                    first
                } else {
                    None
                };
                if let Some(target) = target {
                    e.prevent_default();
                    browser::focus(target);
                }
            }
            _ => {}
        })
    };
    let on_backdrop = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <div class="rl-backdrop" onclick={on_backdrop}>
            <div ref={node} class={classes!("rl-modal", props.class.clone())} role="dialog" aria-modal="true" tabindex="-1"
                aria-label={props.title.clone()} data-testid={props.testid.clone()} {onkeydown}
                onclick={|e: MouseEvent| e.stop_propagation()}>
                if !props.headless {
                    <header class="rl-modal-head">
                        <h2>{ &props.title }</h2>
                        <Button icon={Icon::Close} label="Close" bare=true class="rl-modal-close" onclick={props.on_close.clone()} testid="close-dialog" />
                    </header>
                }
                { props.children.clone() }
            </div>
        </div>
    }
}
