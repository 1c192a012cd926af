use super::*;
use crate::random::{Randomness, SeededRandomness};

const SESSION_ID: [u8; 16] = *b"0123456789abcdef";

fn codec(seed: u64, scope: &str) -> RefreshCodec {
    RefreshCodec::new(&RootSecret::generate(&SeededRandomness::new(seed)), scope)
}

#[test]
fn what_was_encoded_decodes_again() {
    let codec = codec(1, "argon");
    for session in [[0; 16], [255; 16], SESSION_ID] {
        for generation in [0, 1, 2, 255, 65_536, u32::MAX - 1, u32::MAX] {
            let token = codec.encode(session, generation);
            assert_eq!(token.len(), 64);
            assert!(token.bytes().all(|letter| letter.is_ascii_alphabetic()), "{token}");
            assert_eq!(codec.decode(&token), Some((session, generation)));
            assert_eq!(codec.encode(session, generation), token);
        }
    }
}

#[test]
fn every_single_character_mutation_is_refused() {
    let codec = codec(1, "argon");
    let token = codec.encode(SESSION_ID, 7);
    for place in 0..token.len() {
        for other in 0..128u8 {
            let mut mutated = token.clone().into_bytes();
            if mutated[place] == other {
                continue;
            }
            mutated[place] = other;
            let mutated = String::from_utf8(mutated).unwrap();
            assert_eq!(codec.decode(&mutated), None, "{mutated}");
        }
    }
}

#[test]
fn swaps_and_other_lengths_are_refused() {
    let codec = codec(1, "argon");
    let token = codec.encode(SESSION_ID, 7);
    for length in 0..token.len() {
        assert_eq!(codec.decode(&token[..length]), None);
    }
    for longer in [format!("{token}a"), format!("a{token}"), format!("{token} "), format!("{token}\n")] {
        assert_eq!(codec.decode(&longer), None);
    }
    // 64 bytes, but not 64 letters: the text must not be cut inside a character either.
    assert_eq!(codec.decode(&"é".repeat(32)), None);
    let reversed: String = token.chars().rev().collect();
    assert_eq!(codec.decode(&reversed), None);
    assert_eq!(codec.decode(&token.to_lowercase()), None);
}

#[test]
fn another_mount_or_installation_refuses_it() {
    let token = codec(1, "argon").encode(SESSION_ID, 7);
    assert_eq!(codec(1, "argon2").decode(&token), None);
    assert_eq!(codec(1, "").decode(&token), None);
    assert_eq!(codec(2, "argon").decode(&token), None);
}

#[test]
fn numbers_beyond_360_bits_are_refused() {
    // 52^64 - 1 and 2^360: both 64 letters, neither what 45 bytes write.
    assert_eq!(base52::decode(&"Z".repeat(64)), None);
    let largest = base52::encode(&[255; 45]);
    assert_eq!(base52::decode(&largest), Some([255; 45]));
    assert_eq!(base52::decode(&successor(&largest)), None);
}

/// The next number in base 52.
fn successor(text: &str) -> String {
    const ORDER: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut letters: Vec<char> = text.chars().collect();
    for letter in letters.iter_mut().rev() {
        let place = ORDER.find(*letter).unwrap();
        *letter = ORDER.chars().nth((place + 1) % 52).unwrap();
        if place < 51 {
            break;
        }
    }
    letters.into_iter().collect()
}

#[test]
fn base_52_of_small_numbers_is_what_one_counts_by_hand() {
    let mut bytes = [0; 45];
    assert_eq!(base52::encode(&bytes), "a".repeat(64));
    bytes[44] = 51;
    assert_eq!(base52::encode(&bytes), format!("{}Z", "a".repeat(63)));
    bytes[44] = 53;
    assert_eq!(base52::encode(&bytes), format!("{}bb", "a".repeat(62)));
}

#[test]
fn random_bytes_survive_base_52() {
    let randomness = SeededRandomness::new(5);
    for _ in 0..2_000 {
        let mut bytes = [0; 45];
        randomness.fill(&mut bytes);
        assert_eq!(base52::decode(&base52::encode(&bytes)), Some(bytes));
    }
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", codec(1, "argon")), "RefreshCodec(..)");
}
