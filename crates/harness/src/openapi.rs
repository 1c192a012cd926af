//! Holds an OpenAPI document against what a server really answers, and takes its examples from there.
//!
//! [`Document`] knows what is documented: [`Document::check`] says what of an exchange is not. [`Audit`]
//! does that for whole transcripts and for bad requests that follow from the document itself, then asks that
//! everything documented occurred, and that the recorded [examples](Example) are those that were committed.

mod audit;
mod document;
mod example;
mod probe;
mod schema;
#[cfg(test)]
mod tests;

pub use audit::{Audit, Unseen};
pub use document::{Document, Seen};
pub use example::Example;
pub use probe::Credentials;
