//! DETACH PARTITION, and what stays behind. Source: PostgreSQL manual, ALTER TABLE, "DETACH PARTITION".

use crate::expr::Expr;
use crate::name::{QualifiedName, quote};
use crate::operation::{ConstraintAttributes, PartitionBoundKind};
use crate::replay::conflict::{Outcome, refuse, state};
use crate::replay::constraints::CheckDraft;
use crate::replay::{Effect, Replayer};
use crate::schema::{ConstraintKind, KeyTarget, ObjectId, TableId};
use crate::source::Span;

impl Replayer {
    /// ALTER TABLE … DETACH PARTITION.
    pub(in crate::replay) fn detach_partition(
        &mut self,
        table: TableId,
        name: &QualifiedName,
        concurrently: bool,
        finalize: bool,
    ) -> Outcome {
        self.check_has_partitions(table)?;
        let child = self.table(name)?;
        if concurrently && self.has_default_partition(table) {
            let message = "cannot detach partitions concurrently when a default partition exists";
            return refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, name.span(), message);
        }
        let is_partition = self
            .schema
            .tables
            .get(child)
            .and_then(|c| c.partition_of.as_ref())
            .is_some_and(|(parent, _)| *parent == table);
        if !is_partition {
            return refuse(
                state::UNDEFINED_TABLE,
                name.span(),
                format!(
                    "relation \"{}\" is not a partition of relation \"{}\"",
                    self.table_name(child),
                    self.table_name(table)
                ),
            );
        }
        if finalize {
            // What began with CONCURRENTLY has been completed in a replay.
            let message = format!("cannot complete detaching partition \"{}\"", self.table_name(child));
            return refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, name.span(), message);
        }
        if concurrently {
            self.keep_bound_as_check(child, name.span())?;
        }
        self.separate(table, child);
        self.lose_identity(table, child);
        if let Some(c) = self.schema.tables.get_mut(child) {
            c.partition_of = None;
        }
        let Some(c) = self.schema.tables.get(child).cloned() else { return Ok(()) };
        for constraint in &c.constraints {
            if let Some(constraint) = self.schema.constraints.get_mut(*constraint)
                && constraint.parent.is_some()
                && constraint.dropped.is_none()
            {
                constraint.parent = None;
                constraint.is_local = true;
                constraint.inherit_count = 0;
            }
        }
        for index in &c.indexes {
            if let Some(index) = self.schema.indexes.get_mut(*index) {
                index.parent = None;
            }
        }
        for trigger in &c.triggers {
            if self.schema.triggers.get(*trigger).is_some_and(|t| t.parent.is_some() && t.dropped.is_none()) {
                self.remove_trigger(*trigger);
            }
        }
        // Foreign keys that reference the former parent no longer reach into the partition.
        for id in self.schema.references_to(child) {
            let up = self.schema.constraints.get(id).and_then(|c| c.parent);
            if up.is_some_and(|up| self.references(up) == Some(table)) {
                let mut clones = vec![id];
                self.clones_of(id, &mut clones);
                for clone in clones {
                    self.remove_constraint(clone);
                }
            }
        }
        self.effect(Effect::Altered(ObjectId::Table(child)));
        Ok(())
    }

    fn has_default_partition(&self, table: TableId) -> bool {
        self.schema.children_of(table).into_iter().filter_map(|id| self.schema.tables.get(id)).any(|t| {
            matches!(&t.partition_of, Some((parent, bound)) if *parent == table && bound.kind == PartitionBoundKind::Default)
        })
    }

    /// A partition that is detached concurrently keeps its bounds as a check, so that those who still see it as a partition are right
    /// (`DetachAddConstraintIfNeeded`). One that says as much already is not doubled. Where its parent goes by hash there is none: it would hold the
    /// parent's number.
    fn keep_bound_as_check(&mut self, partition: TableId, span: Span) -> Outcome {
        let bound =
            self.schema.tables.get(partition).and_then(|t| t.partition_of.as_ref()).map(|(_, bound)| &bound.kind);
        if matches!(bound, Some(PartitionBoundKind::Hash { .. })) {
            return Ok(());
        }
        let mut parts = Vec::new();
        let mut table = partition;
        for _ in 0..64 {
            let Some((parent, bound)) = self.schema.tables.get(table).and_then(|t| t.partition_of.clone()) else {
                break;
            };
            parts.extend(self.bound_as_condition(parent, &bound.kind));
            table = parent;
        }
        // The outermost parent's comes first.
        parts.reverse();
        if parts.is_empty() {
            return Ok(());
        }
        let expr = Expr::new(parts.join(" AND "), span);
        let draft = CheckDraft { name: None, expr: &expr, attributes: ConstraintAttributes::default(), span };
        let before = self.schema.tables.get(partition).map_or(0, |t| t.constraints.len());
        self.add_check(partition, &draft, true)?;
        let Some(t) = self.schema.tables.get(partition) else { return Ok(()) };
        let Some(added) = t.constraints.get(before).copied() else { return Ok(()) };
        let columns = self.schema.constraints.get(added).map(|c| c.columns.clone()).unwrap_or_default();
        let implied = self.schema.constraints_of(t).any(|(id, c)| {
            id != added && c.validated && matches!(c.kind, ConstraintKind::Check(_)) && c.columns == columns
        });
        if implied {
            self.remove_constraint(added);
        }
        Ok(())
    }

    /// What a bound says of the rows of its partition; nothing where the server writes it by a function of its own.
    fn bound_as_condition(&self, parent: TableId, bound: &PartitionBoundKind) -> Option<String> {
        let table = self.schema.tables.get(parent)?;
        let keys: Vec<String> = table
            .partition_key
            .as_ref()?
            .keys
            .iter()
            .map(|key| match key {
                KeyTarget::Column(number) => table.column(*number).map(|c| quote(&c.name)).unwrap_or_default(),
                KeyTarget::Expression(expr) => format!("({})", self.schema.display_expr(expr)),
            })
            .collect();
        let present = keys.iter().map(|key| format!("{key} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
        let side = |operator: &str, values: &[Expr]| {
            let bounded = |v: &&Expr| !["minvalue", "maxvalue"].contains(&v.text.trim().to_ascii_lowercase().as_str());
            let values: Vec<&str> = values.iter().take_while(bounded).map(|v| &*v.text).collect();
            let keys: Vec<&str> = keys.iter().take(values.len()).map(String::as_str).collect();
            match keys.as_slice() {
                [] => None,
                [one] => Some(format!("{one} {operator} {}", values.join(", "))),
                _ => Some(format!("({}) {operator} ({})", keys.join(", "), values.join(", "))),
            }
        };
        match bound {
            PartitionBoundKind::Default => None,
            PartitionBoundKind::In(values) => {
                let key = keys.first()?;
                let is_null = |v: &&Expr| v.text.trim().eq_ignore_ascii_case("null");
                let listed: Vec<&str> = values.iter().filter(|v| !is_null(v)).map(|v| &*v.text).collect();
                let within = format!("{key} IN ({})", listed.join(", "));
                Some(match (values.iter().any(|v| is_null(&v)), listed.is_empty()) {
                    (true, true) => format!("{key} IS NULL"),
                    (true, false) => format!("({key} IS NULL OR {within})"),
                    (false, _) => format!("{present} AND {within}"),
                })
            }
            PartitionBoundKind::Range { from, to } => {
                let sides = [Some(present), side(">=", from), side("<", to)];
                Some(sides.into_iter().flatten().collect::<Vec<_>>().join(" AND "))
            }
            PartitionBoundKind::Hash { modulus, remainder } => {
                // The server writes the number of the table there, on which the check does not depend.
                let keys = keys.join(", ");
                Some(format!("satisfies_hash_partition('0'::oid, {modulus}, {remainder}, {keys})"))
            }
        }
    }
}
