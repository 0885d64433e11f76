//! Functions that make models when the program calls them: `def tables(metadata)`, `def models(prefix="app_")`. Where the modules themselves have none,
//! each such function is called once, with nothing but its defaults.

use super::Reader;
use crate::read::python::ast::{Ast, ExprKind, StmtKind};
use crate::read::python::{Kind, Scope, Value};

/// How many functions are called.
const MAX: usize = 200;

impl Reader {
    pub(super) fn call_makers(&mut self) {
        let mut functions: Vec<Value> = Vec::new();
        for module in 0..self.modules {
            let (Some(ast), Some(scope)) = (self.python.ast(module).cloned(), self.python.run_module(module)) else {
                continue;
            };
            for name in makers(&ast) {
                let bound = self.python.heap.scope(scope).and_then(|scope: &Scope| scope.get(&name)).cloned();
                functions.extend(bound.filter(|value| matches!(value.kind, Kind::Function(_))));
            }
        }
        for function in functions.iter().take(MAX) {
            self.ask(function, Vec::new());
        }
    }
}

/// The functions of a module in which tables or classes of models are made.
fn makers(ast: &Ast) -> Vec<String> {
    let starts: Vec<u32> = ast.body.iter().filter_map(|id| ast.stmt(*id)).map(|stmt| stmt.start).collect();
    let mut out = Vec::new();
    for (at, stmt) in ast.body.iter().filter_map(|id| ast.stmt(*id)).enumerate() {
        let StmtKind::Function(function) = &stmt.kind else { continue };
        let end = starts.get(at + 1).copied().unwrap_or(u32::MAX);
        let names = |id, name: &str| match ast.expr(id).map(|e| &e.kind) {
            Some(ExprKind::Name(found)) => found == name,
            Some(ExprKind::Attribute(_, found)) => found == name,
            _ => false,
        };
        let within = |start: u32| start >= stmt.start && start < end;
        let makes_table = ast.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Call(callee, _) => within(expr.start) && names(*callee, "Table"),
            _ => false,
        });
        let makes_class = || {
            ast.stmts.iter().any(|inner| match &inner.kind {
                StmtKind::Assign(targets, _) => {
                    within(inner.start) && targets.iter().any(|target| names(*target, "__tablename__"))
                }
                _ => false,
            })
        };
        if makes_table || makes_class() {
            out.push(function.name.to_string());
        }
    }
    out
}
