//! What came of it and what it rests on: summary, changes, files, migrations, counts, drawing.

use std::collections::BTreeSet;

use super::{Composer, rows, size};
use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::report::changes::ChangeKind;
use crate::report::doc::{Block, Figure, Rich, Row, Scores, State, Table, folding};
use crate::report::history::Status;
use crate::report::model::{FindingEntry, RuleGroup, TargetComparison, TargetReport};
use crate::report::{escape, words};
use crate::rules::Category;

/// A folder of more bytes than this is told once, not in every row.
const LONG_FOLDER: usize = 16;
/// How many rules the summary names.
const FIRST: usize = 8;

/// The grave groups as a reviewer would read them out: the worst first; of those what can still be repaired before the hazards of migrations that have
/// been run; what is proven before what is likely; then what leaks before what is wrong, and what is wrong before what is slow.
fn first_groups(target: &TargetReport) -> Vec<&RuleGroup> {
    let weight = |group: &RuleGroup| {
        let findings = group.findings.iter().filter_map(|at| target.findings.get(*at as usize));
        let worst = findings.filter(|f| f.severity == group.severity);
        let (mut past, mut certainty) = (true, Certainty::Advisory);
        for finding in worst {
            past &= finding.past;
            certainty = certainty.min(finding.certainty);
        }
        (group.severity, past, certainty, urgency(group.category))
    };
    let mut grave: Vec<&RuleGroup> = target.groups.iter().filter(|g| g.severity <= Severity::High).collect();
    grave.order_by_key(|g| weight(g));
    grave
}

/// The place of a category where all else is equal.
fn urgency(category: Category) -> u8 {
    match category {
        Category::MigrationHistory => 0,
        Category::Security => 1,
        Category::KeysAndReferences => 2,
        Category::ViewsAndFunctions => 3,
        Category::Constraints => 4,
        Category::Partitioning => 5,
        Category::DataLifecycle => 6,
        Category::Indexes => 7,
        Category::Types => 8,
        Category::MigrationSafety => 9,
        Category::Documentation => 10,
        Category::Naming => 11,
    }
}

