//! Messages between the page and the worker. Plain data: this crate knows no reader and nothing of the analysis.
//!
//! Every message crosses as one envelope object `{ message, buffer }`: [`ENVELOPE_MESSAGE`] holds a [`ToWorker`] or [`FromWorker`] as
//! `serde-wasm-bindgen` (or JSON) writes it, [`ENVELOPE_BUFFER`] an `ArrayBuffer` that is transferred, where the message says that it carries
//! one. Field names are in camelCase. Enums with data are objects of one key (`{"query": {…}}`), those without are strings (`"finish"`).
//!
//! The conversation:
//!
//! 1. The page starts a worker. The worker loads the engine and says [`Hello`](FromWorker::Hello), or
//!    [`Failed`](FromWorker::Failed) if it cannot.
//! 2. The page sends [`Start`](ToWorker::Start), then for each file [`AddFile`](ToWorker::AddFile) and its bytes in order as
//!    [`Chunk`](ToWorker::Chunk)s, then [`Finish`](ToWorker::Finish). Each chunk is answered by one [`Progress`](FromWorker::Progress) of
//!    stage [`Read`](Stage::Read): a page that keeps at most [`CHUNK_WINDOW`] chunks unanswered never floods the worker's memory.
//! 3. The worker answers [`Finish`](ToWorker::Finish) with progress and at last [`Ready`](FromWorker::Ready). From then on it answers
//!    [`Query`](ToWorker::Query) with [`Answer`](FromWorker::Answer), in the order asked.
//! 4. A new [`Start`](ToWorker::Start) forgets the model and begins again. There is no message for cancelling: the page terminates the worker.
//!    The same happens after [`Failed`](FromWorker::Failed): the worker is of no use any more; the page starts a fresh one and
//!    feeds the files again without the one that `file` names.

mod diagram;
mod finding;
mod history;
mod message;
mod name;
mod overview;
mod query;
mod rule;
mod search;
mod table;
mod traits;
mod waiver;

pub use diagram::*;
pub use finding::*;
pub use history::*;
pub use message::*;
pub use name::file_stem;
pub use overview::*;
pub use query::*;
pub use rule::*;
pub use search::*;
pub use table::*;
pub use traits::*;
pub use waiver::*;

/// The version of these messages. A page and a worker of different versions do not talk: [`FromWorker::Hello`] carries the worker's.
pub const VERSION: u32 = 3;

/// The field of the envelope that holds the message.
pub const ENVELOPE_MESSAGE: &str = "message";

/// The field of the envelope that holds the transferred `ArrayBuffer`; absent or `undefined` where a message has none.
pub const ENVELOPE_BUFFER: &str = "buffer";

/// How large the page should cut chunks, in bytes: large enough that messages cost nothing, small enough for progress and for memory.
pub const CHUNK_BYTES: usize = 1 << 20;

/// How many chunks the page keeps unanswered at most.
pub const CHUNK_WINDOW: usize = 8;

/// A place in a file of the input.
///
/// `start` and `end` are byte offsets of a half-open range in the file's text as UTF-8: for a UTF-8 file offsets into the original bytes
/// (a byte order mark counts), for a UTF-16 file into its UTF-8 form. Lines and columns are 1-based, columns count code points, the end is
/// exclusive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file, by its place in [`Overview::files`].
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// First line.
    pub line: u32,
    /// Column of the first code point.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column after the last code point.
    pub end_column: u32,
}

#[cfg(test)]
mod tests;
