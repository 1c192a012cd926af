//! The secret from which every other key of an installation is derived.

use std::fmt;

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::{
    fatal,
    master::MasterSecret,
    random::Randomness,
    seal::{Sealer, Unsealable},
};

/// Bytes in a secret and in a derived key.
pub(crate) const LENGTH: usize = 32;

/// 32 bytes from which every key of an installation is derived: never the [`MasterSecret`] itself, so that
/// this one can change while what was derived stays. The database keeps it wrapped under the master secret.
///
/// Overwritten in memory when dropped; prints nothing of itself.
pub struct RootSecret(Zeroizing<[u8; LENGTH]>);

/// A 32-byte key derived for one purpose. Overwritten in memory when dropped; prints nothing of itself.
pub struct Key32(Zeroizing<[u8; LENGTH]>);

/// Where a wrapped root secret belongs; part of what is authenticated.
const PLACE: &str = "root secret";

impl RootSecret {
    /// A new one.
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        randomness.fill(&mut *bytes);
        Self(bytes)
    }

    /// The root secret of an installation from before there was one: the bytes of its master secret, from
    /// which it derived its keys.
    pub fn of_master(master: &MasterSecret) -> Self {
        Self(Zeroizing::new(*master.bytes()))
    }

    /// The key for one purpose: HKDF-SHA256 (RFC 5869) without salt, the purpose as `info`.
    ///
    /// Purposes are names fixed in the code, plus a scope where one code serves several (a mount's path).
    /// Different purposes give unrelated keys; the same purpose always gives the same key.
    pub fn derive(&self, purpose: &str) -> Key32 {
        Key32::derive(&self.0, purpose)
    }

    /// Itself, encrypted so that only [`RootSecret::unwrap_with`] the same master secret gives it back.
    pub fn wrap_with(&self, master: &MasterSecret, randomness: &dyn Randomness) -> Vec<u8> {
        wrapper(master).seal(randomness, PLACE, &*self.0)
    }

    /// What [`RootSecret::wrap_with`] wrapped.
    pub fn unwrap_with(master: &MasterSecret, wrapped: &[u8]) -> Result<Self, Unsealable> {
        let opened = Zeroizing::new(wrapper(master).open(PLACE, wrapped)?);
        let bytes: [u8; LENGTH] = opened.as_slice().try_into().map_err(|_| Unsealable)?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

fn wrapper(master: &MasterSecret) -> Sealer {
    Sealer::with(&Key32::derive(master.bytes(), "wrapped root secret"))
}

impl Key32 {
    fn derive(secret: &[u8; LENGTH], purpose: &str) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        let pseudorandom_key = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(secret);
        let derived = pseudorandom_key
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|output| output.fill(&mut *bytes));
        if derived.is_err() {
            fatal::abort("HKDF-SHA256 gave no key");
        }
        Self(bytes)
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl fmt::Debug for RootSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RootSecret(..)")
    }
}

impl fmt::Debug for Key32 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key32(..)")
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::*;
    use crate::random::SeededRandomness;

    fn master(seed: u64) -> MasterSecret {
        MasterSecret::generate(&SeededRandomness::new(seed))
    }

    /// RFC 5869 sections 2.2 and 2.3 written out with HMAC: one block of output, no salt.
    #[test]
    fn derivation_is_hkdf() {
        let root = RootSecret::generate(&SeededRandomness::new(1));
        let extract = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[0; 32]), &*root.0);
        let block = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, extract.as_ref()), b"purpose\x01");
        assert_eq!(root.derive("purpose").as_bytes(), block.as_ref());
        assert_ne!(root.derive("purpose").as_bytes(), root.derive("purpose2").as_bytes());
    }

    #[test]
    fn only_the_master_secret_that_wrapped_it_gives_it_back() {
        let randomness = SeededRandomness::new(9);
        let root = RootSecret::generate(&randomness);
        let wrapped = root.wrap_with(&master(1), &randomness);
        assert_eq!(RootSecret::unwrap_with(&master(1), &wrapped).unwrap().0, root.0);
        assert_eq!(RootSecret::unwrap_with(&master(2), &wrapped).unwrap_err(), Unsealable);
        assert!(!wrapped.windows(8).any(|window| window == &root.0[..8]));
        // Sealed at the same place by what the root secret itself derives, it is no wrapped root secret.
        let of_master = RootSecret::of_master(&master(1));
        let sealed = Sealer::new(&of_master).seal(&randomness, PLACE, &*root.0);
        assert_eq!(RootSecret::unwrap_with(&master(1), &sealed).unwrap_err(), Unsealable);
        let short = wrapper(&master(1)).seal(&randomness, PLACE, &root.0[1..]);
        assert_eq!(RootSecret::unwrap_with(&master(1), &short).unwrap_err(), Unsealable);
    }

    #[test]
    fn an_installation_from_before_goes_on_with_what_it_derived() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1efb";
        let root = RootSecret::of_master(&MasterSecret::from_text(hex).unwrap());
        let derived = data_encoding::HEXLOWER.encode(root.derive("token digests").as_bytes());
        assert_eq!(derived, DERIVED);
    }

    /// HKDF-SHA256 of those bytes, by a program that is not ours.
    const DERIVED: &str = "0c457885f537b41743c8f73843c4cc333933ea273ab14b47793106111abec72f";

    #[test]
    fn debug_shows_nothing() {
        let root = RootSecret::generate(&SeededRandomness::new(1));
        assert_eq!(format!("{root:?} {:?}", root.derive("x")), "RootSecret(..) Key32(..)");
    }
}
