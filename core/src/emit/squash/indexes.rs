//! Constraints and indexes. Those of a partitioned table that has partitions are made ON ONLY it, and those of its partitions attached, so that
//! every name is the one that it was.

use std::collections::BTreeSet;

use super::order::Soft;
use super::tables::with_options;
use super::text::outer_words;
use super::{Section, Squash};
use crate::emit::catalog::key_options;
use crate::name::quote;
use crate::operation::{ConstraintDefKind, MatchType, ReferentialAction};
use crate::order::Order;
use crate::problem::ProblemKind;
use crate::schema::*;

impl<'a> Squash<'a> {
    /// The constraints that stand in a table's CREATE TABLE.
    /// A child that takes its columns from its parents takes their checks, too.
    pub(super) fn inline_constraints(&mut self, id: TableId, table: &Table, takes_columns: bool) -> Vec<String> {
        let mut lines: Vec<(u8, &str, String)> = Vec::new();
        let has_children = !self.schema.children_of(id).is_empty();
        let mut inline = Vec::new();
        let mut own: Vec<(ConstraintId, &Constraint)> = self.schema.constraints_of(table).collect();
        // The primary key first: of its twins it is the one that stays.
        own.order_by_key(|(id, c)| (!matches!(c.kind, ConstraintKind::PrimaryKey), c.name.clone(), *id));
        for (constraint, c) in own {
            let rank = match &c.kind {
                ConstraintKind::PrimaryKey => 0,
                ConstraintKind::Unique { .. } => 1,
                ConstraintKind::Exclude { .. } => 2,
                ConstraintKind::Check(_) => 3,
                ConstraintKind::ForeignKey(_) => continue,
            };
            if rank == 3 {
                let inherited = c.inherit_count > 0 && takes_columns;
                if inherited {
                    inline.push(constraint);
                    continue;
                }
                if !c.validated || self.deferred.contains(&Soft::Check(constraint)) {
                    continue;
                }
            } else if c.parent.is_some() || (table.kind == TableKind::Partitioned && has_children) {
                continue;
            }
            // CREATE TABLE makes one of two keys over the same columns; ALTER TABLE makes both.
            let twin = |other: &ConstraintId| {
                let other = self.schema.constraints.get(*other);
                other.is_some_and(|o| o.columns == c.columns && !matches!(o.kind, ConstraintKind::Check(_)))
            };
            if rank < 3 && inline.iter().any(twin) {
                continue;
            }
            if let Some(sql) = self.constraint(c) {
                inline.push(constraint);
                lines.push((rank, c.name.as_str(), sql));
            }
        }
        self.inline.extend(inline);
        lines.order();
        lines.into_iter().map(|(_, _, sql)| sql).collect()
    }

