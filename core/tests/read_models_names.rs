//! Models whose tables follow from functions of the program: names by listeners and conventions, bases of one's own, arguments that are gathered.
//! The SQL beside each is what SQLAlchemy 2.1 and Flask-SQLAlchemy 3.1 send for PostgreSQL (`create_all` on a `create_mock_engine`).

mod models;

const IMPORTS: &str = "from sqlalchemy import *\nfrom sqlalchemy import event\nfrom sqlalchemy.orm import *\nfrom sqlalchemy.dialects.postgresql import JSONB\n";

/// Expects that a file defines the schema that the SQL makes, without a problem.
fn check(text: &str, sql: &str) {
    models::check(&format!("{IMPORTS}{text}"), sql);
}

#[test]
fn a_base_made_by_the_metaclass() {
    check(
        "class Base(metaclass=DeclarativeMeta):\n    __abstract__ = True\n    registry = registry()\n    metadata = registry.metadata\n\n\
         class A(Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True)\n",
        "CREATE TABLE a (id SERIAL NOT NULL, PRIMARY KEY (id));",
    );
}

/// Tokens of a naming convention may be functions of the constraint and its table; a registry may be given another metadata.
#[test]
fn conventions_with_functions() {
    check(
        r#"reg = registry()
reg.metadata = MetaData(naming_convention={
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "fk": "fk_%(table_name)s_%(all_columns)s",
    "ix": "ix_%(kind)s%(table_name)s_%(keys)s",
    "all_columns": lambda constraint, table: "_".join(c.name for c in constraint.columns.values()),
    "kind": lambda index, table: "u_" if index.unique else "",
    "keys": lambda index, table: "_".join(c if isinstance(c, str) else c.name for c in index.columns),
})
Table("p", reg.metadata, Column("id", Integer, primary_key=True), Column("a", Integer), Column("b", Integer, index=True), UniqueConstraint("a", "b"))
Table("c", reg.metadata, Column("x", Integer), Column("y", Integer, unique=True, index=True), ForeignKeyConstraint(["x", "y"], ["p.a", "p.b"]))
"#,
        "CREATE TABLE p (id SERIAL NOT NULL, a INTEGER, b INTEGER, PRIMARY KEY (id), CONSTRAINT p_a_key UNIQUE (a, b));
         CREATE INDEX ix_p_b ON p (b);
         CREATE TABLE c (x INTEGER, y INTEGER, CONSTRAINT fk_c_x_y FOREIGN KEY(x, y) REFERENCES p (a, b));
         CREATE UNIQUE INDEX ix_u_c_y ON c (y);",
    );
}

#[test]
fn listeners_that_name_constraints() {
    check(
        r#"metadata = MetaData()

@event.listens_for(PrimaryKeyConstraint, "after_parent_attach")
def name_key(const, table):
    const.name = "%s_PK" % table.name.upper()

@event.listens_for(ForeignKeyConstraint, "after_parent_attach")
def name_reference(const, table):
    if const.name:
        return
    first = const.elements[0]
    target, column = first.target_fullname.split(".")
    const.name = "fk_%s_%s_%s" % (table.name, first.parent.name, target)

def name_unique(const, table):
    if not const.name:
        const.name = "uq_%s_%s" % (table.name, list(const.columns)[0].name)

event.listen(UniqueConstraint, "after_parent_attach", name_unique)

@event.listens_for(CheckConstraint, "after_parent_attach")
def name_check(const, table):
    if const.name is None and "DELETED" in str(const.sqltext).upper():
        const.name = "%s_DEL" % table.name.upper()
    elif const.name == "long":
        const.name = "short"

Table("p", metadata, Column("id", Integer, primary_key=True))
Table("c", metadata, Column("id", Integer, primary_key=True), Column("p", Integer, ForeignKey("p.id")),
    Column("q", Integer, ForeignKey("p.id", name="own")), Column("u", Text, unique=True), Column("deleted", Integer),
    CheckConstraint("deleted > 0"), CheckConstraint("q > 0", "long"), CheckConstraint("q > 1", name="kept"))
"#,
        r#"CREATE TABLE p (id SERIAL NOT NULL, CONSTRAINT "P_PK" PRIMARY KEY (id));
         CREATE TABLE c (id SERIAL NOT NULL, p INTEGER, q INTEGER, u TEXT, deleted INTEGER, CONSTRAINT "C_PK" PRIMARY KEY (id),
             CONSTRAINT "C_DEL" CHECK (deleted > 0), CONSTRAINT short CHECK (q > 0), CONSTRAINT kept CHECK (q > 1),
             CONSTRAINT fk_c_p_p FOREIGN KEY(p) REFERENCES p (id), CONSTRAINT own FOREIGN KEY(q) REFERENCES p (id), CONSTRAINT uq_c_u UNIQUE (u));"#,
    );
}

