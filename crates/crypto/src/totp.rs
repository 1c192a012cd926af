//! Time-based one-time codes: RFC 6238 with SHA-1, 6 digits and 30 seconds, as every authenticator app has it.

use data_encoding::BASE32_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder};

use crate::{digest::constant_time_equal, random::Randomness};

/// Seconds a code is shown.
const PERIOD: i64 = 30;
const DIGITS: u8 = 6;

/// Everything but the unreserved characters of RFC 3986 section 2.3 is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A new secret of 160 bits, the length RFC 4226 section 4 recommends.
pub fn new_totp_secret(randomness: &dyn Randomness) -> [u8; 20] {
    let mut secret = [0; 20];
    randomness.fill(&mut secret);
    secret
}

/// Base32 (RFC 4648 section 6) without padding, upper case: how a secret is shown to be typed.
pub fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

/// The six digits of one time step (the number of whole 30 seconds since the epoch).
pub fn totp_code(secret: &[u8], step: i64) -> String {
    // With a step of one second, the library's time is the counter itself.
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(1)
        .with_secret(secret)
        .build_noncompliant();
    totp.generate(step.cast_unsigned()).to_string()
}

/// The time step of a time in seconds since the epoch, UTC.
pub fn totp_step(now_seconds: i64) -> i64 {
    now_seconds.div_euclid(PERIOD)
}

/// The step whose code this is, among the current one and the one before it; `None` if of neither.
///
/// A caller remembers the step it accepted and refuses that and every earlier one from then on (RFC 6238
/// section 5.2). `now_seconds` is in seconds since the epoch, UTC. A code is exactly six ASCII digits.
pub fn totp_step_of(secret: &[u8], code: &str, now_seconds: i64) -> Option<i64> {
    if code.len() != usize::from(DIGITS) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let current = totp_step(now_seconds);
    let matches = |step| constant_time_equal(totp_code(secret, step).as_bytes(), code.as_bytes());
    // Both are computed in any case: which of them it was takes the same time to find out.
    match (matches(current), matches(current - 1)) {
        (true, _) => Some(current),
        (false, true) => Some(current - 1),
        (false, false) => None,
    }
}

/// The address an authenticator app reads from a QR code:
/// `otpauth://totp/<issuer>:<account>?secret=..&period=30&digits=6&algorithm=SHA1&issuer=<issuer>`.
pub fn otpauth_uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let issuer = utf8_percent_encode(issuer, ESCAPED);
    let account = utf8_percent_encode(account, ESCAPED);
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&period={PERIOD}&digits={DIGITS}&algorithm=SHA1&issuer={issuer}"
    )
}

#[cfg(test)]
mod tests {
    use defects::Defect;
    use harness::figure::{mistaken, trials, tried};

    use super::*;
    use crate::random::SeededRandomness;

    const SECRET: &[u8] = b"12345678901234567890";

    /// The code of a step, unless the mistake is to be made that a figure must notice.
    fn judged(secret: &[u8], step: i64) -> String {
        totp_code(secret, step + i64::from(mistaken(Defect::StepsAhead)))
    }

    /// RFC 4226 appendix D: the counter is the step.
    #[test]
    fn rfc_4226_vectors() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        tried(codes.len(), "codes of RFC 4226");
        for (step, code) in (0..).zip(codes) {
            assert_eq!(judged(SECRET, step), code, "step {step}");
        }
    }

    /// RFC 6238 appendix B, the SHA-1 rows; six digits are the last six of the eight printed there.
    #[test]
    fn rfc_6238_vectors() {
        let rows = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        tried(rows.len(), "codes of RFC 6238");
        for (seconds, eight) in rows {
            let code = &eight[2..];
            assert_eq!(judged(SECRET, seconds / 30), code);
            assert_eq!(totp_step_of(SECRET, code, seconds), Some(seconds / 30));
        }
    }

    /// Secrets of any length and moments of ten thousand years, against another implementation.
    #[test]
    fn another_implementation_computes_the_same() {
        let randomness = SeededRandomness::new(6238);
        let trials = trials(10_000);
        tried(trials, "codes of another implementation");
        for _ in 0..trials {
            let (mut bytes, mut place) = ([0; 80], [0; 8]);
            randomness.fill(&mut bytes);
            randomness.fill(&mut place);
            let secret = &bytes[..usize::from(place[0] % 80)];
            let now = i64::from_be_bytes(place) & 0x49_7F_FF_FF_FF;
            let theirs = harness::totp::code_at(secret, now);
            assert_eq!(judged(secret, now / PERIOD), theirs, "{secret:?} at {now}");
            assert_eq!(totp_step_of(secret, &theirs, now), Some(now / PERIOD), "{secret:?} at {now}");
        }
    }

    #[test]
    fn this_step_and_the_one_before_and_no_other() {
        let (now, step) = (1_700_000_010, 56_666_667);
        let verdicts: Vec<_> = (step - 3..=step + 3)
            .map(|offered| totp_step_of(SECRET, &totp_code(SECRET, offered), now))
            .collect();
        assert_eq!(verdicts, [None, None, Some(step - 1), Some(step), None, None, None]);
        let code = totp_code(SECRET, step);
        assert_eq!(totp_step_of(SECRET, &code, step * 30 - 1), None);
        assert_eq!(totp_step_of(SECRET, &code, step * 30), Some(step));
        assert_eq!(totp_step_of(SECRET, &code, step * 30 + 59), Some(step));
        assert_eq!(totp_step_of(SECRET, &code, step * 30 + 60), None);
    }

    #[test]
    fn a_code_is_exactly_six_ascii_digits() {
        let code = totp_code(SECRET, 2);
        assert_eq!(totp_step_of(SECRET, &code, 60), Some(2));
        let arabic: String =
            code.bytes().map(|digit| char::from_u32(0x660 + u32::from(digit - b'0')).unwrap()).collect();
        for bad in [
            String::new(),
            code[1..].to_owned(),
            format!("0{code}"),
            format!(" {code}"),
            format!("{code} "),
            format!("+{}", &code[1..]),
            format!("-{}", &code[1..]),
            arabic,
            "é12345".to_owned(),
            "12 345".to_owned(),
        ] {
            assert_eq!(totp_step_of(SECRET, &bad, 60), None, "{bad}");
        }
    }

    #[test]
    fn absurd_times_and_secrets_do_no_harm() {
        for now in [i64::MIN, -1, 0, 29, i64::MAX] {
            let code = totp_code(SECRET, now.div_euclid(30));
            assert_eq!(totp_step_of(SECRET, &code, now), Some(now.div_euclid(30)));
        }
        assert_eq!(totp_code(b"", i64::MIN).len(), 6);
        assert_eq!(totp_code(&[1; 500], i64::MAX).len(), 6);
    }

    #[test]
    fn secrets_are_20_random_bytes() {
        let randomness = SeededRandomness::new(1);
        assert_ne!(new_totp_secret(&randomness), new_totp_secret(&randomness));
    }

    /// RFC 4648 section 10.
    #[test]
    fn base32_vectors() {
        for (plain, encoded) in [("", ""), ("f", "MY"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(
            otpauth_uri("Acme: Ltd&x=1", "zoë@example.com", SECRET),
            "otpauth://totp/Acme%3A%20Ltd%26x%3D1:zo%C3%AB%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &period=30&digits=6&algorithm=SHA1&issuer=Acme%3A%20Ltd%26x%3D1"
        );
    }
}
