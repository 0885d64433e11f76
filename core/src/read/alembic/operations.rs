//! From the calls of `op` to operations. Source: `alembic/operations/ops.py`, `toimpl.py`, `ddl/impl.py` and `ddl/postgresql.py`.

use std::rc::Rc;

use super::guard;
use super::host::{batch_of, is_autocommit, is_one_of_several, operation};
use crate::history::definitions::alter;
use crate::name::QualifiedName;
use crate::operation::{
    AlterTableAction, DmlVerb, Guard, GuardTest, ObjectKind, ObjectRef, Operation, OperationKind, Transaction,
};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::read::python::{Arguments, Effect, EffectKind, Interpreter, Kind, TermKind, Value};
use crate::read::sqlalchemy::expression::{text_of, unbind};
use crate::read::sqlalchemy::naming::{self, Convention, Named, texts};
use crate::read::sqlalchemy::sql::{Known, Sql, Unknown, name_of};
use crate::read::sqlalchemy::table::{self, constructor};
use crate::read::sqlalchemy::types::{ColumnType, column_type};
use crate::source::{Mapped, Part, Span, Splitter};

/// Statements that change rows only.
const ROWS: &[&str] =
    &["INSERT", "UPDATE", "DELETE", "SELECT", "WITH", "MERGE", "VALUES", "COPY", "EXPLAIN", "SHOW", "ANALYZE"];

/// What writing gave.
pub(super) struct Written {
    pub(super) operations: Vec<Operation>,
    pub(super) problems: Vec<Problem>,
    pub(super) statements: u32,
    pub(super) understood: u32,
    pub(super) made: Vec<String>,
}

/// Turns effects into operations.
pub(super) struct Writer<'p> {
    pub(super) python: &'p mut Interpreter<'static>,
    out: Written,
    /// Calls inside `batch_alter_table`, which sends them when its block ends.
    batches: Vec<Vec<Effect>>,
    /// Tables that were declared and not made yet.
    declared: Vec<Value>,
    /// What names constraints that have no name.
    convention: Option<Rc<Convention>>,
    /// Whether what names them was not given.
    unnamed: bool,
}

/// The arguments of an operation by their names. In a batch the table is known.
struct Given<'a> {
    parameters: &'static [&'static str],
    arguments: &'a Arguments,
    batch: Option<&'a Arguments>,
}

impl<'a> Given<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        if let Some(batch) = self.batch {
            match name {
                "table_name" => return batch.get(0, "table_name"),
                "schema" => return batch.get(1, "schema"),
                _ => {}
            }
        }
        let own = |p: &&&str| self.batch.is_none() || !matches!(**p, "table_name" | "schema");
        let place = self.parameters.iter().filter(own).position(|p| *p == name);
        place.and_then(|at| self.arguments.positional.get(at)).or_else(|| self.arguments.keyword(name))
    }

    fn need(&self, name: &str, span: Span) -> Known<&'a Value> {
        self.get(name).filter(|v| !v.is_none()).ok_or(Unknown(span))
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.get(name).filter(|v| !v.is_none())
    }

    fn yes(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// The arguments behind the named ones.
    fn rest(&self) -> &'a [Value] {
        let batch = usize::from(self.batch.is_some());
        self.arguments.positional.get(self.parameters.len() - batch..).unwrap_or_default()
    }
}

/// The positional parameters of each operation.
fn parameters(operation: &str) -> Option<&'static [&'static str]> {
    Some(match operation {
        "create_table" | "drop_table" | "drop_table_comment" => &["table_name"],
        "rename_table" => &["old_table_name", "new_table_name", "schema"],
        "add_column" => &["table_name", "column"],
        "drop_column" | "alter_column" => &["table_name", "column_name"],
        "create_index" => &["index_name", "table_name", "columns"],
        "drop_index" => &["index_name", "table_name"],
        "create_primary_key" | "create_unique_constraint" => &["constraint_name", "table_name", "columns"],
        "create_check_constraint" => &["constraint_name", "table_name", "condition"],
        "create_exclude_constraint" => &["constraint_name", "table_name"],
        "create_foreign_key" => &["constraint_name", "table_name", "referent_table", "local_cols", "remote_cols"],
        "drop_constraint" => &["constraint_name", "table_name", "type_"],
        "create_table_comment" => &["table_name", "comment"],
        "execute" => &["sqltext"],
        "bulk_insert" => &["table", "rows"],
        _ => return None,
    })
}

