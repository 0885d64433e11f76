//! The reader of schema documents in Markdown: headings that name tables, tables that describe columns, bullets that list indexes and keys, fenced
//! SQL, Mermaid and PlantUML diagrams, DBML. Everything else is prose.
//!
//! A document has no grammar, so that what it says counts only where its form leaves no doubt: `table.rs` weighs whether a table describes columns
//! of a database, `candidate.rs` which do. [`read`] looks at one document by itself; [`define`] puts documents together and gives operations.

mod block;
mod candidate;
mod clean;
mod dbml;
mod define;
mod dictionary;
mod facts;
mod fence;
mod html;
mod lines;
mod list;
mod mermaid;
mod naming;
mod plantuml;
mod psql;
mod section;
mod table;
mod traits;
mod types;
mod vocabulary;

pub(crate) use define::define;
pub(crate) use facts::values;
pub(crate) use section::read;
