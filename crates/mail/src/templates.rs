//! The words of every mail, one file per language.

pub(crate) mod en;
