-- Functions, views, triggers, rules, policies, and what is taken over as text.
CREATE SCHEMA app;
CREATE EXTENSION pg_trgm WITH SCHEMA app;
SET search_path = app, public;
CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL, owner text, price numeric(10, 2));
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION total(a integer, VARIADIC rest integer[] DEFAULT '{}') RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'SELECT $1 -- it''s $$ here';
CREATE FUNCTION items(OUT id integer, OUT name text) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 7 SET search_path = app, pg_temp AS $f$ SELECT id, name FROM item $f$;
CREATE FUNCTION listed(what item) RETURNS TABLE (line text) LANGUAGE sql AS 'SELECT what.name';
CREATE PROCEDURE tidy(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := 0; END $$;
CREATE FUNCTION checked(integer) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN $1 > 0;
CREATE AGGREGATE total_of(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE FUNCTION same(a item, b item) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a.id = b.id';
CREATE OPERATOR === (LEFTARG = item, RIGHTARG = item, FUNCTION = same);
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE TEXT SEARCH CONFIGURATION plain (COPY = pg_catalog.simple);
ALTER TABLE item ADD CONSTRAINT positive CHECK (checked(id));
ALTER TABLE item ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.english', name)) STORED;
CREATE INDEX close ON item USING gin (name gin_trgm_ops);

CREATE VIEW all_items AS SELECT * FROM item;
CREATE VIEW named AS SELECT i.*, i.name AS also FROM item i WITH CHECK OPTION;
ALTER TABLE item ADD COLUMN later text;
CREATE VIEW cheap WITH (security_barrier) AS SELECT id, name, price FROM item WHERE price < 10;
ALTER TABLE item RENAME COLUMN name TO title;
ALTER VIEW cheap RENAME COLUMN price TO cost;
CREATE MATERIALIZED VIEW by_owner AS SELECT owner, count(*) AS n, array_agg(item) AS rows FROM item GROUP BY owner;
CREATE UNIQUE INDEX by_owner_key ON by_owner (owner);
CREATE RECURSIVE VIEW numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 3;
CREATE VIEW grouped AS SELECT id, title FROM item GROUP BY id;

CREATE TRIGGER touched BEFORE INSERT OR UPDATE OF title ON item FOR EACH ROW WHEN (NEW.title <> 'x') EXECUTE FUNCTION touch('a', 'it''s');
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER counted AFTER UPDATE ON item REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION touch();
CREATE TRIGGER into_view INSTEAD OF INSERT ON all_items FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE item DISABLE TRIGGER counted;
CREATE RULE quiet AS ON DELETE TO cheap DO INSTEAD NOTHING;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE item FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON item USING (owner = current_user) WITH CHECK (title IS NOT NULL);
CREATE POLICY seen ON item AS RESTRICTIVE FOR SELECT TO PUBLIC USING (EXISTS (SELECT FROM cheap WHERE cheap.id = item.id));
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION on_ddl();
CREATE PUBLICATION changes FOR TABLE item;

COMMENT ON FUNCTION total(integer, integer[]) IS 'total';
COMMENT ON VIEW cheap IS 'cheap';
COMMENT ON COLUMN cheap.cost IS 'cost';
COMMENT ON EXTENSION pg_trgm IS 'trigrams';
COMMENT ON TRIGGER touched ON item IS 'touched';
COMMENT ON POLICY own ON item IS 'own';
COMMENT ON RULE quiet ON cheap IS 'quiet';
CREATE RULE quiet AS ON INSERT TO grouped DO INSTEAD NOTHING;
COMMENT ON RULE quiet ON grouped IS 'quiet as well';
GRANT SELECT ON item, cheap TO PUBLIC;
GRANT UPDATE (title, price) ON item TO PUBLIC;
REVOKE ALL ON FUNCTION touch() FROM PUBLIC;
GRANT USAGE ON SCHEMA app TO PUBLIC;

-- A handler that had nothing to catch leaves the function as it is.
DO $$ BEGIN
    CREATE FUNCTION kept() RETURNS integer LANGUAGE sql AS 'SELECT 1';
EXCEPTION WHEN insufficient_privilege THEN
    CREATE OR REPLACE FUNCTION kept() RETURNS integer LANGUAGE sql AS 'SELECT 2';
END $$;
