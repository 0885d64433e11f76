-- What PostgreSQL's own regression suite showed to be otherwise than Relata had it; each in our own words.

--# what an SQL body returns in parentheses is no call
CREATE TABLE parcel (id int PRIMARY KEY, weight int);
CREATE FUNCTION parcels() RETURNS bigint RETURN (SELECT count(*) FROM parcel);
CREATE FUNCTION heaviest() RETURNS int LANGUAGE sql RETURN (SELECT max(weight) FROM parcel);
SELECT parcels();
SELECT hardest(); -- ! 42883

--# windows have names of their own
CREATE TABLE run (id int PRIMARY KEY, lane int, ran interval);
CREATE VIEW ranked AS SELECT id, rank() OVER w AS place, count(*) OVER (w ROWS UNBOUNDED PRECEDING) FROM run WINDOW w AS (PARTITION BY lane ORDER BY ran);
CREATE VIEW two AS SELECT first_value(id) OVER a, last_value(id) OVER b FROM run WHERE lane > 1 WINDOW a AS (PARTITION BY lane), b AS (a ORDER BY ran);
CREATE VIEW wrong AS SELECT rank() OVER w FROM run WINDOW w AS (PARTITION BY team); -- ! 42703
CREATE VIEW unknown AS SELECT v FROM run WINDOW w AS (PARTITION BY lane); -- ! 42703

--# queries of WITH may be called like key words
WITH ordinality AS (SELECT 1 AS one) SELECT * FROM ordinality;
CREATE VIEW once AS WITH time AS (SELECT 1 AS one) SELECT one FROM time;
SELECT * FROM ordinality; -- ! 42P01

--# a part of a column is written
CREATE TYPE place AS (street text, town text);
CREATE TABLE visitor (id int, home place, other place[]);
INSERT INTO visitor (id, home.street, home.town) VALUES (1, 'a', 'b');
INSERT INTO visitor (home.street) SELECT 'c';
INSERT INTO visitor AS v (other[1].town) VALUES ('d');
CREATE FUNCTION move() RETURNS void LANGUAGE sql AS 'INSERT INTO visitor (home.street) SELECT town FROM (SELECT 1::text AS town) t';
CREATE FUNCTION build() RETURNS void LANGUAGE sql AS 'INSERT INTO visitor (house.street) SELECT 1'; -- ! 42703

--# TABLE stands as a query in FROM
CREATE TABLE stone (id int);
SELECT * FROM (TABLE stone) AS s;
CREATE VIEW stones AS SELECT s.id FROM (TABLE stone) AS s (id);
SELECT * FROM (TABLE pebble) AS s; -- ! 42P01

--# a bound that begins and ends with a string is an expression all the same
CREATE TABLE answer (yes boolean) PARTITION BY LIST (yes);
CREATE TABLE answer_less PARTITION OF answer FOR VALUES IN ('a' < 'b');
CREATE TABLE answer_more PARTITION OF answer FOR VALUES IN ('a' > 'b');
CREATE TABLE answer_text PARTITION OF answer FOR VALUES IN ('a < b'); -- ! 22P02

--# bounds are of constants
CREATE TABLE event (at date, kind text) PARTITION BY RANGE (at);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM (at) TO ('2024-01-01'); -- ! 0A000
CREATE TABLE event_b PARTITION OF event FOR VALUES FROM (event.at) TO ('2024-01-01'); -- ! 0A000
CREATE TABLE event_c PARTITION OF event FOR VALUES FROM ((SELECT date '2023-01-01')) TO ('2024-01-01'); -- ! 0A000
CREATE TABLE event_d PARTITION OF event FOR VALUES FROM (max(kind)) TO ('2024-01-01'); -- ! 0A000
CREATE TABLE event_e PARTITION OF event FOR VALUES FROM (date '2023-01-01') TO (date '2023-01-01' + 365);
CREATE TABLE event_f PARTITION OF event FOR VALUES FROM ('2025-01-01'::date) TO (to_date('2026', 'YYYY'));
CREATE TABLE event_g PARTITION OF event FOR VALUES FROM (E'2027-01-01') TO (CAST('2028-01-01' AS date));
CREATE TABLE event_h PARTITION OF event FOR VALUES FROM (generate_series(1, 2)) TO ('2030-01-01'); -- ! 0A000
CREATE TABLE lettered (kind text) PARTITION BY LIST (kind);
CREATE TABLE lettered_a PARTITION OF lettered FOR VALUES IN (upper('a'), 'b' || 'c', NULL);
CREATE TABLE lettered_d PARTITION OF lettered FOR VALUES IN (lettered.kind); -- ! 0A000

