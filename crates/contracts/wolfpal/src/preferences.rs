//! Which mails somebody wants of their goals: kept with the account, for whatever sends them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where they are kept in the account's document.
const KEY: &str = "notifications";

/// All of them, as kept and as sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Preferences {
    /// By e-mail.
    pub(crate) email: ByEmail,
}

/// Those by e-mail; none is wanted until it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ByEmail {
    /// How the week went.
    pub(crate) weekly_goals: bool,
    /// How the year goes.
    pub(crate) yearly_goals: bool,
}

impl Preferences {
    /// Those of an account's document.
    pub(crate) fn of(document: &Map<String, Value>) -> Self {
        let kept = document.get(KEY).and_then(|kept| Self::deserialize(kept).ok());
        kept.unwrap_or_default()
    }

    /// Puts them into an account's document.
    pub(crate) fn keep(self, document: &mut Map<String, Value>) {
        let ByEmail { weekly_goals, yearly_goals } = self.email;
        let kept =
            serde_json::json!({ "email": { "weeklyGoals": weekly_goals, "yearlyGoals": yearly_goals } });
        document.insert(KEY.to_owned(), kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_beside_what_else_there_is() {
        let mut document = Map::from_iter([("other".to_owned(), Value::from(1))]);
        assert_eq!(Preferences::of(&document), Preferences::default());
        let wanted = Preferences { email: ByEmail { weekly_goals: true, yearly_goals: false } };
        wanted.keep(&mut document);
        assert_eq!(Preferences::of(&document), wanted);
        assert_eq!(document["other"], 1);
        assert_eq!(serde_json::to_value(wanted).unwrap(), document["notifications"]);
    }

    #[test]
    fn what_cannot_be_read_is_what_nobody_chose() {
        for text in ["null", "[]", "7", r#"{"email":7}"#, r#"{"email":{"weeklyGoals":"yes"}}"#] {
            let document = Map::from_iter([(KEY.to_owned(), serde_json::from_str(text).unwrap())]);
            assert_eq!(Preferences::of(&document), Preferences::default(), "{text}");
        }
    }
}
