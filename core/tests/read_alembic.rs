//! Alembic revisions, from the text of the file to the schema. The SQL beside each call is what Alembic 1.20 and SQLAlchemy 2.1 print for PostgreSQL
//! (`alembic upgrade head --sql`); whole histories stand in `tests/tests/alembic.rs`.

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::emit::catalog::catalog;
use relata_core::history::RunnerTransaction;
use relata_core::operation::{GuardTest, Operation};
use relata_core::session::{Options, analyze};

const VERSION_TABLE: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));";

/// Analyses files given by name and text.
fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

/// A revision whose `upgrade` is this body.
fn revision(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "import sqlalchemy as sa\nfrom alembic import op, context\nfrom sqlalchemy.dialects import postgresql\n\n\
         revision = '1'\ndown_revision = None\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n"
    )
}

fn upgrade(body: &str) -> Analysis {
    read(&[("versions/1.py", &revision(body))])
}

fn target(analysis: &Analysis) -> &TargetAnalysis {
    analysis.targets.first().expect("a target")
}

/// The operations of the first revision without the one that makes Alembic's own table.
fn operations(analysis: &Analysis) -> &[Operation] {
    target(analysis).history.revisions.first().map_or(&[], |r| r.up.get(1..).unwrap_or_default())
}

/// The problems: kind and the text that they point at.
fn problems(analysis: &Analysis) -> Vec<(&'static str, &str)> {
    let at = |p: &relata_core::problem::Problem| p.span.and_then(|s| analysis.sources.text(s)).unwrap_or_default();
    analysis.problems.iter().map(|p| (p.kind.name(), at(p))).collect()
}

/// Expects that a body leaves the schema that the SQL leaves, without a problem.
fn check(body: &str, sql: &str) {
    let python = upgrade(body);
    assert_eq!(problems(&python), [], "{body}");
    let sql = format!("{VERSION_TABLE}\n{sql}");
    let script = read(&[("1.sql", &sql)]);
    let (found, expected) = (target(&python), target(&script));
    assert_eq!(found.replay.conflicts.len(), expected.replay.conflicts.len(), "{body}");
    assert_eq!(catalog(found.schema()), catalog(expected.schema()), "{body}");
}

/// A type as the database has it is the type.
#[test]
fn types_of_the_dialect() {
    check(
        "kind = sa.Enum('a', 'b', name='kind')\nkind.dialect_impl(op.get_bind().dialect).create(op.get_bind(), checkfirst=True)\n\
         op.create_table('t', sa.Column('id', sa.Integer()))\nop.add_column('t', sa.Column('k', kind))",
        "CREATE TYPE kind AS ENUM ('a', 'b'); CREATE TABLE t (id INTEGER); ALTER TABLE t ADD COLUMN k kind;",
    );
}

#[test]
fn tables_and_columns() {
    check(
        "op.create_table('p',\n    sa.Column('id', sa.Integer(), nullable=False),\n    sa.Column('b', sa.BigInteger(), sa.Identity(always=True)),\n    \
         sa.Column('c', sa.Integer(), sa.Computed('b*2', persisted=True)),\n    sa.Column('u', sa.String(5), unique=True, index=True),\n    \
         sa.Column('n', sa.Unicode(3), server_default=\"it's\", comment='c'),\n    sa.UniqueConstraint('u', 'b'),\n    sa.CheckConstraint('b > 0'),\n    \
         sa.PrimaryKeyConstraint('id', 'b'),\n    comment='x')",
        "CREATE TABLE p (id INTEGER NOT NULL, b BIGINT GENERATED ALWAYS AS IDENTITY, c INTEGER GENERATED ALWAYS AS (b*2) STORED,
             u VARCHAR(5), n VARCHAR(3) DEFAULT 'it''s', PRIMARY KEY (id, b), UNIQUE (u, b), CHECK (b > 0));
         CREATE UNIQUE INDEX ix_p_u ON p (u); COMMENT ON TABLE p IS 'x'; COMMENT ON COLUMN p.n IS 'c';",
    );
    check(
        "op.create_table('user', sa.Column('Order', sa.Integer()), sa.Column('end', sa.Text()))",
        "CREATE TABLE \"user\" (\"Order\" INTEGER, \"end\" TEXT);",
    );
}

/// A whole number that is the only column of the key numbers itself, unless something else gives its values.
#[test]
fn keys_that_number_themselves() {
    let column = |rest: &str| format!("op.create_table('t', sa.Column('id', {rest}))");
    check(&column("sa.Integer, primary_key=True"), "CREATE TABLE t (id SERIAL NOT NULL, PRIMARY KEY (id));");
    check(
        &column("sa.SmallInteger(), primary_key=True"),
        "CREATE TABLE t (id SMALLSERIAL NOT NULL, PRIMARY KEY (id));",
    );
    check(
        &column("sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), primary_key=True"),
        "CREATE TABLE t (id BIGSERIAL NOT NULL, PRIMARY KEY (id));",
    );
    check(
        &column("sa.Integer(), primary_key=True, default=5"),
        "CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id));",
    );
    check(
        &column("sa.Integer(), primary_key=True), sa.Column('b', sa.Integer(), primary_key=True"),
        "CREATE TABLE t (id INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (id, b));",
    );
    check(
        "op.create_table('a', sa.Column('id', sa.Integer, primary_key=True))\n\
         op.create_table('t', sa.Column('id', sa.Integer(), sa.ForeignKey('a.id'), primary_key=True))",
        "CREATE TABLE a (id SERIAL NOT NULL, PRIMARY KEY (id));
         CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES a (id));",
    );
    // Alembic leaves the key of an added column to its author.
    check(
        "op.create_table('t', sa.Column('a', sa.Text))\nop.add_column('t', sa.Column('id', sa.Integer(), primary_key=True))",
        "CREATE TABLE t (a TEXT); ALTER TABLE t ADD COLUMN id SERIAL NOT NULL;",
    );
}

#[test]
fn types() {
    let table =
        |types: &str| format!("op.create_table('t', *[sa.Column(f'c{{n}}', t) for n, t in enumerate([{types}])])");
    check(
        &table(
            "sa.Interval(second_precision=3), sa.Double(), sa.Time(timezone=True), sa.Float(53), sa.PickleType(), sa.DateTime, \
             sa.DateTime(timezone=True), sa.Numeric(10, 2), sa.LargeBinary, sa.JSON(), sa.Uuid(), sa.Boolean",
        ),
        "CREATE TABLE t (c0 INTERVAL (3), c1 DOUBLE PRECISION, c2 TIME WITH TIME ZONE, c3 FLOAT(53), c4 BYTEA, c5 TIMESTAMP WITHOUT TIME ZONE,
             c6 TIMESTAMP WITH TIME ZONE, c7 NUMERIC(10, 2), c8 BYTEA, c9 JSON, c10 UUID, c11 BOOLEAN);",
    );
    check(
        &table(
            "postgresql.JSONB(astext_type=sa.Text()), postgresql.ARRAY(sa.String(3)), postgresql.INET(), postgresql.TSVECTOR(), \
             postgresql.UUID(as_uuid=True), postgresql.TIMESTAMP(timezone=True), postgresql.BIT(4), postgresql.INT4RANGE(), \
             sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), sa.String(5, collation='C'), sa.ARRAY(sa.Integer, dimensions=2)",
        ),
        "CREATE TABLE t (c0 JSONB, c1 VARCHAR(3)[], c2 INET, c3 TSVECTOR, c4 UUID, c5 TIMESTAMP WITH TIME ZONE, c6 BIT(4), c7 INT4RANGE,
             c8 JSONB, c9 VARCHAR(5) COLLATE \"C\", c10 INTEGER[][]);",
    );
}

