//! What somebody sees and ends of their own sessions.

use accounts::{CheckRefused, Refusal, TokenUse};
use model::{EndReason, EventKind, SessionId, Span};

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, client, engines, refused, unbelieved};

engines! {
    async fn nobody_ends_somebody_elses(world: World) {
        world.account("bob").await;
        world.account_with("root", &["admin"]).await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let id = wolfpal.caller(&grant).await.session().unwrap();
        let own = wolfpal.enter("root").await;
        let root = wolfpal.caller(&own).await;
        for other in [id, SessionId::from_bytes([0; 16]), SessionId::from_bytes([255; 16])] {
            assert_eq!(refused(wolfpal.end_own_session(&root, other, &client()).await), Refusal::SessionUnknown);
        }
        wolfpal.end_own_sessions(&root, &client()).await.unwrap();
        wolfpal.caller(&grant).await;
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&own)).await), CheckRefused::SessionEnded);
    }

    async fn one_ends_alone_and_once(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let (here, there, third) = (wolfpal.enter("bob").await, wolfpal.enter("bob").await, world.argon().enter("bob").await);
        let (caller, other) = (wolfpal.caller(&here).await, wolfpal.caller(&there).await);
        wolfpal.end_own_session(&caller, other.session().unwrap(), &client()).await.unwrap();
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&there)).await), CheckRefused::SessionEnded);
        assert_eq!(refused(wolfpal.renew(&there).await), Refusal::RefreshRefused);
        let again = wolfpal.end_own_session(&caller, other.session().unwrap(), &client()).await;
        assert_eq!(refused(again), Refusal::SessionUnknown);
        wolfpal.caller(&here).await;
        world.argon().caller(&third).await;
        wolfpal.end_own_session(&caller, caller.session().unwrap(), &client()).await.unwrap();
        let ended: Vec<_> = world.events(EventKind::SessionEnded).await.into_iter().map(|event| event.detail).collect();
        assert_eq!(ended, [EndReason::EndedByOwner.as_str(), EndReason::SignedOut.as_str()]);
    }

    async fn all_end_on_every_mount_the_present_one_too(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let mut grants = Vec::new();
        for mount in ["argon", "wolfpal", "melon", "goscrobble"] {
            grants.push((world.mount(mount), world.mount(mount).enter("bob").await));
        }
        let eve = world.argon().enter("eve").await;
        let caller = grants[1].0.caller(&grants[1].1).await;
        grants[1].0.end_own_sessions(&caller, &client()).await.unwrap();
        for (mount, grant) in &grants {
            assert_eq!(unbelieved(mount.check(&mount.access(grant)).await), CheckRefused::SessionEnded);
        }
        world.argon().caller(&eve).await;
        assert_eq!(world.events(EventKind::SessionEnded).await.len(), 4);
    }

    async fn what_is_listed_makes_the_same_tokens_again(world: World) {
        world.account("bob").await;
        let (wolfpal, argon) = (world.mount("wolfpal"), world.argon());
        let ended = wolfpal.enter("bob").await;
        wolfpal.sign_out(&wolfpal.caller(&ended).await, &client()).await.unwrap();
        let mut all = Vec::new();
        for _ in 0..3 {
            world.pass(Span::seconds(7));
            all.push(wolfpal.enter("bob").await);
        }
        world.pass(Span::seconds(7));
        argon.enter("bob").await;
        all[1] = wolfpal.renew(&all[1]).await.unwrap();
        world.pass(Span::minutes(5));
        let listed = wolfpal.own_sessions(&wolfpal.caller(&all[0]).await).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.current).collect::<Vec<_>>(), [false, false, false, true]);
        assert!(listed[0].session.mount == "argon" && listed[0].grant.is_none());
        for (one, grant) in listed[1..].iter().rev().zip(&all) {
            let again = one.grant.as_ref().unwrap();
            for purpose in [TokenUse::Access, TokenUse::Refresh] {
                assert_eq!(wolfpal.token(again, purpose), wolfpal.token(grant, purpose));
            }
            assert_eq!(wolfpal.refresh_letters(again), wolfpal.refresh_letters(grant));
            wolfpal.caller(again).await;
        }
        // A key that read them would be its owner.
        let key = world.by_key("bob", &["user"]).await;
        let listed = argon.own_sessions(&key).await.unwrap();
        assert!(listed.len() > 4 && listed.iter().all(|one| one.grant.is_none() && !one.current));
        // What is over by itself is not listed.
        world.pass(Span::hours(24));
        wolfpal.enter("bob").await;
        assert_eq!(argon.own_sessions(&key).await.unwrap().len(), 1);
    }

    async fn whoever_disables_their_account_is_out_everywhere(world: World) {
        world.account("bob").await;
        let (wolfpal, argon) = (world.mount("wolfpal"), world.argon());
        let (here, there) = (wolfpal.enter("bob").await, argon.enter("bob").await);
        let caller = wolfpal.caller(&here).await;
        wolfpal.change_email(&caller, "new@example.com", &client()).await.unwrap();
        let link = world.last_link("/change-email/").await;
        wolfpal.disable_own(&caller, &client()).await.unwrap();
        for (mount, grant) in [(&wolfpal, &here), (&argon, &there)] {
            assert!(matches!(unbelieved(mount.check(&mount.access(grant)).await), CheckRefused::SessionEnded | CheckRefused::AccountGone));
            assert_eq!(refused(mount.try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
        }
        assert_eq!(refused(wolfpal.renew(&here).await), Refusal::RefreshRefused);
        world.accounts.enable(&realm(), "bob").await.unwrap();
        // Nothing from before comes back with it.
        assert_eq!(unbelieved(argon.check(&argon.access(&there)).await), CheckRefused::SessionEnded);
        assert_eq!(refused(wolfpal.confirm_email_change(&link, &client()).await), Refusal::TokenUnknown);
        argon.enter("bob").await;
    }
}
