-- Typed tables, replica identity, clustering, logging. PostgreSQL manual, CREATE TABLE and ALTER TABLE.

--# a typed table follows its type
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t OF pair;
ALTER TABLE t ADD COLUMN c int; -- ! 42809
ALTER TABLE t DROP COLUMN a; -- ! 42809
ALTER TABLE t RENAME COLUMN a TO c; -- ! 42809
ALTER TABLE t ALTER COLUMN a TYPE bigint; -- ! 42809
ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint; -- ! 2BP01
ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint CASCADE;
ALTER TYPE pair ADD ATTRIBUTE c date CASCADE;
ALTER TYPE pair RENAME ATTRIBUTE b TO d CASCADE;
DROP TYPE pair; -- ! 2BP01
ALTER TABLE t NOT OF;
ALTER TABLE t NOT OF; -- ! 42809
DROP TYPE pair;

--# a type takes tables with its very columns
CREATE TYPE pair AS (a int, b text);
CREATE TABLE more (a int, b text, c int);
ALTER TABLE more OF pair; -- ! 42804
CREATE TABLE fewer (a int);
ALTER TABLE fewer OF pair; -- ! 42804
CREATE TABLE other (a int, b int);
ALTER TABLE other OF pair; -- ! 42804
CREATE TABLE fits (a int, b text);
ALTER TABLE fits OF pair;
CREATE TABLE of_nothing OF missing; -- ! 42704
CREATE TABLE of_a_table OF more; -- ! 42809

--# replica identity wants a plain unique index over columns that are not null
CREATE TABLE t (a int NOT NULL, b int);
CREATE INDEX plain ON t (a);
CREATE UNIQUE INDEX nullable ON t (b);
CREATE UNIQUE INDEX partial ON t (a) WHERE a > 0;
CREATE UNIQUE INDEX expression ON t (abs(a));
CREATE UNIQUE INDEX good ON t (a);
ALTER TABLE t REPLICA IDENTITY USING INDEX plain; -- ! 42809
ALTER TABLE t REPLICA IDENTITY USING INDEX nullable; -- ! 42809
ALTER TABLE t REPLICA IDENTITY USING INDEX partial; -- ! 0A000
ALTER TABLE t REPLICA IDENTITY USING INDEX expression; -- ! 0A000
ALTER TABLE t REPLICA IDENTITY USING INDEX missing; -- ! 42704
ALTER TABLE t REPLICA IDENTITY USING INDEX good;

--# clustering wants a whole index that has an order
CREATE TABLE t (a int, b text[]);
CREATE INDEX partial ON t (a) WHERE a > 0;
CREATE INDEX hashed ON t USING hash (a);
CREATE INDEX good ON t (a);
ALTER TABLE t CLUSTER ON partial; -- ! 0A000
ALTER TABLE t CLUSTER ON hashed; -- ! 0A000
ALTER TABLE t CLUSTER ON good;

--# logged and unlogged tables reference each other one way only
CREATE TABLE logged (a int PRIMARY KEY);
CREATE TABLE child (a int REFERENCES logged);
ALTER TABLE logged SET UNLOGGED; -- ! 42P16
ALTER TABLE child SET UNLOGGED;
ALTER TABLE logged SET UNLOGGED;
ALTER TABLE child SET LOGGED; -- ! 42P16

--# a partitioned table stores nothing
CREATE TABLE t (a int) PARTITION BY LIST (a);
ALTER TABLE t SET (fillfactor = 70); -- ! 22023
ALTER TABLE t SET UNLOGGED;

--# a row type is not part of itself, and its rows stay as they are
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b t; -- ! 42P16
ALTER TABLE t ADD COLUMN b t[]; -- ! 42P16
CREATE TABLE u (row t);
ALTER TABLE t ALTER COLUMN a TYPE bigint; -- ! 0A000
ALTER TABLE t ADD COLUMN c int DEFAULT 1; -- ! 0A000
ALTER TABLE t ADD COLUMN c int;

--# what a type's tables follow, and what holds its values
CREATE TYPE pair AS (a int, b text);
CREATE TABLE of_pair OF pair;
ALTER TYPE pair ADD ATTRIBUTE c int; -- ! 2BP01
ALTER TYPE pair ADD ATTRIBUTE c int RESTRICT; -- ! 2BP01
ALTER TYPE pair ADD ATTRIBUTE c int CASCADE;
ALTER TYPE pair RENAME ATTRIBUTE a TO aa; -- ! 2BP01
ALTER TYPE pair RENAME ATTRIBUTE a TO aa CASCADE;
ALTER TYPE pair DROP ATTRIBUTE b; -- ! 2BP01
ALTER TYPE pair ALTER ATTRIBUTE c TYPE bigint; -- ! 2BP01
ALTER TYPE pair ALTER ATTRIBUTE c TYPE bigint CASCADE;
CREATE TABLE holds (x pair);
ALTER TYPE pair ALTER ATTRIBUTE c TYPE int CASCADE; -- ! 0A000
ALTER TYPE pair ADD ATTRIBUTE d int CASCADE;
ALTER TYPE pair ADD ATTRIBUTE e pair CASCADE; -- ! 42P16
ALTER TYPE pair ADD ATTRIBUTE e pair[] CASCADE; -- ! 42P16
ALTER TYPE pair ADD ATTRIBUTE e holds CASCADE; -- ! 42P16
CREATE TYPE around AS (p pair);
CREATE TYPE inner_most AS (a int);
CREATE TYPE middle AS (i inner_most);
CREATE TABLE holds_middle (m middle[]);
ALTER TYPE inner_most ALTER ATTRIBUTE a TYPE bigint; -- ! 0A000
ALTER TYPE around ALTER ATTRIBUTE p TYPE int;
