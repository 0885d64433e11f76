-- Operators that no two types as these have between them, calls that take no such argument, and what must be true or false and is neither. PostgreSQL
-- manual, 10.2 "Operators", 10.3 "Functions", 10.4 "Value Storage".

--# checks
CREATE TABLE account (id uuid PRIMARY KEY, amount int, active boolean, title text, code varchar(9), made timestamptz, day date, raw json, doc jsonb, tags text[], price numeric, length_of interval, address inet);
ALTER TABLE account ADD CHECK (active = 1); -- ! 42883
ALTER TABLE account ADD CHECK (active = '1');
ALTER TABLE account ADD CHECK (amount = '1');
ALTER TABLE account ADD CHECK (amount = 'many'); -- ! 22P02
ALTER TABLE account ADD CHECK (title = 1); -- ! 42883
ALTER TABLE account ADD CHECK (title > amount); -- ! 42883
ALTER TABLE account ADD CHECK (id = title); -- ! 42883
ALTER TABLE account ADD CHECK (id = 'short'); -- ! 22P02
ALTER TABLE account ADD CHECK (id <> code); -- ! 42883
ALTER TABLE account ADD CHECK (id::text <> code);
ALTER TABLE account ADD CHECK (made > 5); -- ! 42883
ALTER TABLE account ADD CHECK (made > day);
ALTER TABLE account ADD CHECK (day > '2020-01-01');
ALTER TABLE account ADD CHECK (day > amount); -- ! 42883
ALTER TABLE account ADD CHECK (raw = '{}'); -- ! 42883
ALTER TABLE account ADD CHECK (doc = '{}');
ALTER TABLE account ADD CHECK (doc = title); -- ! 42883
ALTER TABLE account ADD CHECK (doc -> 'a' = 1); -- ! 42883
ALTER TABLE account ADD CHECK (doc ->> 'a' = 1); -- ! 42883
ALTER TABLE account ADD CHECK ((doc ->> 'a')::int = 1);
ALTER TABLE account ADD CHECK (title = ANY (tags));
ALTER TABLE account ADD CHECK (amount = ANY (tags)); -- ! 42883
ALTER TABLE account ADD CHECK (title IN (1, 2)); -- ! 42883
ALTER TABLE account ADD CHECK (title NOT IN ('a', 'b'));
ALTER TABLE account ADD CHECK (amount IN (1, 2.5));
ALTER TABLE account ADD CHECK (amount IN (1, 'two')); -- ! 22P02
ALTER TABLE account ADD CHECK (active IN (0, 1)); -- ! 42883
ALTER TABLE account ADD CHECK (amount BETWEEN 1 AND 2.5 AND active);
ALTER TABLE account ADD CHECK (title BETWEEN 1 AND 2); -- ! 42883
ALTER TABLE account ADD CHECK (amount LIKE '1%'); -- ! 42883
ALTER TABLE account ADD CHECK (amount::text NOT LIKE '1%' AND code ILIKE 'a%');
ALTER TABLE account ADD CHECK (id ~ 'x'); -- ! 42883
ALTER TABLE account ADD CHECK (amount IS DISTINCT FROM title); -- ! 42883
ALTER TABLE account ADD CHECK (amount + title > 1); -- ! 42883
ALTER TABLE account ADD CHECK (amount + price * 2 > 1 - amount);
ALTER TABLE account ADD CHECK (made - made > 5); -- ! 42883
ALTER TABLE account ADD CHECK (made - made > '1 day');
ALTER TABLE account ADD CHECK (length_of > 5); -- ! 42883
ALTER TABLE account ADD CHECK (amount || amount = '11'); -- ! 42883
ALTER TABLE account ADD CHECK (title || amount = 'a1');
ALTER TABLE account ADD CHECK (address = title); -- ! 42883
ALTER TABLE account ADD CHECK (address << '10.0.0.0/8');
ALTER TABLE account ADD CHECK (CASE WHEN active THEN title ELSE 'none' END = 1); -- ! 42883
ALTER TABLE account ADD CHECK (CASE WHEN active THEN title ELSE code END = '1');

