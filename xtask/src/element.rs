//! The custom element as a folder that stands alone: the script of the one tag, the worker, and the engine's program.
//!
//! The worker is one classic script: the engine's `no-modules` glue with `web/element/worker.js` behind it, so that it starts from a file, from a
//! Blob and from whatever name a bundler gives it. The script of the tag has the hashes of both other files in it: a page that pins the script pins them.

use std::path::Path;

use crate::process::Cmd;
use crate::{Result, site, workspace};

/// Puts the element's files into a folder. The engine must be built.
pub(crate) fn assemble(folder: &Path) -> Result<()> {
    let root = workspace::root();
    let glue = workspace::tools().join("build/element");
    site::bindings(&site::engine_wasm()?, "no-modules", &glue)?;
    let worker =
        workspace::read(&glue.join("relata_engine.js"))? + &workspace::read(&root.join("web/element/worker.js"))?;
    let (worker_file, program_file) = (folder.join("relata-worker.js"), folder.join("relata_engine_bg.wasm"));
    workspace::write(&worker_file, worker.as_bytes())?;
    // The wasm is the same for every form of the glue, and optimised already.
    workspace::copy(&site::engine_folder().join("relata_engine_bg.wasm"), &program_file)?;
    let mut script = workspace::read(&root.join("web/element/relata-schema.js"))?;
    for (name, file) in [("WORKER_HASH", worker_file), ("PROGRAM_HASH", program_file)] {
        let place = format!("const {name} = \"\";");
        if !script.contains(&place) {
            return Err(format!("web/element/relata-schema.js has no `{place}`"));
        }
        script = script.replacen(&place, &format!("const {name} = \"{}\";", integrity(&file)?), 1);
    }
    workspace::write(&folder.join("relata-schema.js"), script.as_bytes())
}

/// The tag for other sites, with the hash that the browser checks the script by.
pub(crate) fn tag(folder: &Path) -> Result<String> {
    Ok(format!(
        "<script type=\"module\" src=\"relata-schema.js\" crossorigin integrity=\"{}\"></script>",
        integrity(&folder.join("relata-schema.js"))?
    ))
}

/// A file's hash as the attribute `integrity` wants it.
fn integrity(file: &Path) -> Result<String> {
    hash("sha384", &std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?)
}

/// A hash as policies and `integrity` have it: `sha256-…`. Source: Subresource Integrity, 3.1; Content Security Policy Level 3, 2.3.1.
pub(crate) fn hash(algorithm: &str, bytes: &[u8]) -> Result<String> {
    let script = "const [, name] = process.argv; process.stdout.write(name + '-' + require('crypto').createHash(name).update(require('fs').readFileSync(0)).digest('base64'))";
    let answer = Cmd::new("node").args(["-e", script, algorithm]).filter(bytes)?;
    String::from_utf8(answer).map_err(|e| e.to_string())
}
