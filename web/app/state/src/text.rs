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
    fn backticks_make_code() {
        assert_eq!(
            inline_code("Table `a.b` has `c`."),
            [(false, "Table "), (true, "a.b"), (false, " has "), (true, "c"), (false, ".")]
        );
        assert_eq!(inline_code("a ` b"), [(false, "a ` b")]);
        assert!(inline_code("").is_empty());
    }
}
