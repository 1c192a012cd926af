//! Signing keys.

use model::Realm;
use store::guard;
use store::signing_keys::SigningKeyRow;

use crate::fixtures::{at, realm};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    let row = |id: &str, second, algorithm: &str| SigningKeyRow {
        id: id.to_owned(),
        realm: realm(),
        mount: "argon".into(),
        algorithm: algorithm.to_owned(),
        sealed: id.as_bytes().to_vec(),
        created_at: at(second),
        signs_from: None,
        accepted_until: None,
        retired_at: None,
    };
    let (old, new) = (row("old", 1, "ES256"), row("new", 2, "ES256"));
    for one in [&old, &new, &row("other", 3, "EdDSA")] {
        write!(bench, signing_keys::insert(one)).unwrap();
    }
    // Of two processes that make the first key at once, the first one's stays.
    let late = SigningKeyRow { sealed: b"late".to_vec(), ..old.clone() };
    assert_eq!(write!(bench, signing_keys::insert(&late)).unwrap().touched(0), 0);
    assert_eq!(read!(bench, signing_keys::of_mount(&realm(), "argon", "ES256")), [new.clone(), old.clone()]);
    assert_eq!(read!(bench, signing_keys::all()).len(), 3);
    turns(bench, &old, &new).await;
    assert_eq!(read!(bench, signing_keys::of_mount(&realm(), "melon", "ES256")), []);
    assert_eq!(read!(bench, signing_keys::of_mount(&Realm::new("other"), "argon", "ES256")), []);
}

async fn turns(bench: &mut Bench, old: &SigningKeyRow, new: &SigningKeyRow) {
    let next = SigningKeyRow { id: "next".into(), signs_from: Some(at(9)), created_at: at(4), ..new.clone() };
    write!(bench, signing_keys::insert_next(&next)).unwrap();
    assert_eq!(write!(bench, signing_keys::insert_next(&next)).err(), Some(guard::KEY_NEW));
    // Of those who read the same turn one changes it.
    write!(bench, signing_keys::change_turn(&next, Some(at(8)))).unwrap();
    let changed = write!(bench, signing_keys::change_turn(&next, Some(at(7)))).err();
    assert_eq!(changed, Some(guard::KEY_UNCHANGED));
    write!(bench, signing_keys::change_turn(old, Some(at(3)))).unwrap();
    let first = SigningKeyRow { signs_from: Some(at(3)), ..old.clone() };
    write!(bench, signing_keys::change_turn(&first, None)).unwrap();
    // What is noted first stays.
    assert_eq!(write!(bench, signing_keys::settle("old", at(20))).unwrap().touched(0), 1);
    assert_eq!(write!(bench, signing_keys::settle("old", at(30))).unwrap().touched(0), 0);
    assert_eq!(write!(bench, signing_keys::retire(&first, at(40))).err(), Some(guard::KEY_UNCHANGED));
    write!(bench, signing_keys::retire(old, at(40))).unwrap();
    assert_eq!(write!(bench, signing_keys::retire(old, at(41))).err(), Some(guard::KEY_UNCHANGED));
    assert_eq!(write!(bench, signing_keys::change_turn(old, Some(at(1)))).err(), Some(guard::KEY_UNCHANGED));
    let retired = SigningKeyRow {
        sealed: vec![],
        accepted_until: Some(at(20)),
        retired_at: Some(at(40)),
        ..old.clone()
    };
    let next = SigningKeyRow { signs_from: Some(at(8)), ..next };
    let stored = read!(bench, signing_keys::of_mount(&realm(), "argon", "ES256"));
    assert_eq!(stored, [next, new.clone(), retired]);
}
