//! Writing schemas out: the normalised catalogue and, later, canonical DDL.

pub mod catalog;
