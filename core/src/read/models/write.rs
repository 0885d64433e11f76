//! The statements that make the tables of models, every name in its place.

use smol_str::SmolStr;

use super::libraries;
use super::named::Part;
use super::partial::Known;
use super::references::Target;
use super::tables::{Column, Table};
use super::{Models, Reader};
use crate::history::ModelFacts;
use crate::name::Name;
use crate::operation::{Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::read::python::{Arguments, ClassId, Kind, Value};
use crate::read::sqlalchemy::naming::called;
use crate::read::sqlalchemy::sql::{Sql, Unknown};
use crate::read::sqlalchemy::table::{self, constructor, given_name};
use crate::source::Span;

impl Reader {
    /// The statements of all tables, by metadata.
    pub(super) fn write(mut self) -> Vec<Models> {
        let mut groups: Vec<(usize, Models, Vec<String>)> = Vec::new();
        for at in 0..self.tables.len() {
            let types: Vec<Option<Value>> = (0..self.tables.get(at).map_or(0, |t| t.columns.len()))
                .map(|column| self.inherited_type(at, column, 0))
                .collect();
            let Some(own) = self.tables.get_mut(at) else { continue };
            for (column, data_type) in own.columns.iter_mut().zip(types) {
                column.data_type = data_type;
            }
        }
        let for_itself = |reader: &Self, metadata: usize| reader.metadata.get(metadata).is_some_and(|m| !m.in_place);
        let others = self.tables.iter().any(|table| for_itself(&self, table.metadata));
        for at in 0..self.tables.len() {
            let Some(metadata) = self.tables.get(at).map(|t| t.metadata) else { continue };
            if others && !for_itself(&self, metadata) {
                continue;
            }
            let place = groups.iter().position(|(m, ..)| *m == metadata).unwrap_or_else(|| {
                groups.push((metadata, Models::default(), Vec::new()));
                groups.len() - 1
            });
            let Some((_, models, made)) = groups.get_mut(place) else { continue };
            self.table(at, models, made);
        }
        for (table, sql) in self.statements_of_events() {
            let metadata = self.tables.get(table).map(|t| t.metadata);
            if let Some((_, models, _)) = groups.iter_mut().find(|(m, ..)| Some(*m) == metadata) {
                models.add(&sql, sql.text.whole().unwrap_or_default());
            }
        }
        for class in self.mapped.keys().copied().collect::<Vec<_>>() {
            let Some(facts) = self.facts(class) else { continue };
            let table = self.mapped.get(&class).and_then(|m| m.table).and_then(|at| self.tables.get(at));
            if let Some((_, models, _)) = table.and_then(|t| groups.iter_mut().find(|(m, ..)| *m == t.metadata)) {
                models.facts.push(facts);
            }
        }
        for (metadata, written) in std::mem::take(&mut self.written_targets) {
            if let Some((_, models, _)) = groups.iter_mut().find(|(m, ..)| *m == metadata) {
                models.written_targets.push(written);
            }
        }
        for (metadata, path, span) in std::mem::take(&mut self.outside) {
            let Some((_, models, _)) = groups.iter_mut().find(|(m, ..)| *m == metadata) else { continue };
            models.unsure(span);
            // What every model extends is made once for all; its file is seldom among them, and seldom missed.
            let last = path.rsplit('.').next().unwrap_or(&path);
            if !matches!(last, "Base" | "BASE" | "Model" | "BaseModel" | "DeclarativeBase") {
                let message = format!(
                    "`{path}` stands in a file that was not given. What it adds to the tables of the models that extend it is not known; give that file, too."
                );
                models.problems.push(Problem { kind: ProblemKind::OpaqueStatement, message, span: Some(span) });
            }
        }
        let problems = std::mem::take(&mut self.python.problems);
        let mut out: Vec<Models> = groups.into_iter().map(|(_, models, _)| models).collect();
        if let Some(first) = out.first_mut() {
            first.problems.splice(0..0, problems);
        }
        out
    }

    pub(super) fn facts(&self, class: ClassId) -> Option<ModelFacts> {
        let mapped = self.mapped.get(&class)?;
        let table = self.tables.get(mapped.table?)?;
        let found = self.python.heap.class(class)?;
        let mut relationships = Vec::new();
        for (relationship, secondary) in &mapped.relationships {
            let mut relationship = relationship.clone();
            relationship.secondary = secondary.as_ref().and_then(|s| match self.table_of(s) {
                Some(at) => self.tables.get(at)?.name.as_str().map(str::to_owned),
                None => s.as_str().or_else(|| s.last_name()).map(str::to_owned),
            });
            if relationship.collection.is_none() {
                relationship.collection = self.direction(table, relationship.target.as_deref());
            }
            relationships.push(relationship);
        }
        Some(ModelFacts {
            class: found.name.to_string(),
            table: Name::new(table.name.as_str()?),
            span: found.name_span,
            relationships,
        })
    }

    /// Whether a relationship holds several objects, by the foreign keys between the two tables; nothing where they lead both ways or none.
    pub(super) fn direction(&self, own: &Table, target: Option<&str>) -> Option<bool> {
        let target = target?.rsplit('.').next()?;
        let class = self
            .mapped
            .iter()
            .find(|(class, _)| self.python.heap.class(**class).is_some_and(|c| c.name.as_str() == target));
        let other = self.tables.get(class?.1.table?)?;
        if std::ptr::eq(own, other) {
            return None;
        }
        let (there, back) = (self.leads(own, other), self.leads(other, own));
        (there != back).then_some(back)
    }

    pub(super) fn leads(&self, from: &Table, to: &Table) -> bool {
        let targets = from.columns.iter().flat_map(|c| &c.rest).filter_map(|item| match constructor(item) {
            Some(("ForeignKey", arguments)) => arguments.get(0, "column").cloned(),
            _ => None,
        });
        let of_table = from.constraints.iter().filter_map(|item| match constructor(item) {
            Some(("ForeignKeyConstraint", arguments)) => {
                self.python.heap.elements(arguments.get(1, "refcolumns")?)?.first().cloned()
            }
            _ => None,
        });
        targets
            .chain(of_table)
            .any(|t| self.target(&t, from).is_some_and(|t| Some(t.table.as_str()) == to.name.as_str()))
    }

    /// Adds the statements of one table.
    pub(super) fn table(&mut self, at: usize, models: &mut Models, made: &mut Vec<String>) {
        let Some(own) = self.tables.get(at) else { return };
        let (name, span, schema) = (own.name.clone(), own.span, self.schema_of(own));
        let mut unknown = own.unknown.clone();
        // What is left out may be its schema, or what another table points to.
        if let Some(left_out) = unknown.first() {
            models.unsure(*left_out);
        }
        models.files.insert(span.file);
        let Some(text) = name.as_text().map(|t| t.as_str().to_owned()) else {
            unknown.insert(0, name.span);
            models.statements += 1;
            return tell(models, &unknown, "The name of this table is not known.");
        };
        if own.reflected {
            let message = "The columns of this table are read from the database when the program runs; it was left out. Give what makes it, migrations or a dump.";
            models.unsure(span);
            models.reflected.push(text);
            models.problems.push(Problem {
                kind: ProblemKind::OpaqueStatement,
                message: message.to_owned(),
                span: Some(span),
            });
            return;
        }
        let schema_text = schema.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let set = own.columns.iter().filter(|c| c.keyword("onupdate").is_some_and(|value| !value.is_none()));
        let set: Vec<String> = set.filter_map(|c| c.name.as_str().map(str::to_owned)).collect();
        // Where two classes define one table SQLAlchemy refuses the second.
        if !models.tables.insert((schema_text.clone(), text.clone())) {
            return;
        }
        let said = Some(schema_text).filter(|schema| !schema.is_empty());
        models.set_on_update.extend(set.into_iter().map(|column| (said.clone(), text.clone(), column)));
        let Some(own) = self.tables.get(at) else { return };
        let zoned = own.columns.iter().filter(|c| c.zone_by_version).filter_map(|c| c.name.as_str());
        models.zone_by_version.extend(zoned.map(|column| (text.clone(), column.to_owned())));
        let mut before = self.sequences(at);
        // A schema is there before the tables are made, whoever makes it.
        if let Some(schema) = schema.as_ref().filter(|s| s.as_str().is_some_and(|s| s != "public")) {
            let mut sql = Sql::new("CREATE SCHEMA IF NOT EXISTS ", schema.span);
            if sql.qualified(None, schema).is_ok() && models.schemas.insert(sql.text.as_str().to_owned()) {
                before.insert(0, sql);
            }
        }
        let items = self.items(at);
        let Some(own) = self.tables.get(at) else { return };
        let unsure = own.columns.iter().filter(|c| c.data_type.as_ref().is_some_and(is_unsure));
        models.unsure_types.extend(unsure.filter_map(|c| Some((text.clone(), c.name.as_str()?.to_owned()))));
        let partial = own.partial;
        let mut known = partial.then(Known::default);
        let mut keywords: Vec<(SmolStr, Value)> =
            own.keywords.iter().filter(|(name, _)| name != "schema").cloned().collect();
        keywords.extend(schema.map(|schema| (SmolStr::new_static("schema"), schema)));
        let arguments = Arguments { keywords, ..Arguments::default() };
        match table::create_table(&mut self.python, &name, &items, &arguments, made, span) {
            Ok(mut found) => {
                for sql in before.iter().chain(&found.statements) {
                    let sql = Sql { text: libraries::moved(&sql.text, span) };
                    models.add_part(&sql, sql.text.span(0, 1).unwrap_or(span), known.as_mut());
                }
                for place in found.elsewhere.iter_mut().chain(&mut found.nameless) {
                    *place = libraries::of_project(*place, span);
                }
                unknown.extend(found.unknown.iter().map(|Unknown(at)| libraries::of_project(*at, span)));
                models.open.extend((partial || !unknown.is_empty()).then_some(text));
                tell(models, &unknown, "A part of this table depends on a value that is not known, and was left out.");
                let message = "What this is in the database is said in a file that was not given. The column was read without it; give that file, too.";
                tell(models, &found.elsewhere, message);
                tell(models, &found.nameless, table::NAMELESS);
            }
            Err(Unknown(at)) => {
                models.statements += 1;
                unknown.push(at);
                tell(models, &unknown, "This table depends on a value that is not known, and was left out.");
            }
        }
    }

    /// Sequences that the columns of a table name.
    pub(super) fn sequences(&mut self, at: usize) -> Vec<Sql> {
        let own = self.tables.get(at);
        let items = own.into_iter().flat_map(|t| &t.columns).flat_map(|c| {
            c.rest.iter().chain(c.keyword("default")).filter(|item| matches!(constructor(item), Some(("Sequence", _))))
        });
        let items: Vec<Value> = items.cloned().collect();
        let statements = items.iter().filter_map(|item| {
            let mut arguments = item.as_call()?.1.clone();
            // One that knows its metadata stands in the schema of that.
            let metadata = arguments.keyword("metadata").filter(|m| !m.is_none()).cloned();
            if let Some(metadata) = metadata.filter(|_| arguments.keyword("schema").is_none()) {
                let metadata = self.metadata_of(&metadata);
                let schema = self.metadata.get(metadata).and_then(|m| m.schema.clone());
                arguments.keywords.extend(schema.map(|schema| (SmolStr::new_static("schema"), schema)));
            }
            table::sequence_statement(&arguments, true, true, item.span)
        });
        statements.collect()
    }

    /// Columns, constraints and indexes as plain constructors, every name in its place.
    pub(super) fn items(&mut self, at: usize) -> Vec<Value> {
        let Some(own) = self.tables.get(at) else { return Vec::new() };
        let (columns, constraints, indexes) = (own.columns.clone(), own.constraints.clone(), own.indexes.clone());
        let span = own.span;
        let mut out = Vec::new();
        let mut behind = Vec::new();
        // What `unique=True` says becomes a constraint only when the table is made: it comes last, and of two alike the server keeps the first.
        let mut last = Vec::new();
        for column in &columns {
            let mut positional = vec![column.name.clone()];
            positional.extend(column.data_type.clone().or_else(|| Some(Value::unknown(column.span))));
            let only = std::slice::from_ref(&column.name);
            for item in &column.rest {
                match constructor(item).map(|(name, _)| name) {
                    Some("ForeignKey") => positional.push(self.foreign_key(at, column, item)),
                    Some("CheckConstraint" | "UniqueConstraint") => behind.push(self.constraint(at, item)),
                    _ => positional.push(item.clone()),
                }
            }
            let moved = ["unique", "index"];
            let keywords =
                column.keywords.iter().filter(|(name, _)| !moved.contains(&name.as_str())).cloned().collect();
            out.push(called("sqlalchemy.Column", Arguments { positional, keywords, open: column.open }, column.span));
            let (unique, index) = (column.yes("unique"), column.yes("index"));
            if let Some(flag) = index {
                let mut keywords = Vec::new();
                keywords.extend(unique.map(|u| ("unique".into(), u.clone())));
                let part = Part { kind: "ix", columns: only, unique: unique.is_some(), ..Part::default() };
                let name = self.named(at, &part, flag.span).unwrap_or(Value::new(Kind::None, flag.span));
                let positional = vec![name, column.name.clone()];
                behind.push(called("sqlalchemy.Index", Arguments { positional, keywords, open: false }, flag.span));
            } else if let Some(flag) = unique {
                let name = self.name(at, "uq", only, None, flag.span);
                let keywords = name.into_iter().map(|name| ("name".into(), name)).collect();
                let positional = vec![column.name.clone()];
                let arguments = Arguments { positional, keywords, open: false };
                last.push(called("sqlalchemy.UniqueConstraint", arguments, flag.span));
            }
        }
        let key = constraints.iter().any(|c| matches!(constructor(c), Some(("PrimaryKeyConstraint", _))));
        let of_key: Vec<Value> = columns.iter().filter(|c| c.is_primary_key()).map(|c| c.name.clone()).collect();
        if !key
            && !of_key.is_empty()
            && let Some(name) = self.name(at, "pk", &of_key, None, span)
        {
            let keywords = vec![("name".into(), name)];
            out.push(called(
                "sqlalchemy.PrimaryKeyConstraint",
                Arguments { positional: of_key, keywords, open: false },
                span,
            ));
        }
        out.append(&mut behind);
        for constraint in &constraints {
            out.push(self.constraint(at, constraint));
        }
        out.append(&mut last);
        for index in &indexes {
            let Some((_, arguments)) = index.as_call() else { continue };
            let mut arguments = arguments.clone();
            for value in arguments.positional.iter_mut().skip(1) {
                *value = self.by_name(value, at, 0);
            }
            for (_, value) in &mut arguments.keywords {
                *value = self.by_name(value, at, 0);
            }
            let given = arguments.get(0, "name").cloned();
            let keys = arguments.positional.get(1..).unwrap_or_default().to_vec();
            let unique = arguments.keyword("unique").and_then(Value::as_bool) == Some(true);
            let part = Part { kind: "ix", columns: &keys, given: given.as_ref(), unique, ..Part::default() };
            if let Some(name) = self.named(at, &part, index.span) {
                arguments.keywords.retain(|(keyword, _)| keyword != "name");
                match arguments.positional.first_mut() {
                    Some(first) => *first = name,
                    None => arguments.positional.push(name),
                }
            }
            out.push(called("sqlalchemy.Index", arguments, index.span));
        }
        out
    }

    /// A constraint of a table, with columns by their names.
    pub(super) fn constraint(&mut self, at: usize, value: &Value) -> Value {
        let Some((kind, arguments)) = constructor(value) else { return value.clone() };
        let (path, mut arguments) = (format!("sqlalchemy.{kind}"), arguments.clone());
        if kind == "ForeignKeyConstraint" {
            return self.foreign_key_constraint(at, value, arguments);
        }
        let short = match kind {
            "PrimaryKeyConstraint" => "pk",
            "UniqueConstraint" => "uq",
            "CheckConstraint" => "ck",
            _ => "",
        };
        for value in &mut arguments.positional {
            *value = self.by_name(value, at, 0);
        }
        for (_, value) in &mut arguments.keywords {
            *value = self.by_name(value, at, 0);
        }
        let columns = match short {
            "pk" | "uq" => arguments.positional.clone(),
            _ => Vec::new(),
        };
        if !short.is_empty() {
            let given = given_name(kind, &arguments).cloned();
            let sqltext = arguments.get(0, "sqltext").filter(|_| short == "ck").cloned();
            let (columns, given, sqltext) = (columns.as_slice(), given.as_ref(), sqltext.as_ref());
            let part = Part { kind: short, columns, given, sqltext, ..Part::default() };
            let name = self.named(at, &part, value.span);
            // By place it would come before the one by word.
            if name.is_some() && kind == "CheckConstraint" {
                arguments.positional.truncate(1);
            }
            set_name(&mut arguments, name);
        }
        called(&path, arguments, value.span)
    }

    pub(super) fn foreign_key_constraint(&mut self, at: usize, value: &Value, mut arguments: Arguments) -> Value {
        let span = value.span;
        let lists = [(0, "columns"), (1, "refcolumns")].map(|(place, name)| {
            arguments.get(place, name).and_then(|list| self.python.heap.elements(list)).unwrap_or_default()
        });
        let [columns, targets] = lists;
        let columns: Vec<Value> = columns.iter().map(|c| self.by_name(c, at, 0)).collect();
        for target in &targets {
            self.note_target(target, at);
        }
        let Some(own) = self.tables.get(at) else { return value.clone() };
        let found: Vec<Option<Target>> = targets.iter().map(|t| self.target(t, own)).collect();
        let written = targets.iter().zip(&found).map(|(value, target)| match target {
            Some(target) => target.written(value),
            None => value.clone(),
        });
        let written: Vec<Value> = written.collect();
        let referred: Vec<Target> = found.into_iter().flatten().collect();
        let given = arguments.keyword("name").or(arguments.positional.get(2)).cloned();
        let name = self.fk_name(at, &columns, &referred, given.as_ref(), span).or(given);
        let columns = Value::new(Kind::List(self.python.heap.add_list(columns)), span);
        let targets = Value::new(Kind::List(self.python.heap.add_list(written)), span);
        arguments.positional = vec![columns, targets];
        arguments.keywords.retain(|(name, _)| name != "columns" && name != "refcolumns");
        set_name(&mut arguments, name);
        called("sqlalchemy.ForeignKeyConstraint", arguments, span)
    }

    pub(super) fn foreign_key(&mut self, at: usize, column: &Column, value: &Value) -> Value {
        let (Some((_, arguments)), Some(own)) = (value.as_call(), self.tables.get(at)) else { return value.clone() };
        let mut arguments = arguments.clone();
        let Some(target) = arguments.get(0, "column").cloned() else { return value.clone() };
        let Some(mut found) = self.target(&target, own) else { return value.clone() };
        if found.column.is_none() {
            found.column = column.name.as_str().map(str::to_owned);
        }
        let written = found.written(&target);
        self.note_target(&target, at);
        match arguments.positional.first_mut() {
            Some(first) => *first = written,
            None => arguments.positional.push(written),
        }
        let given = arguments.keyword("name").cloned();
        let name = self.fk_name(at, std::slice::from_ref(&column.name), &[found], given.as_ref(), value.span);
        set_name(&mut arguments, name);
        called("sqlalchemy.ForeignKey", arguments, value.span)
    }

    pub(super) fn fk_name(
        &mut self,
        at: usize,
        columns: &[Value],
        targets: &[Target],
        given: Option<&Value>,
        span: Span,
    ) -> Option<Value> {
        let table = targets.first().map(|t| t.table.as_str()).unwrap_or_default();
        let referred: Vec<String> = targets.iter().filter_map(|t| t.column.clone()).collect();
        let part =
            Part { kind: "fk", columns, given, referred_table: table, referred_columns: &referred, ..Part::default() };
        self.named(at, &part, span)
    }

    pub(super) fn name(
        &mut self,
        at: usize,
        kind: &'static str,
        columns: &[Value],
        given: Option<&Value>,
        span: Span,
    ) -> Option<Value> {
        self.named(at, &Part { kind, columns, given, ..Part::default() }, span)
    }
}

impl Models {
    /// Reads a statement.
    fn add(&mut self, sql: &Sql, span: Span) {
        self.add_part(sql, span, None);
    }

    /// Reads a statement about a table; of one that may have columns of which nothing is known, what names none of them.
    fn add_part(&mut self, sql: &Sql, span: Span, known: Option<&mut Known>) {
        let reading = ddl::read_mapped(&sql.text, span);
        self.statements += 1;
        self.understood += u32::from(reading.problems.is_empty());
        self.problems.extend(reading.problems);
        let operations = reading.operations.into_iter().map(|o| Operation { span, ..o });
        let Some(known) = known else { return self.operations.extend(operations) };
        let mut left_out = Vec::new();
        for operation in operations {
            let (part, places) = known.part_of(operation);
            self.operations.extend(part);
            left_out.extend(places);
        }
        let message = "This names a column that is not known, and was left out: what brings it to the table stands in a file that was not given.";
        tell(self, &left_out, message);
    }

    /// Tells replay that there is more than could be read: what is missing may be there.
    fn unsure(&mut self, span: Span) {
        let told = matches!(self.operations.first().map(|o| &o.kind), Some(OperationKind::Utility { .. }));
        if !told {
            let kind = OperationKind::Utility { verb: "IMPORT".into(), text: None };
            let operation = Operation { kind, span, guards: Box::default(), tolerates: Box::default() };
            self.operations.insert(0, operation);
        }
    }
}

fn set_name(arguments: &mut Arguments, name: Option<Value>) {
    if let Some(name) = name {
        arguments.keywords.retain(|(keyword, _)| keyword != "name");
        arguments.keywords.push(("name".into(), name));
    }
}

/// Notes what was left out of one table's statements.
fn tell(models: &mut Models, places: &[Span], message: &str) {
    models.understood = models.understood.saturating_sub(u32::from(!places.is_empty()));
    for span in places {
        let problem = Problem { kind: ProblemKind::OpaqueStatement, message: message.to_owned(), span: Some(*span) };
        models.skipped.push(problem.clone());
        models.problems.push(problem);
    }
}

/// Whether a type is given something of which nothing is known: `String(CONF.length)`.
fn is_unsure(data_type: &Value) -> bool {
    let Some((callee, arguments)) = data_type.as_call() else { return false };
    let mut given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
    let is_type =
        matches!(callee.kind, Kind::Class(_)) || callee.as_name().is_some_and(|n| n.starts_with("sqlalchemy."));
    is_type
        && given.any(|value| {
            let name = value.last_name().unwrap_or_default();
            // A type that a type is made of is a name, too.
            value.as_term().is_some() && value.as_text().is_none() && !name.starts_with(char::is_uppercase)
        })
}
