//! Looking for secrets in heaps of bytes, however they are written down.

use std::collections::HashMap;

/// Something that must not be found.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    /// What it is, for people.
    pub(crate) what: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// So short that it counts only where nothing of its kind stands before or behind.
    alone: bool,
}

impl Secret {
    pub(crate) fn new(what: &'static str, secret: impl Into<Vec<u8>>) -> Self {
        Self { what, bytes: secret.into(), alone: false }
    }

    /// One of a few letters and digits, which chance writes too: as a whole word only, and one of less than six in
    /// text only.
    pub(crate) fn short(what: &'static str, secret: &str) -> Self {
        Self { what, bytes: secret.into(), alone: true }
    }

    /// Every way in which it may be written down, each with its name.
    fn written(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut ways = vec![("as it is", self.bytes.clone())];
        let bytes = &self.bytes;
        let each = |write: &dyn Fn(&u8) -> String| bytes.iter().map(write).collect::<String>().into_bytes();
        ways.push(("in hex", each(&|byte| format!("{byte:02x}"))));
        ways.push(("in hex", each(&|byte| format!("{byte:02X}"))));
        ways.push(("in percents", percents(bytes, "%20", false)));
        ways.push(("in percents", percents(bytes, "%20", true)));
        ways.push(("in a form", percents(bytes, "+", false)));
        ways.push(("in a form", percents(bytes, "+", true)));
        for between in [",", ", "] {
            let list: Vec<_> = bytes.iter().map(u8::to_string).collect();
            ways.push(("as a list of numbers", list.join(between).into_bytes()));
        }
        for letters in [STANDARD, URL_SAFE] {
            for before in 0..3 {
                ways.push(("in base64", base64(bytes, before, letters)));
            }
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            let quoted = serde_json::Value::from(text).to_string();
            ways.push(("in JSON", quoted[1..quoted.len() - 1].into()));
            let debugged = format!("{text:?}");
            ways.push(("for debugging", debugged[1..debugged.len() - 1].into()));
        }
        ways.retain(|(_, way)| way.len() >= SHORTEST);
        ways
    }
}

/// Fewer bytes come about by chance, and are not looked for.
const SHORTEST: usize = 4;
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn percents(bytes: &[u8], space: &str, capitals: bool) -> Vec<u8> {
    let one = |byte: &u8| match *byte {
        b' ' => space.to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-_.~*".contains(&byte) => char::from(byte).to_string(),
        byte if capitals => format!("%{byte:02X}"),
        byte => format!("%{byte:02x}"),
    };
    bytes.iter().map(one).collect::<String>().into_bytes()
}

/// Those letters of base64 (RFC 4648) that depend on nothing else when so many bytes stand before.
fn base64(bytes: &[u8], before: usize, letters: &[u8; 64]) -> Vec<u8> {
    let bit = |at: usize| {
        let (byte, shift) = (at / 8, 7 - at % 8);
        byte.checked_sub(before).and_then(|byte| bytes.get(byte)).map(|byte| byte >> shift & 1)
    };
    let first = (before * 8).div_ceil(6);
    let end = (before + bytes.len()) * 8 / 6;
    let letter = |at: usize| {
        let bits = (0..6).filter_map(|number| bit(at * 6 + number));
        letters.get(usize::from(bits.fold(0, |value, bit| value << 1 | bit))).copied()
    };
    (first..end).filter_map(letter).collect()
}

/// What was found where.
pub(crate) struct Found<'a> {
    pub(crate) secret: &'a Secret,
    pub(crate) how: &'static str,
    pub(crate) at: usize,
}

