//! Which events somebody wants to see.

use crate::event::{Event, EventKind};
use crate::id::AccountId;
use crate::realm::Realm;
use crate::time::Timestamp;

/// Which events are wanted; what says nothing asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this realm.
    pub realm: Option<Realm>,
    /// About this account.
    pub account: Option<AccountId>,
    /// Of one of these kinds; none = of any.
    pub kinds: Vec<EventKind>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this place in the list.
    pub before: Option<i64>,
}

impl EventFilter {
    /// Whether it is one of them.
    #[must_use]
    pub fn takes(&self, event: &Event) -> bool {
        self.realm.as_ref().is_none_or(|realm| *realm == event.realm)
            && (self.account.is_none() || self.account == event.account)
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && self.since.is_none_or(|since| since <= event.at)
            && self.before.is_none_or(|before| event.sequence < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_counts() {
        let realm = Realm::new("default");
        let account = AccountId::from_text("ada");
        let event =
            Event { sequence: 7, ..Event::new(EventKind::SignedIn, &realm, Timestamp(50)).of(&account) };
        let all = EventFilter::default();
        assert!(all.takes(&event));
        let exact = EventFilter {
            realm: Some(realm.clone()),
            account: Some(account),
            kinds: vec![EventKind::SignInRefused, EventKind::SignedIn],
            since: Some(Timestamp(50)),
            before: Some(8),
        };
        assert!(exact.takes(&event));
        for other in [
            EventFilter { realm: Some(Realm::new("other")), ..all.clone() },
            EventFilter { account: Some(AccountId::from_text("bob")), ..all.clone() },
            EventFilter { kinds: vec![EventKind::SignInRefused], ..all.clone() },
            EventFilter { since: Some(Timestamp(51)), ..all.clone() },
            EventFilter { before: Some(7), ..all.clone() },
        ] {
            assert!(!other.takes(&event), "{other:?}");
        }
        let nobodys = Event { account: None, ..event };
        assert!(!exact.takes(&nobodys));
    }
}
