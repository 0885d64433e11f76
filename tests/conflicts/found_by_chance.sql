-- What random scripts found (`tests/random_scripts.rs`), each in its shortest form. Where a statement has several things wrong with it, the first that
-- PostgreSQL's parse analysis or its passes come to is what it reports.

--# types before parents, keys before the name, the query before the table
CREATE TABLE t (a int);
CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY); -- ! 42P16
CREATE TABLE t (a missing); -- ! 42704
CREATE TABLE t (a int, a int); -- ! 42701
CREATE TABLE t () INHERITS (missing); -- ! 42P01
CREATE TABLE t (b missing) INHERITS (missing); -- ! 42704
CREATE TABLE t PARTITION OF missing DEFAULT; -- ! 42P01
CREATE TABLE missing.t AS SELECT * FROM missing; -- ! 42P01

--# a composite type is a type first
CREATE TABLE t (a int);
CREATE TYPE t AS (a int); -- ! 42710
CREATE INDEX i ON t (a);
CREATE TYPE i AS (a int); -- ! 42P07

--# keys of types without an order
CREATE TABLE t (a json, b point, c jsonb);
ALTER TABLE t ADD PRIMARY KEY (a); -- ! 42704
ALTER TABLE t ADD UNIQUE (b); -- ! 42704
CREATE INDEX ON t (a); -- ! 42704
CREATE INDEX ON t (b); -- ! 42704
CREATE INDEX ON t USING gist (b);
CREATE INDEX ON t USING gin (c);
CREATE UNIQUE INDEX ON t (c);

--# gin and gist have no classes for scalars
CREATE TABLE t (a int, b text, c int[], d tsvector);
CREATE INDEX ON t USING gin (b); -- ! 42704
CREATE INDEX ON t USING gist (a); -- ! 42704
CREATE INDEX ON t USING gin (c, d);
ALTER TABLE t ADD EXCLUDE USING gist (a WITH =); -- ! 42704

--# an index becomes a key only as it is sorted by default
CREATE TABLE t (a int NOT NULL, b int);
CREATE UNIQUE INDEX down ON t (a DESC);
CREATE UNIQUE INDEX nulls ON t (a NULLS FIRST);
ALTER TABLE t ADD PRIMARY KEY USING INDEX down; -- ! 42809
ALTER TABLE t ADD UNIQUE USING INDEX nulls; -- ! 42809
CREATE TABLE other (a int);
CREATE UNIQUE INDEX elsewhere ON other (a);
ALTER TABLE t ADD UNIQUE USING INDEX elsewhere; -- ! 55000

--# elements of a schema that was refused are not made
CREATE SCHEMA app;
CREATE SCHEMA app CREATE TABLE t (a int); -- ! 42P06
DROP TABLE app.t; -- ! 42P01

--# a sequence lies with its owner
CREATE SCHEMA app;
CREATE TABLE t (a int);
CREATE SEQUENCE app.s OWNED BY t.a; -- ! 55000
CREATE SEQUENCE s OWNED BY t.a;

--# a function's own name is taken
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION f RENAME TO f; -- ! 42723
DROP PROCEDURE f; -- ! 42883
DROP PROCEDURE f(int); -- ! 42809
GRANT EXECUTE ON FUNCTION g(int) TO PUBLIC; -- ! 42883

--# a trigger's function before its columns, a policy's columns before the policy
CREATE TABLE t (a int);
CREATE TRIGGER g BEFORE UPDATE OF missing ON t EXECUTE FUNCTION missing(); -- ! 42883
ALTER POLICY p ON t USING (missing IS NULL); -- ! 42703
ALTER POLICY p ON t USING (a IS NULL); -- ! 42704

--# a check of the same name merges only with the same check
CREATE TABLE p (a int, b int, CONSTRAINT k CHECK (a > 0));
CREATE TABLE same (CONSTRAINT k CHECK ((a > 0))) INHERITS (p);
CREATE TABLE another (CONSTRAINT k CHECK (b > 0)) INHERITS (p); -- ! 42710

