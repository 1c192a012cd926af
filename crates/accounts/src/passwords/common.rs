//! The most common passwords, as part of the program; `data/README.md` says where they come from.

use std::cmp::Ordering;

/// One per line, folded, in the order of their bytes.
const SORTED: &str = include_str!("../../data/common_passwords.txt");

/// Whether a folded password is one of them. They are searched where they stand: nothing is kept in memory,
/// and nothing else is taken for one.
pub(super) fn contains(folded: &str) -> bool {
    let words = SORTED.as_bytes();
    let (mut low, mut high) = (0, words.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = words[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end =
            words[middle..].iter().position(|byte| *byte == b'\n').map_or(words.len(), |at| middle + at);
        match words[start..end].cmp(folded.as_bytes()) {
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
            Ordering::Equal => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_list_is_sorted_folded_and_long_enough() {
        let words: Vec<&str> = SORTED.lines().collect();
        assert!(words.len() > 40_000 && SORTED.ends_with('\n'));
        assert!(words.is_sorted_by(|one, next| one < next));
        for word in words {
            assert!(model::name_key(word) == word && word.chars().count() >= 8, "{word}");
        }
    }

    #[test]
    fn every_word_is_found_and_nothing_between() {
        let words: HashSet<&str> = SORTED.lines().collect();
        for word in &words {
            assert!(contains(word), "{word}");
            for other in [format!("{word}~~"), format!("~{word}"), word[..word.len() - 1].to_owned()] {
                assert_eq!(contains(&other), words.contains(&*other), "{other}");
            }
        }
    }

    #[test]
    fn what_everybody_tries_is_there_and_what_nobody_tries_is_not() {
        for common in ["password", "12345678", "iloveyou", "qwertyuiop", "baseball", "password1", "something"]
        {
            assert!(contains(common), "{common}");
        }
        for other in ["", "\n", "password\npassword", "correct horse", "zzzzzzzzzzzz", "~", "!"] {
            assert!(!contains(other), "{other:?}");
        }
    }
}
