//! Argon2id (RFC 9106), the scheme of every new password.

use argon2id::{Input, Parameters};
use data_encoding::BASE64_NOPAD;

use super::{phc::Phc, verify::Exhausted};
use crate::{digest::constant_time_equal, random::Randomness};

/// Bytes of salt in a new hash.
pub(crate) const SALT: usize = 16;
/// Bytes of output in a new hash.
const OUTPUT: usize = 32;
/// The only version there is (0x13, RFC 9106 section 3.1).
const VERSION: u32 = 0x13;

const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB: at least 8 for each lane, at most 1 GiB.
    pub memory_kib: u32,
    /// Passes over it: 1 to 64.
    pub passes: u32,
    /// Lanes: 1 to 16. They are computed one after the other, on one thread.
    pub lanes: u32,
}

impl Default for Argon2Cost {
    /// 19 MiB, two passes, one lane: the least that OWASP's password storage cheat sheet recommends.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

impl Argon2Cost {
    /// The form of it that is computed with; `None` if out of bounds.
    fn parameters(self) -> Option<Parameters> {
        let bounded =
            self.memory_kib <= MAX_MEMORY_KIB && self.passes <= MAX_PASSES && self.lanes <= MAX_LANES;
        if bounded { Parameters::new(self.memory_kib, self.passes, self.lanes).ok() } else { None }
    }

    /// Whether hashes can be made at this cost.
    pub(super) fn is_sound(self) -> bool {
        self.parameters().is_some()
    }
}

/// A stored Argon2id hash.
pub(super) struct Argon2id {
    cost: Argon2Cost,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Argon2id {
    /// From a PHC string `$argon2id$v=19$m=..,t=..,p=..$salt$hash`; `None` if its cost is out of bounds.
    pub(super) fn read(phc: Phc<'_>) -> Option<Self> {
        let [memory_kib, passes, lanes] = phc.numbers(["m", "t", "p"])?;
        let cost = Argon2Cost { memory_kib, passes, lanes };
        let sound = phc.version == Some(VERSION) && cost.is_sound();
        sound.then_some(Self { cost, salt: phc.salt, hash: phc.hash })
    }

    /// Whether this is the hash of `password`.
    pub(super) fn matches(&self, memory: &mut Memory, password: &[u8]) -> Result<bool, Exhausted> {
        let mut computed = vec![0; self.hash.len()];
        memory.compute(self.cost, password, &self.salt, &mut computed)?;
        Ok(constant_time_equal(&computed, &self.hash))
    }

    /// Whether a new hash would be made in another way.
    pub(super) fn is_outdated(&self, current: Argon2Cost) -> bool {
        self.cost != current || self.salt.len() < SALT || self.hash.len() != OUTPUT
    }
}

/// The memory one thread fills again for each hash.
pub(super) struct Memory(argon2id::Memory);

impl Memory {
    /// Enough for hashes at `cost`.
    pub(super) fn new(cost: Argon2Cost) -> Result<Self, Exhausted> {
        let parameters = cost.parameters().ok_or(Exhausted)?;
        argon2id::Memory::new(parameters.blocks()).map(Self).map_err(|_| Exhausted)
    }

    /// Wipes it and gives it back to the system, until the next hash.
    pub(super) fn rest(&mut self) {
        self.0.rest();
    }

    /// Whether it holds nothing of a hash.
    pub(super) fn is_resting(&self) -> bool {
        self.0.is_resting()
    }

    /// A new hash as PHC string.
    pub(super) fn hash(
        &mut self,
        cost: Argon2Cost,
        password: &[u8],
        salt: &[u8; SALT],
    ) -> Result<String, Exhausted> {
        let mut output = [0; OUTPUT];
        self.compute(cost, password, salt, &mut output)?;
        Ok(write(cost, salt, &output))
    }

    /// Fills `output` with the hash. A cost above this memory's own borrows more, and gives it back.
    fn compute(
        &mut self,
        cost: Argon2Cost,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Exhausted> {
        let parameters = cost.parameters().ok_or(Exhausted)?;
        let input = Input::new(password, salt);
        let computed = if parameters.blocks() <= self.0.blocks() {
            argon2id::hash(&parameters, &input, &mut self.0, output)
        } else {
            let mut borrowed = argon2id::Memory::new(parameters.blocks()).map_err(|_| Exhausted)?;
            argon2id::hash(&parameters, &input, &mut borrowed, output)
        };
        computed.map_err(|_| Exhausted)
    }
}

/// The PHC string of a hash.
fn write(cost: Argon2Cost, salt: &[u8], hash: &[u8]) -> String {
    let Argon2Cost { memory_kib, passes, lanes } = cost;
    let (salt, hash) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(hash));
    format!("$argon2id$v={VERSION}$m={memory_kib},t={passes},p={lanes}${salt}${hash}")
}

/// A string that reads like a hash at `cost` and that no password matches, for accounts that have none.
pub(crate) fn decoy(cost: Argon2Cost, randomness: &dyn Randomness) -> String {
    let (mut salt, mut hash) = ([0; SALT], [0; OUTPUT]);
    randomness.fill(&mut salt);
    randomness.fill(&mut hash);
    write(cost, &salt, &hash)
}
