//! Strings of the form `$scheme[$v=N]$a=1,b=2$salt$hash` (the PHC string format).
//!
//! Read here and not by a library, because imported salts may be longer (64 bytes) than the format allows.

use data_encoding::BASE64_NOPAD;

/// Salts and hashes of up to 64 bytes fit with room to spare; longer strings are not worth decoding.
const MAX_LENGTH: usize = 512;
const SALT_LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;
/// A hash of fewer bytes would match too many passwords.
const HASH_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// The parts of such a string.
pub(super) struct Phc<'a> {
    pub(super) scheme: &'a str,
    pub(super) version: Option<u32>,
    pub(super) parameters: &'a str,
    /// 8 to 64 bytes.
    pub(super) salt: Vec<u8>,
    /// 16 to 64 bytes.
    pub(super) hash: Vec<u8>,
}

impl<'a> Phc<'a> {
    /// Takes the string apart; `None` if it is not such a string.
    pub(super) fn parse(stored: &'a str) -> Option<Self> {
        if stored.len() > MAX_LENGTH {
            return None;
        }
        let mut parts = stored.strip_prefix('$')?.split('$');
        let scheme = parts.next()?;
        let mut parameters = parts.next()?;
        let mut version = None;
        if let Some(text) = parameters.strip_prefix("v=") {
            version = Some(number(text)?);
            parameters = parts.next()?;
        }
        let salt = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        let hash = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        let complete = parts.next().is_none();
        let sound = SALT_LENGTHS.contains(&salt.len()) && HASH_LENGTHS.contains(&hash.len());
        (complete && sound).then_some(Self { scheme, version, parameters, salt, hash })
    }

    /// The values of exactly these parameters, in this order; `None` if there are others.
    pub(super) fn numbers<const N: usize>(&self, names: [&str; N]) -> Option<[u32; N]> {
        let mut given = self.parameters.split(',');
        let mut values = [0; N];
        for (value, name) in values.iter_mut().zip(names) {
            *value = number(given.next()?.strip_prefix(name)?.strip_prefix('=')?)?;
        }
        given.next().is_none().then_some(values)
    }
}

/// A decimal number without sign or leading zeros.
pub(super) fn number(text: &str) -> Option<u32> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits { text.parse().ok() } else { None }
}
