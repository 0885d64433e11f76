-- Foreign keys. PostgreSQL manual, 5.4.5.

--# to a table that is not there
CREATE TABLE t (a int REFERENCES missing (id)); -- ! 42P01

--# to a table that comes later
CREATE TABLE child (parent_id int REFERENCES parent (id)); -- ! 42P01
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (parent_id int REFERENCES parent (id));

--# to a column that is not there
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (parent_id int REFERENCES parent (missing)); -- ! 42703

--# from a column that is not there
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (parent_id int);
ALTER TABLE child ADD FOREIGN KEY (missing) REFERENCES parent (id); -- ! 42703

--# to a table without a primary key
CREATE TABLE parent (id int UNIQUE);
CREATE TABLE child (parent_id int REFERENCES parent); -- ! 42704
CREATE TABLE child (parent_id int REFERENCES parent (id));

--# to a column that is not unique
CREATE TABLE parent (id int PRIMARY KEY, other int);
CREATE TABLE child (other int REFERENCES parent (other)); -- ! 42830

--# to part of a key
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE child (a int REFERENCES parent (a)); -- ! 42830

--# to a key in another order
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE child (x int, y int, FOREIGN KEY (x, y) REFERENCES parent (b, a));

--# to a unique index
CREATE TABLE parent (a int, b int);
CREATE UNIQUE INDEX i ON parent (a);
CREATE UNIQUE INDEX j ON parent (b) WHERE b > 0;
CREATE TABLE child (a int REFERENCES parent (a));
CREATE TABLE other (b int REFERENCES parent (b)); -- ! 42830

--# to a deferrable key
CREATE TABLE parent (a int UNIQUE DEFERRABLE);
CREATE TABLE child (a int REFERENCES parent (a)); -- ! 55000

--# with another number of columns
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE child (a int, FOREIGN KEY (a) REFERENCES parent); -- ! 42830
CREATE TABLE other (a int, FOREIGN KEY (a) REFERENCES parent (a, b)); -- ! 42830

--# between types that cannot be compared
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (parent_id text REFERENCES parent (id)); -- ! 42804
CREATE TABLE other (parent_id uuid REFERENCES parent (id)); -- ! 42804

--# between types that can be compared
CREATE TABLE parent (id bigint PRIMARY KEY, name varchar(20) UNIQUE);
CREATE TABLE child (a int REFERENCES parent (id), b smallint REFERENCES parent (id), c text REFERENCES parent (name));

--# to a view
CREATE VIEW v AS SELECT 1 AS id;
CREATE TABLE t (a int REFERENCES v (id)); -- ! 42809

--# two of one name
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (a int, b int, CONSTRAINT f FOREIGN KEY (a) REFERENCES parent (id));
ALTER TABLE child ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES parent (id); -- ! 42710

--# the key that it needs cannot be dropped
CREATE TABLE parent (id int CONSTRAINT pk PRIMARY KEY);
CREATE TABLE child (a int REFERENCES parent (id));
ALTER TABLE parent DROP CONSTRAINT pk; -- ! 2BP01
DROP TABLE parent; -- ! 2BP01
ALTER TABLE parent DROP COLUMN id; -- ! 2BP01
DROP TABLE parent CASCADE;
ALTER TABLE child ADD COLUMN still_there int;

--# both tables go at once
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (a int REFERENCES parent (id));
DROP TABLE parent, child;

--# to itself
CREATE TABLE node (id int PRIMARY KEY, parent_id int REFERENCES node (id));
CREATE TABLE other (id int, parent_id int REFERENCES other (id)); -- ! 42830
DROP TABLE node;