/// A table makes its enumerations, each once in a run; a column that is added makes none.
#[test]
fn enumerations() {
    check(
        "op.create_table('a', sa.Column('s', sa.Enum('x', 'y', name='st')))\nop.create_table('b', sa.Column('s', sa.Enum('x', 'y', name='st')))",
        "CREATE TYPE st AS ENUM ('x', 'y'); CREATE TABLE a (s st); CREATE TABLE b (s st);",
    );
    check(
        "op.create_table('d', sa.Column('s', sa.ARRAY(sa.Enum('x', 'y', name='st'))))",
        "CREATE TYPE st AS ENUM ('x', 'y'); CREATE TABLE d (s st[]);",
    );
    check(
        "kind = postgresql.ENUM('x', 'y', name='st', create_type=False)\nkind.create(op.get_bind(), checkfirst=True)\n\
         op.create_table('c', sa.Column('s', kind))\nop.add_column('c', sa.Column('t', kind))\nsa.Enum(name='gone').drop(op.get_bind())",
        "CREATE TYPE st AS ENUM ('x', 'y'); CREATE TABLE c (s st, t st);",
    );
    check(
        "op.create_table('e', sa.Column('s', sa.Enum('x', 'yyy', name='a', native_enum=False)), \
         sa.Column('t', sa.Enum('x', 'yyy', name='ck', native_enum=False, create_constraint=True)))",
        "CREATE TABLE e (s VARCHAR(3), t VARCHAR(3), CONSTRAINT ck CHECK (t IN ('x', 'yyy')));",
    );
    let added = upgrade(
        "op.create_table('d', sa.Column('a', sa.Text))\nop.add_column('d', sa.Column('e', sa.Enum('x', name='st')))",
    );
    let states: Vec<_> = target(&added).replay.conflicts.iter().map(|c| c.sqlstate).collect();
    assert_eq!(states, ["42704"]);
}

#[test]
fn altering() {
    let base = "op.create_table('t', sa.Column('a', sa.Text), sa.Column('b', sa.Integer), sa.Column('id', sa.Integer, primary_key=True))\n";
    let sql = "CREATE TABLE t (a TEXT, b INTEGER, id SERIAL NOT NULL, PRIMARY KEY (id));";
    let both = |body: &str, statements: &str| check(&format!("{base}{body}"), &format!("{sql}{statements}"));
    both(
        "op.alter_column('t', 'a', type_=sa.Integer(), nullable=False, server_default='3', new_column_name='z', comment='c', postgresql_using='a::int')",
        "ALTER TABLE t ALTER COLUMN a TYPE INTEGER USING a::int; ALTER TABLE t ALTER COLUMN a SET NOT NULL;
         ALTER TABLE t ALTER COLUMN a SET DEFAULT '3'; COMMENT ON COLUMN t.a IS 'c'; ALTER TABLE t RENAME a TO z;",
    );
    both(
        "with op.batch_alter_table('t', schema=None) as batch_op:\n    batch_op.add_column(sa.Column('c', sa.Integer, sa.ForeignKey('t.id', ondelete='CASCADE'), index=True))\n    \
         batch_op.drop_column('a')\n    batch_op.create_unique_constraint('uq', ['b'])\n    batch_op.create_index(batch_op.f('ix'), ['b'])",
        "ALTER TABLE t ADD COLUMN c INTEGER; ALTER TABLE t ADD FOREIGN KEY(c) REFERENCES t (id) ON DELETE CASCADE; CREATE INDEX ix_t_c ON t (c);
         ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD CONSTRAINT uq UNIQUE (b); CREATE INDEX ix ON t (b);",
    );
    both(
        "op.create_index('ix', 't', ['a', sa.text('lower(a)'), sa.text('b DESC')], unique=True, postgresql_where=sa.text('b > 1'), \
         postgresql_using='btree', postgresql_ops={'a': 'text_pattern_ops'}, if_not_exists=True, postgresql_include=['id'], postgresql_with={'fillfactor': 50})",
        "CREATE UNIQUE INDEX IF NOT EXISTS ix ON t USING btree (a text_pattern_ops, lower(a), b DESC) INCLUDE (id) WITH (fillfactor = 50) WHERE b > 1;",
    );
    both(
        "op.create_foreign_key('fk', 't', 't', ['b'], ['id'], ondelete='SET NULL', onupdate='CASCADE', deferrable=True, initially='DEFERRED', postgresql_not_valid=True)\n\
         op.create_check_constraint('ck', 't', sa.and_(sa.column('b') > 5, sa.func.length(sa.column('a')) != 3))\nop.create_table_comment('t', \"it's\")",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(b) REFERENCES t (id) ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID;
         ALTER TABLE t ADD CONSTRAINT ck CHECK (b > 5 AND length(a) != 3); COMMENT ON TABLE t IS 'it''s';",
    );
    both(
        "op.create_unique_constraint('uq', 't', ['a'])\nop.drop_constraint('uq', 't', type_='unique')\nop.rename_table('t', 'u')\nop.execute('CREATE VIEW v AS SELECT b FROM u')",
        "ALTER TABLE t RENAME TO u; CREATE VIEW v AS SELECT b FROM u;",
    );
}

/// Values that the program computes.
#[test]
fn loops_and_helpers() {
    check(
        "def stamps(*names):\n    return [sa.Column(name, sa.DateTime()) for name in names]\n\
         for table in ('a', 'b'):\n    op.create_table(table, sa.Column('id', sa.Integer, primary_key=True), *stamps('made', 'changed'))\n    \
         op.create_index(f'ix_{table}_made', table, ['made'])\n\
         if op.get_bind().dialect.name == 'mysql':\n    op.drop_table('a')\nelse:\n    op.execute(sa.text('ALTER TABLE %s ADD x int' % 'b'))",
        "CREATE TABLE a (id SERIAL PRIMARY KEY NOT NULL, made TIMESTAMP, changed TIMESTAMP); CREATE INDEX ix_a_made ON a (made);
         CREATE TABLE b (id SERIAL PRIMARY KEY NOT NULL, made TIMESTAMP, changed TIMESTAMP); CREATE INDEX ix_b_made ON b (made);
         ALTER TABLE b ADD x int;",
    );
}

