//! The program as its operator meets it.

mod command_line;
mod draining;
mod events;
mod first;
mod frames;
mod held_open;
mod http2;
mod import;
mod keys;
mod logs;
mod manners;
mod means;
mod mounts;
mod notified;
mod ops;
mod postgres;
mod refused;
mod reloading;
mod rotation;
mod stopping;
mod tls;
mod traces;
