//! The bar: what the project is, how it fares, where to go, what to take along.

use relata_app_state::prefs::{Panel, Theme};
use relata_app_state::state::{Dialog, View};
use relata_app_state::{Action, select, text};
use relata_protocol::{DiagramFormat, FindingsFilter, ReportFormat, Severity};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::bits::Button;
use super::icons::{Icon, icon, mark, severity_shape};
use crate::app::{Page, Shared};
use crate::services::browser;

/// Properties of [`Topbar`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The bar.
#[component]
pub(crate) fn Topbar(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let target = state.target_info();
    let several = state.overview.targets.len() > 1;
    let command = if browser::is_apple() { "⌘ K" } else { "Ctrl K" };
    let theme = state.prefs.theme;
    let toggle_theme = page
        .act
        .reform(move |()| Action::SetTheme(theme.toggled(browser::matches_media("(prefers-color-scheme: dark)"))));
    let view = |v: View| {
        let here = state.view == v;
        let badge = match v {
            View::Findings => Some(state.overview.findings.total()),
            View::Problems => Some(state.overview.problems),
            View::Diagram | View::List | View::History | View::Report => None,
        };
        html! {
            <button type="button" class="rl-tab" aria-current={here.then_some("page")} data-testid={format!("view-{}", v.name().to_lowercase())}
                onclick={page.act.reform(move |_| Action::Show(v))}>
                <span>{ v.name() }</span>
                if let Some(n) = badge.filter(|n| *n > 0) { <span class="rl-badge">{ text::count(n.into()) }</span> }
            </button>
        }
    };
    // A schema without a history has no view of one.
    let views =
        View::ALL.into_iter().filter(|v| *v != View::History || state.has_history() || state.view == View::History);
    let severity = |s: Severity| {
        let n = state.overview.findings.of(s);
        let filter = FindingsFilter { severities: vec![s], ..FindingsFilter::default() };
        let act = page.act.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            act.emit(Action::FilterFindings(filter.clone()));
            act.emit(Action::Show(View::Findings));
        });
        html! {
            <button type="button" class="rl-tally" disabled={n == 0} {onclick} title={format!("{n} {}", s.name())} data-testid={format!("tally-{}", s.name())}>
                { severity_shape(s) }<span>{ text::count(n.into()) }</span><span class="rl-hidden">{ format!(" {}", s.name()) }</span>
            </button>
        }
    };
    // Without an amount the bar says only that something goes on.
    let busy = state.analysing.as_ref().and_then(select::share).map(|share| share.to_string());
    html! {
        <header class="rl-topbar">
            if state.analysing.is_some() { <progress class="rl-busy" aria-label="Analysing the files as they are now" max="1" value={busy} data-testid="busy" /> }
            <h1 class="rl-hidden">{ format!("Relata: {}", state.project_name()) }</h1>
            <div class="rl-project">
                { mark() }
                <button type="button" class="rl-project-name" title="Files of this project" data-testid="project"
                    onclick={page.act.reform(|_| Action::OpenDialog(Dialog::Add))}>{ state.project_name() }</button>
                if let Some(t) = target {
                    <button type="button" class="rl-project-target" data-testid="target"
                        title={if several { "What was found; click to see another schema, or to correct" } else { "What was found; click to correct" }}
                        onclick={page.act.reform(|_| Action::OpenDialog(Dialog::Target))}>
                        if several {
                            <b>{ format!("{} of {}", state.target + 1, state.overview.targets.len()) }</b>{ " · " }
                        }
                        { format!("{} · {}{}", select::database(&t.dialect, t.server_version), select::layout(&t.layout), if t.layout_guessed { " (guess)" } else { "" }) }
                    </button>
                }
            </div>
            <nav class="rl-tabs" aria-label="Views">{ for views.map(view) }</nav>
            <div class="rl-topbar-end">
                if let Some(t) = target {
                    if let Some(reason) = &t.score.not_scored {
                        <button type="button" class="rl-score" data-testid="score" title={format!("Not scored: {reason}")}
                            onclick={page.act.reform(|_| Action::Deselect)}>
                            <span>{ "not scored" }</span>
                        </button>
                    } else if !t.score.grade.trim().is_empty() && t.score.grade != "\0" {
                        <button type="button" class="rl-score" data-testid="score" title={format!("Score {} of 100: show what it is made of", t.score.total)}
                            onclick={page.act.reform(|_| Action::Deselect)}>
                            <span class="rl-score-grade">{ &t.score.grade }</span><span>{ t.score.total }</span>
                        </button>
                    }
                }
                <div class="rl-tallies" role="group" aria-label="Findings by severity">{ for Severity::ALL.map(severity) }</div>
                <button type="button" class="rl-search-button" data-testid="search" onclick={page.act.reform(|_| Action::OpenPalette)}>
                    { icon(Icon::Search) }<span>{ "Search" }</span><kbd>{ command }</kbd>
                </button>
                <ExportMenu />
                <Button icon={Icon::Sun} label={if theme == Theme::Dark { "Light theme" } else { "Change theme" }} bare=true onclick={toggle_theme} testid="theme" />
                <Button icon={Icon::Left} label="Show or hide the list of tables" bare=true class="rl-wide-only"
                    pressed={Some(!state.prefs.is_hidden(Panel::Left))} onclick={page.act.reform(|()| Action::TogglePanel(Panel::Left))} testid="toggle-left" />
                <Button icon={Icon::Right} label="Show or hide the inspector" bare=true class="rl-wide-only"
                    pressed={Some(!state.prefs.is_hidden(Panel::Right))} onclick={page.act.reform(|()| Action::TogglePanel(Panel::Right))} testid="toggle-right" />
                <Button icon={Icon::Help} label="Keys" bare=true class="rl-wide-only" onclick={page.act.reform(|()| Action::OpenDialog(Dialog::Shortcuts))} testid="keys" />
                <Button icon={Icon::Close} label="Close this project" bare=true onclick={page.act.reform(|()| Action::Close)} testid="close-project" />
            </div>
        </header>
    }
}

