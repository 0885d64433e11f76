//! Packages from PyPI whose migrations and models the oracle runs, each in a Python environment of its own: `tests/packages/packages.json`.

use std::path::PathBuf;

use crate::{Result, tools, workspace};

/// Installs the packages by name and version, those that are not there yet, and gives the folder of their environments.
pub(crate) fn install() -> Result<PathBuf> {
    let list = workspace::root().join("tests/packages/packages.json");
    let list: serde_json::Value =
        serde_json::from_str(&workspace::read(&list)?).map_err(|e| format!("packages.json: {e}"))?;
    let folder = workspace::tools().join("packages");
    workspace::create_folder(&folder)?;
    for package in list.as_array().into_iter().flatten() {
        let text = |member: &str| package[member].as_str().unwrap_or_default();
        let wanted = format!("{}=={}", text("name"), text("version"));
        let requirements = package["requirements"].as_array().into_iter().flatten().filter_map(|r| r.as_str());
        let others = ["alembic", "psycopg2-binary"].into_iter().chain(requirements);
        let installs = if package["dependencies"].as_bool() == Some(false) {
            vec![vec!["--no-deps", &wanted], others.collect()]
        } else {
            vec![[wanted.as_str()].into_iter().chain(others).collect()]
        };
        tools::python(&folder.join(text("name")), &installs)?;
    }
    Ok(folder)
}
