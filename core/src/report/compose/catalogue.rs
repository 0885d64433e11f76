//! The schema object by object.

use super::structure::index_text;
use super::{Composer, MANY, rows};
use crate::report::doc::{Block, Entry, Rich, Row, Table, folding};
use crate::report::model::{
    ColumnEntry, ForeignKeyEntry, KeyEntry, OriginEntry, PolicyEntry, TableEntry, TargetReport,
};
use crate::report::{escape, words};
use crate::source::Location;

/// Findings that a table's entry links to where there are many tables.
const LINKED: usize = 6;

impl Composer<'_> {
    pub(super) fn tables(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        if target.tables.is_empty() {
            blocks.push(Block::paragraph("No table is made."));
        }
        if target.overview.partitions > 0 {
            blocks.push(Block::paragraph("Partitions are listed with the table that they are a part of."));
        }
        for (at, table) in target.tables.iter().enumerate().filter(|(_, t)| t.partition_of.is_none()) {
            blocks.push(self.table(at, table));
        }
        (words::thousands(target.tables.len() as u64), blocks)
    }

    fn table(&self, at: usize, table: &TableEntry) -> Block {
        let mut traits = vec![Rich::of(table.kind)];
        if table.unlogged {
            traits.push("unlogged".into());
        }
        if let Some(key) = &table.partition_key {
            traits.push(Rich::of("partitioned by ").sql(key));
        }
        if table.row_security {
            traits.push(
                if table.row_security_forced { "row-level security, forced" } else { "row-level security" }.into(),
            );
        }
        traits.push(self.place(&table.location));
        traits.extend(self.origin(&table.origin));
        let listed: Vec<u32> = table
            .findings
            .iter()
            .copied()
            .filter(|at| self.target.and_then(|t| t.findings.get(*at as usize)).is_some_and(|f| self.lists(f)))
            .collect();
        if !listed.is_empty() {
            traits.push(
                Rich::of("findings ")
                    .then(self.finding_links(&listed, if self.tables.len() < MANY { usize::MAX } else { LINKED })),
            );
        }
        let mut blocks = vec![Block::Small(Rich::joined(traits, " · "))];
        if let Some(comment) = &table.comment {
            blocks.push(Block::paragraph(escape::one_line(comment).into_owned()));
        }
        if !table.columns.is_empty() {
            let comments = table.columns.iter().any(|c| c.comment.is_some());
            let mut head = vec!["Column", "Type", "Null", "Default", "Key"];
            if comments {
                head.push("Comment");
            }
            // With many tables each column's line would be a tenth of the report.
            let places = self.tables.len() < MANY;
            if places {
                head.push("Where");
            }
            let rows = table.columns.iter().map(|c| {
                let mut row = column(c, comments);
                row.extend(places.then(|| self.near(c.location.as_ref(), &table.location).unwrap_or_default()));
                row
            });
            blocks.push(Block::table(&head, rows));
        }
        blocks.push(Block::List(self.parts(table)));
        Block::Entry(Entry {
            id: self.id(&format!("r{}", at + 1)),
            severity: None,
            head: Rich::just_code(&*table.path),
            blocks,
        })
    }

    fn origin(&self, origin: &OriginEntry) -> Option<Rich> {
        let introduced = origin.introduced_by.as_ref()?;
        let mut text = Rich::of("came with ").then(self.revision_link(introduced));
        if let Some(changed) = origin.last_changed_by.as_ref().filter(|c| *c != introduced) {
            text = text.text(", last changed by ").then(self.revision_link(changed));
        }
        Some(text)
    }

    /// Keys, constraints, indexes, triggers and policies of a table.
    fn parts(&self, table: &TableEntry) -> Vec<Rich> {
        let mut items: Vec<Rich> = Vec::new();
        let at = |text: Rich, location: &Option<Location>| match self.near(location.as_ref(), &table.location) {
            Some(place) => text.soft(" · ").then(place),
            None => text,
        };
        let key = |label: &str, k: &KeyEntry| {
            let text = Rich::of(format!("{label} ")).code(&*k.name).text(" (").codes(&k.columns).text(")");
            at(text, &k.location)
        };
        items.extend(table.primary_key.iter().map(|k| key("Primary key", k)));
        items.extend(table.uniques.iter().map(|k| key("Unique", k)));
        items.extend(table.excludes.iter().map(|k| key("Exclusion", k)));
        items.extend(table.checks.iter().map(|c| {
            let text = Rich::of("Check ").code(&*c.name).text(": ").sql(&c.expression);
            at(if c.validated { text } else { text.text(", not validated") }, &c.location)
        }));
        items.extend(table.foreign_keys.iter().map(|k| at(self.foreign_key(k), &k.location)));
        items.extend(table.referenced_by.iter().map(|r| {
            Rich::of("Referenced by ")
                .then(self.table_link(&r.table))
                .text(" (")
                .codes(&r.columns)
                .text(format!("), on delete {}", r.on_delete.to_ascii_lowercase()))
        }));
        items.extend(table.indexes.iter().map(|i| at(Rich::of("Index ").then(index_text(i)), &i.location)));
        items.extend(table.triggers.iter().map(|t| {
            let text = Rich::of("Trigger ")
                .code(&*t.name)
                .text(format!(": {}, calls ", t.event.to_ascii_lowercase()))
                .code(&*t.function)
                .text(if t.enabled { "" } else { ", disabled" });
            at(text, &t.location)
        }));
        items.extend(table.policies.iter().map(|p| at(policy(p), &p.location)));
        if !table.inherits.is_empty() {
            let parents = table.inherits.iter().map(|p| self.table_link(p));
            items.push(Rich::of("Inherits ").then(Rich::joined(parents, ", ")));
        }
        if !table.partitions.is_empty() {
            let n = words::count(table.partitions.len() as u64, "partition", "partitions");
            items.push(Rich::of(n).text(": ").codes(&table.partitions));
        }
        items
    }

    fn foreign_key(&self, key: &ForeignKeyEntry) -> Rich {
        Rich::of("References ")
            .then(self.table_link(&key.references))
            .text(" (")
            .codes(&key.referenced_columns)
            .text(") by (")
            .codes(&key.columns)
            .text("), ")
            .code(&*key.name)
            .text(format!(
                ", on delete {}, on update {}{}{}",
                key.on_delete.to_ascii_lowercase(),
                key.on_update.to_ascii_lowercase(),
                if key.deferrable { ", deferrable" } else { "" },
                if key.validated { "" } else { ", not validated" }
            ))
    }

    pub(super) fn views(&self, target: &TargetReport) -> (String, Vec<Block>) {
        if target.views.is_empty() {
            return (String::new(), vec![Block::paragraph("The schema has no view.")]);
        }
        let list = target.views.iter().map(|v| {
            let mut indexes = Rich::default();
            for (at, index) in v.indexes.iter().enumerate() {
                indexes = if at > 0 { indexes.line_break() } else { indexes }.then(index_text(index));
            }
            vec![
                Rich::just_code(&*v.path),
                if v.materialized { "materialized" } else { "view" }.into(),
                indexes,
                self.place(&v.location),
                v.comment.as_deref().map(|c| Rich::of(escape::one_line(c))).unwrap_or_default(),
            ]
        });
        let columns = ["View", "Kind", "Indexes", "Where", "Comment"];
        (words::thousands(target.views.len() as u64), vec![rows(&columns, list.collect(), "view", "views")])
    }

    pub(super) fn types(&self, target: &TargetReport) -> (String, Vec<Block>) {
        if target.types.is_empty() {
            return (String::new(), vec![Block::paragraph("The schema makes no type.")]);
        }
        let list = target.types.iter().map(|t| {
            vec![
                Rich::just_code(&*t.path),
                t.kind.into(),
                Rich::default().codes(&t.definition),
                self.place(&t.location),
            ]
        });
        let columns = ["Type", "Kind", "Definition", "Where"];
        (words::thousands(target.types.len() as u64), vec![rows(&columns, list.collect(), "type", "types")])
    }

    pub(super) fn functions(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        if target.functions.is_empty() {
            blocks.push(Block::paragraph("The schema makes no function."));
        } else {
            let list = target.functions.iter().map(|f| {
                vec![
                    Rich::just_code(&*f.path),
                    f.kind.into(),
                    f.returns.as_deref().map(Rich::just_code).unwrap_or_default(),
                    Rich::just_code(&*f.language),
                    if f.security_definer { Rich::default().strong("definer") } else { "invoker".into() },
                    self.place(&f.location),
                ]
            });
            let columns = ["Function", "Kind", "Returns", "Language", "Security", "Where"];
            blocks.push(rows(&columns, list.collect(), "function", "functions"));
        }
        let triggers =
            target.tables.iter().flat_map(|t| t.triggers.iter().map(move |g| (t, g))).map(|(table, trigger)| {
                vec![
                    self.table_link(&table.path),
                    Rich::just_code(&*trigger.name),
                    trigger.event.to_ascii_lowercase().into(),
                    Rich::just_code(&*trigger.function),
                    if trigger.enabled { "yes" } else { "no" }.into(),
                    self.beside(trigger.location.as_ref(), table),
                ]
            });
        let triggers: Vec<_> = triggers.collect();
        blocks.push(Block::Heading(
            1,
            Some(self.id("triggers")),
            words::count(triggers.len() as u64, "trigger of tables", "triggers of tables").into(),
        ));
        if triggers.is_empty() {
            blocks.push(Block::paragraph("None."));
        } else {
            blocks.push(self.placed(
                &["Table", "Trigger", "When", "Calls", "Enabled", "Where"],
                triggers,
                "trigger",
                "triggers",
            ));
        }
        if !target.sequences.is_empty() {
            let n = words::count(target.sequences.len() as u64, "sequence", "sequences");
            blocks.push(Block::Heading(1, Some(self.id("sequences")), n.into()));
            let rows = target
                .sequences
                .iter()
                .map(|s| {
                    Row::of(vec![
                        Rich::just_code(&*s.path),
                        s.owned_by.as_deref().map(Rich::just_code).unwrap_or_default(),
                        self.made(s.location.as_ref()),
                    ])
                })
                .collect();
            blocks.push(folding(
                Table { columns: vec!["Sequence", "Belongs to", "Where"], rows },
                "sequence",
                "sequences",
            ));
        }
        (words::count(target.functions.len() as u64, "function", "functions"), blocks)
    }
}

