//! One document by itself: which tables it describes where, and what their sections say of them.

use std::collections::{BTreeMap, BTreeSet};

mod prose;

use super::block::{Block, Text, blocks};
use super::candidate::{self, Candidate, Listed};
use super::clean::{Clean, plain};
use super::dictionary;
use super::facts::{self, At};
use super::lines::{self, Constraint, Index, Label, Policy};
use super::mermaid::{self, Diagram};
use super::naming;
use super::table::{self, Rows};
use super::traits::Place;
use crate::history::document::{Counted, DocumentFacts, VersionPlace};
use crate::name::Name;
use crate::operation::{Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;
use crate::source::{FileId, Span};

/// What one document says, before names are resolved.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(super) file: FileId,
    /// The tables that it describes.
    pub(super) tables: Vec<Described>,
    /// SQL, with whether something was left out of the statement and the section that it stands in.
    pub(super) sql: Vec<(Operation, bool, Option<usize>)>,
    pub(super) diagrams: Vec<Diagram>,
    /// Tables that models in fences define.
    pub(super) modelled: Vec<Described>,
    pub(super) enums: Vec<(Patched, Vec<Patched>, Place)>,
    pub(super) facts: DocumentFacts,
    pub(super) problems: Vec<Problem>,
    pub(super) statements: u32,
    pub(super) understood: u32,
    pub(super) headings: Vec<Heading>,
}

/// A heading, for what speaks of sections.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) text: String,
}

/// A table as its section describes it.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) name: Patched,
    pub(super) rows: Rows,
    pub(super) heading: Option<usize>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) indexes: Vec<Index>,
    /// Whether the section has a list of indexes.
    pub(super) lists_indexes: bool,
    pub(super) partition: Option<(Patched, Place)>,
    pub(super) unlogged: bool,
    pub(super) row_security: Option<(bool, Place)>,
    pub(super) policies: Vec<Policy>,
    pub(super) comment: Option<(String, Place)>,
    /// From its name to its last row.
    pub(super) place: Place,
}

impl Described {
    /// A table of which only columns are known.
    pub(super) fn new(name: Patched, rows: Rows, place: Place) -> Self {
        Self {
            name,
            rows,
            heading: None,
            constraints: Vec::new(),
            indexes: Vec::new(),
            lists_indexes: false,
            partition: None,
            unlogged: false,
            row_security: None,
            policies: Vec::new(),
            comment: None,
            place,
        }
    }
}

/// Reads a document. `base` is where its text begins in the file.
pub(crate) fn read(text: &str, name: &str, file: FileId, base: u32) -> Draft {
    // A diagram alone, as its own file or as it is pasted, is the body of a fence without one.
    let bare = mermaid::is_diagram(text);
    let read = if bare { super::block::Blocks::default() } else { blocks(text) };
    let at = At { file, base };
    let facts = DocumentFacts { file, name: base_name(name).to_owned(), ..DocumentFacts::default() };
    let mut draft = Draft {
        file,
        tables: Vec::new(),
        sql: Vec::new(),
        diagrams: Vec::new(),
        modelled: Vec::new(),
        enums: Vec::new(),
        facts,
        problems: Vec::new(),
        statements: 0,
        understood: 0,
        headings: Vec::new(),
    };
    if bare {
        draft.diagrams.push(mermaid::read(Text { text, at: 0 }, base));
    }
    if let Some(rows) = read.too_many_rows {
        let message =
            format!("`{name}` has more rows in tables than are read; those from here on were left out. Split it.");
        draft.problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span: Some(at.span(rows, rows)) });
    }
    for block in &read.blocks {
        if let Block::Heading { level, text } = block {
            draft.headings.push(Heading { level: *level, text: plain(text.text) });
        }
    }
    let mut candidates = candidate::candidates(&read.blocks, &draft, at);
    let doubtful = candidate::weigh(&mut candidates);
    draft.problems.extend(doubtful.into_iter().map(|(name, (from, to))| Problem {
        kind: ProblemKind::UnsupportedStatement,
        message: format!(
            "What stands below may describe the columns of a table `{name}`, but nothing says so for certain; it was left out. Write `Table: {name}` above it, or mark its primary key."
        ),
        span: Some(Span::new(file, from, to)),
    }));
    let own = candidates.iter().flat_map(|candidate| candidate.own.iter().copied()).collect();
    let covered = describe(candidates, &read.blocks, &mut draft, at);
    dictionary::read(&read.blocks, &own, &covered, at, &mut draft);
    let front = read.front_matter;
    if let Some(line) = front.and_then(|f| line_of(f, "version")) {
        draft.facts.versions.extend(facts::version(line, at, VersionPlace::Title, true));
    }
    prose::read(&read.blocks, at, &mut draft);
    draft
}

