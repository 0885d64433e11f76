//! From the text of a `relata.toml` to a [`Policy`], and every mistake with its place.

use std::ops::Range;

use super::keys::{self, Key, Kind};
use super::pattern::{Glob, NamePattern, nearest};
use super::waivers::Waiver;
use super::{ColumnPin, FailOn, Level, Policy, RuleSetting, severity};
use crate::history::layout::Layout;
use crate::problem::{Problem, ProblemKind};
use crate::rules;
use crate::source::{FileId, Span};
use crate::toml::{self, Entry, Item, Table, Value};

/// Waivers of one file; each is compared with each finding.
pub(super) const MAX_WAIVERS: usize = 5_000;

/// Reads the text of `file`. What is wrong costs its own key.
pub(crate) fn read(text: &str, file: FileId) -> (Policy, Vec<Waiver>, Vec<Problem>) {
    let mut reader = Reader { file, problems: Vec::new() };
    let (table, errors) = toml::read(text);
    for error in errors {
        reader.problem(error.at, format!("{}.", error.message));
    }
    let mut policy = Policy::default();
    let mut waivers = Vec::new();
    for (key, item) in reader.known(&table, keys::TOP, "") {
        reader.top(key, item, &mut policy, &mut waivers);
    }
    reader.contradictions(&table, &policy);
    (policy, waivers, reader.problems)
}

struct Reader {
    file: FileId,
    problems: Vec<Problem>,
}

impl Reader {
    fn span(&self, at: &Range<usize>) -> Span {
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span::new(self.file, offset(at.start), offset(at.end))
    }

    fn problem(&mut self, at: Range<usize>, message: String) {
        let mut message = message;
        if let Some(first) = message.get(..1).map(str::to_uppercase) {
            message.replace_range(..1, &first);
        }
        let span = Some(self.span(&at));
        self.problems.push(Problem { kind: ProblemKind::BadSetting, message, span });
    }

