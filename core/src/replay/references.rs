//! What the names in an expression or query mean: a scan of its tokens with the scopes of its SELECTs.
//!
//! PostgreSQL stores parsed expressions, so that they follow renames and hold dependencies. This scan finds the same references without
//! a full parse: relations stand where the grammar puts them (FROM, JOIN, INTO …), columns are found by name among the relations in
//! scope, functions stand before a parenthesis, types behind `::` and in CAST.

mod calls;
mod columns;
mod from;
pub(super) mod grouping;
mod operators;
mod outputs;
mod types;
mod typing;
mod words;

use self::words::*;
use super::Replayer;
use crate::expr::Expr;
use crate::keywords::{Category, category, needs_quotes};
use crate::name::{Ident, Name, truncate};
use crate::order::Order;
use crate::read::ddl::lexer::{Token, TokenKind, lex};
use crate::schema::{
    BaseType, ColumnNumber, DataType, FunctionId, ObjectId, Reference, RelationId, StoredExpr, TableId,
};
use crate::source::Span;

/// Expressions longer than this many tokens are cut: their tail holds no references.
const TOKEN_LIMIT: usize = 500_000;

/// Nested parentheses that the search for an output's name looks into.
const NAME_DEPTH: u8 = 16;

/// How many tokens an expression may have whose row's field is taken.
const ROW_LENGTH: usize = 64;

/// What an expression can name without a FROM clause.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    /// Nothing.
    Nothing,
    /// The columns of a table or view.
    Relation(RelationId),
    /// `NEW` and `OLD`, rows of a table or view: triggers and rules.
    NewAndOld(RelationId),
}

/// What a scan found.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The expression with its references.
    pub(super) expr: StoredExpr,
    /// The first relation or column that certainly does not exist.
    pub(super) missing: Option<Missing>,
    /// The output columns of a query, where all of them can be told.
    pub(super) outputs: Option<Vec<Output>>,
    /// Whether a query does more than to give rows: INTO, or a WITH that writes.
    pub(super) writes: Option<&'static str>,
}

/// A name that means nothing.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) sqlstate: &'static str,
    pub(super) message: String,
    pub(super) span: Span,
}

/// An output column of a query.
#[derive(Clone, Debug)]
pub(super) struct Output {
    /// Its name.
    pub(super) name: Name,
    /// Its type where it can be told.
    pub(super) data_type: Option<DataType>,
    /// The collation that it has from a column, if that has another than its type.
    pub(super) collation: Option<Name>,
}

impl Replayer {
    /// Resolves the names of an expression.
    pub(super) fn scan(&self, expr: &Expr, scope: Scope) -> StoredExpr {
        self.scan_fully(expr, scope, false).expr
    }

    /// Resolves the names of an expression or, with `outputs`, of a query whose columns are wanted.
    pub(super) fn scan_fully(&self, expr: &Expr, scope: Scope, outputs: bool) -> Scanned {
        if !outputs && is_plain_constant(&expr.text) {
            return Scanned { expr: StoredExpr { source: expr.clone(), references: Vec::new() }, ..Scanned::default() };
        }
        let mut scanner = Scanner::new(self, expr);
        let relations = base_relations(self, scope);
        scanner.frames.push(Frame {
            depth: 0,
            relations,
            ctes: Vec::new(),
            outputs: Vec::new(),
            base: true,
            query: false,
            tail: false,
        });
        scanner.walk();
        let outputs = if outputs { scanner.outputs() } else { None };
        let uneven = if outputs.is_some() { scanner.uneven_branches() } else { None };
        let is_query = scanner.main.is_some() && !self.described;
        let missing = scanner.first_missing().or(uneven).or_else(|| if is_query { scanner.ungrouped() } else { None });
        let mut references = scanner.references;
        references.order_by_key(|r| (r.start, r.end, r.target));
        references.dedup();
        references.shrink_to_fit();
        Scanned { expr: StoredExpr { source: expr.clone(), references }, missing, outputs, writes: scanner.writes }
    }

