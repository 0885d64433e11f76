//! What some set-up outside the input must have made: schemas that are used throughout and never created, a default search path, and tables that
//! foreign keys refer to throughout.
//!
//! PostgreSQL would refuse every statement that names such a schema or table. A script that names a missing one now and then is more likely wrong,
//! and the refusal is what its author has to hear; where a whole set of files lives in a schema, or refers to a table, the set-up that makes it was
//! not given.

use std::collections::{BTreeMap, BTreeSet};

use crate::collections::Lookup;
use crate::history::History;
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{
    AlterTableAction, ColumnConstraintKind, ColumnDef, ConstraintDef, ConstraintDefKind, ObjectKind, Operation,
    OperationKind, TableElement,
};

/// In how many statements a schema must be meant, or by how many foreign keys a table, before its set-up is taken to stand outside the input.
const MANY: usize = 8;

/// What the input shows of its set-up.
#[derive(Debug)]
pub(super) struct SetUp {
    /// Schemas that must have been there, in order of their names.
    pub(super) schemas: BTreeSet<Name>,
    /// The search path of a new session (`ALTER DATABASE … SET search_path`), or of each session that the tool begins.
    pub(super) path: Vec<Name>,
    /// The tables that must have been there, as the first foreign key to each names it.
    pub(super) tables: Vec<QualifiedName>,
    /// The names of all that the input makes, where it is a part of more: what else is missing was there before.
    pub(super) own: Option<Lookup<Name, ()>>,
}

impl SetUp {
    /// Looks over all operations once.
    pub(super) fn of(history: &History) -> Self {
        let mut survey = Survey::default();
        for revision in &history.revisions {
            let mut path = history.search_path.clone();
            for operation in &revision.up {
                survey.operation(operation, &mut path);
            }
        }
        // One foreign key by itself may be misspelt.
        let enough = if history.shared { 2 } else { MANY };
        // What a document leaves out it may have meant to leave out.
        let tables =
            if history.documents.is_empty() && !history.partial { survey.missing_targets(enough) } else { Vec::new() };
        // A schema that nothing makes comes with the tables in it.
        let homes = tables.iter().filter_map(|table| table.schema.as_ref().map(Ident::fold));
        let homes: Vec<Name> = homes.filter(|home| home != "public" && !survey.made.contains(home)).collect();
        let mut found = SetUp { tables, ..survey.conclude() };
        found.schemas.extend(homes);
        if history.partial {
            let named = survey.uses.keys().chain(survey.qualified.keys());
            found.schemas.extend(named.filter(|schema| *schema != "public" && !survey.made.contains(*schema)).cloned());
            found.own = Some(made_by(history));
        }
        if let Some(path) = &history.search_path {
            found.path.clone_from(path);
        }
        found
    }
}

/// The schemas that a history makes, and those that it makes or changes something in or refers to without.
pub(crate) fn schemas_of(history: &History) -> (BTreeSet<Name>, BTreeSet<Name>) {
    let mut survey = Survey::default();
    let mut path = None;
    history.revisions.iter().flat_map(|r| &r.up).for_each(|operation| survey.operation(operation, &mut path));
    let named = survey.uses.into_keys().chain(survey.qualified.into_keys());
    let named = named.filter(|schema| !survey.made.contains(schema)).collect();
    (survey.made, named)
}

#[derive(Default)]
struct Survey<'a> {
    made: BTreeSet<Name>,
    /// How many statements make or change something in a schema.
    uses: BTreeMap<Name, usize>,
    /// The names that are written with a schema.
    qualified: BTreeMap<Name, BTreeSet<Name>>,
    /// The names that are made without one while no search path is set.
    bare: Vec<&'a Ident>,
    /// The tables that foreign keys refer to, a name for each key.
    targets: Vec<&'a QualifiedName>,
    /// The names of tables that are made, renamed or dropped, wherever.
    known: Vec<&'a Ident>,
    names: Vec<&'a QualifiedName>,
}

