//! Tables, views and the other objects of a schema.

use relata_core::emit::catalog::key_options;
use relata_core::name::{Name, quote};
use relata_core::operation::{Persistence, TriggerEvent, TriggerState, TriggerTiming};
use relata_core::schema::{
    ColumnNumber, Constraint, ConstraintKind, ForeignKey, FunctionId, Identity, Index, IndexId, KeyTarget, NamespaceId,
    ObjectId, Policy, Schema, StoredExpr, Table, TableId, TableKind, Trigger, TriggerFunction, TriggerId, TypeKind,
    View, ViewId,
};
use relata_protocol::{
    CheckDetail, ColumnDetail, DetailsPage, IndexDetail, KeyDetail, KeyKind, ObjectRow, Objects, Page, Partitioning,
    PolicyDetail, ReferenceDetail, RelationDetail, RelationKey, RelationKind, RelationLink, RelationType, RowSecurity,
    SeverityCounts, TableDetail, TableFilter, TableList, TableRow, TriggerDetail, ViewDetail,
};

use crate::model::{Model, TargetIndex, count, relation_key, severity, table_key, view_key};

/// How many labels of an enum a summary shows.
const LABELS_SHOWN: usize = 12;

/// The tables and views of a target.
pub(super) fn list(model: &Model, target: u32, filter: &TableFilter) -> Option<TableList> {
    let look = Look::new(model, target)?;
    let text = filter.text.trim().to_lowercase();
    let tables = look.schema.live_tables().map(|(id, table)| look.table_row(id, table));
    let views = look.schema.live_views().map(|(id, view)| look.view_row(id, view));
    let mut list = TableList::default();
    for row in tables.chain(views) {
        list.total += 1;
        let kept = (text.is_empty() || row.path.to_lowercase().contains(&text))
            && filter.schema.as_ref().is_none_or(|s| *s == row.schema)
            && !(filter.hide_partitions && row.partition_of.is_some())
            && !(filter.hide_views && row.relation.kind == RelationKind::View);
        if kept {
            list.rows.push(row);
        }
    }
    list.rows.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Some(list)
}

/// Everything about a table.
pub(super) fn table(model: &Model, target: u32, id: u32) -> Option<TableDetail> {
    let look = Look::new(model, target)?;
    let id = TableId(id);
    let table = look.schema.tables.get(id).filter(|t| t.dropped.is_none())?;
    let key = table_key(id);
    let mut keys: Vec<KeyDetail> =
        look.schema.constraints_of(table).filter_map(|(_, constraint)| look.key(table, constraint)).collect();
    keys.sort_by_key(|k| k.kind);
    let references: Vec<&Constraint> =
        look.schema.foreign_keys_of(table).map(|(_, constraint, _)| constraint).collect();
    let indexes: Vec<&Index> = look.schema.indexes_of(table).map(|(_, index)| index).collect();
    let referenced_by = look.index.referenced_by.get(&id).into_iter().flatten();
    Some(TableDetail {
        row: look.table_row(id, table),
        comment: table.comment.clone(),
        owner: table.owner.as_ref().map(Name::to_string),
        persistence: match table.persistence {
            Persistence::Permanent => "",
            Persistence::Unlogged => "unlogged",
            Persistence::Temporary => "temporary",
        }
        .to_owned(),
        columns: look.columns(id, table, &references, &indexes),
        keys,
        references: references.iter().filter_map(|c| look.reference(c)).collect(),
        referenced_by: referenced_by
            .filter_map(|constraint| look.reference(look.schema.constraints.get(*constraint)?))
            .collect(),
        checks: look.checks(table),
        indexes: indexes.iter().map(|index| look.index(index)).collect(),
        row_security: RowSecurity { enabled: table.rls_enabled, forced: table.rls_forced },
        policies: look.schema.policies_of(table).map(|(_, policy)| look.policy(policy)).collect(),
        triggers: look.triggers(&table.triggers),
        partitioning: look.partitioning(id, table),
        inherits: table.inherits.iter().filter_map(|parent| look.link(table_key(*parent))).collect(),
        used_by: look.used_by(key),
        options: options(&table.options),
        findings: model.about(target, key).to_vec(),
        location: model.location(table.span),
        name_location: model.location(table.name_span),
    })
}