    /// The type of an expression over a relation's row, where it can be told.
    pub(super) fn type_of_expression(&self, expr: &Expr, owner: RelationId) -> Option<DataType> {
        let scanner = Scanner::new(self, expr);
        scanner.type_of(0, scanner.tokens.len(), &base_relations(self, Scope::Relation(owner)), 0)
    }

    /// The columns of `table` that an expression reads, in order of their numbers.
    pub(super) fn columns_read(expr: &StoredExpr, table: TableId) -> Vec<ColumnNumber> {
        let mut columns: Vec<ColumnNumber> = expr
            .references
            .iter()
            .filter_map(|r| match r.target {
                ObjectId::Column(t, c) if t == table => Some(c),
                _ => None,
            })
            .collect();
        columns.order();
        columns.dedup();
        columns
    }

    /// Whether an expression reads a table's row as a whole.
    pub(super) fn reads_row(expr: &StoredExpr, table: TableId) -> bool {
        expr.references.iter().any(|r| {
            let after = expr.source.text.get(r.end as usize..).unwrap_or_default();
            r.target == ObjectId::Table(table) && r.end > r.start && !after.trim_start().starts_with('.')
        })
    }

    /// Notes that `who` depends on what an expression refers to.
    pub(super) fn note_references(&mut self, who: ObjectId, expr: &StoredExpr) {
        let mut last = None;
        for reference in &expr.references {
            let on = match reference.target {
                ObjectId::Column(table, _) => ObjectId::Table(table),
                other => other,
            };
            if last != Some(on) {
                self.schema.note_dependent(on, who);
                last = Some(on);
            }
        }
    }

    /// The function that a call means: by name, the number of its arguments, and the search path.
    pub(super) fn find_function_call(
        &self,
        schema: Option<&Name>,
        name: &Name,
        arguments: Option<usize>,
    ) -> Option<FunctionId> {
        let in_namespace = |namespace| {
            let all = self.schema.find_functions(namespace, name);
            all.iter()
                .copied()
                .find(|id| {
                    let (Some(function), Some(count)) = (self.schema.functions.get(*id), arguments) else {
                        return true;
                    };
                    let inputs = function.input_arguments().count();
                    let required = function.input_arguments().filter(|a| a.default.is_none()).count();
                    let variadic =
                        function.arguments.iter().any(|a| a.mode == crate::operation::ArgumentMode::Variadic);
                    (required <= count && count <= inputs) || (variadic && count + 1 >= required)
                })
                .or_else(|| all.first().copied())
        };
        match schema {
            Some(schema) => in_namespace(self.schema.find_namespace(schema)?),
            None => self.search_path().iter().find_map(|ns| in_namespace(*ns)),
        }
    }
}

/// Types of `pg_catalog` that pg_dump casts defaults to; nothing of the input can hide them.
const CAST_TYPES: &[&str] = &[
    "bigint",
    "boolean",
    "character varying",
    "date",
    "inet",
    "integer",
    "interval",
    "json",
    "jsonb",
    "numeric",
    "text",
    "text[]",
    "uuid",
];

/// Whether an expression is a constant as most defaults are, which names nothing: a number, TRUE, FALSE, NULL, or a string with a cast to a
/// type of the server.
fn is_plain_constant(text: &str) -> bool {
    if let Some((string, rest)) = text.strip_prefix('\'').and_then(|t| t.split_once('\'')) {
        return !string.contains('\\') && rest.strip_prefix("::").is_some_and(|cast| CAST_TYPES.contains(&cast));
    }
    text.bytes().all(|b| b.is_ascii_digit())
        || ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// How many bytes the longest of the key words has that mean something between expressions.
const KEY_WORD: usize = 9;

/// A word in lower case; empty where it is longer than any such key word.
fn lower_key_word<'b>(word: &str, folded: &'b mut [u8; KEY_WORD]) -> &'b str {
    let Some(folded) = folded.get_mut(..word.len()) else { return "" };
    folded.copy_from_slice(word.as_bytes());
    folded.make_ascii_lowercase();
    std::str::from_utf8(folded).unwrap_or_default()
}

