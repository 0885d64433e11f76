//! Archives: zip and gzip, unpacked in memory within limits.

use crate::order::Order;
use std::io::{Cursor, Read};

/// How much all files of one archive may unpack to. A zip of a few kilobytes can name terabytes.
pub const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// How many entries of one archive are looked at.
pub const MAX_ENTRIES: usize = 50_000;
const CHUNK_BYTES: usize = 64 << 10;

/// What the reader of an archive is told.
pub enum Entry<'a> {
    /// Bytes of a file, in order; a file of no bytes comes once, with none.
    Bytes {
        /// The path inside the archive, with `/`.
        name: &'a str,
        /// Its next bytes.
        bytes: &'a [u8],
    },
    /// The file named last is complete.
    End,
    /// A file that could not be unpacked, and why.
    Failed {
        /// The path inside the archive.
        name: &'a str,
        /// Why, for a person.
        reason: String,
    },
}

/// Unpacks a zip archive in the order of its names, so that the order of packing does not matter.
///
/// # Errors
/// Says for a person why the archive as a whole cannot be opened.
pub fn unzip(bytes: &[u8], sink: &mut dyn FnMut(Entry<'_>)) -> Result<(), String> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| format!("the zip archive cannot be opened ({e})"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!(
            "the zip archive has {} entries, more than the {MAX_ENTRIES} that are looked at",
            archive.len()
        ));
    }
    let mut names: Vec<(String, usize)> = Vec::new();
    for index in 0..archive.len() {
        let Ok(file) = archive.by_index_raw(index) else { continue };
        let Ok(name) = file.name().map(|n| n.replace('\\', "/")) else { continue };
        if !file.is_dir() && !is_noise(&name) {
            names.push((name, index));
        }
    }
    names.order();
    let mut left = MAX_UNPACKED_BYTES;
    for (name, index) in names {
        match archive.by_index(index) {
            Ok(mut file) => copy(&name, &mut file, &mut left, sink),
            Err(e) => sink(Entry::Failed { name: &name, reason: format!("it cannot be unpacked ({e})") }),
        }
    }
    Ok(())
}

/// Unpacks a gzip file under the name that it has without `.gz`.
pub fn gunzip(name: &str, bytes: &[u8], sink: &mut dyn FnMut(Entry<'_>)) {
    let inner = name.strip_suffix(".gz").unwrap_or(name);
    let mut left = MAX_UNPACKED_BYTES;
    copy(inner, &mut flate2::read::MultiGzDecoder::new(bytes), &mut left, sink);
}

fn copy(name: &str, from: &mut dyn Read, left: &mut u64, sink: &mut dyn FnMut(Entry<'_>)) {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut first = true;
    loop {
        match from.read(&mut chunk) {
            Ok(0) if first => sink(Entry::Bytes { name, bytes: &[] }),
            Ok(0) => {}
            Ok(count) if count as u64 > *left => {
                let reason = format!("the archive unpacks to more than {} MB", MAX_UNPACKED_BYTES >> 20);
                *left = 0;
                sink(Entry::Failed { name, reason });
            }
            Ok(count) => {
                *left -= count as u64;
                first = false;
                sink(Entry::Bytes { name, bytes: chunk.get(..count).unwrap_or_default() });
                continue;
            }
            Err(e) => sink(Entry::Failed { name, reason: format!("it cannot be unpacked ({e})") }),
        }
        sink(Entry::End);
        return;
    }
}

/// Files that archivers and systems add: never part of a schema.
fn is_noise(name: &str) -> bool {
    name.starts_with("__MACOSX/")
        || name.split('/').any(|part| part.starts_with('.') || matches!(part, "__pycache__" | "node_modules"))
}
