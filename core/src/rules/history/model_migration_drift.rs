use std::collections::BTreeSet;

use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::name::{Name, quote};
use crate::operation::ObjectKind;
use crate::order::Order;
use crate::rules::support::{list, number_of_tables};
use crate::rules::{Category, Context, Findings, Other, Rule};
use crate::schema::{
    BaseType, Column, ColumnNumber, ConstraintKind, Index, Key, KeyTarget, ObjectId, Schema, Table, TypeKind,
};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "model-migration-drift",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "The models, or a schema file, and what the migrations lead to disagree on a table, column, type, index, unique constraint or foreign key.",
    why: "The program reads and writes what its models say; the database has what the migrations made. A column that only the models have fails \
          at the first query, one that only the migrations have is never filled, and the next migration that is generated changes what nobody \
          asked for. `alembic check` finds the same with a running database. A file that shows the whole schema beside its migrations is compared, \
          too: whoever reads it, or sets a new database up from it, gets another schema.",
    fires: examples![
        "# file: versions/1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('name', sa.String(20)))\ndef downgrade():\n    op.drop_table('users')\n# file: models.py\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nclass Base(DeclarativeBase):\n    pass\nclass User(Base):\n    __tablename__ = \"«users»\"\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str]\n",
        "# file: versions/1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True))\ndef downgrade():\n    op.drop_table('users')\n# file: models.py\nfrom sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass User(Base):\n    __tablename__ = \"users\"\n    id = Column(Integer, primary_key=True)\nclass Order(Base):\n    __tablename__ = \"«orders»\"\n    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey(\"users.id\"))\n",
        // A value that only the models know.
        "# file: versions/1_pay.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('payments', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('method', sa.Enum('card', 'cash', name='method')))\ndef downgrade():\n    op.drop_table('payments')\n    op.execute('DROP TYPE method')\n# file: models.py\nfrom sqlalchemy import Column, Enum, Integer\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass Payment(Base):\n    __tablename__ = \"«payments»\"\n    id = Column(Integer, primary_key=True)\n    method = Column(Enum(\"card\", \"cash\", \"voucher\", name=\"method\"))\n",
        // A schema file that nobody kept up.
        "-- file: supabase/migrations/20240101000000_a.sql\nCREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);\nCREATE TABLE notes (id bigint PRIMARY KEY, body text);\n-- file: supabase/migrations/20240102000000_b.sql\nALTER TABLE users ADD COLUMN name text;\n-- file: supabase/schema.sql\nCREATE TABLE «users» (id bigint PRIMARY KEY, mail text NOT NULL);\nCREATE TABLE notes (id bigint PRIMARY KEY, body text);\n",
    ],
    silent: examples![
        // A schema file that leaves indexes out altogether.
        "-- file: supabase/migrations/20240101000000_a.sql\nCREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);\n-- file: supabase/migrations/20240102000000_b.sql\nCREATE INDEX users_mail ON users (mail);\nCREATE UNIQUE INDEX users_one_mail ON users (mail);\n-- file: supabase/schema.sql\nCREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);\n",
        "# file: versions/1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), nullable=False), sa.Column('name', sa.String(20), nullable=False), sa.PrimaryKeyConstraint('id'))\n    op.create_index('ix_users_name', 'users', ['name'])\ndef downgrade():\n    op.drop_table('users')\n# file: models.py\nfrom sqlalchemy import String\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nclass Base(DeclarativeBase):\n    pass\nclass User(Base):\n    __tablename__ = \"users\"\n    id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str] = mapped_column(String(20), index=True)\n",
        // Older versions of SQLModel give a moment no time zone; and a table that the models read from the database.
        "# file: versions/1_notes.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('note', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('made', sa.DateTime(), nullable=False))\n    op.create_table('tags', sa.Column('id', sa.Integer(), primary_key=True))\ndef downgrade():\n    op.drop_table('tags')\n    op.drop_table('note')\n# file: models.py\nfrom datetime import datetime\nfrom sqlalchemy import Table\nfrom sqlmodel import Field, SQLModel\nfrom db import engine\nclass Note(SQLModel, table=True):\n    id: int = Field(primary_key=True)\n    made: datetime\ntags = Table('tags', SQLModel.metadata, autoload_with=engine)\n",
        // What the class adds that stands elsewhere, and the older rows that SQLAlchemy-Continuum keeps.
        "# file: versions/1_notes.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('made', sa.DateTime()), sa.Column('text', sa.Text()))\n    op.create_table('notes_version', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('text', sa.Text()), sa.Column('transaction_id', sa.BigInteger(), primary_key=True), sa.Column('operation_type', sa.SmallInteger()))\n    op.create_table('marks', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('note_id', sa.Integer(), sa.ForeignKey('notes.id')))\ndef downgrade():\n    op.drop_table('marks')\n    op.drop_table('notes_version')\n    op.drop_table('notes')\n# file: models.py\nfrom sqlalchemy import Column, ForeignKey, Integer, Text\nfrom sqlalchemy.orm import declarative_base\nfrom other.parts import Numbered\nBase = declarative_base()\nclass Note(Numbered, Base):\n    __tablename__ = \"notes\"\n    __versioned__ = {}\n    text = Column(Text)\nclass Mark(Base):\n    __tablename__ = \"marks\"\n    id = Column(Integer, primary_key=True)\n    note_id = Column(Integer, ForeignKey(Note.id))\n",
        // A length that the program's configuration says, and a precision that the type has anyway.
        "# file: versions/1_runs.py\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('runs', sa.Column('name', sa.String(40), primary_key=True), sa.Column('took', sa.Interval()))\ndef downgrade():\n    op.drop_table('runs')\n# file: models.py\nfrom sqlalchemy import Column, Interval, String\nfrom sqlalchemy.orm import declarative_base\nfrom app.config import CONF\nBase = declarative_base()\nclass Run(Base):\n    __tablename__ = \"runs\"\n    name = Column(String(CONF.length), primary_key=True)\n    took = Column(Interval(second_precision=6))\n",
        // Two tables of one name, each in its schema; and a type without one.
        "# file: versions/1_prices.py\nimport sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import postgresql\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.execute('CREATE SCHEMA a')\n    op.execute('CREATE SCHEMA b')\n    op.execute(\"CREATE TYPE a.kind AS ENUM ('x', 'y')\")\n    op.create_table('prices', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('kind', postgresql.ENUM('x', 'y', name='kind', schema='a', create_type=False)), schema='a')\n    op.create_table('prices', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('at', sa.Date()), schema='b')\ndef downgrade():\n    op.execute('DROP SCHEMA b CASCADE')\n    op.execute('DROP SCHEMA a CASCADE')\n# file: models.py\nfrom sqlalchemy import Column, Date, Enum, Integer\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass A(Base):\n    __tablename__ = \"prices\"\n    __table_args__ = {\"schema\": \"a\"}\n    id = Column(Integer, primary_key=True)\n    kind = Column(Enum(\"x\", \"y\", name=\"kind\"))\nclass B(Base):\n    __tablename__ = \"prices\"\n    __table_args__ = {\"schema\": \"b\"}\n    id = Column(Integer, primary_key=True)\n    at = Column(Date)\n",
    ],
    supersedes: &[],
    check,
};

