use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, StoredExpr, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "security-definer-view",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A view over tables with row-level security shows what its owner may see, not what the reader may.",
    why: "A view reads its tables with the rights of its owner unless it says otherwise, and policies are applied for the owner, who as a rule is exempt. \
          Everyone who may read the view then sees all rows. WITH (security_invoker = true), since PostgreSQL 15, applies the reader's rights. \
          Where showing more is the point of the view, say so: `security_invoker = false`, or a comment on the view, silences the rule. PostgreSQL \
          manual, CREATE VIEW, \"Notes\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE VIEW «all_notes» AS SELECT id FROM notes;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE VIEW a WITH (security_invoker = true) AS SELECT id FROM notes;\nCREATE VIEW b WITH (security_invoker = false) AS SELECT id FROM notes;\nCREATE VIEW c AS SELECT id FROM notes;\nCOMMENT ON VIEW c IS 'Ids of all notes, on purpose';",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nCREATE VIEW a AS SELECT id FROM notes;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, view) in cx.schema.live_views().filter(|(_, v)| !v.materialized) {
        if !cx.owns_namespace(view.namespace) {
            continue;
        }
        out.look();
        let stated = view.comment.is_some() || view.options.iter().any(|(name, _)| name == "security_invoker");
        let protected = protected_tables(cx, &view.query);
        if stated || protected.is_empty() {
            continue;
        }
        let names: Vec<String> = protected.iter().map(|t| format!("`{}`", cx.table_name(*t))).collect();
        let message = format!(
            "`{}` reads {} with the rights of its owner, past the policies that bind its readers.",
            cx.name(ObjectId::View(id)),
            list(&names)
        );
        let fix = (cx.target.server_version >= 15).then(|| Fix {
            sql: format!("ALTER VIEW {} SET (security_invoker = true);", cx.schema.path(ObjectId::View(id))),
            caution: Some(
                "Readers then need SELECT on the tables themselves, and see only the rows that policies give them."
                    .to_owned(),
            ),
        });
        out.report(ObjectId::View(id), view.name_span, message)
            .objects(protected.into_iter().map(ObjectId::Table))
            .maybe_fix(fix);
    }
}

/// The tables with row-level security that a query reads, each once, in the order of the text.
pub(super) fn protected_tables(cx: &Context<'_>, query: &StoredExpr) -> Vec<TableId> {
    let mut out = Vec::new();
    for reference in &query.references {
        let table = match reference.target {
            ObjectId::Table(t) | ObjectId::Column(t, _) => t,
            _ => continue,
        };
        if cx.schema.tables.get(table).is_some_and(|t| t.rls_enabled) && !out.contains(&table) {
            out.push(table);
        }
    }
    out
}
