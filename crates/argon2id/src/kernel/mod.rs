//! The block function G (RFC 9106, section 3.5), once for each kind of processor.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use crate::block::Block;

/// How the block function is computed: with instructions that this processor is known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Instructions);

/// What a [`Kernel`] is made of; outside of this file nobody can name instructions that were not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// What becomes of the block that is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It replaces what was there.
    Replace,
    /// It is XORed into what was there.
    Add,
}

impl Kernel {
    /// The kernels that run on this processor, the fastest first. The last one runs on any.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let special = [
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"))
                .then_some(Instructions::Avx512),
            is_x86_feature_detected!("avx2").then_some(Instructions::Avx2),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let special: [Option<Instructions>; 0] = [];
        special.into_iter().flatten().chain([Instructions::Portable]).map(Self)
    }

    /// The fastest that runs on this processor.
    pub fn fastest() -> Self {
        Self::available().next().unwrap_or(Self(Instructions::Portable))
    }

    /// Computes the block at `target` from those at `previous` and `reference`.
    ///
    /// `target` may be `reference`; `previous` is neither.
    pub(crate) fn compress(
        self,
        blocks: &mut [Block],
        previous: usize,
        reference: usize,
        target: usize,
        mode: Mode,
    ) {
        match self.0 {
            Instructions::Portable => portable::compress(blocks, previous, reference, target, mode),
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "the instructions may be missing")]
            // SAFETY: only `available` makes this variant, and only where AVX2 was found.
            Instructions::Avx2 => unsafe { avx2::compress(blocks, previous, reference, target, mode) },
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "the instructions may be missing")]
            // SAFETY: only `available` makes this variant, and only where AVX-512 F and BW were found.
            Instructions::Avx512 => unsafe { avx512::compress(blocks, previous, reference, target, mode) },
        }
    }
}

/// Asks for a block that will be read or written soon, where there is a way to ask.
pub(crate) fn prefetch(block: &Block) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    for line in block.0.as_chunks::<8>().0 {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "takes a pointer")]
        // SAFETY: it reads nothing and takes any pointer; SSE is part of x86-64.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
        }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = block;
}
