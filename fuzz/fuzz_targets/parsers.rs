//! One parser of `src/parsers.rs`, by the name in `PARSER`:
//! `PARSER=token cargo fuzz run --sanitizer none parsers fuzz/corpus/token fuzz/seeds/token`.

#![no_main]

#[path = "../src/parsers.rs"]
mod parsers;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static PARSER: LazyLock<parsers::Parser> = LazyLock::new(|| {
    let name = std::env::var("PARSER").unwrap_or_default();
    let names = || parsers::ALL.map(|(known, _)| known).join(", ");
    *parsers::ALL
        .iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("PARSER is {name:?}, not one of {}", names()))
});

fuzz_target!(|bytes: &[u8]| {
    (PARSER.1)(bytes);
});
