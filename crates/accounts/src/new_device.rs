//! Telling the owner of a sign-in from a new device, and hearing that it was somebody else.

use db::{Batch, WriteError};
use mail::Notice;
use model::{Account, EndReason, EventKind, OneTimeKind, Session, SessionId};

use crate::mount::Mount;
use crate::refusal::{Failure, Fault, Refusal};
use crate::throttle::{Bucket, Client};

impl Mount {
    /// Owes the owner a mail if the account was used before, but neither from this address nor with this
    /// program; whether there is one to send. Who is mailed too often is not mailed.
    pub(crate) async fn owe_new_device(
        &self,
        account: &Account,
        session: &Session,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        let (Some(form), Some(email)) = (&self.policy().not_me, &account.email) else { return Ok(false) };
        let core = &self.core;
        let first = account.last_sign_in_at.is_none();
        if first
            || store::sessions::seen(&core.db, &account.id, &session.address, &session.user_agent).await?
        {
            return Ok(false);
        }
        let token = core.new_mailed(OneTimeKind::NotMe, account, form, email);
        // One link for each session, so that a second sign-in does not end the first one's link.
        let token =
            token.in_slot(format!("{}/not_me/{}", self.realm(), session.id)).saying(session.id.to_string());
        let link = mail::link(&form.link, &token.secret).map_err(|error| Fault::logged(&error))?;
        let notice = Notice::NewDevice {
            site: &self.policy().site,
            username: &account.username,
            link: &link,
            address: &session.address,
            program: &session.user_agent,
        };
        let told = self.tell(account, EventKind::NewDeviceTold, &notice, batch).await?;
        if told {
            batch.push(store::one_time_tokens::put(&token.row));
        }
        Ok(told)
    }

    /// Mails a reset to whoever holds a link from a mail: the owner, who is not put off because others asked.
    async fn reset_of_disowned(&self, account: &Account, client: &Client) -> Result<(), Failure> {
        let core = &self.core;
        self.take(&[&Bucket::mails_from(core, self.realm(), client)], None, client).await?;
        let Some(email) = account.email.as_deref().filter(|_| !account.disabled) else { return Ok(()) };
        let mut batch: Batch = Bucket::mails(core, email).take(core).into_iter().collect();
        let mailed = self.owe_reset(account, client, &mut batch)?;
        match core.db.write(batch).await {
            Ok(_) => core.ring_if(mailed),
            // Mailed too often, which nobody is told.
            Err(WriteError::Guard(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
        Ok(())
    }

    /// Ends the session that a mail told of, and mails a link to choose a new password unless too many were
    /// asked for; whether it did.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`].
    pub async fn not_me(&self, secret: &str, client: &Client) -> Result<bool, Failure> {
        let core = &self.core;
        let token =
            core.find_token(OneTimeKind::NotMe, self.realm(), secret).await?.ok_or(Refusal::TokenUnknown)?;
        let session = SessionId::parse(&token.payload).ok_or(Refusal::TokenUnknown)?;
        let id = token.account.clone().ok_or(Refusal::TokenUnknown)?;
        core.end_session(session, EndReason::NotMe, &client.address_text(), None).await?;
        // Only then is the link used up: whoever is interrupted between can press the button again.
        let batch = Batch::new()
            .with(store::one_time_tokens::redeem(&token, self.now()))
            // Whoever was signed in may have asked for another address.
            .with(store::one_time_tokens::delete_of(&id, OneTimeKind::EmailChange));
        match core.db.write(batch).await {
            Ok(_) => {}
            Err(WriteError::Guard(_)) => return Err(Refusal::TokenUnknown.into()),
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
        let account = store::accounts::by_id(&core.db, &id).await?;
        let Some(account) = account.filter(|account| account.email.is_some()) else { return Ok(false) };
        match self.reset_of_disowned(&account, client).await {
            // What matters is done, and the link is used up: pressing the button again would not help.
            Err(Failure::Refused(Refusal::Throttled { .. })) => Ok(false),
            sent => sent.map(|()| self.policy().reset.is_some()),
        }
    }
}
