//! Search over everything that has a name.

use serde::{Deserialize, Serialize};

use crate::{Location, RelationKey};

/// Something that was found, best first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// What it is: `table`, `view`, `column`, `index`, `constraint`, `policy`, `trigger`, `function`, `type`, `sequence`, `finding`, `file` …
    pub kind: String,
    /// What matched: the object's own name, or a finding's message.
    pub label: String,
    /// Its full path: `schema.table.name`; for a finding its rule.
    pub path: String,
    /// The target; `None` for a file.
    pub target: Option<u32>,
    /// The table or view that it is or belongs to: where the diagram should fly.
    pub relation: Option<RelationKey>,
    /// The number of the column, where it is one.
    pub column: Option<u16>,
    /// The finding's index, where it is one.
    pub finding: Option<u32>,
    /// Where it is defined.
    pub location: Option<Location>,
}
