//! The history: every revision in order with its graph, and what the chosen one changed.

use std::rc::Rc;

use relata_app_state::lanes::LaneRow;
use relata_app_state::state::View;
use relata_app_state::{Action, select, text};
use relata_protocol::{Change, ChangeKind, History, RevisionDetail, RevisionRow, RevisionStatus};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::bits::{Places, base, counts, ident, prose};
use crate::app::{Page, Shared};
use crate::services::browser;

/// Height of a row, in CSS pixels: the style sheet has the same.
const ROW: f64 = 52.0;
/// How many rows are drawn beyond each edge of what is seen.
const MARGIN: usize = 12;
/// How far lanes are apart, and how far the first is from the edge.
const LANE: f64 = 14.0;
const FIRST_LANE: f64 = 12.0;
/// How many changes are shown.
const CHANGES: usize = 200;

/// Properties of [`HistoryView`] and its parts.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The history as a view of the workspace.
#[component]
pub(crate) fn HistoryView(props: &Props) -> Html {
    let state = &props.state;
    if !state.has_history() {
        return html! {
            <div class="rl-page" data-testid="history">
                <header class="rl-page-head"><h2>{ "History" }</h2></header>
                <p class="rl-empty">{ "This is one state of a schema, without a history. Drop a folder of migrations to see how a schema came about, and what each of them changed." }</p>
            </div>
        };
    }
    let body = match (&state.past.list, &state.past.error) {
        (_, Some(message)) => html! { <p class="rl-empty" role="alert">{ message }</p> },
        (None, None) => html! { <p class="rl-empty" aria-busy="true">{ "Walking through the revisions…" }</p> },
        (Some(list), None) => html! {
            <>
                <section class="rl-history-list" aria-label="Revisions">
                    { head(state, list) }
                    <List state={state.clone()} list={Told(Rc::clone(list))} />
                </section>
                <section class="rl-history-detail" aria-label="What the revision changed">
                    <Detail state={state.clone()} />
                </section>
            </>
        },
    };
    html! { <div class="rl-history" data-testid="history">{ body }</div> }
}

/// A list compared by identity.
#[derive(Clone)]
struct Told(Rc<History>);

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

fn head(state: &Shared, list: &History) -> Html {
    let target = state.target_info();
    let layout = target.map(|t| select::layout(&t.layout)).unwrap_or_default();
    let guess = target.is_some_and(|t| t.layout_guessed);
    let stop = list.rows.iter().find(|r| r.status == RevisionStatus::Stops);
    html! {
        <header class="rl-history-head">
            <h2>{ "History" }</h2>
            <p class="rl-quiet">
                { format!("{}, {layout}{}", text::counted(list.rows.len() as u64, "revision"), if guess { " (a guess)" } else { "" }) }
                if list.graph { { format!(", {}", text::counted(list.heads.len() as u64, "head")) } }
            </p>
            if let Some(stop) = stop {
                <p class="rl-warn" data-testid="stops-at">{ "On a new database it stops at " }<code>{ &stop.id }</code>{ "." }</p>
            }
        </header>
    }
}

#[derive(Properties, PartialEq)]
struct ListProps {
    state: Shared,
    list: Told,
}

