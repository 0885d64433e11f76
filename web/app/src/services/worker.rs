//! The worker behind the page: starts it, feeds it files, passes its messages on, and replaces it when it is busy or broken.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use js_sys::{ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use relata_protocol::{
    CHUNK_BYTES, CHUNK_WINDOW, ENVELOPE_BUFFER, ENVELOPE_MESSAGE, FromWorker, Options, Query, Stage, ToWorker,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Worker};
use yew::Callback;

use super::browser;

/// What comes from the worker.
pub(crate) enum Heard {
    /// A message with the bytes that came along.
    Message(FromWorker, Rc<[u8]>),
    /// A file could not be read by the page.
    Unreadable {
        /// The file.
        name: String,
        /// The browser's words.
        reason: String,
    },
}

/// The worker.
pub(crate) struct Engine {
    factory: Function,
    on_heard: Callback<Heard>,
    slot: Rc<RefCell<Slot>>,
}

/// The place of the worker that is used now.
#[derive(Default)]
struct Slot {
    /// Counts workers: one that is ready after it was replaced is not used.
    number: u32,
    running: Option<Running>,
    /// What to do once the worker is there.
    waiting: Option<Job>,
}

/// An analysis to be done.
struct Job {
    session: u32,
    options: Options,
    files: Vec<(String, Blob)>,
}

struct Running {
    link: Rc<Link>,
    _listeners: [EventListener; 2],
}

/// What the feeding task and the message handler share.
struct Link {
    worker: Worker,
    session: Cell<Option<u32>>,
    unanswered: Cell<usize>,
    waiting: RefCell<Option<Function>>,
    feeding: RefCell<Option<String>>,
    ended: Cell<bool>,
}

impl Link {
    fn send(&self, message: &ToWorker, buffer: Option<&ArrayBuffer>) -> Result<(), String> {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let message = message.serialize(&serializer).map_err(|e| e.to_string())?;
        let envelope = Object::new();
        Reflect::set(&envelope, &ENVELOPE_MESSAGE.into(), &message).map_err(browser::message)?;
        if let Some(buffer) = buffer {
            Reflect::set(&envelope, &ENVELOPE_BUFFER.into(), buffer).map_err(browser::message)?;
        }
        browser::post(&self.worker, &envelope, buffer)
    }

    fn wake(&self) {
        if let Some(resolve) = self.waiting.take() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }

    /// Waits until fewer than the window's chunks are unanswered.
    async fn room(&self) {
        while self.unanswered.get() >= CHUNK_WINDOW && !self.ended.get() {
            let promise = Promise::new(&mut |resolve, _| {
                self.waiting.replace(Some(resolve));
            });
            let _ = JsFuture::from(promise).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.link.ended.set(true);
        self.link.wake();
        self.link.worker.terminate();
    }
}

impl Engine {
    /// Starts the worker.
    pub(crate) fn new(factory: Function, on_heard: Callback<Heard>) -> Self {
        let engine = Self { factory, on_heard, slot: Rc::default() };
        engine.restart();
        engine
    }

    /// Ends the worker, whatever it does, and starts a fresh one.
    pub(crate) fn restart(&self) {
        let number = {
            let mut slot = self.slot.borrow_mut();
            *slot = Slot { number: slot.number + 1, ..Slot::default() };
            slot.number
        };
        let (factory, slot, heard) = (self.factory.clone(), Rc::clone(&self.slot), self.on_heard.clone());
        spawn_local(async move {
            let started = browser::start_worker(&factory).await;
            if slot.borrow().number != number {
                if let Ok(worker) = started {
                    worker.terminate();
                }
                return;
            }
            match started {
                Ok(worker) => {
                    let running = listen(worker, &heard);
                    let link = Rc::clone(&running.link);
                    let job = {
                        let mut slot = slot.borrow_mut();
                        slot.running = Some(running);
                        slot.waiting.take()
                    };
                    if let Some(job) = job {
                        begin(link, job, heard);
                    }
                }
                Err(message) => fail(&heard, None, None, message),
            }
        });
    }

    /// Analyses files in the order given, as soon as there is a worker.
    pub(crate) fn analyse(&self, session: u32, options: Options, files: Vec<(String, Blob)>) {
        let job = Job { session, options, files };
        let link = self.slot.borrow().running.as_ref().map(|r| Rc::clone(&r.link));
        match link {
            Some(link) => begin(link, job, self.on_heard.clone()),
            None => self.slot.borrow_mut().waiting = Some(job),
        }
    }

