use crate::expr::{Expr, Tree};
use crate::finding::{Certainty, Fix, Severity};
use crate::name::{Name, quote};
use crate::operation::{DmlVerb, OperationKind, PolicyCommand};
use crate::order::Order;
use crate::rules::support::{conjuncts, is_always_true, list, text_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Policy};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "public-bucket-listing",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A policy lets everyone list the files of a public storage bucket.",
    why: "Files of a public bucket are served by their address without any policy. A SELECT policy on `storage.objects` for the whole bucket adds one thing: a list of all names, with \
          owners and sizes, for whoever has the public key. Leave it out, or compare the owner or the folder as well. The rule needs the bucket in the input. Supabase, \"Storage \
          Access Control\"; PostgreSQL manual, CREATE POLICY.",
    fires: examples![
        "CREATE ROLE anon;\nINSERT INTO storage.buckets (id, name, public) VALUES ('avatars', 'avatars', true);\n«CREATE POLICY \"anyone can see\" ON storage.objects FOR SELECT USING (bucket_id = 'avatars')»;",
    ],
    silent: examples![
        "CREATE ROLE anon;\nINSERT INTO storage.buckets (id, name, public) VALUES ('papers', 'papers', false);\nCREATE POLICY readers ON storage.objects FOR SELECT USING (bucket_id = 'papers');",
        "CREATE ROLE anon;\nINSERT INTO storage.buckets (id, name, public) VALUES ('avatars', 'avatars', true);\nCREATE POLICY own ON storage.objects FOR SELECT USING (bucket_id = 'avatars' AND owner = auth.uid());\nCREATE POLICY add ON storage.objects FOR INSERT WITH CHECK (bucket_id = 'avatars');",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let public = public_buckets(cx);
    if public.is_empty() {
        return;
    }
    for (id, policy) in cx.schema.policies.iter().filter(|(_, p)| p.dropped.is_none() && p.permissive) {
        let Some(table) = cx.schema.tables.get(policy.table) else { continue };
        let of_storage = cx.schema.namespaces.get(table.namespace).is_some_and(|n| n.name == "storage");
        if !of_storage || table.name != "objects" {
            continue;
        }
        out.look();
        let reads = matches!(policy.command, PolicyCommand::Select | PolicyCommand::All);
        let open = policy.roles.iter().any(|r| matches!(r.as_str(), "public" | "anon" | "authenticated"));
        let listed: Vec<String> = public
            .iter()
            .filter(|bucket| reads && open && shows_all_of(policy, bucket))
            .map(|b| format!("`{b}`"))
            .collect();
        if listed.is_empty() {
            continue;
        }
        let buckets = if listed.len() == 1 { "bucket" } else { "buckets" };
        let message =
            format!("`{}` lets everyone list the files of the public {buckets} {}.", policy.name, list(&listed));
        let fix = (policy.command == PolicyCommand::Select).then(|| Fix {
            sql: format!("DROP POLICY {} ON storage.objects;", quote(&policy.name)),
            caution: Some("Addresses of files go on working. What calls `list` or overwrites files (`upsert`) through the API needs a policy that shows users their own files.".to_owned()),
        });
        out.report(ObjectId::Policy(id), policy.span, message).maybe_fix(fix);
    }
}

/// The ids of the buckets that the input makes public.
fn public_buckets(cx: &Context<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for operation in cx.history.revisions.iter().flat_map(|r| &r.up) {
        let OperationKind::Dml { verb: DmlVerb::Insert, tables, text } = &operation.kind else { continue };
        let into_buckets = tables
            .iter()
            .any(|t| t.name.fold() == "buckets" && t.schema.as_ref().is_some_and(|s| s.fold() == "storage"));
        if into_buckets {
            out.extend(public_rows(text).unwrap_or_default());
        }
    }
    out.order();
    out.dedup();
    out
}

/// The ids among the rows of an INSERT whose `public` is true.
fn public_rows(insert: &Expr) -> Option<Vec<String>> {
    let columns = insert.change()?.columns;
    let at = |name: &str| columns.iter().position(|c: &Name| c == name);
    let (id, public) = (at("id")?, at("public")?);
    let query = insert.inserted()?;
    let rows = query.items.iter().filter_map(|item| match &item.value {
        Tree::Row(values) => Some(values),
        _ => None,
    });
    Some(
        rows.filter(|values| values.get(public).is_some_and(is_always_true))
            .filter_map(|values| values.get(id).and_then(text_of).map(str::to_owned))
            .collect(),
    )
}

/// Whether a policy's condition asks for the bucket and nothing else, or for nothing at all.
fn shows_all_of(policy: &Policy, bucket: &str) -> bool {
    let Some(using) = &policy.using else { return false };
    let tree = using.source.tree();
    conjuncts(tree).into_iter().all(|part| {
        is_always_true(part)
            || matches!(part, Tree::Operator(op, operands) if matches!(op.as_str(), "=" | "in" | "= any")
                && is_bucket_id(operands.first()) && names(operands, bucket))
    })
}

fn is_bucket_id(tree: Option<&Tree>) -> bool {
    matches!(tree.map(Tree::without_casts), Some(Tree::Column(path)) if path.last().is_some_and(|n| n == "bucket_id"))
}

fn names(operands: &[Tree], bucket: &str) -> bool {
    operands.iter().skip(1).any(|o| match o.without_casts() {
        Tree::Array(items) => items.iter().any(|i| text_of(i) == Some(bucket)),
        other => text_of(other) == Some(bucket),
    })
}
