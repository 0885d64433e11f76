use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-disabled",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A table whose rows belong to tenants, or that the web API exposes, has no row-level security.",
    why: "Where many customers share tables, one forgotten WHERE clause shows the rows of one to another; row-level security makes the database keep \
          them apart. Where tables of `public` are reached through the roles of Supabase or PostgREST, a table without it is open to everyone who \
          has the public key. The rule needs such roles in the schema, or a tenant key in most tables; where no table at all uses row-level \
          security, keeping tenants apart is the application's job by design, and the severity is medium. PostgreSQL manual, 5.8 \"Row Security \
          Policies\".",
    fires: examples![
        // Reached from the web.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes FOR SELECT TO authenticated USING (owner IS NOT NULL);\nCREATE TABLE «secrets» (id bigint PRIMARY KEY);",
        // Shared by tenants.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE «a» (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;",
        // The tenants themselves, where their tables are protected.
        "CREATE TABLE «shops» (id uuid PRIMARY KEY, webhook_secret bytea);\nCREATE TABLE a (id uuid PRIMARY KEY, shop_id uuid NOT NULL REFERENCES shops);\nCREATE TABLE b (id uuid PRIMARY KEY, shop_id uuid NOT NULL REFERENCES shops);\nCREATE TABLE c (id uuid PRIMARY KEY, shop_id uuid NOT NULL REFERENCES shops);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);",
        // Extension tables are not the user's to alter.
        "CREATE ROLE anon;\nCREATE TABLE spatial_ref_sys (srid integer PRIMARY KEY);",
        // A partition is reached through its parent.
        "CREATE TABLE logs (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs DEFAULT;\nALTER TABLE logs ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON logs TO authenticated USING (at > '2024-01-01');",
        // Not in an exposed schema.
        "CREATE SCHEMA private;\nCREATE ROLE anon;\nCREATE TABLE private.notes (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.hidden_sql_says("enable row level security") {
        return;
    }
    let tenant = cx.conventions.tenant.as_ref();
    let all = cx.tables().count();
    let protected = cx.tables().filter(|(_, t)| t.rls_enabled).count();
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        let exposed = cx.is_exposed(table.namespace);
        let tenant_column = tenant.and_then(|t| t.column_of(table));
        // Its key may be called as what refers to it is: `schools.school_id`.
        let is_key = |n: ColumnNumber| cx.schema.primary_key_of(table).is_some_and(|(_, c)| c.columns == [n]);
        let is_root = tenant.is_some_and(|t| t.root == Some(id)) && tenant_column.is_none_or(is_key);
        if !exposed && tenant_column.is_none() && !is_root {
            continue;
        }
        out.look();
        if table.rls_enabled {
            continue;
        }
        if is_root && !exposed {
            root(cx, (id, table), protected, out);
            continue;
        }
        let name = cx.table_name(id);
        let (message, evidence) = match (tenant_column, exposed) {
            (Some(column), exposed) => {
                let column = table.column(column).map_or("", |c| c.name.as_str());
                let reached = if exposed { " and the roles of the web API reach them" } else { "" };
                (
                    format!(
                        "Rows of `{name}` belong to tenants by `{column}`{reached}, but row-level security is off."
                    ),
                    tenant.map(|t| t.habit.evidence()),
                )
            }
            (None, _) => {
                let schema = cx.schema.namespaces.get(table.namespace).map_or("", |n| n.name.as_str());
                (
                    format!(
                        "`{name}` is in `{schema}`, which the roles of the web API reach, and row-level security is off."
                    ),
                    None,
                )
            }
        };
        let mut draft = out.report(ObjectId::Table(id), table.name_span, message);
        if protected == 0 && !exposed {
            draft = draft
                .severity(Severity::Medium)
                .evidence(format!("{} No table uses row-level security.", evidence.unwrap_or_default()));
        } else {
            let counted = format!("{protected} of {} use row-level security.", number_of_tables(all));
            draft = draft.evidence(evidence.map_or(counted.clone(), |e| format!("{e} {counted}")));
        }
        let _ = draft;
    }
}

/// The table of the tenants themselves, where those that hang on it are protected.
fn root(cx: &Context<'_>, (id, table): (TableId, &Table), protected: usize, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    if protected * 4 < tenant.habit.tables as usize * 3 {
        return;
    }
    // Names of customers are one thing, what opens their accounts is another.
    const SECRETS: &[&str] = &["ciphertext", "credentials", "password", "secret", "token"];
    let secret = table.live_columns().find(|(_, c)| each_word(&c.name).any(|w| SECRETS.contains(&w.as_ref())));
    let message = format!(
        "`{}` holds the tenants themselves, and row-level security is off: each of them can read the others' rows.",
        cx.table_name(id)
    );
    let draft = out
        .report(ObjectId::Table(id), table.name_span, message)
        .severity(if secret.is_some() { Severity::Medium } else { Severity::Low })
        .evidence(format!("{protected} of {} use row-level security.", number_of_tables(cx.tables().count())));
    let _ = match secret {
        Some((column, _)) => draft.object(ObjectId::Column(id, column)),
        None => draft,
    };
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::session::{Options, analyze};

    #[test]
    fn the_table_of_tenants_is_known_by_whatever_name_its_key_has() {
        for key in ["id", "org_id"] {
            let mut sql = format!("CREATE TABLE orgs ({key} bigint PRIMARY KEY);\n");
            for table in ["a", "b", "c"] {
                sql += &format!(
                    "CREATE TABLE {table} (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
                );
            }
            let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
            let findings = analysis.targets[0].findings.iter().filter(|f| f.rule.name == "rls-disabled");
            let found: Vec<_> = findings.map(|f| (f.objects[0].path.as_str(), f.severity)).collect();
            assert_eq!(found, [("public.orgs", Severity::Low)], "its key is called {key}");
        }
    }
}
