//! What could not be read, where, and what follows.

use relata_app_state::{Action, text};
use yew::prelude::*;

use super::bits::{Places, prose};
use crate::app::{Page, Shared};

/// Properties of [`ProblemList`] and [`Problems`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The problems alone.
#[component]
pub(crate) fn ProblemList(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let Some(problems) = &props.state.problems else { return Html::default() };
    let more = (problems.total as usize).saturating_sub(problems.rows.len());
    html! {
        <>
            <ul class="rl-problems" data-testid="problems">
                { for problems.rows.iter().map(|p| html! {
                    <li class="rl-problem" data-testid="problem" data-kind={p.kind.clone()}>
                        <span class="rl-problem-kind">{ text::heading(&p.kind) }</span>
                        <span class="rl-problem-message">{ prose(&p.message) }</span>
                        if let Some(location) = p.location {
                            <Places state={props.state.clone()} locations={vec![location]} />
                        }
                    </li>
                }) }
            </ul>
            if more > 0 {
                <button type="button" class="rl-button" onclick={page.act.reform(|_| Action::MoreProblems)}>
                    { format!("Show more of the {} left", text::count(more as u64)) }
                </button>
            }
        </>
    }
}

/// The problems as a view of the workspace.
#[component]
pub(crate) fn Problems(props: &Props) -> Html {
    let state = &props.state;
    let coverage = state.target_info().map(|t| t.coverage).unwrap_or_default();
    let total = state.problems.as_ref().map_or(0, |p| p.total);
    let read = text::understood(coverage.understood.into(), coverage.statements.into());
    html! {
        <div class="rl-page" data-testid="problems-view">
            <header class="rl-page-head">
                <h2>{ "Problems" }</h2>
                <p>{ format!("Understood: {read}.") }</p>
            </header>
            if total == 0 && state.problems.is_some() {
                <p class="rl-empty">{ "Everything that was given could be read." }</p>
            } else {
                <ProblemList state={state.clone()} />
            }
        </div>
    }
}
