//! Compressed sizes of what a visitor downloads, against committed budgets.

use std::path::PathBuf;

use crate::process::Cmd;
use crate::{Result, npm, single_file, workspace};

const BUDGETS: &str = "size-budget.toml";

/// What the budget file begins with.
const HEADER: &str = "\
# Bytes that each artefact may take as it is downloaded: those of dist/ after brotli (quality 11), relata.html after gzip (-9, for it is handed
# around by hosts and mails that have no brotli), the npm package as npm packs it (gzip). `cargo xtask size` checks them; a change that needs more
# raises its line by `cargo xtask size --update` and says in its commit what the bytes buy.
#
# The aims are 900 KB for relata.html and 500 KB for the npm package, and neither is met: the engine alone is above both. The lines below keep them
# from growing unseen; they are no claim that the aims hold.
";

/// A line of the budget file: an artefact and how many bytes it may take.
struct Budget {
    artefact: String,
    bytes: u64,
}

/// What is downloaded, how it is called in the budget file, and how it is packed on its way.
struct Artefact {
    name: String,
    file: PathBuf,
    packing: Packing,
}

#[derive(Clone, Copy)]
enum Packing {
    Brotli,
    Gzip,
    /// It is an archive already.
    AsItIs,
}

/// `cargo xtask size`: fails when an artefact is over its budget, or when one has none.
pub(crate) fn check() -> Result<()> {
    let artefacts = artefacts()?;
    let budgets = read()?;
    let mut over = Vec::new();
    let mut total = 0;
    for artefact in &artefacts {
        let (name, size) = (&artefact.name, compressed(artefact)?);
        // The other two hold the same a second time.
        if matches!(artefact.packing, Packing::Brotli) {
            total += size;
        }
        let budget = budgets.iter().find(|b| b.artefact == *name);
        let shown = budget.map_or_else(|| "none".to_owned(), |b| b.bytes.to_string());
        println!("{name:40} {size:9} of {shown} bytes");
        match budget {
            Some(budget) if size <= budget.bytes => {}
            Some(budget) => over.push(format!("{name} is {} bytes over its budget", size - budget.bytes)),
            None => over.push(format!("{name} has no budget in {BUDGETS}")),
        }
    }
    println!("{:40} {total:9}", "dist/, without relata.html");
    let built = |budget: &Budget| artefacts.iter().any(|a| a.name == budget.artefact);
    over.extend(budgets.iter().filter(|b| !built(b)).map(|b| format!("{} is not built", b.artefact)));
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

/// `cargo xtask size --update`: budgets of today's sizes and a twentieth, for a change that is worth its bytes.
pub(crate) fn update() -> Result<()> {
    let mut text = format!("{HEADER}\n");
    for artefact in artefacts()? {
        let size = compressed(&artefact)?;
        let budget = (size + size / 20).next_multiple_of(1024);
        text.push_str(&format!("\"{}\" = {budget}\n", artefact.name));
    }
    workspace::write(&workspace::root().join(BUDGETS), text.as_bytes())
}

/// What must arrive before the page works (programs and styles), the page as one file, and the npm package.
fn artefacts() -> Result<Vec<Artefact>> {
    let single = single_file::build()?;
    let package = npm::build()?;
    let dist = workspace::dist();
    let mut found = Vec::new();
    for file in workspace::files(&dist)? {
        let inside = file.strip_prefix(&dist).map_err(|e| e.to_string())?;
        let name = inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let counted = file.extension().and_then(|e| e.to_str()).is_some_and(|e| ["wasm", "js", "json"].contains(&e));
        // The element's program is the engine's, a second time.
        if counted && name != "element/relata_engine_bg.wasm" {
            found.push(Artefact { name, file, packing: Packing::Brotli });
        }
    }
    found.push(Artefact { name: "relata.html".into(), file: single, packing: Packing::Gzip });
    // Without its version, so that a release keeps its budget.
    found.push(Artefact { name: "npm/relata.tgz".into(), file: package, packing: Packing::AsItIs });
    Ok(found)
}

fn compressed(artefact: &Artefact) -> Result<u64> {
    let file = &artefact.file;
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    // Node is here for wasm-opt and the browser tests, and has both.
    let script = match artefact.packing {
        Packing::AsItIs => return Ok(bytes.len() as u64),
        Packing::Gzip => {
            "process.stdout.write(String(require('zlib').gzipSync(require('fs').readFileSync(0), {level: 9}).length))"
        }
        Packing::Brotli => {
            "const {brotliCompressSync, constants: c} = require('zlib'), bytes = require('fs').readFileSync(0);\
             const params = {[c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_LGWIN]: 22, [c.BROTLI_PARAM_SIZE_HINT]: bytes.length};\
             process.stdout.write(String(brotliCompressSync(bytes, {params}).length))"
        }
    };
    let answer = Cmd::new("node").args(["-e", script]).filter(&bytes)?;
    String::from_utf8_lossy(&answer).trim().parse().map_err(|_| "node gave no size".to_owned())
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
