//! What a restored backup must not bring back to life.

use model::{Actor, EndReason, OneTimeKind};
use store::outbox::OutboxRow;
use store::signing_keys::SigningKeyRow;

use crate::fixtures::{account, at, realm, session, token};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    let rita = account("rita");
    write!(bench, accounts::insert(&rita)).unwrap();
    let before = read!(bench, accounts::count());
    assert!(before >= 1);
    let (live, over) = (session(61, &rita), session(62, &rita));
    for one in [&live, &over] {
        write!(bench, sessions::insert(one)).unwrap();
    }
    write!(bench, sessions::end(over.id, EndReason::SignedOut, at(200))).unwrap();
    let begun = read!(bench, events::last_sequence());
    write!(bench, each of sessions::end_every(EndReason::Restored, &Actor::CommandLine, at(300))).unwrap();
    let ended = async |bench: &mut Bench, id| read!(bench, sessions::by_id(id)).unwrap().ended;
    assert_eq!(ended(bench, live.id).await, Some((at(300), EndReason::Restored)));
    assert_eq!(ended(bench, over.id).await, Some((at(200), EndReason::SignedOut)), "as it was");
    let noted = read!(bench, events::after(begun, 100));
    assert!(noted.iter().all(|event| event.detail == "restored" && event.actor == Some(Actor::CommandLine)));
    let of_rita = noted.iter().filter(|event| event.account.as_ref() == Some(&rita.id));
    assert_eq!(of_rita.map(|event| event.session).collect::<Vec<_>>(), [Some(live.id)]);

    let link = token(63, "rita", Some(&rita));
    write!(bench, one_time_tokens::put(&link)).unwrap();
    assert!(write!(bench, one_time_tokens::delete_every()).unwrap().touched(0) >= 1);
    assert_eq!(read!(bench, one_time_tokens::in_slot(OneTimeKind::SecondStep, "rita", at(1))), None);

    let mut factored = account("factored again");
    factored.two_factor.secret = Some(b"sealed".to_vec());
    write!(bench, accounts::insert(&factored)).unwrap();
    write!(bench, accounts::update(&factored, at(5))).unwrap();
    assert!(write!(bench, accounts::use_totp_steps(1_000)).unwrap().touched(0) >= 1);
    assert_eq!(write!(bench, accounts::use_totp_steps(1_000)).unwrap().touched(0), 0);
    assert!(write!(bench, accounts::use_totp_step(&factored.id, 1_000)).is_err());
    assert!(write!(bench, accounts::use_totp_step(&factored.id, 1_001)).is_ok());

    let owed = OutboxRow {
        id: "restored".into(),
        realm: realm(),
        kind: "reset_sent".into(),
        recipient: "rita@example.com".into(),
        sealed: Some(vec![1]),
        created_at: at(1),
        next_attempt_at: at(1),
        attempts: 0,
        sent_at: None,
        failed_at: None,
        last_error: String::new(),
    };
    write!(bench, outbox::insert(&owed)).unwrap();
    write!(bench, outbox::give_up_every(at(9), "why")).unwrap();
    assert_eq!(read!(bench, outbox::next_due()), None);
    let given_up = read!(bench, outbox::by_id("restored")).unwrap();
    assert_eq!((given_up.failed_at, &*given_up.last_error), (Some(at(9)), "why"));

    let key = SigningKeyRow {
        id: "restored".into(),
        realm: realm(),
        mount: "argon".into(),
        algorithm: "ES256".into(),
        sealed: b"sealed".to_vec(),
        created_at: at(1),
        signs_from: Some(at(5)),
        accepted_until: None,
        retired_at: None,
    };
    write!(bench, signing_keys::insert(&key)).unwrap();
    write!(bench, signing_keys::retire_every(at(9))).unwrap();
    let keys = read!(bench, signing_keys::all());
    assert!(keys.iter().all(|key| key.retired_at.is_some() && key.sealed.is_empty()), "{keys:?}");

    write!(bench, leases::take("restored", "a", at(1), at(99))).unwrap();
    write!(bench, leases::release_every()).unwrap();
    assert_eq!(read!(bench, leases::held_until()), None);
}
