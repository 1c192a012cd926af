//! The program as its operator meets it.

mod command_line;
mod first;
mod held_open;
mod import;
mod keys;
mod means;
mod mounts;
mod ops;
mod refused;
mod stopping;
