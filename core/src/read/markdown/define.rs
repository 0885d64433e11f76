//! From what documents say to operations: names are resolved, what is said twice is said once, what PostgreSQL would refuse stays a statement of
//! its own.

use std::collections::{BTreeMap, BTreeSet};

mod constraints;
mod statements;

use super::lines::Index;
use super::section::{Described, Draft};
use super::table::{Column, fold};
use super::traits::Place;
use super::types;
use crate::expr::Expr;
use crate::history::definitions::alter;
use crate::history::document::{DocumentFacts, StatedPolicy, StatedValues};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::*;
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::patched::Patched;
use crate::replay::make_object_name;
use crate::source::{FileId, Span};

/// What documents define together.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    /// In the order of the documents; their order of execution is another matter.
    pub(crate) operations: Vec<Operation>,
    pub(crate) documents: Vec<DocumentFacts>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) statements: u32,
    pub(crate) understood: u32,
    pub(crate) skipped: Vec<Problem>,
    /// Tables that tables of columns or diagrams describe.
    pub(crate) described: usize,
    /// Tables that only SQL defines.
    pub(crate) created: usize,
    /// Tables that SQL alters and nothing defines.
    pub(crate) undefined: usize,
}

/// Puts documents together.
pub(crate) fn define(drafts: &[Draft]) -> Definition {
    let mut definer = Definer::new(drafts);
    for draft in drafts {
        definer.described(draft);
    }
    for draft in drafts {
        definer.sql(draft);
    }
    for draft in drafts {
        definer.diagrams(draft);
    }
    definer.finish(drafts)
}

/// A name as the database keeps it, its schema left out.
fn own_name(name: &Patched) -> String {
    let text = name.text();
    match text.rsplit_once('.') {
        Some((_, own)) if !own.contains('"') => own.to_ascii_lowercase(),
        _ => fold(name),
    }
}

/// The schema that a name is written with.
fn schema_name(name: &Patched) -> Option<String> {
    let (schema, own) = name.text().rsplit_once('.')?;
    (!own.contains('"') && !schema.contains(['.', '"'])).then(|| schema.to_ascii_lowercase())
}

struct Definer {
    out: Definition,
    facts: BTreeMap<FileId, DocumentFacts>,
    /// Tables that are defined somewhere, by their own names.
    known: BTreeSet<String>,
    /// The schemas with which their names are written.
    schemas: BTreeSet<String>,
    /// Types that SQL or a list defines.
    types: BTreeSet<String>,
    /// The types of described columns by table and column, and the column of a primary key of one.
    column_types: BTreeMap<(String, String), String>,
    key_columns: BTreeMap<String, String>,
    /// Extensions that the documents make.
    extensions: BTreeSet<String>,
    /// Tables defined so far.
    done: BTreeSet<String>,
    /// Of them those that are partitioned, and those whose section lists indexes.
    partitioned: BTreeSet<String>,
    lists_indexes: BTreeSet<String>,
    /// PARTITION BY that only SQL says of a described table.
    partitions: BTreeMap<String, PartitionBy>,
    /// Indexes by name, with what tells one from another.
    indexes: BTreeMap<Name, String>,
    /// Other definitions in SQL: those that were said word for word before are left out.
    said: BTreeSet<String>,
    /// Tables with a policy in SQL, and those whose row-level security SQL switches on.
    with_policy: BTreeSet<Name>,
    secured: BTreeSet<Name>,
    altered: BTreeSet<Name>,
    /// Whether a type of an extension was used that nothing makes.
    implied: BTreeSet<&'static str>,
}

impl Definer {
    fn new(drafts: &[Draft]) -> Self {
        let mut definer = Self {
            out: Definition::default(),
            facts: drafts.iter().map(|d| (d.file, d.facts.clone())).collect(),
            known: BTreeSet::new(),
            schemas: BTreeSet::new(),
            types: BTreeSet::new(),
            column_types: BTreeMap::new(),
            key_columns: BTreeMap::new(),
            extensions: BTreeSet::new(),
            done: BTreeSet::new(),
            partitioned: BTreeSet::new(),
            lists_indexes: BTreeSet::new(),
            partitions: BTreeMap::new(),
            indexes: BTreeMap::new(),
            said: BTreeSet::new(),
            with_policy: BTreeSet::new(),
            secured: BTreeSet::new(),
            altered: BTreeSet::new(),
            implied: BTreeSet::new(),
        };
        for draft in drafts {
            definer.known.extend(draft.tables.iter().map(|t| own_name(&t.name)));
            definer.schemas.extend(draft.tables.iter().filter_map(|t| schema_name(&t.name)));
            definer.known.extend(draft.diagrams.iter().flat_map(|d| &d.entities).map(|e| own_name(&e.name)));
            definer.known.extend(draft.modelled.iter().map(|t| own_name(&t.name)));
            definer.types.extend(draft.enums.iter().map(|(name, ..)| own_name(name)));
            for (operation, ..) in &draft.sql {
                definer.survey(&operation.kind);
            }
            for table in &draft.tables {
                definer.note_types(table);
            }
        }
        definer
    }

