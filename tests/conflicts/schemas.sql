-- Schemas and the search path. PostgreSQL manual, 5.9.

--# a schema made twice
CREATE SCHEMA s;
CREATE SCHEMA s; -- ! 42P06
CREATE SCHEMA IF NOT EXISTS s;

--# a schema that is not there
CREATE TABLE missing.t (id int); -- ! 3F000
DROP SCHEMA missing; -- ! 3F000
DROP SCHEMA IF EXISTS missing;
ALTER SCHEMA missing RENAME TO other; -- ! 3F000

--# a schema that is not empty
CREATE SCHEMA s;
CREATE TABLE s.t (id int);
DROP SCHEMA s; -- ! 2BP01
DROP SCHEMA s CASCADE;
CREATE TABLE s.t (id int); -- ! 3F000

--# no schema on the path
SET search_path = missing;
CREATE TABLE t (id int); -- ! 3F000

--# the first that exists on the path
CREATE SCHEMA s;
SET search_path = missing, s, public;
CREATE TABLE t (id int);
ALTER TABLE s.t ADD COLUMN a int;
ALTER TABLE public.t ADD COLUMN a int; -- ! 42P01

--# set local ends with its transaction
CREATE SCHEMA s;
BEGIN;
SET LOCAL search_path = s;
CREATE TABLE t (id int);
COMMIT;
CREATE TABLE t (id int);
CREATE TABLE s.t (id int); -- ! 42P07

--# a setting that is rolled back
CREATE SCHEMA s;
BEGIN;
SET search_path = s;
ROLLBACK;
CREATE TABLE t (id int);
CREATE TABLE public.t (id int); -- ! 42P07

--# reserved names
CREATE SCHEMA pg_mine; -- ! 42939

--# a schema with elements is all or nothing
CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE s.t ADD COLUMN b int;

--# renaming a schema
CREATE SCHEMA a;
CREATE SCHEMA b;
ALTER SCHEMA a RENAME TO b; -- ! 42P06
ALTER SCHEMA a RENAME TO c;
CREATE TABLE c.t (id int);

--# moving to a schema that is not there
CREATE TABLE t (id int);
ALTER TABLE t SET SCHEMA missing; -- ! 3F000
