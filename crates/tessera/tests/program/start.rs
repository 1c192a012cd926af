//! The program as its operator meets it.

mod command_line;
mod first;
mod keys;
mod mounts;
mod ops;
mod refused;
mod stopping;
