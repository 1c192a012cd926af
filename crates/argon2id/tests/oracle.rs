//! What is computed is what another implementation computes, whatever the parameters and the input.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use argon2id::{Input, Kernel, Memory, Parameters, Variant, hash_by};

/// How many parameter sets each kernel is compared for.
const CASES: u64 = if cfg!(miri) { 20 } else { 10_000 };

/// A generator of numbers without much ado (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn within(&mut self, range: std::ops::RangeInclusive<usize>) -> usize {
        range.start() + (self.next() as usize) % (range.end() - range.start() + 1)
    }

    /// One of the lengths at which something changes, or any other.
    fn length(&mut self, special: &[usize], any: std::ops::RangeInclusive<usize>) -> usize {
        if self.next().is_multiple_of(2) {
            special[self.within(0..=special.len() - 1)]
        } else {
            self.within(any)
        }
    }

    /// Bytes, as many as [`length`](Self::length) says.
    fn bytes(&mut self, special: &[usize], any: std::ops::RangeInclusive<usize>) -> Vec<u8> {
        (0..self.length(special, any)).map(|_| self.next() as u8).collect()
    }
}

/// Everything that goes in.
#[derive(Debug)]
struct Case {
    variant: Variant,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    password: Vec<u8>,
    salt: Vec<u8>,
    secret: Vec<u8>,
    associated: Vec<u8>,
    tag: usize,
}

impl Case {
    fn new(dice: &mut Dice) -> Self {
        let lanes = dice.length(&[1, 2, 4], 1..=9);
        // Beyond 512 blocks in a lane, choices by position take more than one block of addresses.
        let lane = dice.length(&[8, 9, 11, 12], 8..=40) + if dice.within(0..=49) == 0 { 600 } else { 0 };
        Self {
            variant: [Variant::Id, Variant::Id, Variant::I, Variant::D][dice.within(0..=3)],
            memory_kib: u32::try_from(lane * lanes + dice.within(0..=4)).unwrap(),
            passes: u32::try_from(dice.within(1..=4)).unwrap(),
            lanes: u32::try_from(lanes).unwrap(),
            password: dice.bytes(&[0, 1, 47, 48, 127, 128, 129], 0..=300),
            salt: dice.bytes(&[8, 16, 64, 128], 8..=200),
            secret: dice.bytes(&[0, 32], 0..=100),
            associated: dice.bytes(&[0, 12], 0..=32),
            tag: dice.length(&[4, 16, 32, 33, 63, 64, 65, 95, 96, 97, 128, 129], 4..=300),
        }
    }

    fn expected(&self) -> Vec<u8> {
        let mut parameters = ParamsBuilder::new();
        parameters.m_cost(self.memory_kib).t_cost(self.passes).p_cost(self.lanes).output_len(self.tag);
        parameters.data(AssociatedData::new(&self.associated).unwrap());
        let algorithm = match self.variant {
            Variant::D => Algorithm::Argon2d,
            Variant::I => Algorithm::Argon2i,
            Variant::Id => Algorithm::Argon2id,
        };
        let parameters = parameters.build().unwrap();
        let argon2 = Argon2::new_with_secret(&self.secret, algorithm, Version::V0x13, parameters).unwrap();
        let mut tag = vec![0; self.tag];
        argon2.hash_password_into(&self.password, &self.salt, &mut tag).unwrap();
        tag
    }

    fn computed(&self, kernel: Kernel, memory: &mut Memory) -> Vec<u8> {
        let parameters = Parameters::new(self.memory_kib, self.passes, self.lanes).unwrap();
        let Self { password, salt, secret, associated, .. } = self;
        let input = Input { password, salt, secret, associated };
        let mut tag = vec![0; self.tag];
        hash_by(kernel, &parameters.with_variant(self.variant), &input, memory, &mut tag).unwrap();
        tag
    }
}

#[test]
fn every_kernel_computes_what_another_implementation_computes() {
    let mut dice = Dice(9_106);
    // Kept throughout, so that what one case leaves is what the next one finds.
    let mut memory = Memory::new(10_000).unwrap();
    for number in 0..CASES {
        let case = Case::new(&mut dice);
        let expected = case.expected();
        for kernel in Kernel::available() {
            assert_eq!(case.computed(kernel, &mut memory), expected, "{number} {kernel:?} {case:?}");
        }
    }
}

/// The size that is used for passwords, with memory in huge pages if there are any.
#[test]
#[cfg_attr(miri, ignore = "takes hours there")]
fn every_kernel_agrees_at_the_usual_cost() {
    let case = Case {
        variant: Variant::Id,
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
        password: b"password".to_vec(),
        salt: b"sixteen byte slt".to_vec(),
        secret: Vec::new(),
        associated: Vec::new(),
        tag: 32,
    };
    let mut memory = Memory::new(19_456).unwrap();
    for kernel in Kernel::available() {
        assert_eq!(case.computed(kernel, &mut memory), case.expected(), "{kernel:?}");
    }
}
