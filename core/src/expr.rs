//! Expressions and queries: their text as written, and the small tree that rules match on.

use std::fmt;
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use crate::name::Name;
use crate::read::{ddl, sql};
use crate::source::Span;

/// An expression or query as written. Its tree is made on demand, for most expressions of a schema are never looked into, and once, for some are
/// looked into by a dozen rules.
#[derive(Clone, Default)]
pub struct Expr {
    /// The text as written, comments included, without surrounding white space.
    pub text: Box<str>,
    /// Where the text stands. `text` equals the file's text at this span.
    pub span: Span,
    /// The text's tree, once somebody asked. Copies of the expression share it.
    tree: OnceLock<Arc<Tree>>,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.span) == (&other.text, other.span)
    }
}

impl Eq for Expr {}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expr").field("text", &self.text).field("span", &self.span).finish()
    }
}

impl Expr {
    /// An expression of this text, which stands there.
    pub fn new(text: impl Into<Box<str>>, span: Span) -> Self {
        Self { text: text.into(), span, tree: OnceLock::new() }
    }

    /// The text as a tree; what cannot be read is [`Tree::Opaque`].
    pub fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Arc::new(sql::expression(&self.text)))
    }

    /// Whether this is a call of the function `name`, in any schema. No tree is made of a text that lacks the name.
    pub(crate) fn is_call_of(&self, name: &str) -> bool {
        let named =
            self.text.as_bytes().windows(name.len().max(1)).any(|part| part.eq_ignore_ascii_case(name.as_bytes()));
        named && self.tree().is_call_of(name)
    }

    /// Gives the tree to another expression of the same text that has none yet.
    pub(crate) fn share_tree(&self, other: &Expr) {
        if self.text == other.text {
            let tree = self.tree.get_or_init(|| Arc::new(sql::expression(&self.text)));
            // One that it has already is the same.
            let _ = other.tree.set(Arc::clone(tree));
        }
    }

    /// What an UPDATE, DELETE or INSERT says of its rows, or `None` where the text is none.
    pub fn change(&self) -> Option<Change> {
        ddl::change::change(&self.text)
    }

    /// Every name in the text, folded, key words among them.
    pub fn words(&self) -> Vec<Name> {
        ddl::change::words_and_strings(&self.text).0
    }

    /// Every string in the text, quotes undone.
    pub fn strings(&self) -> Vec<String> {
        ddl::change::words_and_strings(&self.text).1
    }

    /// The rows of an INSERT … VALUES as a query of rows; `None` where there are none, or they cannot be read.
    pub fn inserted(&self) -> Option<Query> {
        sql::query(ddl::change::values(&self.text)?)
    }

    /// What the text says as the body of a routine.
    pub fn routine(&self) -> Routine {
        ddl::body::routine(&self.text)
    }

    /// A part of the text as an expression of its own. Where quotes were undone, the part stands somewhere in the whole's span.
    pub fn part(&self, place: Place) -> Expr {
        let text = self.text.get(place.start as usize..place.end as usize).unwrap_or_default();
        Expr::new(text, self.span_of(place).unwrap_or(self.span))
    }

    /// Where a part of the text stands in its file; `None` where quotes were undone, so that the two do not match byte by byte.
    pub fn span_of(&self, place: Place) -> Option<Span> {
        let (start, length) = (self.span.start, self.span.end.saturating_sub(self.span.start));
        (length as usize == self.text.len())
            .then(|| Span::new(self.span.file, start.saturating_add(place.start), start.saturating_add(place.end)))
    }

    /// The text as a query, or `None` where it cannot be read as one.
    pub fn query(&self) -> Option<Query> {
        sql::query(&self.text)
    }
}

/// A part of a text, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

/// What the body of a routine says, as far as rules look into one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Routine {
    /// The command of each EXECUTE.
    pub executed: Vec<Place>,
    /// What variables are given, in the order of the text: name and value.
    pub assigned: Vec<(Name, Place)>,
    /// `NEW.column` and `OLD.column`: `new` or `old`, the column, and where both stand.
    pub row_fields: Vec<(Name, Name, Place)>,
    /// Whether it asks which table it is for, or what it was given: `TG_TABLE_NAME` anywhere but among VALUES, as trails of changes note it.
    pub asks_for_table: bool,
    /// Names that are compared with a list or a pattern: `x NOT IN (…)`, `x ~ '^[a-z]+$'`, `x = ANY (…)`.
    pub checked: Vec<Name>,
    /// Relations that are read or written without a schema in front.
    pub bare_relations: Vec<(Name, Place)>,
}

/// What an UPDATE, DELETE or INSERT says of its rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The columns that it writes, as often as they are written.
    pub columns: Vec<Name>,
    /// Where each stands in the text.
    pub columns_at: Vec<(u32, u32)>,
    /// Whether WHERE, FROM or USING picks rows of an UPDATE or DELETE.
    pub filtered: bool,
    /// Whether an INSERT takes its rows from a query.
    pub from_query: bool,
}

