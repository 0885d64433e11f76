//! Waivers as TOML: what the page exports.

use std::fmt::Write as _;

use super::waivers::Waiver;

/// Waivers as the `[[waivers]]` of a `relata.toml`, in the order given. A waiver of a comment stays in its comment.
pub fn to_toml(waivers: &[Waiver]) -> String {
    let mut out = String::new();
    for waiver in waivers.iter().filter(|w| w.within.is_none()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str("[[waivers]]\n");
        let mut line = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {}", text(value));
            }
        };
        line("rule", waiver.rule);
        line("object", waiver.object.as_ref().map(super::Glob::as_str));
        line("path", waiver.path.as_ref().map(super::Glob::as_str));
        line("fingerprint", waiver.fingerprint.as_deref());
        line("reason", Some(&waiver.reason));
        if let Some(until) = waiver.until {
            let _ = writeln!(out, "until = {until}");
        }
    }
    out
}

/// A text in quotes: TOML 1.0, "String".
fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