impl<'p> Writer<'p> {
    pub(super) fn new(
        python: &'p mut Interpreter<'static>,
        made: Vec<String>,
        convention: Option<Rc<Convention>>,
        unnamed: bool,
    ) -> Self {
        let out = Written { operations: Vec::new(), problems: Vec::new(), statements: 0, understood: 0, made };
        Self { python, out, batches: Vec::new(), declared: Vec::new(), convention, unnamed }
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
                None if ["autoload", "autoload_with"].iter().any(|word| arguments.keyword(word).is_some()) => {}
                None => self.declared.push(effect.value.clone()),
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
                let tables = std::mem::take(&mut self.declared);
                // A metadata that was made here has the tables that were declared here.
                let own = matches!(constructor(object), Some(("MetaData", _)));
                if tables.is_empty() && !own {
                    return self.opaque(
                        effect,
                        effect.span,
                        "The tables of a metadata are made here; their models are not part of this file.",
                    );
                }
                let checks = arguments.get(2, "checkfirst").and_then(Value::as_bool) != Some(false);
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
        let result = match name {
            "execute" => return self.execute(effect, given.get("sqltext")),
            "bulk_insert" => return self.rows(effect, given.get("table"), "INSERT"),
            "create_table" => self.create_table(effect, &given),
            "add_column" => self.add_column(effect, &given),
            "alter_column" => self.alter_column(effect, &given),
            // What has its name from a convention that is not known may be called so.
            "drop_constraint" if self.unnamed => {
                self.one(name, &given, effect.span).map(|sql| self.write_tolerant(effect, &sql, "42704"))
            }
            _ => self.one(name, &given, effect.span).map(|sql| self.write(effect, &sql)),
        };
        if let Err(Unknown(span)) = result {
            if name == "drop_constraint" && given.get("constraint_name").is_none_or(Value::is_none) {
                return self.nameless(effect);
            }
            // A table has one primary key: whatever the database says that it is called, it is that one.
            if name == "drop_constraint"
                && given.get("type_").and_then(Value::as_str) == Some("primary")
                && let Ok(table) = self.one("drop_table", &given, effect.span)
                && let Some(name) = dropped(&table, effect.span)
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

    /// `drop_constraint(None, …)` where no convention gives a name: SQLAlchemy raises a `CompileError`.
    fn nameless(&mut self, effect: &Effect) {
        self.out.statements += 1;
        let message = "`drop_constraint` has no name here, and no naming convention gives one: Alembic stops with a `CompileError`. Give the name that the constraint has in the database.";
        let kind = ProblemKind::OpaqueStatement;
        self.out.problems.push(Problem { kind, message: message.to_owned(), span: Some(effect.span) });
        self.unknown(effect, true);
    }

    /// Operations of one statement.
    fn one(&mut self, name: &str, given: &Given<'_>, span: Span) -> Known<Sql> {
        let schema = given.get("schema");
        let mut sql;
        let alter = |given: &Given<'_>| -> Known<Sql> {
            let mut sql = Sql::new("ALTER TABLE ", span);
            sql.qualified(schema, given.need("table_name", span)?)?;
            Ok(sql)
        };
        let constraint = |given: &Given<'_>, name: Option<Value>| -> Known<Sql> {
            let mut sql = alter(given)?;
            sql.word(" ADD ", span);
            if let Some(name) = name {
                sql.word("CONSTRAINT ", span).name(&*name_of(&name)?).word(" ", span);
            }
            Ok(sql)
        };
        let if_exists = if given.yes("if_exists") { "IF EXISTS " } else { "" };
        match name {
            "drop_table" => {
                sql = Sql::new("DROP TABLE ", span);
                sql.word(if_exists, span).qualified(schema, given.need("table_name", span)?)?;
            }
            "rename_table" => {
                sql = Sql::new("ALTER TABLE ", span);
                sql.qualified(schema, given.need("old_table_name", span)?)?.word(" RENAME TO ", span);
                sql.name(&*name_of(given.need("new_table_name", span)?)?);
            }
            "drop_column" => {
                sql = alter(given)?;
                sql.word(" DROP COLUMN ", span).word(if_exists, span);
                sql.name(&*name_of(given.need("column_name", span)?)?);
            }
            "create_index" => {
                let keys = self.list(given.need("columns", span)?)?;
                let table = given.need("table_name", span)?;
                let name = self.named("ix", given, "index_name", &keys, (None, &[]), span);
                sql = table::create_index(self.python, name.as_ref(), schema, table, &keys, given.arguments, span)?;
            }
            "drop_index" => {
                sql = Sql::new("DROP INDEX ", span);
                if given.yes("postgresql_concurrently") {
                    sql.word("CONCURRENTLY ", span);
                }
                sql.word(if_exists, span).qualified(schema, given.need("index_name", span)?)?;
            }
            "create_primary_key" => {
                let columns = self.list(given.need("columns", span)?)?;
                sql = constraint(given, self.named("pk", given, "constraint_name", &columns, (None, &[]), span))?;
                sql.word("PRIMARY KEY (", span).names(&columns)?.word(")", span);
                table::attributes(&mut sql, given.arguments, span);
            }
            "create_unique_constraint" => {
                let columns = self.list(given.need("columns", span)?)?;
                sql = constraint(given, self.named("uq", given, "constraint_name", &columns, (None, &[]), span))?;
                let distinct = given.yes("postgresql_nulls_not_distinct");
                sql.word(if distinct { "UNIQUE NULLS NOT DISTINCT (" } else { "UNIQUE (" }, span);
                sql.names(&columns)?.word(")", span);
                if let Some(include) = given.given("postgresql_include") {
                    sql.word(" INCLUDE (", span).names(&self.list(include)?)?.word(")", span);
                }
                table::attributes(&mut sql, given.arguments, span);
            }
            "create_foreign_key" => {
                sql = Sql::new("ALTER TABLE ", span);
                let schema = given.get("source_schema").or(given.batch.and(schema));
                sql.qualified(schema, given.need("table_name", span).or_else(|_| given.need("source_table", span))?)?;
                sql.word(" ADD ", span);
                let (own, remote) =
                    (self.list(given.need("local_cols", span)?)?, self.list(given.need("remote_cols", span)?)?);
                let referent = given.need("referent_table", span)?;
                if let Some(name) = self.named("fk", given, "constraint_name", &own, (Some(referent), &remote), span) {
                    sql.word("CONSTRAINT ", span).name(&*name_of(&name)?).word(" ", span);
                }
                sql.word("FOREIGN KEY(", span).names(&own)?;
                sql.word(") REFERENCES ", span);
                sql.qualified(given.get("referent_schema"), referent)?;
                sql.word(" (", span).names(&remote)?.word(")", span);
                table::foreign_key_options(&mut sql, given.arguments, span);
                table::attributes(&mut sql, given.arguments, span);
            }
            "create_check_constraint" => {
                sql = constraint(given, self.named("ck", given, "constraint_name", &[], (None, &[]), span))?;
                sql.word("CHECK (", span)
                    .expression(&self.python.heap, given.need("condition", span)?)?
                    .word(")", span);
                table::attributes(&mut sql, given.arguments, span);
            }
            "create_exclude_constraint" => {
                sql = constraint(given, given.given("constraint_name").cloned())?;
                table::exclude(&mut sql, self.python, given.rest(), given.arguments, span)?;
                table::attributes(&mut sql, given.arguments, span);
            }
            "drop_constraint" => {
                sql = alter(given)?;
                sql.word(" DROP CONSTRAINT ", span).word(if_exists, span);
                // The kind decides which template takes the name up. Source: `SchemaObjects.generic_constraint`.
                let kind = match given.given("type_").and_then(Value::as_str) {
                    Some("foreignkey") => "fk",
                    Some("primary") => "pk",
                    Some("unique") => "uq",
                    Some("check") => "ck",
                    _ => "",
                };
                let name = self.named(kind, given, "constraint_name", &[], (None, &[]), span).ok_or(Unknown(span))?;
                sql.name(&*name_of(&name)?);
            }
            "create_table_comment" | "drop_table_comment" => {
                sql = Sql::new("COMMENT ON TABLE ", span);
                sql.qualified(schema, given.need("table_name", span)?)?;
                let text = if name == "create_table_comment" { given.get("comment") } else { None };
                table::comment(&mut sql, text, span)?;
            }
            _ => return Err(Unknown(span)),
        }
        Ok(sql)
    }

