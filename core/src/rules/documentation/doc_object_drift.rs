use std::collections::BTreeSet;

use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::history::document::RestatedTable;
use crate::name::{Name, quote};
use crate::operation::{ColumnConstraintKind, ObjectKind, TableElement, TypeName};
use crate::rules::support::{list, table_named};
use crate::rules::{Category, Context, Findings, Other, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, Schema, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-object-drift",
    category: Category::Documentation,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A schema document and the SQL in it or beside it do not define the same tables, columns or indexes.",
    why: "One of the two is wrong, and a reader cannot tell which. Where a document stands beside migrations or a dump, both are compared in both \
          directions; within a document, a section's list of columns and indexes is compared with the SQL that the document shows. An excerpt \
          that says that it leaves columns out is not held against it.",
    fires: examples![
        "<!-- file: schema.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n<!-- file: schema.md -->\n# Shop\n\n## Table: «users»\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| mail | TEXT | NOT NULL |\n",
        // Another precision, and null where the SQL has NOT NULL.
        "<!-- file: schema.sql -->\nCREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL, made timestamptz NOT NULL);\n<!-- file: schema.md -->\n# Shop\n\n## Table: «items»\n\n| Column | Type | Nullable |\n|---|---|---|\n| id | BIGINT | no |\n| name | TEXT | no |\n| price | NUMERIC(8,2) | no |\n| made | TIMESTAMPTZ | yes |\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: logs\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | |\n| at | TIMESTAMPTZ | |\n\n## Partitions\n\n```sql\nCREATE TABLE «logs» (\n  -- ... other columns\n  at timestamptz NOT NULL\n) PARTITION BY RANGE (at);\n```\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| name | TEXT | NOT NULL |\n| mail | TEXT | NOT NULL |\n\n**Indexes:**\n\n- `users_name` ON (name)\n\n## Tuning\n\n```sql\nCREATE INDEX «users_mail» ON users(mail);\n```\n",
    ],
    silent: examples![
        // A document that leaves lengths and NOT NULL out, and calls types by names of its own.
        "<!-- file: schema.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY, email varchar(80) NOT NULL, age smallint NOT NULL);\n<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| email | VARCHAR | |\n| age | string | |\n",
        "<!-- file: schema.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| email | TEXT | NOT NULL |\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: logs\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | |\n| at | TIMESTAMPTZ | NOT NULL |\n\n## Partitions\n\n```sql\nCREATE TABLE logs (\n  -- ... other columns\n  at timestamptz NOT NULL\n) PARTITION BY RANGE (at);\n```\n",
    ],
    supersedes: &[],
    check,
};

/// How many columns a finding names beside its table; its message tells of all.
const MAX_COLUMNS: usize = 7;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.role != Role::Document {
        return;
    }
    for document in &cx.history.documents {
        for restated in &document.restated {
            restated_table(cx, restated, out);
        }
        for index in &document.unlisted_indexes {
            out.look();
            let message = format!(
                "The section of `{}` lists its indexes without `{}`, which SQL in the document makes.",
                index.table, index.name
            );
            out.report_about(Subject::new(ObjectKind::Index, format!("public.{}", index.name)), index.span, message);
        }
    }
    // Of several histories, as of services with one each, it speaks of the one with which it has most in common.
    let shared = |other: &Other<'_>| cx.tables().filter(|(_, t)| find(&other.replay.schema, &t.name).is_some()).count();
    let shared: Vec<(Role, usize)> = cx.others.iter().map(|other| (other.target.role, shared(other))).collect();
    for (other, own) in cx.others.iter().zip(&shared).filter(|(_, (role, _))| *role != Role::Document) {
        if !shared.iter().any(|(role, more)| *role == own.0 && *more > own.1) {
            beside(cx, other, out);
        }
    }
}

