//! bcrypt, for passwords imported from systems that used it. Never used for new ones.

use super::phc::number;

/// What bcrypt can tell apart.
const MAX_BYTES: usize = 72;
const COSTS: std::ops::RangeInclusive<u32> = 4..=17;

/// A stored bcrypt hash `$2a$`, `$2b$` or `$2y$`, 60 characters, cost 4 to 17 (17 is some ten seconds).
pub(super) struct Bcrypt<'a>(&'a str);

impl<'a> Bcrypt<'a> {
    /// From its string; `None` if it is not such a hash or its cost is out of bounds.
    pub(super) fn read(stored: &'a str) -> Option<Self> {
        let known = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix));
        let cost = stored.get(4..6)?;
        // Two digits always, so `04` is how four is written here.
        let cost = number(cost.strip_prefix('0').unwrap_or(cost))?;
        let sound = known && COSTS.contains(&cost) && stored.parse::<::bcrypt::HashParts>().is_ok();
        sound.then_some(Self(stored))
    }

    /// Whether this is the hash of `password`.
    ///
    /// The systems that made such hashes looked at the first [`MAX_BYTES`] only and ignored the rest. Here a longer
    /// password is wrong, at the same cost: which one it was cannot be told any more, and whatever was typed
    /// behind those bytes would become the password when it is hashed anew. NUL bytes count like any other.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        ::bcrypt::verify(password, self.0).unwrap_or(false) && password.len() <= MAX_BYTES
    }
}
