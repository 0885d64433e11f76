-- What scripts that others wrote found (`cargo xtask oracle FILE.sql`): statements in kinds and combinations that neither we nor the random scripts
-- came upon, each in our own words.

--# joins by name give a column once
CREATE TABLE a (id int, x int, n text);
CREATE TABLE b (id int, x int, m text);
CREATE TABLE c (id int, k int);
CREATE VIEW by_name AS SELECT * FROM a JOIN b USING (id, x);
CREATE VIEW natural_join AS SELECT * FROM a NATURAL JOIN b;
CREATE VIEW chain AS SELECT * FROM a JOIN b USING (id, x) JOIN c USING (id);
CREATE VIEW left_deep AS SELECT * FROM ((a JOIN b USING (id, x)) JOIN c USING (id));
CREATE VIEW aliased AS SELECT * FROM (a JOIN b USING (id, x)) AS j;
CREATE VIEW doubled AS SELECT * FROM a JOIN b ON a.id = b.id; -- ! 42701
CREATE VIEW renamed AS SELECT one, six FROM (a CROSS JOIN b) AS j (one, two, three, four, five, six);
ALTER VIEW chain RENAME COLUMN k TO kk;
ALTER VIEW chain RENAME COLUMN n TO kk; -- ! 42701
ALTER VIEW chain RENAME COLUMN missing TO kk; -- ! 42703
CREATE TABLE of_chain AS SELECT * FROM chain;
CREATE TABLE of_join AS SELECT * FROM a JOIN b USING (x); -- ! 42701

--# what stands in FROM without parentheses
CREATE VIEW v AS SELECT d, u FROM current_date AS d, current_user AS u;
CREATE VIEW w AS SELECT c FROM collation for ('x'::text) AS c;

--# SELECT INTO
CREATE TABLE t (a int, b text COLLATE "C");
SELECT * INTO copy FROM t;
SELECT a, b INTO TEMP TABLE passing FROM t WHERE a > 0;
SELECT * INTO copy FROM t; -- ! 42P07
ALTER TABLE copy DROP COLUMN b;
CREATE TABLE like_query AS SELECT b, t.b AS again FROM t;
CREATE TABLE too_many (x, y, z) AS SELECT a, b FROM t; -- ! 42601
CREATE MATERIALIZED VIEW too_many (x, y, z) AS SELECT a, b FROM t; -- ! 42601

--# a temporary table until the end of the transaction
BEGIN;
CREATE TEMP TABLE passing (a int) ON COMMIT DROP;
INSERT INTO passing VALUES (1);
SAVEPOINT s;
CREATE TEMP TABLE other (a int) ON COMMIT DROP;
ROLLBACK TO s;
CREATE TEMP TABLE other (a int) ON COMMIT DELETE ROWS;
COMMIT;
CREATE TEMP TABLE passing (a int) ON COMMIT DROP;
CREATE TEMP TABLE passing (a int);
CREATE TEMP TABLE passing (a int); -- ! 42P07
DROP TABLE other;
CREATE TEMP TABLE public.passing (a int); -- ! 42P16
CREATE UNLOGGED TABLE pg_temp.passing2 (a int); -- ! 42P16

--# the elements of a schema are made in the order of what stands on what
CREATE SCHEMA shop
    CREATE INDEX item_by_name ON item (name)
    CREATE VIEW names AS SELECT name FROM item
    CREATE TABLE item (id int PRIMARY KEY, name text)
    CREATE SEQUENCE numbers;
DROP INDEX shop.item_by_name;

--# a column of several parents stays with what is dropped of one
CREATE TABLE p (a int, name text);
CREATE TABLE q (name text);
CREATE TABLE child () INHERITS (p, q);
CREATE TABLE grandchild () INHERITS (child);
ALTER TABLE ONLY p DROP COLUMN name;
ALTER TABLE q DROP COLUMN name;
ALTER TABLE grandchild DROP COLUMN name; -- ! 42P16
ALTER TABLE child DROP COLUMN name;
ALTER TABLE grandchild DROP COLUMN name; -- ! 42703
ALTER TABLE p DROP COLUMN xmin; -- ! 0A000

