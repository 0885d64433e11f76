//! From the report's data to its chapters. Every count that a chapter shows is the length of a list that the data or the chapter has, so that all forms
//! of the report tell the same numbers.

mod catalogue;
mod findings;
mod overview;
mod plan;
mod short;
mod structure;
mod tenancy;

use std::collections::BTreeMap;

pub(super) use short::short;

use super::build::table_of;
use super::doc::{Block, Chapter, Document, Rich, Row, SHOWN, Table, folding};
use super::model::{FindingEntry, ObjectEntry, Report, RuleGroup, TableEntry, TargetComparison, TargetReport};
use super::options::{ReportOptions, Section};
use super::words;
use crate::finding::Severity;
use crate::rules::Category;
use crate::source::Location;

/// What the document is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Html,
    Markdown,
    Text,
}

/// The whole report.
pub(super) fn document(report: &Report, options: &ReportOptions<'_>, form: Form) -> Document {
    let mut document = cover(report, options);
    let several = report.targets.len() > 1;
    let mut chapters = Vec::new();
    let mut add = |composer: &Composer<'_>, section: Section| {
        if options.shows(section) {
            chapters.extend(composer.chapter(section));
        }
    };
    if several || report.targets.is_empty() {
        add(&Composer::of_none(report, options, form), Section::Reading);
    }
    for (at, target) in report.targets.iter().enumerate() {
        let prefix = if several { format!("t{}-", at + 1) } else { String::new() };
        let composer = Composer::new(report, options, form, target, prefix);
        for section in Section::ALL.iter().filter(|s| !(several && **s == Section::Reading) && **s != Section::Limits) {
            add(&composer, *section);
        }
    }
    add(&Composer::of_none(report, options, form), Section::Limits);
    document.chapters = chapters;
    document
}

fn cover(report: &Report, options: &ReportOptions<'_>) -> Document {
    let mut cover: Vec<(String, Rich)> = report
        .targets
        .iter()
        .map(|target| {
            let line = Rich::of(format!("{}, {}, layout ", words::database(target), words::role(target)))
                .code(target.layout.as_str())
                .text(format!(", {}", words::count(target.files.len() as u64, "file", "files")));
            // Of several the folder tells which.
            let told = report.targets.len() > 1 && !target.root.is_empty();
            let line = if told { line.text(" in ").code(target.root.as_str()) } else { line };
            (target.id.clone(), line)
        })
        .collect();
    cover.extend(["Date", "Prepared by"].map(|label| (label.to_owned(), Rich::default())));
    Document {
        title: options.title.clone().filter(|t| !t.trim().is_empty()).unwrap_or_else(|| report.project.clone()),
        logo: options.image().map(str::to_owned),
        cover,
        verdict: words::verdict(report),
        note: options.note.clone().filter(|n| !n.trim().is_empty()),
        chapters: Vec::new(),
        footer: format!(
            "Made by Relata {} from files alone. Lines and columns count from 1.",
            report.generator.version
        ),
    }
}

/// From this many tables on, lists that the chapter about tables has as well are left to it.
const MANY: usize = 200;

/// Makes the chapters of one target.
struct Composer<'a> {
    report: &'a Report,
    options: &'a ReportOptions<'a>,
    form: Form,
    /// Nothing for chapters about the whole.
    target: Option<&'a TargetReport>,
    /// What stands before ids, so that those of several targets differ.
    prefix: String,
    /// Places of tables by path.
    tables: BTreeMap<&'a str, usize>,
    /// What changed since an older state, where the report was given one.
    compared: Option<&'a TargetComparison>,
}

impl<'a> Composer<'a> {
    fn of_none(report: &'a Report, options: &'a ReportOptions<'a>, form: Form) -> Self {
        Self { report, options, form, target: None, prefix: String::new(), tables: BTreeMap::new(), compared: None }
    }

    fn new(
        report: &'a Report,
        options: &'a ReportOptions<'a>,
        form: Form,
        target: &'a TargetReport,
        prefix: String,
    ) -> Self {
        let tables = target.tables.iter().enumerate().map(|(at, t)| (t.path.as_str(), at)).collect();
        let compared = report.compared(&target.id);
        Self { report, options, form, target: Some(target), prefix, tables, compared }
    }

