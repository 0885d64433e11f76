//! Identity columns of partitioned tables, which their partitions share since version 17. Source: PostgreSQL 17 manual, appendix E "Release Notes", and
//! 5.3 "Identity Columns".

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use super::constraints::is_partitioned;
use crate::name::{Ident, Name, QualifiedName};
use crate::schema::{Identity, Table, TableId};

/// The version since which partitions have them.
const IN_PARTITIONS_SINCE: u16 = 17;

impl Replayer {
    /// Partitions have the identity columns of their parent, and its sequences, since version 17.
    pub(super) fn take_identity(&mut self, parent: TableId, partition: TableId) {
        for (name, identity) in self.identities(parent) {
            self.spread_identity(partition, &name, Some(identity), true);
        }
    }

    /// What is detached has those of its parent no more.
    pub(super) fn lose_identity(&mut self, parent: TableId, partition: TableId) {
        for (name, _) in self.identities(parent) {
            self.spread_identity(partition, &name, None, true);
        }
    }

    fn identities(&self, table: TableId) -> Vec<(Name, Identity)> {
        let columns = self.schema.tables.get(table).into_iter().flat_map(Table::live_columns);
        columns.filter_map(|(_, c)| Some((c.name.clone(), c.identity?))).collect()
    }

    /// Refuses to attach a table with identity columns of its own.
    pub(super) fn check_without_identity(&self, partition: TableId, written: &QualifiedName) -> Outcome {
        if !self.is_at_least(IN_PARTITIONS_SINCE) {
            return Ok(());
        }
        let Some((column, _)) = self.identities(partition).into_iter().next() else { return Ok(()) };
        let message =
            format!("table \"{}\" being attached contains an identity column \"{column}\"", self.table_name(partition));
        refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, written.span(), message)
    }

    /// Gives a column's identity, or that it has none, to the partitions; to the table as well where it is a partition itself.
    pub(super) fn spread_identity(&mut self, table: TableId, column: &Name, identity: Option<Identity>, own: bool) {
        if !(self.shares_identity(table) || own && self.is_at_least(IN_PARTITIONS_SINCE)) {
            return;
        }
        let mut below = if own { vec![table] } else { Vec::new() };
        self.descendants(table, &mut below);
        for id in below {
            let Some(number) = self.find_column(id, column) else { continue };
            if let Some(c) = self.schema.tables.get_mut(id).and_then(|t| t.columns.get_mut(number.index())) {
                c.identity = identity;
            }
        }
    }

    /// Whether a new identity column goes to the children as well.
    pub(super) fn shares_identity(&self, table: TableId) -> bool {
        self.is_at_least(IN_PARTITIONS_SINCE) && self.schema.tables.get(table).is_some_and(is_partitioned)
    }

    /// Refuses to change the identity of a partition's column by itself, or that of a partitioned table without its partitions.
    pub(super) fn check_identity_is_own(&self, table: TableId, column: &Ident, what: &str, recurse: bool) -> Outcome {
        let partition = self.schema.tables.get(table).is_some_and(|t| t.partition_of.is_some());
        let of = if !recurse && self.shares_identity(table) {
            "only the partitioned table"
        } else if partition && self.is_at_least(IN_PARTITIONS_SINCE) {
            "a partition"
        } else {
            return Ok(());
        };
        refuse(state::INVALID_TABLE_DEFINITION, column.span, format!("cannot {what} a column of {of}"))
    }
}
