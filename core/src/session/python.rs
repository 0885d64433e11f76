//! Which Python modules of the input another one imports.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use crate::read::python::ast::{Ast, ExprKind, StmtKind};
use crate::source::Kind;

/// How many modules that others import are read for one drop.
pub(super) const MAX_HELPERS: usize = 2000;

/// Documents by the last part of their path.
#[derive(Debug)]
pub(super) struct ModuleIndex {
    paths: Vec<String>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl ModuleIndex {
    pub(super) fn new(documents: &[Document]) -> Self {
        let paths: Vec<String> = documents.iter().map(|d| module_path(&d.name)).collect();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, document) in documents.iter().enumerate().filter(|(_, d)| d.kind == Kind::Python) {
            by_name.entry(last_part(&module_path(&document.name)).to_owned()).or_default().push(at);
        }
        Self { paths, by_name }
    }

    /// The documents that a module imports.
    pub(super) fn imported(&self, importer: &str, ast: &Ast) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        for path in imports(importer, ast) {
            for at in self.by_name.get(last_part(&path)).into_iter().flatten() {
                let own = self.paths.get(*at).map(String::as_str).unwrap_or_default();
                if own.strip_suffix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')) {
                    out.insert(*at);
                }
            }
        }
        out
    }
}

/// A file's path as imports see it.
fn module_path(name: &str) -> String {
    let path = name.strip_suffix(".py").unwrap_or(name);
    path.strip_suffix("/__init__").unwrap_or(path).to_owned()
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The paths that a module imports, with `/` between the parts; of relative ones the whole path.
fn imports(importer: &str, ast: &Ast) -> Vec<String> {
    let mut out = Vec::new();
    attributes(ast, &mut out);
    for stmt in &ast.stmts {
        match &stmt.kind {
            StmtKind::Import(names) => out.extend(names.iter().map(|(name, _)| name.replace('.', "/"))),
            StmtKind::ImportFrom { dots, module, names } => {
                let mut path = importer.strip_suffix(".py").unwrap_or(importer);
                for _ in 0..(*dots).min(64) {
                    path = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                }
                let mut base = if *dots == 0 { String::new() } else { path.to_owned() };
                if !module.is_empty() {
                    if !base.is_empty() {
                        base.push('/');
                    }
                    base.push_str(&module.replace('.', "/"));
                }
                out.extend(names.iter().filter(|(n, _)| n != "*").map(|(name, _)| format!("{base}/{name}")));
                if !base.is_empty() {
                    out.push(base);
                }
            }
            _ => {}
        }
    }
    out
}

/// What is reached through a package that is imported whole: `import app`, then `app.types.Money`.
fn attributes(ast: &Ast, out: &mut Vec<String>) {
    let whole: BTreeSet<&str> = ast
        .stmts
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Import(names) => Some(names),
            _ => None,
        })
        .flatten()
        .filter(|(_, alias)| alias.is_none())
        .map(|(name, _)| name.split('.').next().unwrap_or(name))
        .collect();
    if whole.is_empty() {
        return;
    }
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for expr in &ast.exprs {
        let mut parts: Vec<&str> = Vec::new();
        let mut at = &expr.kind;
        // Deeper than packages nest is no module.
        while let ExprKind::Attribute(object, name) = at
            && parts.len() < 8
        {
            parts.push(name);
            match ast.expr(*object) {
                Some(object) => at = &object.kind,
                None => break,
            }
        }
        if let ExprKind::Name(name) = at
            && !parts.is_empty()
            && whole.contains(name.as_str())
        {
            parts.push(name);
            parts.reverse();
            paths.insert(parts.join("/"));
        }
    }
    out.extend(paths);
}