--# true or false
CREATE TABLE t (n int, b boolean, s text);
ALTER TABLE t ADD CHECK (n); -- ! 42804
ALTER TABLE t ADD CHECK (n + 1); -- ! 42804
ALTER TABLE t ADD CHECK (b);
ALTER TABLE t ADD CHECK (s); -- ! 42804
ALTER TABLE t ADD CHECK (NOT n); -- ! 42804
ALTER TABLE t ADD CHECK (b AND n); -- ! 42804
ALTER TABLE t ADD CHECK (n > 0 OR s); -- ! 42804
ALTER TABLE t ADD CHECK (n > 0 AND NOT b AND s IS NOT NULL);
ALTER TABLE t ADD CHECK (n BETWEEN 1 AND 5 AND b);
ALTER TABLE t ADD CHECK (b AND n NOT BETWEEN 1 AND 5);
ALTER TABLE t ADD CHECK (CASE WHEN n THEN true END); -- ! 42804
ALTER TABLE t ADD CHECK (CASE n WHEN 1 THEN true END);
CREATE INDEX ON t (n) WHERE n; -- ! 42804
CREATE INDEX ON t (n) WHERE b;
CREATE POLICY p ON t USING (n); -- ! 42804
CREATE POLICY p ON t USING (b);
CREATE VIEW v AS SELECT n FROM t WHERE s; -- ! 42804
CREATE VIEW v AS SELECT count(*) FROM t HAVING count(*); -- ! 42804
CREATE VIEW v AS SELECT n, count(*) FILTER (WHERE n) FROM t GROUP BY n; -- ! 42804
CREATE VIEW v AS SELECT n, count(*) FILTER (WHERE b) FROM t GROUP BY n HAVING count(*) > 1;

--# policies, triggers and queries
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE owner (id uuid PRIMARY KEY, name text, mood mood);
CREATE TABLE thing (id int PRIMARY KEY, owner_id uuid, owner_name text, mood text);
CREATE FUNCTION me() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE POLICY a ON thing USING (me() = owner_name); -- ! 42883
CREATE POLICY a ON thing USING (me()::text = owner_name);
CREATE POLICY b ON thing USING (owner_id = current_setting('app.user')); -- ! 42883
CREATE POLICY b ON thing USING (owner_id = current_setting('app.user')::uuid);
CREATE POLICY c ON thing USING (owner_id = current_user); -- ! 42883
CREATE POLICY d ON thing USING (owner_id IN (SELECT name FROM owner)); -- ! 42883
CREATE POLICY d ON thing USING (owner_id IN (SELECT id FROM owner));
CREATE POLICY e ON thing USING (EXISTS (SELECT 1 FROM owner o WHERE o.id = thing.owner_name)); -- ! 42883
CREATE POLICY e ON thing USING (EXISTS (SELECT 1 FROM owner o WHERE o.id = thing.owner_id));
CREATE POLICY f ON thing USING (id = (SELECT name FROM owner LIMIT 1)); -- ! 42883
CREATE VIEW v AS SELECT t.id FROM thing t JOIN owner o ON o.id = t.owner_name; -- ! 42883
CREATE VIEW v AS SELECT t.id FROM thing t JOIN owner o ON o.mood = t.mood; -- ! 42883
CREATE VIEW v AS SELECT t.id FROM thing t JOIN owner o ON o.id = t.owner_id AND o.mood = 'good';
UPDATE thing SET owner_name = 1 WHERE id = 1;
UPDATE thing SET owner_name = 'a', mood = 'b' WHERE owner_id = 1; -- ! 42883
DELETE FROM thing WHERE owner_name = 5; -- ! 42883
INSERT INTO thing SELECT 1, id, name, 'x' FROM owner WHERE mood = 1; -- ! 42883
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g AFTER UPDATE ON thing FOR EACH ROW WHEN (OLD.owner_id <> NEW.owner_name) EXECUTE FUNCTION f(); -- ! 42883
CREATE TRIGGER g AFTER UPDATE ON thing FOR EACH ROW WHEN (OLD.owner_id <> NEW.owner_id) EXECUTE FUNCTION f();

--# an inner name hides an outer one
CREATE TABLE a (id int, name text);
CREATE TABLE b (id text, other int);
CREATE VIEW v1 AS SELECT 1 AS x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE id = 'x' AND name = 'y');
CREATE VIEW v2 AS SELECT 1 AS x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE id = 1); -- ! 42883
CREATE VIEW v3 AS SELECT 1 AS x FROM a WHERE EXISTS (SELECT 1 FROM b a WHERE a.id = 1); -- ! 42883
CREATE VIEW v4 AS SELECT 1 AS x FROM a WHERE id = 1 AND EXISTS (SELECT 1 FROM b a WHERE a.id = 'x');
CREATE VIEW v5 AS SELECT q.id = 'x' AS x FROM a, LATERAL (SELECT b.id FROM b WHERE b.other = a.id) q;
CREATE VIEW v6 AS WITH q AS (SELECT id::text AS id FROM a) SELECT 1 AS x FROM q WHERE id = 'a';
CREATE VIEW v7 AS WITH q AS (SELECT id FROM a) SELECT 1 AS x FROM q JOIN b ON b.id = q.id; -- ! 42883

