//! From paths to an analysis.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::history::natural_order;
use relata_core::policy::{ConfigFile, Date};
use relata_core::problem::ProblemKind;
use relata_core::report::{Report, problem_line};
use relata_core::session::FileOrder;
use relata_core::{Options, Session};

use crate::Failure;
use crate::args::Input;
use crate::output::{Progress, note};

/// Bytes handed to the session at once.
const CHUNK: usize = 256 << 10;
/// Folders inside folders; a deeper tree is no project.
const MAX_DEPTH: usize = 64;
/// Folders in which nothing of the project's own lies.
const SKIPPED: &[&str] = &["__pycache__", "node_modules", "target"];

/// Something to read, and what it is called in messages and output.
struct Source {
    name: String,
    path: Option<PathBuf>,
    /// Named on the command line, not found in a folder.
    given: bool,
}

/// Reads everything that the paths lead to.
pub(crate) fn read(input: &Input) -> Result<Analysis, Failure> {
    let mut analysis = read_all(input)?;
    settings_are_right(&analysis)?;
    if let Some(id) = &input.target {
        if !analysis.targets.iter().any(|t| t.target.id == *id) {
            return Err(Failure::Unusable(format!("there is no target `{id}`; {}", target_list(&analysis))));
        }
        analysis.targets.retain(|t| t.target.id == *id);
    }
    Ok(analysis)
}

/// A setting that is not understood would be without effect, and nobody would notice: it stops everything.
fn settings_are_right(analysis: &Analysis) -> Result<(), Failure> {
    let report = Report::new(&Analysis {
        sources: analysis.sources.clone(),
        problems: analysis.problems.iter().filter(|p| p.kind == ProblemKind::BadSetting).cloned().collect(),
        ..Analysis::default()
    });
    let wrong: Vec<String> = report.problems.iter().map(problem_line).collect();
    // Each on a line of its own: a name in one cannot begin another.
    let Some((last, before)) = wrong.split_last() else { return Ok(()) };
    before.iter().for_each(|message| note(message));
    Err(Failure::Unusable(last.clone()))
}

/// What day it is, by this machine's clock in UTC.
fn today() -> Option<Date> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u32::try_from(since.as_secs() / 86_400).ok().map(Date::from_days_since_1970)
}

/// The settings that the command line names.
fn config(path: &Path) -> Result<ConfigFile, Failure> {
    let text = fs::read_to_string(path).map_err(|e| unreadable(path, &e))?;
    Ok(ConfigFile { name: name(path), text })
}

/// The targets, by id and layout, for messages.
pub(crate) fn target_list(analysis: &Analysis) -> String {
    let name = |t: &TargetAnalysis| match t.target.note.root.as_str() {
        "" => format!("{} ({})", t.target.id, t.target.layout),
        root => format!("{} ({} in {root})", t.target.id, t.target.layout),
    };
    let ids: Vec<String> = analysis.targets.iter().map(name).collect();
    if ids.is_empty() {
        "nothing was read that describes a schema".to_owned()
    } else {
        format!("there are {}", ids.join(", "))
    }
}

fn read_all(input: &Input) -> Result<Analysis, Failure> {
    let mut sources = Vec::new();
    let mut folders = false;
    let mut failed = Vec::new();
    for path in &input.paths {
        if path.as_os_str() == "-" {
            sources.push(Source { name: "stdin.sql".to_owned(), given: true, path: None });
        } else if fs::metadata(path).map_err(|e| unreadable(path, &e))?.is_dir() {
            folders = true;
            let entries = list(path).map_err(|e| unreadable(path, &e))?;
            walk(path, entries, 0, &mut sources, &mut failed)?;
        } else {
            sources.push(Source { name: name(path), given: true, path: Some(path.clone()) });
        }
    }
    // An archive by itself is like a folder: its files come in their layout's order.
    let archive = matches!(sources.as_slice(), [only] if is_archive(&only.name));
    let order = if folders || archive { FileOrder::ByName } else { FileOrder::AsGiven };
    let options = Options {
        order,
        layout: input.layout,
        dialect: input.dialect,
        partial: input.partial,
        defines: input.defines.clone(),
        config: input.config.as_deref().map(config).transpose()?,
        today: today(),
        ..Options::default()
    };
    let mut session = Session::new(options);
    let mut progress = Progress::new();
    for source in &sources {
        match &source.path {
            None => feed(&mut session, &source.name, &mut io::stdin().lock(), &mut progress)
                .map_err(|e| Failure::Unusable(format!("standard input cannot be read: {e}")))?,
            Some(path) => {
                let read =
                    File::open(path).and_then(|mut file| feed(&mut session, &source.name, &mut file, &mut progress));
                match read {
                    Ok(()) => {}
                    Err(e) if source.given => return Err(unreadable(path, &e)),
                    // One bad file in a folder must not cost the others.
                    Err(e) => {
                        session.end_file();
                        session.unreadable(&source.name, &e.to_string());
                    }
                }
            }
        }
    }
    for (folder, reason) in failed {
        session.unreadable(&folder, &reason);
    }
    Ok(session.finish(&mut |stage| progress.tell(|| format!("{} …", stage.name()))))
}

