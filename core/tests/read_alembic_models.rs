//! Migrations that make the tables of models by `create_all`. The SQL is what Alembic 1.20 and SQLAlchemy 2.0 sent to PostgreSQL 15.

mod project;

use relata_core::emit::catalog::catalog;

const VERSION_TABLE: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));";

const BASE: &str = r#"import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase
class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "fk": "fk_%(table_name)s_%(column_0_name)s"})
"#;

const OWNER: &str = r#"from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from .base import Base
class Owner(Base):
    __tablename__ = "owners"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)
"#;

const PARCEL: &str = r#"import enum
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from .base import Base
class Kind(enum.Enum):
    big = 1
    small = 2
class Parcel(Base):
    __tablename__ = "parcels"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))
    kind: Mapped[Kind]
"#;

const ENVIRONMENT: &str = r#"from alembic import context
from app.base import Base
import app.owner, app.parcel
def run_migrations_online():
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
run_migrations_online()
"#;

const FIRST: &str = r#"from alembic import op
from app.base import Base
revision, down_revision = "a1", None
def upgrade():
    Base.metadata.create_all(bind=op.get_bind())
"#;

/// A table by itself, and then all that are not there: one that is has its column and its index once.
const SECOND: &str = r#"import sqlalchemy as sa
from alembic import op
from app import base
revision, down_revision = "a2", "a1"
def upgrade():
    op.add_column("parcels", sa.Column("area", sa.Numeric(10, 2)))
    op.drop_table("parcels")
    base.Base.metadata.create_all(op.get_bind(), checkfirst=True)
"#;

/// Classes of the migration itself have a metadata of their own, whatever it imports.
const THIRD: &str = r#"import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import declarative_base
from app.base import Base as Models
revision, down_revision = "a3", "a2"
Base = declarative_base(metadata=sa.MetaData())
class Extra(Base):
    __tablename__ = "extra"
    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.Enum("a", "b", name="extra_kind"))
def upgrade():
    Base.metadata.create_all(op.get_bind())
"#;

const TABLES: &str = r"CREATE TYPE kind AS ENUM ('big', 'small');
CREATE TABLE owners (id SERIAL NOT NULL, name VARCHAR(50) NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_owners_name ON owners (name);
CREATE TABLE parcels (id SERIAL NOT NULL, owner_id INTEGER NOT NULL, kind kind NOT NULL, PRIMARY KEY (id),
    CONSTRAINT fk_parcels_owner_id FOREIGN KEY(owner_id) REFERENCES owners (id));
";

/// Expects that these files of a project are read without a problem, and lead to the schema that the SQL makes.
#[track_caller]
fn check(files: &[(&str, &str)], sql: &str) {
    let python = project::read(files);
    // An `env.py` has no schema of its own.
    let problems: Vec<&str> =
        python.problems.iter().map(|p| p.message.as_str()).filter(|m| !m.contains("env.py")).collect();
    assert_eq!(problems, [""; 0]);
    let script = project::read(&[("schema.sql", &format!("{VERSION_TABLE}\n{sql}"))]);
    let history = python.targets.iter().find(|t| t.target.layout == "alembic").expect("a history");
    let expected = script.targets.first().expect("a script");
    assert_eq!(history.replay.conflicts.len(), 0, "{:?}", history.replay.conflicts);
    assert_eq!(catalog(history.schema()), catalog(expected.schema()));
}

#[test]
fn models_that_the_environment_imports() {
    let app =
        [("app/base.py", BASE), ("app/owner.py", OWNER), ("app/parcel.py", PARCEL), ("migrations/env.py", ENVIRONMENT)];
    let with = |revisions: &[(&'static str, &'static str)]| [&app[..], revisions].concat();
    check(&with(&[("migrations/versions/a1.py", FIRST)]), TABLES);
    let all = [
        ("migrations/versions/a1.py", FIRST),
        ("migrations/versions/a2.py", SECOND),
        ("migrations/versions/a3.py", THIRD),
    ];
    let extra = "CREATE TYPE extra_kind AS ENUM ('a', 'b'); CREATE TABLE extra (id SERIAL NOT NULL, kind extra_kind, PRIMARY KEY (id));";
    check(&with(&all), &format!("{TABLES}{extra}"));
}

/// Where nothing tells which tables a metadata has, that is said, once.
#[test]
fn models_that_are_not_there() {
    let analysis = project::read(&[("app/base.py", BASE), ("migrations/versions/a1.py", FIRST)]);
    let problems: Vec<&str> = analysis.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(project::histories(&analysis), ["alembic: a1"]);
    assert_eq!(project::tables(&analysis), ["alembic_version"]);
    assert!(matches!(problems.as_slice(), [only] if only.contains("which they are is not known")), "{problems:?}");
}

/// What revisions of their own models begin with.
const OWN: &str = r#"import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import declarative_base
revision, down_revision = "b1", None
Base = declarative_base()
class Thing(Base):
    __tablename__ = "thing"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(10), index=True)
    kind = sa.Column(sa.Enum("x", "y", name="kk"))
class Other(Base):
    __tablename__ = "other"
    id = sa.Column(sa.Integer, primary_key=True)
    thing_id = sa.Column(sa.ForeignKey("thing.id"))
class Never(Base):
    __tablename__ = "never"
    id = sa.Column(sa.Integer, primary_key=True)
def upgrade():
"#;

