use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "self-reference-no-delete-action",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A parent in the same table says nothing of what becomes of its children when it is deleted.",
    why: "A tree in one table is deleted from the leaves upward, row by row, as long as its foreign key does nothing on delete. Where whole \
          branches go at once ON DELETE CASCADE does that in one statement; where children outlive their parent SET NULL makes them roots. \
          Write RESTRICT or NO ACTION where the delete is meant to fail. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples!["CREATE TABLE categories (id bigint PRIMARY KEY, parent_id bigint «REFERENCES categories»);"],
    silent: examples![
        "CREATE TABLE categories (id bigint PRIMARY KEY, parent_id bigint REFERENCES categories ON DELETE CASCADE);\nCREATE TABLE menus (id bigint PRIMARY KEY, parent_id bigint REFERENCES menus ON DELETE RESTRICT);",
    ],
    supersedes: &["foreign-key-no-delete-action"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for key in cx.foreign_keys().filter(|k| k.fk.references == k.table && k.constraint.columns != k.fk.columns) {
        out.look();
        if key.fk.on_delete_written {
            continue;
        }
        let name = cx.table_name(key.table);
        let message = format!("A row of `{name}` cannot be deleted while other rows have it as {}.", {
            cx.columns_text(key.table, &key.constraint.columns)
        });
        out.report(ObjectId::Constraint(key.id), key.constraint.span, message)
            .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)));
    }
}
