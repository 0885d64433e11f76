-- What a platform has before the first file of a project: tables with policies and triggers of its own, a publication, an event trigger.
CREATE SCHEMA auth;
CREATE SCHEMA storage;
CREATE SCHEMA extensions;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text, phone text, aud text, is_anonymous boolean);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER on_change BEFORE UPDATE ON auth.users FOR EACH ROW EXECUTE FUNCTION auth.changed();
CREATE TABLE storage.objects (id uuid PRIMARY KEY, name text, owner uuid);
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON storage.objects FOR SELECT USING (true);
CREATE POLICY owners ON storage.objects FOR UPDATE USING (true);
CREATE POLICY nobody ON storage.objects FOR DELETE USING (false);
CREATE FUNCTION auth.told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION auth.told();
CREATE PUBLICATION realtime;
CREATE PUBLICATION supabase_realtime;
CREATE EXTENSION citext WITH SCHEMA auth;
GRANT USAGE ON SCHEMA storage TO pg_monitor;
