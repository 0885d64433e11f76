//! The schema area by area: tables against their habits, types, indexes, references, constraints, nulls, and what they mean for speed, size and truth.

use std::collections::BTreeMap;

use super::{Composer, MANY, rows, size};
use crate::order::Order;
use crate::report::doc::{Block, Rich, Row, SHOWN, State, Table};
use crate::report::model::{ColumnEntry, ComplianceEntry, ForeignKeyEntry, IndexEntry, Mark, TableEntry, TargetReport};
use crate::report::words;
use crate::rules::Category;

/// A column of the compliance matrix: its title, its mark, and what those tables have that are as they should be.
type Question = (&'static str, fn(&ComplianceEntry) -> &Mark, &'static str);

const QUESTIONS: [Question; 9] = [
    ("Primary key", |c| &c.primary_key, "a primary key"),
    ("Tenant key", |c| &c.tenant, "a tenant key that is not null and refers to the tenant"),
    ("Created", |c| &c.created_at, "a time of creation"),
    ("Changed", |c| &c.updated_at, "a time of the last change"),
    ("Kept by trigger", |c| &c.kept, "a trigger that keeps it"),
    ("Soft delete", |c| &c.soft_delete, "a mark of deletion"),
    ("Row security", |c| &c.row_security, "row-level security with policies"),
    ("Comment", |c| &c.comment, "a comment"),
    ("Foreign keys indexed", |c| &c.foreign_keys, "an index for each foreign key"),
];

/// From this many columns on a table is listed as wide.
const WIDE: usize = 30;
/// How many columns of a type its row names.
const EXAMPLES: usize = 3;
/// Rules about columns that may be null.
const NULL_RULES: &[&str] = &[
    "all-columns-nullable",
    "nullable-boolean",
    "nullable-composite-foreign-key",
    "nullable-required-reference",
    "nullable-with-default",
    "set-null-on-not-null",
    "tenant-column-nullable",
    "unique-with-nullable-column",
];
/// Rules about what rows take.
const STORAGE_RULES: &[&str] = &[
    "column-alignment",
    "growth-table-not-partitioned",
    "json-over-jsonb",
    "large-object-columns",
    "partition-no-default-or-gap",
    "partition-retention-undefined",
    "table-storage-rewrite",
    "unbounded-user-text",
    "wide-table",
];