/// Everything about a view.
pub(super) fn view(model: &Model, target: u32, id: u32) -> Option<ViewDetail> {
    let look = Look::new(model, target)?;
    let id = ViewId(id);
    let view = look.schema.views.get(id).filter(|v| v.dropped.is_none())?;
    let key = view_key(id);
    let mut reads: Vec<RelationKey> = view.query.references.iter().filter_map(|r| relation_key(r.target)).collect();
    reads.sort_unstable();
    reads.dedup();
    Some(ViewDetail {
        row: look.view_row(id, view),
        comment: view.comment.clone(),
        owner: view.owner.as_ref().map(Name::to_string),
        query: look.expression(&view.query),
        columns: view.columns.iter().map(Name::to_string).collect(),
        reads: reads.into_iter().filter_map(|r| look.link(r)).collect(),
        used_by: look.used_by(key),
        indexes: look.live_indexes(&view.indexes).map(|index| look.index(index)).collect(),
        triggers: look.triggers(&view.triggers),
        options: options(&view.options),
        findings: model.about(target, key).to_vec(),
        location: model.location(view.span),
        name_location: model.location(view.name_span),
    })
}

/// Everything about a page of tables and views.
pub(super) fn details(model: &Model, target: u32, page: Page) -> Option<DetailsPage> {
    let list = list(model, target, &TableFilter::default())?;
    let part = list.rows.iter().skip(page.offset as usize).take(page.limit as usize);
    let rows = part
        .filter_map(|row| match row.relation.kind {
            RelationKind::Table => table(model, target, row.relation.id).map(|t| RelationDetail::Table(Box::new(t))),
            RelationKind::View => view(model, target, row.relation.id).map(|v| RelationDetail::View(Box::new(v))),
        })
        .collect();
    Some(DetailsPage { total: list.total, offset: page.offset, rows })
}

/// The objects beside tables and views.
pub(super) fn objects(model: &Model, target: u32) -> Option<Objects> {
    let look = Look::new(model, target)?;
    let schema = look.schema;
    let mut rows = Vec::new();
    let mut add = |id: ObjectId, summary: String, comment: &Option<String>, span| {
        rows.push(ObjectRow {
            kind: schema.kind(id).name().to_owned(),
            path: schema.path(id),
            summary,
            comment: comment.clone(),
            location: model.location(span),
        });
    };
    for (id, item) in schema.types.iter().filter(|(_, t)| t.dropped.is_none()) {
        add(ObjectId::Type(id), look.type_summary(&item.kind), &item.comment, item.name_span);
    }
    for (id, item) in schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        add(ObjectId::Function(id), look.function_summary(id), &item.comment, item.name_span);
    }
    for (id, item) in schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()) {
        let owner = item.owned_by.map(|(table, column)| schema.path(ObjectId::Column(table, column)));
        let summary = match owner {
            Some(owner) => format!("{} for {owner}", item.data_type),
            None => item.data_type.to_string(),
        };
        add(ObjectId::Sequence(id), summary, &item.comment, item.span);
    }
    for (id, item) in schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
        let summary = format!("in {}", schema.path(ObjectId::Namespace(item.namespace)));
        add(ObjectId::Extension(id), summary, &None, item.span);
    }
    for (id, item) in schema.event_triggers.iter().filter(|(_, e)| e.dropped.is_none()) {
        let summary = format!("on {}, calls {}", item.event, look.trigger_function(&item.function));
        add(ObjectId::EventTrigger(id), summary, &None, item.span);
    }
    rows.sort_by(|a, b| (&a.kind, &a.path).cmp(&(&b.kind, &b.path)));
    Some(Objects { rows })
}

/// One target to be looked at.
struct Look<'a> {
    model: &'a Model,
    target: u32,
    schema: &'a Schema,
    index: &'a TargetIndex,
}

impl<'a> Look<'a> {
    fn new(model: &'a Model, target: u32) -> Option<Self> {
        Some(Self { model, target, schema: model.schema(target)?, index: model.index(target)? })
    }

