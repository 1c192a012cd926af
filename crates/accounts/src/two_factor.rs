//! Switching the second factor on and off.

use std::collections::BTreeSet;

use crypto::{Alphabet, base32, new_totp_secret, otpauth_uri, random_text, totp_step_of};
use db::{Batch, WriteError};
use mail::Notice;
use model::{Account, AccountId, EndReason, EventKind, OneTimeKind};
use serde::{Deserialize, Serialize};

use crate::accounts::Core;
use crate::check::Caller;
use crate::mount::Mount;
use crate::refusal::{Failure, Fault, Refusal};
use crate::throttle::{Bucket, Client};

/// Backup codes that an account gets (wolfpal.md 3.4): four of eight digits.
const BACKUP_CODES: usize = 4;
const BACKUP_CODE_DIGITS: usize = 8;

/// A second factor that waits for its first right code. It is shown once.
#[derive(Clone)]
pub struct Prepared {
    /// The secret in base 32 without padding (RFC 4648, section 6).
    pub secret: String,
    /// What the QR code says.
    pub uri: String,
    /// The backup codes.
    pub backup_codes: Vec<String>,
}

/// What waits sealed in the account.
#[derive(Serialize, Deserialize)]
struct Pending {
    secret: [u8; 20],
    backup_codes: Vec<String>,
}