impl<'a> Survey<'a> {
    fn operation(&mut self, operation: &'a Operation, path: &mut Option<Vec<Name>>) {
        match &operation.kind {
            OperationKind::CreateSchema { name, .. } => {
                self.made.insert(name.fold());
                return;
            }
            OperationKind::SetSearchPath { schemas, .. } => {
                *path = schemas.as_ref().map(|s| s.iter().map(Ident::fold).filter(|s| s != "$user").collect());
                return;
            }
            OperationKind::CreateTable(create) => self.known.push(&create.name.name),
            OperationKind::CreateView(create) => self.known.push(&create.name.name),
            // A schema comes to be under its new name, too.
            OperationKind::Rename { target, to, .. } if target.kind == ObjectKind::Schema => {
                self.made.insert(to.fold());
                return;
            }
            OperationKind::Rename { target, to, .. } => self.known.extend([&target.name.name, to]),
            OperationKind::Drop(drop) => self.known.extend(drop.targets.iter().map(|object| &object.name.name)),
            _ => {}
        }
        self.names.clear();
        targets_of(operation, &mut self.names);
        self.targets.extend(&self.names);
        let own = own_of(operation, &mut self.names);
        for name in &self.names {
            if let Some(schema) = name.schema.as_ref().filter(|s| !is_public(s)) {
                self.qualified.entry(schema.fold()).or_default().insert(name.name.fold());
            }
        }
        let Some(own) = own else { return };
        match (&own.schema, path) {
            (Some(schema), _) if is_public(schema) => {}
            (Some(schema), _) => *self.uses.entry(schema.fold()).or_default() += 1,
            // With `public` on the path PostgreSQL has a place for the object, whatever else is missing.
            (None, Some(path)) if !path.iter().any(|p| p == "public") => {
                if let Some(first) = path.first() {
                    *self.uses.entry(first.clone()).or_default() += 1;
                }
            }
            (None, Some(_)) => {}
            (None, None) => {
                self.bare.push(&own.name);
            }
        }
    }

    fn conclude(&self) -> SetUp {
        let is_missing = |name: &Name| name != "public" && !self.made.contains(name);
        let mut schemas: BTreeSet<Name> = self
            .uses
            .iter()
            .filter(|(name, count)| **count >= MANY && is_missing(name))
            .map(|(name, _)| name.clone())
            .collect();
        // What makes one schema makes the others too.
        if !schemas.is_empty() {
            schemas.extend(self.uses.keys().filter(|name| is_missing(name)).cloned());
        }
        let mut path = vec![Name::new_static("public")];
        // Objects are made without a schema and spoken of with one that nothing makes: it is where new objects go.
        let mut spoken_of = self.qualified.iter().filter(|(name, _)| is_missing(name)).peekable();
        let bare: BTreeSet<Name> = if spoken_of.peek().is_some() {
            self.bare.iter().map(|name| name.fold()).collect()
        } else {
            BTreeSet::new()
        };
        let home = spoken_of.find(|(_, names)| {
            let here = names.intersection(&bare).count();
            here >= MANY && here * 2 > names.len()
        });
        if let Some((home, _)) = home {
            schemas.extend(self.uses.keys().filter(|name| is_missing(name)).cloned());
            schemas.insert(home.clone());
            path.insert(0, home.clone());
        }
        SetUp { schemas, path, tables: Vec::new(), own: None }
    }

    /// The tables that foreign keys refer to, many of them to one, and that no statement makes, renames or drops.
    fn missing_targets(&self, many: usize) -> Vec<QualifiedName> {
        let mut known: Lookup<Name, ()> = Lookup::default();
        for name in &self.known {
            known.insert(name.fold(), ());
        }
        let mut missing: BTreeMap<(Option<Name>, Name), (usize, &QualifiedName)> = BTreeMap::new();
        for name in self.targets.iter().filter(|name| !known.contains_key(&name.name.fold())) {
            let folded = (name.schema.as_ref().map(Ident::fold), name.name.fold());
            missing.entry(folded).or_insert((0, name)).0 += 1;
        }
        // What makes one makes the others too.
        let enough = missing.values().any(|(count, _)| *count >= many);
        missing.into_values().filter(|_| enough).map(|(_, name)| name.clone()).collect()
    }
}