    fn table_row(&self, id: TableId, table: &Table) -> TableRow {
        let relation = table_key(id);
        TableRow {
            relation,
            kind: match table.kind {
                TableKind::Foreign => RelationType::ForeignTable,
                TableKind::Partitioned => RelationType::PartitionedTable,
                TableKind::Ordinary if table.partition_of.is_some() => RelationType::Partition,
                TableKind::Ordinary => RelationType::Table,
            },
            schema: self.namespace(table.namespace),
            name: table.name.to_string(),
            path: self.schema.path(ObjectId::Table(id)),
            columns: count(table.live_columns().count()),
            references: count(self.schema.foreign_keys_of(table).count()),
            referenced_by: self.index.referenced_by.get(&id).map_or(0, |r| count(r.len())),
            indexes: count(self.schema.indexes_of(table).count()),
            partitions: self.index.partitions.get(&id).map_or(0, |p| count(p.len())),
            partition_of: table.partition_of.as_ref().map(|(parent, _)| table_key(*parent)),
            row_security: table.rls_enabled,
            findings: self.model.counts_of(self.target, relation),
        }
    }

    fn view_row(&self, id: ViewId, view: &View) -> TableRow {
        let relation = view_key(id);
        TableRow {
            relation,
            kind: if view.materialized { RelationType::MaterializedView } else { RelationType::View },
            schema: self.namespace(view.namespace),
            name: view.name.to_string(),
            path: self.schema.path(ObjectId::View(id)),
            columns: count(view.columns.len()),
            references: 0,
            referenced_by: 0,
            indexes: count(self.live_indexes(&view.indexes).count()),
            partitions: 0,
            partition_of: None,
            row_security: false,
            findings: self.model.counts_of(self.target, relation),
        }
    }

    fn columns(&self, id: TableId, table: &Table, references: &[&Constraint], indexes: &[&Index]) -> Vec<ColumnDetail> {
        let primary = self.schema.primary_key_of(table).map(|(_, c)| c.columns.as_slice()).unwrap_or_default();
        let subjects = self.column_findings(id);
        table
            .live_columns()
            .map(|(number, column)| {
                let path = self.schema.path(ObjectId::Column(id, number));
                let mut findings = SeverityCounts::default();
                for (_, severity) in subjects.iter().filter(|(subject, _)| *subject == path) {
                    findings.add(*severity);
                }
                let places = |found: &mut dyn Iterator<Item = (u32, bool)>| -> Vec<u32> {
                    found.filter_map(|(at, holds)| holds.then_some(at)).collect()
                };
                ColumnDetail {
                    number: number.0,
                    name: column.name.to_string(),
                    data_type: column.data_type.display(self.schema),
                    not_null: column.not_null,
                    default: column.default.as_ref().map(|d| self.expression(d)),
                    generated: column.generated.as_ref().map(|g| self.expression(&g.expr)),
                    identity: match column.identity {
                        Some(Identity::Always) => Some("always".to_owned()),
                        Some(Identity::ByDefault) => Some("by default".to_owned()),
                        None => column.serial.then(|| "serial".to_owned()),
                    },
                    collation: column.collation.as_ref().map(Name::to_string),
                    comment: column.comment.clone(),
                    primary_key: (1..).zip(primary).find_map(|(place, c)| (*c == number).then_some(place)),
                    unique: self.is_unique(table, &[number]),
                    references: places(&mut (0..).zip(references).map(|(at, c)| (at, c.columns.contains(&number)))),
                    indexes: places(&mut (0..).zip(indexes).map(|(at, i)| (at, leads(i, &[number])))),
                    findings,
                    location: self.model.location(column.span),
                    name_location: self.model.location(column.name_span),
                }
            })
            .collect()
    }

    /// Path and severity of each finding of the table whose subject is a column.
    fn column_findings(&self, id: TableId) -> Vec<(&'a str, relata_protocol::Severity)> {
        let all = self.model.about(self.target, table_key(id)).iter();
        all.filter_map(|at| {
            let (_, finding) = self.model.finding(*at)?;
            let subject = finding.objects.first()?;
            let is_column = subject.kind == relata_core::operation::ObjectKind::Column;
            is_column.then_some((subject.path.as_str(), severity(finding.severity)))
        })
        .collect()
    }

