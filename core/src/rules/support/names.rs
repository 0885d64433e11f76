//! Names as people read them: words, singular and plural, lists.

use std::borrow::Cow;

use smol_str::SmolStr;

/// The words of a name in lower case: `orderLineItem`, `order_line_item` and `OrderLineItem` are the same three.
pub(crate) fn words(name: &str) -> Vec<SmolStr> {
    if is_snake(name) { snake_words(name).map(SmolStr::new).collect() } else { other_words(name) }
}

/// The same words one by one. Rules about names ask for those of every column, and most questions end with a look at one or two of them: for
/// nearly all names nothing is copied.
pub(crate) fn each_word(name: &str) -> impl DoubleEndedIterator<Item = Cow<'_, str>> {
    let (snake, other) = if is_snake(name) { (name, Vec::new()) } else { ("", other_words(name)) };
    snake_words(snake).map(Cow::Borrowed).chain(other.into_iter().map(|w| Cow::Owned(w.into())))
}

/// The last of the words.
pub(crate) fn last_word(name: &str) -> Option<Cow<'_, str>> {
    each_word(name).next_back()
}

/// Whether a name joins its words by `_` and has no capitals, as nearly all do.
fn is_snake(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The words of such a name.
fn snake_words(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split('_').filter(|w| !w.is_empty())
}

/// The words of any other name.
fn other_words(name: &str) -> Vec<SmolStr> {
    let mut words = Vec::new();
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

/// Whether a name is one of these, in whatever case it is written.
pub(crate) fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A name without an end in lower case, in whatever case it is written.
pub(crate) fn without_end<'a>(name: &'a str, end: &str) -> Option<&'a str> {
    let (head, tail) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(head)
}

/// The singular of an English noun in lower case, good enough to compare names: both sides go through it.
pub(crate) fn singular(word: &str) -> Cow<'_, str> {
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
        return Cow::Borrowed(one);
    }
    let cut = |n: usize| word.get(..word.len().saturating_sub(n)).unwrap_or(word);
    if word.ends_with("ies") && word.len() > 4 {
        return Cow::Owned(format!("{}y", cut(3)));
    }
    if ["sses", "shes", "ches", "xes", "zes"].iter().any(|end| word.ends_with(end)) {
        return Cow::Borrowed(cut(2));
    }
    if word.ends_with('s') && word.len() > 3 && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return Cow::Borrowed(cut(1));
    }
    Cow::Borrowed(word)
}

/// The words of a table's name with the last one in the singular: what a column that refers to it is called.
pub(crate) fn stem(name: &str) -> Vec<SmolStr> {
    let mut words = words(name);
    if let Some(last) = words.last_mut() {
        *last = SmolStr::new(singular(last));
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
    let has = |list: &[&str]| each_word(name).any(|w| list.contains(&w.as_ref()));
    has(MONEY) && !has(RATIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_however_a_name_joins_them() {
        for name in ["order_line_item", "orderLineItem", "OrderLineItem", "order-line item"] {
            assert_eq!(words(name), ["order", "line", "item"], "{name}");
            assert_eq!(each_word(name).collect::<Vec<_>>(), ["order", "line", "item"], "{name}");
            assert_eq!(last_word(name).as_deref(), Some("item"), "{name}");
        }
        assert_eq!(words("userID"), ["user", "id"]);
        assert_eq!(words("HTTPCode"), ["http", "code"]);
        assert_eq!(words("sha256"), ["sha256"]);
        assert!(words("__").is_empty());
        assert_eq!(last_word("a__b_").as_deref(), Some("b"));
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
