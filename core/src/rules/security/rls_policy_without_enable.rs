use crate::analysis::Role;
use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-policy-without-enable",
    category: Category::Security,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A table has policies, but row-level security is not enabled on it.",
    why: "Policies do nothing until ALTER TABLE … ENABLE ROW LEVEL SECURITY. The table looks protected in every review and shows all rows to everyone \
          who may read it. PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nCREATE POLICY own ON notes USING (owner = current_user);",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);",
    ],
    supersedes: &["rls-disabled"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.hidden_sql_says("enable row level security") {
        return;
    }
    for (id, table) in cx.tables_and_partitions() {
        let policies: Vec<_> = cx.schema.policies_of(table).collect();
        let Some((_, first)) = policies.first() else { continue };
        out.look();
        if table.rls_enabled {
            continue;
        }
        let message = format!(
            "`{}` has {}, but row-level security is off: {} nothing.",
            cx.table_name(id),
            number(policies.len(), "policy", "policies"),
            if policies.len() == 1 { "it does" } else { "they do" }
        );
        // In a document the policy is what is written in vain; that the table has no row-level security is said besides.
        let subject = match (cx.target.role, policies.first()) {
            (Role::Document, Some((policy, _))) => ObjectId::Policy(*policy),
            _ => ObjectId::Table(id),
        };
        out.report(subject, table.name_span, message)
            .object(ObjectId::Table(id))
            .objects(policies.iter().map(|(p, _)| ObjectId::Policy(*p)))
            .also_at(first.span)
            .fix(Fix {
                sql: format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", cx.table_sql(id)),
                caution: Some(
                    "From then on, roles other than the owner see only what the policies let through. Try the policies as the application's role \
                     first."
                        .to_owned(),
                ),
            });
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Options, analyze};

    /// A loop over rows may switch it on for any table.
    #[test]
    fn what_cannot_be_read_may_switch_it_on() {
        for (does, told) in [("ENABLE ROW LEVEL SECURITY", false), ("ADD COLUMN extra int", true)] {
            let sql = format!(
                "CREATE TABLE shared (name text PRIMARY KEY);\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text);\n\
                 DO $$ DECLARE r record; BEGIN FOR r IN SELECT name FROM shared LOOP\n\
                 EXECUTE format('ALTER TABLE %I {does}', r.name); END LOOP; END $$;\n\
                 CREATE POLICY own ON notes USING (owner = current_user);"
            );
            let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
            let found = analysis.targets[0].findings.iter().any(|f| f.rule.name == "rls-policy-without-enable");
            assert_eq!(found, told, "{does}");
        }
    }

    /// A loop that drops keys: the primary key may go after them, and another one come.
    #[test]
    fn what_hung_on_a_key_may_be_gone() {
        let sql = "CREATE TABLE a (id bigint PRIMARY KEY, t bigint NOT NULL);\nCREATE TABLE b (id bigint PRIMARY KEY, a bigint REFERENCES a);\n\
                   CREATE TABLE old (t text, c text);\nDO $$ DECLARE r record; BEGIN FOR r IN SELECT t, c FROM old LOOP\n\
                   EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', r.t, r.c); END LOOP; END $$;\n\
                   ALTER TABLE a DROP CONSTRAINT a_pkey;\nALTER TABLE a ADD PRIMARY KEY (t, id);";
        let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
        let conflicts = &analysis.targets[0].replay.conflicts;
        assert!(conflicts.is_empty(), "{conflicts:?}");
    }
}
