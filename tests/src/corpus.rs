//! The third-party schemas beside the repository, and what PostgreSQL says of them. They are read in place and never copied.

use std::path::{Path, PathBuf};

use relata_core::analysis::Analysis;
use relata_core::session::{FileOrder, Options, analyze};
use serde_json::Value;

/// The version of the server that made the corpus' catalogues.
pub const ORACLE_VERSION: u16 = 15;

/// The folder of shared test input, or `None` where it is not and need not be.
///
/// # Panics
///
/// Where `RELATA_REQUIRE_CORPUS` is 1 and the folder is missing.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("RELATA_CORPUS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    if folder.join("corpus").is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("RELATA_REQUIRE_CORPUS").is_some_and(|v| v == "1");
    assert!(!required, "RELATA_REQUIRE_CORPUS is set, but {} holds no corpus", folder.display());
    println!("skipped: no corpus at {}", folder.display());
    None
}

/// A schema of the corpus whose catalogue is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Item {
    /// Its name: `pg-pagila`; for a second spelling of it `pg-pagila (pg_dump)`.
    pub name: String,
    /// Its files in the order of loading: name as given to Relata, and path.
    pub files: Vec<(String, PathBuf)>,
    /// What PostgreSQL's catalogue held after loading them.
    pub catalog: PathBuf,
}

/// The PostgreSQL items whose catalogue is a fair oracle, then the dumps of what they loaded to.
pub fn items(folder: &Path) -> Vec<Item> {
    let corpus = folder.join("corpus");
    let truth = std::fs::read_to_string(corpus.join("TRUTH.txt")).expect("TRUTH.txt is part of the corpus");
    let names =
        truth.lines().map(str::trim).filter(|n| ["pg-", "alembic-", "django-"].iter().any(|p| n.starts_with(p)));
    let mut items = Vec::new();
    for name in names.clone() {
        let item = corpus.join("dev").join(name);
        let order = std::fs::read_to_string(item.join("LOAD_ORDER.txt")).expect("every item has a LOAD_ORDER.txt");
        let files = order.lines().map(str::trim).filter(|l| !l.is_empty());
        items.push(Item {
            name: name.to_owned(),
            files: files.map(|file| (file.to_owned(), item.join(file))).collect(),
            catalog: item.join("catalog.json"),
        });
    }
    for name in names {
        let dump = corpus.join("dev/_pgdumps").join(format!("{name}.sql"));
        let item = Item {
            name: format!("{name} (pg_dump)"),
            files: vec![(format!("{name}.sql"), dump.clone())],
            catalog: corpus.join("dev").join(name).join("catalog.json"),
        };
        // What was there before the load is in the dump as well, but not in what the catalogue is compared by.
        if dump.is_file() && !had_objects_before(&item.expected()) {
            items.push(item);
        }
    }
    items
}

/// Some of the items without the second spellings; all of these where `RELATA_ALL_ITEMS` is 1.
pub fn chosen(folder: &Path, some: &[&str]) -> Vec<Item> {
    let all = std::env::var("RELATA_ALL_ITEMS").is_ok_and(|v| v == "1");
    let items = items(folder).into_iter().filter(|i| !i.name.ends_with("(pg_dump)"));
    items.filter(|i| all || some.contains(&i.name.as_str())).collect()
}

/// The items of `FOLDERS.txt`, each with all files of the project's own: what a person drops who drops the folder.
pub fn folders(folder: &Path) -> Vec<Item> {
    let corpus = folder.join("corpus");
    let list = std::fs::read_to_string(corpus.join("FOLDERS.txt")).expect("FOLDERS.txt is part of the corpus");
    let names = list.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    names
        .map(|name| {
            let item = corpus.join("dev").join(name);
            let mut files = Vec::new();
            collect(&item, "", &mut files);
            Item { name: name.to_owned(), files, catalog: item.join("catalog.json") }
        })
        .collect()
}

/// Each folder below a folder as an item without a catalogue.
pub fn subfolders(folder: &Path, prefix: &str) -> Vec<Item> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.map(|e| e.expect("it can be listed").path()).filter(|p| p.is_dir());
    let mut items: Vec<Item> = paths
        .map(|path| {
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            let mut files = Vec::new();
            collect(&path, "", &mut files);
            files.sort();
            Item { name, files, catalog: PathBuf::new() }
        })
        .collect();
    items.sort();
    items
}

/// The files below a folder with one of these extensions, by their path from `root`, in the order of their paths.
pub fn files_below(root: &Path, folder: &Path, extensions: &[&str]) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            out.extend(files_below(root, &path, extensions));
        } else if path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted)) {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            out.push((name, std::fs::read(&path).expect("a readable file")));
        }
    }
    out
}

/// The files of a folder and of those in it, without what the corpus itself put there.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries.map(|e| e.expect("it can be listed")) {
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if prefix.is_empty() { own.clone() } else { format!("{prefix}/{own}") };
        if entry.path().is_dir() {
            collect(&entry.path(), &name, files);
        } else if !["catalog.json", "LOAD_ORDER.txt", "LOAD_ERRORS.txt", "SOURCE.txt"].contains(&own.as_str()) {
            files.push((name, entry.path()));
        }
    }
}

/// Whether a catalogue marks single objects as older than the load.
fn had_objects_before(catalog: &Value) -> bool {
    let members = |value: &Value| value.as_object().map_or_else(Vec::new, |o| o.values().cloned().collect());
    let marked = |object: &Value| object["from_prelude"] == Value::Bool(true);
    members(&catalog["schemas"]).iter().any(|schema| {
        let named = members(schema).into_iter().flat_map(|kind| members(&kind));
        let listed = schema["functions"].as_array().into_iter().flatten().cloned();
        named.chain(listed).any(|object| marked(&object))
    })
}