impl Composer<'_> {
    pub(super) fn summary(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let counts = Severity::ALL
            .iter()
            .map(|s| {
                let n = target.counts.get(*s);
                (*s, if n > 0 { self.number(n, s.name()) } else { words::thousands(0).into() })
            })
            .collect();
        let grade = words::grade(target).map(|(total, grade)| (grade, total));
        let mut blocks = vec![Block::Scores(Scores { grade, counts })];
        let parts = [Some(words::findings(target)), words::score(target), Some(words::coverage(&target.coverage))];
        blocks.push(Block::paragraph(words::sentence(&parts)));
        blocks.extend(self.judged_elsewhere(target).map(Block::paragraph));
        blocks.extend(self.told_before(target).map(Block::paragraph));
        blocks.extend(self.refusals(target).map(Block::Paragraph));
        if let Some(compared) = self.compared {
            blocks.push(Block::Paragraph(self.movement(compared)));
        }
        let first: Vec<Rich> = first_groups(target)
            .into_iter()
            .take(FIRST)
            .map(|g| {
                let n = words::count(g.findings.len() as u64, "finding", "findings");
                // One that is as bad as that is told in its own words.
                let findings = g.findings.iter().filter_map(|at| target.findings.get(*at as usize));
                let worst: Vec<_> = findings.filter(|f| f.severity == g.severity).collect();
                let said = match worst.as_slice() {
                    [only] => Rich::default().prose(&only.message, &names(only)),
                    _ => Rich::default().prose(g.summary, &[]),
                };
                Rich::default()
                    .severity(g.severity)
                    .text(" ")
                    .then(self.rule_link(g))
                    .text(", ")
                    .link(self.group_id(g.severity, g.rule), n.into())
                    .text(". ")
                    .then(said)
            })
            .collect();
        if !first.is_empty() {
            blocks.push(Block::Heading(1, None, "What to look at first".into()));
            blocks.push(Block::List(first));
        }
        if !target.score.categories.is_empty() {
            blocks.push(Block::Heading(1, None, "Score by category".into()));
            blocks.push(self.categories(target));
            blocks.push(Block::Small(Rich::default().prose(&words::total(target), &[])));
            blocks.push(Block::Fold("How the score comes about".into(), vec![Block::Small(words::FORMULA.into())]));
            let gains: Vec<Vec<Rich>> = words::gains(target)
                .map(|(rule, findings, points)| {
                    let group = target.groups.iter().find(|g| g.rule == rule);
                    vec![
                        group.map_or_else(|| Rich::just_code(rule), |g| self.rule_link(g)),
                        match group {
                            Some(g) => Rich::default().link(self.group_id(g.severity, g.rule), findings.into()),
                            None => findings.into(),
                        },
                        points.into(),
                    ]
                })
                .collect();
            if !gains.is_empty() {
                blocks.push(Block::Heading(1, None, "What would raise the score most".into()));
                blocks.push(rows(&["Rule", "To repair", "#Points of the total"], gains, "rule", "rules"));
            }
        }
        (String::new(), blocks)
    }

    fn categories(&self, target: &TargetReport) -> Block {
        let rows = target.score.categories.iter().map(|c| {
            let taken = c.deductions.iter().map(|d| {
                let findings = words::count(d.findings, "finding", "findings");
                let text = Rich::of(format!("{} by ", words::points(d.tenths)));
                match target.groups.iter().find(|g| g.rule == d.rule) {
                    Some(group) => text
                        .code(d.rule)
                        .text(" (")
                        .link(self.group_id(group.severity, group.rule), findings.into())
                        .text(")"),
                    None => text.code(d.rule).text(format!(" ({findings})")),
                }
            });
            let mut all = Rich::default();
            for (at, part) in taken.enumerate() {
                all = if at > 0 { all.line_break().then(part) } else { part };
            }
            vec![
                c.category.title().into(),
                c.score.to_string().into(),
                format!("{} %", c.weight).into(),
                if all.is_empty() { Rich::default().soft("nothing") } else { all },
            ]
        });
        Block::table(&["Category", "#Score of 100", "#Share", "Points taken"], rows)
    }

    /// Which tables of models or a document the history or dump beside them makes: what is wrong with those is told there.
    fn judged_elsewhere(&self, target: &TargetReport) -> Option<String> {
        if !matches!(target.role, "models" | "document") {
            return None;
        }
        let own: BTreeSet<&str> = target.tables.iter().map(|t| t.path.as_str()).collect();
        let made = |other: &TargetReport| other.tables.iter().filter(|t| own.contains(t.path.as_str())).count();
        let others = self.report.targets.iter().filter(|t| matches!(t.role, "history" | "dump"));
        let (other, n) = others.map(|t| (t, made(t))).max_by_key(|(_, n)| *n).filter(|(_, n)| *n > 0)?;
        let tables = words::count(n as u64, "table", "tables");
        Some(format!(
            "{} makes {tables} of these as well, and its findings say what is wrong with them; here stands what is only in the {}, and where both disagree.",
            other.id, target.id
        ))
    }

    /// `151 of them are findings of history, too.` Models and migrations of one schema have most of theirs in common: who repairs it repairs both.
    fn told_before(&self, target: &TargetReport) -> Option<String> {
        // A constraint has a name of its own in each; the column that it is about has not.
        let place = |f: &FindingEntry| {
            let of = f.objects.iter().find(|o| matches!(o.kind, "column" | "table"));
            of.or(f.objects.first()).map(|o| (f.rule, o.path.clone()))
        };
        let counted =
            |t: &TargetReport| t.findings.iter().filter(|f| f.waived.is_none()).filter_map(place).collect::<Vec<_>>();
        let earlier = self.report.targets.iter().take_while(|t| t.id != target.id);
        let own = counted(target);
        let common = |other: &TargetReport| {
            let theirs: BTreeSet<(&str, String)> = counted(other).into_iter().collect();
            own.iter().filter(|f| theirs.contains(f)).count()
        };
        let (other, n) = earlier.map(|t| (t, common(t))).max_by_key(|(_, n)| *n).filter(|(_, n)| *n > 0)?;
        let are = if n == 1 { "is a finding" } else { "are findings" };
        let n = words::thousands(n as u64);
        Some(format!("{n} of them {are} of {}, too: the same rule at the same place of the schema.", other.id))
    }

    /// `PostgreSQL 15 would refuse 9 statements; the runner stops at revision 005 …`.
    fn refusals(&self, target: &TargetReport) -> Option<Rich> {
        let n = target.conflicts.len();
        if n == 0 {
            return None;
        }
        let mut text = Rich::of(format!("{} would refuse ", words::database(target))).then(self.counted(
            n as u64,
            "statement",
            "statements",
            "refused",
        ));
        if let Some(stop) = &target.stops_at {
            text = match target.role == "history" {
                true => text
                    .text("; applied to a new database, the history stops at revision ")
                    .link(self.revision_id(&stop.revision), Rich::just_code(&*stop.revision))
                    .text(", "),
                // What has no revisions is applied as a whole.
                false => text.text("; applied to a new database, it stops at "),
            };
            text = text.then(self.place(&stop.location));
        }
        Some(text.text(". What is said of the schema holds for what is left when they are skipped."))
    }

    /// `Since the base: 3 new, 5 fixed, 20 unchanged; score 70 (C) → 74 (C).`
    pub(super) fn movement(&self, c: &TargetComparison) -> Rich {
        Rich::of("Since the base: ")
            .then(self.counted(c.new.len() as u64, "new finding", "new findings", "new"))
            .text(", ")
            .then(self.counted(c.fixed.len() as u64, "fixed", "fixed", "fixed"))
            .text(format!(
                ", {} unchanged. Score {} → {}.",
                words::thousands(c.unchanged.into()),
                words::scored(c.score_before, c.grade_before),
                words::scored(c.score_after, c.grade_after)
            ))
    }

    pub(super) fn changes(&self, target: &TargetReport) -> Option<(String, Vec<Block>)> {
        let c = self.compared?;
        let mut blocks = vec![Block::Paragraph(self.movement(c))];
        blocks.push(Block::Heading(1, Some(self.id("new")), "New findings".into()));
        if c.new.is_empty() {
            blocks.push(Block::paragraph("None."));
        } else {
            let list = c.new.iter().filter_map(|at| Some((*at, target.findings.get(*at as usize)?))).map(|(at, f)| {
                vec![
                    self.finding_link(at),
                    Rich::default().severity(f.severity),
                    Rich::just_code(f.rule),
                    Rich::default().prose(&f.message, &names(f)),
                ]
            });
            blocks.push(rows(
                &["#Finding", "Severity", "Rule", "What is wrong"],
                list.collect(),
                "new finding",
                "new findings",
            ));
        }
        blocks.push(Block::Heading(1, Some(self.id("fixed")), "Fixed findings".into()));
        if c.fixed.is_empty() {
            blocks.push(Block::paragraph("None."));
        } else {
            let list = c.fixed.iter().map(|f| {
                vec![
                    Rich::default().severity(f.severity),
                    Rich::just_code(f.rule),
                    Rich::just_code(&*f.object),
                    Rich::default().prose(&f.message, &[&f.object]),
                ]
            });
            blocks.push(rows(
                &["Severity", "Rule", "Object", "What was wrong"],
                list.collect(),
                "fixed finding",
                "fixed findings",
            ));
        }
        blocks.push(Block::Heading(1, Some(self.id("schema-changes")), "Changes of the schema".into()));
        if c.changes.is_empty() {
            blocks.push(Block::paragraph("None."));
        } else {
            let list = c.changes.iter().map(|change| {
                let word = match change.change {
                    ChangeKind::Created => "created",
                    ChangeKind::Altered => "altered",
                    ChangeKind::Dropped => "dropped",
                };
                let text = match (&change.before, &change.after) {
                    (Some(before), Some(after)) => Rich::default().sql(before).text(" → ").sql(after),
                    (Some(only), None) | (None, Some(only)) if !only.is_empty() => Rich::default().sql(only),
                    _ => Rich::default(),
                };
                vec![word.into(), change.kind.into(), Rich::just_code(&*change.path), text]
            });
            blocks.push(rows(&["What happened", "Kind", "Object", "Definition"], list.collect(), "change", "changes"));
        }
        Some((size(c.new.len() + c.fixed.len() + c.changes.len()), blocks))
    }

    /// What was read. Files and problems belong to the whole project; where there is one target, what concerns it stands here too.
    pub(super) fn reading(&self, target: Option<&TargetReport>) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        for of in self.report.targets.iter().filter(|t| target.is_none_or(|one| one.id == t.id)) {
            let mut text = Rich::default();
            if target.is_none() {
                text = text.strong(of.id.as_str()).text(": ");
            }
            text = text.text(format!("{}. ", words::coverage(&of.coverage)));
            if let Some(layout) = words::layout(of) {
                text = text.prose(&layout, &[]);
            } else {
                text = text.text("Layout ").code(of.layout.as_str()).text(if of.layout_guessed {
                    ", a guess."
                } else {
                    "."
                });
            }
            if of.layout_guessed {
                text = text.text(" Other tools leave the same signs: ").code("--layout").text(" chooses another.");
            }
            if of.partial {
                text = text
                    .text(" These files change a database that is there: what they do not make was taken for there.");
            }
            blocks.push(Block::Paragraph(text));
        }
        let files = &self.report.files;
        if !files.is_empty() {
            let list = files.iter().map(|f| {
                vec![self.file(&f.name), words::bytes(f.bytes).into(), words::thousands(f.lines.into()).into()]
            });
            blocks.push(rows(&["File", "#Size", "#Lines"], list.collect(), "file", "files"));
        }
        self.problems(&mut blocks);
        for (at, of) in self.report.targets.iter().enumerate().filter(|(_, t)| target.is_none_or(|one| one.id == t.id))
        {
            let prefix = if target.is_none() { format!("t{}-", at + 1) } else { String::new() };
            self.unread(of, &prefix, &mut blocks);
        }
        (words::count(files.len() as u64, "file", "files"), blocks)
    }

    fn problems(&self, blocks: &mut Vec<Block>) {
        let problems = &self.report.problems;
        if problems.is_empty() {
            blocks.push(Block::paragraph("No problem was met while reading."));
            return;
        }
        let n = problems.len() as u64;
        blocks.push(Block::Heading(1, Some("problems".to_owned()), words::count(n, "problem", "problems").into()));
        let items: Vec<Vec<Rich>> = problems
            .iter()
            .map(|p| {
                vec![
                    p.location.as_ref().map_or_else(|| Rich::default().soft("the whole input"), |l| self.place(l)),
                    Rich::default().prose(&p.message, &[]),
                    p.kind.into(),
                ]
            })
            .collect();
        blocks.push(rows(&["Where", "What", "Kind"], items, "problem", "problems"));
    }

    /// Statements that were not understood, and those that the database would refuse.
    fn unread(&self, target: &TargetReport, prefix: &str, blocks: &mut Vec<Block>) {
        let of = if prefix.is_empty() { String::new() } else { format!(" ({})", target.id) };
        if !target.coverage.skipped.is_empty() {
            let n = target.coverage.skipped.len() as u64;
            let head = format!("{} not understood{of}", words::count(n, "statement", "statements"));
            blocks.push(Block::Heading(1, Some(format!("{prefix}skipped")), head.into()));
            let items = target.coverage.skipped.iter().map(|p| {
                vec![
                    p.location.as_ref().map(|l| self.place(l)).unwrap_or_default(),
                    Rich::default().prose(&p.message, &[]),
                ]
            });
            blocks.push(rows(&["Where", "What"], items.collect(), "statement", "statements"));
        }
        if !target.conflicts.is_empty() {
            let n = target.conflicts.len() as u64;
            let head =
                format!("{} would refuse {}{of}", words::database(target), words::count(n, "statement", "statements"));
            blocks.push(Block::Heading(1, Some(format!("{prefix}refused")), head.into()));
            let items = target.conflicts.iter().map(|c| {
                vec![self.place(&c.location), Rich::default().prose(&c.message, &[]), Rich::just_code(c.sqlstate)]
            });
            blocks.push(rows(&["Where", "What", "SQLSTATE"], items.collect(), "statement", "statements"));
        }
    }

    /// The id of a revision's row; the first where several files declare one.
    fn revision_id(&self, revision: &str) -> String {
        let rows = self.target.and_then(|t| t.audit.as_ref()?.inventory.as_ref()).map_or(&[][..], |i| &i.revisions);
        let at = rows.iter().position(|r| r.id == revision).map_or(0, |at| at + 1);
        self.id(&format!("m{at}"))
    }

    /// A revision's name as a link to its row.
    pub(super) fn revision_link(&self, revision: &str) -> Rich {
        Rich::default().link(self.revision_id(revision), Rich::just_code(revision))
    }

    pub(super) fn history(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let Some(inventory) = target.audit.as_ref().and_then(|a| a.inventory.as_ref()) else {
            let what = match target.role {
                "dump" if target.partial => "These are migrations by themselves, without those before them.",
                "dump" => "This is a dump: one state, without the migrations that led to it.",
                "models" => "These are ORM models: one state, without the migrations that led to it.",
                "document" => "This is a document: one state, without migrations.",
                _ => "The inventory of migrations was not asked for.",
            };
            return (String::new(), vec![Block::paragraph(what)]);
        };
        let mut blocks = Vec::new();
        let mut text = words::layout(target).map_or_else(
            || {
                Rich::of(format!("{}, layout ", words::count(target.revisions, "revision", "revisions")))
                    .code(target.layout.as_str())
                    .text(".")
            },
            |layout| Rich::default().prose(&layout, &[]),
        );
        let no_way_back = inventory.revisions.iter().filter(|r| !r.has_down).count();
        text = text.text(match no_way_back {
            0 => " Each has a way back.".to_owned(),
            n => format!(" {} no way back.", words::count(n as u64, "revision has", "revisions have")),
        });
        blocks.push(Block::Paragraph(text));
        let links = |ids: &[String]| Rich::joined(ids.iter().map(|id| self.revision_link(id)), ", ");
        let line = |one: &str, many: &str, ids: &[String]| {
            Rich::of(words::count(ids.len() as u64, one, many)).text(": ").then(links(ids))
        };
        let mut graph = Vec::new();
        if inventory.graph {
            graph.push(line(
                "base (a revision without a parent)",
                "bases (revisions without a parent)",
                &inventory.bases,
            ));
            graph.push(line(
                "head (a revision that none follows)",
                "heads (revisions that none follows)",
                &inventory.heads,
            ));
            if !inventory.merges.is_empty() {
                graph.push(line("merge", "merges", &inventory.merges));
            }
        } else {
            graph.push(
                Rich::of("The files name no parents: they run in the order of their names, from ")
                    .then(links(&inventory.bases))
                    .text(" to ")
                    .then(links(&inventory.heads))
                    .text("."),
            );
        }
        for id in &inventory.duplicates {
            graph.push(
                Rich::of(words::count(id.count, "file declares", "files declare"))
                    .text(" revision ")
                    .then(self.revision_link(&id.name)),
            );
        }
        blocks.push(Block::List(graph));
        blocks.extend(self.refusals(target).map(Block::Paragraph));
        let folder = common_folder(inventory.revisions.iter().map(|r| r.file.as_str()));
        if !folder.is_empty() {
            blocks.push(Block::Small(Rich::of("Files are named from ").code(folder).text(" on.")));
        }
        let parents = inventory.graph;
        let mut columns = vec!["#No.", "Revision", "File"];
        if parents {
            columns.push("Parents");
        }
        columns.extend(["What it changes", "Status", "Way back", "#Findings"]);
        let list = inventory.revisions.iter().enumerate().map(|(at, r)| {
            let mut cells = vec![(at + 1).to_string().into(), Rich::just_code(&*r.id), self.file_from(folder, &r.file)];
            if parents {
                cells.push(if r.parents.is_empty() {
                    Rich::default().soft("none")
                } else {
                    Rich::default().codes(&r.parents)
                });
            }
            let state = match r.status {
                Status::Applied => State::Yes,
                Status::Stops => State::No,
                Status::NotReached | Status::TakenBack => State::Partly,
            };
            let mut status = r.status.words().to_owned();
            if r.conflicts > 0 {
                status.push_str(&format!(", {} refused", words::thousands(r.conflicts.into())));
            }
            let message = r.message.as_ref().map(|m| escape::one_line(m).into_owned());
            let mut what = Rich::of(r.changes.as_str());
            if let Some(message) = message {
                what = what.line_break().soft(message);
            }
            cells.extend([
                what,
                Rich::default().state(state, status),
                if r.has_down { "yes".into() } else { Rich::default().soft("no") },
                match r.findings {
                    0 => words::thousands(0).into(),
                    n => self.number(n, "findings"),
                },
            ]);
            Row { id: Some(self.id(&format!("m{}", at + 1))), cells }
        });
        blocks.push(folding(Table { columns, rows: list.collect() }, "revision", "revisions"));
        (words::count(target.revisions, "revision", "revisions"), blocks)
    }

    pub(super) fn glance(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let facts = words::facts(target)
            .into_iter()
            .map(|(label, n, section)| (label.into(), self.number(n, section.name())))
            .collect();
        let mut blocks = vec![Block::Facts(facts)];
        if target.facts.tables == 0 {
            blocks.push(Block::paragraph("No table is made."));
        }
        if !target.schemas.is_empty() {
            blocks.push(Block::Small(Rich::of("Schemas: ").codes(&target.schemas)));
        }
        let habits: Vec<Rich> = words::conventions(target).iter().map(|h| Rich::default().prose(h, &[])).collect();
        blocks.push(Block::Heading(1, None, "Habits of this schema".into()));
        if habits.is_empty() {
            blocks.push(Block::paragraph(
                "None that most tables share: no tenant key, no times of creation or change, no mark of deletion.",
            ));
        } else {
            blocks.push(Block::List(habits));
        }
        (String::new(), blocks)
    }

    pub(super) fn diagram(&self, target: &TargetReport) -> Option<(String, Vec<Block>)> {
        let figure = self.options.figures.iter().find(|f| f.target == target.id)?;
        let n = words::count(target.facts.tables, "table", "tables");
        let keys = words::count(target.facts.foreign_keys, "foreign key", "foreign keys");
        let drawn = match self.form {
            super::Form::Html => figure.svg.is_some(),
            super::Form::Markdown => figure.mermaid.is_some(),
            super::Form::Text => false,
        };
        let caption = if drawn {
            format!("{n}, {keys}. A crow's foot stands at the table that refers.")
        } else if self.form == super::Form::Markdown {
            format!(
                "{n} with {keys} are more than Mermaid draws with its default settings; relata diagram draws them as SVG."
            )
        } else {
            format!("{n}, {keys}; relata diagram draws them.")
        };
        let figure = Figure { svg: figure.svg.map(str::to_owned), mermaid: figure.mermaid.map(str::to_owned), caption };
        Some((String::new(), vec![Block::Figure(figure)]))
    }
}

/// The folder, with its last slash, in which all files lie; nothing where there is none, or it is short.
fn common_folder<'a>(mut files: impl Iterator<Item = &'a str>) -> &'a str {
    let Some(first) = files.next() else { return "" };
    let mut folder = first.rfind('/').map_or("", |at| first.get(..=at).unwrap_or_default());
    for file in files {
        while !file.starts_with(folder) {
            let shorter = folder.strip_suffix('/').and_then(|f| f.rfind('/'));
            folder = shorter.map_or("", |at| folder.get(..=at).unwrap_or_default());
        }
    }
    if folder.len() > LONG_FOLDER { folder } else { "" }
}

/// The paths that a finding's message may hold.
pub(super) fn names(finding: &FindingEntry) -> Vec<&str> {
    finding.objects.iter().map(|o| o.path.as_str()).collect()
}
