//! Every hand-made browser call of the page. Nothing else in this crate reaches past Yew and gloo.

use gloo::events::EventListener;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, DataTransfer, Document, Element, File, FileSystemDirectoryEntry,
    FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry, HtmlAnchorElement, HtmlCanvasElement, HtmlElement,
    MediaQueryList, MessageEvent, ReadableStreamDefaultReader, ResizeObserver, Response, Url, Window, Worker,
};

const STORAGE_KEY: &str = "relata";

fn window() -> Option<Window> {
    web_sys::window()
}

/// The document that the page's elements belong to.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// What was stored between visits; nothing where storage is blocked.
pub(crate) fn stored() -> Option<String> {
    window()?.local_storage().ok()??.get_item(STORAGE_KEY).ok()?
}

/// Stores a line between visits, where that is allowed.
pub(crate) fn store(line: &str) {
    if let Some(Ok(Some(storage))) = window().map(|w| w.local_storage()) {
        // A full or blocked storage costs the user the memory of panel sizes, nothing else.
        let _ = storage.set_item(STORAGE_KEY, line);
    }
}

/// Lets go of what was stored.
pub(crate) fn forget_stored() {
    if let Some(Ok(Some(storage))) = window().map(|w| w.local_storage()) {
        let _ = storage.remove_item(STORAGE_KEY);
    }
}

/// A name for this tab that lives as long as it does, across reloads; nothing where storage is blocked.
pub(crate) fn tab() -> Option<String> {
    let storage = window()?.session_storage().ok()??;
    if let Some(tab) = storage.get_item(STORAGE_KEY).ok()? {
        return Some(tab);
    }
    let tab = format!("{:x}-{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 4e9) as u64);
    storage.set_item(STORAGE_KEY, &tab).ok()?;
    Some(tab)
}

/// A media query to ask and to listen to.
pub(crate) fn media(query: &str) -> Option<MediaQueryList> {
    window()?.match_media(query).ok()?
}

/// Whether a media query holds now.
pub(crate) fn matches_media(query: &str) -> bool {
    media(query).is_some_and(|m| m.matches())
}

/// Whether the user asked for less motion.
pub(crate) fn reduced_motion() -> bool {
    matches_media("(prefers-reduced-motion: reduce)")
}

/// Whether keys are those of an Apple keyboard: Cmd instead of Ctrl.
pub(crate) fn is_apple() -> bool {
    window().and_then(|w| w.navigator().platform().ok()).is_some_and(|p| p.starts_with("Mac") || p.starts_with("iP"))
}

/// Device pixels for one CSS pixel.
pub(crate) fn pixel_ratio() -> f64 {
    window().map_or(1.0, |w| w.device_pixel_ratio())
}

/// Milliseconds since the page opened.
pub(crate) fn now() -> f64 {
    window().and_then(|w| w.performance()).map_or(0.0, |p| p.now())
}

/// The computed value of a custom property.
pub(crate) fn css_value(element: &Element, property: &str) -> String {
    window()
        .and_then(|w| w.get_computed_style(element).ok()?)
        .and_then(|s| s.get_property_value(property).ok())
        .map(|v| v.trim().to_owned())
        .unwrap_or_default()
}

/// Sets a style property through the object model: the content security policy forbids style attributes.
pub(crate) fn set_style(element: &HtmlElement, property: &str, value: &str) {
    // An invalid value is ignored by the browser; nothing to be done about it.
    let _ = element.style().set_property(property, value);
}

/// The 2D context of a canvas.
pub(crate) fn context_2d(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Calls back with the size of an element's content box, now and whenever it changes. Stops when dropped.
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Watches `element`.
    pub(crate) fn new(element: &HtmlElement, mut callback: impl FnMut(f64, f64) + 'static) -> Option<Self> {
        let watched = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            callback(f64::from(watched.client_width()), f64::from(watched.client_height()));
        });
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _callback: closure })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The bytes `start..end` of a blob.
///
/// # Errors
/// The browser's message, when the file is gone or changed since it was given.
pub(crate) async fn read(blob: &Blob, start: f64, end: f64) -> Result<Uint8Array, String> {
    let part = blob.slice_with_f64_and_f64(start, end).map_err(message)?;
    let buffer = JsFuture::from(part.array_buffer()).await.map_err(message)?;
    Ok(Uint8Array::new(&buffer))
}

