use crate::expr::Tree;
use crate::finding::{Certainty, Severity, Subject};
use crate::functions::{Depends, depends};
use crate::rules::support::{refused, statement_subject};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "check-not-immutable",
    category: Category::Constraints,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A CHECK depends on the current time, user or setting, or on other rows.",
    why: "PostgreSQL tests a CHECK when a row is written and believes in it from then on. One that looks at the clock becomes false by waiting: the row \
          stays, but the next update of it fails, whatever it changes, and a dump of the table cannot be restored. Test such things in a trigger or \
          where the value is made. A subquery PostgreSQL refuses in a CHECK altogether: what another table must hold is said by a foreign key. PostgreSQL manual, 5.4.1 \"Check Constraints\": CHECK conditions are assumed to be immutable.",
    fires: examples![
        "CREATE TABLE bookings (id bigint PRIMARY KEY, day date «CHECK (day >= current_date)»);",
        "CREATE TABLE rooms (id bigint PRIMARY KEY);\nCREATE TABLE bookings (id bigint PRIMARY KEY, room bigint «CHECK (room IN (SELECT id FROM rooms))»);",
    ],
    silent: examples![
        "CREATE TABLE bookings (id bigint PRIMARY KEY, day date CHECK (day >= DATE '2000-01-01'), made_at timestamptz DEFAULT now());",
        "CREATE TABLE people (id bigint PRIMARY KEY, born date CHECK (born > '1900-01-01'), now_reading text CHECK (now_reading <> ''));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // One with a subquery never came about.
    for conflict in &cx.replay.conflicts {
        if conflict.message != "cannot use subquery in check constraint" {
            continue;
        }
        let Some(operation) = refused(cx, conflict) else { continue };
        let (kind, path) = statement_subject(operation);
        let table = path.strip_prefix("public.").unwrap_or(&path);
        let message =
            format!("A CHECK on `{table}` asks for other rows by a subquery: PostgreSQL refuses the statement.");
        out.report_about(Subject::new(kind, path.clone()), conflict.span, message)
            .maybe_subject(cx.revision(conflict.revision));
    }
    for (table_id, table) in cx.tables() {
        for (id, constraint) in cx.schema.constraints_of(table).filter(|(_, c)| c.inherit_count == 0) {
            let ConstraintKind::Check(check) = &constraint.kind else { continue };
            out.look();
            let mut found: Option<String> = None;
            let mut other_rows = false;
            check.source.tree().walk(&mut |tree| {
                other_rows |= matches!(tree, Tree::Subquery(_) | Tree::Exists(_));
                let name = match tree {
                    Tree::Call(call) => call.base_name(),
                    // Key words such as current_date, unless the table has a column of that name.
                    Tree::Column(parts) => match parts.as_slice() {
                        [one] if table.find_column(one).is_none() => one.as_str(),
                        _ => return,
                    },
                    _ => return,
                };
                // Its value changes without the row.
                if found.is_none() && depends(name).is_some_and(|on| on >= Depends::Moment) {
                    found = Some(name.to_owned());
                }
            });
            // In a document, which no server reads.
            if other_rows {
                let message = format!(
                    "`{}` on `{}` asks for other rows by a subquery, which PostgreSQL refuses in a CHECK.",
                    constraint.name,
                    cx.table_name(table_id)
                );
                out.report(ObjectId::Constraint(id), constraint.span, message).object(ObjectId::Table(table_id));
                continue;
            }
            let Some(function) = found else { continue };
            let message = format!(
                "`{}` on `{}` depends on `{function}`: a row that passed once may fail at its next update or when a dump is restored.",
                constraint.name,
                cx.table_name(table_id)
            );
            out.report(ObjectId::Constraint(id), constraint.span, message).object(ObjectId::Table(table_id));
        }
    }
}
