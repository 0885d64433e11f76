//! The forms of declarative models side by side: annotated types, mixins, data classes, composites, inheritance of every kind, tables and registries.
//! The SQL is what SQLAlchemy 2.0.58 sends for PostgreSQL (`metadata.create_all` on a mock engine), with the schemas before it.

mod models;

use models::check;

/// One program with all of them; its metadata has a schema and a convention.
#[test]
fn forms_of_declarative_models() {
    check(
        r##"from __future__ import annotations
import datetime as dt, enum, uuid, decimal
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Optional, List, Literal, TYPE_CHECKING
import sqlalchemy as sa
from sqlalchemy import ForeignKey, String, func, text, Index, UniqueConstraint, CheckConstraint, MetaData, Identity, Computed, event, DDL, types
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ENUM, ExcludeConstraint, TSTZRANGE, array
from sqlalchemy.ext.declarative import AbstractConcreteBase, ConcreteBase
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import (DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship, declared_attr, composite, column_property, deferred, synonym, registry, validates, WriteOnlyMapped, declarative_mixin)

intpk = Annotated[int, mapped_column(primary_key=True)]
str50 = Annotated[str, 50]
money = Annotated[decimal.Decimal, mapped_column(sa.Numeric(12, 2), nullable=False)]
stamp = Annotated[dt.datetime, mapped_column(server_default=func.now())]
user_fk = Annotated[int, mapped_column(ForeignKey("acc.user.id", ondelete="CASCADE"), index=True)]

class Status(str, enum.Enum):
    ACTIVE = "active"
    GONE = "gone"

class Prio(enum.IntEnum):
    LOW = 1
    HIGH = 2

class Base(DeclarativeBase):
    metadata = MetaData(schema="acc", naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s"})
    type_annotation_map = {str50: String(50), dict[str, Any]: JSONB, list[str]: ARRAY(String), dt.datetime: sa.TIMESTAMP(timezone=True), Status: sa.Enum(Status, name="status_kind", values_callable=lambda e: [m.value for m in e])}

class Timestamps:
    created_at: Mapped[stamp]
    updated_at: Mapped[Optional[dt.datetime]] = mapped_column(onupdate=func.now(), sort_order=999)

class HasUser:
    @declared_attr
    def user_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("acc.user.id"), nullable=False)
    @declared_attr
    def user(cls) -> Mapped[User]:
        return relationship("User", foreign_keys=[cls.user_id])
    @declared_attr.directive
    def __table_args__(cls):
        return (Index(None, "user_id", "id"), {"comment": f"of {cls.__name__}"})

class User(Timestamps, Base):
    __tablename__ = "user"
    id: Mapped[intpk]
    name: Mapped[str50] = mapped_column()
    nick: Mapped[Optional[str50]] = mapped_column(unique=True)
    prefs: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    tags: Mapped[list[str]] = mapped_column(MutableList.as_mutable(ARRAY(String(20))), server_default="{}")
    status: Mapped[Status]
    prio: Mapped[Prio | None]
    mode: Mapped[Literal["a", "bcd"]]
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, server_default=func.gen_random_uuid())
    balance: Mapped[money]
    born: Mapped[dt.date | None] = mapped_column("birth_date", info={"x": 1})
    span: Mapped[dt.timedelta | None]
    blob: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary))
    full: Mapped[str] = mapped_column(Computed("name || '!'", persisted=True))
    seq: Mapped[int] = mapped_column(Identity(start=10, cycle=True), unique=True)
    typ: Mapped[str] = mapped_column(String(10))
    posts: WriteOnlyMapped[Post] = relationship(back_populates="author", foreign_keys="Post.author_id")
    nicks = association_proxy("posts", "title")
    upper_name = column_property(func.upper(name))
    alias = synonym("name")
    counter: ClassVar[int] = 0
    __mapper_args__ = {"polymorphic_on": "typ", "polymorphic_identity": "user", "version_id_col": None} if False else {"polymorphic_on": "typ", "polymorphic_identity": "user"}
    __table_args__ = (UniqueConstraint("name", "birth_date", postgresql_include=["prio"]), CheckConstraint("balance >= 0", name="balance"), Index("ix_lower", func.lower(name), postgresql_where=text("nick IS NOT NULL")), Index("ix_tags", "tags", postgresql_using="gin"),)
    @hybrid_property
    def is_x(self): return self.name == "x"

class Admin(User):
    __tablename__ = "admin"
    id: Mapped[int] = mapped_column(ForeignKey("acc.user.id"), primary_key=True)
    level: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    __mapper_args__ = {"polymorphic_identity": "admin"}

