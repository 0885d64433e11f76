//! Models in less usual forms: made by functions, completed after they were made, of types of their own. The SQL beside each is what SQLAlchemy 2.0.58 sends
//! for PostgreSQL (`metadata.create_all` on a mock engine), with GeoAlchemy2 0.20.0.

mod models;

use models::{check, read};

#[test]
fn made_and_completed() {
    check(
        r##"from functools import partial
from typing import Literal
import enum, os
from typing import get_args
import sqlalchemy as sa
from sqlalchemy import *
from sqlalchemy.orm import *
from sqlalchemy.sql.functions import coalesce
class Base(DeclarativeBase):
    pass

def made_table(*args, **kwargs):
    kwargs["comment"] = "made"
    return sa.Table(*args, **kwargs)

Required = partial(Column, nullable=False)
Short = partial(Required, String(5))
Size = Literal["small", "large"]

class Kind(enum.Enum):
    A = "a"

class Coded(TypeDecorator):
    impl = String
    def __init__(self, kind, *args, **kwargs):
        self.kind = kind
        super().__init__(*args, **kwargs)

class Longer(Coded):
    def __init__(self, kind, more):
        super().__init__(kind, 20 + more)

class Bitten(TypeDecorator):
    impl = String
    def __init__(self):
        super().__init__()
        self.impl = Text()

class Labelled(TypeDecorator):
    impl = Enum
    def __init__(self, kind, name):
        super().__init__(kind, name=name, values_callable=lambda e: [m.value for m in e])

made_table("first", Base.metadata, Column("id", Integer, primary_key=True))
made_table("second", Base.metadata, Column("id", Integer, primary_key=True))

class Thing(Base):
    __tablename__ = "things"
    id = Column(Integer, primary_key=True)
    name = Required(Text)
    code = Short(unique=True)
    coded = Column(Coded(Kind, 8))
    longer = Column(Longer(Kind, more=3))
    bitten = Column(Bitten())
    labelled = Column(Labelled(Kind, name="label"))
    size = Column(Enum(*get_args(Size), native_enum=False))
    at = Column(DateTime)
    until = Column(DateTime)
    data = Column(JSON)

t = Thing.__table__
t.append_constraint(CheckConstraint(and_(t.c.name.is_not(None), t.c.size.in_(("small", "large"))), name="known"))
t.append_column(Column("late", Integer))
CheckConstraint("late > 0", name="in_time", table=Thing.__table__)
Index("begin", coalesce(t.c.at, t.c.until))
Index("who", t.c.data["who"].as_string())
Index("path", column("data", JSON)[["a", "b"]].as_string(), _table=t)
t.append_constraint(CheckConstraint(or_(t.c.name.ilike("a%"), t.c.late.between(1, 5), t.c.name.is_distinct_from("x")), name="odd"))
t.append_constraint(CheckConstraint(sa.case((t.c.late > 1, t.c.name != ""), else_=sa.true()), name="chosen"))
t.append_constraint(CheckConstraint(cast(t.c.late, String(3)) != "1", name="cut"))

Table("links", Base.metadata, Column("a", Integer, primary_key=True), Column("b", Integer, ForeignKey("things.id")))

class Link(Base):
    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("a", "b", name="once"), {"extend_existing": True})
    a = Column(BigInteger, primary_key=True)
    c = Column(Text)

class Configured(Base):
    __tablename__ = "configured"
    __table_args__ = {"schema": os.getenv("NO_SUCH_THING", "app")}
    id = Column(Integer, primary_key=True)
"##,
        r##"CREATE SCHEMA app;
CREATE TYPE label AS ENUM ('a');
CREATE TABLE first ( id SERIAL NOT NULL, PRIMARY KEY (id) );
COMMENT ON TABLE first IS 'made';
CREATE TABLE second ( id SERIAL NOT NULL, PRIMARY KEY (id) );
COMMENT ON TABLE second IS 'made';
CREATE TABLE things ( id SERIAL NOT NULL, name TEXT NOT NULL, code VARCHAR(5) NOT NULL, coded VARCHAR(8), longer VARCHAR(23), bitten TEXT, labelled label, size VARCHAR(5), at TIMESTAMP WITHOUT TIME ZONE, until TIMESTAMP WITHOUT TIME ZONE, data JSON, late INTEGER, PRIMARY KEY (id), UNIQUE (code), CONSTRAINT known CHECK (name IS NOT NULL AND size IN ('small', 'large')), CONSTRAINT in_time CHECK (late > 0), CONSTRAINT odd CHECK (name ILIKE 'a%' OR late BETWEEN 1 AND 5 OR name IS DISTINCT FROM 'x'), CONSTRAINT chosen CHECK (CASE WHEN (late > 1) THEN name != '' ELSE true END), CONSTRAINT cut CHECK (CAST(late AS VARCHAR(3)) != '1') );
CREATE INDEX begin ON things (coalesce(at, until));
CREATE INDEX path ON things ((CAST(data #>> '{a, b}' AS VARCHAR)));
CREATE INDEX who ON things ((CAST(data ->> 'who' AS VARCHAR)));
CREATE TABLE app.configured ( id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE links ( a BIGSERIAL NOT NULL, b INTEGER, c TEXT, PRIMARY KEY (a), FOREIGN KEY(b) REFERENCES things (id), CONSTRAINT once UNIQUE (a, b) );"##,
    );
}

#[test]
fn spatial_indexes() {
    check(
        r##"from geoalchemy2 import Geometry, Geography, Raster
from sqlalchemy import *
from sqlalchemy.orm import *
class Base(DeclarativeBase):
    pass
class Place(Base):
    __tablename__ = "place"
    id = Column(Integer, primary_key=True)
    geom = Column(Geometry("POINT", srid=4326))
    flat = Column(Geometry("POINT", 4326, spatial_index=False))
    deep = Column(Geometry("POINTZ", srid=4326, dimension=3, use_N_D_index=True))
    pic = Column(Raster)
"##,
        r##"CREATE TABLE place ( id SERIAL NOT NULL, geom geometry(POINT,4326), flat geometry(POINT,4326), deep geometry(POINTZ,4326), pic raster, PRIMARY KEY (id) );
CREATE INDEX idx_place_geom ON place USING gist (geom);
CREATE INDEX idx_place_pic ON place USING gist (ST_ConvexHull(pic));
CREATE INDEX idx_place_deep ON place USING gist (deep gist_geometry_ops_nd);"##,
    );
}

/// The problems of a file: what is told, and of which text.
fn told(text: &str) -> Vec<(String, String)> {
    let analysis = read(&[("app/models.py", text)]);
    let place = |span| analysis.sources.text(span).unwrap_or_default().to_owned();
    let message = |text: &str| text.chars().take(40).collect::<String>();
    analysis.problems.iter().map(|p| (message(&p.message), p.span.map(place).unwrap_or_default())).collect()
}

/// What cannot be known is told where it stands in the project, and costs no more than itself.
#[test]
fn what_is_not_known_is_told() {
    let imports = "from elsewhere import Kind, Money, money_column, Owned\nfrom flask_sqlalchemy import SQLAlchemy\n\
                   from sqlalchemy import Column, Enum, Integer\ndb = SQLAlchemy()\n";
    // A type that is imported, told where the column names it; an attribute that makes a column.
    let text = format!(
        "{imports}class Bill(db.Model):\n    id = Column(Integer, primary_key=True)\n    total = Column(Money)\n    tax = money_column()\n"
    );
    let expected = [
        ("What this is in the database is said in ", "Money"),
        ("A part of this table depends on a value ", "money_column()"),
    ];
    assert_eq!(told(&text), expected.map(|(message, place)| (message.to_owned(), place.to_owned())));
    // A table whose key a class from elsewhere may bring is there.
    let text = format!("{imports}class Bill(db.Model, Owned):\n    number = Column(Integer)\n");
    assert_eq!(
        told(&text),
        [("`elsewhere.Owned` stands in a file that was".to_owned(), "Bill".to_owned())]
            .map(|(m, p)| (m.chars().take(40).collect(), p))
    );
    let analysis = read(&[("app/models.py", &text)]);
    let names: Vec<_> =
        analysis.targets.iter().flat_map(|t| t.schema().tables.iter()).map(|(_, t)| t.name.to_string()).collect();
    assert_eq!(names, ["bill"]);
    // What names a column that a class from elsewhere may bring is left out by itself, and so is an index on one.
    let text = format!(
        "{imports}from sqlalchemy import CheckConstraint, Index, UniqueConstraint\nclass Bill(db.Model, Owned):\n    \
         id = Column(Integer, primary_key=True)\n    number = Column(Integer)\n    __table_args__ = (UniqueConstraint('number', 'owner_id'), \
         Index('ix_owner', 'owner_id'), CheckConstraint('owner_id > 0', name='owned'), UniqueConstraint('number'))\n"
    );
    let places: Vec<String> = told(&text).into_iter().map(|(_, place)| place).collect();
    let expected = [
        "Bill",
        "UniqueConstraint('number', 'owner_id')",
        "Index('ix_owner', 'owner_id')",
        "CheckConstraint('owner_id > 0', name='owned')",
    ];
    assert_eq!(places, expected);
    let analysis = read(&[("app/models.py", &text)]);
    let schema = analysis.targets.first().expect("models").schema();
    let (_, bill) = schema.live_tables().next().expect("the table");
    let kept: Vec<&str> = schema.constraints_of(bill).map(|(_, c)| c.name.as_str()).collect();
    assert_eq!(kept, ["bill_pkey", "bill_number_key"]);
    // How long a text is does not depend on the members of the class.
    let text = format!(
        "{imports}class Bill(db.Model):\n    id = Column(Integer, primary_key=True)\n    kind = Column(Enum(Kind, native_enum=False, length=30))\n"
    );
    assert_eq!(told(&text), []);
}

/// A field that a model declares anew, a relationship, and what else its class binds decide where columns stand. The SQL is what SQLModel 0.0.50 makes.
#[test]
fn order_of_fields() {
    check(
        r##"from typing import ClassVar, List, Optional
from sqlmodel import Field, Relationship, SQLModel

class NoteBase(SQLModel):
    title: str
    body: str = ""
    seen: bool = False
    pinned: Optional[bool] = None

class Box(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    notes: List["Note"] = Relationship(back_populates="box")
    label: str

class Note(NoteBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    box: Optional[Box] = Relationship(back_populates="notes")
    box_id: Optional[int] = Field(default=None, foreign_key="box.id")
    seen: bool = Field(default=True)
    extra: str = "x"

class Named(NoteBase, table=True):
    __tablename__: str = "named"
    kind: ClassVar[str] = "k"
    body: str = "b"
    id: Optional[int] = Field(default=None, primary_key=True)
    pinned: Optional[bool] = Field(default=None)
    z: str
"##,
        "CREATE TABLE box (id SERIAL NOT NULL, label VARCHAR NOT NULL, PRIMARY KEY (id));
         CREATE TABLE note (title VARCHAR NOT NULL, body VARCHAR NOT NULL, pinned BOOLEAN, id SERIAL NOT NULL, box_id INTEGER, seen BOOLEAN NOT NULL,
             extra VARCHAR NOT NULL, PRIMARY KEY (id), FOREIGN KEY(box_id) REFERENCES box (id));
         CREATE TABLE named (title VARCHAR NOT NULL, body VARCHAR NOT NULL, seen BOOLEAN NOT NULL, pinned BOOLEAN, id SERIAL NOT NULL,
             z VARCHAR NOT NULL, PRIMARY KEY (id));",
    );
}

/// Tables that a program reads from the database are left out and told, and what refers to them is no mistake.
#[test]
fn tables_that_are_read_from_the_database() {
    let text = "from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table\nfrom sqlalchemy.ext.automap import automap_base\n\
                from app.db import engine\nBase = automap_base()\n\
                class User(Base):\n    __tablename__ = \"users\"\n\
                tags = Table(\"tags\", Base.metadata, autoload_with=engine)\n\
                notes = Table(\"notes\", Base.metadata, Column(\"id\", Integer, primary_key=True), Column(\"user_id\", Integer, ForeignKey(\"users.id\")))\n";
    let message = "The columns of this table are read from ".to_owned();
    let expected = ["class User(Base)", "Table(\"tags\", Base.metadata, autoload_with=engine)"];
    assert_eq!(told(text), expected.map(|place| (message.clone(), place.to_owned())));
    let analysis = read(&[("app/models.py", text)]);
    let target = analysis.targets.first().expect("models");
    assert_eq!(target.replay.conflicts.len(), 0, "{:?}", target.replay.conflicts);
    let names: Vec<_> = target.schema().tables.iter().map(|(_, t)| t.name.to_string()).collect();
    assert_eq!(names, ["notes"]);
}

/// The SQL is what SQLModel 0.0.50 sends.
#[test]
fn fields_with_names_of_their_own() {
    check(
        r#"from sqlmodel import Field, SQLModel

class Group(SQLModel, table=True):
    id: int = Field(primary_key=True, unique=True, alias="groupId", sa_column_kwargs={"name": "groupId"})

class Item(SQLModel, table=True):
    id: int = Field(primary_key=True)
    group_id: int = Field(foreign_key="group.groupId", sa_column_kwargs={"name": "groupId", "comment": "whose"})
"#,
        r#"CREATE TABLE "group" ( "groupId" SERIAL NOT NULL, PRIMARY KEY ("groupId"), UNIQUE ("groupId") );
CREATE TABLE item ( id SERIAL NOT NULL, "groupId" INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY("groupId") REFERENCES "group" ("groupId") );
COMMENT ON COLUMN item."groupId" IS 'whose';"#,
    );
}

/// A model may have a metaclass of its own, a name for its objects that is not that of its class, and make further models.
#[test]
fn classes_made_by_calls_and_metaclasses() {
    check(
        r##"from sqlalchemy import *
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.ext.mutable import Mutable
from sqlalchemy.orm import DeclarativeMeta, declarative_base, declared_attr, relationship

class Common:
    @declared_attr
    def __tablename__(cls):
        return "{}s".format(cls.__name__.lower())

Base = declarative_base(cls=Common)

class Changes(Mutable):
    pass

class NodeMeta(DeclarativeMeta):
    pass

class Node(Base, metaclass=NodeMeta):
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    data = Column(Changes.as_mutable(JSON))

    @hybrid_property
    def __name__(self):
        return self.name

class Leaf(Node):
    id = Column(ForeignKey("nodes.id"), primary_key=True)

class Note(Base):
    __abstract__ = True
    id = Column(Integer, primary_key=True)
    text = Column(Text)

class Noted:
    @declared_attr
    def notes(cls):
        made = {"__tablename__": f"{cls.__tablename__}_note", "of_id": Column(ForeignKey(f"{cls.__tablename__}.id"))}
        cls.Note = type(f"{cls.__name__}Note", (Note,), made)
        return relationship(cls.Note)

class Ship(Noted, Base):
    id = Column(Integer, primary_key=True)

class Port(Noted, Base):
    id = Column(Integer, primary_key=True)
"##,
        r##"CREATE TABLE nodes ( id SERIAL NOT NULL, name VARCHAR(20), data JSON, PRIMARY KEY (id) );
CREATE TABLE ships ( id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE ports ( id SERIAL NOT NULL, PRIMARY KEY (id) );
CREATE TABLE leafs ( id INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES nodes (id) );
CREATE TABLE ships_note ( of_id INTEGER, id SERIAL NOT NULL, text TEXT, PRIMARY KEY (id), FOREIGN KEY(of_id) REFERENCES ships (id) );
CREATE TABLE ports_note ( of_id INTEGER, id SERIAL NOT NULL, text TEXT, PRIMARY KEY (id), FOREIGN KEY(of_id) REFERENCES ports (id) );"##,
    );
}

/// What is set on a class when it is there comes behind all, mixins too.
#[test]
fn columns_set_on_a_class_later() {
    check(
        r##"from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship
Base = declarative_base()
class Stamped:
    noted = Column(String(5))
class Run(Stamped, Base):
    __tablename__ = "runs"
    id = Column(Integer, primary_key=True)
class Task(Stamped, Base):
    __tablename__ = "tasks"
    id = Column(Integer, primary_key=True)
    name = Column(String(9))
Task.run_id = Column(Integer, ForeignKey(Run.id, ondelete="CASCADE"), index=True)
Run.tasks = relationship(Task, backref="run", foreign_keys=[Task.run_id])
Run.parent = Column("parent_no", String(36))
"##,
        r#"CREATE TABLE runs ( id SERIAL NOT NULL, noted VARCHAR(5), parent_no VARCHAR(36), PRIMARY KEY (id) );
         CREATE TABLE tasks ( id SERIAL NOT NULL, name VARCHAR(9), noted VARCHAR(5), run_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE );
         CREATE INDEX ix_tasks_run_id ON tasks (run_id);"#,
    );
}

/// A class that is extended may name the tables of those that extend it.
#[test]
fn names_given_by_init_subclass() {
    check(
        r##"import re
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
PREFIX = "app_"
class Base(DeclarativeBase):
    pass
class Named(Base):
    __abstract__ = True
    def __init_subclass__(cls, prefix=PREFIX, **kwargs):
        if "__tablename__" not in cls.__dict__:
            cls.__tablename__ = prefix + re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        super().__init_subclass__(**kwargs)
class Prefixed(DeclarativeBase):
    metadata = Base.metadata
    def __init_subclass__(cls):
        cls.__tablename__ = f"{PREFIX}{cls.__tablename__}"
        super().__init_subclass__()
class BigThing(Named):
    id: Mapped[int] = mapped_column(primary_key=True)
class Other(Named, prefix="x_"):
    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey(BigThing.__tablename__ + ".id"))
class Kept(Named):
    __tablename__ = "kept"
    id: Mapped[int] = mapped_column(primary_key=True)
class Part(Prefixed):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
"##,
        r#"CREATE TABLE app_big_thing ( id SERIAL NOT NULL, PRIMARY KEY (id) );
         CREATE TABLE kept ( id SERIAL NOT NULL, PRIMARY KEY (id) );
         CREATE TABLE app_parts ( id SERIAL NOT NULL, PRIMARY KEY (id) );
         CREATE TABLE x_other ( id SERIAL NOT NULL, thing_id INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(thing_id) REFERENCES app_big_thing (id) );"#,
    );
}

/// A function that makes tables is called where the modules themselves have none, with its defaults.
#[test]
fn tables_that_functions_make() {
    check(
        r##"from sqlalchemy import Column, ForeignKey, Integer, String, Table
def fetch(metadata, prefix="log_"):
    books = Table(prefix + "books", metadata, Column("id", Integer, primary_key=True), Column("name", String(20)))
    return books, Table(prefix + "pages", metadata, Column("id", Integer, primary_key=True), Column("book_id", ForeignKey(books.c.id)))
"##,
        "CREATE TABLE log_books ( id SERIAL NOT NULL, name VARCHAR(20), PRIMARY KEY (id) );
         CREATE TABLE log_pages ( id SERIAL NOT NULL, book_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(book_id) REFERENCES log_books (id) );",
    );
}

/// A member of an enumeration is what its column holds: of the type Enum the name, of numbers the number.
#[test]
fn members_in_conditions() {
    check(
        r##"import enum
from sqlalchemy import *
from sqlalchemy.orm import *
class Base(DeclarativeBase):
    pass
class Prio(enum.Enum):
    LOW = 1
    HIGH = enum.auto()
class Level(enum.IntEnum):
    ONE = 1
    TWO = enum.auto()
class Task(Base):
    __tablename__ = "task"
    id = mapped_column(Integer, primary_key=True)
    prio = mapped_column(Enum(Prio, name="prio"))
    level = mapped_column(Integer)
Index("ix_high", Task.prio, postgresql_where=Task.prio == Prio.HIGH)
Index("ix_level", Task.level, postgresql_where=Task.level > Level.ONE)
"##,
        "CREATE TYPE prio AS ENUM ('LOW', 'HIGH');
         CREATE TABLE task ( id SERIAL NOT NULL, prio prio, level INTEGER, PRIMARY KEY (id) );
         CREATE INDEX ix_level ON task (level) WHERE level > 1;
         CREATE INDEX ix_high ON task (prio) WHERE prio = 'HIGH';",
    );
}

/// Options for another database, which a function gives as the program's configuration has it.
#[test]
fn options_by_configuration() {
    check(
        r##"from urllib import parse
from sqlalchemy import *
from sqlalchemy.orm import *
from app.conf import CONF
Base = declarative_base()
def options():
    if parse.urlparse(CONF.url).scheme == "mysql":
        return {"mysql_engine": CONF.engine, "mysql_charset": "utf8"}
    return None
class Task(Base):
    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("name", name="uniq_task"), options())
    id = Column(Integer, primary_key=True)
    name = Column(String(9))
"##,
        "CREATE TABLE task ( id SERIAL NOT NULL, name VARCHAR(9), PRIMARY KEY (id), CONSTRAINT uniq_task UNIQUE (name) );",
    );
}

/// A synonym in an index is its column, columns may stand in the fields of a data class, and an object of a class that says nothing else is true.
#[test]
fn columns_in_roundabout_ways() {
    check(
        r##"from dataclasses import dataclass, field
from sqlalchemy import *
from sqlalchemy.orm import *
registry_ = registry()
@dataclass
class Info:
    text: str
def described(*args, info=None, **options):
    if info:
        options["comment"] = info.text
    return mapped_column(*args, **options)
class Base(DeclarativeBase):
    registry = registry_
class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = described(String(3), info=Info("what it is"))
    sort: Mapped[str] = synonym("kind")
Index("ix_person", Person.sort, Person.id)
@registry_.mapped
@dataclass
class Task:
    __tablename__ = "task"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_task"),)
    __sa_dataclass_metadata_key__ = "sa"
    id: int = field(init=False, metadata={"sa": Column(Integer, primary_key=True)})
    person_id: int = field(metadata={"sa": Column(Integer, nullable=False)})
    note: str = field(default=None, metadata={"sa": Column(String(20), index=True)})
"##,
        "CREATE TABLE person ( id SERIAL NOT NULL, kind VARCHAR(3) NOT NULL, PRIMARY KEY (id) );
         CREATE INDEX ix_person ON person (kind, id);
         COMMENT ON COLUMN person.kind IS 'what it is';
         CREATE TABLE task ( id SERIAL NOT NULL, person_id INTEGER NOT NULL, note VARCHAR(20), PRIMARY KEY (id), CONSTRAINT fk_task FOREIGN KEY(person_id) REFERENCES person (id) );
         CREATE INDEX ix_task_note ON task (note);",
    );
}