    /// The name of what is made: by the convention of the metadata where it has none, or where the convention's template takes it up.
    fn named(
        &self,
        kind: &'static str,
        given: &Given<'_>,
        parameter: &str,
        columns: &[Value],
        (referred_table, referred_columns): (Option<&Value>, &[Value]),
        span: Span,
    ) -> Option<Value> {
        let own = given.given(parameter);
        let made = self.convention.as_deref().and_then(|convention| {
            let table = given.given("table_name").or_else(|| given.given("source_table"))?;
            let table = name_of(table).ok()?;
            let referred = referred_table.and_then(|t| name_of(t).ok());
            let named = Named {
                kind,
                schema: given.given("schema").or_else(|| given.given("source_schema")).and_then(Value::as_str),
                table: table.as_str(),
                columns: &texts(columns),
                referred_table: referred.as_ref().map_or("", |r| r.as_str()),
                referred_columns: &texts(referred_columns),
                given: own,
                custom: &[],
            };
            naming::name(Some(convention), &named, span)
        });
        made.or_else(|| own.cloned())
    }

    fn list(&self, value: &Value) -> Known<Vec<Value>> {
        match value.as_text() {
            Some(_) => Ok(vec![value.clone()]),
            None => self.python.heap.elements(value).ok_or(Unknown(value.span)),
        }
    }

