//! The findings: ranked, grouped by rule when there are many, narrowed by chips whose counts say what choosing them gives.

use relata_app_state::state::Selection;
use relata_app_state::{Action, select, text};
use relata_protocol::{FindingsFilter, FindingsPage, Severity};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::bits::{Button, FindingCard, acting, prose, severity};
use super::icons::{Icon, icon, severity_shape};
use crate::app::{Page, Shared};

/// Properties of [`FindingsView`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The findings.
#[component]
pub(crate) fn FindingsView(props: &Props) -> Html {
    let Some(app) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let Some(page) = state.findings.page.clone() else {
        return html! { <div class="rl-page" aria-busy="true"><p class="rl-empty">{ "Fetching the findings…" }</p></div> };
    };
    let checked = state.overview.targets.iter().map(|t| u64::from(t.rules_checked)).sum::<u64>();
    let objects = state.overview.targets.iter().map(|t| u64::from(t.objects_checked)).sum::<u64>();
    let rested = format!("{} checked {}", text::counted(checked, "rule"), text::counted(objects, "object"));
    html! {
        <div class="rl-page rl-findings" data-testid="findings">
            <header class="rl-page-head">
                <h2>{ "Findings" }</h2>
                <p data-testid="findings-summary">
                    if page.total == 0 {
                        { format!("{rested}, nothing found.") }
                    } else if page.matching == page.total {
                        { format!("{}. {rested}.", text::counted(page.total.into(), "finding")) }
                    } else {
                        { format!("{} of {}", text::count(page.matching.into()), text::counted(page.total.into(), "finding")) }
                    }
                </p>
            </header>
            <div class="rl-message-bar rl-finding-tools">
                if page.total > 0 {
                    <Button icon={Icon::Wrench} label="Download fix migration" testid="save-fix"
                        title="One migration from the fixes of all findings, in the layout of the project's tool"
                        onclick={app.act.reform(|()| Action::SaveFix(Vec::new()))} />
                }
                if !state.options.waivers.is_empty() {
                    <Button icon={Icon::Shield} label="Save waivers as relata.toml" testid="save-waivers" onclick={app.act.reform(|()| Action::SaveWaivers)} />
                }
            </div>
            if page.total == 0 && page.waived == 0 {
                <div class="rl-clean" data-testid="no-findings">
                    <p class="rl-clean-lead">{ "Nothing found" }</p>
                    <p>{ format!("{rested}. A clean result is a result: the report says what was checked.") }</p>
                </div>
            } else {
                <Chips state={state.clone()} page={Counted(page.clone())} />
                if page.matching == 0 {
                    <p class="rl-empty">{ "No finding meets all of these filters." }</p>
                } else if state.findings.is_grouped() {
                    <Groups state={state.clone()} page={Counted(page.clone())} />
                } else {
                    <div class="rl-finding-list">
                        { for state.findings.rows.iter().map(|row| html! {
                            <FindingCard key={row.index} state={state.clone()} row={row.clone()} />
                        }) }
                    </div>
                    <More state={state.clone()} page={Counted(page)} />
                }
            }
        </div>
    }
}

/// A page compared by identity.
#[derive(Clone)]
struct Counted(std::rc::Rc<FindingsPage>);

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        std::rc::Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
struct Inner {
    state: Shared,
    page: Counted,
}

