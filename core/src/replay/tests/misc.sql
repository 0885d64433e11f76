begin; create table a(x int); create index concurrently on a(x); rollback; --! 25001 create index concurrently on a(x)
create table a(x int);
create table a(x int); --! 42P07 a
begin; create table b(x int); savepoint s; create table c(x int); rollback to s; create table d(x int); release s; commit;
begin; create table e(x int); rollback;
create index concurrently ai on a(x);
begin; drop index concurrently ai; commit; --! 25001 drop index concurrently ai
drop index concurrently ai;
savepoint q; --! 25P01 savepoint q
rollback to q; --! 25P01 rollback to q
lock table a; --! 25P01 lock table a
begin; lock table a; rollback to nope; commit; --! 3B001 nope
begin; vacuum a; commit; --! 25001 vacuum a
vacuum a;
create schema app;
create schema app; --! 42P06 app
create schema if not exists app;
set search_path = app, public;
create table a(x int); create table z(y int references a(x)); --! 42830 x
alter table a add primary key (x);
create table z(y int references a(x), w int references public.a); --! 42704 public.a
set search_path = nope;
create table foo(x int); --! 3F000 foo
reset search_path;
begin; set local search_path = app; create table inapp(x int); commit; create table inpub(x int);
create temp table tmp(x int); create temp table a(x int, y int);
alter table a add column zz int;
drop table a;
alter table a add column yy int;
create table reftemp(x int references tmp); --! 42P16 tmp
insert into nope values (1); --! 42P01 nope
insert into nope.nope values (1); --! 42P01 nope.nope
update a set x = 1;
truncate nope; --! 42P01 nope
create view v as select a.nope from a; --! 42703 a.nope
create view v as with q as (select * from a) select q.x, w.x as wx from q join lateral (select 1 as x) w on true;
create or replace view v as select x from a; --! 42P16 v
create or replace view v as select a.x, a.x as wx, 1 as more from a;
create or replace view v as select a.x as y, a.x as wx, 1 as more from a; --! 42P16 v
create or replace view a as select 1 as x; --! 42809 a
create recursive view rv(n) as values (1) union all select n + 1 from rv where n < 5;
create view dup as select 1 as a, 2 as a; --! 42701 dup
create materialized view mv as select x from a;
create unique index on mv(x);
create index on mv(nope); --! 42703 nope
refresh materialized view mv;
refresh materialized view concurrently mv;
refresh materialized view v; --! 42809 v
alter table v add column x int; --! 42809 add column x int
create trigger t before insert on v for each row execute function suppress_redundant_updates_trigger(); --! 42809 v
create trigger t instead of insert on a for each row execute function suppress_redundant_updates_trigger(); --! 42809 a
create trigger t before insert on mv for each row execute function suppress_redundant_updates_trigger(); --! 42809 mv
create trigger t before insert on a for each row execute function nope(); --! 42883 nope
create trigger t before update of nope on a for each row execute function suppress_redundant_updates_trigger(); --! 42703 nope
create trigger t before update of x on a for each row when (old.x is distinct from new.x) execute function suppress_redundant_updates_trigger();
create trigger t before update of x on a for each row when (old.nope is distinct from new.x) execute function suppress_redundant_updates_trigger(); --! 42703 old.nope
create trigger t before update on a for each row execute function suppress_redundant_updates_trigger(); --! 42710 t
create or replace trigger t before update on a for each row execute function suppress_redundant_updates_trigger();
create function notrig() returns int language sql as 'select 1';
create trigger t2 before update on a for each row execute function notrig(); --! 42P17 notrig
create policy p on a using (nope > 1); --! 42703 nope
create policy p on a using (exists (select 1 from inpub i where i.x = a.x));
create policy p on v using (true); --! 42809 v
create type e as enum ('a', 'b', 'a'); --! 23505 'a'
create type e as enum ('a', 'b');
create type e as enum ('a'); --! 42710 e
create type a as enum ('a'); --! 42710 a
create table e(x int); --! 42710 e
create domain e as int; --! 42710 e
create type r as range (subtype = int);
create table tr(a r, b r_multirange, c int4range);
create type sh;
create type comp as (a int, a int); --! 42701 a
create type comp as (a int, b nope); --! 42704 nope
create table ty of comp; --! 42704 comp
create type comp as (a int, b text);
create table ty of comp (primary key (a));
create table ty2 of comp (a with options default 5);
create sequence sq as smallint owned by a.x;
create sequence sq; --! 42P07 sq
create sequence sq2 as text; --! 22023 text
alter sequence sq owned by none;
alter sequence sq as bigint;
alter sequence nope restart; --! 42P01 nope
alter table a alter column x add generated always as identity; --! 55000 x
alter table a alter column x set not null;
alter table a alter column x add generated always as identity;
alter table a alter column x add generated always as identity; --! 55000 x
alter table a alter column x set default 5; --! 42601 x
alter table a alter column x drop not null; --! 42601 x
alter table a alter column x drop identity;
alter table a alter column x drop identity; --! 55000 x
alter table a alter column x drop identity if exists;
alter table a add column g int generated always as (x * 2) stored;
alter table a alter column g set default 4; --! 42601 g
alter table a alter column g drop expression;
alter table a alter column g drop expression; --! 55000 g
alter table a add column x int; --! 42701 x
alter table a add column if not exists x int;
alter table a add column k int, add column k int; --! 42701 k
alter table a drop column g, drop column if exists zork;
alter table a add column k int primary key, add constraint kk unique (k);
alter table a add primary key (k); --! 42P16 primary key (k)
alter table a alter column k drop not null; --! 42P16 k
alter table a drop constraint a_pkey;
alter table a alter column k drop not null;
create unique index au on a(k); create unique index ap on a(k) where k > 0; create index an on a(k); create unique index ae on a((k+1));
alter table a add constraint apk primary key using index ap; --! 42809 ap
alter table a add constraint apk primary key using index an; --! 42809 an
alter table a add constraint apk primary key using index ae; --! 42809 ae
alter table a add constraint apk primary key using index nope; --! 42704 nope
alter table a add constraint apk primary key using index au;
alter table a add constraint apk2 unique using index apk; --! 55000 apk
create table def(a int unique deferrable, b int primary key deferrable initially deferred);
create table ref1(x int references def(a)); --! 55000 a
create table ref2(x int references def); --! 55000 def
create table part(a int); create unique index on part(a) where a > 0;
create table ref3(x int references part(a)); --! 42830 a
create table ref4(x int references v(x)); --! 42809 v
create table ref5(x int references inpub(x) on delete set null (y)); --! 42703 y
alter table inpub add unique (x);
create table ref5(x int, y int, foreign key (x) references inpub(x) on delete set null (y)); --! 42P10 y
create table ref6(x int, y int, foreign key (x) references inpub(x) on delete set null (x));
alter table ref6 add constraint nv foreign key (y) references inpub(x) not valid;
alter table ref6 validate constraint nv;
alter table ref6 validate constraint nope; --! 42704 nope
alter table ref6 alter constraint nv deferrable initially deferred;
alter table ref6 add constraint ckv check (y > 0) not valid;
alter table ref6 validate constraint ckv;
alter table ref6 validate constraint ref6_pkey; --! 42704 ref6_pkey
create unlogged table ul(x int primary key);
create table refu(x int references ul); --! 42P16 ul
alter table a cluster on nope; --! 42704 nope
alter table a enable trigger nope; --! 42704 nope
alter table a disable trigger all;
create extension hstore;
create extension hstore; --! 42710 hstore
create extension if not exists hstore;
create table hs(a hstore, b public.hstore, c hstore[]);
create table twice(like part, a int); --! 42701 a
create table tod(a int default nextval('sq'), b int default nextval('nopeseq')); --! 42P01 'nopeseq'
create statistics st on x, y from ref6;
create statistics st on x, y from ref6; --! 42710 st
create collation co from "C";
create publication pub1;
create publication pub1; --! 42710 pub1

