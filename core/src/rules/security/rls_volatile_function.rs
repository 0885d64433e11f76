use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::support::{Stability, stability};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-volatile-function",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A policy calls a volatile function.",
    why: "A volatile function may give another answer at each call, so that it runs for every row and no index can be used for what it is compared with. Functions that say nothing else \
          are volatile. If the function only reads, declare it STABLE: its answer then holds for the statement. PostgreSQL manual, 38.7 \"Function Volatility \
          Categories\".",
    fires: examples![
        "CREATE FUNCTION mine(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';\nCREATE TABLE notes (id bigint PRIMARY KEY);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY p ON notes TO app USING (mine(id))»;",
    ],
    silent: examples![
        "CREATE FUNCTION mine(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';\nCREATE TABLE notes (id bigint PRIMARY KEY);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON notes TO app USING (mine(id));",
        // Not of this input.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON notes TO app USING (owner = (SELECT auth.uid()));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let trees: Vec<&Tree> =
                [&policy.using, &policy.with_check].into_iter().flatten().map(|e| e.source.tree()).collect();
            let volatile = trees.iter().find_map(|tree| match stability(cx.schema, tree) {
                Stability::Volatile(name) => Some(name),
                _ => None,
            });
            let Some(name) = volatile else { continue };
            let message = format!(
                "`{}` on `{}` calls `{name}()`, which is volatile: it runs for every row.",
                policy.name,
                cx.table_name(id)
            );
            let function = cx.schema.functions.iter().find(|(_, f)| f.dropped.is_none() && f.name == name.as_str());
            out.report(ObjectId::Policy(policy_id), policy.span, message)
                .object(ObjectId::Table(id))
                .objects(function.map(|(f, _)| ObjectId::Function(f)));
        }
    }
}
