//! One contract at one place: its policy and its keys.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crypto::{Alphabet, JwtAlgorithm, KeyRing, RefreshCodec, RememberingRing};
use model::{Realm, Span, Timestamp};
use secrecy::SecretString;
use serde::Serialize;

use crate::accounts::Core;
use crate::counts::Counts;
use crate::refusal::{Failure, Fault};
use crate::sessions::Grant;
use crate::token::AccessClaims;

/// What differs between mounts. A contract says its own; the operator's settings are laid over it.
#[derive(Clone, Debug)]
pub struct MountPolicy {
    /// Its name: part of every token and every derived key.
    pub name: String,
    /// The accounts it serves.
    pub realm: Realm,
    /// The product's name in mails and authenticator apps.
    pub site: String,
    /// How its tokens are signed.
    pub algorithm: JwtAlgorithm,
    /// With what.
    pub key: SigningKey,
    /// How long an access token is good.
    pub access: Span,
    /// How long a refresh token is good; none = it gives out none, and a session lasts as long as its
    /// access token.
    pub refresh: Option<Span>,
    /// Who may register.
    pub registration: Registration,
    /// Whether its clients can be asked for a code. If not, an account with a second factor is refused
    /// as if the password were wrong.
    pub second_step: bool,
    /// The fewest characters of a password that is chosen through it, if that is more than the realm's rules ask for.
    pub min_password: usize,
    /// Whether such a password may be the account's own e-mail address.
    pub email_as_password: bool,
    /// Whether signing in needs a confirmed address.
    pub require_confirmed_email: bool,
    /// Whether its tokens carry the username, so that changing it ends them.
    pub claims_username: bool,
    /// The permissions that its tokens carry, so that changing one of them ends them.
    pub claims_permissions: &'static [&'static str],
    /// What a newcomer is mailed to confirm the address; none = nothing.
    pub confirmation: Option<MailedToken>,
    /// What somebody who forgot the password is mailed; none = nothing.
    pub reset: Option<MailedToken>,
    /// What is mailed to a new address before it takes the place of the old one; none = addresses cannot
    /// be changed here.
    pub email_change: Option<MailedToken>,
    /// What a mail about a sign-in from a new device ends that session with; none = no such mail.
    pub not_me: Option<MailedToken>,
}

/// Where a mount's signing key comes from.
#[derive(Clone, Debug)]
pub enum SigningKey {
    /// Derived from the master secret, or made and kept in the database if it cannot be derived.
    Own,
    /// Given by the operator.
    Given {
        /// The one that signs.
        key: SecretString,
        /// Those before it, whose tokens are still believed.
        previous: Vec<SecretString>,
    },
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Whoever was invited.
    Invite,
    /// Nobody but administrators.
    Closed,
}

/// The form of a mailed one-time token.
#[derive(Clone, Debug)]
pub struct MailedToken {
    /// Its letters.
    pub alphabet: Alphabet,
    /// How many of them.
    pub length: usize,
    /// How long it is good.
    pub lifetime: Span,
    /// The page it opens: a URL with `{token}` in it.
    pub link: String,
}

/// One contract at one place. Its verbs are spread over this crate, one file each.
#[derive(Clone)]
pub struct Mount {
    pub(crate) core: Arc<Core>,
    pub(crate) inner: Arc<MountInner>,
}

/// The keys, and what access tokens said that they signed.
type Ring = RememberingRing<AccessClaims>;

pub(crate) struct MountInner {
    pub(crate) policy: MountPolicy,
    /// Replaced as a whole when keys change; nobody holds the lock longer than it takes to look.
    ring: RwLock<Ring>,
    pub(crate) refresh_codec: RefreshCodec,
    pub(crate) counts: Counts,
}

impl MountInner {
    pub(crate) fn new(policy: MountPolicy, ring: KeyRing, refresh_codec: RefreshCodec) -> Self {
        let ring = RwLock::new(RememberingRing::new(ring));
        Self { policy, ring, refresh_codec, counts: Counts::default() }
    }

    /// The keys as they are now, to be given back before anything is waited for.
    pub(crate) fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn replace_ring(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = RememberingRing::new(ring);
    }
}

impl Mount {
    /// What it was mounted with.
    #[must_use]
    pub fn policy(&self) -> &MountPolicy {
        &self.inner.policy
    }

    /// The time, for claims and answers.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// New random text, for a secret that only the contract knows of.
    #[must_use]
    pub fn random_text(&self, alphabet: Alphabet, length: usize) -> String {
        crypto::random_text(&*self.core.randomness, alphabet, length)
    }

    /// Signs claims that are made now.
    ///
    /// # Errors
    /// [`Fault::Internal`] if the claims cannot be written or the key does not sign.
    pub fn sign<C: Serialize>(&self, claims: &C) -> Result<String, Failure> {
        self.sign_as_of(self.now().seconds(), claims)
    }

    /// Signs the claims of a grant's token: with the key whose turn it was when the grant was made, so that
    /// its tokens can be made again.
    ///
    /// # Errors
    /// As [`Mount::sign`].
    pub fn sign_for<C: Serialize>(&self, grant: &Grant, claims: &C) -> Result<String, Failure> {
        self.sign_as_of(grant.issued_at(), claims)
    }

    fn sign_as_of<C: Serialize>(&self, second: i64, claims: &C) -> Result<String, Failure> {
        Ok(self.inner.ring().keys().sign(claims, second).map_err(|error| Fault::logged(&error))?)
    }

    /// The mount's public keys (RFC 7517, section 5), also of a key that has yet to sign; none for HS256 and
    /// HS512.
    #[must_use]
    pub fn public_keys(&self) -> Option<serde_json::Value> {
        self.inner.ring().keys().jwks()
    }

    pub(crate) fn realm(&self) -> &Realm {
        &self.inner.policy.realm
    }
}

impl std::fmt::Debug for Mount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mount").field("name", &self.inner.policy.name).finish_non_exhaustive()
    }
}