impl Mount {
    /// Prepares a second factor. One that is in force stays so until [`Mount::enable_two_factor`].
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`] if the account is gone.
    pub async fn prepare_two_factor(&self, caller: &Caller, client: &Client) -> Result<Prepared, Failure> {
        let core = &self.core;
        caller.session()?;
        self.take(&[&Bucket::changes(&caller.account)], Some(&caller.account.id), client).await?;
        let mut backup_codes = BTreeSet::new();
        while backup_codes.len() < BACKUP_CODES {
            backup_codes.insert(random_text(&*core.randomness, Alphabet::Digits, BACKUP_CODE_DIGITS));
        }
        let pending = Pending {
            secret: new_totp_secret(&*core.randomness),
            backup_codes: backup_codes.into_iter().collect(),
        };
        let text = serde_json::to_vec(&pending).map_err(|error| Fault::logged(&error))?;
        let sealed = core.sealer.seal(&*core.randomness, &context("pending", &caller.account.id), &text);
        let account = core
            .change(caller, |account| {
                account.two_factor.pending = Some(sealed.clone());
                Ok(Batch::new().with(store::events::append(&self.event(
                    EventKind::TwoFactorPrepared,
                    account,
                    client,
                ))))
            })
            .await?;
        let label = account.email.as_deref().unwrap_or(&account.username);
        Ok(Prepared {
            secret: base32(&pending.secret),
            uri: otpauth_uri(&self.policy().site, label, &pending.secret),
            backup_codes: pending.backup_codes,
        })
    }

    /// Puts the prepared second factor in force with its first right code, which is used up. Every other
    /// session of the account ends: it was opened without a second factor.
    ///
    /// One that is in force is not replaced: it has to be taken off first, with a code of its own. Else
    /// whoever gets hold of an access token could put their own in its place.
    ///
    /// # Errors
    /// [`Refusal::TwoFactorNotInitialised`] if none was prepared or one is in force, [`Refusal::CodeWrong`],
    /// [`Refusal::Throttled`].
    pub async fn enable_two_factor(
        &self,
        caller: &Caller,
        code: &str,
        client: &Client,
    ) -> Result<(), Failure> {
        let core = &self.core;
        let account = core.account_of(caller).await?;
        let pending = pending(core, &account)?.filter(|_| !account.two_factor.enabled());
        let pending = pending.ok_or(Refusal::TwoFactorNotInitialised)?;
        let bucket = Bucket::codes(core, &account);
        self.take(&[&bucket], Some(&account.id), client).await?;
        let Some(step) = totp_step_of(&pending.secret, code, self.now().seconds()) else {
            return self.code_refused(&account, client).await;
        };
        let id = &account.id;
        let mut changed = account.clone();
        changed.two_factor.pending = None;
        changed.two_factor.secret =
            Some(core.sealer.seal(&*core.randomness, &context("totp", id), &pending.secret));
        let kept = caller.session()?;
        let mut batch = Batch::new()
            .with(store::accounts::update(&changed, self.now()))
            .with(store::accounts::use_totp_step(id, step));
        let ended = batch.len();
        batch.extend(self.ending(&account, Some(kept), EndReason::TwoFactorEnabled, client));
        batch.push(store::backup_codes::delete_of(id));
        for code in &pending.backup_codes {
            let sealed = core.sealer.seal(&*core.randomness, &context("backup_code", id), code.as_bytes());
            batch.push(store::backup_codes::insert(id, &backup_digest(core, id, code), &sealed));
        }
        batch.push(store::one_time_tokens::delete_of(id, OneTimeKind::SecondStep));
        batch.push(store::events::append(&self.event(EventKind::TwoFactorEnabled, &account, client)));
        batch.extend(bucket.clear());
        let mailed = self.owe_two_factor_notice(&account, true, client, &mut batch).await?;
        self.write_code_change(batch, Some(ended), &account, mailed).await
    }

    /// Takes the second factor off with one of its codes; a backup code will not do (wolfpal.md 3.4).
    ///
    /// # Errors
    /// [`Refusal::TwoFactorNotInitialised`], [`Refusal::CodeWrong`], [`Refusal::Throttled`].
    pub async fn disable_two_factor(
        &self,
        caller: &Caller,
        code: &str,
        client: &Client,
    ) -> Result<(), Failure> {
        let core = &self.core;
        let account = core.account_of(caller).await?;
        if !account.two_factor.enabled() {
            return Err(Refusal::TwoFactorNotInitialised.into());
        }
        let bucket = Bucket::codes(core, &account);
        self.take(&[&bucket], Some(&account.id), client).await?;
        let Some(step) = self.totp_step(&account, code)? else {
            return self.code_refused(&account, client).await;
        };
        let mut changed = account.clone();
        changed.two_factor.secret = None;
        changed.two_factor.pending = None;
        // The step is used while there is still a secret that it belongs to.
        let mut batch = Batch::new()
            .with(store::accounts::use_totp_step(&account.id, step))
            .with(store::accounts::update(&changed, self.now()))
            .with(store::backup_codes::delete_of(&account.id))
            .with(store::one_time_tokens::delete_of(&account.id, OneTimeKind::SecondStep))
            .with(store::events::append(&self.event(EventKind::TwoFactorDisabled, &account, client)));
        batch.extend(bucket.clear());
        let mailed = self.owe_two_factor_notice(&account, false, client, &mut batch).await?;
        self.write_code_change(batch, None, &account, mailed).await
    }

    async fn code_refused(&self, account: &Account, client: &Client) -> Result<(), Failure> {
        let event = self.event(EventKind::CodeRefused, account, client);
        self.core.write(Batch::new().with(store::events::append(&event))).await?;
        Err(Refusal::CodeWrong.into())
    }

    /// The backup codes that are left, of the second factor in force or else of the prepared one.
    ///
    /// # Errors
    /// [`Refusal::TwoFactorNotInitialised`] if there is neither.
    pub async fn backup_codes(&self, caller: &Caller) -> Result<Vec<String>, Failure> {
        let core = &self.core;
        let account = core.account_of(caller).await?;
        if !account.two_factor.enabled() {
            let pending = pending(core, &account)?.ok_or(Refusal::TwoFactorNotInitialised)?;
            return Ok(pending.backup_codes);
        }
        let open = |sealed: Vec<u8>| {
            let code = core.sealer.open(&context("backup_code", &account.id), &sealed);
            let code = code.map_err(|error| Fault::logged(&error))?;
            String::from_utf8(code).map_err(|error| Failure::from(Fault::logged(&error.utf8_error())))
        };
        store::backup_codes::sealed_of(&core.db, &account.id).await?.into_iter().map(open).collect()
    }

    /// Tells the owner whether a code is asked for now; see [`Mount::tell`].
    async fn owe_two_factor_notice(
        &self,
        account: &Account,
        enabled: bool,
        client: &Client,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        let (site, address) = (&self.policy().site, client.address_text());
        let notice =
            Notice::TwoFactorChanged { site, username: &account.username, enabled, address: &address };
        let kind = if enabled { EventKind::TwoFactorEnabled } else { EventKind::TwoFactorDisabled };
        self.tell(account, kind, &notice, batch).await
    }

    /// Writes a batch whose statement with this index, if one is given, ends sessions.
    async fn write_code_change(
        &self,
        batch: Batch,
        ended: Option<usize>,
        account: &Account,
        mailed: bool,
    ) -> Result<(), Failure> {
        match self.core.db.write(batch).await {
            Ok(written) => {
                match ended {
                    Some(index) => self.core.note_ended(&written, index, account)?,
                    None => self.core.memory.changed(&account.id),
                }
                self.core.ring_if(mailed);
                Ok(())
            }
            // Used meanwhile, or the account changed under us: the code is not worth a second look.
            Err(WriteError::Guard(_)) => Err(Refusal::CodeWrong.into()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }
}

pub(crate) fn context(what: &str, id: &AccountId) -> String {
    format!("{what}/{id}")
}

/// Under which digest a backup code is found.
pub(crate) fn backup_digest(core: &Core, id: &AccountId, code: &str) -> Vec<u8> {
    core.digests.digest(&context("backup_code", id), code)
}

/// The secret in force.
pub(crate) fn secret(core: &Core, account: &Account) -> Result<Option<Vec<u8>>, Failure> {
    let Some(sealed) = &account.two_factor.secret else { return Ok(None) };
    let opened = core.sealer.open(&context("totp", &account.id), sealed);
    Ok(Some(opened.map_err(|error| Fault::logged(&error))?))
}

fn pending(core: &Core, account: &Account) -> Result<Option<Pending>, Failure> {
    let Some(sealed) = &account.two_factor.pending else { return Ok(None) };
    let opened =
        core.sealer.open(&context("pending", &account.id), sealed).map_err(|error| Fault::logged(&error))?;
    Ok(Some(serde_json::from_slice(&opened).map_err(|error| Fault::logged(&error))?))
}