/// Names point into the Python file, through joins and f-strings.
#[test]
fn statements_in_strings_keep_their_places() {
    let body = "table = 'orders'\nop.execute(f'CREATE TABLE {table} (id int);'\n           ' CREATE INDEX ix ON missing (id)')";
    let analysis = upgrade(body);
    let conflict = target(&analysis).replay.conflicts.first().expect("a conflict");
    assert_eq!(analysis.sources.text(conflict.span), Some("missing"));
    let table = target(&analysis).schema().live_tables().find(|(_, t)| t.name == "orders").expect("the table").1;
    assert_eq!(analysis.sources.text(table.name_span), Some("orders"));
}

/// Tests that ask the database: what they ask is known, so the operation is conditional.
#[test]
fn guards() {
    let guard = |test: &str| {
        let body = format!("inspector = sa.inspect(op.get_bind())\nif {test}:\n    op.execute('SELECT 1')");
        let analysis = upgrade(&body);
        let guards = operations(&analysis).last().map(|o| o.guards.to_vec()).unwrap_or_default();
        let text = |g: &relata_core::operation::Guard| {
            let not = if g.negated { "not " } else { "" };
            match &g.test {
                GuardTest::Exists(o) => {
                    let part = o.part.as_ref().map(|p| format!(".{}", p.text)).unwrap_or_default();
                    format!("{not}{} {}{part}", o.kind.name(), o.name.name.text)
                }
                GuardTest::Caught { .. } | GuardTest::Unknown => format!("{not}?"),
            }
        };
        guards.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(guard("inspector.has_table('a')"), "relation a");
    assert_eq!(guard("'a' not in inspector.get_table_names()"), "not table a");
    assert_eq!(guard("'c' in [x['name'] for x in inspector.get_columns('a')]"), "column a.c");
    assert_eq!(guard("'c' not in {x.get('name') for x in inspector.get_columns('a')}"), "not column a.c");
    assert_eq!(guard("not any(i['name'] == 'ix' for i in inspector.get_indexes('a'))"), "not index ix");
    assert_eq!(
        guard("inspector.has_table('a') and 'fk' in [k['name'] for k in inspector.get_foreign_keys('a')]"),
        "relation a, constraint a.fk"
    );
    assert_eq!(
        guard(
            "op.get_bind().execute(sa.text('SELECT 1 FROM information_schema.tables WHERE table_name = :t'), {'t': 'a'}).fetchone() is None"
        ),
        "not relation a"
    );
    assert_eq!(guard("op.get_bind().execute(sa.text('SELECT count(*) FROM a')).scalar() > 5"), "?");
}

/// What a helper answers is looked through, and an early return guards what follows it.
#[test]
fn guards_through_helpers() {
    let text = "import sqlalchemy as sa\nfrom alembic import op, context\nrevision = '1'\ndown_revision = None\n\n\
        def has_column(table, column):\n    bind = op.get_bind()\n    if bind is None or context.is_offline_mode():\n        return False\n    \
        inspector = sa.inspect(bind)\n    if table not in inspector.get_table_names():\n        return False\n    \
        return column in [c['name'] for c in inspector.get_columns(table)]\n\n\
        def upgrade():\n    if has_column('a', 'b'):\n        return\n    op.execute('ALTER TABLE a ADD b int')\n";
    let analysis = read(&[("1.py", text)]);
    let guards: Vec<_> = operations(&analysis).iter().flat_map(|o| o.guards.iter()).collect();
    let [guard] = guards.as_slice() else { panic!("{guards:?}") };
    assert!(guard.negated);
    assert!(matches!(&guard.test, GuardTest::Exists(o) if o.part.as_ref().is_some_and(|p| p.text == "b")), "{guard:?}");
}

/// What only a run would know is a problem at its line, and the rest is read.
#[test]
fn what_is_not_known_is_told() {
    let analysis = upgrade(
        "for fk in sa.inspect(op.get_bind()).get_foreign_keys('t'):\n    op.drop_constraint(fk['name'], 't')\n\
         op.execute(open('schema.sql').read())\nop.create_table('t', sa.Column('a', Custom()), sa.Column('b', sa.Text))\n\
         op.get_bind().execute(sa.select(1))",
    );
    assert_eq!(
        problems(&analysis),
        [
            ("opaque-statement", "fk['name']"),
            ("opaque-statement", "open('schema.sql').read()"),
            ("opaque-statement", "Custom()")
        ]
    );
    let table = target(&analysis).schema().live_tables().find(|(_, t)| t.name == "t").expect("the table").1;
    assert_eq!(table.live_columns().count(), 2);
}

/// A file and the places of its parents.
type Revision = (String, Vec<u32>);

/// The graph: merges, labels, dependencies, ids that come twice and parents that are missing.
#[test]
fn the_graph_orders_revisions() {
    let file = |id: &str, rest: &str| {
        format!("'''Add {id}\n\nCreate Date: 2024-01-02\n'''\nrevision = '{id}'\n{rest}\ndef upgrade(): pass\n")
    };
    let (d, a, b, c, e) = (
        file("d", "down_revision = ('b', 'c')"),
        file("a", "down_revision: str | None = None\nbranch_labels = ('main',)"),
        file("b", "down_revision = 'a'"),
        file("c", "down_revision = 'a'\ndepends_on = ['b']"),
        file("b", "down_revision = 'gone'"),
    );
    let analysis = read(&[
        ("v/1_d.py", &d),
        ("v/2_a.py", &a),
        ("v/3_b.py", &b),
        ("v/0_c.py", &c),
        ("v/4_b.py", &e),
        ("other/x.py", &a),
    ]);
    let targets: Vec<(String, Vec<Revision>)> = analysis
        .targets
        .iter()
        .map(|t| {
            let revisions =
                t.history.revisions.iter().map(|r| (analysis.sources.name(r.file).to_owned(), r.parents.clone()));
            (t.target.layout.clone(), revisions.collect())
        })
        .collect();
    let revision = |name: &str, parents: &[u32]| -> Revision { (name.to_owned(), parents.to_vec()) };
    assert_eq!(
        targets,
        [
            ("alembic".to_owned(), vec![revision("other/x.py", &[])]),
            (
                "alembic".to_owned(),
                vec![
                    revision("v/2_a.py", &[]),
                    revision("v/3_b.py", &[0]),
                    revision("v/4_b.py", &[]),
                    revision("v/0_c.py", &[0]),
                    revision("v/1_d.py", &[1, 2, 3]),
                ]
            )
        ]
    );
    let merge = analysis.targets[1].history.revisions.last().expect("the merge");
    assert_eq!((merge.message.as_deref(), merge.created.as_deref()), (Some("Add d"), Some("2024-01-02")));
    let named: Vec<_> = merge.down_revisions.iter().map(|n| (n.text.as_str(), analysis.sources.text(n.span))).collect();
    assert_eq!(named, [("b", Some("b")), ("c", Some("c"))]);
}

const CONVENTION: &str = r#"{
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}"#;

