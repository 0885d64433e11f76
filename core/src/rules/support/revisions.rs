//! What rules about histories ask of revisions and their files.

use std::cmp::Ordering;

use crate::finding::Subject;
use crate::history::{Revision, layout};
use crate::operation::{ObjectKind, Operation};
use crate::replay::{Conflict, Effect, Step};
use crate::rules::Context;
use crate::source::{FileId, Span};

impl<'a> Context<'a> {
    /// The revisions with their places.
    pub(crate) fn revisions(&self) -> impl Iterator<Item = (u32, &'a Revision)> {
        (0..).zip(&self.history.revisions)
    }

    /// An operation of the up side by its place.
    pub(crate) fn operation(&self, revision: u32, operation: u32) -> Option<&'a Operation> {
        self.history.revisions.get(revision as usize)?.up.get(operation as usize)
    }

    /// The operations that ran, each with its step, whatever the input is.
    pub(crate) fn ran(&self) -> impl Iterator<Item = (&'a Step, &'a Operation)> {
        self.replay.steps.iter().filter_map(|s| Some((s, self.operation(s.revision, s.operation)?)))
    }

    /// The folder of a file and its name; where the folder is the revision (`2_users/up.sql`), it belongs to the name.
    pub(crate) fn folder_and_name(&self, file: FileId) -> (&'a str, &'a str) {
        let path = self.sources.name(file);
        let split = |text: &str| text.rfind('/').map_or(0, |at| at + 1);
        let base = split(path);
        let start = match path.get(base..) {
            Some("up.sql" | "down.sql" | "migration.sql") => {
                split(path.get(..base.saturating_sub(1)).unwrap_or_default())
            }
            _ => base,
        };
        (path.get(..start).unwrap_or_default(), path.get(start..).unwrap_or_default())
    }

    /// The name of a revision's file, for messages.
    pub(crate) fn file_name(&self, revision: &Revision) -> &'a str {
        self.folder_and_name(revision.file).1
    }

    /// A revision's file as something that a finding is about.
    pub(crate) fn file_subject(&self, revision: &Revision) -> Subject {
        Subject::new(ObjectKind::File, self.file_name(revision))
    }

    /// Whether revisions say in their files what they follow.
    pub(crate) fn has_graph(&self) -> bool {
        // Liquibase's changesets say what they are called, and changelogs in which order they run.
        !matches!(self.target.layout.as_str(), "liquibase" | "mojo")
            && self.history.revisions.iter().any(|r| r.id_span.is_some() || !r.down_revisions.is_empty())
    }

    /// For each revision whether something of it changed the schema.
    pub(crate) fn schema_changes(&self) -> Vec<bool> {
        let mut changes = vec![false; self.history.revisions.len()];
        for step in self.replay.steps.iter().filter(|s| !s.effects.is_empty()) {
            if let Some(change) = changes.get_mut(step.revision as usize) {
                *change = true;
            }
        }
        changes
    }
}

/// The beginning of a file, for findings about all of it.
pub(crate) fn start_of(file: FileId) -> Span {
    Span::new(file, 0, 0)
}

impl Revision {
    /// Whether it runs again and again and is no step: Flyway's repeatable migrations and callbacks.
    pub(crate) fn is_repeated(&self) -> bool {
        self.id.starts_with("R__") || layout::is_callback(&self.id)
    }

    /// Where the revision says what it is: its id, else the beginning of its file.
    pub(crate) fn place(&self) -> Span {
        self.id_span.unwrap_or(start_of(self.file))
    }
}

/// The number at the front of a file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Version<'a> {
    /// Its digits as written.
    pub(crate) digits: &'a str,
    /// What stands between it and the words.
    pub(crate) rest: &'a str,
}

impl<'a> Version<'a> {
    /// `0001_init.sql`, `V2__users.sql`. A version of several parts (`V1.2__x.sql`, `V1_2__x.sql`) is none.
    pub(crate) fn of(name: &'a str) -> Option<Self> {
        let bare = name.strip_prefix(['V', 'v']).unwrap_or(name);
        let length = bare.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = (bare.get(..length)?, bare.get(length..)?);
        let parts = rest.strip_prefix(['.', '_', '-']).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        let word = rest.starts_with(|c: char| c.is_ascii_alphabetic());
        (length > 0 && !word && !(parts && bare.len() < name.len())).then_some(Self { digits, rest })
    }

