//! Values of `${…}` that stand in property files: those that a changelog names, and the settings of Liquibase and of Spring. Source: Liquibase
//! documentation, "Changelog property substitution"; Java's `Properties.load`.

use super::library::{around, from_top, normal};
use crate::history::layout::{self, ControlFile};

/// The entries of the file that a changelog names.
pub(super) fn of_file(control: &[ControlFile], from: &str, path: &str) -> Option<Vec<(String, String)>> {
    let path = normal("", path);
    let found = |base: &str| {
        let sought = normal(base, &path);
        control.iter().find(|file| from_top(&file.name) == sought)
    };
    around(from_top(from)).find_map(found).map(|file| entries(&file.text))
}

/// The parameters that the settings of a project give to its changelogs: Liquibase's own, then those of a framework.
pub(super) fn of_settings(control: &[ControlFile]) -> Vec<(String, String)> {
    let of = |file: &ControlFile| {
        if file.name.rsplit('/').next() != Some("liquibase.properties") {
            return Vec::new();
        }
        let own = entries(&file.text).into_iter();
        own.filter_map(|(key, value)| Some((key.strip_prefix("parameter.")?.to_owned(), value))).collect()
    };
    control.iter().flat_map(of).chain(layout::parameters(control)).collect()
}

/// The entries of a property file: `key=value`, `key: value` or `key value`; `\` at the end of a line goes on in the next.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
            line.pop();
            let Some(next) = lines.next() else { break };
            line.push_str(next.trim_start());
        }
        let mut end = line.len();
        let mut escaped = false;
        for (at, c) in line.char_indices() {
            if !escaped && (matches!(c, '=' | ':') || c.is_whitespace()) {
                end = at;
                break;
            }
            escaped = c == '\\' && !escaped;
        }
        let (key, rest) = line.split_at(end);
        let rest = rest.trim_start();
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
        found.push((unescaped(key), unescaped(value)));
    }
    found
}

/// `\t`, `\n`, `\uXXXX` and the like undone; any other character behind `\` stands for itself.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match characters.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('u') => {
                let digits: String = characters.clone().take(4).collect();
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(c) if digits.len() == 4 => {
                        out.push(c);
                        characters.by_ref().take(4).for_each(drop);
                    }
                    _ => out.push('u'),
                }
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn property_files_are_read_as_java_reads_them() {
        let text = "# a comment\n! another\na=1\n b : two words \nc three\nd=x\\\n   y\ne\\:f=\\u0041\\tz\\=\ng\n";
        let found = entries(text);
        let found: Vec<(&str, &str)> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(found, [("a", "1"), ("b", "two words "), ("c", "three"), ("d", "xy"), ("e:f", "A\tz="), ("g", "")]);
    }
}
