//! What Alembic's `env.py` says of the histories beside it: naming convention, transactions, the table of versions, what is there before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::Document;
use super::python::ModuleIndex;
use crate::read::models::{Environment, Reader};
use crate::read::python::ast::Ast;
use crate::read::python::parser;
use crate::source::{FileId, Kind};

/// How many `env.py` are read; several databases have one each.
const MAX_ENVIRONMENTS: usize = 16;
/// How many modules are followed from one of them to its metadata, the nearest first, and from those that name a convention.
const MAX_MODULES: usize = 300;

/// The environments of a drop, by their folders.
#[derive(Debug, Default)]
pub(super) struct Environments {
    found: Vec<(String, Environment)>,
}

impl Environments {
    /// Reads those among the documents. None is taken out: an `env.py` has no schema of its own, and what it imports may have models.
    pub(super) fn read(documents: &[Document]) -> Self {
        let python = || documents.iter().enumerate().filter(|(_, d)| d.kind == Kind::Python);
        let environments: Vec<_> = python().filter(|(_, d)| is_environment(d)).take(MAX_ENVIRONMENTS).collect();
        let mut found = Vec::new();
        let named: Vec<usize> =
            python().filter(|(_, d)| d.text.contains("naming_convention")).map(|(at, _)| at).collect();
        if environments.is_empty() && named.is_empty() {
            return Self { found };
        }
        let index = ModuleIndex::new(documents);
        let mut modules = Modules { documents, index: &index, read: BTreeMap::new() };
        if environments.is_empty() {
            let convention = modules.reader(&[&named], true).only_convention();
            found.push((String::new(), Environment { convention, ..Environment::default() }));
        }
        for (at, document) in environments {
            // Where the metadata is asked of the running application no import leads to it.
            let asks = !named.is_empty() || document.text.contains("version_table");
            let reader = modules.reader(&[&[at], &named], asks);
            let folder = document.name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            found.push((folder, reader.environment()));
        }
        Self { found }
    }

    /// The `env.py` among the documents, parsed for what they import.
    pub(super) fn modules(documents: &[Document]) -> Vec<(String, Rc<Ast>)> {
        let parsed = |document: &Document| {
            let (ast, _) = parser::parse(&document.text, FileId::default(), document.base);
            (document.name.clone(), Rc::new(ast))
        };
        let found = documents.iter().filter(|d| d.kind == Kind::Python && is_environment(d));
        found.take(MAX_ENVIRONMENTS).map(parsed).collect()
    }

    /// That of a folder of revisions: the nearest above it, or the only one.
    pub(super) fn of(&self, file: &str) -> Option<&Environment> {
        let above = self.found.iter().filter(|(folder, _)| file.starts_with(folder.as_str()));
        let nearest = above.max_by_key(|(folder, _)| folder.len());
        match self.found.as_slice() {
            [only] => Some(&only.1),
            _ => nearest.map(|(_, environment)| environment),
        }
    }
}

/// Modules, each parsed once for all the environments that lead to it.
struct Modules<'d> {
    documents: &'d [Document],
    index: &'d ModuleIndex,
    read: BTreeMap<usize, Module<'d>>,
}

struct Module<'d> {
    path: &'d str,
    ast: Rc<Ast>,
    imports: BTreeSet<usize>,
}

impl<'d> Modules<'d> {
    /// A reader with some modules, and with what they import where that is wanted.
    fn reader(&mut self, starts: &[&[usize]], follow: bool) -> Reader {
        let mut reader = Reader::new();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for start in starts {
            let limit = seen.len() + MAX_MODULES;
            let mut waiting: VecDeque<usize> =
                start.iter().copied().filter(|module| seen.insert(*module)).take(MAX_MODULES).collect();
            while let Some(next) = waiting.pop_front() {
                let Some(module) = self.get(next) else { continue };
                for other in module.imports.iter().copied().filter(|_| follow) {
                    if seen.len() < limit && seen.insert(other) {
                        waiting.push_back(other);
                    }
                }
                reader.add(module.path, Rc::clone(&module.ast));
            }
        }
        reader
    }

    fn get(&mut self, at: usize) -> Option<&Module<'d>> {
        let document = self.documents.get(at)?;
        Some(self.read.entry(at).or_insert_with(|| {
            let (ast, _) = parser::parse(&document.text, FileId::default(), document.base);
            let imports = self.index.imported(&document.name, &ast);
            Module { path: &document.name, ast: Rc::new(ast), imports }
        }))
    }
}

fn is_environment(document: &Document) -> bool {
    let file = document.name.rsplit('/').next().unwrap_or_default();
    file == "env.py" && document.text.contains("configure")
}