    /// Whether it is a day or a moment: `20240131`, `202401311200`, `20240131120000`.
    pub(crate) fn is_date(self) -> bool {
        let part = |from: usize, to: usize| self.digits.get(from..to).and_then(|p| p.parse::<u32>().ok()).unwrap_or(0);
        matches!(self.digits.len(), 8 | 12 | 14)
            && (1990..2100).contains(&part(0, 4))
            && (1..=12).contains(&part(4, 6))
            && (1..=31).contains(&part(6, 8))
    }

    /// The number without zeros in front.
    pub(crate) fn number(self) -> &'a str {
        self.digits.trim_start_matches('0')
    }

    /// Compares as moments where they are some: a day stands for its first second.
    pub(crate) fn by_time(self, other: Version<'_>) -> Ordering {
        let padded = |v: Version<'_>| if v.is_date() { format!("{:0<14}", v.digits) } else { v.number().to_owned() };
        let (a, b) = (padded(self), padded(other));
        a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
    }
}

/// What a refused statement misses: kind and name. Source: PostgreSQL manual, appendix A.
pub(crate) fn missing_object(conflict: &Conflict) -> Option<(ObjectKind, &str)> {
    let message = conflict.message.as_str();
    let kind = match conflict.sqlstate {
        "42P01" => ObjectKind::Table,
        "42703" => ObjectKind::Column,
        "42883" => ObjectKind::Function,
        "3F000" => ObjectKind::Schema,
        "42704" => {
            let words = [
                ("type ", ObjectKind::Type),
                ("constraint ", ObjectKind::Constraint),
                ("index ", ObjectKind::Index),
                ("trigger ", ObjectKind::Trigger),
                ("policy ", ObjectKind::Policy),
                ("role ", ObjectKind::Role),
                ("extension ", ObjectKind::Extension),
                ("rule ", ObjectKind::Rule),
            ];
            words.into_iter().find(|(word, _)| message.starts_with(word)).map_or(ObjectKind::Type, |(_, kind)| kind)
        }
        _ => return None,
    };
    // A column with its table in front stands without quotes.
    if let Some(column) = message.strip_prefix("column ").and_then(|m| m.strip_suffix(" does not exist"))
        && kind == ObjectKind::Column
        && !column.contains([' ', '"'])
    {
        return Some((kind, column));
    }
    let (_, rest) = message.split_once('"')?;
    let name = rest.split_once('"').map(|(name, _)| name).or_else(|| message.split_whitespace().nth(1))?;
    Some((kind, name))
}

/// An expression without what makes no difference: white space, parentheses around it, casts of strings to text.
pub(crate) fn plain(text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase().replace("'::text", "'");
    loop {
        let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).map(str::trim);
        let mut depth = 0_i32;
        let balanced = inner.is_some_and(|t| {
            t.bytes().all(|b| {
                depth += i32::from(b == b'(') - i32::from(b == b')');
                depth >= 0
            })
        });
        match inner {
            Some(inner) if balanced => text = inner.to_owned(),
            _ => return text,
        }
    }
}

impl Step {
    /// The table that ALTER TABLE changed.
    pub(crate) fn altered_table(&self) -> Option<crate::schema::TableId> {
        self.effects.iter().find_map(|e| match e {
            Effect::Altered(crate::schema::ObjectId::Table(id)) => Some(*id),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_off_names() {
        let digits = |name| Version::of(name).map(|v| v.digits);
        assert_eq!(digits("0001_init.sql"), Some("0001"));
        assert_eq!(digits("V2__users.sql"), Some("2"));
        assert_eq!(digits("V1.2__users.sql"), None);
        assert_eq!(digits("2024-01-31-120000_users"), Some("2024"));
        assert_eq!(digits("users.sql"), None);
        assert_eq!(digits("2fa.sql"), None);
    }

    #[test]
    fn spelling_makes_no_difference() {
        assert_eq!(plain("((lower( email )))"), plain("LOWER( email )"));
        assert_eq!(plain("(a) = (b)"), "(a) = (b)");
        assert_eq!(plain("kind = 'x'::text"), plain("kind = 'x'"));
    }

    #[test]
    fn a_day_stands_for_its_first_second() {
        let version = |name| Version::of(name).expect("a version");
        let (day, moment) = (version("20250909_a.sql"), version("20250909205408_b.sql"));
        assert_eq!(day.by_time(moment), Ordering::Less);
        assert_eq!(version("20260101_a.sql").by_time(moment), Ordering::Greater);
        assert_eq!(version("9_a.sql").by_time(version("010_b.sql")), Ordering::Less);
    }
}
