//! The source panel: places as tabs, the exact span marked.

use relata_app_state::Action;
use relata_app_state::excerpt::Excerpt;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::bits::{Button, base};
use super::icons::Icon;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`SourcePanel`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The panel.
#[component]
pub(crate) fn SourcePanel(props: &Props) -> Html {
    let body = use_node_ref();
    let source = &props.state.source;
    let active = source.tabs.get(source.active);
    {
        let body = body.clone();
        let shown = active.map(|t| (t.id, t.excerpt.is_some()));
        use_effect_with(shown, move |_| {
            if let Some(list) = body.cast::<HtmlElement>()
                && let Some(it) = browser::find(&list, ".is-marked")
            {
                browser::scroll_to(&list, &it, true);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let many = source.tabs.len() > 1;
    let file = active.map(|t| props.state.file_name(t.location.file).to_owned()).unwrap_or_default();
    html! {
        <div class="rl-source" data-testid="source">
            <header class="rl-source-head">
                <div class="rl-source-tabs" role="tablist" aria-label="Places in the source">
                    { for source.tabs.iter().enumerate().map(|(i, t)| {
                        let here = i == source.active;
                        let name = props.state.file_name(t.location.file);
                        html! {
                            <span class={classes!("rl-source-tab", here.then_some("is-active"))}>
                                <button type="button" role="tab" aria-selected={here.to_string()} data-testid="source-tab"
                                    onclick={page.act.reform(move |_| Action::ActivateTab(i))}>
                                    { format!("{}:{}", base(name), t.location.line) }
                                </button>
                                if many {
                                    <Button icon={Icon::Close} label={format!("Close {}:{}", base(name), t.location.line)} bare=true
                                        onclick={page.act.reform(move |()| Action::CloseTab(i))} />
                                }
                            </span>
                        }
                    }) }
                </div>
                <span class="rl-source-path" title={file.clone()}>{ &file }</span>
                <Button icon={Icon::Close} label="Close the source" bare=true onclick={page.act.reform(|()| Action::CloseSource)} testid="close-source" />
            </header>
            <div class="rl-source-body" ref={body} role="tabpanel" tabindex="0" aria-label={file.clone()}>
                { match active.and_then(|t| t.excerpt.as_ref()) {
                    None => html! { <p class="rl-empty" aria-busy="true">{ "Reading…" }</p> },
                    Some(Err(message)) => html! { <p class="rl-empty" role="alert">{ message }</p> },
                    Some(Ok(excerpt)) => lines(excerpt),
                } }
            </div>
        </div>
    }
}

fn lines(excerpt: &Excerpt) -> Html {
    html! {
        <pre class="rl-code">
            if excerpt.more_before { <span class="rl-code-more">{ "…" }</span> }
            { for excerpt.lines.iter().map(|l| html! {
                <span class={classes!("rl-code-line", l.marked.as_ref().map(|_| "is-marked"))}>
                    <span class="rl-code-number" aria-hidden="true">{ l.number }</span>
                    <code>{ &l.before }if let Some(m) = &l.marked { <mark data-testid="mark">{ m }</mark> }{ &l.after }{ "\n" }</code>
                </span>
            }) }
            if excerpt.more_after { <span class="rl-code-more">{ "…" }</span> }
        </pre>
    }
}
