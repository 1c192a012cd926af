//! Names, addresses and the password of those who only exist for a test.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A password that every contract takes.
pub const PASSWORD: &str = "correct horse 1";

/// A name that nothing else in this process has.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    format!("{prefix}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The address that goes with a name.
pub fn address_of(name: &str) -> String {
    format!("{name}@mail.example.com")
}
