//! The page's own copies of what was given: excerpts are cut from them, and after a breakdown they are fed again.

use std::collections::{BTreeMap, BTreeSet};

use relata_app_state::excerpt::{self, Excerpt};
use relata_app_state::{intake, zip};
use relata_protocol::Location;
use web_sys::Blob;

use super::browser;

/// The copies, by name. A blob is a handle: the browser keeps the bytes, on disk where they are many.
#[derive(Clone, Default)]
pub(crate) struct Files {
    given: BTreeMap<String, Blob>,
    /// Files unpacked from archives that were given, as they were asked for.
    unpacked: BTreeMap<String, Blob>,
    /// Names whose copies came or changed since this was last asked for.
    changed: BTreeSet<String>,
}

/// The copies at one moment.
pub(crate) struct Copies {
    pub(crate) held: BTreeMap<String, Blob>,
    pub(crate) changed: BTreeSet<String>,
}

impl Files {
    /// Keeps a copy.
    pub(crate) fn insert(&mut self, name: String, blob: Blob) {
        self.unpacked.clear();
        self.changed.insert(name.clone());
        self.given.insert(name, blob);
    }

    /// Lets go of all copies but those named.
    pub(crate) fn retain(&mut self, names: &[String]) {
        let names: BTreeSet<&String> = names.iter().collect();
        self.given.retain(|name, _| names.contains(name));
        self.unpacked.clear();
    }

    /// All copies as they are now, and which of them came or changed since this was last asked for.
    pub(crate) fn copies(&mut self) -> Copies {
        Copies { held: self.given.clone(), changed: std::mem::take(&mut self.changed) }
    }

    /// Copies that [`Files::copies`] said to have changed could not be written.
    pub(crate) fn not_written(&mut self, changed: BTreeSet<String>) {
        self.changed.extend(changed);
    }

    /// A given file.
    pub(crate) fn get(&self, name: &str) -> Option<&Blob> {
        self.given.get(name)
    }

    /// A file that was unpacked meanwhile.
    pub(crate) fn remember(&mut self, name: String, blob: Blob) {
        self.unpacked.insert(name, blob);
    }

    /// The copy of a file of the analysis, which may stand in an archive; a copy from an archive is to be remembered by the caller.
    pub(crate) async fn find(self, name: &str) -> Option<Blob> {
        if let Some(blob) = self.given.get(name).or_else(|| self.unpacked.get(name)) {
            return Some(blob.clone());
        }
        for (archive, blob) in &self.given {
            let first = browser::read(blob, 0.0, 4.0).await.ok()?.to_vec();
            match intake::container(&first) {
                intake::Container::Gzip if intake::unpacked_name(archive) == name => {
                    return browser::inflate(blob, "gzip", intake::MAX_UNPACKED as f64).await.ok();
                }
                intake::Container::Zip => {
                    if let Some(found) = from_zip(blob, name).await {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

async fn from_zip(archive: &Blob, name: &str) -> Option<Blob> {
    let size = archive.size();
    let tail_start = (size - zip::TAIL as f64).max(0.0);
    let tail = browser::read(archive, tail_start, size).await.ok()?.to_vec();
    let directory = zip::directory(&tail, size as u64).ok()?;
    let end = (directory.offset + directory.size) as f64;
    let bytes = browser::read(archive, directory.offset as f64, end).await.ok()?.to_vec();
    let entry = zip::entries(&bytes, directory).ok()?.into_iter().find(|e| e.name == name)?;
    let header = entry.header as f64;
    let local = browser::read(archive, header, header + zip::LOCAL_HEADER as f64).await.ok()?.to_vec();
    let start = zip::data_offset(&entry, &local).ok()? as f64;
    let packed = archive.slice_with_f64_and_f64(start, start + entry.packed as f64).ok()?;
    match entry.method {
        zip::Method::Stored => Some(packed),
        zip::Method::Deflate => browser::inflate(&packed, "deflate-raw", entry.size as f64).await.ok(),
        zip::Method::Unreadable => None,
    }
}

/// Cuts an excerpt from a copy.
///
/// # Errors
/// For a person: why there is no excerpt.
pub(crate) async fn cut(blob: &Blob, location: Location) -> Result<Excerpt, String> {
    let gone = |e: String| format!("The file could not be read again ({e}). It may have changed since it was given.");
    let (start, end) = (u64::from(location.start), u64::from(location.end));
    let first = browser::read(blob, 0.0, 4.0).await.map_err(gone)?.to_vec();
    if let Some(little_endian) = excerpt::utf16(&first) {
        // Offsets count in the file's UTF-8 form, which only exists once the file is decoded from its beginning.
        let bytes = browser::read(blob, 0.0, blob.size()).await.map_err(gone)?.to_vec();
        let text = excerpt::decode_utf16(&bytes, little_endian);
        let size = text.len() as u64;
        return Ok(excerpt::cut(text.as_bytes(), 0, size, start, end, location.line));
    }
    let size = blob.size() as u64;
    let (from, to) = excerpt::window(start, end, size);
    let bytes = browser::read(blob, from as f64, to as f64).await.map_err(gone)?.to_vec();
    Ok(excerpt::cut(&bytes, from, size, start, end, location.line))
}
