//! What an account may do.

use serde::{Deserialize, Serialize};

/// Permission strings of one account, in the order given, exactly as they were typed.
///
/// They are compared without regard to case (argon.md 2.5): `admin` grants everything, and `x.*` grants
/// whatever begins with `x`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(Vec<String>);

impl Permissions {
    /// The permission that grants every other.
    pub const ADMIN: &'static str = "admin";

    /// These permissions; a later spelling of an earlier one is dropped.
    #[must_use]
    pub fn new(list: impl IntoIterator<Item = String>) -> Self {
        list.into_iter().fold(Self::default(), |all, one| all.with(&one))
    }

    /// What a self-registered account has.
    #[must_use]
    pub fn of_a_newcomer() -> Self {
        Self(vec!["user".to_owned()])
    }

    /// The strings in order.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether exactly this string is held, in any case.
    #[must_use]
    pub fn holds(&self, permission: &str) -> bool {
        self.0.iter().any(|held| same(held, permission))
    }

    /// Whether they are an administrator's. No wildcard makes one: `admin.*` is what older panels gave to
    /// people who may do some of it.
    #[must_use]
    pub fn administrate(&self) -> bool {
        self.holds(Self::ADMIN)
    }

    /// Whether the account may do what asks for this permission.
    #[must_use]
    pub fn grants(&self, permission: &str) -> bool {
        self.administrate() || self.holds(permission) || self.0.iter().any(|held| covers(held, permission))
    }

    /// The same with one more, at the end; unchanged if it is held already.
    #[must_use]
    pub fn with(mut self, permission: &str) -> Self {
        if !self.holds(permission) {
            self.0.push(permission.to_owned());
        }
        self
    }

    /// The same without this one, in whatever case it was written.
    #[must_use]
    pub fn without(mut self, permission: &str) -> Self {
        self.0.retain(|held| !same(held, permission));
        self
    }

    /// As stored: a JSON array of strings.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::Value::from(self.0.clone()).to_string()
    }

    /// Reads what [`Permissions::to_json`] wrote. Text that is no JSON array of strings grants nothing.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn covers(held: &str, wanted: &str) -> bool {
    let root = held.strip_suffix(".*").filter(|root| !root.is_empty());
    root.is_some_and(|root| wanted.to_lowercase().starts_with(&root.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &[&str]) -> Permissions {
        Permissions::new(list.iter().map(ToString::to_string))
    }

    #[test]
    fn case_does_not_matter_but_is_kept() {
        let permissions = of(&["ADMIN", "Servers.View", "admin"]);
        assert_eq!(permissions.as_slice(), ["ADMIN", "Servers.View"]);
        assert!(permissions.holds("admin") && permissions.grants("anything"));
        assert_eq!(permissions.without("Admin").as_slice(), ["Servers.View"]);
    }

    #[test]
    fn a_wildcard_grants_what_begins_so() {
        let permissions = of(&["nodes.*"]);
        assert!(permissions.grants("Nodes.view") && !permissions.grants("servers.view"));
        assert!(!permissions.grants("admin"));
        assert!(!of(&["admin.*", ".*", "a.*"]).administrate());
        assert!(!of(&[".*"]).grants("nodes.view"));
    }

    #[test]
    fn unreadable_permissions_grant_nothing() {
        for text in ["", "0", "null", "{\"admin\":true}", "[1]", "admin"] {
            assert_eq!(Permissions::from_json(text), Permissions::default(), "{text}");
        }
        let kept = of(&["a\"b", "user"]);
        assert_eq!(Permissions::from_json(&kept.to_json()), kept);
    }
}