--# operators and casts of one's own
CREATE TABLE t (b boolean, s text, n int);
CREATE VIEW v AS SELECT 1 AS x FROM t WHERE s = n; -- ! 42883
CREATE FUNCTION same(text, int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2::text';
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = int, FUNCTION = same);
CREATE VIEW v AS SELECT 1 AS x FROM t WHERE s = n;
DROP VIEW v;
DROP OPERATOR = (text, int);
CREATE VIEW v AS SELECT 1 AS x FROM t WHERE s = n; -- ! 42883
CREATE CAST (int AS text) WITH INOUT AS IMPLICIT;
CREATE VIEW v AS SELECT 1 AS x FROM t WHERE s = n;
DROP CAST (int AS text);

--# calls
CREATE TABLE t (n int, b boolean, s text, d date, raw json, doc jsonb);
CREATE VIEW v AS SELECT lower(n) FROM t; -- ! 42883
CREATE VIEW v AS SELECT length(b) FROM t; -- ! 42883
CREATE VIEW v AS SELECT sum(s) FROM t; -- ! 42883
CREATE VIEW v AS SELECT avg(DISTINCT b) FROM t; -- ! 42883
CREATE VIEW v AS SELECT max(b) FROM t; -- ! 42883
CREATE VIEW v AS SELECT string_agg(n, ',' ORDER BY n) FROM t; -- ! 42883
CREATE VIEW v AS SELECT jsonb_typeof(raw), 1 AS x FROM t; -- ! 42883
CREATE VIEW v AS SELECT json_typeof(doc), 1 AS x FROM t; -- ! 42883
CREATE VIEW v AS SELECT lower(s), sum(n), max(d), string_agg(s, ','), bool_and(b), count(DISTINCT jsonb_typeof(doc)) FROM t GROUP BY 1;
CREATE INDEX ON t (lower(n)); -- ! 42883
CREATE FUNCTION lower(int) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1::text';
CREATE INDEX ON t (lower(n));

--# values of another type
CREATE TABLE t (a text, b int, c int GENERATED ALWAYS AS (a) STORED); -- ! 42804
CREATE TABLE t (a text, b int, c text GENERATED ALWAYS AS (b) STORED);
CREATE TABLE t (a text, b int, c boolean GENERATED ALWAYS AS (b) STORED); -- ! 42P07
CREATE TABLE t (a text, b int, c int GENERATED ALWAYS AS (b / 2.0) STORED); -- ! 42P07
ALTER TABLE t ADD d uuid DEFAULT md5('x'); -- ! 42804
ALTER TABLE t ADD d uuid DEFAULT md5('x')::uuid;
ALTER TABLE t ADD e int DEFAULT length('x') + 1;
ALTER TABLE t ADD f int DEFAULT current_setting('x'); -- ! 42804
ALTER TABLE t ADD f timestamptz DEFAULT now() + 1; -- ! 42883
ALTER TABLE t ADD f timestamptz DEFAULT now() + interval '1 day';
CREATE FUNCTION eq(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = eq); -- ! 42723
CREATE OPERATOR ==== (LEFTARG = int, RIGHTARG = int, FUNCTION = eqq); -- ! 42883

--# what a query between parentheses gives is not what its conditions are
CREATE TABLE post (id int PRIMARY KEY, community_id int NOT NULL, title text);
CREATE TABLE remark (id int PRIMARY KEY, post_id int NOT NULL);
CREATE VIEW v AS SELECT r.*, (SELECT community_id FROM post p WHERE p.id = r.post_id), (SELECT title FROM post WHERE post.id = r.post_id) AS title FROM remark r;
CREATE MATERIALIZED VIEW m AS SELECT * FROM v;
CREATE VIEW w AS WITH all_of AS (SELECT m.* FROM m) SELECT a.*, (SELECT p.id FROM post p WHERE a.community_id = p.community_id) AS first FROM all_of a;
ALTER TABLE post ADD shown boolean GENERATED ALWAYS AS ((community_id = 1)) STORED;
CREATE VIEW x AS SELECT (SELECT shown FROM post LIMIT 1) = true AS a, (VALUES (1)) = 1 AS b, (WITH y AS (SELECT 1 AS z) SELECT z FROM y WHERE z = 1) = 1 AS c FROM v WHERE community_id = 5 AND title = 'a';

