//! What a text is, told by evidence: its name and how it begins.

/// What reads a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// SQL: dumps, migrations, scripts. Read in chunks.
    Sql,
    /// A Python module: a migration, models. Read whole.
    Python,
    /// A Markdown document. Read whole.
    Markdown,
}

impl Kind {
    /// What a text of this name is that begins like `head`; nothing where no reader takes it.
    pub fn of(name: &str, head: &str) -> Option<Self> {
        let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        if base.ends_with(".py") {
            Some(Self::Python)
        } else if [".md", ".markdown", ".mdx", ".mmd", ".mermaid"].iter().any(|end| base.ends_with(end))
            // What was pasted or piped has the name that its tool gave it.
            || looks_like_document(head)
        {
            Some(Self::Markdown)
        } else if is_sql_name(&base) || looks_like_sql(head) {
            Some(Self::Sql)
        } else {
            None
        }
    }
}

/// Whether a name says that the file is SQL.
fn is_sql_name(base: &str) -> bool {
    [".sql", ".ddl", ".psql", ".pgsql", ".dump", ".postgres", ".pg"].iter().any(|end| base.ends_with(end))
        || base.contains(".sql.")
}

/// Whether text starts like a document with a schema: no SQL begins with a heading, a table or a fence, and where a comment of another dialect
/// looks like a heading, no table of dashes and no fence follows.
fn looks_like_document(head: &str) -> bool {
    let first = head.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    if first.starts_with("erDiagram") {
        return true;
    }
    let heading = first.trim_start_matches('#').starts_with(' ') && first.starts_with('#');
    let begins =
        heading || first.starts_with('|') || first.starts_with("```") || first == "---" || first.starts_with("> ");
    let is_ruled =
        |l: &str| l.contains("|-") || l.contains("| -") || l.contains("-|") || l.contains("|:") || l.contains("- |");
    begins
        && head
            .lines()
            .any(|l| l.trim_start().starts_with("```") || (is_ruled(l) && l.bytes().all(|b| b"|-: \t\r".contains(&b))))
}

/// Whether text without a telling name starts like SQL.
fn looks_like_sql(text: &str) -> bool {
    const FIRST: &[&str] = &[
        "alter", "begin", "comment", "create", "drop", "grant", "insert", "select", "set", "start", "update", "delete",
        "revoke", "do", "truncate", "copy", "with",
    ];
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, r)| r).trim_start();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, r)| r).trim_start();
        } else if let Some(meta) = rest.strip_prefix('\\') {
            rest = meta.split_once('\n').map_or("", |(_, r)| r).trim_start();
        } else {
            break;
        }
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let next = rest.get(word.len()..).and_then(|r| r.chars().next());
    FIRST.contains(&word.as_str()) && next.is_some_and(|c| c.is_whitespace() || c == ';')
}