/// A table that SQL or a diagram defines once more.
fn restated_table(cx: &Context<'_>, restated: &RestatedTable, out: &mut Findings<'_>) {
    out.look();
    let Some((id, table)) = table_named(cx, &restated.table.name.name.fold()) else { return };
    let mut differences: Vec<String> = Vec::new();
    let mut objects = Vec::new();
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    for element in &restated.table.elements {
        let TableElement::Column(column) = element else { continue };
        let name = column.name.fold();
        seen.insert(name.clone());
        let Some((number, described)) = table.find_column(&name).and_then(|n| Some((n, table.column(n)?))) else {
            differences.push(format!("has the column `{name}`, which its section lacks"));
            continue;
        };
        if restated.diagram {
            continue;
        }
        let not_null = column
            .constraints
            .iter()
            .any(|c| matches!(c.kind, ColumnConstraintKind::NotNull | ColumnConstraintKind::PrimaryKey(_)));
        if not_null && !described.not_null {
            differences.push(format!("has `{name}` NOT NULL, its section does not"));
            objects.push(ObjectId::Column(id, number));
        } else if let Some(written) = &column.data_type
            && let Some(ours) = described.data_type.builtin_name()
            && canonical(written).is_some_and(|theirs| theirs != ours)
        {
            differences.push(format!("has another type for `{name}`"));
            objects.push(ObjectId::Column(id, number));
        }
    }
    if !restated.excerpt {
        let missing: Vec<String> = table
            .live_columns()
            .filter(|(_, c)| !seen.contains(&c.name))
            .map(|(_, c)| format!("`{}`", c.name))
            .collect();
        if !missing.is_empty() {
            differences.push(format!("lacks {}", list(&missing)));
        }
    }
    if differences.is_empty() {
        return;
    }
    let what = if restated.diagram { "The diagram" } else { "SQL in the document" };
    let message =
        format!("{what} defines `{}` otherwise than its section: it {}.", cx.table_name(id), differences.join("; it "));
    let kind = if restated.diagram { "diagram" } else { "SQL" };
    let _ = out
        .report(ObjectId::Table(id), restated.table.name.span(), message)
        .maybe_subject(Some(Subject::new(ObjectKind::File, kind)))
        .objects(objects)
        .also_at(table.name_span);
}

/// The printed name of a type of PostgreSQL's own that is spelt like this.
fn canonical(written: &TypeName) -> Option<&'static str> {
    if written.dimensions > 0 || written.schema.is_some() {
        return None;
    }
    own_name(&written.name.fold())
}

/// The printed name of a type of PostgreSQL's own, from one word for it.
fn own_name(word: &str) -> Option<&'static str> {
    Some(match word {
        "int" | "integer" | "int4" | "serial" => "integer",
        "bigint" | "int8" | "bigserial" => "bigint",
        "smallint" | "int2" | "smallserial" => "smallint",
        "text" => "text",
        "varchar" | "character varying" => "character varying",
        "uuid" => "uuid",
        "bool" | "boolean" => "boolean",
        "numeric" | "decimal" => "numeric",
        "timestamptz" | "timestamp with time zone" => "timestamp with time zone",
        "timestamp" | "timestamp without time zone" => "timestamp without time zone",
        "date" => "date",
        "json" => "json",
        "jsonb" => "jsonb",
        _ => return None,
    })
}

/// The document and the schema beside it.
fn beside(cx: &Context<'_>, other: &Other<'_>, out: &mut Findings<'_>) {
    let schema = &other.replay.schema;
    let whose = other.target.role.name();
    let mut shared = 0;
    for (id, table) in cx.tables() {
        out.look();
        let Some(theirs) = find(schema, &table.name) else {
            let message = format!("The document defines `{}`, the {whose} beside it does not.", cx.table_name(id));
            out.report(ObjectId::Table(id), table.name_span, message);
            continue;
        };
        shared += 1;
        let names = |t: &Table| -> BTreeSet<Name> { t.live_columns().map(|(_, c)| c.name.clone()).collect() };
        let (ours, given) = (names(table), names(theirs));
        let ticks = |names: Vec<&Name>| list(&names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>());
        let mut differences = Vec::new();
        let more: Vec<&Name> = ours.difference(&given).collect();
        let more_columns: Vec<Name> = more.iter().map(|name| (*name).clone()).collect();
        if !more.is_empty() {
            differences.push(format!("the document has {} and the {whose} does not", ticks(more)));
        }
        let less: Vec<&Name> = given.difference(&ours).collect();
        let less_columns: Vec<Name> = less.iter().map(|name| (*name).clone()).collect();
        if !less.is_empty() {
            differences.push(format!("the {whose} has {} and the document does not", ticks(less)));
        }
        let (changed, texts) = other_columns(cx, table, theirs, schema, whose);
        differences.extend(texts);
        let indexes = |s: &Schema, t: &Table| -> BTreeSet<Name> {
            s.indexes_of(t).filter(|(_, i)| i.named && i.constraint.is_none()).map(|(_, i)| i.name.clone()).collect()
        };
        let (ours, given) = (indexes(cx.schema, table), indexes(schema, theirs));
        let more: Vec<&Name> = ours.difference(&given).collect();
        if !more.is_empty() {
            differences.push(format!("the document has the index {} and the {whose} does not", ticks(more)));
        }
        // A section without indexes leaves them out.
        let less: Vec<&Name> = given.difference(&ours).collect();
        if !less.is_empty() && !ours.is_empty() {
            differences.push(format!("the {whose} has the index {} and the document does not", ticks(less)));
        }
        if differences.is_empty() {
            continue;
        }
        let message = format!(
            "`{}` is not the same in the document and in the {whose}: {}.",
            cx.table_name(id),
            differences.join("; ")
        );
        // Whoever accepted that a table differs did so whatever its columns are.
        let column = |name: &Name| {
            Subject::new(ObjectKind::Column, format!("{}.{}", cx.schema.path(ObjectId::Table(id)), quote(name)))
        };
        let draft =
            out.report(ObjectId::Table(id), table.name_span, message).also_at(theirs.name_span).compared_with([]);
        let differing = more_columns.iter().chain(&changed).chain(&less_columns).take(MAX_COLUMNS);
        let _ = differing.fold(draft, |draft, name| draft.maybe_subject(Some(column(name))));
    }
    // A document of a part of the schema says nothing about the rest.
    let all = schema.live_tables().filter(|(_, t)| t.partition_of.is_none() && !t.assumed).count();
    if shared * 2 < all {
        return;
    }
    for (id, table) in schema.live_tables().filter(|(_, t)| t.partition_of.is_none() && !t.assumed) {
        if find(cx.schema, &table.name).is_none() {
            let path = schema.path(ObjectId::Table(id));
            let message = format!(
                "The {whose} defines `{}`, the document beside it does not.",
                path.trim_start_matches("public.")
            );
            out.report_about(Subject::new(ObjectKind::Table, path), table.name_span, message);
        }
    }
}

