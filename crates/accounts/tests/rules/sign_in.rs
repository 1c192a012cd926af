//! Signing in by password.

use accounts::{Login, Refusal, SignedIn};
use model::EventKind;

use crate::{PASSWORD, Verbs, World, client, engines, refused};

engines! {
    async fn an_unknown_name_cannot_be_told_from_a_wrong_password(world: World) {
        world.account("bob").await;
        world.tamper("bob", |bob| bob.disabled = false).await;
        let argon = world.mount("argon");
        let mut costs = Vec::new();
        for (login, password) in [
            (Login::Username("bob"), "wrong password"),
            (Login::Username("nobody"), "wrong password"),
            (Login::Email("bob@example.com"), "wrong password"),
            (Login::Email("nobody@example.com"), "wrong password"),
            (Login::Username("nobody\0at\u{202E}all"), "wrong password"),
            (Login::Username(""), ""),
        ] {
            let (hashes, batches) = (world.pool.stats().hashed, world.db.stats().batches);
            assert_eq!(refused(argon.attempt(login, password, client()).await), Refusal::WrongCredentials);
            costs.push((world.pool.stats().hashed - hashes, world.db.stats().batches - batches));
        }
        assert!(costs.iter().all(|cost| *cost == costs[0] && cost.0 == 1), "{costs:?}");
        assert_eq!(world.events(EventKind::SignInRefused).await.len(), costs.len());
    }

    async fn the_event_of_a_refusal_does_not_hold_what_was_typed(world: World) {
        let argon = world.mount("argon");
        // People type their password where the name belongs.
        refused(argon.try_password("hunter2 is my password", "hunter2").await);
        let events = world.events(EventKind::SignInRefused).await;
        assert!(events[0].account.is_none() && !format!("{events:?}").contains("hunter2"), "{events:?}");
    }

    async fn every_spelling_of_a_name_and_of_an_address_is_the_same_account(world: World) {
        let bob = world.account("Bob").await;
        let argon = world.mount("argon");
        for name in ["Bob", "bob", "BOB", "ｂｏｂ"] {
            assert_eq!(argon.enter(name).await.account.id, bob.id, "{name}");
        }
        for email in ["bob@example.com", "BOB@EXAMPLE.COM"] {
            let answer = argon.attempt(Login::Email(email), PASSWORD, client()).await.unwrap();
            assert!(matches!(answer, SignedIn::Complete(grant) if grant.account.id == bob.id), "{email}");
        }
        // A name is not an address, nor the other way round.
        refused(argon.try_password("bob@example.com", PASSWORD).await);
        refused(argon.attempt(Login::Email("bob"), PASSWORD, client()).await);
    }

    async fn a_password_is_taken_as_it_is(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let long = format!("{PASSWORD}{}", "x".repeat(5_000));
        for wrong in ["", " correct horse battery", "correct horse battery ", "Correct horse battery", &long,
            "correct horse battery\0"] {
            assert_eq!(refused(argon.try_password("bob", wrong).await), Refusal::WrongCredentials, "{wrong}");
        }
    }

    async fn a_disabled_account_looks_like_a_wrong_password(world: World) {
        world.account("bob").await;
        world.tamper("bob", |bob| bob.disabled = true).await;
        let (hashes, batches) = (world.pool.stats().hashed, world.db.stats().batches);
        assert_eq!(refused(world.mount("argon").try_password("bob", "wrong password").await), Refusal::WrongCredentials);
        let wrong = (world.pool.stats().hashed - hashes, world.db.stats().batches - batches);
        let (hashes, batches) = (world.pool.stats().hashed, world.db.stats().batches);
        assert_eq!(refused(world.mount("argon").try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
        assert_eq!((world.pool.stats().hashed - hashes, world.db.stats().batches - batches), wrong);
        assert_eq!(world.number("select count(*) from session", vec![]).await, 0);
    }

    async fn a_second_factor_that_a_mount_cannot_ask_for_looks_like_a_wrong_password(world: World) {
        world.account("bob").await;
        world.two_factor("bob").await;
        for mount in ["argon", "melon", "goscrobble"] {
            assert_eq!(refused(world.mount(mount).try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
        }
        assert!(matches!(
            world.mount("wolfpal").try_password("bob", PASSWORD).await,
            Ok(SignedIn::SecondStep { ticket }) if ticket.len() == 64 && ticket.chars().all(|c| c.is_ascii_alphanumeric())
        ));
    }

    async fn an_unconfirmed_address_is_told_only_to_who_knows_the_password(world: World) {
        world.account("bob").await;
        world.tamper("bob", |bob| bob.email_confirmed = false).await;
        let wolfpal = world.mount("wolfpal");
        assert_eq!(refused(wolfpal.try_password("bob", "wrong password").await), Refusal::WrongCredentials);
        assert_eq!(refused(wolfpal.try_password("bob", PASSWORD).await), Refusal::EmailUnconfirmed);
        assert_eq!(world.number("select count(*) from session", vec![]).await, 0);
        // Another mount does not ask for it.
        world.mount("goscrobble").enter("bob").await;
        world.tamper("bob", |bob| bob.disabled = true).await;
        assert_eq!(refused(wolfpal.try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
    }

    async fn a_sign_in_opens_one_session_and_says_so_once(world: World) {
        let bob = world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let caller = argon.caller(&grant).await;
        let sessions = world.accounts.sessions(&bob, 10).await.unwrap();
        assert_eq!(sessions.len(), 1);
        assert_eq!((sessions[0].id, sessions[0].address.as_str()), (caller.session().unwrap(), "192.0.2.1"));
        let events = world.events(EventKind::SignedIn).await;
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].session, events[0].account.as_ref()), (Some(caller.session().unwrap()), Some(&bob.id)));
        assert_eq!(world.stored("bob").await.last_sign_in_at, Some(argon.now()));
    }

    async fn a_deleted_account_is_an_unknown_name(world: World) {
        world.account("bob").await;
        world.accounts.delete(&crate::mounts::realm(), "bob").await.unwrap();
        assert_eq!(refused(world.mount("argon").try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
    }

    async fn accounts_of_another_realm_do_not_exist(world: World) {
        world.account("bob").await;
        let world = world.under(|terms| {
            let mut elsewhere = crate::mounts::plain("elsewhere", model::Span::hours(1));
            elsewhere.realm = model::Realm::new("other");
            terms.mounts.push(elsewhere);
        }).await;
        let elsewhere = world.mount("elsewhere");
        assert_eq!(refused(elsewhere.try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
        // The same name and address can be had there.
        let own = accounts::Admission::Own;
        let other = elsewhere.register_with("bob", Some("bob@example.com"), own).await.unwrap().account;
        assert_ne!(other.id, world.stored("bob").await.id);
    }
}
