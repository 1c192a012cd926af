//! What administrators ask of accounts, and what guards their changes.

use model::{AccountId, Permissions, Realm};
use store::guard;

use crate::fixtures::{account, at, realm};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    administrators(bench).await;
    addresses(bench).await;
    search(bench).await;
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

async fn search(bench: &mut Bench) {
    let mut all = Vec::new();
    for (second, name) in [(1, "Zora"), (2, "zor_x"), (3, "zor%y"), (4, "zor!z"), (5, "Azor")] {
        let mut one = account(name);
        one.created_at = at(second);
        write!(bench, accounts::insert(&one)).unwrap();
        all.push(one);
    }
    let names = |found: Vec<(model::Account, model::Profile)>| {
        found.into_iter().map(|(account, _)| account.username).collect::<Vec<_>>()
    };
    for (part, expected) in [
        ("ZOR", &["Zora", "zor_x", "zor%y", "zor!z", "Azor"][..]),
        ("zor_", &["zor_x"]),
        ("%", &["zor%y"]),
        ("!", &["zor!z"]),
        ("r!%", &[]),
        ("nobody", &[]),
    ] {
        assert_eq!(names(read!(bench, accounts::search(&realm(), part, None, 9))), expected, "{part}");
    }
    assert_eq!(names(read!(bench, accounts::search(&realm(), "zor", None, 2))), ["Zora", "zor_x"]);
    assert_eq!(
        names(read!(bench, accounts::search(&Realm::new("other"), "zor", None, 9))),
        Vec::<String>::new()
    );
    // Those in whose documents an account is named.
    let profile = model::Profile::from_json(&format!("{{\"melon\":{{\"friends\":[\"{}\"]}}}}", all[0].id));
    write!(bench, profiles::put(&all[1].id, all[1].version, &profile, at(9))).unwrap();
    let found = read!(bench, accounts::search(&realm(), "zor", Some(&all[0].id), 9));
    assert_eq!(found[1].1, profile);
    assert_eq!(names(found), ["Zora", "zor_x"]);
    let nobody = AccountId::from_text("nobody");
    assert_eq!(
        names(read!(bench, accounts::search(&realm(), "zor", Some(&nobody), 9))),
        Vec::<String>::new()
    );
    // The document is counted as a change of the account.
    assert_eq!(read!(bench, profiles::of(&all[1].id)), Some((profile.clone(), all[1].version + 1)));
    let late = write!(bench, profiles::put(&all[1].id, all[1].version, &profile, at(9)));
    assert_eq!(late.err(), Some(guard::ACCOUNT_UNCHANGED));
    assert_eq!(read!(bench, profiles::of(&all[2].id)), Some((model::Profile::default(), all[2].version)));
    assert_eq!(read!(bench, profiles::of(&nobody)), None);
    for one in &all {
        crate::accounts::delete(bench, one).await;
    }
}
