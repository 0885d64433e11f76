//! Operations of a project's own: a class that is registered under a name, and a function that runs what it holds.
//! Source: Alembic's documentation, "Operation Plugins"; its cookbook, "Replaceable Objects".

use smol_str::SmolStr;

use crate::read::python::{Arguments, Call, ClassId, Heap, Interpreter, Kind, TermKind, Value};
use crate::source::Span;

/// How many classes may extend each other.
const MAX_DEPTH: u32 = 20;

/// The value of a call of `op.NAME`, where the project registered one of that name, or runs one by `op.invoke`.
pub(super) fn call(python: &mut Interpreter<'_>, name: &str, call: &Call<'_>) -> Option<Value> {
    let operations = Value::term(TermKind::Name(SmolStr::new_static("alembic.op")), call.span);
    if name == "invoke" {
        let operation = call.arguments.positional.first()?;
        let Kind::Class(class) = operation.as_call()?.0.kind else { return None };
        let function = implementation(&python.heap, class, 0)?;
        let positional = vec![operations, operation.clone()];
        return Some(python.call(function, Arguments { positional, ..Arguments::default() }, call.span));
    }
    let (class, method) = registered(python, name)?;
    let function = python.class_attribute(class, &method, 0).filter(|f| matches!(f.kind, Kind::Function(_)))?;
    let mut arguments = call.arguments.clone();
    arguments.positional.splice(0..0, [Value::new(Kind::Class(class), call.span), operations]);
    Some(python.call(function, arguments, call.span))
}

/// The class that is registered under a name, and the method that makes it: `@Operations.register_operation("replace_view", "replace")`.
fn registered(python: &Interpreter<'_>, name: &str) -> Option<(ClassId, SmolStr)> {
    python.classes.iter().rev().find_map(|id| {
        let class = python.heap.class(*id)?;
        class.decorators.iter().find_map(|decorator| {
            let (callee, arguments) = decorator.as_call()?;
            let registers = callee.last_name() == Some("register_operation")
                && arguments.get(0, "name").and_then(Value::as_str) == Some(name);
            let method = arguments.get(1, "sourcename").and_then(Value::as_str).unwrap_or(name);
            registers.then(|| (*id, SmolStr::new(method)))
        })
    })
}

/// The function that runs objects of a class: `@Operations.implementation_for(CreateView)`.
fn implementation(heap: &Heap, class: ClassId, depth: u32) -> Option<Value> {
    let own = heap.functions().find_map(|(id, function)| {
        let runs = function.decorators.iter().any(|decorator| {
            decorator.as_call().is_some_and(|(callee, arguments)| {
                callee.last_name() == Some("implementation_for")
                    && matches!(arguments.get(0, "op_cls").map(|of| &of.kind), Some(Kind::Class(of)) if *of == class)
            })
        });
        runs.then(|| Value::new(Kind::Function(id), Span::default()))
    });
    own.or_else(|| {
        heap.class(class)?.bases.iter().find_map(|base| match base.kind {
            Kind::Class(base) if depth < MAX_DEPTH => implementation(heap, base, depth + 1),
            _ => None,
        })
    })
}

/// The module of a revision: `operations.get_context().script.get_revision("1f2e").module`.
pub(super) fn module_of(python: &Interpreter<'_>, object: &Value, name: &str) -> Option<Value> {
    let (callee, arguments) = object.as_call()?;
    if name != "module" || callee.last_name() != Some("get_revision") {
        return None;
    }
    python.module_that_binds("revision", arguments.positional.first()?.as_str()?, object.span)
}
