//! Selectors: what components show, computed from what the page knows.

use relata_protocol::{
    Certainty, ChangeKind, FindingsFilter, Progress, RelationType, RevisionStatus, Severity, Stage, TableList, TableRow,
};

use crate::text;

/// A schema of the tree with its tables and views.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaGroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its tables and views; partitions stand behind their parents.
    pub rows: Vec<Leaf<'a>>,
}

/// A table or view in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf<'a> {
    /// The table or view.
    pub row: &'a TableRow,
    /// How deep it stands below a partitioned table.
    pub depth: u8,
}

/// The tree: tables by schema, narrowed to those whose path contains `filter` whatever the case, partitions behind their parents.
pub fn tree<'a>(list: &'a TableList, filter: &str) -> Vec<SchemaGroup<'a>> {
    let needle = filter.trim().to_lowercase();
    let wanted = |r: &TableRow| needle.is_empty() || r.path.to_lowercase().contains(&needle);
    let mut groups: Vec<SchemaGroup<'a>> = Vec::new();
    let mut add = |leaf: Leaf<'a>| match groups.iter_mut().find(|g| g.name == leaf.row.schema) {
        Some(g) => g.rows.push(leaf),
        None => groups.push(SchemaGroup { name: &leaf.row.schema, rows: vec![leaf] }),
    };
    let children = |parent: &TableRow| {
        let key = parent.relation;
        list.rows.iter().filter(move |r| r.partition_of == Some(key))
    };
    for row in list.rows.iter().filter(|r| r.partition_of.is_none_or(|p| !list.rows.iter().any(|q| q.relation == p))) {
        if wanted(row) {
            add(Leaf { row, depth: 0 });
        }
        // Partitions of partitions exist; deeper than this they are rare enough to be found by search alone.
        for child in children(row) {
            if wanted(child) {
                add(Leaf { row: child, depth: 1 });
            }
            for grandchild in children(child).filter(|r| wanted(r)) {
                add(Leaf { row: grandchild, depth: 2 });
            }
        }
    }
    groups
}

/// A relation's kind in words.
pub fn kind(kind: RelationType) -> &'static str {
    match kind {
        RelationType::Table => "table",
        RelationType::PartitionedTable => "partitioned table",
        RelationType::Partition => "partition",
        RelationType::ForeignTable => "foreign table",
        RelationType::View => "view",
        RelationType::MaterializedView => "materialized view",
    }
}

/// What is being done, in words.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Read => "Reading statements",
        Stage::Replay => "Replaying them into a schema",
        Stage::Check => "Checking the schema against the rules",
    }
}

/// How far a stage is, as a share from 0 to 1; `None` where that is not known.
pub fn share(progress: &Progress) -> Option<f64> {
    (progress.total > 0).then(|| (progress.done as f64 / progress.total as f64).clamp(0.0, 1.0))
}

/// How far a stage is, in words with units.
pub fn amount(progress: &Progress) -> String {
    match (progress.stage, progress.total) {
        (_, 0) => String::new(),
        (Stage::Read, total) => format!("{} of {}", text::bytes(progress.done), text::bytes(total)),
        (Stage::Replay, total) => format!("{} of {}", text::count(progress.done), text::count(total)),
        (Stage::Check, total) => format!("{} of {} rules", text::count(progress.done), text::count(total)),
    }
}

/// Whether a severity is worth a second look: the words of the certainty.
pub fn certainty(certainty: Certainty) -> (&'static str, &'static str) {
    match certainty {
        Certainty::Proven => ("Proven", "It follows from the schema itself"),
        Certainty::Likely => ("Likely", "It rests on a name or a shape"),
        Certainty::Advisory => ("Advisory", "It depends on the workload"),
    }
}

/// The filter with a value put in or taken out of one of its lists.
pub fn toggled<T: PartialEq + Clone>(list: &[T], value: &T) -> Vec<T> {
    if list.contains(value) {
        list.iter().filter(|v| *v != value).cloned().collect()
    } else {
        list.iter().chain([value]).cloned().collect()
    }
}

/// Whether a filter leaves anything out.
pub fn narrows(filter: &FindingsFilter) -> bool {
    *filter != FindingsFilter::default()
}

/// A severity's heading.
pub fn severity(severity: Severity) -> String {
    text::heading(severity.name())
}

/// A name of [`Fact`](relata_protocol::Fact) with its count, in words: `primaryKeys` and 2 are "primary keys".
pub fn fact(name: &str, count: u32) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    if count == 1 {
        if let Some(stem) = words.strip_suffix("ies") {
            return format!("{stem}y");
        }
        if let Some(stem) = words.strip_suffix("indexes") {
            return format!("{stem}index");
        }
        if let Some(stem) = words.strip_suffix('s') {
            return stem.to_owned();
        }
    }
    words
}

/// A dialect as its makers write it.
pub fn dialect(name: &str) -> &str {
    match name {
        "postgresql" => "PostgreSQL",
        "mysql" => "MySQL",
        "sqlite" => "SQLite",
        "sqlserver" => "SQL Server",
        "oracle" => "Oracle",
        other => other,
    }
}

