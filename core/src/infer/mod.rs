//! Conventions read off the schema itself. A rule that says "this table departs from the habit" quotes the counts found here.

mod habits;
mod strengths;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::name::Name;
use crate::policy::{ColumnPin, Pins};
use crate::rules::support::{OwnColumns, Scope, each_word, is_one_of};
use crate::schema::{ColumnNumber, ObjectId, Schema, Table, TableId};

pub use habits::Convention;
pub(crate) use habits::{conventions, tenant_levels};
pub use strengths::Strength;
pub(crate) use strengths::strengths;

/// What a schema shows of its own habits.
#[derive(Clone, Debug, Default)]
pub struct Conventions {
    /// The column that says whose a row is, where the schema has one.
    pub tenant: Option<Tenant>,
    /// The column that tells when a row was made.
    pub created_at: Option<Habit>,
    /// The column that tells when a row was last changed.
    pub updated_at: Option<Habit>,
    /// The column that marks a row as deleted.
    pub deleted_at: Option<Habit>,
    /// The tables that tenants hang on, from the top down; empty where there is one level only.
    pub tenant_levels: Vec<String>,
    /// Every convention with who departs from it: found once, after the rules.
    pub all: Vec<Convention>,
}

/// A column that many tables have.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Habit {
    /// Its name.
    pub column: String,
    /// How many tables have it.
    pub tables: u32,
    /// How many tables there are.
    pub of: u32,
    /// Whether `relata.toml` says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

impl Habit {
    /// `18 of 20 tables have `created_at``.
    pub fn evidence(&self) -> String {
        format!("{} of {} tables have `{}`.", self.tables, self.of, self.column)
    }
}

/// The tenant key: the column that says whose a row is.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The column and how many tables have it.
    pub habit: Habit,
    /// The table that it refers to.
    pub root: Option<TableId>,
}

impl Tenant {
    /// The tenant column of a table.
    pub fn column_of(&self, table: &Table) -> Option<ColumnNumber> {
        table.find_column(&self.habit.column)
    }
}

/// Words for those on whose behalf a shared database keeps rows apart.
const TENANT_WORDS: &[&str] =
    &["account", "company", "merchant", "org", "organisation", "organization", "shop", "team", "tenant", "workspace"];
/// Words that name a tenant in some schemas and a thing like any other in most.
const OTHER_TENANT_WORDS: &[&str] = &["client", "customer", "domain", "project", "site", "store"];

/// All of them.
fn tenant_words() -> impl Iterator<Item = &'static [&'static str]> {
    [TENANT_WORDS, OTHER_TENANT_WORDS].into_iter()
}

const CREATED: &[&str] = &[
    "created_at",
    "created",
    "created_on",
    "createdat",
    "inserted_at",
    "date_created",
    "create_time",
    "creation_time",
];
const UPDATED: &[&str] = &[
    "updated_at",
    "updated",
    "updated_on",
    "updatedat",
    "modified_at",
    "last_modified",
    "last_update",
    "last_updated",
    "last_modified_at",
    "last_updated_at",
    "modified_on",
    "date_modified",
    "modified",
    "update_time",
];
/// What is archived is put away and still counts: `archived_at` is not among them.
const DELETED: &[&str] =
    &["deleted_at", "deleted_on", "deletedat", "is_deleted", "isdeleted", "deleted", "discarded_at", "trashed_at"];

/// The usual names, in lower case, of the column that a key of `[conventions]` speaks of.
pub(crate) fn names_of(key: &str) -> &'static [&'static str] {
    match key {
        "created-at" => CREATED,
        "updated-at" => UPDATED,
        "soft-delete" => DELETED,
        _ => &[],
    }
}

/// A habit needs this many tables, and half of all.
const LEAST_TABLES: u32 = 3;

