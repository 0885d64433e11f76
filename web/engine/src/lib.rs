//! Relata's core for JavaScript: what the page's worker loads, and the npm package.
//!
//! ```js
//! const session = new Session({ serverVersion: 15 });
//! session.push("schema.sql", bytes);                      // any number of times, a file at a time
//! const overview = session.finish((progress) => { … });
//! const { answer, buffer } = session.query({ tables: { target: 0, filter: {} } });
//! ```
//!
//! What goes in and out is documented in `relata-protocol`.

mod api;
mod made_up;
mod model;
mod view;
#[cfg(all(test, target_arch = "wasm32"))]
mod wasm_tests;

use std::cell::RefCell;

use js_sys::{Array, Function, Int32Array, Object, Uint8Array};
use relata_core::analysis::Dialect;
use relata_core::history::layout::Layout;
use relata_core::policy::{Date, Waiver};
use relata_core::session::{self, FileOrder};
use relata_protocol::{ENVELOPE_BUFFER, Options, Progress, Query, Stage};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::model::Model;
use crate::view::Buffer;

thread_local! {
    /// What the last panic said. A panic in wasm is an abort: the message is all that is left.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        let message = info.to_string();
        LAST_PANIC.with(|last| *last.borrow_mut() = Some(message));
    }));
}

/// What the engine said when it broke down, after a call has thrown a `RuntimeError`.
#[wasm_bindgen(js_name = lastPanic)]
#[must_use]
pub fn last_panic() -> Option<String> {
    LAST_PANIC.with(|last| last.borrow().clone())
}

/// The version of the messages that this engine speaks.
#[wasm_bindgen(js_name = protocolVersion)]
#[must_use]
pub fn protocol_version() -> u32 {
    relata_protocol::VERSION
}

/// The version of this package.
#[wasm_bindgen(js_name = engineVersion)]
#[must_use]
pub fn engine_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The made-up dump of a round of the warm-up, from 0 on; `undefined` when the engine is warm.
///
/// Browsers make a program fast only once it has run for a while: who analyses these dumps while nobody waits has the first real one in half the time.
#[wasm_bindgen(js_name = warmUp)]
#[must_use]
pub fn warm_up(round: u32) -> Option<String> {
    made_up::made_up(round as usize)
}

/// One analysis: takes files, then answers questions.
#[wasm_bindgen]
pub struct Session {
    state: State,
}

enum State {
    /// Files come in.
    Taking(Box<session::Session>),
    /// The analysis is done.
    Done(Box<Model>),
    /// A call broke off between the two.
    Broken,
}

#[wasm_bindgen]
impl Session {
    /// A session without files. `options` is the protocol's `Options` or `undefined`.
    ///
    /// # Errors
    /// When `options` is something else.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Session, JsError> {
        let options = match options.is_undefined() || options.is_null() {
            true => Options::default(),
            false => serde_wasm_bindgen::from_value(options)?,
        };
        let options = session::Options {
            server_version: options.server_version,
            layout: chosen(options.layout.as_deref(), Layout::from_name)?,
            dialect: chosen(options.dialect.as_deref(), dialect)?,
            partial: options.partial,
            order: FileOrder::ByName,
            waivers: options.waivers.iter().map(|w| Waiver::of_fingerprint(&w.fingerprint, &w.reason)).collect(),
            today: options.today.map(Date::from_days_since_1970),
            ..session::Options::default()
        };
        Ok(Self { state: State::Taking(Box::new(session::Session::new(options))) })
    }

    /// Takes the next bytes of the file `name`. The bytes of one file come one after the other; another name starts the next file. A
    /// file without bytes is given with an empty array.
    ///
    /// # Errors
    /// After [`finish`](Self::finish).
    pub fn push(&mut self, name: &str, bytes: &[u8]) -> Result<(), JsError> {
        let State::Taking(session) = &mut self.state else { return Err(late()) };
        session.push(name, bytes);
        Ok(())
    }

    /// Ends the current file, so that the next bytes start another one, even of the same name.
    ///
    /// # Errors
    /// After [`finish`](Self::finish).
    #[wasm_bindgen(js_name = endFile)]
    pub fn end_file(&mut self) -> Result<(), JsError> {
        let State::Taking(session) = &mut self.state else { return Err(late()) };
        session.end_file();
        Ok(())
    }

    /// Analyses everything and gives the protocol's `Overview`. `progress` is called with the protocol's `Progress` as each stage begins.
    ///
    /// # Errors
    /// When called twice.
    pub fn finish(&mut self, progress: &Function) -> Result<JsValue, JsError> {
        let State::Taking(session) = std::mem::replace(&mut self.state, State::Broken) else { return Err(late()) };
        let analysis = session.finish(&mut |stage| {
            let stage = match stage {
                session::Stage::Read => Stage::Read,
                session::Stage::Replay => Stage::Replay,
                session::Stage::Rules => Stage::Check,
                session::Stage::Done => return,
            };
            if let Ok(message) = to_js(&Progress { stage, done: 0, total: 0, file: None }) {
                // A page that throws in its own callback must not stop the analysis.
                let _ = progress.call1(&JsValue::UNDEFINED, &message);
            }
        });
        let model = Model::new(analysis);
        let overview = to_js(&view::overview(&model));
        self.state = State::Done(Box::new(model));
        overview
    }

    /// Answers a `Query` of the protocol with `{ answer, buffer }`: an `Answer`, and an `ArrayBuffer` where the protocol says that this kind of
    /// answer has one.
    ///
    /// # Errors
    /// When the query is none, or before [`finish`](Self::finish).
    pub fn query(&mut self, query: JsValue) -> Result<Object, JsError> {
        let State::Done(model) = &mut self.state else {
            return Err(JsError::new("Nothing can be asked before the analysis is finished."));
        };
        let query: Query = serde_wasm_bindgen::from_value(query)?;
        let reply = view::reply(model, &query);
        let entries = Array::new();
        entries.push(&Array::of2(&"answer".into(), &to_js(&reply.answer)?));
        let buffer = match reply.buffer {
            None => None,
            Some(Buffer::Bytes(bytes)) => Some(Uint8Array::from(bytes.as_slice()).buffer()),
            Some(Buffer::Integers(integers)) => Some(Int32Array::from(integers.as_slice()).buffer()),
        };
        if let Some(buffer) = buffer {
            entries.push(&Array::of2(&ENVELOPE_BUFFER.into(), &buffer));
        }
        Object::from_entries(&entries).map_err(|_| JsError::new("The answer could not be handed over."))
    }
}

/// What the user chose by name, if anything.
fn chosen<T>(name: Option<&str>, find: impl Fn(&str) -> Option<T>) -> Result<Option<T>, JsError> {
    let Some(name) = name else { return Ok(None) };
    find(name).map(Some).ok_or_else(|| JsError::new(&format!("There is no choice called `{name}`.")))
}

fn dialect(name: &str) -> Option<Dialect> {
    [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite].into_iter().find(|d| d.name() == name)
}

fn late() -> JsError {
    JsError::new("The analysis is finished: start a new session.")
}

/// Plain objects, and `null` for what is absent, so that an answer reads like its JSON.
fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true))?)
}
