//! The statements of changes, part by part: every name keeps its place in the changelog.

use super::data_type::{Literal, data_type, is_serial, literal};
use super::{Node, Quoting};
use crate::source::placeholder::UNKNOWN_VALUE;
use crate::source::{Mapped, Span};

/// Writes statements for one change.
pub(super) struct Writer<'a> {
    pub(super) change: &'a Node,
    pub(super) quoting: Quoting,
}

impl Writer<'_> {
    pub(super) fn whole(&self) -> Span {
        self.change.span
    }

    pub(super) fn raw(&self, sql: &mut Mapped, text: &str) {
        sql.push(text, self.whole());
    }

    pub(super) fn text(&self, text: &str) -> Mapped {
        Mapped::made(text, self.whole())
    }

    pub(super) fn name(&self, sql: &mut Mapped, name: &Mapped) {
        self.quoting.write(sql, name, self.whole());
    }

    /// A name that may stand behind its schema: `app.users`.
    pub(super) fn qualified(&self, sql: &mut Mapped, name: &Mapped) {
        match name.as_str().split_once('.') {
            Some((schema, _)) if !name.as_str().contains('"') => {
                let at = schema.len();
                self.name(sql, &name.slice(0, at));
                self.raw(sql, ".");
                self.name(sql, &name.slice(at + 1, name.as_str().len()));
            }
            _ => self.name(sql, name),
        }
    }

    /// `a, b` as a list of names.
    pub(super) fn names(&self, sql: &mut Mapped, list: &Mapped) {
        let text = list.as_str();
        let mut start = 0;
        for (number, part) in text.split(',').enumerate() {
            if number > 0 {
                self.raw(sql, ", ");
            }
            let from = start + (part.len() - part.trim_start().len());
            self.name(sql, &list.slice(from, from + part.trim().len()));
            start += part.len() + 1;
        }
    }

    pub(super) fn literal(&self, sql: &mut Mapped, value: &Mapped) {
        self.raw(sql, "'");
        let text = value.as_str();
        let mut done = 0;
        for (at, _) in text.match_indices('\'') {
            sql.append_range(value, done, at);
            self.raw(sql, "''");
            done = at + 1;
        }
        sql.append_range(value, done, text.len());
        self.raw(sql, "'");
    }

    /// A table by the attributes that name it.
    pub(super) fn table(&self, sql: &mut Mapped, schema: &str, name: &str) -> Option<()> {
        let name = self.change.mapped(name)?;
        if let Some(schema) = self.change.mapped(schema) {
            self.name(sql, &schema);
            self.raw(sql, ".");
        }
        self.name(sql, &name);
        Some(())
    }

    /// These words and the object that an attribute names.
    pub(super) fn of(&self, words: &[&str], name: &str) -> Option<Mapped> {
        let mut sql = self.text(&words.concat());
        self.table(&mut sql, "schemaName", name)?;
        Some(sql)
    }

    pub(super) fn named(&self, words: &str, name: &str) -> Option<Mapped> {
        self.of(&[words], name)
    }

    /// `ALTER TABLE t` with these words and a name.
    pub(super) fn alter(&self, words: &str, name: Option<Mapped>) -> Option<Mapped> {
        let mut sql = self.of(&["ALTER TABLE "], "tableName")?;
        self.raw(&mut sql, " ");
        self.raw(&mut sql, words);
        if words.ends_with(' ') {
            self.name(&mut sql, &name?);
        }
        Some(sql)
    }

    pub(super) fn alter_column(&self, words: &str) -> Option<Mapped> {
        let mut sql = self.alter("ALTER COLUMN ", self.change.mapped("columnName"))?;
        self.raw(&mut sql, words);
        Some(sql)
    }

    pub(super) fn rename(&self, words: &str, from: &str, to: &str) -> Option<Mapped> {
        let mut sql = self.of(&[words], from)?;
        self.raw(&mut sql, " RENAME TO ");
        self.name(&mut sql, &self.change.mapped(to)?);
        Some(sql)
    }

    pub(super) fn modify_type(&self) -> Option<Mapped> {
        let column = self.change.mapped("columnName")?;
        let written = self.change.mapped("newDataType")?;
        let mut sql = self.alter("ALTER COLUMN ", Some(column.clone()))?;
        self.raw(&mut sql, " TYPE ");
        self.data_type(&mut sql, &written);
        self.raw(&mut sql, " USING (");
        self.name(&mut sql, &column);
        self.raw(&mut sql, "::");
        self.data_type(&mut sql, &written);
        self.raw(&mut sql, ")");
        Some(sql)
    }

    pub(super) fn data_type(&self, sql: &mut Mapped, written: &Mapped) {
        let sent = data_type(written.as_str());
        match written.whole() {
            Some(span) if sent != written.as_str() => sql.push(&sent, span),
            _ => sql.append(written),
        }
    }

    /// The value that a column takes by default; `false` where none is given.
    pub(super) fn default_value(&self, sql: &mut Mapped, column: &Node, written: &str) -> bool {
        if let Some(sequence) = column.mapped("defaultValueSequenceNext") {
            self.raw(sql, "nextval(");
            self.literal(sql, &sequence);
            self.raw(sql, ")");
        } else if let Some(value) =
            column.mapped("defaultValueComputed").or_else(|| column.mapped("defaultValueNumeric"))
        {
            sql.append(&value);
        } else if let Some(value) = column.mapped("defaultValueBoolean") {
            self.boolean(sql, &value);
        } else if let Some(value) = column.mapped("defaultValueDate") {
            self.time(sql, &value);
        } else if let Some(value) = column.child("defaultValue").and_then(|v| v.value.clone()) {
            if value.as_str().eq_ignore_ascii_case("null") {
                sql.append(&value);
                return true;
            }
            match literal(written) {
                Literal::Boolean => self.boolean(sql, &value),
                Literal::Number => sql.append(&value),
                Literal::Time if value.as_str().contains('(') => sql.append(&value),
                Literal::Time | Literal::Text => self.literal(sql, &value),
            }
        } else {
            return false;
        }
        true
    }

    pub(super) fn boolean(&self, sql: &mut Mapped, value: &Mapped) {
        let text = value.as_str().trim_matches(['\'', 'b']).to_ascii_lowercase();
        let span = value.whole().unwrap_or(self.whole());
        sql.push(if matches!(text.as_str(), "true" | "t" | "1") { "TRUE" } else { "FALSE" }, span);
    }

    pub(super) fn time(&self, sql: &mut Mapped, value: &Mapped) {
        if value.as_str().starts_with(|c: char| c.is_ascii_digit()) {
            self.literal(sql, value);
        } else {
            sql.append(value);
        }
    }

    /// A column's name, type, identity, default and NOT NULL.
    pub(super) fn column(&self, sql: &mut Mapped, column: &Node) -> Option<()> {
        let written = column.mapped("type");
        self.name(sql, &column.mapped("name")?);
        if let Some(written) = &written {
            self.raw(sql, " ");
            self.data_type(sql, written);
        }
        let written = written.as_ref().map_or("", Mapped::as_str);
        // Where a column is added, the type alone does not number it.
        let numbered = is_serial(written) && self.change.name == "createTable";
        let mut value = Mapped::default();
        if !numbered && self.default_value(&mut value, column, written) {
            let generated = value.as_str().to_ascii_uppercase().starts_with("GENERATED ALWAYS ");
            self.raw(sql, if generated { " " } else { " DEFAULT " });
            sql.append(&value);
        }
        if numbered || column.flag("autoIncrement") == Some(true) {
            self.identity(sql, column);
        }
        let constraints = column.child("constraints");
        if constraints.and_then(|c| c.flag("nullable")) == Some(false) {
            self.raw(sql, " NOT NULL");
        }
        Some(())
    }

    pub(super) fn identity(&self, sql: &mut Mapped, column: &Node) {
        self.raw(sql, " GENERATED ");
        match column.mapped("generationType") {
            Some(kind) => sql.append(&kind),
            None => self.raw(sql, "BY DEFAULT"),
        }
        self.raw(sql, " AS IDENTITY");
        let options: Vec<(&str, Mapped)> = [("START WITH ", "startWith"), ("INCREMENT BY ", "incrementBy")]
            .into_iter()
            .filter_map(|(words, name)| Some((words, column.mapped(name)?)))
            .collect();
        for (number, (words, value)) in options.iter().enumerate() {
            self.raw(sql, if number == 0 { " (" } else { " " });
            self.raw(sql, words);
            sql.append(value);
        }
        if !options.is_empty() {
            self.raw(sql, ")");
        }
    }

    pub(super) fn primary_key_name(&self) -> Option<Mapped> {
        // As PostgreSQL itself would: the bytes of a name are limited.
        let table = self.change.mapped("tableName")?;
        let text = table.as_str();
        let end = (0..=text.len().min(58)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let mut name = table.slice(0, end);
        self.raw(&mut name, "_pkey");
        Some(name)
    }

    pub(super) fn create_table(&self) -> Vec<Mapped> {
        let columns: Vec<&Node> = self.change.columns().collect();
        let mut sql = self.text("CREATE ");
        if let Some(kind) = self.change.mapped("tableType") {
            sql.append(&kind);
            self.raw(&mut sql, " ");
        }
        self.raw(&mut sql, "TABLE ");
        if self.change.flag("ifNotExists") == Some(true) {
            self.raw(&mut sql, "IF NOT EXISTS ");
        }
        if self.table(&mut sql, "schemaName", "tableName").is_none() || columns.is_empty() {
            return Vec::new();
        }
        self.raw(&mut sql, " (");
        let constraints = |column: &Node| column.child("constraints").cloned().unwrap_or_default();
        for (number, column) in columns.iter().enumerate() {
            if number > 0 {
                self.raw(&mut sql, ", ");
            }
            if self.column(&mut sql, column).is_none() {
                return Vec::new();
            }
        }
        let named = |column: &Node| column.mapped("name");
        let keys: Vec<(Node, Mapped)> = columns
            .iter()
            .filter_map(|c| Some((constraints(c), named(c)?)))
            .filter(|(constraints, _)| constraints.flag("primaryKey") == Some(true))
            .collect();
        if !keys.is_empty() {
            let given = keys.iter().find_map(|(c, _)| c.mapped("primaryKeyName"));
            self.constraint(&mut sql, given.or_else(|| self.primary_key_name()).as_ref());
            self.raw(&mut sql, "PRIMARY KEY (");
            self.columns(&mut sql, keys.iter().map(|(_, name)| name));
            self.raw(&mut sql, ")");
            if keys.iter().any(|(c, _)| c.flag("deferrable") == Some(true)) {
                self.raw(&mut sql, " DEFERRABLE");
            }
        }
        for column in &columns {
            let own = constraints(column);
            if let (Some(name), Some(foreign)) = (named(column), self.references(&own)) {
                self.constraint(&mut sql, own.mapped("foreignKeyName").as_ref());
                self.raw(&mut sql, "FOREIGN KEY (");
                self.name(&mut sql, &name);
                self.raw(&mut sql, ")");
                sql.append(&foreign);
            }
        }
        self.unique(&mut sql, &columns);
        self.raw(&mut sql, ")");
        if let Some(space) = self.change.mapped("tablespace") {
            self.raw(&mut sql, " TABLESPACE ");
            sql.append(&space);
        }
        let mut statements = vec![sql];
        statements.extend(self.table_remark());
        statements.extend(columns.iter().filter_map(|c| self.column_remark(c)));
        statements
    }

    /// Unique constraints: columns that name the same one share it.
    pub(super) fn unique(&self, sql: &mut Mapped, columns: &[&Node]) {
        let mut named: Vec<(Mapped, Vec<Mapped>)> = Vec::new();
        let mut of_columns: Vec<Mapped> = Vec::new();
        for column in columns {
            let Some(constraints) = column.child("constraints").filter(|c| c.flag("unique") == Some(true)) else {
                continue;
            };
            let Some(column) = column.mapped("name") else { continue };
            match constraints.mapped("uniqueConstraintName") {
                None => of_columns.push(column),
                Some(name) => match named.iter_mut().find(|(other, _)| other.as_str() == name.as_str()) {
                    Some((_, columns)) => columns.push(column),
                    None => named.push((name, vec![column])),
                },
            }
        }
        let unnamed = of_columns.into_iter().map(|column| (None, vec![column]));
        for (name, columns) in unnamed.chain(named.into_iter().map(|(name, columns)| (Some(name), columns))) {
            self.constraint(sql, name.as_ref());
            self.raw(sql, "UNIQUE (");
            self.columns(sql, columns.iter());
            self.raw(sql, ")");
        }
    }

    pub(super) fn columns<'m>(&self, sql: &mut Mapped, names: impl Iterator<Item = &'m Mapped>) {
        for (number, name) in names.enumerate() {
            if number > 0 {
                self.raw(sql, ", ");
            }
            self.name(sql, name);
        }
    }

    /// The beginning of one more constraint of a table.
    pub(super) fn constraint(&self, sql: &mut Mapped, name: Option<&Mapped>) {
        self.raw(sql, ", ");
        if let Some(name) = name {
            self.raw(sql, "CONSTRAINT ");
            self.name(sql, name);
            self.raw(sql, " ");
        }
    }

    /// ` REFERENCES …` of a column's constraints. Without the referenced columns Liquibase sends no foreign key. Source: `generateStatements` of
    /// `CreateTableChange` and `AddColumnChange`.
    pub(super) fn references(&self, constraints: &Node) -> Option<Mapped> {
        let mut sql = self.text(" REFERENCES ");
        if let Some(written) = constraints.mapped("references") {
            sql.append(&written);
        } else {
            let table = constraints.mapped("referencedTableName")?;
            let columns = constraints.mapped("referencedColumnNames")?;
            if let Some(schema) = constraints.mapped("referencedTableSchemaName") {
                self.name(&mut sql, &schema);
                self.raw(&mut sql, ".");
            }
            self.name(&mut sql, &table);
            self.raw(&mut sql, "(");
            self.names(&mut sql, &columns);
            self.raw(&mut sql, ")");
        }
        if constraints.flag("deleteCascade") == Some(true) {
            self.raw(&mut sql, " ON DELETE CASCADE");
        }
        self.deferrable(&mut sql, constraints);
        Some(sql)
    }

    pub(super) fn deferrable(&self, sql: &mut Mapped, node: &Node) {
        if node.flag("deferrable") == Some(true) {
            self.raw(sql, " DEFERRABLE");
        }
        if node.flag("initiallyDeferred") == Some(true) {
            self.raw(sql, " INITIALLY DEFERRED");
        }
    }

    pub(super) fn add_column(&self, column: &Node) -> Vec<Mapped> {
        let mut statements = Vec::new();
        let Some(mut sql) = self.alter("ADD", None) else { return statements };
        self.raw(&mut sql, " ");
        if self.column(&mut sql, column).is_none() {
            return statements;
        }
        let constraints = column.child("constraints").cloned().unwrap_or_default();
        if constraints.flag("primaryKey") == Some(true) {
            self.raw(&mut sql, " PRIMARY KEY");
        }
        statements.push(sql);
        let Some(name) = column.mapped("name") else { return statements };
        if constraints.flag("unique") == Some(true) {
            let begin = match constraints.mapped("uniqueConstraintName") {
                Some(own) => self.alter("ADD CONSTRAINT ", Some(own)),
                None => self.alter("ADD", None),
            };
            if let Some(mut sql) = begin {
                self.raw(&mut sql, " UNIQUE (");
                self.name(&mut sql, &name);
                self.raw(&mut sql, ")");
                statements.push(sql);
            }
        }
        if let Some(foreign) = self.references(&constraints) {
            let begin = match constraints.mapped("foreignKeyName") {
                Some(own) => self.alter("ADD CONSTRAINT ", Some(own)),
                None => self.alter("ADD", None),
            };
            if let Some(mut sql) = begin {
                self.raw(&mut sql, " FOREIGN KEY (");
                self.name(&mut sql, &name);
                self.raw(&mut sql, ")");
                sql.append(&foreign);
                statements.push(sql);
            }
        }
        if let Some(mut sql) = self.of(&["UPDATE "], "tableName")
            && let Some(value) = self.value(column)
        {
            self.raw(&mut sql, " SET ");
            self.name(&mut sql, &name);
            self.raw(&mut sql, " = ");
            sql.append(&value);
            statements.push(sql);
        }
        statements.extend(self.column_remark(column));
        statements
    }

    /// The value that rows get.
    pub(super) fn value(&self, column: &Node) -> Option<Mapped> {
        let mut sql = Mapped::default();
        if let Some(value) = column.mapped("valueNumeric").or_else(|| column.mapped("valueComputed")) {
            sql.append(&value);
        } else if let Some(value) = column.mapped("valueBoolean") {
            self.boolean(&mut sql, &value);
        } else if let Some(value) = column.mapped("valueDate") {
            self.time(&mut sql, &value);
        } else {
            self.literal(&mut sql, column.child("value")?.value.as_ref()?);
        }
        Some(sql)
    }

    pub(super) fn add_key(&self, words: &str) -> Option<Mapped> {
        let columns = self.change.mapped("columnNames")?;
        let mut sql = match self.change.mapped("constraintName") {
            Some(name) => self.alter("ADD CONSTRAINT ", Some(name))?,
            None => self.alter("ADD", None)?,
        };
        self.raw(&mut sql, " ");
        self.raw(&mut sql, words);
        self.raw(&mut sql, "(");
        self.names(&mut sql, &columns);
        self.raw(&mut sql, ")");
        self.deferrable(&mut sql, self.change);
        Some(sql)
    }

    pub(super) fn foreign_key(&self) -> Option<Mapped> {
        let change = self.change;
        let mut sql = self.text("ALTER TABLE ");
        self.table(&mut sql, "baseTableSchemaName", "baseTableName")?;
        self.raw(&mut sql, " ADD ");
        if let Some(name) = change.mapped("constraintName") {
            self.raw(&mut sql, "CONSTRAINT ");
            self.name(&mut sql, &name);
            self.raw(&mut sql, " ");
        }
        self.raw(&mut sql, "FOREIGN KEY (");
        self.names(&mut sql, &change.mapped("baseColumnNames")?);
        self.raw(&mut sql, ") REFERENCES ");
        self.table(&mut sql, "referencedTableSchemaName", "referencedTableName")?;
        if let Some(columns) = change.mapped("referencedColumnNames") {
            self.raw(&mut sql, " (");
            self.names(&mut sql, &columns);
            self.raw(&mut sql, ")");
        }
        for (words, name) in [(" ON UPDATE ", "onUpdate"), (" ON DELETE ", "onDelete")] {
            if let Some(action) = change.mapped(name) {
                self.raw(&mut sql, words);
                sql.append(&action);
            }
        }
        if change.flag("deleteCascade") == Some(true) && change.text("onDelete").is_none() {
            self.raw(&mut sql, " ON DELETE CASCADE");
        }
        self.deferrable(&mut sql, change);
        Some(sql)
    }

    pub(super) fn drop_foreign_key(&self) -> Option<Mapped> {
        let mut sql = self.text("ALTER TABLE ");
        self.table(&mut sql, "baseTableSchemaName", "baseTableName")?;
        self.raw(&mut sql, " DROP CONSTRAINT ");
        self.name(&mut sql, &self.change.mapped("constraintName")?);
        Some(sql)
    }

    pub(super) fn create_index(&self) -> Option<Mapped> {
        let change = self.change;
        let unique = change.flag("unique") == Some(true);
        let mut sql = self.text(if unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " });
        if let Some(name) = change.mapped("indexName") {
            self.name(&mut sql, &name);
            self.raw(&mut sql, " ");
        }
        self.raw(&mut sql, "ON ");
        self.table(&mut sql, "schemaName", "tableName")?;
        if let Some(method) = change.mapped("using") {
            self.raw(&mut sql, " USING ");
            sql.append(&method);
        }
        self.raw(&mut sql, "(");
        let mut any = false;
        for column in change.columns() {
            let name = column.mapped("name")?;
            if any {
                self.raw(&mut sql, ", ");
            }
            any = true;
            if column.flag("computed") == Some(true) || name.as_str().contains('(') {
                sql.append(&name);
            } else {
                self.name(&mut sql, &name);
            }
            if column.flag("descending") == Some(true) {
                self.raw(&mut sql, " DESC");
            }
        }
        self.raw(&mut sql, ")");
        if let Some(space) = change.mapped("tablespace") {
            self.raw(&mut sql, " TABLESPACE ");
            sql.append(&space);
        }
        any.then_some(sql)
    }

    pub(super) fn drop_index(&self) -> Option<Mapped> {
        self.named("DROP INDEX ", "indexName")
    }

    pub(super) fn sequence(&self, words: &str) -> Option<Mapped> {
        let mut sql = self.named(words, "sequenceName")?;
        let valued = [
            (" AS ", "dataType"),
            (" START WITH ", "startValue"),
            (" INCREMENT BY ", "incrementBy"),
            (" MINVALUE ", "minValue"),
            (" MAXVALUE ", "maxValue"),
            (" CACHE ", "cacheSize"),
        ];
        for (words, name) in valued {
            if let Some(value) = self.change.mapped(name) {
                self.raw(&mut sql, words);
                sql.append(&value);
            }
        }
        if self.change.flag("cycle") == Some(true) {
            self.raw(&mut sql, " CYCLE");
        }
        Some(sql)
    }

    pub(super) fn create_view(&self) -> Option<Mapped> {
        let change = self.change;
        let query = change.trimmed().or_else(|| change.mapped("selectQuery"))?;
        if change.flag("fullDefinition") == Some(true) {
            return Some(query);
        }
        let replaces = change.flag("replaceIfExists") == Some(true);
        let mut sql = self.named(if replaces { "CREATE OR REPLACE VIEW " } else { "CREATE VIEW " }, "viewName")?;
        self.raw(&mut sql, " AS ");
        let length = query.as_str().trim_end_matches([';', ' ', '\n', '\r', '\t']).len();
        sql.append_range(&query, 0, length);
        Some(sql)
    }

    /// COMMENT ON an object, or on a column of it.
    pub(super) fn remark(&self, words: &str, object: &str, column: Option<&Mapped>) -> Option<Mapped> {
        let mut sql = self.named(words, object)?;
        if let Some(column) = column {
            self.raw(&mut sql, ".");
            self.name(&mut sql, column);
        }
        self.raw(&mut sql, " IS ");
        self.literal(&mut sql, &self.change.mapped("remarks")?);
        Some(sql)
    }

    pub(super) fn table_remark(&self) -> Option<Mapped> {
        self.remark("COMMENT ON TABLE ", "tableName", None)
    }

    pub(super) fn column_remark(&self, column: &Node) -> Option<Mapped> {
        let text = column.mapped("remarks")?;
        let mut sql = self.of(&["COMMENT ON COLUMN "], "tableName")?;
        self.raw(&mut sql, ".");
        self.name(&mut sql, &column.mapped("name")?);
        self.raw(&mut sql, " IS ");
        self.literal(&mut sql, &text);
        Some(sql)
    }

    /// One column takes the place of two. Source: `MergeColumnChange`.
    pub(super) fn merge_columns(&self) -> Option<Vec<Mapped>> {
        let (first, second) = (self.change.mapped("column1Name")?, self.change.mapped("column2Name")?);
        let merged = self.change.mapped("finalColumnName")?;
        let mut add = self.alter("ADD ", Some(merged.clone()))?;
        self.raw(&mut add, " ");
        self.data_type(&mut add, &self.change.mapped("finalColumnType")?);
        let mut fill = self.named("UPDATE ", "tableName")?;
        for (words, column) in [(" SET ", &merged), (" = ", &first), (" || ", &second)] {
            self.raw(&mut fill, words);
            self.name(&mut fill, column);
        }
        let drops = [first, second].into_iter().filter_map(|column| self.alter("DROP COLUMN ", Some(column)));
        Some([add, fill].into_iter().chain(drops).collect())
    }

    /// A table of the values of a column, which then refers to it. Source: `AddLookupTableChange`.
    pub(super) fn lookup_table(&self) -> Option<Vec<Mapped>> {
        let table = |words: &str, schema: &str, name: &str| {
            let mut sql = self.text(words);
            self.table(&mut sql, schema, name).map(|()| sql)
        };
        let of_new = |words: &str| table(words, "newTableSchemaName", "newTableName");
        let of_old = |words: &str| table(words, "existingTableSchemaName", "existingTableName");
        let (old, new) = (self.change.mapped("existingColumnName")?, self.change.mapped("newColumnName")?);
        let mut create = of_new("CREATE TABLE ")?;
        self.raw(&mut create, " AS SELECT DISTINCT ");
        self.name(&mut create, &old);
        self.raw(&mut create, " AS ");
        self.name(&mut create, &new);
        create.append(&of_old(" FROM ")?);
        self.raw(&mut create, " WHERE ");
        self.name(&mut create, &old);
        self.raw(&mut create, " IS NOT NULL");
        let mut filled = of_new("ALTER TABLE ")?;
        self.raw(&mut filled, " ALTER COLUMN ");
        self.name(&mut filled, &new);
        self.raw(&mut filled, " SET NOT NULL");
        let mut key = of_new("ALTER TABLE ")?;
        self.raw(&mut key, " ADD PRIMARY KEY (");
        self.name(&mut key, &new);
        self.raw(&mut key, ")");
        let mut refer = of_old("ALTER TABLE ")?;
        self.raw(&mut refer, " ADD CONSTRAINT ");
        match self.change.mapped("constraintName") {
            Some(name) => self.name(&mut refer, &name),
            // As Liquibase names it: `FK_EXISTING_NEW`.
            None => {
                let name = |attribute: &str| self.change.text(attribute).unwrap_or_default().to_uppercase();
                self.raw(&mut refer, &format!("FK_{}_{}", name("existingTableName"), name("newTableName")));
            }
        }
        self.raw(&mut refer, " FOREIGN KEY (");
        self.name(&mut refer, &old);
        self.raw(&mut refer, ")");
        refer.append(&of_new(" REFERENCES ")?);
        self.raw(&mut refer, " (");
        self.name(&mut refer, &new);
        self.raw(&mut refer, ")");
        Some(vec![create, filled, key, refer])
    }

    pub(super) fn insert(&self) -> Option<Mapped> {
        let mut sql = self.of(&["INSERT INTO "], "tableName")?;
        // The contents of a file and the next of a sequence are values that are not known here.
        let elsewhere = |c: &Node| {
            let from = ["valueBlobFile", "valueClobFile", "valueSequenceNext", "valueSequenceCurrent"];
            from.iter().any(|attribute| c.child(attribute).is_some()).then(|| self.text(UNKNOWN_VALUE))
        };
        let given: Vec<(Mapped, Mapped)> = self
            .change
            .columns()
            .filter_map(|c| Some((c.mapped("name")?, self.value(c).or_else(|| elsewhere(c))?)))
            .collect();
        self.raw(&mut sql, " (");
        self.columns(&mut sql, given.iter().map(|(name, _)| name));
        self.raw(&mut sql, ") VALUES (");
        for (number, (_, value)) in given.iter().enumerate() {
            if number > 0 {
                self.raw(&mut sql, ", ");
            }
            sql.append(value);
        }
        self.raw(&mut sql, ")");
        (!given.is_empty()).then_some(sql)
    }

    pub(super) fn update(&self) -> Option<Mapped> {
        let mut sql = self.of(&["UPDATE "], "tableName")?;
        self.raw(&mut sql, " SET ");
        let mut any = false;
        for column in self.change.columns() {
            if any {
                self.raw(&mut sql, ", ");
            }
            any = true;
            self.name(&mut sql, &column.mapped("name")?);
            self.raw(&mut sql, " = ");
            match self.value(column) {
                Some(value) => sql.append(&value),
                None => self.raw(&mut sql, "NULL"),
            }
        }
        self.condition(&mut sql);
        any.then_some(sql)
    }

    pub(super) fn condition(&self, sql: &mut Mapped) {
        if let Some(condition) = self.change.mapped("where") {
            self.raw(sql, " WHERE ");
            sql.append(&condition);
        }
    }
}
