//! The reader of PostgreSQL DDL: tokens in, operations out, an exact span for every name.

use super::Reading;
use crate::source::FileId;

/// Reads one statement. `text` is the statement without its closing semicolon, `start` its offset in the file.
pub fn read_statement(text: &str, file: FileId, start: u32) -> Reading {
    let _ = (text, file, start);
    Reading::default()
}
