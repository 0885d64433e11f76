//! Blocks that ask the catalogue: `FOR t IN SELECT tablename FROM pg_tables …`. What they do follows from the schema at their place, so that each is
//! read again there, and what it does is put in its place.

use std::cell::Cell as StdCell;
use std::sync::Arc;

use super::Replayer;
use crate::history::{History, Revision};
use crate::name::quote;
use crate::operation::{Operation, OperationKind};
use crate::problem::ProblemKind;
use crate::read::ddl::{self, Asked, Catalogue, Cell};
use crate::schema::{
    BaseType, ColumnNumber, Constraint, ConstraintKind, RelationId, Schema, Table, TableId, TableKind,
};
use crate::source::Span;

/// How many tables are looked at for all blocks of a history together, or for all that its migrations ask: each look is at the whole schema.
pub(super) const MAX_TABLES: usize = 100_000;

/// Puts in place of blocks that ask the catalogue what they do. Gives the statements that are understood now.
pub(crate) fn resolve(history: &mut History) -> Vec<Span> {
    let mut resolved = Vec::new();
    if !history.revisions.iter().any(|revision| revision.up.iter().any(|o| text_of(o).is_some())) {
        return resolved;
    }
    let left = StdCell::new(MAX_TABLES);
    let look = |replayer: &Replayer| {
        let now = left.get().checked_sub(replayer.schema.tables.len() + 1)?;
        left.set(now);
        (!replayer.opaque).then(|| Arc::new(catalogue(replayer)))
    };
    let mut replayer = Replayer::before(history);
    for (number, revision) in (0_u32..).zip(&mut history.revisions) {
        let wrapped = replayer.open(number, revision);
        let mut at = 0;
        let replay = |replayer: &mut Replayer, up: &[Operation], from: usize, to: usize| {
            for (n, operation) in up.iter().enumerate().take(to).skip(from) {
                replayer.operation(number, u32::try_from(n).unwrap_or(u32::MAX), operation);
            }
        };
        while let Some((start, end, span, text)) = next_block(revision, at) {
            replay(&mut replayer, &revision.up, at, start);
            if let Some(before) = look(&replayer) {
                let after = |operations: &[Operation]| {
                    let mut replayer = replayer.clone();
                    replay(&mut replayer, operations, 0, operations.len());
                    look(&replayer)
                };
                let asked = Asked { before: &before, after: &after };
                let reading = ddl::read_block(&text, span.file, span.start, asked);
                if !reading.problems.iter().any(|p| p.kind == ProblemKind::OpaqueStatement) {
                    at = start + reading.operations.len();
                    revision.up.splice(start..end, reading.operations);
                    replay(&mut replayer, &revision.up, start, at);
                    resolved.push(span);
                    continue;
                }
            }
            replay(&mut replayer, &revision.up, start, end);
            at = end;
        }
        replay(&mut replayer, &revision.up, at, revision.up.len());
        replayer.close(wrapped);
    }
    resolved
}

fn text_of(operation: &Operation) -> Option<&str> {
    match &operation.kind {
        OperationKind::Utility { verb, text } if verb == "DO" => text.as_deref(),
        _ => None,
    }
}

/// The next block from `at` on: where its operations begin and end, where it stands, and its text.
fn next_block(revision: &Revision, at: usize) -> Option<(usize, usize, Span, String)> {
    let rest = revision.up.get(at..)?;
    let n = rest.iter().position(|o| text_of(o).is_some())?;
    let block = rest.get(n)?;
    let inside = rest.get(..n)?.iter().rev().take_while(|o| block.span.contains(o.span)).count();
    Some((at + n - inside, at + n + 1, block.span, text_of(block)?.to_owned()))
}

