-- Functions, triggers and policies.

--# a function made twice
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(b integer) RETURNS int LANGUAGE sql AS 'SELECT 2'; -- ! 42723
CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 3';

--# another result type
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''a'''; -- ! 42P13

--# dropping functions
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION f; -- ! 42725
DROP FUNCTION f(uuid); -- ! 42883
DROP FUNCTION IF EXISTS f(uuid);
DROP FUNCTION f(int);
DROP FUNCTION f;
DROP FUNCTION f; -- ! 42883

--# a language that is not there
CREATE FUNCTION f() RETURNS int LANGUAGE missing AS 'x'; -- ! 42704

--# a procedure dropped as a function
CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION p(); -- ! 42809
DROP PROCEDURE p();

--# triggers
CREATE TABLE t (a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42710
CREATE OR REPLACE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER h BEFORE INSERT ON missing FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42P01
CREATE TRIGGER h BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION missing(); -- ! 42883
CREATE TRIGGER h BEFORE UPDATE OF missing ON t FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42703
DROP FUNCTION f(); -- ! 2BP01
DROP TRIGGER missing ON t; -- ! 42704
DROP TRIGGER IF EXISTS missing ON t;
DROP TRIGGER g ON t;
DROP FUNCTION f();

--# a trigger by a function that is none
CREATE TABLE t (a int);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); -- ! 42P17

--# enabling a trigger that is not there
CREATE TABLE t (a int);
ALTER TABLE t DISABLE TRIGGER g; -- ! 42704

--# policies
CREATE TABLE t (a int);
CREATE POLICY p ON t USING (true);
CREATE POLICY p ON t USING (false); -- ! 42710
ALTER POLICY missing ON t USING (true); -- ! 42704
DROP POLICY missing ON t; -- ! 42704
DROP POLICY IF EXISTS missing ON t;
CREATE POLICY q ON missing USING (true); -- ! 42P01
CREATE POLICY r ON t FOR SELECT WITH CHECK (true); -- ! 42601
CREATE POLICY r ON t FOR INSERT USING (true); -- ! 42601

--# a policy over a function
CREATE TABLE t (a int);
CREATE FUNCTION allowed() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE POLICY p ON t USING (allowed());
DROP FUNCTION allowed(); -- ! 2BP01
DROP FUNCTION allowed() CASCADE;
DROP POLICY p ON t; -- ! 42704

--# a default over a function
CREATE FUNCTION next_id() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE t (a int DEFAULT next_id());
DROP FUNCTION next_id(); -- ! 2BP01
DROP FUNCTION next_id() CASCADE;
ALTER TABLE t ALTER COLUMN a DROP DEFAULT;

--# calls of what is no function
CREATE TABLE t (a int, b text, done boolean);
CREATE DOMAIN amount AS int;
CREATE SCHEMA s;
CREATE FUNCTION s.hidden(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION plain(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE u (a int DEFAULT missing()); -- ! 42883
CREATE TABLE u (a int CHECK (hidden(a) > 1)); -- ! 42883
CREATE TABLE u (a int CHECK (s.hiden(a) > 1)); -- ! 42883
CREATE TABLE u (a int CHECK (other.hidden(a) > 1)); -- ! 3F000
CREATE TABLE u (a int, b int GENERATED ALWAYS AS (missing(a)) STORED); -- ! 42883
CREATE TABLE u (a int) PARTITION BY RANGE (missing(a)); -- ! 42883
CREATE TABLE u (a int CHECK (s.hidden(a) > 1));
CREATE INDEX ON t (lenght(b)); -- ! 42883
CREATE INDEX ON t (length(b)) WHERE missing(a); -- ! 42883
CREATE POLICY p ON t USING (done() OR a > 1); -- ! 42883
CREATE VIEW v AS SELECT missing(a) FROM t; -- ! 42883
CREATE VIEW v AS SELECT missing(nope) FROM t; -- ! 42703
CREATE VIEW v AS SELECT missing(a), nope FROM t; -- ! 42883
CREATE VIEW v AS SELECT missing(a) FROM nope; -- ! 42P01
CREATE VIEW v AS SELECT x FROM missing(1) AS x; -- ! 42883
CREATE VIEW v AS SELECT amount(a), plain(a), b(t), text(a), int8(a) FROM t;
CREATE VIEW w AS SELECT sum(a) FILTER (WHERE a > 1), rank() OVER (PARTITION BY 1 ORDER BY sum(a)),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t GROUP BY ROLLUP (a, b), GROUPING SETS ((a), (b));
CREATE VIEW x AS WITH q (k) AS (SELECT a FROM t), r AS MATERIALIZED (SELECT 1) SELECT k FROM q, json_to_recordset('[]') AS y (z numeric(3, 1));
CREATE VIEW y AS SELECT CAST(a AS numeric(10, 2)), xmlforest(b), time(3) '10:00', a IN (1) AS one, NOT (a > 1) AS two FROM t TABLESAMPLE bernoulli (10) REPEATABLE (3);
DROP FUNCTION plain(int) CASCADE;
CREATE INDEX ON t (plain(a)); -- ! 42883
SET search_path = s, public;
CREATE INDEX ON t (hidden(a));

--# bodies in SQL are read when the function is made
CREATE TABLE t (a int, b text);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT a FROM missing'; -- ! 42P01
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT c FROM t'; -- ! 42703
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT missing(a) FROM t'; -- ! 42883
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM missing; END; -- ! 42P01
CREATE PROCEDURE f(x int) LANGUAGE sql AS 'INSERT INTO missing (a) VALUES (x)'; -- ! 42P01
CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT a FROM t WHERE a = x AND a = f.x AND a > $1';
CREATE FUNCTION g(r t) RETURNS text LANGUAGE sql AS 'SELECT r.b || (r).a';
CREATE FUNCTION h(x int) RETURNS int LANGUAGE sql AS 'SELECT CASE WHEN x > 1 THEN h(x - 1) ELSE 1 END';
CREATE FUNCTION i(x anyelement) RETURNS int LANGUAGE sql AS 'SELECT a FROM missing';
CREATE FUNCTION j() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM a FROM missing; END';
SET check_function_bodies = off;
CREATE FUNCTION k() RETURNS int LANGUAGE sql AS 'SELECT a FROM missing';
SET check_function_bodies = on;
CREATE OR REPLACE FUNCTION k() RETURNS int LANGUAGE sql AS 'SELECT a FROM missing'; -- ! 42P01
