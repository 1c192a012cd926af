//! One-time codes as an authenticator app computes them (RFC 6238: SHA-1, six digits, steps of 30 s).
//!
//! Written apart from the server's own computation, so that a mistake in one of them shows.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The length of one step, in seconds.
pub const STEP_SECONDS: i64 = 30;

/// The six digits for `secret` (raw bytes) at `seconds` since the epoch, UTC (RFC 6238 section 4).
/// Times before the epoch count as the epoch.
pub fn code_at(secret: &[u8], seconds: i64) -> String {
    format!("{:06}", truncated(secret, seconds) % 1_000_000)
}

/// The bytes of a secret as authenticator apps are shown it: base32, letter case, spaces and padding
/// ignored. `None` when it is not base32.
pub fn secret_bytes(text: &str) -> Option<Vec<u8>> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '=').map(|c| c.to_ascii_uppercase()).collect();
    if plain.is_empty() {
        return None;
    }
    data_encoding::BASE32_NOPAD.decode(plain.as_bytes()).ok()
}

/// Dynamic truncation of the HMAC (RFC 4226 section 5.3): 31 bits.
fn truncated(secret: &[u8], seconds: i64) -> u32 {
    let step = u64::try_from(seconds.div_euclid(STEP_SECONDS)).unwrap_or(0);
    // HMAC takes keys of any length; the type cannot say so.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0x0f);
    let four = [digest[offset], digest[offset + 1], digest[offset + 2], digest[offset + 3]];
    u32::from_be_bytes(four) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, the SHA-1 rows, all eight digits.
    #[test]
    fn appendix_b_sha1() {
        let secret = b"12345678901234567890";
        let rows = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, eight_digits) in rows {
            assert_eq!(truncated(secret, seconds) % 100_000_000, eight_digits, "at {seconds}");
            assert_eq!(code_at(secret, seconds), format!("{:06}", eight_digits % 1_000_000));
        }
    }

    #[test]
    fn leading_zeros_stay() {
        assert_eq!(code_at(b"12345678901234567890", 1_111_111_109), "081804");
    }

    #[test]
    fn secrets_are_read_as_people_type_them() {
        assert_eq!(secret_bytes("jbsw y3dp ehpk 3pxp====").as_deref(), Some(&b"Hello!\xde\xad\xbe\xef"[..]));
        assert_eq!(secret_bytes("not base32!"), None);
        assert_eq!(secret_bytes(""), None);
    }
}
