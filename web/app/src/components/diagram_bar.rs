//! What can be done with the diagram, over it: how much is shown, what tables are coloured by, and what concerns the selected table.

use relata_app_state::lens::Lens;
use relata_app_state::state::Dialog;
use relata_app_state::state::diagram::Change;
use relata_app_state::{Action, text};
use relata_protocol::Detail;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::bits::{Button, acting, ident};
use super::icons::Icon;
use crate::app::{Page, Shared};

/// Properties of [`DiagramBar`] and [`Legend`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

const DETAILS: [(Detail, &str, &str); 3] = [
    (Detail::Columns, "columns", "All columns"),
    (Detail::Keys, "keys", "Keys only"),
    (Detail::Names, "names", "Names only"),
];

fn chosen(e: &Event) -> Option<String> {
    Some(e.target()?.dyn_into::<HtmlSelectElement>().ok()?.value())
}

/// The bar over the diagram.
#[component]
pub(crate) fn DiagramBar(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let board = &state.drawing.board;
    let change = |c: Change| page.act.reform(move |()| Action::Change(Box::new(c.clone())));
    let set_detail = acting(&page.act, |e: Event| {
        let word = chosen(&e)?;
        let (detail, ..) = DETAILS.into_iter().find(|(_, id, _)| *id == word)?;
        Some(Action::Change(Box::new(Change::Detail(detail))))
    });
    let set_lens = acting(&page.act, |e: Event| Lens::of(&chosen(&e)?).map(Action::SetLens));
    let (undo, redo) = state.drawing.steps();
    let step = |what: Option<&str>, verb: &str| what.map_or_else(|| verb.to_owned(), |w| format!("{verb} {w}"));
    html! {
        <div class="rl-board" data-testid="diagram-bar">
            <div class="rl-board-row" role="toolbar" aria-label="What the diagram shows">
                <select class="rl-board-select" aria-label="How much of each table" onchange={set_detail} data-testid="detail">
                    { for DETAILS.map(|(detail, id, name)| html! { <option value={id} selected={board.detail == detail}>{ name }</option> }) }
                </select>
                <select class="rl-board-select" aria-label="Highlight" onchange={set_lens} data-testid="lens">
                    { for Lens::ALL.map(|l| html! { <option value={l.id()} selected={state.drawing.lens == l}>{ l.name() }</option> }) }
                </select>
                <Button icon={Icon::View} label={if board.views { "Leave out views" } else { "Show views" }} bare=true pressed={Some(board.views)}
                    onclick={change(Change::Views(!board.views))} testid="toggle-views" />
                <Button icon={Icon::Undo} label={step(undo, "Undo")} bare=true disabled={undo.is_none()} onclick={page.act.reform(|()| Action::Undo)} testid="undo" />
                <Button icon={Icon::Redo} label={step(redo, "Redo")} bare=true disabled={redo.is_none()} onclick={page.act.reform(|()| Action::Redo)} testid="redo" />
                <Button icon={Icon::Layers} label="Arrangement: hidden, groups, save and load" bare=true
                    onclick={page.act.reform(|()| Action::OpenDialog(Dialog::Arrangement))} testid="arrangement" />
            </div>
            { about_selection(&page, state) }
            if let Some(left_out) = state.left_out() {
                <div class="rl-board-row rl-board-note" data-testid="left-out">
                    <span>{ left_out }</span>
                    <Button label="Show everything" onclick={change(Change::ShowAll)} testid="show-all" />
                </div>
            }
            { way(&page, state) }
        </div>
    }
}

