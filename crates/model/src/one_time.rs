//! Secrets that are good for one use: links in mails, codes, tickets.

use crate::id::AccountId;
use crate::pick::text_enum;
use crate::realm::Realm;
use crate::time::Timestamp;

text_enum! {
    /// What a one-time token is good for. A token of one kind is never accepted for another.
    pub enum OneTimeKind {
        /// Confirms the address it was mailed to.
        Confirmation = "confirmation",
        /// Sets a new password.
        PasswordReset = "password_reset",
        /// Puts a new address in the place of the old one: mailed to the new one.
        EmailChange = "email_change",
        /// Ends a session that its owner did not open, and starts a reset.
        NotMe = "not_me",
        /// The second step of a sign-in whose password was right.
        SecondStep = "second_step",
        /// Admits one newcomer: a code told by an administrator.
        Invite = "invite",
        /// Makes one account: what an invite code was exchanged for (melon.md 1, 'Server' token).
        Server = "server",
        /// None at all: a mail that was asked for and not seen to yet.
        MailAsked = "mail_asked",
    }
}

/// One token as it stands in the database: its secret only as a keyed digest.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// Keyed digest of kind and secret.
    pub digest: Vec<u8>,
    /// What it is good for.
    pub kind: OneTimeKind,
    /// The realm it counts in.
    pub realm: Realm,
    /// Whose it is; none for tokens that make an account.
    pub account: Option<AccountId>,
    /// At most one token stands in a slot; a newer one takes the place of an older one.
    pub slot: String,
    /// What the redeemer needs to know besides.
    pub payload: String,
    /// How many wrong answers it still survives.
    pub tries_left: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeToken")
            .field("kind", &self.kind)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}