/// Secrets that are looked for together.
pub(crate) struct Search<'a> {
    ways: Vec<(&'a Secret, &'static str, Vec<u8>)>,
    /// By their first bytes.
    by_head: HashMap<[u8; SHORTEST], Vec<usize>>,
    /// Whether one begins with these two: most places are passed over by one look.
    begins: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(crate) fn of(secrets: &'a [Secret]) -> Self {
        let written =
            |secret: &'a Secret| secret.written().into_iter().map(move |(how, way)| (secret, how, way));
        let ways: Vec<_> = secrets.iter().flat_map(written).collect();
        let mut by_head: HashMap<[u8; SHORTEST], Vec<usize>> = HashMap::new();
        let mut begins = vec![false; 1 << 16];
        for (number, (.., way)) in ways.iter().enumerate() {
            if let Some(head) = way.first_chunk() {
                by_head.entry(*head).or_default().push(number);
                begins[two(head)] = true;
            }
        }
        Self { ways, by_head, begins }
    }

    /// Each secret that stands in these bytes, once.
    pub(crate) fn found(&self, bytes: &[u8], is_text: bool) -> Vec<Found<'a>> {
        let mut found: Vec<Found> = Vec::new();
        for (at, head) in bytes.windows(SHORTEST).enumerate() {
            if !self.begins[two(head)] {
                continue;
            }
            let Some(ways) = head.first_chunk().and_then(|head| self.by_head.get(head)) else { continue };
            for (secret, how, way) in ways.iter().filter_map(|number| self.ways.get(*number)) {
                let alone = !joined(bytes, at, way.len()) && (is_text || secret.bytes.len() >= 6);
                let there = bytes[at..].starts_with(way) && (alone || !secret.alone);
                if there && !found.iter().any(|known| std::ptr::eq(known.secret, *secret)) {
                    found.push(Found { secret, how, at });
                }
            }
        }
        found
    }
}

/// The first two bytes as a number.
fn two(head: &[u8]) -> usize {
    usize::from(head[0]) << 8 | usize::from(head[1])
}

/// Whether a letter or digit stands right before or behind.
fn joined(bytes: &[u8], at: usize, length: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-%=".contains(byte);
    before.into_iter().chain(bytes.get(at + length)).any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "pa ss\"w\u{f6}rd\\%+1";

    fn ways(text: impl AsRef<[u8]>) -> Vec<&'static str> {
        let secrets = [Secret::new("it", SECRET)];
        Search::of(&secrets).found(text.as_ref(), false).iter().map(|found| found.how).collect()
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        assert_eq!(ways("nothing of the kind"), Vec::<&str>::new());
        assert_eq!(ways(format!("x{SECRET}y")), ["as it is"]);
        assert_eq!(ways("706120737322 77c3b67264 5c252b31"), Vec::<&str>::new());
        assert_eq!(ways("..70612073732277c3b672645c252b31.."), ["in hex"]);
        assert_eq!(ways("..70612073732277C3B672645C252B31.."), ["in hex"]);
        assert_eq!(ways("p=pa%20ss%22w%C3%B6rd%5C%25%2B1&"), ["in percents"]);
        assert_eq!(ways("p=pa+ss%22w%c3%b6rd%5c%25%2b1&"), ["in a form"]);
        assert_eq!(ways(format!("{:?}", SECRET.as_bytes())), ["as a list of numbers"]);
        assert_eq!(ways(serde_json::json!({ "a": SECRET }).to_string()), ["in JSON"]);
    }

    #[test]
    fn base64_is_found_wherever_it_begins() {
        // With nothing, "x" and "xy" before it and "end" behind, as any encoder writes it.
        let written =
            ["cGEgc3Mid8O2cmRcJSsxZW5k", "eHBhIHNzInfDtnJkXCUrMWVuZA==", "eHlwYSBzcyJ3w7ZyZFwlKzFlbmQ="];
        for written in written {
            assert_eq!(ways(written), ["in base64"], "{written}");
        }
        assert_eq!(base64(b"Man", 0, STANDARD), b"TWFu");
        // "aMan" is YU1hbg==, "abMan" YWJNYW4=: what does not depend on the neighbours.
        assert_eq!(base64(b"Man", 1, STANDARD), b"1hb");
        assert_eq!(base64(b"Man", 2, STANDARD), b"NYW");
        assert_eq!(base64(&[0xfb, 0xff], 0, URL_SAFE), b"-_");
    }

    #[test]
    fn a_short_one_counts_alone_only() {
        let secrets = [Secret::short("a code", "A1B2")];
        let search = Search::of(&secrets);
        assert!(search.found(b"xA1B2", true).is_empty() && search.found(b"A1B20", true).is_empty());
        assert!(search.found(br#"code:"A1B2""#, false).is_empty());
        assert_eq!(search.found(br#"code:"A1B2""#, true).len(), 1);
    }
}
