//! CREATE TABLE and what a table needs besides.

use super::order::{Node, Soft};
use super::text::outer_words;
use super::{Section, Squash};
use crate::name::{Name, quote};
use crate::operation::{AlterTableAction, OperationKind, PartitionStrategy, Persistence};
use crate::order::Order;
use crate::problem::ProblemKind;
use crate::rules::support::literal;
use crate::schema::*;

/// How a table is made.
enum Form<'a> {
    /// With all of its columns.
    Whole,
    /// As a partition: its columns are its parent's.
    Partition(&'a Table),
    /// INHERITS: only the columns that no parent has.
    Child(Vec<&'a Table>),
    /// OF a composite type.
    Typed(TypeId),
}

impl<'a> Squash<'a> {
    pub(super) fn create_table(&mut self, id: TableId) {
        let Some(table) = self.schema.tables.get(id) else { return };
        let path = self.table_path(id);
        for (number, column) in table.live_columns() {
            if matches!(&column.data_type.base, BaseType::Unknown { schema: None, name } if name == "unknown") {
                let path = self.schema.path(ObjectId::Column(id, number));
                let message = format!("the type of {path}, which a query gives: write it in place of `unknown`.");
                self.note(ProblemKind::UnsupportedStatement, message, Some(column.span));
            }
        }
        let form = self.form(table);
        let mut lines = Vec::new();
        for (number, column) in table.live_columns() {
            let inherited = match &form {
                Form::Whole => false,
                Form::Partition(_) => true,
                Form::Child(parents) => parents.iter().any(|p| p.find_column(&column.name).is_some()),
                Form::Typed(_) => {
                    let rest = self.column_rest(id, number, column);
                    if !rest.is_empty() {
                        lines.push(format!("{} WITH OPTIONS{rest}", quote(&column.name)));
                    }
                    continue;
                }
            };
            if !inherited {
                let mut line = format!("{} {}", quote(&column.name), column.data_type.display(self.schema));
                if let Some(collation) = &column.collation {
                    line.push_str(&format!(" COLLATE {}", self.collation(collation)));
                }
                line.push_str(&self.column_rest(id, number, column));
                lines.push(line);
            }
        }
        let takes_columns = matches!(form, Form::Partition(_) | Form::Child(_));
        lines.extend(self.inline_constraints(id, table, takes_columns));
        let mut sql = String::from("CREATE ");
        sql.push_str(match (table.persistence, table.kind) {
            (_, TableKind::Foreign) => "FOREIGN TABLE ",
            (Persistence::Unlogged, _) => "UNLOGGED TABLE ",
            _ => "TABLE ",
        });
        sql.push_str(&path);
        match &form {
            Form::Partition(parent) => {
                sql.push_str(&format!(" PARTITION OF {}", self.schema.qualified(parent.namespace, &parent.name)));
            }
            Form::Typed(of) => {
                let of = self.schema.types.get(*of).map(|t| self.schema.qualified(t.namespace, &t.name));
                sql.push_str(&format!(" OF {}", of.unwrap_or_default()));
            }
            Form::Whole | Form::Child(_) => {}
        }
        if !lines.is_empty() {
            sql.push_str(" (\n    ");
            sql.push_str(&lines.join(",\n    "));
            sql.push_str("\n)");
        } else if matches!(form, Form::Whole | Form::Child(_)) {
            sql.push_str(" ()");
        }
        if let Form::Child(parents) = &form {
            let parents: Vec<String> = parents.iter().map(|p| self.schema.qualified(p.namespace, &p.name)).collect();
            sql.push_str(&format!("\nINHERITS ({})", parents.join(", ")));
        }
        if let (Form::Partition(_), Some((_, bound))) = (&form, &table.partition_of) {
            sql.push_str(&format!("\n{}", bound.text.text));
        }
        sql.push_str(&self.table_tail(id, table));
        self.push_made(Section::Tables, ObjectId::Table(id), table.span, sql);
        match &form {
            Form::Partition(parent) => self.column_differences(id, &path, table, &[parent]),
            Form::Child(parents) => self.column_differences(id, &path, table, parents),
            Form::Whole | Form::Typed(_) => self.join_parents(&path, table),
        }
    }

    /// A table that stands by itself in its columns comes under its parents afterwards.
    fn join_parents(&mut self, path: &str, table: &Table) {
        if let Some((parent, bound)) = &table.partition_of {
            let parent = self.table_path(*parent);
            let sql = format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {path} {}", bound.text.text);
            self.push(Section::Tables, sql);
        }
        for parent in &table.inherits {
            let sql = format!("ALTER TABLE {path} INHERIT {}", self.table_path(*parent));
            self.push(Section::Tables, sql);
        }
    }

    /// Parents give their columns where the child has them first and in their order; else the child writes its own.
    fn form(&self, table: &'a Table) -> Form<'a> {
        if let Some(of) = table.of_type {
            return Form::Typed(of);
        }
        let same = |a: &Column, b: &Column| {
            a.name == b.name && a.data_type == b.data_type && a.generated.is_some() == b.generated.is_some()
        };
        if let Some(parent) = table.partition_of.as_ref().and_then(|(p, _)| self.schema.tables.get(*p)) {
            let mut own = table.live_columns().map(|(_, c)| c);
            let mut its = parent.live_columns().map(|(_, c)| c);
            let equal = loop {
                match (own.next(), its.next()) {
                    (None, None) => break true,
                    (Some(a), Some(b)) if same(a, b) => {}
                    _ => break false,
                }
            };
            return if equal && table.kind != TableKind::Foreign { Form::Partition(parent) } else { Form::Whole };
        }
        let parents: Vec<&Table> = table.inherits.iter().filter_map(|p| self.schema.tables.get(*p)).collect();
        if parents.is_empty() {
            return Form::Whole;
        }
        let mut merged: Vec<&Column> = Vec::new();
        for (_, column) in parents.iter().flat_map(|p| p.live_columns()) {
            if !merged.iter().any(|m| m.name == column.name) {
                merged.push(column);
            }
        }
        let own: Vec<&Column> = table.live_columns().map(|(_, c)| c).collect();
        let first = own.len() >= merged.len() && merged.iter().zip(&own).all(|(a, b)| same(a, b));
        if first { Form::Child(parents) } else { Form::Whole }
    }

    /// What stands behind a column's type.
    fn column_rest(&self, table: TableId, number: ColumnNumber, column: &Column) -> String {
        let mut out = String::new();
        if let Some(generated) = &column.generated {
            let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
            out.push_str(&format!(" GENERATED ALWAYS AS ({}) {kind}", self.names.expr(&generated.expr)));
        } else if let Some(default) = &column.default
            && !self.deferred.contains(&Soft::Default(table, number))
        {
            out.push_str(&format!(" DEFAULT {}", self.default_of(column, default)));
        }
        if column.not_null {
            out.push_str(" NOT NULL");
        }
        if let Some(identity) = column.identity {
            out.push_str(&self.identity(table, column, identity));
        }
        out
    }

    /// GENERATED … AS IDENTITY with what its sequence has beside the defaults.
    fn identity(&self, table: TableId, column: &Column, identity: Identity) -> String {
        let mut out = format!(" GENERATED {} AS IDENTITY", identity_words(identity));
        let sequence = column.sequence.and_then(|s| Some((s, self.schema.sequences.get(s)?)));
        let Some((id, sequence)) = sequence.filter(|(_, s)| s.dropped.is_none()) else { return out };
        let mut options = Vec::new();
        let usual = self.schema.tables.get(table).map(|t| format!("{}_{}_seq", t.name, column.name));
        if usual.as_deref() != Some(sequence.name.as_str()) {
            options.push(format!("SEQUENCE NAME {}", self.schema.qualified(sequence.namespace, &sequence.name)));
        }
        options.extend(self.sequence_options(id, sequence));
        if !options.is_empty() {
            out.push_str(&format!(" ({})", options.join(" ")));
        }
        out
    }

    pub(super) fn collation(&self, name: &str) -> String {
        match self.schema.collation_home(name) {
            Some(home) => self.schema.qualified(home, name),
            None => quote(name),
        }
    }

    /// What stands behind the columns: partition key, access method, parameters, tablespace, server.
    fn table_tail(&self, id: TableId, table: &Table) -> String {
        let mut out = String::new();
        if let Some(key) = &table.partition_key {
            out.push_str(&format!("\nPARTITION BY {}", self.partition_key(table, key)));
        }
        let object = ObjectId::Table(id);
        let made = self.origins.create_table(object);
        if table.kind == TableKind::Foreign {
            // The server with its options, as they stand at the statement's end.
            let text = self.origins.text(table.span).unwrap_or_default();
            let server = outer_words(text).into_iter().rev().find(|(_, w)| w.eq_ignore_ascii_case("SERVER"));
            match (server, made.and_then(|m| m.foreign_server.as_ref())) {
                (Some((at, _)), _) => {
                    let rest = text.get(at..).unwrap_or_default();
                    out.push_str(&format!("\n{}", rest.trim_end_matches(';').trim_end()));
                }
                (None, Some(server)) => out.push_str(&format!("\nSERVER {}", quote(&server.fold()))),
                (None, None) => {}
            }
            return out;
        }
        let mut method = made.and_then(|m| m.access_method.as_ref());
        let mut tablespace = made.and_then(|m| m.tablespace.as_ref());
        for (action, _) in self.origins.alterations(object).flat_map(|a| &a.actions) {
            match action {
                AlterTableAction::SetAccessMethod(name) => method = name.as_ref(),
                AlterTableAction::SetTablespace(name) => tablespace = Some(name),
                _ => {}
            }
        }
        if let Some(method) = method.filter(|m| m.fold() != "heap") {
            out.push_str(&format!("\nUSING {}", quote(&method.fold())));
        }
        out.push_str(&with_options(&table.options, "\n"));
        if let Some(tablespace) = tablespace {
            out.push_str(&format!("\nTABLESPACE {}", quote(&tablespace.fold())));
        }
        out
    }

    fn partition_key(&self, table: &Table, key: &PartitionKey) -> String {
        let words = key.text.words();
        let column = |n: &ColumnNumber| table.columns.get(n.index()).map(|c| &c.name);
        let renamed = key.keys.iter().any(|k| match k {
            KeyTarget::Column(n) => column(n).is_some_and(|name| !words.contains(name)),
            KeyTarget::Expression(e) => self.names.expr(e) != *e.source.text,
        });
        if !renamed {
            return key.text.text.to_string();
        }
        let strategy = match key.strategy {
            PartitionStrategy::Range => "RANGE",
            PartitionStrategy::List => "LIST",
            PartitionStrategy::Hash => "HASH",
        };
        let keys: Vec<String> = key
            .keys
            .iter()
            .map(|k| match k {
                KeyTarget::Column(n) => column(n).map_or_else(String::new, |name| quote(name)),
                KeyTarget::Expression(e) => format!("({})", self.names.expr(e)),
            })
            .collect();
        format!("{strategy} ({})", keys.join(", "))
    }

    /// What a partition or child has otherwise than its parents.
    fn column_differences(&mut self, id: TableId, path: &str, table: &Table, parents: &[&Table]) {
        let mut add = Vec::new();
        for (number, column) in table.live_columns() {
            let parent = parents.iter().find_map(|p| p.column(p.find_column(&column.name)?));
            let Some(parent) = parent else { continue };
            let mut alter = |what: String| {
                add.push(format!("ALTER TABLE ONLY {path} ALTER COLUMN {} {what}", quote(&column.name)));
            };
            if column.not_null && !parent.not_null {
                alter("SET NOT NULL".to_owned());
            }
            let shown = |c: &Column| c.default.as_ref().map(|d| self.default_of(c, d));
            match (shown(column), shown(parent)) {
                _ if column.generated.is_some() => {}
                (Some(own), its)
                    if its.as_ref() != Some(&own) && !self.deferred.contains(&Soft::Default(id, number)) =>
                {
                    alter(format!("SET DEFAULT {own}"));
                }
                (None, Some(_)) => alter("DROP DEFAULT".to_owned()),
                _ => {}
            }
            if let Some(identity) = column.identity {
                alter(format!("ADD{}", self.identity(id, column, identity)));
            }
        }
        add.into_iter().for_each(|sql| self.push(Section::Tables, sql));
    }

    /// Defaults and checks that stand in a circle, and whose sequence is whose.
    pub(super) fn deferred_parts(&mut self) {
        for soft in self.deferred.clone() {
            match soft {
                Soft::Default(id, number) => {
                    let Some(column) = self.schema.column(id, number) else { continue };
                    if let Some(default) = &column.default {
                        let default = self.default_of(column, default);
                        let (path, name) = (self.table_path(id), quote(&column.name));
                        let sql = format!("ALTER TABLE ONLY {path} ALTER COLUMN {name} SET DEFAULT {default}");
                        self.push(Section::Defaults, sql);
                    }
                }
                // With the other constraints.
                Soft::Check(_) => {}
            }
        }
        let sequences = self.in_order(self.schema.sequences.iter(), Node::Sequence);
        for (id, sequence) in sequences {
            if sequence.dropped.is_some() || sequence.identity || !self.in_script(sequence.namespace) {
                continue;
            }
            let Some((table, column)) = sequence.owned_by else { continue };
            let Some(name) = self.schema.column(table, column).map(|c| quote(&c.name)) else { continue };
            let (own, table) = (self.schema.relation_path(RelationId::Sequence(id)), self.table_path(table));
            self.push(Section::Defaults, format!("ALTER SEQUENCE {own} OWNED BY {table}.{name}"));
        }
        self.changes_of_their_tables();
        self.columns_of_others();
    }

    /// Columns that the input adds to tables that it does not make.
    fn columns_of_others(&mut self) {
        for (id, table) in self.schema.tables.iter().filter(|(_, t)| t.assumed && t.dropped.is_none()) {
            for (number, column) in table.live_columns() {
                if self.is_added(id, number) {
                    let sql = format!(
                        "ALTER TABLE {} ADD COLUMN {} {}{}",
                        self.table_path(id),
                        quote(&column.name),
                        column.data_type.display(self.schema),
                        self.column_rest(id, number, column)
                    );
                    self.push(Section::Defaults, sql);
                }
            }
        }
    }

    /// The tables and materialized views that CLUSTER put into the order of an index, with the index: they keep it.
    fn clustered(&self) -> Vec<(ObjectId, String)> {
        let all = self.target.history.revisions.iter().flat_map(|r| &r.up);
        let found = all.filter_map(|o| {
            let OperationKind::Rewrite { verb, table: Some(name), .. } = &o.kind else { return None };
            let text = self.origins.text(o.span).filter(|_| verb == "CLUSTER")?;
            let using = outer_words(text).into_iter().find(|(_, w)| w.eq_ignore_ascii_case("USING"))?.0;
            let index = text.get(using + "USING".len()..)?.trim();
            let schema = name.schema.as_ref().map(|s| s.fold());
            let is_meant = |own: &Name, home: NamespaceId| {
                let home = self.schema.namespaces.get(home).map(|n| n.name.clone());
                *own == name.name.fold() && (schema.is_none() || schema == home)
            };
            let table = self.schema.live_tables().find(|(_, t)| is_meant(&t.name, t.namespace));
            let view = || self.schema.live_views().find(|(_, v)| is_meant(&v.name, v.namespace));
            let id = table.map(|(id, _)| ObjectId::Table(id)).or_else(|| view().map(|(id, _)| ObjectId::View(id)))?;
            Some((id, index.to_owned()))
        });
        found.collect()
    }

    /// The indexes that ALTER INDEX changed, by their paths.
    fn changed_indexes(&self) -> Vec<(ObjectId, String, &'static str)> {
        let live = self.schema.indexes.iter().filter(|(_, i)| i.dropped.is_none());
        let changed =
            live.map(|(id, _)| id).filter(|id| self.origins.alterations(ObjectId::Index(*id)).next().is_some());
        let mut changed: Vec<_> = changed
            .map(|id| (ObjectId::Index(id), self.schema.relation_path(RelationId::Index(id)), "INDEX"))
            .collect();
        changed.order_by(|a, b| a.1.cmp(&b.1));
        changed
    }

    /// Settings of tables and columns that the model does not hold.
    pub(super) fn settings(&mut self) {
        let schema = self.schema;
        let relations: Vec<(ObjectId, String, &str)> = self
            .tables()
            .into_iter()
            .map(|(id, t)| {
                let word = if t.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
                (ObjectId::Table(id), self.table_path(id), word)
            })
            .chain(self.views().into_iter().map(|(id, v)| {
                let word = if v.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
                (ObjectId::View(id), schema.relation_path(RelationId::View(id)), word)
            }))
            .chain(self.changed_indexes())
            .collect();
        let clustered = self.clustered();
        for (id, path, word) in relations {
            let mut settings: Vec<(String, String)> = Vec::new();
            let mut set = |key: String, sql: Option<String>| {
                settings.retain(|(k, _)| *k != key);
                settings.extend(sql.map(|sql| (key, sql)));
            };
            if let Some((_, index)) = clustered.iter().rev().find(|(clustered, _)| *clustered == id) {
                set("cluster".to_owned(), Some(format!("CLUSTER ON {index}")));
            }
            let mut unknown = None;
            for (action, span) in self.origins.alterations(id).flat_map(|a| &a.actions) {
                match action {
                    AlterTableAction::ReplicaIdentity { setting, index } => {
                        let sql = match index {
                            Some(index) => format!("REPLICA IDENTITY USING INDEX {}", quote(&index.fold())),
                            None => format!("REPLICA IDENTITY {}", setting.to_uppercase()),
                        };
                        set("replica identity".to_owned(), Some(sql).filter(|s| !s.ends_with(" DEFAULT")));
                    }
                    AlterTableAction::ClusterOn(index) => {
                        let sql = index.as_ref().map(|i| format!("CLUSTER ON {}", quote(&i.fold())));
                        set("cluster".to_owned(), sql);
                    }
                    AlterTableAction::ColumnSetting { column, setting, value } => {
                        // The column may be called otherwise by now, or be gone.
                        let name = column.as_ref().map(|c| c.fold());
                        let there = match (id, &name) {
                            (ObjectId::Table(t), Some(name)) => {
                                schema.tables.get(t).is_some_and(|t| t.find_column(name).is_some())
                            }
                            _ => true,
                        };
                        let (Some(name), true) = (name, there) else { continue };
                        let text = self.origins.text(*span).unwrap_or_default();
                        let what = outer_words(text)
                            .into_iter()
                            .find(|(_, w)| w.eq_ignore_ascii_case("SET") || w.eq_ignore_ascii_case("RESET"));
                        let what = what.and_then(|(at, _)| text.get(at..)).map_or_else(
                            || format!("SET {} {value}", setting.to_uppercase()),
                            |what| what.trim().to_owned(),
                        );
                        // Those of an index have numbers.
                        let column = if word == "INDEX" { name.to_string() } else { quote(&name) };
                        set(format!("{name} {setting}"), Some(format!("ALTER COLUMN {column} {what}")));
                    }
                    AlterTableAction::RuleState { name, .. } => {
                        set(format!("rule {}", name.fold()), self.origins.text(*span).map(str::to_owned));
                    }
                    AlterTableAction::ForeignOptions => unknown = Some(*span),
                    _ => {}
                }
            }
            if let Some(span) = unknown {
                let message = format!("later changes to the options of {path}; compare them with the original.");
                self.note(ProblemKind::UnsupportedStatement, message, Some(span));
            }
            for (_, setting) in settings {
                self.push(Section::Settings, format!("ALTER {word} {path} {setting}"));
            }
        }
    }
}

pub(super) fn identity_words(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

/// WITH (…) behind `before`; nothing where there are no parameters.
pub(super) fn with_options(options: &[(smol_str::SmolStr, String)], before: &str) -> String {
    if options.is_empty() {
        return String::new();
    }
    let options: Vec<String> = options.iter().map(|(name, value)| format!("{name} = {}", literal(value))).collect();
    format!("{before}WITH ({})", options.join(", "))
}
