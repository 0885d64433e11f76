//! What audits made by hand got wrong: each of their wrong claims and repairs with the smallest input that calls for it, and what is right.
//! That PostgreSQL does so is said in its manual, at the section that each test names.

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::finding::{Finding, Severity};
use relata_core::problem::ProblemKind;
use relata_core::{Options, analyze};

struct Read(Analysis);

/// One file of SQL, read alone.
fn sql(text: &str) -> Read {
    files(&[("schema.sql", text)])
}

fn files(files: &[(&str, &str)]) -> Read {
    let options = Options { server_version: Some(15), ..Options::default() };
    Read(analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), options))
}

impl Read {
    fn target(&self) -> &TargetAnalysis {
        &self.0.targets[0]
    }

    fn findings(&self, rule: &str) -> Vec<&Finding> {
        self.0.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == rule).collect()
    }

    /// The only finding of a rule.
    fn finding(&self, rule: &str) -> &Finding {
        let found = self.findings(rule);
        assert_eq!(found.len(), 1, "{rule}: {:?}", self.messages());
        found[0]
    }

    fn is_silent(&self, rules: &[&str]) {
        for rule in rules {
            assert!(self.findings(rule).is_empty(), "{rule}: {:?}", self.messages());
        }
    }

    fn messages(&self) -> Vec<String> {
        let findings = self.0.targets.iter().flat_map(|t| &t.findings);
        findings.map(|f| format!("{}: {}", f.rule.name, f.message)).collect()
    }

    /// The SQL of every repair.
    fn fixes(&self) -> Vec<&str> {
        let findings = self.0.targets.iter().flat_map(|t| &t.findings);
        findings.filter_map(|f| f.fix.as_ref()).map(|f| f.sql.as_str()).collect()
    }
}

/// A repair named the table `user` without quotes, which no server parses. Manual, appendix C.
#[test]
fn a_repair_quotes_reserved_words() {
    let text = "CREATE TABLE \"user\" (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL);";
    let read = sql(text);
    let fix = read.finding("missing-foreign-key").fix.as_ref().expect("a repair").sql.clone();
    assert!(fix.contains("REFERENCES public.\"user\" (id)"), "{fix}");
    let repaired = sql(&format!("{text}\n{fix}"));
    assert!(repaired.0.problems.is_empty() && repaired.target().replay.conflicts.is_empty());
    repaired.is_silent(&["missing-foreign-key"]);
}

/// One chapter praised triggers on all tables, another listed one without. Praise and finding come from one count.
#[test]
fn praise_and_findings_are_one_count() {
    let mut text = "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;\n".to_owned();
    for table in ["a", "b", "c"] {
        text +=
            &format!("CREATE TABLE {table} (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now());\n");
    }
    for table in ["a", "b"] {
        text += &format!("CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch();\n");
    }
    let read = sql(&text);
    let finding = read.finding("updated-at-without-trigger");
    assert_eq!(finding.objects[0].path, "public.c.updated_at");
    assert_eq!(finding.evidence.as_deref(), Some("Triggers keep it on 2 of 3 tables."));
    let checked = read.target().checked.iter().find(|c| c.rule.name == "updated-at-without-trigger").expect("it ran");
    assert_eq!(checked.findings, 1, "a rule with a finding is no strength");
}

/// Foreign keys on the id alone were said to stop references across tenants. Manual, 5.4.5: only the columns of the key are compared.
#[test]
fn a_foreign_key_on_the_id_alone_crosses_tenants() {
    let read = sql("CREATE TABLE org (id bigint PRIMARY KEY);
        CREATE TABLE docs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);
        CREATE TABLE notes (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, doc_id bigint NOT NULL REFERENCES docs);
        CREATE TABLE tags (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);");
    let finding = read.finding("tenant-fk-not-composite");
    assert_eq!(finding.objects[0].path, "public.notes.notes_doc_id_fkey");
    assert!(finding.message.contains("may refer to another tenant's row"), "{}", finding.message);
}

