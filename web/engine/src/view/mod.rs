//! Answers: what an analysis looks like to the page.

mod diagram;
pub(crate) mod files;
mod findings;
mod history;
mod overview;
mod search;
mod tables;
mod traits;

#[cfg(test)]
mod tests;

use relata_core::source::{FileId, Span};
use relata_protocol::{Answer, Query};

use crate::model::Model;

pub(crate) use overview::overview;

/// An answer and the bytes that travel beside it.
pub(crate) struct Reply {
    /// The answer.
    pub(crate) answer: Answer,
    /// What its kind of answer says is in the buffer.
    pub(crate) buffer: Option<Buffer>,
}

/// What travels beside an answer.
pub(crate) enum Buffer {
    /// A file.
    Bytes(Vec<u8>),
    /// Geometry.
    Integers(Vec<i32>),
}

/// Answers a question, and goes to where it says first.
pub(crate) fn reply(model: &mut Model, query: &Query) -> Reply {
    let found = match query {
        Query::GoTo { target, revision } => history::go_to(model, *target, *revision).map(Answer::Standing),
        Query::History { target } => history::list(model, *target).map(|h| Answer::History(Box::new(h))),
        Query::Revision { target, revision } => {
            history::detail(model, *target, *revision).map(|d| Answer::Revision(Box::new(d)))
        }
        Query::Traits { target } => traits::traits(model, *target).map(|t| Answer::Traits(Box::new(t))),
        _ => {
            if matches!(query, Query::Overview | Query::Findings { .. } | Query::Finding { .. }) {
                model.settle();
            }
            return answer(model, query);
        }
    };
    found.map_or_else(refused, |answer| Reply { answer, buffer: None })
}

/// Answers a question for which nothing moves.
pub(crate) fn answer(model: &Model, query: &Query) -> Reply {
    let found = match query {
        Query::Overview => Some(Answer::Overview(Box::new(overview(model)))),
        Query::Tables { target, filter } => tables::list(model, *target, filter).map(Answer::Tables),
        Query::Table { target, id } => tables::table(model, *target, *id).map(|t| Answer::Table(Box::new(t))),
        Query::View { target, id } => tables::view(model, *target, *id).map(|v| Answer::View(Box::new(v))),
        Query::Details { target, page } => tables::details(model, *target, *page).map(Answer::Details),
        Query::Objects { target } => tables::objects(model, *target).map(Answer::Objects),
        Query::Findings { filter, page } => Some(Answer::Findings(Box::new(findings::page(model, filter, *page)))),
        Query::Finding { index } => findings::detail(model, *index).map(|f| Answer::Finding(Box::new(f))),
        Query::Search { text, limit } => Some(Answer::Search(search::search(model, text, *limit))),
        Query::Problems { page } => Some(Answer::Problems(overview::problems(model, *page))),
        Query::Source { file, start, end } => {
            let text = model.analysis.sources.text(Span::new(FileId(*file), *start, *end));
            Some(Answer::Source(text.map(str::to_owned)))
        }
        Query::Diagram { target, options } => return diagram::diagram(model, *target, options).unwrap_or_else(refused),
        Query::ExportDiagram { target, format, options, arrangement } => {
            return files::diagram(model, *target, *format, options, arrangement).unwrap_or_else(refused);
        }
        Query::Report { format, options } => return files::report(model, *format, options),
        Query::Chapters => Some(Answer::Chapters(files::chapters())),
        Query::Fix { target, fingerprints } => return files::fix(model, *target, fingerprints).unwrap_or_else(refused),
        Query::Squash { target } => return files::squash(model, *target).unwrap_or_else(refused),
        Query::Waivers => return files::waivers(model),
        Query::GoTo { .. } | Query::History { .. } | Query::Revision { .. } | Query::Traits { .. } => None,
    };
    found.map_or_else(refused, |answer| Reply { answer, buffer: None })
}

fn refused() -> Reply {
    let message = "The analysis holds nothing of that number; it may have been replaced by a newer one.".to_owned();
    Reply { answer: Answer::Refused { message }, buffer: None }
}
