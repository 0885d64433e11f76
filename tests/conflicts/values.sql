-- What an expression must be besides well named: immutable, of the right type, a label of its enum. PostgreSQL manual, 38.7 "Function
-- Volatility Categories", 10.4 "Value Storage", 5.3 "Generated Columns".

--# an index over what changes
CREATE TABLE t (a int, at timestamptz, local timestamp, day date, body text, doc jsonb);
CREATE INDEX ON t (a) WHERE at > now(); -- ! 42P17
CREATE INDEX ON t (a) WHERE at > CURRENT_TIMESTAMP - interval '30 days'; -- ! 42P17
CREATE INDEX ON t (date(at)); -- ! 42P17
CREATE INDEX ON t ((at::date)); -- ! 42P17
CREATE INDEX ON t (date_trunc('day', at)); -- ! 42P17
CREATE INDEX ON t ((extract(year FROM at))); -- ! 42P17
CREATE INDEX ON t ((at + interval '1 day')); -- ! 42P17
CREATE INDEX ON t (to_char(day, 'YYYY')); -- ! 42P17
CREATE INDEX ON t (concat(body, 'x')); -- ! 42P17
CREATE INDEX ON t ((day::text)); -- ! 42P17
CREATE INDEX ON t (((doc ->> 'at')::timestamptz)); -- ! 42P17
CREATE INDEX ON t USING gin (to_tsvector(body)); -- ! 42P17

--# an index over what does not change
CREATE TABLE t (a int, at timestamptz, local timestamp, day date, body text, doc jsonb, current_user_id int);
CREATE INDEX ON t (a) WHERE at > '2024-01-01';
CREATE INDEX ON t (a) WHERE at > '2024-01-01'::timestamptz;
CREATE INDEX ON t (date(local));
CREATE INDEX ON t ((local::date));
CREATE INDEX ON t (date_trunc('day', local));
CREATE INDEX ON t (date_trunc('day', at AT TIME ZONE 'UTC'));
CREATE INDEX ON t (((at AT TIME ZONE 'UTC')::date));
CREATE INDEX ON t ((extract(year FROM day)));
CREATE INDEX ON t ((local + interval '1 day'));
CREATE INDEX ON t (((doc ->> 'n')::int));
CREATE INDEX ON t ((doc::text));
CREATE INDEX ON t (lower(body), (body || 'x'));
CREATE INDEX ON t (to_timestamp(a));
CREATE INDEX ON t USING gin (to_tsvector('english', body));
CREATE INDEX ON t (a) WHERE current_user_id > 0;

--# an enum's text changes with its labels
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE t (mood mood);
CREATE INDEX ON t ((mood::text)); -- ! 42P17
CREATE INDEX ON t (mood);

