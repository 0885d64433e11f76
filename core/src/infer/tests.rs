//! Conventions of small schemas, counted by hand.

use crate::analysis::{Analysis, TargetAnalysis};
use crate::{Options, analyze};

fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

/// `key: value follow/of but exceptions` of one convention; empty where there is none.
fn shown(target: &TargetAnalysis, key: &str) -> String {
    let found = target.conventions.all.iter().find(|c| c.key == key);
    found.map_or(String::new(), |c| {
        let but: Vec<&str> = c.exceptions.iter().map(|o| o.path.as_str()).collect();
        let but = if but.is_empty() { String::new() } else { format!(" but {}", but.join(", ")) };
        let pinned = if c.pinned { " pinned" } else { "" };
        format!("{} {}/{}{but}{pinned}", c.value, c.follow, c.of)
    })
}

const SHOP: &str = "\
CREATE TABLE organizations (id uuid PRIMARY KEY, name text NOT NULL, created_at timestamptz);
CREATE TABLE workspaces (id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, created_at timestamptz);
CREATE TABLE orders (
    id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, workspace_id uuid REFERENCES workspaces,
    total_amount numeric(12,2), status text CHECK (status IN ('new', 'paid')), created_at timestamptz
);
CREATE TABLE payments (
    id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, workspace_id uuid REFERENCES workspaces,
    amount numeric(12,2), fee numeric(12,2), state text CHECK (state IN ('open', 'done')), created_at timestamptz
);
CREATE TABLE refunds (
    id bigint PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, workspace_id uuid REFERENCES workspaces,
    amount integer, kind text CHECK (kind IN ('full', 'part')), created_at timestamp
);
CREATE TABLE note (id uuid PRIMARY KEY, \"textBody\" text, created_at timestamptz);
CREATE INDEX idx_orders_workspace_id ON orders (workspace_id);
CREATE INDEX idx_payments_workspace_id ON payments (workspace_id);
CREATE INDEX idx_refunds_workspace_id ON refunds (workspace_id);
CREATE INDEX refunds_by_amount ON refunds (amount);
";

#[test]
fn a_schema_shows_its_conventions_with_counts_and_exceptions() {
    let analysis = read(&[("shop.sql", SHOP)]);
    let target = &analysis.targets[0];
    for (key, expected) in [
        // The root needs no reference to itself.
        ("tenant-key", "organization_id 4/5 but public.note"),
        ("created-at", "created_at 6/6"),
        ("updated-at", ""),
        ("primary-key-type", "uuid 5/6 but public.refunds.id"),
        ("timestamp-type", "timestamptz 5/6 but public.refunds.created_at"),
        ("enum-strategy", "check 3/3"),
        ("money-type", "numeric(12,2) 3/4 but public.refunds.amount"),
        ("tables", "snake_case 6/6"),
        ("key-columns", "id 6/6"),
        ("reference-columns", "{references}_id 7/7"),
        ("primary-keys", "{table}_pkey 6/6"),
        ("foreign-keys", "{table}_{columns}_fkey 7/7"),
        ("checks", "{table}_{columns}_check 3/3"),
        ("indexes", "idx_{table}_{columns} 3/4 but public.refunds.refunds_by_amount"),
        ("table-number", "plural 5/6 but public.note"),
        ("migrations", ""),
    ] {
        assert_eq!(shown(target, key), expected, "{key}");
    }
    // 6 tables: id 6, name, organization_id 4, workspace_id 3, 4 amounts, 3 states, created_at 6, textBody.
    assert_eq!(shown(target, "columns"), "snake_case 27/28 but public.note.\"textBody\"");
    assert_eq!(target.conventions.tenant_levels, ["public.organizations", "public.workspaces"]);
}

/// A clinic's software calls its tenants practices. What a film has, its copies and its showings do not hand down.
#[test]
fn a_key_that_tables_hand_down_is_the_tenant_key_whatever_it_is_called() {
    let shared = "practice_id uuid NOT NULL REFERENCES practices, UNIQUE (practice_id, id)";
    let clinic = format!(
        "CREATE TABLE practices (id uuid PRIMARY KEY);
         CREATE TABLE staff (id uuid PRIMARY KEY, {shared});
         CREATE TABLE patients (id uuid PRIMARY KEY, doctor_id uuid REFERENCES staff, {shared});
         CREATE TABLE visits (id uuid PRIMARY KEY, patient_id uuid REFERENCES patients, {shared});
         CREATE TABLE notes (id uuid PRIMARY KEY, visit_id uuid REFERENCES visits, {shared});
         CREATE TABLE bills (id uuid PRIMARY KEY, visit_id uuid, {shared},
             FOREIGN KEY (practice_id, visit_id) REFERENCES visits (practice_id, id));"
    );
    assert_eq!(shown(&read(&[("clinic.sql", &clinic)]).targets[0], "tenant-key"), "practice_id 5/5");
    for (root, column) in [("films", "film_id"), ("users", "user_id")] {
        let mut text = format!("CREATE TABLE {root} (id uuid PRIMARY KEY);\n");
        for n in 0..6 {
            let other = if root == "users" && n > 0 {
                format!(", other_id uuid REFERENCES detail_{}", n - 1)
            } else {
                String::new()
            };
            text +=
                &format!("CREATE TABLE detail_{n} (id uuid PRIMARY KEY, {column} uuid REFERENCES {root}{other});\n");
        }
        assert_eq!(shown(&read(&[("other.sql", &text)]).targets[0], "tenant-key"), "", "{root}");
    }
}

#[test]
fn strengths_are_conventions_that_hold_and_grave_rules_that_found_nothing() {
    let analysis = read(&[("shop.sql", SHOP)]);
    let said: Vec<&str> = analysis.targets[0].strengths.iter().map(|s| s.message.as_str()).collect();
    assert!(said.contains(&"Time of creation: `created_at` (all 6 tables)."), "{said:?}");
    assert!(said.contains(&"Names of columns: `snake_case` (27 of 28 columns)."), "{said:?}");
    assert!(said.contains(&"`no-primary-key`: 6 checked, nothing found."), "{said:?}");
    // Five of six are not nine of ten.
    assert!(!said.iter().any(|s| s.starts_with("Type of primary keys")), "{said:?}");
    assert!(analysis.targets[0].strengths.is_sorted_by_key(|s| s.category));
}

/// What is refused is told by the rule that knows why; the others do not praise the history for it.
#[test]
fn what_is_refused_clears_no_rule_about_refusals() {
    let history = |last: &str| {
        let files = [
            ("1_a.sql", "CREATE SCHEMA sales;\nCREATE TABLE sales.a (id int PRIMARY KEY, updated_at timestamptz);"),
            ("2_b.sql", "ALTER SCHEMA sales RENAME TO trade;"),
            (
                "3_c.sql",
                "CREATE TABLE trade.b (id int PRIMARY KEY, updated_at timestamptz);\nCREATE TABLE trade.c (id int PRIMARY KEY, updated_at timestamptz);",
            ),
            (
                "4_d.sql",
                "CREATE TABLE trade.d (id int PRIMARY KEY, updated_at timestamptz);\nCREATE TABLE trade.e (id int PRIMARY KEY, updated_at timestamptz);",
            ),
            ("5_e.sql", last),
        ];
        let analysis = read(&files);
        analysis.targets[0].strengths.iter().map(|s| s.message.clone()).collect::<Vec<String>>()
    };
    let praises = |said: &[String]| said.iter().any(|s| s.starts_with("`reference-before-definition`"));
    assert!(praises(&history("CREATE TABLE trade.f (id int PRIMARY KEY);")));
    let said = history("CREATE INDEX ON sales.a (id);");
    assert!(!praises(&said), "{said:?}");
    // That no trigger keeps the time is no merit.
    assert!(said.iter().any(|s| s.starts_with("Time of the last change")), "{said:?}");
    assert!(!said.iter().any(|s| s.starts_with("What keeps the time")), "{said:?}");
}

#[test]
fn migrations_have_names_too() {
    let files: Vec<(String, String)> = (1..=4)
        .map(|n| (format!("db/2026010{n}_t{n}.sql"), format!("CREATE TABLE t{n} (id int PRIMARY KEY);")))
        .chain([("db/extra.sql".to_owned(), "CREATE TABLE t9 (id int PRIMARY KEY);".to_owned())])
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    assert_eq!(shown(&read(&files).targets[0], "migrations"), "YYYYMMDD_words 4/5 but extra.sql");
}

/// What is pinned holds whatever the schema shows, and who departs from it is found by the rule about it.
#[test]
fn a_pin_replaces_what_the_schema_shows_and_its_rule_finds_who_departs() {
    for (pin, key, expected, rule, found) in [
        ("primary-key-type = 'bigint'", "primary-key-type", "bigint 1/6", "inconsistent-primary-key-type", 5),
        ("timestamp-type = 'timestamp'", "timestamp-type", "timestamp 1/6", "mixed-timestamp-types", 5),
        ("enum-strategy = 'enum'", "enum-strategy", "enum 0/3", "mixed-enum-strategy", 3),
        ("money-type = 'decimal(12, 2)'", "money-type", "decimal(12, 2) 3/4", "mixed-money-units", 1),
        ("naming.tables = '[a-z]+s'", "tables", "[a-z]+s 5/6", "inconsistent-name-case", 1),
        ("naming.table-number = 'singular'", "table-number", "singular 1/6", "inconsistent-plural", 5),
        (
            "naming.indexes = 'idx_{table}_{columns}'",
            "indexes",
            "idx_{table}_{columns} 3/4",
            "inconsistent-index-name",
            1,
        ),
        ("naming.checks = 'ck_{table}_.+'", "checks", "ck_{table}_.+ 0/3", "unnamed-constraint", 3),
        (
            "naming.foreign-keys = '{table}_{columns}_fkey'",
            "foreign-keys",
            "{table}_{columns}_fkey 7/7",
            "unnamed-constraint",
            0,
        ),
    ] {
        let toml = format!("conventions.{pin}");
        let analysis = read(&[("shop.sql", SHOP), ("relata.toml", &toml)]);
        assert_eq!(analysis.problems, [], "{pin}");
        let target = &analysis.targets[0];
        let all = shown(target, key);
        assert!(all.starts_with(expected) && all.ends_with(" pinned"), "{pin}: {all}");
        let findings = target.findings.iter().filter(|f| f.rule.name == rule).count();
        assert_eq!(findings, found, "{pin}");
    }
    let files = [
        ("db/1_a.sql", "CREATE TABLE a (id int PRIMARY KEY);"),
        ("db/2_b.sql", "CREATE TABLE b (id int PRIMARY KEY);"),
        ("db/3-c.sql", "CREATE TABLE c (id int PRIMARY KEY);"),
        ("relata.toml", "conventions.naming.migrations = '\\d+_.*\\.sql'"),
    ];
    let analysis = read(&files);
    let found = analysis.targets[0].findings.iter().find(|f| f.rule.name == "inconsistent-migration-naming").unwrap();
    assert_eq!(found.message, "`3-c.sql` is not named as it should be.");
}

/// Four tables are enough where policies rest on the column.
#[test]
fn policies_show_the_tenant_key_of_a_small_schema() {
    let small = "CREATE TABLE museums (id uuid PRIMARY KEY);
         CREATE TABLE pieces (id uuid PRIMARY KEY, museum_id uuid NOT NULL REFERENCES museums);
         CREATE TABLE partners (id uuid PRIMARY KEY, museum_id uuid NOT NULL REFERENCES museums);
         CREATE TABLE rooms (id uuid PRIMARY KEY, museum_id uuid NOT NULL REFERENCES museums);
         CREATE TABLE loans (id uuid PRIMARY KEY, museum_id uuid REFERENCES museums, piece_id uuid REFERENCES pieces);
";
    let policy = |table: &str| {
        format!("CREATE POLICY own ON {table} USING (museum_id = current_setting('app.museum')::uuid);\n")
    };
    let key = |text: &str| shown(&read(&[("museum.sql", text)]).targets[0], "tenant-key");
    assert_eq!(key(small), "");
    let guarded: String = ["pieces", "partners", "loans"].map(policy).concat();
    assert_eq!(key(&format!("{small}{guarded}")), "museum_id 4/4");
}

#[test]
fn what_policies_compare_with_a_setting_of_its_name_is_the_tenant_key() {
    let policy = |table: &str, setting: &str| {
        format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON {table} USING \
             (school_id = NULLIF(current_setting('{setting}', true), '')::bigint);\n"
        )
    };
    // Four of nine tables have the column, and no word of it names a tenant.
    let tables: String = ["courses", "invoices", "cards", "rooms"]
        .map(|t| format!("CREATE TABLE {t} (id bigint PRIMARY KEY, school_id bigint NOT NULL REFERENCES schools);\n"))
        .concat();
    let rest: String =
        ["a", "b", "c", "d"].map(|t| format!("CREATE TABLE {t} (id bigint PRIMARY KEY, x text);\n")).concat();
    let schema = format!("CREATE TABLE schools (id bigint PRIMARY KEY);\n{tables}{rest}");
    let tenant = |sql: String| {
        let analysis = read(&[("a.sql", &sql)]);
        analysis.targets[0].conventions.tenant.as_ref().map(|t| t.habit.column.clone())
    };
    assert_eq!(tenant(schema.clone()), None);
    let two = format!("{schema}{}{}", policy("courses", "app.school_id"), policy("invoices", "app.current_school_id"));
    assert_eq!(tenant(two).as_deref(), Some("school_id"));
    let other = format!("{schema}{}{}", policy("courses", "app.user_id"), policy("invoices", "app.user_id"));
    assert_eq!(tenant(other), None, "a setting of another name says nothing of this column");
}
