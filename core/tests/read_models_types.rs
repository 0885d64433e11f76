//! Types and enumerations of the project that models use: what they add to tables, and how their members print. The SQL beside each is what SQLAlchemy
//! 2.0.58 sends for PostgreSQL (`metadata.create_all` on a mock engine).

mod models;

use models::check;

/// Functions that listen to a type becoming part of a table, those that they have listen to its column, and `_set_table`.
#[test]
fn types_that_add_constraints() {
    check(
        r##"import enum
from sqlalchemy import Column, Integer, SmallInteger, String, CheckConstraint, type_coerce, MetaData
from sqlalchemy.event import listens_for
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import SchemaType, TypeDecorator

Base = declarative_base(metadata=MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}))

class Kind(enum.IntEnum):
    one = 1
    two = 2
    three = 3

class Numbered(TypeDecorator, SchemaType):
    impl = SmallInteger
    cache_ok = True
    def __init__(self, enum=None, exclude_values=None):
        self.enum = enum
        self.exclude_values = frozenset(exclude_values or ())
        TypeDecorator.__init__(self)
        SchemaType.__init__(self)

@listens_for(Numbered, "before_parent_attach")
def _attach(type_, col):
    @listens_for(col, "after_parent_attach")
    def _attached(col, table):
        whole = type_coerce(col, SmallInteger)
        e = CheckConstraint(whole.in_(x.value for x in type_.enum if x not in type_.exclude_values), f"valid_{col.name}")
        e.info["drop"] = True
        assert e.table is table

class Positive(SchemaType, TypeDecorator):
    impl = Integer
    cache_ok = True
    def __init__(self, *args, **kw):
        TypeDecorator.__init__(self)
        SchemaType.__init__(self)
    def _set_table(self, column, table):
        table.append_constraint(CheckConstraint(column > 0, name="positive_" + column.name))

class Mixin:
    kind = Column(Numbered(Kind), nullable=False)

class A(Base, Mixin):
    __tablename__ = "a"
    id = Column(Integer, primary_key=True)
    other = Column("third", Numbered(Kind, exclude_values={Kind.three}))

class B(Base, Mixin):
    __tablename__ = "b"
    id = Column(Integer, primary_key=True)
    size = Column(Positive)
"##,
        r#"CREATE TABLE a ( id SERIAL NOT NULL, third SMALLINT, kind SMALLINT NOT NULL, PRIMARY KEY (id), CONSTRAINT ck_a_valid_third CHECK (third IN (1, 2)), CONSTRAINT ck_a_valid_kind CHECK (kind IN (1, 2, 3)) );
         CREATE TABLE b ( id SERIAL NOT NULL, size INTEGER, kind SMALLINT NOT NULL, PRIMARY KEY (id), CONSTRAINT ck_b_positive_size CHECK (size > 0), CONSTRAINT ck_b_valid_kind CHECK (kind IN (1, 2, 3)) );"#,
    );
}

/// Enumerations made by calls, members of numbers and texts in texts, `auto()`.
#[test]
fn enumerations_that_calls_make() {
    check(
        r##"from enum import Enum, IntEnum, auto
try:
    from enum import ReprEnum
except ImportError:
    ReprEnum = Enum
try:
    from enum import StrEnum
except ImportError:
    class StrEnum(str, Enum):
        pass
from itertools import chain
from sqlalchemy import Column, Integer, String, CheckConstraint
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Mix:
    @property
    def t(self): return 1
class A(Mix, int, ReprEnum):
    x = 1
    y = 2
class B(IntEnum):
    z = 7
class C(StrEnum):
    q = "quu"
    Automatic = auto()
class D(str, Enum):
    d = "dee"
F = Enum("F", {"a": "1", "b": "2"})
G = Enum("G", "red green")
H = Enum("H", [("u", "uu"), ("v", "vv")])
I = IntEnum("I", ["p", "q"])
def checks(kinds):
    for k in kinds:
        yield CheckConstraint("n != {}".format(k), f"no_{k.name}")
class T(Base):
    __tablename__ = "t"
    id = Column(Integer, primary_key=True)
    n = Column(Integer)
    c = Column(String, server_default=f"{C.q}{C.Automatic}")
    d = Column(String, server_default=D.d.value)
    b = Column(Integer, server_default=f"{B.z}")
    a = Column(Integer, server_default=str(A.y))

    __table_args__ = tuple(checks(A)) + (CheckConstraint(f"n <> {B.z}", name="bz"),)
import sqlalchemy as sa
class U(Base):
    __tablename__ = "u"
    id = sa.Column(sa.Integer, primary_key=True)
    f = sa.Column(sa.Enum(F))
    g = sa.Column(sa.Enum(G, name="gg", native_enum=False))
    h = sa.Column(sa.Enum(H, values_callable=lambda e: [m.value for m in e]))
    i = sa.Column(sa.Enum(I))
"##,
        r#"CREATE TYPE f AS ENUM ('a', 'b');
         CREATE TYPE h AS ENUM ('uu', 'vv');
         CREATE TYPE i AS ENUM ('p', 'q');
         CREATE TABLE t ( id SERIAL NOT NULL, n INTEGER, c VARCHAR DEFAULT 'quuautomatic', d VARCHAR DEFAULT 'dee', b INTEGER DEFAULT '7', a INTEGER DEFAULT '2', PRIMARY KEY (id), CONSTRAINT no_x CHECK (n != 1), CONSTRAINT no_y CHECK (n != 2), CONSTRAINT bz CHECK (n <> 7) );
         CREATE TABLE u ( id SERIAL NOT NULL, f f, g VARCHAR(5), h h, i i, PRIMARY KEY (id) );"#,
    );
}