    fn create_table(&mut self, effect: &Effect, given: &Given<'_>) -> Known<()> {
        let name = given.need("table_name", effect.span)?;
        self.table(effect, name, given.rest(), given.arguments)
    }

    fn table(&mut self, effect: &Effect, name: &Value, items: &[Value], arguments: &Arguments) -> Known<()> {
        // A key that is to be added when both tables are there is not part of the statement, and `op.create_table` adds none.
        let later = |item: &&Value| {
            constructor(item).is_some_and(|(kind, arguments)| {
                kind == "ForeignKeyConstraint" && arguments.keyword("use_alter").and_then(Value::as_bool) == Some(true)
            })
        };
        let mut items: Vec<Value> = items.iter().filter(|item| !later(item)).cloned().collect();
        if let Some(convention) = &self.convention {
            let schema = arguments.keyword("schema");
            items = naming::complete(&self.python.heap, convention, schema, name, &items, effect.span);
        }
        let made = table::create_table(self.python, name, &items, arguments, &mut self.out.made, effect.span)?;
        for sql in &made.statements {
            self.write(effect, sql);
        }
        self.elsewhere(made.elsewhere);
        for span in made.nameless {
            self.note(span, table::NAMELESS);
        }
        for Unknown(span) in made.unknown {
            let message =
                "A part of this table depends on something that only running the migration would give, and was left out.".to_owned();
            self.out.problems.push(Problem { kind: ProblemKind::OpaqueStatement, message, span: Some(span) });
            self.out.understood = self.out.understood.saturating_sub(1);
        }
        Ok(())
    }

    /// Notes types and defaults that are said in files that were not given. What has them is read all the same.
    fn elsewhere(&mut self, types: impl IntoIterator<Item = Span>) {
        for span in types {
            let message = "What this is in the database is said in a file that was not given. The column was read without it; give that file, too."
                .to_owned();
            self.out.problems.push(Problem { kind: ProblemKind::OpaqueStatement, message, span: Some(span) });
            self.out.understood = self.out.understood.saturating_sub(1);
        }
    }

    /// `Table("name", metadata, …)`, made by itself.
    fn create_declared(&mut self, effect: &Effect, table: &Value) {
        let Some((_, arguments)) = constructor(table) else { return };
        let result = match arguments.positional.split_first() {
            Some((name, rest)) => self.table(effect, name, rest.get(1..).unwrap_or_default(), arguments),
            None => Err(Unknown(table.span)),
        };
        if let Err(Unknown(span)) = result {
            self.opaque(effect, span, "This table depends on a value that only running the migration would give.");
        }
    }

    /// `create_all` makes only tables that are not there: the operations from a place on run where the table is missing.
    fn unless_there(&mut self, table: &Value, from: usize) {
        let operations = self.out.operations.get_mut(from..).unwrap_or_default();
        let made = operations.iter().find_map(|operation| match &operation.kind {
            OperationKind::CreateTable(table) => Some(table.name.clone()),
            _ => None,
        });
        let Some(name) = made else { return };
        let span = table.span;
        let object = ObjectRef { kind: ObjectKind::Table, name, part: None, arguments: None, span };
        for operation in operations {
            let guard = Guard { span, test: GuardTest::Exists(object.clone()), negated: true };
            operation.guards = operation.guards.iter().cloned().chain([guard]).collect();
        }
    }

