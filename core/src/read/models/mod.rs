//! SQLAlchemy models: from classes and `Table(…)` objects to the statements that `metadata.create_all` sends to PostgreSQL.
//!
//! Modules are evaluated ([`super::python`]) with [`host::Sqlalchemy`]; what they leave (classes, and the calls that make tables and indexes) becomes a
//! [`tables::Table`] each, of which [`write`] makes statements: [`classes`] knows the declarative forms, mixins and inheritance, [`annotation`] what `Mapped[…]` and SQLModel's fields say,
//! [`naming`] the names by convention. [`super::sqlalchemy`] writes the statements, as it does for migrations.

mod annotation;
mod classes;
mod host;
mod md5;
mod naming;
mod references;
mod tables;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::tables::{Metadata, Table};
use super::python::ast::Ast;
use super::python::{ClassId, Interpreter, Value};
use crate::history::ModelFacts;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::source::{FileId, Span};

/// How many steps all functions of models may take together: mixins are evaluated for each class.
const MAX_TOTAL_STEPS: usize = 20_000_000;

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
    pub(crate) problems: Vec<Problem>,
    pub(crate) skipped: Vec<Problem>,
    pub(crate) statements: u32,
    pub(crate) understood: u32,
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
        }
    }

    /// Adds a module.
    pub(crate) fn add(&mut self, path: &str, ast: Rc<Ast>) {
        self.python.add_module(path, ast);
        self.modules += 1;
    }

    /// Runs all modules and gives the tables, one group for each metadata, in the order of the modules.
    pub(crate) fn read(mut self) -> Vec<Models> {
        for module in 0..self.modules {
            self.python.run_module(module);
        }
        self.declared_tables();
        for class in self.python.classes.clone() {
            self.map(class);
        }
        self.attach_indexes();
        self.write()
    }

    /// Calls a function of the models; nothing where they take too long all together.
    fn call(&mut self, function: &Value, class: ClassId) -> Option<Value> {
        if self.python.spent() > MAX_TOTAL_STEPS {
            return None;
        }
        let this = Value::new(super::python::Kind::Class(class), function.span);
        let arguments = super::python::Arguments { positional: vec![this], ..Default::default() };
        Some(self.python.run_function(function, arguments))
    }
}

/// The identity of a term: two uses of one call are one object.
fn identity(value: &Value) -> Option<usize> {
    match &value.kind {
        super::python::Kind::Term(term) => Some(Rc::as_ptr(term) as usize),
        _ => None,
    }
}

/// The span of a value where it has one, else another.
fn span_or(span: Span, other: Span) -> Span {
    if span == Span::default() { other } else { span }
}