/// How many tables that no migration makes are told each by itself.
const MANY: usize = 12;

/// How many columns a finding names beside its table; its message tells of all.
const MAX_COLUMNS: usize = 7;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !matches!(cx.target.role, Role::Models | Role::Dump) {
        return;
    }
    let shared = |schema: &Schema, other: &Schema| {
        schema.live_tables().filter(|(_, t)| find(other, schema, t).is_some()).count()
    };
    let histories = cx.others.iter().filter(|o| o.target.role == Role::History);
    let Some((other, common)) =
        histories.map(|o| (o, shared(cx.schema, &o.replay.schema))).filter(|(_, n)| *n > 0).max_by_key(|(_, n)| *n)
    else {
        return;
    };
    // A few tables by themselves are no picture of the whole.
    let size = |schema: &Schema| schema.live_tables().filter(|(_, t)| !t.assumed).count();
    if cx.target.role == Role::Dump
        && (common * 2 < size(cx.schema)
            || common * 2 < size(&other.replay.schema)
            || cx.target.dialect != other.target.dialect)
    {
        return;
    }
    // Older copies of models, as migrations keep them, are not what the program runs on.
    let models = cx.others.iter().filter(|o| o.target.role == Role::Models);
    if models.map(|o| shared(&o.replay.schema, &other.replay.schema)).any(|n| n > common) {
        return;
    }
    compare(cx, other, common, out);
}