    fn add_column(&mut self, effect: &Effect, given: &Given<'_>) -> Known<()> {
        let span = effect.span;
        let (schema, name) = (given.get("schema"), given.need("table_name", span)?);
        let mut items = vec![given.need("column", span)?.clone()];
        if let Some(convention) = &self.convention {
            items = naming::complete(&self.python.heap, convention, schema, name, &items, span);
        }
        let (first, others) = items.split_first().ok_or(Unknown(span))?;
        let column = table::column(self.python, first)?;
        let mut sql = Sql::new("ALTER TABLE ", span);
        sql.qualified(schema, name)?.word(" ADD COLUMN ", span);
        if given.yes("if_not_exists") {
            sql.word("IF NOT EXISTS ", span);
        }
        sql.raw(&column.specification(column.primary_key, false).text);
        if given.yes("inline_primary_key") && column.primary_key {
            sql.word(" PRIMARY KEY", span);
        }
        self.write(effect, &sql);
        self.elsewhere(column.elsewhere.iter().copied());
        if let Some(span) = column.nameless {
            self.note(span, table::NAMELESS);
        }
        let mut clauses = column.table_constraints(self.python);
        for item in others {
            match constructor(item) {
                Some(("UniqueConstraint", _)) => clauses.push(table::constraint(self.python, item).map(|(_, sql)| sql)),
                Some(("Index", arguments)) => {
                    let keys = arguments.positional.get(1..).unwrap_or_default();
                    let index_name = arguments.get(0, "name");
                    let sql = table::create_index(self.python, index_name, schema, name, keys, arguments, span)?;
                    self.write(effect, &sql);
                }
                _ => {}
            }
        }
        for clause in clauses {
            let mut sql = Sql::new("ALTER TABLE ", span);
            sql.qualified(schema, name)?.word(" ADD ", span).raw(&clause?.text);
            self.write(effect, &sql);
        }
        if let Some(sql) = column.create_index(schema, name) {
            let sql = sql?;
            self.write(effect, &sql);
        }
        if let Some(sql) = table::column_comment(schema, name, &column)? {
            self.write(effect, &sql);
        }
        Ok(())
    }

    fn alter_column(&mut self, effect: &Effect, given: &Given<'_>) -> Known<()> {
        let span = effect.span;
        let (schema, name) = (given.get("schema"), given.need("table_name", span)?);
        let column = name_of(given.need("column_name", span)?)?;
        if given.arguments.open {
            return Err(Unknown(span));
        }
        let start = || -> Known<Sql> {
            let mut sql = Sql::new("ALTER TABLE ", span);
            sql.qualified(schema, name)?.word(" ALTER COLUMN ", span).name(&column).word(" ", span);
            Ok(sql)
        };
        if let Some(value) = given.given("type_") {
            let found = column_type(self.python, value, 0);
            let elsewhere = found.is_err().then_some(value.span);
            let found = found.unwrap_or_else(|_| ColumnType::elsewhere(value));
            let mut sql = start()?;
            sql.word("TYPE ", value.span).raw(&found.sql);
            if let Some(using) = given.given("postgresql_using") {
                sql.word(" USING ", span).expression(&self.python.heap, using)?;
            }
            self.write(effect, &sql);
            self.elsewhere(elsewhere);
        }
        if let Some(value) = given.given("nullable") {
            let mut sql = start()?;
            sql.word(
                if value.as_bool().ok_or(Unknown(value.span))? { "DROP NOT NULL" } else { "SET NOT NULL" },
                value.span,
            );
            self.write(effect, &sql);
        }
        if let Some(value) = given.get("server_default").filter(|v| v.as_bool() != Some(false)) {
            let mut sql = start()?;
            match constructor(value).map(|(name, _)| name) {
                Some("Identity") => drop(sql.word("ADD ", value.span).raw(&table::identity(value)?)),
                _ if value.is_none() => drop(sql.word("DROP DEFAULT", value.span)),
                _ => drop(sql.word("SET DEFAULT ", value.span).raw(&table::default_sql(self.python, value)?)),
            }
            self.write(effect, &sql);
        }
        if let Some(value) = given.get("comment").filter(|v| v.as_bool() != Some(false)) {
            let mut sql = Sql::new("COMMENT ON COLUMN ", span);
            sql.qualified(schema, name)?.word(".", span).name(&column);
            table::comment(&mut sql, Some(value), value.span)?;
            self.write(effect, &sql);
        }
        if let Some(value) = given.given("new_column_name").or_else(|| given.given("name")) {
            let mut sql = Sql::new("ALTER TABLE ", span);
            sql.qualified(schema, name)?.word(" RENAME COLUMN ", span).name(&column).word(" TO ", span);
            sql.name(&*name_of(value)?);
            self.write(effect, &sql);
        }
        Ok(())
    }

