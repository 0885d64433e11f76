//! The arrangement of the diagram: what is hidden, folded, grouped and pinned, and a file of it for the repository.

use relata_app_state::board::BoardFile;
use relata_app_state::state::diagram::Change;
use relata_app_state::{Action, text};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::bits::{Button, acting, ident, opening};
use super::icons::Icon;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Arrangement`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The dialog's content.
#[component]
pub(crate) fn Arrangement(props: &Props) -> Html {
    let input = use_node_ref();
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let board = &state.drawing.board;
    let change = |c: Change| page.act.reform(move |()| Action::Change(Box::new(c.clone())));
    let regions = state.drawing.base.as_ref().map(|s| s.regions.clone()).unwrap_or_default();
    let onchange = {
        let act = page.act.clone();
        Callback::from(move |e: Event| {
            let Some(input) = e.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else { return };
            let Some(found) = browser::picked(&input).into_iter().next() else { return };
            let act = act.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let text = browser::text_of(&found.file).await.unwrap_or_default();
                let read = js_sys::JSON::parse(&text)
                    .map_err(|_: JsValue| ())
                    .and_then(|value| serde_wasm_bindgen::from_value::<BoardFile>(value).map_err(|_| ()));
                act.emit(match read {
                    Ok(file) => Action::LoadBoard(Box::new(file)),
                    Err(()) => Action::Tell(format!("{} is not a diagram arrangement of Relata.", found.path)),
                });
            });
        })
    };
    let links = acting(&page.act, |e: Event| {
        let address = e.target()?.dyn_into::<HtmlInputElement>().ok()?.value();
        Some(Action::Change(Box::new(Change::Links(address))))
    });
    let pinned = board.pins.len() as u64;
    html! {
        <div class="rl-prose">
            <div class="rl-message-bar">
                <Button icon={Icon::Export} label="Save as a file" onclick={page.act.reform(|()| Action::SaveBoard)} testid="save-board" />
                <Button icon={Icon::File} label="Load from a file" onclick={opening(&input)} testid="load-board" />
                <Button icon={Icon::Pin} label="Keep every table where it is" onclick={change(Change::PinAll)} testid="pin-all" />
                <Button icon={Icon::Undo} label="Reset" disabled={board.is_plain()} onclick={change(Change::Reset)} testid="reset-board" />
            </div>
            <input ref={input} type="file" accept=".json,application/json" class="rl-hidden" tabindex="-1" aria-hidden="true" aria-label="Arrangement"
                {onchange} data-testid="pick-board" />
            <p class="rl-quiet">
                { "The arrangement is kept in this browser for the next version of the schema. The file is small JSON, made to be committed beside the migrations." }
                { format!(" {} put somewhere by hand.", text::counted(pinned, "table")) }
            </p>
            <label>
                { "In exported pictures, names of tables link to" }
                <input class="rl-field" value={board.links.clone()} onchange={links} placeholder="https://… or a path: schema.table goes behind it"
                    spellcheck="false" autocomplete="off" data-testid="link-base" />
            </label>
            if !board.hidden.is_empty() {
                <h3>{ "Hidden tables" }</h3>
                <ul class="rl-files" data-testid="hidden-tables">
                    { for board.hidden.iter().map(|path| html! {
                        <li>{ ident(path) }<span /><Button label="Show" onclick={change(Change::Show(path.clone()))} testid="show-table" /></li>
                    }) }
                </ul>
            }
            if !board.groups.is_empty() {
                <h3>{ "Groups" }</h3>
                <ul class="rl-files" data-testid="groups">
                    { for board.groups.iter().map(|(name, tables)| {
                        let old = name.clone();
                        let rename = acting(&page.act, move |e: Event| {
                            let new = e.target()?.dyn_into::<HtmlInputElement>().ok()?.value();
                            Some(Action::Change(Box::new(Change::Rename(old.clone(), new))))
                        });
                        html! {
                            <li key={name.clone()}>
                                <input class="rl-field" value={name.clone()} onchange={rename} aria-label={format!("Name of the group {name}")} data-testid="group-name" />
                                <span class="rl-quiet">{ text::counted(tables.len() as u64, "table") }</span>
                                <Button label="Ungroup" onclick={change(Change::Ungroup(name.clone()))} testid="ungroup-tables" />
                            </li>
                        }
                    }) }
                </ul>
            }
            if !regions.is_empty() {
                <h3>{ "Clusters" }</h3>
                <ul class="rl-files" data-testid="clusters">
                    { for regions.iter().map(|r| {
                        let folded = board.folded.contains(&*r.name);
                        html! {
                            <li>
                                { ident(&r.name) }
                                <span class="rl-quiet">{ text::counted(r.boxes as u64, "table") }</span>
                                <Button label={if folded { "Unfold" } else { "Fold" }} pressed={Some(folded)} onclick={change(Change::Fold(r.name.to_string()))} testid="fold-cluster" />
                            </li>
                        }
                    }) }
                </ul>
            }
            <p class="rl-quiet">{ "In the diagram: drag a table to put it somewhere; double-click a cluster's ground to fold it; Ctrl and a click mark several tables." }</p>
        </div>
    }
}
