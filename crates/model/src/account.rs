//! Somebody who can sign in.

use std::fmt;

use crate::id::AccountId;
use crate::permission::Permissions;
use crate::realm::Realm;
use crate::time::Timestamp;

/// One account as it stands in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name for ever.
    pub id: AccountId,
    /// The set of accounts it belongs to.
    pub realm: Realm,
    /// As typed; unique in the realm by [`crate::name_key`].
    pub username: String,
    /// As typed; unique in the realm by [`crate::email_key`].
    pub email: Option<String>,
    /// Whether the owner has shown to receive mail at the address.
    pub email_confirmed: bool,
    /// The stored password hash (PHC or MCF string); none = nobody signs in by password.
    pub password: Option<String>,
    /// What it may do.
    pub permissions: Permissions,
    /// A disabled account signs in nowhere, and none of its tokens is accepted.
    pub disabled: bool,
    /// The second factor.
    pub two_factor: TwoFactor,
    /// Grows with every change of the account but not with a sign-in; the guard of every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When somebody last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// An account's time-based one-time passwords (RFC 6238). Secrets are sealed: only `accounts` opens them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TwoFactor {
    /// The sealed secret in force; none = no second factor.
    pub secret: Option<Vec<u8>>,
    /// The last time step whose code was accepted; a code of it or an earlier one is refused
    /// (RFC 6238, section 5.2).
    pub last_step: i64,
    /// A sealed secret with backup codes that waits for its first right code.
    pub pending: Option<Vec<u8>>,
}

impl TwoFactor {
    /// Whether signing in asks for a code.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.secret.is_some()
    }
}

impl fmt::Debug for TwoFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoFactor").field("enabled", &self.enabled()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("realm", &self.realm)
            .field("username", &self.username)
            .field("disabled", &self.disabled)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
