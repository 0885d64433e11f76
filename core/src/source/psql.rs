//! psql's own lines: variables that a script sets, conditions that it asks for, files that it includes.
//!
//! Source: PostgreSQL manual, psql, "Meta-Commands" (`\if`, `\set`, `\gset`, `\gexec`, `\include`) and "Variables".

use std::collections::BTreeSet;

use super::placeholder::{Context, Defines, Value, placeholder_at};

/// The longest value that a script may make.
const MAX_SCRIPT_VALUE: usize = 64 << 10;

/// Where a script stands: which of its lines psql runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    /// The open `\if`s, the innermost last.
    branches: Vec<Branch>,
    /// Variables that have a value which is not known: that of a query.
    unknown: BTreeSet<String>,
    /// Variables without a known value that a condition asked for: each is told once.
    doubted: BTreeSet<String>,
}

/// What psql does with the lines between `\if` and `\endif`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Branch {
    /// It runs them.
    Runs,
    /// It passes them over; a branch that comes may run.
    Waits,
    /// It passes over all that is left.
    Over,
}

/// What a line of psql asks of whoever reads the script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Nothing more.
    Done,
    /// To run another file at this place. `relative` is to the script's own folder (`\ir`), not to where psql was started (`\i`).
    Include {
        /// The path as written, quotes undone.
        path: String,
        /// `\ir`.
        relative: bool,
    },
    /// To tell [`Defines::keep`] the columns of the query before it.
    Keep {
        /// What stands in front of the columns' names.
        prefix: String,
    },
    /// To run what the query before it gives.
    Execute,
    /// To say that it is not known whether psql runs what follows, and as what it is taken.
    Doubt(String),
}

impl Defines {
    /// Whether psql passes over what stands here: the branch of an `\if` that is not taken.
    pub fn passes_over(&self) -> bool {
        self.script.branches.iter().any(|branch| *branch != Branch::Runs)
    }

    /// Heeds a line of psql's own.
    pub fn meta(&mut self, line: &str) -> Request {
        let mut words = line.trim().splitn(2, char::is_whitespace);
        let command = words.next().unwrap_or_default();
        let rest = words.next().unwrap_or_default().trim();
        let runs = !self.passes_over();
        match command {
            "\\if" if runs => return self.branch(rest),
            "\\if" => self.script.branches.push(Branch::Over),
            "\\elif" => match self.script.branches.pop() {
                Some(Branch::Waits) => return self.branch(rest),
                Some(_) => self.script.branches.push(Branch::Over),
                None => {}
            },
            "\\else" => {
                if let Some(branch) = self.script.branches.last_mut() {
                    *branch = if *branch == Branch::Waits { Branch::Runs } else { Branch::Over };
                }
            }
            "\\endif" => _ = self.script.branches.pop(),
            _ if !runs => {}
            "\\set" => self.set(rest),
            "\\unset" => {
                self.values.remove(rest);
                self.script.unknown.remove(rest);
            }
            "\\i" | "\\include" | "\\ir" | "\\include_relative" => {
                let path = self.arguments(rest).filter(|path| !path.is_empty());
                let relative = command.contains('r');
                return path.map_or(Request::Done, |path| Request::Include { path, relative });
            }
            "\\gset" => return Request::Keep { prefix: rest.to_owned() },
            "\\gexec" => return Request::Execute,
            _ => {}
        }
        Request::Done
    }

    /// Gives variables the values of a query's columns, as `\gset` does. `Some(None)` is NULL, `None` is not known.
    pub fn keep(&mut self, prefix: &str, columns: Vec<(String, Option<Option<String>>)>) {
        for (column, value) in columns {
            let name = format!("{prefix}{column}");
            if self.values.get(&name).is_some_and(|v| !v.by_script) {
                // Whoever gives a value knows the database.
                continue;
            }
            self.script.unknown.remove(&name);
            match value {
                Some(Some(text)) => _ = self.values.insert(name, Value { text, by_script: true }),
                Some(None) => _ = self.values.remove(&name),
                None => {
                    self.values.remove(&name);
                    self.script.unknown.insert(name);
                }
            }
        }
    }

    /// Opens a branch that runs if `text` is true.
    fn branch(&mut self, text: &str) -> Request {
        let (truth, doubt) = self.condition(text);
        self.script.branches.push(if truth { Branch::Runs } else { Branch::Waits });
        doubt.map_or(Request::Done, Request::Doubt)
    }

