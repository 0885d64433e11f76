-- Blocks and calls that make what their values and the catalogue decide (`cargo xtask oracle FILE.sql`). Each in our own words.

--# loops over numbers
DO $$
DECLARE year int; shards constant int := 4; n int := 1;
BEGIN
    CREATE TABLE sale (id bigserial, sold date NOT NULL, shop int) PARTITION BY RANGE (sold);
    FOR year IN 2022..2024 LOOP
        EXECUTE format('CREATE TABLE sale_%s PARTITION OF sale FOR VALUES FROM (%L) TO (%L)', year, make_date(year, 1, 1), make_date(year + 1, 1, 1));
    END LOOP;
    CREATE TABLE item (id int PRIMARY KEY) PARTITION BY HASH (id);
    FOR i IN 0..shards-1 LOOP
        EXECUTE 'CREATE TABLE item_' || lpad(i::text, 2, '0') || ' PARTITION OF item FOR VALUES WITH (MODULUS ' || shards || ', REMAINDER ' || i || ')';
    END LOOP;
    FOR i IN REVERSE 9..1 BY 4 LOOP
        EXECUTE 'CREATE TABLE back_' || i || '_' || n || ' (a int)';
        n := n * 2;
    END LOOP;
    FOR i IN 3..1 LOOP
        EXECUTE 'CREATE TABLE never_' || i || ' (a int)';
    END LOOP;
    WHILE n < 100 LOOP
        EXECUTE format('CREATE TABLE doubled_%s (a int)', n);
        n := n + n;
    END LOOP;
    LOOP
        n := n - 30;
        CONTINUE WHEN n % 4 = 2;
        EXIT WHEN n < 0;
        EXECUTE format('CREATE TABLE down_%s (a int)', n);
    END LOOP;
END $$;
CREATE TABLE sale_2022 (a int); -- ! 42P07

--# loops over days and rows
DO $$
DECLARE first date := '2024-01-31'; day date; r record; label text; kind text;
BEGIN
    CREATE TABLE log (at timestamp NOT NULL) PARTITION BY RANGE (at);
    FOR m IN 0..2 LOOP
        day := first + (m || ' months')::interval;
        EXECUTE format('CREATE TABLE log_%s PARTITION OF log FOR VALUES FROM (%L) TO (%L)', to_char(day, 'YYYY_MM'), day, day + interval '1 day');
    END LOOP;
    FOR day IN SELECT d FROM generate_series('2025-03-01'::date, '2025-03-15'::date, '1 week') AS d LOOP
        EXECUTE 'CREATE TABLE week_' || to_char(day, 'MMDD') || ' (a int)';
    END LOOP;
    FOR r IN SELECT * FROM (VALUES ('red', 1), ('blue', 2)) AS v (colour, size) WHERE size > 1 LOOP
        EXECUTE format('CREATE TABLE %I (size int DEFAULT %s)', r.colour, r.size);
    END LOOP;
    FOR label, kind IN VALUES ('a', 'int'), ('b', 'text') LOOP
        EXECUTE format('CREATE TABLE of_%s (%I %s)', label, label, kind);
    END LOOP;
    FOREACH label IN ARRAY string_to_array('x,y,z', ',') LOOP
        IF label = 'y' THEN
            CONTINUE;
        ELSIF label IN ('z', 'zz') THEN
            EXECUTE 'CREATE TABLE last_' || upper(label) || ' (a int)';
        ELSE
            EXECUTE concat('CREATE TABLE other_', CASE label WHEN 'x' THEN 'first' ELSE 'no' END, ' (a int)');
        END IF;
    END LOOP;
    IF current_setting('server_version_num')::int >= 100000 THEN
        CREATE TABLE of_new_server (a int);
    ELSE
        CREATE TABLE of_old_server (a int);
    END IF;
    RETURN;
    CREATE TABLE never (a int);
END $$;
CREATE TABLE of_new_server (a int); -- ! 42P07
CREATE TABLE never (a int);

--# values that a statement gives are not known from before
CREATE TABLE names (n text);
DO $$
DECLARE n text := 'one';
BEGIN
    SELECT max(names.n) INTO n FROM names;
    IF n IS NULL THEN
        CREATE TABLE none_yet (a int);
    END IF;
END $$;

