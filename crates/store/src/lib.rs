//! Owns every SQL statement and the rows it reads.
//!
//! One module per subject. Reads are async functions over a [`db::Database`]; writes are functions that
//! return a [`db::Statement`], because a write is always part of a batch that `accounts` puts together.
//! A statement that must decide a race carries its guard: the number of rows it has to touch, and a name
//! from [`guard`] by which the caller learns that it lost.
//!
//! SQL here means the same on SQLite and PostgreSQL: `$N` parameters, `bigint` microseconds, text ids made
//! in Rust, no engine's own functions. To add a statement: write it here, use it in a batch, add it to
//! the tests of its module, which run every statement.

pub mod accounts;
pub mod api_keys;
pub mod backup_codes;
pub mod events;
pub mod leases;
pub mod migrations;
pub mod one_time_tokens;
pub mod outbox;
pub mod profiles;
pub mod root_secret;
mod rows;
pub mod search;
pub mod search_index;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod throttles;
pub mod transfer;

/// The names of guards that callers tell apart.
pub mod guard {
    /// The username or e-mail address is taken.
    pub const NAME_FREE: &str = "name is free";
    /// The account is as it was read.
    pub const ACCOUNT_UNCHANGED: &str = "account is unchanged";
    /// The session is as it was read.
    pub const SESSION_UNCHANGED: &str = "session is unchanged";
    /// The session has not ended yet.
    pub const SESSION_LIVE: &str = "session is live";
    /// The one-time token has not been used.
    pub const TOKEN_UNUSED: &str = "one-time token is unused";
    /// The place of the one-time token is free.
    pub const SLOT_FREE: &str = "slot is free";
    /// The code's time step is later than the last one used.
    pub const STEP_UNUSED: &str = "time step is unused";
    /// The backup code has not been used.
    pub const BACKUP_CODE_UNUSED: &str = "backup code is unused";
    /// The mail was not sent yet.
    pub const MAIL_OWED: &str = "mail is owed";
    /// The API key exists.
    pub const API_KEY_EXISTS: &str = "API key exists";
    /// Nobody else holds the lease.
    pub const LEASE_FREE: &str = "lease is free";
    /// An administrator remains.
    pub const ADMINISTRATOR_LEFT: &str = "an administrator is left";
    /// No other process made the signing key of this number.
    pub const KEY_NEW: &str = "signing key is new";
    /// The signing key is not retired, and its turn is as it was read.
    pub const KEY_UNCHANGED: &str = "signing key is unchanged";
    /// The root secret is wrapped as it was read.
    pub const ROOT_UNCHANGED: &str = "root secret is unchanged";
    /// No row has this key yet.
    pub const ROW_NEW: &str = "row is new";
    /// The search index knows the account as it was read.
    pub const INDEX_UNCHANGED: &str = "search index is unchanged";
    /// No table of the installation has a row.
    pub const DATABASE_EMPTY: &str = "database is empty";
    /// Nobody else goes on with the transfer.
    pub const TRANSFER_UNCHANGED: &str = "transfer is unchanged";
    /// The throttle lets it through.
    pub const PASSES: &str = "throttle lets it through";
}
