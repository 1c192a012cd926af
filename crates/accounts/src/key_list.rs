//! The signing keys as an operator sees them.

use std::fmt;

use model::Timestamp;
use serde_json::Value;
use store::signing_keys::SigningKeyRow;

use crate::accounts::Accounts;
use crate::keys::{self, Place};
use crate::mount::{Mount, SigningKey};
use crate::refusal::Failure;

/// One signing key.
#[derive(Clone, Debug)]
pub struct KeyListed {
    /// What commands call it, and `kid` in tokens of key pairs.
    pub id: String,
    /// The realm of its mount.
    pub realm: String,
    /// The mount it signs for.
    pub mount: String,
    /// Its algorithm.
    pub algorithm: String,
    /// Where it stands in its life.
    pub state: KeyState,
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// When it was stored; none if it is given.
    pub created_at: Option<Timestamp>,
    /// When its turn to sign begins or began, unless it is the first.
    pub signs_from: Option<Timestamp>,
    /// Until when its tokens are believed, if another one signs.
    pub accepted_until: Option<Timestamp>,
    /// When the belief in it ended.
    pub retired_at: Option<Timestamp>,
    /// Its public half (RFC 7517, section 4), if it is published.
    pub public: Option<Value>,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published and believed; its turn to sign has yet to come.
    Upcoming,
    /// Signs.
    Signing,
    /// Another one signs; its tokens are believed until their time is over.
    Accepted,
    /// Not believed any more.
    Retired,
    /// Of a mount that is switched off, or has another algorithm or a given key now.
    Unused,
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upcoming => "upcoming",
            Self::Signing => "signing",
            Self::Accepted => "accepted",
            Self::Retired => "retired",
            Self::Unused => "unused",
        })
    }
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// From the settings.
    Given,
    /// It follows from the root secret.
    Derived,
    /// It was drawn at random.
    Made,
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "given",
            Self::Derived => "derived",
            Self::Made => "made",
        })
    }
}

impl Accounts {
    /// Every signing key of every mount: those given by settings first, then the stored ones, newest first,
    /// retired ones too.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn keys(&self) -> Result<Vec<KeyListed>, Failure> {
        let now = self.core.clock.now();
        let mut listed: Vec<_> = self.mounts.iter().flat_map(given).collect();
        let all = store::signing_keys::all(&self.core.db).await?;
        for row in &all {
            listed.push(self.stored_key(row, now).await?);
        }
        Ok(listed)
    }

    async fn stored_key(&self, row: &SigningKeyRow, now: Timestamp) -> Result<KeyListed, Failure> {
        let uses = |mount: &&Mount| {
            let policy = mount.policy();
            let own = matches!(policy.key, SigningKey::Own);
            let here = policy.realm == row.realm && policy.name == row.mount;
            own && here && policy.algorithm.name() == row.algorithm
        };
        let mut key = KeyListed {
            id: row.id.clone(),
            realm: row.realm.as_str().to_owned(),
            mount: row.mount.clone(),
            algorithm: row.algorithm.clone(),
            state: if row.retired_at.is_some() { KeyState::Retired } else { KeyState::Unused },
            origin: if keys::is_derived(row) { KeyOrigin::Derived } else { KeyOrigin::Made },
            created_at: Some(row.created_at),
            signs_from: row.signs_from,
            accepted_until: row.accepted_until,
            retired_at: row.retired_at,
            public: None,
        };
        let (None, Some(mount)) = (row.retired_at, self.mounts.iter().find(uses)) else { return Ok(key) };
        let live = keys::by_turn(&self.stored(Place::of(mount.policy())).await?);
        let signs = keys::signer(&live, now);
        let place = live.iter().position(|other| other.id == row.id);
        key.state = match place.cmp(&signs) {
            std::cmp::Ordering::Less => KeyState::Upcoming,
            std::cmp::Ordering::Equal => KeyState::Signing,
            std::cmp::Ordering::Greater => KeyState::Accepted,
        };
        let newer = place.and_then(|place| place.checked_sub(1)).and_then(|place| live.get(place));
        if let (KeyState::Accepted, Some(newer)) = (key.state, newer) {
            key.accepted_until = self.expected_until(newer, row, now).await?;
        }
        let published = mount.public_keys().and_then(|set| set["keys"].as_array().cloned());
        key.public = published.into_iter().flatten().find(|public| public["kid"] == *row.id);
        Ok(key)
    }
}

fn given(mount: &Mount) -> Vec<KeyListed> {
    let policy = mount.policy();
    let SigningKey::Given { previous, .. } = &policy.key else { return Vec::new() };
    let listed = |number| KeyListed {
        id: keys::given_id(number),
        realm: policy.realm.as_str().to_owned(),
        mount: policy.name.clone(),
        algorithm: policy.algorithm.to_string(),
        state: if number == 0 { KeyState::Signing } else { KeyState::Accepted },
        origin: KeyOrigin::Given,
        created_at: None,
        signs_from: None,
        accepted_until: None,
        retired_at: None,
        public: None,
    };
    (0..=previous.len()).map(listed).collect()
}
