//! The order of files that have none of their own: tables, keys, indexes, triggers in separate files. A file comes after the files that define
//! what it uses; ties and circles go by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{Expr, Query, Tree};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::*;
use crate::replay::{make_object_name, serial};

/// The places of `files` (name and operations, sorted by name) in an order in which each finds what it needs.
pub fn order(files: &[(&str, &[Operation])]) -> Vec<usize> {
    let mut scans: Vec<Scan> = files.iter().map(|(_, operations)| Scan::of(operations)).collect();
    let mut definers: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, scan) in scans.iter().enumerate() {
        for key in &scan.defines {
            definers.entry(key.clone()).or_default().push(index);
            if !key.1.is_empty() {
                definers.entry((key.0, Name::default(), key.2.clone())).or_default().push(index);
            }
        }
    }
    let extensions: Vec<usize> = (0..scans.len()).filter(|i| scans.get(*i).is_some_and(|s| s.has_extension)).collect();
    let mut needs: Vec<BTreeSet<usize>> = Vec::with_capacity(scans.len());
    for (index, scan) in scans.iter_mut().enumerate() {
        let mut own = BTreeSet::new();
        for candidates in std::mem::take(&mut scan.uses) {
            // The first schema of the search path that has the name; what the file defines itself comes from nowhere else.
            if candidates.iter().any(|key| scan.defines.contains(key)) {
                continue;
            }
            // Where no schema of the path has it, the search path is set outside the files: any of that name will do.
            let exact = candidates.iter().find_map(|key| definers.get(key));
            let by_name = || {
                candidates.first().and_then(|(space, _, name)| definers.get(&(*space, Name::default(), name.clone())))
            };
            if let Some(found) = exact.or_else(by_name) {
                own.extend(found);
            }
        }
        if !scan.has_extension {
            own.extend(&extensions);
        }
        own.remove(&index);
        needs.push(own);
    }
    in_turn(&needs)
}

/// The places of files that take away what another makes: `app_drop.sql` beside `app_create.sql`. Whoever keeps such a pair in one folder runs one or
/// the other, never both. They are told by their name, by holding nothing but drops, and by dropping all tables or all schemas of another file.
pub fn undoing(files: &[(&str, &[Operation])]) -> Vec<usize> {
    const NAMES: &[&str] =
        &["clean", "destroy", "down", "drop", "remove", "revert", "rollback", "teardown", "undo", "uninstall", "wipe"];
    let named = |name: &str| {
        let own = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        own.split(|c: char| !c.is_ascii_alphabetic()).any(|word| NAMES.contains(&word))
    };
    let made: Vec<BTreeSet<(ObjectKind, Name)>> = files.iter().map(|(_, operations)| made(operations)).collect();
    let undoes = |index: usize, operations: &[Operation]| {
        let mut dropped = BTreeSet::new();
        for operation in operations {
            match &operation.kind {
                OperationKind::Drop(drop) => {
                    dropped.extend(drop.targets.iter().map(|t| (t.kind, t.name.name.fold())));
                }
                OperationKind::Transaction(_)
                | OperationKind::SetSearchPath { .. }
                | OperationKind::SetParameter { .. }
                | OperationKind::Dml { .. }
                | OperationKind::Utility { .. } => {}
                _ => return false,
            }
        }
        let of = |kind: ObjectKind, made: &BTreeSet<(ObjectKind, Name)>| {
            let mut own = made.iter().filter(|(k, _)| *k == kind).peekable();
            own.peek().is_some() && own.all(|one| dropped.contains(one))
        };
        let others = made.iter().enumerate().filter(|(other, _)| *other != index);
        others.into_iter().any(|(_, made)| of(ObjectKind::Table, made) || of(ObjectKind::Schema, made))
    };
    let places = files.iter().enumerate().filter(|(_, (name, _))| named(name));
    places.filter(|(index, (_, operations))| undoes(*index, operations)).map(|(index, _)| index).collect()
}

/// The tables and schemas that these operations make.
fn made(operations: &[Operation]) -> BTreeSet<(ObjectKind, Name)> {
    let made = |operation: &Operation| match &operation.kind {
        OperationKind::CreateTable(create) => Some((ObjectKind::Table, create.name.name.fold())),
        OperationKind::CreateSchema { name, .. } => Some((ObjectKind::Schema, name.fold())),
        _ => None,
    };
    operations.iter().filter_map(made).collect()
}

