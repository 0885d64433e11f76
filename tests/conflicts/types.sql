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

--# types without modifiers
CREATE TABLE r (a int);
CREATE VIEW v AS SELECT 1 AS a;
CREATE TYPE c AS (a text);
CREATE TYPE e AS ENUM ('a');
CREATE TYPE tr AS RANGE (subtype = text);
CREATE DOMAIN d AS text;
CREATE TABLE t (a d(2)); -- ! 42601
CREATE TABLE t (a e(2)); -- ! 42601
CREATE TABLE t (a public.e(2)); -- ! 42601
CREATE TABLE t (a c(2)); -- ! 42601
CREATE TABLE t (a tr(2)); -- ! 42601
CREATE TABLE t (a r(2)); -- ! 42601
CREATE TABLE t (a v(2)); -- ! 42601
CREATE TABLE t (a "char"(2)); -- ! 42601
CREATE TABLE t (a name(2)); -- ! 42601
CREATE TABLE t (a refcursor(3)); -- ! 42601
CREATE DOMAIN over AS d(3); -- ! 42601
CREATE TYPE composite AS (a d(3)); -- ! 42601
CREATE FUNCTION f(a d(3)) RETURNS int LANGUAGE sql AS 'SELECT 1'; -- ! 42601
CREATE FUNCTION f(a varchar(3)) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE t (a timestamptz(2), b interval(3), c interval day to second(3), d timetz(3), e varbit(3), f "timestamp"(2), g "time"(2),
  h bpchar(2), i float(3), j varchar(3)[], k pg_catalog.varchar(2), l bit(3), m numeric(3));

--# types without a collation
CREATE TABLE r (a int);
CREATE TYPE c AS (a text);
CREATE TYPE e AS ENUM ('a');
CREATE TYPE tr AS RANGE (subtype = text);
CREATE DOMAIN d AS text;
CREATE DOMAIN over AS d;
CREATE DOMAIN number AS int;
CREATE DOMAIN texts AS text[] COLLATE "C";
CREATE DOMAIN numbers AS int COLLATE "C"; -- ! 42804
CREATE TABLE t (a e COLLATE "C"); -- ! 42804
CREATE TABLE t (a c COLLATE "C"); -- ! 42804
CREATE TABLE t (a r COLLATE "C"); -- ! 42804
CREATE TABLE t (a tr COLLATE "C"); -- ! 42804
CREATE TABLE t (a number COLLATE "C"); -- ! 42804
CREATE TABLE t (a "char" COLLATE "C"); -- ! 42804
CREATE TABLE t (a xml COLLATE "C"); -- ! 42804
CREATE TABLE t (a int[] COLLATE "C"); -- ! 42804
CREATE TABLE t (a _e COLLATE "C"); -- ! 42804
CREATE TABLE t (a text[] COLLATE "C", b varchar(3)[] COLLATE "C", c name COLLATE "C", d d COLLATE "C", e d[] COLLATE "C", f over COLLATE "C",
  g char(3) COLLATE "C", h bpchar COLLATE "C", i texts COLLATE "C", j _text COLLATE "C");

--# the collation that a type has by itself
CREATE DOMAIN c AS text COLLATE "C";
CREATE DOMAIN over AS c;
CREATE TABLE t (a name COLLATE "C", b c COLLATE "C", c over COLLATE "POSIX", d over[] COLLATE "C", e text, f name COLLATE "POSIX");
ALTER TABLE t ALTER e TYPE c COLLATE "C";
CREATE INDEX ON t (a COLLATE "C", b COLLATE "C", f COLLATE "C");