    /// A chapter with its line in the table of contents; `None` where it has nothing to say at all.
    fn chapter(&self, section: Section) -> Option<Chapter> {
        let (size, blocks) = match (section, self.target) {
            (Section::Reading, target) => self.reading(target),
            (Section::Limits, _) => self.limits(),
            (_, None) => return None,
            (section, Some(t)) => match section {
                Section::Summary => self.summary(t),
                Section::Changes => self.changes(t)?,
                Section::History => self.history(t),
                Section::Glance => self.glance(t),
                Section::Diagram => self.diagram(t)?,
                Section::Compliance => self.compliance(t)?,
                Section::Types => self.column_types(t),
                Section::Indexes => self.indexes(t),
                Section::References => self.references(t),
                Section::Constraints => self.constraints(t),
                Section::Nulls => self.nulls(t),
                Section::Tenancy => self.tenancy(t),
                Section::RowSecurity => self.row_security(t),
                Section::Performance => self.performance(t),
                Section::Storage => self.storage(t),
                Section::Integrity => self.integrity(t),
                Section::Findings => self.findings(t),
                Section::Strengths => self.strengths(t),
                Section::Risks => self.risks(t),
                Section::Plan => self.plan(t)?,
                Section::Monitoring => self.monitoring(t)?,
                Section::Tables => self.tables(t),
                Section::Views => self.views(t),
                Section::UserTypes => self.types(t),
                Section::Functions => self.functions(t),
                Section::Checked => self.checked(t),
                Section::Reading | Section::Limits => return None,
            },
        };
        let of = self.target.filter(|_| !self.prefix.is_empty()).map(|t| t.id.clone());
        Some(Chapter { id: self.id(section.name()), title: section.title(), of, size, blocks })
    }

    /// An id of this target.
    fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A number that links to the chapter or place with what it counts.
    fn number(&self, n: impl Into<u64>, anchor: &str) -> Rich {
        Rich::default().link(self.id(anchor), words::thousands(n.into()).into())
    }

    /// `3 findings` as a link.
    fn counted(&self, n: impl Into<u64>, one: &str, many: &str, anchor: &str) -> Rich {
        Rich::default().link(self.id(anchor), words::count(n, one, many).into())
    }

    /// `F12` as a link.
    fn finding_link(&self, at: u32) -> Rich {
        let number = at.saturating_add(1);
        Rich::default().link(self.id(&format!("f{number}")), self.finding_name(at).into())
    }

    /// What a finding is called: with several targets the name says whose it is.
    fn finding_name(&self, at: u32) -> String {
        let number = at.saturating_add(1);
        match self.target.filter(|_| !self.prefix.is_empty() && self.form != Form::Html) {
            Some(target) => format!("{}-F{number}", target.id),
            None => format!("F{number}"),
        }
    }

    /// The first findings of a list as links, and how many there are besides.
    fn finding_links(&self, findings: &[u32], most: usize) -> Rich {
        let listed = findings.iter().take(most).map(|at| self.finding_link(*at));
        let mut all = Rich::joined(listed, ", ");
        if findings.len() > most {
            all = all.text(format!(" and {} more", words::thousands((findings.len() - most) as u64)));
        }
        all
    }

    /// A rule's name as a link to its findings.
    fn rule_link(&self, group: &RuleGroup) -> Rich {
        Rich::default().link(self.group_id(group.severity, group.rule), Rich::just_code(group.rule))
    }

    fn group_id(&self, severity: Severity, rule: &str) -> String {
        self.id(&format!("{severity}-{rule}"))
    }

    fn table_link(&self, path: &str) -> Rich {
        self.link_to_table(path, Rich::just_code(path))
    }

    fn link_to_table(&self, path: &str, text: Rich) -> Rich {
        match self.tables.get(path) {
            Some(at) => Rich::default().link(self.id(&format!("r{}", at + 1)), text),
            None => text,
        }
    }

    /// An object's path, linked to its table.
    fn object(&self, object: &ObjectEntry) -> Rich {
        self.link_to_table(table_of(object), Rich::just_code(&*object.path))
    }

    /// A place in a file, linked to the repository where the report knows one.
    fn place(&self, location: &Location) -> Rich {
        let text = Rich::just_code(words::place(location));
        match self.options.url(location) {
            Some(url) => Rich(vec![super::doc::Inline::Link(super::doc::Link::Url(url), text)]),
            None => text,
        }
    }

