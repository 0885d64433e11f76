//! Pieces of source for the source panel: cut from the page's own copy of a file by byte offsets, numbered, with the exact span marked.

/// How many bytes are read on either side of a span.
pub const CONTEXT: u64 = 12 * 1024;

/// How many lines are shown on either side of a span.
const LINES: usize = 120;

/// Longest stretch of one line that is shown unmarked, in characters; dumps have lines of megabytes.
const LINE_CHARS: usize = 600;

/// A piece of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Excerpt {
    /// Its lines, in order.
    pub lines: Vec<ExcerptLine>,
    /// Whether the file goes on before the first line.
    pub more_before: bool,
    /// Whether the file goes on after the last line.
    pub more_after: bool,
}

/// A line of an excerpt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExcerptLine {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Text before the mark, or all of it.
    pub before: String,
    /// Marked text; `None` where the span does not touch the line.
    pub marked: Option<String>,
    /// Text after the mark.
    pub after: String,
}

impl Excerpt {
    /// An excerpt that is all marked text: the engine's own copy of a statement, which begins at `line`.
    pub fn of_text(text: &str, line: u32) -> Self {
        let mark = |(i, t): (usize, &str)| ExcerptLine {
            number: line.saturating_add(u32::try_from(i).unwrap_or(u32::MAX)),
            before: String::new(),
            marked: Some(head(t, 4 * LINE_CHARS)),
            after: String::new(),
        };
        let lines = text.lines().take(2 * LINES).enumerate().map(mark).collect();
        Self { lines, more_before: true, more_after: true }
    }

    /// The numbers of the first and the last line that the mark touches.
    pub fn marked_lines(&self) -> Option<(u32, u32)> {
        let mut marked = self.lines.iter().filter(|l| l.marked.is_some());
        let first = marked.next()?.number;
        Some((first, marked.next_back().map_or(first, |l| l.number)))
    }
}

/// The byte range of a file of `size` bytes that must be read to show `start..end`.
pub fn window(start: u64, end: u64, size: u64) -> (u64, u64) {
    // A span may be as long as a COPY block: its beginning is what is shown.
    let end = end.max(start).min(start.saturating_add(4 * CONTEXT));
    (start.saturating_sub(CONTEXT).min(size), end.saturating_add(CONTEXT).min(size))
}

/// Cuts an excerpt from `bytes`, which stand at offset `base` of a file of `size` bytes and contain `start..end`; `line` is the number of
/// the line on which `start` stands.
pub fn cut(bytes: &[u8], base: u64, size: u64, start: u64, end: u64, line: u32) -> Excerpt {
    let clamp = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX).min(bytes.len());
    let (from, to) = (clamp(start), clamp(end.max(start)));

    // Lines before the span, nearest first; the first line of the window is whole only at the start of the file.
    let line_start = bytes.get(..from).and_then(|b| b.iter().rposition(|&c| c == b'\n')).map_or(0, |i| i + 1);
    let mut starts = Vec::new();
    let mut at = line_start;
    while starts.len() < LINES {
        let Some(head) = at.checked_sub(1).and_then(|e| bytes.get(..e)) else { break };
        match head.iter().rposition(|&c| c == b'\n') {
            Some(i) => at = i + 1,
            None if base == 0 => at = 0,
            None => break,
        }
        starts.push(at);
    }
    starts.reverse();
    let mut number = line.saturating_sub(u32::try_from(starts.len()).unwrap_or(0)).max(1);
    let mut at = starts.first().copied().unwrap_or(line_start);
    let more_before = base + at as u64 > 0;

    let mut lines = Vec::new();
    let mut after = 0;
    while at < bytes.len() || (at == bytes.len() && lines.is_empty()) {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().position(|&c| c == b'\n').unwrap_or(rest.len());
        let line_end = at + length;
        let text = |a: usize, b: usize| {
            let s = String::from_utf8_lossy(bytes.get(a..b.max(a)).unwrap_or_default()).into_owned();
            s.strip_suffix('\r').map_or_else(|| s.clone(), str::to_owned)
        };
        let touches = from <= line_end && to > at && (from < line_end || from == to) || (from == to && from == at);
        lines.push(if touches {
            let (a, b) = (from.max(at), to.min(line_end));
            ExcerptLine {
                number,
                before: tail(&text(at, a)).trim_start_matches('\u{feff}').to_owned(),
                marked: Some(head(&text(a, b), 4 * LINE_CHARS)),
                after: head(&text(b, line_end), LINE_CHARS),
            }
        } else {
            let before = head(text(at, line_end).trim_start_matches('\u{feff}'), LINE_CHARS);
            ExcerptLine { number, before, marked: None, after: String::new() }
        });
        number = number.saturating_add(1);
        at = line_end + 1;
        if at > to {
            after += 1;
            if after > LINES {
                break;
            }
        }
    }
    Excerpt { more_after: base + (at as u64) < size, lines, more_before }
}