create table sized(a varchar(10485761)); --! 22023 varchar(10485761)
create table sized(a char(0)); --! 22023 char(0)
create table sized(a bit(83886081)); --! 22023 bit(83886081)
create table sized(a numeric(1001, 2)); --! 22023 numeric(1001, 2)
--= schema app
--= table app.a
--=   x integer not null
--=   primary key a_pkey (x)
--= table app.inapp
--=   x integer
--= schema public
--= enum public.e a|b
--= composite public.comp (a integer, b text)
--= sequence public.sq bigint -
--= function public.notrig()
--= view public.rv
--= view public.v
--= materialized view public.mv
--=   index mv_x_idx btree unique (x)
--= table public.a
--=   x integer not null
--=   yy integer
--=   k integer not null
--=   primary key apk (k)
--=   unique kk (k)
--=   index ae btree unique (<expr>)
--=   index an btree (k)
--=   index ap btree unique (k) where
--=   trigger t before row update pg_catalog.suppress_redundant_updates_trigger
--=   policy p all public using
--= table public.b
--=   x integer
--= table public.d
--=   x integer
--= table public.def
--=   a integer
--=   b integer not null
--=   primary key def_pkey (b) deferrable initially deferred
--=   unique def_a_key (a) deferrable
--= table public.hs
--=   a public.hstore
--=   b public.hstore
--=   c public.hstore[]
--= table public.inpub
--=   x integer
--=   unique inpub_x_key (x)
--= table public.part
--=   a integer
--=   index part_a_idx btree unique (a) where
--= table public.ref6
--=   x integer
--=   y integer
--=   check ckv (y)
--=   foreign key nv (y) -> public.inpub (x) no action, no action deferrable initially deferred
--=   foreign key ref6_x_fkey (x) -> public.inpub (x) set null, no action
--= table public.tr
--=   a public.r
--=   b public.r_multirange
--=   c int4range
--= table public.ty
--=   a integer not null
--=   b text
--=   primary key ty_pkey (a)
--= table public.ty2
--=   a integer default
--=   b text
--= table public.ul unlogged
--=   x integer not null
--=   primary key ul_pkey (x)
