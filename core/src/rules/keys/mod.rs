pub(super) mod missing_foreign_key;
pub(super) mod no_primary_key;
