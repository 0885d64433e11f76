use crate::finding::{Certainty, Severity};
use crate::operation::MatchType;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintKind, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nullable-composite-foreign-key",
    category: Category::KeysAndReferences,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A foreign key over several columns goes unchecked in rows that fill only some of them.",
    why: "Under MATCH SIMPLE, the default, one null switches the whole foreign key off: (42, NULL) refers to nothing and is accepted, whatever 42 is. \
          Where two or more of its columns may be null, rows that are half filled slip through. MATCH FULL allows only all or none; a CHECK with \
          `num_nulls(…) IN (0, n)` says the same. One nullable column beside others that are never null is the usual optional reference within a \
          tenant, and fine. PostgreSQL manual, CREATE TABLE, \"REFERENCES\".",
    fires: examples![
        "CREATE TABLE rooms (house bigint, no int, PRIMARY KEY (house, no));\nCREATE TABLE bookings (id bigint PRIMARY KEY, house bigint, room int, «FOREIGN KEY (house, room) REFERENCES rooms»);",
    ],
    silent: examples![
        "CREATE TABLE rooms (house bigint, no int, PRIMARY KEY (house, no));\nCREATE TABLE bookings (id bigint PRIMARY KEY, house bigint, room int, FOREIGN KEY (house, room) REFERENCES rooms MATCH FULL);",
        "CREATE TABLE rooms (house bigint, no int, PRIMARY KEY (house, no));\nCREATE TABLE bookings (id bigint PRIMARY KEY, house bigint NOT NULL, room int, FOREIGN KEY (house, room) REFERENCES rooms);",
        "CREATE TABLE rooms (house bigint, no int, PRIMARY KEY (house, no));\nCREATE TABLE bookings (id bigint PRIMARY KEY, house bigint, room int, FOREIGN KEY (house, room) REFERENCES rooms, CHECK (num_nulls(house, room) IN (0, 2)));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table).filter(|(_, c, _)| c.columns.len() > 1)
        {
            out.look();
            let nullable: Vec<ColumnNumber> =
                constraint.columns.iter().copied().filter(|c| table.column(*c).is_some_and(|c| !c.not_null)).collect();
            let guarded = cx.schema.constraints_of(table).any(|(_, c)| {
                matches!(c.kind, ConstraintKind::Check(_)) && nullable.iter().all(|n| c.columns.contains(n))
            });
            if fk.match_type != MatchType::Simple || nullable.len() < 2 || guarded {
                continue;
            }
            let message = format!(
                "`{}` is not checked where only some of {} are filled.",
                constraint.name,
                cx.columns_text(id, &nullable)
            );
            out.report(ObjectId::Constraint(constraint_id), constraint.span, message)
                .objects(nullable.iter().map(|c| ObjectId::Column(id, *c)))
                .object(ObjectId::Table(fk.references));
        }
    }
}