/// The names of all that the statements of a history make, of whatever kind, and what they rename something to. What they drop before they make it was
/// there before them.
fn made_by(history: &History) -> Lookup<Name, ()> {
    let mut made: Lookup<Name, ()> = Lookup::default();
    let mut before: BTreeSet<Name> = BTreeSet::new();
    for operation in history.revisions.iter().flat_map(|r| &r.up) {
        let name = match &operation.kind {
            OperationKind::Drop(drop) if !drop.if_exists => {
                let names = drop.targets.iter().filter(|t| t.part.is_none()).map(|t| t.name.name.fold());
                before.extend(names.filter(|name| !made.contains_key(name)));
                continue;
            }
            OperationKind::CreateSchema { name, .. } => name,
            OperationKind::CreateTable(create) => &create.name.name,
            OperationKind::CreateView(create) => &create.name.name,
            OperationKind::CreateSequence(create) => &create.name.name,
            OperationKind::CreateType { name, .. } => &name.name,
            OperationKind::CreateDomain(create) => &create.name.name,
            OperationKind::CreateFunction(create) => &create.name.name,
            OperationKind::Rename { to, .. } => to,
            OperationKind::CreateIndex(create) => match &create.name {
                Some(name) => name,
                None => continue,
            },
            _ => continue,
        };
        let name = name.fold();
        if !before.contains(&name) {
            made.insert(name, ());
        }
    }
    made
}

