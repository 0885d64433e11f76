//! Regular expressions, as far as names are made with them: `re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__)`. What is beyond that is not known.
//! Source: Python's manual, "Regular Expression Syntax".

/// How long a pattern and a text may be, and how many steps a match may take; names are short.
const MAX_TEXT: usize = 512;
const MAX_STEPS: u32 = 50_000;
const MAX_DEPTH: u32 = 400;

#[derive(Debug)]
enum Node {
    /// Ranges of characters, and whether it is those that are not in them.
    Class(Vec<(char, char)>, bool),
    Start,
    End,
    Boundary(bool),
    /// The number of a group that captures; the alternatives.
    Group(Option<usize>, Vec<Vec<Node>>),
    Look {
        behind: bool,
        negated: bool,
        inner: Vec<Vec<Node>>,
    },
    Repeat {
        of: Vec<Vec<Node>>,
        least: u32,
        most: u32,
        greedy: bool,
    },
}

struct Reader<'p> {
    rest: &'p [char],
    groups: usize,
    depth: u32,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, text: &str) -> bool {
        let len = text.chars().count();
        let found = self.rest.get(..len).is_some_and(|head| head.iter().copied().eq(text.chars()));
        if found {
            self.rest = self.rest.get(len..).unwrap_or_default();
        }
        found
    }

    /// What stands between `|`, up to a closing parenthesis or the end.
    fn alternatives(&mut self) -> Option<Vec<Vec<Node>>> {
        self.depth += 1;
        if self.depth > 20 {
            return None;
        }
        let mut all = vec![Vec::new()];
        while let Some(c) = self.rest.first().copied().filter(|c| *c != ')') {
            if c == '|' {
                self.next();
                all.push(Vec::new());
                continue;
            }
            let node = self.node()?;
            let node = self.repeated(node)?;
            all.last_mut()?.push(node);
        }
        self.depth -= 1;
        Some(all)
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.rest.first() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                let end = self.rest.iter().position(|c| *c == '}')?;
                let inner: String = self.rest.get(1..end)?.iter().collect();
                let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
                let least = if least.is_empty() { 0 } else { least.parse().ok()? };
                let most = if most.is_empty() { u32::MAX } else { most.parse().ok()? };
                self.rest = self.rest.get(end..)?;
                (least, most)
            }
            _ => return Some(node),
        };
        self.next();
        let greedy = !self.take("?");
        Some(Node::Repeat { of: vec![vec![node]], least, most, greedy })
    }

    fn node(&mut self) -> Option<Node> {
        Some(match self.next()? {
            '.' => Node::Class(vec![('\n', '\n')], true),
            '^' => Node::Start,
            '$' => Node::End,
            '[' => self.class()?,
            '\\' => match self.next()? {
                'A' => Node::Start,
                'Z' => Node::End,
                'b' => Node::Boundary(false),
                'B' => Node::Boundary(true),
                c => {
                    let (ranges, negated) = escaped(c)?;
                    Node::Class(ranges, negated)
                }
            },
            '(' => {
                let node = if self.take("?:") {
                    Node::Group(None, self.alternatives()?)
                } else if self.take("?P<") {
                    while self.next()? != '>' {}
                    self.group()?
                } else if self.take("?") {
                    let behind = self.take("<");
                    let negated = match self.next()? {
                        '=' => false,
                        '!' => true,
                        _ => return None,
                    };
                    Node::Look { behind, negated, inner: self.alternatives()? }
                } else {
                    self.group()?
                };
                if self.next()? != ')' {
                    return None;
                }
                node
            }
            '*' | '+' | '?' | '{' => return None,
            c => Node::Class(vec![(c, c)], false),
        })
    }

    fn group(&mut self) -> Option<Node> {
        self.groups += 1;
        let number = self.groups;
        Some(Node::Group(Some(number), self.alternatives()?))
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.take("^");
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            let c = match self.next()? {
                ']' if !first => return Some(Node::Class(ranges, negated)),
                '\\' => {
                    let (more, inverted) = escaped(self.next()?)?;
                    if inverted {
                        return None;
                    }
                    first = false;
                    ranges.extend(more);
                    continue;
                }
                c => c,
            };
            first = false;
            if self.rest.first() == Some(&'-') && self.rest.get(1).is_some_and(|c| *c != ']') {
                self.next();
                ranges.push((c, self.next()?));
            } else {
                ranges.push((c, c));
            }
        }
    }
}

