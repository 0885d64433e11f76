//! Models, documents and schema files beside the history that makes the schema they speak of: what is wrong with a table is told once, of the table
//! that is really made.

use std::collections::BTreeSet;

use super::{Checked, Context};
use crate::analysis::Role;
use crate::finding::{Certainty, Finding, Severity, Subject};
use crate::name::Name;
use crate::rules::Category;
use crate::schema::{ColumnNumber, Constraint, ConstraintKind, Index, KeyTarget, ObjectId, Schema, Table, TableId};

/// Drops what was found in models, a document or a schema file of things that a history or a dump beside them makes as well. There the same rules
/// see the whole: the indexes, checks and triggers that models leave out and a document does not list. What the two disagree on is told by the rules
/// that compare them. A rule that had something to say and now says nothing has cleared nobody. Gives how many were dropped.
pub(crate) fn drop_echoes(cx: &Context<'_>, findings: &mut Vec<Finding>, checked: &mut [Checked]) -> usize {
    let beside: &[Role] = match cx.target.role {
        Role::Models | Role::Document => &[Role::History, Role::Dump],
        Role::Dump => &[Role::History],
        Role::History => return 0,
    };
    let all = |schema: &Schema| schema.live_tables().filter(|(_, t)| !t.assumed).count();
    let own = all(cx.schema);
    let mut made = BTreeSet::new();
    for other in cx.others.iter().filter(|o| beside.contains(&o.target.role)) {
        // A few scripts beside the models of everything are not what the database is made by.
        if all(&other.replay.schema) * 2 >= own {
            note_made(cx.schema, &other.replay.schema, &mut made);
        }
    }
    if made.is_empty() {
        return 0;
    }
    let is_echo = |f: &Finding| {
        let of_state = !f.rule.category.is_of_migrations() && f.rule.category != Category::Documentation;
        // What the server refuses of them, they have wrong themselves.
        let refused = f.severity == Severity::Critical && f.certainty == Certainty::Proven;
        let own = refused || OF_THE_PROGRAM.contains(&f.rule.name);
        // Of two tables that do not fit together the other one may be known here alone.
        of_state && !own && f.objects.iter().all(|s| made.contains(s))
    };
    let echoing: BTreeSet<&str> = findings.iter().filter(|f| is_echo(f)).map(|f| f.rule.name).collect();
    let before = findings.len();
    findings.retain(|f| !is_echo(f));
    for entry in checked.iter_mut().filter(|entry| echoing.contains(entry.rule.name)) {
        let left = findings.iter().filter(|f| f.rule.name == entry.rule.name).count();
        entry.findings = u32::try_from(left).unwrap_or(u32::MAX);
        entry.objects = 0;
    }
    before - findings.len()
}

/// Rules about how a program uses its tables, which no database shows.
const OF_THE_PROGRAM: &[&str] = &["relationship-lazy-default"];

/// The objects of a schema that another makes as well: tables of the same name, with those of their columns, keys, checks and indexes that both have.
fn note_made(own: &Schema, other: &Schema, made: &mut BTreeSet<Subject>) {
    let subject = |id: ObjectId| Subject { kind: own.kind(id), path: own.path(id) };
    for (id, table) in own.live_tables() {
        let Some((_, theirs)) = counterpart(own, table, other) else { continue };
        made.insert(subject(ObjectId::Table(id)));
        for (number, column) in table.live_columns() {
            if theirs.find_column(&column.name).is_some() {
                made.insert(subject(ObjectId::Column(id, number)));
            }
        }
        for (at, constraint) in own.constraints_of(table) {
            let shape = constraint_shape(table, constraint);
            let key = foreign_key(own, table, constraint);
            // A document says which table a column refers to, and not that the tenant is compared, too.
            let holds = |c: &Constraint| match (&key, foreign_key(other, theirs, c)) {
                (Some((target, columns)), Some((same, more))) => *target == same && columns.is_subset(&more),
                _ => false,
            };
            let alike = |c: &Constraint| c.name == constraint.name || constraint_shape(theirs, c) == shape || holds(c);
            if other.constraints_of(theirs).any(|(_, c)| alike(c)) {
                made.insert(subject(ObjectId::Constraint(at)));
            }
        }
        for (at, index) in own.indexes_of(table) {
            let keys = index_columns(table, index);
            let alike = |i: &Index| i.name == index.name || keys.is_some() && index_columns(theirs, i) == keys;
            if other.indexes_of(theirs).any(|(_, i)| alike(i)) {
                made.insert(subject(ObjectId::Index(at)));
            }
        }
    }
    // What is made outside of both, as a platform's tables are.
    let outside = |t: &Table| t.assumed && other.tables.iter().any(|(_, o)| o.assumed && o.name == t.name);
    for (id, _) in own.tables.iter().filter(|(_, t)| outside(t)) {
        made.insert(subject(ObjectId::Table(id)));
    }
    let types: BTreeSet<&Name> =
        other.types.iter().filter(|(_, t)| t.dropped.is_none()).map(|(_, t)| &t.name).collect();
    for (id, _) in own.types.iter().filter(|(_, t)| types.contains(&t.name)) {
        made.insert(subject(ObjectId::Type(id)));
    }
    // Also those that only the other makes: then something does.
    for (id, _) in other.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
        let id = ObjectId::Extension(id);
        made.insert(Subject { kind: other.kind(id), path: other.path(id) });
    }
}

