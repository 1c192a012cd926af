//! PBKDF2-HMAC-SHA512 (RFC 8018), for passwords imported from systems that used it. Never used for new ones.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;

use super::phc::Phc;

const MAX_ITERATIONS: u32 = 5_000_000;

/// A stored PBKDF2-SHA512 hash.
pub(super) struct Pbkdf2Sha512 {
    iterations: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Pbkdf2Sha512 {
    /// From a PHC string `$pbkdf2-sha512$i=350000,l=64$salt$hash`, the length `l` being optional; `None` if
    /// there are more than 5,000,000 iterations or the length is not that of the hash.
    pub(super) fn read(phc: Phc<'_>) -> Option<Self> {
        let iterations = match phc.numbers(["i", "l"]) {
            Some([iterations, length]) if length as usize == phc.hash.len() => iterations,
            Some(_) => return None,
            None => {
                let [iterations] = phc.numbers(["i"])?;
                iterations
            }
        };
        let iterations = NonZeroU32::new(iterations)?;
        let sound = phc.version.is_none() && iterations.get() <= MAX_ITERATIONS;
        sound.then_some(Self { iterations, salt: phc.salt, hash: phc.hash })
    }

    /// Whether this is the hash of `password`; compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA512, self.iterations, &self.salt, password, &self.hash).is_ok()
    }
}