fn catalogue(replayer: &Replayer) -> Catalogue {
    let schema = &replayer.schema;
    let namespace = |id| schema.namespaces.get(id).map_or("", |n| n.name.as_str());
    let path = replayer.search_path().iter().map(|id| namespace(*id).into()).collect();
    let mut out = Catalogue::new(path);
    server(&mut out);
    for (_, n) in schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none()) {
        out.add("pg_namespace", &[("oid", Cell::Text(&n.name)), ("nspname", Cell::Text(&n.name))]);
    }
    for (id, table) in schema.live_tables() {
        let (within, name) = (namespace(table.namespace), table.name.as_str());
        let (kind, type_name) = match table.kind {
            TableKind::Foreign => ("f", "FOREIGN"),
            _ if table.partition_key.is_some() => ("p", "BASE TABLE"),
            _ => ("r", "BASE TABLE"),
        };
        class(&mut out, within, name, kind, (table.rls_enabled, table.partition_of.is_some()));
        out.add(
            "tables",
            &[
                ("table_schema", Cell::Text(within)),
                ("table_name", Cell::Text(name)),
                ("table_type", Cell::Text(type_name)),
            ],
        );
        if kind != "f" {
            out.add(
                "pg_tables",
                &[
                    ("schemaname", Cell::Text(within)),
                    ("tablename", Cell::Text(name)),
                    ("rowsecurity", Cell::Bool(table.rls_enabled)),
                ],
            );
        }
        columns(&mut out, schema, id, within, name);
        parts(&mut out, schema, id, within, name);
    }
    for (_, view) in schema.live_views() {
        let (within, name) = (namespace(view.namespace), view.name.as_str());
        class(&mut out, within, name, if view.materialized { "m" } else { "v" }, (false, false));
        if view.materialized {
            out.add("pg_matviews", &[("schemaname", Cell::Text(within)), ("matviewname", Cell::Text(name))]);
        } else {
            out.add("pg_views", &[("schemaname", Cell::Text(within)), ("viewname", Cell::Text(name))]);
            out.add("views", &[("table_schema", Cell::Text(within)), ("table_name", Cell::Text(name))]);
            out.add(
                "tables",
                &[
                    ("table_schema", Cell::Text(within)),
                    ("table_name", Cell::Text(name)),
                    ("table_type", Cell::Text("VIEW")),
                ],
            );
        }
    }
    for (_, sequence) in schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()) {
        let (within, name) = (namespace(sequence.namespace), sequence.name.as_str());
        class(&mut out, within, name, "S", (false, false));
        out.add("pg_sequences", &[("schemaname", Cell::Text(within)), ("sequencename", Cell::Text(name))]);
        out.add("sequences", &[("sequence_schema", Cell::Text(within)), ("sequence_name", Cell::Text(name))]);
    }
    for (_, index) in schema.indexes.iter().filter(|(_, i)| i.dropped.is_none()) {
        let (within, name) = (namespace(index.namespace), index.name.as_str());
        class(&mut out, within, name, "i", (false, false));
        let owner = match index.owner {
            RelationId::Table(id) => schema.tables.get(id).map(|t| t.name.as_str()),
            RelationId::View(id) => schema.views.get(id).map(|v| v.name.as_str()),
            _ => None,
        };
        out.add(
            "pg_indexes",
            &[
                ("schemaname", Cell::Text(within)),
                ("tablename", Cell::Text(owner.unwrap_or_default())),
                ("indexname", Cell::Text(name)),
            ],
        );
    }
    out
}

/// What the server has of its own, by one example of each kind.
fn server(out: &mut Catalogue) {
    use Cell::{Bool, Relation, Text};
    for (within, name, kind) in [
        ("pg_catalog", "pg_class", "r"),
        ("pg_catalog", "pg_class_oid_index", "i"),
        ("pg_catalog", "pg_tables", "v"),
        ("pg_toast", "pg_toast_1247", "t"),
        ("information_schema", "sql_features", "r"),
        ("information_schema", "tables", "v"),
    ] {
        out.add_of_server(
            "pg_class",
            &[
                ("oid", Relation(within, name)),
                ("relname", Text(name)),
                ("relnamespace", Text(within)),
                ("relkind", Text(kind)),
                ("relrowsecurity", Bool(false)),
                ("relispartition", Bool(false)),
            ],
        );
        let type_name = match kind {
            "r" => "BASE TABLE",
            "v" => "VIEW",
            _ => continue,
        };
        let (schema, table) = (("table_schema", Text(within)), ("table_name", Text(name)));
        out.add_of_server("tables", &[schema, table, ("table_type", Text(type_name))]);
        out.add_of_server("columns", &[("table_schema", Text(within)), ("table_name", Text(name))]);
        if kind == "v" {
            out.add_of_server("pg_views", &[("schemaname", Text(within)), ("viewname", Text(name))]);
            out.add_of_server("views", &[("table_schema", Text(within)), ("table_name", Text(name))]);
        } else {
            let secured = ("rowsecurity", Bool(false));
            out.add_of_server("pg_tables", &[("schemaname", Text(within)), ("tablename", Text(name)), secured]);
        }
    }
    out.add_of_server(
        "pg_indexes",
        &[
            ("schemaname", Text("pg_catalog")),
            ("tablename", Text("pg_class")),
            ("indexname", Text("pg_class_oid_index")),
        ],
    );
    for relation in ["key_column_usage", "constraint_column_usage"] {
        out.add_of_server(
            relation,
            &[
                ("constraint_name", Text("pg_class_oid_index")),
                ("table_schema", Text("pg_catalog")),
                ("table_name", Text("pg_class")),
                ("column_name", Text("oid")),
            ],
        );
    }
    out.add_of_server(
        "pg_attribute",
        &[
            ("attrelid", Relation("pg_catalog", "pg_class")),
            ("attname", Text("oid")),
            ("attnum", Cell::Number(1)),
            ("attnotnull", Bool(true)),
            ("attisdropped", Bool(false)),
        ],
    );
    out.add_of_server(
        "pg_constraint",
        &[
            ("oid", Text("PRIMARY KEY (oid)")),
            ("conkey", Cell::Numbers(&[1])),
            ("conname", Text("pg_class_oid_index")),
            ("conrelid", Relation("pg_catalog", "pg_class")),
            ("confrelid", Relation("", "")),
            ("connamespace", Text("pg_catalog")),
            ("contype", Text("p")),
        ],
    );
    out.add_of_server(
        "table_constraints",
        &[
            ("constraint_name", Text("pg_class_oid_index")),
            ("table_schema", Text("pg_catalog")),
            ("table_name", Text("pg_class")),
            ("constraint_type", Text("PRIMARY KEY")),
        ],
    );
}

