//! The dialogs: why nothing leaves the tab, the keys, what was detected, more files.

use relata_app_state::state::Dialog;
use relata_app_state::{Action, select, text};
use relata_protocol::{DIALECTS, LAYOUTS, TargetInfo};
use wasm_bindgen::JsCast;
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::arrangement::Arrangement;
use super::bits::{Button, acting, ident, prose};
use super::icons::Icon;
use super::modal::Modal;
use super::pickers::Pickers;
use crate::app::{Page, Shared};
use crate::services::{browser, folder};

/// Properties of [`Dialogs`].
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Shared,
}

/// The dialog that is open.
#[component]
pub(crate) fn Dialogs(props: &Props) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let on_close = page.act.reform(|()| Action::CloseDialog);
    let state = props.state.clone();
    match props.state.dialog {
        Some(Dialog::Privacy) => html! {
            <Modal title="Nothing leaves this tab" testid="dialog-privacy" {on_close}>{ privacy(&page, &state) }</Modal>
        },
        Some(Dialog::Shortcuts) => html! {
            <Modal title="Keys" testid="dialog-keys" {on_close}>{ shortcuts() }</Modal>
        },
        Some(Dialog::Target) => html! {
            <Modal title="What was found" testid="dialog-target" {on_close}><Target {state} /></Modal>
        },
        Some(Dialog::Add) => html! {
            <Modal title="Files of this project" testid="dialog-files" {on_close}><Add {state} /></Modal>
        },
        Some(Dialog::Arrangement) => html! {
            <Modal title="Arrangement of the diagram" testid="dialog-arrangement" {on_close}><Arrangement {state} /></Modal>
        },
        None => Html::default(),
    }
}

fn privacy(page: &Page, state: &Shared) -> Html {
    html! {
        <div class="rl-prose">
            <p>{ "Your files are read by code that runs inside this tab. There is no server behind it to send them to." }</p>
            <h3>{ "You need not take our word for it" }</h3>
            <ul>
                <li>
                    { "The page carries a " }<strong>{ "content security policy" }</strong>
                    { " that the browser enforces: scripts, connections, images and forms may only go to the address that the page came from. It is the first line of the page's source (" }
                    <code>{ "connect-src 'self'" }</code>{ ", " }<code>{ "form-action 'none'" }</code>{ ")." }
                </li>
                <li>{ "Open the browser's network panel and drop a file: after the page has said that it is ready there is not one request." }</li>
                <li>{ "Load the page, go offline, and use it. Everything works." }</li>
                <li>{ "What is kept between visits is kept in this browser's own storage: the theme, the size of the panels, arrangements of diagrams, and the files of the last few projects, so that a reload loses nothing." }</li>
            </ul>
            if let Some(why) = &state.not_kept { <p class="rl-caution">{ why }</p> }
            <Button icon={Icon::Trash} label="Forget everything" onclick={page.act.reform(|()| Action::Forget)} testid="forget" />
        </div>
    }
}

fn shortcuts() -> Html {
    let command = if browser::is_apple() { "⌘" } else { "Ctrl" };
    let search = format!("{command} K");
    let undo = format!("{command} Z");
    let redo = format!("{command} Shift Z");
    let mark = format!("{command} click");
    let keys: [(&str, &[&str]); 25] = [
        ("Search everything, and do anything", &[&search, "/"]),
        ("Undo, redo a change of the diagram", &[&undo, &redo]),
        ("These keys", &["?"]),
        ("Close what is open", &["Esc"]),
        ("To the nearest table (in the diagram)", &["←", "↑", "↓", "→"]),
        ("Open the selected table", &["Enter"]),
        ("Move the diagram", &["Shift ←", "Shift ↑", "Shift ↓", "Shift →"]),
        ("Closer, farther", &["+", "−"]),
        ("Show everything", &["0"]),
        ("Go to the selected table", &["."]),
        ("Focus the table with neighbours 1, 2, 3 references away", &["1", "2", "3"]),
        ("Focus, and leave it", &["F"]),
        ("Path to another table", &["P", "Shift click"]),
        ("Hide the table", &["H"]),
        ("Collapse or expand it", &["C"]),
        ("Pin or unpin it", &["T"]),
        ("Move it", &["Alt ←", "Alt ↑", "Alt ↓", "Alt →"]),
        ("Mark it, to act on several", &["M", &mark]),
        ("Group what is marked", &["G"]),
        ("Fold or unfold a cluster", &["double click"]),
        ("Revision before, after (in the history)", &["↑", "↓"]),
        ("See the diagram as of the revision", &["Enter"]),
        ("Next pane", &["Tab"]),
        ("Resize a panel (on its edge)", &["←", "→"]),
        ("Analyse (in the editor)", &[if command == "⌘" { "⌘ ↵" } else { "Ctrl ↵" }]),
    ];
    html! {
        <dl class="rl-keys">
            { for keys.iter().map(|(what, keys)| html! {
                <div><dt>{ what }</dt><dd>{ for keys.iter().map(|k| html! { <kbd>{ k }</kbd> }) }</dd></div>
            }) }
        </dl>
    }
}

