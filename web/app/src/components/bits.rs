//! Small parts that several views share.

use relata_app_state::{Action, select, text};
use relata_protocol::{Certainty, FindingRow, Fix, Location, Severity, SeverityCounts, WaiverSetting};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::icons::{Icon, icon, severity_shape};
use crate::app::{Page, Shared};
use crate::services::browser;

/// How many characters of a name's end always stay visible.
const TAIL: usize = 7;

/// A handler that sends what `f` makes of an event, where it makes anything of it.
pub(crate) fn acting<E: 'static, A: 'static>(to: &Callback<A>, f: impl Fn(E) -> Option<A> + 'static) -> Callback<E> {
    let to = to.clone();
    Callback::from(move |event| {
        if let Some(action) = f(event) {
            to.emit(action);
        }
    })
}

/// A handler that has the browser ask for files, as a click on the field does.
pub(crate) fn opening<E: 'static>(field: &NodeRef) -> Callback<E> {
    let field = field.clone();
    Callback::from(move |_| {
        if let Some(field) = field.cast::<HtmlInputElement>() {
            field.click();
        }
    })
}

/// An identifier. Where it is too long for its place it is cut in its middle, with the full name on hover.
pub(crate) fn ident(name: &str) -> Html {
    let count = name.chars().count();
    let split = name.char_indices().nth(count.saturating_sub(TAIL)).map_or(0, |(i, _)| i);
    let (head, tail) = if count > 2 * TAIL { name.split_at(split) } else { ("", name) };
    html! {
        <code class="rl-ident" title={name.to_owned()}>
            if !head.is_empty() { <span class="rl-ident-head">{ head }</span> }
            <span class="rl-ident-tail">{ tail }</span>
        </code>
    }
}

/// Prose with code between backticks.
pub(crate) fn prose(text: &str) -> Html {
    text::inline_code(text)
        .into_iter()
        .map(|(code, piece)| {
            if code {
                html! { <code>{ piece }</code> }
            } else {
                html! { { piece } }
            }
        })
        .collect()
}

/// A severity as shape and word.
pub(crate) fn severity(severity: Severity) -> Html {
    html! {
        <span class="rl-severity-label">{ severity_shape(severity) }<span>{ select::severity(severity) }</span></span>
    }
}

/// Counts by severity, those that are there, for a narrow place: shapes and figures, words for assistive technology.
pub(crate) fn counts(counts: &SeverityCounts) -> Html {
    Severity::ALL
        .into_iter()
        .filter(|s| counts.of(*s) > 0)
        .map(|s| {
            html! {
                <span class="rl-count" title={format!("{} {}", counts.of(s), s.name())}>
                    { severity_shape(s) }<span>{ text::count(counts.of(s).into()) }</span>
                    <span class="rl-hidden">{ format!(" {}", s.name()) }</span>
                </span>
            }
        })
        .collect()
}

/// How sure a finding is.
pub(crate) fn certainty(certainty: Certainty) -> Html {
    let (word, meaning) = select::certainty(certainty);
    html! { <span class="rl-certainty" title={meaning}>{ word }</span> }
}

/// Properties of [`Button`].
#[derive(Properties, PartialEq)]
pub(crate) struct ButtonProps {
    /// What it looks like, beside the words.
    #[prop_or_default]
    pub(crate) icon: Option<Icon>,
    /// The words; in an icon button the name for assistive technology and the tooltip.
    pub(crate) label: AttrValue,
    /// Only the icon is shown.
    #[prop_or_default]
    pub(crate) bare: bool,
    #[prop_or_default]
    pub(crate) class: Classes,
    #[prop_or_default]
    pub(crate) testid: AttrValue,
    /// What is said on hover, where the words alone do not say it.
    #[prop_or_default]
    pub(crate) title: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) pressed: Option<bool>,
    #[prop_or_default]
    pub(crate) disabled: bool,
    pub(crate) onclick: Callback<()>,
}

/// A button.
#[component]
pub(crate) fn Button(props: &ButtonProps) -> Html {
    let onclick = props.onclick.reform(|e: MouseEvent| e.stop_propagation());
    let pressed = props.pressed.map(|p| p.to_string());
    let name = props.bare.then(|| props.label.clone());
    let title = props.title.clone().or_else(|| name.clone());
    html! {
        <button type="button" class={classes!("rl-button", props.bare.then_some("rl-button-bare"), props.class.clone())}
            {onclick} disabled={props.disabled} aria-pressed={pressed} aria-label={name} {title}
            data-testid={(!props.testid.is_empty()).then(|| props.testid.clone())}>
            if let Some(i) = props.icon { { icon(i) } }
            if !props.bare { <span>{ &props.label }</span> }
        </button>
    }
}

