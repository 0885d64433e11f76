/// The longest beginning of a file's name, in characters.
const MAX_STEM: usize = 60;

/// A project's name as the beginning of a file's name on any file system.
pub fn file_stem(project: &str) -> String {
    let base = [".sql.gz", ".sql", ".zip", ".gz", ".ddl", ".dump"]
        .into_iter()
        .find_map(|end| project.strip_suffix(end))
        .unwrap_or(project);
    let safe: String = base
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' })
        .take(MAX_STEM)
        .collect();
    let stem = safe.trim_matches(['-', '.']);
    if stem.is_empty() { "schema".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn a_stem_is_safe_everywhere() {
        for (project, expected) in [
            ("pagila.sql", "pagila"),
            ("../../etc/passwd", "etc-passwd"),
            ("con:nul*?.sql", "con-nul"),
            ("3 files", "3-files"),
            ("…", "schema"),
            ("<script>", "script"),
            ("schéma.sql.gz", "schéma"),
        ] {
            assert_eq!(file_stem(project), expected, "{project}");
        }
    }
}
