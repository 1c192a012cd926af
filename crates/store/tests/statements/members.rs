//! What administrators ask of accounts, and what guards their changes.

use model::{Permissions, Realm};
use store::guard;

use crate::fixtures::{account, at};
use crate::{Bench, write};

pub(crate) async fn run(bench: &mut Bench) {
    administrators(bench).await;
    addresses(bench).await;
}

async fn administrators(bench: &mut Bench) {
    let (mut root, mut other) = (account("root"), account("second root"));
    for one in [&mut root, &mut other] {
        one.permissions = Permissions::default().with("ADMIN");
        write!(bench, accounts::insert(one)).unwrap();
    }
    let mut elsewhere = account("root elsewhere");
    elsewhere.realm = Realm::new("other");
    elsewhere.permissions = Permissions::default().with("admin");
    write!(bench, accounts::insert(&elsewhere)).unwrap();
    write!(bench, each of accounts::administrator_left(&root)).unwrap();
    assert_eq!(
        write!(bench, each of accounts::administrator_left(&elsewhere)).err(),
        Some(guard::ADMINISTRATOR_LEFT)
    );
    // A disabled administrator is nobody to rely on, and neither is one who has only a part of it.
    other.disabled = true;
    write!(bench, accounts::update(&other, at(1))).unwrap();
    assert_eq!(
        write!(bench, each of accounts::administrator_left(&root)).err(),
        Some(guard::ADMINISTRATOR_LEFT)
    );
    (other.disabled, other.version) = (false, other.version + 1);
    write!(bench, accounts::update(&other, at(2))).unwrap();
    write!(bench, each of accounts::administrator_left(&root)).unwrap();
    (other.permissions, other.version) = (Permissions::default().with("admin.*"), other.version + 1);
    write!(bench, accounts::update(&other, at(3))).unwrap();
    assert_eq!(
        write!(bench, each of accounts::administrator_left(&root)).err(),
        Some(guard::ADMINISTRATOR_LEFT)
    );
    for one in [&root, &other, &elsewhere] {
        crate::accounts::delete(bench, one).await;
    }
}

async fn addresses(bench: &mut Bench) {
    let (mut mia, max) = (account("mia"), account("max"));
    for one in [&mia, &max] {
        write!(bench, accounts::insert(one)).unwrap();
    }
    // Its own address is free for it, in any spelling; anybody else's is not.
    mia.email = Some("MIA@example.COM".into());
    write!(bench, accounts::email_is_free(&mia)).unwrap();
    mia.email = Some("MAX@example.com".into());
    assert_eq!(write!(bench, accounts::email_is_free(&mia)).err(), Some(guard::NAME_FREE));
    mia.realm = Realm::new("other");
    write!(bench, accounts::email_is_free(&mia)).unwrap();
    for one in [&mia, &max] {
        crate::accounts::delete(bench, one).await;
    }
}
