//! What is seen. Components render the state and send actions; they hold no logic of the app.

pub(crate) mod bits;
pub(crate) mod crashed;
pub(crate) mod diagram;
pub(crate) mod dialogs;
pub(crate) mod drop;
pub(crate) mod findings;
pub(crate) mod history;
pub(crate) mod icons;
pub(crate) mod inspector;
pub(crate) mod landing;
pub(crate) mod modal;
pub(crate) mod nothing;
pub(crate) mod palette;
pub(crate) mod pickers;
pub(crate) mod problems;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod resizer;
pub(crate) mod source;
pub(crate) mod timebar;
pub(crate) mod topbar;
pub(crate) mod tree;
pub(crate) mod workspace;
