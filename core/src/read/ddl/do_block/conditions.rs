//! The names of errors in PL/pgSQL and their SQLSTATEs. Source: PostgreSQL manual, appendix A.

/// Names and codes, in the order of the names.
const STATES: &[(&str, &str)] = &[
    ("ambiguous_column", "42702"),
    ("ambiguous_function", "42725"),
    ("check_violation", "23514"),
    ("datatype_mismatch", "42804"),
    ("deadlock_detected", "40P01"),
    ("dependent_objects_still_exist", "2BP01"),
    ("division_by_zero", "22012"),
    ("duplicate_alias", "42712"),
    ("duplicate_column", "42701"),
    ("duplicate_cursor", "42P03"),
    ("duplicate_database", "42P04"),
    ("duplicate_function", "42723"),
    ("duplicate_object", "42710"),
    ("duplicate_prepared_statement", "42P05"),
    ("duplicate_schema", "42P06"),
    ("duplicate_table", "42P07"),
    ("exclusion_violation", "23P01"),
    ("feature_not_supported", "0A000"),
    ("foreign_key_violation", "23503"),
    ("insufficient_privilege", "42501"),
    ("integrity_constraint_violation", "23000"),
    ("internal_error", "XX000"),
    ("invalid_column_definition", "42611"),
    ("invalid_column_reference", "42P10"),
    ("invalid_foreign_key", "42830"),
    ("invalid_function_definition", "42P13"),
    ("invalid_name", "42602"),
    ("invalid_object_definition", "42P17"),
    ("invalid_parameter_value", "22023"),
    ("invalid_schema_definition", "42P15"),
    ("invalid_schema_name", "3F000"),
    ("invalid_table_definition", "42P16"),
    ("invalid_text_representation", "22P02"),
    ("lock_not_available", "55P03"),
    ("name_too_long", "42622"),
    ("no_data_found", "P0002"),
    ("not_null_violation", "23502"),
    ("object_in_use", "55006"),
    ("object_not_in_prerequisite_state", "55000"),
    ("others", "*"),
    ("raise_exception", "P0001"),
    ("reserved_name", "42939"),
    ("restrict_violation", "23001"),
    ("syntax_error", "42601"),
    ("syntax_error_or_access_rule_violation", "42000"),
    ("too_many_rows", "P0003"),
    ("undefined_column", "42703"),
    ("undefined_file", "58P01"),
    ("undefined_function", "42883"),
    ("undefined_object", "42704"),
    ("undefined_parameter", "42P02"),
    ("undefined_table", "42P01"),
    ("unique_violation", "23505"),
    ("wrong_object_type", "42809"),
];

/// The SQLSTATE of a condition name, `*` for OTHERS; a class as its `000` code.
pub(super) fn sqlstate(condition: &str) -> Option<&'static str> {
    let lower = condition.to_ascii_lowercase();
    let at = STATES.binary_search_by(|(name, _)| (*name).cmp(lower.as_str())).ok()?;
    STATES.get(at).map(|(_, state)| *state)
}

/// A SQLSTATE that is known here, by its five characters.
pub(super) fn sqlstate_of_code(code: &str) -> Option<&'static str> {
    STATES.iter().find(|(_, state)| *state == code).map(|(_, state)| *state)
}
