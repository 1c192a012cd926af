//! The signing keys of a mount: given by the operator, or made here and kept in the database.

use std::sync::atomic::Ordering;

use crypto::{DatedKey, JwtAlgorithm, JwtKey, KeyRing, RefreshCodec};
use db::Batch;
use model::{Span, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use store::signing_keys::SigningKeyRow;

use crate::accounts::{Accounts, Core};
use crate::mount::{MountInner, MountPolicy, SigningKey};
use crate::refusal::{Failure, Fault};

/// A signing key was given that the mount cannot use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyUnusable {
    /// RFC 7518, section 3.2 asks for a key no shorter than the hash; we ask for 32 bytes.
    #[error("mounts.{mount}.{setting}: a key for {algorithm} needs at least 32 bytes")]
    TooShort {
        /// The mount.
        mount: String,
        /// Which of its settings.
        setting: &'static str,
        /// Its algorithm.
        algorithm: JwtAlgorithm,
    },
    /// A given key is a shared secret.
    #[error("mounts.{mount}.key: {algorithm} makes its own key; remove the setting")]
    NotShared {
        /// The mount.
        mount: String,
        /// Its algorithm.
        algorithm: JwtAlgorithm,
    },
    /// Every key that is believed is tried with a forged token.
    #[error("mounts.{mount}.previous_keys: no more than {} keys before the present one", MOST_KEYS - 1)]
    TooMany {
        /// The mount.
        mount: String,
    },
}

/// How the signing keys change that Tessera makes itself.
#[derive(Clone, Copy, Debug)]
pub struct KeyRules {
    /// How old a key gets before the next one follows; none = it is changed by hand only.
    pub rotate_every: Option<Span>,
    /// How long a new key is known and published before it signs: longer than it takes any process that
    /// still vouches for tokens to hear of it.
    pub lead: Span,
}

impl Default for KeyRules {
    fn default() -> Self {
        Self { rotate_every: None, lead: Span::minutes(1) }
    }
}

/// Keys of one mount that are believed at once. Tokens under HS256 and HS512 do not say which one signed them,
/// so each of them costs a forged token one more look.
pub(crate) const MOST_KEYS: usize = 4;

const MIN_KEY_BYTES: usize = 32;

/// Refuses a given key that is too short or of the wrong sort.
pub(crate) fn usable(policy: &MountPolicy) -> Result<(), KeyUnusable> {
    let (mount, algorithm) = (policy.name.clone(), policy.algorithm);
    let SigningKey::Given { key, previous } = &policy.key else { return Ok(()) };
    let short = |key: &SecretString| key.expose_secret().len() < MIN_KEY_BYTES;
    if !algorithm.is_symmetric() {
        return Err(KeyUnusable::NotShared { mount, algorithm });
    }
    if short(key) {
        return Err(KeyUnusable::TooShort { mount, setting: "key", algorithm });
    }
    if previous.iter().any(short) {
        return Err(KeyUnusable::TooShort { mount, setting: "previous_keys", algorithm });
    }
    if previous.len() >= MOST_KEYS { Err(KeyUnusable::TooMany { mount }) } else { Ok(()) }
}

/// Makes the mount's rooms: its key ring and what its refresh tokens are authenticated with.
pub(crate) async fn mount(core: &Core, policy: MountPolicy) -> Result<MountInner, Failure> {
    let ring = ring(core, &policy).await?;
    let refresh_codec = RefreshCodec::new(&core.root, &scope(&policy));
    Ok(MountInner::new(policy, ring, refresh_codec))
}

fn scope(policy: &MountPolicy) -> String {
    format!("{}/{}", policy.realm, policy.name)
}

/// The keys that the mount believes now.
async fn ring(core: &Core, policy: &MountPolicy) -> Result<KeyRing, Failure> {
    let keys: Vec<DatedKey> = match &policy.key {
        SigningKey::Given { key, previous } => given(policy.algorithm, key, previous)?,
        SigningKey::Own => {
            let rows = kept(core, policy).await?;
            rows.iter().map(|row| opened(core, policy.algorithm, row)).collect::<Result<_, Fault>>()?
        }
    };
    Ok(KeyRing::dated(keys).map_err(|error| Fault::logged(&error))?)
}

/// The first one signs; of keys without a date the ring takes the first.
fn given(
    algorithm: JwtAlgorithm,
    key: &SecretString,
    previous: &[SecretString],
) -> Result<Vec<DatedKey>, Fault> {
    let all = std::iter::once(key).chain(previous).enumerate();
    all.map(|(number, secret)| {
        let key = JwtKey::hmac(algorithm, given_id(number), secret.expose_secret().as_bytes());
        Ok(DatedKey { key: key.map_err(|error| Fault::logged(&error))?, signs_from: None })
    })
    .collect()
}

/// The name of a given key: the present one is number zero.
pub(crate) fn given_id(number: usize) -> String {
    if number == 0 { "given".to_owned() } else { format!("given-previous-{number}") }
}

/// The keys that the database keeps for the mount and that are not retired, the one that signs last first. If
/// there is none, one is made.
pub(crate) async fn kept(core: &Core, policy: &MountPolicy) -> Result<Vec<SigningKeyRow>, Failure> {
    let algorithm = policy.algorithm.to_string();
    let stored =
        async || store::signing_keys::of_mount(&core.db, &policy.realm, &policy.name, &algorithm).await;
    let rows = stored().await?;
    let live = by_turn(&rows);
    if !live.is_empty() {
        return Ok(live);
    }
    // Two processes that start at once give their keys one id: the first one's stays, both read it.
    let row = new_key(core, Place::of(policy), next_number(policy.algorithm, &rows), None).await?;
    core.write(Batch::new().with(store::signing_keys::insert(&row))).await?;
    let live = by_turn(&stored().await?);
    if live.is_empty() {
        return Err(Fault::logged(&"a signing key that was stored is gone").into());
    }
    Ok(live)
}

