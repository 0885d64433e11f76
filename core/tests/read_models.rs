//! SQLAlchemy models, from the text of the files to the schema. The SQL beside each is what SQLAlchemy 2.1 prints for PostgreSQL
//! (`CreateTable(table).compile(dialect=postgresql.dialect())`, `CreateIndex`); whole packages stand in `tests/tests/models.rs`.

mod models;

use models::{check_files, models, read};
use relata_core::emit::catalog::catalog;

const IMPORTS: &str = "from __future__ import annotations\nimport datetime, enum, uuid, decimal\nfrom typing import *\nimport sqlalchemy as sa\n\
                       from sqlalchemy import *\nfrom sqlalchemy.orm import *\nfrom sqlalchemy.dialects import postgresql\n";
const BASE: &str = "class Base(DeclarativeBase):\n    pass\n";

/// The same for one file: imports come before the text.
fn check(text: &str, sql: &str) {
    models::check(&format!("{IMPORTS}{text}"), sql);
}

#[test]
fn classic_columns() {
    check(
        r#"Base = declarative_base()

class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    mail = Column("email", String(200), nullable=False, unique=True)
    name = Column(String, index=True, default="x")
    made = Column(DateTime(timezone=True), server_default=func.now())
    state = Column(Enum("on", "off", name="state"), nullable=False)

class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("user_id", "number", name="one_number"),
        CheckConstraint("number > 0", name="positive"),
        Index("recent", "made", postgresql_where=text("number > 5")),
        {"comment": "what was sold", "schema": None},
    )
    id = Column(BigInteger, primary_key=True, autoincrement=False)
    user_id = Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    number = Column(Integer)
    made = Column(Date)
"#,
        r#"CREATE TYPE state AS ENUM ('on', 'off');
CREATE TABLE users ( id SERIAL NOT NULL, email VARCHAR(200) NOT NULL, name VARCHAR, made TIMESTAMP WITH TIME ZONE DEFAULT now(), state state NOT NULL, PRIMARY KEY (id), UNIQUE (email) );
CREATE INDEX ix_users_name ON users (name);
CREATE TABLE orders ( id BIGINT NOT NULL, user_id INTEGER NOT NULL, number INTEGER, made DATE, PRIMARY KEY (id), CONSTRAINT one_number UNIQUE (user_id, number), CONSTRAINT positive CHECK (number > 0), FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE );
CREATE INDEX recent ON orders (made) WHERE number > 5;
COMMENT ON TABLE orders IS 'what was sold';"#,
    );
}

#[test]
fn mapped_columns() {
    check(
        &format!(
            "{BASE}{}",
            r#"class Kind(enum.Enum):
    BIG = "big"
    SMALL = "small"

class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    note: Mapped[Optional[str]]
    size: Mapped[float | None]
    kind: Mapped[Kind]
    level: Mapped[Literal["low", "high"]]
    at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    price: Mapped[decimal.Decimal] = mapped_column(Numeric(10, 2), nullable=True)
    quoted: Mapped["Optional[int]"]
    plain = mapped_column(String(5))
    raw: Mapped[bytes] = mapped_column(deferred=True)
    parent_id: Mapped[Optional[int]] = mapped_column(ForeignKey("things.id"))
    parent: Mapped[Optional["Thing"]] = relationship(remote_side=[id])
    not_mapped = 5
"#
        ),
        r#"CREATE TYPE kind AS ENUM ('BIG', 'SMALL');
CREATE TABLE things ( id SERIAL NOT NULL, name VARCHAR NOT NULL, note VARCHAR, size DOUBLE PRECISION, kind kind NOT NULL, level VARCHAR(4) NOT NULL, at TIMESTAMP WITH TIME ZONE NOT NULL, key UUID NOT NULL, price NUMERIC(10, 2), plain VARCHAR(5), quoted INTEGER, raw BYTEA NOT NULL, parent_id INTEGER, PRIMARY KEY (id), UNIQUE (key), FOREIGN KEY(parent_id) REFERENCES things (id) );"#,
    );
}

#[test]
fn annotated_types() {
    check(
        r#"intpk = Annotated[int, mapped_column(primary_key=True)]
str50 = Annotated[str, 50]

class Base(DeclarativeBase):
    type_annotation_map = {str50: String(50), str: Text, dict[str, Any]: postgresql.JSONB, datetime.datetime: TIMESTAMP(timezone=True)}

class A(Base):
    __tablename__ = "a"
    id: Mapped[intpk]
    short: Mapped[str50]
    maybe: Mapped[Optional[str50]]
    long: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime.datetime]
"#,
        r#"CREATE TABLE a ( id SERIAL NOT NULL, short VARCHAR(50) NOT NULL, maybe VARCHAR(50), long TEXT NOT NULL, data JSONB NOT NULL, at TIMESTAMP WITH TIME ZONE NOT NULL, PRIMARY KEY (id) );"#,
    );
}