--# a child of two parents keeps its types
CREATE TABLE p (a int, b int);
CREATE TABLE q (a int);
CREATE TABLE child () INHERITS (p, q);
ALTER TABLE p ALTER COLUMN a TYPE bigint; -- ! 42P16
ALTER TABLE p ALTER COLUMN b TYPE bigint;
ALTER TABLE p ADD COLUMN c int GENERATED ALWAYS AS IDENTITY; -- ! 42P16
ALTER TABLE child ADD COLUMN c int GENERATED ALWAYS AS IDENTITY;

--# checks of parents and children
CREATE TABLE p (a int, CONSTRAINT k CHECK (a > 0));
CREATE TABLE c1 (CONSTRAINT k CHECK (a > 0) NO INHERIT) INHERITS (p); -- ! 42P17
CREATE TABLE c2 (a int);
ALTER TABLE c2 ADD CONSTRAINT k CHECK (a > 0) NOT VALID;
ALTER TABLE c2 INHERIT p; -- ! 42P17
ALTER TABLE c2 VALIDATE CONSTRAINT k;
ALTER TABLE c2 INHERIT p;
CREATE TABLE c3 (a int, CONSTRAINT late CHECK (a < 9) NOT VALID);

--# generated columns of parents and children
CREATE TABLE plain (a int, b int);
CREATE TABLE p (a int, b int GENERATED ALWAYS AS (a + 1) STORED);
CREATE TABLE c () INHERITS (plain, p); -- ! 42804
ALTER TABLE plain INHERIT p; -- ! 42804

--# a partition key holds the types and functions in it
CREATE DOMAIN amount AS int;
CREATE FUNCTION plus_one(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x + 1';
CREATE TABLE t (a amount, b int) PARTITION BY RANGE (a, plus_one(b));
DROP FUNCTION plus_one(int); -- ! 2BP01
DROP DOMAIN amount; -- ! 2BP01
DROP DOMAIN amount CASCADE;
CREATE TABLE t (a int, b int, c int GENERATED ALWAYS AS (a) STORED) PARTITION BY LIST (a, b); -- ! 42P17
CREATE TABLE t (a int, c int GENERATED ALWAYS AS (a) STORED) PARTITION BY RANGE ((c + 1)); -- ! 42P17
CREATE TABLE t (a int) PARTITION BY RANGE (xmin); -- ! 42P17
CREATE TABLE t (a int) PARTITION BY RANGE ((a + (SELECT 1))); -- ! 0A000
CREATE TABLE t (a int, b int) PARTITION BY RANGE (a, b);
CREATE TABLE one PARTITION OF t FOR VALUES FROM (1) TO (2, 3); -- ! 42P16
CREATE TABLE one PARTITION OF t (a GENERATED ALWAYS AS IDENTITY) DEFAULT; -- ! 0A000
CREATE TABLE one PARTITION OF t (b GENERATED ALWAYS AS (a) STORED) DEFAULT; -- ! 0A000

--# what can't become a partition
CREATE TYPE pair AS (a int, b int);
CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a);
CREATE TABLE typed OF pair;
ALTER TABLE t ATTACH PARTITION typed FOR VALUES IN (1); -- ! 42809
CREATE TABLE parent (a int NOT NULL, b int NOT NULL);
CREATE TABLE child () INHERITS (parent);
ALTER TABLE t ATTACH PARTITION parent FOR VALUES IN (1); -- ! 42809
CREATE TABLE keyed (a int PRIMARY KEY, b int NOT NULL);
ALTER TABLE t ATTACH PARTITION keyed FOR VALUES IN (2); -- ! 42P16

