use super::*;
use crate::random::SeededRandomness;

const CHEAP: Argon2Cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
/// Made by the C reference implementation (argon2-cffi) from `pässword`.
const REFERENCE: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$w5/R6DLDHnQixV1nFMnFb5o9+Q3humQaCB1z8QBPmo8";
/// Made by Python's hashlib from `pässword`; the salt has 64 bytes.
const PBKDF2: &str = "$pbkdf2-sha512$i=1000,l=64$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$n/PQ1VeV91eCH0ojpjmyotCG8rMtcSydKkGIpJjCdPaYZeKCB1/aDPOhI/C+OaGJYaKFAv8iGYYiCsGuMB3tYw";
const BCRYPT: &str = "$2b$04$2.l5WMYxQC9aHpAOeSPTwe8LpYpHG0aEmRHR96KOL1A4EUhUOEnwC";

fn verify(stored: &str, password: &[u8]) -> Verification {
    Hasher::new(CHEAP).unwrap().verify(stored, password).unwrap()
}

const RIGHT: Verification = Verification::Right { outdated: true };

#[test]
fn a_new_hash_verifies_and_is_current() {
    let mut hasher = Hasher::new(CHEAP).unwrap();
    for password in ["correct horse", "", "with\0nul", &"long".repeat(1_000)] {
        let stored = hasher.hash(password.as_bytes(), b"sixteen byte slt").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$"), "{stored}");
        assert_eq!(scheme_of(&stored), Some(Scheme::Argon2id));
        let right = hasher.verify(&stored, password.as_bytes()).unwrap();
        assert_eq!(right, Verification::Right { outdated: false });
        for wrong in [format!("{password} "), format!("x{password}"), format!("{password}\0")] {
            assert_eq!(hasher.verify(&stored, wrong.as_bytes()).unwrap(), Verification::Wrong);
        }
    }
    assert_eq!(hasher.take_computed(), 4 * 5);
    assert_eq!(hasher.take_computed(), 0);
}

#[test]
fn argon2id_agrees_with_the_reference_implementation() {
    let hash = Hasher::new(Argon2Cost::default()).unwrap().hash("pässword".as_bytes(), b"sixteen byte slt");
    assert_eq!(hash.unwrap(), REFERENCE);
    for (password, stored) in [
        ("pässword", REFERENCE),
        (
            "",
            "$argon2id$v=19$m=64,t=1,p=4$c2l4dGVlbiBieXRlIHNsdA$hsaZ4Xg/n5wgypSEi8H+wCOjANEMz+AF1/IA/zZqjzE",
        ),
        ("password", "$argon2id$v=19$m=256,t=3,p=2$c29tZXNhbHQ$RmjTCsQYfmh47t6s8P2DxaCjDbLMFu8L"),
        (
            "x",
            "$argon2id$v=19$m=8,t=1,p=1$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$/4rmbMgJCHApBtavNfn2NrZWv130nZW/OydJ3Tm/xZxQ33MZyj6g5JwdW2FVjq7djCwJs00/s3phT4TDKs728g",
        ),
    ] {
        assert_eq!(scheme_of(stored), Some(Scheme::Argon2id), "{stored}");
        assert_eq!(verify(stored, password.as_bytes()), RIGHT, "{stored}");
        assert_eq!(verify(stored, b"another"), Verification::Wrong, "{stored}");
    }
}

/// Memory is used again after a hash that needed more of it, and after one that needed less.
#[test]
fn hashes_do_not_depend_on_what_was_hashed_before() {
    let mut hasher = Hasher::new(CHEAP).unwrap();
    let smaller = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$aWxsZWdhbCBidXQgbG9uZyBlbm91Z2g";
    let first = hasher.hash(b"password", b"sixteen byte slt").unwrap();
    for between in [REFERENCE, smaller] {
        assert_eq!(hasher.verify(between, b"other").unwrap(), Verification::Wrong);
        assert_eq!(hasher.hash(b"password", b"sixteen byte slt").unwrap(), first);
    }
}

#[test]
fn any_other_cost_salt_or_scheme_is_outdated() {
    let current = Argon2Cost { memory_kib: 128, passes: 2, lanes: 2 };
    for other in [
        Argon2Cost { memory_kib: 64, ..current },
        Argon2Cost { memory_kib: 256, ..current },
        Argon2Cost { passes: 1, ..current },
        Argon2Cost { lanes: 1, ..current },
    ] {
        let stored = Hasher::new(other).unwrap().hash(b"x", b"sixteen byte slt").unwrap();
        let outcome = Hasher::new(current).unwrap().verify(&stored, b"x").unwrap();
        assert_eq!(outcome, Verification::Right { outdated: true }, "{other:?}");
    }
    let short_salt = "$argon2id$v=19$m=256,t=3,p=2$c29tZXNhbHQ$RmjTCsQYfmh47t6s8P2DxaCjDbLMFu8L";
    let same_cost = Argon2Cost { memory_kib: 256, passes: 3, lanes: 2 };
    assert_eq!(Hasher::new(same_cost).unwrap().verify(short_salt, b"password").unwrap(), RIGHT);
}

