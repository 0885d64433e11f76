use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{DeclaredKey, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-no-delete-action",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A foreign key does not say what happens when the referenced row is deleted, or departs from its siblings in it.",
    why: "Without ON DELETE the rule is NO ACTION: while rows refer to it, deleting the referenced row fails. No orphans can come of it. It is worth \
          knowing because the question may never have been asked; where other foreign keys to the same table cascade, it is likely to have been \
          forgotten, and a delete that used to work fails since. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE a (shop bigint PRIMARY KEY REFERENCES shops ON DELETE CASCADE);\nCREATE TABLE b (shop bigint PRIMARY KEY REFERENCES shops ON DELETE CASCADE);\nCREATE TABLE c (shop bigint PRIMARY KEY «REFERENCES shops ON DELETE NO ACTION»);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint NOT NULL «REFERENCES users»);\nCREATE INDEX ON posts (author);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users ON DELETE CASCADE, editor bigint REFERENCES users ON DELETE RESTRICT, reader bigint REFERENCES users ON DELETE NO ACTION);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // For each parent how many foreign keys refer to it, and how many of them cascade.
    let mut to: BTreeMap<TableId, (usize, usize)> = BTreeMap::new();
    for key in cx.foreign_keys() {
        let (all, cascading) = to.entry(key.fk.references).or_default();
        *all += 1;
        *cascading += usize::from(key.fk.on_delete == ReferentialAction::Cascade);
    }
    for DeclaredKey { table: id, id: constraint_id, constraint, fk, .. } in cx.foreign_keys() {
        out.look();
        if fk.on_delete != ReferentialAction::NoAction {
            continue;
        }
        // This one does not cascade: the others are the rest of them all.
        let (all, cascading) = to.get(&fk.references).copied().unwrap_or_default();
        let siblings = all.saturating_sub(1);
        // One that departs from what its siblings do is likely to be a slip, even where NO ACTION is written.
        let departs = cascading >= 2 && cascading * 3 >= siblings * 2;
        if fk.on_delete_written && !departs {
            continue;
        }
        let (rows, parent) = (cx.table_name(id), cx.table_name(fk.references));
        let message = if fk.on_delete_written {
            format!("`{}` stops the delete of a row of `{parent}` while rows of `{rows}` refer to it.", constraint.name)
        } else {
            format!(
                "`{}` does not say what becomes of rows of `{rows}` when their row of `{parent}` is deleted: the delete fails while there are \
                     any.",
                constraint.name
            )
        };
        let mut draft = out
            .report(ObjectId::Constraint(constraint_id), constraint.span, message)
            .objects(constraint.columns.iter().map(|c| ObjectId::Column(id, *c)))
            .object(ObjectId::Table(fk.references));
        if departs {
            draft = draft.severity(Severity::Low).certainty(Certainty::Likely).evidence(format!(
                "{cascading} of {} to `{parent}` cascade.",
                number(siblings, "other foreign key", "other foreign keys")
            ));
        }
        let _ = draft;
    }
}
