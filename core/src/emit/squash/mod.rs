//! A whole schema as one migration: what the replayed model holds, printed in an order in which PostgreSQL takes it.
//!
//! Types, sequences, functions, tables and views come in that order, each after what it needs; what would need itself (a default that calls a
//! function that reads the table) is added by ALTER TABLE. Names are written with their schemas. What is known as text only is taken over as it
//! stands; what is not known at all is listed at the head and as problems.

mod indexes;
mod objects;
mod order;
mod origin;
mod others;
mod parts;
mod rights;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use self::order::{Node, Soft};
use self::origin::Origins;
use self::text::Names;
use super::alembic::{self, Line, Revision};
use super::one_line;
use super::{Emitted, EmittedFile, Format};
use crate::analysis::{Analysis, Dialect, TargetAnalysis};
use crate::name::{Name, quote};
use crate::operation::{DmlVerb, ObjectKind, OperationKind, Persistence};
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::schema::*;
use crate::source::Span;

/// How a file that [`squash`] wrote begins. Such a file's own comments about provenance are kept when it is squashed again.
pub const SQUASH_MARK: &str = "-- The whole schema as one migration, written by `relata squash`.";
/// How a line about something that is not in the file begins.
const LEFT_OUT: &str = "-- Left out: ";
/// Statements of one sort that are told one by one.
const MAX_TOLD: usize = 20;

/// Prints the end state of a target as one migration.
pub fn squash(analysis: &Analysis, target: &TargetAnalysis, format: Format) -> Emitted {
    if target.target.dialect != Dialect::PostgreSql {
        let message = format!(
            "nothing was written: a squash is PostgreSQL's, and this schema is {}'s.",
            target.target.dialect.title()
        );
        let notes = vec![Problem { kind: ProblemKind::OtherDialect, message, span: None }];
        return Emitted { notes, ..Emitted::default() };
    }
    let mut squash = Squash::new(analysis, target);
    squash.everything();
    squash.finish(format)
}

/// The parts of a script, in the order in which they stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Section {
    Roles,
    Schemas,
    Extensions,
    Foreign,
    Types,
    Sequences,
    Functions,
    Tables,
    Defaults,
    Constraints,
    Indexes,
    ForeignKeys,
    Views,
    Statistics,
    Rules,
    Triggers,
    RowSecurity,
    Settings,
    EventTriggers,
    Publications,
    Before,
    Comments,
    Owners,
    Privileges,
}

impl Section {
    fn title(self) -> &'static str {
        match self {
            Self::Roles => "Roles",
            Self::Schemas => "Schemas",
            Self::Extensions => "Extensions",
            Self::Foreign => "Languages and foreign servers",
            Self::Types => "Types",
            Self::Sequences => "Sequences",
            Self::Functions => "Functions",
            Self::Tables => "Tables",
            Self::Defaults => "Defaults and owned sequences",
            Self::Constraints => "Constraints",
            Self::Indexes => "Indexes",
            Self::ForeignKeys => "Foreign keys",
            Self::Views => "Views",
            Self::Statistics => "Statistics",
            Self::Rules => "Rules",
            Self::Triggers => "Triggers",
            Self::RowSecurity => "Row-level security",
            Self::Settings => "Settings of tables",
            Self::EventTriggers => "Event triggers",
            Self::Publications => "Publications",
            Self::Before => "Changes of what was there before",
            Self::Comments => "Comments",
            Self::Owners => "Owners",
            Self::Privileges => "Privileges",
        }
    }
}

/// One statement of the script, without its semicolon.
struct Statement {
    section: Section,
    provenance: Option<String>,
    sql: String,
}

struct Squash<'a> {
    analysis: &'a Analysis,
    target: &'a TargetAnalysis,
    schema: &'a Schema,
    origins: Origins<'a>,
    names: Names<'a>,
    out: Vec<Statement>,
    notes: Vec<Problem>,
    /// Parts of tables that are added when all tables are there.
    deferred: BTreeSet<Soft>,
    /// The place of each object in the script.
    rank: BTreeMap<Node, usize>,
    /// Constraints that CREATE TABLE holds.
    inline: BTreeSet<ConstraintId>,
    /// The schemas in which names without one are looked for.
    path: String,
}

impl<'a> Squash<'a> {
    fn new(analysis: &'a Analysis, target: &'a TargetAnalysis) -> Self {
        let schema = target.schema();
        Self {
            analysis,
            target,
            schema,
            origins: Origins::of(analysis, target),
            names: Names { schema },
            out: Vec::new(),
            notes: Vec::new(),
            deferred: BTreeSet::new(),
            rank: BTreeMap::new(),
            inline: BTreeSet::new(),
            path: search_path(schema),
        }
    }

