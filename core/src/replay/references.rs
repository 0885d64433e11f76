//! What the names in an expression or query mean: a scan of its tokens with the scopes of its SELECTs.
//!
//! PostgreSQL stores parsed expressions, so that they follow renames and hold dependencies. This scan finds the same references without
//! a full parse: relations stand where the grammar puts them (FROM, JOIN, INTO …), columns are found by name among the relations in
//! scope, functions stand before a parenthesis, types behind `::` and in CAST.

use super::Replayer;
use super::conflict::state;
use crate::expr::Expr;
use crate::keywords::{VALUE_FUNCTIONS, needs_quotes};
use crate::name::{Ident, Name, truncate};
use crate::operation::TypeName;
use crate::order::Order;
use crate::read::ddl::lexer::{Token, TokenKind, lex};
use crate::schema::{
    BaseType, Column, ColumnNumber, DataType, FunctionId, ObjectId, Reference, RelationId, StoredExpr, TableId,
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
}

/// A name that means nothing.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) sqlstate: &'static str,
    pub(super) message: String,
    pub(super) span: Span,
}

/// An output column of a query.
#[derive(Debug)]
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
        scanner.frames.push(Frame { depth: 0, relations, ctes: Vec::new(), base: true, tail: false });
        scanner.walk();
        let outputs = if outputs { scanner.outputs() } else { None };
        let mut references = scanner.references;
        references.order_by_key(|r| (r.start, r.end, r.target));
        references.dedup();
        references.shrink_to_fit();
        Scanned { expr: StoredExpr { source: expr.clone(), references }, missing: scanner.missing, outputs }
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