fn compare(cx: &Context<'_>, other: &Other<'_>, common: usize, out: &mut Findings<'_>) {
    let history = &other.replay.schema;
    let models = cx.target.role == Role::Models;
    let whose = if models { &MODELS } else { &FILE };
    // No program runs on a file.
    let severity = if models { RULE.severity } else { Severity::Medium };
    let indexed = models || cx.schema.live_tables().any(|(_, t)| !indexes(cx.schema, t).is_empty());
    // Several programs may share a database, and models of one may stand without the others': a table apart is told where most are in both.
    let all =
        |schema: &Schema| schema.live_tables().filter(|(_, t)| !is_the_tools(t) && t.partition_of.is_none()).count();
    let (ours, theirs) = (all(cx.schema), all(history));
    // A history that makes few of the tables goes on from a schema that something else made.
    let unmade: Vec<_> = cx.schema.live_tables().filter(|(_, t)| find(history, cx.schema, t).is_none()).collect();
    let few = unmade.len() * 2 > ours && common * 2 >= theirs;
    let goes_on = unmade.len() > MANY || unmade.len() > 3 && (few || other.history.partial);
    if let Some((first, table)) = unmade.first().filter(|_| goes_on) {
        let message = format!(
            "No migration makes `{}` and {} other of the {} that {} {}.",
            cx.table_name(*first),
            unmade.len() - 1,
            number_of_tables(ours),
            whose.name,
            whose.define
        );
        let such = if models { ", such as `create_all`" } else { "" };
        out.report(ObjectId::Table(*first), table.name_span, message)
            .severity(severity)
            .evidence(format!("The history seems to go on from a schema that something else made{such}."));
    }
    for (id, table) in cx.schema.live_tables() {
        out.look();
        let Some(made) = find(history, cx.schema, table) else {
            if !goes_on && common * 2 >= ours.min(theirs) {
                let message =
                    format!("No migration makes `{}`, which {} {}.", cx.table_name(id), whose.name, whose.define);
                out.report(ObjectId::Table(id), table.name_span, message).severity(severity);
            }
            continue;
        };
        let unsure = |column: &Column| {
            let unsure = &cx.history.zone_by_version;
            unsure.iter().any(|(of, name)| of == table.name.as_str() && name == column.name.as_str())
        };
        let unsure_type = |column: &Column| {
            let unsure = &cx.history.unsure_types;
            unsure.iter().any(|(of, name)| of == table.name.as_str() && name == column.name.as_str())
        };
        let open_tables = &cx.history.open_tables;
        let sides = Sides { own: cx.schema, history, whose, indexed, open: cx.is_open(table), open_tables };
        let (differences, columns, harmless) = sides.differences(table, made, &unsure, &unsure_type);
        if differences.is_empty() {
            continue;
        }
        // A program does not notice them; the next migration that is generated does.
        let severity = if harmless { Severity::Medium } else { severity };
        let message = format!(
            "`{}` is not the same in {} and after the migrations: {}.",
            cx.table_name(id),
            whose.name,
            differences.join("; ")
        );
        let column = |name: &Name| Subject::new(ObjectKind::Column, format!("{}.{}", cx.table_sql(id), quote(name)));
        // Whoever accepted that a table differs did so whatever its columns are.
        let draft = out
            .report(ObjectId::Table(id), table.name_span, message)
            .severity(severity)
            .also_at(made.name_span)
            .compared_with([]);
        let _ = columns.iter().take(MAX_COLUMNS).fold(draft, |draft, name| draft.maybe_subject(Some(column(name))));
    }
    if common * 2 < theirs {
        return;
    }
    for (id, table) in history.live_tables() {
        if is_the_tools(table) || table.partition_of.is_some() || find(cx.schema, history, table).is_some() {
            continue;
        }
        // One that the models read from the database they have, too.
        if cx.history.reflected.iter().any(|name| name == table.name.as_str()) {
            continue;
        }
        if is_version_of_a_model(cx.schema, table) {
            continue;
        }
        let path = history.path(ObjectId::Table(id));
        let message = format!(
            "The migrations make `{}`, which {} {} not define.",
            path.trim_start_matches("public."),
            whose.name,
            whose.do_not
        );
        let place: Span = table.name_span;
        out.report_about(Subject::new(ObjectKind::Table, path), place, message).severity(severity);
    }
}

