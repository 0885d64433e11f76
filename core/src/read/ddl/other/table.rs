//! CREATE TABLE: columns, keys, indexes, foreign keys, and of the options the comment.

use smol_str::SmolStr;

use super::{Other, plain_index};
use crate::name::{Ident, QualifiedName};
use crate::operation::*;
use crate::problem::ProblemKind;
use crate::read::ddl::cursor::Read;
use crate::read::ddl::lexer::TokenKind;

/// What a definition of a table is besides its columns and constraints: operations of their own, once the table is there.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) indexes: Vec<CreateIndex>,
    /// Comments on columns.
    pub(super) comments: Vec<(Ident, String)>,
}

/// A column with what it says of its place and comment.
pub(super) struct Column {
    pub(super) def: ColumnDef,
    pub(super) comment: Option<String>,
}

/// An element that is no column.
pub(super) enum Element {
    Constraint(ConstraintDef),
    Index(CreateIndex),
}

/// Words that a type in SQLite cannot hold: a column's constraints begin with them.
const AFTER_TYPE: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
    "AUTOINCREMENT",
    "ON",
];

/// Words that follow the name of a type in MySQL and are part of it.
const OF_TYPE: &[&str] = &[
    "UNSIGNED",
    "SIGNED",
    "ZEROFILL",
    "PRECISION",
    "VARYING",
    "VARCHAR",
    "VARBINARY",
    "BINARY",
    "BYTE",
    "ASCII",
    "UNICODE",
];

