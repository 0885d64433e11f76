-- Columns. PostgreSQL manual, 5.6 "Modifying Tables".

--# a column given twice
CREATE TABLE t (a int, A text); -- ! 42701

--# a column added twice
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN a int; -- ! 42701
ALTER TABLE t ADD COLUMN IF NOT EXISTS a text;

--# a column under a system column's name
CREATE TABLE t (id int, xmin int); -- ! 42701

--# one action fails, none is done
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int, DROP COLUMN missing; -- ! 42703
ALTER TABLE t ADD COLUMN b int;

--# dropping a column that is not there
CREATE TABLE t (a int);
ALTER TABLE t DROP COLUMN b; -- ! 42703
ALTER TABLE t DROP COLUMN IF EXISTS b;

--# altering a column that is not there
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN b SET NOT NULL; -- ! 42703
ALTER TABLE t ALTER COLUMN b TYPE text; -- ! 42703
ALTER TABLE t ALTER COLUMN b SET DEFAULT 1; -- ! 42703
ALTER TABLE t RENAME COLUMN b TO c; -- ! 42703

--# renaming a column onto another
CREATE TABLE t (a int, b int);
ALTER TABLE t RENAME COLUMN a TO b; -- ! 42701
ALTER TABLE t RENAME COLUMN a TO c;
ALTER TABLE t DROP COLUMN a; -- ! 42703

--# not null and null at once
CREATE TABLE t (a int NOT NULL NULL); -- ! 42601

--# two defaults
CREATE TABLE t (a int DEFAULT 1 DEFAULT 2); -- ! 42601

--# an identity column takes no other default
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE t ALTER COLUMN a SET DEFAULT 1; -- ! 42601
ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY; -- ! 55000
ALTER TABLE t ALTER COLUMN a DROP IDENTITY;
ALTER TABLE t ALTER COLUMN a DROP IDENTITY; -- ! 55000
ALTER TABLE t ALTER COLUMN a DROP IDENTITY IF EXISTS;

--# a primary key's column stays not null
CREATE TABLE t (a int PRIMARY KEY);
ALTER TABLE t ALTER COLUMN a DROP NOT NULL; -- ! 42P16

--# an identity column stays not null
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE t ALTER COLUMN a DROP NOT NULL; -- ! 42601

--# identity on a nullable column
CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY; -- ! 55000

--# constants of types that are written in several words
CREATE TABLE a (time timestamptz DEFAULT timestamp with time zone '2020-01-01 00:00+00');
CREATE TABLE b (precision float DEFAULT double precision '1.5');
CREATE TABLE c (month int, i interval DEFAULT interval '1-2' YEAR TO MONTH, n text DEFAULT interval '1' MONTH);
CREATE TABLE d (second int, i interval DEFAULT interval '1' SECOND (3), j interval DEFAULT interval (3) '1-2');
CREATE TABLE e (zone int, without int, time int, d time DEFAULT time (3) without time zone '10:00');
CREATE TABLE f (varying text DEFAULT character varying (3) 'x', y bit varying DEFAULT bit varying '101', z bit(3) DEFAULT bit (3) '101');
CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE g (public text, m mood DEFAULT mood 'ok', n mood DEFAULT public.mood 'ok');
CREATE VIEW v AS SELECT e.d FROM e WHERE e.d > time (3) without time zone '10:00' AND now() - interval '1' DAY > timestamp with time zone '2020-01-01';

--# columns in defaults
CREATE TABLE t (a int, b text DEFAULT a); -- ! 0A000
CREATE TABLE t (a int, b text DEFAULT c); -- ! 0A000
CREATE TABLE t (a int, b int DEFAULT abs(c)); -- ! 0A000
CREATE TABLE t (a int, b text DEFAULT t); -- ! 0A000
CREATE TABLE t (a int, b text DEFAULT t::text); -- ! 0A000
CREATE TABLE t (a int, b int DEFAULT nextval('nowhere')); -- ! 42P01
CREATE TABLE t (zone text, hour int DEFAULT extract(hour FROM now()), at timestamp DEFAULT (now() AT TIME ZONE 'UTC'));
ALTER TABLE t ALTER hour SET DEFAULT zone; -- ! 0A000
ALTER TABLE t ADD c text DEFAULT zones; -- ! 0A000

--# a type that is altered twice in one statement
CREATE TABLE t (a int, b text, c varchar(10), d numeric);
ALTER TABLE t ALTER a TYPE bigint, ALTER a TYPE int; -- ! 0A000
ALTER TABLE t ALTER a TYPE bigint, ALTER a TYPE bigint; -- ! 0A000
ALTER TABLE t ALTER b TYPE text, ALTER b TYPE text;
ALTER TABLE t ALTER b TYPE text, ALTER b TYPE varchar;
ALTER TABLE t ALTER c TYPE varchar(20), ALTER c TYPE varchar(30); -- ! 0A000
ALTER TABLE t ALTER c TYPE varchar(20), ALTER c SET DEFAULT 'x';
ALTER TABLE t ALTER d TYPE numeric(10,2), ALTER d TYPE numeric; -- ! 0A000
ALTER TABLE t ADD x int, ALTER x TYPE bigint; -- ! 42703
ALTER TABLE t ALTER a TYPE bigint, DROP COLUMN b;
ALTER TABLE t ALTER a TYPE int, ADD e int;
ALTER TABLE t ALTER c TYPE varchar(25) COLLATE "C", ALTER c TYPE varchar(30) ; -- ! 0A000
ALTER TABLE t ALTER c TYPE varchar(25) COLLATE "C", ALTER c TYPE varchar(25) ; -- ! 0A000
