-- What a live server says of queries and routines that nobody had tried: what may be shown beside GROUP BY, names that several relations have, types that
-- nothing can be at once, casts that are not there, calls with other numbers of arguments; and beside each what is right about it.

--# grouping in views
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric, d timestamptz);
CREATE TABLE u (id int, t_id int REFERENCES t, x int);
CREATE VIEW g1 AS SELECT a, b, count(*) FROM t GROUP BY a; -- ! 42803
CREATE VIEW g2 AS SELECT t.*, count(u.id) FROM t LEFT JOIN u ON u.t_id = t.id GROUP BY t.id;
CREATE VIEW g4 AS SELECT a + 1 AS n, sum(c) FROM t GROUP BY a + 1;
CREATE VIEW g6 AS SELECT date_trunc('day', d) AS day, count(*) FROM t GROUP BY 1;
CREATE VIEW g7 AS SELECT date_trunc('day', d) AS day, b, count(*) FROM t GROUP BY 1; -- ! 42803
CREATE VIEW g8 AS SELECT count(*), max(a) FROM t HAVING count(*) > 1;
CREATE VIEW g9 AS SELECT a, count(*) FROM t HAVING count(*) > 1; -- ! 42803
CREATE VIEW g10 AS SELECT a FROM t WHERE count(*) > 1 GROUP BY a; -- ! 42803
CREATE VIEW g11 AS SELECT a FROM t GROUP BY a HAVING b = 'x'; -- ! 42803
CREATE VIEW g12 AS SELECT a FROM t GROUP BY a HAVING max(b) = 'x' ORDER BY min(c);
CREATE VIEW g14 AS SELECT sum(count(*)) OVER () FROM t GROUP BY a;
CREATE VIEW g17 AS SELECT a, row_number() OVER (ORDER BY sum(c)) FROM t GROUP BY a;
CREATE VIEW g18 AS SELECT a, b, count(*) FROM t GROUP BY ROLLUP (a, b);
CREATE VIEW g19 AS SELECT a, b, c, count(*) FROM t GROUP BY GROUPING SETS ((a), (b)); -- ! 42803
CREATE VIEW g20 AS SELECT a, grouping(a) FROM t GROUP BY CUBE (a);
CREATE VIEW g25 AS SELECT a, (SELECT max(x) FROM u WHERE u.x = t.a) FROM t GROUP BY a;
CREATE VIEW g27 AS SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b;
CREATE VIEW g29 AS SELECT a AS k, count(*) FROM t GROUP BY k;
CREATE VIEW g30 AS SELECT a AS b, count(*) FROM t GROUP BY b; -- ! 42803
CREATE VIEW g31 AS SELECT coalesce(a, 0) AS k, count(*) FROM t GROUP BY k HAVING coalesce(a, 0) > 1;
CREATE VIEW g32 AS SELECT string_agg(b, ',' ORDER BY c) FILTER (WHERE a > 1) FROM t;
CREATE VIEW g33 AS SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c) FROM t GROUP BY a;
CREATE VIEW g34 AS SELECT a, array_agg(DISTINCT b ORDER BY b) FROM t GROUP BY a;
CREATE VIEW g36 AS SELECT t.a, count(*) FROM t GROUP BY a;
CREATE VIEW g38 AS SELECT CASE WHEN a > 1 THEN 'x' ELSE b END, count(*) FROM t GROUP BY a; -- ! 42803
CREATE VIEW g39 AS SELECT b FROM t GROUP BY t.id, a;
CREATE VIEW g40 AS SELECT 1 FROM t GROUP BY ();
CREATE VIEW g41 AS SELECT a FROM t GROUP BY (); -- ! 42803
CREATE VIEW g42 AS SELECT lower(b) AS l, count(*) FROM t GROUP BY lower(b) ORDER BY lower(b), l;
CREATE VIEW g43 AS SELECT s.n FROM t, LATERAL (SELECT count(*) AS n FROM u WHERE u.t_id = t.id) s;
CREATE TABLE g45 AS SELECT a, b FROM t GROUP BY a; -- ! 42803
CREATE MATERIALIZED VIEW g46 AS SELECT a, b FROM t GROUP BY a WITH NO DATA; -- ! 42803
CREATE VIEW g47 AS SELECT to_char(d, 'YYYY') AS y, to_char(d, 'MM') AS m FROM t GROUP BY to_char(d, 'YYYY'), m;

