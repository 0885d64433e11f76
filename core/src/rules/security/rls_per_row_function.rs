use crate::expr::{Call, Tree};
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-per-row-function",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A policy calls a function anew for every row, although its result is the same for all.",
    why: "`auth.uid()` and `current_setting()` are stable, but a policy's condition is evaluated row by row, and so are they; the planner cannot use an \
          index scan's start condition as well as it could with a fixed value. Wrapped in a scalar subquery, `(SELECT auth.uid())`, the call runs \
          once for the statement. On large tables the difference is a factor of ten to a hundred. PostgreSQL manual, 38.7 \"Function Volatility \
          Categories\" and 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes USING (owner = current_setting('app.user', true))»;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.user', true)));\nCREATE POLICY new ON notes FOR INSERT WITH CHECK (owner = lower(owner));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let found =
                [&policy.using, &policy.with_check].into_iter().flatten().find_map(|e| per_row_call(e.source.tree()));
            let Some(call) = found else { continue };
            let message = format!(
                "`{}` on `{}` calls `{call}()` for every row; wrapped as `(SELECT {call}(…))` it runs once.",
                policy.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}

/// A call of a function that tells who is asking, outside of a scalar subquery that reads no table. Inside of a subquery that does read one, it
/// runs for each of those rows.
fn per_row_call(tree: &Tree) -> Option<String> {
    let mut open = vec![tree];
    while let Some(tree) = open.pop() {
        match tree {
            Tree::Call(call) => {
                if asks_who(call) {
                    return Some(call.name.iter().map(ToString::to_string).collect::<Vec<_>>().join("."));
                }
                open.extend(&call.arguments);
            }
            Tree::Operator(_, operands) | Tree::Array(operands) | Tree::Row(operands) => open.extend(operands),
            Tree::Cast(inner, _) => open.push(inner),
            Tree::Case(operand, branches, otherwise) => {
                open.extend(operand.as_deref());
                open.extend(branches.iter().flat_map(|(when, then)| [when, then]));
                open.extend(otherwise.as_deref());
            }
            Tree::Subquery(query) | Tree::Exists(query) if !query.from.is_empty() => {
                open.extend(query.items.iter().map(|i| &i.value));
                open.extend(&query.filter);
                open.extend(query.from.iter().filter_map(|f| f.on.as_ref()));
            }
            _ => {}
        }
    }
    None
}

fn asks_who(call: &Call) -> bool {
    match call.name.as_slice() {
        [schema, _] if schema == "auth" => true,
        [.., name] => name == "current_setting",
        [] => false,
    }
}