const NAMED: &str = r#"import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table(
        "owner",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mail", sa.String(), unique=True),
        sa.Column("name", sa.String(), index=True),
        sa.CheckConstraint("id > 0", name="positive"),
        sa.CheckConstraint("id < 9", name=op.f("as_it_is")),
    )
    op.create_table(
        "pet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("owner.id", ondelete="CASCADE")),
        sa.Column("tag", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tag", "owner_id"),
        sa.UniqueConstraint("tag", name="given"),
    )
    op.create_table("toy", sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer()))
    op.create_primary_key(None, "toy", ["a"])
    op.create_unique_constraint(None, "toy", ["b"])
    op.create_foreign_key(None, "toy", "pet", ["b"], ["id"])
    op.create_check_constraint("small", "toy", "b < 7")
    op.create_index(None, "toy", ["b", "a"])
    op.add_column("toy", sa.Column("c", sa.Integer(), sa.ForeignKey("owner.id"), unique=True))
    op.add_column("toy", sa.Column("d", sa.Integer(), index=True))
    op.create_check_constraint("gone", "toy", "b < 9")
    op.drop_constraint("gone", "toy", type_="check")
    op.drop_constraint(op.f("fk_pet_owner_id_owner"), "pet", type_="foreignkey")
    with op.batch_alter_table("pet") as batch:
        batch.create_foreign_key(None, "owner", ["owner_id"], ["id"])
        batch.create_unique_constraint(None, ["owner_id"])
    op.create_unique_constraint(
        op.f("uq_a_name_that_is_much_longer_than_what_the_server_takes_and_is_cut_by_the_library"), "pet", ["id", "tag"]
    )


def downgrade():
    pass
"#;

/// What `alembic upgrade head --sql` prints for it with that convention.
const NAMED_SQL: &str = "CREATE TABLE owner (id SERIAL NOT NULL, mail VARCHAR, name VARCHAR, CONSTRAINT pk_owner PRIMARY KEY (id),
    CONSTRAINT ck_owner_positive CHECK (id > 0), CONSTRAINT as_it_is CHECK (id < 9), CONSTRAINT uq_owner_mail UNIQUE (mail));
CREATE INDEX ix_owner_name ON owner (name);
CREATE TABLE pet (id SERIAL NOT NULL, owner_id INTEGER, tag INTEGER, CONSTRAINT pk_pet PRIMARY KEY (id),
    CONSTRAINT uq_pet_tag UNIQUE (tag, owner_id), CONSTRAINT given UNIQUE (tag));
CREATE TABLE toy (a INTEGER, b INTEGER);
ALTER TABLE toy ADD CONSTRAINT pk_toy PRIMARY KEY (a);
ALTER TABLE toy ADD CONSTRAINT uq_toy_b UNIQUE (b);
ALTER TABLE toy ADD CONSTRAINT fk_toy_b_pet FOREIGN KEY(b) REFERENCES pet (id);
ALTER TABLE toy ADD CONSTRAINT ck_toy_small CHECK (b < 7);
CREATE INDEX ix_toy_b ON toy (b, a);
ALTER TABLE toy ADD COLUMN c INTEGER;
ALTER TABLE toy ADD CONSTRAINT uq_toy_c UNIQUE (c);
ALTER TABLE toy ADD CONSTRAINT fk_toy_c_owner FOREIGN KEY(c) REFERENCES owner (id);
ALTER TABLE toy ADD COLUMN d INTEGER;
CREATE INDEX ix_toy_d ON toy (d);
ALTER TABLE pet ADD CONSTRAINT fk_pet_owner_id_owner FOREIGN KEY(owner_id) REFERENCES owner (id);
ALTER TABLE pet ADD CONSTRAINT uq_pet_owner_id UNIQUE (owner_id);
ALTER TABLE pet ADD CONSTRAINT uq_a_name_that_is_much_longer_than_what_the_server_take_2a9b UNIQUE (id, tag);";

/// The convention is that of the metadata which `env.py` configures, wherever that is made.
#[test]
fn names_by_convention() {
    let env = |imports: &str, target: &str| {
        format!(
            "from alembic import context\n{imports}\n\n\ndef run_migrations_offline():\n    context.configure(url='x', literal_binds=True)\n\n\n\
             def do_run(connection):\n    context.configure(connection=connection, target_metadata={target})\n    with context.begin_transaction():\n        \
             context.run_migrations()\n\n\nasync def run_async():\n    async with engine.connect() as connection:\n        await connection.run_sync(do_run)\n\n\n\
             if context.is_offline_mode():\n    run_migrations_offline()\nelse:\n    asyncio.run(run_async())\n"
        )
    };
    let script = read(&[("1.sql", &format!("{VERSION_TABLE}\n{NAMED_SQL}"))]);
    let declarative = format!(
        "from sqlalchemy import MetaData\nfrom sqlalchemy.orm import DeclarativeBase\n\nclass Base(DeclarativeBase):\n    metadata = MetaData(naming_convention={CONVENTION})\n"
    );
    let flask = format!(
        "from flask_sqlalchemy import SQLAlchemy\nfrom sqlalchemy import MetaData\n\ndb = SQLAlchemy(metadata=MetaData(naming_convention={CONVENTION}))\n"
    );
    let sqlmodel = format!("from sqlmodel import SQLModel\n\nSQLModel.metadata.naming_convention = {CONVENTION}\n");
    for (base, imports, target_metadata) in [
        (&declarative, "from app.base import Base", "Base.metadata"),
        (&declarative, "from app import base\n\ntarget_metadata = base.Base.metadata", "target_metadata"),
        (
            &flask,
            "from flask import current_app\n\ndef get_metadata():\n    return current_app.extensions['migrate'].db.metadata",
            "get_metadata()",
        ),
        (&sqlmodel, "from sqlmodel import SQLModel\nimport app.base", "SQLModel.metadata"),
    ] {
        let env = env(imports, target_metadata);
        let analysis = read(&[("app/base.py", base), ("mig/env.py", &env), ("mig/versions/1.py", NAMED)]);
        let found = target(&analysis);
        assert_eq!(found.replay.conflicts, [], "{imports}");
        assert_eq!(catalog(found.schema()), catalog(target(&script).schema()), "{imports}");
    }
}

