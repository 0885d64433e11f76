use crate::finding::{Certainty, Severity};
use crate::operation::PolicyCommand;
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-write-not-covered",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "Policies of a table let rows be read, but no policy lets any be written.",
    why: "With row-level security on, a command without a policy is refused: an INSERT fails with an error, an UPDATE or DELETE finds no rows and says nothing. \
          That is safe, and right for data that only a server writes, which bypasses policies; otherwise the application breaks in silence. Where reading is \
          all that is meant, a comment on the table says so and silences the rule; so does a schema in which most tables are read only. PostgreSQL manual, 5.8 \
          \"Row Security Policies\" and CREATE POLICY.",
    fires: examples![
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCREATE TABLE other (id bigint PRIMARY KEY, owner text);\nALTER TABLE other ENABLE ROW LEVEL SECURITY;\nCREATE POLICY rw ON other USING (owner = current_user);",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCREATE POLICY w ON notes FOR INSERT WITH CHECK (owner = current_user);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCOMMENT ON TABLE notes IS 'written by the importer';",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nCREATE TABLE more (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nALTER TABLE more ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT USING (owner = current_user);\nCREATE POLICY r ON more FOR SELECT USING (owner = current_user);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
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
            read_only.push((id, table));
        } else {
            writable += 1;
        }
    }
    let all = read_only.len() + writable;
    // Where most tables are read only, some server writes.
    if read_only.len() > writable {
        return;
    }
    for (id, table) in read_only.into_iter().filter(|(_, t)| t.comment.is_none()) {
        let message = format!("Policies let rows of `{}` be read, but none lets any be written.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message)
            .objects(cx.schema.policies_of(table).map(|(p, _)| ObjectId::Policy(p)))
            .evidence(format!("{writable} of {} with policies have one for writing.", number_of_tables(all)));
    }
}
