//! Names as people read them: words, singular and plural, lists.

use smol_str::SmolStr;

/// The words of a name in lower case: `orderLineItem`, `order_line_item` and `OrderLineItem` are the same three.
pub(crate) fn words(name: &str) -> Vec<SmolStr> {
    let mut words = Vec::with_capacity(1 + name.bytes().filter(|b| *b == b'_').count());
    // Every rule about names asks for the words of every column, and nearly all of them are of this form.
    if name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        words.extend(name.split('_').filter(|w| !w.is_empty()).map(SmolStr::new));
        return words;
    }
    let mut word = String::new();
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(SmolStr::new(std::mem::take(&mut word)));
            }
        } else {
            // A capital starts a word after a small letter, and where it ends a run of capitals: `userID`, `HTTPCode`.
            let starts = c.is_uppercase()
                && (before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && chars.peek().is_some_and(|n| n.is_lowercase())));
            if starts && !word.is_empty() {
                words.push(SmolStr::new(std::mem::take(&mut word)));
            }
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(SmolStr::new(word));
    }
    words
}

/// The singular of an English noun in lower case, good enough to compare names: both sides go through it.
pub(crate) fn singular(word: &str) -> String {
    const IRREGULAR: &[(&str, &str)] = &[
        ("addresses", "address"),
        ("aliases", "alias"),
        ("analyses", "analysis"),
        ("children", "child"),
        ("criteria", "criterion"),
        ("indices", "index"),
        ("men", "man"),
        ("people", "person"),
        ("statuses", "status"),
        ("women", "woman"),
    ];
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    let cut = |n: usize| word.get(..word.len().saturating_sub(n)).unwrap_or(word);
    if word.ends_with("ies") && word.len() > 4 {
        return format!("{}y", cut(3));
    }
    if ["sses", "shes", "ches", "xes", "zes"].iter().any(|end| word.ends_with(end)) {
        return cut(2).to_owned();
    }
    if word.ends_with('s') && word.len() > 3 && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return cut(1).to_owned();
    }
    word.to_owned()
}

/// The words of a table's name with the last one in the singular: what a column that refers to it is called.
pub(crate) fn stem(name: &str) -> Vec<SmolStr> {
    let mut words = words(name);
    if let Some(last) = words.last_mut() {
        *last = singular(last).into();
    }
    words
}

/// `a`, `a and b`, `a, b and c`; of more than six the first five and how many more.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        many if many.len() > 6 => {
            let shown = many.get(..5).unwrap_or_default().join(", ");
            format!("{shown} and {} more", many.len() - 5)
        }
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// `1 table`, `2 tables`.
pub(crate) fn number(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// `1 table`, `2 tables`.
pub(crate) fn number_of_tables(count: usize) -> String {
    number(count, "table", "tables")
}

/// Whether a column of this name holds money.
pub(crate) fn is_money(name: &str) -> bool {
    const MONEY: &[&str] = &[
        "amount", "balance", "budget", "charge", "cost", "credit", "debit", "deposit", "discount", "fee", "fees",
        "msrp", "paid", "payment", "price", "refund", "revenue", "salary", "subtotal", "tax", "turnover", "vat",
        "wage",
    ];
    // `price_change_ratio`, `tax_rate`: no amounts of money.
    const RATIO: &[&str] = &[
        "ratio",
        "rate",
        "percent",
        "percentage",
        "pct",
        "factor",
        "score",
        "weight",
        "index",
        "multiplier",
        "change",
    ];
    let words = words(name);
    words.iter().any(|w| MONEY.contains(&w.as_str())) && !words.iter().any(|w| RATIO.contains(&w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_however_a_name_joins_them() {
        for name in ["order_line_item", "orderLineItem", "OrderLineItem", "order-line item"] {
            assert_eq!(words(name), ["order", "line", "item"], "{name}");
        }
        assert_eq!(words("userID"), ["user", "id"]);
        assert_eq!(words("HTTPCode"), ["http", "code"]);
        assert_eq!(words("sha256"), ["sha256"]);
        assert!(words("__").is_empty());
    }

    #[test]
    fn singular_of_the_nouns_that_tables_are_called_by() {
        for (many, one) in [
            ("users", "user"),
            ("categories", "category"),
            ("addresses", "address"),
            ("statuses", "status"),
            ("boxes", "box"),
            ("branches", "branch"),
            ("people", "person"),
            ("status", "status"),
            ("analysis", "analysis"),
            ("bus", "bus"),
            ("purchases", "purchase"),
            ("houses", "house"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn lists_read_like_prose() {
        let items = |n: usize| (0..n).map(|i| format!("i{i}")).collect::<Vec<_>>();
        assert_eq!(list(&items(1)), "i0");
        assert_eq!(list(&items(2)), "i0 and i1");
        assert_eq!(list(&items(3)), "i0, i1 and i2");
        assert_eq!(list(&items(8)), "i0, i1, i2, i3, i4 and 3 more");
    }
}
