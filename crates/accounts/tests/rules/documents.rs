//! What products keep with an account.

use accounts::{Failure, Refusal};
use model::{AccountId, EventKind, Profile};
use serde_json::{Map, Value};

use crate::races::at_once;
use crate::{World, client, engines, refused};

fn text(size: usize) -> impl Fn(&mut Map<String, Value>) {
    move |section| drop(section.insert("bio".into(), "x".repeat(size).into()))
}

engines! {
    async fn ones_own_and_an_administrators_matter(world: World) {
        let (bob, eve) = (world.account("bob").await, world.account_with("eve", &["admin.*"]).await);
        world.account_with("root", &["admin"]).await;
        let melon = world.mount("melon");
        let by_eve = world.caller_at("melon", "eve").await;
        let weak_key = world.by_key("root", &["user"]).await;
        for caller in [&by_eve, &weak_key] {
            assert_eq!(refused(melon.change_document(caller, &bob.id, &client(), text(3)).await), Refusal::NotPermitted);
        }
        assert_eq!(melon.document(&bob.id).await.unwrap(), Map::new());
        melon.change_document(&by_eve, &eve.id, &client(), text(1)).await.unwrap();
        melon.change_document(&world.caller_at("melon", "root").await, &bob.id, &client(), text(2)).await.unwrap();
        assert_eq!(melon.document(&bob.id).await.unwrap()["bio"], "xx");
        assert_eq!(melon.document(&eve.id).await.unwrap()["bio"], "x");
        let found = melon.search("bob", None).await.unwrap();
        assert_eq!((found.len(), &found[0].1["bio"]), (1, &Value::from("xx")));
    }

    async fn another_realm_is_out_of_reach(world: World) {
        let world = world.two_realms().await;
        let bob = world.account("bob").await;
        world.account_elsewhere("root", &["admin"]).await;
        let (elsewhere, root) = (world.mount("elsewhere"), world.caller_at("elsewhere", "root").await);
        for id in [&bob.id, &AccountId::from_text("nobody")] {
            let changed = elsewhere.change_document(&root, id, &client(), text(1)).await;
            assert_eq!(refused(changed), Refusal::AccountUnknown);
            assert_eq!(refused(elsewhere.document(id).await), Refusal::AccountUnknown);
        }
        assert_eq!(world.stored("bob").await.version, bob.version);
        assert_eq!(world.events(EventKind::ProfileChanged).await, vec![]);
    }

    async fn it_is_no_disk(world: World) {
        let bob = world.account("bob").await;
        let (melon, goscrobble) = (world.mount("melon"), world.mount("goscrobble"));
        let caller = world.caller_at("melon", "bob").await;
        melon.change_document(&caller, &bob.id, &client(), text(10_000)).await.unwrap();
        for size in [Profile::MAX_BYTES, 10_000_000] {
            let refusal = refused(melon.change_document(&caller, &bob.id, &client(), text(size)).await);
            assert_eq!(refusal, Refusal::ProfileTooLarge);
        }
        // One bound for all products together, and none sees what another keeps.
        let late = goscrobble.change_document(&caller, &bob.id, &client(), text(7_000)).await;
        assert_eq!(refused(late), Refusal::ProfileTooLarge);
        goscrobble.change_document(&caller, &bob.id, &client(), text(6_000)).await.unwrap();
        assert_eq!(melon.document(&bob.id).await.unwrap()["bio"].as_str().unwrap().len(), 10_000);
        assert_eq!(goscrobble.document(&bob.id).await.unwrap()["bio"].as_str().unwrap().len(), 6_000);
        assert_eq!(world.mount("argon").document(&bob.id).await.unwrap(), Map::new());
    }

    async fn changes_at_one_time_are_all_kept(world: World) {
        let bob = world.account("bob").await;
        let caller = world.caller_at("melon", "bob").await;
        for round in 0..20 {
            let answers = at_once(|number| {
                let product = world.mount(["melon", "argon"][number % 2]);
                let (caller, id) = (caller.clone(), bob.id.clone());
                async move {
                    let key = format!("{round}x{number}");
                    let change = |section: &mut Map<String, Value>| drop(section.insert(key.clone(), number.into()));
                    loop {
                        match product.change_document(&caller, &id, &client(), change).await {
                            // Nothing was done: that is what it says.
                            Err(Failure::Overloaded { .. }) => {}
                            other => return other,
                        }
                    }
                }
            })
            .await;
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            let kept = world.mount("melon").document(&bob.id).await.unwrap().len() + world.mount("argon").document(&bob.id).await.unwrap().len();
            assert_eq!(kept, 16 * (round + 1));
            assert_eq!(world.events(EventKind::ProfileChanged).await.len(), kept);
            world.pass(model::Span::hours(1));
        }
    }
}
