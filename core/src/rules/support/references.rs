//! References that names and types show where no foreign key says so.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    KeyFamily, OwnColumns, Scope, each_word, key_family, last_word, only_column, singular, stem, without_end, words,
};
use crate::name::Name;
use crate::schema::{
    Column, ColumnNumber, Constraint, ConstraintKind, DataType, ForeignKey, NamespaceId, Schema, Table, TableId,
};

/// What a column seems to refer to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reference {
    /// The table.
    pub(crate) target: TableId,
    /// Its key column.
    pub(crate) key: ColumnNumber,
    /// Whether the column is named exactly after the table, not with words in front.
    pub(crate) whole_name: bool,
    /// Whether only the foreign keys of other columns of its name say so.
    pub(crate) by_habit: bool,
    /// Whether the schema goes without foreign keys for columns of this name: ten or more have none, and four times as many as have one.
    pub(crate) by_design: bool,
}

/// All references of a schema that no foreign key declares.
#[derive(Clone, Debug, Default)]
pub(crate) struct References {
    inferred: BTreeMap<(TableId, ColumnNumber), Reference>,
    /// How many columns of a name have a foreign key to a table.
    declared: BTreeMap<(TableId, String), usize>,
    /// How many columns of a name seem to refer to a table and have none.
    undeclared: BTreeMap<(TableId, String), usize>,
    /// Tables by the words that a column would use for them.
    by_stem: BTreeMap<Vec<Name>, Vec<TableId>>,
}

/// Words in front of a name that say that what it points at lives elsewhere.
const OUTSIDE: &[&str] = &[
    "aws",
    "azure",
    "client",
    "correlation",
    "external",
    "ext",
    "facebook",
    "foreign",
    "gcp",
    "github",
    "gitlab",
    "google",
    "idempotency",
    "legacy",
    // How far something got, which is no reference.
    "max",
    "min",
    "old",
    "original",
    "paddle",
    "paypal",
    "provider",
    "remote",
    "request",
    "salesforce",
    "shopify",
    "slack",
    "source",
    "span",
    "stripe",
    "third",
    "trace",
    "transaction",
    "twilio",
    "upstream",
    "vendor",
    "xero",
];

/// How many words in front of a table's name a column may carry: `approved_by_user_id` has two.
const MAX_EXTRA_WORDS: usize = 3;

impl References {
    /// What a column seems to refer to, where no foreign key says so.
    pub(crate) fn of(&self, table: TableId, column: ColumnNumber) -> Option<&Reference> {
        self.inferred.get(&(table, column))
    }

