use crate::expr::Tree;
use crate::finding::{Certainty, Fix, Severity, Subject};
use crate::name::quote;
use crate::operation::{AlterTableAction, DmlVerb, ObjectKind, OperationKind, RowSecurity};
use crate::rules::support::text_of;
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "insecure-queue-exposed",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A message queue is reached through the web API, and its table has no row-level security.",
    why: "Supabase shows queues to the API through the schema `pgmq_public`. A queue is a table `pgmq.q_NAME`; without row-level security whoever has the public key may read, add and \
          delete messages. Enable it and write policies for the roles that use the queue; the service role passes them. The rule needs the queue's creation and a grant that opens the \
          queues' schema in the input. Supabase, \"Expose Queues\"; PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE ROLE anon;\nCREATE EXTENSION pgmq;\nGRANT USAGE ON SCHEMA pgmq_public TO anon;\n«SELECT pgmq.create('orders')»;",
    ],
    silent: examples![
        "CREATE ROLE anon;\nCREATE EXTENSION pgmq;\nSELECT pgmq.create('orders');",
        "CREATE ROLE anon;\nCREATE EXTENSION pgmq;\nGRANT USAGE ON SCHEMA pgmq_public TO anon;\nSELECT pgmq.create('orders');\nALTER TABLE pgmq.q_orders ENABLE ROW LEVEL SECURITY;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.has_web_roles() || !is_exposed(cx) {
        return;
    }
    for (queue, place) in queues(cx) {
        out.look();
        let table = format!("q_{}", queue.to_lowercase());
        if is_protected(cx, &table) {
            continue;
        }
        let message =
            format!("The queue `{queue}` is reached through the web API, and its table has no row-level security.");
        let path = format!("pgmq.{}", quote(&table));
        out.report_about(Subject::new(ObjectKind::Table, path.clone()), place, message).fix(Fix {
            sql: format!("ALTER TABLE {path} ENABLE ROW LEVEL SECURITY;"),
            caution: Some("Without a policy nobody but the owner and roles with BYPASSRLS uses the queue any more: write policies for the roles that do.".to_owned()),
        });
    }
}

/// Whether the input enables row-level security on a table of the extension, which makes the table itself.
fn is_protected(cx: &Context<'_>, table: &str) -> bool {
    cx.history.revisions.iter().flat_map(|r| &r.up).any(|o| match &o.kind {
        OperationKind::AlterTable(alter) => {
            alter.name.name.fold() == table
                && alter.name.schema.as_ref().is_some_and(|s| s.fold() == "pgmq")
                && alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::RowSecurity(RowSecurity::Enable)))
        }
        _ => false,
    })
}

/// Whether a grant opens the queues' schema to the roles of the API.
fn is_exposed(cx: &Context<'_>) -> bool {
    cx.schema.grants.iter().any(|g| {
        let opens = g.grant.kind == ObjectKind::Schema
            && g.grant.objects.iter().any(|o| matches!(o.name.name.fold().as_str(), "pgmq_public" | "pgmq"));
        let mut roles = g.grant.grantees.iter().map(crate::name::Ident::fold);
        !g.grant.revoke && opens && roles.any(|r| matches!(r.as_str(), "anon" | "authenticated" | "public"))
    })
}

/// The queues that the input creates, each with its statement.
fn queues(cx: &Context<'_>) -> Vec<(String, Span)> {
    let mut out: Vec<(String, Span)> = Vec::new();
    for operation in cx.history.revisions.iter().flat_map(|r| &r.up) {
        let OperationKind::Dml { verb: DmlVerb::Select, text, .. } = &operation.kind else { continue };
        if !text.words().iter().any(|w| w == "pgmq") {
            continue;
        }
        let Some(query) = text.query() else { continue };
        query.walk(&mut |tree| {
            if let Tree::Call(call) = tree
                && matches!(call.name.as_slice(), [schema, name] if schema == "pgmq"
                    && matches!(name.as_str(), "create" | "create_unlogged" | "create_non_partitioned" | "create_partitioned"))
                && let Some(name) = call.arguments.first().and_then(text_of)
            {
                out.push((name.to_owned(), operation.span));
            }
        });
    }
    out
}
