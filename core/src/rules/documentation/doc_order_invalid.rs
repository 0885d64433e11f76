use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::history::document::StatedOrder;
use crate::name::Name;
use crate::operation::ObjectKind;
use crate::rules::support::{document_part, list, table_named};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId, TableKind};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-order-invalid",
    category: Category::Documentation,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "The order in which a document creates its tables cannot work, or leaves tables out.",
    why: "A table cannot refer to one that does not exist yet, and is partitioned when it is made, not afterwards: PostgreSQL has no statement that \
          partitions a table which is there. Whoever follows the list stops at that line. A line that ends in dots may hold anything. PostgreSQL \
          manual, 5.4.5 \"Foreign Keys\" and 5.12 \"Table Partitioning\".",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| user_id | BIGINT | FK users(id) NOT NULL |\n\n## Migration order\n\n1. «orders»\n2. users\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Table: bills\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Migration order\n\n1. «users\n2. orders»\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| user_id | BIGINT | FK users(id) NOT NULL |\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Migration order\n\n1. users → orders\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Table: bills\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Migration order\n\n1. users → orders → ...\n",
    ],
    supersedes: &[],
    check,
};

/// Where an order names a table.
struct Listed {
    entry: usize,
    at: usize,
    span: Span,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for document in &cx.history.documents {
        for order in &document.orders {
            let listed = listed(cx, order);
            if listed.len() < 2 {
                continue;
            }
            out.look();
            references(cx, &listed, out);
            partitions(cx, order, &listed, document, out);
            let missing = missing(cx, order, &listed);
            if !missing.is_empty() {
                let names: Vec<String> = missing.iter().map(|n| format!("`{n}`")).collect();
                let message = format!("The order of creation leaves out {}.", list(&names));
                out.report_about(document_part(document, "order of creation"), order.span, message);
            }
        }
    }
}

/// The first place of each table that exists.
fn listed(cx: &Context<'_>, order: &StatedOrder) -> BTreeMap<Name, Listed> {
    let mut out: BTreeMap<Name, Listed> = BTreeMap::new();
    for (entry, line) in order.entries.iter().enumerate() {
        for (at, (name, span)) in line.names.iter().enumerate() {
            let place = |name: &Name, out: &mut BTreeMap<Name, Listed>| {
                out.entry(name.clone()).or_insert(Listed { entry, at, span: *span });
            };
            match name.strip_suffix('*') {
                Some(prefix) if prefix.len() > 1 => {
                    for (_, table) in cx.tables().filter(|(_, t)| t.name.starts_with(prefix)) {
                        place(&table.name, &mut out);
                    }
                }
                _ => {
                    if table_named(cx, name).is_some() {
                        place(name, &mut out);
                    }
                }
            }
        }
    }
    out
}

fn references(cx: &Context<'_>, listed: &BTreeMap<Name, Listed>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let Some(child) = listed.get(&table.name) else { continue };
        for (_, constraint) in cx.schema.constraints_of(table) {
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            let Some(parent) = cx.schema.tables.get(key.references).filter(|_| key.references != id) else { continue };
            let Some(place) = listed.get(&parent.name) else { continue };
            // Of those that one wildcard stands for nobody knows which comes first.
            if place.span == child.span || (place.entry, place.at) < (child.entry, child.at) {
                continue;
            }
            let message = format!(
                "`{}` comes before `{}`, which it refers to: at that point there is nothing to refer to.",
                cx.table_name(id),
                cx.table_name(key.references)
            );
            out.report(ObjectId::Table(id), child.span, message)
                .object(ObjectId::Table(key.references))
                .also_at(place.span);
        }
    }
}

fn partitions(
    cx: &Context<'_>,
    order: &StatedOrder,
    listed: &BTreeMap<Name, Listed>,
    document: &crate::history::DocumentFacts,
    out: &mut Findings<'_>,
) {
    for (number, entry) in order.entries.iter().enumerate().filter(|(_, e)| e.partitions) {
        let late: Vec<String> = entry
            .names
            .iter()
            .filter(|(name, _)| listed.get(name).is_some_and(|l| l.entry < number))
            .filter(|(name, _)| table_named(cx, name).is_some_and(|(_, t)| t.kind == TableKind::Partitioned))
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        if !late.is_empty() {
            let message = format!(
                "{} cannot be partitioned here: an earlier step makes the table, and a table is partitioned when it is made.",
                list(&late)
            );
            let _ = out
                .report_about(document_part(document, "order of creation, partitions"), entry.span, message)
                .maybe_subject(entry.names.first().map(|(n, _)| Subject::new(ObjectKind::Table, n.as_str())));
        }
    }
}

/// Tables of the document that no line can mean.
fn missing(cx: &Context<'_>, order: &StatedOrder, listed: &BTreeMap<Name, Listed>) -> Vec<Name> {
    let own = |name: &Name| !listed.contains_key(name) && cx.tables().any(|(_, t)| t.name == *name);
    let by_section = order.entries.iter().any(|e| !e.section.is_empty());
    if by_section {
        // A section that two lines speak of is open where one of them is.
        let open: Vec<&Name> = order.entries.iter().filter(|e| e.open).flat_map(|e| &e.section).collect();
        let mut out: Vec<Name> =
            order.entries.iter().flat_map(|e| &e.section).filter(|n| own(n) && !open.contains(n)).cloned().collect();
        out.dedup();
        return out;
    }
    if order.entries.iter().any(|e| e.open) || listed.len() * 2 < cx.tables().count() {
        return Vec::new();
    }
    cx.tables().map(|(_, t)| t.name.clone()).filter(|n| own(n)).collect()
}
