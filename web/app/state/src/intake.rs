//! What is taken of what was given: a dropped file always, of folders and archives only what can describe a schema.

/// Largest single file that is taken, in bytes: spans are 32-bit offsets.
pub const MAX_FILE: u64 = u32::MAX as u64;

/// Most bytes that an archive may unpack to: one that inflates beyond every bound is left alone.
pub const MAX_UNPACKED: u64 = 4 << 30;

/// Most files that are taken at once.
pub const MAX_FILES: usize = 10_000;

/// Folders that hold other people's code or a tool's output.
const SKIPPED_FOLDERS: &[&str] =
    &["node_modules", "target", "vendor", "dist", "build", "__pycache__", "venv", "site-packages"];

/// Endings of files that can describe a schema, as found in folders and archives.
const SCHEMA_ENDINGS: &[&str] = &["sql", "ddl", "psql", "pgsql", "dump", "pgdump", "py", "md"];

/// Endings of Liquibase's changelogs. A folder may hold thousands of such files of other tools, so that the path must speak of migrations, too.
const CHANGELOG_ENDINGS: &[&str] = &["xml", "yaml", "yml", "json"];

/// Words in the paths of changelogs.
const CHANGELOG_WORDS: &[&str] = &["changelog", "changeset", "liquibase", "migration", "db."];

/// Files that say how the migrations beside them follow each other: journals, plans, sums and locks of their tools.
const CONTROL_FILES: &[&str] = &[
    "_journal.json",
    "snapshot.json",
    "sqitch.plan",
    "migration_lock.toml",
    "metadata.toml",
    "atlas.sum",
    "LOADORDER",
    "flyway.conf",
    "flyway.toml",
    "flyway.user.toml",
];

/// How a file reached the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Chosen or dropped by itself.
    File,
    /// Found in a folder or an archive.
    Within,
}

/// What kind of container a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    /// A file as it is.
    None,
    /// A zip archive.
    Zip,
    /// One file packed by gzip.
    Gzip,
}

/// Tells a container by its first bytes: names lie.
pub fn container(first: &[u8]) -> Container {
    match first {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Container::Zip,
        [0x1f, 0x8b, 8, ..] => Container::Gzip,
        _ => Container::None,
    }
}

/// Whether a folder is looked into when it is met inside what was given.
pub fn enters(folder: &str) -> bool {
    !folder.starts_with('.') && !SKIPPED_FOLDERS.contains(&folder)
}

/// Whether a file at `path` is taken.
pub fn takes(path: &str, origin: Origin) -> bool {
    if origin == Origin::File {
        return true;
    }
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let stem = lower.strip_suffix(".gz").unwrap_or(&lower);
    let ending = stem.rsplit_once('.').map(|(_, e)| e);
    let control = CONTROL_FILES.contains(&name) || lower.ends_with(".sql.conf");
    let schema = ending.is_some_and(|e| SCHEMA_ENDINGS.contains(&e));
    let speaks = |path: &str| CHANGELOG_WORDS.iter().any(|word| path.to_ascii_lowercase().contains(word));
    let changelog = ending.is_some_and(|e| CHANGELOG_ENDINGS.contains(&e)) && speaks(path);
    !name.starts_with('.') && parts.all(enters) && (schema || control || changelog)
}

/// The name of what a gzip file holds: the name without its last ending.
pub fn unpacked_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    match lower.strip_suffix(".gz") {
        Some(s) if !s.is_empty() => name.get(..s.len()).unwrap_or(name).to_owned(),
        _ => name.to_owned(),
    }
}

/// Orders paths as people count: `2_b.sql` before `10_a.sql`, folders by the same rule.
pub fn natural_order(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut x, mut y) = (a.chars().peekable(), b.chars().peekable());
    loop {
        match (x.peek().copied(), y.peek().copied()) {
            (None, None) => return a.cmp(b),
            (None, _) => return std::cmp::Ordering::Less,
            (_, None) => return std::cmp::Ordering::Greater,
            (Some(c), Some(d)) if c.is_ascii_digit() && d.is_ascii_digit() => {
                let number = |it: &mut std::iter::Peekable<std::str::Chars<'_>>| {
                    let mut s = String::new();
                    while let Some(d) = it.next_if(char::is_ascii_digit) {
                        s.push(d);
                    }
                    let t = s.trim_start_matches('0');
                    (t.len(), t.to_owned())
                };
                match number(&mut x).cmp(&number(&mut y)) {
                    std::cmp::Ordering::Equal => {}
                    other => return other,
                }
            }
            (Some(c), Some(d)) if c == d => {
                x.next();
                y.next();
            }
            (Some(c), Some(d)) => return c.cmp(&d),
        }
    }
}

/// What pasted text is called: by the place it came from, and a number after the first.
pub fn pasted_name(taken: &[&str]) -> String {
    (1..)
        .map(|n| if n == 1 { "pasted.sql".to_owned() } else { format!("pasted-{n}.sql") })
        .find(|name| !taken.contains(&name.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_and_a_folder_is_sifted() {
        assert!(takes("holiday.jpg", Origin::File), "what a person drops they mean");
        assert!(takes("db/001_init.SQL", Origin::Within));
        assert!(takes("db/dump.sql.gz", Origin::Within));
        assert!(takes("drizzle/meta/_journal.json", Origin::Within), "it orders the migrations");
        assert!(takes("versions/1a2b_users.py", Origin::Within));
        assert!(takes("docs/schema.md", Origin::Within), "documents describe schemas too");
        assert!(takes("app/db/changelog/db.changelog-master.yaml", Origin::Within), "Liquibase's order");
        assert!(takes("app/liquibase/1.0/users.xml", Origin::Within));
        assert!(!takes("app/config/application.yaml", Origin::Within));
        assert!(!takes("db/package.json", Origin::Within));
        assert!(!takes("db/readme.txt", Origin::Within));
        assert!(!takes("app/node_modules/x/schema.sql", Origin::Within));
        assert!(!takes("app/.git/x.sql", Origin::Within));
        assert!(!takes("db/._schema.sql", Origin::Within), "macOS writes these beside every file");
    }

    #[test]
    fn containers_by_their_bytes() {
        assert_eq!(container(b"PK\x03\x04..."), Container::Zip);
        assert_eq!(container(b"\x1f\x8b\x08..."), Container::Gzip);
        assert_eq!(container(b"PK is no zip"), Container::None);
        assert_eq!(container(b""), Container::None);
        assert_eq!(unpacked_name("dump.sql.GZ"), "dump.sql");
        assert_eq!(unpacked_name("dump"), "dump");
    }

    #[test]
    fn numbers_count() {
        let mut names = ["10_b.sql", "2_a.sql", "02_a.sql", "b/1.sql", "a/12.sql", "a/9.sql"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["02_a.sql", "2_a.sql", "10_b.sql", "a/9.sql", "a/12.sql", "b/1.sql"]);
    }

    #[test]
    fn pasted_texts_have_names_of_their_own() {
        assert_eq!(pasted_name(&[]), "pasted.sql");
        assert_eq!(pasted_name(&["pasted.sql", "x"]), "pasted-2.sql");
    }
}