    /// Asks a question about the finished analysis.
    pub(crate) fn ask(&self, id: u32, query: Query) {
        let slot = self.slot.borrow();
        if let Some(running) = &slot.running
            && let Err(e) = running.link.send(&ToWorker::Query { id, query }, None)
        {
            fail(&self.on_heard, running.link.session.get(), None, e);
        }
    }
}

/// Listens to a worker that was started.
fn listen(worker: Worker, on_heard: &Callback<Heard>) -> Running {
    let link = Rc::new(Link {
        worker,
        session: Cell::new(None),
        unanswered: Cell::new(0),
        waiting: RefCell::default(),
        feeding: RefCell::default(),
        ended: Cell::new(false),
    });
    let on_message = {
        let (link, heard) = (Rc::clone(&link), on_heard.clone());
        move |data: JsValue| match open(&data) {
            Ok((message, bytes)) => {
                if let FromWorker::Progress { progress, .. } = &message
                    && progress.stage == Stage::Read
                {
                    link.unanswered.set(link.unanswered.get().saturating_sub(1));
                    link.wake();
                }
                heard.emit(Heard::Message(message, bytes));
            }
            Err(e) => browser::warn(&format!("relata: a message from the worker could not be read: {e}")),
        }
    };
    let on_error = {
        let (link, heard) = (Rc::clone(&link), on_heard.clone());
        move |text: String| {
            let message = if text.is_empty() { "The engine stopped.".to_owned() } else { text };
            fail(&heard, link.session.get(), link.feeding.borrow().clone(), message);
        }
    };
    let listeners = browser::listen_worker(&link.worker, on_message, on_error);
    Running { link, _listeners: listeners }
}

fn fail(on_heard: &Callback<Heard>, session: Option<u32>, file: Option<String>, message: String) {
    on_heard.emit(Heard::Message(FromWorker::Failed { session, file, message }, Rc::default()));
}

/// Feeds a job to a worker, in the background.
fn begin(link: Rc<Link>, job: Job, heard: Callback<Heard>) {
    let session = job.session;
    link.session.set(Some(session));
    spawn_local(async move {
        if let Err(e) = feed(&link, session, job.options, job.files, &heard).await {
            fail(&heard, Some(session), link.feeding.borrow().clone(), e);
        }
    });
}

async fn feed(
    link: &Link,
    session: u32,
    options: Options,
    files: Vec<(String, Blob)>,
    heard: &Callback<Heard>,
) -> Result<(), String> {
    let stale = || link.ended.get() || link.session.get() != Some(session);
    let bytes = files.iter().map(|(_, b)| b.size() as u64).sum();
    let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
    link.unanswered.set(0);
    link.send(&ToWorker::Start { session, files: count, bytes, options }, None)?;
    for (name, blob) in files {
        if stale() {
            return Ok(());
        }
        link.feeding.replace(Some(name.clone()));
        link.send(&ToWorker::AddFile { name: name.clone(), size: blob.size() as u64 }, None)?;
        let mut at = 0.0;
        while at < blob.size() {
            link.room().await;
            let end = (at + CHUNK_BYTES as f64).min(blob.size());
            let chunk = match browser::read(&blob, at, end).await {
                Ok(chunk) => chunk,
                Err(reason) => {
                    if !stale() {
                        heard.emit(Heard::Unreadable { name, reason });
                    }
                    return Ok(());
                }
            };
            if stale() {
                return Ok(());
            }
            link.unanswered.set(link.unanswered.get() + 1);
            link.send(&ToWorker::Chunk, Some(&chunk.buffer()))?;
            at = end;
        }
    }
    link.feeding.replace(None);
    link.send(&ToWorker::Finish, None)
}

/// Opens an envelope.
fn open(data: &JsValue) -> Result<(FromWorker, Rc<[u8]>), String> {
    let message = Reflect::get(data, &ENVELOPE_MESSAGE.into()).map_err(browser::message)?;
    let buffer = Reflect::get(data, &ENVELOPE_BUFFER.into()).map_err(browser::message)?;
    let bytes = if buffer.is_undefined() || buffer.is_null() { Vec::new() } else { Uint8Array::new(&buffer).to_vec() };
    Ok((serde_wasm_bindgen::from_value(message).map_err(|e| e.to_string())?, bytes.into()))
}
