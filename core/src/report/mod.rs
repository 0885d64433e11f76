//! Reports: plain data in, text out. One [`Report`] is built from an analysis; each renderer prints it.

mod changes;
mod escape;
mod github;
mod history;
mod html;
mod json;
mod markdown;
mod model;
mod sarif;
mod sources;
mod sql_text;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use changes::{ChangeKind, ObjectChange, changes};
pub use escape::{inert, visible, visible_block};
pub use github::github;
pub use history::{
    HistoryReport, RevisionConflict, RevisionEntry, Status, TargetHistory, history_json, history_text, writes,
};
pub use html::html;
pub use json::{check_json, json};
pub use markdown::markdown;
pub use model::*;
pub use sarif::sarif;
pub use sources::with_sources;
pub use text::{problem_line, text};
