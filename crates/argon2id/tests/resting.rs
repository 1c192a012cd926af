//! Memory takes room only while it is in use. Alone in its file: it looks at the whole process.

#![cfg(all(target_os = "linux", not(miri)))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use argon2id::{Input, Memory, Pages, Parameters, hash};

const MIB: usize = 1 << 20;

/// Bytes of the process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn memory_takes_room_only_while_it_is_in_use() {
    for pages in [Pages::Huge, Pages::Ordinary] {
        let before = resident();
        let parameters = Parameters::new(64 * 1024, 1, 1).unwrap();
        let mut memory = Memory::in_pages(parameters.blocks(), pages).unwrap();
        assert!(resident() < before + 8 * MIB, "not before the first hash");
        let mut tags = [[0; 32]; 2];
        for tag in &mut tags {
            hash(&parameters, &Input::new(b"password", b"somesalt"), &mut memory, tag).unwrap();
            assert!(resident() > before + 56 * MIB);
            memory.rest();
            assert!(resident() < before + 8 * MIB, "not after it");
        }
        assert_eq!(tags[0], tags[1]);
        hash(&parameters, &Input::new(b"password", b"somesalt"), &mut memory, &mut tags[0]).unwrap();
        drop(memory);
        assert!(resident() < before + 8 * MIB, "not when it is gone");
    }
}