/// However many modules name a convention, those that the environment imports are read.
#[test]
fn many_modules_that_name_a_convention() {
    let others: Vec<(String, &str)> =
        (0..700).map(|n| (format!("other/m{n}.py"), "naming_convention = None\n")).collect();
    let names = format!("CONVENTION = {CONVENTION}\n");
    let mut files: Vec<(&str, &str)> = others.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    files.extend([
        ("app/names.py", names.as_str()),
        ("app/base.py", "from sqlalchemy import MetaData\nfrom app.names import CONVENTION\nmetadata = MetaData(naming_convention=CONVENTION)\n"),
        ("mig/env.py", "from alembic import context\nfrom app.base import metadata\ncontext.configure(connection=c, target_metadata=metadata)\n"),
        ("mig/versions/1.py", NAMED),
    ]);
    let script = read(&[("1.sql", &format!("{VERSION_TABLE}\n{NAMED_SQL}"))]);
    assert_eq!(catalog(target(&read(&files)).schema()), catalog(target(&script).schema()));
}

/// `EnvironmentContext.configure`: one transaction for a run, unless it says that each revision has its own; and the table of versions.
#[test]
fn what_the_environment_configures() {
    let transaction = |analysis: &Analysis| target(analysis).history.revisions.first().map(|r| r.transaction);
    let alone = upgrade("op.drop_table('t')");
    assert_eq!(transaction(&alone), Some(RunnerTransaction::PerRun));
    let env = "from alembic import context\ncontext.configure(connection=c, transaction_per_migration=True, version_table='steps', version_table_schema='meta')\n";
    let body = revision("op.execute('CREATE TABLE t (id int)')");
    let with = read(&[("mig/env.py", env), ("mig/versions/1.py", &body)]);
    assert_eq!(transaction(&with), Some(RunnerTransaction::PerFile));
    let named = |name: &str| target(&with).schema().live_tables().any(|(_, t)| t.name == name);
    // The schema is one that nobody makes here: what PostgreSQL would say of it.
    let refused: Vec<&str> = target(&with).replay.conflicts.iter().map(|c| c.message.as_str()).collect();
    assert_eq!((refused, named("t"), named("alembic_version")), (vec!["schema \"meta\" does not exist"], true, false));
}

/// What `env.py` executes itself is there before the first revision: a schema, a search path for each session, a table of versions with room for longer names.
#[test]
fn what_the_environment_executes() {
    let env = "from alembic import context\nfrom sqlalchemy import text\n\n\ndef run(engine):\n    with engine.connect() as connection:\n        \
               connection.execute(text('CREATE SCHEMA IF NOT EXISTS app'))\n        \
               connection.execute(text('CREATE TABLE IF NOT EXISTS app.alembic_version (version_num VARCHAR(255) PRIMARY KEY)'))\n        \
               context.configure(connection=connection, version_table_schema='app')\n        \
               with context.begin_transaction():\n            context.execute('SET search_path TO app, public')\n            \
               context.run_migrations()\n\n\nrun(None)\n";
    let body = revision("op.execute('CREATE TABLE t (id int)')");
    let found = read(&[("mig/env.py", env), ("mig/versions/1.py", &body)]);
    let script = "CREATE SCHEMA app; CREATE TABLE app.alembic_version (version_num VARCHAR(255) PRIMARY KEY); CREATE TABLE app.t (id int);";
    assert_eq!(target(&found).replay.conflicts, []);
    assert_eq!(catalog(target(&found).schema()), catalog(target(&read(&[("1.sql", script)])).schema()));
}

/// A key with `use_alter` is added once both tables are there, which `op.create_table` leaves to the revision.
#[test]
fn keys_that_are_added_later() {
    check(
        "op.create_table('a', sa.Column('id', sa.Integer, primary_key=True), sa.Column('b', sa.Integer),\n    \
         sa.ForeignKeyConstraint(['b'], ['b.id'], name='later', use_alter=True))\n\
         op.create_table('b', sa.Column('id', sa.Integer, primary_key=True))",
        "CREATE TABLE a (id SERIAL NOT NULL, b INTEGER, PRIMARY KEY (id)); CREATE TABLE b (id SERIAL NOT NULL, PRIMARY KEY (id));",
    );
}

/// A type of the project's own, reached through the package that was imported whole.
#[test]
fn types_through_a_package() {
    let body = revision("op.create_table('t', sa.Column('a', app.db.types.Json()))")
        .replace("import sqlalchemy as sa", "import app\nimport sqlalchemy as sa");
    let types = "from sqlalchemy.dialects import postgresql\nfrom sqlalchemy.types import TypeDecorator\n\nclass Json(TypeDecorator):\n    impl = postgresql.JSONB\n";
    let found = read(&[("src/app/db/types.py", types), ("versions/1.py", &body)]);
    let script = read(&[("1.sql", &format!("{VERSION_TABLE}\nCREATE TABLE t (a JSONB);"))]);
    assert_eq!(found.problems, []);
    assert_eq!(catalog(target(&found).schema()), catalog(target(&script).schema()));
}

/// Bad input costs what it stands in, is bounded, and is told.
#[test]
fn bad_input() {
    let table = "op.create_table('kept', sa.Column('id', sa.Integer))";
    let kinds = |body: &str| {
        let analysis = upgrade(&format!("{body}\n{table}"));
        let kept = target(&analysis).schema().live_tables().any(|(_, t)| t.name == "kept");
        assert!(kept, "{body}");
        analysis.problems.iter().map(|p| p.kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("print 'hello'"), ["syntax-error"]);
    assert_eq!(kinds("raise ValueError, 'old'"), ["syntax-error"]);
    assert_eq!(kinds("x = (1,\n\ndef later():\n    pass"), ["syntax-error"]);
    assert_eq!(kinds("if True:\n\tx = 1\n    y = 2"), ["syntax-error"]);
    assert_eq!(kinds("for n in range(10**9):\n    op.execute('DROP TABLE t')"), ["limit-exceeded"]);
    assert_eq!(kinds("def walk(n):\n    return walk(n + 1)\nwalk(0)"), ["limit-exceeded"]);
    assert_eq!(kinds(&format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000))), ["syntax-error"]);
    assert_eq!(kinds(&format!("x = {}", vec!["'a'"; 20_000].join(" + "))), [""; 0]);
    assert_eq!(kinds("x = ['a']\nfor n in range(60):\n    x = x + x"), ["limit-exceeded"]);
    assert_eq!(kinds("x = 'a' * 10**12"), ["limit-exceeded"]);
    // 50,000 lines.
    assert_eq!(kinds(&"x = [1, 'two', f'{3}']\n".repeat(50_000)), [""; 0]);
}

/// The schema of the table of versions is nothing unless `env.py` configures it (`MigrationContext.version_table_schema`), and then what it configures.
#[test]
fn schema_of_the_version_table() {
    let body = "schema = context.get_context().version_table_schema or ''\n\
                prefix = context.get_context().version_table_schema + '.' if context.get_context().version_table_schema else ''\n\
                op.create_table('t', sa.Column('a', sa.Integer()), schema=schema)\n\
                op.execute('ALTER TABLE ' + prefix + 't ADD COLUMN b text')";
    check(body, "CREATE TABLE t (a integer, b text);");
    let environment = "from alembic import context\n\n\ndef run(connection):\n    \
                       context.configure(connection=connection, version_table_schema='own')\n\n\nrun(None)\n";
    let configured = read(&[("env.py", environment), ("versions/1.py", &revision(body))]);
    let made = format!("{:?}", operations(&configured).iter().map(|o| &o.kind).collect::<Vec<_>>());
    assert_eq!(made.matches("own").count(), 2, "{made}");
}

