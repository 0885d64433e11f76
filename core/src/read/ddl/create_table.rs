//! CREATE TABLE and CREATE FOREIGN TABLE, with columns, constraints and partition clauses that ALTER TABLE shares.
//! Source: PostgreSQL manual, SQL commands, "CREATE TABLE", "CREATE TABLE AS", "CREATE FOREIGN TABLE".

use super::cursor::{Parser, Read, push};
use super::lexer::TokenKind;
use crate::expr::Expr;
use crate::name::{Ident, QualifiedName};
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE [TEMP …] [FOREIGN] TABLE.
    pub(super) fn create_table(&mut self, persistence: Persistence, foreign: bool) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let name = self.table_name()?;
        let mut table = CreateTable {
            name,
            if_not_exists,
            persistence,
            foreign_server: None,
            elements: Vec::new(),
            inherits: Vec::new(),
            partition_by: None,
            partition_of: None,
            of_type: None,
            as_query: None,
            options: Vec::new(),
            access_method: None,
            on_commit: None,
            tablespace: None,
        };
        let result = self.table_body(&mut table, foreign);
        self.emit(OperationKind::CreateTable(Box::new(table)));
        result
    }

    fn table_body(&mut self, table: &mut CreateTable, foreign: bool) -> Read<()> {
        if self.eat_all(&["PARTITION", "OF"]) {
            let parent = self.table_name()?;
            // The parent counts even where the bound is broken.
            let span = parent.span();
            let text = Expr::new("", span);
            table.partition_of = Some((parent, PartitionBound { kind: PartitionBoundKind::Default, text }));
            if self.kind() == TokenKind::LeftParen {
                self.typed_elements(&mut table.elements)?;
            }
            let bound = self.partition_bound()?;
            if let Some((_, slot)) = &mut table.partition_of {
                *slot = bound;
            }
        } else if self.eat("OF") {
            table.of_type = Some(self.qualified("a type name")?);
            if self.kind() == TokenKind::LeftParen {
                self.typed_elements(&mut table.elements)?;
            }
        } else if self.kind() == TokenKind::LeftParen {
            if self.group_is_names() {
                let columns = self.column_list()?;
                self.table_clauses(table, foreign)?;
                return self.table_query(table, columns);
            }
            let elements = &mut table.elements;
            self.group("`(`", |p| {
                if !p.at_end() {
                    p.each("a column or constraint", |p| p.table_element(elements));
                }
                elements.shrink_to_fit();
            })?;
        } else if !self.is_any(&["AS", "USING", "WITH", "WITHOUT", "ON", "TABLESPACE"]) {
            return Err(self.expected("`(`, `AS`, `OF` or `PARTITION OF`"));
        } else {
            self.table_clauses(table, foreign)?;
            return self.table_query(table, Vec::new());
        }
        self.table_clauses(table, foreign)?;
        if self.at_end() {
            return Ok(());
        }
        Err(self.expected(
            "a table clause such as `INHERITS`, `PARTITION BY`, `WITH` or `TABLESPACE`, or the end of the statement",
        ))
    }

    /// Whether the group that comes next holds only bare names: the column names of CREATE TABLE AS. A column needs a type.
    fn group_is_names(&self) -> bool {
        let mut n = 1;
        loop {
            if !matches!(self.kind_at(n), TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted) {
                return false;
            }
            match self.kind_at(n + 1) {
                TokenKind::Comma => n += 2,
                TokenKind::RightParen => break,
                _ => return false,
            }
        }
        ["AS", "USING", "WITH", "WITHOUT", "ON", "TABLESPACE"].iter().any(|word| self.is_at(n + 2, word))
    }

    /// What may stand behind the elements, in the grammar's order or any other.
    fn table_clauses(&mut self, table: &mut CreateTable, foreign: bool) -> Read<()> {
        loop {
            if self.eat("INHERITS") {
                table.inherits = self.group("`(` and table names", |p| p.list(|p| p.table_name()))??;
            } else if self.is("PARTITION") && self.is_at(1, "BY") {
                self.pos += 2;
                table.partition_by = Some(self.partition_by()?);
            } else if self.is("USING") {
                self.pos += 1;
                table.access_method = Some(self.identifier("an access method")?);
            } else if self.is("WITH") && self.kind_at(1) == TokenKind::LeftParen {
                self.pos += 1;
                table.options = self.parameters()?;
            } else if self.eat_all(&["WITHOUT", "OIDS"]) || self.eat_all(&["WITH", "OIDS"]) {
                // Until version 11; WITHOUT OIDS is still read and does nothing.
            } else if self.is("ON") && self.is_at(1, "COMMIT") {
                let from = self.pos;
                self.pos += 2;
                let drop = self.eat("DROP");
                if !(drop || self.eat_all(&["DELETE", "ROWS"]) || self.eat_all(&["PRESERVE", "ROWS"])) {
                    return Err(self.expected("`DROP`, `DELETE ROWS` or `PRESERVE ROWS`"));
                }
                table.on_commit = Some(OnCommit { drop, span: self.span_from(from), statement: self.statement });
            } else if self.eat("TABLESPACE") {
                table.tablespace = Some(self.identifier("a tablespace")?);
            } else if foreign && self.eat("SERVER") {
                table.foreign_server = Some(self.identifier("a server name")?);
            } else if foreign && self.eat("OPTIONS") {
                self.skip_group()?;
            } else {
                return Ok(());
            }
        }
    }

    /// AS query [WITH [NO] DATA].
    fn table_query(&mut self, table: &mut CreateTable, columns: Vec<Ident>) -> Read<()> {
        self.expect_word("AS")?;
        let outer = self.end;
        self.end = self.before_with_data();
        let query = self.query();
        self.end = outer;
        table.as_query = Some((columns, query?));
        self.pos = outer;
        Ok(())
    }

    /// The index where WITH [NO] DATA begins at the statement's end, or the end.
    pub(super) fn before_with_data(&self) -> usize {
        if self.ends_with(&["WITH", "NO", "DATA"]) {
            self.end - 3
        } else if self.ends_with(&["WITH", "DATA"]) {
            self.end - 2
        } else {
            self.end
        }
    }

    /// Whether something stands here and these words end it.
    pub(super) fn ends_with(&self, words: &[&str]) -> bool {
        let left = self.end.saturating_sub(self.pos);
        left > words.len() && words.iter().enumerate().all(|(n, word)| self.is_at(left - words.len() + n, word))
    }

    /// Everything up to the end, which must start as a query does.
    pub(super) fn query(&mut self) -> Read<Expr> {
        let starts = self.kind() == TokenKind::LeftParen
            || self.kind() == TokenKind::Placeholder
            || self.is_any(&["SELECT", "WITH", "VALUES", "TABLE", "EXECUTE"]);
        if !starts {
            return Err(self.expected("a query"));
        }
        self.rest("a query")
    }

    fn typed_elements(&mut self, elements: &mut Vec<TableElement>) -> Read<()> {
        self.group("`(`", |p| {
            p.each("a column or constraint", |p| {
                if p.at_table_constraint() {
                    elements.push(TableElement::Constraint(p.table_constraint()?));
                    return Ok(());
                }
                let from = p.pos;
                let name = p.column_name()?;
                p.eat_all(&["WITH", "OPTIONS"]);
                let mut column = ColumnDef {
                    name,
                    data_type: None,
                    collation: None,
                    constraints: Vec::new(),
                    span: p.span_from(from),
                };
                let result = p.column_constraints(&mut column);
                column.span = p.span_from(from);
                elements.push(TableElement::Column(column));
                result
            });
        })
    }

    fn table_element(&mut self, elements: &mut Vec<TableElement>) -> Read<()> {
        if self.at_table_constraint() {
            elements.push(TableElement::Constraint(self.table_constraint()?));
        } else if self.eat("LIKE") {
            let source = self.table_name()?;
            let mut options = LikeOptions::default();
            let result = self.like_options(&mut options);
            elements.push(TableElement::Like(source, options));
            return result;
        } else {
            let mut column = self.column_head()?;
            let from = column.0;
            let result = self.column_tail(&mut column.1);
            column.1.span = self.span_from(from);
            elements.push(TableElement::Column(column.1));
            return result;
        }
        Ok(())
    }

    fn like_options(&mut self, options: &mut LikeOptions) -> Read<()> {
        while !self.at_end() {
            let including = self.eat("INCLUDING");
            if !including && !self.eat("EXCLUDING") {
                return Err(self.expected("`INCLUDING`, `EXCLUDING` or `,`"));
            }
            let LikeOptions {
                comments,
                compression,
                constraints,
                defaults,
                generated,
                identity,
                indexes,
                statistics,
                storage,
            } = options;
            let mut named: [(&str, &mut bool); 9] = [
                ("COMMENTS", comments),
                ("COMPRESSION", compression),
                ("CONSTRAINTS", constraints),
                ("DEFAULTS", defaults),
                ("GENERATED", generated),
                ("IDENTITY", identity),
                ("INDEXES", indexes),
                ("STATISTICS", statistics),
                ("STORAGE", storage),
            ];
            let mut known = self.is("ALL");
            for (word, flag) in &mut named {
                if self.is("ALL") || self.is(word) {
                    **flag = including;
                    known = true;
                }
            }
            if !known {
                return Err(self.expected("an option such as `DEFAULTS`, `INDEXES` or `ALL`"));
            }
            self.pos += 1;
        }
        Ok(())
    }

    // Columns.

    /// A column as ADD COLUMN takes it, and whether something in it was broken.
    pub(super) fn column(&mut self) -> Read<(ColumnDef, Read<()>)> {
        let (from, mut column) = self.column_head()?;
        let result = self.column_tail(&mut column);
        column.span = self.span_from(from);
        Ok((column, result))
    }

    fn column_head(&mut self) -> Read<(usize, ColumnDef)> {
        let from = self.pos;
        let name = self.column_name()?;
        let data_type = Some(self.data_type()?);
        Ok((from, ColumnDef { name, data_type, collation: None, constraints: Vec::new(), span: self.span_from(from) }))
    }

    fn column_tail(&mut self, column: &mut ColumnDef) -> Read<()> {
        if self.is("STORAGE") {
            self.pos += 1;
            self.label("a storage mode")?;
        }
        if self.is("COMPRESSION") {
            self.pos += 1;
            self.label("a compression method")?;
        }
        if self.is("OPTIONS") && self.kind_at(1) == TokenKind::LeftParen {
            self.pos += 1;
            self.skip_group()?;
        }
        self.column_constraints(column)
    }

    /// Column constraints and COLLATE in any order, up to the end.
    pub(super) fn column_constraints(&mut self, column: &mut ColumnDef) -> Read<()> {
        while !self.at_end() {
            if self.eat("COLLATE") {
                column.collation = Some(self.qualified("a collation")?);
            } else {
                self.column_constraint(&mut column.constraints)?;
            }
        }
        Ok(())
    }

    /// One column constraint, or attributes of the one before.
    pub(super) fn column_constraint(&mut self, constraints: &mut Vec<ColumnConstraint>) -> Read<()> {
        let from = self.pos;
        let name = if self.eat("CONSTRAINT") { Some(self.identifier("a constraint name")?) } else { None };
        let kind = match self.column_constraint_kind()? {
            Some(kind) => kind,
            None => {
                let Some(last) = constraints.last_mut().filter(|_| name.is_none()) else {
                    return Err(self.expected("a column constraint"));
                };
                let mut attributes = last.attributes;
                // NOT VALID is for constraints of tables.
                if self.are(&["NOT", "VALID"]) || !self.constraint_attribute(&mut attributes) {
                    return Err(self.expected("a column constraint or `,`"));
                }
                last.attributes = attributes;
                last.span = last.span.to(self.span_from(from));
                return Ok(());
            }
        };
        let mut attributes = ConstraintAttributes::default();
        if self.eat_all(&["NO", "INHERIT"]) {
            attributes.no_inherit = true;
        }
        push(constraints, ColumnConstraint { name, kind, attributes, span: self.span_from(from) });
        Ok(())
    }

    fn column_constraint_kind(&mut self) -> Read<Option<ColumnConstraintKind>> {
        let kind = if self.eat_all(&["NOT", "NULL"]) {
            ColumnConstraintKind::NotNull
        } else if self.eat("NULL") {
            ColumnConstraintKind::Null
        } else if self.eat("DEFAULT") {
            ColumnConstraintKind::Default(self.default_expr()?)
        } else if self.eat("CHECK") {
            ColumnConstraintKind::Check(self.paren_expr()?)
        } else if self.eat_all(&["PRIMARY", "KEY"]) {
            ColumnConstraintKind::PrimaryKey(self.key_options(false)?)
        } else if self.eat("UNIQUE") {
            ColumnConstraintKind::Unique(self.key_options(true)?)
        } else if self.eat("REFERENCES") {
            ColumnConstraintKind::References(self.references()?)
        } else if self.eat("GENERATED") {
            let always = self.eat("ALWAYS");
            if !always && !self.eat_all(&["BY", "DEFAULT"]) {
                return Err(self.expected("`ALWAYS` or `BY DEFAULT`"));
            }
            self.expect_word("AS")?;
            if self.eat("IDENTITY") {
                let options = self.identity_options()?;
                ColumnConstraintKind::Identity { always, options }
            } else {
                let expr = self.paren_expr()?;
                let stored = self.eat("STORED");
                if !stored {
                    // Virtual is the default since version 18.
                    self.eat("VIRTUAL");
                }
                ColumnConstraintKind::Generated { expr, stored }
            }
        } else {
            return Ok(None);
        };
        Ok(Some(kind))
    }

    /// Sequence options in parentheses behind AS IDENTITY, if any.
    pub(super) fn identity_options(&mut self) -> Read<SequenceOptions> {
        let mut options = SequenceOptions::default();
        if self.kind() == TokenKind::LeftParen {
            self.group("`(`", |p| p.sequence_options(&mut options))??;
        }
        Ok(options)
    }

    /// NULLS NOT DISTINCT, INCLUDE, WITH and USING INDEX TABLESPACE behind a key. `unique` allows NULLS.
    fn key_options(&mut self, unique: bool) -> Read<KeyOptions> {
        let mut options = KeyOptions::default();
        if unique {
            options.nulls_not_distinct = self.nulls_not_distinct();
        }
        self.key_clauses(&mut options)?;
        Ok(options)
    }

    /// NULLS [NOT] DISTINCT: whether NOT stood there.
    pub(super) fn nulls_not_distinct(&mut self) -> bool {
        if self.eat_all(&["NULLS", "NOT", "DISTINCT"]) {
            return true;
        }
        self.eat_all(&["NULLS", "DISTINCT"]);
        false
    }

    fn key_clauses(&mut self, options: &mut KeyOptions) -> Read<()> {
        loop {
            if self.eat("INCLUDE") {
                options.include = self.column_list()?;
            } else if self.is("WITH") && self.kind_at(1) == TokenKind::LeftParen {
                self.pos += 1;
                self.parameters()?;
            } else if self.eat_all(&["USING", "INDEX", "TABLESPACE"]) {
                self.identifier("a tablespace")?;
            } else {
                return Ok(());
            }
        }
    }

    /// Behind REFERENCES.
    fn references(&mut self) -> Read<References> {
        let table = self.table_name()?;
        let (columns, period) =
            if self.kind() == TokenKind::LeftParen { self.key_columns()? } else { (Vec::new(), false) };
        let mut references = References {
            table,
            columns,
            period,
            match_type: MatchType::Simple,
            on_delete: None,
            on_delete_columns: Vec::new(),
            on_update: None,
        };
        if self.eat("MATCH") {
            references.match_type = if self.eat("FULL") {
                MatchType::Full
            } else if self.eat("PARTIAL") {
                MatchType::Partial
            } else if self.eat("SIMPLE") {
                MatchType::Simple
            } else {
                return Err(self.expected("`FULL`, `PARTIAL` or `SIMPLE`"));
            };
        }
        loop {
            if self.eat_all(&["ON", "DELETE"]) {
                references.on_delete = Some(self.referential_action()?);
                if self.kind() == TokenKind::LeftParen {
                    references.on_delete_columns = self.column_list()?;
                }
            } else if self.eat_all(&["ON", "UPDATE"]) {
                references.on_update = Some(self.referential_action()?);
            } else {
                return Ok(references);
            }
        }
    }

    fn referential_action(&mut self) -> Read<ReferentialAction> {
        if self.eat_all(&["NO", "ACTION"]) {
            Ok(ReferentialAction::NoAction)
        } else if self.eat("RESTRICT") {
            Ok(ReferentialAction::Restrict)
        } else if self.eat("CASCADE") {
            Ok(ReferentialAction::Cascade)
        } else if self.eat_all(&["SET", "NULL"]) {
            Ok(ReferentialAction::SetNull)
        } else if self.eat_all(&["SET", "DEFAULT"]) {
            Ok(ReferentialAction::SetDefault)
        } else {
            Err(self.expected("`NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL` or `SET DEFAULT`"))
        }
    }

    // Table constraints.

    pub(super) fn at_table_constraint(&self) -> bool {
        self.is_any(&["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN"])
            || (self.is("EXCLUDE") && (self.kind_at(1) == TokenKind::LeftParen || self.is_at(1, "USING")))
            || self.are(&["NOT", "NULL"])
    }

    pub(super) fn table_constraint(&mut self) -> Read<ConstraintDef> {
        let from = self.pos;
        let mut name = None;
        if self.eat("CONSTRAINT") {
            self.no_if_not_exists("`ADD CONSTRAINT`");
            name = Some(self.identifier("a constraint name")?);
        }
        let kind = self.table_constraint_kind()?;
        let mut attributes = ConstraintAttributes::default();
        while self.constraint_attribute(&mut attributes) {}
        Ok(ConstraintDef { name, kind, attributes, span: self.span_from(from) })
    }

    fn table_constraint_kind(&mut self) -> Read<ConstraintDefKind> {
        if self.eat("CHECK") {
            Ok(ConstraintDefKind::Check(self.paren_expr()?))
        } else if self.eat_all(&["PRIMARY", "KEY"]) {
            let (columns, options) = self.key(false)?;
            Ok(ConstraintDefKind::PrimaryKey { columns, options })
        } else if self.eat("UNIQUE") {
            let (columns, options) = self.key(true)?;
            Ok(ConstraintDefKind::Unique { columns, options })
        } else if self.eat_all(&["FOREIGN", "KEY"]) {
            let (columns, period) = self.key_columns()?;
            self.expect_word("REFERENCES")?;
            let mut references = self.references()?;
            references.period |= period;
            Ok(ConstraintDefKind::ForeignKey { columns, references })
        } else if self.eat_all(&["NOT", "NULL"]) {
            Ok(ConstraintDefKind::NotNull(self.column_name()?))
        } else if self.eat("EXCLUDE") {
            self.exclude()
        } else {
            Err(self.expected("`CHECK`, `UNIQUE`, `PRIMARY KEY`, `FOREIGN KEY`, `NOT NULL` or `EXCLUDE`"))
        }
    }

    /// Behind PRIMARY KEY and UNIQUE of a table.
    fn key(&mut self, unique: bool) -> Read<(Vec<Ident>, KeyOptions)> {
        let mut options = KeyOptions::default();
        if self.is("USING") && self.is_at(1, "INDEX") && !self.is_at(2, "TABLESPACE") {
            self.pos += 2;
            options.using_index = Some(self.identifier("an index name")?);
            return Ok((Vec::new(), options));
        }
        if unique {
            options.nulls_not_distinct = self.nulls_not_distinct();
        }
        let (columns, without_overlaps) = self.key_columns()?;
        options.without_overlaps = without_overlaps;
        self.key_clauses(&mut options)?;
        Ok((columns, options))
    }

    /// `(a, b)`, with PERIOD or WITHOUT OVERLAPS at the last column (18): the columns, and whether one of these stood there.
    fn key_columns(&mut self) -> Read<(Vec<Ident>, bool)> {
        let mut columns = Vec::new();
        let mut period = false;
        self.group("`(` and column names", |p| {
            p.each("a column name", |p| {
                if p.is("PERIOD") && !p.at_last() {
                    p.pos += 1;
                    period = true;
                }
                push(&mut columns, p.column_name()?);
                period |= p.eat_all(&["WITHOUT", "OVERLAPS"]);
                Ok(())
            });
        })?;
        Ok((columns, period))
    }

    /// Whether the next token is the last.
    fn at_last(&self) -> bool {
        self.pos + 1 >= self.end
    }

    fn exclude(&mut self) -> Read<ConstraintDefKind> {
        let method = if self.eat("USING") { Some(self.identifier("an access method")?) } else { None };
        let mut elements = Vec::new();
        self.group("`(` and index keys", |p| {
            p.each("an index key", |p| {
                let key = p.index_key()?;
                p.expect_word("WITH")?;
                let operator = p.operator()?;
                push(&mut elements, (key, operator));
                Ok(())
            });
        })?;
        let mut options = KeyOptions::default();
        self.key_clauses(&mut options)?;
        let predicate = if self.eat("WHERE") { Some(self.paren_expr()?) } else { None };
        Ok(ConstraintDefKind::Exclude { method, elements, include: options.include, predicate })
    }

    /// One attribute behind a constraint; whether there was one.
    pub(super) fn constraint_attribute(&mut self, attributes: &mut ConstraintAttributes) -> bool {
        if self.eat_all(&["NOT", "DEFERRABLE"]) {
            attributes.deferrable = false;
        } else if self.eat("DEFERRABLE") {
            attributes.deferrable = true;
        } else if self.eat_all(&["INITIALLY", "DEFERRED"]) {
            // INITIALLY DEFERRED alone makes a constraint deferrable.
            attributes.deferrable = true;
            attributes.initially_deferred = true;
        } else if self.eat_all(&["INITIALLY", "IMMEDIATE"]) {
            attributes.initially_deferred = false;
        } else if self.eat_all(&["NOT", "VALID"]) {
            attributes.not_valid = true;
        } else if self.eat_all(&["NO", "INHERIT"]) {
            attributes.no_inherit = true;
        } else if self.eat_all(&["NOT", "ENFORCED"]) {
            attributes.not_enforced = true;
        } else if self.eat("ENFORCED") {
            attributes.not_enforced = false;
        } else {
            return false;
        }
        true
    }

    // Partitions.

    /// Behind PARTITION BY.
    fn partition_by(&mut self) -> Read<PartitionBy> {
        let from = self.pos;
        let strategy = if self.eat("RANGE") {
            PartitionStrategy::Range
        } else if self.eat("LIST") {
            PartitionStrategy::List
        } else if self.eat("HASH") {
            PartitionStrategy::Hash
        } else {
            return Err(self.expected("`RANGE`, `LIST` or `HASH`"));
        };
        let mut keys = Vec::new();
        self.group("`(` and a partition key", |p| {
            p.each("a partition key", |p| {
                push(&mut keys, p.index_key()?);
                Ok(())
            });
        })?;
        Ok(PartitionBy { strategy, keys, text: self.expr_of(from, self.pos) })
    }

    /// FOR VALUES … or DEFAULT.
    pub(super) fn partition_bound(&mut self) -> Read<PartitionBound> {
        let from = self.pos;
        let kind = if self.eat("DEFAULT") {
            PartitionBoundKind::Default
        } else if self.eat_all(&["FOR", "VALUES"]) {
            if self.eat("IN") {
                PartitionBoundKind::In(self.bound_values()?)
            } else if self.eat("FROM") {
                let from = self.bound_values()?;
                self.expect_word("TO")?;
                PartitionBoundKind::Range { from, to: self.bound_values()? }
            } else if self.eat("WITH") {
                self.hash_bound()?
            } else {
                return Err(self.expected("`IN`, `FROM` or `WITH`"));
            }
        } else {
            return Err(self.expected("`FOR VALUES` or `DEFAULT`"));
        };
        Ok(PartitionBound { kind, text: self.expr_of(from, self.pos) })
    }

    fn bound_values(&mut self) -> Read<Vec<Expr>> {
        let mut values = Vec::new();
        self.group("`(` and values", |p| {
            p.each("a value", |p| {
                push(&mut values, p.rest("a value")?);
                Ok(())
            });
        })?;
        Ok(values)
    }

    fn hash_bound(&mut self) -> Read<PartitionBoundKind> {
        let (mut modulus, mut remainder) = (0, 0);
        self.group("`(`", |p| {
            p.each("`MODULUS` or `REMAINDER`", |p| {
                let is_modulus = p.eat("MODULUS");
                if !is_modulus {
                    p.expect_word("REMAINDER")?;
                }
                let value = u32::try_from(p.integer()?).unwrap_or_default();
                if is_modulus {
                    modulus = value;
                } else {
                    remainder = value;
                }
                Ok(())
            });
        })?;
        Ok(PartitionBoundKind::Hash { modulus, remainder })
    }

    /// Gives a name without schema this one.
    pub(super) fn qualify(name: &mut QualifiedName, schema: &Ident) {
        if name.schema.is_none() {
            name.schema = Some(schema.clone());
        }
    }
}