    fn everything(&mut self) {
        self.roles();
        self.schemas();
        self.extensions();
        self.foreign_servers();
        let order = order::order(self);
        self.rank = order.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        for node in order {
            match node {
                Node::Type(id) => self.create_type(id),
                Node::Sequence(id) => self.create_sequence(id),
                Node::Function(id) => self.create_function(id),
                Node::Other(id) => self.create_other(id, Section::Functions),
                Node::Table(id) => self.create_table(id),
                Node::View(id) => self.create_view(id),
            }
        }
        // Constraints and indexes stand before the views: a view that groups by a key needs the key.
        let views = self.out.iter().rposition(|s| s.section != Section::Views).map_or(0, |last| last + 1);
        let views = self.out.split_off(views);
        self.deferred_parts();
        self.constraints();
        self.indexes(false);
        self.foreign_keys();
        self.out.extend(views);
        self.indexes(true);
        self.others(Section::Statistics);
        self.rules();
        self.triggers();
        self.row_security();
        self.settings();
        self.event_triggers();
        self.others(Section::Publications);
        self.changes_of_others();
        self.comments();
        self.owners();
        self.privileges();
        self.note_what_is_missing();
    }

    fn push(&mut self, section: Section, sql: String) {
        self.out.push(Statement { section, provenance: None, sql });
    }

    /// Adds the statement that makes an object.
    fn push_made(&mut self, section: Section, id: ObjectId, made: Span, sql: String) {
        let name = self.schema.current_name(id).unwrap_or_default();
        let provenance = self.origins.provenance(name, made, id);
        self.out.push(Statement { section, provenance: Some(one_line(&provenance)), sql });
    }

    fn note(&mut self, kind: ProblemKind, message: String, span: Option<Span>) {
        self.notes.push(Problem { kind, message, span });
    }

    /// Whether an object's schema is one that the script makes or that is there anyway.
    fn in_script(&self, namespace: NamespaceId) -> bool {
        self.schema
            .namespaces
            .get(namespace)
            .is_some_and(|n| !n.name.starts_with("pg_") && n.name != "information_schema")
    }

    fn columns(&self, table: TableId, numbers: &[ColumnNumber]) -> String {
        let name = |n: &ColumnNumber| self.schema.tables.get(table)?.columns.get(n.index()).map(|c| quote(&c.name));
        numbers.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    }

    fn table_path(&self, id: TableId) -> String {
        self.schema.relation_path(RelationId::Table(id))
    }

    /// The tables that the script makes, in its order.
    fn tables(&self) -> Vec<(TableId, &'a Table)> {
        let made = self.schema.live_tables().filter(|(_, t)| t.persistence != Persistence::Temporary);
        self.in_order(made, Node::Table)
    }

    /// All tables that the script says something of, in its order: those of others come last.
    fn all_tables(&self) -> Vec<(TableId, &'a Table)> {
        let live = |t: &Table| t.dropped.is_none() && t.persistence != Persistence::Temporary;
        let (own, mut others): (Vec<_>, Vec<_>) = self
            .in_order(self.schema.tables.iter().filter(|(_, t)| live(t)), Node::Table)
            .into_iter()
            .partition(|(_, t)| !t.assumed);
        // The files' order of naming them is not that of a squash.
        others.order_by_key(|(id, _)| self.table_path(*id));
        own.into_iter().chain(others).collect()
    }

    fn views(&self) -> Vec<(ViewId, &'a View)> {
        self.in_order(self.schema.live_views(), Node::View)
    }

