use crate::finding::{Certainty, Severity};
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, KeyTarget, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "soft-delete-not-in-index",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A table marks rows as deleted, and its indexes still hold them.",
    why: "Queries ask for the rows that are left, yet every index keeps an entry for each that is gone: as deleted rows pile up, indexes grow \
          and each lookup passes through more that does not count. Indexes WHERE the mark is null stay as small as what is in use. The rule \
          speaks where a third of such tables do so. PostgreSQL manual, 11.8 \"Partial Indexes\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, email text, deleted_at timestamptz);\nCREATE INDEX ON a (email) WHERE deleted_at IS NULL;\nCREATE TABLE b (id bigint PRIMARY KEY, name text, «deleted_at timestamptz»);\nCREATE INDEX ON b (name);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, email text, deleted_at timestamptz);\nCREATE INDEX ON a (email) WHERE deleted_at IS NULL;\nCREATE TABLE b (id bigint PRIMARY KEY, name text, deleted_at timestamptz);\nCREATE INDEX ON b (name, deleted_at);\nCREATE TABLE c (id bigint PRIMARY KEY, name text, deleted_at timestamptz);",
        // No habit.
        "CREATE TABLE b (id bigint PRIMARY KEY, name text, deleted_at timestamptz);\nCREATE INDEX ON b (name);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let marked: Vec<_> = cx.deletion_marks().filter(|(.., c)| c.inherit_count == 0).collect();
    let excluding = marked.iter().filter(|(id, table, at, _)| excludes(cx, *id, table, *at)).count();
    for (id, table, at, column) in &marked {
        out.look();
        let plain = cx.schema.indexes_of(table).filter(|(_, i)| !i.unique && i.predicate.is_none()).count();
        if excluding * 3 < marked.len() || plain == 0 || excludes(cx, *id, table, *at) {
            continue;
        }
        let message = format!(
            "No index of `{}` leaves out the rows that `{}` marks as deleted.",
            cx.table_name(*id),
            column.name
        );
        out.report(ObjectId::Column(*id, *at), column.span, message)
            .object(ObjectId::Table(*id))
            .evidence(format!("{excluding} of {} with such a column do.", number_of_tables(marked.len())));
    }
}

/// Whether some index holds the mark, as key or in its predicate.
fn excludes(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber) -> bool {
    cx.schema.indexes_of(table).any(|(_, i)| {
        i.keys.iter().any(|k| matches!(k.target, KeyTarget::Column(c) if c == number))
            || i.predicate
                .as_ref()
                .is_some_and(|p| p.references.iter().any(|r| r.target == ObjectId::Column(id, number)))
    })
}
