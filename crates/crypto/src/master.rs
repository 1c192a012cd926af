//! The one secret that an operator keeps: it opens what the database keeps.

use std::fmt;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{random::Randomness, root::LENGTH};

/// 32 random bytes that wrap the [`RootSecret`](crate::RootSecret) of an installation, and nothing else.
///
/// Overwritten in memory when dropped; prints nothing of itself.
pub struct MasterSecret(Zeroizing<[u8; LENGTH]>);

/// A text that is not a master secret. Says nothing about what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master secret is 32 bytes, written as 64 hexadecimal digits or as 43 or 44 base64 characters")]
pub struct BadMasterSecret;

impl MasterSecret {
    /// A new one.
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        randomness.fill(&mut *bytes);
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits (either case) or 43 base64 characters (standard or URL-safe alphabet,
    /// with or without the one `=` behind them). White space around it is ignored, as files end in a newline.
    pub fn from_text(text: &str) -> Result<Self, BadMasterSecret> {
        let text = text.trim();
        let decoded = match text.len() {
            64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            43 | 44 => {
                let digits =
                    if text.len() == 44 { text.strip_suffix('=').ok_or(BadMasterSecret)? } else { text };
                let url_safe = digits.contains(['-', '_']);
                let encoding = if url_safe { BASE64URL_NOPAD } else { BASE64_NOPAD };
                encoding.decode(digits.as_bytes())
            }
            _ => return Err(BadMasterSecret),
        };
        let decoded = Zeroizing::new(decoded.map_err(|_| BadMasterSecret)?);
        let bytes: [u8; LENGTH] = decoded.as_slice().try_into().map_err(|_| BadMasterSecret)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Itself as 64 lower-case hexadecimal digits, for the file that keeps it.
    pub fn to_text(&self) -> SecretString {
        SecretString::from(HEXLOWER.encode(&*self.0))
    }

    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::random::SeededRandomness;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1efb";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvs=";

    #[test]
    fn all_spellings_are_the_same_secret() {
        let url_safe = "-_-_AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvs";
        let standard = "+/+/AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHvs";
        let hex_of = |text: &str| MasterSecret::from_text(text).unwrap().to_text().expose_secret().to_owned();
        for same in [HEX, &HEX.to_uppercase(), BASE64, &BASE64[..43], &format!(" {HEX}\r\n")] {
            assert_eq!(hex_of(same), HEX, "{same}");
        }
        assert_eq!(hex_of(url_safe), hex_of(standard));
    }

    #[test]
    fn anything_else_is_refused_without_an_echo() {
        let (short, long) = (&HEX[..62], format!("{HEX}00"));
        let wrong_digit = HEX.replace('a', "g");
        let trailing_bits = BASE64.replace("Hvs=", "Hvt=");
        let multibyte = format!("é{}", &HEX[2..]);
        let other_ending = format!("{}A", &BASE64[..43]);
        for bad in ["", "hunter2", short, &long, &wrong_digit, &trailing_bits, &multibyte, &other_ending] {
            let refusal = MasterSecret::from_text(bad).unwrap_err();
            assert!(bad.is_empty() || !format!("{refusal} {refusal:?}").contains(bad), "{bad}");
        }
    }

    #[test]
    fn a_generated_secret_survives_being_written_down() {
        let secret = MasterSecret::generate(&SeededRandomness::new(3));
        let again = MasterSecret::from_text(secret.to_text().expose_secret()).unwrap();
        assert_eq!(secret.0, again.0);
        assert_ne!(secret.0, MasterSecret::generate(&SeededRandomness::new(4)).0);
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = MasterSecret::from_text(HEX).unwrap();
        assert_eq!(format!("{secret:?}"), "MasterSecret(..)");
        assert!(!format!("{:?}", secret.to_text()).contains("0001"));
    }
}
