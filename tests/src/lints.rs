//! Rules that other linters have as queries on a live catalogue: each once more as such a query, in words of our own, so that the two can be compared
//! object by object.
//!
//! A lint of a new rule is one more [`Lint`] in [`LINTS`]: a query that gives one text for each object, and how a finding is written the same way.

use relata_core::analysis::TargetAnalysis;
use relata_core::finding::{Certainty, Finding, Severity};
use relata_core::operation::ObjectKind;
use relata_core::rules::{Context, find, run};
use relata_core::source::Sources;

/// A rule as a query on the catalogue.
pub struct Lint {
    /// The rule's name.
    pub rule: &'static str,
    /// The query: one column of text, a row for each object. It may select from `own`, the tables that are the project's own and no partitions, and
    /// call `path(oid)` of a table.
    pub query: &'static str,
    /// A finding in the query's words; `None` for one that no catalogue shows, such as what a name suggests.
    pub text: fn(&Finding) -> Option<String>,
}

/// Which tables the queries are about, and how they are named: written without quotes.
const OWN: &str = "
CREATE FUNCTION pg_temp.path(oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1
$$;
CREATE TEMPORARY VIEW own AS
SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'hdb_catalog', 'drizzle', 'cron', 'graphile_migrate', 'supabase_migrations')
  AND NOT (EXISTS (SELECT FROM information_schema.role_table_grants WHERE grantee IN ('anon', 'authenticated')
                   UNION ALL SELECT FROM pg_policies WHERE roles && ARRAY['anon', 'authenticated']::name[])
           AND n.nspname IN ('auth', 'extensions', 'realtime', 'storage', 'vault', 'net'))
  AND obj_description(c.oid, 'pg_class') IS DISTINCT FROM 'of the platform'
  AND lower(c.relname) NOT IN ('schema_migrations', 'schema_migration', 'ar_internal_metadata', '_prisma_migrations', 'django_migrations',
                               'alembic_version', 'flyway_schema_history', 'goose_db_version', '_sqlx_migrations', '__diesel_schema_migrations',
                               'gorp_migrations', 'schema_version', 'spatial_ref_sys', 'migrations_lock')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e');
-- The schema that a web API shows, where its roles have rights or policies.
CREATE TEMPORARY VIEW exposed AS
SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'public' AND EXISTS (
  SELECT FROM pg_roles r WHERE r.rolname IN ('anon', 'authenticated', 'service_role') AND (
    EXISTS (SELECT FROM pg_policy p WHERE r.oid = ANY (p.polroles))
    OR EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = r.oid)
    OR EXISTS (SELECT FROM pg_proc f, aclexplode(f.proacl) a WHERE a.grantee = r.oid)
    OR EXISTS (SELECT FROM pg_namespace s, aclexplode(s.nspacl) a WHERE a.grantee = r.oid)
    OR EXISTS (SELECT FROM pg_default_acl d, aclexplode(d.defaclacl) a WHERE a.grantee = r.oid)));
-- Policies with their conditions as text on one line.
CREATE TEMPORARY VIEW conditions AS
SELECT p.*, regexp_replace(coalesce(pg_get_expr(p.polqual, p.polrelid), ''), '[[:space:]]+', ' ', 'g') AS using_text,
       regexp_replace(coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''), '[[:space:]]+', ' ', 'g') AS check_text
FROM pg_policy p JOIN own ON own.oid = p.polrelid;
-- The platform's files, where it is there.
CREATE TEMPORARY TABLE public_bucket (id text);
DO $$BEGIN
  IF to_regclass('storage.buckets') IS NOT NULL THEN INSERT INTO public_bucket SELECT id FROM storage.buckets WHERE public; END IF;
END$$;
";

/// What Supabase has in a new project, as far as schemas of its users name it. Nothing is granted to its roles, so that what the catalogue says of them
/// comes from the schema.
pub const PLATFORM: &str = "
DO $$DECLARE r text; BEGIN
  FOREACH r IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
    BEGIN EXECUTE format('CREATE ROLE %I', r); EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
  END LOOP;
