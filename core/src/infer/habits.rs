//! Every convention that a schema shows or `relata.toml` pins, with how many follow it and who departs from it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::{Habit, is_named_after, tenant_words};
use crate::finding::Subject;
use crate::name::Name;
use crate::operation::ObjectKind;
use crate::rules::support::{
    OwnColumn, base_type, builtin, enum_strategies, is_money, is_number, is_score, is_time, key_columns, last_word,
    named, plain_type, singular, stem, surrogate, words,
};
use crate::rules::{Context, change_columns, is_kept, migration_shape};
use crate::schema::{Column, ColumnNumber, Constraint, ConstraintKind, ObjectId, Table, TableId};

/// What most objects of one kind have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Convention {
    /// The key of `[conventions]` or `[conventions.naming]` that pins it.
    pub key: &'static str,
    /// What it is about, for people.
    pub title: &'static str,
    /// What most do.
    pub value: String,
    /// How many do.
    pub follow: u32,
    /// How many there are.
    pub of: u32,
    /// What is counted, in the plural.
    pub what: &'static str,
    /// Those that depart from it.
    pub exceptions: Vec<Subject>,
    /// Whether `relata.toml` says so.
    pub pinned: bool,
}

/// Fewer than this show no convention.
const LEAST: usize = 3;

/// The conventions, in the order of the keys that pin them.
pub(crate) fn conventions(cx: &Context<'_>) -> Vec<Convention> {
    let pins = &cx.policy.conventions;
    let found = &cx.conventions;
    let root = found.tenant.as_ref().and_then(|t| t.root);
    let tables: Vec<(TableId, &Table)> = cx.tables().collect();
    let mut out = Vec::new();
    let habit = |key, title, habit: Option<&Habit>, but: Option<TableId>| {
        habit.map(|habit| {
            let has = |t: &Table| t.find_column(&habit.column).is_some();
            let cases = tables.iter().filter(|(id, t)| Some(*id) != but || has(t));
            let cases =
                cases.map(|(id, t)| (ObjectId::Table(*id), has(t).then_some(Cow::Borrowed(habit.column.as_str()))));
            of_cases(cx, key, title, "tables", cases.collect(), Some(habit.column.clone()), habit.pinned)
        })
    };
    let tenant = found.tenant.as_ref().map(|t| &t.habit);
    out.extend(habit("tenant-key", "Tenant key", tenant, root).flatten());
    out.extend(habit("created-at", "Time of creation", found.created_at.as_ref(), None).flatten());
    out.extend(habit("updated-at", "Time of the last change", found.updated_at.as_ref(), None).flatten());
    out.extend(habit("soft-delete", "Soft deletion", found.deleted_at.as_ref(), None).flatten());
    let mut add = |key, title, what, cases: Vec<Case<'_>>, pin: Option<String>| {
        let pinned = pin.is_some();
        out.extend(of_cases(cx, key, title, what, cases, pin, pinned));
    };
    let kept = change_columns(cx).into_iter().map(|(id, table, number, column)| {
        let by = if is_kept(cx, table, &column.name) { "trigger" } else { "application" };
        (ObjectId::Column(id, number), Some(by.into()))
    });
    let pin = pins.updated_at_by.map(str::to_owned);
    add("updated-at-by", "What keeps the time of the last change", "columns", kept.collect(), pin);
    let keys: Vec<(TableId, &Table, ColumnNumber, &Column)> =
        tables.iter().filter_map(|(id, t)| surrogate(cx, t).map(|(n, c)| (*id, *t, n, c))).collect();
    let key_types = keys.iter().map(|(id, _, n, c)| (ObjectId::Column(*id, *n), Some(type_of(cx, c).into())));
    let key_types = as_pinned(key_types.collect(), pins.primary_key_type.as_deref());
    add("primary-key-type", "Type of primary keys", "keys", key_types, pins.primary_key_type.clone());
    let cases = |columns: Vec<OwnColumn<'_>>, value: &dyn Fn(&Column) -> Cow<'static, str>| {
        columns.into_iter().map(|(id, _, n, c)| (ObjectId::Column(id, n), Some(value(c)))).collect::<Vec<Case<'_>>>()
    };
    let moments = cx.columns_of(|t| is_time(cx.schema, t) && builtin(cx.schema, t) != Some("date"));
    let moments = cases(moments, &|c| match builtin(cx.schema, &c.data_type) {
        Some("timestamp with time zone") => "timestamptz".into(),
        _ => "timestamp".into(),
    });
    let pin = pins.timestamp_type.map(str::to_owned);
    add("timestamp-type", "Type of points in time", "columns", moments, pin);
    let closed = enum_strategies(cx)
        .into_iter()
        .map(|((id, _, n, _), strategy)| (ObjectId::Column(id, n), Some(strategy.into())));
    add("enum-strategy", "Closed sets of values", "columns", closed.collect(), pins.enum_strategy.map(str::to_owned));
    let is_numeric = |t| is_number(cx.schema, t) || builtin(cx.schema, t) == Some("money");
    let money = cases(cx.columns_where(is_money, is_numeric), &|c| type_of(cx, c).into());
    let money = as_pinned(money, pins.money_type.as_deref());
    add("money-type", "Type of amounts of money", "columns", money, pins.money_type.clone());
    let scores = cases(cx.columns_where(is_score, is_numeric), &|c| type_of(cx, c).into());
    let scores = as_pinned(scores, pins.score_type.as_deref());
    add("score-type", "Type of scores and shares", "columns", scores, pins.score_type.clone());
    let pattern = |key: &str| pins.naming.get(key).map(|p| p.as_str().to_owned());
    let mut name = |key, title, what, cases: Vec<Case<'_>>| {
        if let Some(pattern) = pattern(key) {
            let named =
                named(cx, key).into_iter().map(|n| (n.subject, n.fits.then_some(Cow::Borrowed(pattern.as_str()))));
            out.extend(of_cases(cx, key, title, what, named.collect(), Some(pattern.clone()), true));
        } else {
            out.extend(of_cases(cx, key, title, what, cases, None, false));
        }
    };
    let table_names = tables.iter().map(|(id, t)| (ObjectId::Table(*id), Some(case_of(&t.name).into())));
    name("tables", "Names of tables", "tables", table_names.collect());
    let column_names = cases(cx.columns(), &|c| case_of(&c.name).into());
    name("columns", "Names of columns", "columns", column_names);
    let key_names = keys.iter().map(|(id, t, n, c)| (ObjectId::Column(*id, *n), Some(key_name(t, c).into())));
    name("key-columns", "Names of key columns", "keys", key_names.collect());
    let references = cx.foreign_keys().filter_map(|key| {
        let [number] = key.constraint.columns.as_slice() else { return None };
        let column = key.of.column(*number)?;
        let referenced = cx.schema.tables.get(key.fk.references)?;
        Some((ObjectId::Column(key.table, *number), Some(reference_name(referenced, column).into())))
    });
    name("reference-columns", "Names of referencing columns", "columns", references.collect());
    for (key, title, what, takes) in CONSTRAINTS {
        let mut cases = Vec::new();
        for (_, table) in &tables {
            for (id, constraint) in cx.schema.constraints_of(table) {
                if takes(&constraint.kind) && constraint.parent.is_none() && constraint.inherit_count == 0 {
                    cases.push((ObjectId::Constraint(id), constraint_name(table, constraint)));
                }
            }
        }
        name(key, title, what, alike(cases));
    }
    let mut indexes = Vec::new();
    for (_, table) in &tables {
        for (id, index) in cx.schema.indexes_of(table) {
            if index.constraint.is_none() && index.parent.is_none() {
                let columns = joined(table, &key_columns(index).unwrap_or_default());
                indexes.push((ObjectId::Index(id), shape(&index.name, &table.name, &columns)));
            }
        }
    }
    name("indexes", "Names of indexes", "indexes", alike(indexes));
    let pin = pins.table_number.map(str::to_owned);
    let numbers = tables.iter().filter_map(|(id, t)| {
        let last = last_word(&t.name)?;
        let number = if singular(&last) == last { "singular" } else { "plural" };
        Some((ObjectId::Table(*id), Some(number.into())))
    });
    let pinned = pin.is_some();
    out.extend(of_cases(cx, "table-number", "Number of table names", "tables", numbers.collect(), pin, pinned));
    out.extend(migrations(cx));
    out
}

