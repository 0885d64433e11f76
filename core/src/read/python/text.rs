//! How values print.

use super::eval::number_of;
use super::value::*;

/// `str(value)`; nothing where only a run would know.
pub(super) fn plain(heap: &Heap, value: &Value) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => number_of(heap, value).map(|number| number.to_string()).or_else(|| repr(heap, value, 0)),
    }
}

/// `repr(value)`; nothing where only a run would know.
pub(super) fn repr(heap: &Heap, value: &Value, depth: u32) -> Option<String> {
    if depth > 6 {
        return None;
    }
    let all =
        |items: &[Value]| -> Option<Vec<String>> { items.iter().map(|item| repr(heap, item, depth + 1)).collect() };
    Some(match &value.kind {
        Kind::None => "None".to_owned(),
        Kind::Bool(true) => "True".to_owned(),
        Kind::Bool(false) => "False".to_owned(),
        Kind::Int(value) => value.to_string(),
        Kind::Number(text) => text.to_string(),
        Kind::Str(text) => {
            let text = text.as_str();
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let escaped = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
            let escaped = if quote == '\'' { escaped.replace('\'', "\\'") } else { escaped };
            format!("{quote}{escaped}{quote}")
        }
        Kind::List(list) => format!("[{}]", all(heap.list(*list))?.join(", ")),
        Kind::Tuple(list) => match all(heap.list(*list))?.as_slice() {
            [one] => format!("({one},)"),
            items => format!("({})", items.join(", ")),
        },
        Kind::Dict(dict) => {
            let pairs: Option<Vec<String>> = heap
                .dict(*dict)
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", repr(heap, key, depth + 1)?, repr(heap, value, depth + 1)?)))
                .collect();
            format!("{{{}}}", pairs?.join(", "))
        }
        Kind::Term(_) => match value.as_text() {
            Some(text) => format!("'{}'", text.as_str()),
            None => return None,
        },
        // The order of a set is nobody's business; functions and classes print an address.
        Kind::Set(_) | Kind::Range(..) | Kind::Function(_) | Kind::Class(_) => return None,
    })
}

/// Fills to a width, as far as migrations use format specifications: `02d`, `>10`, `s`.
pub(super) fn pad(text: &str, spec: &str, number: bool) -> Option<String> {
    let spec = spec.trim_end_matches(['d', 's']);
    let (fill, align, rest) = match spec.chars().next() {
        None => return Some(text.to_owned()),
        Some(align @ ('<' | '>' | '^')) => (' ', align, spec.get(1..)?),
        Some('0') => ('0', '>', spec.get(1..)?),
        Some('-') => (' ', '<', spec.get(1..)?),
        Some(_) => (' ', if number { '>' } else { '<' }, spec),
    };
    let (fill, rest) = match rest.strip_prefix('0') {
        Some(rest) => ('0', rest),
        None => (fill, rest),
    };
    let width: usize = if rest.is_empty() { 0 } else { rest.parse().ok()? };
    let missing = width.min(1024).saturating_sub(text.chars().count());
    let filling: String = std::iter::repeat_n(fill, missing).collect();
    match align {
        '>' => Some(filling + text),
        '<' => Some(text.to_owned() + &filling),
        _ if missing == 0 => Some(text.to_owned()),
        _ => None,
    }
}
