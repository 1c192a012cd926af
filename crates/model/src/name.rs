//! Usernames and e-mail addresses: which text can be one, and when two are the same.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The longest username or e-mail address, in bytes of UTF-8 as typed.
pub const MAX_NAME_BYTES: usize = 255;

/// The text is empty, too long, or holds characters that no name may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("empty, longer than {MAX_NAME_BYTES} bytes, or holding control or invisible characters")]
pub struct NameUnusable;

/// The key under which a username is unique in its realm: NFKC, then case-folded, then NFKC again so
/// that the key of a key is itself (Unicode 16, section 3.13, NFKC_Casefold without its removals).
#[must_use]
pub fn name_key(name: &str) -> String {
    name.nfkc().default_case_fold().nfkc().collect()
}

/// The key under which an e-mail address is unique in its realm; by the same rule as [`name_key`].
#[must_use]
pub fn email_key(email: &str) -> String {
    name_key(email)
}

/// Whether an account may be made with this username. Contracts add rules of their own; this one is
/// what every realm needs: not empty, at most [`MAX_NAME_BYTES`], nothing that
/// cannot be seen, no space at either end and no two in a row.
///
/// # Errors
/// [`NameUnusable`] for any other text.
pub fn usable_name(name: &str) -> Result<(), NameUnusable> {
    let fits =
        !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES && name_key(name).len() <= 4 * MAX_NAME_BYTES;
    if fits && !name.chars().any(unseen) { Ok(()) } else { Err(NameUnusable) }
}

/// Whether an account may have this e-mail address: one `@` with something on both sides, no spaces,
/// and otherwise as [`usable_name`]. Contracts ask for more.
///
/// # Errors
/// [`NameUnusable`] for any other text.
pub fn usable_email(email: &str) -> Result<(), NameUnusable> {
    usable_name(email)?;
    match email.split_once('@') {
        Some((local, domain))
            if !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !email.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err(NameUnusable),
    }
}

/// Control characters and the invisible ones that make two names look like one: zero-width marks,
/// directional overrides, soft hyphens, variation selectors and tags.
fn unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for same in ["bob", "BOB", "Bob", "ｂｏｂ", "ＢＯＢ", "𝐛𝐨𝐛"] {
            assert_eq!(name_key(same), "bob", "{same}");
        }
        assert_eq!(name_key("STRASSE"), name_key("straße"));
        assert_eq!(name_key("ÉCOLE"), name_key("e\u{301}cole"));
        assert_ne!(name_key("mıke"), name_key("mike"));
    }

    #[test]
    fn a_key_is_its_own_key() {
        for name in ["ﬁ", "ẞ", "Ǆ", "ͅa", "ΑΣ", "İ", "K"] {
            assert_eq!(name_key(&name_key(name)), name_key(name), "{name}");
        }
    }

    #[test]
    fn names_that_cannot_be_seen_are_refused() {
        for bad in
            ["", " ", "a\0b", "a\nb", "a\u{200B}b", "a\u{202E}b", "a\u{FEFF}", "a\u{E0041}", &"x".repeat(256)]
        {
            assert!(usable_name(bad).is_err(), "{bad:?}");
        }
        for good in ["x", "with space", "名前", &"x".repeat(255), "a@b"] {
            assert!(usable_name(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn an_address_has_exactly_one_at_sign() {
        for bad in ["", "a", "@b.c", "a@", "a@b@c.d", "a b@c.d", "a@b.c\r\nBcc: x@y.z"] {
            assert!(usable_email(bad).is_err(), "{bad:?}");
        }
        assert!(usable_email("user@example.com").is_ok());
    }
}
