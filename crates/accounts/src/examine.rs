//! How an installation stands, for whoever looks for what is wrong with it.

use crypto::{MasterSecret, RootSecret, Sealer};
use db::Database;
use model::{EventFilter, Span, Timestamp};

use crate::keys;
use crate::root::MasterRefused;

/// Mails that are looked at, newest first.
const MAILS: i64 = 1_000;

/// What is found in a database with the present schema.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// Accounts of all realms.
    pub accounts: i64,
    /// When the last thing happened.
    pub newest_event: Option<Timestamp>,
    /// Signing keys that the root secret does not open.
    pub closed_keys: Vec<String>,
    /// Since when the oldest of the newest mails waits, if one does.
    pub mail_owed_since: Option<Timestamp>,
    /// What went wrong with it last.
    pub mail_error: String,
    /// Mails of the last day that were given up.
    pub mails_given_up: usize,
    /// Until when a server counts as running on it.
    pub held_until: Option<Timestamp>,
}

/// Looks at a database without changing it.
///
/// # Errors
/// [`MasterRefused`] if the master secret does not open it, or it does not answer.
pub async fn examine(
    db: &Database,
    master: &MasterSecret,
    now: Timestamp,
) -> Result<Examined, MasterRefused> {
    if store::transfer::mark(db).await?.is_some() {
        return Err(MasterRefused::Unfinished);
    }
    // The root secret of one from before there were root secrets is made at its next start.
    let root = match store::root_secret::get(db).await? {
        Some(wrapped) => RootSecret::unwrap_with(master, &wrapped).map_err(|_| MasterRefused::Wrong)?,
        None => RootSecret::of_master(master),
    };
    let sealer = Sealer::new(&root);
    let keys = store::signing_keys::all(db).await?;
    let live = keys.iter().filter(|key| key.retired_at.is_none());
    let closed = live.filter(|key| sealer.open(&keys::context(&key.id), &key.sealed).is_err());
    let mails = store::outbox::newest(db, MAILS).await?;
    let oldest_owed = mails.iter().rev().find(|mail| mail.sent_at.is_none() && mail.failed_at.is_none());
    let lately = |at: &Option<Timestamp>| at.is_some_and(|at| at > now - Span::days(1));
    Ok(Examined {
        accounts: store::accounts::count(db).await?,
        newest_event: store::events::newest(db, &EventFilter::default(), 1)
            .await?
            .first()
            .map(|event| event.at),
        closed_keys: closed.map(|key| key.id.clone()).collect(),
        mail_owed_since: oldest_owed.map(|mail| mail.created_at),
        mail_error: oldest_owed.map(|mail| mail.last_error.clone()).unwrap_or_default(),
        mails_given_up: mails.iter().filter(|mail| lately(&mail.failed_at)).count(),
        held_until: store::leases::held_until(db).await?,
    })
}
