use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::operation::PolicyCommand;
use crate::rules::support::{is_always_true, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{FunctionId, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-write-not-covered",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "Policies of a table let rows be read, but no policy lets any be written.",
    why: "With row-level security on, a command without a policy is refused: an INSERT fails with an error, an UPDATE or DELETE finds no rows and says nothing. \
          That is safe, and right for data that only a server writes, which bypasses policies; otherwise the application breaks in silence. Where reading is \
          all that is meant, a comment on the table says so and silences the rule; so does a schema in which most tables are read only, and a function that \
          writes with its owner's rights. On Supabase, where servers use a role that policies do not bind, it is of low severity. PostgreSQL manual, 5.8 \
          \"Row Security Policies\" and CREATE POLICY.",
    fires: examples![
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCREATE TABLE other (id bigint PRIMARY KEY, owner text);\nALTER TABLE other ENABLE ROW LEVEL SECURITY;\nCREATE POLICY rw ON other USING (owner = current_user);",
    ],
    silent: examples![
        // A list that everybody reads and nobody owns; what a function writes for its callers.
        "CREATE TABLE kinds (code text PRIMARY KEY);\nALTER TABLE kinds ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON kinds FOR SELECT USING (true);\nCREATE TABLE members (id bigint PRIMARY KEY, owner text);\nALTER TABLE members ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON members FOR SELECT USING (owner = current_user);\nCREATE FUNCTION join_us() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'INSERT INTO public.members VALUES (1, session_user)';\nCREATE TABLE other (id bigint PRIMARY KEY, owner text);\nALTER TABLE other ENABLE ROW LEVEL SECURITY;\nCREATE POLICY rw ON other USING (owner = current_user);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCREATE POLICY w ON notes FOR INSERT WITH CHECK (owner = current_user);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCOMMENT ON TABLE notes IS 'written by the importer';",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nCREATE TABLE more (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nALTER TABLE more ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCREATE POLICY r ON more FOR SELECT USING (owner = current_user);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let writers = writers(cx);
    let mut read_only = Vec::new();
    let mut writable = 0_usize;
    for (id, table) in cx.tables().filter(|(_, t)| t.rls_enabled) {
        let mut commands =
            cx.schema.policies_of(table).filter(|(_, p)| p.permissive).map(|(_, p)| p.command).peekable();
        if commands.peek().is_none() {
            continue;
        }
        out.look();
        if commands.all(|c| c == PolicyCommand::Select) {
            let written = is_reference(cx, table) || writers.iter().any(|words| words.contains(&table.name));
            read_only.push((id, table, written));
        } else {
            writable += 1;
        }
    }
    let all = read_only.len() + writable;
    // Where most tables are read only, some server writes.
    if read_only.len() > writable {
        return;
    }
    for (id, table, _) in read_only.into_iter().filter(|(_, t, written)| !written && t.comment.is_none()) {
        let message = format!("Policies let rows of `{}` be read, but none lets any be written.", cx.table_name(id));
        let counted = format!("{writable} of {} with policies have one for writing.", number_of_tables(all));
        let draft = out
            .report(ObjectId::Table(id), table.name_span, message)
            .objects(cx.schema.policies_of(table).map(|(p, _)| ObjectId::Policy(p)));
        if cx.has_web_roles() {
            let _ = draft
                .severity(Severity::Low)
                .evidence(format!("{counted} A server that connects as `service_role` writes all the same."));
        } else {
            let _ = draft.evidence(counted);
        }
    }
}

/// Whether everybody may read all of a table that belongs to no tenant: what such a list says comes from a migration or a server.
fn is_reference(cx: &Context<'_>, table: &Table) -> bool {
    cx.tenant_column(table).is_none()
        && cx.schema.policies_of(table).all(|(_, p)| p.using.as_ref().is_some_and(|e| is_always_true(e.source.tree())))
}

/// The words of the functions that write with the rights of their owner, whom no policy binds.
fn writers<'c>(cx: &'c Context<'_>) -> Vec<&'c BTreeSet<Name>> {
    let writes = |words: &BTreeSet<Name>| ["insert", "update", "delete", "merge"].iter().any(|w| words.contains(*w));
    let is_definer = |id: &FunctionId| cx.schema.functions.get(*id).is_some_and(|f| f.security_definer);
    cx.body_words().iter().filter(|(id, words)| is_definer(id) && writes(words)).map(|(_, words)| words).collect()
}