    /// Notes the types of a table's columns, for keys that point there and name no type.
    fn note_types(&mut self, table: &Described) {
        let name = own_name(&table.name);
        let mut keys = table.rows.columns.iter().filter(|c| c.traits.primary.is_some());
        if let (Some(key), None) = (keys.next(), keys.next()) {
            self.key_columns.entry(name.clone()).or_insert_with(|| key.folded.clone());
        }
        for column in &table.rows.columns {
            let Some(data_type) = &column.data_type else { continue };
            let sql = match type_word(&data_type.sql).as_str() {
                "serial" | "serial4" => "integer".to_owned(),
                "bigserial" | "serial8" => "bigint".to_owned(),
                "smallserial" | "serial2" => "smallint".to_owned(),
                _ => data_type.sql.text().to_owned(),
            };
            self.column_types.entry((name.clone(), column.folded.clone())).or_insert(sql);
        }
    }

    /// The type of the column that a key without a type of its own points to: PostgreSQL takes no other that is not comparable with it.
    fn referenced(&self, column: &Column) -> Option<Patched> {
        let reference = column.traits.references.first()?;
        let (table, key) = match (reference.parts.as_slice(), &reference.columns) {
            (parts, Some(columns)) => {
                (parts.last()?, columns.text().trim_matches(['(', ')', ' ']).to_ascii_lowercase())
            }
            ([table], None) => (table, self.key_columns.get(&fold(table))?.clone()),
            ([.., table, key], None) => (table, fold(key)),
            _ => return None,
        };
        let found = self.column_types.get(&(fold(table), key))?;
        let mut out = Patched::default();
        out.say(found, reference.place.0, reference.place.1);
        Some(out)
    }

    /// Notes what a statement makes.
    fn survey(&mut self, kind: &OperationKind) {
        match kind {
            OperationKind::CreateTable(t) => {
                self.known.insert(t.name.name.fold().to_string());
                if let Some(by) = &t.partition_by {
                    self.partitions.entry(t.name.name.fold().to_string()).or_insert_with(|| by.clone());
                    self.partitioned.insert(t.name.name.fold().to_string());
                }
            }
            OperationKind::CreateType { name, .. } => {
                self.types.insert(name.name.fold().to_string());
            }
            OperationKind::CreateDomain(d) => {
                self.types.insert(d.name.name.fold().to_string());
            }
            OperationKind::CreateExtension { name, .. } => {
                self.extensions.insert(name.fold().to_string());
            }
            OperationKind::CreatePolicy(p) => {
                self.with_policy.insert(p.table.name.fold());
            }
            OperationKind::AlterTable(a)
                if a.actions
                    .iter()
                    .any(|(action, _)| matches!(action, AlterTableAction::RowSecurity(RowSecurity::Enable))) =>
            {
                self.secured.insert(a.name.name.fold());
            }
            _ => {}
        }
    }

    /// Reads SQL that was put together, as one statement that stands at `place`.
    fn emit(&mut self, sql: &Patched, file: FileId, place: Place) -> Option<usize> {
        let span = Span::new(file, place.0, place.1);
        let (operations, problems) = sql.read(file);
        self.out.statements += 1;
        if operations.is_empty()
            || (!problems.is_empty()
                && !matches!(operations.first().map(|o| &o.kind), Some(OperationKind::CreateTable(_))))
        {
            let problem = problems.into_iter().next().unwrap_or(Problem {
                kind: ProblemKind::SyntaxError,
                message: "This could not be read as SQL.".to_owned(),
                span: Some(span),
            });
            self.out.skipped.push(problem);
            return None;
        }
        if problems.is_empty() {
            self.out.understood += 1;
        } else {
            self.out.skipped.extend(problems);
        }
        let first = self.out.operations.len();
        self.out.operations.extend(operations.into_iter().map(|mut o| {
            o.span = span;
            o
        }));
        Some(first)
    }

