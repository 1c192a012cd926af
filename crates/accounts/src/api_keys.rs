//! API keys: credentials of an account that programs use.

use crypto::hex;
use db::{Batch, WriteError};
use model::{AccountId, ApiKey, EventKind, Permissions, Span, Timestamp};

use crate::check::{Caller, Credential};
use crate::mount::Mount;
use crate::refusal::{CheckRefused, Failure, Refusal};
use crate::throttle::Client;

/// A key is noted as used at most so often.
const NOTED_EVERY: Span = Span::minutes(1);
/// As many keys of one account as anybody looks through.
const LISTED: i64 = 1_000;
/// Random bytes in a key (argon.md 3.2).
const KEY_BYTES: usize = 32;

/// What a key's owner decides about it.
#[derive(Clone, Debug)]
pub struct ApiKeyDraft {
    /// What it is called.
    pub name: String,
    /// What it may do, as far as its owner may.
    pub permissions: Permissions,
    /// From when on it is worth nothing; none = never.
    pub expires_at: Option<Timestamp>,
}

/// A key whose text was just made. Nobody can read the text again.
#[derive(Clone)]
pub struct NewApiKey {
    /// The key.
    pub key: ApiKey,
    /// Its text.
    pub text: String,
}

impl Mount {
    /// Believes an API key: it exists, its time is not over, its owner may do anything at all.
    ///
    /// # Errors
    /// [`CheckRefused::ApiKeyInvalid`], [`CheckRefused::ApiKeyExpired`].
    pub async fn check_api_key(&self, text: &str) -> Result<Caller, Failure> {
        let judged = self.judge_api_key(text).await;
        self.inner.counts.checks.note(&judged);
        judged
    }

    async fn judge_api_key(&self, text: &str) -> Result<Caller, Failure> {
        let key = store::api_keys::by_digest(&self.core.db, &self.key_digest(text)).await?;
        let key = key.ok_or(CheckRefused::ApiKeyInvalid)?;
        let now = self.now();
        if key.expires_at.is_some_and(|at| at <= now) {
            return Err(CheckRefused::ApiKeyExpired.into());
        }
        let account = self.standing(&key.account).await.map_err(|failure| match failure {
            Failure::Unauthenticated(_) => CheckRefused::ApiKeyInvalid.into(),
            other => other,
        })?;
        if key.last_used_at.is_none_or(|at| now - at >= NOTED_EVERY) {
            self.core.write(Batch::new().with(store::api_keys::used(&key.id, now))).await?;
        }
        Ok(Caller { account, credential: Credential::ApiKey(key.permissions) })
    }