class Guest(User):
    until: Mapped[dt.datetime | None] = mapped_column(nullable=True)
    user_code: Mapped[Optional[str]] = mapped_column(use_existing_column=True)
    __mapper_args__ = {"polymorphic_identity": "guest"}

@dataclass
class Point:
    x: int
    y: int

class Post(Base, HasUser, Timestamps):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.Text, index=True)
    pos: Mapped[Point] = composite(mapped_column("x"), mapped_column("y"))
    author_id: Mapped[user_fk] = mapped_column()
    author: Mapped[User] = relationship(back_populates="posts", foreign_keys=[author_id])
    during = mapped_column(TSTZRANGE(), nullable=False)
    kinds = mapped_column(ARRAY(ENUM("p", "q", name="kinds", metadata=Base.metadata, schema="acc")))
    parent_id: Mapped[Optional[int]] = mapped_column(ForeignKey("acc.post.id", use_alter=True, name="post_parent"))

class Node(MappedAsDataclass, Base, kw_only=True):
    __tablename__ = "node"
    __table_args__ = {"schema": None, "postgresql_with": {"fillfactor": 50}} if False else {"schema": "public"}
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    label: Mapped[str] = mapped_column(String(5), default="x", server_default="it's")
    score: Mapped[float] = mapped_column(sa.Double, default=0.5)

    up: Mapped[Optional[int]] = mapped_column(ForeignKey("public.node.id"), default=None)

class Vehicle(ConcreteBase, Base):
    __tablename__ = "vehicle"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    __mapper_args__ = {"polymorphic_identity": "vehicle", "concrete": True}

class Car(Vehicle):
    __tablename__ = "car"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    doors: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "car", "concrete": True}

class Animal(AbstractConcreteBase, Base):
    strict_attrs = True
    name = mapped_column(String(50))

class Dog(Animal):
    __tablename__ = "dog"
    id: Mapped[int] = mapped_column(primary_key=True)
    barks: Mapped[bool]
    __mapper_args__ = {"polymorphic_identity": "dog", "concrete": True}

link = sa.Table("link", Base.metadata, sa.Column("a", ForeignKey(User.id), primary_key=True), sa.Column("b", sa.Integer, ForeignKey("acc.post.id", ondelete="SET NULL"), primary_key=True), sa.Column("n", sa.Integer, sa.Sequence("link_n", metadata=Base.metadata, start=3), server_default=sa.text("7")), sa.Index("ix_link_b", "b"), sa.UniqueConstraint("a", name="only_a"))

class Extra(Base):
    __table__ = sa.Table("extra", Base.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("v", pg.TSVECTOR), sa.Column("u", pg.UUID(as_uuid=True), server_default=sa.text("gen_random_uuid()")), schema="other")

reg = registry(metadata=Base.metadata)
@reg.mapped
class Plain:
    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    vals: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSONB))
@reg.mapped_as_dataclass
class PlainDc:
    __tablename__ = "plain_dc"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    when: Mapped[dt.time]
class Imperative:
    pass
