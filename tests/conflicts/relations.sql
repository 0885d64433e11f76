-- Tables, views and sequences share one namespace of names within a schema. PostgreSQL manual, 5.9 "Schemas".

--# a table made twice
CREATE TABLE t (id int);
CREATE TABLE t (id int, other text); -- ! 42P07
ALTER TABLE t ADD COLUMN other text;

--# a table made twice under another spelling
CREATE TABLE Users (id int);
CREATE TABLE users (id int); -- ! 42P07
CREATE TABLE "Users" (id int);

--# if not exists forgives
CREATE TABLE t (id int);
CREATE TABLE IF NOT EXISTS t (id int, other text);
ALTER TABLE t ADD COLUMN other text;

--# a view under a table's name
CREATE TABLE t (id int);
CREATE VIEW t AS SELECT 1 AS one; -- ! 42P07

--# a table under a view's name
CREATE VIEW v AS SELECT 1 AS one;
CREATE TABLE v (id int); -- ! 42P07
CREATE TABLE IF NOT EXISTS v (id int);

--# a sequence under a table's name
CREATE TABLE t (id int);
CREATE SEQUENCE t; -- ! 42P07

--# an index under a table's name
CREATE TABLE t (id int);
CREATE TABLE u (id int);
CREATE INDEX u ON t (id); -- ! 42P07

--# the same name in another schema is free
CREATE SCHEMA s;
CREATE TABLE t (id int);
CREATE TABLE s.t (id int);

--# a serial column finds another name for its sequence
CREATE SEQUENCE t_id_seq;
CREATE TABLE t (id serial);

--# dropping what is not there
DROP TABLE missing; -- ! 42P01
DROP VIEW missing; -- ! 42P01
DROP SEQUENCE missing; -- ! 42P01
DROP INDEX missing; -- ! 42704
DROP TABLE IF EXISTS missing;
DROP VIEW IF EXISTS missing;

--# dropping one kind as another
CREATE TABLE t (id int);
CREATE VIEW v AS SELECT 1 AS one;
DROP VIEW t; -- ! 42809
DROP TABLE v; -- ! 42809
DROP SEQUENCE t; -- ! 42809
DROP INDEX t; -- ! 42809

--# altering what is not there
ALTER TABLE missing ADD COLUMN a int; -- ! 42P01
ALTER TABLE IF EXISTS missing ADD COLUMN a int;
ALTER SEQUENCE missing RESTART; -- ! 42P01
ALTER VIEW missing RENAME TO other; -- ! 42P01
ALTER INDEX missing RENAME TO other; -- ! 42P01

--# a name that was dropped is free again
CREATE TABLE t (id int);
DROP TABLE t;
CREATE TABLE t (id int);

--# a drop of several is all or nothing
CREATE TABLE t (id int);
DROP TABLE t, missing; -- ! 42P01
ALTER TABLE t ADD COLUMN still_there int;

--# renaming onto a name that is taken
CREATE TABLE a (id int);
CREATE TABLE b (id int);
ALTER TABLE a RENAME TO b; -- ! 42P07
ALTER TABLE a RENAME TO c;
ALTER TABLE a ADD COLUMN x int; -- ! 42P01
ALTER TABLE c ADD COLUMN x int;

--# moving into a schema where the name is taken
CREATE SCHEMA s;
CREATE TABLE t (id int);
CREATE TABLE s.t (id int);
ALTER TABLE t SET SCHEMA s; -- ! 42P07

--# comments on what is not there
CREATE TABLE t (id int);
COMMENT ON TABLE missing IS 'x'; -- ! 42P01
COMMENT ON COLUMN t.missing IS 'x'; -- ! 42703
COMMENT ON COLUMN t.id IS 'x';

--# an output may be named without AS
CREATE TABLE t (id int, amount int);
CREATE VIEW v AS SELECT id a, sum(amount) total, count(*) n, 1 one, amount::text shown, CASE WHEN true THEN 1 END c FROM t GROUP BY id, amount ORDER BY id;
CREATE VIEW w AS SELECT total renamed FROM v ORDER BY n;
CREATE VIEW x AS SELECT nothing n FROM t; -- ! 42703
CREATE VIEW y AS SELECT id FROM t ORDER BY nothing; -- ! 42703

--# constraints of what has none
CREATE TABLE t (a int);
CREATE INDEX i ON t (a);
CREATE VIEW v AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
CREATE SEQUENCE s;
CREATE TYPE c AS (a int);
ALTER TABLE t RENAME CONSTRAINT x TO y; -- ! 42704
ALTER TABLE v RENAME CONSTRAINT x TO y; -- ! 42704
ALTER TABLE IF EXISTS v RENAME CONSTRAINT x TO y; -- ! 42704
ALTER TABLE m RENAME CONSTRAINT x TO y; -- ! 42704
ALTER TABLE i RENAME CONSTRAINT x TO y; -- ! 42704
ALTER TABLE c RENAME CONSTRAINT x TO y; -- ! 42704
ALTER TABLE s RENAME CONSTRAINT x TO y; -- ! 42809
ALTER TABLE nowhere RENAME CONSTRAINT x TO y; -- ! 42P01
ALTER TABLE IF EXISTS nowhere RENAME CONSTRAINT x TO y;
COMMENT ON CONSTRAINT x ON t IS 'x'; -- ! 42704
COMMENT ON CONSTRAINT x ON v IS 'x'; -- ! 42704
COMMENT ON CONSTRAINT x ON s IS 'x'; -- ! 42704
COMMENT ON CONSTRAINT x ON i IS 'x'; -- ! 42809
COMMENT ON CONSTRAINT x ON c IS 'x'; -- ! 42809

--# what a view is made of
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT a FROM t UNION SELECT a, b FROM t; -- ! 42601
CREATE VIEW v AS SELECT a FROM t UNION ALL (SELECT a FROM t INTERSECT SELECT * FROM t); -- ! 42601
CREATE VIEW v AS SELECT a INTO x FROM t; -- ! 0A000
CREATE VIEW v AS WITH q AS (DELETE FROM t RETURNING a) SELECT a FROM q; -- ! 0A000
CREATE MATERIALIZED VIEW v AS WITH q AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM q; -- ! 0A000
CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t UNION SELECT 1, 'x' EXCEPT (SELECT * FROM t);
CREATE RULE r AS ON INSERT TO m DO INSTEAD NOTHING; -- ! 0A000

--# a second primary key by LIKE
CREATE TABLE t (a int PRIMARY KEY, b int);
CREATE TABLE u (LIKE t INCLUDING INDEXES, PRIMARY KEY (b)); -- ! 42P16
CREATE TABLE u (LIKE t INCLUDING INDEXES, c int PRIMARY KEY); -- ! 42P16
CREATE TABLE u (LIKE t INCLUDING ALL, UNIQUE (b));
CREATE TABLE v (LIKE t, PRIMARY KEY (b));
