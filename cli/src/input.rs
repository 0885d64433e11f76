//! From paths to an analysis.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use relata_core::analysis::Analysis;
use relata_core::history::natural_order;
use relata_core::session::FileOrder;
use relata_core::{Options, Session};

use crate::Failure;
use crate::output::note;

/// Bytes handed to the session at once.
const CHUNK: usize = 256 << 10;
/// Folders inside folders; a deeper tree is no project.
const MAX_DEPTH: usize = 64;
/// Folders in which nothing of the project's own lies.
const SKIPPED: &[&str] = &["node_modules", "target"];

/// Something to read, and what it is called in messages and output.
struct Source {
    name: String,
    path: Option<PathBuf>,
}

/// Reads everything that the paths lead to.
pub(crate) fn read(paths: &[PathBuf], server_version: Option<u16>) -> Result<Analysis, Failure> {
    let mut sources = Vec::new();
    let mut folders = false;
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(Source { name: "stdin.sql".to_owned(), path: None });
        } else if fs::metadata(path).map_err(|e| unreadable(path, &e))?.is_dir() {
            folders = true;
            walk(path, 0, &mut sources)?;
        } else {
            sources.push(Source { name: name(path), path: Some(path.clone()) });
        }
    }
    // An archive by itself is like a folder: its files come in their layout's order.
    let archive = matches!(sources.as_slice(), [only] if is_archive(&only.name));
    let order = if folders || archive { FileOrder::ByName } else { FileOrder::AsGiven };
    let mut session = Session::new(Options { server_version, order, ..Options::default() });
    for source in &sources {
        match &source.path {
            None => feed(&mut session, &source.name, &mut io::stdin().lock())
                .map_err(|e| Failure::Unusable(format!("standard input cannot be read: {e}")))?,
            Some(path) => File::open(path)
                .and_then(|mut file| feed(&mut session, &source.name, &mut file))
                .map_err(|e| unreadable(path, &e))?,
        }
    }
    Ok(session.finish(&mut |_| ()))
}

/// Hands a file to the session piece by piece: its size does not matter.
fn feed(session: &mut Session, name: &str, from: &mut impl Read) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    // An empty file is a file too.
    session.push(name, &[]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => session.push(name, buffer.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    session.end_file();
    Ok(())
}

/// The regular files of a folder and the folders in it, sorted. A symbolic link may lead out of what was given, or in a circle: it is not followed.
fn walk(folder: &Path, depth: usize, sources: &mut Vec<Source>) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        let message = format!("{}: folders lie deeper than {MAX_DEPTH} levels", folder.display());
        return Err(Failure::Unusable(message));
    }
    let mut entries = fs::read_dir(folder)
        .and_then(|entries| entries.collect::<io::Result<Vec<_>>>())
        .map_err(|e| unreadable(folder, &e))?;
    entries.sort_by(|a, b| {
        natural_order(&a.file_name().to_string_lossy(), &b.file_name().to_string_lossy())
            .then_with(|| a.file_name().cmp(&b.file_name()))
    });
    for entry in entries {
        let path = entry.path();
        let own = entry.file_name();
        let own = own.to_string_lossy();
        if own.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(|e| unreadable(&path, &e))?;
        if kind.is_symlink() {
            note(&format!("{} is a symbolic link and was not followed", path.display()));
        } else if kind.is_dir() {
            if !SKIPPED.contains(&own.as_ref()) {
                walk(&path, depth + 1, sources)?;
            }
        } else if kind.is_file() {
            sources.push(Source { name: name(&path), path: Some(path) });
        }
    }
    Ok(())
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".gz", ".tgz"].iter().any(|end| name.ends_with(end))
}

/// A path as it stands in output: `/` between folders, no `./` in front.
fn name(path: &Path) -> String {
    let name = path.to_string_lossy();
    let name = if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() };
    let mut rest = name.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    rest.to_owned()
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!("{} cannot be read: {error}", path.display()))
}