/// Columns that both have and that are not the same: another type, or null where the other has NOT NULL.
fn other_columns(
    cx: &Context<'_>,
    ours: &Table,
    theirs: &Table,
    schema: &Schema,
    whose: &str,
) -> (Vec<Name>, Vec<String>) {
    let mut out = Vec::new();
    let mut changed = Vec::new();
    let both: Vec<(&Column, &Column)> = ours
        .live_columns()
        .filter_map(|(_, c)| Some((c, theirs.find_column(&c.name).and_then(|n| theirs.column(n))?)))
        .collect();
    // A document that says NOT NULL of most such columns says by its silence that the others may be null.
    let is_key = |c: &Column| ours.find_column(&c.name).is_some_and(|n| is_primary(cx.schema, ours, n));
    let required = both.iter().filter(|(c, there)| there.not_null && !is_key(c)).count();
    let said = both.iter().filter(|(c, there)| there.not_null && c.not_null && !is_key(c)).count();
    for (column, there) in both.iter().copied() {
        let told = out.len();
        if let Some((here, made)) = other_type(cx, column, there, schema) {
            out.push(format!("`{}` is `{here}` in the document and `{made}` in the {whose}", column.name));
        }
        match (column.not_null, there.not_null) {
            (true, false) => {
                out.push(format!("`{}` is NOT NULL in the document and nullable in the {whose}", column.name))
            }
            (false, true) if said > 0 && said * 2 >= required => {
                out.push(format!("`{}` is nullable in the document and NOT NULL in the {whose}", column.name));
            }
            _ => {}
        }
        if out.len() > told {
            changed.push(column.name.clone());
        }
    }
    (changed, out)
}

fn is_primary(schema: &Schema, table: &Table, number: ColumnNumber) -> bool {
    schema.primary_key_of(table).is_some_and(|(_, c)| c.columns.contains(&number))
}

/// The two types of a column, where both are PostgreSQL's own and differ. What a document calls otherwise was taken for something, and is not compared;
/// nor is a length that it leaves out.
fn other_type(cx: &Context<'_>, column: &Column, there: &Column, schema: &Schema) -> Option<(String, String)> {
    let (here, made) = (column.data_type.builtin_name()?, there.data_type.builtin_name()?);
    let written = cx.sources.text(column.type_span)?.to_ascii_lowercase();
    let word: String =
        written.trim_start_matches(['`', '"', '*']).chars().take_while(char::is_ascii_alphanumeric).collect();
    if own_name(&word) != Some(here) || written.contains(['/', '|']) {
        return None;
    }
    let (ours, theirs) = (&column.data_type, &there.data_type);
    let other_kind = here != made || ours.array && !theirs.array;
    let other_size = here == made && !ours.modifiers.is_empty() && ours.modifiers != theirs.modifiers;
    (other_kind || other_size).then(|| (ours.display(cx.schema), theirs.display(schema)))
}

fn find<'a>(schema: &'a Schema, name: &str) -> Option<&'a Table> {
    schema.live_tables().find(|(_, t)| t.name == name).map(|(_, t)| t)
}