--# a new partition holds nothing that a check could miss
CREATE TABLE p (a int) PARTITION BY LIST (a);
ALTER TABLE p ADD CONSTRAINT k CHECK (a > 0) NOT VALID;
CREATE TABLE one PARTITION OF p FOR VALUES IN (1);

--# the partition of a partition may be split by another column
CREATE TABLE p (a int, b int) PARTITION BY LIST (a);
CREATE TABLE one PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (b);
ALTER TABLE p ADD PRIMARY KEY (a); -- ! 0A000
ALTER TABLE p ADD PRIMARY KEY (a, b);

--# what temporary tables may be part of
CREATE TEMP TABLE t (a int);
CREATE TABLE c () INHERITS (t); -- ! 42809
CREATE MATERIALIZED VIEW m AS SELECT a FROM t; -- ! 0A000
CREATE VIEW v AS SELECT a FROM t;

--# generated columns split nothing
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED) PARTITION BY LIST (b); -- ! 42P17

--# a partitioned table is its own partition to no one
CREATE TABLE t (a int) PARTITION BY LIST (a);
ALTER TABLE t ATTACH PARTITION t FOR VALUES IN (1); -- ! 42P07
ALTER TABLE t INHERIT missing; -- ! 42809

--# the public schema under another name
ALTER SCHEMA public RENAME TO app;
CREATE TABLE app.t (a int);

--# what a view is not altered by
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE v DROP CONSTRAINT k; -- ! 42809
ALTER TABLE v ALTER COLUMN a DROP NOT NULL; -- ! 42809
ALTER TABLE v ENABLE TRIGGER g; -- ! 42809
ALTER TABLE v SET UNLOGGED; -- ! 42809
ALTER TABLE v ALTER COLUMN a SET DEFAULT 1;

--# the index of a partitioned table stores nothing
CREATE TABLE t (a int) PARTITION BY LIST (a);
CREATE INDEX i ON t (a);
ALTER INDEX i SET (fillfactor = 70); -- ! 42809

--# labels, attributes, equal exclusions, generated foreign keys
CREATE TYPE mood AS ENUM ('a', 'b');
ALTER TYPE mood RENAME VALUE 'c' TO 'a'; -- ! 22023
ALTER TYPE mood RENAME VALUE 'b' TO 'a'; -- ! 42710
CREATE TYPE pair AS (a int);
ALTER TYPE pair ADD ATTRIBUTE a missing; -- ! 42701
CREATE TABLE once (a int, EXCLUDE (a WITH =), EXCLUDE (a WITH =));
CREATE TABLE p (a int PRIMARY KEY);
CREATE TABLE c (a int, b int GENERATED ALWAYS AS (a) STORED REFERENCES p ON DELETE SET NULL); -- ! 42601
CREATE TABLE c (a int, b int GENERATED ALWAYS AS (a) STORED REFERENCES p ON UPDATE CASCADE); -- ! 42601
CREATE TABLE c (a int, b int GENERATED ALWAYS AS (a) STORED REFERENCES p ON DELETE CASCADE);

--# a view of something temporary lies with it
CREATE SCHEMA app;
CREATE TEMP TABLE t (a int);
CREATE VIEW app.v AS SELECT a FROM t; -- ! 42P16
ALTER TABLE t SET SCHEMA app; -- ! 0A000

--# an identity column stays an integer
CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);
ALTER TABLE t ALTER COLUMN a TYPE bigint;
ALTER TABLE t ALTER COLUMN a TYPE numeric; -- ! 22023

--# a column of two parents has one name
CREATE TABLE p (a int);
CREATE TABLE q (a int);
CREATE TABLE c () INHERITS (p, q);
ALTER TABLE p RENAME COLUMN a TO b; -- ! 42P16