    /// Whether `\if` takes a text for true. What is neither true nor false, and so a variable without a value, is false to psql.
    fn condition(&mut self, text: &str) -> (bool, Option<String>) {
        if let Some(name) = text.strip_prefix(":{?").and_then(|rest| rest.strip_suffix('}')) {
            self.note_use(name);
            return (self.values.contains_key(name) || self.script.unknown.contains(name), None);
        }
        let alone = placeholder_at(text, 0, Context::Code).filter(|found| found.end == text.len());
        if let Some(name) = alone.and_then(|found| found.names.first().copied()) {
            self.note_use(name);
            if !self.values.contains_key(name) {
                let known = !self.script.unknown.contains(name);
                let (why, taken, other) = match known {
                    true => ("which has no value here", "false", "true"),
                    false => ("which a query sets", "true", "false"),
                };
                if !self.script.doubted.insert(name.to_owned()) {
                    return (!known, None);
                }
                let message = format!(
                    "Whether psql runs what follows depends on `{name}`, {why}: it is taken for {taken}. `--define {name}={other}` says otherwise."
                );
                return (!known, Some(message));
            }
        }
        match self.arguments(text) {
            Some(text) => (is_true(&text), None),
            None => {
                (true, Some("Whether psql runs what follows depends on a program: it is taken for true.".to_owned()))
            }
        }
    }

    fn note_use(&mut self, name: &str) {
        if self.values.get(name).is_some_and(|value| !value.by_script) {
            self.used.insert(name.to_owned());
        }
    }

    fn set(&mut self, rest: &str) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (name, value) = rest.split_at(end);
        if name.is_empty() || !name.bytes().all(super::placeholder::is_variable) {
            return;
        }
        self.script.unknown.remove(name);
        match self.arguments(value) {
            Some(text) => {
                self.values.insert(name.to_owned(), Value { text, by_script: true });
            }
            // What a shell command prints is not known; a value that was given may be meant for that.
            None if self.values.get(name).is_some_and(|v| v.by_script) => {
                self.values.remove(name);
            }
            None => {}
        }
    }

    /// The arguments of `\set` put together, as psql does: quotes undone, variables replaced. Nothing where that cannot be told.
    fn arguments(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let whole = rest;
            rest = whole.get(first.len_utf8()..).unwrap_or_default();
            match first {
                '`' => return None,
                // The next command of the line.
                '\\' => break,
                '\'' => rest = quoted_argument(rest, &mut out)?,
                ':' => {
                    let found = placeholder_at(whole, 0, Context::Code);
                    let value = found.as_ref().and_then(|f| f.names.first()).and_then(|name| self.values.get(*name));
                    if let (Some(found), Some(value)) = (found, value) {
                        out.push_str(&found.write(&value.text, None));
                        rest = whole.get(found.end..).unwrap_or_default();
                    } else {
                        out.push(':');
                    }
                }
                c if c.is_whitespace() => {}
                c => out.push(c),
            }
            if out.len() > MAX_SCRIPT_VALUE {
                return None;
            }
        }
        Some(out)
    }
}

/// Whether psql takes a text for true. Source: its `ParseVariableBool`: beginnings of `true` and `yes`, `on`, 1.
fn is_true(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let begins = |word: &str| !text.is_empty() && word.starts_with(text.as_str());
    begins("true") || begins("yes") || text == "on" || text == "1"
}

/// From behind an opening single quote of a psql argument; gives what stands behind the closing one.
fn quoted_argument<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' if text.get(at + 1..).is_some_and(|t| t.starts_with('\'')) => {
                characters.next();
                out.push('\'');
            }
            '\'' => return text.get(at + 1..),
            '\\' => match characters.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'b' => out.push('\u{8}'),
                'r' => out.push('\r'),
                'f' => out.push('\u{c}'),
                // Bytes by their numbers: no name or type is written so.
                '0'..='7' | 'x' => return None,
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_go_as_in_psql() {
        // What psql 15 runs of these lines, letters standing for statements; seen there.
        let cases: &[(&str, &str)] = &[
            ("\\if true\na\n\\else\nb\n\\endif\nc", "ac"),
            ("\\if off\na\n\\elif yes\nb\n\\elif on\nc\n\\else\nd\n\\endif", "b"),
            ("\\if 0\n\\if 1\na\n\\else\nb\n\\endif\n\\else\nc\n\\endif", "c"),
            ("\\if :unset\na\n\\else\nb\n\\endif", "b"),
            ("\\if nonsense\na\n\\else\nb\n\\endif", "b"),
            ("\\if :{?x}\na\n\\else\n\\set x 1\n\\endif\n\\if :x\nb\n\\endif", "b"),
            ("\\if false\n\\set x 1\n\\endif\n\\if :{?x}\na\n\\endif\nb", "b"),
            ("\\set x 'TR'\n\\if :x\na\n\\endif\n\\unset x\n\\if :{?x}\nb\n\\endif", "a"),
        ];
        for (script, wanted) in cases {
            let mut defines = Defines::default();
            let mut run = String::new();
            for line in script.lines() {
                match line.starts_with('\\') {
                    true => _ = defines.meta(line),
                    false if !defines.passes_over() => run.push_str(line),
                    false => {}
                }
            }
            assert_eq!(run, *wanted, "{script}");
        }
    }
}