    /// The only table of a schema that these words name, whatever number the last of them is in.
    pub(crate) fn table_named(&self, schema: &Schema, home: NamespaceId, words: &[Name]) -> Option<TableId> {
        let mut key = words.to_vec();
        let last = key.last_mut()?;
        *last = Name::new(singular(last));
        let near = |id: &TableId| schema.tables.get(*id).is_some_and(|t| t.namespace == home);
        let mut all = self.by_stem.get(&key)?.iter().copied().filter(near);
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether a name says that what it points at lives elsewhere.
    pub(crate) fn points_outside(words: &[Name]) -> bool {
        words.iter().any(|w| OUTSIDE.contains(&w.as_str()))
    }

    /// How many columns of this name have a foreign key to the table.
    pub(crate) fn peers(&self, target: TableId, column: &str) -> usize {
        self.declared.get(&(target, column.to_owned())).copied().unwrap_or(0)
    }

    /// All of them, by table and column.
    pub(crate) fn all(&self) -> impl Iterator<Item = (TableId, ColumnNumber, &Reference)> {
        self.inferred.iter().map(|((table, column), reference)| (*table, *column, reference))
    }

    /// Those of the columns of one table.
    pub(crate) fn from(&self, table: TableId) -> impl Iterator<Item = (ColumnNumber, &Reference)> {
        let columns = (table, ColumnNumber(0))..=(table, ColumnNumber(u16::MAX));
        self.inferred.range(columns).map(|((_, column), reference)| (*column, reference))
    }

    pub(crate) fn infer(schema: &Schema, scope: &Scope, columns: &OwnColumns<'_>) -> Self {
        let tables: Vec<(TableId, &Table)> =
            schema.live_tables().filter(|(id, t)| t.partition_of.is_none() && scope.owns(*id)).collect();
        // Tables by the words that a column would use for them.
        let mut by_stem: BTreeMap<Vec<Name>, Vec<TableId>> = BTreeMap::new();
        for (id, table) in &tables {
            by_stem.entry(stem(&table.name)).or_default().push(*id);
        }
        let mut references = Self { by_stem, ..Self::default() };
        let actors = actors(schema, &tables, columns, &references.by_stem);
        let habits = habits(schema, &tables);
        for (_, table) in &tables {
            for (_, constraint, fk) in schema.foreign_keys_of(table) {
                if let Some(column) = telling_column(schema, constraint, fk).and_then(|c| table.column(c)) {
                    *references.declared.entry((fk.references, column.name.to_string())).or_default() += 1;
                }
            }
        }
        let known = Known { by_stem: &references.by_stem, habits: &habits, actors };
        let may_refer = |name: &str| last_word(name).is_some_and(|w| is_key_word(&w)) || is_by_somebody(&words(name));
        for (id, table, number, column) in columns.pick(schema, true, &may_refer, &|_| true) {
            if partitions_declare(schema, id, table, column) {
                continue;
            }
            if let Some(reference) = infer_one(schema, &known, id, table, number, column) {
                references.inferred.insert((id, number), reference);
            }
        }
        let name = |table: TableId, column: ColumnNumber| schema.column(table, column).map_or("", |c| c.name.as_str());
        for ((table, column), reference) in &references.inferred {
            *references.undeclared.entry((reference.target, name(*table, *column).to_owned())).or_default() += 1;
        }
        for ((table, column), reference) in &mut references.inferred {
            let key = (reference.target, name(*table, *column).to_owned());
            let without = references.undeclared.get(&key).copied().unwrap_or(0);
            let with = references.declared.get(&key).copied().unwrap_or(0);
            reference.by_design = without >= 10 && without >= with * 4;
            // A habit that most do not have says less than a name.
            reference.whole_name &= !reference.by_habit || with >= without;
        }
        references
    }

    /// How many columns of this name seem to refer to the table, without a foreign key.
    pub(crate) fn undeclared(&self, target: TableId, column: &str) -> usize {
        self.undeclared.get(&(target, column.to_owned())).copied().unwrap_or(0)
    }
}

/// The column of a foreign key that says which row is meant: its only one, or the one that is compared with the target's only key column, beside a
/// tenant's.
fn telling_column(schema: &Schema, constraint: &Constraint, fk: &ForeignKey) -> Option<ColumnNumber> {
    only_column(constraint).or_else(|| {
        let target = schema.tables.get(fk.references)?;
        let key = schema.primary_key_of(target).and_then(|(_, c)| only_column(c))?;
        constraint.columns.get(fk.columns.iter().position(|c| *c == key)?).copied()
    })
}

/// Whether every partition of a table has a foreign key over the column, as schemas from before version 11 do.
fn partitions_declare(schema: &Schema, id: TableId, table: &Table, column: &Column) -> bool {
    if table.partition_key.is_none() {
        return false;
    }
    let partitions = schema.children_of(id);
    !partitions.is_empty()
        && partitions.iter().filter_map(|p| schema.tables.get(*p)).all(|t| {
            let number = t.find_column(&column.name);
            schema.foreign_keys_of(t).any(|(_, c, _)| number.is_some_and(|n| c.columns.contains(&n)))
        })
}

/// What names stand for.
struct Known<'a> {
    /// Tables by the words that a column would use for them.
    by_stem: &'a BTreeMap<Vec<Name>, Vec<TableId>>,
    /// Names of columns that foreign keys give to one table.
    habits: &'a BTreeMap<Name, Option<TableId>>,
    /// The table of those who do things.
    actors: Option<Actors>,
}

/// Whether a name that ends in this word is one of a reference.
fn is_key_word(word: &str) -> bool {
    matches!(word, "id" | "uuid" | "fk")
}