--# keys of partitioned tables
CREATE TABLE keyed_a (a int) PARTITION BY RANGE ((42)); -- ! 42P17
CREATE TABLE keyed_b (a int) PARTITION BY RANGE (('x')); -- ! 42P16
CREATE TABLE keyed_c (a point) PARTITION BY LIST (a); -- ! 42704
CREATE TABLE keyed_d (a json) PARTITION BY RANGE (a); -- ! 42704
CREATE TABLE keyed_e (a int, b int) PARTITION BY RANGE ((a + b), abs(b));
CREATE TABLE keyed_f (a int) PARTITION BY HASH (a);
CREATE FUNCTION one() RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE TABLE keyed_g (a int) PARTITION BY RANGE (one()); -- ! 42P17
CREATE TABLE keyed_h (a int) PARTITION BY RANGE ((one() + a));
CREATE TABLE parent (a int);
CREATE TABLE keyed_i (b int) INHERITS (parent) PARTITION BY LIST (b); -- ! 42P17
CREATE TABLE keyed_j (b int) INHERITS (nobody) PARTITION BY LIST (b); -- ! 42P17

--# what LIKE includes joins what is inherited
CREATE TABLE base (a int CHECK (a > 0), b text DEFAULT 'x');
COMMENT ON COLUMN base.b IS 'of base';
CREATE TABLE both_a (LIKE base INCLUDING CONSTRAINTS INCLUDING COMMENTS INCLUDING DEFAULTS) INHERITS (base);
CREATE TABLE other (a int CONSTRAINT base_a_check CHECK (a > 1));
CREATE TABLE both_b (LIKE base INCLUDING CONSTRAINTS) INHERITS (other); -- ! 42710
ALTER TABLE both_a NO INHERIT base;
DROP TABLE base;

--# a type of one's own begins with its input function
CREATE FUNCTION hue_in(cstring) RETURNS hue IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION hue_out(hue) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
CREATE TYPE hue (INPUT = hue_in, OUTPUT = hue_out, LIKE = text);
CREATE TABLE wall (colour hue);
CREATE FUNCTION shade(text) RETURNS shade LANGUAGE sql AS 'SELECT 1'; -- ! 42704
CREATE FUNCTION shade_out(tint) RETURNS cstring LANGUAGE internal AS 'textout'; -- ! 42704

--# a column of no value rewrites no rows
CREATE TABLE name (first text, last text);
CREATE TABLE person (id int, called name);
ALTER TABLE name ADD COLUMN middle text DEFAULT '';
ALTER TABLE name ADD COLUMN middle text DEFAULT NULL; -- ! 42701

--# what is temporary is dropped with a lock all the same
CREATE TEMP TABLE heap (a int) PARTITION BY RANGE (a);
CREATE INDEX heap_a ON heap (a);
DROP INDEX CONCURRENTLY heap_a;
CREATE TABLE kept (a int) PARTITION BY RANGE (a);
CREATE INDEX kept_a ON kept (a);
DROP INDEX CONCURRENTLY kept_a; -- ! 0A000

--# columns that every table has may be granted
CREATE TABLE safe (a int);
GRANT SELECT (a, tableoid, ctid) ON safe TO PUBLIC;
GRANT SELECT (b) ON safe TO PUBLIC; -- ! 42703

--# statistics go with their table
CREATE TABLE pair (a int, b int);
CREATE STATISTICS pair_ab ON a, b FROM pair;
CREATE STATISTICS pair_ab ON a, b FROM pair; -- ! 42710
DROP TABLE pair;
CREATE TABLE pair (a int, b int);
CREATE STATISTICS pair_ab (ndistinct) ON a, b FROM pair;
CREATE STATISTICS none_ab ON a, b FROM nothing; -- ! 42P01

--# defaults name no columns
CREATE TABLE free (a int, b int DEFAULT (free.a)); -- ! 0A000
CREATE TABLE free (a int, b int DEFAULT (other.a)); -- ! 0A000
CREATE TABLE free (a int, b int DEFAULT (a + 1)); -- ! 0A000

