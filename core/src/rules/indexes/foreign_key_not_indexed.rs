use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::rules::support::{Cover, cover, cover_key, index_fix, index_text, number, refused_keys};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-not-indexed",
    category: Category::Indexes,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "No index has the columns of a foreign key in front.",
    why: "PostgreSQL indexes the referenced side of a foreign key, not the referencing one. Each delete of a referenced row, and each change of \
          its key, then reads the whole referencing table, once for every row, while it holds locks; joins from parent to children read it \
          as well. Any index whose first key columns are those of the foreign key will do, whatever their order, be it the primary key, a \
          unique one or one that leaves nothing out but nulls; beside a tenant's column one of the reference alone will do. A column that refers to a table by its name alone is judged alike, as likely. \
          PostgreSQL manual, 5.4.5 \"Foreign Keys\" and 11.3 \"Multicolumn Indexes\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint «REFERENCES users»);",
        // What all rows of a tenant have in common finds too many.
        "CREATE TABLE users (org bigint, id bigint PRIMARY KEY, UNIQUE (org, id));\nCREATE TABLE posts (id bigint PRIMARY KEY, org bigint, author bigint, «FOREIGN KEY (org, author) REFERENCES users (org, id)»);\nCREATE INDEX ON posts (org);",
        // Second in the index: of no use.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, at date, author bigint «REFERENCES users»);\nCREATE INDEX ON posts (at, author);",
        // INCLUDE columns are no keys.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint «REFERENCES users»);\nCREATE INDEX ON posts (id) INCLUDE (author);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (author bigint REFERENCES users, no integer, PRIMARY KEY (author, no));",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\nCREATE INDEX ON posts (author) WHERE author IS NOT NULL;",
        // The columns of the foreign key in another order.
        "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b));\nCREATE TABLE u (id bigint PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES t);\nCREATE INDEX ON u (b, a, id);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE settings (owner bigint UNIQUE REFERENCES users);",
        // The id tells the row, whatever else the key compares.
        "CREATE TABLE users (org bigint, id bigint PRIMARY KEY, UNIQUE (org, id));\nCREATE TABLE posts (id bigint PRIMARY KEY, org bigint, author bigint, FOREIGN KEY (org, author) REFERENCES users (org, id));\nCREATE INDEX ON posts (author);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let declared = cx.foreign_keys().count();
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        // Two foreign keys over the same columns need one index.
        let mut told: Vec<&[ColumnNumber]> = Vec::new();
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table).filter(|(_, c, _)| c.parent.is_none()) {
            out.look();
            let found = cover_key(cx.schema, table, &constraint.columns, fk);
            if matches!(found, Cover::Full(_) | Cover::Partial(_)) || told.contains(&constraint.columns.as_slice()) {
                continue;
            }
            told.push(&constraint.columns);
            let message = format!(
                "No index of `{}` starts with {}, so each delete in `{}` reads the whole table.",
                cx.table_name(id),
                cx.columns_text(id, &constraint.columns),
                cx.table_name(fk.references)
            );
            let mut draft = out
                .report(ObjectId::Constraint(constraint_id), constraint.span, message)
                .objects(constraint.columns.iter().map(|c| ObjectId::Column(id, *c)))
                .object(ObjectId::Table(fk.references))
                .maybe_fix(index_fix(cx, id, table, &constraint.columns));
            if let Cover::Almost(index_id) = found
                && let Some(index) = cx.schema.indexes.get(index_id)
            {
                draft = draft.evidence(format!(
                    "{} holds {} but does not start with {}.",
                    index_text(cx, id, index),
                    if constraint.columns.len() == 1 { "the column" } else { "the columns" },
                    if constraint.columns.len() == 1 { "it" } else { "them" }
                ));
            }
            let _ = draft;
        }
        undeclared(cx, id, table, declared, out);
    }
    // A document says what refers to what, even where a server would refuse the key as it stands.
    if cx.target.role != Role::Document {
        return;
    }
    for key in refused_keys(cx) {
        let (Some(table), Some(target)) = (cx.schema.tables.get(key.table), key.target) else { continue };
        out.look();
        if matches!(cover(cx.schema, table, &key.columns), Cover::Full(_) | Cover::Partial(_)) {
            continue;
        }
        let Some(first) = key.columns.first() else { continue };
        let message = format!(
            "No index of `{}` starts with {}, so each delete in `{}` reads the whole table.",
            cx.table_name(key.table),
            cx.columns_text(key.table, &key.columns),
            cx.table_name(target)
        );
        out.report(ObjectId::Column(key.table, *first), key.span, message)
            .object(ObjectId::Table(target))
            .maybe_fix(index_fix(cx, key.table, table, &key.columns));
    }
}

/// Columns that refer to a table by name only: joins over them need the index as much.
fn undeclared(cx: &Context<'_>, id: TableId, table: &Table, declared: usize, out: &mut Findings<'_>) {
    for (column_number, column) in table.live_columns() {
        let Some(reference) = cx.references.of(id, column_number).filter(|r| r.whole_name && !r.by_design) else {
            continue;
        };
        out.look();
        if matches!(cover(cx.schema, table, &[column_number]), Cover::Full(_) | Cover::Partial(_)) {
            continue;
        }
        let message = format!(
            "No index of `{}` starts with `{}`, which refers to `{}` by its name, without a foreign key.",
            cx.table_name(id),
            column.name,
            cx.table_name(reference.target)
        );
        out.report(ObjectId::Column(id, column_number), column.name_span, message)
            .object(ObjectId::Table(reference.target))
            .severity(Severity::Low)
            .certainty(Certainty::Likely)
            .evidence(format!("The schema declares {}.", number(declared, "foreign key", "foreign keys")))
            .maybe_fix(index_fix(cx, id, table, &[column_number]));
    }
}
