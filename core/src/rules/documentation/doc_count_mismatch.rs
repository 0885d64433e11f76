use std::collections::BTreeSet;

use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::history::document::Counted;
use crate::name::Name;
use crate::operation::{AlterTableAction, ConstraintDefKind, OperationKind};
use crate::rules::support::{document_part, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::Schema;
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-count-mismatch",
    category: Category::Documentation,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A schema document states another number of tables, views or indexes than it defines.",
    why: "A count in the head, the contents or the summary is what readers compare their database with, and nobody updates it with the sections: a \
          wrong one says that the document was changed in parts, and leaves open which part is right. Counts in a list of versions are history and \
          are not compared.",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\nTotal: «3 tables»\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
        "<!-- file: schema.md -->\n# Shop\n\n1. [Core](#core) («2 tables»)\n\n## Core\n\n### `users`\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\nTotal: 1 table\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
        // All that the SQL beside it makes.
        "<!-- file: schema.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY);\n<!-- file: schema.md -->\n# Shop\n\nTotal: 2 tables\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
        // What was, and what is about something else.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\nOne of the 12 tables of the old system.\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Version history\n\n| Version | Changes |\n|---|---|\n| 1.0 | Initial schema (33 tables), total 40 tables |\n",
        // The version of a server at the end of a sentence counts nothing.
        "<!-- file: schema.md -->\n# Shop\n\nTarget: PostgreSQL 15. 1 table.\n\n## Table: items\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // The numbers of one document among several say nothing about all of them.
    let whole = cx.history.documents.len() == 1;
    for document in &cx.history.documents {
        for count in &document.counts {
            out.look();
            let (defined, place) = match &count.section {
                Some((title, defined)) => (*defined, format!("\"{title}\"")),
                None if whole => (defined(cx, count.counted), "the document".to_owned()),
                None => continue,
            };
            if defined == count.number {
                continue;
            }
            // A document of a part of the schema may count all of it, as the SQL beside it makes it.
            let made = made_beside(cx, count.counted).filter(|_| count.section.is_none());
            if made.is_some_and(|(_, made)| made == count.number) {
                continue;
            }
            let (one, many) = count.counted.words();
            let beside =
                made.map(|(whose, made)| format!(" and the {whose} beside it makes {made}")).unwrap_or_default();
            let message = format!(
                "`{}` states {}, but {} defines {defined}{beside}.",
                document.name,
                number(count.number as usize, one, many),
                place.replace('`', "'")
            );
            let part = match &count.section {
                Some((title, _)) => format!("{title}, {many}"),
                None => format!("{many}, {}", count.number),
            };
            out.report_about(document_part(document, &part), count.span, message);
        }
    }
}

/// How many tables or views the history or dump beside the document makes, and whose they are.
fn made_beside(cx: &Context<'_>, counted: Counted) -> Option<(&'static str, u32)> {
    let other = cx.others.iter().find(|o| matches!(o.target.role, Role::History | Role::Dump))?;
    Some((other.target.role.name(), count_in(&other.replay.schema, counted)?))
}

/// How many tables or views a schema has.
fn count_in(schema: &Schema, counted: Counted) -> Option<u32> {
    let tables = || schema.live_tables().filter(|(_, t)| t.partition_of.is_none() && !t.assumed);
    let views = |materialized| schema.live_views().filter(|(_, v)| v.materialized == materialized).count();
    let count = match counted {
        Counted::Tables => tables().count(),
        Counted::Columns => tables().map(|(_, t)| t.live_columns().count()).sum(),
        Counted::Views => views(false),
        Counted::MaterializedViews => views(true),
        Counted::Indexes | Counted::ForeignKeys => return None,
    };
    u32::try_from(count).ok()
}

/// How many the document defines, refused or not.
fn defined(cx: &Context<'_>, counted: Counted) -> u32 {
    let tables = || cx.schema.live_tables().filter(|(_, t)| t.partition_of.is_none());
    let operations = || cx.history.revisions.iter().flat_map(|r| &r.up);
    let views = |materialized| {
        let names: BTreeSet<Name> = operations()
            .filter_map(|o| match &o.kind {
                OperationKind::CreateView(v) if v.materialized == materialized => Some(v.name.name.fold()),
                _ => None,
            })
            .collect();
        names.len()
    };
    let count = match counted {
        Counted::Tables => tables().count(),
        Counted::Columns => tables().map(|(_, t)| t.live_columns().count()).sum(),
        Counted::Views => views(false),
        Counted::MaterializedViews => views(true),
        Counted::Indexes => {
            let spans: BTreeSet<Span> = operations().filter(|o| matches!(o.kind, OperationKind::CreateIndex(_))).map(|o| o.span).collect();
            spans.len()
        }
        Counted::ForeignKeys => operations()
            .filter(|o| match &o.kind {
                OperationKind::AlterTable(a) => a.actions.iter().any(|(action, _)| {
                    matches!(action, AlterTableAction::AddConstraint(c) if matches!(c.kind, ConstraintDefKind::ForeignKey { .. }))
                }),
                _ => false,
            })
            .count(),
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use crate::session::{Options, analyze};

    #[test]
    fn a_view_that_is_refused_is_defined_all_the_same() {
        for (number, told) in [(2, 0), (3, 1)] {
            let text = format!(
                "# Shop\n\nTotal: 1 table, {number} views\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n\
                 ## Views\n\n```sql\nCREATE VIEW a AS SELECT id FROM users;\nCREATE VIEW b AS SELECT mail FROM users;\n```\n"
            );
            let analysis = analyze([("schema.md", text.as_bytes())], Options::default());
            let target = analysis.targets.first().unwrap();
            assert_eq!(target.replay.conflicts.len(), 1);
            assert_eq!(target.findings.iter().filter(|f| f.rule.name == "doc-count-mismatch").count(), told);
        }
    }
}
