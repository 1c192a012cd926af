//! What a product keeps with an account.

use db::{Batch, WriteError};
use model::{AccountId, EventKind, Profile, Span};
use serde_json::{Map, Value};

use crate::accounts::ATTEMPTS;
use crate::check::Caller;
use crate::mount::Mount;
use crate::refusal::{Failure, Refusal};
use crate::throttle::Client;

impl Mount {
    /// What this mount's product keeps with an account of the realm.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn document(&self, account: &AccountId) -> Result<Map<String, Value>, Failure> {
        let (profile, _) = self.profile(account).await?;
        Ok(profile.section(&self.policy().name))
    }

    /// Changes what this mount's product keeps with the caller's own account, or with any account of the
    /// realm if the caller administers it. The function may be called again if others change it meanwhile.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`], [`Refusal::AccountUnknown`], [`Refusal::ProfileTooLarge`].
    pub async fn change_document(
        &self,
        caller: &Caller,
        account: &AccountId,
        client: &Client,
        change: impl Fn(&mut Map<String, Value>),
    ) -> Result<(), Failure> {
        if caller.account.id != *account {
            caller.must_administer()?;
        }
        let product = &self.policy().name;
        for _ in 0..ATTEMPTS {
            let (profile, version) = self.profile(account).await?;
            let mut section = profile.section(product);
            change(&mut section);
            let changed = profile.with_section(product, section).map_err(|_| Refusal::ProfileTooLarge)?;
            let event = self.event_by(caller, EventKind::ProfileChanged, account, client);
            let batch = Batch::new()
                .with(store::profiles::put(account, version, &changed, self.now()))
                .with(store::events::append(&event));
            match self.core.db.write(batch).await {
                Ok(_) => {
                    // Its time of change is another.
                    self.core.memory.changed(account);
                    return Ok(());
                }
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Failure::Overloaded { retry_after: Span::seconds(1) })
    }

    async fn profile(&self, account: &AccountId) -> Result<(Profile, i64), Failure> {
        // Nobody, an administrator neither, reaches into another realm.
        self.member(account).await?;
        Ok(store::profiles::of(&self.core.db, account).await?.ok_or(Refusal::AccountUnknown)?)
    }
}
