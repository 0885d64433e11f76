//! The page's logic without the page: what happens on an action, what is shown, and the arithmetic of diagram, excerpts and archives.
//! Nothing here knows a browser, so all of it is tested natively.

pub mod board;
pub mod commands;
pub mod excerpt;
pub mod intake;
pub mod keeping;
pub mod lanes;
pub mod lens;
pub mod markdown;
pub mod prefs;
pub mod scene;
pub mod select;
pub mod state;
pub mod text;
pub mod viewport;
pub mod zip;

pub use state::{Action, Effect, State};