/// Each place behind those that it needs; in a circle the one with the fewest open needs goes first. Of several the first.
fn in_turn(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (index, own) in needs.iter().enumerate() {
        for need in own {
            if let Some(list) = needed_by.get_mut(*need) {
                list.push(index);
            }
        }
    }
    let mut open: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut left: BTreeSet<(usize, usize)> = open.iter().copied().zip(0..).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some((_, next)) = left.pop_first() {
        order.push(next);
        for dependent in needed_by.get(next).into_iter().flatten() {
            if let Some(count) = open.get_mut(*dependent)
                && left.remove(&(*count, *dependent))
            {
                *count -= 1;
                left.insert((*count, *dependent));
            }
        }
    }
    order
}

/// What a name may mean: its kind, schema and name.
type Key = (Space, Name, Name);

/// The name spaces that matter here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Space {
    Schema,
    Relation,
    Type,
    Function,
    /// A primary key or unique rule of a table: what a foreign key rests on.
    Key,
    Other,
}

/// What the operations of one file define and use.
#[derive(Default)]
struct Scan {
    path: Vec<Name>,
    defines: BTreeSet<Key>,
    /// Each use with what it may mean, in the order of the search path.
    uses: Vec<Vec<Key>>,
    has_extension: bool,
}

impl Scan {
    fn of(operations: &[Operation]) -> Self {
        let mut scan = Self { path: vec!["public".into()], ..Self::default() };
        for operation in operations {
            scan.operation(&operation.kind);
        }
        scan
    }

    /// Something is made under this name. Its schema has to be there.
    fn define(&mut self, space: Space, name: &QualifiedName) {
        if let Some(schema) = &name.schema {
            self.uses.push(vec![(Space::Schema, Name::default(), schema.fold())]);
        }
        let schema = name.schema.as_ref().map(Ident::fold).or_else(|| self.path.first().cloned()).unwrap_or_default();
        self.defines.insert((space, schema, name.name.fold()));
    }

    fn use_parts(&mut self, space: Space, schema: Option<Name>, name: &Name) {
        let candidates = match schema {
            Some(schema) => vec![(space, schema, name.clone())],
            None => self.path.iter().map(|schema| (space, schema.clone(), name.clone())).collect(),
        };
        self.uses.push(candidates);
    }

    fn need(&mut self, space: Space, name: &QualifiedName) {
        if let Some(schema) = &name.schema {
            self.uses.push(vec![(Space::Schema, Name::default(), schema.fold())]);
        }
        self.use_parts(space, name.schema.as_ref().map(Ident::fold), &name.name.fold());
    }

    /// A foreign key needs its table and a key of it.
    fn reference(&mut self, table: &QualifiedName) {
        self.need(Space::Relation, table);
        self.need(Space::Key, table);
    }

    fn need_type(&mut self, data_type: &TypeName) {
        let name = QualifiedName { schema: data_type.schema.clone(), name: data_type.name.clone() };
        self.need(Space::Type, &name);
        // Row types of tables.
        self.need(Space::Relation, &name);
    }

    fn need_names(&mut self, space: Space, names: &[Name]) {
        if let Some((name, rest)) = names.split_last() {
            self.use_parts(space, rest.last().cloned(), name);
        }
    }

    fn need_expr(&mut self, expr: &Expr) {
        expr.tree().walk(&mut |tree| match tree {
            Tree::Call(call) => self.need_names(Space::Function, &call.name),
            Tree::Cast(_, name) => self.need_names(Space::Type, &[Name::new(name)]),
            Tree::Subquery(query) | Tree::Exists(query) => self.need_query(query),
            _ => {}
        });
    }

    fn need_query(&mut self, query: &Query) {
        for relation in query.relations() {
            self.need_names(Space::Relation, relation);
        }
        query.walk(&mut |tree| {
            if let Tree::Call(call) = tree {
                self.need_names(Space::Function, &call.name);
            }
        });
    }

    fn key(&mut self, key: &IndexKey) {
        for name in key.collation.iter().chain(&key.opclass) {
            self.need(Space::Other, name);
        }
        if let IndexTarget::Expression(expr) = &key.target {
            self.need_expr(expr);
        }
    }

