//! Every parser that the fuzzers drive, over their committed seeds, changes of them, and noise: what needs no fuzzer
//! to be found is looked for in every run.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../../../fuzz/src/parsers.rs"]
mod parsers;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use crypto::{Randomness, SeededRandomness};

/// Inputs made of each seed, and of nothing.
const CHANGES: usize = 500;

/// Bytes that mean something to one parser or another.
const PIECES: [&[u8]; 16] = [
    b"\0",
    b".",
    b"..",
    b"\r\n",
    b"@",
    b"%00",
    b"\"",
    b"{\"",
    b"[[",
    b"\xff",
    b"\xe2\x80\xae",
    b"=",
    b"9999999999",
    b"-1",
    b",",
    b"\\u0000",
];

struct Dice(SeededRandomness);

impl Dice {
    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn noise(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.below(80)];
        self.0.fill(&mut bytes);
        bytes
    }

    fn changed(&self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(3) {
            let (place, end) = (self.below(bytes.len()), self.below(bytes.len() + 1));
            let piece = PIECES[self.below(PIECES.len())];
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[place] ^= 1 << self.below(8),
                1 => bytes.truncate(end),
                2 => drop(bytes.splice(place..place.max(end), piece.iter().copied())),
                3 => drop(bytes.splice(place..place, piece.iter().copied())),
                4 => bytes.extend_from_within(place.min(end)..),
                _ => drop(bytes.splice(place..place, seed.iter().copied())),
            }
        }
        bytes
    }
}

#[test]
fn parsers_take_what_they_promise_and_never_panic() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, parse) in parsers::ALL {
        let folder = fs::read_dir(seeds.join(name)).unwrap_or_else(|_| panic!("{name} has no seeds"));
        let seeds: Vec<Vec<u8>> = folder.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        assert!(seeds.len() > 1, "{name} has only {} seeds", seeds.len());
        let dice = Dice(SeededRandomness::new(15));
        let changed = seeds.iter().flat_map(|seed| (0..CHANGES).map(|_| dice.changed(seed)));
        let noise = (0..CHANGES).map(|_| dice.noise());
        for input in seeds.iter().cloned().chain(changed).chain(noise) {
            let kept = input.clone();
            let ended = catch_unwind(move || parse(&input));
            assert!(ended.is_ok(), "{name} does not bear {:?}", kept.escape_ascii().to_string());
        }
    }
}

#[test]
fn every_seed_belongs_to_a_parser() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for entry in fs::read_dir(seeds).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(parsers::ALL.iter().any(|(known, _)| *known == name), "{name} is no parser");
    }
}
