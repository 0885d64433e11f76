//! Flyway, and Refinery whose names look alike. Source: Flyway documentation, "Migrations"; refinery, `Migration::unapplied`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, compare_parts, split_path};
use super::{Candidate, ControlFile, Planned, framework};
use crate::order::Order;
use crate::source::Defines;
use crate::toml::{self, Value};

/// `V1.2__add_users.sql` taken apart.
pub(super) struct FlywayName<'a> {
    /// V, U, B or R, whatever the project calls them.
    pub(super) kind: u8,
    pub(super) version: Vec<&'a str>,
    /// Prefix and version as written.
    pub(super) written: &'a str,
    /// The version as written.
    number: &'a str,
    pub(super) description: &'a str,
}

/// How the project names its migrations: Flyway's own way, unless a `flyway.conf` or `flyway.toml` says otherwise. Source: Flyway documentation,
/// "Parameters".
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Naming {
    /// Prefixes, the longest first, each with V, U, B or R.
    prefixes: Vec<(String, u8)>,
    separator: String,
    suffixes: Vec<String>,
    /// Settings of the project's own were found.
    pub(super) configured: bool,
    placeholders: Placeholders,
    /// The schemas that Flyway makes where they are missing, the default one first; empty where settings name none.
    schemas: Vec<String>,
}

/// What a project's settings say of placeholders in its SQL. Source: Flyway documentation, "Placeholders".
#[derive(Clone, PartialEq, Eq, Debug)]
struct Placeholders {
    /// Whether Flyway looks for any.
    replaced: bool,
    prefix: String,
    suffix: String,
    /// What stands between `flyway` and the names of Flyway's own.
    separator: String,
    /// The project's values.
    values: Vec<(String, String)>,
    /// Flyway's own, as far as the settings tell: `defaultSchema`, `user`, `database`, `table`.
    own: BTreeMap<&'static str, String>,
}

impl Default for Placeholders {
    fn default() -> Self {
        let own = [("defaultSchema", "public"), ("table", "flyway_schema_history")];
        Self {
            replaced: true,
            prefix: "${".to_owned(),
            suffix: "}".to_owned(),
            separator: ":".to_owned(),
            values: Vec::new(),
            own: own.into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
        }
    }
}

impl Placeholders {
    /// Takes a setting that concerns them.
    fn take(&mut self, key: &str, setting: &Setting) {
        let text = setting.text.clone();
        let filled = || Some(text.clone()).filter(|t| !t.is_empty());
        let first = || setting.words.first().cloned().filter(|w| !w.is_empty());
        let own = |name: &'static str, value: Option<String>| value.map(|v| (name, v));
        let found = match key {
            "placeholderReplacement" => {
                self.replaced = !text.eq_ignore_ascii_case("false");
                return;
            }
            "placeholderPrefix" => return self.prefix = filled().unwrap_or_default(),
            "placeholderSuffix" => return self.suffix = filled().unwrap_or_default(),
            "placeholderSeparator" => return self.separator = filled().unwrap_or_default(),
            "defaultSchema" => own("defaultSchema", filled()),
            // The first of the schemas is the default one where no other is named.
            "schemas" if self.own.get("defaultSchema").is_some_and(|s| s == "public") => own("defaultSchema", first()),
            "user" => own("user", filled()),
            "table" => own("table", filled()),
            "url" => {
                let name = text.rsplit('/').next().and_then(|rest| rest.split(['?', ';']).next());
                own("database", name.filter(|n| !n.is_empty()).map(str::to_owned))
            }
            _ => match key.strip_prefix("placeholders.") {
                Some(name) => return self.values.push((name.to_owned(), text)),
                None => None,
            },
        };
        self.own.extend(found);
    }
}

/// When Flyway runs a callback.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Event {
    /// Once, before the migrations; the number is the order.
    Before(u8),
    /// Before each migration, in its transaction.
    BeforeEach,
    /// After each migration, in its transaction.
    AfterEach,
    /// Once, between the versioned and the repeatable migrations.
    Between(u8),
    /// Once, after the migrations.
    After(u8),
    /// Not when a new database is migrated.
    Never,
}

