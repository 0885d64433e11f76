//! Alembic revisions of a module that shares its database with others. What a whole would have was seen with Alembic 1.20 on PostgreSQL 15: revisions in
//! several folders, each package with its branch, or each with a table of versions of its own.

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::emit::catalog::catalog;
use relata_core::finding::Severity;
use relata_core::session::{Options, analyze};

const ENVIRONMENT: &str = r#"from alembic import context
from app import migration
def run(connection):
    context.configure(connection=connection, version_table=migration.TABLE)
    context.run_migrations()
run(None)
"#;

const PORTS: &str = r#"import sqlalchemy as sa
from alembic import op
revision, down_revision = "a1", None
branch_labels = ("ports",)
def upgrade():
    op.create_table("ports", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("network", sa.Integer(), sa.ForeignKey("networks.id")),
        sa.Column("tenant_id", sa.String(36)), sa.Column("uplink", sa.Integer(), sa.ForeignKey("networks.id")), sa.UniqueConstraint("network"))
"#;

/// It asks through an inspector that is made once, and its names are those of the table that others make.
const RENAMED: &str = r#"import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import reflection
revision, down_revision = "a2", "a1"
_inspector = None
def inspector():
    global _inspector
    if _inspector:
        return _inspector
    else:
        _inspector = reflection.Inspector.from_engine(op.get_bind())
    return _inspector
def upgrade():
    for column in inspector().get_columns("ports"):
        if column["name"] == "tenant_id":
            op.alter_column("ports", "tenant_id", new_column_name="project_id", existing_type=column["type"])
"#;

const WHOLE: &str = "CREATE TABLE networks (id serial PRIMARY KEY); CREATE TABLE ports (id serial PRIMARY KEY, network integer UNIQUE REFERENCES networks (id), project_id varchar(36), uplink integer REFERENCES networks (id));";

fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

fn target(analysis: &Analysis) -> &TargetAnalysis {
    let mut histories = analysis.targets.iter().filter(|t| t.target.layout != "sqlalchemy");
    histories.next().expect("a history")
}

fn conflicts(analysis: &Analysis) -> Vec<&'static str> {
    target(analysis).replay.conflicts.iter().map(|c| c.sqlstate).collect()
}

/// What is known of `ports`.
fn ports(analysis: &Analysis) -> serde_json::Value {
    catalog(target(analysis).schema())["schemas"]["public"]["tables"]["ports"].take()
}

/// Who notes what has run in a table of its own has tables of others beside it.
#[test]
fn a_table_of_versions_of_its_own() {
    let name = "TABLE = \"ports_versions\"\n";
    let files = [
        ("app/migration/__init__.py", name),
        ("app/migration/env.py", ENVIRONMENT),
        ("app/migration/versions/a1.py", PORTS),
        ("app/migration/versions/a2.py", RENAMED),
    ];
    let shared = read(&files);
    assert_eq!(conflicts(&shared), [""; 0]);
    assert_eq!(ports(&shared), ports(&read(&[("1.sql", WHOLE)])));
    // One key by itself may be misspelt.
    let misspelt = PORTS.replacen("networks.id", "network.id", 1).replacen("networks.id", "ports.id", 1);
    assert_eq!(conflicts(&read(&[files[0], files[1], ("app/migration/versions/a1.py", &misspelt)])), ["42P01"]);
    // Alone the keys have nothing to refer to, and there is no table to change.
    let name = "TABLE = \"alembic_version\"\n";
    let alone = read(&[("app/migration/__init__.py", name), files[1], files[2], files[3]]);
    assert_eq!(conflicts(&alone).first(), Some(&"42P01"));
}

/// A branch that depends on a revision elsewhere is one of several: what it does not make is there, and constraints may be called by a convention.
#[test]
fn a_branch_that_depends_on_others() {
    let first = PORTS.replace("branch_labels =", "depends_on = \"f00\"\nbranch_labels =");
    let second = "from alembic import op\nrevision, down_revision = \"a2\", \"a1\"\ndef upgrade():\n    \
                  op.drop_constraint(\"uq_ports_network\", \"ports\", type_=\"unique\")\n    \
                  op.drop_constraint(\"pk_ports\", \"ports\", type_=\"primary\")\n    op.create_primary_key(\"pk_ports\", \"ports\", [\"id\", \"network\"])\n    \
                  op.execute(\"INSERT INTO others (id) SELECT id FROM ports\")\n";
    let of_several = read(&[("versions/a1.py", &first), ("versions/a2.py", second)]);
    assert_eq!(conflicts(&of_several), [""; 0]);
    let missing = target(&of_several).findings.iter().filter(|f| f.rule.name == "missing-parent-revision");
    assert_eq!(missing.map(|f| f.severity).collect::<Vec<_>>(), [Severity::Low]);
    // Without a label nothing says so.
    let alone = first.replace("branch_labels = (\"ports\",)\n", "");
    assert_eq!(conflicts(&read(&[("versions/a1.py", &alone)])), ["42P01"]);
}

