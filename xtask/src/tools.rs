//! The tools that the build and the tests need, at pinned versions.
//!
//! What can live in the workspace goes into `.tools/`; Debian packages are installed where we are root on a Debian; for the rest one line says
//! what is missing and how to get it.

use std::path::{Path, PathBuf};

use crate::process::{Cmd, which};
use crate::{Result, workspace};

/// Must equal the version of the `wasm-bindgen` crate in Cargo.lock, to the last digit.
const WASM_BINDGEN: &str = "0.2.129";
const WASM_PACK: &str = "0.15.1";
/// Brings `wasm-opt`. Debian's is too old for what today's compiler emits.
const BINARYEN: &str = "132.0.0";
const CARGO_DENY: &str = "0.20.2";
const MDBOOK: &str = "0.4.52";

/// The folder of installed programs.
fn bin() -> PathBuf {
    workspace::tools().join("bin")
}

/// What goes before the rest of PATH when a build runs.
pub(crate) fn path() -> Vec<PathBuf> {
    vec![bin(), workspace::tools().join("node/node_modules/.bin")]
}

/// Everything that building the site needs.
pub(crate) fn for_build() -> Result<()> {
    node()?;
    wasm_target()?;
    cargo_tool("wasm-bindgen-cli", "wasm-bindgen", WASM_BINDGEN)?;
    cargo_tool("wasm-pack", "wasm-pack", WASM_PACK)?;
    npm_tool("binaryen", BINARYEN)
}

/// The compiler's wasm target. `rust-toolchain.toml` names it, so rustup usually has it already.
pub(crate) fn wasm_target() -> Result<()> {
    let folder = Cmd::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]).output()?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    if which("rustup").is_none() {
        return Err(
            "the wasm32-unknown-unknown target is missing: install it with your toolchain (rustup.rs does)".into()
        );
    }
    Cmd::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]).run_retrying()
}

/// Node.js and npm, which run wasm-opt and the browser tests.
pub(crate) fn node() -> Result<()> {
    if which("node").is_some() && which("npm").is_some() {
        return Ok(());
    }
    if debian("nodejs npm", &["nodejs", "npm"])? && which("node").is_some() && which("npm").is_some() {
        return Ok(());
    }
    Err("Node.js 20 or newer with npm is missing: https://nodejs.org or your system's packages".into())
}

/// cargo-deny, for licences and sources.
pub(crate) fn cargo_deny() -> Result<()> {
    if which("cargo-deny").is_some() {
        return Ok(());
    }
    cargo_tool("cargo-deny", "cargo-deny", CARGO_DENY)
}

/// mdBook, for the site of its kind.
pub(crate) fn mdbook() -> Result<PathBuf> {
    if let Some(found) = which("mdbook") {
        return Ok(found);
    }
    cargo_tool("mdbook", "mdbook", MDBOOK)?;
    Ok(bin().join("mdbook").with_extension(std::env::consts::EXE_EXTENSION))
}

/// MkDocs at the versions that its site names.
pub(crate) fn mkdocs() -> Result<PathBuf> {
    python_tool("python", "tests/embed/sites/mkdocs/requirements.txt", "mkdocs")
}

/// Alembic at the versions that its tests name.
pub(crate) fn alembic() -> Result<PathBuf> {
    python_tool("alembic", "tests/alembic/requirements.txt", "alembic")
}

/// A program from PyPI, in a Python environment of its own with the packages that `requirements` names.
fn python_tool(environment: &str, requirements: &str, program: &str) -> Result<PathBuf> {
    let wanted = workspace::read(&workspace::root().join(requirements))?;
    let wanted = wanted.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let programs = python(&workspace::tools().join(environment), &[wanted])?;
    Ok(programs.join(program).with_extension(std::env::consts::EXE_EXTENSION))
}

/// A Python environment in a folder of its own, with what pip is asked to install by one list of arguments after the other; gives the folder of its
/// programs. It is made anew where something else is asked for.
pub(crate) fn python(folder: &Path, installs: &[Vec<&str>]) -> Result<PathBuf> {
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let mark = folder.join("installed");
    let asked = installs.iter().map(|arguments| arguments.join(" ")).collect::<Vec<_>>().join("\n");
    if std::fs::read_to_string(&mark).is_ok_and(|had| had == asked) {
        return Ok(programs);
    }
    println!("installing {}", asked.replace('\n', ", "));
    workspace::remove_folder(folder)?;
    let python = ["python3", "python"].into_iter().find_map(which);
    let python = python.ok_or("Python 3 with venv is missing: python.org or your system's packages")?;
    let make = || Cmd::new(&python).args(["-m", "venv"]).arg(folder).run();
    if make().is_err() {
        debian("venv", &["python3-venv"])?;
        make()?;
    }
    for arguments in installs {
        Cmd::new(programs.join("pip").with_extension(std::env::consts::EXE_EXTENSION))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(arguments)
            .run_retrying()?;
    }
    workspace::write(&mark, asked.as_bytes())?;
    Ok(programs)
}

