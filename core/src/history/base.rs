//! A base schema beside patches: `schema.sql` and `updates/1.1.sql`, `updates/1.2.sql` …
//!
//! Projects with such folders keep either of two habits. The base is the newest state, a new database runs it alone, and the patches lead older
//! databases to it; or the base is where the project began, and a new database runs it and then every patch. Some bases stand in between. No name
//! tells which; what the patches leave behind does: where the base has it, the patch is in the base.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::{Ident, Name};
use crate::operation::*;

/// What a base has of patches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Held {
    /// So many of the first patches it holds already.
    pub(crate) first: usize,
    /// Nearly all of what any patch leaves behind is in it, and there is something of the kind.
    pub(crate) most: bool,
}

/// What a base holds of the patches, which are in order; `None` where they do not rest on it. Of patches in a folder of the base's one table is enough.
pub(crate) fn held(base: &Trace, patches: &Trace, inside: bool) -> Option<Held> {
    if !(rests_on(base, patches) || inside && touches(base, patches)) {
        return None;
    }
    let mut speaks = vec![(0_usize, 0_usize); patches.files];
    for (thing, mark) in &patches.things {
        // Of a whole with a hundred parts the base need not speak a hundred times, where it only has to speak for all patches or for none.
        if inside && patches.is_made_with_its_whole(thing, *mark) {
            continue;
        }
        let Some((held, open)) = speaks.get_mut(mark.at) else { continue };
        match base.has(thing) == mark.made {
            true => *held += 1,
            false => *open += 1,
        }
    }
    let (held, open) = speaks.iter().fold((0, 0), |(a, b), (held, open)| (a + held, b + open));
    let most = held > 0 && open * 4 <= held;
    Some(Held { first: if inside && most { patches.files } else { cut(&speaks) }, most })
}

/// Whether patches change a table that the base makes and they do not.
pub(crate) fn touches(base: &Trace, patches: &Trace) -> bool {
    patches.needs.iter().any(|table| base.has(&Thing::Table(table.clone())))
}

/// Whether patches change what the base makes and they do not. One or two such tables are not enough among many: a history that begins with nothing
/// and forgot one table is a history all the same.
fn rests_on(base: &Trace, patches: &Trace) -> bool {
    const MANY: usize = 5;
    let made = |table: &&Name| base.has(&Thing::Table((*table).clone()));
    let found = patches.needs.iter().filter(made).count();
    let share = if patches.begins_with_need { 4 } else { 2 };
    // Bases of modules are without what other modules make, and the newest state without what was dropped on the way.
    found > 0 && found * 3 >= patches.needs.len() && (found >= MANY || patches.needs.len() * share >= patches.seen)
}

/// How many of the first patches the base most likely holds, given for each how much of what it leaves behind the base has and has not.
fn cut(speaks: &[(usize, usize)]) -> usize {
    if speaks.iter().all(|(held, _)| *held == 0) && speaks.iter().any(|(_, open)| *open > 0) {
        return 0;
    }
    // What one cut is better than the one before: as much as the patch between them speaks for being held.
    let mut best = (0, 0);
    let mut sum = 0_isize;
    for (at, (held, open)) in speaks.iter().enumerate() {
        sum = sum.saturating_add_unsigned(*held).saturating_sub_unsigned(*open);
        // Patches that say nothing go with those before them.
        if sum >= best.0 {
            best = (sum, at + 1);
        }
    }
    best.1
}

/// What can be there or not. Indexes and constraints are left out: bases often have them under other names, or not at all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Thing {
    Table(Name),
    Column(Name, Name),
    Type(Name),
    Label(Name, String),
}

impl Thing {
    /// The same of a table of another name.
    fn moved(self, to: &Name) -> Self {
        match self {
            Self::Table(_) => Self::Table(to.clone()),
            Self::Column(_, column) => Self::Column(to.clone(), column),
            other => other,
        }
    }
}

/// Whether a thing was made or taken away last, and by which file.
#[derive(Clone, Copy, Debug)]
struct Mark {
    made: bool,
    at: usize,
}

/// What files in order do to tables and types.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// How many files there are.
    files: usize,
    things: BTreeMap<Thing, Mark>,
    /// The tables that are changed and were made by no file before.
    pub(crate) needs: BTreeSet<Name>,
    /// How many tables are made or changed.
    seen: usize,
    begins_with_need: bool,
    /// The place of the file that is looked at.
    at: usize,
    known: BTreeSet<Name>,
}

impl Trace {
    pub(crate) fn of(files: &[&[Operation]]) -> Self {
        let mut trace = Self { files: files.len(), ..Self::default() };
        for (at, operations) in files.iter().enumerate() {
            trace.at = at;
            for operation in *operations {
                trace.operation(&operation.kind);
            }
        }
        trace
    }

    fn has(&self, thing: &Thing) -> bool {
        self.things.get(thing).is_some_and(|mark| mark.made)
    }

