//! Documentation that is made from the code, committed, and checked by CI.

use std::path::PathBuf;

use crate::process::Cmd;
use crate::{Result, workspace};

/// A generated file: where it goes and what it holds.
struct Page {
    path: PathBuf,
    text: String,
}

/// `cargo xtask docs`.
pub(crate) fn write() -> Result<()> {
    for page in pages()? {
        workspace::write(&page.path, page.text.as_bytes())?;
    }
    Ok(())
}

/// `cargo xtask docs --check`: fails where the committed files are not what the code gives today.
pub(crate) fn check() -> Result<()> {
    let mut stale = Vec::new();
    for page in pages()? {
        let same = std::fs::read_to_string(&page.path).is_ok_and(|text| text.replace("\r\n", "\n") == page.text);
        if !same {
            stale.push(page.path.strip_prefix(workspace::root()).unwrap_or(&page.path).display().to_string());
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(format!("run `cargo xtask docs`: {} out of date", stale.join(", "))) }
}

/// `cargo xtask fidelity`.
pub(crate) fn fidelity() -> Result<()> {
    let page = fidelity_page()?.ok_or("the corpus is not here: set RELATA_CORPUS to the folder that holds `corpus`")?;
    workspace::write(&page.path, page.text.as_bytes())
}

fn pages() -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    pages.extend(fidelity_page()?);
    Ok(pages)
}

/// How exactly each schema of the corpus is understood. `None` where there is no corpus.
fn fidelity_page() -> Result<Option<Page>> {
    let Some(corpus) = workspace::corpus() else { return Ok(None) };
    let text = Cmd::new("cargo")
        .args(["run", "--quiet", "--package", "relata-tests", "--bin", "fidelity"])
        .env("RELATA_CORPUS", corpus)
        .output()?;
    Ok(Some(Page { path: workspace::root().join("docs/fidelity.md"), text }))
}
