//! The root component: holds the state, carries out effects, listens to keys, paste and drops on the page's own element.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use gloo::events::EventListener;
use relata_app_state::keeping::Turns;
use relata_app_state::prefs::{Prefs, Theme};
use relata_app_state::state::workspace::{MAX_EDIT, Offer};
use relata_app_state::state::{Dialog, Given, Phase, View};
use relata_app_state::{Action, Effect, State, intake};
use relata_protocol::{RuleDoc, RuleDocs};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, HtmlElement};
use yew::prelude::*;

use crate::components::{
    crashed::Crashed, dialogs::Dialogs, drop::DropOverlay, landing::Landing, nothing::Nothing, palette::PaletteDialog,
    progress::Working, workspace::Workspace,
};
use crate::config::{Config, SAMPLES};
use crate::services::browser::{self, Found};
use crate::services::files::{self, Files};
use crate::services::folder::{self, Changes, Folder};
use crate::services::keep::{self, Kept};
use crate::services::picture;
use crate::services::worker::{Engine, Heard};

/// After how long without a move a hand counts as resting, in milliseconds.
const REST: u32 = 180;
/// How long changes gather before the project is kept anew, in milliseconds.
const SOON: u32 = 400;

/// A state that is compared by identity: cheap for every component to hold.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Rc<State>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for Shared {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

/// What components may ask for beyond actions on the state.
#[derive(Clone, PartialEq)]
pub(crate) struct Page {
    /// An action.
    pub(crate) act: Callback<Action>,
    /// Files were found; the flag adds them to those that are there.
    pub(crate) found: Callback<(Vec<Found>, bool)>,
    /// Text was pasted or typed.
    pub(crate) text: Callback<(String, bool)>,
    /// A sample was chosen.
    pub(crate) sample: Callback<&'static str>,
    /// Text is to go on the clipboard, under a name for the user.
    pub(crate) copy: Callback<(String, String)>,
    /// A local folder is to be chosen and followed.
    pub(crate) follow: Callback<()>,
    /// The project of an earlier visit is to be opened.
    pub(crate) resume: Callback<String>,
    /// A link to what is shown is wanted; `None` where the page was not told how to make one.
    pub(crate) share: Option<Callback<()>>,
    /// The element with the root class.
    pub(crate) host: HtmlElement,
}

/// What the app is mounted with.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) config: Rc<Config>,
}

