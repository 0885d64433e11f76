//! From an analysis to a report.

use std::collections::BTreeMap;

use super::audit::AuditEntry;
use super::model::*;
use super::sql_text::{returns_text, type_parts};
use crate::analysis::{Analysis, TargetAnalysis};
use crate::finding::Finding;
use crate::history::{Attribution, stops_at};
use crate::name::quote;
use crate::operation::{Persistence, ReferentialAction, TriggerState};
use crate::order::Order;
use crate::problem::Problem;
use crate::rules::support::{Cover, cover};
use crate::schema::{
    ColumnNumber, Constraint, ConstraintKind, Identity, Index, Key, KeyTarget, ObjectId, RelationId, Schema, Table,
    TableId, TableKind, Trigger, TriggerFunction, View,
};
use crate::source::{Location, Span};

impl Report {
    /// What `relata check` tells: findings, counts and objects.
    pub fn new(analysis: &Analysis) -> Self {
        let files: Vec<FileEntry> = analysis
            .sources
            .files()
            .map(|(_, f)| FileEntry { name: f.name.clone(), bytes: f.bytes, lines: f.lines })
            .collect();
        Self {
            version: FORMAT_VERSION,
            generator: Generator { name: "relata", version: env!("CARGO_PKG_VERSION") },
            project: project_name(analysis),
            problems: analysis.problems.iter().map(|p| problem(analysis, p)).collect(),
            base: None,
            comparison: None,
            targets: analysis
                .targets
                .iter()
                .map(|t| Builder { analysis, target: t, attribution: attribution_of(t) }.build())
                .collect(),
            files,
        }
    }

    /// That and what an audit report has besides: the inventory of migrations, compliance table by table, the plan, queries to watch with. It replays
    /// the history and tries every fix.
    pub fn complete(analysis: &Analysis) -> Self {
        let mut report = Self::new(analysis);
        for (entry, target) in report.targets.iter_mut().zip(&analysis.targets) {
            entry.audit = Some(AuditEntry::new(analysis, target, entry));
        }
        report
    }
}

/// Names of folders that say what lies in them, not whose it is: `shop/alembic/versions` is the project `shop`.
const PLAIN_FOLDERS: &[&str] = &[
    "alembic",
    "database",
    "db",
    "ddl",
    "drizzle",
    "main",
    "migrate",
    "migration",
    "migrations",
    "prisma",
    "resources",
    "schema",
    "sql",
    "src",
    "supabase",
    "versions",
];

/// What to call a project: its one file, or the folder that all its files share, or its first file and how many more there are.
pub fn project_name(analysis: &Analysis) -> String {
    let settings = |name: &str| name.rsplit('/').next() == Some(crate::policy::FILE_NAME);
    let names: Vec<&str> = analysis.sources.files().map(|(_, f)| f.name.as_str()).filter(|n| !settings(n)).collect();
    common_name(&names)
}

fn common_name(names: &[&str]) -> String {
    let Some((first, rest)) = names.split_first() else { return "Nothing read".to_owned() };
    let file_name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    if rest.is_empty() {
        return file_name(first);
    }
    let mut shared: Vec<&str> = first.split('/').collect();
    shared.pop();
    for name in rest {
        let same = shared.iter().zip(name.split('/')).take_while(|(a, b)| **a == *b).count();
        shared.truncate(same);
    }
    let named = |part: &&&str| !matches!(**part, "" | "." | "..");
    let telling = shared.iter().rfind(|part| named(part) && !PLAIN_FOLDERS.contains(part));
    match telling.or_else(|| shared.iter().rfind(named)) {
        Some(folder) => (*folder).to_owned(),
        None => format!("{} and {} more", file_name(first), rest.len()),
    }
}

fn attribution_of(target: &TargetAnalysis) -> Option<Attribution> {
    (target.history.revisions.len() > 1).then(|| Attribution::of(&target.replay))
}

pub(super) fn problem(analysis: &Analysis, problem: &Problem) -> ProblemEntry {
    ProblemEntry {
        kind: problem.kind.name(),
        message: problem.message.clone(),
        location: problem.span.map(|s| analysis.location(s)),
    }
}

