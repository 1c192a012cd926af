//! A credential of an account that a program uses.

use crate::id::AccountId;
use crate::permission::Permissions;
use crate::time::Timestamp;

/// One API key as it stands in the database: its text only as a keyed digest.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, a UUIDv7.
    pub id: String,
    /// Whose it is: it can do no more than its owner.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// Keyed digest of its text.
    pub digest: Vec<u8>,
    /// Enough of its text to recognise it by.
    pub preview: String,
    /// What it may do, as far as its owner may.
    pub permissions: Permissions,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From when on it is worth nothing; none = never.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").field("id", &self.id).field("account", &self.account).finish_non_exhaustive()
    }
}