/// Splits a range of tokens at its commas, where `close` is what [`matching`] says of them.
fn split(tokens: &[Token], close: &[usize], from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut start, mut at) = (from, from);
    while at < to {
        match tokens.get(at).map(|t| t.kind) {
            Some(TokenKind::LeftParen | TokenKind::LeftBracket) => at = close.get(at).copied().unwrap_or(at),
            Some(TokenKind::Comma) => {
                out.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push((start, to));
    out
}

/// For each opening parenthesis or bracket the place of its partner; for everything else its own place.
fn matching(tokens: &[Token]) -> Vec<usize> {
    let mut close: Vec<usize> = (0..tokens.len()).collect();
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket => open.push(at),
            TokenKind::RightParen | TokenKind::RightBracket => {
                if let Some(start) = open.pop()
                    && let Some(slot) = close.get_mut(start)
                {
                    *slot = at;
                }
            }
            _ => {}
        }
    }
    for start in open {
        if let Some(slot) = close.get_mut(start) {
            *slot = tokens.len();
        }
    }
    close
}

/// The same the other way round.
fn partners(close: &[usize]) -> Vec<usize> {
    let mut open: Vec<usize> = (0..close.len()).collect();
    for (at, partner) in close.iter().enumerate().filter(|(at, partner)| at != *partner) {
        if let Some(slot) = open.get_mut(*partner) {
            *slot = at;
        }
    }
    open
}

fn base_relations(replayer: &Replayer, scope: Scope) -> Vec<InScope> {
    let named = |alias: &str, relation| InScope {
        alias: alias.into(),
        relation: Some(relation),
        implied: false,
        given: Vec::new(),
        join: Join::None,
    };
    match scope {
        Scope::Nothing => Vec::new(),
        Scope::Relation(relation) => {
            let alias = replayer.relation_name(relation);
            vec![InScope { alias, relation: Some(relation), implied: true, given: Vec::new(), join: Join::None }]
        }
        Scope::NewAndOld(relation) => vec![named("new", relation), named("old", relation)],
    }
}

/// The relations that a SELECT sees.
#[derive(Debug)]
struct Frame {
    /// Number of open parentheses around it.
    depth: usize,
    relations: Vec<InScope>,
    /// The queries of a WITH, each with the token from which on it is in sight: without RECURSIVE the end of its own text.
    ctes: Vec<(Name, usize)>,
    /// What some of them give.
    outputs: Vec<(Name, Vec<Output>)>,
    /// What the expression can name from outside.
    base: bool,
    /// Whether they are those of a SELECT's FROM.
    query: bool,
    /// Whether GROUP BY or ORDER BY has begun, where a bare name may be an output.
    tail: bool,
}

/// A relation in scope.
#[derive(Clone, Debug)]
struct InScope {
    alias: Name,
    /// `None` for subqueries, table functions and WITH queries: their columns are not known.
    relation: Option<RelationId>,
    /// Whether the alias is the relation's own name.
    implied: bool,
    /// The columns of what is no relation, where they can be told: those of `generate_series`, of a subquery, of a WITH query.
    given: Vec<(Name, Option<DataType>)>,
    /// How it is joined to those before it.
    join: Join,
}

/// How a FROM item is joined to those before it, as far as the columns of `*` go.
#[derive(Clone, Debug, Default)]
enum Join {
    /// A FROM item of its own.
    #[default]
    None,
    /// CROSS JOIN, and JOIN … ON.
    Plain,
    /// JOIN … USING: these columns stand once, before the others. Source: PostgreSQL manual, 7.2.1.1 "Joined Tables".
    Using(Vec<Name>),
    /// NATURAL JOIN: USING with all names that both sides have.
    Natural,
    /// The right side of a join that itself stands on the right of another: `a JOIN b JOIN c USING (x) ON …`. Which columns its `*` has is not
    /// followed.
    Nested,
}

