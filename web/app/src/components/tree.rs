//! The list of files and of tables by schema.

use std::rc::Rc;

use relata_app_state::state::{Dialog, Selection};
use relata_app_state::{Action, select, text};
use relata_protocol::{RelationKey, RelationKind, RelationType, TableList};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::bits::{Button, acting, base, counts, ident};
use super::icons::{Icon, icon};
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Tree`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// Files and tables.
#[component]
pub(crate) fn Tree(props: &Props) -> Html {
    let node = use_node_ref();
    let selected = props.state.highlighted();
    {
        let node = node.clone();
        // The selected table is brought into view, wherever it was selected.
        use_effect_with(selected, move |_| {
            if let Some(list) = node.cast::<HtmlElement>()
                && let Some(it) = browser::find(&list, "[aria-current='true']")
            {
                browser::scroll_to(&list, &it, false);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let oninput = acting(&page.act, |e: InputEvent| {
        Some(Action::FilterTree(e.target()?.dyn_into::<HtmlInputElement>().ok()?.value()))
    });
    let groups = state.tables.as_ref().map(|t| select::tree(t, &state.tree_filter)).unwrap_or_default();
    let shown: usize = groups.iter().map(|g| g.rows.len()).sum();
    let total = state.tables.as_ref().map_or(0, |t| t.total);
    let files = &state.overview.files;
    html! {
        <div class="rl-tree" ref={node} data-testid="tree">
            <div class="rl-tree-files-part">
            <details class="rl-tree-section" open={files.len() <= 8}>
                <summary>
                    { icon(Icon::Chevron) }<span>{ "Files" }</span><span class="rl-quiet">{ text::count(files.len() as u64) }</span>
                    if let Some(name) = &state.following { <span class="rl-tree-follows" title={format!("Following the folder {name}")}>{ icon(Icon::Follow) }<span class="rl-hidden">{ "following the folder" }</span></span> }
                </summary>
                <ul class="rl-tree-files">
                    { for files.iter().enumerate().map(|(i, f)| {
                        let editable = state.given.iter().any(|g| g.name == f.name);
                        let name = f.name.clone();
                        let location = relata_protocol::Location { file: u32::try_from(i).unwrap_or(u32::MAX), line: 1, ..Default::default() };
                        html! {
                            <li class="rl-tree-file">
                                <button type="button" class="rl-tree-row" data-testid="tree-file" title={format!("{}: {}, {}", f.name, text::bytes(f.bytes), text::counted(f.lines.into(), "line"))}
                                    onclick={page.act.reform(move |_| Action::ShowSource { locations: vec![location], active: 0 })}>
                                    { icon(Icon::File) }{ ident(base(&f.name)) }
                                    if f.problems > 0 { <span class="rl-badge" title={text::counted(f.problems.into(), "problem")}>{ f.problems }</span> }
                                </button>
                                if editable {
                                    <Button icon={Icon::Pen} bare=true label={format!("Edit {}", f.name)} class="rl-tree-edit" testid="tree-edit"
                                        onclick={page.act.reform(move |()| Action::Edit(name.clone()))} />
                                }
                            </li>
                        }
                    }) }
                </ul>
            </details>
            // Beside the summary, not in it: a control within a control is none.
            <Button icon={Icon::Plus} label="Add or remove files" bare=true class="rl-tree-add" testid="add-files"
                onclick={page.act.reform(|()| Action::OpenDialog(Dialog::Add))} />
            </div>
            <div class="rl-tree-head">
                <h2>{ "Tables" }</h2>
                <span class="rl-quiet" aria-live="polite">
                    { if state.tree_filter.trim().is_empty() { text::count(total.into()) } else { format!("{} of {}", text::count(shown as u64), text::count(total.into())) } }
                </span>
            </div>
            <input type="search" class="rl-field" placeholder="Filter" aria-label="Filter tables by name" value={state.tree_filter.clone()} {oninput} data-testid="tree-filter" />
            if state.tables.is_some() && shown == 0 {
                <p class="rl-empty">{ if total == 0 { "No tables." } else { "No table has that in its name." } }</p>
            }
            if let Some(tables) = &state.tables {
                <Tables tables={Known(Rc::clone(tables))} filter={state.tree_filter.clone()} {selected} />
            }
        </div>
    }
}

/// A list compared by identity.
#[derive(Clone)]
struct Known(Rc<TableList>);

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
struct TablesProps {
    tables: Known,
    filter: String,
    selected: Option<RelationKey>,
}

/// The tables by schema. Thousands of rows: made anew only when they, the filter or the selection change.
#[component]
fn Tables(props: &TablesProps) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let groups = select::tree(&props.tables.0, &props.filter);
    let selected = props.selected;
    html! {
        <>
            { for groups.iter().map(|g| html! {
                <section class="rl-tree-group">
                    <h3><span>{ g.name }</span><span class="rl-quiet">{ text::count(g.rows.len() as u64) }</span></h3>
                    <ul>
                        { for g.rows.iter().map(|leaf| {
                            let (row, key) = (leaf.row, leaf.row.relation);
                            let here = selected == Some(key);
                            let kind = match row.kind {
                                RelationType::View | RelationType::MaterializedView => Icon::View,
                                _ => Icon::Table,
                            };
                            let onclick = match key.kind {
                                RelationKind::Table => page.act.reform(move |_: MouseEvent| Action::Reveal(key)),
                                RelationKind::View => page.act.reform(move |_: MouseEvent| Action::Select(Selection::Relation(key, None))),
                            };
                            html! {
                                <li class={format!("rl-depth-{}", leaf.depth)}>
                                    <button type="button" class="rl-tree-row" aria-current={here.then_some("true")} {onclick}
                                        data-testid="tree-table" data-path={row.path.clone()} title={format!("{} ({})", row.path, select::kind(row.kind))}>
                                        { icon(kind) }{ ident(&row.name) }
                                        <span class="rl-tree-counts">{ worst(&row.findings) }</span>
                                    </button>
                                </li>
                            }
                        }) }
                    </ul>
                </section>
            }) }
        </>
    }
}

/// The count of the worst severity: there is no room for more in a row.
fn worst(findings: &relata_protocol::SeverityCounts) -> Html {
    let mut only = relata_protocol::SeverityCounts::default();
    match findings.worst() {
        Some(s) => (0..findings.of(s)).for_each(|_| only.add(s)),
        None => return Html::default(),
    }
    counts(&only)
}