/// What the side that is no history is called, and the verbs that go with it.
struct Whose {
    name: &'static str,
    define: &'static str,
    have: &'static str,
    /// In front of "not".
    do_not: &'static str,
}

const MODELS: Whose = Whose { name: "the models", define: "define", have: "have", do_not: "do" };
const FILE: Whose = Whose { name: "the schema file", define: "defines", have: "has", do_not: "does" };

/// The table in which a tool notes what has run.
fn is_the_tools(table: &Table) -> bool {
    table.name.starts_with("alembic_version")
}

/// Whether SQLAlchemy-Continuum keeps older rows of a model in a table, which models have only where the program calls `make_versioned`. Source:
/// `sqlalchemy_continuum/table_builder.py` and its default options.
fn is_version_of_a_model(models: &Schema, table: &Table) -> bool {
    let Some(stem) = table.name.strip_suffix("_version") else { return false };
    let has = |column: &str| table.find_column(&Name::new(column)).is_some();
    has("transaction_id") && has("operation_type") && models.live_tables().any(|(_, t)| t.name == stem)
}

/// The table that is meant by one of another schema: the same schema and name, or the name alone where one side says no other schema for it.
fn find<'a>(schema: &'a Schema, of: &Schema, table: &Table) -> Option<&'a Table> {
    let named = |t: &Table, schema: &Schema| schema.namespaces.get(t.namespace).map(|n| n.name.clone());
    let (own, mut like) = (named(table, of), schema.live_tables().filter(|(_, t)| t.name == table.name));
    let first = like.next().map(|(_, t)| t)?;
    let Some((_, second)) = like.next() else {
        // Two here of which there is one there: the other has its own.
        let twin = of.live_tables().any(|(_, t)| t.name == table.name && t.namespace != table.namespace);
        return (!twin || named(first, schema) == own).then_some(first);
    };
    [first, second].into_iter().chain(like.map(|(_, t)| t)).find(|t| named(t, schema) == own)
}

/// What is compared.
struct Sides<'s> {
    /// What the models or the schema file define.
    own: &'s Schema,
    history: &'s Schema,
    whose: &'static Whose,
    /// Whether they have indexes at all.
    indexed: bool,
    /// Whether the table may have more than they say: then nothing is missing there.
    open: bool,
    /// All tables of which that holds.
    open_tables: &'s [String],
}