END$$;
CREATE SCHEMA auth;
CREATE SCHEMA storage;
CREATE SCHEMA extensions;
CREATE EXTENSION pgcrypto SCHEMA extensions;
CREATE EXTENSION \"uuid-ossp\" SCHEMA extensions;
DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = \"$user\", public, extensions', current_database()); END$$;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text, phone text, raw_user_meta_data jsonb, raw_app_meta_data jsonb, created_at timestamptz);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';
CREATE TABLE storage.buckets (id text PRIMARY KEY, name text NOT NULL, public boolean DEFAULT false, file_size_limit bigint, allowed_mime_types text[]);
CREATE TABLE storage.objects (id uuid PRIMARY KEY, bucket_id text, name text, owner uuid, metadata jsonb);
CREATE FUNCTION storage.foldername(name text) RETURNS text[] LANGUAGE sql IMMUTABLE AS 'SELECT string_to_array(name, ''/'')';
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.users IS 'of the platform';
COMMENT ON TABLE storage.buckets IS 'of the platform';
COMMENT ON TABLE storage.objects IS 'of the platform';
";

/// A schema for Supabase with what the lints about its web API are about, beside what only looks like it.
pub const FOR_PLATFORM: &str = "
CREATE TABLE profile (id uuid PRIMARY KEY, owner uuid, nickname text, user_metadata jsonb);
ALTER TABLE profile ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_row ON profile FOR SELECT TO authenticated USING (owner = auth.uid());
CREATE POLICY once ON profile FOR UPDATE TO authenticated USING (owner = (SELECT auth.uid())) WITH CHECK (owner = (SELECT auth.uid()));
CREATE POLICY by_setting ON profile FOR DELETE USING (nickname = current_setting('app.user', true));
CREATE POLICY by_check ON profile FOR INSERT WITH CHECK (auth.role() = 'authenticated');