/// What can be taken along.
#[component]
fn ExportMenu() -> Html {
    let open = use_state(|| false);
    let menu = use_node_ref();
    {
        let menu = menu.clone();
        use_effect_with(*open, move |open| {
            if *open
                && let Some(first) = menu.cast::<HtmlElement>().and_then(|m| browser::focusable(&m).into_iter().nth(1))
            {
                browser::focus(&first);
            }
        });
    }
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let toggle = {
        let open = open.clone();
        Callback::from(move |()| open.set(!*open))
    };
    let onfocusout = {
        let (open, menu) = (open.clone(), menu.clone());
        Callback::from(move |e: FocusEvent| {
            let to = e.related_target().and_then(|t| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(t).ok());
            if !menu.cast::<HtmlElement>().is_some_and(|m| m.contains(to.as_ref())) {
                open.set(false);
            }
        })
    };
    let onkeydown = {
        let (open, menu) = (open.clone(), menu.clone());
        Callback::from(move |e: KeyboardEvent| {
            let Some(root) = menu.cast::<HtmlElement>() else { return };
            let inside = browser::focusable(&root);
            let step: i32 = match e.key().as_str() {
                "ArrowDown" => 1,
                "ArrowUp" => -1,
                "Escape" => {
                    if *open {
                        e.stop_propagation();
                        open.set(false);
                        if let Some(first) = inside.first() {
                            browser::focus(first);
                        }
                    }
                    return;
                }
                _ => return,
            };
            e.prevent_default();
            let now = browser::focused(&root);
            let at = inside.iter().position(|x| Some(x) == now.as_ref()).unwrap_or(0);
            let n = i32::try_from(inside.len()).unwrap_or(1).max(1);
            let next = (i32::try_from(at).unwrap_or(0) + step).rem_euclid(n);
            if let Some(target) = usize::try_from(next).ok().and_then(|i| inside.get(i)) {
                browser::focus(target);
            }
        })
    };
    let item = |label: &'static str, testid: &'static str, action: Action| {
        let (act, open) = (page.act.clone(), open.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            open.set(false);
            act.emit(action.clone());
        });
        html! { <button type="button" role="menuitem" class="rl-menu-item" data-testid={testid} {onclick}>{ label }</button> }
    };
    html! {
        <div class="rl-menu-anchor" ref={menu} {onfocusout} {onkeydown}>
            <button type="button" class="rl-button rl-button-bare" aria-haspopup="menu" aria-expanded={open.to_string()} aria-label="Export" title="Export"
                data-testid="export" onclick={toggle.reform(|_: MouseEvent| ())}>{ icon(Icon::Export) }</button>
            if *open {
                <div class="rl-menu" role="menu" aria-label="Export">
                    <div class="rl-menu-title" role="presentation">{ "Report" }</div>
                    { item("Markdown", "export-markdown", Action::SaveReport(ReportFormat::Markdown)) }
                    { item("HTML", "export-html", Action::SaveReport(ReportFormat::Html)) }
                    { item("JSON", "export-json", Action::SaveReport(ReportFormat::Json)) }
                    { item("SARIF", "export-sarif", Action::SaveReport(ReportFormat::Sarif)) }
                    { item("Plain text", "export-report-text", Action::SaveReport(ReportFormat::Text)) }
                    { item("Copy for a pull request", "copy-pull-request", Action::CopyPullRequest) }
                    <div class="rl-menu-title" role="presentation">{ "Migrations" }</div>
                    { item("Repairs of the findings", "export-fix", Action::SaveFix(Vec::new())) }
                    { item("The whole schema", "export-schema", Action::SaveSchema) }
                    <div class="rl-menu-title" role="presentation">{ "This analysis" }</div>
                    { item("One file, with its sources", "export-one-file", Action::SaveReport(ReportFormat::OneFile)) }
                    { for page.share.clone().map(|share| {
                        let open = open.clone();
                        let onclick = Callback::from(move |_: MouseEvent| {
                            open.set(false);
                            share.emit(());
                        });
                        html! { <button type="button" role="menuitem" class="rl-menu-item" data-testid="share" {onclick}>{ "Copy a link to it" }</button> }
                    }) }
                    <div class="rl-menu-title" role="presentation">{ "Diagram" }</div>
                    { item("SVG", "export-svg", Action::ExportDiagram(DiagramFormat::Svg)) }
                    <div class="rl-menu-row" role="presentation">
                        <span aria-hidden="true">{ "PNG" }</span>
                        { for [(1, "1×", "export-png-1"), (2, "2×", "export-png-2"), (3, "3×", "export-png-3"), (4, "4×", "export-png-4")].map(|(scale, label, id)| item(label, id, Action::ExportPicture(scale))) }
                    </div>
                    { item("Print or PDF", "export-print", Action::PrintDiagram) }
                    { item("Mermaid", "export-mermaid", Action::ExportDiagram(DiagramFormat::Mermaid)) }
                    { item("DBML", "export-dbml", Action::ExportDiagram(DiagramFormat::Dbml)) }
                    { item("PlantUML", "export-plantuml", Action::ExportDiagram(DiagramFormat::PlantUml)) }
                    { item("Plain text", "export-text", Action::ExportDiagram(DiagramFormat::Text)) }
                </div>
            }
        </div>
    }
}
