//! What accounts may do, and what changing it ends.

use db::{Batch, WriteError};
use model::{Account, Actor, EndReason, EventKind, Permissions};
use store::sessions::Ending;

use crate::accounts::{Accounts, Core};
use crate::refusal::{Failure, Refusal};

impl Accounts {
    /// Gives an account a permission.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn permit(
        &self,
        realm: &model::Realm,
        name: &str,
        permission: &str,
    ) -> Result<Account, Failure> {
        self.set_permissions(realm, name, |held| held.with(permission)).await
    }

    /// Takes a permission from an account.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`].
    pub async fn forbid(
        &self,
        realm: &model::Realm,
        name: &str,
        permission: &str,
    ) -> Result<Account, Failure> {
        self.set_permissions(realm, name, |held| held.without(permission)).await
    }

    async fn set_permissions(
        &self,
        realm: &model::Realm,
        name: &str,
        change: impl Fn(Permissions) -> Permissions,
    ) -> Result<Account, Failure> {
        loop {
            let account = self.find(realm, name).await?.ok_or(Refusal::AccountUnknown)?;
            let mut changed = account.clone();
            changed.permissions = change(changed.permissions);
            if changed == account || self.core.write_permissions(&account, &changed).await? {
                return Ok(changed);
            }
        }
    }
}

impl Core {
    /// Writes changed permissions and ends the sessions whose tokens may carry one of them; false if the
    /// account changed meanwhile.
    async fn write_permissions(&self, account: &Account, changed: &Account) -> Result<bool, Failure> {
        let now = self.clock.now();
        let differs =
            |claimed: &&str| account.permissions.holds(claimed) != changed.permissions.holds(claimed);
        let spared =
            self.mounts_spared(&account.realm, |policy| policy.claims_permissions.iter().any(differs));
        let ending = Ending {
            account: &account.id,
            except: None,
            spared: &spared,
            reason: EndReason::PermissionsChanged,
            address: "",
            actor: Some(&Actor::CommandLine),
        };
        let event =
            self.ordered(EventKind::PermissionsChanged, account).saying(changed.permissions.to_json());
        let mut batch =
            Batch::new().with(store::accounts::update(changed, now)).with(store::events::append(&event));
        let ended = batch.len();
        batch.extend(store::sessions::end_of_account(&ending, &account.realm, now));
        match self.db.write(batch).await {
            Ok(written) => {
                self.note_ended(&written, ended, account)?;
                Ok(true)
            }
            Err(WriteError::Guard(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }
}
