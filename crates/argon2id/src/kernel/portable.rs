//! One word at a time, for any processor. The compiler may make vectors of it.

use super::Mode;
use crate::block::{Block, WORDS};

/// See [`Kernel::compress`](super::Kernel::compress).
pub(super) fn compress(blocks: &mut [Block], previous: usize, reference: usize, target: usize, mode: Mode) {
    let mut v = blocks[previous].0;
    for (word, other) in v.iter_mut().zip(&blocks[reference].0) {
        *word ^= other;
    }
    // The sum is needed again at the end; meanwhile it waits where the result will be.
    let target = &mut blocks[target].0;
    for (word, kept) in v.iter().zip(target.iter_mut()) {
        *kept = if mode == Mode::Add { *kept ^ word } else { *word };
    }
    // The 8 by 8 matrix of elements of two words: first the permutation of every row, then of every column.
    for row in 0..8 {
        permute(&mut v, |word| 16 * row + word);
    }
    for column in 0..8 {
        permute(&mut v, |word| 16 * (word / 2) + 2 * column + word % 2);
    }
    for (word, kept) in v.iter().zip(target) {
        *kept ^= word;
    }
}

/// The permutation P (RFC 9106, section 3.6) of the sixteen words at the given places.
#[inline(always)]
fn permute(v: &mut [u64; WORDS], place: impl Fn(usize) -> usize) {
    let mut w: [u64; 16] = std::array::from_fn(|word| v[place(word)]);
    for diagonal in 0..2 {
        for i in 0..4 {
            let [b, c, d] = [1, 2, 3].map(|quarter| 4 * quarter + (i + diagonal * quarter) % 4);
            mix(&mut w, i, b, c, d);
        }
    }
    for (word, value) in w.into_iter().enumerate() {
        v[place(word)] = value;
    }
}

/// GB (RFC 9106, section 3.6).
#[inline(always)]
fn mix(w: &mut [u64; 16], a: usize, b: usize, c: usize, d: usize) {
    for (left, right) in [(32, 24), (16, 63)] {
        w[a] = multiply_add(w[a], w[b]);
        w[d] = (w[d] ^ w[a]).rotate_right(left);
        w[c] = multiply_add(w[c], w[d]);
        w[b] = (w[b] ^ w[c]).rotate_right(right);
    }
}

/// x + y + 2 * low(x) * low(y).
#[inline(always)]
fn multiply_add(x: u64, y: u64) -> u64 {
    let low = u64::from(u32::MAX);
    let product = (x & low).wrapping_mul(y & low);
    x.wrapping_add(y).wrapping_add(product.wrapping_mul(2))
}