    fn described(&mut self, draft: &Draft) {
        for (name, values, place) in &draft.enums {
            let mut sql = Patched::default();
            sql.say("CREATE TYPE ", place.0, place.0);
            sql.append(name);
            sql.glue(" AS ENUM (");
            for (n, value) in values.iter().enumerate() {
                let (start, end) = value.range();
                let text = value.text().trim_matches(['\'', '"']).replace('\'', "''");
                sql.glue(if n > 0 { ", " } else { "" });
                sql.say(&format!("'{text}'"), start, end);
            }
            sql.glue(")");
            self.emit(&sql, draft.file, *place);
        }
        for table in &draft.tables {
            self.table(table, draft.file);
        }
    }

    fn table(&mut self, table: &Described, file: FileId) {
        let key = own_name(&table.name);
        let first = self.done.insert(key.clone());
        self.out.described += usize::from(first);
        if table.partition.is_some() {
            self.partitioned.insert(key.clone());
        }
        let mut sql = Patched::default();
        sql.say(if table.unlogged { "CREATE UNLOGGED TABLE " } else { "CREATE TABLE " }, table.place.0, table.place.0);
        sql.append(&table.name);
        let types = self.columns(&mut sql, &table.rows.columns, file);
        if let Some((by, _)) = &table.partition {
            sql.glue(" ");
            sql.append(by);
        }
        let Some(at) = self.emit(&sql, file, table.place) else { return };
        let Some(OperationKind::CreateTable(create)) = self.out.operations.get_mut(at).map(|o| &mut o.kind) else {
            return;
        };
        if table.partition.is_none() {
            create.partition_by = self.partitions.get(&key).cloned();
        }
        let name = create.name.clone();
        let idents: Vec<Ident> = create
            .elements
            .iter()
            .filter_map(|e| match e {
                TableElement::Column(c) => Some(c.name.clone()),
                _ => None,
            })
            .collect();
        for (column, data_type) in types {
            let span = data_type.span;
            let action = AlterTableAction::SetType { column, data_type, collation: None, using: None, cascade: false };
            self.out.operations.push(alter(name.clone(), action, span));
        }
        self.keys(table, file);
        for column in &table.rows.columns {
            self.column_constraints(table, column, file);
        }
        for constraint in &table.constraints {
            self.constraint(&table.name, constraint, file);
        }
        // The index of a column that is marked UNIQUE comes with it, and has this name.
        let comes = |index: &Index| {
            let Some(name) = index.name.as_ref().filter(|_| index.unique).map(fold) else { return false };
            table.rows.columns.iter().filter(|c| c.traits.unique.is_some()).any(|c| {
                name == make_object_name(&own_name(&table.name), Some(&c.folded), "key").as_str()
                    && constraints::is_alone(&index.keys, &c.folded)
            })
        };
        for index in table.indexes.iter().filter(|index| !comes(index)) {
            self.index(&table.name, index, file);
        }
        if table.lists_indexes {
            self.lists_indexes.insert(key);
        }
        self.indexed_columns(table, file);
        self.security(table, &name, file);
        self.comments(table, &name, &idents, file);
    }