impl Sides<'_> {
    /// In what two tables differ, in words; the columns that are not the same; and whether all that differs is that the database has more room for
    /// values than the models say, and indexes.
    fn differences(
        &self,
        ours: &Table,
        theirs: &Table,
        unsure: &dyn Fn(&Column) -> bool,
        unsure_type: &dyn Fn(&Column) -> bool,
    ) -> (Vec<String>, BTreeSet<Name>, bool) {
        let mut harmless = 0;
        let Self { own, history, whose: Whose { name: whose, .. }, indexed, .. } = *self;
        let mut out = Vec::new();
        let columns = |t: &Table| -> BTreeSet<Name> { t.live_columns().map(|(_, c)| c.name.clone()).collect() };
        let (here, there) = (columns(ours), columns(theirs));
        self.apart("the column", &here, &there, &mut out);
        let here_alone = here.difference(&there);
        let there_alone = there.difference(&here).filter(|_| !self.open);
        let mut differing: BTreeSet<Name> = here_alone.chain(there_alone).cloned().collect();
        for (_, column) in ours.live_columns() {
            let Some(other) = theirs.find_column(&column.name).and_then(|n| theirs.column(n)) else { continue };
            let told = out.len();
            let (wanted, made) = (plainly(column.data_type.display(own)), plainly(other.data_type.display(history)));
            // What a type is may be said in files that were not given.
            let known = |text: &str| !text.contains('"') && text != "unknown";
            // Whether it has a time zone, the version of the library decides.
            let by_version = unsure_type(column)
                || unsure(column) && wanted.starts_with("timestamp") && made.starts_with("timestamp");
            if without_schema(&wanted) != without_schema(&made) && known(&wanted) && known(&made) && !by_version {
                harmless += usize::from(has_room(&wanted, &made));
                out.push(format!("`{}` is `{wanted}` in {whose} and `{made}` after the migrations", column.name));
            }
            if let (Some(ours), Some(theirs)) = (labels(own, column), labels(history, other)) {
                self.apart(&format!("as a value of `{}`", column.name), &ours, &theirs, &mut out);
            }
            if column.not_null != other.not_null {
                let words = |not_null: bool| if not_null { "NOT NULL" } else { "nullable" };
                let (here, there) = (words(column.not_null), words(other.not_null));
                out.push(format!("`{}` is {here} in {whose} and {there} after the migrations", column.name));
            }
            if out.len() > told {
                differing.insert(column.name.clone());
            }
        }
        if indexed {
            let told = out.len();
            self.apart("the index", &indexes(own, ours), &indexes(history, theirs), &mut out);
            harmless += out.len() - told;
        }
        let uniques = |schema, table| uniques(schema, table, indexed);
        self.apart("the unique constraint on", &uniques(own, ours), &uniques(history, theirs), &mut out);
        let (mut here, mut there) = (references(own, ours), references(history, theirs));
        // A key to what is not known of another table the models have, and it was left out; and what another's revisions make, another's models define.
        let is_told = |key: &Name| {
            let open = |target: &str| self.open_tables.iter().any(|t| t == target);
            let defined = |target: &str| own.live_tables().any(|(_, t)| t.name == target && !t.assumed);
            key.rsplit_once(" to ").is_some_and(|(_, target)| defined(target) && !open(target))
        };
        here.retain(is_told);
        there.retain(is_told);
        self.apart("the foreign key from", &here, &there, &mut out);
        let one = here.symmetric_difference(&there).filter_map(|key| key.split_once(" to ").map(|(from, _)| from));
        differing
            .extend(one.filter_map(|from| ours.find_column(from)).filter_map(|c| Some(ours.column(c)?.name.clone())));
        let harmless = harmless == out.len();
        (out, differing, harmless)
    }

    /// What one side has and the other has not.
    fn apart(&self, what: &str, ours: &BTreeSet<Name>, theirs: &BTreeSet<Name>, out: &mut Vec<String>) {
        let ticks = |names: Vec<&Name>| list(&names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>());
        let (more, less): (Vec<&Name>, Vec<&Name>) =
            (ours.difference(theirs).collect(), theirs.difference(ours).collect());
        if !more.is_empty() {
            out.push(format!("only {} {} {what} {}", self.whose.name, self.whose.have, ticks(more)));
        }
        if !less.is_empty() && !self.open {
            out.push(format!("only the migrations have {what} {}", ticks(less)));
        }
    }
}

/// A type as it is said, without a precision that is what it has anyway.
fn plainly(data_type: String) -> String {
    match data_type.split_once("(6)") {
        Some((before, after)) if matches!(before, "interval" | "timestamp" | "time") => format!("{before}{after}"),
        _ => data_type,
    }
}

