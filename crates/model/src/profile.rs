//! What only one product knows about an account.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// One JSON document per account with a section for each product: a biography, favourites, a time zone.
/// It is bounded, so that nobody uses an account as a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile(Map<String, Value>);

/// The document would be larger than [`Profile::MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a profile holds at most {} bytes", Profile::MAX_BYTES)]
pub struct ProfileTooLarge;

impl Profile {
    /// The most that a document may take as JSON.
    pub const MAX_BYTES: usize = 16 * 1_024;

    /// What a product keeps; empty if it keeps nothing.
    #[must_use]
    pub fn section(&self, product: &str) -> Map<String, Value> {
        self.0.get(product).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// The same with what a product keeps replaced.
    ///
    /// # Errors
    /// [`ProfileTooLarge`].
    pub fn with_section(
        mut self,
        product: &str,
        section: Map<String, Value>,
    ) -> Result<Self, ProfileTooLarge> {
        self.0.insert(product.to_owned(), section.into());
        if self.to_json().len() > Self::MAX_BYTES { Err(ProfileTooLarge) } else { Ok(self) }
    }

    /// The texts in the lists that products keep, each once: where products name other accounts, these are their ids.
    #[must_use]
    pub fn listed(&self) -> BTreeSet<&str> {
        let sections = self.0.values().filter_map(Value::as_object);
        let lists = sections.flat_map(Map::values).filter_map(Value::as_array);
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// As stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::from(self.0.clone()).to_string()
    }

    /// Reads what [`Profile::to_json`] wrote; other text is an empty document.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_lists_is_named_whoever_keeps_it() {
        let text = r#"{"melon":{"friends":["b","a","b",5,["c"]],"bio":"d"},"other":{"x":["e"]},"odd":["f"],"bad":1}"#;
        assert_eq!(Profile::from_json(text).listed().into_iter().collect::<Vec<_>>(), ["a", "b", "e"]);
        assert!(Profile::default().listed().is_empty());
    }

    #[test]
    fn sections_do_not_touch_each_other_and_are_bounded() {
        let one = Map::from_iter([("bio".to_owned(), Value::from("hello"))]);
        let profile = Profile::default().with_section("melon", one.clone()).expect("small");
        let profile = profile.with_section("goscrobble", Map::new()).expect("small");
        assert_eq!(Profile::from_json(&profile.to_json()).section("melon"), one);
        assert_eq!(profile.section("argon"), Map::new());
        let large = Map::from_iter([("bio".to_owned(), Value::from("x".repeat(Profile::MAX_BYTES)))]);
        assert_eq!(profile.with_section("melon", large), Err(ProfileTooLarge));
    }
}