impl Join {
    /// Whether it makes one column of those of this name.
    fn merges(&self, name: &Name) -> bool {
        match self {
            Self::None | Self::Plain => false,
            Self::Using(names) => names.contains(name),
            Self::Natural | Self::Nested => true,
        }
    }
}

struct Scanner<'a> {
    replayer: &'a Replayer,
    text: &'a str,
    span: Span,
    tokens: Vec<Token>,
    close: Vec<usize>,
    /// For each closing parenthesis or bracket the place of its partner; for everything else its own place.
    open: Vec<usize>,
    /// Tokens that were read as part of a FROM clause.
    skip: Vec<bool>,
    references: Vec<Reference>,
    frames: Vec<Frame>,
    missing: Option<Missing>,
    missing_call: Option<calls::MissingCall>,
    /// The first name that columns of several relations have, if nothing that is missing stands before it.
    ambiguous: Option<Missing>,
    writes: Option<&'static str>,
    /// The SELECT or VALUES whose outputs the whole query has, with its relations.
    main: Option<(usize, Vec<InScope>)>,
    /// The SELECTs behind UNION, INTERSECT and EXCEPT in order, with their relations.
    branches: Vec<(usize, Vec<InScope>)>,
    /// Names of whole joins: `(a JOIN b …) AS j`, `a JOIN b USING (x) AS j`.
    join_aliases: Vec<Name>,
    /// How many queries in queries are read ahead.
    ahead: u8,
}

impl<'a> Scanner<'a> {
    fn new(replayer: &'a Replayer, expr: &'a Expr) -> Self {
        let tokens = tokens(expr);
        let close = matching(&tokens);
        Self {
            replayer,
            text: &expr.text,
            span: expr.span,
            open: partners(&close),
            close,
            skip: vec![false; tokens.len()],
            tokens,
            references: Vec::new(),
            frames: Vec::new(),
            missing: None,
            missing_call: None,
            ambiguous: None,
            writes: None,
            main: None,
            branches: Vec::new(),
            join_aliases: Vec::new(),
            ahead: 0,
        }
    }

    fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |t| t.kind)
    }

    fn raw(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|t| self.text.get(t.start as usize..t.end as usize)).unwrap_or_default()
    }

    /// Whether the token is this key word.
    fn is(&self, at: usize, word: &str) -> bool {
        self.kind(at) == TokenKind::Word && self.raw(at).eq_ignore_ascii_case(word)
    }

    fn is_any(&self, at: usize, words: &[&str]) -> bool {
        if self.kind(at) != TokenKind::Word {
            return false;
        }
        let word = self.raw(at);
        words.iter().any(|w| word.eq_ignore_ascii_case(w))
    }

    fn is_name(&self, at: usize) -> bool {
        matches!(self.kind(at), TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted | TokenKind::Placeholder)
    }

    /// A name that is no reserved word.
    fn is_free_name(&self, at: usize) -> bool {
        match self.kind(at) {
            TokenKind::Word => {
                let word = self.raw(at);
                category(word) == Category::Free || COLUMN_NAME_WORDS.iter().any(|w| word.eq_ignore_ascii_case(w))
            }
            TokenKind::Quoted | TokenKind::UnicodeQuoted | TokenKind::Placeholder => true,
            _ => false,
        }
    }

    fn ident(&self, at: usize) -> Ident {
        let raw = self.raw(at);
        let quoted = matches!(self.kind(at), TokenKind::Quoted | TokenKind::UnicodeQuoted);
        let text = if quoted {
            let inner = raw.trim_start_matches(['U', 'u', '&']);
            let inner = inner.strip_prefix('"').unwrap_or(inner);
            inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\"").into()
        } else {
            raw.into()
        };
        Ident { text, quoted, span: self.span_of(at, at) }
    }

    fn name(&self, at: usize) -> Name {
        self.ident(at).fold()
    }

    fn span_of(&self, first: usize, last: usize) -> Span {
        let start = self.tokens.get(first).map_or(0, |t| t.start);
        let end = self.tokens.get(last).map_or(start, |t| t.end);
        Span::new(self.span.file, self.span.start.saturating_add(start), self.span.start.saturating_add(end))
    }

    fn closing(&self, at: usize) -> usize {
        self.close.get(at).copied().unwrap_or(at)
    }

    fn refer(&mut self, at: usize, target: ObjectId) {
        if let Some(token) = self.tokens.get(at) {
            self.references.push(Reference { start: token.start, end: token.end, target });
        }
    }

    /// A dependency without a name to print.
    fn refer_silently(&mut self, at: usize, target: ObjectId) {
        if let Some(token) = self.tokens.get(at) {
            self.references.push(Reference { start: token.start, end: token.start, target });
        }
    }

    fn flag(&mut self, from: usize, to: usize) {
        if let Some(range) = self.skip.get_mut(from..to) {
            range.fill(true);
        }
    }

    fn walk(&mut self) {
        let mut at = 0;
        // For each open parenthesis whether it belongs to CAST.
        let mut casts: Vec<bool> = Vec::new();
        while at < self.tokens.len() {
            match self.kind(at) {
                TokenKind::LeftParen => {
                    casts.push(at > 0 && self.is(at - 1, "cast"));
                    // EXTRACT(field FROM …), and TRIM(LEADING …): the word is no column.
                    if at > 0 && self.is(at - 1, "extract") {
                        self.flag(at + 1, at + 2);
                    }
                }
                TokenKind::RightParen => {
                    casts.pop();
                    while self.frames.last().is_some_and(|f| !f.base && f.depth > casts.len()) {
                        self.frames.pop();
                    }
                }
                TokenKind::String => self.string(at),
                TokenKind::Cast => {
                    self.judge_cast(at);
                    at = self.type_reference(at + 1);
                    continue;
                }
                TokenKind::Operator => {
                    self.judge(at);
                    if self.raw(at) == "*" {
                        self.star(at);
                    }
                }
                TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted | TokenKind::Placeholder
                    if !self.skip.get(at).copied().unwrap_or(false) =>
                {
                    self.judge(at);
                    at = self.word(at, casts.len(), casts.last().copied().unwrap_or(false));
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads a name or key word and gives the place after it.
    fn word(&mut self, at: usize, depth: usize, in_cast: bool) -> usize {
        if self.kind(at) == TokenKind::Word {
            let mut folded = [0; KEY_WORD];
            let folded = lower_key_word(self.raw(at), &mut folded);
            match folded {
                "select" => {
                    self.select(at, depth);
                    return at + 1;
                }
                "values" if depth == 0 && self.main.is_none() && self.kind(at + 1) == TokenKind::LeftParen => {
                    self.main = Some((at, Vec::new()));
                    return at + 1;
                }
                "with"
                    if self.is_name(at + 1)
                        && (self.is(at + 2, "as") || !self.is_any(at + 1, &["time", "ordinality", "check"])) =>
                {
                    self.with(at, depth);
                    return at + 1;
                }
                "table" if self.begins_query(at) && self.is_name(at + 1) => return self.table_query(at, depth),
                // FOR UPDATE [OF …] [SKIP LOCKED]: no column is called so there.
                "for" if self.is_any(at + 1, &["update", "share", "no", "key"]) => return self.after_locking(at + 1),
                "window" if self.is_name(at + 1) && self.is(at + 2, "as") => {
                    self.windows(at + 1);
                    return at + 1;
                }
                "group" | "order" | "having" | "window" => {
                    if let Some(frame) = self.frames.last_mut().filter(|f| f.depth == depth) {
                        frame.tail = true;
                    }
                    return at + 1;
                }
                "as" if in_cast => return self.type_reference(at + 1),
                "as" if self.is_name(at + 1) && !self.is_any(at + 1, &["materialized", "not"]) => return at + 2,
                "collate" => return self.after_chain(at + 1),
                "at" if self.is(at + 1, "time") && self.is(at + 2, "zone") => return at + 3,
                "nulls" if self.is_any(at + 1, &["first", "last"]) => return at + 2,
                "over" if self.is_name(at + 1) => return at + 2,
                "over" if self.kind(at + 1) == TokenKind::LeftParen => {
                    self.window_copied(at + 1);
                    return at + 1;
                }
                "is" if self.is(at + 1, "of") => return at + 2,
                "insert" | "update" | "delete" if self.writes.is_none() && at > 0 && self.begins_query(at) => {
                    self.writes = Some("contain data-modifying statements in WITH");
                    return self.word(at, depth, in_cast);
                }
                "insert" if self.is(at + 1, "into") => {
                    self.target(at + 2, depth);
                    self.skip_fields(at + 2);
                    return at + 2;
                }
                // ON CONFLICT … DO UPDATE SET
                "update" if self.is(at + 1, "set") => return at + 2,
                "update" if self.is_name(at + 1) => {
                    self.target(at + 1, depth);
                    return at + 1;
                }
                "delete" if self.is(at + 1, "from") => {
                    self.target(at + 2, depth);
                    return at + 2;
                }
                "interval" if self.kind(at + 1) == TokenKind::String => return self.after_interval_fields(at + 2),
                _ if !self.is_free_name(at) && self.kind(at + 1) != TokenKind::Dot => return at + 1,
                _ => {}
            }
        }
        if at > 0 && self.kind(at - 1) == TokenKind::Dot {
            // `(row).field`: the field of an expression.
            if let Some(table) = self.row_before(at - 1)
                && let Some(column) = self.replayer.find_column(table, &self.name(at))
            {
                self.refer(at, ObjectId::Column(table, column));
            }
            return at + 1;
        }
        if let Some(after) = self.after_typed_constant(at) {
            return after;
        }
        self.chain(at)
    }

    /// Skips `a.b.c`.
    fn after_chain(&self, mut at: usize) -> usize {
        while self.is_name(at) && self.kind(at + 1) == TokenKind::Dot {
            at += 2;
        }
        at + 1
    }

    /// Reads `a`, `a.b`, `a.b.c`, `a.*` or a call, and gives the place after it.
    fn chain(&mut self, first: usize) -> usize {
        let mut last = first;
        while self.kind(last + 1) == TokenKind::Dot && self.is_name(last + 2) {
            last += 2;
        }
        let after = last + 1;
        if self.kind(after) == TokenKind::LeftParen {
            self.call(first, last);
            return after;
        }
        if self.kind(after) == TokenKind::Dot && self.raw(after + 1) == "*" {
            self.all_columns_of(first, last, after + 1);
            return after + 2;
        }
        // `date '2020-01-01'` and `argument => value`.
        if self.kind(after) == TokenKind::String && first == last {
            return after + 1;
        }
        if self.kind(after) == TokenKind::Operator && matches!(self.raw(after), "=>" | ":=") {
            return after + 1;
        }
        match last - first {
            0 => self.bare_column(first),
            2 => self.qualified_column(first, last),
            4 => self.fully_qualified_column(first, last),
            _ => {}
        }
        after
    }

    /// Whether a name ends an entry of a select list without AS: `sum(a) total`, `a b`.
    fn is_bare_alias(&self, at: usize) -> bool {
        let ends = matches!(
            self.kind(at + 1),
            TokenKind::Comma | TokenKind::RightParen | TokenKind::End | TokenKind::Semicolon
        ) || self.is_any(at + 1, AFTER_SELECT_LIST);
        let Some(before) = at.checked_sub(1).filter(|_| ends) else { return false };
        // What stands behind these is an operand, though they may be the name of a column elsewhere.
        !self.is_any(before, &["by", "between", "document", "escape", "groups", "range", "rows", "value", "zone"])
            && ends_operand(self.kind(before), self.raw(before))
    }
}

/// The tokens of an expression.
fn tokens(expr: &Expr) -> Vec<Token> {
    let mut tokens = Vec::new();
    lex(&expr.text, &mut tokens, TOKEN_LIMIT);
    tokens
}

/// Whether an expression has a query in it: SELECT is a reserved word.
pub(super) fn has_subquery(expr: &Expr) -> bool {
    has_word(expr, "select", None)
}

/// The fields of NEW that an expression reads; `*` for the whole row.
pub(super) fn fields_of_new(expr: &Expr) -> Vec<Name> {
    let tokens = tokens(expr);
    let raw = |t: &Token| expr.text.get(t.start as usize..t.end as usize).unwrap_or_default();
    let mut fields = Vec::new();
    for three in tokens.windows(3) {
        let [new, dot, field] = three else { continue };
        if new.kind == TokenKind::Word && raw(new).eq_ignore_ascii_case("new") && dot.kind == TokenKind::Dot {
            let quoted = field.kind == TokenKind::Quoted;
            let text =
                if quoted { raw(field).trim_matches('"').replace("\"\"", "\"").into() } else { raw(field).into() };
            fields.push(Ident { text, quoted, span: expr.span }.fold());
        }
    }
    fields
}

/// Whether an expression reads a field of this row: `NEW.id`.
pub(super) fn names_row(expr: &Expr, row: &str) -> bool {
    has_word(expr, row, Some(TokenKind::Dot))
}

/// Whether a word stands in an expression, before a token of this kind where one is told.
fn has_word(expr: &Expr, word: &str, before: Option<TokenKind>) -> bool {
    if !expr.text.as_bytes().windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes())) {
        return false;
    }
    let tokens = tokens(expr);
    tokens.iter().enumerate().any(|(at, token)| {
        let raw = expr.text.get(token.start as usize..token.end as usize).unwrap_or_default();
        token.kind == TokenKind::Word
            && raw.eq_ignore_ascii_case(word)
            && before.is_none_or(|kind| tokens.get(at + 1).is_some_and(|next| next.kind == kind))
    })
}

/// Whether a bare name after this token is an alias.
fn ends_operand(kind: TokenKind, raw: &str) -> bool {
    match kind {
        TokenKind::RightParen
        | TokenKind::RightBracket
        | TokenKind::Number
        | TokenKind::String
        | TokenKind::DollarString
        | TokenKind::Param
        | TokenKind::Quoted
        | TokenKind::UnicodeQuoted => true,
        TokenKind::Word => {
            let word = raw.to_ascii_lowercase();
            matches!(word.as_str(), "end" | "null" | "true" | "false" | "current_date" | "current_timestamp")
                || !needs_quotes(&word)
                || COLUMN_NAME_WORDS.contains(&word.as_str())
        }
        _ => false,
    }
}

/// The columns that every table has besides its own. Source: PostgreSQL manual, 5.5 "System Columns".
pub(super) fn is_system_column(name: &str) -> bool {
    matches!(name, "tableoid" | "xmin" | "cmin" | "xmax" | "cmax" | "ctid")
}

/// The name of an index key that is an expression, or `None` where PostgreSQL says `expr`.
pub(super) fn expression_name(replayer: &Replayer, expr: &Expr) -> Option<Name> {
    let scanner = Scanner::new(replayer, expr);
    let name = scanner.figure_name(0, scanner.tokens.len(), 0).0?;
    Some(truncate(&name, crate::name::MAX_NAME_BYTES).into())
}

/// A type of which nothing is known.
pub(super) fn unknown_type() -> DataType {
    DataType { base: BaseType::Unknown { schema: None, name: "unknown".into() }, modifiers: Vec::new(), array: false }
}