/// Of two equal constraints the server keeps the first, and what `unique=True` says comes last; documents and casts may be keys of indexes.
#[test]
fn order_of_constraints_and_keys_that_are_expressions() {
    check(
        r#"metadata = MetaData()
Table("t", metadata, Column("id", Integer, primary_key=True), Column("u", Text, unique=True), UniqueConstraint("u", name="named"), CheckConstraint("u <> ''"))
d = Table("d", metadata, Column("data", JSONB), Column("at", DateTime))
Index("i1", d.c.data["a"].astext)
Index("i2", d.c.data[("a", "b")])
Index("i3", cast(d.c["at"], Date))
Index("i4", extract("year", d.c["at"]))
Index("i5", d.c.data.op("->>")("k"))
"#,
        "CREATE TABLE t (id SERIAL NOT NULL, u TEXT, PRIMARY KEY (id), CONSTRAINT named UNIQUE (u), CHECK (u <> ''), UNIQUE (u));
         CREATE TABLE d (data JSONB, at TIMESTAMP WITHOUT TIME ZONE);
         CREATE INDEX i1 ON d ((data ->> 'a'));
         CREATE INDEX i5 ON d ((data ->> 'k'));
         CREATE INDEX i4 ON d (EXTRACT(year FROM at));
         CREATE INDEX i2 ON d ((data #> '{a, b}'));
         CREATE INDEX i3 ON d (CAST(at AS DATE));",
    );
}

/// A class that extends Flask-SQLAlchemy's, and the base that it is given: its metadata counts, and it still names the tables.
#[test]
fn a_database_object_of_ones_own() {
    check(
        r#"from flask_sqlalchemy import SQLAlchemy

class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

class Database(SQLAlchemy):
    def extra(self):
        pass

db = Database(model_class=Base)

class UserRole(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(5))

links = db.Table("links", db.Column("a", db.ForeignKey("user_role.id"), primary_key=True))
"#,
        "CREATE TABLE user_role (id SERIAL NOT NULL, name VARCHAR(5), CONSTRAINT pk_user_role PRIMARY KEY (id));
         CREATE TABLE links (a INTEGER NOT NULL, CONSTRAINT pk_links PRIMARY KEY (a), FOREIGN KEY(a) REFERENCES user_role (id));",
    );
}

/// `dir` gives private names with their class; a model's table has a name, and a constraint may ask on which database it is made.
#[test]
fn arguments_gathered_from_mixins() {
    check(
        r#"Base = declarative_base()

class classproperty(property):
    def __get__(self, obj, cls=None):
        return self.fget.__get__(None, cls)()

def arguments(cls, **more):
    found = []
    options = {}
    for attr in dir(cls):
        if not attr.endswith("__arguments"):
            continue
        value = getattr(cls, attr)
        if isinstance(value, dict):
            options.update(value)
        else:
            found.extend(value)
    options.update(more)
    return tuple(found) + (options,)

class Named:
    name = Column(Text)

    @classproperty
    @classmethod
    def __arguments(cls):
        return (CheckConstraint("name <> ''", name="named"),)

class A(Named, Base):
    __tablename__ = "a"

    @declared_attr
    def __table_args__(cls):
        return arguments(cls, schema="s")

    id = Column(Integer, primary_key=True)

class Link:
    of = None

    @declared_attr
    def of_id(cls):
        return Column(ForeignKey(f"{cls.of.__table__.fullname}.id"))

class B(Link, Base):
    __tablename__ = "b"
    __table_args__ = (CheckConstraint("id IS JSON", name="never", _create_rule=lambda compiler: compiler.dialect.name == "oracle"),)
    of = A
    id = Column(Integer, primary_key=True)
"#,
        "CREATE SCHEMA s;
         CREATE TABLE s.a (id SERIAL NOT NULL, name TEXT, PRIMARY KEY (id), CONSTRAINT named CHECK (name <> ''));
         CREATE TABLE b (id SERIAL NOT NULL, of_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(of_id) REFERENCES s.a (id));",
    );
}

/// What a model sets on each update needs no trigger as long as all go through the model: where triggers are the rule, that is told.
#[test]
fn a_column_that_the_model_sets_on_update() {
    let models = format!(
        "{IMPORTS}metadata = MetaData()\nTable('a', metadata, Column('id', Integer, primary_key=True), Column('updated_at', DateTime(timezone=True), onupdate=func.now()))\n\
         Table('b', metadata, Column('id', Integer, primary_key=True), Column('updated_at', DateTime(timezone=True), onupdate=None))\n"
    );
    let evidence = |files: &[(&str, &str)], target: usize| -> Vec<String> {
        let analysis = models::read(files);
        let findings = analysis.targets[target].findings.iter().filter(|f| f.rule.name == "updated-at-without-trigger");
        findings.map(|f| format!("{} {}", f.severity.name(), f.evidence.as_deref().unwrap_or_default())).collect()
    };
    let models = ("app/models.py", models.as_str());
    assert_eq!(evidence(&[models], 0), ["medium Triggers or models keep it on 1 of 2 tables."]);
    let kept = |table: &str| {
        format!(
            "CREATE TABLE {table} (id serial PRIMARY KEY, updated_at timestamptz);
             CREATE TRIGGER t BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch();"
        )
    };
    let dump = format!(
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
         CREATE TABLE a (id serial PRIMARY KEY, updated_at timestamptz); {} {}",
        kept("b"),
        kept("c")
    );
    assert_eq!(
        evidence(&[("dump.sql", &dump), models], 0),
        ["info Its model sets it with `onupdate`: updates that do not go through the model leave it as it was."]
    );
}

/// Class methods know their class; a key of a hybrid attribute is that of its column; what is listened for when a table is made runs then.
#[test]
fn methods_attributes_and_events_of_classes() {
    check(
        r#"import enum
from sqlalchemy.ext.hybrid import hybrid_property

Base = declarative_base()

class Kind(enum.Enum):
    ONE = 1
    TWO = 2

    @classmethod
    def numbers(cls):
        return [str(member.value) for member in cls]

class A(Base):
    __tablename__ = "a"
    _id = Column("id", String(8), primary_key=True)
    kind = Column(Integer, CheckConstraint(f"kind IN ({', '.join(Kind.numbers())})", name="known"))

    @hybrid_property
    def id(self):
        return self._id

    @id.setter
    def id(self, value):
        self._id = value

class B(Base):
    __tablename__ = "order"
    id = Column(Integer, primary_key=True)
    a_id = Column(String(8), ForeignKey(A.id))

event.listen(B.__table__, "after_create", DDL("CREATE INDEX first ON %(table)s (a_id) WHERE a_id LIKE 'x%%'").execute_if(dialect="postgresql"))
event.listen(B.__table__, "after_create", DDL("CREATE INDEX never ON %(table)s (a_id)").execute_if(dialect="mysql"))
"#,
        r#"CREATE TABLE a (id VARCHAR(8) NOT NULL, kind INTEGER, PRIMARY KEY (id), CONSTRAINT known CHECK (kind IN (1, 2)));
         CREATE TABLE "order" (id SERIAL NOT NULL, a_id VARCHAR(8), PRIMARY KEY (id), FOREIGN KEY(a_id) REFERENCES a (id));
         CREATE INDEX first ON "order" (a_id) WHERE a_id LIKE 'x%';"#,
    );
}

/// Functions that listen execute SQL on the connection that they get; what listens to the metadata hears of the last table.
#[test]
fn functions_that_listen_to_tables() {
    check(
        r#"class Base(DeclarativeBase): pass

class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]

class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict] = mapped_column(JSON)

Index("tags_number", Tag.doc["n"].as_string().cast(Integer))

@event.listens_for(Note.__table__, "after_create")
def search(target, connection, **kw):
    if connection.engine.dialect.name == "sqlite":
        connection.execute(text("CREATE VIRTUAL TABLE notes_fts USING fts5(body)"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE INDEX notes_search ON notes USING gin (to_tsvector('simple', body))"))
        for name in ("lower", "upper"):
            connection.execute(DDL(f"CREATE INDEX notes_{name} ON {target.name} ({name}(body))"))

@event.listens_for(Base.metadata, "after_create")
def overview(target, connection, **kw):
    connection.exec_driver_sql("CREATE VIEW overview AS SELECT n.id, t.id AS tag FROM notes n, tags t")
    if kw.get("checkfirst") is None:
        connection.execute(text("CREATE VIEW never AS SELECT 1"))

def touch(target, connection, **kw):
    connection.execute(text("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'"))
    connection.execute(text("CREATE TRIGGER touch BEFORE UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION touch()"))

event.listen(Tag.__table__, "after_create", touch)

@event.listens_for(Tag.__table__, "before_drop")
def gone(target, connection, **kw):
    connection.execute(text("DROP FUNCTION touch"))
"#,
        "CREATE TABLE notes (id SERIAL NOT NULL, body VARCHAR NOT NULL, PRIMARY KEY (id));
         CREATE INDEX notes_search ON notes USING gin (to_tsvector('simple', body));
         CREATE INDEX notes_lower ON notes (lower(body));
         CREATE INDEX notes_upper ON notes (upper(body));
         CREATE TABLE tags (id SERIAL NOT NULL, doc JSON NOT NULL, PRIMARY KEY (id));
         CREATE INDEX tags_number ON tags (CAST(CAST(doc ->> 'n' AS VARCHAR) AS INTEGER));
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
         CREATE TRIGGER touch BEFORE UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION touch();
         CREATE VIEW overview AS SELECT n.id, t.id AS tag FROM notes n, tags t;",
    );
}

/// A column of a mixin is another one in each table; a key that is made of columns finds their table, wherever it stands.
#[test]
fn columns_of_mixins_as_targets() {
    check(
        r#"Base = declarative_base()

class Keyed:
    id = Column(String(8), primary_key=True)

    @declared_attr
    def code(cls):
        return Column(Integer, unique=True)

class A(Keyed, Base):
    __tablename__ = "a"

class B(Keyed, Base):
    __tablename__ = "b"

class C(Keyed, Base):
    __tablename__ = "c"
    b_id = Column(String(8), ForeignKey(B.id))
    b_code = Column(ForeignKey(B.code))
    __table_args__ = (UniqueConstraint(b_id, name="one"),)

Index("codes", C.code, C.id)

class D(Base):
    __tablename__ = "d"
    id = Column(Integer, primary_key=True)
    x = Column(Integer)
    y = Column(Integer)
    UniqueConstraint(x, y, name="both")
    UniqueConstraint("x", "y", name="lost")
"#,
        "CREATE TABLE a (id VARCHAR(8) NOT NULL, code INTEGER, PRIMARY KEY (id), UNIQUE (code));
         CREATE TABLE b (id VARCHAR(8) NOT NULL, code INTEGER, PRIMARY KEY (id), UNIQUE (code));
         CREATE TABLE c (b_id VARCHAR(8), b_code INTEGER, id VARCHAR(8) NOT NULL, code INTEGER, PRIMARY KEY (id), CONSTRAINT one UNIQUE (b_id),
             FOREIGN KEY(b_id) REFERENCES b (id), FOREIGN KEY(b_code) REFERENCES b (code), UNIQUE (code));
         CREATE INDEX codes ON c (code, id);
         CREATE TABLE d (id SERIAL NOT NULL, x INTEGER, y INTEGER, PRIMARY KEY (id), CONSTRAINT \"both\" UNIQUE (x, y));",
    );
}

/// SQLAlchemy: "PostgreSQL ENUM type requires a name."
#[test]
fn an_enumeration_without_a_name() {
    let text = format!(
        "{IMPORTS}Table('a', MetaData(), Column('kind', Enum('x', 'y')), Column('other', Enum('x', native_enum=False)))\n"
    );
    let analysis = models::read(&[("app/models.py", text.as_str())]);
    let told: Vec<_> = analysis
        .problems
        .iter()
        .map(|p| (p.span.and_then(|s| analysis.sources.text(s)), p.message.contains("CompileError")))
        .collect();
    assert_eq!(told, [(Some("Enum('x', 'y')"), true)]);
}
