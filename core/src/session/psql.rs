//! psql's scripts: the files that they include, and the commands that their queries make.

use std::collections::{BTreeMap, BTreeSet};

use super::sql::{FileReading, Sink, split};
use crate::expr::{Query, Tree};
use crate::history::layout;
use crate::operation::{DmlVerb, ObjectKind, Operation, OperationKind};
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::known_rows;
use crate::read::{Reading, ddl, sql};
use crate::source::{Mapped, Request, Sources, Span};

/// How deep scripts that include scripts are followed.
const MAX_DEPTH: usize = 16;
/// How many operations the files of one script may have together: a file may be included many times.
const MAX_OPERATIONS: usize = 1_000_000;

/// A line `\i` or `\ir` of a script.
#[derive(Clone, Debug)]
pub(super) struct Include {
    /// The path as written.
    path: String,
    /// Whether it is `\ir`: relative to the script's own folder.
    relative: bool,
    span: Span,
    /// How many operations of the script come before it.
    at: usize,
}

impl Sink<'_> {
    /// Does what a line of psql asks for, which stands at `span`.
    pub(super) fn answer(&mut self, request: Request, span: Span) {
        match request {
            Request::Include { path, relative } if !self.reading.in_down => {
                let at = self.reading.operations.len();
                self.reading.includes.push(Include { path, relative, span, at });
            }
            Request::Keep { prefix } => {
                let columns = self.last_query().map(|(query, ..)| columns(&query)).unwrap_or_default();
                self.reading.defines.keep(&prefix, columns);
            }
            Request::Execute => {
                if let Some((query, text, span)) = self.last_query() {
                    let read = commands(&query, &text, span);
                    self.take_in(read);
                }
            }
            Request::Doubt(message) => {
                self.problem(Problem { kind: ProblemKind::UnfilledPlaceholder, message, span: Some(span) });
            }
            Request::Done | Request::Include { .. } => {}
        }
    }

    /// The query before a line of psql, its text, and where it stands.
    fn last_query(&self) -> Option<(Query, String, Span)> {
        match self.reading.operations.last() {
            Some(Operation { kind: OperationKind::Dml { verb: DmlVerb::Select, text, .. }, span, .. }) => {
                Some((sql::query(&text.text)?, text.text.to_string(), *span))
            }
            _ => None,
        }
    }
}

/// What `\gset` gets of a query: the names of its columns, and their values where they follow from what is written.
fn columns(query: &Query) -> Vec<(String, Option<Option<String>>)> {
    if let Some([row]) = known_rows(query).as_deref() {
        return row.iter().map(|(name, value)| (name.to_string(), Some(value.clone()))).collect();
    }
    let name = |value: &Tree| match value {
        Tree::Column(parts) => parts.last().map(ToString::to_string),
        Tree::Call(call) => Some(call.base_name().to_owned()),
        _ => None,
    };
    let names = query.items.iter().filter_map(|i| i.alias.as_ref().map(ToString::to_string).or_else(|| name(&i.value)));
    names.map(|name| (name, None)).collect()
}

/// What `\gexec` runs: each value of each row of a query.
fn commands(query: &Query, text: &str, span: Span) -> Reading {
    let read = |text: &str| {
        let mut all = Reading::default();
        for statement in split(&Mapped::made(text, span)) {
            let mut one = ddl::read_mapped(&statement, span);
            all.operations.append(&mut one.operations);
            all.problems.append(&mut one.problems);
            all.changes_schema |= one.changes_schema;
        }
        all
    };
    if let Some(rows) = known_rows(query) {
        let values = rows.into_iter().flatten().filter_map(|(_, value)| value);
        return read(&values.collect::<Vec<_>>().join(";\n"));
    }
    // `SELECT 'CREATE DATABASE x' WHERE NOT EXISTS (…)`: nothing of it concerns the schema, whatever the condition says.
    if let ([only], []) = (query.items.as_slice(), query.from.as_slice())
        && let Tree::Text(command) = &only.value
    {
        let plain = read(command);
        let beside = |operation: &Operation| match &operation.kind {
            OperationKind::CreateOther { object, .. } => {
                matches!(object.kind, ObjectKind::Database | ObjectKind::Role)
            }
            kind => !ddl::changes_schema(kind),
        };
        if plain.operations.iter().all(beside) && plain.problems.is_empty() {
            return plain;
        }
    }
    // A block that does the same: it is read for what can be known of it.
    read_block(&format!("FOR command IN {text} LOOP EXECUTE command; END LOOP;"), span)
}

fn read_block(body: &str, span: Span) -> Reading {
    let text = format!("DO $relata$ DECLARE command text; BEGIN {body} END $relata$");
    let mut reading = ddl::read_mapped(&Mapped::made(&text, span), span);
    for problem in reading.problems.iter_mut().filter(|problem| problem.kind == ProblemKind::OpaqueStatement) {
        problem.message = "`\\gexec` runs what this query gives; what that does cannot be read here.".to_owned();
        problem.span = Some(span);
    }
    if reading.problems.iter().any(|problem| problem.kind == ProblemKind::OpaqueStatement) {
        let kind = OperationKind::Utility { verb: "DO".into(), text: None };
        reading.operations.push(Operation { kind, span, guards: Box::default(), tolerates: Box::default() });
    }
    reading
}

