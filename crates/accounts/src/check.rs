//! Believing a token, or not.

use std::sync::Arc;

use crypto::TokenRefused;
use model::{AccountId, Actor, Permissions, Session, SessionId, Timestamp};

use crate::memory::AccountState;
use crate::mount::Mount;
use crate::refusal::{CheckRefused, Failure, Fault, Refusal};
use crate::token::{PrivateClaims, ServerClaims, TokenUse};

/// Somebody who showed a good access token or API key.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How the account stands now, not when the token was made.
    pub account: Arc<AccountState>,
    pub(crate) credential: Credential,
}

/// What was shown.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// An access token of this session.
    Session(SessionId),
    /// An API key with permissions of its own.
    ApiKey(Permissions),
}

impl Caller {
    /// Whether the caller may do what asks for this permission. An API key may do what both it and its
    /// owner may.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        let by_key = match &self.credential {
            Credential::Session(_) => true,
            Credential::ApiKey(permissions) => permissions.grants(permission),
        };
        by_key && self.account.permissions.grants(permission)
    }

    /// Whether the caller may do what administrators do.
    #[must_use]
    pub fn administers(&self) -> bool {
        let by_key = match &self.credential {
            Credential::Session(_) => true,
            Credential::ApiKey(permissions) => permissions.administrate(),
        };
        by_key && self.account.permissions.administrate()
    }

    /// What the caller may do, as it was written: the account's permissions, or those of an API key that its
    /// owner has too.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let held = &self.account.permissions;
        match &self.credential {
            Credential::Session(_) => held.clone(),
            Credential::ApiKey(own) => {
                Permissions::new(own.as_slice().iter().filter(|one| held.grants(one)).cloned())
            }
        }
    }

    /// Who the caller is to an account that something is done to; none = its owner.
    pub(crate) fn actor(&self, account: &AccountId) -> Option<Actor> {
        (self.account.id != *account).then(|| Actor::Administrator(self.account.id.clone()))
    }

    /// Whether an API key was shown, which opens no session and changes no credentials.
    #[must_use]
    pub fn is_api_key(&self) -> bool {
        matches!(self.credential, Credential::ApiKey(_))
    }

    /// The session of the token.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] if an API key was shown.
    pub fn session(&self) -> Result<SessionId, Refusal> {
        match self.credential {
            Credential::Session(session) => Ok(session),
            Credential::ApiKey(_) => Err(Refusal::NotPermitted),
        }
    }

    /// Refuses a caller who is no administrator.
    pub(crate) fn must_administer(&self) -> Result<(), Refusal> {
        if self.administers() { Ok(()) } else { Err(Refusal::NotPermitted) }
    }
}

impl Mount {
    /// Believes an access token of this mount: signature, expiry, mount and use, then whether the session
    /// has ended or was refreshed since, then how the account stands. Two look-ups in memory; the database
    /// is asked only for an account that is not remembered.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] saying why not; [`Failure::Fault`] if the database had to be asked and
    /// did not answer, or has not answered for so long that what is remembered may not be true any more.
    pub async fn check(&self, token: &str) -> Result<Caller, Failure> {
        let judged = self.judge(token).await;
        self.inner.counts.checks.note(&judged);
        judged
    }

    async fn judge(&self, token: &str) -> Result<Caller, Failure> {
        let now = self.now();
        let claims = self.inner.ring().verify(token, now.seconds()).map_err(refused)?;
        // Memory reaches back as far as tokens live by the present settings. One that was to live longer, by
        // settings from before, ends now: nobody would remember that its session has ended.
        let lifetime = self.policy().access.whole_seconds();
        if claims.iat.is_some_and(|iat| iat.saturating_add(lifetime) <= now.seconds()) {
            return Err(CheckRefused::Expired.into());
        }
        // Nor is it remembered what ended between a backup and its return.
        if claims.iat.is_some_and(|iat| !self.core.memory.reaches_back_to(iat)) {
            return Err(CheckRefused::SessionEnded.into());
        }
        self.believe(&claims.private).await
    }

    /// As [`Mount::check`], but an access token whose own time is over will do as long as its session lasts
    /// and was not refreshed since: signing out must not need a refresh first (wolfpal.md 2.6). Memory may
    /// have forgotten about a token that old, so the stored session is asked.
    ///
    /// # Errors
    /// As [`Mount::check`].
    pub async fn check_for_sign_out(&self, token: &str) -> Result<Caller, Failure> {
        let claims: PrivateClaims = self.open_token(token, Timestamp::default())?;
        let session = store::sessions::by_id(&self.core.db, claims.sid).await?;
        let current =
            |session: &Session| session.is_live(self.now()) && session.generation == claims.generation;
        if !session.as_ref().is_some_and(current) {
            return Err(CheckRefused::SessionEnded.into());
        }
        self.believe(&claims).await
    }

    /// The one-time secret in a token that makes one account.
    ///
    /// # Errors
    /// [`CheckRefused`] saying why it is none.
    pub fn open_server_token(&self, token: &str) -> Result<String, CheckRefused> {
        let claims: ServerClaims = self.open_token(token, self.now())?;
        let ours = claims.mnt == self.policy().name && claims.purpose == TokenUse::Server;
        if ours { Ok(claims.jti) } else { Err(CheckRefused::Invalid) }
    }

    pub(crate) fn open_token<C: serde::de::DeserializeOwned>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<C, CheckRefused> {
        self.inner.ring().keys().verify(token, now.seconds()).map_err(refused)
    }

    async fn believe(&self, claims: &PrivateClaims) -> Result<Caller, Failure> {
        if claims.mnt != self.policy().name || claims.purpose != TokenUse::Access {
            return Err(CheckRefused::Invalid.into());
        }
        // Whether its session goes on is not known now; that is nothing to hold against the token.
        self.core.vouches()?;
        if !self.core.memory.believes(claims.sid, claims.generation) {
            return Err(CheckRefused::SessionEnded.into());
        }
        // Asked for last: what was forgotten before the look is seen here.
        if !self.core.reaches_back() {
            return Err(Fault::Unavailable.into());
        }
        let account = self.standing(&claims.aid).await?;
        Ok(Caller { account, credential: Credential::Session(claims.sid) })
    }

    /// How an account of this realm stands, if it may do anything at all.
    pub(crate) async fn standing(&self, id: &AccountId) -> Result<Arc<AccountState>, Failure> {
        self.core.vouches()?;
        let account = match self.core.memory.account(id) {
            Some(account) => account,
            None => self.recall(id).await?,
        };
        if account.disabled || account.realm != *self.realm() {
            return Err(CheckRefused::AccountGone.into());
        }
        Ok(account)
    }

    async fn recall(&self, id: &AccountId) -> Result<Arc<AccountState>, Failure> {
        let mark = self.core.memory.before_reading();
        let account = store::accounts::by_id(&self.core.db, id).await?;
        let state = Arc::new(AccountState::from(&account.ok_or(CheckRefused::AccountGone)?));
        self.core.memory.remember(mark, &state);
        Ok(state)
    }
}

fn refused(refused: TokenRefused) -> CheckRefused {
    match refused {
        TokenRefused::Expired => CheckRefused::Expired,
        TokenRefused::Malformed | TokenRefused::BadSignature | TokenRefused::NotYetValid => {
            CheckRefused::Invalid
        }
    }
}