/// `Table.create` makes one table of the models; it asks first only where it is told to. Source: `Table.create` in `sqlalchemy/sql/schema.py`.
#[test]
fn tables_of_models_by_themselves() {
    const THING: &str = "CREATE TYPE kk AS ENUM ('x', 'y');
        CREATE TABLE thing (id SERIAL NOT NULL, name VARCHAR(10), kind kk, PRIMARY KEY (id)); CREATE INDEX ix_thing_name ON thing (name);";
    const OTHER: &str = "CREATE TABLE other (id SERIAL NOT NULL, thing_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(thing_id) REFERENCES thing (id));";
    let revision = |body: &str| format!("{OWN}{body}");
    let both = format!("{THING}{OTHER}");
    for (body, sql) in [
        (
            "    bind = op.get_bind()\n    Thing.__table__.create(bind)\n    Other.__table__.create(bind=bind, checkfirst=True)\n",
            both.as_str(),
        ),
        (
            "    Thing.__table__.create(op.get_bind())\n    Thing.__table__.create(op.get_bind(), checkfirst=True)\n",
            THING,
        ),
        ("    Base.metadata.create_all(op.get_bind(), tables=[Thing.__table__, Other.__table__])\n", both.as_str()),
        // What is referred to comes first, whatever the list's order.
        ("    Base.metadata.create_all(op.get_bind(), tables=[Other.__table__, Thing.__table__])\n", both.as_str()),
        (
            "    Thing.__table__.create(op.get_bind())\n    Thing.__table__.drop(op.get_bind())\n",
            "CREATE TYPE kk AS ENUM ('x', 'y');",
        ),
    ] {
        check(&[("versions/b1.py", &revision(body))], sql);
    }
    // Dropped before it is there, and made twice, both without asking: PostgreSQL refuses it.
    let twice = revision(
        "    Other.__table__.drop(op.get_bind())\n    Never.__table__.create(op.get_bind())\n    Never.__table__.create(op.get_bind())\n",
    );
    let analysis = project::read(&[("versions/b1.py", &twice)]);
    let states: Vec<&str> = analysis.targets[0].replay.conflicts.iter().map(|c| c.sqlstate).collect();
    assert_eq!(states, ["42P01", "42P07"]);
}

/// Of tables that the revision declares, `create_all` makes those that it is given; `create` asks where it is told to.
#[test]
fn declared_tables_that_are_chosen() {
    const DECLARED: &str = r#"import sqlalchemy as sa
from alembic import op
revision, down_revision = "c1", None
def upgrade():
    op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer))
    meta = sa.MetaData()
    a = sa.Table("a", meta, sa.Column("id", sa.Integer, primary_key=True))
    b = sa.Table("b", meta, sa.Column("id", sa.Integer, primary_key=True))
    c = sa.Table("c", meta, sa.Column("id", sa.Integer, primary_key=True))
    d = sa.Table("d", meta, sa.Column("id", sa.Integer, primary_key=True))
    a.create(op.get_bind(), checkfirst=True)
    meta.create_all(op.get_bind(), tables=[a, b])
    d.create(op.get_bind(), True)
"#;
    let made = "CREATE TABLE a (id SERIAL PRIMARY KEY, x INTEGER); CREATE TABLE b (id SERIAL PRIMARY KEY); CREATE TABLE d (id SERIAL PRIMARY KEY);";
    check(&[("versions/c1.py", DECLARED)], made);
}

/// Statements of a project's own. Source: SQLAlchemy's documentation, "Custom SQL Constructs and Compilation Extension".
#[test]
fn elements_with_functions_that_write_them() {
    const VIEWS: &str = r#"import sqlalchemy as sa
from alembic import op
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement
revision, down_revision = "d1", None
class CreateView(DDLElement):
    def __init__(self, name, query):
        self.name = name
        self.query = query
class CreateQuietly(CreateView):
    pass
class DropView(DDLElement):
    def __init__(self, name):
        self.name = name
@compiles(CreateView)
def _create(element, compiler, **kw):
    return "CREATE VIEW %s AS %s" % (compiler.preparer.quote(element.name), element.query)
@compiles(DropView)
def _drop_anywhere(element, compiler, **kw):
    return "no SQL"
@compiles(DropView, "postgresql")
def _drop(element, compiler, **kw):
    return f"DROP VIEW {element.name}"
@compiles(DropView, "mysql")
def _drop_elsewhere(element, compiler, **kw):
    return "no SQL either"
def upgrade():
    op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))
    op.execute(CreateView("Busy", "SELECT id FROM a"))
    op.get_bind().execute(CreateQuietly("w", "SELECT id FROM a"))
    op.execute(CreateView("x", "SELECT id FROM a"))
    op.execute(DropView("x"))
"#;
    let sql = "CREATE TABLE a (id SERIAL PRIMARY KEY); CREATE VIEW \"Busy\" AS SELECT id FROM a; CREATE VIEW w AS SELECT id FROM a;";
    check(&[("versions/d1.py", VIEWS)], sql);
    // What no function of the files writes is said to be unknown, at its place.
    let unwritten = VIEWS
        .replace("@compiles(CreateView)", "@elsewhere(CreateView)")
        .replace("    op.execute(DropView(\"x\"))\n", "");
    let analysis = project::read(&[("versions/d1.py", &unwritten)]);
    assert_eq!(analysis.problems.iter().filter(|p| p.message.contains("made by the program")).count(), 3);
}
