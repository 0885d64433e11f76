//! Operations that packages add to Alembic's `op`. The SQL beside each is what alembic_utils 0.8.8 and alembic_postgresql_enum 1.11 sent with Alembic
//! 1.20 to PostgreSQL 15 (a listener on `before_cursor_execute`).

use relata_core::analysis::Analysis;
use relata_core::emit::catalog::catalog;
use relata_core::session::{Options, analyze};

const VERSION_TABLE: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));";

fn upgrade(body: &str) -> Analysis {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!(
        "import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import postgresql\n\
         from alembic_postgresql_enum import ColumnType, TableReference\nfrom alembic_postgresql_enum.sql_commands.indexes import TableIndex\n\
         from alembic_utils.pg_extension import PGExtension\nfrom alembic_utils.pg_function import PGFunction\n\
         from alembic_utils.pg_grant_table import PGGrantTable, PGGrantTableChoice\n\
         from alembic_utils.pg_materialized_view import PGMaterializedView\nfrom alembic_utils.pg_policy import PGPolicy\n\
         from alembic_utils.pg_trigger import PGTrigger\nfrom alembic_utils.pg_view import PGView\n\n\
         revision = '1'\ndown_revision = None\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n"
    );
    analyze([("versions/1.py", text.as_bytes())], Options::default())
}

/// Expects that a body leaves the schema that the SQL leaves, without a problem, and that neither is refused.
fn check(body: &str, sql: &str) {
    let python = upgrade(body);
    let problems: Vec<_> =
        python.problems.iter().map(|p| (p.message.as_str(), p.span.and_then(|s| python.sources.text(s)))).collect();
    assert_eq!(problems, [], "{body}");
    let script = analyze([("1.sql", format!("{VERSION_TABLE}\n{sql}").as_bytes())], Options::default());
    let (found, expected) = (python.targets.first().expect("a history"), script.targets.first().expect("a script"));
    assert_eq!(expected.replay.conflicts.len(), 0, "{:?}", expected.replay.conflicts);
    assert_eq!(found.replay.conflicts.len(), 0, "{:?}", found.replay.conflicts);
    assert_eq!(catalog(found.schema()), catalog(expected.schema()), "{body}");
}

#[test]
fn entities_of_alembic_utils() {
    check(
        r##"f = PGFunction(schema="public", signature="Touch(a integer, b text DEFAULT 'x')", definition="RETURNS integer AS $$ BEGIN RETURN a::int; END $$ LANGUAGE plpgsql;")
op.create_entity(f)
op.replace_entity(PGFunction(schema="public", signature="Touch(a integer, b text DEFAULT 'x')", definition="RETURNS integer AS $$ BEGIN RETURN 2; END $$ LANGUAGE plpgsql"))
g = PGFunction(schema="public", signature="stamp()", definition="RETURNS trigger AS $$ BEGIN NEW.n := 1; RETURN NEW; END $$ LANGUAGE plpgsql")
op.create_entity(g)
op.create_table("t", sa.Column("id", sa.Integer()), sa.Column("n", sa.Integer()))
op.create_entity(PGView("public", "seen", "SELECT id FROM t;"))
op.replace_entity(PGView("public", "seen", "SELECT id, n FROM t"))
op.create_entity(PGView.from_sql("create view public.other (x) as select n as x from t"))
op.create_entity(PGView.from_sql("create view public.kept as select n as x from t"))
m = PGMaterializedView(schema="public", signature="sums", definition="SELECT n, count(*) AS c FROM t GROUP BY n", with_data=False)
op.create_entity(m)
op.replace_entity(m)
op.create_entity(PGMaterializedView(schema="public", signature="ids", definition="SELECT id FROM t"))
trigger = PGTrigger(schema="public", signature="stamped", on_entity="t", definition="BEFORE UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE stamp()")
op.create_entity(trigger)
op.replace_entity(trigger)
op.create_entity(PGTrigger.from_sql("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON public.t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION stamp()"))
p = PGPolicy(schema="public", signature="own", on_entity="t", definition="FOR SELECT USING (n > 0)")
op.create_entity(p)
op.create_entity(PGExtension(schema="public", signature="citext"))
op.create_entity(PGGrantTable(schema="public", table="t", columns=["n", "id"], role="postgres", grant=PGGrantTableChoice.SELECT, with_grant_option=True))
op.drop_entity(PGView("public", "other", "# not required for op"))
op.drop_entity(f)
op.drop_entity(m, cascade=True)"##,
        r#"CREATE FUNCTION "public"."stamp"() RETURNS trigger AS $$ BEGIN NEW.n := 1; RETURN NEW; END $$ LANGUAGE plpgsql;
CREATE TABLE t (id INTEGER, n INTEGER);
CREATE VIEW "public"."seen" AS SELECT id, n FROM t;
CREATE VIEW "public"."kept" AS select n as x from t;
CREATE MATERIALIZED VIEW "public"."ids" AS SELECT id FROM t WITH  DATA;
CREATE TRIGGER "stamped" BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE PROCEDURE stamp();
CREATE CONSTRAINT TRIGGER "late" AFTER INSERT ON public.t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE POLICY own on public.t FOR SELECT USING (n > 0);
CREATE EXTENSION "citext" WITH SCHEMA "public";"#,
    );
}

