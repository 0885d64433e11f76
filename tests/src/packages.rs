//! Packages of others whose migrations and models real Alembic and SQLAlchemy run (`tests/packages/packages.json`), and what they left, kept small.

use std::path::{Path, PathBuf};

use relata_core::analysis::{Analysis, Role, TargetAnalysis};
use serde_json::{Map, Value};

use crate::corpus;

/// The list of packages.
///
/// # Panics
///
/// Where the list is not JSON.
pub fn list() -> Vec<Value> {
    let text = include_str!("../packages/packages.json");
    serde_json::from_str(text).expect("a list")
}

/// The text of a member; empty where there is none.
pub fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// What Relata reads of a folder of Python.
pub fn read(root: &Path, folder: &Path) -> Analysis {
    corpus::analyze_project(&corpus::files_below(root, folder, &["py"]))
}

/// The history whose revisions stand in a folder.
pub fn history<'a>(analysis: &'a Analysis, versions: &str) -> Option<&'a TargetAnalysis> {
    analysis.targets.iter().filter(|t| t.target.role == Role::History).find(|target| {
        let file = target.history.revisions.first().map_or("", |r| analysis.sources.name(r.file));
        file.contains(versions)
    })
}

/// The sets of models.
pub fn models(analysis: &Analysis) -> impl Iterator<Item = &TargetAnalysis> {
    analysis.targets.iter().filter(|t| t.target.role == Role::Models)
}

/// The folder of the catalogues that are kept.
pub fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// A catalogue without what is empty or false, and without the texts of expressions: that there is one stays.
pub fn small(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut out = Map::new();
            for (name, member) in members {
                // An index's definition tells how its keys are sorted and compared.
                let text = name == "definition" && !members.contains_key("method");
                if text || matches!(name.as_str(), "format" | "server_version" | "database" | "extensions") {
                    continue;
                }
                let kept = match name.as_str() {
                    "default" | "where" | "generated" if member.is_string() => Value::Bool(true),
                    _ => small(member),
                };
                let empty = match &kept {
                    Value::Null | Value::Bool(false) => true,
                    Value::String(text) => text.is_empty(),
                    Value::Array(items) => items.is_empty(),
                    Value::Object(members) => members.is_empty(),
                    _ => false,
                };
                if !empty {
                    out.insert(name.clone(), kept);
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(small).collect()),
        other => other.clone(),
    }
}
