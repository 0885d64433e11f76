use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{DeclaredKey, list};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mixed-delete-actions",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "References of one kind to the same table do different things when its row is deleted.",
    why: "Where a column may be empty, SET NULL keeps the row; where it may not, the row goes (CASCADE) or stops the delete. When of several \
          required references some cascade and some stop, deleting a row of their table either removes a part and more, or nothing, depending \
          on what happens to refer to it. Often each is right; together they should be somebody's decision. PostgreSQL manual, 5.4.5 \"Foreign \
          Keys\".",
    fires: examples![
        "CREATE TABLE «users» (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE CASCADE);\nCREATE TABLE b (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE CASCADE);\nCREATE TABLE c (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE RESTRICT);\nCREATE TABLE d (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE RESTRICT);",
    ],
    silent: examples![
        // The pattern: required ones cascade, others are set to null.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE CASCADE);\nCREATE TABLE b (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE CASCADE);\nCREATE TABLE c (id bigint PRIMARY KEY, u bigint REFERENCES users ON DELETE SET NULL);\nCREATE TABLE d (id bigint PRIMARY KEY, u bigint REFERENCES users ON DELETE SET NULL);",
        // One that differs is no lack of a pattern.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE CASCADE);\nCREATE TABLE b (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE CASCADE);\nCREATE TABLE c (id bigint PRIMARY KEY, u bigint NOT NULL REFERENCES users ON DELETE RESTRICT);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // By parent, whether a row is required, and what the delete does (NO ACTION and RESTRICT both stop it).
    let mut children: BTreeMap<(TableId, bool), BTreeMap<&'static str, Vec<DeclaredKey<'_>>>> = BTreeMap::new();
    for key in cx.foreign_keys() {
        let does = match key.fk.on_delete {
            ReferentialAction::NoAction | ReferentialAction::Restrict => "stop the delete",
            ReferentialAction::Cascade => "go with it",
            ReferentialAction::SetNull | ReferentialAction::SetDefault => "lose their reference",
        };
        children.entry((key.fk.references, key.is_required())).or_default().entry(does).or_default().push(key);
    }
    for ((parent, required), groups) in children {
        out.look();
        let Some(table) = cx.schema.tables.get(parent).filter(|_| cx.owns(parent)) else { continue };
        // Two or more, and a quarter of them all: fewer are exceptions, which are told one by one where they depart from their siblings.
        let all: usize = groups.values().map(Vec::len).sum();
        if groups.values().filter(|keys| keys.len() >= 2 && keys.len() * 4 >= all).count() < 2 {
            continue;
        }
        let said: Vec<String> = groups.iter().map(|(does, keys)| format!("{} {does}", keys.len())).collect();
        let message = format!(
            "When a row of `{}` is deleted, rows that {} refer to it do different things: {}.",
            cx.table_name(parent),
            if required { "must" } else { "may" },
            list(&said)
        );
        let mut draft = out.report(ObjectId::Table(parent), table.name_span, message);
        for key in groups.values().flatten() {
            draft = draft.object(ObjectId::Constraint(key.id)).also_at(key.constraint.span);
        }
        let _ = draft;
    }
}
