//! The static site in `dist/`: the page, its engine, and what they load. Every address in it is relative, so any host and any sub-path will do.
//!
//! ```text
//! dist/index.html                     the page
//! dist/app/relata_app{.js,_bg.wasm}   the app: wasm-bindgen, target `web`
//! dist/engine/relata_engine{.js,_bg.wasm}   the engine: wasm-pack, target `web`
//! dist/static/…                       styles, icons, samples, the worker's script
//! dist/sw.js                          keeps all of that for use without a network
//! dist/static/rules.json              what the rules say of themselves
//! dist/element/…                      the custom element for other sites: a folder to copy (`xtask/src/element.rs`)
//! ```

use std::path::{Path, PathBuf};

use crate::process::Cmd;
use crate::{Result, element, fingerprint, tools, workspace};

/// Builds what changed, and gives the folder.
pub(crate) fn build() -> Result<PathBuf> {
    tools::for_build()?;
    let root = workspace::root();
    let dist = workspace::dist();
    engine(&root)?;
    app(&root)?;
    rules(&root)?;
    let parts = [
        root.join("index.html"),
        root.join("static"),
        root.join("web/element"),
        root.join("xtask/src/element.rs"),
        engine_folder().join("relata_engine.js"),
        engine_folder().join("relata_engine_bg.wasm"),
        app_folder(),
        rules_file(),
    ];
    let built = fingerprint::unless_unchanged("dist", &parts, &[&dist.join("index.html")], || assemble(&root, &dist))?;
    if built {
        eprintln!("dist/ is up to date");
    }
    Ok(dist)
}

/// Where wasm-pack puts the engine: also what an npm package is made from.
pub(crate) fn engine_folder() -> PathBuf {
    workspace::root().join("web/engine/pkg")
}

fn app_folder() -> PathBuf {
    workspace::tools().join("build/app")
}

fn rules_file() -> PathBuf {
    workspace::tools().join("build/rules.json")
}

/// The engine as the compiler gave it.
pub(crate) fn engine_wasm() -> Result<PathBuf> {
    Ok(workspace::target()?.join("wasm32-unknown-unknown/engine/relata_engine.wasm"))
}

/// The app as the compiler gave it.
pub(crate) fn app_wasm() -> Result<PathBuf> {
    Ok(workspace::target()?.join("wasm32-unknown-unknown/page/relata_app.wasm"))
}

/// What every wasm build depends on beside its own sources.
fn shared_inputs(root: &Path) -> Vec<PathBuf> {
    ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "web/protocol"].iter().map(|p| root.join(p)).collect()
}

/// Builds the engine alone, with what that needs.
pub(crate) fn build_engine() -> Result<()> {
    tools::for_build()?;
    engine(&workspace::root())
}

fn engine(root: &Path) -> Result<()> {
    let mut inputs = shared_inputs(root);
    inputs.extend([root.join("core"), root.join("web/engine")]);
    let folder = engine_folder();
    let outputs = [&folder.join("relata_engine_bg.wasm") as &Path, &engine_wasm()?];
    fingerprint::unless_unchanged("engine", &inputs, &outputs, || {
        Cmd::new("wasm-pack")
            .args([
                "build",
                "web/engine",
                "--mode",
                "no-install",
                "--target",
                "web",
                "--profile",
                "engine",
                "--no-pack",
                "--out-dir",
            ])
            .arg(&folder)
            .path_first(&tools::path())?
            .run()
    })?;
    Ok(())
}

fn app(root: &Path) -> Result<()> {
    let mut inputs = shared_inputs(root);
    inputs.push(root.join("web/app"));
    let folder = app_folder();
    let wasm = app_wasm()?;
    fingerprint::unless_unchanged("app", &inputs, &[&folder.join("relata_app_bg.wasm"), &wasm], || {
        Cmd::new("cargo")
            .args(["build", "--target", "wasm32-unknown-unknown", "--profile", "page", "--package", "relata-app"])
            .run()?;
        bindings(&wasm, "web", &folder)?;
        let bound = folder.join("relata_app_bg.wasm");
        Cmd::new("wasm-opt").arg("-Oz").arg(&bound).arg("-o").arg(&bound).path_first(&tools::path())?.run()
    })?;
    Ok(())
}

/// JavaScript glue and wasm from what the compiler gave.
pub(crate) fn bindings(wasm: &Path, target: &str, folder: &Path) -> Result<()> {
    workspace::remove_folder(folder)?;
    Cmd::new("wasm-bindgen")
        .args(["--target", target, "--no-typescript", "--out-dir"])
        .arg(folder)
        .arg(wasm)
        .path_first(&tools::path())?
        .run()
}

/// The rules' own words, which the page fetches at its start so that they do not weigh on the wasm.
fn rules(root: &Path) -> Result<()> {
    let inputs = [root.join("core/src"), root.join("cli/src")];
    fingerprint::unless_unchanged("rules", &inputs, &[&rules_file()], || {
        let json = Cmd::new("cargo")
            .args(["run", "--quiet", "--package", "relata", "--", "rules", "--format", "json"])
            .output()?;
        // Read and written again without the spaces that make it readable.
        let rules: serde_json::Value = serde_json::from_str(&json).map_err(|e| format!("relata rules: {e}"))?;
        workspace::write(&rules_file(), rules.to_string().as_bytes())
    })?;
    Ok(())
}

fn assemble(root: &Path, dist: &Path) -> Result<()> {
    workspace::remove_folder(dist)?;
    workspace::copy(&root.join("index.html"), &dist.join("index.html"))?;
    workspace::copy_folder(&root.join("static"), &dist.join("static"))?;
    // It stands at the root, for it speaks for what is below it only.
    workspace::remove_file(&dist.join("static/sw.js"))?;
    for (from, to) in [(engine_folder(), "engine"), (app_folder(), "app")] {
        for file in workspace::files(&from)? {
            if file.extension().is_some_and(|e| e == "js" || e == "wasm") {
                let inside = file.strip_prefix(&from).map_err(|e| e.to_string())?;
                workspace::copy(&file, &dist.join(to).join(inside))?;
            }
        }
    }
    workspace::copy(&rules_file(), &dist.join("static/rules.json"))?;
    workspace::write(&dist.join("sw.js"), service_worker(root, dist)?.as_bytes())?;
    element::assemble(&dist.join("element"))
}

/// `static/sw.js` with the files that it keeps, and a digest of them: everything that the page is made of.
fn service_worker(root: &Path, dist: &Path) -> Result<String> {
    let mut names = Vec::new();
    for file in workspace::files(dist)? {
        let inside = file.strip_prefix(dist).map_err(|e| e.to_string())?;
        names.push(inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
    }
    let digest = fingerprint::of_folder(dist, &names)?;
    let script = workspace::read(&root.join("static/sw.js"))?;
    let list = serde_json::Value::from(names).to_string();
    let filled = script.replacen("const FILES = [];", &format!("const FILES = {list};"), 1).replacen(
        "const DIGEST = \"none\";",
        &format!("const DIGEST = \"{digest}\";"),
        1,
    );
    if filled.contains("const FILES = [];") || filled.contains("\"none\"") {
        return Err("static/sw.js has no place for its files".into());
    }
    Ok(filled)
}
