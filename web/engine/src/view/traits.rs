//! Habits of a schema, and the revisions that its tables come from.

use std::collections::BTreeMap;

use relata_core::infer;
use relata_protocol::{Habit, Origin, RelationKey, Tenant, Traits};

use super::history::owner_of;
use crate::model::{Model, count, table_key, view_key};

/// The traits of a target. Habits are those of its end; tables and origins those that exist where it stands.
pub(super) fn traits(model: &mut Model, target: u32) -> Option<Traits> {
    let origins = origins(model, target)?;
    let analysed = model.analysis.targets.get(target as usize)?;
    let found = &analysed.conventions;
    let schema = model.schema(target)?;
    let tenant = found.tenant.as_ref().map(|tenant| Tenant {
        column: tenant.habit.column.clone(),
        root: tenant.root.map(table_key),
        tables: schema
            .live_tables()
            .filter(|(_, table)| tenant.column_of(table).is_some())
            .map(|(id, _)| table_key(id))
            .collect(),
    });
    let habit = |purpose: &str, habit: &infer::Habit| Habit {
        purpose: purpose.to_owned(),
        column: habit.column.clone(),
        tables: habit.tables,
        of: habit.of,
    };
    let habits = [
        ("tenant key", found.tenant.as_ref().map(|t| &t.habit)),
        ("time of creation", found.created_at.as_ref()),
        ("time of the last change", found.updated_at.as_ref()),
        ("mark of deletion", found.deleted_at.as_ref()),
    ];
    let habits = habits.into_iter().filter_map(|(purpose, found)| found.map(|h| habit(purpose, h))).collect();
    Some(Traits { target, tenant, habits, origins })
}

/// The first and the last revision that touched each table and view that exists.
fn origins(model: &mut Model, target: u32) -> Option<Vec<Origin>> {
    let mut spans: BTreeMap<RelationKey, (u32, u32)> = BTreeMap::new();
    let schema = model.schema(target)?;
    for key in schema.live_tables().map(|(id, _)| table_key(id)).chain(schema.live_views().map(|(id, _)| view_key(id)))
    {
        spans.insert(key, (u32::MAX, 0));
    }
    model.along(target, |_, timeline| {
        for revision in 0..timeline.revisions() {
            for id in timeline.touched(revision) {
                // Ids never change, so the owner of what was dropped meanwhile is still known.
                if let Some(span) = owner_of(timeline.schema(), id).and_then(|key| spans.get_mut(&key)) {
                    *span = (span.0.min(count(revision)), count(revision));
                }
            }
        }
    })?;
    let known = spans.into_iter().filter(|(_, (made, _))| *made != u32::MAX);
    Some(known.map(|(relation, (made_by, changed_by))| Origin { relation, made_by, changed_by }).collect())
}

#[cfg(test)]
mod tests {
    use relata_core::{Options, analyze};
    use relata_protocol::{Answer, Query, RelationDetail};

    use super::super::reply;
    use super::*;

    fn model() -> Model {
        let files = [
            (
                "V1__a.sql",
                "CREATE TABLE tenant (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, tenant_id int REFERENCES tenant);",
            ),
            (
                "V2__b.sql",
                "CREATE TABLE b (id int PRIMARY KEY, tenant_id int REFERENCES tenant); CREATE TABLE c (id int, tenant_id int);",
            ),
            ("V3__i.sql", "CREATE INDEX ON a (tenant_id); DROP TABLE c; CREATE TABLE d (id int, tenant_id int);"),
        ];
        Model::new(analyze(files.map(|(name, sql)| (name, sql.as_bytes())), Options::default()))
    }

    fn ask(model: &mut Model) -> Traits {
        let Answer::Traits(traits) = reply(model, &Query::Traits { target: 0 }).answer else { panic!("no traits") };
        *traits
    }

    #[test]
    fn tables_know_the_revisions_that_they_come_from() {
        let mut model = model();
        let traits = ask(&mut model);
        let spans: Vec<_> = traits.origins.iter().map(|o| (o.made_by, o.changed_by)).collect();
        assert_eq!(spans, [(0, 0), (0, 2), (1, 1), (2, 2)], "tenant, a with its index, b, d; c is gone");
    }

    #[test]
    fn the_tenant_key_comes_with_the_tables_that_have_it() {
        let mut model = model();
        let tenant = ask(&mut model).tenant.expect("four of five tables have it");
        assert_eq!((tenant.column.as_str(), tenant.tables.len()), ("tenant_id", 3));
        assert_eq!(tenant.root, Some(table_key(relata_core::schema::TableId(0))));
    }

    #[test]
    fn details_come_in_pages() {
        let mut model = model();
        let page = relata_protocol::Page { offset: 1, limit: 2 };
        let Answer::Details(details) = reply(&mut model, &Query::Details { target: 0, page }).answer else { panic!() };
        let names: Vec<_> = details
            .rows
            .iter()
            .map(|r| match r {
                RelationDetail::Table(t) => t.row.name.as_str(),
                RelationDetail::View(v) => v.row.name.as_str(),
            })
            .collect();
        assert_eq!((details.total, names), (4, vec!["b", "d"]));
    }
}
