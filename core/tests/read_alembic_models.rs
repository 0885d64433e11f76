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
