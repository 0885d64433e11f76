//! The files that changelogs may name, and how Liquibase finds them: by a path from the changelog, or from the top of its search path, which is a
//! folder around the changelog. Source: Liquibase documentation, "include", "includeAll", `DatabaseChangeLog.normalizePath`.

use std::collections::BTreeMap;

use super::Changelog;
use crate::read::changelog::Node;

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Item {
    /// By its place among the changelogs.
    Changelog(usize),
    /// By its place among the SQL files.
    Sql(usize),
}

/// All files by their paths, without a `/` in front.
pub(super) struct Library<'a> {
    files: BTreeMap<&'a str, Item>,
}

impl<'a> Library<'a> {
    pub(super) fn new(changelogs: &'a [Changelog], sql: &[&'a str]) -> Self {
        let own = changelogs.iter().enumerate().map(|(at, c)| (c.name.as_str(), Item::Changelog(at)));
        let all = sql.iter().enumerate().map(|(at, name)| (*name, Item::Sql(at))).chain(own);
        Self { files: all.map(|(name, item)| (from_top(name), item)).collect() }
    }

    /// The file that a changelog names.
    pub(super) fn file(&self, from: &str, path: &str, relative: bool) -> Option<Item> {
        let (from, path) = (from_top(from), normal("", path));
        let found = |base: &str| self.files.get(normal(base, &path).as_str()).copied();
        if relative && let Some(item) = found(folder(from)) {
            return Some(item);
        }
        around(from).find_map(found).or_else(|| {
            let end = format!("/{path}");
            self.files.iter().find(|(name, _)| name.ends_with(&end)).map(|(_, item)| *item)
        })
    }

    /// The files of a folder that a changelog names and of those below, by the text of their paths.
    pub(super) fn folder(&self, from: &str, node: &Node) -> Vec<Item> {
        let (from, path) = (from_top(from), normal("", node.text("path").unwrap_or_default()));
        let relative = node.flag("relativeToChangelogFile") == Some(true);
        let holds =
            |start: &String| self.files.range(start.as_str()..).next().is_some_and(|(n, _)| n.starts_with(start));
        let start = |base: &str| match normal(base, &path) {
            top if top.is_empty() => top,
            folder => format!("{folder}/"),
        };
        let own = relative.then(|| start(folder(from)));
        let Some(start) = own.filter(holds).or_else(|| around(from).map(start).find(holds)) else { return Vec::new() };
        let ending = node.text("endsWithFilter").unwrap_or_default();
        let number = |name: &str| node.text(name).and_then(|n| n.parse::<usize>().ok());
        let (least, most) = (number("minDepth").unwrap_or(0), number("maxDepth").unwrap_or(usize::MAX));
        let of_folder = self.files.range(start.as_str()..).take_while(|(name, _)| name.starts_with(&start));
        of_folder
            .filter(|(name, _)| {
                let depth = name.get(start.len()..).unwrap_or_default().matches('/').count() + 1;
                name.ends_with(ending) && (least..=most).contains(&depth)
            })
            .map(|(_, item)| *item)
            .collect()
    }
}

pub(super) fn from_top(path: &str) -> &str {
    path.trim_start_matches("./").trim_start_matches('/')
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders around a file, the nearest first, the top last.
pub(super) fn around(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |dir| (!dir.is_empty()).then(|| folder(dir)))
}

/// A path from a folder without what says nothing, `.` and `..` undone.
pub(super) fn normal(base: &str, path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let path = path.strip_prefix("classpath:").or_else(|| path.strip_prefix("classpath*:")).unwrap_or(&path);
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_the_changelog_or_from_a_folder_around_it() {
        let sql = ["app/src/db/changelog/1.sql", "app/src/db/other/2.sql", "lib/db/other/2.sql", "lib/3.sql"];
        let library = Library::new(&[], &sql);
        let from = "app/src/db/changelog/master.xml";
        let found = |path, relative| {
            library.file(from, path, relative).map(|item| match item {
                Item::Sql(at) => sql[at],
                Item::Changelog(_) => "",
            })
        };
        assert_eq!(found("1.sql", true), Some(sql[0]));
        assert_eq!(found("../other/2.sql", true), Some(sql[1]));
        assert_eq!(found("classpath:/db/other/2.sql", false), Some(sql[1]));
        assert_eq!(found("./db\\changelog//1.sql", false), Some(sql[0]));
        assert_eq!(found("3.sql", false), Some(sql[3]));
        assert_eq!(found("4.sql", false), None);
    }
}
