//! Names as people read them: words, singular and plural, lists.

use std::borrow::Cow;

use smol_str::SmolStr;

/// The words of a name in lower case: `orderLineItem`, `order_line_item` and `OrderLineItem` are the same three.
pub(crate) fn words(name: &str) -> Vec<SmolStr> {
    if is_snake(name) { SnakeWords(name).map(SmolStr::new).collect() } else { other_words(name) }
}

/// The same words one by one. Rules about names ask for those of every column, and most questions end with a look at one or two of them: for
/// nearly all names nothing is copied.
pub(crate) fn each_word(name: &str) -> Words<'_> {
    if is_snake(name) { Words::Snake(SnakeWords(name)) } else { Words::Other(other_words(name).into_iter()) }
}

/// Whether it names an end of a confidence interval, which has the unit of what is estimated: `confidence_lower`.
pub(crate) fn ends_interval(name: &str) -> bool {
    const ENDS: &[&str] = &["bound", "high", "interval", "limit", "low", "lower", "max", "min", "upper"];
    each_word(name).skip_while(|w| w != "confidence").skip(1).any(|w| ENDS.contains(&w.as_ref()))
}

/// The last of the words.
pub(crate) fn last_word(name: &str) -> Option<Cow<'_, str>> {
    let mut end = name;
    while let Some(head) = end.strip_suffix('_') {
        end = head;
    }
    // Where small letters and digits stand behind a `_`, what stands before it does not matter.
    match end.bytes().rposition(|b| !is_small(b)) {
        None if end.is_empty() => None,
        None => Some(Cow::Borrowed(end)),
        Some(at) if end.as_bytes().get(at) == Some(&b'_') => end.get(at + 1..).map(Cow::Borrowed),
        Some(_) => other_words(name).pop().map(|w| Cow::Owned(w.into())),
    }
}

/// The words of a name, from either side.
pub(crate) enum Words<'a> {
    Snake(SnakeWords<'a>),
    Other(std::vec::IntoIter<SmolStr>),
}

impl<'a> Iterator for Words<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Snake(words) => words.next().map(Cow::Borrowed),
            Self::Other(words) => words.next().map(|w| Cow::Owned(w.into())),
        }
    }
}

impl DoubleEndedIterator for Words<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Self::Snake(words) => words.next_back().map(Cow::Borrowed),
            Self::Other(words) => words.next_back().map(|w| Cow::Owned(w.into())),
        }
    }
}

/// The words of a name that is of small letters, digits and `_` alone: what is left of it.
pub(crate) struct SnakeWords<'a>(&'a str);

impl<'a> Iterator for SnakeWords<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.0.strip_prefix('_') {
            self.0 = rest;
        }
        let end = self.0.bytes().position(|b| b == b'_').unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

impl DoubleEndedIterator for SnakeWords<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.0.strip_suffix('_') {
            self.0 = rest;
        }
        let start = self.0.bytes().rposition(|b| b == b'_').map_or(0, |at| at + 1);
        let (rest, word) = self.0.split_at_checked(start)?;
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

fn is_small(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether a name joins its words by `_` and has no capitals, as nearly all do.
fn is_snake(name: &str) -> bool {
    name.bytes().all(|b| is_small(b) || b == b'_')
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
        for (name, last) in [("a__b_", Some("b")), ("_a", Some("a")), ("__", None), ("Order_line2", Some("line2"))] {
            assert_eq!(last_word(name).as_deref(), last, "{name}");
            assert_eq!(each_word(name).next_back().as_deref(), last, "{name}");
        }
        assert_eq!(each_word("_a__b_c").rev().collect::<Vec<_>>(), ["c", "b", "a"]);
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
