-- What queries give: the types of their columns, where a table or a view is made of them, and of new values behind USING. Each statement was run by
-- a live server.

--# types of what queries give
CREATE TYPE mood AS ENUM ('a');
CREATE FUNCTION price(n int) RETURNS numeric LANGUAGE sql AS 'SELECT 1.5';
CREATE FUNCTION over(n int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION over(n text) RETURNS text LANGUAGE sql AS 'SELECT ''x''';
CREATE FUNCTION any_of(anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION rows_of(n int) RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN money2 AS numeric(8,2);
CREATE TABLE src (id serial PRIMARY KEY, si smallint, bi bigint, name varchar(20) NOT NULL, amount numeric(10,2), r real, d double precision, at timestamptz DEFAULT now(), ts timestamp(3), da date, iv interval, tags text[], vs varchar(9)[], j json, jb jsonb, m mood, ms mood[], b boolean, c char(3), u uuid, dm money2, by bytea, mo money);
CREATE TABLE c1 AS SELECT id + si AS a, id * bi AS b, id / amount AS c, amount - 1 AS d, r + id AS e, r * r AS f, d - r AS g, d + amount AS h, si + si AS i, si % 2 AS j, -id AS k, - amount AS l, id + 1 + bi AS m, id * 2 - 1 AS n, amount * 2 * 1.5 AS o FROM src;
CREATE TABLE c2 AS SELECT name || 'x' AS a, 'x' || name AS b, name || name AS c, name || id AS d, c || c AS e, name || ' ' || id AS f, tags || tags AS h, jb || '{}' AS i, jb || jb AS jj, by || by AS k, 'a' || 'b' AS l FROM src;
CREATE TABLE c3 AS SELECT j -> 'a' AS a, j ->> 'a' AS b, jb -> 'a' -> 'b' AS c, jb -> 'a' ->> 'b' AS d, jb #> '{a}' AS e, jb #>> '{a}' AS f, jb ? 'a' AS g, jb @> '{}' AS h, (jb ->> 'n')::int AS i, jb -> 'a' = '1' AS jx, j -> 0 AS k FROM src;
CREATE TABLE c4 AS SELECT da - da AS a, da - 1 AS b, da + iv AS c, ts - ts AS d, at - at AS e, at + iv AS f, ts - iv AS g, at + interval '1 day' AS h, iv * 2 AS i, iv + iv AS j, da + 7 AS k, now() - at AS l, now() - interval '1 day' AS m, date '2020-01-01' AS o, current_date - da AS p, localtimestamp AS q, current_user AS r, at::date - da AS s, age(at) AS t, date_trunc('day', at) AS u, date_trunc('day', ts) AS v, date_trunc('day', da) AS w, extract(epoch FROM at) AS x, extract(day FROM iv) AS y, date_part('year', at) AS z FROM src;
CREATE TABLE c5 AS SELECT coalesce(amount, 0) AS a, coalesce(amount, amount) AS b, coalesce(name, 'x') AS c, coalesce(id, bi) AS d, coalesce(NULL, 'x') AS f, coalesce(m, 'a') AS g, nullif(name, '') AS i, nullif(amount, 0) AS j, greatest(id, bi) AS k, least(amount, 1) AS l, greatest(name, 'z') AS mm, coalesce(tags, '{}') AS n, coalesce(b, false) AS o, coalesce(r, d) AS p, coalesce(si, 1) AS q, nullif(id, 0) AS rr FROM src;
CREATE TABLE c6 AS SELECT CASE WHEN b THEN 'a' ELSE 'b' END AS a, CASE WHEN b THEN id ELSE bi END AS b1, CASE b WHEN true THEN amount ELSE 0 END AS c1, CASE WHEN b THEN name END AS d1, CASE WHEN b THEN name ELSE 'x' END AS e1, CASE WHEN b THEN CASE WHEN b THEN 1 ELSE 2 END ELSE 3 END AS f1, CASE WHEN b THEN NULL ELSE at END AS g1, CASE WHEN b THEN m ELSE 'a' END AS h1, CASE WHEN b THEN amount ELSE amount END AS i1, CASE WHEN b THEN 1 ELSE 2 END + 1 AS k1, CASE WHEN b THEN tags END AS l1 FROM src;
CREATE TABLE c7 AS SELECT min(name) AS a, max(amount) AS b1, min(c) AS c1, max(m) AS d1, min(tags) AS e1, min(at) AS g1, max(ts) AS h1, array_agg(id) AS i, array_agg(name) AS j1, array_agg(m) AS k, array_agg(DISTINCT amount) AS l, array_agg(id ORDER BY at) AS m1, string_agg(name, ',') AS n, sum(amount) AS o, sum(r) AS p, sum(iv) AS q, avg(r) AS r1, avg(id) AS s, count(DISTINCT id) AS t, bool_or(b) AS u1, jsonb_agg(jb) AS v, json_object_agg(name, id) AS w, sum(id) FILTER (WHERE b) AS x, sum(mo) AS y, array_agg(dm) AS z FROM src;
CREATE TABLE c8 AS SELECT tags[1] AS a, tags[1:2] AS b1, vs[1] AS c1, ms[1] AS d1, ARRAY[id, 2] AS e, ARRAY['a', 'b'] AS f, ARRAY[name] AS g, ARRAY[id, bi] AS h, ARRAY[amount, 1] AS i, array_length(tags, 1) AS j1, string_to_array(name, ',') AS k, array_to_string(tags, ',') AS l, (string_to_array(name, ','))[1] AS m1, ARRAY[m] AS n, ARRAY[]::int[] AS o, ARRAY[dm] AS p FROM src;
CREATE TABLE c9 AS SELECT unnest(tags) AS a, unnest(vs) AS b1, unnest(ms) AS c1, generate_series(1, 3) AS d1 FROM src;
CREATE TABLE c10 AS SELECT lower(name) AS a, upper(c) AS b1, substring(name, 1, 2) AS c1, substring(name FROM 1 FOR 2) AS d1, trim(name) AS e, left(name, 2) AS f, length(name) AS g, position('a' IN name) AS h, replace(name, 'a', 'b') AS i, regexp_replace(name, 'a', 'b') AS j1, split_part(name, 'a', 1) AS k, concat(name, id) AS l, md5(name) AS m1, to_char(at, 'x') AS n, encode(by, 'hex') AS o, lower(name) || upper(c) AS r1, initcap(name) AS s, reverse(name) AS t, ltrim(name, 'x') AS u1, repeat(name, 2) AS v FROM src;
CREATE TABLE c11 AS SELECT round(amount) AS a, round(amount, 1) AS b1, round(d) AS c1, abs(id) AS d1, abs(amount) AS e, abs(r) AS f, ceil(amount) AS g, ceil(d) AS h, floor(id / 2.0) AS i, floor(id) AS j1, trunc(d) AS k, random() AS l, sqrt(d) AS m1, mod(id, 2) AS o, price(id) AS p, rows_of(id) AS t, to_date(name, 'x') AS u1, to_timestamp(d) AS v, gen_random_uuid() AS w, nextval('src_id_seq') AS x, id::numeric / 3 AS y FROM src;
CREATE TABLE c12 AS SELECT lag(name) OVER w AS a, first_value(amount) OVER w AS b1, row_number() OVER w AS c1, sum(id) OVER w AS d1, ntile(4) OVER w AS e, percent_rank() OVER w AS f, lead(id, 1, 0) OVER w AS g, count(*) OVER () AS h, max(name) OVER w AS i FROM src WINDOW w AS (ORDER BY id);
CREATE TABLE c13 AS SELECT id = 1 AS a, name ~ 'x' AS b1, name LIKE 'x' AS c1, b AND id > 1 AS d1, NOT b AS e, id IN (1, 2) AS f, id BETWEEN 1 AND 2 AS g, m IS NULL AS h, id + 1 > bi * 2 AS i, EXISTS (SELECT 1) AS j1, tags @> '{a}' AS k, id = ANY (ARRAY[1]) AS l, b IS TRUE AS m1, name !~~ 'x' AS o, at AT TIME ZONE 'UTC' AS s, ts AT TIME ZONE 'UTC' AS t, at BETWEEN now() AND now() + '1 day' AS u1 FROM src;
CREATE TABLE c14 AS SELECT q.a, q.b1, q.k FROM (SELECT id AS a, name AS b1, count(*) AS k FROM src GROUP BY id, name) q;
CREATE TABLE c15 AS WITH x AS (SELECT id, name, amount * 2 AS dbl FROM src), y AS (SELECT id, max(at) AS last FROM src GROUP BY id) SELECT x.*, y.last FROM x JOIN y USING (id);
CREATE TABLE c16 AS SELECT s.id, l.name, l.n FROM src s LEFT JOIN LATERAL (SELECT i.name, i.amount AS n FROM src i WHERE i.id = s.id) l ON true;
CREATE TABLE c17 AS SELECT * FROM (SELECT id, name FROM src) AS q (k, v);
CREATE TABLE c18 AS WITH q (k, v) AS (SELECT id, name FROM src) SELECT * FROM q;
CREATE TABLE c22 AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, s);
CREATE TABLE c23 AS SELECT x.*, y.k FROM (SELECT s.* FROM src s) x JOIN (SELECT id AS k FROM (SELECT id FROM src) z) y ON y.k = x.id;
CREATE TABLE c26 AS WITH ins AS (INSERT INTO u DEFAULT VALUES RETURNING *) SELECT * FROM ins; -- ! 42P01

--# new values by expressions
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE TABLE t (a int, b text, c varchar(9), d numeric(5,2), e timestamptz, f boolean, g jsonb, h text[], m mood, i interval, u uuid, x bigint);
ALTER TABLE t ALTER a TYPE mood USING CASE WHEN a = 1 THEN 'calm' ELSE 'cross' END; -- ! 42804
ALTER TABLE t ALTER a TYPE mood USING CASE WHEN a = 1 THEN 'calm'::mood ELSE 'cross' END;
ALTER TABLE t ALTER a TYPE int USING CASE a WHEN 'calm' THEN 1 ELSE 2 END;
ALTER TABLE t ALTER b TYPE int USING trim(b)::int;
ALTER TABLE t ALTER b TYPE text USING b::text || 'x';
ALTER TABLE t ALTER b TYPE int USING substring(b FROM 1 FOR 2); -- ! 42804
ALTER TABLE t ALTER b TYPE int USING nullif(b, '')::int;
ALTER TABLE t ALTER b TYPE boolean USING b = 1;
ALTER TABLE t ALTER b TYPE int USING b::int;
ALTER TABLE t ALTER c TYPE int USING coalesce(c, '0')::int;
ALTER TABLE t ALTER c TYPE text USING coalesce(c, 0);
ALTER TABLE t ALTER c TYPE text USING coalesce(c::text, 'y');
ALTER TABLE t ALTER d TYPE int USING round(d * 100);
ALTER TABLE t ALTER d TYPE int USING (d * 100)::int;
ALTER TABLE t ALTER e TYPE date USING e AT TIME ZONE 'UTC';
ALTER TABLE t ALTER e TYPE timestamp USING e + i;
ALTER TABLE t ALTER e TYPE bigint USING extract(epoch FROM e);
ALTER TABLE t ALTER e TYPE timestamptz USING to_timestamp(e);
ALTER TABLE t ALTER f TYPE int USING f; -- ! 42804
ALTER TABLE t ALTER f TYPE text USING f;
ALTER TABLE t ALTER f TYPE timestamptz USING CASE WHEN f = 'true' THEN now() END;
ALTER TABLE t ALTER g TYPE text USING g ->> 'a';
ALTER TABLE t ALTER g TYPE jsonb USING jsonb_build_object('a', g);
ALTER TABLE t ALTER g TYPE int USING g -> 'a'; -- ! 42804
ALTER TABLE t ALTER g TYPE int USING (g ->> 'a')::int;
ALTER TABLE t ALTER h TYPE text USING h[1];
ALTER TABLE t ALTER h TYPE text[] USING ARRAY[h];
ALTER TABLE t ALTER h TYPE text USING array_to_string(h, ',');
ALTER TABLE t ALTER h TYPE text[] USING string_to_array(h, ',');
ALTER TABLE t ALTER h TYPE mood[] USING h; -- ! 42804
ALTER TABLE t ALTER h TYPE mood[] USING h::mood[];
ALTER TABLE t ALTER m TYPE text USING lower(m::text);
ALTER TABLE t ALTER m TYPE mood USING lower(m); -- ! 42804
ALTER TABLE t ALTER i TYPE int USING extract(epoch FROM i);
ALTER TABLE t ALTER i TYPE interval USING i * interval '1 second';
ALTER TABLE t ALTER u TYPE text USING u::text;
ALTER TABLE t ALTER u TYPE uuid USING gen_random_uuid();
ALTER TABLE t ALTER u TYPE int USING length(u::text);
ALTER TABLE t ALTER x TYPE timestamptz USING to_timestamp(x / 1000.0);
ALTER TABLE t ALTER x TYPE int USING x - now(); -- ! 42804
ALTER TABLE t ALTER x TYPE bigint USING extract(epoch FROM x) * 1000;
ALTER TABLE t ALTER x TYPE boolean USING x > 0 AND x < 5;
ALTER TABLE t ALTER x TYPE int USING x IS TRUE; -- ! 42804

--# views replaced with the same types
CREATE TABLE t (a int, b varchar(20), c numeric(10,2), d text, e timestamptz);
CREATE VIEW v AS SELECT a, coalesce(b, 'x') AS b, c * 2 AS c, CASE WHEN a > 1 THEN b END AS d, min(d) AS m FROM t GROUP BY a, b, c;
CREATE OR REPLACE VIEW v AS SELECT a, b::varchar AS b, c + 1 AS c, b::varchar AS d, max(d) AS m FROM t GROUP BY a, b, c;
CREATE OR REPLACE VIEW v AS SELECT a, b AS b, c + 1 AS c, b::varchar AS d, max(d) AS m FROM t GROUP BY a, b, c; -- ! 42P16
CREATE OR REPLACE VIEW v AS SELECT a, b::varchar AS b, c AS c, b::varchar AS d, max(d) AS m FROM t GROUP BY a, b, c; -- ! 42P16
CREATE OR REPLACE VIEW v AS SELECT a, b::varchar AS b, round(c, 2) AS c, q.x AS d, 'x'::text AS m FROM t, (SELECT b::varchar AS x FROM t) q;
CREATE OR REPLACE VIEW v AS WITH q AS (SELECT b AS x FROM t) SELECT a, b::varchar AS b, round(c, 2) AS c, q.x AS d, 'x'::text AS m FROM t, q; -- ! 42P16
CREATE OR REPLACE VIEW v AS SELECT a, b::varchar AS b, round(c, 2) AS c, nullif(b, 'q') AS d, 'x'::text AS m FROM t; -- ! 42P16
CREATE VIEW w AS SELECT * FROM (SELECT a, b FROM t) q JOIN (SELECT a AS k, max(e) AS last FROM t GROUP BY a) r ON r.k = q.a;
CREATE OR REPLACE VIEW w AS SELECT q.a, q.b, q.a AS k, now() AS last, 1 AS more FROM t q;
CREATE OR REPLACE VIEW w AS SELECT q.a, q.b, q.a AS k, now() AS last FROM t q; -- ! 42P16
CREATE TABLE y AS SELECT * FROM (SELECT a AS one, b FROM t) q;
ALTER TABLE y DROP COLUMN one;
ALTER TABLE y DROP COLUMN a; -- ! 42703
CREATE TABLE z AS WITH q AS (SELECT * FROM t) SELECT * FROM q;
ALTER TABLE z RENAME e TO f;
ALTER TABLE z DROP COLUMN e; -- ! 42703

--# a WITH query is in sight behind its own text
CREATE TABLE t (a int, b text);
CREATE VIEW v1 AS WITH t AS (SELECT a, 1 AS extra FROM t) SELECT extra FROM t;
CREATE VIEW v2 AS WITH q AS (SELECT a FROM q) SELECT * FROM q; -- ! 42P01
CREATE VIEW v3 AS WITH q AS (SELECT a FROM r), r AS (SELECT a FROM t) SELECT * FROM q; -- ! 42P01
CREATE VIEW v4 AS WITH r AS (SELECT a FROM t), q AS (SELECT a FROM r) SELECT * FROM q;
CREATE VIEW v5 AS WITH RECURSIVE q AS (SELECT a FROM r), r AS (SELECT a FROM t) SELECT * FROM q;
DROP TABLE t; -- ! 2BP01
DROP VIEW v1, v4, v5;
DROP TABLE t;

--# types of queries in queries
CREATE TABLE t (a int, b bigint, c text, d numeric(5, 2));
CREATE TABLE r1 AS SELECT a AS x, d AS y FROM t UNION SELECT b, d FROM t;
CREATE TABLE r2 AS SELECT q.* FROM (SELECT a FROM t UNION ALL SELECT 2.5) q;
CREATE TABLE r3 AS WITH RECURSIVE r AS (SELECT 1 AS n, 'x'::text AS p UNION ALL SELECT n + 1, p || 'y' FROM r WHERE n < 3) SELECT * FROM r;
CREATE TABLE r4 AS VALUES (1, 'a'), (2.5, 'b');
CREATE TABLE r5 AS SELECT x.* FROM (VALUES (1::smallint), (2)) x (a);
CREATE TABLE r6 AS WITH RECURSIVE r (n, m) AS (SELECT a, b FROM t UNION SELECT r.n, r.m FROM r) SELECT n, m, n + m AS s FROM r;
CREATE TABLE r7 AS SELECT current_setting('x', true) AS s;

--# intervals with fields
CREATE TABLE t (a text DEFAULT '1 mon'::interval month, b date DEFAULT ('2020-01-01'::date + '1 day'::interval day), c interval DEFAULT '1'::interval day to second (3));
