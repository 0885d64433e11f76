//! The syntax tree of a Python module. Nodes lie in two arenas, so that trees of any shape are built, walked and dropped without recursion.

use std::rc::Rc;

use smol_str::SmolStr;

use crate::source::{FileId, Mapped, Span};

/// An expression, by its place in [`Ast::exprs`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExprId(pub(super) u32);

/// A statement, by its place in [`Ast::stmts`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StmtId(pub(super) u32);

/// A block of statements.
pub type Block = Vec<StmtId>;

/// A module.
#[derive(Debug, Default)]
pub struct Ast {
    /// The file that spans lie in.
    pub file: FileId,
    /// All expressions.
    pub exprs: Vec<Expr>,
    /// All statements.
    pub stmts: Vec<Stmt>,
    /// The module's statements.
    pub body: Block,
    /// Comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
}

/// An expression and its bytes in the file.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Expr {
    pub kind: ExprKind,
    pub start: u32,
    pub end: u32,
}

/// A statement and its bytes in the file, without its line end; of a compound statement the first line.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Stmt {
    pub kind: StmtKind,
    pub start: u32,
    pub end: u32,
}

/// The kinds of expressions. Source: the Python Language Reference, chapter 6.
#[derive(Debug)]
#[allow(missing_docs, reason = "the grammar's names")]
pub enum ExprKind {
    None,
    Bool(bool),
    Ellipsis,
    Int(i64),
    /// A float, a complex number, an integer beyond 64 bits: as written.
    Number(SmolStr),
    /// A string, adjacent literals joined, escapes undone.
    Str(Rc<Mapped>),
    Bytes(Rc<Mapped>),
    /// An f-string, adjacent literals joined.
    Template(Vec<Part>),
    Name(SmolStr),
    Attribute(ExprId, SmolStr),
    Call(ExprId, Vec<Argument>),
    Index(ExprId, ExprId),
    Slice(Option<ExprId>, Option<ExprId>, Option<ExprId>),
    Not(ExprId),
    Unary(SmolStr, ExprId),
    Binary(ExprId, SmolStr, ExprId),
    /// `a < b in c`: the first operand, and each operator with the operand behind it: `is not` and `not in` are one operator.
    Compare(ExprId, Vec<(SmolStr, ExprId)>),
    And(Vec<ExprId>),
    Or(Vec<ExprId>),
    /// `then if test else otherwise`.
    Conditional {
        test: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    Lambda(Rc<Parameters>, ExprId),
    /// `name := value`.
    Walrus(SmolStr, ExprId),
    List(Vec<ExprId>),
    Tuple(Vec<ExprId>),
    Set(Vec<ExprId>),
    /// Keys with values; `**value` has no key.
    Dict(Vec<(Option<ExprId>, ExprId)>),
    /// `*value`.
    Star(ExprId),
    Comprehension {
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: Vec<Clause>,
    },
    Await(ExprId),
    Yield(Option<ExprId>),
    /// `pattern as name` in a match statement.
    Capture(ExprId, SmolStr),
}

/// What a comprehension makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the grammar's names")]
pub enum ComprehensionKind {
    List,
    Set,
    Dict,
    Generator,
}

/// `for target in iterable if …`.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Clause {
    pub target: ExprId,
    pub iterable: ExprId,
    pub tests: Vec<ExprId>,
}

/// A part of an f-string.
#[derive(Debug)]
#[allow(missing_docs, reason = "the variants say what their fields are")]
pub enum Part {
    /// Text.
    Text(Mapped),
    /// A replacement field: the value, `!r` and its like, the format specification, and for `{x=}` the text before the value.
    Field { value: ExprId, conversion: Option<char>, spec: Vec<Part>, label: Option<Mapped> },
}

/// One argument of a call.
#[derive(Debug)]
pub enum Argument {
    /// `value`.
    Positional(ExprId),
    /// `name=value`, with the span of the name.
    Keyword(SmolStr, (u32, u32), ExprId),
    /// `*value`.
    Star(ExprId),
    /// `**value`.
    DoubleStar(ExprId),
}

