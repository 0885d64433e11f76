//! Packages from PyPI whose migrations and models the oracle runs, each in a Python environment of its own: `tests/packages/packages.json`.

use std::path::PathBuf;

use crate::process::{Cmd, which};
use crate::{Result, workspace};

/// Installs the packages by name and version, those that are not there yet, and gives the folder of their environments.
pub(crate) fn install() -> Result<PathBuf> {
    let list = workspace::root().join("tests/packages/packages.json");
    let list: serde_json::Value =
        serde_json::from_str(&workspace::read(&list)?).map_err(|e| format!("packages.json: {e}"))?;
    let folder = workspace::tools().join("packages");
    workspace::create_folder(&folder)?;
    let python = ["python3", "python"].into_iter().find_map(which);
    let python = python.ok_or("Python 3 with venv is missing: python.org or your system's packages")?;
    for package in list.as_array().into_iter().flatten() {
        let text = |member: &str| package[member].as_str().unwrap_or_default();
        let wanted = format!("{}=={}", text("name"), text("version"));
        let requirements = package["requirements"].as_array().into_iter().flatten().filter_map(|r| r.as_str());
        let others: Vec<&str> = ["alembic", "psycopg2-binary"].into_iter().chain(requirements).collect();
        let environment = folder.join(text("name"));
        let mark = environment.join("installed");
        let asked = format!("{wanted} {}", others.join(" "));
        if std::fs::read_to_string(&mark).is_ok_and(|had| had == asked) {
            continue;
        }
        println!("installing {wanted}");
        workspace::remove_folder(&environment)?;
        Cmd::new(&python).args(["-m", "venv"]).arg(&environment).run()?;
        let pip = || Cmd::new(environment.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check"]);
        if package["dependencies"].as_bool() == Some(false) {
            pip().args(["--no-deps", &wanted]).run_retrying()?;
            pip().args(&others).run_retrying()?;
        } else {
            pip().arg(&wanted).args(&others).run_retrying()?;
        }
        workspace::write(&mark, asked.as_bytes())?;
    }
    Ok(folder)
}
