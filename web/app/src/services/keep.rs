//! What is kept in this browser between visits: the open project with its files, and arrangements of diagrams. All of it lies in one IndexedDB
//! database, so that forgetting it is one call.

use std::collections::BTreeSet;

use js_sys::{Array, Function, Object, Promise, Reflect};
use relata_app_state::board::Board;
use relata_app_state::keeping::writes;
use relata_app_state::state::workspace::Saved;
use serde::Serialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransactionMode};

use super::browser;
use super::files::Copies;

const PROJECTS: &str = "projects";
const FILES: &str = "files";
const BOARDS: &str = "boards";
/// The version of the stores above.
const VERSION: u32 = 2;
/// How many projects are kept: one for each of the last tabs.
const MOST: usize = 3;
/// The most bytes of files that are kept.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

/// A project that was kept.
pub(crate) struct Kept {
    pub(crate) key: String,
    pub(crate) saved: Saved,
    pub(crate) files: Vec<(String, Blob)>,
}

/// What will come of a request. It listens from now on, not only when it is waited for.
fn promised(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        let done = request.clone();
        let on_success = Closure::once_into_js(move || {
            let _ = resolve.call1(&JsValue::NULL, &done.result().unwrap_or(JsValue::UNDEFINED));
        });
        let failed = request.clone();
        let on_error = Closure::once_into_js(move |event: web_sys::Event| {
            event.prevent_default();
            let error = failed.error().ok().flatten().map_or(JsValue::UNDEFINED, JsValue::from);
            let _ = reject.call1(&JsValue::NULL, &error);
        });
        request.set_onsuccess(Some(on_success.unchecked_ref()));
        request.set_onerror(Some(on_error.unchecked_ref()));
    })
}

async fn settled(request: &IdbRequest) -> Result<JsValue, String> {
    JsFuture::from(promised(request)).await.map_err(|e| why(&e))
}

/// What came of requests of one transaction, in their order.
async fn all_settled(requests: impl IntoIterator<Item = Result<IdbRequest, JsValue>>) -> Result<Array, String> {
    let promises = Array::new();
    for request in requests {
        promises.push(&promised(&request.map_err(|e| why(&e))?));
    }
    JsFuture::from(Promise::all(&promises)).await.map(|all| Array::from(&all)).map_err(|e| why(&e))
}

/// The end of a store's transaction. It listens from now on. Until it is over nothing is written: a full disk may show only then.
fn committed(store: &IdbObjectStore) -> impl Future<Output = Result<(), String>> {
    let transaction = store.transaction();
    let over = JsFuture::from(Promise::new(&mut |resolve: Function, reject: Function| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    }));
    async move { over.await.map(|_| ()).map_err(|_| why(&transaction.error().map_or(JsValue::UNDEFINED, JsValue::from))) }
}

/// What a failure of the store means for the user.
fn why(error: &JsValue) -> String {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|n| n.as_string()).unwrap_or_default();
    match name.as_str() {
        "QuotaExceededError" => {
            "This browser has no room left to keep the project: after a reload its files have to be given again.".to_owned()
        }
        "VersionError" => {
            "What an earlier visit left is of a newer version of this page. “Forget everything” makes room for this one.".to_owned()
        }
        _ => "This browser keeps nothing for this page: after a reload the files have to be given again.".to_owned(),
    }
}