/// Installs a program from crates.io into `.tools/bin`, unless that version is there.
fn cargo_tool(package: &str, program: &str, version: &str) -> Result<()> {
    let file = bin().join(program).with_extension(std::env::consts::EXE_EXTENSION);
    let mark = format!(" {version}");
    if file.is_file() && Cmd::new(&file).arg("--version").output().is_ok_and(|said| said.trim_end().ends_with(&mark)) {
        return Ok(());
    }
    // Light optimisation and many units: these tools run for seconds, so compiling them quickly is what counts on a fresh machine. The target
    // folder is shared among them, for they share dependencies.
    Cmd::new("cargo")
        .args(["install", "--locked", "--root"])
        .arg(workspace::tools())
        .arg("--target-dir")
        .arg(workspace::tools().join("target"))
        .arg(format!("{package}@{version}"))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .run_retrying()
}

/// Installs a package from npm into `.tools/node`, unless that version is there.
fn npm_tool(package: &str, version: &str) -> Result<()> {
    let folder = workspace::tools().join("node");
    let manifest = folder.join("node_modules").join(package).join("package.json");
    if std::fs::read_to_string(manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\""))) {
        return Ok(());
    }
    workspace::create_folder(&folder)?;
    Cmd::new("npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
        .arg(&folder)
        .arg(format!("{package}@{version}"))
        .run_retrying()
}

/// The npm packages of a folder of the workspace, as its lock file pins them.
pub(crate) fn packages(folder: &str) -> Result<()> {
    node()?;
    let folder = workspace::root().join(folder);
    let installed = folder.join("node_modules/.package-lock.json");
    let newer = |a: &Path, b: &Path| Some(a.metadata().ok()?.modified().ok()? >= b.metadata().ok()?.modified().ok()?);
    if newer(&installed, &folder.join("package-lock.json")) == Some(true) {
        return Ok(());
    }
    let locked = folder.join("package-lock.json").is_file();
    Cmd::new("npm").args([if locked { "ci" } else { "install" }, "--no-audit", "--no-fund"]).dir(&folder).run_retrying()
}

/// The browser that the tests drive.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROME_PATH") {
        return Ok(path.into());
    }
    let find = || ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(which);
    if let Some(found) = find() {
        return Ok(found);
    }
    debian("Chromium", &["chromium", "chromium-driver"])?;
    find().ok_or_else(|| "Chromium is missing: install it, or set CHROME_PATH to its executable".into())
}

/// Graphviz' `dot`, which the benchmark of layouts compares with.
pub(crate) fn graphviz() -> Result<PathBuf> {
    if let Some(found) = which("dot") {
        return Ok(found);
    }
    debian("Graphviz", &["graphviz"])?;
    which("dot").ok_or_else(|| "Graphviz is missing: install it, so that `dot` is found".into())
}

/// The program through which wasm-bindgen's test runner drives the browser.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    if let Some(found) = which("chromedriver") {
        return Ok(found);
    }
    debian("ChromeDriver", &["chromium-driver"])?;
    which("chromedriver")
        .ok_or_else(|| "ChromeDriver is missing: install the one of your Chromium's version and put it on PATH".into())
}

/// The folder with `initdb` and `postgres`, newest version first.
pub(crate) fn postgres() -> Result<PathBuf> {
    let find = || {
        let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut found: Vec<(u32, PathBuf)> = debian
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .filter(|(_, folder)| folder.join("initdb").is_file())
            .collect();
        found.sort();
        let on_path = || which("initdb").and_then(|file| file.canonicalize().ok()?.parent().map(Path::to_path_buf));
        found.pop().map(|(_, folder)| folder).or_else(on_path)
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    debian("PostgreSQL", &["postgresql"])?;
    find()
        .ok_or_else(|| "PostgreSQL 15 or newer (server programs) is missing: install it and put initdb on PATH".into())
}

/// Installs Debian packages where that is possible: as root, with apt-get. Gives whether it did.
fn debian(what: &str, packages: &[&str]) -> Result<bool> {
    let Some(apt) = which("apt-get").filter(|_| is_root()) else { return Ok(false) };
    eprintln!("{what} is missing: installing {}", packages.join(", "));
    Cmd::new(&apt).args(["update", "-qq"]).env("DEBIAN_FRONTEND", "noninteractive").run_retrying()?;
    Cmd::new(&apt)
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run_retrying()?;
    Ok(true)
}

/// Whether we may install system packages.
#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
    false
}