    fn column(&mut self, column: &ColumnDef) {
        if let Some(data_type) = &column.data_type {
            self.need_type(data_type);
        }
        if let Some(collation) = &column.collation {
            self.need(Space::Other, collation);
        }
        for constraint in &column.constraints {
            self.column_constraint(&constraint.kind);
        }
    }

    /// A serial or identity column makes a sequence, under the name that PostgreSQL gives it: grants and comments may speak of it.
    fn sequence_of(&mut self, table: &QualifiedName, column: &ColumnDef) {
        let identity = column.constraints.iter().find_map(|constraint| match &constraint.kind {
            ColumnConstraintKind::Identity { options, .. } => Some(options),
            _ => None,
        });
        let given = identity.and_then(|options| options.name.clone());
        if identity.is_none() && column.data_type.as_ref().and_then(serial).is_none() {
            return;
        }
        let sequence = given.unwrap_or_else(|| {
            let text = make_object_name(&table.name.fold(), Some(&column.name.fold()), "seq");
            let name = Ident { text, quoted: true, span: column.name.span };
            Box::new(QualifiedName { schema: table.schema.clone(), name })
        });
        self.define(Space::Relation, &sequence);
    }

    fn column_constraint(&mut self, kind: &ColumnConstraintKind) {
        match kind {
            ColumnConstraintKind::Default(e)
            | ColumnConstraintKind::Check(e)
            | ColumnConstraintKind::Generated { expr: e, .. } => {
                self.need_expr(e);
            }
            ColumnConstraintKind::References(r) => self.reference(&r.table),
            _ => {}
        }
    }

    fn constraint(&mut self, constraint: &ConstraintDef) {
        match &constraint.kind {
            ConstraintDefKind::Check(e) => self.need_expr(e),
            ConstraintDefKind::ForeignKey { references, .. } => self.reference(&references.table),
            ConstraintDefKind::Exclude { elements, .. } => elements.iter().for_each(|(key, _)| self.key(key)),
            _ => {}
        }
    }

    fn object(&mut self, object: &ObjectRef) {
        let space = match object.kind {
            ObjectKind::Schema => {
                return self.uses.push(vec![(Space::Schema, Name::default(), object.name.name.fold())]);
            }
            ObjectKind::Type | ObjectKind::Domain | ObjectKind::DomainConstraint => Space::Type,
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate => {
                Space::Function
            }
            ObjectKind::Extension | ObjectKind::Role | ObjectKind::Database | ObjectKind::Language => return,
            ObjectKind::Collation | ObjectKind::TextSearch | ObjectKind::Operator | ObjectKind::OperatorClass => {
                Space::Other
            }
            _ => Space::Relation,
        };
        self.need(space, &object.name);
    }

