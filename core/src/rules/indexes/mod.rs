pub(super) mod foreign_key_index_partial;
pub(super) mod foreign_key_not_indexed;