/// The largest image for a report's cover.
const MAX_IMAGE_BYTES: usize = 1 << 20;

/// An image file as a data URL.
pub(crate) fn image(path: &Path) -> Result<String, Failure> {
    let kind = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("png") => "png",
        Some("jpg" | "jpeg") => "jpeg",
        Some("gif") => "gif",
        Some("webp") => "webp",
        Some("svg") => "svg+xml",
        _ => return Err(Failure::Usage(format!("--logo: {} is no png, jpeg, gif, webp or svg", path.display()))),
    };
    let bytes = fs::read(path).map_err(|e| unreadable(path, &e))?;
    if bytes.len() > MAX_IMAGE_BYTES {
        return Err(Failure::Usage(format!("--logo: {} is larger than 1 MiB", path.display())));
    }
    Ok(format!("data:image/{kind};base64,{}", base64(&bytes)))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            let shown = digit <= group.len();
            out.push(if shown { char::from(DIGITS.get(value as usize).copied().unwrap_or(b'=')) } else { '=' });
        }
    }
    out
}

/// Hands a file to the session piece by piece: its size does not matter.
fn feed(session: &mut Session, name: &str, from: &mut impl Read, progress: &mut Progress) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut total = 0_u64;
    // An empty file is a file too.
    session.push(name, &[]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                session.push(name, buffer.get(..n).unwrap_or_default());
                total += n as u64;
                progress.tell(|| format!("read {} MB  {name}", total >> 20));
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    session.end_file();
    Ok(())
}

/// The regular files of a folder and the folders in it, sorted. A symbolic link may lead out of what was given, or in a circle: it is not followed.
fn walk(
    folder: &Path,
    mut entries: Vec<fs::DirEntry>,
    depth: usize,
    sources: &mut Vec<Source>,
    failed: &mut Vec<(String, String)>,
) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        let message = format!("{}: folders lie deeper than {MAX_DEPTH} levels", folder.display());
        return Err(Failure::Unusable(message));
    }
    entries.sort_by(|a, b| {
        natural_order(&a.file_name().to_string_lossy(), &b.file_name().to_string_lossy())
            .then_with(|| a.file_name().cmp(&b.file_name()))
    });
    for entry in entries {
        let path = entry.path();
        let own = entry.file_name();
        let own = own.to_string_lossy();
        if own.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(|e| unreadable(&path, &e))?;
        if kind.is_symlink() {
            note(&format!("{} is a symbolic link and was not followed", path.display()));
        } else if kind.is_dir() {
            if !SKIPPED.contains(&own.as_ref()) {
                match list(&path) {
                    Ok(inner) => walk(&path, inner, depth + 1, sources, failed)?,
                    Err(e) => failed.push((name(&path), e.to_string())),
                }
            }
        } else if kind.is_file() {
            sources.push(Source { name: name(&path), given: false, path: Some(path) });
        } else {
            note(&format!("{} is no regular file and was not read", path.display()));
        }
    }
    Ok(())
}

fn list(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    fs::read_dir(folder)?.collect()
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".gz", ".tgz"].iter().any(|end| name.ends_with(end))
}

/// A path as it stands in output: `/` between folders, no `./` in front.
fn name(path: &Path) -> String {
    let name = path.to_string_lossy();
    let name = if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() };
    let mut rest = name.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    rest.to_owned()
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!("{} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn bytes_become_base64() {
        // RFC 4648, section 10.
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
