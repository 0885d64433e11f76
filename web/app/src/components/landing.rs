//! What a visitor sees first: what this is for, and a place to put a schema.

use relata_app_state::state::{Dialog, Phase};
use relata_app_state::{Action, text};
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::bits::Button;
use super::icons::{Icon, icon, mark};
use super::pickers::Pickers;
use crate::app::{Page, Shared};
use crate::services::{browser, folder};

/// Properties of [`Landing`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// A sample: its file, its name, and what is in it.
const SAMPLES: [(&str, &str, &str); 3] = [
    ("bookshop.sql", "Bookshop", "11 tables in good order"),
    ("helpdesk.sql", "Helpdesk", "Multi-tenant, row-level security, planted defects"),
    ("freight.sql", "Freight", "A pg_dump of 43 tables with partitions"),
];

/// The landing.
#[component]
pub(crate) fn Landing(props: &Props) -> Html {
    let draft = use_state(String::new);
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let oninput = {
        let draft = draft.clone();
        Callback::from(move |e: InputEvent| {
            if let Some(area) = e.target().and_then(|t| t.dyn_into::<HtmlTextAreaElement>().ok()) {
                draft.set(area.value());
            }
        })
    };
    let analyse = {
        let (draft, send) = (draft.clone(), page.text.clone());
        Callback::from(move |()| {
            if !draft.trim().is_empty() {
                send.emit(((*draft).clone(), false));
            }
        })
    };
    let onkeydown = {
        let analyse = analyse.clone();
        Callback::from(move |e: KeyboardEvent| {
            if e.key() == "Enter" && (e.ctrl_key() || e.meta_key()) {
                e.prevent_default();
                analyse.emit(());
            }
        })
    };
    let command = if browser::is_apple() { "⌘" } else { "Ctrl" };
    let unusable = match &props.state.phase {
        Phase::Unusable(message) => Some(message.clone()),
        _ => None,
    };
    let empty = draft.trim().is_empty();
    html! {
        <main class="rl-landing" data-testid="landing">
            <header class="rl-landing-head">
                <h1 class="rl-wordmark">{ mark() }{ "Relata" }</h1>
                <p class="rl-landing-lead">
                    { "See what a PostgreSQL schema really is: drop its dump or its migrations, get the diagram, the defects and a report." }
                </p>
            </header>
            if let Some(message) = unusable {
                <div class="rl-alert" role="alert" data-testid="unusable">
                    <strong>{ "The engine could not be started." }</strong>
                    <p>{ message }</p>
                    <p>{ "Reload the page. If that does not help, this copy of the page is incomplete or the browser is too old: Relata needs WebAssembly and module workers." }</p>
                </div>
            }
            if let Some(offer) = &props.state.offer {
                <p class="rl-offer" data-testid="offer">
                    <span>{ "From an earlier visit: " }<strong>{ &offer.name }</strong>{ format!(" ({})", text::counted(offer.files as u64, "file")) }</span>
                    <Button label="Open it" onclick={page.resume.reform({ let key = offer.key.clone(); move |()| key.clone() })} testid="resume" />
                    <Button label="Forget everything" onclick={page.act.reform(|()| Action::Forget)} testid="forget-offer" />
                </p>
            }
            <section class="rl-sheet" aria-label="Your schema" data-testid="drop-area">
                <span class="rl-sheet-corner is-nw" aria-hidden="true" /><span class="rl-sheet-corner is-ne" aria-hidden="true" />
                <span class="rl-sheet-corner is-sw" aria-hidden="true" /><span class="rl-sheet-corner is-se" aria-hidden="true" />
                <textarea class="rl-editor" aria-label="SQL to analyse" spellcheck="false" autocomplete="off" autocapitalize="off" data-testid="editor"
                    placeholder={"Drop files, folders or zips anywhere on this page,\nor paste SQL here.\n\nCREATE TABLE author (\n    author_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    name      text NOT NULL\n);"}
                    {oninput} {onkeydown} value={(*draft).clone()} />
                <div class="rl-sheet-bar">
                    <Pickers />
                    if folder::is_possible() {
                        <button type="button" class="rl-button" onclick={page.follow.reform(|_: MouseEvent| ())} data-testid="follow-folder"
                            title="Open a folder of this machine and analyse it again whenever its files change">
                            { icon(Icon::Follow) }<span>{ "Follow a folder" }</span>
                        </button>
                    }
                    <button type="button" class="rl-button rl-button-main" disabled={empty} onclick={analyse.reform(|_: MouseEvent| ())}
                        data-testid="analyse">
                        { "Analyse" }<kbd>{ format!("{command} ↵") }</kbd>
                    </button>
                </div>
            </section>
            <section class="rl-samples" aria-label="Samples">
                <h2>{ "No schema at hand? Open a sample" }</h2>
                <ul>
                    { for SAMPLES.iter().map(|(file, name, about)| {
                        let onclick = page.sample.reform(move |_: MouseEvent| *file);
                        let stem = file.trim_end_matches(".sql");
                        html! {
                            <li>
                                <button type="button" class="rl-sample" {onclick} data-testid={format!("sample-{stem}")}>
                                    { icon(Icon::Table) }
                                    <span class="rl-sample-name">{ name }</span>
                                    <span class="rl-sample-about">{ about }</span>
                                </button>
                            </li>
                        }
                    }) }
                </ul>
            </section>
            <p class="rl-promise">
                { icon(Icon::Shield) }
                <span>{ "Nothing leaves this tab. " }</span>
                <button type="button" class="rl-link" data-testid="privacy"
                    onclick={page.act.reform(|_| Action::OpenDialog(Dialog::Privacy))}>
                    { "Why you can believe that" }
                </button>
            </p>
        </main>
    }
}
