//! The cursor that all statement readers share: looking ahead, taking tokens, names, lists that survive a broken element, problems.

use smol_str::SmolStr;

use super::do_block::Asked;
use super::lexer::{Decoded, Piece, Token, TokenKind, decode_quoted, decode_string};
use crate::expr::Expr;
use crate::keywords::{Category, category};
use crate::name::{Ident, QualifiedName};
use crate::operation::{Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::source::{FileId, Mapped, Span, placeholder};

/// The element cannot be read; the problem is noted already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

/// What reading an element gives.
pub(super) type Read<T> = Result<T, Broken>;

/// Adds an element to a list that mostly has one or two. What a vector reserves by itself, four at once, would be most of what the operations
/// of a large dump hold.
pub(super) fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() && list.len() < 4 {
        list.reserve_exact(1);
    }
    list.push(item);
}

/// Where a text stands in a file: straight, or inside a string of another text.
#[derive(Debug)]
pub(super) enum Place<'p> {
    /// The text stands in the file at this offset.
    File(FileId, u32),
    /// The text is what a string of the outer text stands for.
    String(&'p Place<'p>, &'p Decoded<'p>),
    /// The text was put together by a program; what follows from nothing stands at the span.
    Mapped(&'p Mapped, Span),
}

impl Place<'_> {
    /// The span of the text's bytes from `start` up to, not including, `end`.
    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        match self {
            Self::File(file, offset) => Span::new(*file, offset.saturating_add(start), offset.saturating_add(end)),
            Self::String(outer, decoded) => {
                let from = decoded.source(start);
                let to = if end > start { decoded.source_end(end) } else { from };
                outer.span(from, to.max(from))
            }
            Self::Mapped(text, whole) => text.span(start, end).unwrap_or(*whole),
        }
    }
}