--# foreign tables hold no keys
CREATE FOREIGN DATA WRAPPER plain;
CREATE SERVER far FOREIGN DATA WRAPPER plain;
CREATE TABLE near (id int PRIMARY KEY);
CREATE FOREIGN TABLE far_a (id int PRIMARY KEY) SERVER far; -- ! 0A000
CREATE FOREIGN TABLE far_b (id int UNIQUE) SERVER far; -- ! 0A000
CREATE FOREIGN TABLE far_c (id int REFERENCES near) SERVER far; -- ! 0A000
CREATE FOREIGN TABLE far_d (id int, EXCLUDE (id WITH =)) SERVER far; -- ! 0A000
CREATE FOREIGN TABLE far_e (id int) SERVER nowhere; -- ! 42704
CREATE FOREIGN TABLE far_f (id int NOT NULL CHECK (id > 0), note text DEFAULT 'x') SERVER far;
ALTER TABLE far_f ADD PRIMARY KEY (id); -- ! 0A000
ALTER FOREIGN TABLE far_f ADD CONSTRAINT far_f_near FOREIGN KEY (id) REFERENCES near; -- ! 0A000
ALTER FOREIGN TABLE far_f ADD CONSTRAINT far_f_positive CHECK (id > 1);
CREATE INDEX ON far_f (id); -- ! 42809