    fn functions(&self) -> Vec<(FunctionId, &'a Function)> {
        self.in_order(self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()), Node::Function)
    }

    /// Objects in the order in which the script makes them.
    fn in_order<I: Id + Ord, T>(
        &self,
        objects: impl Iterator<Item = (I, &'a T)>,
        node: fn(I) -> Node,
    ) -> Vec<(I, &'a T)> {
        let mut objects: Vec<(I, &T)> = objects.collect();
        objects.order_by_key(|(id, _)| (self.rank.get(&node(*id)).copied().unwrap_or(usize::MAX), *id));
        objects
    }

    /// Lists what ran and is not in the script: rows, calls, and statements that were not understood.
    fn note_what_is_missing(&mut self) {
        let (mut rows, mut calls): (BTreeMap<u32, u32>, Vec<Span>) = (BTreeMap::new(), Vec::new());
        for operation in self.target.history.revisions.iter().flat_map(|r| &r.up) {
            match &operation.kind {
                OperationKind::Dml { verb: DmlVerb::Select, .. } => calls.push(operation.span),
                OperationKind::Dml { .. } | OperationKind::Truncate { .. } => {
                    *rows.entry(operation.span.file.0).or_default() += 1;
                }
                _ => {}
            }
        }
        let calls = calls.into_iter().filter(|span| {
            // What pg_dump writes before a schema.
            self.origins.text(*span).is_none_or(|t| !t.contains("set_config('search_path'"))
        });
        let calls: Vec<Span> = calls.collect();
        if !rows.is_empty() {
            let files = self.target.target.files.iter().filter(|f| rows.contains_key(&f.0));
            let names: Vec<String> = files.map(|f| format!("`{}`", self.analysis.sources.name(*f))).collect();
            let message = format!("rows that are inserted or changed in {}.", short_list(&names));
            self.note(ProblemKind::UnsupportedStatement, message, None);
        }
        let told: Vec<(Span, String)> = calls
            .iter()
            .map(|span| {
                let text = self.origins.text(*span).unwrap_or("a query").lines().next().unwrap_or_default();
                (*span, format!("the effect of `{}`.", text.chars().take(100).collect::<String>()))
            })
            .chain(self.target.coverage.skipped.iter().filter_map(|p| Some((p.span?, p.message.clone()))))
            .collect();
        let more = told.len().saturating_sub(MAX_TOLD);
        for (span, message) in told.into_iter().take(MAX_TOLD) {
            let at = self.analysis.location(span);
            let message = format!("{}:{}: {message}", at.file, at.line);
            self.note(ProblemKind::UnsupportedStatement, message, Some(span));
        }
        if more > 0 {
            self.note(ProblemKind::UnsupportedStatement, format!("{more} more statements of these kinds."), None);
        }
    }

    /// The script as text.
    fn finish(self, format: Format) -> Emitted {
        let mut head = vec![
            SQUASH_MARK.to_owned(),
            "-- Before each object stands what made it: file and line, and the files that changed it since.".to_owned(),
        ];
        let before = origin::left_out_before(self.analysis, self.target);
        let mut left_out: Vec<String> = before.iter().map(|t| (*t).to_owned()).collect();
        for note in &self.notes {
            let line = one_line(&note.message);
            if !left_out.contains(&line) {
                left_out.push(line);
            }
        }
        if !left_out.is_empty() {
            head.push("--".to_owned());
        }
        head.extend(left_out.iter().map(|line| format!("{LEFT_OUT}{line}")));
        let (name, text) = match format {
            Format::Sql => ("schema.sql", self.sql(&head)),
            Format::Alembic => ("schema.py", self.alembic(&head)),
        };
        let files = vec![EmittedFile { name: name.to_owned(), text }];
        Emitted { files, notes: self.notes, ..Emitted::default() }
    }

    /// What the statements stand on: bodies may name what comes later, and extensions are found by name.
    fn settings_before(&self) -> [String; 2] {
        ["SET check_function_bodies = false".to_owned(), format!("SET search_path = {}", self.path)]
    }

    fn sql(&self, head: &[String]) -> String {
        let mut out = head.join("\n");
        out.push('\n');
        for setting in self.settings_before() {
            out.push_str(&format!("\n{setting};"));
        }
        out.push('\n');
        let mut section = None;
        for statement in &self.out {
            if section != Some(statement.section) {
                section = Some(statement.section);
                out.push_str(&format!("\n-- {}\n", statement.section.title()));
            }
            match &statement.provenance {
                Some(provenance) => out.push_str(&format!("\n-- {provenance}\n")),
                None => out.push('\n'),
            }
            out.push_str(&statement.sql);
            out.push_str(";\n");
        }
        out.push_str("\nRESET search_path;\nRESET check_function_bodies;\n");
        out
    }

    /// The script as a base revision of Alembic. What it takes back is everything that it makes.
    fn alembic(&self, head: &[String]) -> String {
        let mut up: Vec<Line> = self.settings_before().map(Line::Run).into();
        // Alembic makes the table in which it keeps its place before it runs the first revision. A dump of what it made has that table, too.
        let of_alembic = |sql: &str| {
            let table = sql.strip_prefix("CREATE TABLE ").or_else(|| sql.strip_prefix("DROP TABLE IF EXISTS "));
            table.is_some_and(|rest| rest.starts_with("public.alembic_version "))
        };
        let mut section = None;
        for statement in self.out.iter().filter(|s| !of_alembic(&s.sql)) {
            if section != Some(statement.section) {
                section = Some(statement.section);
                up.push(Line::Comment(statement.section.title().to_owned()));
            }
            up.extend(statement.provenance.iter().map(|p| Line::Comment(p.clone())));
            up.push(Line::Run(statement.sql.clone()));
        }
        up.push(Line::Run("RESET search_path".to_owned()));
        up.push(Line::Run("RESET check_function_bodies".to_owned()));
        let down: Vec<Line> = self.drops().into_iter().filter(|s| !of_alembic(s)).map(Line::Run).collect();
        let text: Vec<&str> = self.out.iter().map(|s| s.sql.as_str()).collect();
        let id = super::fix::revision_id(&text);
        let head_of =
            Revision { message: "The whole schema as one migration, written by relata squash.", id: &id, after: &[] };
        alembic::revision(&head_of, head.get(1..).unwrap_or_default(), &up, &down)
    }

    /// What drops everything that the script makes, in the opposite order.
    fn drops(&self) -> Vec<String> {
        let schema = self.schema;
        let mut out: Vec<String> = Vec::new();
        let live = |t: &TriggerId| schema.triggers.get(*t).filter(|t| t.dropped.is_none() && t.parent.is_none());
        for (id, table) in schema.tables.iter().filter(|(_, t)| t.assumed && t.dropped.is_none()) {
            let path = self.table_path(id);
            out.extend(
                table.triggers.iter().filter_map(live).map(|t| format!("DROP TRIGGER {} ON {path}", quote(&t.name))),
            );
            let policies = schema.policies_of(table);
            out.extend(policies.map(|(_, p)| format!("DROP POLICY {} ON {path}", quote(&p.name))));
        }
        let events = schema.event_triggers.iter().filter(|(_, e)| e.dropped.is_none());
        out.extend(events.map(|(_, e)| format!("DROP EVENT TRIGGER {}", quote(&e.name))));
        let mut nodes: Vec<(&Node, &usize)> = self.rank.iter().collect();
        nodes.order_by_key(|(_, rank)| std::cmp::Reverse(**rank));
        for (node, _) in nodes {
            let sql = match *node {
                Node::Type(id) => match schema.types.get(id).map(|t| &t.kind) {
                    Some(TypeKind::Domain(_)) => format!("DROP DOMAIN {} CASCADE", schema.path(ObjectId::Type(id))),
                    _ => format!("DROP TYPE {} CASCADE", schema.path(ObjectId::Type(id))),
                },
                Node::Sequence(id) => {
                    format!("DROP SEQUENCE IF EXISTS {} CASCADE", schema.path(ObjectId::Sequence(id)))
                }
                Node::Function(id) => {
                    let Some(function) = schema.functions.get(id) else { continue };
                    let word = match schema.kind(ObjectId::Function(id)) {
                        ObjectKind::Procedure => "PROCEDURE",
                        ObjectKind::Aggregate => "AGGREGATE",
                        _ => "FUNCTION",
                    };
                    format!("DROP {word} IF EXISTS {} CASCADE", parts::routine(schema, function))
                }
                Node::Table(id) => {
                    let foreign = schema.tables.get(id).is_some_and(|t| t.kind == TableKind::Foreign);
                    let word = if foreign { "FOREIGN TABLE" } else { "TABLE" };
                    format!("DROP {word} IF EXISTS {} CASCADE", self.table_path(id))
                }
                Node::View(id) => {
                    let materialized = schema.views.get(id).is_some_and(|v| v.materialized);
                    let word = if materialized { "MATERIALIZED VIEW" } else { "VIEW" };
                    format!("DROP {word} IF EXISTS {} CASCADE", schema.path(ObjectId::View(id)))
                }
                Node::Other(_) => continue,
            };
            out.push(sql);
        }
        for statement in self.out.iter().rev().filter(|s| s.section == Section::Extensions) {
            if let Some(name) = statement.sql.strip_prefix("CREATE EXTENSION IF NOT EXISTS ") {
                let name = name.split(" WITH SCHEMA ").next().unwrap_or(name).trim_end_matches(" CASCADE");
                out.push(format!("DROP EXTENSION IF EXISTS {name} CASCADE"));
            }
        }
        for statement in self.out.iter().rev().filter(|s| s.section == Section::Schemas) {
            if let Some(name) = statement.sql.strip_prefix("CREATE SCHEMA IF NOT EXISTS ").filter(|n| *n != "public") {
                out.push(format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
            }
        }
        out
    }
}

/// `a, b and 3 more`.
fn short_list(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `public`, then the schemas of extensions, then all others: in them operators, operator classes and types of extensions are found.
fn search_path(schema: &Schema) -> String {
    let mut path: Vec<&Name> = Vec::new();
    let public = Name::new_static("public");
    path.push(&public);
    let extensions = schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()).map(|(_, e)| e.namespace);
    let mut homes: Vec<NamespaceId> = extensions.collect();
    homes.order();
    let all = schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none()).map(|(id, _)| id);
    for id in homes.into_iter().chain(all) {
        let Some(namespace) = schema.namespaces.get(id) else { continue };
        let system = namespace.name.starts_with("pg_") || namespace.name == "information_schema";
        if !system && !path.contains(&&namespace.name) {
            path.push(&namespace.name);
        }
    }
    path.iter().map(|n| quote(n)).collect::<Vec<_>>().join(", ")
}