fn policy(policy: &PolicyEntry) -> Rich {
    let mut text = Rich::of("Policy ")
        .code(&*policy.name)
        .text(format!(
            ": {} for {} to ",
            if policy.permissive { "permissive" } else { "restrictive" },
            policy.command.to_ascii_lowercase()
        ))
        .codes(&policy.roles);
    if let Some(using) = &policy.using {
        text = text.text(", using ").sql(using);
    }
    if let Some(check) = &policy.with_check {
        text = text.text(", with check ").sql(check);
    }
    text
}

fn column(column: &ColumnEntry, comments: bool) -> Vec<Rich> {
    let default = match (&column.default, &column.generated, column.identity) {
        (_, Some(expression), _) => Rich::of("generated ").sql(expression),
        (_, _, Some(identity)) => format!("identity, {}", identity.to_ascii_lowercase()).into(),
        (Some(default), ..) => Rich::default().sql(default),
        (None, None, None) => Rich::default(),
    };
    let keys: Vec<&str> = [(column.primary_key, "primary"), (column.foreign_key, "foreign"), (column.unique, "unique")]
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word))
        .collect();
    let mut row = vec![
        Rich::just_code(&*column.name),
        Rich::just_code(&*column.data_type),
        if column.nullable { "null" } else { "not null" }.into(),
        default,
        keys.join(", ").into(),
    ];
    if comments {
        row.push(column.comment.as_deref().map(|c| Rich::of(escape::one_line(c))).unwrap_or_default());
    }
    row
}