--# loops over the catalogue
CREATE SCHEMA app;
CREATE TABLE app.bill (id int PRIMARY KEY, sum numeric CHECK (sum > 0), made timestamp, CHECK (id > 0));
CREATE TABLE person (id int PRIMARY KEY, mail text UNIQUE, changed timestamp);
CREATE TABLE letter (id int PRIMARY KEY, person_id int REFERENCES person, body text);
CREATE POLICY old ON letter USING (true);
CREATE INDEX letter_body_idx ON letter (body);
DO $$
DECLARE r record; found_name text; rel regclass;
BEGIN
    FOR r IN SELECT conname FROM pg_constraint WHERE conrelid = 'app.bill'::regclass AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE app.bill DROP CONSTRAINT %I', r.conname);
    END LOOP;
    SELECT tc.constraint_name INTO found_name FROM information_schema.table_constraints tc
        WHERE tc.table_name = 'letter' AND tc.constraint_type = 'FOREIGN KEY' LIMIT 1;
    IF found_name IS NOT NULL THEN
        EXECUTE 'ALTER TABLE letter DROP CONSTRAINT ' || quote_ident(found_name);
    END IF;
    ALTER TABLE letter ADD CONSTRAINT to_person FOREIGN KEY (person_id) REFERENCES person ON DELETE CASCADE;
    FOR rel IN SELECT conrelid::regclass FROM pg_constraint WHERE confrelid = 'person'::regclass LOOP
        EXECUTE format('CREATE INDEX ON %s (person_id)', rel);
    END LOOP;
    FOR r IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON public.%I', r.policyname, r.tablename);
    END LOOP;
    FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', r.tablename);
        EXECUTE format('CREATE POLICY %I ON %I USING (true)', r.tablename || '_all', r.tablename);
    END LOOP;
    FOR r IN SELECT c.relname, n.nspname AS within FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname IN ('app', 'public') AND c.relname <> 'person' LOOP
        EXECUTE format('ALTER TABLE %I.%I ADD COLUMN seen timestamp', r.within, r.relname);
    END LOOP;
    FOR r IN SELECT table_schema, table_name, column_name FROM information_schema.columns
            WHERE data_type = 'timestamp without time zone' AND table_schema NOT IN ('pg_catalog', 'information_schema') LOOP
        EXECUTE format('ALTER TABLE %I.%I ALTER COLUMN %I TYPE timestamptz', r.table_schema, r.table_name, r.column_name);
    END LOOP;
    FOR r IN SELECT indexname FROM pg_indexes WHERE tablename = 'letter' AND indexname LIKE 'letter_b%' LOOP
        EXECUTE 'DROP INDEX ' || r.indexname;
    END LOOP;
    PERFORM 1 FROM pg_tables WHERE tablename = 'extra' AND schemaname = 'app';
    IF NOT FOUND THEN
        CREATE TABLE app.extra (id int);
    END IF;
    IF EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'extra' AND schemaname = 'app') THEN
        CREATE TABLE app.behind_extra (id int);
    END IF;
END $$;
ALTER TABLE app.bill DROP CONSTRAINT bill_check; -- ! 42704
ALTER TABLE person ADD COLUMN seen int;
ALTER TABLE letter ADD COLUMN seen int; -- ! 42701

--# constraints by what they say
CREATE TABLE task (id int PRIMARY KEY, status text CHECK (status IN ('new', 'done')), size int CHECK (size > 0), day date, shift int, UNIQUE (day, shift));
CREATE TABLE part (id int PRIMARY KEY, task_id int REFERENCES task, next_id int REFERENCES part);
DO $$ DECLARE c record; BEGIN
    FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = 'public.task'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) ILIKE '%status%' LOOP
        EXECUTE format('ALTER TABLE public.task DROP CONSTRAINT %I', c.conname);
    END LOOP;
    FOR c IN (SELECT conname FROM pg_constraint WHERE conrelid = 'task'::regclass AND contype = 'u' AND pg_get_constraintdef(oid) IN ('UNIQUE (day, shift)'))
    LOOP EXECUTE format('ALTER TABLE task DROP CONSTRAINT %I', c.conname); END LOOP;
