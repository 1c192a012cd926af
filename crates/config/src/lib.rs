//! Says how a Tessera is set up.
//!
//! Settings come from a TOML file, then from `TESSERA_*` variables, then from flags; see [`load`]. Every
//! setting is a typed field with a default, and has its line in `reference.toml`, which is what
//! `tessera config reference` prints. To add one: a field with its default in the module of its subject,
//! a line in `reference.toml`; a test compares the two.

mod changes;
mod database;
mod keys;
mod limit;
mod load;
mod mail;
mod mounts;
mod secret;
mod settings;
mod suggest;
mod time;
mod tls;
mod traces;

pub use database::{DatabaseAddress, DatabaseServerSettings};
pub use keys::{KeySettings, Period};
pub use limit::{BadLimit, Limit};
pub use load::{BadSetting, Layers, load};
pub use mail::{MailSettings, Security, SmtpSettings};
pub use mounts::{Link, LinkSettings, MountSettings, Mounts};
pub use secret::{Secret, SecretUnreadable};
pub use settings::{
    DocsSettings, EventSettings, LogFormat, LogSettings, MinPassword, OpsListen, OpsSettings,
    PasswordSettings, Registration, SessionSettings, Settings, ThrottleSettings,
};
pub use time::{BadTime, Time};
pub use tls::{HalfAPair, TlsFiles, TlsSettings};
pub use traces::TraceSettings;

/// Every setting with its default and what it does, as a commented TOML file.
pub const REFERENCE: &str = include_str!("reference.toml");

#[cfg(test)]
mod tests;
