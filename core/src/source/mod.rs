//! What was given: files, their encodings and kinds, and where every byte of interest stands.

pub mod archive;
pub mod dialect;
mod encoding;
mod kind;
mod mapped;
pub mod placeholder;
mod psql;
mod span;
pub(crate) mod splitter;
mod store;

pub use encoding::{Content, SNIFF_BYTES, Utf16Decoder, detect};
pub use kind::Kind;
pub use mapped::Mapped;
pub use placeholder::Defines;
pub use psql::Request;
pub use span::{FileId, Location, Span};
pub use splitter::{Open, Part, Place, Splitter};
pub use store::{SourceFile, Sources};
