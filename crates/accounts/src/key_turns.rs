//! Changing signing keys without refusing a good token, and retiring one that must not be believed.
//!
//! A new key is stored with a turn that begins later. Every process hears of it from the event list, publishes
//! it and believes its tokens; from its turn on, by each process's own clock, it signs. The key before it is
//! believed until nothing can be in time any more that it signed: every token of a session ends with the
//! session, so the sessions say until when. What must not be believed is retired at once.

use crypto::JwtAlgorithm;
use db::{Batch, WriteError};
use model::{Actor, Event, EventKind, Realm, Span, Timestamp};
use store::signing_keys::SigningKeyRow;

use crate::accounts::{ATTEMPTS, Accounts};
use crate::keys::{self, MOST_KEYS, Place};
use crate::mount::{Mount, SigningKey};
use crate::refusal::{Failure, Fault};

/// A process that hears late of a turn may sign so long with the key before.
const LATE: Span = Span::minutes(10);
/// The longest that a token is good behind which no session stands; Melon's are good for ten minutes.
const WITHOUT_SESSION: Span = Span::hours(1);

/// When a new key begins to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// After [`KeyRules::lead`](crate::KeyRules::lead), when every process knows it.
    Later,
    /// With the next second. A process that has not heard of it by then refuses its tokens until it has.
    Now,
}

/// What [`Accounts::rotate_key`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The new key.
    pub id: String,
    /// When its turn begins.
    pub signs_from: Timestamp,
    /// Whether it was made now; if not, it was waiting for its turn, or another process made it meanwhile.
    pub made: bool,
}

/// What [`Accounts::retire_key`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The mount it signed for.
    pub mount: String,
    /// The key that signs in its place, if it was the one that signed.
    pub successor: Option<String>,
}

/// Why keys stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum KeyRefused {
    /// There is no such mount, or it is switched off.
    #[error("no mount is called {0}")]
    MountUnknown(String),
    /// The key is the operator's.
    #[error(
        "the key of {mount} is given by mounts.{mount}.key: put the new one there and the old one into mounts.{mount}.previous_keys"
    )]
    Given {
        /// The mount.
        mount: String,
    },
    /// As many keys as may be are believed.
    #[error("{mount} believes {MOST_KEYS} keys already: wait until one is retired, or retire one")]
    TooMany {
        /// The mount.
        mount: String,
    },
    /// There is no such key in the database.
    #[error("no stored key has the id {0}; keys in the settings are removed there")]
    Unknown(String),
    /// It was retired before.
    #[error("{0} was retired before")]
    RetiredBefore(String),
    /// The rules or the database failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<Fault> for KeyRefused {
    fn from(fault: Fault) -> Self {
        Self::Failure(fault.into())
    }
}

impl From<db::Fault> for KeyRefused {
    fn from(fault: db::Fault) -> Self {
        Self::Failure(fault.into())
    }
}

impl Accounts {
    /// Gives a mount its next key. If one is waiting for its turn already, that is the next one, also if several
    /// processes are asked at once.
    ///
    /// # Errors
    /// [`KeyRefused`] saying why not.
    pub async fn rotate_key(&self, mount: &str, turn: Turn) -> Result<Rotated, KeyRefused> {
        self.rotate(mount, turn, Actor::CommandLine).await
    }

    async fn rotate(&self, mount: &str, turn: Turn, actor: Actor) -> Result<Rotated, KeyRefused> {
        let mount = self.mount(mount).ok_or_else(|| KeyRefused::MountUnknown(mount.to_owned()))?;
        let policy = mount.policy();
        if matches!(policy.key, SigningKey::Given { .. }) {
            return Err(KeyRefused::Given { mount: policy.name.clone() });
        }
        let now = self.core.clock.now();
        let rows = self.stored(Place::of(policy)).await?;
        let live = keys::by_turn(&rows);
        let begins = match turn {
            Turn::Later => now + self.core.keys.lead,
            Turn::Now => now,
        };
        // Tokens are dated to the second: what was signed in this one stays the old key's.
        let signs_from = begins.whole_second() + Span::seconds(1);
        if let Some(next) = live.iter().find(|row| row.signs_from.is_some_and(|from| from > now)) {
            return self.bring_forward(next, signs_from, turn, actor).await;
        }
        if live.len() >= MOST_KEYS {
            return Err(KeyRefused::TooMany { mount: policy.name.clone() });
        }
        let number = keys::next_number(policy.algorithm, &rows);
        let row = keys::new_key(&self.core, Place::of(policy), number, Some(signs_from)).await?;
        let batch = Batch::new().with(store::signing_keys::insert_next(&row)).with(noted(
            EventKind::SigningKeyRotated,
            &row,
            actor,
            now,
        ));
        let made = match self.core.db.write(batch).await {
            Ok(_) => true,
            // Another process gave its key this number: that one it is.
            Err(WriteError::Guard(_)) => false,
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        };
        self.reload_keys().await?;
        let stored = self.stored(Place::of(policy)).await?;
        let there = stored.iter().find(|stored| stored.id == row.id).unwrap_or(&row);
        Ok(Rotated { id: row.id.clone(), signs_from: there.signs_from.unwrap_or(signs_from), made })
    }

