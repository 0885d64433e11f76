//! Where things are.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::process::Cmd;

/// The root of the workspace. Cargo says at run time where the package is, so that one binary serves every checkout that shares a target folder.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.parent().map_or_else(|| package.clone(), Path::to_path_buf)
}

/// The folder of project-local tools. Git ignores it.
pub(crate) fn tools() -> PathBuf {
    root().join(".tools")
}

/// The static site.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Cargo's target folder, whatever the environment and the configuration say.
pub(crate) fn target() -> Result<PathBuf> {
    let text = Cmd::new("cargo").args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let data: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))?;
    let folder = data.get("target_directory").and_then(|v| v.as_str());
    folder.map(PathBuf::from).ok_or_else(|| "cargo metadata names no target folder".to_owned())
}

/// The third-party schemas that the big tests read: `RELATA_CORPUS`, else `../shared` beside the workspace. `None` where there are none.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("RELATA_CORPUS").map_or_else(|| root().join("../shared"), PathBuf::from);
    folder.join("corpus").is_dir().then_some(folder)
}

/// Reads a text file, naming it when that fails.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes a file and the folders above it, naming it when that fails.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Removes a file.
pub(crate) fn remove_file(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Removes a folder with all in it, where it exists.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {e}", path.display())),
        _ => Ok(()),
    }
}

/// All files under a folder, sorted; build output and hidden entries are left out. A missing folder has none.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(format!("{}: {e}", folder.display())),
        };
        for entry in entries {
            let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if name.starts_with('.') || ["node_modules", "pkg", "target"].contains(&name) {
                continue;
            }
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a folder's files into another, keeping their places.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let inside = file.strip_prefix(from).map_err(|e| e.to_string())?;
        copy(&file, &to.join(inside))?;
    }
    Ok(())
}

/// Copies one file, making the folders above its new place.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        create_folder(folder)?;
    }
    std::fs::copy(from, to).map(drop).map_err(|e| format!("{} to {}: {e}", from.display(), to.display()))
}
