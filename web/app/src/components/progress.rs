//! While the worker is busy: the stage, the file, how far, and a way out.

use relata_app_state::state::Phase;
use relata_app_state::{Action, select};
use relata_protocol::{Progress, Stage};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::bits::ident;
use super::icons::mark;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Working`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The progress of an analysis.
#[component]
pub(crate) fn Working(props: &Props) -> Html {
    let bar = use_node_ref();
    let now = match &props.state.phase {
        Phase::Working(p) => p.clone(),
        _ => Progress { stage: Stage::Read, done: 0, total: 0, file: None },
    };
    let share = select::share(&now).unwrap_or(0.0);
    {
        let bar = bar.clone();
        use_effect_with(share.to_bits(), move |_| {
            if let Some(bar) = bar.cast::<HtmlElement>() {
                browser::set_style(&bar, "inline-size", &format!("{:.1}%", share * 100.0));
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let percent = format!("{:.0}", share * 100.0);
    let stages = [Stage::Read, Stage::Replay, Stage::Check];
    html! {
        <main class="rl-working" data-testid="progress" aria-busy="true">
            <div class="rl-working-box">
                <h1>{ mark() }{ props.state.project_name() }</h1>
                <ol class="rl-stages">
                    { for stages.map(|s| {
                        let class = if s < now.stage { "is-done" } else if s == now.stage { "is-now" } else { "" };
                        html! { <li {class} aria-current={(s == now.stage).then_some("step")}>{ select::stage(s) }</li> }
                    }) }
                </ol>
                <div class="rl-bar" role="progressbar" aria-label={select::stage(now.stage)} aria-valuemin="0" aria-valuemax="100" aria-valuenow={percent}>
                    <div class="rl-bar-fill" ref={bar} />
                </div>
                <p class="rl-working-detail">
                    <span>{ select::amount(&now) }</span>
                    if let Some(file) = &now.file { <span class="rl-working-file">{ ident(file) }</span> }
                </p>
                <button type="button" class="rl-button" data-testid="cancel" onclick={page.act.reform(|_| Action::Cancel)}>
                    { "Cancel" }
                </button>
            </div>
        </main>
    }
}
