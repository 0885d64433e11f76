//! Migrations of which only a run would know something: which of two texts is executed, which schema is meant, what the environment holds; and names that the
//! convention of `env.py` gives. The SQL is what Alembic 1.20 prints for PostgreSQL (`as_sql=True`) where each of these is what the comment says.

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::emit::catalog::catalog;
use relata_core::session::{Options, analyze};

const VERSION_TABLE: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));";

fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

fn upgrade(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "import os\nimport sqlalchemy as sa\nfrom alembic import op\nfrom app.settings import config\n\
         revision = '1'\ndown_revision = None\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n"
    )
}

fn target(analysis: &Analysis) -> &TargetAnalysis {
    analysis.targets.first().expect("a history")
}

/// The problems: the text that each is about, and what it says first.
fn told(analysis: &Analysis) -> Vec<(&str, String)> {
    let place = |p: &relata_core::problem::Problem| p.span.and_then(|s| analysis.sources.text(s)).unwrap_or_default();
    let of_migration = |p: &&relata_core::problem::Problem| p.kind.name() != "not-a-schema";
    analysis
        .problems
        .iter()
        .filter(of_migration)
        .map(|p| (place(p), p.message.split('.').next().unwrap_or_default().to_owned()))
        .collect()
}

/// Expects that files leave the schema that the SQL leaves.
fn check(files: &[(&str, &str)], sql: &str) -> Vec<(String, String)> {
    let python = read(files);
    let script = read(&[("1.sql", &format!("{VERSION_TABLE}\n{sql}"))]);
    let (found, expected) = (target(&python), target(&script));
    assert_eq!(expected.replay.conflicts.len(), 0, "{:?}", expected.replay.conflicts);
    assert_eq!(found.replay.conflicts.len(), 0, "{:?}", found.replay.conflicts);
    assert_eq!(catalog(found.schema()), catalog(expected.schema()));
    told(&python).into_iter().map(|(place, message)| (place.to_owned(), message)).collect()
}

/// Whether indexes are made in their own time: either way they are there afterwards. Nobody sets the variable.
#[test]
fn one_text_or_another() {
    let body = r##"op.create_table("t", sa.Column("a", sa.Integer))
fast = config.fast
op.execute(f"CREATE INDEX {'CONCURRENTLY ' if fast else ''}IF NOT EXISTS by_a ON t (a)")
slow = os.environ.get("SLOWLY", "").lower() == "true"
op.execute(f"CREATE INDEX {'' if slow else 'IF NOT EXISTS '}again ON t (a)")
if os.getenv("EXTRA", "no") == "yes":
    op.create_table("extra", sa.Column("a", sa.Integer))"##;
    let told = check(
        &[("versions/1.py", &upgrade(body))],
        "CREATE TABLE t (a INTEGER); CREATE INDEX IF NOT EXISTS by_a ON t (a); CREATE INDEX IF NOT EXISTS again ON t (a);",
    );
    assert_eq!(told, []);
}

