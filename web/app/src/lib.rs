//! The page: mounts into any element or shadow root, talks to the engine's worker, and never reads a schema itself.

#![allow(missing_docs, reason = "Yew's macros make public items of components and their properties")]

mod app;
mod canvas;
mod components;
mod config;
mod services;

use std::rc::Rc;

use wasm_bindgen::prelude::*;

/// Mounts the page into `root`, an element or a shadow root. `options` may give:
///
/// - `worker` (required): a function that gives a worker running `static/worker.js`, or promises it; called again after a breakdown;
/// - `base`: the address that `rules.json` and `samples/` stand below; the page's own by default;
/// - `rules`: the text of `rules.json`, instead of fetching it;
/// - `keep`: the name of the IndexedDB database in which the open project is kept for a reload; nothing is kept without one;
/// - `samples`: the text of each sample by its name, instead of fetching them;
/// - `share`: a function that makes a link of files (`[name, Blob]` each) and the name of a view, and promises a sentence for the user;
/// - `shared`: a promise of `{ files, view }`, what the link that the page was opened by holds, or of nothing.
///
/// # Errors
/// When nothing can be put into `root`.
#[wasm_bindgen]
pub fn mount(root: &web_sys::Node, options: &JsValue) -> Result<(), JsValue> {
    let config = config::Config::read(root, options)?;
    let host = config.host.clone();
    yew::Renderer::<app::App>::with_root_and_props(host.into(), app::Props { config: Rc::new(config) }).render();
    Ok(())
}