    fn operation(&mut self, kind: &OperationKind) {
        match kind {
            OperationKind::CreateSchema { name, .. } => {
                self.defines.insert((Space::Schema, Name::default(), name.fold()));
            }
            OperationKind::SetSearchPath { schemas, .. } => {
                self.path =
                    schemas.as_ref().map_or_else(|| vec!["public".into()], |s| s.iter().map(Ident::fold).collect());
                for schema in self.path.clone() {
                    self.uses.push(vec![(Space::Schema, Name::default(), schema)]);
                }
            }
            OperationKind::CreateExtension { .. } => self.has_extension = true,
            OperationKind::CreateTable(t) => {
                self.define(Space::Relation, &t.name);
                for parent in t.inherits.iter().chain(t.partition_of.as_ref().map(|(p, _)| p)) {
                    self.need(Space::Relation, parent);
                }
                for element in &t.elements {
                    match element {
                        TableElement::Column(c) => {
                            let is_key = |k: &ColumnConstraint| {
                                matches!(k.kind, ColumnConstraintKind::PrimaryKey(_) | ColumnConstraintKind::Unique(_))
                            };
                            if c.constraints.iter().any(is_key) {
                                self.define(Space::Key, &t.name);
                            }
                            self.sequence_of(&t.name, c);
                            self.column(c);
                        }
                        TableElement::Constraint(c) => {
                            if is_key(c) {
                                self.define(Space::Key, &t.name);
                            }
                            self.constraint(c);
                        }
                        TableElement::Like(source, _) => self.need(Space::Relation, source),
                    }
                }
                if let Some(of) = &t.of_type {
                    self.need(Space::Type, of);
                }
                if let Some(query) = t.as_query.as_ref().and_then(|(_, q)| q.query()) {
                    self.need_query(&query);
                }
            }
            OperationKind::AlterTable(a) => {
                self.need(if a.kind == ObjectKind::Type { Space::Type } else { Space::Relation }, &a.name);
                for (action, _) in &a.actions {
                    match action {
                        AlterTableAction::AddColumn { column, .. } => {
                            self.sequence_of(&a.name, column);
                            self.column(column);
                        }
                        AlterTableAction::SetType { data_type, .. } => self.need_type(data_type),
                        AlterTableAction::SetDefault { value, .. } => self.need_expr(value),
                        AlterTableAction::AddConstraint(c) => {
                            if is_key(c) {
                                self.define(Space::Key, &a.name);
                            }
                            self.constraint(c);
                        }
                        AlterTableAction::Inherit(t)
                        | AlterTableAction::AttachPartition { name: t, .. }
                        | AlterTableAction::AttachIndex { name: t } => self.need(Space::Relation, t),
                        _ => {}
                    }
                }
            }
            OperationKind::CreateIndex(i) => {
                if let Some(name) = &i.name {
                    self.define(Space::Relation, &QualifiedName { schema: i.table.schema.clone(), name: name.clone() });
                }
                if i.unique {
                    self.define(Space::Key, &i.table);
                }
                self.need(Space::Relation, &i.table);
                i.keys.iter().for_each(|k| self.key(k));
                if let Some(predicate) = &i.predicate {
                    self.need_expr(predicate);
                }
            }
            OperationKind::CreateView(v) => {
                self.define(Space::Relation, &v.name);
                if let Some(query) = v.query.query() {
                    self.need_query(&query);
                }
            }
            OperationKind::CreateSequence(s) => {
                self.define(Space::Relation, &s.name);
                if let Some(OwnedBy::Column(table, _)) = s.options.owned_by.as_deref() {
                    self.need(Space::Relation, table);
                }
            }
            OperationKind::AlterSequence { name, options, .. } => {
                self.need(Space::Relation, name);
                if let Some(OwnedBy::Column(table, _)) = options.owned_by.as_deref() {
                    self.need(Space::Relation, table);
                }
            }
            OperationKind::CreateType { name, definition } => {
                self.define(Space::Type, name);
                if let TypeDefinition::Composite(columns) = definition {
                    columns.iter().for_each(|c| self.column(c));
                }
            }
            OperationKind::AlterType { name, .. } | OperationKind::AlterDomain { name, .. } => {
                self.need(Space::Type, name)
            }
            OperationKind::CreateDomain(d) => {
                self.define(Space::Type, &d.name);
                self.need_type(&d.data_type);
                d.constraints.iter().for_each(|c| self.column_constraint(&c.kind));
            }
            OperationKind::CreateFunction(f) => {
                self.define(Space::Function, &f.name);
                let types = f
                    .arguments
                    .iter()
                    .map(|a| &a.data_type)
                    .chain(&f.returns)
                    .chain(f.returns_table.iter().map(|(_, t)| t));
                types.for_each(|t| self.need_type(t));
            }
            OperationKind::CreateTrigger(t) => {
                self.need(Space::Relation, &t.table);
                self.need(Space::Function, &t.function);
            }
            OperationKind::CreateEventTrigger { function, .. } => self.need(Space::Function, function),
            OperationKind::CreatePolicy(p) | OperationKind::AlterPolicy(p) => {
                self.need(Space::Relation, &p.table);
                p.using.iter().chain(&p.with_check).for_each(|e| self.need_expr(e));
            }
            OperationKind::CreateRule(r) => self.need(Space::Relation, &r.table),
            OperationKind::CreateOther { object, .. } => self.define(Space::Other, &object.name),
            OperationKind::Comment { target: o, .. }
            | OperationKind::AlterOther { object: o, .. }
            | OperationKind::AlterFunction { target: o, .. }
            | OperationKind::Rename { target: o, .. }
            | OperationKind::SetSchema { target: o, .. }
            | OperationKind::SetOwner { target: o, .. } => self.object(o),
            OperationKind::Drop(d) if !d.if_exists => d.targets.iter().for_each(|o| self.object(o)),
            OperationKind::Grant(g) => g.objects.iter().for_each(|o| self.object(o)),
            OperationKind::Dml { tables, .. }
            | OperationKind::Truncate { tables, .. }
            | OperationKind::LockTable { tables, .. } => {
                tables.iter().for_each(|t| self.need(Space::Relation, t));
            }
            OperationKind::RefreshMaterializedView { name, .. } => self.need(Space::Relation, name),
            OperationKind::DefaultPrivileges { schemas, .. } => {
                for schema in schemas {
                    self.uses.push(vec![(Space::Schema, Name::default(), schema.fold())]);
                }
            }
            OperationKind::Drop(_)
            | OperationKind::SetParameter { .. }
            | OperationKind::Transaction(_)
            | OperationKind::Reindex { .. }
            | OperationKind::Rewrite { .. }
            | OperationKind::Utility { .. } => {}
        }
    }
}