fn about_selection(page: &Page, state: &Shared) -> Html {
    let subjects = state.subjects();
    let Some(first) = subjects.iter().next() else { return Html::default() };
    let board = &state.drawing.board;
    let many = subjects.len() > 1;
    let change = |c: Change| page.act.reform(move |()| Action::Change(Box::new(c.clone())));
    let focus = board.focus.as_ref().filter(|f| state.highlighted().and_then(|k| state.path_of(k)) == Some(&f.table));
    let all = |set: &dyn Fn(&String) -> bool| subjects.iter().all(set);
    let collapsed = all(&|s| board.collapsed.contains(s));
    let pinned = all(&|s| board.pins.contains_key(s));
    let mark = state.highlighted().map(|key| page.act.reform(move |()| Action::Mark(key)));
    html! {
        <div class="rl-board-row" role="toolbar" aria-label="The selected table" data-testid="table-bar">
            <span class="rl-board-name">
                if many { { text::counted(subjects.len() as u64, "table") } } else { { ident(first.rsplit('.').next().unwrap_or(first)) } }
            </span>
            if !many {
                <span class="rl-board-hops" role="group" aria-label="Focus with neighbours">
                    { for [1_u32, 2, 3].map(|hops| {
                        let on = focus.is_some_and(|f| f.hops == hops);
                        let to = if on { None } else { Some(hops) };
                        html! {
                            <Button label={hops.to_string()} pressed={Some(on)} class="rl-board-hop" onclick={change(Change::Focus(to))} testid={format!("focus-{hops}")}
                                title={format!("Only this table and what is within {} ({hops})", text::counted(hops.into(), "reference"))} />
                        }
                    }) }
                </span>
                <Button icon={Icon::Link} label="Path to another table (P)" bare=true onclick={page.act.reform(|()| Action::OpenRoutes)} testid="path" />
            }
            <Button icon={Icon::Hide} label="Hide (H)" bare=true onclick={change(Change::Hide)} testid="hide" />
            <Button icon={Icon::Minus} label={if collapsed { "Expand (C)" } else { "Collapse (C)" }} bare=true pressed={Some(collapsed)} onclick={change(Change::Collapse)} testid="collapse" />
            <Button icon={Icon::Pin} label={if pinned { "Unpin (T)" } else { "Pin (T)" }} bare=true pressed={Some(pinned)} onclick={change(Change::Pin)} testid="pin" />
            if let (false, Some(mark)) = (many, mark) {
                <Button icon={Icon::Plus} label="Mark, to act on several (M)" bare=true onclick={mark} testid="mark-table" />
            }
            <Button icon={Icon::Group} label="Group (G)" bare=true onclick={change(Change::Group)} testid="group-tables" />
            if many {
                <Button icon={Icon::Close} label="Take the marks away" bare=true onclick={page.act.reform(|()| Action::Unmark)} testid="unmark" />
            }
        </div>
    }
}

/// How many tables of a way are named.
const NAMED: usize = 6;

fn way(page: &Page, state: &Shared) -> Html {
    let names = state.way_names();
    if names.is_empty() {
        return Html::default();
    }
    let references = text::counted(names.len() as u64 - 1, "reference");
    let more = names.len().saturating_sub(NAMED);
    html! {
        <div class="rl-board-row rl-board-note" role="status" data-testid="way">
            <span>
                { for names.iter().take(NAMED).enumerate().map(|(i, name)| html! { <>if i > 0 { { " – " } }{ ident(name) }</> }) }
                if more > 0 { { format!(" and {more} more") } }
                { format!(" ({references})") }
            </span>
            <Button icon={Icon::Close} label="Leave the path" bare=true onclick={page.act.reform(|()| Action::Disconnect)} testid="leave-way" />
        </div>
    }
}

/// What the colours of a lens mean, with counts.
#[component]
pub(crate) fn Legend(props: &Props) -> Html {
    let Some(shading) = &props.state.drawing.shading else { return Html::default() };
    html! {
        <div class="rl-legend" role="status" data-testid="legend">
            <p>{ &shading.note }</p>
            <ul>
                { for shading.legend.iter().map(|(tint, n)| html! {
                    <li data-tint={tint.word()}>
                        <span class={classes!("rl-legend-swatch", format!("rl-tint{}", tint.token().trim_start_matches("--rl")))} aria-hidden="true" />
                        { tint.word() }<span class="rl-quiet">{ text::count(*n as u64) }</span>
                    </li>
                }) }
            </ul>
        </div>
    }
}
