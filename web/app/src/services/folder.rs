//! A local folder that is followed (File System Access API): looked through now and then, its changed files given anew.

use std::collections::BTreeMap;

use js_sys::{Function, Promise, Reflect};
use relata_app_state::intake;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::browser::{self, Found};

/// How often it is looked through, in milliseconds.
pub(crate) const INTERVAL: u32 = 1_000;

/// A folder that the user chose.
#[derive(Clone)]
pub(crate) struct Folder {
    handle: JsValue,
    /// Its name.
    pub(crate) name: String,
}

/// When a file was last changed, and its size.
pub(crate) type Seen = BTreeMap<String, (f64, f64)>;

/// What has become of a folder since it was looked through.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) changed: Vec<Found>,
    pub(crate) gone: Vec<String>,
    pub(crate) seen: Seen,
}

fn method(of: &JsValue, name: &str) -> Result<Function, String> {
    Reflect::get(of, &name.into())
        .ok()
        .and_then(|f| f.dyn_into::<Function>().ok())
        .ok_or_else(|| "This browser cannot follow a folder; drop it on the page instead.".to_owned())
}

async fn awaited(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    let called = method(of, name).map_err(JsValue::from)?.call0(of)?;
    JsFuture::from(Promise::resolve(&called)).await
}

/// Whether this browser can follow a folder.
pub(crate) fn is_possible() -> bool {
    web_sys::window().is_some_and(|w| method(&w, "showDirectoryPicker").is_ok())
}

/// Asks for a folder; `None` when the user thought better of it.
///
/// # Errors
/// The browser's message.
pub(crate) async fn pick() -> Result<Option<Folder>, String> {
    let window: JsValue = web_sys::window().map(JsValue::from).unwrap_or_default();
    method(&window, "showDirectoryPicker")?;
    match awaited(&window, "showDirectoryPicker").await {
        Ok(handle) => {
            let name = Reflect::get(&handle, &"name".into()).ok().and_then(|n| n.as_string()).filter(|n| !n.is_empty());
            Ok(Some(Folder { handle, name: name.unwrap_or_else(|| "folder".to_owned()) }))
        }
        Err(e)
            if Reflect::get(&e, &"name".into()).ok().and_then(|n| n.as_string()).as_deref() == Some("AbortError") =>
        {
            Ok(None)
        }
        Err(e) => Err(browser::message(e)),
    }
}

impl Folder {
    /// Looks through the folder: what is new or changed since `seen`, and what is gone.
    ///
    /// # Errors
    /// The browser's message: the folder is gone, or the permission was taken back.
    pub(crate) async fn look(&self, seen: &Seen) -> Result<Changes, String> {
        let mut now = Changes::default();
        let mut folders = vec![(self.handle.clone(), self.name.clone())];
        while let Some((folder, path)) = folders.pop() {
            let entries = method(&folder, "values")?.call0(&folder).map_err(browser::message)?;
            loop {
                let step = awaited(&entries, "next").await.map_err(browser::message)?;
                let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
                if field(&step, "done").is_truthy() || now.seen.len() >= intake::MAX_FILES {
                    break;
                }
                let entry = field(&step, "value");
                let name = field(&entry, "name").as_string().unwrap_or_default();
                let path = format!("{path}/{name}");
                if field(&entry, "kind").as_string().as_deref() == Some("directory") {
                    if intake::enters(&name) {
                        folders.push((entry, path));
                    }
                } else if intake::takes(&path, intake::Origin::Within)
                    // A file that vanishes while it is looked at is gone the next time.
                    && let Ok(file) = awaited(&entry, "getFile").await
                    && let Ok(file) = file.dyn_into::<File>()
                {
                    let stamp = (file.last_modified(), file.size());
                    now.seen.insert(path.clone(), stamp);
                    if seen.get(&path) != Some(&stamp) {
                        now.changed.push(Found { path, within: true, file });
                    }
                }
            }
        }
        now.gone = seen.keys().filter(|path| !now.seen.contains_key(*path)).cloned().collect();
        Ok(now)
    }
}
