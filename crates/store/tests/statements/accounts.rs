//! Accounts and their backup codes.

use model::{Account, AccountId, Permissions, Realm, TwoFactor};
use store::guard;

use crate::fixtures::{account, at, realm};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    let mut bob = account("Bob");
    bob.last_sign_in_at = Some(at(9));
    assert_eq!(write!(bench, accounts::insert(&bob)).map(|written| written.touched(0)), Ok(1));
    for same_name in ["bob", "ＢＯＢ"] {
        let mut other = account(same_name);
        (other.id, other.email) = (AccountId::from_text("other"), None);
        assert_eq!(write!(bench, accounts::insert(&other)).err(), Some(guard::NAME_FREE), "{same_name}");
    }
    let mut other = account("eve");
    other.email = Some("BOB@example.COM".into());
    assert_eq!(write!(bench, accounts::insert(&other)).err(), Some(guard::NAME_FREE));
    assert_eq!(read!(bench, accounts::by_id(&bob.id)), Some(bob.clone()));
    assert_eq!(read!(bench, accounts::by_username(&realm(), "BOB")), Some(bob.clone()));
    assert_eq!(read!(bench, accounts::by_email(&realm(), "bob@EXAMPLE.com")), Some(bob.clone()));
    assert_eq!(read!(bench, accounts::somebody()), Some(bob.clone()));
    assert_eq!(read!(bench, accounts::id_by_username(&realm(), "BOB")), Some(bob.id.clone()));
    assert_eq!(read!(bench, accounts::id_by_email(&realm(), "bob@EXAMPLE.com")), Some(bob.id.clone()));
    assert_eq!(read!(bench, accounts::id_by_username(&Realm::new("other"), "bob")), None);
    assert_eq!(read!(bench, accounts::id_by_email(&realm(), "bob")), None);
    assert_eq!(read!(bench, accounts::by_username(&Realm::new("other"), "bob")), None);
    assert_eq!(read!(bench, accounts::by_email(&realm(), "bob")), None);
    in_the_way(bench).await;
    update(bench).await;
    steps(bench).await;
    pages(bench).await;
    assert_eq!(write!(bench, accounts::delete(&bob)).err(), Some(guard::ACCOUNT_UNCHANGED), "it was changed");
    delete(bench, &bob).await;
    assert_eq!(write!(bench, accounts::delete(&bob)).err(), Some(guard::ACCOUNT_UNCHANGED));
    assert_eq!(read!(bench, accounts::by_id(&bob.id)), None);
}

/// Deletes an account as it stands now.
pub(crate) async fn delete(bench: &mut Bench, account: &Account) {
    let now = read!(bench, accounts::by_id(&account.id)).unwrap();
    assert_eq!(write!(bench, accounts::delete(&now)).map(|written| written.touched(0)), Ok(1));
}

/// An account is found by whatever no other may have: by its id in every realm, by the rest in its own.
async fn in_the_way(bench: &mut Bench) {
    let bob = read!(bench, accounts::by_username(&realm(), "bob")).unwrap();
    let free = account("ann");
    let mut same_id = account("ann");
    same_id.id = bob.id.clone();
    let mut same_name = account("BOB");
    (same_name.id, same_name.email) = (AccountId::from_text("other"), None);
    let mut same_email = account("ann");
    same_email.email = Some("BOB@EXAMPLE.com".into());
    let other = Realm::new("other");
    for (realm, wanted, found) in [
        (realm(), vec![], 0),
        (realm(), vec![&free], 0),
        (realm(), vec![&free, &same_id], 1),
        (realm(), vec![&free, &same_name], 1),
        (realm(), vec![&same_email, &free], 1),
        (realm(), vec![&same_email, &same_name, &same_id], 3),
        (other.clone(), vec![&same_id], 1),
        (other, vec![&same_email, &same_name], 0),
    ] {
        assert_eq!(read!(bench, accounts::in_the_way(&realm, &wanted)), vec![bob.clone(); found]);
    }
}

