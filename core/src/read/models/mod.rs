//! SQLAlchemy models: from classes and `Table(…)` objects to the statements that `metadata.create_all` sends to PostgreSQL.
//!
//! Modules are evaluated ([`super::python`]) with [`host::Sqlalchemy`]; what they leave (classes, and the calls that make tables and indexes) becomes a
//! [`tables::Table`] each, of which [`write`] makes statements: [`classes`] knows the declarative forms, mixins and inheritance, [`annotation`] what `Mapped[…]` and SQLModel's fields say.
//! [`super::sqlalchemy`] writes the statements, as it does for migrations.

mod annotation;
mod classes;
mod events;
mod fields;
mod given;
mod hooks;
mod host;
mod libraries;
mod makers;
mod named;
mod partial;
mod references;
mod tables;
mod versioned;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use smol_str::SmolStr;

use self::tables::{Key, Metadata, Table};
use super::python::ast::Ast;
use super::python::{Arguments, ClassId, Interpreter, Kind, Scope, TermKind, Value};
use super::sqlalchemy::expression::text_of;
use super::sqlalchemy::naming::Convention;
use crate::history::{ModelFacts, WrittenTarget};
use crate::name::quote;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::source::{FileId, Span};

/// How many steps all functions of models may take together: mixins are evaluated for each class.
const MAX_TOTAL_STEPS: usize = 20_000_000;

/// How many classes are mapped.
const MAX_CLASSES: usize = 50_000;

/// One metadata's tables: what one `create_all` makes.
#[derive(Debug, Default)]
pub(crate) struct Models {
    /// The statements, in no order yet.
    pub(crate) operations: Vec<Operation>,
    /// The tables, schema and name.
    pub(crate) tables: BTreeSet<(String, String)>,
    /// The schemas that were made.
    schemas: BTreeSet<String>,
    /// The files that the tables stand in.
    pub(crate) files: BTreeSet<FileId>,
    /// What the classes say besides.
    pub(crate) facts: Vec<ModelFacts>,
    /// Columns with `onupdate=`: schema, table, column.
    pub(crate) set_on_update: Vec<(Option<String>, String, String)>,
    /// Columns with a time zone that older versions of SQLModel do not give them: table, column.
    pub(crate) zone_by_version: Vec<(String, String)>,
    /// Columns whose type has a part that is not known: table, column.
    pub(crate) unsure_types: Vec<(String, String)>,
    /// Tables whose columns are read from the database.
    pub(crate) reflected: Vec<String>,
    /// Tables that may have more columns than those that are known.
    pub(crate) open: Vec<String>,
    /// How foreign keys name what they refer to.
    pub(crate) written_targets: Vec<WrittenTarget>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) skipped: Vec<Problem>,
    pub(crate) statements: u32,
    pub(crate) understood: u32,
}

/// What an `env.py` of Alembic's configures. Source: `EnvironmentContext.configure`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// The naming convention of the metadata.
    pub(crate) convention: Option<Rc<Convention>>,
    /// Whether the metadata is made in a file that was not given: then its convention is not known.
    pub(crate) elsewhere: bool,
    /// Whether each revision has a transaction of its own; else a run has one.
    pub(crate) transaction_per_migration: bool,
    pub(crate) version_table: Option<String>,
    pub(crate) version_table_schema: Option<String>,
    /// What it executes itself, before any revision runs.
    pub(crate) executed: Vec<String>,
}

