//! The signing keys of a mount.

use crypto::{JwtAlgorithm, JwtKey, KeyRing, RefreshCodec};
use db::Batch;
use secrecy::ExposeSecret;
use store::signing_keys::SigningKeyRow;

use crate::accounts::Core;
use crate::mount::{MountInner, MountPolicy, SigningKey};
use crate::refusal::{Failure, Fault};

/// A signing key was given that the mount cannot use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyUnusable {
    /// RFC 7518, section 3.2 asks for a key no shorter than the hash; we ask for 32 bytes.
    #[error("mounts.{mount}.key: a key for {algorithm} needs at least 32 bytes")]
    TooShort {
        /// The mount.
        mount: String,
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
}

const MIN_KEY_BYTES: usize = 32;

/// Refuses a given key that is too short or of the wrong sort.
pub(crate) fn usable(policy: &MountPolicy) -> Result<(), KeyUnusable> {
    let (mount, algorithm) = (policy.name.clone(), policy.algorithm);
    match &policy.key {
        SigningKey::Own => Ok(()),
        SigningKey::Given(_) if !algorithm.is_symmetric() => Err(KeyUnusable::NotShared { mount, algorithm }),
        SigningKey::Given(key) if key.expose_secret().len() < MIN_KEY_BYTES => {
            Err(KeyUnusable::TooShort { mount, algorithm })
        }
        SigningKey::Given(_) => Ok(()),
    }
}

/// Makes the mount's rooms: its key ring and what its refresh tokens are authenticated with.
pub(crate) async fn mount(core: &Core, policy: MountPolicy) -> Result<MountInner, Failure> {
    let scope = format!("{}/{}", policy.realm, policy.name);
    let key = match &policy.key {
        SigningKey::Given(secret) => shared(policy.algorithm, "given", secret.expose_secret().as_bytes())?,
        SigningKey::Own if policy.algorithm.is_symmetric() => {
            let derived = core.master.derive(&format!("sign/{}/{scope}", policy.algorithm));
            shared(policy.algorithm, "derived", derived.as_bytes())?
        }
        SigningKey::Own => kept(core, &policy).await?,
    };
    let ring = KeyRing::new(key, Vec::new()).map_err(|error| Fault::logged(&error))?;
    let refresh_codec = RefreshCodec::new(&core.master, &scope);
    Ok(MountInner { policy, ring, refresh_codec })
}

fn shared(algorithm: JwtAlgorithm, id: &str, secret: &[u8]) -> Result<JwtKey, Fault> {
    JwtKey::hmac(algorithm, id, secret).map_err(|error| Fault::logged(&error))
}

/// The key that the database keeps for the mount; made if there is none.
async fn kept(core: &Core, policy: &MountPolicy) -> Result<JwtKey, Failure> {
    let algorithm = policy.algorithm.to_string();
    let stored =
        async || store::signing_keys::of_mount(&core.db, &policy.realm, &policy.name, &algorithm).await;
    if stored().await?.is_empty() {
        // Two processes that start at once give their keys one id: the first one's stays, both read it.
        let id = format!("{}-{}-{algorithm}-1", policy.realm, policy.name);
        let made = JwtKey::generate(policy.algorithm, &*id).map_err(|error| Fault::logged(&error))?;
        let private = made.to_pkcs8().ok_or_else(|| Fault::logged(&"a made key has no private half"))?;
        let sealed = core.sealer.seal(&*core.randomness, &context(&id), private);
        let row = SigningKeyRow {
            id,
            realm: policy.realm.clone(),
            mount: policy.name.clone(),
            algorithm: algorithm.clone(),
            sealed,
            created_at: core.clock.now(),
            retired_at: None,
        };
        core.write(Batch::new().with(store::signing_keys::insert(&row))).await?;
    }
    let rows = stored().await?;
    let newest = rows.first().ok_or_else(|| Fault::logged(&"a signing key that was stored is gone"))?;
    let der =
        core.sealer.open(&context(&newest.id), &newest.sealed).map_err(|error| Fault::logged(&error))?;
    Ok(JwtKey::from_pkcs8(policy.algorithm, &*newest.id, &der).map_err(|error| Fault::logged(&error))?)
}

fn context(id: &str) -> String {
    format!("signing_key/{id}")
}
