//! Tables, their columns, and objects that are made and dropped by themselves.

use super::Writer;
use super::declared::model_of;
use super::given::Given;
use crate::operation::{Guard, GuardTest, ObjectKind, ObjectRef, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::alembic::inspector::{column_of, type_of_column};
use crate::read::python::{Arguments, Effect, TermKind, Value};
use crate::read::sqlalchemy::naming;
use crate::read::sqlalchemy::sql::{Known, Sql, Unknown, name_of};
use crate::read::sqlalchemy::table::{self, constructor};
use crate::read::sqlalchemy::types::{ColumnType, column_type};
use crate::source::Span;

impl Writer<'_> {
    pub(super) fn create_table(&mut self, effect: &Effect, given: &Given<'_>) -> Known<()> {
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
    pub(super) fn create_declared(&mut self, effect: &Effect, table: &Value) {
        let Some((_, arguments)) = constructor(table) else { return };
        let result = match arguments.positional.split_first() {
            Some((name, rest)) => {
                let items: Vec<Value> = rest.iter().skip(1).map(|item| self.with_type(item)).collect();
                self.table(effect, name, &items, arguments)
            }
            None => Err(Unknown(table.span)),
        };
        if let Err(Unknown(span)) = result {
            self.opaque(effect, span, "This table depends on a value that only running the migration would give.");
        }
    }

    /// A column with the type of the column that its foreign key refers to, where it has none itself. Source: `ForeignKey._set_type`.
    fn with_type(&self, item: &Value) -> Value {
        let (Some((callee, given)), Some(found)) = (item.as_call(), self.type_referred(item, 0)) else {
            return item.clone();
        };
        let mut given = given.clone();
        given.keywords.push(("type_".into(), found));
        Value::term(TermKind::Call(callee.clone(), given), item.span)
    }

    /// The type that a column has from its foreign key; nothing where it has one itself.
    fn type_referred(&self, column: &Value, depth: u32) -> Option<Value> {
        let Some(("Column", column)) = constructor(column) else { return None };
        if depth > 8 || type_of_column(column).is_some() {
            return None;
        }
        let key = column.positional.iter().find_map(|v| constructor(v).filter(|(kind, _)| *kind == "ForeignKey"))?.1;
        let target = key.get(0, "column")?;
        let (table, name) = match target.as_term() {
            Some(TermKind::Attribute(columns, name)) => match columns.as_term()? {
                TermKind::Attribute(table, _) => (table, name.as_str()),
                _ => return None,
            },
            _ => {
                let (table, name) = target.as_str()?.rsplit_once('.')?;
                let is = |value: &&Value| {
                    constructor(value).is_some_and(|(_, a)| {
                        a.positional.first().and_then(Value::as_str) == Some(table) && a.keyword("schema").is_none()
                    })
                };
                (self.tables.iter().find(is)?, name)
            }
        };
        let referred = column_of(constructor(table)?.1, name)?;
        let (data_type, item) = (type_of_column(referred).cloned(), Value::clone(target));
        let own = Value::term(
            TermKind::Call(Value::term(TermKind::Name("sqlalchemy.Column".into()), item.span), referred.clone()),
            item.span,
        );
        data_type.or_else(|| self.type_referred(&own, depth + 1))
    }

    /// `create_all` makes only tables that are not there: the operations from a place on run where the table is missing.
    pub(super) fn unless_there(&mut self, table: &Value, from: usize) {
        let operations = self.out.operations.get_mut(from..).unwrap_or_default();
        let made = operations.iter().find_map(|operation| match &operation.kind {
            OperationKind::CreateTable(table) => Some(table.name.clone()),
            _ => None,
        });
        let Some(name) = made else { return };
        let span = table.span;
        let object = ObjectRef { kind: ObjectKind::Relation, name, part: None, arguments: None, span };
        for operation in operations {
            let guard = Guard { span, test: GuardTest::Exists(object.clone()), negated: true };
            operation.guards = operation.guards.iter().cloned().chain([guard]).collect();
        }
    }

    pub(super) fn add_column(&mut self, effect: &Effect, given: &Given<'_>) -> Known<()> {
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
        for sql in column.create_indexes(schema, name) {
            self.write(effect, &sql?);
        }
        if let Some(sql) = table::column_comment(schema, name, &column)? {
            self.write(effect, &sql);
        }
        Ok(())
    }

    pub(super) fn alter_column(&mut self, effect: &Effect, given: &Given<'_>) -> Known<()> {
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
            let identity = |value: &Value| matches!(constructor(value), Some(("Identity", _)));
            let existing = given.get("existing_server_default").filter(|value| identity(value));
            match existing {
                _ if identity(value) => {
                    sql.word(&table::changed_identity(existing, value), value.span);
                    if existing.is_none() {
                        sql.word("ADD ", value.span).raw(&table::identity(value)?);
                    }
                }
                Some(_) if value.is_none() => {
                    sql.word("DROP IDENTITY", value.span);
                }
                _ if value.is_none() => {
                    sql.word("DROP DEFAULT", value.span);
                }
                _ => {
                    sql.word("SET DEFAULT ", value.span).raw(&table::default_sql(self.python, value)?);
                }
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
    pub(super) fn create_or_drop(&mut self, effect: &Effect, object: &Value, create: bool, arguments: &Arguments) {
        let span = effect.span;
        // Both ask first where nothing else is said.
        let checks = arguments.get(1, "checkfirst").and_then(Value::as_bool) != Some(false);
        match constructor(object).map(|(name, _)| name) {
            Some("Table") if create => {
                let asks = arguments.get(1, "checkfirst").and_then(Value::as_bool) == Some(true);
                return self.create_one(effect, object, asks);
            }
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
            _ if model_of(object).is_some() => {
                let asks = arguments.get(1, "checkfirst").and_then(Value::as_bool) == Some(true);
                let known = match create {
                    true => self.create_model(effect, object, asks),
                    false => self.drop_model(effect, object, asks),
                };
                if known {
                    return;
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
}