END $$;
DO $$
DECLARE key_name text;
BEGIN
    SELECT tc.constraint_name INTO key_name
    FROM information_schema.table_constraints AS tc
    JOIN information_schema.key_column_usage AS kcu ON tc.constraint_name = kcu.constraint_name AND tc.table_schema = kcu.table_schema
    WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'part' AND kcu.column_name = 'task_id' AND tc.table_schema = current_schema();
    IF key_name IS NOT NULL THEN
        EXECUTE format('ALTER TABLE part DROP CONSTRAINT %I', key_name);
    END IF;
    key_name := (SELECT conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
        WHERE c.conrelid = 'part'::regclass AND c.contype = 'f' AND a.attname = 'next_id');
    EXECUTE 'ALTER TABLE part RENAME CONSTRAINT ' || key_name || ' TO to_next';
END $$;
ALTER TABLE task DROP CONSTRAINT task_status_check; -- ! 42704
ALTER TABLE task DROP CONSTRAINT task_size_check;
ALTER TABLE task DROP CONSTRAINT task_day_shift_key; -- ! 42704
ALTER TABLE part DROP CONSTRAINT part_task_id_fkey; -- ! 42704

--# calls do what their functions do
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION watch(tbl regclass, suffix text DEFAULT '_watch', rows boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF rows THEN
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION touch()', 't' || suffix, tbl);
    ELSE
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s EXECUTE FUNCTION touch()', 't' || suffix, tbl);
    END IF;
END $$;
CREATE PROCEDURE years(parent text, first int, last int) LANGUAGE plpgsql AS $$
BEGIN
    FOR y IN first..last LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', parent || '_' || y, parent, y || '-01-01', (y + 1) || '-01-01');
    END LOOP;
END $$;
CREATE FUNCTION install() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE installed (id int); INSERT INTO installed VALUES (1); END $$;
CREATE TABLE a (id int);
CREATE TABLE b (id int);
CREATE TABLE ev (at date NOT NULL) PARTITION BY RANGE (at);
SELECT watch('a');
SELECT watch('b', '_log', false);
CALL years('ev', 2020, 2022);
SELECT install();
CREATE TRIGGER t_watch AFTER INSERT ON a EXECUTE FUNCTION touch(); -- ! 42710
CREATE TABLE ev_2021 (a int); -- ! 42P07
CREATE TABLE installed (a int); -- ! 42P07

--# what a failing block did is taken back
CREATE TABLE t (a int);
DO $$ BEGIN CREATE TABLE half (a int); CREATE TABLE t (a int); CREATE TABLE later (a int); END $$; -- ! 42P07
ALTER TABLE half ADD b int; -- ! 42P01
ALTER TABLE later ADD b int; -- ! 42P01
DO $$ BEGIN CREATE TABLE half (a int); CREATE TABLE t (a int); CREATE TABLE later (a int); EXCEPTION WHEN duplicate_table THEN CREATE TABLE handled (a int); END $$;
ALTER TABLE half ADD b int; -- ! 42P01
ALTER TABLE later ADD b int; -- ! 42P01
ALTER TABLE handled ADD b int;
DO $$ BEGIN CREATE TABLE around (a int); BEGIN CREATE TABLE half (a int); CREATE TABLE t (a int); CREATE TABLE later (a int); EXCEPTION WHEN others THEN NULL; END; CREATE TABLE behind (a int); END $$;
ALTER TABLE half ADD b int; -- ! 42P01
ALTER TABLE later ADD b int; -- ! 42P01
ALTER TABLE around ADD b int;
ALTER TABLE behind ADD b int;
DO $$ BEGIN CREATE TABLE outermost (a int); BEGIN CREATE TABLE half (a int); ALTER TABLE t ADD a int; EXCEPTION WHEN duplicate_table THEN NULL; END; CREATE TABLE later (a int); EXCEPTION WHEN duplicate_column THEN CREATE TABLE caught_outside (a int); END $$;
ALTER TABLE half ADD b int; -- ! 42P01
ALTER TABLE outermost ADD b int; -- ! 42P01
ALTER TABLE later ADD b int; -- ! 42P01
ALTER TABLE caught_outside ADD b int;
ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0);
DO $$ BEGIN ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0); ALTER TABLE t ADD CONSTRAINT small CHECK (a < 9); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
ALTER TABLE t DROP CONSTRAINT small; -- ! 42704

--# what cannot run in a block
CREATE TABLE t (a int);
DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON t (a); END $$; -- ! 25001
DO $$ BEGIN EXECUTE 'CREATE INDEX CONCURRENTLY i ON t (a)'; END $$; -- ! 25001
CREATE INDEX CONCURRENTLY i ON t (a);
DO $$ BEGIN DROP INDEX CONCURRENTLY i; END $$; -- ! 25001
DO $$ BEGIN DROP INDEX i; END $$;

