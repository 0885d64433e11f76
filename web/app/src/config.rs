//! What the host of the page decides.

use std::collections::BTreeMap;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, Node};

use crate::services::browser;

/// The samples that the landing offers, by file name.
pub(crate) const SAMPLES: [&str; 3] = ["bookshop.sql", "helpdesk.sql", "freight.sql"];

/// What [`mount`](crate::mount) was given.
pub(crate) struct Config {
    /// The element that the app fills.
    pub(crate) host: HtmlElement,
    /// Where everything static stands, with a slash at its end or empty.
    pub(crate) base: String,
    /// Gives a worker, or promises it.
    pub(crate) worker: Function,
    /// The text of `rules.json`, where it need not be fetched.
    pub(crate) rules: Option<String>,
    /// The name of the database in which the project is kept for a reload; nothing is kept without one.
    pub(crate) keep: Option<String>,
    /// The text of samples that need not be fetched.
    pub(crate) samples: BTreeMap<String, String>,
    /// Makes a link of files (`[name, Blob]` each) and the name of a view, and promises a sentence for the user.
    pub(crate) share: Option<Function>,
    /// Promises `{ files, view }` of the link that the page was opened by, or nothing.
    pub(crate) shared: Option<Promise>,
}

impl PartialEq for Config {
    /// There is one for the life of the app.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Config {
    pub(crate) fn read(root: &Node, options: &JsValue) -> Result<Self, JsValue> {
        let get = |name: &str| Reflect::get(options, &name.into()).ok().filter(JsValue::is_truthy);
        let document = browser::document().ok_or("there is no document")?;
        let host: HtmlElement = document.create_element("div")?.unchecked_into();
        host.set_class_name("relata");
        root.append_child(&host)?;
        let base = get("base").and_then(|v| v.as_string()).unwrap_or_default();
        let worker = get("worker").and_then(|v| v.dyn_into::<Function>().ok()).ok_or("`worker` must be a function")?;
        let mut samples = BTreeMap::new();
        if let Some(given) = get("samples").and_then(|v| v.dyn_into::<Object>().ok()) {
            for name in SAMPLES {
                if let Some(text) = Reflect::get(&given, &name.into())?.as_string() {
                    samples.insert(name.to_owned(), text);
                }
            }
        }
        Ok(Self {
            host,
            keep: get("keep").and_then(|v| v.as_string()),
            base,
            worker,
            rules: get("rules").and_then(|v| v.as_string()),
            samples,
            share: get("share").and_then(|v| v.dyn_into().ok()),
            shared: get("shared").and_then(|v| v.dyn_into().ok()),
        })
    }
}