/// Puts the files that scripts include into their places. A script and its files are one from then on.
///
/// Of scripts that share files the one with the most runs: the others build or renew parts of the same schema.
pub(super) fn join(read: &mut Vec<FileReading>, sources: &Sources, problems: &mut Vec<Problem>) {
    if read.len() < 2 || read.iter().all(|r| r.includes.is_empty()) {
        return;
    }
    let names: Vec<&str> = read.iter().map(|r| sources.name(r.file)).collect();
    let files = Files::of(&names);
    let targets: Vec<Vec<Option<usize>>> = read
        .iter()
        .zip(&names)
        .map(|(r, name)| r.includes.iter().map(|include| files.find(name, include)).collect())
        .collect();
    let of_tool = |at: usize| read.get(at).is_some_and(|r| layout::is_of_tool(&r.markers));
    let mut scripts: Vec<(usize, BTreeSet<usize>)> = (0..read.len())
        .filter(|at| !targets.iter().enumerate().any(|(other, own)| other != *at && own.contains(&Some(*at))))
        .map(|at| (at, reached(at, &targets)))
        .filter(|(at, reached)| !reached.is_empty() && !reached.contains(at) && !reached.iter().any(|f| of_tool(*f)))
        .collect();
    // The one with the most first; of equal ones the first by name.
    scripts.order_by_key(|(at, reached)| (usize::MAX - reached.len(), *at));
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut joined: BTreeMap<usize, FileReading> = BTreeMap::new();
    for (at, reached) in scripts {
        if reached.iter().any(|file| taken.contains(file)) {
            let name = names.get(at).copied().unwrap_or_default();
            let message = format!("`{name}` is not run: another script includes the same files, and more.");
            problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
            gone.insert(at);
            gone.extend(reached.difference(&taken));
            continue;
        }
        let mut whole = FileReading::default();
        splice(at, read, &targets, &mut whole, &mut BTreeSet::new(), 0);
        taken.extend(&reached);
        joined.insert(at, whole);
    }
    gone.extend(&taken);
    gone.retain(|at| !joined.contains_key(at));
    let mut at = 0..;
    read.retain_mut(|reading| {
        let own = at.next().unwrap_or_default();
        if let Some(whole) = joined.remove(&own) {
            reading.operations = whole.operations;
            reading.problems = whole.problems;
            reading.skipped = whole.skipped;
            reading.statements = whole.statements;
            reading.understood = whole.understood;
            reading.tables = whole.tables;
        } else {
            reading.includes.clear();
        }
        !gone.contains(&own)
    });
}

/// The files that a script runs, itself not counted unless it runs itself.
fn reached(from: usize, targets: &[Vec<Option<usize>>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in targets.get(at).into_iter().flatten().flatten() {
            if found.insert(*next) {
                open.push(*next);
            }
        }
    }
    found
}

/// Appends what a script does to `whole`, its files at their places. What a file is counted for is counted once.
fn splice(
    at: usize,
    read: &[FileReading],
    targets: &[Vec<Option<usize>>],
    whole: &mut FileReading,
    counted: &mut BTreeSet<usize>,
    depth: usize,
) {
    let Some(own) = read.get(at) else { return };
    if counted.insert(at) {
        whole.problems.extend(own.problems.iter().cloned());
        whole.skipped.extend(own.skipped.iter().cloned());
        whole.statements += own.statements;
        whole.understood += own.understood;
        whole.tables.extend(own.tables.iter().cloned());
        for (include, _) in
            own.includes.iter().zip(targets.get(at).into_iter().flatten()).filter(|(_, to)| to.is_none())
        {
            let message = format!("This runs `{}`, which is not among the files.", include.path);
            whole.problems.push(Problem { kind: ProblemKind::Unreadable, message, span: Some(include.span) });
        }
    }
    let mut done = 0;
    for (include, target) in own.includes.iter().zip(targets.get(at).into_iter().flatten()) {
        whole.operations.extend(own.operations.get(done..include.at).unwrap_or_default().iter().cloned());
        done = include.at;
        if depth < MAX_DEPTH
            && whole.operations.len() < MAX_OPERATIONS
            && let Some(target) = target
        {
            splice(*target, read, targets, whole, counted, depth + 1);
        }
    }
    whole.operations.extend(own.operations.get(done..).unwrap_or_default().iter().cloned());
}

/// The files of a drop by their paths and by the ends of these.
struct Files<'a> {
    by_path: BTreeMap<&'a str, usize>,
    /// `None` where several paths end so.
    by_end: BTreeMap<&'a str, Option<usize>>,
}

impl<'a> Files<'a> {
    fn of(names: &[&'a str]) -> Self {
        let mut files = Self { by_path: BTreeMap::new(), by_end: BTreeMap::new() };
        for (at, name) in names.iter().enumerate() {
            files.by_path.insert(name, at);
            let ends = std::iter::once(0).chain(memchr::memchr_iter(b'/', name.as_bytes()).map(|slash| slash + 1));
            for end in ends.filter_map(|from| name.get(from..)) {
                files.by_end.entry(end).and_modify(|place| *place = None).or_insert(Some(at));
            }
        }
        files
    }

    /// The file that a script means. Where psql was started is not known: the script's folder, or one above it; or the only one whose path ends so.
    fn find(&self, script: &str, include: &Include) -> Option<usize> {
        let mut folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
        loop {
            if let Some(found) = resolve(folder, &include.path).and_then(|path| self.by_path.get(path.as_str())) {
                return Some(*found);
            }
            if folder.is_empty() || include.relative {
                break;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        let plain = include.path.trim_start_matches(['.', '/']);
        let mut ends = std::iter::once(plain).chain(plain.match_indices('/').filter_map(|(at, _)| plain.get(at + 1..)));
        ends.find_map(|end| self.by_end.get(end)).copied().flatten()
    }
}

/// A path from a folder on, `.` and `..` resolved. `None` where it leads out of the drop.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    let root = if folder.starts_with('/') { "/" } else { "" };
    Some(format!("{root}{}", parts.join("/")))
}
