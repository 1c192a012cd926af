//! The keys of one mount: one signs at a time, all of them verify.

use data_encoding::BASE64URL_NOPAD;
use defects::{Defect, seeded};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    algorithm::JwtAlgorithm,
    compact::{self, Compact, MAX_TOKEN_LENGTH, Validity},
    jwks,
    key::JwtKey,
    remembering::Said,
};

/// Signs with the one key whose turn it is and verifies with all of them, so that keys can change without
/// ending valid tokens: also with one whose turn has not come, because another process may think otherwise
/// about the time. All its keys are of one algorithm, and only that algorithm is accepted.
#[derive(Debug)]
pub struct KeyRing {
    /// The one that signs last first. Never empty.
    keys: Vec<DatedKey>,
    algorithm: JwtAlgorithm,
}

/// A key and when its turn begins, in seconds since the epoch. It lasts until that of another key begins.
#[derive(Debug)]
pub struct DatedKey {
    /// The key.
    pub key: JwtKey,
    /// It signs what is dated from then on; none = from the beginning.
    pub signs_from: Option<i64>,
}

/// Keys that do not go on one ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKeyRing {
    /// Symmetric and asymmetric keys beside each other are how public keys come to be used as secrets.
    #[error("all keys of a key ring must be for one algorithm")]
    MixedAlgorithms,
    /// Two keys of one name.
    #[error("two keys of a key ring have the same key id")]
    SameKid,
    /// No key at all.
    #[error("a key ring needs a key")]
    Empty,
}