--# functions of one's own
CREATE TABLE t (a text);
CREATE FUNCTION slug(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN lower($1); END';
CREATE FUNCTION fixed(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN lower($1); END';
CREATE FUNCTION inlined(text) RETURNS text LANGUAGE sql AS 'SELECT lower($1)';
CREATE INDEX ON t (slug(a)); -- ! 42P17
CREATE INDEX ON t (fixed(a));
CREATE INDEX ON t (inlined(a));
ALTER FUNCTION slug(text) IMMUTABLE;
CREATE INDEX ON t (slug(a));

--# a generated column that changes
CREATE TABLE t (at timestamptz, until timestamptz GENERATED ALWAYS AS (at + interval '30 days') STORED); -- ! 42P17
CREATE TABLE t (a int, made timestamptz GENERATED ALWAYS AS (now()) STORED); -- ! 42P17
CREATE TABLE t (first text, last text, name text GENERATED ALWAYS AS (concat(first, ' ', last)) STORED); -- ! 42P17
CREATE TABLE t (first text, last text, name text GENERATED ALWAYS AS (first || ' ' || last) STORED);

--# a partition key that changes
CREATE TABLE t (at timestamptz) PARTITION BY RANGE (date_trunc('month', at)); -- ! 42P17
CREATE TABLE t (at timestamp) PARTITION BY RANGE (date_trunc('month', at));

--# a check asks for other rows
CREATE TABLE t (a int, CHECK (a IN (SELECT 1))); -- ! 0A000
CREATE TABLE t (a int);
ALTER TABLE t ADD CHECK (EXISTS (SELECT 1)); -- ! 0A000

--# a type without an automatic cast
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE t (a text, b text, c int, d jsonb, e text, f timestamptz, g boolean, h uuid, i int[]);
ALTER TABLE t ALTER a TYPE int; -- ! 42804
ALTER TABLE t ALTER a TYPE int USING a::int;
ALTER TABLE t ALTER b TYPE uuid; -- ! 42804
ALTER TABLE t ALTER c TYPE boolean; -- ! 42804
ALTER TABLE t ALTER c TYPE bigint;
ALTER TABLE t ALTER c TYPE text;
ALTER TABLE t ALTER d TYPE text[]; -- ! 42804
ALTER TABLE t ALTER e TYPE mood; -- ! 42804
ALTER TABLE t ALTER e TYPE text[]; -- ! 42804
ALTER TABLE t ALTER e TYPE mood USING e::mood;
ALTER TABLE t ALTER e TYPE int; -- ! 42804
ALTER TABLE t ALTER e TYPE varchar(20);
ALTER TABLE t ALTER f TYPE date;
ALTER TABLE t ALTER g TYPE int; -- ! 42804
ALTER TABLE t ALTER h TYPE bigint; -- ! 42804
ALTER TABLE t ALTER h TYPE text;
ALTER TABLE t ALTER i TYPE bigint[];
ALTER TABLE t ALTER i TYPE uuid[]; -- ! 42804

--# a default without an automatic cast
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE t (a text DEFAULT 'good', b int DEFAULT 0, c text DEFAULT 'x');
ALTER TABLE t ALTER a TYPE mood USING a::mood; -- ! 42804
ALTER TABLE t ALTER b TYPE boolean USING b <> 0; -- ! 42804
ALTER TABLE t ALTER b TYPE numeric;
ALTER TABLE t ALTER c TYPE varchar(9);
ALTER TABLE t ALTER a DROP DEFAULT, ALTER a TYPE mood USING a::mood, ALTER a SET DEFAULT 'good';

--# a cast of one's own
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE CAST (text AS mood) WITH INOUT AS ASSIGNMENT;
CREATE TABLE t (a text DEFAULT 'good');
ALTER TABLE t ALTER a TYPE mood;

--# a default of another type
CREATE TABLE t (a boolean DEFAULT 0); -- ! 42804
CREATE TABLE t (a int DEFAULT true); -- ! 42804
CREATE TABLE t (a uuid DEFAULT 1); -- ! 42804
CREATE TABLE t (a jsonb DEFAULT 1); -- ! 42804
CREATE TABLE t (a int DEFAULT gen_random_uuid()); -- ! 42804
CREATE TABLE t (a text DEFAULT 0, b text DEFAULT now(), c date DEFAULT now(), d numeric DEFAULT 0, e real DEFAULT -1, f text DEFAULT true);
ALTER TABLE t ALTER d SET DEFAULT 'x'::text::numeric;

--# a string that is no value of its column's type
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE t (a mood DEFAULT 'Good'); -- ! 22P02
CREATE TABLE t (a mood DEFAULT 'awful'::mood); -- ! 22P02
CREATE TABLE t (a boolean DEFAULT 'maybe'); -- ! 22P02
CREATE TABLE t (a int DEFAULT 'many'); -- ! 22P02
CREATE TABLE t (a uuid DEFAULT 'none'); -- ! 22P02
CREATE TABLE t (a mood DEFAULT 'good', b boolean DEFAULT 'f', c int DEFAULT ' 12 ', d uuid DEFAULT '00000000-0000-0000-0000-000000000000', e mood DEFAULT 'bad'::mood);
ALTER TABLE t ALTER a SET DEFAULT 'fine'; -- ! 22P02
ALTER TYPE mood ADD VALUE 'fine';
ALTER TABLE t ALTER a SET DEFAULT 'fine';

--# an enum is compared with what is no label
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE t (a mood, b text, CHECK (a <> 'awful')); -- ! 22P02
CREATE TABLE t (a mood, b text, CHECK (a IN ('good', 'bad')));
CREATE INDEX ON t (b) WHERE a = 'awful'; -- ! 22P02
CREATE INDEX ON t (b) WHERE a = 'bad' AND b = 'awful';
CREATE POLICY p ON t USING (a IN ('good', 'Bad')); -- ! 22P02
CREATE POLICY p ON t USING (a = 'good' OR b IN ('x', 'y') OR EXISTS (SELECT 1 FROM pg_class WHERE relkind = 'r'));

--# rows are written into a column that is not there
CREATE TABLE t (a int, b int);
UPDATE t SET c = 1; -- ! 42703
UPDATE t AS x SET (a, c) = (1, 2) FROM pg_class; -- ! 42703
ALTER TABLE t RENAME b TO c;
UPDATE t SET c = a WHERE c IS NULL;

--# a column may be called like a value that changes
CREATE TABLE t ("user" text);
CREATE MATERIALIZED VIEW m AS SELECT "user" FROM t;
CREATE INDEX i ON t (lower("user"));
CREATE INDEX j ON m (lower("user"));
CREATE INDEX k ON t (lower(current_user)); -- ! 42P17

--# aggregates, window functions and sets are for queries
CREATE FUNCTION several() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION first_of(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';
CREATE AGGREGATE first_one(int) (SFUNC = first_of, STYPE = int);
CREATE TABLE t (a int CHECK (sum(a) > 1)); -- ! 42803
CREATE TABLE t (a int CHECK (first_one(a) > 1)); -- ! 42803
CREATE TABLE t (a int CHECK (row_number() OVER () > 1)); -- ! 42P20
CREATE TABLE t (a int CHECK (generate_series(1, a) > 1)); -- ! 0A000
CREATE TABLE t (a int DEFAULT max(1)); -- ! 42803
CREATE TABLE t (a int DEFAULT several()); -- ! 0A000
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (count(*)) STORED); -- ! 42803
CREATE TABLE t (a int) PARTITION BY RANGE ((sum(a))); -- ! 42803
CREATE TABLE t (a int);
CREATE INDEX ON t ((min(a))); -- ! 42803
CREATE INDEX ON t (a) WHERE count(*) > 1; -- ! 42803
CREATE INDEX ON t ((a + (SELECT 1))); -- ! 0A000
CREATE POLICY p ON t USING (max(a) > 1); -- ! 42803
CREATE POLICY p ON t USING (a IN (SELECT max(a) FROM t));

--# system columns that change with the row
CREATE TABLE t (a int CHECK (ctid IS NULL)); -- ! 42P10
CREATE TABLE t (a int, b boolean GENERATED ALWAYS AS (xmin IS NULL) STORED); -- ! 42P10
CREATE TABLE t (a int, b boolean GENERATED ALWAYS AS (tableoid > 0) STORED);
