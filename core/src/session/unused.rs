//! Files that nothing was read from, and why, each kind in one sentence.

use crate::history::natural_order;
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};

/// One problem for each kind of file that no reader took: those that are no SQL, Python without tables, and documents without a schema.
pub(super) fn told(other: Vec<String>, programs: Vec<String>, documents: Vec<String>) -> impl Iterator<Item = Problem> {
    let sentences = [
        sentence(other, ["is no SQL and was not read", "are no SQL and were not read"]),
        sentence(programs, ["is no migration and declares no table", "are no migrations and declare no table"]),
        sentence(
            documents,
            [
                "describes no schema: no table or list of columns, no diagram and no SQL that makes a table was found in it",
                "describe no schema: no table or list of columns, no diagram and no SQL that makes a table was found in them",
            ],
        ),
    ];
    sentences.into_iter().flatten().map(|message| Problem { kind: ProblemKind::NotASchema, message, span: None })
}

/// The files that are no text.
pub(super) fn binary(names: Vec<String>) -> Option<Problem> {
    const WORDS: [&str; 2] = [
        "is a binary file, not text. Relata reads SQL: dumps, migrations and schema files",
        "are binary files, not text. Relata reads SQL: dumps, migrations and schema files",
    ];
    sentence(names, WORDS).map(|message| Problem { kind: ProblemKind::BinaryFile, message, span: None })
}

/// The files of tests that models were not read from.
pub(super) fn of_tests(names: Vec<String>) -> Option<Problem> {
    const WORDS: [&str; 2] = [
        "is of tests: tables that it declares are none of the application's, and were left out",
        "are of tests: tables that they declare are none of the application's, and were left out",
    ];
    sentence(names, WORDS).map(|message| Problem { kind: ProblemKind::NotASchema, message, span: None })
}

/// Whether a file belongs to Alembic's own set-up and never holds a migration: nothing is missing where nothing was read from it.
pub(super) fn is_set_up_of_alembic(name: &str) -> bool {
    matches!(name.rsplit('/').next(), Some("env.py" | "alembic.ini" | "script.py.mako"))
}

/// Says what `names` are, in the words for one file or for several; nothing where there is none.
fn sentence(mut names: Vec<String>, [one, several]: [&str; 2]) -> Option<String> {
    names.order_by(|a, b| natural_order(a, b));
    let (first, rest) = names.split_first()?;
    Some(match rest.len() {
        0 => format!("`{first}` {one}."),
        1 => format!("`{first}` and 1 other file {several}."),
        n => format!("`{first}` and {n} other files {several}."),
    })
}
