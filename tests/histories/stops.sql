--# flyway takes the revision back
-- file: V1__a.sql
CREATE TABLE a (id int PRIMARY KEY);
-- file: V2__b.sql
CREATE TABLE b (id int);
CREATE TABLE a (id int); -- ! 42P07
CREATE TABLE c (id int);
-- file: V10__d.sql
CREATE TABLE d (id int);
-- file: R__views.sql
CREATE VIEW v AS SELECT id FROM a;

--# psql keeps what ran before
-- file: 1_a.sql
CREATE TABLE a (id int PRIMARY KEY);
-- file: 2_b.sql
CREATE TABLE b (id int);
ALTER TABLE b ADD COLUMN id int; -- ! 42701
CREATE TABLE c (id int);

--# psql takes an open block back
-- file: 1_a.sql
CREATE TABLE a (id int PRIMARY KEY);
BEGIN;
CREATE TABLE b (id int);
COMMIT;
BEGIN;
CREATE TABLE c (id int);
DROP TABLE missing; -- ! 42P01
COMMIT;
-- file: 2_b.sql
CREATE TABLE d (id int);

--# golang-migrate sends a file as one message
-- file: 1_a.up.sql
CREATE TABLE a (id int PRIMARY KEY);
-- file: 1_a.down.sql
DROP TABLE a;
-- file: 2_b.up.sql
CREATE TABLE b (id int);
CREATE TABLE c (a_id text REFERENCES a); -- ! 42804

--# a commit inside a message ends its transaction
-- file: 1_a.up.sql
CREATE TABLE a (id int PRIMARY KEY);
COMMIT;
CREATE TABLE b (id int);
CREATE INDEX ON a (nothing); -- ! 42703

--# prisma sends a file as one message
-- file: migrations/20240101000000_a/migration.sql
CREATE TABLE a (id int PRIMARY KEY);
-- file: migrations/20240102000000_b/migration.sql
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE b (m mood);
CREATE TYPE mood AS ENUM ('happy'); -- ! 42710

--# goose wraps what cannot run in a transaction
-- file: 1_a.sql
-- +goose Up
CREATE TABLE a (id int PRIMARY KEY);
-- +goose Down
DROP TABLE a;
-- file: 2_b.sql
-- +goose Up
CREATE TABLE b (id int);
CREATE INDEX CONCURRENTLY i ON a (id); -- ! 25001
-- +goose Down
DROP TABLE b;

--# goose does not wrap what opts out
-- file: 1_a.sql
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE a (id int PRIMARY KEY);
CREATE INDEX CONCURRENTLY i ON a (id);
DROP VIEW v; -- ! 42P01
-- +goose Down
DROP TABLE a;
-- file: 2_b.sql
-- +goose Up
CREATE TABLE b (id int);

--# dbmate sorts as text and cuts at its marks
-- file: 10_b.sql
-- migrate:up
CREATE TABLE b (id int PRIMARY KEY);
-- migrate:down
DROP TABLE b;
-- file: 9_a.sql
-- migrate:up
CREATE TABLE a (b_id int REFERENCES b);
DROP TABLE b; -- ! 2BP01
-- migrate:down
DROP TABLE a;

--# dbmate opts out
-- file: 1_a.sql
-- migrate:up transaction:false
CREATE TABLE a (id int PRIMARY KEY);
CREATE SCHEMA public; -- ! 42P06
-- migrate:down
DROP TABLE a;
-- file: 2_b.sql
-- migrate:up
CREATE TABLE b (id int);
-- migrate:down
DROP TABLE b;

--# drizzle takes the whole run back
-- file: drizzle/0000_a.sql
CREATE TABLE a (id int PRIMARY KEY);
--> statement-breakpoint
CREATE TABLE b (id int);
-- file: drizzle/0001_b.sql
CREATE TABLE c (id int);
--> statement-breakpoint
ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES c (id); -- ! 42830

--# diesel runs folders
-- file: migrations/00000000000000_diesel_initial_setup/up.sql
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- file: migrations/2024-01-01-000000_a/up.sql
CREATE TABLE a (id int);
ALTER TABLE a RENAME COLUMN missing TO other; -- ! 42703
-- file: migrations/2024-01-01-000000_a/down.sql
DROP TABLE a;

--# a history that runs to its end
-- file: V1__a.sql
CREATE TABLE a (id int PRIMARY KEY);
-- file: V2__b.sql
ALTER TABLE a RENAME TO b;
DROP TABLE IF EXISTS a;
CREATE TABLE a (b_id int REFERENCES b);
