//! The files hold nothing that describes a schema: what is the matter with each, and what to do.

use relata_app_state::Action;
use relata_app_state::text;
use yew::prelude::*;

use super::problems::ProblemList;
use crate::app::{Page, Shared};

/// Properties of [`Nothing`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// What is shown when no schema was found.
#[component]
pub(crate) fn Nothing(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let files = text::counted(state.given.iter().filter(|g| !g.left_out).count() as u64, "file");
    html! {
        <main class="rl-message" data-testid="nothing">
            <h1>{ "No schema in there" }</h1>
            <p>{ format!("Nothing in what was given ({files}) creates or changes a table. Relata reads pg_dump output, SQL schema files and folders of SQL migrations.") }</p>
            <ProblemList state={state.clone()} />
            <div class="rl-message-bar">
                <button type="button" class="rl-button rl-button-main" data-testid="start-over" onclick={page.act.reform(|_| Action::Close)}>
                    { "Try other files" }
                </button>
            </div>
        </main>
    }
}