/// An expression. Names are folded as the database folds them; parentheses are gone.
#[derive(Clone, PartialEq, Debug)]
pub enum Tree {
    /// A column or variable: `name`, `table.name`, `schema.table.name`.
    Column(Vec<Name>),
    /// NULL.
    Null,
    /// TRUE or FALSE.
    Bool(bool),
    /// A number as written.
    Number(SmolStr),
    /// A string, quotes undone.
    Text(String),
    /// A function call.
    Call(Box<Call>),
    /// An operator with its operands: one, two, or (for a chain of the same operator, BETWEEN, IN) more. Words are in lower case:
    /// `and`, `or`, `not`, `is null`, `is not null`, `in`, `not in`, `between`, `like`, `=`, `<>`, `->>`, `= any`, `= all` …
    Operator(SmolStr, Vec<Tree>),
    /// A cast to a type, in lower case as written.
    Cast(Box<Tree>, String),
    /// CASE: what is compared, the branches, ELSE.
    Case(Option<Box<Tree>>, Vec<(Tree, Tree)>, Option<Box<Tree>>),
    /// A scalar subquery, or the right side of IN.
    Subquery(Box<Query>),
    /// EXISTS; NOT EXISTS stands under a `not`.
    Exists(Box<Query>),
    /// ARRAY[…].
    Array(Vec<Tree>),
    /// A row of several values.
    Row(Vec<Tree>),
    /// `*` or `table.*`.
    Star(Vec<Name>),
    /// Something that was not read.
    Opaque,
}

/// A function call.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// The name, with its schema where one is written. Special forms have the name of their key word: `coalesce`, `extract`, `now`.
    pub name: Vec<Name>,
    /// The arguments.
    pub arguments: Vec<Tree>,
    /// DISTINCT.
    pub distinct: bool,
    /// FILTER (WHERE …).
    pub filter: Option<Tree>,
    /// OVER (…): a window function.
    pub over: bool,
}

impl Call {
    /// The function's own name, without schema.
    pub fn base_name(&self) -> &str {
        self.name.last().map_or("", |n| n)
    }
}

/// A query, as far as rules look into one.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Query {
    /// WITH: names and queries.
    pub with: Vec<(Name, Query)>,
    /// The select list; empty for VALUES.
    pub items: Vec<Item>,
    /// DISTINCT or DISTINCT ON.
    pub distinct: bool,
    /// What rows come from, joins flattened in order.
    pub from: Vec<From>,
    /// WHERE.
    pub filter: Option<Tree>,
    /// GROUP BY.
    pub group_by: Vec<Tree>,
    /// HAVING.
    pub having: Option<Tree>,
    /// ORDER BY expressions.
    pub order_by: Vec<Tree>,
    /// Whether LIMIT or FETCH is there.
    pub limited: bool,
    /// The other operands of UNION, INTERSECT and EXCEPT.
    pub set_operands: Vec<Query>,
    /// Whether a UNION among them is written without ALL, so that equal rows become one.
    pub merges_rows: bool,
}

/// One entry of a select list.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// What is selected.
    pub value: Tree,
    /// AS.
    pub alias: Option<Name>,
}

/// One source of rows.
#[derive(Clone, PartialEq, Debug)]
pub struct From {
    /// What it is.
    pub source: Source,
    /// Its alias.
    pub alias: Option<Name>,
    /// The names that its columns get behind the alias.
    pub columns: Vec<Name>,
    /// How it is joined to what stands before it.
    pub join: Join,
    /// ON.
    pub on: Option<Tree>,
    /// USING.
    pub using: Vec<Name>,
}

/// What rows come from.
#[derive(Clone, PartialEq, Debug)]
pub enum Source {
    /// A table or view by its written name.
    Relation(Vec<Name>),
    /// A subquery.
    Query(Box<Query>),
    /// A function call.
    Function(Box<Call>),
    /// Something that was not read.
    Opaque,
}

/// The kinds of joins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the SQL key words; Comma also stands for the first entry")]
pub enum Join {
    Comma,
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

impl Tree {
    /// Calls `visit` for this tree and all below it, subqueries too, outer before inner.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Tree)) {
        self.walk_parts(true, visit);
    }

    /// The same without what stands in queries: there a name may mean a column of another table.
    pub fn walk_own<'a>(&'a self, visit: &mut dyn FnMut(&'a Tree)) {
        self.walk_parts(false, visit);
    }

