//! What was given: files, their encodings and kinds, and where every byte of interest stands.

mod span;
mod store;

pub use span::{FileId, Location, Span};
pub use store::{SourceFile, Sources};