/// The table of another schema that is the same: of its schema and name, or the only one of its name.
pub(super) fn counterpart<'s>(own: &Schema, table: &Table, other: &'s Schema) -> Option<(TableId, &'s Table)> {
    let home = |schema: &Schema, t: &Table| schema.namespaces.get(t.namespace).map(|n| n.name.clone());
    let like: Vec<_> = other.live_tables().filter(|(_, t)| t.name == table.name && !t.assumed).collect();
    match like.as_slice() {
        [only] => Some(*only),
        several => several.iter().copied().find(|(_, t)| home(other, t) == home(own, table)),
    }
}

/// What tells one constraint of a table from another, whatever its name: its kind and columns.
fn constraint_shape(table: &Table, constraint: &Constraint) -> Option<(u8, BTreeSet<Name>)> {
    let kind = match &constraint.kind {
        ConstraintKind::PrimaryKey => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::ForeignKey(_) => 2,
        // Two checks of one column may demand quite different things.
        ConstraintKind::Check(_) | ConstraintKind::Exclude { .. } => return None,
    };
    Some((kind, names(table, constraint.columns.iter().copied())))
}

/// The table that a foreign key refers to, by its name, and the columns that it compares.
fn foreign_key<'s>(schema: &'s Schema, table: &Table, constraint: &Constraint) -> Option<(&'s Name, BTreeSet<Name>)> {
    let ConstraintKind::ForeignKey(fk) = &constraint.kind else { return None };
    Some((&schema.tables.get(fk.references)?.name, names(table, constraint.columns.iter().copied())))
}

/// The columns of an index that is over columns only, with whether it is unique.
fn index_columns(table: &Table, index: &Index) -> Option<(bool, Vec<Name>)> {
    if index.predicate.is_some() {
        return None;
    }
    let of = |key: &crate::schema::Key| match &key.target {
        KeyTarget::Column(number) => table.column(*number).map(|c| c.name.clone()),
        KeyTarget::Expression(_) => None,
    };
    Some((index.unique, index.keys.iter().map(of).collect::<Option<Vec<_>>>()?))
}

