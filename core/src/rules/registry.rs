//! The list of all rules: one line each, grouped by category, in the order of the catalogue.

use super::{Rule, indexes, keys};

/// Every rule.
pub static REGISTRY: &[&Rule] = &[
    &keys::missing_foreign_key::RULE,
    &keys::no_primary_key::RULE,
    &indexes::foreign_key_index_partial::RULE,
    &indexes::foreign_key_not_indexed::RULE,
];
