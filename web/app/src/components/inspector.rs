//! What is selected, in full: a table, a view, a finding, a rule; the project at large when nothing is.

use relata_app_state::state::{Inspected, Selection, View};
use relata_app_state::{Action, select, text};
use relata_protocol::{
    CheckDetail, ColumnDetail, FindingDetail, FindingsFilter, IndexDetail, KeyDetail, KeyKind, Location, PolicyDetail,
    ReferenceDetail, RelationKey, RelationLink, TableDetail, TableRow, TriggerDetail, ViewDetail,
};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::bits::{Button, FindingCard, Places, Sql, certainty, counts, fix, ident, prose, severity};
use super::icons::{Icon, icon};
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Inspector`] and its parts.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The inspector.
#[component]
pub(crate) fn Inspector(props: &Props) -> Html {
    let node = use_node_ref();
    let state = &props.state;
    {
        let node = node.clone();
        let column = (state.highlighted_column().map(str::to_owned), matches!(state.inspected, Inspected::Table(_)));
        use_effect_with(column, move |_| {
            if let Some(list) = node.cast::<HtmlElement>()
                && let Some(it) = browser::find(&list, "tr.is-selected")
            {
                browser::scroll_to(&list, &it, false);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let body = match &state.inspected {
        Inspected::Project => html! { <Project state={state.clone()} /> },
        Inspected::Waiting => html! { <p class="rl-empty" aria-busy="true">{ "Looking it up…" }</p> },
        Inspected::Table(t) => table(&page, state, t),
        Inspected::View(v) => view(&page, state, v),
        Inspected::Finding(f) => finding(&page, state, f),
        Inspected::Rule(name) => rule(&page, state, name),
        Inspected::Gone(message) => html! { <p class="rl-empty">{ message }</p> },
    };
    html! {
        <div class="rl-inspector" ref={node} tabindex="-1" data-testid="inspector">
            if state.selection.is_some() {
                <div class="rl-inspector-bar">
                    <Button icon={Icon::Back} label="Back" bare=true disabled={state.trail.is_empty()} onclick={page.act.reform(|()| Action::Back)} testid="back" />
                    <span class="rl-inspector-kind">{ heading_of(&state.inspected) }</span>
                    <Button icon={Icon::Close} label="Deselect" bare=true onclick={page.act.reform(|()| Action::Deselect)} testid="deselect" />
                </div>
            }
            { body }
        </div>
    }
}

fn heading_of(inspected: &Inspected) -> String {
    match inspected {
        Inspected::Table(t) => text::heading(select::kind(t.row.kind)),
        Inspected::View(v) => text::heading(select::kind(v.row.kind)),
        Inspected::Finding(_) => "Finding".to_owned(),
        Inspected::Rule(_) => "Rule".to_owned(),
        Inspected::Project | Inspected::Waiting | Inspected::Gone(_) => String::new(),
    }
}

#[component]
fn Project(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let Some(target) = state.target_info() else { return Html::default() };
    let score = &target.score;
    let has_score = !score.categories.is_empty();
    html! {
        <div class="rl-about" data-testid="project-summary">
            if let Some(reason) = &score.not_scored {
                <section>
                    <h3>{ "Not scored" }</h3>
                    <p data-testid="not-scored">{ format!("There is no score: {reason}.") }</p>
                </section>
            }
            if has_score {
                <section class="rl-scorecard" aria-label="Score">
                    <p class="rl-scorecard-total"><span class="rl-scorecard-grade">{ &score.grade }</span><span>{ format!("{} of 100", score.total) }</span></p>
                    <ul>
                        { for score.categories.iter().map(|c| html! {
                            <li>
                                <details>
                                    <summary>
                                        <span class="rl-scorecard-name">{ text::heading(&c.category) }</span>
                                        <meter min="0" max="100" value={c.score.to_string()} aria-label={format!("{} of 100", c.score)} />
                                        <span class="rl-scorecard-score">{ c.score }</span>
                                        <span class="rl-quiet rl-scorecard-weight">{ format!("{}\u{202f}%", c.weight) }</span>
                                    </summary>
                                    if c.deductions.is_empty() {
                                        <p class="rl-quiet">{ "Nothing took points." }</p>
                                    } else {
                                        <ul class="rl-deductions">
                                            { for c.deductions.iter().map(|d| {
                                                let filter = FindingsFilter { rules: vec![d.rule.clone()], ..FindingsFilter::default() };
                                                let act = page.act.clone();
                                                let onclick = Callback::from(move |_: MouseEvent| {
                                                    act.emit(Action::FilterFindings(filter.clone()));
                                                    act.emit(Action::Show(View::Findings));
                                                });
                                                html! {
                                                    <li>
                                                        <button type="button" class="rl-link" {onclick}><code>{ &d.rule }</code></button>
                                                        <span class="rl-quiet">{ text::counted(d.findings.into(), "finding") }</span>
                                                        <span class="rl-deduction">{ format!("−{}.{}", d.tenths / 10, d.tenths % 10) }</span>
                                                    </li>
                                                }
                                            }) }
                                        </ul>
                                    }
                                </details>
                            </li>
                        }) }
                    </ul>
                    <p class="rl-quiet rl-note">{ "Each category counts by its share. What took points opens with a click; the findings add up to the score exactly." }</p>
                </section>
            }
            if target.facts.iter().any(|f| f.count > 0) {
                <section>
                    <h3>{ "What is there" }</h3>
                    <dl class="rl-tallies-list">
                        { for target.facts.iter().filter(|f| f.count > 0).map(|f| html! {
                            <div><dd>{ text::count(f.count.into()) }</dd><dt>{ select::fact(&f.name, f.count) }</dt></div>
                        }) }
                    </dl>
                </section>
            }
            { habits(state) }
            <section>
                <h3>{ "How much was understood" }</h3>
                <p>
                    { format!("{}.", text::understood(target.coverage.understood.into(), target.coverage.statements.into())) }
                    if state.overview.problems > 0 {
                        { " " }
                        <button type="button" class="rl-link" onclick={page.act.reform(|_| Action::Show(View::Problems))}>
                            { format!("See {}", text::counted(state.overview.problems.into(), "problem")) }
                        </button>
                    }
                </p>
                if target.conflicts > 0 {
                    <p>{ format!("PostgreSQL would refuse {}.", text::counted(target.conflicts.into(), "statement")) }</p>
                }
            </section>
        </div>
    }
}

/// What the schema shows of its own habits, with the counts that say so.
fn habits(state: &Shared) -> Html {
    let habits = state.drawing.traits.as_ref().map(|t| t.habits.clone()).unwrap_or_default();
    if habits.is_empty() {
        return Html::default();
    }
    html! {
        <section data-testid="habits">
            <h3>{ "Habits" }</h3>
            <ul class="rl-items">
                { for habits.iter().map(|h| html! {
                    <li>
                        <div class="rl-item-main">{ text::heading(&h.purpose) }{ " " }<code>{ &h.column }</code></div>
                        <div class="rl-item-sub">{ format!("{} of {} have it", text::count(h.tables.into()), text::counted(h.of.into(), "table")) }</div>
                    </li>
                }) }
            </ul>
        </section>
    }
}

/// A titled part, left out when it is empty.
fn part(title: &str, n: usize, body: Html) -> Html {
    if n == 0 {
        return Html::default();
    }
    html! {
        <section class="rl-part">
            <h3>{ title }<span class="rl-quiet">{ text::count(n as u64) }</span></h3>
            { body }
        </section>
    }
}

fn line(state: &Shared, location: Location) -> Html {
    html! { <Places state={state.clone()} locations={vec![location]} short=true /> }
}

fn comment(text: Option<&String>) -> Html {
    text.map(|t| html! { <p class="rl-comment">{ t }</p> }).unwrap_or_default()
}

fn relation(page: &Page, link: &RelationLink) -> Html {
    let key = link.relation;
    html! {
        <button type="button" class="rl-link" onclick={page.act.reform(move |_| Action::Reveal(key))} data-testid="relation-link">
            { ident(&link.path) }
        </button>
    }
}

fn head(page: &Page, state: &Shared, row: &TableRow, about: Option<&String>, location: Location) -> Html {
    let key = row.relation;
    html! {
        <header class="rl-object">
            <h2 data-testid="inspector-title"><span class="rl-object-schema">{ &row.schema }</span>{ ident(&row.name) }</h2>
            { comment(about) }
            <div class="rl-object-bar">
                { counts(&row.findings) }
                { line(state, location) }
                <button type="button" class="rl-place" onclick={page.act.reform(move |_| Action::Reveal(key))} data-testid="show-in-diagram">
                    { icon(Icon::Target) }<span>{ "Diagram" }</span>
                </button>
            </div>
        </header>
    }
}

fn about(state: &Shared) -> Html {
    part(
        "Findings",
        state.about.len(),
        html! {
            <div class="rl-finding-list">
                { for state.about.iter().map(|row| html! { <FindingCard key={row.index} state={state.clone()} row={row.clone()} at_table=true /> }) }
            </div>
        },
    )
}

fn table(page: &Page, state: &Shared, t: &TableDetail) -> Html {
    let chosen = state.highlighted_column();
    html! {
        <>
            { head(page, state, &t.row, t.comment.as_ref(), t.location) }
            { origin(page, state, t.row.relation) }
            { about(state) }
            { part("Columns", t.columns.len(), html! {
                <table class="rl-columns" data-testid="columns">
                    <thead class="rl-hidden"><tr><th>{ "Key" }</th><th>{ "Name" }</th><th>{ "Type" }</th><th>{ "Source" }</th></tr></thead>
                    <tbody>{ for t.columns.iter().map(|c| column(page, state, t, c, chosen == Some(c.name.as_str()))) }</tbody>
                </table>
            }) }
            { part("Keys", t.keys.len(), html! { <ul class="rl-items">{ for t.keys.iter().map(|k| key(state, k)) }</ul> }) }
            { part("References", t.references.len(), html! { <ul class="rl-items">{ for t.references.iter().map(|r| reference(page, state, r, true)) }</ul> }) }
            { part("Referenced by", t.referenced_by.len(), html! { <ul class="rl-items">{ for t.referenced_by.iter().map(|r| reference(page, state, r, false)) }</ul> }) }
            { part("Indexes", t.indexes.len(), html! { <ul class="rl-items">{ for t.indexes.iter().map(|i| index(state, i)) }</ul> }) }
            { part("Checks", t.checks.len(), html! { <ul class="rl-items">{ for t.checks.iter().map(|c| check(state, c)) }</ul> }) }
            { security(state, t) }
            { part("Triggers", t.triggers.len(), html! { <ul class="rl-items">{ for t.triggers.iter().map(|x| trigger(state, x)) }</ul> }) }
            { partitioning(page, t) }
            { part("Inherits", t.inherits.len(), html! { <ul class="rl-items">{ for t.inherits.iter().map(|l| html! { <li>{ relation(page, l) }</li> }) }</ul> }) }
            { part("Read by views", t.used_by.len(), html! { <ul class="rl-items">{ for t.used_by.iter().map(|l| html! { <li>{ relation(page, l) }</li> }) }</ul> }) }
            { part("Storage", t.options.len(), html! { <ul class="rl-items">{ for t.options.iter().map(|(n, v)| html! { <li><code>{ format!("{n} = {v}") }</code></li> }) }</ul> }) }
        </>
    }
}

/// The revisions that made a table and changed it last.
fn origin(page: &Page, state: &Shared, key: RelationKey) -> Html {
    let origins = state.drawing.traits.as_ref().map(|t| t.origins.as_slice()).unwrap_or_default();
    let Some(origin) = origins.iter().find(|o| o.relation == key).filter(|_| state.has_history()) else {
        return Html::default();
    };
    let revision = |at: u32| {
        let act = page.act.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            act.emit(Action::GoTo(Some(at)));
            act.emit(Action::Show(View::History));
        });
        html! { <button type="button" class="rl-link" {onclick} data-testid="origin">{ ident(&state.revision_name(at)) }</button> }
    };
    html! {
        <p class="rl-origin">
            { "Made by " }{ revision(origin.made_by) }
            if origin.changed_by != origin.made_by { { ", last changed by " }{ revision(origin.changed_by) } }
        </p>
    }
}

fn column(page: &Page, state: &Shared, t: &TableDetail, c: &ColumnDetail, selected: bool) -> Html {
    let (key, name) = (t.row.relation, c.name.clone());
    let mark = if c.primary_key.is_some() {
        html! { <span title="Primary key">{ icon(Icon::Key) }<span class="rl-hidden">{ "primary key" }</span></span> }
    } else if !c.references.is_empty() {
        html! { <span title="Foreign key">{ icon(Icon::Link) }<span class="rl-hidden">{ "foreign key" }</span></span> }
    } else {
        Html::default()
    };
    let extra: Vec<String> = [
        c.default.as_ref().map(|d| format!("default {d}")),
        c.generated.as_ref().map(|g| format!("generated as {g}")),
        c.identity.as_ref().map(|i| if i == "serial" { "serial".to_owned() } else { format!("identity {i}") }),
        c.collation.as_ref().map(|x| format!("collate {x}")),
        c.unique.then(|| "unique".to_owned()).filter(|_| c.primary_key.is_none()),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        <tr class={classes!(selected.then_some("is-selected"), (!c.not_null).then_some("is-nullable"))} data-testid="column" data-name={c.name.clone()}>
            <td class="rl-column-mark">{ mark }</td>
            <td class="rl-column-name">
                <button type="button" class="rl-column-button" onclick={page.act.reform(move |_| Action::Select(Selection::Relation(key, Some(name.clone()))))}>
                    { ident(&c.name) }
                </button>
                if !extra.is_empty() { <code class="rl-column-extra" title={extra.join("; ")}>{ extra.join("; ") }</code> }
                if let Some(text) = &c.comment { <span class="rl-column-comment">{ text }</span> }
            </td>
            <td class="rl-column-type">
                <code title={if c.not_null { "NOT NULL" } else { "May be NULL" }}>{ &c.data_type }</code>
                if !c.not_null { <span class="rl-column-null">{ "null" }</span> }
            </td>
            <td class="rl-column-end">{ counts(&c.findings) }{ line(state, c.location) }</td>
        </tr>
    }
}

fn columns(names: &[String]) -> Html {
    html! { <code>{ format!("({})", names.join(", ")) }</code> }
}

fn key(state: &Shared, k: &KeyDetail) -> Html {
    let kind = match k.kind {
        KeyKind::PrimaryKey => "Primary key",
        KeyKind::Unique => "Unique",
        KeyKind::Exclude => "Exclude",
    };
    html! {
        <li>
            <div class="rl-item-main">{ kind }{ " " }{ columns(&k.columns) }
                if k.nulls_not_distinct { <span class="rl-tag">{ "nulls not distinct" }</span> }
                if !k.deferral.is_empty() { <span class="rl-tag">{ &k.deferral }</span> }
            </div>
            <div class="rl-item-sub">{ ident(&k.name) }{ line(state, k.location) }</div>
            { comment(k.comment.as_ref()) }
        </li>
    }
}

fn reference(page: &Page, state: &Shared, r: &ReferenceDetail, out: bool) -> Html {
    let (link, near, far) =
        if out { (&r.to, &r.from_columns, &r.to_columns) } else { (&r.from, &r.to_columns, &r.from_columns) };
    html! {
        <li data-testid="reference">
            <div class="rl-item-main">{ columns(near) }{ if out { " → " } else { " ← " } }{ relation(page, link) }{ columns(far) }</div>
            <div class="rl-item-sub">
                { ident(&r.name) }
                if r.on_delete != "NO ACTION" { <span class="rl-tag">{ format!("on delete {}", r.on_delete.to_lowercase()) }</span> }
                if r.on_update != "NO ACTION" { <span class="rl-tag">{ format!("on update {}", r.on_update.to_lowercase()) }</span> }
                if !r.mandatory { <span class="rl-tag">{ "optional" }</span> }
                if r.unique { <span class="rl-tag">{ "one to one" }</span> }
                if !r.indexed { <span class="rl-tag rl-tag-warn" title="No index begins with these columns">{ "no index" }</span> }
                if !r.validated { <span class="rl-tag rl-tag-warn">{ "not valid" }</span> }
                if !r.deferral.is_empty() { <span class="rl-tag">{ &r.deferral }</span> }
                { line(state, r.location) }
            </div>
            { comment(r.comment.as_ref()) }
        </li>
    }
}

fn index(state: &Shared, i: &IndexDetail) -> Html {
    html! {
        <li>
            <div class="rl-item-main">{ columns(&i.keys) }
                if !i.include.is_empty() { { " include " }{ columns(&i.include) } }
                if let Some(p) = &i.predicate { { " where " }<code>{ p }</code> }
            </div>
            <div class="rl-item-sub">
                { ident(&i.name) }
                if i.unique { <span class="rl-tag">{ "unique" }</span> }
                if i.method != "btree" { <span class="rl-tag">{ &i.method }</span> }
                if i.constraint.is_some() { <span class="rl-tag">{ "of a constraint" }</span> }
                if i.nulls_not_distinct { <span class="rl-tag">{ "nulls not distinct" }</span> }
                { line(state, i.location) }
            </div>
            { comment(i.comment.as_ref()) }
        </li>
    }
}

fn check(state: &Shared, c: &CheckDetail) -> Html {
    html! {
        <li>
            <div class="rl-item-main"><code>{ &c.expression }</code></div>
            <div class="rl-item-sub">{ ident(&c.name) }
                if !c.validated { <span class="rl-tag rl-tag-warn">{ "not valid" }</span> }
                { line(state, c.location) }
            </div>
            { comment(c.comment.as_ref()) }
        </li>
    }
}

fn security(state: &Shared, t: &TableDetail) -> Html {
    let (on, forced) = (t.row_security.enabled, t.row_security.forced);
    if !on && t.policies.is_empty() {
        return Html::default();
    }
    let said = match (on, forced) {
        (true, true) => "On, for the owner too.",
        (true, false) => "On; the owner is exempt.",
        (false, _) => "Off: these policies have no effect.",
    };
    html! {
        <section class="rl-part">
            <h3>{ "Row-level security" }<span class="rl-quiet">{ text::count(t.policies.len() as u64) }</span></h3>
            <p class={(!on).then_some("rl-warn")}>{ said }</p>
            <ul class="rl-items">{ for t.policies.iter().map(|p| policy(state, p)) }</ul>
        </section>
    }
}

fn policy(state: &Shared, p: &PolicyDetail) -> Html {
    html! {
        <li>
            <div class="rl-item-main">{ ident(&p.name) }{ format!(" for {} to {}", p.command.to_lowercase(), p.roles.join(", ")) }
                if !p.permissive { <span class="rl-tag">{ "restrictive" }</span> }
            </div>
            if let Some(using) = &p.using { <div class="rl-item-sql"><span>{ "using" }</span><code>{ using }</code></div> }
            if let Some(check) = &p.with_check { <div class="rl-item-sql"><span>{ "with check" }</span><code>{ check }</code></div> }
            <div class="rl-item-sub">{ line(state, p.location) }</div>
            { comment(p.comment.as_ref()) }
        </li>
    }
}

fn trigger(state: &Shared, x: &TriggerDetail) -> Html {
    html! {
        <li>
            <div class="rl-item-main">{ ident(&x.name) }</div>
            <div class="rl-item-sql"><code>{ &x.event }</code></div>
            <div class="rl-item-sub">
                { format!("{} → ", if x.for_each_row { "each row" } else { "each statement" }) }<code>{ &x.function }</code>
                if !x.state.is_empty() { <span class="rl-tag">{ &x.state }</span> }
                { line(state, x.location) }
            </div>
            if let Some(when) = &x.when { <div class="rl-item-sql"><span>{ "when" }</span><code>{ when }</code></div> }
            { comment(x.comment.as_ref()) }
        </li>
    }
}

fn partitioning(page: &Page, t: &TableDetail) -> Html {
    let Some(p) = &t.partitioning else { return Html::default() };
    html! {
        <section class="rl-part">
            <h3>{ "Partitioning" }<span class="rl-quiet">{ text::count(p.partitions.len() as u64) }</span></h3>
            if let Some(key) = &p.key { <p>{ "By " }<code>{ key }</code></p> }
            if let Some(parent) = &p.parent {
                <p>{ "Part of " }{ relation(page, parent) }if let Some(bound) = &p.bound { { ", " }<code>{ bound }</code> }</p>
            }
            <ul class="rl-items">{ for p.partitions.iter().map(|l| html! { <li>{ relation(page, l) }</li> }) }</ul>
        </section>
    }
}

fn view(page: &Page, state: &Shared, v: &ViewDetail) -> Html {
    html! {
        <>
            { head(page, state, &v.row, v.comment.as_ref(), v.location) }
            { about(state) }
            { part("Columns", v.columns.len(), html! { <p class="rl-view-columns">{ columns(&v.columns) }</p> }) }
            { part("Reads", v.reads.len(), html! { <ul class="rl-items">{ for v.reads.iter().map(|l| html! { <li>{ relation(page, l) }</li> }) }</ul> }) }
            { part("Read by", v.used_by.len(), html! { <ul class="rl-items">{ for v.used_by.iter().map(|l| html! { <li>{ relation(page, l) }</li> }) }</ul> }) }
            <section class="rl-part"><h3>{ "Query" }</h3><Sql what="Query" sql={v.query.clone()} /></section>
            { part("Indexes", v.indexes.len(), html! { <ul class="rl-items">{ for v.indexes.iter().map(|i| index(state, i)) }</ul> }) }
            { part("Triggers", v.triggers.len(), html! { <ul class="rl-items">{ for v.triggers.iter().map(|x| trigger(state, x)) }</ul> }) }
        </>
    }
}

fn finding(page: &Page, state: &Shared, f: &FindingDetail) -> Html {
    let row = &f.row;
    let name = row.rule.clone();
    let others: Vec<u32> = f.same_relation.iter().copied().take(12).collect();
    html! {
        <div class="rl-about" data-testid="finding-detail">
            <header class="rl-object">
                <p class="rl-object-bar">{ severity(row.severity) }{ certainty(row.certainty) }</p>
                <p class="rl-finding-message is-large">{ prose(&row.message) }</p>
            </header>
            <section class="rl-part">
                <h3>{ "Why it matters" }</h3>
                { match state.rule(&row.rule) {
                    Some(doc) => html! { <p>{ prose(&doc.why) }</p> },
                    None => html! { <p>{ prose(&f.summary) }</p> },
                } }
                <button type="button" class="rl-link" onclick={page.act.reform(move |_| Action::Select(Selection::Rule(name.clone())))}>
                    { "All about the rule " }<code>{ &row.rule }</code>
                </button>
            </section>
            if let Some(evidence) = &row.evidence { <section class="rl-part"><h3>{ "Evidence" }</h3><p>{ prose(evidence) }</p></section> }
            if let Some(f) = &row.fix { <section class="rl-part"><h3>{ "Fix" }</h3>{ fix(f) }</section> }
            <section class="rl-part">
                <h3>{ "Where" }</h3>
                <Places state={state.clone()} locations={row.locations.clone()} />
                <ul class="rl-items">
                    { for row.objects.iter().map(|o| html! { <li><span class="rl-quiet">{ &o.kind }</span>{ " " }{ ident(&o.path) }</li> }) }
                </ul>
                if let Some(key) = row.relation {
                    <button type="button" class="rl-place" onclick={page.act.reform(move |_| Action::Reveal(key))} data-testid="show-in-diagram">
                        { icon(Icon::Target) }<span>{ "Show in the diagram" }</span>
                    </button>
                }
            </section>
            if !others.is_empty() {
                <section class="rl-part">
                    <h3>{ "Also found there" }<span class="rl-quiet">{ text::count(f.same_relation.len() as u64) }</span></h3>
                    <p class="rl-chip-row">
                        { for others.iter().map(|i| {
                            let i = *i;
                            let label = state.findings.rows.iter().find(|r| r.index == i).map_or_else(|| format!("Finding {}", i + 1), |r| r.rule.clone());
                            html! { <Button label={label} onclick={page.act.reform(move |()| Action::Select(Selection::Finding(i)))} /> }
                        }) }
                    </p>
                </section>
            }
        </div>
    }
}

fn rule(page: &Page, state: &Shared, name: &str) -> Html {
    let filter = FindingsFilter { rules: vec![name.to_owned()], ..FindingsFilter::default() };
    let act = page.act.clone();
    let show = Callback::from(move |()| {
        act.emit(Action::FilterFindings(filter.clone()));
        act.emit(Action::Show(View::Findings));
    });
    let example = |sql: &String| html! { <li><pre tabindex="0"><code>{ marked(sql) }</code></pre></li> };
    html! {
        <div class="rl-about" data-testid="rule-detail">
            <header class="rl-object"><h2><code>{ name.to_owned() }</code></h2></header>
            { match state.rule(name) {
                None => html! { <p>{ "The prose about this rule is missing from this copy of the page." }</p> },
                Some(doc) => html! {
                    <>
                        <p class="rl-object-bar">{ severity(doc.severity) }{ certainty(doc.certainty) }<span class="rl-quiet">{ text::heading(&doc.category) }</span></p>
                        <p class="rl-finding-message is-large">{ prose(&doc.summary) }</p>
                        <section class="rl-part"><h3>{ "Why it matters" }</h3><p>{ prose(&doc.why) }</p></section>
                        { part("Flagged", doc.bad.len(), html! { <ul class="rl-examples">{ for doc.bad.iter().map(example) }</ul> }) }
                        { part("Left alone", doc.good.len(), html! { <ul class="rl-examples">{ for doc.good.iter().map(example) }</ul> }) }
                    </>
                },
            } }
            <Button icon={Icon::List} label="Its findings" onclick={show} />
        </div>
    }
}

/// An example with what the finding points at marked.
fn marked(sql: &str) -> Html {
    sql.split('«')
        .enumerate()
        .map(|(i, piece)| match piece.split_once('»') {
            Some((mark, rest)) if i > 0 => html! { <><mark>{ mark }</mark>{ rest }</> },
            _ => html! { { piece } },
        })
        .collect()
}