/// A blob unpacked by the browser (`gzip` or `deflate-raw`), up to `limit` bytes of it.
///
/// # Errors
/// When the browser cannot unpack it, or it is larger.
pub(crate) async fn inflate(blob: &Blob, format: &str, limit: f64) -> Result<Blob, String> {
    // Not among web-sys's stable types.
    let class: Function = Reflect::get(&js_sys::global(), &"DecompressionStream".into())
        .map_err(message)?
        .dyn_into()
        .map_err(|_| "this browser cannot unpack".to_owned())?;
    let stream = Reflect::construct(&class, &Array::of1(&format.into())).map_err(message)?;
    let pair: web_sys::ReadableWritablePair = stream.unchecked_into();
    let reader: ReadableStreamDefaultReader =
        blob.stream().pipe_through(&pair).get_reader().dyn_into().map_err(|_| "no reader".to_owned())?;
    let parts = Array::new();
    let mut size = 0.0;
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(message)?;
        if Reflect::get(&step, &"done".into()).map_err(message)?.is_truthy() {
            break;
        }
        let chunk = Reflect::get(&step, &"value".into()).map_err(message)?;
        size += f64::from(Uint8Array::new(&chunk).length());
        if size > limit {
            return Err("it unpacks to more than was announced".to_owned());
        }
        parts.push(&chunk);
    }
    Blob::new_with_u8_array_sequence(&parts).map_err(message)
}

/// A blob of bytes of a media type.
pub(crate) fn blob_of(bytes: &[u8], media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &options).ok()
}

/// The text of a blob.
///
/// # Errors
/// The browser's message, when the file is gone or changed since it was given.
pub(crate) async fn text_of(blob: &Blob) -> Result<String, String> {
    let text = JsFuture::from(blob.text()).await.map_err(message)?;
    Ok(text.as_string().unwrap_or_default())
}

/// What a file holds as a `data:` address.
///
/// # Errors
/// The browser's message, when the file is gone or changed since it was given.
pub(crate) async fn data_url_of(blob: &Blob) -> Result<String, String> {
    // One character for each byte is what `btoa` takes.
    let text: String = read(blob, 0.0, blob.size()).await?.to_vec().into_iter().map(char::from).collect();
    let encoded = window().ok_or("There is no window.")?.btoa(&text).map_err(message)?;
    Ok(format!("data:{};base64,{encoded}", blob.type_()))
}

/// A blob of text.
pub(crate) fn text_blob(text: &str) -> Option<Blob> {
    Blob::new_with_str_sequence(&Array::of1(&text.into())).ok()
}

/// Offers bytes for saving under a name.
pub(crate) fn save(name: &str, media_type: &str, bytes: &[u8]) {
    if let Some(blob) = blob_of(bytes, media_type) {
        save_blob(name, &blob);
    }
}

/// Offers a blob for saving under a name.
pub(crate) fn save_blob(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    if let Some(anchor) =
        document().and_then(|d| d.create_element("a").ok()).and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok())
    {
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
    }
    // The download has taken its hold of the blob by the time the click returns to the event loop.
    gloo::timers::callback::Timeout::new(10_000, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
}

/// Puts text on the clipboard.
///
/// # Errors
/// When the browser does not allow it.
pub(crate) async fn copy(text: &str) -> Result<(), ()> {
    let clipboard = window().map(|w| w.navigator().clipboard()).filter(|c| !c.is_undefined()).ok_or(())?;
    JsFuture::from(clipboard.write_text(text)).await.map(|_| ()).map_err(|_| ())
}

/// Opens the print dialog.
pub(crate) fn print() {
    if let Some(w) = window() {
        let _ = w.print();
    }
}