#[test]
fn tables_and_association() {
    check(
        r#"metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String(10), nullable=False))
groups = Table("groups", metadata, Column("id", BigInteger, primary_key=True), schema="admin")
members = Table(
    "members",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("group_id", None, ForeignKey(groups.c.id), primary_key=True),
    Index("by_group", "group_id", "user_id"),
)
Index("by_name", func.lower(users.c.name), postgresql_where=users.c.id > 5)
Index("by_name_down", users.c.name.desc(), unique=True, postgresql_using="btree")
"#,
        r#"CREATE SCHEMA admin;
CREATE TABLE users ( id SERIAL NOT NULL, name VARCHAR(10) NOT NULL, PRIMARY KEY (id) );
CREATE INDEX by_name ON users (lower(name)) WHERE id > 5;
CREATE UNIQUE INDEX by_name_down ON users USING btree (name DESC);
CREATE TABLE admin.groups ( id BIGSERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE members ( user_id INTEGER NOT NULL, group_id BIGINT NOT NULL, PRIMARY KEY (user_id, group_id), FOREIGN KEY(user_id) REFERENCES users (id), FOREIGN KEY(group_id) REFERENCES admin.groups (id) );
CREATE INDEX by_group ON members (group_id, user_id);"#,
    );
}

#[test]
fn mixins() {
    check(
        &format!(
            "{BASE}{}",
            r#"class Named:
    @declared_attr.directive
    def __tablename__(cls):
        return cls.__name__.lower() + "s"

    id: Mapped[int] = mapped_column(primary_key=True)

class Stamped:
    made: Mapped[datetime.datetime] = mapped_column(server_default=func.now())
    changed = Column(DateTime, onupdate=func.now())

class Owned:
    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("users.id"), index=True, nullable=False)

    @declared_attr
    def owner(cls):
        return relationship("User")

    @declared_attr
    def __table_args__(cls):
        return (Index(f"ix_{cls.__tablename__}_both", "owner_id", "made"), {"comment": cls.__name__})

class User(Named, Base):
    name: Mapped[str]

class Page(Named, Owned, Stamped, Base):
    title: Mapped[str] = mapped_column(String(80))
    changed = None

class Common(Base):
    __abstract__ = True
    code: Mapped[str] = mapped_column(String(3), primary_key=True)

class Country(Common):
    __tablename__ = "countries"
"#
        ),
        r#"CREATE TABLE users ( name VARCHAR NOT NULL, id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE countries ( code VARCHAR(3) NOT NULL, PRIMARY KEY (code) );
CREATE TABLE pages ( title VARCHAR(80) NOT NULL, id SERIAL NOT NULL, owner_id INTEGER NOT NULL, made TIMESTAMP WITHOUT TIME ZONE DEFAULT now() NOT NULL, PRIMARY KEY (id), FOREIGN KEY(owner_id) REFERENCES users (id) );
CREATE INDEX ix_pages_owner_id ON pages (owner_id);
CREATE INDEX ix_pages_both ON pages (owner_id, made);
COMMENT ON TABLE pages IS 'Page';"#,
    );
}

/// What `declared_attr` functions say that they return is the annotation of the attribute.
#[test]
fn annotated_functions_of_mixins() {
    check(
        &format!(
            "{BASE}{}",
            r#"class OfTenant:
    @declared_attr
    def tenant_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("tenants.id"))

    @declared_attr
    def branch(cls) -> Mapped[Optional[str]]:
        return mapped_column()

    @declared_attr
    def old(cls):
        return mapped_column(String)

    @declared_attr
    def plain(cls) -> Mapped[int]:
        return Column(Integer)

class Tenant(Base):
    __tablename__ = "tenants"
    id: Mapped[int] = mapped_column(primary_key=True)

class Unit(OfTenant, Base):
    __tablename__ = "units"
    id: Mapped[int] = mapped_column(primary_key=True)
"#
        ),
        r#"CREATE TABLE tenants ( id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE units ( id SERIAL NOT NULL, tenant_id INTEGER NOT NULL, branch VARCHAR, old VARCHAR, plain INTEGER, PRIMARY KEY (id), FOREIGN KEY(tenant_id) REFERENCES tenants (id) );"#,
    );
}

