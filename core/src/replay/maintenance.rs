//! REINDEX and CLUSTER, which leave the schema alone but for which index a table is clustered on, and marks of indexes that ALTER TABLE sets: the one
//! that a table is clustered on, and the one that is its replica identity. Source: PostgreSQL manual, the pages of these names.

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::lookup::{as_written, object_of};
use super::{Note, Replayer};
use crate::name::{Ident, QualifiedName};
use crate::operation::ObjectKind;
use crate::schema::{Index, IndexId, KeyTarget, RelationId, TableKind};

impl Replayer {
    /// A statement works on a relation and leaves the schema alone.
    pub(super) fn use_relation(&mut self, name: &QualifiedName) -> Outcome<RelationId> {
        let relation = self.relation(name)?;
        self.note(Note::Uses(relation));
        Ok(relation)
    }

    /// REINDEX. What works through several tables commits after each.
    pub(super) fn reindex(&mut self, kind: ObjectKind, target: Option<&QualifiedName>, concurrently: bool) -> Outcome {
        if concurrently {
            self.not_in_transaction("REINDEX CONCURRENTLY")?;
        }
        match (kind, target) {
            (ObjectKind::Index, Some(name)) => {
                let relation = self.use_relation(name)?;
                let RelationId::Index(index) = relation else {
                    let message = format!("\"{}\" is not an index", as_written(name));
                    return refuse_for(state::WRONG_OBJECT_TYPE, name.span(), message, vec![object_of(relation)]);
                };
                let owner = self.schema.indexes.get(index).map(|i| i.owner);
                if owner.is_some_and(|owner| self.is_partitioned(owner)) {
                    self.not_in_transaction("REINDEX INDEX")?;
                }
                Ok(())
            }
            (ObjectKind::Table, Some(name)) => {
                let relation = self.use_relation(name)?;
                self.check_has_rows(relation, name)?;
                if self.is_partitioned(relation) { self.not_in_transaction("REINDEX TABLE") } else { Ok(()) }
            }
            (ObjectKind::Schema, Some(name)) => {
                self.not_in_transaction("REINDEX SCHEMA")?;
                self.check_namespace(&name.name).map(drop)
            }
            _ => self.not_in_transaction("REINDEX DATABASE"),
        }
    }

    /// CLUSTER, of one table or of all that were clustered before.
    pub(super) fn cluster(&mut self, table: Option<&QualifiedName>, index: Option<&Ident>) -> Outcome {
        let Some(name) = table else { return self.not_in_transaction("CLUSTER") };
        let relation = self.use_relation(name)?;
        self.check_has_rows(relation, name)?;
        let partitioned = self.is_partitioned(relation);
        if partitioned {
            self.not_in_transaction("CLUSTER")?;
        }
        match index {
            Some(_) if partitioned => Ok(()),
            Some(index) => self.cluster_on(relation, Some(index)),
            None if partitioned || self.marked(relation, |i| i.clustered) => Ok(()),
            None => {
                let message =
                    format!("there is no previously clustered index for table \"{}\"", self.relation_name(relation));
                refuse_for(state::UNDEFINED_OBJECT, name.span(), message, vec![object_of(relation)])
            }
        }
    }

    /// Refuses a relation whose rows nobody stores.
    fn check_has_rows(&self, relation: RelationId, name: &QualifiedName) -> Outcome {
        let stored = match relation {
            RelationId::Table(id) => self.schema.tables.get(id).is_none_or(|t| t.kind != TableKind::Foreign),
            RelationId::View(id) => self.schema.views.get(id).is_none_or(|v| v.materialized),
            _ => false,
        };
        if stored {
            return Ok(());
        }
        let message = format!("\"{}\" is not a table or materialized view", as_written(name));
        refuse_for(state::WRONG_OBJECT_TYPE, name.span(), message, vec![object_of(relation)])
    }

    fn is_partitioned(&self, relation: RelationId) -> bool {
        matches!(relation, RelationId::Table(id) if self.schema.tables.get(id).is_some_and(|t| t.kind == TableKind::Partitioned))
    }

    /// Whether an index of a relation has a mark; of one that is not known as a whole any may have it.
    fn marked(&self, relation: RelationId, mark: impl Fn(&Index) -> bool) -> bool {
        let partial = match relation {
            RelationId::Table(id) => self.schema.tables.get(id).is_none_or(|t| t.partial),
            RelationId::View(id) => self.schema.views.get(id).is_none_or(|v| v.partial),
            _ => true,
        };
        partial || self.indexes_on(relation).iter().filter_map(|id| self.schema.indexes.get(*id)).any(mark)
    }

    fn indexes_on(&self, relation: RelationId) -> Vec<IndexId> {
        let ids = match relation {
            RelationId::Table(id) => self.schema.tables.get(id).map(|t| t.indexes.clone()),
            RelationId::View(id) => self.schema.views.get(id).map(|v| v.indexes.clone()),
            _ => None,
        };
        let live = |id: &IndexId| self.schema.indexes.get(*id).is_some_and(|i| i.dropped.is_none());
        ids.unwrap_or_default().into_iter().filter(live).collect()
    }