    /// `type.create(bind, checkfirst=True)`, `table.drop(bind)`.
    fn create_or_drop(&mut self, effect: &Effect, object: &Value, create: bool, arguments: &Arguments) {
        let span = effect.span;
        // Both ask first where nothing else is said.
        let checks = arguments.get(1, "checkfirst").and_then(Value::as_bool) != Some(false);
        match constructor(object).map(|(name, _)| name) {
            Some("Table") if create => return self.create_declared(effect, object),
            Some("Table" | "create_table") => {
                let Some((_, table)) = object.as_call() else { return };
                let mut sql = Sql::new(if checks { "DROP TABLE IF EXISTS " } else { "DROP TABLE " }, span);
                if sql.qualified(table.keyword("schema"), object).is_ok() {
                    return self.write(effect, &sql);
                }
            }
            Some("Index") => {
                let Some((_, index)) = object.as_call() else { return };
                let keys = index.positional.get(1..).unwrap_or_default();
                let table = keys.iter().find_map(|key| match key.as_term() {
                    Some(TermKind::Attribute(columns, _)) => match columns.as_term() {
                        Some(TermKind::Attribute(table, _)) => Some(table.clone()),
                        _ => None,
                    },
                    _ => None,
                });
                if create {
                    if let Some(table) = table
                        && let Ok(sql) =
                            table::create_index(self.python, index.get(0, "name"), None, &table, keys, index, span)
                    {
                        return self.write(effect, &sql);
                    }
                } else if let Some(name) = index.get(0, "name") {
                    let mut sql = Sql::new("DROP INDEX ", span);
                    if sql.qualified(None, name).is_ok() {
                        return self.write(effect, &sql);
                    }
                }
            }
            Some("Sequence") => {
                let Some((_, sequence)) = object.as_call() else { return };
                if let Some(sql) = table::sequence_statement(sequence, create, checks, span) {
                    return self.write(effect, &sql);
                }
            }
            _ => {
                if let Ok(found) = column_type(self.python, object, 0)
                    && let Some(named) = found.named
                {
                    if create {
                        let mut sql = table::create_enum(&named);
                        if checks {
                            // The type is made unless it is there: told by what is swallowed.
                            sql = Sql { text: sql.text };
                            return self.write_tolerant(effect, &sql, "42710");
                        }
                        return self.write(effect, &sql);
                    }
                    let mut sql = Sql::new(if checks { "DROP TYPE IF EXISTS " } else { "DROP TYPE " }, span);
                    sql.raw(&found.sql);
                    return self.write(effect, &sql);
                }
                // A method of the same name of something else: a session, a file, a factory.
                let plain = object.as_call().is_none_or(|(callee, _)| {
                    callee.last_name().is_none_or(|n| !n.ends_with("Enum") && !n.ends_with("ENUM"))
                });
                if plain {
                    return;
                }
            }
        }
        self.opaque(effect, object.span, if create { "Something is made here." } else { "Something is dropped here." });
    }

    /// Runs SQL: a text, `sa.text`, a construct of SQLAlchemy's.
    fn execute(&mut self, effect: &Effect, value: Option<&Value>) {
        let Some(value) = value else { return };
        let text = match (value.as_term(), text_of(value)) {
            (Some(TermKind::Template(text)), _) => return self.template(effect, text),
            (_, Some(inner)) => match (inner.as_text(), inner.as_term()) {
                (Some(text), _) => text,
                (None, Some(TermKind::Template(text))) => return self.template(effect, text),
                _ => return self.opaque(effect, inner.span, "The text of this statement is made by the program."),
            },
            _ => match value.as_text() {
                Some(text) => text,
                None => return self.construct(effect, value),
            },
        };
        let text = unbind(text);
        self.script(effect, &text);
    }