/// What a decorator of a type passes on to it: which labels an enumeration has.
#[test]
fn arguments_of_decorators() {
    check(
        &format!(
            "{BASE}{}",
            r#"class Kind(enum.Enum):
    A = "a"
    B = "b"

def values(kind):
    return [member.value for member in kind]

class ByValue(TypeDecorator):
    impl = Enum
    cache_ok = True

    def __init__(self, kind, *, name):
        self.kind = kind
        super().__init__(kind, name=name, values_callable=values)

class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind = Column(ByValue(Kind, name="kind"))
"#
        ),
        r#"CREATE TYPE kind AS ENUM ('a', 'b');
CREATE TABLE things ( id SERIAL NOT NULL, kind kind, PRIMARY KEY (id) );"#,
    );
}

/// An exclusion constraint over a key and a range needs `btree_gist`, which models leave to whoever makes the database.
#[test]
fn extensions_are_there() {
    let text = r#"class Booking(Base):
    __tablename__ = "bookings"
    __table_args__ = (ExcludeConstraint(("unit_id", "="), ("stay", "&&"), name="no_overlap", using="gist"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    stay = mapped_column(DATERANGE, nullable=False)
"#;
    let text =
        format!("{IMPORTS}from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint\n{BASE}{text}");
    let python = read(&[("app/models.py", &text)]);
    let sql = "CREATE EXTENSION btree_gist;
CREATE TABLE bookings ( id SERIAL NOT NULL, unit_id INTEGER NOT NULL, stay DATERANGE NOT NULL, PRIMARY KEY (id), CONSTRAINT no_overlap EXCLUDE USING gist (unit_id WITH =, stay WITH &&) );";
    let script = read(&[("schema.sql", sql)]);
    let (found, expected) = (models(&python), script.targets.first().expect("a schema"));
    assert_eq!(found.replay.conflicts.len(), 0, "{:?}", found.replay.conflicts);
    assert_eq!(catalog(found.schema())["schemas"], catalog(expected.schema())["schemas"]);
}

/// But the class of trigrams, which is meant where a text is all that an inverted index has, is the default with no extension. The message is PostgreSQL's.
#[test]
fn trigrams_are_no_default() {
    let columns = "id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str]\n    team: Mapped[str]\n";
    let text = format!(
        "{IMPORTS}{BASE}class Flow(Base):\n    __tablename__ = 'flow'\n    {columns}    __table_args__ = (\n        \
         Index('of_name', 'name', postgresql_using='gin'),\n        \
         Index('of_part', 'team', postgresql_using='gin', postgresql_ops={{'team': 'gin_trgm_ops'}}),\n        \
         Index('of_both', 'team', 'name', postgresql_using='gin'),\n    )\n"
    );
    let analysis = read(&[("app/models.py", &text)]);
    let refused: Vec<_> = models(&analysis).replay.conflicts.iter().map(|c| c.message.as_str()).collect();
    assert_eq!(refused, ["data type character varying has no default operator class for access method \"gin\""]);
}

#[test]
fn inheritance() {
    check(
        &format!(
            "{BASE}{}",
            r#"class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}

class Engineer(Person):
    __tablename__ = "engineers"
    id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    language: Mapped[str]
    __mapper_args__ = {"polymorphic_identity": "engineer"}

class Manager(Person):
    bonus: Mapped[Optional[int]]
    __mapper_args__ = {"polymorphic_identity": "manager"}

class Robot(Person):
    __tablename__ = "robots"
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str]
    __mapper_args__ = {"concrete": True}
"#
        ),
        r#"CREATE TABLE people ( id SERIAL NOT NULL, kind VARCHAR NOT NULL, bonus INTEGER, PRIMARY KEY (id) );
CREATE TABLE robots ( id SERIAL NOT NULL, model VARCHAR NOT NULL, PRIMARY KEY (id) );
CREATE TABLE engineers ( id INTEGER NOT NULL, language VARCHAR NOT NULL, PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES people (id) );"#,
    );
}

#[test]
fn naming_convention() {
    check(
        r#"convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

class Base(DeclarativeBase):
    metadata = MetaData(schema="shop", naming_convention=convention)

class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("mail", "name"), CheckConstraint("length(mail) > 3", name="mail"), UniqueConstraint("name", name="own"))
    id: Mapped[int] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)

class CustomerWithAVeryLongNameIndeed(Base):
    __tablename__ = "customers_with_a_very_long_name_that_goes_on"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    other_id = Column(ForeignKey(Customer.id, name="given"))
"#,
        r#"CREATE SCHEMA shop;
CREATE TABLE shop.customers ( id SERIAL NOT NULL, mail VARCHAR NOT NULL, name VARCHAR NOT NULL, CONSTRAINT pk_customers PRIMARY KEY (id), CONSTRAINT uq_customers_mail_name UNIQUE (mail, name), CONSTRAINT ck_customers_mail CHECK (length(mail) > 3), CONSTRAINT own UNIQUE (name), CONSTRAINT uq_customers_mail UNIQUE (mail) );
CREATE INDEX ix_shop_customers_name ON shop.customers (name);
CREATE TABLE shop.customers_with_a_very_long_name_that_goes_on ( id SERIAL NOT NULL, customer_id INTEGER NOT NULL, other_id INTEGER, CONSTRAINT pk_customers_with_a_very_long_name_that_goes_on PRIMARY KEY (id), CONSTRAINT fk_customers_with_a_very_long_name_that_goes_on_custome_303e FOREIGN KEY(customer_id) REFERENCES shop.customers (id), CONSTRAINT given FOREIGN KEY(other_id) REFERENCES shop.customers (id) );
CREATE INDEX ix_shop_customers_with_a_very_long_name_that_goes_on_cu_14c2 ON shop.customers_with_a_very_long_name_that_goes_on (customer_id);"#,
    );
}