/// A schema that the configuration names is taken for the default one, and told once for each place.
#[test]
fn a_schema_of_the_configuration() {
    let body = r##"schema = config["schema"]
op.create_table("role", sa.Column("id", sa.Integer, primary_key=True), schema=schema)
op.create_table("user", sa.Column("id", sa.Integer, primary_key=True), sa.Column("role_id", sa.Integer, sa.ForeignKey(schema + ".role.id")), schema=schema)
op.execute(f"ALTER TABLE {schema}.user ADD COLUMN name text")
op.execute('UPDATE "%(schema)s".role SET id = 1' % {"schema": schema})
op.execute(f"CREATE TABLE {schema}_copy (id integer)")"##;
    let told = check(
        &[("versions/1.py", &upgrade(body))],
        r#"CREATE TABLE public.role (id SERIAL NOT NULL, PRIMARY KEY (id));
           CREATE TABLE public."user" (id SERIAL NOT NULL, role_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(role_id) REFERENCES public.role (id));
           ALTER TABLE public.user ADD COLUMN name text;"#,
    );
    let expected = [
        (r#"config["schema"]"#, "Which schema this is, only running the migration would tell"),
        (
            "ALTER TABLE {schema}.user ADD COLUMN name text",
            "Which schema this is, only running the migration would tell",
        ),
        (
            r#"op.execute(f"CREATE TABLE {schema}_copy (id integer)")"#,
            "The text of this statement is made by the program",
        ),
    ];
    let told: Vec<_> = told.iter().map(|(place, message)| (place.as_str(), message.as_str())).collect();
    assert_eq!(told, expected);
}

/// Alembic names a check by the convention wherever its name stands.
#[test]
fn checks_named_by_place() {
    let env = "from alembic import context\nfrom sqlalchemy import MetaData\n\
               metadata = MetaData(naming_convention={\"ck\": \"ck_%(table_name)s_%(constraint_name)s\"})\n\n\
               def run_migrations_online():\n    context.configure(connection=connect(), target_metadata=metadata)\n\nrun_migrations_online()\n";
    let body = r##"op.create_table("t", sa.Column("a", sa.String, sa.CheckConstraint("a <> ''", "col_pos")), sa.Column("b", sa.String, sa.CheckConstraint("b <> ''", name="col_kw")), sa.CheckConstraint("a<>b", "tab_pos"))
op.add_column("t", sa.Column("c", sa.String, sa.CheckConstraint("c <> ''", "add_pos")))
op.create_check_constraint("later", "t", "a<>c")
op.create_check_constraint(op.f("literal"), "t", "a<>c")"##;
    let told = check(
        &[("migrations/env.py", env), ("migrations/versions/1.py", &upgrade(body))],
        "CREATE TABLE t (a VARCHAR CONSTRAINT ck_t_col_pos CHECK (a <> ''), b VARCHAR CONSTRAINT ck_t_col_kw CHECK (b <> ''), CONSTRAINT ck_t_tab_pos CHECK (a<>b));
         ALTER TABLE t ADD COLUMN c VARCHAR CONSTRAINT ck_t_add_pos CHECK (c <> '');
         ALTER TABLE t ADD CONSTRAINT ck_t_later CHECK (a<>c);
         ALTER TABLE t ADD CONSTRAINT literal CHECK (a<>c);",
    );
    assert_eq!(told, []);
}

/// The types of columns as an inspector reads them: their parts, their classes, how they print, and as types of other columns. The SQL is what Alembic
/// 1.20 with SQLAlchemy 2.1 did on PostgreSQL 15.
#[test]
fn types_that_an_inspector_reads() {
    let body = r#"from sqlalchemy.dialects import postgresql
op.create_table('t', sa.Column('a', sa.String(36)), sa.Column('b', sa.Integer()), sa.Column('c', sa.DateTime(timezone=True)),
    sa.Column('d', postgresql.JSONB()), sa.Column('e', sa.Enum('x', 'y', name='kind')), sa.Column('f', sa.Text()))
columns = {c['name']: c for c in sa.inspect(op.get_bind()).get_columns('t')}
if columns['a']['type'].length < 64:
    op.alter_column('t', 'a', type_=sa.String(64))
if isinstance(columns['b']['type'], sa.Integer) and not isinstance(columns['b']['type'], sa.BigInteger):
    op.alter_column('t', 'b', type_=sa.BigInteger())
if not columns['c']['type'].timezone:
    op.drop_column('t', 'c')
if str(columns['d']['type']) != 'JSONB':
    op.drop_column('t', 'd')
if 'z' not in columns['e']['type'].enums:
    op.execute("ALTER TYPE kind ADD VALUE 'z'")
if isinstance(columns['f']['type'], (sa.String, sa.Text)):
    op.add_column('t', sa.Column('g', columns['a']['type']))
kinds = {c['type'] for c in columns.values() if c['name'] == 'b'}
op.add_column('t', sa.Column('h', kinds.pop()))
op.add_column('t', sa.Column('i', postgresql.ENUM(name=columns['e']['type'].name, create_type=False)))"#;
    let sql = "CREATE TYPE kind AS ENUM ('x', 'y', 'z');
        CREATE TABLE t (a varchar(64), b bigint, c timestamptz, d jsonb, e kind, f text, g varchar(36), h integer, i kind);";
    assert_eq!(check(&[("versions/1.py", &upgrade(body))], sql), []);
}
