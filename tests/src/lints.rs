//! Rules that other linters have as queries on a live catalogue: each once more as such a query, in words of our own, so that the two can be compared
//! object by object.
//!
//! A lint of a new rule is one more [`Lint`] in [`LINTS`]: a query that gives one text for each object, and how a finding is written the same way.

use relata_core::analysis::TargetAnalysis;
use relata_core::finding::{Certainty, Finding};
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
  AND lower(c.relname) NOT IN ('schema_migrations', 'schema_migration', 'ar_internal_metadata', '_prisma_migrations', 'django_migrations',
                               'alembic_version', 'flyway_schema_history', 'goose_db_version', '_sqlx_migrations', '__diesel_schema_migrations',
                               'gorp_migrations', 'schema_version', 'spatial_ref_sys', 'migrations_lock')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e');
";

/// The lints of Supabase's splinter that Relata has as rules.
pub const LINTS: &[Lint] = &[
    // splinter 0001. Some index, whatever its predicate, has the columns of the foreign key as its first keys; one that leaves rows out is the business
    // of `foreign-key-index-partial`.
    Lint {
        rule: "foreign-key-not-indexed",
        query: "
SELECT DISTINCT path(f.conrelid) || ' ' || (
  SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey))
FROM pg_constraint f JOIN own ON own.oid = f.conrelid
WHERE f.contype = 'f' AND f.conparentid = 0 AND NOT EXISTS (
  SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
  WHERE i.indrelid = f.conrelid AND i.indisvalid
    AND (m.amname = 'btree' OR m.amname = 'hash' AND cardinality(f.conkey) = 1)
    AND i.indnkeyatts >= cardinality(f.conkey)
    AND (i.indkey::int2[])[0:cardinality(f.conkey) - 1] OPERATOR(pg_catalog.@>) f.conkey)",
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
        text: |finding| subject(finding).and_then(|path| Some(path.split_once('(')?.0.to_owned())),
    },
    // splinter 0014.
    Lint {
        rule: "extension-in-public",
        query: "SELECT e.extname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = 'public'",
        // A server for tests has what comes with PostgreSQL.
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
];

/// What a finding is about, without quotes.
fn subject(finding: &Finding) -> Option<String> {
    finding.objects.first().map(|o| unquoted(&o.path))
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