/// SQLAlchemy writes STORED for servers before 18; printed without a server, as the other expectations here are, it leaves the word out.
#[test]
fn generated_values() {
    check(
        &format!(
            "{BASE}{}",
            r#"class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True, start=100), primary_key=True)
    a: Mapped[int] = mapped_column(default=5)
    b: Mapped[int] = mapped_column(server_default="7")
    c: Mapped[int] = mapped_column(Computed("a * b"))
    d = Column(Integer, Sequence("numbers", start=10))

class B(Base):
    __tablename__ = "b"
    x: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    y: Mapped[int] = mapped_column(primary_key=True)
    e: Mapped[str] = mapped_column(Enum("p", "q", native_enum=False))
"#
        ),
        r#"CREATE SEQUENCE numbers START WITH 10;
CREATE TABLE a ( id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 100), a INTEGER NOT NULL, b INTEGER DEFAULT '7' NOT NULL, c INTEGER GENERATED ALWAYS AS (a * b) STORED NOT NULL, d INTEGER, PRIMARY KEY (id) );
CREATE TABLE b ( x SERIAL NOT NULL, y INTEGER NOT NULL, e VARCHAR(1) NOT NULL, PRIMARY KEY (x, y) );"#,
    );
}

#[test]
fn enumerations() {
    check(
        &format!(
            "{BASE}{}",
            r#"class Colour(str, enum.Enum):
    RED = "red"
    BLUE = "blue"

class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    names: Mapped[Colour]
    values = mapped_column(Enum(Colour, name="colour_values", values_callable=lambda e: [m.value for m in e]))
    text: Mapped[Colour] = mapped_column(Enum(Colour, native_enum=False, length=20))
"#
        ),
        r#"CREATE TYPE colour AS ENUM ('RED', 'BLUE');
CREATE TYPE colour_values AS ENUM ('red', 'blue');
CREATE TABLE a ( id SERIAL NOT NULL, names colour NOT NULL, values colour_values, text VARCHAR(20) NOT NULL, PRIMARY KEY (id) );"#,
    );
}

#[test]
fn foreign_key_circles() {
    check(
        &format!(
            "{BASE}{}",
            r#"class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    b_id: Mapped[Optional[int]] = mapped_column(ForeignKey("b.id", use_alter=True, name="a_to_b"))

class B(Base):
    __tablename__ = "b"
    id: Mapped[int] = mapped_column(primary_key=True)
    a_id: Mapped[int] = mapped_column(ForeignKey(A.id))
    x: Mapped[int]
    y: Mapped[int]
    __table_args__ = (ForeignKeyConstraint(["x", "y"], ["c.x", "c.y"], ondelete="SET NULL"),)

class C(Base):
    __tablename__ = "c"
    x: Mapped[int] = mapped_column(primary_key=True)
    y: Mapped[int] = mapped_column(primary_key=True)
"#
        ),
        r#"CREATE TABLE a ( id SERIAL NOT NULL, b_id INTEGER, PRIMARY KEY (id) );
CREATE TABLE c ( x INTEGER NOT NULL, y INTEGER NOT NULL, PRIMARY KEY (x, y) );
CREATE TABLE b ( id SERIAL NOT NULL, a_id INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(x, y) REFERENCES c (x, y) ON DELETE SET NULL, FOREIGN KEY(a_id) REFERENCES a (id) );
ALTER TABLE a ADD CONSTRAINT a_to_b FOREIGN KEY(b_id) REFERENCES b (id);"#,
    );
}