/// Flyway's events that a file can be named after. Source: Flyway documentation, "Callback events"; `Event`.
const EVENTS: &[(&str, Event)] = &[
    ("beforeConnect", Event::Before(0)),
    ("afterConnect", Event::Before(1)),
    ("beforeValidate", Event::Before(2)),
    ("afterValidate", Event::Before(3)),
    ("beforeMigrate", Event::Before(4)),
    ("beforeEachMigrate", Event::BeforeEach),
    ("afterEachMigrate", Event::AfterEach),
    ("afterVersioned", Event::Between(0)),
    ("beforeRepeatables", Event::Between(1)),
    ("afterMigrateApplied", Event::After(0)),
    ("afterMigrate", Event::After(1)),
    ("afterMigrateOperationFinish", Event::After(2)),
    ("beforeEachMigrateStatement", Event::Never),
    ("afterEachMigrateStatement", Event::Never),
    ("afterEachMigrateStatementError", Event::Never),
    ("afterEachMigrateError", Event::Never),
    ("afterMigrateError", Event::Never),
    ("beforeUndo", Event::Never),
    ("beforeEachUndo", Event::Never),
    ("beforeEachUndoStatement", Event::Never),
    ("afterEachUndoStatement", Event::Never),
    ("afterEachUndoStatementError", Event::Never),
    ("afterEachUndo", Event::Never),
    ("afterEachUndoError", Event::Never),
    ("afterUndo", Event::Never),
    ("afterUndoError", Event::Never),
    ("beforeClean", Event::Never),
    ("afterClean", Event::Never),
    ("afterCleanError", Event::Never),
    ("beforeInfo", Event::Never),
    ("afterInfo", Event::Never),
    ("afterInfoError", Event::Never),
    ("afterValidateError", Event::Never),
    ("beforeBaseline", Event::Never),
    ("afterBaseline", Event::Never),
    ("afterBaselineError", Event::Never),
    ("beforeRepair", Event::Never),
    ("afterRepair", Event::Never),
    ("afterRepairError", Event::Never),
    ("beforeCreateSchema", Event::Never),
    ("createSchema", Event::Never),
];

fn event(name: &str) -> Option<Event> {
    EVENTS.iter().find(|(own, _)| *own == name).map(|(_, event)| *event)
}

/// Whether a revision of this id is a callback: `beforeMigrate`, `afterMigrate__grants`.
pub(crate) fn is_callback(id: &str) -> bool {
    event(id.split("__").next().unwrap_or(id)).is_some()
}

/// How each part of a drop names its migrations: settings hold for the files beside and below them.
pub(super) struct Namings<'a> {
    by_folder: BTreeMap<&'a str, Naming>,
    default: Naming,
}

impl<'a> Namings<'a> {
    /// As the settings among the control files have it. Those in a folder `conf` (where Flyway's own stand), or in one without migrations, are of the
    /// folder around it.
    pub(super) fn of(files: &[Candidate<'_>], control: &'a [ControlFile]) -> Self {
        let mut settings: Vec<&ControlFile> = control.iter().filter(|c| is_flyways(c, control)).collect();
        // A profile's are above the application's.
        settings.order_by_key(|c| framework::is_application(&c.name) && framework::profile(&c.name).is_some());
        let names: BTreeSet<&str> = if settings.is_empty() { &[] } else { files }.iter().map(|f| f.name).collect();
        let holds_some = |folder: &str| {
            let start = format!("{folder}/");
            folder.is_empty() || names.range(start.as_str()..).next().is_some_and(|name| name.starts_with(&start))
        };
        let mut by_folder: BTreeMap<&str, Vec<&ControlFile>> = BTreeMap::new();
        for file in settings {
            let mut folder = split_path(&file.name).0;
            if let (around, "conf") = split_path(folder) {
                folder = around;
            }
            while !holds_some(folder) {
                folder = split_path(folder).0;
            }
            by_folder.entry(folder).or_default().push(file);
        }
        Self {
            by_folder: by_folder.into_iter().map(|(folder, files)| (folder, Naming::of(&files, control))).collect(),
            default: Naming::default(),
        }
    }

    /// That of the nearest settings in a folder or around it.
    pub(super) fn in_folder(&self, folder: &str) -> &Naming {
        if self.by_folder.is_empty() {
            return &self.default;
        }
        let mut folder = folder;
        loop {
            match self.by_folder.get(folder) {
                Some(naming) => return naming,
                None if folder.is_empty() => return &self.default,
                None => folder = split_path(folder).0,
            }
        }
    }
}

impl Default for Naming {
    fn default() -> Self {
        Self::of(&[], &[])
    }
}

impl Naming {
    /// As settings have it, the later ones above the earlier.
    fn of(files: &[&ControlFile], control: &[ControlFile]) -> Self {
        let mut prefixes =
            [("V", b'V'), ("U", b'U'), ("B", b'B'), ("R", b'R')].map(|(p, kind)| (p.to_owned(), kind)).to_vec();
        let mut separator = "__".to_owned();
        let mut suffixes = vec![".sql".to_owned()];
        let mut placeholders = Placeholders::default();
        let (mut first, mut schemas) = (None, Vec::new());
        for (key, setting) in files.iter().flat_map(|file| settings(file, control)) {
            placeholders.take(&key, &setting);
            match key.as_str() {
                "defaultSchema" => first = Some(setting.text.clone()),
                "schemas" => schemas = setting.words.clone(),
                _ => {}
            }
            let mut words = setting.words.into_iter();
            let kind = match key.as_str() {
                "sqlMigrationPrefix" => b'V',
                "undoSqlMigrationPrefix" => b'U',
                "baselineMigrationPrefix" => b'B',
                "repeatableSqlMigrationPrefix" => b'R',
                "sqlMigrationSeparator" => {
                    separator = words.next().filter(|w| !w.is_empty()).unwrap_or(separator);
                    continue;
                }
                "sqlMigrationSuffixes" => {
                    let given: Vec<String> = words.filter(|w| !w.is_empty()).collect();
                    suffixes = if given.is_empty() { suffixes } else { given };
                    continue;
                }
                _ => continue,
            };
            if let (Some(prefix), Some(word)) = (prefixes.iter_mut().find(|(_, k)| *k == kind), words.next()) {
                prefix.0 = word;
            }
        }
        prefixes.order_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        schemas.retain(|s| first.as_ref() != Some(s));
        schemas.splice(0..0, first);
        // A name that is a placeholder of the build says nothing.
        schemas.retain(|s| !s.is_empty() && !s.contains(['$', '{']));
        Self { prefixes, separator, suffixes, configured: !files.is_empty(), placeholders, schemas }
    }