fn names(table: &Table, columns: impl Iterator<Item = ColumnNumber>) -> BTreeSet<Name> {
    columns.filter_map(|n| table.column(n)).map(|c| c.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::Analysis;
    use crate::analysis::Role;
    use crate::finding::Finding;
    use crate::session::{Options, analyze};

    fn analyse(files: &[(&str, &str)]) -> Analysis {
        analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
    }

    const HISTORY: &str = "import sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\n\ndef upgrade():\n    \
        op.create_table('teams', sa.Column('id', sa.Integer(), primary_key=True))\n    \
        op.create_table('people', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('team_id', sa.Integer(), sa.ForeignKey('teams.id')), \
        sa.Column('role', sa.String(10), sa.CheckConstraint(\"role IN ('a', 'b')\")))\n    \
        op.create_index('ix_people_team', 'people', ['team_id'])\n\ndef downgrade():\n    op.drop_table('people')\n    op.drop_table('teams')\n";
    const MODELS: &str = "from sqlalchemy import Column, ForeignKey, Integer, String\nfrom sqlalchemy.orm import declarative_base\n\
        Base = declarative_base()\n\nclass Team(Base):\n    __tablename__ = 'teams'\n    id = Column(Integer, primary_key=True)\n\n\
        class Person(Base):\n    __tablename__ = 'people'\n    id = Column(Integer, primary_key=True)\n    \
        team_id = Column(ForeignKey('teams.id'))\n    role = Column(String(10))\n    boss_id = Column(ForeignKey('people.id'))\n";

    fn of_models(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let analysis = analyse(files);
        let models = analysis.targets.iter().find(|t| t.target.role == Role::Models).expect("models");
        models.findings.iter().map(|f| (f.rule.name.to_owned(), f.objects[0].path.clone())).collect()
    }

    #[test]
    fn a_document_is_not_blamed_for_a_key_that_compares_more() {
        let sql = "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE rooms (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, UNIQUE (org_id, id));\n\
            CREATE TABLE beds (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, room_id bigint NOT NULL, FOREIGN KEY (org_id, room_id) REFERENCES rooms (org_id, id));\n";
        let section = |name: &str, rows: &str| {
            format!(
                "## Table: {name}\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | bigint | PK |\n{rows}\n"
            )
        };
        let org = "| org_id | bigint | NOT NULL, FK orgs(id) |\n";
        let document = ["# Schema\n\n".to_owned(), section("orgs", ""), section("rooms", org)].concat()
            + &section("beds", &format!("{org}| room_id | bigint | NOT NULL, FK rooms(id) |\n"));
        let told = |column: &str, files: &[(&str, &str)]| {
            let analysis = analyse(files);
            let document = analysis.targets.iter().find(|t| t.target.role == Role::Document).expect("document");
            let of_key = |f: &&Finding| {
                f.rule.name == "foreign-key-not-indexed" && f.objects[0].path.contains(&format!("beds_{column}"))
            };
            document.findings.iter().filter(of_key).count()
        };
        assert_eq!(told("room_id", &[("schema.md", &document)]), 1);
        assert_eq!(told("room_id", &[("schema.md", &document), ("db/schema.sql", sql)]), 0);
        // A wider key to another table holds no key to this one.
        let sql = sql.replace("org_id bigint NOT NULL REFERENCES orgs, room_id", "org_id bigint NOT NULL, room_id");
        assert_eq!(told("org_id", &[("schema.md", &document), ("db/schema.sql", &sql)]), 1);
    }

    #[test]
    fn models_are_not_blamed_for_what_the_migrations_have() {
        let unindexed = |found: &[(String, String)], column: &str| {
            found.iter().any(|(rule, path)| rule == "foreign-key-not-indexed" && path.contains(column))
        };
        let alone = of_models(&[("models.py", MODELS)]);
        assert!(unindexed(&alone, "team_id"), "{alone:?}");
        let beside = of_models(&[("models.py", MODELS), ("versions/1_a.py", HISTORY)]);
        assert!(!unindexed(&beside, "team_id"), "the migrations make the index: {beside:?}");
        assert!(!beside.iter().any(|(rule, _)| rule == "enum-like-text-unchecked"), "and the check: {beside:?}");
        assert!(unindexed(&beside, "boss_id"), "only the models have that column: {beside:?}");
        assert!(beside.iter().any(|(rule, _)| rule == "model-migration-drift"), "the difference is told: {beside:?}");
    }

    #[test]
    fn a_rule_that_said_something_clears_nobody() {
        let analysis = analyse(&[("models.py", MODELS), ("versions/1_a.py", HISTORY)]);
        let models = analysis.targets.iter().find(|t| t.target.role == Role::Models).expect("models");
        let looked = |name: &str| models.checked.iter().find(|c| c.rule.name == name).map(|c| (c.objects, c.findings));
        assert_eq!(looked("enum-like-text-unchecked"), Some((0, 0)));
    }

    #[test]
    fn a_schema_file_beside_its_migrations_is_compared_with_them_and_not_judged_again() {
        let made = "CREATE EXTENSION citext;\nCREATE TABLE teams (id bigint PRIMARY KEY, name citext);\n\
                    CREATE TABLE people (id bigint PRIMARY KEY, team_id bigint REFERENCES teams, born timestamp);";
        let shown = "CREATE TABLE teams (id bigint PRIMARY KEY, name citext);\n\
                     CREATE TABLE people (id bigint PRIMARY KEY, team_id bigint REFERENCES teams, born timestamp, died timestamp);";
        let analysis = analyse(&[
            ("supabase/migrations/20240101000000_a.sql", made),
            ("supabase/migrations/20240102000000_b.sql", "CREATE INDEX ON people (born);"),
            ("supabase/schema.sql", shown),
        ]);
        let target = |role: Role| analysis.targets.iter().find(|t| t.target.role == role).unwrap();
        let told = |role: Role| {
            let of = |f: &Finding| (f.rule.name, f.objects.first().map_or("", |s| s.path.as_str()).to_owned());
            target(role).findings.iter().map(of).collect::<Vec<_>>()
        };
        let dump = told(Role::Dump);
        assert!(dump.contains(&("model-migration-drift", "public.people".to_owned())), "{dump:?}");
        // What the migrations make is judged there.
        for (rule, path) in [
            ("foreign-key-not-indexed", "public.people.people_team_id_fkey"),
            ("timestamp-without-time-zone", "public.people.born"),
        ] {
            let told_of = |found: &[(&str, String)]| found.iter().any(|(r, p)| *r == rule && p == path);
            assert!(told_of(&told(Role::History)) && !told_of(&dump), "{rule}: {dump:?}");
        }
        // That is the file's own, and so is judged here; the extension is made by the migrations.
        assert!(dump.contains(&("timestamp-without-time-zone", "public.people.died".to_owned())), "{dump:?}");
        assert!(dump.iter().all(|(rule, _)| *rule != "extension-not-created"), "{dump:?}");
        assert!(target(Role::Dump).score.not_scored.is_some() && target(Role::History).score.not_scored.is_none());
    }
}