    /// The entries whose keys are known; the others are told with the nearest key.
    fn known<'t>(&mut self, table: &'t Table, keys: &'static [Key], within: &str) -> Vec<(&'static Key, &'t Item)> {
        let mut out = Vec::new();
        for entry in &table.entries {
            match keys.iter().find(|k| k.name == entry.key) {
                Some(key) => out.push((key, &entry.item)),
                None => self.unknown(entry, keys.iter().map(|k| k.name), within),
            }
        }
        out
    }

    fn unknown(&mut self, entry: &Entry, keys: impl Iterator<Item = &'static str> + Clone, within: &str) {
        let what = if within == "[rules]" { "is no rule" } else { "is no key" };
        let place = if within.is_empty() { String::new() } else { format!(" of {within}") };
        let place = if within == "[rules]" { String::new() } else { place };
        let hint = match nearest(&entry.key, keys.clone()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if within == "[rules]" => "; `relata rules` lists them.".to_owned(),
            None => {
                let all: Vec<&str> = keys.collect();
                format!("; there are {}.", all.join(", "))
            }
        };
        self.problem(entry.key_at.clone(), format!("`{}` {what}{place}{hint}", entry.key));
    }

    fn top(&mut self, key: &'static Key, item: &Item, policy: &mut Policy, waivers: &mut Vec<Waiver>) {
        match (key.name, key.kind) {
            ("fail-on", _) => policy.fail_on = self.word(key, item).and_then(FailOn::from_word),
            ("server-version", _) => {
                policy.server_version = self.number(key, item).and_then(|n| u16::try_from(n).ok());
            }
            ("exposed-schemas", _) => {
                policy.exposed_schemas = self.texts(key, item).map(|t| t.into_iter().map(|(t, _)| t).collect());
            }
            ("runner", _) => policy.runner = self.layout(key, item),
            ("ignore-tables", _) => {
                let texts = self.texts(key, item).unwrap_or_default();
                policy.ignored_tables = texts.iter().map(|(t, _)| Glob::of_object(t)).collect();
            }
            ("rules", _) => {
                if let Some(table) = self.table(key, item) {
                    self.rules(table, policy);
                }
            }
            ("conventions", Kind::Table(keys)) => {
                if let Some(table) = self.table(key, item) {
                    for (key, item) in self.known(table, keys, "[conventions]") {
                        self.convention(key, item, policy);
                    }
                }
            }
            ("waivers", Kind::Tables(keys)) => {
                let Value::Array(items) = &item.value else {
                    return self.wrong(key, item, "tables with the header [[waivers]]");
                };
                for item in items {
                    if waivers.len() >= MAX_WAIVERS {
                        let message = format!("there are more than {MAX_WAIVERS} waivers; the rest was not read.");
                        self.problem(item.at.clone(), message);
                        break;
                    }
                    if let Some(table) = self.table(key, item) {
                        waivers.extend(self.waiver(table, keys, item));
                    }
                }
            }
            _ => {}
        }
    }

    fn convention(&mut self, key: &'static Key, item: &Item, policy: &mut Policy) {
        let pins = &mut policy.conventions;
        if pins.columns().iter().any(|(name, _)| *name == key.name) {
            pins.columns_at.insert(key.name, self.span(&item.at));
        }
        match (key.name, key.kind) {
            ("tenant-key", _) => pins.tenant_key = self.column(key, item),
            ("tenant-root", _) => pins.tenant_root = self.text(key, item),
            ("created-at", _) => pins.created_at = self.column(key, item),
            ("updated-at", _) => pins.updated_at = self.column(key, item),
            ("updated-at-by", _) => pins.updated_at_by = self.word(key, item),
            ("soft-delete", _) => pins.soft_delete = self.column(key, item),
            ("audit-columns", _) => {
                pins.audit_columns = self.texts(key, item).into_iter().flatten().map(|(t, _)| t).collect();
            }
            ("primary-key-type", _) => pins.primary_key_type = self.text(key, item),
            ("timestamp-type", _) => pins.timestamp_type = self.word(key, item),
            ("enum-strategy", _) => pins.enum_strategy = self.word(key, item),
            ("money-type", _) => pins.money_type = self.text(key, item),
            ("score-type", _) => pins.score_type = self.text(key, item),
            (_, Kind::Table(keys)) => {
                if let Some(table) = self.table(key, item) {
                    for (key, item) in self.known(table, keys, "[conventions.naming]") {
                        match key.kind {
                            Kind::Pattern => {
                                let pattern = self.pattern(key, item);
                                policy.conventions.naming.extend(pattern.map(|p| (key.name, p)));
                            }
                            _ => policy.conventions.table_number = self.word(key, item),
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn rules(&mut self, table: &Table, policy: &mut Policy) {
        for entry in &table.entries {
            let Some(rule) = rules::find(&entry.key) else {
                self.unknown(entry, rules::REGISTRY.iter().map(|r| r.name), "[rules]");
                continue;
            };
            let mut setting = RuleSetting::default();
            match &entry.item.value {
                Value::Table(table) => self.rule(rule.name, table, &mut setting),
                _ => setting.level = self.word(&keys::LEVEL, &entry.item).and_then(level),
            }
            policy.rules.insert(rule.name, setting);
        }
    }

    fn rule(&mut self, rule: &'static str, table: &Table, setting: &mut RuleSetting) {
        for entry in &table.entries {
            if entry.key == keys::LEVEL.name {
                setting.level = self.word(&keys::LEVEL, &entry.item).and_then(level);
                continue;
            }
            let Some(parameter) = keys::parameters(rule).find(|p| p.key.name == entry.key) else {
                let keys: Vec<&str> = keys::parameters(rule).map(|p| p.key.name).chain([keys::LEVEL.name]).collect();
                self.unknown(entry, keys.iter().copied(), &format!("[rules.{rule}]"));
                continue;
            };
            let key = &parameter.key;
            match key.kind {
                Kind::Patterns => {
                    let Value::Array(items) = &entry.item.value else {
                        self.wrong(key, &entry.item, "a list of patterns");
                        continue;
                    };
                    let patterns = items.iter().filter_map(|i| self.pattern(key, i)).collect();
                    setting.patterns.insert(key.name, patterns);
                }
                _ => setting.numbers.extend(self.number(key, &entry.item).map(|n| (key.name, n))),
            }
        }
        if setting.level == Some(Level::Off)
            && let Some(other) = table.entries.iter().find(|e| e.key != keys::LEVEL.name)
        {
            let message = format!("`{}` has no effect: `{rule}` is off.", other.key);
            self.problem(other.key_at.clone(), message);
        }
    }

    fn waiver(&mut self, table: &Table, keys: &'static [Key], item: &Item) -> Option<Waiver> {
        let before = self.problems.len();
        let mut waiver = Waiver { source: Some(self.span(&item.at)), ..Waiver::default() };
        for (key, item) in self.known(table, keys, "[[waivers]]") {
            match key.name {
                "rule" => waiver.rule = self.rule_name(key, item),
                "object" => waiver.object = self.text(key, item).map(|t| Glob::of_object(&t)),
                "path" => waiver.path = self.text(key, item).map(|t| Glob::of_path(&t)),
                "fingerprint" => waiver.fingerprint = self.fingerprint(key, item),
                "reason" => waiver.reason = self.text(key, item).unwrap_or_default(),
                _ => waiver.until = self.day(key, item),
            }
        }
        if self.problems.len() > before {
            return None;
        }
        if waiver.reason.is_empty() {
            self.problem(
                item.at.clone(),
                "a waiver needs its `reason`: whoever reads it later has to know why.".into(),
            );
            return None;
        }
        if waiver.is_for_everything() {
            let message = "a waiver says what it is for: `rule`, `object`, `path` or `fingerprint`.";
            self.problem(item.at.clone(), message.into());
            return None;
        }
        Some(waiver)
    }

    fn rule_name(&mut self, key: &'static Key, item: &Item) -> Option<&'static str> {
        let name = self.text(key, item)?;
        let rule = rules::find(&name);
        if rule.is_none() {
            self.problem(item.at.clone(), no_rule(&name));
        }
        rule.map(|r| r.name)
    }

    fn fingerprint(&mut self, key: &'static Key, item: &Item) -> Option<String> {
        let text = self.text(key, item)?;
        let right = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !right {
            self.problem(item.at.clone(), format!("`{text}` is no fingerprint: 16 digits and letters from a to f."));
        }
        right.then_some(text)
    }

    /// What stands against each other.
    fn contradictions(&mut self, table: &Table, policy: &Policy) {
        let pins = &policy.conventions;
        let place = |key: &str| place(table, &["conventions", key]);
        let mut found: Vec<(Range<usize>, String)> = Vec::new();
        if pins.tenant_key == Some(ColumnPin::None) && pins.tenant_root.is_some() {
            found.push((place("tenant-root"), "`tenant-root` contradicts `tenant-key = \"none\"`.".into()));
        }
        if pins.updated_at == Some(ColumnPin::None) && pins.updated_at_by.is_some() {
            found.push((place("updated-at-by"), "`updated-at-by` contradicts `updated-at = \"none\"`.".into()));
        }
        let columns = pins.columns();
        for (n, (key, pin)) in columns.iter().enumerate() {
            let Some(ColumnPin::Named(column)) = pin else { continue };
            if let Some((other, _)) = columns.iter().take(n).find(|(_, p)| *p == *pin) {
                found.push((place(key), format!("`{column}` is `{other}` already.")));
            }
        }
        // Every table must have them, and the schema has no such thing.
        for (key, pin) in columns {
            if *pin == Some(ColumnPin::None)
                && let Some(column) =
                    pins.audit_columns.iter().find(|c| crate::infer::names_of(key).contains(&c.as_str()))
            {
                found.push((
                    place("audit-columns"),
                    format!("`{column}` in `audit-columns` contradicts `{key} = \"none\"`."),
                ));
            }
        }
        if !pins.audit_columns.is_empty() && policy.level("audit-columns-missing") == Some(Level::Off) {
            let message = "`audit-columns` has no effect: `audit-columns-missing` is off.";
            found.push((place("audit-columns"), message.into()));
        }
        for (at, message) in found {
            self.problem(at, message);
        }
    }

    fn wrong(&mut self, key: &Key, item: &Item, wanted: &str) {
        let message = format!("`{}` takes {wanted}, not {}.", key.name, item.value.kind());
        self.problem(item.at.clone(), message);
    }

    fn table<'t>(&mut self, key: &Key, item: &'t Item) -> Option<&'t Table> {
        match &item.value {
            Value::Table(table) => Some(table),
            _ => {
                self.wrong(key, item, "a table");
                None
            }
        }
    }

    fn text(&mut self, key: &Key, item: &Item) -> Option<String> {
        match &item.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Text(_) => {
                self.problem(item.at.clone(), format!("`{}` is empty.", key.name));
                None
            }
            _ => {
                self.wrong(key, item, "a text in quotes");
                None
            }
        }
    }

    fn column(&mut self, key: &Key, item: &Item) -> Option<ColumnPin> {
        self.text(key, item).map(|t| if t == "none" { ColumnPin::None } else { ColumnPin::Named(t) })
    }

    fn texts(&mut self, key: &Key, item: &Item) -> Option<Vec<(String, Range<usize>)>> {
        let Value::Array(items) = &item.value else {
            self.wrong(key, item, "a list of texts");
            return None;
        };
        Some(items.iter().filter_map(|i| Some((self.text(key, i)?, i.at.clone()))).collect())
    }

    fn word(&mut self, key: &Key, item: &Item) -> Option<&'static str> {
        let Kind::Word(words) = key.kind else { return None };
        let text = self.text(key, item)?;
        let word = words.iter().copied().find(|w| *w == text);
        if word.is_none() {
            let hint = nearest(&text, words.iter().copied()).map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
            self.problem(item.at.clone(), format!("`{text}` is none of {}.{hint}", words.join(", ")));
        }
        word
    }

    fn layout(&mut self, key: &Key, item: &Item) -> Option<Layout> {
        let text = self.text(key, item)?;
        let layout = Layout::from_name(&text);
        if layout.is_none() {
            let words: Vec<&str> = Layout::CHOICES.iter().map(|l| l.name()).collect();
            let hint = nearest(&text, words.iter().copied()).map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
            self.problem(item.at.clone(), format!("`{text}` is none of {}.{hint}", words.join(", ")));
        }
        layout
    }

    fn number(&mut self, key: &Key, item: &Item) -> Option<u32> {
        let Kind::Number(least, most) = key.kind else { return None };
        match &item.value {
            Value::Integer(n) => {
                let number = u32::try_from(*n).ok().filter(|n| (least..=most).contains(n));
                if number.is_none() {
                    self.problem(item.at.clone(), format!("`{}` is a number from {least} to {most}.", key.name));
                }
                number
            }
            _ => {
                self.wrong(key, item, "a whole number");
                None
            }
        }
    }

    fn day(&mut self, key: &Key, item: &Item) -> Option<super::Date> {
        let day = match &item.value {
            Value::Date(date) => Some(*date),
            Value::Text(text) => super::Date::parse(text),
            _ => None,
        };
        if day.is_none() {
            self.wrong(key, item, "a day such as 2026-12-31");
        }
        day
    }

    fn pattern(&mut self, key: &Key, item: &Item) -> Option<NamePattern> {
        let text = self.text(key, item)?;
        NamePattern::parse(&text)
            .map_err(|(message, at)| {
                let shown = text.get(at..).unwrap_or_default();
                let place = if shown.is_empty() { " at its end".to_owned() } else { format!(" at `{shown}`") };
                self.problem(item.at.clone(), format!("`{text}` is no pattern: {message}{place}."));
            })
            .ok()
    }
}

/// The place of a key, by its path.
fn place(table: &Table, path: &[&str]) -> Range<usize> {
    let mut table = table;
    let mut at = 0..0;
    for key in path {
        let Some(entry) = table.entries.iter().find(|e| e.key == *key) else { return at };
        at = entry.key_at.clone();
        match &entry.item.value {
            Value::Table(inner) => table = inner,
            _ => return at,
        }
    }
    at
}

fn level(word: &str) -> Option<Level> {
    match word {
        "off" => Some(Level::Off),
        "on" => Some(Level::On),
        _ => severity(word).map(Level::Severity),
    }
}

/// That there is no such rule, with the one that was meant.
pub(super) fn no_rule(name: &str) -> String {
    match nearest(name, rules::REGISTRY.iter().map(|r| r.name)) {
        Some(near) => format!("`{name}` is no rule; did you mean `{near}`?"),
        None => format!("`{name}` is no rule; `relata rules` lists them."),
    }
}
