use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::support::{conjuncts, key_columns, last_word};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, Index, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unique-with-nullable-column",
    category: Category::Constraints,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A unique rule covers a column that may be null, and nulls count as different.",
    why: "Two rows that agree in every column of a unique rule are both accepted if one of those columns is null in them. Over several columns that \
          is almost never meant: (tenant, parent, name) with a nullable parent lets a name repeat at the top level. Add NULLS NOT DISTINCT \
          (PostgreSQL 15), a second unique index for the rows with null, or NOT NULL. A rule over a single optional column, such as an e-mail \
          address that not everybody has, is of low severity. PostgreSQL manual, 5.4.3 \"Unique Constraints\".",
    fires: examples![
        "CREATE TABLE folders (id bigint PRIMARY KEY, parent bigint, name text NOT NULL, «UNIQUE (parent, name)»);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text «UNIQUE»);",
    ],
    silent: examples![
        "CREATE TABLE folders (id bigint PRIMARY KEY, parent bigint, name text NOT NULL, UNIQUE NULLS NOT DISTINCT (parent, name));",
        "CREATE TABLE folders (id bigint PRIMARY KEY, parent bigint, name text NOT NULL);\nCREATE UNIQUE INDEX a ON folders (parent, name) WHERE parent IS NOT NULL;\nCREATE UNIQUE INDEX b ON folders (name) WHERE parent IS NULL;",
        // The pair covers both kinds of rows.
        "CREATE TABLE folders (id bigint PRIMARY KEY, parent bigint, name text NOT NULL, UNIQUE (parent, name));\nCREATE UNIQUE INDEX top ON folders (name) WHERE parent IS NULL;",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE UNIQUE INDEX u ON users (lower(email));",
        // Most rows have none, and those that have one have it for a while.
        "CREATE TABLE users (id bigint PRIMARY KEY, reset_password_token text UNIQUE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        for (id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.unique && !i.primary && i.parent.is_none()) {
            out.look();
            let Some(columns) = key_columns(index).filter(|_| !index.nulls_not_distinct) else { continue };
            let nullable: Vec<ColumnNumber> = columns
                .iter()
                .copied()
                .filter(|c| table.column(*c).is_some_and(|c| !c.not_null && c.generated.is_none()))
                .filter(|c| !tested_for_null(table, index, *c) && !others_cover(cx, table, &columns, *c))
                .collect();
            if nullable.is_empty() || is_token(table, &columns) {
                continue;
            }
            let constraint = index.constraint.and_then(|c| Some((c, cx.schema.constraints.get(c)?)));
            let (subject, place, name) = match constraint {
                Some((c, constraint)) => (ObjectId::Constraint(c), constraint.span, &constraint.name),
                None => (ObjectId::Index(id), index.span, &index.name),
            };
            let names = cx.columns_text(table_id, &nullable);
            let message = if columns.len() == 1 {
                format!("`{name}` lets any number of rows of `{}` have no {names}.", cx.table_name(table_id))
            } else {
                format!(
                    "`{name}` lets rows of `{}` repeat where {names} {} null.",
                    cx.table_name(table_id),
                    if nullable.len() == 1 { "is" } else { "are" }
                )
            };
            // A rule whose columns are all optional speaks of rows that have them: an e-mail address, a login elsewhere.
            let optional = nullable.len() == columns.len() || has_alternative(cx, table, &columns, &nullable);
            let severity = if optional { Severity::Low } else { Severity::Medium };
            out.report(subject, place, message)
                .objects(nullable.iter().map(|c| ObjectId::Column(table_id, *c)))
                .severity(severity);
        }
    }
}

/// Whether another rule holds for the same columns with another that may be empty in the place of this one: a row has the one or the other.
fn has_alternative(cx: &Context<'_>, table: &Table, columns: &[ColumnNumber], nullable: &[ColumnNumber]) -> bool {
    let [open] = nullable else { return false };
    let refers = |c: ColumnNumber| cx.schema.foreign_keys_of(table).any(|(_, k, _)| k.columns.contains(&c));
    columns.len() > 1
        && refers(*open)
        && cx.schema.indexes_of(table).filter(|(_, i)| i.unique).filter_map(|(_, i)| key_columns(i)).any(|other| {
            let mut own: Vec<ColumnNumber> = other.iter().copied().filter(|c| !columns.contains(c)).collect();
            let stays = columns.iter().filter(|c| *c != open).all(|c| other.contains(c));
            let stands_for_it = own.pop().is_some_and(|c| table.column(c).is_some_and(|c| !c.not_null) && refers(c));
            other.len() == columns.len() && own.is_empty() && stays && !other.contains(open) && stands_for_it
        })
}

/// Whether the only column holds a token, which a row has for as long as it is in use.
fn is_token(table: &Table, columns: &[ColumnNumber]) -> bool {
    let [only] = columns else { return false };
    table
        .column(*only)
        .and_then(|c| last_word(&c.name))
        .is_some_and(|w| matches!(w.as_ref(), "token" | "nonce" | "otp"))
}

/// Whether the predicate of an index speaks of the column being null or not.
fn tested_for_null(table: &Table, index: &Index, column: ColumnNumber) -> bool {
    index.predicate.as_ref().is_some_and(|p| {
        let mut found = false;
        p.source.tree().walk(&mut |t| {
            if let Tree::Operator(op, of) = t
                && (op == "is null" || op == "is not null")
            {
                found |= of.first().and_then(|o| crate::rules::support::column_of(o, table)) == Some(column);
            }
        });
        found
    })
}

/// Whether another unique index takes care of the rows in which the column is null: the same columns without it, `WHERE column IS NULL`.
fn others_cover(cx: &Context<'_>, table: &Table, columns: &[ColumnNumber], column: ColumnNumber) -> bool {
    cx.schema.indexes_of(table).any(|(_, other)| {
        let is_for_nulls = other.predicate.as_ref().is_some_and(|p| {
            conjuncts(p.source.tree()).into_iter().any(|part| {
                matches!(part, Tree::Operator(op, of) if op == "is null"
                    && of.first().and_then(|o| crate::rules::support::column_of(o, table)) == Some(column))
            })
        });
        other.unique
            && is_for_nulls
            && key_columns(other).is_some_and(|keys| keys.iter().all(|k| columns.contains(k) && *k != column))
    })
}
