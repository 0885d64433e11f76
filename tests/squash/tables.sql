-- Tables in every form, and what ALTER TABLE leaves behind.
CREATE SCHEMA app;
CREATE SCHEMA "Odd Name";
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s fine');
CREATE DOMAIN app.positive AS integer DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE TYPE app.pair AS (a integer, b text COLLATE "C");
CREATE TYPE app.span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE SEQUENCE app.free AS smallint INCREMENT BY -2 MINVALUE -100 MAXVALUE 100 START WITH 50 CACHE 5 CYCLE;

CREATE TABLE "Odd Name"."user" (
    id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "Odd Name".ids START WITH 100) PRIMARY KEY,
    "Name" varchar(80) COLLATE "C" NOT NULL,
    mood app.mood DEFAULT 'ok',
    amount app.positive,
    pairs app.pair[],
    at timestamp(3) with time zone DEFAULT now(),
    during interval day to second(3),
    bits bit varying(5),
    twice integer GENERATED ALWAYS AS (2 * 3) STORED,
    UNIQUE NULLS NOT DISTINCT ("Name", mood) INCLUDE (at) WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE "Odd Name"."user" ADD CHECK (length("Name") > 2) NOT VALID;
ALTER TABLE "Odd Name"."user" RENAME COLUMN "Name" TO "Full Name";
ALTER TABLE "Odd Name"."user" ALTER COLUMN "Full Name" SET STATISTICS 500, ALTER COLUMN "Full Name" SET STORAGE EXTERNAL;
ALTER TABLE "Odd Name"."user" REPLICA IDENTITY FULL;
ALTER TABLE "Odd Name"."user" SET (autovacuum_enabled = false, toast.autovacuum_vacuum_scale_factor = 0.2);

SET search_path = app, public;
CREATE TABLE counted (id serial PRIMARY KEY, n smallserial, gone text, kept text);
ALTER TABLE counted DROP COLUMN gone;
CREATE TABLE public.shared (id integer PRIMARY KEY, twin integer UNIQUE, UNIQUE (id));
CREATE UNLOGGED TABLE cache (k text, v jsonb, CONSTRAINT one EXCLUDE USING btree (k WITH =) WHERE (v IS NOT NULL));
-- Two tables that reference each other.
CREATE TABLE hen (id integer PRIMARY KEY, egg integer);
CREATE TABLE egg (id integer PRIMARY KEY, hen integer REFERENCES hen MATCH FULL ON DELETE CASCADE ON UPDATE SET NULL);
ALTER TABLE hen ADD CONSTRAINT comes_from FOREIGN KEY (egg) REFERENCES egg DEFERRABLE;
CREATE TABLE leaf (id integer, parent integer, PRIMARY KEY (id), FOREIGN KEY (parent) REFERENCES leaf (id) ON DELETE SET NULL (parent) NOT VALID);
-- A default that calls a function that reads the table.
CREATE TABLE circle (id integer DEFAULT 0, CONSTRAINT few CHECK (id >= 0));
CREATE FUNCTION next_in_circle() RETURNS integer LANGUAGE sql STABLE BEGIN ATOMIC SELECT coalesce(max(id), 0) + 1 FROM circle; END;
ALTER TABLE circle ALTER COLUMN id SET DEFAULT next_in_circle();
-- Inheritance: columns first, and columns that came later.
CREATE TABLE base (id integer NOT NULL, note text DEFAULT 'none', CONSTRAINT noted CHECK (note <> ''));
CREATE TABLE child (extra text) INHERITS (base);
ALTER TABLE child ALTER COLUMN note SET DEFAULT 'child';
CREATE TABLE late (x integer, id integer NOT NULL, note text, CONSTRAINT noted CHECK (note <> ''));
ALTER TABLE late INHERIT base;
-- Partitions: attached, nested, with indexes of their own names.
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text DEFAULT 'a', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events (kind DEFAULT 'b', CONSTRAINT own CHECK (kind <> 'x')) FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY HASH (id);
CREATE TABLE events_2025_0 PARTITION OF events_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_old (kind text, at date NOT NULL, id bigint NOT NULL);
ALTER TABLE events ATTACH PARTITION events_old DEFAULT;
CREATE INDEX by_kind ON events (kind, lower(kind) DESC NULLS LAST);
ALTER INDEX events_2024_kind_lower_idx RENAME TO by_kind_2024;
CREATE INDEX only_here ON ONLY events (kind);
CREATE TABLE line (event bigint, at date, FOREIGN KEY (event, at) REFERENCES events (id, at));
CREATE TABLE list_of_pairs OF pair (PRIMARY KEY (a));
CREATE UNIQUE INDEX part ON counted (lower(kept) text_pattern_ops, n DESC) INCLUDE (id) WHERE kept IS NOT NULL;
CREATE INDEX gin ON cache USING gin (v jsonb_path_ops) WITH (fastupdate = off);
CLUSTER counted USING counted_pkey;
CREATE STATISTICS both_of (ndistinct) ON id, n FROM counted;

COMMENT ON TABLE counted IS 'with '' quote and \ backslash';
COMMENT ON COLUMN counted.kept IS 'line
break';
COMMENT ON CONSTRAINT one ON cache IS 'one';
COMMENT ON INDEX gin IS 'gin';
COMMENT ON TYPE mood IS 'mood';
COMMENT ON DOMAIN positive IS 'positive';
COMMENT ON SCHEMA app IS 'app';
COMMENT ON SEQUENCE free IS 'free';

-- What an index and a materialized view keep of ALTER INDEX and CLUSTER.
CREATE TABLE public.page (id integer PRIMARY KEY, tags text);
CREATE INDEX page_tags ON public.page (string_to_array(tags, ' '), lower(tags));
ALTER INDEX public.page_tags ALTER COLUMN 1 SET STATISTICS 3000, ALTER COLUMN 2 SET STATISTICS 10;
ALTER INDEX public.page_tags ALTER COLUMN 2 SET STATISTICS 20;
CREATE MATERIALIZED VIEW public.tagged AS SELECT id FROM public.page;
CREATE UNIQUE INDEX tagged_id ON public.tagged (id);
CLUSTER public.tagged USING tagged_id;
