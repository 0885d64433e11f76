//! What a text is, told by evidence: its name and how it begins.

use crate::read::changelog;

/// What reads a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// SQL: dumps, migrations, scripts. Read in chunks.
    Sql,
    /// A Python module: a migration, models. Read whole.
    Python,
    /// A Markdown document. Read whole.
    Markdown,
    /// A changelog of Liquibase in XML, YAML or JSON. Read whole.
    Changelog,
}

impl Kind {
    /// What a text of this name is that begins like `head`; nothing where no reader takes it.
    pub fn of(name: &str, head: &str) -> Option<Self> {
        let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|end| base.ends_with(end));
        if ends(&[".py"]) {
            Some(Self::Python)
        } else if ends(&[".md", ".markdown", ".mdx", ".mmd", ".mermaid"]) {
            Some(Self::Markdown)
        } else if changelog::is_changelog(&base, head) {
            Some(Self::Changelog)
        } else if looks_like_python(head) {
            // What was pasted or piped has the name that its tool gave it: from here on the text decides.
            Some(Self::Python)
        } else if looks_like_document(head) {
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

/// Whether a text begins as a Python module does, whatever its name: pasted text has none of its own. What stands first behind comments and the docstring
/// must be an import, a function or a class, which no SQL begins with.
fn looks_like_python(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, r)| r).trim_start();
        } else if let Some(quote) = ["\"\"\"", "'''"].into_iter().find(|quote| rest.starts_with(quote)) {
            rest = rest.get(3..).and_then(|r| r.split_once(quote)).map_or("", |(_, r)| r).trim_start();
        } else {
            break;
        }
    }
    let line = rest.lines().next().unwrap_or_default().trim_end();
    let is_name = |name: &str| {
        !name.is_empty() && name.split('.').all(|p| !p.is_empty() && p.chars().all(|c| c == '_' || c.is_alphanumeric()))
    };
    if let Some(names) = line.strip_prefix("import ") {
        return names.split(',').all(|name| is_name(name.split(" as ").next().unwrap_or_default().trim()));
    }
    if let Some((module, _)) = line.strip_prefix("from ").and_then(|l| l.split_once(" import ")) {
        return is_name(module.trim_start_matches('.')) || module.chars().all(|c| c == '.');
    }
    let named = |word: &str, ends: &[char]| {
        line.strip_prefix(word).and_then(|l| l.split_once(ends)).is_some_and(|(name, _)| is_name(name.trim()))
    };
    named("def ", &['(']) || named("class ", &['(', ':'])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_python_is_told_by_how_it_begins() {
        let kind = |text: &str| Kind::of("pasted.sql", text);
        assert_eq!(kind("\"\"\"Add orders\n\nRevises: 001\n\"\"\"\nfrom alembic import op\n"), Some(Kind::Python));
        assert_eq!(kind("# coding: utf-8\nimport sqlalchemy as sa, re\n"), Some(Kind::Python));
        assert_eq!(kind("class Base(DeclarativeBase):\n    pass\n"), Some(Kind::Python));
        assert_eq!(kind("import foreign schema s from server x into public;"), Some(Kind::Sql));
        assert_eq!(kind("-- from a import b\nselect 1;"), Some(Kind::Sql));
        assert_eq!(Kind::of("notes.txt", "from here on, import nothing"), None);
    }
}
