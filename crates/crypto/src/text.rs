//! Text for codes and tokens that people or programs carry around.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::random::Randomness;

/// The characters a random text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `a-z A-Z`: 5.7 bits a character.
    Letters,
    /// `0-9 A-Z a-z`: 5.95 bits a character.
    Alphanumeric,
    /// `0-9 A-Z a-z - _`: 6 bits a character; needs no escaping in a URL.
    UrlSafe,
    /// `A-Z 0-9`: 5.17 bits a character; for codes that are typed.
    UpperAlphanumeric,
    /// `0-9`: 3.3 bits a character.
    Digits,
}

impl Alphabet {
    /// Its characters, each once.
    fn characters(self) -> &'static [u8] {
        match self {
            Self::Letters => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::Alphanumeric => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::UrlSafe => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
            Self::UpperAlphanumeric => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            Self::Digits => b"0123456789",
        }
    }
}

/// Two lower-case hexadecimal digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

/// `length` characters of `alphabet`, each equally likely and independent of the others.
///
/// A byte that would make some characters likelier than others is drawn again (rejection sampling).
pub fn random_text(randomness: &dyn Randomness, alphabet: Alphabet, length: usize) -> String {
    let characters = alphabet.characters();
    let fair = 256 - 256 % characters.len();
    let mut text = String::with_capacity(length);
    let mut bytes = Zeroizing::new([0u8; 64]);
    while text.len() < length {
        randomness.fill(&mut *bytes);
        let fair_bytes = bytes.iter().map(|&byte| usize::from(byte)).filter(|&byte| byte < fair);
        let missing = length - text.len();
        text.extend(fair_bytes.take(missing).map(|byte| char::from(characters[byte % characters.len()])));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::random::SeededRandomness;

    const ALL: [(Alphabet, usize); 5] = [
        (Alphabet::Letters, 52),
        (Alphabet::Alphanumeric, 62),
        (Alphabet::UrlSafe, 64),
        (Alphabet::UpperAlphanumeric, 36),
        (Alphabet::Digits, 10),
    ];

    #[test]
    fn every_character_turns_up_about_equally_often() {
        for (alphabet, size) in ALL {
            let text = random_text(&SeededRandomness::new(1), alphabet, size * 2_000);
            let mut counts = HashMap::new();
            for character in text.chars() {
                *counts.entry(character).or_insert(0) += 1;
            }
            assert_eq!(counts.len(), size, "{alphabet:?}");
            // Of 2,000 expected, eight standard deviations are 358; taking bytes modulo 62 without rejection
            // would make eight characters a quarter likelier than the rest.
            for (character, count) in counts {
                assert!((1_642..=2_358).contains(&count), "{alphabet:?} {character}: {count}");
            }
        }
    }

    #[test]
    fn lengths_are_exact() {
        for length in [0, 1, 6, 63, 64, 65, 500] {
            assert_eq!(random_text(&SeededRandomness::new(2), Alphabet::Digits, length).len(), length);
        }
    }
}