/// Whether a file is UTF-16 by its first bytes, and whether in little-endian order: a mark, or a zero beside an ASCII character.
pub fn utf16(first: &[u8]) -> Option<bool> {
    match first {
        [0xff, 0xfe, ..] => Some(true),
        [0xfe, 0xff, ..] => Some(false),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(true),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(false),
        _ => None,
    }
}

/// A UTF-16 file's text, without its mark.
pub fn decode_utf16(bytes: &[u8], little_endian: bool) -> String {
    let unit = |pair: &[u8; 2]| if little_endian { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
    let units: Vec<u16> = bytes.as_chunks().0.iter().map(unit).collect();
    let text = String::from_utf16_lossy(&units);
    text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned)
}

fn head(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((i, _)) => format!("{}…", text.get(..i).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn tail(text: &str) -> String {
    let count = text.chars().count();
    match text.char_indices().nth(count.saturating_sub(LINE_CHARS)) {
        Some((i, _)) if i > 0 => format!("…{}", text.get(i..).unwrap_or_default()),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(e: &Excerpt) -> String {
        let line = |l: &ExcerptLine| match &l.marked {
            Some(m) => format!("{} {}«{m}»{}", l.number, l.before, l.after),
            None => format!("{} {}", l.number, l.before),
        };
        e.lines.iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn marks_the_span_and_numbers_the_lines() {
        let sql = b"CREATE TABLE a (\r\n  id int,\r\n  b text\r\n);\r\n";
        let at = |s: &str| sql.windows(s.len()).position(|w| w == s.as_bytes()).unwrap() as u64;
        let start = at("id int");
        let e = cut(sql, 0, sql.len() as u64, start, start + 6, 2);
        assert_eq!(show(&e), "1 CREATE TABLE a (|2   «id int»,|3   b text|4 );");
        assert!(!e.more_before && !e.more_after);
        let e = cut(sql, 0, sql.len() as u64, start, at("text") + 4, 2);
        assert_eq!(show(&e), "1 CREATE TABLE a (|2   «id int,»|3 «  b text»|4 );");
        assert_eq!(e.marked_lines(), Some((2, 3)));
    }

    #[test]
    fn a_window_in_the_middle_starts_at_a_whole_line() {
        // The file: 8 bytes not read, then this window, which begins inside line 3.
        let e = cut(b"ne 3\nline 4\nline 5\n", 8, 100, 13, 19, 4);
        assert_eq!(show(&e), "4 «line 4»|5 line 5");
        assert!(e.more_before && e.more_after);
    }

    #[test]
    fn an_empty_span_marks_a_place() {
        assert_eq!(show(&cut(b"ab\ncd", 0, 5, 4, 4, 2)), "1 ab|2 c«»d");
        assert_eq!(show(&cut(b"", 0, 0, 0, 0, 1)), "1 «»");
    }

    #[test]
    fn a_span_beyond_the_file_marks_its_end() {
        assert_eq!(show(&cut(b"ab", 0, 2, 9, 12, 1)), "1 ab«»");
    }

    #[test]
    fn long_lines_are_shortened_around_the_mark_and_never_split_a_character() {
        let mut text = "é".repeat(5_000).into_bytes();
        let start = text.len() as u64;
        text.extend(b"MARK");
        text.extend("ü".repeat(5_000).bytes());
        let e = cut(&text, 0, text.len() as u64, start, start + 4, 1);
        let l = &e.lines[0];
        assert_eq!(l.marked.as_deref(), Some("MARK"));
        assert_eq!(l.before.chars().count(), LINE_CHARS + 1);
        assert!(l.before.starts_with('…') && l.after.ends_with('…'));
    }

    #[test]
    fn utf16_is_told_and_decoded() {
        let little: Vec<u8> = "\u{feff}CREATE ü".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "CREATE ü".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!((utf16(&little), utf16(&big), utf16(b"CREA"), utf16(b"")), (Some(true), Some(false), None, None));
        assert_eq!(decode_utf16(&little, true), "CREATE ü");
        assert_eq!(decode_utf16(&big, false), "CREATE ü");
    }

    #[test]
    fn the_window_is_bounded_whatever_the_span() {
        let (a, b) = window(1 << 20, 1 << 31, 1 << 32);
        assert_eq!(a, (1 << 20) - CONTEXT);
        assert!(b - a <= 6 * CONTEXT);
        assert_eq!(window(0, 10, 20), (0, 20));
    }
}