/// New ids by hand for revisions that databases have stamped would strand those databases.
#[test]
fn ids_that_databases_know_are_not_to_be_changed() {
    let revision = |table: &str, id: &str, parent: &str| {
        format!(
            "from alembic import op\nimport sqlalchemy as sa\nrevision = '{id}'\ndown_revision = {parent}\n\
             def upgrade():\n    op.create_table('{table}', sa.Column('id', sa.Integer(), primary_key=True))\n\
             def downgrade():\n    op.drop_table('{table}')\n"
        )
    };
    let read = files(&[
        ("versions/a.py", &revision("a", "004", "None")),
        ("versions/b.py", &revision("b", "005", "'004'")),
        ("versions/c.py", &revision("c", "005", "'004'")),
    ]);
    let finding = read.finding("duplicate-revision-id");
    assert_eq!(
        finding.evidence.as_deref(),
        Some("Give `c.py` a new id behind the last one, unless databases have it and not the other.")
    );
    assert!(finding.fix.is_none());
}

/// NO ACTION was said to leave orphans. Manual, 5.4.5: it refuses the delete.
#[test]
fn no_action_blocks_the_delete() {
    let read = sql("CREATE TABLE a (id bigint PRIMARY KEY);
        CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES a);");
    let finding = read.finding("foreign-key-no-delete-action");
    assert!(finding.message.ends_with("the delete fails while there are any."), "{}", finding.message);
    assert!(!read.messages().iter().any(|m| m.contains("orphan")), "{:?}", read.messages());
}

/// A partial unique index was called a race, and a trigger proposed, which is one. Manual, 11.8, example 11.3.
#[test]
fn a_partial_unique_index_is_safe_against_races() {
    let read = sql("CREATE TABLE jobs (id bigint PRIMARY KEY, domain_id bigint NOT NULL,
            status text NOT NULL CHECK (status IN ('pending', 'running', 'done')));
        CREATE UNIQUE INDEX one_active ON jobs (domain_id) WHERE status IN ('pending', 'running');");
    read.is_silent(&["natural-key-not-unique", "unique-shadows-partial-unique", "redundant-unique-index"]);
    assert!(!read.fixes().iter().any(|sql| sql.contains("TRIGGER")), "{:?}", read.fixes());
}

/// An index WHERE c IS NOT NULL was said to read the rows without a reference. Manual, 11.8: it does not even hold them, and serves the foreign key.
#[test]
fn an_index_without_nulls_serves_its_foreign_key() {
    sql("CREATE TABLE a (id bigint PRIMARY KEY);
        CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint REFERENCES a ON DELETE SET NULL);
        CREATE INDEX b_a ON b (a_id) WHERE a_id IS NOT NULL;")
    .is_silent(&["foreign-key-not-indexed", "foreign-key-index-partial"]);
}