/// Two from jBCrypt's tests, one from the manual of PHP's `crypt`; `$2y$` made by libcrypt, the rest by Python's
/// bcrypt.
#[test]
fn bcrypt_agrees_with_others() {
    for (password, stored) in [
        ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        ("rasmuslerdorf", "$2a$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi"),
        ("pässword", "$2y$04$......................zGba3rUzo6RobFnEbJ3ZOnvxLsnfNBK"),
        ("pässword", "$2a$04$s0mfcgNVAlUuaXUr4Gvan.zN4cu54UwdvaCObUSRWBIS8c3GFkOj."),
        ("pässword", BCRYPT),
    ] {
        assert_eq!(scheme_of(stored), Some(Scheme::Bcrypt), "{stored}");
        assert_eq!(verify(stored, password.as_bytes()), RIGHT, "{stored}");
        assert_eq!(verify(stored, b"another"), Verification::Wrong, "{stored}");
    }
}

#[test]
fn a_password_beyond_the_72_bytes_of_bcrypt_never_matches_by_its_beginning() {
    let of_72 = "$2b$04$5kBEALfm4jrXq0HudMVtMuHuykMSBqDEOZqkGauTQOF7Ar98KEi3C";
    let of_100 = "$2a$05$......................YgIDy4hFBdVlc/6LHnD9mX488r9cLd2";
    for (stored, length, expected) in [
        (of_72, 71, Verification::Wrong),
        (of_72, 72, RIGHT),
        (of_72, 73, Verification::Wrong),
        (of_100, 71, Verification::Wrong),
        (of_100, 72, RIGHT),
        (of_100, 100, Verification::Wrong),
        (of_100, 5_000, Verification::Wrong),
    ] {
        assert_eq!(verify(stored, "x".repeat(length).as_bytes()), expected, "{length}");
    }
}

#[test]
fn bcrypt_counts_nul_bytes() {
    let stored = ::bcrypt::hash_with_salt(b"before\0after", 4, [7; 16]).unwrap().to_string();
    assert_eq!(verify(&stored, b"before\0after"), RIGHT);
    for other in [&b"before"[..], b"before\0", b"before\0after2", b"before\0other", b"\0"] {
        assert_eq!(verify(&stored, other), Verification::Wrong, "{other:?}");
    }
}

#[test]
fn pbkdf2_agrees_with_hashlib() {
    for (password, stored) in [
        ("pässword", PBKDF2),
        (
            "pässword",
            "$pbkdf2-sha512$i=350000,l=64$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$TWssqqk8ZA3eSi56Ljut2ERZ2sBsZk0+pvZ0LbziBxguvJXMKe8IUcQIESn1yxW/HU1Zwg2bxC2RHVe2qQ02pw",
        ),
        ("", "$pbkdf2-sha512$i=1$AAECAwQFBgcICQoLDA0ODw$/kIueaDkOo0TziMh6dzGHviz/JUsu5gIpP5hrj1vtQE"),
    ] {
        assert_eq!(scheme_of(stored), Some(Scheme::Pbkdf2Sha512), "{stored}");
        assert_eq!(verify(stored, password.as_bytes()), RIGHT, "{stored}");
        assert_eq!(verify(stored, b"another"), Verification::Wrong, "{stored}");
    }
}

