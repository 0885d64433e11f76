-- Transactions. PostgreSQL manual, 3.4 and SQL commands BEGIN, SAVEPOINT.

--# what is rolled back was never there
BEGIN;
CREATE TABLE t (id int);
ROLLBACK;
ALTER TABLE t ADD COLUMN a int; -- ! 42P01
CREATE TABLE t (id int);

--# what is committed stays
BEGIN;
CREATE TABLE t (id int);
COMMIT;
CREATE TABLE t (id int); -- ! 42P07

--# back to a savepoint
BEGIN;
CREATE TABLE a (id int);
SAVEPOINT s;
CREATE TABLE b (id int);
ROLLBACK TO SAVEPOINT s;
CREATE TABLE b (id int, other int);
COMMIT;
ALTER TABLE b ADD COLUMN other int; -- ! 42701

--# a savepoint outside of a transaction
SAVEPOINT s; -- ! 25P01
ROLLBACK TO SAVEPOINT s; -- ! 25P01
RELEASE SAVEPOINT s; -- ! 25P01

--# vacuum in a transaction
CREATE TABLE t (id int);
BEGIN;
VACUUM t; -- ! 25001
ROLLBACK;
VACUUM t;

--# dropping concurrently in a transaction
CREATE TABLE t (id int);
CREATE INDEX i ON t (id);
BEGIN;
DROP INDEX CONCURRENTLY i; -- ! 25001
ROLLBACK;
DROP INDEX CONCURRENTLY i;

--# a database made in a transaction
BEGIN;
CREATE DATABASE d; -- ! 25001
ROLLBACK;

--# refreshing concurrently without a unique index
CREATE TABLE t (id int);
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE UNIQUE INDEX i ON m (id);
REFRESH MATERIALIZED VIEW CONCURRENTLY m;

--# a drop that is rolled back
CREATE TABLE t (id int);
BEGIN;
DROP TABLE t;
CREATE TABLE t (other int);
ROLLBACK;
ALTER TABLE t RENAME COLUMN id TO key;
ALTER TABLE t RENAME COLUMN other TO x; -- ! 42703

--# a temporary table that ends with the statement around it
DO $$ BEGIN
  CREATE TEMP TABLE q (a int) ON COMMIT DROP;
  INSERT INTO q VALUES (1);
  CREATE TABLE from_q AS SELECT a FROM q;
END $$;
INSERT INTO q VALUES (2); -- ! 42P01
DO $$ BEGIN CREATE TEMP TABLE q (a int) ON COMMIT DROP; END $$;
CREATE TEMP TABLE q (a int) ON COMMIT DROP;
CREATE TABLE q (a int);

--# a temporary table that is refused leaves nothing to drop
CREATE TEMP TABLE broken (a int REFERENCES nowhere) ON COMMIT DROP; -- ! 42P01
CREATE TABLE keep (id int);
BEGIN;
CREATE TEMP TABLE IF NOT EXISTS pg_temp.gone (a int) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS gone (a int) ON COMMIT DROP;
COMMIT;
INSERT INTO gone VALUES (1); -- ! 42P01
INSERT INTO keep VALUES (1);

--# ON COMMIT is for temporary tables
CREATE TABLE dropped (a int) ON COMMIT DROP; -- ! 42P16
CREATE TABLE kept (a int) ON COMMIT PRESERVE ROWS; -- ! 42P16
CREATE UNLOGGED TABLE emptied (a int) ON COMMIT DELETE ROWS; -- ! 42P16
CREATE TABLE typed (a nowhere) ON COMMIT DROP; -- ! 42704
CREATE TABLE child () INHERITS (nowhere) ON COMMIT DROP; -- ! 42P16
CREATE TABLE of_query ON COMMIT DROP AS SELECT 1 AS a; -- ! 42P16
CREATE TABLE pg_temp.fine (a int) ON COMMIT PRESERVE ROWS;
CREATE TABLE permanent () INHERITS (fine); -- ! 42809
CREATE TABLE taken (a int);
CREATE TABLE IF NOT EXISTS taken (a int) ON COMMIT DROP;

--# a temporary relation in a schema that is not there
CREATE TEMP TABLE nowhere.t (a int); -- ! 3F000
CREATE TEMP TABLE public.t (a int); -- ! 42P16
CREATE TEMP TABLE pg_temporary.t (a int); -- ! 3F000
CREATE TABLE pg_temporary.t (a int); -- ! 3F000
CREATE TEMP TABLE pg_temp.t (a int);
CREATE UNLOGGED TABLE nowhere.u (a int); -- ! 3F000
CREATE UNLOGGED TABLE pg_temp.u (a int); -- ! 42P16
CREATE TEMP VIEW nowhere.v AS SELECT 1 AS a; -- ! 3F000
CREATE VIEW nowhere.over AS SELECT a FROM t; -- ! 3F000
CREATE VIEW public.over AS SELECT a FROM t; -- ! 42P16
CREATE TEMP SEQUENCE nowhere.s; -- ! 3F000
CREATE TEMP SEQUENCE public.s; -- ! 42P16

--# a label of a type that the transaction itself makes
BEGIN;
CREATE TYPE mood AS ENUM ('good');
CREATE TABLE t (a mood DEFAULT 'good');
ALTER TYPE mood ADD VALUE 'bad';
SAVEPOINT s;
CREATE TABLE u (a mood DEFAULT 'bad'); -- ! 55P04
ROLLBACK TO s;
COMMIT;
CREATE TABLE u (a mood DEFAULT 'bad');
