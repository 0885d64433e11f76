create table p(a int primary key, b text not null default 'x', c int check (c > 0), constraint noinh check (a > 1) no inherit);
create table c1() inherits (p);
create table c2(a int, b text, d int) inherits (p);
create table c3(a text) inherits (p); --! 42804 text
create table gc(e int) inherits (c1, c2);
alter table p add column n int default 5;
alter table c2 add column m int;
alter table p add column m int;
alter table p add column d text; --! 42804 d
alter table p alter column c type bigint;
alter table c1 alter column c type int; --! 42P16 c
alter table p rename column c to cc;
alter table c1 rename column cc to ccc; --! 42P16 cc
alter table p drop column n;
alter table c1 drop column b; --! 42P16 b
alter table p add constraint chk check (a < 100);
alter table c1 drop constraint chk; --! 42P16 chk
alter table only p add constraint chk2 check (a < 100); --! 42P16 constraint chk2 check (a < 100)
alter table p rename constraint chk to chk3;
alter table c1 rename constraint chk3 to zz; --! 42P16 zz
alter table p drop constraint chk3;
alter table c1 no inherit p;
alter table c1 no inherit p; --! 42P01 p
alter table c1 drop column b;
drop table p; --! 2BP01 p
drop table p cascade;
create table x(a int); create table y(a int, b int);
alter table y inherit x;
alter table y inherit x; --! 42P07 x
alter table x inherit y; --! 42P07 y
create table z(b int);
alter table z inherit x; --! 42804 x
alter table only x add column q int; --! 42P16 q
alter table x alter column a set not null;
create table w(a int not null); create table w2(a int);
alter table w2 inherit w; --! 42804 w
create table l(like p_missing); --! 42P01 p_missing
create table gg(a int, b int generated always as (a * 2) stored);
create table gg2() inherits (gg);
alter table gg rename column a to aa;
alter table gg drop column aa; --! 2BP01 aa
alter table gg drop column aa cascade;
create table parent2(id serial primary key, t text);
create table child2(x int) inherits (parent2);
create table child3(like parent2 including all) inherits (parent2);
create table sub() inherits (parent2, x);

--= schema public
--= sequence public.parent2_id_seq integer public.parent2.id
--= table public.c1
--=   a integer not null
--=   cc bigint
--=   m integer
--=   check p_c_check (cc)
--= table public.child2 inherits public.parent2
--=   id integer not null default
--=   t text
--=   x integer
--= table public.child3 inherits public.parent2
--=   id integer not null default
--=   t text
--=   primary key child3_pkey (id)
--= table public.gg
--= table public.gg2 inherits public.gg
--= table public.parent2
--=   id integer not null default
--=   t text
--=   primary key parent2_pkey (id)
--= table public.sub inherits public.parent2, public.x
--=   id integer not null default
--=   t text
--=   a integer not null
--= table public.w
--=   a integer not null
--= table public.w2
--=   a integer
--= table public.x
--=   a integer not null
--= table public.y inherits public.x
--=   a integer not null
--=   b integer
--= table public.z
--=   b integer