/// Reads models: modules are added, then all are run.
pub(crate) struct Reader {
    python: Interpreter<'static>,
    modules: usize,
    /// What each class is mapped to.
    mapped: BTreeMap<ClassId, classes::Mapped>,
    /// Classes in the order in which attributes are looked up, worked out once.
    lines: BTreeMap<ClassId, Rc<Vec<classes::Ancestor>>>,
    tables: Vec<Table>,
    /// Which column a `Column(…)` is: by the identity of the call, table and place.
    columns: BTreeMap<usize, (usize, usize)>,
    metadata: Vec<Metadata>,
    /// Registries that were given another metadata than their own.
    registries: Vec<(Key, usize)>,
    /// Objects that are known by their identity: as long as they are here, no other has it.
    kept: Vec<Value>,
    /// Functions that are called with each part of a table.
    listeners: Vec<named::Listener>,
    /// Classes of files that were not given, which models extend: the metadata, the name, the model.
    outside: Vec<(usize, SmolStr, Span)>,
    /// How foreign keys name what they refer to, each with its metadata.
    written_targets: Vec<(usize, WrittenTarget)>,
    /// Attributes of the class being mapped that make columns of which nothing is known.
    lost: Vec<Span>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            python: Interpreter::new(&host::Sqlalchemy),
            modules: 0,
            mapped: BTreeMap::new(),
            lines: BTreeMap::new(),
            tables: Vec::new(),
            columns: BTreeMap::new(),
            metadata: Vec::new(),
            registries: Vec::new(),
            kept: Vec::new(),
            listeners: Vec::new(),
            outside: Vec::new(),
            written_targets: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Adds a module.
    pub(crate) fn add(&mut self, path: &str, ast: Rc<Ast>) {
        self.python.add_module(path, ast);
        self.modules += 1;
    }

    /// Runs all modules and gives the tables, one group for each metadata, in the order of the modules.
    pub(crate) fn read(mut self) -> Vec<Models> {
        self.add_libraries();
        for module in 0..self.modules {
            self.python.run_module(module);
        }
        self.assigned();
        self.declared_tables();
        let first = self.map_from(0);
        if self.tables.is_empty() {
            self.call_makers();
            self.assigned();
            self.declared_tables();
            self.map_from(first);
        }
        self.appended();
        self.attach_indexes();
        self.add_versions();
        self.attach_types();
        self.find_listeners();
        self.write()
    }

    /// Maps all classes from this one on. What a class declares may make more of them.
    fn map_from(&mut self, first: usize) -> usize {
        let mut next = first;
        while let Some(class) = self.python.classes.get(next).copied().filter(|_| next < MAX_CLASSES) {
            self.map(class);
            next += 1;
        }
        next
    }

    /// What the module that was added first, an `env.py`, gives to `context.configure`. All its functions are called: which of them runs depends on
    /// how Alembic was started. What it configures for a connection counts before what it configures for a file of SQL.
    pub(crate) fn environment(mut self) -> Environment {
        let scope = self.python.run_module(0);
        let bound = scope.and_then(|scope| self.python.heap.scope(scope));
        let functions = bound.into_iter().flat_map(Scope::iter).filter(|(_, f)| matches!(f.kind, Kind::Function(_)));
        for function in functions.map(|(_, function)| function.clone()).collect::<Vec<_>>() {
            let open = Arguments { open: true, ..Arguments::default() };
            self.python.run_function(&function, &open);
        }
        let executed = self.executed();
        for module in 1..self.modules {
            self.python.run_module(module);
        }
        self.assigned();
        let configured: Vec<Arguments> = self
            .python
            .effects
            .iter()
            .filter_map(|effect| effect.value.as_call())
            .filter(|(callee, _)| callee.last_name() == Some("configure"))
            .map(|(_, arguments)| arguments.clone())
            .collect();
        let online = configured.iter().find(|a| a.get(0, "connection").is_some());
        let Some(arguments) = online.or(configured.first()) else {
            return Environment { executed, ..Environment::default() };
        };
        let text = |name: &str| arguments.keyword(name).and_then(Value::as_str).map(str::to_owned);
        let mut found = Environment {
            convention: None,
            elsewhere: false,
            transaction_per_migration: arguments.keyword("transaction_per_migration").and_then(Value::as_bool)
                == Some(true),
            version_table: text("version_table"),
            version_table_schema: text("version_table_schema"),
            executed,
        };
        // Neither a list of several metadata nor none has a convention. Source: `SchemaObjects.metadata`.
        let one = |target: &&Value| !target.is_none() && self.python.heap.elements(target).is_none();
        if let Some(target) = arguments.keyword("target_metadata").filter(one) {
            let at = self.metadata_of(target);
            let asked = self.metadata.get(at).is_some_and(|m| m.key == Key::Name(SmolStr::default()));
            // Flask-Migrate asks the running application for its metadata.
            let flask = Value::term(TermKind::Name(SmolStr::new_static(host::FLASK)), target.span);
            let at = if asked { self.metadata_of(&flask) } else { at };
            found.convention = self.metadata.get(at).and_then(|m| m.convention.clone()).map(Rc::new);
            found.elsewhere = found.convention.is_none()
                && self.metadata.get(at).is_some_and(
                    |m| matches!(&m.key, Key::Name(name) if !matches!(name.as_str(), "" | "sqlmodel.SQLModel")),
                );
        }
        found
    }

