//! What psql's `\d` prints of a table, between fences: columns ruled off by dashes, then indexes and constraints under labels; and what MySQL's
//! `DESCRIBE` does, with rules around it.
//! Source: `describeOneTableDetails` of `src/bin/psql/describe.c`; `print_table_data` of `client/mysql.cc`.

use super::block::Text;

/// A table as `\d` shows it.
#[derive(Debug, Default)]
pub(super) struct Description<'a> {
    /// The line that names it, where it was pasted with the rest.
    pub(super) title: Option<Text<'a>>,
    /// The rows of its columns, the head first.
    pub(super) rows: Vec<Vec<Text<'a>>>,
    /// The lines below.
    pub(super) rest: Vec<Text<'a>>,
}

/// The most lines below the columns that are looked at.
const MAX_LINES: usize = 2000;

/// Reads a description; nothing where a fence holds none.
pub(super) fn read(body: Text<'_>) -> Option<Description<'_>> {
    let mut out = Description::default();
    let mut at = body.at;
    let (mut ruled, mut kept, mut boxed) = (false, false, false);
    for line in body.text.split_inclusive('\n') {
        let text = Text { text: line, at }.trim();
        at += line.len();
        if text.text.is_empty() {
            continue;
        }
        if out.rows.is_empty() {
            let title =
                ["Table \"", "Partitioned table \"", "Unlogged table \""].iter().any(|t| text.text.starts_with(t));
            if title && out.title.is_none() {
                out.title = Some(text);
                continue;
            }
            if out.title.is_none()
                && !boxed
                && let Some(title) = described(text)
            {
                out.title = Some(title);
                continue;
            }
            if !boxed && is_rule(text) {
                boxed = true;
                continue;
            }
            let head = if boxed { boxed_cells(text)? } else { cells(text) };
            let has = |word: &str| head.iter().any(|c| c.text.eq_ignore_ascii_case(word));
            if !((has("column") || (boxed && has("field"))) && has("type")) {
                return None;
            }
            out.rows.push(head);
        } else if !ruled {
            ruled = is_rule(text);
            if !ruled {
                return None;
            }
        } else if boxed {
            // Behind the last rule stands how long it took.
            match boxed_cells(text) {
                Some(row) => out.rows.push(row),
                None => break,
            }
        } else if out.rest.is_empty() && line.starts_with(' ') && text.text.contains('|') {
            out.rows.push(cells(Text { text: line.trim_end(), at: at - line.len() }));
        } else if out.rest.len() < MAX_LINES {
            // Labels stand at the margin. What is said of the table elsewhere, of triggers and policies is not made from here.
            if !line.starts_with(' ') && (text.text.ends_with(':') || text.text.starts_with("Partition key:")) {
                kept = ["Indexes:", "Check constraints:", "Foreign-key constraints:", "Partition key:"]
                    .iter()
                    .any(|label| text.text.starts_with(label));
            }
            if kept {
                out.rest.push(text);
            }
        }
    }
    (out.rows.len() > 1).then_some(out)
}

/// The name in "Table: users" and in `DESCRIBE users;`, with or without a prompt.
fn described(line: Text<'_>) -> Option<Text<'_>> {
    let line = line.strip_prefix("mysql> ").unwrap_or(line);
    let lower = line.text.to_ascii_lowercase();
    let words = ["table: ", "describe ", "desc ", "show columns from "];
    let word = words.iter().find(|word| lower.starts_with(**word))?;
    let end = line.text.trim_end_matches([';', ' ']).len();
    (word.len() < end).then(|| line.slice(word.len(), end))
}

/// Whether a line is nothing but a rule between rows.
fn is_rule(line: Text<'_>) -> bool {
    line.text.contains('+') && line.text.bytes().all(|b| matches!(b, b'-' | b'+'))
}

/// The cells of a row with bars around it.
fn boxed_cells(line: Text<'_>) -> Option<Vec<Text<'_>>> {
    let inner = line.text.strip_prefix('|')?.strip_suffix('|')?;
    Some(cells(line.slice(1, 1 + inner.len())))
}

/// The cells of a row; outside of the first and the last there are no bars.
fn cells(line: Text<'_>) -> Vec<Text<'_>> {
    let mut out = Vec::new();
    let mut from = 0;
    for (at, _) in line.text.match_indices('|') {
        out.push(line.slice(from, at).trim());
        from = at + 1;
    }
    out.push(line.slice(from, line.text.len()).trim());
    out
}
