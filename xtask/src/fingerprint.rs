//! Whether inputs changed since the last build: a digest over their names and bytes.

use std::path::{Path, PathBuf};

use crate::{Result, workspace};

/// A digest of all files under the given files and folders. FNV-1a, 64 bits: nobody attacks it, and it must only tell yesterday from today.
pub(crate) fn of(paths: &[PathBuf]) -> Result<String> {
    let mut hash = Fnv::default();
    for path in paths {
        let files = if path.is_dir() { workspace::files(path)? } else { vec![path.clone()] };
        for file in files {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            hash.add(file.to_string_lossy().as_bytes());
            hash.add(&(bytes.len() as u64).to_le_bytes());
            hash.add(&bytes);
        }
    }
    Ok(format!("{:016x}", hash.0))
}

/// A digest of files of a folder, wherever the folder stands.
pub(crate) fn of_folder(folder: &Path, names: &[String]) -> Result<String> {
    let mut hash = Fnv::default();
    for name in names {
        let bytes = std::fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
        hash.add(name.as_bytes());
        hash.add(&(bytes.len() as u64).to_le_bytes());
        hash.add(&bytes);
    }
    Ok(format!("{:016x}", hash.0))
}

struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// Runs `make` unless it ran before with the same inputs and its outputs are still there. Gives whether it ran.
pub(crate) fn unless_unchanged(
    name: &str,
    inputs: &[PathBuf],
    outputs: &[&Path],
    make: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    let stamp = workspace::tools().join(format!("{name}.stamp"));
    let digest = of(inputs)?;
    let same = std::fs::read_to_string(&stamp).is_ok_and(|old| old == digest);
    if same && outputs.iter().all(|o| o.exists()) {
        return Ok(false);
    }
    let _ = std::fs::remove_file(&stamp);
    make()?;
    workspace::write(&stamp, digest.as_bytes())?;
    Ok(true)
}
