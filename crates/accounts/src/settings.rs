//! Settings that an administrator changes while the server runs.

use db::Batch;
use model::{Event, EventKind};

use crate::check::Caller;
use crate::mount::{Mount, Registration};
use crate::refusal::{Failure, Refusal};
use crate::throttle::Client;

/// Whether people may register through a mount although the settings file says they may: `open` or `closed`.
const REGISTRATION: &str = "registration";
/// What a mount's product calls itself.
const TITLE: &str = "title";
/// The longest title, in bytes.
const MAX_TITLE_BYTES: usize = 255;

impl Mount {
    /// What the product calls itself: what an administrator said, else the mount's site.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn title(&self) -> Result<String, Failure> {
        Ok(self.setting(TITLE).await?.unwrap_or_else(|| self.policy().site.clone()))
    }

    /// Changes what the product calls itself.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`]; [`Refusal::UsernameUnusable`] if it is empty, too long or not to be seen.
    pub async fn set_title(&self, caller: &Caller, title: &str, client: &Client) -> Result<(), Failure> {
        let usable = model::usable_name(title).is_ok() && title.len() <= MAX_TITLE_BYTES;
        self.set(
            caller,
            TITLE,
            if usable { title } else { return Err(Refusal::UsernameUnusable.into()) },
            client,
        )
        .await
    }

    /// Who may register now: what the settings file says, unless an administrator closed it since.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn registration(&self) -> Result<Registration, Failure> {
        let configured = self.policy().registration;
        let closed = configured == Registration::Open
            && self.setting(REGISTRATION).await?.as_deref() == Some("closed");
        Ok(if closed { Registration::Closed } else { configured })
    }

    /// Closes registration through this mount, or opens it again as far as the settings file allows.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`].
    pub async fn set_registration(
        &self,
        caller: &Caller,
        open: bool,
        client: &Client,
    ) -> Result<(), Failure> {
        self.set(caller, REGISTRATION, if open { "open" } else { "closed" }, client).await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(store::settings::get(&self.core.db, self.realm(), &self.stored_name(name)).await?)
    }

    async fn set(&self, caller: &Caller, name: &str, value: &str, client: &Client) -> Result<(), Failure> {
        caller.must_administer()?;
        let stored = self.stored_name(name);
        let event = Event::new(EventKind::SettingChanged, self.realm(), self.now());
        let event = event.of(&caller.account.id).from(&client.address_text()).saying(stored.clone());
        let batch = Batch::new()
            .with(store::settings::put(self.realm(), &stored, value))
            .with(store::events::append(&event));
        self.core.write(batch).await?;
        Ok(())
    }

    fn stored_name(&self, name: &str) -> String {
        format!("{}.{name}", self.policy().name)
    }
}
