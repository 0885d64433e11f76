//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Result, workspace};

/// A program to run in the workspace, shown before it runs.
pub(crate) struct Cmd {
    inner: Command,
    shown: String,
}

/// How a program ended, with what it wrote to both streams.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) text: String,
}

impl Cmd {
    /// A program by name (looked up on PATH) or by path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        // On Windows npm is a batch file, which is only found by its full name.
        let found = program.to_str().and_then(which).map_or_else(|| program.to_owned(), PathBuf::into_os_string);
        let mut inner = Command::new(found);
        inner.current_dir(workspace::root());
        // What cargo tells a program about the package that is running (this one) must not reach the cargo that it runs: build scripts
        // and wasm-pack would take it for their own.
        for (name, _) in std::env::vars_os() {
            let of_package =
                name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"));
            if of_package {
                inner.env_remove(name);
            }
        }
        let shown = Path::new(program).file_stem().map_or_else(|| program.to_owned(), OsStr::to_owned);
        Self { inner, shown: shown.to_string_lossy().into_owned() }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&arg.as_ref().to_string_lossy());
        self.inner.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, folder: &Path) -> Self {
        self.inner.current_dir(folder);
        self
    }

    /// Puts folders before the rest of PATH.
    pub(crate) fn path_first(self, folders: &[PathBuf]) -> Result<Self> {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = folders.iter().cloned().chain(std::env::split_paths(&rest));
        let joined = std::env::join_paths(all).map_err(|e| format!("PATH: {e}"))?;
        Ok(self.env("PATH", joined))
    }

    /// Runs it with our own streams; its failing is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        eprintln!("> {}", self.shown);
        let status = self.inner.stdin(Stdio::null()).status().map_err(|e| format!("`{}`: {e}", self.shown))?;
        if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", self.shown)) }
    }

    /// Runs it again when it fails, for what crosses a network: three times at most.
    pub(crate) fn run_retrying(mut self) -> Result<()> {
        let mut last = String::new();
        for pause in [2, 10, 0] {
            eprintln!("> {}", self.shown);
            match self.inner.stdin(Stdio::null()).status() {
                Ok(status) if status.success() => return Ok(()),
                Ok(status) => last = status.to_string(),
                Err(e) => return Err(format!("`{}`: {e}", self.shown)),
            }
            std::thread::sleep(std::time::Duration::from_secs(pause));
        }
        Err(format!("`{}` failed three times ({last})", self.shown))
    }

    /// What it writes to standard output; its failing is an error that carries what it wrote to the other stream.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.inner.stdin(Stdio::null()).output().map_err(|e| format!("`{}`: {e}", self.shown))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`{}` failed ({}): {}", self.shown, output.status, said.trim()));
        }
        String::from_utf8(output.stdout).map_err(|_| format!("`{}` wrote something that is not UTF-8", self.shown))
    }

    /// Gives it bytes and takes bytes.
    pub(crate) fn filter(mut self, input: &[u8]) -> Result<Vec<u8>> {
        let fail = |e: std::io::Error| format!("`{}`: {e}", self.shown);
        let mut child = self.inner.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(fail)?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output()
        });
        let output = output.map_err(fail)?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(format!("`{}` failed ({})", self.shown, output.status))
        }
    }

    /// Runs it, showing both streams as they come and keeping them.
    pub(crate) fn tee(mut self) -> Result<Outcome> {
        eprintln!("> {}", self.shown);
        let fail = |e: std::io::Error| format!("`{}`: {e}", self.shown);
        let mut child =
            self.inner.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(fail)?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let text = std::thread::scope(|scope| {
            let out = scope.spawn(|| out.map_or_else(String::new, |s| echo(s, &mut std::io::stdout())));
            let err = scope.spawn(|| err.map_or_else(String::new, |s| echo(s, &mut std::io::stderr())));
            [out, err].into_iter().filter_map(|t| t.join().ok()).collect::<Vec<_>>().join("\n")
        });
        let status = child.wait().map_err(fail)?;
        Ok(Outcome { success: status.success(), text })
    }

    /// The command as the standard library has it, for what needs more.
    pub(crate) fn into_inner(self) -> Command {
        self.inner
    }
}

/// Copies a stream line by line and gives all of it.
fn echo(stream: impl Read, to: &mut impl Write) -> String {
    let mut text = String::new();
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let _ = to.write_all(&line).and_then(|()| to.flush());
        text.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    text
}

/// The full path of a program on PATH.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| endings.iter().map(move |ending| folder.join(format!("{name}{ending}"))))
        .find(|file| file.is_file())
}
