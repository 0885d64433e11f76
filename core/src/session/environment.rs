//! What Alembic's `env.py` says of the histories beside it: naming convention, transactions, the table of versions.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use super::Document;
use super::python::ModuleIndex;
use crate::read::models::{Environment, Reader};
use crate::read::python::parser;
use crate::source::{FileId, Kind};

/// How many `env.py` are read; several databases have one each.
const MAX_ENVIRONMENTS: usize = 16;
/// How many modules are followed from one of them to its metadata, the nearest first.
const MAX_MODULES: usize = 300;

/// The environments of a drop, by their folders.
#[derive(Debug, Default)]
pub(super) struct Environments {
    found: Vec<(String, Environment)>,
}

impl Environments {
    /// Reads those among the documents. None is taken out: an `env.py` has no schema of its own, and what it imports may have models.
    pub(super) fn read(documents: &[Document]) -> Self {
        let is_python = |d: &&Document| d.kind == Kind::Python;
        let named: BTreeSet<usize> = (0..documents.len())
            .filter(|at| documents.get(*at).filter(is_python).is_some_and(|d| d.text.contains("naming_convention")))
            .collect();
        let index = ModuleIndex::new(documents);
        let mut found = Vec::new();
        for (at, document) in documents.iter().enumerate().filter(|(_, d)| is_python(d) && is_environment(d)) {
            if found.len() >= MAX_ENVIRONMENTS {
                break;
            }
            let mut reader = Reader::new();
            let mut seen: BTreeSet<usize> = BTreeSet::from([at]);
            let mut waiting = VecDeque::from([at]);
            // Where the metadata is asked of the running application no import leads to it.
            if !named.is_empty() {
                waiting.extend(named.iter().copied().filter(|other| seen.insert(*other)));
            }
            while let Some(next) = waiting.pop_front() {
                let Some(document) = documents.get(next) else { continue };
                let (ast, _) = parser::parse(&document.text, FileId::default(), document.base);
                if !named.is_empty() {
                    for other in index.imported(&document.name, &ast) {
                        if seen.len() < MAX_MODULES && seen.insert(other) {
                            waiting.push_back(other);
                        }
                    }
                }
                reader.add(&document.name, Rc::new(ast));
            }
            let folder = document.name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            found.push((folder, reader.environment()));
        }
        Self { found }
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

fn is_environment(document: &Document) -> bool {
    let file = document.name.rsplit('/').next().unwrap_or_default();
    file == "env.py" && document.text.contains("configure")
}