/// An object and what it does; nothing where it lacks what the others have.
type Case<'a> = (ObjectId, Option<Cow<'a, str>>);

/// Types written as the pin is: `decimal(12, 2)` where that is what the server calls `numeric(12,2)`.
fn as_pinned<'a>(cases: Vec<Case<'a>>, pin: Option<&'a str>) -> Vec<Case<'a>> {
    let Some(pin) = pin else { return cases };
    let same = |shown: Cow<'a, str>| if plain_type(&shown) == plain_type(pin) { pin.into() } else { shown };
    cases.into_iter().map(|(id, shown)| (id, shown.map(same))).collect()
}

/// What a key names, and which constraints it is about.
type ConstraintNames = (&'static str, &'static str, &'static str, fn(&ConstraintKind) -> bool);

const CONSTRAINTS: [ConstraintNames; 4] = [
    ("primary-keys", "Names of primary keys", "constraints", |k| matches!(k, ConstraintKind::PrimaryKey)),
    ("foreign-keys", "Names of foreign keys", "constraints", |k| matches!(k, ConstraintKind::ForeignKey(_))),
    ("uniques", "Names of unique constraints", "constraints", |k| matches!(k, ConstraintKind::Unique { .. })),
    ("checks", "Names of checks", "constraints", |k| matches!(k, ConstraintKind::Check(_))),
];

/// The convention that cases show: what most do, if those are enough and more than half. A pin holds however few follow it.
fn of_cases(
    cx: &Context<'_>,
    key: &'static str,
    title: &'static str,
    what: &'static str,
    cases: Vec<Case<'_>>,
    pin: Option<String>,
    pinned: bool,
) -> Option<Convention> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in cases.iter().filter_map(|(_, v)| v.as_deref()) {
        *counts.entry(value).or_default() += 1;
    }
    let usual = counts.iter().max_by_key(|(v, n)| (**n, std::cmp::Reverse(**v))).map(|(v, _)| (*v).to_owned());
    let value = pin.or(usual)?;
    let follow = counts.get(value.as_str()).copied().unwrap_or(0);
    if !pinned && (follow < LEAST || follow * 2 <= cases.len()) {
        return None;
    }
    let of = number(cases.len());
    let odd = cases.into_iter().filter(|(_, v)| v.as_deref() != Some(value.as_str()));
    let exceptions = odd.map(|(id, _)| subject(cx, id)).collect();
    Some(Convention { key, title, follow: number(follow), of, what, exceptions, pinned, value })
}