    fn key(&self, table: &Table, constraint: &Constraint) -> Option<KeyDetail> {
        let (kind, nulls_not_distinct) = match &constraint.kind {
            ConstraintKind::PrimaryKey => (KeyKind::PrimaryKey, false),
            ConstraintKind::Unique { nulls_not_distinct } => (KeyKind::Unique, *nulls_not_distinct),
            ConstraintKind::Exclude { .. } => (KeyKind::Exclude, false),
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => return None,
        };
        Some(KeyDetail {
            kind,
            name: constraint.name.to_string(),
            columns: names(table, &constraint.columns),
            nulls_not_distinct,
            deferral: deferral(constraint),
            comment: constraint.comment.clone(),
            location: self.model.location(constraint.span),
        })
    }

    fn checks(&self, table: &Table) -> Vec<CheckDetail> {
        let constraints = self.schema.constraints_of(table);
        constraints
            .filter_map(|(_, constraint)| match &constraint.kind {
                ConstraintKind::Check(expr) => Some(CheckDetail {
                    name: constraint.name.to_string(),
                    expression: self.expression(expr),
                    columns: names(table, &constraint.columns),
                    validated: constraint.validated,
                    comment: constraint.comment.clone(),
                    location: self.model.location(constraint.span),
                }),
                _ => None,
            })
            .collect()
    }

    fn reference(&self, constraint: &Constraint) -> Option<ReferenceDetail> {
        let ConstraintKind::ForeignKey(foreign_key) = &constraint.kind else { return None };
        let ForeignKey { references, columns, on_delete, on_delete_columns, on_update, .. } = foreign_key;
        let child = self.schema.tables.get(constraint.table)?;
        let parent = self.schema.tables.get(*references)?;
        let mut delete = on_delete.sql().to_owned();
        if !on_delete_columns.is_empty() {
            let listed: Vec<String> = names(child, on_delete_columns).iter().map(|name| quote(name)).collect();
            delete.push_str(&format!(" ({})", listed.join(", ")));
        }
        Some(ReferenceDetail {
            name: constraint.name.to_string(),
            from: self.link(table_key(constraint.table))?,
            from_columns: names(child, &constraint.columns),
            to: self.link(table_key(*references))?,
            to_columns: names(parent, columns),
            on_delete: delete,
            on_update: on_update.sql().to_owned(),
            mandatory: constraint.columns.iter().all(|c| child.column(*c).is_some_and(|c| c.not_null)),
            unique: self.is_unique(child, &constraint.columns),
            indexed: self.schema.indexes_of(child).any(|(_, index)| leads(index, &constraint.columns)),
            validated: constraint.validated,
            deferral: deferral(constraint),
            comment: constraint.comment.clone(),
            location: self.model.location(constraint.span),
        })
    }

    /// Whether at most one row can have the same values in these columns: a unique index without predicate lies within them.
    fn is_unique(&self, table: &Table, columns: &[ColumnNumber]) -> bool {
        self.schema.indexes_of(table).any(|(_, index)| {
            index.unique
                && index.predicate.is_none()
                && !index.keys.is_empty()
                && index.keys.iter().all(|k| matches!(&k.target, KeyTarget::Column(c) if columns.contains(c)))
        })
    }

    fn index(&self, index: &Index) -> IndexDetail {
        let column = |number: ColumnNumber| match index.owner {
            relata_core::schema::RelationId::Table(table) => self.schema.column(table, number).map(|c| c.name.as_str()),
            relata_core::schema::RelationId::View(view) => {
                self.schema.views.get(view).and_then(|v| v.columns.get(number.index())).map(Name::as_str)
            }
            _ => None,
        };
        let key = |key: &relata_core::schema::Key| {
            let target = match &key.target {
                KeyTarget::Column(number) => column(*number).map(quote).unwrap_or_default(),
                KeyTarget::Expression(expr) => format!("({})", self.expression(expr)),
            };
            let options = key_options(key);
            if options.is_empty() { target } else { format!("{target} {options}") }
        };
        let constraint = index.constraint.and_then(|c| self.schema.constraints.get(c));
        IndexDetail {
            name: index.name.to_string(),
            method: index.method.to_string(),
            unique: index.unique,
            keys: index.keys.iter().map(key).collect(),
            include: index.include.iter().filter_map(|c| column(*c).map(str::to_owned)).collect(),
            predicate: index.predicate.as_ref().map(|p| self.expression(p)),
            nulls_not_distinct: index.nulls_not_distinct,
            constraint: constraint.map(|c| c.name.to_string()),
            comment: index.comment.clone(),
            location: self.model.location(index.span),
        }
    }

