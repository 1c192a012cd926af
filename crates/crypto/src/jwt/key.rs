//! One key that signs and verifies tokens.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
        VerificationAlgorithm,
    },
};
use zeroize::Zeroizing;

use super::{algorithm::JwtAlgorithm, compact};

/// The shortest secret an HMAC key may have: 256 bits (RFC 8725 section 3.5).
const MIN_SECRET: usize = 32;

/// A key for one algorithm, with the name (`kid`) by which tokens and key sets refer to it.
///
/// Everything that depends on the key alone is prepared once, when it is made. Prints nothing secret.
pub struct JwtKey {
    kid: String,
    algorithm: JwtAlgorithm,
    /// The first part of every token it signs, and the dot behind it.
    header: String,
    material: Material,
    pkcs8: Option<Zeroizing<Vec<u8>>>,
}

/// What signs, and what verifies.
enum Material {
    /// Boxed: ten times the size of the others.
    Hmac(Box<hmac::Key>),
    Ecdsa(EcdsaKeyPair, ParsedPublicKey),
    Ed25519(Ed25519KeyPair, ParsedPublicKey),
    Rsa(RsaKeyPair, ParsedPublicKey),
}

/// Why there is no such key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadJwtKey {
    /// A secret for an algorithm of key pairs, or a key pair for an HMAC.
    #[error("{0} does not take a key of this kind")]
    WrongKind(JwtAlgorithm),
    /// The secret of an HMAC key is shorter than 32 bytes.
    #[error("the secret of a signing key must have at least 32 bytes")]
    SecretTooShort,
    /// The bytes are not a PKCS#8 private key that this algorithm can use.
    #[error("the private key is not a PKCS#8 key for {0}")]
    Unreadable(JwtAlgorithm),
    /// The library could not make a key pair.
    #[error("a key pair for {0} could not be made")]
    NotGenerated(JwtAlgorithm),
}

impl JwtKey {
    /// A key for `HS256` or `HS512`. The secret must have at least 32 bytes, and should be random: anybody
    /// who holds a token can try guesses at it offline.
    ///
    /// RFC 7518 section 3.2 asks for 64 bytes with `HS512`; 32 are accepted, so that secrets of existing
    /// systems can be taken over. 256 random bits cannot be guessed under either hash.
    pub fn hmac(algorithm: JwtAlgorithm, kid: impl Into<String>, secret: &[u8]) -> Result<Self, BadJwtKey> {
        let hash = match algorithm {
            JwtAlgorithm::HS256 => hmac::HMAC_SHA256,
            JwtAlgorithm::HS512 => hmac::HMAC_SHA512,
            _ => return Err(BadJwtKey::WrongKind(algorithm)),
        };
        if secret.len() < MIN_SECRET {
            return Err(BadJwtKey::SecretTooShort);
        }
        Ok(Self::new(algorithm, kid.into(), Material::Hmac(Box::new(hmac::Key::new(hash, secret))), None))
    }