/// Builds the part of one target.
struct Builder<'a> {
    analysis: &'a Analysis,
    target: &'a TargetAnalysis,
    /// Who made what, where there are several revisions.
    attribution: Option<Attribution>,
}

impl Builder<'_> {
    fn schema(&self) -> &Schema {
        self.target.schema()
    }

    fn location(&self, span: Span) -> Location {
        self.analysis.location(span)
    }

    /// The place of a statement or clause; nothing for what the server makes by itself.
    fn made_at(&self, span: Span) -> Option<Location> {
        (span != Span::default()).then(|| self.location(span))
    }

    fn index(&self, index: &Index) -> IndexEntry {
        IndexEntry { location: self.made_at(index.span), ..index_entry(self.schema(), index) }
    }

    fn build(&self) -> TargetReport {
        let TargetAnalysis {
            target,
            history,
            replay,
            findings,
            checked,
            score,
            coverage,
            facts,
            conventions: _,
            strengths,
        } = self.target;
        let findings: Vec<FindingEntry> = findings.iter().map(|f| self.finding(f)).collect();
        let mut counts = SeverityCounts::default();
        findings.iter().filter(|f| f.waived.is_none()).for_each(|f| counts.add(f.severity));
        let waived = (0..).zip(&findings).filter(|(_, f)| f.waived.is_some()).map(|(at, _)| at).collect();
        TargetReport {
            id: target.id.clone(),
            role: target.role.name(),
            dialect: target.dialect.name(),
            server_version: target.server_version,
            layout: target.layout.clone(),
            layout_guessed: target.note.guessed,
            layout_evidence: target.note.evidence.clone(),
            root: target.note.root.clone(),
            partial: history.partial,
            files: target.files.iter().map(|f| self.analysis.sources.name(*f).to_owned()).collect(),
            revisions: number(history.revisions.len()),
            coverage: CoverageEntry {
                statements: coverage.statements,
                understood: coverage.understood,
                skipped: coverage.skipped.iter().map(|p| problem(self.analysis, p)).collect(),
            },
            conflicts: replay.conflicts.iter().map(|c| ConflictEntry::of(self.analysis, c)).collect(),
            stops_at: stops_at(history, replay).map(|s| StopEntry::of(self.analysis, history, &s)),
            score: ScoreEntry {
                total: score.not_scored.is_none().then_some(score.total),
                hundredths: score.not_scored.is_none().then_some(score.hundredths),
                grade: score.not_scored.is_none().then_some(score.grade),
                not_scored: score.not_scored.clone(),
                capped_by: score.capped_by,
                gains: score
                    .gains
                    .iter()
                    .map(|g| GainEntry { rule: g.rule, findings: g.findings, hundredths: g.hundredths })
                    .collect(),
                categories: score
                    .categories
                    .iter()
                    .map(|c| CategoryEntry {
                        category: c.category,
                        score: c.score,
                        weight: c.weight,
                        deductions: c
                            .deductions
                            .iter()
                            .map(|d| DeductionEntry { rule: d.rule, findings: d.findings, tenths: d.tenths })
                            .collect(),
                    })
                    .collect(),
            },
            counts,
            facts: *facts,
            conventions: self.conventions(),
            strengths: strengths
                .iter()
                .map(|s| StrengthEntry {
                    category: s.category,
                    rule: s.rule,
                    objects: s.objects,
                    message: s.message.clone(),
                })
                .collect(),
            groups: self.groups(),
            waived,
            checked: checked
                .iter()
                .map(|c| CheckedEntry {
                    rule: c.rule.name,
                    category: c.rule.category,
                    severity: c.rule.severity,
                    summary: c.rule.summary,
                    objects: c.objects,
                    findings: c.findings,
                    waived: c.waived,
                })
                .collect(),
            overview: self.overview(),
            tables: self.tables(&findings),
            views: self.views(),
            types: self.types(),
            functions: self.functions(),
            schemas: self.schemas(),
            sequences: self.sequences(),
            audit: None,
            findings,
        }
    }

    fn schemas(&self) -> Vec<String> {
        let made = self.schema().namespaces.iter().filter(|(_, n)| n.dropped.is_none() && n.span.is_some());
        let mut names: Vec<String> = made.map(|(_, n)| n.name.to_string()).collect();
        names.order();
        names
    }

    fn sequences(&self) -> Vec<SequenceEntry> {
        let schema = self.schema();
        let mut sequences: Vec<SequenceEntry> = schema
            .sequences
            .iter()
            .filter(|(_, s)| s.dropped.is_none())
            .map(|(id, s)| SequenceEntry {
                path: schema.path(ObjectId::Sequence(id)),
                owned_by: s.owned_by.map(|(table, column)| schema.path(ObjectId::Column(table, column))),
                location: self.made_at(s.span),
            })
            .collect();
        sequences.order_by(|a, b| a.path.cmp(&b.path));
        sequences
    }

    fn finding(&self, finding: &Finding) -> FindingEntry {
        FindingEntry {
            rule: finding.rule.name,
            category: finding.rule.category,
            severity: finding.severity,
            certainty: finding.certainty,
            objects: finding
                .objects
                .iter()
                .map(|o| ObjectEntry { kind: o.kind.name(), path: o.path.clone() })
                .collect(),
            message: finding.message.clone(),
            evidence: finding.evidence.clone(),
            locations: finding.spans.iter().map(|s| self.location(*s)).collect(),
            fix: finding.fix.as_ref().map(|f| FixEntry { sql: f.sql.clone(), caution: f.caution.clone() }),
            origin: self.origin(finding.introduced_by, finding.last_changed_by),
            fingerprint: finding.fingerprint.clone(),
            past: finding.past,
            waived: finding.waived.as_ref().map(|w| WaivedEntry {
                reason: w.reason.clone(),
                until: w.until.map(|d| d.to_string()),
                location: w.source.map(|s| self.location(s)),
            }),
        }
    }

    fn origin(&self, introduced: Option<u32>, changed: Option<u32>) -> OriginEntry {
        let id = |at: Option<u32>| self.target.history.revisions.get(at? as usize).map(|r| r.id.clone());
        OriginEntry { introduced_by: id(introduced), last_changed_by: id(changed) }
    }

    fn origin_of(&self, id: ObjectId) -> OriginEntry {
        self.attribution
            .as_ref()
            .map_or_else(OriginEntry::default, |a| self.origin(a.introduced_by(id), a.last_changed_by(id)))
    }

    fn conventions(&self) -> ConventionsEntry {
        let schema = self.schema();
        let found = self.target.conventions.clone();
        ConventionsEntry {
            tenant: found.tenant.map(|t| TenantEntry {
                root: t.root.map(|id| table_path(schema, id)),
                habit: t.habit,
                levels: found.tenant_levels,
            }),
            created_at: found.created_at,
            updated_at: found.updated_at,
            deleted_at: found.deleted_at,
            all: found
                .all
                .into_iter()
                .map(|c| ConventionEntry {
                    key: c.key,
                    title: c.title,
                    value: c.value,
                    follow: c.follow,
                    of: c.of,
                    what: c.what,
                    exceptions: c
                        .exceptions
                        .into_iter()
                        .map(|o| ObjectEntry { kind: o.kind.name(), path: o.path })
                        .collect(),
                    pinned: c.pinned,
                })
                .collect(),
        }
    }

    fn groups(&self) -> Vec<RuleGroup> {
        let mut groups: Vec<RuleGroup> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, finding) in self.target.findings.iter().enumerate().filter(|(_, f)| f.waived.is_none()) {
            let rule = finding.rule;
            let place = *places.entry(rule.name).or_insert_with(|| {
                groups.push(RuleGroup {
                    rule: rule.name,
                    category: rule.category,
                    severity: finding.severity,
                    summary: rule.summary,
                    why: rule.why,
                    findings: Vec::new(),
                });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                group.severity = group.severity.min(finding.severity);
                group.findings.push(number(at));
            }
        }
        groups
    }

    fn overview(&self) -> Overview {
        let schema = self.schema();
        let mut overview = Overview::default();
        let mut methods: BTreeMap<&str, u32> = BTreeMap::new();
        let mut actions: BTreeMap<ReferentialAction, u32> = BTreeMap::new();
        let mut index = |i| {
            let i: &Index = i;
            *methods.entry(&i.method).or_default() += 1;
            overview.unique_indexes += u32::from(i.unique);
            overview.constraint_indexes += u32::from(i.constraint.is_some());
            overview.partial_indexes += u32::from(i.predicate.is_some());
            let expression = i.keys.iter().any(|k| matches!(k.target, KeyTarget::Expression(_)));
            overview.expression_indexes += u32::from(expression);
        };
        for (_, table) in schema.live_tables() {
            schema.indexes_of(table).for_each(|(_, i)| index(i));
        }
        for (_, view) in schema.live_views() {
            indexes_of_view(schema, view).for_each(&mut index);
        }
        for (id, table) in schema.live_tables() {
            overview.row_security_tables += u32::from(table.rls_enabled);
            overview.partitions += u32::from(table.partition_of.is_some());
            for (_, constraint) in schema.constraints_of(table) {
                overview.not_validated += u32::from(!constraint.validated);
                if let ConstraintKind::ForeignKey(fk) = &constraint.kind {
                    *actions.entry(fk.on_delete).or_default() += 1;
                    overview.composite_foreign_keys += u32::from(constraint.columns.len() > 1);
                    overview.self_references += u32::from(fk.references == id);
                }
            }
        }
        overview.foreign_keys_by_delete_action =
            actions.into_iter().map(|(a, count)| Tally { name: a.sql().to_owned(), count }).collect();
        overview.indexes_by_method =
            methods.into_iter().map(|(m, count)| Tally { name: m.to_owned(), count }).collect();
        overview.indexes_by_method.order_by_key(|t| std::cmp::Reverse(t.count));
        overview
    }

    fn tables(&self, findings: &[FindingEntry]) -> Vec<TableEntry> {
        let schema = self.schema();
        let mut referenced_by: BTreeMap<TableId, Vec<ReferenceEntry>> = BTreeMap::new();
        let mut partitions: BTreeMap<TableId, Vec<String>> = BTreeMap::new();
        for (id, table) in schema.live_tables() {
            for (_, constraint, fk) in schema.foreign_keys_of(table) {
                referenced_by.entry(fk.references).or_default().push(ReferenceEntry {
                    table: table_path(schema, id),
                    name: constraint.name.to_string(),
                    columns: column_names(table, &constraint.columns),
                    on_delete: fk.on_delete.sql(),
                });
            }
            if let Some((parent, _)) = &table.partition_of {
                partitions.entry(*parent).or_default().push(table_path(schema, id));
            }
        }
        let mut by_table: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (at, finding) in findings.iter().enumerate() {
            if let Some(object) = finding.objects.first() {
                by_table.entry(table_of(object)).or_default().push(number(at));
            }
        }
        let mut tables: Vec<TableEntry> = schema
            .live_tables()
            .map(|(id, table)| {
                let mut entry = self.table(id, table);
                entry.referenced_by = referenced_by.remove(&id).unwrap_or_default();
                entry.referenced_by.order_by(|a, b| (&a.table, &a.name).cmp(&(&b.table, &b.name)));
                entry.partitions = partitions.remove(&id).unwrap_or_default();
                entry.partitions.order();
                entry.findings = by_table.get(entry.path.as_str()).cloned().unwrap_or_default();
                entry
            })
            .collect();
        tables.order_by(|a, b| a.path.cmp(&b.path));
        tables
    }

    fn table(&self, id: TableId, table: &Table) -> TableEntry {
        let schema = self.schema();
        let mut entry = TableEntry {
            path: table_path(schema, id),
            kind: match table.kind {
                TableKind::Ordinary => "table",
                TableKind::Partitioned => "partitioned table",
                TableKind::Foreign => "foreign table",
            },
            unlogged: table.persistence == Persistence::Unlogged,
            comment: table.comment.clone(),
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            excludes: Vec::new(),
            foreign_keys: Vec::new(),
            referenced_by: Vec::new(),
            indexes: schema.indexes_of(table).map(|(_, i)| self.index(i)).collect(),
            triggers: schema
                .triggers_of(&table.triggers)
                .map(|(_, t)| TriggerEntry { location: self.made_at(t.span), ..trigger_entry(schema, t) })
                .collect(),
            policies: schema
                .policies_of(table)
                .map(|(_, p)| PolicyEntry {
                    name: p.name.to_string(),
                    command: p.command.sql(),
                    permissive: p.permissive,
                    roles: p.roles.iter().map(ToString::to_string).collect(),
                    using: p.using.as_ref().map(|e| schema.display_expr(e)),
                    with_check: p.with_check.as_ref().map(|e| schema.display_expr(e)),
                    location: self.made_at(p.span),
                })
                .collect(),
            row_security: table.rls_enabled,
            row_security_forced: table.rls_forced,
            partition_key: table.partition_key.as_ref().map(|k| k.text.text.to_string()),
            partition_of: table.partition_of.as_ref().map(|(parent, bound)| PartitionEntry {
                table: table_path(schema, *parent),
                bound: bound.text.text.to_string(),
            }),
            partitions: Vec::new(),
            inherits: table.inherits.iter().map(|t| table_path(schema, *t)).collect(),
            location: self.location(table.name_span),
            origin: self.origin_of(ObjectId::Table(id)),
            findings: Vec::new(),
        };
        for (_, constraint) in schema.constraints_of(table) {
            add_constraint(schema, &mut entry, table, constraint, self.made_at(constraint.span));
        }
        entry.indexes.order_by(|a, b| a.name.cmp(&b.name));
        entry.triggers.order_by(|a, b| a.name.cmp(&b.name));
        entry.policies.order_by(|a, b| a.name.cmp(&b.name));
        entry.uniques.order_by(|a, b| a.name.cmp(&b.name));
        entry.excludes.order_by(|a, b| a.name.cmp(&b.name));
        entry.checks.order_by(|a, b| a.name.cmp(&b.name));
        entry.foreign_keys.order_by(|a, b| a.name.cmp(&b.name));
        entry.columns = self.columns(id, table);
        entry
    }

    fn columns(&self, id: TableId, table: &Table) -> Vec<ColumnEntry> {
        let schema = self.schema();
        let mut primary: Vec<ColumnNumber> = Vec::new();
        let mut foreign: Vec<ColumnNumber> = Vec::new();
        let mut unique: Vec<ColumnNumber> = Vec::new();
        for (_, constraint) in schema.constraints_of(table) {
            match &constraint.kind {
                ConstraintKind::PrimaryKey => primary.extend(&constraint.columns),
                ConstraintKind::ForeignKey(_) => foreign.extend(&constraint.columns),
                ConstraintKind::Unique { .. } if constraint.columns.len() == 1 => unique.extend(&constraint.columns),
                _ => {}
            }
        }
        for (_, index) in schema.indexes_of(table) {
            if let [Key { target: KeyTarget::Column(column), .. }] = index.keys.as_slice()
                && index.unique
                && !index.primary
                && index.predicate.is_none()
            {
                unique.push(*column);
            }
        }
        table
            .live_columns()
            .map(|(number, column)| ColumnEntry {
                name: column.name.to_string(),
                data_type: column.data_type.display(schema),
                nullable: !column.not_null,
                default: column.default.as_ref().map(|e| schema.display_expr(e)),
                identity: column.identity.map(|i| match i {
                    Identity::Always => "ALWAYS",
                    Identity::ByDefault => "BY DEFAULT",
                }),
                generated: column.generated.as_ref().map(|g| schema.display_expr(&g.expr)),
                primary_key: primary.contains(&number),
                foreign_key: foreign.contains(&number),
                unique: unique.contains(&number),
                comment: column.comment.clone(),
                origin: self.origin_of(ObjectId::Column(id, number)),
                location: self.made_at(column.span),
            })
            .collect()
    }

    fn views(&self) -> Vec<ViewEntry> {
        let schema = self.schema();
        let mut views: Vec<ViewEntry> = schema
            .live_views()
            .map(|(id, view)| ViewEntry {
                path: schema.path(ObjectId::View(id)),
                materialized: view.materialized,
                columns: view.columns.iter().map(ToString::to_string).collect(),
                comment: view.comment.clone(),
                indexes: indexes_of_view(schema, view).map(|i| self.index(i)).collect(),
                location: self.location(view.name_span),
            })
            .collect();
        views.order_by(|a, b| a.path.cmp(&b.path));
        views
    }

    fn types(&self) -> Vec<TypeEntry> {
        let schema = self.schema();
        let mut types: Vec<TypeEntry> = schema
            .types
            .iter()
            .filter(|(_, t)| t.dropped.is_none())
            .map(|(id, t)| {
                let (kind, definition) = type_parts(schema, t);
                TypeEntry {
                    path: schema.path(ObjectId::Type(id)),
                    kind,
                    definition,
                    comment: t.comment.clone(),
                    location: self.location(t.name_span),
                }
            })
            .collect();
        types.order_by(|a, b| a.path.cmp(&b.path));
        types
    }

    fn functions(&self) -> Vec<FunctionEntry> {
        let schema = self.schema();
        let mut functions: Vec<FunctionEntry> = schema
            .functions
            .iter()
            .filter(|(_, f)| f.dropped.is_none())
            .map(|(id, f)| FunctionEntry {
                path: schema.path(ObjectId::Function(id)),
                kind: schema.kind(ObjectId::Function(id)).name(),
                returns: returns_text(schema, f),
                language: f.language.to_string(),
                security_definer: f.security_definer,
                location: self.location(f.name_span),
            })
            .collect();
        functions.order_by(|a, b| a.path.cmp(&b.path));
        functions
    }
}

pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(super) fn table_path(schema: &Schema, id: TableId) -> String {
    schema.relation_path(RelationId::Table(id))
}

fn column_names(table: &Table, numbers: &[ColumnNumber]) -> Vec<String> {
    numbers.iter().filter_map(|n| Some(table.column(*n)?.name.to_string())).collect()
}

fn indexes_of_view<'a>(schema: &'a Schema, view: &'a View) -> impl Iterator<Item = &'a Index> {
    view.indexes.iter().filter_map(|id| schema.indexes.get(*id)).filter(|i| i.dropped.is_none())
}

fn add_constraint(
    schema: &Schema,
    entry: &mut TableEntry,
    table: &Table,
    constraint: &Constraint,
    location: Option<Location>,
) {
    let name = constraint.name.to_string();
    let columns = column_names(table, &constraint.columns);
    match &constraint.kind {
        ConstraintKind::PrimaryKey => entry.primary_key = Some(KeyEntry { name, columns, location }),
        ConstraintKind::Unique { .. } => entry.uniques.push(KeyEntry { name, columns, location }),
        ConstraintKind::Check(check) => entry.checks.push(CheckEntry {
            name,
            expression: schema.display_expr(check),
            validated: constraint.validated,
            location,
        }),
        ConstraintKind::ForeignKey(fk) => {
            let referenced = schema.tables.get(fk.references);
            let (cover, index) = match cover(schema, table, &constraint.columns) {
                Cover::Full(index) => ("full", Some(index)),
                Cover::Partial(index) => ("partial", Some(index)),
                Cover::Almost(_) | Cover::None => ("none", None),
            };
            entry.foreign_keys.push(ForeignKeyEntry {
                name,
                columns,
                references: table_path(schema, fk.references),
                referenced_columns: referenced.map(|t| column_names(t, &fk.columns)).unwrap_or_default(),
                on_delete: fk.on_delete.sql(),
                on_update: fk.on_update.sql(),
                deferrable: constraint.deferrable,
                validated: constraint.validated,
                cover,
                index: index.and_then(|i| schema.indexes.get(i)).map(|i| i.name.to_string()),
                location,
            });
        }
        ConstraintKind::Exclude { .. } => {
            let index = constraint.index.and_then(|i| schema.indexes.get(i));
            let columns = index.map_or(columns, |i| index_entry(schema, i).keys);
            entry.excludes.push(KeyEntry { name, columns, location });
        }
    }
}