#[test]
fn registries_and_tables_of_classes() {
    check(
        r#"reg = registry()

@reg.mapped
class A:
    __table__ = Table("a", reg.metadata, Column("id", Integer, primary_key=True))

Other = reg.generate_base()

class B(Other):
    __tablename__ = "b"
    id = Column(Integer, primary_key=True)
    a_id = Column(ForeignKey(A.__table__.c.id))
    hidden = deferred(Column(Text))
    twice = column_property(Column("one", Integer))
"#,
        r#"CREATE TABLE a ( id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE b ( id SERIAL NOT NULL, a_id INTEGER, hidden TEXT, one INTEGER, PRIMARY KEY (id), FOREIGN KEY(a_id) REFERENCES a (id) );"#,
    );
}

#[test]
fn sqlmodel_classes() {
    check_files(
        &[(
            "models.py",
            r#"import enum, uuid
from datetime import datetime
from decimal import Decimal
from typing import List, Optional
from sqlalchemy import Column, Text
from sqlmodel import Field, Relationship, SQLModel

class Level(str, enum.Enum):
    LOW = "low"
    HIGH = "high"

class TeamBase(SQLModel):
    name: str = Field(index=True, max_length=40)
    city: Optional[str] = None

class Team(TeamBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    heroes: List["Hero"] = Relationship(back_populates="team")

class TeamPublic(TeamBase):
    id: int

class Hero(SQLModel, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    alias: str = Field(unique=True)
    born: datetime | None
    level: Level = Level.LOW
    wage: Decimal = Field(default=0, max_digits=10, decimal_places=2)
    note: str = Field(sa_column=Column(Text, nullable=True))
    team_id: Optional[int] = Field(default=None, foreign_key="team.id", ondelete="SET NULL")
    team: Optional[Team] = Relationship(back_populates="heroes")
"#,
        )],
        r#"CREATE TYPE level AS ENUM ('LOW', 'HIGH');
CREATE TABLE team ( name VARCHAR(40) NOT NULL, city VARCHAR, id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE INDEX ix_team_name ON team (name);
CREATE TABLE hero ( id UUID NOT NULL, alias VARCHAR NOT NULL, born TIMESTAMP WITH TIME ZONE, level level NOT NULL, wage NUMERIC(10, 2) NOT NULL, note TEXT, team_id INTEGER, PRIMARY KEY (id), UNIQUE (alias), FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE SET NULL );"#,
    );
}

#[test]
fn flask_models() {
    check_files(
        &[(
            "models.py",
            r#"from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
tags = db.Table("tags", db.Column("post_id", db.Integer, db.ForeignKey("blog_post.id"), primary_key=True), db.Column("name", db.String(9), primary_key=True))

class Stamped(db.Model):
    __abstract__ = True
    made = db.Column(db.DateTime, server_default=db.func.now())

class BlogPost(Stamped):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80), unique=True, nullable=False)
    parent_id = db.Column(db.Integer, db.ForeignKey("blog_post.id"))

class HTTPLog(db.Model):
    id = db.Column(db.BigInteger, primary_key=True)
"#,
        )],
        r#"CREATE TABLE blog_post ( id SERIAL NOT NULL, title VARCHAR(80) NOT NULL, parent_id INTEGER, made TIMESTAMP WITHOUT TIME ZONE DEFAULT now(), PRIMARY KEY (id), UNIQUE (title), FOREIGN KEY(parent_id) REFERENCES blog_post (id) );
CREATE TABLE http_log ( id BIGSERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE tags ( post_id INTEGER NOT NULL, name VARCHAR(9) NOT NULL, PRIMARY KEY (post_id, name), FOREIGN KEY(post_id) REFERENCES blog_post (id) );"#,
    );
}

/// Modules of one drop import each other: mixins, enumerations, the base; what has no tables and helps none stays unread.
#[test]
fn modules_import_each_other() {
    let files = [
        ("app/db/base.py", "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n"),
        ("app/db/__init__.py", "from .base import Base\n"),
        ("app/kinds.py", "from enum import Enum\nclass Kind(Enum):\n    A = 1\n    B = 2\n"),
        (
            "app/mixins.py",
            "import sqlalchemy as sa\nLENGTH = 30\nclass Named:\n    name = sa.Column(sa.String(LENGTH), nullable=False)\n",
        ),
        (
            "app/models/thing.py",
            "import sqlalchemy as sa\nfrom app.db import Base\nfrom ..kinds import Kind\nfrom ..mixins import Named\n\
             class Thing(Named, Base):\n    __tablename__ = 'things'\n    id = sa.Column(sa.Integer, primary_key=True)\n    \
             kind = sa.Column(sa.Enum(Kind))\n",
        ),
    ];
    check_files(
        &files,
        "CREATE TYPE kind AS ENUM ('A', 'B');\n\
         CREATE TABLE things (id SERIAL NOT NULL, kind kind, name VARCHAR(30) NOT NULL, PRIMARY KEY (id));",
    );
    let with_more = [&files[..], &[("app/main.py", "from rich.table import Table\nt = Table('x')\n")]].concat();
    let analysis = read(&with_more);
    let messages: Vec<&str> = analysis.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages, ["`app/main.py` is no migration and declares no table."]);
    assert_eq!(analysis.sources.files().count(), 5);
}

/// Migrations and models in one drop are two targets, even where a migration imports the models.
#[test]
fn migrations_and_models_are_two_targets() {
    let analysis = read(&[
        (
            "versions/1.py",
            "from alembic import op\nimport sqlalchemy as sa\nfrom app.models import User\nrevision = '1'\ndown_revision = None\n\
             def upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True))\n\
             def downgrade():\n    op.drop_table('users')\n",
        ),
        (
            "app/models.py",
            "import sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass User(Base):\n    \
             __tablename__ = 'users'\n    id = sa.Column(sa.Integer, primary_key=True)\n",
        ),
    ]);
    let targets: Vec<(&str, &str, u32)> =
        analysis.targets.iter().map(|t| (t.target.id.as_str(), t.target.layout.as_str(), t.facts.tables)).collect();
    assert_eq!(targets, [("history", "alembic", 2), ("models", "sqlalchemy", 1)]);
}

/// What relationships say is kept for rules.
#[test]
fn relationships() {
    let analysis = read(&[(
        "models.py",
        "import sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base, relationship, backref\nBase = declarative_base()\n\
         links = sa.Table('links', Base.metadata, sa.Column('a', sa.ForeignKey('users.id')), sa.Column('b', sa.ForeignKey('tags.id')))\n\
         class User(Base):\n    __tablename__ = 'users'\n    id = sa.Column(sa.Integer, primary_key=True)\n    \
         tags = relationship('Tag', secondary=links, lazy='selectin', cascade='all', back_populates='users')\n    \
         notes = relationship('Note', backref=backref('user', lazy='joined'), passive_deletes=True)\n\
         class Tag(Base):\n    __tablename__ = 'tags'\n    id = sa.Column(sa.Integer, primary_key=True)\n    \
         users = relationship(User, secondary='links', back_populates='tags')\n\
         class Note(Base):\n    __tablename__ = 'notes'\n    id = sa.Column(sa.Integer, primary_key=True)\n    \
         user_id = sa.Column(sa.ForeignKey(User.id))\n    owner = relationship('User', viewonly=True)\n",
    )]);
    let text = |o: &Option<String>| o.as_deref().unwrap_or("-").to_owned();
    let all = models(&analysis).history.models.iter().flat_map(|m| m.relationships.iter().map(move |r| (m, r)));
    let shown: Vec<String> = all
        .map(|(m, r)| {
            let many = r.collection.map_or("?", |many| if many { "many" } else { "one" });
            let parts = [&r.target, &r.lazy, &r.cascade, &r.back_populates, &r.backref, &r.secondary].map(text);
            format!("{}.{} {many} {} {}", m.class, r.name, parts.join(" "), r.passive_deletes)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "User.tags many Tag selectin all users - links false",
            "User.notes many Note - - - user - true",
            "Tag.users many User - - tags - links false",
            "Note.owner one User - - - - - false",
        ]
    );
}

/// What is said of a column's type stands where the column names it, not where it is imported; a mixin's key is told once for each table.
#[test]
fn findings_stand_where_the_column_is() {
    let text = "from sqlalchemy import Column, DateTime, ForeignKey, Integer, MetaData\nfrom sqlalchemy.orm import declarative_base\n\
                Base = declarative_base(metadata=MetaData(schema='shop'))\n\
                class Owned:\n    owner_id = Column(Integer, ForeignKey('owners.id'))\n\
                class Owner(Base):\n    __tablename__ = 'owners'\n    id = Column(Integer, primary_key=True)\n    made = Column(DateTime)\n\
                class Order(Owned, Base):\n    __tablename__ = 'orders'\n    id = Column(Integer, primary_key=True)\n\
                class Line(Owned, Base):\n    __tablename__ = 'lines'\n    id = Column(Integer, primary_key=True)\n    \
                order_id = Column(ForeignKey('shop.orders.id'))\n";
    let analysis = read(&[("models.py", text)]);
    let findings = &models(&analysis).findings;
    let of = |rule: &str| findings.iter().find(|f| f.rule.name == rule).expect(rule);
    let zoneless = of("timestamp-without-time-zone").place().expect("a place");
    assert_eq!(text[zoneless.start as usize..zoneless.end as usize], *"DateTime");
    assert!(zoneless.start as usize > text.find("made = ").expect("the column"));
    let paths: Vec<&str> = of("unqualified-object-name").objects.iter().map(|o| o.path.as_str()).collect();
    assert_eq!(paths, ["shop.orders.owner_id", "shop.lines.owner_id", "shop.lines.order_id"]);
}

/// Names of tables are often made of the class's by a regular expression; `re.sub` gives these.
#[test]
fn table_names_by_pattern() {
    check(
        r#"import re

SNAKE: re.Pattern[str] = re.compile(r"(?<!^)(?=[A-Z])")

class Base(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls) -> str:
        return SNAKE.sub("_", cls.__name__).lower()

    id: Mapped[int] = mapped_column(primary_key=True)

class Model(Base):
    __abstract__ = True

    @declared_attr
    def __tablename__(cls):
        name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", cls.__name__)
        return re.sub("([a-z0-9])([A-Z])", r"\1_\2", name).lower() + "s"

class OrderItem(Base):
    pass

class PriceList(Model):
    pass
"#,
        "CREATE TABLE order_item (id SERIAL NOT NULL, PRIMARY KEY (id)); CREATE TABLE price_lists (id SERIAL NOT NULL, PRIMARY KEY (id));",
    );
}

/// An index for another dialect is not made, and one in a function is made once.
#[test]
fn indexes_of_other_dialects() {
    check(
        &format!(
            r#"{BASE}
class Step(Base):
    __tablename__ = "steps"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls):
        return (
            Index("newest", cls.at.desc()),
            Index("other", cls.at).ddl_if(dialect="sqlite"),
            Index("own", cls.at).ddl_if(dialect="postgresql"),
        )
"#
        ),
        "CREATE TABLE steps (id SERIAL NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (id));
         CREATE INDEX newest ON steps (at DESC); CREATE INDEX own ON steps (at);",
    );
}

