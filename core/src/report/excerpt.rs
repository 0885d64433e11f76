//! What stands at a place of the source, with a line under what is meant.

use super::escape;
use crate::diagram::layout::cells;
use crate::source::{Location, SourceFile};

/// Lines of a span that are shown. Of a longer one only the first is.
const MOST_LINES: u32 = 3;
/// How far a tab reaches.
const TAB: usize = 4;

/// A line of a source and the line under it.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Excerpt {
    /// From 1.
    pub(super) number: u32,
    /// The text, safe for a terminal, cut around what is meant.
    pub(super) text: String,
    /// Blanks up to what is meant.
    pub(super) before: usize,
    /// How many cells of it are meant.
    pub(super) under: usize,
    /// The span ends in this later line, which is not shown.
    pub(super) to_line: Option<u32>,
}

/// The lines of a place in at most `width` cells each; none where nothing of them was kept.
pub(super) fn excerpt(file: &SourceFile, at: &Location, width: usize) -> Vec<Excerpt> {
    // A span that ends before the first character of a line does not reach into it.
    let last = if at.end_column <= 1 && at.end_line > at.line { at.end_line - 1 } else { at.end_line.max(at.line) };
    let whole = last - at.line < MOST_LINES;
    let shown = if whole { at.line..=last } else { at.line..=at.line };
    let mut out = Vec::new();
    // Room for what is said behind the line below: "to line 120".
    let width = if whole { width } else { width.saturating_sub(" to line ".len() + last.to_string().len()) };
    for number in shown {
        let from = if number == at.line { at.column } else { 0 };
        let to = if number == at.end_line && number == last { at.end_column } else { u32::MAX };
        let Some((text, before, under)) = line(&file.line(number), from, to, width) else { continue };
        out.push(Excerpt { number, text, before, under, to_line: (!whole).then_some(last) });
    }
    out
}

/// A character as it is shown.
struct Shown {
    text: String,
    cells: usize,
    meant: bool,
}

/// Shown text, cells before what is meant, cells that are meant. Columns are from 1, `to` is exclusive; `from` 0 stands for the first that is no blank.
fn line(pieces: &[(u32, &str)], from: u32, to: u32, width: usize) -> Option<(String, usize, usize)> {
    let first = pieces.iter().find_map(|(column, text)| {
        let blanks = text.chars().position(|c| !c.is_whitespace())?;
        Some(column.saturating_add(u32::try_from(blanks).unwrap_or(u32::MAX)))
    })?;
    let from = if from == 0 { first } else { from };
    // More characters than that never fit, wherever the line is cut.
    let reach = u32::try_from(2 * width).unwrap_or(u32::MAX);
    let (low, high) = (from.saturating_sub(reach).max(1), from.saturating_add(reach));
    let mut shown: Vec<Shown> = Vec::new();
    let mut next = low;
    let (mut cut_left, mut cut_right) = (first < low, false);
    // A line may be a whole schema: what is far from the place is passed over. No piece has more characters than bytes.
    for (column, text) in pieces {
        let mut at = *column;
        if at >= high {
            cut_right = true;
            break;
        }
        if at.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX)) <= low {
            cut_left = true;
            continue;
        }
        for c in text.chars() {
            let own = at;
            at = at.saturating_add(1);
            if own < low {
                cut_left = true;
                continue;
            }
            if own >= high {
                cut_right = true;
                break;
            }
            // What was not kept between two statements.
            while next < own {
                shown.push(Shown { text: " ".to_owned(), cells: 1, meant: false });
                next += 1;
            }
            next = own.saturating_add(1);
            let text =
                if c == '\t' { " ".repeat(TAB) } else { escape::visible(c.encode_utf8(&mut [0; 4])).into_owned() };
            let cells = if c == '\t' { TAB } else { cells(&text) };
            shown.push(Shown { text, cells, meant: own >= from && own < to });
        }
    }
    let end = shown.iter().rposition(|s| !s.text.trim().is_empty()).map_or(0, |at| at + 1);
    shown.truncate(end);
    // An empty span, or one of blanks at the end: the place itself.
    let mut begin =
        shown.iter().position(|s| s.meant).unwrap_or_else(|| (from.saturating_sub(low) as usize).min(shown.len()));
    let room = shown.iter().map(|s| s.cells).sum::<usize>() <= width && !cut_right;
    if !cut_left && !room {
        // Of a line that does not fit, the indentation goes first, without a sign.
        let indent = shown.iter().take(begin).take_while(|s| s.text.trim().is_empty()).count();
        shown.drain(..indent);
        begin -= indent;
    }
    let (start, stop) = window(&shown, begin, width, cut_left, cut_right);
    let left = cut_left || start > 0;
    let right = cut_right || stop < shown.len();
    let part = shown.get(start..stop)?;
    let mut text = String::new();
    if left {
        text.push('…');
    }
    part.iter().for_each(|s| text.push_str(&s.text));
    let mut under: usize = part.iter().filter(|s| s.meant).map(|s| s.cells).sum();
    if right {
        text.push('…');
        // What is meant goes on.
        under += usize::from(shown.get(stop).is_some_and(|s| s.meant) || (stop == shown.len() && to > high));
    }
    let skipped = part.iter().take(begin.saturating_sub(start)).map(|s| s.cells).sum::<usize>();
    Some((text, skipped + usize::from(left), under.max(1)))
}

