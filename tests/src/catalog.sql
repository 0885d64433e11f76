-- What a database holds, as one JSON document in the shape that `relata catalog` prints (the corpus' FORMAT.md). Objects of extensions and of the
-- system are left out. PostgreSQL manual, part VII "System Catalogs".
SET search_path = '';
SET client_min_messages = error;
WITH
of_extension AS (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
),
namespace AS (
  SELECT n.oid, n.nspname AS name FROM pg_catalog.pg_namespace n
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
    AND NOT EXISTS (SELECT FROM of_extension e WHERE e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND e.objid = n.oid)
),
relation AS (
  SELECT c.oid, c.relname AS name, n.name AS schema, c.relkind AS kind, c.relpersistence AS persistence, c.relispartition AS is_partition,
         c.relrowsecurity AS rls, c.relforcerowsecurity AS forced, c.relpartbound AS bound
  FROM pg_catalog.pg_class c JOIN namespace n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM of_extension e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid)
),
parents AS (
  SELECT i.inhrelid AS oid, pg_catalog.json_agg(pg_catalog.json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno) AS list
  FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
  GROUP BY i.inhrelid
),
columns AS (
  SELECT a.attrelid AS oid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
    'default', CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
    'generated', CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by_default' END,
    'collation', CASE WHEN a.attcollation <> t.typcollation
      THEN (SELECT l.collname FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation) END,
    'comment', pg_catalog.col_description(a.attrelid, a.attnum), 'inherited', NOT a.attislocal) ORDER BY a.attnum) AS list
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY a.attrelid
),
constraints AS (
  SELECT c.conrelid AS oid, c.contype AS type, c.conname AS name, pg_catalog.json_build_object(
    'name', c.conname,
    'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n) FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY k (attnum, n)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
    'ref_schema', fn.nspname, 'ref_table', f.relname,
    'ref_columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n) FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY k (attnum, n)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum),
    'on_delete', a.names -> c.confdeltype::text, 'on_update', a.names -> c.confupdtype::text,
    'match', CASE c.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' ELSE 'SIMPLE' END,
    'deferrable', c.condeferrable, 'initially_deferred', c.condeferred, 'not_valid', NOT c.convalidated,
    'definition', pg_catalog.pg_get_constraintdef(c.oid)) AS data
  FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_class f ON f.oid = c.confrelid LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace,
    (SELECT '{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}'::pg_catalog.json AS names) a
  WHERE c.conrelid <> 0
),
indexes AS (
  SELECT i.indrelid AS oid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', c.relname, 'method', m.amname, 'unique', i.indisunique, 'primary', i.indisprimary, 'nulls_not_distinct', i.indnullsnotdistinct,
    'constraint_backed', EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')),
    'keys', (SELECT pg_catalog.json_agg(pg_catalog.pg_get_indexdef(c.oid, k, true) ORDER BY k) FROM pg_catalog.generate_series(1, i.indnkeyatts) k),
    'include', (SELECT pg_catalog.json_agg(pg_catalog.pg_get_indexdef(c.oid, k, true) ORDER BY k)
                FROM pg_catalog.generate_series(i.indnkeyatts + 1, i.indnatts) k),
    'where', pg_catalog.pg_get_expr(i.indpred, i.indrelid), 'definition', pg_catalog.pg_get_indexdef(c.oid)) ORDER BY c.relname) AS list
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
  GROUP BY i.indrelid
),
policies AS (
  SELECT p.polrelid AS oid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', p.polname, 'permissive', p.polpermissive,
    'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    'roles', (SELECT pg_catalog.json_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r)::text END) FROM pg_catalog.unnest(p.polroles) r),
    'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'with_check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname) AS list
  FROM pg_catalog.pg_policy p GROUP BY p.polrelid
),
triggers AS (
  SELECT t.tgrelid AS oid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', t.tgname, 'constraint', t.tgconstraint <> 0, 'function', fn.nspname || '.' || f.proname,
    -- The bits of tgtype: row 1, before 2, insert 4, delete 8, update 16, truncate 32, instead 64 (catalog/pg_trigger.h).
    'timing', CASE WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' WHEN t.tgtype & 64 <> 0 THEN 'INSTEAD OF' ELSE 'AFTER' END,
    'level', CASE WHEN t.tgtype & 1 <> 0 THEN 'ROW' ELSE 'STATEMENT' END,
    'events', (SELECT pg_catalog.json_agg(e.name) FROM (VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE'), (32, 'TRUNCATE')) e (bit, name)
               WHERE t.tgtype & e.bit <> 0)) ORDER BY t.tgname) AS list
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
  WHERE NOT t.tgisinternal GROUP BY t.tgrelid
),
rules AS (
  SELECT r.ev_class AS oid, pg_catalog.json_agg(pg_catalog.json_build_object('name', r.rulename) ORDER BY r.rulename) AS list
  FROM pg_catalog.pg_rewrite r WHERE r.rulename <> '_RETURN' GROUP BY r.ev_class
),
tables AS (
  SELECT r.schema, CASE r.kind WHEN 'f' THEN 'foreign_tables' ELSE 'tables' END AS member, pg_catalog.json_object_agg(r.name,
    pg_catalog.json_build_object(
      'kind', CASE r.kind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' ELSE 'foreign_table' END,
      'persistence', CASE r.persistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temp' END,
      'comment', pg_catalog.obj_description(r.oid, 'pg_class'), 'rls_enabled', r.rls, 'rls_forced', r.forced,
      'partition_key', CASE WHEN r.kind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
      'partition_of', CASE WHEN r.is_partition THEN parents.list -> 0 END, 'partition_bound', pg_catalog.pg_get_expr(r.bound, r.oid),
      'inherits', CASE WHEN NOT r.is_partition THEN parents.list END, 'columns', columns.list,
      'pk', (SELECT c.data FROM constraints c WHERE c.oid = r.oid AND c.type = 'p'),
      'uniques', (SELECT pg_catalog.json_agg(c.data ORDER BY c.name) FROM constraints c WHERE c.oid = r.oid AND c.type = 'u'),
      'fks', (SELECT pg_catalog.json_agg(c.data ORDER BY c.name) FROM constraints c WHERE c.oid = r.oid AND c.type = 'f'),
      'checks', (SELECT pg_catalog.json_agg(c.data ORDER BY c.name) FROM constraints c WHERE c.oid = r.oid AND c.type = 'c'),
      'excludes', (SELECT pg_catalog.json_agg(c.data ORDER BY c.name) FROM constraints c WHERE c.oid = r.oid AND c.type = 'x'),
      'indexes', indexes.list, 'policies', policies.list, 'triggers', triggers.list, 'rules', rules.list)) AS members
  FROM relation r LEFT JOIN parents USING (oid) LEFT JOIN columns USING (oid) LEFT JOIN indexes USING (oid) LEFT JOIN policies USING (oid)
    LEFT JOIN triggers USING (oid) LEFT JOIN rules USING (oid)
  WHERE r.kind IN ('r', 'p', 'f') GROUP BY 1, 2
),
views AS (
  SELECT r.schema, CASE r.kind WHEN 'v' THEN 'views' ELSE 'matviews' END AS member, pg_catalog.json_object_agg(r.name,
    pg_catalog.json_build_object('comment', pg_catalog.obj_description(r.oid, 'pg_class'), 'indexes', indexes.list)) AS members
  FROM relation r LEFT JOIN indexes USING (oid) WHERE r.kind IN ('v', 'm') GROUP BY 1, 2
),
sequences AS (
  SELECT r.schema, 'sequences' AS member, pg_catalog.json_object_agg(r.name, pg_catalog.json_build_object(
    'type', pg_catalog.format_type(s.seqtypid, NULL),
    'owned_by', (SELECT pg_catalog.json_build_array(tn.nspname, t.relname, a.attname)
      FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid AND d.objid = r.oid AND d.deptype IN ('a', 'i')
      LIMIT 1))) AS members
  FROM relation r JOIN pg_catalog.pg_sequence s ON s.seqrelid = r.oid GROUP BY 1
),
own_type AS (
  SELECT t.*, n.name AS schema FROM pg_catalog.pg_type t JOIN namespace n ON n.oid = t.typnamespace
  WHERE NOT EXISTS (SELECT FROM of_extension e WHERE e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.objid = t.oid)
),
types AS (
  SELECT t.schema, 'enums' AS member, pg_catalog.json_object_agg(t.typname, pg_catalog.json_build_object('labels',
    (SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))) AS members
  FROM own_type t WHERE t.typtype = 'e' GROUP BY 1
  UNION ALL
  SELECT t.schema, 'domains', pg_catalog.json_object_agg(t.typname, pg_catalog.json_build_object(
    'base', pg_catalog.format_type(t.typbasetype, t.typtypmod), 'not_null', t.typnotnull,
    'checks', (SELECT pg_catalog.json_agg(c.conname) FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid AND contype = 'c')))
  FROM own_type t WHERE t.typtype = 'd' GROUP BY 1
  UNION ALL
  SELECT t.schema, 'composite_types', pg_catalog.json_object_agg(t.typname,
    (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM own_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE t.typtype = 'c' AND c.relkind = 'c' GROUP BY 1
),
functions AS (
  SELECT n.name AS schema, CASE p.prokind WHEN 'a' THEN 'aggregates' ELSE 'functions' END AS member, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', p.proname, 'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window' ELSE 'function' END,
    'language', l.lanname, 'security_definer', p.prosecdef, 'arguments', pg_catalog.pg_get_function_identity_arguments(p.oid),
    'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END) ORDER BY p.proname, p.oid) AS members
  FROM pg_catalog.pg_proc p JOIN namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  -- 'i': the constructors of range types, which nobody wrote.
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
  GROUP BY 1, 2
),
members AS (
  SELECT * FROM tables UNION ALL SELECT * FROM views UNION ALL SELECT * FROM sequences UNION ALL SELECT * FROM types UNION ALL SELECT * FROM functions
)
SELECT pg_catalog.json_build_object('format', 1, 'extensions', '[]'::pg_catalog.json, 'schemas', pg_catalog.json_object_agg(n.name, COALESCE(
  (SELECT pg_catalog.json_object_agg(m.member, m.members) FROM members m WHERE m.schema = n.name), '{}'::pg_catalog.json))) AS catalog
FROM namespace n;
