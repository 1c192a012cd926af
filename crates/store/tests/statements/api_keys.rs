//! API keys and settings.

use model::{ApiKey, Permissions, Realm};
use store::guard;

use crate::fixtures::{account, at, realm};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    let (kim, lea) = (account("kim"), account("lea"));
    for one in [&kim, &lea] {
        write!(bench, accounts::insert(one)).unwrap();
    }
    let key = |id: &str, second: i64, owner: &model::Account| ApiKey {
        id: id.to_owned(),
        account: owner.id.clone(),
        name: format!("name of {id}"),
        digest: id.as_bytes().to_vec(),
        preview: format!("{id}..."),
        permissions: Permissions::default().with("a").with("b"),
        last_used_at: None,
        expires_at: Some(at(500)),
        created_at: at(second),
        updated_at: at(second),
    };
    let (late, mut early, other) = (key("late", 9, &kim), key("early", 1, &kim), key("other", 2, &lea));
    for one in [&late, &early, &other] {
        write!(bench, api_keys::insert(one)).unwrap();
    }
    let orphan = key("orphan", 3, &account("nobody"));
    assert_eq!(write!(bench, api_keys::insert(&orphan)).err(), Some(guard::ACCOUNT_UNCHANGED));
    assert!(read!(bench, api_keys::by_digest(b"late")) == Some(late.clone()));
    assert!(read!(bench, api_keys::by_digest(b"nobody")).is_none());
    assert!(read!(bench, api_keys::of_account(&kim.id, 9)) == [early.clone(), late.clone()]);
    assert!(read!(bench, api_keys::of_account(&kim.id, 1)) == [early.clone()]);
    write!(bench, api_keys::used("early", at(77))).unwrap();
    early.last_used_at = Some(at(77));
    (early.name, early.permissions) = ("another".into(), Permissions::default());
    (early.expires_at, early.updated_at) = (None, at(78));
    write!(bench, api_keys::update(&early)).unwrap();
    assert!(read!(bench, api_keys::by_id("early")) == Some(early.clone()));
    (early.digest, early.preview, early.updated_at) = (b"new".to_vec(), "new...".into(), at(79));
    write!(bench, api_keys::renew(&early)).unwrap();
    assert!(read!(bench, api_keys::by_digest(b"new")) == Some(early.clone()));
    assert!(read!(bench, api_keys::by_digest(b"early")).is_none());
    write!(bench, api_keys::delete("early")).unwrap();
    assert_eq!(write!(bench, api_keys::delete("early")).err(), Some(guard::API_KEY_EXISTS));
    assert_eq!(write!(bench, api_keys::update(&early)).err(), Some(guard::API_KEY_EXISTS));
    assert_eq!(write!(bench, api_keys::renew(&early)).err(), Some(guard::API_KEY_EXISTS));
    // They go with their owner, and only with their owner.
    crate::accounts::delete(bench, &kim).await;
    assert!(read!(bench, api_keys::by_id("late")).is_none());
    assert!(read!(bench, api_keys::by_id("other")) == Some(other));
    crate::accounts::delete(bench, &lea).await;
}

pub(crate) async fn settings(bench: &mut Bench) {
    let elsewhere = Realm::new("other");
    assert_eq!(read!(bench, settings::get(&realm(), "a")), None);
    for (realm, name, value) in
        [(&realm(), "a", "1"), (&realm(), "b", "2"), (&elsewhere, "a", "3"), (&realm(), "a", "")]
    {
        write!(bench, settings::put(realm, name, value)).unwrap();
    }
    assert_eq!(read!(bench, settings::get(&realm(), "a")), Some(String::new()));
    assert_eq!(read!(bench, settings::get(&realm(), "b")), Some("2".into()));
    assert_eq!(read!(bench, settings::get(&elsewhere, "a")), Some("3".into()));
}
