//! Writing: to a file, to standard output, to standard error.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use relata_core::emit::EmittedFile;
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

/// Writes new files into a folder, and says which. None that is there is overwritten.
pub(crate) fn write_all(files: &[EmittedFile], folder: &Path) -> Result<(), Failure> {
    let fails = |path: &Path, e: io::Error| Failure::Unusable(format!("{} cannot be written: {e}", path.display()));
    for file in files {
        let path = folder.join(file.name.rsplit('/').next().unwrap_or(&file.name));
        // Tools that keep a migration in a folder of its own have their file names in common.
        let path = match file.name.rsplit('/').collect::<Vec<_>>().as_slice() {
            [own @ ("migration.sql" | "up.sql" | "down.sql" | "metadata.toml"), parent, ..] => {
                folder.join(parent).join(own)
            }
            [own, parent @ ("deploy" | "revert"), ..] => folder.join(parent).join(own),
            _ => path,
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| fails(parent, e))?;
        }
        let mut out = fs::File::create_new(&path).map_err(|e| fails(&path, e))?;
        out.write_all(file.text.as_bytes()).map_err(|e| fails(&path, e))?;
        note(&format!("{} written", path.display()));
    }
    Ok(())
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

/// Whether standard output shows colours: never where `NO_COLOR` is set (no-color.org), always where `CLICOLOR_FORCE` is, else in a terminal that has
/// them and where `CLICOLOR` does not say no (bixense.com/clicolors).
pub(crate) fn colour() -> bool {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    let says_no = |name| set(name).is_some_and(|v| v == "0");
    if set("NO_COLOR").is_some() {
        false
    } else if set("CLICOLOR_FORCE").is_some() && !says_no("CLICOLOR_FORCE") {
        true
    } else {
        io::stdout().is_terminal() && !says_no("CLICOLOR") && set("TERM").is_none_or(|t| t != "dumb")
    }
}

/// How many cells a line of standard output has: what `COLUMNS` says, else what the terminal says, else 80.
pub(crate) fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|v| v.parse().ok()).filter(|n| *n > 0);
    said.or_else(|| terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into())).unwrap_or(80)
}

/// Work that takes less is not worth a word.
const PATIENCE: Duration = Duration::from_millis(800);
/// How often a word changes.
const PACE: Duration = Duration::from_millis(100);

/// What is being done, on one line of standard error that goes away: for a person who waits before a terminal, and nobody else.
pub(crate) struct Progress {
    /// From when on something is said; `None` where nobody is there to read it.
    next: Option<Instant>,
    shown: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let person = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        Self { next: person.then(|| Instant::now() + PATIENCE), shown: false }
    }

    /// Says what is being done, unless something was said a moment ago.
    pub(crate) fn tell(&mut self, text: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        self.next = Some(now + PACE);
        self.shown = true;
        // Shorter than any terminal is wide, so that it stays one line.
        let line: String = visible(&text()).chars().take(72).collect();
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r\x1b[K{line}").and_then(|()| err.flush());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
        }
    }
}
