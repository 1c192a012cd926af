//! What administrators do to accounts, and what nobody else does.

use accounts::{Admission, CheckRefused, Refusal, UpdateMember};
use model::{EndReason, EventKind};

use crate::mounts::realm;
use crate::races::{USES, at_once};
use crate::realms::permissions;
use crate::{Verbs, World, client, engines, refused, secret, unbelieved};

fn named(name: &str) -> UpdateMember<'_> {
    UpdateMember { username: Some(name), ..Default::default() }
}

fn holding<'a>(list: &[&str]) -> UpdateMember<'a> {
    UpdateMember { permissions: Some(permissions(list)), ..Default::default() }
}

fn with_password<'a>(password: &str) -> UpdateMember<'a> {
    UpdateMember { password: Some(secret(password)), ..Default::default() }
}

engines! {
    async fn nobody_but_an_administrator_manages(world: World) {
        let (bob, eve) = (world.account("bob").await, world.account_with("eve", &["admin.*", "adm.*"]).await);
        let melon = world.mount("melon");
        let begun = world.last_event().await;
        for caller in [world.caller_at("melon", "bob").await, world.caller_at("melon", "eve").await] {
            let other = if caller.account.id == bob.id { &eve.id } else { &bob.id };
            assert_eq!(refused(melon.members(&caller).await), Refusal::NotPermitted);
            for change in [named("taken"), with_password("new password"), holding(&[]), UpdateMember::default()] {
                assert_eq!(refused(melon.update_member(&caller, other, change, &client()).await), Refusal::NotPermitted);
            }
            // Neither gives anybody themselves what they do not have, not even what they have.
            for list in [&["admin"][..], &["user"], &[]] {
                let own = melon.update_member(&caller, &caller.account.id, holding(list), &client()).await;
                assert_eq!(refused(own), Refusal::NotPermitted);
            }
            for id in [other, &caller.account.id, &model::AccountId::from_text("nobody")] {
                assert_eq!(refused(melon.delete_member(&caller, id, &client()).await), Refusal::NotPermitted);
            }
            let made = melon.register_with("mallory", None, Admission::Administrator(&caller)).await;
            assert_eq!(refused(made), Refusal::NotPermitted);
        }
        for account in [&bob, &eve] {
            assert_eq!(world.stored(&account.username).await.version, account.version);
        }
        assert_eq!(world.since(begun, EventKind::SignedIn).await, 2);
        assert_eq!(world.last_event().await, begun + 2);
    }

    async fn whoever_was_an_administrator_is_none_at_once(world: World) {
        world.account_with("root", &["admin"]).await;
        world.account_with("fallen", &["admin"]).await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("fallen").await;
        assert_eq!(wolfpal.members(&wolfpal.caller(&grant).await).await.unwrap().len(), 2);
        let root = world.caller_at("wolfpal", "root").await;
        wolfpal.update_member(&root, &grant.account.id, holding(&["user"]), &client()).await.unwrap();
        // This mount's tokens carry no permissions, so the session goes on; what it may do is another matter.
        let fallen = wolfpal.caller(&grant).await;
        assert_eq!(refused(wolfpal.members(&fallen).await), Refusal::NotPermitted);
        assert_eq!(refused(wolfpal.delete_member(&fallen, &root.account.id, &client()).await), Refusal::NotPermitted);
    }

    async fn the_last_administrator_stays_one(world: World) {
        let root = world.account_with("root", &["admin"]).await;
        let (sick, world) = (world.account_with("sick", &["admin"]).await, world.two_realms().await);
        world.account_elsewhere("root", &["admin"]).await;
        world.account_with("partly", &["admin.*"]).await;
        world.accounts.disable(&realm(), "sick").await.unwrap();
        let melon = world.mount("melon");
        let caller = world.caller_at("melon", "root").await;
        for list in [&[][..], &["user"], &["admin.*"]] {
            let fallen = melon.update_member(&caller, &root.id, holding(list), &client()).await;
            assert_eq!(refused(fallen), Refusal::LastAdministrator);
        }
        assert_eq!(refused(melon.delete_member(&caller, &root.id, &client()).await), Refusal::LastAdministrator);
        assert_eq!(refused(melon.disable_own(&caller, &client()).await), Refusal::LastAdministrator);
        // Another spelling of it is it, and whoever is disabled is not missed.
        melon.update_member(&caller, &root.id, holding(&["ADMIN"]), &client()).await.unwrap();
        melon.delete_member(&world.caller_at("melon", "root").await, &sick.id, &client()).await.unwrap();
    }

    async fn of_administrators_who_all_go_at_once_one_stays(world: World) {
        for action in 0..3 {
            let mut all = Vec::new();
            for number in 0..USES {
                let name = format!("root{action}x{number}");
                world.account_with(&name, &["admin"]).await;
                all.push(world.caller_at("melon", &name).await);
            }
            let answers = at_once(|number| {
                let (melon, caller) = (world.mount("melon"), all[number].clone());
                async move {
                    match action {
                        0 => melon.delete_member(&caller, &caller.account.id, &client()).await,
                        1 => melon.update_member(&caller, &caller.account.id, holding(&["user"]), &client()).await.map(drop),
                        _ => melon.disable_own(&caller, &client()).await,
                    }
                }
            })
            .await;
            let mut stayed = answers.into_iter().enumerate().filter(|(_, answer)| answer.is_err());
            let (number, answer) = stayed.next().unwrap();
            assert_eq!(refused(answer), Refusal::LastAdministrator);
            assert!(stayed.next().is_none());
            let left = world.number("select count(*) from account where administrator and not disabled", vec![]).await;
            assert_eq!(left, 1);
            world.accounts.delete(&realm(), &format!("root{action}x{number}")).await.unwrap();
        }
    }

    async fn another_realm_is_another_world(world: World) {
        let world = world.two_realms().await;
        let bob = world.account("bob").await;
        let them = world.account_elsewhere("root", &["admin"]).await;
        let (melon, elsewhere) = (world.mount("melon"), world.mount("elsewhere"));
        let grant = elsewhere.enter("root").await;
        let root = elsewhere.caller(&grant).await;
        assert_eq!(elsewhere.members(&root).await.unwrap(), [elsewhere.member(&them.id).await.unwrap()]);
        for change in [named("taken"), with_password("new password"), holding(&[]), UpdateMember::default()] {
            assert_eq!(refused(elsewhere.update_member(&root, &bob.id, change, &client()).await), Refusal::AccountUnknown);
        }
        assert_eq!(refused(elsewhere.delete_member(&root, &bob.id, &client()).await), Refusal::AccountUnknown);
        assert_eq!(refused(elsewhere.member(&bob.id).await), Refusal::AccountUnknown);
        assert_eq!(refused(elsewhere.member_named("bob").await), Refusal::AccountUnknown);
        assert_eq!(elsewhere.search("bo", None).await.unwrap(), vec![]);
        assert_eq!(elsewhere.search("", Some(&bob.id)).await.unwrap(), vec![]);
        assert_eq!(unbelieved(melon.check(&elsewhere.access(&grant)).await), CheckRefused::Invalid);
        assert_eq!(world.stored("bob").await.version, bob.version);
    }

    async fn an_api_key_manages_only_if_it_may_and_its_owner_too(world: World) {
        let root = world.account_with("root", &["admin"]).await;
        let bob = world.account("bob").await;
        let (argon, weak, strong) = (world.argon(), world.by_key("root", &["user", "admin.*"]).await, world.by_key("root", &["admin"]).await);
        assert_eq!(refused(argon.members(&weak).await), Refusal::NotPermitted);
        assert_eq!(refused(argon.delete_member(&weak, &bob.id, &client()).await), Refusal::NotPermitted);
        // A key that could set its owner's password would be worth as much as the password.
        for change in [with_password("new password"), named("else"), UpdateMember::default()] {
            assert_eq!(refused(argon.update_member(&weak, &root.id, change, &client()).await), Refusal::NotPermitted);
        }
        argon.update_member(&strong, &bob.id, named("robert"), &client()).await.unwrap();
        world.account_with("second", &["admin"]).await;
        world.accounts.forbid(&realm(), "root", "admin").await.unwrap();
        let key = world.key_of("second", &["admin"]).await;
        world.accounts.forbid(&realm(), "second", "admin").await.unwrap();
        let fallen = argon.check_api_key(&key.text).await.unwrap();
        assert_eq!(refused(argon.delete_member(&fallen, &bob.id, &client()).await), Refusal::NotPermitted);
    }

    async fn a_change_ends_the_sessions_whose_tokens_would_lie(world: World) {
        let bob = world.account("bob").await;
        world.account_with("root", &["admin"]).await;
        let melon = world.mount("melon");
        let root = world.caller_at("melon", "root").await;
        let all = ["argon", "wolfpal", "melon", "goscrobble"];
        let name = || UpdateMember { username: Some("robert"), ..Default::default() };
        for (change, reason, ended) in [
            (holding(&["user", "mod"]), EndReason::PermissionsChanged, &["goscrobble"][..]),
            (holding(&["user", "mod", "other"]), EndReason::PermissionsChanged, &[]),
            (name(), EndReason::UsernameChanged, &["argon", "melon", "goscrobble"]),
            (with_password(crate::PASSWORD), EndReason::PasswordChanged, &all),
        ] {
            let username = world.accounts.find(&realm(), bob.id.as_str()).await.unwrap().unwrap().username;
            let mut grants = Vec::new();
            for mount in all {
                grants.push((mount, world.mount(mount).enter(&username).await));
            }
            let begun = world.last_event().await;
            melon.update_member(&root, &bob.id, change, &client()).await.unwrap();
            for (mount, grant) in grants {
                let answer = world.mount(mount).check(&world.mount(mount).access(&grant)).await;
                assert_eq!(answer.is_err(), ended.contains(&mount), "{reason:?} {mount}");
            }
            let events = world.events(EventKind::SessionEnded).await;
            let new: Vec<_> = events.iter().filter(|event| event.sequence > begun).collect();
            assert!(new.len() >= ended.len() && new.iter().all(|event| event.detail == reason.as_str()), "{new:?}");
        }
        let mails = world.accounts.mails(9).await.unwrap();
        assert_eq!(mails.iter().map(|mail| (&*mail.kind, &*mail.recipient)).collect::<Vec<_>>(), [("password_changed", "bob@example.com")]);
    }

    async fn what_cannot_be_changes_nothing(world: World) {
        let bob = world.account("bob").await;
        world.account_with("root", &["admin"]).await;
        let melon = world.mount("melon");
        let root = world.caller_at("melon", "root").await;
        for (name, refusal) in [("ROOT", Refusal::NameTaken), ("", Refusal::UsernameUnusable), ("a\0b", Refusal::UsernameUnusable)] {
            let change = UpdateMember { username: Some(name), password: Some(secret("new password")), permissions: Some(permissions(&[])) };
            assert_eq!(refused(melon.update_member(&root, &bob.id, change, &client()).await), refusal);
        }
        let short = melon.update_member(&root, &bob.id, with_password("short"), &client()).await;
        assert_eq!(refused(short), Refusal::PasswordTooShort { min: 8 });
        let nobody = model::AccountId::from_text("nobody");
        assert_eq!(refused(melon.update_member(&root, &nobody, named("x"), &client()).await), Refusal::AccountUnknown);
        assert_eq!(refused(melon.delete_member(&root, &nobody, &client()).await), Refusal::AccountUnknown);
        let stored = world.stored("bob").await;
        assert_eq!((stored.version, stored.permissions), (bob.version, bob.permissions));
        melon.enter("bob").await;
    }

    async fn deleting_takes_everything_but_the_events(world: World) {
        let bob = world.account("bob").await;
        world.account_with("root", &["admin"]).await;
        let argon = world.argon();
        let (grant, key) = (argon.enter("bob").await, world.key_of("bob", &["user"]).await);
        let root = world.caller_at("argon", "root").await;
        argon.delete_member(&root, &bob.id, &client()).await.unwrap();
        assert_eq!(unbelieved(argon.check(&argon.access(&grant)).await), CheckRefused::AccountGone);
        assert_eq!(unbelieved(argon.check_api_key(&key.text).await), CheckRefused::ApiKeyInvalid);
        assert_eq!(refused(argon.delete_member(&root, &bob.id, &client()).await), Refusal::AccountUnknown);
        assert_eq!(world.number("select count(*) from session where account_id = $1", vec![bob.id.as_str().into()]).await, 0);
        assert_eq!(world.events(EventKind::AccountDeleted).await.len(), 1);
    }
}