/// What a letter behind a backslash stands for.
fn escaped(c: char) -> Option<(Vec<(char, char)>, bool)> {
    Some(match c {
        'd' | 'D' => (vec![('0', '9')], c == 'D'),
        'w' | 'W' => (vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_'), ('\u{80}', char::MAX)], c == 'W'),
        's' | 'S' => (vec![(' ', ' '), ('\t', '\r')], c == 'S'),
        'n' => (vec![('\n', '\n')], false),
        't' => (vec![('\t', '\t')], false),
        c if c.is_alphanumeric() => return None,
        c => (vec![(c, c)], false),
    })
}

type Captures = Vec<Option<(usize, usize)>>;

struct Matcher<'t> {
    text: &'t [char],
    captures: Captures,
    steps: u32,
    depth: u32,
}

impl Matcher<'_> {
    /// Matches one of the alternatives at a place, and then what comes behind.
    fn any(&mut self, all: &[Vec<Node>], at: usize, then: &mut dyn FnMut(&mut Self, usize) -> bool) -> bool {
        all.iter().any(|nodes| self.all(nodes, at, then))
    }

    fn all(&mut self, nodes: &[Node], at: usize, then: &mut dyn FnMut(&mut Self, usize) -> bool) -> bool {
        let Some((node, rest)) = nodes.split_first() else { return then(self, at) };
        // What goes too deep is not known either.
        self.steps = if self.depth > MAX_DEPTH { MAX_STEPS + 1 } else { self.steps.saturating_add(1) };
        if self.steps > MAX_STEPS {
            return false;
        }
        self.depth += 1;
        let word =
            |at: Option<usize>| at.and_then(|at| self.text.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let found = match node {
            Node::Start => at == 0 && self.all(rest, at, then),
            Node::End => at == self.text.len() && self.all(rest, at, then),
            Node::Boundary(negated) => {
                (word(at.checked_sub(1)) != word(Some(at))) != *negated && self.all(rest, at, then)
            }
            Node::Class(ranges, negated) => {
                let fits = |c: &char| ranges.iter().any(|(from, to)| from <= c && c <= to) != *negated;
                self.text.get(at).is_some_and(fits) && self.all(rest, at + 1, then)
            }
            Node::Group(number, inner) => {
                let before = self.captures.clone();
                let found = self.any(inner, at, &mut |matcher, end| {
                    if let Some(slot) = number.and_then(|n| matcher.captures.get_mut(n)) {
                        *slot = Some((at, end));
                    }
                    matcher.all(rest, end, then)
                });
                if !found {
                    self.captures = before;
                }
                found
            }
            Node::Look { behind, negated, inner } => {
                let found = if *behind {
                    (0..=at).rev().any(|from| self.any(inner, from, &mut |_, end| end == at))
                } else {
                    self.any(inner, at, &mut |_, _| true)
                };
                found != *negated && self.all(rest, at, then)
            }
            Node::Repeat { of, least, most, greedy } => {
                self.repeat((of, *least, *most, *greedy), at, &mut |matcher, end| matcher.all(rest, end, then))
            }
        };
        self.depth -= 1;
        found
    }

    fn repeat(
        &mut self,
        (of, least, most, greedy): (&[Vec<Node>], u32, u32, bool),
        at: usize,
        then: &mut dyn FnMut(&mut Self, usize) -> bool,
    ) -> bool {
        if !greedy && least == 0 && then(self, at) {
            return true;
        }
        // A turn that takes nothing would go on for ever.
        let more = most > 0
            && self.any(of, at, &mut |matcher, end| {
                (end > at || least > 0)
                    && matcher.repeat((of, least.saturating_sub(1), most.saturating_sub(1), greedy), end, then)
            });
        more || (greedy && least == 0 && then(self, at))
    }
}