--# types without order or equality in queries
CREATE TABLE t (id int, j json, b jsonb, p point, x xml, c circle, bx box, l line, ls lseg, pa path, po polygon);
CREATE VIEW v1 AS SELECT DISTINCT j FROM t; -- ! 42883
CREATE VIEW v2 AS SELECT DISTINCT b FROM t;
CREATE VIEW v3 AS SELECT p FROM t GROUP BY p; -- ! 42883
CREATE VIEW v4 AS SELECT x FROM t GROUP BY x; -- ! 42883
CREATE VIEW v5 AS SELECT j FROM t UNION SELECT j FROM t; -- ! 42883
CREATE VIEW v6 AS SELECT j FROM t UNION ALL SELECT j FROM t;
CREATE VIEW v7 AS SELECT * FROM t ORDER BY j; -- ! 42883
CREATE VIEW v8 AS SELECT DISTINCT id, j FROM t; -- ! 42883
CREATE VIEW v9 AS SELECT DISTINCT ON (id) id, j FROM t ORDER BY id;
CREATE VIEW v10 AS SELECT DISTINCT * FROM t; -- ! 42883
CREATE VIEW v11 AS SELECT id FROM t GROUP BY id, c; -- ! 42883
CREATE VIEW v12 AS SELECT count(DISTINCT j) FROM t; -- ! 42883
CREATE VIEW v13 AS SELECT bx FROM t GROUP BY bx; -- ! 42883
CREATE VIEW v14 AS SELECT DISTINCT j->>'a' FROM t;
CREATE VIEW v15 AS SELECT DISTINCT j->'a' FROM t; -- ! 42883
CREATE VIEW v16 AS SELECT l FROM t GROUP BY 1; -- ! 42883
CREATE VIEW v17 AS SELECT id FROM t ORDER BY p; -- ! 42883
CREATE VIEW v18 AS SELECT max(j) FROM t; -- ! 42883
CREATE VIEW v19 AS SELECT id FROM t WHERE j = j; -- ! 42883
CREATE VIEW v20 AS SELECT id FROM t WHERE j IN ('{}'); -- ! 42883
CREATE MATERIALIZED VIEW v21 AS SELECT ls FROM t GROUP BY ls; -- ! 42883
CREATE TABLE v22 AS SELECT DISTINCT pa FROM t; -- ! 42883
CREATE VIEW v23 AS SELECT po FROM t INTERSECT SELECT po FROM t; -- ! 42883
CREATE VIEW v24 AS SELECT j FROM t EXCEPT ALL SELECT j FROM t; -- ! 42883
CREATE FUNCTION f() RETURNS SETOF json LANGUAGE sql AS 'SELECT DISTINCT j FROM t'; -- ! 42883
CREATE VIEW v25 AS SELECT id, rank() OVER (PARTITION BY j) FROM t; -- ! 42883
CREATE VIEW w1 AS SELECT j::text AS j FROM t ORDER BY j;
CREATE VIEW w2 AS SELECT j::text AS k, count(*) FROM t GROUP BY k;
CREATE VIEW w3 AS SELECT j::text AS j FROM t GROUP BY j; -- ! 42883
CREATE VIEW w4 AS SELECT array_agg(id ORDER BY j) FROM t; -- ! 42883
CREATE VIEW w5 AS SELECT id, row_number() OVER (PARTITION BY id ORDER BY p) FROM t; -- ! 42883
CREATE VIEW w6 AS SELECT id, j FROM (SELECT DISTINCT id, b AS j FROM t) s ORDER BY j;
CREATE VIEW w7 AS SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.id = t.id ORDER BY u.j); -- ! 42883
CREATE VIEW w8 AS SELECT id FROM t UNION ALL SELECT id FROM t UNION SELECT id FROM t ORDER BY id;
CREATE VIEW w9 AS SELECT id, j FROM t UNION ALL SELECT id, j FROM t UNION SELECT id, j FROM t; -- ! 42883
CREATE VIEW w10 AS SELECT id, count(j) FROM t GROUP BY ROLLUP (id);
CREATE VIEW w11 AS SELECT j FROM t WHERE id IS NOT DISTINCT FROM 1;
CREATE VIEW w12 AS SELECT DISTINCT j::jsonb FROM t;
CREATE VIEW w13 AS SELECT string_agg(DISTINCT j::text, ',') FROM t;
CREATE VIEW w14 AS SELECT (SELECT j FROM t u ORDER BY u.id LIMIT 1) FROM t;
CREATE VIEW w16 AS WITH c AS (SELECT j FROM t) SELECT DISTINCT j FROM c; -- ! 42883
CREATE VIEW w17 AS SELECT DISTINCT s.j FROM (SELECT j FROM t) s; -- ! 42883
CREATE VIEW w18 AS SELECT id FROM t ORDER BY j->>'x' DESC NULLS LAST, b;
CREATE VIEW w19 AS SELECT id FROM t ORDER BY id, j DESC NULLS LAST; -- ! 42883
CREATE VIEW w20 AS SELECT json_agg(t ORDER BY id) AS j FROM t GROUP BY id ORDER BY id;
CREATE VIEW w21 AS SELECT id, json_agg(b) AS j FROM t GROUP BY id ORDER BY j; -- ! 42883
