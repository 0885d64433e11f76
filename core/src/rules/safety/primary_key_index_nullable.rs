use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ConstraintDefKind};
use crate::replay::Note;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "primary-key-index-nullable",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A PRIMARY KEY over nullable columns reads the whole table to see that they hold no nulls.",
    why: "A primary key makes its columns NOT NULL. Where they are not yet, PostgreSQL reads the table under ACCESS EXCLUSIVE, even \
          when USING INDEX spares the build. A validated CHECK (column IS NOT NULL), or NOT NULL set before by way of one, spares the \
          scan. PostgreSQL manual, ALTER TABLE, \"ADD table_constraint_using_index\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE logs (id bigint, note text);\n-- file: 2_key.sql\nCREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);\nALTER TABLE logs ADD «CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE logs (id bigint NOT NULL, note text);\n-- file: 2_key.sql\nCREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);\nALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey;",
        "-- file: 1_base.sql\nCREATE TABLE logs (id bigint, note text);\n-- file: 2_check.sql\nALTER TABLE logs ADD CONSTRAINT there CHECK (id IS NOT NULL) NOT VALID;\nALTER TABLE logs VALIDATE CONSTRAINT there;\n-- file: 3_key.sql\nCREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);\nALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::AddConstraint(def) = a.action else { continue };
        if !matches!(def.kind, ConstraintDefKind::PrimaryKey { .. }) {
            continue;
        }
        let Some((id, constraint)) = a.new_constraint(cx, def.span) else { continue };
        out.look();
        // What the same statement sets NOT NULL in an action of its own is that action's business.
        let set = |name: &str| {
            a.alter
                .actions
                .iter()
                .any(|(other, _)| matches!(other, AlterTableAction::SetNotNull { column } if column.fold() == name))
        };
        let nullable: Vec<ColumnNumber> = cx
            .notes(a.at)
            .filter_map(|n| match n {
                Note::WasNullable(t, c) if *t == a.id && constraint.columns.contains(c) => Some(*c),
                _ => None,
            })
            .filter(|c| {
                cx.was_before(ObjectId::Column(a.id, *c), a.at.revision) && !cx.was_checked_not_null(a.id, *c, a.at)
            })
            .filter(|c| a.table.column(*c).is_some_and(|c| !set(&c.name)))
            .collect();
        if nullable.is_empty() {
            continue;
        }
        let message = format!(
            "{} of `{}` could be null: the whole table is read before `{}` stands.",
            cx.columns_text(a.id, &nullable),
            cx.table_name(a.id),
            constraint.name
        );
        let _ = cx
            .report_step(out, a.at, ObjectId::Constraint(id), def.span, message)
            .objects(nullable.iter().map(|c| ObjectId::Column(a.id, *c)))
            .evidence("A CHECK (… IS NOT NULL), added NOT VALID and validated before, spares the scan.".to_owned());
    }
}