fn subject(cx: &Context<'_>, id: ObjectId) -> Subject {
    Subject::new(cx.schema.kind(id), cx.schema.path(id))
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn type_of(cx: &Context<'_>, column: &Column) -> String {
    base_type(cx.schema, &column.data_type).display(cx.schema)
}

/// How a name is written.
fn case_of(name: &str) -> &'static str {
    let upper = name.bytes().any(|b| b.is_ascii_uppercase());
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    match (upper, first) {
        _ if name.contains(' ') => "with blanks",
        (false, _) => "snake_case",
        (true, _) if !name.bytes().any(|b| b.is_ascii_lowercase()) => "UPPER_CASE",
        (true, true) => "PascalCase",
        (true, false) => "camelCase",
    }
}

/// `id`, or after its table.
fn key_name(table: &Table, column: &Column) -> &'static str {
    if column.name.eq_ignore_ascii_case("id") {
        return "id";
    }
    let mut own = words(&column.name);
    own.pop();
    if own == stem(&table.name) { "{table}_id" } else { "otherwise" }
}

/// What a referencing column is called after.
fn reference_name(referenced: &Table, column: &Column) -> &'static str {
    let own = words(&column.name);
    let table = stem(&referenced.name);
    let without_id = match own.split_last() {
        Some((last, rest)) if last == "id" => rest,
        _ => &own,
    };
    let end = without_id.ends_with(&table) || table.ends_with(without_id);
    match (own.len() > without_id.len(), end) {
        (true, true) => "{references}_id",
        (true, false) => "{role}_id",
        (false, _) => "without _id",
    }
}

fn joined(table: &Table, columns: &[ColumnNumber]) -> String {
    let names: Vec<&str> = columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
    names.join("_")
}

fn constraint_name(table: &Table, constraint: &Constraint) -> Shape {
    shape(&constraint.name, &table.name, &joined(table, &constraint.columns))
}

/// Names that spell their columns out and names that only begin alike follow one habit, unless most spell them out.
fn alike(mut cases: Vec<(ObjectId, Shape)>) -> Vec<Case<'static>> {
    let spelt = cases.iter().filter(|(_, s)| s.middle.contains("{columns}")).count();
    if spelt * 4 < cases.len() * 3 {
        for (_, shape) in &mut cases {
            shape.middle = match shape.middle {
                "{table}_{columns}" => "{table}_…",
                "{columns}" => "…",
                other => other,
            };
        }
    }
    cases.into_iter().map(|(id, shape)| (id, Some(shape.to_string().into()))).collect()
}

/// The shape of a name: its mark in front or behind, empty where it has none, and what stands between.
struct Shape {
    front: &'static str,
    middle: &'static str,
    behind: &'static str,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) =
            (if self.front.is_empty() { "" } else { "_" }, if self.behind.is_empty() { "" } else { "_" });
        for part in [self.front, before, self.middle, after, self.behind] {
            f.write_str(part)?;
        }
        Ok(())
    }
}

