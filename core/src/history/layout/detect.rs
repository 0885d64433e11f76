//! Which tool owns the files of one folder, told by evidence in names and content.

use super::entry::{leading_digits, shared_word, split_path, version_of};
use super::flyway::{FlywayName, Naming};
use super::marks::Markers;
use super::{Candidate, Layout};

/// A layout, and what it was told by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    pub(super) layout: Layout,
    /// Other tools leave the same signs.
    pub(super) guessed: bool,
    pub(super) evidence: &'static str,
}

impl Verdict {
    pub(super) fn sure(layout: Layout, evidence: &'static str) -> Self {
        Self { layout, guessed: false, evidence }
    }

    pub(super) fn guess(layout: Layout, evidence: &'static str) -> Self {
        Self { layout, guessed: true, evidence }
    }
}

/// Tells the layout of files of one folder (or of the folders in it, for tools with a folder for each revision) that no journal or plan claims.
pub(super) fn detect(files: &[&Candidate<'_>], naming: &Naming, has_snapshots: bool) -> Verdict {
    let any = |test: &dyn Fn(&Candidate<'_>) -> bool| files.iter().any(|f| test(f));
    let most = |test: &dyn Fn(&Candidate<'_>) -> bool| files.iter().filter(|f| test(f)).count() * 2 > files.len();
    fn base<'a>(f: &Candidate<'a>) -> &'a str {
        split_path(f.name).1
    }
    fn folder<'a>(f: &Candidate<'a>) -> &'a str {
        split_path(split_path(f.name).0).1
    }
    if any(&|f| base(f) == "migration.sql") {
        return if has_snapshots {
            Verdict::sure(Layout::DrizzleFolders, "folders with `migration.sql` and `snapshot.json`")
        } else {
            Verdict::guess(Layout::Prisma, "folders with `migration.sql`")
        };
    }
    if let Some(verdict) = files.iter().find_map(|f| by_markers(f.markers))
        && (most(&|f| by_markers(f.markers).is_some()) || verdict.layout == Layout::Liquibase)
    {
        return verdict;
    }
    let called = |f: &Candidate<'_>| naming.is_callback(base(f));
    if naming.configured && most(&|f| naming.read(base(f)).is_some() || called(f)) {
        return Verdict::sure(Layout::Flyway, "settings of Flyway, and names as they say");
    }
    let signed = |f: &Candidate<'_>| naming.is_sign(base(f));
    // Half of the names are enough where the others begin as Flyway's do and are only wrong.
    let nearly = |f: &Candidate<'_>| {
        base(f).strip_prefix(['V', 'v']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let half = files.iter().filter(|f| signed(f)).count() * 2 >= files.len();
    if any(&signed) && (most(&|f| signed(f) || called(f)) || (half && most(&|f| signed(f) || nearly(f)))) {
        return flyway_or_refinery(files, naming);
    }
    if files.iter().all(|f| called(f)) {
        return Verdict::guess(Layout::Flyway, "names of Flyway's callbacks");
    }
    if any(&|f| base(f) == "up.sql") {
        if files.iter().all(|f| folder(f).bytes().all(|b| b.is_ascii_digit())) {
            return Verdict::guess(Layout::Numbered, "numbered folders with `up.sql`");
        }
        if any(&|f| folder(f) == "00000000000000_diesel_initial_setup") {
            return Verdict::sure(Layout::Diesel, "the folder `00000000000000_diesel_initial_setup`");
        }
        return if most(&|f| leading_digits(folder(f)).len() == 13) {
            Verdict::guess(Layout::Hasura, "folders that start with milliseconds and hold `up.sql`")
        } else {
            Verdict::guess(Layout::Diesel, "folders with `up.sql`")
        };
    }
    if any(&|f| f.name.starts_with("supabase/migrations/") || f.name.contains("/supabase/migrations/")) {
        return Verdict::sure(Layout::Supabase, "the folder `supabase/migrations`");
    }
    let numbered = most(&|f| version_of(base(f), Layout::Numbered).is_some());
    if numbered && any(&|f| f.markers.drizzle) {
        return Verdict::guess(Layout::DrizzleJournal, "lines `--> statement-breakpoint`, without the journal");
    }
    if numbered && any(&|f| f.name.ends_with(".up.sql")) {
        return Verdict::guess(Layout::GolangMigrate, "numbers in front of names that end in `.up.sql`");
    }
    if numbered {
        Verdict::guess(Layout::Numbered, "numbers in front of the names")
    } else if any(&|f| !f.tables.is_empty())
        && shared_word(&files.iter().map(|f| base(f)).collect::<Vec<_>>()).is_some()
    {
        Verdict::guess(Layout::Numbered, "numbers behind the word that all names begin with")
    } else {
        Verdict::guess(Layout::Unordered, "nothing in names or contents gives an order")
    }
}

pub(super) fn by_markers(markers: &Markers) -> Option<Verdict> {
    [
        (markers.liquibase, Layout::Liquibase, "first lines `-- liquibase formatted sql`"),
        (markers.goose, Layout::Goose, "marks `-- +goose`"),
        (markers.sql_migrate, Layout::SqlMigrate, "marks `-- +migrate`"),
        (markers.dbmate, Layout::Dbmate, "marks `-- migrate:up`"),
        (markers.node_pg_migrate, Layout::NodePgMigrate, "marks `-- Up Migration`"),
        (markers.atlas, Layout::Atlas, "directives `-- atlas:`"),
        (markers.mojo.is_some(), Layout::Mojo, "marks `-- 1 up` and `-- 1 down`"),
    ]
    .into_iter()
    .find_map(|(seen, layout, evidence)| {
        seen.then(|| match layout {
            // Two words in a comment, with no way back: anyone may write that.
            Layout::Mojo if !markers.down => Verdict::guess(layout, "a first line `-- 1 up`, without a way back"),
            _ => Verdict::sure(layout, evidence),
        })
    })
}

/// Both name files `V1__x.sql`; `U1__x.sql` takes back in Flyway and is a migration in Refinery.
fn flyway_or_refinery(files: &[&Candidate<'_>], naming: &Naming) -> Verdict {
    let names: Vec<FlywayName<'_>> = files.iter().filter_map(|f| naming.read(split_path(f.name).1)).collect();
    let has = |kind: u8| names.iter().any(|n| n.kind == kind);
    let paired = |undo: &FlywayName<'_>| names.iter().any(|v| v.kind == b'V' && v.version == undo.version);
    if has(b'R') || has(b'B') {
        return Verdict::sure(Layout::Flyway, "names `V…__`, `R__`, `B…__`");
    }
    if !has(b'U') {
        return Verdict::guess(Layout::Flyway, "names `V…__`, which Refinery has as well, in the same order");
    }
    if names.iter().filter(|n| n.kind == b'U').any(paired) {
        Verdict::guess(Layout::Flyway, "names `U…__` beside `V…__` of the same version")
    } else {
        Verdict::guess(Layout::Refinery, "names `U…__` of versions of their own")
    }
}