pub(super) fn index_entry(schema: &Schema, index: &Index) -> IndexEntry {
    let table = match index.owner {
        RelationId::Table(t) => schema.tables.get(t),
        _ => None,
    };
    let view = match index.owner {
        RelationId::View(v) => schema.views.get(v),
        _ => None,
    };
    let column = |number: ColumnNumber| -> String {
        let of_table = table.and_then(|t| t.column(number)).map(|c| &c.name);
        of_table.or_else(|| view?.columns.get(number.index())).map(|n| quote(n)).unwrap_or_default()
    };
    let key = |key: &Key| {
        let mut sql = match &key.target {
            KeyTarget::Column(number) => column(*number),
            KeyTarget::Expression(e) => format!("({})", schema.display_expr(e)),
        };
        if let Some(collation) = &key.collation {
            sql.push_str(&format!(" COLLATE {}", quote(collation)));
        }
        if let Some(opclass) = &key.opclass {
            sql.push_str(&format!(" {}", quote(opclass)));
        }
        if key.descending {
            sql.push_str(" DESC");
        }
        if key.nulls_first != key.descending {
            sql.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
        }
        sql
    };
    IndexEntry {
        name: index.name.to_string(),
        method: index.method.to_string(),
        unique: index.unique,
        keys: index.keys.iter().map(key).collect(),
        include: index.include.iter().map(|n| column(*n)).collect(),
        predicate: index.predicate.as_ref().map(|e| schema.display_expr(e)),
        constraint: index.constraint.and_then(|c| schema.constraints.get(c)).map(|c| c.name.to_string()),
        location: None,
    }
}