/// The revisions. Only those in sight, and the chosen one, are in the page: a history can have thousands.
#[component]
fn List(props: &ListProps) -> Html {
    let node = use_node_ref();
    // The first row in sight, by tens: the list is drawn anew only when that changes.
    let sight = use_state_eq(|| (0_usize, 40_usize));
    let list = &props.list.0;
    let state = &props.state;
    let shown = state.revision_shown() as usize;
    {
        let node = node.clone();
        use_effect_with(shown, move |_| {
            if let Some(list) = node.cast::<HtmlElement>()
                && let Some(row) = browser::find(&list, "[aria-selected='true']")
            {
                browser::scroll_to(&list, &row, false);
                if browser::focused(&list).is_some_and(|f| list.contains(Some(&f))) {
                    browser::focus(&row);
                }
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let onscroll = {
        let (sight, node) = (sight.clone(), node.clone());
        Callback::from(move |_: Event| {
            if let Some(list) = node.cast::<Element>() {
                let row = |pixels: i32| (f64::from(pixels) / ROW) as usize;
                sight.set((row(list.scroll_top()) / 10 * 10, row(list.client_height()) + 10));
            }
        })
    };
    let onkeydown = {
        let act = page.act.clone();
        let screen = i32::try_from(sight.1.saturating_sub(10).max(5)).unwrap_or(10);
        Callback::from(move |e: KeyboardEvent| {
            if e.ctrl_key() || e.meta_key() || e.alt_key() {
                return;
            }
            act.emit(match e.key().as_str() {
                "ArrowUp" => Action::StepRevision(-1),
                "ArrowDown" => Action::StepRevision(1),
                "PageUp" => Action::StepRevision(-screen),
                "PageDown" => Action::StepRevision(screen),
                "Home" => Action::GoTo(Some(0)),
                "End" => Action::GoTo(None),
                "Enter" => Action::Show(View::Diagram),
                _ => return,
            });
            e.prevent_default();
        })
    };
    let count = list.rows.len();
    let (first, height) = *sight;
    let (from, to) = (first.saturating_sub(MARGIN), (first + height + MARGIN).min(count));
    let mut places: Vec<usize> = (from..to).collect();
    if shown < from {
        places.insert(0, shown);
    } else if shown >= to && shown < count {
        places.push(shown);
    }
    let lanes = state.past.lanes.iter().map(|l| l.lane).max().unwrap_or(0);
    let mut rows: Vec<Html> = Vec::with_capacity(places.len() + 3);
    let mut next = 0;
    for place in places {
        if place > next {
            rows.push(gap(count + next, place - next));
        }
        if let (Some(row), Some(lane)) = (list.rows.get(place), state.past.lanes.get(place)) {
            let head = list.graph && u32::try_from(place).is_ok_and(|p| list.heads.contains(&p));
            let choose = u32::try_from(place).ok();
            let onclick = page.act.reform(move |_: MouseEvent| Action::GoTo(choose));
            let ondblclick = page.act.reform(|_: MouseEvent| Action::Show(View::Diagram));
            rows.push(html! {
                <li key={place} role="option" class={classes!("rl-revision", status_class(row.status))} aria-selected={(place == shown).to_string()}
                    aria-posinset={(place + 1).to_string()} aria-setsize={count.to_string()}
                    tabindex={if place == shown { "0" } else { "-1" }} {onclick} {ondblclick}
                    data-testid="revision" data-id={row.id.clone()} data-place={(place + 1).to_string()}>
                    { graph(row, lane, lanes, place.checked_sub(1).and_then(|above| state.past.lanes.get(above))) }
                    { words(row, place, head) }
                </li>
            });
        }
        next = place + 1;
    }
    if next < count {
        rows.push(gap(count + next, count - next));
    }
    html! {
        <ul class="rl-revisions" ref={node} role="listbox" aria-label="Revisions, oldest first" {onscroll} {onkeydown} data-testid="revisions">
            { for rows }
        </ul>
    }
}

/// The room that rows out of sight take.
fn gap(key: usize, rows: usize) -> Html {
    html! { <li {key} role="presentation"><svg width="1" height={(rows as f64 * ROW).to_string()} aria-hidden="true" class="rl-revision-gap" /></li> }
}

fn status_class(status: RevisionStatus) -> &'static str {
    match status {
        RevisionStatus::Applied => "is-applied",
        RevisionStatus::Stops => "is-stop",
        RevisionStatus::NotReached => "is-not-reached",
        RevisionStatus::TakenBack => "is-taken-back",
    }
}

fn graph(row: &RevisionRow, at: &LaneRow, lanes: u8, above: Option<&LaneRow>) -> Html {
    let x = |lane: u8| FIRST_LANE + f64::from(lane) * LANE;
    let half = ROW / 2.0;
    let line = |(from, to): &(u8, u8)| {
        let (a, b) = (x(*from), x(*to));
        // A line begins below the point that it comes from, not on it.
        let begin = if above.is_some_and(|row| row.lane == *from) { 5.0 - half } else { -half };
        let d = match from == to {
            true => format!("M{a} {begin}V{half}"),
            false => format!("M{a} {begin}C{a} 0 {b} 0 {b} {half}"),
        };
        html! { <path d={d} class="rl-lane-line" /> }
    };
    let (cx, cy) = (x(at.lane), half);
    let point = match row.status {
        RevisionStatus::Stops => {
            html! { <rect x={(cx - 5.0).to_string()} y={(cy - 5.0).to_string()} width="10" height="10" class="rl-lane-point" /> }
        }
        _ => html! { <circle cx={cx.to_string()} cy={cy.to_string()} r="4.500" class="rl-lane-point" /> },
    };
    let width = x(lanes) + FIRST_LANE;
    html! {
        <svg class="rl-lanes" width={width.to_string()} height={ROW.to_string()} aria-hidden="true" focusable="false">
            { for at.lines.iter().map(line) }{ point }
        </svg>
    }
}

fn words(row: &RevisionRow, place: usize, head: bool) -> Html {
    let (status, meaning) = select::status(row.status);
    let trouble = row.problems > 0;
    html! {
        <>
            <span class="rl-revision-main">
                <span class="rl-revision-name">
                    <span class="rl-revision-number">{ text::count(place as u64 + 1) }</span>
                    { ident(&row.id) }
                    if head { <span class="rl-tag" title="No other revision follows it">{ "head" }</span> }
                    if row.status != RevisionStatus::Applied { <span class="rl-tag rl-tag-status" title={meaning}>{ status }</span> }
                    if trouble { <span class="rl-tag" title="Not all of it could be read">{ text::counted(row.problems.into(), "problem") }</span> }
                </span>
                <span class="rl-revision-summary" title={row.summary.clone()}>{ row.message.as_ref().unwrap_or(&row.summary) }</span>
            </span>
            <span class="rl-revision-tally">
                <span class="rl-revision-signs">
                    { sign(row.created, ChangeKind::Created) }{ sign(row.altered, ChangeKind::Altered) }{ sign(row.dropped, ChangeKind::Dropped) }
                </span>
                <span class="rl-revision-issues">{ counts(&row.issues) }</span>
            </span>
        </>
    }
}

fn sign(count: u32, kind: ChangeKind) -> Html {
    if count == 0 {
        return Html::default();
    }
    let (sign, verb) = select::change(kind);
    html! {
        <span class={classes!("rl-sign", sign_class(kind))} title={format!("{verb} {}", text::counted(count.into(), "object"))}>
            <span aria-hidden="true">{ sign }</span><span class="rl-hidden">{ verb }{ " " }</span>{ text::count(count.into()) }
        </span>
    }
}

fn sign_class(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Created => "is-created",
        ChangeKind::Altered => "is-altered",
        ChangeKind::Dropped => "is-dropped",
    }
}

/// What the chosen revision is and changed.
#[component]
fn Detail(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let shown = state.revision_shown();
    let Some(row) = state.revision(shown) else { return Html::default() };
    let detail = state.past.detail.as_ref().filter(|d| d.revision == shown);
    let (status, meaning) = select::status(row.status);
    let parent = |place: &u32| {
        let place = *place;
        html! {
            <button type="button" class="rl-place" onclick={page.act.reform(move |_| Action::GoTo(Some(place)))} data-testid="parent">
                { ident(&state.revision_name(place)) }
            </button>
        }
    };
    let file = state.file_name(row.location.file);
    html! {
        <article class="rl-revision-detail" data-testid="revision-detail" data-id={row.id.clone()}>
            <header>
                <h3>{ ident(&row.id) }</h3>
                <Places state={state.clone()} locations={vec![row.location]} />
            </header>
            if let Some(message) = &row.message { <p>{ message }</p> }
            if base(file) != file { <p class="rl-quiet rl-revision-path" title={file.to_owned()}>{ file }</p> }
            <dl class="rl-facts">
                <div><dt>{ "Status" }</dt><dd title={meaning}>{ status }</dd></div>
                <div><dt>{ "Wrapped" }</dt><dd>{ select::transaction(&row.transaction).to_owned() }</dd></div>
                <div><dt>{ "Way back" }</dt><dd>{ if row.has_down { "yes" } else { "none" } }</dd></div>
                if !row.parents.is_empty() { <div><dt>{ "After" }</dt><dd>{ for row.parents.iter().map(parent) }</dd></div> }
                if row.issues.total() > 0 { <div><dt>{ "Findings it brought" }</dt><dd class="rl-revision-issues">{ counts(&row.issues) }</dd></div> }
            </dl>
            { match detail {
                Some(detail) => changes(state, detail),
                None => html! { <p class="rl-empty" aria-busy="true">{ "Comparing…" }</p> },
            } }
        </article>
    }
}

fn changes(state: &Shared, detail: &RevisionDetail) -> Html {
    let more = detail.changes.len().saturating_sub(CHANGES);
    html! {
        <>
            { for detail.conflicts.iter().map(|c| html! {
                <p class="rl-conflict" role="note" data-testid="conflict">
                    <strong>{ format!("Refused ({})", c.sqlstate) }</strong>{ " " }{ prose(&c.message) }
                    <Places state={state.clone()} locations={vec![c.location]} />
                </p>
            }) }
            <h4>{ "What it changed" }</h4>
            if detail.changes.is_empty() && detail.writes.is_empty() {
                <p class="rl-quiet">{ "Nothing in the schema." }</p>
            }
            <ul class="rl-changes" data-testid="changes">
                { for detail.changes.iter().take(CHANGES).map(|c| html! { <Changed state={state.clone()} change={c.clone()} /> }) }
            </ul>
            if more > 0 { <p class="rl-quiet">{ format!("and {} more", text::count(more as u64)) }</p> }
            if !detail.writes.is_empty() {
                <p class="rl-quiet">{ "Writes rows of " }{ for detail.writes.iter().map(|w| html! { <code class="rl-written">{ w }</code> }) }</p>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ChangedProps {
    state: Shared,
    change: Change,
}

/// One object: what happened to it, and what it was and is.
#[component]
fn Changed(props: &ChangedProps) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let change = &props.change;
    let (sign, verb) = select::change(change.change);
    let name = match change.relation {
        Some(key) => html! {
            <button type="button" class="rl-change-name" title="Show it in the diagram" onclick={page.act.reform(move |_| Action::Reveal(key))}
                data-testid="change-object">{ ident(&change.path) }</button>
        },
        None => ident(&change.path),
    };
    let was = change.before.as_ref().filter(|_| change.change != ChangeKind::Created);
    let is = change.after.as_ref().filter(|_| change.change != ChangeKind::Dropped);
    html! {
        <li class={classes!("rl-change", sign_class(change.change))} data-testid="change" data-change={verb} data-path={change.path.clone()}>
            <div class="rl-change-line">
                <span class={classes!("rl-sign", sign_class(change.change))} title={verb}><span aria-hidden="true">{ sign }</span><span class="rl-hidden">{ verb }</span></span>
                <span class="rl-quiet">{ &change.kind }</span>
                { name }
                if let Some(old) = &change.renamed_from { <span class="rl-quiet">{ "was " }{ ident(old) }</span> }
                if let Some(location) = change.location { <Places state={props.state.clone()} locations={vec![location]} short=true /> }
            </div>
            if was.is_some() || is.is_some() {
                <details open={change.change == ChangeKind::Altered}>
                    <summary>{ if change.change == ChangeKind::Altered { "Before and after" } else { "SQL" } }</summary>
                    if let Some(sql) = was { <pre class="rl-was" tabindex="0" aria-label="Before"><code>{ sql }</code></pre> }
                    if let Some(sql) = is { <pre class="rl-is" tabindex="0" aria-label="After"><code>{ sql }</code></pre> }
                </details>
            }
        </li>
    }
}
