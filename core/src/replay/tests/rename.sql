create schema o; create table t(id serial primary key, a int unique, b text, constraint ck check (a > 0), constraint fk foreign key (a) references t); create index ti on t(b);
create view v as select id, b from t; create type e as enum('x'); create table t2(x int);
alter table t rename to tt;
alter table tt rename to t2; --! 42P07 t2
alter table t rename to q; --! 42P01 t
alter table tt rename column a to aa;
alter table tt rename column nope to x; --! 42703 nope
alter table tt rename column aa to b; --! 42701 b
alter table tt rename constraint ck to ck2;
alter table tt rename constraint t_pkey to tt_pkey;
alter table tt rename constraint fk to ck2; --! 42710 ck2
alter table tt rename constraint nope to ck3; --! 42704 nope
alter index t_a_key rename to tt_a_key;
alter index ti rename to tt_pkey; --! 42P07 tt_pkey
alter table ti rename to ti2;
alter sequence t_id_seq rename to tt_id_seq;
alter view v rename to vv;
alter view vv rename column b to bb;
alter type e rename to ee;
alter type ee rename value 'x' to 'y';
alter type ee add value 'y'; --! 42710 'y'
alter type ee add value if not exists 'y';
alter type ee add value 'w' before 'y';
alter type ee add value 'z' after 'nope'; --! 22023 'z'
alter table tt set schema o;
alter table tt set schema o; --! 42P01 tt
alter table o.tt set schema nope; --! 3F000 nope
alter sequence o.tt_id_seq set schema public; --! 0A000 o.tt_id_seq
create table tt_a_key(x int); create table ttc(id serial, a int unique); create index o_x on ttc(a);
alter table ttc set schema o;
create table o.coll(id int); create table coll(id int);
alter table coll set schema o; --! 42P07 o
alter type ee set schema o;
create function f(int) returns int language sql as 'select 1'; create function g(int) returns int language sql as 'select 1';
alter function f(int) rename to g; --! 42723 g
alter function f(int) rename to h;
alter function h(int) set schema o;
alter function h(int) security definer; --! 42883 h
alter function o.h(int) security definer;
alter schema o rename to oo;
alter schema oo rename to public; --! 42P06 public
create table oo.x(a oo.ee);
alter table oo.x rename to "Quoted X";
create domain dom as int constraint c1 check (value > 0);
alter domain dom rename constraint c1 to c2;
alter domain dom add constraint c2 check (value > 1); --! 42710 c2
alter domain dom drop constraint c3; --! 42704 c3
alter domain dom set not null;
alter domain dom rename to dom2;
create trigger tr before insert on t2 for each row execute function suppress_redundant_updates_trigger();
alter trigger tr on t2 rename to tr3;
alter trigger tr on t2 rename to tr4; --! 42704 tr
create policy p on t2; create policy p2 on t2;
alter policy p on t2 rename to p2; --! 42710 p2
alter policy p on t2 rename to p3;
create policy p2 on t2; --! 42710 p2
alter policy nope on t2 using (true); --! 42704 nope
alter policy p2 on t2 to pg_monitor using (x > 1);
alter materialized view vv rename to vvv; --! 42809 vv
alter table vv rename to vvv;
alter view t2 rename to t3; --! 42809 t2
alter index t2 rename to t3;
alter table t3 rename to t2;
alter sequence t2 rename to t3; --! 42809 t2
alter type t2 rename to t3; --! 42809 t2
create type comp as (a int, b text);
alter type comp rename attribute a to aa;
alter type comp add attribute c int, drop attribute b;
alter type comp add attribute c int; --! 42701 c
alter type comp rename to comp2;
alter type comp2 set schema oo;
alter table comp2 add column x int; --! 42P01 comp2
comment on table nope is 'x'; --! 42P01 nope
comment on column t2.nope is 'x'; --! 42703 nope
comment on column t2.x is 'x';
comment on table t2 is 'x';
comment on table t2 is '';
comment on view t2 is 'x'; --! 42809 t2
comment on constraint nope on t2 is 'x'; --! 42704 nope
comment on index nope is 'x'; --! 42P01 nope
comment on type oo.ee is 'x';
comment on function g(int) is 'x';
comment on function nope(int) is 'x'; --! 42883 nope
comment on schema oo is 'sch';
alter table t2 owner to postgres;
alter table nope owner to postgres; --! 42P01 nope
grant select on nope to public; --! 42P01 nope
grant select on t2 to public;

--= schema oo
--= enum oo.ee w|y
--= composite oo.comp2 (aa integer, c integer)
--= sequence oo.tt_id_seq integer oo.tt.id
--= sequence oo.ttc_id_seq integer oo.ttc.id
--= function oo.h(integer)
--= table oo.Quoted X
--=   a oo.ee
--= table oo.coll
--=   id integer
--= table oo.tt
--=   id integer not null default
--=   aa integer
--=   b text
--=   primary key tt_pkey (id)
--=   unique tt_a_key (aa)
--=   check ck2 (aa)
--=   foreign key fk (aa) -> oo.tt (id) no action, no action
--=   index ti2 btree (b)
--= table oo.ttc
--=   id integer not null default
--=   a integer
--=   unique ttc_a_key (a)
--=   index o_x btree (a)
--= schema public
--= domain public.dom2 integer not null checks 1
--= function public.g(integer)
--= view public.vvv
--= table public.coll
--=   id integer
--= table public.t2
--=   x integer comment
--=   trigger tr3 before row insert pg_catalog.suppress_redundant_updates_trigger
--=   policy p2 all pg_monitor using
--=   policy p3 all public
--= table public.tt_a_key
--=   x integer
