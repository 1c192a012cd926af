//! Turns what happened to an account into mail that reaches its owner.
//!
//! To send a mail:
//! 1. say what happened with a [`Notice`]; a one-time link in it comes from [`link`], whose template is a setting and
//!    never something a request said;
//! 2. [`Notice::render`] makes the [`Message`], which is what the outbox stores;
//! 3. [`Transport::deliver`] hands a stored message on, under the id of its outbox row. When it fails,
//!    [`field@DeliveryFailed::permanent`] says whether trying again can help.
//!
//! To add a mail: add a variant to [`Notice`], its words in `templates/en.rs`, and its test in `notice/tests.rs`.
//!
//! Rules the crate keeps:
//! - No value that somebody else chose can add a header, a line or markup to a mail.
//! - A mail has the same bytes whenever it is delivered again at the same time: id, date and boundary are not random.
//! - Neither links nor the mail server's password appear in `Debug`, in errors or in logs.

mod address;
mod compose;
mod folder;
mod layout;
mod letter;
mod link;
mod message;
mod notice;
mod plain;
mod smtp;
mod templates;
mod transport;

pub use address::valid_address;
pub use folder::FolderTransport;
pub use link::{BadLinkTemplate, link};
pub use message::Message;
pub use notice::Notice;
pub use smtp::{Security, SmtpSettings, SmtpTransport};
pub use transport::{BadSettings, DeliveryFailed, Sender, Transport};
