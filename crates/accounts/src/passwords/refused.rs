//! Passwords that an operator refuses.

use std::fmt;
use std::io::{self, BufRead};

use crypto::sha1_prefix;
use model::name_key;

/// As many as are read: eight bytes each are kept.
const MOST: usize = 10_000_000;
/// Hex digits of a SHA-1.
const HEX: usize = 40;

/// An operator's list: passwords, compared as the common ones are, and SHA-1 hashes of passwords, compared
/// exactly.
///
/// Kept are the first eight bytes of a hash of each, sorted. So among ten million, one password in 10^12 is
/// taken for another that is in the list.
#[derive(Clone, Default)]
pub struct RefusedPasswords(Vec<u64>);

impl RefusedPasswords {
    /// Reads a list, one password per line, in any order. A line of 40 hex digits, alone or with `:` and a
    /// number behind them, is the SHA-1 of a password, as lists of breached ones have it. Empty lines are
    /// skipped; of text that is not UTF-8 nothing is found.
    ///
    /// # Errors
    /// [`io::Error`] if it cannot be read, or has more than ten million lines.
    pub fn read(mut lines: impl BufRead) -> io::Result<Self> {
        let (mut prefixes, mut line) = (Vec::new(), Vec::new());
        while lines.read_until(b'\n', &mut line)? > 0 {
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if !text.is_empty() {
                if prefixes.len() == MOST {
                    return Err(io::Error::other(format!("more than {MOST} lines")));
                }
                prefixes.push(prefix(text));
            }
            line.clear();
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes.shrink_to_fit();
        Ok(Self(prefixes))
    }

    /// Whether a password is in the list, as it is or folded.
    pub(super) fn contains(&self, password: &str, folded: &str) -> bool {
        let listed = |text: &str| self.0.binary_search(&sha1_prefix(text.as_bytes())).is_ok();
        !self.0.is_empty() && (listed(password) || listed(folded))
    }
}

/// What is kept of a line.
fn prefix(line: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(line);
    let hash = text.split_once(':').map_or(&*text, |(hash, _)| hash);
    let hex = hash.len() == HEX && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hashed = hash.get(..16).filter(|_| hex).and_then(|start| u64::from_str_radix(start, 16).ok());
    hashed.unwrap_or_else(|| sha1_prefix(name_key(&text).as_bytes()))
}

impl fmt::Debug for RefusedPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefusedPasswords({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> RefusedPasswords {
        RefusedPasswords::read(text.as_bytes()).expect("readable")
    }

    fn listed(list: &RefusedPasswords, password: &str) -> bool {
        list.contains(password, &name_key(password))
    }

    #[test]
    fn a_word_is_found_in_every_spelling() {
        let list = list("Summer Of 69\r\n\n\nzebra-crossing");
        for word in ["summer of 69", "SUMMER OF 69", "ｓｕｍｍｅｒ of 69", "Zebra-Crossing"] {
            assert!(listed(&list, word), "{word}");
        }
        for other in ["summer of 6", "summer of 699", "", "\n", "summer of 69\r"] {
            assert!(!listed(&list, other), "{other:?}");
        }
        assert!(!listed(&RefusedPasswords::default(), "summer of 69"));
    }

    #[test]
    fn a_hash_is_that_of_the_very_password() {
        // FIPS 180-4's example: the SHA-1 of "abc".
        for line in
            ["A9993E364706816ABA3E25717850C26C9CD0D89D:52", "a9993e364706816aba3e25717850c26c9cd0d89d"]
        {
            let list = list(line);
            assert!(listed(&list, "abc"));
            assert!(!listed(&list, "ABD") && !listed(&list, line));
        }
        assert!(listed(
            &list("a9993e364706816aba3e25717850c26c9cd0d89"),
            "A9993E364706816ABA3E25717850C26C9CD0D89"
        ));
    }

    #[test]
    fn nothing_of_it_is_shown() {
        assert_eq!(format!("{:?}", list("hunter2\nhunter3\nhunter2")), "RefusedPasswords(2)");
    }
}