/// Which characters are shown: all where they fit, else those from `begin` on with as much as fits around them.
fn window(shown: &[Shown], begin: usize, width: usize, cut_left: bool, cut_right: bool) -> (usize, usize) {
    let all: usize = shown.iter().map(|s| s.cells).sum();
    if all + usize::from(cut_left) + usize::from(cut_right) <= width {
        return (0, shown.len());
    }
    // A cell for the sign of each cut.
    let mut left = width.saturating_sub(2);
    let (mut start, mut stop) = (begin, begin);
    let size = |at: usize| shown.get(at).map(|s| s.cells);
    // What is meant comes first, then both sides in turn.
    while shown.get(stop).is_some_and(|s| s.meant && s.cells <= left) {
        left -= size(stop).unwrap_or_default();
        stop += 1;
    }
    let (mut grows_left, mut grows_right) = (true, !shown.get(stop).is_some_and(|s| s.meant));
    while grows_left || grows_right {
        grows_left = match start.checked_sub(1).and_then(|at| Some((at, size(at)?))) {
            Some((at, own)) if grows_left && own <= left => {
                left -= own;
                start = at;
                true
            }
            _ => false,
        };
        grows_right = match size(stop) {
            Some(own) if grows_right && own <= left => {
                left -= own;
                stop += 1;
                true
            }
            _ => false,
        };
    }
    // An end that is reached needs no sign.
    if start == 0 && !cut_left && size(stop).is_some_and(|own| own <= left + 1) {
        stop += 1;
    } else if stop == shown.len()
        && !cut_right
        && start.checked_sub(1).and_then(size).is_some_and(|own| own <= left + 1)
    {
        start -= 1;
    }
    (start, stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The excerpt of a line as it is printed, with `^` under what is meant.
    #[track_caller]
    fn check(source: &str, from: u32, to: u32, width: usize, expected: [&str; 2]) {
        let (text, before, under) = line(&[(1, source)], from, to, width).unwrap();
        assert_eq!([text.as_str(), &format!("{}{}", " ".repeat(before), "^".repeat(under))], expected);
        assert!(cells(&text) <= width, "{text}");
    }

    #[test]
    fn what_is_meant_is_underlined() {
        check("CREATE TABLE log (line text);", 14, 17, 40, ["CREATE TABLE log (line text);", "             ^^^"]);
        // An empty span is a place.
        check("SELECT", 7, 7, 40, ["SELECT", "      ^"]);
        // Tabs take four cells, wide characters two.
        check("\tid int", 2, 4, 40, ["    id int", "    ^^"]);
        check("注文 int", 1, 3, 40, ["注文 int", "^^^^"]);
        check("注文 int", 4, 7, 40, ["注文 int", "     ^^^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_it() {
        let source = "a, b, c, d, e, f, g, meant, h, i, j, k, l, m, n";
        check(source, 22, 27, 20, ["… f, g, meant, h, i…", "        ^^^^^"]);
        check(source, 1, 2, 12, ["a, b, c, d,…", "^"]);
        check(source, 47, 48, 12, ["… k, l, m, n", "           ^"]);
        // Its indentation is left out first, without a sign.
        check("        name text not null,", 9, 13, 20, ["name text not null,", "^^^^"]);
        // Longer than the line: its beginning.
        check("SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 8, 37, 12, ["…aaaaaaaaaa…", " ^^^^^^^^^^^"]);
    }

    /// Pieces before and behind it, which have more bytes than characters.
    #[test]
    fn of_a_line_of_many_statements_only_what_is_near_is_shown() {
        let pieces: Vec<(u32, &str)> = (0..1000).map(|n| (1 + 5 * n, "注文注;")).collect();
        let (text, before, under) = line(&pieces, 2501, 2504, 20).unwrap();
        assert_eq!(
            [text.as_str(), &format!("{}{}", " ".repeat(before), "^".repeat(under))],
            ["…文注; 注文注; 注文…", "       ^^^^^^"]
        );
        let (text, ..) = line(&pieces, 1, 4, 20).unwrap();
        assert_eq!(text, "注文注; 注文注; 注…");
        let (text, ..) = line(&pieces, 4996, 4999, 20).unwrap();
        assert_eq!(text, "…注; 注文注; 注文注;");
    }

    #[test]
    fn what_acts_on_a_terminal_is_shown_by_a_sign() {
        check("a\u{1b}[31m b", 8, 9, 40, ["a␛[31m b", "       ^"]);
        check("x\u{202e}y", 3, 4, 40, ["x\\u{202e}y", "         ^"]);
    }

    #[test]
    fn what_was_not_kept_is_blank() {
        let (text, before, under) = line(&[(3, "A;"), (8, "B;")], 8, 9, 40).unwrap();
        assert_eq!((text.as_str(), before, under), ("  A;   B;", 7, 1));
        assert_eq!(line(&[], 1, 2, 40), None);
    }
}
