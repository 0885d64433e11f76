//! The report as it will be saved, typeset on a page.

use relata_app_state::Action;
use relata_app_state::markdown::{self, Block, Inline};
use relata_protocol::{ReportChoices, ReportFormat, Severity};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::bits::{Button, acting, opening};
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
                <Button label="Text" onclick={save(ReportFormat::Text)} testid="save-text" />
                <Button label="JSON" onclick={save(ReportFormat::Json)} testid="save-json" />
                <Button label="SARIF" onclick={save(ReportFormat::Sarif)} testid="save-sarif" />
                <Button icon={Icon::Printer} label="Print" onclick={Callback::from(|()| browser::print())} testid="print" />
                <Button icon={Icon::Copy} label="Copy for a pull request" onclick={page.act.reform(|()| Action::CopyPullRequest)} testid="copy-report" />
            </div>
            <Choices state={props.state.clone()} />
            { match &*blocks {
                Some(blocks) => html! {
                    <article class="rl-paper" data-testid="report-preview">
                        if let Some(logo) = &props.state.report_choices.logo {
                            <img class="rl-paper-logo" src={logo.clone()} alt="" data-testid="report-logo" />
                        }
                        { for blocks.iter().map(block) }
                    </article>
                },
                None => html! { <p class="rl-empty" aria-busy="true">{ "Writing the report…" }</p> },
            } }
        </div>
    }
}

/// Images that a cover takes, and how large one may be.
const IMAGES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];
const MAX_IMAGE_BYTES: f64 = 1_048_576.0;

/// The image on the cover: chosen, shown by its presence, taken away.
#[component]
fn Logo(props: &Props) -> Html {
    let input = use_node_ref();
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let onchange = {
        let act = page.act.clone();
        Callback::from(move |e: Event| {
            let Some(input) = e.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else { return };
            let Some(found) = browser::picked(&input).into_iter().next() else { return };
            let act = act.clone();
            if !IMAGES.contains(&found.file.type_().as_str()) || found.file.size() > MAX_IMAGE_BYTES {
                act.emit(Action::Tell(format!("{} is no PNG, JPEG, GIF, WebP or SVG of at most 1 MiB.", found.path)));
                return;
            }
            wasm_bindgen_futures::spawn_local(async move {
                act.emit(match browser::data_url_of(&found.file).await {
                    Ok(logo) => Action::PutLogo(Some(logo)),
                    Err(why) => Action::Tell(format!("{} cannot be read: {why}", found.path)),
                });
            });
        })
    };
    let remove = page.act.reform(|()| Action::PutLogo(None));
    html! {
        <div class="rl-report-wide rl-report-logo">
            <span>{ "Logo" }</span>
            <Button icon={Icon::File} label="Choose an image" onclick={opening(&input)} testid="choose-logo" />
            if props.state.report_choices.logo.is_some() {
                <Button label="Remove" onclick={remove} testid="remove-logo" />
            }
            <input ref={input} type="file" accept={IMAGES.join(",")} class="rl-hidden" tabindex="-1" aria-hidden="true" aria-label="Logo"
                {onchange} data-testid="pick-logo" />
        </div>
    }
}

/// What the report shows: its chapters, how bad a finding must be to be listed, title, note and logo.
#[component]
fn Choices(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let now = &state.report_choices;
    let choose = |choices: ReportChoices| Action::ChooseReport(Box::new(choices));
    let words = |set: fn(&mut ReportChoices, Option<String>)| {
        let now = now.clone();
        acting(&page.act, move |e: Event| {
            let target = e.target()?;
            let value = match target.dyn_into::<HtmlInputElement>() {
                Ok(field) => field.value(),
                Err(other) => other.dyn_into::<HtmlTextAreaElement>().ok()?.value(),
            };
            let mut next = now.clone();
            set(&mut next, Some(value.trim().to_owned()).filter(|v| !v.is_empty()));
            Some(choose(next))
        })
    };
    let set_least = {
        let now = now.clone();
        acting(&page.act, move |e: Event| {
            let word = e.target()?.dyn_into::<HtmlSelectElement>().ok()?.value();
            let least = Severity::ALL.into_iter().find(|s| s.name() == word);
            Some(choose(ReportChoices { least, ..now.clone() }))
        })
    };
    html! {
        <details class="rl-report-choices" data-testid="report-choices">
            <summary>{ "What it shows" }</summary>
            <div>
                <label class="rl-report-wide">{ "Title" }<input class="rl-field" value={now.title.clone().unwrap_or_default()} onchange={words(|c, v| c.title = v)} data-testid="report-title" /></label>
                <label class="rl-report-wide">{ "Note" }<textarea class="rl-field" rows="2" value={now.note.clone().unwrap_or_default()} onchange={words(|c, v| c.note = v)} data-testid="report-note" /></label>
                <Logo state={state.clone()} />
                <label class="rl-report-wide">{ "Findings listed from" }
                    <select class="rl-field" onchange={set_least} data-testid="report-least">
                        <option value="" selected={now.least.is_none()}>{ "every severity" }</option>
                        { for Severity::ALL.map(|s| html! { <option value={s.name()} selected={now.least == Some(s)}>{ s.name() }</option> }) }
                    </select>
                </label>
                { for state.chapters.iter().map(|chapter| {
                    let all = now.sections.is_empty();
                    let on = all || now.sections.contains(&chapter.name);
                    let (now, chapters, name) = (now.clone(), state.chapters.clone(), chapter.name.clone());
                    let onchange = page.act.reform(move |_: Event| {
                        // All is what an empty choice says: a chapter taken out of all leaves the others.
                        let chosen = |c: &str| (now.sections.is_empty() || now.sections.iter().any(|s| s == c)) != (c == name);
                        let mut sections: Vec<String> = chapters.iter().map(|c| c.name.clone()).filter(|c| chosen(c)).collect();
                        if sections.len() == chapters.len() {
                            sections.clear();
                        }
                        choose(ReportChoices { sections, ..now.clone() })
                    });
                    html! { <label><input type="checkbox" checked={on} {onchange} data-testid="report-chapter" />{ &chapter.title }</label> }
                }) }
            </div>
        </details>
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
                <div class="rl-paper-table" tabindex="0" role="group" aria-label="Table">
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
        Block::Fold(summary, inner) => html! {
            <details><summary>{ inlines(summary) }</summary>{ for inner.iter().map(self::block) }</details>
        },
    }
}