/// A statement being read: a range of tokens, and what was found in it.
pub(super) struct Parser<'a> {
    pub(super) src: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) pos: usize,
    pub(super) end: usize,
    pub(super) place: &'a Place<'a>,
    pub(super) problems: Vec<Problem>,
    pub(super) operations: Vec<Operation>,
    /// The statement's span, for its operations.
    pub(super) statement: Span,
    /// Depth of strings inside strings (EXECUTE in DO): bounded.
    pub(super) depth: u32,
    /// Whether an unfilled placeholder was reported.
    pub(super) placeholder_noted: bool,
    /// What the catalogue says where the statement stands, where somebody knows.
    pub(super) catalogue: Option<Asked<'a>>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(src: &'a str, tokens: &'a [Token], place: &'a Place<'a>) -> Self {
        let mut parser = Self {
            src,
            tokens,
            pos: 0,
            end: tokens.len(),
            place,
            problems: Vec::new(),
            operations: Vec::new(),
            statement: Span::default(),
            depth: 0,
            placeholder_noted: false,
            catalogue: None,
        };
        parser.statement = parser.span_of(0, tokens.len());
        parser
    }

    // Looking ahead.

    /// The token `n` ahead; of kind `End` past the end.
    pub(super) fn peek_at(&self, n: usize) -> Token {
        let index = self.pos + n;
        match self.tokens.get(index) {
            Some(token) if index < self.end => *token,
            _ => self.end_token(),
        }
    }

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    /// A token without length behind the last one.
    fn end_token(&self) -> Token {
        let at = match self.end.checked_sub(1).and_then(|last| self.tokens.get(last)) {
            Some(last) => last.end,
            None => self.tokens.get(self.end).map_or(0, |next| next.start),
        };
        Token { kind: TokenKind::End, start: at, end: at }
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.peek().kind
    }

    pub(super) fn kind_at(&self, n: usize) -> TokenKind {
        self.peek_at(n).kind
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.end
    }

    pub(super) fn text(&self, token: Token) -> &'a str {
        self.src.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// Whether the token `n` ahead is this key word.
    pub(super) fn is_at(&self, n: usize, word: &str) -> bool {
        let token = self.peek_at(n);
        token.kind == TokenKind::Word && token.len() == word.len() && self.text(token).eq_ignore_ascii_case(word)
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    /// Whether the next token is one of these key words.
    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Word && {
            let text = self.text(token).as_bytes();
            words.iter().any(|word| text.len() == word.len() && text.eq_ignore_ascii_case(word.as_bytes()))
        }
    }

    /// Whether these key words come next.
    pub(super) fn are(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| self.is_at(n, word))
    }

    pub(super) fn is_operator(&self, operator: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Operator && self.text(token) == operator
    }

    // Taking.

    pub(super) fn bump(&mut self) -> Token {
        let token = self.peek();
        if self.pos < self.end {
            self.pos += 1;
        }
        token
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.pos += usize::from(found);
        found
    }

    /// Takes all of these key words or none.
    pub(super) fn eat_all(&mut self, words: &[&str]) -> bool {
        let found = self.are(words);
        if found {
            self.pos += words.len();
        }
        found
    }

    pub(super) fn eat_kind(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind && kind != TokenKind::End;
        self.pos += usize::from(found);
        found
    }

    pub(super) fn eat_operator(&mut self, operator: &str) -> bool {
        let found = self.is_operator(operator);
        self.pos += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Read<()> {
        if self.eat(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    pub(super) fn expect_kind(&mut self, kind: TokenKind, what: &str) -> Read<()> {
        if self.eat_kind(kind) { Ok(()) } else { Err(self.expected(what)) }
    }

    // Problems.

    pub(super) fn problem(&mut self, kind: ProblemKind, message: String, span: Span) {
        // One problem at a place is enough: what follows from it says nothing new.
        if !self.problems.last().is_some_and(|last| last.kind == kind && last.span == Some(span)) {
            self.problems.push(Problem { kind, message, span: Some(span) });
        }
    }

    /// Notes a syntax error at the next token.
    pub(super) fn expected(&mut self, what: &str) -> Broken {
        let mut token = self.peek();
        if token.kind == TokenKind::End
            && let Some(next) = self.tokens.get(self.end).filter(|next| next.kind != TokenKind::Semicolon)
        {
            // The end of an element: what ends it stands here.
            token = *next;
        }
        let message = if token.kind == TokenKind::End {
            format!("Expected {what}, but the statement ends here.")
        } else {
            format!("Expected {what}, but {} stands here.", shown(self.text(token)))
        };
        let span = self.span(token);
        self.problem(ProblemKind::SyntaxError, message, span);
        Broken
    }

    /// Notes a problem if anything is left.
    pub(super) fn finish(&mut self, what: &str) {
        if !self.at_end() {
            self.expected(what);
            self.pos = self.end;
        }
    }

    pub(super) fn emit(&mut self, kind: OperationKind) {
        let operation = Operation { kind, span: self.statement, guards: Box::default(), tolerates: Box::default() };
        push(&mut self.operations, operation);
    }

    // Spans.

    pub(super) fn span(&self, token: Token) -> Span {
        self.place.span(token.start, token.end)
    }

    /// The span of the tokens from index `from` up to, not including, `to`.
    pub(super) fn span_of(&self, from: usize, to: usize) -> Span {
        let (start, end) = self.bytes_of(from, to);
        self.place.span(start, end)
    }

    /// The span from the token at index `from` to the last one taken.
    pub(super) fn span_from(&self, from: usize) -> Span {
        self.span_of(from, self.pos)
    }

    fn bytes_of(&self, from: usize, to: usize) -> (u32, u32) {
        let last = to.checked_sub(1).and_then(|last| self.tokens.get(last));
        match (self.tokens.get(from), last) {
            (Some(first), Some(last)) if from < to => (first.start, last.end),
            (Some(first), _) => (first.start, first.start),
            (None, _) => (self.end_token().start, self.end_token().start),
        }
    }

    /// The source text of tokens.
    pub(super) fn text_of(&self, from: usize, to: usize) -> &'a str {
        let (start, end) = self.bytes_of(from, to);
        self.src.get(start as usize..end as usize).unwrap_or_default()
    }

    /// An expression made of tokens.
    pub(super) fn expr_of(&self, from: usize, to: usize) -> Expr {
        Expr::new(self.text_of(from, to), self.span_of(from, to))
    }

    /// Everything that is left, as an expression.
    pub(super) fn rest(&mut self, what: &str) -> Read<Expr> {
        if self.at_end() {
            return Err(self.expected(what));
        }
        let expr = self.expr_of(self.pos, self.end);
        self.pos = self.end;
        Ok(expr)
    }

    // Groups and lists.

    /// The index of the parenthesis or bracket that closes the one at index `open`.
    pub(super) fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0u32;
        for (index, token) in self.tokens.get(open..self.end)?.iter().enumerate() {
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(open + index);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Reads within the parentheses that come next. What is left in them is a problem; what is behind them is read on.
    pub(super) fn group<T>(&mut self, what: &str, read: impl FnOnce(&mut Self) -> T) -> Read<T> {
        if self.kind() != TokenKind::LeftParen {
            return Err(self.expected(what));
        }
        let close = self.close_or_report();
        let outer = std::mem::replace(&mut self.end, close);
        self.pos += 1;
        let problems = self.problems.len();
        let value = read(self);
        if !self.at_end() && self.problems.len() == problems {
            self.expected("`,` or `)`");
        }
        self.end = outer;
        self.pos = (close + 1).min(outer);
        Ok(value)
    }

    /// The closing parenthesis of the one that comes next; the end, with a problem, if there is none.
    fn close_or_report(&mut self) -> usize {
        if let Some(close) = self.closing(self.pos) {
            return close;
        }
        let span = self.span(self.peek());
        self.problem(ProblemKind::SyntaxError, "This `(` is never closed.".to_owned(), span);
        self.end
    }

    /// Skips the group in parentheses or brackets that comes next.
    pub(super) fn skip_group(&mut self) -> Read<()> {
        match self.closing(self.pos) {
            Some(close) => {
                self.pos = close + 1;
                Ok(())
            }
            None => {
                let span = self.span(self.peek());
                let open = self.text(self.peek());
                self.problem(ProblemKind::SyntaxError, format!("This `{open}` is never closed."), span);
                Err(Broken)
            }
        }
    }

    /// The index of the next comma outside parentheses, or the end.
    pub(super) fn next_comma(&self) -> usize {
        let mut depth = 0u32;
        for (index, token) in self.tokens.get(self.pos..self.end).unwrap_or_default().iter().enumerate() {
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Comma if depth == 0 => return self.pos + index,
                _ => {}
            }
        }
        self.end
    }

    /// Reads each of the elements that commas separate, up to the end. A broken element does not harm the others; what is left of an
    /// element is a problem.
    pub(super) fn each(&mut self, what: &str, mut read: impl FnMut(&mut Self) -> Read<()>) {
        loop {
            let comma = self.next_comma();
            let outer = std::mem::replace(&mut self.end, comma);
            if self.at_end() {
                self.end = outer;
                self.expected(what);
            } else {
                let problems = self.problems.len();
                let result = read(self);
                if result.is_ok() && !self.at_end() && self.problems.len() == problems {
                    self.expected("`,` or the end of the list");
                }
                self.end = outer;
            }
            self.pos = comma;
            if !self.eat_kind(TokenKind::Comma) {
                return;
            }
        }
    }

    /// Elements separated by commas, as many as follow.
    pub(super) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = vec![read(self)?];
        while self.eat_kind(TokenKind::Comma) {
            push(&mut items, read(self)?);
        }
        Ok(items)
    }

    /// A group of column names: `(a, b)`.
    pub(super) fn column_list(&mut self) -> Read<Vec<Ident>> {
        let mut columns = Vec::new();
        self.group("`(` and column names", |p| {
            p.each("a column name", |p| {
                push(&mut columns, p.column_name()?);
                Ok(())
            });
        })?;
        Ok(columns)
    }

    /// A group of column names if one follows.
    pub(super) fn optional_column_list(&mut self) -> Read<Vec<Ident>> {
        if self.kind() == TokenKind::LeftParen { self.column_list() } else { Ok(Vec::new()) }
    }

    // Names.

    /// A name of a column, table, constraint … : anything but words that are reserved there (ColId of the grammar).
    pub(super) fn identifier(&mut self, what: &str) -> Read<Ident> {
        self.ident_if(what, |c| matches!(c, Category::Free | Category::ColumnName))
    }

    pub(super) fn column_name(&mut self) -> Read<Ident> {
        self.identifier("a column name")
    }

    /// A name of a type, function or language.
    pub(super) fn type_or_function_name(&mut self, what: &str) -> Read<Ident> {
        self.ident_if(what, |c| matches!(c, Category::Free | Category::TypeOrFunction))
    }

    /// Any word at all (ColLabel).
    pub(super) fn label(&mut self, what: &str) -> Read<Ident> {
        self.ident_if(what, |_| true)
    }

    /// Any word that is not fully reserved.
    pub(super) fn nonreserved(&mut self, what: &str) -> Read<Ident> {
        self.ident_if(what, |c| c != Category::Reserved)
    }

    /// A role: a name, or CURRENT_USER and the like.
    pub(super) fn role(&mut self) -> Read<Ident> {
        if self.is_any(&["CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"]) {
            return self.label("a role");
        }
        self.nonreserved("a role")
    }

    fn ident_if(&mut self, what: &str, allowed: fn(Category) -> bool) -> Read<Ident> {
        let token = self.peek();
        match token.kind {
            TokenKind::Word if !self.placeholder_follows(token) => {
                let text = self.text(token);
                if !allowed(category(text)) {
                    if self.pos + 1 < self.end && category(text) == Category::Reserved {
                        let message = format!(
                            "Expected {what}, but `{text}` stands here. It is a reserved word: as a name it needs double quotes."
                        );
                        let span = self.span(token);
                        self.problem(ProblemKind::SyntaxError, message, span);
                        return Err(Broken);
                    }
                    return Err(self.expected(what));
                }
                self.pos += 1;
                Ok(Ident { text: SmolStr::new(text), quoted: false, span: self.span(token) })
            }
            TokenKind::Word | TokenKind::Placeholder => Ok(self.template_name()),
            TokenKind::Quoted | TokenKind::UnicodeQuoted => {
                self.pos += 1;
                let escape = if token.kind == TokenKind::UnicodeQuoted { self.uescape() } else { '\\' };
                let text = SmolStr::new(decode_quoted(self.text(token), escape));
                if text.is_empty() {
                    let span = self.span(token);
                    self.problem(ProblemKind::SyntaxError, "A name in quotes must not be empty.".to_owned(), span);
                    return Err(Broken);
                }
                if text.starts_with("{{") || text.starts_with("${") {
                    self.note_placeholder(&text, self.span(token));
                }
                Ok(Ident { text, quoted: true, span: self.span(token) })
            }
            _ => Err(self.expected(what)),
        }
    }

    /// Whether a placeholder follows without white space, so that both are one name.
    fn placeholder_follows(&self, token: Token) -> bool {
        let next = self.peek_at(1);
        next.kind == TokenKind::Placeholder && next.start == token.end
    }

    /// A name made of placeholders and words without white space between them.
    fn template_name(&mut self) -> Ident {
        let from = self.pos;
        let mut last = self.bump();
        while matches!(self.kind(), TokenKind::Placeholder | TokenKind::Word | TokenKind::Number)
            && self.peek().start == last.end
        {
            last = self.bump();
        }
        let span = self.span_from(from);
        let text = self.text_of(from, self.pos);
        self.note_placeholder(text, span);
        Ident { text: SmolStr::new(text), quoted: false, span }
    }

    /// Says once a statement that a name is a placeholder.
    fn note_placeholder(&mut self, text: &str, span: Span) {
        if !self.placeholder_noted {
            self.placeholder_noted = true;
            let name = placeholder::name_of(text).unwrap_or("NAME");
            let quote = if name.contains(char::is_whitespace) { "'" } else { "" };
            let message = format!(
                "`{}` is a placeholder that has no value here; it is taken for a name. `--define {quote}{}=VALUE{quote}` gives it one.",
                excerpt(text),
                excerpt(name)
            );
            self.problem(ProblemKind::UnfilledPlaceholder, message, span);
        }
    }

    /// UESCAPE 'c' behind a U& string or name.
    fn uescape(&mut self) -> char {
        if self.is("UESCAPE") && self.kind_at(1) == TokenKind::String {
            self.pos += 1;
            let token = self.bump();
            return decode_string(self.text(token), token.start, '\\').text.chars().next().unwrap_or('\\');
        }
        '\\'
    }

    /// A name with an optional schema; a database part in front is read and dropped.
    pub(super) fn qualified(&mut self, what: &str) -> Read<QualifiedName> {
        let first = self.identifier(what)?;
        self.qualified_from(first)
    }

    /// The rest of a qualified name of which the first part was read.
    pub(super) fn qualified_from(&mut self, first: Ident) -> Read<QualifiedName> {
        let mut schema = None;
        let mut name = first;
        while self.kind() == TokenKind::Dot {
            self.pos += 1;
            schema = Some(std::mem::replace(&mut name, self.label("a name")?));
        }
        Ok(QualifiedName { schema, name })
    }

    pub(super) fn table_name(&mut self) -> Read<QualifiedName> {
        self.qualified("a table name")
    }

    /// The name of a function: also words that cannot name a column.
    pub(super) fn function_name(&mut self) -> Read<QualifiedName> {
        let first = self.nonreserved("a function name")?;
        self.qualified_from(first)
    }

    /// `[ONLY] name [*]`: whether ONLY stood there, and the name.
    pub(super) fn relation(&mut self) -> Read<(bool, QualifiedName)> {
        let only = self.eat("ONLY");
        if only && self.kind() == TokenKind::LeftParen {
            let name = self.group("a table name", |p| p.table_name())??;
            return Ok((true, name));
        }
        let name = self.table_name()?;
        self.eat_operator("*");
        Ok((only, name))
    }

    pub(super) fn if_exists(&mut self) -> bool {
        self.eat_all(&["IF", "EXISTS"])
    }

    pub(super) fn if_not_exists(&mut self) -> bool {
        self.eat_all(&["IF", "NOT", "EXISTS"])
    }

    /// IF NOT EXISTS where PostgreSQL takes none: a problem; what stands behind it is read.
    pub(super) fn no_if_not_exists(&mut self, what: &str) {
        let from = self.pos;
        if self.if_not_exists() {
            let span = self.span_from(from);
            let message = format!("PostgreSQL takes no `IF NOT EXISTS` with {what}; it refuses this statement.");
            self.problem(ProblemKind::SyntaxError, message, span);
        }
    }

    /// CASCADE or RESTRICT: whether CASCADE stood there.
    pub(super) fn cascade(&mut self) -> bool {
        let cascade = self.eat("CASCADE");
        if !cascade {
            self.eat("RESTRICT");
        }
        cascade
    }

    // Values.

    pub(super) fn at_string(&self) -> bool {
        matches!(self.kind(), TokenKind::String | TokenKind::DollarString)
    }

    /// A string with its quotes undone, and its token.
    pub(super) fn string(&mut self, what: &str) -> Read<(Decoded<'a>, Token)> {
        let token = self.peek();
        match token.kind {
            TokenKind::String | TokenKind::DollarString => {
                self.pos += 1;
                let text = self.text(token);
                let unicode = text.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("u&"));
                let escape = if unicode { self.uescape() } else { '\\' };
                Ok((decode_string(text, token.start, escape), token))
            }
            // A psql variable or template value in the place of a string.
            TokenKind::Placeholder => {
                self.pos += 1;
                let text = self.text(token);
                Ok((Decoded { text: text.into(), pieces: vec![Piece::new(0, token.start)] }, token))
            }
            _ => Err(self.expected(what)),
        }
    }

    pub(super) fn string_text(&mut self, what: &str) -> Read<String> {
        Ok(self.string(what)?.0.text.into_owned())
    }

    /// An integer, with sign.
    pub(super) fn integer(&mut self) -> Read<i64> {
        let from = self.pos;
        let negative = self.eat_operator("-");
        if !negative {
            self.eat_operator("+");
        }
        let token = self.peek();
        if token.kind != TokenKind::Number {
            return Err(self.expected("a number"));
        }
        self.pos += 1;
        let digits: i128 = self.text(token).replace('_', "").parse().unwrap_or(i128::MAX);
        let value = if negative { digits.checked_neg().unwrap_or(i128::MIN) } else { digits };
        i64::try_from(value).map_err(|_| {
            let text = excerpt(self.text_of(from, self.pos));
            let span = self.span_from(from);
            self.problem(ProblemKind::SyntaxError, format!("`{text}` is not an integer of 64 bits."), span);
            Broken
        })
    }

    /// Parameters in parentheses: `(fillfactor = 70, toast.autovacuum_enabled)`. String quotes are undone; a name without value is `true`.
    pub(super) fn parameters(&mut self) -> Read<Vec<(SmolStr, String)>> {
        let mut parameters = Vec::new();
        self.group("`(` and parameters", |p| {
            if p.at_end() {
                return;
            }
            p.each("a parameter", |p| {
                let name = p.parameter_name()?;
                let value = if p.eat_operator("=") { p.parameter_value()? } else { "true".to_owned() };
                push(&mut parameters, (name, value));
                Ok(())
            });
        })?;
        Ok(parameters)
    }

    /// `name` or `namespace.name`.
    pub(super) fn parameter_name(&mut self) -> Read<SmolStr> {
        let first = self.label("a parameter name")?;
        if self.eat_kind(TokenKind::Dot) {
            let second = self.label("a parameter name")?;
            return Ok(format!("{}.{}", first.text, second.text).into());
        }
        Ok(first.text)
    }

    /// What is left of the element; one string alone without its quotes.
    pub(super) fn parameter_value(&mut self) -> Read<String> {
        if self.at_end() {
            return Err(self.expected("a value"));
        }
        if self.at_string() && self.pos + 1 == self.end {
            return self.string_text("a value");
        }
        // A type or a name, any key word, an operator, a number: what `def_arg` of the grammar allows.
        let from = self.pos;
        if self.try_type().is_none() {
            if self.at_operator_call() {
                self.pos += 1;
                self.skip_group()?;
            } else if self.kind() == TokenKind::Operator {
                self.pos += 1;
                self.eat_kind(TokenKind::Number);
            } else if matches!(self.kind(), TokenKind::Word | TokenKind::Number | TokenKind::Placeholder) {
                self.pos += 1;
            } else {
                return Err(self.expected("a value"));
            }
        }
        Ok(self.text_of(from, self.pos).to_owned())
    }
}

/// A token in a message: in backticks, unless it has its own.
fn shown(text: &str) -> String {
    let text = excerpt(text);
    if text.contains('`') { text.to_owned() } else { format!("`{text}`") }
}

/// What a message shows of a token: not more than a line of it.
pub(super) fn excerpt(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    crate::name::truncate(line, 60)
}