    /// A constraint as a table constraint.
    fn constraint(&self, c: &Constraint) -> Option<String> {
        let mut sql = format!("CONSTRAINT {} ", quote(&c.name));
        let index = c.index.and_then(|i| self.schema.indexes.get(i));
        let columns = self.columns(c.table, &c.columns);
        let written = self.origins.constraint(c.span);
        match &c.kind {
            ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. } => {
                sql.push_str(match &c.kind {
                    ConstraintKind::PrimaryKey => "PRIMARY KEY",
                    ConstraintKind::Unique { nulls_not_distinct: true } => "UNIQUE NULLS NOT DISTINCT",
                    _ => "UNIQUE",
                });
                let overlaps = match written {
                    Some(ConstraintDefKind::PrimaryKey { options, .. } | ConstraintDefKind::Unique { options, .. }) => {
                        options.without_overlaps
                    }
                    _ => false,
                };
                let overlaps = if overlaps { " WITHOUT OVERLAPS" } else { "" };
                sql.push_str(&format!(" ({columns}{overlaps})"));
                if let Some(index) = index {
                    sql.push_str(&self.index_tail(index));
                    sql.push_str(&self.parameters_of_key(c, index));
                }
            }
            ConstraintKind::Exclude { predicate } => {
                let index = index?;
                let Some(ConstraintDefKind::Exclude { elements, .. }) = written else { return None };
                let keys = index.keys.iter().zip(elements);
                let keys: Vec<String> =
                    keys.map(|(key, (_, operator))| format!("{} WITH {operator}", self.key(index, key))).collect();
                sql.push_str(&format!("EXCLUDE USING {} ({})", quote(&index.method), keys.join(", ")));
                sql.push_str(&self.index_tail(index));
                sql.push_str(&self.parameters_of_key(c, index));
                if let Some(predicate) = predicate {
                    sql.push_str(&format!(" WHERE ({})", self.names.expr(predicate)));
                }
            }
            ConstraintKind::Check(check) => {
                sql.push_str(&format!("CHECK ({})", self.names.expr(check)));
                if c.no_inherit {
                    sql.push_str(" NO INHERIT");
                }
            }
            ConstraintKind::ForeignKey(fk) => {
                let period =
                    matches!(written, Some(ConstraintDefKind::ForeignKey { references, .. }) if references.period);
                let with_period = |columns: String| match columns.rsplit_once(", ") {
                    Some((rest, last)) if period => format!("{rest}, PERIOD {last}"),
                    _ => columns,
                };
                let its = with_period(self.columns(fk.references, &fk.columns));
                let own = with_period(columns);
                sql.push_str(&format!("FOREIGN KEY ({own}) REFERENCES {} ({its})", self.table_path(fk.references)));
                match fk.match_type {
                    MatchType::Simple => {}
                    MatchType::Full => sql.push_str(" MATCH FULL"),
                    MatchType::Partial => sql.push_str(" MATCH PARTIAL"),
                }
                if fk.on_update != ReferentialAction::NoAction {
                    sql.push_str(&format!(" ON UPDATE {}", fk.on_update.sql()));
                }
                if fk.on_delete_written || fk.on_delete != ReferentialAction::NoAction {
                    sql.push_str(&format!(" ON DELETE {}", fk.on_delete.sql()));
                }
                if !fk.on_delete_columns.is_empty() {
                    sql.push_str(&format!(" ({})", self.columns(c.table, &fk.on_delete_columns)));
                }
            }
        }
        if c.deferrable {
            sql.push_str(" DEFERRABLE");
            if c.initially_deferred {
                sql.push_str(" INITIALLY DEFERRED");
            }
        }
        if !c.enforced {
            sql.push_str(" NOT ENFORCED");
        } else if !c.validated {
            sql.push_str(" NOT VALID");
        }
        Some(sql)
    }

    /// A key of an index with what stands behind it.
    fn key(&self, index: &Index, key: &Key) -> String {
        let mut sql = match &key.target {
            KeyTarget::Column(number) => self.relation_columns(index.owner, &[*number]),
            KeyTarget::Expression(expr) => format!("({})", self.names.expr(expr)),
        };
        let mut options = key_options(key);
        if let Some(collation) = &key.collation
            && let Some(rest) = options.strip_prefix(&format!("COLLATE {}", quote(collation)))
        {
            options = format!("COLLATE {}{rest}", self.collation(collation));
        }
        if !options.is_empty() {
            sql.push_str(&format!(" {options}"));
        }
        sql
    }

    fn relation_columns(&self, owner: RelationId, numbers: &[ColumnNumber]) -> String {
        match owner {
            RelationId::Table(table) => self.columns(table, numbers),
            RelationId::View(view) => {
                let view = self.schema.views.get(view);
                let name = |n: &ColumnNumber| view?.columns.get(n.index()).map(|c| quote(c));
                numbers.iter().filter_map(name).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        }
    }

    /// INCLUDE and parameters.
    fn index_tail(&self, index: &Index) -> String {
        let mut out = String::new();
        if !index.include.is_empty() {
            out.push_str(&format!(" INCLUDE ({})", self.relation_columns(index.owner, &index.include)));
        }
        if index.nulls_not_distinct && index.constraint.is_none() {
            out.push_str(" NULLS NOT DISTINCT");
        }
        out.push_str(&with_options(&index.options, " "));
        out
    }

    /// `WITH (…) USING INDEX TABLESPACE …` of a key as it was written: of keys the model does not hold them.
    fn parameters_of_key(&self, c: &Constraint, index: &Index) -> String {
        let text = self.origins.text(c.span).unwrap_or_default();
        let words = outer_words(text);
        let mut out = String::new();
        for (number, (at, word)) in words.iter().enumerate() {
            let rest = text.get(at + word.len()..).unwrap_or_default();
            if word.eq_ignore_ascii_case("WITH") && rest.trim_start().starts_with('(') && index.options.is_empty() {
                let end = rest.find(')').map_or(rest.len(), |end| end + 1);
                out.push_str(&format!(" WITH {}", rest.get(..end).unwrap_or_default().trim_start()));
            }
            if word.eq_ignore_ascii_case("TABLESPACE")
                && let Some((_, name)) = words.get(number + 1)
            {
                out.push_str(&format!(" USING INDEX TABLESPACE {name}"));
            }
        }
        out
    }

    /// Keys, exclusions and checks that CREATE TABLE does not hold.
    pub(super) fn constraints(&mut self) {
        let mut all: Vec<(ConstraintId, &Constraint)> = Vec::new();
        for (_, table) in self.all_tables() {
            if !self.in_script(table.namespace) {
                continue;
            }
            all.extend(self.schema.constraints_of(table).filter(|(id, c)| {
                let key = matches!(c.kind, ConstraintKind::ForeignKey(_));
                // Of a table that the input does not make only what the input adds.
                let added = !table.assumed || !self.origins.statements(ObjectId::Constraint(*id)).is_empty();
                !key && added && !self.inline.contains(id)
            }));
        }
        // A partitioned table's come before those of its partitions that are attached to them.
        let mut attached = Vec::new();
        for (id, c) in all {
            if matches!(c.kind, ConstraintKind::Check(_)) && c.inherit_count > 0 && !c.is_local {
                continue;
            }
            match self.constraint(c) {
                Some(sql) => {
                    let check = matches!(c.kind, ConstraintKind::Check(_));
                    let only = if check { "" } else { "ONLY " };
                    let sql = format!("ALTER TABLE {only}{} ADD {sql}", self.table_path(c.table));
                    self.push_made(Section::Constraints, ObjectId::Constraint(id), c.span, sql);
                }
                None => {
                    let path = self.schema.path(ObjectId::Constraint(id));
                    let message = format!("the constraint {path}, whose operators are not known.");
                    self.note(ProblemKind::UnsupportedStatement, message, Some(c.span));
                }
            }
            if let Some((parent, own)) = c.parent.zip(c.index) {
                attached.extend(self.schema.constraints.get(parent).and_then(|p| p.index).map(|p| (p, own)));
            }
        }
        self.attach(Section::Constraints, attached);
    }

    fn attach(&mut self, section: Section, indexes: Vec<(IndexId, IndexId)>) {
        for (parent, own) in indexes {
            let path = |id| self.schema.relation_path(RelationId::Index(id));
            let sql = format!("ALTER INDEX {} ATTACH PARTITION {}", path(parent), path(own));
            self.push(section, sql);
        }
    }

    /// Indexes of tables or of materialized views.
    pub(super) fn indexes(&mut self, of_views: bool) {
        let mut attached = Vec::new();
        let made =
            |id: &IndexId| self.schema.indexes.get(*id).is_some_and(|i| i.dropped.is_none() && i.constraint.is_none());
        let all: Vec<IndexId> = if of_views {
            self.views().into_iter().flat_map(|(_, v)| v.indexes.iter().copied()).filter(made).collect()
        } else {
            self.all_tables().into_iter().flat_map(|(_, t)| t.indexes.iter().copied()).filter(made).collect()
        };
        for id in all {
            let Some(index) = self.schema.indexes.get(id) else { continue };
            let mut only = "";
            let owner = match index.owner {
                RelationId::Table(table) => {
                    let Some(t) = self.schema.tables.get(table) else { continue };
                    if t.kind == TableKind::Partitioned && !self.schema.children_of(table).is_empty() {
                        only = "ONLY ";
                    }
                    self.table_path(table)
                }
                other => self.schema.relation_path(other),
            };
            let keys: Vec<String> = index.keys.iter().map(|k| self.key(index, k)).collect();
            let mut sql = format!(
                "CREATE {}INDEX {} ON {only}{owner} USING {} ({}){}",
                if index.unique { "UNIQUE " } else { "" },
                quote(&index.name),
                quote(&index.method),
                keys.join(", "),
                self.index_tail(index)
            );
            if let Some(predicate) = &index.predicate {
                sql.push_str(&format!(" WHERE {}", self.names.expr(predicate)));
            }
            self.push_made(Section::Indexes, ObjectId::Index(id), index.span, sql);
            attached.extend(index.parent.map(|parent| (parent, id)));
        }
        self.attach(Section::Indexes, attached);
    }

    /// Foreign keys, when all tables and keys are there.
    pub(super) fn foreign_keys(&mut self) {
        let mut before: Vec<(ConstraintId, &Constraint)> = Vec::new();
        let mut after = Vec::new();
        let mut seen: BTreeSet<ConstraintId> = BTreeSet::new();
        for (_, table) in self.all_tables() {
            for (id, c, _) in self.schema.foreign_keys_of(table) {
                let parent = c.parent.and_then(|p| self.schema.constraints.get(p));
                match parent {
                    // The parent's key makes those of the partitions; one that is called otherwise has to be there already.
                    Some(parent) if parent.table != c.table && parent.name != c.name => before.push((id, c)),
                    Some(_) => {}
                    None if table.assumed && self.origins.statements(ObjectId::Constraint(id)).is_empty() => {}
                    None => after.push((id, c)),
                }
            }
        }
        for (id, c) in before.into_iter().chain(after) {
            if seen.insert(id)
                && let Some(sql) = self.constraint(c)
            {
                let sql = format!("ALTER TABLE {}\n    ADD {sql}", self.table_path(c.table));
                self.push_made(Section::ForeignKeys, ObjectId::Constraint(id), c.span, sql);
            }
        }
    }
}
