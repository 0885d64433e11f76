//! SQL in colours: words of the language, literals, comments. Nothing is understood; whatever it is, the pieces together are the text.

/// What a piece of SQL is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ink {
    Plain,
    Word,
    Text,
    Comment,
}

/// Cuts SQL into pieces. A quote that never closes reaches to the end. Words that follow each other on a line are one piece.
pub(super) fn highlight(sql: &str) -> Vec<(Ink, &str)> {
    let mut pieces: Vec<(Ink, &str)> = Vec::new();
    let (mut plain, mut at) = (0, 0);
    // Where the last piece begins, if that is of words.
    let mut words = None;
    let bytes = sql.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let (ink, end) = match (byte, bytes.get(at + 1)) {
            (b'-', Some(b'-')) => (Ink::Comment, until(sql, at, "\n", false)),
            (b'/', Some(b'*')) => (Ink::Comment, until(sql, at + 2, "*/", true)),
            (b'\'', _) => (Ink::Text, until(sql, at + 1, "'", true)),
            (b'"', _) => (Ink::Plain, until(sql, at + 1, "\"", true)),
            (b'a'..=b'z' | b'A'..=b'Z' | b'_', _) => {
                let rest = sql.get(at..).unwrap_or_default();
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default();
                // The SQL that is shown writes words of the language in capitals, and names as the database folds them.
                let is_word = length > 1 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
                (if is_word { Ink::Word } else { Ink::Plain }, at + length)
            }
            _ => (Ink::Plain, at + 1),
        };
        if ink != Ink::Plain {
            let before = sql.get(plain..at).unwrap_or_default();
            let start = words.filter(|_| ink == Ink::Word && before.bytes().all(|b| b == b' ')).unwrap_or(at);
            if start < at {
                pieces.pop();
            } else if !before.is_empty() {
                pieces.push((Ink::Plain, before));
            }
            pieces.extend(sql.get(start..end).map(|piece| (ink, piece)));
            plain = end;
            words = (ink == Ink::Word).then_some(start);
        }
        at = end.max(at + 1);
    }
    pieces.extend(sql.get(plain..).filter(|p| !p.is_empty()).map(|p| (Ink::Plain, p)));
    pieces
}

/// The place of the next `mark` from `from` on, or behind it.
fn until(sql: &str, from: usize, mark: &str, behind: bool) -> usize {
    let found = sql.get(from..).and_then(|rest| rest.find(mark));
    found.map_or(sql.len(), |n| from + n + if behind { mark.len() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        for sql in [
            "SELECT 'a''b' FROM t; -- done\nX",
            "NOT NULL\nSET  NOT NULL;ADD",
            "/* open",
            "'open",
            "é SELECT é",
            "\"SELECT\" \"o",
            "",
            "$$ü$$ -",
        ] {
            let whole: String = highlight(sql).iter().map(|(_, p)| *p).collect();
            assert_eq!(whole, sql);
        }
    }

    #[test]
    fn words_literals_and_comments_are_told_apart() {
        assert_eq!(
            highlight("ALTER TABLE \"TABLE\" x 'y' -- z"),
            [
                (Ink::Word, "ALTER TABLE"),
                (Ink::Plain, " \"TABLE\" x "),
                (Ink::Text, "'y'"),
                (Ink::Plain, " "),
                (Ink::Comment, "-- z"),
            ]
        );
    }
}
