//! Words and figures as the page shows them.

use std::borrow::Cow;

/// A number with a thin space between thousands, as typesetters have it; four digits stay together.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() <= 4 {
        return digits;
    }
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

/// How many of the statements that change the schema were understood: "3 of 4 statements that change the schema".
pub fn understood(read: u64, all: u64) -> String {
    let what = if all == 1 { "statement that changes" } else { "statements that change" };
    format!("{} of {} {what} the schema", count(read), count(all))
}

/// A number and its noun: "1 table", "2 tables". The plural is the noun with `s` unless it is given after a bar: `index|indexes`.
pub fn counted(n: u64, noun: &str) -> String {
    let (one, many) = noun.split_once('|').map_or_else(|| (noun, format!("{noun}s")), |(a, b)| (a, b.to_owned()));
    format!("{} {}", count(n), if n == 1 { one } else { &many })
}

/// A size with its unit, decimal as file managers have it: "812 bytes", "1.4 MB".
pub fn bytes(n: u64) -> String {
    let scaled = |unit: u64, name: &str| {
        let tenths = (n + unit / 20) / (unit / 10);
        if tenths >= 100 || tenths.is_multiple_of(10) {
            format!("{}\u{a0}{name}", (n + unit / 2) / unit)
        } else {
            format!("{}.{}\u{a0}{name}", tenths / 10, tenths % 10)
        }
    };
    match n {
        0..1_000 => format!("{n}\u{a0}{}", if n == 1 { "byte" } else { "bytes" }),
        1_000..1_000_000 => scaled(1_000, "kB"),
        1_000_000..1_000_000_000 => scaled(1_000_000, "MB"),
        _ => scaled(1_000_000_000, "GB"),
    }
}

/// A name cut in its middle to `limit` characters: both ends of an identifier tell it from its neighbours.
pub fn middle(name: &str, limit: usize) -> Cow<'_, str> {
    let n = name.chars().count();
    if n <= limit || limit < 3 {
        return Cow::Borrowed(name);
    }
    let back = (limit - 1) / 2;
    let front = limit - 1 - back;
    name.chars().take(front).chain(['…']).chain(name.chars().skip(n - back)).collect()
}

/// A name broken where its words end into at most `lines` lines of `limit` characters; `None` where that cuts a word.
pub fn stacked(name: &str, limit: usize, lines: usize) -> Option<Vec<&str>> {
    if name.chars().count() <= limit {
        return Some(vec![name]);
    }
    let mut out = Vec::new();
    let (mut start, mut cut, mut length, mut since_cut) = (0, 0, 0, 0);
    let mut before = None;
    for (at, letter) in name.char_indices() {
        let starts_word = match before {
            Some('_' | '-' | '.' | ' ') => true,
            Some(b) => b.is_lowercase() && letter.is_uppercase(),
            None => false,
        };
        if starts_word {
            (cut, since_cut) = (at, 0);
        }
        if length == limit {
            if cut == start || out.len() + 1 == lines {
                return None;
            }
            out.push(name.get(start..cut)?);
            (start, length) = (cut, since_cut);
        }
        (length, since_cut) = (length + 1, since_cut + 1);
        before = Some(letter);
    }
    out.push(name.get(start..)?);
    Some(out)
}

/// Splits prose at backticks into plain and code pieces: `(is_code, text)`. An unpaired backtick is text.
pub fn inline_code(text: &str) -> Vec<(bool, &str)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(a) = rest.find('`') {
        let Some(b) = rest.get(a + 1..).and_then(|r| r.find('`')) else { break };
        if a > 0 {
            out.push((false, rest.get(..a).unwrap_or_default()));
        }
        out.push((true, rest.get(a + 1..a + 1 + b).unwrap_or_default()));
        rest = rest.get(a + b + 2..).unwrap_or_default();
    }
    if !rest.is_empty() {
        out.push((false, rest));
    }
    out
}

/// Thousandths as a percentage: whole ones, and tenths below one.
pub fn per_cent(thousandths: u32) -> String {
    match thousandths {
        0..=9 => format!("0.{thousandths}\u{202f}%"),
        n => format!("{}\u{202f}%", (n + 5) / 10),
    }
}

/// A kebab-case word as a heading: `keys-and-references` becomes "Keys and references".
pub fn heading(kebab: &str) -> String {
    let spaced = kebab.replace(['-', '_'], " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sizes_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(9999), "9999");
        assert_eq!(count(12_345), "12\u{202f}345");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(counted(1, "table"), "1 table");
        assert_eq!(counted(0, "index|indexes"), "0 indexes");
        assert_eq!(understood(0, 1), "0 of 1 statement that changes the schema");
        assert_eq!(understood(3, 4), "3 of 4 statements that change the schema");
        assert_eq!(per_cent(4), "0.4\u{202f}%");
        assert_eq!(per_cent(995), "100\u{202f}%");
        assert_eq!(per_cent(443), "44\u{202f}%");
        assert_eq!(bytes(1), "1\u{a0}byte");
        assert_eq!(bytes(999), "999\u{a0}bytes");
        assert_eq!(bytes(1_449), "1.4\u{a0}kB");
        assert_eq!(bytes(2_000_000), "2\u{a0}MB");
        assert_eq!(bytes(215_300_000), "215\u{a0}MB");
        assert_eq!(bytes(1_100_000_000), "1.1\u{a0}GB");
    }

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(middle("short", 10), "short");
        assert_eq!(middle("customer_order_line_item", 11), "custo…_item");
        assert_eq!(middle("größenübersicht", 7), "grö…cht");
    }

    #[test]
    fn names_break_where_words_end() {
        assert_eq!(stacked("orders", 8, 3), Some(vec!["orders"]));
        assert_eq!(stacked("chat_telemetry_rollups", 10, 3), Some(vec!["chat_", "telemetry_", "rollups"]));
        assert_eq!(stacked("chat_telemetry_rollups", 15, 3), Some(vec!["chat_telemetry_", "rollups"]));
        assert_eq!(stacked("AnnotationQueueItem", 15, 2), Some(vec!["AnnotationQueue", "Item"]));
        assert_eq!(stacked("größe_übersicht", 9, 2), Some(vec!["größe_", "übersicht"]));
        // A word would be cut, or a line is missing.
        assert_eq!(stacked("chat_telemetry_rollups", 9, 3), None);
        assert_eq!(stacked("chat_telemetry_rollups", 10, 2), None);
        assert_eq!(stacked("a", 0, 1), None);
    }

    #[test]
    fn backticks_make_code() {
        assert_eq!(
            inline_code("Table `a.b` has `c`."),
            [(false, "Table "), (true, "a.b"), (false, " has "), (true, "c"), (false, ".")]
        );
        assert_eq!(inline_code("a ` b"), [(false, "a ` b")]);
        assert!(inline_code("").is_empty());
    }
}
