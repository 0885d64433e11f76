//! What the page uses of the browser: calls, the worker, copies of the files given.

pub(crate) mod browser;
pub(crate) mod files;
pub(crate) mod folder;
pub(crate) mod keep;
pub(crate) mod picture;
pub(crate) mod worker;
