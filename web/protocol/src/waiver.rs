//! Waivers: findings that somebody accepts, with the reason.

use serde::{Deserialize, Serialize};

use crate::Location;

/// A waiver that the page gives with an analysis.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WaiverSetting {
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// Its rule and first object, for people: the fingerprint alone says nothing to them.
    pub about: String,
    /// Why it is accepted.
    pub reason: String,
}

/// What is said of a finding that is accepted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waived {
    /// Why.
    pub reason: String,
    /// The last day on which it is, as `2026-11-26`.
    pub until: Option<String>,
    /// Where the waiver is written; `None` where the page gave it.
    pub location: Option<Location>,
}
