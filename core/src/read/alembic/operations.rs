//! From the calls of `op` to operations. Source: `alembic/operations/ops.py`, `toimpl.py`, `ddl/impl.py` and `ddl/postgresql.py`.

mod declared;
mod execute;
mod given;
mod statement;
mod tables;

use std::rc::Rc;

use self::given::{Given, parameters};
use self::statement::dropped;
use super::host::{batch_of, is_autocommit, is_one_of_several, operation};
use super::inspector::is_reflected;
use super::{Declared, guard};
use crate::history::definitions::alter;
use crate::name::QualifiedName;
use crate::operation::{AlterTableAction, Operation, OperationKind, Transaction};
use crate::problem::{Problem, ProblemKind};
use crate::read::python::{Arguments, Effect, EffectKind, Interpreter, TermKind, Value};
use crate::read::sqlalchemy::naming::Convention;
use crate::read::sqlalchemy::sql::{Unknown, name_of};
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

/// What writing gave.
pub(super) struct Written {
    pub(super) operations: Vec<Operation>,
    pub(super) problems: Vec<Problem>,
    pub(super) statements: u32,
    pub(super) understood: u32,
    pub(super) made: Vec<String>,
}

/// What is said where the models of a metadata are not known.
const UNKNOWN_TABLES: &str = "The tables of a metadata are made here; which they are is not known from the files.";

/// Turns effects into operations.
pub(super) struct Writer<'p> {
    pub(super) python: &'p mut Interpreter<'static>,
    out: Written,
    /// Calls inside `batch_alter_table`, which sends them when its block ends.
    batches: Vec<Vec<Effect>>,
    /// Tables that were declared and not made yet.
    declared: Vec<Value>,
    /// All tables that were declared or read from the database, for columns that have the type of what they refer to.
    tables: Vec<Value>,
    /// What names constraints that have no name.
    convention: Option<Rc<Convention>>,
    /// Whether what names them was not given.
    unnamed: bool,
    /// What `create_all` of the project's models makes.
    models: Option<Rc<Declared>>,
}

impl<'p> Writer<'p> {
    pub(super) fn new(
        python: &'p mut Interpreter<'static>,
        made: Vec<String>,
        convention: Option<Rc<Convention>>,
        unnamed: bool,
        models: Option<Rc<Declared>>,
    ) -> Self {
        let out = Written { operations: Vec::new(), problems: Vec::new(), statements: 0, understood: 0, made };
        Self { python, out, batches: Vec::new(), declared: Vec::new(), tables: Vec::new(), convention, unnamed, models }
    }

    pub(super) fn finish(mut self) -> Written {
        while let Some(batch) = self.batches.pop() {
            batch.iter().for_each(|effect| self.call(effect));
        }
        self.out
    }

    /// Takes the next effect.
    pub(super) fn effect(&mut self, effect: &Effect) {
        match effect.kind {
            EffectKind::Enter | EffectKind::Exit if is_autocommit(&effect.value) => {
                let enter = effect.kind == EffectKind::Enter;
                let kind = if enter { Transaction::Commit } else { Transaction::Begin };
                self.push(effect, OperationKind::Transaction(kind));
            }
            EffectKind::Enter => self.batches.push(Vec::new()),
            EffectKind::Exit => {
                let batch = self.batches.pop().unwrap_or_default();
                batch.iter().for_each(|effect| self.call(effect));
            }
            EffectKind::Elsewhere => {
                let name = effect.value.as_call().and_then(|(callee, _)| callee.last_name()).unwrap_or_default();
                let message = format!("`{name}` is not among the files.");
                self.opaque(effect, effect.span, &message);
            }
            EffectKind::Call => {
                let in_batch = effect.value.as_call().and_then(|(callee, _)| match callee.as_term() {
                    Some(TermKind::Attribute(object, method)) if method != "execute" => batch_of(object),
                    _ => None,
                });
                match self.batches.last_mut().filter(|_| in_batch.is_some()) {
                    Some(batch) => batch.push(effect.clone()),
                    None => self.call(effect),
                }
            }
        }
    }