pub(super) fn trigger_entry(schema: &Schema, trigger: &Trigger) -> TriggerEntry {
    let timing = trigger.timing.sql();
    let events: Vec<&str> = trigger.events.iter().map(|e| e.sql()).collect();
    let level = if trigger.for_each_row { "ROW" } else { "STATEMENT" };
    TriggerEntry {
        name: trigger.name.to_string(),
        event: format!("{timing} {} FOR EACH {level}", events.join(" OR ")),
        function: match &trigger.function {
            TriggerFunction::User(id) => schema.path(ObjectId::Function(*id)),
            TriggerFunction::Named(namespace, name) => format!("{}.{}()", quote(namespace), quote(name)),
        },
        enabled: matches!(trigger.state, TriggerState::Enabled | TriggerState::Always),
        location: None,
    }
}

/// The path of the table that an object is or belongs to.
pub(super) fn table_of(object: &ObjectEntry) -> &str {
    match object.kind {
        "column" | "constraint" | "index" | "trigger" | "policy" | "rule" => parent_path(&object.path),
        _ => &object.path,
    }
}

/// A path without its last name; dots inside quotes are part of a name.
fn parent_path(path: &str) -> &str {
    let mut quoted = false;
    let mut last = 0;
    for (at, c) in path.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => last = at,
            _ => {}
        }
    }
    path.get(..last).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_belongs_to_its_table() {
        assert_eq!(parent_path("public.t.c"), "public.t");
        assert_eq!(parent_path("public.\"a.b\".\"c.\"\"d\""), "public.\"a.b\"");
        assert_eq!(parent_path("t"), "");
    }

    #[test]
    fn a_project_is_named_after_what_its_files_share() {
        assert_eq!(common_name(&[]), "Nothing read");
        assert_eq!(common_name(&["db/schema.sql"]), "schema.sql");
        assert_eq!(common_name(&["shop/migrations/1.sql", "shop/migrations/2.sql"]), "shop");
        assert_eq!(common_name(&["./shop/alembic/versions/1.py", "./shop/alembic/versions/2.py"]), "shop");
        assert_eq!(common_name(&["migrations/1.sql", "migrations/2.sql"]), "migrations");
        assert_eq!(common_name(&["shop/a/1.sql", "shop/b/2.sql"]), "shop");
        assert_eq!(common_name(&["a.sql", "b.sql"]), "a.sql and 1 more");
    }
}
