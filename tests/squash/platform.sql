-- What a project does to what its platform brings (platform.before.sql): it takes names over, changes, comments and adds.
DROP PUBLICATION IF EXISTS realtime;
DROP EVENT TRIGGER IF EXISTS watch;
DROP EXTENSION IF EXISTS citext;
CREATE EXTENSION citext WITH SCHEMA extensions;
CREATE TABLE public.message (id integer PRIMARY KEY, author uuid REFERENCES auth.users (id), body extensions.citext);
CREATE PUBLICATION realtime FOR TABLE public.message;
ALTER PUBLICATION supabase_realtime ADD TABLE public.message;

DROP POLICY IF EXISTS everyone ON storage.objects;
CREATE POLICY everyone ON storage.objects FOR SELECT USING (owner = auth.uid());
DROP POLICY nobody ON storage.objects;
ALTER POLICY owners ON storage.objects USING (owner = auth.uid());
COMMENT ON POLICY owners ON storage.objects IS 'their own';
ALTER TABLE storage.objects FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.greet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
DROP TRIGGER IF EXISTS on_change ON auth.users;
CREATE TRIGGER on_change AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.greet();

ALTER TABLE auth.users SET (fillfactor = 90);
ALTER TABLE auth.users ADD COLUMN nick text, ALTER COLUMN phone SET DEFAULT '-', ALTER COLUMN email SET NOT NULL, DROP COLUMN is_anonymous;
ALTER TABLE auth.users ALTER COLUMN nick SET NOT NULL;
ALTER TABLE auth.users RENAME COLUMN aud TO audience;
ALTER TABLE auth.users ADD CONSTRAINT short CHECK (length(nick) < 20) NOT VALID;
ALTER TABLE auth.users VALIDATE CONSTRAINT short;
CREATE INDEX ON auth.users (email);
COMMENT ON SCHEMA auth IS 'who is who';
COMMENT ON TABLE auth.users IS 'everyone';
COMMENT ON COLUMN auth.users.audience IS 'renamed';
COMMENT ON FUNCTION auth.uid() IS 'who asks';
CREATE VIEW public.who AS SELECT auth.uid() AS id;
REVOKE ALL ON SCHEMA storage FROM pg_monitor;
GRANT USAGE ON SCHEMA auth TO pg_monitor;
