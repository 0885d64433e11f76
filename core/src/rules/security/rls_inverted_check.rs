use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::support::text_of;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-inverted-check",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A policy lets every row through for whoever is not signed in.",
    why: "`auth.uid() IS NULL OR …` is meant for jobs that run without a user, but a visitor without a session is just that: nobody is signed in, the first half is true, and \
          all rows are open. So is a setting that nobody has made. `auth.uid() <> owner` shows everybody's rows but one's own. Jobs belong to a role with BYPASSRLS, or \
          to a policy TO a role of their own. PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes USING ((SELECT current_setting('app.user', true)) IS NULL OR owner = (SELECT current_setting('app.user', true)))»;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes TO authenticated USING ((SELECT auth.uid()) <> owner)»;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid, gone boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes TO authenticated USING (NOT gone AND (owner = (SELECT auth.uid()) OR NOT (SELECT auth.uid()) IS NOT NULL))»;",
    ],
    silent: examples![
        // Whoever asks must own the row besides.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes TO authenticated USING (owner = (SELECT auth.uid()) AND ((SELECT auth.uid()) IS NULL OR shared));",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.user', true)));",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY visitors ON notes FOR SELECT USING ((SELECT auth.uid()) IS NULL AND shared);",
        // Together with a condition on the row.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes FOR SELECT TO authenticated USING (((SELECT auth.uid()) IS NULL AND shared) OR owner = (SELECT auth.uid()));",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes TO authenticated USING ((SELECT auth.uid()) IS NOT NULL);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table).filter(|(_, p)| p.permissive) {
            out.look();
            let conditions = [&policy.using, &policy.with_check];
            let open = conditions.into_iter().flatten().any(|e| is_open(e.source.tree()));
            if open {
                let message = format!(
                    "`{}` lets every row of `{}` through where nobody is signed in.",
                    policy.name,
                    cx.table_name(id)
                );
                out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
            } else if conditions.into_iter().flatten().any(|e| is_inverted(e.source.tree())) {
                let message = format!(
                    "`{}` lets through the rows of `{}` that belong to others than the one who asks.",
                    policy.name,
                    cx.table_name(id)
                );
                out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
            }
        }
    }
}

/// Whether one of the parts that OR joins says no more than that nobody is there. What AND joins to it must say nothing of who asks: `deleted_at IS
/// NULL` keeps nobody out, `owner = auth.uid()` does.
fn is_open(tree: &Tree) -> bool {
    let conjuncts = tree.operands_of("and");
    if conjuncts.len() > 1 {
        // `auth.uid() IS NULL AND shared` is meant for visitors, and shows them what it says.
        let open = |c: &Tree| c.operands_of("or").len() > 1 && is_open_alternative(c);
        return conjuncts.iter().any(open) && conjuncts.iter().all(|c| open(c) || !names_who(c));
    }
    is_open_alternative(tree)
}

fn is_open_alternative(tree: &Tree) -> bool {
    tree.operands_of("or").iter().any(says_nobody)
}

/// `auth.uid() IS NULL` in its spellings.
fn says_nobody(tree: &Tree) -> bool {
    let Tree::Operator(op, operands) = tree else { return false };
    match (op.as_str(), operands.as_slice()) {
        ("is null", [who]) => asks_who(who),
        ("=", [a, b]) => (asks_who(a) && text_of(b) == Some("")) || (asks_who(b) && text_of(a) == Some("")),
        ("not", [Tree::Operator(inner, operands)]) => {
            inner == "is not null" && matches!(operands.as_slice(), [who] if asks_who(who))
        }
        _ => false,
    }
}

/// Whether a condition asks anywhere who is there.
fn names_who(tree: &Tree) -> bool {
    let mut found = false;
    tree.walk(&mut |part| found |= asks_who(part));
    found
}

/// `auth.uid() <> owner` as the whole condition.
fn is_inverted(tree: &Tree) -> bool {
    match tree {
        Tree::Operator(op, operands) if op == "<>" || op == "!=" => match operands.as_slice() {
            [a, b] => {
                let is_column = |t: &Tree| matches!(t.without_casts(), Tree::Column(_));
                (asks_who(a) && is_column(b)) || (asks_who(b) && is_column(a))
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether a tree is who asks: `auth.uid()` or a setting of the session, in a subquery of its own or not, under casts and NULLIF.
fn asks_who(tree: &Tree) -> bool {
    match tree.without_casts() {
        Tree::Call(call) => match call.name.as_slice() {
            [schema, name] if schema == "auth" => matches!(name.as_str(), "uid" | "jwt" | "email"),
            [.., name] if name == "nullif" => call.arguments.first().is_some_and(asks_who),
            [.., name] => name == "current_setting",
            [] => false,
        },
        Tree::Subquery(query) => match query.items.as_slice() {
            [item] => query.from.is_empty() && asks_who(&item.value),
            _ => false,
        },
        _ => false,
    }
}
