pub(super) mod constraint_never_validated;
