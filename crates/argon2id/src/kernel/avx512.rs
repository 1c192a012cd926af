//! Eight words at a time.
//!
//! The 8 by 8 matrix of 16-byte elements lies in sixteen vectors: row `r` in vectors `2r` and `2r + 1`, four
//! columns in each. For the rows, vectors are taken apart so that each of a, b, c and d holds the same quarter of
//! two rows. For the columns nothing needs to be moved: quarter a of four columns is in rows 0 and 1, and so on.

use std::arch::x86_64::*;

use super::Mode;
use crate::block::Block;

const VECTORS: usize = 16;

/// See [`Kernel::compress`](super::Kernel::compress).
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn compress(blocks: &mut [Block], previous: usize, reference: usize, target: usize, mode: Mode) {
    let mut v = [_mm512_setzero_si512(); VECTORS];
    for (v, (x, y)) in v.iter_mut().zip(lines(&blocks[previous]).iter().zip(lines(&blocks[reference]))) {
        *v = _mm512_xor_si512(load(x), load(y));
    }
    // The sum is needed again at the end; meanwhile it waits where the result will be.
    let target = &mut blocks[target];
    for (v, line) in v.iter().zip(lines_mut(target)) {
        let kept = if mode == Mode::Add { _mm512_xor_si512(*v, load(line)) } else { *v };
        store(line, kept);
    }
    rows(&mut v);
    columns(&mut v);
    for (v, line) in v.iter().zip(lines_mut(target)) {
        let sum = _mm512_xor_si512(*v, load(line));
        store(line, sum);
    }
}

/// The permutation P of every row.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn rows(v: &mut [__m512i; VECTORS]) {
    let zero = _mm512_setzero_si512();
    let (mut a, mut b, mut c, mut d) = ([zero; 4], [zero; 4], [zero; 4], [zero; 4]);
    for i in 0..4 {
        a[i] = _mm512_shuffle_i64x2::<0x44>(v[4 * i], v[4 * i + 2]);
        b[i] = _mm512_shuffle_i64x2::<0xEE>(v[4 * i], v[4 * i + 2]);
        c[i] = _mm512_shuffle_i64x2::<0x44>(v[4 * i + 1], v[4 * i + 3]);
        d[i] = _mm512_shuffle_i64x2::<0xEE>(v[4 * i + 1], v[4 * i + 3]);
    }
    mix(&mut a, &mut b, &mut c, &mut d);
    for i in 0..4 {
        b[i] = _mm512_permutex_epi64::<0x39>(b[i]);
        c[i] = _mm512_permutex_epi64::<0x4E>(c[i]);
        d[i] = _mm512_permutex_epi64::<0x93>(d[i]);
    }
    mix(&mut a, &mut b, &mut c, &mut d);
    // Back from the diagonals and back to rows in one step.
    let low_ab = _mm512_setr_epi64(0, 1, 2, 3, 11, 8, 9, 10);
    let high_ab = _mm512_setr_epi64(4, 5, 6, 7, 15, 12, 13, 14);
    let low_cd = _mm512_setr_epi64(2, 3, 0, 1, 9, 10, 11, 8);
    let high_cd = _mm512_setr_epi64(6, 7, 4, 5, 13, 14, 15, 12);
    for i in 0..4 {
        v[4 * i] = _mm512_permutex2var_epi64(a[i], low_ab, b[i]);
        v[4 * i + 1] = _mm512_permutex2var_epi64(c[i], low_cd, d[i]);
        v[4 * i + 2] = _mm512_permutex2var_epi64(a[i], high_ab, b[i]);
        v[4 * i + 3] = _mm512_permutex2var_epi64(c[i], high_cd, d[i]);
    }
}

/// The permutation P of every column.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn columns(v: &mut [__m512i; VECTORS]) {
    let [mut a, mut b, mut c, mut d] = [0, 4, 8, 12].map(|i| [v[i], v[i + 1], v[i + 2], v[i + 3]]);
    mix(&mut a, &mut b, &mut c, &mut d);
    b = [next(b[2], b[0]), next(b[3], b[1]), next(b[0], b[2]), next(b[1], b[3])];
    c = [c[2], c[3], c[0], c[1]];
    d = [next(d[0], d[2]), next(d[1], d[3]), next(d[2], d[0]), next(d[3], d[1])];
    mix(&mut a, &mut b, &mut c, &mut d);
    b = [next(b[0], b[2]), next(b[1], b[3]), next(b[2], b[0]), next(b[3], b[1])];
    c = [c[2], c[3], c[0], c[1]];
    d = [next(d[2], d[0]), next(d[3], d[1]), next(d[0], d[2]), next(d[1], d[3])];
    *v = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3], c[0], c[1], c[2], c[3], d[0], d[1], d[2], d[3]];
}

/// Of each element the second word of `low`, then the first word of `high`.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn next(high: __m512i, low: __m512i) -> __m512i {
    _mm512_alignr_epi8::<8>(high, low)
}

/// GB (RFC 9106, section 3.6) of thirty-two times four words.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn mix(a: &mut [__m512i; 4], b: &mut [__m512i; 4], c: &mut [__m512i; 4], d: &mut [__m512i; 4]) {
    quarter::<32>(a, b, d);
    quarter::<24>(c, d, b);
    quarter::<16>(a, b, d);
    quarter::<63>(c, d, b);
}

/// `x` becomes x + y + 2 * low(x) * low(y), and is then XORed into `z`, which is rotated to the right.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn quarter<const ROTATION: i32>(x: &mut [__m512i; 4], y: &[__m512i; 4], z: &mut [__m512i; 4]) {
    for i in 0..4 {
        let product = _mm512_mul_epu32(x[i], y[i]);
        let sum = _mm512_add_epi64(x[i], y[i]);
        x[i] = _mm512_add_epi64(sum, _mm512_add_epi64(product, product));
        z[i] = _mm512_ror_epi64::<ROTATION>(_mm512_xor_si512(z[i], x[i]));
    }
}

fn lines(block: &Block) -> &[[u64; 8]] {
    block.0.as_chunks().0
}

fn lines_mut(block: &mut Block) -> &mut [[u64; 8]] {
    block.0.as_chunks_mut().0
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(words: &[u64; 8]) -> __m512i {
    #[expect(unsafe_code, reason = "takes a pointer")]
    // SAFETY: eight words are 64 bytes that may be read; they need not be aligned.
    unsafe {
        _mm512_loadu_si512(words.as_ptr().cast())
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store(words: &mut [u64; 8], vector: __m512i) {
    #[expect(unsafe_code, reason = "takes a pointer")]
    // SAFETY: eight words are 64 bytes that may be written; they need not be aligned.
    unsafe {
        _mm512_storeu_si512(words.as_mut_ptr().cast(), vector);
    }
}
