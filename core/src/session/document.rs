//! Documents that describe a schema: one target, whatever the number of files.

use super::Document;
use super::targets::TargetInput;
use crate::analysis::{Coverage, Dialect, LayoutNote, Role};
use crate::history::{DocumentFacts, History, Revision, definitions, natural_order};
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::read::markdown;
use crate::source::{FileId, Sources};

/// How many tables SQL in a document must define for the document to be one of a schema beside others. A shorter excerpt shows how something is
/// done.
const TABLES_BESIDE: usize = 3;

/// What reading the documents gave.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// The target, where they describe a schema.
    pub(super) target: Option<TargetInput>,
    /// Documents without a schema, by name.
    pub(super) without: Vec<String>,
}

/// Reads documents. `alone` says that nothing else of the input has a schema, `names` which files there are.
pub(super) fn read(
    documents: Vec<Document>,
    alone: bool,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Documents {
    let mut documents = documents;
    documents.order_by(|a, b| natural_order(&a.name, &b.name));
    let mut out = Documents::default();
    // Each is weighed by itself: what one of them leaves out another may define, but whether it speaks of a schema shows in it alone.
    documents.retain(|document| {
        let draft = markdown::read(&document.text, &document.name, FileId::default(), document.base);
        let found = markdown::define(&[draft]);
        let quoted = found.created > found.undefined && (alone || found.created >= TABLES_BESIDE);
        let is_schema = found.described > 0 || quoted;
        if !is_schema {
            out.without.push(document.name.clone());
        }
        is_schema
    });
    if documents.is_empty() {
        return out;
    }
    let files: Vec<FileId> = documents.iter().map(|d| d.add_to(sources)).collect();
    let drafts =
        documents.iter().zip(&files).map(|(d, file)| markdown::read(&d.text, sources.name(*file), *file, d.base));
    let mut found = markdown::define(&drafts.collect::<Vec<_>>());
    problems.append(&mut found.problems);
    let told =
        found.skipped.iter().filter(|p| p.kind != ProblemKind::SyntaxError && p.kind != ProblemKind::Unterminated);
    problems.extend(told.cloned());
    present(&mut found.documents, sources);
    let mut operations = definitions::arrange(found.operations);
    let mut revisions: Vec<Revision> = files
        .iter()
        .map(|file| Revision {
            id: sources.name(*file).to_owned(),
            file: *file,
            own_session: true,
            ..Revision::default()
        })
        .collect();
    // Documents define one schema together, in an order that is none of theirs.
    if let Some(first) = revisions.first_mut() {
        first.up.append(&mut operations);
    }
    let coverage = Coverage { statements: found.statements, understood: found.understood, skipped: found.skipped };
    let history = History { revisions, documents: found.documents, ..History::default() };
    out.target = Some(TargetInput {
        role: Role::Document,
        layout: "markdown".to_owned(),
        note: LayoutNote {
            evidence: "tables of columns, diagrams or SQL in a document".into(),
            ..LayoutNote::default()
        },
        history,
        coverage,
        server_version: None,
        dialect: Dialect::PostgreSql,
    });
    out
}

/// Notes which of the files that documents call superseded are there all the same.
fn present(documents: &mut [DocumentFacts], sources: &Sources) {
    let base = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let names: Vec<String> = sources.files().map(|(_, f)| base(&f.name)).collect();
    for document in documents {
        let own = base(&document.name);
        for file in &mut document.superseded {
            let name = base(&file.name);
            file.present = name != own && names.contains(&name);
        }
    }
}
