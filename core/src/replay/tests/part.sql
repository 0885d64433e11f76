create table o(id int, ts date not null, v text, primary key (id, ts)) partition by range (ts);
create index on o(v);
create index o_custom on o(lower(v));
create table o3 partition of o for values from ('2022-01-01') to ('2023-01-01');
create table o1 partition of o for values from ('2020-01-01') to ('2021-01-01');
create table o2 partition of o for values from ('2021-01-01') to ('2022-01-01') partition by range (ts);
create table o2a partition of o2 for values from ('2021-01-01') to ('2021-07-01');
create table od partition of o default;
create table r(oid int, ots date, x int, foreign key (oid, ots) references o);
create table o4 partition of o for values from ('2024-01-01') to ('2025-01-01');
create table att(id int not null, ts date not null, v text);
create index att_v on att(v);
alter table o attach partition att for values from ('2025-01-01') to ('2026-01-01');
alter table o add column w int default 3 not null;
alter table o add check (w > 0);
alter table o add constraint wu unique (w, ts);
create unique index on o(w); --! 0A000 o
create unique index on o(ts, v);
alter table o alter column v set not null;
alter table o1 alter column v drop not null; --! 42P16 v
alter table o1 add column zz int; --! 42809 zz
alter table o1 drop column w; --! 42P16 w
alter table o drop column ts; --! 42P16 ts
alter table o alter column ts type timestamp; --! 42P16 ts
alter table o rename column v to vv;
alter table o1 rename column vv to vvv; --! 42P16 vv
create function trg() returns trigger language plpgsql as $$begin return new; end$$;
create trigger tg after insert on o for each row execute function trg();
create trigger tg2 after insert on o for each statement execute function trg();
create trigger tg after insert on o for each row execute function trg(); --! 42710 tg
create table o5 partition of o for values from ('2027-01-01') to ('2028-01-01');
drop trigger tg on o5; --! 2BP01 tg
drop index o5_lower_idx; --! 2BP01 o5_lower_idx
alter table o detach partition o4;
drop table o3; --! 2BP01 o3
alter table r drop constraint r_oid_ots_fkey;
drop table o3;
create table f(a int, b int references c_missing) partition by list(a); --! 42P01 c_missing
create table c(id int primary key);
create table f(a int, b int references c, constraint fk2 foreign key (b) references c) partition by list(a);
create table f1 partition of f for values in (1);
create table f2 partition of f for values in (2, 3);
create table f3 partition of f for values in (3); --! 42P17 for values in (3)
alter table f add foreign key (a) references c;
alter table f add constraint fk3 foreign key (a) references c not valid; --! 42809 constraint fk3 foreign key (a) references c not valid
alter table f1 add constraint own foreign key (b) references c;
create index concurrently on f(a); --! 0A000 f
create index fonly on only f(b);
create index f1b on f1(b);
create index f2b on f2(b);
alter index fonly attach partition f1b;
alter index fonly attach partition f2b;
create index f1c on f1(a);
alter index fonly attach partition f1c; --! 55000 f1c
drop index f1b; --! 2BP01 f1b
drop index fonly;
create table h(a int) partition by hash(a);
create table h0 partition of h for values with (modulus 2, remainder 0);
create table h1 partition of h for values with (modulus 2, remainder 1);
create table h2 partition of h for values with (modulus 2, remainder 1); --! 42P17 for values with (modulus 2, remainder 1)
create table ex(a int, exclude using gist (a with =)) partition by list(a); --! 0A000 exclude using gist (a with =)
create table exprpart(a int, unique(a)) partition by range ((a+1)); --! 0A000 unique(a)
create table pkonly(a int primary key, b int) partition by range (b); --! 0A000 primary key
alter table f attach partition c for values in (9); --! 42804 c
alter table c attach partition f1 for values in (9); --! 42P17 c
create table nn(a int, b int, extra int);
alter table f attach partition nn for values in (10); --! 42804 nn
create table nn2(a text, b int);
alter table f attach partition nn2 for values in (10); --! 42804 nn2
alter table f attach partition f1 for values in (11); --! 42809 f1
alter table f detach partition c; --! 42P01 c
drop table o cascade;
drop table f;
alter table o add constraint x check (false); --! 42P01 o
create table q(a int, b text) partition by list (b);
create table q1 partition of q (b default 'x', constraint qq check (a > 1), primary key (a)) for values in ('a');
create table q2 partition of q (primary key(a), unique (a)) for values in ('b');
alter table q add column id serial;
create table s(a int primary key, p int references s) partition by list (a);
create table s1 partition of s for values in (1);
create table s2 partition of s for values in (2);
alter table only s add column zzz int; --! 42P16 zzz
alter table only q add constraint onlyc check (a > 5); --! 42P16 constraint onlyc check (a > 5)
alter table only q add constraint onlyc check (a > 5) no inherit; --! 42P16 constraint onlyc check (a > 5) no inherit

--= schema public
--= sequence public.q_id_seq integer public.q.id
--= function public.trg()
--= table public.c
--=   id integer not null
--=   primary key c_pkey (id)
--= partitioned table public.h
--=   a integer
--= table public.h0 of public.h
--=   a integer
--= table public.h1 of public.h
--=   a integer
--= table public.nn
--=   a integer
--=   b integer
--=   extra integer
--= table public.nn2
--=   a text
--=   b integer
--= table public.o4
--=   id integer not null
--=   ts date not null
--=   vv text not null
--=   w integer not null default
--=   primary key o4_pkey (id, ts)
--=   unique o4_w_ts_key (w, ts)
--=   check o_w_check (w)
--=   index o4_lower_idx btree (<expr>)
--=   index o4_ts_v_idx btree unique (ts, vv)
--=   index o4_v_idx btree (vv)
--= partitioned table public.q
--=   a integer
--=   b text
--=   id integer not null default
--= table public.q1 of public.q
--=   a integer not null
--=   b text default
--=   id integer not null default
--=   primary key q1_pkey (a)
--=   check qq (a)
--= table public.q2 of public.q
--=   a integer not null
--=   b text
--=   id integer not null default
--=   primary key q2_pkey (a)
--= table public.r
--=   oid integer
--=   ots date
--=   x integer
--= partitioned table public.s
--=   a integer not null
--=   p integer
--=   primary key s_pkey (a)
--=   foreign key s_p_fkey (p) -> public.s (a) no action, no action
--=   foreign key s_p_fkey1 (p) -> public.s1 (a) no action, no action
--=   foreign key s_p_fkey2 (p) -> public.s2 (a) no action, no action
--= table public.s1 of public.s
--=   a integer not null
--=   p integer
--=   primary key s1_pkey (a)
--=   foreign key s_p_fkey (p) -> public.s (a) no action, no action
--= table public.s2 of public.s
--=   a integer not null
--=   p integer
--=   primary key s2_pkey (a)
--=   foreign key s_p_fkey (p) -> public.s (a) no action, no action