impl Item {
    /// What Relata makes of it, its files in the order given.
    pub fn analyze(&self) -> Analysis {
        self.analyze_as(FileOrder::AsGiven)
    }

    /// What Relata makes of it.
    pub fn analyze_as(&self, order: FileOrder) -> Analysis {
        let read = |path: &PathBuf| std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let files: Vec<(&str, Vec<u8>)> = self.files.iter().map(|(name, path)| (name.as_str(), read(path))).collect();
        let files = files.iter().map(|(name, bytes)| (*name, bytes.as_slice()));
        analyze(files, Options { server_version: Some(ORACLE_VERSION), order, ..Options::default() })
    }

    /// What was there before its files were loaded, as SQL: its own notes say so.
    pub fn set_up(&self, folder: &Path) -> String {
        let notes = std::fs::read_to_string(self.catalog.with_file_name("SOURCE.txt")).unwrap_or_default();
        let mut script = String::new();
        for line in notes.lines() {
            if let Some(sql) = line.strip_prefix("set-up before the load:") {
                script.push_str(sql);
                script.push('\n');
            }
            if let Some(files) = line.strip_prefix("prelude for the load:") {
                for file in ["tools/prelude/roles.sql"].into_iter().chain(files.split(',').map(str::trim)) {
                    script.push_str(&std::fs::read_to_string(folder.join(file)).expect("a prelude of the corpus"));
                }
            }
        }
        script
    }

    /// What its tool sends to the server, file by file.
    pub fn scripts(&self) -> Vec<Script> {
        let read = |path: &PathBuf| std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        self.files.iter().map(|(_, path)| Script::of(&String::from_utf8_lossy(&read(path)))).collect()
    }

    /// What PostgreSQL made of it.
    pub fn expected(&self) -> Value {
        let text = std::fs::read_to_string(&self.catalog).unwrap_or_else(|e| panic!("{}: {e}", self.catalog.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", self.catalog.display()))
    }
}

/// What of a file is sent to a database of the test's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Script {
    /// The text. What is not sent is empty, so that lines keep their numbers.
    pub text: String,
    /// Lines that would make another database or change to one.
    pub left_out: Vec<String>,
}

impl Script {
    /// Without the way back, where a mark says that it stands in the same file: goose (`-- +goose Down`), sql-migrate (`-- +migrate Down`) and dbmate
    /// (`-- migrate:down`) send what stands below their other mark. Sources: the documentation of each, on migrations in SQL.
    pub fn of(file: &str) -> Self {
        let (mut script, mut up) = (Self { text: String::with_capacity(file.len()), left_out: Vec::new() }, true);
        for line in file.split_inclusive('\n') {
            let mark = line.trim().strip_prefix("--").map(|comment| comment.trim().to_ascii_lowercase());
            match mark.as_deref().map(|m| m.split_once(" transaction:").map_or(m, |(mark, _)| mark)) {
                Some("+goose up" | "+migrate up" | "migrate:up") => up = true,
                Some("+goose down" | "+migrate down" | "migrate:down") => up = false,
                _ => {}
            }
            let words: Vec<String> = line.split_whitespace().take(2).map(str::to_ascii_uppercase).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let elsewhere = match words.as_slice() {
                ["\\C" | "\\CONNECT", ..] => true,
                ["CREATE" | "DROP", "DATABASE"] => line.trim_end().ends_with(';'),
                _ => false,
            };
            if up && !elsewhere {
                script.text.push_str(line);
            } else {
                script.text.push('\n');
            }
            if up && elsewhere {
                script.left_out.push(line.trim().to_owned());
            }
        }
        script
    }
}

/// Analyses files in the order given, for the oracle's version of the server.
pub fn analyze_sql<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Analysis {
    analyze_sql_for(ORACLE_VERSION, files)
}

/// The same for a server of another version.
pub fn analyze_sql_for<'a>(version: u16, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Analysis {
    analyze(files, Options { server_version: Some(version), order: FileOrder::AsGiven, ..Options::default() })
}

/// Analyses files in the order that their names and contents tell, for the oracle's version of the server.
pub fn analyze_project(files: &[(String, Vec<u8>)]) -> Analysis {
    let options = Options { server_version: Some(ORACLE_VERSION), order: FileOrder::ByName, ..Options::default() };
    analyze(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), options)
}

/// The catalogue of an analysis' only target; an empty one where nothing was read.
pub fn catalog(analysis: &Analysis) -> Value {
    match analysis.targets.as_slice() {
        [] => relata_core::emit::catalog::catalog(&relata_core::schema::Schema::default()),
        [target] => relata_core::emit::catalog::catalog(target.schema()),
        several => panic!("{} targets where one was expected", several.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_way_up_is_sent() {
        let sent = |file: &str| Script::of(file).text;
        assert_eq!(sent("-- +goose Up\na;\n-- +goose Down\nb;\n"), "-- +goose Up\na;\n\n\n");
        assert_eq!(
            sent("-- migrate:up transaction:false\na;\n-- migrate:down\nb;"),
            "-- migrate:up transaction:false\na;\n\n\n"
        );
        assert_eq!(sent("-- +migrate Down\nb;\n-- +migrate Up\na;\n"), "\n\n-- +migrate Up\na;\n");
        assert_eq!(sent("a;\n-- down\nb;\n"), "a;\n-- down\nb;\n");
    }

    #[test]
    fn a_script_stays_in_the_database_of_the_test() {
        let script = Script::of("DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop;\n\\c shop\nCREATE TABLE t ();\n");
        assert_eq!(script.text, "\n\n\nCREATE TABLE t ();\n");
        assert_eq!(script.left_out, ["DROP DATABASE IF EXISTS shop;", "CREATE DATABASE shop;", "\\c shop"]);
    }
}
