use crate::finding::{Certainty, Severity};
use crate::operation::{ConstraintDef, ConstraintDefKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-primary-key-blocking",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A PRIMARY KEY on an existing table builds its index under ACCESS EXCLUSIVE.",
    why: "ADD PRIMARY KEY builds an index while nobody else may read or write the table. A unique index that was built CONCURRENTLY \
          becomes the key's own by USING INDEX; where the columns are NOT NULL already, that takes a moment. PostgreSQL manual, ALTER \
          TABLE, \"ADD table_constraint_using_index\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE logs (id bigint NOT NULL);\n-- file: 2_key.sql\nALTER TABLE logs ADD «PRIMARY KEY (id)»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE logs (id bigint NOT NULL);\n-- file: 2_key.sql\nCREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);\nALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey;",
        "-- file: 1_base.sql\nCREATE TABLE t (id bigint);\n-- file: 2_key.sql\nCREATE TABLE logs (id bigint NOT NULL);\nALTER TABLE logs ADD PRIMARY KEY (id);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        for (id, constraint, span) in a.added_constraints(cx, builds_index, |_| false) {
            out.look();
            let message = format!(
                "The index for `{}` is built while nobody may read or write `{}`.",
                constraint.name,
                cx.table_name(a.id)
            );
            let _ = cx
                .report_step(out, a.at, ObjectId::Constraint(id), span, message)
                .object(ObjectId::Table(a.id))
                .evidence(
                    "Build a unique index CONCURRENTLY first, then ADD CONSTRAINT … PRIMARY KEY USING INDEX."
                        .to_owned(),
                );
        }
    }
}

fn builds_index(def: &ConstraintDef) -> bool {
    matches!(&def.kind, ConstraintDefKind::PrimaryKey { options, .. } if options.using_index.is_none())
}