/// The class of the dialect is PostgreSQL's; that of another database is another class.
#[test]
fn class_of_the_dialect() {
    check(
        "from sqlalchemy.dialects.mysql.base import MySQLDialect\nfrom sqlalchemy.dialects.postgresql.base import PGDialect\n\
         bind = op.get_bind()\n\
         if isinstance(bind.dialect, MySQLDialect):\n    op.execute('ALTER TABLE t MODIFY a mediumtext')\n\
         if isinstance(bind.dialect, (MySQLDialect, PGDialect)):\n    op.create_table('t', sa.Column('a', sa.Text()))\n\
         if bind.engine.url.get_backend_name() == 'postgresql':\n    op.add_column('t', sa.Column('b', sa.Text()))",
        "CREATE TABLE t (a text, b text);",
    );
}

/// Elements chosen by what the database has: each operation runs under the test of its own element.
#[test]
fn elements_chosen_by_the_database() {
    for choose in [
        "chosen = []\nfor name in ('a', 'b'):\n    if not sa.inspect(op.get_bind()).has_table(name):\n        chosen.append(name)",
        "chosen = [name for name in ('a', 'b') if not sa.inspect(op.get_bind()).has_table(name)]",
    ] {
        let body = format!(
            "op.create_table('a', sa.Column('id', sa.Integer()))\n{choose}\nfor name in chosen:\n    \
             op.create_table(name, sa.Column('id', sa.Integer()), sa.Column('more', sa.Integer()))"
        );
        check(&body, "CREATE TABLE a (id integer); CREATE TABLE b (id integer, more integer);");
    }
}

/// An expression of which a part is not known is not known; it is no syntax error.
#[test]
fn expressions_with_unknown_parts() {
    let analysis = upgrade(
        "op.create_table('t', sa.Column('a', sa.Integer()))\nparts = load()\n\
         op.create_check_constraint('c', 't', sa.or_(*parts))",
    );
    assert_eq!(problems(&analysis).iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ["opaque-statement"]);
}

/// SQLAlchemy raises a `CompileError` for a constraint without a name, unless a convention makes one: `fk_t_` is what Alembic 1.20 writes.
#[test]
fn constraints_dropped_without_a_name() {
    let body = "op.drop_constraint(None, 't', type_='foreignkey')";
    let analysis = upgrade(body);
    let messages: Vec<&str> = analysis.problems.iter().map(|p| p.message.as_str()).collect();
    assert!(matches!(messages.as_slice(), [only] if only.contains("CompileError")), "{messages:?}");
    let environment = "import sqlalchemy as sa\nfrom alembic import context\n\n\
                       metadata = sa.MetaData(naming_convention={'fk': 'fk_%(table_name)s_%(column_0_name)s'})\n\n\
                       def run(connection):\n    context.configure(connection=connection, target_metadata=metadata)\n\n\nrun(None)\n";
    let body = format!(
        "op.create_table('t', sa.Column('a', sa.Integer(), primary_key=True))\n\
         op.create_foreign_key('fk_t_', 't', 't', ['a'], ['a'])\n{body}"
    );
    let named = read(&[("env.py", environment), ("versions/1.py", &revision(&body))]);
    assert!(named.problems.iter().all(|p| p.kind.name() == "not-a-schema"), "{:?}", named.problems);
    assert!(!catalog(target(&named).schema()).to_string().contains("fk_t_"));
}

/// A metadata among the columns is taken and does nothing: `Table` sees an item of a schema in it.
#[test]
fn metadata_among_the_columns() {
    check("op.create_table('t', sa.MetaData(), sa.Column('a', sa.Integer()))", "CREATE TABLE t (a integer);");
}

/// A query changes nothing, wherever the table or the session comes from.
#[test]
fn queries_of_tables_from_elsewhere() {
    check(
        "from app.db import load_table, Session\nusers = load_table('users')\n\
         for row in op.get_bind().execute(users.select()):\n    print(row)\n\
         for row in op.get_bind().execute(Session().query(users)):\n    print(row)",
        "",
    );
}

/// `ChoiceType` of SQLAlchemy-Utils keeps its choices as text unless it is told otherwise.
#[test]
fn choices_of_sqlalchemy_utils() {
    check(
        "import sqlalchemy_utils\nop.create_table('t',\n    sa.Column('a', sqlalchemy_utils.types.choice.ChoiceType([('x', 'X')])),\n    \
         sa.Column('b', sqlalchemy_utils.ChoiceType([(1, 'X')], impl=sa.Integer())))",
        "CREATE TABLE t (a varchar(255), b integer);",
    );
}

/// Types of packages that are built on SQLAlchemy, as `.compile(dialect=postgresql.dialect())` writes them.
#[test]
fn types_of_other_packages() {
    check(
        "import citext, fastapi_users_db_sqlalchemy, sqlalchemy_json, sqlalchemy_utils\nop.create_table('t',\n    \
         sa.Column('a', sqlalchemy_utils.types.encrypted.encrypted_type.StringEncryptedType()),\n    \
         sa.Column('b', sqlalchemy_utils.EmailType()), sa.Column('c', sqlalchemy_utils.PasswordType()),\n    \
         sa.Column('d', citext.CIText()), sa.Column('e', sqlalchemy_json.NestedMutableJson()),\n    \
         sa.Column('f', fastapi_users_db_sqlalchemy.generics.TIMESTAMPAware(timezone=True)))",
        "CREATE TABLE t (a varchar, b varchar(255), c bytea, d citext, e json, f timestamptz);",
    );
}

/// `CheckConstraint` and `ForeignKeyConstraint` take their names by place, too.
#[test]
fn names_by_place() {
    check(
        "op.create_table('t', sa.Column('a', sa.Integer(), sa.CheckConstraint('a > 0', 'positive'), primary_key=True),\n    \
         sa.Column('b', sa.Integer()), sa.ForeignKeyConstraint(['b'], ['t.a'], 'own'), sa.CheckConstraint('b > a', 'more'))",
        "CREATE TABLE t (a serial CONSTRAINT positive CHECK (a > 0), b integer, PRIMARY KEY (a),
             CONSTRAINT own FOREIGN KEY (b) REFERENCES t (a), CONSTRAINT more CHECK (b > a));",
    );
}

/// The name comes from the database, the key is known all the same: a table has one.
#[test]
fn primary_key_by_the_name_that_the_database_gives() {
    check(
        "op.create_table('t', sa.Column('a', sa.Text(), nullable=False), sa.Column('b', sa.Integer(), nullable=False), sa.PrimaryKeyConstraint('a'))\n\
         inspector = sa.inspect(op.get_bind())\nkey = inspector.get_pk_constraint('t')\n\
         op.drop_constraint(key['name'], 't', type_='primary')\nop.create_primary_key('k', 't', ['b'])",
        "CREATE TABLE t (a text NOT NULL, b integer NOT NULL, CONSTRAINT k PRIMARY KEY (b));",
    );
}