async fn open(database: &str) -> Result<IdbDatabase, String> {
    let factory =
        web_sys::window().and_then(|w| w.indexed_db().ok().flatten()).ok_or_else(|| why(&JsValue::UNDEFINED))?;
    let request = factory.open_with_u32(database, VERSION).map_err(|e| why(&e))?;
    let opening = request.clone();
    let upgrade = Closure::once_into_js(move || {
        if let Ok(db) = opening.result().and_then(JsCast::dyn_into::<IdbDatabase>) {
            // Version 1 kept the files of a project as one record: what it kept is not read any more.
            for store in [PROJECTS, FILES] {
                let _ = db.delete_object_store(store);
            }
            for store in [PROJECTS, FILES, BOARDS] {
                // A store that is there already is as good.
                let _ = db.create_object_store(store);
            }
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    settled(&request).await?.dyn_into().map_err(|e| why(&e))
}

fn store(db: &IdbDatabase, name: &str, mode: IdbTransactionMode) -> Result<IdbObjectStore, String> {
    let transaction = db.transaction_with_str_and_mode(name, mode).map_err(|e| why(&e))?;
    transaction.object_store(name).map_err(|e| why(&e))
}

async fn get(db: &IdbDatabase, name: &str, key: &str) -> Result<JsValue, String> {
    let request = store(db, name, IdbTransactionMode::Readonly)?.get(&key.into()).map_err(|e| why(&e))?;
    settled(&request).await
}

async fn put(db: &IdbDatabase, name: &str, key: &str, value: &JsValue) -> Result<(), String> {
    let store = store(db, name, IdbTransactionMode::Readwrite)?;
    let over = committed(&store);
    let request = store.put_with_key(value, &key.into()).map_err(|e| why(&e))?;
    settled(&request).await?;
    over.await
}

async fn remove(db: &IdbDatabase, name: &str, key: &str) -> Result<(), String> {
    let request = store(db, name, IdbTransactionMode::Readwrite)?.delete(&key.into()).map_err(|e| why(&e))?;
    settled(&request).await.map(|_| ())
}

fn plain<T: Serialize>(value: &T) -> Result<JsValue, String> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(|e| e.to_string())
}

/// Does something with the database, and closes it whatever comes of that: an open one would keep “Forget everything” waiting.
async fn with<T>(database: &str, work: impl AsyncFnOnce(&IdbDatabase) -> Result<T, String>) -> Result<T, String> {
    let db = open(database).await?;
    let done = work(&db).await;
    db.close();
    done
}

/// What a file of a project is kept under.
fn file_key(project: &str, name: &str) -> String {
    format!("{project}/{name}")
}

/// The keys of all files that are kept.
async fn file_keys(db: &IdbDatabase) -> Result<BTreeSet<String>, String> {
    let keys = store(db, FILES, IdbTransactionMode::Readonly)?.get_all_keys().map_err(|e| why(&e))?;
    Ok(Array::from(&settled(&keys).await?).iter().filter_map(|key| key.as_string()).collect())
}

/// Makes the files that are kept under a key be those of the project, and none that was left out of it.
async fn keep_files(db: &IdbDatabase, key: &str, saved: &Saved, files: &Copies) -> Result<(), String> {
    let names = saved.files.iter().map(|(name, _)| name.as_str()).filter(|name| files.held.contains_key(*name));
    let writes = writes(&file_key(key, ""), names, &files.changed, &file_keys(db).await?);
    if writes.put.is_empty() && writes.delete.is_empty() {
        return Ok(());
    }
    let store = store(db, FILES, IdbTransactionMode::Readwrite)?;
    let over = committed(&store);
    let puts = writes.put.iter().filter_map(|name| Some((name, files.held.get(name)?)));
    let puts = puts.map(|(name, blob)| store.put_with_key(blob, &file_key(key, name).into()));
    all_settled(writes.delete.iter().map(|place| store.delete(&place.into())).chain(puts)).await?;
    over.await
}

/// Keeps a project under a key, with copies of its files. `changed`: its arrangement was changed in this visit.
///
/// # Errors
/// What it means that it could not be kept, for a person.
pub(crate) async fn keep(
    database: &str,
    key: &str,
    saved: &Saved,
    changed: bool,
    files: &Copies,
) -> Result<(), String> {
    with(database, async |db| {
        keep_files(db, key, saved, files).await?;
        let record = Object::new();
        Reflect::set(&record, &"stamp".into(), &js_sys::Date::now().into()).map_err(|e| why(&e))?;
        Reflect::set(&record, &"saved".into(), &plain(saved)?).map_err(|e| why(&e))?;
        put(db, PROJECTS, key, &record).await?;
        // A plain arrangement is kept only where somebody made it plain: it must not take the place of one that was not looked for yet.
        if changed || !saved.board.is_plain() {
            put(db, BOARDS, &saved.name, &plain(&saved.board)?).await?;
        }
        for (old, _) in stamps(db).await?.into_iter().skip(MOST) {
            let_go(db, &old).await?;
        }
        Ok(())
    })
    .await
}

/// Lets go of a project and its files.
async fn let_go(db: &IdbDatabase, key: &str) -> Result<(), String> {
    remove(db, PROJECTS, key).await?;
    let within = file_key(key, "");
    let keys = file_keys(db).await?;
    let store = store(db, FILES, IdbTransactionMode::Readwrite)?;
    let files = keys.iter().filter(|k| k.starts_with(&within));
    all_settled(files.map(|file| store.delete(&file.into()))).await.map(|_| ())
}

/// The keys of all projects, the newest first.
async fn stamps(db: &IdbDatabase) -> Result<Vec<(String, f64)>, String> {
    let keys = store(db, PROJECTS, IdbTransactionMode::Readonly)?.get_all_keys().map_err(|e| why(&e))?;
    let mut found = Vec::new();
    for key in Array::from(&settled(&keys).await?).iter().filter_map(|k| k.as_string()) {
        let record = get(db, PROJECTS, &key).await?;
        let stamp = Reflect::get(&record, &"stamp".into()).ok().and_then(|s| s.as_f64()).unwrap_or_default();
        found.push((key, stamp));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(found)
}

/// Lets go of a project.
pub(crate) async fn drop_project(database: &str, key: &str) -> Result<(), String> {
    with(database, async |db| let_go(db, key).await).await
}

/// The project kept under a key, or the newest one.
///
/// # Errors
/// Why nothing can be kept, for a person.
pub(crate) async fn find(database: &str, key: Option<&str>) -> Result<Option<Kept>, String> {
    with(database, async |db| {
        let keys = match key {
            Some(key) => vec![key.to_owned()],
            None => stamps(db).await?.into_iter().map(|(key, _)| key).collect(),
        };
        for key in keys {
            if let Some(kept) = whole(db, key).await? {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    })
    .await
}

/// The project kept under a key, where nothing of it is missing: with some of its files it would be another schema.
async fn whole(db: &IdbDatabase, key: String) -> Result<Option<Kept>, String> {
    let record = get(db, PROJECTS, &key).await?;
    if !record.is_object() {
        return Ok(None);
    }
    let saved = Reflect::get(&record, &"saved".into()).unwrap_or_default();
    // What cannot be read is of another version: it says so when it is opened.
    let saved: Saved = serde_wasm_bindgen::from_value(saved).unwrap_or_default();
    let store = store(db, FILES, IdbTransactionMode::Readonly)?;
    let blobs = all_settled(saved.files.iter().map(|(name, _)| store.get(&file_key(&key, name).into()))).await?;
    let named = saved.files.iter().zip(blobs.iter());
    let files = named.map(|((name, _), blob)| Some((name.clone(), blob.dyn_into::<Blob>().ok()?)));
    Ok(files.collect::<Option<_>>().map(|files| Kept { key, saved, files }))
}

/// The arrangement that was kept for a project of this name.
pub(crate) async fn board(database: &str, name: &str) -> Option<Board> {
    let value = with(database, async |db| get(db, BOARDS, name).await).await.ok()?;
    serde_wasm_bindgen::from_value(value).ok()
}

/// Lets go of everything.
pub(crate) async fn forget(database: &str) {
    browser::forget_stored();
    if let Some(request) =
        web_sys::window().and_then(|w| w.indexed_db().ok().flatten()).and_then(|f| f.delete_database(database).ok())
    {
        // Blocked by another tab, it happens when that tab is closed.
        let _ = settled(&request).await;
    }
}
