-- Indexes. PostgreSQL manual, CREATE INDEX.

--# on a table that is not there
CREATE INDEX i ON missing (a); -- ! 42P01

--# on a column that is not there
CREATE TABLE t (a int);
CREATE INDEX i ON t (b); -- ! 42703

--# of a name that is taken
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a);
CREATE INDEX i ON t (b); -- ! 42P07
CREATE INDEX IF NOT EXISTS i ON t (b);

--# on a view
CREATE VIEW v AS SELECT 1 AS a;
CREATE INDEX i ON v (a); -- ! 42809

--# with a method that is not there
CREATE TABLE t (a int);
CREATE INDEX i ON t USING missing (a); -- ! 42704

--# a unique index with a method that cannot be unique
CREATE TABLE t (a int);
CREATE UNIQUE INDEX i ON t USING hash (a); -- ! 0A000

--# names are chosen around those that are taken
CREATE TABLE t (a int);
CREATE INDEX ON t (a);
CREATE INDEX ON t (a);
CREATE INDEX t_a_idx2 ON t (a);
CREATE INDEX ON t (a);

--# without a table, concurrently, in a transaction
CREATE TABLE t (a int);
BEGIN;
CREATE INDEX CONCURRENTLY i ON t (a); -- ! 25001
ROLLBACK;
CREATE INDEX CONCURRENTLY i ON t (a);
DROP INDEX CONCURRENTLY i;

--# dropped with its column
CREATE TABLE t (a int, b int);
CREATE INDEX i ON t (a, b);
ALTER TABLE t DROP COLUMN b;
DROP INDEX i; -- ! 42704