/// Those that are not retired, the one that signs last first.
pub(crate) fn by_turn(rows: &[SigningKeyRow]) -> Vec<SigningKeyRow> {
    let mut live: Vec<_> = rows.iter().filter(|row| row.retired_at.is_none()).cloned().collect();
    live.sort_by_key(|row| std::cmp::Reverse((row.signs_from, number(row))));
    live
}

/// Which of [`by_turn`] signs at a time: as [`KeyRing::signer`] says.
pub(crate) fn signer(live: &[SigningKeyRow], now: Timestamp) -> Option<usize> {
    let begun = live.iter().position(|row| row.signs_from.is_none_or(|from| from <= now));
    begun.or(live.len().checked_sub(1))
}

/// Keys of one mount are numbered; the number ends the id.
fn number(row: &SigningKeyRow) -> u32 {
    row.id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The number of the next key of a mount: of all its keys so far, so that none is used twice.
pub(crate) fn next_number(algorithm: JwtAlgorithm, rows: &[SigningKeyRow]) -> u32 {
    let last = rows.iter().map(number).max();
    last.map_or(first_number(algorithm), |last| last.saturating_add(1))
}

/// Number zero is derived, which only a shared secret can be.
fn first_number(algorithm: JwtAlgorithm) -> u32 {
    u32::from(!algorithm.is_symmetric())
}

/// Whether this key was derived from the root secret rather than drawn.
pub(crate) fn is_derived(row: &SigningKeyRow) -> bool {
    number(row) == 0
}

/// What a key is for.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) realm: &'a model::Realm,
    pub(crate) mount: &'a str,
    pub(crate) algorithm: JwtAlgorithm,
}

impl<'a> Place<'a> {
    pub(crate) fn of(policy: &'a MountPolicy) -> Self {
        Self { realm: &policy.realm, mount: &policy.name, algorithm: policy.algorithm }
    }
}

/// A key that is not stored yet. Number zero is the shared secret that follows from the root secret; every other
/// is random.
pub(crate) async fn new_key(
    core: &Core,
    place: Place<'_>,
    number: u32,
    signs_from: Option<Timestamp>,
) -> Result<SigningKeyRow, Failure> {
    let Place { realm, mount, algorithm } = place;
    let id = format!("{realm}-{mount}-{algorithm}-{number}");
    let sealed = if number == 0 {
        let derived = core.root.derive(&format!("sign/{algorithm}/{realm}/{mount}"));
        core.sealer.seal(&*core.randomness, &context(&id), derived.as_bytes())
    } else if algorithm.is_symmetric() {
        let mut secret = zeroize::Zeroizing::new([0; 64]);
        core.randomness.fill(&mut *secret);
        core.sealer.seal(&*core.randomness, &context(&id), &*secret)
    } else {
        // RSA takes a second or so, which nobody else has to wait for.
        let kid = id.clone();
        let made = tokio::task::spawn_blocking(move || JwtKey::generate(algorithm, kid)).await;
        let made = made.map_err(|error| Fault::logged(&error))?.map_err(|error| Fault::logged(&error))?;
        let private = made.to_pkcs8().ok_or_else(|| Fault::logged(&"a made key has no private half"))?;
        core.sealer.seal(&*core.randomness, &context(&id), private)
    };
    Ok(SigningKeyRow {
        id,
        realm: realm.clone(),
        mount: mount.to_owned(),
        algorithm: algorithm.to_string(),
        sealed,
        created_at: core.clock.now(),
        signs_from,
        accepted_until: None,
        retired_at: None,
    })
}

fn opened(core: &Core, algorithm: JwtAlgorithm, row: &SigningKeyRow) -> Result<DatedKey, Fault> {
    let secret = core.sealer.open(&context(&row.id), &row.sealed).map_err(|error| Fault::logged(&error))?;
    let secret = zeroize::Zeroizing::new(secret);
    let key = if algorithm.is_symmetric() {
        JwtKey::hmac(algorithm, &*row.id, &secret)
    } else {
        JwtKey::from_pkcs8(algorithm, &*row.id, &secret)
    };
    let key = key.map_err(|error| Fault::logged(&error))?;
    Ok(DatedKey { key, signs_from: row.signs_from.map(Timestamp::seconds) })
}

/// What a stored key is sealed for.
pub(crate) fn context(id: &str) -> String {
    format!("signing_key/{id}")
}

impl Core {
    /// Another process changed keys.
    pub(crate) fn keys_changed(&self) {
        self.keys_changed.store(true, Ordering::SeqCst);
    }
}

impl Accounts {
    /// Puts the keys in place that another process changed, if one did. Until that succeeds the change counts
    /// as not learned.
    pub(crate) async fn reload_changed_keys(&self) -> Result<(), Failure> {
        if self.core.keys_changed.swap(false, Ordering::SeqCst) {
            return self.reload_keys().await.inspect_err(|_| self.core.keys_changed());
        }
        Ok(())
    }

    /// Puts the keys in place that the database keeps now.
    pub(crate) async fn reload_keys(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.core.loading_keys.lock().await;
        for mount in self.mounts.iter() {
            mount.inner.replace_ring(ring(&self.core, mount.policy()).await?);
        }
        Ok(())
    }
}
