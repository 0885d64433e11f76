//! From what documents say to operations: names are resolved, what is said twice is said once, what PostgreSQL would refuse stays a statement of
//! its own.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Constraint, Index};
use super::mermaid::Diagram;
use super::naming::dotted;
use super::section::{Described, Draft};
use super::table::{Column, fold};
use super::traits::{Place, Reference};
use super::types;
use crate::expr::Expr;
use crate::history::definitions::alter;
use crate::history::document::{DocumentFacts, RestatedTable, StatedPolicy, StatedValues, UnlistedIndex};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::*;
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::patched::Patched;
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

struct Definer {
    out: Definition,
    facts: BTreeMap<FileId, DocumentFacts>,
    /// Tables that are defined somewhere, by their own names.
    known: BTreeSet<String>,
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
        for index in &table.indexes {
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

    /// ALTER TABLE … ADD `constraint`.
    fn add(&mut self, table: &Patched, constraint: &Patched, file: FileId, place: Place) {
        let mut sql = Patched::default();
        sql.say("ALTER TABLE ", place.0, place.0);
        let at = place.0;
        sql.say(table.text(), table.range().0, table.range().1);
        sql.say(" ADD ", at, at);
        sql.append(constraint);
        if let Some(first) = self.emit(&sql, file, place)
            && let Some(OperationKind::AlterTable(alter)) = self.out.operations.get_mut(first).map(|o| &mut o.kind)
        {
            // What the document says stands in one cell or line.
            let span = Span::new(file, place.0, place.1);
            for (action, at) in &mut alter.actions {
                *at = span;
                if let AlterTableAction::AddConstraint(constraint) = action {
                    constraint.span = span;
                }
            }
        }
    }

    /// Primary keys: those that lines and rows say first, then the columns that are marked.
    fn keys(&mut self, table: &Described, file: FileId) {
        let mut said: Vec<String> = Vec::new();
        for row in &table.rows.constraints {
            if row.sql.text().starts_with("PRIMARY KEY") {
                said.push(columns_of(&row.sql));
            }
            self.add(&table.name, &row.sql, file, row.place);
        }
        for constraint in &table.constraints {
            if let Constraint::Plain { sql, .. } = constraint
                && sql.text().starts_with("PRIMARY KEY")
            {
                said.push(columns_of(sql));
            }
        }
        for constraint in &table.constraints {
            if let Constraint::Plain { name, sql, place } = constraint
                && sql.text().starts_with("PRIMARY KEY")
            {
                let own = columns_of(sql);
                if said.iter().position(|s| *s == own) == said.iter().rposition(|s| *s == own)
                    || table.rows.constraints.is_empty()
                {
                    self.add(&table.name, &with_name(name.as_ref(), sql), file, *place);
                }
            }
        }
        let marked: Vec<&Column> = table.rows.columns.iter().filter(|c| c.traits.primary.is_some()).collect();
        let (Some(first), Some(last)) = (marked.first(), marked.last()) else { return };
        let (Some(start), Some(end)) = (first.traits.primary, last.traits.primary) else { return };
        let mut sql = Patched::default();
        sql.say("PRIMARY KEY ", start.0, start.1);
        sql.say("(", start.0, start.0);
        for (n, column) in marked.iter().enumerate() {
            sql.glue(if n > 0 { ", " } else { "" });
            sql.append(&column.name);
        }
        sql.glue(")");
        if said.contains(&columns_of(&sql)) {
            return;
        }
        self.add(&table.name, &sql, file, if marked.len() == 1 { start } else { (start.0, end.1) });
    }

    fn column_constraints(&mut self, table: &Described, column: &Column, file: FileId) {
        let one = |at: u32| {
            let mut list = Patched::default();
            list.say("(", at, at);
            list.append(&column.name);
            list.glue(")");
            list
        };
        if let Some(place) = column.traits.unique {
            let mut sql = Patched::default();
            sql.say("UNIQUE ", place.0, place.1);
            sql.append(&one(place.0));
            self.add(&table.name, &sql, file, place);
        }
        for (check, place) in &column.traits.checks {
            let mut sql = Patched::default();
            sql.say("CHECK ", place.0, place.0);
            sql.append(check);
            self.add(&table.name, &sql, file, *place);
        }
        if let Some((from, to)) = column.traits.foreign
            && column.traits.references.is_empty()
            && !table
                .constraints
                .iter()
                .any(|c| matches!(c, Constraint::Foreign { columns, .. } if names(columns, &column.folded)))
        {
            self.skip(
                format!(
                    "`{}` is marked as a foreign key, but nothing says of which table; none is made.",
                    column.folded
                ),
                Span::new(file, from, to),
            );
        }
        for reference in &column.traits.references {
            self.reference(&table.name, None, &one(reference.place.0), reference, file, reference.place);
        }
    }

    fn reference(
        &mut self,
        table: &Patched,
        name: Option<&Patched>,
        columns: &Patched,
        reference: &Reference,
        file: FileId,
        place: Place,
    ) {
        let mut sql = Patched::default();
        sql.say("FOREIGN KEY ", place.0, place.0);
        sql.append(columns);
        sql.glue(" REFERENCES ");
        let known = |n: usize| reference.parts.get(n).is_some_and(|p| self.known.contains(&fold(p)));
        // `a.b` is a column of a table, or a table of a schema.
        let parts = reference.parts.as_slice();
        let split = match (parts, &reference.columns) {
            ([_], _) | (_, Some(_)) => parts.len(),
            ([_, _], None) if known(0) || !known(1) => 1,
            ([_, _], None) => 2,
            _ => parts.len() - 1,
        };
        sql.append(&dotted(parts.get(..split).unwrap_or_default()));
        if let Some(column) = parts.get(split) {
            sql.glue(" (");
            sql.append(column);
            sql.glue(")");
        } else if let Some(columns) = &reference.columns {
            sql.glue(" ");
            sql.append(columns);
        }
        sql.append(&reference.actions);
        self.add(table, &with_name(name, &sql), file, place);
    }

    fn constraint(&mut self, table: &Patched, constraint: &Constraint, file: FileId) {
        match constraint {
            Constraint::Plain { sql, .. } if sql.text().starts_with("PRIMARY KEY") => {}
            Constraint::Plain { name, sql, place } => self.add(table, &with_name(name.as_ref(), sql), file, *place),
            Constraint::Foreign { name, columns, reference, place } => {
                self.reference(table, name.as_ref(), columns, reference, file, *place);
            }
        }
    }

    fn index(&mut self, table: &Patched, index: &Index, file: FileId) {
        let mut sql = Patched::default();
        sql.say(if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " }, index.place.0, index.place.0);
        if let Some(name) = &index.name {
            sql.append(name);
        }
        sql.glue(" ON ");
        match &index.table {
            Some(table) => sql.append(table),
            // The bullet stands for its table: what is wrong with the index is told there.
            None => sql.say(table.text(), index.place.0, index.place.1),
        }
        if let Some(method) = &index.method {
            sql.glue(" USING ");
            sql.append(method);
        }
        sql.glue(" ");
        sql.append(&index.keys);
        sql.append(&index.tail);
        if let Some(at) = self.emit(&sql, file, index.place)
            && let Some(OperationKind::CreateIndex(create)) = self.out.operations.get(at).map(|o| &o.kind)
            && let Some(name) = &create.name
        {
            self.indexes.entry(name.fold()).or_insert_with(|| index_text(create));
        }
    }

    /// Columns that are marked as indexed and that no listed index begins with.
    fn indexed_columns(&mut self, table: &Described, file: FileId) {
        for column in &table.rows.columns {
            let Some(place) = column.traits.indexed else { continue };
            let covered = column.traits.unique.is_some()
                || column.traits.primary.is_some()
                || table.indexes.iter().any(|i| {
                    i.keys
                        .text()
                        .trim_start_matches('(')
                        .split([',', ' ', ')'])
                        .next()
                        .is_some_and(|f| f.eq_ignore_ascii_case(&column.folded))
                });
            if covered {
                continue;
            }
            let mut keys = Patched::default();
            keys.say("(", place.0, place.0);
            keys.append(&column.name);
            keys.glue(")");
            self.index(&table.name, &Index { keys, place, ..Index::default() }, file);
        }
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
            let (values, open) = super::facts::values(text)?;
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

    fn sql(&mut self, draft: &Draft) {
        self.out.statements += draft.statements;
        self.out.understood += draft.understood;
        self.out.skipped.extend(draft.problems.iter().filter(|p| p.kind != ProblemKind::LimitExceeded).cloned());
        // The others are told with what was skipped.
        let apart = |p: &&Problem| {
            matches!(p.kind, ProblemKind::LimitExceeded | ProblemKind::SyntaxError | ProblemKind::Unterminated)
        };
        self.out.problems.extend(draft.problems.iter().filter(apart).cloned());
        for (operation, elided, _) in &draft.sql {
            self.statement(operation, *elided, draft.file);
        }
    }

    fn statement(&mut self, operation: &Operation, elided: bool, file: FileId) {
        match &operation.kind {
            OperationKind::CreateTable(t) => {
                // A partition in a document shows how partitions are made: a job makes them.
                if t.partition_of.is_some() {
                    return;
                }
                let key = t.name.name.fold().to_string();
                if self.done.contains(&key) {
                    let before = !self.said.insert(said(&operation.kind));
                    let described = self.out.operations.iter().any(|o| {
                        matches!(&o.kind, OperationKind::CreateTable(other) if other.name.name.fold() == key.as_str() && self.said.contains(&said(&o.kind)))
                    });
                    if before {
                        return;
                    }
                    if elided || !described {
                        if let Some(facts) = self.facts.get_mut(&file) {
                            facts.restated.push(RestatedTable { table: t.clone(), excerpt: elided, diagram: false });
                        }
                        return;
                    }
                } else {
                    self.done.insert(key);
                    self.out.created += 1;
                    self.said.insert(said(&operation.kind));
                }
            }
            OperationKind::CreateIndex(i) => {
                let table = i.table.name.fold();
                self.altered.insert(table.clone());
                if let Some(name) = &i.name {
                    let text = index_text(i);
                    match self.indexes.get(&name.fold()) {
                        // The same once more, as a guideline or an example.
                        Some(same) if *same == text => return,
                        Some(_) => {}
                        None => {
                            if self.lists_indexes.contains(table.as_str())
                                && let Some(facts) = self.facts.get_mut(&file)
                            {
                                facts.unlisted_indexes.push(UnlistedIndex {
                                    name: name.fold(),
                                    table: table.clone(),
                                    span: name.span,
                                });
                            }
                            self.indexes.insert(name.fold(), text);
                        }
                    }
                }
                if i.concurrently && self.partitioned.contains(table.as_str()) {
                    // CONCURRENTLY is refused here, and hides what else is wrong with the index: it is made without it, too.
                    self.out.operations.push(operation.clone());
                    let mut again = operation.clone();
                    if let OperationKind::CreateIndex(index) = &mut again.kind {
                        index.concurrently = false;
                    }
                    self.out.operations.push(again);
                    return;
                }
            }
            OperationKind::RefreshMaterializedView { .. } => {}
            kind => {
                if let OperationKind::AlterTable(a) = kind {
                    self.altered.insert(a.name.name.fold());
                    // What changes a table away from its definition shows how it is done.
                    if a.actions.iter().any(|(action, _)| !defines(action)) {
                        return;
                    }
                }
                if let OperationKind::CreatePolicy(p) = kind {
                    self.altered.insert(p.table.name.fold());
                }
                if let OperationKind::CreateTrigger(t) = kind {
                    self.altered.insert(t.table.name.fold());
                }
                if !self.said.insert(said(kind)) {
                    return;
                }
            }
        }
        self.out.operations.push(operation.clone());
    }

    fn diagrams(&mut self, draft: &Draft) {
        for diagram in &draft.diagrams {
            self.diagram(diagram, draft.file);
        }
        for table in &draft.modelled {
            self.drawn(table, draft.file);
        }
    }

    fn diagram(&mut self, diagram: &Diagram, file: FileId) {
        let mut own: Vec<bool> = Vec::with_capacity(diagram.entities.len());
        for entity in &diagram.entities {
            let (start, _) = entity.name.range();
            let end = entity.columns.last().map_or(entity.name.range().1, |c| c.place.1);
            let rows = super::table::Rows { columns: entity.columns.clone(), ..Default::default() };
            own.push(self.drawn(&Described::new(entity.name.clone(), rows, (start, end)), file));
        }
        for link in diagram.links() {
            let (Some(child), Some(parent)) = (diagram.entities.get(link.child), diagram.entities.get(link.parent))
            else {
                continue;
            };
            let Some(column) = child.columns.get(link.column).filter(|_| own.get(link.child) == Some(&true)) else {
                continue;
            };
            let mut columns = Patched::default();
            columns.say("(", link.place.0, link.place.0);
            columns.append(&column.name);
            columns.glue(")");
            let mut target = Patched::default();
            target.say(parent.name.text(), link.place.0, link.place.1);
            let reference =
                Reference { parts: vec![target], columns: None, actions: Patched::default(), place: link.place };
            self.reference(&child.name, None, &columns, &reference, file, link.place);
        }
    }

    /// A table of a diagram or model; whether it is not described elsewhere, and defined here.
    fn drawn(&mut self, table: &Described, file: FileId) -> bool {
        if table.rows.columns.is_empty() {
            return false;
        }
        if !self.done.contains(&own_name(&table.name)) {
            self.table(table, file);
            return true;
        }
        // Drawn as well as described: only compared.
        let mut sql = Patched::default();
        sql.say("CREATE TABLE ", table.place.0, table.place.0);
        sql.append(&table.name);
        let skipped = self.out.skipped.len();
        self.columns(&mut sql, &table.rows.columns, file);
        self.out.skipped.truncate(skipped);
        let (operations, _) = sql.read(file);
        if let Some(Operation { kind: OperationKind::CreateTable(table), .. }) = operations.into_iter().next()
            && let Some(facts) = self.facts.get_mut(&file)
        {
            facts.restated.push(RestatedTable { table, excerpt: true, diagram: true });
        }
        false
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

/// Whether an action of ALTER TABLE adds to a definition.
fn defines(action: &AlterTableAction) -> bool {
    matches!(
        action,
        AlterTableAction::AddColumn { .. }
            | AlterTableAction::AddConstraint(_)
            | AlterTableAction::RowSecurity(_)
            | AlterTableAction::SetDefault { .. }
            | AlterTableAction::SetNotNull { .. }
            | AlterTableAction::ColumnSetting { .. }
            | AlterTableAction::SetOptions(_)
            | AlterTableAction::OwnerTo(_)
            | AlterTableAction::SetLogged(_)
            | AlterTableAction::ReplicaIdentity { .. }
            | AlterTableAction::AddIdentity { .. }
    )
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

fn with_name(name: Option<&Patched>, constraint: &Patched) -> Patched {
    let mut out = Patched::default();
    if let Some(name) = name {
        let (start, _) = name.range();
        out.say("CONSTRAINT ", start, start);
        out.append(name);
        out.glue(" ");
    }
    out.append(constraint);
    out
}

/// Whether a list of columns in parentheses has this one.
fn names(columns: &Patched, column: &str) -> bool {
    columns_of(columns).trim_matches(['(', ')']).split(',').any(|c| c.trim_matches('"') == column)
}

/// The columns of a key, in lower case without blanks.
fn columns_of(sql: &Patched) -> String {
    let open = sql.text().find('(').unwrap_or_default();
    sql.text().get(open..).unwrap_or_default().to_ascii_lowercase().split_whitespace().collect()
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