/// A convention that is set on the metadata after it was made.
#[test]
fn naming_convention_set_later() {
    check(
        r#"from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {"pk": "pk_%(table_name)s", "uq": "%(table_name)s_%(column_0_name)s_uq"}

class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
"#,
        "CREATE TABLE hero (id SERIAL NOT NULL, name VARCHAR NOT NULL, CONSTRAINT pk_hero PRIMARY KEY (id), CONSTRAINT hero_name_uq UNIQUE (name));",
    );
}

/// Only what is set on a metadata moves its tables.
#[test]
fn schema_set_on_something_else() {
    check(
        r#"from app import settings, shared

settings.db.schema = "tenant"
settings.db.naming_convention = {"pk": "never"}
own = MetaData()
own.schema = "shop"
shared.metadata.schema = "common"

Table("item", own, Column("id", Integer, primary_key=True))
Table("unit", shared.metadata, Column("id", Integer, primary_key=True))
Table("note", settings.db, Column("id", Integer, primary_key=True))
"#,
        "CREATE SCHEMA shop; CREATE TABLE shop.item (id SERIAL NOT NULL, PRIMARY KEY (id));
         CREATE SCHEMA common; CREATE TABLE common.unit (id SERIAL NOT NULL, PRIMARY KEY (id));
         CREATE TABLE note (id SERIAL NOT NULL, PRIMARY KEY (id));",
    );
}