fn base_relations(replayer: &Replayer, scope: Scope) -> Vec<InScope> {
    let named = |alias: &str, relation| InScope {
        alias: alias.into(),
        relation: Some(relation),
        implied: false,
        join: Join::None,
    };
    match scope {
        Scope::Nothing => Vec::new(),
        Scope::Relation(relation) => {
            let alias = replayer.relation_name(relation);
            vec![InScope { alias, relation: Some(relation), implied: true, join: Join::None }]
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
    ctes: Vec<Name>,
    /// What the expression can name from outside.
    base: bool,
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
    /// Tokens that were read as part of a FROM clause.
    skip: Vec<bool>,
    references: Vec<Reference>,
    frames: Vec<Frame>,
    missing: Option<Missing>,
    /// The SELECT or VALUES whose outputs the whole query has, with its relations.
    main: Option<(usize, Vec<InScope>)>,
    /// The SELECTs behind UNION, INTERSECT and EXCEPT in order, with their relations.
    branches: Vec<(usize, Vec<InScope>)>,
}

/// Key words that end a list of FROM items.
const AFTER_FROM: &[&str] = &[
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "fetch",
    "union",
    "intersect",
    "except",
    "window",
    "for",
    "returning",
    "set",
    "on",
    "do",
    "when",
];

/// Names of outputs that do not stand in the text: the types behind the standard's names, and the functions behind its syntax.
const IMPLICIT_OUTPUTS: &[&str] = &[
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "bool",
    "bpchar",
    "varchar",
    "varbit",
    "timetz",
    "timestamptz",
    "btrim",
    "ltrim",
    "rtrim",
    "timezone",
];

/// Key words between the queries whose rows are taken together.
const SET_OPERATIONS: &[&str] = &["union", "intersect", "except"];

/// Key words that may follow a select list.
const AFTER_SELECT_LIST: &[&str] = &[
    "from",
    "into",
    "where",
    "group",
    "having",
    "window",
    "union",
    "intersect",
    "except",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
];

/// Key words between joined FROM items.
const JOIN_WORDS: &[&str] = &["join", "left", "right", "full", "inner", "outer", "cross", "natural"];

/// Key words that, unlike the reserved ones, may be the bare name of a column. Source: PostgreSQL manual, appendix C.
const COLUMN_NAME_WORDS: &[&str] = &[
    "bit",
    "char",
    "character",
    "dec",
    "decimal",
    "float",
    "inout",
    "int",
    "integer",
    "interval",
    "national",
    "nchar",
    "none",
    "normalize",
    "numeric",
    "out",
    "position",
    "precision",
    "real",
    "row",
    "setof",
    "smallint",
    "time",
    "timestamp",
    "values",
    "varchar",
    "bigint",
    "boolean",
    "between",
];

/// Key words that may stand in an expression without meaning a column, though a column may be called so. Source: PostgreSQL manual,
/// appendix C.
const EXPRESSION_WORDS: &[&str] = &[
    "at",
    "by",
    "content",
    "current",
    "day",
    "document",
    "escape",
    "exclude",
    "filter",
    "first",
    "following",
    "groups",
    "hour",
    "json",
    "key",
    "keys",
    "last",
    "minute",
    "month",
    "nfc",
    "nfd",
    "nfkc",
    "nfkd",
    "normalized",
    "nulls",
    "object",
    "of",
    "operator",
    "ordinality",
    "others",
    "over",
    "partition",
    "passing",
    "preceding",
    "range",
    "ref",
    "row",
    "rows",
    "scalar",
    "second",
    "standalone",
    "strip",
    "ties",
    "time",
    "timestamp",
    "unbounded",
    "unknown",
    "value",
    "varying",
    "version",
    "whitespace",
    "within",
    "without",
    "year",
    "zone",
    "precision",
    "uescape",
    "yes",
    "no",
    "interval",
    "bit",
    "char",
    "character",
    "national",
    "nchar",
    "varchar",
    "int",
    "integer",
    "smallint",
    "bigint",
    "boolean",
    "float",
    "dec",
    "decimal",
    "numeric",
    "real",
    "setof",
    "none",
    "normalize",
    "position",
    "values",
    "inout",
    "out",
    "between",
];

impl<'a> Scanner<'a> {
    fn new(replayer: &'a Replayer, expr: &'a Expr) -> Self {
        let tokens = tokens(expr);
        Self {
            replayer,
            text: &expr.text,
            span: expr.span,
            close: matching(&tokens),
            skip: vec![false; tokens.len()],
            tokens,
            references: Vec::new(),
            frames: Vec::new(),
            missing: None,
            main: None,
            branches: Vec::new(),
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
        self.kind(at) == TokenKind::Word && words.iter().any(|w| self.raw(at).eq_ignore_ascii_case(w))
    }

    fn is_name(&self, at: usize) -> bool {
        matches!(self.kind(at), TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted | TokenKind::Placeholder)
    }

    /// A name that is no reserved word.
    fn is_free_name(&self, at: usize) -> bool {
        match self.kind(at) {
            TokenKind::Word => {
                let word = self.raw(at).to_ascii_lowercase();
                !needs_quotes(&word) || COLUMN_NAME_WORDS.contains(&word.as_str())
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
                    at = self.type_reference(at + 1);
                    continue;
                }
                TokenKind::Operator if self.raw(at) == "*" => self.star(at),
                TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted | TokenKind::Placeholder
                    if !self.skip.get(at).copied().unwrap_or(false) =>
                {
                    at = self.word(at, casts.len(), casts.last().copied().unwrap_or(false));
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The place after a constant whose type is written before it in several words, or with modifiers: `double precision '1.5'`, `time (3) '10:00'`.
    fn after_typed_constant(&self, at: usize) -> Option<usize> {
        let (_, _, after) = self.type_name(at);
        (after > at + 1 && self.kind(after) == TokenKind::String).then_some(after + 1)
    }

    /// The place after the fields of an interval: `'1-2' YEAR TO MONTH`, `'1' SECOND (3)`.
    fn after_interval_fields(&self, mut at: usize) -> usize {
        const FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
        if !self.is_any(at, &FIELDS) {
            return at;
        }
        if self.is(at + 1, "to") && self.is_any(at + 2, &FIELDS) {
            at += 2;
        }
        let precision = self.is(at, "second") && self.kind(at + 1) == TokenKind::LeftParen;
        if precision { self.closing(at + 1) + 1 } else { at + 1 }
    }

    /// Reads a name or key word and gives the place after it.
    fn word(&mut self, at: usize, depth: usize, in_cast: bool) -> usize {
        if self.kind(at) == TokenKind::Word {
            let word = self.raw(at).to_ascii_lowercase();
            match word.as_str() {
                "select" => {
                    self.select(at, depth);
                    return at + 1;
                }
                "values" if depth == 0 && self.main.is_none() && self.kind(at + 1) == TokenKind::LeftParen => {
                    self.main = Some((at, Vec::new()));
                    return at + 1;
                }
                "with" if self.is_name(at + 1) && !self.is_any(at + 1, &["time", "ordinality", "check"]) => {
                    self.with(at, depth);
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
                "is" if self.is(at + 1, "of") => return at + 2,
                "insert" if self.is(at + 1, "into") => {
                    self.target(at + 2, depth);
                    return at + 2;
                }
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

    /// The table whose row `(…)` before a dot is. A field that is taken from it is a dependency on its column, whatever the row came from.
    fn row_before(&self, dot: usize) -> Option<TableId> {
        let close = dot.checked_sub(1).filter(|at| self.kind(*at) == TokenKind::RightParen)?;
        let mut before = (close.saturating_sub(ROW_LENGTH)..close).rev();
        let open = before.find(|at| self.kind(*at) == TokenKind::LeftParen && self.closing(*at) == close)?;
        let relations = || self.frames.iter().rev().flat_map(|f| &f.relations);
        if close == open + 2 {
            let name = self.name(open + 1);
            if let Some(row) = relations().find(|r| r.alias == name) {
                return match row.relation {
                    Some(RelationId::Table(table)) => Some(table),
                    _ => None,
                };
            }
        }
        let of_call = || {
            let arguments = (open + 1..close).find(|at| self.kind(*at) == TokenKind::LeftParen)?;
            (self.closing(arguments) + 1 == close).then_some(())?;
            let function = self.function_called(open + 1, arguments - 1)?;
            self.replayer.schema.functions.get(function)?.returns.clone()
        };
        let data_type = of_call().or_else(|| {
            let frame = self.frames.last()?;
            self.type_of(open + 1, close, &frame.relations, 0)
        });
        match data_type?.base {
            BaseType::Row(table) => Some(table),
            _ => None,
        }
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

    fn call(&mut self, first: usize, last: usize) {
        if let Some(function) = self.function_called(first, last) {
            self.refer(last, ObjectId::Function(function));
        }
    }

    /// The function that `a.b` before a parenthesis calls.
    fn function_called(&self, first: usize, last: usize) -> Option<FunctionId> {
        if first == last && self.kind(first) == TokenKind::Word && !self.is_free_name(first) {
            return None;
        }
        let schema = if last > first { Some(self.name(last - 2)) } else { None };
        let name = self.name(last);
        let open = last + 1;
        let close = self.closing(open);
        let mut count = usize::from(close > open + 1);
        let mut at = open + 1;
        while at < close {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at).max(at),
                TokenKind::Comma => count += 1,
                _ => {}
            }
            at += 1;
        }
        self.replayer.find_function_call(schema.as_ref(), &name, Some(count))
    }

    fn bare_column(&mut self, at: usize) {
        let name = self.name(at);
        let found = self.frames.iter().rev().find_map(|frame| {
            frame.relations.iter().find_map(|r| match r.relation {
                Some(RelationId::Table(t)) => Some((t, self.replayer.find_column(t, &name)?)),
                _ => None,
            })
        });
        if let Some((table, column)) = found {
            return self.refer(at, ObjectId::Column(table, column));
        }
        // The name of a relation in scope means its whole row.
        let row = self.frames.iter().rev().find_map(|f| f.relations.iter().find(|r| r.alias == name));
        match row.cloned() {
            Some(InScope { relation: Some(relation), implied: true, .. }) => {
                self.refer(at, super::lookup::object_of(relation));
            }
            Some(_) => {}
            None => self.note_missing_column(at, &name),
        }
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

    /// Whether an output of the query may be called so: by an alias, a column or a function, which then stand somewhere else in the text, or as
    /// PostgreSQL calls a cast or a form of its own syntax (`FigureColname`).
    fn may_be_output(&self, at: usize, name: &Name) -> bool {
        IMPLICIT_OUTPUTS.contains(&name.as_str())
            || (0..self.tokens.len()).any(|other| other != at && self.name(other) == *name)
    }

    /// A bare name that is no column of the relations in scope, where all of those are known.
    fn note_missing_column(&mut self, at: usize, name: &Name) {
        // Only the first is told; the look for outputs below goes through all tokens.
        if self.missing.is_some() {
            return;
        }
        let syntax = self.kind(at) == TokenKind::Word && EXPRESSION_WORDS.contains(&name.as_str());
        let path = self.kind(at + 1) == TokenKind::Dot;
        let outputs = self
            .frames
            .last()
            .is_none_or(|f| (f.tail && self.may_be_output(at, name)) || (!f.base && f.relations.is_empty()));
        let templated = self.kind(at) == TokenKind::Placeholder;
        if syntax || templated || path || outputs || self.is_bare_alias(at) || is_system_column(name) {
            return;
        }
        let mut any = false;
        for relation in self.frames.iter().flat_map(|f| &f.relations) {
            any = true;
            let absent = relation.alias != *name
                && match relation.relation {
                    Some(RelationId::Table(id)) => self.replayer.schema.tables.get(id).is_some_and(|t| !t.partial),
                    Some(RelationId::View(id)) => {
                        self.replayer.schema.views.get(id).is_some_and(|v| !v.partial && !v.columns.contains(name))
                    }
                    _ => false,
                };
            if !absent {
                return;
            }
        }
        if any {
            self.missing = Some(Missing {
                sqlstate: state::UNDEFINED_COLUMN,
                message: format!("column \"{name}\" does not exist"),
                span: self.span_of(at, at),
            });
        }
    }

    fn qualified_column(&mut self, first: usize, last: usize) {
        let (alias, name) = (self.name(first), self.name(last));
        let found = self.frames.iter().rev().find_map(|f| f.relations.iter().find(|r| r.alias == alias)).cloned();
        let Some(InScope { relation: Some(relation), implied, .. }) = found else { return };
        if implied {
            self.refer(first, super::lookup::object_of(relation));
        }
        let table = match relation {
            RelationId::Table(table) => table,
            RelationId::View(view) => {
                let view = self.replayer.schema.views.get(view);
                let function = self.replayer.find_function_call(None, &name, Some(1)).is_some();
                let absent = view.is_some_and(|v| !v.partial && !v.columns.contains(&name)) && !function;
                if absent && !is_system_column(&name) && self.missing.is_none() {
                    self.missing = Some(Missing {
                        sqlstate: state::UNDEFINED_COLUMN,
                        message: format!("column {alias}.{name} does not exist"),
                        span: self.span_of(first, last),
                    });
                }
                return;
            }
            _ => return,
        };
        match self.replayer.find_column(table, &name) {
            Some(column) => self.refer(last, ObjectId::Column(table, column)),
            None => {
                let known = self.replayer.schema.tables.get(table).is_some_and(|t| !t.partial);
                // `t.f` may also call the function f on a row of t.
                let function = self.replayer.find_function_call(None, &name, Some(1)).is_some();
                if known && !function && !is_system_column(&name) && self.missing.is_none() {
                    self.missing = Some(Missing {
                        sqlstate: state::UNDEFINED_COLUMN,
                        message: format!("column {alias}.{name} does not exist"),
                        span: self.span_of(first, last),
                    });
                }
            }
        }
    }

    fn fully_qualified_column(&mut self, first: usize, last: usize) {
        let (schema, table, name) = (self.name(first), self.name(first + 2), self.name(last));
        if let Some(RelationId::Table(id)) = self.replayer.find_relation_by(Some(&schema), &table) {
            self.refer(first + 2, ObjectId::Table(id));
            if let Some(column) = self.replayer.find_column(id, &name) {
                self.refer(last, ObjectId::Column(id, column));
            }
        }
    }

    /// `a.*`: depends on every column that the table has now.
    fn all_columns_of(&mut self, first: usize, last: usize, star: usize) {
        let alias = self.name(last);
        let found = self.frames.iter().rev().find_map(|f| f.relations.iter().find(|r| r.alias == alias)).cloned();
        if let Some(InScope { relation: Some(relation), implied, .. }) = found {
            if implied && first == last {
                self.refer(first, super::lookup::object_of(relation));
            }
            self.depend_on_columns(star, relation);
        }
    }

    /// A bare `*` where an output column stands.
    fn star(&mut self, at: usize) {
        let before = at.checked_sub(1);
        if let Some(dot) = before.filter(|b| self.kind(*b) == TokenKind::Dot) {
            // `(row).*`
            if let Some(table) = self.row_before(dot) {
                self.depend_on_columns(at, RelationId::Table(table));
            }
            return;
        }
        let opens = before.is_some_and(|b| {
            self.is_any(b, &["select", "distinct", "all", "returning"])
                || self.kind(b) == TokenKind::Comma
                || (self.kind(b) == TokenKind::RightParen && self.is(at + 1, "from"))
        });
        if !opens {
            return;
        }
        let relations: Vec<RelationId> =
            self.frames.last().map(|f| f.relations.iter().filter_map(|r| r.relation).collect()).unwrap_or_default();
        for relation in relations {
            self.depend_on_columns(at, relation);
        }
    }

    fn depend_on_columns(&mut self, at: usize, relation: RelationId) {
        let RelationId::Table(id) = relation else { return };
        let Some(table) = self.replayer.schema.tables.get(id) else { return };
        let columns: Vec<ColumnNumber> = table.live_columns().map(|(n, _)| n).collect();
        for column in columns {
            self.refer_silently(at, ObjectId::Column(id, column));
        }
    }

    /// `'name'::regclass` and `nextval('name')`: constants that name a relation.
    fn string(&mut self, at: usize) {
        let cast = self.kind(at + 1) == TokenKind::Cast && self.is(at + 2, "regclass");
        let call = at >= 2
            && self.kind(at - 1) == TokenKind::LeftParen
            && self.is_any(at - 2, &["nextval", "currval", "setval"])
            && matches!(self.kind(at + 1), TokenKind::RightParen | TokenKind::Comma);
        if !cast && !call {
            return;
        }
        let Some(token) = self.tokens.get(at).copied() else { return };
        let Some(inner) = self.raw(at).strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) else { return };
        let inner = inner.to_owned();
        let mut parts = Vec::new();
        lex(&inner, &mut parts, 8);
        let inner_text = |t: &Token| inner.get(t.start as usize..t.end as usize).unwrap_or_default();
        let fold = |t: &Token| {
            let raw = inner_text(t);
            let quoted = t.kind == TokenKind::Quoted;
            let text = if quoted { raw.trim_matches('"').replace("\"\"", "\"").into() } else { raw.into() };
            Ident { text, quoted, span: Span::default() }.fold()
        };
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name),
            [schema, dot, name] if dot.kind == TokenKind::Dot => (Some(fold(schema)), name),
            _ => return,
        };
        let found = self.replayer.find_relation_by(schema.as_ref(), &fold(name));
        if found.is_none()
            && self.missing.is_none()
            && let Some(message) = self.replayer.certainly_missing(schema.as_ref(), &fold(name))
        {
            self.missing = Some(Missing { sqlstate: state::UNDEFINED_TABLE, message, span: self.span_of(at, at) });
        }
        if let Some(relation) = found {
            let start = token.start + 1;
            self.references.push(Reference {
                start: start + name.start,
                end: start + name.end,
                target: super::lookup::object_of(relation),
            });
        }
    }

    /// Reads a type and gives the place after it.
    fn type_reference(&mut self, at: usize) -> usize {
        let (written, last_name, after) = self.type_name(at);
        if let Some(written) = written
            && let Ok(found) = self.replayer.resolve_type(&written)
            && let Some(target) = Replayer::type_objects(&found)
        {
            self.refer(last_name, target);
        }
        after
    }

    /// A type at `at`: as written, the place of its own name, and the place after it.
    fn type_name(&self, at: usize) -> (Option<TypeName>, usize, usize) {
        if !self.is_name(at) {
            return (None, at, at);
        }
        let mut last = at;
        let mut schema = None;
        if self.kind(at + 1) == TokenKind::Dot && self.is_name(at + 2) {
            schema = Some(self.ident(at));
            last = at + 2;
        }
        let mut name = self.ident(last);
        let mut after = last + 1;
        let mut modifiers = Vec::new();
        if !name.quoted && schema.is_none() {
            let lower = name.text.to_ascii_lowercase();
            if lower == "double" && self.is(after, "precision") {
                name.text = "double precision".into();
                after += 1;
            } else if matches!(lower.as_str(), "character" | "char" | "bit" | "nchar") && self.is(after, "varying") {
                name.text = format!("{lower} varying").into();
                after += 1;
            }
        }
        if self.kind(after) == TokenKind::LeftParen {
            let close = self.closing(after);
            for inner in after + 1..close {
                if self.kind(inner) != TokenKind::Comma {
                    modifiers.push(self.raw(inner).into());
                }
            }
            after = close + 1;
        }
        if matches!(name.text.to_ascii_lowercase().as_str(), "time" | "timestamp")
            && self.is_any(after, &["with", "without"])
            && self.is(after + 1, "time")
        {
            let with = self.raw(after).to_ascii_lowercase();
            name.text = format!("{} {with} time zone", name.text.to_ascii_lowercase()).into();
            after += 3;
        }
        let mut dimensions = 0;
        while self.kind(after) == TokenKind::LeftBracket {
            dimensions = 1;
            after = self.closing(after) + 1;
        }
        if self.is(after, "array") {
            dimensions = 1;
            after += 1;
        }
        let span = self.span_of(at, after.saturating_sub(1));
        let written = TypeName { schema, name, modifiers, dimensions, setof: false, percent_type: false, span };
        (Some(written), last, after)
    }

    /// Opens the frame of a SELECT: its FROM clause is read ahead.
    fn select(&mut self, at: usize, depth: usize) {
        let relations = self.read_from_clause(at + 1);
        if self.main.is_none() && depth == self.leading_parens() {
            self.main = Some((at, relations.clone()));
        } else if self.is_branch(at) {
            self.branches.push((at, relations.clone()));
        }
        self.open_frame(depth, relations);
    }

    /// Whether a SELECT stands behind a set operation.
    fn is_branch(&self, select: usize) -> bool {
        let mut before = (0..select).rev().skip_while(|at| self.kind(*at) == TokenKind::LeftParen);
        match before.next() {
            Some(at) if self.is_any(at, &["all", "distinct"]) => {
                before.next().is_some_and(|at| self.is_any(at, SET_OPERATIONS))
            }
            Some(at) => self.is_any(at, SET_OPERATIONS),
            None => false,
        }
    }

    /// The SELECTs whose rows the set operations behind the main one add to its own, or `None` where one of them is VALUES, TABLE or has a WITH.
    fn branches_of(&self, main: usize) -> Option<Vec<&(usize, Vec<InScope>)>> {
        let mut found = Vec::new();
        let mut expected = false;
        let mut at = main + 1;
        while at < self.tokens.len() {
            match self.kind(at) {
                TokenKind::LeftParen if expected => {}
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at),
                TokenKind::Word if self.is_any(at, SET_OPERATIONS) => expected = true,
                TokenKind::Word if expected && self.is_any(at, &["all", "distinct"]) => {}
                _ if expected => {
                    let place = self.branches.binary_search_by_key(&at, |(select, _)| *select).ok()?;
                    found.push(self.branches.get(place)?);
                    expected = false;
                }
                _ => {}
            }
            at += 1;
        }
        Some(found)
    }

    /// Parentheses around the whole query.
    fn leading_parens(&self) -> usize {
        self.tokens.iter().take_while(|t| t.kind == TokenKind::LeftParen).count()
    }

    fn open_frame(&mut self, depth: usize, relations: Vec<InScope>) {
        match self.frames.last_mut() {
            Some(frame) if !frame.base && frame.depth == depth => {
                frame.relations = relations;
                frame.tail = false;
            }
            _ => self.frames.push(Frame { depth, relations, ctes: Vec::new(), base: false, tail: false }),
        }
    }

    /// WITH: notes the names of its queries. Their bodies are walked as they come.
    fn with(&mut self, at: usize, depth: usize) {
        let mut ctes = Vec::new();
        let mut next = at + 1;
        if self.is(next, "recursive") {
            self.flag(next, next + 1);
            next += 1;
        }
        while self.is_name(next) {
            ctes.push(self.name(next));
            self.flag(next, next + 1);
            next += 1;
            if self.kind(next) == TokenKind::LeftParen {
                let close = self.closing(next);
                self.flag(next + 1, close);
                next = close + 1;
            }
            while self.is_any(next, &["as", "not", "materialized"]) {
                self.flag(next, next + 1);
                next += 1;
            }
            if self.kind(next) != TokenKind::LeftParen {
                break;
            }
            next = self.closing(next) + 1;
            // SEARCH and CYCLE clauses may follow; a comma leads to the next query.
            if self.kind(next) != TokenKind::Comma {
                break;
            }
            next += 1;
        }
        self.frames.push(Frame { depth, relations: Vec::new(), ctes, base: false, tail: false });
    }

    /// The target of INSERT, UPDATE or DELETE.
    fn target(&mut self, at: usize, depth: usize) {
        let mut relations = Vec::new();
        let mut next = at;
        if self.is(next, "only") {
            next += 1;
        }
        let after = self.read_from_item(next, &mut relations);
        // UPDATE … FROM and DELETE … USING bring more.
        let mut further = after;
        while further < self.tokens.len() {
            match self.kind(further) {
                TokenKind::LeftParen => further = self.closing(further),
                TokenKind::RightParen | TokenKind::Semicolon => break,
                _ if self.is_any(further, &["from", "using"]) => {
                    self.read_from_items(further + 1, &mut relations);
                    break;
                }
                _ if self.is_any(further, &["select", "values", "returning"]) => break,
                _ => {}
            }
            further += 1;
        }
        self.open_frame(depth, relations);
    }

    /// Finds the FROM clause of the SELECT whose list starts at `at`, and reads it.
    fn read_from_clause(&mut self, at: usize) -> Vec<InScope> {
        let mut relations = Vec::new();
        let mut next = at;
        while next < self.tokens.len() {
            match self.kind(next) {
                TokenKind::LeftParen | TokenKind::LeftBracket => next = self.closing(next),
                TokenKind::RightParen | TokenKind::Semicolon => break,
                // SELECT INTO: the name of what it makes, or of a variable.
                TokenKind::Word if self.is(next, "into") => {
                    let mut last = next + 1;
                    while self.is_any(last, &["temp", "temporary", "unlogged", "local", "global", "table"])
                        && self.is_name(last + 1)
                    {
                        last += 1;
                    }
                    last = self.after_chain(last);
                    self.flag(next, last);
                    next = last;
                    continue;
                }
                TokenKind::Word if self.is(next, "from") && !(next > 0 && self.is(next - 1, "distinct")) => {
                    self.read_from_items(next + 1, &mut relations);
                    break;
                }
                TokenKind::Word if self.is_any(next, &["union", "intersect", "except", "where", "order"]) => break,
                _ => {}
            }
            next += 1;
        }
        relations
    }

    /// Reads FROM items up to the clause after them.
    fn read_from_items(&mut self, at: usize, relations: &mut Vec<InScope>) {
        let mut next = at;
        // For each open parenthesis the number of relations before it.
        let mut open: Vec<usize> = Vec::new();
        let mut item_expected = true;
        let mut join = Join::None;
        // Whether the last relation has its ON or USING: what follows then is that of a join around.
        let mut qualified = false;
        while next < self.tokens.len() {
            match self.kind(next) {
                TokenKind::RightParen => {
                    let Some(first) = open.pop() else { return };
                    next = self.join_alias(next + 1, relations.get_mut(first..).unwrap_or_default());
                    item_expected = false;
                    continue;
                }
                TokenKind::Comma => {
                    item_expected = true;
                    join = Join::None;
                }
                TokenKind::LeftParen if item_expected => {
                    if self.is_any(next + 1, &["select", "with", "values"]) || self.is_subquery(next + 1) {
                        next = self.alias(self.closing(next) + 1, None, None, relations);
                        joined(relations, &mut join);
                        item_expected = false;
                        qualified = false;
                        continue;
                    }
                    if !matches!(join, Join::None) {
                        // What a join on the right has in common with the left can't be told one relation at a time.
                        relations.push(InScope {
                            alias: Name::default(),
                            relation: None,
                            implied: false,
                            join: Join::None,
                        });
                    }
                    open.push(relations.len());
                }
                TokenKind::LeftParen => next = self.closing(next),
                TokenKind::Semicolon => return,
                TokenKind::Word if self.is_any(next, JOIN_WORDS) => {
                    item_expected = true;
                    if self.is(next, "natural") {
                        join = Join::Natural;
                    } else if !matches!(join, Join::Natural) {
                        join = Join::Plain;
                    }
                }
                TokenKind::Word if item_expected && self.is_any(next, &["lateral", "only"]) => {}
                TokenKind::Word if self.is_any(next, &["on", "using"]) => {
                    item_expected = false;
                    let names = self.is(next, "using") && self.kind(next + 1) == TokenKind::LeftParen;
                    let close = if names { self.closing(next + 1) } else { next };
                    if let Some(last) = relations.last_mut() {
                        if qualified && (names || matches!(last.join, Join::Using(_))) {
                            last.join = Join::Nested;
                        } else if names {
                            let columns = self.split(next + 2, close).into_iter().map(|(at, _)| self.name(at));
                            last.join = Join::Using(columns.collect());
                        }
                    }
                    qualified = true;
                    next = close;
                }
                TokenKind::Word if open.is_empty() && self.is_any(next, AFTER_FROM) => return,
                _ if item_expected && self.is_name(next) => {
                    next = self.read_from_item(next, relations);
                    joined(relations, &mut join);
                    item_expected = false;
                    qualified = false;
                    continue;
                }
                _ => {}
            }
            next += 1;
        }
    }

    /// The alias behind a parenthesised join. With names of its own for the columns, those of the relations in it are out of sight.
    fn join_alias(&mut self, at: usize, joined: &mut [InScope]) -> usize {
        let alias = if self.is(at, "as") {
            at + 1
        } else if self.is_free_name(at) && !self.is_any(at, JOIN_WORDS) && !self.is_any(at, AFTER_FROM) {
            at
        } else {
            return at;
        };
        self.flag(at, alias + 1);
        if self.kind(alias + 1) != TokenKind::LeftParen {
            return alias + 1;
        }
        let close = self.closing(alias + 1);
        self.flag(alias + 2, close);
        joined.iter_mut().for_each(|relation| relation.relation = None);
        close + 1
    }

    /// Whether parentheses that start here hold a query behind further parentheses.
    fn is_subquery(&self, mut at: usize) -> bool {
        while self.kind(at) == TokenKind::LeftParen {
            at += 1;
        }
        self.is_any(at, &["select", "with", "values"])
    }

    /// Reads a relation or table function with its alias, and gives the place after it.
    fn read_from_item(&mut self, first: usize, relations: &mut Vec<InScope>) -> usize {
        let mut last = first;
        while self.kind(last + 1) == TokenKind::Dot && self.is_name(last + 2) {
            last += 2;
        }
        if self.kind(last + 1) == TokenKind::LeftParen && !self.is_insert_target(first) {
            // A table function: its call is walked later; its columns are not known.
            let close = self.closing(last + 1);
            let name = self.name(last);
            let mut after = close + 1;
            if self.is(after, "with") && self.is(after + 1, "ordinality") {
                after += 2;
            }
            return self.alias(after, Some(name), None, relations);
        }
        // Functions that are called without parentheses, and one with a word before them.
        if last == first && self.kind(first) == TokenKind::Word {
            if self.is_any(first, VALUE_FUNCTIONS) {
                return self.alias(first + 1, Some(self.name(first)), None, relations);
            }
            if self.is(first, "collation") && self.is(first + 1, "for") && self.kind(first + 2) == TokenKind::LeftParen
            {
                return self.alias(self.closing(first + 2) + 1, Some("pg_collation_for".into()), None, relations);
            }
        }
        let schema = if last > first { Some(self.name(last - 2)) } else { None };
        let name = self.name(last);
        self.flag(first, last + 1);
        let cte = schema.is_none() && self.frames.iter().any(|f| f.ctes.contains(&name));
        let mut relation = None;
        if !cte {
            relation = self.replayer.find_relation_by(schema.as_ref(), &name);
            match relation {
                Some(found) => self.refer(last, super::lookup::object_of(found)),
                None => {
                    if self.missing.is_none()
                        && let Some(message) = self.replayer.certainly_missing(schema.as_ref(), &name)
                    {
                        let span = self.span_of(first, last);
                        self.missing = Some(Missing { sqlstate: state::UNDEFINED_TABLE, message, span });
                    }
                }
            }
        }
        let mut after = last + 1;
        if self.raw(after) == "*" {
            after += 1;
        }
        self.alias(after, Some(name), relation, relations)
    }

    fn is_insert_target(&self, at: usize) -> bool {
        at > 0 && self.is(at - 1, "into")
    }

    /// Reads `[AS] alias [(columns)]` and puts the relation into scope.
    fn alias(
        &mut self,
        at: usize,
        name: Option<Name>,
        relation: Option<RelationId>,
        relations: &mut Vec<InScope>,
    ) -> usize {
        let mut after = at;
        let mut alias = None;
        let mut renamed = false;
        if self.is(after, "as") && self.is_name(after + 1) {
            alias = Some(self.name(after + 1));
            self.flag(after, after + 2);
            after += 2;
        } else if self.is_free_name(after)
            && !self.is_any(after, JOIN_WORDS)
            && !self.is_any(after, AFTER_FROM)
            && !self.is_any(after, &["tablesample", "using", "values", "default"])
        {
            alias = Some(self.name(after));
            self.flag(after, after + 1);
            after += 1;
        }
        if alias.is_some() && self.kind(after) == TokenKind::LeftParen {
            // New names for the columns: the relation's own ones are out of sight.
            let close = self.closing(after);
            self.flag(after + 1, close);
            after = close + 1;
            renamed = true;
        }
        let implied = alias.is_none();
        if let Some(alias) = alias.or(name) {
            let relation = if renamed { None } else { relation };
            relations.push(InScope { alias, relation, implied, join: Join::None });
        } else {
            relations.push(InScope { alias: Name::default(), relation: None, implied: false, join: Join::None });
        }
        after
    }

    /// The output columns of the whole query, or `None` where one can't be told.
    fn outputs(&self) -> Option<Vec<Output>> {
        let (start, relations) = self.main.as_ref()?;
        let mut outputs = self.outputs_of(*start, relations)?;
        // Where branches differ in a type, which one is the result's is for the type system to say.
        // Source: PostgreSQL manual, 10.5 "UNION, CASE, and Related Constructs".
        let branches: Option<Vec<Vec<Output>>> = self.branches_of(*start).and_then(|branches| {
            branches.into_iter().map(|(start, relations)| self.outputs_of(*start, relations)).collect()
        });
        for (at, output) in outputs.iter_mut().enumerate() {
            let same = branches.as_ref().is_some_and(|all| {
                all.iter().all(|branch| branch.get(at).is_some_and(|other| other.data_type == output.data_type))
            });
            if !same {
                output.data_type = None;
            }
        }
        Some(outputs)
    }

    /// The output columns of one SELECT or VALUES.
    fn outputs_of(&self, start: usize, relations: &[InScope]) -> Option<Vec<Output>> {
        if self.is(start, "values") {
            let mut open = start + 1;
            let mut outputs: Vec<Output> = Vec::new();
            while self.kind(open) == TokenKind::LeftParen {
                let close = self.closing(open);
                let types = self.split(open + 1, close).into_iter().map(|(from, to)| self.type_of(from, to, &[], 0));
                if open == start + 1 {
                    let name = |at: usize| format!("column{}", at + 1).into();
                    let columns = types.enumerate();
                    outputs =
                        columns.map(|(at, data_type)| Output { name: name(at), data_type, collation: None }).collect();
                } else {
                    // Rows are to each other as the branches of a UNION.
                    for (output, data_type) in outputs.iter_mut().zip(types) {
                        output.data_type = output.data_type.take().filter(|t| Some(t) == data_type.as_ref());
                    }
                }
                open = if self.kind(close + 1) == TokenKind::Comma { close + 2 } else { break };
            }
            return Some(outputs);
        }
        let mut at = start + 1;
        if self.is_any(at, &["all", "distinct"]) {
            at += 1;
            if self.is(at, "on") && self.kind(at + 1) == TokenKind::LeftParen {
                at = self.closing(at + 1) + 1;
            }
        }
        let mut end = at;
        while end < self.tokens.len() {
            match self.kind(end) {
                TokenKind::LeftParen | TokenKind::LeftBracket => end = self.closing(end),
                TokenKind::RightParen | TokenKind::Semicolon => break,
                TokenKind::Word if self.is(end, "from") && !(end > 0 && self.is(end - 1, "distinct")) => break,
                TokenKind::Word
                    if self.is_any(
                        end,
                        &[
                            "into",
                            "where",
                            "group",
                            "having",
                            "union",
                            "intersect",
                            "except",
                            "order",
                            "limit",
                            "window",
                        ],
                    ) =>
                {
                    break;
                }
                _ => {}
            }
            end += 1;
        }
        let mut out = Vec::new();
        for (from, to) in self.split(at, end.min(self.tokens.len())) {
            if to <= from {
                continue;
            }
            if to == from + 1 && self.raw(from) == "*" {
                self.expand_all(relations, &mut out)?;
                continue;
            }
            if self.raw(to - 1) == "*" && to >= from + 3 && self.kind(to - 2) == TokenKind::Dot {
                let alias = self.name(to - 3);
                let relation = relations.iter().find(|r| r.alias == alias)?;
                self.expand(relation.relation?, &mut out)?;
                continue;
            }
            out.push(self.output(from, to, relations));
        }
        Some(out)
    }

    /// `*`: the columns of all FROM items, those that are joined by name once and first.
    fn expand_all(&self, relations: &[InScope], out: &mut Vec<Output>) -> Option<()> {
        // The columns of the tree of joins at hand.
        let mut tree: Vec<Output> = Vec::new();
        for relation in relations {
            let mut right = Vec::new();
            self.expand(relation.relation?, &mut right)?;
            let common: Vec<Name> = match &relation.join {
                Join::None => {
                    out.append(&mut tree);
                    Vec::new()
                }
                Join::Plain => Vec::new(),
                Join::Using(names) => names.clone(),
                Join::Nested => return None,
                Join::Natural => {
                    let both = tree.iter().filter(|l| right.iter().any(|r| r.name == l.name));
                    both.map(|l| l.name.clone()).collect()
                }
            };
            let mut merged = Vec::with_capacity(tree.len() + right.len());
            for name in &common {
                let at = tree.iter().position(|l| l.name == *name)?;
                let mut column = tree.remove(at);
                let other = right.iter().find(|r| r.name == *name)?;
                if other.data_type != column.data_type {
                    column.data_type = None;
                }
                merged.push(column);
            }
            merged.append(&mut tree);
            merged.extend(right.into_iter().filter(|r| !common.contains(&r.name)));
            tree = merged;
        }
        out.append(&mut tree);
        Some(())
    }

    fn expand(&self, relation: RelationId, out: &mut Vec<Output>) -> Option<()> {
        match relation {
            RelationId::Table(id) => {
                let table = self.replayer.schema.tables.get(id).filter(|t| !t.partial)?;
                for (_, column) in table.live_columns() {
                    out.push(Output {
                        name: column.name.clone(),
                        data_type: Some(column.data_type.clone()),
                        collation: column.collation.clone(),
                    });
                }
            }
            RelationId::View(id) => {
                let view = self.replayer.schema.views.get(id).filter(|v| !v.partial)?;
                let types = view.column_types.iter().cloned().chain(std::iter::repeat(None));
                let columns = view.columns.iter().cloned().zip(types);
                out.extend(columns.map(|(name, data_type)| Output { name, data_type, collation: None }));
            }
            _ => return None,
        }
        Some(())
    }

    /// Splits a range at its commas.
    fn split(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        let (mut start, mut at) = (from, from);
        while at < to {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at),
                TokenKind::Comma => {
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

    fn output(&self, from: usize, mut to: usize, relations: &[InScope]) -> Output {
        let mut label = None;
        let last = to - 1;
        if self.is_name(last) && last > from {
            if self.is(last - 1, "as") {
                label = Some(self.name(last));
                to = last - 1;
            } else if ends_operand(self.kind(last - 1), self.raw(last - 1)) && !self.is(last, "end") {
                label = Some(self.name(last));
                to = last;
            }
        }
        let data_type = self.type_of(from, to, relations, 0);
        let name = label.or_else(|| self.figure_name(from, to, 0).0).unwrap_or_else(|| "?column?".into());
        let collation = match to - from {
            1 => self.column_in(None, &self.name(from), relations),
            3 if self.kind(from + 1) == TokenKind::Dot => {
                self.column_in(Some(&self.name(from)), &self.name(from + 2), relations)
            }
            _ => None,
        };
        Output { name, data_type, collation: collation.and_then(|c| c.collation.clone()) }
    }

    /// The type of a simple expression: a column, a cast, a literal, a well-known call.
    fn type_of(&self, from: usize, to: usize, relations: &[InScope], depth: u8) -> Option<DataType> {
        if to <= from || depth > NAME_DEPTH {
            return None;
        }
        // `x::type` at the end decides, whatever stands before it, unless an operator of lower precedence does.
        let top = self.top_level(from, to);
        let operators: Vec<usize> = top.iter().copied().filter(|at| self.is_operator(*at)).collect();
        match operators.as_slice() {
            [] => {}
            [one] => return self.type_of_operation(from, *one, to, relations, depth),
            _ => return None,
        }
        if let Some(cast) = top.iter().rev().copied().find(|at| self.kind(*at) == TokenKind::Cast) {
            let (written, _, after) = self.type_name(cast + 1);
            if after >= to {
                return self.replayer.resolve_type(&written?).ok();
            }
        }
        if self.kind(from) == TokenKind::LeftParen && self.closing(from) == to - 1 {
            return self.type_of(from + 1, to - 1, relations, depth + 1);
        }
        if to == from + 1 {
            return match self.kind(from) {
                TokenKind::Number => {
                    let raw = self.raw(from);
                    Some(DataType::builtin(match raw.parse::<i64>() {
                        Ok(n) if i32::try_from(n).is_ok() => "integer",
                        Ok(_) => "bigint",
                        Err(_) => "numeric",
                    }))
                }
                TokenKind::String | TokenKind::DollarString => Some(DataType::builtin("text")),
                TokenKind::Word if self.is_any(from, &["true", "false"]) => Some(DataType::builtin("boolean")),
                TokenKind::Word if self.is(from, "null") => Some(DataType::builtin("text")),
                TokenKind::Word if self.is(from, "current_date") => Some(DataType::builtin("date")),
                TokenKind::Word if self.is(from, "current_timestamp") => {
                    Some(DataType::builtin("timestamp with time zone"))
                }
                _ => self.column_type(None, &self.name(from), relations),
            };
        }
        if to == from + 3 && self.kind(from + 1) == TokenKind::Dot {
            return self.column_type(Some(&self.name(from)), &self.name(from + 2), relations);
        }
        if self.is(from, "cast") && self.kind(from + 1) == TokenKind::LeftParen && self.closing(from + 1) == to - 1 {
            let as_word = (from + 2..to - 1).rev().find(|at| self.is(*at, "as"))?;
            return self.replayer.resolve_type(&self.type_name(as_word + 1).0?).ok();
        }
        if self.kind(from + 1) == TokenKind::LeftParen && self.closing(from + 1) == to - 1 {
            let name = self.name(from);
            return Some(DataType::builtin(match name.as_str() {
                "count" | "row_number" | "rank" | "dense_rank" => "bigint",
                "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" => {
                    "timestamp with time zone"
                }
                "concat" | "replace" | "to_char" => "text",
                // Functions of these names are also there for ranges and for binary strings.
                "lower" | "upper" | "string_agg" | "trim" | "btrim" => {
                    let (first, end) = self.split(from + 2, to - 1).first().copied()?;
                    let of = self.type_of(first, end, relations, depth + 1)?;
                    matches!(of.builtin_name()?, "text" | "character varying" | "character").then_some("text")?
                }
                "gen_random_uuid" => "uuid",
                _ => return None,
            }));
        }
        None
    }

    /// The type of `a op b` for the operators whose result is plain.
    fn type_of_operation(
        &self,
        from: usize,
        operator: usize,
        to: usize,
        relations: &[InScope],
        depth: u8,
    ) -> Option<DataType> {
        let raw = self.raw(operator).to_ascii_lowercase();
        match raw.as_str() {
            "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" | "and" | "or" | "not" | "is" | "in" | "like" | "ilike"
            | "isnull" | "notnull" => return Some(DataType::builtin("boolean")),
            _ => {}
        }
        let left = self.type_of(from, operator, relations, depth + 1);
        let right = self.type_of(operator + 1, to, relations, depth + 1);
        let (left, right) = (left?, right?);
        match raw.as_str() {
            "||" => {
                // A literal beside something else is what that makes of it: `data || '{}'`.
                const OWN: [&str; 6] = ["bit", "bit varying", "bytea", "jsonb", "tsquery", "tsvector"];
                let (left, right) = (left.builtin_name()?, right.builtin_name()?);
                let text = [left, right].contains(&"text") && ![left, right].iter().any(|t| OWN.contains(t));
                text.then(|| DataType::builtin("text"))
            }
            "+" | "-" | "*" | "/" | "%" => {
                const WIDER: [&str; 4] = ["smallint", "integer", "bigint", "numeric"];
                let rank = |t: &DataType| WIDER.iter().position(|w| t.builtin_name() == Some(w));
                let wider = rank(&left)?.max(rank(&right)?);
                WIDER.get(wider).map(|name| DataType::builtin(name))
            }
            _ => None,
        }
    }

    fn column_type(&self, alias: Option<&Name>, name: &Name, relations: &[InScope]) -> Option<DataType> {
        self.column_in(alias, name, relations).map(|c| c.data_type.clone())
    }

    fn column_in(&self, alias: Option<&Name>, name: &Name, relations: &[InScope]) -> Option<&Column> {
        let mut found = relations.iter().filter(|r| alias.is_none_or(|a| r.alias == *a)).filter_map(|r| {
            let Some(RelationId::Table(id)) = r.relation else { return None };
            let table = self.replayer.schema.tables.get(id)?;
            table.column(table.find_column(name)?)
        });
        let first = found.next()?;
        // The column of a join by name is of the type that the columns of all sides can have.
        let merged = alias.is_none() && relations.iter().any(|r| r.join.merges(name));
        let known = || relations.iter().all(|r| self.is_known_table(r.relation));
        (!merged || (known() && found.all(|other| other.data_type == first.data_type))).then_some(first)
    }

    /// Whether a relation in scope is a table all of whose columns are known.
    fn is_known_table(&self, relation: Option<RelationId>) -> bool {
        let Some(RelationId::Table(id)) = relation else { return false };
        self.replayer.schema.tables.get(id).is_some_and(|t| !t.partial)
    }

    /// The places between `from` and `to` that stand inside no parentheses and no CASE.
    fn top_level(&self, from: usize, to: usize) -> Vec<usize> {
        let mut out = Vec::new();
        let mut cases = 0_usize;
        let mut at = from;
        while at < to {
            if self.is(at, "case") {
                cases += 1;
            } else if self.is(at, "end") && cases > 0 {
                cases -= 1;
            } else if cases == 0 {
                out.push(at);
            }
            if matches!(self.kind(at), TokenKind::LeftParen | TokenKind::LeftBracket) {
                at = self.closing(at).max(at);
            }
            at += 1;
        }
        out
    }

    fn is_operator(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::Operator
            || self.is_any(
                at,
                &[
                    "and", "or", "not", "is", "in", "like", "ilike", "between", "similar", "isnull", "notnull",
                    "overlaps",
                ],
            )
    }

    /// The name that PostgreSQL gives an expression without one, and how sure it is of it (`FigureColnameInternal`).
    fn figure_name(&self, from: usize, to: usize, depth: u8) -> (Option<Name>, u8) {
        if to <= from || depth > NAME_DEPTH {
            return (None, 0);
        }
        if self.top_level(from, to).into_iter().any(|at| self.is_operator(at)) {
            return (None, 0);
        }
        let (mut name, mut strength, mut at) = self.figure_primary(from, to, depth);
        while at < to {
            match self.kind(at) {
                TokenKind::Cast => {
                    let (written, _, after) = self.type_name(at + 1);
                    if strength <= 1
                        && let Some(written) = written
                    {
                        let folded = written.name.fold();
                        name = Some(super::types::internal_name(&folded).into());
                        strength = 1;
                    }
                    at = after.max(at + 1);
                }
                TokenKind::LeftBracket => at = self.closing(at) + 1,
                TokenKind::Dot if self.is_name(at + 1) => {
                    name = Some(self.name(at + 1));
                    strength = 2;
                    at += 2;
                }
                TokenKind::Word if self.is(at, "collate") => at = self.after_chain(at + 1),
                TokenKind::Word if self.is(at, "at") && self.is(at + 1, "time") => {
                    return (Some("timezone".into()), 2);
                }
                // FILTER (…), OVER (…), WITHIN GROUP (…).
                TokenKind::Word if self.is_any(at, &["filter", "over", "within", "group"]) => at += 1,
                TokenKind::LeftParen => at = self.closing(at) + 1,
                _ => return (name, strength),
            }
        }
        (name, strength)
    }

    /// The name of what stands before casts and subscripts, and the place after it.
    fn figure_primary(&self, from: usize, to: usize, depth: u8) -> (Option<Name>, u8, usize) {
        let sure = |name: &str, after: usize| (Some(Name::from(name)), 2, after);
        match self.kind(from) {
            TokenKind::LeftParen => {
                let close = self.closing(from);
                if self.is_any(from + 1, &["select", "with"]) {
                    // A scalar subquery is called like its only output.
                    let mut at = from + 2;
                    let mut end = at;
                    while end < close && !self.is(end, "from") {
                        end = self.closing(end) + 1;
                    }
                    if self.is_any(at, &["distinct", "all"]) {
                        at += 1;
                    }
                    let name = if end > at { Some(self.output_name(at, end.min(close), depth)) } else { None };
                    return (name.flatten(), 2, close + 1);
                }
                let (name, strength) = self.figure_name(from + 1, close, depth + 1);
                (name, strength, close + 1)
            }
            TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted => {
                if self.kind(from) == TokenKind::Word {
                    let word = self.raw(from).to_ascii_lowercase();
                    let open = from + 1;
                    let call = self.kind(open) == TokenKind::LeftParen;
                    let after = if call { self.closing(open) + 1 } else { from + 1 };
                    match word.as_str() {
                        "case" => return self.figure_case(from, to, depth),
                        "cast" if call => {
                            let close = self.closing(open);
                            let inner = self.top_level(open + 1, close);
                            let as_word = inner.into_iter().rev().find(|at| self.is(*at, "as"));
                            let Some(as_word) = as_word else { return (None, 0, after) };
                            let (name, strength) = self.figure_name(open + 1, as_word, depth + 1);
                            if strength > 1 {
                                return (name, strength, after);
                            }
                            let written = self.type_name(as_word + 1).0.map(|t| t.name.fold());
                            let name = written.map(|n| super::types::internal_name(&n).into());
                            return (name, 1, after);
                        }
                        "trim" if call => {
                            let name = if self.is(open + 1, "leading") {
                                "ltrim"
                            } else if self.is(open + 1, "trailing") {
                                "rtrim"
                            } else {
                                "btrim"
                            };
                            return sure(name, after);
                        }
                        "array" => {
                            let close = self.closing(open);
                            return sure("array", close + 1);
                        }
                        "exists" | "coalesce" | "greatest" | "least" | "nullif" | "row" | "grouping" | "extract"
                        | "position" | "substring" | "overlay" | "normalize" | "xmlelement" | "xmlforest"
                        | "xmlconcat" | "xmlparse" | "xmlpi" | "xmlroot" | "xmlserialize" | "current_date"
                        | "current_timestamp" | "current_time" | "localtime" | "localtimestamp" | "current_user"
                        | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema" => {
                            let name = if word == "user" { "current_user" } else { word.as_str() };
                            return sure(name, after);
                        }
                        "true" | "false" => return (None, 0, after),
                        "null" => return (None, 0, after),
                        "interval" if self.kind(open) == TokenKind::String => {
                            return (Some("interval".into()), 1, open + 1);
                        }
                        _ => {}
                    }
                }
                let mut last = from;
                while self.kind(last + 1) == TokenKind::Dot && self.is_name(last + 2) {
                    last += 2;
                }
                let after = last + 1;
                if self.kind(after) == TokenKind::LeftParen {
                    return (Some(self.name(last)), 2, self.closing(after) + 1);
                }
                if self.kind(after) == TokenKind::String {
                    let name = self.name(last);
                    return (Some(super::types::internal_name(&name).into()), 1, after + 1);
                }
                (Some(self.name(last)), 2, after)
            }
            _ => (None, 0, from + 1),
        }
    }

    fn output_name(&self, from: usize, to: usize, depth: u8) -> Option<Name> {
        let last = to.checked_sub(1)?;
        if last > from
            && self.is_name(last)
            && (self.is(last - 1, "as") || ends_operand(self.kind(last - 1), self.raw(last - 1)))
        {
            return Some(self.name(last));
        }
        self.figure_name(from, to, depth + 1).0
    }

    /// CASE is called like the column of its ELSE, or `case`.
    fn figure_case(&self, from: usize, to: usize, depth: u8) -> (Option<Name>, u8, usize) {
        let mut nesting = 0_usize;
        let mut otherwise = None;
        let mut at = from;
        while at < to {
            if matches!(self.kind(at), TokenKind::LeftParen | TokenKind::LeftBracket) {
                at = self.closing(at);
            } else if self.is(at, "case") {
                nesting += 1;
            } else if self.is(at, "else") && nesting == 1 {
                otherwise = Some(at + 1);
            } else if self.is(at, "end") {
                nesting = nesting.saturating_sub(1);
                if nesting == 0 {
                    break;
                }
            }
            at += 1;
        }
        if let Some(start) = otherwise {
            let (name, strength) = self.figure_name(start, at, depth + 1);
            if strength > 1 {
                return (name, strength, at + 1);
            }
        }
        (Some("case".into()), 1, at + 1)
    }
}

/// Notes how the relation just read is joined; what comes next is a FROM item of its own unless a join says otherwise.
fn joined(relations: &mut [InScope], join: &mut Join) {
    if let Some(last) = relations.last_mut() {
        last.join = std::mem::take(join);
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