/// Properties of the dialogs that need the state.
#[derive(Properties, PartialEq)]
struct Inner {
    state: Shared,
}

#[component]
fn Target(props: &Inner) -> Html {
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let state = &props.state;
    let Some(target) = state.target_info() else { return Html::default() };
    let choose = |action: fn(Option<String>) -> Action| {
        acting(&page.act, move |e: Event| {
            let value = e.target()?.dyn_into::<HtmlSelectElement>().ok()?.value();
            Some(action((!value.is_empty()).then_some(value)))
        })
    };
    let set = choose(|version| Action::SetServerVersion(version.and_then(|v| v.parse().ok())));
    let options = &state.options;
    let found = |now: bool, what: &str| if now { format!("as recognised: {what}") } else { "as recognised".to_owned() };
    let layout = format!("{}{}", select::layout(&target.layout), if target.layout_guessed { " (guess)" } else { "" });
    let now = state.options.server_version;
    html! {
        <div class="rl-prose">
            if state.overview.targets.len() > 1 {
                <h3>{ "Schemas in this project" }</h3>
                <ul class="rl-plain">
                    { for state.overview.targets.iter().enumerate().map(|(i, t)| {
                        let n = u32::try_from(i).unwrap_or(u32::MAX);
                        html! {
                            <li><Button label={described(t)} pressed={Some(n == state.target)}
                                onclick={page.act.reform(move |()| Action::ChooseTarget(n))} /></li>
                        }
                    }) }
                </ul>
            }
            <dl class="rl-facts">
                <div><dt>{ "Kind" }</dt><dd>{ text::heading(&target.role) }</dd></div>
                <div><dt>{ "Dialect" }</dt><dd>
                    <select onchange={choose(Action::SetDialect)} aria-label="Dialect" data-testid="dialect">
                        <option value="" selected={options.dialect.is_none()}>{ found(options.dialect.is_none(), select::dialect(&target.dialect)) }</option>
                        { for DIALECTS.map(|d| html! {
                            <option value={d} selected={options.dialect.as_deref() == Some(d)}>{ select::dialect(d) }</option>
                        }) }
                    </select>
                </dd></div>
                <div><dt>{ "Layout" }</dt><dd>
                    <select onchange={choose(Action::SetLayout)} aria-label="Layout" data-testid="layout">
                        <option value="" selected={options.layout.is_none()}>{ found(options.layout.is_none(), &layout) }</option>
                        { for LAYOUTS.map(|l| html! {
                            <option value={l} selected={options.layout.as_deref() == Some(l)}>{ select::layout(l) }</option>
                        }) }
                    </select>
                </dd></div>
                <div><dt>{ "Files" }</dt><dd>{ text::count(target.files.len() as u64) }</dd></div>
                <div><dt>{ "Scope" }</dt><dd>
                    <select onchange={choose(|part| Action::SetPartial(part.is_some()))} aria-label="Scope" data-testid="scope">
                        <option value="" selected={!options.partial}>{ "the whole schema" }</option>
                        <option value="part" selected={options.partial}>{ "a part: the database is there already" }</option>
                    </select>
                </dd></div>
                <div><dt>{ "Server version" }</dt><dd>
                    <select onchange={set} aria-label="Server version" data-testid="server-version">
                        <option value="" selected={now.is_none()}>
                            { match target.server_version {
                                0 => "not known".to_owned(),
                                version if now.is_none() => format!("as found: {version}"),
                                _ => "as found".to_owned(),
                            } }
                        </option>
                        { for (10_u16..=18).rev().map(|v| html! {
                            <option value={v.to_string()} selected={now == Some(v)}>{ v }</option>
                        }) }
                    </select>
                </dd></div>
            </dl>
            if !target.layout_evidence.is_empty() || target.layout_guessed {
                <p data-testid="layout-evidence">
                    { prose(&format!("The layout was told by {}.", if target.layout_evidence.is_empty() { "the files' names" } else { &target.layout_evidence })) }
                    if target.layout_guessed { { " Other tools leave the same signs, so this is a guess: choose the tool if it is another one." } }
                </p>
            }
            <p class="rl-quiet">{ "The version comes from the dump's own header, or is the newest that Relata knows. Choosing another one analyses anew." }</p>
        </div>
    }
}

