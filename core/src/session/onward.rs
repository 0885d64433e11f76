//! Histories that go on from a schema which something else made, or share one.
//!
//! Many projects made their first tables by `create_all`, and began to write migrations later. Run on an empty database such a history fails at its
//! first step, which nobody does: the models make the database, and Alembic is told that it stands at the head (`alembic stamp`). What the history
//! changes and never makes, and the models define, was there before.

use std::collections::BTreeSet;

use super::targets::TargetInput;
use crate::analysis::Role;
use crate::history::History;
use crate::name::Name;
use crate::operation::{ObjectKind, Operation, OperationKind};
use crate::replay::schemas_of;

/// How many tables of the models a history must change that it never makes.
const SOME: usize = 2;

/// Marks the histories of which the models, or other histories, show that they go on from what was there before.
pub(super) fn mark(inputs: &mut [TargetInput]) {
    share(inputs);
    beside_others(inputs);
    let models: BTreeSet<Name> = inputs
        .iter()
        .filter(|input| input.role == Role::Models)
        .flat_map(|input| Touched::of(&input.history).made)
        .collect();
    if models.is_empty() {
        return;
    }
    for input in inputs.iter_mut().filter(|input| input.role == Role::History && input.layout == "alembic") {
        input.history.made_by_models = made_before(&input.history, &models);
        input.history.partial |= !input.history.made_by_models.is_empty();
    }
}

/// Marks what lives in a schema that another history makes: services with migrations of their own share a database, and what each of them does not
/// make is there when it runs.
fn share(inputs: &mut [TargetInput]) {
    if inputs.len() < 2 {
        return;
    }
    let schemas: Vec<_> = inputs.iter().map(|input| (input.role, schemas_of(&input.history))).collect();
    for (at, input) in inputs.iter_mut().enumerate() {
        let Some((Role::History | Role::Dump, (_, named))) = schemas.get(at) else { continue };
        let others = schemas.iter().filter(|(role, _)| *role == Role::History);
        // Every database has `public`, whoever writes that he makes it.
        let mut made = others.flat_map(|(_, (made, _))| made).filter(|schema| schema.as_str() != "public");
        input.history.partial |= made.any(|schema| named.contains(schema));
    }
}

/// Histories of parts of a program, such as its extensions, that change what another one of the same database makes, and not what they make themselves.
fn beside_others(inputs: &mut [TargetInput]) {
    let alembic = |input: &&mut TargetInput| input.role == Role::History && input.layout == "alembic";
    let touched: Vec<Touched> = inputs.iter_mut().filter(alembic).map(|input| Touched::of(&input.history)).collect();
    if touched.len() < 2 {
        return;
    }
    for (at, input) in inputs.iter_mut().filter(alembic).enumerate() {
        let Some(own) = touched.get(at) else { continue };
        let by_others = |name: &Name| touched.iter().enumerate().any(|(n, t)| n != at && t.made.contains(name));
        let first = own.changed.first();
        input.history.partial |= first.is_some_and(|name| !own.made.contains(name) && by_others(name));
    }
}

/// The tables of the models from which a history goes on; none where it does not.
fn made_before(history: &History, models: &BTreeSet<Name>) -> Vec<Name> {
    let touched = Touched::of(history);
    let of_models = |name: &&Name| models.contains(*name);
    let before: Vec<Name> =
        touched.changed.iter().filter(|name| !touched.made.contains(*name)).filter(of_models).cloned().collect();
    let found = before.len();
    // A history that makes most of the tables and misses some is wrong about those.
    let begins_so =
        touched.changed.first().is_some_and(|first| !touched.made.contains(first)) && touched.made_before_change == 0;
    let goes_on = found >= SOME && (begins_so || found > touched.made.iter().filter(of_models).count());
    if goes_on { before } else { Vec::new() }
}

/// The tables that a history makes and changes.
#[derive(Default)]
struct Touched {
    made: BTreeSet<Name>,
    /// In order, each once.
    changed: Vec<Name>,
    /// How many were made before the first change.
    made_before_change: usize,
}

impl Touched {
    fn of(history: &History) -> Self {
        let mut found = Self::default();
        let mut seen = BTreeSet::new();
        for operation in history.revisions.iter().flat_map(|revision| &revision.up) {
            if let Some(name) = made(operation) {
                // Alembic's own table is there in any history.
                found.made_before_change +=
                    usize::from(found.changed.is_empty() && !name.starts_with("alembic_version"));
                found.made.insert(name);
            }
            // What stands behind a test, or is done where it can be, needs nothing.
            for name in changed(operation).into_iter().filter(|_| operation.guards.is_empty()) {
                if seen.insert(name.clone()) {
                    found.changed.push(name);
                }
            }
        }
        found
    }
}

fn made(operation: &Operation) -> Option<Name> {
    match &operation.kind {
        OperationKind::CreateTable(create) => Some(create.name.name.fold()),
        OperationKind::CreateView(create) => Some(create.name.name.fold()),
        OperationKind::Rename { target, to, .. } if target.kind == ObjectKind::Table && target.part.is_none() => {
            Some(to.fold())
        }
        _ => None,
    }
}

