//! Lines of a width that a terminal shows, measured in its cells.

use std::fmt::Write as _;

use crate::diagram::layout::cells;

/// The width that a terminal has at least.
pub(super) const WIDTH: usize = 80;

/// `text` in lines of at most `width` cells, broken at blanks, the first and the others indented. A word longer than a line, a path say, stands by itself.
pub(super) fn lines(text: &str, width: usize, first: usize, others: usize) -> Vec<String> {
    let mut done = Vec::new();
    let mut line = " ".repeat(first);
    let mut length = first;
    let mut empty = true;
    for word in text.split(' ') {
        let own = cells(word);
        if !empty && length + 1 + own > width {
            done.push(std::mem::replace(&mut line, " ".repeat(others)));
            length = others;
            empty = true;
        }
        if !empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += own;
        empty = false;
    }
    done.push(line);
    done
}

/// The same, written out, [`WIDTH`] cells wide.
pub(super) fn wrap(out: &mut String, text: &str, first: usize, others: usize) {
    for line in lines(text, WIDTH, first, others) {
        let _ = writeln!(out, "{line}");
    }
}

/// SQL in lines of at most `width` cells, broken where a line break means what a blank means: outside literals and quoted names. SQL with dollar quotes,
/// comments or backslashes stays as it is. Source: PostgreSQL's manual, "Lexical Structure".
pub(super) fn sql_lines(sql: &str, width: usize, indent: usize) -> Vec<String> {
    let margin = " ".repeat(indent);
    if ["$", "\\", "--", "/*"].iter().any(|mark| sql.contains(mark)) {
        return sql.lines().map(|line| format!("{margin}{line}")).collect();
    }
    let mut done = Vec::new();
    let mut quote: Option<char> = None;
    for line in sql.lines() {
        let mut words = vec![String::new()];
        for c in line.chars() {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, ' ') if words.last().is_some_and(|w| !w.trim().is_empty()) => {
                    words.push(String::new());
                    continue;
                }
                _ => {}
            }
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        }
        let mut shown = margin.clone();
        let mut empty = true;
        for word in &words {
            if !empty && cells(&shown) + 1 + cells(word) > width {
                done.push(std::mem::replace(&mut shown, format!("{margin}  ")));
                empty = true;
            }
            if !empty {
                shown.push(' ');
            }
            shown.push_str(word);
            empty = false;
        }
        done.push(shown);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_count_cells() {
        assert_eq!(lines("one two three", 9, 2, 4), ["  one two", "    three"]);
        assert_eq!(lines("a/very/long/path x", 8, 0, 2), ["a/very/long/path", "  x"]);
        // Wide characters take two cells each.
        assert_eq!(lines("注文 注文", 8, 0, 0), ["注文", "注文"]);
        assert_eq!(lines("注文 注文", 9, 0, 0), ["注文 注文"]);
    }

    #[test]
    fn sql_breaks_where_no_literal_does() {
        assert_eq!(
            sql_lines("UPDATE t SET a = 'one two three' WHERE \"a b\" = 1;", 24, 2),
            ["  UPDATE t SET a =", "    'one two three'", "    WHERE \"a b\" = 1;"]
        );
        // A literal may run over lines.
        assert_eq!(sql_lines("SELECT 'a a a a a\nb b b b b';", 10, 0), ["SELECT", "  'a a a a a", "b b b b b';"]);
        assert_eq!(sql_lines("DO $$ BEGIN NULL; END $$;", 10, 1), [" DO $$ BEGIN NULL; END $$;"]);
    }
}
