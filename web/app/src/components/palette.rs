//! Search over everything that has a name.

use relata_app_state::Action;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::bits::{acting, ident};
use super::icons::{Icon, icon};
use super::modal::Modal;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`PaletteDialog`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The dialog.
#[component]
pub(crate) fn PaletteDialog(props: &Props) -> Html {
    let list = use_node_ref();
    let active = props.state.palette.as_ref().map(|p| p.active);
    {
        let list = list.clone();
        use_effect_with(active, move |_| {
            if let Some(list) = list.cast::<HtmlElement>()
                && let Some(it) = browser::find(&list, "[aria-selected='true']")
            {
                browser::scroll_to(&list, &it, false);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let Some(palette) = &props.state.palette else { return Html::default() };
    let at = palette.active;
    let oninput =
        acting(&page.act, |e: InputEvent| Some(Action::Type(e.target()?.dyn_into::<HtmlInputElement>().ok()?.value())));
    let onkeydown = acting(&page.act, move |e: KeyboardEvent| {
        let action = match e.key().as_str() {
            "ArrowDown" => Action::MoveHit(1),
            "ArrowUp" => Action::MoveHit(-1),
            "PageDown" => Action::MoveHit(8),
            "PageUp" => Action::MoveHit(-8),
            "Enter" => Action::OpenHit(at),
            _ => return None,
        };
        e.prevent_default();
        Some(action)
    });
    let (title, hint) = if palette.routes {
        ("Path to a table", "The table that the path should lead to: type a part of its name.")
    } else {
        (
            "Search everything",
            "Tables, columns, indexes, findings, migrations, files: type a part of a name. Or choose what to do:",
        )
    };
    let said = match (palette.hits.len(), palette.text.trim().is_empty(), palette.settled) {
        (_, true, _) => hint.to_owned(),
        (0, _, true) if palette.routes => "No table is called like that.".to_owned(),
        (0, _, true) => "Nothing is called like that.".to_owned(),
        (0, _, false) => String::new(),
        (n, _, _) => format!("{n} found"),
    };
    let current = palette.hits.get(at);
    html! {
        <Modal title={title} headless=true class="rl-palette" testid="palette" on_close={page.act.reform(|()| Action::ClosePalette)}>
            <div class="rl-palette-field">
                { icon(Icon::Search) }
                <input type="text" aria-label={title}
                    autocomplete="off" spellcheck="false" placeholder={title} value={palette.text.clone()} {oninput} onkeydown={onkeydown.clone()} data-testid="palette-input" />
                <kbd>{ "Esc" }</kbd>
            </div>
            <p class="rl-palette-said" aria-live="polite">
                { said }
                if let Some(hit) = current { <span class="rl-hidden">{ format!(". {} {} {}", hit.kind(), hit.label(), hit.aside()) }</span> }
            </p>
            // The words above say which one Enter opens: no ids are needed for it, of which a page with two of these would have two.
            <ul class="rl-palette-hits" role="listbox" aria-label="Found" ref={list} tabindex="0" {onkeydown}>
                { for palette.hits.iter().enumerate().map(|(i, hit)| html! {
                    <li role="option" aria-selected={(i == at).to_string()} class="rl-hit" data-testid="hit" data-kind={hit.kind().to_owned()}
                        onclick={page.act.reform(move |_| Action::OpenHit(i))}>
                        <span class="rl-hit-kind">{ hit.kind() }</span>
                        if hit.is_identifier() {
                            { ident(hit.label()) }
                        } else {
                            <span class="rl-hit-text">{ super::bits::prose(hit.label()) }</span>
                        }
                        <span class="rl-hit-path">{ hit.aside() }</span>
                    </li>
                }) }
            </ul>
        </Modal>
    }
}