/// What the root hears.
pub(crate) enum Msg {
    Act(Action),
    Heard(Heard),
    Found(Vec<Found>, bool),
    Text(String, bool),
    Sample(&'static str),
    Copy(String, String),
    Fetched(Option<String>, BTreeMap<String, String>),
    Unpacked(String, Blob),
    Follow,
    /// A folder was chosen and looked through; `None` when the user thought better of it.
    Followed(Result<Option<(Folder, Changes)>, String>),
    /// The folder followed under this number is to be looked through again.
    Look(u32),
    Looked(u32, Result<Changes, String>),
    Resume(String),
    Kept(Box<Kept>),
    KeepNow,
    /// Keeping that was begun under this number is over; these copies were to be written and were not.
    WasKept(u32, BTreeSet<String>),
    /// Everything that was wanted up to this number is forgotten.
    Forgotten(u32),
    Share,
    Shared(Vec<Found>, Option<View>),
}

/// The root component.
pub(crate) struct App {
    state: Shared,
    page: Page,
    engine: Engine,
    files: Files,
    samples: BTreeMap<String, String>,
    fetched: Option<Vec<RuleDoc>>,
    /// What the link of the page holds, until the page is ready for it.
    shared: Option<(Vec<Found>, Option<View>)>,
    hello: bool,
    main: NodeRef,
    focus_main: bool,
    /// What had the focus before a change that may take it away.
    focused: Option<HtmlElement>,
    folder: Option<Following>,
    /// How many folders were followed so far.
    followed: u32,
    keeping: Keeping,
    _listeners: Vec<EventListener>,
}

/// The folder that is followed.
struct Following {
    /// Tells it from those before: a look at one of them may still be under way.
    number: u32,
    folder: Folder,
    seen: folder::Seen,
}

/// How the project is kept.
#[derive(Default)]
struct Keeping {
    /// What this tab's project is kept under; nothing where nothing is kept.
    key: Option<String>,
    /// Keeps soon.
    timer: Option<gloo::timers::callback::Timeout>,
    /// Something was kept in this visit or the one before a reload.
    kept: bool,
    /// Why nothing could be kept was said already.
    told: bool,
    /// The page's element says whether all is kept.
    turns: Turns,
}

impl Component for App {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let config = Rc::clone(&ctx.props().config);
        let prefs = browser::stored().map_or_else(Prefs::default, |line| Prefs::restore(&line));
        put_theme(&config.host, prefs.theme);
        let page = Page {
            act: link.callback(Msg::Act),
            found: link.callback(|(found, add)| Msg::Found(found, add)),
            text: link.callback(|(text, add)| Msg::Text(text, add)),
            sample: link.callback(Msg::Sample),
            copy: link.callback(|(text, what)| Msg::Copy(text, what)),
            follow: link.callback(|()| Msg::Follow),
            resume: link.callback(Msg::Resume),
            share: config.share.as_ref().map(|_| link.callback(|()| Msg::Share)),
            host: config.host.clone(),
        };
        let engine = Engine::new(config.worker.clone(), link.callback(Msg::Heard));
        let listeners = listen(&page);
        let keeping = Keeping { key: config.keep.as_ref().and_then(|_| browser::tab()), ..Keeping::default() };
        if let (Some(database), Some(key)) = (config.keep.clone(), keeping.key.clone()) {
            let (link, shared) = (link.clone(), config.shared.clone());
            spawn_local(async move {
                // What a link holds comes before what was kept.
                if let Some(shared) = shared
                    && browser::shared(shared).await.is_some()
                {
                    return;
                }
                // The same tab goes on where it was; another one may.
                match keep::find(&database, Some(&key)).await {
                    Ok(Some(kept)) => link.send_message(Msg::Kept(Box::new(kept))),
                    Ok(None) => {
                        if let Ok(Some(kept)) = keep::find(&database, None).await {
                            let offer = Offer { name: kept.saved.name, files: kept.files.len(), key: kept.key };
                            link.send_message(Msg::Act(Action::Offered(offer)));
                        }
                    }
                    Err(why) => link.send_message(Msg::Act(Action::NotKept(why))),
                }
            });
        }
        {
            let link = link.clone();
            spawn_local(async move {
                let mut samples = config.samples.clone();
                for name in SAMPLES {
                    if !samples.contains_key(name)
                        && let Some(text) = browser::fetch_text(&format!("{}samples/{name}", config.base)).await
                    {
                        samples.insert(name.to_owned(), text);
                    }
                }
                let rules = match &config.rules {
                    Some(text) => Some(text.clone()),
                    None => browser::fetch_text(&format!("{}rules.json", config.base)).await,
                };
                link.send_message(Msg::Fetched(rules, samples));
                if let Some(promise) = config.shared.clone()
                    && let Some((found, view)) = browser::shared(promise).await
                {
                    link.send_message(Msg::Shared(
                        found,
                        View::ALL.into_iter().find(|v| Some(v.name()) == view.as_deref()),
                    ));
                }
            });
        }
        let mut state = State::new(prefs);
        // Days, not hours: a waiver ends with the day that it names, wherever the page is read.
        state.reduce(Action::Today((js_sys::Date::now() / 86_400_000.0) as u32));
        Self {
            state: Shared(Rc::new(state)),
            page,
            engine,
            files: Files::default(),
            samples: BTreeMap::new(),
            fetched: None,
            shared: None,
            hello: false,
            main: NodeRef::default(),
            focus_main: true,
            focused: None,
            folder: None,
            followed: 0,
            keeping,
            _listeners: listeners,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let host = &ctx.props().config.host;
        if let Some(focused) = browser::focused(host).filter(|e| host.contains(Some(e))) {
            self.focused = Some(focused);
        }
        match msg {
            Msg::Act(action) => self.act(ctx, action),
            Msg::Heard(Heard::Message(message, bytes)) => {
                if matches!(message, relata_protocol::FromWorker::Hello { .. }) {
                    self.hello = true;
                }
                self.act(ctx, Action::Worker(message, bytes));
                self.ready_when_loaded(ctx);
            }
            Msg::Heard(Heard::Unreadable { name, reason }) => self.act(ctx, Action::FileUnreadable { name, reason }),
            Msg::Found(found, add) => self.take(ctx, found, add),
            Msg::Text(text, add) => self.take_text(ctx, &text, add),
            Msg::Sample(name) => {
                if let Some(text) = self.samples.get(name).cloned() {
                    self.take_named(ctx, name.to_owned(), &text, false);
                } else {
                    self.act(ctx, Action::Tell("The samples are missing from this copy of the page.".to_owned()));
                }
            }
            Msg::Copy(text, what) => {
                let act = self.page.act.clone();
                spawn_local(async move {
                    act.emit(match browser::copy(&text).await {
                        Ok(()) => Action::Copied(what),
                        Err(()) => {
                            Action::Tell("The browser did not allow copying; select the text instead.".to_owned())
                        }
                    });
                });
            }
            Msg::Fetched(rules, samples) => {
                self.samples = samples;
                let docs = rules
                    .and_then(|text| js_sys::JSON::parse(&text).ok())
                    .and_then(|value| serde_wasm_bindgen::from_value::<RuleDocs>(value).ok());
                if docs.is_none() {
                    browser::warn(
                        "relata: rules.json is missing or unreadable; rules will be shown without their prose",
                    );
                }
                self.fetched = Some(docs.map(|d| d.rules).unwrap_or_default());
                self.ready_when_loaded(ctx);
            }
            Msg::Share => {
                let Some(share) = ctx.props().config.share.clone() else { return false };
                let names = self.state.given.iter().filter(|g| !g.left_out);
                let files = names.filter_map(|g| Some((g.name.clone(), self.files.get(&g.name)?.clone()))).collect();
                let (act, view) = (self.page.act.clone(), self.state.view.name());
                spawn_local(async move { act.emit(Action::Tell(browser::share(&share, files, view).await)) });
            }
            Msg::Shared(found, view) => {
                self.shared = Some((found, view));
                self.open_shared(ctx);
            }
            Msg::Unpacked(name, blob) => {
                self.files.remember(name, blob);
                return false;
            }
            Msg::Follow => {
                let link = ctx.link().clone();
                spawn_local(async move {
                    let looked = async {
                        let Some(folder) = folder::pick().await? else { return Ok(None) };
                        let changes = folder.look(&folder::Seen::new()).await?;
                        Ok(Some((folder, changes)))
                    };
                    link.send_message(Msg::Followed(looked.await));
                });
                return false;
            }
            Msg::Followed(looked) => return self.follow(ctx, looked),
            Msg::Look(number) => {
                let Some(following) = self.folder.as_ref().filter(|f| f.number == number) else { return false };
                let (folder, seen) = (following.folder.clone(), following.seen.clone());
                let link = ctx.link().clone();
                spawn_local(async move { link.send_message(Msg::Looked(number, folder.look(&seen).await)) });
                return false;
            }
            Msg::Looked(number, looked) => return self.looked(ctx, number, looked),
            Msg::Resume(key) => {
                let (Some(database), link) = (ctx.props().config.keep.clone(), ctx.link().clone()) else {
                    return false;
                };
                spawn_local(async move {
                    link.send_message(match keep::find(&database, Some(&key)).await {
                        Ok(Some(kept)) => Msg::Kept(Box::new(kept)),
                        Ok(None) => Msg::Act(Action::Tell("It is not there any more.".to_owned())),
                        Err(why) => Msg::Act(Action::Tell(why)),
                    });
                });
                return false;
            }
            Msg::Kept(kept) => {
                self.keeping.kept = true;
                self.files.retain(&[]);
                for (name, blob) in kept.files {
                    self.files.insert(name, blob);
                }
                self.act(ctx, Action::Restore(Box::new(kept.saved)));
            }
            Msg::WasKept(number, not_written) => {
                self.files.not_written(not_written);
                if self.keeping.turns.end(number) {
                    self.keep_now(ctx);
                }
            }
            Msg::Forgotten(number) => self.keeping.turns.settle(number),
            Msg::KeepNow => {
                self.keep_now(ctx);
                return false;
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let _ = ctx;
        let state = self.state.clone();
        let body = match &state.phase {
            Phase::Landing | Phase::Unusable(_) => html! { <Landing state={state.clone()} /> },
            Phase::Working(_) => html! { <Working state={state.clone()} /> },
            Phase::Workspace => html! { <Workspace state={state.clone()} main={self.main.clone()} /> },
            Phase::Nothing => html! { <Nothing state={state.clone()} /> },
            Phase::Died { .. } => html! { <Crashed state={state.clone()} /> },
        };
        let kept = self.keeping.turns.all();
        let modal = state.dialog.is_some() || state.palette.is_some();
        html! {
            <ContextProvider<Page> context={self.page.clone()}>
                <div class="rl-app" data-testid="app" data-phase={phase_name(&state.phase)} data-ready={state.ready.to_string()} data-kept={kept.to_string()} inert={modal}>
                    { body }
                </div>
                <div class="rl-notice-area" role="status" aria-live="polite" data-testid="notice">
                    if let Some(notice) = &state.notice {
                        <div class="rl-notice" key={notice.id}>{ &notice.text }</div>
                    }
                </div>
                if state.palette.is_some() { <PaletteDialog state={state.clone()} /> }
                if state.dialog.is_some() { <Dialogs state={state.clone()} /> }
                if state.dragging { <DropOverlay add={state.phase == Phase::Workspace} /> }
            </ContextProvider<Page>>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        let host = &ctx.props().config.host;
        // A button that goes with what it closed would take the focus out of the page, and the page would hear no key any more.
        let gone = |e: HtmlElement| !e.is_connected() || e.matches(":disabled").unwrap_or(false);
        let within = || browser::focused(host).is_some_and(|e| host.contains(Some(&e)) && !gone(e));
        let lost = self.focused.take().is_some_and(gone) && !within();
        let asked = std::mem::take(&mut self.focus_main);
        if first || lost || asked {
            match self.main.cast::<HtmlElement>() {
                Some(main) => browser::focus(&main),
                None => browser::focus(host),
            }
        }
    }
}

impl App {
    fn ready_when_loaded(&mut self, ctx: &Context<Self>) {
        if self.hello
            && !self.state.ready
            && let Some(rules) = self.fetched.take()
        {
            self.act(ctx, Action::Loaded { rules });
            self.open_shared(ctx);
        }
    }

    /// Takes what the page's link holds, as if it had been dropped, once the page is ready.
    fn open_shared(&mut self, ctx: &Context<Self>) {
        if !self.state.ready {
            return;
        }
        let Some((found, view)) = self.shared.take() else { return };
        self.take(ctx, found, false);
        if let Some(view) = view {
            self.act(ctx, Action::Show(view));
        }
        self.act(
            ctx,
            Action::Tell("Opened from a link, which holds the files itself: nothing was fetched.".to_owned()),
        );
    }

    fn act(&mut self, ctx: &Context<Self>, action: Action) {
        let effects = Rc::make_mut(&mut self.state.0).reduce(action);
        for effect in effects {
            self.carry_out(ctx, effect);
        }
    }

    fn carry_out(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Analyse { session, options, files } => {
                let blobs =
                    files.into_iter().filter_map(|n| self.files.get(&n).map(|b| (n.clone(), b.clone()))).collect();
                self.engine.analyse(session, options, blobs);
            }
            Effect::Terminate => {
                self.engine.restart();
            }
            Effect::Ask(id, query) => {
                self.engine.ask(id, query);
            }
            Effect::Cut { tab, file, location } => {
                let (files, act, link) = (self.files.clone(), self.page.act.clone(), ctx.link().clone());
                spawn_local(async move {
                    let known = files.get(&file).is_some();
                    match files.find(&file).await {
                        Some(blob) => {
                            let excerpt = files::cut(&blob, location).await.map(Rc::new);
                            act.emit(Action::Excerpt { tab, excerpt });
                            if !known {
                                link.send_message(Msg::Unpacked(file, blob));
                            }
                        }
                        None => act.emit(Action::NoCopy { tab }),
                    }
                });
            }
            Effect::Keep(names) => self.files.retain(&names),
            Effect::Save { name, media_type, bytes } => browser::save(&name, &media_type, &bytes),
            Effect::SavePicture { name, svg, scale } => {
                let act = self.page.act.clone();
                spawn_local(async move {
                    match picture::png(&svg, scale).await {
                        Ok((blob, became)) => {
                            browser::save_blob(&name, &blob);
                            let size = if became < f64::from(scale) {
                                format!(" at {became:.1}×, the most that a browser draws of it")
                            } else {
                                String::new()
                            };
                            act.emit(Action::Tell(format!("Saved as {name}{size}.")));
                        }
                        Err(why) => act.emit(Action::PictureFailed(why)),
                    }
                });
            }
            Effect::Copy { text, what } => self.page.copy.emit((text, what)),
            Effect::PrintPicture(svg) => {
                let (act, host) = (self.page.act.clone(), ctx.props().config.host.clone());
                spawn_local(async move {
                    if let Err(why) = picture::print(&host, &svg).await {
                        act.emit(Action::PictureFailed(why));
                    }
                });
            }
            Effect::SaveBoard(name, file) => {
                let serializer = serde_wasm_bindgen::Serializer::json_compatible();
                let text = serde::Serialize::serialize(&*file, &serializer)
                    .ok()
                    .and_then(|value| {
                        js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &1.into()).ok()
                    })
                    .and_then(|text| text.as_string());
                if let Some(text) = text {
                    browser::save(&name, "application/json", format!("{text}\n").as_bytes());
                }
            }
            Effect::FindBoard(name) => {
                if let Some(database) = ctx.props().config.keep.clone() {
                    let act = self.page.act.clone();
                    spawn_local(async move {
                        if let Some(board) = keep::board(&database, &name).await {
                            act.emit(Action::BoardFound(Box::new(board)));
                        }
                    });
                }
            }
            Effect::Persist => {
                if self.keeping.key.is_some() {
                    self.keeping.turns.want();
                    let link = ctx.link().clone();
                    let soon = gloo::timers::callback::Timeout::new(SOON, move || link.send_message(Msg::KeepNow));
                    self.keeping.timer = Some(soon);
                }
            }
            Effect::ForgetAll => {
                self.keeping.timer = None;
                self.keeping.kept = false;
                if let Some(database) = ctx.props().config.keep.clone() {
                    let (number, link) = (self.keeping.turns.wanted(), ctx.link().clone());
                    spawn_local(async move {
                        keep::forget(&database).await;
                        link.send_message(Msg::Forgotten(number));
                    });
                }
            }
            Effect::ReadText(file) => {
                let blob = self.files.get(&file).cloned();
                let act = self.page.act.clone();
                spawn_local(async move {
                    let text = match blob {
                        Some(blob) if blob.size() <= MAX_EDIT as f64 => browser::text_of(&blob).await,
                        _ => Err("The page has no copy of this file.".to_owned()),
                    };
                    act.emit(Action::TextRead { file, text: text.map(Rc::from) });
                });
            }
            Effect::Write { file, text } => {
                if let Some(blob) = browser::text_blob(&text) {
                    self.files.insert(file, blob);
                }
            }
            Effect::Unfollow => self.folder = None,
            Effect::Remember(prefs) => {
                browser::store(&prefs.store());
                put_theme(&ctx.props().config.host, prefs.theme);
            }
            Effect::Rest(id) => {
                let act = self.page.act.clone();
                gloo::timers::callback::Timeout::new(REST, move || act.emit(Action::Rested(id))).forget();
            }
            Effect::Expire(id) => {
                let act = self.page.act.clone();
                gloo::timers::callback::Timeout::new(6_000, move || act.emit(Action::NoticeOver(id))).forget();
            }
            Effect::FocusMain => self.focus_main = true,
        }
    }

    /// Takes the files of a folder that was chosen, and follows it from now on.
    fn follow(&mut self, ctx: &Context<Self>, looked: Result<Option<(Folder, Changes)>, String>) -> bool {
        match looked {
            Ok(None) => return false,
            Err(why) => self.act(ctx, Action::Tell(format!("The folder cannot be followed: {why}"))),
            Ok(Some((folder, changes))) if changes.changed.is_empty() => {
                self.act(ctx, Action::Tell(format!("{} holds no file that can describe a schema.", folder.name)));
            }
            Ok(Some((folder, changes))) => {
                self.take(ctx, changes.changed, false);
                let name = folder.name.clone();
                self.followed += 1;
                self.folder = Some(Following { number: self.followed, folder, seen: changes.seen });
                self.act(ctx, Action::Follow(Some(name)));
                self.look_again(ctx);
            }
        }
        true
    }

    fn look_again(&self, ctx: &Context<Self>) {
        let (link, number) = (ctx.link().clone(), self.followed);
        gloo::timers::callback::Timeout::new(folder::INTERVAL, move || link.send_message(Msg::Look(number))).forget();
    }

    /// The folder was looked through again. A look that was under way when the folder was let go of says nothing any more.
    fn looked(&mut self, ctx: &Context<Self>, number: u32, looked: Result<Changes, String>) -> bool {
        let Some(following) = self.folder.as_mut().filter(|f| f.number == number) else { return false };
        let changes = match looked {
            Ok(changes) => changes,
            Err(why) => {
                self.folder = None;
                self.act(ctx, Action::Follow(None));
                self.act(ctx, Action::Tell(format!("The folder is not followed any more: {why}")));
                return true;
            }
        };
        following.seen = changes.seen;
        self.look_again(ctx);
        if changes.changed.is_empty() && changes.gone.is_empty() {
            return false;
        }
        let mut given = Vec::new();
        for f in changes.changed {
            given.push(Given { name: f.path.clone(), size: f.file.size() as u64, left_out: false });
            self.files.insert(f.path, f.file.into());
        }
        self.act(ctx, Action::FolderChanged { files: given, gone: changes.gone });
        true
    }

    /// Keeps the project as it is for a reload, after what is being kept now.
    fn keep_now(&mut self, ctx: &Context<Self>) {
        let (Some(database), Some(key)) = (ctx.props().config.keep.clone(), self.keeping.key.clone()) else { return };
        self.keeping.timer = None;
        let Some(number) = self.keeping.turns.begin() else { return };
        let link = ctx.link().clone();
        let over = move |not_written| link.send_message(Msg::WasKept(number, not_written));
        let act = self.page.act.clone();
        let Some(saved) = self.state.saved() else {
            // Opening the database would make one where there is none: only what was kept is let go of.
            let drop = self.state.phase == Phase::Landing && std::mem::take(&mut self.keeping.kept);
            spawn_local(async move {
                if drop {
                    let _ = keep::drop_project(&database, &key).await;
                }
                over(BTreeSet::new());
            });
            return;
        };
        let bytes: u64 = saved.files.iter().map(|(_, size)| size).sum();
        if bytes > keep::MOST_BYTES {
            if !std::mem::replace(&mut self.keeping.told, true) {
                let why = "This project is too large to be kept in this browser: after a reload its files have to be given again.";
                act.emit(Action::NotKept(why.to_owned()));
            }
            over(BTreeSet::new());
            return;
        }
        let files = self.files.copies();
        let changed = self.state.drawing.steps().0.is_some();
        self.keeping.kept = true;
        spawn_local(async move {
            let kept = keep::keep(&database, &key, &saved, changed, &files).await;
            let not_written = if kept.is_ok() { BTreeSet::new() } else { files.changed };
            if let Err(why) = kept {
                act.emit(Action::NotKept(why));
            }
            over(not_written);
        });
    }

    fn take(&mut self, ctx: &Context<Self>, found: Vec<Found>, add: bool) {
        let mut found: Vec<Found> = found
            .into_iter()
            .filter(|f| {
                let origin = if f.within { intake::Origin::Within } else { intake::Origin::File };
                intake::takes(&f.path, origin)
            })
            .collect();
        found.sort_by(|a, b| intake::natural_order(&a.path, &b.path));
        if !add && !found.is_empty() {
            self.files.retain(&[]);
        }
        let mut given: Vec<Given> = Vec::new();
        for f in found {
            let mut name = f.path.clone();
            // Two files of one name in one drop: both are kept, told apart by a number.
            let mut n = 2;
            while given.iter().any(|g| g.name == name) {
                name = format!("{} ({n})", f.path);
                n += 1;
            }
            given.push(Given { name: name.clone(), size: f.file.size() as u64, left_out: false });
            self.files.insert(name, f.file.into());
        }
        self.act(ctx, Action::Give { files: given, add });
    }

    fn take_text(&mut self, ctx: &Context<Self>, text: &str, add: bool) {
        let taken: Vec<&str> =
            if add { self.state.given.iter().map(|g| g.name.as_str()).collect() } else { Vec::new() };
        let name = intake::pasted_name(&taken);
        self.take_named(ctx, name, text, add);
    }

    fn take_named(&mut self, ctx: &Context<Self>, name: String, text: &str, add: bool) {
        let Some(blob) = browser::text_blob(text) else { return };
        if !add {
            self.files.retain(&[]);
        }
        let given = Given { name: name.clone(), size: blob.size() as u64, left_out: false };
        self.files.insert(name, blob);
        self.act(ctx, Action::Give { files: vec![given], add });
    }
}

fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Landing => "landing",
        Phase::Working(_) => "working",
        Phase::Workspace => "workspace",
        Phase::Nothing => "nothing",
        Phase::Died { .. } => "died",
        Phase::Unusable(_) => "unusable",
    }
}