--# triggers of partitions
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE t (a int) PARTITION BY LIST (a);
CREATE TABLE one PARTITION OF t FOR VALUES IN (1);
CREATE TRIGGER own AFTER INSERT ON one FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER own AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42710
CREATE TRIGGER shared AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE OR REPLACE TRIGGER shared AFTER INSERT ON one FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42710
ALTER TRIGGER shared ON t RENAME TO own; -- ! 42710
CREATE TABLE two (a int);
CREATE TRIGGER shared AFTER INSERT ON two FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ATTACH PARTITION two FOR VALUES IN (2); -- ! 42710
CREATE TABLE three (a int);
CREATE TRIGGER rows AFTER INSERT ON three REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ATTACH PARTITION three FOR VALUES IN (3); -- ! 0A000
CREATE TRIGGER rows AFTER INSERT ON t REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER rows AFTER INSERT ON one REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION f(); -- ! 0A000

--# what a trigger can't be
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE t (a int, b int);
CREATE VIEW v AS SELECT * FROM t;
CREATE TRIGGER g BEFORE UPDATE OF a, a ON t FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42701
CREATE TRIGGER g BEFORE TRUNCATE ON t FOR EACH ROW EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER g BEFORE TRUNCATE ON v EXECUTE FUNCTION f(); -- ! 42809
CREATE TRIGGER g INSTEAD OF UPDATE ON v EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER g INSTEAD OF UPDATE ON v FOR EACH ROW WHEN (OLD.a > 0) EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER g INSTEAD OF UPDATE OF a ON v FOR EACH ROW EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER g BEFORE INSERT OR UPDATE ON t FOR EACH ROW WHEN (OLD.a > 0) EXECUTE FUNCTION f(); -- ! 42P17
CREATE TRIGGER g BEFORE DELETE OR UPDATE ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f(); -- ! 42P17
CREATE TRIGGER g BEFORE UPDATE ON t WHEN (OLD.a > 0) EXECUTE FUNCTION f(); -- ! 42P17
CREATE TRIGGER g BEFORE INSERT ON t REFERENCING NEW TABLE AS n EXECUTE FUNCTION f(); -- ! 42P17
CREATE TRIGGER g AFTER INSERT OR UPDATE ON t REFERENCING NEW TABLE AS n EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER g AFTER UPDATE OF a ON t REFERENCING NEW TABLE AS n EXECUTE FUNCTION f(); -- ! 0A000
CREATE TRIGGER g AFTER UPDATE ON t REFERENCING NEW TABLE AS n OLD TABLE AS o EXECUTE FUNCTION f();
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER g ON ddl_command EXECUTE FUNCTION e(); -- ! 42601

--# defaults and generated columns
CREATE TABLE t (a int, b int DEFAULT a); -- ! 0A000
CREATE TABLE t (a int DEFAULT (SELECT 1)); -- ! 0A000
CREATE TABLE t (a int, b int GENERATED ALWAYS AS ((SELECT a)) STORED); -- ! 0A000
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (c) STORED, c int GENERATED ALWAYS AS (a) STORED); -- ! 42P17
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (b + a) STORED); -- ! 42P17
CREATE TABLE t (a int, day date DEFAULT date '2020-01-01' + interval '1' day, "user" text DEFAULT user);
ALTER TABLE t ALTER COLUMN a SET DEFAULT a + 1; -- ! 0A000
ALTER TABLE t ALTER COLUMN a SET DEFAULT extract(day FROM now())::int;
CREATE TABLE i (a int GENERATED ALWAYS AS IDENTITY NULL); -- ! 42601
CREATE TYPE pair AS (a int, b int);
CREATE TABLE i OF pair (a WITH OPTIONS GENERATED ALWAYS AS IDENTITY); -- ! 0A000
CREATE TABLE i OF pair (b WITH OPTIONS GENERATED ALWAYS AS (a) STORED); -- ! 0A000

--# types that a column can't have
CREATE TABLE t (a record); -- ! 42P16
CREATE TABLE t (a anyelement); -- ! 42P16
CREATE TABLE t (a text(100)); -- ! 42601
CREATE TABLE t (a int, b jsonb(5)); -- ! 42601
CREATE TABLE t (a int COLLATE "C"); -- ! 42804
CREATE DOMAIN d AS int COLLATE "C"; -- ! 42804
CREATE TABLE t (a int, b text, c varchar(5)[] COLLATE "C");
CREATE INDEX ON t (a COLLATE "C"); -- ! 42804
CREATE INDEX ON t (b COLLATE "C");
ALTER TABLE t ALTER COLUMN b TYPE int COLLATE "C" USING 1; -- ! 42804
ALTER TABLE t ALTER COLUMN b TYPE trigger; -- ! 42P16