--# unique indexes leave out no partition
CREATE FOREIGN DATA WRAPPER plain_b;
CREATE SERVER far_away FOREIGN DATA WRAPPER plain_b;
CREATE TABLE log (id int, at int) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE log_old PARTITION OF log FOR VALUES FROM (0) TO (10) SERVER far_away;
CREATE INDEX log_at ON log (at);
CREATE UNIQUE INDEX log_id ON log (id); -- ! 42809
ALTER TABLE log ADD PRIMARY KEY (id); -- ! 42809
CREATE TABLE act (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE act_old PARTITION OF act FOR VALUES FROM (0) TO (10) SERVER far_away; -- ! 42809
CREATE FOREIGN TABLE act_far (id int NOT NULL) SERVER far_away;
ALTER TABLE act ATTACH PARTITION act_far FOR VALUES FROM (10) TO (20); -- ! 42809

--# indexes of system columns
CREATE TABLE sys (a int);
CREATE INDEX ON sys (ctid); -- ! 0A000
CREATE INDEX ON sys ((ctid >= '(1,0)')); -- ! 0A000
CREATE INDEX ON sys (a) WHERE ctid >= '(1,0)'; -- ! 0A000

--# a view has one rule for SELECT
CREATE TABLE shelf (a int);
CREATE VIEW shelved AS SELECT a FROM shelf;
CREATE RULE "_RETURN" AS ON SELECT TO shelved DO INSTEAD SELECT 1 AS a; -- ! 55000
CREATE OR REPLACE RULE "_RETURN" AS ON SELECT TO shelved DO INSTEAD SELECT a FROM shelf WHERE a > 1;

--# transition tables of TRUNCATE
CREATE TABLE gone (a int);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER gone_t AFTER TRUNCATE ON gone REFERENCING OLD TABLE AS o FOR EACH STATEMENT EXECUTE FUNCTION note(); -- ! 0A000

--# types of what is made from a query
CREATE TABLE hours AS SELECT h, h + 1 AS next, h % 3 AS third FROM generate_series(1, 24) h;
CREATE TABLE hours_b AS SELECT g.i AS i, md5(random()::text) AS word FROM generate_series(1, 24) AS g(i);
CREATE TABLE hours_c AS SELECT * FROM generate_series(1::bigint, 24) n;
CREATE TABLE sums AS SELECT third, sum(h) AS total, avg(h) AS mean, count(*) FILTER (WHERE h > 3) AS many, rank() OVER (ORDER BY third) AS place FROM hours GROUP BY third;
CREATE VIEW later AS SELECT h AS hour, third FROM hours;
CREATE TABLE latest AS SELECT l.hour, third FROM later l;
CREATE TABLE letters AS SELECT 'a'::"char", 'b'::bpchar, 'c'::name, 'd'::char AS d;

--# operator classes that are the default and are not
CREATE TABLE net (a inet, b cidr, c text, r int4range);
CREATE INDEX net_brin_a ON net USING brin (a inet_minmax_ops, b inet_inclusion_ops, r range_inclusion_ops);
CREATE INDEX net_text ON net ((c || 'x') text_ops);
CREATE INDEX net_pattern ON net ((c || 'x') text_pattern_ops);

--# foreign keys of partitions that come back
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE thing (id int, owner int REFERENCES owner) PARTITION BY RANGE (id);
CREATE TABLE thing_a (id int, owner int) PARTITION BY RANGE (id);
CREATE TABLE thing_a_1 PARTITION OF thing_a FOR VALUES FROM (0) TO (5);
ALTER TABLE thing ATTACH PARTITION thing_a FOR VALUES FROM (0) TO (10);
ALTER TABLE thing DETACH PARTITION thing_a;
ALTER TABLE thing ATTACH PARTITION thing_a FOR VALUES FROM (0) TO (10);

--# what children inherit is renamed in all of them or not at all
CREATE TABLE vessel (draught int, CONSTRAINT floats CHECK (draught > 0));
CREATE TABLE barge (load int) INHERITS (vessel);
ALTER TABLE ONLY vessel RENAME COLUMN draught TO depth; -- ! 42P16
ALTER TABLE ONLY vessel RENAME CONSTRAINT floats TO swims; -- ! 42P16
ALTER TABLE ONLY vessel RENAME TO ship;
ALTER TABLE ONLY barge RENAME COLUMN load TO freight;
ALTER TABLE ship RENAME COLUMN draught TO depth;

--# columns that partitions of partitions are kept by
CREATE TABLE reading (site int, sensor int, unit text, note int) PARTITION BY LIST (site);
CREATE TABLE reading_1 PARTITION OF reading FOR VALUES IN (1) PARTITION BY LIST (sensor);
CREATE TABLE reading_2 PARTITION OF reading FOR VALUES IN (2) PARTITION BY RANGE (lower(unit));
ALTER TABLE reading DROP COLUMN sensor; -- ! 42P16
ALTER TABLE reading DROP COLUMN sensor CASCADE; -- ! 42P16
ALTER TABLE reading ALTER COLUMN sensor TYPE bigint; -- ! 42P16
ALTER TABLE reading DROP COLUMN unit; -- ! 42P16
ALTER TABLE reading DROP COLUMN note;

--# partitions are detached concurrently only where none takes the rest, and keep their bounds as a check
CREATE TABLE parcel_log (day int) PARTITION BY LIST (day);
CREATE TABLE parcel_log_rest PARTITION OF parcel_log DEFAULT;
CREATE TABLE parcel_log_1 PARTITION OF parcel_log FOR VALUES IN (1);
ALTER TABLE parcel_log DETACH PARTITION parcel_log_1 CONCURRENTLY; -- ! 55000
ALTER TABLE parcel_log DETACH PARTITION parcel_log_rest;
ALTER TABLE parcel_log DETACH PARTITION parcel_log_1 FINALIZE; -- ! 55000
ALTER TABLE parcel_log DETACH PARTITION parcel_log_1 CONCURRENTLY;
ALTER TABLE parcel_log DETACH PARTITION parcel_log_1 CONCURRENTLY; -- ! 42P01

--# foreign keys must still be possible when a type changes
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE dog (owner_id int REFERENCES owner);
ALTER TABLE owner ALTER id TYPE text; -- ! 42804
ALTER TABLE dog ALTER owner_id TYPE text USING owner_id::text; -- ! 42804
ALTER TABLE owner ALTER id TYPE bigint;

--# what USING gives is cast as an assignment casts
CREATE TABLE tally (n int, word text);
ALTER TABLE tally ALTER n TYPE date USING n; -- ! 42804
ALTER TABLE tally ALTER n TYPE date USING word; -- ! 42804
ALTER TABLE tally ALTER n TYPE int USING now(); -- ! 42804
ALTER TABLE tally ALTER n TYPE int USING length(word);
ALTER TABLE tally ALTER n TYPE date USING NULL;

--# columns of foreign tables are of another type without a cast, and nothing makes new values
CREATE FOREIGN DATA WRAPPER wrapper;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper;
CREATE FOREIGN TABLE remote (a int, b text) SERVER elsewhere;
ALTER FOREIGN TABLE remote ALTER b TYPE int USING 1; -- ! 42809
ALTER FOREIGN TABLE remote ALTER b TYPE int;

--# NOT NULL that is taken and given back in one statement comes back to the table alone
CREATE TABLE shelf (room text, height int NOT NULL) PARTITION BY LIST (room);
CREATE TABLE shelf_a PARTITION OF shelf FOR VALUES IN ('a');
ALTER TABLE shelf ALTER COLUMN height DROP NOT NULL, ALTER COLUMN height SET NOT NULL;

--# what is detached concurrently from hashes keeps no check of its own, though one of a list keeps the hash above it
CREATE TABLE spread (a int, b int) PARTITION BY HASH (a);
CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY LIST (b);
CREATE TABLE spread_1_1 PARTITION OF spread_1 FOR VALUES IN (1);
ALTER TABLE spread DETACH PARTITION spread_0 CONCURRENTLY;
ALTER TABLE spread_1 DETACH PARTITION spread_1_1 CONCURRENTLY;
DROP TABLE spread;