/// A file's name without its folders: what findings call a document wherever it lies.
fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// The line of metadata with this key.
fn line_of<'a>(text: Text<'a>, key: &str) -> Option<Text<'a>> {
    let mut from = 0;
    for line in text.text.split_inclusive('\n') {
        let start = from;
        from += line.len();
        if let Some((name, _)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case(key)
        {
            return Some(text.slice(start + name.len() + 1, start + line.trim_end().len()));
        }
    }
    None
}

/// Makes tables of candidates, and reads what their sections say. Gives the blocks of these sections.
fn describe(candidates: Vec<Candidate<'_>>, blocks: &[Block<'_>], draft: &mut Draft, at: At) -> BTreeSet<usize> {
    let mut covered = BTreeSet::new();
    let starts: Vec<usize> = candidates.iter().map(|c| c.start).collect();
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (n, candidate) in candidates.into_iter().enumerate() {
        let Candidate { block, start, level, heading, named, body, rows, own, listed, .. } = candidate;
        draft.problems.extend(rows.unnamed.iter().map(|(from, to)| Problem {
            kind: ProblemKind::UnsupportedStatement,
            message: format!("This names no column of `{}` that could be read; it was left out.", named.sql.text()),
            span: Some(Span::new(at.file, *from, *to)),
        }));
        let key = table::fold(&named.sql);
        // A second table of columns under the same name goes on with the first.
        if let Some((index, begun)) = places.get(&key)
            && *begun == start
            && level != u8::MAX
            && let Some(described) = draft.tables.get_mut(*index)
        {
            for column in rows.columns {
                if described.rows.columns.iter().all(|c| c.folded != column.folded) {
                    described.rows.columns.push(column);
                }
            }
            continue;
        }
        let last = body.iter().flatten().map(|c| c.end()).max().unwrap_or_default();
        let place = (named.sql.range().0, at.span(last, last).end);
        let mut described = Described { heading, ..Described::new(named.sql, rows, place) };
        if level != u8::MAX {
            let next_start = starts.iter().skip(n + 1).copied().find(|s| *s > start).unwrap_or(blocks.len());
            let end = blocks
                .iter()
                .enumerate()
                .skip(start + 1)
                .find(|(i, b)| {
                    *i >= next_start || (*i > block && matches!(b, Block::Heading { level: l, .. } if *l <= level))
                })
                .map_or(blocks.len(), |(i, _)| i)
                .min(next_start);
            covered.extend(start + 1..end);
            Section { described: &mut described, label: Label::None, at, before: true }.walk(
                blocks.get(start + 1..end).unwrap_or_default(),
                start + 1,
                &own,
            );
        } else if let Listed::Nested(rest) = &listed {
            let mut section = Section { described: &mut described, label: Label::None, at, before: false };
            rest.iter().for_each(|text| section.line(*text));
        }
        places.insert(key, (draft.tables.len(), start));
        draft.tables.push(described);
    }
    covered
}

/// Adds the indexes that a table lists: a name and columns in each row below its head.
pub(super) fn list_indexes(described: &mut Described, rows: &[Vec<Text<'_>>], at: At) {
    Section { described, label: Label::Indexes, at, before: false }.index_table(rows);
}

/// The section of a table, read block by block.
struct Section<'s> {
    described: &'s mut Described,
    label: Label,
    at: At,
    /// Whether the table of columns is still to come.
    before: bool,
}

