//! The whole schema as plain HTML: for those who do not see the diagram, for the printer, and for find-in-page.

use std::rc::Rc;

use relata_app_state::state::Selection;
use relata_app_state::{Action, select, text};
use relata_protocol::{KeyKind, RelationDetail, RelationKey, TableDetail, ViewDetail};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::bits::Button;
use super::icons::Icon;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`ListView`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The list.
#[component]
pub(crate) fn ListView(props: &Props) -> Html {
    let node = use_node_ref();
    let state = &props.state;
    let selected = state.highlighted();
    {
        let node = node.clone();
        let there = state.listing.here();
        use_effect_with((selected, there), move |(key, _)| {
            if let (Some(list), Some(key)) = (node.cast::<HtmlElement>(), key)
                && let Some(it) = browser::find(&list, &format!("[data-relation='{}']", name_of(*key)))
            {
                browser::scroll_to(&list, &it, false);
            }
        });
    }
    let listing = &state.listing;
    let (total, here) = (listing.total, listing.here());
    html! {
        <div class="rl-page rl-list" ref={node} data-testid="list" data-tables={here.to_string()} data-total={total.to_string()}>
            <header class="rl-page-head">
                <h2>{ "Tables and views" }</h2>
                <p aria-live="polite">
                    if here < total as usize || !listing.asked {
                        { format!("{} of {}", text::count(here as u64), text::count(total.into())) }
                    } else {
                        { text::counted(total.into(), "table or view|tables and views") }
                    }
                </p>
                <Button icon={Icon::Printer} label="Print" class="rl-list-print" onclick={Callback::from(|()| browser::print())} testid="print-list" />
            </header>
            if total == 0 && listing.asked && state.tables.as_ref().is_some_and(|t| t.total == 0) {
                <p class="rl-empty">{ "There are no tables." }</p>
            }
            { for listing.pages.iter().enumerate().map(|(at, rows)| {
                let selected = selected.filter(|key| rows.iter().any(|r| key_of(r) == *key));
                html! { <Part key={at} rows={Rc::clone(rows)} {selected} /> }
            }) }
        </div>
    }
}

fn name_of(key: RelationKey) -> String {
    format!("{:?}-{}", key.kind, key.id)
}

fn key_of(row: &RelationDetail) -> RelationKey {
    match row {
        RelationDetail::Table(t) => t.row.relation,
        RelationDetail::View(v) => v.row.relation,
    }
}

/// A page of the list. One that is here already costs a comparison of two addresses.
#[derive(Properties)]
struct PartProps {
    rows: Rc<[RelationDetail]>,
    selected: Option<RelationKey>,
}

impl PartialEq for PartProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.rows, &other.rows) && self.selected == other.selected
    }
}

#[component]
fn Part(props: &PartProps) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    html! {
        <>
            { for props.rows.iter().map(|row| {
                let key = key_of(row);
                let selected = props.selected == Some(key);
                let body = match row {
                    RelationDetail::Table(t) => table(t),
                    RelationDetail::View(v) => view(v),
                };
                let (path, kind, comment) = match row {
                    RelationDetail::Table(t) => (&t.row.path, select::kind(t.row.kind), &t.comment),
                    RelationDetail::View(v) => (&v.row.path, select::kind(v.row.kind), &v.comment),
                };
                html! {
                    <section class={classes!("rl-list-table", selected.then_some("is-selected"))} data-relation={name_of(key)} data-testid="list-table" data-path={path.clone()}>
                        <h3>
                            <button type="button" class="rl-link" onclick={page.act.reform(move |_| Action::Select(Selection::Relation(key, None)))}>{ path }</button>
                            <span class="rl-quiet">{ kind }</span>
                        </h3>
                        if let Some(comment) = comment { <p class="rl-comment">{ comment }</p> }
                        { body }
                    </section>
                }
            }) }
        </>
    }
}

