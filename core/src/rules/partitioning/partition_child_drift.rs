use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{index_text, key_columns};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "partition-child-drift",
    category: Category::Partitioning,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A partition lacks what its parent or the other partitions have: row-level security, an index, a default.",
    why: "Most of a parent reaches its partitions by itself, but not row-level security, and not what was left to each partition. A partition in a schema that the web API shows is read \
          and written past the parent's policies; an index of the parent alone stays invalid until every partition has one attached; rows loaded straight into a partition get its own \
          defaults, not the parent's. PostgreSQL manual, 5.11.2 \"Declarative Partitioning\" and 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE ROLE anon;\nCREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE «logs_rest» PARTITION OF logs DEFAULT;\nALTER TABLE logs ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON logs FOR SELECT TO anon USING (id > 0);",
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE «logs_rest» PARTITION OF logs DEFAULT;\nCREATE INDEX logs_at ON ONLY logs (at);",
        "CREATE TABLE logs (id bigint, at date NOT NULL, done boolean DEFAULT false) PARTITION BY RANGE (at);\nCREATE TABLE «logs_old» (id bigint, at date NOT NULL, done boolean);\nALTER TABLE logs ATTACH PARTITION logs_old DEFAULT;",
    ],
    silent: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL, done boolean DEFAULT false) PARTITION BY RANGE (at);\nCREATE INDEX logs_at ON logs (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nALTER TABLE logs ENABLE ROW LEVEL SECURITY;",
        "CREATE ROLE anon;\nCREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nALTER TABLE logs ENABLE ROW LEVEL SECURITY;\nALTER TABLE logs_rest ENABLE ROW LEVEL SECURITY;",
        // Attached, so that the parent's index is whole.
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nCREATE INDEX logs_at ON ONLY logs (at);\nCREATE INDEX logs_rest_at ON logs_rest (at);\nALTER INDEX logs_at ATTACH PARTITION logs_rest_at;",
        // A default of its own.
        "CREATE TABLE logs (id bigint, at date NOT NULL, kind text DEFAULT 'new') PARTITION BY RANGE (at);\nCREATE TABLE logs_old (id bigint, at date NOT NULL, kind text DEFAULT 'old');\nALTER TABLE logs ATTACH PARTITION logs_old DEFAULT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables_and_partitions() {
        let Some((parent_id, _)) = &table.partition_of else { continue };
        let Some(parent) = cx.schema.tables.get(*parent_id) else { continue };
        out.look();
        let siblings: Vec<(TableId, &Table)> = cx
            .schema
            .children_of(*parent_id)
            .into_iter()
            .filter_map(|s| Some((s, cx.schema.tables.get(s)?)))
            .filter(|(s, t)| *s != id && t.dropped.is_none() && t.partition_of.is_some())
            .collect();
        row_security(cx, out, (id, table), (*parent_id, parent), &siblings);
        index_of_parent(cx, out, (id, table), (*parent_id, parent));
        index_of_siblings(cx, out, (id, table), &siblings);
        default(cx, out, (id, table), (*parent_id, parent));
    }
}

fn row_security(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    (id, table): (TableId, &Table),
    (parent_id, parent): (TableId, &Table),
    siblings: &[(TableId, &Table)],
) {
    let exposed = cx.is_exposed(table.namespace);
    if !parent.rls_enabled || table.rls_enabled || !(exposed || siblings.iter().any(|(_, t)| t.rls_enabled)) {
        return;
    }
    let message = format!(
        "`{}` has row-level security, its partition `{}` has not: named itself, the partition shows every row.",
        cx.table_name(parent_id),
        cx.table_name(id)
    );
    out.report(ObjectId::Table(id), table.name_span, message).object(ObjectId::Table(parent_id)).fix(Fix {
        sql: format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", cx.table_sql(id)),
        caution: Some(
            "Queries of the parent go by the parent's policies as before; those that name the partition need a policy on it."
                .to_owned(),
        ),
    });
}