/// The parameters of a function.
#[derive(Debug, Default)]
pub struct Parameters {
    /// In order; those behind `*` can be given by name only.
    pub list: Vec<Parameter>,
    /// `*args`.
    pub star: Option<SmolStr>,
    /// `**kwargs`.
    pub double_star: Option<SmolStr>,
}

/// A parameter.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Parameter {
    pub name: SmolStr,
    pub annotation: Option<ExprId>,
    pub default: Option<ExprId>,
    pub keyword_only: bool,
}

/// The kinds of statements. Source: the Python Language Reference, chapters 7 and 8.
#[derive(Debug)]
#[allow(missing_docs, reason = "the grammar's names")]
pub enum StmtKind {
    Expr(ExprId),
    /// `a = b = value`: targets and value.
    Assign(Vec<ExprId>, ExprId),
    /// `target: annotation = value`.
    Annotated {
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
    },
    /// `target += value`: the operator without `=`.
    Augmented(ExprId, SmolStr, ExprId),
    Return(Option<ExprId>),
    Raise,
    Pass,
    Break,
    Continue,
    Delete(Vec<ExprId>),
    /// `global` and `nonlocal`.
    Global(Vec<SmolStr>),
    /// `import a.b as c`: dotted name and alias.
    Import(Vec<(SmolStr, Option<SmolStr>)>),
    /// `from ..a import b as c`: the number of dots, the module, names (`*` too) with aliases.
    ImportFrom {
        dots: u32,
        module: SmolStr,
        names: Vec<(SmolStr, Option<SmolStr>)>,
    },
    If {
        test: ExprId,
        then: Block,
        otherwise: Block,
    },
    While {
        test: ExprId,
        body: Block,
        otherwise: Block,
    },
    For {
        target: ExprId,
        iterable: ExprId,
        body: Block,
        otherwise: Block,
    },
    With {
        items: Vec<(ExprId, Option<ExprId>)>,
        body: Block,
    },
    Try {
        body: Block,
        handlers: Vec<Handler>,
        otherwise: Block,
        finally: Block,
    },
    Function(Rc<FunctionDef>),
    Class(Rc<ClassDef>),
    Match {
        subject: ExprId,
        cases: Vec<Case>,
    },
    Assert(ExprId),
}

/// `except type as name:`.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Handler {
    pub class: Option<ExprId>,
    pub name: Option<SmolStr>,
    pub body: Block,
}

/// `case pattern if guard:`. Patterns are read as the expressions that they look like.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Case {
    pub pattern: ExprId,
    pub guard: Option<ExprId>,
    pub body: Block,
}

/// A function.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct FunctionDef {
    pub name: SmolStr,
    pub name_at: (u32, u32),
    pub parameters: Rc<Parameters>,
    pub returns: Option<ExprId>,
    pub body: Block,
    pub decorators: Vec<ExprId>,
    pub is_async: bool,
}

/// A class.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct ClassDef {
    pub name: SmolStr,
    pub name_at: (u32, u32),
    /// Bases and keywords.
    pub arguments: Vec<Argument>,
    pub body: Block,
    pub decorators: Vec<ExprId>,
}

impl Ast {
    /// An expression. Ids come from this tree only.
    pub fn expr(&self, id: ExprId) -> Option<&Expr> {
        self.exprs.get(id.0 as usize)
    }

    /// A statement. Ids come from this tree only.
    pub fn stmt(&self, id: StmtId) -> Option<&Stmt> {
        self.stmts.get(id.0 as usize)
    }

    /// Where an expression stands.
    pub fn expr_span(&self, id: ExprId) -> Span {
        self.expr(id).map_or(Span::default(), |e| Span::new(self.file, e.start, e.end))
    }

    /// The string that a block begins with, if it does: its docstring.
    pub fn docstring(&self, block: &[StmtId]) -> Option<&Rc<Mapped>> {
        let StmtKind::Expr(id) = &self.stmt(*block.first()?)?.kind else { return None };
        match &self.expr(*id)?.kind {
            ExprKind::Str(text) => Some(text),
            _ => None,
        }
    }
}