    /// Appends columns. What comes back are types that nothing makes: the column is read as text, and its type is a statement of its own.
    fn columns(&mut self, sql: &mut Patched, columns: &[Column], file: FileId) -> Vec<(Ident, TypeName)> {
        let mut later = Vec::new();
        sql.glue(" (");
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for (n, column) in columns.iter().enumerate() {
            if !seen.insert(&column.folded) && column.data_type.is_none() {
                continue;
            }
            if n > 0 {
                sql.glue(", ");
            }
            sql.append(&column.name);
            sql.glue(" ");
            let span = Span::new(file, column.place.0, column.place.1);
            let mut whole = false;
            match &column.data_type {
                None if let Some(target) = self.referenced(column) => sql.append(&target),
                None => {
                    sql.glue("text");
                    self.skip(
                        format!("The type of `{}` could not be read; the column is taken for `text`.", column.folded),
                        span,
                    );
                }
                Some(read) => {
                    let word = type_word(&read.sql);
                    let extension = types::extension_of(&word);
                    whole =
                        matches!(word.as_str(), "int" | "integer" | "bigint" | "smallint" | "int2" | "int4" | "int8");
                    match extension {
                        Some(extension) if self.extensions.is_empty() => {
                            // A document that makes no extension leaves that to its reader.
                            if self.implied.insert(extension) {
                                self.extension(extension, span_of(&read.sql, file));
                            }
                            sql.append(&read.sql);
                        }
                        Some(extension) if !self.extensions.contains(extension) => {
                            let (start, end) = read.sql.range();
                            sql.say("text", start, end);
                            if let Some(pair) = typed(column, &read.sql, file) {
                                later.push(pair);
                            }
                        }
                        Some(_) => sql.append(&read.sql),
                        None if whole && column.traits.serial => {
                            let (start, end) = read.sql.range();
                            let serial = match word.as_str() {
                                "bigint" | "int8" => "bigserial",
                                "smallint" | "int2" => "smallserial",
                                _ => "serial",
                            };
                            sql.say(serial, start, end);
                        }
                        None if types::is_known(&word) || self.types.contains(&word) => sql.append(&read.sql),
                        None => {
                            let (start, end) = read.sql.range();
                            sql.say("text", start, end);
                            self.skip(
                                format!(
                                    "`{}` is no type that PostgreSQL or the document knows; the column is taken for `text`.",
                                    crate::name::truncate(read.sql.text(), 60)
                                ),
                                span_of(&read.sql, file),
                            );
                        }
                    }
                }
            }
            let traits = &column.traits;
            if let Some(generated) = &traits.generated {
                sql.glue(" ");
                sql.append(generated);
            } else if let Some(default) = &traits.default {
                // As with types, a document that makes no extension leaves that to its reader.
                if default.text().starts_with("uuid_generate_v")
                    && self.extensions.is_empty()
                    && self.implied.insert("uuid-ossp")
                {
                    self.extension("uuid-ossp", span_of(default, file));
                }
                sql.glue(" DEFAULT ");
                sql.append(default);
            } else if traits.identity.is_some() && whole {
                sql.glue(" GENERATED BY DEFAULT AS IDENTITY");
            }
            if traits.not_null && !traits.nullable {
                sql.glue(" NOT NULL");
            }
        }
        sql.glue(")");
        later
    }

    fn skip(&mut self, message: String, span: Span) {
        self.out.skipped.push(Problem { kind: ProblemKind::UnsupportedStatement, message, span: Some(span) });
    }

    fn extension(&mut self, name: &str, span: Span) {
        let name = Ident { text: name.into(), quoted: true, span };
        self.out.operations.push(Operation {
            kind: OperationKind::CreateExtension {
                name,
                if_not_exists: true,
                schema: None,
                version: None,
                cascade: false,
            },
            span,
            guards: Box::default(),
            tolerates: Box::default(),
        });
    }

    fn security(&mut self, table: &Described, name: &QualifiedName, file: FileId) {
        let own = name.name.fold();
        let mut enable = table.row_security.filter(|(on, _)| *on).map(|(_, place)| place);
        for policy in &table.policies {
            let span = Span::new(file, policy.place.0, policy.place.1);
            let condition = policy.condition.as_ref().map(|c| Expr::new(c.text(), span_of(c, file)));
            if let Some(facts) = self.facts.get_mut(&file) {
                let name = policy.name.as_ref().map(|n| Name::from(fold(n)));
                facts.policies.push(StatedPolicy { table: own.clone(), name, condition, span });
            }
            // The policy that runs is the one in SQL; without any, the description is all there is.
            let (Some(policy_name), Some(condition)) = (&policy.name, &policy.condition) else { continue };
            if self.with_policy.contains(&own) {
                continue;
            }
            let mut sql = Patched::default();
            sql.say("CREATE POLICY ", policy.place.0, policy.place.0);
            sql.append(policy_name);
            sql.glue(" ON ");
            sql.say(table.name.text(), table.name.range().0, table.name.range().1);
            sql.say(" USING (", policy.place.0, policy.place.0);
            sql.append(condition);
            sql.glue(")");
            if self.emit(&sql, file, policy.place).is_some() && self.secured.is_empty() {
                enable.get_or_insert(policy.place);
            }
        }
        if let Some(place) = enable
            && !self.secured.contains(&own)
        {
            let span = Span::new(file, place.0, place.1);
            self.out.operations.push(alter(name.clone(), AlterTableAction::RowSecurity(RowSecurity::Enable), span));
        }
    }

