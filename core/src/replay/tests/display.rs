//! Expressions print with the names that their objects have now.

use crate::schema::{ConstraintKind, Schema};
use crate::session::{Options, analyze};

fn schema(script: &str) -> Schema {
    let mut analysis = analyze([("script.sql", script.as_bytes())], Options::default());
    let target = analysis.targets.remove(0);
    assert!(target.replay.conflicts.is_empty(), "{:?}", target.replay.conflicts);
    target.replay.schema
}

#[test]
fn checks_follow_renames() {
    let schema = schema(
        "create table t(a int, b int, check (a > 0 and t.b < \"a\"));
         alter table t rename column a to \"Odd name\"; alter table t rename b to bb; alter table t rename to u;",
    );
    let (_, table) = schema.live_tables().next().unwrap();
    let (_, check) = schema.constraints_of(table).next().unwrap();
    let ConstraintKind::Check(expr) = &check.kind else { panic!("{check:?}") };
    assert_eq!(schema.display_expr(expr), "\"Odd name\" > 0 and u.bb < \"Odd name\"");
}

#[test]
fn policies_views_and_defaults_follow_renames() {
    let schema = schema(
        "create table m(org int, who int); create table t(id serial, org int);
         create function f(int) returns int language sql as 'select 1';
         create policy p on t using (exists (select 1 from m where m.org = t.org and who = f(1)));
         create view v as select x.id, m.who from t x join m using (org) where x.org > 0;
         alter table m rename to members; alter table members rename column org to org_id;
         alter table t rename column org to org_id; alter function f(int) rename to g;
         alter table t rename to things; alter table things rename id to thing_id;
         alter sequence t_id_seq rename to things_seq;",
    );
    let (_, table) = schema.live_tables().find(|(_, t)| t.name == "things").unwrap();
    let (_, policy) = schema.policies_of(table).next().unwrap();
    assert_eq!(
        schema.display_expr(policy.using.as_ref().unwrap()),
        "exists (select 1 from members where members.org_id = things.org_id and who = g(1))"
    );
    let (_, view) = schema.live_views().next().unwrap();
    assert_eq!(
        schema.display_expr(&view.query),
        "select x.thing_id, members.who from things x join members using (org_id) where x.org_id > 0"
    );
    let (_, column) = table.live_columns().next().unwrap();
    assert_eq!(schema.display_expr(column.default.as_ref().unwrap()), "nextval('public.things_seq'::regclass)");
}

#[test]
fn places_and_referencing_keys() {
    let script = "create table a(id int primary key); create table b(x int references a, y int references a);";
    let schema = schema(script);
    let (id, _) = schema.live_tables().next().unwrap();
    let names: Vec<&str> =
        schema.references_to(id).into_iter().map(|c| schema.constraints.get(c).unwrap().name.as_str()).collect();
    assert_eq!(names, ["b_x_fkey", "b_y_fkey"]);
    let span = schema.object_span(crate::schema::ObjectId::Table(id)).unwrap();
    assert_eq!(&script[span.start as usize..span.end as usize], "a");
}
