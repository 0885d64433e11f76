//! What splits the statements of other databases apart from PostgreSQL's: names in back-quotes, comments behind `#`, DELIMITER lines, and routines
//! whose bodies have semicolons.
//!
//! Sources: MySQL's manual, 11.1.1 "String Literals", 11.7 "Comments", 27.1 "Defining Stored Programs"; SQLite's "CREATE TRIGGER".

use memchr::memchr;

use super::words::{Words, starts_with_word};
use super::{Splitter, State, Step};
use crate::analysis::Dialect;

/// The longest routine whose end is looked for at each of its semicolons. A longer one has a delimiter of its own.
const MAX_BODY: usize = 64 << 10;

/// What a byte of code opens.
pub(super) enum Mark {
    /// A name in back-quotes.
    Quote,
    /// A comment up to the end of the line.
    Comment,
    /// `/*!`: MySQL runs what stands in it.
    Executable,
    /// A line that sets what ends statements, and where it ends.
    Delimiter(Vec<u8>, usize),
    /// More bytes are needed to tell.
    More,
}

impl Splitter {
    /// What a byte opens here that it does not open in PostgreSQL's text.
    pub(super) fn foreign_mark(&self, byte: u8, at: usize, last: bool) -> Option<Mark> {
        let rest = self.buffer.get(at..).unwrap_or_default();
        let begins = |text: &[u8]| text.iter().zip(rest).all(|(t, b)| t.eq_ignore_ascii_case(b));
        let mysql = self.dialect == Dialect::MySql;
        match byte {
            b'`' => Some(Mark::Quote),
            b'#' if mysql => Some(Mark::Comment),
            b'/' if mysql && begins(b"/*!") => match rest.len() {
                3.. => Some(Mark::Executable),
                _ => (!last).then_some(Mark::More),
            },
            b'd' | b'D' if mysql && self.statement.is_none() && begins(b"delimiter") => {
                let Some(end) = memchr(b'\n', rest).or(last.then_some(rest.len())) else { return Some(Mark::More) };
                let set = delimiter_line(rest.get(..end).unwrap_or_default())?;
                let set = if set == b";" { Vec::new() } else { set.to_vec() };
                Some(Mark::Delimiter(set, at + end))
            }
            _ => None,
        }
    }

    /// Goes on behind it.
    pub(super) fn pass(&mut self, mark: Mark, at: usize) -> Step {
        self.scan = at + 1;
        match mark {
            Mark::Quote => {
                self.statement.get_or_insert(at);
                self.state = State::Identifier { open: at, quote: b'`' };
            }
            Mark::Comment => self.state = State::LineComment,
            Mark::Executable => {
                self.statement.get_or_insert(at);
                self.scan = at + 3;
            }
            Mark::Delimiter(set, end) => {
                self.delimiter = set;
                self.scan = end;
            }
            Mark::More => {
                self.scan = at;
                return Step::More;
            }
        }
        Step::Again
    }
}

/// What a line sets that begins with DELIMITER.
fn delimiter_line(line: &[u8]) -> Option<&[u8]> {
    if !starts_with_word(line, b"delimiter") {
        return None;
    }
    let set = line.get(b"delimiter".len()..).unwrap_or_default().trim_ascii();
    (!set.is_empty() && set.len() <= 16).then_some(set)
}

/// Whether the statement is a routine or trigger whose body has not ended yet. BEGIN and CASE open, END closes; the END of an IF or a loop closes
/// what is not counted.
pub(super) fn inside_body(statement: &[u8]) -> bool {
    if statement.len() > MAX_BODY || !starts_with_word(statement, b"create") {
        return false;
    }
    let is = |word: &[u8], names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    let routine = Words::new(statement).take(12).any(|w| is(w, &["trigger", "procedure", "function", "event"]));
    if !routine {
        return false;
    }
    let mut depth = 0_u32;
    let mut words = Words::new(statement).peekable();
    while let Some(word) = words.next() {
        if is(word, &["begin", "case"]) {
            depth += 1;
        } else if is(word, &["end"]) {
            match words.peek() {
                Some(next) if is(next, &["if", "loop", "while", "repeat"]) => {}
                Some(next) if is(next, &["case"]) => {
                    words.next();
                    depth = depth.saturating_sub(1);
                }
                _ => depth = depth.saturating_sub(1),
            }
        }
    }
    depth > 0
}

#[cfg(test)]
mod tests {
    use super::super::{Part, Splitter};
    use crate::analysis::Dialect;

    fn split(dialect: Dialect, sql: &str) -> Vec<String> {
        let run = |size: usize| {
            let mut out = Vec::new();
            let mut sink = |part: Part<'_>| {
                if let Part::Statement { text, lead, .. } = part {
                    out.push(text[lead as usize..].to_owned());
                }
            };
            let mut splitter = Splitter::new(0).of(dialect);
            sql.as_bytes().chunks(size).for_each(|chunk| splitter.push(chunk, &mut sink));
            splitter.finish(&mut sink);
            out
        };
        let whole = run(usize::MAX);
        for size in [1, 2, 5] {
            assert_eq!(run(size), whole, "chunks of {size}");
        }
        whole
    }

    #[test]
    fn mysql_has_quotes_and_comments_of_its_own() {
        let sql = "SELECT 'it\\'s; so', \"a;b\"; # c; d\nSELECT `e;f`; /*!40101 SET NAMES utf8 */; SELECT 1";
        let expected = ["SELECT 'it\\'s; so', \"a;b\"", "SELECT `e;f`", "/*!40101 SET NAMES utf8 */", "SELECT 1"];
        assert_eq!(split(Dialect::MySql, sql), expected);
    }

    #[test]
    fn a_delimiter_line_sets_what_ends_statements() {
        let sql = "DELIMITER //\nCREATE TRIGGER t BEGIN SELECT 1; SELECT 2; END//\ndelimiter ;\nSELECT 3;\nCREATE TABLE delimiters (a int);";
        let expected =
            ["CREATE TRIGGER t BEGIN SELECT 1; SELECT 2; END", "SELECT 3", "CREATE TABLE delimiters (a int)"];
        assert_eq!(split(Dialect::MySql, sql), expected);
    }

    #[test]
    fn bodies_stay_whole_without_a_delimiter() {
        let trigger =
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN IF x THEN SELECT CASE 1 WHEN 1 THEN 2 END; END IF; SELECT 3; END";
        assert_eq!(split(Dialect::Sqlite, &format!("{trigger};SELECT 4;")), [trigger, "SELECT 4"]);
        assert_eq!(
            split(Dialect::Sqlite, "BEGIN; CREATE TABLE a (b int); END;"),
            ["BEGIN", "CREATE TABLE a (b int)", "END"]
        );
    }
}