    /// The prefix is case-sensitive, the suffix is not. A version needs no description, a description no version.
    pub(super) fn read<'a>(&self, base: &'a str) -> Option<FlywayName<'a>> {
        let stem = self.stem(base)?;
        let (prefix, kind) = self.prefixes.iter().find(|(prefix, _)| stem.starts_with(prefix.as_str()))?;
        let rest = stem.get(prefix.len()..)?;
        let (version, description) = rest.split_once(self.separator.as_str()).unwrap_or((rest, ""));
        let fits = match kind {
            b'R' => version.is_empty() && !description.is_empty(),
            _ => {
                version.starts_with(|c: char| c.is_ascii_digit())
                    && version.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_'))
            }
        };
        let written = base.get(..prefix.len() + version.len())?;
        fits.then(|| FlywayName { kind: *kind, version: version_parts(version), written, number: version, description })
    }

    /// A name without its suffix.
    fn stem<'a>(&self, base: &'a str) -> Option<&'a str> {
        self.suffixes.iter().find_map(|suffix| {
            let at = base.len().checked_sub(suffix.len())?;
            base.get(at..)?.eq_ignore_ascii_case(suffix).then(|| base.get(..at)).flatten()
        })
    }

    /// The event that a file is named after, and what the file is called: `afterMigrate__grants.sql`.
    fn callback<'a>(&self, base: &'a str) -> Option<(Event, &'a str)> {
        let stem = self.stem(base)?;
        let name = stem.split(self.separator.as_str()).next().unwrap_or(stem);
        Some((event(name)?, stem))
    }

    /// Whether a file is named after one of Flyway's events.
    pub(super) fn is_callback(&self, base: &str) -> bool {
        self.callback(base).is_some()
    }

    /// The schemas that Flyway makes where they are missing; the first stands in front of the search path. Source: Flyway documentation, "Schemas",
    /// "Default Schema".
    pub(crate) fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// What opens a placeholder, where Flyway looks for any; nothing where no file can have one that has a value.
    pub(crate) fn placeholder_start(&self) -> Option<String> {
        let Placeholders { replaced, prefix, separator, values, .. } = &self.placeholders;
        match values.is_empty() {
            _ if !replaced || prefix.is_empty() => None,
            true => Some(format!("{prefix}flyway{separator}")),
            false => Some(prefix.clone()),
        }
    }

    /// Gives placeholders the values that they have in the file of this name.
    pub(crate) fn define(&self, defines: &mut Defines, file: &str) {
        let Placeholders { prefix, suffix, separator, values, own, .. } = &self.placeholders;
        defines.mark_by(prefix, suffix);
        for (name, value) in values {
            defines.define(&name.to_lowercase(), value.clone());
        }
        for (name, value) in own {
            defines.define(&format!("flyway{separator}{name}").to_lowercase(), value.clone());
        }
        defines.define(&format!("flyway{separator}filename"), split_path(file).1.to_owned());
    }

    /// The version in a file's name, as written; repeatable migrations have none.
    pub(crate) fn version_in<'a>(&self, base: &'a str) -> Option<&'a str> {
        self.read(base).map(|name| name.number).filter(|number| !number.is_empty())
    }

    /// What a migration of this version is called.
    pub(crate) fn file_name(&self, version: &str, description: &str) -> String {
        let prefix = self.prefixes.iter().find(|(_, kind)| *kind == b'V').map_or("", |(prefix, _)| prefix);
        let suffix = self.suffixes.first().map_or("", String::as_str);
        format!("{prefix}{version}{}{description}{suffix}", self.separator)
    }

    /// Whether a name is one of Flyway's and of no other tool's: with a description behind the separator.
    pub(super) fn is_sign(&self, base: &str) -> bool {
        self.read(base).is_some_and(|name| !name.description.is_empty())
    }
}

