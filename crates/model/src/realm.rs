//! A set of accounts that knows nothing of any other set.

use std::fmt;
use std::sync::Arc;

/// A realm's name. Accounts, policies and counters of two realms never meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Realm(Arc<str>);

impl Realm {
    /// The realm of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
