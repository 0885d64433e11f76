//! Statements of few words: schemas, extensions, objects that are named but not modelled, settings, transactions, chores.

use smol_str::SmolStr;

use super::cursor::{Parser, Read, excerpt};
use super::lexer::{TokenKind, decode_string};
use super::object::unqualified;
use crate::name::{Ident, QualifiedName};
use crate::operation::*;
use crate::order::Order;
use crate::problem::ProblemKind;

/// Options of CREATE DATABASE. What is no option of PostgreSQL is a syntax error there.
const DATABASE_OPTIONS: &[&str] = &[
    "OWNER",
    "TEMPLATE",
    "ENCODING",
    "STRATEGY",
    "LOCALE",
    "LC_COLLATE",
    "LC_CTYPE",
    "BUILTIN_LOCALE",
    "ICU_LOCALE",
    "ICU_RULES",
    "LOCALE_PROVIDER",
    "COLLATION_VERSION",
    "TABLESPACE",
    "ALLOW_CONNECTIONS",
    "CONNECTION",
    "IS_TEMPLATE",
    "OID",
    "LOCATION",
];

impl Parser<'_> {
    /// Behind CREATE SCHEMA. Elements become operations of their own, their names qualified with the schema.
    pub(super) fn create_schema(&mut self) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let mut name = None;
        if !self.is("AUTHORIZATION") {
            let mut schema = self.identifier("a schema name")?;
            if self.kind() == TokenKind::Dot {
                schema = self.qualified_from(schema)?.name;
            }
            name = Some(schema);
        }
        let mut role = None;
        if self.eat("AUTHORIZATION") {
            role = Some(self.role()?);
        }
        let current = ["CURRENT_ROLE", "CURRENT_USER", "SESSION_USER"];
        if name.is_none()
            && let Some(role) = &role
            && !role.quoted
            && current.iter().any(|word| role.text.eq_ignore_ascii_case(word))
        {
            let message = "The schema is called like the role that runs this, which no text says.".to_owned();
            self.problem(ProblemKind::OpaqueStatement, message, self.statement);
            self.emit(OperationKind::Utility { verb: "CREATE SCHEMA".into(), text: None });
            self.pos = self.end;
            return Ok(());
        }
        let Some(name) = name.or_else(|| role.clone()) else { return Err(self.expected("a schema name")) };
        self.emit(OperationKind::CreateSchema { name: name.clone(), if_not_exists });
        if let Some(role) = role {
            let target = Self::reference(ObjectKind::Schema, unqualified(name.clone()), None);
            self.emit(OperationKind::SetOwner { target, role });
        }
        let first = self.operations.len();
        let whole = self.statement;
        let outer = self.end;
        while !self.at_end() {
            if !self.is("CREATE") && !self.is("GRANT") {
                self.statement = whole;
                return Err(self.expected("`CREATE`, `GRANT` or the end of the statement"));
            }
            let next = self.next_schema_element();
            self.statement = self.span_of(self.pos, next);
            self.end = next;
            let _ = self.plain_statement();
            self.end = outer;
            self.pos = next;
        }
        self.statement = whole;
        self.qualify_elements(first, &name);
        // Whatever their order, those that others stand on are made first (`transformCreateSchemaStmt`).
        self.operations.get_mut(first..).unwrap_or_default().order_by_key(|operation| match operation.kind {
            OperationKind::CreateSequence(_) => 0,
            OperationKind::CreateView(_) => 2,
            OperationKind::CreateIndex(_) => 3,
            OperationKind::CreateTrigger(_) => 4,
            OperationKind::Grant(_) => 5,
            _ => 1,
        });
        Ok(())
    }

    /// Where the element that comes next ends: at a CREATE or GRANT outside parentheses that does not belong to a GRANT's privileges.
    fn next_schema_element(&self) -> usize {
        let mut depth = 0u32;
        let mut privileges = self.is("GRANT");
        let tokens = self.tokens.get(self.pos..self.end).unwrap_or_default();
        for (n, token) in tokens.iter().enumerate().skip(1) {
            match token.kind {
                TokenKind::LeftParen => depth += 1,
                TokenKind::RightParen => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 => {
                    if privileges {
                        privileges = !self.is_at(n, "ON");
                    } else if self.is_at(n, "CREATE") || self.is_at(n, "GRANT") {
                        return self.pos + n;
                    }
                }
                _ => {}
            }
        }
        self.end
    }

    fn qualify_elements(&mut self, first: usize, schema: &Ident) {
        let elements = self.operations.get_mut(first..).unwrap_or_default();
        let created: Vec<SmolStr> = elements
            .iter()
            .filter_map(|operation| match &operation.kind {
                OperationKind::CreateTable(table) => Some(table.name.name.fold()),
                _ => None,
            })
            .collect();
        for operation in elements {
            match &mut operation.kind {
                OperationKind::CreateTable(table) => {
                    Self::qualify(&mut table.name, schema);
                    // A foreign key to a table of the same statement means that table.
                    for element in &mut table.elements {
                        let references = match element {
                            TableElement::Constraint(ConstraintDef {
                                kind: ConstraintDefKind::ForeignKey { references, .. },
                                ..
                            }) => vec![references],
                            TableElement::Column(column) => column
                                .constraints
                                .iter_mut()
                                .filter_map(|c| match &mut c.kind {
                                    ColumnConstraintKind::References(references) => Some(references),
                                    _ => None,
                                })
                                .collect(),
                            _ => Vec::new(),
                        };
                        for references in references {
                            if created.contains(&references.table.name.fold()) {
                                Self::qualify(&mut references.table, schema);
                            }
                        }
                    }
                }
                OperationKind::CreateView(view) => Self::qualify(&mut view.name, schema),
                OperationKind::CreateSequence(sequence) => Self::qualify(&mut sequence.name, schema),
                OperationKind::CreateIndex(index) => Self::qualify(&mut index.table, schema),
                OperationKind::CreateTrigger(trigger) => Self::qualify(&mut trigger.table, schema),
                OperationKind::Grant(grant) => {
                    for object in &mut grant.objects {
                        if !matches!(object.kind, ObjectKind::Schema | ObjectKind::Role | ObjectKind::Database) {
                            Self::qualify(&mut object.name, schema);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Behind CREATE EXTENSION.
    pub(super) fn create_extension(&mut self) -> Read<()> {
        let if_not_exists = self.if_not_exists();
        let name = self.identifier("an extension name")?;
        let (mut schema, mut version, mut cascade) = (None, None, false);
        let result = self.extension_options(&mut schema, &mut version, &mut cascade);
        self.emit(OperationKind::CreateExtension { name, if_not_exists, schema, version, cascade });
        result
    }

    fn extension_options(
        &mut self,
        schema: &mut Option<Ident>,
        version: &mut Option<SmolStr>,
        cascade: &mut bool,
    ) -> Read<()> {
        self.eat("WITH");
        while !self.at_end() {
            if self.eat("SCHEMA") {
                *schema = Some(self.identifier("a schema")?);
            } else if self.eat("VERSION") {
                *version = Some(self.word_or_string("a version")?);
            } else if self.eat("FROM") {
                self.word_or_string("a version")?;
            } else if self.eat("CASCADE") {
                *cascade = true;
            } else {
                return Err(self.expected("`SCHEMA`, `VERSION`, `CASCADE` or the end of the statement"));
            }
        }
        Ok(())
    }

    fn word_or_string(&mut self, what: &str) -> Read<SmolStr> {
        if self.at_string() { Ok(self.string_text(what)?.into()) } else { Ok(self.nonreserved(what)?.text) }
    }

    /// Behind ALTER EXTENSION.
    pub(super) fn alter_extension(&mut self) -> Read<()> {
        let target = self.object(ObjectKind::Extension)?;
        if self.eat_all(&["SET", "SCHEMA"]) {
            return self.set_schema(target, false);
        }
        if !self.is_any(&["UPDATE", "ADD", "DROP"]) {
            return Err(self.expected("`UPDATE`, `ADD`, `DROP` or `SET SCHEMA`"));
        }
        self.pos = self.end;
        self.emit(OperationKind::AlterOther { object: target, members: None });
        Ok(())
    }

    /// CREATE of an object that is named, not modelled. Its definition is not looked into.
    pub(super) fn create_other(&mut self, kind: ObjectKind, or_replace: bool) -> Read<()> {
        let takes = [ObjectKind::Statistics, ObjectKind::Collation, ObjectKind::Server, ObjectKind::UserMapping];
        if !takes.contains(&kind) {
            self.no_if_not_exists(&format!("`CREATE {}`", kind.name().to_uppercase()));
        }
        let if_not_exists = self.if_not_exists();
        let mut on = None;
        let mut uses = Vec::new();
        let mut members = Vec::new();
        let object = match kind {
            ObjectKind::Statistics => {
                let (object, table) = self.statistics(&mut uses)?;
                on = table.map(Box::new);
                object
            }
            ObjectKind::Publication => {
                let name = self.identifier("a name")?;
                if self.eat("FOR") {
                    members = self.publication_members();
                }
                Self::reference(kind, unqualified(name), None)
            }
            ObjectKind::Subscription => Self::reference(kind, unqualified(self.identifier("a name")?), None),
            ObjectKind::Operator => self.operator_definition(&mut uses)?,
            ObjectKind::OperatorClass => {
                let from = self.pos;
                let name = self.qualified("an operator class")?;
                let mut part = None;
                while !self.at_end() {
                    if self.eat("USING") {
                        part = Some(self.identifier("an access method")?);
                        break;
                    }
                    self.pos += 1;
                }
                let span = self.span_from(from);
                ObjectRef { kind, name, part, arguments: None, span }
            }
            _ => {
                let object = self.object(kind)?;
                self.definition_uses(&object, &mut uses)?;
                object
            }
        };
        let result = if kind == ObjectKind::Database { self.database_options() } else { Ok(()) };
        self.pos = self.end;
        self.emit(OperationKind::CreateOther { object, or_replace, if_not_exists, on, uses, members });
        result
    }

    /// `name (FUNCTION = f, LEFTARG = a, RIGHTARG = b, …)`: the operand types are part of its identity.
    fn operator_definition(&mut self, uses: &mut Vec<ObjectRef>) -> Read<ObjectRef> {
        let name = self.operator_name()?;
        let span = name.span();
        let mut arguments = Vec::new();
        self.group("`(` and options", |p| {
            p.each("an option", |p| {
                let option = p.label("an option")?;
                let operand = ["leftarg", "rightarg"].iter().any(|word| option.text.eq_ignore_ascii_case(word));
                if operand && p.eat_operator("=") {
                    let data_type = p.data_type()?;
                    let span = data_type.span;
                    arguments.push(FunctionArgument {
                        mode: ArgumentMode::In,
                        name: None,
                        data_type,
                        default: None,
                        span,
                    });
                    return Ok(());
                }
                let function = ["function", "procedure"].iter().any(|word| option.text.eq_ignore_ascii_case(word));
                if function && p.eat_operator("=") {
                    let name = p.function_name()?;
                    uses.push(Self::reference(ObjectKind::Function, name, None));
                } else if !p.at_end() {
                    p.rest("a value")?;
                }
                Ok(())
            });
        })?;
        // The function is the one for these operands.
        for function in uses.iter_mut() {
            function.arguments = Some(arguments.clone());
        }
        Ok(ObjectRef { kind: ObjectKind::Operator, name, part: None, arguments: Some(arguments), span })
    }

    fn database_options(&mut self) -> Read<()> {
        self.eat("WITH");
        while !self.at_end() {
            if !self.is_any(DATABASE_OPTIONS) {
                return Err(self.expected("an option such as `OWNER` or `ENCODING`"));
            }
            if self.eat("CONNECTION") {
                self.expect_word("LIMIT")?;
            } else {
                self.pos += 1;
            }
            self.eat_operator("=");
            self.setting_value()?;
        }
        Ok(())
    }

    /// `[name] [(kinds)] ON columns FROM table`, and the table. Without a name PostgreSQL makes one of table and columns (since 16).
    fn statistics(&mut self, uses: &mut Vec<ObjectRef>) -> Read<(ObjectRef, Option<QualifiedName>)> {
        let kind = ObjectKind::Statistics;
        let from = self.pos;
        let mut written = None;
        if self.kind() != TokenKind::LeftParen && !self.is("ON") {
            written = Some(self.qualified("a name for the statistics")?);
        }
        if self.kind() == TokenKind::LeftParen {
            self.skip_group()?;
        }
        self.expect_word("ON")?;
        let mut columns = Vec::new();
        let mut named = Vec::new();
        loop {
            columns.push(match self.kind() {
                TokenKind::LeftParen => {
                    self.skip_group()?;
                    SmolStr::new_static("expr")
                }
                _ if self.kind_at(1) == TokenKind::LeftParen => {
                    self.skip_primary()?;
                    SmolStr::new_static("expr")
                }
                _ => {
                    let column = self.column_name()?;
                    let name = column.fold();
                    named.push(column);
                    name
                }
            });
            if !self.eat_kind(TokenKind::Comma) {
                break;
            }
        }
        self.expect_word("FROM")?;
        let table = self.table_name()?;
        let on = self.at_end().then(|| table.clone());
        if on.is_some() {
            uses.extend(named.into_iter().map(|c| Self::reference(ObjectKind::Column, table.clone(), Some(c))));
        }
        if let Some(name) = written {
            return Ok((Self::reference(kind, name, None), on));
        }
        let text = SmolStr::new(format!("{}_{}_stat", table.name.fold(), columns.join("_")));
        let span = self.span_from(from);
        let name = QualifiedName { schema: table.schema, name: Ident { text, quoted: true, span } };
        Ok((ObjectRef { kind, name, part: None, arguments: None, span }, on))
    }

    /// ALTER of an object that is named: RENAME TO, OWNER TO and SET SCHEMA are read, everything else is not looked into.
    pub(super) fn alter_other(&mut self, kind: ObjectKind) -> Read<()> {
        let if_exists = self.if_exists();
        if kind == ObjectKind::Role && self.is("ALL") {
            // ALTER ROLE ALL SET …: a setting of the cluster.
            self.pos = self.end;
            self.emit(OperationKind::Utility { verb: SmolStr::new_static("ALTER ROLE"), text: None });
            return Ok(());
        }
        let target = self.object(kind)?;
        if self.are(&["RENAME", "TO"]) {
            return self.rename_to(target, if_exists);
        }
        if self.are(&["OWNER", "TO"]) {
            return self.owner_to(target);
        }
        if self.eat_all(&["SET", "SCHEMA"]) {
            return self.set_schema(target, if_exists);
        }
        if matches!(kind, ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine)
            && !self.are(&["DEPENDS", "ON"])
            && !self.are(&["NO", "DEPENDS"])
        {
            return self.alter_function(target);
        }
        if self.at_end() || kind == ObjectKind::Schema {
            let broken = self.expected("`RENAME TO`, `OWNER TO` or another change");
            self.pos = self.end;
            return Err(broken);
        }
        let members = if kind == ObjectKind::Publication { self.members_change() } else { None };
        self.pos = self.end;
        self.emit(OperationKind::AlterOther { object: target, members });
        Ok(())
    }

    // Settings.

    /// Behind SET.
    pub(super) fn set(&mut self) -> Read<()> {
        if self.is("CONSTRAINTS") || self.is("TRANSACTION") || self.are(&["SESSION", "CHARACTERISTICS"]) {
            return self.utility("SET");
        }
        let local = self.eat("LOCAL");
        if !local && self.is("SESSION") && !self.is_at(1, "AUTHORIZATION") {
            self.pos += 1;
        }
        if self.eat("TRANSACTION") {
            return self.utility("SET");
        }
        if self.eat_all(&["TIME", "ZONE"]) {
            let value = self.setting_text()?;
            self.emit_parameter(SmolStr::new_static("timezone"), value, local);
            return Ok(());
        }
        if self.is("SCHEMA") && self.kind_at(1) == TokenKind::String {
            self.pos += 1;
            let schema = self.string_name()?;
            self.emit(OperationKind::SetSearchPath { schemas: Some(vec![schema]), local });
            return Ok(());
        }
        if self.is("NAMES") && !self.is_at(1, "TO") && self.kind_at(1) != TokenKind::Operator {
            return self.set_names(local);
        }
        if (self.is("ROLE") && !self.is_at(1, "TO") && self.kind_at(1) != TokenKind::Operator)
            || self.are(&["SESSION", "AUTHORIZATION"])
            || self.are(&["XML", "OPTION"])
        {
            let name = if self.is("ROLE") {
                "role"
            } else if self.is("XML") {
                "xmloption"
            } else {
                "session_authorization"
            };
            self.pos += if name == "role" { 1 } else { 2 };
            let value = self.setting_text()?;
            self.emit_parameter(SmolStr::new_static(name), value, local);
            return Ok(());
        }
        let name = self.setting_name()?;
        if self.eat_all(&["FROM", "CURRENT"]) {
            self.emit_parameter(name, None, local);
            return Ok(());
        }
        if !self.eat("TO") && !self.eat_operator("=") {
            return Err(self.expected("`TO` or `=`"));
        }
        if name == "search_path" {
            return self.search_path(local);
        }
        let value = self.setting_text()?;
        self.emit_parameter(name, value, local);
        Ok(())
    }

    fn emit_parameter(&mut self, name: SmolStr, value: Option<String>, local: bool) {
        self.emit(OperationKind::SetParameter { name, value, local });
        self.finish("the end of the statement");
    }

    /// The value up to the end; `None` for DEFAULT. One string alone loses its quotes.
    fn setting_text(&mut self) -> Read<Option<String>> {
        if self.is("DEFAULT") && self.kind_at(1) == TokenKind::End {
            self.pos += 1;
            return Ok(None);
        }
        if self.is("INTERVAL") {
            return Ok(Some(self.rest("a value")?.text.into()));
        }
        if self.at_string() && self.kind_at(1) == TokenKind::End {
            return Ok(Some(self.string_text("a value")?));
        }
        let from = self.pos;
        self.list(|p| p.setting_value())?;
        Ok(Some(self.text_of(from, self.pos).to_owned()))
    }

    /// SET NAMES takes a string or DEFAULT; a bare word, a collation and `utf8mb4` are MySQL's.
    fn set_names(&mut self, local: bool) -> Read<()> {
        self.pos += 1;
        let value = if self.at_end() || self.eat("DEFAULT") {
            None
        } else {
            let token = self.peek();
            let value = self.string_text("an encoding in single quotes")?;
            if value.to_ascii_lowercase().starts_with("utf8mb") {
                let span = self.span(token);
                let message =
                    format!("`{}` is a character set of MySQL; PostgreSQL has no such encoding.", excerpt(&value));
                self.problem(ProblemKind::UnsupportedStatement, message, span);
            }
            Some(value)
        };
        self.emit_parameter(SmolStr::new_static("client_encoding"), value, local);
        Ok(())
    }

    /// The value of search_path: names, or strings that stand for names as they are.
    fn search_path(&mut self, local: bool) -> Read<()> {
        if self.is("DEFAULT") && self.kind_at(1) == TokenKind::End {
            self.pos += 1;
            self.emit(OperationKind::SetSearchPath { schemas: None, local });
            return Ok(());
        }
        let mut schemas = Vec::new();
        self.list(|p| {
            if p.at_string() {
                let name = p.string_name()?;
                if !name.text.is_empty() {
                    schemas.push(name);
                }
            } else {
                schemas.push(p.nonreserved("a schema")?);
            }
            Ok(())
        })?;
        self.emit(OperationKind::SetSearchPath { schemas: Some(schemas), local });
        self.finish("`,` or the end of the statement");
        Ok(())
    }

    /// `SELECT [pg_catalog.]set_config('search_path', 'a, "B"', local)`, if that is what comes next behind SELECT.
    pub(super) fn set_config(&mut self) -> bool {
        let from = self.pos;
        if self.is("pg_catalog") && self.kind_at(1) == TokenKind::Dot {
            self.pos += 2;
        }
        let read = self.is("set_config")
            && self.kind_at(1) == TokenKind::LeftParen
            && self.kind_at(2) == TokenKind::String
            && self.kind_at(3) == TokenKind::Comma
            && self.kind_at(4) == TokenKind::String
            && self.kind_at(5) == TokenKind::Comma
            && self.kind_at(6) == TokenKind::Word
            && self.kind_at(7) == TokenKind::RightParen
            && self.kind_at(8) == TokenKind::End;
        if !read {
            self.pos = from;
            return false;
        }
        let (name, value) = (self.peek_at(2), self.peek_at(4));
        let name = decode_string(self.text(name), name.start, '\\').text.to_ascii_lowercase();
        let local = self.is_at(6, "true");
        let decoded = decode_string(self.text(value), value.start, '\\');
        self.pos = self.end;
        if name != "search_path" {
            let value = Some(decoded.text.into_owned());
            self.emit(OperationKind::SetParameter { name: name.into(), value, local });
            return true;
        }
        let mut schemas = Vec::new();
        let mut at = 0usize;
        for part in decoded.text.split(',') {
            let trimmed = part.trim();
            let lead = part.len() - part.trim_start().len();
            let quoted = trimmed.len() >= 2 && trimmed.starts_with('"') && trimmed.ends_with('"');
            let text = if quoted { trimmed.trim_matches('"').replace("\"\"", "\"") } else { trimmed.to_owned() };
            if !text.is_empty() {
                let start = u32::try_from(at + lead).unwrap_or(u32::MAX);
                let end = start.saturating_add(u32::try_from(trimmed.len()).unwrap_or(u32::MAX));
                let span = self.place.span(decoded.source(start), decoded.source(end));
                schemas.push(Ident { text: text.into(), quoted, span });
            }
            at += part.len() + 1;
        }
        self.emit(OperationKind::SetSearchPath { schemas: Some(schemas), local });
        true
    }

    /// Behind RESET.
    pub(super) fn reset(&mut self) -> Read<()> {
        if self.eat("ALL") {
            self.emit(OperationKind::SetSearchPath { schemas: None, local: false });
            return Ok(());
        }
        let name = if self.eat_all(&["TIME", "ZONE"]) {
            SmolStr::new_static("timezone")
        } else if self.eat_all(&["SESSION", "AUTHORIZATION"]) {
            SmolStr::new_static("session_authorization")
        } else {
            self.setting_name()?
        };
        if name == "search_path" {
            self.emit(OperationKind::SetSearchPath { schemas: None, local: false });
        } else {
            self.emit(OperationKind::SetParameter { name, value: None, local: false });
        }
        self.finish("the end of the statement");
        Ok(())
    }

    // Transactions.

    /// BEGIN, COMMIT, SAVEPOINT and relatives; the first word is `verb`, already taken.
    pub(super) fn transaction(&mut self, verb: &str) -> Read<()> {
        let is = |word: &str| verb.eq_ignore_ascii_case(word);
        let mut chained = false;
        let transaction = if is("SAVEPOINT") {
            Transaction::Savepoint(self.identifier("a savepoint")?)
        } else if is("RELEASE") {
            self.eat("SAVEPOINT");
            Transaction::Release(self.identifier("a savepoint")?)
        } else if is("BEGIN") || is("START") {
            if is("START") {
                self.expect_word("TRANSACTION")?;
            } else if !self.eat("WORK") {
                self.eat("TRANSACTION");
            }
            self.transaction_modes()?;
            Transaction::Begin
        } else {
            let ends = is("COMMIT") || is("END");
            if self.is("PREPARED") {
                return self.utility(if ends { "COMMIT PREPARED" } else { "ROLLBACK PREPARED" });
            }
            if !self.eat("WORK") {
                self.eat("TRANSACTION");
            }
            if !ends && self.eat("TO") {
                self.eat("SAVEPOINT");
                Transaction::RollbackTo(self.identifier("a savepoint")?)
            } else {
                if self.eat("AND") {
                    chained = !self.eat("NO");
                    self.expect_word("CHAIN")?;
                }
                if ends { Transaction::Commit } else { Transaction::Rollback }
            }
        };
        self.emit(OperationKind::Transaction(transaction));
        if chained {
            // The next one begins at once.
            self.emit(OperationKind::Transaction(Transaction::Begin));
        }
        self.finish("the end of the statement");
        Ok(())
    }

    fn transaction_modes(&mut self) -> Read<()> {
        const WORDS: &[&str] = &[
            "ISOLATION",
            "LEVEL",
            "SERIALIZABLE",
            "REPEATABLE",
            "READ",
            "COMMITTED",
            "UNCOMMITTED",
            "WRITE",
            "ONLY",
            "NOT",
            "DEFERRABLE",
        ];
        while self.is_any(WORDS) || self.kind() == TokenKind::Comma {
            self.pos += 1;
        }
        if self.at_end() { Ok(()) } else { Err(self.expected("a transaction mode or the end of the statement")) }
    }

    // Chores.

    /// A statement without effect on a schema. The rest is not looked into.
    pub(super) fn utility(&mut self, verb: &'static str) -> Read<()> {
        self.pos = self.end;
        self.emit(OperationKind::Utility { verb: SmolStr::new_static(verb), text: None });
        Ok(())
    }

    /// Behind EXPLAIN: with ANALYZE the statement is run. Source: PostgreSQL manual, EXPLAIN, "Parameters".
    pub(super) fn explain(&mut self) -> Read<()> {
        let mut runs = false;
        if self.kind() == TokenKind::LeftParen {
            self.pos += 1;
            while !self.at_end() && self.kind() != TokenKind::RightParen {
                let analyze = self.eat("ANALYZE") || self.eat("ANALYSE");
                let off = analyze && (self.is_any(&["off", "false"]) || self.text(self.peek()) == "0");
                runs = if analyze { !off } else { runs };
                if !analyze || off {
                    self.pos += 1;
                }
            }
            self.eat_kind(TokenKind::RightParen);
        } else {
            runs = self.eat("ANALYZE") || self.eat("ANALYSE");
            self.eat("VERBOSE");
        }
        if runs && !self.is_any(&["EXECUTE", "EXPLAIN"]) { self.plain_statement() } else { self.utility("EXPLAIN") }
    }

    /// Behind CALL.
    pub(super) fn call(&mut self) -> Read<()> {
        let text = self.text_of(self.pos, self.end).into();
        self.pos = self.end;
        self.emit(OperationKind::Utility { verb: SmolStr::new_static("CALL"), text: Some(text) });
        Ok(())
    }

    /// Behind TRUNCATE.
    pub(super) fn truncate(&mut self) -> Read<()> {
        self.eat("TABLE");
        let tables = self.list(|p| Ok(p.relation()?.1))?;
        if !self.eat_all(&["RESTART", "IDENTITY"]) {
            self.eat_all(&["CONTINUE", "IDENTITY"]);
        }
        let cascade = self.cascade();
        self.emit(OperationKind::Truncate { tables, cascade });
        self.finish("`,`, `CASCADE` or the end of the statement");
        Ok(())
    }

    /// Behind REFRESH.
    pub(super) fn refresh(&mut self) -> Read<()> {
        self.expect_word("MATERIALIZED")?;
        self.expect_word("VIEW")?;
        let concurrently = self.eat("CONCURRENTLY");
        let name = self.qualified("a view name")?;
        let with_data = !self.eat_all(&["WITH", "NO", "DATA"]);
        if with_data {
            self.eat_all(&["WITH", "DATA"]);
        }
        self.emit(OperationKind::RefreshMaterializedView { name, concurrently, with_data });
        self.finish("the end of the statement");
        Ok(())
    }

    /// Behind REINDEX.
    pub(super) fn reindex(&mut self) -> Read<()> {
        if self.kind() == TokenKind::LeftParen {
            self.skip_group()?;
        }
        if !self.is_any(&["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"]) {
            return Err(self.expected("`INDEX`, `TABLE`, `SCHEMA`, `DATABASE` or `SYSTEM`"));
        }
        let kind = if self.is("INDEX") {
            ObjectKind::Index
        } else if self.is("TABLE") {
            ObjectKind::Table
        } else if self.is("SCHEMA") {
            ObjectKind::Schema
        } else {
            ObjectKind::Database
        };
        self.pos += 1;
        let concurrently = self.eat("CONCURRENTLY");
        let target = if self.at_end() { None } else { Some(self.qualified("a name")?) };
        let target = target.filter(|_| kind != ObjectKind::Database);
        self.emit(OperationKind::Reindex { kind, target, concurrently });
        self.finish("the end of the statement");
        Ok(())
    }

    /// Behind CLUSTER.
    pub(super) fn cluster(&mut self) -> Read<()> {
        if self.kind() == TokenKind::LeftParen {
            self.skip_group()?;
        }
        self.eat("VERBOSE");
        let mut table = if self.at_end() { None } else { Some(self.table_name()?) };
        let mut index = None;
        if self.eat("ON") {
            // CLUSTER index ON table, as before version 8.3.
            index = table.map(|t| t.name);
            table = Some(self.table_name()?);
        } else if self.eat("USING") {
            index = Some(self.identifier("an index name")?);
        }
        self.emit(OperationKind::Rewrite { verb: SmolStr::new_static("CLUSTER"), table, index });
        self.finish("the end of the statement");
        Ok(())
    }

    /// Behind VACUUM: only VACUUM FULL rewrites.
    pub(super) fn vacuum(&mut self) -> Read<()> {
        let mut full = false;
        if self.kind() == TokenKind::LeftParen {
            self.group("`(`", |p| {
                while !p.at_end() {
                    full |= p.is("FULL") && !p.is_at(1, "FALSE") && !p.is_at(1, "OFF");
                    p.pos += 1;
                }
            })?;
        }
        while self.is_any(&["FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"]) {
            full |= self.is("FULL");
            self.pos += 1;
        }
        if !full {
            return self.utility("VACUUM");
        }
        let table = if self.at_end() { None } else { Some(self.table_name()?) };
        self.pos = self.end;
        self.emit(OperationKind::Rewrite { verb: SmolStr::new_static("VACUUM FULL"), table, index: None });
        Ok(())
    }

    /// Behind LOCK.
    pub(super) fn lock(&mut self) -> Read<()> {
        self.eat("TABLE");
        let tables = self.list(|p| Ok(p.relation()?.1))?;
        let mut mode = SmolStr::new_static("ACCESS EXCLUSIVE");
        if self.eat("IN") {
            let from = self.pos;
            while self.is_any(&["ACCESS", "ROW", "SHARE", "UPDATE", "EXCLUSIVE"]) {
                self.pos += 1;
            }
            mode = SmolStr::new(self.text_of(from, self.pos).to_ascii_uppercase());
            self.expect_word("MODE")?;
        }
        self.eat("NOWAIT");
        self.emit(OperationKind::LockTable { tables, mode });
        self.finish("`IN`, `NOWAIT` or the end of the statement");
        Ok(())
    }

    /// Behind REASSIGN OWNED BY: objects of unknown names change their owner.
    pub(super) fn reassign_owned(&mut self) -> Read<()> {
        self.expect_word("OWNED")?;
        self.expect_word("BY")?;
        let roles = self.list(|p| p.role())?;
        self.expect_word("TO")?;
        self.role()?;
        for role in roles {
            let object = Self::reference(ObjectKind::Role, unqualified(role), None);
            self.emit(OperationKind::AlterOther { object, members: None });
        }
        self.finish("the end of the statement");
        Ok(())
    }

    /// Behind IMPORT FOREIGN SCHEMA: makes tables that only the other server knows.
    pub(super) fn import_foreign_schema(&mut self) -> Read<()> {
        self.expect_word("FOREIGN")?;
        self.expect_word("SCHEMA")?;
        self.pos = self.end;
        let message =
            "IMPORT FOREIGN SCHEMA makes foreign tables that only the other server knows; they are missing here.";
        self.problem(ProblemKind::OpaqueStatement, message.to_owned(), self.statement);
        Ok(())
    }
}