    fn walk_parts<'a>(&'a self, queries: bool, visit: &mut dyn FnMut(&'a Tree)) {
        // Work is kept on the heap: a chain of operators may be thousands deep.
        let mut left = vec![self];
        while let Some(tree) = left.pop() {
            visit(tree);
            let from = left.len();
            match tree {
                Tree::Call(call) => {
                    left.extend(&call.arguments);
                    left.extend(&call.filter);
                }
                Tree::Operator(_, operands) | Tree::Array(operands) | Tree::Row(operands) => left.extend(operands),
                Tree::Cast(operand, _) => left.push(operand),
                Tree::Case(operand, branches, otherwise) => {
                    left.extend(operand.as_deref());
                    left.extend(branches.iter().flat_map(|(when, then)| [when, then]));
                    left.extend(otherwise.as_deref());
                }
                Tree::Subquery(query) | Tree::Exists(query) if queries => query.trees(&mut left),
                Tree::Subquery(_)
                | Tree::Exists(_)
                | Tree::Column(_)
                | Tree::Null
                | Tree::Bool(_)
                | Tree::Number(_)
                | Tree::Text(_)
                | Tree::Star(_)
                | Tree::Opaque => {}
            }
            if let Some(added) = left.get_mut(from..) {
                added.reverse();
            }
        }
    }

    /// Whether this is a call of the function `name`, in any schema.
    pub fn is_call_of(&self, name: &str) -> bool {
        matches!(self, Tree::Call(call) if call.base_name() == name)
    }

    /// The tree without casts around it.
    pub fn without_casts(&self) -> &Tree {
        let mut tree = self;
        while let Tree::Cast(inner, _) = tree {
            tree = inner;
        }
        tree
    }

    /// The operands of a chain of `operator` (`and`, `or`), or the tree itself as the only one.
    pub fn operands_of<'a>(&'a self, operator: &str) -> &'a [Tree] {
        match self {
            Tree::Operator(op, operands) if op == operator => operands,
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether any part of it could not be read.
    pub fn has_opaque(&self) -> bool {
        let mut found = false;
        self.walk(&mut |t| found |= matches!(t, Tree::Opaque));
        found
    }
}

impl Query {
    /// Calls `visit` for every expression of the query and of the queries inside it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Tree)) {
        let mut trees = Vec::new();
        self.trees(&mut trees);
        for tree in trees {
            tree.walk(visit);
        }
    }

    /// Calls `visit` for this query and all queries inside it, also those in expressions.
    pub fn walk_queries<'a>(&'a self, visit: &mut dyn FnMut(&'a Query)) {
        let mut left = vec![self];
        while let Some(query) = left.pop() {
            visit(query);
            left.extend(query.with.iter().map(|(_, q)| q));
            left.extend(&query.set_operands);
            let mut own = Vec::new();
            query.own_trees(&mut own);
            for from in &query.from {
                if let Source::Query(q) = &from.source {
                    left.push(q);
                }
            }
            for tree in own {
                shallow_queries(tree, &mut left);
            }
        }
    }

    /// The names of all relations that the query and its subqueries read, without those that WITH defines.
    pub fn relations(&self) -> Vec<&[Name]> {
        let mut out = Vec::new();
        let mut defined: Vec<&Name> = Vec::new();
        self.walk_queries(&mut |q| defined.extend(q.with.iter().map(|(name, _)| name)));
        self.walk_queries(&mut |q| {
            for from in &q.from {
                if let Source::Relation(name) = &from.source
                    && !(name.len() == 1 && name.iter().any(|n| defined.contains(&n)))
                {
                    out.push(name.as_slice());
                }
            }
        });
        out
    }

    fn trees<'a>(&'a self, out: &mut Vec<&'a Tree>) {
        let mut queries = vec![self];
        while let Some(query) = queries.pop() {
            query.own_trees(out);
            queries.extend(query.with.iter().map(|(_, q)| q));
            queries.extend(&query.set_operands);
            queries.extend(query.from.iter().filter_map(|f| match &f.source {
                Source::Query(q) => Some(q.as_ref()),
                _ => None,
            }));
        }
    }

    fn own_trees<'a>(&'a self, out: &mut Vec<&'a Tree>) {
        out.extend(self.items.iter().map(|i| &i.value));
        for from in &self.from {
            if let Source::Function(call) = &from.source {
                out.extend(&call.arguments);
            }
            out.extend(&from.on);
        }
        out.extend(&self.filter);
        out.extend(&self.group_by);
        out.extend(&self.having);
        out.extend(&self.order_by);
    }
}

/// The queries in an expression, without those inside them.
fn shallow_queries<'a>(tree: &'a Tree, out: &mut Vec<&'a Query>) {
    let mut left = vec![tree];
    while let Some(tree) = left.pop() {
        match tree {
            Tree::Subquery(query) | Tree::Exists(query) => out.push(query),
            Tree::Call(call) => {
                left.extend(&call.arguments);
                left.extend(&call.filter);
            }
            Tree::Operator(_, operands) | Tree::Array(operands) | Tree::Row(operands) => left.extend(operands),
            Tree::Cast(operand, _) => left.push(operand),
            Tree::Case(operand, branches, otherwise) => {
                left.extend(operand.as_deref());
                left.extend(branches.iter().flat_map(|(when, then)| [when, then]));
                left.extend(otherwise.as_deref());
            }
            _ => {}
        }
    }
}