    /// A text of which parts are not known: rows change without the schema; anything else is not known.
    fn template(&mut self, effect: &Effect, text: &Mapped) {
        let first = ddl::lexer::first_word(text.as_str().trim_start()).to_ascii_uppercase();
        if ROWS.contains(&first.as_str()) {
            let reading = ddl::read_mapped(text, effect.span);
            // The holes may stand where no value can: then nothing is said of the table either.
            if reading.problems.is_empty() {
                for operation in reading.operations {
                    self.add(effect, operation);
                }
            }
            return;
        }
        self.opaque(effect, effect.span, "The text of this statement is made by the program.");
    }

    /// Statements of a text, one after the other.
    pub(super) fn script(&mut self, effect: &Effect, text: &Mapped) {
        let mut splitter = Splitter::new(0);
        let mut parts: Vec<(u32, u32, Option<&'static str>)> = Vec::new();
        let mut take = |part: Part<'_>| match part {
            Part::Statement { text, at, lead, .. } => {
                let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
                parts.push((at.offset.saturating_add(lead), end, None));
            }
            Part::Unterminated { what, text, at, open } => {
                let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
                parts.push((at.offset.saturating_add(open), end, Some(what.name())));
            }
            Part::Comment { .. } | Part::Meta { .. } | Part::GaveUp { .. } => {}
        };
        splitter.push(text.as_str().as_bytes(), &mut take);
        splitter.finish(&mut take);
        for (from, to, open) in parts {
            let part = text.slice(from as usize, to as usize);
            let span = part.whole().unwrap_or(effect.span);
            if let Some(what) = open {
                self.out.statements += 1;
                let message = format!("This {what} never ends. Close it where it should end.");
                self.out.problems.push(Problem { kind: ProblemKind::Unterminated, message, span: Some(span) });
                continue;
            }
            self.read(effect, &part, span, false, None);
        }
    }

    /// Reads a statement that was put together, and gives its operations the span of the call.
    pub(super) fn write(&mut self, effect: &Effect, sql: &Sql) {
        self.read(effect, &sql.text, effect.span, true, None);
    }

    fn write_tolerant(&mut self, effect: &Effect, sql: &Sql, sqlstate: &'static str) {
        self.read(effect, &sql.text, effect.span, true, Some(sqlstate));
    }

    fn read(&mut self, effect: &Effect, text: &Mapped, span: Span, made: bool, tolerates: Option<&'static str>) {
        let reading = ddl::read_mapped(text, span);
        let opaque = reading.problems.iter().any(|p| p.kind == ProblemKind::OpaqueStatement);
        if reading.changes_schema {
            self.out.statements += 1;
            self.out.understood += u32::from(reading.problems.is_empty());
        }
        self.out.problems.extend(reading.problems);
        for mut operation in reading.operations {
            if made {
                operation.span = span;
            }
            if let Some(state) = tolerates {
                operation.tolerates = Box::new([state.into()]);
            }
            self.add(effect, operation);
        }
        if opaque {
            self.unknown(effect, false);
        }
    }