/// What is not known stays so, and is told.
#[test]
fn entities_that_only_a_run_would_know() {
    let analysis =
        upgrade("op.create_entity(PGFunction.from_path(path))\nop.replace_entity(PGExtension('public', 'citext'))");
    let told: Vec<_> = analysis.problems.iter().map(|p| p.kind.name()).collect();
    assert_eq!(told, ["opaque-statement", "opaque-statement"]);
}

#[test]
fn values_of_enumerations() {
    check(
        r#"op.execute("CREATE TYPE state AS ENUM ('on', 'of')")
kind = postgresql.ENUM("on", "of", name="state", create_type=False)
op.create_table("t", sa.Column("s", kind, server_default="of"), sa.Column("many", sa.ARRAY(kind)), sa.Column("n", sa.Integer()))
op.create_index("live", "t", ["n"], postgresql_where=sa.text("s = 'on'"))
op.sync_enum_values(
    enum_schema="public",
    enum_name="state",
    new_values=["on", "off", "new"],
    affected_columns=[
        TableReference(table_schema="public", table_name="t", column_name="s", existing_server_default="'of'::state"),
        TableReference(table_schema="public", table_name="t", column_name="many", column_type=ColumnType.ARRAY),
    ],
    enum_values_to_rename=[("of", "off")],
    indexes_to_recreate=[TableIndex(name="public.live", definition="CREATE INDEX live ON public.t USING btree (n) WHERE (s = 'on'::state)")],
)"#,
        "CREATE TYPE state AS ENUM ('on', 'off', 'new');
CREATE TABLE t (s state DEFAULT 'off'::public.state, many state[], n INTEGER);
CREATE INDEX live ON public.t USING btree (n) WHERE (s = 'on'::state);",
    );
}

/// As older versions write it: a pair, and the default is asked of the database.
#[test]
fn a_default_that_is_asked_of_the_database() {
    let analysis = upgrade(
        r#"op.execute("CREATE TYPE state AS ENUM ('on', 'off')")
op.create_table("t", sa.Column("s", postgresql.ENUM("on", "off", name="state", create_type=False), server_default="off"))
op.sync_enum_values("public", "state", ["on", "off", "new"], [("t", "s")], enum_values_to_rename=[])"#,
    );
    let at = |p: &relata_core::problem::Problem| p.span.and_then(|s| analysis.sources.text(s));
    assert_eq!(analysis.problems.iter().map(at).collect::<Vec<_>>(), [Some("(\"t\", \"s\")")]);
    let target = analysis.targets.first().expect("a history");
    assert_eq!(target.replay.conflicts.len(), 0, "{:?}", target.replay.conflicts);
    assert!(catalog(target.schema()).to_string().contains(r#""labels":["on","off","new"]"#));
}

/// The SQL is what GeoAlchemy2 0.20 sent with Alembic to PostgreSQL 15 with PostGIS.
#[test]
fn spatial_columns() {
    check(
        r##"from geoalchemy2 import Geometry, Raster
op.create_geospatial_table("place", sa.Column("id", sa.Integer, primary_key=True), sa.Column("geom", Geometry("POINT", srid=4326)), sa.Column("flat", Geometry("POINT", srid=4326, spatial_index=False)), sa.Column("pic", Raster))
op.add_column("place", sa.Column("later", Geometry("POINT", srid=4326)))
op.create_geospatial_index("idx_place_flat", "place", ["flat"], unique=False, postgresql_using="gist", postgresql_ops={})
op.drop_geospatial_index("idx_place_later", table_name="place", postgresql_using="gist", column_name="later")
op.drop_geospatial_column("place", "later")"##,
        "CREATE TABLE place (id SERIAL NOT NULL, geom geometry(POINT,4326), flat geometry(POINT,4326), pic raster, PRIMARY KEY (id));
         CREATE INDEX idx_place_geom ON place USING gist (geom);
         CREATE INDEX idx_place_pic ON place USING gist (ST_ConvexHull(pic));
         ALTER TABLE place ADD COLUMN later geometry(POINT,4326);
         CREATE INDEX idx_place_later ON place USING gist (later);
         CREATE INDEX idx_place_flat ON place USING gist (flat);
         DROP INDEX idx_place_later;
         ALTER TABLE place DROP COLUMN later;",
    );
}