impl Composer<'_> {
    pub(super) fn compliance(&self, target: &TargetReport) -> Option<(String, Vec<Block>)> {
        let matrix = &target.audit.as_ref()?.compliance;
        if matrix.is_empty() {
            return Some((String::new(), vec![Block::paragraph("The project has no table of its own.")]));
        }
        let asked: Vec<&Question> = QUESTIONS
            .iter()
            .filter(|(_, mark, _)| matrix.iter().any(|c| mark(c).state != State::NotApplicable))
            .collect();
        let held = asked.iter().map(|(_, mark, what)| {
            let concerned = matrix.iter().filter(|c| mark(c).state != State::NotApplicable).count();
            let yes = matrix.iter().filter(|c| mark(c).state == State::Yes).count();
            self.number(yes as u64, "compliance-by-table")
                .text(format!(" of {} have {what}.", words::count(concerned as u64, "table", "tables")))
        });
        let mut blocks = vec![
            Block::paragraph(
                "What is asked of each table is what the schema itself does: a column that most tables have, a trigger, a policy. Partitions and tables of tools and platforms are left out.",
            ),
            Block::List(held.collect()),
        ];
        let left_out: Vec<&str> = QUESTIONS.iter().filter(|q| !asked.iter().any(|a| a.0 == q.0)).map(|q| q.2).collect();
        if !left_out.is_empty() {
            blocks.push(Block::Small(Rich::of(format!(
                "Not asked, as the schema has no such habit: {}.",
                left_out.join("; ")
            ))));
        }
        let mut columns = vec!["Table"];
        columns.extend(asked.iter().map(|q| q.0));
        columns.push("#Findings");
        let list = matrix.iter().filter_map(|c| {
            let table = target.tables.get(c.table as usize)?;
            let mut cells = vec![self.table_link(&table.path)];
            cells.extend(asked.iter().map(|(_, mark, _)| {
                let mark = mark(c);
                let word = if mark.note.is_empty() { mark.state.word() } else { &mark.note };
                Rich::default().state(mark.state, word)
            }));
            cells.push(self.link_to_table(&table.path, words::thousands(table.findings.len() as u64).into()));
            Some(cells)
        });
        blocks.push(Block::Heading(1, Some(self.id("compliance-by-table")), "Table by table".into()));
        blocks.push(rows(&columns, list.collect(), "table", "tables"));
        Some((words::count(matrix.len() as u64, "table", "tables"), blocks))
    }

    pub(super) fn column_types(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut by_type: BTreeMap<&str, Vec<(&TableEntry, &ColumnEntry)>> = BTreeMap::new();
        for (table, column) in columns(target) {
            by_type.entry(&column.data_type).or_default().push((table, column));
        }
        if by_type.is_empty() {
            return (String::new(), vec![Block::paragraph("There is no column.")]);
        }
        let mut types: Vec<_> = by_type.iter().collect();
        types.order_by_key(|(_, of)| std::cmp::Reverse(of.len()));
        let list = types.iter().map(|(name, of)| {
            let some = of
                .iter()
                .take(EXAMPLES)
                .map(|(t, c)| self.link_to_table(&t.path, Rich::just_code(&*c.name)).text(" of ").code(short(&t.path)));
            let mut examples = Rich::joined(some, ", ");
            if of.len() > EXAMPLES {
                examples = examples.text(" …");
            }
            vec![Rich::just_code(**name), self.number(of.len() as u64, &type_anchor(name)), examples]
        });
        let mut keys: BTreeMap<&str, u32> = BTreeMap::new();
        for table in target.tables.iter().filter(|t| t.partition_of.is_none()) {
            let key = table.primary_key.as_ref().map(|k| &k.columns);
            let single = key.filter(|c| c.len() == 1).and_then(|c| c.first());
            let column = single.and_then(|name| table.columns.iter().find(|c| c.name == *name));
            *keys
                .entry(column.map_or(if key.is_some() { "several columns" } else { "none" }, |c| &c.data_type))
                .or_default() += 1;
        }
        let keys = keys.iter().map(|(t, n)| format!("{t} {}", words::thousands((*n).into())));
        let with = by_type.iter().filter(|(t, _)| t.contains("with time zone")).map(|(_, c)| c.len()).sum::<usize>();
        let without = by_type
            .iter()
            .filter(|(t, _)| t.starts_with("timestamp") && t.contains("without time zone"))
            .map(|(_, c)| c.len())
            .sum::<usize>();
        let mut facts = vec![Rich::of(format!("Primary keys by type: {}.", keys.collect::<Vec<_>>().join(", ")))];
        if with + without > 0 {
            facts.push(Rich::of(format!(
                "Points in time: {} with time zone, {} without.",
                words::thousands(with as u64),
                words::thousands(without as u64)
            )));
        }
        let mut blocks = vec![
            Block::List(facts),
            rows(&["Type", "#Columns", "Where"], list.collect(), "type", "types"),
            self.rules_of(target, &|category, _| category == Category::Types),
        ];
        // With many tables the chapter about tables alone lists columns.
        if target.tables.len() < MANY {
            let rows = types.iter().map(|(name, of)| {
                let links = of.iter().map(|(t, c)| {
                    self.link_to_table(&t.path, Rich::just_code(format!("{}.{}", short(&t.path), c.name)))
                });
                Row {
                    id: Some(self.id(&type_anchor(name))),
                    cells: vec![Rich::just_code(**name), Rich::joined(links, ", ")],
                }
            });
            let table = Table { columns: vec!["Type", "Columns"], rows: rows.collect() };
            blocks.push(Block::Fold("Columns of each type".into(), vec![Block::Table(table)]));
        }
        (words::count(types.len() as u64, "type", "types"), blocks)
    }

    pub(super) fn indexes(&self, target: &TargetReport) -> (String, Vec<Block>) {
        if target.facts.indexes == 0 {
            return (String::new(), vec![Block::paragraph("The schema has no index.")]);
        }
        let mut blocks = vec![Block::Facts(
            words::index_overview(target)
                .into_iter()
                .map(|(label, n)| (label.into(), self.number(n, "per-table")))
                .collect(),
        )];
        let unserved: Vec<(&TableEntry, &ForeignKeyEntry)> =
            foreign_keys(target).filter(|(_, k)| k.cover != "full").collect();
        let of_postgres = target.dialect == "postgresql";
        if target.facts.foreign_keys > 0 && of_postgres {
            let all = foreign_keys(target).count();
            blocks.push(Block::Heading(1, Some(self.id("bare-keys")), "Foreign keys without an index".into()));
            blocks.push(Block::Paragraph(Rich::of(format!(
                "PostgreSQL makes no index for a foreign key: deleting or changing a referenced row reads the whole referencing table where there is none. \
                 An index serves {} of {}.",
                words::thousands((all - unserved.len()) as u64),
                words::count(all as u64, "foreign key", "foreign keys")
            ))));
        }
        if !unserved.is_empty() && of_postgres {
            let list = unserved.iter().map(|(table, key)| {
                vec![
                    self.table_link(&table.path),
                    Rich::default().codes(&key.columns),
                    self.table_link(&key.references),
                    match &key.index {
                        Some(index) => Rich::of("partial: ").code(&**index),
                        None => "none".into(),
                    },
                ]
            });
            blocks.push(rows(
                &["Table", "Columns", "References", "Index"],
                list.collect(),
                "foreign key",
                "foreign keys",
            ));
        }
        blocks.push(Block::Heading(1, Some(self.id("per-table")), "Indexes by table".into()));
        let of_tables =
            target.tables.iter().map(|t| (self.table_link(&t.path), Some(&*t.path), &t.indexes, &t.foreign_keys[..]));
        let of_views = target.views.iter().map(|v| (Rich::just_code(&*v.path), None, &v.indexes, &[][..]));
        let list = of_tables
            .chain(of_views)
            .filter(|(_, _, indexes, keys)| !indexes.is_empty() || !keys.is_empty())
            .map(|(name, path, indexes, keys): (Rich, Option<&str>, &Vec<IndexEntry>, &[ForeignKeyEntry])| {
                let served = keys.iter().filter(|k| k.cover == "full").count();
                let mut all = Rich::default();
                for (at, index) in indexes.iter().enumerate().filter(|_| target.tables.len() < MANY) {
                    all = if at > 0 { all.line_break() } else { all };
                    all = all.then(index_text(index));
                }
                let count = words::thousands(indexes.len() as u64);
                vec![
                    name,
                    match path {
                        Some(path) => self.link_to_table(path, count.into()),
                        None => count.into(),
                    },
                    match path.filter(|_| !keys.is_empty()) {
                        Some(path) => self.link_to_table(path, format!("{served} of {}", keys.len()).into()),
                        None => "–".into(),
                    },
                    all,
                ]
            });
        blocks.push(rows(&["Table", "#Indexes", "#Foreign keys served", "Indexes"], list.collect(), "table", "tables"));
        (words::count(target.facts.indexes, "index", "indexes"), blocks)
    }

    pub(super) fn references(&self, target: &TargetReport) -> (String, Vec<Block>) {
        if target.facts.foreign_keys == 0 {
            return (
                String::new(),
                vec![Block::paragraph("The schema has no foreign key: the database enforces no reference.")],
            );
        }
        let anchor = |action: &str| self.id(&format!("delete-{}", action.to_ascii_lowercase().replace(' ', "-")));
        let summary = target.overview.foreign_keys_by_delete_action.iter().map(|tally| {
            let meaning = match tally.name.as_str() {
                "NO ACTION" => "deleting a referenced row fails, at the end of the statement or, where deferred, of the transaction",
                "RESTRICT" => "deleting a referenced row fails at once",
                "CASCADE" => "deleting a row deletes those that refer to it",
                "SET NULL" => "deleting a row leaves those that refer to it without a reference",
                _ => "deleting a row sets those that refer to it to their default",
            };
            vec![
                Rich::just_code(tally.name.as_str()),
                Rich::default().link(anchor(&tally.name), words::thousands(tally.count.into()).into()),
                meaning.into(),
            ]
        });
        let mut blocks = vec![
            Block::table(&["ON DELETE", "#Foreign keys", "What it means"], summary),
            Block::Facts(
                words::reference_overview(target)
                    .into_iter()
                    .map(|(label, n, anchor)| (label.into(), self.number(n, anchor)))
                    .collect(),
            ),
        ];
        blocks.extend(self.special_keys(target));
        for tally in &target.overview.foreign_keys_by_delete_action {
            blocks.push(Block::Heading(1, Some(anchor(&tally.name)), Rich::of("ON DELETE ").text(tally.name.as_str())));
            let keys = foreign_keys(target).filter(|(_, k)| k.on_delete == tally.name).map(|(table, key)| {
                let mut more = Vec::new();
                if key.on_update != "NO ACTION" {
                    more.push(format!("on update {}", key.on_update.to_ascii_lowercase()));
                }
                if key.deferrable {
                    more.push("deferrable".to_owned());
                }
                if !key.validated {
                    more.push("not validated".to_owned());
                }
                vec![
                    self.table_link(&table.path),
                    Rich::default().codes(&key.columns),
                    self.table_link(&key.references).text(" (").codes(&key.referenced_columns).text(")"),
                    Rich::just_code(&*key.name),
                    more.join(", ").into(),
                    self.beside(key.location.as_ref(), table),
                ]
            });
            blocks.push(self.placed(
                &["Table", "Columns", "References", "Name", "Besides", "Where"],
                keys.collect(),
                "foreign key",
                "foreign keys",
            ));
        }
        (words::count(target.facts.foreign_keys, "foreign key", "foreign keys"), blocks)
    }

    /// Foreign keys that the counts at the head of the chapter set apart, by name.
    fn special_keys(&self, target: &TargetReport) -> Vec<Block> {
        let all = || foreign_keys(target);
        let kinds: [(&str, &str, Vec<_>); 2] = [
            ("composite-keys", "Foreign keys of several columns", all().filter(|(_, k)| k.columns.len() > 1).collect()),
            ("own-keys", "Foreign keys to their own table", all().filter(|(t, k)| k.references == t.path).collect()),
        ];
        let mut not_validated: Vec<(&TableEntry, &str)> =
            all().filter(|(_, k)| !k.validated).map(|(t, k)| (t, k.name.as_str())).collect();
        let checks = target.tables.iter().flat_map(|t| t.checks.iter().map(move |c| (t, c)));
        not_validated.extend(checks.filter(|(_, c)| !c.validated).map(|(t, c)| (t, c.name.as_str())));
        let named = kinds.into_iter().map(|(id, head, keys)| {
            (id, head, keys.into_iter().map(|(t, k)| (t, k.name.as_str())).collect::<Vec<_>>())
        });
        let mut blocks = Vec::new();
        for (id, head, list) in named.chain([("not-validated", "Constraints not validated", not_validated)]) {
            if list.is_empty() {
                continue;
            }
            let links = list.iter().map(|(t, name)| self.link_to_table(&t.path, Rich::just_code(*name)));
            let links = Block::Small(Rich::joined(links, ", "));
            blocks.push(Block::Heading(1, Some(self.id(id)), head.into()));
            blocks.push(if list.len() <= SHOWN {
                links
            } else {
                Block::Fold(words::count(list.len() as u64, "constraint", "constraints").into(), vec![links])
            });
        }
        blocks
    }

    pub(super) fn constraints(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        let tables = || target.tables.iter();
        let checks = tables().flat_map(|t| t.checks.iter().map(move |c| (t, c))).map(|(table, check)| {
            vec![
                self.table_link(&table.path),
                Rich::just_code(&*check.name),
                Rich::default().sql(&check.expression),
                if check.validated { "yes".into() } else { Rich::default().state(State::No, "no") },
                self.beside(check.location.as_ref(), table),
            ]
        });
        let checks: Vec<_> = checks.collect();
        blocks.push(Block::Heading(
            1,
            Some(self.id("checks")),
            words::count(checks.len() as u64, "check constraint", "check constraints").into(),
        ));
        if checks.is_empty() {
            blocks.push(Block::paragraph("None: nothing but types and NOT NULL limits what a row may hold."));
        } else {
            blocks.push(self.placed(
                &["Table", "Name", "What it demands", "Validated", "Where"],
                checks,
                "check",
                "checks",
            ));
        }
        let uniques = tables().flat_map(|t| t.uniques.iter().map(move |u| (t, u))).map(|(table, key)| {
            vec![
                self.table_link(&table.path),
                Rich::just_code(&*key.name),
                Rich::default().codes(&key.columns),
                self.beside(key.location.as_ref(), table),
            ]
        });
        let uniques: Vec<_> = uniques.collect();
        blocks.push(Block::Heading(
            1,
            Some(self.id("uniques")),
            words::count(uniques.len() as u64, "unique constraint", "unique constraints").into(),
        ));
        if uniques.is_empty() {
            blocks.push(Block::paragraph("None."));
        } else {
            blocks.push(self.placed(&["Table", "Name", "Columns", "Where"], uniques, "constraint", "constraints"));
        }
        let indexes = tables()
            .flat_map(|t| t.indexes.iter().map(move |i| (t, i)))
            .filter(|(_, i)| i.unique && i.constraint.is_none())
            .map(|(table, index)| {
                vec![
                    self.table_link(&table.path),
                    Rich::just_code(&*index.name),
                    Rich::default().codes(&index.keys),
                    index.predicate.as_ref().map(|p| Rich::default().sql(p)).unwrap_or_default(),
                    self.beside(index.location.as_ref(), table),
                ]
            });
        let indexes: Vec<_> = indexes.collect();
        if !indexes.is_empty() {
            let head = words::count(
                indexes.len() as u64,
                "unique index without a constraint",
                "unique indexes without a constraint",
            );
            blocks.push(Block::Heading(1, Some(self.id("unique-indexes")), head.into()));
            blocks.push(self.placed(
                &["Table", "Name", "Keys", "Only rows where", "Where"],
                indexes,
                "index",
                "indexes",
            ));
        }
        let excludes = tables().flat_map(|t| t.excludes.iter().map(move |e| (t, e))).map(|(table, key)| {
            vec![
                self.table_link(&table.path),
                Rich::just_code(&*key.name),
                Rich::default().codes(&key.columns),
                self.beside(key.location.as_ref(), table),
            ]
        });
        let excludes: Vec<_> = excludes.collect();
        if !excludes.is_empty() {
            let head = words::count(excludes.len() as u64, "exclusion constraint", "exclusion constraints");
            blocks.push(Block::Heading(1, Some(self.id("excludes")), head.into()));
            blocks.push(self.placed(&["Table", "Name", "Keys", "Where"], excludes, "constraint", "constraints"));
        }
        let size = format!(
            "{}, {}",
            words::count(target.facts.checks, "check", "checks"),
            words::count(target.facts.uniques, "unique", "uniques")
        );
        (size, blocks)
    }

    pub(super) fn nulls(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let all = columns(target).count();
        if all == 0 {
            return (String::new(), vec![Block::paragraph("There is no column.")]);
        }
        let nullable = || columns(target).filter(|(_, c)| c.nullable);
        let kinds: [(&str, usize); 5] = [
            ("Columns that may not be null", all - nullable().count()),
            ("Columns that may be null", nullable().count()),
            ("of them with a default", nullable().filter(|(_, c)| c.default.is_some()).count()),
            ("of them boolean", nullable().filter(|(_, c)| c.data_type == "boolean").count()),
            ("of them foreign keys", nullable().filter(|(_, c)| c.foreign_key).count()),
        ];
        let facts = kinds.into_iter().filter(|(_, n)| *n > 0);
        let mut blocks = vec![
            Block::Facts(facts.map(|(label, n)| (label.into(), self.number(n as u64, "nullable-by-table"))).collect()),
            self.rules_of(target, &|_, rule| NULL_RULES.contains(&rule)),
            Block::Heading(1, Some(self.id("nullable-by-table")), "Nullable columns by table".into()),
        ];
        let list = target.tables.iter().filter(|t| t.columns.iter().any(|c| c.nullable)).map(|table| {
            let names: Vec<&str> = table.columns.iter().filter(|c| c.nullable).map(|c| c.name.as_str()).collect();
            vec![
                self.table_link(&table.path),
                self.link_to_table(&table.path, words::thousands(table.columns.len() as u64).into()),
                self.link_to_table(&table.path, words::thousands(names.len() as u64).into()),
                if target.tables.len() < MANY {
                    Rich::default().codes(&names)
                } else {
                    self.link_to_table(&table.path, "listed there".into())
                },
            ]
        });
        let list: Vec<_> = list.collect();
        if list.is_empty() {
            blocks.push(Block::paragraph("No column may be null."));
        } else {
            blocks.push(rows(&["Table", "#Columns", "#Nullable", "Which"], list, "table", "tables"));
        }
        (format!("{} of {} nullable", size(nullable().count()), words::count(all as u64, "column", "columns")), blocks)
    }

    pub(super) fn performance(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut most: Vec<&TableEntry> = target.tables.iter().filter(|t| t.indexes.len() > 5).collect();
        most.order_by_key(|t| std::cmp::Reverse(t.indexes.len()));
        let mut blocks = vec![
            Block::paragraph(
                "What the files show of speed: indexes that are missing or paid for twice, tables that grow, views. Which queries run, and how often, they do not show.",
            ),
            self.rules_of(target, &|category, _| {
                matches!(category, Category::Indexes | Category::Partitioning | Category::ViewsAndFunctions)
            }),
        ];
        if !most.is_empty() {
            blocks.push(Block::Heading(1, None, "Tables with more than five indexes".into()));
            blocks.push(Block::paragraph("Every write keeps them all."));
            let list = most.iter().map(|t| {
                let count = words::thousands(t.indexes.len() as u64);
                vec![self.table_link(&t.path), self.link_to_table(&t.path, count.into())]
            });
            blocks.push(rows(&["Table", "#Indexes"], list.collect(), "table", "tables"));
        }
        (String::new(), blocks)
    }

    pub(super) fn storage(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let of = |wanted: &[&str]| {
            columns(target)
                .filter(|(_, c)| wanted.iter().any(|w| c.data_type == *w || c.data_type.starts_with(&format!("{w}("))))
                .count()
        };
        let arrays = columns(target).filter(|(_, c)| c.data_type.ends_with("[]")).count();
        let tables = |wanted: &dyn Fn(&TableEntry) -> bool| {
            target.tables.iter().filter(|t| wanted(t)).map(|t| t.path.as_str()).collect::<Vec<_>>()
        };
        let partitioned = tables(&|t| t.partition_key.is_some());
        let facts: Vec<(&str, usize)> = [
            ("json and jsonb columns", of(&["json", "jsonb"])),
            ("text and varchar columns", of(&["text", "character varying"])),
            ("bytea columns", of(&["bytea"])),
            ("Array columns", arrays),
            ("Vector columns", of(&["vector", "halfvec", "sparsevec"])),
            ("Partitioned tables", partitioned.len()),
            ("Unlogged tables", tables(&|t| t.unlogged).len()),
        ]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .collect();
        let mut blocks = vec![
            Block::paragraph("How large anything is, files do not tell; the queries under monitoring do."),
            Block::Facts(
                facts.into_iter().map(|(label, n)| (label.into(), self.number(n as u64, "column-types"))).collect(),
            ),
        ];
        for (head, list) in [
            (format!("Tables of {WIDE} columns or more"), tables(&|t| t.columns.len() >= WIDE)),
            ("Partitioned tables".to_owned(), partitioned),
            ("Unlogged tables: empty after a crash".to_owned(), tables(&|t| t.unlogged)),
        ] {
            if !list.is_empty() {
                blocks.push(Block::Heading(1, None, head.into()));
                blocks.extend(self.table_list(&list));
            }
        }
        blocks.push(self.rules_of(target, &|_, rule| STORAGE_RULES.contains(&rule)));
        (String::new(), blocks)
    }

    pub(super) fn integrity(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let mut blocks = Vec::new();
        let unenforced = target.audit.as_ref().map_or(&[][..], |a| &a.unenforced);
        blocks.push(Block::Heading(1, Some(self.id("unenforced")), "References that nothing enforces".into()));
        if unenforced.is_empty() {
            blocks.push(Block::paragraph("None: every column that is named like a reference has a foreign key, and every foreign key holds for all rows."));
        } else {
            let list = unenforced.iter().map(|u| {
                vec![
                    self.table_link(&u.table),
                    Rich::default().codes(&u.columns),
                    self.table_link(&u.references).text(" (").codes(&u.referenced_columns).text(")"),
                    match (u.finding, &u.constraint) {
                        (Some(finding), _) => Rich::of("no foreign key, ").then(self.finding_link(finding)),
                        (None, Some(name)) => Rich::default().code(&**name).text(" is not validated"),
                        (None, None) => Rich::default(),
                    },
                ]
            });
            blocks.push(rows(
                &["Table", "Columns", "Refers to", "Why it does not hold"],
                list.collect(),
                "reference",
                "references",
            ));
        }
        blocks.push(Block::Heading(1, None, "Keys, constraints and the life of rows".into()));
        blocks.push(self.rules_of(target, &|category, _| {
            matches!(category, Category::KeysAndReferences | Category::Constraints | Category::DataLifecycle)
        }));
        (String::new(), blocks)
    }
}