    /// The convention of the models where no `env.py` says which metadata is meant (Flask-Alembic has none): that of the only metadata with one.
    pub(crate) fn only_convention(mut self) -> Option<Rc<Convention>> {
        let scopes: Vec<_> = (0..self.modules).filter_map(|module| self.python.run_module(module)).collect();
        let bound = scopes.iter().filter_map(|scope| self.python.heap.scope(*scope)).flat_map(Scope::iter);
        let of_classes = self.python.classes.iter().filter_map(|class| {
            let class = self.python.heap.class(*class)?;
            self.python.heap.scope(class.scope)?.get("metadata")
        });
        let made = |value: &&Value| {
            value.as_call().is_some_and(|(callee, arguments)| {
                callee.last_name() == Some("MetaData") || arguments.keyword("metadata").is_some()
            })
        };
        let found: Vec<Value> = bound.map(|(_, value)| value).chain(of_classes).filter(made).cloned().collect();
        for value in found {
            self.metadata_of(&value);
        }
        self.assigned();
        let mut conventions = self.metadata.iter().filter_map(|metadata| metadata.convention.clone());
        let first = conventions.next()?;
        conventions.next().is_none().then(|| Rc::new(first))
    }

    /// The SQL that was executed so far, each call once: `connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))`, or `CreateSchema("app")`.
    fn executed(&self) -> Vec<String> {
        let mut calls = BTreeSet::new();
        let executions = self.python.effects.iter().filter_map(|effect| Some((effect, host::executed(&effect.value)?)));
        let statements = executions.filter(|(effect, _)| calls.insert(effect.span)).filter_map(|(_, given)| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            match given.as_call() {
                Some((callee, arguments)) if callee.last_name() == Some("CreateSchema") => {
                    Some(format!("CREATE SCHEMA IF NOT EXISTS {}", quote(&text(arguments.get(0, "name")?)?)))
                }
                _ => text(text_of(given).unwrap_or(given)),
            }
        });
        statements.collect()
    }

    /// Takes what is set on a metadata after it was made: `SQLModel.metadata.naming_convention = {…}`.
    fn assigned(&mut self) {
        for (object, name, value) in std::mem::take(&mut self.python.assigned) {
            if name == "metadata" {
                let at = self.metadata_of(&value);
                self.registries.push((Key::Object(identity(&object).unwrap_or_default()), at));
                self.kept.push(object);
                continue;
            }
            let at = self.metadata_of(&object);
            let convention = Convention::read(&self.python.heap, &value);
            if let Some(metadata) = self.metadata.get_mut(at) {
                match name.as_str() {
                    "naming_convention" => metadata.convention = convention,
                    _ => metadata.schema = Some(value).filter(|schema| schema.as_text().is_some()),
                }
            }
        }
    }

    /// Calls a function of the models for a class.
    fn call(&mut self, function: &Value, class: ClassId) -> Option<Value> {
        self.ask(function, vec![Value::new(Kind::Class(class), function.span)])
    }

    /// Calls a function of the models; nothing where they take too long all together.
    fn ask(&mut self, function: &Value, positional: Vec<Value>) -> Option<Value> {
        self.run(function, &Arguments { positional, ..Arguments::default() })
    }

    /// Calls a function with any arguments; nothing where functions take too long all together.
    fn run(&mut self, function: &Value, arguments: &Arguments) -> Option<Value> {
        (self.python.spent() <= MAX_TOTAL_STEPS).then(|| self.python.run_function(function, arguments))
    }
}

/// The identity of a term: two uses of one call are one object.
fn identity(value: &Value) -> Option<usize> {
    match &value.kind {
        Kind::Term(term) => Some(Rc::as_ptr(term) as usize),
        _ => None,
    }
}

/// The span of a value where it has one, else another.
fn span_or(span: Span, other: Span) -> Span {
    if span == Span::default() { other } else { span }
}
