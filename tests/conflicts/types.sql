-- Types. PostgreSQL manual, CREATE TYPE, CREATE DOMAIN.

--# a type that is not there
CREATE TABLE t (a missing); -- ! 42704
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b missing; -- ! 42704
ALTER TABLE t ALTER COLUMN a TYPE missing; -- ! 42704

--# a type made twice
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE mood AS ENUM ('sad'); -- ! 42710
CREATE DOMAIN mood AS text; -- ! 42710

--# a type under a table's name
CREATE TABLE t (a int);
CREATE TYPE t AS ENUM ('a'); -- ! 42710

--# a table under a type's name
CREATE TYPE t AS ENUM ('a');
CREATE TABLE t (a int); -- ! 42710

--# a label given twice
CREATE TYPE mood AS ENUM ('sad', 'sad'); -- ! 23505

--# labels of an enum
CREATE TYPE mood AS ENUM ('sad', 'happy');
ALTER TYPE mood ADD VALUE 'sad'; -- ! 42710
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'sad';
ALTER TYPE mood ADD VALUE 'ok' BEFORE 'missing'; -- ! 22023
ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy';
ALTER TYPE mood RENAME VALUE 'missing' TO 'x'; -- ! 22023
ALTER TYPE mood RENAME VALUE 'ok' TO 'sad'; -- ! 42710
ALTER TYPE missing ADD VALUE 'x'; -- ! 42704

--# a value for what is no enum
CREATE DOMAIN d AS int;
ALTER TYPE d ADD VALUE 'x'; -- ! 42809

--# dropping a type in use
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE t (a mood, b int);
DROP TYPE mood; -- ! 2BP01
DROP TYPE mood CASCADE;
ALTER TABLE t DROP COLUMN a; -- ! 42703

--# dropping a type that is not there
DROP TYPE missing; -- ! 42704
DROP TYPE IF EXISTS missing;
DROP DOMAIN missing; -- ! 42704

--# a domain in use
CREATE DOMAIN email AS text;
CREATE TABLE t (a email);
DROP DOMAIN email; -- ! 2BP01
DROP TYPE email CASCADE;
DROP DOMAIN email; -- ! 42704

--# constraints of a domain
CREATE DOMAIN positive AS int CONSTRAINT above CHECK (VALUE > 0);
ALTER DOMAIN positive ADD CONSTRAINT above CHECK (VALUE > 1); -- ! 42710
ALTER DOMAIN positive DROP CONSTRAINT missing; -- ! 42704
ALTER DOMAIN positive DROP CONSTRAINT above;

--# a composite type in use by a table
CREATE TYPE pair AS (x int, y int);
CREATE TABLE t (p pair);
ALTER TYPE pair ADD ATTRIBUTE z int;
ALTER TYPE pair ADD ATTRIBUTE z int; -- ! 42701
ALTER TYPE pair DROP ATTRIBUTE missing; -- ! 42703

--# a type outside the search path
CREATE SCHEMA s;
CREATE TYPE s.mood AS ENUM ('sad');
CREATE TABLE t (a mood); -- ! 42704
CREATE TABLE t (a s.mood);
SET search_path = s;
CREATE TABLE public.u (a mood);

--# renaming a type
CREATE TYPE a AS ENUM ('x');
CREATE TYPE b AS ENUM ('x');
ALTER TYPE a RENAME TO b; -- ! 42710
ALTER TYPE a RENAME TO c;
CREATE TABLE t (x a); -- ! 42704
CREATE TABLE t (x c);