reg.map_imperatively(Imperative, sa.Table("imper", Base.metadata, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("t", sa.Time(timezone=True))))
Index("ix_out", Post.__table__.c.title, Post.author_id.desc(), postgresql_include=["x"])
event.listen(Admin.__table__, "after_create", DDL("CREATE FUNCTION acc.f_%(table)s() RETURNS int LANGUAGE sql AS 'select 1'").execute_if(dialect="postgresql"))
"##,
        r#"CREATE SCHEMA acc; CREATE SCHEMA other;
         CREATE TYPE status_kind AS ENUM ('active', 'gone');
         CREATE TYPE prio AS ENUM ('LOW', 'HIGH');
         CREATE TYPE acc.kinds AS ENUM ('p', 'q');
         CREATE TABLE acc."user" ( id SERIAL NOT NULL, name VARCHAR(50) NOT NULL, nick VARCHAR(50), prefs JSONB DEFAULT '{}'::jsonb NOT NULL, tags VARCHAR(20)[] DEFAULT '{}' NOT NULL, status status_kind NOT NULL, prio prio, mode VARCHAR(3) NOT NULL, uid UUID DEFAULT gen_random_uuid() NOT NULL, balance NUMERIC(12, 2) NOT NULL, birth_date DATE, span INTERVAL, blob BYTEA, "full" VARCHAR GENERATED ALWAYS AS (name || '!') STORED NOT NULL, seq INTEGER GENERATED BY DEFAULT AS IDENTITY (START WITH 10 CYCLE), typ VARCHAR(10) NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, updated_at TIMESTAMP WITH TIME ZONE, until TIMESTAMP WITH TIME ZONE, user_code VARCHAR, CONSTRAINT pk_user PRIMARY KEY (id), CONSTRAINT uq_user_name_birth_date UNIQUE (name, birth_date) INCLUDE (prio), CONSTRAINT ck_user_balance CHECK (balance >= 0), CONSTRAINT uq_user_nick UNIQUE (nick), CONSTRAINT uq_user_seq UNIQUE (seq) );
         CREATE INDEX ix_lower ON acc."user" (lower(name)) WHERE nick IS NOT NULL;
         CREATE INDEX ix_tags ON acc."user" USING gin (tags);
         CREATE TABLE public.node ( id SERIAL NOT NULL, label VARCHAR(5) DEFAULT 'it''s' NOT NULL, score DOUBLE PRECISION NOT NULL, up INTEGER, CONSTRAINT pk_node PRIMARY KEY (id), CONSTRAINT fk_node_up_node FOREIGN KEY(up) REFERENCES public.node (id) );
         CREATE TABLE acc.vehicle ( id SERIAL NOT NULL, name VARCHAR NOT NULL, CONSTRAINT pk_vehicle PRIMARY KEY (id) );
         CREATE TABLE acc.car ( id SERIAL NOT NULL, name VARCHAR NOT NULL, doors INTEGER NOT NULL, CONSTRAINT pk_car PRIMARY KEY (id) );
         CREATE TABLE acc.dog ( id SERIAL NOT NULL, barks BOOLEAN NOT NULL, name VARCHAR(50), CONSTRAINT pk_dog PRIMARY KEY (id) );
         CREATE TABLE other.extra ( id SERIAL NOT NULL, v TSVECTOR, u UUID DEFAULT gen_random_uuid(), CONSTRAINT pk_extra PRIMARY KEY (id) );
         CREATE TABLE acc.plain ( id SERIAL NOT NULL, vals JSONB NOT NULL, CONSTRAINT pk_plain PRIMARY KEY (id) );
         CREATE TABLE acc.plain_dc ( id SERIAL NOT NULL, "when" TIME WITHOUT TIME ZONE NOT NULL, CONSTRAINT pk_plain_dc PRIMARY KEY (id) );
         CREATE TABLE acc.imper ( id BIGSERIAL NOT NULL, t TIME WITH TIME ZONE, CONSTRAINT pk_imper PRIMARY KEY (id) );
         CREATE TABLE acc.admin ( id INTEGER NOT NULL, level SMALLINT DEFAULT '1' NOT NULL, CONSTRAINT pk_admin PRIMARY KEY (id), CONSTRAINT fk_admin_id_user FOREIGN KEY(id) REFERENCES acc."user" (id) );
         CREATE FUNCTION acc.f_admin() RETURNS int LANGUAGE sql AS 'select 1';
         CREATE TABLE acc.post ( id INTEGER NOT NULL, title TEXT NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, author_id INTEGER NOT NULL, during TSTZRANGE NOT NULL, kinds acc.kinds[], parent_id INTEGER, user_id INTEGER NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, updated_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_post PRIMARY KEY (id), CONSTRAINT fk_post_author_id_user FOREIGN KEY(author_id) REFERENCES acc."user" (id) ON DELETE CASCADE, CONSTRAINT fk_post_user_id_user FOREIGN KEY(user_id) REFERENCES acc."user" (id) );
         CREATE INDEX ix_out ON acc.post (title, author_id DESC) INCLUDE (x);
         CREATE INDEX ix_post_user_id_id ON acc.post (user_id, id);
         CREATE INDEX ix_post_title ON acc.post (title);
         CREATE INDEX ix_post_author_id ON acc.post (author_id);
         COMMENT ON TABLE acc.post IS 'of Post';
         CREATE SEQUENCE acc.link_n START WITH 3;
         CREATE TABLE acc.link ( a INTEGER NOT NULL, b INTEGER NOT NULL, n INTEGER DEFAULT 7, CONSTRAINT pk_link PRIMARY KEY (a, b), CONSTRAINT only_a UNIQUE (a), CONSTRAINT fk_link_a_user FOREIGN KEY(a) REFERENCES acc."user" (id), CONSTRAINT fk_link_b_post FOREIGN KEY(b) REFERENCES acc.post (id) ON DELETE SET NULL );
         CREATE INDEX ix_link_b ON acc.link (b);
         ALTER TABLE acc.post ADD CONSTRAINT post_parent FOREIGN KEY(parent_id) REFERENCES acc.post (id);"#,
    );
}