fn is_key(constraint: &ConstraintDef) -> bool {
    matches!(constraint.kind, ConstraintDefKind::PrimaryKey { .. } | ConstraintDefKind::Unique { .. })
}

#[cfg(test)]
mod tests {
    use crate::{Options, analyze};

    #[test]
    fn files_follow_what_they_define_and_use() {
        let files = [
            ("1/foreign keys.sql", "alter table child add foreign key (parent) references home.parent;"),
            (
                "1/functions.sql",
                "create function touch() returns trigger language plpgsql as $$ begin return new; end $$;",
            ),
            ("1/keys.sql", "alter table parent add primary key (id);"),
            ("1/tables.sql", "create table parent (id int, m mood); create table child (parent int);"),
            ("1/triggers.sql", "create trigger t before update on parent for each row execute function touch();"),
            ("1/types.sql", "create type mood as enum ('good');"),
            ("1/views.sql", "create view v as select p.id from parent p join child c on c.parent = p.id;"),
        ];
        let analysis = analyze(files.iter().map(|(n, s)| (*n, s.as_bytes())), Options::default());
        let order: Vec<_> = analysis.targets[0].target.files.iter().map(|f| analysis.sources.name(*f)).collect();
        let place = |name: &str| order.iter().position(|n| n.contains(name)).unwrap();
        assert!(place("types") < place("tables"), "{order:?}");
        assert!(place("tables") < place("/keys"), "{order:?}");
        assert!(place("/keys") < place("foreign keys"), "{order:?}");
        assert!(place("functions") < place("triggers") && place("tables") < place("views"), "{order:?}");
    }

    /// A schema is there before what is made in it, and the table of a serial column before what is done with its sequence.
    #[test]
    fn what_is_made_in_a_schema_follows_it() {
        let files = [
            (
                "db/functions/now.sql",
                "create function shop.today() returns date language sql as 'select current_date';",
            ),
            ("db/privileges/s.sql", "grant usage on sequence shop.orders_no_seq to public;"),
            ("db/schema/s.sql", "create schema shop;"),
            ("db/tables/orders.sql", "create table shop.orders (no bigserial primary key);"),
            ("db/privileges/d.sql", "alter default privileges in schema shop grant select on tables to public;"),
        ];
        let analysis = analyze(files.iter().map(|(n, s)| (*n, s.as_bytes())), Options::default());
        assert!(analysis.targets[0].replay.conflicts.is_empty(), "{:?}", analysis.targets[0].replay.conflicts);
        let order: Vec<_> = analysis.targets[0].target.files.iter().map(|f| analysis.sources.name(*f)).collect();
        let place = |name: &str| order.iter().position(|n| n.contains(name)).unwrap();
        assert_eq!(place("schema/s.sql"), 0, "{order:?}");
        assert!(place("tables/") < place("privileges/s.sql"), "{order:?}");
    }

    #[test]
    fn a_file_that_drops_what_another_makes_is_not_run() {
        let files = [
            ("db/app_create.sql", "create table a (id int primary key); create table b (id int primary key);"),
            ("db/app_drop.sql", "begin; drop table if exists b; drop table if exists a; commit;"),
            // Takes one table of several: part of the schema's history.
            ("db/drop_old.sql", "drop table if exists b;"),
        ];
        let analysis = analyze(files.iter().map(|(n, s)| (*n, s.as_bytes())), Options::default());
        let schema = &analysis.targets[0].replay.schema;
        let live: Vec<&str> = schema.live_tables().map(|(_, t)| t.name.as_str()).collect();
        assert_eq!(live, ["a"]);
        let told = analysis.problems.iter().any(|p| p.message.contains("app_drop.sql"));
        assert!(told, "{:?}", analysis.problems);
    }
}
