//! The worker broke down: what happened, which file it was, and how to go on.

use relata_app_state::Action;
use relata_app_state::state::Phase;
use yew::prelude::*;

use super::bits::ident;
use crate::app::{Page, Shared};

/// Properties of [`Crashed`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// What is shown after a breakdown.
#[component]
pub(crate) fn Crashed(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let Phase::Died { message, file } = &props.state.phase else { return Html::default() };
    let others = props.state.given.iter().filter(|g| !g.left_out && Some(&g.name) != file.as_ref()).count();
    let without = file.clone();
    html! {
        <main class="rl-message" data-testid="died" role="alert">
            <h1>{ "The analysis stopped" }</h1>
            if let Some(file) = file {
                <p>{ "It broke down while working on " }{ ident(file) }{ ". The other files are not to blame and nothing was lost: the page still has its copies." }</p>
            } else {
                <p>{ "It broke down after the files were read. Nothing was lost: the page still has its copies." }</p>
            }
            <p class="rl-message-cause"><span class="rl-quiet">{ "Cause: " }</span>{ message }</p>
            <div class="rl-message-bar">
                if file.is_some() && others > 0 {
                    <button type="button" class="rl-button rl-button-main" data-testid="retry-without"
                        onclick={page.act.reform(move |_| Action::Retry { without: without.clone() })}>
                        { "Continue without it" }
                    </button>
                }
                <button type="button" class="rl-button" data-testid="retry" onclick={page.act.reform(|_| Action::Retry { without: None })}>
                    { "Try again" }
                </button>
                <button type="button" class="rl-button" data-testid="start-over" onclick={page.act.reform(|_| Action::Close)}>
                    { "Start over" }
                </button>
            </div>
        </main>
    }
}
