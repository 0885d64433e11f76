use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::words;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "placeholder-policy-name",
    category: Category::Naming,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A policy is called as if it were a trial.",
    why: "A policy's name is all that shows in a list of who may see what. `test`, `tmp` or `New Policy` says that it was tried out, perhaps \
          wide open, and forgotten; a name that says who may do what can be checked against what the policy does. PostgreSQL manual, CREATE \
          POLICY and ALTER POLICY, RENAME.",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY tmp ON notes USING (owner = current_user)»;\n«CREATE POLICY \"New Policy\" ON notes FOR SELECT USING (owner = current_user)»;",
    ],
    silent: examples![
        "CREATE TABLE tests (id bigint PRIMARY KEY, owner text);\nALTER TABLE tests ENABLE ROW LEVEL SECURITY;\nCREATE POLICY tests_own ON tests USING (owner = current_user);\nCREATE POLICY \"Owners read their tests\" ON tests FOR SELECT USING (owner = current_user);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, policy) in cx.schema.policies.iter().filter(|(_, p)| p.dropped.is_none()) {
        out.look();
        if is_placeholder(&policy.name) {
            let message = format!(
                "The policy `{}` of `{}` says nothing of what it allows.",
                policy.name,
                cx.table_name(policy.table)
            );
            out.report(ObjectId::Policy(id), policy.span, message).object(ObjectId::Table(policy.table));
        }
    }
}

fn is_placeholder(name: &str) -> bool {
    const TRIAL: &[&str] = &["asdf", "fixme", "foo", "temp", "todo", "tmp", "untitled", "xxx"];
    let mut words = words(name);
    if words.iter().any(|w| TRIAL.contains(&w.as_str())) {
        return true;
    }
    words.retain(|w| !w.bytes().all(|b| b.is_ascii_digit()));
    matches!(
        words.iter().map(Name::as_str).collect::<Vec<_>>().as_slice(),
        ["test" | "policy" | "policy1"] | ["new" | "my" | "test", "policy"]
    )
}