/// Puts the theme on the root as light or dark: the canvas reads its colours from there.
fn put_theme(host: &HtmlElement, theme: Theme) {
    let dark = match theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => browser::matches_media("(prefers-color-scheme: dark)"),
    };
    // Setting an attribute of this name cannot fail.
    let _ = host.set_attribute("data-theme", if dark { "dark" } else { "light" });
    let _ = host.set_attribute("data-theme-choice", theme.name());
}

/// Listens on the page's own element, never on the document: several pages can live in one.
fn listen(page: &Page) -> Vec<EventListener> {
    let host = &page.host;
    host.set_tab_index(-1);
    let mut listeners = Vec::new();
    let options = gloo::events::EventListenerOptions::enable_prevent_default();

    let act = page.act.clone();
    listeners.push(EventListener::new_with_options(host, "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let command = event.ctrl_key() || event.meta_key();
        let typing = event
            .composed_path()
            .get(0)
            .dyn_into::<HtmlElement>()
            .is_ok_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        match event.key().as_str() {
            "k" | "K" if command => {
                event.prevent_default();
                act.emit(Action::OpenPalette);
            }
            "/" if !command && !typing => {
                event.prevent_default();
                act.emit(Action::OpenPalette);
            }
            "z" | "Z" if command && !typing => {
                event.prevent_default();
                act.emit(if event.shift_key() { Action::Redo } else { Action::Undo });
            }
            "y" if command && !typing => {
                event.prevent_default();
                act.emit(Action::Redo);
            }
            "?" if !command && !typing => act.emit(Action::OpenDialog(Dialog::Shortcuts)),
            _ => {}
        }
    }));

    let text = page.text.clone();
    let found = page.found.clone();
    listeners.push(EventListener::new_with_options(host, "paste", options, move |event| {
        let into_field = event
            .composed_path()
            .get(0)
            .dyn_into::<HtmlElement>()
            .is_ok_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA"));
        let Some(data) = event.dyn_ref::<web_sys::ClipboardEvent>().and_then(|e| e.clipboard_data()) else { return };
        if browser::has_files(&data) {
            event.prevent_default();
            look_into(browser::dropped(&data), found.clone(), false);
        } else if !into_field
            && let Ok(pasted) = data.get_data("text/plain")
            && !pasted.trim().is_empty()
        {
            event.prevent_default();
            text.emit((pasted, false));
        }
    }));

    for name in ["dragenter", "dragover"] {
        let act = page.act.clone();
        listeners.push(EventListener::new_with_options(host, name, options, move |event| {
            let Some(drag) = event.dyn_ref::<DragEvent>() else { return };
            if drag.data_transfer().is_some_and(|t| browser::has_files(&t)) {
                event.prevent_default();
                if event.type_() == "dragenter" {
                    act.emit(Action::Dragging(true));
                }
            }
        }));
    }
    let act = page.act.clone();
    let root = host.clone();
    listeners.push(EventListener::new(host, "dragleave", move |event| {
        let to = event.dyn_ref::<DragEvent>().and_then(|e| e.related_target());
        let inside = to.and_then(|t| t.dyn_into::<web_sys::Node>().ok()).is_some_and(|n| root.contains(Some(&n)));
        if !inside {
            act.emit(Action::Dragging(false));
        }
    }));
    let found = page.found.clone();
    let act = page.act.clone();
    listeners.push(EventListener::new_with_options(host, "drop", options, move |event| {
        let Some(transfer) = event.dyn_ref::<DragEvent>().and_then(|e| e.data_transfer()) else { return };
        event.prevent_default();
        act.emit(Action::Dragging(false));
        let add = event
            .composed_path()
            .iter()
            .any(|n| js_sys::Reflect::get(&n, &"dataset".into()).ok().is_some_and(|d| has_add(&d)));
        look_into(browser::dropped(&transfer), found.clone(), add);
    }));

    // While the user lets the system choose, the page follows it.
    if let Some(query) = browser::media("(prefers-color-scheme: dark)") {
        let root = host.clone();
        listeners.push(EventListener::new(&query, "change", move |_| {
            if root.get_attribute("data-theme-choice").as_deref() == Some("system") {
                put_theme(&root, Theme::System);
            }
        }));
    }
    listeners
}

/// Whether a drop landed on the part of the page that adds files to those that are there.
fn has_add(dataset: &JsValue) -> bool {
    js_sys::Reflect::get(dataset, &"dropAdd".into()).is_ok_and(|v| v.is_truthy())
}

/// Looks into what was dropped and passes the files on.
pub(crate) fn look_into(dropped: browser::Dropped, found: Callback<(Vec<Found>, bool)>, add: bool) {
    spawn_local(async move {
        let takes = |path: &str| intake::takes(path, intake::Origin::Within);
        found.emit((browser::collect(dropped, intake::enters, takes, intake::MAX_FILES).await, add));
    });
}