/// `flyway.conf`, `flyway.toml`, and what is set for one's own use beside them.
pub(super) fn is_settings(name: &str) -> bool {
    matches!(split_path(name).1, "flyway.conf" | "flyway.toml" | "flyway.user.toml")
}

/// Whether a file has settings of Flyway: one of its own, or one of the application that speaks of it.
fn is_flyways(file: &ControlFile, control: &[ControlFile]) -> bool {
    is_settings(&file.name) || (framework::is_application(&file.name) && !framework::settings(file, control).is_empty())
}

/// The value of a setting, and the words of one that is a list.
struct Setting {
    text: String,
    words: Vec<String>,
}

impl Setting {
    fn of_text(text: &str) -> Self {
        Self { text: text.trim().to_owned(), words: text.split(',').map(|w| w.trim().to_owned()).collect() }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Text(text) => Self::of_text(text),
            Value::Boolean(on) => Self::of_text(if *on { "true" } else { "false" }),
            Value::Array(items) => {
                let text = |value: &Value| match value {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                };
                let words: Vec<String> = items.iter().filter_map(|i| text(&i.value)).collect();
                Self { text: words.join(","), words }
            }
            _ => Self::of_text(""),
        }
    }
}

/// The settings of a file. A `.conf` is a file of Java's properties, where whatever stands behind `=` is the value; a `.toml` has them in its table
/// `flyway`, and those of the connection in its table `environments`.
fn settings(file: &ControlFile, control: &[ControlFile]) -> Vec<(String, Setting)> {
    if framework::is_application(&file.name) {
        return framework::settings(file, control)
            .into_iter()
            .map(|(key, text)| (key, Setting::of_text(&text)))
            .collect();
    }
    if !file.name.ends_with(".toml") {
        let of_line = |line: &str| {
            let (key, value) = line.split_once('=')?;
            let key = key.trim();
            Some((key.strip_prefix("flyway.").unwrap_or(key).to_owned(), Setting::of_text(value)))
        };
        return file.text.lines().filter_map(of_line).collect();
    }
    let root = toml::read(&file.text).0;
    let table = |value: Option<&Value>| match value {
        Some(Value::Table(table)) => Some(table.clone()),
        _ => None,
    };
    let own = table(root.get("flyway"));
    let first = table(root.get("environments")).and_then(|all| table(all.entries.first().map(|e| &e.item.value)));
    let mut out = Vec::new();
    for entry in [Some(root), first, own].into_iter().flatten().flat_map(|table| table.entries) {
        match (entry.key.as_str(), &entry.item.value) {
            ("placeholders", Value::Table(values)) => {
                let name = |key: &str| format!("placeholders.{key}");
                out.extend(values.entries.iter().map(|e| (name(&e.key), Setting::of_value(&e.item.value))));
            }
            (_, value) => out.push((entry.key.clone(), Setting::of_value(value))),
        }
    }
    out
}

