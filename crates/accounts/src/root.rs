//! The root secret of an installation, which the master secret opens.

use crypto::{MasterSecret, Randomness, RootSecret, Sealer, Unsealable};
use db::{Batch, Database, WriteError};
use model::{Actor, Event, EventKind, Realm, Timestamp};

use crate::accounts::Accounts;
use crate::refusal::Fault;
use crate::{keys, two_factor};

/// Why a master secret does not open an installation, or does not replace the one that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterRefused {
    /// Another one does.
    #[error("the master secret is not the one of this installation: nothing in its database opens with it")]
    Wrong,
    /// The installation is still being moved into this database.
    #[error(
        "this database holds a part of an installation: let `tessera migrate` finish what it began, with the same \
         --from and --to"
    )]
    Unfinished,
    /// The new one is the old one.
    #[error("this is the master secret already")]
    Same,
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<db::Fault> for MasterRefused {
    fn from(fault: db::Fault) -> Self {
        Self::Fault(fault.into())
    }
}

impl Accounts {
    /// The root secret of the installation in a migrated database. One that was just made gets a random one; one
    /// from before there were root secrets goes on with what it derived from its master secret.
    ///
    /// # Errors
    /// [`MasterRefused::Wrong`] if another master secret opens it, [`MasterRefused::Unfinished`] if only a part of
    /// it is there, [`MasterRefused::Fault`] if the database does not answer.
    pub async fn root(
        db: &Database,
        master: &MasterSecret,
        randomness: &dyn Randomness,
        now: Timestamp,
        just_made: bool,
    ) -> Result<RootSecret, MasterRefused> {
        if store::transfer::mark(db).await?.is_some() {
            return Err(MasterRefused::Unfinished);
        }
        if let Some(wrapped) = store::root_secret::get(db).await? {
            return unwrapped(master, &wrapped);
        }
        let root = if just_made { RootSecret::generate(randomness) } else { RootSecret::of_master(master) };
        if let (false, Err(refused)) = (just_made, fits(db, &root).await) {
            // Unless another process that started at the same time has just kept one and sealed with it.
            let kept = store::root_secret::get(db).await?.ok_or(refused)?;
            return unwrapped(master, &kept);
        }
        let wrapped = root.wrap_with(master, randomness);
        written(db.write(Batch::from(store::root_secret::keep(&wrapped, now))).await)?;
        // Of processes that start at once the first one's stays, and all go on with that.
        let kept = store::root_secret::get(db).await?.unwrap_or(wrapped);
        unwrapped(master, &kept)
    }

    /// Lets another master secret open the installation from now on, and `old` no more. Nothing else changes:
    /// sessions, tokens, second factors and owed mail stay good, and running processes go on.
    ///
    /// # Errors
    /// [`MasterRefused::Wrong`] if `old` does not open it, also if somebody else changed it meanwhile;
    /// [`MasterRefused::Same`]; [`MasterRefused::Fault`].
    pub async fn change_master(&self, old: &MasterSecret, new: &MasterSecret) -> Result<(), MasterRefused> {
        let core = &self.core;
        let kept = store::root_secret::get(&core.db).await?.ok_or(MasterRefused::Wrong)?;
        let root = unwrapped(old, &kept)?;
        if unwrapped(new, &kept).is_ok() {
            return Err(MasterRefused::Same);
        }
        let now = core.clock.now();
        let event =
            Event::new(EventKind::MasterSecretChanged, &Realm::new("default"), now).by(Actor::CommandLine);
        let batch = Batch::new()
            .with(store::root_secret::rewrap(&kept, &root.wrap_with(new, &*core.randomness), now))
            .with(store::events::append(&event));
        written(core.db.write(batch).await)
    }
}

/// The root secret that an installation keeps, if `master` opens it and what it has sealed.
pub(crate) async fn kept(db: &Database, master: &MasterSecret) -> Result<Option<RootSecret>, MasterRefused> {
    let Some(wrapped) = store::root_secret::get(db).await? else { return Ok(None) };
    let root = unwrapped(master, &wrapped)?;
    fits(db, &root).await?;
    Ok(Some(root))
}

fn unwrapped(master: &MasterSecret, wrapped: &[u8]) -> Result<RootSecret, MasterRefused> {
    RootSecret::unwrap_with(master, wrapped).map_err(|Unsealable| MasterRefused::Wrong)
}

fn written(outcome: Result<db::Written, WriteError>) -> Result<(), MasterRefused> {
    match outcome {
        Ok(_) => Ok(()),
        Err(WriteError::Guard(_)) => Err(MasterRefused::Wrong),
        Err(WriteError::Fault(fault)) => Err(fault.into()),
    }
}

/// Refuses a root secret that does not open what is sealed already: a wrong master secret must not be taken for
/// the right one by an installation that has no root secret yet.
async fn fits(db: &Database, root: &RootSecret) -> Result<(), MasterRefused> {
    let sealer = Sealer::new(root);
    let opens = |context: &str, sealed: &[u8]| match sealer.open(context, sealed) {
        Ok(_) => Ok(()),
        Err(Unsealable) => Err(MasterRefused::Wrong),
    };
    for row in store::signing_keys::all(db).await?.iter().filter(|row| row.retired_at.is_none()) {
        opens(&keys::context(&row.id), &row.sealed)?;
    }
    match store::root_secret::a_sealed_second_factor(db).await? {
        Some((account, sealed)) => opens(&two_factor::context("totp", &account), &sealed),
        None => Ok(()),
    }
}
