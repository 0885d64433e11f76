//! Examples of rules: one text that may hold several files.

/// The files of an example, by name and text. A line that is a comment `file: NAME` (`-- file: V2__users.sql`, `# file: versions/2b_users.py`,
/// `<!-- file: schema.md -->`) starts the file of that name, whose ending says what reads it; an example without such a line is `schema.sql`.
pub fn example_files(example: &str) -> Vec<(&str, String)> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in example.trim_start().split_inclusive('\n') {
        match (file_name(line), files.last_mut()) {
            (Some(name), _) => files.push((name, String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => files.push(("schema.sql", line.to_owned())),
        }
    }
    files
}

/// The name in a line that starts a file.
fn file_name(line: &str) -> Option<&str> {
    let line = line.trim();
    let comment = match line.strip_prefix("<!--") {
        Some(rest) => rest.strip_suffix("-->")?,
        None => line.strip_prefix("--").or_else(|| line.strip_prefix('#'))?,
    };
    Some(comment.trim().strip_prefix("file:")?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_split_an_example_into_files() {
        let files = |example| -> Vec<(&str, String)> { example_files(example) };
        assert_eq!(files("SELECT 1;\n-- file it\n"), [("schema.sql", "SELECT 1;\n-- file it\n".to_owned())]);
        assert_eq!(
            files("-- file: 1.sql\nSELECT 1;\n-- file: 2.sql\n# file: m/a.py\nx = 1\n<!-- file: b.md -->\n# B"),
            [
                ("1.sql", "SELECT 1;\n".to_owned()),
                ("2.sql", String::new()),
                ("m/a.py", "x = 1\n".to_owned()),
                ("b.md", "# B".to_owned())
            ]
        );
    }
}