/// Every field that can change does, to a value of its own; the others stay.
async fn update(bench: &mut Bench) {
    let before = read!(bench, accounts::by_username(&realm(), "bob")).unwrap();
    let mut changed = before.clone();
    changed.username = "Robert".into();
    changed.email = None;
    changed.email_confirmed = false;
    changed.password = None;
    changed.permissions = Permissions::default();
    changed.disabled = true;
    changed.two_factor = TwoFactor { secret: Some(vec![1, 0, 2]), last_step: 99, pending: Some(vec![3]) };
    write!(bench, accounts::update(&changed, at(20))).unwrap();
    assert_eq!(write!(bench, accounts::update(&changed, at(21))).err(), Some(guard::ACCOUNT_UNCHANGED));
    changed.two_factor.last_step = before.two_factor.last_step;
    changed.version += 1;
    changed.updated_at = at(20);
    assert_eq!(read!(bench, accounts::by_id(&before.id)), Some(changed.clone()));
    assert_eq!(read!(bench, accounts::by_username(&realm(), "bob")), None);
    write!(bench, accounts::signed_in(&changed, at(30))).unwrap();
    assert_eq!(write!(bench, accounts::signed_in(&before, at(31))).err(), Some(guard::ACCOUNT_UNCHANGED));
    changed.last_sign_in_at = Some(at(30));
    assert_eq!(read!(bench, accounts::by_id(&before.id)), Some(changed.clone()), "signing in is no change");
    // Its own name is free for it, in any spelling; anybody else's is not.
    changed.username = "ROBERT".into();
    write!(bench, accounts::name_is_free(&changed)).unwrap();
    write!(bench, accounts::insert(&account("eve"))).unwrap();
    changed.username = "EVE".into();
    assert_eq!(write!(bench, accounts::name_is_free(&changed)).err(), Some(guard::NAME_FREE));
    changed.realm = Realm::new("other");
    write!(bench, accounts::name_is_free(&changed)).unwrap();
}

async fn steps(bench: &mut Bench) {
    let bob = read!(bench, accounts::by_username(&realm(), "robert")).unwrap();
    for (step, answer) in [
        (7, Some(guard::STEP_UNUSED)),
        (8, None),
        (8, Some(guard::STEP_UNUSED)),
        (9, None),
        (5, Some(guard::STEP_UNUSED)),
    ] {
        assert_eq!(write!(bench, accounts::use_totp_step(&bob.id, step)).err(), answer, "{step}");
    }
    let eve = read!(bench, accounts::by_username(&realm(), "eve")).unwrap();
    let without = write!(bench, accounts::use_totp_step(&eve.id, 1_000));
    assert_eq!(without.err(), Some(guard::STEP_UNUSED), "no second factor");
}

async fn pages(bench: &mut Bench) {
    for (name, second) in [("late", 9), ("early", 0)] {
        let mut one = account(name);
        one.created_at = at(second);
        write!(bench, accounts::insert(&one)).unwrap();
    }
    let (mut last, mut names) = (None, Vec::new());
    while let Some(next) =
        read!(bench, accounts::page(&realm(), last.as_ref().map(|(at, id)| (*at, id)), 1)).pop()
    {
        names.push(next.username.clone());
        last = Some((next.created_at, next.id));
    }
    // Two were made at one time: their ids decide.
    assert_eq!(names, ["early", "Robert", "eve", "late"]);
    assert_eq!(read!(bench, accounts::page(&realm(), None, 3)).len(), 3);
    assert_eq!(read!(bench, accounts::page(&Realm::new("other"), None, 3)), vec![]);
}

pub(crate) async fn backup_codes(bench: &mut Bench) {
    let ann = account("ann");
    let zoe = account("zoe");
    for one in [&ann, &zoe] {
        write!(bench, accounts::insert(one)).unwrap();
        write!(bench, backup_codes::insert(&one.id, b"digest", b"sealed")).unwrap();
    }
    write!(bench, backup_codes::insert(&ann.id, b"another", b"\0\xff")).unwrap();
    assert_eq!(read!(bench, backup_codes::sealed_of(&ann.id)), [b"\0\xff".to_vec(), b"sealed".to_vec()]);
    assert!(read!(bench, backup_codes::exists(&ann.id, b"digest")));
    assert!(!read!(bench, backup_codes::exists(&zoe.id, b"another")));
    write!(bench, backup_codes::redeem(&ann.id, b"digest")).unwrap();
    let again = write!(bench, backup_codes::redeem(&ann.id, b"digest"));
    assert_eq!(again.err(), Some(guard::BACKUP_CODE_UNUSED));
    assert!(read!(bench, backup_codes::exists(&zoe.id, b"digest")), "somebody else's stays");
    assert_eq!(write!(bench, backup_codes::delete_of(&ann.id)).map(|written| written.touched(0)), Ok(1));
    delete(bench, &zoe).await;
    assert_eq!(bench.number("select count(*) from backup_code").await, 0);
}
