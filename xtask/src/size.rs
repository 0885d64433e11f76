//! Compressed sizes of what a visitor downloads, against committed budgets.

use std::path::Path;

use crate::process::Cmd;
use crate::{Result, site, workspace};

const BUDGETS: &str = "size-budget.toml";

/// A line of the budget file: an artefact of `dist/` and how many bytes it may take after brotli.
struct Budget {
    artefact: String,
    bytes: u64,
}

/// `cargo xtask size`: fails when an artefact is over its budget, or when one has none.
pub(crate) fn check() -> Result<()> {
    let dist = site::build()?;
    let budgets = read()?;
    let mut over = Vec::new();
    let mut total = 0;
    for artefact in artefacts(&dist)? {
        let size = compressed(&dist.join(&artefact))?;
        total += size;
        let budget = budgets.iter().find(|b| b.artefact == artefact);
        let shown = budget.map_or_else(|| "none".to_owned(), |b| b.bytes.to_string());
        println!("{artefact:40} {size:9} of {shown} bytes");
        match budget {
            Some(budget) if size <= budget.bytes => {}
            Some(budget) => over.push(format!("{artefact} is {} bytes over its budget", size - budget.bytes)),
            None => over.push(format!("{artefact} has no budget in {BUDGETS}")),
        }
    }
    println!("{:40} {total:9}", "together");
    over.extend(
        budgets.iter().filter(|b| !dist.join(&b.artefact).is_file()).map(|b| format!("{} is not built", b.artefact)),
    );
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

/// `cargo xtask size --update`: budgets of today's sizes and a twentieth, for a change that is worth its bytes.
pub(crate) fn update() -> Result<()> {
    let dist = site::build()?;
    let mut text = "# Bytes after brotli (quality 11) that each artefact of dist/ may take. `cargo xtask size` checks them; a change that needs more\n\
                    # raises its line by `cargo xtask size --update` and says in its commit what the bytes buy.\n\n"
        .to_owned();
    for artefact in artefacts(&dist)? {
        let size = compressed(&dist.join(&artefact))?;
        let budget = (size + size / 20).next_multiple_of(1024);
        text.push_str(&format!("\"{artefact}\" = {budget}\n"));
    }
    workspace::write(&workspace::root().join(BUDGETS), text.as_bytes())
}

/// What must arrive before the page works: programs and styles.
fn artefacts(dist: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in workspace::files(dist)? {
        let inside = file.strip_prefix(dist).map_err(|e| e.to_string())?;
        let name = inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let counted = file.extension().and_then(|e| e.to_str()).is_some_and(|e| ["wasm", "js", "json"].contains(&e));
        // The element's program is the engine's, a second time.
        if counted && name != "element/relata_engine_bg.wasm" {
            names.push(name);
        }
    }
    Ok(names)
}

fn compressed(file: &Path) -> Result<u64> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    // Node is here for wasm-opt and the browser tests, and has brotli.
    let script = "const {brotliCompressSync, constants: c} = require('zlib'), bytes = require('fs').readFileSync(0);\
                  const params = {[c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_LGWIN]: 22, [c.BROTLI_PARAM_SIZE_HINT]: bytes.length};\
                  process.stdout.write(String(brotliCompressSync(bytes, {params}).length))";
    let answer = Cmd::new("node").args(["-e", script]).filter(&bytes)?;
    String::from_utf8_lossy(&answer).trim().parse().map_err(|_| "brotli gave no size".to_owned())
}

/// Reads `"name" = number` lines.
fn read() -> Result<Vec<Budget>> {
    let text = workspace::read(&workspace::root().join(BUDGETS))?;
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines
        .map(|line| {
            let parsed = line.split_once('=').and_then(|(name, bytes)| {
                let artefact = name.trim().trim_matches('"').to_owned();
                Some(Budget { artefact, bytes: bytes.trim().parse().ok()? })
            });
            parsed.ok_or_else(|| format!("{BUDGETS}: cannot read `{line}`"))
        })
        .collect()
}