impl Other<'_> {
    /// Behind CREATE [TEMPORARY] TABLE.
    pub(super) fn create_table(&mut self, persistence: Persistence) -> Read<()> {
        let if_not_exists = self.p.if_not_exists();
        let name = self.name("a table name")?;
        let mut table = CreateTable {
            name: name.clone(),
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
            tablespace: None,
            on_commit: None,
        };
        let mut beside = Beside::default();
        let mut comment = None;
        if self.p.eat("LIKE") {
            self.like(&mut table)?;
        } else if self.p.kind() == TokenKind::LeftParen && self.p.is_at(1, "LIKE") {
            self.group(|o| {
                o.p.pos += 1;
                o.like(&mut table)
            })??;
        } else {
            if self.p.kind() == TokenKind::LeftParen && !self.p.is_at(1, "SELECT") {
                self.group(|o| o.each(|o| o.element(&mut table, &mut beside)))?;
            }
            self.table_options(&mut table, &mut comment);
        }
        self.p.emit(OperationKind::CreateTable(Box::new(table)));
        if let Some(text) = comment {
            self.comment(&name, None, text);
        }
        self.emit_beside(&name, beside);
        Ok(())
    }

    pub(super) fn emit_beside(&mut self, table: &QualifiedName, beside: Beside) {
        for (column, text) in beside.comments {
            self.comment(table, Some(column), text);
        }
        for index in beside.indexes {
            self.p.emit(OperationKind::CreateIndex(Box::new(CreateIndex { table: table.clone(), ..index })));
        }
    }

    pub(super) fn comment(&mut self, table: &QualifiedName, part: Option<Ident>, text: String) {
        let kind = if part.is_some() { ObjectKind::Column } else { ObjectKind::Table };
        let span = part.as_ref().map_or(table.span(), |p| p.span);
        let target = ObjectRef { kind, name: table.clone(), part, arguments: None, span };
        self.p.emit(OperationKind::Comment { target, text: Some(text) });
    }

    fn like(&mut self, table: &mut CreateTable) -> Read<()> {
        let source = self.name("a table name")?;
        // All but foreign keys. Source: MySQL's manual, "CREATE TABLE ... LIKE Statement".
        let options = LikeOptions {
            comments: true,
            compression: false,
            constraints: true,
            defaults: true,
            generated: true,
            identity: true,
            indexes: true,
            statistics: false,
            storage: false,
        };
        table.elements.push(TableElement::Like(source, options));
        Ok(())
    }

    /// What stands behind the columns: of it the comment and a query count.
    fn table_options(&mut self, table: &mut CreateTable, comment: &mut Option<String>) {
        while !self.p.at_end() {
            if self.p.eat("COMMENT") {
                self.p.eat_operator("=");
                *comment = self.string().ok();
            } else if self.p.is("PARTITION") && self.p.is_at(1, "BY") {
                let from = self.p.pos + 2;
                let strategy = if self.p.is_at(2, "LIST") {
                    PartitionStrategy::List
                } else if self.p.is_at(2, "RANGE") {
                    PartitionStrategy::Range
                } else {
                    PartitionStrategy::Hash
                };
                let text = self.p.expr_of(from, self.p.end);
                table.partition_by = Some(PartitionBy { strategy, keys: Vec::new(), text });
                self.p.pos = self.p.end;
            } else if self.p.is_any(&["AS", "SELECT"])
                || (self.p.kind() == TokenKind::LeftParen && self.p.is_at(1, "SELECT"))
            {
                table.as_query = Some((Vec::new(), self.p.expr_of(self.p.pos, self.p.end)));
                self.p.pos = self.p.end;
            } else if self.p.kind() == TokenKind::LeftParen {
                if self.p.skip_group().is_err() {
                    self.p.pos = self.p.end;
                }
            } else {
                let option = self.p.bump();
                // `ENGINE = InnoDB`: which storage it has decides about foreign keys.
                if self.p.text(option).eq_ignore_ascii_case("ENGINE") {
                    self.p.eat_operator("=");
                    let engine = self.p.bump();
                    table.options.push(("engine".into(), self.p.text(engine).to_owned()));
                }
            }
        }
    }

    fn element(&mut self, table: &mut CreateTable, beside: &mut Beside) -> Read<()> {
        match self.constraint_or_index(&table.name)? {
            Some(Element::Constraint(constraint)) => table.elements.push(TableElement::Constraint(constraint)),
            Some(Element::Index(index)) => beside.indexes.push(index),
            None => {
                let column = self.column()?;
                if let Some(text) = column.comment {
                    beside.comments.push((column.def.name.clone(), text));
                }
                table.elements.push(TableElement::Column(column.def));
            }
        }
        Ok(())
    }

    /// A constraint or an index, if one begins here.
    pub(super) fn constraint_or_index(&mut self, table: &QualifiedName) -> Read<Option<Element>> {
        let from = self.p.pos;
        let mut name = None;
        let starts = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].iter().any(|w| self.p.is(w));
        let of_mysql = self.mysql() && ["KEY", "INDEX", "FULLTEXT", "SPATIAL"].iter().any(|w| self.p.is(w));
        if self.p.eat("CONSTRAINT") {
            if !self.p.is_any(&["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"]) {
                name = Some(self.ident("a constraint name")?);
            }
        } else if !starts && !of_mysql {
            return Ok(None);
        }
        let kind = if self.p.eat_all(&["PRIMARY", "KEY"]) {
            self.using();
            if self.p.kind() != TokenKind::LeftParen {
                self.ident("`(`")?;
                self.using();
            }
            ConstraintDefKind::PrimaryKey { columns: self.columns()?, options: KeyOptions::default() }
        } else if self.p.eat("UNIQUE") {
            if self.mysql() && !self.p.eat("KEY") {
                self.p.eat("INDEX");
            }
            let (own, keys, _) = self.index_body()?;
            let name = own.or(name);
            let all: Vec<Ident> = keys.iter().filter_map(|key| self.column_of(key)).collect();
            if all.len() < keys.len() {
                return Ok(Some(Element::Index(plain_index(name, true, table.clone(), keys))));
            }
            return Ok(Some(Element::Constraint(ConstraintDef {
                name,
                kind: ConstraintDefKind::Unique { columns: all, options: KeyOptions::default() },
                attributes: ConstraintAttributes::default(),
                span: self.p.span_from(from),
            })));
        } else if self.p.eat_all(&["FOREIGN", "KEY"]) {
            self.p.if_not_exists();
            if self.p.kind() != TokenKind::LeftParen {
                let own = self.ident("`(`")?;
                name = name.or(Some(own));
            }
            let columns = self.columns()?;
            self.p.expect_word("REFERENCES")?;
            let (references, attributes) = self.references()?;
            let kind = ConstraintDefKind::ForeignKey { columns, references };
            return Ok(Some(Element::Constraint(ConstraintDef {
                name,
                kind,
                attributes,
                span: self.p.span_from(from),
            })));
        } else if self.p.eat("CHECK") {
            ConstraintDefKind::Check(self.parenthesised()?)
        } else {
            let kind = self.p.is_any(&["FULLTEXT", "SPATIAL"]).then(|| self.p.bump());
            let method = kind.map(|token| self.ident_of(token));
            if !self.p.eat("KEY") {
                self.p.eat("INDEX");
            }
            self.p.if_not_exists();
            let (name, keys, using) = self.index_body()?;
            let method = method.or(using);
            return Ok(Some(Element::Index(CreateIndex { method, ..plain_index(name, false, table.clone(), keys) })));
        };
        let span = self.p.span_from(from);
        Ok(Some(Element::Constraint(ConstraintDef { name, kind, attributes: ConstraintAttributes::default(), span })))
    }

    /// `[name] [USING x] (keys) [options]`.
    fn index_body(&mut self) -> Read<(Option<Ident>, Vec<IndexKey>, Option<Ident>)> {
        let mut using = self.using();
        let name = match self.p.kind() {
            TokenKind::LeftParen => None,
            _ => Some(self.ident("an index name")?),
        };
        using = using.or_else(|| self.using());
        let keys = self.keys()?;
        using = using.or_else(|| self.using());
        Ok((name, keys, using))
    }

    // Columns.

    /// A column with its type and all that follows.
    pub(super) fn column(&mut self) -> Read<Column> {
        let from = self.p.pos;
        let name = self.ident("a column name")?;
        let data_type = self.data_type();
        let mut column = Column {
            def: ColumnDef { name, data_type, collation: None, constraints: Vec::new(), span: self.p.span_from(from) },
            comment: None,
        };
        while !self.p.at_end() {
            if self.attribute(&mut column).is_err() {
                break;
            }
        }
        column.def.span = self.p.span_from(from);
        Ok(column)
    }

    /// A type as written. SQLite needs none, and takes any words.
    fn data_type(&mut self) -> Option<TypeName> {
        let from = self.p.pos;
        let sqlite = !self.mysql();
        if !matches!(self.p.kind(), TokenKind::Word | TokenKind::Quoted) || (sqlite && self.p.is_any(AFTER_TYPE)) {
            return sqlite.then(|| self.type_named(SmolStr::default(), Vec::new(), from));
        }
        self.p.pos += 1;
        while (sqlite && self.p.kind() == TokenKind::Word && !self.p.is_any(AFTER_TYPE))
            || (!sqlite && self.p.is_any(OF_TYPE))
        {
            self.p.pos += 1;
        }
        let words = self.p.text_of(from, self.p.pos).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut modifiers = Vec::new();
        if self.p.kind() == TokenKind::LeftParen {
            let open = self.p.pos;
            if self.p.skip_group().is_ok() {
                let inside = self.p.text_of(open + 1, self.p.pos.saturating_sub(1));
                // A comma inside a string parts nothing: ENUM ('a,b').
                modifiers = match inside.contains('\'') {
                    true => vec![SmolStr::new(inside.trim())],
                    false => inside.split(',').map(|m| SmolStr::new(m.trim())).collect(),
                };
            }
        }
        let behind = self.p.pos;
        while self.p.is_any(OF_TYPE) {
            self.p.pos += 1;
        }
        let mut name = words;
        if self.p.pos > behind {
            // `int(10) unsigned`: the whole is the type's name.
            if !modifiers.is_empty() {
                name = format!("{name}({})", modifiers.join(","));
                modifiers.clear();
            }
            let words = self.p.text_of(behind, self.p.pos).split_whitespace().collect::<Vec<_>>().join(" ");
            name = format!("{name} {words}");
        }
        // As MySQL shows it; what SQLite shows is what was written.
        let name = if sqlite { SmolStr::new(name) } else { SmolStr::new(name.to_lowercase()) };
        Some(self.type_named(name, modifiers, from))
    }

    fn type_named(&self, name: SmolStr, modifiers: Vec<SmolStr>, from: usize) -> TypeName {
        let span = self.p.span_from(from);
        TypeName {
            schema: None,
            name: Ident { text: name, quoted: true, span },
            modifiers,
            dimensions: 0,
            setof: false,
            percent_type: false,
            span,
        }
    }

    /// One of the words behind a column's type.
    fn attribute(&mut self, column: &mut Column) -> Read<()> {
        let from = self.p.pos;
        let name = match self.p.eat("CONSTRAINT") {
            true => Some(self.ident("a constraint name")?),
            false => None,
        };
        let mut attributes = ConstraintAttributes::default();
        let kind = if self.p.eat_all(&["NOT", "NULL"]) {
            self.on_conflict();
            ColumnConstraintKind::NotNull
        } else if self.p.eat("NULL") {
            ColumnConstraintKind::Null
        } else if self.p.eat("DEFAULT") {
            ColumnConstraintKind::Default(self.value()?)
        } else if self.p.is_any(&["AUTO_INCREMENT", "AUTOINCREMENT"]) {
            self.p.pos += 1;
            ColumnConstraintKind::Identity { always: false, options: SequenceOptions::default() }
        } else if self.p.eat_all(&["PRIMARY", "KEY"]) || (self.mysql() && self.p.eat("KEY")) {
            if !self.p.eat("ASC") {
                self.p.eat("DESC");
            }
            self.on_conflict();
            ColumnConstraintKind::PrimaryKey(KeyOptions::default())
        } else if self.p.eat("UNIQUE") {
            if self.mysql() {
                self.p.eat("KEY");
            }
            self.on_conflict();
            ColumnConstraintKind::Unique(KeyOptions::default())
        } else if self.p.eat("CHECK") {
            ColumnConstraintKind::Check(self.parenthesised()?)
        } else if self.p.eat("REFERENCES") {
            let (references, own) = self.references()?;
            attributes = own;
            ColumnConstraintKind::References(references)
        } else if self.p.is("GENERATED") || self.p.is("AS") {
            self.p.eat_all(&["GENERATED", "ALWAYS"]);
            self.p.expect_word("AS")?;
            let expr = self.parenthesised()?;
            let stored = self.p.is_any(&["STORED", "PERSISTENT"]);
            if stored || self.p.is("VIRTUAL") {
                self.p.pos += 1;
            }
            ColumnConstraintKind::Generated { expr, stored }
        } else {
            return self.remark(column);
        };
        let span = self.p.span_from(from);
        column.def.constraints.push(ColumnConstraint { name, kind, attributes, span });
        Ok(())
    }

    /// What a column says besides its constraints.
    fn remark(&mut self, column: &mut Column) -> Read<()> {
        if self.p.eat("COMMENT") {
            column.comment = Some(self.string()?);
        } else if self.p.eat("COLLATE") {
            let collation = self.ident("a collation")?;
            column.def.collation = Some(QualifiedName { schema: None, name: collation });
        } else if self.p.eat_all(&["CHARACTER", "SET"])
            || self.p.is_any(&["CHARSET", "STORAGE", "COLUMN_FORMAT", "SRID", "AFTER"])
        {
            if self.p.is_any(&["CHARSET", "STORAGE", "COLUMN_FORMAT", "SRID", "AFTER"]) {
                self.p.pos += 1;
            }
            self.p.bump();
        } else if self.p.eat_all(&["ON", "UPDATE"]) {
            self.value()?;
        } else if self.p.is_any(&[
            "FIRST",
            "VISIBLE",
            "INVISIBLE",
            "SERIAL",
            "COMPRESSED",
            "BINARY",
            "DEFERRABLE",
            "INITIALLY",
        ]) {
            self.p.pos += 1;
        } else {
            let token = self.p.peek();
            let word = crate::read::ddl::cursor::excerpt(self.p.text(token)).replace('`', "");
            let message = format!(
                "`{word}` was not expected behind the column `{}`; the rest of its definition was passed over.",
                column.def.name.text.replace('`', "")
            );
            let span = self.p.span(token);
            self.p.problem(ProblemKind::SyntaxError, message, span);
            self.p.pos = self.p.end;
        }
        Ok(())
    }

    /// SQLite's ON CONFLICT behind a constraint.
    fn on_conflict(&mut self) {
        if self.p.eat_all(&["ON", "CONFLICT"]) {
            self.p.bump();
        }
    }

    /// A default: a literal with its sign, a call, or an expression in parentheses.
    pub(super) fn value(&mut self) -> Read<crate::expr::Expr> {
        let from = self.p.pos;
        while self.p.kind() == TokenKind::Operator {
            self.p.pos += 1;
        }
        if self.p.at_end() {
            return Err(self.p.expected("a value"));
        }
        if self.p.kind() == TokenKind::LeftParen {
            self.p.skip_group()?;
        } else {
            let introducer = self.p.bump();
            // `_utf8mb4'a'`, `CURRENT_TIMESTAMP(6)`.
            if self.p.text(introducer).starts_with('_') && self.p.kind() == TokenKind::String {
                self.p.pos += 1;
            }
            if self.p.kind() == TokenKind::LeftParen {
                self.p.skip_group()?;
            }
        }
        Ok(self.p.expr_of(from, self.p.pos))
    }

    /// An expression in parentheses, without them.
    fn parenthesised(&mut self) -> Read<crate::expr::Expr> {
        self.group(|o| {
            let expr = o.p.expr_of(o.p.pos, o.p.end);
            o.p.pos = o.p.end;
            expr
        })
    }

    /// Behind REFERENCES.
    fn references(&mut self) -> Read<(References, ConstraintAttributes)> {
        let table = self.name("a table name")?;
        let columns = if self.p.kind() == TokenKind::LeftParen { self.columns()? } else { Vec::new() };
        let mut references = References {
            table,
            columns,
            period: false,
            match_type: MatchType::Simple,
            on_delete: None,
            on_delete_columns: Vec::new(),
            on_update: None,
        };
        let mut attributes = ConstraintAttributes::default();
        loop {
            if self.p.eat("MATCH") {
                self.p.bump();
            } else if self.p.eat_all(&["ON", "DELETE"]) {
                references.on_delete = self.action();
            } else if self.p.is("ON") && self.p.is_at(1, "UPDATE") {
                self.p.pos += 2;
                references.on_update = self.action();
            } else if self.p.eat_all(&["NOT", "DEFERRABLE"]) {
            } else if self.p.eat("DEFERRABLE") {
                attributes.deferrable = true;
            } else if self.p.eat("INITIALLY") {
                attributes.initially_deferred = self.p.is("DEFERRED");
                self.p.bump();
            } else {
                return Ok((references, attributes));
            }
        }
    }

    fn action(&mut self) -> Option<ReferentialAction> {
        let action = if self.p.eat("CASCADE") {
            ReferentialAction::Cascade
        } else if self.p.eat("RESTRICT") {
            ReferentialAction::Restrict
        } else if self.p.eat_all(&["SET", "NULL"]) {
            ReferentialAction::SetNull
        } else if self.p.eat_all(&["SET", "DEFAULT"]) {
            ReferentialAction::SetDefault
        } else if self.p.eat_all(&["NO", "ACTION"]) {
            ReferentialAction::NoAction
        } else {
            return None;
        };
        Some(action)
    }
}