    /// Whether a column or a label was made by the file that made its table or type.
    fn is_made_with_its_whole(&self, thing: &Thing, mark: Mark) -> bool {
        let whole = match thing {
            Thing::Column(table, _) => Thing::Table(table.clone()),
            Thing::Label(name, _) => Thing::Type(name.clone()),
            Thing::Table(_) | Thing::Type(_) => return false,
        };
        self.things.get(&whole).is_some_and(|made| made.at == mark.at)
    }

    fn mark(&mut self, thing: Thing, made: bool) {
        self.things.insert(thing, Mark { made, at: self.at });
    }

    /// A table is changed.
    fn changes(&mut self, table: &Ident) {
        let table = table.fold();
        if self.known.insert(table.clone()) {
            self.begins_with_need |= self.seen == 0;
            self.seen += 1;
            self.needs.insert(table);
        }
    }

    fn makes(&mut self, table: &Ident) {
        if self.known.insert(table.fold()) {
            self.seen += 1;
        }
        self.mark(Thing::Table(table.fold()), true);
    }

    /// All that is known of a table, taken out.
    fn take(&mut self, table: &Name) -> Vec<(Thing, Mark)> {
        let columns = self.things.range(Thing::Column(table.clone(), Name::default())..).map(|(thing, _)| thing);
        let columns = columns.take_while(|thing| matches!(thing, Thing::Column(of, _) if of == table));
        let all: Vec<Thing> = columns.cloned().chain([Thing::Table(table.clone())]).collect();
        all.into_iter().filter_map(|thing| self.things.remove_entry(&thing)).collect()
    }

    fn operation(&mut self, kind: &OperationKind) {
        match kind {
            OperationKind::CreateTable(create) if create.persistence != Persistence::Temporary => {
                self.makes(&create.name.name);
                for element in &create.elements {
                    if let TableElement::Column(column) = element {
                        self.mark(Thing::Column(create.name.name.fold(), column.name.fold()), true);
                    }
                }
            }
            OperationKind::AlterTable(alter) if alter.kind == ObjectKind::Table => {
                if !alter.if_exists {
                    self.changes(&alter.name.name);
                }
                for (action, _) in &alter.actions {
                    let (column, made) = match action {
                        AlterTableAction::AddColumn { column, .. } => (&column.name, true),
                        AlterTableAction::DropColumn { name, .. } => (name, false),
                        _ => continue,
                    };
                    self.mark(Thing::Column(alter.name.name.fold(), column.fold()), made);
                }
            }
            OperationKind::CreateIndex(index) => self.changes(&index.table.name),
            OperationKind::Dml { verb, tables, .. } if *verb != DmlVerb::Select => {
                tables.iter().take(1).for_each(|table| self.changes(&table.name));
            }
            OperationKind::CreateType { name, definition } => {
                self.mark(Thing::Type(name.name.fold()), true);
                if let TypeDefinition::Enum(labels) = definition {
                    for (label, _) in labels {
                        self.mark(Thing::Label(name.name.fold(), label.clone()), true);
                    }
                }
            }
            OperationKind::AlterType { name, action } => self.alter_type(name.name.fold(), action),
            OperationKind::Drop(drop) => drop.targets.iter().for_each(|target| self.drop(target, drop.if_exists)),
            OperationKind::Rename { target, to, .. } => self.rename(target, to),
            _ => {}
        }
    }

    fn alter_type(&mut self, name: Name, action: &AlterTypeAction) {
        match action {
            AlterTypeAction::AddValue { value, .. } => self.mark(Thing::Label(name, value.clone()), true),
            AlterTypeAction::RenameValue { from, to, .. } => {
                self.mark(Thing::Label(name.clone(), from.clone()), false);
                self.mark(Thing::Label(name, to.clone()), true);
            }
            AlterTypeAction::Set => {}
        }
    }

    fn drop(&mut self, target: &ObjectRef, if_exists: bool) {
        let name = target.name.name.fold();
        match target.kind {
            ObjectKind::Table => {
                if !if_exists {
                    self.changes(&target.name.name);
                }
                self.take(&name);
                self.mark(Thing::Table(name), false);
            }
            ObjectKind::Type => self.mark(Thing::Type(name), false),
            _ => {}
        }
    }

    fn rename(&mut self, target: &ObjectRef, to: &Ident) {
        let name = target.name.name.fold();
        match (target.kind, &target.part) {
            (ObjectKind::Table, None) => {
                self.changes(&target.name.name);
                self.known.insert(to.fold());
                if self.needs.contains(&name) {
                    // The newest state has it under this name only.
                    self.needs.insert(to.fold());
                }
                let own = self.take(&name);
                for (thing, mark) in own {
                    self.mark(thing.moved(&to.fold()), mark.made);
                }
                self.mark(Thing::Table(name), false);
                self.mark(Thing::Table(to.fold()), true);
            }
            (ObjectKind::Column, Some(column)) => {
                self.changes(&target.name.name);
                self.mark(Thing::Column(name.clone(), column.fold()), false);
                self.mark(Thing::Column(name, to.fold()), true);
            }
            (ObjectKind::Type, None) => {
                self.mark(Thing::Type(name), false);
                self.mark(Thing::Type(to.fold()), true);
            }
            _ => {}
        }
    }
}
