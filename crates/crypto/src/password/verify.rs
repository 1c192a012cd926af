//! One place that knows every scheme: reading a stored password and comparing a given one with it.

use super::{
    argon2id::{Argon2Cost, Argon2id, Memory, SALT},
    bcrypt::Bcrypt,
    pbkdf2::Pbkdf2Sha512,
    phc::Phc,
};

/// How a stored password was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `$argon2id$v=19$m=..,t=..,p=..$salt$hash`; the only scheme of new hashes.
    Argon2id,
    /// `$2a$`, `$2b$` or `$2y$`.
    Bcrypt,
    /// `$pbkdf2-sha512$i=..,l=..$salt$hash`.
    Pbkdf2Sha512,
}

/// The scheme of a stored password; `None` if it is damaged, of no known scheme, or of an absurd cost, so
/// that no password can be compared with it.
pub fn scheme_of(stored: &str) -> Option<Scheme> {
    Stored::read(stored).map(|stored| match stored {
        Stored::Argon2id(_) => Scheme::Argon2id,
        Stored::Bcrypt(_) => Scheme::Bcrypt,
        Stored::Pbkdf2Sha512(_) => Scheme::Pbkdf2Sha512,
    })
}

/// A stored password, read.
enum Stored<'a> {
    Argon2id(Argon2id),
    Bcrypt(Bcrypt<'a>),
    Pbkdf2Sha512(Pbkdf2Sha512),
}

impl<'a> Stored<'a> {
    fn read(stored: &'a str) -> Option<Self> {
        if stored.starts_with("$2") {
            return Bcrypt::read(stored).map(Self::Bcrypt);
        }
        let phc = Phc::parse(stored)?;
        match phc.scheme {
            "argon2id" => Argon2id::read(phc).map(Self::Argon2id),
            "pbkdf2-sha512" => Pbkdf2Sha512::read(phc).map(Self::Pbkdf2Sha512),
            _ => None,
        }
    }
}

/// What comparing a password with a stored one says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verification {
    /// It is the password. `outdated`: a new hash would use another scheme or cost.
    Right { outdated: bool },
    /// It is another password.
    Wrong,
    /// The stored string cannot be compared with any password; nothing was computed.
    Unusable,
}

/// There was no memory for the hash.
#[derive(Debug)]
pub(crate) struct Exhausted;

/// Computes password hashes on one thread, in memory it keeps.
pub(crate) struct Hasher {
    cost: Argon2Cost,
    memory: Memory,
    computed: u64,
}

impl Hasher {
    /// A hasher whose new hashes have this cost; fails without memory or with a cost out of bounds.
    pub(crate) fn new(cost: Argon2Cost) -> Result<Self, Exhausted> {
        Ok(Self { cost, memory: Memory::new(cost)?, computed: 0 })
    }

    /// Whether hashes can be made at this cost.
    pub(crate) fn accepts(cost: Argon2Cost) -> bool {
        cost.is_sound()
    }

    /// A new hash, to be stored.
    pub(crate) fn hash(&mut self, password: &[u8], salt: &[u8; SALT]) -> Result<String, Exhausted> {
        self.computed += 1;
        self.memory.hash(self.cost, password, salt)
    }

    /// Compares a password with a stored one.
    pub(crate) fn verify(&mut self, stored: &str, password: &[u8]) -> Result<Verification, Exhausted> {
        let Some(stored) = Stored::read(stored) else { return Ok(Verification::Unusable) };
        self.computed += 1;
        let (right, outdated) = match &stored {
            Stored::Argon2id(argon2id) => {
                (argon2id.matches(&mut self.memory, password)?, argon2id.is_outdated(self.cost))
            }
            Stored::Bcrypt(bcrypt) => (bcrypt.matches(password), true),
            Stored::Pbkdf2Sha512(pbkdf2) => (pbkdf2.matches(password), true),
        };
        Ok(if right { Verification::Right { outdated } } else { Verification::Wrong })
    }

    /// Wipes the memory and gives it back to the system, until the next hash that needs it.
    pub(crate) fn rest(&mut self) {
        self.memory.rest();
    }

    /// Whether the memory holds nothing of a hash.
    pub(crate) fn is_resting(&self) -> bool {
        self.memory.is_resting()
    }

    /// How many hashes were computed since this was last asked.
    pub(crate) fn take_computed(&mut self) -> u64 {
        std::mem::take(&mut self.computed)
    }
}