impl Conventions {
    /// Reads them off the tables that are the project's own, but for what is pinned.
    pub(crate) fn infer(schema: &Schema, scope: &Scope, columns: &OwnColumns<'_>, pins: &Pins) -> Self {
        let tables: Vec<(TableId, &Table)> =
            schema.live_tables().filter(|(id, t)| t.partition_of.is_none() && scope.owns(*id)).collect();
        let counts: BTreeMap<&str, u32> = columns.names().collect();
        let of = u32::try_from(tables.len()).unwrap_or(u32::MAX);
        let most_common = |accepts: &dyn Fn(&str) -> bool| {
            let best = counts
                .iter()
                .filter(|(name, _)| accepts(name))
                .max_by_key(|(name, n)| (**n, std::cmp::Reverse(**name)));
            best.map(|(name, n)| Habit { column: name.to_string(), tables: *n, of, pinned: false })
        };
        // A pinned column is a habit however few tables have it.
        let pinned = |pin: &Option<ColumnPin>| match pin {
            None => None,
            Some(ColumnPin::None) => Some(None),
            Some(ColumnPin::Named(column)) => {
                let tables = counts.get(column.as_str()).copied().unwrap_or(0);
                Some(Some(Habit { column: column.clone(), tables, of, pinned: true }))
            }
        };
        let habit = |pin: &Option<ColumnPin>, names: &[&str]| {
            if let Some(decided) = pinned(pin) {
                return decided;
            }
            most_common(&|name| is_one_of(name, names)).filter(|h| h.tables >= LEAST_TABLES && h.tables * 2 >= of)
        };
        let guarded = guarded_columns(schema, &tables);
        let shown = || {
            most_common(&|name| is_named_after(name, TENANT_WORDS))
                .filter(|h| h.tables >= LEAST_TABLES && h.tables * 5 >= of * 2)
                .or_else(|| {
                    // Other words count where policies rest on such a column.
                    most_common(&|name| {
                        (is_named_after(name, TENANT_WORDS) || is_named_after(name, OTHER_TENANT_WORDS))
                            && guarded.get(name).is_some_and(|n| *n >= LEAST_TABLES)
                    })
                    .filter(|h| h.tables >= 5 && h.tables * 4 >= of)
                })
                // Whatever it is called, where tables hand it down to each other.
                .or_else(|| {
                    let carried = carried_columns(schema, &tables);
                    // Fewer tables do where policies rest on the column.
                    let is_guarded = |name: &str| guarded.get(name).is_some_and(|n| *n >= LEAST_TABLES);
                    most_common(&|name| {
                        let pairs = if is_guarded(name) { 1 } else { LEAST_TABLES };
                        is_key_of_no_person(name)
                            && carried.get(name).is_some_and(|c| c.pairs >= pairs && c.is_of_one_root())
                    })
                    .filter(|h| match is_guarded(&h.column) {
                        true => h.tables >= 5 && h.tables * 5 >= of * 2 || h.tables >= 4 && h.tables * 2 >= of,
                        false => h.tables >= 5 && h.tables * 5 >= of * 3,
                    })
                })
                // Policies that compare it with a setting of its name say outright for whom a session reads.
                .or_else(|| {
                    let set = set_columns(schema, &tables);
                    most_common(&|name| is_key_of_no_person(name) && set.get(name).is_some_and(|n| *n >= 2))
                        .filter(|h| h.tables >= 4)
                })
        };
        let root = pins.tenant_root.as_deref().and_then(|path| {
            tables.iter().map(|(id, _)| *id).find(|id| {
                let own = schema.path(ObjectId::Table(*id));
                own == path || own.strip_prefix("public.") == Some(path)
            })
        });
        let tenant = pinned(&pins.tenant_key)
            .unwrap_or_else(shown)
            .map(|habit| Tenant { root: root.or_else(|| tenant_root(schema, &tables, &habit.column)), habit });
        Self {
            tenant,
            created_at: habit(&pins.created_at, CREATED),
            updated_at: habit(&pins.updated_at, UPDATED),
            deleted_at: habit(&pins.soft_delete, DELETED),
            tenant_levels: Vec::new(),
            all: Vec::new(),
        }
    }
}

/// Whether a column is called like the key of one of these: `tenant_id`, `organizationId`, or by two of such words, `client_account_id`.
fn is_named_after(name: &str, of: &[&str]) -> bool {
    let mut words = each_word(name).rev();
    let is_key = matches!(words.next().as_deref(), Some("id" | "uuid"));
    is_key
        && words.next().is_some_and(|word| of.contains(&word.as_ref()))
        && words.next().is_none_or(|word| tenant_words().any(|words| words.contains(&word.as_ref())))
        && words.next().is_none()
}

/// Whether a column is called like the key of something, and that no person: what is a user's own is kept apart within a tenant, too.
fn is_key_of_no_person(name: &str) -> bool {
    const PERSONS: &[&str] = &[
        "actor", "admin", "author", "by", "creator", "employee", "member", "owner", "person", "profile", "uid", "user",
    ];
    let mut words = each_word(name).rev();
    matches!(words.next().as_deref(), Some("id" | "uuid"))
        && words.next().is_some_and(|word| !PERSONS.contains(&word.as_ref()))
}

