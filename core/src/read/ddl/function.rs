//! CREATE FUNCTION, PROCEDURE and AGGREGATE, ALTER FUNCTION, argument lists.
//! Source: PostgreSQL manual, "CREATE FUNCTION", "CREATE PROCEDURE", "CREATE AGGREGATE", "ALTER FUNCTION".

use smol_str::SmolStr;

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::expr::Expr;
use crate::operation::*;

/// The options of CREATE AGGREGATE that name a function. Source: PostgreSQL manual, CREATE AGGREGATE.
const AGGREGATE_FUNCTIONS: [&str; 9] = [
    "combinefunc",
    "deserialfunc",
    "finalfunc",
    "mfinalfunc",
    "minvfunc",
    "msfunc",
    "serialfunc",
    "sfunc",
    // The same in old scripts.
    "sfunc1",
];

impl Parser<'_> {
    /// Behind CREATE [OR REPLACE] FUNCTION or PROCEDURE.
    pub(super) fn create_function(&mut self, kind: FunctionKind, or_replace: bool) -> Read<()> {
        let name = self.function_name()?;
        let mut function = CreateFunction {
            name,
            kind,
            or_replace,
            arguments: Vec::new(),
            returns: None,
            returns_table: Vec::new(),
            attributes: FunctionAttributes::default(),
            body: None,
            library: None,
            runs: Vec::new(),
        };
        let result = self.function_body(&mut function);
        if function.attributes.window {
            function.kind = FunctionKind::Window;
        }
        self.emit(OperationKind::CreateFunction(Box::new(function)));
        result
    }

    fn function_body(&mut self, function: &mut CreateFunction) -> Read<()> {
        function.arguments = self.arguments()?;
        if self.eat("RETURNS") {
            if self.is("TABLE") && self.kind_at(1) == TokenKind::LeftParen {
                self.pos += 1;
                let columns = &mut function.returns_table;
                self.group("`(`", |p| {
                    p.each("a column", |p| {
                        let name = p.nonreserved("a column name")?;
                        columns.push((name, p.data_type()?));
                        Ok(())
                    });
                })?;
            } else {
                function.returns = Some(self.data_type()?);
            }
        }
        while !self.at_end() {
            if self.eat("AS") {
                (function.body, function.library) = self.string_body()?;
            } else if self.is("RETURN") {
                // The body comes last, so it takes all the rest.
                function.body = Some(FunctionBody::Sql(self.rest("an expression")?));
            } else if self.are(&["BEGIN", "ATOMIC"]) {
                if !self
                    .tokens
                    .get(self.end.saturating_sub(1))
                    .is_some_and(|t| self.text(*t).eq_ignore_ascii_case("END"))
                {
                    self.pos = self.end;
                    return Err(self.expected("`END` of the body"));
                }
                function.body = Some(FunctionBody::Sql(self.rest("a body")?));
            } else if self.is("WITH") && self.kind_at(1) == TokenKind::LeftParen {
                // Attributes as before version 12: isStrict, isCachable.
                self.pos += 1;
                self.skip_group()?;
            } else if !self.function_attribute(&mut function.attributes)? {
                return Err(self.expected("an attribute such as `LANGUAGE` or `AS`"));
            }
        }
        Ok(())
    }

    /// Behind AS: the text, or a library and a symbol, of which the symbol is the body (`prosrc`).
    fn string_body(&mut self) -> Read<(Option<FunctionBody>, Option<String>)> {
        let (mut decoded, _) = self.string("the body as a string")?;
        let mut library = None;
        if self.kind() == TokenKind::Comma {
            self.pos += 1;
            library = Some(decoded.text.into_owned());
            decoded = self.string("a symbol as a string")?.0;
        }
        let length = u32::try_from(decoded.text.len()).unwrap_or(u32::MAX);
        let (start, end) = (decoded.source(0), decoded.source(length));
        let body = FunctionBody::String(Expr::new(decoded.text, self.place.span(start, end.max(start))));
        Ok((Some(body), library))
    }

    /// One attribute, if one comes next.
    pub(super) fn function_attribute(&mut self, attributes: &mut FunctionAttributes) -> Read<bool> {
        if self.eat("LANGUAGE") {
            let name = if self.at_string() { self.string_name()? } else { self.nonreserved("a language")? };
            attributes.language = Some(name);
        } else if self.eat("IMMUTABLE") {
            attributes.volatility = Some(Volatility::Immutable);
        } else if self.eat("STABLE") {
            attributes.volatility = Some(Volatility::Stable);
        } else if self.eat("VOLATILE") {
            attributes.volatility = Some(Volatility::Volatile);
        } else if self.eat("STRICT") || self.eat_all(&["RETURNS", "NULL", "ON", "NULL", "INPUT"]) {
            attributes.strict = Some(true);
        } else if self.eat_all(&["CALLED", "ON", "NULL", "INPUT"]) {
            attributes.strict = Some(false);
        } else if self.eat("LEAKPROOF") {
            attributes.leakproof = Some(true);
        } else if self.eat_all(&["NOT", "LEAKPROOF"]) {
            attributes.leakproof = Some(false);
        } else if self.eat_all(&["SECURITY", "DEFINER"]) || self.eat_all(&["EXTERNAL", "SECURITY", "DEFINER"]) {
            attributes.security_definer = Some(true);
        } else if self.eat_all(&["SECURITY", "INVOKER"]) || self.eat_all(&["EXTERNAL", "SECURITY", "INVOKER"]) {
            attributes.security_definer = Some(false);
        } else if self.eat("PARALLEL") {
            attributes.parallel = Some(self.label("`SAFE`, `RESTRICTED` or `UNSAFE`")?.fold());
        } else if self.eat("COST") || self.eat("ROWS") {
            self.eat_operator("-");
            self.expect_kind(TokenKind::Number, "a number")?;
        } else if self.eat("SUPPORT") {
            self.function_name()?;
        } else if self.eat("WINDOW") {
            attributes.window = true;
        } else if self.eat("TRANSFORM") {
            self.list(|p| {
                p.expect_word("FOR")?;
                p.expect_word("TYPE")?;
                p.data_type()
            })?;
        } else if self.eat("RESET") {
            attributes.settings.push((self.setting_name()?, None));
        } else if self.eat("SET") {
            let setting = self.function_setting()?;
            attributes.settings.push(setting);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// A setting's name, folded.
    pub(super) fn setting_name(&mut self) -> Read<SmolStr> {
        let mut name = self.label("the name of a setting")?.fold();
        while self.eat_kind(TokenKind::Dot) {
            let part = self.label("a name")?;
            name = format!("{name}.{}", part.fold()).into();
        }
        Ok(name)
    }

    /// `name TO value`, `name = value`, `name FROM CURRENT`: the value as written.
    fn function_setting(&mut self) -> Read<(SmolStr, Option<String>)> {
        if self.eat_all(&["TIME", "ZONE"]) {
            let from = self.pos;
            self.setting_value()?;
            return Ok((SmolStr::new_static("timezone"), Some(self.text_of(from, self.pos).to_owned())));
        }
        let name = self.setting_name()?;
        if self.eat_all(&["FROM", "CURRENT"]) {
            return Ok((name, Some("FROM CURRENT".to_owned())));
        }
        if !self.eat("TO") && !self.eat_operator("=") {
            return Err(self.expected("`TO` or `=`"));
        }
        let from = self.pos;
        self.list(|p| p.setting_value())?;
        Ok((name, Some(self.text_of(from, self.pos).to_owned())))
    }

    /// One value of a setting: a word, string or number.
    pub(super) fn setting_value(&mut self) -> Read<()> {
        if self.eat_operator("-") || self.eat_operator("+") {
            return self.expect_kind(TokenKind::Number, "a number");
        }
        match self.kind() {
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::UnicodeQuoted
            | TokenKind::String
            | TokenKind::DollarString
            | TokenKind::Number
            | TokenKind::Placeholder => {
                self.pos += 1;
                Ok(())
            }
            _ => Err(self.expected("a value")),
        }
    }

    // Arguments.

    /// The arguments of a routine in parentheses; of an aggregate too: `(*)`, `(a ORDER BY b)`.
    pub(super) fn arguments(&mut self) -> Read<Vec<FunctionArgument>> {
        let mut arguments = Vec::new();
        self.group("`(` and arguments", |p| {
            if p.at_end() || p.eat_operator("*") {
                return;
            }
            p.each("an argument", |p| {
                if !p.eat_all(&["ORDER", "BY"]) {
                    arguments.push(p.argument()?);
                }
                // Direct arguments of an ordered-set aggregate end without a comma.
                if p.eat_all(&["ORDER", "BY"]) || (!p.at_end() && arguments.is_empty()) {
                    arguments.push(p.argument()?);
                }
                Ok(())
            });
        })?;
        Ok(arguments)
    }

    fn argument(&mut self) -> Read<FunctionArgument> {
        let from = self.pos;
        let mut mode = self.argument_mode();
        let mut name = None;
        let mut data_type = self.try_type().filter(|_| self.at_argument_end());
        if data_type.is_none() {
            // What looked like a type is a name, with or without the mode behind it.
            self.pos = from;
            mode = self.argument_mode();
            name = Some(self.type_or_function_name("an argument")?);
            if mode.is_none() {
                mode = self.argument_mode();
            }
            data_type = Some(self.data_type()?);
        }
        let Some(data_type) = data_type else { return Err(self.expected("an argument")) };
        let mut default = None;
        if self.eat("DEFAULT") || self.eat_operator("=") {
            default = Some(self.rest("an expression")?);
        }
        Ok(FunctionArgument { mode: mode.unwrap_or_default(), name, data_type, default, span: self.span_from(from) })
    }

    fn at_argument_end(&self) -> bool {
        self.at_end() || self.is("DEFAULT") || self.is_operator("=") || self.are(&["ORDER", "BY"])
    }

    fn argument_mode(&mut self) -> Option<ArgumentMode> {
        if self.eat("IN") {
            return Some(if self.eat("OUT") { ArgumentMode::InOut } else { ArgumentMode::In });
        }
        if self.eat("OUT") {
            return Some(ArgumentMode::Out);
        }
        if self.eat("INOUT") {
            return Some(ArgumentMode::InOut);
        }
        self.eat("VARIADIC").then_some(ArgumentMode::Variadic)
    }

    /// Behind CREATE [OR REPLACE] AGGREGATE: `name (args) (options)`, or the old `name (BASETYPE = …, …)`.
    pub(super) fn create_aggregate(&mut self, or_replace: bool) -> Read<()> {
        let name = self.function_name()?;
        let mut function = CreateFunction {
            name,
            kind: FunctionKind::Aggregate,
            or_replace,
            arguments: Vec::new(),
            returns: None,
            returns_table: Vec::new(),
            attributes: FunctionAttributes::default(),
            body: None,
            library: None,
            runs: Vec::new(),
        };
        let result = self.aggregate_body(&mut function);
        self.emit(OperationKind::CreateFunction(Box::new(function)));
        result
    }

    fn aggregate_body(&mut self, function: &mut CreateFunction) -> Read<()> {
        let close = self.closing(self.pos);
        let two_groups = close.and_then(|c| self.tokens.get(c + 1)).is_some_and(|t| t.kind == TokenKind::LeftParen);
        if two_groups {
            function.arguments = self.arguments()?;
        }
        self.group("`(` and options", |p| {
            p.each("an option", |p| {
                let name = p.label("an option")?;
                if !p.eat_operator("=") {
                    return Ok(());
                }
                if name.text.eq_ignore_ascii_case("basetype") && !p.is("ANY") && !p.at_string() {
                    let data_type = p.data_type()?;
                    let span = data_type.span;
                    function.arguments.push(FunctionArgument {
                        mode: ArgumentMode::In,
                        name: None,
                        data_type,
                        default: None,
                        span,
                    });
                } else if name.text.eq_ignore_ascii_case("parallel") {
                    function.attributes.parallel = Some(p.label("`SAFE`, `RESTRICTED` or `UNSAFE`")?.fold());
                } else if AGGREGATE_FUNCTIONS.iter().any(|option| name.text.eq_ignore_ascii_case(option))
                    && matches!(p.kind(), TokenKind::Word | TokenKind::Quoted)
                {
                    function.runs.push(p.function_name()?);
                } else {
                    p.rest("a value")?;
                }
                Ok(())
            });
        })?;
        self.finish("the end of the statement");
        Ok(())
    }

    /// Behind ALTER FUNCTION, PROCEDURE, ROUTINE and the object: attributes.
    pub(super) fn alter_function(&mut self, target: ObjectRef) -> Read<()> {
        let mut attributes = FunctionAttributes::default();
        let mut result = Ok(());
        while !self.at_end() && result.is_ok() {
            result = match self.function_attribute(&mut attributes) {
                Ok(true) => Ok(()),
                Ok(false) if self.eat("RESTRICT") => Ok(()),
                Ok(false) => Err(self.expected("an attribute of the function")),
                Err(broken) => Err(broken),
            };
        }
        self.emit(OperationKind::AlterFunction { target, attributes });
        result
    }
}
