//! Operations that send one statement.

use super::Writer;
use super::given::Given;
use crate::name::QualifiedName;
use crate::operation::OperationKind;
use crate::read::ddl;
use crate::read::python::Value;
use crate::read::sqlalchemy::naming::{self, Named, texts};
use crate::read::sqlalchemy::sql::{Known, Sql, Unknown, name_of};
use crate::read::sqlalchemy::table;
use crate::source::Span;

impl Writer<'_> {
    /// Operations of one statement.
    pub(super) fn one(&mut self, name: &str, given: &Given<'_>, span: Span) -> Known<Sql> {
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
}

/// The table that a DROP TABLE names.
pub(super) fn dropped(sql: &Sql, span: Span) -> Option<QualifiedName> {
    match ddl::read_mapped(&sql.text, span).operations.into_iter().next()?.kind {
        OperationKind::Drop(drop) => drop.targets.into_iter().next().map(|object| object.name),
        _ => None,
    }
}