    /// `op.execute(CreateSequence(…))`, `conn.execute(table.update()…)`, `session.execute(select(…))`.
    fn construct(&mut self, effect: &Effect, value: &Value) {
        if let Some((name, arguments)) = constructor(value) {
            let first = arguments.positional.first();
            let sql = match (name, first) {
                ("CreateSequence" | "DropSequence", Some(sequence)) => sequence.as_call().and_then(|(_, sequence)| {
                    table::sequence_statement(sequence, name == "CreateSequence", false, effect.span)
                }),
                ("CreateSchema" | "DropSchema", Some(schema)) => {
                    let mut sql =
                        Sql::new(if name == "CreateSchema" { "CREATE SCHEMA " } else { "DROP SCHEMA " }, effect.span);
                    if arguments.keyword("if_not_exists").and_then(Value::as_bool) == Some(true) {
                        sql.word("IF NOT EXISTS ", effect.span);
                    }
                    let named = sql.qualified(None, schema).is_ok();
                    if arguments.keyword("cascade").and_then(Value::as_bool) == Some(true) {
                        sql.word(" CASCADE", effect.span);
                    }
                    named.then_some(sql)
                }
                ("CreateTable", Some(table)) => return self.create_declared(effect, table),
                ("DropTable" | "CreateIndex" | "DropIndex", Some(object)) => {
                    return self.create_or_drop(
                        effect,
                        object,
                        name == "CreateIndex",
                        &Arguments {
                            keywords: vec![("checkfirst".into(), Value::new(Kind::Bool(false), effect.span))],
                            ..Arguments::default()
                        },
                    );
                }
                _ => None,
            };
            match sql {
                Some(sql) => return self.write(effect, &sql),
                None if name.starts_with("Create") || name.starts_with("Drop") || name.starts_with("Add") => {
                    return self.opaque(effect, value.span, "This statement is made by the program.");
                }
                None => {}
            }
        }
        // Follow the chain of methods to the table: `table.update().where(…).values(…)`.
        let mut at = value;
        for _ in 0..40 {
            let Some((callee, arguments)) = at.as_call() else { break };
            match callee.as_term() {
                Some(TermKind::Attribute(object, method)) => match method.as_str() {
                    "update" => return self.rows(effect, Some(object), "UPDATE"),
                    "insert" => return self.rows(effect, Some(object), "INSERT"),
                    "delete" => return self.rows(effect, Some(object), "DELETE"),
                    // A query changes nothing, whatever is asked.
                    "select" | "query" => return,
                    _ => at = object,
                },
                Some(TermKind::Name(path)) => {
                    return match path.rsplit('.').next().unwrap_or(path) {
                        "update" => self.rows(effect, arguments.positional.first(), "UPDATE"),
                        "insert" => self.rows(effect, arguments.positional.first(), "INSERT"),
                        "delete" => self.rows(effect, arguments.positional.first(), "DELETE"),
                        // A query changes nothing.
                        "select" | "exists" | "union" | "union_all" | "func" => {}
                        _ if path.contains("func.") => {}
                        _ if path.starts_with("sqlalchemy") => {}
                        _ => self.opaque(effect, value.span, "What is executed here comes from elsewhere."),
                    };
                }
                _ => break,
            }
        }
        match value.as_term() {
            // What loops and queries give is read back from the database and changes rows at most; a text of unknown origin may be anything.
            Some(
                TermKind::Unknown
                | TermKind::Name(_)
                | TermKind::Index(..)
                | TermKind::Choice(..)
                | TermKind::Binary(..),
            ) => {
                self.opaque(effect, value.span, "The text of this statement is made by the program.");
            }
            Some(TermKind::Each(_)) => {
                self.opaque(effect, value.span, "The text of this statement is read from the database.")
            }
            _ => {}
        }
    }

    /// Rows of a table change.
    fn rows(&mut self, effect: &Effect, table: Option<&Value>, verb: &str) {
        let Some(table) = table else { return };
        let schema = table.as_call().and_then(|(_, arguments)| arguments.keyword("schema")).cloned();
        let mut sql = Sql::new(
            match verb {
                "INSERT" => "INSERT INTO ",
                "UPDATE" => "UPDATE ",
                _ => "DELETE FROM ",
            },
            effect.span,
        );
        if sql.qualified(schema.as_ref(), table).is_err() {
            return;
        }
        sql.word(
            match verb {
                // Nor with which values.
                "INSERT" => " VALUES (${values})",
                // Which columns is not said here: a name with a placeholder may be any.
                "UPDATE" => " SET \"${column}\" = $1",
                _ => "",
            },
            effect.span,
        );
        for mut operation in ddl::read_mapped(&sql.text, effect.span).operations {
            if let OperationKind::Dml { verb: DmlVerb::Insert | DmlVerb::Update | DmlVerb::Delete, .. } = operation.kind
            {
                operation.span = effect.span;
                self.add(effect, operation);
            }
        }
    }
}

/// The table that a DROP TABLE names.
fn dropped(sql: &Sql, span: Span) -> Option<QualifiedName> {
    match ddl::read_mapped(&sql.text, span).operations.into_iter().next()?.kind {
        OperationKind::Drop(drop) => drop.targets.into_iter().next().map(|object| object.name),
        _ => None,
    }
}

fn drop<T>(_: T) {}
