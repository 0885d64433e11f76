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