--# system columns
CREATE TABLE t (a int PRIMARY KEY);
CREATE INDEX ON t (ctid); -- ! 0A000
CREATE TABLE u (a int, FOREIGN KEY (tableoid) REFERENCES t); -- ! 0A000
ALTER TABLE t DROP COLUMN ctid; -- ! 0A000

--# columns of views
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT * FROM t;
CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
ALTER TABLE v ALTER COLUMN a SET DEFAULT 1;
ALTER TABLE v ALTER COLUMN c SET DEFAULT 1; -- ! 42703
ALTER TABLE v ALTER COLUMN c DROP IDENTITY; -- ! 42703
ALTER TABLE v ALTER COLUMN a DROP IDENTITY; -- ! 55000
ALTER TABLE m ALTER COLUMN a SET DEFAULT 1; -- ! 42809
CREATE OR REPLACE VIEW v AS SELECT a::bigint AS a, b FROM t; -- ! 42P16
CREATE OR REPLACE VIEW v AS SELECT a, b, 1 AS c FROM t;
REFRESH MATERIALIZED VIEW CONCURRENTLY m WITH NO DATA; -- ! 42601

--# constraints of new columns come before those that are added by themselves
CREATE TABLE t (a int);
ALTER TABLE t ADD CHECK (b > 0), ADD COLUMN b int CHECK (b > 1);
ALTER TABLE t DROP CONSTRAINT t_b_check;
ALTER TABLE t ADD CONSTRAINT t_b_check CHECK (b > 2);

--# constraints of typed tables have their names from their type, too
CREATE TYPE pair AS (a int, b int);
CREATE TABLE t OF pair (CONSTRAINT k CHECK (a > 0));
ALTER TABLE t RENAME CONSTRAINT k TO l; -- ! 42809
ALTER TABLE t RENAME CONSTRAINT missing TO l; -- ! 42809

