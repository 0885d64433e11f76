-- Partitioning and inheritance. PostgreSQL manual, 5.10 and 5.11.

--# a key without the partition key
CREATE TABLE t (id int PRIMARY KEY, at date) PARTITION BY RANGE (at); -- ! 0A000
CREATE TABLE t (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE UNIQUE INDEX i ON t (id); -- ! 0A000

--# a partition of what is not partitioned
CREATE TABLE t (id int);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (2); -- ! 42P17
CREATE TABLE q PARTITION OF missing FOR VALUES FROM (1) TO (2); -- ! 42P01

--# bounds of another kind
CREATE TABLE t (id int) PARTITION BY LIST (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (2); -- ! 42P16
CREATE TABLE p PARTITION OF t FOR VALUES IN (1, 2);

--# ranges that overlap
CREATE TABLE t (id int) PARTITION BY RANGE (id);
CREATE TABLE a PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE b PARTITION OF t FOR VALUES FROM (5) TO (15); -- ! 42P17
CREATE TABLE b PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE c PARTITION OF t FOR VALUES FROM (30) TO (20); -- ! 42P17

--# two default partitions
CREATE TABLE t (id int) PARTITION BY LIST (id);
CREATE TABLE a PARTITION OF t DEFAULT;
CREATE TABLE b PARTITION OF t DEFAULT; -- ! 42P17

--# a value in two lists
CREATE TABLE t (id int) PARTITION BY LIST (id);
CREATE TABLE a PARTITION OF t FOR VALUES IN (1, 2);
CREATE TABLE b PARTITION OF t FOR VALUES IN (2, 3); -- ! 42P17

--# a partition key that is not there
CREATE TABLE t (id int) PARTITION BY RANGE (missing); -- ! 42703

--# attaching
CREATE TABLE t (id int NOT NULL, name text) PARTITION BY RANGE (id);
CREATE TABLE a (id int NOT NULL);
CREATE TABLE b (id int NOT NULL, name int);
CREATE TABLE c (id int NOT NULL, name text, more int);
CREATE TABLE d (id int NOT NULL, name text);
ALTER TABLE t ATTACH PARTITION a FOR VALUES FROM (0) TO (1); -- ! 42804
ALTER TABLE t ATTACH PARTITION b FOR VALUES FROM (0) TO (1); -- ! 42804
ALTER TABLE t ATTACH PARTITION c FOR VALUES FROM (0) TO (1); -- ! 42804
ALTER TABLE t ATTACH PARTITION d FOR VALUES FROM (0) TO (1);
ALTER TABLE t ATTACH PARTITION d FOR VALUES FROM (1) TO (2); -- ! 42809

--# detaching what is no partition
CREATE TABLE t (id int) PARTITION BY RANGE (id);
CREATE TABLE a (id int);
ALTER TABLE t DETACH PARTITION a; -- ! 42P01

--# a column of a partition
CREATE TABLE t (id int, a int) PARTITION BY RANGE (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (1);
ALTER TABLE p DROP COLUMN a; -- ! 42P16
ALTER TABLE p ADD COLUMN b int; -- ! 42809
ALTER TABLE t DROP COLUMN id; -- ! 42P16
ALTER TABLE t DROP COLUMN a;

--# indexes reach the partitions
CREATE TABLE t (id int, a int) PARTITION BY RANGE (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (1);
CREATE INDEX ON t (a);
CREATE TABLE q PARTITION OF t FOR VALUES FROM (1) TO (2);
DROP INDEX p_a_idx; -- ! 2BP01
DROP INDEX t_a_idx;

--# partitions go with their table
CREATE TABLE t (id int) PARTITION BY RANGE (id);
CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (1);
DROP TABLE t;
DROP TABLE p; -- ! 42P01

--# concurrently on a partitioned table
CREATE TABLE t (id int) PARTITION BY RANGE (id);
CREATE INDEX CONCURRENTLY i ON t (id); -- ! 0A000

--# inheritance
CREATE TABLE parent (a int, b text);
CREATE TABLE child (c int) INHERITS (parent);
CREATE TABLE wrong (b int) INHERITS (parent); -- ! 42804
CREATE TABLE orphan (c int) INHERITS (missing); -- ! 42P01
ALTER TABLE child DROP COLUMN a; -- ! 42P16
ALTER TABLE child RENAME COLUMN a TO x; -- ! 42P16
DROP TABLE parent; -- ! 2BP01
ALTER TABLE parent DROP COLUMN a;
DROP TABLE parent CASCADE;
DROP TABLE child; -- ! 42P01

--# a column added to both
CREATE TABLE parent (a int);
CREATE TABLE child (b int) INHERITS (parent);
ALTER TABLE parent ADD COLUMN b text; -- ! 42804
ALTER TABLE parent ADD COLUMN b int;
ALTER TABLE ONLY parent ADD COLUMN c int; -- ! 42P16
