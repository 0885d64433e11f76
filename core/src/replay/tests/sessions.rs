//! Several files: sessions, guards, handlers.

use crate::session::{Options, analyze};

/// Conflicts of a set of files, in order, and the tables left.
fn run(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default());
    let target = analysis.targets.first().unwrap();
    let conflicts = target.replay.conflicts.iter().map(|c| format!("{} {}", c.sqlstate, c.message)).collect();
    let schema = target.schema();
    let tables = schema.live_tables().map(|(id, _)| schema.path(crate::schema::ObjectId::Table(id))).collect();
    (conflicts, tables)
}

#[test]
fn guards_and_handlers() {
    let (conflicts, tables) = run(&[(
        "m.sql",
        "create type mood as enum ('a');
         do $$ begin create type mood as enum ('a'); exception when duplicate_object then null; end $$;
         do $$ begin
           if not exists (select 1 from pg_type where typname = 'mood') then create type mood as enum ('x'); end if;
         end $$;
         do $$ begin
           if not exists (select 1 from pg_tables where tablename = 'fresh') then create table fresh(a int); end if;
         end $$;
         do $$ begin
           if current_setting('x') = 'y' then create table fresh(a int); end if;
         end $$;
         create table fresh(b int);",
    )]);
    assert_eq!(conflicts, [r#"42P07 relation "fresh" already exists"#]);
    assert_eq!(tables, ["public.fresh"]);
}

/// Checked against PostgreSQL 15: both branches see the answer that the guard had, and a policy or constraint is found whatever its table.
#[test]
fn a_guard_is_asked_once() {
    let (conflicts, tables) = run(&[(
        "m.sql",
        "create table t (a int constraint positive check (a > 0));
         create policy p on t using (true);
         do $$ begin
           if not exists (select 1 from pg_tables where tablename = 'u') then
             create table u (a int);
             create table u_log (a int);
           else
             create table u_else (a int);
           end if;
           if not exists (select 1 from pg_policies where policyname = 'p') then create table no_policy (a int); end if;
           if exists (select 1 from pg_constraint where conname = 'positive') then create table constrained (a int); end if;
         end $$;",
    )]);
    assert_eq!(conflicts, [""; 0]);
    assert_eq!(tables, ["public.t", "public.u", "public.u_log", "public.constrained"]);
}

/// A schema comes to be under its new name, too: however often that is used, it was not there before. Checked against PostgreSQL 15.
#[test]
fn a_renamed_schema_is_no_part_of_the_set_up() {
    let uses: String = (0..9).map(|n| format!("create table trade.t{n} (a int);\n")).collect();
    let (conflicts, tables) = run(&[
        ("1_a.sql", "create schema sales;\ncreate table sales.a (a int);"),
        ("2_b.sql", "alter schema sales rename to trade;"),
        ("3_c.sql", &uses),
    ]);
    assert_eq!(conflicts, [""; 0]);
    assert_eq!(tables.len(), 10);
    assert_eq!(tables[0], "trade.a");
}

#[test]
fn platform_tables_are_taken_on_trust() {
    let (conflicts, tables) = run(&[(
        "m.sql",
        "create table profiles(id uuid primary key references auth.users on delete cascade, x text);
         create function handle() returns trigger language plpgsql as $$ begin return new; end $$;
         create trigger t after insert on auth.users for each row execute function handle();
         create policy p on storage.objects for select using (bucket_id = 'x' and auth.uid() = owner);
         alter table auth.users enable row level security;
         create view account(one, two, three) as select * from auth.users;
         create table copied(one, two, three) as table auth.users;
         create table broken(id int references authx.users);",
    )]);
    assert_eq!(conflicts, [r#"3F000 schema "authx" does not exist"#]);
    assert_eq!(tables, ["public.profiles", "public.copied"]);
}

#[test]
fn temporary_tables_end_with_their_session() {
    let (conflicts, tables) = run(&[
        ("V1__a.sql", "create temp table x(a int); create table x(b int); insert into x values (1);"),
        ("V2__b.sql", "create temp table x(a int); drop table x; drop table x;"),
    ]);
    assert_eq!(conflicts, Vec::<String>::new());
    assert_eq!(tables, Vec::<String>::new());
}

#[test]
fn the_search_path_starts_afresh_in_each_session() {
    let (conflicts, tables) = run(&[
        ("V1__a.sql", "create schema app; set search_path = app; create table x(a int);"),
        ("V2__b.sql", "create table y(a int);"),
    ]);
    assert_eq!(conflicts, Vec::<String>::new());
    assert_eq!(tables, ["app.x", "public.y"]);
}

#[test]
fn a_handler_runs_when_a_statement_of_its_block_was_refused() {
    // PostgreSQL manual, 43.6.8 "Trapping Errors". Of the row it is not known whether it is there already.
    let (conflicts, tables) = run(&[(
        "m.sql",
        "create table kept (a int);
         do $$ begin create table made (a int); exception when insufficient_privilege then drop table kept; end $$;
         do $$ begin alter table missing add b int; exception when undefined_table then create table missing (b int); end $$;
         do $$ begin alter table missing add b int; exception when undefined_table then drop table kept;
                     when duplicate_column then create table twice (a int); end $$;
         do $$ begin insert into kept values (1); exception when unique_violation then create table unsure (a int); end $$;",
    )]);
    assert_eq!(conflicts, [""; 0]);
    assert_eq!(tables, ["public.kept", "public.made", "public.missing", "public.twice", "public.unsure"]);
}

/// A graph of revisions stops at a key that is too early. What is told is the refusal; what is judged has the table, and the key once it can be there.
#[test]
fn a_key_to_a_table_that_a_graph_makes_later() {
    let revision = |id: &str, down: &str, sql: &str| {
        format!(
            "from alembic import op\n\nrevision = '{id}'\ndown_revision = {down}\n\n\ndef upgrade():\n    op.execute('{sql}')\n\n\ndef downgrade():\n    pass\n"
        )
    };
    let first = revision("1", "None", "CREATE TABLE items (id int PRIMARY KEY, product int REFERENCES products)");
    let second = revision("2", "'1'", "CREATE TABLE products (id int PRIMARY KEY)");
    let files = [("versions/1.py", first.as_bytes()), ("versions/2.py", second.as_bytes())];
    let analysis = analyze(files, Options::default());
    let target = analysis.targets.first().unwrap();
    let conflicts: Vec<&str> = target.replay.conflicts.iter().map(|c| c.message.as_str()).collect();
    assert_eq!(conflicts, ["relation \"products\" does not exist"]);
    let schema = target.schema();
    let (_, items) = schema.live_tables().find(|(_, t)| t.name == "items").unwrap();
    let keys: Vec<String> = schema.foreign_keys_of(items).map(|(_, c, _)| c.name.to_string()).collect();
    assert_eq!(keys, ["items_product_fkey"]);
}