fn infer_one(
    schema: &Schema,
    known: &Known<'_>,
    id: TableId,
    table: &Table,
    number: ColumnNumber,
    column: &Column,
) -> Option<Reference> {
    let Known { by_stem, habits, actors } = *known;
    let mut words = words(&column.name);
    // `approved_by`, where others of that kind have a foreign key.
    let says_who = is_by_somebody(&words) && actors.is_some_and(|a| a.declared);
    if !says_who {
        if !words.last().is_some_and(|w| is_key_word(w)) {
            return None;
        }
        words.pop();
    }
    let last = words.last_mut()?;
    *last = Name::new(singular(last));
    let family = key_family(schema, &column.data_type)?;
    if column.generated.is_some() || column.identity.is_some() || column.serial {
        return None;
    }
    let in_foreign_key = schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
    let is_own_key = schema.primary_key_of(table).is_some_and(|(_, c)| only_column(c) == Some(number));
    if in_foreign_key || is_own_key || is_polymorphic(table, column) {
        return None;
    }
    for extra in 0..=MAX_EXTRA_WORDS.min(words.len().saturating_sub(1)) {
        let (front, name) = words.split_at_checked(extra)?;
        if front.iter().any(|w| OUTSIDE.contains(&w.as_str())) {
            return None;
        }
        let Some(candidates) = by_stem.get(name) else { continue };
        // The own schema first; elsewhere only if there is one such table.
        let near: Vec<TableId> = candidates
            .iter()
            .copied()
            .filter(|t| schema.tables.get(*t).is_some_and(|t| t.namespace == table.namespace))
            .collect();
        let target = match (near.as_slice(), candidates.as_slice()) {
            ([one], _) | ([], [one]) => *one,
            _ => return None,
        };
        let target_table = schema.tables.get(target)?;
        let key = key_for(schema, target_table, column)?;
        let target_family = target_table.column(key).and_then(|c| key_family(schema, &c.data_type));
        if target_family != Some(family) {
            return None;
        }
        let whole_name = extra == 0;
        // A name alone does not make a text a reference: `session_id` may be anybody's. Its own table's name need not either: `user_id` in
        // `users` may be a number that people see.
        if (family == KeyFamily::Text && !whole_name)
            || (target == id && (whole_name || table.find_column("parent_id").is_some()))
            // What inherits from a table has its key as a column of its own.
            || table.inherits.contains(&target)
        {
            return None;
        }
        return Some(Reference { target, key, whole_name, by_habit: false, by_design: false });
    }
    // `approved_by_user_id` where those who do things are `staff_users`.
    let names_actors = |a: &Actors| match words.as_slice() {
        [_, .., by, who] if by == "by" => schema.tables.get(a.table).is_some_and(|t| stem(&t.name).last() == Some(who)),
        _ => false,
    };
    let by = is_by_somebody(&words) || actors.as_ref().is_some_and(names_actors);
    let habit = habits.get(&column.name).copied().flatten().filter(|_| !References::points_outside(&words));
    let target = habit
        .or_else(|| said_beside(schema, table, column))
        .or_else(|| actors.filter(|_| by).map(|a| a.table))
        .or_else(|| ends_in(schema, by_stem, table, &words))?;
    let key = key_for(schema, schema.tables.get(target).filter(|_| target != id)?, column)?;
    let target_family = schema.column(target, key).and_then(|c| key_family(schema, &c.data_type));
    (family != KeyFamily::Text && target_family == Some(family)).then_some(Reference {
        target,
        key,
        whole_name: habit.is_some(),
        by_habit: habit.is_some(),
        by_design: false,
    })
}

/// What a name stands for wherever a foreign key says so, if at least two do and all mean one table: `invoice_id` for `billing_invoice`.
fn habits(schema: &Schema, tables: &[(TableId, &Table)]) -> BTreeMap<Name, Option<TableId>> {
    let mut all: BTreeMap<Name, (usize, Option<TableId>)> = BTreeMap::new();
    for (_, table) in tables {
        for (_, constraint, fk) in schema.foreign_keys_of(table) {
            let Some(column) = telling_column(schema, constraint, fk).and_then(|c| table.column(c)) else { continue };
            let (count, target) = all.entry(column.name.clone()).or_insert((0, Some(fk.references)));
            *count += 1;
            *target = target.filter(|t| *t == fk.references);
        }
    }
    all.into_iter().map(|(name, (count, target))| (name, target.filter(|_| count >= 2))).collect()
}

/// Those who do things: the table that columns such as `approved_by` refer to.
#[derive(Clone, Copy)]
struct Actors {
    table: TableId,
    /// Whether foreign keys of most such columns say so, all the same; else of a few, or it is the only table of users.
    declared: bool,
}

/// Whether these words say who did something: `approved_by`, or `sender` for a `sender_id`. What replaces or sorts something is a thing.
fn is_by_somebody(words: &[Name]) -> bool {
    const ROLES: &[&str] = &[
        "approver",
        "assignee",
        "author",
        "creator",
        "editor",
        "recipient",
        "requester",
        "reviewer",
        "sender",
        "uploader",
    ];
    const THINGS: &[&str] = &[
        "auto",
        "blocked",
        "caused",
        "derived",
        "filter",
        "followed",
        "group",
        "order",
        "preceded",
        "produced",
        "replaced",
        "sort",
        "succeeded",
        "superseded",
        "triggered",
    ];
    match words {
        [role] => ROLES.contains(&role.as_str()),
        [.., last] => last == "by" && !words.iter().any(|w| THINGS.contains(&w.as_str())),
        [] => false,
    }
}

/// Whether a column of this name says who did something: `approved_by`, `uploaded_by_id`, `sender_id`.
pub(crate) fn says_who(name: &str) -> bool {
    let words = words(name);
    match words.split_last() {
        Some((last, front)) if last == "id" => is_by_somebody(front),
        // A sender without an id is as likely a text.
        _ => words.len() > 1 && is_by_somebody(&words),
    }
}