/// Sets and members of enumerations in what helpers make.
#[test]
fn members_in_constraints() {
    check(
        r##"from enum import IntEnum
from itertools import chain
from sqlalchemy import Column, Integer, String, CheckConstraint, Index, text
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class L(IntEnum):
    a = 1
    b = 2
    c = 3
cols = {L.a: {"x"}, L.b: {"y"}, L.c: {"z"}}
def checks(allowed):
    avail = set(chain.from_iterable(c for t, c in cols.items() if t in allowed))
    for l in allowed:
        req = avail & cols[l]
        forb = avail - req
        crit = [f"{c} IS NULL" for c in sorted(forb)]
        crit += [f"{c} IS NOT NULL" for c in sorted(req)]
        yield CheckConstraint("n != {} OR ({})".format(l, " AND ".join(crit)), f"v_{l.name}")
def uniques(allowed):
    for l in allowed:
        yield Index("u_" + l.name, *cols[l], unique=True, postgresql_where=text(" AND ".join([f"n = {l.value}"])))
class M:
    allowed = frozenset(L)
class T(Base):
    __tablename__ = "t"
    id = Column(Integer, primary_key=True)
    n = Column(Integer)
    x = Column(Integer)
    y = Column(Integer)
    z = Column(Integer)
    __table_args__ = tuple(checks(M.allowed)) + tuple(uniques(M.allowed))
class U(Base):
    __tablename__ = "u"
    id = Column(Integer, primary_key=True)
    n = Column(Integer)
    y = Column(Integer)
    z = Column(Integer)
    allowed = M.allowed - {L.a}
    __table_args__ = tuple(checks(allowed))
class V(Base):
    __tablename__ = "v"
    id = Column(Integer, primary_key=True)
    n = Column(Integer)
    y = Column(Integer)
    z = Column(Integer)
    allowed = {L.b, L.c}
    kind = Column(Integer, CheckConstraint("kind IN ({})".format(", ".join(str(int(v)) for v in L)), name="kin"))
    __table_args__ = (CheckConstraint(n.in_([L.a, L.b]), name="nin"), CheckConstraint(n == L.a, name="neq"), CheckConstraint("n between %d and %d" % (L.a, L.c), name="nb"), *checks(allowed))
"##,
        r#"CREATE TABLE t ( id SERIAL NOT NULL, n INTEGER, x INTEGER, y INTEGER, z INTEGER, PRIMARY KEY (id), CONSTRAINT v_a CHECK (n != 1 OR (y IS NULL AND z IS NULL AND x IS NOT NULL)), CONSTRAINT v_b CHECK (n != 2 OR (x IS NULL AND z IS NULL AND y IS NOT NULL)), CONSTRAINT v_c CHECK (n != 3 OR (x IS NULL AND y IS NULL AND z IS NOT NULL)) );
         CREATE UNIQUE INDEX u_a ON t (x) WHERE n = 1;
         CREATE UNIQUE INDEX u_c ON t (z) WHERE n = 3;
         CREATE UNIQUE INDEX u_b ON t (y) WHERE n = 2;
         CREATE TABLE u ( id SERIAL NOT NULL, n INTEGER, y INTEGER, z INTEGER, PRIMARY KEY (id), CONSTRAINT v_b CHECK (n != 2 OR (z IS NULL AND y IS NOT NULL)), CONSTRAINT v_c CHECK (n != 3 OR (y IS NULL AND z IS NOT NULL)) );
         CREATE TABLE v ( id SERIAL NOT NULL, n INTEGER, y INTEGER, z INTEGER, kind INTEGER CONSTRAINT kin CHECK (kind IN (1, 2, 3)), PRIMARY KEY (id), CONSTRAINT nin CHECK (n IN (1, 2)), CONSTRAINT neq CHECK (n = 1), CONSTRAINT nb CHECK (n between 1 and 3), CONSTRAINT v_b CHECK (n != 2 OR (z IS NULL AND y IS NOT NULL)), CONSTRAINT v_c CHECK (n != 3 OR (y IS NULL AND z IS NOT NULL)) );"#,
    );
}