/// The text of a file of this page's own site.
pub(crate) async fn fetch_text(url: &str) -> Option<String> {
    let response: Response = JsFuture::from(window()?.fetch_with_str(url)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Files and folders on their way in: what was dropped, before it was looked into.
pub(crate) struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<File>,
}

/// Takes hold of what was dropped. Must be called while the event is handled; the browser takes the list away after it.
pub(crate) fn dropped(transfer: &DataTransfer) -> Dropped {
    let mut dropped = Dropped { entries: Vec::new(), files: Vec::new() };
    let items = transfer.items();
    for i in 0..items.length() {
        let Some(item) = items.get(i).filter(|i| i.kind() == "file") else { continue };
        match item.webkit_get_as_entry().ok().flatten() {
            Some(entry) if entry.is_directory() => dropped.entries.push(entry),
            _ => dropped.files.extend(item.get_as_file().ok().flatten()),
        }
    }
    dropped
}

/// Whether something dragged over the page holds files.
pub(crate) fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().includes(&"Files".into(), 0)
}

/// A file that was found, with its path from what was given, and whether it was given by itself.
pub(crate) struct Found {
    /// Path with `/` between folders.
    pub(crate) path: String,
    /// Found inside a folder.
    pub(crate) within: bool,
    /// The file.
    pub(crate) file: File,
}

/// Looks into folders that were dropped, entering those that `enters` allows, up to `limit` files.
pub(crate) async fn collect(
    dropped: Dropped,
    enters: fn(&str) -> bool,
    takes: fn(&str) -> bool,
    limit: usize,
) -> Vec<Found> {
    let mut found: Vec<Found> =
        dropped.files.into_iter().map(|file| Found { path: file.name(), within: false, file }).collect();
    let mut folders: Vec<FileSystemEntry> = dropped.entries;
    while let Some(folder) = folders.pop() {
        let reader = folder.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
        loop {
            let batch = Array::from(&read_entries(&reader).await.unwrap_or_default());
            if batch.length() == 0 || found.len() >= limit {
                break;
            }
            for entry in batch.iter() {
                let entry: FileSystemEntry = entry.unchecked_into();
                let path = entry.full_path().trim_start_matches('/').to_owned();
                if entry.is_directory() {
                    if enters(&entry.name()) {
                        folders.push(entry);
                    }
                } else if takes(&path)
                    && found.len() < limit
                    && let Some(file) = entry_file(entry.unchecked_into()).await
                {
                    found.push(Found { path, within: true, file });
                }
            }
        }
    }
    found
}

/// The files that a picker gives; those of a folder picker know their path in it.
pub(crate) fn picked(input: &web_sys::HtmlInputElement) -> Vec<Found> {
    let Some(list) = input.files() else { return Vec::new() };
    let found = (0..list.length())
        .filter_map(|i| list.get(i))
        .map(|file| {
            let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|v| v.as_string());
            match path.filter(|p| !p.is_empty()) {
                Some(path) => Found { path, within: true, file },
                None => Found { path: file.name(), within: false, file },
            }
        })
        .collect();
    // So that choosing the same file again is a change again.
    input.set_value("");
    found
}

/// What the link of the page holds, once it may be shown: files and the name of a view.
pub(crate) async fn shared(promise: Promise) -> Option<(Vec<Found>, Option<String>)> {
    let given = JsFuture::from(promise).await.ok().filter(JsValue::is_truthy)?;
    let files: Array = Reflect::get(&given, &"files".into()).ok()?.dyn_into().ok()?;
    let view = Reflect::get(&given, &"view".into()).ok().and_then(|v| v.as_string());
    let found = files.iter().filter_map(|file| {
        let file: File = file.dyn_into().ok()?;
        Some(Found { path: file.name(), within: false, file })
    });
    Some((found.collect(), view))
}