const CONVENTION: &str = r#"from flask_sqlalchemy import SQLAlchemy as Flask
from sqlalchemy import DateTime, MetaData
from sqlalchemy.types import TypeDecorator
metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"})
class Moment(TypeDecorator):
    impl = DateTime(timezone=True)
class SQLAlchemy(Flask):
    def __getattr__(self, name):
        if name == "Moment":
            return Moment
        return super().__getattr__(name)
db = SQLAlchemy(metadata=metadata)
"#;

/// Flask-Alembic has no `env.py`: the metadata is the models', and so is its convention. What `__getattr__` gives is known, as is what it hands on.
#[test]
fn a_convention_without_an_environment() {
    let revision = "import sqlalchemy as sa\nfrom alembic import op\nfrom app.base import db\nrevision, down_revision = \"a1\", None\ndef upgrade():\n    \
                    op.create_table(\"t\", sa.Column(\"id\", sa.Integer(), primary_key=True), sa.Column(\"at\", db.Moment), sa.Column(\"tag\", db.String(3)), \
                    sa.UniqueConstraint(\"tag\"))\n";
    let found = read(&[("app/base.py", CONVENTION), ("app/versions/a1.py", revision)]);
    let sql = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));\
               CREATE TABLE t (id serial CONSTRAINT pk_t PRIMARY KEY, at timestamptz, tag varchar(3) CONSTRAINT uq_t_tag UNIQUE);";
    assert_eq!(catalog(target(&found).schema()), catalog(target(&read(&[("1.sql", sql)])).schema()));
}

/// `Decorator().impl` of a package whose decorators are known.
#[test]
fn what_a_decorator_is_built_on() {
    let revision = "import sqlalchemy as sa\nfrom alembic import op\nfrom oslo_db.sqlalchemy import types\nrevision, down_revision = \"a1\", None\ndef upgrade():\n    \
                    op.create_table(\"t\", sa.Column(\"data\", types.JsonEncodedDict(mysql_as_long=True).impl))\n";
    let found = read(&[("versions/a1.py", revision)]);
    let (_, table) = target(&found).schema().live_tables().find(|(_, t)| t.name == "t").expect("the table");
    let types: Vec<String> = table.live_columns().map(|(_, c)| c.data_type.display(target(&found).schema())).collect();
    assert_eq!(types, ["text"]);
}

const MADE: &str = r#"from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Owner(Base):
    __tablename__ = "owners"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), index=True)
class Parcel(Base):
    __tablename__ = "parcels"
    id = Column(Integer, primary_key=True)
    owner_id = Column(ForeignKey("owners.id"))
"#;

/// Models made the first tables, and migrations came later: what they change and never make was there.
#[test]
fn a_history_that_goes_on_from_models() {
    let revision = "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = \"a1\", None\ndef upgrade():\n    \
                    op.add_column(\"owners\", sa.Column(\"name\", sa.String(50)))\n    op.create_index(\"ix_owners_name\", \"owners\", [\"name\"])\n    \
                    op.drop_column(\"parcels\", \"size\")\n    op.create_table(\"more\", sa.Column(\"parcel\", sa.Integer(), sa.ForeignKey(\"parcels.id\")))\n";
    let with = read(&[("app/models.py", MADE), ("app/versions/a1.py", revision)]);
    assert_eq!(conflicts(&with), [""; 0]);
    // Without models nothing says that they were there; nor where the history makes the others, and one is missing.
    assert_eq!(conflicts(&read(&[("app/versions/a1.py", revision)])).first(), Some(&"42P01"));
    let made = revision.replace(
        "upgrade():\n",
        "upgrade():\n    op.create_table(\"owners\", sa.Column(\"id\", sa.Integer(), primary_key=True))\n",
    );
    assert_eq!(conflicts(&read(&[("app/models.py", MADE), ("app/versions/a1.py", &made)])), ["42P01", "42P01"]);
}

/// A text of which only a run knows a part is no wrong number.
#[test]
fn a_number_that_only_a_run_knows() {
    let revision = "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = \"a1\", None\ndef upgrade():\n    \
                    op.create_table(\"t\", sa.Column(\"id\", sa.Integer()))\n    found = op.get_bind().execute(\"SELECT 1\").scalar()\n    \
                    op.execute(f\"UPDATE t SET id = 2 WHERE id = '{found}'\")\n    op.execute(\"UPDATE t SET id = 2 WHERE id = 'x'\")\n";
    assert_eq!(conflicts(&read(&[("versions/a1.py", revision)])), ["22P02"]);
}