--# ambiguous names
CREATE TABLE a (id int, n text, v int);
CREATE TABLE b (id int, a_id int, n text);
CREATE VIEW v1 AS SELECT id FROM a JOIN b ON a.id = b.a_id; -- ! 42702
CREATE VIEW v2 AS SELECT a.id FROM a JOIN b ON a.id = b.a_id WHERE n = 'x'; -- ! 42702
CREATE VIEW v3 AS SELECT id FROM a JOIN b USING (id);
CREATE VIEW v4 AS SELECT n FROM a JOIN b USING (id); -- ! 42702
CREATE VIEW v5 AS SELECT a.id, b.n FROM a JOIN b ON a.id = b.a_id ORDER BY id;
CREATE VIEW v6 AS SELECT a.id, b.id AS id2 FROM a, b ORDER BY id;
CREATE VIEW v7 AS SELECT a.id, b.id FROM a, b; -- ! 42701
CREATE VIEW v8 AS SELECT a.id AS n, b.id AS m FROM a, b GROUP BY n, m; -- ! 42702
CREATE VIEW v9 AS SELECT a.v FROM a JOIN b ON id = a_id; -- ! 42702
CREATE VIEW v10 AS SELECT v FROM a x, a y; -- ! 42702
CREATE VIEW v11 AS SELECT x.v FROM a x, a x; -- ! 42712
CREATE VIEW v12 AS SELECT (SELECT id FROM b LIMIT 1) FROM a;
CREATE VIEW v14 AS SELECT a.id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE a_id = a.id AND n = 'x');
CREATE VIEW v15 AS SELECT 1 AS x, 2 AS x; -- ! 42701
CREATE VIEW v16 AS SELECT a.id AS x, b.id AS x1 FROM a, b ORDER BY x, x1;
CREATE VIEW v18 AS SELECT a.* FROM a NATURAL JOIN b;
CREATE VIEW v19 AS SELECT v FROM a JOIN b ON true JOIN a c ON true; -- ! 42702
CREATE VIEW v20 (p, q) AS SELECT id, n, v FROM a;
CREATE VIEW v21 (p, q, r, s) AS SELECT id, n, v FROM a; -- ! 42601
CREATE VIEW v22 (p, p) AS SELECT id, n FROM a; -- ! 42701
CREATE FUNCTION f(int, bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(bigint, int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v24 AS SELECT f(1, 1::bigint);
CREATE FUNCTION g(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v26 AS SELECT g('1');
CREATE VIEW v27 AS SELECT g(NULL);
CREATE VIEW v28 AS SELECT g(1::smallint);
CREATE FUNCTION g(date) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION h(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION h(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION h2(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION h2(a int, b text DEFAULT '1') RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION f; -- ! 42725
DROP FUNCTION h2; -- ! 42725
COMMENT ON FUNCTION h2 IS 'x'; -- ! 42725
DROP FUNCTION h2(int, text);

--# accepted grouping and names
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric, d timestamptz, j jsonb, arr int[]);
CREATE TABLE u (id int, t_id int REFERENCES t, x int, PRIMARY KEY (id, t_id));
CREATE TABLE w (id int, t_id int, y int);
CREATE VIEW vt AS SELECT * FROM t;
CREATE VIEW a1 AS SELECT u.*, count(w.id) FROM u LEFT JOIN w ON w.t_id = u.t_id GROUP BY u.id, u.t_id;
CREATE VIEW a2 AS SELECT t.a + u.x AS s FROM t, u GROUP BY t.a, u.x, t.id;
CREATE VIEW a3 AS SELECT coalesce(t.b, 'x') FROM t GROUP BY t.b;
CREATE VIEW a4 AS SELECT coalesce(b, 'x') AS k, sum(c) FROM t GROUP BY coalesce(b, 'x');
CREATE VIEW a5 AS SELECT CASE WHEN a > 1 THEN 'x' ELSE b END AS k, count(*) FROM t GROUP BY 1;
CREATE VIEW a6 AS SELECT CASE WHEN a > 1 THEN 'x' ELSE b END AS k, count(*) FROM t GROUP BY k;
CREATE VIEW a7 AS SELECT date_trunc('day', t.d)::date AS k, count(*) FROM t GROUP BY (date_trunc('day', d))::date;
CREATE VIEW a8 AS SELECT (SELECT count(*) FROM u WHERE u.t_id = t.id) AS n, t.a FROM t;
CREATE VIEW a9 AS SELECT a, count(*) OVER () FROM t;
CREATE VIEW a10 AS SELECT a, sum(c) FILTER (WHERE a > 1) OVER (PARTITION BY b) FROM t;
CREATE VIEW a11 AS SELECT a, (SELECT max(x) FROM u WHERE u.t_id = t.id) AS m FROM t WHERE a > (SELECT avg(x) FROM u);
CREATE VIEW a12 AS SELECT t.a, s.n FROM t JOIN (SELECT t_id, count(*) AS n FROM u GROUP BY t_id) s ON s.t_id = t.id;
CREATE VIEW a13 AS SELECT t.a FROM t GROUP BY t.a HAVING EXISTS (SELECT 1 FROM u WHERE u.x = count(t.id));
CREATE VIEW a14 AS SELECT a, b FROM t GROUP BY ROLLUP (a, b);
CREATE VIEW a15 AS SELECT a, b, c FROM t GROUP BY (a, b), c;
CREATE VIEW a16 AS SELECT x.a, y.b FROM t x JOIN t y ON x.id = y.id GROUP BY x.a, y.b;
CREATE VIEW a17 AS SELECT id, t_id, count(*) FROM u JOIN w USING (id, t_id) GROUP BY id, t_id;
CREATE VIEW a18 AS SELECT u.id, count(*) FROM u JOIN w USING (id) GROUP BY id;
CREATE VIEW a19 AS SELECT a FROM t UNION SELECT x FROM u GROUP BY x ORDER BY a;
CREATE VIEW a20 AS SELECT DISTINCT ON (t.a) t.a, u.id AS b FROM t, u ORDER BY t.a, b;
CREATE VIEW a21 AS SELECT t.id FROM t JOIN u ON u.t_id = t.id JOIN w ON w.id = u.id ORDER BY id;
CREATE VIEW a22 AS SELECT a FROM t JOIN u ON t_id = t.id JOIN w ON w.id = u.id;
CREATE VIEW a23 AS SELECT y FROM t JOIN u ON a = x JOIN w ON y = x;
CREATE VIEW a24 AS SELECT x FROM t JOIN u ON a = t_id JOIN w ON w.t_id = x;
CREATE VIEW a25 AS SELECT t.id, x.id AS other FROM t, LATERAL (SELECT id FROM u WHERE t_id = t.id LIMIT 1) x;
CREATE VIEW a26 AS SELECT t.id, e.value FROM t, jsonb_each(j) e, unnest(arr) AS id2;
CREATE VIEW a27 AS SELECT extract(year FROM d) AS year, count(*) FROM t GROUP BY year;
CREATE VIEW a28 AS SELECT t.id AS id, w.id AS wid FROM t LEFT JOIN w ON w.id = t.id WHERE t.id IN (SELECT id FROM u);
CREATE VIEW a29 AS WITH q AS (SELECT a, count(*) AS n FROM t GROUP BY a), r AS (SELECT a, n FROM q) SELECT q.a, r.n FROM q JOIN r USING (a) GROUP BY q.a, r.n;
CREATE VIEW a30 AS SELECT a AS b, max(b) AS c FROM t GROUP BY t.a;
CREATE VIEW a31 AS SELECT max(a) + min(a) AS x, array_agg(b ORDER BY c) FROM t;
CREATE VIEW a32 AS SELECT t.* FROM t GROUP BY t.id;
CREATE VIEW a33 AS SELECT t FROM t GROUP BY t;
CREATE VIEW a34 AS SELECT b FROM t GROUP BY id HAVING c > 1;
CREATE VIEW a35 AS SELECT t.a, t2.b FROM t, vt t2 GROUP BY t.a, t2.b;
CREATE VIEW a36 AS SELECT row_number() OVER (ORDER BY sum(c)) AS n, a FROM t GROUP BY a;
CREATE VIEW a37 AS SELECT lower(b), upper(b) FROM t GROUP BY b;
CREATE VIEW a38 AS SELECT 'x' || b AS k FROM t GROUP BY 'x' || b;
CREATE VIEW a39 AS SELECT b AS "B", count(*) FROM t GROUP BY "B";
CREATE VIEW a40 AS SELECT a1.id FROM a1 JOIN t ON t.id = a1.id, LATERAL (SELECT t.id AS z) s;
CREATE VIEW a41 AS SELECT j ->> 'k' AS k, count(*) AS n FROM t GROUP BY j ->> 'k' HAVING count(*) > 1 ORDER BY n DESC, j ->> 'k';
CREATE VIEW a42 AS SELECT concat(a, '-', max(b)) FROM t GROUP BY a;
CREATE VIEW a43 AS SELECT a, percentile_cont(0.5) WITHIN GROUP (ORDER BY c) AS m FROM t GROUP BY a;
CREATE VIEW a44 AS SELECT s.a FROM (SELECT a FROM t) s, (SELECT x AS b FROM u) q WHERE s.a = q.b GROUP BY s.a;
CREATE VIEW a45 AS SELECT t.a, (SELECT sum(t.c + u.x) FROM u) FROM t;
CREATE VIEW a45b AS SELECT b, array_agg(DISTINCT tt.id) id, max(a) + 1 c FROM t tt GROUP BY b;
CREATE VIEW a46 AS SELECT grp.a FROM t AS grp GROUP BY grp.a;
CREATE VIEW a47 AS SELECT (SELECT array_agg(q.x) FROM (SELECT x FROM u WHERE u.t_id = t.id ORDER BY u.id) q) AS xs FROM t;
CREATE VIEW a48 AS SELECT NULLIF(sum(c), 0) / count(DISTINCT a) AS r, bool_or(a > 1) FROM t;
CREATE VIEW a49 AS SELECT a, b FROM t WHERE (a, b) IN (SELECT a, max(b) FROM t GROUP BY a);
CREATE VIEW a50 AS SELECT t.id FROM t JOIN u ON u.id = t.id WHERE NOT EXISTS (SELECT FROM w WHERE w.id = t.id AND y = 1);
CREATE VIEW a51 AS SELECT u.t_id, w.y FROM u, w WHERE u.t_id = w.t_id AND EXISTS (SELECT 1 FROM t WHERE id = u.t_id);
CREATE VIEW a52 AS SELECT sub.id FROM (SELECT u.id, w.id AS wid FROM u, w) sub JOIN t ON sub.wid = t.id GROUP BY sub.id;
INSERT INTO w (id, t_id, y) SELECT u.id, u.t_id, 1 FROM u, t WHERE t.id = u.t_id ON CONFLICT DO NOTHING;
INSERT INTO t (id, a) SELECT u.id, sum(x) FROM u, w WHERE w.id = u.id GROUP BY u.id ON CONFLICT (id) DO UPDATE SET a = excluded.a;
UPDATE w SET y = s.n, id = s.id FROM (SELECT id, count(*) AS n FROM u GROUP BY id) s WHERE s.id = w.id;
UPDATE t SET a = u.x FROM u WHERE u.t_id = t.id AND b IS NULL;
DELETE FROM w USING u WHERE u.id = w.id AND x = 1;
CREATE FUNCTION fs(id int) RETURNS int LANGUAGE sql AS 'SELECT count(*)::int FROM u WHERE u.id = $1';
CREATE FUNCTION fs2(p int) RETURNS TABLE (id int, n bigint) LANGUAGE sql AS 'SELECT u.id, count(*) FROM u JOIN w ON w.id = u.id WHERE u.t_id = p GROUP BY u.id';
CREATE FUNCTION fs3(p int) RETURNS TABLE (id int, n bigint) LANGUAGE sql AS 'SELECT id, count(*) FROM u JOIN w USING (id) GROUP BY 1';
CREATE FUNCTION fs4(p int) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM u JOIN w ON u.id = w.id WHERE x = p; END;
CREATE VIEW b1 AS SELECT a.id, b.id AS bid FROM t a LEFT JOIN (u b JOIN w ON w.id = b.id) ON b.t_id = a.id WHERE b.id > 1;
CREATE VIEW b2 AS SELECT n.a, m.a AS am FROM t n, t m WHERE n.id <> m.id;
CREATE VIEW b3 AS SELECT xmlelement(name id, t.b), interval '1 day' AS day FROM t, u;
CREATE VIEW b4 AS SELECT t.b COLLATE "C" AS b, t.id id FROM t, u;
CREATE VIEW b5 AS TABLE t;
CREATE VIEW b6 AS SELECT sum(x) FROM u GROUP BY t_id, t_id;
CREATE VIEW b7 AS SELECT public.u.id FROM public.u, pg_class;
CREATE VIEW b8 AS SELECT relname, count(*) FROM pg_class JOIN t ON true GROUP BY relname;
CREATE VIEW b9 AS SELECT max(a) AS m FROM t HAVING max(a) > 1;
CREATE VIEW b10 AS SELECT greatest(a, 1) AS a, count(*) FROM t GROUP BY greatest(a, 1);
CREATE VIEW b11 AS SELECT a, count(*) FROM t GROUP BY DISTINCT a;
CREATE VIEW b12 AS SELECT t.a FROM t, u GROUP BY t.id HAVING t.b <> '' AND max(u.x) > 1;
CREATE VIEW b13 AS SELECT 1 AS one, t.a IS DISTINCT FROM u.x AS diff FROM t, u GROUP BY t.a, u.x;
CREATE VIEW b14 AS SELECT jsonb_agg(jsonb_build_object('id', u.id, 'x', u.x)) AS js FROM u, w WHERE u.id = w.id;
CREATE VIEW b15 AS SELECT (array_agg(b))[1] AS f, (max(t))::text FROM (SELECT 1 AS t, b FROM vt) q;
CREATE VIEW b16 AS SELECT a.*, b.n FROM (SELECT id FROM u) a JOIN LATERAL (SELECT count(*) AS n FROM w WHERE w.id = a.id) b ON true;
CREATE RULE r1 AS ON INSERT TO w DO ALSO INSERT INTO u (id, t_id, x) SELECT new.id, t.id, t.a FROM t WHERE t.id = new.t_id;

--# type mismatches in views, defaults, generated columns, checks, policies
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN pos AS int CHECK (value > 0);
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric(10,2), d timestamptz, j jsonb, m mood, p pos, u uuid, arr int[], bo boolean, dt date, iv interval, by bytea, r int4range);
CREATE VIEW x2 AS SELECT CASE WHEN a > 1 THEN a ELSE b END FROM t; -- ! 42804
CREATE VIEW x3 AS SELECT coalesce(a, b) FROM t; -- ! 42804
CREATE VIEW x4 AS SELECT coalesce(d, 'now') FROM t;
CREATE VIEW x6 AS SELECT a FROM t UNION SELECT c FROM t;
CREATE VIEW x7 AS SELECT a FROM t UNION ALL SELECT NULL;
CREATE VIEW x8 AS SELECT a FROM t WHERE b; -- ! 42804
CREATE VIEW x9 AS SELECT a FROM t WHERE a; -- ! 42804
CREATE VIEW x10 AS SELECT a FROM t WHERE bo;
CREATE VIEW x11 AS SELECT a FROM t WHERE a = b; -- ! 42883
CREATE VIEW x12 AS SELECT a FROM t WHERE m = 'sad';
CREATE VIEW x13 AS SELECT a FROM t WHERE m = b; -- ! 42883
CREATE VIEW x14 AS SELECT a FROM t WHERE u = b; -- ! 42883
CREATE VIEW x15 AS SELECT a FROM t WHERE a IN (1, 'x'); -- ! 22P02
CREATE VIEW x16 AS SELECT a FROM t WHERE b IN ('1', '2');
CREATE VIEW x17 AS SELECT a FROM t WHERE b IN (1, 2); -- ! 42883
CREATE VIEW x20 AS SELECT b::uuid, a::date FROM t; -- ! 42846
CREATE VIEW x21 AS SELECT d::date, j::text, m::text, bo::int, a::boolean FROM t;
CREATE VIEW x22 AS SELECT j::int, u::text, dt::timestamptz FROM t;
CREATE VIEW x23 AS SELECT dt::int FROM t; -- ! 42846
CREATE VIEW x24 AS SELECT bo::numeric FROM t; -- ! 42846
CREATE VIEW x25 AS SELECT arr::text, arr::bigint[] FROM t; -- ! 42701
CREATE VIEW x28 AS SELECT arr || a, arr || '{1}' FROM t; -- ! 42701
CREATE VIEW x29 AS SELECT a || b, b || a FROM t; -- ! 42701
CREATE VIEW x30 AS SELECT a || a FROM t; -- ! 42883
CREATE VIEW x31 AS SELECT d + 1 FROM t; -- ! 42883
CREATE VIEW x32 AS SELECT dt + 1, dt - dt, d - d, d + iv FROM t; -- ! 42701
CREATE VIEW x33 AS SELECT d - dt, now() - d FROM t; -- ! 42701
CREATE VIEW x35 AS SELECT j -> 'a' ->> 'b', j #>> '{a,b}' FROM t; -- ! 42701
CREATE VIEW x37 AS SELECT (j ->> 'a')::int + 1 FROM t;
CREATE VIEW x38 AS SELECT sum(b) FROM t; -- ! 42883
CREATE VIEW x39 AS SELECT sum(iv), avg(iv), max(b), max(d) FROM t; -- ! 42701
CREATE VIEW x40 AS SELECT max(j) FROM t; -- ! 42883
CREATE VIEW x41 AS SELECT max(bo) FROM t; -- ! 42883
CREATE VIEW x43 AS SELECT bool_or(a) FROM t; -- ! 42883
CREATE VIEW x44 AS SELECT string_agg(a, ',') FROM t; -- ! 42883
CREATE VIEW x45 AS SELECT string_agg(a::text, ',') FROM t;
CREATE VIEW x47 AS SELECT NOT a FROM t; -- ! 42804
CREATE VIEW x50 AS SELECT a FROM t WHERE a BETWEEN b AND b; -- ! 42883
CREATE VIEW x52 AS SELECT a FROM t WHERE a LIKE '1%'; -- ! 42883
CREATE VIEW x53 AS SELECT a FROM t WHERE a = ANY(arr);
CREATE VIEW x54 AS SELECT a FROM t WHERE b = ANY(arr); -- ! 42883
CREATE VIEW x56 AS SELECT extract(epoch FROM d), extract(year FROM dt), date_part('day', d) FROM t; -- ! 42701
CREATE VIEW x58 AS SELECT round(a / 2.0, 2) AS x, round(c, 2) AS y FROM t;
CREATE VIEW x59 AS SELECT round(c, 2), trunc(c), a % 2, c % 2 FROM t; -- ! 42701
CREATE VIEW x61 AS SELECT to_char(d, 'YYYY'), to_char(a, '99'), to_date(b, 'YYYY') FROM t; -- ! 42701
CREATE VIEW x63 AS SELECT lower(a) FROM t; -- ! 42883
CREATE VIEW x64 AS SELECT length(a) FROM t; -- ! 42883
CREATE VIEW x66 AS SELECT date_trunc('day', dt), date_trunc('day', d), date_trunc('day', iv) FROM t; -- ! 42701
CREATE VIEW x68 AS SELECT greatest(a, c), least(dt, d) FROM t;
CREATE VIEW x69 AS SELECT greatest(a, b) FROM t; -- ! 42804
CREATE VIEW x71 AS SELECT nullif(a, 0), nullif(b, '') FROM t; -- ! 42701
CREATE VIEW x75 AS SELECT a FROM t WHERE a IN (SELECT b FROM t); -- ! 42883
CREATE VIEW x76 AS SELECT a FROM t WHERE a NOT IN (SELECT id FROM t) AND EXISTS (SELECT FROM t);
CREATE VIEW x77 AS SELECT arr[1], arr[1:2], array_length(arr, 1), cardinality(arr), unnest(arr) FROM t; -- ! 42701
CREATE VIEW x79 AS SELECT j['a'], j['a']['b'] FROM t; -- ! 42701
CREATE VIEW x80 AS SELECT lower(r), upper(r), r @> 1, r && '[1,2]' FROM t; -- ! 42701
CREATE VIEW x82 AS SELECT row_number() OVER (ORDER BY a), lag(a, 1, 0) OVER w, ntile(4) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY a);
CREATE VIEW x87 AS SELECT first_value(a) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t;
CREATE VIEW x88 AS SELECT jsonb_build_object('a', a, 'b', b), jsonb_agg(t), row_to_json(t) FROM t GROUP BY id;
CREATE VIEW x90 AS SELECT jsonb_array_elements(j) ->> 'x' FROM t;
CREATE VIEW x91 AS SELECT jsonb_array_elements(b) FROM t; -- ! 42883
CREATE VIEW x92 AS SELECT json_array_elements(j) FROM t; -- ! 42883
CREATE VIEW x93 AS SELECT md5(b), md5(by), encode(by, 'hex'), sha256(by) FROM t; -- ! 42701
CREATE VIEW x94 AS SELECT md5(a) FROM t; -- ! 42883
CREATE VIEW x98 AS SELECT generate_series(1, a), generate_series(d, d, '1 day') FROM t; -- ! 42701
CREATE VIEW x100 AS SELECT format('%s', a), concat(a, b, d), quote_ident(b) FROM t;

--# functions with OUT, TABLE, VARIADIC
CREATE TABLE t (id int PRIMARY KEY, a int, b text);
CREATE FUNCTION f1(OUT x int, OUT y text) LANGUAGE sql AS 'SELECT 1, ''a''';
CREATE FUNCTION f2(OUT x int, OUT y text) RETURNS int LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION f3(OUT x int) RETURNS text LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION f4(OUT x int, OUT y text) RETURNS record LANGUAGE sql AS 'SELECT 1, ''a''';
CREATE FUNCTION f5() RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT id, b FROM t';
CREATE FUNCTION f7() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
CREATE FUNCTION f11() RETURNS void LANGUAGE sql AS 'INSERT INTO t VALUES (1)';
CREATE FUNCTION f12() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING id';
CREATE FUNCTION f14() RETURNS bigint LANGUAGE sql AS 'SELECT id FROM t';
CREATE FUNCTION f15() RETURNS int LANGUAGE sql AS 'SELECT count(*) FROM t';
CREATE FUNCTION f16(VARIADIC n int[]) RETURNS int LANGUAGE sql AS 'SELECT n[1]';
CREATE VIEW v16 AS SELECT f16(1, 2, 3) AS a, f16(VARIADIC ARRAY[1]) AS b;
CREATE FUNCTION f18(a int, b int DEFAULT 2, c int DEFAULT 3) RETURNS int LANGUAGE sql AS 'SELECT a + b + c';
CREATE VIEW v18 AS SELECT f18(1) AS a, f18(1, c => 4) AS b, f18(a => 1, b => 2) AS c;
CREATE VIEW v22 AS SELECT f18(1, 2, 3, 4); -- ! 42883
CREATE VIEW v23 AS SELECT * FROM f5() WHERE x > 1;
CREATE VIEW v25 AS SELECT q.x, q.y FROM f5() q;
CREATE VIEW v26 AS SELECT q.n FROM f5() AS q(n, m);
CREATE VIEW v30 AS SELECT f7();
CREATE VIEW v31 AS SELECT (f7()).id;
CREATE FUNCTION f34(x t) RETURNS text LANGUAGE sql AS 'SELECT x.b';
CREATE VIEW v34 AS SELECT f34(t) AS a, t.f34 AS b FROM t;
CREATE FUNCTION f36(anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION f38(anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1[1]';
CREATE FUNCTION f39(INOUT x int) LANGUAGE sql AS 'SELECT x + 1';
CREATE OR REPLACE FUNCTION f39(x int) RETURNS int LANGUAGE sql AS 'SELECT x';
CREATE OR REPLACE FUNCTION f5() RETURNS TABLE (x int, y text, z int) LANGUAGE sql AS 'SELECT 1, ''a'', 2'; -- ! 42P13
CREATE FUNCTION f40(x int) RETURNS TABLE (x int) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f41() RETURNS trigger LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION f42(x int) RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; -- ! 42P13
CREATE FUNCTION f43() RETURNS int LANGUAGE nope AS 'SELECT 1'; -- ! 42704
CREATE FUNCTION f45() RETURNS int LANGUAGE sql RETURN (SELECT id FROM t);
CREATE FUNCTION f47() RETURNS SETOF int ROWS 10 COST 5 LANGUAGE sql AS 'SELECT id FROM t';
CREATE PROCEDURE p1(INOUT x int) LANGUAGE sql AS 'SELECT x';
CREATE PROCEDURE p2(OUT x int) LANGUAGE plpgsql AS 'BEGIN x := 1; END';
DROP FUNCTION p1(int); -- ! 42809
DROP PROCEDURE p1;
DROP ROUTINE p2;
ALTER FUNCTION f18(int) RENAME TO f18b; -- ! 42883
ALTER FUNCTION f18(int, int, int) RENAME TO f18b;
ALTER FUNCTION f18b SET SCHEMA pg_catalog;
DROP FUNCTION f18b; -- ! 2BP01
DROP FUNCTION f5() CASCADE;

--# type chains
CREATE TYPE e AS ENUM ('a', 'b');
ALTER TYPE e ADD VALUE 'c' AFTER 'a';
ALTER TYPE e ADD VALUE 'c'; -- ! 42710
ALTER TYPE e ADD VALUE IF NOT EXISTS 'c';
ALTER TYPE e ADD VALUE 'd' BEFORE 'zz'; -- ! 22023
ALTER TYPE e RENAME VALUE 'a' TO 'b'; -- ! 42710
ALTER TYPE e RENAME VALUE 'zz' TO 'y'; -- ! 22023
ALTER TYPE e RENAME VALUE 'a' TO 'aa';
CREATE TABLE t (x e DEFAULT 'aa', y e[] DEFAULT '{aa,b}');
CREATE TABLE t2 (x e DEFAULT 'a'); -- ! 22P02
ALTER TYPE e RENAME TO e2;
ALTER TABLE t ADD z e; -- ! 42704
ALTER TABLE t ADD z e2 DEFAULT 'b'::e2 CHECK (z <> 'c');
CREATE TYPE e3 AS ENUM ('aa', 'b', 'c');
ALTER TABLE t ALTER x TYPE e3; -- ! 42804
ALTER TABLE t ALTER x TYPE e3 USING x::e3; -- ! 42846
ALTER TABLE t ALTER x TYPE e3 USING x::text::e3; -- ! 42804
ALTER TABLE t ALTER x DROP DEFAULT, ALTER x TYPE e3 USING x::text::e3, ALTER x SET DEFAULT 'b';
ALTER TABLE t DROP CONSTRAINT t_z_check, ALTER z DROP DEFAULT, ALTER z TYPE e3 USING z::text::e3;
DROP TYPE e2; -- ! 2BP01
ALTER TABLE t DROP y;
DROP TYPE e2;
CREATE TYPE c AS (a int, b text);
ALTER TYPE c ADD ATTRIBUTE d e3, DROP ATTRIBUTE b;
ALTER TYPE c RENAME ATTRIBUTE a TO aa;
ALTER TYPE c ADD ATTRIBUTE aa int; -- ! 42701
ALTER TYPE c DROP ATTRIBUTE nope; -- ! 42703
CREATE TABLE u (v c, w c[]);
ALTER TYPE c ADD ATTRIBUTE q int;
ALTER TYPE c ALTER ATTRIBUTE aa TYPE bigint; -- ! 0A000
ALTER TYPE c ALTER ATTRIBUTE aa TYPE bigint CASCADE; -- ! 0A000
ALTER TYPE c DROP ATTRIBUTE aa;
ALTER TYPE c DROP ATTRIBUTE d CASCADE;
CREATE DOMAIN dm AS text CHECK (length(value) > 1) DEFAULT 'xx' NOT NULL;
ALTER DOMAIN dm ADD CONSTRAINT dm_check CHECK (value <> 'y'); -- ! 42710
ALTER DOMAIN dm ADD CHECK (value <> 'y');
ALTER DOMAIN dm DROP CONSTRAINT dm_check1;
ALTER DOMAIN dm DROP CONSTRAINT dm_check1; -- ! 42704
ALTER DOMAIN dm RENAME CONSTRAINT dm_check TO k;
ALTER DOMAIN dm SET DEFAULT 1;
ALTER DOMAIN dm DROP NOT NULL;
CREATE DOMAIN dm2 AS dm CHECK (value LIKE 'a%');
CREATE DOMAIN dm4 AS int DEFAULT 'x'; -- ! 22P02
DROP DOMAIN dm; -- ! 2BP01
DROP TYPE dm2;
CREATE TYPE r AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE r2 AS RANGE (subtype = nope); -- ! 42704
CREATE TABLE rr (x r, y float8_multirange); -- ! 42704
CREATE TABLE rr2 (x r, y r_multirange);
DROP TYPE e3; -- ! 2BP01
DROP TYPE e3 CASCADE;

--# partitions
CREATE TABLE p (id int NOT NULL, d date NOT NULL, k text) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2020-06-01') TO ('2021-06-01'); -- ! 42P17
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2021-01-01'); -- ! 42P17
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO (MAXVALUE);
CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE p4 PARTITION OF p FOR VALUES FROM ('2019-01-01') TO ('2019-02-01'); -- ! 42P17
CREATE TABLE pd PARTITION OF p DEFAULT;
CREATE TABLE pd2 PARTITION OF p DEFAULT; -- ! 42P17
CREATE TABLE p5 PARTITION OF p FOR VALUES IN ('2019-01-01'); -- ! 42P16
CREATE TABLE p7 PARTITION OF p FOR VALUES FROM ('2019-01-01', 1) TO ('2019-02-01', 2); -- ! 42P16
ALTER TABLE p ADD PRIMARY KEY (id); -- ! 0A000
ALTER TABLE p ADD PRIMARY KEY (id, d);
ALTER TABLE p ADD UNIQUE (k); -- ! 0A000
CREATE UNIQUE INDEX ON p (k, d);
CREATE UNIQUE INDEX ON p (k); -- ! 0A000
CREATE UNIQUE INDEX ON p1 (k);
ALTER TABLE p1 ADD COLUMN z int; -- ! 42809
ALTER TABLE p ADD COLUMN z int DEFAULT 1;
ALTER TABLE p1 DROP COLUMN z; -- ! 42P16
ALTER TABLE p DROP COLUMN d; -- ! 42P16
ALTER TABLE p ALTER d TYPE timestamp; -- ! 42P16
ALTER TABLE p1 ALTER z DROP NOT NULL, ALTER z SET DEFAULT 5;
ALTER TABLE p1 ALTER id DROP NOT NULL; -- ! 42P16
ALTER TABLE p DETACH PARTITION p1;
ALTER TABLE p1 ALTER d DROP NOT NULL; -- ! 42P16
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE l (k text, n int) PARTITION BY LIST (k);
CREATE TABLE l1 PARTITION OF l FOR VALUES IN ('a', 'b');
CREATE TABLE l2 PARTITION OF l FOR VALUES IN ('b', 'c'); -- ! 42P17
CREATE TABLE l2 PARTITION OF l FOR VALUES IN ('c', NULL) PARTITION BY HASH (n);
CREATE TABLE l3 PARTITION OF l FOR VALUES IN (NULL); -- ! 42P17
CREATE TABLE h0 PARTITION OF l2 FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE h1 PARTITION OF l2 FOR VALUES WITH (MODULUS 4, REMAINDER 0); -- ! 42P17
CREATE TABLE h1 PARTITION OF l2 FOR VALUES WITH (MODULUS 6, REMAINDER 1); -- ! 42P17
CREATE TABLE h1 PARTITION OF l2 FOR VALUES WITH (MODULUS 4, REMAINDER 4); -- ! 42P16
CREATE TABLE h1 PARTITION OF l2 FOR VALUES WITH (MODULUS 8, REMAINDER 4); -- ! 42P17
CREATE TABLE h2 PARTITION OF l2 FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE hd PARTITION OF l2 DEFAULT; -- ! 42P16
CREATE TABLE m (a int, b int) PARTITION BY LIST (a, b); -- ! 42P17
CREATE TABLE m (a int, b int) PARTITION BY RANGE (a, b);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (1, MINVALUE) TO (2, MAXVALUE);
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (2, 5) TO (3, 1); -- ! 42P17
CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (MINVALUE, 5) TO (0, 1); -- ! 42804
CREATE TABLE n (a int) PARTITION BY RANGE ((a + 1));
ALTER TABLE n ADD PRIMARY KEY (a); -- ! 0A000
CREATE TABLE n1 PARTITION OF n (a DEFAULT 5, CHECK (a > 0)) FOR VALUES FROM (1) TO (5);
CREATE TABLE n2 PARTITION OF n (zz DEFAULT 5) FOR VALUES FROM (5) TO (6); -- ! 42703
CREATE TABLE o (a int) PARTITION BY RANGE (now()); -- ! 42P17
CREATE TABLE o (a int) PARTITION BY RANGE (random()); -- ! 42P17
CREATE TABLE o (a json) PARTITION BY LIST (a); -- ! 42704
CREATE TABLE o (a int GENERATED ALWAYS AS (1) STORED) PARTITION BY LIST (a); -- ! 42P17
CREATE TABLE o (a int) PARTITION BY LIST (zz); -- ! 42703
CREATE TABLE i (a int) INHERITS (p); -- ! 42809
CREATE TABLE q (a int, FOREIGN KEY (a) REFERENCES p); -- ! 42830
CREATE TABLE q (a int, d date, FOREIGN KEY (a, d) REFERENCES p);
ALTER TABLE p DETACH PARTITION p2;
DROP TABLE p; -- ! 2BP01
DROP TABLE p CASCADE;

--# accepted: one of several, calls, casts
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE mood2 AS ENUM ('sad', 'ok');
CREATE DOMAIN pos AS int CHECK (value > 0);
CREATE DOMAIN em AS text;
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric(10,2), d timestamptz, j jsonb, js json, m mood, m2 mood2, p pos, u uuid, arr int[], bo boolean, dt date, iv interval, tm time, by bytea, r int4range, ip inet, ci cidr, em em, mo money, n name, ch "char", x xml);
CREATE VIEW c1 AS SELECT coalesce(a, p, c, 0) AS x, coalesce(b, em, n, 'x', NULL) AS y, coalesce(d, dt, now(), 'now') AS z, coalesce(ip, ci) AS w FROM t;
CREATE VIEW c2 AS SELECT CASE WHEN bo THEN a ELSE c END AS x, CASE m WHEN 'sad' THEN 1 WHEN 'ok' THEN 2.5 END AS y, CASE WHEN bo THEN NULL ELSE d END AS z, CASE a WHEN 1 THEN 'x' ELSE b END AS w FROM t;
CREATE VIEW c3 AS SELECT CASE WHEN bo THEN CASE WHEN a > 1 THEN 'x' ELSE 'y' END ELSE b END AS x, CASE WHEN a > 1 THEN m ELSE 'sad' END AS y FROM t;
CREATE VIEW c4 AS SELECT greatest(a, p, '5') AS x, least(d, dt) AS y, greatest(b, 'x') AS z FROM t;
CREATE VIEW c5 AS SELECT coalesce(j ->> 'a', b, 'x') AS x, coalesce((j ->> 'a')::int, a) AS y, coalesce(j -> 'a', '{}') AS z, coalesce(j, '{}'::jsonb) AS w FROM t;
CREATE VIEW c6 AS SELECT coalesce(sum(a), 0) AS x, coalesce(max(d)::date, dt) AS y, coalesce(array_agg(a), '{}') AS z FROM t GROUP BY dt;
CREATE VIEW c7 AS SELECT coalesce((SELECT 1), a) AS x, coalesce((SELECT b FROM t LIMIT 1), 'x') AS y FROM t;
CREATE VIEW c8 AS SELECT coalesce(iv, '1 day') AS x, coalesce(tm, '10:00') AS y, coalesce(tm, tm) AS z FROM t;
CREATE VIEW c9 AS SELECT a FROM t UNION SELECT c FROM t UNION SELECT NULL UNION SELECT p FROM t;
CREATE VIEW c10 AS SELECT d FROM t UNION SELECT dt FROM t UNION SELECT 'now';
CREATE VIEW c11 AS SELECT 'x' AS k, a FROM t UNION ALL SELECT b, 1 FROM t UNION ALL SELECT NULL, '5';
CREATE VIEW c12 AS SELECT m FROM t UNION SELECT 'sad';
CREATE VIEW c13 AS SELECT coalesce(m::text, b) AS x, coalesce(u::text, b, 'x') AS y, CASE WHEN u IS NULL THEN b ELSE u::text END AS z FROM t;
CREATE VIEW c14 AS SELECT CASE WHEN a = 1 THEN dt ELSE d END AS x, CASE WHEN bo THEN d END AT TIME ZONE 'UTC' AS y FROM t;
CREATE VIEW c15 AS SELECT CASE WHEN bo THEN a::text ELSE b END || 'x' AS x, (CASE WHEN bo THEN 1 END)::text AS y FROM t;
CREATE VIEW c16 AS SELECT coalesce(ch, 'x') AS x, coalesce(by, '\x00') AS y, coalesce(x, '<a/>') AS z, coalesce(mo, 0::money) AS w, coalesce(mo, a::money) AS v FROM t;
CREATE FUNCTION f(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b';
CREATE FUNCTION f(a text) RETURNS text LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION ff() RETURNS TABLE (id int, nm text) LANGUAGE sql AS 'SELECT 1, ''x''';
CREATE FUNCTION fv(a int, VARIADIC b text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fr(t) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE agg (int) (sfunc = int4pl, stype = int);
CREATE PROCEDURE pr(x int, y int DEFAULT 3) LANGUAGE sql AS 'SELECT x';
CREATE VIEW d1 AS SELECT f(1) AS a, f(1, 2) AS b, f('x'::text) AS c, f(b => 2, a => 1) AS d, fv(1, 'a', 'b') AS g, fv(1, VARIADIC '{a}') AS h;
CREATE VIEW d2 AS SELECT fr(t) AS a, t.fr AS b, agg(a) AS c FROM t GROUP BY t.id;
CREATE VIEW d3 AS SELECT q.nm, s.x FROM ff() q, ff() AS s (x, y);
CREATE VIEW d4 AS SELECT agg(a) OVER (ORDER BY id) AS c, agg(a) FILTER (WHERE a > 1) OVER () AS e FROM t WHERE id < 0;
CREATE VIEW d5 AS SELECT row_number() OVER w AS a, lag(a, 1, 0) OVER w AS b, ntile(4) OVER w, sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY a);
CREATE VIEW d6 AS SELECT agg(a) FROM t;
CREATE VIEW d7 AS SELECT b, agg(a) FROM t GROUP BY b;
CALL pr(1);
CALL pr(1, 2);
CREATE TABLE e1 (a int DEFAULT f(1), b int GENERATED ALWAYS AS (coalesce(c, 0) * 2) STORED, c int, d text GENERATED ALWAYS AS (CASE WHEN c > 1 THEN 'x' ELSE c::text END) STORED, CHECK (coalesce(c, a) > 0), CHECK (CASE WHEN a > 0 THEN c > 0 ELSE true END));
CREATE INDEX ON e1 (coalesce(a, 0), (CASE WHEN a > 1 THEN d ELSE 'x' END)) WHERE coalesce(c, 1) > 0;
ALTER TABLE e1 ENABLE ROW LEVEL SECURITY;
CREATE POLICY p1 ON e1 USING (coalesce(a, 0) = 1 AND d = current_user) WITH CHECK (CASE WHEN a = 1 THEN true ELSE d = 'x' END);
CREATE FUNCTION o1(INOUT a int, OUT b text) RETURNS record LANGUAGE sql AS $$SELECT 1, 'x'::text$$;
CREATE FUNCTION o2(INOUT a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION o3(OUT a varchar(10)) RETURNS varchar LANGUAGE sql AS $$SELECT 'x'::varchar$$;
CREATE FUNCTION o4(OUT a int, OUT b int) RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION o5(OUT a t) RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
CREATE FUNCTION o6() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION o7(OUT a int[]) RETURNS int[] LANGUAGE sql AS 'SELECT ARRAY[1]';
CREATE FUNCTION o8(OUT a em) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$; -- ! 42P13
CREATE FUNCTION o9(OUT a numeric(10, 2)) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';

--# refused: one of several, calls
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, a int, b text, d timestamptz, j jsonb, m mood, u uuid, bo boolean, dt date);
CREATE VIEW c1 AS SELECT coalesce(a, b) FROM t; -- ! 42804
CREATE VIEW c2 AS SELECT coalesce(NULL, 'x', a, u) FROM t; -- ! 42804
CREATE VIEW c3 AS SELECT CASE WHEN bo THEN a ELSE b END FROM t; -- ! 42804
CREATE VIEW c4 AS SELECT CASE WHEN bo THEN dt WHEN a = 1 THEN a END FROM t; -- ! 42804
CREATE VIEW c5 AS SELECT greatest(a, dt) FROM t; -- ! 42804
CREATE VIEW c6 AS SELECT coalesce(m, b) FROM t; -- ! 42804
CREATE VIEW c7 AS SELECT coalesce(u, b, 'x') FROM t; -- ! 42804
CREATE VIEW c8 AS SELECT coalesce(bo, 0) FROM t; -- ! 42804
CREATE VIEW c9 AS SELECT a FROM t UNION SELECT dt FROM t; -- ! 42804
CREATE VIEW c10 AS SELECT id, bo FROM t UNION ALL SELECT id, a FROM t; -- ! 42804
CREATE VIEW c11 AS SELECT u FROM t EXCEPT SELECT id FROM t; -- ! 42804
CREATE TABLE e1 (a int, b text GENERATED ALWAYS AS (coalesce(a, 'x'::text)) STORED); -- ! 42804
CREATE TABLE e2 (a int, b text, CHECK (coalesce(a, b) IS NOT NULL)); -- ! 42804
CREATE INDEX ON t (coalesce(a, b)); -- ! 42804
CREATE INDEX ON t (id) WHERE CASE WHEN bo THEN a ELSE b END IS NULL; -- ! 42804
CREATE FUNCTION f(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b';
CREATE FUNCTION public.g() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW d1 AS SELECT f(); -- ! 42883
CREATE VIEW d2 AS SELECT f(1, 2, 3); -- ! 42883
CREATE VIEW d3 AS SELECT public.g(5); -- ! 42883
CREATE TABLE e3 (a int DEFAULT f(1, 2, 3)); -- ! 42883
CREATE TABLE e4 (a int, CHECK (g(a) > 0)); -- ! 42883
CREATE FUNCTION o1(OUT a int, OUT b text) RETURNS int LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION o2(OUT a int) RETURNS text LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION o3() RETURNS trigger LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION o4(x int) RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; -- ! 42P13
CREATE FUNCTION o5(INOUT a int, INOUT b int) RETURNS SETOF int LANGUAGE sql AS 'SELECT 1, 2'; -- ! 42P13

--# using, exclude, sequences, privileges
CREATE EXTENSION btree_gist;
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c numeric, d timestamptz, j jsonb, bo boolean, u uuid, r tsrange, dt date);
ALTER TABLE t ALTER a TYPE date USING a::date; -- ! 42846
ALTER TABLE t ALTER a TYPE boolean USING a::boolean;
ALTER TABLE t ALTER a TYPE uuid USING a::uuid; -- ! 42846
ALTER TABLE t ALTER bo TYPE numeric USING bo::numeric; -- ! 42846
ALTER TABLE t ALTER bo TYPE int USING bo::int;
ALTER TABLE t ALTER dt TYPE int USING dt::int; -- ! 42846
ALTER TABLE t ALTER dt TYPE int USING extract(epoch FROM dt);
ALTER TABLE t ALTER b TYPE int; -- ! 42804
ALTER TABLE t ALTER b TYPE int USING trim(b)::int;
ALTER TABLE t ALTER j TYPE json;
ALTER TABLE t ALTER j TYPE int; -- ! 42804
ALTER TABLE t ALTER j TYPE text;
ALTER TABLE t ALTER c TYPE int;
ALTER TABLE t ALTER c TYPE timestamptz USING to_timestamp(c);
ALTER TABLE t ALTER c TYPE int USING c; -- ! 42804
ALTER TABLE t ALTER c TYPE text USING nope::text; -- ! 42703
ALTER TABLE t ALTER c TYPE text USING (SELECT 'x'); -- ! 0A000
ALTER TABLE t ADD EXCLUDE USING gist (u WITH =, r WITH &&);
ALTER TABLE t ADD EXCLUDE USING gist (j WITH =);
ALTER TABLE t ADD EXCLUDE USING btree (id WITH =);
ALTER TABLE t ADD EXCLUDE USING gist (zz WITH &&); -- ! 42703
ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (id WITH =, r WITH &&) WHERE (bo) DEFERRABLE; -- ! 42804
ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (id WITH =, r WITH &&);
ALTER TABLE t ADD EXCLUDE USING gist (id WITH =, tsrange(d::timestamp, NULL) WITH &&); -- ! 42P17
CREATE SEQUENCE s START 5 MAXVALUE 4; -- ! 22023
CREATE SEQUENCE s INCREMENT 0; -- ! 22023
CREATE SEQUENCE s MINVALUE 10 MAXVALUE 5; -- ! 22023
CREATE SEQUENCE s AS text; -- ! 22023
CREATE SEQUENCE s AS smallint MAXVALUE 40000; -- ! 22023
CREATE SEQUENCE s AS smallint START 100 CACHE 0; -- ! 22023
CREATE SEQUENCE s AS smallint START 100 CYCLE OWNED BY t.id;
CREATE SEQUENCE s; -- ! 42P07
CREATE SEQUENCE s2 OWNED BY t.nope; -- ! 42703
CREATE SEQUENCE s2 OWNED BY nope.id; -- ! 42P01
ALTER SEQUENCE s OWNED BY NONE;
ALTER SEQUENCE s RESTART 1000 MINVALUE 1 INCREMENT 2;
ALTER SEQUENCE nope RESTART; -- ! 42P01
ALTER SEQUENCE s RENAME TO t; -- ! 42P07
ALTER TABLE t ALTER a SET DEFAULT nextval('s'); -- ! 42804
ALTER TABLE t ALTER id SET DEFAULT nextval('nope'); -- ! 42P01
DROP SEQUENCE s;
ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE t ALTER id ADD GENERATED BY DEFAULT AS IDENTITY; -- ! 55000
ALTER TABLE t ALTER id SET DEFAULT 5; -- ! 42601
ALTER TABLE t ALTER id SET GENERATED BY DEFAULT SET INCREMENT 5;
ALTER TABLE t ALTER b ADD GENERATED ALWAYS AS IDENTITY; -- ! 55000
ALTER TABLE t ALTER id DROP IDENTITY;
ALTER TABLE t ALTER id DROP IDENTITY; -- ! 55000
ALTER TABLE t ALTER id DROP IDENTITY IF EXISTS;
ALTER TABLE t ALTER a DROP EXPRESSION; -- ! 55000
ALTER TABLE t ADD g int GENERATED ALWAYS AS (id * 2) STORED, ADD h int GENERATED ALWAYS AS (g + 1) STORED; -- ! 42P17
ALTER TABLE t ADD g int GENERATED ALWAYS AS (id * 2) STORED DEFAULT 5; -- ! 42601
ALTER TABLE t ADD g int GENERATED ALWAYS AS (random()) STORED; -- ! 42P17
ALTER TABLE t ADD g int GENERATED ALWAYS AS (id * 2) STORED;
ALTER TABLE t ALTER g SET DEFAULT 4; -- ! 42601
ALTER TABLE t ALTER id TYPE bigint; -- ! 0A000
ALTER TABLE t DROP id; -- ! 2BP01
ALTER TABLE t DROP id CASCADE;
GRANT SELECT ON t TO public;
GRANT SELECT (zz) ON t TO public; -- ! 42703
GRANT SELECT ON nope TO public; -- ! 42P01
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM public;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO public;