/// Has the page's host make a link of files and a view, and gives what to tell the user.
pub(crate) async fn share(share: &Function, files: Vec<(String, Blob)>, view: &str) -> String {
    let pairs: Array = files.into_iter().map(|(name, blob)| Array::of2(&name.into(), &blob)).collect();
    let promise = share.call2(&JsValue::NULL, &pairs, &view.into()).map(|given| Promise::resolve(&given));
    let said = match promise {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    said.map_or_else(
        |error| format!("No link could be made: {}", message(error)),
        |said| said.as_string().unwrap_or_default(),
    )
}

async fn read_entries(reader: &FileSystemDirectoryReader) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        if reader.read_entries_with_callback_and_callback(&resolve, &reject).is_err() {
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    JsFuture::from(promise).await.ok()
}

async fn entry_file(entry: FileSystemFileEntry) -> Option<File> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        entry.file_with_callback_and_callback(&resolve, &reject);
    });
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Starts a worker by the function that the host of the page gave, which may give it at once or promise it.
///
/// # Errors
/// The host's or the browser's message.
pub(crate) async fn start_worker(factory: &Function) -> Result<Worker, String> {
    let given = factory.call0(&JsValue::NULL).map_err(message)?;
    let worker = JsFuture::from(Promise::resolve(&given)).await.map_err(message)?;
    worker.dyn_into().map_err(|_| "What the page was given as its worker is none.".to_owned())
}

/// Listens to a worker's messages and to its breakdown. Stops when dropped.
pub(crate) fn listen_worker(
    worker: &Worker,
    on_message: impl Fn(JsValue) + 'static,
    on_error: impl Fn(String) + 'static,
) -> [EventListener; 2] {
    let messages = EventListener::new(worker, "message", move |event| {
        if let Some(event) = event.dyn_ref::<MessageEvent>() {
            on_message(event.data());
        }
    });
    let errors = EventListener::new(worker, "error", move |event| {
        event.prevent_default();
        let text = Reflect::get(event, &"message".into()).ok().and_then(|m| m.as_string()).unwrap_or_default();
        on_error(text);
    });
    [messages, errors]
}

/// Posts a message with the buffers that go over for good.
///
/// # Errors
/// The browser's message.
pub(crate) fn post(
    worker: &Worker,
    message_value: &JsValue,
    buffer: Option<&js_sys::ArrayBuffer>,
) -> Result<(), String> {
    match buffer {
        Some(buffer) => worker.post_message_with_transfer(message_value, &Array::of1(buffer)).map_err(message),
        None => worker.post_message(message_value).map_err(message),
    }
}

/// The elements of a dialog that Tab goes through.
pub(crate) fn focusable(root: &Element) -> Vec<HtmlElement> {
    let selector = "a[href],button:not([disabled]),input:not([disabled]),select,textarea,[tabindex='0']";
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.get(i)).filter_map(|n| n.dyn_into().ok()).collect()
}

/// The element with the focus, also inside a shadow root.
pub(crate) fn focused(near: &Element) -> Option<HtmlElement> {
    match near.get_root_node().dyn_into::<web_sys::ShadowRoot>() {
        Ok(shadow) => Reflect::get(&shadow, &"activeElement".into()).ok()?.dyn_into().ok(),
        Err(_) => document()?.active_element()?.dyn_into().ok(),
    }
}

/// Puts the focus on an element without scrolling to it.
pub(crate) fn focus(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// Scrolls `container`, and nothing around it, as little as needed to show `element`; or so that it stands in the middle.
pub(crate) fn scroll_to(container: &Element, element: &Element, centred: bool) {
    let (outer, inner) = (container.get_bounding_client_rect(), element.get_bounding_client_rect());
    let (above, below) = (inner.top() - outer.top(), inner.bottom() - outer.bottom());
    let by = if centred {
        above - (outer.height() - inner.height().min(outer.height() / 2.0)) / 2.0
    } else if above < 0.0 {
        above
    } else if below > 0.0 {
        below.min(above)
    } else {
        return;
    };
    container.set_scroll_top(container.scroll_top() + by as i32);
}

/// The first element under `root` that a selector finds.
pub(crate) fn find(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Reports something to the console: for those who embed the page.
pub(crate) fn warn(text: &str) {
    gloo::console::warn!(text);
}

/// A JavaScript error's words.
#[allow(clippy::needless_pass_by_value, reason = "it stands behind `map_err` everywhere")]
pub(crate) fn message(error: JsValue) -> String {
    Reflect::get(&error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "unknown error".to_owned())
}
