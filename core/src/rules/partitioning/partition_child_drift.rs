use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Fix, Severity};
use crate::name::{Name, quote};
use crate::rules::support::{index_caution, index_text, is_plain_key, key_columns};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, ObjectId, RelationId, Table, TableId, TableKind};

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
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\nCREATE TABLE «logs_rest» PARTITION OF logs DEFAULT;\nCREATE INDEX ON logs_1 (id);\nCREATE INDEX ON logs_2 (id);",
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
    let mut families: BTreeMap<TableId, Vec<Member<'_>>> = BTreeMap::new();
    for (id, table) in cx.schema.live_tables() {
        if let Some((parent, _)) = &table.partition_of {
            families.entry(*parent).or_default().push((id, table));
        }
    }
    for (parent_id, partitions) in families {
        let Some(parent) = cx.schema.tables.get(parent_id) else { continue };
        let family = Family::new(cx, (parent_id, parent), &partitions);
        for (at, (id, table)) in partitions.iter().enumerate().filter(|(_, (id, _))| cx.owns(*id)) {
            out.look();
            family.row_security(cx, out, (*id, table));
            family.index_of_parent(cx, out, (*id, table));
            family.index_of_siblings(cx, out, at);
            default(cx, out, (*id, table), (parent_id, parent));
        }
    }
}

/// A partition, or its parent.
type Member<'a> = (TableId, &'a Table);

/// What is alike in indexes of different tables: method, uniqueness, predicate, and the columns by name.
type Shape<'a> = (&'a str, bool, Option<String>, Vec<&'a Name>);

/// A parent with its partitions, and what is asked of them for each one.
struct Family<'a, 'p> {
    parent: Member<'a>,
    partitions: &'p [Member<'a>],
    /// Whether any of them has row-level security.
    any_secured: bool,
    /// Indexes of the parent that wait for a partition's.
    invalid: Vec<IndexId>,
    /// The shapes of each partition's indexes.
    shapes: Vec<Shapes<'a>>,
    /// How many partitions have an index of a shape by themselves.
    counts: BTreeMap<Shape<'a>, usize>,
}

struct Shapes<'a> {
    /// Of indexes that come neither from the parent nor from a constraint.
    own: Vec<(IndexId, Shape<'a>)>,
    all: BTreeSet<Shape<'a>>,
}