/// A database with its version, where that is known: `PostgreSQL 15`.
pub fn database(dialect_name: &str, version: u16) -> String {
    match version {
        0 => dialect(dialect_name).to_owned(),
        version => format!("{} {version}", dialect(dialect_name)),
    }
}

/// A layout as its tool's makers write it.
pub fn layout(name: &str) -> &str {
    match name {
        "atlas" => "Atlas",
        "diesel" => "Diesel",
        "drizzle" => "Drizzle",
        "flyway" => "Flyway",
        "hasura" => "Hasura",
        "liquibase" => "Liquibase",
        "numbered" => "numbered files",
        "prisma" => "Prisma",
        "refinery" => "Refinery",
        "sqitch" => "Sqitch",
        "supabase" => "Supabase",
        "alembic" => "Alembic",
        "sqlalchemy" => "SQLAlchemy",
        "dbix-deploymenthandler" => "DBIx DeploymentHandler",
        "extension" => "scripts of an extension",
        "mojo" => "Mojo",
        "files" => "files by what they use",
        "sql" => "SQL",
        other => other,
    }
}

/// What becomes of a revision on a new database: in a word, and at length.
pub fn status(status: RevisionStatus) -> (&'static str, &'static str) {
    match status {
        RevisionStatus::Applied => ("applied", "It runs on a new database"),
        RevisionStatus::Stops => ("stops here", "The database refuses a statement of it, and the runner stops"),
        RevisionStatus::NotReached => ("not reached", "The runner has stopped before it"),
        RevisionStatus::TakenBack => ("taken back", "It runs, and is taken back when a later one fails"),
    }
}

/// How a runner wraps a revision, in words.
pub fn transaction(name: &str) -> &str {
    match name {
        "statement" => "each statement by itself",
        "file" => "in one transaction",
        "run" => "in one transaction with all that are pending",
        "message" => "sent at once: several statements are one transaction",
        other => other,
    }
}

/// What happened to an object: as a sign, and in a word.
pub fn change(kind: ChangeKind) -> (&'static str, &'static str) {
    match kind {
        ChangeKind::Created => ("+", "created"),
        ChangeKind::Altered => ("~", "altered"),
        ChangeKind::Dropped => ("\u{2212}", "dropped"),
    }
}

#[cfg(test)]
mod tests {
    use relata_protocol::{RelationKey, RelationKind, SeverityCounts};

    use super::*;

    fn row(id: u32, schema: &str, name: &str, parent: Option<u32>) -> TableRow {
        let key = |id| RelationKey { kind: RelationKind::Table, id };
        TableRow {
            relation: key(id),
            kind: RelationType::Table,
            schema: schema.into(),
            name: name.into(),
            path: format!("{schema}.{name}"),
            columns: 0,
            references: 0,
            referenced_by: 0,
            indexes: 0,
            partitions: 0,
            partition_of: parent.map(key),
            row_security: false,
            findings: SeverityCounts::default(),
        }
    }

    fn show(list: &TableList, filter: &str) -> String {
        let leaf = |l: &Leaf<'_>| format!("{}{}", ">".repeat(l.depth.into()), l.row.name);
        let group =
            |g: &SchemaGroup<'_>| format!("{}: {}", g.name, g.rows.iter().map(leaf).collect::<Vec<_>>().join(" "));
        tree(list, filter).iter().map(group).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn partitions_stand_behind_their_parents() {
        let rows = vec![
            row(1, "a", "event", None),
            row(2, "a", "event_1", Some(1)),
            row(5, "a", "event_1_x", Some(2)),
            row(3, "a", "user", None),
            row(4, "b", "event_2", Some(1)),
            row(6, "b", "orphan", Some(99)),
        ];
        let list = TableList { total: 6, rows };
        assert_eq!(show(&list, ""), "a: event >event_1 >>event_1_x user; b: >event_2 orphan");
        assert_eq!(show(&list, " B.EV"), "b: >event_2");
        assert_eq!(show(&list, "_X"), "a: >>event_1_x");
        assert_eq!(show(&list, "nothing"), "");
    }

    #[test]
    fn counts_have_nouns() {
        assert_eq!(fact("foreignKeys", 3), "foreign keys");
        assert_eq!(fact("policies", 1), "policy");
        assert_eq!(fact("indexes", 1), "index");
        assert_eq!(fact("materializedViews", 1), "materialized view");
    }

    #[test]
    fn progress_has_units() {
        let p = Progress { stage: Stage::Read, done: 500_000, total: 2_000_000, file: None };
        assert_eq!(amount(&p), "500\u{a0}kB of 2\u{a0}MB");
        assert_eq!(share(&p), Some(0.25));
        assert_eq!(share(&Progress { total: 0, ..p }), None);
    }

    #[test]
    fn a_chip_goes_in_and_out() {
        assert_eq!(toggled(&[1, 2], &3), [1, 2, 3]);
        assert_eq!(toggled(&[1, 2, 3], &2), [1, 3]);
    }
}
