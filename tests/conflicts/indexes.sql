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

--# text that settings or other objects decide, in indexes
CREATE TYPE mood AS ENUM ('a');
CREATE TABLE t (a text, b text[], c money, d int4range, e mood, f int[], g date, h mood[], i int, j time);
CREATE INDEX ON t ((a::text[])); -- ! 42P17
CREATE INDEX ON t ((b::text)); -- ! 42P17
CREATE INDEX ON t ((b::varchar[]));
CREATE INDEX ON t ((f::text[]));
CREATE INDEX ON t ((c::text)); -- ! 42P17
CREATE INDEX ON t ((d::text)); -- ! 42P17
CREATE INDEX ON t ((a::money)); -- ! 42P17
CREATE INDEX ON t ((a::int4range)); -- ! 42P17
CREATE INDEX ON t ((e || 'x')); -- ! 42P17
CREATE INDEX ON t (('x' || g)); -- ! 42P17
CREATE INDEX ON t ((a || '-' || g)); -- ! 42P17
CREATE INDEX ON t ((g || '-' || a)); -- ! 42P17
CREATE INDEX ON t ((h::text)); -- ! 42P17
CREATE INDEX ON t ((a || i));
CREATE INDEX ON t ((j || 'x'));
CREATE INDEX ON t ((j::text));
CREATE INDEX ON t ((a::int));
CREATE INDEX ON t ((a::time)); -- ! 42P17
CREATE INDEX ON t ((a::regclass)); -- ! 42P17