#[component]
fn Chips(props: &Inner) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let counts = &props.page.0;
    let filter = &props.state.findings.filter;
    let set = |f: FindingsFilter| page.act.reform(move |_: MouseEvent| Action::FilterFindings(f.clone()));
    let chip = |label: Html, n: u32, on: bool, next: FindingsFilter, testid: String| {
        html! {
            <button type="button" class="rl-chip" aria-pressed={on.to_string()} disabled={n == 0 && !on} onclick={set(next)} data-testid={testid}>
                { label }<span class="rl-chip-count">{ text::count(n.into()) }</span>
            </button>
        }
    };
    let oninput = {
        let filter = filter.clone();
        acting(&page.act, move |e: InputEvent| {
            let text = e.target()?.dyn_into::<HtmlInputElement>().ok()?.value();
            Some(Action::FilterFindings(FindingsFilter { text, ..filter.clone() }))
        })
    };
    let grouped = props.state.findings.is_grouped();
    html! {
        <div class="rl-filters" role="group" aria-label="Filters" data-testid="filters">
            <div class="rl-chip-row" role="group" aria-label="Severity">
                { for Severity::ALL.map(|s| {
                    let next = FindingsFilter { severities: select::toggled(&filter.severities, &s), ..filter.clone() };
                    chip(severity(s), counts.severities.of(s), filter.severities.contains(&s), next, format!("chip-{}", s.name()))
                }) }
            </div>
            <div class="rl-chip-row" role="group" aria-label="Certainty">
                { for counts.certainties.iter().map(|c| {
                    let next = FindingsFilter { certainties: select::toggled(&filter.certainties, &c.certainty), ..filter.clone() };
                    let label = select::certainty(c.certainty).0;
                    chip(html! { { label } }, c.count, filter.certainties.contains(&c.certainty), next, format!("chip-{}", c.certainty.name()))
                }) }
            </div>
            <div class="rl-chip-row" role="group" aria-label="Category">
                { for counts.categories.iter().map(|c| {
                    let next = FindingsFilter { categories: select::toggled(&filter.categories, &c.category), ..filter.clone() };
                    let label = text::heading(&c.category);
                    chip(html! { { label } }, c.count, filter.categories.contains(&c.category), next, format!("chip-{}", c.category))
                }) }
            </div>
            <div class="rl-chip-row rl-filter-tools">
                <input type="search" class="rl-field" placeholder="In message, rule or object" aria-label="Filter findings by text"
                    value={filter.text.clone()} {oninput} data-testid="findings-text" />
                <button type="button" class="rl-chip" aria-pressed={filter.fixable.to_string()} data-testid="chip-fixable"
                    onclick={set(FindingsFilter { fixable: !filter.fixable, ..filter.clone() })}>{ icon(Icon::Wrench) }{ "With a fix" }</button>
                if counts.waived > 0 || filter.waived {
                    <button type="button" class="rl-chip" aria-pressed={filter.waived.to_string()} data-testid="chip-waived"
                        onclick={set(FindingsFilter { waived: !filter.waived, ..filter.clone() })}>
                        { icon(Icon::Shield) }{ "Accepted" }<span class="rl-chip-count">{ text::count(counts.waived.into()) }</span>
                    </button>
                }
                { for filter.rules.iter().map(|rule| {
                    let next = FindingsFilter { rules: select::toggled(&filter.rules, rule), ..filter.clone() };
                    html! {
                        <button type="button" class="rl-chip" aria-pressed="true" onclick={set(next)} title="Take this filter away">
                            <code>{ rule }</code>{ icon(Icon::Close) }
                        </button>
                    }
                }) }
                if select::narrows(filter) {
                    <button type="button" class="rl-link" onclick={set(FindingsFilter::default())} data-testid="clear-filters">{ "Clear filters" }</button>
                }
                <span class="rl-filter-view" role="group" aria-label="Arrangement">
                    <Button icon={Icon::Group} label="Grouped by rule" bare=true pressed={Some(grouped)} testid="group"
                        onclick={page.act.reform(|()| Action::GroupFindings(true))} />
                    <Button icon={Icon::List} label="One list" bare=true pressed={Some(!grouped)} testid="ungroup"
                        onclick={page.act.reform(|()| Action::GroupFindings(false))} />
                </span>
            </div>
        </div>
    }
}

#[component]
fn Groups(props: &Inner) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let chosen =
        |rule: &str| state.findings.filter.rules.is_empty() || state.findings.filter.rules.iter().any(|r| r == rule);
    html! {
        <div class="rl-groups">
            { for props.page.0.rules.iter().filter(|r| r.count > 0 && chosen(&r.rule)).map(|r| {
                let open = state.findings.open.get(&r.rule);
                let (toggle, name) = (r.rule.clone(), r.rule.clone());
                let rest = open.map_or(0, |rows| (r.count as usize).saturating_sub(rows.len()));
                html! {
                    <section class={classes!("rl-group", open.map(|_| "is-open"))} key={r.rule.clone()} data-testid="group-section" data-rule={r.rule.clone()}>
                        <h3>
                            <button type="button" class="rl-group-head" aria-expanded={open.is_some().to_string()} data-testid="group-toggle"
                                onclick={page.act.reform(move |_| Action::ToggleGroup(toggle.clone()))}>
                                { icon(Icon::Chevron) }
                                { severity_shape(r.severity) }
                                <span class="rl-hidden">{ r.severity.name() }</span>
                                <span class="rl-group-summary">{ prose(&r.summary) }</span>
                                <code class="rl-group-rule">{ &r.rule }</code>
                                <span class="rl-badge">{ text::count(r.count.into()) }</span>
                            </button>
                        </h3>
                        if let Some(rows) = open {
                            <div class="rl-group-body">
                                <button type="button" class="rl-link" onclick={page.act.reform(move |_| Action::Select(Selection::Rule(name.clone())))} data-testid="explain">
                                    { "Why this matters" }
                                </button>
                                { for rows.iter().map(|row| html! {
                                    <FindingCard key={row.index} state={state.clone()} row={row.clone()} in_group=true />
                                }) }
                                if rest > 0 && !rows.is_empty() {
                                    <p class="rl-quiet">{ format!("and {} more: choose “One list” and filter by this rule to see them all.", text::count(rest as u64)) }</p>
                                }
                            </div>
                        }
                    </section>
                }
            }) }
        </div>
    }
}

#[component]
fn More(props: &Inner) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let left = (props.page.0.matching as usize).saturating_sub(props.state.findings.rows.len());
    html! {
        if left > 0 {
            <button type="button" class="rl-button" onclick={page.act.reform(|_| Action::MoreFindings)} data-testid="more-findings">
                { format!("Show more of the {} left", text::count(left as u64)) }
            </button>
        }
    }
}
