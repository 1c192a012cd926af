//! Every kernel against another implementation, with parameters and input of the fuzzer's choice: what is refused,
//! and what is computed.

#![no_main]

use std::cell::RefCell;

use arbitrary::Arbitrary;
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use argon2id::{Input, Kernel, Memory, Parameters, Variant, hash_by};
use libfuzzer_sys::fuzz_target;

/// Blocks of memory and passes at most, so that a run stays quick.
const BLOCKS: u16 = 2_048;
const PASSES: u8 = 8;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    variant: u8,
    memory_kib: u16,
    passes: u8,
    lanes: u8,
    tag: u16,
    password: &'a [u8],
    salt: &'a [u8],
    secret: &'a [u8],
    associated: &'a [u8],
}

thread_local! {
    /// Kept from one case to the next, as a server does.
    static MEMORY: RefCell<Option<Memory>> = RefCell::new(Memory::new(BLOCKS.into()).ok());
}

fuzz_target!(|case: Case<'_>| {
    let mut case = case;
    case.memory_kib %= BLOCKS + 1;
    case.passes %= PASSES + 1;
    let (variant, algorithm) = [
        (Variant::D, Algorithm::Argon2d),
        (Variant::I, Algorithm::Argon2i),
        (Variant::Id, Algorithm::Argon2id),
    ][usize::from(case.variant % 3)];
    // The other implementation takes no more than this.
    case.associated = &case.associated[..case.associated.len().min(AssociatedData::MAX_LEN)];
    let expected = expected(&case, algorithm);
    let Case { password, salt, secret, associated, .. } = case;
    let input = Input { password, salt, secret, associated };
    MEMORY.with_borrow_mut(|memory| {
        let memory = memory.as_mut().expect("memory");
        for kernel in Kernel::available() {
            let mut tag = vec![0; usize::from(case.tag)];
            let computed = Parameters::new(case.memory_kib.into(), case.passes.into(), case.lanes.into())
                .and_then(|parameters| {
                    hash_by(kernel, &parameters.with_variant(variant), &input, memory, &mut tag)
                });
            assert_eq!(computed.ok().map(|()| tag), expected, "{kernel:?}");
        }
    });
});

/// What the other implementation says; `None` if it refuses.
fn expected(case: &Case<'_>, algorithm: Algorithm) -> Option<Vec<u8>> {
    let mut parameters = ParamsBuilder::new();
    parameters.m_cost(case.memory_kib.into()).t_cost(case.passes.into()).p_cost(case.lanes.into());
    parameters.output_len(usize::from(case.tag));
    parameters.data(AssociatedData::new(case.associated).ok()?);
    let parameters = parameters.build().ok()?;
    let argon2 = Argon2::new_with_secret(case.secret, algorithm, Version::V0x13, parameters).ok()?;
    let mut tag = vec![0; usize::from(case.tag)];
    argon2.hash_password_into(case.password, case.salt, &mut tag).ok()?;
    Some(tag)
}
