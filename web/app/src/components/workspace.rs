//! The workspace: bar, tree, main view, inspector, source; one pane at a time where it is narrow.

use relata_app_state::Action;
use relata_app_state::prefs::Panel;
use relata_app_state::state::{Pane, View};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::diagram::Diagram;
use super::editor::Editor;
use super::findings::FindingsView;
use super::history::HistoryView;
use super::icons::{Icon, icon};
use super::inspector::Inspector;
use super::list::ListView;
use super::problems::Problems;
use super::report::Report;
use super::resizer::Resizer;
use super::source::SourcePanel;
use super::timebar::TimeBar;
use super::topbar::Topbar;
use super::tree::Tree;
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Workspace`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
    /// The part that gets the focus.
    pub(crate) main: NodeRef,
}

/// The workspace.
#[component]
pub(crate) fn Workspace(props: &Props) -> Html {
    let root = use_node_ref();
    let state = props.state.clone();
    let sizes = [Panel::Left, Panel::Right, Panel::Bottom].map(|p| state.prefs.size(p));
    {
        let root = root.clone();
        use_effect_with(sizes, move |sizes| {
            if let Some(root) = root.cast::<HtmlElement>() {
                for (name, size) in ["--rl-left", "--rl-right", "--rl-bottom"].iter().zip(sizes) {
                    browser::set_style(&root, name, &format!("{size}px"));
                }
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let pane = match state.pane {
        Pane::Tree => "tree",
        Pane::Main => "main",
        Pane::Inspector => "inspector",
        Pane::Source => "source",
    };
    let [left, right, bottom] = sizes;
    // Findings and report are read, not looked up: the list of tables makes room for them.
    let with_tree = !state.prefs.is_hidden(Panel::Left) && matches!(state.view, View::Diagram | View::List);
    let with_inspector = !state.prefs.is_hidden(Panel::Right) && !matches!(state.view, View::Report | View::History);
    let bottom_open = state.source.open || state.editing.is_some();
    let tab = |to: Pane, label: &'static str, kind: Icon| {
        let here = state.pane == to;
        html! {
            <button type="button" aria-current={here.then_some("true")} onclick={page.act.reform(move |_| Action::ShowPane(to))}
                data-testid={format!("pane-{}", label.to_lowercase())}>
                { icon(kind) }<span>{ label }</span>
            </button>
        }
    };
    html! {
        <div ref={root} class={classes!("rl-workspace", format!("rl-pane-{pane}"))} data-testid="workspace"
            data-tree={with_tree.to_string()} data-inspector={with_inspector.to_string()} data-source={bottom_open.to_string()} data-analysing={state.analysing.is_some().to_string()}>
            <Topbar state={state.clone()} />
            <nav class="rl-side rl-tree-side" aria-label="Files and tables">
                <Tree state={state.clone()} />
            </nav>
            <main class="rl-main" ref={props.main.clone()} tabindex="-1" aria-label={state.view.name()}>
                if with_tree { <Resizer panel={Panel::Left} size={left} /> }
                <TimeBar state={state.clone()} />
                <div class="rl-view" hidden={state.view != View::Diagram}><Diagram state={state.clone()} /></div>
                if state.view == View::List { <ListView state={state.clone()} /> }
                if state.view == View::Findings { <FindingsView state={state.clone()} /> }
                if state.view == View::History { <HistoryView state={state.clone()} /> }
                if state.view == View::Report { <Report state={state.clone()} /> }
                if state.view == View::Problems { <Problems state={state.clone()} /> }
                if with_inspector { <Resizer panel={Panel::Right} size={right} /> }
            </main>
            <aside class="rl-side rl-inspector-side" aria-label="Inspector">
                <Inspector state={state.clone()} />
            </aside>
            if bottom_open {
                <section class="rl-source-side" aria-label="Source">
                    <Resizer panel={Panel::Bottom} size={bottom} />
                    if let Some(editing) = &state.editing {
                        <Editor key={editing.file.clone()} state={state.clone()} />
                    } else {
                        <SourcePanel state={state.clone()} />
                    }
                </section>
            }
            <nav class="rl-switch" aria-label="Panes">
                { tab(Pane::Tree, "Tables", Icon::List) }
                { tab(Pane::Main, state.view.name(), Icon::Table) }
                { tab(Pane::Inspector, "Details", Icon::Right) }
                if bottom_open { { tab(Pane::Source, "Source", Icon::Code) } }
            </nav>
        </div>
    }
}
