//! Putting a new e-mail address in the place of the old one.

use db::{Batch, WriteError};
use mail::Notice;
use model::{Account, EventKind, OneTimeKind, OneTimeToken, email_key, usable_email};

use crate::check::Caller;
use crate::mount::Mount;
use crate::one_time::{Form, own_slot};
use crate::refusal::{Failure, Fault, Refusal};
use crate::throttle::{Bucket, Client};

impl Mount {
    /// Mails a link to a new address; only once it is opened there does it take the place of the old one.
    /// A second request ends the one before.
    ///
    /// # Errors
    /// [`Refusal::EmailUnusable`], [`Refusal::EmailUnchanged`], [`Refusal::NameTaken`],
    /// [`Refusal::Throttled`].
    pub async fn change_email(&self, caller: &Caller, email: &str, client: &Client) -> Result<(), Failure> {
        caller.session()?;
        usable_email(email).map_err(|_| Refusal::EmailUnusable)?;
        let account = self.core.account_of(caller).await?;
        if account.email.as_deref().map(email_key) == Some(email_key(email)) {
            return Err(Refusal::EmailUnchanged.into());
        }
        let bucket = Bucket::registrations(&self.core, self.realm(), client);
        self.take(&[&bucket], Some(&account.id), client).await?;
        if store::accounts::by_email(&self.core.db, self.realm(), email).await?.is_some() {
            return Err(Refusal::NameTaken.into());
        }
        self.send_change(&account, email, client).await
    }

    /// Mails the link of a waiting change anew.
    ///
    /// # Errors
    /// [`Refusal::EmailChangeUnknown`] if none waits, [`Refusal::Throttled`].
    pub async fn resend_email_change(&self, caller: &Caller, client: &Client) -> Result<(), Failure> {
        caller.session()?;
        let waiting = self.waiting_email(caller).await?.ok_or(Refusal::EmailChangeUnknown)?;
        let account = self.core.account_of(caller).await?;
        self.send_change(&account, &waiting, client).await
    }

    /// The address that waits to take the place of the caller's.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn waiting_email(&self, caller: &Caller) -> Result<Option<String>, Failure> {
        let slot = own_slot(OneTimeKind::EmailChange, self.realm(), &caller.account.id);
        let token =
            store::one_time_tokens::in_slot(&self.core.db, OneTimeKind::EmailChange, &slot, self.now())
                .await?;
        Ok(token.map(|token| token.payload))
    }

    /// Puts the new address in force. The old one is told.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`] if the token is unknown, used or over, or the address was taken meanwhile.
    pub async fn confirm_email_change(&self, secret: &str, client: &Client) -> Result<(), Failure> {
        self.confirm_change(None, secret, client).await
    }

    /// As [`Mount::confirm_email_change`], for those whose clients are signed in when the link is opened.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], also if the token is somebody else's.
    pub async fn confirm_own_email_change(
        &self,
        caller: &Caller,
        secret: &str,
        client: &Client,
    ) -> Result<(), Failure> {
        caller.session()?;
        self.confirm_change(Some(caller), secret, client).await
    }

    async fn confirm_change(
        &self,
        caller: Option<&Caller>,
        secret: &str,
        client: &Client,
    ) -> Result<(), Failure> {
        loop {
            let token = self.core.find_token(OneTimeKind::EmailChange, self.realm(), secret).await?;
            let token = token.ok_or(Refusal::TokenUnknown)?;
            let id = token.account.as_ref().ok_or(Refusal::TokenUnknown)?;
            if caller.is_some_and(|caller| caller.account.id != *id) {
                return Err(Refusal::TokenUnknown.into());
            }
            let account = store::accounts::by_id(&self.core.db, id).await?;
            let account = account.filter(|account| !account.disabled).ok_or(Refusal::TokenUnknown)?;
            if store::accounts::by_email(&self.core.db, self.realm(), &token.payload).await?.is_some() {
                return Err(Refusal::TokenUnknown.into());
            }
            let (batch, mailed) = self.changing(&token, &account, client).await?;
            match self.core.db.write(batch).await {
                Ok(_) => {
                    self.core.memory.changed(&account.id);
                    self.core.ring_if(mailed);
                    return Ok(());
                }
                Err(WriteError::Guard(lost)) if lost.name == store::guard::ACCOUNT_UNCHANGED => {}
                Err(WriteError::Guard(_)) => return Err(Refusal::TokenUnknown.into()),
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
    }

    /// What puts the new address in force, and whether there is a mail in it.
    async fn changing(
        &self,
        token: &OneTimeToken,
        account: &Account,
        client: &Client,
    ) -> Result<(Batch, bool), Failure> {
        let mut changed = account.clone();
        changed.email = Some(token.payload.clone());
        changed.email_confirmed = true;
        let old = account.email.clone().unwrap_or_default();
        let mut batch = Batch::new()
            .with(store::one_time_tokens::redeem(token, self.now()))
            .with(store::accounts::email_is_free(&changed))
            .with(store::accounts::update(&changed, self.now()))
            .with(store::one_time_tokens::delete_of(&account.id, OneTimeKind::PasswordReset))
            .with(store::one_time_tokens::delete_of(&account.id, OneTimeKind::Confirmation))
            .with(store::events::append(&self.event(EventKind::EmailChanged, account, client).saying(old)));
        let address = client.address_text();
        let notice = Notice::EmailChanged {
            site: &self.policy().site,
            username: &account.username,
            address: &address,
        };
        let mailed = self.tell(account, EventKind::EmailChanged, &notice, &mut batch).await?;
        Ok((batch, mailed))
    }

    async fn send_change(&self, account: &Account, email: &str, client: &Client) -> Result<(), Failure> {
        let core = &self.core;
        let form = self.policy().email_change.as_ref().ok_or(Refusal::NotPermitted)?;
        self.take(&[&Bucket::asked_mails(core, email)], Some(&account.id), client).await?;
        let shape = Form { alphabet: form.alphabet, length: form.length, lifetime: form.lifetime, tries: 1 };
        let token = core
            .new_token(OneTimeKind::EmailChange, self.realm(), shape)
            .only_of(account)
            .saying(email.to_owned());
        let link = mail::link(&form.link, &token.secret).map_err(|error| Fault::logged(&error))?;
        let hours = form.lifetime.whole_seconds() / 3_600;
        let notice = Notice::EmailChange {
            site: &self.policy().site,
            username: &account.username,
            link: &link,
            hours,
        };
        let mut batch = Batch::new()
            .with(store::one_time_tokens::put(&token.row))
            .with(store::events::append(&self.event(EventKind::EmailChangeSent, account, client)));
        core.owe(&mut batch, self.realm(), EventKind::EmailChangeSent, email, &notice)?;
        core.write(batch).await?;
        core.ring_if(true);
        Ok(())
    }
}
