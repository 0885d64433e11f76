//! Settings that a project keeps in a file.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::Failure;
use crate::args::FailOn;

/// What `relata.toml` may say. A key that is not known is an error: a misspelt setting would otherwise be silently without effect.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// From which severity on `check` fails.
    #[serde(default, deserialize_with = "fail_on")]
    pub(crate) fail_on: Option<FailOn>,
    /// The server's major version.
    pub(crate) server_version: Option<u16>,
}

impl Config {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|e| Failure::Unusable(format!("{} cannot be read: {e}", path.display())))?;
        toml::from_str(&text).map_err(|e| {
            let line = e.span().and_then(|s| text.get(..s.start)).map_or(1, |before| before.matches('\n').count() + 1);
            Failure::Unusable(format!("{}:{line}: {}", path.display(), e.message()))
        })
    }
}

fn fail_on<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<FailOn>, D::Error> {
    let word = String::deserialize(from)?;
    FailOn::from_word(&word).map(Some).map_err(serde::de::Error::custom)
}