/// Properties of [`Places`].
#[derive(Properties, PartialEq)]
pub(crate) struct PlacesProps {
    pub(crate) state: Shared,
    pub(crate) locations: Vec<Location>,
    /// Only line numbers: the file is clear from the surroundings.
    #[prop_or_default]
    pub(crate) short: bool,
}

/// Links to places in the source; all of them open as tabs, the one clicked in front.
#[component]
pub(crate) fn Places(props: &PlacesProps) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let link = |(i, l): (usize, &Location)| {
        let name = props.state.file_name(l.file);
        let label = if props.short { format!("line {}", l.line) } else { format!("{}:{}", base(name), l.line) };
        let locations = props.locations.clone();
        let onclick = page.act.reform(move |e: MouseEvent| {
            e.stop_propagation();
            Action::ShowSource { locations: locations.clone(), active: i }
        });
        html! {
            <button type="button" class="rl-place" {onclick} title={format!("{name}, line {}, column {}", l.line, l.column)}
                data-testid="place">
                { icon(Icon::Code) }<span>{ label }</span>
            </button>
        }
    };
    const SHOWN: usize = 6;
    let more = props.locations.len().saturating_sub(SHOWN);
    html! {
        <span class="rl-places">
            { for props.locations.iter().enumerate().take(SHOWN).map(link) }
            if more > 0 { <span class="rl-quiet">{ format!("and {more} more") }</span> }
        </span>
    }
}

/// A path's last part.
pub(crate) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Properties of [`Sql`].
#[derive(Properties, PartialEq)]
pub(crate) struct SqlProps {
    /// What it is, for the button's name and the notice.
    pub(crate) what: AttrValue,
    pub(crate) sql: AttrValue,
}

/// A block of SQL with a copy button.
#[component]
pub(crate) fn Sql(props: &SqlProps) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let (text, what) = (props.sql.to_string(), props.what.to_string());
    let onclick = page.copy.reform(move |()| (text.clone(), what.clone()));
    html! {
        <div class="rl-sql">
            <pre tabindex="0"><code>{ &props.sql }</code></pre>
            <Button icon={Icon::Copy} label={format!("Copy {}", props.what.to_lowercase())} bare=true {onclick} testid="copy" />
        </div>
    }
}

/// A finding's fix with its caution.
pub(crate) fn fix(fix: &Fix) -> Html {
    html! {
        <div class="rl-fix" data-testid="fix">
            <Sql what="Fix" sql={fix.sql.clone()} />
            if let Some(caution) = &fix.caution { <p class="rl-caution">{ prose(caution) }</p> }
        </div>
    }
}

/// Properties of [`FindingCard`].
#[derive(Properties, PartialEq)]
pub(crate) struct FindingCardProps {
    pub(crate) state: Shared,
    pub(crate) row: FindingRow,
    /// Shown under a heading that names the rule.
    #[prop_or_default]
    pub(crate) in_group: bool,
    /// Shown beside the table that it is about.
    #[prop_or_default]
    pub(crate) at_table: bool,
}

