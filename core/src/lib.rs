//! Relata's core: reads what a team already has of its database schema, replays it into the schema that the database would have, and
//! judges it. Bytes in, plain data out: no clock, no file system, no network, no randomness, no globals, no threads.
//!
//! The way through: bytes → [`source`] → readers → [`operation`]s → history → replay → [`schema`] → rules → findings → score → report and
//! diagram. `docs/ARCHITECTURE.md` has the map.

// In a browser a panic is the end of the tab's worker: nothing outside tests may ask for one.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable, clippy::indexing_slicing)
)]

pub mod analysis;
pub mod baseline;
pub mod collections;
pub mod diagram;
pub mod emit;
pub mod expr;
pub mod finding;
mod functions;
pub mod history;
pub mod infer;
mod keywords;
pub mod name;
pub mod operation;
pub mod order;
pub mod policy;
pub mod problem;
pub mod read;
pub mod replay;
pub mod report;
pub mod rules;
pub mod schema;
pub mod score;
pub mod session;
pub mod source;
mod toml;

pub use session::{Options, Session, Stage, analyze};
