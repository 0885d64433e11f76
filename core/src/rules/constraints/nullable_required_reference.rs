use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::ReferentialAction;
use crate::rules::keys::cascade_into_history::is_record;
use crate::rules::support::{number, reference_column, set_not_null};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintId, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nullable-required-reference",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A foreign key column may be null, although a row of this table makes no sense without the row it refers to.",
    why: "Where rows are deleted together with the row that they refer to (ON DELETE CASCADE), they are parts of it, and a part without a whole is a row that \
          nobody finds and nothing removes. The rule asks for the cascade, and for other tables in which the column of that name is required; without such tables it is advice, where the row belongs to nothing else. PostgreSQL \
          manual, 5.4.5 \"Foreign Keys\" and 5.4.2 \"Not-Null Constraints\".",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE);\nCREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE);\nCREATE TABLE files (id bigint PRIMARY KEY, «order_id bigint REFERENCES orders ON DELETE CASCADE»);",
        "CREATE TABLE documents (id bigint PRIMARY KEY);\nCREATE TABLE extractions (id bigint PRIMARY KEY, «document_id bigint REFERENCES documents ON DELETE CASCADE», result jsonb);",
    ],
    silent: examples![
        // A trail outlives the person.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE audit_log (id bigint PRIMARY KEY, person_id bigint REFERENCES people ON DELETE CASCADE, what text NOT NULL);",
        // It belongs to another row all the same.
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE notes (id bigint PRIMARY KEY, person_id bigint NOT NULL REFERENCES people, order_id bigint REFERENCES orders ON DELETE CASCADE);",
        // A child may have no parent: the top of a tree.
        "CREATE TABLE folders (id bigint PRIMARY KEY, parent bigint REFERENCES folders ON DELETE CASCADE);",
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE);\nCREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE);\nCREATE TABLE visits (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE SET NULL);",
        // Rows of the migrations themselves belong to no project: a null says so.
        "CREATE TABLE projects (id bigint PRIMARY KEY);\nCREATE TABLE prices (id bigint PRIMARY KEY, project_id bigint REFERENCES projects ON DELETE CASCADE);\nINSERT INTO prices (id, project_id) VALUES (1, NULL);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // How often a column of a name that refers to some table is required, and how often not.
    let mut habits: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut found: Vec<(TableId, ColumnNumber, ConstraintId, TableId)> = Vec::new();
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            let Some((n, column)) = reference_column(cx, table, constraint).and_then(|n| Some((n, table.column(n)?)))
            else {
                continue;
            };
            out.look();
            let habit = habits.entry(&column.name).or_default();
            if column.not_null {
                habit.0 += 1
            } else {
                habit.1 += 1
            }
            if !column.not_null
                && fk.references != id
                && fk.on_delete == ReferentialAction::Cascade
                && !cx.stores_null(id, n)
                // That a record goes with what it is of is told as wrong itself; the way out of it is to let the reference be null.
                && !is_record(table)
            {
                found.push((id, n, constraint_id, fk.references));
            }
        }
    }
    for (id, column_number, constraint_id, target) in found {
        let Some(table) = cx.schema.tables.get(id) else { continue };
        let Some(column) = table.column(column_number) else { continue };
        let (required, optional) = habits.get(column.name.as_str()).copied().unwrap_or_default();
        // An exclusive choice between several owners needs all of them to be nullable.
        let owners = cx.schema.tables.get(id).map_or(0, |t| {
            cx.schema
                .foreign_keys_of(t)
                .filter(|(_, c, fk)| {
                    fk.on_delete == ReferentialAction::Cascade
                        && reference_column(cx, t, c).and_then(|n| t.column(n)).is_some_and(|c| !c.not_null)
                })
                .count()
        });
        if owners > 1 {
            continue;
        }
        // Without a habit to depart from it is worth knowing where the row belongs to nothing else.
        let is_habit = required >= 2 && required >= optional * 2;
        let belongs_elsewhere = cx.schema.tables.get(id).is_some_and(|t| {
            cx.schema.foreign_keys_of(t).any(|(_, c, _)| {
                reference_column(cx, t, c).is_some_and(|n| {
                    cx.tenant_column(t) != Some(n) && t.column(n).is_some_and(|column| column.not_null)
                })
            })
        });
        if !is_habit && belongs_elsewhere {
            continue;
        }
        let (path, name) = (cx.table_sql(id), quote(&column.name));
        let message = format!(
            "`{}` may be null, although a row goes with its row of `{}` when that is deleted.",
            cx.column_name(id, column_number),
            cx.table_name(target)
        );
        let mut draft = out
            .report(ObjectId::Column(id, column_number), column.span, message)
            .object(ObjectId::Constraint(constraint_id))
            .object(ObjectId::Table(target));
        draft = if is_habit {
            draft.evidence(format!(
                "{required} of {} named `{}` require it.",
                number(required + optional, "foreign key column", "foreign key columns"),
                column.name
            ))
        } else {
            draft
                .severity(Severity::Info)
                .certainty(Certainty::Advisory)
                .evidence("It belongs to nothing else: no other reference of the table is required.".to_owned())
        };
        draft.fix(Fix {
            sql: set_not_null(cx, id, table, &column.name, ""),
            caution: Some(format!(
                "Validation fails while there are such rows: `SELECT * FROM {path} WHERE {name} IS NULL;`."
            )),
        });
    }
}
