use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ConstraintDefKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-exclusion-constraint",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "An exclusion constraint is added to an existing table; there is no way to do that online.",
    why: "ADD EXCLUDE builds an index while nobody else may read or write the table, and there is neither NOT VALID nor USING INDEX for \
          it. On a large table it needs a maintenance window, or a new table that takes the old one's place. PostgreSQL manual, ALTER \
          TABLE, \"ADD table_constraint\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE bookings (id bigint PRIMARY KEY, during tsrange);\n-- file: 2_change.sql\nALTER TABLE bookings ADD «CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&)»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE rooms (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE bookings (id bigint PRIMARY KEY, during tsrange);\nALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::AddConstraint(def) = a.action else { continue };
        if !matches!(def.kind, ConstraintDefKind::Exclude { .. }) {
            continue;
        }
        let Some((id, constraint)) = a.new_constraint(cx, def.span) else { continue };
        out.look();
        let message = format!(
            "The index for `{}` is built while nobody may read or write `{}`.",
            constraint.name,
            cx.table_name(a.id)
        );
        let _ = cx
            .report_step(out, a.at, ObjectId::Constraint(id), def.span, message)
            .object(ObjectId::Table(a.id))
            .evidence("No online form exists.".to_owned());
    }
}