/// Claims that cannot be made into a token: not a JSON object, or too long a token
/// ([`MAX_TOKEN_LENGTH`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the claims cannot be signed: they are no JSON object, or make too long a token")]
pub struct SigningFailed;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// Not a token of this form, or its claims are not what is asked for.
    #[error("the token is malformed")]
    Malformed,
    /// No key of the ring made its signature, or its header asks for another algorithm, an unknown key or
    /// an extension.
    #[error("the token is not signed by a known key")]
    BadSignature,
    /// Authentic, but its time is over.
    #[error("the token has expired")]
    Expired,
    /// Authentic, but its time has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl KeyRing {
    /// A ring that signs with `active` and also accepts tokens of the `older` keys.
    pub fn new(active: JwtKey, older: Vec<JwtKey>) -> Result<Self, BadKeyRing> {
        let keys = std::iter::once(active).chain(older);
        Self::dated(keys.map(|key| DatedKey { key, signs_from: None }).collect())
    }

    /// A ring whose keys take turns. Of keys whose turn begins at the same time the first one signs.
    pub fn dated(mut keys: Vec<DatedKey>) -> Result<Self, BadKeyRing> {
        // Stable: equals stay in the order in which they were given.
        keys.sort_by_key(|dated| std::cmp::Reverse(dated.signs_from));
        let algorithm = keys.first().ok_or(BadKeyRing::Empty)?.key.algorithm();
        for (position, DatedKey { key, .. }) in keys.iter().enumerate() {
            if key.algorithm() != algorithm {
                return Err(BadKeyRing::MixedAlgorithms);
            }
            if keys[..position].iter().any(|other| other.key.kid() == key.kid()) {
                return Err(BadKeyRing::SameKid);
            }
        }
        Ok(Self { keys, algorithm })
    }

    /// The one algorithm of its keys.
    pub fn algorithm(&self) -> JwtAlgorithm {
        self.algorithm
    }

    /// The key id of the key that signs what is dated `at` (seconds since the epoch): the one whose turn it
    /// was then. Before all turns the first one signs, because the keys before it are gone.
    pub fn signer(&self, at: i64) -> Option<&str> {
        self.turn(at).map(JwtKey::kid)
    }

    fn turn(&self, at: i64) -> Option<&JwtKey> {
        let begun = self.keys.iter().find(|dated| dated.signs_from.is_none_or(|from| from <= at));
        begun.or(self.keys.last()).map(|dated| &dated.key)
    }

    /// A token with these claims, in the order of their fields, by the key of [`KeyRing::signer`]. Given the
    /// time that the claims say the token was made at (`iat`), the same claims always make the same token,
    /// as far as the algorithm does and the key is still there.
    ///
    /// Its header is `{"alg":..,"typ":"JWT"}` for HMAC keys, with `"kid":..` added for key pairs. The claims
    /// should have an `exp`: [`KeyRing::verify`] refuses tokens without.
    pub fn sign<T: Serialize>(&self, claims: &T, at: i64) -> Result<String, SigningFailed> {
        let key = self.turn(at).ok_or(SigningFailed)?;
        let payload = compact::claims(claims).ok_or(SigningFailed)?;
        let mut token = String::with_capacity(key.header().len() + payload.len() * 4 / 3 + 128);
        token.push_str(key.header());
        BASE64URL_NOPAD.encode_append(&payload, &mut token);
        let signature = key.sign(token.as_bytes()).ok_or(SigningFailed)?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        if token.len() > MAX_TOKEN_LENGTH { Err(SigningFailed) } else { Ok(token) }
    }

    /// The claims of an authentic token whose time it is.
    ///
    /// The ring decides the algorithm, never the token; keys or addresses of keys in the header are ignored,
    /// a `kid` chooses among the ring's own keys, and `crit` is refused. The signature is checked before any
    /// claim is read. `exp` is required; it and `nbf` must be integers (seconds since the epoch, UTC), and
    /// count to the second. Whether the claims suit their purpose, and whether the session still lives, is
    /// for the caller to check.
    ///
    /// The text of a token is no identity: with `ES256`, one token can be spelled in two ways.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, now_seconds: i64) -> Result<T, TokenRefused> {
        self.read(token, now_seconds).map(|said| said.claims)
    }

    /// The same, with the times between which it may be said again.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        token: &str,
        now_seconds: i64,
    ) -> Result<Said<T>, TokenRefused> {
        let payload = self.authentic(token)?;
        let validity = compact::object::<Validity>(&payload)?;
        validity.check(now_seconds)?;
        Ok(Said { validity, claims: compact::object(&payload)? })
    }

    /// What a token says that a key of the ring signed, whatever it is. Nothing about it was judged yet.
    pub(super) fn authentic(&self, token: &str) -> Result<String, TokenRefused> {
        let cut = Compact::cut(token)?;
        let keys = self.candidates(&cut)?;
        if Self::signed_by(keys, &cut)? { cut.payload() } else { Err(TokenRefused::BadSignature) }
    }

    /// The public keys as a JSON Web Key Set (RFC 7517), the newest first; `None` for HMAC keys, which
    /// have no public half.
    pub fn jwks(&self) -> Option<Value> {
        jwks::key_set(self.keys.iter().map(|dated| &dated.key))
    }

    /// Whether one of the keys made the token's signature.
    fn signed_by(keys: &[DatedKey], token: &Compact<'_>) -> Result<bool, TokenRefused> {
        let made = |signature: &[u8]| keys.iter().any(|dated| dated.key.verifies(token.message, signature));
        token.with_signature(|signature| made(signature) || seeded(Defect::SignaturesUnchecked))
    }

    /// The keys that may have signed a token, going by its header.
    fn candidates(&self, token: &Compact<'_>) -> Result<&[DatedKey], TokenRefused> {
        // Nearly every token has a header that we wrote: recognised by its bytes, without parsing.
        if let Some(own) = self.keys.iter().position(|dated| dated.key.header() == token.header) {
            // Headers of HMAC keys are all alike and name no key.
            return Ok(if self.algorithm.is_symmetric() { &self.keys } else { &self.keys[own..=own] });
        }
        let header = token.read_header()?;
        if header.alg != self.algorithm.name() || header.crit.is_some() {
            return Err(TokenRefused::BadSignature);
        }
        let Some(kid) = header.kid else { return Ok(&self.keys) };
        let named =
            self.keys.iter().position(|dated| dated.key.kid() == kid).ok_or(TokenRefused::BadSignature)?;
        Ok(&self.keys[named..=named])
    }
}