    /// CLUSTER ON and SET WITHOUT CLUSTER (`check_index_is_clusterable`).
    pub(super) fn cluster_on(&mut self, owner: RelationId, written: Option<&Ident>) -> Outcome {
        let chosen = match written {
            Some(written) => {
                let (id, index) = self.index_of(owner, written)?;
                let cannot = if !matches!(index.method.as_str(), "btree" | "gist") {
                    "because access method does not support clustering"
                } else if index.predicate.is_some() {
                    "because it is a partial index"
                } else if self.is_partitioned(owner) {
                    "in a partitioned table"
                } else {
                    ""
                };
                if !cannot.is_empty() {
                    let message = format!("cannot cluster on index \"{}\" {cannot}", index.name);
                    return refuse(state::FEATURE_NOT_SUPPORTED, written.span, message);
                }
                Some(id)
            }
            None => None,
        };
        self.mark_index(owner, chosen, |index| &mut index.clustered);
        Ok(())
    }

    /// REPLICA IDENTITY, with an index or as anything else (`ATExecReplicaIdentity`).
    pub(super) fn replica_identity(&mut self, owner: RelationId, written: Option<&Ident>) -> Outcome {
        let chosen = match written {
            Some(written) => Some(self.identifying_index(owner, written)?),
            None => None,
        };
        self.mark_index(owner, chosen, |index| &mut index.replica_identity);
        Ok(())
    }

    /// The index that may identify rows to a replica.
    fn identifying_index(&self, owner: RelationId, written: &Ident) -> Outcome<IndexId> {
        let (id, index) = self.index_of(owner, written)?;
        let deferrable = index.constraint.and_then(|c| self.schema.constraints.get(c)).is_some_and(|c| c.deferrable);
        let nullable = index.keys.iter().find_map(|key| match (&key.target, owner) {
            (KeyTarget::Column(column), RelationId::Table(table)) => {
                self.schema.column(table, *column).filter(|c| !c.not_null).map(|c| c.name.clone())
            }
            // No column of a materialized view is NOT NULL.
            (KeyTarget::Column(column), RelationId::View(view)) => {
                self.schema.views.get(view).and_then(|v| v.columns.get(column.index())).cloned()
            }
            _ => None,
        });
        let (sqlstate, message) = if !index.unique {
            let message = format!("cannot use non-unique index \"{}\" as replica identity", index.name);
            (state::WRONG_OBJECT_TYPE, message)
        } else if let Some(kind) = if deferrable {
            Some("non-immediate")
        } else if index.keys.iter().any(|k| matches!(k.target, KeyTarget::Expression(_))) {
            Some("expression")
        } else if index.predicate.is_some() {
            Some("partial")
        } else {
            None
        } {
            let message = format!("cannot use {kind} index \"{}\" as replica identity", index.name);
            (state::FEATURE_NOT_SUPPORTED, message)
        } else if let Some(column) = nullable {
            let index = &index.name;
            let message =
                format!("index \"{index}\" cannot be used as replica identity because column \"{column}\" is nullable");
            (state::WRONG_OBJECT_TYPE, message)
        } else {
            return Ok(id);
        };
        refuse(sqlstate, written.span, message)
    }

    /// Gives one index of a relation a mark, and takes it from the others.
    fn mark_index(&mut self, owner: RelationId, chosen: Option<IndexId>, mark: impl Fn(&mut Index) -> &mut bool) {
        for id in self.indexes_on(owner) {
            if let Some(index) = self.schema.indexes.get_mut(id) {
                *mark(index) = chosen == Some(id);
            }
        }
    }

    /// The index that a clause names; one of another relation is no such index.
    fn index_of(&self, owner: RelationId, written: &Ident) -> Outcome<(IndexId, &Index)> {
        let (name, relation) = (written.fold(), self.relation_name(owner));
        let namespace = match owner {
            RelationId::View(view) => self.schema.views.get(view).map(|v| v.namespace),
            RelationId::Table(table) => Some(self.table_namespace(table)),
            _ => None,
        };
        let found = namespace.and_then(|namespace| self.schema.find_relation(namespace, &name));
        let index = match found {
            Some(RelationId::Index(id)) => self.schema.indexes.get(id).map(|index| (id, index)),
            _ => None,
        };
        match (index, found) {
            (Some((id, index)), _) if index.owner == owner => Ok((id, index)),
            (_, Some(_)) => {
                let message = format!("\"{name}\" is not an index for table \"{relation}\"");
                refuse(state::WRONG_OBJECT_TYPE, written.span, message)
            }
            (_, None) => {
                let message = format!("index \"{name}\" for table \"{relation}\" does not exist");
                refuse(state::UNDEFINED_OBJECT, written.span, message)
            }
        }
    }
}