/// `re.sub(pattern, replacement, text)`; nothing where the pattern or the replacement is not understood.
pub(super) fn substitute(pattern: &str, replacement: &str, text: &str) -> Option<String> {
    let pattern: Vec<char> = pattern.chars().collect();
    let chars: Vec<char> = text.chars().collect();
    if pattern.len() > MAX_TEXT || chars.len() > MAX_TEXT {
        return None;
    }
    let mut reader = Reader { rest: &pattern, groups: 0, depth: 0 };
    let nodes = reader.alternatives()?;
    if !reader.rest.is_empty() {
        return None;
    }
    let mut matcher = Matcher { text: &chars, captures: Vec::new(), steps: 0, depth: 0 };
    let mut out = String::new();
    let mut at = 0;
    while at <= chars.len() {
        matcher.captures = vec![None; reader.groups + 1];
        matcher.depth = 0;
        let mut end = None;
        matcher.any(&nodes, at, &mut |_, found| {
            end = Some(found);
            true
        });
        if matcher.steps > MAX_STEPS {
            return None;
        }
        if let Some(end) = end {
            if let Some(whole) = matcher.captures.first_mut() {
                *whole = Some((at, end));
            }
            replace(replacement, &chars, &matcher.captures, &mut out)?;
        }
        match end {
            Some(end) if end > at => at = end,
            _ => {
                out.extend(chars.get(at));
                at += 1;
            }
        }
    }
    Some(out)
}

/// Writes a replacement with its groups: `\1`, `\g<1>`.
fn replace(replacement: &str, text: &[char], captures: &Captures, out: &mut String) -> Option<()> {
    let mut rest = replacement;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let (number, behind) = match behind.strip_prefix("g<") {
            Some(named) => named.split_once('>')?,
            None => (behind.get(..1)?, behind.get(1..)?),
        };
        let group = *captures.get(number.parse::<usize>().ok()?)?;
        if let Some((from, to)) = group {
            out.extend(text.get(from..to)?);
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::substitute;

    /// Each is what CPython's `re.sub` gives.
    #[test]
    fn names_are_made_as_python_makes_them() {
        for (pattern, replacement, text, expected) in [
            (r"(?<!^)(?=[A-Z])", "_", "OrderItem", "Order_Item"),
            (r"(.)([A-Z][a-z]+)", r"\1_\2", "HTTPServerLog", "HTTP_ServerLog"),
            (r"([a-z0-9])([A-Z])", r"\1_\2", "userID2Map", "user_ID2_Map"),
            (r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", "APIKeyOwner", "API_Key_Owner"),
            (r"(?P<x>[A-Z]+)(?:s)?$", r"<\g<1>>", "listIDs", "list<ID>"),
            ("x*", "-", "abxd", "-a-b--d-"),
            (r"\s+", "_", "a  b\tc", "a_b_c"),
            ("[^a-z]+?", "", "a1b22c", "abc"),
            (r"Model$", "", "UserModel", "User"),
            (r"a{2,3}", "b", "aaaaa", "bb"),
        ] {
            assert_eq!(substitute(pattern, replacement, text).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn what_is_beyond_it_is_not_known() {
        assert_eq!(substitute(r"(?i)a", "b", "A"), None);
        assert_eq!(substitute(r"(a)(?P=x)", "b", "aa"), None);
        assert_eq!(substitute("(a", "b", "a"), None);
        assert_eq!(substitute("a", r"\n", "a"), None);
        // A pattern whose matching would take for ever ends.
        assert_eq!(substitute("(a+)+$", "b", &format!("{}c", "a".repeat(60))), None);
        assert_eq!(substitute(&"(".repeat(400), "b", "a"), None);
        assert_eq!(substitute("[a-z]+$", "", &"a".repeat(450)), None);
    }
}