/// A helper makes the indexes of two tables: one among the arguments of its table, one that finds its table by the column.
#[test]
fn indexes_made_by_one_helper() {
    check(
        r#"metadata = MetaData()

def by_time(name, key):
    return Index(name, key)

first = Table("first", metadata, Column("id", Integer, primary_key=True), Column("at", Integer), by_time("first_by_time", "at"))
second = Table("second", metadata, Column("id", Integer, primary_key=True), Column("at", Integer))
by_time("second_by_time", second.c.at)
"#,
        "CREATE TABLE first (id SERIAL NOT NULL, at INTEGER, PRIMARY KEY (id));
         CREATE TABLE second (id SERIAL NOT NULL, at INTEGER, PRIMARY KEY (id));
         CREATE INDEX first_by_time ON first (at); CREATE INDEX second_by_time ON second (at);",
    );
}

/// An attribute that a common base declares for each class, asked of the class.
#[test]
fn attributes_declared_by_a_common_base() {
    check(
        r#"class Common:
    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()

    @declared_attr
    def path(cls):
        return f"{cls.__tablename__}.id"

    id = Column(Integer, primary_key=True)

Base = declarative_base(cls=Common)

class Team(Base):
    __tablename__ = "teams"

class Player(Base):
    team = Column(Integer, ForeignKey(Team.path))
"#,
        "CREATE TABLE teams (id SERIAL NOT NULL, PRIMARY KEY (id));
         CREATE TABLE player (team INTEGER, id SERIAL NOT NULL, PRIMARY KEY (id), FOREIGN KEY (team) REFERENCES teams (id));",
    );
}