    fn push(&mut self, effect: &Effect, kind: OperationKind) {
        let operation = Operation { kind, span: effect.span, guards: Box::default(), tolerates: Box::default() };
        self.add(effect, operation);
    }

    fn add(&mut self, effect: &Effect, mut operation: Operation) {
        let mut guards = guard::guards(&self.python.heap, &effect.conditions);
        guards.extend(operation.guards.iter().cloned());
        operation.guards = guards.into();
        if effect.tolerated {
            operation.tolerates = Box::new(["*".into()]);
        }
        self.out.operations.push(operation);
    }

    /// Something that changes the schema and is not known.
    pub(super) fn opaque(&mut self, effect: &Effect, at: Span, what: &str) {
        self.out.statements += 1;
        let message = format!("{what} What it does to the schema is not known.");
        let span = if at == Span::default() { effect.span } else { at };
        self.out.problems.push(Problem { kind: ProblemKind::OpaqueStatement, message, span: Some(span) });
        self.unknown(effect, false);
    }

    /// Notes a part of a statement that only a run would know.
    pub(super) fn note(&mut self, span: Span, message: &str) {
        let kind = ProblemKind::OpaqueStatement;
        self.out.problems.push(Problem { kind, message: message.to_owned(), span: Some(span) });
        self.out.understood = self.out.understood.saturating_sub(1);
    }

    /// Notes, once for each place, that only a run would know which schema is meant.
    pub(super) fn schema_elsewhere(&mut self, span: Span) {
        let message = "Which schema this is, only running the migration would tell. It is taken for the default one.";
        let told = |p: &Problem| p.span == Some(span) && p.message == message;
        if !self.out.problems.iter().any(told) {
            self.note(span, message);
        }
    }

    /// Tells replay that something ran whose effect is not known; where it `drops`, a name may be free again.
    pub(super) fn unknown(&mut self, effect: &Effect, drops: bool) {
        self.push(effect, OperationKind::Utility { verb: if drops { "DROP" } else { "DO" }.into(), text: None });
    }

    fn call(&mut self, effect: &Effect) {
        let Some((callee, arguments)) = effect.value.as_call() else { return };
        if let Some(path) = callee.as_name() {
            match operation(path) {
                Some(name) => self.operation(effect, name, arguments, None),
                // One that is read from the database is there.
                None => {
                    self.tables.push(effect.value.clone());
                    if !is_reflected(arguments) {
                        self.declared.push(effect.value.clone());
                    }
                }
            }
            return;
        }
        if is_one_of_several(self.python, callee) {
            return self.opaque(effect, effect.span, "Which function is called here, only a run would tell.");
        }
        let Some(TermKind::Attribute(object, method)) = callee.as_term() else { return };
        if let Some(batch) = batch_of(object)
            && method != "execute"
        {
            return self.operation(effect, method, arguments, Some(batch));
        }
        match method.as_str() {
            "create" | "drop" => self.create_or_drop(effect, object, method == "create", arguments),
            "create_all" => {
                if let Some(tables) = arguments.get(1, "tables").filter(|tables| !tables.is_none()) {
                    let checks = arguments.get(2, "checkfirst").and_then(Value::as_bool) != Some(false);
                    return self.create_some(effect, tables, checks);
                }
                let tables = std::mem::take(&mut self.declared);
                // A metadata that was made here has the tables that were declared here.
                let own = matches!(constructor(object), Some(("MetaData", _))) && object.span.file == effect.span.file;
                let checks = arguments.get(2, "checkfirst").and_then(Value::as_bool) != Some(false);
                if tables.is_empty() {
                    return match self.models.clone().filter(|models| models.own || !own) {
                        Some(models) => self.create_models(effect, &models, checks),
                        None if own => {}
                        None => self.opaque(effect, effect.span, UNKNOWN_TABLES),
                    };
                }
                for table in &tables {
                    let before = self.out.operations.len();
                    self.create_declared(effect, table);
                    if checks {
                        self.unless_there(table, before);
                    }
                }
            }
            "drop_all" => self.opaque(effect, effect.span, "All tables of a metadata are dropped here."),
            _ => self.execute(effect, arguments.positional.first()),
        }
    }

