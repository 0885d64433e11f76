-- Keys and checks. PostgreSQL manual, 5.4 "Constraints".

--# two primary keys
CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY); -- ! 42P16

--# a second primary key
CREATE TABLE t (a int PRIMARY KEY, b int);
ALTER TABLE t ADD PRIMARY KEY (b); -- ! 42P16

--# a key over a column that is not there
CREATE TABLE t (a int, PRIMARY KEY (b)); -- ! 42703

--# a key added over a column that is not there
CREATE TABLE t (a int);
ALTER TABLE t ADD UNIQUE (b); -- ! 42703

--# a key that names a column twice
CREATE TABLE t (a int, UNIQUE (a, a)); -- ! 42701

--# two constraints of one name
CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0), CONSTRAINT c CHECK (a < 9)); -- ! 42710

--# a constraint added twice
CREATE TABLE t (a int, b int);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1); -- ! 42710
ALTER TABLE t DROP CONSTRAINT c;
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);

--# a check of one name on another table
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));
CREATE TABLE u (a int CONSTRAINT c CHECK (a > 0));

--# a unique constraint under the name of a relation
CREATE TABLE t (a int);
CREATE TABLE u (a int);
ALTER TABLE t ADD CONSTRAINT u UNIQUE (a); -- ! 42P07

--# a key under the name of another table's key
CREATE TABLE t (a int CONSTRAINT k UNIQUE);
CREATE TABLE u (a int CONSTRAINT k UNIQUE); -- ! 42P07

--# dropping a constraint that is not there
CREATE TABLE t (a int);
ALTER TABLE t DROP CONSTRAINT c; -- ! 42704
ALTER TABLE t DROP CONSTRAINT IF EXISTS c;

--# validating a constraint that is not there
CREATE TABLE t (a int);
ALTER TABLE t VALIDATE CONSTRAINT c; -- ! 42704
ALTER TABLE t RENAME CONSTRAINT c TO d; -- ! 42704

--# validating a key
CREATE TABLE t (a int CONSTRAINT k UNIQUE);
ALTER TABLE t VALIDATE CONSTRAINT k; -- ! 42809

--# a check over a column that is not there
CREATE TABLE t (a int, CHECK (b > 0)); -- ! 42703

--# a primary key from an index
CREATE TABLE t (a int, b int);
CREATE UNIQUE INDEX i ON t (a);
CREATE INDEX j ON t (b);
ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX j; -- ! 42809
ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX missing; -- ! 42704
ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX i;
DROP INDEX k; -- ! 2BP01

--# an index behind a constraint cannot be dropped
CREATE TABLE t (a int CONSTRAINT k UNIQUE);
DROP INDEX k; -- ! 2BP01
ALTER TABLE t DROP CONSTRAINT k;
DROP INDEX k; -- ! 42704

--# a key from a partial index
CREATE TABLE t (a int);
CREATE UNIQUE INDEX i ON t (a) WHERE a > 0;
ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i; -- ! 42809