/// Every column with its table, those of partitions too.
fn columns(target: &TargetReport) -> impl Iterator<Item = (&TableEntry, &ColumnEntry)> {
    target.tables.iter().flat_map(|t| t.columns.iter().map(move |c| (t, c)))
}

fn foreign_keys(target: &TargetReport) -> impl Iterator<Item = (&TableEntry, &ForeignKeyEntry)> {
    target.tables.iter().flat_map(|t| t.foreign_keys.iter().map(move |k| (t, k)))
}

/// The id of a type's list of columns: what is no letter or digit is written by its number.
fn type_anchor(name: &str) -> String {
    let mut id = String::from("type");
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else {
            id.push_str(&format!("-{:x}-", u32::from(c)));
        }
    }
    id
}

/// A path without `public` in front.
fn short(path: &str) -> &str {
    path.strip_prefix("public.").unwrap_or(path)
}

/// `name` btree (`a`, `b`) where `c`.
pub(super) fn index_text(index: &IndexEntry) -> Rich {
    let mut text = Rich::just_code(&*index.name)
        .text(format!(" {}{} (", if index.unique { "unique " } else { "" }, index.method))
        .codes(&index.keys)
        .text(")");
    if !index.include.is_empty() {
        text = text.text(" include (").codes(&index.include).text(")");
    }
    if let Some(predicate) = &index.predicate {
        text = text.text(" where ").sql(predicate);
    }
    if index.constraint.is_some() {
        text = text.soft(", behind its constraint");
    }
    text
}