/// A table with policies for reading only was called open to every insert. Manual, 5.8: without a policy a command is denied.
#[test]
fn without_a_policy_a_command_is_denied() {
    let read = sql("CREATE TABLE notes (id bigint PRIMARY KEY, owner text);
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY r ON notes FOR SELECT USING (owner = current_user);
        CREATE TABLE other (id bigint PRIMARY KEY, owner text);
        ALTER TABLE other ENABLE ROW LEVEL SECURITY;
        CREATE POLICY rw ON other USING (owner = current_user);");
    let finding = read.finding("rls-write-not-covered");
    assert_eq!(finding.message, "Policies let rows of `notes` be read, but none lets any be written.");
    assert!(finding.severity >= Severity::Medium && finding.rule.why.contains("That is safe"));
    read.is_silent(&["rls-policy-always-true"]);
}

/// Repairs with CREATE OR REPLACE POLICY and a CHECK with a subquery, which PostgreSQL refuses; a SECURITY DEFINER function without a
/// search_path; and a policy that opens every row that is not deleted, whosever it is.
#[test]
fn statements_that_sound_right_and_are_not() {
    let replaced = sql("CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE OR REPLACE POLICY p ON a USING (true);");
    assert!(replaced.0.problems.iter().any(|p| p.kind == ProblemKind::SyntaxError), "{:?}", replaced.0.problems);
    let checked = sql("CREATE TABLE org (id bigint PRIMARY KEY);
        CREATE TABLE a (id bigint PRIMARY KEY, org_id bigint CHECK (org_id IN (SELECT id FROM org)));");
    assert!(checked.finding("check-not-immutable").message.contains("refuses"));
    let definer = sql("CREATE TABLE a (id bigint PRIMARY KEY);
        CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM a';");
    assert_eq!(definer.finding("definer-function-no-search-path").severity, Severity::High);
    let mut text = "CREATE TABLE org (id bigint PRIMARY KEY);\n".to_owned();
    for table in ["a", "b", "c"] {
        text += &format!(
            "CREATE TABLE {table} (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, deleted_at timestamptz);
             ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n"
        );
    }
    text += "CREATE POLICY own ON a USING (org_id = current_setting('app.org', true)::bigint);
        CREATE POLICY own ON b USING (org_id = current_setting('app.org', true)::bigint);
        CREATE POLICY live ON c FOR ALL USING (deleted_at IS NULL);";
    let open = sql(&text);
    assert_eq!(open.finding("rls-policy-not-tenant-scoped").objects[0].path, "public.c.live");
}

/// `lazy="selectinload"` was proposed; the strategy is called `selectin`. SQLAlchemy, "Relationship Loading Techniques".
#[test]
fn a_loading_strategy_that_does_not_exist() {
    let read = files(&[(
        "models.py",
        "from sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import declarative_base, relationship\n\
         Base = declarative_base()\n\
         class User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer, primary_key=True)\n    \
         orders = relationship('Order', lazy='selectinload')\n\
         class Order(Base):\n    __tablename__ = 'orders'\n    id = Column(Integer, primary_key=True)\n    \
         user_id = Column(ForeignKey('users.id'))\n",
    )]);
    let message = &read.finding("relationship-lazy-default").message;
    assert_eq!(
        message,
        "`User.orders` is to be loaded by `selectinload`, which is no strategy of SQLAlchemy's: mapping the class fails."
    );
}

/// A composite foreign key was proposed without the unique rule on the parent that it needs. Manual, 5.4.5.
#[test]
fn a_composite_foreign_key_needs_a_unique_rule_on_its_parent() {
    let schema = |unique: &str| {
        sql(&format!(
            "CREATE TABLE account (id bigint PRIMARY KEY);
             CREATE TABLE client (id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES account{unique});
             CREATE TABLE job (id bigint PRIMARY KEY, account_id bigint NOT NULL, client_id bigint NOT NULL,
                 FOREIGN KEY (account_id, client_id) REFERENCES client (account_id, id));"
        ))
    };
    assert_eq!(
        schema("").finding("foreign-key-target-not-unique").message,
        "`job.account_id` and `job.client_id` refer to `account_id` and `id` of `client`, which no unique rule covers."
    );
    schema(", UNIQUE (account_id, id)").is_silent(&["foreign-key-target-not-unique"]);
}

/// A second index on the same vectors, with a predicate that leaves nothing out. pgvector: rows without a vector are in no such index.
#[test]
fn a_second_vector_index_that_adds_nothing() {
    let read = sql("CREATE EXTENSION vector;
        CREATE TABLE docs (id bigint PRIMARY KEY, meaning vector(3));
        CREATE INDEX a ON docs USING ivfflat (meaning vector_cosine_ops);
        CREATE INDEX b ON docs USING ivfflat (meaning vector_cosine_ops) WHERE meaning IS NOT NULL;");
    let finding = read.finding("duplicate-vector-index");
    assert_eq!(finding.objects[0].path, "public.docs.b");
    assert!(finding.fix.as_ref().is_some_and(|f| f.sql.starts_with("DROP INDEX")));
}

/// PostgreSQL was said to index foreign keys by itself. Manual, 5.4.5: the referencing side has no index unless one is made.
#[test]
fn foreign_keys_have_no_index_of_their_own() {
    let read = sql("CREATE TABLE a (id bigint PRIMARY KEY);
        CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES a ON DELETE CASCADE);");
    assert_eq!(read.finding("foreign-key-not-indexed").objects[0].path, "public.b.b_a_id_fkey");
}

/// A CHECK against the clock was praised. Manual, 5.4.1: conditions are assumed to be immutable.
#[test]
fn a_check_against_the_clock() {
    let read =
        sql("CREATE TABLE t (id bigint PRIMARY KEY, last_updated timestamptz NOT NULL CHECK (last_updated <= NOW()));");
    assert_eq!(read.finding("check-not-immutable").severity, Severity::Medium);
}

/// Repairs with TIMESTAMP without time zone, and DROP SCHEMA IF NOT EXISTS. Manual, 8.5 and DROP SCHEMA.
#[test]
fn repairs_keep_the_time_zone_and_parse() {
    let mut text = "CREATE TABLE bare (id bigint PRIMARY KEY, name text NOT NULL);\n".to_owned();
    for table in ["a", "b", "c"] {
        text += &format!(
            "CREATE TABLE {table} (id bigint PRIMARY KEY, at timestamp, created_at timestamptz NOT NULL DEFAULT now());\n"
        );
    }
    let read = sql(&text);
    assert_eq!(read.findings("timestamp-without-time-zone").len(), 3);
    assert!(!read.fixes().is_empty());
    for fix in read.fixes() {
        let lower = fix.to_lowercase();
        assert!(
            !lower.contains("timestamp") || lower.contains("timestamptz") || lower.contains("with time zone"),
            "{fix}"
        );
        let alone = sql(&format!("{text}\n{fix}"));
        assert!(alone.0.problems.is_empty() && alone.target().replay.conflicts.is_empty(), "{fix}");
    }
    let dropped = sql("CREATE TABLE a (id bigint PRIMARY KEY);\nDROP SCHEMA IF NOT EXISTS old;");
    assert!(
        dropped.0.problems.iter().any(|p| p.message.contains("`IF NOT EXISTS` with DROP")),
        "{:?}",
        dropped.0.problems
    );
    dropped.is_silent(&["reference-before-definition"]);
}

/// A partitioned table was proposed under the name of the table that it is to replace, without a word on the rows. Manual, 5.11.2.
#[test]
fn a_partitioned_table_needs_a_name_of_its_own() {
    let plain = "CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz NOT NULL);";
    let read = sql(plain);
    assert!(!read.findings("growth-table-not-partitioned").is_empty());
    assert!(!read.fixes().iter().any(|sql| sql.contains("PARTITION BY")), "{:?}", read.fixes());
    let again =
        sql(&format!("{plain}\nCREATE TABLE logs (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);"));
    assert_eq!(again.finding("duplicate-table-definition").severity, Severity::Critical);
    assert_eq!(again.target().replay.conflicts[0].sqlstate, "42P07");
}

/// SET LOCAL takes no parameter, so `set_config(…, true)` is needed; and an empty string as default breaks the cast in every policy. Manual, SET,
/// and 9.27.1 "Configuration Settings Functions".
#[test]
fn a_setting_for_policies() {
    let read = sql("SET LOCAL app.shop = $1;
        CREATE TABLE t (id bigint PRIMARY KEY, shop_id uuid NOT NULL);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON t USING (shop_id = (SELECT current_setting('app.shop', true))::uuid);");
    assert!(read.0.problems.iter().any(|p| p.message.contains("`$1`")), "{:?}", read.0.problems);
    assert_eq!(read.finding("rls-setting-empty-cast").objects[0].path, "public.t.p");
    sql("CREATE TABLE t (id bigint PRIMARY KEY, shop_id uuid NOT NULL);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON t USING (shop_id = (SELECT NULLIF(current_setting('app.shop', true), ''))::uuid);
        SELECT set_config('app.shop', $1, true);")
    .is_silent(&["rls-setting-empty-cast"]);
}
