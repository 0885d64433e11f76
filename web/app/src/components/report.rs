//! The report as it will be saved, typeset on a page.

use relata_app_state::Action;
use relata_app_state::markdown::{self, Block, Inline};
use relata_protocol::ReportFormat;
use yew::prelude::*;

use super::bits::Button;
use super::icons::Icon;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Report`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The report.
#[component]
pub(crate) fn Report(props: &Props) -> Html {
    let blocks = use_memo(props.state.report.clone(), |text| text.as_deref().map(markdown::parse));
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let save = |format: ReportFormat| page.act.reform(move |()| Action::SaveReport(format));
    html! {
        <div class="rl-report" data-testid="report">
            <div class="rl-report-bar" role="toolbar" aria-label="Save the report">
                <span class="rl-quiet">{ "Save as" }</span>
                <Button label="Markdown" onclick={save(ReportFormat::Markdown)} testid="save-markdown" />
                <Button label="HTML" onclick={save(ReportFormat::Html)} testid="save-html" />
                <Button label="JSON" onclick={save(ReportFormat::Json)} testid="save-json" />
                <Button icon={Icon::Printer} label="Print" onclick={Callback::from(|()| browser::print())} testid="print" />
            </div>
            { match &*blocks {
                Some(blocks) => html! { <article class="rl-paper" data-testid="report-preview">{ for blocks.iter().map(block) }</article> },
                None => html! { <p class="rl-empty" aria-busy="true">{ "Writing the report…" }</p> },
            } }
        </div>
    }
}

fn inlines(pieces: &[Inline]) -> Html {
    pieces
        .iter()
        .map(|p| match p {
            Inline::Text(t) => html! { { t } },
            Inline::Code(t) => html! { <code>{ t }</code> },
            Inline::Strong(t) => html! { <strong>{ t }</strong> },
            Inline::Link(t) => html! { <span class="rl-paper-link">{ t }</span> },
        })
        .collect()
}

fn block(block: &Block) -> Html {
    match block {
        Block::Heading(level, text) => html! { <@{format!("h{level}")}>{ inlines(text) }</@> },
        Block::Paragraph(text) => html! { <p>{ inlines(text) }</p> },
        Block::List { ordered, items } => {
            let items: Html = items.iter().map(|i| html! { <li>{ inlines(i) }</li> }).collect();
            if *ordered {
                html! { <ol>{ items }</ol> }
            } else {
                html! { <ul>{ items }</ul> }
            }
        }
        Block::Table { head, rows, right } => {
            let class = |i: usize| right.get(i).is_some_and(|r| *r).then_some("is-right");
            html! {
                <div class="rl-paper-table" tabindex="0" role="region" aria-label="Table">
                    <table>
                        <thead><tr>{ for head.iter().enumerate().map(|(i, c)| html! { <th scope="col" class={class(i)}>{ inlines(c) }</th> }) }</tr></thead>
                        <tbody>
                            { for rows.iter().map(|r| html! {
                                <tr>{ for r.iter().enumerate().map(|(i, c)| html! { <td class={class(i)}>{ inlines(c) }</td> }) }</tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            }
        }
        Block::Code(text) => html! { <pre tabindex="0"><code>{ text }</code></pre> },
        Block::Quote(text) => html! { <blockquote>{ inlines(text) }</blockquote> },
        Block::Rule => html! { <hr /> },
    }
}
