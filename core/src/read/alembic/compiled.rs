//! Statements of a project's own: an element of SQLAlchemy's, and the function that writes its SQL.
//! Source: SQLAlchemy's documentation, "Custom SQL Constructs and Compilation Extension".

use smol_str::SmolStr;

use crate::read::python::{Arguments, ClassId, Heap, Interpreter, Kind, TermKind, Value};
use crate::source::Span;

/// How many classes may extend each other.
const MAX_DEPTH: u32 = 20;

/// What is executed, where it is an element of a class of the input: the text that its function writes for PostgreSQL. A statement that changes
/// the schema and whose function is not known is an unknown value; of other objects nothing is said.
pub(super) fn text(python: &mut Interpreter<'_>, element: &Value) -> Option<Value> {
    let Kind::Class(class) = element.as_call()?.0.kind else { return None };
    let Some(function) = function_of(&python.heap, class, 0) else {
        return is_ddl(&python.heap, class, 0).then(|| Value::unknown(element.span));
    };
    let compiler = Value::term(TermKind::Name(SmolStr::new_static("sqlalchemy.DDLCompiler")), element.span);
    let compiler = Value::term(TermKind::Call(compiler, Arguments::default()), element.span);
    let positional = vec![element.clone(), compiler];
    let written = python.call(function, Arguments { positional, ..Arguments::default() }, element.span);
    let known = written.as_text().is_some() || matches!(written.as_term(), Some(TermKind::Template(_)));
    Some(if known { written } else { Value::unknown(element.span) })
}

/// The function that writes elements of a class: the one for PostgreSQL, else the one for all databases, else that of the class which it extends.
fn function_of(heap: &Heap, class: ClassId, depth: u32) -> Option<Value> {
    let for_databases = |of_postgres: bool| {
        let found = heap.functions().filter(|(_, function)| {
            function.decorators.iter().any(|decorator| {
                let Some((callee, arguments)) = decorator.as_call() else { return false };
                let (first, databases) = match arguments.positional.split_first() {
                    Some((first, databases)) => (first, databases),
                    None => return false,
                };
                callee.last_name() == Some("compiles")
                    && matches!(first.kind, Kind::Class(of) if of == class)
                    && match of_postgres {
                        true => databases.iter().any(|name| name.as_str() == Some("postgresql")),
                        false => databases.is_empty(),
                    }
            })
        });
        // Of two the one that was registered last counts.
        found.last().map(|(id, _)| Value::new(Kind::Function(id), Span::default()))
    };
    for_databases(true).or_else(|| for_databases(false)).or_else(|| {
        heap.class(class)?.bases.iter().find_map(|base| match base.kind {
            Kind::Class(base) if depth < MAX_DEPTH => function_of(heap, base, depth + 1),
            _ => None,
        })
    })
}

/// Whether a class extends SQLAlchemy's class of statements that change the schema.
fn is_ddl(heap: &Heap, class: ClassId, depth: u32) -> bool {
    heap.class(class).is_some_and(|class| {
        class.bases.iter().any(|base| match base.kind {
            Kind::Class(base) => depth < MAX_DEPTH && is_ddl(heap, base, depth + 1),
            _ => matches!(base.last_name(), Some("DDLElement" | "ExecutableDDLElement")),
        })
    })
}