/// The tables that the foreign keys of a statement refer to.
fn targets_of<'a>(operation: &'a Operation, names: &mut Vec<&'a QualifiedName>) {
    match &operation.kind {
        OperationKind::CreateTable(create) => {
            for element in &create.elements {
                match element {
                    TableElement::Column(c) => column(c, names),
                    TableElement::Constraint(c) => constraint(c, names),
                    TableElement::Like(..) => {}
                }
            }
        }
        OperationKind::AlterTable(alter) => {
            for (action, _) in &alter.actions {
                match action {
                    AlterTableAction::AddColumn { column: c, .. } => column(c, names),
                    AlterTableAction::AddConstraint(c) => constraint(c, names),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Whether a schema is `public`, which is always there and in which nearly everything is.
fn is_public(schema: &Ident) -> bool {
    schema.text == "public"
}

/// Puts every name that matters into `names` and gives the one that the statement makes or changes.
pub(super) fn names_of<'a>(operation: &'a Operation, names: &mut Vec<&'a QualifiedName>) -> Option<&'a QualifiedName> {
    targets_of(operation, names);
    own_of(operation, names)
}

/// The same of names that no foreign key is written with.
fn own_of<'a>(operation: &'a Operation, names: &mut Vec<&'a QualifiedName>) -> Option<&'a QualifiedName> {
    let own = match &operation.kind {
        OperationKind::CreateTable(t) => {
            names.extend(t.elements.iter().filter_map(|element| match element {
                TableElement::Like(source, _) => Some(source),
                _ => None,
            }));
            &t.name
        }
        OperationKind::AlterTable(a) => &a.name,
        OperationKind::CreateTrigger(t) => {
            names.push(&t.function);
            &t.table
        }
        OperationKind::CreateIndex(i) => &i.table,
        OperationKind::CreateView(v) => &v.name,
        OperationKind::CreateSequence(s) => &s.name,
        OperationKind::CreateType { name, .. }
        | OperationKind::AlterType { name, .. }
        | OperationKind::AlterSequence { name, .. }
        | OperationKind::AlterDomain { name, .. } => name,
        OperationKind::CreateDomain(d) => &d.name,
        OperationKind::CreateFunction(f) => &f.name,
        OperationKind::CreatePolicy(p) => &p.table,
        _ => return None,
    };
    names.push(own);
    Some(own)
}

fn column<'a>(column: &'a ColumnDef, names: &mut Vec<&'a QualifiedName>) {
    for constraint in &column.constraints {
        if let ColumnConstraintKind::References(references) = &constraint.kind {
            names.push(&references.table);
        }
    }
}

fn constraint<'a>(constraint: &'a ConstraintDef, names: &mut Vec<&'a QualifiedName>) {
    if let ConstraintDefKind::ForeignKey { references, .. } = &constraint.kind {
        names.push(&references.table);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, analyze};

    /// SQLSTATEs of the conflicts, and the paths of the tables.
    fn replayed(sql: &str) -> (Vec<&'static str>, Vec<String>) {
        let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
        let target = &analysis.targets[0];
        let tables =
            target.schema().live_tables().map(|(id, _)| target.schema().path(crate::schema::ObjectId::Table(id)));
        (target.replay.conflicts.iter().map(|c| c.sqlstate).collect(), tables.collect())
    }

    fn tables(pattern: &str) -> String {
        (0..8).map(|n| pattern.replace('#', &n.to_string())).collect()
    }

    #[test]
    fn a_schema_that_is_used_throughout_is_there() {
        assert_eq!(replayed(&format!("set search_path = music;{}", tables("create table t# (id int);"))).0, [""; 0]);
        assert_eq!(replayed(&tables("create table music.t# (id int);")).0, [""; 0]);
    }

    #[test]
    fn a_schema_that_is_named_now_and_then_is_missing() {
        assert_eq!(replayed("set search_path = music; create table t (id int);").0, ["3F000"]);
        assert_eq!(replayed("create table music.t (id int); create table t (id int);").0, ["3F000"]);
        assert_eq!(replayed(&(tables("create table music.t# (id int);") + "create schema music;")).0, ["3F000"; 8]);
    }

    #[test]
    fn a_search_path_with_public_needs_nothing_else() {
        let (conflicts, paths) =
            replayed(&format!("set search_path = music, public;{}", tables("create table t# (id int);")));
        assert_eq!((conflicts.len(), paths[0].as_str()), (0, "public.t0"));
    }

    #[test]
    fn a_table_that_many_keys_refer_to_is_there() {
        let keys = tables("create table t# (id int primary key, owner int references owners (id));");
        let (conflicts, paths) = replayed(&keys);
        assert_eq!((conflicts.len(), paths.len()), (0, 8));
        // One that is made too late, or dropped, is the input's own affair.
        assert_eq!(replayed(&(keys.clone() + "create table owners (id int primary key);")).0, ["42P01"; 8]);
        assert_eq!(replayed(&("drop table if exists owners;".to_owned() + &keys)).0, ["42P01"; 8]);
        assert_eq!(replayed("create table t (id int references owners);").0, ["42P01"]);
        assert_eq!(replayed(&(keys.clone() + "create table u (id int references rooms);")).0, [""; 0]);
        // Wherever it lies.
        let keys = tables("create table t# (id int primary key, owner int references crm.owners (id));");
        assert_eq!(replayed(&keys).0, [""; 0]);
        assert_eq!(replayed(&("create schema crm;".to_owned() + &keys)).0, [""; 0]);
        assert_eq!(replayed(&(keys + "create schema crm;")).0, ["3F000"; 8]);
    }

    #[test]
    fn tables_that_are_spoken_of_in_a_schema_live_there() {
        let sql = tables("create table t# (id int primary key);")
            + &tables("create table u# (t_id int references music.t#);");
        let (conflicts, paths) = replayed(&sql);
        assert_eq!((conflicts.len(), paths[0].as_str()), (0, "music.t0"));
    }
}