fn changed(operation: &Operation) -> Vec<Name> {
    match &operation.kind {
        OperationKind::AlterTable(alter) if !alter.if_exists => vec![alter.name.name.fold()],
        OperationKind::CreateIndex(index) => vec![index.table.name.fold()],
        OperationKind::Rename { target, if_exists: false, .. }
            if matches!(target.kind, ObjectKind::Table | ObjectKind::Column) =>
        {
            vec![target.name.name.fold()]
        }
        OperationKind::Drop(drop) if !drop.if_exists => {
            let tables = drop.targets.iter().filter(|target| target.kind == ObjectKind::Table);
            tables.map(|target| target.name.name.fold()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, analyze};

    /// The roots of the histories that go on from what others made, and how many statements PostgreSQL would refuse in all.
    fn read(orders: &str) -> (Vec<String>, usize) {
        let files = [
            ("stock/db/V1__a.sql", "CREATE SCHEMA stock; CREATE TABLE stock.item (id bigint PRIMARY KEY);"),
            ("stock/db/V2__b.sql", "CREATE TABLE stock.level (item bigint REFERENCES stock.item);"),
            ("orders/sql/001_a.sql", orders),
            ("orders/sql/002_b.sql", "CREATE TABLE orders.parcel (id bigint PRIMARY KEY);"),
        ];
        let analysis = analyze(files.map(|(name, text)| (name, text.as_bytes())), Options::default());
        assert_eq!(analysis.targets.len(), 2);
        let partial = analysis.targets.iter().filter(|t| t.history.partial).map(|t| t.target.note.root.clone());
        (partial.collect(), analysis.targets.iter().map(|t| t.replay.conflicts.len()).sum())
    }

    #[test]
    fn services_share_a_database() {
        let line = "CREATE SCHEMA orders; CREATE TABLE orders.line (item bigint REFERENCES stock.item (id));";
        assert_eq!(read(line), (vec!["orders/sql".to_owned()], 0));
        // What nobody makes is missing.
        let line = "CREATE SCHEMA orders; CREATE TABLE orders.line (item bigint REFERENCES stocks.item (id));";
        assert_eq!(read(line), (vec![], 1));
    }

    fn migration(revision: &str, up: &str) -> String {
        format!(
            "import sqlalchemy as sa\nfrom alembic import op\nrevision = '{revision}'\ndown_revision = None\ndef upgrade():\n    {up}\ndef downgrade():\n    pass\n"
        )
    }

    /// A program and its extension, each with revisions of its own, for one database.
    #[test]
    fn what_another_history_makes_is_there() {
        let core = migration("c1", "op.create_table('visits', sa.Column('id', sa.Integer()))");
        let of_extension = |table: &str| migration("e1", &format!("op.create_primary_key('p', '{table}', ['id'])"));
        for (table, refused) in [("visits", false), ("visitors", true)] {
            let extension = of_extension(table);
            let files = [
                ("core/migrations/env.py", "from alembic import context\n"),
                ("core/migrations/versions/c1_core.py", core.as_str()),
                ("ext/migrations/env.py", "from alembic import context\n"),
                ("ext/migrations/versions/e1_ext.py", extension.as_str()),
            ];
            let analysis = analyze(files.map(|(name, text)| (name, text.as_bytes())), Options::default());
            assert_eq!(analysis.targets.len(), 2);
            let conflicts: Vec<_> = analysis.targets.iter().flat_map(|t| &t.replay.conflicts).collect();
            assert_eq!(!conflicts.is_empty(), refused, "{table}: {conflicts:?}");
        }
    }

    /// A type and a table of the models that the revisions make anew.
    #[test]
    fn what_is_dropped_before_it_is_made_was_there_before() {
        let up = "op.add_column('a', sa.Column('x', sa.Integer()))\n    op.add_column('b', sa.Column('x', sa.Integer()))\n    op.execute('DROP TYPE kind')\n    op.execute(\"CREATE TYPE kind AS ENUM ('x')\")\n    op.drop_table('c')\n    op.create_table('c', sa.Column('id', sa.Integer()))";
        let models = "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\n".to_owned()
            + &["a", "b", "c"].map(|t| format!("class {}(Base):\n    __tablename__ = '{t}'\n    id = Column(Integer, primary_key=True)\n    x = Column(Integer)\n", t.to_uppercase())).concat();
        let history = migration("1", up);
        let files = [("versions/1.py", history.as_str()), ("models.py", models.as_str())];
        let analysis = analyze(files.map(|(name, text)| (name, text.as_bytes())), Options::default());
        let conflicts: Vec<_> = analysis.targets.iter().flat_map(|t| &t.replay.conflicts).collect();
        assert!(conflicts.is_empty(), "{conflicts:?}");
    }
}
