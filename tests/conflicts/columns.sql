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