--# more numbers behind a type than it takes
CREATE TABLE t (a float(24, 8)); -- ! 42601
CREATE TABLE t (a varchar(10, 2)); -- ! 42601
CREATE TABLE t (a character varying(10, 2)); -- ! 42601
CREATE TABLE t (a nchar(10, 2)); -- ! 42601
CREATE TABLE t (a timestamp(3, 2)); -- ! 42601
CREATE TABLE t (a time(3, 2) with time zone); -- ! 42601
CREATE TABLE t (a interval(3, 2)); -- ! 42601
CREATE TABLE t (a interval year (3)); -- ! 42601
CREATE TABLE t (a interval day to minute (3)); -- ! 42601
CREATE TABLE t (a numeric(5, 2, 1)); -- ! 22023
CREATE TABLE t (a bpchar(5, 2)); -- ! 22023
CREATE TABLE t (a "varchar"(5, 2)); -- ! 22023
CREATE TABLE t (a pg_catalog.varchar(5, 2)); -- ! 22023
CREATE TABLE t (a bit(5, 2)); -- ! 22023
CREATE TABLE t (a bit varying(5, 2)); -- ! 22023
CREATE TABLE t (a timestamptz(3, 2)); -- ! 22023
CREATE TABLE t (a timetz(3, 2)); -- ! 22023
CREATE TABLE t (a interval second (3), b interval day to second (3), c interval(3), d interval year to month, e timestamptz(3), f numeric(5, 2));

--# bits of a float
CREATE TABLE t (a float(0)); -- ! 22023
CREATE TABLE t (a float(54)); -- ! 22023
CREATE TABLE t (a float(1), b float(53), c float);

--# what a domain has and has not
CREATE TABLE t (a int);
CREATE DOMAIN d AS int UNIQUE; -- ! 42601
CREATE DOMAIN d AS int PRIMARY KEY; -- ! 42601
CREATE DOMAIN d AS int REFERENCES t; -- ! 42601
CREATE DOMAIN d AS int DEFAULT 1 DEFAULT 2; -- ! 42601
CREATE DOMAIN d AS int NULL NOT NULL; -- ! 42601
CREATE DOMAIN d AS record; -- ! 42804
CREATE DOMAIN d AS int DEFAULT 'many'; -- ! 22P02
CREATE DOMAIN d AS boolean DEFAULT 1; -- ! 42804
CREATE DOMAIN d AS text CHECK (VALUE = other); -- ! 42703
CREATE DOMAIN d AS text CHECK (VALUE = t.a); -- ! 42P01
CREATE DOMAIN d AS int CHECK (VALUE > (SELECT 1)); -- ! 0A000
CREATE DOMAIN d AS int CHECK (sum(VALUE) > 1); -- ! 42803
CREATE DOMAIN d AS int DEFAULT 3 CHECK (VALUE > 0) CONSTRAINT below CHECK (VALUE < 10);
ALTER DOMAIN d SET DEFAULT 'many'; -- ! 22P02
ALTER DOMAIN d RENAME CONSTRAINT below TO d_check; -- ! 42710
ALTER DOMAIN d RENAME CONSTRAINT below TO under;
CREATE DOMAIN day AS date CHECK (VALUE >= current_date - 1);

--# what a range is over, and the multirange that comes with it
CREATE TYPE r AS RANGE (SUBTYPE = missing); -- ! 42704
CREATE TYPE r AS RANGE (SUBTYPE = json); -- ! 42704
CREATE TYPE r AS RANGE (COLLATION = "C"); -- ! 42601
CREATE TYPE r AS RANGE (SUBTYPE = double precision, MULTIRANGE_TYPE_NAME = several);
CREATE TYPE other AS RANGE (SUBTYPE = time, MULTIRANGE_TYPE_NAME = several); -- ! 42710
CREATE TYPE timerange AS RANGE (SUBTYPE = time);
CREATE TABLE t (a r, c timemultirange);
DROP TYPE several; -- ! 2BP01
DROP TYPE several CASCADE; -- ! 2BP01
DROP TYPE r; -- ! 2BP01
DROP TYPE r CASCADE;

--# a range with a collation that its values do not have
CREATE TYPE r AS RANGE (SUBTYPE = int, COLLATION = "C"); -- ! 42809
CREATE TYPE r AS RANGE (SUBTYPE = text, COLLATION = "C");