fn class(out: &mut Catalogue, within: &str, name: &str, kind: &str, (secured, partition): (bool, bool)) {
    out.add(
        "pg_class",
        &[
            ("oid", Cell::Relation(within, name)),
            ("relname", Cell::Text(name)),
            ("relnamespace", Cell::Text(within)),
            ("relkind", Cell::Text(kind)),
            ("relrowsecurity", Cell::Bool(secured)),
            ("relispartition", Cell::Bool(partition)),
        ],
    );
}

fn namespace_of<'s>(schema: &'s Schema, table: &Table) -> &'s str {
    schema.namespaces.get(table.namespace).map_or("", |n| n.name.as_str())
}

fn columns(out: &mut Catalogue, schema: &Schema, id: TableId, within: &str, name: &str) {
    let Some(table) = schema.tables.get(id) else { return };
    for (number, column) in (1_i64..).zip(table.columns.iter()).filter(|(_, c)| c.dropped.is_none()) {
        let data_type = match &column.data_type.base {
            _ if column.data_type.array => "ARRAY",
            BaseType::Builtin(name) => name.as_str(),
            _ => "USER-DEFINED",
        };
        out.add(
            "pg_attribute",
            &[
                ("attrelid", Cell::Relation(within, name)),
                ("attname", Cell::Text(&column.name)),
                ("attnum", Cell::Number(number)),
                ("attnotnull", Cell::Bool(column.not_null)),
                ("attisdropped", Cell::Bool(false)),
            ],
        );
        out.add(
            "columns",
            &[
                ("table_schema", Cell::Text(within)),
                ("table_name", Cell::Text(name)),
                ("column_name", Cell::Text(&column.name)),
                ("ordinal_position", Cell::Number(number)),
                ("is_nullable", Cell::Text(if column.not_null { "NO" } else { "YES" })),
                ("data_type", Cell::Text(data_type)),
            ],
        );
        if column.not_null {
            // The information schema shows NOT NULL as a check.
            out.add_of_server(
                "table_constraints",
                &[
                    ("constraint_name", Cell::Text("2200_16384_1_not_null")),
                    ("table_schema", Cell::Text(within)),
                    ("table_name", Cell::Text(name)),
                    ("constraint_type", Cell::Text("CHECK")),
                ],
            );
        }
    }
}