    /// A new key pair for `ES256`, `EdDSA` or `RS256` (3072 bits, which takes a second or so). Its
    /// randomness is the cryptographic library's own.
    pub fn generate(algorithm: JwtAlgorithm, kid: impl Into<String>) -> Result<Self, BadJwtKey> {
        let failed = |_| BadJwtKey::NotGenerated(algorithm);
        let pkcs8 = match algorithm {
            JwtAlgorithm::HS256 | JwtAlgorithm::HS512 => return Err(BadJwtKey::WrongKind(algorithm)),
            JwtAlgorithm::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|document| document.as_ref().to_vec()),
            JwtAlgorithm::EdDSA => Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|document| document.as_ref().to_vec()),
            JwtAlgorithm::RS256 => RsaKeyPair::generate(KeySize::Rsa3072)
                .and_then(|pair| AsDer::<Pkcs8V1Der<'_>>::as_der(&pair))
                .map(|document| document.as_ref().to_vec()),
        };
        Self::from_pkcs8(algorithm, kid, &Zeroizing::new(pkcs8.map_err(failed)?))
    }

    /// The key pair of a PKCS#8 private key in DER: P-256 for `ES256`, Ed25519 for `EdDSA`, 2048 to 8192
    /// bits for `RS256`.
    pub fn from_pkcs8(
        algorithm: JwtAlgorithm,
        kid: impl Into<String>,
        der: &[u8],
    ) -> Result<Self, BadJwtKey> {
        let unreadable = |_| BadJwtKey::Unreadable(algorithm);
        let public = |verification: &'static dyn VerificationAlgorithm, bytes: &[u8]| {
            ParsedPublicKey::new(verification, bytes).map_err(unreadable)
        };
        let material = match algorithm {
            JwtAlgorithm::HS256 | JwtAlgorithm::HS512 => return Err(BadJwtKey::WrongKind(algorithm)),
            JwtAlgorithm::ES256 => {
                let pair =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(unreadable)?;
                let public = public(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())?;
                Material::Ecdsa(pair, public)
            }
            JwtAlgorithm::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(unreadable)?;
                let public = public(&ED25519, pair.public_key().as_ref())?;
                Material::Ed25519(pair, public)
            }
            JwtAlgorithm::RS256 => {
                let pair = RsaKeyPair::from_pkcs8(der).map_err(unreadable)?;
                let public = public(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
                Material::Rsa(pair, public)
            }
        };
        Ok(Self::new(algorithm, kid.into(), material, Some(Zeroizing::new(der.to_vec()))))
    }

    fn new(
        algorithm: JwtAlgorithm,
        kid: String,
        material: Material,
        pkcs8: Option<Zeroizing<Vec<u8>>>,
    ) -> Self {
        let header = compact::header(algorithm, (!algorithm.is_symmetric()).then_some(&kid));
        Self { kid, algorithm, header, material, pkcs8 }
    }

    /// The private key as PKCS#8 in DER, to be sealed and stored; `None` for an HMAC key.
    pub fn to_pkcs8(&self) -> Option<&[u8]> {
        self.pkcs8.as_ref().map(|der| der.as_slice())
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm it is for.
    pub fn algorithm(&self) -> JwtAlgorithm {
        self.algorithm
    }

    /// The first part of every token it signs, and the dot behind it.
    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// The public half; `None` for an HMAC key.
    pub(super) fn public(&self) -> Option<PublicHalf<'_>> {
        match &self.material {
            Material::Hmac(_) => None,
            Material::Ecdsa(pair, _) => Some(PublicHalf::P256(pair.public_key().as_ref())),
            Material::Ed25519(pair, _) => Some(PublicHalf::Ed25519(pair.public_key().as_ref())),
            Material::Rsa(pair, _) => Some(PublicHalf::Rsa(pair.public_key().into())),
        }
    }

    /// The signature of `message`, if the library can make it.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Material::Hmac(key) => Some(hmac::sign(key, message).as_ref().to_vec()),
            Material::Ecdsa(pair, _) => {
                pair.sign(&SystemRandom::new(), message).ok().map(|signature| signature.as_ref().to_vec())
            }
            Material::Ed25519(pair, _) => {
                pair.try_sign(message).ok().map(|signature| signature.as_ref().to_vec())
            }
            Material::Rsa(pair, _) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }

    /// Whether this key made `signature` over `message`; compared in constant time.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Material::Ecdsa(_, public) | Material::Ed25519(_, public) | Material::Rsa(_, public) => {
                public.verify_sig(message, signature).is_ok()
            }
        }
    }
}

/// The public half of a key pair, in the form its algorithm publishes it.
pub(super) enum PublicHalf<'a> {
    /// An uncompressed point: 4, x (32 bytes), y (32 bytes).
    P256(&'a [u8]),
    /// 32 bytes.
    Ed25519(&'a [u8]),
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa(aws_lc_rs::signature::RsaPublicKeyComponents<Vec<u8>>),
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kid, algorithm, .. } = self;
        formatter
            .debug_struct("JwtKey")
            .field("kid", kid)
            .field("algorithm", algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl JwtKey {
    /// The same key believing another public half, for vectors that come without the private one.
    pub(super) fn believing(mut self, bytes: &[u8]) -> Result<Self, BadJwtKey> {
        let unreadable = |_| BadJwtKey::Unreadable(self.algorithm);
        let read = |algorithm: &'static dyn VerificationAlgorithm| {
            ParsedPublicKey::new(algorithm, bytes).map_err(unreadable)
        };
        match &mut self.material {
            Material::Hmac(_) => return Err(BadJwtKey::WrongKind(self.algorithm)),
            Material::Ecdsa(_, public) => *public = read(&ECDSA_P256_SHA256_FIXED)?,
            Material::Ed25519(_, public) => *public = read(&ED25519)?,
            Material::Rsa(_, public) => *public = read(&RSA_PKCS1_2048_8192_SHA256)?,
        }
        Ok(self)
    }
}
