//! Patterns that people write: globs for objects and paths, regular expressions for names. Both match in time that grows with pattern × text.

use std::fmt;

/// A glob: `*` is any text within one part, `**` any text, `?` one character. Parts are separated by dots in objects, by slashes in paths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob {
    text: String,
    parts: Vec<Part>,
    separator: char,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    One(char),
    AnyOne,
    Any,
    AnyParts,
}

impl Glob {
    /// A glob for paths of objects: `public.users`, `public.*_log`, `**.created_at`.
    pub fn of_object(text: &str) -> Self {
        Self::new(text, '.')
    }

    /// A glob for paths of files: `db/migrations/00*.sql`, `legacy/**`.
    pub fn of_path(text: &str) -> Self {
        Self::new(text, '/')
    }

    fn new(text: &str, separator: char) -> Self {
        let mut parts = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            parts.push(match c {
                '*' if chars.peek() == Some(&'*') => {
                    while chars.peek() == Some(&'*') {
                        chars.next();
                    }
                    Part::AnyParts
                }
                '*' => Part::Any,
                '?' => Part::AnyOne,
                c => Part::One(c),
            });
        }
        Self { text: text.to_owned(), parts, separator }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        // The places of the pattern that are reached, text character by character: no backtracking.
        let mut reached = vec![false; self.parts.len() + 1];
        self.reach(&mut reached, 0);
        for c in text.chars() {
            let mut next = vec![false; reached.len()];
            for (at, part) in self.parts.iter().enumerate() {
                if !reached.get(at).copied().unwrap_or(false) {
                    continue;
                }
                match part {
                    Part::One(o) if *o == c => self.reach(&mut next, at + 1),
                    Part::AnyOne if c != self.separator => self.reach(&mut next, at + 1),
                    Part::Any if c != self.separator => self.reach(&mut next, at),
                    Part::AnyParts => self.reach(&mut next, at),
                    _ => {}
                }
            }
            reached = next;
        }
        reached.last().copied().unwrap_or(false)
    }

    /// Notes a place, and those behind the stars that may match nothing.
    fn reach(&self, reached: &mut [bool], from: usize) {
        let mut at = from;
        loop {
            if let Some(place) = reached.get_mut(at) {
                *place = true;
            }
            match self.parts.get(at) {
                Some(Part::Any | Part::AnyParts) => at += 1,
                _ => return,
            }
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A pattern for names: a regular expression for the whole name, in which `{table}` and `{columns}` stand for what the name is about.
///
/// What it knows: letters as themselves, `.`, `[a-z]`, `[^…]`, `\d`, `\w`, `\` before a mark, groups, `|`, `*`, `+`, `?` and `{2,5}`; `^` and `$`
/// at the ends, where they change nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamePattern {
    text: String,
    program: Vec<Step>,
}

/// A step of a pattern's program, after Thompson's "Regular Expression Search Algorithm" (1968): every way is gone at once.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Step {
    One(char),
    Any,
    Class {
        ranges: Vec<(char, char)>,
        not: bool,
    },
    /// The text of a placeholder.
    Filled(&'static str),
    Split(usize, usize),
    Jump(usize),
    End,
}

/// What may stand in braces, and what it stands for.
const PLACEHOLDERS: [&str; 4] = ["table", "columns", "references", "schema"];
/// The steps of one pattern. `a{100}{100}` has no more of them.
const MAX_STEPS: usize = 2_000;
const MAX_DEPTH: u32 = 32;

impl NamePattern {
    /// Reads a pattern; else what is wrong, and at which byte.
    pub fn parse(text: &str) -> Result<Self, (String, usize)> {
        let mut parser = Parser { text, at: 0, program: Vec::new(), depth: 0 };
        parser.take('^');
        parser.alternatives()?;
        if parser.at < text.len() {
            return Err(parser.error("`)` closes nothing"));
        }
        parser.program.push(Step::End);
        Ok(Self { text: text.to_owned(), program: parser.program })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole name matches; `fill` says what a placeholder stands for.
    pub fn matches(&self, name: &str, fill: &dyn Fn(&str) -> String) -> bool {
        let program: Vec<Step> = self.program.clone();
        let filled: Vec<Vec<char>> = program
            .iter()
            .map(|step| match step {
                Step::Filled(of) => fill(of).chars().collect(),
                _ => Vec::new(),
            })
            .collect();
        // A place is a step and how much of its filled text was seen.
        let mut reached: Vec<(usize, usize)> = Vec::new();
        follow(&program, &filled, (0, 0), &mut reached);
        for c in name.chars() {
            let mut next = Vec::new();
            for (step, seen) in &reached {
                let behind = match program.get(*step) {
                    Some(Step::One(o)) => *o == c,
                    Some(Step::Any) => true,
                    Some(Step::Class { ranges, not }) => ranges.iter().any(|(a, b)| (*a..=*b).contains(&c)) != *not,
                    Some(Step::Filled(_)) => {
                        if filled.get(*step).and_then(|t| t.get(*seen)) == Some(&c) {
                            follow(&program, &filled, (*step, seen + 1), &mut next);
                        }
                        false
                    }
                    _ => false,
                };
                if behind {
                    follow(&program, &filled, (step + 1, 0), &mut next);
                }
            }
            reached = next;
            if reached.is_empty() {
                return false;
            }
        }
        reached.iter().any(|(step, _)| program.get(*step) == Some(&Step::End))
    }
}

/// Adds a place and all that are reached from it without a character.
fn follow(program: &[Step], filled: &[Vec<char>], from: (usize, usize), reached: &mut Vec<(usize, usize)>) {
    let mut open = vec![from];
    let mut passed: Vec<(usize, usize)> = Vec::new();
    while let Some((step, seen)) = open.pop() {
        if passed.contains(&(step, seen)) || reached.contains(&(step, seen)) {
            continue;
        }
        passed.push((step, seen));
        match program.get(step) {
            Some(Step::Split(a, b)) => open.extend([(*b, 0), (*a, 0)]),
            Some(Step::Jump(to)) => open.push((*to, 0)),
            Some(Step::Filled(_)) if filled.get(step).is_some_and(|t| seen >= t.len()) => open.push((step + 1, 0)),
            Some(_) => reached.push((step, seen)),
            None => {}
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    program: Vec<Step>,
    depth: u32,
}

type Parsed<T> = Result<T, (String, usize)>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        if there {
            self.at += c.len_utf8();
        }
        there
    }

    fn error(&self, message: &str) -> (String, usize) {
        (message.to_owned(), self.at)
    }

    fn push(&mut self, step: Step) -> Parsed<()> {
        if self.program.len() >= MAX_STEPS {
            return Err(self.error("the pattern is too long"));
        }
        self.program.push(step);
        Ok(())
    }

    /// `a|b|c`, up to `)` or the end.
    fn alternatives(&mut self) -> Parsed<()> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error("groups lie too deep here"));
        }
        self.depth += 1;
        let mut start = self.program.len();
        let mut jumps = Vec::new();
        self.sequence()?;
        while self.take('|') {
            // What was read becomes the first of two ways, what follows the second.
            self.insert(start, Step::Split(start + 1, 0))?;
            jumps.push(self.program.len());
            self.push(Step::Jump(0))?;
            let second = self.program.len();
            self.set(start, Step::Split(start + 1, second));
            start = second;
            self.sequence()?;
        }
        let end = self.program.len();
        for jump in jumps {
            self.set(jump, Step::Jump(end));
        }
        self.depth -= 1;
        Ok(())
    }

    fn set(&mut self, at: usize, step: Step) {
        if let Some(place) = self.program.get_mut(at) {
            *place = step;
        }
    }

    /// Puts a step in front of others; what they point at moves with them.
    fn insert(&mut self, at: usize, step: Step) -> Parsed<()> {
        if self.program.len() >= MAX_STEPS {
            return Err(self.error("the pattern is too long"));
        }
        self.program.insert(at, step);
        for step in self.program.iter_mut().skip(at + 1) {
            match step {
                Step::Split(a, b) => {
                    *a += 1;
                    *b += 1;
                }
                Step::Jump(to) => *to += 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn sequence(&mut self) -> Parsed<()> {
        loop {
            match self.peek() {
                None | Some('|' | ')') => return Ok(()),
                Some('$') if self.rest().len() == 1 => self.at += 1,
                Some(_) => {
                    let start = self.program.len();
                    self.atom()?;
                    self.repeat(start)?;
                }
            }
        }
    }

    fn atom(&mut self) -> Parsed<()> {
        let Some(c) = self.peek() else { return Ok(()) };
        let from = self.at;
        self.at += c.len_utf8();
        match c {
            '(' => {
                let _ = self.take('?') && self.take(':');
                self.alternatives()?;
                if !self.take(')') {
                    return Err(("this `(` is never closed".to_owned(), from));
                }
                Ok(())
            }
            '[' => self.class(from),
            '.' => self.push(Step::Any),
            '\\' => {
                let step = self.escape()?;
                self.push(step)
            }
            '*' | '+' | '?' => Err((format!("`{c}` repeats nothing"), from)),
            '^' | '$' => Err((format!("`{c}` stands at the {} only", if c == '^' { "start" } else { "end" }), from)),
            '{' => {
                let Some((word, _)) = self.rest().split_once('}') else {
                    return Err(("this `{` is never closed".to_owned(), from));
                };
                let Some(of) = PLACEHOLDERS.into_iter().find(|p| *p == word) else {
                    let message =
                        format!("`{{{word}}}` is no placeholder; there are `{{{}}}`", PLACEHOLDERS.join("}`, `{"));
                    return Err((message, from));
                };
                self.at += word.len() + 1;
                self.push(Step::Filled(of))
            }
            c => self.push(Step::One(c)),
        }
    }

    fn escape(&mut self) -> Parsed<Step> {
        let Some(c) = self.peek() else { return Err(self.error("a `\\` stands before a mark")) };
        let class = |ranges: &[(char, char)], not| Ok(Step::Class { ranges: ranges.to_vec(), not });
        let word = [('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
        let step = match c {
            'd' => class(&[('0', '9')], false),
            'D' => class(&[('0', '9')], true),
            'w' => class(&word, false),
            'W' => class(&word, true),
            's' => class(&[(' ', ' '), ('\t', '\r')], false),
            c if c.is_alphanumeric() => Err(self.error("no such escape")),
            c => Ok(Step::One(c)),
        };
        self.at += c.len_utf8();
        step
    }

    fn class(&mut self, from: usize) -> Parsed<()> {
        let not = self.take('^');
        let mut ranges = Vec::new();
        loop {
            let Some(c) = self.peek() else { return Err(("this `[` is never closed".to_owned(), from)) };
            self.at += c.len_utf8();
            let first = match c {
                ']' if !ranges.is_empty() => break,
                '\\' => match self.escape()? {
                    Step::One(c) => c,
                    Step::Class { ranges: inner, not: false } => {
                        ranges.extend(inner);
                        continue;
                    }
                    _ => return Err(self.error("no such escape in brackets")),
                },
                c => c,
            };
            let range = self.rest().starts_with('-') && !self.rest().starts_with("-]");
            let last = if range {
                self.at += 1;
                let Some(c) = self.peek() else { return Err(("this `[` is never closed".to_owned(), from)) };
                self.at += c.len_utf8();
                c
            } else {
                first
            };
            if last < first {
                return Err((format!("`{first}-{last}` runs backwards"), from));
            }
            ranges.push((first, last));
        }
        self.push(Step::Class { ranges, not })
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}` behind what stands from `start` on.
    fn repeat(&mut self, start: usize) -> Parsed<()> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') if self.rest().get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())) => {
                let from = self.at;
                let Some((inner, _)) = self.rest().split_once('}') else {
                    return Err(("this `{` is never closed".to_owned(), from));
                };
                let inner = inner.get(1..).unwrap_or_default();
                let (low, high) =
                    inner.split_once(',').map_or((inner, Some(inner)), |(a, b)| (a, Some(b).filter(|b| !b.is_empty())));
                let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n <= MAX_STEPS);
                let bad = || ("a count is written `{2}`, `{2,}` or `{2,5}`".to_owned(), from);
                let low = number(low).ok_or_else(bad)?;
                let high = high.map(|h| number(h).filter(|h| *h >= low).ok_or_else(bad)).transpose()?;
                self.at += inner.len() + 1;
                (low, high)
            }
            _ => return Ok(()),
        };
        self.at += 1;
        let atom: Vec<Step> = self.program.drain(start..).collect();
        for _ in 0..least {
            self.copy(&atom, start)?;
        }
        match most {
            None => {
                let split = self.program.len();
                self.push(Step::Split(split + 1, 0))?;
                self.copy(&atom, start)?;
                self.push(Step::Jump(split))?;
                let end = self.program.len();
                self.set(split, Step::Split(split + 1, end));
            }
            Some(most) => {
                let mut splits = Vec::new();
                for _ in least..most {
                    splits.push(self.program.len());
                    self.push(Step::Split(0, 0))?;
                    self.copy(&atom, start)?;
                }
                let end = self.program.len();
                for split in splits {
                    self.set(split, Step::Split(split + 1, end));
                }
            }
        }
        Ok(())
    }

    /// Writes steps that stood at `from` once more at the end.
    fn copy(&mut self, atom: &[Step], from: usize) -> Parsed<()> {
        let to = self.program.len();
        for step in atom {
            let moved = match step {
                Step::Split(a, b) => Step::Split(a - from + to, b - from + to),
                Step::Jump(at) => Step::Jump(at - from + to),
                step => step.clone(),
            };
            self.push(moved)?;
        }
        Ok(())
    }
}

/// The choice that is nearest to a word: what a person meant who mistyped it. Nothing where none is near.
pub(super) fn nearest<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let length = word.chars().count();
    // Of a short word something must stay.
    let limit = (length / 3).max(2).min(length.saturating_sub(1));
    choices
        .into_iter()
        .map(|choice| (distance(&word, &choice.to_ascii_lowercase()), choice))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, choice)| choice)
}

/// How many characters must be put in, taken out, changed or swapped with their neighbour: optimal string alignment.
fn distance(a: &str, b: &str) -> usize {
    // A word from a file may be of any length; no key is longer than this.
    let a: Vec<char> = a.chars().take(100).collect();
    let b: Vec<char> = b.chars().take(100).collect();
    let mut two_ago: Vec<usize> = Vec::new();
    let mut before: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(before.len());
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (get(&before, j) + usize::from(x != y)).min(get(&before, j + 1) + 1).min(get(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(get(&two_ago, j - 1) + 1);
            }
            row.push(best);
        }
        two_ago = std::mem::replace(&mut before, row);
    }
    before.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_part() {
        let object = |glob: &str, text: &str| Glob::of_object(glob).matches(text);
        assert!(object("public.users", "public.users"));
        assert!(object("public.*", "public.users") && !object("public.*", "public.users.id"));
        assert!(object("public.**", "public.users.id") && object("**.id", "public.users.id"));
        assert!(object("*.*_log", "app.audit_log") && !object("*_log", "app.audit_log"));
        assert!(object("public.user?", "public.users") && !object("public.user?", "public.user"));
        assert!(!object("", "x") && object("", "") && object("**", ""));
        let path = |glob: &str, text: &str| Glob::of_path(glob).matches(text);
        assert!(path("db/*/00*.sql", "db/migrations/001.sql") && !path("db/*.sql", "db/migrations/001.sql"));
        assert!(path("**/001.sql", "db/migrations/001.sql") && path("db/**", "db/a/b.sql"));
    }

    #[track_caller]
    fn matches(pattern: &str, yes: &[&str], no: &[&str]) {
        let pattern = NamePattern::parse(pattern).unwrap();
        let fill = |of: &str| match of {
            "table" => "order_items".to_owned(),
            "columns" => "order_id_sku".to_owned(),
            other => other.to_owned(),
        };
        for name in yes {
            assert!(pattern.matches(name, &fill), "{} should match {name}", pattern.as_str());
        }
        for name in no {
            assert!(!pattern.matches(name, &fill), "{} should not match {name}", pattern.as_str());
        }
    }

    #[test]
    fn a_name_pattern_is_for_the_whole_name() {
        matches("[a-z][a-z0-9_]*", &["a", "order_items2"], &["", "Order", "1a", "a-b"]);
        matches("^[a-z]+$", &["abc"], &["abc1"]);
        matches("ix_{table}_{columns}", &["ix_order_items_order_id_sku"], &["ix_order_items", "ix_x_y"]);
        matches("(fk|ref)_.+", &["fk_a", "ref_b"], &["fk_", "xfk_a"]);
        matches("a|bc|def|", &["a", "bc", "def", ""], &["ab", "bcd", "d"]);
        matches("(a|b|c)*d", &["d", "abcabd"], &["abc", "abxd"]);
        matches("\\d{4}_\\w{2,3}", &["2026_ab", "2026_abc"], &["202_ab", "2026_a", "2026_abcd"]);
        matches("(ab){2,}", &["abab", "ababab"], &["ab"]);
        matches("((a|b)+-?){1,2}", &["a", "ab-ba"], &["", "a-b-a"]);
        matches("[^A-Z]*\\.[\\d_]", &["ab.1", "._"], &["A.1", "ab1"]);
        matches("x?y+", &["y", "xyy"], &["x", "xxy"]);
    }

    #[test]
    fn a_bad_pattern_says_where_it_is_bad() {
        for (pattern, message, at) in [
            ("a(b", "this `(` is never closed", 1),
            ("a)b", "`)` closes nothing", 1),
            ("[a-", "this `[` is never closed", 0),
            ("[z-a]", "`z-a` runs backwards", 0),
            ("*a", "`*` repeats nothing", 0),
            ("a{2,1}", "a count is written `{2}`, `{2,}` or `{2,5}`", 1),
            (
                "{tables}",
                "`{tables}` is no placeholder; there are `{table}`, `{columns}`, `{references}`, `{schema}`",
                0,
            ),
            ("a\\q", "no such escape", 2),
            ("a^b", "`^` stands at the start only", 1),
        ] {
            assert_eq!(NamePattern::parse(pattern), Err((message.to_owned(), at)), "{pattern}");
        }
        assert!(NamePattern::parse("(a{100}){100}").is_err());
        assert!(NamePattern::parse(&"(".repeat(10_000)).is_err());
    }

    #[test]
    fn a_pattern_made_to_take_long_does_not() {
        let pattern = NamePattern::parse("(a*)*b").unwrap();
        assert!(!pattern.matches(&"a".repeat(2_000), &|_| String::new()));
        assert!(!Glob::of_object("*a*a*a*a*a*a*a*b").matches(&"a".repeat(2_000)));
    }

    #[test]
    fn the_nearest_word_is_what_was_meant() {
        let keys = ["fail-on", "server-version", "exposed-schemas"];
        assert_eq!(nearest("failon", keys), Some("fail-on"));
        assert_eq!(nearest("server_version", keys), Some("server-version"));
        assert_eq!(nearest("sevrer-version", keys), Some("server-version"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