fn actors(
    schema: &Schema,
    tables: &[(TableId, &Table)],
    columns: &OwnColumns<'_>,
    by_stem: &BTreeMap<Vec<Name>, Vec<TableId>>,
) -> Option<Actors> {
    // What `…_by` says comes first: a sender or recipient may be a customer where those who do things are staff.
    let is_by = |name: &str| says_who(name) && each_word(name).any(|w| w == "by");
    match declared_actors(schema, tables, columns, &is_by).as_slice() {
        [one] => return Some(*one),
        [] => {}
        _ => return None,
    }
    match (declared_actors(schema, tables, columns, &says_who).as_slice(), by_stem.get(&[Name::new("user")][..])) {
        ([one], _) => Some(*one),
        ([], Some(users)) => match users.as_slice() {
            [table] => Some(Actors { table: *table, declared: false }),
            _ => None,
        },
        _ => None,
    }
}

/// The tables to which columns of such names have foreign keys.
fn declared_actors(
    schema: &Schema,
    tables: &[(TableId, &Table)],
    columns: &OwnColumns<'_>,
    says: &dyn Fn(&str) -> bool,
) -> Vec<Actors> {
    let mut declared: BTreeSet<TableId> = BTreeSet::new();
    let mut with = 0_usize;
    let is_key = |t: &DataType| key_family(schema, t).is_some_and(|f| f != KeyFamily::Text);
    let all_such = columns.pick(schema, true, says, &is_key).len();
    for (_, table) in tables {
        for (_, constraint, fk) in schema.foreign_keys_of(table) {
            let named = |number: &ColumnNumber| table.column(*number).is_some_and(|c| says(&c.name));
            if constraint.columns.iter().any(named) {
                declared.insert(fk.references);
                with += 1;
            }
        }
    }
    // Where most go without, that is decided.
    declared.into_iter().map(|table| Actors { table, declared: with * 2 >= all_such }).collect()
}

/// The table that the comment on a column names: `FK orders`, `references orders`.
fn said_beside(schema: &Schema, table: &Table, column: &Column) -> Option<TableId> {
    let comment = column.comment.as_ref()?;
    let mut words = comment.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty());
    words.find(|w| w.eq_ignore_ascii_case("fk") || w.eq_ignore_ascii_case("references"))?;
    let named = words.find(|w| !w.eq_ignore_ascii_case("to"))?;
    let mut all = schema.live_tables().filter(|(_, t)| t.namespace == table.namespace && t.name == named);
    all.next().map(|(id, _)| id)
}

/// The only table of the schema that is called like the column, with one word in front: `dedupe_cluster_id` for `prod_dedupe_clusters`.
fn ends_in(
    schema: &Schema,
    by_stem: &BTreeMap<Vec<Name>, Vec<TableId>>,
    table: &Table,
    words: &[Name],
) -> Option<TableId> {
    if words.len() < 2 || References::points_outside(words) {
        return None;
    }
    let near = |id: &TableId| schema.tables.get(*id).is_some_and(|t| t.namespace == table.namespace);
    let mut all = by_stem
        .iter()
        .filter(|(stem, _)| stem.len() == words.len() + 1 && stem.ends_with(words))
        .flat_map(|(_, ids)| ids.iter().copied().filter(near));
    all.next().filter(|_| all.next().is_none())
}

/// The column of a table that others refer to: the only column of its primary key, or a unique one of the column's own name.
fn key_for(schema: &Schema, target: &Table, column: &Column) -> Option<ColumnNumber> {
    let primary = schema.primary_key_of(target).and_then(|(_, c)| only_column(c));
    let named_alike = || {
        let number = target.find_column(&column.name)?;
        schema
            .constraints_of(target)
            .any(|(_, c)| {
                matches!(c.kind, ConstraintKind::Unique { .. }) && only_column(c) == Some(number) && !c.deferrable
            })
            .then_some(number)
    };
    primary.or_else(named_alike)
}

/// Whether a column beside it says to which table it refers.
pub(crate) fn is_polymorphic(table: &Table, column: &Column) -> bool {
    kind_beside(table, column).is_some()
}

/// The column that says to which table one refers: `owner_type` beside `owner_id`, Django's `content_type_id` beside `object_id`, or a `table_name` beside
/// the id of a row, a record or the like.
pub(crate) fn kind_beside(table: &Table, column: &Column) -> Option<ColumnNumber> {
    let head = without_end(&column.name, "id")?;
    let kinds = ["type", "kind", "table", "class", "model", "entity"];
    let beside = table.live_columns().find(|(_, c)| {
        kinds.iter().any(|end| without_end(&c.name, end).is_some_and(|other| other.eq_ignore_ascii_case(head)))
            || (c.name == "content_type_id" && head == "object_")
            || (matches!(c.name.as_str(), "table_name" | "entity_name" | "model_name")
                && matches!(head, "row_" | "record_" | "entity_" | "object_"))
    });
    beside.map(|(number, _)| number)
}