--# only a partitioned table itself references nothing
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE t (a int PRIMARY KEY);
ALTER TABLE ONLY p ADD FOREIGN KEY (a) REFERENCES t; -- ! 42809
CREATE TEMP TABLE x (a int);
ALTER TABLE p ATTACH PARTITION x DEFAULT; -- ! 42809

--# a table like a view has the types of its query
CREATE TABLE t (a date, b varchar(20));
CREATE VIEW v AS SELECT a, b AS c, count(*) AS n FROM t GROUP BY a, b;
CREATE TABLE u (LIKE v);

--# what is attached, before how it is bounded
CREATE TABLE t (a int, b int) PARTITION BY LIST (a);
CREATE TABLE p PARTITION OF t FOR VALUES IN (1) PARTITION BY RANGE (b);
ALTER TABLE p ATTACH PARTITION p FOR VALUES FROM (1) TO (2); -- ! 42809
ALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (1) TO (2); -- ! 42P07
ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1); -- ! 42809
ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (1) TO (2); -- ! 42P16
CREATE TABLE other (a int, b int, c int);
ALTER TABLE t ATTACH PARTITION other FOR VALUES IN (1); -- ! 42804
ALTER TABLE other DROP COLUMN c;
ALTER TABLE t ATTACH PARTITION other FOR VALUES IN (1); -- ! 42P17
ALTER TABLE p ATTACH PARTITION other FOR VALUES FROM (2) TO (1); -- ! 42P17

--# what ALTER TABLE does is for some kinds of relations only
CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT * FROM t;
CREATE MATERIALIZED VIEW m AS SELECT * FROM t;
CREATE UNIQUE INDEX i ON m (a);
CREATE SEQUENCE s;
ALTER TABLE v DETACH PARTITION nothing; -- ! 42809
ALTER TABLE m ATTACH PARTITION t FOR VALUES IN (1); -- ! 42809
ALTER TABLE v REPLICA IDENTITY FULL; -- ! 42809
ALTER TABLE v CLUSTER ON i; -- ! 42809
ALTER TABLE v ALTER a SET STATISTICS 10; -- ! 42809
ALTER TABLE v ENABLE RULE r; -- ! 42809
ALTER TABLE m DISABLE TRIGGER ALL; -- ! 42809
ALTER TABLE m NOT OF; -- ! 42809
ALTER TABLE m REPLICA IDENTITY USING INDEX i; -- ! 42809
ALTER TABLE m REPLICA IDENTITY FULL;
ALTER TABLE m CLUSTER ON i;
ALTER TABLE m ALTER a SET STATISTICS 10;
ALTER TABLE s ADD COLUMN c int; -- ! 42809
ALTER TABLE s SET (fillfactor = 50); -- ! 42809

--# the index of a partitioned table goes at once or not at all
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE INDEX i ON p (a);
CREATE TABLE t (a int);
CREATE INDEX j ON t (a);
DROP INDEX CONCURRENTLY i; -- ! 0A000
DROP INDEX CONCURRENTLY IF EXISTS i; -- ! 0A000
DROP INDEX CONCURRENTLY j CASCADE; -- ! 0A000
DROP INDEX CONCURRENTLY j;

--# children have their parents' collations
CREATE TABLE a (c text COLLATE "C");
CREATE TABLE b (c text);
CREATE TABLE x () INHERITS (a, b); -- ! 42P21
CREATE TABLE x (c text) INHERITS (a); -- ! 42P21
CREATE TABLE x (c text COLLATE "C") INHERITS (a);
ALTER TABLE b INHERIT a; -- ! 42P21
ALTER TABLE x ADD COLUMN d text;
ALTER TABLE a ADD COLUMN d text COLLATE "C"; -- ! 42P21
CREATE TABLE p (c text) PARTITION BY LIST (c);
CREATE TABLE q (c text COLLATE "POSIX");
ALTER TABLE p ATTACH PARTITION q DEFAULT; -- ! 42P21

