//! What accounts may do.

use accounts::Refusal;
use model::EventKind;

use crate::mounts::realm;
use crate::{Verbs, World, engines, refused};

engines! {
    async fn permissions_are_kept_as_typed_and_compared_without_case(world: World) {
        world.account("bob").await;
        let accounts = &world.accounts;
        accounts.permit(&realm(), "BOB", "Servers.View").await.unwrap();
        let bob = accounts.permit(&realm(), "bob@example.com", "servers.view").await.unwrap();
        assert_eq!(bob.permissions.as_slice(), ["user", "Servers.View"]);
        let bob = accounts.forbid(&realm(), bob.id.as_str(), "SERVERS.VIEW").await.unwrap();
        assert_eq!(bob.permissions.as_slice(), ["user"]);
        assert_eq!(world.stored("bob").await.permissions, bob.permissions);
        let events = world.events(EventKind::PermissionsChanged).await;
        let details: Vec<_> = events.iter().map(|event| event.detail.as_str()).collect();
        assert_eq!(details, [r#"["user","Servers.View"]"#, r#"["user"]"#], "what changed nothing is no event");
    }

    async fn a_mount_that_is_switched_off_meanwhile_does_not_keep_what_was_taken(world: World) {
        world.account_with("bob", &["admin", "mod"]).await;
        let grant = world.mount("goscrobble").enter("bob").await;
        let spared = world.mount("wolfpal").enter("bob").await;
        let world = world.under(|terms| terms.mounts.retain(|mount| mount.name != "goscrobble")).await;
        world.accounts.forbid(&realm(), "bob", "mod").await.unwrap();
        world.mount("wolfpal").caller(&spared).await;
        let world = world.under(|terms| terms.mounts = crate::mounts::four()).await;
        let goscrobble = world.mount("goscrobble");
        assert!(goscrobble.check(&goscrobble.access(&grant)).await.is_err());
        assert_eq!(refused(goscrobble.renew(&grant).await), Refusal::RefreshRefused);
        world.mount("wolfpal").caller(&spared).await;
    }

    async fn an_unknown_account_is_said_to_be_unknown(world: World) {
        let accounts = &world.accounts;
        assert_eq!(refused(accounts.permit(&realm(), "bob", "admin").await), Refusal::AccountUnknown);
        assert_eq!(refused(accounts.forbid(&realm(), "bob", "admin").await), Refusal::AccountUnknown);
        assert_eq!(refused(accounts.disable(&realm(), "bob").await), Refusal::AccountUnknown);
        assert_eq!(refused(accounts.enable(&realm(), "bob").await), Refusal::AccountUnknown);
        assert_eq!(refused(accounts.delete(&realm(), "bob").await), Refusal::AccountUnknown);
        let answer = accounts.set_password(&realm(), "bob", crate::secret("long enough")).await;
        assert_eq!(refused(answer), Refusal::AccountUnknown);
        let bob = world.account("bob").await;
        // Nor is it found from another realm, not even by its id.
        let elsewhere = model::Realm::new("other");
        assert_eq!(refused(accounts.permit(&elsewhere, bob.id.as_str(), "admin").await), Refusal::AccountUnknown);
        assert!(accounts.find(&elsewhere, bob.id.as_str()).await.unwrap().is_none());
    }

    async fn parallel_changes_all_count(world: World) {
        world.account("bob").await;
        let all: Vec<_> = (0..16)
            .map(|number| {
                let accounts = world.accounts.clone();
                tokio::spawn(async move { accounts.permit(&realm(), "bob", &format!("p{number}")).await.unwrap() })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        assert_eq!(world.stored("bob").await.permissions.as_slice().len(), 17);
        assert_eq!(world.events(EventKind::PermissionsChanged).await.len(), 16);
    }

    async fn a_disabled_account_is_let_in_again_only_when_enabled(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        world.accounts.disable(&realm(), "bob").await.unwrap();
        assert_eq!(refused(argon.try_password("bob", crate::PASSWORD).await), Refusal::WrongCredentials);
        world.accounts.enable(&realm(), "bob").await.unwrap();
        assert!(argon.check(&argon.access(&grant)).await.is_err(), "its former sessions stay ended");
        argon.enter("bob").await;
    }

    async fn accounts_are_listed_page_by_page_in_the_order_they_were_made(world: World) {
        for name in ["zoe", "adam", "mia", "bob", "eve"] {
            world.account(name).await;
        }
        let (mut names, mut last) = (Vec::new(), None);
        loop {
            let page = world.accounts.page(&realm(), last.as_ref(), 2).await.unwrap();
            names.extend(page.iter().map(|account| account.username.clone()));
            match page.last() {
                Some(account) => last = Some(account.clone()),
                None => break,
            }
        }
        names.sort();
        assert_eq!(names, ["adam", "bob", "eve", "mia", "zoe"]);
        assert_eq!(world.accounts.page(&model::Realm::new("other"), None, 9).await.unwrap(), vec![]);
    }
}
