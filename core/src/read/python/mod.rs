//! Python, read statically: tokens, a tree, and the values of what can be known without running it.
//!
//! [`parser::parse`] takes any text and gives a tree ([`ast::Ast`]) with the problems it found; a syntax error costs its statement. An
//! [`Interpreter`] runs modules and functions over trees, with limits on steps, depth and sizes. Plain values (texts, numbers, lists, functions of the input …) are
//! computed; whatever comes from outside (`sa.Column("id", sa.Integer())`) stays a *term*, [`TermKind`], that says how it was made, and from
//! which a reader takes what it means. Every value has the span of the expression that gave it, and a text knows for every byte where it stands
//! ([`crate::source::Mapped`]), through f-strings, joins and slices.
//!
//! A reader of a library is a [`Host`]: it names the calls that have an effect (`op.create_table`), which the interpreter then lists in order as
//! [`Effect`]s, each with the [`Condition`]s it ran under. A test that only a run would know splits the way: both branches are run, each under its
//! condition, and names that they bind otherwise become [`TermKind::Choice`]. Modules import each other by their paths; what is not among them is
//! a dotted name.
//!
//! To read models: run each module ([`Interpreter::run_module`]), then look through [`Interpreter::classes`] (bases, keywords, annotations in order, the
//! scope with what the body bound) and the module's scope ([`Heap::scope`]) for tables and association tables;
//! [`Interpreter::class_attribute`] looks through bases.

pub mod ast;
mod builtins;
mod eval;
mod interpreter;
pub mod lexer;
mod operators;
pub mod parser;
mod pattern;
mod run;
mod strings;
mod text;
mod value;

pub(crate) use eval::number_of;
pub use interpreter::{Call, Condition, Effect, EffectKind, Host, Interpreter, Module, World};
pub use value::*;
