//! What was given: files, their encodings and kinds, and where every byte of interest stands.

mod span;

pub use span::{FileId, Location, Span};
