//! One-time tokens.

use model::{OneTimeKind, Realm};
use store::guard;

use crate::fixtures::{account, at, realm, token};
use crate::{Bench, read, write};

const KIND: OneTimeKind = OneTimeKind::SecondStep;

pub(crate) async fn run(bench: &mut Bench) {
    let vic = account("vic");
    write!(bench, accounts::insert(&vic)).unwrap();
    let (first, second) = (token(1, "a", Some(&vic)), token(2, "b", None));
    for one in [&first, &second] {
        write!(bench, one_time_tokens::put(one)).unwrap();
    }
    let found = read!(bench, one_time_tokens::live(KIND, &realm(), &first.digest, at(100)));
    assert_eq!(found, Some(first.clone()));
    for (kind, realm, second) in
        [(KIND, realm(), 101), (OneTimeKind::Invite, realm(), 100), (KIND, Realm::new("other"), 100)]
    {
        assert_eq!(read!(bench, one_time_tokens::live(kind, &realm, &first.digest, at(second))), None);
    }
    // The other one is an account's.
    for (kind, realm, second, there) in [
        (KIND, realm(), 101, std::slice::from_ref(&second)),
        (KIND, realm(), 102, &[]),
        (OneTimeKind::Invite, realm(), 101, &[]),
        (KIND, Realm::new("other"), 101, &[]),
    ] {
        assert_eq!(read!(bench, one_time_tokens::all_live(kind, &realm, at(second), 9, 0)), there);
    }
    assert_eq!(read!(bench, one_time_tokens::all_live(KIND, &realm(), at(101), 9, 1)), [], "passed over");
    assert_eq!(read!(bench, one_time_tokens::in_slot(KIND, "a", at(100))), Some(first.clone()));
    for (kind, slot, second) in [(KIND, "a", 101), (OneTimeKind::Invite, "a", 100), (KIND, "A", 100)] {
        assert_eq!(read!(bench, one_time_tokens::in_slot(kind, slot, at(second))), None);
    }
    tries(bench).await;
    // A newer token takes the place of the one before.
    let third = token(3, "a", Some(&vic));
    write!(bench, one_time_tokens::put(&third)).unwrap();
    assert_eq!(read!(bench, one_time_tokens::live(KIND, &realm(), &first.digest, at(50))), None);
    let mut other_kind = third.clone();
    other_kind.kind = OneTimeKind::Invite;
    let redeemed = write!(bench, one_time_tokens::redeem(&other_kind, at(50)));
    assert_eq!(redeemed.err(), Some(guard::TOKEN_UNUSED), "of another kind");
    assert_eq!(
        write!(bench, one_time_tokens::redeem(&third, at(103))).err(),
        Some(guard::TOKEN_UNUSED),
        "over"
    );
    write!(bench, one_time_tokens::redeem(&third, at(50))).unwrap();
    assert_eq!(
        write!(bench, one_time_tokens::redeem(&third, at(50))).err(),
        Some(guard::TOKEN_UNUSED),
        "used"
    );
    slots(bench).await;
    let mine = token(20, "mine", Some(&vic));
    write!(bench, one_time_tokens::put(&mine)).unwrap();
    let deleted = write!(bench, one_time_tokens::delete_of(&vic.id, OneTimeKind::Invite)).unwrap();
    assert_eq!(deleted.touched(0), 0);
    assert_eq!(write!(bench, one_time_tokens::delete_of(&vic.id, KIND)).unwrap().touched(0), 1);
    for left in [1, 1, 0] {
        assert_eq!(write!(bench, one_time_tokens::sweep(at(111), 1)).unwrap().touched(0), left);
    }
    assert_eq!(bench.number("select count(*) from one_time_token").await, 0);
}

async fn tries(bench: &mut Bench) {
    let second = token(2, "b", None);
    assert_eq!(write!(bench, one_time_tokens::take_try(&second, at(102))).err(), Some(guard::TOKEN_UNUSED));
    for _ in 0..2 {
        write!(bench, one_time_tokens::take_try(&second, at(101))).unwrap();
    }
    assert_eq!(write!(bench, one_time_tokens::take_try(&second, at(101))).err(), Some(guard::TOKEN_UNUSED));
    let left = read!(bench, one_time_tokens::live(KIND, &realm(), &second.digest, at(101)));
    assert_eq!(left.unwrap().tries_left, 0);
}

/// Slot `b` holds the second token until at(102).
async fn slots(bench: &mut Bench) {
    let mut next = token(10, "b", None);
    next.created_at = at(101);
    assert_eq!(write!(bench, one_time_tokens::claim_slot(&next)).err(), Some(guard::SLOT_FREE));
    next.created_at = at(102);
    write!(bench, one_time_tokens::claim_slot(&next)).unwrap();
    // The same digest comes up again for another slot once its time is over.
    let mut again = next.clone();
    again.slot = "c".into();
    again.created_at = at(109);
    assert_eq!(write!(bench, one_time_tokens::clear_expired(&again)).unwrap().touched(0), 0);
    again.created_at = at(110);
    assert_eq!(write!(bench, one_time_tokens::clear_expired(&again)).unwrap().touched(0), 1);
    write!(bench, one_time_tokens::claim_slot(&again)).unwrap();
    // But not while it is good: then the one who drew it draws again.
    let mut clash = again.clone();
    clash.slot = "e".into();
    clash.created_at = at(109);
    assert_eq!(write!(bench, one_time_tokens::claim_slot(&clash)).err(), Some(guard::SLOT_FREE));
    // Nothing is left behind for an account that was deleted meanwhile.
    let gone = account("gone");
    assert_eq!(write!(bench, one_time_tokens::put(&token(12, "f", Some(&gone)))).unwrap().touched(0), 0);
    write!(bench, one_time_tokens::put(&token(11, "d", None))).unwrap();
}
