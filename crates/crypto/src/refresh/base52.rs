//! 45 bytes as exactly 64 letters and back, one spelling for each value.

/// Bytes written.
pub(super) const BYTES: usize = 45;
/// Letters they take: 52^64 is a little more than 2^364.
const LETTERS: usize = 64;
const ALPHABET: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Zero bytes in front, to fill whole limbs.
const PADDING: usize = 3;
/// The number as 32-bit limbs, most significant first. 384 bits, so 64 letters can never overflow it.
type Limbs = [u32; (PADDING + BYTES) / 4];

/// The bytes, read as one big-endian number, in base 52 with leading `a` for zero.
pub(super) fn encode(bytes: &[u8; BYTES]) -> String {
    let mut padded = [0; PADDING + BYTES];
    padded[PADDING..].copy_from_slice(bytes);
    let mut number: Limbs = [0; _];
    for (limb, chunk) in number.iter_mut().zip(padded.chunks_exact(4)) {
        *limb = chunk.iter().fold(0, |value, &byte| value << 8 | u32::from(byte));
    }
    let mut letters = ['a'; LETTERS];
    for letter in letters.iter_mut().rev() {
        *letter = char::from(ALPHABET[divide(&mut number)]);
    }
    letters.iter().collect()
}

/// The bytes that [`encode`] writes as `text`; `None` if it writes no bytes so.
pub(super) fn decode(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != LETTERS {
        return None;
    }
    let mut number: Limbs = [0; _];
    for letter in text.bytes() {
        let digit = match letter {
            b'a'..=b'z' => letter - b'a',
            b'A'..=b'Z' => letter - b'A' + 26,
            _ => return None,
        };
        multiply_add(&mut number, digit);
    }
    let mut padded = [0; PADDING + BYTES];
    for (chunk, limb) in padded.chunks_exact_mut(4).zip(number) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    let (padding, bytes) = padded.split_at(PADDING);
    if padding.iter().any(|&byte| byte != 0) { None } else { bytes.try_into().ok() }
}

/// Divides by 52 in place; the remainder.
fn divide(number: &mut Limbs) -> usize {
    let mut remainder = 0u64;
    for limb in number {
        let value = remainder << 32 | u64::from(*limb);
        // The remainder before is below 52, so the quotient fits a limb.
        *limb = (value / 52) as u32;
        remainder = value % 52;
    }
    remainder as usize
}

/// Multiplies by 52 and adds, in place.
fn multiply_add(number: &mut Limbs, digit: u8) {
    let mut carry = u64::from(digit);
    for limb in number.iter_mut().rev() {
        let value = u64::from(*limb) * 52 + carry;
        *limb = (value & u64::from(u32::MAX)) as u32;
        carry = value >> 32;
    }
}
