//! The list of all rules: one line each, grouped by category, in the order of the catalogue.

use super::{Rule, indexes, keys, types};

/// Every rule.
pub static REGISTRY: &[&Rule] = &[
    &keys::missing_foreign_key::RULE,
    &keys::no_primary_key::RULE,
    &indexes::duplicate_index::RULE,
    &indexes::duplicate_vector_index::RULE,
    &indexes::foreign_key_index_partial::RULE,
    &indexes::foreign_key_not_indexed::RULE,
    &indexes::index_repeats_constraint::RULE,
    &indexes::redundant_prefix_index::RULE,
    &indexes::redundant_unique_index::RULE,
    &indexes::unique_shadows_partial_unique::RULE,
    &indexes::useless_not_null_predicate::RULE,
    &indexes::wrong_index_method::RULE,
    &types::char_type::RULE,
    &types::float_for_exact_value::RULE,
    &types::json_over_jsonb::RULE,
    &types::mixed_timestamp_types::RULE,
    &types::money_type::RULE,
    &types::reg_type_column::RULE,
    &types::serial_over_identity::RULE,
    &types::string_null_default::RULE,
    &types::timestamp_without_time_zone::RULE,
    &types::varchar_length_limit::RULE,
    &types::wide_table::RULE,
];