fn shape(name: &str, table: &Name, columns: &str) -> Shape {
    const MARKS: [&str; 19] = [
        "pkey", "pk", "fkey", "fk", "key", "uniq", "unique", "uq", "uk", "ux", "check", "chk", "ck", "excl", "idx",
        "ix", "index", "con", "ref",
    ];
    let mut rest = name;
    let (first, last) = (name.split('_').next(), name.rsplit('_').next());
    let (mut front, mut behind) = ("", "");
    for mark in MARKS {
        let cut = |text: &str| text.strip_prefix(mark).and_then(|r| r.strip_prefix('_')).map(str::len);
        if front.is_empty()
            && first == Some(mark)
            && let Some(len) = cut(rest)
        {
            front = mark;
            rest = rest.get(rest.len() - len..).unwrap_or_default();
        }
        if behind.is_empty()
            && last == Some(mark)
            && let Some(before) = rest.strip_suffix(mark).and_then(|r| r.strip_suffix('_'))
        {
            behind = mark;
            rest = before;
        }
    }
    let of_table = rest == table.as_str() || rest.strip_prefix(table.as_str()).is_some_and(|r| r.starts_with('_'));
    let middle = if of_table {
        let tail = rest.get(table.len()..).unwrap_or_default().trim_start_matches('_');
        match tail {
            "" => "{table}",
            tail if tail == columns => "{table}_{columns}",
            _ => "{table}_…",
        }
    } else if !columns.is_empty() && rest == columns {
        "{columns}"
    } else {
        "…"
    };
    Shape { front, middle, behind }
}

fn migrations(cx: &Context<'_>) -> Option<Convention> {
    let revisions = &cx.history.revisions;
    if revisions.len() < LEAST {
        return None;
    }
    let pin = cx.policy.conventions.naming.get("migrations");
    let names = revisions.iter().map(|r| cx.folder_and_name(r.file).1);
    let shapes: Vec<(&str, String)> = names
        .map(|name| match pin {
            Some(pattern) if pattern.matches(name, &|_| String::new()) => (name, pattern.as_str().to_owned()),
            _ => (name, migration_shape(name)),
        })
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, shape) in &shapes {
        *counts.entry(shape).or_default() += 1;
    }
    let usual = counts.iter().max_by_key(|(v, n)| (**n, std::cmp::Reverse(**v))).map(|(v, _)| (*v).to_owned())?;
    let value = pin.map_or(usual, |p| p.as_str().to_owned());
    let follow = counts.get(value.as_str()).copied().unwrap_or(0);
    if pin.is_none() && (follow < LEAST || follow * 2 <= shapes.len()) {
        return None;
    }
    let odd = shapes.iter().filter(|(_, s)| *s != value);
    Some(Convention {
        key: "migrations",
        title: "Names of migrations",
        follow: number(follow),
        of: number(shapes.len()),
        what: "files",
        exceptions: odd.map(|(name, _)| Subject::new(ObjectKind::File, *name)).collect(),
        pinned: pin.is_some(),
        value,
    })
}

/// The tables that tenants hang on, from the top down: an organization, its workspaces, their projects. One level is no hierarchy.
pub(crate) fn tenant_levels(cx: &Context<'_>) -> Vec<String> {
    let Some(root) = cx.conventions.tenant.as_ref().and_then(|t| t.root) else { return Vec::new() };
    let is_tenant = |column: &Column| tenant_words().any(|of| is_named_after(&column.name, of));
    // What the root itself belongs to; bounded, as references may run in a circle.
    let mut levels = vec![root];
    while let Some(above) = levels.first().and_then(|id| parent_of(cx, *id, &is_tenant)).filter(|a| !levels.contains(a))
    {
        levels.insert(0, above);
    }
    // Tables that belong to the lowest level and that many others refer to by a column of such a name.
    while let Some(last) = levels.last().copied() {
        let mut users: BTreeMap<TableId, usize> = BTreeMap::new();
        for key in cx.foreign_keys() {
            let one = match key.constraint.columns.as_slice() {
                [one] => key.of.column(*one),
                _ => None,
            };
            if one.is_some_and(&is_tenant) && parent_of(cx, key.fk.references, &is_tenant) == Some(last) {
                *users.entry(key.fk.references).or_default() += 1;
            }
        }
        let next = users.into_iter().filter(|(id, n)| *n >= LEAST && !levels.contains(id)).max_by_key(|(_, n)| *n);
        match next {
            Some((id, _)) => levels.push(id),
            None => break,
        }
    }
    if levels.len() < 2 {
        Vec::new()
    } else {
        levels.into_iter().map(|id| cx.schema.path(ObjectId::Table(id))).collect()
    }
}

/// The table that a table belongs to, by a column called after tenants.
fn parent_of(cx: &Context<'_>, table: TableId, is_tenant: &dyn Fn(&Column) -> bool) -> Option<TableId> {
    let of = cx.schema.tables.get(table)?;
    cx.schema.foreign_keys_of(of).find_map(|(_, constraint, fk)| match constraint.columns.as_slice() {
        [one] if fk.references != table && of.column(*one).is_some_and(is_tenant) => Some(fk.references),
        _ => None,
    })
}