/// `^([U|V])(\d+(?:\.\d+)?)__(\w+)\.sql$`: `U` is unversioned here, no way back. A version with a point fits and is then refused as a number.
pub(super) fn is_refinery_name(base: &str) -> bool {
    let Some((head, name)) = base.strip_suffix(".sql").and_then(|stem| stem.split_once("__")) else { return false };
    let number = head.strip_prefix(['U', 'V']).unwrap_or_default();
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// The parts of a Flyway version without leading zeros; parts of zero at the end say nothing (`1` = `1.0`).
fn version_parts(version: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = version.split(['.', '_']).map(|p| p.trim_start_matches('0')).collect();
    while parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    parts
}

/// As no version ends in a zero here, one that goes on is the greater.
fn compare_versions(a: &[&str], b: &[&str]) -> Ordering {
    compare_parts(a.iter().copied(), b.iter().copied())
}

/// Versioned migrations by version, then repeatable ones by description; the newest baseline stands for every version up to its own.
pub(super) fn plan(entries: &[Entry<'_>], naming: &Naming, left_out: &mut Vec<(usize, String)>) -> Vec<Planned> {
    let mut named: Vec<(FlywayName<'_>, &Entry<'_>)> =
        entries.iter().filter_map(|e| Some((naming.read(e.base)?, e))).collect();
    named.order_by(|(a, x), (b, y)| {
        (a.kind == b'R')
            .cmp(&(b.kind == b'R'))
            .then_with(|| compare_versions(&a.version, &b.version))
            .then_with(|| if a.kind == b'R' { a.description.cmp(b.description) } else { Ordering::Equal })
            .then_with(|| x.name.cmp(y.name))
    });
    let baseline = named.iter().rev().find(|(n, _)| n.kind == b'B').map(|(n, _)| n.version.clone());
    let mut undo: BTreeMap<&[&str], usize> =
        named.iter().filter(|(n, _)| n.kind == b'U').map(|(n, e)| (n.version.as_slice(), e.index)).collect();
    let mut revisions: Vec<Planned> = Vec::new();
    for (name, entry) in named.iter().filter(|(n, _)| n.kind != b'U') {
        let down = if name.kind == b'V' { undo.remove(name.version.as_slice()) } else { None };
        if let Some(base) = &baseline
            && name.kind != b'R'
        {
            let order = compare_versions(&name.version, base);
            if order == Ordering::Less || (order == Ordering::Equal && name.kind == b'V') {
                left_out.push((entry.index, "a later baseline stands for them".to_owned()));
                left_out
                    .extend(down.map(|index| (index, "a later baseline stands for what they take back".to_owned())));
                continue;
            }
        }
        let id = if name.kind == b'R' { format!("R__{}", name.description) } else { name.written.to_owned() };
        revisions.push(Planned { id, up: entry.index, down, ..Planned::default() });
    }
    callbacks(entries, naming, &mut revisions, left_out);
    left_out.extend(undo.into_values().map(|index| (index, UNPAIRED.to_owned())));
    revisions
}

/// Puts SQL callbacks where Flyway runs them: those of one event by their names.
fn callbacks(
    entries: &[Entry<'_>],
    naming: &Naming,
    revisions: &mut Vec<Planned>,
    left_out: &mut Vec<(usize, String)>,
) {
    let mut found: Vec<(Event, &str, usize)> = Vec::new();
    for entry in entries {
        match naming.callback(entry.base) {
            Some((Event::Never, _)) => {
                left_out.push((entry.index, "Flyway runs them at other events than a migration's".to_owned()));
            }
            Some((event, stem)) => found.push((event, stem, entry.index)),
            None => {}
        }
    }
    found.order();
    let of_each =
        |event: Event| found.iter().filter(|(e, ..)| *e == event).map(|(.., index)| *index).collect::<Vec<_>>();
    let (before, after) = (of_each(Event::BeforeEach), of_each(Event::AfterEach));
    for revision in revisions.iter_mut() {
        revision.before.clone_from(&before);
        revision.after.clone_from(&after);
    }
    let once = |test: fn(Event) -> bool| {
        let of_event = found.iter().filter(|(event, ..)| test(*event));
        of_event.map(|(_, id, up)| Planned { id: (*id).to_owned(), up: *up, ..Planned::default() }).collect::<Vec<_>>()
    };
    let repeatables = revisions.iter().position(|r| r.id.starts_with("R__")).unwrap_or(revisions.len());
    revisions.splice(repeatables..repeatables, once(|event| matches!(event, Event::Between(_))));
    revisions.splice(0..0, once(|event| matches!(event, Event::Before(_))));
    revisions.extend(once(|event| matches!(event, Event::After(_))));
}

pub(super) const UNPAIRED: &str = "they take back migrations that are not among the files";