/// What is dropped by an unknown name may be what stands in the way later: no conflict is claimed.
#[test]
fn conflicts_behind_unknown_drops() {
    for body in [
        "op.create_table('t', sa.Column('a', sa.Integer(), primary_key=True), sa.Column('b', sa.Integer()), sa.UniqueConstraint('b', name='u'))\n\
         for found in op.get_bind().execute('SELECT conname FROM pg_constraint').fetchall():\n    op.drop_constraint(found[0], 't', type_='unique')\n\
         op.create_unique_constraint('u', 't', ['b'])",
        "op.execute(\"CREATE TYPE k AS ENUM ('a')\")\nop.create_table('t', sa.Column('a', postgresql.ENUM('a', name='k', create_type=False)))\n\
         labels = [row[0] for row in op.get_bind().execute('SELECT unnest(enum_range(NULL::k))')]\n\
         op.execute('ALTER TYPE k RENAME TO k_old')\nop.execute(f\"CREATE TYPE k AS ENUM ({', '.join(labels)})\")\n\
         op.execute('ALTER TABLE t ALTER COLUMN a TYPE k USING a::text::k')\nop.execute('DROP TYPE k_old')",
    ] {
        let analysis = upgrade(body);
        assert_eq!(target(&analysis).replay.conflicts, [], "{body}");
        assert!(!analysis.problems.is_empty(), "{body}");
    }
}

/// A convention that stands in a file that was not given may give any name.
#[test]
fn names_by_a_convention_that_was_not_given() {
    let env = "from alembic import context\nfrom app.models import Base\n\n\ndef run(connection):\n    \
               context.configure(connection=connection, target_metadata=Base.metadata)\n\n\nrun(None)\n";
    let body = "op.create_table('t', sa.Column('a', sa.Integer()), sa.UniqueConstraint('a'))\n\
                op.drop_constraint('uq_t_a', 't', type_='unique')";
    let unknown = read(&[("env.py", env), ("versions/1.py", &revision(body))]);
    assert_eq!(target(&unknown).replay.conflicts, []);
    // Without a convention PostgreSQL calls it `t_a_key`.
    let alone = upgrade(body);
    assert_eq!(target(&alone).replay.conflicts.iter().map(|c| c.sqlstate).collect::<Vec<_>>(), ["42704"]);
    // Nor where `env.py` gives none.
    let none = env.replace("Base.metadata", "None");
    let none = read(&[("env.py", &none), ("versions/1.py", &revision(body))]);
    assert_eq!(target(&none).replay.conflicts.iter().map(|c| c.sqlstate).collect::<Vec<_>>(), ["42704"]);
}

/// A connection has its dialect; a column whose expression is not known is one all the same.
#[test]
fn what_is_known_of_a_connection() {
    check(
        "bind = op.get_bind()\ndialect = bind.dialect.name if hasattr(bind, 'dialect') else None\n\
         op.create_table('t', sa.Column('a', sa.Integer()), sa.UniqueConstraint('a', name='u' if dialect == 'sqlite' else 'v'))",
        "CREATE TABLE t (a integer, CONSTRAINT v UNIQUE (a));",
    );
    let analysis = upgrade(
        "op.create_table('t', sa.Column('m', sa.JSON()), sa.Column('a', sa.Text(), sa.Computed(load(), persisted=True), unique=True))",
    );
    assert_eq!(target(&analysis).replay.conflicts, []);
    assert!(catalog(target(&analysis).schema()).to_string().contains("t_a_key"));
}