CREATE TABLE team (id bigint PRIMARY KEY, name text);
CREATE TABLE member (team bigint REFERENCES team, person uuid, PRIMARY KEY (team, person));
ALTER TABLE team ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_members ON team FOR SELECT USING (EXISTS (SELECT FROM member m WHERE m.team = team.id AND m.person = auth.uid()));
CREATE POLICY of_members_once ON team FOR UPDATE USING (id IN (SELECT m.team FROM member m WHERE m.person = (SELECT auth.uid())));
CREATE POLICY by_claim ON team FOR DELETE USING (name = (SELECT auth.jwt() -> 'user_metadata' ->> 'team'));
CREATE POLICY by_path ON team FOR INSERT WITH CHECK (name = (SELECT auth.jwt() #>> '{user_metadata,team}'));
CREATE POLICY by_server ON team FOR INSERT WITH CHECK (name = (SELECT auth.jwt() -> 'app_metadata' ->> 'team'));

CREATE TABLE note (id bigint PRIMARY KEY, owner uuid);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY anyone_reads ON note FOR SELECT USING (true);
CREATE POLICY anyone_adds ON note FOR INSERT WITH CHECK (true);
CREATE POLICY anyone_changes ON note FOR UPDATE TO authenticated USING (true) WITH CHECK (owner = (SELECT auth.uid()));
CREATE POLICY gives_away ON note FOR UPDATE TO authenticated USING (owner = (SELECT auth.uid())) WITH CHECK (true);
CREATE POLICY anyone_deletes ON note FOR DELETE USING (true);
CREATE POLICY everything ON note TO anon USING (true) WITH CHECK (owner = (SELECT auth.uid()));
CREATE POLICY of_server ON note TO service_role USING (true) WITH CHECK (true);
CREATE POLICY strict ON note AS RESTRICTIVE USING (true);

CREATE TABLE person (id bigint PRIMARY KEY, access_token text, token_count int, date_of_birth date, \"passportNumber\" text);
CREATE TABLE safe (id bigint PRIMARY KEY, access_token text);
ALTER TABLE safe ENABLE ROW LEVEL SECURITY;
CREATE SCHEMA private;
CREATE TABLE private.vault (id bigint PRIMARY KEY, password text);

CREATE VIEW people AS SELECT id, email FROM auth.users;
CREATE VIEW people_as_asker WITH (security_invoker = true) AS SELECT id, email FROM auth.users;
CREATE VIEW private.people AS SELECT id, email FROM auth.users;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS users FROM auth.users;

CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION kept() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION kept() FROM PUBLIC;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION plain() RETURNS void LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION private.wipe() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';

INSERT INTO storage.buckets (id, name, public) VALUES ('avatars', 'avatars', true), ('papers', 'papers', false);
CREATE POLICY see_avatars ON storage.objects FOR SELECT USING (bucket_id = 'avatars');
CREATE POLICY see_papers ON storage.objects FOR SELECT USING (bucket_id = 'papers');
CREATE POLICY see_own ON storage.objects FOR SELECT USING (bucket_id = 'avatars' AND owner = auth.uid());
CREATE POLICY add_avatars ON storage.objects FOR INSERT WITH CHECK (bucket_id = 'avatars');
";

/// The lints of Supabase's splinter that Relata has as rules.
pub const LINTS: &[Lint] = &[
    // splinter 0001. Some index, whatever its predicate, has the columns of the foreign key as its first keys; one that leaves rows out is the business
    // of `foreign-key-index-partial`. And beyond splinter: an index of those columns is enough whose counterparts tell the referenced rows apart.
    Lint {
        rule: "foreign-key-not-indexed",
        query: "
SELECT DISTINCT path(f.conrelid) || ' ' || (
  SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey))
FROM pg_constraint f JOIN own ON own.oid = f.conrelid
WHERE f.contype = 'f' AND f.conparentid = 0 AND NOT EXISTS (
  SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam, LATERAL (
    SELECT f.conkey AS key, true AS whole
    UNION ALL
    SELECT ARRAY(SELECT f.conkey[at] FROM unnest(f.confkey) WITH ORDINALITY k(number, at) WHERE number = ANY ((u.indkey::int2[])[0:u.indnkeyatts - 1])), false
    FROM pg_index u
    WHERE u.indrelid = f.confrelid AND u.indisunique AND u.indpred IS NULL AND u.indnkeyatts < cardinality(f.confkey)
      AND (u.indkey::int2[])[0:u.indnkeyatts - 1] OPERATOR(pg_catalog.<@) f.confkey) needed
  WHERE i.indrelid = f.conrelid AND i.indisvalid AND (whole OR i.indpred IS NULL)
    AND (m.amname = 'btree' OR m.amname = 'hash' AND cardinality(key) = 1)
    AND i.indnkeyatts >= cardinality(key)
    AND (i.indkey::int2[])[0:cardinality(key) - 1] OPERATOR(pg_catalog.@>) key)",
        text: |finding| {
            let columns = paths(finding, ObjectKind::Column);
            let (table, _) = columns.first()?.rsplit_once('.')?;
            let mut names: Vec<&str> = columns.iter().filter_map(|c| Some(c.rsplit_once('.')?.1)).collect();
            names.sort_unstable();
            (finding.certainty == Certainty::Proven).then(|| format!("{table} {}", names.join(",")))
        },
    },
    // splinter 0004. A child that adds no column to a parent without a key is told at the parent.
    Lint {
        rule: "no-primary-key",
        query: "
SELECT path(own.oid) FROM own
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = own.oid AND k.contype = 'p')
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped)
  AND NOT (
    NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount = 0)
    AND EXISTS (
      SELECT FROM pg_inherits h JOIN own parent ON parent.oid = h.inhparent
      WHERE h.inhrelid = own.oid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = parent.oid AND k.contype = 'p')))",
        text: subject,
    },
    // splinter 0009. The later of two indexes that say the same and belong to no constraint.
    Lint {
        rule: "duplicate-index",
        query: "
WITH plain AS (
  SELECT i.*, x.relname, x.relam, x.reloptions FROM pg_index i JOIN own ON own.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
  WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')))
SELECT DISTINCT path(b.indrelid) || '.' || b.relname
FROM plain a JOIN plain b ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid
WHERE a.relam = b.relam AND a.indkey::text = b.indkey::text AND a.indnkeyatts = b.indnkeyatts
  AND a.indclass::text = b.indclass::text AND a.indcollation::text = b.indcollation::text AND a.indoption::text = b.indoption::text
  AND a.indisunique = b.indisunique AND a.indnullsnotdistinct = b.indnullsnotdistinct AND a.indisvalid = b.indisvalid
  AND a.reloptions IS NOT DISTINCT FROM b.reloptions
  AND pg_get_expr(a.indexprs, a.indrelid) IS NOT DISTINCT FROM pg_get_expr(b.indexprs, b.indrelid)
  AND pg_get_expr(a.indpred, a.indrelid) IS NOT DISTINCT FROM pg_get_expr(b.indpred, b.indrelid)",
        text: subject,
    },
    // splinter 0006. Two permissive policies of a table that hold for one role and command.
    Lint {
        rule: "rls-multiple-permissive",
        query: "
SELECT DISTINCT path(p.polrelid) FROM pg_policy p JOIN own ON own.oid = p.polrelid JOIN pg_policy q ON q.polrelid = p.polrelid AND q.oid <> p.oid
WHERE p.polpermissive AND q.polpermissive AND (p.polcmd = q.polcmd OR '*' IN (p.polcmd, q.polcmd))
  AND (p.polroles && q.polroles OR 0 = ANY (p.polroles) OR 0 = ANY (q.polroles))",
        text: subject,
    },
    // splinter 0007.
    Lint {
        rule: "rls-policy-without-enable",
        query: "SELECT DISTINCT path(own.oid) FROM own JOIN pg_policy p ON p.polrelid = own.oid WHERE NOT own.relrowsecurity",
        text: subject,
    },
    // splinter 0008. Restrictive policies alone let nothing through either. A comment on the table is taken as intent.
    Lint {
        rule: "rls-enabled-no-policy",
        query: "
SELECT path(own.oid) FROM own
WHERE own.relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = own.oid AND p.polpermissive)
  AND obj_description(own.oid, 'pg_class') IS NULL",
        text: subject,
    },
    // splinter 0010. A comment or the option itself, on or off, is taken as intent.
    Lint {
        rule: "security-definer-view",
        query: "
SELECT DISTINCT path(v.oid) FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity
WHERE v.relkind = 'v' AND obj_description(v.oid, 'pg_class') IS NULL
  AND NOT EXISTS (SELECT FROM unnest(v.reloptions) o WHERE o LIKE 'security_invoker=%')",
        text: subject,
    },
    // splinter 0011, for functions that run with their owner's rights. Bodies that were parsed when created look nothing up.
    Lint {
        rule: "definer-function-no-search-path",
        query: "
SELECT DISTINCT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.prosecdef AND p.prokind <> 'a' AND l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')",
        text: |finding| {
            let of_owner = subject(finding).filter(|_| finding.severity < Severity::Info);
            of_owner.and_then(|path| Some(path.split_once('(')?.0.to_owned()))
        },
    },
    // splinter 0014.
    Lint {
        rule: "extension-in-public",
        query: "SELECT e.extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = 'public' AND e.extname <> 'postgis'",
        // A server for tests has what comes with PostgreSQL, and may have this or not.
        text: |finding| subject(finding).filter(|name| name != "postgis"),
    },
    // splinter 0016.
    Lint {
        rule: "matview-over-rls",
        query: "
SELECT DISTINCT path(v.oid) FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity
WHERE v.relkind = 'm'",
        text: subject,
    },
    // splinter 0018.
    Lint {
        rule: "reg-type-column",
        query: "
SELECT path(own.oid) || '.' || a.attname FROM own JOIN pg_attribute a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE a.atttypid IN ('regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regconfig'::regtype,
                     'regdictionary'::regtype, 'regnamespace'::regtype, 'regcollation'::regtype)",
        text: subject,
    },
    // splinter 0021.
    Lint {
        rule: "foreign-key-to-managed-auth-unique",
        query: "
SELECT path(f.conrelid) || '.' || f.conname
FROM pg_constraint f JOIN own ON own.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE f.contype = 'f' AND f.conparentid = 0 AND n.nspname = 'auth' AND NOT EXISTS (SELECT FROM own WHERE own.oid = t.oid)
  AND EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = f.conindid AND i.indisunique AND NOT i.indisprimary)",
        text: subject,
    },
    // splinter 0002. A view that reads with the rights of whoever asks shows nothing, and where rights were set somebody has thought about it.
    Lint {
        rule: "auth-users-exposed",
        query: "
SELECT DISTINCT path(v.oid) FROM pg_class v JOIN exposed ON exposed.oid = v.relnamespace JOIN pg_rewrite r ON r.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class t ON t.oid = d.refobjid AND t.relname = 'users' JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'auth'
WHERE v.relkind IN ('v', 'm') AND v.relacl IS NULL AND NOT 'security_invoker=true' = ANY (coalesce(v.reloptions, '{}'))
  AND NOT EXISTS (SELECT FROM own WHERE own.oid = t.oid)",
        text: subject,
    },
    // splinter 0003. What stands in a scalar subquery that reads no table runs once; such a one is taken out first, with parentheses in it up to six deep.
    Lint {
        rule: "rls-per-row-function",
        query: r#"
SELECT path(polrelid) || ' ' || polname FROM conditions
WHERE regexp_replace(using_text || check_text, '\( SELECT(?:(?! FROM )[^()]|\((?:[^()]|\((?:[^()]|\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\))*\))*\))*\)', '', 'g') ~ '\m(auth\.\w+|current_setting)\('"#,
        text: policy,
    },
    // splinter 0013.
    Lint {
        rule: "rls-disabled",
        query: "SELECT path(own.oid) FROM own JOIN exposed ON exposed.oid = own.relnamespace WHERE NOT own.relrowsecurity",
        // That rows belong to tenants no catalogue says.
        text: |finding| subject(finding).filter(|_| finding.message.contains("web API")),
    },
    // splinter 0015.
    Lint {
        rule: "rls-user-metadata",
        query: r"
SELECT path(polrelid) || ' ' || polname FROM conditions
WHERE using_text || check_text ~ $re$'(user_metadata|\{user_metadata[,}][^']*)'|\mraw_user_meta_data\M$re$",
        text: policy,
    },
    // splinter 0023. The words are those of the rule.
    Lint {
        rule: "sensitive-column-exposed",
        query: r"
SELECT DISTINCT path(own.oid) || '.' || a.attname
FROM own JOIN exposed ON exposed.oid = own.relnamespace JOIN pg_attribute a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped,
LATERAL regexp_split_to_array(lower(regexp_replace(a.attname, '([a-z0-9])([A-Z])', '\1_\2', 'g')), '[^a-z0-9]+') w
WHERE NOT own.relrowsecurity AND (
  w && ARRAY['birth', 'birthdate', 'cvv', 'diagnosis', 'iban', 'medical', 'passport', 'password', 'salary', 'secret', 'ssn']
  OR w @> ARRAY['access', 'token'] OR w @> ARRAY['api', 'key'] OR w @> ARRAY['bank', 'account'] OR w @> ARRAY['card', 'number']
  OR w @> ARRAY['driver', 'license'] OR w @> ARRAY['national', 'id'] OR w @> ARRAY['private', 'key'] OR w @> ARRAY['refresh', 'token']
  OR w @> ARRAY['routing', 'number'] OR w @> ARRAY['social', 'security'] OR w @> ARRAY['tax', 'id'])",
        text: subject,
    },
    // splinter 0024. What a policy for INSERT, UPDATE or all commands takes is its WITH CHECK, else its USING; what it may change or delete its USING.
    Lint {
        rule: "rls-policy-always-true",
        query: r"
SELECT path(polrelid) || ' ' || polname FROM conditions
WHERE polpermissive AND polcmd <> 'r' AND 'true' IN (using_text, check_text)
  AND EXISTS (SELECT FROM unnest(polroles) r WHERE r = 0 OR pg_get_userbyid(r) NOT IN (
    'service_role', 'postgres', 'supabase_admin', 'supabase_auth_admin', 'admin'))",
        // That a table of tenants is read by all is more than the catalogue knows.
        text: |finding| policy(finding).filter(|_| !finding.message.contains("read every row")),
    },
    // splinter 0025.
    Lint {
        rule: "public-bucket-listing",
        query: r"
SELECT DISTINCT path(p.polrelid) || ' ' || p.polname FROM pg_policy p, LATERAL pg_get_expr(p.polqual, p.polrelid) condition, public_bucket b
WHERE p.polrelid = to_regclass('storage.objects') AND p.polpermissive AND p.polcmd IN ('r', '*')
  AND (condition = 'true' OR condition = format('(bucket_id = %L::text)', b.id))
  AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_get_userbyid(r) IN ('anon', 'authenticated'))",
        text: policy,
    },
    // splinter 0028 and 0029. Rights as they come with a new function: nobody has spoken of it. A policy calls its functions as the role that asks.
    Lint {
        rule: "definer-function-executable",
        query: "
SELECT DISTINCT n.nspname || '.' || f.proname FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN exposed ON exposed.oid = n.oid
WHERE f.prosecdef AND f.prokind <> 'a' AND f.proacl IS NULL AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refobjid = f.oid AND d.refclassid = 'pg_proc'::regclass AND d.classid = 'pg_policy'::regclass)",
        text: |finding| subject(finding).and_then(|path| Some(path.split_once('(')?.0.to_owned())),
    },
];

