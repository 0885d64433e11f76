//! Alembic migrations: what a revision file says of the graph, and what its `upgrade` and `downgrade` do.
//!
//! The file is evaluated ([`super::python`]) as if it ran online on PostgreSQL. Each call of `op` becomes the statement that Alembic would send, in
//! its order; what only a run would know is an `opaque-statement` at its line.

mod compiled;
mod extensions;
mod guard;
mod host;
mod inspector;
mod operations;
mod reflected;
mod registered;

use std::collections::BTreeSet;
use std::rc::Rc;

use smol_str::SmolStr;

use self::host::Migration;
use self::operations::{Writer, Written};
use super::models::Environment;
use super::python::ast::{Ast, ExprKind, StmtKind};
use super::python::{Arguments, Effect, Interpreter, Kind, Value, World};
use super::sqlalchemy::naming::Convention;
use crate::history::RevisionName;
use crate::operation::{GuardTest, Operation};
use crate::problem::Problem;
use crate::schema::Schema;
use crate::source::Span;

/// Whether a module is an Alembic revision: it says what it is (`revision`) and what stands before it (`down_revision`).
pub(crate) fn is_revision(ast: &Ast) -> bool {
    let binds = |name: &str| {
        ast.body.iter().filter_map(|id| ast.stmt(*id)).any(|stmt| {
            let is = |id| match ast.expr(id).map(|e| &e.kind) {
                Some(ExprKind::Name(n)) => n == name,
                Some(ExprKind::Tuple(parts)) => parts
                    .iter()
                    .any(|part| matches!(ast.expr(*part).map(|e| &e.kind), Some(ExprKind::Name(n)) if n == name)),
                _ => false,
            };
            match &stmt.kind {
                StmtKind::Assign(targets, _) => targets.iter().any(|id| is(*id)),
                StmtKind::Annotated { target, value, .. } => value.is_some() && is(*target),
                _ => false,
            }
        })
    };
    binds("down_revision") && binds("revision")
}

/// The databases for which a revision has functions of their own: `upgrade` takes a name, and `upgrade_NAME` and `downgrade_NAME` are there for each. Source: Alembic's
/// and Flask-Migrate's template `multidb`, where `upgrade(engine_name)` is `globals()["upgrade_%s" % engine_name]()`.
pub(crate) fn engines(ast: &Ast) -> Vec<SmolStr> {
    let functions = || {
        ast.body.iter().filter_map(|id| match &ast.stmt(*id)?.kind {
            StmtKind::Function(function) => Some(function),
            _ => None,
        })
    };
    let told = functions().any(|f| f.name == "upgrade" && f.parameters.list.len() == 1);
    let back: BTreeSet<&str> = functions().filter_map(|f| f.name.strip_prefix("downgrade_")).collect();
    // A helper that is called so has no way back of its own.
    let names = functions().filter_map(|f| f.name.strip_prefix("upgrade_")).filter(|name| back.contains(name));
    if told { names.map(SmolStr::new).collect() } else { Vec::new() }
}

/// One revision file, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Migrated {
    pub(crate) id: String,
    pub(crate) id_span: Option<Span>,
    pub(crate) down_revisions: Vec<RevisionName>,
    pub(crate) depends_on: Vec<RevisionName>,
    pub(crate) branch_labels: Vec<RevisionName>,
    pub(crate) message: Option<String>,
    pub(crate) created: Option<SmolStr>,
    pub(crate) up: Vec<Operation>,
    pub(crate) down: Vec<Operation>,
    pub(crate) problems: Vec<Problem>,
    /// Statements that change the schema, and those of them that were understood, on the way up.
    pub(crate) statements: u32,
    pub(crate) understood: u32,
    pub(crate) skipped: Vec<Problem>,
}

/// What `create_all` of models makes, in the order of what they need.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) operations: Vec<Operation>,
    pub(crate) statements: u32,
    pub(crate) understood: u32,
    /// Whether the revision defines the models itself.
    pub(crate) own: bool,
}