/// How a column of one name goes through the schema.
#[derive(Default)]
struct Carried {
    /// The foreign keys over it alone, by the table they refer to.
    roots: BTreeMap<TableId, u32>,
    /// Pairs of tables with the column of which one refers to the other: it is there twice, where once would do to find it.
    pairs: u32,
}

impl Carried {
    /// Whether nearly all that refer to something by it mean the same table.
    fn is_of_one_root(&self) -> bool {
        let all: u32 = self.roots.values().sum();
        self.roots.values().max().is_some_and(|most| most * 10 >= all * 9 && *most >= LEAST_TABLES)
    }
}

/// The columns that a table and what it refers to both have, by name, where they are not the key of that: a tenant key is handed down so. Of a thing
/// with many details each detail has the key of the thing, and no detail refers to another.
fn carried_columns(schema: &Schema, tables: &[(TableId, &Table)]) -> BTreeMap<String, Carried> {
    let mut found: BTreeMap<String, Carried> = BTreeMap::new();
    for (id, table) in tables {
        let mut of: BTreeSet<(TableId, &Name)> = BTreeSet::new();
        for (_, constraint, fk) in schema.foreign_keys_of(table).filter(|(_, _, fk)| fk.references != *id) {
            if let [number] = constraint.columns.as_slice()
                && let Some(column) = table.column(*number)
            {
                *found.entry(column.name.to_string()).or_default().roots.entry(fk.references).or_default() += 1;
            }
            let Some(parent) = schema.tables.get(fk.references) else { continue };
            let key = schema.primary_key_of(parent).map_or(&[][..], |(_, c)| c.columns.as_slice());
            let shared = table.live_columns().filter(|(_, c)| {
                is_key_of_no_person(&c.name) && parent.find_column(&c.name).is_some_and(|n| key != [n])
            });
            of.extend(shared.map(|(_, c)| (fk.references, &c.name)));
        }
        for (_, name) in of {
            found.entry(name.to_string()).or_default().pairs += 1;
        }
    }
    found
}

/// Columns that a policy of their own table compares, by name, with the number of such tables.
fn guarded_columns(schema: &Schema, tables: &[(TableId, &Table)]) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for (id, table) in tables {
        let mut names = BTreeSet::new();
        for (_, policy) in schema.policies_of(table) {
            for reference in policy.using.iter().chain(&policy.with_check).flat_map(|e| &e.references) {
                if let ObjectId::Column(of, number) = reference.target
                    && of == *id
                {
                    names.extend(table.column(number).map(|c| c.name.to_string()));
                }
            }
        }
        for name in names {
            *counts.entry(name).or_default() += 1;
        }
    }
    counts
}

/// Columns that a policy of their own table compares with a setting of the session called like them (`app.school_id`, `app.current_school_id`), by
/// name, with the number of such tables. PostgreSQL manual, 9.28.1 "Configuration Settings Functions": a setting of one's own has a dot in its name.
fn set_columns(schema: &Schema, tables: &[(TableId, &Table)]) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for (_, table) in tables {
        let mut names = BTreeSet::new();
        for (_, policy) in schema.policies_of(table) {
            for condition in policy.using.iter().chain(&policy.with_check) {
                let settings = condition.source.text.split("current_setting('").skip(1);
                let settings = settings.filter_map(|rest| rest.split('\'').next()?.rsplit_once('.'));
                for (_, own) in settings {
                    let named = [Some(own), own.strip_prefix("current_")];
                    let column = named.into_iter().flatten().find(|name| table.find_column(name).is_some());
                    names.extend(column.map(str::to_owned));
                }
            }
        }
        for name in names {
            *counts.entry(name).or_default() += 1;
        }
    }
    counts
}

/// The table that most foreign keys over the tenant column alone refer to.
fn tenant_root(schema: &Schema, tables: &[(TableId, &Table)], column: &str) -> Option<TableId> {
    let mut targets: BTreeMap<TableId, u32> = BTreeMap::new();
    for (_, table) in tables {
        let Some(number) = table.find_column(column) else { continue };
        for (_, constraint, fk) in schema.foreign_keys_of(table) {
            if constraint.columns == [number] {
                *targets.entry(fk.references).or_default() += 1;
            }
        }
    }
    targets.into_iter().max_by_key(|(id, n)| (*n, std::cmp::Reverse(*id))).map(|(id, _)| id)
}
