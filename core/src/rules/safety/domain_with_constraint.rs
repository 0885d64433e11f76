use crate::finding::{Certainty, Severity};
use crate::operation::{AlterDomainAction, ColumnConstraintKind, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "domain-with-constraint",
    category: Category::MigrationSafety,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A domain carries a CHECK, or gets one: every table that uses it is read when it changes.",
    why: "ALTER DOMAIN … ADD CONSTRAINT reads every table with a column of the domain under a lock that keeps writes out, and a column \
          of a domain with constraints cannot be added without writing the table anew. A CHECK on each column can be added NOT VALID, \
          table by table. PostgreSQL manual, ALTER DOMAIN, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE t (id int);\n-- file: 2_domain.sql\nCREATE DOMAIN email AS text «CHECK (VALUE LIKE '%@%')»;",
        "-- file: 1_base.sql\nCREATE DOMAIN email AS text;\nCREATE TABLE t (id int, mail email);\n-- file: 2_domain.sql\nALTER DOMAIN email ADD «CONSTRAINT at CHECK (VALUE LIKE '%@%')»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE t (id int);\n-- file: 2_domain.sql\nCREATE DOMAIN email AS text;",
        "-- file: 1_base.sql\nCREATE DOMAIN email AS text;\nCREATE TABLE t (id int, mail email);\n-- file: 2_domain.sql\nALTER DOMAIN email ADD CONSTRAINT at CHECK (VALUE LIKE '%@%') NOT VALID;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let id = at.effects.iter().find_map(|e| match e {
            Effect::Created(id @ ObjectId::Type(_)) | Effect::Altered(id @ ObjectId::Type(_)) => Some(*id),
            _ => None,
        });
        let Some(subject @ ObjectId::Type(id)) = id else { continue };
        if cx.schema.types.get(id).is_none_or(|t| t.dropped.is_some()) {
            continue;
        }
        match &at.operation.kind {
            OperationKind::CreateDomain(domain) => {
                out.look();
                let check = domain.constraints.iter().find(|c| matches!(c.kind, ColumnConstraintKind::Check(_)));
                let Some(check) = check else { continue };
                let message = format!(
                    "A later change of the check of `{}` reads every table that uses it, under a lock.",
                    cx.name(subject)
                );
                let _ = cx.report_step(out, at, subject, check.span, message);
            }
            OperationKind::AlterDomain { action: AlterDomainAction::AddConstraint(def), .. }
                if !def.attributes.not_valid =>
            {
                out.look();
                let users: Vec<ObjectId> = cx
                    .schema
                    .live_tables()
                    .filter(|(t, _)| cx.is_old(*t, at.revision))
                    .filter(|(_, t)| t.live_columns().any(|(_, c)| c.data_type.base == BaseType::User(id)))
                    .map(|(t, _)| ObjectId::Table(t))
                    .collect();
                if users.is_empty() {
                    continue;
                }
                let message = format!(
                    "{} with a column of `{}` is read while writes to it wait.",
                    if users.len() == 1 { "The table".to_owned() } else { format!("Each of {} tables", users.len()) },
                    cx.name(subject)
                );
                let _ = cx
                    .report_step(out, at, subject, def.span, message)
                    .severity(Severity::Low)
                    .objects(users)
                    .evidence("Add it NOT VALID, and VALIDATE CONSTRAINT later.".to_owned());
            }
            _ => {}
        }
    }
}