/// A list of facts under a word; nothing when there are none.
fn facts(word: &str, lines: Vec<String>) -> Html {
    if lines.is_empty() {
        return Html::default();
    }
    html! { <div><dt>{ word }</dt>{ for lines.into_iter().map(|l| html! { <dd><code>{ l }</code></dd> }) }</div> }
}

fn table(t: &TableDetail) -> Html {
    let list = |names: &[String]| names.join(", ");
    let keys = t.keys.iter().map(|k| {
        let kind = match k.kind {
            KeyKind::PrimaryKey => "PRIMARY KEY",
            KeyKind::Unique => "UNIQUE",
            KeyKind::Exclude => "EXCLUDE",
        };
        format!("{kind} ({})", list(&k.columns))
    });
    let references = t.references.iter().map(|r| {
        let action = if r.on_delete == "NO ACTION" { String::new() } else { format!(" ON DELETE {}", r.on_delete) };
        format!("({}) → {} ({}){action}", list(&r.from_columns), r.to.path, list(&r.to_columns))
    });
    let referenced = t.referenced_by.iter().map(|r| format!("{} ({})", r.from.path, list(&r.from_columns)));
    let indexes = t.indexes.iter().filter(|i| i.constraint.is_none()).map(|i| {
        let unique = if i.unique { "UNIQUE " } else { "" };
        let predicate = i.predicate.as_ref().map(|p| format!(" WHERE {p}")).unwrap_or_default();
        format!("{unique}{} ({}){predicate}", i.name, list(&i.keys))
    });
    let checks = t.checks.iter().map(|c| format!("{}: {}", c.name, c.expression));
    let policies = t.policies.iter().map(|p| {
        let using = p.using.as_ref().map(|u| format!(" USING ({u})")).unwrap_or_default();
        let check = p.with_check.as_ref().map(|u| format!(" WITH CHECK ({u})")).unwrap_or_default();
        format!("{} FOR {} TO {}{using}{check}", p.name, p.command, list(&p.roles))
    });
    let triggers = t.triggers.iter().map(|x| format!("{}: {} calls {}", x.name, x.event, x.function));
    html! {
        <>
            <table class="rl-list-columns">
                <thead><tr><th scope="col">{ "Column" }</th><th scope="col">{ "Type" }</th><th scope="col">{ "Null" }</th><th scope="col">{ "Key" }</th><th scope="col">{ "Default" }</th></tr></thead>
                <tbody>
                    { for t.columns.iter().map(|c| {
                        let mut marks = Vec::new();
                        if c.primary_key.is_some() { marks.push("primary"); }
                        if !c.references.is_empty() { marks.push("foreign"); }
                        if c.unique && c.primary_key.is_none() { marks.push("unique"); }
                        let value = c.default.clone().or_else(|| c.generated.as_ref().map(|g| format!("generated: {g}"))).or_else(|| c.identity.as_ref().map(|i| format!("identity {i}")));
                        html! {
                            <tr>
                                <th scope="row"><code>{ &c.name }</code>if let Some(text) = &c.comment { <span class="rl-column-comment">{ text }</span> }</th>
                                <td><code>{ &c.data_type }</code></td>
                                <td>{ if c.not_null { "no" } else { "yes" } }</td>
                                <td>{ marks.join(", ") }</td>
                                <td><code>{ value.unwrap_or_default() }</code></td>
                            </tr>
                        }
                    }) }
                </tbody>
            </table>
            <dl class="rl-list-facts">
                { facts("Keys", keys.collect()) }
                { facts("References", references.collect()) }
                { facts("Referenced by", referenced.collect()) }
                { facts("Indexes", indexes.collect()) }
                { facts("Checks", checks.collect()) }
                { facts("Policies", policies.collect()) }
                { facts("Triggers", triggers.collect()) }
            </dl>
        </>
    }
}

fn view(v: &ViewDetail) -> Html {
    html! {
        <dl class="rl-list-facts">
            { facts("Columns", v.columns.clone()) }
            { facts("Reads", v.reads.iter().map(|r| r.path.clone()).collect()) }
            { facts("Query", vec![v.query.clone()]) }
        </dl>
    }
}