    /// Descriptions are comments.
    fn comments(&mut self, table: &Described, name: &QualifiedName, idents: &[Ident], file: FileId) {
        let mut comment = |kind, part: Option<Ident>, text: &str, place: Place| {
            let span = Span::new(file, place.0, place.1);
            let target = ObjectRef { kind, name: name.clone(), part, arguments: None, span };
            self.out.operations.push(Operation {
                kind: OperationKind::Comment { target, text: Some(text.to_owned()) },
                span,
                guards: Box::default(),
                tolerates: Box::default(),
            });
        };
        if let Some((text, place)) = &table.comment {
            comment(ObjectKind::Table, None, text, *place);
        }
        for column in &table.rows.columns {
            let Some((text, place)) = &column.description else { continue };
            if let Some(ident) = idents.iter().find(|i| i.fold() == column.folded) {
                comment(ObjectKind::Column, Some(ident.clone()), text, *place);
            }
        }
        let values = table.rows.columns.iter().filter_map(|column| {
            let (text, place) = column.description.as_ref()?;
            // Beside a check, words with commas between them are its values; elsewhere they may be anything.
            let checked = || {
                !column.traits.checks.is_empty()
                    || table.constraints.iter().any(|c| constraints::is_check_of(c, &column.folded))
            };
            let (values, open) =
                super::facts::values(text).or_else(|| super::facts::listed(text).filter(|_| checked()))?;
            Some(StatedValues {
                table: name.name.fold(),
                column: column.folded.as_str().into(),
                values,
                open,
                span: Span::new(file, place.0, place.1),
            })
        });
        if let Some(facts) = self.facts.get_mut(&file) {
            facts.values.extend(values);
        }
    }

    /// Documents that make no schema leave that to their readers, as they do with extensions.
    fn schemas(&mut self) {
        let made = |o: &Operation| matches!(o.kind, OperationKind::CreateSchema { .. });
        if self.out.operations.iter().any(made) {
            return;
        }
        let mut used: BTreeMap<Name, Ident> = BTreeMap::new();
        for operation in &self.out.operations {
            let name = match &operation.kind {
                OperationKind::CreateTable(t) => &t.name,
                OperationKind::CreateView(v) => &v.name,
                OperationKind::CreateType { name, .. } => name,
                _ => continue,
            };
            if let Some(schema) = name.schema.as_ref().filter(|s| s.fold() != "public") {
                used.entry(schema.fold()).or_insert_with(|| schema.clone());
            }
        }
        for name in used.into_values() {
            let span = name.span;
            self.out.operations.push(Operation {
                kind: OperationKind::CreateSchema { name, if_not_exists: true },
                span,
                guards: Box::default(),
                tolerates: Box::default(),
            });
        }
    }

    fn finish(mut self, drafts: &[Draft]) -> Definition {
        self.schemas();
        self.out.undefined =
            self.altered.iter().filter(|t| !self.done.contains(t.as_str()) && !self.known.contains(t.as_str())).count();
        self.out.documents = drafts.iter().filter_map(|d| self.facts.remove(&d.file)).collect();
        self.out
    }
}

fn span_of(sql: &Patched, file: FileId) -> Span {
    let (start, end) = sql.range();
    Span::new(file, start, end)
}

/// The word that names a type, without schema, modifiers and brackets.
fn type_word(sql: &Patched) -> String {
    let text = sql.text().split(['(', '[', ' ']).next().unwrap_or_default();
    text.rsplit('.').next().unwrap_or_default().trim_matches('"').to_ascii_lowercase()
}

/// A column and its type, read by themselves.
fn typed(column: &Column, data_type: &Patched, file: FileId) -> Option<(Ident, TypeName)> {
    let mut sql = Patched::default();
    let (start, _) = column.name.range();
    sql.say("CREATE TABLE t (", start, start);
    sql.append(&column.name);
    sql.glue(" ");
    sql.append(data_type);
    sql.glue(")");
    let (operations, _) = sql.read(file);
    match operations.into_iter().next().map(|o| o.kind) {
        Some(OperationKind::CreateTable(t)) => match t.elements.into_iter().next() {
            Some(TableElement::Column(c)) => Some((c.name, c.data_type?)),
            _ => None,
        },
        _ => None,
    }
}

/// A definition without its places: two that say the same are equal.
fn said(kind: &OperationKind) -> String {
    let debug = format!("{kind:?}");
    let mut out = String::with_capacity(debug.len() / 2);
    for (n, part) in debug.split("Span {").enumerate() {
        let rest = if n == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) };
        out.push_str(rest);
    }
    out.to_ascii_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("if_not_exists: true", "if_not_exists: false")
}

/// What tells an index from another of the same name.
fn index_text(index: &CreateIndex) -> String {
    let mut index = index.clone();
    index.if_not_exists = false;
    index.concurrently = false;
    index.table.schema = None;
    index.method = index.method.filter(|m| m.fold() != "btree");
    for key in &mut index.keys {
        key.descending = key.descending.filter(|d| *d);
    }
    if let Some(predicate) = &mut index.predicate {
        let bare: String = predicate.text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect();
        predicate.text = bare.into();
    }
    index.options.order();
    said(&OperationKind::CreateIndex(Box::new(index)))
}