fn index_of_parent(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    (id, table): (TableId, &Table),
    (parent_id, parent): (TableId, &Table),
) {
    let missing: Vec<IndexId> = cx
        .schema
        .indexes_of(parent)
        .filter(|(_, i)| !i.valid)
        .map(|(index, _)| index)
        .filter(|index| !cx.schema.indexes_of(table).any(|(_, own)| own.parent == Some(*index)))
        .collect();
    let Some(first) = missing.first() else { return };
    let name = cx.schema.indexes.get(*first).map_or("", |i| i.name.as_str());
    let message = format!(
        "`{}` has no index attached to `{name}` of `{}`, which stays invalid until it has.",
        cx.table_name(id),
        cx.table_name(parent_id)
    );
    out.report(ObjectId::Table(id), table.name_span, message)
        .objects(missing.iter().map(|i| ObjectId::Index(*i)))
        .object(ObjectId::Table(parent_id));
}

/// Each partition has indexes of its own, and this one lacks one that all others have.
fn index_of_siblings(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    (id, table): (TableId, &Table),
    siblings: &[(TableId, &Table)],
) {
    let [(one_id, one), _, ..] = siblings else { return };
    let Some((index_id, index)) = own_indexes(cx, one).find(|(_, index)| {
        siblings.iter().all(|(_, t)| own_indexes(cx, t).any(|(_, i)| alike(cx, t, i, one, index)))
            && !cx.schema.indexes_of(table).any(|(_, i)| alike(cx, table, i, one, index))
    }) else {
        return;
    };
    let message = format!(
        "`{}` lacks an index like {}, which the other {} partitions have.",
        cx.table_name(id),
        index_text(cx, *one_id, index),
        siblings.len()
    );
    out.report(ObjectId::Table(id), table.name_span, message).object(ObjectId::Index(index_id));
}

fn own_indexes<'a>(cx: &Context<'a>, table: &'a Table) -> impl Iterator<Item = (IndexId, &'a Index)> {
    cx.schema.indexes_of(table).filter(|(_, i)| i.parent.is_none() && i.constraint.is_none())
}

/// Whether two indexes of different tables have the same columns, by name.
fn alike(cx: &Context<'_>, a: &Table, of_a: &Index, b: &Table, of_b: &Index) -> bool {
    let names = |table: &Table, index: &Index| -> Option<Vec<crate::name::Name>> {
        key_columns(index)?.iter().map(|c| table.column(*c).map(|c| c.name.clone())).collect()
    };
    let text = |index: &Index| index.predicate.as_ref().map(|p| cx.schema.display_expr(p));
    of_a.method == of_b.method
        && of_a.unique == of_b.unique
        && text(of_a) == text(of_b)
        && names(a, of_a).is_some_and(|n| Some(n) == names(b, of_b))
}

fn default(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    (id, table): (TableId, &Table),
    (parent_id, parent): (TableId, &Table),
) {
    let missing: Vec<_> = parent
        .live_columns()
        .filter(|(_, c)| c.identity.is_none() && c.generated.is_none())
        .filter_map(|(number, c)| Some((number, c, c.default.as_ref()?)))
        .filter_map(|(number, c, default)| {
            let own = table.find_column(&c.name)?;
            let column = table.column(own)?;
            (column.default.is_none() && column.generated.is_none() && column.identity.is_none())
                .then_some((number, own, c, default))
        })
        .collect();
    let Some((_, _, first, _)) = missing.first() else { return };
    let rest = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
    let message = format!(
        "`{}` has no default for `{}`{rest}, which `{}` has: rows that go into the partition itself are filled differently.",
        cx.table_name(id),
        first.name,
        cx.table_name(parent_id)
    );
    let path = cx.table_sql(id);
    let sets: Vec<String> = missing
        .iter()
        .map(|(_, _, c, default)| {
            format!("ALTER COLUMN {} SET DEFAULT {}", quote(&c.name), cx.schema.display_expr(default))
        })
        .collect();
    out.report(ObjectId::Table(id), table.name_span, message)
        .objects(missing.iter().map(|(_, own, _, _)| ObjectId::Column(id, *own)))
        .severity(Severity::Low)
        .fix(Fix { sql: format!("ALTER TABLE {path} {};", sets.join(", ")), caution: None });
}