/// A finding: what is wrong, why it matters, evidence, fix, where, how sure.
#[component]
pub(crate) fn FindingCard(props: &FindingCardProps) -> Html {
    let waiving = use_state_eq(|| false);
    let reason = use_node_ref();
    {
        let reason = reason.clone();
        use_effect_with(*waiving, move |on| {
            if let (true, Some(field)) = (*on, reason.cast::<HtmlInputElement>()) {
                browser::focus(&field);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let row = &props.row;
    let state = &props.state;
    let index = row.index;
    let open = state.findings.expanded.contains(&index);
    let selected = state.selection == Some(relata_app_state::state::Selection::Finding(index));
    let toggle = page.act.reform(move |e: MouseEvent| {
        e.stop_propagation();
        Action::ToggleFinding(index)
    });
    let select = page.act.reform(move |()| Action::Select(relata_app_state::state::Selection::Finding(index)));
    let why = state.rule(&row.rule).map(|r| r.summary.clone());
    let subject = row.objects.first();
    let toggle_waiving = {
        let waiving = waiving.clone();
        Callback::from(move |e: MouseEvent| {
            e.stop_propagation();
            waiving.set(!*waiving);
        })
    };
    let waive = {
        let (act, waiving, reason) = (page.act.clone(), waiving.clone(), reason.clone());
        let about = format!("{} at {}", row.rule, subject.map_or("", |s| s.path.as_str()));
        let fingerprint = row.fingerprint.clone();
        Callback::from(move |e: SubmitEvent| {
            e.prevent_default();
            let Some(field) = reason.cast::<HtmlInputElement>() else { return };
            waiving.set(false);
            let (fingerprint, about) = (fingerprint.clone(), about.clone());
            act.emit(Action::Waive(Box::new(WaiverSetting { fingerprint, about, reason: field.value() })));
        })
    };
    let unwaive = {
        let fingerprint = row.fingerprint.clone();
        page.act.reform(move |_: MouseEvent| Action::Unwaive(fingerprint.clone()))
    };
    html! {
        <article class={classes!("rl-finding", selected.then_some("is-selected"))} data-testid="finding" data-rule={row.rule.clone()}
            data-severity={row.severity.name()}>
            <div class="rl-finding-mark">{ severity(row.severity) }</div>
            <div class="rl-finding-body">
                <p class="rl-finding-message">{ prose(&row.message) }</p>
                if !props.in_group {
                    if let Some(why) = why { <p class="rl-finding-why">{ prose(&why) }</p> }
                }
                if let Some(evidence) = &row.evidence { <p class="rl-finding-evidence">{ prose(evidence) }</p> }
                <div class="rl-finding-foot">
                    <Places state={state.clone()} locations={row.locations.clone()} />
                    if let (Some(key), false) = (row.relation, props.at_table) {
                        <button type="button" class="rl-place" data-testid="finding-to-table"
                            title="Show it in the diagram"
                            onclick={page.act.reform(move |_| Action::Reveal(key))}>
                            { icon(Icon::Target) }
                            <span>{ subject.map_or("diagram", |s| s.path.as_str()).to_owned() }</span>
                        </button>
                    }
                    if let Some(f) = &row.fix {
                        <button type="button" class="rl-place" aria-expanded={open.to_string()} onclick={toggle} data-testid="show-fix">
                            { icon(Icon::Wrench) }<span>{ if open { "Hide fix" } else { "Fix" } }</span>
                        </button>
                        <CopyFix sql={f.sql.clone()} />
                    }
                    if row.waived.is_none() && !row.fingerprint.is_empty() {
                        <button type="button" class="rl-place" aria-expanded={waiving.to_string()} onclick={toggle_waiving} data-testid="waive">
                            { icon(Icon::Shield) }<span>{ "Waive" }</span>
                        </button>
                    }
                    <span class="rl-finding-rule">
                        if !props.in_group {
                            <button type="button" class="rl-place" onclick={select.reform(|_: MouseEvent| ())} data-testid="finding-details">
                                <code>{ &row.rule }</code>
                            </button>
                        } else {
                            <button type="button" class="rl-place" onclick={select.reform(|_: MouseEvent| ())} data-testid="finding-details">
                                { "Details" }
                            </button>
                        }
                        { certainty(row.certainty) }
                    </span>
                </div>
                if let Some(waived) = &row.waived {
                    <p class="rl-waived" data-testid="waived">
                        { format!("Accepted{}: {}", waived.until.as_ref().map(|day| format!(" until {day}")).unwrap_or_default(), waived.reason) }
                        { " " }
                        if let Some(location) = waived.location {
                            <Places state={state.clone()} locations={vec![location]} />
                        } else {
                            <button type="button" class="rl-link" onclick={unwaive} data-testid="unwaive">{ "Take back" }</button>
                        }
                    </p>
                }
                if *waiving && row.waived.is_none() {
                    <form class="rl-waive" onsubmit={waive} data-testid="waive-form">
                        <input ref={reason} class="rl-field" placeholder="Why this is accepted" aria-label="Why this is accepted" required=true data-testid="waive-reason" />
                        <button type="submit" class="rl-button" data-testid="waive-now">{ "Waive" }</button>
                    </form>
                }
                if open { if let Some(f) = &row.fix { { fix(f) } } }
            </div>
        </article>
    }
}

/// Properties of [`CopyFix`].
#[derive(Properties, PartialEq)]
pub(crate) struct CopyFixProps {
    sql: AttrValue,
}

/// Copies a fix without opening it.
#[component]
fn CopyFix(props: &CopyFixProps) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let sql = props.sql.to_string();
    let onclick = page.copy.reform(move |()| (sql.clone(), "Fix".to_owned()));
    html! { <Button icon={Icon::Copy} label="Copy fix" bare=true {onclick} testid="copy-fix" class="rl-place-icon" /> }
}