/// What pg_get_constraintdef() says; of checks and foreign keys only the words.
fn definition(schema: &Schema, table: &Table, constraint: &Constraint) -> String {
    let names = |table: &Table, columns: &[ColumnNumber]| {
        let name = |n: &ColumnNumber| table.column(*n).map(|c| quote(&c.name));
        columns.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let columns = names(table, &constraint.columns);
    match &constraint.kind {
        ConstraintKind::PrimaryKey => format!("PRIMARY KEY ({columns})"),
        ConstraintKind::Unique { .. } => format!("UNIQUE ({columns})"),
        ConstraintKind::Check(check) => schema.display_expr(check),
        ConstraintKind::Exclude { .. } => columns,
        ConstraintKind::ForeignKey(key) => {
            let target = schema.tables.get(key.references);
            let (name, of) = target.map_or_else(Default::default, |t| (t.name.clone(), names(t, &key.columns)));
            format!("FOREIGN KEY ({columns}) REFERENCES {name}({of})")
        }
    }
}

/// The columns of a key, and those that it refers to, as the information schema shows them.
fn key_columns(out: &mut Catalogue, schema: &Schema, (within, table): (&str, &Table), constraint: &Constraint) {
    if matches!(constraint.kind, ConstraintKind::Exclude { .. }) {
        return;
    }
    let is_check = matches!(constraint.kind, ConstraintKind::Check(_));
    let name = ("constraint_name", constraint.name.as_str());
    let mut add = |relation, within: &str, table: &Table, number: ColumnNumber, at: i64| {
        let Some(column) = table.column(number) else { return };
        out.add(
            relation,
            &[
                (name.0, Cell::Text(name.1)),
                ("table_schema", Cell::Text(within)),
                ("constraint_schema", Cell::Text(within)),
                ("table_name", Cell::Text(table.name.as_str())),
                ("column_name", Cell::Text(column.name.as_str())),
                ("ordinal_position", Cell::Number(at)),
            ],
        );
    };
    for (at, number) in (1..).zip(&constraint.columns) {
        if !is_check {
            add("key_column_usage", within, table, *number, at);
        }
        if !matches!(constraint.kind, ConstraintKind::ForeignKey(_)) {
            add("constraint_column_usage", within, table, *number, at);
        }
    }
    if let ConstraintKind::ForeignKey(key) = &constraint.kind
        && let Some(target) = schema.tables.get(key.references)
    {
        for (at, number) in (1..).zip(&key.columns) {
            add("constraint_column_usage", namespace_of(schema, target), target, *number, at);
        }
    }
}

/// What belongs to a table: constraints, triggers, policies.
fn parts(out: &mut Catalogue, schema: &Schema, id: TableId, within: &str, name: &str) {
    let Some(table) = schema.tables.get(id) else { return };
    for (_, constraint) in schema.constraints_of(table) {
        let (letter, words) = match constraint.kind {
            ConstraintKind::PrimaryKey => ("p", "PRIMARY KEY"),
            ConstraintKind::Unique { .. } => ("u", "UNIQUE"),
            ConstraintKind::Check(_) => ("c", "CHECK"),
            ConstraintKind::ForeignKey(_) => ("f", "FOREIGN KEY"),
            ConstraintKind::Exclude { .. } => ("x", ""),
        };
        let target = match &constraint.kind {
            ConstraintKind::ForeignKey(key) => schema.tables.get(key.references),
            _ => None,
        };
        let numbers: Vec<i64> = constraint.columns.iter().map(|n| i64::from(n.0)).collect();
        let definition = definition(schema, table, constraint);
        let exact = matches!(
            constraint.kind,
            ConstraintKind::PrimaryKey | ConstraintKind::Unique { nulls_not_distinct: false }
        ) && !constraint.deferrable
            && constraint.index.and_then(|i| schema.indexes.get(i)).is_some_and(|i| i.include.is_empty());
        key_columns(out, schema, (within, table), constraint);
        let mut cells = vec![
            ("oid", if exact { Cell::Text(&definition) } else { Cell::Definition(&definition) }),
            ("conkey", Cell::Numbers(&numbers)),
            ("conname", Cell::Text(constraint.name.as_str())),
            ("conrelid", Cell::Relation(within, name)),
            ("connamespace", Cell::Text(within)),
            ("contype", Cell::Text(letter)),
        ];
        if let Some(target) = target {
            // The triggers behind the key.
            for (within, table) in [(within, name), (namespace_of(schema, target), target.name.as_str())] {
                out.add_of_server(
                    "pg_trigger",
                    &[
                        ("tgname", Cell::Text("RI_ConstraintTrigger_c_1")),
                        ("tgrelid", Cell::Relation(within, table)),
                        ("tgisinternal", Cell::Bool(true)),
                    ],
                );
            }
            let within = namespace_of(schema, target);
            cells.push(("confrelid", Cell::Relation(within, target.name.as_str())));
        } else {
            // No relation.
            cells.push(("confrelid", Cell::Relation("", "")));
        }
        out.add("pg_constraint", &cells);
        if !words.is_empty() {
            out.add(
                "table_constraints",
                &[
                    ("constraint_name", Cell::Text(constraint.name.as_str())),
                    ("constraint_schema", Cell::Text(within)),
                    ("table_schema", Cell::Text(within)),
                    ("table_name", Cell::Text(name)),
                    ("constraint_type", Cell::Text(words)),
                ],
            );
        }
    }
    for (_, trigger) in schema.triggers_of(&table.triggers) {
        out.add(
            "pg_trigger",
            &[
                ("tgname", Cell::Text(trigger.name.as_str())),
                ("tgrelid", Cell::Relation(within, name)),
                ("tgisinternal", Cell::Bool(false)),
            ],
        );
    }
    for (_, policy) in schema.policies_of(table) {
        out.add(
            "pg_policy",
            &[("polname", Cell::Text(policy.name.as_str())), ("polrelid", Cell::Relation(within, name))],
        );
        out.add(
            "pg_policies",
            &[
                ("schemaname", Cell::Text(within)),
                ("tablename", Cell::Text(name)),
                ("policyname", Cell::Text(policy.name.as_str())),
            ],
        );
    }
}