/// What a finding is about, without quotes.
fn subject(finding: &Finding) -> Option<String> {
    finding.objects.first().map(|o| unquoted(&o.path))
}

/// The table and the name of the policy that a finding is about.
fn policy(finding: &Finding) -> Option<String> {
    let path = subject(finding)?;
    // Only policies have points in their names here.
    let (schema, rest) = path.split_once('.')?;
    let (table, name) = rest.split_once('.')?;
    Some(format!("{schema}.{table} {name}"))
}

/// The objects of a kind that a finding names, in order.
fn paths(finding: &Finding, kind: ObjectKind) -> Vec<String> {
    finding.objects.iter().filter(|o| o.kind == kind).map(|o| unquoted(&o.path)).collect()
}

fn unquoted(path: &str) -> String {
    path.replace('"', "")
}

impl Lint {
    /// The script that asks a database.
    pub fn script(&self) -> String {
        format!("{OWN}\n{};", self.query.trim().replace("path(", "pg_temp.path("))
    }

    /// What the rule finds, in the query's words, sorted.
    ///
    /// # Panics
    ///
    /// Where there is no such rule.
    pub fn findings(&self, target: &TargetAnalysis, sources: &Sources) -> Vec<String> {
        let rule = find(self.rule).unwrap_or_else(|| panic!("no rule is called {}", self.rule));
        let (found, _) = run(rule, &Context::new(&target.target, &target.history, &target.replay, sources));
        let mut texts: Vec<String> = found.iter().filter_map(self.text).collect();
        texts.sort();
        texts.dedup();
        texts
    }
}