/// The modules of a drop, evaluated one after the other.
pub(crate) struct Reader {
    python: Interpreter<'static>,
    /// Enumerations made so far: within one run Alembic makes each once.
    made: Vec<String>,
    /// What names constraints without a name, from the metadata that `env.py` gives.
    convention: Option<Rc<Convention>>,
    /// Whether that metadata was not given, so that they may have any name.
    unnamed: bool,
    /// Which database the revisions run on, where their functions are told its name.
    engine: Option<SmolStr>,
    /// The models that the revision read next may make the tables of.
    models: Option<Rc<Declared>>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            python: Interpreter::new(&Migration),
            made: Vec::new(),
            convention: None,
            unnamed: false,
            engine: None,
            models: None,
        }
    }

    /// Takes over what `env.py` configures for the revisions that are read next.
    pub(crate) fn configure(&mut self, environment: &Environment) {
        self.convention.clone_from(&environment.convention);
        self.unnamed = environment.elsewhere;
        let schema = environment
            .version_table_schema
            .as_deref()
            .map(|schema| ("version_table_schema", Value::text(schema, Span::default())));
        self.python.settings = schema.into_iter().collect();
    }

    /// Says that the revisions are those of a module among others: without an `env.py` the metadata is that of the whole, and its convention is not
    /// known.
    pub(crate) fn share(&mut self) {
        self.unnamed |= self.convention.is_none();
    }

    /// Begins with another database, on which nothing has run, where the revisions are for several.
    pub(crate) fn begin(&mut self, engine: Option<&SmolStr>) {
        self.made.clear();
        self.engine = engine.cloned();
    }

    /// Says which models the revision that is read next may make the tables of.
    pub(crate) fn declare(&mut self, models: Option<Declared>) {
        self.models = models.map(Rc::new);
    }

    /// Adds a module, so that others can import it, and gives its number.
    pub(crate) fn add(&mut self, path: &str, ast: Rc<Ast>) -> usize {
        self.python.add_module(path, ast)
    }

    /// Reads what a revision says of the graph. Its functions are read by [`Reader::migration`], in the order of the history.
    pub(crate) fn revision(&mut self, module: usize) -> Migrated {
        let mut out = Migrated::default();
        let scope = self.python.run_module(module);
        let Some(ast) = self.python.ast(module).cloned() else { return out };
        let value = |name: &str| scope.and_then(|s| self.python.heap.scope(s)?.get(name)).cloned();
        if let Some(id) = value("revision")
            && let Some(text) = id.as_text()
        {
            out.id = text.as_str().to_owned();
            out.id_span = text.whole();
        }
        out.down_revisions = self.names(value("down_revision"));
        out.depends_on = self.names(value("depends_on"));
        // Alembic takes an empty text for none.
        out.depends_on.retain(|name| !name.text.is_empty());
        out.branch_labels = self.names(value("branch_labels"));
        if let Some(docstring) = ast.docstring(&ast.body) {
            let paragraph: Vec<&str> =
                docstring.as_str().trim().lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            let message = paragraph.join(" ");
            out.message = (!message.is_empty()).then_some(message);
            let created = docstring.as_str().lines().find_map(|line| line.trim().strip_prefix("Create Date:"));
            out.created = created.map(|date| SmolStr::new(date.trim()));
        }
        out.problems.append(&mut self.python.problems);
        out
    }

    fn names(&self, value: Option<Value>) -> Vec<RevisionName> {
        let Some(value) = value else { return Vec::new() };
        let items = match value.as_text() {
            Some(_) => vec![value],
            None => self.python.heap.elements(&value).unwrap_or_default(),
        };
        let name = |item: &Value| {
            let text = item.as_text()?;
            Some(RevisionName { text: SmolStr::new(text.as_str()), span: text.whole().unwrap_or(item.span) })
        };
        items.iter().filter_map(name).collect()
    }

    /// Evaluates `upgrade` and `downgrade` of a revision. `database` gives the schema that the history has led to, after some operations of this
    /// revision.
    pub(crate) fn migration(
        &mut self,
        module: usize,
        out: &mut Migrated,
        database: &mut dyn FnMut(&[Operation]) -> Option<Schema>,
    ) {
        for up in [true, false] {
            let name = if up { "upgrade" } else { "downgrade" };
            let scope = self.python.run_module(module);
            let function = scope.and_then(|s| self.python.heap.scope(s)?.get(name)).cloned();
            let Some(function) = function.filter(|f| matches!(f.kind, Kind::Function(_))) else { continue };
            // What the module's own body did, if anything, is no migration.
            let of_body = std::mem::take(&mut self.python.problems);
            let made = if up { self.made.clone() } else { Vec::new() };
            let mut run = self.run(&function, &made);
            if run.unknown() > 0 {
                // What it does depends on what a run would be told. Of the database that is known.
                let before = if up { Vec::new() } else { out.up.clone() };
                if let Some(told) = self.run_with(&function, &made, &before, database)
                    && told.unknown() < run.unknown()
                {
                    run = told;
                }
            }
            let Run { written, mut problems, .. } = run;
            problems.splice(0..0, of_body);
            if up {
                self.made = written.made;
                out.up = written.operations;
                out.statements = written.statements;
                out.understood = written.understood;
                out.skipped = written.problems.clone();
                out.skipped.extend(problems.iter().cloned());
            } else {
                out.down = written.operations;
            }
            out.problems.extend(written.problems);
            out.problems.append(&mut problems);
        }
    }

    /// Runs a function once.
    fn run(&mut self, function: &Value, made: &[String]) -> Run {
        self.python.effects.clear();
        let engine = self.engine.as_ref().filter(|_| match function.kind {
            Kind::Function(id) => self.python.heap.function(id).is_some_and(|f| !f.parameters.list.is_empty()),
            _ => false,
        });
        let positional = engine.map(|name| Value::text(name, function.span)).into_iter().collect();
        self.python.run_function(function, &Arguments { positional, ..Arguments::default() });
        let effects = std::mem::take(&mut self.python.effects);
        let written = self.write(&effects, made);
        Run { effects, written, problems: std::mem::take(&mut self.python.problems) }
    }

    fn write(&mut self, effects: &[Effect], made: &[String]) -> Written {
        let mut writer =
            Writer::new(&mut self.python, made.to_vec(), self.convention.clone(), self.unnamed, self.models.clone());
        for effect in effects {
            writer.effect(effect);
        }
        writer.finish()
    }

    /// Runs a function that asks the database what it holds; each state that it asks for shows in a run, and the next has it. Nothing where it
    /// asks for none.
    fn run_with(
        &mut self,
        function: &Value,
        made: &[String],
        before: &[Operation],
        database: &mut dyn FnMut(&[Operation]) -> Option<Schema>,
    ) -> Option<Run> {
        self.python.world = Some(World::default());
        let mut run = None;
        for _ in 0..MAX_STATES {
            if let Some(world) = &mut self.python.world {
                world.answered.clear();
            }
            let next = self.run(function, made);
            let missing = self.python.world.as_mut().and_then(|world| world.missing.take());
            let Some(at) = missing else {
                run = run.map(|_| next);
                break;
            };
            let done = self.write(next.effects.get(..at).unwrap_or_default(), made);
            self.python.problems.clear();
            run = Some(next);
            let Some(schema) = database(&[before, &done.operations].concat()) else { break };
            let state = inspector::state(&mut self.python, &schema);
            if let Some(world) = &mut self.python.world {
                world.states.push((at, state));
            }
        }
        self.python.world = None;
        run
    }
}

/// How many states of the database one function may ask for: one for each table that it goes through, say.
const MAX_STATES: usize = 48;

/// One run of a function.
struct Run {
    effects: Vec<Effect>,
    written: Written,
    problems: Vec<Problem>,
}

impl Run {
    /// How much of it is not known: what is not understood, and tests that only a run would answer.
    fn unknown(&self) -> usize {
        let tests = self.written.operations.iter().flat_map(|operation| &operation.guards);
        let open = tests.filter(|guard| matches!(guard.test, GuardTest::Unknown)).count();
        self.written.problems.len() + self.problems.len() + open
    }
}
