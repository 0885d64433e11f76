//! The diagram on a canvas: what is drawn, and how it follows the pointer.

mod paint;
mod painter;

pub(crate) use painter::{Handle, Painter, Target};