    /// A place as someone reads it who has another at hand: `line 12` of the same file; the file too where it is another.
    fn near(&self, location: Option<&Location>, of: &Location) -> Option<Rich> {
        let location = location?;
        if location.file != of.file {
            return Some(self.place(location));
        }
        let text = Rich::of(format!("line {}", location.line));
        Some(match self.options.url(location) {
            Some(url) => Rich(vec![super::doc::Inline::Link(super::doc::Link::Url(url), text)]),
            None => text,
        })
    }

    /// A table whose last column says where each stands. With many tables the chapter about tables alone says so.
    fn placed(&self, columns: &[&'static str], mut list: Vec<Vec<Rich>>, one: &str, many: &str) -> Block {
        if self.tables.len() < MANY {
            return rows(columns, list, one, many);
        }
        list.iter_mut().for_each(|row| row.truncate(columns.len().saturating_sub(1)));
        rows(columns.split_last().map_or(columns, |(_, others)| others), list, one, many)
    }

    /// The place of a part of a table in a list that names the table, whose entry names its file.
    fn beside(&self, location: Option<&Location>, table: &TableEntry) -> Rich {
        self.near(location, &table.location).unwrap_or_default()
    }

    /// A place; nothing where no file has it.
    fn made(&self, location: Option<&Location>) -> Rich {
        location.map(|l| self.place(l)).unwrap_or_default()
    }

    fn file(&self, name: &str) -> Rich {
        self.file_from("", name)
    }

    /// A file by its path from a folder on.
    fn file_from(&self, folder: &str, name: &str) -> Rich {
        let text = Rich::just_code(name.strip_prefix(folder).unwrap_or(name));
        match self.options.file_url(name, None) {
            Some(url) => Rich(vec![super::doc::Inline::Link(super::doc::Link::Url(url), text)]),
            None => text,
        }
    }

    /// Whether a finding is listed one by one.
    fn lists(&self, finding: &FindingEntry) -> bool {
        finding.severity <= self.options.least
    }

    /// The rules of some kind that found something, one line each; where none did, a line that says on what that rests.
    fn rules_of(&self, target: &TargetReport, of: &dyn Fn(Category, &str) -> bool) -> Block {
        let groups: Vec<&RuleGroup> = target.groups.iter().filter(|g| of(g.category, g.rule)).collect();
        if groups.is_empty() {
            let ran: Vec<_> = target.checked.iter().filter(|c| of(c.category, c.rule)).collect();
            if ran.is_empty() {
                return Block::Small("No rule of this kind ran.".into());
            }
            let checks: u64 = ran.iter().map(|c| u64::from(c.objects)).sum();
            let text = Rich::default()
                .link(self.id(Section::Checked.name()), words::count(ran.len() as u64, "rule", "rules").into())
                .text(format!(" made {} here and found nothing.", words::count(checks, "check", "checks")));
            return Block::Paragraph(text);
        }
        let rows = groups.iter().map(|group| {
            vec![
                self.rule_link(group),
                Rich::default().severity(group.severity),
                Rich::default().link(
                    self.group_id(group.severity, group.rule),
                    words::thousands(group.findings.len() as u64).into(),
                ),
                Rich::default().prose(group.summary, &[]),
            ]
        });
        let Block::Table(table) = Block::table(&["Rule", "Worst", "#Findings", "What it flags"], rows) else {
            return Block::List(Vec::new());
        };
        folding(table, "rule", "rules")
    }

    /// A list of tables by name, folded where it is long.
    fn table_list(&self, paths: &[&str]) -> Vec<Block> {
        let links = |paths: &[&str]| Rich::joined(paths.iter().map(|p| self.table_link(p)), ", ");
        if paths.is_empty() {
            Vec::new()
        } else if paths.len() <= SHOWN {
            vec![Block::Small(links(paths))]
        } else {
            let n = words::count(paths.len() as u64, "table", "tables");
            vec![Block::Fold(n.into(), vec![Block::Small(links(paths))])]
        }
    }
}

/// A table of these columns, folded where it is long.
fn rows(columns: &[&'static str], rows: Vec<Vec<Rich>>, one: &str, many: &str) -> Block {
    folding(Table { columns: columns.to_vec(), rows: rows.into_iter().map(Row::of).collect() }, one, many)
}

fn size(n: usize) -> String {
    words::thousands(n as u64)
}
