//! Reports: plain data in, text out. One [`Report`] is built from an analysis. The long forms are composed once, as a tree of plain blocks, and each
//! renderer prints that tree; what programs read is printed from the data itself.

mod audit;
mod build;
mod changes;
mod compare;
mod compose;
mod doc;
mod escape;
mod excerpt;
mod github;
mod highlight;
mod history;
mod html;
mod json;
mod markdown;
mod model;
mod monitor;
mod objects;
mod options;
mod plain;
mod plan;
mod sarif;
mod shared;
mod short;
mod sources;
mod sql_text;
mod text;
mod words;
mod wrap;

#[cfg(test)]
mod tests;

pub use build::project_name;
pub use changes::{ChangeKind, ObjectChange, changes};
pub use escape::{inert, visible, visible_block};
pub use github::github;
pub use history::{HistoryReport, RevisionEntry, Status, TargetHistory, history_json, history_text, writes};
pub use html::html;
pub use json::{check_json, json};
pub use markdown::markdown;
pub use model::*;
pub use options::{ReportOptions, Section, TargetFigure, is_web_address};
pub use plain::plain;
pub use sarif::sarif;
pub use short::{JOB_SUMMARY_BYTES, PULL_REQUEST_CHARACTERS, job_summary, pull_request};
pub use sources::with_sources;
pub use text::{TextOptions, problem_line, text};