--# a temporary parent comes before what its columns are
CREATE TEMP TABLE t (c int);
CREATE TABLE z (c text);
ALTER TABLE z INHERIT t; -- ! 42809

--# a column of a view may own a sequence
CREATE SCHEMA other;
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
CREATE SEQUENCE s OWNED BY v.b; -- ! 42703
CREATE SEQUENCE s OWNED BY m.a; -- ! 42809
CREATE SEQUENCE other.s OWNED BY v.a; -- ! 55000
CREATE SEQUENCE s OWNED BY t.a;
ALTER SEQUENCE s OWNED BY v.b; -- ! 42703

--# what LIKE copies has names as what is written has
CREATE TABLE t (a int CONSTRAINT k CHECK (a > 0));
CREATE TABLE x (LIKE t INCLUDING ALL, b int CONSTRAINT k CHECK (b > 0)); -- ! 42710
CREATE TABLE x (LIKE t INCLUDING ALL, b int CONSTRAINT k UNIQUE); -- ! 42710
CREATE TABLE x (LIKE t, b int CONSTRAINT k UNIQUE);

--# a schema that is missing comes before the function in it
GRANT EXECUTE ON FUNCTION other.f() TO PUBLIC; -- ! 3F000
COMMENT ON FUNCTION other.f() IS 'x'; -- ! 3F000
ALTER FUNCTION other.f() STABLE; -- ! 3F000
DROP FUNCTION other.f(); -- ! 3F000
DROP FUNCTION IF EXISTS other.f();

--# only a partitioned table has something to detach
CREATE TABLE t (a int);
ALTER TABLE t DETACH PARTITION missing; -- ! 42P17

--# rows of a type that another table has are not written anew
CREATE TABLE t (a int);
CREATE TABLE holder (c t);
ALTER TABLE t SET LOGGED;
ALTER TABLE t SET UNLOGGED; -- ! 0A000

--# columns are dropped before an index is looked up that is to be a key, and set behind it
CREATE TABLE t (a int, b int);
ALTER TABLE t ADD PRIMARY KEY USING INDEX missing, ALTER b DROP EXPRESSION; -- ! 55000
ALTER TABLE t ADD PRIMARY KEY USING INDEX missing, ALTER nothing SET NOT NULL; -- ! 42704

--# a new column's key of a partitioned table alone, and what is asked of a temporary table first
CREATE TABLE t (a int PRIMARY KEY) PARTITION BY LIST (a);
ALTER TABLE ONLY t ADD COLUMN b int REFERENCES t; -- ! 42809
CREATE TEMP TABLE p (a int);
ALTER TABLE p ENABLE TRIGGER missing, SET LOGGED; -- ! 42P16

--# a policy is given a name that is taken, and is not there itself
CREATE TABLE t (a int);
CREATE POLICY q ON t USING (true);
ALTER POLICY p ON t RENAME TO q; -- ! 42710
ALTER POLICY p ON t RENAME TO r; -- ! 42704

--# a view that reads itself
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE OR REPLACE VIEW v AS SELECT a FROM v;
CREATE VIEW w AS SELECT a FROM v;
CREATE MATERIALIZED VIEW m AS SELECT a FROM w WITH NO DATA;
CREATE MATERIALIZED VIEW n AS SELECT a FROM w; -- ! 42P17
CREATE TABLE x AS SELECT a FROM v; -- ! 42P17

--# the type of an inherited column is looked at before other parts of the statement
CREATE TABLE p (a int, b int);
CREATE TABLE c (d int) INHERITS (p);
ALTER TABLE c ALTER a TYPE bigint, DROP CONSTRAINT missing; -- ! 42P16
ALTER TABLE c DROP CONSTRAINT missing, ALTER a TYPE bigint; -- ! 42P16
ALTER TABLE c ALTER d TYPE bigint, DROP CONSTRAINT missing; -- ! 42704
ALTER TABLE c ALTER a TYPE bigint; -- ! 42P16
