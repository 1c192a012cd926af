//! What a backup holds, and what must not come back to life with it.

use crypto::{MasterSecret, Randomness, totp_step};
use db::{Batch, Database, MigrateError, WriteError};
use model::{Actor, Clock, EndReason, Event, EventFilter, EventKind, Realm, Timestamp};
use store::migrations::ALL;

use crate::accounts::Accounts;
use crate::root::{self, MasterRefused};

/// The realm of what concerns the whole installation.
pub(crate) const REALM: &str = "default";
/// The setting with the second since the epoch before which no token was made that is believed.
const TOKENS_FROM: &str = "tokens_from";

/// What is in a database that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Accounts of all realms.
    pub accounts: i64,
    /// When the last thing happened that it knows of.
    pub newest_event: Option<Timestamp>,
}

/// Why a database is no backup that can be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupRefused {
    /// Nobody has ever started a server on it.
    #[error("it holds no installation")]
    NoInstallation,
    /// A server uses it.
    #[error(
        "a server runs on this database, or was killed there: stop every server first; after the end of one that \
         was killed, wait until {}", until.rfc3339()
    )]
    InUse {
        /// Until then it counts as running.
        until: Timestamp,
    },
    /// The master secret does not open it, or it is only a part of an installation.
    #[error(transparent)]
    Master(#[from] MasterRefused),
    /// Its schema is a later program's, or cannot be brought up to date.
    #[error(transparent)]
    Schema(#[from] MigrateError),
    /// It cannot be read or written.
    #[error(transparent)]
    Fault(#[from] db::Fault),
}

impl From<WriteError> for BackupRefused {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Guard(guard) => {
                Self::Fault(db::Fault::broken(format!("a guard that cannot fail did: {}", guard.name)))
            }
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Looks into a database without changing it. A master secret is tried if there is one, unless the schema is that
/// of an older version.
///
/// # Errors
/// [`BackupRefused`].
pub async fn contents(db: &Database, master: Option<&MasterSecret>) -> Result<Contents, BackupRefused> {
    let missing = db.missing(ALL).await?;
    if missing.len() == ALL.len() {
        return Err(BackupRefused::NoInstallation);
    }
    if let (Some(master), true) = (master, missing.is_empty()) {
        root::kept(db, master).await?;
    }
    let newest = store::events::newest(db, &EventFilter::default(), 1).await?;
    Ok(Contents {
        accounts: store::accounts::count(db).await?,
        newest_event: newest.first().map(|event| event.at),
    })
}

/// Brings the schema of a backup up to date and makes sure that the master secret opens it.
///
/// # Errors
/// [`BackupRefused`].
pub async fn prepare(
    db: &Database,
    master: &MasterSecret,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<Contents, BackupRefused> {
    if db.missing(ALL).await?.len() == ALL.len() {
        return Err(BackupRefused::NoInstallation);
    }
    db.migrate(ALL, clock.now().0).await?;
    Accounts::root(db, master, randomness, clock.now(), false).await?;
    contents(db, Some(master)).await
}

/// Refuses a database that a server uses.
///
/// # Errors
/// [`BackupRefused::InUse`], or that it cannot be read.
pub async fn unused(db: &Database, clock: &dyn Clock) -> Result<(), BackupRefused> {
    let held = store::leases::held_until(db).await?;
    match held.filter(|until| *until > clock.now()) {
        Some(until) => Err(BackupRefused::InUse { until }),
        None => Ok(()),
    }
}

/// What becomes of what was good when a backup was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revival {
    /// It may have ended since, and nobody remembers: every session and token ends, mailed links and invites,
    /// codes of second factors up to now, owed mail, and the signing keys that Tessera made, one of which may have
    /// been retired because it leaked.
    Nothing,
    /// It goes on, because nothing has happened since.
    Everything,
}

/// Makes a database that came from a backup ready to be used; `taken` is when the backup was, as far as is known.
/// Answers from when on it may be used: tokens that are made before are not believed.
///
/// # Errors
/// [`BackupRefused`].
pub async fn restored(
    db: &Database,
    clock: &dyn Clock,
    taken: Option<Timestamp>,
    revival: Revival,
) -> Result<Timestamp, BackupRefused> {
    let now = clock.now();
    let realm = Realm::new(REALM);
    let event = Event::new(EventKind::Restored, &realm, now)
        .by(Actor::CommandLine)
        .saying(taken.map(Timestamp::rfc3339).unwrap_or_default());
    // Whoever held a lease used another database.
    let mut batch = Batch::new().with(store::leases::release_every()).with(store::events::append(&event));
    if revival == Revival::Everything {
        db.write(batch).await?;
        return Ok(now);
    }
    // Tokens tell whole seconds: those of this one may be from before.
    let from = now.seconds() + 1;
    batch.extend(store::sessions::end_every(EndReason::Restored, &Actor::CommandLine, now));
    batch.extend([
        store::one_time_tokens::delete_every(),
        store::accounts::use_totp_steps(totp_step(now.seconds())),
        store::outbox::give_up_every(now, "owed in a backup that was restored"),
        store::signing_keys::retire_every(now),
        store::settings::put(&realm, TOKENS_FROM, &from.to_string()),
    ]);
    db.write(batch).await?;
    Ok(Timestamp(from * 1_000_000))
}

/// The second before which no token was made that is believed, if the installation was ever restored.
pub(crate) async fn tokens_from(db: &Database) -> Result<Option<i64>, db::Fault> {
    let written = store::settings::get(db, &Realm::new(REALM), TOKENS_FROM).await?;
    Ok(written.and_then(|seconds| seconds.parse().ok()))
}