impl Section<'_> {
    /// `first` is the number of the first block, `own` are those that hold the columns.
    fn walk(&mut self, blocks: &[Block<'_>], first: usize, own: &[usize]) {
        for (n, block) in blocks.iter().enumerate() {
            if own.binary_search(&(first + n)).is_ok() {
                self.before = false;
                self.label = Label::None;
                continue;
            }
            match block {
                Block::Heading { text, .. } => self.label = lines::label_of(text.text),
                Block::Line { text, .. } | Block::Item { text, .. } => {
                    let mut rest = *text;
                    while let Some(cut) = lines::next_key(rest.text) {
                        self.line(rest.slice(0, cut).trim());
                        rest = rest.slice(cut, rest.text.len()).trim();
                    }
                    self.line(rest);
                }
                Block::Table(rows) if self.definitions(rows) => {}
                Block::Table(rows) if self.label == Label::Indexes => self.index_table(rows),
                Block::Table(_) | Block::Fence { .. } | Block::Gap => {}
            }
        }
    }

    fn line(&mut self, text: Text<'_>) {
        self.unlogged(text.text);
        match lines::labelled(text) {
            // Under a label, a word in front of a colon is a name.
            Some((Label::Other, _))
                if !matches!(self.label, Label::None | Label::Other) && !text.text.starts_with("**") =>
            {
                self.process(text, self.label);
            }
            Some((label, rest)) => {
                self.label = label;
                if label == Label::Other {
                    self.comment(text, rest);
                } else if !rest.text.trim().is_empty() {
                    self.process(rest.trim(), label);
                }
            }
            None if self.sentence(text) || self.label == Label::Other => {}
            None => {
                if self.label == Label::None {
                    self.comment(text, text);
                }
                self.process(text, self.label);
            }
        }
    }

    /// What is said of the whole table in a sentence: that it is partitioned, or that its rows are secured. Whether it is one.
    fn sentence(&mut self, text: Text<'_>) -> bool {
        let clean = Clean::new(text, self.at.base);
        if lines::partitioned(&clean) {
            if self.described.partition.is_none() {
                self.described.partition = lines::partitioning(&clean);
            }
        } else if let Some(on) = lines::row_security_said(&clean) {
            self.described.row_security = Some((on, clean.place(0, clean.tokens.len())));
        } else {
            return false;
        }
        true
    }

    /// The first line about the table is its comment.
    fn comment(&mut self, whole: Text<'_>, rest: Text<'_>) {
        let label = whole.text.trim_start_matches(['*', '_']).to_lowercase();
        let named = ["purpose", "description", "comment", "summary"].iter().any(|w| label.starts_with(w));
        let text = plain(rest.text);
        if self.described.comment.is_none()
            && text.len() > 8
            && (named || (self.before && whole.at == rest.at && text.contains(' ')))
        {
            let span = self.at.of(rest);
            self.described.comment = Some((text, (span.start, span.end)));
        }
    }

    /// A sentence that says that the table is unlogged, and does not only consider it.
    fn unlogged(&mut self, text: &str) {
        for sentence in text.split(". ") {
            let lower = sentence.to_lowercase();
            let mut words = lower.split(|c: char| !c.is_alphanumeric());
            let hedged = [
                "consider",
                "could",
                "may",
                "might",
                "should",
                "optional",
                "not",
                "if",
                "or",
                "can",
                "recommend",
                "option",
            ];
            if sentence.contains("UNLOGGED") && !words.any(|w| hedged.contains(&w)) {
                self.described.unlogged = true;
            }
        }
    }

    fn process(&mut self, text: Text<'_>, label: Label) {
        if text.text.len() > 4000 {
            return;
        }
        let mut rest = text;
        while label == Label::Indexes
            && let Some(cut) = lines::next_index(rest.text)
        {
            self.process_one(rest.slice(0, cut).trim(), label);
            rest = rest.slice(cut + 1, rest.text.len()).trim();
        }
        self.process_one(rest, label);
    }

    fn process_one(&mut self, text: Text<'_>, label: Label) {
        let clean = Clean::new(text, self.at.base);
        let described = &mut *self.described;
        let is_column = |name: &str| described.rows.columns.iter().any(|c| c.folded == name);
        match label {
            Label::Indexes => {
                described.lists_indexes = true;
                // As psql lists the index of a constraint: `"t_pkey" PRIMARY KEY, btree (id)`.
                if let Some(constraint) = lines::backed(&clean) {
                    described.constraints.push(constraint);
                    return;
                }
                let keyed = clean.are(0, &["primary", "key"]) || (clean.is(0, "unique") && clean.token(1) == "(");
                if keyed && let Some(constraint) = lines::constraint(&clean, Label::None) {
                    described.constraints.push(constraint);
                } else if let Some(index) = lines::index(&clean, &is_column) {
                    described.indexes.push(index);
                }
            }
            Label::Unique => {
                if let Some(constraint) = lines::constraint(&clean, label) {
                    described.constraints.push(constraint);
                } else if let Some(mut index) = lines::index(&clean, &is_column) {
                    index.unique = true;
                    described.indexes.push(index);
                }
            }
            // `orders.customer_id → customers.id` may be of any table (`dictionary.rs`).
            Label::ForeignKeys if lines::relation(text).is_some() => {}
            Label::Constraints if lines::condition(&clean, &is_column) => {
                let mut sql = Patched::default();
                let place = clean.place(0, clean.tokens.len());
                sql.say("CHECK (", place.0, place.0);
                sql.append(&clean.part(0, clean.tokens.len()));
                sql.glue(")");
                described.constraints.push(Constraint::Plain { name: None, sql, place });
            }
            Label::PrimaryKey | Label::ForeignKeys | Label::Constraints => {
                described.constraints.extend(lines::constraint(&clean, label))
            }
            Label::Partitioning => {
                if described.partition.is_none() {
                    described.partition = lines::partitioning(&clean);
                }
            }
            Label::RowSecurity => {
                if let Some(on) = lines::row_security_on(&clean) {
                    described.row_security = Some((on, clean.place(0, clean.tokens.len())));
                    described.policies.extend(lines::policy_in_sql(&clean));
                } else {
                    described.policies.extend(lines::policy(text, self.at.base));
                }
            }
            Label::None => {
                let starts = ["primary", "foreign", "unique", "check", "constraint", "fk", "exclude"];
                if clean.is_any(0, &starts) {
                    described.constraints.extend(lines::constraint(&clean, label));
                } else if clean.is(0, "pk") && clean.kind(1) == TokenKind::LeftParen {
                    described.constraints.extend(lines::constraint(&clean, Label::PrimaryKey));
                } else if clean.is(0, "index") && clean.kind(1) == TokenKind::LeftParen {
                    described.indexes.extend(lines::index(&clean, &is_column));
                } else if clean.is(0, "index") && clean.is(2, "on") && clean.token(3) == "(" {
                    // "Index `orders_paid` on (`paid`)".
                    described.lists_indexes = true;
                    described.indexes.extend(lines::index(&clean, &is_column));
                }
            }
            Label::Other => {}
        }
    }

    /// A table of constraints or indexes with their definitions in SQL, as tools write it; whether it is one.
    fn definitions(&mut self, rows: &[Vec<Text<'_>>]) -> bool {
        let Some((head, body)) = rows.split_first() else { return false };
        let heads: Vec<String> = head.iter().map(|c| table::words(*c)).collect();
        let (Some(name), Some(definition)) =
            (heads.iter().position(|h| h.ends_with("name")), heads.iter().position(|h| h == "definition"))
        else {
            return false;
        };
        for row in body {
            let (Some(name), Some(definition)) = (row.get(name), row.get(definition)) else { continue };
            let clean = Clean::new(*definition, self.at.base);
            let name = Clean::new(*name, self.at.base);
            if clean.is(0, "create") {
                if !(1..3).any(|n| clean.is(n, "index")) {
                    continue;
                }
                self.described.lists_indexes = true;
                // The index of a constraint comes with it.
                let own =
                    self.described.constraints.iter().any(|c| c.name().is_some_and(|n| n.text() == name.text().trim()));
                if !own {
                    self.described.indexes.extend(lines::index(&clean, &|_| false));
                }
            } else if let Some(mut constraint) = lines::constraint(&clean, Label::None)
                && naming::is_name(&name, 0)
            {
                constraint.set_name(name.part(0, 1));
                self.described.constraints.push(constraint);
            }
        }
        true
    }

    /// A table of indexes: a name and columns in each row.
    fn index_table(&mut self, rows: &[Vec<Text<'_>>]) {
        let Some((head, body)) = rows.split_first() else { return };
        let heads: Vec<String> = head.iter().map(|c| table::words(*c)).collect();
        let find = |words: &[&str]| heads.iter().position(|h| words.iter().any(|w| h.contains(w)));
        let (Some(name), Some(columns)) = (find(&["name", "index"]), find(&["column", "field", "key"])) else { return };
        if name == columns {
            return;
        }
        self.described.lists_indexes = true;
        for row in body {
            let cell = |n: Option<usize>| n.and_then(|n| row.get(n)).map(|c| Clean::new(*c, self.at.base));
            let (Some(name), Some(keys)) = (cell(Some(name)), cell(Some(columns))) else { continue };
            let mut text = name.sql.clone();
            text.glue(" ON ");
            let bare = keys.token(0) != "(";
            let mut primary = name.is(0, "primary");
            if bare {
                text.glue("(");
            }
            text.append(&keys.sql);
            if bare {
                text.glue(")");
            }
            for extra in [find(&["type", "method"]), find(&["unique"])].into_iter().flatten() {
                if let Some(said) = cell(Some(extra)) {
                    let unique = (0..4).any(|n| said.is(n, "unique"))
                        || (heads.get(extra).is_some_and(|h| h.contains("unique"))
                            && said.is_any(0, &["yes", "true", "y", "x"]));
                    if said.is(0, "primary") {
                        primary = true;
                    } else if unique {
                        text.glue(" UNIQUE");
                    } else if said.is_any(0, &["gin", "gist", "btree", "hash", "brin", "hnsw", "ivfflat"]) {
                        text.glue(" ");
                        text.append(&said.part(0, 1));
                    }
                }
            }
            let mut tokens = Vec::new();
            crate::read::ddl::lexer::lex(text.text(), &mut tokens, 500);
            let joined = Clean { sql: text, tokens };
            if primary {
                let label = Label::PrimaryKey;
                self.described.constraints.extend(lines::constraint(&keys, label).map(|mut constraint| {
                    if naming::is_name(&name, 0) && !name.is(0, "primary") {
                        constraint.set_name(naming::identifier(&name.part(0, 1)));
                    }
                    constraint
                }));
                continue;
            }
            let columns = &self.described.rows.columns;
            if let Some(index) = lines::index(&joined, &|name| columns.iter().any(|c| c.folded == name)) {
                self.described.indexes.push(index);
            }
        }
    }
}

impl Draft {
    /// A heading and those that it stands under, the innermost first.
    pub(super) fn chain(&self, heading: usize) -> Vec<usize> {
        let mut out = vec![heading];
        let mut level = self.headings.get(heading).map_or(0, |h| h.level);
        for n in (0..heading).rev() {
            let Some(h) = self.headings.get(n) else { continue };
            if h.level < level {
                level = h.level;
                out.push(n);
            }
            if level <= 1 {
                break;
            }
        }
        out
    }

    /// The things that SQL or a description defines, each with its section: tables and views.
    fn defined(&self) -> Vec<(Counted, Name, usize)> {
        let mut out: Vec<(Counted, Name, usize)> = Vec::new();
        let described =
            self.tables.iter().filter_map(|t| Some((Counted::Tables, Name::from(table::fold(&t.name)), t.heading?)));
        let sql = self.sql.iter().filter_map(|(operation, elided, heading)| match &operation.kind {
            OperationKind::CreateTable(t) if t.partition_of.is_none() && !elided => {
                Some((Counted::Tables, t.name.name.fold(), (*heading)?))
            }
            OperationKind::CreateView(v) => Some((
                if v.materialized { Counted::MaterializedViews } else { Counted::Views },
                v.name.name.fold(),
                (*heading)?,
            )),
            _ => None,
        });
        for entry in described.chain(sql) {
            if !out.iter().any(|(c, n, _)| *c == entry.0 && *n == entry.1) {
                out.push(entry);
            }
        }
        out
    }

    /// Puts into each count of a section how many that section defines. A section that defines nothing of the kind says nothing.
    fn count_sections(&mut self) {
        let defined: Vec<(Counted, Vec<usize>)> =
            self.defined().into_iter().map(|(c, _, h)| (c, self.chain(h))).collect();
        for count in &mut self.facts.counts {
            if let Some((_, number)) = &mut count.section {
                let heading = *number as usize;
                let found = defined.iter().filter(|(c, chain)| *c == count.counted && chain.contains(&heading)).count();
                *number = u32::try_from(found).unwrap_or(u32::MAX);
            }
        }
        self.facts.counts.retain(|c| !matches!(c.section, Some((_, 0))));
    }

    /// Puts into each line of an order the tables of the section that it names.
    fn fill_orders(&mut self) {
        let defined: Vec<(Name, Vec<usize>)> = self
            .defined()
            .into_iter()
            .filter(|(c, ..)| *c == Counted::Tables)
            .map(|(_, n, h)| (n, self.chain(h)))
            .collect();
        let mut orders = std::mem::take(&mut self.facts.orders);
        for order in &mut orders {
            for entry in &mut order.entries {
                let Some(label) = entry.label.clone() else { continue };
                for (name, chain) in &defined {
                    let inside = chain
                        .iter()
                        .filter_map(|h| self.headings.get(*h))
                        .any(|h| prose::starts_with_words(&h.text, &label));
                    if inside {
                        entry.section.push(name.clone());
                    }
                }
            }
        }
        self.facts.orders = orders;
    }
}