    /// Makes a key of the caller's own account. It may do no more than the caller.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] if the caller showed an API key, or gives what the caller does not have.
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        draft: ApiKeyDraft,
        client: &Client,
    ) -> Result<NewApiKey, Failure> {
        caller.session()?;
        grantable(caller, &draft.permissions)?;
        let now = self.now();
        let text = self.key_text();
        let key = ApiKey {
            id: model::new_id(now, self.core.id_bytes()),
            account: caller.account.id.clone(),
            name: draft.name,
            digest: self.key_digest(&text),
            preview: preview(&text),
            permissions: draft.permissions,
            last_used_at: None,
            expires_at: draft.expires_at,
            created_at: now,
            updated_at: now,
        };
        self.write_key(caller, store::api_keys::insert(&key), EventKind::ApiKeyCreated, &key, client).await?;
        Ok(NewApiKey { key, text })
    }

    /// The keys of an account, oldest first: one's own, or anybody's of the realm for an administrator. Who is
    /// not there has none.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`].
    pub async fn api_keys(&self, caller: &Caller, account: &AccountId) -> Result<Vec<ApiKey>, Failure> {
        if caller.account.id != *account {
            caller.must_administer()?;
            let owner = store::accounts::by_id(&self.core.db, account).await?;
            if owner.is_none_or(|owner| owner.realm != *self.realm()) {
                return Ok(Vec::new());
            }
        }
        Ok(store::api_keys::of_account(&self.core.db, account, LISTED).await?)
    }

    /// One key: one's own, or anybody's of the realm for an administrator.
    ///
    /// # Errors
    /// [`Refusal::ApiKeyUnknown`], [`Refusal::NotPermitted`].
    pub async fn api_key(&self, caller: &Caller, id: &str) -> Result<ApiKey, Failure> {
        let key = store::api_keys::by_id(&self.core.db, id).await?.ok_or(Refusal::ApiKeyUnknown)?;
        if key.account != caller.account.id {
            caller.must_administer()?;
            let owner = store::accounts::by_id(&self.core.db, &key.account).await?;
            owner.filter(|owner| owner.realm == *self.realm()).ok_or(Refusal::ApiKeyUnknown)?;
        }
        Ok(key)
    }

    /// Changes a key's name, permissions or end.
    ///
    /// # Errors
    /// As [`Mount::api_key`], and [`Refusal::NotPermitted`] if the caller showed an API key or gives what
    /// the caller does not have.
    pub async fn change_api_key(
        &self,
        caller: &Caller,
        id: &str,
        draft: ApiKeyDraft,
        client: &Client,
    ) -> Result<ApiKey, Failure> {
        caller.session()?;
        grantable(caller, &draft.permissions)?;
        let mut key = self.api_key(caller, id).await?;
        key.name = draft.name;
        key.permissions = draft.permissions;
        key.expires_at = draft.expires_at;
        key.updated_at = self.now();
        self.write_key(caller, store::api_keys::update(&key), EventKind::ApiKeyChanged, &key, client).await?;
        Ok(key)
    }

    /// Gives a key a new text; the old one is worth nothing from then on.
    ///
    /// # Errors
    /// As [`Mount::api_key`], and [`Refusal::NotPermitted`] if the caller showed an API key.
    pub async fn regenerate_api_key(
        &self,
        caller: &Caller,
        id: &str,
        client: &Client,
    ) -> Result<NewApiKey, Failure> {
        caller.session()?;
        let mut key = self.api_key(caller, id).await?;
        let text = self.key_text();
        key.digest = self.key_digest(&text);
        key.preview = preview(&text);
        key.updated_at = self.now();
        self.write_key(caller, store::api_keys::renew(&key), EventKind::ApiKeyChanged, &key, client).await?;
        Ok(NewApiKey { key, text })
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// As [`Mount::api_key`].
    pub async fn delete_api_key(&self, caller: &Caller, id: &str, client: &Client) -> Result<(), Failure> {
        let key = self.api_key(caller, id).await?;
        self.write_key(caller, store::api_keys::delete(&key.id), EventKind::ApiKeyDeleted, &key, client).await
    }

    async fn write_key(
        &self,
        caller: &Caller,
        statement: db::Statement,
        kind: EventKind,
        key: &ApiKey,
        client: &Client,
    ) -> Result<(), Failure> {
        let event = self.event_by(caller, kind, &key.account, client).saying(key.id.clone());
        match self.core.db.write(Batch::new().with(statement).with(store::events::append(&event))).await {
            Ok(_) => Ok(()),
            Err(WriteError::Guard(lost)) if lost.name == store::guard::ACCOUNT_UNCHANGED => {
                Err(CheckRefused::AccountGone.into())
            }
            Err(WriteError::Guard(_)) => Err(Refusal::ApiKeyUnknown.into()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// `ARGX_` and 64 lower-case hexadecimal digits (argon.md 3.2).
    fn key_text(&self) -> String {
        let mut bytes = [0; KEY_BYTES];
        self.core.randomness.fill(&mut bytes);
        format!("ARGX_{}", hex(&bytes))
    }

    fn key_digest(&self, text: &str) -> Vec<u8> {
        self.core.digests.digest("api_key", text)
    }
}

/// The first four characters and the last four.
fn preview(text: &str) -> String {
    let (Some(start), Some(end)) = (text.get(..4), text.get(text.len().saturating_sub(4)..)) else {
        return String::new();
    };
    format!("{start}...{end}")
}

/// Nobody gives away what they do not have. A wildcard that covers the word makes no administrator.
fn grantable(caller: &Caller, permissions: &Permissions) -> Result<(), Refusal> {
    let all = permissions.as_slice().iter().all(|permission| caller.may(permission));
    if all && (caller.administers() || !permissions.administrate()) {
        Ok(())
    } else {
        Err(Refusal::NotPermitted)
    }
}
