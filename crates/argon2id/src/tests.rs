use super::*;
use crate::{block::WORDS, kernel::Mode, parameters::SLICES};

/// RFC 9106, sections 5.1 to 5.3.
const RFC: [(Variant, &str); 3] = [
    (Variant::D, "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb"),
    (Variant::I, "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8"),
    (Variant::Id, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"),
];
const INPUT: Input<'_> = Input { password: b"password", salt: b"somesalt", secret: b"", associated: b"" };

fn memory_for(parameters: &Parameters) -> Memory {
    Memory::new(parameters.blocks()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Blocks that look random and are the same each time.
fn blocks<const N: usize>(seed: u64) -> [Block; N] {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(31)
    };
    [(); N].map(|()| Block([(); WORDS].map(|()| next())))
}

#[test]
fn every_kernel_agrees_with_the_rfc() {
    let input = Input { password: &[1; 32], salt: &[2; 16], secret: &[3; 8], associated: &[4; 12] };
    for kernel in Kernel::available() {
        for (variant, expected) in RFC {
            let parameters = Parameters::new(32, 3, 4).unwrap().with_variant(variant);
            let mut tag = [0; 32];
            hash_by(kernel, &parameters, &input, &mut memory_for(&parameters), &mut tag).unwrap();
            assert_eq!(hex(&tag), expected, "{kernel:?} {variant:?}");
        }
    }
}

#[test]
fn the_last_kernel_runs_anywhere_and_the_first_is_the_one_in_use() {
    let all: Vec<Kernel> = Kernel::available().collect();
    assert_eq!(format!("{:?}", all.last().unwrap()), "Kernel(Portable)");
    assert_eq!(all[0], Kernel::fastest());
}

/// Also where the block that is read and the one that is written are the same.
#[test]
fn kernels_compute_the_same_block() {
    let portable = Kernel::available().last().unwrap();
    for seed in 0..if cfg!(miri) { 2 } else { 1_000 } {
        for mode in [Mode::Replace, Mode::Add] {
            for [previous, reference, target] in [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 1, 1], [2, 0, 0]] {
                let before: [Block; 3] = blocks(seed);
                let mut expected = before;
                portable.compress(&mut expected, previous, reference, target, mode);
                for kernel in Kernel::available() {
                    let mut computed = before;
                    kernel.compress(&mut computed, previous, reference, target, mode);
                    for (computed, expected) in computed.iter().zip(&expected) {
                        assert_eq!(computed.0, expected.0, "{kernel:?} {mode:?} {seed}");
                    }
                }
                if mode == Mode::Add && reference != target {
                    // To add is to replace and to add afterwards.
                    let mut replaced = before;
                    portable.compress(&mut replaced, previous, reference, target, Mode::Replace);
                    replaced[target].xor(&before[target]);
                    assert_eq!(replaced[target].0, expected[target].0);
                }
            }
        }
    }
}

#[test]
fn a_hash_does_not_depend_on_what_was_in_the_memory() {
    let parameters = Parameters::new(67, 2, 2).unwrap();
    let mut tags = Vec::new();
    // Large enough, larger, and larger and used.
    let used = {
        let mut memory = Memory::new(3_000).unwrap();
        memory.lend(3_000).unwrap().copy_from_slice(&vec![blocks::<1>(7)[0]; 3_000]);
        memory
    };
    for mut memory in [memory_for(&parameters), Memory::new(5_000).unwrap(), used] {
        for _ in 0..2 {
            let mut tag = [0; 32];
            hash(&parameters, &INPUT, &mut memory, &mut tag).unwrap();
            tags.push(tag);
        }
        memory.rest();
        let mut tag = [0; 32];
        hash(&parameters, &INPUT, &mut memory, &mut tag).unwrap();
        tags.push(tag);
    }
    assert!(tags.iter().all(|tag| *tag == tags[0]), "{tags:?}");
}

#[test]
fn memory_is_wiped() {
    let small = Parameters::new(16, 1, 2).unwrap();
    let large = Parameters::new(300, 1, 1).unwrap();
    let mut memory = Memory::new(400).unwrap();
    let dirty =
        |memory: &mut Memory| memory.lend(300).unwrap().iter().filter(|block| block.0 != [0; WORDS]).count();
    let resting: [fn(&mut Memory); 2] = [Memory::wipe, Memory::rest];
    for rest in resting {
        assert!(memory.is_resting());
        hash(&large, &INPUT, &mut memory, &mut [0; 32]).unwrap();
        assert_eq!(dirty(&mut memory), 300);
        // What the larger hash left is still there after the smaller one.
        hash(&small, &INPUT, &mut memory, &mut [0; 32]).unwrap();
        rest(&mut memory);
        assert!(memory.is_resting());
        assert_eq!(dirty(&mut memory), 0);
        rest(&mut memory);
    }
}

#[test]
fn parameters_keep_to_the_rfc() {
    for (memory_kib, passes, lanes) in
        [(8, 1, 1), (u32::MAX, u32::MAX, 1), (8 * ((1 << 24) - 1), 1, (1 << 24) - 1), (17, 3, 2)]
    {
        let parameters = Parameters::new(memory_kib, passes, lanes).unwrap();
        assert_eq!(parameters.blocks() % (SLICES * lanes) as usize, 0);
        assert!(parameters.blocks() <= memory_kib as usize);
        assert!(memory_kib as usize - parameters.blocks() < (SLICES * lanes) as usize);
    }
    for (memory_kib, passes, lanes) in [
        (7, 1, 1),
        (0, 1, 1),
        (15, 1, 2),
        (8, 0, 1),
        (8, 1, 0),
        (u32::MAX, 1, 1 << 24),
        (u32::MAX, 1, u32::MAX),
        (8, 1, u32::MAX),
    ] {
        let refused = Parameters::new(memory_kib, passes, lanes);
        assert_eq!(refused, Err(Error::Parameters), "{memory_kib} {passes} {lanes}");
    }
}

#[test]
fn what_cannot_be_hashed_is_refused_and_leaves_the_tag_alone() {
    let parameters = Parameters::new(32, 1, 1).unwrap();
    let mut memory = memory_for(&parameters);
    let mut tag = [9; 32];
    let short_salt = Input { salt: b"1234567", ..INPUT };
    assert_eq!(hash(&parameters, &short_salt, &mut memory, &mut tag), Err(Error::Input));
    for length in 0..4 {
        assert_eq!(hash(&parameters, &INPUT, &mut memory, &mut tag[..length]), Err(Error::Tag));
    }
    for too_small in [0, 31] {
        let mut memory = Memory::new(too_small).unwrap();
        assert_eq!(memory.blocks(), too_small);
        assert_eq!(hash(&parameters, &INPUT, &mut memory, &mut tag), Err(Error::Memory));
    }
    assert_eq!(tag, [9; 32]);
    assert!(memory.is_resting());
}

/// As an error, where a plain allocation would end the process.
#[test]
#[cfg_attr(miri, ignore = "its allocator ends the process")]
fn more_memory_than_there_is_is_refused() {
    for blocks in [usize::MAX, usize::MAX / BLOCK_BYTES, isize::MAX as usize / BLOCK_BYTES, 1 << 44] {
        for pages in [Pages::Huge, Pages::Ordinary] {
            assert_eq!(Memory::in_pages(blocks, pages).unwrap_err(), Error::Exhausted, "{blocks}");
        }
    }
}

#[test]
fn debug_shows_no_contents() {
    let parameters = Parameters::new(8, 1, 1).unwrap();
    let mut memory = memory_for(&parameters);
    hash(&parameters, &INPUT, &mut memory, &mut [0; 32]).unwrap();
    assert_eq!(format!("{memory:?}"), "Memory { blocks: 8, .. }");
}
