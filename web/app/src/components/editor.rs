//! A file of the project in an editor: what is typed is analysed as soon as the hands rest.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use relata_app_state::{Action, text};
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::bits::{Button, base};
use super::icons::Icon;
use crate::app::{Page, Shared};

/// After how long without a key the text is analysed, in milliseconds.
const REST: u32 = 250;

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The editor. The text being typed is the field's own: a key costs nothing but the browser's own work.
#[component]
pub(crate) fn Editor(props: &Props) -> Html {
    let field = use_node_ref();
    let timer = use_mut_ref(|| None::<Timeout>);
    let editing = props.state.editing.clone();
    {
        let field = field.clone();
        let text = editing.as_ref().and_then(|e| e.text.clone()).and_then(Result::ok);
        // Once, when it was read.
        use_effect_with(text.is_some(), move |_| {
            if let (Some(field), Some(text)) = (field.cast::<HtmlTextAreaElement>(), text) {
                field.set_value(&text);
                let _ = field.focus();
                // Not at the end, where setting the text left it.
                let _ = field.set_selection_range(0, 0);
                field.set_scroll_top(0);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let Some(editing) = editing else { return Html::default() };
    let send = {
        let (act, file) = (page.act.clone(), editing.file.clone());
        move |area: &HtmlTextAreaElement| {
            act.emit(Action::TextChanged { file: file.clone(), text: Rc::from(area.value()) });
        }
    };
    let oninput = {
        let (timer, send) = (timer.clone(), send.clone());
        Callback::from(move |e: InputEvent| {
            let Some(area) = e.target().and_then(|t| t.dyn_into::<HtmlTextAreaElement>().ok()) else { return };
            let (send, own) = (send.clone(), timer.clone());
            *timer.borrow_mut() = Some(Timeout::new(REST, move || {
                *own.borrow_mut() = None;
                send(&area);
            }));
        })
    };
    // What was typed since the last rest goes along: closing is not a way to throw it away.
    let close = {
        let (field, act, send) = (field.clone(), page.act, send.clone());
        let timer = timer.clone();
        Callback::from(move |()| {
            let typed = timer.borrow_mut().take().is_some();
            if let Some(area) = field.cast::<HtmlTextAreaElement>().filter(|_| typed) {
                send(&area);
            }
            act.emit(Action::CloseEditor);
        })
    };
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |e: KeyboardEvent| match e.key().as_str() {
            "Enter" if e.ctrl_key() || e.meta_key() => {
                if let Some(area) = e.target().and_then(|t| t.dyn_into::<HtmlTextAreaElement>().ok()) {
                    e.prevent_default();
                    *timer.borrow_mut() = None;
                    send(&area);
                }
            }
            "Escape" => close.emit(()),
            _ => {}
        })
    };
    let state = &props.state;
    let problems = state.overview.files.iter().find(|f| f.name == editing.file).map_or(0, |f| f.problems);
    let said = match (&state.analysing, state.stale, problems) {
        (Some(_), ..) => "Analysing…".to_owned(),
        (None, true, _) => "The files describe no schema as they are.".to_owned(),
        (None, false, 0) => format!("{}.", text::counted(state.overview.findings.total().into(), "finding")),
        (None, false, n) => format!(
            "{}, {}.",
            text::counted(state.overview.findings.total().into(), "finding"),
            text::counted(n.into(), "problem")
        ),
    };
    html! {
        <div class="rl-source rl-edit-pane" data-testid="edit-pane">
            <header class="rl-source-head">
                <span class="rl-edit-name">{ base(&editing.file) }</span>
                <span class="rl-edit-said" role="status" data-testid="edit-said">{ said }</span>
                <Button icon={Icon::Close} label="Close the editor" bare=true onclick={close} testid="close-editor" />
            </header>
            { match &editing.text {
                None => html! { <p class="rl-empty" aria-busy="true">{ "Reading…" }</p> },
                Some(Err(message)) => html! { <p class="rl-empty" role="alert">{ message }</p> },
                Some(Ok(_)) => html! {
                    <textarea ref={field} class="rl-edit" spellcheck="false" autocomplete="off" autocapitalize="off" {oninput} {onkeydown}
                        aria-label={format!("Text of {}. Escape leaves it.", editing.file)} data-testid="edit-text" />
                },
            } }
        </div>
    }
}