#[test]
fn unknown_and_damaged_strings_are_unusable_and_cost_nothing() {
    let replaced = |stored: &str, from: &str, to: &str| {
        assert!(stored.contains(from), "{from}");
        stored.replacen(from, to, 1)
    };
    let cases = [
        String::new(),
        "password".to_owned(),
        "$".to_owned(),
        "$$$$$$$".to_owned(),
        "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        "$2b$04$aaaaaaaaaaaaaaaaaaaaa£aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        "$2£".to_owned(),
        "$2a$£".to_owned(),
        // Other schemes.
        "$argon2i$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$UNKYGy3rCUTa+zC0nP+/K0xhB9Ltlsw69PrhLps2LJg"
            .to_owned(),
        replaced(BCRYPT, "$2b$", "$2x$"),
        replaced(BCRYPT, "$2b$", "$2$"),
        replaced(PBKDF2, "sha512", "sha256"),
        // Absurd costs, each of which would otherwise be computed.
        replaced(REFERENCE, "m=19456", "m=1048577"),
        replaced(REFERENCE, "m=19456", "m=4294967296"),
        replaced(REFERENCE, "m=19456", "m=7"),
        replaced(REFERENCE, "m=19456", "m=0"),
        replaced(REFERENCE, "t=2", "t=65"),
        replaced(REFERENCE, "t=2", "t=0"),
        replaced(REFERENCE, "p=1", "p=17"),
        replaced(REFERENCE, "p=1", "p=0"),
        replaced(BCRYPT, "$04$", "$18$"),
        replaced(BCRYPT, "$04$", "$31$"),
        replaced(BCRYPT, "$04$", "$03$"),
        replaced(BCRYPT, "$04$", "$+4$"),
        replaced(BCRYPT, "$04$", "$4$."),
        replaced(PBKDF2, "i=1000", "i=0"),
        replaced(PBKDF2, "i=1000", "i=5000001"),
        // Other versions, spellings, orders and lengths.
        replaced(REFERENCE, "v=19$", ""),
        replaced(REFERENCE, "v=19", "v=16"),
        replaced(REFERENCE, "m=19456", "m=019456"),
        replaced(REFERENCE, "m=19456", "m=+19456"),
        replaced(REFERENCE, "m=19456,t=2", "t=2,m=19456"),
        replaced(REFERENCE, "p=1", "p=1,keyid=AAAA"),
        replaced(REFERENCE, "c2l4dGVlbiBieXRlIHNsdA", "c2hvcnQ"),
        replaced(REFERENCE, "IHNsdA", "IHNsdB"),
        replaced(REFERENCE, "IHNsdA", "IHNsdA=="),
        replaced(REFERENCE, "IHNsdA", "IHN-dA"),
        replaced(PBKDF2, "l=64", "l=63"),
        replaced(PBKDF2, "i=1000,l=64", "i=1000,x=64"),
        replaced(PBKDF2, "$i", "$v=1$i"),
        format!("{REFERENCE}$"),
        format!("{REFERENCE}\n"),
        format!(" {REFERENCE}"),
        format!("{BCRYPT}A"),
        format!("{REFERENCE}{}", "A".repeat(100_000)),
        "$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$c2hvcnQgb25l".to_owned(),
    ];
    let mut hasher = Hasher::new(CHEAP).unwrap();
    for stored in cases {
        assert_eq!(scheme_of(&stored), None, "{stored}");
        assert_eq!(hasher.verify(&stored, b"password").unwrap(), Verification::Unusable, "{stored}");
    }
    assert_eq!(hasher.take_computed(), 0);
}

#[test]
fn every_truncation_is_unusable_or_wrong() {
    let cheap = Hasher::new(CHEAP).unwrap().hash("pässword".as_bytes(), b"sixteen byte slt").unwrap();
    for stored in [cheap.as_str(), PBKDF2, BCRYPT] {
        for length in 0..stored.len() {
            let outcome = verify(&stored[..length], "pässword".as_bytes());
            assert!(!matches!(outcome, Verification::Right { .. }), "{}", &stored[..length]);
        }
    }
}

#[test]
fn the_decoy_is_at_the_current_cost_and_matches_nothing() {
    let decoy = decoy(CHEAP, &SeededRandomness::new(1));
    assert_eq!(scheme_of(&decoy), Some(Scheme::Argon2id));
    assert!(decoy.contains("$m=64,t=1,p=1$"));
    let mut hasher = Hasher::new(CHEAP).unwrap();
    assert_eq!(hasher.verify(&decoy, b"").unwrap(), Verification::Wrong);
    assert_eq!(hasher.take_computed(), 1);
}

#[test]
fn costs_out_of_bounds_are_refused() {
    assert!(Hasher::accepts(Argon2Cost::default()));
    let ok = CHEAP;
    for bad in [
        Argon2Cost { memory_kib: 7, ..ok },
        Argon2Cost { lanes: 9, ..ok },
        Argon2Cost { lanes: 0, ..ok },
        Argon2Cost { passes: 0, ..ok },
        Argon2Cost { passes: 65, ..ok },
        Argon2Cost { memory_kib: 1_048_577, ..ok },
        Argon2Cost { memory_kib: u32::MAX, passes: u32::MAX, lanes: u32::MAX },
    ] {
        assert!(!Hasher::accepts(bad), "{bad:?}");
        assert!(Hasher::new(bad).is_err());
    }
}