--# other things that are refused
CREATE TABLE t (a int PRIMARY KEY);
CREATE TABLE u (a int CONSTRAINT k REFERENCES t);
ALTER TABLE u ALTER CONSTRAINT k NOT DEFERRABLE INITIALLY DEFERRED; -- ! 42601
CREATE INDEX i ON t (a);
CREATE INDEX j ON u (a);
DROP INDEX CONCURRENTLY i, j; -- ! 0A000
DROP INDEX CONCURRENTLY i;
CREATE FUNCTION s(int) RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE FUNCTION s(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; -- ! 42P13
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER one ON ddl_command_end EXECUTE FUNCTION e();
CREATE EVENT TRIGGER two ON sql_drop EXECUTE FUNCTION e();
ALTER EVENT TRIGGER one RENAME TO two; -- ! 42710
DROP EVENT TRIGGER one, two;

--# what a column of a view is of, where that is not plain
CREATE VIEW wider AS SELECT 1::int AS a UNION ALL SELECT 2::bigint;
CREATE OR REPLACE VIEW wider AS SELECT 3::bigint AS a;
CREATE OR REPLACE VIEW wider AS SELECT 3::int AS a; -- ! 42P16
CREATE VIEW same AS (SELECT 1::int AS a) UNION (SELECT 2::int);
CREATE OR REPLACE VIEW same AS SELECT 3::bigint AS a; -- ! 42P16
CREATE VIEW deep AS SELECT 1::int AS a UNION (SELECT 2::int UNION SELECT 3::bigint);
CREATE OR REPLACE VIEW deep AS SELECT 3::bigint AS a;
CREATE VIEW with_values AS SELECT 1::int AS a UNION VALUES (3::bigint);
CREATE OR REPLACE VIEW with_values AS SELECT 3::bigint AS a;
CREATE VIEW nested AS SELECT a FROM (SELECT 1::int AS a UNION SELECT 2::bigint) s;
CREATE OR REPLACE VIEW nested AS SELECT 3::bigint AS a;
CREATE VIEW of_rows AS VALUES (1, 1), (2, 2.5);
CREATE OR REPLACE VIEW of_rows AS SELECT 1 AS column1, 2.5 AS column2;
CREATE TABLE many (r int4range, n text, j jsonb, b bytea);
CREATE VIEW bounds AS SELECT lower(r) AS x, lower(n) AS y FROM many;
CREATE OR REPLACE VIEW bounds AS SELECT 1::int AS x, n AS y FROM many;
CREATE VIEW literal AS SELECT j || '{}' AS x, btrim(b, b) AS y FROM many;
CREATE OR REPLACE VIEW literal AS SELECT j AS x, b AS y FROM many;
CREATE TABLE narrow (id int);
CREATE TABLE wide (id bigint);
CREATE VIEW merged AS SELECT id FROM narrow FULL JOIN wide USING (id);
CREATE OR REPLACE VIEW merged AS SELECT 1::bigint AS id;
CREATE VIEW merged_all AS SELECT * FROM narrow NATURAL FULL JOIN wide;
CREATE OR REPLACE VIEW merged_all AS SELECT 1::bigint AS id;
CREATE VIEW merged_some AS SELECT id FROM narrow JOIN (SELECT 1::bigint AS id) s USING (id);
CREATE OR REPLACE VIEW merged_some AS SELECT 1::bigint AS id;

--# relations whose columns the query does not tell
CREATE TABLE made AS SELECT * FROM json_to_record('{}') AS r(x int, y int);
CREATE VIEW bare AS SELECT x FROM made;
CREATE VIEW qualified AS SELECT made.y FROM made;
CREATE VIEW renamed(a, b) AS SELECT * FROM made;
CREATE TABLE likewise (LIKE made);
COMMENT ON COLUMN likewise.y IS 'of the query';
ALTER TABLE likewise DROP COLUMN x;
CREATE TABLE child (z int) INHERITS (made);
CREATE INDEX ON child (x, z);
CREATE TABLE named (a) AS SELECT * FROM json_to_record('{}') AS r(x int, y int);
CREATE INDEX ON named (a, y);
CREATE VIEW half(a) AS SELECT * FROM json_to_record('{}') AS r(x int, y int);
CREATE VIEW other_half AS SELECT h.y FROM half h WHERE y > a;
CREATE VIEW all_of_it(one, two) AS SELECT * FROM half;
CREATE VIEW whole AS SELECT 1 AS x, 2 AS y;
CREATE OR REPLACE VIEW whole(x) AS SELECT * FROM json_to_record('{}') AS r(x int, y int);
CREATE MATERIALIZED VIEW stored AS SELECT * FROM json_to_record('{}') AS r(x int, y int);
CREATE INDEX ON stored (x);
CREATE VIEW over_stored AS SELECT y FROM stored;
DROP TABLE made, likewise, named CASCADE;
DROP VIEW half, whole CASCADE;
DROP MATERIALIZED VIEW stored CASCADE;

--# joins by name that stand in each other
CREATE TABLE one (id int, a int);
CREATE TABLE two (id int, b int);
CREATE TABLE three (b int, c int);
CREATE VIEW v AS SELECT * FROM one JOIN two JOIN three USING (b) USING (id);
CREATE OR REPLACE VIEW v AS SELECT 1 AS id, 2 AS a, 3 AS b, 4 AS c;
CREATE VIEW z AS SELECT * FROM three JOIN (two JOIN one USING (id)) USING (b);
CREATE OR REPLACE VIEW z AS SELECT 1 AS b, 2 AS c, 3 AS id, 4 AS a;

--# NOT VALID in the definition of a table
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE elsewhere (a int, CONSTRAINT x CHECK (a > 0) NOT VALID, CONSTRAINT y CHECK (a > 1)) SERVER s;
CREATE TABLE here (a int, CONSTRAINT x CHECK (a > 0) NOT VALID);
