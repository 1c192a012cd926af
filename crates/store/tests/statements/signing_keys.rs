//! Signing keys.

use model::Realm;
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
        retired_at: None,
    };
    let (old, new) = (row("old", 1, "ES256"), row("new", 2, "ES256"));
    for one in [&old, &new, &row("other", 3, "EdDSA")] {
        write!(bench, signing_keys::insert(one)).unwrap();
    }
    // Of two processes that make the first key at once, the first one's stays.
    let late = SigningKeyRow { sealed: b"late".to_vec(), ..old.clone() };
    assert_eq!(write!(bench, signing_keys::insert(&late)).unwrap().touched(0), 0);
    assert_eq!(read!(bench, signing_keys::of_mount(&realm(), "argon", "ES256")), [new, old]);
    assert_eq!(read!(bench, signing_keys::of_mount(&realm(), "melon", "ES256")), []);
    assert_eq!(read!(bench, signing_keys::of_mount(&Realm::new("other"), "argon", "ES256")), []);
}