    fn operation(&mut self, effect: &Effect, name: &str, arguments: &Arguments, batch: Option<&Arguments>) {
        // What GeoAlchemy adds does on PostgreSQL what Alembic's own does.
        let plain = name.contains("_geospatial_").then(|| name.replacen("_geospatial_", "_", 1));
        let name = plain.as_deref().unwrap_or(name);
        let Some(parameters) = parameters(name) else {
            if batch.is_none() && self.extension(effect, name, arguments) {
                return;
            }
            if batch.is_none() && !matches!(name, "get_bind" | "f" | "invoke" | "run_async" | "implementation_for") {
                let message = format!("`op.{name}` is no operation that Alembic itself has.");
                self.opaque(effect, effect.span, &message);
            }
            return;
        };
        let given = Given { parameters, arguments, batch };
        for schema in ["schema", "source_schema", "referent_schema"].into_iter().filter_map(|name| given.given(name)) {
            if name_of(schema).is_err() {
                self.schema_elsewhere(schema.span);
            }
        }
        let result = match name {
            "execute" => return self.execute(effect, given.get("sqltext")),
            "bulk_insert" => return self.rows(effect, given.get("table"), "INSERT"),
            "create_table" => self.create_table(effect, &given),
            "add_column" => self.add_column(effect, &given),
            "alter_column" => self.alter_column(effect, &given),
            // What has its name from a convention that is not known may be called so; of primary keys there is one.
            "drop_constraint" if self.unnamed && self.primary_key_of(effect, &given).is_some() => {
                Err(Unknown(effect.span))
            }
            "drop_constraint" if self.unnamed => {
                self.one(name, &given, effect.span).map(|sql| self.write_tolerant(effect, &sql, "42704"))
            }
            _ => self.one(name, &given, effect.span).map(|sql| self.write(effect, &sql)),
        };
        if let Err(Unknown(span)) = result {
            if name == "drop_constraint" && given.get("constraint_name").is_none_or(Value::is_none) {
                return self.nameless(effect);
            }
            // Whatever the database says that it is called, it is that one.
            if name == "drop_constraint"
                && let Some(name) = self.primary_key_of(effect, &given)
            {
                self.out.statements += 1;
                self.out.understood += 1;
                return self.push(effect, alter(name, AlterTableAction::DropPrimaryKey, effect.span).kind);
            }
            self.opaque(
                effect,
                span,
                &format!("`{name}` depends on a value that only running the migration would give."),
            );
            if name.starts_with("drop_") || name == "rename_table" {
                self.unknown(effect, true);
            }
        }
    }

    /// The table whose primary key `drop_constraint` drops.
    fn primary_key_of(&mut self, effect: &Effect, given: &Given<'_>) -> Option<QualifiedName> {
        if given.get("type_").and_then(Value::as_str) != Some("primary") {
            return None;
        }
        let table = self.one("drop_table", given, effect.span).ok()?;
        dropped(&table, effect.span)
    }

    /// `drop_constraint(None, …)` where no convention gives a name: SQLAlchemy raises a `CompileError`.
    fn nameless(&mut self, effect: &Effect) {
        self.out.statements += 1;
        let message = "`drop_constraint` has no name here, and no naming convention gives one: Alembic stops with a `CompileError`. Give the name that the constraint has in the database.";
        let kind = ProblemKind::OpaqueStatement;
        self.out.problems.push(Problem { kind, message: message.to_owned(), span: Some(effect.span) });
        self.unknown(effect, true);
    }
}