/// A target among several: what it is, and how large.
fn described(target: &TargetInfo) -> String {
    let tables = target.facts.iter().find(|fact| fact.name == "tables").map_or(0, |fact| fact.count);
    let files = text::counted(target.files.len() as u64, "file");
    format!("{} ({}, {}, {files})", target.id, select::dialect(&target.dialect), text::counted(tables.into(), "table"))
}

#[component]
fn Add(props: &Inner) -> Html {
    let draft = use_state(String::new);
    let Some(page) = use_context::<Page>() else { return Html::default() };
    let oninput = {
        let draft = draft.clone();
        Callback::from(move |e: InputEvent| {
            if let Some(area) = e.target().and_then(|t| t.dyn_into::<HtmlTextAreaElement>().ok()) {
                draft.set(area.value());
            }
        })
    };
    let add = {
        let draft = draft.clone();
        page.text.reform(move |_: MouseEvent| ((*draft).clone(), true))
    };
    let follow = {
        let page = page.clone();
        Callback::from(move |()| {
            page.follow.emit(());
            page.act.emit(Action::CloseDialog);
        })
    };
    let edit = |name: String| {
        let act = page.act.clone();
        Callback::from(move |()| {
            act.emit(Action::CloseDialog);
            act.emit(Action::Edit(name.clone()));
        })
    };
    html! {
        <div class="rl-prose">
            <ul class="rl-files rl-files-edit">
                { for props.state.given.iter().map(|g| {
                    let name = g.name.clone();
                    html! {
                        <li>
                            { ident(&g.name) }
                            <span class="rl-quiet">{ if g.left_out { "left out".to_owned() } else { text::bytes(g.size) } }</span>
                            <Button icon={Icon::Pen} bare=true label={format!("Edit {}", g.name)} testid="edit-file" onclick={edit(g.name.clone())} />
                            <Button icon={Icon::Trash} bare=true label={format!("Remove {}", g.name)} testid="remove-file"
                                onclick={page.act.reform(move |()| Action::RemoveFile(name.clone()))} />
                        </li>
                    }
                }) }
            </ul>
            if let Some(name) = &props.state.following {
                <p data-testid="following">
                    { format!("Following the folder {name}: files that change on disk are analysed again. ") }
                    <Button label="Stop following" onclick={page.act.reform(|()| Action::Follow(None))} testid="unfollow" />
                </p>
            }
            if folder::is_possible() {
                <p>
                    <Button icon={Icon::Follow} label={if props.state.following.is_some() { "Follow another folder" } else { "Follow a folder" }} onclick={follow} testid="follow-folder" />
                    <span class="rl-quiet">{ " Its files take the place of these, and are analysed again whenever they change on disk." }</span>
                </p>
            }
            if let Some(why) = &props.state.not_kept { <p class="rl-caution" data-testid="not-kept">{ why }</p> }
            <h3>{ "Add more" }</h3>
            <Pickers add=true />
            <textarea class="rl-editor rl-editor-small" spellcheck="false" placeholder="or paste SQL here" aria-label="SQL to add"
                value={(*draft).clone()} {oninput} />
            <button type="button" class="rl-button" disabled={draft.trim().is_empty()} onclick={add}>{ "Add the pasted SQL" }</button>
        </div>
    }
}
