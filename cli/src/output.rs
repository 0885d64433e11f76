//! Writing: to a file, to standard output, to standard error.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use relata_core::report::visible;

use crate::Failure;

/// Writes a document where it was asked for.
pub(crate) fn write(text: &str, to: Option<&Path>) -> Result<(), Failure> {
    match to {
        Some(path) if path.as_os_str() != "-" => {
            fs::write(path, text).map_err(|e| Failure::Unusable(format!("{} cannot be written: {e}", path.display())))
        }
        _ => print(text),
    }
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Unusable(format!("standard output cannot be written: {e}")))
        }
        _ => Ok(()),
    }
}

/// Says something beside the output. When even that cannot be said, there is no one left to tell.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "relata: {}", visible(text));
}

/// Whether standard output shows colours: a terminal, unless `NO_COLOR` is set (no-color.org) or the terminal says that it cannot.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}
