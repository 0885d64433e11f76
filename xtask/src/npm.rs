//! The npm package: `web/npm/`, the engine with its glue, the element, and the types made from the schemas. `npm pack` makes one file of it.

use std::path::PathBuf;

use crate::process::Cmd;
use crate::{Result, element, fingerprint, site, types, workspace};

/// Makes `dist-npm/relata-VERSION.tgz` and gives its path.
pub(crate) fn build() -> Result<PathBuf> {
    site::build_engine()?;
    let root = workspace::root();
    let packed = root.join("dist-npm");
    let version = env!("CARGO_PKG_VERSION");
    let file = packed.join(format!("relata-{version}.tgz"));
    let inputs = [
        root.join("web/npm"),
        root.join("web/element"),
        root.join("docs/schemas"),
        root.join("xtask/src"),
        site::engine_folder().join("relata_engine_bg.wasm"),
        site::engine_folder().join("relata_engine.js"),
    ];
    fingerprint::unless_unchanged("npm", &inputs, &[&file], || {
        let folder = workspace::tools().join("build/npm");
        workspace::remove_folder(&folder)?;
        workspace::copy_folder(&root.join("web/npm"), &folder)?;
        manifest_agrees(version)?;
        workspace::copy(&site::engine_folder().join("relata_engine.js"), &folder.join("relata_engine.js"))?;
        element::assemble(&folder)?;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            workspace::copy(&root.join(licence), &folder.join(licence))?;
        }
        workspace::write(&folder.join("types.d.ts"), types::declarations()?.as_bytes())?;
        workspace::remove_folder(&packed)?;
        workspace::create_folder(&packed)?;
        Cmd::new("npm").args(["pack", "--pack-destination"]).arg(&packed).dir(&folder).run()
    })?;
    Ok(file)
}

/// The versions of the package and of the element are those of the workspace.
fn manifest_agrees(version: &str) -> Result<()> {
    let root = workspace::root();
    let told = [
        ("web/npm/package.json", format!("\"version\": \"{version}\"")),
        ("web/element/relata-schema.js", format!("const VERSION = \"{version}\";")),
    ];
    for (file, line) in told {
        if !workspace::read(&root.join(file))?.contains(&line) {
            return Err(format!("{file} does not say {line}"));
        }
    }
    Ok(())
}