/// Whether every value of a type is one of another, which is of its family.
fn has_room(narrow: &str, wide: &str) -> bool {
    const NUMBERS: &[&str] = &["smallint", "integer", "bigint"];
    let rank = |t: &str| NUMBERS.iter().position(|n| *n == t);
    match (rank(narrow), rank(wide)) {
        (Some(narrow), Some(wide)) => narrow < wide,
        _ => narrow.starts_with("character varying") && matches!(wide, "character varying" | "text"),
    }
}

/// The values of a column of an enumeration.
fn labels(schema: &Schema, column: &Column) -> Option<BTreeSet<Name>> {
    let BaseType::User(id) = &column.data_type.base else { return None };
    match &schema.types.get(*id)?.kind {
        TypeKind::Enum(labels) => Some(labels.iter().map(|(label, _)| Name::new(label.as_str())).collect()),
        _ => None,
    }
}

/// A type without the schema that it stands in: models seldom say one, and the search path of whoever runs the migrations gives it.
fn without_schema(data_type: &str) -> &str {
    let name = data_type.split('(').next().unwrap_or_default();
    name.rfind('.').map_or(data_type, |dot| data_type.get(dot + 1..).unwrap_or_default())
}

/// Indexes by name. A unique index does what a unique constraint does, and is told with them.
fn indexes(schema: &Schema, table: &Table) -> BTreeSet<Name> {
    let plain = schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none() && !is_unique(i));
    plain.map(|(_, i)| i.name.clone()).collect()
}

fn is_unique(index: &Index) -> bool {
    index.unique && index.predicate.is_none() && index.keys.iter().all(|k| key_column(k).is_some())
}

fn key_column(key: &Key) -> Option<ColumnNumber> {
    match key.target {
        KeyTarget::Column(column) => Some(column),
        KeyTarget::Expression(_) => None,
    }
}

/// What is unique, by columns; by constraints alone where indexes are left out.
fn uniques(schema: &Schema, table: &Table, indexed: bool) -> BTreeSet<Name> {
    let found =
        schema.indexes_of(table).filter(|(_, i)| is_unique(i) && !i.primary && (indexed || i.constraint.is_some()));
    found
        .map(|(_, i)| {
            let mut names: Vec<&str> =
                i.keys.iter().filter_map(|k| Some(table.column(key_column(k)?)?.name.as_str())).collect();
            names.order();
            Name::new(names.join(", "))
        })
        .collect()
}

/// Foreign keys by columns and what they refer to.
fn references(schema: &Schema, table: &Table) -> BTreeSet<Name> {
    let mut out = BTreeSet::new();
    for (_, constraint) in schema.constraints_of(table) {
        let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
        let Some(target) = schema.tables.get(key.references) else { continue };
        let names: Vec<&str> =
            constraint.columns.iter().filter_map(|c| Some(table.column(*c)?.name.as_str())).collect();
        out.insert(Name::new(format!("{} to {}", names.join(", "), target.name)));
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::session::{Options, analyze};

    #[test]
    fn room_that_only_the_database_has_is_no_danger() {
        let migration = "import sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('name', sa.String(), nullable=False))\n    op.create_index('users_name', 'users', ['name'])\n";
        for (id, name, severity) in [
            ("Integer", "String(20), nullable=False", Severity::Medium),
            ("BigInteger", "Text, nullable=False", Severity::High),
            ("BigInteger", "String(20)", Severity::High),
        ] {
            let models = format!(
                "from sqlalchemy import BigInteger, Column, Integer, String, Text\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass User(Base):\n    __tablename__ = 'users'\n    id = Column({id}, primary_key=True)\n    name = Column({name})\n"
            );
            let files = [("versions/1_users.py", migration.as_bytes()), ("models.py", models.as_bytes())];
            let analysis = analyze(files, Options::default());
            let found =
                analysis.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == "model-migration-drift");
            assert_eq!(found.map(|f| f.severity).collect::<Vec<_>>(), [severity], "{id}, {name}");
        }
    }
}
