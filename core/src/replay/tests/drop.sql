create schema s1; create type s1.mood as enum ('a','b'); create table s1.t(id serial primary key, m s1.mood default 'a', k int unique, check (k > 0));
create table u(id int primary key references s1.t, m s1.mood, tt s1.t);
create view v as select id, k from s1.t;
create view vv as select * from v;
create materialized view mv as select u.id, t.m from u join s1.t t on t.id = u.id where exists (select 1 from vv where vv.id = t.id);
create index on mv(id);
create function f(x int) returns int language sql as 'select 1';
create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create table d(a int default f(1), b int check (f(b) > 0), c int generated always as (f(1)) stored);
create function imm(x int) returns int immutable language sql as 'select 1';
create table d2(a int default f(1), b int check (f(b) > 0), c int, e int generated always as (imm(c)) stored);
create index on d2(imm(c));
create policy pol on d2 using (f(a) > 0);
create trigger tr before insert on d2 for each row when (new.a > 0) execute function tf();
create trigger tr2 before update of c on d2 for each row execute function tf();
drop function f(int); --! 2BP01 f
drop function imm(int); --! 2BP01 imm
drop function tf(); --! 2BP01 tf
drop function nope(int); --! 42883 nope
drop function nope; --! 42883 nope
drop type s1.mood; --! 2BP01 s1.mood
drop table s1.t; --! 2BP01 s1.t
drop view v; --! 2BP01 v
drop schema s1; --! 2BP01 s1
drop sequence s1.t_id_seq; --! 2BP01 s1.t_id_seq
drop index s1.t_pkey; --! 2BP01 s1.t_pkey
drop index s1.t_k_key; --! 2BP01 s1.t_k_key
alter table s1.t drop column k; --! 2BP01 k
alter table s1.t drop column m; --! 2BP01 m
alter table s1.t drop constraint t_pkey; --! 2BP01 t_pkey
alter table d2 drop column a; --! 2BP01 a
alter table d2 drop column c; --! 2BP01 c
alter table d2 drop column b;
alter table d2 drop column nope; --! 42703 nope
alter table d2 drop column if exists nope;
alter table d2 alter column a type bigint; --! 0A000 a
alter table s1.t alter column k type bigint; --! 0A000 k
drop table if exists nope, nope2;
drop table nope; --! 42P01 nope
drop table v; --! 42809 v
drop view u; --! 42809 u
drop index u; --! 42809 u
drop sequence u; --! 42809 u
drop type u; --! 2BP01 u
drop schema nope; --! 3F000 nope
drop table nope.t; --! 3F000 nope
drop table if exists nope.t;
drop trigger nope on d2; --! 42704 nope
drop trigger tr on nope; --! 42P01 nope
drop trigger if exists tr on nope;
drop policy nope on d2; --! 42704 nope
drop extension nope; --! 42704 nope
drop rule r on d2; --! 42704 r
drop materialized view v; --! 42809 v
drop view mv; --! 42809 mv
drop domain s1.mood; --! 42809 s1.mood
alter table d2 drop constraint nope; --! 42704 nope
alter table d2 drop constraint if exists nope;
drop function f(int) cascade;
drop function imm(int) cascade;
drop type s1.mood cascade;
drop view v cascade;
drop function tf() cascade;
drop table s1.t cascade;
drop schema s1 cascade;
create table a1(id int primary key); create table a2(id int references a1); create table a3(id int references a1);
drop table a1, a2; --! 2BP01 a1
drop table a1, a2, a3;
create table b1(id int primary key, p int references b1);
alter table b1 drop column id; --! 2BP01 id
alter table b1 drop column id cascade;
create table e(id int generated always as identity, x serial);
drop sequence e_id_seq; --! 2BP01 e_id_seq
drop sequence e_x_seq; --! 2BP01 e_x_seq
drop sequence e_x_seq cascade;
alter table e drop column id;
create type comp as (a int, b text); create table ct(x comp, y comp[]); create type comp2 as (z comp);
drop type comp; --! 2BP01 comp
drop type comp cascade;
create domain dd as int; create domain dd2 as dd; create table dt(x dd2);
drop domain dd; --! 2BP01 dd
drop domain dd cascade;
create extension citext; create table cc(a citext, b int); create function cf(citext) returns int language sql as 'select 1';
drop extension citext; --! 2BP01 citext
drop extension citext cascade;
create table w1(a int); create view w2 as select w1 from w1; create view w3 as select a as b from w1 x(a);
drop table w1; --! 2BP01 w1
create aggregate agg(int) (sfunc = int4pl, stype = int);
drop aggregate agg(int);
create procedure pr() language sql as 'select 1';
drop function pr(); --! 42809 pr
drop procedure pr();
create function ov(int) returns int language sql as 'select 1'; create function ov(text) returns int language sql as 'select 1';
drop function ov; --! 42725 ov
create function ov(int) returns int language sql as 'select 1'; --! 42723 ov
create or replace function ov(int) returns text language sql as 'select ''1'''; --! 42P13 ov
create or replace procedure ov(int) language sql as 'select 1'; --! 42809 ov
create table k1(a int, b int); create unique index k1u on k1(a); create table k2(a int references k1(a));
drop index k1u; --! 2BP01 k1u
drop index k1u cascade;
create rule rr as on insert to k1 do also insert into k2(a) values (new.a);
drop table k2; --! 2BP01 k2
alter table k2 drop column a; --! 2BP01 a
drop table k2 cascade;
create event trigger et on ddl_command_start execute function tf2(); --! 42883 tf2
create function tf2() returns event_trigger language plpgsql as $$begin end$$;
create event trigger et on ddl_command_start execute function tf2();
drop function tf2(); --! 2BP01 tf2
alter event trigger et disable;
drop event trigger et;

--= schema public
--= composite public.comp2 ()
--= function public.ov(integer)
--= function public.ov(text)
--= function public.tf2()
--= view public.w2
--= view public.w3
--= table public.b1
--=   p integer
--= table public.cc
--=   b integer
--= table public.ct
--= table public.d
--=   a integer
--=   b integer
--= table public.d2
--=   a integer
--=   c integer
--= table public.dt
--= table public.e
--=   x integer not null
--= table public.k1
--=   a integer
--=   b integer
--= table public.u
--=   id integer not null
--=   primary key u_pkey (id)
--= table public.w1
--=   a integer