--# branches of CASE
DO $$ DECLARE k text := 'b'; BEGIN CASE k WHEN 'a' THEN CREATE TABLE c1 (x int); WHEN 'b', 'c' THEN CREATE TABLE c2 (x int); ELSE CREATE TABLE c3 (x int); END CASE; END $$;
ALTER TABLE c1 ADD y int; -- ! 42P01
ALTER TABLE c2 ADD y int;
ALTER TABLE c3 ADD y int; -- ! 42P01
DO $$ DECLARE k int := 3; BEGIN CASE WHEN k < 2 THEN CREATE TABLE d1 (x int); WHEN k > 2 THEN CREATE TABLE d2 (x int); END CASE; END $$;
ALTER TABLE d1 ADD y int; -- ! 42P01
ALTER TABLE d2 ADD y int;
DO $$ BEGIN CASE WHEN EXISTS (SELECT 1 FROM pg_class WHERE relname = 'd2') THEN CREATE TABLE e1 (x int); ELSE CREATE TABLE e2 (x int); END CASE; END $$;
ALTER TABLE e1 ADD y int;
ALTER TABLE e2 ADD y int; -- ! 42P01
DO $$ DECLARE k int := 3; BEGIN CASE k WHEN 1 THEN CREATE TABLE f1 (x int); ELSE CREATE TABLE f2 (x int); END CASE; END $$;
ALTER TABLE f1 ADD y int; -- ! 42P01
ALTER TABLE f2 ADD y int;

--# errors that a block raises itself
CREATE TABLE shop (id int PRIMARY KEY);
DO $$
BEGIN
    CREATE TABLE never (id int);
    RAISE EXCEPTION 'no % today', 'bread';
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'caught';
END $$;
CREATE TABLE never (id int);
DO $$
BEGIN
    BEGIN
        ALTER TABLE shop ADD COLUMN city int;
        RAISE unique_violation USING MESSAGE = 'twice';
    EXCEPTION WHEN unique_violation THEN NULL;
    END;
    ALTER TABLE shop ADD COLUMN city text;
END $$;
DO $$
BEGIN
    CREATE TABLE taken_back (id int);
    RAISE EXCEPTION 'gone: %', 1 USING ERRCODE = 'undefined_table';
EXCEPTION
    WHEN undefined_column THEN CREATE TABLE of_column (id int);
    WHEN undefined_table THEN CREATE TABLE of_table (id int);
    WHEN OTHERS THEN CREATE TABLE of_others (id int);
END $$;
CREATE TABLE taken_back (id int);
CREATE TABLE of_column (id int);
CREATE TABLE of_table (id int); -- ! 42P07
CREATE TABLE of_others (id int);
DO $$
BEGIN
    CREATE TABLE outer_one (id int);
    BEGIN
        CREATE TABLE inner_one (id int);
        RAISE SQLSTATE '22012';
    EXCEPTION WHEN OTHERS THEN
        RAISE EXCEPTION 'again: %', SQLERRM;
    END;
EXCEPTION WHEN raise_exception THEN NULL;
END $$;
CREATE TABLE outer_one (id int);
CREATE TABLE inner_one (id int);
DO $$
BEGIN
    IF to_regclass('shop') IS NOT NULL THEN
        RAISE EXCEPTION 'there';
    END IF;
    CREATE TABLE if_not_there (id int);
EXCEPTION WHEN OTHERS THEN
    CREATE TABLE if_there (id int);
END $$;
CREATE TABLE if_not_there (id int);
CREATE TABLE if_there (id int); -- ! 42P07
DO $$
BEGIN
    BEGIN
        IF to_regclass('nothing') IS NULL THEN
            RAISE EXCEPTION 'missing';
        END IF;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    CREATE TABLE goes_on (id int);
END $$;
CREATE TABLE goes_on (id int); -- ! 42P07
DO $$ BEGIN CREATE TABLE refused (id int); RAISE 'not now'; END $$; -- ! P0001
CREATE TABLE refused (id int);
DO $$ BEGIN CREATE TABLE not_this (id int); RAISE EXCEPTION SQLSTATE '42P01'; EXCEPTION WHEN undefined_column THEN NULL; END $$; -- ! 42P01
CREATE TABLE not_this (id int);