/// A class that was not given may bring columns and names of tables: nothing is said to be missing, and the class is told once.
#[test]
fn bases_that_were_not_given() {
    let text = format!(
        "{IMPORTS}from library.models import BASE, HasProject\n\n\nclass Network(BASE, HasProject):\n    id = Column(String(36), primary_key=True)\n\n\n\
         class Port(BASE, HasProject):\n    __tablename__ = 'ports'\n    __table_args__ = (UniqueConstraint('id', 'project_id'),)\n    \
         id = Column(String(36), primary_key=True)\n    network_id = Column(String(36), ForeignKey('networks.id'))\n"
    );
    let analysis = read(&[("app/models.py", &text)]);
    assert_eq!(models(&analysis).replay.conflicts, []);
    let told: Vec<&str> = analysis.problems.iter().map(|p| p.message.as_str()).collect();
    assert!(
        matches!(told.as_slice(), [first, second]
        if first.contains("`library.models.HasProject`") && second.contains("names a column that is not known")),
        "{told:?}"
    );
    // What names a column that may be theirs is left out by itself.
    let schema = models(&analysis).schema();
    let (_, ports) = schema.live_tables().find(|(_, t)| t.name == "ports").expect("ports");
    let kept: Vec<&str> = schema.constraints_of(ports).map(|(_, c)| c.name.as_str()).collect();
    assert_eq!(kept, ["ports_pkey"]);
}

/// Bad input costs what it stands in, is bounded, and is told.
#[test]
fn bad_input() {
    let kinds = |text: &str| {
        let table =
            "class Kept(Base):\n    __tablename__ = 'kept'\n    id: Mapped[int] = mapped_column(primary_key=True)\n";
        let analysis = read(&[("models.py", &format!("{IMPORTS}{BASE}{text}\n{table}"))]);
        assert!(models(&analysis).schema().live_tables().any(|(_, t)| t.name == "kept"), "{text:.60}");
        analysis.problems.iter().map(|p| p.kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("print 'hello'"), ["syntax-error"]);
    assert_eq!(kinds("class Broken(Base:\n    pass"), ["syntax-error"]);
    assert_eq!(kinds("if True:\n\tx = 1\n    y = 2"), ["syntax-error"]);
    assert_eq!(kinds("def walk(n):\n    return walk(n + 1)\nx = walk(0)"), ["limit-exceeded"]);
    assert_eq!(kinds("for n in range(10**9):\n    x = n"), ["limit-exceeded"]);
    assert_eq!(kinds("class A(B):\n    pass\nclass B(A):\n    pass"), [""; 0]);
    assert_eq!(kinds(&"x = [1, 'two', f'{3}']\n".repeat(50_000)), [""; 0]);
}

#[test]
fn what_tests_declare_is_none_of_the_applications() {
    let model = |name: &str| {
        format!(
            "from sqlalchemy import *\nmetadata = MetaData()\n{name} = Table('{name}', metadata, Column('id', Integer, primary_key=True))\n"
        )
    };
    let files = [
        ("app/models.py", model("users")),
        ("app/tests/unit/core.py", model("fake")),
        ("app/test_it.py", model("other")),
    ];
    let given: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let tables = |analysis: &relata_core::analysis::Analysis| -> Vec<String> {
        models(analysis).schema().live_tables().map(|(_, table)| table.name.to_string()).collect()
    };
    let analysis = read(&given);
    assert_eq!(tables(&analysis), ["users"]);
    let told = "`app/test_it.py` and 1 other file are of tests: tables that they declare are none of the application's, and were left out.";
    assert!(analysis.problems.iter().any(|p| p.message == told), "{:?}", analysis.problems);
    // Where there is nothing else, they are what was given.
    assert_eq!(tables(&read(&given[1..])), ["other", "fake"]);
}
