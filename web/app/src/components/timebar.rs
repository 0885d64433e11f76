//! Where in the history the page stands: a slider over the revisions, and the way back to the latest.

use relata_app_state::state::View;
use relata_app_state::{Action, text};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::bits::{Button, acting, ident};
use super::icons::Icon;
use crate::app::{Page, Shared};

/// Properties of [`TimeBar`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The bar over the view. It is there wherever the schema as of a revision is shown, and where one can be chosen.
#[component]
pub(crate) fn TimeBar(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let past = state.past.at.is_some();
    if !state.has_history() || !(past || matches!(state.view, View::Diagram | View::History)) {
        return Html::default();
    }
    let count = state.revisions();
    let shown = state.revision_shown();
    let name = state.revision_name(shown);
    let oninput = acting(&page.act, |e: InputEvent| {
        let place: u32 = e.target()?.dyn_into::<HtmlInputElement>().ok()?.value().parse().ok()?;
        Some(Action::GoTo(Some(place.saturating_sub(1))))
    });
    let step = |by: i32| page.act.reform(move |()| Action::StepRevision(by));
    html! {
        <section class={classes!("rl-time", past.then_some("is-past"))} aria-label="History" data-testid="timebar"
            data-revision={(shown + 1).to_string()} data-moving={state.is_moving().to_string()}>
            <p class="rl-time-words" data-testid="as-of">
                <span class="rl-time-lead">{ if past { "As of" } else { "Latest" } }</span>
                { ident(&name) }
                <span class="rl-quiet rl-time-count">{ format!("{} of {}", text::count(u64::from(shown) + 1), text::count(count.into())) }</span>
                if past && state.view == View::Report { <span class="rl-quiet">{ "The report is about the latest." }</span> }
            </p>
            <div class="rl-time-slide">
                <Button icon={Icon::Before} label="One revision back" bare=true disabled={shown == 0} onclick={step(-1)} testid="revision-before" />
                <input type="range" min="1" max={count.to_string()} step="1" value={(shown + 1).to_string()} {oninput}
                    aria-label="Revision" aria-valuetext={format!("{} of {count}: {name}", shown + 1)} data-testid="revision-slider" />
                <Button icon={Icon::Chevron} label="One revision on" bare=true disabled={!past} onclick={step(1)} testid="revision-after" />
            </div>
            if past {
                <Button label="Back to latest" class="rl-time-back" onclick={page.act.reform(|()| Action::GoTo(None))} testid="back-to-latest" />
            }
        </section>
    }
}