/// Names that a migration takes from SQLAlchemy's inspector are those that the history has led to, at that place of the migration. One inspector
/// remembers what it has answered: the key that was dropped is still in its list. Alembic 1.16 and SQLAlchemy 2.0 leave this in PostgreSQL 15.
#[test]
fn names_from_the_inspector() {
    check(
        "op.create_table('o', sa.Column('id', sa.Integer(), primary_key=True))
op.create_table('t', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('o_id', sa.Integer(), sa.ForeignKey('o.id')),
    sa.Column('c', sa.Text()), sa.UniqueConstraint('c'), sa.Index('ix_c', 'c'))
inspector = sa.inspect(op.get_bind())
keys = inspector.get_foreign_keys('t')
name = next((k['name'] for k in keys if k['constrained_columns'] == ['o_id'] and k['referred_table'] == 'o'), None)
op.drop_constraint(name, 't', type_='foreignkey')
for key in inspector.get_foreign_keys('t'):
    op.create_foreign_key(key['name'] + '_new', 't', key['referred_table'], key['constrained_columns'], key['referred_columns'])
for unique in sa.inspect(op.get_bind()).get_unique_constraints('t'):
    if set(unique['column_names']) == {'c'}:
        op.drop_constraint(unique['name'], 't', type_='unique')
op.execute('ALTER TABLE t DROP CONSTRAINT ' + inspector.get_pk_constraint('t')['name'])
op.create_primary_key('key', 't', inspector.get_pk_constraint('t')['constrained_columns'])
for index in inspector.get_indexes('t'):
    if not index['unique']:
        op.execute(f\"ALTER INDEX {index['name']} RENAME TO {index['name']}_old\")",
        "CREATE TABLE o (id serial PRIMARY KEY);
         CREATE TABLE t (id serial CONSTRAINT key PRIMARY KEY, o_id integer CONSTRAINT t_o_id_fkey_new REFERENCES o (id), c text);
         CREATE INDEX ix_c_old ON t (c);",
    );
}

/// A key that PostgreSQL leaves out, since the primary key has the same columns, is in no list; then the name of the primary key, which is the
/// key's, is taken.
#[test]
fn keys_that_postgresql_makes_one() {
    let analysis = upgrade(
        "op.create_table('t', sa.Column('a', sa.Integer(), primary_key=True), sa.UniqueConstraint('a', name='u'))\n\
         for found in sa.inspect(op.get_bind()).get_unique_constraints('t'):\n    op.drop_constraint(found['name'], 't', type_='unique')\n\
         op.create_unique_constraint('u', 't', ['a'])",
    );
    let messages: Vec<&str> = target(&analysis).replay.conflicts.iter().map(|c| c.message.as_str()).collect();
    assert_eq!(messages, [r#"relation "u" already exists"#]);
}

/// Alembic calls `upgrade` with what `run_migrations` was given: with nothing, as a rule.
#[test]
fn parameters_of_upgrade() {
    let text = "import sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\n\n\
        def upgrade(prefix='', **options):\n    op.create_table(prefix + 't', sa.Column('a', sa.Integer()))\n";
    let analysis = read(&[("1.py", text)]);
    assert_eq!(problems(&analysis), []);
    assert!(target(&analysis).schema().live_tables().any(|(_, t)| t.name == "t"));
}

/// A collation is the column's: PostgreSQL reads it behind the brackets.
#[test]
fn arrays_with_a_collation() {
    check(
        "op.create_table('t', sa.Column('a', postgresql.ARRAY(sa.String(length=5, collation='C'))))",
        "CREATE TABLE t (a varchar(5)[] COLLATE \"C\");",
    );
}

/// `dialect.identifier_preparer.quote` quotes what needs it.
#[test]
fn names_quoted_by_the_dialect() {
    check(
        "quote = op.get_bind().engine.dialect.identifier_preparer.quote\n\
         op.execute(f\"CREATE TABLE {quote('order')} ({quote('a')} integer, {quote('b c')} integer)\")",
        "CREATE TABLE \"order\" (a integer, \"b c\" integer);",
    );
}

/// `create_all` makes what was declared and is not there; a table that is read from the database (`autoload_with`) is.
#[test]
fn metadata_made_in_the_migration() {
    check(
        "op.create_table('t', sa.Column('a', sa.Integer()))
metadata = sa.MetaData()
metadata.create_all(op.get_bind())
t = sa.Table('t', metadata, autoload_with=op.get_bind())
more = sa.MetaData()
sa.Table('t', more, sa.Column('b', sa.Integer()))
sa.Table('u', more, sa.Column('c', sa.Integer(), index=True))
more.create_all(op.get_bind())",
        "CREATE TABLE t (a integer); CREATE TABLE u (c integer); CREATE INDEX ix_u_c ON u (c);",
    );
}

/// A table that is read from the database has the columns that it has there: keys to it have their types, and its types can be given to others.
/// Alembic 1.20 and SQLAlchemy 2.0 leave this in PostgreSQL 15.
#[test]
fn tables_read_from_the_database() {
    check(
        "op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('code', sa.String(12), unique=True))
bind = op.get_bind()
meta = sa.MetaData()
users = sa.Table('users', meta, autoload_with=bind)
posts = sa.Table('posts', meta,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('user_id', sa.ForeignKey('users.id', ondelete='CASCADE'), nullable=False),
    sa.Column('user_code', sa.ForeignKey(users.c.code)))
posts.create(bind)
tags = sa.Table('tags', meta,
    sa.Column('id', users.c.id.type, primary_key=True, autoincrement=False),
    sa.Column('code', users.c['code'].type, nullable=False),
    sa.Column('user', sa.ForeignKey(posts.c.id), index=True))
tags.create(bind)",
        "CREATE TABLE users (id bigserial PRIMARY KEY, code varchar(12) UNIQUE);
         CREATE TABLE posts (id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
             user_code varchar(12) REFERENCES users (code));
         CREATE TABLE tags (id bigint PRIMARY KEY, code varchar(12) NOT NULL, \"user\" integer REFERENCES posts (id));
         CREATE INDEX ix_tags_user ON tags (\"user\");",
    );
}

/// A type that stands behind many imports, and is made from the names that Flask-SQLAlchemy's object has.
#[test]
fn types_behind_deep_imports() {
    let mut files: Vec<(String, String)> =
        (0..200).map(|n| (format!("app/m{n}.py"), format!("from app.m{} import Moment\n", n + 1))).collect();
    files.push((
        "app/m200.py".to_owned(),
        "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n\n\nclass Moment(db.TypeDecorator):\n    impl = db.DateTime\n".to_owned(),
    ));
    files.push((
        "versions/1.py".to_owned(),
        "import sqlalchemy as sa\nimport app.m0\nfrom alembic import op\nrevision = '1'\ndown_revision = None\n\n\
         def upgrade():\n    op.create_table('t', sa.Column('a', app.m0.Moment()))\n"
            .to_owned(),
    ));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let analysis = read(&files);
    assert_eq!(problems(&analysis), []);
    let script = read(&[("1.sql", &format!("{VERSION_TABLE}\nCREATE TABLE t (a timestamp);"))]);
    assert_eq!(catalog(target(&analysis).schema()), catalog(target(&script).schema()));
}

/// Alembic's template `multidb`: https://github.com/sqlalchemy/alembic, `alembic/templates/multidb/script.py.mako`; Flask-Migrate has the same.
#[test]
fn each_of_several_databases_is_a_target() {
    let text = "from alembic import op\nimport sqlalchemy as sa\nrevision = '1'\ndown_revision = None\n\n\
        def upgrade(engine_name: str) -> None:\n    globals()[\"upgrade_%s\" % engine_name]()\n\n\
        def downgrade(engine_name):\n    eval(\"downgrade_%s\" % engine_name)()\n\n\
        def upgrade_():\n    op.create_table('users', sa.Column('id', sa.Integer()))\n\n\
        def downgrade_():\n    op.drop_table('users')\n\n\
        def upgrade_logs():\n    op.create_table('entries', sa.Column('id', sa.Integer()))\n\n\
        def downgrade_logs():\n    op.drop_table('entries')\n";
    let analysis = read(&[("versions/1.py", text)]);
    assert_eq!(problems(&analysis), []);
    let tables = |t: &TargetAnalysis| t.schema().tables.iter().map(|(_, t)| t.name.to_string()).collect::<Vec<_>>();
    let found: Vec<_> = analysis.targets.iter().map(tables).collect();
    assert_eq!(found, [["alembic_version", "users"], ["alembic_version", "entries"]]);
    for target in &analysis.targets {
        assert_eq!(target.history.revisions.iter().map(|r| r.down.len()).collect::<Vec<_>>(), [1]);
    }
    // A helper that is called like one is none.
    let text = "from alembic import op\nimport sqlalchemy as sa\nrevision = '1'\ndown_revision = None\n\n\
        def upgrade(again=False):\n    upgrade_users()\n\ndef downgrade():\n    op.drop_table('users')\n\n\
        def upgrade_users():\n    op.create_table('users', sa.Column('id', sa.Integer()))\n";
    let analysis = read(&[("versions/1.py", text)]);
    assert_eq!(analysis.targets.iter().map(tables).collect::<Vec<_>>(), [["alembic_version", "users"]]);
}

#[test]
fn a_function_that_only_a_run_would_name_is_told() {
    let text = "revision = '1'\ndown_revision = None\n\ndef upgrade(name):\n    globals()[\"do_%s\" % name]()\n\n\
        def do_it():\n    pass\n";
    assert_eq!(problems(&read(&[("1.py", text)])), [("opaque-statement", "globals()[\"do_%s\" % name]()")]);
    let text = "from somewhere import helpers, make\nrevision = '1'\ndown_revision = None\n\ndef upgrade():\n    helpers.make_tables()\n    make()\n";
    assert_eq!(
        problems(&read(&[("1.py", text)])),
        [("opaque-statement", "helpers.make_tables()"), ("opaque-statement", "make()")]
    );
}