impl<'a, 'p> Family<'a, 'p> {
    fn new(cx: &Context<'a>, parent: Member<'a>, partitions: &'p [Member<'a>]) -> Self {
        let shapes: Vec<Shapes<'a>> = partitions.iter().map(|(_, table)| Shapes::new(cx, table)).collect();
        let mut counts = BTreeMap::new();
        for of in &shapes {
            let once: BTreeSet<&Shape<'a>> = of.own.iter().map(|(_, shape)| shape).collect();
            for shape in once {
                *counts.entry(shape.clone()).or_default() += 1;
            }
        }
        Self {
            parent,
            partitions,
            any_secured: partitions.iter().any(|(_, t)| t.rls_enabled),
            invalid: cx.schema.indexes_of(parent.1).filter(|(_, i)| !i.valid).map(|(index, _)| index).collect(),
            shapes,
            counts,
        }
    }

    fn row_security(&self, cx: &Context<'_>, out: &mut Findings<'_>, (id, table): Member<'_>) {
        let (parent_id, parent) = self.parent;
        if !parent.rls_enabled || table.rls_enabled || !(self.any_secured || cx.is_exposed(table.namespace)) {
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

    fn index_of_parent(&self, cx: &Context<'_>, out: &mut Findings<'_>, (id, table): Member<'_>) {
        let attached: BTreeSet<IndexId> = cx.schema.indexes_of(table).filter_map(|(_, own)| own.parent).collect();
        let missing: Vec<IndexId> = self.invalid.iter().copied().filter(|i| !attached.contains(i)).collect();
        let Some(first) = missing.first() else { return };
        let name = cx.schema.indexes.get(*first).map_or("", |i| i.name.as_str());
        let message = format!(
            "`{}` has no index attached to `{name}` of `{}`, which stays invalid until it has.",
            cx.table_name(id),
            cx.table_name(self.parent.0)
        );
        out.report(ObjectId::Table(id), table.name_span, message)
            .objects(missing.iter().map(|i| ObjectId::Index(*i)))
            .object(ObjectId::Table(self.parent.0));
    }

    /// Each partition has indexes of its own, and this one lacks one that all others have.
    fn index_of_siblings(&self, cx: &Context<'_>, out: &mut Findings<'_>, at: usize) {
        let others = self.partitions.len().saturating_sub(1);
        // One of the others, which has what all of them have.
        let one = usize::from(at == 0);
        let (Some((id, table)), Some(shapes), Some((one_id, _)), Some(of_one)) =
            (self.partitions.get(at), self.shapes.get(at), self.partitions.get(one), self.shapes.get(one))
        else {
            return;
        };
        if others < 2 {
            return;
        }
        let missing = of_one.own.iter().find(|(_, s)| self.counts.get(s) == Some(&others) && !shapes.all.contains(s));
        let Some((index_id, index)) = missing.and_then(|(i, _)| Some((*i, cx.schema.indexes.get(*i)?))) else { return };
        let message = format!(
            "`{}` lacks an index like {}, which the other {others} partitions have.",
            cx.table_name(*id),
            index_text(cx, *one_id, index)
        );
        out.report(ObjectId::Table(*id), table.name_span, message).object(ObjectId::Index(index_id)).maybe_fix(like(
            cx,
            (*id, table),
            index,
        ));
    }
}

impl<'a> Shapes<'a> {
    fn new(cx: &Context<'a>, table: &'a Table) -> Self {
        let indexes = cx.schema.indexes_of(table);
        let shaped: Vec<(IndexId, &Index, Shape<'a>)> =
            indexes.filter_map(|(id, index)| Some((id, index, shape(cx, table, index)?))).collect();
        Self {
            all: shaped.iter().map(|(.., shape)| shape.clone()).collect(),
            own: shaped
                .into_iter()
                .filter(|(_, i, _)| i.parent.is_none() && i.constraint.is_none())
                .map(|(id, _, shape)| (id, shape))
                .collect(),
        }
    }
}

/// An index of a partition like one of another; none where more than columns and a predicate would have to be said, or the table has partitions itself.
fn like(cx: &Context<'_>, (id, table): Member<'_>, index: &Index) -> Option<Fix> {
    let RelationId::Table(of) = index.owner else { return None };
    let (.., columns) = shape(cx, cx.schema.tables.get(of)?, index)?;
    if table.kind != TableKind::Ordinary || !index.include.is_empty() || index.nulls_not_distinct {
        return None;
    }
    if !index.keys.iter().all(is_plain_key) {
        return None;
    }
    let unique = if index.unique { "UNIQUE " } else { "" };
    let keys: Vec<String> = columns.iter().map(|c| quote(c)).collect();
    let predicate = index.predicate.as_ref().map(|p| format!(" WHERE {}", cx.schema.display_expr(p)));
    // The server chooses a name that is free.
    let sql = format!(
        "CREATE {unique}INDEX CONCURRENTLY ON {} USING {} ({}){};",
        cx.table_sql(id),
        quote(&index.method),
        keys.join(", "),
        predicate.unwrap_or_default()
    );
    let mut caution = index_caution(table);
    if index.unique {
        let (path, keys) = (cx.table_sql(id), keys.join(", "));
        let of = index.predicate.as_ref().map_or(String::new(), |p| format!(" WHERE {}", cx.schema.display_expr(p)));
        caution.push_str(&format!(
            " Refused while rows repeat: `SELECT {keys}, count(*) FROM {path}{of} GROUP BY {keys} HAVING count(*) > 1;`."
        ));
    }
    Some(Fix { sql, caution: Some(caution) })
}

/// None where a key is an expression.
fn shape<'a>(cx: &Context<'a>, table: &'a Table, index: &'a Index) -> Option<Shape<'a>> {
    let columns: Option<Vec<&Name>> = key_columns(index)?.iter().map(|c| table.column(*c).map(|c| &c.name)).collect();
    Some((&index.method, index.unique, index.predicate.as_ref().map(|p| cx.schema.display_expr(p)), columns?))
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