    /// Lets a key that waits for its turn begin no later than `signs_from`, if it is to begin now.
    async fn bring_forward(
        &self,
        next: &SigningKeyRow,
        signs_from: Timestamp,
        turn: Turn,
        actor: Actor,
    ) -> Result<Rotated, KeyRefused> {
        let waits_until = next.signs_from.unwrap_or(signs_from);
        let mut rotated = Rotated { id: next.id.clone(), signs_from: waits_until, made: false };
        if turn == Turn::Later || signs_from >= waits_until {
            return Ok(rotated);
        }
        let now = self.core.clock.now();
        let batch = Batch::new().with(store::signing_keys::change_turn(next, Some(signs_from))).with(noted(
            EventKind::SigningKeyRotated,
            next,
            actor,
            now,
        ));
        match self.core.db.write(batch).await {
            // Whoever was first brought it forward too, or retired it, which wins.
            Ok(_) | Err(WriteError::Guard(_)) => {}
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
        self.reload_keys().await?;
        rotated.signs_from = signs_from;
        Ok(rotated)
    }

    /// Ends the belief in a key at once, here, and within a second in every other process. If it is the one that
    /// signs, the next one takes over its turn; there is one then, even if none was waiting.
    ///
    /// Every token that it signed is refused from then on. Sessions stay: whoever has a refresh token that is
    /// not signed by it (GoScrobble's letters) goes on; everybody else signs in again.
    ///
    /// # Errors
    /// [`KeyRefused`] saying why not.
    pub async fn retire_key(&self, id: &str) -> Result<Retired, KeyRefused> {
        for _ in 0..ATTEMPTS {
            let now = self.core.clock.now();
            let all = store::signing_keys::all(&self.core.db).await?;
            let row =
                all.iter().find(|row| row.id == id).ok_or_else(|| KeyRefused::Unknown(id.to_owned()))?;
            if row.retired_at.is_some() {
                return Err(KeyRefused::RetiredBefore(id.to_owned()));
            }
            let algorithm: JwtAlgorithm = row.algorithm.parse().map_err(|error| Fault::logged(&error))?;
            let place = Place { realm: &row.realm, mount: &row.mount, algorithm };
            let rows = self.stored(place).await?;
            let live = keys::by_turn(&rows);
            let signs = keys::signer(&live, now).and_then(|place| live.get(place));
            let mut batch = Batch::new().with(store::signing_keys::retire(row, now)).with(noted(
                EventKind::SigningKeyRetired,
                row,
                Actor::CommandLine,
                now,
            ));
            let mut successor = None;
            if signs.is_some_and(|signs| signs.id == row.id) {
                // What was signed in the old one's turn and is made again is the successor's now.
                let waits = |next: &&SigningKeyRow| next.signs_from.is_some_and(|from| from > now);
                let next = match live.iter().rfind(waits) {
                    Some(next) => {
                        batch.push(store::signing_keys::change_turn(next, row.signs_from));
                        next.clone()
                    }
                    None => {
                        let number = keys::next_number(algorithm, &rows);
                        let made = keys::new_key(&self.core, place, number, row.signs_from).await?;
                        batch.push(store::signing_keys::insert_next(&made));
                        made
                    }
                };
                batch.push(noted(EventKind::SigningKeyRotated, &next, Actor::CommandLine, now));
                successor = Some(next.id);
            }
            match self.core.db.write(batch).await {
                Ok(_) => {
                    self.reload_keys().await?;
                    return Ok(Retired { mount: row.mount.clone(), successor });
                }
                // Somebody else changed the mount's keys: look again.
                Err(WriteError::Guard(_)) => {}
                Err(WriteError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Fault::logged(&"a signing key changes faster than it can be retired").into())
    }

    /// Does what is due: retires keys of which no token can be in time any more, and begins the next key where
    /// the present one is old enough. Any number of processes may do so at once.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn tend_keys(&self) -> Result<(), Failure> {
        let now = self.core.clock.now();
        let mut retired = false;
        for mount in self.own_keys() {
            let live = keys::by_turn(&self.stored(Place::of(mount.policy())).await?);
            for pair in live.windows(2) {
                let [newer, older] = pair else { continue };
                retired |= self.retire_if_over(mount, newer, older, now).await?;
            }
            let Some(signs) = keys::signer(&live, now).and_then(|place| live.get(place)) else { continue };
            let begun = signs.signs_from.map_or(signs.created_at, |from| from.max(signs.created_at));
            if self.core.keys.rotate_every.is_some_and(|every| begun + every <= now) {
                // Refused while as many keys as may be are believed: the next one follows once one of them is over.
                let rotated = self.rotate(&mount.policy().name, Turn::Later, Actor::Server).await;
                if let Err(KeyRefused::Failure(failure)) = rotated {
                    return Err(failure);
                }
            }
        }
        if retired { self.reload_keys().await } else { Ok(()) }
    }

    /// Retires `older` if everything is over that it can have signed before `newer` took its turn; whether it did.
    async fn retire_if_over(
        &self,
        mount: &Mount,
        newer: &SigningKeyRow,
        older: &SigningKeyRow,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let Some(signed_until) = newer.signs_from.map(|from| from + LATE).filter(|until| *until <= now)
        else {
            return Ok(false);
        };
        let Some(until) = older.accepted_until else {
            let until = self.accepted_until(&older.realm, &mount.policy().name, signed_until, now).await?;
            self.core.write(Batch::new().with(store::signing_keys::settle(&older.id, until))).await?;
            return Ok(false);
        };
        if now < until {
            return Ok(false);
        }
        let batch = Batch::new().with(store::signing_keys::retire(older, now)).with(noted(
            EventKind::SigningKeyRetired,
            older,
            Actor::Server,
            now,
        ));
        match self.core.db.write(batch).await {
            Ok(_) => Ok(true),
            Err(WriteError::Guard(_)) => Ok(false),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Until when a token can be in time that was signed before `signed_until`. A session that is refreshed later
    /// gets tokens of another key, so this only comes nearer.
    async fn accepted_until(
        &self,
        realm: &Realm,
        mount: &str,
        signed_until: Timestamp,
        now: Timestamp,
    ) -> Result<Timestamp, Failure> {
        let last = store::sessions::last_end(&self.core.db, (realm, mount), signed_until, now).await?;
        Ok(last.unwrap_or(now).max(signed_until + WITHOUT_SESSION))
    }

    /// The same for a key that `newer` follows, for people to read: as noted, or as it looks now.
    pub(crate) async fn expected_until(
        &self,
        newer: &SigningKeyRow,
        older: &SigningKeyRow,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Failure> {
        if older.accepted_until.is_some() {
            return Ok(older.accepted_until);
        }
        let Some(signed_until) = newer.signs_from.map(|from| from + LATE) else { return Ok(None) };
        self.accepted_until(&older.realm, &older.mount, signed_until, now).await.map(Some)
    }

    /// The mounts whose keys are ours to change.
    fn own_keys(&self) -> impl Iterator<Item = &Mount> {
        self.mounts.iter().filter(|mount| matches!(mount.policy().key, SigningKey::Own))
    }

    /// Every key of a mount for its algorithm, retired ones too.
    pub(crate) async fn stored(&self, place: Place<'_>) -> Result<Vec<SigningKeyRow>, Failure> {
        let algorithm = place.algorithm.to_string();
        Ok(store::signing_keys::of_mount(&self.core.db, place.realm, place.mount, &algorithm).await?)
    }
}

fn noted(kind: EventKind, row: &SigningKeyRow, actor: Actor, now: Timestamp) -> db::Statement {
    store::events::append(&Event::new(kind, &row.realm, now).by(actor).saying(&row.id))
}
