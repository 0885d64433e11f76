//! Changes as the statements that Liquibase sends to PostgreSQL for them. Source: the classes of `liquibase.sqlgenerator.core`, and Liquibase's
//! documentation, "Change types".

use super::write::Writer;
use super::{Node, Quoting};
use crate::source::Mapped;

/// What a change does.
#[derive(Debug)]
pub(crate) enum Statements {
    /// These statements, and what takes them back where Liquibase knows.
    Sent {
        /// In order.
        up: Vec<Mapped>,
        /// In order; nothing where Liquibase has no way back of its own.
        down: Option<Vec<Mapped>>,
    },
    /// SQL of the project's own, in one or several statements.
    Script(Mapped),
    /// The same in a file.
    File,
    /// It leaves the schema alone.
    Nothing,
    /// What it does cannot be told; why, in words that follow "it".
    Opaque(&'static str),
}

/// What a change stands for.
pub(crate) fn statements(change: &Node, quoting: Quoting) -> Statements {
    let writer = Writer { change, quoting };
    let sent = |up: Vec<Mapped>, down: Option<Vec<Mapped>>| match up.is_empty() {
        true => Statements::Opaque("lacks what Liquibase demands of it"),
        false => Statements::Sent { up, down },
    };
    let simple = |up: Option<Mapped>, down: Option<Mapped>| sent(up.into_iter().collect(), down.map(|d| vec![d]));
    match change.name.as_str() {
        "sql" => match sql_of(change) {
            Some(text) => Statements::Script(text),
            None => Statements::Nothing,
        },
        "sqlFile" => Statements::File,
        "createProcedure" | "createFunction" | "createTrigger" | "createPackage" | "createPackageBody" => {
            let nested =
                ["procedureBody", "procedureText", "functionBody", "functionText", "triggerBody", "triggerText"];
            match change.trimmed().or_else(|| nested.iter().find_map(|name| change.mapped(name))) {
                Some(text) => Statements::Script(text),
                None if change.text("path").is_some() => Statements::File,
                None => Statements::Nothing,
            }
        }
        "createTable" => {
            let up = writer.create_table();
            let down = if up.is_empty() { None } else { writer.of(&["DROP TABLE "], "tableName") };
            sent(up, down.map(|d| vec![d]))
        }
        "addColumn" => {
            let columns: Vec<&Node> = change.columns().collect();
            let up = columns.iter().flat_map(|column| writer.add_column(column)).collect();
            let down = columns.iter().filter_map(|c| writer.alter("DROP COLUMN ", c.mapped("name"))).collect();
            sent(up, Some(down))
        }
        "dropTable" => {
            let cascade = change.flag("cascadeConstraints") == Some(true);
            let up = writer.of(&["DROP TABLE "], "tableName").map(|mut sql| {
                if cascade {
                    writer.raw(&mut sql, " CASCADE");
                }
                sql
            });
            simple(up, None)
        }
        "dropColumn" => {
            let listed: Vec<Mapped> = change.columns().filter_map(|c| c.mapped("name")).collect();
            let names = if listed.is_empty() { change.mapped("columnName").into_iter().collect() } else { listed };
            sent(names.into_iter().filter_map(|n| writer.alter("DROP COLUMN ", Some(n))).collect(), None)
        }
        "renameTable" => {
            let rename = |from: &str, to: &str| writer.rename("ALTER TABLE ", from, to);
            simple(rename("oldTableName", "newTableName"), rename("newTableName", "oldTableName"))
        }
        "renameView" => {
            let rename = |from: &str, to: &str| writer.rename("ALTER TABLE ", from, to);
            simple(rename("oldViewName", "newViewName"), rename("newViewName", "oldViewName"))
        }
        "renameSequence" => {
            let rename = |from: &str, to: &str| writer.rename("ALTER SEQUENCE ", from, to);
            simple(rename("oldSequenceName", "newSequenceName"), rename("newSequenceName", "oldSequenceName"))
        }
        "renameColumn" => {
            let rename = |from: &str, to: &str| {
                let mut sql = writer.alter("RENAME COLUMN ", change.mapped(from))?;
                writer.raw(&mut sql, " TO ");
                writer.name(&mut sql, &change.mapped(to)?);
                Some(sql)
            };
            simple(rename("oldColumnName", "newColumnName"), rename("newColumnName", "oldColumnName"))
        }
        "modifyDataType" => simple(writer.modify_type(), None),
        "addNotNullConstraint" => {
            let mut up = Vec::new();
            // Rows are filled first where a value is given for them.
            if let (Some(value), Some(column)) = (change.mapped("defaultNullValue"), change.mapped("columnName"))
                && let Some(mut sql) = writer.of(&["UPDATE "], "tableName")
            {
                writer.raw(&mut sql, " SET ");
                writer.name(&mut sql, &column);
                writer.raw(&mut sql, " = ");
                writer.literal(&mut sql, &value);
                writer.raw(&mut sql, " WHERE ");
                writer.name(&mut sql, &column);
                writer.raw(&mut sql, " IS NULL");
                up.push(sql);
            }
            up.extend(writer.alter_column(" SET NOT NULL"));
            sent(up, writer.alter_column(" DROP NOT NULL").map(|d| vec![d]))
        }
        "dropNotNullConstraint" => simple(writer.alter_column(" DROP NOT NULL"), writer.alter_column(" SET NOT NULL")),
        "addDefaultValue" => {
            let up = writer.alter_column(" SET DEFAULT ").and_then(|mut sql| {
                let written = change.text("columnDataType").unwrap_or_default();
                writer.default_value(&mut sql, change, written).then_some(sql)
            });
            let mut statements: Vec<Mapped> = up.into_iter().collect();
            // A sequence that gives the values belongs to the column from then on.
            if let (Some(sequence), false) = (change.mapped("defaultValueSequenceNext"), statements.is_empty()) {
                let mut sql = writer.text("ALTER SEQUENCE ");
                writer.qualified(&mut sql, &sequence);
                writer.raw(&mut sql, " OWNED BY ");
                if writer.table(&mut sql, "schemaName", "tableName").is_some()
                    && let Some(column) = change.mapped("columnName")
                {
                    writer.raw(&mut sql, ".");
                    writer.name(&mut sql, &column);
                    statements.push(sql);
                }
            }
            sent(statements, writer.alter_column(" DROP DEFAULT").map(|d| vec![d]))
        }
        "dropDefaultValue" => simple(writer.alter_column(" DROP DEFAULT"), None),
        "addPrimaryKey" => {
            let up = writer.add_key("PRIMARY KEY ");
            let name = change.mapped("constraintName").or_else(|| writer.primary_key_name());
            simple(up, writer.alter("DROP CONSTRAINT ", name))
        }
        "dropPrimaryKey" => {
            let name = change.mapped("constraintName").or_else(|| writer.primary_key_name());
            simple(writer.alter("DROP CONSTRAINT ", name), None)
        }
        "addUniqueConstraint" => {
            let down = change.mapped("constraintName").and_then(|name| writer.alter("DROP CONSTRAINT ", Some(name)));
            simple(writer.add_key("UNIQUE "), down)
        }
        "dropUniqueConstraint" | "dropCheckConstraint" => {
            simple(writer.alter("DROP CONSTRAINT ", change.mapped("constraintName")), None)
        }
        "addCheckConstraint" => {
            let up = change.mapped("constraintBody").and_then(|body| {
                let mut sql = match change.mapped("constraintName") {
                    Some(name) => writer.alter("ADD CONSTRAINT ", Some(name))?,
                    None => writer.alter("ADD", None)?,
                };
                writer.raw(&mut sql, " CHECK (");
                sql.append(&body);
                writer.raw(&mut sql, ")");
                Some(sql)
            });
            let down = change.mapped("constraintName").and_then(|name| writer.alter("DROP CONSTRAINT ", Some(name)));
            simple(up, down)
        }
        "addForeignKeyConstraint" => simple(writer.foreign_key(), writer.drop_foreign_key()),
        "dropForeignKeyConstraint" => simple(writer.drop_foreign_key(), None),
        // Indexes that a constraint brings along. Source: `CreateIndexGeneratorPostgres`.
        "createIndex"
            if change.text("associatedWith").is_some_and(|with| {
                with.split(',').any(|w| matches!(w.trim(), "primaryKey" | "uniqueConstraint" | "foreignKey"))
            }) =>
        {
            Statements::Nothing
        }
        "createIndex" => {
            let (up, down) = (writer.create_index(), writer.drop_index());
            simple(up, down)
        }
        "dropIndex" => simple(writer.drop_index(), None),
        "createSequence" => simple(writer.sequence("CREATE SEQUENCE "), writer.named("DROP SEQUENCE ", "sequenceName")),
        "alterSequence" => simple(writer.sequence("ALTER SEQUENCE "), None),
        "dropSequence" => simple(writer.named("DROP SEQUENCE ", "sequenceName"), None),
        "createView" => {
            let (up, down) = (writer.create_view(), writer.named("DROP VIEW ", "viewName"));
            let replaces = change.flag("replaceIfExists") == Some(true);
            match up {
                None if change.text("path").is_some() => Statements::File,
                None => sent(Vec::new(), None),
                Some(up) => {
                    let remark = writer.remark("COMMENT ON VIEW ", "viewName", None);
                    sent(std::iter::once(up).chain(remark).collect(), down.filter(|_| !replaces).map(|d| vec![d]))
                }
            }
        }
        "dropView" => {
            let verb = if change.flag("ifExists") == Some(true) { "DROP VIEW IF EXISTS " } else { "DROP VIEW " };
            simple(writer.named(verb, "viewName"), None)
        }
        "dropProcedure" => simple(writer.named("DROP PROCEDURE ", "procedureName"), None),
        "dropFunction" => simple(writer.named("DROP FUNCTION ", "functionName"), None),
        "setTableRemarks" => simple(writer.table_remark(), None),
        "setViewRemarks" => simple(writer.remark("COMMENT ON VIEW ", "viewName", None), None),
        "setColumnRemarks" => {
            let column = change.mapped("columnName");
            simple(column.and_then(|c| writer.remark("COMMENT ON COLUMN ", "tableName", Some(&c))), None)
        }
        "mergeColumns" => sent(writer.merge_columns().unwrap_or_default(), None),
        "addLookupTable" => sent(writer.lookup_table().unwrap_or_default(), None),
        "insert" => simple(writer.insert(), None),
        "update" => simple(writer.update(), None),
        "delete" => {
            let up = writer.of(&["DELETE FROM "], "tableName").map(|mut sql| {
                writer.condition(&mut sql);
                sql
            });
            simple(up, None)
        }
        "loadData" | "loadUpdateData" | "tagDatabase" | "empty" | "output" | "stop" | "markUnused" => {
            Statements::Nothing
        }
        "customChange" => Statements::Opaque("runs a class of the project's own"),
        "executeCommand" => Statements::Opaque("runs a program"),
        "dropAllForeignKeyConstraints" => Statements::Opaque("drops whatever foreign keys the database has"),
        "addAutoIncrement" => Statements::Opaque("sends what PostgreSQL does not take (`MODIFY`)"),
        _ => Statements::Opaque("is a change that is not read"),
    }
}

/// The SQL of a `sql` change: its text, or what stands under `sql`.
fn sql_of(change: &Node) -> Option<Mapped> {
    change.trimmed().or_else(|| change.mapped("sql"))
}
