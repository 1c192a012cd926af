//! Showing that mail to an address is received.

use db::{Batch, WriteError};
use model::{EventKind, OneTimeKind};

use crate::asked::Wanted;
use crate::mount::Mount;
use crate::refusal::{Failure, Refusal};
use crate::throttle::Client;

impl Mount {
    /// Confirms the address that a token was mailed to.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`] if it is unknown, used, over, or the address is another by now.
    pub async fn confirm_email(&self, secret: &str, client: &Client) -> Result<(), Failure> {
        loop {
            let found = self.core.find_mailed(OneTimeKind::Confirmation, self.realm(), secret).await?;
            let (token, mut account) = found.ok_or(Refusal::TokenUnknown)?;
            account.email_confirmed = true;
            let batch = Batch::new()
                .with(store::one_time_tokens::redeem(&token, self.now()))
                .with(store::accounts::update(&account, self.now()))
                .with(store::events::append(&self.event(EventKind::EmailConfirmed, &account, client)));
            match self.core.db.write(batch).await {
                Ok(_) => {
                    self.core.memory.changed(&account.id);
                    return Ok(());
                }
                // The account changed between reading and writing: judge it again.
                Err(WriteError::Guard(lost)) if lost.name == store::guard::ACCOUNT_UNCHANGED => {}
                Err(WriteError::Guard(_)) => return Err(Refusal::TokenUnknown.into()),
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
    }

    /// Mails a new confirmation link, which ends the one before. Nothing tells whether there is such an
    /// account, whether it was confirmed before, or whether it was mailed too often (contracts/README 9).
    ///
    /// # Errors
    /// [`Refusal::Throttled`] if the caller's address asked too often.
    pub async fn resend_confirmation(&self, email: &str, client: &Client) -> Result<(), Failure> {
        self.ask(Wanted::Confirmation, email, client).await
    }
}