    fn policy(&self, policy: &Policy) -> PolicyDetail {
        PolicyDetail {
            name: policy.name.to_string(),
            permissive: policy.permissive,
            command: policy.command.sql().to_owned(),
            roles: policy.roles.iter().map(Name::to_string).collect(),
            using: policy.using.as_ref().map(|e| self.expression(e)),
            with_check: policy.with_check.as_ref().map(|e| self.expression(e)),
            comment: policy.comment.clone(),
            location: self.model.location(policy.span),
        }
    }

    fn triggers(&self, ids: &[TriggerId]) -> Vec<TriggerDetail> {
        self.schema.triggers_of(ids).map(|(_, trigger)| self.trigger(trigger)).collect()
    }

    fn trigger(&self, trigger: &Trigger) -> TriggerDetail {
        let update_of: Vec<String> = match trigger.owner {
            relata_core::schema::RelationId::Table(id) => {
                self.schema.tables.get(id).map(|t| names(t, &trigger.update_of)).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let events: Vec<String> = trigger
            .events
            .iter()
            .map(|event| match event {
                TriggerEvent::Insert => "INSERT".to_owned(),
                TriggerEvent::Update if !update_of.is_empty() => {
                    let columns: Vec<String> = update_of.iter().map(|name| quote(name)).collect();
                    format!("UPDATE OF {}", columns.join(", "))
                }
                TriggerEvent::Update => "UPDATE".to_owned(),
                TriggerEvent::Delete => "DELETE".to_owned(),
                TriggerEvent::Truncate => "TRUNCATE".to_owned(),
            })
            .collect();
        let timing = match trigger.timing {
            TriggerTiming::Before => "BEFORE",
            TriggerTiming::After => "AFTER",
            TriggerTiming::InsteadOf => "INSTEAD OF",
        };
        TriggerDetail {
            name: trigger.name.to_string(),
            event: format!("{timing} {}", events.join(" OR ")),
            for_each_row: trigger.for_each_row,
            when: trigger.when.as_ref().map(|e| self.expression(e)),
            function: self.trigger_function(&trigger.function),
            state: match trigger.state {
                TriggerState::Enabled => "",
                TriggerState::Disabled => "disabled",
                TriggerState::Replica => "replica",
                TriggerState::Always => "always",
            }
            .to_owned(),
            comment: trigger.comment.clone(),
            location: self.model.location(trigger.span),
        }
    }

    fn trigger_function(&self, function: &TriggerFunction) -> String {
        match function {
            TriggerFunction::User(id) => {
                self.schema.functions.get(*id).map_or_else(String::new, |f| self.schema.qualified(f.namespace, &f.name))
            }
            TriggerFunction::Named(schema, name) if schema.is_empty() => quote(name),
            TriggerFunction::Named(schema, name) => format!("{}.{}", quote(schema), quote(name)),
        }
    }

    fn partitioning(&self, id: TableId, table: &Table) -> Option<Partitioning> {
        let partitions = self.index.partitions.get(&id).map(Vec::as_slice).unwrap_or_default();
        if table.partition_key.is_none() && table.partition_of.is_none() {
            return None;
        }
        Some(Partitioning {
            key: table.partition_key.as_ref().map(|k| k.text.text.to_string()),
            parent: table.partition_of.as_ref().and_then(|(parent, _)| self.link(table_key(*parent))),
            bound: table.partition_of.as_ref().map(|(_, bound)| bound.text.text.to_string()),
            partitions: partitions.iter().filter_map(|p| self.link(table_key(*p))).collect(),
        })
    }

    fn used_by(&self, relation: RelationKey) -> Vec<RelationLink> {
        let readers = self.index.readers.get(&relation).into_iter().flatten();
        readers.filter_map(|view| self.link(view_key(*view))).collect()
    }

    /// A table or view to go to, unless it is gone.
    fn link(&self, relation: RelationKey) -> Option<RelationLink> {
        let path = match relation.kind {
            RelationKind::Table => {
                let id = TableId(relation.id);
                self.schema.tables.get(id).filter(|t| t.dropped.is_none())?;
                self.schema.path(ObjectId::Table(id))
            }
            RelationKind::View => {
                let id = ViewId(relation.id);
                self.schema.views.get(id).filter(|v| v.dropped.is_none())?;
                self.schema.path(ObjectId::View(id))
            }
        };
        Some(RelationLink { relation, path })
    }

    fn live_indexes(&self, ids: &[IndexId]) -> impl Iterator<Item = &'a Index> {
        ids.iter().filter_map(|id| self.schema.indexes.get(*id)).filter(|index| index.dropped.is_none())
    }

    fn namespace(&self, id: NamespaceId) -> String {
        self.schema.namespaces.get(id).map(|n| n.name.to_string()).unwrap_or_default()
    }

    fn expression(&self, expr: &StoredExpr) -> String {
        self.schema.display_expr(expr)
    }

    fn type_summary(&self, kind: &TypeKind) -> String {
        match kind {
            TypeKind::Enum(labels) => {
                let shown: Vec<&str> = labels.iter().take(LABELS_SHOWN).map(|(label, _)| label.as_str()).collect();
                let rest = labels.len() - shown.len();
                let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
                format!("enum: {}{more}", shown.join(", "))
            }
            TypeKind::Domain(domain) => {
                let not_null = if domain.not_null { " NOT NULL" } else { "" };
                format!("{}{not_null}", domain.base.display(self.schema))
            }
            TypeKind::Composite(attributes) => {
                let listed: Vec<String> =
                    attributes.iter().map(|(name, t)| format!("{} {}", quote(name), t.display(self.schema))).collect();
                format!("composite: {}", listed.join(", "))
            }
            TypeKind::Range { subtype: Some(subtype), .. } => format!("range of {}", subtype.display(self.schema)),
            TypeKind::Range { subtype: None, .. } => "range".to_owned(),
            TypeKind::Base => "base type".to_owned(),
            TypeKind::Shell => "declared only".to_owned(),
        }
    }

    fn function_summary(&self, id: FunctionId) -> String {
        let Some(function) = self.schema.functions.get(id) else { return String::new() };
        let mut parts = Vec::new();
        if let Some(returns) = &function.returns {
            let set = if function.returns_set { "setof " } else { "" };
            parts.push(format!("returns {set}{}", returns.display(self.schema)));
        } else if !function.returns_table.is_empty() {
            parts.push("returns a table".to_owned());
        }
        if !function.language.is_empty() {
            parts.push(format!("language {}", function.language));
        }
        if function.security_definer {
            parts.push("security definer".to_owned());
        }
        parts.join(", ")
    }
}

/// Whether an index without predicate begins with these columns, in any order.
fn leads(index: &Index, columns: &[ColumnNumber]) -> bool {
    let first: Vec<ColumnNumber> = index
        .keys
        .iter()
        .take(columns.len())
        .filter_map(|key| match &key.target {
            KeyTarget::Column(number) => Some(*number),
            KeyTarget::Expression(_) => None,
        })
        .collect();
    index.predicate.is_none() && !columns.is_empty() && columns.iter().all(|c| first.contains(c))
}

fn names(table: &Table, columns: &[ColumnNumber]) -> Vec<String> {
    columns.iter().filter_map(|c| table.columns.get(c.index())).map(|c| c.name.to_string()).collect()
}

fn deferral(constraint: &Constraint) -> String {
    match (constraint.deferrable, constraint.initially_deferred) {
        (_, true) => "initially deferred",
        (true, false) => "deferrable",
        (false, false) => "",
    }
    .to_owned()
}

fn options<K: AsRef<str>>(options: &[(K, String)]) -> Vec<(String, String)> {
    options.iter().map(|(name, value)| (name.as_ref().to_owned(), value.clone())).collect()
}
